//! Requests that leave the house: to one configured address, without redirects, with limits on time
//! and size. Plain HTTP only to this machine.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Fault;

/// How long one exchange may take, in milliseconds.
const EXCHANGE_MS_MAX: u64 = 15_000;
/// Largest answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointFault {
    /// Not an http or https address with a host.
    #[error("地址要写成 https://主机/路径")]
    Form,
    /// Plain HTTP to another machine.
    #[error("不加密的 http:// 只用于本机；专网里的主机写进 plain_hosts")]
    Plain,
}

/// What is sent to an address.
pub(super) struct Posted<'a> {
    /// Path below the address, with its slash and query; empty for the address itself.
    pub(super) below: &'a str,
    /// The same for every try.
    pub(super) id: &'a str,
    /// More headers.
    pub(super) headers: &'a [(&'a str, String)],
    /// JSON.
    pub(super) body: String,
}

/// The one address that a gateway talks to.
#[derive(Clone)]
pub struct Endpoint {
    host: String,
    port: u16,
    path: String,
    tls: Option<TlsConnector>,
    token: Option<String>,
    exchange_ms_max: u64,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint at an address, with the bearer token it wants. Plain HTTP goes to this machine and
    /// to the hosts for which the operator says so.
    ///
    /// # Errors
    /// When the address has another form, or sends in plain text to another machine.
    pub fn new(url: &str, token: Option<String>, plain_hosts: &[&str]) -> Result<Self, EndpointFault> {
        let uri: hyper::Uri = url.parse().map_err(|_| EndpointFault::Form)?;
        let host = uri.host().ok_or(EndpointFault::Form)?.to_owned();
        let (tls, default_port) = match uri.scheme_str() {
            Some("https") => (Some(connector()), 443),
            Some("http") if may_be_plain(&host, plain_hosts) => (None, 80),
            Some("http") => return Err(EndpointFault::Plain),
            _ => return Err(EndpointFault::Form),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { port: uri.port_u16().unwrap_or(default_port), host, path, tls, token, exchange_ms_max: EXCHANGE_MS_MAX })
    }

    /// The same with another limit of time.
    #[must_use]
    pub fn within(self, exchange_ms_max: u64) -> Self {
        Self { exchange_ms_max, ..self }
    }

    /// Sends JSON and gives status and answer. Whatever status it is, also a redirect, is only told.
    ///
    /// # Errors
    /// When nothing or too much came back in time.
    pub async fn post_json(&self, id: &str, body: String) -> Result<(u16, Bytes), Fault> {
        self.post(&Posted { below: "", id, headers: &[], body }).await
    }

    /// The same with more to say.
    ///
    /// # Errors
    /// When nothing or too much came back in time.
    pub(super) async fn post(&self, posted: &Posted<'_>) -> Result<(u16, Bytes), Fault> {
        let mut request = Request::post(self.path_below(posted.below))
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("Idempotency-Key", posted.id);
        for (name, value) in posted.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(posted.body.clone()))).map_err(|_| Fault::lasting("request"))?;
        let answer = self.within_time(request).await?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }

    /// Sends a request of a library as it is, where it goes to the very host of this address.
    ///
    /// # Errors
    /// When it goes elsewhere, or nothing or too much came back in time.
    pub(super) async fn forward(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Fault> {
        let (mut parts, body) = request.into_parts();
        let other = Self::new(&parts.uri.to_string(), None, &[self.host.as_str()]).map_err(|_| Fault::lasting("request"))?;
        if (&other.host, other.port, other.tls.is_some()) != (&self.host, self.port, self.tls.is_some()) {
            return Err(Fault::lasting("other_host"));
        }
        parts.uri = other.path.parse().map_err(|_| Fault::lasting("request"))?;
        let answer = self.within_time(Request::from_parts(parts, Full::new(Bytes::from(body)))).await?;
        Ok(answer.map(|body| body.to_vec()))
    }

    async fn within_time(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Fault> {
        let exchange = self.exchange(request);
        tokio::time::timeout(Duration::from_millis(self.exchange_ms_max), exchange).await.unwrap_or_else(|_| Err(Fault::passing("timeout")))
    }

    /// The path of the address, or one below it.
    fn path_below(&self, below: &str) -> String {
        if below.is_empty() { self.path.clone() } else { format!("{}{below}", self.path.trim_end_matches('/')) }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Fault> {
        let stream =
            TcpStream::connect((self.host.trim_matches(['[', ']']), self.port)).await.map_err(|_| Fault::passing("unreachable"))?;
        match &self.tls {
            None => self.talk(stream, request).await,
            Some(connector) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|_| Fault::lasting("host_name"))?;
                let stream = connector.connect(name, stream).await.map_err(|_| Fault::passing("tls"))?;
                self.talk(stream, request).await
            }
        }
    }

    async fn talk<S>(&self, stream: S, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| Fault::passing("handshake"))?;
        // Ends with the exchange: the connection is used once.
        tokio::spawn(connection);
        // A platform may name itself by what is asked for: without the port that goes without saying.
        let is_usual = self.port == if self.tls.is_some() { 443 } else { 80 };
        let host = if is_usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) };
        let host = HeaderValue::from_str(&host).map_err(|_| Fault::lasting("host_name"))?;
        request.headers_mut().insert(header::HOST, host);
        let answer = sender.send_request(request).await.map_err(|_| Fault::passing("broken_off"))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|_| Fault::passing("answer_unreadable"))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

