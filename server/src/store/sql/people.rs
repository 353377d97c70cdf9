//! The people of a site: sittings, leaves, rosters, trainings.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::people::PeopleStore;
use crate::store::ports::Stored;
use crate::store::rows::{LeaveRow, RosterRow, SittingRow, TrainingRow};

const SITE_AND_ID: &str = "WHERE site_id = $1 AND id = $2";

#[async_trait]
impl PeopleStore for SqlStore {
    async fn sittings_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<SittingRow>> {
        let rest = "WHERE site_id = $1 AND end_ms > $2 AND start_ms < $3 ORDER BY start_ms, window_id, ordinal";
        self.select(rest, vec![text(site_id), int(from), int(to)]).await
    }

    async fn leave(&self, site_id: &str, id: &str) -> Stored<Option<LeaveRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn leaves_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<LeaveRow>> {
        let rest = "WHERE site_id = $1 AND to_date >= $2 AND from_date <= $3 AND cancelled_at IS NULL ORDER BY from_date, id";
        self.select(rest, vec![text(site_id), text(from), text(to)]).await
    }

    async fn rosters_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<RosterRow>> {
        self.select("WHERE site_id = $1 AND date >= $2 AND date <= $3 ORDER BY date", vec![text(site_id), text(from), text(to)]).await
    }

    async fn rosters_on(&self, date: &str) -> Stored<Vec<RosterRow>> {
        self.select("WHERE date = $1 ORDER BY site_id", vec![text(date)]).await
    }

    async fn leaves_on(&self, date: &str) -> Stored<Vec<LeaveRow>> {
        let rest = "WHERE to_date >= $1 AND from_date <= $1 AND cancelled_at IS NULL ORDER BY from_date, id";
        self.select(rest, vec![text(date)]).await
    }

    async fn training(&self, site_id: &str, id: &str) -> Stored<Option<TrainingRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn trainings_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TrainingRow>> {
        let rest = "WHERE site_id = $1 AND date >= $2 AND date <= $3 ORDER BY date DESC, id DESC";
        self.select(rest, vec![text(site_id), text(from), text(to)]).await
    }
}
