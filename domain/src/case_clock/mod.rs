//! The clocks of a case: a budget in working days, a ledger of suspensions and what follows from
//! both on a calendar (DOMAIN §6). Keeps no due date: it is computed anew whenever it is asked for,
//! so that a newly loaded year or a closed suspension moves it. Knows nothing of case states, nor
//! of what happens when a limit passes.
//!
//! The conventions, all after 民法典 201, 203 and 行政许可法 82:
//! the day of the event is not counted, whatever day it is, so what comes in on a Saturday counts
//! from Monday; only working days count; a last day is therefore always a working day.

mod walk;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, MissingYear};
use walk::{Step, Verdict, steps};

/// Working days within which an application is accepted or corrected, else it is deemed accepted
/// (行政许可法 32).
pub const ACCEPTANCE_DAYS: u32 = 5;
/// Working days from the decision within which its document is delivered (行政许可法 44).
pub const DELIVERY_DAYS: u32 = 10;
/// Working days of the general limit of a decision (行政许可法 42).
pub const DECISION_DAYS: u32 = 20;
/// Working days by which the general limit may be extended once (行政许可法 42).
pub const EXTENSION_DAYS_MAX: u32 = 10;

/// Which of the three clocks of a case this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// From receipt to acceptance.
    Acceptance,
    /// From acceptance to the decision.
    Decision,
    /// From the decision to the delivery of its document.
    Delivery,
}

impl Kind {
    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Acceptance => "受理",
            Self::Decision => "办结",
            Self::Delivery => "送达",
        }
    }

    /// The article that the limit rests on.
    #[must_use]
    pub fn article(self) -> &'static str {
        match self {
            Self::Acceptance => "行政许可法第三十二条",
            Self::Decision => "行政许可法第四十二条",
            Self::Delivery => "行政许可法第四十四条",
        }
    }
}

/// An entry of the suspension ledger: the clock stands from a day until the day it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// First day that is not counted.
    pub from: NaiveDate,
    /// The day the clock goes on, which is counted again; `None` while it stands.
    pub to: Option<NaiveDate>,
    /// What it stands for, as people read it (听证、检验、鉴定 …).
    pub procedure: String,
    /// The legal basis, as people read it (行政许可法第四十五条).
    pub basis: String,
}

impl Suspension {
    fn holds(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|to| date < to)
    }
}

/// The facts a clock is computed from. The promise is the one of the day of acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Which clock.
    pub kind: Kind,
    /// The day of receipt, acceptance or decision.
    pub start: NaiveDate,
    /// Promised working days; 0 means the same day, or the next working day.
    pub promised_days: u32,
    /// Working days by law; `None` where no law sets a limit.
    pub statutory_days: Option<u32>,
    /// Working days granted by an approved extension; they lengthen both limits.
    pub extended_days: u32,
    /// The ledger, in any order.
    pub suspensions: Vec<Suspension>,
}

/// Why there is no due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undetermined {
    /// The limit reaches into a year that is not loaded (等待该年节假日安排).
    MissingYear(i32),
    /// The clock stands and nobody knows until when.
    Stopped,
}

/// When a case near or past its limit is shown, by a site's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// 预警 when at most this share of the promised budget is left, in percent.
    pub notice_percent: u32,
    /// 预警 when at most so many working days are left.
    pub notice_days: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { notice_percent: 20, notice_days: 1 }
    }
}

/// Supervision level, in order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing to say.
    None,
    /// 预警: near the promised limit.
    Notice,
    /// 黄牌: past the promised limit.
    Yellow,
    /// 红牌: past the statutory limit.
    Red,
}

impl Level {
    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Notice => "notice",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// The word people read; empty for [`Level::None`].
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Notice => "预警",
            Self::Yellow => "黄牌",
            Self::Red => "红牌",
        }
    }
}

/// One day of the explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockDay {
    /// The local date.
    pub date: NaiveDate,
    /// Whether it uses up a day of the budget.
    pub counts: bool,
    /// The reason in Chinese, with the article it rests on.
    pub why: String,
}

/// A clock as it stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Promised working days with extensions.
    pub budget: u32,
    /// Working days counted up to today, today included; goes on past the budget.
    pub spent: u32,
    /// Working days counted after the due date up to today.
    pub overdue: u32,
    /// The promised last day; `None` while undetermined.
    pub due: Option<NaiveDate>,
    /// The year whose calendar is needed for `due`.
    pub missing_year: Option<i32>,
    /// The last day by law; `None` while undetermined or where no law sets one.
    pub statutory_due: Option<NaiveDate>,
    /// The year whose calendar is needed for `statutory_due`.
    pub statutory_missing_year: Option<i32>,
    /// Whether a suspension is in force today.
    pub stopped: bool,
    /// The supervision level.
    pub level: Level,
    /// From the start to the due date, or to today when that is later; to today while the clock
    /// stands, to the end of the calendar while a year is missing.
    pub days: Vec<ClockDay>,
}

impl Clock {
    /// The five working days for acceptance after a receipt or the latest supply.
    #[must_use]
    pub fn acceptance(received: NaiveDate) -> Self {
        Self::fixed(Kind::Acceptance, received, ACCEPTANCE_DAYS)
    }

