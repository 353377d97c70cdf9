//! What time alone does to appointments: who did not come is marked, and a place whose day was closed
//! after it was booked is put before staff, who call the person. Never silently dropped.

use domain::appointment::{Command, Event, Origin};
use domain::ids::AppointmentId;
use domain::time::{DAY_MS, Millis, local, local_date};

use super::{appointment_of, change_set};
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::retry::Outcome;
use crate::store::{AlertRow, AppointmentRow, ChangeSet};

/// Appointments read at once.
const READ_MAX: i64 = 200;
/// How far ahead closed days are looked for: further than anything can be booked.
const AHEAD_MS: Millis = 100 * DAY_MS;
/// Who acts, in the log.
const ACTOR: &str = "system";

impl App {
    /// Looks at every open appointment.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told and the others go on.
    pub async fn watch_appointments(&self) -> Answer<()> {
        let before = self.now() + AHEAD_MS;
        let mut seen: Option<AppointmentRow> = None;
        loop {
            let rows = self.stores.appointments.appointments_open(before, seen.as_ref(), READ_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            seen = Some(last.clone());
            for row in &rows {
                if let Err(error) = self.watch_appointment(row).await {
                    tracing::warn!(appointment = row.id, %error, "the appointment's timer did not run");
                }
            }
        }
    }

    async fn watch_appointment(&self, row: &AppointmentRow) -> Answer<()> {
        let command = if row.starts_at <= self.now() { Command::Miss } else { Command::TellClosedDay };
        // Most are not due: that is seen without waiting for anybody.
        if self.watched(row, &command).await?.0.events.is_empty() {
            return Ok(());
        }
        let turn = self.bookings.turns.of(&row.site_id);
        let _turn = turn.lock().await;
        self.once(&row.site_id, None, || self.watched(row, &command)).await.map(drop)
    }

    async fn watched(&self, seen: &AppointmentRow, command: &Command) -> Answer<(ChangeSet, Outcome)> {
        let version = self.book_version(&seen.site_id).await?;
        let id = AppointmentId::parse(&seen.id).ok_or(AppError::NotFound)?;
        let row = self.appointment_row(&seen.site_id, &id).await?;
        let appointment = appointment_of(&row)?;
        let place = &appointment.place;
        let facts = self.appointment_facts(&row.site_id, &place.line_id, local_date(place.slot.starts_at), "").await?;
        let events = appointment.decide(command, &facts.ground(), Origin::System, self.now())?;
        let mut set = change_set(row.clone(), version, &events, ACTOR)?;
        if events.iter().any(|event| matches!(event, Event::AppointmentClosedDayTold { .. })) {
            let line = facts.hall.line(&place.line_id).map(|line| line.name.clone()).unwrap_or_default();
            let at = local(place.slot.starts_at).format("%-m月%-d日 %H:%M");
            set.row(AlertRow {
                site_id: row.site_id.clone(),
                id: format!("al_{}-closed-{}", row.id.split_once('_').map_or(row.id.as_str(), |(_, tail)| tail), row.starts_at),
                kind: "appointment_day_closed".to_owned(),
                level: "yellow".to_owned(),
                object_id: row.id.clone(),
                text: format!("{at} {line}：这个时间现在不开放，请给预约的人打电话改约"),
                at: self.now(),
                settled_at: None,
            });
        }
        Ok((set, Outcome::success(200, None, serde_json::Value::Null)))
    }
}
