//! USB printer files and serial lines, with a pseudo-terminal as cable and a machine at its other end that takes
//! little at a time, leaves old answers behind, is pulled out in the middle of a slip and comes back.
#![expect(clippy::unwrap_used, reason = "test")]

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read, Write},
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use edge::connect::Connect;
use printer::{
    driver::{Attempt, Driver, Rendered},
    escpos_driver::{Answers, EscPosDriver},
    ports::{LpDevice, SerialLine},
};
use protocol::slip::PrinterStatus;
use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};

/// Bytes that the machine takes at once: less than any chunk of a slip.
const TAKEN_AT_ONCE: usize = 97;
/// Longer than what a pseudo-terminal buffers, so that writing has to wait.
const SLIP_BYTES: usize = 60_000;

/// What the machine does beside printing.
#[derive(Debug, Clone, Copy, Default)]
struct Habits {
    /// Pulls itself out after so many bytes.
    gone_after: Option<usize>,
    /// Its cover is opened and closed behind a slip, which only its automatic status tells.
    cover_behind_slip: bool,
}

/// A machine at the end of a cable; dropping it pulls the cable.
struct Machine {
    heard: Arc<Mutex<Vec<u8>>>,
    stop: Arc<AtomicBool>,
    task: Option<JoinHandle<()>>,
    /// Kept open, as a driver's answers stay in the kernel while nobody reads.
    near_end: File,
}

impl Machine {
    /// Plugs a machine in under a name.
    fn plug(name: &Path, habits: Habits, left_behind: &[u8]) -> Self {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&far).unwrap();
        unlockpt(&far).unwrap();
        let near = PathBuf::from(OsStr::from_bytes(ptsname(&far, Vec::new()).unwrap().as_bytes()));
        let near_end = File::from(rustix::fs::open(&near, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
        let mut terminal = tcgetattr(&near_end).unwrap();
        terminal.make_raw();
        tcsetattr(&near_end, OptionalActions::Now, &terminal).unwrap();
        let _ = std::fs::remove_file(name);
        symlink(&near, name).unwrap();
        let mut far = File::from(far);
        far.write_all(left_behind).unwrap();
        let (heard, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let task = thread::spawn({
            let (heard, stop) = (Arc::clone(&heard), Arc::clone(&stop));
            move || work(far, habits, &heard, &stop)
        });
        Self { heard, stop, task: Some(task), near_end }
    }

    /// What came that is neither question nor acknowledgement.
    fn paper(&self) -> usize {
        self.heard.lock().unwrap().iter().filter(|byte| **byte == b'A').count()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // A byte wakes it; where it is gone already there is nobody to wake.
        let _ = self.near_end.write_all(b"!");
        if let Some(task) = self.task.take() {
            task.join().unwrap();
        }
    }
}

fn work(mut far: File, habits: Habits, heard: &Mutex<Vec<u8>>, stop: &AtomicBool) {
    let mut seen = 0;
    let mut chunk = [0; TAKEN_AT_ONCE];
    while !stop.load(Ordering::SeqCst) {
        let Ok(length) = far.read(&mut chunk) else { return };
        let mut heard = heard.lock().unwrap();
        heard.extend_from_slice(&chunk[..length]);
        if habits.gone_after.is_some_and(|bytes| heard.len() >= bytes) {
            return;
        }
        while let Some((answer, after)) = next_answer(&heard, seen, habits) {
            seen = after;
            for (pause_ms, bytes) in answer {
                thread::sleep(Duration::from_millis(pause_ms));
                far.write_all(&bytes).unwrap();
            }
        }
    }
}

type Said = Vec<(u64, Vec<u8>)>;

/// What the next question from `seen` on is answered with, and where it ends.
fn next_answer(heard: &[u8], seen: usize, habits: Habits) -> Option<(Said, usize)> {
    let is_question = |three: &[u8]| matches!(three, [0x10, 0x04, 1 | 2 | 4] | [0x1D, b'r', 1] | [0x1D, b'a', _]);
    let at = (seen..heard.len()).find(|at| heard.get(*at..at + 3).is_some_and(is_question))?;
    let answer = match &heard[at..at + 3] {
        [0x10, ..] => vec![(0, vec![0x12])],
        [_, b'r', _] if habits.cover_behind_slip => Vec::new(),
        [_, b'r', _] => vec![(0, vec![0x00])],
        [_, _, 0] => Vec::new(),
        _ => vec![(200, vec![0x38, 0, 0, 0]), (100, vec![0x10, 0, 0, 0]), (50, vec![0x00])],
    };
    Some((answer, at + 3))
}

fn slip() -> Rendered {
    Rendered { job_id: "p_1".into(), bytes: vec![b'A'; SLIP_BYTES], used_mm: 1, picture_png: None, after_fragment: false }
}

fn ignored(_: PrinterStatus) {}

/// Prints over a line that takes little at a time and has old answers in it.
async fn prints_whole<C: Connect>(port: impl Fn(PathBuf) -> C) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("printer");
    // Somebody asked before and did not wait for the answer: no paper.
    let machine = Machine::plug(&name, Habits::default(), &[0x1A, 0x32, 0x7E]);
    let mut driver = EscPosDriver::new(port(name), Answers::default());
    assert_eq!(driver.status().await, PrinterStatus::READY, "an old answer is none");
    assert_eq!(driver.print(&slip(), &ignored).await, Attempt::Printed);
    assert_eq!(machine.paper(), SLIP_BYTES);
}

/// Prints over a line that is pulled out and plugged in again.
async fn survives_the_cable<C: Connect>(port: impl Fn(PathBuf) -> C) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("printer");
    let machine = Machine::plug(&name, Habits { gone_after: Some(20_000), ..Habits::default() }, &[]);
    let mut driver = EscPosDriver::new(port(name.clone()), Answers::default());
    assert_eq!(driver.status().await, PrinterStatus::READY);
    assert_eq!(driver.print(&slip(), &ignored).await, Attempt::Unknown { cut_off: true });
    assert!(machine.paper() < SLIP_BYTES);
    assert_eq!(driver.print(&slip(), &ignored).await, Attempt::NotStarted, "without a look before");
    drop(machine);
    std::fs::remove_file(&name).unwrap();
    assert_eq!(driver.status().await, PrinterStatus::UNREACHABLE);
    let machine = Machine::plug(&name, Habits::default(), &[]);
    assert_eq!(driver.status().await, PrinterStatus::READY);
    assert_eq!(driver.print(&slip(), &ignored).await, Attempt::Printed);
    assert_eq!(machine.paper(), SLIP_BYTES);
}

