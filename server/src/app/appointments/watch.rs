//! What time alone does to appointments: who booked is reminded, who did not come is marked, and a place whose
//! day was closed after it was booked is put before staff and told to the person. Never silently dropped.
//!
//! Each row says when it is due next; only those are read. Where the rules change — settings, a year of the
//! calendar — the rows that stand under them are due anew.

use domain::appointment::{Command, Event, Origin};
use domain::ids::AppointmentId;
use domain::time::{local, local_date};

use super::{Decided, appointment_of, change_set};
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::past_alerts::{DAY_CLOSED, day_closed_id};
use crate::app::retry::Outcome;
use crate::store::{AlertRow, AppointmentRow, ChangeSet};

/// Appointments read at once.
const READ_MAX: i64 = 200;
/// Who acts, in the log.
const ACTOR: &str = "system";

impl App {
    /// Looks at the appointments that are due.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn watch_appointments(&self) -> Answer<()> {
        let now = self.now();
        let mut seen: Option<AppointmentRow> = None;
        loop {
            let rows = self.stores.appointments.appointments_due(now, seen.as_ref(), READ_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            seen = Some(last.clone());
            for row in &rows {
                let turn = self.bookings.turns.of(&row.site_id);
                let _turn = turn.lock().await;
                if let Err(error) = self.once(&row.site_id, None, || self.watched(row)).await {
                    tracing::warn!(appointment = row.id, %error, "the appointment's timer did not run");
                }
            }
        }
    }

    /// Appointments stand under other rules than before, those of one site or all: each is looked at anew.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn appointment_rules_changed(&self, site_id: Option<&str>) -> Answer<()> {
        Ok(self.stores.appointments.appointments_due_anew(site_id).await?)
    }

    async fn watched(&self, seen: &AppointmentRow) -> Answer<(ChangeSet, Outcome)> {
        let version = self.book_version(&seen.site_id).await?;
        let id = AppointmentId::parse(&seen.id).ok_or(AppError::NotFound)?;
        let row = self.appointment_row(&seen.site_id, &id).await?;
        let (now, mut appointment) = (self.now(), appointment_of(&row)?);
        let place = appointment.place.clone();
        let facts = self.appointment_facts(&row.site_id, &place.line_id, local_date(place.slot.starts_at), "").await?;
        let mut events = Vec::new();
        // In this order: nobody is reminded of a day that is closed.
        for command in [Command::TellClosedDay, Command::Remind, Command::Miss] {
            let new = appointment.decide(&command, &facts.ground(), Origin::System, now)?;
            new.iter().for_each(|event| appointment.evolve(event));
            events.extend(new);
        }
        let policy = facts.policy();
        let (mut set, after) = change_set(Decided { row: row.clone(), version, policy }, &events, ACTOR, now)?;
        self.follow_appointment(&after, &events, policy, &mut set);
        if events.iter().any(|event| matches!(event, Event::AppointmentClosedDayTold { .. })) {
            let line = facts.hall.line(&place.line_id).map(|line| line.name.clone()).unwrap_or_default();
            let at = local(place.slot.starts_at).format("%-m月%-d日 %H:%M");
            set.row(AlertRow {
                site_id: row.site_id.clone(),
                id: day_closed_id(&row),
                kind: DAY_CLOSED.to_owned(),
                level: "yellow".to_owned(),
                object_id: row.id.clone(),
                text: format!("{at} {line}：这个时间现在不开放，请给预约的人打电话改约"),
                at: now,
                settled_at: None,
                audience: String::new(),
            });
        }
        Ok((set, Outcome::success(200, None, serde_json::Value::Null)))
    }
}
