//! Sentences joined from clips. Knows names of parts, not where clips lie.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};
use symphonia::core::errors::Error as SoundError;

use super::clips::{Clips, Form};

/// Silence between two clips, in milliseconds.
const PAUSE_MS: u32 = 60;
/// Longest sentence, in milliseconds: a file of an hour is somebody's mistake.
const SENTENCE_MS_MAX: u32 = 20_000;

/// Why there is no sentence.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A part has no file.
    #[error("没有录音 {0}")]
    Missing(String),
    /// A file that cannot be joined with the others.
    #[error("录音 {0} 的采样率或声道和别的不一样")]
    OtherForm(String),
    /// Longer than any call.
    #[error("录音太长")]
    TooLong,
    /// A broken file.
    #[error("录音 {0}：{1}")]
    Broken(String, SoundError),
    /// The sentence could not be written as a WAV file.
    #[error(transparent)]
    Unwritten(#[from] hound::Error),
}

/// The parts one after the other, all from the same place. A part without a clip of its own is put together: a number
/// from its first digit and the number behind it (`一零一七号` from `一` and `零一七号`), letters from those before and
/// the last one (`请AK` from `请A` and `K`).
pub(super) fn joined(clips: &Clips, [who, number, place]: &[String; 3]) -> Result<Vec<u8>, RecordingError> {
    let mut sentence = Sentence { clips, form: None, samples: Vec::new() };
    sentence.add_letters(who)?;
    sentence.add_number(number)?;
    sentence.add(place)?;
    sentence.wav()
}

struct Sentence<'a> {
    clips: &'a Clips,
    form: Option<Form>,
    samples: Vec<i16>,
}

