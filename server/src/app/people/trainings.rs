//! Trainings that were held: what, when, how long, who took part and with what result.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use domain::codes::clean_line;
use domain::ids::{StaffId, TrainingId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Known, day_or, name_in, person_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, TrainingRow};

const TITLE_CHARS_MAX: usize = 60;
/// Two weeks of whole days.
const MINUTES_MAX: u32 = 14 * 24 * 60;
const ATTENDEES_MAX: usize = 400;
/// Months that are looked back where nothing is said.
const MONTHS_BACK: u32 = 12;

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendeeInput {
    /// Who.
    pub staff_id: String,
    /// Whether the test at the end was passed; null without a test.
    pub passed: Option<bool>,
}

/// Body of `POST /sites/{site}/trainings` and `PUT /trainings/{training}`: the whole record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingRequest {
    /// What it was about.
    pub title: String,
    /// The day it began, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub date: NaiveDate,
    /// How long it took, in minutes.
    pub minutes: u32,
    /// Who took part.
    pub attendees: Vec<AttendeeInput>,
}

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttendeeView {
    /// Who.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Whether the test was passed.
    pub passed: Option<bool>,
}

/// A training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrainingView {
    /// The training.
    pub id: String,
    /// What it was about.
    pub title: String,
    /// The day.
    pub date: String,
    /// How long, in minutes.
    pub minutes: i64,
    /// Who took part; only oneself where somebody looks at the own sheet.
    pub attendees: Vec<AttendeeView>,
}

fn counter_of(id: &TrainingId) -> String {
    format!("training:{id}")
}

fn view(row: &TrainingRow, known: &Known) -> Answer<TrainingView> {
    let attendees: Vec<AttendeeInput> = serde_json::from_str(&row.doc)?;
    let told = |one: AttendeeInput| AttendeeView { staff_name: name_in(known, &one.staff_id), staff_id: one.staff_id, passed: one.passed };
    Ok(TrainingView {
        id: row.id.clone(),
        title: row.title.clone(),
        date: row.date.clone(),
        minutes: row.minutes,
        attendees: attendees.into_iter().map(told).collect(),
    })
}

impl App {
    /// Trainings of a site, the newest first; of the last twelve months where nothing is said.
    ///
    /// # Errors
    /// Days that are none.
    pub async fn trainings(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<Vec<TrainingView>> {
        let (today, mut errors) = (self.today(), FieldErrors::default());
        let from = day_or("from", from, today - Months::new(MONTHS_BACK), &mut errors);
        let to = day_or("to", to, today, &mut errors);
        if to < from {
            errors.add("to", "range", "结束不能早于开始");
        }
        errors.check()?;
        let known = self.people_known(permit.site_id()).await?;
        let rows = self.stores.people.trainings_between(permit.site_id(), &from.to_string(), &to.to_string()).await?;
        rows.iter().map(|row| view(row, &known)).collect()
    }

    /// A person's trainings of the last twelve months, the person alone among those who took part.
    pub(super) async fn trainings_of(&self, site_id: &str, staff: &StaffId, known: &Known) -> Answer<Vec<TrainingView>> {
        let today = self.today();
        let from = today - Months::new(MONTHS_BACK);
        let rows = self.stores.people.trainings_between(site_id, &from.to_string(), &today.to_string()).await?;
        let mut views = rows.iter().map(|row| view(row, known)).collect::<Answer<Vec<_>>>()?;
        views.iter_mut().for_each(|view| view.attendees.retain(|one| one.staff_id == staff.as_str()));
        views.retain(|view| !view.attendees.is_empty());
        Ok(views)
    }

    /// Whether there is such a training.
    ///
    /// # Errors
    /// 404.
    pub async fn training_known(&self, permit: &Permit, id: &TrainingId) -> Answer<()> {
        self.stores.people.training(permit.site_id(), id.as_str()).await?.map(drop).ok_or(AppError::NotFound)
    }

    /// Writes a training down, or replaces one that is there.
    ///
    /// # Errors
    /// 404; field errors are outcomes.
    pub async fn record_training(
        &self,
        permit: &Permit,
        id: Option<&TrainingId>,
        wanted: &TrainingRequest,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let (title, attendees) = self.checked_training(site_id, wanted).await?;
                let key = self.directory.get().site(site_id)?.key.clone();
                let is_new = id.is_none();
                let id = id.cloned().unwrap_or_else(|| TrainingId::new(&key, &id_tail(self.entropy.as_ref(), self.now())));
                let name = counter_of(&id);
                let version = self.stores.sites.counter(site_id, &name).await?;
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(name.clone(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name, value: version + 1 });
                let kind = if is_new { "training_recorded" } else { "training_changed" };
                let body = json!({ "type": kind, "training": id, "date": wanted.date, "minutes": wanted.minutes, "attendees": attendees });
                set.events.push(self.people_event(permit, id.as_str(), kind, &body));
                set.row(TrainingRow {
                    site_id: site_id.to_owned(),
                    id: id.to_string(),
                    date: wanted.date.to_string(),
                    title,
                    minutes: i64::from(wanted.minutes),
                    doc: serde_json::to_string(&attendees)?,
                });
                Ok((set, Outcome::success(if is_new { 201 } else { 200 }, Some(id.to_string()), Value::Null)))
            })
            .await?;
        let Some(id) = outcome.object_id.clone().filter(|_| (200..300).contains(&outcome.status)) else { return Ok(outcome) };
        let row = self.stores.people.training(site_id, &id).await?.ok_or(AppError::NotFound)?;
        let known = self.people_known(site_id).await?;
        Ok(Outcome { body: serde_json::to_value(view(&row, &known)?)?, ..outcome })
    }

    async fn checked_training(&self, site_id: &str, wanted: &TrainingRequest) -> Answer<(String, Vec<AttendeeInput>)> {
        let (known, mut errors) = (self.people_known(site_id).await?, FieldErrors::default());
        let title = clean_line(&wanted.title, TITLE_CHARS_MAX).map_err(|fault| errors.add("title", fault.code(), fault.message()));
        if wanted.date > self.today() {
            errors.add("date", "range", "还没办的培训先不记");
        }
        if !(1..=MINUTES_MAX).contains(&wanted.minutes) {
            errors.add("minutes", "range", "时长 1 分钟到 14 天");
        }
        if wanted.attendees.is_empty() || wanted.attendees.len() > ATTENDEES_MAX {
            errors.add("attendees", "count", format!("至少一个人，最多 {ATTENDEES_MAX} 个"));
        }
        let mut seen = BTreeSet::new();
        for (place, one) in wanted.attendees.iter().enumerate().take(ATTENDEES_MAX) {
            let field = format!("attendees[{place}].staff_id");
            person_of(&one.staff_id, &field, &known, &mut errors);
            if !seen.insert(&one.staff_id) {
                errors.add(&field, "twice", "同一个人写了两次");
            }
        }
        errors.check()?;
        Ok((title.unwrap_or_default(), wanted.attendees.clone()))
    }
}
