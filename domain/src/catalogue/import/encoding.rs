//! Which encoding a file is in. Excel writes UTF-8 with a mark or GBK; nothing in a GBK file says
//! so, and much UTF-8 text happens to be decodable as GBK, so a file that is nearly UTF-8 is taken
//! as UTF-8 with faults and never as GBK.

use encoding_rs::GB18030;
use serde::Serialize;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// The encodings a file may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 with the mark that Excel writes.
    Utf8Mark,
    /// GBK, read as its superset GB18030.
    Gb18030,
}

/// The text of a file; what cannot be decoded becomes U+FFFD, for the cells to be told.
#[must_use]
pub fn decode(bytes: &[u8]) -> (Encoding, String) {
    if let Some(rest) = bytes.strip_prefix(UTF8_MARK) {
        return (Encoding::Utf8Mark, String::from_utf8_lossy(rest).into_owned());
    }
    let (mut wide_chars, mut breaks) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        wide_chars += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        breaks += usize::from(!chunk.invalid().is_empty());
    }
    if breaks == 0 || wide_chars > breaks {
        return (Encoding::Utf8, String::from_utf8_lossy(bytes).into_owned());
    }
    let (text, _) = GB18030.decode_without_bom_handling(bytes);
    (Encoding::Gb18030, text.into_owned())
}

/// Whether a character stands for bytes that mean nothing: the replacement character, or one of the
/// private areas that undefined GBK cells map to.
pub(super) fn is_undecodable(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || matches!(u32::from(c), 0xE000..=0xF8FF | 0xF_0000..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_recognised() {
        let text = "区民政局,最低生活保障对象认定";
        let gbk = GB18030.encode(text).0.into_owned();
        let marked = [UTF8_MARK, text.as_bytes()].concat();
        assert_eq!(decode(text.as_bytes()), (Encoding::Utf8, text.to_owned()));
        assert_eq!(decode(&marked), (Encoding::Utf8Mark, text.to_owned()));
        assert_eq!(decode(&gbk), (Encoding::Gb18030, text.to_owned()));
        assert_eq!(decode(b"plain"), (Encoding::Utf8, "plain".to_owned()));
        let rare = "㐂𠮷镇";
        assert_eq!(decode(&GB18030.encode(rare).0), (Encoding::Gb18030, rare.to_owned()));
    }

    #[test]
    fn a_broken_utf8_file_is_never_read_as_gbk() {
        let mut bytes = "区民政局,最低生活保障对象认定,".as_bytes().to_vec();
        bytes.extend(&GB18030.encode("临时").0[..]);
        let (encoding, text) = decode(&bytes);
        assert_eq!(encoding, Encoding::Utf8);
        assert!(text.contains(is_undecodable) && text.starts_with("区民政局"));
        let mut gbk = GB18030.encode("区民政局,最低生活保障对象认定").0.into_owned();
        gbk.push(0xFF);
        let (encoding, text) = decode(&gbk);
        assert_eq!(encoding, Encoding::Gb18030);
        assert!(text.starts_with("区民政局") && text.contains(is_undecodable));
    }
}
