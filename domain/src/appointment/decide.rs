//! What may be done to an appointment, and what follows.

use super::day::Day;
use super::event::Event;
use super::refusal::Refusal;
use super::slots::{NoSlots, slots_on};
use super::state::{Appointment, Origin, Place, State};
use crate::calendar::Calendar;
use crate::hall::{AppointmentPolicy, NoShowBlock, OpeningHours, WhenLate};
use crate::ids::{AppointmentId, MatterId, PersonId, SiteId, TicketId};
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date};

/// The phone that books: what the limits are counted by (local rule: the phone is the one thing that
/// is always told, and messages go there).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Booker {
    /// Opaque key of the phone.
    pub holder_key: String,
    /// Its appointments that are booked, over all lines.
    pub open: Vec<AppointmentId>,
    /// When it missed appointments.
    pub missed_at: Vec<Millis>,
}

/// What the rules look at. `day` is that of the place that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The site's rules.
    pub policy: &'a AppointmentPolicy,
    /// The hall's opening hours.
    pub hours: &'a OpeningHours,
    /// The legal calendar.
    pub calendar: &'a Calendar,
    /// What is booked of the line on the day.
    pub day: &'a Day,
    /// Who books.
    pub booker: &'a Booker,
}

/// An appointment to be made, with the id drawn for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppointment {
    /// A fresh id.
    pub id: AppointmentId,
    /// The site.
    pub site: SiteId,
    /// Who will come.
    pub person: PersonId,
    /// The begin of the slot; the line is the day's.
    pub starts_at: Millis,
    /// What for.
    pub matter_ids: Vec<MatterId>,
}

/// What can be asked of an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Another place: the slot that begins then, in the ground's line and day.
    Change {
        /// The begin of the slot.
        starts_at: Millis,
    },
    /// Give it up.
    Cancel,
    /// The person is there; the id is for the number.
    CheckIn {
        /// A fresh id.
        ticket_id: TicketId,
    },
    /// The timer: the time is over and nobody came.
    Miss,
    /// The timer: staff are told that the day of this place is closed now, so that they call the person.
    TellClosedDay,
    /// The timer: the person is reminded.
    Remind,
}

impl Ground<'_> {
    /// The slot that begins at an instant, if it exists and has a place.
    fn free_place(&self, starts_at: Millis, own: Option<&AppointmentId>, now: Millis) -> Result<Place, Refusal> {
        let line = self.policy.line(&self.day.line_id).ok_or(Refusal::LineNotBookable)?;
        if local_date(starts_at) != self.day.date {
            return Err(Refusal::UnknownSlot);
        }
        let earliest_days = self.policy.earliest_days;
        if self.day.date > local_date(now + Millis::from(earliest_days) * DAY_MS) {
            return Err(Refusal::TooFarAhead { earliest_days });
        }
        let slots = slots_on(line, self.policy, self.hours, self.calendar, self.day.date).map_err(|why| Refusal::DayClosed { why })?;
        let (slot, places) = slots.into_iter().find(|(slot, _)| slot.starts_at == starts_at).ok_or(Refusal::UnknownSlot)?;
        let latest_min = self.policy.latest_min;
        if now > slot.starts_at - Millis::from(latest_min) * MINUTE_MS {
            return Err(Refusal::TooLateToBook { latest_min });
        }
        if self.day.taken(slot, own) >= usize::from(places) {
            return Err(Refusal::SlotFull);
        }
        Ok(Place { line_id: self.day.line_id.clone(), slot })
    }

    fn may_hold_another(&self, own: Option<&AppointmentId>, origin: Origin, now: Millis) -> Result<(), Refusal> {
        if self.day.of_holder(&self.booker.holder_key, own) >= usize::from(self.policy.per_line_and_day) {
            return Err(Refusal::AlreadyBooked);
        }
        if self.booker.open.iter().filter(|id| Some(*id) != own).count() >= usize::from(self.policy.open_max) {
            return Err(Refusal::TooManyOpen { open_max: self.policy.open_max });
        }
        match self
            .policy
            .no_show_block
            .as_ref()
            .filter(|_| origin != Origin::Staff)
            .and_then(|block| blocked_until(block, self.booker, now))
        {
            Some(until) => Err(Refusal::BlockedAfterNoShows { until }),
            None => Ok(()),
        }
    }

    /// Why the place of an appointment is no slot any more: a holiday that was loaded, a day that was
    /// closed, other hours. `None` while it stands.
    #[must_use]
    pub fn lost(&self, place: &Place) -> Option<NoSlots> {
        let line = match self.policy.line(&place.line_id) {
            Some(line) => line,
            None => return Some(NoSlots::LineNotBookable),
        };
        match slots_on(line, self.policy, self.hours, self.calendar, local_date(place.slot.starts_at)) {
            // A year that is taken out again says nothing about the day.
            Err(NoSlots::CalendarMissing { .. }) => None,
            Err(why) => Some(why),
            // Other slot lengths do not matter as long as the time lies in slots.
            Ok(slots) => {
                let covers = slots.iter().any(|(slot, _)| slot.starts_at <= place.slot.starts_at && place.slot.starts_at < slot.ends_at);
                (!covers).then_some(NoSlots::Closed)
            }
        }
    }
}

