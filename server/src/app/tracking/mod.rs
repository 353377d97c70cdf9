//! One code, one timeline: from the ticket over its cases to the evaluation, for whoever holds the
//! slip. No personal data, no member of staff, never the level of a rating.

mod steps;
mod timeline;
mod view;

pub use steps::NextStep;
pub use timeline::TimelineEntry;
pub use view::{TrackedCaseView, TrackedEvaluationView, TrackedTicketView, TrackingView};
pub(super) use view::{case_has_result, visit_is_over};

use domain::case::{Case, State};
use domain::codes::{QUERY_CODE_CHARS, SHORT_CODE_CHARS, TRACKING_CODE_CHARS, normal_code};
use domain::hall::Ticket;
use domain::time::local_date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::error::{Answer, AppError, FieldErrors};

/// Characters of a case number that are looked at.
const NUMBER_CHARS_MAX: usize = 64;

/// Body of `POST /tracking/find`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindRequest {
    /// The hall.
    pub site_id: String,
    /// The short code on the slip, good for the day it was printed.
    pub short_code: String,
}

/// Body of `POST /progress`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// 办件编号.
    pub number: String,
    /// 查询码.
    pub query_code: String,
}

/// The code of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundView {
    /// 16 characters, as in the slip's QR.
    pub tracking_code: String,
}

/// What lies behind a tracking code.
#[derive(Debug, Clone)]
pub(super) struct Tracked {
    pub(super) code: String,
    pub(super) site_id: String,
    pub(super) ticket: Option<Ticket>,
    /// Cases that were received or sent online, in order of receipt.
    pub(super) cases: Vec<Case>,
}

impl App {
    /// What lies behind a code as typed or scanned.
    ///
    /// # Errors
    /// 404.
    pub(super) async fn tracked(&self, typed: &str) -> Answer<Tracked> {
        let code = normal_code(typed, TRACKING_CODE_CHARS).ok_or(AppError::NotFound)?;
        let ticket = self.stores.halls.ticket_by_tracking(&code).await?;
        let mut site_id = ticket.as_ref().map(|row| row.site_id.clone());
        let ticket = ticket.map(|row| serde_json::from_str::<Ticket>(&row.doc)).transpose()?;
        let mut cases = Vec::new();
        for row in self.stores.cases.cases_by_tracking(&code).await? {
            let case: Case = serde_json::from_str(&row.doc)?;
            let is_shown =
                if matches!(case.state, State::Draft { .. }) { case.online.is_some() && !case.is_unsent() } else { !case.is_unsent() };
            if is_shown {
                site_id.get_or_insert(row.site_id);
                cases.push(case);
            }
        }
        cases.sort_by(|one, other| (one.receipt_at, &one.id).cmp(&(other.receipt_at, &other.id)));
        Ok(Tracked { code, site_id: site_id.ok_or(AppError::NotFound)?, ticket, cases })
    }

    /// The timeline of one case by itself, without the visit and what was rated: for who may know of this case alone.
    pub(super) async fn case_alone(&self, case: Case) -> Answer<TrackingView> {
        let tracked = Tracked { code: String::new(), site_id: case.site.to_string(), ticket: None, cases: vec![case] };
        self.tracking_view(&tracked).await
    }

    /// The timeline behind a code.
    ///
    /// # Errors
    /// 404.
    pub async fn tracking(&self, typed: &str) -> Answer<TrackingView> {
        let tracked = self.tracked(typed).await?;
        self.tracking_view(&tracked).await
    }

    /// The tracking code behind the short code of a slip of today. `caller` is the device or address
    /// that tries.
    ///
    /// # Errors
    /// Field errors; 404 for a wrong code, the same for an unknown hall; after five of them, too many.
    pub async fn find_tracking(&self, request: &FindRequest, caller: &str) -> Answer<FoundView> {
        let key = format!("find {caller}");
        let now = self.now();
        self.throttle.check(&key, now)?;
        let mut errors = FieldErrors::default();
        let code = normal_code(&request.short_code, SHORT_CODE_CHARS);
        let code = errors.some(code, "short_code", "form", "小票上的码是 8 位");
        if request.site_id.trim().is_empty() {
            errors.add("site_id", "missing", "选一个大厅");
        }
        errors.check()?;
        let date = local_date(now).to_string();
        let code = code.unwrap_or_default();
        let row = self.stores.halls.ticket_by_short(&request.site_id, &date, &code).await?;
        let found = match row {
            Some(row) => Some(row.tracking_code),
            None => self.carried_by_short(&request.site_id, &code).await?,
        };
        let Some(tracking_code) = found else {
            self.throttle.wrong(&key, now);
            return Err(AppError::NotFound);
        };
        Ok(FoundView { tracking_code })
    }

    /// A ticket of an earlier day that was carried over to this one.
    async fn carried_by_short(&self, site_id: &str, code: &str) -> Answer<Option<String>> {
        if self.directory.get().site(site_id).is_err() {
            return Ok(None);
        }
        let hall = self.hall(site_id).await?;
        let carried = hall.tickets().find(|ticket| ticket.carried.is_some() && ticket.short_code == code);
        Ok(carried.map(|ticket| ticket.tracking_code.clone()))
    }

    /// The timeline of a case by its number and query code.
    ///
    /// # Errors
    /// Field errors; 404, the same for an unknown number and a wrong code; after five of them for a
    /// number, too many.
    pub async fn progress(&self, request: &ProgressRequest) -> Answer<TrackingView> {
        let mut errors = FieldErrors::default();
        let number = request.number.trim().to_owned();
        if number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX {
            errors.add("number", "form", "写上办件编号");
        }
        let code = normal_code(&request.query_code, QUERY_CODE_CHARS);
        let code = errors.some(code, "query_code", "form", "查询码是 8 位");
        errors.check()?;
        let (key, now) = (format!("progress {number}"), self.now());
        self.throttle.check(&key, now)?;
        let row = self.stores.cases.case_by_number(&number).await?;
        match row.filter(|row| code.as_deref() == Some(row.query_code.as_str())) {
            Some(row) => self.tracking(&row.tracking_code).await,
            None => {
                self.throttle.wrong(&key, now);
                Err(AppError::NotFound)
            }
        }
    }
}
