//! Sentences joined from recordings. Knows WAV files, not what they say.

use std::{
    io::{Cursor, ErrorKind},
    path::Path,
};

use hound::{WavReader, WavSpec, WavWriter};

/// Silence between two recordings, in milliseconds.
const PAUSE_MS: u32 = 60;
/// Longest sentence, in seconds: a file of an hour is somebody's mistake.
const SENTENCE_S_MAX: u32 = 20;

/// Why there is no sentence.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A part has no file.
    #[error("没有录音 {0}.wav")]
    Missing(String),
    /// A file that cannot be joined with the others.
    #[error("{0}.wav 的采样率、声道或位数和别的不一样，或者不是 16 位 WAV")]
    OtherForm(String),
    /// Longer than any call.
    #[error("录音太长")]
    TooLong,
    /// A broken file.
    #[error("{0}.wav：{1}")]
    Broken(String, hound::Error),
}

/// The parts one after the other; a number without a file of its own is put together from its digits.
pub(super) fn joined(folder: &Path, parts: &[String]) -> Result<Vec<u8>, RecordingError> {
    let mut sentence = Sentence { spec: None, samples: Vec::new() };
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match sentence.add(folder, part) {
            Err(RecordingError::Missing(_)) if part.ends_with('号') => {
                for sign in part.chars() {
                    sentence.add(folder, &sign.to_string())?;
                }
            }
            other => other?,
        }
    }
    sentence.wav()
}

struct Sentence {
    spec: Option<WavSpec>,
    samples: Vec<i16>,
}

impl Sentence {
    fn add(&mut self, folder: &Path, name: &str) -> Result<(), RecordingError> {
        // Names come from numbers of tickets: they are labels, never paths.
        if name.contains(['/', '\\', '.', '\0']) {
            return Err(RecordingError::Missing(name.to_owned()));
        }
        let broken = |error: hound::Error| match error {
            hound::Error::IoError(error) if error.kind() == ErrorKind::NotFound => RecordingError::Missing(name.to_owned()),
            error => RecordingError::Broken(name.to_owned(), error),
        };
        let reader = WavReader::open(folder.join(format!("{name}.wav"))).map_err(broken)?;
        let spec = reader.spec();
        let is_plain = spec.bits_per_sample == 16 && spec.sample_format == hound::SampleFormat::Int;
        if !is_plain || self.spec.is_some_and(|before| before != spec) {
            return Err(RecordingError::OtherForm(name.to_owned()));
        }
        let a_second = spec.sample_rate as usize * usize::from(spec.channels);
        if self.spec.replace(spec).is_some() {
            self.samples.resize(self.samples.len() + a_second * PAUSE_MS as usize / 1000, 0);
        }
        for sample in reader.into_samples::<i16>() {
            self.samples.push(sample.map_err(broken)?);
            if self.samples.len() > a_second * SENTENCE_S_MAX as usize {
                return Err(RecordingError::TooLong);
            }
        }
        Ok(())
    }

    fn wav(self) -> Result<Vec<u8>, RecordingError> {
        let spec = self.spec.ok_or_else(|| RecordingError::Missing(String::new()))?;
        let mut file = Cursor::new(Vec::new());
        let write = |file: &mut Cursor<Vec<u8>>| {
            let mut writer = WavWriter::new(file, spec)?;
            for sample in self.samples {
                writer.write_sample(sample)?;
            }
            writer.finalize()
        };
        write(&mut file).map_err(|error| RecordingError::Broken(String::new(), error))?;
        Ok(file.into_inner())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
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

    fn parts(of: [&str; 3]) -> Vec<String> {
        of.map(str::to_owned).to_vec()
    }

    #[test]
    fn parts_follow_each_other_with_a_pause_and_without_overlap() {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in [("请A", 1), ("零一七号", 2), ("到三号窗口办理", 3)] {
            record(folder.path(), name, value, SPEC);
        }
        let wav = joined(folder.path(), &parts(["请A", "零一七号", "到三号窗口办理"])).unwrap();
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
        let wav = joined(folder.path(), &parts(["请A", "零零七号", "到三号窗口办理"])).unwrap();
        assert_eq!(heard(&wav), [1, 0, 2, 0, 2, 0, 3, 0, 4, 0, 5]);
        let missing = joined(folder.path(), &parts(["请A", "零一七号", "到三号窗口办理"])).unwrap_err();
        assert!(matches!(missing, RecordingError::Missing(name) if name == "一"));
    }

    #[test]
    fn files_that_do_not_fit_together_are_named() {
        let folder = tempfile::tempdir().unwrap();
        record(folder.path(), "请A", 1, SPEC);
        record(folder.path(), "一号", 2, WavSpec { sample_rate: 16_000, ..SPEC });
        std::fs::write(folder.path().join("到一号窗口办理.wav"), b"RIFF").unwrap();
        let of = |names: [&str; 3]| joined(folder.path(), &parts(names)).unwrap_err();
        assert!(matches!(of(["请A", "一号", ""]), RecordingError::OtherForm(name) if name == "一号"));
        assert!(matches!(of(["到一号窗口办理", "", ""]), RecordingError::Broken(..)));
        assert!(matches!(of(["../请A", "", ""]), RecordingError::Missing(_)));
        assert!(matches!(of(["", "", ""]), RecordingError::Missing(_)));
    }
}
