//! Reads of the catalogue: matters in force, their versions and drafts, claims, bundles. Knows no database.

use async_trait::async_trait;
use domain::time::Millis;

use super::Stored;
use crate::store::rows::{BundleRow, MatterClaimRow, MatterDraftRow, MatterRow, MatterVersionRow};

/// Matters and bundles.
#[async_trait]
pub trait CatalogueStore: Send + Sync {
    /// Matters of a site in their newest version, those that it claims from above not among them.
    async fn matters(&self, site_id: &str) -> Stored<Vec<MatterRow>>;
    /// One matter.
    async fn matter(&self, site_id: &str, id: &str) -> Stored<Option<MatterRow>>;
    /// Bundles of a site.
    async fn bundles(&self, site_id: &str) -> Stored<Vec<BundleRow>>;
    /// A matter as it was in a version.
    async fn matter_version(&self, site_id: &str, id: &str, version: i64) -> Stored<Option<MatterVersionRow>>;
    /// Every version of a matter, the first one first.
    async fn matter_versions(&self, site_id: &str, id: &str) -> Stored<Vec<MatterVersionRow>>;
    /// The draft of a matter, one that is no more (`none`) too.
    async fn matter_draft(&self, site_id: &str, id: &str) -> Stored<Option<MatterDraftRow>>;
    /// Drafts of a site that are some, by id.
    async fn matter_drafts(&self, site_id: &str) -> Stored<Vec<MatterDraftRow>>;
    /// Drafts that time publishes by now, the longest due first; at most this many.
    async fn matter_drafts_due(&self, now: Millis, limit: i64) -> Stored<Vec<MatterDraftRow>>;
    /// Claims of a site, those that are over too, by id.
    async fn claims(&self, site_id: &str) -> Stored<Vec<MatterClaimRow>>;
    /// One claim.
    async fn claim(&self, site_id: &str, id: &str) -> Stored<Option<MatterClaimRow>>;
    /// Claims of a matter by other sites, by site and id.
    async fn claims_of(&self, of_site_id: &str, of_id: &str) -> Stored<Vec<MatterClaimRow>>;
    /// Claims about which time has something to tell by now, the longest due first; at most this many.
    async fn claims_watched(&self, now: Millis, limit: i64) -> Stored<Vec<MatterClaimRow>>;
}
