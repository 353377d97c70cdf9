//! Problem documents of RFC 9457 with the request's trace id. The outside message comes from the use
//! case; what went wrong inside goes to the log under the same trace id.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::error::AppError;
use crate::app::retry::Outcome;

/// An error on its way out.
#[derive(Debug)]
pub struct Problem(pub AppError);

/// Result of a route.
pub type Reply<T> = Result<T, Problem>;

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

tokio::task_local! {
    /// Trace id of the request that runs.
    pub(super) static TRACE_ID: String;
}

/// Trace id of the request that runs; empty outside of one.
pub(super) fn trace_id() -> String {
    TRACE_ID.try_with(Clone::clone).unwrap_or_default()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        if let AppError::Internal(inside) = &self.0 {
            tracing::error!(trace_id = trace_id(), inside, "request failed");
        }
        problem_response(self.0.status(), self.0.problem())
    }
}

/// A problem document as a response.
pub(super) fn problem_response(status: u16, mut body: Value) -> Response<Body> {
    if let Value::Object(fields) = &mut body {
        fields.insert("trace_id".to_owned(), json!(trace_id()));
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The answer to a method that a known address does not have.
pub(super) async fn no_method() -> Response<Body> {
    let body = json!({
        "type": "urn:yichuang:problem:method_not_allowed", "title": "不支持这种请求", "status": 405, "code": "method_not_allowed",
        "detail": "这个地址不支持这种请求",
    });
    problem_response(405, body)
}

/// Marks the first outcome given again.
pub const REPLAYED: &str = "idempotency-replayed";

/// The outcome of a command as a response.
#[derive(Debug)]
pub struct OutcomeReply(pub Outcome);

impl IntoResponse for OutcomeReply {
    fn into_response(self) -> Response<Body> {
        let Outcome { status, body, replayed, .. } = self.0;
        let mut response = if status >= 400 {
            problem_response(status, body)
        } else {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let mut response = (status, body.to_string()).into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        };
        if replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
