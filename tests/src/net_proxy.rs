//! A line between two programs that can be cut, stopped and slowed: a TCP proxy on the loopback address.
//! Knows nothing of what it carries.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the line does to everything it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// Passes everything on.
    #[default]
    Up,
    /// Passes everything on, each piece this many milliseconds later.
    Slow {
        /// The delay of each piece in milliseconds.
        delay_ms: u64,
    },
    /// Passes nothing on and breaks nothing, as when a router hangs: only time-outs notice it.
    Stalled,
    /// Every connection is broken and no new one lives, as when the cable is out.
    Cut,
}

/// A proxy to one address; dropping it cuts the line.
#[derive(Debug)]
pub struct NetProxy {
    address: SocketAddr,
    target: watch::Sender<SocketAddr>,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl NetProxy {
    /// Opens a line to `target` on a free port of the loopback address.
    ///
    /// # Panics
    /// When the loopback address gives no port.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of the loopback address");
        let address = listener.local_addr().expect("the address of the proxy");
        let (line, state) = watch::channel(Line::Up);
        let (target, aimed) = watch::channel(target);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let target = *aimed.borrow();
                tokio::spawn(carry(near, target, state.clone()));
            }
        });
        Self { address, target, line, accepting }
    }

    /// New connections go to another address: a program that was started again has another port.
    pub fn aim(&self, target: SocketAddr) {
        self.target.send_replace(target);
    }

    /// Where to connect instead of the target.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the line for all connections at once.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

impl Drop for NetProxy {
    fn drop(&mut self) {
        self.set(Line::Cut);
        self.accepting.abort();
    }
}

async fn carry(near: TcpStream, target: SocketAddr, line: watch::Receiver<Line>) {
    if *line.borrow() == Line::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(target).await else { return };
    let (near_reader, near_writer) = near.into_split();
    let (far_reader, far_writer) = far.into_split();
    let mut cut = line.clone();
    tokio::select! {
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
        () = async {
            tokio::join!(pass_on(near_reader, far_writer, line.clone()), pass_on(far_reader, near_writer, line.clone()));
        } => {}
    }
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut line: watch::Receiver<Line>) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let Ok(state) = line.wait_for(|line| *line != Line::Stalled).await.map(|state| *state) else { return };
        if let Line::Slow { delay_ms } = state {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
    // The other direction may still have something to say: only this one ends.
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    const WAIT: Duration = Duration::from_secs(5);
    const SHORT: Duration = Duration::from_millis(150);

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut reader, mut writer) = stream.split();
                    let _ = tokio::io::copy(&mut reader, &mut writer).await;
                });
            }
        });
        address
    }

    async fn ask(stream: &mut TcpStream, byte: u8) -> std::io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_line_breaks_and_a_mended_one_takes_new_connections() {
        let proxy = NetProxy::start(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut stream, 7).await.unwrap(), 7);
        proxy.set(Line::Cut);
        assert!(tokio::time::timeout(WAIT, ask(&mut stream, 8)).await.unwrap().is_err());
        let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(tokio::time::timeout(WAIT, ask(&mut refused, 9)).await.unwrap().is_err());
        proxy.set(Line::Up);
        let mut again = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut again, 10).await.unwrap(), 10);
    }

    #[tokio::test]
    async fn a_stalled_line_loses_nothing_and_a_slow_one_takes_its_time() {
        let proxy = NetProxy::start(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut stream, 1).await.unwrap(), 1);
        proxy.set(Line::Stalled);
        assert!(tokio::time::timeout(SHORT, ask(&mut stream, 2)).await.is_err());
        proxy.set(Line::Slow { delay_ms: 60 });
        assert_eq!(tokio::time::timeout(WAIT, stream.read_u8()).await.unwrap().unwrap(), 2);
        let begun = Instant::now();
        assert_eq!(ask(&mut stream, 3).await.unwrap(), 3);
        assert!(begun.elapsed() >= Duration::from_millis(120), "60 ms each way");
    }
}
