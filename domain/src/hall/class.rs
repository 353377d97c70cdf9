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

/// The class of a ticket, in the order of precedence (DOMAIN.md §2; the places of those at the head and
/// of quick matters are a local rule).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Sent here from another line or window, to the first place.
    Transferred,
    /// Back after being missed or parked.
    Returned,
    /// 绿色通道.
    Green,
    /// With an appointment whose slot has begun.
    Appointment,
    /// With nothing but quick matters (简事快办).
    Quick,
    /// Everybody else.
    Ordinary,
}

impl Class {
    /// Every class, in the order of precedence.
    pub const ALL: [Self; 6] = [Self::Transferred, Self::Returned, Self::Green, Self::Appointment, Self::Quick, Self::Ordinary];

    /// The classes that stand before the ordinary by nature, not by what happened to a ticket.
    pub const PREFERRED: [Self; 3] = [Self::Green, Self::Appointment, Self::Quick];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transferred => "transferred",
            Self::Returned => "returned",
            Self::Green => "green",
            Self::Appointment => "appointment",
            Self::Quick => "quick",
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
            Self::Quick => "快办号",
            Self::Ordinary => "普通号",
        }
    }

    /// The classes that this one stands before.
    pub(super) fn later(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |class| *class > self)
    }
}

impl Ticket {
    /// The class of the ticket, a slot taken as begun. A ticket that stands at the head is of the class of
    /// what brought it there, whatever it was before.
    #[must_use]
    pub fn class(&self) -> Class {
        match &self.state {
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Transferred, .. }, .. } => Class::Transferred,
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Returned | HeadCause::Resumed, .. }, .. } => Class::Returned,
            _ if self.priority == Priority::Green => Class::Green,
            _ if self.appointment.is_some() => Class::Appointment,
            _ if self.quick => Class::Quick,
            _ => Class::Ordinary,
        }
    }

    /// The class of the ticket at an instant: an appointment has no precedence before its slot.
    #[must_use]
    pub fn class_at(&self, at: Millis) -> Class {
        match self.class() {
            Class::Appointment if self.appointment.as_ref().is_some_and(|it| at < it.slot_starts_at) => Class::Ordinary,
            class => class,
        }
    }
}
