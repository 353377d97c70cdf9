//! The display's routes on loopback: the board as server-sent events, the whole view each time, and calls as sound.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::watch;

use crate::{
    Display, View,
    voice::{SpokenCall, Voice},
};

/// Longest number that is said, in characters.
const NUMBER_CHARS_MAX: usize = 12;

/// A stream says something at least this often, in milliseconds.
const KEEP_ALIVE_MS: u64 = 10_000;

/// The page and its route.
pub fn routes(display: Display, voice: Voice) -> Router {
    let local = Router::new().route("/local/board", get(board)).with_state(display);
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

async fn board(State(display): State<Display>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut views = display.views();
    views.mark_changed();
    Sse::new(stream::unfold(views, next)).keep_alive(KeepAlive::new().interval(Duration::from_millis(KEEP_ALIVE_MS)))
}

/// The newest view as soon as it is new; a slow page misses the ones between.
async fn next(mut views: watch::Receiver<Arc<View>>) -> Option<(Result<Event, Infallible>, watch::Receiver<Arc<View>>)> {
    views.changed().await.ok()?;
    let view = Arc::clone(&views.borrow_and_update());
    let json = serde_json::to_string(view.as_ref()).ok()?;
    Some((Ok(Event::default().data(json)), views))
}
