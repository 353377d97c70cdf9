//! How a device reaches its server: the address, and one connection over TCP. Simulations bring
//! their own connector; what is spoken over the connection is not known here.

use std::{future::Future, io, str::FromStr};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// Opens connections to the server.
pub trait Connect: Send + Sync + 'static {
    /// The connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens one connection; the caller puts a time-out on it.
    ///
    /// # Errors
    /// The server cannot be reached.
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
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
