//! Appointments: slots told, places kept, given up and used.
//!
//! Architecture Invariant: **one place is never kept for two.** Whatever changes an appointment of a site
//! names the version of the site's book (a counter) that it was decided on and moves it on in the same
//! commit, so of two decisions on one version one is made again. That covers the limits of a phone over
//! all lines and days too. Within a process commands of one site wait for each other instead of colliding.

mod check_in;
mod codes;
mod command;
mod kept;
mod messages;
mod reads;
mod watch;

pub(in crate::app) use command::instant;
pub use command::{BookRequest, ChangeRequest};
pub use reads::{AppointmentView, BookableDayView, BookableLineView, FindAppointmentsRequest, NoSlotsView, SlotView, SlotsView};

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::appointment::{Appointment, Booker, Booking, Day, Event, Ground, State};
use domain::hall::{AppointmentPolicy, Hall};
use domain::ids::{AppointmentId, LineId};
use domain::time::{Millis, local_date};

use super::App;
use super::directory::Listing;
use super::error::{Answer, AppError};
use super::once::Turns;
use super::throttle::Throttle;
use crate::store::{AppointmentRow, ChangeSet, CounterRow, Expect, NewEvent};

/// Name of the counter that is the version of a site's book.
const BOOK: &str = "appointments";
/// Bookings by page of one address in a quarter of an hour; a village committee may book for many.
const BOOKINGS_MAX: u32 = 30;

/// What the appointments of this process share.
#[derive(Debug)]
pub(crate) struct Bookings {
    turns: Turns,
    by_page: Throttle,
}

impl Default for Bookings {
    fn default() -> Self {
        Self { turns: Turns::default(), by_page: Throttle::of(BOOKINGS_MAX) }
    }
}

/// What a decision looks at, as read.
struct Facts {
    hall: Hall,
    listing: Arc<Listing>,
    day: Day,
    booker: Booker,
}

impl Facts {
    fn policy(&self) -> &AppointmentPolicy {
        &self.hall.doc().policy.appointments
    }

    fn ground(&self) -> Ground<'_> {
        let doc = self.hall.doc();
        Ground {
            policy: &doc.policy.appointments,
            hours: &doc.hours,
            calendar: &self.listing.calendar,
            day: &self.day,
            booker: &self.booker,
        }
    }
}

fn appointment_of(row: &AppointmentRow) -> Answer<Appointment> {
    Ok(serde_json::from_str(&row.doc)?)
}

impl App {
    /// Everything a decision about a line and date looks at, for the phone behind a key.
    async fn appointment_facts(&self, site_id: &str, line_id: &LineId, date: NaiveDate, holder_key: &str) -> Answer<Facts> {
        let day = date.to_string();
        let rows = self.stores.appointments.appointments_between(site_id, &day, &day, Some(line_id.as_str())).await?;
        let mut bookings = BTreeMap::new();
        for row in &rows {
            let appointment = appointment_of(row)?;
            if appointment.takes_place() {
                let booking = Booking { slot: appointment.place.slot, holder_key: row.holder_key.clone() };
                bookings.insert(appointment.id, booking);
            }
        }
        Ok(Facts {
            hall: self.hall(site_id).await?,
            listing: self.directory.get(),
            day: Day::new(line_id.clone(), date, bookings),
            booker: self.booker(site_id, holder_key).await?,
        })
    }

    async fn booker(&self, site_id: &str, holder_key: &str) -> Answer<Booker> {
        let mut booker = Booker { holder_key: holder_key.to_owned(), ..Booker::default() };
        if holder_key.is_empty() {
            return Ok(booker);
        }
        for row in self.stores.appointments.appointments_of(site_id, holder_key).await? {
            let appointment = appointment_of(&row)?;
            match appointment.state {
                State::Booked => booker.open.push(appointment.id),
                State::NoShow { at } => booker.missed_at.push(at),
                State::CheckedIn { .. } | State::Cancelled { .. } => {}
            }
        }
        Ok(booker)
    }

    /// The version of a site's book. Read it before what is decided on.
    async fn book_version(&self, site_id: &str) -> Answer<i64> {
        Ok(self.stores.sites.counter(site_id, BOOK).await?)
    }

    pub(in crate::app) async fn appointment_row(&self, site_id: &str, id: &AppointmentId) -> Answer<AppointmentRow> {
        self.stores.appointments.appointment(site_id, id.as_str()).await?.ok_or(AppError::NotFound)
    }

    /// How many appointments of a person's phone on a date gave no number and were not given up; `None` when no
    /// phone is known.
    pub(in crate::app) async fn unused_appointments(&self, site_id: &str, person_id: &str, date: NaiveDate) -> Answer<Option<usize>> {
        let person = self.stores.persons.person(site_id, person_id).await?;
        let Some(index) = person.and_then(|row| row.phone_index) else { return Ok(None) };
        let key = self.appointment_key(site_id, "appointment_phone", &data_encoding::HEXLOWER.encode(&index));
        let mut unused = 0;
        for row in self.stores.appointments.appointments_of(site_id, &key).await? {
            let is_unused = matches!(appointment_of(&row)?.state, State::Booked | State::NoShow { .. });
            unused += usize::from(is_unused && row.date == date.to_string());
        }
        Ok(Some(unused))
    }

    /// Tells the appointments of one phone or ID number of a site apart, and nothing else.
    fn appointment_key(&self, site_id: &str, field: &str, value: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.vault.blind_index(field, &format!("{site_id} {value}")))
    }
}

/// What a decision was made on.
struct Decided<'a> {
    /// The appointment's row before it.
    row: AppointmentRow,
    /// The version of the book.
    version: i64,
    /// The site's rules.
    policy: &'a AppointmentPolicy,
}

/// The change-set of events of one appointment, and of when it is due next. Empty when neither changes.
fn change_set(on: Decided<'_>, events: &[Event], actor: &str, now: Millis) -> Answer<(ChangeSet, Appointment)> {
    let Decided { row, version, policy } = on;
    let mut set = ChangeSet::new(&row.site_id);
    let mut appointment = match events.first() {
        Some(Event::AppointmentBooked { .. }) => Appointment::replay(events).ok_or(AppError::NotFound)?,
        Some(_) | None => appointment_of(&row)?,
    };
    for event in events {
        appointment.evolve(event);
        set.events.push(NewEvent {
            aggregate: "appointment",
            aggregate_id: appointment.id.to_string(),
            kind: event.kind().to_owned(),
            actor: actor.to_owned(),
            at: event.at(),
            body: serde_json::to_string(event)?,
        });
    }
    let due_at = appointment.due_at(policy, now).unwrap_or(0);
    if events.is_empty() && due_at == row.due_at {
        return Ok((set, appointment));
    }
    set.expect.push(Expect::Counter(BOOK.to_owned(), version));
    set.row(CounterRow { site_id: row.site_id.clone(), name: BOOK.to_owned(), value: version + 1 });
    let ticket_id = match &appointment.state {
        State::CheckedIn { ticket_id, .. } => Some(ticket_id.to_string()),
        _ => None,
    };
    set.row(AppointmentRow {
        line_id: appointment.place.line_id.to_string(),
        date: local_date(appointment.place.slot.starts_at).to_string(),
        starts_at: appointment.place.slot.starts_at,
        state: appointment.state.name().to_owned(),
        ticket_id,
        due_at,
        doc: serde_json::to_string(&appointment)?,
        ..row
    });
    Ok((set, appointment))
}
