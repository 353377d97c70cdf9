//! Taking in that somebody checked in while the hall's line was cut: the hall's keeper gave a number for an appointment as
//! it knew it. The number is in the person's hand and stays valid whatever became of the appointment meanwhile.

use super::event::Event;
use super::state::{Appointment, Place, State};
use crate::hall::MergeRule;
use crate::ids::TicketId;
use crate::time::Millis;

/// A check-in as the keeper decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckIn {
    /// The number.
    pub ticket_id: TicketId,
    /// The place that the keeper knew.
    pub place: Place,
    /// After the time for which the place was kept.
    pub late: bool,
    /// When.
    pub at: Millis,
    /// The service answered the same touch before the line was cut, and nobody heard it: that number is given up.
    pub is_same_touch: bool,
}

impl Appointment {
    /// What becomes of a check-in that a keeper decided (local rule): the event to take in, if any, and the written rule
    /// by which it was settled where the appointment is not what the keeper knew.
    #[must_use]
    pub fn merge_check_in(&self, kept: &KeptCheckIn) -> (Option<Event>, Option<MergeRule>) {
        let taken = || {
            let (appointment_id, ticket_id) = (self.id.clone(), kept.ticket_id.clone());
            Some(Event::AppointmentCheckedIn { appointment_id, ticket_id, late: kept.late, at: kept.at })
        };
        match &self.state {
            State::CheckedIn { ticket_id, .. } if *ticket_id == kept.ticket_id => (None, None),
            State::CheckedIn { .. } if kept.is_same_touch => (taken(), None),
            State::CheckedIn { .. } => (None, Some(MergeRule::AppointmentUsed)),
            State::Cancelled { .. } => (None, Some(MergeRule::AppointmentCancelled)),
            State::NoShow { .. } => (taken(), Some(MergeRule::AppointmentMissed)),
            State::Booked if self.place != kept.place => (taken(), Some(MergeRule::AppointmentChanged)),
            State::Booked => (taken(), None),
        }
    }
}
