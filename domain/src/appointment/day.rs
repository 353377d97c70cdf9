//! Everything that is booked of one line on one date: what places are counted by.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::slots::Slot;
use crate::ids::{AppointmentId, LineId};

/// What the count must know of an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The slot it was booked for, as long as slots were then.
    pub slot: Slot,
    /// Opaque key of the phone it was booked with.
    pub holder_key: String,
}

/// The bookings of a line on a date that take a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The line.
    pub line_id: LineId,
    /// The date.
    pub date: NaiveDate,
    bookings: BTreeMap<AppointmentId, Booking>,
}

impl Day {
    /// A day with the bookings that take a place.
    #[must_use]
    pub fn new(line_id: LineId, date: NaiveDate, bookings: impl IntoIterator<Item = (AppointmentId, Booking)>) -> Self {
        Self { line_id, date, bookings: bookings.into_iter().collect() }
    }

    /// Places taken in a slot, without those of one appointment: everybody who comes at some time of it, also where slots
    /// had another length when they booked.
    #[must_use]
    pub fn taken(&self, slot: Slot, without: Option<&AppointmentId>) -> usize {
        self.bookings.iter().filter(|(id, booking)| booking.slot.overlaps(slot) && Some(*id) != without).count()
    }

    /// Bookings of a phone on this day, without one appointment.
    #[must_use]
    pub fn of_holder(&self, holder_key: &str, without: Option<&AppointmentId>) -> usize {
        self.bookings.iter().filter(|(id, booking)| booking.holder_key == holder_key && Some(*id) != without).count()
    }
}
