//! A small mail server for tests: takes every mail and remembers it, and misbehaves when told to. Knows SMTP
//! as far as a mail client speaks it without TLS, and enough of MIME to read a text back.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const MAIL_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// Head and body as they arrived.
    pub source: String,
}

/// What the server does to the next mail instead of taking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Answers the sender's MAIL with 451: try again later.
    TryLater,
    /// Answers the recipient with 550: never.
    Refuse,
    /// Breaks the line after it has the whole mail and before it answers: the client cannot know.
    DropAfterData,
    /// Takes the mail, but this many milliseconds late.
    Slow {
        /// The delay in milliseconds.
        delay_ms: u64,
    },
}

/// A mail server on a free port of the loopback address; dropping it ends it.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    misbehaviours: VecDeque<Misbehaviour>,
    connections: usize,
}

impl SmtpSink {
    /// Starts a server that takes everything.
    ///
    /// # Panics
    /// When the loopback address gives no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of the loopback address");
        let address = listener.local_addr().expect("the address of the mail server");
        let shared = Arc::new(Mutex::new(State::default()));
        let state = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                lock(&state).connections += 1;
                tokio::spawn(talk(stream, Arc::clone(&state)));
            }
        });
        Self { address, shared, accepting }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happens to the next mails, one each, in this order; then all is well again.
    pub fn misbehave(&self, misbehaviours: &[Misbehaviour]) {
        lock(&self.shared).misbehaviours.extend(misbehaviours);
    }

    /// The mails taken so far; one whose answer was lost is among them.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared).mails.clone()
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.shared).connections
    }

    /// Waits until so many mails were taken and gives all of them; `None` when they do not come in time.
    pub async fn wait_for_mails(&self, count: usize, wait_ms_max: u64) -> Option<Vec<Mail>> {
        let wait = async {
            loop {
                let mails = self.mails();
                if mails.len() >= count {
                    return mails;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(wait_ms_max), wait).await.ok()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mail {
    /// A head field, unfolded and decoded (RFC 2047).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header(head_and_body(&self.source).0, name).map(|value| decode_words(&value))
    }

    /// The readable text: the body, or the first text part of a mail of several parts, decoded.
    #[must_use]
    pub fn text(&self) -> String {
        part_text(&self.source)
    }
}

fn head_and_body(source: &str) -> (&str, &str) {
    source.split_once("\r\n\r\n").unwrap_or((source, ""))
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let field = unfolded.lines().find_map(|line| line.split_once(':').filter(|(field, _)| field.eq_ignore_ascii_case(name)));
    field.map(|(_, value)| value.trim().to_owned())
}

fn part_text(source: &str) -> String {
    let (head, body) = head_and_body(source);
    let kind = header(head, "Content-Type").unwrap_or_default();
    if let Some(boundary) = kind.split("boundary=").nth(1) {
        let boundary = format!("--{}", boundary.split(';').next().unwrap_or_default().trim().trim_matches('"'));
        let parts = body.split(boundary.as_str()).skip(1).map(|part| part.trim_start_matches("\r\n"));
        return parts.map(part_text).find(|text| !text.trim().is_empty()).unwrap_or_default();
    }
    match header(head, "Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
        "base64" => utf8(&base64(&body.split_whitespace().collect::<String>())),
        "quoted-printable" => utf8(&quoted_printable(&body.replace("=\r\n", ""))),
        _ => body.to_owned(),
    }
}

fn decode_words(value: &str) -> String {
    let mut decoded = String::new();
    let mut rest = value;
    while let Some((before, word)) = rest.split_once("=?") {
        // Blanks between two encoded words do not count.
        decoded.push_str(if before.trim().is_empty() && !decoded.is_empty() { "" } else { before });
        let mut fields = word.splitn(4, '?');
        let (_, encoding, text, after) =
            (fields.next(), fields.next(), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let bytes = if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("b")) {
            base64(text)
        } else {
            quoted_printable(&text.replace('_', " "))
        };
        decoded.push_str(&utf8(&bytes));
        rest = after.strip_prefix('=').unwrap_or(after);
    }
    decoded + rest
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn base64(text: &str) -> Vec<u8> {
    data_encoding::BASE64.decode(text.as_bytes()).unwrap_or_else(|error| panic!("a mail with broken base64 ({error}): {text}"))
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| data_encoding::HEXUPPER_PERMISSIVE.decode(digits).ok());
        match code {
            Some(code) if *first == b'=' => {
                bytes.extend(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// How a conversation goes on after one command.
enum Next {
    Answer(&'static str),
    Data,
    End,
}

async fn talk(stream: TcpStream, shared: Arc<Mutex<State>>) {
    // Whatever breaks the line here is seen by the client, whose side is under test.
    let _ = converse(stream, &shared).await;
}

async fn converse(stream: TcpStream, shared: &Mutex<State>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let (mut from, mut to) = (String::new(), Vec::new());
    let mut misbehaviour = None;
    writer.write_all(b"220 localhost test sink\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let next = match word.as_str() {
            "EHLO" => Next::Answer("250-localhost\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n"),
            "HELO" | "NOOP" => Next::Answer("250 ok\r\n"),
            "AUTH" => Next::Answer("235 welcome\r\n"),
            "RSET" => {
                to.clear();
                Next::Answer("250 ok\r\n")
            }
            "MAIL" => {
                misbehaviour = lock(shared).misbehaviours.pop_front();
                from = address_in(&line);
                to.clear();
                Next::Answer(if misbehaviour == Some(Misbehaviour::TryLater) { "451 4.3.0 try again later\r\n" } else { "250 ok\r\n" })
            }
            "RCPT" if misbehaviour == Some(Misbehaviour::Refuse) => Next::Answer("550 5.1.1 no such mailbox\r\n"),
            "RCPT" => {
                to.push(address_in(&line));
                Next::Answer("250 ok\r\n")
            }
            "DATA" if to.is_empty() => Next::Answer("503 5.5.1 no recipient\r\n"),
            "DATA" => Next::Data,
            "QUIT" => Next::End,
            _ => Next::Answer("502 5.5.2 unknown command\r\n"),
        };
        match next {
            Next::Answer(answer) => writer.write_all(answer.as_bytes()).await?,
            Next::End => return writer.write_all(b"221 bye\r\n").await,
            Next::Data => {
                writer.write_all(b"354 go on\r\n").await?;
                let source = read_mail(&mut reader).await?;
                if let Some(Misbehaviour::Slow { delay_ms }) = misbehaviour {
                    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                }
                lock(shared).mails.push(Mail { from: from.clone(), to: std::mem::take(&mut to), source });
                if misbehaviour == Some(Misbehaviour::DropAfterData) {
                    return Ok(());
                }
                writer.write_all(b"250 taken\r\n").await?;
            }
        }
    }
}

async fn read_mail(reader: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> std::io::Result<String> {
    let mut mail = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 || mail.len() > MAIL_BYTES_MAX {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address_in(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or_else(String::new, |(address, _)| address.to_owned())
}

#[cfg(test)]
#[path = "smtp_sink_tests.rs"]
mod tests;
