//! What happens without anybody asking: side effects that are owed, and timers.
//!
//! Architecture Invariant: a worker decides nothing. It claims, calls a gateway, and hands the outcome
//! to a use case.

mod anchor;
mod line;
mod outbox;
mod rates;
mod reports;
mod timers;

pub use anchor::{Anchor, AnchoredSite};
pub use outbox::{ATTEMPTS_MAX, LEASE_MS, Outbox, delay_ms};
pub use timers::Timers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::gateways::Gateways;

/// How often the outbox is looked at when nothing hints.
const POLL_MS: u64 = 1_000;
/// How often the timers run.
const TIMERS_MS: u64 = 30_000;
/// How often what is owed is counted.
const MEASURE_MS: u64 = 5_000;
/// Events after which something may be owed.
const HINTS: &[&str] = &["appointment", "case", "certificate", "evaluation", "notification", "report", "upstream_case"];
/// What the workers carry out, each kind on its own, so that a slow platform holds no message up.
const KINDS: &[&str] = &["notify", "upload", "report", "reconcile", "pull"];

/// Everything that runs beside the requests.
#[derive(Debug)]
pub struct Workers(JoinSet<()>);

impl Workers {
    /// Starts them; they end after `closing`, with what they hold in their hands done.
    #[must_use]
    pub fn start(app: &Arc<App>, gateways: Gateways, anchors: Option<PathBuf>, closing: &CancellationToken) -> Self {
        let mut tasks = JoinSet::new();
        for kind in KINDS {
            tasks.spawn(carry_out(Outbox::new(app.clone(), gateways.clone()), kind, closing.clone()));
        }
        tasks.spawn(run_timers(Timers::new(app.clone(), anchors), closing.clone()));
        Self(tasks)
    }

    /// Waits until all have ended, at most this long; whether they did.
    pub async fn finish(mut self, wait_ms_max: u64) -> bool {
        let all = async { while self.0.join_next().await.is_some() {} };
        tokio::time::timeout(Duration::from_millis(wait_ms_max), all).await.is_ok()
    }
}

async fn carry_out(outbox: Outbox, kind: &'static str, closing: CancellationToken) {
    let mut commits = outbox.app().commits();
    let mut poll = tokio::time::interval(Duration::from_millis(POLL_MS));
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = poll.tick() => {}
            hint = commits.recv() => match hint {
                Ok(commit) if !commit.events.iter().any(|event| HINTS.contains(&event.aggregate.as_str())) => continue,
                _ => {}
            },
        }
        // Not within the select: a message that is being sent is sent to its end.
        while !closing.is_cancelled() && run_apart(&outbox, kind).await > 0 {}
    }
}

/// In a task of its own: a bug in one errand must not end all that come after it.
async fn run_apart(outbox: &Outbox, kind: &'static str) -> usize {
    let outbox = outbox.clone();
    tokio::spawn(async move { outbox.run_due(kind).await }).await.unwrap_or_else(|error| {
        tracing::error!(kind, %error, "an errand panicked; its lease gives it back");
        0
    })
}

async fn run_timers(timers: Timers, closing: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_millis(TIMERS_MS));
    let mut measuring = tokio::time::interval(Duration::from_millis(MEASURE_MS));
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = every.tick() => timers.run_due().await,
            _ = measuring.tick() => timers.measure().await,
        }
    }
}
