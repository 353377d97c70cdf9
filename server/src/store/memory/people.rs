//! The people of a site in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::people::PeopleStore;
use crate::store::ports::Stored;
use crate::store::rows::{LeaveRow, RosterRow, SittingRow, TrainingRow};

#[async_trait]
impl PeopleStore for MemoryStore {
    async fn sittings_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<SittingRow>> {
        let mut rows = self.select(|row: &SittingRow| row.site_id == site_id && row.end_ms > from && row.start_ms < to)?;
        rows.sort_by(|one, other| (one.start_ms, &one.window_id, one.ordinal).cmp(&(other.start_ms, &other.window_id, other.ordinal)));
        Ok(rows)
    }

    async fn leave(&self, site_id: &str, id: &str) -> Stored<Option<LeaveRow>> {
        self.first(|row: &LeaveRow| row.site_id == site_id && row.id == id)
    }

    async fn leaves_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<LeaveRow>> {
        let touches = |row: &LeaveRow| {
            row.site_id == site_id && row.to_date.as_str() >= from && row.from_date.as_str() <= to && row.cancelled_at.is_none()
        };
        let mut rows = self.select(touches)?;
        rows.sort_by(|one, other| (&one.from_date, &one.id).cmp(&(&other.from_date, &other.id)));
        Ok(rows)
    }

    async fn rosters_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<RosterRow>> {
        let mut rows = self.select(|row: &RosterRow| row.site_id == site_id && (from..=to).contains(&row.date.as_str()))?;
        rows.sort_by(|one, other| one.date.cmp(&other.date));
        Ok(rows)
    }

    async fn rosters_on(&self, date: &str) -> Stored<Vec<RosterRow>> {
        self.select(|row: &RosterRow| row.date == date)
    }

    async fn leaves_on(&self, date: &str) -> Stored<Vec<LeaveRow>> {
        let touches = |row: &LeaveRow| row.to_date.as_str() >= date && row.from_date.as_str() <= date && row.cancelled_at.is_none();
        let mut rows = self.select(touches)?;
        rows.sort_by(|one, other| (&one.from_date, &one.id).cmp(&(&other.from_date, &other.id)));
        Ok(rows)
    }

    async fn training(&self, site_id: &str, id: &str) -> Stored<Option<TrainingRow>> {
        self.first(|row: &TrainingRow| row.site_id == site_id && row.id == id)
    }

    async fn trainings_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TrainingRow>> {
        let mut rows = self.select(|row: &TrainingRow| row.site_id == site_id && (from..=to).contains(&row.date.as_str()))?;
        rows.sort_by(|one, other| (&other.date, &other.id).cmp(&(&one.date, &one.id)));
        Ok(rows)
    }
}
