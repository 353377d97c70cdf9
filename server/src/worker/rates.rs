//! Messages a minute by channel, so that a hundred notices of one evening do not end in a provider's block. Knows no
//! message; each process counts its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::time::{MINUTE_MS, Millis};

/// When the last messages of each channel went out, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<BTreeMap<String, Vec<Millis>>>);

impl Rates {
    /// Takes a place of this minute; else how long until there is one, in milliseconds.
    pub(super) fn take(&self, channel: &str, per_minute: u32, now: Millis) -> Result<(), Millis> {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = sent.entry(channel.to_owned()).or_default();
        places.retain(|at| now - at < MINUTE_MS);
        if places.len() < usize::try_from(per_minute).unwrap_or(usize::MAX) {
            places.push(now);
            return Ok(());
        }
        Err(places.first().map_or(MINUTE_MS, |oldest| (oldest + MINUTE_MS - now).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_places_and_each_channel_its_own() {
        let rates = Rates::default();
        assert_eq!((rates.take("sms", 2, 0), rates.take("sms", 2, 10_000)), (Ok(()), Ok(())));
        assert_eq!(rates.take("sms", 2, 20_000), Err(40_000));
        assert_eq!(rates.take("wechat", 2, 20_000), Ok(()));
        assert_eq!(rates.take("sms", 2, 59_999), Err(1));
        assert_eq!(rates.take("sms", 2, 60_000), Ok(()));
        assert_eq!(rates.take("sms", 2, 60_000), Err(10_000));
    }
}
