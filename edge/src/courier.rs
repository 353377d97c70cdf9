//! Requests that a device makes in its own name beside its session: what is too large for a frame. Knows no request's meaning.

use http_body_util::Full;
use hyper::{Method, Request, StatusCode, body::Bytes, header};

use crate::{
    connect::Connect,
    exchange::{Bounds, exchange_within},
    spool::Spool,
};

/// A village's line brings ten megabytes in a few minutes.
const BOUNDS: Bounds = Bounds { answer_bytes_max: 16 << 20, ms_max: 300_000 };

/// The way to the server with the device's token.
#[derive(Debug, Clone)]
pub struct Courier<C> {
    /// Connects to the server.
    pub connector: C,
    /// Host and port of the server.
    pub authority: String,
    /// Where the token is kept.
    pub spool: Spool,
}

impl<C: Connect> Courier<C> {
    /// Sends a body of a content type to a path below `/api/v1`; status and body of the answer, `None` where the device is
    /// not paired or nobody answers.
    pub async fn carry(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Option<(StatusCode, Bytes)> {
        let token = self.spool.pairing().ok().flatten()?.token;
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, &self.authority)
            .header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()))
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(body)))
            .ok()?;
        exchange_within(BOUNDS, &self.connector, request).await.ok()
    }
}
