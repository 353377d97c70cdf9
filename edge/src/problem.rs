//! Problem documents that a device writes itself, in the shape of the API, and JSON requests of its page.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A problem document; `trace` is what a person can report.
#[must_use]
pub fn problem(status: u16, code: &str, title: &str, detail: &str, trace: &str) -> Value {
    json!({ "type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "trace_id": trace })
}

/// An answer with a JSON body, named a problem from status 400 on.
#[must_use]
pub fn json_answer(status: u16, body: &Value) -> Response {
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body.to_string()).into_response()
}

/// Reads a JSON body.
///
/// # Errors
/// The answer to give: 415 for another content type, 422 for a body of another shape.
pub fn json_body<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Box<Response>> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Box::new(json_answer(415, &problem(415, "content_type", "只接受 JSON", "只接受 application/json", ""))));
    }
    serde_json::from_slice(body).map_err(|_| Box::new(json_answer(422, &problem(422, "body", "内容读不懂", "请求内容读不懂", ""))))
}
