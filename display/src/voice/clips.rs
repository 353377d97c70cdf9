//! Clips by name, from a folder of the hall's own recordings or from the pack inside this program: WAV or MP3, decoded.
//! Knows sound files, not what they say.

use std::{
    fs::File,
    io::{self, Cursor, ErrorKind},
    path::PathBuf,
};

use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    errors::Error as SoundError,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream},
    meta::MetadataOptions,
};

/// How a clip may be written, in the order in which it is looked for.
const KINDS: [&str; 2] = ["wav", "mp3"];

/// The clips of `display/voice-pack`: made once by `scripts/voice-pack.py`, with their licence beside them.
#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/voice-pack"]
struct Pack;

/// Where clips come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clips {
    /// A folder of recordings.
    Folder(PathBuf),
    /// The pack inside this program.
    Pack,
}

/// What clips must have in common to be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Samples a second, of each channel.
    pub(super) rate: u32,
    /// Channels.
    pub(super) channels: u16,
}

impl Form {
    /// Samples of so many milliseconds, all channels together.
    pub(super) fn samples_in(self, ms: u32) -> usize {
        self.rate as usize * usize::from(self.channels) * ms as usize / 1000
    }
}

/// A decoded clip.
#[derive(Debug)]
pub(super) struct Clip {
    pub(super) form: Form,
    /// All channels in turn.
    pub(super) samples: Vec<i16>,
}

impl Clips {
    /// The clip of a name; `None` where there is none. No more than `ms_max` milliseconds are decoded, and a little.
    pub(super) fn clip(&self, name: &str, ms_max: u32) -> Result<Option<Clip>, SoundError> {
        for kind in KINDS {
            if let Some(file) = self.file(&format!("{name}.{kind}"))? {
                return decoded(file, kind, ms_max).map(Some);
            }
        }
        Ok(None)
    }

    fn file(&self, name: &str) -> io::Result<Option<Box<dyn MediaSource>>> {
        match self {
            Self::Folder(folder) => match File::open(folder.join(name)) {
                Ok(file) => Ok(Some(Box::new(file))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            Self::Pack => Ok(Pack::get(name).map(|file| -> Box<dyn MediaSource> { Box::new(Cursor::new(file.data)) })),
        }
    }
}

fn decoded(file: Box<dyn MediaSource>, kind: &str, ms_max: u32) -> Result<Clip, SoundError> {
    let nothing = SoundError::Unsupported("no sound in it");
    let stream = MediaSourceStream::new(file, Default::default());
    let mut hint = Hint::new();
    hint.with_extension(kind);
    let mut reader = symphonia::default::get_probe().probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())?;
    let Some(track) = reader.default_track(TrackType::Audio) else { return Err(nothing) };
    let Some(parameters) = track.codec_params.as_ref().and_then(|parameters| parameters.audio()) else { return Err(nothing) };
    let track_id = track.id;
    let mut decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default())?;
    let (mut clip, mut chunk): (Option<Clip>, Vec<i16>) = (None, Vec::new());
    while let Some(packet) = reader.next_packet()? {
        if packet.track_id != track_id {
            continue;
        }
        let heard = decoder.decode(&packet)?;
        let form = Form { rate: heard.spec().rate(), channels: u16::try_from(heard.spec().channels().count()).unwrap_or(u16::MAX) };
        heard.copy_to_vec_interleaved(&mut chunk);
        let clip = clip.get_or_insert(Clip { form, samples: Vec::new() });
        clip.samples.extend_from_slice(&chunk);
        if clip.samples.len() > form.samples_in(ms_max) {
            break;
        }
    }
    clip.ok_or(nothing)
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod pack_tests;
