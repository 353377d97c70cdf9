//! 对账: the platform above is asked what it knows of a site's cases, and the differences are kept as an event, so that
//! the last one can be read and no table can be behind. A use case calls no gateway: it owes the errand, and the worker
//! brings the answer.

use chrono::NaiveDate;
use domain::case::Case;
use domain::reporting::{Difference, DifferenceKind, Known, compare, result_of, state_label};
use domain::time::{Millis, local_date, rfc3339, start_of};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::case_of;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::gateways::{CaseRange, UpperCase};
use crate::store::{ChangeSet, NewEvent, OutboxRow, Stores};

/// Kind of the errand.
const RECONCILE: &str = "reconcile";
/// Aggregate and kind of the event.
const AGGREGATE: &str = "reconciliation";
const KIND: &str = "reports_reconciled";
/// Days of one reconciliation; a year in one go would keep the platform busy for no use.
const DAYS_MAX: i64 = 93;
/// Differences that are kept and shown; there is a count of all.
const LISTED_MAX: usize = 500;

/// Body of `POST /sites/{site}/upstream/reconciliations`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRequest {
    /// Cases received from this day on (`2026-11-01`),
    pub from: String,
    /// until this day.
    pub to: String,
}

/// The range that is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// First day of receipt.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// One difference, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReconciledDifference {
    /// 办件编号.
    pub number: String,
    /// `missing_there`, `missing_here`, `state_differs`, `result_differs`.
    pub kind: String,
    /// Our state or result, 1 to 15.
    pub ours: Option<u8>,
    /// Ours in words.
    pub ours_label: Option<String>,
    /// Theirs.
    pub theirs: Option<u8>,
    /// Theirs in words.
    pub theirs_label: Option<String>,
    /// Rows of this case that have not been taken yet: the difference may go away with them.
    pub waiting: usize,
}

/// A reconciliation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconciled {
    /// The site.
    pub site: String,
    /// First day of receipt.
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: NaiveDate,
    /// When, RFC 3339.
    pub at: String,
    /// Cases here.
    pub ours: usize,
    /// Cases there.
    pub theirs: usize,
    /// All differences.
    pub difference_count: usize,
    /// The first of them.
    pub differences: Vec<ReconciledDifference>,
    /// Why it could not be done; the figures mean nothing then.
    pub fault: Option<String>,
}

/// What we know of the cases of a site that were received in a range, beside a server that goes on.
///
/// # Errors
/// When the store cannot be read.
pub async fn ours(stores: &Stores, site_id: &str, asked: &Asked) -> Answer<Vec<Known>> {
    let (from, until) = (start_of(asked.from), start_of(asked.to.succ_opt().unwrap_or(asked.to)));
    let mut known = Vec::new();
    for row in stores.cases.cases_open_between(site_id, from, until).await? {
        if row.received_at >= from && row.received_at < until {
            let case: Case = case_of(&row)?;
            known.push(Known { number: case.number.clone(), state: case.reporting_state(), result: result_of(&case) });
        }
    }
    Ok(known)
}

impl Reconciled {
    /// What both sides say, compared; at most so many differences are listed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(
        stores: &Stores,
        site_id: &str,
        asked: &Asked,
        (theirs, at): (&[UpperCase], Millis),
        listed_max: usize,
    ) -> Answer<Self> {
        let ours = ours(stores, site_id, asked).await?;
        let told: Vec<Known> =
            theirs.iter().map(|one| Known { number: one.number.clone(), state: one.state, result: one.result }).collect();
        let found = compare(&ours, &told);
        let mut differences = Vec::new();
        for difference in found.iter().take(listed_max) {
            differences.push(listed(stores, site_id, difference).await?);
        }
        Ok(Self {
            site: site_id.to_owned(),
            from: asked.from,
            to: asked.to,
            at: rfc3339(at),
            ours: ours.len(),
            theirs: told.len(),
            difference_count: found.len(),
            differences,
            fault: None,
        })
    }
}

async fn listed(stores: &Stores, site_id: &str, difference: &Difference) -> Answer<ReconciledDifference> {
    let waiting = match (difference.kind, stores.cases.case_by_number(&difference.number).await?) {
        (DifferenceKind::MissingHere, _) | (_, None) => 0,
        (_, Some(case)) => {
            let rows = stores.upstream.reported_of(site_id, &case.id).await?;
            rows.iter().filter(|row| row.state == "pending" || row.state == "refused").count()
        }
    };
    let label = |state: Option<u8>| state.map(|state| state_label(state).to_owned());
    Ok(ReconciledDifference {
        number: difference.number.clone(),
        kind: difference.kind.name().to_owned(),
        ours: difference.ours,
        ours_label: label(difference.ours),
        theirs: difference.theirs,
        theirs_label: label(difference.theirs),
        waiting,
    })
}

