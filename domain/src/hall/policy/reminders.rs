//! Whether people who left a phone number are told that their turn comes near, and that they were called.
//! A local rule; off unless the site turns it on, since messages cost money. Knows no ticket.

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};

/// A reminder that comes earlier than this says nothing.
const PEOPLE_AHEAD_MAX: u32 = 50;

/// The group `reminders` of a site's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reminders {
    /// Told once at most so many people are before them, once a ticket; 0 for never.
    pub people_ahead: u32,
    /// Told when their number is called for the first time.
    pub called: bool,
}

impl Reminders {
    /// Whether anybody is told anything.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.people_ahead > 0 || self.called
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.reminders.");
        faults.check(self.people_ahead <= PEOPLE_AHEAD_MAX, "people_ahead", "前面还有几人时提醒：0 到 50，0 是不提醒");
        faults.found()
    }
}
