//! The hall's own address: window PCs, displays and printers open it. While the service decides, every
//! connection is passed through to it byte by byte; while the keeper decides, it is served here. When that
//! changes, what is open ends, and whoever wants more comes again.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use edge::connect::{Connect, TcpConnect};
use tokio::io::{DuplexStream, copy_bidirectional, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::Keeper;

/// Connections of a hall at once.
const CONNECTIONS_MAX: usize = 512;
/// Time to reach the server for a connection that is passed through, in milliseconds.
const REACH_MS_MAX: u64 = 5_000;
/// Bytes under way inside this program, for each connection.
const BUFFER_BYTES: usize = 64 * 1024;
/// A moment after an accept that failed, in milliseconds.
const PAUSE_MS: u64 = 50;

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

async fn connection(mut stream: TcpStream, mut passing: watch::Receiver<bool>, server: TcpConnect, sender: mpsc::Sender<DuplexStream>) {
    let passes = *passing.borrow_and_update();
    let reached = match passes.then(|| server.connect()) {
        Some(reaching) => timeout(Duration::from_millis(REACH_MS_MAX), reaching).await.ok().and_then(Result::ok),
        None => None,
    };
    // The end of a connection, from whichever side, is no error here.
    match reached {
        Some(mut there) => {
            tokio::select! {
                _ = copy_bidirectional(&mut stream, &mut there) => {}
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
                _ = passing.changed() => {}
            }
        }
    }
}
