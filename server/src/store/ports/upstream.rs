//! The port of what is told to the platform of the level above, and of what that platform handles itself.

use async_trait::async_trait;

use super::Stored;
use crate::store::rows::{ReportedRow, UpstreamCaseRow};

/// What is told to the platform of the level above, and what it handles itself.
#[async_trait]
pub trait UpstreamStore: Send + Sync {
    /// One row that is told.
    async fn reported(&self, site_id: &str, id: &str) -> Stored<Option<ReportedRow>>;
    /// The rows of one case in their order.
    async fn reported_of(&self, site_id: &str, about_id: &str) -> Stored<Vec<ReportedRow>>;
    /// Rows of a site in these states, `sent` not among them, the oldest first, at most so many.
    async fn reported_in(&self, site_id: &str, states: &[&str], limit: i64) -> Stored<Vec<ReportedRow>>;
    /// How many rows of a site are in each state but `sent`, with the oldest instant.
    async fn reports_open(&self, site_id: &str) -> Stored<Vec<(String, i64, i64)>>;
    /// A case that the platform handles, by its number there.
    async fn upstream_case_by_number(&self, number: &str) -> Stored<Option<UpstreamCaseRow>>;
    /// One of them.
    async fn upstream_case(&self, site_id: &str, id: &str) -> Stored<Option<UpstreamCaseRow>>;
    /// Those behind a tracking code, in the order in which they were linked.
    async fn upstream_cases_by_tracking(&self, code: &str) -> Stored<Vec<UpstreamCaseRow>>;
}
