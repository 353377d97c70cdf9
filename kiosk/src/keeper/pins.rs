//! Signing in at the keeper: user name and hall PIN, checked with argon2id, locked after a few wrong ones.
//! Sessions live in memory and open hall commands only.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use data_encoding::BASE64URL_NOPAD;
use domain::time::{HOUR_MS, MINUTE_MS, Millis};
use protocol::keeper::HallStaff;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Semaphore;

use super::journal::sha256_hex;

/// Wrong PINs in a row before a lock-out.
const FREE: u32 = 5;
/// First lock-out; doubled with each further failure.
const LOCK_MS_FIRST: Millis = MINUTE_MS;
/// Longest lock-out.
const LOCK_MS_MAX: Millis = 15 * MINUTE_MS;
/// A session unused for this long is over.
const IDLE_MS_MAX: Millis = 30 * MINUTE_MS;
/// A session this old is over.
const ABSOLUTE_MS_MAX: Millis = 12 * HOUR_MS;
/// Names whose wrong tries are remembered.
const NAMES_MAX: usize = 1_000;
/// PINs checked at once: each takes 19 MiB and a core.
const CHECKS_MAX: usize = 2;

/// Somebody signed in by PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinSession {
    /// Login name.
    pub username: String,
    begun_at: Millis,
    seen_at: Millis,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    failures: u32,
    locked_until: Millis,
}

/// What came of a sign-in.
pub(super) enum SignedIn {
    /// The cookie's token.
    Yes(String),
    /// Wrong name or PIN.
    No,
    /// Locked until then, by the keeper's steady clock; milliseconds to wait.
    Locked(Millis),
    /// The machine has no randomness.
    Failed,
}

#[derive(Debug)]
pub(super) struct Pins {
    tries: Mutex<BTreeMap<String, Tries>>,
    sessions: Mutex<BTreeMap<String, PinSession>>,
    checks: Semaphore,
}

impl Default for Pins {
    fn default() -> Self {
        Self { tries: Mutex::default(), sessions: Mutex::default(), checks: Semaphore::new(CHECKS_MAX) }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pins {
    /// Counts a try before it is looked at, so that many at once are not one.
    fn begin(&self, username: &str, now: Millis) -> Option<Millis> {
        let mut tries = locked(&self.tries);
        if tries.len() >= NAMES_MAX && !tries.contains_key(username) {
            tries.retain(|_, tries| tries.locked_until > now);
        }
        let entry = tries.entry(username.to_owned()).or_default();
        if entry.locked_until > now {
            return Some(entry.locked_until - now);
        }
        entry.failures += 1;
        if entry.failures >= FREE {
            let doubled = LOCK_MS_FIRST.saturating_mul(1 << (entry.failures - FREE).min(10));
            entry.locked_until = now + doubled.min(LOCK_MS_MAX);
        }
        None
    }

    /// Checks a PIN; an unknown name takes as long as a known one.
    pub(super) async fn sign_in(&self, staff: Option<&HallStaff>, username: &str, pin: String, now: Millis) -> SignedIn {
        if let Some(wait_ms) = self.begin(username, now) {
            return SignedIn::Locked(wait_ms);
        }
        let hash = staff.map(|staff| staff.pin_hash.clone());
        let Ok(_turn) = self.checks.acquire().await else { return SignedIn::Failed };
        let is_right = tokio::task::spawn_blocking(move || is_pin(&pin, hash.as_deref())).await.unwrap_or(false);
        if !is_right {
            return SignedIn::No;
        }
        locked(&self.tries).remove(username);
        let mut secret = [0; 32];
        if SystemRandom::new().fill(&mut secret).is_err() {
            return SignedIn::Failed;
        }
        let token = BASE64URL_NOPAD.encode(&secret);
        let mut sessions = locked(&self.sessions);
        sessions.retain(|_, session| is_good(session, now));
        sessions.insert(sha256_hex(token.as_bytes()), PinSession { username: username.to_owned(), begun_at: now, seen_at: now });
        SignedIn::Yes(token)
    }

    /// Who holds a token.
    pub(super) fn session(&self, token: &str, now: Millis) -> Option<PinSession> {
        let mut sessions = locked(&self.sessions);
        let session = sessions.get_mut(&sha256_hex(token.as_bytes())).filter(|session| is_good(session, now))?;
        session.seen_at = now;
        Some(session.clone())
    }

    pub(super) fn sign_out(&self, token: &str) {
        locked(&self.sessions).remove(&sha256_hex(token.as_bytes()));
    }
}

fn is_good(session: &PinSession, now: Millis) -> bool {
    now - session.seen_at < IDLE_MS_MAX && now - session.begun_at < ABSOLUTE_MS_MAX
}

fn is_pin(pin: &str, hash: Option<&str>) -> bool {
    /// Of a PIN that nobody has.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let checked =
        PasswordHash::new(hash.unwrap_or(NOBODY)).is_ok_and(|known| Argon2::default().verify_password(pin.as_bytes(), &known).is_ok());
    checked && hash.is_some()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its hash has failed")]
    use argon2::PasswordHasher;

    use super::*;

    fn clerk(pin: &str) -> HallStaff {
        HallStaff {
            staff_id: "s_dc_clerk1".into(),
            username: "clerk1".into(),
            name: "李".into(),
            pin_hash: Argon2::default().hash_password(pin.as_bytes()).unwrap().to_string(),
            operates: true,
            supervises: false,
            issues: true,
            last_day: None,
        }
    }

    #[tokio::test]
    async fn a_right_pin_opens_a_session_and_wrong_ones_lock_the_name() {
        let (pins, clerk) = (Pins::default(), clerk("204815"));
        let SignedIn::Yes(token) = pins.sign_in(Some(&clerk), "clerk1", "204815".into(), 0).await else { panic!("a right PIN") };
        assert_eq!(pins.session(&token, 1).unwrap().username, "clerk1");
        assert!(pins.session("another", 1).is_none());
        assert!(pins.session(&token, IDLE_MS_MAX + 1).is_none(), "unused for too long");
        for _ in 0..FREE {
            assert!(matches!(pins.sign_in(Some(&clerk), "clerk1", "000000".into(), 10).await, SignedIn::No));
        }
        assert!(matches!(pins.sign_in(Some(&clerk), "clerk1", "204815".into(), 11).await, SignedIn::Locked(_)));
        assert!(matches!(pins.sign_in(Some(&clerk), "clerk1", "204815".into(), 11 + LOCK_MS_FIRST).await, SignedIn::Yes(_)));
        assert!(matches!(pins.sign_in(None, "nobody", "204815".into(), 20).await, SignedIn::No));
    }
}
