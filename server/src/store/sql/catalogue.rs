//! The catalogue on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, int, text};
use crate::store::ports::{CatalogueStore, Stored};
use crate::store::rows::{BundleRow, MatterClaimRow, MatterDraftRow, MatterRow, MatterVersionRow};

const OF_SITE: &str = "WHERE site_id = $1 ORDER BY id";
const SITE_AND_ID: &str = "WHERE site_id = $1 AND id = $2";

#[async_trait]
impl CatalogueStore for SqlStore {
    async fn matters(&self, site_id: &str) -> Stored<Vec<MatterRow>> {
        self.select(OF_SITE, vec![text(site_id)]).await
    }

    async fn matter(&self, site_id: &str, id: &str) -> Stored<Option<MatterRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn bundles(&self, site_id: &str) -> Stored<Vec<BundleRow>> {
        self.select(OF_SITE, vec![text(site_id)]).await
    }

    async fn matter_version(&self, site_id: &str, id: &str, version: i64) -> Stored<Option<MatterVersionRow>> {
        self.first("WHERE site_id = $1 AND id = $2 AND version = $3", vec![text(site_id), text(id), int(version)]).await
    }

    async fn matter_versions(&self, site_id: &str, id: &str) -> Stored<Vec<MatterVersionRow>> {
        self.select("WHERE site_id = $1 AND id = $2 ORDER BY version", vec![text(site_id), text(id)]).await
    }

    async fn matter_draft(&self, site_id: &str, id: &str) -> Stored<Option<MatterDraftRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn matter_drafts(&self, site_id: &str) -> Stored<Vec<MatterDraftRow>> {
        self.select("WHERE site_id = $1 AND step <> 'none' ORDER BY id", vec![text(site_id)]).await
    }

    async fn matter_drafts_due(&self, now: Millis, limit: i64) -> Stored<Vec<MatterDraftRow>> {
        self.select("WHERE due_at <= $1 ORDER BY due_at, site_id, id LIMIT $2", vec![int(now), int(limit)]).await
    }

    async fn claims(&self, site_id: &str) -> Stored<Vec<MatterClaimRow>> {
        self.select(OF_SITE, vec![text(site_id)]).await
    }

    async fn claim(&self, site_id: &str, id: &str) -> Stored<Option<MatterClaimRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn claims_of(&self, of_site_id: &str, of_id: &str) -> Stored<Vec<MatterClaimRow>> {
        self.select("WHERE of_site_id = $1 AND of_id = $2 ORDER BY site_id, id", vec![text(of_site_id), text(of_id)]).await
    }

    async fn claims_watched(&self, now: Millis, limit: i64) -> Stored<Vec<MatterClaimRow>> {
        self.select("WHERE watch_at <= $1 ORDER BY watch_at, site_id, id LIMIT $2", vec![int(now), int(limit)]).await
    }
}