/// How a status ends an exchange; `Ok` for success.
pub(super) fn judge(status: u16) -> Result<(), Fault> {
    match status {
        200..=299 => Ok(()),
        // Too early, too many, and every trouble of the server may pass.
        408 | 425 | 429 | 500..=599 => Err(Fault::passing(format!("http_{status}"))),
        300..=399 => Err(Fault::lasting("redirect_refused")),
        _ => Err(Fault::lasting(format!("http_{status}"))),
    }
}

/// Longest code taken over from an answer, in characters.
const CODE_CHARS_MAX: usize = 40;

/// A code of another system in the form of ours.
pub(super) fn plain_code(code: &str) -> String {
    let kept: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').take(CODE_CHARS_MAX).collect();
    if kept.is_empty() { "refused".to_owned() } else { kept }
}

/// Whether a host may be talked to in plain text.
pub(super) fn may_be_plain(host: &str, plain_hosts: &[&str]) -> bool {
    plain_hosts.iter().any(|plain| plain.eq_ignore_ascii_case(host)) || is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn connector() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    TlsConnector::from(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_leaves_this_machine_only_where_the_operator_says_so() {
        assert!(Endpoint::new("http://127.0.0.1:9/a", None, &[]).is_ok());
        assert!(Endpoint::new("http://[::1]:9/a", None, &[]).is_ok());
        assert_eq!(Endpoint::new("http://sms.example.cn/a", None, &["10.1.2.3"]).err(), Some(EndpointFault::Plain));
        assert!(Endpoint::new("http://10.1.2.3:8000/a", None, &["10.1.2.3"]).is_ok());
        for wrong in ["", "sms.example.cn", "ftp://a/b", "https:///a", "file:///etc/passwd"] {
            assert_eq!(Endpoint::new(wrong, None, &[]).err(), Some(EndpointFault::Form), "{wrong}");
        }
    }

    #[test]
    fn paths_lie_below_the_address() {
        let path = |url: &str, below: &str| Endpoint::new(url, None, &[]).map(|endpoint| endpoint.path_below(below)).ok();
        assert_eq!(path("http://127.0.0.1:9/upper/", "/rows").as_deref(), Some("/upper/rows"));
        assert_eq!(path("http://127.0.0.1:9", "/rows?a=1").as_deref(), Some("/rows?a=1"));
        assert_eq!(path("http://127.0.0.1:9/a", "").as_deref(), Some("/a"));
    }

    #[test]
    fn a_redirect_is_an_end() {
        assert_eq!(judge(302), Err(Fault::lasting("redirect_refused")));
        assert_eq!(judge(204), Ok(()));
        assert!(judge(503).is_err_and(|fault| !fault.is_final));
        assert!(judge(400).is_err_and(|fault| fault.is_final));
    }
}
