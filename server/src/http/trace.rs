//! One trace id a request: in the answer's header, in problem documents and in the log. The log line
//! holds method, route, status and time; no body, no query, no path with codes in it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;

use super::problem::TRACE_ID;
use super::state::Server;
use crate::app::fresh::bytes;

pub(super) async fn trace(State(server): State<Server>, request: Request, next: Next) -> Response {
    let id = data_encoding::HEXLOWER.encode(&bytes::<8>(server.app.entropy.as_ref()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let mut response = TRACE_ID.scope(id.clone(), next.run(request)).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    tracing::debug!(trace_id = id, %method, route, status, took_us = took.as_micros() as u64, "request");
    metrics::counter!("yichuang_http_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("yichuang_http_request_seconds", "route" => route).record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
