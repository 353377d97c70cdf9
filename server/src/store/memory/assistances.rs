//! Affairs in the hands of helpers, in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::assistances::AssistanceStore;
use crate::store::ports::Stored;
use crate::store::rows::AssistanceRow;

#[async_trait]
impl AssistanceStore for MemoryStore {
    async fn assistance(&self, site_id: &str, id: &str) -> Stored<Option<AssistanceRow>> {
        self.first(|row: &AssistanceRow| row.site_id == site_id && row.id == id)
    }

    async fn assistances(&self, site_id: &str, since: Millis) -> Stored<Vec<AssistanceRow>> {
        self.select(|row: &AssistanceRow| row.site_id == site_id && (row.state == "open" || row.changed_at >= since))
    }

    async fn assistances_of_case(&self, site_id: &str, case_id: &str) -> Stored<Vec<AssistanceRow>> {
        self.select(|row: &AssistanceRow| row.site_id == site_id && row.case_id.as_deref() == Some(case_id))
    }
}
