//! 帮办代办: a helper sees to somebody's affair: taken on, visited, handed over, told how far it is. Words and persons
//! lie sealed; what is a helper's own is only for that helper and for who runs the hall.

mod command;
mod reads;
mod route;

pub use command::{AssistanceActionRequest, AssistanceRequest};
pub use reads::{AssistanceFilter, AssistanceView, AssistedCaseView, CaseHelperView, ConsentView, HelperView, VisitView};
pub use route::{RouteStop, RouteView};

use domain::assistance::{Assistance, Event, Hand, Refusal};
use domain::ids::AssistanceId;
use domain::rights::Role;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError};
use crate::store::{AssistanceRow, ChangeSet, CounterRow, Expect, NewEvent};

fn assistance_of(row: &AssistanceRow) -> Answer<Assistance> {
    serde_json::from_str(&row.doc).map_err(|error| AppError::Internal(format!("assistances.doc at {}: {error}", row.id)))
}

/// The counter that moves with a row, so that of two decisions on one version one is made again.
fn version_name(id: &AssistanceId) -> String {
    format!("assistance-{id}")
}

/// Who acts, as the rules see it.
fn hand_of(permit: &Permit) -> Answer<Hand> {
    let staff = &permit.staff().ok_or(AppError::NotFound)?.staff;
    Ok(Hand { id: staff.id.clone(), runs_the_hall: staff.roles.contains(&Role::Supervisor) })
}

/// The change-set of an event.
fn assistance_set(site_id: &str, after: &Assistance, event: &Event, actor: &str) -> Answer<ChangeSet> {
    let version = i64::try_from(after.version).unwrap_or(i64::MAX);
    let mut set = ChangeSet::new(site_id);
    set.expect.push(Expect::Counter(version_name(&after.id), version - 1));
    set.events.push(NewEvent {
        aggregate: "assistance",
        aggregate_id: after.id.to_string(),
        kind: event.kind().to_owned(),
        actor: actor.to_owned(),
        at: event.at(),
        body: serde_json::to_string(event)?,
    });
    set.row(CounterRow { site_id: site_id.to_owned(), name: version_name(&after.id), value: version });
    set.row(AssistanceRow {
        site_id: site_id.to_owned(),
        id: after.id.to_string(),
        version,
        helper_id: after.helper.to_string(),
        person_id: after.person.to_string(),
        case_id: after.case.as_ref().map(ToString::to_string),
        state: if after.closed_at.is_some() { "closed" } else { "open" }.to_owned(),
        changed_at: event.at(),
        doc: serde_json::to_string(after)?,
    });
    Ok(set)
}

impl App {
    /// One that exists for the caller: the own, or any for who runs the hall.
    pub(super) async fn assistance_for(&self, permit: &Permit, id: &AssistanceId) -> Answer<Assistance> {
        let row = self.stores.assistances.assistance(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let hand = hand_of(permit)?;
        if row.helper_id != hand.id.as_str() && !hand.runs_the_hall {
            return Err(AppError::NotFound);
        }
        assistance_of(&row)
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotHelper => Self::Forbidden { code: refusal.code(), message: refusal.message().to_owned() },
            Refusal::DayOutOfRange => Self::field("day", refusal.code(), refusal.message()),
            _ => Self::refused(refusal.code(), refusal.message()),
        }
    }
}
