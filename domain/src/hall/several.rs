//! Several matters on one ticket: in which line it stands.
//!
//! The rule (local, as plain as it can be written on a wall): one person waits once, so the ticket stands
//! in one of the lines of its matters, and only if some window does all of them. Of these lines it stands
//! in the one where it can least be called to a window that cannot do everything; of several such, in
//! that of the matter named first.

use super::state::{Hall, Window};
use crate::ids::LineId;

impl Hall {
    /// The line of a ticket whose matters belong to these lines, in the order they were named; `None`
    /// when no window serves them all.
    #[must_use]
    pub fn line_for_all(&self, line_ids: &[LineId]) -> Option<LineId> {
        let serves = |window: &&Window, line_id: &LineId| window.current_line_ids().contains(line_id);
        let serves_all = |window: &&Window| line_ids.iter().all(|line_id| serves(window, line_id));
        let in_full = self.windows().filter(serves_all).count();
        if in_full == 0 {
            return None;
        }
        let lacking = |line_id: &LineId| self.windows().filter(|window| serves(window, line_id)).count() - in_full;
        line_ids.iter().min_by_key(|line_id| lacking(line_id)).cloned()
    }
}
