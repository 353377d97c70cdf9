//! One trace id a request: in the answer's header, in problem documents and in the log. The log line
//! holds method, route, status and time; no body, no query, no path with codes in it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::{Problem, TRACE_ID};
use super::state::Server;
use crate::app::error::AppError;
use crate::app::fresh::bytes;

pub(super) async fn trace(State(server): State<Server>, request: Request, next: Next) -> Response {
    let id = data_encoding::HEXLOWER.encode(&bytes::<8>(server.app.entropy.as_ref()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let answer = async {
        // No route would tell that in a problem document.
        if is_text(request.uri().path()) { next.run(request).await } else { Problem(AppError::NotFound).into_response() }
    };
    let mut response = TRACE_ID.scope(id.clone(), answer).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    tracing::debug!(trace_id = id, %method, route, status, took_us = took.as_micros() as u64, "request");
    metrics::counter!("yichuang_http_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("yichuang_http_request_seconds", "route" => route).record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Whether a path is UTF-8 once its `%xx` are bytes again.
fn is_text(path: &str) -> bool {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    std::str::from_utf8(&bytes).is_ok()
}
