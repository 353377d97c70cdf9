//! How a device reaches its server: the address, and one connection over TCP. Simulations bring
//! their own connector; what is spoken over the connection is not known here.

use std::{
    future::Future,
    io,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use protocol::device::DeviceConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use crate::{session::BACK_OFF_MS_MAX, spool::Spool};

/// How long the server may take to be reached before the hall's keeper is tried, in milliseconds.
const SERVER_MS_MAX: u64 = 2_500;
/// Longest pause before connecting again where the hall has a keeper, in milliseconds.
const KEEPER_PAUSE_MS_MAX: u64 = 4_000;
/// Under what the keeper's address lies in the spool.
const KEEPER: &str = "keeper_url";

/// Opens connections to the server.
pub trait Connect: Send + Sync + 'static {
    /// The connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens one connection; the caller puts a time-out on it.
    ///
    /// # Errors
    /// The server cannot be reached.
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// The other side said what the device works with: other ways to it stand there.
    fn learn(&self, _config: &DeviceConfig) {}

    /// A connection was opened and nothing came of it.
    fn failed(&self) {}

    /// Longest pause before connecting again, in milliseconds.
    fn pause_ms_max(&self) -> u64 {
        BACK_OFF_MS_MAX
    }
}

/// Host and port of the server, from `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    host: String,
    port: u16,
}

/// The server's address is not one that this device can use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    /// Not a URL with a host.
    #[error("服务器地址应写成 http://主机:端口")]
    NotAUrl,
    /// A scheme other than `http`.
    #[error("服务器地址只支持 http://（TLS 由本机的反向代理或专网隧道完成）")]
    Scheme,
    /// A path, query or user name.
    #[error("服务器地址只写到端口，不带路径和用户名")]
    Extra,
}

impl ServerAddress {
    /// Host and port as they stand in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: hyper::Uri = text.parse().map_err(|_| AddressError::NotAUrl)?;
        match uri.scheme_str() {
            Some("http") => {}
            Some(_) => return Err(AddressError::Scheme),
            None => return Err(AddressError::NotAUrl),
        }
        let authority = uri.authority().ok_or(AddressError::NotAUrl)?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(AddressError::Extra);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(AddressError::NotAUrl);
        }
        Ok(Self { host, port: authority.port_u16().unwrap_or(80) })
    }
}

/// Connects over TCP.
#[derive(Debug, Clone)]
pub struct TcpConnect(pub ServerAddress);

impl Connect for TcpConnect {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((self.0.host.as_str(), self.0.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Connects to the server, and to the hall's keeper on the local network while the server does not answer.
/// The keeper's address is what the server said last; it ends its sessions when the line is back, and then
/// the server is tried first again.
#[derive(Debug, Clone)]
pub struct HallConnect {
    server: TcpConnect,
    spool: Spool,
    keeper: Arc<Mutex<Option<ServerAddress>>>,
    keeper_first: Arc<AtomicBool>,
}

impl HallConnect {
    /// Connects to a server, with what the spool knows of the hall's keeper.
    #[must_use]
    pub fn new(server: TcpConnect, spool: Spool) -> Self {
        let known = spool.known::<String>(KEEPER).ok().flatten().and_then(|(url, _)| url.parse().ok());
        Self { server, spool, keeper: Arc::new(Mutex::new(known)), keeper_first: Arc::default() }
    }

    fn keeper(&self) -> Option<ServerAddress> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Connect for HallConnect {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let Some(keeper) = self.keeper().map(TcpConnect) else { return self.server.connect().await };
        let (first, second) = if self.keeper_first.load(Ordering::Relaxed) { (&keeper, &self.server) } else { (&self.server, &keeper) };
        match timeout(Duration::from_millis(SERVER_MS_MAX), first.connect()).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) | Err(_) => second.connect().await,
        }
    }

    fn learn(&self, config: &DeviceConfig) {
        self.keeper_first.store(false, Ordering::Relaxed);
        let Some(url) = &config.keeper_url else { return };
        let Ok(address) = url.parse::<ServerAddress>() else { return };
        let mut known = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref() != Some(&address) {
            if let Err(error) = self.spool.keep(KEEPER, url, config.now_ms) {
                tracing::warn!(%error, "the keeper's address could not be kept");
            }
            *known = Some(address);
        }
    }

    fn failed(&self) {
        // Something took the connection and did not speak: a line that is cut far away, for one.
        self.keeper_first.fetch_xor(true, Ordering::Relaxed);
    }

    fn pause_ms_max(&self) -> u64 {
        if self.keeper().is_some() { KEEPER_PAUSE_MS_MAX } else { BACK_OFF_MS_MAX }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot parse its own address has failed")]
    use super::*;

    #[test]
    fn addresses_are_taken_or_refused_with_the_reason() {
        let authority = |text: &str| text.parse::<ServerAddress>().unwrap().authority();
        assert_eq!(authority("http://127.0.0.1:8080"), "127.0.0.1:8080");
        assert_eq!(authority("http://hall.example/"), "hall.example:80");
        assert_eq!(authority("http://[::1]:9"), "[::1]:9");
        let refused = |text: &str| text.parse::<ServerAddress>().unwrap_err();
        assert_eq!(refused("https://hall.example"), AddressError::Scheme);
        assert_eq!(refused("hall.example:80"), AddressError::NotAUrl);
        assert_eq!(refused("http://a@hall.example"), AddressError::Extra);
        assert_eq!(refused("http://hall.example/api"), AddressError::Extra);
    }
}
