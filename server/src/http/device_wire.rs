//! The WebSocket of a device session with its frames. Knows no frame's meaning but the hello.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use protocol::device::{DEVICE_PROTOCOL, FromDevice, ToDevice};
use tokio::time::Instant;

use super::socket;

/// The socket with its frames.
pub(super) struct Wire {
    socket: WebSocket,
    heard: Instant,
}

/// The line is of no use any more.
pub(super) struct Cut;

impl Wire {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self { socket, heard: Instant::now() }
    }

    /// How long the device has said nothing.
    pub(super) fn silent_for(&self) -> Duration {
        self.heard.elapsed()
    }

    /// The first frame: version, position, and which files were damaged; `None` for anything else.
    pub(super) async fn hello(&mut self) -> Option<(String, Option<(i64, i64)>, Vec<String>)> {
        match self.hear().await? {
            Some(FromDevice::Hello { protocol, version, after, damaged }) if protocol <= DEVICE_PROTOCOL => Some((version, after, damaged)),
            other => {
                tracing::warn!(?other, "a device did not say hello in a version that is spoken here");
                None
            }
        }
    }

    /// The next frame: `None` at the end of the line, `Some(None)` for a sign of life or a frame of
    /// another version.
    pub(super) async fn hear(&mut self) -> Option<Option<FromDevice>> {
        let message = self.socket.recv().await?.ok()?;
        self.heard = Instant::now();
        match message {
            Message::Close(_) => None,
            Message::Text(text) => Some(
                serde_json::from_str(text.as_str())
                    .inspect_err(|error| tracing::warn!(line = error.line(), column = error.column(), "frame not understood"))
                    .ok(),
            ),
            _ => Some(None),
        }
    }

    pub(super) async fn say(&mut self, frame: &ToDevice) -> Result<(), Cut> {
        self.say_text(serde_json::to_string(frame).map_err(|_| Cut)?).await
    }

    pub(super) async fn say_text(&mut self, text: String) -> Result<(), Cut> {
        if socket::taken(self.socket.send(Message::text(text))).await { Ok(()) } else { Err(Cut) }
    }

    pub(super) async fn close(mut self) {
        socket::close(&mut self.socket).await;
    }

    pub(super) async fn revoke(mut self) {
        let _ = self.say(&ToDevice::Revoked).await;
        self.close().await;
    }
}
