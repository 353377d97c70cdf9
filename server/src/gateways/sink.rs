//! A folder that takes every message of the demo, one file each, so that a person can see what would
//! have been sent. Recipients are masked: somebody may have typed a real number into a demo.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use domain::codes::{mask_email, mask_phone};
use serde_json::json;

use super::{Fault, Message, Messenger};

/// The folder.
#[derive(Debug, Clone)]
pub struct Sink {
    folder: PathBuf,
}

impl Sink {
    /// A sink in a folder, which is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes a message; one that comes twice is one file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take(&self, channel: &str, message: &Message) -> std::io::Result<()> {
        let name: String = message.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
        let told =
            json!({ "id": message.id, "channel": channel, "to": masked(&message.to), "subject": message.subject, "text": message.text });
        let fresh = self.folder.join(format!(".{name}"));
        std::fs::write(&fresh, serde_json::to_vec_pretty(&told)?)?;
        std::fs::rename(fresh, self.folder.join(format!("{name}.json")))
    }
}

fn masked(to: &str) -> String {
    match to {
        to if to.contains('@') => mask_email(to),
        to if to.bytes().all(|byte| byte.is_ascii_digit()) => mask_phone(to),
        to => format!("{}***", to.chars().take(4).collect::<String>()),
    }
}

/// A messenger that only fills the folder.
#[derive(Debug, Clone)]
pub struct SinkOnly {
    /// Name of the channel.
    pub channel: &'static str,
    /// The folder.
    pub sink: Sink,
}

#[async_trait]
impl Messenger for SinkOnly {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        self.sink.take(self.channel, message).map_err(|_| Fault::passing("sink_unwritable"))
    }
}

/// A messenger whose messages also lie in the folder, once they were taken.
pub struct WithSink {
    /// Name of the channel.
    pub channel: &'static str,
    /// The real one.
    pub inner: Arc<dyn Messenger>,
    /// The folder.
    pub sink: Sink,
}

impl std::fmt::Debug for WithSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WithSink").field("channel", &self.channel).finish_non_exhaustive()
    }
}

#[async_trait]
impl Messenger for WithSink {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        self.inner.send(message).await?;
        if let Err(error) = self.sink.take(self.channel, message) {
            // The message is out; a full disk must not send it again.
            tracing::warn!(%error, "message not kept in the sink");
        }
        Ok(())
    }
}
