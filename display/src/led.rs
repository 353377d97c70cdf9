//! The LED strip above a window. What it shows is made from the board's state; how it is told is a frame of plain bytes
//! over TCP or a serial line, described here and in `docs/led.md`, so that a controller can be taught it:
//!
//! `STX` window (3 digits) `T` length (2 hex digits, of the text in bytes) text (GB18030) `ETX` check (2 hex digits: XOR of
//! all bytes from the window to `ETX`). The strip answers `ACK` window or `NAK` window.

use std::{future::Future, io, path::PathBuf, pin::Pin, str::FromStr, sync::Arc, task, time::Duration};

use edge::connect::Connect;
use protocol::feed::{BoardState, BoardWindow};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_serial::{SerialPortBuilderExt as _, SerialStream};

use crate::View;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
/// Bytes of a text: sixteen 汉字.
const TEXT_BYTES_MAX: usize = 32;
/// Time to connect and to answer, in milliseconds.
const ANSWER_MS_MAX: u64 = 2_000;
/// Tries of one text before the line is opened anew.
const TRIES_MAX: u32 = 3;
/// Pause before a strip that does not answer is tried again, in milliseconds.
const PAUSE_MS: u64 = 5_000;
/// A text is told again after this long, in milliseconds: a strip that was switched off has forgotten it.
const AGAIN_MS: u64 = 60_000;
/// Speed of serial strips.
const BAUD: u32 = 9_600;

/// What shows one text.
pub trait LedBoard: Send {
    /// Shows a text in place of the one before; returns when the strip said that it does.
    ///
    /// # Errors
    /// The strip is not there, does not answer or refuses.
    fn show(&mut self, text: &str) -> impl Future<Output = io::Result<()>> + Send;
}

/// Where a strip is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedAddress {
    /// `tcp:host:port`.
    Tcp(String),
    /// `serial:/dev/ttyS0`.
    Serial(PathBuf),
}

/// A strip as the settings name it: `3=tcp:10.0.0.5:5005`, `4=serial:/dev/ttyS0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedStrip {
    /// The window that it hangs above.
    pub window: u16,
    /// Where it is.
    pub address: LedAddress,
}

impl FromStr for LedStrip {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("写成 窗口=tcp:主机:端口 或 窗口=serial:串口，如 3=tcp:10.0.0.5:5005：{text}");
        let (window, place) = text.split_once('=').ok_or_else(wrong)?;
        let window = window.parse().ok().filter(|window| (1..=999).contains(window)).ok_or_else(wrong)?;
        let address = match place.split_once(':').ok_or_else(wrong)? {
            ("tcp", place) if place.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) => {
                LedAddress::Tcp(place.to_owned())
            }
            ("serial", path) if !path.is_empty() => LedAddress::Serial(path.into()),
            _ => return Err(wrong()),
        };
        Ok(Self { window, address })
    }
}

/// An open line to a strip.
#[derive(Debug)]
pub enum LedStream {
    /// Over the network.
    Tcp(TcpStream),
    /// Over a serial line.
    Serial(SerialStream),
}

impl Connect for LedAddress {
    type Stream = LedStream;

    async fn connect(&self) -> io::Result<LedStream> {
        match self {
            Self::Tcp(place) => Ok(LedStream::Tcp(TcpStream::connect(place).await?)),
            Self::Serial(path) => {
                Ok(LedStream::Serial(tokio_serial::new(path.to_string_lossy(), BAUD).open_native_async().map_err(io::Error::from)?))
            }
        }
    }
}

