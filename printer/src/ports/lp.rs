//! A printer behind the kernel's USB printer driver: `/dev/usb/lp0`. The file is written and read without blocking;
//! it takes less than it is given while the printer's buffer is full, has nothing to read most of the time, and is
//! gone when the cable is pulled.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use edge::connect::Connect;
use rustix::fs::OFlags;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::unix::pipe,
    time::{Instant, Sleep, sleep},
};

/// Pause after a read that gave nothing although the file was readable, in milliseconds: some printers answer
/// every look with an empty packet.
const EMPTY_MS: u64 = 50;
/// Most bytes of old answers that are thrown away when the file is opened.
const STALE_BYTES_MAX: usize = 4_096;

/// A printer as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LpDevice {
    /// The file, e.g. `/dev/usb/lp0`.
    pub path: PathBuf,
}

impl Connect for LpDevice {
    type Stream = LpStream;

    async fn connect(&self) -> io::Result<LpStream> {
        let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).map_err(io::Error::other)?;
        let mut file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(&self.path)?;
        forget_stale(&mut file)?;
        // A pipe's ends are what the runtime has for files that are read and written without blocking; the checks that
        // are left out would only say that a printer is no pipe.
        let answers = pipe::Receiver::from_file_unchecked(file.try_clone()?)?;
        Ok(LpStream { out: pipe::Sender::from_file_unchecked(file)?, answers, pause: Box::pin(sleep(Duration::ZERO)) })
    }
}

fn forget_stale(file: &mut File) -> io::Result<()> {
    let mut bytes = [0; 64];
    for _ in 0..STALE_BYTES_MAX / bytes.len() {
        match file.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The open file of a printer.
#[derive(Debug)]
pub struct LpStream {
    out: pipe::Sender,
    answers: pipe::Receiver,
    pause: Pin<Box<Sleep>>,
}

impl AsyncRead for LpStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = into.filled().len();
        loop {
            ready!(this.pause.as_mut().poll(context));
            ready!(Pin::new(&mut this.answers).poll_read(context, into))?;
            if into.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
            this.pause.as_mut().reset(Instant::now() + Duration::from_millis(EMPTY_MS));
        }
    }
}

impl AsyncWrite for LpStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.out).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_shutdown(context)
    }
}
