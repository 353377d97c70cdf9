//! The live feed as a WebSocket.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path, State};
use axum::response::Response;
use domain::rights::Operation;
use protocol::feed::View;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Params, Signed, Upgrade};
use super::problem::Reply;
use super::socket;
use super::state::Server;
use crate::app::caller::{Caller, DeviceCaller};
use crate::app::devices::Knock;
use crate::app::error::AppError;
use crate::app::presence::Stay;
use crate::feed::Sent;

/// The server says that it lives this often to whom it says nothing else.
const PING_MS: u64 = 5_000;
/// Whoever says nothing for this long is asked whether it lives.
const QUIET_MS_MAX: u64 = 10_000;
/// A client that says nothing for this long, not even a pong, is let go.
const SILENCE_MS_MAX: u64 = 30_000;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_feed))
}

/// Which view, and the last frame that the client has.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedQuery {
    /// `board`, `window`, `desk`, `kiosk`, `pad`.
    view: View,
    /// `seq` of the last frame applied.
    after: Option<i64>,
    /// Epoch of the last frame applied.
    epoch: Option<i64>,
}

/// Live feed of a hall.
#[utoipa::path(get, path = "/sites/{site}/feed", tag = "feed", params(("site" = String, Path), FeedQuery), responses((status = 101, description = "WebSocket with frames")))]
async fn read_feed(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
    upgrade: Upgrade,
) -> Reply<Response> {
    // Any view first: which one is asked for matters only to those who may see one.
    signed.permit(Operation::ReadSites, &site)?;
    let query: FeedQuery = params.read()?;
    let operation = match query.view {
        View::Desk => Operation::ReadHall,
        View::Board | View::Window | View::Kiosk | View::Pad => Operation::ReadSites,
    };
    let permit = signed.permit(operation, &site)?;
    let device = match permit.caller() {
        Caller::Device(device) => Some(device.clone()),
        Caller::Staff(_) => None,
    };
    let upgrade = upgrade.socket()?;
    let after = query.epoch.zip(query.after);
    let (first, frames) = server.feeds.subscribe(permit.site_id(), query.view, after).await?;
    let sockets = server.sockets.clone();
    let client = Box::new(Client { server, site_id: site, view: query.view, device });
    // Small buffers: thousands of boards hang on one process.
    Ok(upgrade
        .protocols(["yichuang"])
        .read_buffer_size(512)
        .write_buffer_size(0)
        .max_message_size(4096)
        .on_upgrade(move |socket| sockets.track_future(client.serve(Box::new(socket), first, frames))))
}

struct Client {
    server: Server,
    site_id: String,
    view: View,
    /// A device that reads by itself, such as a pad in a browser.
    device: Option<DeviceCaller>,
}

impl Client {
    /// Client and socket are boxed: a future that holds them would hold each several times.
    async fn serve(self: Box<Self>, socket: Box<WebSocket>, first: Vec<Sent>, frames: tokio::sync::broadcast::Receiver<Sent>) {
        let open = metrics::gauge!("yichuang_feed_clients", "view" => format!("{:?}", self.view).to_lowercase());
        open.increment(1);
        self.converse(socket, first, frames).await;
        open.decrement(1);
    }

