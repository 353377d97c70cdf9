//! The clocks of a case as they are told: where each stands, with its derivation day by day and the article it rests on.
//! How a clock runs is `domain::case_clock`.

use domain::calendar::Calendar;
use domain::case::{Case, State};
use domain::case_clock::{Clock, Reading, Thresholds};
use domain::hall::CasePolicy;
use domain::time::{Millis, local_date, rfc3339, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::word;
use crate::app::App;

/// One day of a clock's explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockDayView {
    /// The local date.
    pub date: String,
    /// Whether it uses up a day.
    pub counts: bool,
    /// Why, with the article it rests on.
    pub why: String,
}

/// One entry of the suspension ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuspensionView {
    /// First day that is not counted.
    pub from: String,
    /// The day the clock goes on; null while it stands.
    pub to: Option<String>,
    /// What it stands for.
    pub procedure: String,
    /// Legal basis.
    pub basis: String,
}

/// A clock as it stands now, or as it stood when it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct ClockView {
    /// `acceptance`, `decision` or `delivery`.
    pub kind: String,
    /// The word people read.
    pub name: String,
    /// The article that the limit rests on.
    pub article: String,
    pub budget: u32,
    pub spent: u32,
    pub overdue: u32,
    pub suspensions: Vec<SuspensionView>,
    /// End of the promised last day; null while a year is missing or the clock stands.
    pub due_at: Option<String>,
    /// The year whose calendar is not loaded.
    pub missing_year: Option<i32>,
    pub statutory_due_at: Option<String>,
    /// The year whose calendar is not loaded, for the last day by law.
    pub statutory_missing_year: Option<i32>,
    /// `none`, `notice` 预警, `yellow` 黄牌, `red` 红牌.
    #[schema(value_type = crate::app::words::ClockLevel)]
    pub level: String,
    pub stopped: bool,
    /// When it ended; null for one that runs.
    pub ended_at: Option<String>,
    pub days: Vec<ClockDayView>,
}

/// Every clock that a case has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseClocksView {
    /// In the order in which they begin.
    pub clocks: Vec<ClockView>,
}

pub(super) fn end_of(date: chrono::NaiveDate) -> String {
    rfc3339(date.succ_opt().map_or_else(|| start_of(date), |next| start_of(next) - 1))
}

/// The clock that a case is watched by until it is decided, read today or, once it has run out, on its last day.
pub(super) fn reading(case: &Case, now: Millis, calendar: &Calendar, thresholds: Thresholds) -> Option<(Clock, Reading)> {
    let clock = case.decision_clock().or_else(|| case.acceptance_clock())?;
    let ended = case.decision.as_ref().map(|decision| decision.at).or(match &case.state {
        State::Closed { since, .. } => Some(*since),
        _ => None,
    });
    let reading = clock.read(local_date(ended.unwrap_or(now)), calendar, thresholds);
    Some((clock, reading))
}

fn view(clock: &Clock, reading: &Reading, ended: Option<Millis>) -> ClockView {
    ClockView {
        kind: word(clock.kind),
        name: clock.kind.label().to_owned(),
        article: clock.kind.article().to_owned(),
        budget: reading.budget,
        spent: reading.spent,
        overdue: reading.overdue,
        suspensions: clock
            .suspensions
            .iter()
            .map(|entry| SuspensionView {
                from: entry.from.to_string(),
                to: entry.to.map(|to| to.to_string()),
                procedure: entry.procedure.clone(),
                basis: entry.basis.clone(),
            })
            .collect(),
        due_at: reading.due.map(end_of),
        missing_year: reading.missing_year,
        statutory_due_at: reading.statutory_due.map(end_of),
        statutory_missing_year: reading.statutory_missing_year,
        level: word(reading.level),
        stopped: reading.stopped,
        ended_at: ended.map(rfc3339),
        days: reading
            .days
            .iter()
            .map(|day| ClockDayView { date: day.date.to_string(), counts: day.counts, why: day.why.clone() })
            .collect(),
    }
}

impl App {
    /// The clock that a case is watched by until it is decided, as the API shows it; null before it is received.
    pub(in crate::app) fn clock_view(&self, case: &Case, policy: &CasePolicy) -> Option<ClockView> {
        let (clock, reading) = reading(case, self.now(), &self.directory.get().calendar, policy.thresholds())?;
        let kind = clock.kind;
        let ended = case.clocks().into_iter().find(|(one, _)| one.kind == kind).and_then(|(_, ended)| ended);
        Some(view(&clock, &reading, ended))
    }

    /// Every clock that a case has now, as the API shows it.
    pub(super) fn clock_views(&self, case: &Case, policy: &CasePolicy) -> Vec<ClockView> {
        let listing = self.directory.get();
        let told = |(clock, ended): (Clock, Option<Millis>)| {
            let day = local_date(ended.unwrap_or_else(|| self.now()));
            view(&clock, &clock.read(day, &listing.calendar, policy.thresholds()), ended)
        };
        case.clocks().into_iter().map(told).collect()
    }
}
