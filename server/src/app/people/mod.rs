//! The people of a site beside their accounts: where each comes from and until when, who sat and sits where, who is
//! away and who covers, appraisal and trainings. Events name people by id; names are read when somebody looks.

mod appraisal;
mod attendance;
mod attendance_file;
mod cover;
mod day_plan;
mod engagement;
mod import;
mod leaves;
mod mine;
mod roster;
mod rules;
mod sheet;
mod trainings;
mod watch;

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use domain::ids::StaffId;
use domain::people::PeopleFault;
use domain::time::local_date;
use serde_json::Value;

use super::App;
use super::caller::Permit;
use super::error::{Answer, FieldError, FieldErrors};
use crate::store::{NewEvent, StaffRow};

pub use appraisal::{AppraisalView, ScoreView};
pub use attendance::{AttendanceDayView, AttendanceView, AttendedPersonView, DefinedView};
pub use engagement::{ContractInput, EngagementRequest};
pub use import::{ImportedAccountView, StaffImportFault, StaffImportView};
pub use leaves::{LeaveRequest, LeaveView};
pub use mine::{MyWorkView, OwnSeatView};
pub use roster::{AwayView, RosterDayView, RosterRequest, SatView, SeatInput, SeatView};
pub use rules::{PeopleRulesRequest, PeopleRulesView, WeightsInput};
pub use sheet::{ContractView, PersonSheetView, PersonView, PersonWish};
pub use trainings::{AttendeeInput, AttendeeView, TrainingRequest, TrainingView};

/// The aggregate of everything here.
const AGGREGATE: &str = "people";

/// Faults of a rule as field errors.
fn told(faults: Vec<PeopleFault>) -> Vec<FieldError> {
    let told = |fault: PeopleFault| FieldError { field: fault.field, code: fault.code.to_owned(), message: fault.text };
    faults.into_iter().map(told).collect()
}

/// A date of a query, today where it is missing.
fn day_or(field: &str, text: Option<&str>, today: NaiveDate, errors: &mut FieldErrors) -> NaiveDate {
    let Some(text) = text else { return today };
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    errors.some(date, field, "date", "日期写成 2026-11-24 的样子").unwrap_or(today)
}

/// First and last day of a month as it is written, `2026-11`; of this month where it is missing.
fn month(text: Option<&str>, today: NaiveDate) -> Answer<(NaiveDate, NaiveDate)> {
    let mut errors = FieldErrors::default();
    let first = match text {
        None => today.with_day(1),
        Some(text) if text.len() == 7 => NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok(),
        Some(_) => None,
    };
    let last = first.and_then(|first| first.checked_add_months(Months::new(1))?.pred_opt());
    let span = errors.some(first.zip(last), "month", "month", "月份写成 2026-11 的样子");
    errors.check()?;
    span.ok_or(super::error::AppError::NotFound)
}

/// The accounts of a site by id.
type Known = BTreeMap<String, StaffRow>;

fn name_in(known: &Known, id: &str) -> String {
    known.get(id).map(|row| row.name.clone()).unwrap_or_default()
}

impl App {
    /// The accounts of a site, in use or not.
    async fn people_known(&self, site_id: &str) -> Answer<Known> {
        let rows = self.stores.staff.all_staff().await?;
        Ok(rows.into_iter().filter(|row| row.site_id == site_id).map(|row| (row.id.clone(), row)).collect())
    }

    fn today(&self) -> NaiveDate {
        local_date(self.now())
    }

    fn people_event(&self, permit: &Permit, id: &str, kind: &str, body: &Value) -> NewEvent {
        NewEvent {
            aggregate: AGGREGATE,
            aggregate_id: id.to_owned(),
            kind: kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: self.now(),
            body: body.to_string(),
        }
    }
}

/// An id of somebody who is known at a site.
fn person_of(text: &str, field: &str, known: &Known, errors: &mut FieldErrors) -> Option<StaffId> {
    let id = StaffId::parse(text).filter(|_| known.contains_key(text));
    errors.some(id, field, "unknown", "这个中心没有这个人")
}