/// A range out of its two days.
fn range(request: &ReconcileRequest, today: NaiveDate) -> Answer<Asked> {
    let mut errors = FieldErrors::default();
    let day = |text: &str, field: &str, errors: &mut FieldErrors| {
        errors.some(text.parse::<NaiveDate>().ok(), field, "date", "日期写成 2026-11-01 的样子")
    };
    let (from, to) = (day(&request.from, "from", &mut errors), day(&request.to, "to", &mut errors));
    if let (Some(from), Some(to)) = (from, to) {
        if to < from || from > today {
            errors.add("to", "order", "最后一天不能早于第一天，第一天不能在今天之后");
        } else if (to - from).num_days() >= DAYS_MAX {
            errors.add("to", "too_long", format!("一次最多对 {DAYS_MAX} 天"));
        }
    }
    errors.check()?;
    match (from, to) {
        (Some(from), Some(to)) => Ok(Asked { from, to }),
        _ => Err(AppError::NotFound),
    }
}

impl App {
    /// The platform shall be asked; the answer comes with the errand.
    ///
    /// # Errors
    /// Field errors and 409 `not_reporting` are outcomes.
    pub async fn ask_for_reconciliation(
        &self,
        permit: &Permit,
        body: Result<ReconcileRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let request = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let asked = range(request, local_date(self.now()))?;
            if self.reporting(site_id).await?.is_none() {
                return Err(AppError::refused("not_reporting", "这个场所不上报，没有账可对"));
            }
            let key = self.directory.get().site(site_id)?.key.clone();
            let mut set = ChangeSet::new(site_id);
            let id = format!("o_{key}_{}", id_tail(self.entropy.as_ref(), self.now()));
            set.row(OutboxRow::owed(site_id, id, RECONCILE, serde_json::to_string(&asked)?, self.now()));
            Ok((set, Outcome::success(202, None, json!({ "from": asked.from, "to": asked.to }))))
        })
        .await
    }

    /// The first page of what the platform is asked.
    #[must_use]
    pub fn reconciliation_range(site_id: &str, asked: &Asked) -> CaseRange {
        CaseRange { site: site_id.to_owned(), from: asked.from.to_string(), to: asked.to.to_string(), after: None }
    }

    /// The platform answered, or did not for good: the result is kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reconciled(&self, owed: &OutboxRow, asked: &Asked, answer: Result<Vec<UpperCase>, String>) -> Answer<()> {
        let (site_id, now) = (owed.site_id.as_str(), self.now());
        let reconciled = match answer {
            Ok(theirs) => Reconciled::of(&self.stores, site_id, asked, (&theirs, now), LISTED_MAX).await?,
            Err(code) => Reconciled {
                site: site_id.to_owned(),
                from: asked.from,
                to: asked.to,
                at: rfc3339(now),
                ours: 0,
                theirs: 0,
                difference_count: 0,
                differences: Vec::new(),
                fault: Some(code),
            },
        };
        let mut set = ChangeSet::new(site_id);
        let mut body = serde_json::to_value(&reconciled)?;
        if let Value::Object(fields) = &mut body {
            fields.insert("type".to_owned(), json!(KIND));
        }
        set.events.push(NewEvent {
            aggregate: AGGREGATE,
            aggregate_id: site_id.to_owned(),
            kind: KIND.to_owned(),
            actor: "system".to_owned(),
            at: now,
            body: body.to_string(),
        });
        set.row(OutboxRow { state: "done".to_owned(), lease_until: 0, last_error: None, done_at: Some(now), ..owed.clone() });
        Ok(self.commit(set).await.map(drop)?)
    }

    /// The last reconciliation of a site.
    pub(super) async fn last_reconciliation(&self, site_id: &str) -> Answer<Option<Reconciled>> {
        let logged = self.stores.events.newest_of(site_id, AGGREGATE, site_id, Millis::MAX).await?;
        Ok(logged.map(|logged| serde_json::from_str(&logged.body)).transpose()?)
    }
}
