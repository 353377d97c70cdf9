//! Wrong tries of codes that people type: five within a quarter of an hour, then nothing for a quarter
//! of an hour. In the memory of this process; a key is a device, an address or a case number.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::time::{MINUTE_MS, Millis};

use super::error::{Answer, AppError};

/// Wrong tries until the lock.
const TRIES_MAX: u32 = 5;
/// How long tries are remembered, and how long the lock lasts.
const SPAN_MS: Millis = 15 * MINUTE_MS;
/// Keys remembered; when there are more, those nearest to being forgotten go first.
const KEYS_MAX: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tries {
    wrong: u32,
    forgotten_at: Millis,
}

/// Wrong tries by key.
#[derive(Debug)]
pub struct Throttle {
    tries: Mutex<BTreeMap<String, Tries>>,
    tries_max: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::of(TRIES_MAX)
    }
}

impl Throttle {
    /// A throttle that locks with this try, for things of which more are in order.
    #[must_use]
    pub fn of(tries_max: u32) -> Self {
        Self { tries: Mutex::default(), tries_max }
    }

    /// Whether a key may try.
    ///
    /// # Errors
    /// [`AppError::TooMany`] while it is locked.
    pub fn check(&self, key: &str, now: Millis) -> Answer<()> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        match tries.get(key) {
            Some(tries) if tries.wrong >= self.tries_max && tries.forgotten_at > now => {
                Err(AppError::TooMany { until: tries.forgotten_at })
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong try; the last one locks.
    pub fn wrong(&self, key: &str, now: Millis) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= KEYS_MAX && !tries.contains_key(key) {
            make_room(&mut tries, self.tries_max, now);
        }
        let entry = tries.entry(key.to_owned()).or_insert(Tries { wrong: 0, forgotten_at: now + SPAN_MS });
        if entry.forgotten_at <= now {
            *entry = Tries { wrong: 0, forgotten_at: now + SPAN_MS };
        }
        entry.wrong += 1;
        if entry.wrong == self.tries_max {
            entry.forgotten_at = now + SPAN_MS;
        }
    }
}

fn make_room(tries: &mut BTreeMap<String, Tries>, tries_max: u32, now: Millis) {
    tries.retain(|_, tries| tries.forgotten_at > now);
    if tries.len() >= KEYS_MAX {
        let oldest = tries.iter().min_by_key(|(_, tries)| (tries.wrong >= tries_max, tries.forgotten_at)).map(|(key, _)| key.clone());
        oldest.and_then(|key| tries.remove(&key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_try_locks_for_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        for at in 0..5 {
            assert!(throttle.check("a", at).is_ok(), "try {at}");
            throttle.wrong("a", at);
        }
        assert!(matches!(throttle.check("a", 5), Err(AppError::TooMany { until }) if until == 4 + SPAN_MS));
        assert!(throttle.check("b", 5).is_ok(), "another key is another matter");
        assert!(throttle.check("a", 4 + SPAN_MS).is_ok());
        throttle.wrong("a", 4 + SPAN_MS);
        assert!(throttle.check("a", 5 + SPAN_MS).is_ok(), "the count began anew");
    }

    #[test]
    fn tries_are_forgotten() {
        let throttle = Throttle::default();
        for try_ in 0..20 {
            let at = try_ * SPAN_MS / 4;
            assert!(throttle.check("a", at).is_ok(), "four in a quarter of an hour are no attack");
            throttle.wrong("a", at);
        }
    }

    #[test]
    fn memory_is_bounded_and_locks_stay_longest() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            throttle.wrong("locked", 0);
        }
        for key in 0..KEYS_MAX + 10 {
            throttle.wrong(&format!("k{key}"), 1);
        }
        assert!(throttle.check("locked", 2).is_err());
        assert_eq!(throttle.tries.lock().unwrap_or_else(PoisonError::into_inner).len(), KEYS_MAX);
    }
}
