//! Ratings, what follows them, and complaints in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::ports::{EvaluationStore, Stored};
use crate::store::rows::{ComplaintRow, EvaluationRow, FollowUpRow};

/// The first rows by the instant at which they are to be looked at.
fn first<T>(mut rows: Vec<T>, place: impl Fn(&T) -> (Option<i64>, String, String), limit: i64) -> Vec<T> {
    rows.sort_by_key(place);
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    rows
}

fn place_of(row: &FollowUpRow) -> (Option<i64>, String, String) {
    (row.watch_at, row.site_id.clone(), row.id.clone())
}

fn place_of_complaint(row: &ComplaintRow) -> (Option<i64>, String, String) {
    (row.watch_at, row.site_id.clone(), row.id.clone())
}

#[async_trait]
impl EvaluationStore for MemoryStore {
    async fn evaluations_by_tracking(&self, code: &str) -> Stored<Vec<EvaluationRow>> {
        self.select(|row: &EvaluationRow| row.tracking_code == code)
    }

    async fn evaluations_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<EvaluationRow>> {
        self.select(|row: &EvaluationRow| row.site_id == site_id && row.at >= from && row.at < to)
    }

    async fn evaluation(&self, site_id: &str, id: &str) -> Stored<Option<EvaluationRow>> {
        self.first(|row: &EvaluationRow| row.site_id == site_id && row.id == id)
    }

    async fn follow_up(&self, site_id: &str, id: &str) -> Stored<Option<FollowUpRow>> {
        self.first(|row: &FollowUpRow| row.site_id == site_id && row.id == id)
    }

    async fn follow_ups(&self, site_id: &str, since: Millis) -> Stored<Vec<FollowUpRow>> {
        let mut rows = self.select(|row: &FollowUpRow| row.site_id == site_id && row.opened_at >= since)?;
        rows.sort_by(|one, other| (other.opened_at, &other.id).cmp(&(one.opened_at, &one.id)));
        Ok(rows)
    }

    async fn follow_ups_by_tracking(&self, code: &str) -> Stored<Vec<FollowUpRow>> {
        self.select(|row: &FollowUpRow| row.tracking_code == code)
    }

    async fn follow_ups_watched(&self, now: Millis, seen: Option<&FollowUpRow>, limit: i64) -> Stored<Vec<FollowUpRow>> {
        let is_due = |row: &FollowUpRow| row.watch_at.is_some_and(|at| at <= now) && seen.is_none_or(|seen| place_of(row) > place_of(seen));
        Ok(first(self.select(is_due)?, place_of, limit))
    }

    async fn follow_ups_watched_anew(&self, site_id: Option<&str>) -> Stored<()> {
        let is_here = |of: &str| site_id.is_none_or(|site_id| of == site_id);
        let is_watched = |row: &FollowUpRow| row.watch_at.is_some() && is_here(&row.site_id);
        self.change(is_watched, |_| (), |row: &mut FollowUpRow| row.watch_at = Some(0))?;
        let is_watched = |row: &ComplaintRow| row.watch_at.is_some() && is_here(&row.site_id);
        self.change(is_watched, |_| (), |row: &mut ComplaintRow| row.watch_at = Some(0)).map(drop)
    }

    async fn complaint(&self, site_id: &str, id: &str) -> Stored<Option<ComplaintRow>> {
        self.first(|row: &ComplaintRow| row.site_id == site_id && row.id == id)
    }

    async fn complaint_by_number(&self, number: &str) -> Stored<Option<ComplaintRow>> {
        self.first(|row: &ComplaintRow| row.number == number)
    }

    async fn complaints(&self, site_id: &str, since: Millis) -> Stored<Vec<ComplaintRow>> {
        let mut rows = self.select(|row: &ComplaintRow| row.site_id == site_id && row.filed_at >= since)?;
        rows.sort_by(|one, other| (other.filed_at, &other.id).cmp(&(one.filed_at, &one.id)));
        Ok(rows)
    }

    async fn complaints_watched(&self, now: Millis, seen: Option<&ComplaintRow>, limit: i64) -> Stored<Vec<ComplaintRow>> {
        let is_due = |row: &ComplaintRow| {
            row.watch_at.is_some_and(|at| at <= now) && seen.is_none_or(|seen| place_of_complaint(row) > place_of_complaint(seen))
        };
        Ok(first(self.select(is_due)?, place_of_complaint, limit))
    }
}
