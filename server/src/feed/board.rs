//! The public board as a projection of the hall: numbers and windows, nothing of persons.

use domain::hall::Hall;
use protocol::calls::Calls;
use protocol::feed::{BoardEvent, BoardLine, BoardSite, BoardState, LineCount};
use protocol::hall::{board_lines, board_windows, next_numbers};

use crate::app::board_content::Shown;

/// The board of a hall but for the numbers that come next in each line: to reckon them for every event would cost more
/// than all the rest.
pub(super) fn board_state(site_name: &str, hall: &Hall, calls: &Calls, shown: &Shown) -> BoardState {
    BoardState {
        site: BoardSite { id: hall.site().to_string(), name: site_name.to_owned() },
        calls: calls.shown(hall),
        waiting: board_lines(hall, |_| Vec::new()),
        windows: board_windows(hall),
        notices: shown.notices.clone(),
        emergency: shown.emergency.clone(),
    }
}

/// The whole board of a hall.
pub(super) fn whole_board(site_name: &str, hall: &Hall, calls: &Calls, shown: &Shown) -> BoardState {
    let mut board = board_state(site_name, hall, calls, shown);
    reckon_next(&mut board, hall);
    board
}

/// Reckons the next numbers of every line anew.
pub(super) fn reckon_next(board: &mut BoardState, hall: &Hall) {
    for (shown, line) in board.waiting.iter_mut().zip(hall.lines()) {
        shown.next = next_numbers(hall, &line.id);
    }
}

/// Whether more is different than counts and next numbers.
pub(super) fn differs(before: &BoardState, after: &BoardState) -> bool {
    let same_lines = |a: &BoardLine, b: &BoardLine| (&a.line_id, &a.name, &a.prefix) == (&b.line_id, &b.name, &b.prefix);
    let lines_stay =
        before.waiting.len() == after.waiting.len() && before.waiting.iter().zip(&after.waiting).all(|(a, b)| same_lines(a, b));
    before.site != after.site
        || before.calls != after.calls
        || before.windows != after.windows
        || before.notices != after.notices
        || before.emergency != after.emergency
        || !lines_stay
}

/// What is different.
pub(super) fn board_change(kind: &str, before: &BoardState, after: &BoardState) -> BoardEvent {
    BoardEvent {
        kind: kind.to_owned(),
        site: (before.site != after.site).then(|| after.site.clone()),
        calls: (before.calls != after.calls).then(|| after.calls.clone()),
        // Counts that changed since the last frame travel with it, so that the state is exact at its seq.
        waiting: (before.waiting != after.waiting).then(|| after.waiting.clone()),
        windows: (before.windows != after.windows).then(|| after.windows.clone()),
        notices: (before.notices != after.notices).then(|| after.notices.clone()),
        emergency: (before.emergency != after.emergency).then(|| after.emergency.clone().unwrap_or_default()),
    }
}

/// The lines whose count or next numbers are different.
pub(super) fn changed_counts(before: &BoardState, after: &BoardState) -> Vec<LineCount> {
    let pairs = before.waiting.iter().zip(&after.waiting);
    let differs = |(a, b): &(&BoardLine, &BoardLine)| (a.count, &a.next) != (b.count, &b.next);
    pairs.filter(differs).map(|(_, b)| LineCount { line_id: b.line_id.clone(), count: b.count, next: b.next.clone() }).collect()
}
