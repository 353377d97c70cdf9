//! The display's routes on loopback: the board as server-sent events, the whole view each time, calls as sound, and what
//! the page tells of calls that it could not say.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use edge::problem::{json_answer, json_body, problem};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::watch;

use crate::{
    Display, View,
    voice::{SpokenCall, Voice},
};

/// Longest number that is said, in characters.
const NUMBER_CHARS_MAX: usize = 12;
/// Numbers that a page tells at once.
const NUMBERS_MAX: usize = 20;

/// A stream says something at least this often, in milliseconds.
const KEEP_ALIVE_MS: u64 = 10_000;

/// The page and its route.
pub fn routes(display: Display, voice: Voice) -> Router {
    let local = Router::new().route("/local/board", get(board)).route("/local/unsaid", post(unsaid)).with_state(display);
    let spoken = Router::new().route("/local/voice", get(said)).with_state(voice);
    edge::page::page("display.html", "/display").merge(local).merge(spoken)
}

#[derive(Deserialize)]
struct Asked {
    number: String,
    window: u16,
    #[serde(default)]
    short: bool,
}

/// A call as sound; 404 where this machine has no voice.
async fn said(State(voice): State<Voice>, Query(asked): Query<Asked>) -> Response {
    let Asked { number, window, short } = asked;
    if number.chars().count() > NUMBER_CHARS_MAX {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    match voice.wav(&SpokenCall { number, window, short }).await {
        Some(wav) => ([(header::CONTENT_TYPE, "audio/wav")], wav.as_ref().clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsaid {
    numbers: Vec<String>,
    more: bool,
}

/// Takes the calls that the page showed and could not say; the person in charge is told.
async fn unsaid(State(display): State<Display>, headers: HeaderMap, body: Bytes) -> Response {
    let Unsaid { numbers, more } = match json_body(&headers, &body) {
        Ok(told) => told,
        Err(refusal) => return *refusal,
    };
    if numbers.len() > NUMBERS_MAX || numbers.iter().any(|number| number.chars().count() > NUMBER_CHARS_MAX) {
        return json_answer(422, &problem(422, "numbers", "号太多或太长", "最多 20 个号，每个最多 12 个字", ""));
    }
    display.tell_unsaid(&numbers, more).await;
    StatusCode::NO_CONTENT.into_response()
}

async fn board(State(display): State<Display>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut views = display.views();
    views.mark_changed();
    Sse::new(stream::unfold((display, views), next)).keep_alive(KeepAlive::new().interval(Duration::from_millis(KEEP_ALIVE_MS)))
}

/// A display and what a page has seen of it.
type Viewer = (Display, watch::Receiver<Arc<View>>);

/// The newest view as soon as it is new; a slow page misses the ones between.
async fn next((display, mut views): Viewer) -> Option<(Result<Event, Infallible>, Viewer)> {
    views.changed().await.ok()?;
    let view = View::clone(&views.borrow_and_update());
    // The page goes by this clock, also where the view is as it was an hour ago.
    let json = serde_json::to_string(&View { now: display.now(), ..view }).ok()?;
    Some((Ok(Event::default().data(json)), (display, views)))
}
