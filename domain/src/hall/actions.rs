//! What can be done with a ticket in each state: one exhaustive table for rules, API and pages, so
//! that a button exists exactly when the rule allows it.

use serde::{Deserialize, Serialize};

use super::state::TicketState;

/// Something that can be done with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketAction {
    /// Call by name.
    Call,
    /// Call again.
    Recall,
    /// The person came.
    Start,
    /// The visit is over.
    Finish,
    /// One thing more in this visit.
    AddItem,
    /// What came of one thing of the visit.
    SettleItem,
    /// Nobody came.
    Miss,
    /// Back into the queue after being missed.
    Requeue,
    /// From the window back into the queue.
    PutBack,
    /// Set aside.
    Park,
    /// Back after being set aside.
    Resume,
    /// To another line or window.
    Transfer,
    /// Move to the top.
    Top,
    /// Undo that.
    Untop,
    /// Give up.
    Abandon,
}

impl TicketAction {
    /// Every action.
    pub const ALL: [Self; 15] = [
        Self::Call,
        Self::Recall,
        Self::Start,
        Self::Finish,
        Self::AddItem,
        Self::SettleItem,
        Self::Miss,
        Self::Requeue,
        Self::PutBack,
        Self::Park,
        Self::Resume,
        Self::Transfer,
        Self::Top,
        Self::Untop,
        Self::Abandon,
    ];

    /// The word on its button.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Call => "点名叫",
            Self::Recall => "重呼",
            Self::Start => "开始办",
            Self::Finish => "办完",
            Self::AddItem => "加一件",
            Self::SettleItem => "记结果",
            Self::Miss => "过号",
            Self::Requeue => "归队",
            Self::PutBack => "退回排队",
            Self::Park => "挂起",
            Self::Resume => "回呼",
            Self::Transfer => "转移",
            Self::Top => "置顶",
            Self::Untop => "取消置顶",
            Self::Abandon => "弃号",
        }
    }
}

/// The actions that a state allows; every other one is refused as `ticket_state`.
#[must_use]
pub fn allowed_actions(state: &TicketState) -> &'static [TicketAction] {
    use TicketAction as A;
    match state {
        TicketState::Waiting { .. } => &[A::Call, A::Transfer, A::Top, A::Untop, A::Abandon],
        TicketState::Called { .. } => &[A::Recall, A::Start, A::Miss, A::PutBack, A::Park, A::Transfer, A::Abandon],
        TicketState::Serving { .. } => &[A::Finish, A::AddItem, A::SettleItem, A::PutBack, A::Park, A::Transfer],
        TicketState::Parked { .. } => &[A::Call, A::Resume, A::Abandon],
        TicketState::Missed { .. } => &[A::Call, A::Requeue, A::Abandon],
        TicketState::Done { .. } | TicketState::Abandoned { .. } | TicketState::Expired { .. } => &[],
    }
}
