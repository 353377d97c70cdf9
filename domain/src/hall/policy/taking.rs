//! What a site can set about taking numbers: when the last one is given, how many a line gives in a
//! section of the day, whether phones take them, and which pre-printed paper numbers exist. Every value
//! is a local rule, configurable (DOMAIN.md §2); the defaults change nothing for a site that sets none.

use serde::{Deserialize, Serialize};

use super::hours::OpeningHours;
use crate::ids::LineId;
use crate::time::Millis;

/// How many days back a paper number may be entered at most.
pub const PAPER_DAYS_MAX: u32 = 31;

/// The group `taking` of a site's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Taking {
    /// The last number of a day is given this long before the hall closes, in milliseconds.
    pub last_number_before_close_ms: Millis,
    /// The last number before a break of the day (lunch) is given this long before it, in milliseconds.
    pub last_number_before_break_ms: Millis,
    /// How many numbers a line gives in a section of the day.
    pub sections: Vec<SectionLimit>,
    /// Numbers taken with one's own phone.
    pub phone: PhoneTickets,
    /// Numbers pre-printed on paper, for when everything is down.
    pub paper: PaperNumbers,
}

/// At most so many numbers of a line in a section of the day, so that not everybody comes at nine.
/// Numbers of appointments, walk-ins and paper numbers do not count: they have a place already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionLimit {
    /// The line.
    pub line_id: LineId,
    /// Begin in minutes after local midnight, 0 to 1439.
    pub from_minute: u16,
    /// End, excluded, 1 to 1440.
    pub to_minute: u16,
    /// At most so many numbers.
    pub at_most: u32,
}

/// Who may take a number with a phone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneReach {
    /// Nobody.
    #[default]
    Off,
    /// Whoever scanned the code shown in the hall a moment ago.
    Hall,
    /// Everybody, from home too.
    Anywhere,
}

/// Numbers taken with one's own phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhoneTickets {
    /// Who may.
    pub reach: PhoneReach,
    /// How long a code shown in the hall is good, in minutes; a new one is shown twice as often.
    pub code_minutes: u32,
    /// Numbers a phone number may take on one day.
    pub per_phone_and_day: u32,
}

impl Default for PhoneTickets {
    fn default() -> Self {
        Self { reach: PhoneReach::Off, code_minutes: 10, per_phone_and_day: 2 }
    }
}

/// Pre-printed paper numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaperNumbers {
    /// The letters of the printed series, none of them a line's; empty: the site has no paper numbers.
    pub prefixes: Vec<String>,
    /// How many days later a paper number may still be entered.
    pub days_back: u32,
}

impl Default for PaperNumbers {
    fn default() -> Self {
        Self { prefixes: Vec::new(), days_back: 7 }
    }
}

impl Taking {
    /// The end of the opening that contains `at`, once the last number before it has been given.
    #[must_use]
    pub fn over_since(&self, hours: &OpeningHours, at: Millis) -> Option<Millis> {
        let (closes_at, is_last) = hours.opening_ends(at)?;
        let lead_ms = if is_last { self.last_number_before_close_ms } else { self.last_number_before_break_ms };
        (at >= closes_at - lead_ms && lead_ms > 0).then_some(closes_at)
    }
}
