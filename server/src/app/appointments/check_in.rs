//! Check-in: the appointment becomes a number of the one queue, both in one commit.

use domain::appointment::{Appointment, Command, Event, Origin};
use domain::codes::{short_code, tracking_code};
use domain::hall::{Command as HallCommand, NewTicket, TicketAppointment};
use domain::ids::{AppointmentId, TicketId};
use domain::time::local_date;

use super::{Decided, appointment_of, change_set};
use crate::app::App;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError};
use crate::app::fresh::{bytes, id_tail};
use crate::app::hall::{Beside, Wish, actor};
use crate::app::retry::{Outcome, Retry};
use crate::store::AppointmentRow;

/// How often a check-in is decided again when another process moved the book on.
const TRIES_MAX: u32 = 8;

impl App {
    /// Gives a number for an appointment, without a slip for whoever wants none; who checks in twice has the same number.
    ///
    /// # Errors
    /// 404; refusals of appointment and hall are outcomes.
    pub async fn check_in(&self, permit: &Permit, id: &AppointmentId, no_slip: bool, retry: Option<Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let turn = self.bookings.turns.of(site_id);
        let _turn = turn.lock().await;
        for _ in 0..TRIES_MAX {
            if let Some(replayed) = self.replayed(retry.as_ref()).await? {
                return Ok(replayed);
            }
            let version = self.book_version(site_id).await?;
            let row = self.appointment_row(site_id, id).await?;
            let appointment = appointment_of(&row)?;
            if let Some(ticket_id) = row.ticket_id.as_deref().and_then(TicketId::parse) {
                let body = serde_json::to_value(self.ticket(permit, &ticket_id).await?)?;
                return Ok(Outcome::success(200, Some(ticket_id.to_string()), body));
            }
            let slot_day = local_date(appointment.place.slot.starts_at);
            let facts = self.appointment_facts(site_id, &appointment.place.line_id, slot_day, &row.holder_key).await?;
            let ticket_id = TicketId::new(&facts.listing.site(site_id)?.key, &id_tail(self.entropy.as_ref(), self.now()));
            let by = match permit.caller() {
                Caller::Device(_) => Origin::Device,
                Caller::Staff(_) => Origin::Staff,
            };
            let command = Command::CheckIn { ticket_id: ticket_id.clone() };
            let events = match appointment.decide(&command, &facts.ground(), by, self.now()) {
                Ok(events) => events,
                Err(refusal) => {
                    return self.once(site_id, retry.as_ref(), || std::future::ready(Err(AppError::from(refusal.clone())))).await;
                }
            };
            let ticket = self.ticket_of(&row, &appointment, ticket_id, &events).await?;
            let mut wish = self.check_in_wish(permit, Decided { row, version, policy: facts.policy() }, &events, ticket, retry.clone())?;
            wish.beside.without_slip = no_slip;
            match self.halls.submit(wish).await {
                // Another process was faster; what it did may answer this already.
                Err(AppError::Unavailable { code: "store_unavailable", .. }) => {}
                other => return other,
            }
        }
        Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })
    }

    fn check_in_wish(&self, permit: &Permit, on: Decided<'_>, events: &[Event], ticket: NewTicket, retry: Option<Retry>) -> Answer<Wish> {
        let actor_id = permit.caller().actor().to_owned();
        let (set, _) = change_set(on, events, &actor_id, self.now())?;
        Ok(Wish {
            site_id: permit.site_id().to_owned(),
            actor: actor(permit),
            actor_id,
            command: HallCommand::Issue(ticket),
            retry,
            rows: set.rows,
            beside: Beside { expect: set.expect, events: set.events, ..Beside::default() },
        })
    }

    /// The number's data. Who is late has an ordinary one where the site allows that.
    async fn ticket_of(&self, row: &AppointmentRow, appointment: &Appointment, id: TicketId, events: &[Event]) -> Answer<NewTicket> {
        let is_late = events.iter().any(|event| matches!(event, Event::AppointmentCheckedIn { late: true, .. }));
        let slot = appointment.place.slot;
        let kept = TicketAppointment { appointment_id: appointment.id.clone(), slot_starts_at: slot.starts_at, slot_ends_at: slot.ends_at };
        let person = self.stores.persons.person(&row.site_id, &row.person_id).await?;
        let index = person.and_then(|person| person.id_number_index);
        let (tracking, short) = (tracking_code(bytes(self.entropy.as_ref())), short_code(bytes(self.entropy.as_ref())));
        let ticket = NewTicket {
            matter_ids: appointment.matter_ids.clone(),
            holder: Some(appointment.person.clone()),
            appointment: (!is_late).then_some(kept),
            phone_left: true,
            ..NewTicket::ordinary(id, appointment.place.line_id.clone(), tracking, short)
        };
        Ok(match index {
            Some(index) => self.held_by(&row.site_id, &index, ticket),
            None => ticket,
        })
    }
}
