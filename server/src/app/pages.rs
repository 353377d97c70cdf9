//! A page out of a list in any order: it goes on after the item that was seen last.

/// At most `limit` items after the one that was seen last, or the first ones where none was; and whether more
/// follow. Nothing follows an item that is no longer there.
pub fn after_the_last_seen<T>(items: Vec<T>, is_last_seen: Option<impl Fn(&T) -> bool>, limit: usize) -> (Vec<T>, bool) {
    let start = is_last_seen.map_or(0, |is| items.iter().position(is).map_or(items.len(), |place| place + 1));
    let is_more = items.len() > start + limit;
    (items.into_iter().skip(start).take(limit).collect(), is_more)
}
