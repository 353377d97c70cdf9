//! Leaves: who is away from day to day, and who covers (AB角). A cover takes the place on the roster; no authority of
//! a department comes with it, since that needs a basis of its own.

use chrono::NaiveDate;
use domain::ids::LeaveId;
use domain::people::LeaveKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{day_or, name_in, person_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, LeaveRow};

/// Days of one leave.
const DAYS_MAX: i64 = 366;
/// Days of one question.
const ASKED_DAYS_MAX: i64 = 366;
/// Counts the changes of a site's leaves, so that two that overlap are never both written.
const COUNTER: &str = "people:leaves";

/// Body of `POST /sites/{site}/leaves`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveRequest {
    /// Who is away.
    pub staff_id: String,
    /// Why: `leave`, `duty`, `training`. Of what nature a leave is, is not asked.
    #[schema(value_type = crate::app::words::LeaveKind)]
    pub kind: String,
    /// First day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub from: NaiveDate,
    /// Last day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub to: NaiveDate,
    /// Who covers.
    pub cover_id: Option<String>,
}

/// A leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeaveView {
    /// The leave.
    pub id: String,
    /// Who is away.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Why.
    #[schema(value_type = crate::app::words::LeaveKind)]
    pub kind: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Who covers.
    pub cover_id: Option<String>,
    /// Name.
    pub cover_name: Option<String>,
}

impl App {
    pub(super) fn leave_view(&self, row: &LeaveRow, name: impl Fn(&str) -> String) -> LeaveView {
        LeaveView {
            id: row.id.clone(),
            staff_id: row.staff_id.clone(),
            staff_name: name(&row.staff_id),
            kind: row.kind.clone(),
            from: row.from_date.clone(),
            to: row.to_date.clone(),
            cover_name: row.cover_id.as_deref().map(name),
            cover_id: row.cover_id.clone(),
        }
    }

    /// Leaves that touch some days, by begin; from today on where nothing is said.
    ///
    /// # Errors
    /// Days that are none.
    pub async fn leaves(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<Vec<LeaveView>> {
        let (today, mut errors) = (self.today(), FieldErrors::default());
        let from = day_or("from", from, today, &mut errors);
        let to = day_or("to", to, from + chrono::Days::new(ASKED_DAYS_MAX.unsigned_abs()), &mut errors);
        if !(0..=ASKED_DAYS_MAX).contains(&(to - from).num_days()) {
            errors.add("to", "range", format!("结束不能早于开始，最多 {ASKED_DAYS_MAX} 天"));
        }
        errors.check()?;
        let known = self.people_known(permit.site_id()).await?;
        let rows = self.stores.people.leaves_between(permit.site_id(), &from.to_string(), &to.to_string()).await?;
        Ok(rows.iter().map(|row| self.leave_view(row, |id| name_in(&known, id))).collect())
    }

    /// Writes down that somebody is away.
    ///
    /// # Errors
    /// Field errors; 409 when the days overlap another leave of the person, or the cover is away too.
    pub async fn add_leave(&self, permit: &Permit, wanted: &LeaveRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let (known, mut errors) = (self.people_known(site_id).await?, FieldErrors::default());
                let staff = person_of(&wanted.staff_id, "staff_id", &known, &mut errors);
                let cover = wanted.cover_id.as_deref().map(|id| person_of(id, "cover_id", &known, &mut errors));
                if cover.as_ref().is_some_and(|cover| cover.is_some() && *cover == staff) {
                    errors.add("cover_id", "same", "自己不能顶自己");
                }
                let kind = errors.some(LeaveKind::parse(&wanted.kind), "kind", "unknown", "写 leave、duty、training 里的一个");
                if !(0..DAYS_MAX).contains(&(wanted.to - wanted.from).num_days()) {
                    errors.add("to", "range", format!("到哪天要不早于从哪天，最多 {DAYS_MAX} 天"));
                }
                errors.check()?;
                let (Some(staff), Some(kind)) = (staff, kind) else { return Err(AppError::NotFound) };
                let version = self.stores.sites.counter(site_id, COUNTER).await?;
                let (from, to) = (wanted.from.to_string(), wanted.to.to_string());
                let others = self.stores.people.leaves_between(site_id, &from, &to).await?;
                if others.iter().any(|other| other.staff_id == staff.as_str()) {
                    return Err(AppError::refused("leave_overlaps", "这几天里已经有一条不在岗的记录，先撤掉那条"));
                }
                let cover = cover.flatten();
                if cover.as_ref().is_some_and(|cover| others.iter().any(|other| other.staff_id == cover.as_str())) {
                    return Err(AppError::refused("cover_away", "顶岗的人这几天也不在，换一个"));
                }
                let key = self.directory.get().site(site_id)?.key.clone();
                let id = LeaveId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(COUNTER.to_owned(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name: COUNTER.to_owned(), value: version + 1 });
                let body = json!({
                    "type": "leave_added", "leave": id, "staff": staff, "kind": kind.name(), "from": from, "to": to, "cover": cover,
                });
                set.events.push(self.people_event(permit, id.as_str(), "leave_added", &body));
                set.row(LeaveRow {
                    site_id: site_id.to_owned(),
                    id: id.to_string(),
                    staff_id: staff.to_string(),
                    cover_id: cover.map(String::from),
                    kind: kind.name().to_owned(),
                    from_date: from,
                    to_date: to,
                    created_at: self.now(),
                    cancelled_at: None,
                });
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.leave_told(permit, outcome).await
    }

    /// Takes a leave back; it stays in the log.
    ///
    /// # Errors
    /// 404; 409 when it was taken back before.
    pub async fn cancel_leave(&self, permit: &Permit, id: &LeaveId, fields: Answer<()>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        if self.stores.people.leave(site_id, id.as_str()).await?.is_none() {
            return Err(AppError::NotFound);
        }
        fields?;
        let outcome = self
            .once(site_id, retry, || async {
                let version = self.stores.sites.counter(site_id, COUNTER).await?;
                let row = self.stores.people.leave(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
                if row.cancelled_at.is_some() {
                    return Err(AppError::refused("leave_state", "这一条已经撤掉了"));
                }
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(COUNTER.to_owned(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name: COUNTER.to_owned(), value: version + 1 });
                let body = json!({ "type": "leave_cancelled", "leave": id });
                set.events.push(self.people_event(permit, id.as_str(), "leave_cancelled", &body));
                set.row(LeaveRow { cancelled_at: Some(self.now()), ..row });
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.leave_told(permit, outcome).await
    }

    async fn leave_told(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().filter(|_| (200..300).contains(&outcome.status)) {
            self.tell_day_plan(permit.site_id()).await?;
            let row = self.stores.people.leave(permit.site_id(), id).await?.ok_or(AppError::NotFound)?;
            let known = self.people_known(permit.site_id()).await?;
            outcome.body = serde_json::to_value(self.leave_view(&row, |id| name_in(&known, id)))?;
        }
        Ok(outcome)
    }
}
