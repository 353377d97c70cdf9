//! The catalogue in memory. Answers as the databases do.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::ports::{CatalogueStore, Stored};
use crate::store::rows::{BundleRow, MatterClaimRow, MatterDraftRow, MatterRow, MatterVersionRow};

#[async_trait]
impl CatalogueStore for MemoryStore {
    async fn matters(&self, site_id: &str) -> Stored<Vec<MatterRow>> {
        self.select(|row: &MatterRow| row.site_id == site_id)
    }

    async fn matter(&self, site_id: &str, id: &str) -> Stored<Option<MatterRow>> {
        self.first(|row: &MatterRow| row.site_id == site_id && row.id == id)
    }

    async fn bundles(&self, site_id: &str) -> Stored<Vec<BundleRow>> {
        self.select(|row: &BundleRow| row.site_id == site_id)
    }

    async fn matter_version(&self, site_id: &str, id: &str, version: i64) -> Stored<Option<MatterVersionRow>> {
        self.first(|row: &MatterVersionRow| row.site_id == site_id && row.id == id && row.version == version)
    }

    async fn matter_versions(&self, site_id: &str, id: &str) -> Stored<Vec<MatterVersionRow>> {
        let mut rows = self.select(|row: &MatterVersionRow| row.site_id == site_id && row.id == id)?;
        rows.sort_by_key(|row| row.version);
        Ok(rows)
    }

    async fn matter_draft(&self, site_id: &str, id: &str) -> Stored<Option<MatterDraftRow>> {
        self.first(|row: &MatterDraftRow| row.site_id == site_id && row.id == id)
    }

    async fn matter_drafts(&self, site_id: &str) -> Stored<Vec<MatterDraftRow>> {
        self.select(|row: &MatterDraftRow| row.site_id == site_id && row.step != "none")
    }

    async fn matter_drafts_due(&self, now: Millis, limit: i64) -> Stored<Vec<MatterDraftRow>> {
        let mut rows = self.select(|row: &MatterDraftRow| row.due_at.is_some_and(|at| at <= now))?;
        rows.sort_by(|one, other| (one.due_at, &one.site_id, &one.id).cmp(&(other.due_at, &other.site_id, &other.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn claims(&self, site_id: &str) -> Stored<Vec<MatterClaimRow>> {
        self.select(|row: &MatterClaimRow| row.site_id == site_id)
    }

    async fn claim(&self, site_id: &str, id: &str) -> Stored<Option<MatterClaimRow>> {
        self.first(|row: &MatterClaimRow| row.site_id == site_id && row.id == id)
    }

    async fn claims_of(&self, of_site_id: &str, of_id: &str) -> Stored<Vec<MatterClaimRow>> {
        let mut rows = self.select(|row: &MatterClaimRow| row.of_site_id == of_site_id && row.of_id == of_id)?;
        rows.sort_by(|one, other| (&one.site_id, &one.id).cmp(&(&other.site_id, &other.id)));
        Ok(rows)
    }

    async fn claims_watched(&self, now: Millis, limit: i64) -> Stored<Vec<MatterClaimRow>> {
        let mut rows = self.select(|row: &MatterClaimRow| row.watch_at.is_some_and(|at| at <= now))?;
        rows.sort_by(|one, other| (one.watch_at, &one.site_id, &one.id).cmp(&(other.watch_at, &other.site_id, &other.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }
}