    async fn converse(self: Box<Self>, mut socket: Box<WebSocket>, first: Vec<Sent>, mut frames: tokio::sync::broadcast::Receiver<Sent>) {
        for sent in first {
            if !self.send(&mut socket, &sent).await {
                return;
            }
        }
        let stay = self.device.as_ref().map(|device| self.server.app.presence.enter(device));
        // All that is waited for is waited for once and not anew with every frame: thousands of sockets do it.
        let changes = stay.as_ref().map_or_else(Arc::default, Stay::changes);
        let mut changed = std::pin::pin!(changes.notified());
        let mut ping = tokio::time::interval(Duration::from_millis(PING_MS));
        let silence = Duration::from_millis(SILENCE_MS_MAX);
        let mut heard = tokio::time::Instant::now();
        // Whether a frame was sent since the server last looked: that says as much as a ping.
        let mut told = false;
        let closing = self.server.closing.clone();
        let mut closed = std::pin::pin!(closing.cancelled());
        loop {
            let going_on = tokio::select! {
                () = &mut closed => return socket::close(&mut socket).await,
                frame = frames.recv() => match frame {
                    Ok(sent) => { told = true; self.send(&mut socket, &sent).await }
                    // Too slow for the frames: the state as it is now instead.
                    Err(RecvError::Lagged(_)) => match Box::pin(self.server.feeds.subscribe(&self.site_id, self.view, None)).await {
                        Ok((first, again)) => {
                            frames = again;
                            match first.first() { Some(sent) => self.send(&mut socket, sent).await, None => true }
                        }
                        Err(_) => false,
                    },
                    Err(RecvError::Closed) => false,
                },
                () = &mut changed => {
                    changed.set(changes.notified());
                    Box::pin(self.stands_as_before()).await
                }
                message = socket.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                    Some(Ok(_)) => { heard = tokio::time::Instant::now(); true }
                },
                _ = ping.tick() => heard.elapsed() < silence && self.ping(&mut socket, std::mem::take(&mut told), heard.elapsed()).await,
            };
            if !going_on {
                return;
            }
        }
    }

    /// Whether the device is neither revoked nor bound to another window; else it must come again.
    async fn stands_as_before(&self) -> bool {
        let Some(device) = &self.device else { return true };
        match self.server.app.device_now(device).await {
            Ok(Knock::Known(now)) => now.window_id == device.window_id,
            Ok(Knock::Revoked) | Err(AppError::NotFound) => false,
            // A store that is away ends no session.
            Err(_) => true,
        }
    }

    /// Says that the server lives, unless that was `told` by a frame, and asks a client that was quiet for long. Thousands
    /// of boards are told thousands of things a second without either.
    async fn ping(&self, socket: &mut WebSocket, told: bool, quiet: Duration) -> bool {
        // The frame is for pages, which cannot see a WebSocket's own ping; that one makes them answer.
        let both = async {
            if quiet >= Duration::from_millis(QUIET_MS_MAX) {
                socket.send(Message::Ping(axum::body::Bytes::new())).await?;
            }
            if !told {
                socket.send(Message::text(r#"{"kind":"ping"}"#)).await?;
            }
            Ok(())
        };
        socket::taken(both).await
    }

    async fn send(&self, socket: &mut WebSocket, sent: &Sent) -> bool {
        let text = match (self.view, self.device.as_ref().and_then(|device| device.window_id.as_ref())) {
            (View::Window, Some(window)) => of_window(&sent.json, window, &[]),
            (View::Pad, Some(window)) => of_window(&sent.json, window, &["notices", "opening"]),
            _ => sent.json.to_string(),
        };
        socket::taken(socket.send(Message::text(text))).await
    }
}

/// A frame of all windows cut down to one: its value becomes the state or the event, with these parts of the hall beside.
fn of_window(json: &str, window: &str, beside: &[&str]) -> String {
    let Ok(mut frame) = serde_json::from_str::<serde_json::Value>(json) else { return json.to_owned() };
    for part in ["state", "event"] {
        if let Some(body) = frame.get_mut(part) {
            let kind = body.get("type").cloned();
            let mut own = body.get("windows").and_then(|windows| windows.get(window)).cloned().unwrap_or_else(|| serde_json::json!({}));
            if let Some(fields) = own.as_object_mut() {
                fields.extend(kind.map(|kind| ("type".to_owned(), kind)));
                fields.extend(beside.iter().filter_map(|part| Some(((*part).to_owned(), body.get(*part)?.clone()))));
            }
            *body = own;
        }
    }
    frame.to_string()
}
