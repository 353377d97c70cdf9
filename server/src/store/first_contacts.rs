//! The port of 首问.

use async_trait::async_trait;
use domain::time::Millis;

use super::ports::Stored;
use super::rows::FirstContactRow;

/// First contacts from which no ticket followed. A row's version is also the counter `first-contact-…` of its id, which a
/// change-set names as what it was decided on.
#[async_trait]
pub trait FirstContactStore: Send + Sync {
    /// One of them.
    async fn first_contact(&self, site_id: &str, id: &str) -> Stored<Option<FirstContactRow>>;
    /// Those of a site that are owed an answer, and those noted or ended from one instant to before another, by id.
    async fn first_contacts(&self, site_id: &str, from: Millis, before: Millis) -> Stored<Vec<FirstContactRow>>;
    /// Those of every site that are owed an answer since before an instant, by site and id.
    async fn unanswered_contacts(&self, before: Millis) -> Stored<Vec<FirstContactRow>>;
}
