//! A bare axum broadcast: whatever is posted to `/send` goes to every socket at `/boards`, with buffers as small as
//! the service's. No state, no snapshot, no catching up: who is too slow misses frames.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::{broadcast, oneshot};

use crate::Fault;

/// Frames that a slow socket may lag behind.
const BUFFERED: usize = 1_024;
/// Bytes of a socket's read buffer.
const READ_BYTES: usize = 512;

type Frames = Arc<broadcast::Sender<Utf8Bytes>>;

pub(crate) async fn serve() -> Result<(), Fault> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", serde_json::json!({ "ready": true, "url": format!("http://{}", listener.local_addr()?) }));
    let frames: Frames = Arc::new(broadcast::Sender::new(BUFFERED));
    let router = Router::new().route("/boards", get(board)).route("/send", post(send)).with_state(frames);
    let (end, wait) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = end.send(());
    });
    // Graceful shutdown does not end sockets: the first of both ends the program.
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        _ = wait => Ok(()),
    }
}

async fn board(State(frames): State<Frames>, upgrade: WebSocketUpgrade) -> Response {
    let mut frames = frames.subscribe();
    upgrade.read_buffer_size(READ_BYTES).write_buffer_size(0).on_upgrade(async move |mut socket| {
        loop {
            match frames.recv().await {
                Ok(frame) => {
                    if socket.send(Message::Text(frame)).await.is_err() {
                        return;
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    })
}

async fn send(State(frames): State<Frames>, body: Bytes) {
    if let Ok(frame) = Utf8Bytes::try_from(body) {
        let _ = frames.send(frame);
    }
}
