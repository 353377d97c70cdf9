//! Appointments on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::ports::{AppointmentStore, Stored};
use crate::store::rows::AppointmentRow;

#[async_trait]
impl AppointmentStore for SqlStore {
    async fn appointment(&self, site_id: &str, id: &str) -> Stored<Option<AppointmentRow>> {
        self.first("WHERE site_id = $1 AND id = $2", vec![text(site_id), text(id)]).await
    }

    async fn appointment_by_code(&self, code: &str) -> Stored<Option<AppointmentRow>> {
        self.first("WHERE code = $1", vec![text(code)]).await
    }

    async fn appointments_by_short(&self, site_id: &str, short_code: &str) -> Stored<Vec<AppointmentRow>> {
        self.select("WHERE site_id = $1 AND short_code = $2 ORDER BY starts_at, id", vec![text(site_id), text(short_code)]).await
    }

    async fn appointments_between(&self, site_id: &str, from: &str, to: &str, line_id: Option<&str>) -> Stored<Vec<AppointmentRow>> {
        const BETWEEN: &str = "WHERE site_id = $1 AND date >= $2 AND date <= $3";
        let mut params = vec![text(site_id), text(from), text(to)];
        let of_line = if line_id.is_some() { " AND line_id = $4" } else { "" };
        params.extend(line_id.map(text));
        self.select(&format!("{BETWEEN}{of_line} ORDER BY starts_at, id"), params).await
    }

    async fn appointments_of(&self, site_id: &str, key: &str) -> Stored<Vec<AppointmentRow>> {
        let rest = "WHERE site_id = $1 AND (holder_key = $2 OR id_key = $2) ORDER BY starts_at, id";
        self.select(rest, vec![text(site_id), text(key)]).await
    }

    async fn appointments_open(&self, before: Millis, seen: Option<&AppointmentRow>, limit: i64) -> Stored<Vec<AppointmentRow>> {
        let rest = "WHERE state = 'booked' AND starts_at < $1 \
                    AND (starts_at > $2 OR (starts_at = $2 AND (site_id > $3 OR (site_id = $3 AND id > $4)))) \
                    ORDER BY starts_at, site_id, id LIMIT $5";
        let (starts_at, site_id, id) = seen.map_or((i64::MIN, "", ""), |seen| (seen.starts_at, &seen.site_id, &seen.id));
        self.select(rest, vec![int(before), int(starts_at), text(site_id), text(id), int(limit)]).await
    }
}
