//! Why a ticket was called: the rule that chose it, as a stable code with its figures, and as one
//! Chinese sentence for the clerk. Chooses nothing itself.

use serde::{Deserialize, Serialize};

use super::command::Position;
use crate::time::{MINUTE_MS, Millis};

/// The rule that chose a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CallReason {
    /// The oldest in order.
    InOrder {
        /// How long it waited.
        waited_ms: Millis,
    },
    /// A green ticket waits too, but the bound gives this call to an ordinary one.
    OrdinaryTurn {
        /// How long it waited.
        waited_ms: Millis,
        /// Calls to ordinary tickets since the last green one.
        ordinary_since_green: u32,
        /// At most one of this many calls is green.
        green_bound: u32,
    },
    /// An ordinary ticket over the limit goes before the green class.
    OldestOverLimit {
        /// How long it waited.
        waited_ms: Millis,
        /// The limit.
        limit_ms: Millis,
    },
    /// The green channel's turn.
    GreenFirst {
        /// How long it waited.
        waited_ms: Millis,
        /// At most one of this many calls is green while others wait.
        green_bound: u32,
        /// Ordinary tickets that wait for this window.
        ordinary_waiting: u32,
    },
    /// Moved to the top by a person.
    Topped {
        /// That person's reason.
        reason: String,
    },
    /// Missed before, back by the rule.
    Returned {
        /// How often it was missed.
        miss_count: u32,
        /// How long it waits since its return.
        waited_ms: Millis,
    },
    /// Parked before, back.
    Resumed,
    /// Transferred to the first place.
    TransferredHere {
        /// Where it lined up.
        position: Position,
    },
    /// Called by name, out of order.
    ByName {
        /// The clerk's reason.
        reason: String,
    },
}

impl CallReason {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InOrder { .. } => "in_order",
            Self::OrdinaryTurn { .. } => "ordinary_turn",
            Self::OldestOverLimit { .. } => "oldest_over_limit",
            Self::GreenFirst { .. } => "green_first",
            Self::Topped { .. } => "topped",
            Self::Returned { .. } => "returned",
            Self::Resumed => "resumed",
            Self::TransferredHere { .. } => "transferred_here",
            Self::ByName { .. } => "by_name",
        }
    }

    /// One Chinese sentence for the clerk.
    #[must_use]
    pub fn explain(&self) -> String {
        match self {
            Self::InOrder { waited_ms } => format!("按先后，等得最久，已等 {} 分钟。", minutes(*waited_ms)),
            Self::OrdinaryTurn { ordinary_since_green, green_bound, .. } => {
                format!("每叫 {green_bound} 个号最多 1 个绿色通道，上一个绿色通道之后叫了 {ordinary_since_green} 个普通号，这次叫普通号。")
            }
            Self::OldestOverLimit { waited_ms, limit_ms } => {
                format!("等得最久的普通号，已等 {} 分钟，超过 {} 分钟，排在绿色通道前面。", minutes(*waited_ms), minutes(*limit_ms))
            }
            Self::GreenFirst { green_bound, ordinary_waiting: 0, .. } => {
                format!("绿色通道，没有普通号在等（有人等时每叫 {green_bound} 个号最多 1 个）。")
            }
            Self::GreenFirst { green_bound, ordinary_waiting, .. } => {
                format!("绿色通道优先，每叫 {green_bound} 个号最多 1 个；还有 {ordinary_waiting} 个普通号在等。")
            }
            Self::Topped { reason } => format!("有人置顶：{reason}。"),
            Self::Returned { miss_count, .. } => format!("过号后归队，过号 {miss_count} 次，按规则先叫。"),
            Self::Resumed => "挂起后回来，先叫。".to_owned(),
            Self::TransferredHere { .. } => "从别处转来，排在最前。".to_owned(),
            Self::ByName { reason } => format!("点名叫的：{reason}。"),
        }
    }
}

fn minutes(ms: Millis) -> Millis {
    // A carried ticket may be called before the opening from which its wait counts.
    ms.max(0) / MINUTE_MS
}
