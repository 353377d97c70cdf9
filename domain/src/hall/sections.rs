//! Sections of the day: how many numbers a line gave in each, and when there are some again. Counts live
//! in the line and change with events only; the limits are the site's policy.

use serde::{Deserialize, Serialize};

use super::policy::{SectionLimit, Taking};
use super::state::{Hall, Line};
use crate::ids::LineId;
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

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
