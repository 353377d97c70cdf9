//! Working days by year, as the State Council's yearly notices order them (周末、节假日、调休).
//! Never guesses: a year that is not loaded has no days, its weekends included (DESIGN §1.7).
//! Knows nothing of hall opening days, which are a calendar of their own.

mod notices;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Longest name of a holiday or of a year's source, in characters.
pub const NAME_CHARS_MAX: usize = 200;

/// The notice for the next year is published about November; from its first day on it is asked for.
const NOTICE_MONTH: u32 = 11;

/// A date was asked for whose year nobody has loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("calendar year {0} is not loaded")]
pub struct MissingYear(pub i32);

/// Why a day is a working day or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Monday to Friday without a holiday.
    Ordinary,
    /// A Saturday or Sunday on which work is done for the holiday named.
    MakeUp(String),
    /// A Saturday or Sunday that no notice names.
    Weekend,
    /// A day off by the notice, named by its holiday; may be a Saturday or Sunday.
    Holiday(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ordinary => f.write_str("工作日"),
            Self::MakeUp(name) => write!(f, "{name}调休上班"),
            Self::Weekend => f.write_str("周末"),
            Self::Holiday(name) => write!(f, "{name}放假"),
        }
    }
}

impl Serialize for Why {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One day of a loaded year; serialises to `{date, working, why}` with `why` in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The local date.
    pub date: NaiveDate,
    /// Whether it counts as a working day.
    pub working: bool,
    /// The reason, for people.
    pub why: Why,
}

/// Why the days of a year were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YearFault {
    /// A date lies outside the year it was given for.
    #[error("{0} does not lie in the year")]
    OutsideYear(NaiveDate),
    /// A date is said to be off and worked.
    #[error("{0} is both off and worked")]
    OffAndWorked(NaiveDate),
    /// A make-up working day is a Monday to Friday, which works anyway.
    #[error("{0} is no Saturday or Sunday")]
    MakeUpOnWeekday(NaiveDate),
    /// A holiday or the source has no name, or one over [`NAME_CHARS_MAX`].
    #[error("a name is empty or too long")]
    Name,
}

impl YearFault {
    /// Stable code for problem documents.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutsideYear(_) => "outside_year",
            Self::OffAndWorked(_) => "off_and_worked",
            Self::MakeUpOnWeekday(_) => "make_up_on_weekday",
            Self::Name => "name",
        }
    }
}

/// What one year's notice orders beyond plain weeks; the stored form of a calendar year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The notice the days were taken from.
    pub source: String,
    /// Days off by date, with the name of the holiday.
    pub off: BTreeMap<NaiveDate, String>,
    /// Saturdays and Sundays that are worked, with the name of the holiday they make up for.
    pub make_up: BTreeMap<NaiveDate, String>,
}

impl Year {
    /// Checks the days against the year they are for; all faults at once, empty when sound.
    #[must_use]
    pub fn faults(&self, year: i32) -> Vec<YearFault> {
        let mut faults = Vec::new();
        for date in self.off.keys().chain(self.make_up.keys()).filter(|date| date.year() != year) {
            faults.push(YearFault::OutsideYear(*date));
        }
        for date in self.make_up.keys() {
            if self.off.contains_key(date) {
                faults.push(YearFault::OffAndWorked(*date));
            }
            if !is_weekend(*date) {
                faults.push(YearFault::MakeUpOnWeekday(*date));
            }
        }
        let mut names = self.off.values().chain(self.make_up.values()).chain([&self.source]);
        if names.any(|name| name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX) {
            faults.push(YearFault::Name);
        }
        faults
    }

    fn day(&self, date: NaiveDate) -> Day {
        let (working, why) = if let Some(name) = self.off.get(&date) {
            (false, Why::Holiday(name.clone()))
        } else if let Some(name) = self.make_up.get(&date) {
            (true, Why::MakeUp(name.clone()))
        } else if is_weekend(date) {
            (false, Why::Weekend)
        } else {
            (true, Why::Ordinary)
        };
        Day { date, working, why }
    }

    fn works(&self, date: NaiveDate) -> bool {
        !self.off.contains_key(&date) && (!is_weekend(date) || self.make_up.contains_key(&date))
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The loaded years. The only source of the word "working day" in the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
}

impl Calendar {
    /// The years of the State Council's notices that were known when this was built: 2024 to 2026.
    #[must_use]
    pub fn state_council() -> Self {
        Self { years: notices::years() }
    }

    /// Loads or replaces a year.
    ///
    /// # Errors
    /// Every fault of the year's days; the calendar is then unchanged.
    pub fn load(&mut self, year: i32, days: Year) -> Result<(), Vec<YearFault>> {
        let faults = days.faults(year);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.years.insert(year, days);
        Ok(())
    }

    /// The loaded years with what their notices order, in order.
    pub fn years(&self) -> impl Iterator<Item = (i32, &Year)> {
        self.years.iter().map(|(year, days)| (*year, days))
    }

    /// The last year loaded; `None` when the calendar is empty.
    #[must_use]
    pub fn last_year(&self) -> Option<i32> {
        self.years.keys().next_back().copied()
    }

    fn year_of(&self, date: NaiveDate) -> Result<&Year, MissingYear> {
        self.years.get(&date.year()).ok_or(MissingYear(date.year()))
    }

    /// What a date is.
    ///
    /// # Errors
    /// [`MissingYear`] when the date's year is not loaded.
    pub fn day(&self, date: NaiveDate) -> Result<Day, MissingYear> {
        self.year_of(date).map(|year| year.day(date))
    }

    /// Whether a date is a working day.
    ///
    /// # Errors
    /// [`MissingYear`] when the date's year is not loaded.
    pub fn works(&self, date: NaiveDate) -> Result<bool, MissingYear> {
        self.year_of(date).map(|year| year.works(date))
    }

    /// Every day of a year, from 1 January to 31 December.
    ///
    /// # Errors
    /// [`MissingYear`] when the year is not loaded.
    pub fn days_of(&self, year: i32) -> Result<Vec<Day>, MissingYear> {
        let days = self.years.get(&year).ok_or(MissingYear(year))?;
        let first = NaiveDate::from_yo_opt(year, 1).ok_or(MissingYear(year))?;
        Ok(first.iter_days().take_while(|date| date.year() == year).map(|date| days.day(date)).collect())
    }

    /// The year an administrator should be asked to load: this one when it is absent, from
    /// 1 November on also the next (DESIGN §1.7).
    #[must_use]
    pub fn year_wanted(&self, today: NaiveDate) -> Option<i32> {
        let year = today.year();
        let next_is_near = today.month() >= NOTICE_MONTH;
        [Some(year), next_is_near.then_some(year + 1)].into_iter().flatten().find(|year| !self.years.contains_key(year))
    }

    /// The `count`-th working day after a date, the date itself not counted; with `count` 0 the
    /// date itself, or the next working day when it is none.
    ///
    /// # Errors
    /// The first [`MissingYear`] met on the way.
    pub fn working_day_after(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, MissingYear> {
        let skipped = usize::from(count > 0);
        let mut left = count.max(1);
        for day in date.iter_days().skip(skipped) {
            if self.works(day)? {
                left -= 1;
                if left == 0 {
                    return Ok(day);
                }
            }
        }
        Err(MissingYear(date.year()))
    }
}

#[cfg(test)]
mod tests;
