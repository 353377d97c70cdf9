//! The voice of the hall's calls: recordings of a person where the hall has them, else the speech program of this
//! machine. Gives sound; when it is played, and how loud, is the page's business.
//!
//! Recordings are WAV files in one folder, named by what they say: `请A.wav`, `零一七号.wav`, `到三号窗口办理.wav`, or
//! `零.wav` … `九.wav` and `号.wav` for numbers that have no file of their own. All have one form (rate, channels, bits).

mod recordings;
mod speech;
mod spoken;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

pub use recordings::RecordingError;
pub use spoken::SpokenCall;

/// Sentences that are kept: a call is said twice, and again when it is repeated.
const KEPT_MAX: usize = 32;

/// Where the voice comes from.
#[derive(Debug, Clone, Default)]
pub struct VoiceSettings {
    /// Folder of recordings.
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

    /// The call as a WAV file; `None` where this machine has no voice. A recording that is missing or broken makes
    /// the speech program say the whole sentence, so that no call is said by two voices.
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
        if let Some(folder) = self.settings.recordings.clone() {
            let parts = call.parts();
            let joined = tokio::task::spawn_blocking(move || recordings::joined(&folder, &parts)).await.ok()?;
            match joined {
                Ok(wav) => return Some(wav),
                Err(error) => tracing::info!(%error, "a call has no recording"),
            }
        }
        let program = self.settings.speech_program.as_deref()?;
        speech::said(program, &call.pinyin()).await.inspect_err(|error| tracing::warn!(%error, "the speech program failed")).ok()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Said>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
