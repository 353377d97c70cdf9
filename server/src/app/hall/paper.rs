//! Paper numbers that were given by hand when everything was down, entered afterwards by staff.

use domain::hall::{Command, NewTicket, PaperFault, PaperNumber, PaperVisit};
use domain::ids::{LineId, WindowId};
use domain::time::Millis;
use serde::Deserialize;
use utoipa::ToSchema;

use super::desk::{Beside, Wish};
use super::tickets::{HolderInput, actor, priority, visit_outcome};
use crate::app::App;
use crate::app::appointments::instant;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};

/// Body of `POST /sites/{site}/paper-tickets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperTicketRequest {
    /// As on the paper: the letters of a series of the site and the digits, `P017`.
    pub number: String,
    /// The line.
    pub line_id: String,
    /// When the person came; never later than now.
    pub arrived_at: String,
    /// `ordinary` or `green`.
    #[schema(value_type = Option<crate::app::words::TicketPriority>)]
    pub priority: Option<String>,
    /// Who it is, as far as told.
    pub holder: Option<HolderInput>,
    /// What came of it, where the visit is over; required for a day that is over.
    pub visit: Option<PaperVisitInput>,
}

/// A visit that was over before its number was entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperVisitInput {
    /// Where.
    pub window_id: String,
    /// Begin of service, not before the person came.
    pub started_at: String,
    /// End of service.
    pub ended_at: String,
    /// With what result.
    #[schema(value_type = crate::app::words::VisitOutcome)]
    pub outcome: String,
}

impl App {
    /// Enters a paper number: it waits by its true time, or is in the record with what came of it.
    ///
    /// # Errors
    /// Field errors, an unknown line; refusals of the rules are outcomes.
    pub async fn enter_paper(&self, permit: &Permit, request: &PaperTicketRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let mut errors = FieldErrors::default();
        let paper = self.paper_number(request, &mut errors);
        let line_id = errors.some(LineId::parse(&request.line_id), "line_id", "unknown", "没有这条队");
        let priority = priority(request.priority.as_deref(), &mut errors);
        let person = match &request.holder {
            Some(holder) => self.holder(&site_key, holder, &mut errors)?,
            None => None,
        };
        errors.check()?;
        let (Some(paper), Some(line_id)) = (paper, line_id) else { return Err(AppError::NotFound) };
        let ticket = NewTicket { priority, ..self.ticket_for(site_id, &site_key, line_id, person.as_ref()) };
        let rows = person.map(|person| person.row.into()).into_iter().collect();
        self.halls
            .submit(Wish {
                site_id: site_id.to_owned(),
                actor: actor(permit),
                actor_id: permit.caller().actor().to_owned(),
                command: Command::EnterPaper { ticket, paper },
                retry,
                rows,
                beside: Beside::default(),
            })
            .await
    }

    /// Reads number and times; what is wrong with them is told for each field.
    fn paper_number(&self, request: &PaperTicketRequest, errors: &mut FieldErrors) -> Option<PaperNumber> {
        let number = errors.some(PaperNumber::parse(&request.number), "number", "form", "照纸号写：字头和数字，如 P017");
        let arrived_at = moment(&request.arrived_at, "arrived_at", errors);
        let visit = request.visit.as_ref().map(|visit| {
            let window_id = errors.some(WindowId::parse(&visit.window_id), "visit.window_id", "unknown", "没有这个窗口");
            let started_at = moment(&visit.started_at, "visit.started_at", errors);
            let ended_at = moment(&visit.ended_at, "visit.ended_at", errors);
            let outcome = errors.some(visit_outcome(&visit.outcome), "visit.outcome", "unknown", "选一下这次办成了什么");
            Some(PaperVisit { window_id: window_id?, started_at: started_at?, ended_at: ended_at?, outcome: outcome? })
        });
        let ((prefix, serial), arrived_at) = (number?, arrived_at?);
        let visit = match visit {
            Some(read) => Some(read?),
            None => None,
        };
        let paper = PaperNumber { prefix, serial, arrived_at, visit };
        for fault in paper.faults(self.now()) {
            let (field, code, message) = match fault {
                PaperFault::ArrivedInFuture => ("arrived_at", "future", "还没到这个时间"),
                PaperFault::StartedBeforeArrival => ("visit.started_at", "order", "要在来的那天、来了以后"),
                PaperFault::EndedBeforeStart => ("visit.ended_at", "order", "要在开始办以后，不能晚过现在"),
            };
            errors.add(field, code, message);
        }
        Some(paper)
    }
}

fn moment(text: &str, field: &str, errors: &mut FieldErrors) -> Option<Millis> {
    errors.some(instant(text), field, "form", "写一个时间")
}
