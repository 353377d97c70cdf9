//! Appointments while the line is cut: found by their code alone, because the keeper knows no phone and no ID number, and
//! checked in by the same rules as at the server. The number is a decision like any other; the entry names the appointment.

use domain::appointment::{Event, Refusal, State};
use domain::codes::{SHORT_CODE_CHARS, TRACKING_CODE_CHARS, normal_code};
use domain::hall::{AppointmentPolicy, Command, Hall, NewTicket, Priority, TicketAppointment};
use domain::ids::{AppointmentId, TicketId};
use domain::time::Millis;
use edge::clock::rfc3339;
use edge::problem::problem;
use protocol::keeper::{EntryCheckIn, KeptBooking};
use serde_json::{Value, json};

use super::decide::{Beside, replayed, switching};
use super::journal::sha256_hex;
use super::{Inner, Keeper, RetryKey, Who, answer, fresh_ticket};
use crate::Answer;

fn refused(refusal: &Refusal) -> Answer {
    let mut body = problem(409, refusal.code(), &refusal.message(), &refusal.message(), "");
    if let Refusal::CheckInTooEarly { opens_at } = refusal {
        body["opens_at"] = json!(rfc3339(*opens_at));
    }
    Answer { status: 409, body, replayed: false }
}

/// Whether an appointment's code is the one that was typed or scanned.
fn has_code(booking: &KeptBooking, typed: &str) -> bool {
    let is_code = |chars: usize, hash: &str| {
        normal_code(typed, chars).is_some_and(|code| sha256_hex(&KeptBooking::hashed(&booking.appointment.id, &code)) == hash)
    };
    is_code(TRACKING_CODE_CHARS, &booking.code_hash) || is_code(SHORT_CODE_CHARS, &booking.short_hash)
}

/// The number that an appointment became, as far as it is known here.
fn number_of(inner: &Inner, booking: &KeptBooking) -> Option<TicketId> {
    match &booking.appointment.state {
        State::CheckedIn { ticket_id, .. } => Some(ticket_id.clone()),
        _ => inner.checked_in.get(&booking.appointment.id).cloned(),
    }
}

/// An appointment in the shape of the API.
fn view(inner: &Inner, hall: &Hall, booking: &KeptBooking, short_code: &str) -> Value {
    let (one, policy, number) = (&booking.appointment, &hall.doc().policy.appointments, number_of(inner, booking));
    json!({
        "id": one.id, "site_id": one.site, "site_name": inner.house.site_name, "line_id": one.place.line_id,
        "line_name": hall.line(&one.place.line_id).map(|line| line.name.as_str()).unwrap_or_default(),
        "state": if number.is_some() { "checked_in" } else { one.state.name() },
        "starts_at": rfc3339(one.place.slot.starts_at), "ends_at": rfc3339(one.place.slot.ends_at), "matter_ids": one.matter_ids,
        "code": null, "short_code": short_code, "url": null, "check_in_from": rfc3339(one.check_in_from(policy)),
        "kept_until": rfc3339(one.kept_until(policy)), "closed": null, "ticket_id": number, "name": null, "phone": null,
    })
}

/// The number's data, for somebody who is in time.
fn ticket_of(site_key: &str, booking: &KeptBooking, now: Millis) -> Option<NewTicket> {
    let one = &booking.appointment;
    let slot = one.place.slot;
    let kept = TicketAppointment { appointment_id: one.id.clone(), slot_starts_at: slot.starts_at, slot_ends_at: slot.ends_at };
    let fresh = fresh_ticket(site_key, std::slice::from_ref(&one.place.line_id), one.matter_ids.clone(), Priority::Ordinary, now)?;
    Some(NewTicket {
        holder: Some(one.person.clone()),
        holder_key: booking.holder_key.clone(),
        appointment: Some(kept),
        phone_left: true,
        ..fresh
    })
}

impl Keeper {
    /// The appointment behind a code that was typed or scanned, as a list of at most one.
    #[must_use]
    pub fn find_bookings(&self, text: &str) -> Answer {
        // The QR is the page's address with the code at its end.
        let typed = text.trim().rsplit('/').next().unwrap_or_default().trim();
        let short = normal_code(typed, SHORT_CODE_CHARS);
        if short.is_none() && normal_code(typed, TRACKING_CODE_CHARS).is_none() {
            return answer::own(503, "by_code_only", "断网时只能用预约码", "断网时请扫预约二维码，或输入 8 位预约码");
        }
        let inner = self.inner();
        let Some(hall) = &inner.hall else { return switching() };
        let found = inner.bookings.iter().filter(|booking| has_code(booking, typed));
        let items: Vec<Value> = found.map(|booking| view(&inner, hall, booking, short.as_deref().unwrap_or_default())).collect();
        Answer { status: 200, body: json!({ "items": items, "next": null }), replayed: false }
    }

    /// Gives the number of an appointment, without a slip for whoever wants none; who checks in twice has the same one.
    pub fn check_in(&self, who: &Who, appointment_id: &str, no_slip: bool, retry: Option<RetryKey>) -> Answer {
        let now = self.now_ms();
        let mut inner = self.inner();
        let answer = self.checked_in(&mut inner, who, appointment_id, no_slip, retry, now);
        self.changed(&mut inner);
        answer
    }

    fn checked_in(
        &self,
        inner: &mut Inner,
        who: &Who,
        appointment_id: &str,
        without_slip: bool,
        retry: Option<RetryKey>,
        now: Millis,
    ) -> Answer {
        if !inner.decides() {
            return switching();
        }
        if let Some(known) = retry.as_ref().and_then(|retry| inner.answers.get(&retry.key_hash).map(|known| (retry, known))) {
            return replayed(known);
        }
        let id = AppointmentId::parse(appointment_id);
        let booking = id.and_then(|id| inner.bookings.iter().find(|booking| booking.appointment.id == id)).cloned();
        let (Some(booking), Some(hall)) = (booking, inner.hall.clone()) else {
            return answer::own(404, "not_found", "没有这个预约", "没有这个预约，请到导办台问");
        };
        if let Some(ticket_id) = number_of(inner, &booking) {
            let ticket = inner.ended.get(&ticket_id).or_else(|| hall.ticket(&ticket_id));
            let used = || refused(&Refusal::AppointmentState { state: "checked_in" });
            return ticket.map_or_else(used, |ticket| Answer { status: 200, body: answer::ticket(&hall, ticket), replayed: false });
        }
        let policy: &AppointmentPolicy = &hall.doc().policy.appointments;
        let Some(fresh) = ticket_of(&inner.house.site_key, &booking, now) else {
            return answer::own(503, "unavailable", "现在不能取号", "现在不能取号，请再试一次");
        };
        let late = match booking.appointment.check_in(&fresh.ticket_id, policy, now) {
            Ok(event) => matches!(event, Event::AppointmentCheckedIn { late: true, .. }),
            Err(refusal) => return refused(&refusal),
        };
        // Who is late has an ordinary one where the site allows that.
        let ticket = if late { NewTicket { appointment: None, ..fresh } } else { fresh };
        let (appointment_id, place) = (booking.appointment.id, booking.appointment.place);
        let beside = Beside { check_in: Some(EntryCheckIn { appointment_id, place, late }), without_slip };
        self.decided(inner, who, &Command::Issue(ticket), retry, beside, now)
    }
}
