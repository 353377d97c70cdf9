//! Applications as read: whole by whoever typed them, masked by the window that checks them.

use domain::case::{Case, OnlineStep};
use domain::codes::{QUERY_CODE_CHARS, normal_code};
use domain::hall::Ticket;
use domain::ids::{CaseId, TicketId};
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ApplicationContent;
use crate::app::App;
use crate::app::caller::{CitizenCaller, Permit};
use crate::app::cases::answer::{CaseMaterialView, materials};
use crate::app::cases::attachments::AttachmentView;
use crate::app::cases::rows::case_of;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::Outcome;
use crate::store::ApplicationRow;

/// Steps in which the window has something to do with an application.
const SENT_STEPS: &[&str] = &["submitted", "supplement", "ready"];
/// Applications looked through at once.
const BATCH: i64 = 200;

/// How far an application has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApplicationStepView {
    /// `filling`, `submitted`, `supplement`, `ready`; null once it is received or withdrawn.
    pub step: Option<String>,
    /// Since when.
    pub at: Option<String>,
    /// What the pre-check wants mended.
    pub text: Option<String>,
}

/// An application in the list of its applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a case, explained in the OpenAPI description")]
pub struct ApplicationSummary {
    pub id: String,
    pub number: String,
    pub query_code: String,
    pub tracking_code: String,
    pub site_id: String,
    pub site_name: String,
    pub matter_id: String,
    pub matter_name: String,
    /// State of the case.
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    /// `filling`, `submitted`, `supplement`, `ready`, `received`, `withdrawn`.
    pub step: String,
    pub changed_at: String,
}

/// An application as its applicant sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ApplicationView {
    /// What stands in the list too.
    #[serde(flatten)]
    pub summary: ApplicationSummary,
    /// Since when it is in its step.
    pub at: Option<String>,
    /// What the pre-check wants mended.
    pub supplement: Option<String>,
    /// Address of the timeline.
    pub tracking_url: String,
    /// What has to be brought, and what the applicant said to have; empty before it was sent.
    pub materials: Vec<CaseMaterialView>,
    /// The photos and scans that the applicant sent along.
    pub attachments: Vec<AttachmentView>,
    /// What was typed, while it can be changed.
    pub content: Option<ApplicationContent>,
}

/// An application as the window sees it: masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a case, explained in the OpenAPI description")]
pub struct SiteApplicationView {
    /// The case.
    pub id: String,
    pub number: String,
    pub query_code: String,
    pub matter_id: String,
    pub matter_name: String,
    pub applicant_name: String,
    /// `submitted`, `supplement`, `ready`.
    pub step: String,
    /// Since when it is in this step.
    pub at: String,
    /// How often it was sent.
    pub sent_count: usize,
    /// Photos and scans that lie in it.
    pub attachment_count: usize,
}

/// Which applications of a site are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApplicationFilter {
    /// Only this step: `submitted`, `supplement`, `ready`.
    pub step: Option<String>,
}

/// Body of `POST /sites/{site}/applications/find`: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationFindRequest {
    /// The code on the applicant's receipt.
    pub query_code: Option<String>,
    /// The ticket of whoever is at the window: applications under the same phone or ID number.
    pub ticket_id: Option<String>,
}

