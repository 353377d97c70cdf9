//! The worker: one job after the other from the spool to paper.
//!
//! queued → sending → printed. An attempt whose end is not known puts the job back, to be printed again marked
//! 补打. Without paper or printer the job stays and is tried again, less and less often. What the server must hear is
//! read from the spool and from [`View`]; nothing is sent from here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use edge::{clock::HallClock, spool::SpoolError};
use protocol::slip::{PaperState, PaperUse, PrinterProfile, PrinterStatus, Slip};
use slip::Fonts;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

use crate::{
    driver::{Attempt, Driver, Rendered},
    spool::{JobSpool, OpenJob},
};

/// First pause before an obstacle is looked at again, in milliseconds; it doubles.
pub const RETRY_MS_MIN: u64 = 1_000;
/// Longest pause before an obstacle is looked at again, in milliseconds: new paper is noticed within it.
pub const RETRY_MS_MAX: u64 = 5_000;
/// Longest pause before a slip whose end is not known is printed again, in milliseconds.
pub const AGAIN_MS_MAX: u64 = 60_000;
/// How often an idle printer is asked how it is, in milliseconds.
pub const IDLE_LOOK_MS: u64 = 10_000;
/// Paper is told again after this long at the earliest, in milliseconds: each telling is a write at the server.
pub const PAPER_MS: u64 = 60_000;
/// Pause after the spool refused, in milliseconds.
const SPOOL_PAUSE_MS: u64 = 5_000;

/// What the worker sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// State of the printer, once it was looked at.
    pub status: Option<PrinterStatus>,
    /// The job that waits, and why: a code of `JobOutcome::Waiting`.
    pub waiting: Option<(String, &'static str)>,
    /// Jobs printed since the start.
    pub printed: u64,
    /// Paper used, once it was counted; at most a minute old.
    pub paper: Option<PaperUse>,
}

/// The door to the spool: takes jobs and wakes the worker.
#[derive(Debug, Clone)]
pub struct Jobs {
    spool: JobSpool,
    wake: Arc<Notify>,
}

impl Jobs {
    /// Takes a job unless it was taken before; on return it is safe and may be acknowledged.
    ///
    /// # Errors
    /// The spool refused: the job is not safe.
    pub fn take(&self, job_id: &str, slip: &Slip, now_ms: i64) -> Result<bool, SpoolError> {
        let new = self.spool.take(job_id, slip, now_ms)?;
        self.wake.notify_one();
        Ok(new)
    }
}

/// Turns slips into what a driver prints.
pub struct Renderer {
    fonts: Fonts,
    profile: watch::Receiver<PrinterProfile>,
}

impl Renderer {
    /// Renders with these fonts, always for the newest profile.
    #[must_use]
    pub fn new(fonts: Fonts, profile: watch::Receiver<PrinterProfile>) -> Self {
        Self { fonts, profile }
    }

    fn render(&mut self, job: &OpenJob, with_picture: bool) -> Rendered {
        let slip = if job.attempts_unknown > 0 { job.slip.clone().marked_reprint() } else { job.slip.clone() };
        let profile = *self.profile.borrow();
        let picture = with_picture.then(|| slip::preview(&slip, &profile, &mut self.fonts).png());
        let picture_png = picture.and_then(|drawn| drawn.inspect_err(|error| tracing::error!(%error, "no picture")).ok());
        let slip::EscPos { bytes, used_mm, .. } = slip::escpos(&slip, &profile, &mut self.fonts);
        Rendered { job_id: job.job_id.clone(), bytes, used_mm, picture_png, after_fragment: job.fragment }
    }
}

/// The worker of one printer.
pub struct Worker<D: Driver> {
    spool: JobSpool,
    driver: D,
    renderer: Renderer,
    clock: HallClock,
    wake: Arc<Notify>,
    view: watch::Sender<View>,
    pause_ms: u64,
    /// When the paper was counted last.
    paper_at: Option<Instant>,
}

impl<D: Driver> Worker<D> {
    /// A worker that prints the jobs of `spool` with `driver`; run it with [`Self::run`].
    #[must_use]
    pub fn new(spool: JobSpool, driver: D, renderer: Renderer, clock: HallClock) -> Self {
        let view = watch::Sender::new(View::default());
        Self { spool, driver, renderer, clock, wake: Arc::new(Notify::new()), view, pause_ms: RETRY_MS_MIN, paper_at: None }
    }

