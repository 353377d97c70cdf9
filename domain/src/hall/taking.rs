//! What a site can set about taking numbers: when the last one is given, how many a line gives in a
//! section of the day, whether phones take them, and which pre-printed paper numbers exist. Every value
//! is a local rule, configurable (DOMAIN.md §2); the defaults change nothing for a site that sets none.

use serde::{Deserialize, Serialize};

use super::policy::OpeningHours;
use super::state::{Hall, Line};
use crate::ids::LineId;
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

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

/// How many numbers of a line were given in one of its sections on the business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionCount {
    /// Begin in minutes after local midnight.
    pub from_minute: u16,
    /// End, excluded.
    pub to_minute: u16,
    /// Numbers given.
    pub issued: u32,
}

impl SectionCount {
    fn contains(&self, minute: i64) -> bool {
        (i64::from(self.from_minute)..i64::from(self.to_minute)).contains(&minute)
    }
}

/// The counts of a line's sections under a new policy: sections that stay keep theirs.
pub(super) fn section_counts(taking: &Taking, line_id: &LineId, before: &[SectionCount]) -> Vec<SectionCount> {
    let of_line = taking.sections.iter().filter(|limit| limit.line_id == *line_id);
    of_line
        .map(|limit| {
            let (from_minute, to_minute) = (limit.from_minute, limit.to_minute);
            let kept = before.iter().find(|count| (count.from_minute, count.to_minute) == (from_minute, to_minute));
            SectionCount { from_minute, to_minute, issued: kept.map_or(0, |count| count.issued) }
        })
        .collect()
}

/// Counts a number that was given at an instant.
pub(super) fn count_section(counts: &mut [SectionCount], at: Millis) {
    let minute = minute_of_day(at);
    if let Some(count) = counts.iter_mut().find(|count| count.contains(minute)) {
        count.issued += 1;
    }
}

fn minute_of_day(at: Millis) -> i64 {
    (at - start_of(local_date(at))) / MINUTE_MS
}

impl Taking {
    /// The end of the opening that contains `at`, once the last number before it has been given.
    #[must_use]
    pub fn over_since(&self, hours: &OpeningHours, at: Millis) -> Option<Millis> {
        let (closes_at, is_last) = hours.closes_at(at)?;
        let lead_ms = if is_last { self.last_number_before_close_ms } else { self.last_number_before_break_ms };
        (at >= closes_at - lead_ms && lead_ms > 0).then_some(closes_at)
    }
}

impl Hall {
    /// The section of a line that is full at an instant.
    pub(super) fn full_section<'a>(&self, line: &'a Line, at: Millis) -> Option<(&'a SectionCount, u32)> {
        let minute = minute_of_day(at);
        let count = line.sections.iter().find(|count| count.contains(minute))?;
        let at_most = self.at_most(line, count)?;
        (count.issued >= at_most).then_some((count, at_most))
    }

    fn at_most(&self, line: &Line, count: &SectionCount) -> Option<u32> {
        let same = |limit: &&SectionLimit| {
            limit.line_id == line.id && (limit.from_minute, limit.to_minute) == (count.from_minute, count.to_minute)
        };
        self.doc.policy.taking.sections.iter().find(same).map(|limit| limit.at_most)
    }

    /// The next instant of the same day at which the line gives numbers again: where a section with room
    /// begins, or where one ends and none follows.
    pub(super) fn next_with_room(&self, line: &Line, at: Millis) -> Option<Millis> {
        let midnight = start_of(local_date(at));
        let edges = line.sections.iter().flat_map(|count| [count.from_minute, count.to_minute]);
        let mut edges: Vec<Millis> = edges.map(|minute| midnight + i64::from(minute) * MINUTE_MS).collect();
        // A section may begin while the hall is closed: then its first opening counts.
        edges.extend(self.doc.hours.opens_at(at));
        edges.sort_unstable();
        edges.into_iter().filter(|edge| *edge > at && *edge < midnight + DAY_MS).find(|edge| {
            let hours = &self.doc.hours;
            hours.is_open(*edge) && self.doc.policy.taking.over_since(hours, *edge).is_none() && self.full_section(line, *edge).is_none()
        })
    }
}
