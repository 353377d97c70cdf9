//! What a person in charge must see and has not settled.

use domain::case::Case;
use domain::ids::{AppointmentId, CaseId, ComplaintId, EvaluationId, StaffId, TicketId};
use domain::rights::Operation;
use domain::time::local_date;
use domain::time::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::{Caller, Permit, StaffCaller};
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
        case_id: CaseId::parse(&row.object_id).map(String::from),
        ticket_id: TicketId::parse(&row.object_id).map(String::from),
        appointment_id: AppointmentId::parse(&row.object_id).map(String::from),
        evaluation_id: EvaluationId::parse(&row.object_id).map(String::from),
        complaint_id: ComplaintId::parse(&row.object_id).map(String::from),
        staff_id: StaffId::parse(&row.object_id).map(String::from),
        object_id: row.object_id,
    }
}

impl App {
    /// Alerts of the caller's sites that are not settled, the newest first; for an approver those about
    /// cases of the own department.
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
        if permit.reaches_site() {
            return Ok(true);
        }
        match self.stores.cases.case(&row.site_id, &row.object_id).await? {
            Some(case) => {
                let department = serde_json::from_str::<Case>(&case.doc)?.department;
                Ok(permit.reaches(&department, local_date(self.now())).is_ok())
            }
            None => Ok(false),
        }
    }
}