fn lp(path: PathBuf) -> LpDevice {
    LpDevice { path }
}

fn serial(path: PathBuf) -> SerialLine {
    SerialLine { path, baud: 115_200, hardware_flow: false }
}

#[tokio::test]
async fn a_printer_file_takes_a_slip_in_small_pieces_and_no_old_answer_counts() {
    prints_whole(lp).await;
}

#[tokio::test]
async fn a_serial_line_takes_a_slip_in_small_pieces_and_no_old_answer_counts() {
    prints_whole(serial).await;
}

#[tokio::test]
async fn a_printer_file_that_vanishes_in_a_slip_is_used_again_when_it_is_back() {
    survives_the_cable(lp).await;
}

#[tokio::test]
async fn a_serial_line_that_vanishes_in_a_slip_is_used_again_when_it_is_back() {
    survives_the_cable(serial).await;
}

#[tokio::test]
async fn a_cover_opened_between_two_looks_is_told_by_the_printer_itself() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("printer");
    let _machine = Machine::plug(&name, Habits { cover_behind_slip: true, ..Habits::default() }, &[]);
    let mut driver = EscPosDriver::new(lp(name), Answers { automatic: true, ..Answers::default() });
    assert_eq!(driver.status().await, PrinterStatus::READY);
    let told = Mutex::new(Vec::new());
    assert_eq!(driver.print(&slip(), &|status| told.lock().unwrap().push(status)).await, Attempt::Printed);
    let told = told.into_inner().unwrap();
    let opened = told.iter().position(|status| status.cover_open && !status.online).unwrap();
    assert!(told[opened..].contains(&PrinterStatus::READY), "{told:?}");
}
