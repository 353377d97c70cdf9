//! A printer of the simulated hall: slow, sometimes without paper, sometimes its end is not known. What
//! came out stays out, whatever happens to the agent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use printer::driver::{Attempt, Driver, Rendered};
use protocol::slip::{PaperState, PrinterStatus};
use tests::slip_view::{Printer, read};
use tokio::time::sleep;

/// The paper of all printers: number, and whether marked 补打.
pub(super) type Paper = Arc<Mutex<Vec<(String, bool)>>>;

/// One printer.
pub(super) struct SimPrinter {
    pub(super) paper: Paper,
    pub(super) is_dry: Arc<AtomicBool>,
    /// Whether attempts fail; ended with the trouble, so that the hall comes to rest.
    pub(super) is_whimsical: Arc<AtomicBool>,
    pub(super) rng: fastrand::Rng,
}

/// What a slip says: its number, and whether it is marked.
fn slip_of(bytes: &[u8]) -> (String, bool) {
    // A piece that an earlier attempt left is cut off before.
    let view = read(bytes, Printer::WIDE).expect("no garbage");
    let is_number = |line: &String| {
        let (prefix, serial) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        prefix.bytes().all(|byte| byte.is_ascii_uppercase()) && serial.len() >= 3 && serial.bytes().all(|byte| byte.is_ascii_digit())
    };
    let number = view.lines().into_iter().find(is_number).unwrap_or_else(|| panic!("no number in {:?}", view.lines()));
    (number, view.line_with("补打").is_some())
}

impl SimPrinter {
    fn come_out(&self, slip: &Rendered) {
        self.paper.lock().unwrap_or_else(PoisonError::into_inner).push(slip_of(&slip.bytes));
    }

    async fn work(&mut self, ms_max: u64) {
        sleep(Duration::from_millis(self.rng.u64(50..ms_max))).await;
    }
}

impl Driver for SimPrinter {
    async fn status(&mut self) -> PrinterStatus {
        self.work(200).await;
        if self.is_dry.load(Ordering::SeqCst) {
            PrinterStatus { online: false, paper: PaperState::Out, cover_open: false, error: false }
        } else {
            PrinterStatus::READY
        }
    }

    async fn print(&mut self, slip: &Rendered, _told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> Attempt {
        let whim = if self.is_whimsical.load(Ordering::SeqCst) { self.rng.u32(0..20) } else { 19 };
        if whim == 0 {
            return Attempt::NotStarted;
        }
        self.work(900).await;
        if whim == 1 {
            return Attempt::Unknown { cut_off: true };
        }
        self.come_out(slip);
        // The agent may die between paper and note.
        self.work(900).await;
        if whim == 2 { Attempt::Unknown { cut_off: false } } else { Attempt::Printed }
    }

    async fn printed_before(&mut self, _job_id: &str) -> Option<bool> {
        None
    }
}
