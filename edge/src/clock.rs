//! The hall's wall clock as a device keeps it: set by the server, carried on by tokio's monotonic
//! time, so that a wrong machine clock shows on no screen and a simulation can turn it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use tokio::time::Instant;

/// Wall clock in UTC milliseconds; clones share it.
#[derive(Debug, Clone)]
pub struct HallClock(Arc<Mutex<Base>>);

#[derive(Debug, Clone, Copy)]
struct Base {
    wall_ms: i64,
    at: Instant,
}

impl HallClock {
    /// A clock that shows `now_ms` (UTC milliseconds) and runs on; call it inside a tokio runtime.
    #[must_use]
    pub fn starting_at(now_ms: i64) -> Self {
        Self(Arc::new(Mutex::new(Base { wall_ms: now_ms, at: Instant::now() })))
    }

    /// A clock that starts with the machine's own, until the server says better.
    #[must_use]
    pub fn of_machine() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::starting_at(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// Takes over the server's time, UTC milliseconds.
    pub fn set(&self, now_ms: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Base { wall_ms: now_ms, at: Instant::now() };
    }

    /// Now, UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.at_ms(Instant::now())
    }

    /// The wall time of a monotonic instant, UTC milliseconds.
    #[must_use]
    pub fn at_ms(&self, instant: Instant) -> i64 {
        let base = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        if instant >= base.at {
            base.wall_ms.saturating_add(millis(instant - base.at))
        } else {
            base.wall_ms.saturating_sub(millis(base.at - instant))
        }
    }
}

/// RFC 3339 with the offset +08:00 and milliseconds, the form of every time in the API.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    let utc = DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or(DateTime::UNIX_EPOCH);
    match FixedOffset::east_opt(8 * 3600) {
        Some(offset) => utc.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Millis, false),
        None => utc.to_rfc3339_opts(SecondsFormat::Millis, false),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_servers_time_replaces_the_machines_and_runs_on() {
        let clock = HallClock::starting_at(1_000);
        let before = Instant::now();
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(clock.now_ms(), 1_500);
        clock.set(50_000);
        tokio::time::advance(Duration::from_millis(20)).await;
        assert_eq!(clock.now_ms(), 50_020);
        assert_eq!(clock.at_ms(before), 49_500, "an instant before the correction is read by the corrected clock");
        assert_eq!(rfc3339(0), "1970-01-01T08:00:00.000+08:00");
    }
}
