//! A receipt printer on TCP that behaves like the real ones where it hurts: it runs out of paper, is opened,
//! is slow, loses the line in the middle of a job, is switched off; and it remembers what came out of it.
//!
//! As in a real printer, what arrives waits in a buffer, the mechanism works through the buffer while it can,
//! and real-time status requests are answered at once. A full buffer stops the line. What the mechanism has
//! printed stays printed, whatever happens to the line.

use crate::escpos::{Command, Fault, next_command};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// What waits between line and mechanism, in bytes; a full buffer stops the line.
pub const BUFFER_BYTES: usize = 64 * 1024;
const ANSWERS_WAITING_MAX: usize = 64;
const PRINTER_ID_RESPONSE: [u8; 2] = [0x37, 0x22];

/// How much paper there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// Enough.
    #[default]
    Present,
    /// The near-end sensor has seen the end of the roll; it still prints.
    NearEnd,
    /// None; it stops.
    Out,
}

/// A piece of paper that came out of the printer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    /// The commands that made it, in order; `slip_view::read` shows what is on it.
    pub bytes: Vec<u8>,
    /// The connections that it came by, numbered from 0.
    pub connections: Vec<usize>,
    /// Whether it was cut off; if not it still hangs in the printer.
    pub cut: bool,
}

/// A printer on a free port of the loopback address; dropping it switches it off.
#[derive(Debug)]
pub struct FakePrinter {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    paper: Paper,
    cover_open: bool,
    switched_off: bool,
    mechanism_bytes_per_s: Option<u64>,
    cut_line_after_bytes: Option<usize>,
    answers_status: bool,
    buffer: VecDeque<Step>,
    buffered_bytes: usize,
    received: Vec<Vec<u8>>,
    connections: Vec<Option<mpsc::Sender<Vec<u8>>>>,
    pieces: Vec<Piece>,
    current: Piece,
}

/// One command on its way to the mechanism.
#[derive(Debug)]
struct Step {
    command: Command,
    bytes: Vec<u8>,
    connection: usize,
}

impl State {
    fn ready(&self) -> bool {
        self.paper != Paper::Out && !self.cover_open && !self.switched_off
    }

    /// The answer to DLE EOT as the references give it: bits 1 and 4 are always set.
    fn real_time_status(&self, kind: u8) -> u8 {
        const FIXED: u8 = 0b0001_0010;
        let out = self.paper == Paper::Out;
        let bits = match kind {
            1 => u8::from(!self.ready()) << 3,
            2 => u8::from(self.cover_open) << 2 | u8::from(out) << 5,
            4 => {
                let near_end = if self.paper == Paper::Present { 0 } else { 0b0000_1100 };
                near_end | if out { 0b0110_0000 } else { 0 }
            }
            _ => 0,
        };
        FIXED | bits
    }

    /// The answer to GS r 1, sent when the mechanism reaches the request.
    fn paper_status(&self) -> u8 {
        match self.paper {
            Paper::Present => 0,
            Paper::NearEnd => 0b0000_0011,
            Paper::Out => 0b0000_1111,
        }
    }
}

impl FakePrinter {
    /// Switches a printer on: with paper, closed, fast.
    ///
    /// # Panics
    /// When the loopback address gives no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of the loopback address");
        let address = listener.local_addr().expect("the address of the printer");
        let shared = Arc::new(Shared::default());
        shared.lock().answers_status = true;
        let tasks = vec![tokio::spawn(accept(listener, Arc::clone(&shared))), tokio::spawn(mechanism(Arc::clone(&shared)))];
        Self { address, shared, tasks }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the paper; with paper again it goes on with what it has.
    pub fn set_paper(&self, paper: Paper) {
        self.change(|state| state.paper = paper);
    }

    /// Opens or closes the cover.
    pub fn set_cover_open(&self, open: bool) {
        self.change(|state| state.cover_open = open);
    }

    /// The speed of the mechanism in bytes a second; `None` is as fast as it can.
    pub fn set_speed(&self, bytes_per_s: Option<u64>) {
        self.change(|state| state.mechanism_bytes_per_s = bytes_per_s);
    }

    /// Whether it answers status requests at all; some printers and some print servers never do.
    pub fn set_answers_status(&self, answers: bool) {
        self.change(|state| state.answers_status = answers);
    }

    /// Breaks the line after so many more bytes have arrived, once. What has arrived is still printed.
    pub fn cut_line_after(&self, bytes: usize) {
        self.change(|state| state.cut_line_after_bytes = Some(bytes));
    }

    /// Switches it off: the line breaks and what waits in the buffer is lost. What is printed stays.
    pub fn switch_off(&self) {
        self.change(|state| {
            state.switched_off = true;
            state.connections.fill(None);
            state.buffer.clear();
            state.buffered_bytes = 0;
        });
    }

    /// Switches it on again.
    pub fn switch_on(&self) {
        self.change(|state| state.switched_off = false);
    }

    /// The bytes that arrived by each connection, status requests included.
    #[must_use]
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.shared.lock().received.clone()
    }

    /// The pieces of paper that were cut off so far.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        self.shared.lock().pieces.clone()
    }

    /// What is printed but not cut off; empty when nothing hangs in the printer.
    #[must_use]
    pub fn hanging(&self) -> Piece {
        self.shared.lock().current.clone()
    }

    /// Waits until so many pieces were cut off and gives all of them; `None` when they do not come in time.
    pub async fn wait_for_pieces(&self, count: usize, wait_ms_max: u64) -> Option<Vec<Piece>> {
        let wait = async {
            loop {
                let changed = self.shared.changed.notified();
                let pieces = self.pieces();
                if pieces.len() >= count {
                    return pieces;
                }
                // A missed notice costs one short round, never the test.
                let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(wait_ms_max), wait).await.ok()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.lock());
        self.shared.changed.notify_waiters();
    }
}

