//! Affairs in the hands of helpers, on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::assistances::AssistanceStore;
use crate::store::ports::Stored;
use crate::store::rows::AssistanceRow;

#[async_trait]
impl AssistanceStore for SqlStore {
    async fn assistance(&self, site_id: &str, id: &str) -> Stored<Option<AssistanceRow>> {
        self.first("WHERE site_id = $1 AND id = $2", vec![text(site_id), text(id)]).await
    }

    async fn assistances(&self, site_id: &str, since: Millis) -> Stored<Vec<AssistanceRow>> {
        self.select("WHERE site_id = $1 AND (state = 'open' OR changed_at >= $2) ORDER BY id", vec![text(site_id), int(since)]).await
    }

    async fn assistances_of_case(&self, site_id: &str, case_id: &str) -> Stored<Vec<AssistanceRow>> {
        self.select("WHERE site_id = $1 AND case_id = $2 ORDER BY id", vec![text(site_id), text(case_id)]).await
    }
}
