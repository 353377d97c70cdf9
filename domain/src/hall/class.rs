//! The class of a ticket: what decides, beside its time, when it is called. Derived, never stored.

use serde::{Deserialize, Serialize};

use super::state::{HeadCause, Place, Priority, Ticket, TicketState};
use crate::ids::AppointmentId;
use crate::time::Millis;

/// The appointment with which a ticket was checked in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAppointment {
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// Begin of its slot; before this instant the ticket has no precedence.
    pub slot_starts_at: Millis,
    /// End of its slot.
    pub slot_ends_at: Millis,
}

/// The class of a ticket, in the order of precedence (DOMAIN.md §2; the order of the first two is a
/// local rule).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Sent here from another line or window, to the first place.
    Transferred,
    /// Back after being missed or parked.
    Returned,
    /// 绿色通道.
    Green,
    /// With an appointment.
    Appointment,
    /// Everybody else.
    Ordinary,
}

impl Class {
    /// Every class, in the order of precedence.
    pub const ALL: [Self; 5] = [Self::Transferred, Self::Returned, Self::Green, Self::Appointment, Self::Ordinary];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transferred => "transferred",
            Self::Returned => "returned",
            Self::Green => "green",
            Self::Appointment => "appointment",
            Self::Ordinary => "ordinary",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Transferred => "转来的号",
            Self::Returned => "回来的号",
            Self::Green => "绿色通道",
            Self::Appointment => "预约号",
            Self::Ordinary => "普通号",
        }
    }
}

impl Ticket {
    /// The class of the ticket now. A ticket that stands at the head is of the class of what brought it
    /// there, whatever it was before.
    #[must_use]
    pub fn class(&self) -> Class {
        match &self.state {
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Transferred, .. }, .. } => Class::Transferred,
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Returned | HeadCause::Resumed, .. }, .. } => Class::Returned,
            _ if self.priority == Priority::Green => Class::Green,
            _ if self.appointment.is_some() => Class::Appointment,
            _ => Class::Ordinary,
        }
    }
}
