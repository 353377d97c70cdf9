//! What every device program does around its work: logs to standard error, one line when it is
//! ready, and a clean end on SIGINT or SIGTERM.

use std::io::{self, IsTerminal, Write};

use tokio::signal;

/// Logs to standard error; `RUST_LOG` chooses, by default `info`. A second call changes nothing.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    if logging.try_init().is_err() {
        tracing::debug!("logging was set up before");
    }
}

/// Prints the one line of JSON that says the program is ready, and where its page is.
///
/// # Errors
/// Standard output is closed.
pub fn announce_ready(url: Option<&str>) -> io::Result<()> {
    let mut line = serde_json::json!({ "ready": true });
    if let Some(url) = url {
        line["url"] = url.into();
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Waits until the program is asked to stop.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            tracing::error!("SIGTERM cannot be heard");
            return interrupted().await;
        };
        tokio::select! {
            () = interrupted() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted().await;
    tracing::info!("asked to stop");
}

async fn interrupted() {
    if signal::ctrl_c().await.is_err() {
        tracing::error!("Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}

/// A number that differs from device to device and start to start, for the jitter of the session.
///
/// # Errors
/// The machine has no randomness.
pub fn seed() -> io::Result<u64> {
    let mut bytes = [0; 8];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}
