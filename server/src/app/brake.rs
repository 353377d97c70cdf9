//! Wrong passwords by account and address: counted before the password is looked at, so that many at
//! once are not one. In the memory of this process; an unknown name is braked like a known one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::time::{MINUTE_MS, Millis};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Answer, AppError};

/// Wrong passwords in a row before a lock-out.
const FREE: u32 = 5;
/// First lock-out; doubled with each further failure.
const LOCK_MS_FIRST: Millis = MINUTE_MS;
/// Longest lock-out, and how long failures are remembered.
const LOCK_MS_MAX: Millis = 15 * MINUTE_MS;
/// Keys remembered.
const KEYS_MAX: usize = 20_000;
/// Passwords checked at once: each takes 19 MiB and a core.
const CHECKS_MAX: usize = 4;
/// Sign-ins that may wait for their turn.
const WAITING_MAX: usize = 64;

#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    failures: u32,
    locked_until: Millis,
    tried_at: Millis,
}

/// The brake.
#[derive(Debug)]
pub struct Brake {
    tries: Mutex<BTreeMap<String, Tries>>,
    seats: Semaphore,
    checks: Semaphore,
}

impl Default for Brake {
    fn default() -> Self {
        Self { tries: Mutex::default(), seats: Semaphore::new(WAITING_MAX), checks: Semaphore::new(CHECKS_MAX) }
    }
}

impl Brake {
    /// Counts a try that may turn out right.
    ///
    /// # Errors
    /// [`AppError::TooMany`] while the key is locked out.
    pub fn begin(&self, key: &str, now: Millis) -> Answer<()> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= KEYS_MAX && !tries.contains_key(key) {
            let oldest = tries.iter().min_by_key(|(_, entry)| entry.tried_at).map(|(key, _)| key.clone());
            oldest.and_then(|key| tries.remove(&key));
        }
        let entry = tries.entry(key.to_owned()).or_default();
        if entry.locked_until > now {
            return Err(AppError::TooMany { until: entry.locked_until });
        }
        if now - entry.tried_at > LOCK_MS_MAX {
            entry.failures = 0;
        }
        entry.failures += 1;
        entry.tried_at = now;
        if entry.failures >= FREE {
            entry.locked_until = now + (LOCK_MS_FIRST << (entry.failures - FREE).min(4)).min(LOCK_MS_MAX);
        }
        Ok(())
    }

    /// The try turned out right.
    pub fn passed(&self, key: &str) {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// A turn to check a password.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when too many wait.
    pub async fn turn(&self) -> Answer<(SemaphorePermit<'_>, SemaphorePermit<'_>)> {
        let busy = || AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" };
        let seat = self.seats.try_acquire().map_err(|_| busy())?;
        let check = self.checks.acquire().await.map_err(|_| busy())?;
        Ok((seat, check))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_waits_and_longer_each_time() {
        let brake = Brake::default();
        for at in 0..5 {
            assert!(brake.begin("clerk1 10.0.0.1", at).is_ok());
        }
        assert!(matches!(brake.begin("clerk1 10.0.0.1", 5), Err(AppError::TooMany { until }) if until == 4 + MINUTE_MS));
        assert!(brake.begin("clerk1 10.0.0.2", 5).is_ok(), "another place is not locked out with it");
        assert!(brake.begin("clerk1 10.0.0.1", 4 + MINUTE_MS).is_ok());
        assert!(matches!(brake.begin("clerk1 10.0.0.1", 5 + MINUTE_MS), Err(AppError::TooMany { until }) if until == 4 + 3 * MINUTE_MS));
        brake.passed("clerk1 10.0.0.1");
        assert!(brake.begin("clerk1 10.0.0.1", 6 + MINUTE_MS).is_ok());
    }
}
