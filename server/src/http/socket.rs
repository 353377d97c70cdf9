//! What every WebSocket of the service keeps to: who takes nothing for too long is let go, and who listens at the end is
//! told. Knows no frame.

use std::time::Duration;

use axum::Error;
use axum::extract::ws::{Message, WebSocket};
use tokio::time::timeout;

/// Who takes no frame for this long is let go.
const SEND_MS_MAX: u64 = 10_000;
/// Who was told of the end has this long to answer.
const ANSWER_MS_MAX: u64 = 2_000;

/// Whether what is being sent was taken in time.
pub(super) async fn taken(sending: impl Future<Output = Result<(), Error>>) -> bool {
    matches!(timeout(Duration::from_millis(SEND_MS_MAX), sending).await, Ok(Ok(())))
}

/// Ends it in order: who listens knows that there is no fault, and comes again. Its own answer is waited for a moment:
/// to words that come after the connection is gone the network answers with a fault, and the end is never read.
pub(super) async fn close(socket: &mut WebSocket) {
    if taken(socket.send(Message::Close(None))).await {
        let answered = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = timeout(Duration::from_millis(ANSWER_MS_MAX), answered).await;
    }
}