impl App {
    /// The applicant's own applications, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn applications(&self, citizen: &CitizenCaller) -> Answer<Vec<ApplicationSummary>> {
        let mut found = Vec::new();
        for row in self.stores.citizens.applications_of(citizen.id.as_str()).await? {
            let case = self.case_of_site(&row.site_id, &row.id).await?;
            found.push(self.application_summary(&case, &row)?);
        }
        Ok(found)
    }

    fn application_summary(&self, case: &Case, row: &ApplicationRow) -> Answer<ApplicationSummary> {
        Ok(ApplicationSummary {
            id: case.id.to_string(),
            number: case.number.clone(),
            query_code: case.query_code.clone(),
            tracking_code: case.tracking_code.clone(),
            site_id: row.site_id.clone(),
            site_name: self.directory.get().site(&row.site_id)?.name.clone(),
            matter_id: case.matter.id.to_string(),
            matter_name: case.matter.name.clone(),
            state: case.state.name().to_owned(),
            step: row.step.clone(),
            changed_at: rfc3339(row.changed_at),
        })
    }

    /// One of the own applications, with what was typed while it can be changed.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub async fn application_view(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<ApplicationView> {
        let case = self.own_case(citizen, id).await?;
        let row = self.stores.citizens.application(case.site.as_str(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let step = self.application_step(&case).await?;
        let is_open = case.online_step().is_some_and(OnlineStep::is_open);
        Ok(ApplicationView {
            summary: self.application_summary(&case, &row)?,
            at: step.as_ref().and_then(|step| step.at.clone()),
            supplement: step.and_then(|step| step.text),
            tracking_url: format!("{}/t/{}", self.settings.public_url, case.tracking_code),
            materials: if case.is_unsent() { Vec::new() } else { materials(&case) },
            attachments: self.own_attachment_views(&case).await?,
            content: if is_open { Some(self.content(&case).await?) } else { None },
        })
    }

    /// The outcome of a command with the application as its body.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_application(&self, citizen: &CitizenCaller, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().and_then(CaseId::parse).filter(|_| outcome.body.is_null()) {
            outcome.body = serde_json::to_value(self.application_view(citizen, &id).await?)?;
        }
        Ok(outcome)
    }

    /// How far the application of a case has come; `None` for a case that began at a window.
    pub(in crate::app::cases) async fn application_step(&self, case: &Case) -> Answer<Option<ApplicationStepView>> {
        if case.online.is_none() {
            return Ok(None);
        }
        let step = case.online_step();
        let text = match step {
            Some(OnlineStep::Supplement { text, .. }) => Some(self.text(case.site.as_str(), text.as_str()).await?),
            _ => None,
        };
        let at = step.and_then(since).map(rfc3339);
        Ok(Some(ApplicationStepView { step: step.map(|step| step.name().to_owned()), at, text }))
    }

    /// Applications of the permit's site that wait for the window or its applicant, the oldest first, a page.
    ///
    /// # Errors
    /// An unknown step.
    pub async fn site_applications(
        &self,
        permit: &Permit,
        filter: &ApplicationFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<(Vec<SiteApplicationView>, Option<String>)> {
        let steps = match filter.step.as_deref() {
            None => SENT_STEPS.to_vec(),
            Some(step) if SENT_STEPS.contains(&step) => vec![step],
            Some(_) => return Err(AppError::field("step", "unknown", "没有这一步")),
        };
        let count = i64::try_from(limit + 1).unwrap_or(BATCH);
        let mut rows = self.stores.citizens.applications_at(permit.site_id(), &steps, after.unwrap_or_default(), count).await?;
        let is_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| is_more).map(|row| row.id.clone());
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let case = self.case_of_site(&row.site_id, &row.id).await?;
            found.extend(self.site_application(&case).await?);
        }
        Ok((found, next))
    }

    async fn site_application(&self, case: &Case) -> Answer<Option<SiteApplicationView>> {
        let Some((step, at)) = case.online_step().and_then(|step| Some((step.name(), since(step)?))) else { return Ok(None) };
        let person = self.masked_person(case.site.as_str(), case.applicant.as_str()).await?;
        Ok(Some(SiteApplicationView {
            id: case.id.to_string(),
            number: case.number.clone(),
            query_code: case.query_code.clone(),
            matter_id: case.matter.id.to_string(),
            matter_name: case.matter.name.clone(),
            applicant_name: person.name.unwrap_or_default(),
            step: step.to_owned(),
            at: rfc3339(at),
            sent_count: case.history.iter().filter(|entry| entry.kind == "application_submitted").count(),
            attachment_count: case.attachments.len(),
        }))
    }

    /// Applications of the permit's site by the code on the receipt, or of whoever holds a ticket.
    ///
    /// # Errors
    /// Field errors.
    pub async fn find_applications(&self, permit: &Permit, request: &ApplicationFindRequest) -> Answer<Vec<SiteApplicationView>> {
        let site_id = permit.site_id();
        let mut errors = FieldErrors::default();
        let wanted = match (&request.query_code, &request.ticket_id) {
            (Some(code), None) => errors.some(normal_code(code, QUERY_CODE_CHARS), "query_code", "form", "查询码是 8 位").map(Wanted::Code),
            (None, Some(ticket)) => {
                let indexes = self.holder_indexes(site_id, ticket).await?;
                errors.some(indexes, "ticket_id", "unknown", "没有这个号").map(Wanted::Person)
            }
            _ => {
                errors.add("query_code", "one_of", "查询码和号选一样");
                None
            }
        };
        errors.check()?;
        let (mut found, mut after) = (Vec::new(), String::new());
        let Some(wanted) = wanted else { return Ok(found) };
        loop {
            let rows = self.stores.citizens.applications_at(site_id, SENT_STEPS, &after, BATCH).await?;
            for row in &rows {
                let Some(case_row) = self.stores.cases.case(site_id, &row.id).await? else { continue };
                if self.is_wanted(&wanted, site_id, &case_row).await? {
                    found.extend(self.site_application(&case_of(&case_row)?).await?);
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == BATCH => after.clone_from(&last.id),
                _ => return Ok(found),
            }
        }
    }

    async fn is_wanted(&self, wanted: &Wanted, site_id: &str, row: &crate::store::CaseRow) -> Answer<bool> {
        match wanted {
            Wanted::Code(code) => Ok(row.query_code == *code),
            Wanted::Person(indexes) => {
                let person = self.stores.persons.person(site_id, &row.applicant_id).await?;
                let own = person.map(|person| [person.id_number_index, person.phone_index]).unwrap_or_default();
                Ok(own.iter().flatten().any(|index| indexes.contains(index)))
            }
        }
    }

    /// By what the holder of a ticket is found; empty when the holder said nothing, `None` without such a ticket.
    async fn holder_indexes(&self, site_id: &str, ticket: &str) -> Answer<Option<Vec<Vec<u8>>>> {
        let Some(id) = TicketId::parse(ticket) else { return Ok(None) };
        let Some(row) = self.stores.halls.ticket(site_id, id.as_str()).await? else { return Ok(None) };
        let ticket: Ticket = serde_json::from_str(&row.doc)?;
        let person = match &ticket.holder {
            Some(holder) => self.stores.persons.person(site_id, holder.as_str()).await?,
            None => None,
        };
        Ok(Some(person.map(|person| [person.id_number_index, person.phone_index].into_iter().flatten().collect()).unwrap_or_default()))
    }
}

enum Wanted {
    Code(String),
    Person(Vec<Vec<u8>>),
}

/// Since when an application is in its step, UTC ms; `None` while it is not sent.
fn since(step: &OnlineStep) -> Option<i64> {
    match step {
        OnlineStep::Filling => None,
        OnlineStep::Submitted { at } | OnlineStep::Supplement { at, .. } | OnlineStep::Ready { at } => Some(*at),
    }
}
