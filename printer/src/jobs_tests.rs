//! The worker against a printer that runs dry, breaks the line and loses its memory. Time is tokio's, paused.
#![expect(clippy::unwrap_used, reason = "test")]

use std::{
    io,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use edge::connect::Connect;
use protocol::slip::{PaperState, TicketSlip};
use slip::fonts::DEBIAN_NOTO_CJK;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::JoinHandle,
};

use super::*;
use crate::escpos_driver::{Answers, EscPosDriver};

/// 补打 in GB18030.
const REPRINT: [u8; 4] = [0xB2, 0xB9, 0xB4, 0xF2];
/// Partial cut, the end of a slip.
const CUT: [u8; 4] = [0x1D, b'V', 66, 0];

/// What a simple printer is and has on paper.
#[derive(Debug, Default)]
struct Machine {
    unreachable: bool,
    paper_out: bool,
    /// Goes dry when so many bytes are on paper.
    dry_after: Option<usize>,
    /// Breaks the line when so many bytes have come, once.
    cut_after: Option<usize>,
    knows_ordered: bool,
    paper: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Printer(Arc<Mutex<Machine>>);

impl Printer {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Machine { knows_ordered: true, ..Machine::default() })))
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap()
    }

    /// The pieces that were cut off.
    fn pieces(&self) -> Vec<Vec<u8>> {
        let paper = self.machine().paper.clone();
        let ends: Vec<usize> = (0..paper.len()).filter(|at| paper[*at..].starts_with(&CUT)).map(|at| at + CUT.len()).collect();
        ends.iter().scan(0, |start, end| Some(paper[std::mem::replace(start, *end)..*end].to_vec())).collect()
    }
}

impl Connect for Printer {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        let machine = self.machine();
        if machine.unreachable {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = duplex(64);
        tokio::spawn(serve(theirs, self.clone()));
        Ok(ours)
    }
}

async fn serve(mut stream: DuplexStream, printer: Printer) {
    let mut command = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        if let Some(left) = printer.machine().cut_after.as_mut() {
            *left = left.saturating_sub(1);
        }
        if printer.machine().cut_after == Some(0) {
            printer.machine().cut_after = None;
            return;
        }
        command.push(byte);
        match command[..] {
            [0x10] | [0x10, 4] | [0x1D] | [0x1D, b'r'] => continue,
            [0x10, 4, n] => {
                let out = printer.machine().paper_out;
                let answer = match n {
                    1 if out => 0x1A,
                    2 if out => 0x32,
                    4 if out => 0x7E,
                    _ => 0x12,
                };
                if stream.write_u8(answer).await.is_err() {
                    return;
                }
            }
            [0x1D, b'r', 1] => {
                while printer.machine().paper_out {
                    tokio::select! {
                        () = sleep(Duration::from_millis(100)) => {}
                        question = stream.read_u8() => {
                            let (Ok(_), Ok(_), Ok(n)) = (question, stream.read_u8().await, stream.read_u8().await) else { return };
                            if stream.write_u8(match n { 1 => 0x1A, 2 => 0x32, _ => 0x7E }).await.is_err() {
                                return;
                            }
                        }
                    }
                }
                if printer.machine().knows_ordered && stream.write_u8(0).await.is_err() {
                    return;
                }
            }
            _ => {
                let mut machine = printer.machine();
                machine.paper.append(&mut command);
                if machine.dry_after.is_some_and(|bytes| machine.paper.len() >= bytes) {
                    (machine.paper_out, machine.dry_after) = (true, None);
                }
            }
        }
        command.clear();
    }
}

fn ticket(number: &str) -> Slip {
    Slip::Ticket(TicketSlip {
        hall_name: "白桦镇便民服务中心".into(),
        line_name: "综合受理".into(),
        green: false,
        number: number.into(),
        ahead: 1,
        estimated_wait_s: 60,
        estimated_wait_optimistic_s: None,
        windows: vec![1],
        area_text: None,
        tracking_url: "http://127.0.0.1/t/K7M294QXA3BD5FGH".into(),
        short_code: "K7M294QX".into(),
        missed_rule: String::new(),
        issued_at_ms: 0,
        valid_text: "当天有效".into(),
        phone: None,
        reprint: false,
        practice: false,
    })
}

/// A running worker over the spool in `folder`.
struct Agent {
    jobs: Jobs,
    view: watch::Receiver<View>,
    task: JoinHandle<()>,
    spool: JobSpool,
}

impl Agent {
    fn start(folder: &Path, printer: &Printer, answers: Answers) -> Self {
        let spool = JobSpool::open(folder).unwrap();
        let (_, profile) = watch::channel(PrinterProfile::default());
        let renderer = Renderer::new(Fonts::from_files(&DEBIAN_NOTO_CJK).unwrap(), profile);
        let driver = EscPosDriver::new(printer.clone(), answers);
        let worker = Worker::new(spool.clone(), driver, renderer, HallClock::starting_at(1_000_000));
        Self { jobs: worker.jobs(), view: worker.view(), task: tokio::spawn(worker.run()), spool }
    }

    async fn until(&mut self, wanted: impl Fn(&View) -> bool) {
        timeout(Duration::from_secs(600), self.view.wait_for(wanted)).await.unwrap().unwrap();
    }

    async fn until_waiting(&mut self, why: &'static str) {
        self.until(|view| view.waiting.as_ref().is_some_and(|(_, found)| *found == why)).await;
    }
}

fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle).count()
}

