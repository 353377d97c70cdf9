//! First contacts, on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::first_contacts::FirstContactStore;
use crate::store::ports::Stored;
use crate::store::rows::FirstContactRow;

#[async_trait]
impl FirstContactStore for SqlStore {
    async fn first_contact(&self, site_id: &str, id: &str) -> Stored<Option<FirstContactRow>> {
        self.first("WHERE site_id = $1 AND id = $2", vec![text(site_id), text(id)]).await
    }

    async fn first_contacts(&self, site_id: &str, from: Millis, before: Millis) -> Stored<Vec<FirstContactRow>> {
        let given = vec![text(site_id), int(from), int(before)];
        self.select(
            "WHERE site_id = $1 AND (state = 'open' OR (at >= $2 AND at < $3) OR (ended_at >= $2 AND ended_at < $3)) ORDER BY id",
            given,
        )
        .await
    }

    async fn unanswered_contacts(&self, before: Millis) -> Stored<Vec<FirstContactRow>> {
        self.select("WHERE state = 'open' AND at < $1 ORDER BY site_id, id", vec![int(before)]).await
    }
}
