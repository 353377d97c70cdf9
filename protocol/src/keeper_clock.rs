//! A keeper that started by a wrong clock learns from the service how far it was off. It says so by an entry of its journal,
//! signed like all others, and ahead of the entries that it is about, so that each is judged by the right time.

use domain::time::Millis;
use serde::{Deserialize, Serialize};

/// What such an entry says, in the place of an [`EntryText`](crate::keeper::EntryText).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockText {
    /// Term of the keeper.
    pub term: u64,
    /// The letters of its own series.
    pub series: String,
    /// When the service said so, UTC milliseconds.
    pub at: Millis,
    /// The first entry that was decided by that clock; the last is the one before this.
    pub from: u64,
    /// By how much their times are too early, in milliseconds; negative where they are too late.
    pub slow_ms: Millis,
}

impl ClockText {
    /// What the text of an entry says of the clock; `None` for a decision.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
