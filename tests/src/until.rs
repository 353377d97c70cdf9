//! Waiting for what comes by itself, however slow the machine is.

use std::time::{Duration, Instant};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks until there is something. `look` says how it is otherwise, which is what a failure tells.
///
/// # Panics
/// When nothing came in this time.
pub async fn until<T>(longest: Duration, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(how) => assert!(begun.elapsed() < longest, "{how}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same for what is there or not.
///
/// # Panics
/// When it did not come in this time.
pub async fn found<T>(longest: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    until(longest, async || look().await.ok_or_else(|| format!("{what} did not come"))).await
}
