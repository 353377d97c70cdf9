//! How a device reaches its server: the address, and one connection over TCP. Simulations bring
//! their own connector; what is spoken over the connection is not known here.

use std::{
    future::Future,
    io,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
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

/// How long one way may take to be reached before the next is tried, in milliseconds.
const WAY_MS_MAX: u64 = 2_500;
/// Addresses inside a hall that are tried.
const HALL_WAYS_MAX: usize = 4;
/// Longest pause before connecting again where the hall has a keeper, in milliseconds.
const KEEPER_PAUSE_MS_MAX: u64 = 4_000;
/// Under what the keeper's address lies in the spool.
const KEEPER: &str = "keeper_url";
/// And those of the others.
const OTHERS: &str = "standby_urls";

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

/// Connects to the server, and inside the hall while the server does not answer: to the hall's keeper, and then to the
/// kiosks that a person can let take over from it. Their addresses are what the server said last; who keeps the hall
/// ends its sessions when the line is back, and then the server is tried first again.
#[derive(Debug, Clone)]
pub struct HallConnect {
    server: TcpConnect,
    spool: Spool,
    hall: Arc<Mutex<Vec<ServerAddress>>>,
    /// The place of the way that is tried first: 0 is the server, behind it those inside the hall.
    first: Arc<AtomicUsize>,
}

impl HallConnect {
    /// Connects to a server, with what the spool knows of the hall's keeper.
    #[must_use]
    pub fn new(server: TcpConnect, spool: Spool) -> Self {
        let keeper = spool.known::<String>(KEEPER).ok().flatten().map(|(url, _)| url);
        let others = spool.known::<Vec<String>>(OTHERS).ok().flatten().map(|(urls, _)| urls).unwrap_or_default();
        let known = addresses(keeper.as_ref(), &others);
        Self { server, spool, hall: Arc::new(Mutex::new(known)), first: Arc::default() }
    }

    fn hall(&self) -> Vec<ServerAddress> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every way, the one that is tried first at the head.
    fn ways(&self) -> Vec<TcpConnect> {
        let mut ways: Vec<TcpConnect> = std::iter::once(self.server.clone()).chain(self.hall().into_iter().map(TcpConnect)).collect();
        let first = self.first.load(Ordering::Relaxed) % ways.len();
        ways.rotate_left(first);
        ways
    }
}

/// What can be used of the addresses inside a hall.
fn addresses(keeper: Option<&String>, others: &[String]) -> Vec<ServerAddress> {
    keeper.into_iter().chain(others).filter_map(|url| url.parse().ok()).take(HALL_WAYS_MAX).collect()
}

impl Connect for HallConnect {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let mut ways = self.ways();
        // Nothing is tried after the last one, so it may take as long as whoever asks waits.
        let last = ways.pop();
        for way in ways {
            if let Ok(Ok(stream)) = timeout(Duration::from_millis(WAY_MS_MAX), way.connect()).await {
                return Ok(stream);
            }
        }
        last.unwrap_or_else(|| self.server.clone()).connect().await
    }

    fn learn(&self, config: &DeviceConfig) {
        self.first.store(0, Ordering::Relaxed);
        // Who keeps the hall is the server's to say.
        if config.from_keeper {
            return;
        }
        let addresses = addresses(config.keeper_url.as_ref(), &config.standby_urls);
        let mut known = self.hall.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a keeper the last one is as good a guess as none.
        if addresses.is_empty() || *known == addresses {
            return;
        }
        let kept = match &config.keeper_url {
            Some(url) => self.spool.keep(KEEPER, url, config.now_ms),
            None => Ok(()),
        };
        if let Err(error) = kept.and_then(|()| self.spool.keep(OTHERS, &config.standby_urls, config.now_ms)) {
            tracing::warn!(%error, "the addresses inside the hall could not be kept");
        }
        *known = addresses;
    }

    fn failed(&self) {
        // Something took the connection and did not speak: a line that is cut far away, for one.
        self.first.fetch_add(1, Ordering::Relaxed);
    }

    fn pause_ms_max(&self) -> u64 {
        if self.hall().is_empty() { BACK_OFF_MS_MAX } else { KEEPER_PAUSE_MS_MAX }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot parse its own address has failed")]
    use super::*;

    /// What a server, or with `from_keeper` a keeper, says of the ways inside the hall.
    fn config(keeper_url: Option<&str>, standby_urls: &[&str], from_keeper: bool) -> DeviceConfig {
        DeviceConfig {
            device_id: "dev_dc_1".into(),
            kind: protocol::device::DeviceKind::Display,
            site_id: "demo-center".into(),
            site_name: String::new(),
            site_phone: None,
            window_id: None,
            now_ms: 1,
            printer_profile: None,
            public_url: None,
            missed_rule: None,
            keeper_url: keeper_url.map(str::to_owned),
            standby_urls: standby_urls.iter().map(ToString::to_string).collect(),
            from_keeper,
        }
    }

    #[test]
    fn the_ways_inside_the_hall_are_the_servers_to_say_and_are_tried_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let server = TcpConnect("http://10.0.0.1:8080".parse().unwrap());
        let ports = |connect: &HallConnect| connect.ways().iter().map(|way| way.0.port).collect::<Vec<_>>();
        {
            let connect = HallConnect::new(server.clone(), Spool::open(folder.path()).unwrap());
            assert_eq!(ports(&connect), [8080]);
            connect.learn(&config(Some("http://10.0.0.2:1"), &["http://10.0.0.3:2"], false));
            assert_eq!(ports(&connect), [8080, 1, 2]);
            connect.failed();
            assert_eq!(ports(&connect), [1, 2, 8080]);
            connect.failed();
            connect.failed();
            assert_eq!(ports(&connect), [8080, 1, 2], "round and round");
            connect.failed();
            connect.learn(&config(Some("http://10.0.0.9:9"), &[], true));
            assert_eq!(ports(&connect), [8080, 1, 2], "the server is first again, and a keeper's word changes nothing");
        }
        let connect = HallConnect::new(server, Spool::open(folder.path()).unwrap());
        assert_eq!(ports(&connect), [8080, 1, 2], "over a restart");
    }

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
