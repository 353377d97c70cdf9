//! The slots of a line on a date: its pattern, cut out of the hall's opening hours and the calendar.
//!
//! The order, first rule that says something about the date: the line's own special day · the hall's
//! special day, where it opens a day that is closed otherwise (周末、节假日延时) · the legal calendar (a day
//! off has no slots, a make-up working day those of the configured weekday) · the weekday. Whatever says so,
//! the hall must be open for the whole slot; so a special day that changes the hours of a working day leaves
//! of the line's pattern what lies in them. A year that nobody loaded is not guessed (DESIGN §1.7).

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Why};
use crate::hall::{AppointmentPolicy, BookableLine, OpeningHours, SlotSpan, Span};
use crate::time::{MINUTE_MS, Millis, start_of};

/// A stretch of time in which some people can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// Begin.
    pub starts_at: Millis,
    /// End.
    pub ends_at: Millis,
}

impl Slot {
    /// Whether some instant is in both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// Why a date has no slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NoSlots {
    /// The line takes no appointments.
    LineNotBookable,
    /// A day off by the legal calendar.
    Holiday {
        /// The holiday.
        name: String,
    },
    /// The hall or the line is closed.
    Closed,
    /// The year's notice is not loaded, so nobody knows.
    CalendarMissing {
        /// The year.
        year: i32,
    },
}

impl NoSlots {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LineNotBookable => "line_not_bookable",
            Self::Holiday { .. } => "holiday",
            Self::Closed => "closed",
            Self::CalendarMissing { .. } => "calendar_not_loaded",
        }
    }
}

impl fmt::Display for NoSlots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineNotBookable => f.write_str("这项业务不用预约，直接来取号"),
            Self::Holiday { name } => write!(f, "{name}放假"),
            Self::Closed => f.write_str("不开放"),
            Self::CalendarMissing { year } => write!(f, "等待 {year} 年节假日安排"),
        }
    }
}

/// The slots of a line on a date with the places of each, in order, never empty.
///
/// # Errors
/// Why there are none.
pub fn slots_on(
    line: &BookableLine,
    policy: &AppointmentPolicy,
    hours: &OpeningHours,
    calendar: &Calendar,
    date: NaiveDate,
) -> Result<Vec<(Slot, u16)>, NoSlots> {
    let pattern = pattern_of(line, policy, hours, calendar, date)?;
    let open = hours.spans_on(date);
    let is_open = |from: u16, to: u16| open.is_none_or(|spans| spans.iter().any(|span| span.from_minute <= from && to <= span.to_minute));
    let mut slots = Vec::new();
    for span in &pattern {
        let places = span.capacity.unwrap_or(line.capacity);
        let mut from = span.from_minute;
        while let Some(to) = from.checked_add(line.slot_min.max(1)).filter(|to| *to <= span.to_minute) {
            if places > 0 && is_open(from, to) {
                let at = |minute: u16| start_of(date) + Millis::from(minute) * MINUTE_MS;
                slots.push((Slot { starts_at: at(from), ends_at: at(to) }, places));
            }
            from = to;
        }
    }
    if slots.is_empty() { Err(NoSlots::Closed) } else { Ok(slots) }
}

fn pattern_of(
    line: &BookableLine,
    policy: &AppointmentPolicy,
    hours: &OpeningHours,
    calendar: &Calendar,
    date: NaiveDate,
) -> Result<Vec<SlotSpan>, NoSlots> {
    if let Some(day) = line.special_days.iter().find(|day| day.date == date) {
        return Ok(day.spans.clone());
    }
    let usual = usual_pattern(line, policy, calendar, date);
    let Some(spans) = hours.special_on(date) else { return usual.map(|(pattern, _)| pattern.clone()) };
    match usual {
        Ok((pattern, is_worked)) if is_worked || hours.opens_on_weekday_of(date) => Ok(pattern.clone()),
        Err(NoSlots::CalendarMissing { .. }) if hours.opens_on_weekday_of(date) => Ok(weekday_pattern(line, date).clone()),
        _ => {
            let span = |span: &Span| SlotSpan { from_minute: span.from_minute, to_minute: span.to_minute, capacity: None };
            Ok(spans.iter().map(span).collect())
        }
    }
}

/// The pattern of a date without special days, and whether the calendar makes it a working day of another weekday.
fn usual_pattern<'a>(
    line: &'a BookableLine,
    policy: &AppointmentPolicy,
    calendar: &Calendar,
    date: NaiveDate,
) -> Result<(&'a Vec<SlotSpan>, bool), NoSlots> {
    if policy.follows_calendar {
        let day = calendar.day(date).map_err(|missing| NoSlots::CalendarMissing { year: missing.0 })?;
        match day.why {
            Why::Holiday(name) => return Err(NoSlots::Holiday { name }),
            Why::MakeUp(_) => return Ok((&line.week[usize::from(policy.make_up_weekday.clamp(1, 7)) - 1], true)),
            Why::Ordinary | Why::Weekend => {}
        }
    }
    Ok((weekday_pattern(line, date), false))
}

fn weekday_pattern(line: &BookableLine, date: NaiveDate) -> &Vec<SlotSpan> {
    &line.week[date.weekday().num_days_from_monday() as usize]
}
