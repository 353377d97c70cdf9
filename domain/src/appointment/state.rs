//! What an appointment is: a place, a person and how far it has come.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::slots::Slot;
use crate::hall::{AppointmentPolicy, WhenLate};
use crate::ids::{AppointmentId, LineId, MatterId, PersonId, SiteId, TicketId};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, local_date, start_of};

/// A slot of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The line.
    pub line_id: LineId,
    /// The slot.
    pub slot: Slot,
}

/// By whom something was done to an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The citizen, by page.
    Citizen,
    /// Staff, for somebody who calls or stands there.
    Staff,
    /// A device of the hall.
    Device,
    /// The clock.
    System,
}

/// How far an appointment has come, with the facts of that state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// The place is kept.
    Booked,
    /// The person came and has a number.
    CheckedIn {
        /// When.
        at: Millis,
        /// The number.
        ticket_id: TicketId,
        /// After the time for which the place was kept: an ordinary number.
        late: bool,
    },
    /// Given up; the place is free again.
    Cancelled {
        /// When.
        at: Millis,
        /// By whom.
        by: Origin,
    },
    /// Nobody came (爽约).
    NoShow {
        /// When that was certain.
        at: Millis,
    },
}

impl State {
    /// The state's name in the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::CheckedIn { .. } => "checked_in",
            Self::Cancelled { .. } => "cancelled",
            Self::NoShow { .. } => "no_show",
        }
    }
}

/// An appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// The site.
    pub site: SiteId,
    /// Who will come.
    pub person: PersonId,
    /// When and where.
    pub place: Place,
    /// What for, as far as told.
    pub matter_ids: Vec<MatterId>,
    /// By whom it was booked.
    pub origin: Origin,
    /// When it was booked.
    pub booked_at: Millis,
    /// How far it has come.
    pub state: State,
    /// How often it was changed.
    pub change_count: u32,
    /// Whether staff were told that this place falls on a closed day.
    pub told_closed: bool,
    /// When this place was taken: by booking, or by the last change.
    #[serde(default)]
    pub placed_at: Millis,
    /// Whether the person was reminded of this place.
    #[serde(default)]
    pub reminded: bool,
}

/// Who took the place less than this before the reminder is not reminded: they know.
const FRESH_MS: Millis = HOUR_MS;

impl Appointment {
    /// An appointment from its events; `None` unless the first one books it.
    #[must_use]
    pub fn replay(events: &[Event]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let Event::AppointmentBooked { appointment_id, site_id, person_id, place, matter_ids, origin, at } = first else { return None };
        let mut appointment = Self {
            id: appointment_id.clone(),
            site: site_id.clone(),
            person: person_id.clone(),
            place: place.clone(),
            matter_ids: matter_ids.clone(),
            origin: *origin,
            booked_at: *at,
            state: State::Booked,
            change_count: 0,
            told_closed: false,
            placed_at: *at,
            reminded: false,
        };
        rest.iter().for_each(|event| appointment.evolve(event));
        Some(appointment)
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::AppointmentBooked { .. } => {}
            Event::AppointmentChanged { to, at, .. } => {
                self.place = to.clone();
                self.change_count += 1;
                self.told_closed = false;
                self.placed_at = *at;
                self.reminded = false;
            }
            Event::AppointmentCancelled { by, at, .. } => self.state = State::Cancelled { at: *at, by: *by },
            Event::AppointmentCheckedIn { ticket_id, late, at, .. } => {
                self.state = State::CheckedIn { at: *at, ticket_id: ticket_id.clone(), late: *late };
            }
            Event::AppointmentMissed { at, .. } => self.state = State::NoShow { at: *at },
            Event::AppointmentClosedDayTold { .. } => self.told_closed = true,
            Event::AppointmentReminded { .. } => self.reminded = true,
        }
    }

    /// Whether it takes a place of its slot: kept, used, or kept in vain.
    #[must_use]
    pub fn takes_place(&self) -> bool {
        !matches!(self.state, State::Cancelled { .. })
    }

    /// From when on the person can check in.
    #[must_use]
    pub fn check_in_from(&self, policy: &AppointmentPolicy) -> Millis {
        self.place.slot.starts_at - Millis::from(policy.check_in_before_min) * MINUTE_MS
    }

    /// Until when the place is kept, the instant excluded.
    #[must_use]
    pub fn kept_until(&self, policy: &AppointmentPolicy) -> Millis {
        self.place.slot.ends_at + Millis::from(policy.late_min) * MINUTE_MS
    }

    /// Until when a number can be had with it, the instant excluded; then it is missed.
    #[must_use]
    pub fn good_until(&self, policy: &AppointmentPolicy) -> Millis {
        match policy.when_late {
            WhenLate::Void => self.kept_until(policy),
            WhenLate::Ordinary => self.kept_until(policy).max(start_of(local_date(self.place.slot.starts_at)) + DAY_MS),
        }
    }

    /// When the person is to be reminded; `None` when that is done, or is not to be: the site reminds nobody,
    /// the place was taken only just before, or it falls on a day that is closed now.
    #[must_use]
    pub fn remind_at(&self, policy: &AppointmentPolicy) -> Option<Millis> {
        let before = policy.messages.remind_before_min?;
        let at = self.place.slot.starts_at - Millis::from(before) * MINUTE_MS;
        (!self.reminded && !self.told_closed && self.placed_at + FRESH_MS <= at).then_some(at)
    }

    /// When time alone will next do something to it, as far as the settings of now tell; `None` when never.
    /// Looked at then, it either changes or is due later.
    #[must_use]
    pub fn due_at(&self, policy: &AppointmentPolicy, now: Millis) -> Option<Millis> {
        if self.state != State::Booked {
            return None;
        }
        let reminder = self.remind_at(policy).filter(|_| now < self.place.slot.starts_at);
        let missed = self.good_until(policy);
        Some(reminder.map_or(missed, |at| at.min(missed)))
    }
}