impl Sentence<'_> {
    fn add_letters(&mut self, letters: &str) -> Result<(), RecordingError> {
        let last = letters.char_indices().next_back();
        match (self.add(letters), last) {
            (Err(RecordingError::Missing(_)), Some((at, _))) if at > 0 => {
                self.add_letters(&letters[..at])?;
                self.add(&letters[at..])
            }
            (added, _) => added,
        }
    }

    fn add_number(&mut self, number: &str) -> Result<(), RecordingError> {
        let second = number.char_indices().nth(1);
        match (self.add(number), second) {
            (Err(RecordingError::Missing(_)), Some((at, _))) => {
                self.add(&number[..at])?;
                self.add_number(&number[at..])
            }
            (added, _) => added,
        }
    }

    /// Adds the clip of a name; nothing for an empty one.
    fn add(&mut self, name: &str) -> Result<(), RecordingError> {
        if name.is_empty() {
            return Ok(());
        }
        // Names come from numbers of tickets: they are labels, never paths.
        let is_path = name.contains(['/', '\\', '.', '\0']);
        let found = if is_path { Ok(None) } else { self.clips.clip(name, SENTENCE_MS_MAX) };
        let clip = found.map_err(|error| RecordingError::Broken(name.to_owned(), error))?;
        let clip = clip.ok_or_else(|| RecordingError::Missing(name.to_owned()))?;
        if self.form.is_some_and(|before| before != clip.form) {
            return Err(RecordingError::OtherForm(name.to_owned()));
        }
        if self.form.replace(clip.form).is_some() {
            self.samples.resize(self.samples.len() + clip.form.samples_in(PAUSE_MS), 0);
        }
        self.samples.extend(clip.samples);
        if self.samples.len() > clip.form.samples_in(SENTENCE_MS_MAX) { Err(RecordingError::TooLong) } else { Ok(()) }
    }

    fn wav(self) -> Result<Vec<u8>, RecordingError> {
        let Form { rate, channels } = self.form.ok_or_else(|| RecordingError::Missing(String::new()))?;
        let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec)?;
        for sample in self.samples {
            writer.write_sample(sample)?;
        }
        writer.finalize()?;
        Ok(file.into_inner())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use std::path::Path;

    use hound::WavReader;

    use super::*;

    const SPEC: WavSpec = WavSpec { channels: 1, sample_rate: 8_000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };

    /// A recording whose every sample is one value: so one sees afterwards which stands where.
    fn record(folder: &Path, name: &str, value: i16, spec: WavSpec) {
        let mut writer = WavWriter::create(folder.join(format!("{name}.wav")), spec).unwrap();
        (0..800).for_each(|_| writer.write_sample(value).unwrap());
        writer.finalize().unwrap();
    }

    /// The values in order, without what repeats.
    fn heard(wav: &[u8]) -> Vec<i16> {
        let mut samples: Vec<i16> = WavReader::new(Cursor::new(wav)).unwrap().into_samples().map(Result::unwrap).collect();
        samples.dedup();
        samples
    }

    fn joined_of(folder: &Path, parts: [&str; 3]) -> Result<Vec<u8>, RecordingError> {
        joined(&Clips::Folder(folder.to_owned()), &parts.map(str::to_owned))
    }

    #[test]
    fn parts_follow_each_other_with_a_pause_and_without_overlap() {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in [("请A", 1), ("零一七号", 2), ("到三号窗口办理", 3)] {
            record(folder.path(), name, value, SPEC);
        }
        let wav = joined_of(folder.path(), ["请A", "零一七号", "到三号窗口办理"]).unwrap();
        assert_eq!(heard(&wav), [1, 0, 2, 0, 3]);
        let samples = WavReader::new(Cursor::new(&wav)).unwrap().len();
        assert_eq!(samples, 3 * 800 + 2 * 8_000 * PAUSE_MS / 1000);
    }

    #[test]
    fn a_number_without_a_file_is_put_together_from_its_digits() {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in [("请A", 1), ("零", 2), ("七", 3), ("号", 4), ("到三号窗口办理", 5)] {
            record(folder.path(), name, value, SPEC);
        }
        let wav = joined_of(folder.path(), ["请A", "零零七号", "到三号窗口办理"]).unwrap();
        assert_eq!(heard(&wav), [1, 0, 2, 0, 2, 0, 3, 0, 4, 0, 5]);
        let missing = joined_of(folder.path(), ["请A", "零一七号", "到三号窗口办理"]).unwrap_err();
        assert!(matches!(missing, RecordingError::Missing(name) if name == "一"));
    }

    #[test]
    fn what_has_no_clip_of_its_own_is_put_together_from_as_few_as_there_are() {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in [("请A", 1), ("K", 2), ("一", 3), ("零一七号", 4), ("到三号窗口办理", 5)] {
            record(folder.path(), name, value, SPEC);
        }
        let wav = joined_of(folder.path(), ["请AK", "一零一七号", "到三号窗口办理"]).unwrap();
        assert_eq!(heard(&wav), [1, 0, 2, 0, 3, 0, 4, 0, 5]);
        let missing = joined_of(folder.path(), ["请AJ", "零一七号", "到三号窗口办理"]).unwrap_err();
        assert!(matches!(missing, RecordingError::Missing(name) if name == "J"));
        let missing = joined_of(folder.path(), ["请A", "零一七号", "到四号窗口办理"]).unwrap_err();
        assert!(matches!(missing, RecordingError::Missing(name) if name == "到四号窗口办理"), "a place is whole or nothing");
    }

    #[test]
    fn files_that_do_not_fit_together_are_named() {
        let folder = tempfile::tempdir().unwrap();
        record(folder.path(), "请A", 1, SPEC);
        record(folder.path(), "一号", 2, WavSpec { sample_rate: 16_000, ..SPEC });
        std::fs::write(folder.path().join("到一号窗口办理.wav"), b"RIFF").unwrap();
        let of = |names: [&str; 3]| joined_of(folder.path(), names).unwrap_err();
        assert!(matches!(of(["请A", "一号", ""]), RecordingError::OtherForm(name) if name == "一号"));
        assert!(matches!(of(["到一号窗口办理", "", ""]), RecordingError::Broken(..)));
        assert!(matches!(of(["../请A", "", ""]), RecordingError::Missing(_)));
        assert!(matches!(of(["", "", ""]), RecordingError::Missing(_)));
    }
}
