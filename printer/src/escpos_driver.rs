//! Prints on an ESC/POS printer, whatever the way to it is (`ports`): asks how the printer is, sends the slip,
//! waits until the printer says that it worked through it.
//!
//! The acknowledgement is `GS r 1`, which a printer answers only after everything before it. `DLE EOT` is asked
//! meanwhile to learn of paper and cover; it is answered at once and proves nothing about the slip. A printer that
//! never answers `GS r` is believed when it stays in order for [`GRACE_MS`] after the last byte.

use std::{io, time::Duration};

use edge::connect::Connect;
use protocol::slip::PrinterStatus;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, timeout},
};

use crate::{
    driver::{Attempt, Driver, Rendered},
    status::{AUTOMATIC_OFF, AUTOMATIC_ON, Answer, Decoder, ORDERED_QUESTION, Question, status_of},
};

/// Time to connect, in milliseconds.
const CONNECT_MS_MAX: u64 = 5_000;
/// Time to answer a question before a slip, in milliseconds.
const ANSWER_MS_MAX: u64 = 3_000;
/// Time to answer a question after a slip, when the printer may be busy, in milliseconds.
const BUSY_ANSWER_MS_MAX: u64 = 20_000;
/// Time without a byte taken after which the line counts as cut, in milliseconds.
const STALL_MS_MAX: u64 = 60_000;
/// Bytes given to the line at once.
const CHUNK_BYTES: usize = 1_024;
/// Pause between looks at a printer that works on a slip, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// How long a printer that never answered `GS r` must be in order after a slip to be believed, in milliseconds.
pub const GRACE_MS: u64 = 8_000;
/// How long a printer that answers `GS r` may work on a slip while it is in order, in milliseconds.
const WORK_MS_MAX: u64 = 120_000;
/// How long a printer that answers nothing may take to end the line, in milliseconds.
const LINGER_MS_MAX: u64 = 2_000;

/// Ends the line of a slip that stopped in the middle, and cuts the piece off: a half slip is never glued to the next.
const AFTER_FRAGMENT: [u8; 7] = [b'\n', 0x1B, b'@', 0x1D, b'V', 66, 0];

/// What a printer answers; found out once per model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// `DLE EOT`. Without it a slip counts as printed when the line took all of it.
    pub real_time: bool,
    /// `GS r`, which some clones print as a letter.
    pub ordered: bool,
    /// `GS a`: says by itself that something changed, so that an open cover is known at once. Off where it is not
    /// asked for, since clones that do not know it print a letter.
    pub automatic: bool,
}

impl Default for Answers {
    fn default() -> Self {
        Self { real_time: true, ordered: true, automatic: false }
    }
}

/// A printer that speaks ESC/POS.
#[derive(Debug)]
pub struct EscPosDriver<C: Connect> {
    connector: C,
    answers: Answers,
    open: Option<Talk<C::Stream>>,
    /// The printer has answered `GS r` before, so its silence means that it is not done.
    orders_answered: bool,
}

impl<C: Connect> EscPosDriver<C> {
    /// A printer behind `connector`.
    #[must_use]
    pub fn new(connector: C, answers: Answers) -> Self {
        Self { connector, answers, open: None, orders_answered: false }
    }

    /// Waits for the printer's word on a slip that has left.
    async fn acknowledged(&mut self, mut talk: Talk<C::Stream>, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> Attempt {
        // That all bytes left does not say that they arrived: a piece of the slip may hang in the printer,
        // and a blank piece of paper is better than two slips on one.
        const LOST: Attempt = Attempt::Unknown { cut_off: true };
        if !self.answers.real_time {
            return talk.ended().await;
        }
        if self.answers.ordered && talk.say(&ORDERED_QUESTION).await.is_err() {
            return LOST;
        }
        // Only now: the slip's own initialisation has switched it off.
        if self.answers.automatic && talk.say(&AUTOMATIC_ON).await.is_err() {
            return LOST;
        }
        let mut in_order_since = Instant::now();
        loop {
            let Ok(status) = talk.status(BUSY_ANSWER_MS_MAX, told).await else { return LOST };
            told(status);
            let waited = in_order_since.elapsed();
            if talk.order_answered {
                self.orders_answered = true;
                if self.answers.automatic && talk.say(&AUTOMATIC_OFF).await.is_err() {
                    tracing::debug!("the line ended behind the slip");
                }
                return Attempt::Printed;
            } else if status.obstacle().is_some() {
                in_order_since = Instant::now();
            } else if !self.answers.ordered || !self.orders_answered && waited >= Duration::from_millis(GRACE_MS) {
                return Attempt::Printed;
            } else if waited >= Duration::from_millis(WORK_MS_MAX) {
                return LOST;
            }
            if talk.listen(LOOK_MS, told).await.is_err() {
                return LOST;
            }
        }
    }
}

impl<C: Connect> Driver for EscPosDriver<C> {
    async fn status(&mut self) -> PrinterStatus {
        self.open = None;
        let stream = match timeout(Duration::from_millis(CONNECT_MS_MAX), self.connector.connect()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::info!(%error, "printer not reachable");
                return PrinterStatus::UNREACHABLE;
            }
            Err(_) => return PrinterStatus::UNREACHABLE,
        };
        let mut talk = Talk { stream, decoder: Decoder::default(), order_answered: false };
        let status = if self.answers.real_time { talk.status(ANSWER_MS_MAX, &|_| {}).await } else { Ok(PrinterStatus::READY) };
        match status {
            Ok(status) => {
                self.open = Some(talk);
                status
            }
            Err(error) => {
                tracing::warn!(%error, "the printer is connected but does not say how it is");
                PrinterStatus::UNREACHABLE
            }
        }
    }

