//! What the kiosk says: what to do on a screen, and the number that somebody got. Sound of this machine: a recording of
//! the whole sentence where the hall has one (`home.wav`, `ask.wav` …), else the speech program, `espeak-ng` as a rule,
//! which reads pinyin. When it is played is the page's business.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use edge::pinyin::{digit_by_digit, pinyin};
use edge::speech::KeptSounds;
pub use edge::speech::VoiceSettings;
use serde::Deserialize;

/// Sentences that are kept: those of every screen, and the last numbers.
const KEPT_MAX: usize = 24;
/// Longest number that is said, in characters.
const NUMBER_CHARS_MAX: usize = 12;
/// More people than this are not counted out.
const AHEAD_MAX: u32 = 999;
/// Largest recording, in bytes.
const RECORDING_BYTES_MAX: u64 = 4 << 20;
/// The sentences of the screens; the page shows and says the same words (`kiosk.say.*`), and a test of the page holds both
/// to this table.
const GUIDES: &str = include_str!("guides.json");

/// A sentence of a screen.
#[derive(Debug, Clone, Deserialize)]
struct Guide {
    name: String,
    pinyin: String,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The sentence of a screen, or `number`.
    pub say: String,
    /// Number of the ticket, for `number`.
    #[serde(default)]
    pub number: String,
    /// How many are before, for `number`; 0 is next.
    #[serde(default)]
    pub ahead: u32,
}

/// The voice; clones share what is kept.
#[derive(Debug, Clone)]
pub struct Voice {
    settings: Arc<VoiceSettings>,
    guides: Arc<Vec<Guide>>,
    kept: Arc<KeptSounds<String>>,
}

impl Voice {
    /// A voice.
    #[must_use]
    pub fn new(settings: VoiceSettings) -> Self {
        // A table that cannot be read fails the test below, not the kiosk.
        let guides = serde_json::from_str(GUIDES).unwrap_or_default();
        Self { settings: Arc::new(settings), guides: Arc::new(guides), kept: Arc::new(KeptSounds::new(KEPT_MAX)) }
    }

    /// The sentence as a WAV file; `None` for one that is not known, or where this machine has no voice.
    pub async fn wav(&self, asked: &Asked) -> Option<Arc<Vec<u8>>> {
        let pinyin = self.pinyin(asked)?;
        if let Some(wav) = self.kept.get(&pinyin) {
            return Some(wav);
        }
        let wav = self.made(asked, &pinyin).await?;
        Some(self.kept.keep(pinyin, wav))
    }

    fn pinyin(&self, asked: &Asked) -> Option<String> {
        if asked.say == "number" {
            return number_pinyin(&asked.number, asked.ahead);
        }
        self.guides.iter().find(|guide| guide.name == asked.say).map(|guide| guide.pinyin.clone())
    }

    async fn made(&self, asked: &Asked, pinyin: &str) -> Option<Vec<u8>> {
        // The name is one of the table: no path can come of it.
        if let Some(folder) = self.settings.recordings.as_ref().filter(|_| asked.say != "number") {
            let path = folder.join(format!("{}.wav", asked.say));
            let is_small = tokio::fs::metadata(&path).await.is_ok_and(|file| file.len() <= RECORDING_BYTES_MAX);
            if let Some(wav) = if is_small { tokio::fs::read(&path).await.ok() } else { None } {
                return Some(wav);
            }
        }
        self.settings.said(pinyin).await
    }
}

/// `您的号是A零一七号，前面还有六人`, or that it is next, in pinyin.
fn number_pinyin(number: &str, ahead: u32) -> Option<String> {
    let is_number =
        !number.is_empty() && number.chars().count() <= NUMBER_CHARS_MAX && number.chars().all(|sign| sign.is_ascii_alphanumeric());
    let rest = match ahead {
        0 => "马上就到您".to_owned(),
        many => format!("前面还有{}人", people(many)),
    };
    is_number.then(|| pinyin(&format!("您的号是{}号，{rest}", digit_by_digit(number))))
}

/// People are counted like windows, but two of them are 两.
fn people(count: u32) -> String {
    match u16::try_from(count.min(AHEAD_MAX)).unwrap_or_default() {
        2 => "两".to_owned(),
        count => edge::pinyin::counted(count),
    }
}

/// The route of the voice.
pub(crate) fn routes(voice: Voice) -> Router {
    Router::new().route("/local/voice", get(sound)).with_state(voice)
}

/// A sentence as sound; 404 where this machine has no voice.
async fn sound(State(voice): State<Voice>, Query(asked): Query<Asked>) -> Response {
    match voice.wav(&asked).await {
        Some(wav) => ([(header::CONTENT_TYPE, "audio/wav")], wav.as_ref().clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    fn asked(say: &str, number: &str, ahead: u32) -> Asked {
        Asked { say: say.to_owned(), number: number.to_owned(), ahead }
    }

    #[test]
    fn a_number_is_said_sign_by_sign_and_people_are_counted() {
        assert_eq!(number_pinyin("A017", 12).unwrap(), "nin2 de5 hao4 shi4 ei1 ling2 yi1 qi1 hao4 , qian2 mian4 hai2 you3 shi2 er4 ren2");
        assert!(number_pinyin("A017", 0).unwrap().ends_with("ma3 shang4 jiu4 dao4 nin2"));
        for (number, said) in [
            (2, "liang3"),
            (10, "shi2"),
            (20, "er4 shi2"),
            (22, "er4 shi2 er4"),
            (105, "yi1 bai3 ling2 wu3"),
            (112, "yi1 bai3 yi1 shi2 er4"),
            (300, "san1 bai3"),
        ] {
            assert_eq!(pinyin(&people(number)), said, "{number}");
        }
        for wrong in ["", "../A1", "A 1", "A123456789012"] {
            assert_eq!(number_pinyin(wrong, 1), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn every_sentence_of_the_table_is_said_by_this_machine() {
        let voice = Voice::new(VoiceSettings { recordings: None, speech_program: Some("espeak-ng".into()) });
        assert!(voice.guides.len() > 8);
        for guide in voice.guides.iter() {
            let wav = voice.wav(&asked(&guide.name, "", 0)).await.unwrap();
            assert!(wav.starts_with(b"RIFF") && wav.len() > 20_000, "{}: {} bytes", guide.name, wav.len());
        }
        let first = voice.wav(&asked("number", "A001", 3)).await.unwrap();
        assert!(Arc::ptr_eq(&first, &voice.wav(&asked("number", "A001", 3)).await.unwrap()), "said again it is not made again");
        assert!(voice.wav(&asked("nothing", "", 0)).await.is_none());
        for number in 0..40 {
            voice.wav(&asked("number", &format!("A{number:03}"), 0)).await.unwrap();
        }
        assert!(voice.kept.count() <= KEPT_MAX);
    }

    #[tokio::test]
    async fn a_recording_comes_before_the_program() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("home.wav"), b"RIFF of a person").unwrap();
        let voice = Voice::new(VoiceSettings { recordings: Some(folder.path().to_owned()), speech_program: None });
        assert_eq!(voice.wav(&asked("home", "", 0)).await.unwrap().as_slice(), b"RIFF of a person");
        assert!(voice.wav(&asked("rate", "", 0)).await.is_none() && voice.wav(&asked("number", "A001", 1)).await.is_none());
    }
}
