//! The kiosk's routes on loopback. They translate between the page and the core; nothing is decided here.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue},
    response::Response,
    routing::{get, post},
};
use edge::problem::{json_answer, json_body};
use protocol::device::KioskMatter;
use serde::{Deserialize, Serialize};

use crate::{Kiosk, KioskState, Wish};

/// The page and its routes.
pub fn routes(kiosk: Kiosk) -> Router {
    let local = Router::new()
        .route("/local/state", get(state))
        .route("/local/tickets", post(take_number))
        .route("/local/matters", get(matters))
        .with_state(kiosk);
    edge::page::page("kiosk.html", "/kiosk").merge(local)
}

async fn state(State(kiosk): State<Kiosk>) -> Json<KioskState> {
    Json(kiosk.state())
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    query: String,
}

#[derive(Serialize)]
struct Found {
    items: Vec<KioskMatter>,
}

async fn matters(State(kiosk): State<Kiosk>, Query(search): Query<Search>) -> Json<Found> {
    Json(Found { items: kiosk.matters(&search.query) })
}

async fn take_number(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let wish: Wish = match json_body(&headers, &body) {
        Ok(wish) => wish,
        Err(refusal) => return *refusal,
    };
    let answer = kiosk.take_number(key, wish).await;
    let mut response = json_answer(answer.status, &answer.body);
    if answer.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
