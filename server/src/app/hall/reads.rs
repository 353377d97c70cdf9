//! Reads of one ticket and of the next call, and what is kept of a command that never reached the desk.

use domain::hall::TicketState;
use domain::ids::{StaffId, TicketId, WindowId};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{NextView, TicketView, next_view, ticket_view};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::app::reveals::{RevealRequest, Revealed};

/// A number that somebody took for somebody else.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TakenTicketView {
    /// The number as everybody sees it.
    #[serde(flatten)]
    pub ticket: TicketView,
    /// Whom it is for, masked, if told.
    pub holder_name: Option<String>,
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

    /// Numbers that the caller took for others and that were not served yet, the oldest first, with whom they are for,
    /// masked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tickets_taken(&self, permit: &Permit) -> Answer<Vec<TakenTicketView>> {
        let hall = self.hall(permit.site_id()).await?;
        let mut found = Vec::new();
        for ticket in hall.tickets().filter(|ticket| ticket.first_contact.as_ref().map(StaffId::as_str) == Some(permit.caller().actor())) {
            let is_open = !matches!(
                ticket.state,
                TicketState::Serving { .. } | TicketState::Done { .. } | TicketState::Abandoned { .. } | TicketState::Expired { .. }
            );
            if is_open {
                let holder_name = match &ticket.holder {
                    Some(holder) => self.masked_person(permit.site_id(), holder.as_str()).await?.name,
                    None => None,
                };
                found.push(TakenTicketView { ticket: ticket_view(&hall, ticket), holder_name });
            }
        }
        found.sort_by(|one, other| one.ticket.issued_at.cmp(&other.ticket.issued_at));
        Ok(found)
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

    /// Keeps field errors under the key of a retry, as every 422 is kept; other answers pass.
    ///
    /// # Errors
    /// Those of the command that are not kept.
    pub async fn keep_invalid(&self, site_id: &str, retry: Option<Retry>, outcome: Answer<Outcome>) -> Answer<Outcome> {
        match (&retry, outcome) {
            // Two tries with one key may come at once: whoever is second gives the first outcome again.
            (Some(_), Err(AppError::Invalid(fields))) => {
                self.once(site_id, retry.as_ref(), || std::future::ready(Err(AppError::Invalid(fields.clone())))).await
            }
            (_, outcome) => outcome,
        }
    }
}
