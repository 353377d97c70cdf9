//! Whether a PDF that somebody else made can be appended page by page, and how its pages lie. Such a file is not
//! trusted: it is unpacked on trial, within bounds, before a reader sees it.

use std::io::{Read as _, copy, sink};
use std::sync::Arc;

use flate2::read::ZlibDecoder;
use hayro_syntax::{Pdf, PdfVersion};

/// Pages that are appended of one file.
const PAGES_MAX: usize = 500;
/// Bytes that the packed parts of a file may have together when they are unpacked.
const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Bytes of what was unpacked that are looked at: whether they are packed once more.
const AGAIN_BYTES: u64 = 2;

/// Why a PDF is not appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is locked with a password, broken, or made in a way that is not understood.
    Unreadable,
    /// It has too many pages.
    TooLong,
    /// It is packed in a way that would take far more memory than it seems.
    TooLarge,
    /// It is of a newer version than the file it would become part of (PDF 2.0).
    TooNew,
}

impl Unfit {
    /// For people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "打不开、加了密或内容有损坏",
            Self::TooLong => "超过 500 页",
            Self::TooLarge => "解开以后太大",
            Self::TooNew => "版本太新（PDF 2.0）",
        }
    }
}

/// For each page whether it is wider than high.
///
/// # Errors
/// Why it cannot be appended.
pub fn pages_of(bytes: &[u8]) -> Result<Vec<bool>, Unfit> {
    if !is_bounded(bytes, UNPACKED_BYTES_MAX) {
        return Err(Unfit::TooLarge);
    }
    let pdf = Pdf::new(Arc::new(bytes.to_vec())).map_err(|_| Unfit::Unreadable)?;
    if pdf.version() > PdfVersion::Pdf17 {
        return Err(Unfit::TooNew);
    }
    let pages = pdf.pages();
    match pages.len() {
        0 => return Err(Unfit::Unreadable),
        count if count > PAGES_MAX => return Err(Unfit::TooLong),
        _ => {}
    }
    let wide = pages.iter().map(|page| {
        let (width, height) = page.render_dimensions();
        // A page without a size, or one of kilometres, is no page.
        let is_sound = |side: f32| side.is_finite() && (1.0..=20_000.0).contains(&side);
        (is_sound(width) && is_sound(height)).then_some(width > height)
    });
    wide.collect::<Option<Vec<bool>>>().ok_or(Unfit::Unreadable)
}

/// Whether everything in a file that is packed by deflate unpacks to no more than `most` bytes: some kilobytes can
/// become gigabytes. What is packed twice is packed to hide that.
fn is_bounded(bytes: &[u8], most: u64) -> bool {
    let mut total = 0_u64;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"stream") {
        rest = &rest[at + b"stream".len()..];
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).or_else(|| rest.strip_prefix(b"\r")).unwrap_or(rest);
        // The first byte of a zlib stream: deflate with a window of at most 32 KiB.
        if data.first().is_none_or(|byte| byte & 0x0f != 8) {
            continue;
        }
        let mut unpacked = ZlibDecoder::new(data);
        let mut first = Vec::new();
        // What is broken is the reader's trouble, not a matter of size.
        let _ = unpacked.by_ref().take(AGAIN_BYTES).read_to_end(&mut first);
        if matches!(first.as_slice(), [0x78, 0x01 | 0x5e | 0x9c | 0xda]) {
            return false;
        }
        let left = most.saturating_sub(total);
        total += first.len() as u64 + copy(&mut unpacked.take(left + 1), &mut sink()).unwrap_or(0);
        if total > most {
            return false;
        }
    }
    true
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let [first, ..] = word else { return None };
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| byte == first)?;
        if bytes[at..].starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn with_stream(data: &[u8]) -> Vec<u8> {
        [b"%PDF-1.7\n1 0 obj<</Length 1/Filter/FlateDecode>>\nstream\r\n".as_slice(), data, b"\nendstream endobj\n"].concat()
    }

    #[test]
    fn what_is_no_document_is_not_appended() {
        for other in [&b""[..], b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF", b"PK\x03\x04", b"stream"] {
            assert_eq!(pages_of(other), Err(Unfit::Unreadable), "{other:?}");
        }
    }

    #[test]
    fn what_would_burst_is_found_before_it_is_read() {
        let is_bounded = |data: &[u8]| is_bounded(&with_stream(data), 1024 * 1024);
        assert!(is_bounded(&packed(&[7; 100_000])));
        assert!(is_bounded(b"\x78\x9c broken"));
        assert!(!is_bounded(&packed(&packed(&[7; 100_000]))), "packed twice");
        let bomb = packed(&vec![0; 1024 * 1024 + 1]);
        assert!(bomb.len() < 4096 && !is_bounded(&bomb), "{} bytes", bomb.len());
    }
}
