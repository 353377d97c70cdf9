//! A printer on the network: raw printing, port 9100 as a rule.

use std::{io, str::FromStr};

use edge::connect::Connect;
use tokio::net::TcpStream;

/// Port of raw printing.
const RAW_PORT: u16 = 9100;

/// Where a network printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterAddress {
    /// Name or address.
    pub host: String,
    /// Port, 9100 as a rule.
    pub port: u16,
}

impl FromStr for PrinterAddress {
    type Err = String;

    /// `host`, `host:port` or `[v6]:port`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().map_err(|_| format!("端口不对：{text}"))?)
            }
            _ => (text, RAW_PORT),
        };
        Ok(Self { host: host.trim_start_matches('[').trim_end_matches(']').to_owned(), port })
    }
}

impl Connect for PrinterAddress {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    #[test]
    fn printers_are_named_with_or_without_port() {
        let of = |text: &str| text.parse::<PrinterAddress>().map(|address| (address.host, address.port));
        assert_eq!(of("printer.hall").unwrap(), ("printer.hall".to_owned(), 9100));
        assert_eq!(of("10.0.0.9:9101").unwrap(), ("10.0.0.9".to_owned(), 9101));
        assert_eq!(of("[::1]:9100").unwrap(), ("::1".to_owned(), 9100));
        assert_eq!(of("::1").unwrap(), ("::1".to_owned(), 9100));
        assert!(of("printer:x").is_err());
    }
}
