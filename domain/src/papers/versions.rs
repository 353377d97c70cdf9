//! Which version of a paper's texts was in force when something happened. A version counts for what happens after it was
//! written and from its first day on, so that a paper that somebody holds never changes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Wording;
use crate::time::{Millis, local_date};

/// A version of a paper's texts, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordingVersion {
    /// The first day.
    pub from: NaiveDate,
    /// The texts; none where a site goes back to what stood before it wrote any.
    pub texts: Option<Wording>,
}

/// The version in force at an instant, of versions with the instants at which they were written, in that order. One that
/// was written later goes before earlier ones from its first day on.
#[must_use]
pub fn in_force<T>(versions: &[(Millis, T)], at: Millis, of: impl Fn(&T) -> &WordingVersion) -> Option<&T> {
    let day = local_date(at);
    versions.iter().rev().find(|(written_at, version)| *written_at <= at && of(version).from <= day).map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::start_of;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, day).unwrap_or_default()
    }

    fn version(from: u32) -> WordingVersion {
        WordingVersion { from: day(from), texts: None }
    }

    #[test]
    fn a_version_counts_from_its_first_day_and_never_backwards() {
        let noon = |of: u32| start_of(day(of)) + 12 * 3_600_000;
        // Written on the 1st for the same day, on the 3rd for the 10th, on the 5th for the 8th.
        let versions = [(noon(1), version(1)), (noon(3), version(10)), (noon(5), version(8))];
        let found = |at: Millis| in_force(&versions, at, |version| version).map(|version| version.from);
        assert_eq!(found(noon(1) - 1), None, "what happened that morning keeps its words");
        assert_eq!(found(noon(1)), Some(day(1)));
        assert_eq!(found(noon(7)), Some(day(1)), "what is planned does not count yet");
        assert_eq!(found(start_of(day(8))), Some(day(8)));
        assert_eq!(found(noon(12)), Some(day(8)), "the one written last goes before");
        assert_eq!(in_force(&[], noon(1), |version: &WordingVersion| version), None);
    }
}
