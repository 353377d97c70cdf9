//! One command outside the hall: the first outcome of a retry again, else decide, commit, and decide
//! again when somebody else was faster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::App;
use super::error::{Answer, AppError};
use super::retry::{Outcome, Retry};
use crate::store::{ChangeSet, StoreError};

/// How often a command is decided again after a conflict.
const TRIES_MAX: u32 = 8;

/// One queue per site for commands that would only collide with each other.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// The queue of a site.
    pub(crate) fn of(&self, site_id: &str) -> Arc<tokio::sync::Mutex<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(site_id.to_owned()).or_default().clone()
    }
}

impl App {
    /// Runs a command that answers with what it would change and its outcome, and commits both with
    /// the key of the retry. A rule's refusal and field errors are outcomes too and kept like them.
    ///
    /// An outcome's body is kept as given, so it must hold no personal data; leave it null and fill it
    /// from the object afterwards where the answer shows a person.
    ///
    /// # Errors
    /// What is not kept: missing rights, things not found, a store that fails or stays contended.
    pub async fn once<F, Fut>(&self, site_id: &str, retry: Option<&Retry>, run: F) -> Answer<Outcome>
    where
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Answer<(ChangeSet, Outcome)>> + Send,
    {
        for _ in 0..TRIES_MAX {
            if let Some(replayed) = self.replayed(retry).await? {
                return Ok(replayed);
            }
            let (mut set, outcome) = match run().await {
                Ok(decided) => decided,
                Err(error @ (AppError::Refused { .. } | AppError::Invalid(_))) => (ChangeSet::new(site_id), Outcome::refusal(&error)),
                Err(error) => return Err(error),
            };
            if let Some(retry) = retry.filter(|_| outcome.is_kept()) {
                set.row(retry.row(site_id, &outcome, self.now()));
            }
            if set.events.is_empty() && set.rows.is_empty() {
                return Ok(outcome);
            }
            match self.commit(set).await {
                Ok(_) => return Ok(outcome),
                Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })
    }

    pub(super) async fn replayed(&self, retry: Option<&Retry>) -> Answer<Option<Outcome>> {
        let Some(retry) = retry else { return Ok(None) };
        let rows = self.stores.idempotency.outcomes(std::slice::from_ref(&retry.key_hash)).await?;
        rows.first().map(|row| retry.replay(row)).transpose()
    }
}