    /// The ten working days for delivery after a decision.
    #[must_use]
    pub fn delivery(decided: NaiveDate) -> Self {
        Self::fixed(Kind::Delivery, decided, DELIVERY_DAYS)
    }

    fn fixed(kind: Kind, start: NaiveDate, days: u32) -> Self {
        Self { kind, start, promised_days: days, statutory_days: Some(days), extended_days: 0, suspensions: Vec::new() }
    }

    /// Promised working days with extensions.
    #[must_use]
    pub fn budget(&self) -> u32 {
        self.promised_days.saturating_add(self.extended_days)
    }

    /// The promised last day.
    ///
    /// # Errors
    /// [`Undetermined`] while a year is missing or the clock stands.
    pub fn due(&self, calendar: &Calendar) -> Result<NaiveDate, Undetermined> {
        self.last_day(self.budget(), calendar)
    }

    /// The last day by law; `None` where no law sets one.
    #[must_use]
    pub fn statutory_due(&self, calendar: &Calendar) -> Option<Result<NaiveDate, Undetermined>> {
        let days = self.statutory_days?.saturating_add(self.extended_days);
        Some(self.last_day(days, calendar))
    }

    fn last_day(&self, budget: u32, calendar: &Calendar) -> Result<NaiveDate, Undetermined> {
        let missing = |MissingYear(year)| Undetermined::MissingYear(year);
        if budget == 0 {
            return calendar.working_day_after(self.start, 0).map_err(missing);
        }
        for step in steps(self, calendar) {
            let Step { date, verdict } = step.map_err(missing)?;
            match verdict {
                Verdict::Counted { nth, .. } if nth >= budget => return Ok(date),
                Verdict::Stopped(entry) if entry.to.is_none() => return Err(Undetermined::Stopped),
                _ => {}
            }
        }
        Err(Undetermined::Stopped)
    }

    /// The clock as it stands on a day, with its explanation.
    #[must_use]
    pub fn read(&self, today: NaiveDate, calendar: &Calendar, thresholds: Thresholds) -> Reading {
        let due = self.due(calendar);
        let statutory = self.statutory_due(calendar);
        let mut reading = Reading {
            budget: self.budget(),
            spent: 0,
            overdue: 0,
            due: due.ok(),
            missing_year: missing_year(due.err()),
            statutory_due: statutory.and_then(Result::ok),
            statutory_missing_year: missing_year(statutory.and_then(Result::err)),
            stopped: self.suspensions.iter().any(|entry| entry.holds(today)),
            level: Level::None,
            days: Vec::new(),
        };
        reading.days.push(ClockDay {
            date: self.start,
            counts: false,
            why: walk::start_text(self.kind, self.start, calendar, reading.due),
        });
        let shown_to = match due {
            Ok(due) => Some(due.max(today)),
            Err(Undetermined::Stopped) => Some(today),
            Err(Undetermined::MissingYear(_)) => None,
        };
        for step in steps(self, calendar).map_while(Result::ok).take_while(|step| shown_to.is_none_or(|last| step.date <= last)) {
            let counts = matches!(step.verdict, Verdict::Counted { .. });
            if counts && step.date <= today {
                reading.spent += 1;
                reading.overdue += u32::from(reading.due.is_some_and(|due| due < step.date));
            }
            reading.days.push(ClockDay { date: step.date, counts, why: walk::step_text(&step, &reading) });
        }
        reading.level = level(&reading, today, thresholds);
        reading
    }
}

fn missing_year(undetermined: Option<Undetermined>) -> Option<i32> {
    match undetermined {
        Some(Undetermined::MissingYear(year)) => Some(year),
        Some(Undetermined::Stopped) | None => None,
    }
}

fn level(reading: &Reading, today: NaiveDate, thresholds: Thresholds) -> Level {
    let left = reading.budget.saturating_sub(reading.spent);
    let near = u64::from(left) * 100 <= u64::from(reading.budget) * u64::from(thresholds.notice_percent);
    if reading.statutory_due.is_some_and(|due| due < today) {
        Level::Red
    } else if reading.due.is_some_and(|due| due < today) {
        Level::Yellow
    } else if near || left <= thresholds.notice_days {
        Level::Notice
    } else {
        Level::None
    }
}

/// What silence brings about (行政许可法 32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeemedAcceptance {
    /// The last of the five working days, on which acting is still in time.
    pub last_day: NaiveDate,
    /// The date from whose first moment the application counts as accepted.
    pub from: NaiveDate,
    /// The day the decision clock then starts on: that of the receipt.
    pub clock_start: NaiveDate,
}

/// When an application counts as accepted if nothing is done; each supply of missing materials
/// starts a new five days.
///
/// # Errors
/// [`MissingYear`] when the five days reach into a year that is not loaded.
pub fn deemed_acceptance(received: NaiveDate, supplied: &[NaiveDate], calendar: &Calendar) -> Result<DeemedAcceptance, MissingYear> {
    let clock_start = supplied.iter().copied().fold(received, NaiveDate::max);
    let last_day = calendar.working_day_after(clock_start, ACCEPTANCE_DAYS)?;
    Ok(DeemedAcceptance { last_day, from: last_day.succ_opt().unwrap_or(last_day), clock_start })
}

#[cfg(test)]
mod tests;