    /// The door for new jobs.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        Jobs { spool: self.spool.clone(), wake: Arc::clone(&self.wake) }
    }

    /// Follows what the worker sees.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<View> {
        self.view.subscribe()
    }

    /// Prints for ever.
    pub async fn run(mut self) {
        loop {
            let pause_ms = match self.step().await {
                Ok(pause_ms) => pause_ms,
                Err(error) => {
                    tracing::error!(%error, "the spool refused");
                    SPOOL_PAUSE_MS
                }
            };
            sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// One look at the spool; gives the pause until the next, in milliseconds.
    async fn step(&mut self) -> Result<u64, SpoolError> {
        let Some(mut job) = self.spool.next()? else {
            self.view.send_if_modified(|view| view.waiting.take().is_some());
            self.look().await;
            self.driver.release();
            self.spool.forget_old(self.clock.now_ms())?;
            self.count_paper()?;
            // A wake-up that comes between the look into the spool and this wait is kept by the notify.
            let _woken_or_time_to_look = timeout(Duration::from_millis(IDLE_LOOK_MS), self.wake.notified()).await;
            return Ok(0);
        };
        if job.sending && !self.settle_interrupted(&mut job).await? {
            return Ok(0);
        }
        let rendered = self.renderer.render(&job, self.driver.wants_picture());
        let status = self.look().await;
        if let Some(why) = status.obstacle() {
            self.driver.release();
            return Ok(self.wait(&job, why));
        }
        self.spool.begin(&job.job_id)?;
        let view = &self.view;
        let new_roll = AtomicBool::new(false);
        let told = |status: PrinterStatus| {
            if tell(view, status) {
                new_roll.store(true, Ordering::Relaxed);
            }
        };
        let attempt = self.driver.print(&rendered, &told).await;
        if new_roll.into_inner() {
            self.roll_changed();
        }
        match attempt {
            Attempt::Printed => self.printed(&job, rendered.used_mm),
            Attempt::NotStarted => {
                self.spool.give_back(&job.job_id)?;
                Ok(self.wait(&job, "error"))
            }
            Attempt::Unknown { cut_off } => {
                self.spool.paper_used(rendered.used_mm, self.clock.now_ms())?;
                self.spool.end_unknown(&job.job_id, cut_off)?;
                tracing::warn!(job_id = job.job_id, cut_off, "the end of a slip is not known; it will be printed again marked 补打");
                Ok(RETRY_MS_MIN.saturating_mul(2_u64.saturating_pow(job.attempts_unknown)).min(AGAIN_MS_MAX))
            }
        }
    }

    /// Settles a job during which the program stopped; `false` when it is on paper.
    async fn settle_interrupted(&mut self, job: &mut OpenJob) -> Result<bool, SpoolError> {
        match self.driver.printed_before(&job.job_id).await {
            Some(true) => {
                // How long it was is not known any more.
                self.printed(job, 0)?;
                return Ok(false);
            }
            Some(false) => self.spool.give_back(&job.job_id)?,
            None => {
                self.spool.end_unknown(&job.job_id, true)?;
                job.attempts_unknown += 1;
                job.fragment = true;
            }
        }
        Ok(true)
    }

    fn printed(&mut self, job: &OpenJob, used_mm: u32) -> Result<u64, SpoolError> {
        self.spool.end_printed(&job.job_id, self.clock.now_ms())?;
        self.spool.paper_used(used_mm, self.clock.now_ms())?;
        self.count_paper()?;
        self.pause_ms = RETRY_MS_MIN;
        self.view.send_modify(|view| {
            view.waiting = None;
            view.printed += 1;
        });
        Ok(0)
    }

    async fn look(&mut self) -> PrinterStatus {
        let status = self.driver.status().await;
        if tell(&self.view, status) {
            self.roll_changed();
        }
        status
    }

    fn roll_changed(&mut self) {
        tracing::info!("a new roll was put in");
        self.spool.roll_changed(self.clock.now_ms()).unwrap_or_else(|error| tracing::error!(%error, "the spool refused"));
        self.paper_at = None;
    }

    /// Counts the paper, unless it was counted a moment ago.
    fn count_paper(&mut self) -> Result<(), SpoolError> {
        if self.paper_at.is_some_and(|at| at.elapsed() < Duration::from_millis(PAPER_MS)) {
            return Ok(());
        }
        self.paper_at = Some(Instant::now());
        let paper = self.spool.paper_use(self.clock.now_ms())?;
        self.view.send_if_modified(|view| view.paper.replace(paper) != Some(paper));
        Ok(())
    }

    /// Notes what a job waits for; gives the pause.
    fn wait(&mut self, job: &OpenJob, why: &'static str) -> u64 {
        let waiting = Some((job.job_id.clone(), why));
        self.view.send_if_modified(|view| {
            let changed = view.waiting != waiting;
            view.waiting = waiting;
            changed
        });
        let pause_ms = self.pause_ms;
        self.pause_ms = (pause_ms * 2).min(RETRY_MS_MAX);
        pause_ms
    }
}

/// Tells how the printer is; gives whether a new roll was put in: without paper before and with enough of it now. With
/// an old roll put back its sensor would see the end.
fn tell(view: &watch::Sender<View>, status: PrinterStatus) -> bool {
    let mut new_roll = false;
    view.send_if_modified(|view| {
        let before = view.status.replace(status);
        new_roll = before.is_some_and(|before| before.paper == PaperState::Out) && status.paper == PaperState::Ok;
        before != Some(status)
    });
    new_roll
}

#[cfg(test)]
#[path = "jobs_tests.rs"]
mod tests;
