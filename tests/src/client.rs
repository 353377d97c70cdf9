//! A plain HTTP client on one connection that says when the line broke. Retries nothing by itself.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

const ANSWER_WAIT: Duration = Duration::from_secs(20);

/// No answer came: what was asked may or may not have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; null when it is no JSON.
    pub body: Value,
    /// Body as text.
    pub text: String,
}

impl Reply {
    /// Whether it was the first outcome given again.
    #[must_use]
    pub fn replayed(&self) -> bool {
        self.headers.contains_key("idempotency-replayed")
    }
}

/// One connection with one caller's credential.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    credential: Vec<(&'static str, String)>,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects without a credential.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Result<Self, Lost> {
        let stream = TcpStream::connect(address).await.map_err(|_| Lost)?;
        stream.set_nodelay(true).map_err(|_| Lost)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| Lost)?;
        tokio::spawn(connection);
        Ok(Self { address, credential: Vec::new(), sender })
    }

    /// The same with a header on every request.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.credential.push((name, value.to_owned()));
        self
    }

    /// The same with a device token.
    #[must_use]
    pub fn device(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// When the line broke or nothing came in time.
    ///
    /// # Panics
    /// When the request is malformed.
    pub async fn send(&mut self, method: Method, path: &str, key: Option<&str>, body: Option<&Value>) -> Result<Reply, Lost> {
        let mut request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        for (name, value) in &self.credential {
            request = request.header(*name, value);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(Full::new(bytes)).expect("a well-formed request");
        let answer = async {
            self.sender.ready().await.map_err(|_| Lost)?;
            let response = self.sender.send_request(request).await.map_err(|_| Lost)?;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.map_err(|_| Lost)?.to_bytes();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body: serde_json::from_str(&text).unwrap_or_default(), text })
        };
        tokio::time::timeout(ANSWER_WAIT, answer).await.map_err(|_| Lost)?
    }

    /// A POST that must be answered.
    ///
    /// # Panics
    /// When it is not.
    pub async fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, None, Some(body)).await.expect("an answer")
    }

    /// A GET that must be answered.
    ///
    /// # Panics
    /// When it is not.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None, None).await.expect("an answer")
    }

    /// Signs in an account of the demo; the session's cookie.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn sign_in(&mut self, username: &str) -> String {
        let reply =
            self.post("/api/v1/sessions", &serde_json::json!({ "username": username, "password": format!("demo-{username}") })).await;
        assert_eq!(reply.status, 201, "{username}: {}", reply.text);
        let cookie = reply.headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok()).expect("a cookie");
        cookie.split(';').next().expect("a first part").to_owned()
    }
}
