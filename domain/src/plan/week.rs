//! The weeks of the ledger: from Friday 12:00 to Friday 12:00 in UTC+08:00, named by the ISO week in which
//! they end (`2026-W48` ends on Friday, 27 November 2026). Knows no task.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::time::{DAY_MS, HOUR_MS, Millis, local, start_of};

/// From noon of Friday until the ISO week ends.
const REST_OF_WEEK_MS: Millis = 2 * DAY_MS + 12 * HOUR_MS;
const WEEK_MS: Millis = 7 * DAY_MS;
/// Reminders go out on Thursday at 15:00 and on Friday at 10:00, so long before the end.
const REMINDERS_BEFORE_MS: [Millis; 2] = [21 * HOUR_MS, 2 * HOUR_MS];
/// Years that can be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// A week of the ledger; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week {
    year: i32,
    week: u32,
}

/// Why text names no week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeekFault {
    /// Not of the form `2026-W48`.
    #[error("not of the form 2026-W48")]
    Form,
    /// The year has no such week.
    #[error("no such week")]
    NoSuchWeek,
}

impl WeekFault {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::NoSuchWeek => "no_such_week",
        }
    }
}

impl Week {
    /// Takes the name of a week.
    ///
    /// # Errors
    /// Another form, or a week that its year does not have (only some years have 53).
    pub fn parse(text: &str) -> Result<Self, WeekFault> {
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        let (year, week) = text.split_once("-W").filter(|(year, week)| digits(year, 4) && digits(week, 2)).ok_or(WeekFault::Form)?;
        let (year, week) = (year.parse().map_err(|_| WeekFault::Form)?, week.parse().map_err(|_| WeekFault::Form)?);
        let is_there = YEARS.contains(&year) && NaiveDate::from_isoywd_opt(year, week, Weekday::Fri).is_some();
        is_there.then_some(Self { year, week }).ok_or(WeekFault::NoSuchWeek)
    }

    /// The week that an instant lies in; noon of Friday is the first instant of the next one.
    #[must_use]
    pub fn of(at: Millis) -> Self {
        let iso = local(at + REST_OF_WEEK_MS).iso_week();
        Self { year: iso.year(), week: iso.week() }
    }

    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Millis {
        self.end() - WEEK_MS
    }

    /// The instant at which it is over: noon of its Friday.
    #[must_use]
    pub fn end(self) -> Millis {
        let friday = NaiveDate::from_isoywd_opt(self.year, self.week, Weekday::Fri).unwrap_or_default();
        start_of(friday) + 12 * HOUR_MS
    }

    /// The week after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.end())
    }

    /// The week before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.start() - 1)
    }

    /// When those are reminded who have not reported yet.
    #[must_use]
    pub fn reminders(self) -> [Millis; 2] {
        REMINDERS_BEFORE_MS.map(|before| self.end() - before)
    }
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::time::rfc3339;

    fn at(text: &str) -> Millis {
        chrono::DateTime::parse_from_rfc3339(&format!("{text}+08:00")).unwrap().timestamp_millis()
    }

    /// Worked out by hand from a printed calendar: 1 January 2027 is a Friday of 2026-W53, 1 January 2021 one of 2020-W53,
    /// 1 January 2025 a Wednesday of 2025-W01, and 31 December 2027 a Friday of 2027-W52.
    #[test]
    fn weeks_turn_at_noon_of_friday_also_over_the_new_year() {
        for (instant, name) in [
            ("2026-11-24T10:00:00", "2026-W48"),
            ("2026-11-27T11:59:59.999", "2026-W48"),
            ("2026-11-27T12:00:00", "2026-W49"),
            ("2026-11-29T23:59:59", "2026-W49"),
            ("2026-11-30T00:00:00", "2026-W49"),
            ("2026-12-25T11:59:59", "2026-W52"),
            ("2026-12-25T12:00:00", "2026-W53"),
            ("2027-01-01T11:59:59.999", "2026-W53"),
            ("2027-01-01T12:00:00", "2027-W01"),
            ("2027-01-08T12:00:00", "2027-W02"),
            ("2021-01-01T11:00:00", "2020-W53"),
            ("2021-01-01T12:00:00", "2021-W01"),
            ("2024-12-27T12:00:00", "2025-W01"),
            ("2025-01-03T11:59:00", "2025-W01"),
            ("2027-12-31T11:59:00", "2027-W52"),
            ("2027-12-31T12:00:00", "2028-W01"),
        ] {
            assert_eq!(Week::of(at(instant)).to_string(), name, "{instant}");
        }
    }

    #[test]
    fn a_week_has_its_ends_its_neighbours_and_its_reminders() {
        let week = Week::parse("2026-W53").unwrap();
        assert_eq!((week.start(), week.end()), (at("2026-12-25T12:00:00"), at("2027-01-01T12:00:00")));
        assert_eq!(rfc3339(week.end()), "2027-01-01T12:00:00.000+08:00");
        assert_eq!((week.previous().to_string(), week.next().to_string()), ("2026-W52".to_owned(), "2027-W01".to_owned()));
        let week = Week::parse("2026-W48").unwrap();
        assert_eq!(week.reminders(), [at("2026-11-26T15:00:00"), at("2026-11-27T10:00:00")]);
        assert!(week < week.next() && Week::parse("2026-W53").unwrap() < Week::parse("2027-W01").unwrap());
    }

    #[test]
    fn every_week_of_two_centuries_follows_on_the_one_before() {
        let mut week = Week::parse("2000-W01").unwrap();
        let mut weeks_53 = 0;
        while week < Week::parse("2199-W52").unwrap() {
            assert_eq!(week.next().start(), week.end(), "{week}");
            assert_eq!(week.next().previous(), week);
            assert_eq!((Week::of(week.start()), Week::of(week.end() - 1)), (week, week));
            assert_eq!(Week::parse(&week.to_string()), Ok(week));
            weeks_53 += u32::from(week.week == 53);
            week = week.next();
        }
        // Counted apart, with another program: so many of the years 2000 to 2199 are long.
        assert_eq!(weeks_53, 35);
    }

    #[test]
    fn what_is_no_week_is_refused() {
        for text in
            ["", "2026", "2026-48", "2026W48", "2026-W4", "2026-w48", "2026-W048", "+026-W48", "2026-W4８", " 2026-W48", "2026-W48 "]
        {
            assert_eq!(Week::parse(text), Err(WeekFault::Form), "{text:?}");
        }
        for text in ["2026-W00", "2026-W54", "2026-W60", "2027-W53", "2025-W53", "1999-W10", "2200-W01"] {
            assert_eq!(Week::parse(text), Err(WeekFault::NoSuchWeek), "{text}");
        }
        assert!(Week::parse("2026-W53").is_ok());
    }
}
