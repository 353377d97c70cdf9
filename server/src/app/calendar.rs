//! The legal calendar: read day by day, loaded year by year. A loaded year moves the due dates of open
//! cases, which are computed from it; every move is written into the log.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::calendar::{Calendar, NAME_CHARS_MAX, Year, YearFault};
use domain::case::Case;
use domain::case_clock::Clock;
use domain::codes::clean_line;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::cases::case_of;
use super::error::{Answer, AppError, FieldError, FieldErrors};
use super::retry::{Outcome, Retry};
use crate::store::{CalendarRow, CaseFilter, ChangeSet, NewEvent};

/// Years that can be loaded.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;
/// Cases read at once.
const BATCH: i64 = 200;

/// A day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayView {
    /// `yyyy-MM-dd`.
    pub date: String,
    /// Whether it counts as a working day.
    pub working: bool,
    /// Why, for people.
    pub why: String,
}

/// A year of the calendar, every day of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarView {
    /// The year.
    pub year: i32,
    /// The notice it was taken from.
    pub source: String,
    /// 1 January to 31 December.
    pub days: Vec<DayView>,
}

/// Body of `PUT /calendar/{year}`: what the notice orders beyond plain weeks. It replaces the year.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarRequest {
    /// The notice.
    pub source: String,
    /// Days off by date, with the name of the holiday.
    pub off: BTreeMap<String, String>,
    /// Saturdays and Sundays that are worked, with the name of the holiday they make up for.
    pub make_up: BTreeMap<String, String>,
}

impl App {
    /// Every day of a year.
    ///
    /// # Errors
    /// 404 `calendar_not_loaded`.
    pub fn calendar(&self, year: i32) -> Answer<CalendarView> {
        let listing = self.directory.get();
        let absent = || AppError::Absent { code: "calendar_not_loaded", message: format!("{year} 年的节假日安排还没有录入") };
        let source = listing.calendar.years().find(|(loaded, _)| *loaded == year).map(|(_, days)| days.source.clone());
        let source = source.ok_or_else(absent)?;
        let days = listing.calendar.days_of(year).map_err(|_| absent())?;
        let days = days.into_iter().map(|day| DayView { date: day.date.to_string(), working: day.working, why: day.why.to_string() });
        Ok(CalendarView { year, source, days: days.collect() })
    }

    /// Loads or replaces a year.
    ///
    /// # Errors
    /// Those of the store; wrong days are outcomes.
    pub async fn load_calendar(
        &self,
        permit: &Permit,
        year: i32,
        body: Result<CalendarRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let before = self.directory.get().calendar.clone();
        // Before too: who dies in between has left them due.
        self.appointment_rules_changed(None).await?;
        self.evaluation_rules_changed(None).await?;
        let actor = permit.caller().actor();
        let mut outcome = self
            .once(&root, retry, || async {
                let days = checked(year, body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?)?;
                let mut set = year_set(&root, actor, self.now(), year, &days, before.years().any(|(known, _)| known == year))?;
                self.log_projection(actor, year, &before, &days, &mut set).await?;
                Ok((set, Outcome::success(200, Some(year.to_string()), Value::Null)))
            })
            .await?;
        if outcome.status != 200 {
            return Ok(outcome);
        }
        self.directory.reload(&self.stores).await?;
        self.appointment_rules_changed(None).await?;
        self.evaluation_rules_changed(None).await?;
        if !outcome.replayed {
            // Whoever was asked for this year is asked no longer.
            self.watch_calendar().await?;
        }
        outcome.body = serde_json::to_value(self.calendar(year)?)?;
        Ok(outcome)
    }

