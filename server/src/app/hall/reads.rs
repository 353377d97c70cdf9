//! Reads of one ticket and of the next call, and what is kept of a command that never reached the desk.

use domain::ids::{TicketId, WindowId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::{NextView, TicketView, next_view, ticket_view};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::persons::PersonData;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, NewEvent};

/// Fields of a person that can be shown unmasked.
pub const REVEAL_FIELDS: &[&str] = &["name", "id_number", "phone", "address", "email"];

/// Which fields are shown unmasked, and why.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// `name`, `id_number`, `phone`, `address`, `email`.
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
}

impl RevealRequest {
    fn check(&self) -> Answer<()> {
        let mut errors = FieldErrors::default();
        if self.fields.is_empty() {
            errors.add("fields", "missing", "选要看的内容");
        }
        for (place, field) in self.fields.iter().enumerate() {
            if !REVEAL_FIELDS.contains(&field.as_str()) {
                errors.add(&format!("fields[{place}]"), "unknown", "没有这一项");
            }
        }
        if self.reason.trim().is_empty() {
            errors.add("reason", "missing", "写一下为什么要看");
        }
        errors.check()
    }
}

/// What a reveal came to: the kept outcome, without personal data, and the data beside it.
#[derive(Debug)]
pub struct Revealed {
    /// The outcome.
    pub outcome: Outcome,
    /// The fields asked for; none where it was refused.
    pub data: Option<PersonData>,
}

impl App {
    /// One ticket of today, or of an earlier day as it was stored.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ticket(&self, permit: &Permit, id: &TicketId) -> Answer<TicketView> {
        let hall = self.hall(permit.site_id()).await?;
        if let Some(ticket) = hall.ticket(id) {
            return Ok(ticket_view(&hall, ticket));
        }
        let row = self.stores.halls.ticket(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        Ok(ticket_view(&hall, &serde_json::from_str(&row.doc)?))
    }

    /// Whom a window would call now: what a clerk sees before the key is pressed.
    ///
    /// # Errors
    /// When there is no such window.
    pub async fn next_call(&self, permit: &Permit, id: &WindowId) -> Answer<NextView> {
        let hall = self.hall(permit.site_id()).await?;
        let window = hall.window(id).ok_or(AppError::NotFound)?;
        let mut next = next_view(&hall, window, self.now());
        if let Some(reason) = next.reason.take() {
            next.reason = Some(self.told(permit.site_id(), reason).await?);
        }
        Ok(next)
    }

    /// The holder's data unmasked; the read itself becomes an event before it is answered.
    ///
    /// # Errors
    /// Field errors, a ticket without holder.
    pub async fn reveal_ticket(&self, permit: &Permit, id: &TicketId, request: &RevealRequest, retry: Option<&Retry>) -> Answer<Revealed> {
        let row = self.stores.halls.ticket(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let ticket: domain::hall::Ticket = serde_json::from_str(&row.doc)?;
        let person = ticket.holder.ok_or(AppError::NotFound)?;
        self.reveal(permit, ("ticket", id.as_str()), person.as_str(), request, retry).await
    }

    /// A person's data unmasked, after the read was recorded with its reason.
    ///
    /// # Errors
    /// Field errors; the store's.
    pub async fn reveal(
        &self,
        permit: &Permit,
        (object_kind, object_id): (&str, &str),
        person_id: &str,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                request.check()?;
                let (text_id, text_row) = self.new_text(permit.site_id(), "reveal_reason", request.reason.trim())?;
                let mut set = ChangeSet::new(permit.site_id());
                set.events.push(NewEvent {
                    aggregate: "person",
                    aggregate_id: person_id.to_owned(),
                    kind: "person_revealed".to_owned(),
                    actor: permit.caller().actor().to_owned(),
                    at: self.now(),
                    body: serde_json::json!({
                        "type": "person_revealed", "person": person_id, "object_kind": object_kind, "object": object_id,
                        "fields": request.fields, "reason": text_id,
                    })
                    .to_string(),
                });
                set.row(text_row);
                Ok((set, Outcome::success(200, Some(object_id.to_owned()), serde_json::Value::Null)))
            })
            .await?;
        if outcome.status != 200 {
            return Ok(Revealed { outcome, data: None });
        }
        let fields = &request.fields;
        let data = self.person_data(permit.site_id(), person_id).await?;
        let shown = |field: &str, value: Option<String>| value.filter(|_| fields.iter().any(|wanted| wanted == field));
        let data = PersonData {
            kind: data.kind,
            name: shown("name", data.name),
            id_type: shown("id_number", data.id_type),
            id_number: shown("id_number", data.id_number),
            phone: shown("phone", data.phone),
            address: shown("address", data.address),
            email: shown("email", data.email),
        };
        Ok(Revealed { outcome, data: Some(data) })
    }

    /// Keeps field errors under the key of a retry, as every 422 is kept; other answers pass.
    ///
    /// # Errors
    /// Those of the command that are not kept.
    pub async fn keep_invalid(&self, site_id: &str, retry: Option<Retry>, outcome: Answer<Outcome>) -> Answer<Outcome> {
        let (Some(retry), Err(error @ AppError::Invalid(_))) = (retry, &outcome) else { return outcome };
        if let Some(row) = self.stores.idempotency.outcomes(std::slice::from_ref(&retry.key_hash)).await?.first() {
            return retry.replay(row);
        }
        let outcome = Outcome::refusal(error);
        let mut set = ChangeSet::new(site_id);
        set.row(retry.row(site_id, &outcome, self.now()));
        self.commit(set).await?;
        Ok(outcome)
    }
}
