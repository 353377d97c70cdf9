//! First contacts, in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::first_contacts::FirstContactStore;
use crate::store::ports::Stored;
use crate::store::rows::FirstContactRow;

#[async_trait]
impl FirstContactStore for MemoryStore {
    async fn first_contact(&self, site_id: &str, id: &str) -> Stored<Option<FirstContactRow>> {
        self.first(|row: &FirstContactRow| row.site_id == site_id && row.id == id)
    }

    async fn first_contacts(&self, site_id: &str, from: Millis, before: Millis) -> Stored<Vec<FirstContactRow>> {
        let lies_there = |at: Millis| at >= from && at < before;
        self.select(|row: &FirstContactRow| {
            row.site_id == site_id && (row.state == "open" || lies_there(row.at) || row.ended_at.is_some_and(lies_there))
        })
    }

    async fn unanswered_contacts(&self, before: Millis) -> Stored<Vec<FirstContactRow>> {
        self.select(|row: &FirstContactRow| row.state == "open" && row.at < before)
    }
}
