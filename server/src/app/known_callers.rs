//! Callers that were read lately, by the hash of their token, so that a clerk's every key press does not read
//! session and account anew.
//!
//! Architecture Invariant: only where this process alone writes. Whatever changes an account, a device or the end
//! of a session forgets all of them with the same commit, so nobody is ever somebody longer than the store says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::Millis;

use super::caller::Caller;
use super::directory::Listing;
use crate::store::{ChangeSet, Row};

/// Callers kept; beyond that all are read anew.
const CALLERS_MAX: usize = 16_384;

#[derive(Debug, Clone)]
struct Known {
    caller: Caller,
    /// It may be used without looking from then …
    from: Millis,
    /// … until then.
    until: Millis,
    /// The directory it was made with: the sites below a person's own come from there.
    listing: Arc<Listing>,
}

#[derive(Debug, Default)]
struct Inside {
    /// Grows with every forgetting: what was read before one is not kept after it.
    generation: u64,
    callers: BTreeMap<Vec<u8>, Known>,
}

/// See the file's head.
#[derive(Debug, Default)]
pub struct KnownCallers(Mutex<Inside>);

impl KnownCallers {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be asked before reading what shall be kept.
    pub(super) fn generation(&self) -> u64 {
        self.inside().generation
    }

    /// The caller behind a token's hash, if nothing can have changed since.
    pub(super) fn get(&self, token_hash: &[u8], now: Millis, listing: &Arc<Listing>) -> Option<Caller> {
        let inside = self.inside();
        let known = inside.callers.get(token_hash)?;
        let holds = (known.from..known.until).contains(&now) && Arc::ptr_eq(&known.listing, listing);
        holds.then(|| known.caller.clone())
    }

    /// Keeps a caller that was read after `generation`.
    pub(super) fn keep(
        &self,
        generation: u64,
        token_hash: Vec<u8>,
        caller: &Caller,
        (from, until): (Millis, Millis),
        listing: Arc<Listing>,
    ) {
        let mut inside = self.inside();
        if inside.generation != generation {
            return;
        }
        if inside.callers.len() >= CALLERS_MAX {
            inside.callers.clear();
        }
        inside.callers.insert(token_hash, Known { caller: caller.clone(), from, until, listing });
    }

    /// Forgets everybody.
    pub(super) fn forget(&self) {
        let mut inside = self.inside();
        inside.generation += 1;
        inside.callers.clear();
    }

    /// Forgets everybody if a commit changes who somebody is.
    pub(super) fn forget_after(&self, set: &ChangeSet) {
        if set.rows.iter().any(|row| matches!(row, Row::Staff(_) | Row::Device(_) | Row::Session(_))) {
            self.forget();
        }
    }
}
