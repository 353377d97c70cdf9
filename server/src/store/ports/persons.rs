//! The port of personal data.

use async_trait::async_trait;

use super::Stored;
use crate::store::rows::{PersonRow, SubmissionRow};

/// Sealed data.
#[async_trait]
pub trait PersonStore: Send + Sync {
    /// One person.
    async fn person(&self, site_id: &str, id: &str) -> Stored<Option<PersonRow>>;
    /// Persons by a blind index of ID number or phone.
    async fn persons_by_index(&self, site_id: &str, index: &[u8]) -> Stored<Vec<PersonRow>>;
    /// One sealed text or form.
    async fn submission(&self, site_id: &str, id: &str) -> Stored<Option<SubmissionRow>>;
}