    async fn print(&mut self, slip: &Rendered, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> Attempt {
        let Some(mut talk) = self.open.take() else { return Attempt::NotStarted };
        let before: &[u8] = if slip.after_fragment { &AFTER_FRAGMENT } else { &[] };
        for chunk in before.chunks(CHUNK_BYTES).chain(slip.bytes.chunks(CHUNK_BYTES)) {
            if let Err(error) = talk.say(chunk).await {
                tracing::warn!(%error, "the line to the printer was cut in the middle of a slip");
                return Attempt::Unknown { cut_off: true };
            }
        }
        self.acknowledged(talk, told).await
    }

    async fn printed_before(&mut self, _job_id: &str) -> Option<bool> {
        None
    }

    fn release(&mut self) {
        self.open = None;
    }
}

/// One connection.
#[derive(Debug)]
struct Talk<S> {
    stream: S,
    decoder: Decoder,
    order_answered: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let saying = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(Duration::from_millis(STALL_MS_MAX), saying).await?
    }

    /// The next answer of the printer.
    async fn hear(&mut self) -> io::Result<Answer> {
        loop {
            let mut byte = [0];
            if self.stream.read(&mut byte).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = self.decoder.take(byte[0]) {
                return Ok(answer);
            }
        }
    }

    async fn ask(&mut self, question: Question, answer_ms_max: u64, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> io::Result<u8> {
        self.say(&question.bytes()).await?;
        let hearing = async {
            loop {
                match self.hear().await? {
                    Answer::RealTime(answer) => return Ok(answer),
                    Answer::Ordered => self.order_answered = true,
                    Answer::Automatic(status) => told(status),
                    Answer::Other => {}
                }
            }
        };
        timeout(Duration::from_millis(answer_ms_max), hearing).await?
    }

    /// Asks how the printer is; tells what it says by itself meanwhile.
    async fn status(&mut self, answer_ms_max: u64, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> io::Result<PrinterStatus> {
        let printer = self.ask(Question::Printer, answer_ms_max, told).await?;
        let offline = self.ask(Question::Offline, answer_ms_max, told).await?;
        let paper = self.ask(Question::Paper, answer_ms_max, told).await?;
        Ok(status_of(printer, offline, paper))
    }

    /// Waits for the answer to [`ORDERED_QUESTION`], at most `wait_ms`; tells what the printer says by itself.
    async fn listen(&mut self, wait_ms: u64, told: &(dyn Fn(PrinterStatus) + Send + Sync)) -> io::Result<()> {
        let hearing = async {
            while !self.order_answered {
                match self.hear().await? {
                    Answer::Ordered => self.order_answered = true,
                    Answer::Automatic(status) => told(status),
                    Answer::RealTime(_) | Answer::Other => {}
                }
            }
            Ok(())
        };
        match timeout(Duration::from_millis(wait_ms), hearing).await {
            Ok(heard) => heard,
            Err(_) => Ok(()),
        }
    }

    /// Ends the line towards a printer that answers nothing: it took all bytes unless it resets the line.
    async fn ended(mut self) -> Attempt {
        if self.stream.shutdown().await.is_err() {
            return Attempt::Unknown { cut_off: true };
        }
        let mut rest = Vec::new();
        match timeout(Duration::from_millis(LINGER_MS_MAX), self.stream.read_to_end(&mut rest)).await {
            Ok(Err(_)) => Attempt::Unknown { cut_off: true },
            Ok(Ok(_)) | Err(_) => Attempt::Printed,
        }
    }
}