impl AsyncRead for LedStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut task::Context<'_>, into: &mut ReadBuf<'_>) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, into),
            Self::Serial(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for LedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut task::Context<'_>, bytes: &[u8]) -> task::Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Serial(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Serial(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Serial(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// A strip that speaks the frame of this file.
#[derive(Debug)]
pub struct FramedLed<C: Connect> {
    connector: C,
    window: u16,
    open: Option<C::Stream>,
}

impl<C: Connect> FramedLed<C> {
    /// The strip above a window, behind `connector`.
    #[must_use]
    pub fn new(connector: C, window: u16) -> Self {
        Self { connector, window, open: None }
    }

    /// Sends a frame and gives whether the strip took it.
    async fn tell(&mut self, frame: &[u8]) -> io::Result<bool> {
        let stream = match &mut self.open {
            Some(stream) => stream,
            open => open.insert(self.connector.connect().await?),
        };
        stream.write_all(frame).await?;
        stream.flush().await?;
        let own = format!("{:03}", self.window);
        let mut last = Vec::new();
        loop {
            // Noise and answers of other strips on the same line go by.
            last.push(stream.read_u8().await?);
            if let Some(start) = last.len().checked_sub(4)
                && last[start + 1..] == *own.as_bytes()
                && matches!(last[start], ACK | NAK)
            {
                return Ok(last[start] == ACK);
            }
        }
    }
}

impl<C: Connect> LedBoard for FramedLed<C> {
    async fn show(&mut self, text: &str) -> io::Result<()> {
        let frame = frame(self.window, text);
        let mut last = io::Error::from(io::ErrorKind::InvalidData);
        for _ in 0..TRIES_MAX {
            match timeout(Duration::from_millis(ANSWER_MS_MAX), self.tell(&frame)).await {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => last = io::Error::other("the strip refused the frame"),
                Ok(Err(error)) => {
                    self.open = None;
                    last = error;
                }
                Err(late) => {
                    self.open = None;
                    last = late.into();
                }
            }
        }
        Err(last)
    }
}

/// The frame of a text; what does not fit is left off at a character.
#[must_use]
pub fn frame(window: u16, text: &str) -> Vec<u8> {
    let mut data = Vec::with_capacity(TEXT_BYTES_MAX);
    for character in text.chars().filter(|character| !character.is_control()) {
        let mut utf8 = [0; 4];
        let (bytes, _, unmappable) = encoding_rs::GB18030.encode(character.encode_utf8(&mut utf8));
        if unmappable || data.len() + bytes.len() > TEXT_BYTES_MAX {
            break;
        }
        data.extend_from_slice(&bytes);
    }
    let mut frame = vec![STX];
    frame.extend(format!("{window:03}T{:02X}", data.len()).bytes());
    frame.extend(data);
    frame.push(ETX);
    let check = frame.iter().skip(1).fold(0, |check, byte| check ^ byte);
    frame.extend(format!("{check:02X}").bytes());
    frame
}

/// What the strip above a window shows.
#[must_use]
pub fn strip_text(view: &View, window: u16) -> String {
    let Some(state) = view.state.as_ref().filter(|_| view.online) else { return "请听窗口喊号".to_owned() };
    if let Some(emergency) = &state.emergency {
        return emergency.clone();
    }
    let Some(own) = state.windows.iter().find(|one| one.number == window) else { return String::new() };
    open_text(state, own)
}

fn open_text(state: &BoardState, window: &BoardWindow) -> String {
    match (window.state.as_str(), &window.text) {
        ("paused", Some(text)) => format!("暂停 {text}"),
        ("paused", None) => "暂停 稍后回来".to_owned(),
        ("open", _) => {
            let call = state.calls.iter().find(|call| call.window_number == window.number);
            call.map_or_else(|| format!("{}号窗口 听叫号", window.number), |call| format!("{} 请到{}号窗口", call.number, window.number))
        }
        _ => "未开".to_owned(),
    }
}

/// Keeps a strip showing what the board says, for as long as there are views.
pub async fn follow(mut board: impl LedBoard, window: u16, mut views: watch::Receiver<Arc<View>>) {
    let mut shown: Option<String> = None;
    loop {
        let wanted = strip_text(&views.borrow_and_update(), window);
        if shown.as_ref() != Some(&wanted) {
            match board.show(&wanted).await {
                Ok(()) => shown = Some(wanted),
                Err(error) => {
                    tracing::warn!(window, %error, "a strip shows nothing new");
                    shown = None;
                    sleep(Duration::from_millis(PAUSE_MS)).await;
                    continue;
                }
            }
        }
        match timeout(Duration::from_millis(AGAIN_MS), views.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_ended)) => return,
            Err(_quiet) => shown = None,
        }
    }
}
