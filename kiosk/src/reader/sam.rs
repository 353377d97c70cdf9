//! A reader with the standard's security module on a line: asks again and again whether a card lies there, reads it
//! once, and waits until it is taken away. A reader that says nothing is connected anew.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use edge::connect::Connect;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};
use tokio_serial::{ClearBuffer, SerialPort as _, SerialPortBuilderExt as _, SerialStream};

use super::frame::{Ask, DONE, Decoder, FOUND, Said};
use super::text::Card;
use super::{CardReader, Heard};

/// Baud of the readers as they are delivered.
pub const READER_BAUD: u32 = 115_200;
/// Pause between two looks for a card, in milliseconds.
const LOOK_MS: u64 = 300;
/// Time for an answer, in milliseconds: a whole card takes about a second.
const ANSWER_MS_MAX: u64 = 3_000;
/// Pause before a reader that does not answer is connected anew, in milliseconds.
const AGAIN_MS: u64 = 3_000;
/// How often a card is tried that could not be read: it may have been moving.
const TRIES: u32 = 3;

/// A reader on a serial port: `/dev/ttyS0`, `/dev/ttyUSB0`, `COM3`.
#[derive(Debug, Clone)]
pub struct SerialPortPath(pub PathBuf);

impl Connect for SerialPortPath {
    type Stream = SerialStream;

    async fn connect(&self) -> io::Result<SerialStream> {
        let stream = tokio_serial::new(self.0.to_string_lossy(), READER_BAUD).open_native_async().map_err(io::Error::from)?;
        stream.clear(ClearBuffer::Input).map_err(io::Error::from)?;
        Ok(stream)
    }
}

/// A reader behind any line.
pub struct SamReader<C: Connect> {
    line: C,
    open: Option<Open<C::Stream>>,
    told: Option<bool>,
    /// A card lies there that was told already.
    is_covered: bool,
}

struct Open<S> {
    stream: S,
    decoder: Decoder,
}

impl<C: Connect> SamReader<C> {
    /// The reader at the end of this line.
    pub fn new(line: C) -> Self {
        Self { line, open: None, told: None, is_covered: false }
    }

    /// One round: `Ok(None)` when there is nothing to tell.
    async fn round(&mut self) -> io::Result<Option<Heard>> {
        if self.open.is_none() {
            let mut open = Open { stream: self.line.connect().await?, decoder: Decoder::default() };
            open.ask(Ask::Status).await?;
            self.open = Some(open);
        }
        let Some(open) = &mut self.open else { return Ok(None) };
        if self.told != Some(true) {
            self.told = Some(true);
            return Ok(Some(Heard::Ready));
        }
        sleep(Duration::from_millis(LOOK_MS)).await;
        if open.ask(Ask::Find).await?.status != FOUND {
            self.is_covered = false;
            return Ok(None);
        }
        if self.is_covered {
            return Ok(None);
        }
        for _ in 0..TRIES {
            if let Some(card) = open.read_card().await? {
                self.is_covered = true;
                return Ok(Some(Heard::Card(card)));
            }
            // A card that was half read has to be found again before it is selected.
            sleep(Duration::from_millis(LOOK_MS)).await;
            if open.ask(Ask::Find).await?.status != FOUND {
                break;
            }
        }
        self.is_covered = true;
        Ok(Some(Heard::Unreadable))
    }
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Open<S> {
    async fn ask(&mut self, ask: Ask) -> io::Result<Said> {
        self.decoder.forget();
        let exchange = async {
            self.stream.write_all(&ask.bytes()).await?;
            self.stream.flush().await?;
            let mut bytes = [0; 512];
            loop {
                if let Some(said) = self.decoder.next() {
                    return Ok(said);
                }
                match self.stream.read(&mut bytes).await? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    length => self.decoder.push(&bytes[..length]),
                }
            }
        };
        timeout(Duration::from_millis(ANSWER_MS_MAX), exchange).await?
    }

    async fn read_card(&mut self) -> io::Result<Option<Card>> {
        if self.ask(Ask::Select).await?.status != DONE {
            return Ok(None);
        }
        let said = self.ask(Ask::Read).await?;
        Ok((said.status == DONE).then(|| Card::of_answer(&said.data)).flatten())
    }
}

