//! Figures of appointments, from their events alone, so that a report can be recomputed from the log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::state::{Appointment, State};

/// Appointments whose slot lies in a stretch of time, by what became of them.
///
/// `booked` = all that were ever booked there, without those changed to another time; each of them is
/// exactly one of the other four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// All.
    pub booked: u32,
    /// Not ended yet.
    pub open: u32,
    /// The person came and got a number.
    pub checked_in: u32,
    /// Given up before.
    pub cancelled: u32,
    /// Nobody came.
    pub no_show: u32,
}

impl Figures {
    /// Counts appointments.
    pub fn of<'a>(appointments: impl IntoIterator<Item = &'a Appointment>) -> Self {
        let mut figures = Self::default();
        for appointment in appointments {
            figures.booked += 1;
            match appointment.state {
                State::Booked => figures.open += 1,
                State::CheckedIn { .. } => figures.checked_in += 1,
                State::Cancelled { .. } => figures.cancelled += 1,
                State::NoShow { .. } => figures.no_show += 1,
            }
        }
        figures
    }

    /// The appointments that a log tells of, in order of their ids.
    #[must_use]
    pub fn appointments_of(events: &[Event]) -> Vec<Appointment> {
        let mut by_id: BTreeMap<_, Vec<Event>> = BTreeMap::new();
        for event in events {
            by_id.entry(event.appointment_id().clone()).or_default().push(event.clone());
        }
        by_id.values().filter_map(|events| Appointment::replay(events)).collect()
    }
}
