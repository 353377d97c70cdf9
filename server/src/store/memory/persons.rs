//! Personal data, in memory.

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::ports::{PersonStore, Stored};
use crate::store::rows::{PersonRow, SubmissionRow};

#[async_trait]
impl PersonStore for MemoryStore {
    async fn person(&self, site_id: &str, id: &str) -> Stored<Option<PersonRow>> {
        self.first(|row: &PersonRow| row.site_id == site_id && row.id == id)
    }

    async fn persons_by_index(&self, site_id: &str, index: &[u8]) -> Stored<Vec<PersonRow>> {
        let index = Some(index.to_vec());
        let mut rows =
            self.select(|row: &PersonRow| row.site_id == site_id && (row.id_number_index == index || row.phone_index == index))?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
        Ok(rows)
    }

    async fn submission(&self, site_id: &str, id: &str) -> Stored<Option<SubmissionRow>> {
        self.first(|row: &SubmissionRow| row.site_id == site_id && row.id == id)
    }
}
