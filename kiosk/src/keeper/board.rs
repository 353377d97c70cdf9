//! The hall's board from the keeper: the same frames as from the server, so a display needs to know nothing.

use std::collections::VecDeque;

use domain::hall::{Event, Fact, Hall};
use edge::clock::rfc3339;
use protocol::feed::{BOARD_CALLS_MAX, BoardCall, BoardFrame, BoardSite, BoardState, Frame};
use protocol::hall::{board_lines, board_windows, next_numbers, recall_count};

use super::{Call, Inner, Keeper};

/// The keeper's frames bear an epoch that no log has, so that a display asks for the whole when it changes sides.
const EPOCH: i64 = -1;

/// Takes an event before the hall has it; `number` is that of its ticket.
pub(super) fn take(calls: &mut VecDeque<Call>, hall: &Hall, number: Option<String>, event: &Event) {
    match &event.fact {
        Fact::TicketCalled { ticket_id, window_id, .. } => {
            let (Some(number), Some(window)) = (number, hall.window(window_id)) else { return };
            calls.retain(|call| call.ticket_id != *ticket_id);
            calls.push_front(Call { ticket_id: ticket_id.clone(), number, window_number: window.number, at: event.at });
            calls.truncate(BOARD_CALLS_MAX);
        }
        Fact::DayOpened { .. } => calls.clear(),
        _ => {}
    }
}

impl Inner {
    fn board(&self) -> BoardState {
        let Some(hall) = &self.hall else { return BoardState::default() };
        BoardState {
            site: BoardSite { id: hall.site().to_string(), name: self.house.site_name.clone() },
            calls: self
                .calls
                .iter()
                .map(|call| BoardCall {
                    number: call.number.clone(),
                    window_number: call.window_number,
                    called_at: rfc3339(call.at),
                    recall_count: recall_count(hall, &call.ticket_id),
                })
                .collect(),
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
