//! Between session and spool: takes jobs and acknowledges them when they are safe, says how they ended and how
//! the printer is. What it says while the line is cut is said again when it is back.

use edge::{
    clock::HallClock,
    pairing::revoked,
    session::{Line, SessionEvent},
    spool::{Spool, SpoolError},
};
use protocol::{
    device::{DeviceConfig, DeviceKind, FromDevice, JobOutcome, SILENCE_MS_MAX, ToDevice},
    slip::PrinterProfile,
};
use tokio::sync::{mpsc, watch};

use crate::{
    jobs::{Jobs, View},
    spool::JobSpool,
};

/// Under what the last profile lies in the device's spool.
const PROFILE: &str = "printer_profile";
/// A report given to the line this long before the line was found cut may be lost, in milliseconds.
const DOUBTFUL_MS: i64 = 2 * SILENCE_MS_MAX as i64;

/// The profile as last known; the default before the first configuration.
///
/// # Errors
/// The spool refused.
pub fn kept_profile(spool: &Spool) -> Result<PrinterProfile, SpoolError> {
    Ok(spool.known(PROFILE)?.map(|(profile, _)| profile).unwrap_or_default())
}

/// What the agent works with.
pub struct Agent {
    /// Token and last profile.
    pub spool: Spool,
    /// The jobs, to report from.
    pub job_spool: JobSpool,
    /// The door for new jobs.
    pub jobs: Jobs,
    /// What the worker sees.
    pub view: watch::Receiver<View>,
    /// Tells the worker a new profile.
    pub profile: watch::Sender<PrinterProfile>,
    /// The way to the server.
    pub line: Line,
    /// The hall's time.
    pub clock: HallClock,
}

impl Agent {
    /// Follows session and worker until the session ends.
    pub async fn run(self, mut events: mpsc::Receiver<SessionEvent>) {
        let doubtful = self.job_spool.last_reported_ms().unwrap_or_else(logged).map_or(0, |last_ms| last_ms - DOUBTFUL_MS);
        let mut said = Said { connected: false, doubtful_since_ms: Some(doubtful), view: View::default() };
        let mut view = self.view.clone();
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.hear(event, &mut said).await,
                    None => return,
                },
                changed = view.changed() => if changed.is_err() { return },
            }
            self.report(&mut said).await;
        }
    }

    async fn hear(&self, event: SessionEvent, said: &mut Said) {
        match event {
            SessionEvent::Connected(config) => {
                self.configure(&config);
                said.connected = true;
                said.view = View::default();
            }
            SessionEvent::Disconnected { since } => {
                said.connected = false;
                let since_ms = self.clock.at_ms(since) - DOUBTFUL_MS;
                said.doubtful_since_ms = Some(said.doubtful_since_ms.map_or(since_ms, |before_ms| before_ms.min(since_ms)));
            }
            SessionEvent::Unauthorised => tracing::error!("the server does not know the token of this printer"),
            SessionEvent::Frame(ToDevice::Config(config)) => self.configure(&config),
            SessionEvent::Frame(ToDevice::PrintJob { job_id, slip }) => match self.jobs.take(&job_id, &slip, self.clock.now_ms()) {
                Ok(new) => {
                    tracing::info!(job_id, new, "job taken");
                    if !new {
                        // Sent again: if it is on paper, the server has not heard so.
                        self.job_spool.report_again(&job_id).unwrap_or_else(logged);
                    }
                    self.line.send(FromDevice::JobReceived { job_id }).await;
                }
                Err(error) => tracing::error!(job_id, %error, "a job could not be kept; the server sends it again"),
            },
            SessionEvent::Frame(ToDevice::Revoked) => {
                if let Err(error) = revoked(&self.spool, &self.line) {
                    tracing::error!(%error, "the token could not be forgotten");
                }
            }
            SessionEvent::Frame(_) => {}
        }
    }

    fn configure(&self, config: &DeviceConfig) {
        self.clock.set(config.now_ms);
        if config.kind != DeviceKind::Printer {
            tracing::error!(kind = config.kind.as_str(), "the token belongs to a device of another kind");
        }
        let Some(profile) = config.printer_profile else { return };
        self.profile.send_if_modified(|known| std::mem::replace(known, profile) != profile);
        if let Err(error) = self.spool.keep(PROFILE, &profile, config.now_ms) {
            tracing::warn!(%error, "the profile could not be kept");
        }
    }

    /// Says what the server does not know yet.
    async fn report(&self, said: &mut Said) {
        if !said.connected {
            return;
        }
        let since_ms = said.doubtful_since_ms.take().unwrap_or(i64::MAX);
        for job in self.job_spool.to_report(since_ms).unwrap_or_else(logged) {
            let outcome = JobOutcome::Printed { attempts_unknown: job.attempts_unknown };
            self.line.send(FromDevice::JobReport { job_id: job.job_id.clone(), outcome }).await;
            self.job_spool.reported(&job.job_id, self.clock.now_ms()).unwrap_or_else(logged);
        }
        let now = self.view.borrow().clone();
        if let Some((job_id, why)) = &now.waiting
            && now.waiting != said.view.waiting
        {
            let outcome = JobOutcome::Waiting { why: (*why).to_owned() };
            self.line.send(FromDevice::JobReport { job_id: job_id.clone(), outcome }).await;
        }
        if now.status.is_some() && now.status != said.view.status {
            self.line.send(FromDevice::Status { printer: now.status, error: now.waiting.as_ref().map(|(_, why)| (*why).to_owned()) }).await;
        }
        if let Some(paper) = now.paper
            && now.paper != said.view.paper
        {
            self.line.send(FromDevice::Paper(paper)).await;
        }
        said.view = now;
    }
}

/// What was said on this connection.
struct Said {
    connected: bool,
    /// Reports since then (UTC milliseconds) may be lost; they are said again on the next connection.
    doubtful_since_ms: Option<i64>,
    view: View,
}

fn logged<T: Default>(error: SpoolError) -> T {
    tracing::error!(%error, "the spool refused");
    T::default()
}

#[cfg(test)]
#[path = "agent_tests.rs"]
mod tests;
