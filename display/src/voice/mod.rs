//! The voice of the hall's calls: recordings of a person where the hall has them, else the pack inside this program, else
//! the speech program of this machine. Gives sound; when it is played, and how loud, is the page's business.
//!
//! Clips, in a hall's folder as in the pack, are WAV or MP3 files named by what they say: `请A`, `零一七号`, `到三号窗口办理`,
//! or `零` … `九` and `号` for numbers that have no file of their own. All of one place have one form (rate, channels).

mod clips;
mod recordings;
mod speech;
mod spoken;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use clips::Clips;
pub use recordings::RecordingError;
pub use spoken::SpokenCall;

/// Sentences that are kept: a call is said twice, and again when it is repeated.
const KEPT_MAX: usize = 32;

/// Where the voice comes from.
#[derive(Debug, Clone, Default)]
pub struct VoiceSettings {
    /// Folder of the hall's own recordings.
    pub recordings: Option<PathBuf>,
    /// The speech program, `espeak-ng` as a rule; none where it must not be used.
    pub speech_program: Option<PathBuf>,
}

type Said = (SpokenCall, Arc<Vec<u8>>);

/// The voice; clones share what is kept.
#[derive(Debug, Clone)]
pub struct Voice {
    settings: Arc<VoiceSettings>,
    kept: Arc<Mutex<VecDeque<Said>>>,
}

impl Voice {
    /// A voice.
    #[must_use]
    pub fn new(settings: VoiceSettings) -> Self {
        Self { settings: Arc::new(settings), kept: Arc::default() }
    }

    /// The call as a WAV file; `None` where nothing here can say it. A clip that is missing or broken makes the next
    /// voice say the whole sentence, so that no call is said by two.
    pub async fn wav(&self, call: &SpokenCall) -> Option<Arc<Vec<u8>>> {
        if let Some(said) = self.kept().iter().find(|(kept, _)| kept == call) {
            return Some(Arc::clone(&said.1));
        }
        let wav = Arc::new(self.made(call).await?);
        let mut kept = self.kept();
        kept.push_back((call.clone(), Arc::clone(&wav)));
        while kept.len() > KEPT_MAX {
            kept.pop_front();
        }
        Some(wav)
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
        let program = self.settings.speech_program.as_deref()?;
        speech::said(program, &call.pinyin()).await.inspect_err(|error| tracing::warn!(%error, "the speech program failed")).ok()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Said>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
