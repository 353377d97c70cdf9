//! 补录纸质受理: what a window took on paper while everything was down, entered as a case at its true time of receipt.

use domain::case::{Case, FORM_NUMBER_CHARS_MAX, PaperFault, PaperReceipt, PaperStanding, paper_fault, paper_standing};
use domain::time::{Millis, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Names;
use super::commands::Draft;
use super::requests::CaseRequest;
use crate::app::App;
use crate::app::appointments::instant;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 100;

/// What a case was taken with on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperReceiptView {
    /// When it was received.
    pub received_at: String,
    /// When it was entered.
    pub entered_at: String,
    /// By whom.
    pub entered_by_name: Option<String>,
    /// The number on the form.
    pub form_number: String,
    /// Why it was taken on paper.
    pub reason: String,
}

/// How a receipt of that time stands today, before anything is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperStandingView {
    /// `in_time`, `pressing`, `lapsed`.
    #[schema(value_type = crate::app::words::PaperStanding)]
    pub standing: String,
    /// The last day on which acting is in time, `yyyy-MM-dd`.
    pub last_day: String,
    /// The day from which silence counts as acceptance.
    pub deemed_from: String,
}

fn told(fault: PaperFault, days_max: u32) -> (&'static str, String) {
    match fault {
        PaperFault::Future => ("future", "还没到这个时间".to_owned()),
        PaperFault::TooOld => ("too_old", format!("只能补录 {days_max} 天以内的；更早的请主管看怎么办")),
    }
}

impl App {
    /// What was taken on paper, as far as the request says so; every wrong field is told.
    pub(super) async fn paper_receipt(&self, draft: &mut Draft<'_>, site_id: &str, body: &CaseRequest) -> Answer<Option<PaperReceipt>> {
        let Some(input) = &body.paper else { return Ok(None) };
        if body.draft == Some(true) {
            draft.errors().add("draft", "one_of", "补录的当时已经收了，不能存成草稿");
        }
        let received_at = self.paper_time(site_id, input.received_at.as_deref(), "paper.received_at", draft.errors()).await?;
        let form_number = draft.line("paper.form_number", input.form_number.as_deref(), FORM_NUMBER_CHARS_MAX);
        let reason = draft.line("paper.reason", input.reason.as_deref(), REASON_CHARS_MAX);
        let (form_number, reason) = (draft.seal("paper_form_number", &form_number)?, draft.seal("paper_reason", &reason)?);
        Ok(received_at.map(|received_at| PaperReceipt { received_at, form_number, reason }))
    }

    async fn paper_time(&self, site_id: &str, text: Option<&str>, field: &str, errors: &mut FieldErrors) -> Answer<Option<Millis>> {
        let Some(text) = text else {
            errors.add(field, "missing", "写当时收件的日期和时间");
            return Ok(None);
        };
        let at = errors.some(instant(text), field, "form", "写一个时间");
        let days_max = self.case_policy(site_id).await?.paper_days;
        if let Some(fault) = at.and_then(|at| paper_fault(at, self.now(), days_max)) {
            let (code, message) = told(fault, days_max);
            errors.add(field, code, message);
            return Ok(None);
        }
        Ok(at)
    }

    /// How near silence is for what was received then; asked before it is entered.
    ///
    /// # Errors
    /// The wrong time; 409 where the legal calendar does not reach so far.
    pub async fn paper_standing(&self, permit: &Permit, received_at: &str) -> Answer<PaperStandingView> {
        let mut errors = FieldErrors::default();
        let at = self.paper_time(permit.site_id(), Some(received_at), "received_at", &mut errors).await?;
        errors.check()?;
        let at = at.ok_or(AppError::NotFound)?;
        let (standing, days) = paper_standing(at, self.now(), &self.directory.get().calendar)
            .map_err(|year| AppError::refused("calendar_not_loaded", format!("还没有 {} 年的放假安排，算不出期限", year.0)))?;
        let standing = match standing {
            PaperStanding::InTime => "in_time",
            PaperStanding::Pressing => "pressing",
            PaperStanding::Lapsed => "lapsed",
        };
        Ok(PaperStandingView { standing: standing.to_owned(), last_day: days.last_day.to_string(), deemed_from: days.from.to_string() })
    }

    /// What a case was taken with on paper.
    pub(super) async fn paper_view(&self, case: &Case, names: &mut Names) -> Answer<Option<PaperReceiptView>> {
        let Some(paper) = &case.paper else { return Ok(None) };
        let opened = case.history.first();
        let entered_by_name = match opened.and_then(|entry| entry.by.as_ref()) {
            Some(id) => Some(names.of(self, id).await?),
            None => None,
        };
        let site_id = case.site.as_str();
        Ok(Some(PaperReceiptView {
            received_at: rfc3339(paper.received_at),
            entered_at: rfc3339(opened.map_or(paper.received_at, |entry| entry.at)),
            entered_by_name,
            form_number: self.text(site_id, paper.form_number.as_str()).await?,
            reason: self.text(site_id, paper.reason.as_str()).await?,
        }))
    }
}