    /// Adds which due dates the year moves to the change-set that loads it: in the log that the calendar stands in, so
    /// that neither is there without the other.
    async fn log_projection(&self, actor: &str, year: i32, before: &Calendar, days: &Year, set: &mut ChangeSet) -> Answer<()> {
        let mut after = before.clone();
        after.load(year, days.clone()).map_err(|_| AppError::Internal(format!("a year {year} that was found sound is not")))?;
        for site_id in self.directory.get().sites.keys() {
            let mut query = CaseFilter { site_ids: vec![site_id.clone()], open: true, limit: BATCH, ..CaseFilter::default() };
            loop {
                let rows = self.stores.cases.cases(&query).await?;
                let mut moved = Vec::new();
                for row in &rows {
                    moved.extend(moved_due(&case_of(row)?, before, &after));
                }
                if !moved.is_empty() {
                    let body = json!({ "type": "deadlines_projected", "year": year, "site": site_id, "cases": moved });
                    set.events.push(event("calendar", &year.to_string(), "deadlines_projected", actor, self.now(), &body));
                }
                match rows.last() {
                    Some(last) if rows.len() as i64 == BATCH => query.after = Some(last.id.clone()),
                    _ => break,
                }
            }
        }
        Ok(())
    }
}

fn event(aggregate: &'static str, id: &str, kind: &str, actor: &str, at: i64, body: &Value) -> NewEvent {
    NewEvent { aggregate, aggregate_id: id.to_owned(), kind: kind.to_owned(), actor: actor.to_owned(), at, body: body.to_string() }
}

fn year_set(site_id: &str, actor: &str, now: i64, year: i32, days: &Year, replaced: bool) -> Answer<ChangeSet> {
    let mut set = ChangeSet::new(site_id);
    let body = json!({
        "type": "calendar_loaded", "year": year, "replaced": replaced, "source": days.source, "off": days.off, "make_up": days.make_up,
    });
    set.events.push(event("calendar", &year.to_string(), "calendar_loaded", actor, now, &body));
    set.row(CalendarRow { year: i64::from(year), doc: serde_json::to_string(days)? });
    Ok(set)
}

/// The running clocks of a case whose due date is another one with the year; `null` stands for a date that waits for a
/// year.
fn moved_due(case: &Case, before: &Calendar, after: &Calendar) -> Vec<Value> {
    let moved = |clock: Clock| {
        let (from, to) = (clock.due(before).ok(), clock.due(after).ok());
        (from != to).then(|| json!({ "case": case.id, "clock": clock.kind, "from": from, "to": to }))
    };
    case.running_clocks().filter_map(moved).collect()
}

fn dates(field: &str, given: &BTreeMap<String, String>, errors: &mut FieldErrors) -> BTreeMap<NaiveDate, String> {
    let mut days = BTreeMap::new();
    for (text, name) in given {
        let at = format!("{field}.{text}");
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == *text);
        let date = errors.some(date, &at, "date", "日期写成 2027-01-01 的样子");
        match (date, clean_line(name, NAME_CHARS_MAX)) {
            (Some(date), Ok(name)) => {
                days.insert(date, name);
            }
            (None, Ok(_)) => {}
            (_, Err(fault)) => errors.add(&at, fault.code(), fault.message()),
        }
    }
    days
}

/// The whole year, checked; every fault is told at once.
fn checked(year: i32, request: &CalendarRequest) -> Answer<Year> {
    let mut errors = FieldErrors::default();
    if !YEARS.contains(&year) {
        errors.add("year", "range", "年份不对");
    }
    let source = clean_line(&request.source, NAME_CHARS_MAX).map_err(|fault| errors.add("source", fault.code(), fault.message()));
    if request.off.is_empty() {
        errors.add("off", "missing", "一年里至少有元旦放假，把通知里的放假日期都写上");
    }
    let (off, make_up) = (dates("off", &request.off, &mut errors), dates("make_up", &request.make_up, &mut errors));
    let days = Year { source: source.unwrap_or_default(), off, make_up };
    for fault in days.faults(year) {
        let place = |date: &NaiveDate| if days.off.contains_key(date) { format!("off.{date}") } else { format!("make_up.{date}") };
        match &fault {
            YearFault::OutsideYear(date) => errors.add(&place(date), fault.code(), format!("这一天不在 {year} 年")),
            YearFault::OffAndWorked(date) => errors.add(&format!("make_up.{date}"), fault.code(), "这一天又放假又上班"),
            YearFault::MakeUpOnWeekday(date) => errors.add(&format!("make_up.{date}"), fault.code(), "调休上班的日子要是周六或周日"),
            // Told above, each at its place.
            YearFault::Name => {}
        }
    }
    errors.check()?;
    Ok(days)
}
