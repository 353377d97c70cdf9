//! The hall's board from the keeper: the same frames as from the server, so a display needs to know nothing.

use protocol::feed::{BoardFrame, BoardSite, BoardState, Frame};
use protocol::hall::{board_lines, board_windows, next_numbers};

use super::{Inner, Keeper};

/// The keeper's frames bear an epoch that no log has, so that a display asks for the whole when it changes sides.
const EPOCH: i64 = -1;

impl Inner {
    fn board(&self) -> BoardState {
        let Some(hall) = &self.hall else { return BoardState::default() };
        BoardState {
            site: BoardSite { id: hall.site().to_string(), name: self.house.site_name.clone() },
            calls: self.calls.shown(hall),
            waiting: board_lines(hall, |line_id| next_numbers(hall, line_id)),
            windows: board_windows(hall),
            notices: self.house.notices.clone(),
            emergency: self.house.emergency.clone(),
        }
    }
}

impl Keeper {
    /// The board as it is, as a whole: a hall has a few calls a minute, and a snapshot is small.
    #[must_use]
    pub fn board_frame(&self) -> BoardFrame {
        let inner = self.inner();
        let seq = inner.hall.as_ref().map_or(0, |hall| i64::try_from(hall.version()).unwrap_or(i64::MAX));
        Frame::Snapshot { epoch: EPOCH, seq, state: inner.board() }
    }
}
