//! What everybody may read at the server, handed through to the device's page: the public lists. No token goes along, and
//! no other address can be reached this way.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use http_body_util::Full;
use hyper::{Request, body::Bytes};

use crate::{
    connect::Connect,
    exchange::exchange,
    problem::{json_answer, problem},
};

/// Most entries of a list that a screen shows.
const ENTRIES_MAX: u32 = 200;

/// What reading needs.
pub struct PublicDesk<C> {
    /// Connects to the server.
    pub connector: C,
    /// Host and port of the server.
    pub authority: String,
}

/// `GET /local/lists/{site}` and `GET /local/lists/{site}/{list}`, as the routes of the server answer.
pub fn lists_route<C: Connect>(desk: PublicDesk<C>) -> Router {
    Router::new()
        .route("/local/lists/{site}", get(lists::<C>))
        .route("/local/lists/{site}/{list}", get(list::<C>))
        .with_state(Arc::new(desk))
}

async fn lists<C: Connect>(State(desk): State<Arc<PublicDesk<C>>>, Path(site): Path<String>) -> Response {
    if is_plain(&site) { read(&desk, format!("/api/v1/sites/{site}/lists")).await } else { StatusCode::NOT_FOUND.into_response() }
}

async fn list<C: Connect>(State(desk): State<Arc<PublicDesk<C>>>, Path((site, list)): Path<(String, String)>) -> Response {
    if is_plain(&site) && is_plain(&list) {
        read(&desk, format!("/api/v1/sites/{site}/lists/{list}?limit={ENTRIES_MAX}")).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Whether a name of a site or list is one, and no part of another address.
fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

async fn read<C: Connect>(desk: &PublicDesk<C>, path: String) -> Response {
    let request = Request::get(path)
        .header(header::HOST, &desk.authority)
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .body(Full::new(Bytes::new()));
    let Ok(request) = request else { return StatusCode::NOT_FOUND.into_response() };
    match exchange(&desk.connector, request).await {
        Ok((status, body)) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => json_answer(503, &problem(503, "offline", "连接中断", "现在读不到公示", "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_an_address() {
        assert!(is_plain("demo-center") && is_plain("one-window"));
        for wrong in ["", "..", "a/b", "a?b", "a%2fb", "a b", "a#b", "县"] {
            assert!(!is_plain(wrong), "{wrong}");
        }
    }
}
