//! When a hall is open, in local time (UTC+08:00).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

/// How many days ahead the next opening is looked for.
const OPENING_SEARCH_DAYS: i64 = 60;

/// A span of one day in minutes after local midnight, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Begin, 0 to 1439.
    pub from_minute: u16,
    /// End, 1 to 1440.
    pub to_minute: u16,
}

/// A date with its own spans: a local closure (none) or a weekend service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The date.
    pub date: NaiveDate,
    /// When the hall is open on it.
    pub spans: Vec<Span>,
}

/// When a hall is open, in local time (UTC+08:00).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OpeningHours {
    /// Always.
    #[default]
    RoundTheClock,
    /// By weekday, with special days.
    Weekly {
        /// Monday first, seven lists.
        week: [Vec<Span>; 7],
        /// Dates that differ from their weekday.
        special_days: Vec<SpecialDay>,
    },
}

impl OpeningHours {
    /// Whether the hall is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: Millis) -> bool {
        let date = local_date(at);
        let Some(spans) = self.spans_on(date) else { return true };
        let minute = (at - start_of(date)) / MINUTE_MS;
        spans.iter().any(|span| (i64::from(span.from_minute)..i64::from(span.to_minute)).contains(&minute))
    }

    /// The next instant after `at` at which the hall opens; `None` if it does not within 60 days.
    #[must_use]
    pub fn opens_at(&self, at: Millis) -> Option<Millis> {
        (0..OPENING_SEARCH_DAYS).find_map(|days| {
            let date = local_date(at + days * DAY_MS);
            let spans = self.spans_on(date)?;
            spans.iter().map(|span| start_of(date) + i64::from(span.from_minute) * MINUTE_MS).filter(|opening| *opening > at).min()
        })
    }

    /// What was said about this date alone: a closure (no span) or a service beyond the week.
    #[must_use]
    pub fn special_on(&self, date: NaiveDate) -> Option<&[Span]> {
        match self {
            Self::RoundTheClock => None,
            Self::Weekly { special_days, .. } => special_days.iter().find(|day| day.date == date).map(|day| day.spans.as_slice()),
        }
    }

    /// From the first opening of a date to its last closing; the whole date round the clock, `None` where it does not open.
    #[must_use]
    pub fn open_between(&self, date: NaiveDate) -> Option<(Millis, Millis)> {
        let begin = start_of(date);
        let Some(spans) = self.spans_on(date) else { return Some((begin, begin + DAY_MS)) };
        let at = |minute: u16| begin + i64::from(minute) * MINUTE_MS;
        Some((at(spans.iter().map(|span| span.from_minute).min()?), at(spans.iter().map(|span| span.to_minute).max()?)))
    }

    /// Whether the hall is open on the weekday of a date, special days aside.
    #[must_use]
    pub fn opens_on_weekday_of(&self, date: NaiveDate) -> bool {
        match self {
            Self::RoundTheClock => true,
            Self::Weekly { week, .. } => !week[date.weekday().num_days_from_monday() as usize].is_empty(),
        }
    }

    /// The end of the opening that contains `at`, and whether it is the last of its day; `None` while
    /// closed and for a hall that does not close.
    #[must_use]
    pub fn opening_ends(&self, at: Millis) -> Option<(Millis, bool)> {
        let date = local_date(at);
        let (spans, minute) = (self.spans_on(date)?, (at - start_of(date)) / MINUTE_MS);
        let now = spans.iter().find(|span| (i64::from(span.from_minute)..i64::from(span.to_minute)).contains(&minute))?;
        let closes_at = start_of(date) + i64::from(now.to_minute) * MINUTE_MS;
        let is_last = spans.iter().all(|span| span.to_minute <= now.to_minute);
        // Open past midnight without a break is no closing.
        (!self.is_open(closes_at)).then_some((closes_at, is_last))
    }

    /// When the hall closes for the last time on a date; `None` round the clock or when it does not open.
    #[must_use]
    pub fn closes_at(&self, date: NaiveDate) -> Option<Millis> {
        let minute = self.spans_on(date)?.iter().map(|span| span.to_minute).max()?;
        Some(start_of(date) + i64::from(minute) * MINUTE_MS)
    }

    /// The spans of a date; `None` round the clock.
    #[must_use]
    pub fn spans_on(&self, date: NaiveDate) -> Option<&[Span]> {
        match self {
            Self::RoundTheClock => None,
            Self::Weekly { week, special_days } => Some(
                special_days
                    .iter()
                    .find(|day| day.date == date)
                    .map_or(week[date.weekday().num_days_from_monday() as usize].as_slice(), |day| day.spans.as_slice()),
            ),
        }
    }
}
