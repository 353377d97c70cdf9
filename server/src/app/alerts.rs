//! What a person in charge must see and has not settled.

use domain::case::{Case, Staff};
use domain::ids::{AppointmentId, CaseId, ComplaintId, EvaluationId, StaffId, TicketId};
use domain::rights::{Operation, Role};
use domain::time::local_date;
use domain::time::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::{Caller, Permit, StaffCaller};
use super::cases::case_of;
use super::error::Answer;
use crate::store::AlertRow;

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlertView {
    /// The alert.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// `upload_failed`, `deemed_accepted`, `negative_evaluation`, …
    pub kind: String,
    /// `notice`, `yellow`, `red`.
    #[schema(value_type = crate::app::words::ClockLevel)]
    pub level: String,
    /// For people.
    pub text: String,
    /// When.
    pub at: String,
    /// The roles that it is meant for; empty: everybody who may read alerts.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub recipients: Vec<String>,
    /// What it is about.
    pub object_id: String,
    /// The case, when it is about one.
    pub case_id: Option<String>,
    /// The ticket, when it is about one.
    pub ticket_id: Option<String>,
    /// The appointment, when it is about one.
    pub appointment_id: Option<String>,
    /// The negative rating, when it is about one.
    pub evaluation_id: Option<String>,
    /// The complaint, when it is about one.
    pub complaint_id: Option<String>,
    /// The member of staff, when it is about one.
    pub staff_id: Option<String>,
}

fn alert_view(row: AlertRow) -> AlertView {
    AlertView {
        id: row.id,
        site_id: row.site_id,
        kind: row.kind,
        level: row.level,
        text: row.text,
        at: rfc3339(row.at),
        recipients: row.audience.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect(),
        case_id: CaseId::parse(&row.object_id).map(String::from),
        ticket_id: TicketId::parse(&row.object_id).map(String::from),
        appointment_id: AppointmentId::parse(&row.object_id).map(String::from),
        evaluation_id: EvaluationId::parse(&row.object_id).map(String::from),
        complaint_id: ComplaintId::parse(&row.object_id).map(String::from),
        staff_id: StaffId::parse(&row.object_id).map(String::from),
        object_id: row.object_id,
    }
}

/// The id of the one alert about an object: what an object's id has behind its kind.
pub(in crate::app) fn alert_of(object_id: &str) -> String {
    format!("al_{}", object_id.split_once('_').map_or(object_id, |(_, rest)| rest))
}

/// The id of the one alert of a kind about an object; `tail` tells one kind from another.
pub(in crate::app) fn alert_id(object_id: &str, tail: &str) -> String {
    format!("{}-{tail}", alert_of(object_id))
}

/// Whether the audience of an alert names a role.
fn is_in(row: &AlertRow, role: Role) -> bool {
    row.audience.split(',').any(|name| name == role.name())
}

/// Whether somebody is among those whom an alert about a case is meant for.
fn is_meant(row: &AlertRow, staff: &Staff, case: &Case) -> bool {
    let named = |role: &&Role| row.audience.is_empty() || is_in(row, **role);
    let is_theirs = |role: &Role| match role {
        // Who has it in hand; until somebody has, the whole group.
        Role::Approver => case.state.reviewer().is_none_or(|reviewer| *reviewer == staff.id || staff.covers.contains(reviewer)),
        _ => true,
    };
    staff.roles.iter().filter(named).any(is_theirs)
}

impl App {
    /// Alerts of the caller's sites that are meant for the caller and not settled, the newest first; for an approver
    /// those about cases of the own department that nobody else has in hand.
    ///
    /// # Errors
    /// 403 without the right anywhere.
    pub async fn alerts(&self, caller: &StaffCaller) -> Answer<Vec<AlertView>> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let mut found = Vec::new();
        for permit in self.permits(&any, Operation::ReadAlerts)? {
            for row in self.stores.cases.alerts(permit.site_id()).await? {
                if self.may_see(&permit, &row).await? {
                    found.push(row);
                }
            }
        }
        found.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        Ok(found.into_iter().map(alert_view).collect())
    }

    async fn may_see(&self, permit: &Permit, row: &AlertRow) -> Answer<bool> {
        let Caller::Staff(caller) = permit.caller() else { return Ok(permit.reaches_site()) };
        // Only of an approver the case says whether it is theirs.
        let is_named = |role: &Role| *role != Role::Approver && is_in(row, *role);
        if permit.reaches_site() && (row.audience.is_empty() || caller.staff.roles.iter().any(is_named)) {
            return Ok(true);
        }
        let Some(case) = self.stores.cases.case(&row.site_id, &row.object_id).await? else { return Ok(permit.reaches_site()) };
        let case = case_of(&case)?;
        Ok(permit.reaches(&case.department, local_date(self.now())).is_ok() && is_meant(row, &caller.staff, &case))
    }
}
