//! The hall's own address: window PCs, displays and printers open it. While the service decides, every
//! connection is passed through to it byte by byte; while the keeper decides, it is served here. When that
//! changes, what is open ends, and whoever wants more comes again.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use edge::connect::{Connect, TcpConnect};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Keeper;

/// Connections of a hall at once.
const CONNECTIONS_MAX: usize = 512;
/// Time to reach the server for a connection that is passed through, in milliseconds.
const REACH_MS_MAX: u64 = 5_000;
/// Bytes under way inside this program, for each connection.
const BUFFER_BYTES: usize = 64 * 1024;
/// A moment after an accept that failed, in milliseconds.
const PAUSE_MS: u64 = 50;
/// Time for the head of the first request, in milliseconds.
const HEAD_MS_MAX: u64 = 10_000;
/// Between two looks at a head that is not whole, in milliseconds.
const HEAD_LOOK_MS: u64 = 20;
/// A head of more bytes is somebody's to judge who reads it.
const HEAD_BYTES: usize = 8 * 1024;
/// A connection over which nothing goes for so long is ended, in milliseconds: live feeds and sessions say something often.
const IDLE_MS_MAX: u64 = 120_000;

/// Connections that are served here, as a listener.
struct Local {
    streams: mpsc::Receiver<DuplexStream>,
    address: SocketAddr,
}

impl axum::serve::Listener for Local {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.streams.recv().await {
            Some(stream) => (stream, self.address),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Serves the hall's address until the program ends.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: TcpListener, keeper: Keeper, server: TcpConnect, routes: Router) -> io::Result<()> {
    let (sender, streams) = mpsc::channel(CONNECTIONS_MAX);
    let address = listener.local_addr()?;
    let served = axum::serve(Local { streams, address }, routes);
    let passing = passing(&keeper);
    let seats = std::sync::Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let accepting = async {
        loop {
            let Ok(seat) = seats.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    // What a clerk does is small and waits for nothing.
                    let _ = stream.set_nodelay(true);
                    let (passing, server, sender) = (passing.clone(), server.clone(), sender.clone());
                    tokio::spawn(async move {
                        connection(stream, passing, server, sender).await;
                        drop(seat);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(Duration::from_millis(PAUSE_MS)).await;
                }
            }
        }
    };
    tokio::select! {
        ended = served.into_future() => ended,
        () = accepting => Ok(()),
    }
}

/// Whether connections are passed through, as it changes.
fn passing(keeper: &Keeper) -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(keeper.passes_through());
    let (mut changes, keeper) = (keeper.changes(), keeper.clone());
    tokio::spawn(async move {
        while changes.changed().await.is_ok() {
            let now = keeper.passes_through();
            sender.send_if_modified(|before| std::mem::replace(before, now) != now);
        }
    });
    receiver
}

/// Waits for the head of a request without taking it; false for one that does not come, whose place others need.
async fn head_came(stream: &TcpStream) -> bool {
    let mut head = [0; HEAD_BYTES];
    let whole = async {
        loop {
            let length = stream.peek(&mut head).await.ok().filter(|length| *length > 0)?;
            if length == HEAD_BYTES || head[..length].windows(4).any(|end| end == b"\r\n\r\n") {
                return Some(());
            }
            // What was looked at stays readable, so there is nothing to wait for but time.
            sleep(Duration::from_millis(HEAD_LOOK_MS)).await;
        }
    };
    timeout(Duration::from_millis(HEAD_MS_MAX), whole).await.is_ok_and(|came| came.is_some())
}

async fn connection(mut stream: TcpStream, mut passing: watch::Receiver<bool>, server: TcpConnect, sender: mpsc::Sender<DuplexStream>) {
    if !head_came(&stream).await {
        return;
    }
    let passes = *passing.borrow_and_update();
    let reached = match passes.then(|| server.connect()) {
        Some(reaching) => timeout(Duration::from_millis(REACH_MS_MAX), reaching).await.ok().and_then(Result::ok),
        None => None,
    };
    // The end of a connection, from whichever side, is no error here.
    let life = Life::new();
    let mut stream = Watched { stream: &mut stream, life: life.clone() };
    match reached {
        Some(mut there) => {
            tokio::select! {
                _ = copy_bidirectional(&mut stream, &mut there) => {}
                () = life.ends() => {}
                _ = passing.changed() => {}
            }
        }
        None => {
            let (mut here, inner) = duplex(BUFFER_BYTES);
            if sender.send(inner).await.is_err() {
                return;
            }
            tokio::select! {
                _ = copy_bidirectional(&mut stream, &mut here) => {}
                () = life.ends() => {}
                _ = passing.changed() => {}
            }
        }
    }
}

/// When something last went over a connection; clones share it.
#[derive(Debug, Clone)]
struct Life(Arc<Mutex<Instant>>);

impl Life {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn goes_on(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nothing went over it for too long.
    async fn ends(&self) {
        loop {
            let ends_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + Duration::from_millis(IDLE_MS_MAX);
            if ends_at <= Instant::now() {
                return;
            }
            sleep_until(ends_at).await;
        }
    }
}

/// A stream that tells when something goes over it.
struct Watched<'a> {
    stream: &'a mut TcpStream,
    life: Life,
}

impl AsyncRead for Watched<'_> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut *self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.life.goes_on();
        }
        read
    }
}

impl AsyncWrite for Watched<'_> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *self.stream).poll_write(context, bytes);
        if written.is_ready() {
            self.life.goes_on();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream).poll_shutdown(context)
    }
}
