//! The pack as it lies in the repository: every part of every usual call is there, each clip as long as its list says,
//! loud as the others, neither silent nor clipped. What it sounds like nobody here has heard.
#![expect(clippy::unwrap_used, reason = "test")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Clips, Form, Pack};
use crate::voice::SpokenCall;

/// The pack's whole size, in bytes.
const PACK_BYTES_MAX: usize = 12 << 20;
const CLIP_MS_MAX: u32 = 10_000;
/// A decoder and an encoder may differ by a frame at an end, in milliseconds.
const LENGTH_MS_OFF: u32 = 30;
/// Root of the mean square of a clip's samples: about -20 dB below full, within 4 dB.
const LOUDNESS: std::ops::RangeInclusive<f64> = 2_000.0..=5_200.0;
/// Samples at the limit one after the other: more are clipped.
const AT_LIMIT_MAX: usize = 2;
/// Windows that the pack says.
const WINDOWS: std::ops::RangeInclusive<u16> = 1..=60;
/// Numbers that have a clip of their own; greater ones are joined.
const NUMBERS: std::ops::Range<u16> = 0..330;

#[derive(Deserialize)]
struct Manifest {
    licence: String,
    sample_rate: u32,
    /// Length of each clip in milliseconds, by name.
    clips: BTreeMap<String, u32>,
}

fn manifest() -> Manifest {
    serde_json::from_slice(&Pack::get("manifest.json").unwrap().data).unwrap()
}

/// Names of the clips that usual calls are made of.
fn wanted() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = "零一二三四五六七八九号".chars().map(String::from).collect();
    let mut take = |number: String, window: u16| {
        for short in [false, true] {
            names.extend(SpokenCall { number: number.clone(), window, short }.parts());
        }
    };
    for letter in 'A'..='Z' {
        // The hall's numbers, those carried over from the day before, those of a hall's first two keepers.
        for letters in [format!("{letter}"), format!("续{letter}"), format!("{letter}K"), format!("{letter}J")] {
            take(format!("{letters}001"), 1);
        }
    }
    for window in WINDOWS {
        take("A001".to_owned(), window);
    }
    for number in NUMBERS {
        take(format!("A{number:03}"), 1);
    }
    names
}

/// A plausible length: a syllable takes between a seventh and two thirds of a second.
fn plausible_ms(name: &str) -> std::ops::RangeInclusive<u32> {
    let syllables = u32::try_from(name.chars().count()).unwrap();
    syllables * 140..=syllables * 660 + 200
}

#[test]
fn the_pack_says_every_usual_call() {
    let clips = manifest().clips;
    let missing: Vec<String> = wanted().into_iter().filter(|name| !clips.contains_key(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_pack_is_small_and_has_its_licence_with_it() {
    let files: Vec<String> = Pack::iter().map(|name| name.into_owned()).collect();
    let bytes: usize = files.iter().map(|name| Pack::get(name).unwrap().data.len()).sum();
    assert!(bytes <= PACK_BYTES_MAX, "{bytes} bytes");
    assert!(manifest().licence.contains("Apache-2.0"));
    let text = |name: &str| String::from_utf8(Pack::get(name).unwrap().data.into_owned()).unwrap();
    assert!(text("NOTICE").contains("Kokoro") && text("LICENSE").contains("Apache License"));
    let clips: BTreeSet<String> = files.iter().filter_map(|name| name.strip_suffix(".mp3")).map(str::to_owned).collect();
    assert_eq!(clips, manifest().clips.into_keys().collect(), "the list names what is there");
}

#[test]
fn no_clip_is_silent_clipped_or_of_an_implausible_length() {
    let Manifest { sample_rate, clips, .. } = manifest();
    let mut wrong = Vec::new();
    for (name, listed_ms) in clips {
        let clip = Clips::Pack.clip(&name, CLIP_MS_MAX).unwrap().unwrap();
        assert_eq!(clip.form, Form { rate: sample_rate, channels: 1 }, "{name}");
        let length_ms = u32::try_from(clip.samples.len() * 1000 / sample_rate as usize).unwrap();
        let power = clip.samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / clip.samples.len() as f64;
        let clipped = clip.samples.chunk_by(|one, next| one == next).filter(|same| same[0].unsigned_abs() >= 32_767);
        let at_limit = clipped.map(<[i16]>::len).max().unwrap_or(0);
        let is_good = length_ms.abs_diff(listed_ms) <= LENGTH_MS_OFF
            && plausible_ms(&name).contains(&length_ms)
            && LOUDNESS.contains(&power.sqrt())
            && at_limit <= AT_LIMIT_MAX;
        if !is_good {
            wrong.push(format!("{name}: {length_ms} of {listed_ms} ms, loudness {:.0}, {at_limit} at the limit", power.sqrt()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
