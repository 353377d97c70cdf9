//! Cases between the domain and the store.

use domain::case::{Case, Change, Event, State};
use domain::time::Millis;

use super::application::application_row;
use crate::app::App;
use crate::app::caller::Caller;
use crate::app::error::{Answer, AppError};
use crate::store::{CaseRow, CertificateRow, ChangeSet, Expect, NewEvent};

/// A case out of its row.
///
/// # Errors
/// When the row holds what is no case.
pub(in crate::app) fn case_of(row: &CaseRow) -> Answer<Case> {
    serde_json::from_str(&row.doc).map_err(|error| AppError::Internal(format!("cases.doc at {}: {error}", row.id)))
}

impl App {
    /// A case among those that the caller can know of.
    ///
    /// # Errors
    /// 404 when there is none or it is of a site that the caller does not see.
    pub(super) async fn case_for(&self, caller: &Caller, site_id: &str, id: &str) -> Answer<Case> {
        if !caller.sees(site_id) {
            return Err(AppError::NotFound);
        }
        let case = self.case_of_site(site_id, id).await?;
        // What its applicant has not sent yet is nobody else's.
        if case.is_unsent() { Err(AppError::NotFound) } else { Ok(case) }
    }

    /// Everything that happened to a case, in order.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(in crate::app) async fn case_events(&self, site_id: &str, case_id: &str) -> Answer<Vec<Event>> {
        let logged = self.stores.events.events_of(site_id, "case", case_id).await?;
        Ok(logged.iter().map(|logged| serde_json::from_str(&logged.body)).collect::<Result<_, _>>()?)
    }

    /// A case by its id.
    ///
    /// # Errors
    /// 404 when there is none.
    pub async fn case_of_site(&self, site_id: &str, id: &str) -> Answer<Case> {
        let row = self.stores.cases.case(site_id, id).await?.ok_or(AppError::NotFound)?;
        case_of(&row)
    }
}

/// The change-set of a decision: its events and the rows of the case after them. `before` is the
/// version that it was decided on, 0 for a new case.
pub(super) fn decision_set(before: u64, after: &Case, events: &[Event]) -> Answer<ChangeSet> {
    let mut set = ChangeSet::new(after.site.as_str());
    if events.is_empty() {
        return Ok(set);
    }
    set.expect.push(Expect::Case(after.id.to_string(), i64::try_from(before).unwrap_or(i64::MAX)));
    for event in events {
        set.events.push(NewEvent {
            aggregate: "case",
            aggregate_id: after.id.to_string(),
            kind: event.kind().to_owned(),
            actor: event.by.as_ref().map_or_else(|| without_staff(after, event).to_owned(), ToString::to_string),
            at: event.at,
            body: serde_json::to_string(event)?,
        });
    }
    set.row(case_row(after)?);
    if let Some(row) = application_row(after, events.last().map_or(0, |event| event.at)) {
        set.row(row);
    }
    if let Some(row) = certificate_row(after, events.last().map_or(0, |event| event.at))? {
        set.row(row);
    }
    Ok(set)
}

/// Who it was when nobody of the staff was: the applicant, online, or time and gateways.
fn without_staff(case: &Case, event: &Event) -> &'static str {
    let is_applicants = matches!(
        event.change,
        Change::CaseOpened { .. }
            | Change::ApplicationSubmitted { .. }
            | Change::CaseWithdrawn { .. }
            | Change::AttachmentAdded { .. }
            | Change::AttachmentRemoved { .. }
    );
    // What is settled from home is the applicant's, also where the window took the application.
    let is_settled = matches!(
        event.change,
        Change::CourierChosen { .. } | Change::PickupChosen | Change::AgentAuthorised { .. } | Change::AuthorisationWithdrawn
    );
    if is_settled || case.online.is_some() && is_applicants { "citizen" } else { "system" }
}

fn case_row(case: &Case) -> Answer<CaseRow> {
    let closed_at = match &case.state {
        State::Closed { since, .. } => Some(*since),
        _ => None,
    };
    Ok(CaseRow {
        site_id: case.site.to_string(),
        id: case.id.to_string(),
        version: i64::try_from(case.version).unwrap_or(i64::MAX),
        number: case.number.clone(),
        query_code: case.query_code.clone(),
        tracking_code: case.tracking_code.clone(),
        ticket_id: case.ticket.as_ref().map(ToString::to_string),
        matter_id: case.matter.id.to_string(),
        department_id: case.department.to_string(),
        step_departments: step_departments(case),
        entered_late: case.paper.is_some(),
        applicant_id: case.applicant.to_string(),
        state: case.state.name().to_owned(),
        received_at: case.receipt_at.unwrap_or_default(),
        closed_at,
        doc: serde_json::to_string(case)?,
    })
}

/// The departments of the steps that a case stands at, other than its own, each between commas: `,d_dd_land,`. Empty
/// where there are none, so that a department's work is found without reading every case.
fn step_departments(case: &Case) -> String {
    let others = case.open_steps().filter_map(|step| step.department_id.as_ref()).filter(|id| **id != case.department);
    let ids: std::collections::BTreeSet<&str> = others.map(domain::ids::DepartmentId::as_str).collect();
    if ids.is_empty() { String::new() } else { format!(",{},", ids.into_iter().collect::<Vec<_>>().join(",")) }
}

fn certificate_row(case: &Case, at: Millis) -> Answer<Option<CertificateRow>> {
    let Some(certificate) = &case.certificate else { return Ok(None) };
    Ok(Some(CertificateRow {
        site_id: case.site.to_string(),
        id: certificate.id.to_string(),
        case_id: case.id.to_string(),
        custody: certificate.custody.name().to_owned(),
        upload: certificate.upload.name().to_owned(),
        slot: certificate.slot.clone(),
        changed_at: at,
        doc: serde_json::to_string(certificate)?,
    }))
}