#[tokio::test(start_paused = true)]
async fn jobs_are_printed_once_in_order_however_often_they_come() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    assert!(agent.jobs.take("p_1", &ticket("A001"), 1).unwrap());
    assert!(!agent.jobs.take("p_1", &ticket("A001"), 1).unwrap());
    assert!(agent.jobs.take("p_2", &ticket("A002"), 1).unwrap());
    agent.until(|view| view.printed == 2).await;
    assert!(!agent.jobs.take("p_1", &ticket("A001"), 1).unwrap(), "known after it is printed, too");
    sleep(Duration::from_secs(60)).await;
    let pieces = printer.pieces();
    assert_eq!((pieces.len(), count(&pieces[0], b"A001"), count(&pieces[1], b"A002")), (2, 1, 1));
    assert_eq!(count(&printer.machine().paper, &REPRINT), 0);
    assert_eq!(agent.spool.to_report(0).unwrap().len(), 2);
    agent.spool.reported("p_1", 50).unwrap();
    assert_eq!(agent.spool.to_report(51).unwrap().len(), 1);
    assert_eq!(agent.spool.to_report(50).unwrap().len(), 2, "told when the line may have been cut: told again");
}

#[tokio::test(start_paused = true)]
async fn without_paper_a_job_waits_and_is_printed_once_unmarked() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().paper_out = true;
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until_waiting("paper_out").await;
    sleep(Duration::from_secs(300)).await;
    assert_eq!((printer.machine().paper.len(), agent.spool.open_jobs().unwrap()), (0, 1));
    printer.machine().paper_out = false;
    agent.until(|view| view.printed == 1 && view.waiting.is_none()).await;
    assert_eq!(printer.pieces().len(), 1);
    assert_eq!(count(&printer.machine().paper, &REPRINT), 0);
    agent.until(|view| view.paper.is_some_and(|paper| paper.rolls_changed == 1 && paper.today_mm > 80)).await;
}

#[tokio::test(start_paused = true)]
async fn paper_that_ends_within_a_slip_is_waited_for_on_the_same_line() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().dry_after = Some(200);
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until(|view| view.status.is_some_and(|status| status.paper == PaperState::Out)).await;
    sleep(Duration::from_secs(900)).await;
    assert_eq!(agent.view.borrow().printed, 0);
    printer.machine().paper_out = false;
    agent.until(|view| view.printed == 1).await;
    assert_eq!(count(&printer.machine().paper, b"A001"), 1);
    assert_eq!(agent.spool.to_report(0).unwrap()[0].attempts_unknown, 0);
    let paper = agent.spool.paper_use(1_000_000).unwrap();
    assert_eq!(paper.rolls_changed, 1, "paper that was out and is enough is a new roll");
    assert!(paper.since_roll_mm.is_some_and(|since_mm| (80..160).contains(&since_mm)), "the length of a ticket: {paper:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slip_cut_off_in_the_middle_comes_again_marked_on_a_piece_of_its_own() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().cut_after = Some(150);
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until(|view| view.printed == 1).await;
    let pieces = printer.pieces();
    assert_eq!(pieces.len(), 2, "the fragment, and the slip");
    assert_eq!((count(&pieces[0], &REPRINT), count(&pieces[1], &REPRINT), count(&pieces[1], b"A001")), (0, 1, 1));
    assert_eq!(agent.spool.to_report(0).unwrap()[0].attempts_unknown, 1);
}

#[tokio::test(start_paused = true)]
async fn a_printer_that_never_answers_in_order_is_believed_when_it_stays_in_order() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().knows_ordered = false;
    let begun = tokio::time::Instant::now();
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until(|view| view.printed == 1).await;
    assert!(tokio::time::Instant::now() - begun >= Duration::from_millis(crate::escpos_driver::GRACE_MS));
    assert_eq!((printer.pieces().len(), count(&printer.machine().paper, &REPRINT)), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_printer_away_is_waited_for() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().unreachable = true;
    let mut agent = Agent::start(folder.path(), &printer, Answers { ordered: false, ..Answers::default() });
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until_waiting("offline").await;
    assert_eq!(agent.view.borrow().status, Some(PrinterStatus::UNREACHABLE));
    printer.machine().unreachable = false;
    agent.until(|view| view.printed == 1).await;
    assert_eq!(printer.pieces().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_printer_that_answers_nothing_prints_all_the_same() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    let mut agent = Agent::start(folder.path(), &printer, Answers { real_time: false, ordered: false, automatic: false });
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until(|view| view.printed == 1).await;
    assert_eq!((printer.pieces().len(), count(&printer.machine().paper, b"\x10\x04")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_program_that_stopped_within_a_slip_prints_it_again_marked() {
    let (folder, printer) = (tempfile::tempdir().unwrap(), Printer::new());
    printer.machine().dry_after = Some(200);
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.jobs.take("p_1", &ticket("A001"), 1).unwrap();
    agent.until(|view| view.status.is_some_and(|status| status.paper == PaperState::Out)).await;
    agent.task.abort();
    drop(agent);
    printer.machine().paper_out = false;
    let mut agent = Agent::start(folder.path(), &printer, Answers::default());
    agent.until(|view| view.printed == 1).await;
    assert_eq!(count(&printer.machine().paper, &REPRINT), 1);
    assert_eq!(agent.spool.to_report(0).unwrap()[0].attempts_unknown, 1);
    assert_eq!(agent.spool.open_jobs().unwrap(), 0);
}
