//! Appointments and the hall's keeper: what it must know to check somebody in while the line is cut, and taking in that it
//! did. The rules of that stand in `domain::appointment`.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use domain::appointment::{Appointment, KeptCheckIn};
use domain::hall::MergeRule;
use domain::ids::AppointmentId;
use domain::time::{DAY_MS, local_date};
use protocol::keeper::KeptBooking;
use tokio::sync::Mutex;

use super::{Decided, appointment_of, change_set};
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::store::{AppointmentRow, ChangeSet};
use crate::vault::sha256;

/// Most appointments that a keeper is told: two days of a large hall.
const BOOKINGS_MAX: usize = 4_000;

impl App {
    /// What changes whenever the appointments of today and tomorrow may have: the version of the book, and the day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn bookings_version(&self, site_id: &str) -> Answer<(i64, String)> {
        Ok((self.book_version(site_id).await?, local_date(self.now()).to_string()))
    }

    /// The appointments of today and tomorrow that were not given up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn kept_bookings(&self, site_id: &str) -> Answer<Vec<KeptBooking>> {
        let day = |ahead: i64| local_date(self.now() + ahead * DAY_MS).to_string();
        let rows = self.stores.appointments.appointments_between(site_id, &day(0), &day(1), None).await?;
        let mut bookings = Vec::new();
        for row in rows.iter().filter(|row| row.state != "cancelled").take(BOOKINGS_MAX) {
            bookings.push(self.kept_booking(row).await?);
        }
        Ok(bookings)
    }

    async fn kept_booking(&self, row: &AppointmentRow) -> Answer<KeptBooking> {
        let appointment = appointment_of(row)?;
        let person = self.stores.persons.person(&row.site_id, &row.person_id).await?;
        let index = person.and_then(|person| person.id_number_index);
        let codes = self.appointment_codes(&row.site_id, &row.id);
        let hashed = |code: &str| HEXLOWER.encode(&sha256(&KeptBooking::hashed(&appointment.id, code)));
        Ok(KeptBooking {
            holder_key: index.map(|index| self.day_key(&row.site_id, &index, local_date(row.starts_at))),
            code_hash: hashed(&codes.code),
            short_hash: hashed(&codes.short),
            appointment,
        })
    }

    /// The turn in which the appointments of a site change in this process.
    pub(in crate::app) fn bookings_turn(&self, site_id: &str) -> Arc<Mutex<()>> {
        self.bookings.turns.of(site_id)
    }

    /// What a check-in of the keeper makes true besides the number, and the rule by which it was settled. Call it in the
    /// site's turn. Nothing where the appointment is not known any more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn kept_check_in(
        &self,
        site_id: &str,
        id: &AppointmentId,
        kept: &KeptCheckIn,
        actor_id: &str,
    ) -> Answer<(ChangeSet, Option<MergeRule>)> {
        let version = self.book_version(site_id).await?;
        let row = match self.appointment_row(site_id, id).await {
            Err(AppError::NotFound) => return Ok((ChangeSet::new(site_id), Some(MergeRule::AppointmentCancelled))),
            other => other?,
        };
        let appointment: Appointment = appointment_of(&row)?;
        let (event, rule) = appointment.merge_check_in(kept);
        let Some(event) = event else { return Ok((ChangeSet::new(site_id), rule)) };
        let hall = self.hall(site_id).await?;
        let policy = &hall.doc().policy.appointments;
        let (set, _) = change_set(Decided { row, version, policy }, &[event], actor_id, self.now())?;
        Ok((set, rule))
    }
}
