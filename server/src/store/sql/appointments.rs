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

    async fn appointment_by_code(&self, code_key: &str) -> Stored<Option<AppointmentRow>> {
        self.first("WHERE code_key = $1", vec![text(code_key)]).await
    }

    async fn appointments_by_short(&self, site_id: &str, short_key: &str) -> Stored<Vec<AppointmentRow>> {
        self.select("WHERE site_id = $1 AND short_key = $2 ORDER BY starts_at, id", vec![text(site_id), text(short_key)]).await
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

    async fn appointments_due(&self, now: Millis, seen: Option<&AppointmentRow>, limit: i64) -> Stored<Vec<AppointmentRow>> {
        let rest = "WHERE state = 'booked' AND due_at <= $1 \
                    AND (due_at > $2 OR (due_at = $2 AND (site_id > $3 OR (site_id = $3 AND id > $4)))) \
                    ORDER BY due_at, site_id, id LIMIT $5";
        let (due_at, site_id, id) = seen.map_or((i64::MIN, "", ""), |seen| (seen.due_at, &seen.site_id, &seen.id));
        self.select(rest, vec![int(now), int(due_at), text(site_id), text(id), int(limit)]).await
    }

    async fn appointments_due_anew(&self, site_id: Option<&str>) -> Stored<()> {
        const ANEW: &str = "UPDATE appointments SET due_at = 0 WHERE state = 'booked'";
        match site_id {
            Some(site_id) => self.run(format!("{ANEW} AND site_id = $1"), vec![text(site_id)]).await.map(drop),
            None => self.run(ANEW.to_owned(), Vec::new()).await.map(drop),
        }
    }
}
