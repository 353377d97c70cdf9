//! The kiosk's routes on loopback. They translate between the page and the core; nothing is decided here.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
    routing::{get, post},
};
use edge::problem::{json_answer, json_body};
use protocol::device::KioskMatter;
use serde::{Deserialize, Serialize};

use crate::voice::{self, Voice};
use crate::{Answer, Kiosk, KioskState, Lost, Rating, TrackBy, Wish};

/// The page and its routes.
pub fn routes(kiosk: Kiosk, voice: Voice) -> Router {
    let local = Router::new()
        .route("/local/state", get(state))
        .route("/local/tickets", post(take_number))
        .route("/local/tickets/find", post(find))
        .route("/local/tickets/reprint", post(reprint))
        .route("/local/appointments/find", post(find_appointments))
        .route("/local/appointments/check-in", post(check_in))
        .route("/local/phone-code", get(phone_code))
        .route("/local/matters", get(matters))
        .route("/local/matters/words", get(matter_words))
        .route("/local/tracking", post(track))
        .route("/local/evaluations", post(rate))
        .route("/local/card/forget", post(forget_card))
        .with_state(kiosk);
    edge::page::page("kiosk.html", "/kiosk").merge(local).merge(voice::routes(voice))
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

/// Words as the server gives them.
#[derive(Serialize)]
struct Words {
    items: Vec<String>,
}

async fn matter_words(State(kiosk): State<Kiosk>, Query(search): Query<Search>) -> Json<Words> {
    Json(Words { items: kiosk.words(&search.query) })
}

async fn track(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<TrackBy>(&headers, &body) {
        Ok(by) => reply(kiosk.track(by).await),
        Err(refusal) => *refusal,
    }
}

async fn rate(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Rating>(&headers, &body) {
        Ok(rating) => reply(kiosk.rate(key(&headers), rating).await),
        Err(refusal) => *refusal,
    }
}

async fn take_number(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Wish>(&headers, &body) {
        Ok(wish) => reply(kiosk.take_number(key(&headers), wish).await),
        Err(refusal) => *refusal,
    }
}

async fn forget_card(State(kiosk): State<Kiosk>) -> StatusCode {
    kiosk.forget_card();
    StatusCode::NO_CONTENT
}

async fn phone_code(State(kiosk): State<Kiosk>) -> Response {
    reply(kiosk.phone_code().await)
}

async fn find(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Lost>(&headers, &body) {
        Ok(lost) => reply(kiosk.find(lost).await),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    ticket_id: String,
}

async fn reprint(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Again>(&headers, &body) {
        Ok(again) => reply(kiosk.reprint(key(&headers), again.ticket_id).await),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    #[serde(default)]
    text: String,
    /// By the card that lay on the reader.
    #[serde(default)]
    with_card: bool,
}

async fn find_appointments(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Told>(&headers, &body) {
        Ok(told) if told.with_card => reply(kiosk.find_appointments_by_card().await),
        Ok(told) => reply(kiosk.find_appointments(told.text).await),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    appointment_id: String,
    /// The person wants no slip.
    #[serde(default)]
    no_slip: bool,
}

async fn check_in(State(kiosk): State<Kiosk>, headers: HeaderMap, body: Bytes) -> Response {
    match json_body::<Came>(&headers, &body) {
        Ok(came) => reply(kiosk.check_in(key(&headers), came.appointment_id, came.no_slip).await),
        Err(refusal) => *refusal,
    }
}

pub(crate) fn key(headers: &HeaderMap) -> &str {
    headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default()
}

pub(crate) fn reply(answer: Answer) -> Response {
    let mut response = json_answer(answer.status, &answer.body);
    if answer.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
