//! Appointments in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::ports::{AppointmentStore, Stored};
use crate::store::rows::AppointmentRow;

impl MemoryStore {
    fn by_begin(&self, keep: impl Fn(&AppointmentRow) -> bool) -> Stored<Vec<AppointmentRow>> {
        let mut rows = self.select(keep)?;
        rows.sort_by(|one: &AppointmentRow, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
        Ok(rows)
    }
}

#[async_trait]
impl AppointmentStore for MemoryStore {
    async fn appointment(&self, site_id: &str, id: &str) -> Stored<Option<AppointmentRow>> {
        self.first(|row: &AppointmentRow| row.site_id == site_id && row.id == id)
    }

    async fn appointment_by_code(&self, code_key: &str) -> Stored<Option<AppointmentRow>> {
        self.first(|row: &AppointmentRow| row.code_key == code_key)
    }

    async fn appointments_by_short(&self, site_id: &str, short_key: &str) -> Stored<Vec<AppointmentRow>> {
        self.by_begin(|row| row.site_id == site_id && row.short_key == short_key)
    }

    async fn appointments_between(&self, site_id: &str, from: &str, to: &str, line_id: Option<&str>) -> Stored<Vec<AppointmentRow>> {
        self.by_begin(|row| {
            row.site_id == site_id && (from..=to).contains(&row.date.as_str()) && line_id.is_none_or(|line| row.line_id == line)
        })
    }

    async fn appointments_of(&self, site_id: &str, key: &str) -> Stored<Vec<AppointmentRow>> {
        self.by_begin(|row| row.site_id == site_id && (row.holder_key == key || row.id_key.as_deref() == Some(key)))
    }

    async fn appointments_due(&self, now: Millis, seen: Option<&AppointmentRow>, limit: i64) -> Stored<Vec<AppointmentRow>> {
        let place = |row: &AppointmentRow| (row.due_at, row.site_id.clone(), row.id.clone());
        let is_wanted =
            |row: &AppointmentRow| row.state == "booked" && row.due_at <= now && seen.is_none_or(|seen| place(row) > place(seen));
        let mut rows = self.select(is_wanted)?;
        rows.sort_by_key(place);
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn appointments_due_anew(&self, site_id: Option<&str>) -> Stored<()> {
        let is_meant = |row: &AppointmentRow| row.state == "booked" && site_id.is_none_or(|site_id| row.site_id == site_id);
        self.change(is_meant, |_| (), |row: &mut AppointmentRow| row.due_at = 0).map(drop)
    }
}
