//! Appointments (预约): a place in a slot of a line, kept for somebody who will come.
//!
//! # A walk for a newcomer
//!
//! Slots are computed, never stored: [`slots_on`] cuts a line's pattern out of the hall's opening hours
//! and the legal calendar. A citizen books a [`Place`] in one of them ([`Appointment::book`]); later it
//! is changed, cancelled, checked in or missed ([`Appointment::decide`]). Each answers with [`Event`]s or
//! one [`Refusal`]; [`Appointment::evolve`] takes an event in and never says no.
//!
//! **Never two bookings of one place.** What counts the places is a [`Day`]: everything booked of one
//! line on one date. A decision is good only for the day it was made on, so whoever stores it names that
//! day's version, and decides again when it has moved on.
//!
//! Architecture Invariant: pure. No clock, no ids, no randomness, no I/O, and no personal data: a person
//! is a `person_id`, a phone an opaque key. Rights, codes and storage belong to others.

mod day;
mod decide;
mod event;
mod figures;
mod merge;
mod refusal;
mod slots;
mod state;

pub use day::{Booking, Day};
pub use decide::{Booker, Command, Ground, NewAppointment};
pub use event::Event;
pub use figures::Figures;
pub use merge::KeptCheckIn;
pub use refusal::Refusal;
pub use slots::{NoSlots, Slot, slots_on};
pub use state::{Appointment, Origin, Place, State};

#[cfg(test)]
mod tests;
