//! The picture that a page takes of itself, on its way to the server. Knows nothing of what it shows.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use http_body_util::Full;
use hyper::{Request, header};

use crate::{
    connect::Connect,
    exchange::exchange,
    problem::{json_answer, problem},
    spool::Spool,
};

/// Largest picture, in bytes; the server takes no larger body.
pub const PICTURE_BYTES_MAX: usize = 240 << 10;

/// What sending a picture needs.
pub struct PictureDesk<C> {
    /// Connects to the server.
    pub connector: C,
    /// Host and port of the server.
    pub authority: String,
    /// Where the token is kept.
    pub spool: Spool,
}

/// `POST /local/picture` with a JPEG → 204 when the server has it, or a problem document.
pub fn picture_route<C: Connect>(desk: PictureDesk<C>) -> Router {
    let route = post(send::<C>).layer(DefaultBodyLimit::max(PICTURE_BYTES_MAX));
    Router::new().route("/local/picture", route).with_state(Arc::new(desk))
}

async fn send<C: Connect>(State(desk): State<Arc<PictureDesk<C>>>, headers: HeaderMap, jpeg: Bytes) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "image/jpeg") {
        return json_answer(422, &problem(422, "not_jpeg", "不是 JPEG", "图片要是 image/jpeg", ""));
    }
    match forward(&desk, jpeg).await {
        Some(status) if status.is_success() => StatusCode::NO_CONTENT.into_response(),
        Some(status) => json_answer(502, &problem(502, "refused", "服务器没有收", &format!("服务器答复 {status}"), "")),
        None => json_answer(503, &problem(503, "offline", "连接中断", "画面没有送到服务器", "")),
    }
}

async fn forward<C: Connect>(desk: &PictureDesk<C>, jpeg: Bytes) -> Option<StatusCode> {
    let token = desk.spool.pairing().ok().flatten()?.token;
    let request = Request::put("/api/v1/devices/current/picture")
        .header(header::HOST, &desk.authority)
        .header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header(header::CONNECTION, "close")
        .body(Full::new(jpeg))
        .ok()?;
    exchange(&desk.connector, request).await.ok().map(|(status, _)| status)
}
