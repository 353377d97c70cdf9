//! 首问 without a ticket: noted, given to a colleague, answered; told to who runs the hall when no answer came. Words and
//! persons lie sealed.

mod command;
mod reads;
mod watch;

pub(super) use watch::UNANSWERED;

pub use command::{FirstContactActionRequest, FirstContactRequest};
pub use reads::{FirstContactView, FirstContactsView};

use domain::first_contact::{Event, FirstContact, Hand, Refusal};
use domain::ids::FirstContactId;
use domain::rights::Role;

use super::App;
use super::alerts::alert_id;
use super::caller::Permit;
use super::error::{Answer, AppError};
use crate::store::{ChangeSet, CounterRow, Expect, FirstContactRow, NewEvent};

fn contact_of(row: &FirstContactRow) -> Answer<FirstContact> {
    serde_json::from_str(&row.doc).map_err(|error| AppError::Internal(format!("first_contacts.doc at {}: {error}", row.id)))
}

/// The counter that moves with a row, so that of two decisions on one version one is made again.
fn version_name(id: &FirstContactId) -> String {
    format!("first-contact-{id}")
}

/// The alert that no answer came.
fn unanswered_id(id: &str) -> String {
    alert_id(id, "unanswered")
}

/// Who acts, as the rules see it.
fn hand_of(permit: &Permit) -> Answer<Hand> {
    let staff = &permit.staff().ok_or(AppError::NotFound)?.staff;
    Ok(Hand { id: staff.id.clone(), runs_the_hall: staff.roles.contains(&Role::Supervisor) })
}

/// The change-set of an event.
fn contact_set(site_id: &str, after: &FirstContact, event: &Event, actor: &str) -> Answer<ChangeSet> {
    let version = i64::try_from(after.version).unwrap_or(i64::MAX);
    let mut set = ChangeSet::new(site_id);
    set.expect.push(Expect::Counter(version_name(&after.id), version - 1));
    set.events.push(NewEvent {
        aggregate: "first_contact",
        aggregate_id: after.id.to_string(),
        kind: event.kind().to_owned(),
        actor: actor.to_owned(),
        at: event.at(),
        body: serde_json::to_string(event)?,
    });
    set.row(CounterRow { site_id: site_id.to_owned(), name: version_name(&after.id), value: version });
    set.row(FirstContactRow {
        site_id: site_id.to_owned(),
        id: after.id.to_string(),
        version,
        state: if after.ended.is_some() { "ended" } else { "open" }.to_owned(),
        responsible_id: after.responsible.to_string(),
        person_id: after.person.as_ref().map(ToString::to_string),
        at: after.at,
        ended_at: after.ended.as_ref().map(|ended| ended.at),
        doc: serde_json::to_string(after)?,
    });
    Ok(set)
}

impl App {
    async fn contact_of_site(&self, site_id: &str, id: &FirstContactId) -> Answer<FirstContact> {
        contact_of(&self.stores.first_contacts.first_contact(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?)
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotResponsible => Self::Forbidden { code: refusal.code(), message: refusal.message().to_owned() },
            Refusal::SameStaff => Self::field("staff_id", refusal.code(), refusal.message()),
            Refusal::Ended => Self::refused(refusal.code(), refusal.message()),
        }
    }
}
