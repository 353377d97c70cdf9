//! The voice of calls with Debian's `espeak-ng`: a sentence for each call, of a plausible length, loud enough to be one,
//! the short form shorter; and recordings before it. What it sounds like nobody here has heard.
#![expect(clippy::unwrap_used, reason = "test")]

use std::io::Cursor;

use display::voice::{SpokenCall, Voice, VoiceSettings};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

fn call(number: usize, short: bool) -> SpokenCall {
    SpokenCall { number: format!("A{number:03}"), window: u16::try_from(number).unwrap(), short }
}

fn espeak() -> Voice {
    Voice::new(VoiceSettings { recordings: None, speech_program: Some("espeak-ng".into()) })
}

/// Length in milliseconds and mean loudness of a sentence.
fn measured(wav: &[u8]) -> (u64, f64) {
    let reader = WavReader::new(Cursor::new(wav)).unwrap();
    let spec = reader.spec();
    let samples: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
    let length_ms = samples.len() as u64 * 1000 / u64::from(spec.sample_rate) / u64::from(spec.channels);
    let power = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64;
    (length_ms, power.sqrt())
}

#[tokio::test]
async fn ten_calls_are_said_in_plausible_time() {
    let voice = espeak();
    let mut captured: Option<WavWriter<std::io::BufWriter<std::fs::File>>> = None;
    for number in 1..=10 {
        let wav = voice.wav(&call(number, false)).await.unwrap();
        let (length_ms, loudness) = measured(&wav);
        assert!((2_000..9_000).contains(&length_ms), "A{number:03}: {length_ms} ms");
        assert!(loudness > 300.0, "A{number:03} is hardly heard: {loudness}");
        let (short_ms, _) = measured(&voice.wav(&call(number, true)).await.unwrap());
        assert!(short_ms < length_ms, "A{number:03}: {short_ms} of {length_ms} ms");
        if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
            let mut reader = WavReader::new(Cursor::new(wav.as_ref())).unwrap();
            let path = std::path::Path::new(&folder).join("calls.wav");
            let writer = captured.get_or_insert_with(|| WavWriter::create(path, reader.spec()).unwrap());
            reader.samples::<i16>().for_each(|sample| writer.write_sample(sample.unwrap()).unwrap());
        }
    }
    if let Some(writer) = captured {
        writer.finalize().unwrap();
    }
}

#[tokio::test]
async fn recordings_come_first_and_what_they_lack_is_said_whole_by_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let spec = WavSpec { channels: 1, sample_rate: 8_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
    for name in ["请A", "零零三号", "到三号窗口办理"] {
        let mut writer = WavWriter::create(folder.path().join(format!("{name}.wav")), spec).unwrap();
        (0..8_000).for_each(|_| writer.write_sample(1_000_i16).unwrap());
        writer.finalize().unwrap();
    }
    let recordings = Some(folder.path().to_owned());
    let voice = Voice::new(VoiceSettings { recordings: recordings.clone(), speech_program: Some("espeak-ng".into()) });
    let (recorded_ms, _) = measured(&voice.wav(&call(3, false)).await.unwrap());
    assert_eq!(recorded_ms, 3_120, "three seconds and two pauses");
    let rate = |wav: &[u8]| WavReader::new(Cursor::new(wav)).unwrap().spec().sample_rate;
    assert_ne!(rate(&voice.wav(&call(4, false)).await.unwrap()), 8_000, "not half a sentence by each");
    let alone = Voice::new(VoiceSettings { recordings, speech_program: None });
    assert!(alone.wav(&call(3, false)).await.is_some() && alone.wav(&call(4, false)).await.is_none());
}

#[tokio::test]
async fn a_program_that_fails_or_hangs_is_no_voice() {
    for program in ["/nowhere/espeak-ng", "false", "cat"] {
        let voice = Voice::new(VoiceSettings { recordings: None, speech_program: Some(program.into()) });
        assert!(voice.wav(&call(1, false)).await.is_none(), "{program}");
    }
}
