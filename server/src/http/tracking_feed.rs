//! The timeline of one phone, pushed whenever it changed.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Upgrade;
use super::problem::Reply;
use super::socket;
use super::state::Server;
use crate::app::Committed;
use crate::app::error::{Answer, AppError};

/// Phones that hang on one process.
const PHONES_MAX: usize = 4_096;
/// Shortest time between two looks for one phone.
const LOOK_MS_MIN: u64 = 500;
/// The server says that it lives this often, and looks whether another process wrote.
const PING_MS: u64 = 5_000;
/// A phone that says nothing for this long, not even a pong, is let go.
const SILENCE_MS_MAX: u64 = 30_000;

static PHONES: Semaphore = Semaphore::const_new(PHONES_MAX);

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(follow_tracking))
}

/// Live timeline of one phone: frames `{"kind":"snapshot","epoch","seq","state"}` with the whole
/// timeline whenever it changed, and `{"kind":"ping"}`.
#[utoipa::path(get, path = "/tracking/{code}/feed", tag = "citizens", params(("code" = String, Path)), responses((status = 101, description = "WebSocket with frames")))]
async fn follow_tracking(State(server): State<Server>, Path(code): Path<String>, upgrade: Upgrade) -> Reply<Response> {
    // Listening begins before the first look, so nothing is missed between them.
    let commits = server.app.commits();
    let first = server.app.tracking(&code).await?;
    let upgrade = upgrade.socket()?;
    let place = PHONES.try_acquire();
    let place = place.map_err(|_| AppError::Unavailable { code: "busy", message: "现在看的人太多，请稍后再打开" })?;
    let sockets = server.sockets.clone();
    let phone = Phone { server, site_id: first.site.id, code, shown: Value::Null };
    Ok(upgrade
        .protocols(["yichuang"])
        .read_buffer_size(512)
        .write_buffer_size(0)
        .max_message_size(4096)
        .on_upgrade(move |socket| sockets.track_future(phone.serve(socket, commits, place))))
}

struct Phone {
    server: Server,
    site_id: String,
    code: String,
    shown: Value,
}

impl Phone {
    async fn serve(mut self, mut socket: WebSocket, mut commits: Receiver<Arc<Committed>>, _place: SemaphorePermit<'static>) {
        let mut ping = tokio::time::interval(Duration::from_millis(PING_MS));
        let mut look = tokio::time::interval(Duration::from_millis(LOOK_MS_MIN));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let silence = Duration::from_millis(SILENCE_MS_MAX);
        let (mut heard, mut is_stale) = (tokio::time::Instant::now(), true);
        loop {
            let going_on = tokio::select! {
                () = self.server.closing.cancelled() => return socket::close(&mut socket).await,
                committed = commits.recv() => match committed {
                    Ok(committed) => { is_stale |= committed.site_id == self.site_id; true }
                    Err(RecvError::Lagged(_)) => { is_stale = true; true }
                    Err(RecvError::Closed) => false,
                },
                _ = look.tick(), if is_stale => { is_stale = false; self.show(&mut socket).await }
                message = socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                    Some(Ok(_)) => { heard = tokio::time::Instant::now(); true }
                },
                _ = ping.tick() => {
                    // Commits of other processes are not announced here.
                    is_stale |= !self.server.app.stores.commit.spans_sites();
                    heard.elapsed() < silence && say(&mut socket, r#"{"kind":"ping"}"#.to_owned(), true).await
                }
            };
            if !going_on {
                return;
            }
        }
    }

    /// Sends the timeline if it is another one than was shown.
    async fn show(&mut self, socket: &mut WebSocket) -> bool {
        let Ok((frame, state)) = self.look().await else { return false };
        if state == self.shown {
            return true;
        }
        self.shown = state;
        say(socket, frame, false).await
    }

    async fn look(&self) -> Answer<(String, Value)> {
        let head = self.server.app.stores.events.head(&self.site_id).await?;
        let (epoch, seq) = head.map_or((0, 0), |head| (head.epoch, head.seq));
        let state = serde_json::to_value(self.server.app.tracking(&self.code).await?)?;
        Ok((json!({ "kind": "snapshot", "epoch": epoch, "seq": seq, "state": &state }).to_string(), state))
    }
}

async fn say(socket: &mut WebSocket, text: String, with_ping: bool) -> bool {
    let both = async {
        if with_ping {
            // Makes the browser answer; a page cannot see it, so it gets a frame of its own too.
            socket.send(Message::Ping(axum::body::Bytes::new())).await?;
        }
        socket.send(Message::text(text)).await
    };
    socket::taken(both).await
}
