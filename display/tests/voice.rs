//! The voice of calls: by the pack, and by Debian's `espeak-ng` what the pack does not say. A sentence for each call, of a
//! plausible length, loud enough to be one, the short form shorter; recordings before both. What it sounds like nobody
//! here has heard.
#![expect(clippy::unwrap_used, reason = "test")]

use std::{io::Cursor, path::PathBuf};

use display::voice::{SpokenCall, Voice, VoiceSettings};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

/// A window that the pack does not say.
const FAR_WINDOW: u16 = 100;
/// What the pack's clips have, samples a second; the speech program gives others.
const PACK_RATE: u32 = 24_000;

fn call(number: u16, short: bool) -> SpokenCall {
    SpokenCall { number: format!("A{number:03}"), window: number, short }
}

fn far_call(number: u16, short: bool) -> SpokenCall {
    SpokenCall { window: FAR_WINDOW + number, ..call(number, short) }
}

fn voice(recordings: Option<PathBuf>, speech_program: Option<&str>) -> Voice {
    Voice::new(VoiceSettings { recordings, speech_program: speech_program.map(PathBuf::from) })
}

fn rate(wav: &[u8]) -> u32 {
    WavReader::new(Cursor::new(wav)).unwrap().spec().sample_rate
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

/// Ten calls by one voice, joined to a file where somebody wants to listen.
async fn ten_calls(voice: Voice, call: fn(u16, bool) -> SpokenCall, file: &str) -> u32 {
    let mut captured: Option<WavWriter<std::io::BufWriter<std::fs::File>>> = None;
    let mut rates = Vec::new();
    for number in 1..=10 {
        let wav = voice.wav(&call(number, false)).await.unwrap();
        let (length_ms, loudness) = measured(&wav);
        assert!((2_000..9_000).contains(&length_ms), "A{number:03}: {length_ms} ms");
        assert!(loudness > 300.0, "A{number:03} is hardly heard: {loudness}");
        let (short_ms, _) = measured(&voice.wav(&call(number, true)).await.unwrap());
        assert!(short_ms < length_ms, "A{number:03}: {short_ms} of {length_ms} ms");
        rates.push(rate(&wav));
        if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
            let mut reader = WavReader::new(Cursor::new(wav.as_ref())).unwrap();
            std::fs::create_dir_all(&folder).unwrap();
            let path = std::path::Path::new(&folder).join(file);
            let writer = captured.get_or_insert_with(|| WavWriter::create(path, reader.spec()).unwrap());
            reader.samples::<i16>().for_each(|sample| writer.write_sample(sample.unwrap()).unwrap());
        }
    }
    if let Some(writer) = captured {
        writer.finalize().unwrap();
    }
    rates.dedup();
    assert_eq!(rates.len(), 1, "one voice says all: {rates:?}");
    rates[0]
}

#[tokio::test]
async fn ten_calls_are_said_in_plausible_time() {
    assert_eq!(ten_calls(voice(None, None), call, "calls-pack.wav").await, PACK_RATE);
    assert_ne!(ten_calls(voice(None, Some("espeak-ng")), far_call, "calls-espeak.wav").await, PACK_RATE);
}

#[tokio::test]
async fn numbers_of_four_digits_of_keepers_and_of_yesterday_are_said_by_the_pack() {
    for number in ["A1000", "续B020", "AK001", "ABK017", "续CJJ999"] {
        let call = SpokenCall { number: number.to_owned(), window: 60, short: false };
        let (length_ms, _) = measured(&voice(None, None).wav(&call).await.unwrap());
        assert!((2_000..9_000).contains(&length_ms), "{number}: {length_ms} ms");
    }
}

#[tokio::test]
async fn recordings_come_first_and_what_they_lack_is_said_whole_by_the_next_voice() {
    let folder = tempfile::tempdir().unwrap();
    let spec = WavSpec { channels: 1, sample_rate: 8_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
    for name in ["请A", "零零三号", "到三号窗口办理"] {
        let mut writer = WavWriter::create(folder.path().join(format!("{name}.wav")), spec).unwrap();
        (0..8_000).for_each(|_| writer.write_sample(1_000_i16).unwrap());
        writer.finalize().unwrap();
    }
    let own = || Some(folder.path().to_owned());
    let (recorded_ms, _) = measured(&voice(own(), Some("espeak-ng")).wav(&call(3, false)).await.unwrap());
    assert_eq!(recorded_ms, 3_120, "three seconds and two pauses");
    let said = voice(own(), Some("espeak-ng")).wav(&call(4, false)).await.unwrap();
    assert_eq!(rate(&said), PACK_RATE, "not half a sentence by each");
    let said = voice(own(), Some("espeak-ng")).wav(&far_call(3, false)).await.unwrap();
    assert!(![8_000, PACK_RATE].contains(&rate(&said)), "what neither has the program says whole");
    assert!(voice(own(), None).wav(&far_call(3, false)).await.is_none(), "no half sentence either");
}

#[tokio::test]
async fn a_program_that_fails_or_hangs_is_no_voice() {
    for program in ["/nowhere/espeak-ng", "false", "cat"] {
        assert!(voice(None, Some(program)).wav(&far_call(1, false)).await.is_none(), "{program}");
    }
}
