//! The voice of a device: where it comes from, what it said last, and speech by a program of this machine, `espeak-ng`: a
//! process of its own that gets pinyin on its input and gives a WAV file on its output. (`espeak-ng -v cmn` reads 汉字 as
//! English on Debian 12; pinyin with tones it reads rightly.) What is said is the device's business.

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use crate::settings::{SettingsError, layered};

/// The program, unless another is named; [`NO_PROGRAM`] is none.
const PROGRAM: &str = "espeak-ng";
const NO_PROGRAM: &str = "none";

/// The voice that reads pinyin.
const VOICE: &str = "cmn-latn-pinyin";
/// Words a minute: slower than usual, since old people listen.
const WORDS_A_MINUTE: &str = "140";
/// Time to speak a sentence, in milliseconds.
const SPEECH_MS_MAX: u64 = 5_000;
/// Largest sentence, in bytes.
const WAV_BYTES_MAX: usize = 2 << 20;
/// First bytes of every WAV file.
const RIFF: &[u8] = b"RIFF";

/// Where a voice comes from.
#[derive(Debug, Clone, Default)]
pub struct VoiceSettings {
    /// Folder of the hall's own recordings.
    pub recordings: Option<PathBuf>,
    /// The speech program, `espeak-ng` as a rule; none where it must not be used.
    pub speech_program: Option<PathBuf>,
}

impl VoiceSettings {
    /// The settings `recordings` and `speech` of a device program by their layers.
    ///
    /// # Errors
    /// A value has the wrong shape.
    pub fn load(program: &str, config: Option<&PathBuf>, flags: impl Serialize) -> Result<Self, SettingsError> {
        #[derive(Deserialize)]
        struct Parts {
            recordings: Option<PathBuf>,
            speech: PathBuf,
        }
        let defaults = serde_json::json!({ "recordings": null, "speech": PROGRAM });
        let Parts { recordings, speech } = layered(program, config, defaults, flags)?;
        Ok(Self { recordings, speech_program: Some(speech).filter(|program| program.as_os_str() != NO_PROGRAM) })
    }

    /// A sentence in pinyin with tone digits, said by the speech program; `None` where there is none, or it failed.
    pub async fn said(&self, pinyin: &str) -> Option<Vec<u8>> {
        let program = self.speech_program.as_deref()?;
        said(program, pinyin).await.inspect_err(|error| tracing::warn!(%error, "the speech program failed")).ok()
    }
}

/// The sounds that were made last, by what they say: a sentence is said again more often than not.
#[derive(Debug)]
pub struct KeptSounds<K> {
    sounds: Mutex<VecDeque<(K, Arc<Vec<u8>>)>>,
    max: usize,
}

impl<K: PartialEq> KeptSounds<K> {
    /// Keeps so many.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { sounds: Mutex::default(), max }
    }

    /// The sound of what was said before.
    pub fn get(&self, what: &K) -> Option<Arc<Vec<u8>>> {
        self.sounds().iter().find(|(kept, _)| kept == what).map(|(_, sound)| Arc::clone(sound))
    }

    /// Keeps a sound; the oldest goes where there are too many.
    pub fn keep(&self, what: K, sound: Vec<u8>) -> Arc<Vec<u8>> {
        let sound = Arc::new(sound);
        let mut sounds = self.sounds();
        sounds.push_back((what, Arc::clone(&sound)));
        while sounds.len() > self.max {
            sounds.pop_front();
        }
        sound
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.sounds().len()
    }

    fn sounds(&self) -> MutexGuard<'_, VecDeque<(K, Arc<Vec<u8>>)>> {
        self.sounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sentence in pinyin with tone digits, as a WAV file.
async fn said(program: &Path, pinyin: &str) -> io::Result<Vec<u8>> {
    let mut child = Command::new(program)
        .args(["-v", VOICE, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(pinyin.as_bytes()).await?;
        input.shutdown().await?;
    }
    let spoken = timeout(Duration::from_millis(SPEECH_MS_MAX), child.wait_with_output()).await??;
    let is_good = spoken.status.success() && spoken.stdout.starts_with(RIFF) && spoken.stdout.len() <= WAV_BYTES_MAX;
    if !is_good {
        return Err(io::Error::other(format!("{}: {}, {} bytes", program.display(), spoken.status, spoken.stdout.len())));
    }
    Ok(with_length(spoken.stdout))
}

/// A program that writes to a pipe does not know the length when it writes the head: it is put right here.
fn with_length(mut wav: Vec<u8>) -> Vec<u8> {
    let whole = u32::try_from(wav.len().saturating_sub(8)).unwrap_or(u32::MAX);
    if let Some(place) = wav.get_mut(4..8) {
        place.copy_from_slice(&whole.to_le_bytes());
    }
    if let Some(at) = wav.windows(4).position(|four| four == b"data") {
        let data = u32::try_from(wav.len().saturating_sub(at + 8)).unwrap_or(u32::MAX);
        if let Some(place) = wav.get_mut(at + 4..at + 8) {
            place.copy_from_slice(&data.to_le_bytes());
        }
    }
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_piped_file_is_put_right() {
        let wav = [b"RIFF\xFF\xFF\xFF\x7FWAVEfmt ".as_slice(), b"data\xFF\xFF\xFF\x7F", &[1, 2, 3, 4]].concat();
        let right = with_length(wav.clone());
        assert_eq!(right[4..8], (wav.len() as u32 - 8).to_le_bytes());
        assert_eq!(right[right.len() - 8..right.len() - 4], 4_u32.to_le_bytes());
    }
}
