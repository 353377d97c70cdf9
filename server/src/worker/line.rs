//! The line to a platform that may be away for a day: after a failure nothing is tried for a while, so that a thousand
//! rows do not each wait for a time-out, and when it answers again everything goes on in its order.

use std::sync::{Mutex, PoisonError};

use domain::time::{MINUTE_MS, Millis};

/// Pauses after failures in a row, in milliseconds.
const PAUSES_MS: [Millis; 4] = [5_000, 15_000, 30_000, 60_000];
/// A line that is away so long is told to whoever runs the house, in milliseconds.
const TOLD_AFTER_MS: Millis = 10 * MINUTE_MS;

/// Since when a line is away.
#[derive(Debug, Default)]
struct Away {
    since: Option<Millis>,
    failures: usize,
    paused_until: Millis,
}

/// The state of the line, for one process.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Away>);

impl Line {
    fn lock(&self) -> std::sync::MutexGuard<'_, Away> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing is to be tried now.
    pub(super) fn is_paused(&self, now: Millis) -> bool {
        now < self.lock().paused_until
    }

    /// It answered.
    pub(super) fn answered(&self) {
        *self.lock() = Away::default();
    }

    /// It did not; since when it has not, once that is long enough to be told.
    pub(super) fn failed(&self, now: Millis) -> Option<Millis> {
        let mut away = self.lock();
        let since = *away.since.get_or_insert(now);
        away.paused_until = now + PAUSES_MS[away.failures.min(PAUSES_MS.len() - 1)];
        away.failures += 1;
        (now - since >= TOLD_AFTER_MS).then_some(since)
    }
}

/// Whether a code says that the line or what stands before the platform is away, not that one row is bad.
pub(super) fn is_of_the_line(code: &str) -> bool {
    matches!(
        code,
        "unreachable"
            | "timeout"
            | "tls"
            | "handshake"
            | "broken_off"
            | "answer_unreadable"
            | "no_gateway"
            | "http_408"
            | "http_425"
            | "http_429"
            | "http_502"
            | "http_503"
            | "http_504"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_end_with_an_answer() {
        let line = Line::default();
        assert!(!line.is_paused(0));
        assert_eq!(line.failed(0), None);
        assert!(line.is_paused(4_999) && !line.is_paused(5_000));
        for at in [5_000, 20_000, 50_000, 110_000] {
            assert_eq!(line.failed(at), None);
        }
        assert!(line.is_paused(169_999) && !line.is_paused(170_000), "a minute at most");
        assert_eq!(line.failed(TOLD_AFTER_MS), Some(0), "told with its begin");
        line.answered();
        assert!(!line.is_paused(TOLD_AFTER_MS));
        assert_eq!(line.failed(TOLD_AFTER_MS), None, "a new outage");
    }

    #[test]
    fn a_bad_row_is_no_bad_line() {
        assert!(is_of_the_line("timeout") && is_of_the_line("http_503"));
        assert!(!is_of_the_line("http_500") && !is_of_the_line("http_422") && !is_of_the_line("unreadable"));
    }
}
