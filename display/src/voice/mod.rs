//! The voice of the hall's calls: recordings of a person where the hall has them, else the pack inside this program, else
//! the speech program of this machine. Gives sound; when it is played, and how loud, is the page's business.
//!
//! Clips, in a hall's folder as in the pack, are WAV or MP3 files named by what they say: `请A`, `零一七号`, `到三号窗口办理`,
//! or `零` … `九` and `号` for numbers that have no file of their own. All of one place have one form (rate, channels).

mod clips;
mod recordings;
mod spoken;

use std::sync::Arc;

use clips::Clips;
use edge::speech::KeptSounds;
pub use edge::speech::VoiceSettings;
pub use recordings::RecordingError;
pub use spoken::SpokenCall;

/// Sentences that are kept: a call is said twice, and again when it is repeated.
const KEPT_MAX: usize = 32;

/// The voice; clones share what is kept.
#[derive(Debug, Clone)]
pub struct Voice {
    settings: Arc<VoiceSettings>,
    kept: Arc<KeptSounds<SpokenCall>>,
}

impl Voice {
    /// A voice.
    #[must_use]
    pub fn new(settings: VoiceSettings) -> Self {
        Self { settings: Arc::new(settings), kept: Arc::new(KeptSounds::new(KEPT_MAX)) }
    }

    /// The call as a WAV file; `None` where nothing here can say it. A clip that is missing or broken makes the next
    /// voice say the whole sentence, so that no call is said by two.
    pub async fn wav(&self, call: &SpokenCall) -> Option<Arc<Vec<u8>>> {
        if let Some(said) = self.kept.get(call) {
            return Some(said);
        }
        Some(self.kept.keep(call.clone(), self.made(call).await?))
    }

    async fn made(&self, call: &SpokenCall) -> Option<Vec<u8>> {
        let own = self.settings.recordings.clone().map(Clips::Folder);
        for clips in own.into_iter().chain([Clips::Pack]) {
            let (parts, place) = (call.parts(), format!("{clips:?}"));
            let joined = tokio::task::spawn_blocking(move || recordings::joined(&clips, &parts)).await.ok()?;
            match joined {
                Ok(wav) => return Some(wav),
                Err(error) => tracing::info!(%error, place, "a call has no clips here"),
            }
        }
        self.settings.said(&call.pinyin()).await
    }
}
