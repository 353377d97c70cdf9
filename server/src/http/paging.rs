//! Lists with `limit` and `cursor`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::error::{Answer, AppError};
use crate::app::pages::after_the_last_seen;

/// Items of a page unless told otherwise.
const LIMIT_DEFAULT: usize = 50;
/// Most items of a page.
const LIMIT_MAX: usize = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Gives the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is always whole.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 200, 50 unless told otherwise.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Paging {
    /// Items of the page.
    ///
    /// # Errors
    /// A limit outside 1 to 200.
    pub(super) fn limit(&self) -> Answer<usize> {
        match self.limit {
            None => Ok(LIMIT_DEFAULT),
            Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            Some(_) => Err(AppError::field("limit", "range", "每页 1 到 200 条")),
        }
    }

    /// The cursor as given: the key of the last item seen.
    pub(super) fn after(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Cuts a page out of a list in any order: it goes on after the item that was seen last.
    ///
    /// # Errors
    /// A limit outside 1 to 200.
    pub(super) fn after_the_last_seen<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Answer<Page<T>> {
        let is_last_seen = self.after().map(|after| {
            let key = &key;
            move |item: &T| key(item) == after
        });
        let (items, is_more) = after_the_last_seen(items, is_last_seen, self.limit()?);
        let next_cursor = items.last().filter(|_| is_more).map(&key);
        Ok(Page { items, next_cursor })
    }

    /// Cuts a page out of a list that is sorted by key.
    ///
    /// # Errors
    /// A limit outside 1 to 200.
    pub(super) fn page<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Answer<Page<T>> {
        let limit = self.limit()?;
        let after = self.after().unwrap_or_default();
        let mut items: Vec<T> = items.into_iter().filter(|item| after.is_empty() || key(item).as_str() > after).collect();
        let next_cursor = (items.len() > limit).then(|| key(&items[limit - 1]));
        items.truncate(limit);
        Ok(Page { items, next_cursor })
    }
}
