//! What routes work with.

use std::sync::Arc;

use crate::app::App;
use crate::feed::Feeds;

/// State of every route.
#[derive(Clone, Debug)]
pub struct Server {
    /// The use cases.
    pub app: Arc<App>,
    /// The live feeds.
    pub feeds: Arc<Feeds>,
    /// Ends WebSockets at shutdown.
    pub closing: tokio_util::sync::CancellationToken,
    /// Every WebSocket that is open: shutdown waits until each has said goodbye.
    pub sockets: tokio_util::task::TaskTracker,
}
