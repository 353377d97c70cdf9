//! The house as a whole, in memory. Answers as the databases do.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::ports::{HouseStore, Stored};
use crate::store::rows::{PersonRow, SubmissionRow};

#[async_trait]
impl HouseStore for MemoryStore {
    async fn sealed_key_ids(&self) -> Stored<Vec<String>> {
        let mut ids: BTreeSet<String> = self.select(|_: &PersonRow| true)?.into_iter().map(|row| row.key_id).collect();
        ids.extend(self.select(|_: &SubmissionRow| true)?.into_iter().map(|row| row.key_id));
        Ok(ids.into_iter().collect())
    }

    fn kind(&self) -> &'static str {
        "memory"
    }

    async fn size_bytes(&self) -> Stored<Option<i64>> {
        Ok(None)
    }
}
