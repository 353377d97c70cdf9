//! The port of 帮办代办.

use async_trait::async_trait;
use domain::time::Millis;

use super::ports::Stored;
use super::rows::AssistanceRow;

/// Affairs in the hands of helpers. A row's version is also the counter `assistance-…` of its id, which a change-set
/// names as what it was decided on.
#[async_trait]
pub trait AssistanceStore: Send + Sync {
    /// One of them.
    async fn assistance(&self, site_id: &str, id: &str) -> Stored<Option<AssistanceRow>>;
    /// Those of a site that go on or changed since an instant, by id.
    async fn assistances(&self, site_id: &str, since: Millis) -> Stored<Vec<AssistanceRow>>;
    /// Those about a case, by id.
    async fn assistances_of_case(&self, site_id: &str, case_id: &str) -> Stored<Vec<AssistanceRow>>;
}
