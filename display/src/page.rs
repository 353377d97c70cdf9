//! The display's route on loopback: the board as server-sent events, the whole view each time.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use futures_util::{Stream, stream};
use tokio::sync::watch;

use crate::{Display, View};

/// A stream says something at least this often, in milliseconds.
const KEEP_ALIVE_MS: u64 = 10_000;

/// The page and its route.
pub fn routes(display: Display) -> Router {
    let local = Router::new().route("/local/board", get(board)).with_state(display);
    edge::page::page("display.html", "/display").merge(local)
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
