//! Retries with an idempotency key: the same key with the same body gives the first outcome.

use domain::time::{HOUR_MS, Millis};
use serde_json::Value;

use super::error::AppError;
use crate::store::IdempotencyRow;
use crate::vault::sha256;

/// How long an outcome is kept for people.
pub const KEEP_MS: Millis = 48 * HOUR_MS;
/// How long an outcome is kept for devices.
pub const KEEP_DEVICE_MS: Millis = 60 * 24 * HOUR_MS;
/// Longest key.
pub const KEY_LEN_MAX: usize = 64;

/// A key as a caller gave it, bound to caller, method, path and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Hash of caller, method, path and key.
    pub key_hash: Vec<u8>,
    /// Hash of the body.
    pub body_hash: Vec<u8>,
    /// How long the outcome is kept, in milliseconds.
    pub keep_ms: Millis,
}

impl Retry {
    /// Binds a key to its scope (caller × method × path) and body.
    #[must_use]
    pub fn new(caller: &str, method: &str, path: &str, key: &str, body: &[u8], keep_ms: Millis) -> Self {
        let key_hash = sha256([caller, method, path, key].join("\n").as_bytes());
        // The body may hold personal data that could be guessed from its bare hash. The key itself is
        // nowhere kept, so the hash tells nothing to who has only the database.
        let secret = [caller, method, path, key, ""].join("\n");
        Self { key_hash, body_hash: sha256(&[secret.as_bytes(), body].concat()), keep_ms }
    }

    /// The row that keeps an outcome.
    #[must_use]
    pub fn row(&self, site_id: &str, outcome: &Outcome, now: Millis) -> IdempotencyRow {
        IdempotencyRow {
            key_hash: self.key_hash.clone(),
            body_hash: self.body_hash.clone(),
            site_id: site_id.to_owned(),
            status: i64::from(outcome.status),
            object_id: outcome.object_id.clone(),
            body: outcome.body.to_string(),
            created_at: now,
            keep_until: now + self.keep_ms,
        }
    }

    /// The first outcome again, or the refusal of another body under the same key.
    ///
    /// # Errors
    /// When the stored outcome cannot be read.
    pub fn replay(&self, stored: &IdempotencyRow) -> Result<Outcome, AppError> {
        if stored.body_hash != self.body_hash {
            let message = "这个请求编号已经用过，内容不一样";
            return Ok(Outcome::refusal(&AppError::refused("idempotency_mismatch", message)));
        }
        Ok(Outcome {
            status: u16::try_from(stored.status).unwrap_or(500),
            object_id: stored.object_id.clone(),
            body: serde_json::from_str(&stored.body)?,
            replayed: true,
        })
    }
}

/// What a command came to, in the form that is kept: free of personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Status as in HTTP.
    pub status: u16,
    /// The object it is about.
    pub object_id: Option<String>,
    /// The answer's body.
    pub body: Value,
    /// Whether this is the first outcome given again.
    pub replayed: bool,
}

impl Outcome {
    /// A success.
    #[must_use]
    pub fn success(status: u16, object_id: Option<String>, body: Value) -> Self {
        Self { status, object_id, body, replayed: false }
    }

    /// A refusal as a problem document.
    #[must_use]
    pub fn refusal(error: &AppError) -> Self {
        Self { status: error.status(), object_id: None, body: error.problem(), replayed: false }
    }

    /// Whether outcomes of this status are kept: 2xx, 409 and 422.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        (200..300).contains(&self.status) || self.status == 409 || self.status == 422
    }
}