impl Drop for FakePrinter {
    fn drop(&mut self) {
        self.switch_off();
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, at most a moment: notices may be missed between look and wait.
    async fn wait(&self) {
        let _ = tokio::time::timeout(Duration::from_millis(20), self.changed.notified()).await;
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (answers, waiting) = mpsc::channel(ANSWERS_WAITING_MAX);
        let connection = {
            let mut state = shared.lock();
            if state.switched_off {
                continue;
            }
            state.received.push(Vec::new());
            state.connections.push(Some(answers));
            state.connections.len() - 1
        };
        tokio::spawn(serve(stream, connection, waiting, Arc::clone(&shared)));
    }
}

/// One connection: what arrives goes on, answers go back, until either side or the printer ends it.
async fn serve(stream: TcpStream, connection: usize, mut answers: mpsc::Receiver<Vec<u8>>, shared: Arc<Shared>) {
    let (reader, mut writer) = stream.into_split();
    let reading = receive(reader, connection, Arc::clone(&shared));
    let answering = async {
        while let Some(answer) = answers.recv().await {
            if send(&mut writer, &answer).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = answering => {}
    }
}

async fn send(writer: &mut OwnedWriteHalf, answer: &[u8]) -> std::io::Result<()> {
    writer.write_all(answer).await?;
    writer.flush().await
}

async fn receive(mut reader: OwnedReadHalf, connection: usize, shared: Arc<Shared>) {
    let mut unread = Vec::new();
    let mut chunk = vec![0; 2048];
    loop {
        while shared.lock().buffered_bytes >= BUFFER_BYTES {
            shared.wait().await;
        }
        let length = match reader.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let (taken, cut) = {
            let mut state = shared.lock();
            let taken = state.cut_line_after_bytes.map_or(length, |rest| rest.min(length));
            let cut = state.cut_line_after_bytes.is_some_and(|rest| rest <= length);
            state.cut_line_after_bytes = if cut { None } else { state.cut_line_after_bytes.map(|rest| rest - taken) };
            state.received[connection].extend_from_slice(&chunk[..taken]);
            (taken, cut)
        };
        unread.extend_from_slice(&chunk[..taken]);
        take_commands(&mut unread, connection, &shared);
        shared.changed.notify_waiters();
        if cut {
            // Unread bytes make the close a reset, as when the cable of a busy line is pulled.
            return;
        }
    }
}

/// Puts every whole command at the front of `unread` into the buffer; status requests are answered at once.
fn take_commands(unread: &mut Vec<u8>, connection: usize, shared: &Shared) {
    let mut state = shared.lock();
    let mut at = 0;
    loop {
        let (command, length) = match next_command(&unread[at..]) {
            Ok(found) => found,
            Err(Fault::Incomplete) => break,
            // The paper shows garbage; `slip_view::read` will say so.
            Err(Fault::Unknown(_)) => (Command::Text(vec![unread[at]]), 1),
        };
        let bytes = unread[at..at + length].to_vec();
        at += length;
        match command {
            Command::RealTimeStatus(kind) => {
                let status = state.real_time_status(kind);
                answer(&state, connection, vec![status]);
            }
            command => {
                state.buffered_bytes += bytes.len();
                state.buffer.push_back(Step { command, bytes, connection });
            }
        }
    }
    unread.drain(..at);
}

fn answer(state: &State, connection: usize, bytes: Vec<u8>) {
    if state.answers_status
        && let Some(Some(answers)) = state.connections.get(connection)
    {
        // A reader that takes none of 64 answers gets no more, as on a real line.
        let _ = answers.try_send(bytes);
    }
}

async fn mechanism(shared: Arc<Shared>) {
    loop {
        let worked = {
            let mut state = shared.lock();
            if state.ready() { state.buffer.pop_front() } else { None }.map(|step| {
                let wait = state.mechanism_bytes_per_s.map(|speed| step.bytes.len() as u64 * 1000 / speed.max(1));
                work(&mut state, step);
                wait
            })
        };
        match worked {
            None => shared.wait().await,
            Some(wait_ms) => {
                shared.changed.notify_waiters();
                if let Some(wait_ms) = wait_ms {
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                }
            }
        }
    }
}

fn work(state: &mut State, step: Step) {
    state.buffered_bytes -= step.bytes.len();
    match step.command {
        Command::Status(1 | 49) => {
            let status = state.paper_status();
            return answer(state, step.connection, vec![status]);
        }
        Command::Status(_) => return answer(state, step.connection, vec![0]),
        Command::ProcessId(id) => {
            return answer(state, step.connection, [&PRINTER_ID_RESPONSE[..], &id, &[0]].concat());
        }
        _ => {}
    }
    state.current.bytes.extend_from_slice(&step.bytes);
    if state.current.connections.last() != Some(&step.connection) {
        state.current.connections.push(step.connection);
    }
    if let Command::Cut { .. } = step.command {
        let piece = std::mem::take(&mut state.current);
        state.pieces.push(Piece { cut: true, ..piece });
    }
}

#[cfg(test)]
#[path = "fake_printer_tests.rs"]
mod tests;
