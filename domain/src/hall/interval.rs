//! The stretches of time a ticket spends in its states, as rows to store: start and end are facts, so
//! that no report has to reconstruct them, and every row can be made again from the events.

use serde::{Deserialize, Serialize};

use super::event::{Event, Fact};
use super::state::{Ticket, TicketState};
use crate::ids::{LineId, StaffId, TicketId, WindowId};
use crate::time::Millis;

/// The name of a ticket state, without its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// 等候.
    Waiting,
    /// 请过来.
    Called,
    /// 办理中.
    Serving,
    /// 挂起.
    Parked,
    /// 过号.
    Missed,
    /// 办完.
    Done,
    /// 弃号.
    Abandoned,
    /// 当日作废.
    Expired,
}

impl From<&TicketState> for StateName {
    fn from(state: &TicketState) -> Self {
        match state {
            TicketState::Waiting { .. } => Self::Waiting,
            TicketState::Called { .. } => Self::Called,
            TicketState::Serving { .. } => Self::Serving,
            TicketState::Parked { .. } => Self::Parked,
            TicketState::Missed { .. } => Self::Missed,
            TicketState::Done { .. } => Self::Done,
            TicketState::Abandoned { .. } => Self::Abandoned,
            TicketState::Expired { .. } => Self::Expired,
        }
    }
}

impl StateName {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Parked => "parked",
            Self::Missed => "missed",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
            Self::Expired => "expired",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Called, Self::Serving, Self::Parked, Self::Missed, Self::Done, Self::Abandoned, Self::Expired]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// One ticket in one state, from start to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The state it was in.
    pub state: StateName,
    /// The state it left for; `waiting` after `waiting` is a transfer.
    pub next: StateName,
    /// The line it belonged to.
    pub line_id: LineId,
    /// The window it was at, or last at.
    pub window_id: Option<WindowId>,
    /// The person at the window when it ended.
    pub staff: Option<StaffId>,
    /// Begin.
    pub start_ms: Millis,
    /// End, never before the begin.
    pub end_ms: Millis,
}

impl Interval {
    /// Its length in milliseconds.
    #[must_use]
    pub fn length_ms(&self) -> Millis {
        self.end_ms - self.start_ms
    }
}

/// The interval that an event ends, given its ticket as it was before; `None` if the ticket stays in
/// its state (issued, called again, moved to the top).
#[must_use]
pub fn ended_interval(before: &Ticket, event: &Event) -> Option<Interval> {
    let next = match &event.fact {
        Fact::TicketCalled { .. } => StateName::Called,
        Fact::TicketStarted { .. } | Fact::PaperVisitBegun { .. } => StateName::Serving,
        Fact::TicketFinished { .. } | Fact::PaperVisitEnded { .. } => StateName::Done,
        Fact::TicketMissed { .. } => StateName::Missed,
        Fact::TicketParked { .. } => StateName::Parked,
        Fact::TicketRequeued { .. }
        | Fact::TicketResumed { .. }
        | Fact::TicketTransferred { .. }
        | Fact::TicketPutBack { .. }
        | Fact::TicketCarried { .. } => StateName::Waiting,
        Fact::TicketAbandoned { .. } => StateName::Abandoned,
        Fact::TicketExpired { .. } => StateName::Expired,
        _ => return None,
    };
    let (window_id, staff) = match &before.state {
        TicketState::Called { window_id, staff, .. } | TicketState::Serving { window_id, staff, .. } => {
            (Some(window_id.clone()), Some(staff.clone()))
        }
        TicketState::Parked { window_id, .. } | TicketState::Missed { window_id, .. } => (Some(window_id.clone()), None),
        _ => (None, None),
    };
    // Times that were entered afterwards; who sat there is not known.
    let (state, window_id, end_ms) = match &event.fact {
        Fact::PaperVisitBegun { occurred_at, .. } => (StateName::Waiting, None, *occurred_at),
        Fact::PaperVisitEnded { window_id, occurred_at, .. } => (StateName::Serving, Some(window_id.clone()), *occurred_at),
        _ => (StateName::from(&before.state), window_id, event.at),
    };
    let start_ms = before.state.since();
    Some(Interval {
        ticket_id: before.id.clone(),
        state,
        next,
        line_id: before.line_id.clone(),
        window_id,
        staff,
        start_ms,
        end_ms: end_ms.max(start_ms),
    })
}
