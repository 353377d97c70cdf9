//! What runs by the clock: halls and open cases often, calendar, anchors and forgetting now and then.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::{HOUR_MS, local_date};

use super::anchor::Anchor;
use crate::app::App;
use crate::app::error::Answer;

/// How often what is seldom is done, in milliseconds.
const SELDOM_MS: i64 = HOUR_MS;

/// The timers.
#[derive(Debug)]
pub struct Timers {
    app: Arc<App>,
    /// Folder of the daily anchors.
    anchors: Option<PathBuf>,
    seldom_at: AtomicI64,
}

impl Timers {
    /// Timers on an app, with the folder of the daily anchors.
    #[must_use]
    pub fn new(app: Arc<App>, anchors: Option<PathBuf>) -> Self {
        Self { app, anchors, seldom_at: AtomicI64::new(i64::MIN) }
    }

    /// Does what is due.
    pub async fn run_due(&self) {
        told("directory", self.app.refresh_directory().await);
        told("halls", self.app.tick_halls().await);
        told("appointments", self.app.watch_appointments().await);
        told("cases", self.app.watch_cases().await);
        told("evaluations", self.app.watch_evaluations().await);
        told("complaints", self.app.watch_complaints().await);
        told("first contacts", self.app.watch_first_contacts().await);
        told("catalogue", self.app.watch_catalogue().await);
        told("ledgers", self.app.watch_ledgers().await);
        told("alerts", self.app.settle_past_alerts().await);
        let now = self.app.now();
        if now.saturating_sub(self.seldom_at.load(Ordering::Relaxed)) < SELDOM_MS {
            return;
        }
        self.seldom_at.store(now, Ordering::Relaxed);
        told("calendar", self.app.watch_calendar().await);
        told("contracts", self.app.watch_contracts().await);
        told("day plans", self.app.tell_day_plans().await);
        told("files", self.app.forget_files().await);
        told("applications", self.app.forget_applications().await);
        told("outcomes", self.app.forget_outcomes().await.map(drop));
        self.anchor(now).await;
    }

    /// Counts what is owed, for the metrics.
    pub async fn measure(&self) {
        match self.app.stores.outbox.outbox_depth().await {
            Ok(depths) => {
                for kind in ["notify", "upload", "print", "report", "pull"] {
                    for state in ["ready", "dead"] {
                        let count = depths.iter().find(|(of, is, _)| of == kind && is == state).map_or(0, |(_, _, count)| *count);
                        metrics::gauge!("yichuang_outbox_rows", "kind" => kind, "state" => state).set(count as f64);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the outbox cannot be counted"),
        }
    }

    /// One anchor a day, kept under its date; the first of a day stays.
    async fn anchor(&self, now: i64) {
        let Some(folder) = &self.anchors else { return };
        let file = folder.join(format!("anchor-{}.json", local_date(now)));
        if file.exists() {
            return;
        }
        let written = match Anchor::now(&self.app.stores, self.app.clock.as_ref()).await {
            Ok(anchor) => anchor.write(&file).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = written {
            tracing::error!(file = %file.display(), error, "no anchor was written");
        }
    }
}

fn told(timer: &str, done: Answer<()>) {
    if let Err(error) = done {
        tracing::error!(timer, %error, "a timer did not run");
    }
}