impl<C: Connect> CardReader for SamReader<C> {
    async fn next(&mut self) -> Heard {
        loop {
            match self.round().await {
                Ok(Some(heard)) => return heard,
                Ok(None) => {}
                Err(error) => {
                    self.open = None;
                    self.is_covered = false;
                    if self.told != Some(false) {
                        tracing::warn!(%error, "the reader of identity cards does not answer");
                        self.told = Some(false);
                        return Heard::Absent;
                    }
                    sleep(Duration::from_millis(AGAIN_MS)).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use std::sync::{Arc, Mutex};

    use tokio::io::{DuplexStream, duplex};

    use super::super::frame::framed;
    use super::super::text::answers;
    use super::*;

    const NUMBER: &str = "11010519491231002X";

    /// How the simulated reader is.
    #[derive(Clone, Copy, PartialEq)]
    enum Mood {
        /// No card lies there.
        Empty,
        /// A card lies there.
        Card,
        /// A card lies there that moves: the first reads fail, or their check is wrong.
        Moving(u32),
        /// A card lies there that is none of the police's.
        Foreign,
        /// It swallows questions.
        Silent,
        /// Its cable is pulled.
        Gone,
    }

    #[derive(Clone)]
    struct Simulated(Arc<Mutex<Mood>>);

    impl Simulated {
        fn set(&self, mood: Mood) {
            *self.0.lock().unwrap() = mood;
        }

        async fn serve(self, mut stream: DuplexStream) {
            let mut asked = [0; 10];
            while stream.read_exact(&mut asked).await.is_ok() {
                let mood = *self.0.lock().unwrap();
                let answer = match (mood, asked[7], asked[8]) {
                    (Mood::Gone, ..) => return,
                    (Mood::Silent, ..) => continue,
                    (_, 0x11, _) => framed(&DONE),
                    (Mood::Empty, 0x20, 0x01) => framed(&[0, 0, 0x80]),
                    (_, 0x20, 0x01) => framed(&[&FOUND[..], &[0; 4]].concat()),
                    (Mood::Empty | Mood::Foreign, 0x20, _) => framed(&[0, 0, 0x81]),
                    (_, 0x20, _) => framed(&[&DONE[..], &[0; 8]].concat()),
                    (Mood::Moving(left), ..) if left > 0 => {
                        self.set(Mood::Moving(left - 1));
                        if left.is_multiple_of(2) { framed(&[0, 0, 0x41]) } else { b"\xAA\xAA noise".to_vec() }
                    }
                    _ => framed(&[&DONE[..], &answers::read("张三丰", NUMBER, "长期", matches!(mood, Mood::Moving(_)))].concat()),
                };
                // As a serial line brings it: in small pieces.
                for piece in answer.chunks(37) {
                    if stream.write_all(piece).await.is_err() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    impl Connect for Simulated {
        type Stream = DuplexStream;

        async fn connect(&self) -> io::Result<DuplexStream> {
            if *self.0.lock().unwrap() == Mood::Gone {
                return Err(io::ErrorKind::NotFound.into());
            }
            let (here, there) = duplex(64);
            tokio::spawn(self.clone().serve(there));
            Ok(here)
        }
    }

    fn reader(mood: Mood) -> (Simulated, SamReader<Simulated>) {
        let simulated = Simulated(Arc::new(Mutex::new(mood)));
        (simulated.clone(), SamReader::new(simulated))
    }

    async fn says_nothing(reader: &mut SamReader<Simulated>) {
        assert!(timeout(Duration::from_secs(20), reader.next()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_card_is_told_once_until_it_is_taken_away() {
        let (simulated, mut reader) = reader(Mood::Empty);
        assert_eq!(reader.next().await, Heard::Ready);
        says_nothing(&mut reader).await;
        for _ in 0..2 {
            simulated.set(Mood::Card);
            let Heard::Card(card) = reader.next().await else { panic!("no card") };
            assert_eq!((card.name.as_str(), card.number.as_str(), card.valid_to), ("张三丰", NUMBER, None));
            says_nothing(&mut reader).await;
            simulated.set(Mood::Empty);
            says_nothing(&mut reader).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_card_that_moves_is_tried_again_and_a_foreign_one_is_not_read() {
        let (simulated, mut reader) = reader(Mood::Moving(2));
        assert_eq!(reader.next().await, Heard::Ready);
        // The second failure is noise without an end: the reader is connected anew.
        let mut heard = reader.next().await;
        while heard == Heard::Absent || heard == Heard::Ready {
            heard = reader.next().await;
        }
        assert!(matches!(heard, Heard::Card(_)), "{heard:?}");
        simulated.set(Mood::Empty);
        says_nothing(&mut reader).await;
        simulated.set(Mood::Foreign);
        assert_eq!(reader.next().await, Heard::Unreadable);
        says_nothing(&mut reader).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_goes_comes_back_by_itself() {
        let (simulated, mut reader) = reader(Mood::Gone);
        assert_eq!(reader.next().await, Heard::Absent);
        says_nothing(&mut reader).await;
        simulated.set(Mood::Empty);
        assert_eq!(reader.next().await, Heard::Ready);
        for mood in [Mood::Silent, Mood::Gone] {
            simulated.set(mood);
            assert_eq!(reader.next().await, Heard::Absent);
            simulated.set(Mood::Card);
            assert_eq!(reader.next().await, Heard::Ready);
            assert!(matches!(reader.next().await, Heard::Card(_)));
        }
    }
}
