//! Speech by a program of this machine, `espeak-ng`: a process of its own that gets pinyin on its input and gives a WAV
//! file on its output. (`espeak-ng -v cmn` reads 汉字 as English on Debian 12; pinyin with tones it reads rightly.)

use std::{io, path::Path, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

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

/// A sentence in pinyin with tone digits, as a WAV file.
///
/// # Errors
/// The program is not there, fails, takes too long, or gives no sound.
pub async fn said(program: &Path, pinyin: &str) -> io::Result<Vec<u8>> {
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

/// A capital letter as it sounds in Mandarin; `None` for anything else.
#[must_use]
pub fn letter_sound(letter: char) -> Option<&'static str> {
    const SOUNDS: [&str; 26] = [
        "ei1",
        "bi4",
        "xi1",
        "di4",
        "yi4",
        "ai2 fu5",
        "ji4",
        "ei1 chi5",
        "ai4",
        "zhei4",
        "kei4",
        "ai2 le5",
        "ai2 mu5",
        "en1",
        "ou1",
        "pi4",
        "kiu4",
        "a4",
        "ai2 si5",
        "ti4",
        "you1",
        "wei1",
        "da2 bu5 liu5",
        "ai4 ke5 si5",
        "wai4",
        "zi4",
    ];
    let at = u32::from(letter).checked_sub(u32::from('A'))?;
    SOUNDS.get(usize::try_from(at).ok()?).copied()
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