/// Until when a phone that missed so many cannot book; `None` when it can.
fn blocked_until(block: &NoShowBlock, booker: &Booker, now: Millis) -> Option<Millis> {
    let since = now - Millis::from(block.within_days) * DAY_MS;
    let missed: Vec<Millis> = booker.missed_at.iter().copied().filter(|at| *at >= since).collect();
    let newest = missed.iter().max()?;
    let until = newest + Millis::from(block.for_days) * DAY_MS;
    (missed.len() >= usize::from(block.no_shows) && until > now).then_some(until)
}

impl Appointment {
    /// Books a place.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing is booked then.
    pub fn book(new: NewAppointment, ground: &Ground<'_>, origin: Origin, now: Millis) -> Result<Vec<Event>, Refusal> {
        let place = ground.free_place(new.starts_at, None, now)?;
        ground.may_hold_another(None, origin, now)?;
        Ok(vec![Event::AppointmentBooked {
            appointment_id: new.id,
            site_id: new.site,
            person_id: new.person,
            place,
            matter_ids: new.matter_ids,
            origin,
            at: now,
        }])
    }

    /// Decides about a command at an instant. `Ok` without events: what was asked for is so already, or
    /// not due.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing changes then.
    pub fn decide(&self, command: &Command, ground: &Ground<'_>, by: Origin, now: Millis) -> Result<Vec<Event>, Refusal> {
        let appointment_id = self.id.clone();
        let is_booked = self.state == State::Booked;
        // Only the timer's own questions are put to one that has ended, and bring nothing about.
        let is_of_the_timer = by == Origin::System && matches!(command, Command::Miss | Command::TellClosedDay | Command::Remind);
        if !is_booked && !is_of_the_timer {
            return Err(Refusal::AppointmentState { state: self.state.name() });
        }
        Ok(match command {
            Command::Change { starts_at } => {
                let to = ground.free_place(*starts_at, Some(&self.id), now)?;
                if to == self.place {
                    return Err(Refusal::SamePlace);
                }
                ground.may_hold_another(Some(&self.id), by, now)?;
                vec![Event::AppointmentChanged { appointment_id, from: self.place.clone(), to, by, at: now }]
            }
            Command::Cancel => vec![Event::AppointmentCancelled { appointment_id, by, at: now }],
            Command::CheckIn { ticket_id } => vec![self.check_in(ticket_id, ground.policy, now)?],
            Command::Miss if is_booked && now >= self.good_until(ground.policy) => {
                vec![Event::AppointmentMissed { appointment_id, at: now }]
            }
            Command::TellClosedDay if is_booked && !self.told_closed && now < self.place.slot.starts_at => match ground.lost(&self.place) {
                Some(why) => vec![Event::AppointmentClosedDayTold { appointment_id, why: why.code().to_owned(), at: now }],
                None => Vec::new(),
            },
            Command::Remind
                if is_booked && now < self.place.slot.starts_at && self.remind_at(ground.policy).is_some_and(|at| at <= now) =>
            {
                vec![Event::AppointmentReminded { appointment_id, at: now }]
            }
            Command::Miss | Command::TellClosedDay | Command::Remind => Vec::new(),
        })
    }

    /// The person is there and gets a number.
    ///
    /// # Errors
    /// It is used or given up, not open yet, or its time is over.
    pub fn check_in(&self, ticket_id: &TicketId, policy: &AppointmentPolicy, now: Millis) -> Result<Event, Refusal> {
        if self.state != State::Booked {
            return Err(Refusal::AppointmentState { state: self.state.name() });
        }
        let opens_at = self.check_in_from(policy);
        if now < opens_at {
            return Err(Refusal::CheckInTooEarly { opens_at });
        }
        let late = now >= self.kept_until(policy);
        if now >= self.good_until(policy) || (late && policy.when_late == WhenLate::Void) {
            return Err(Refusal::AppointmentVoid);
        }
        Ok(Event::AppointmentCheckedIn { appointment_id: self.id.clone(), ticket_id: ticket_id.clone(), late, at: now })
    }
}
