//! Why a ticket was called: the rule that chose it, as a stable code with its figures, and as one
//! Chinese sentence for the clerk. Chooses nothing itself.

use serde::{Deserialize, Serialize};

use super::class::Class;
use super::command::Position;
use crate::time::{MINUTE_MS, Millis};

/// The rule that chose a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CallReason {
    /// Came first.
    InOrder {
        /// How long it waited.
        waited_ms: Millis,
    },
    /// The first of the lines that the window prefers.
    PreferredLine {
        /// How long it waited.
        waited_ms: Millis,
        /// How long the one waits who came first over all lines of the window.
        oldest_waited_ms: Millis,
    },
    /// Somebody of a class that stands before waits too, but the bound gives this call to an ordinary one.
    OrdinaryTurn {
        /// How long it waited.
        waited_ms: Millis,
        /// The class that waits for its turn.
        class: Class,
        /// Calls to others since the last one to that class.
        calls_since: u32,
        /// At most one of this many calls goes to that class.
        bound: u32,
    },
    /// Waits longer than the limit, and longest of the first of each class.
    OldestOverLimit {
        /// How long it waited.
        waited_ms: Millis,
        /// The limit.
        limit_ms: Millis,
    },
    /// At a window of the green channel.
    GreenWindow {
        /// How long it waited.
        waited_ms: Millis,
    },
    /// The green channel's turn.
    GreenFirst {
        /// How long it waited.
        waited_ms: Millis,
        /// At most one of this many calls is green while others wait.
        bound: u32,
        /// Tickets of later classes that wait for this window.
        others_waiting: u32,
    },
    /// The turn of an appointment whose slot has begun.
    AppointmentFirst {
        /// How long it waited.
        waited_ms: Millis,
        /// At most one of this many calls goes to an appointment while others wait.
        bound: u32,
        /// Tickets of later classes that wait for this window.
        others_waiting: u32,
    },
    /// The turn of somebody with quick matters only.
    QuickFirst {
        /// How long it waited.
        waited_ms: Millis,
        /// At most one of this many calls goes to quick matters while others wait.
        bound: u32,
        /// Tickets of later classes that wait for this window.
        others_waiting: u32,
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
            Self::PreferredLine { .. } => "preferred_line",
            Self::OrdinaryTurn { .. } => "ordinary_turn",
            Self::OldestOverLimit { .. } => "oldest_over_limit",
            Self::GreenWindow { .. } => "green_window",
            Self::GreenFirst { .. } => "green_first",
            Self::AppointmentFirst { .. } => "appointment_first",
            Self::QuickFirst { .. } => "quick_first",
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
            Self::PreferredLine { waited_ms, oldest_waited_ms } => {
                format!("这个窗口先办的队，已等 {} 分钟；别的队最早的已等 {} 分钟。", minutes(*waited_ms), minutes(*oldest_waited_ms))
            }
            Self::OrdinaryTurn { class, calls_since, bound, .. } => {
                let word = class.word();
                format!("{word}每叫 {bound} 个最多 1 个，上次叫{word}之后才叫了 {calls_since} 个，这次叫普通号。")
            }
            Self::OldestOverLimit { waited_ms, limit_ms } => {
                format!("等得最久，已等 {} 分钟，超过 {} 分钟，先叫。", minutes(*waited_ms), minutes(*limit_ms))
            }
            Self::GreenWindow { waited_ms } => format!("绿色通道窗口先叫绿色通道的号，已等 {} 分钟。", minutes(*waited_ms)),
            Self::GreenFirst { bound, others_waiting, .. } => class_first("绿色通道", *bound, *others_waiting),
            Self::AppointmentFirst { bound, others_waiting, .. } => class_first("预约到点", *bound, *others_waiting),
            Self::QuickFirst { bound, others_waiting, .. } => class_first("简事快办", *bound, *others_waiting),
            Self::Topped { reason } => format!("有人置顶：{reason}。"),
            Self::Returned { miss_count, .. } => format!("过号后归队，过号 {miss_count} 次，按规则先叫。"),
            Self::Resumed => "挂起后回来，先叫。".to_owned(),
            Self::TransferredHere { .. } => "从别处转来，排在最前。".to_owned(),
            Self::ByName { reason } => format!("点名叫的：{reason}。"),
        }
    }
}

/// Why a class that stands before was called.
fn class_first(word: &str, bound: u32, others_waiting: u32) -> String {
    match (others_waiting, bound) {
        (0, _) => format!("{word}，后面没有别的号在等。"),
        (_, ..=1) => format!("{word}优先；还有 {others_waiting} 个别的号在等。"),
        _ => format!("{word}优先，每叫 {bound} 个号最多 1 个；还有 {others_waiting} 个别的号在等。"),
    }
}

fn minutes(ms: Millis) -> Millis {
    // A carried ticket may be called before the opening from which its wait counts.
    ms.max(0) / MINUTE_MS
}
