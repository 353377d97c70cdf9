//! One request to the server and its answer, on a connection of its own. Knows no request's meaning.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::connect::Connect;

/// Bounds of an exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Longest answer, in bytes.
    pub(crate) answer_bytes_max: usize,
    /// Time for each of connecting and answering, in milliseconds.
    pub(crate) ms_max: u64,
}

/// Those of a small request.
const SMALL: Bounds = Bounds { answer_bytes_max: 256 << 10, ms_max: 8_000 };

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The server was not reached.
    Unreachable,
    /// The connection broke after the request: the server may have carried it out.
    Broken,
}

/// Sends a request and gives status and body.
pub(crate) async fn exchange<C: Connect>(connector: &C, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), NoAnswer> {
    exchange_within(SMALL, connector, request).await
}

/// The same within bounds of its own.
pub(crate) async fn exchange_within<C: Connect>(
    bounds: Bounds,
    connector: &C,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), NoAnswer> {
    let limit = Duration::from_millis(bounds.ms_max);
    let stream = match timeout(limit, connector.connect()).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(_)) | Err(_) => return Err(NoAnswer::Unreachable),
    };
    let talk = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        let talk = async {
            let answer = sender.send_request(request).await.ok()?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), bounds.answer_bytes_max).collect().await.ok()?;
            Some((status, body.to_bytes()))
        };
        tokio::pin!(connection);
        tokio::pin!(talk);
        tokio::select! {
            answered = &mut talk => answered,
            _ = &mut connection => talk.await,
        }
    };
    timeout(limit, talk).await.ok().flatten().ok_or(NoAnswer::Broken)
}
