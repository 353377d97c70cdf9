//! Ratings, what follows them, and complaints on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::cells::Cell;
use crate::store::ports::{EvaluationStore, Stored};
use crate::store::rows::{ComplaintRow, EvaluationRow, FollowUpRow};

const SITE_AND_ID: &str = "WHERE site_id = $1 AND id = $2";
/// What is to be looked at by now, after a row seen before.
const WATCHED: &str = "WHERE watch_at <= $1 AND (watch_at > $2 OR (watch_at = $2 AND (site_id > $3 OR (site_id = $3 AND id > $4)))) \
                       ORDER BY watch_at, site_id, id LIMIT $5";

fn watched(now: Millis, (watch_at, site_id, id): (i64, &str, &str), limit: i64) -> Vec<Cell> {
    vec![int(now), int(watch_at), text(site_id), text(id), int(limit)]
}

#[async_trait]
impl EvaluationStore for SqlStore {
    async fn evaluations_by_tracking(&self, code: &str) -> Stored<Vec<EvaluationRow>> {
        self.select("WHERE tracking_code = $1 ORDER BY at, id", vec![text(code)]).await
    }

    async fn evaluations_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<EvaluationRow>> {
        self.select("WHERE site_id = $1 AND at >= $2 AND at < $3 ORDER BY at, id", vec![text(site_id), int(from), int(to)]).await
    }

    async fn evaluation(&self, site_id: &str, id: &str) -> Stored<Option<EvaluationRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn follow_up(&self, site_id: &str, id: &str) -> Stored<Option<FollowUpRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn follow_ups(&self, site_id: &str, since: Millis) -> Stored<Vec<FollowUpRow>> {
        self.select("WHERE site_id = $1 AND opened_at >= $2 ORDER BY opened_at DESC, id DESC", vec![text(site_id), int(since)]).await
    }

    async fn follow_ups_by_tracking(&self, code: &str) -> Stored<Vec<FollowUpRow>> {
        self.select("WHERE tracking_code = $1 ORDER BY opened_at, id", vec![text(code)]).await
    }

    async fn follow_ups_watched(&self, now: Millis, seen: Option<&FollowUpRow>, limit: i64) -> Stored<Vec<FollowUpRow>> {
        let seen = seen.map_or((i64::MIN, "", ""), |seen| (seen.watch_at.unwrap_or(i64::MIN), &seen.site_id, &seen.id));
        self.select(WATCHED, watched(now, seen, limit)).await
    }

    async fn follow_ups_watched_anew(&self, site_id: Option<&str>) -> Stored<()> {
        for table in ["follow_ups", "complaints"] {
            let anew = format!("UPDATE {table} SET watch_at = 0 WHERE watch_at IS NOT NULL");
            match site_id {
                Some(site_id) => self.run(format!("{anew} AND site_id = $1"), vec![text(site_id)]).await?,
                None => self.run(anew, Vec::new()).await?,
            };
        }
        Ok(())
    }

    async fn complaint(&self, site_id: &str, id: &str) -> Stored<Option<ComplaintRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn complaint_by_number(&self, number: &str) -> Stored<Option<ComplaintRow>> {
        self.first("WHERE number = $1", vec![text(number)]).await
    }

    async fn complaints(&self, site_id: &str, since: Millis) -> Stored<Vec<ComplaintRow>> {
        self.select("WHERE site_id = $1 AND filed_at >= $2 ORDER BY filed_at DESC, id DESC", vec![text(site_id), int(since)]).await
    }

    async fn complaints_watched(&self, now: Millis, seen: Option<&ComplaintRow>, limit: i64) -> Stored<Vec<ComplaintRow>> {
        let seen = seen.map_or((i64::MIN, "", ""), |seen| (seen.watch_at.unwrap_or(i64::MIN), &seen.site_id, &seen.id));
        self.select(WATCHED, watched(now, seen, limit)).await
    }
}
