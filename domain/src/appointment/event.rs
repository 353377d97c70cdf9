//! What happened to an appointment: past tense, and nothing personal. The code that opens it stands in
//! its row alone, since whoever reads the log could use it.

use serde::{Deserialize, Serialize};

use super::state::{Origin, Place};
use crate::ids::{AppointmentId, MatterId, PersonId, SiteId, TicketId};
use crate::time::Millis;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the state they lead to")]
pub enum Event {
    /// A place was taken.
    AppointmentBooked {
        appointment_id: AppointmentId,
        site_id: SiteId,
        person_id: PersonId,
        place: Place,
        matter_ids: Vec<MatterId>,
        origin: Origin,
        at: Millis,
    },
    /// Another place instead.
    AppointmentChanged { appointment_id: AppointmentId, from: Place, to: Place, by: Origin, at: Millis },
    /// Given up.
    AppointmentCancelled { appointment_id: AppointmentId, by: Origin, at: Millis },
    /// The person came and got a number.
    AppointmentCheckedIn { appointment_id: AppointmentId, ticket_id: TicketId, late: bool, at: Millis },
    /// Nobody came.
    AppointmentMissed { appointment_id: AppointmentId, at: Millis },
    /// Staff are told that the day of this place is closed now, once for each place.
    AppointmentClosedDayTold { appointment_id: AppointmentId, why: String, at: Millis },
    /// The person is reminded, once for each place.
    AppointmentReminded { appointment_id: AppointmentId, at: Millis },
}

impl Event {
    /// The type's name in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AppointmentBooked { .. } => "appointment_booked",
            Self::AppointmentChanged { .. } => "appointment_changed",
            Self::AppointmentCancelled { .. } => "appointment_cancelled",
            Self::AppointmentCheckedIn { .. } => "appointment_checked_in",
            Self::AppointmentMissed { .. } => "appointment_missed",
            Self::AppointmentClosedDayTold { .. } => "appointment_closed_day_told",
            Self::AppointmentReminded { .. } => "appointment_reminded",
        }
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::AppointmentBooked { at, .. }
            | Self::AppointmentChanged { at, .. }
            | Self::AppointmentCancelled { at, .. }
            | Self::AppointmentCheckedIn { at, .. }
            | Self::AppointmentMissed { at, .. }
            | Self::AppointmentClosedDayTold { at, .. }
            | Self::AppointmentReminded { at, .. } => *at,
        }
    }

    /// The appointment.
    #[must_use]
    pub fn appointment_id(&self) -> &AppointmentId {
        match self {
            Self::AppointmentBooked { appointment_id, .. }
            | Self::AppointmentChanged { appointment_id, .. }
            | Self::AppointmentCancelled { appointment_id, .. }
            | Self::AppointmentCheckedIn { appointment_id, .. }
            | Self::AppointmentMissed { appointment_id, .. }
            | Self::AppointmentClosedDayTold { appointment_id, .. }
            | Self::AppointmentReminded { appointment_id, .. } => appointment_id,
        }
    }
}
