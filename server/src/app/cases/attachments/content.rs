//! What a file is, by its bytes, the small picture of it, and the name under which it goes out. The name it came
//! under decides nothing. Pure; knows neither cases nor stores.

use std::io::Cursor;

use domain::case::FileKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

/// Pixels of a picture: more than the 48 million of a telephone's largest, few enough for a small server.
pub const PIXELS_MAX: u64 = 50_000_000;
/// Bytes that a picture may take when it is unpacked.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Longest side of the small picture, in pixels: enough to know a page again, too few to read a number on it.
pub const THUMBNAIL_SIDE: u32 = 128;
/// Characters that are kept of a name.
const NAME_CHARS_MAX: usize = 200;
/// Characters of a name's end that stay when it is cut.
const NAME_END_CHARS: usize = 20;

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It has no bytes.
    Empty,
    /// It is something else than what is taken; the words say what.
    Unsupported(&'static str),
    /// It begins like a picture and is none.
    Unreadable,
    /// The picture is too large to be unpacked.
    TooManyPixels,
}

impl Fault {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Unsupported(_) => "unsupported_type",
            Self::Unreadable => "unreadable",
            Self::TooManyPixels => "too_many_pixels",
        }
    }

    /// For people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "文件是空的，请重新扫描或拍照".to_owned(),
            Self::Unsupported(what) => format!("只收 PDF 和 JPG、PNG、WebP 图片；这个文件{what}"),
            Self::Unreadable => "图片打不开，可能没存完整，请重新扫描或拍照".to_owned(),
            Self::TooManyPixels => "图片太大，最多 5000 万像素；请调低扫描分辨率，或用手机的普通尺寸拍".to_owned(),
        }
    }
}

/// What bytes are.
///
/// # Errors
/// Anything but a PDF or a picture of the few kinds that every browser shows.
pub fn kind_of(bytes: &[u8]) -> Result<FileKind, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    let media_type = infer::get(bytes).map_or("", |found| found.mime_type());
    FileKind::of_media_type(media_type).ok_or_else(|| Fault::Unsupported(word_for(media_type)))
}

/// What a file is that is not taken, for people.
#[must_use]
pub fn word_for(media_type: &str) -> &'static str {
    match media_type {
        "image/heif" | "image/heic" => "是苹果手机的 HEIC 图片，请在手机设置里选“兼容性最佳”再拍",
        "application/msword" | "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
            "是 Word 文档，请另存为 PDF 再传"
        }
        "application/vnd.ms-excel" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => {
            "是 Excel 表格，请另存为 PDF 再传"
        }
        "application/zip" | "application/vnd.rar" | "application/x-7z-compressed" | "application/gzip" => {
            "的内容是压缩包，请解开后一份一份传"
        }
        "text/html" | "text/xml" => "的内容是网页",
        other if other.starts_with("image/") => "是别的格式的图片，请存成 JPG 再传",
        other if other.starts_with("video/") || other.starts_with("audio/") => "是音频或视频",
        other if other.contains("executable") || other.contains("msdownload") || other.contains("elf") => "是程序",
        _ => "的内容认不出来",
    }
}

/// The small picture of a picture, as JPEG, the right way up.
///
/// # Errors
/// When it cannot be unpacked, or not within bounds; those are checked before anything is unpacked.
pub fn thumbnail(kind: FileKind, bytes: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    if !kind.is_picture() {
        return Ok(None);
    }
    let (picture, orientation) = unpacked(kind, bytes)?;
    let mut small = picture.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    small.apply_orientation(orientation);
    jpeg(&small).map(Some)
}

/// A picture unpacked within bounds, and how it must be turned to stand upright.
///
/// # Errors
/// When it cannot be unpacked, or not within bounds; those are checked before anything is unpacked.
pub fn unpacked(kind: FileKind, bytes: &[u8]) -> Result<(DynamicImage, Orientation), Fault> {
    let format = match kind {
        FileKind::Pdf => return Err(Fault::Unreadable),
        FileKind::Jpeg => ImageFormat::Jpeg,
        FileKind::Png => ImageFormat::Png,
        FileKind::Webp => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > UNPACKED_BYTES_MAX {
        return Err(Fault::TooManyPixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(fault)?, orientation))
}

/// A picture as JPEG; what shows through is white like paper.
///
/// # Errors
/// When it cannot be packed.
pub fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Fault> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(on_paper(picture)).write_to(&mut bytes, ImageFormat::Jpeg).map_err(fault)?;
    Ok(bytes.into_inner())
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::TooManyPixels,
        _ => Fault::Unreadable,
    }
}

/// A picture without transparency: what shows through is white like paper.
fn on_paper(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0.map(u16::from);
        let over = |value: u16| u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        Rgb([over(red), over(green), over(blue)])
    })
}

/// A name as it is kept: text only, without what turns lines or directions round, cut in the middle.
#[must_use]
pub fn kept_name(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: Vec<char> = name.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let text: String = if plain.len() > NAME_CHARS_MAX {
        let (head, end) = (&plain[..NAME_CHARS_MAX - NAME_END_CHARS - 1], &plain[plain.len() - NAME_END_CHARS..]);
        head.iter().chain(['…'].iter()).chain(end).collect()
    } else {
        plain.iter().collect()
    };
    let text = text.trim();
    if text.is_empty() { "附件".to_owned() } else { text.to_owned() }
}

/// The name under which a file goes out: no parts of a path, and the ending of what it is, so that nothing that is
/// saved from here is called a program.
#[must_use]
pub fn outgoing_name(name: &str, kind: FileKind) -> String {
    let (ending, also) = match kind {
        FileKind::Pdf => ("pdf", ""),
        FileKind::Jpeg => ("jpg", "jpeg"),
        FileKind::Png => ("png", ""),
        FileKind::Webp => ("webp", ""),
    };
    let plain: String =
        name.chars().map(|c| if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') { '_' } else { c }).collect();
    let plain = plain.trim_start_matches('.');
    match plain.rsplit_once('.') {
        Some((_, given)) if given.eq_ignore_ascii_case(ending) || (!also.is_empty() && given.eq_ignore_ascii_case(also)) => {
            plain.to_owned()
        }
        _ => format!("{plain}.{ending}"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let paper = DynamicImage::ImageRgb8(RgbImage::from_pixel(400, 200, Rgb([250, 250, 240])));
        paper.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_file_is_what_its_bytes_are() {
        for (format, kind) in [(ImageFormat::Jpeg, FileKind::Jpeg), (ImageFormat::Png, FileKind::Png), (ImageFormat::WebP, FileKind::Webp)]
        {
            let bytes = picture(format);
            assert_eq!(kind_of(&bytes), Ok(kind));
            let small = image::load_from_memory(&thumbnail(kind, &bytes).unwrap().unwrap()).unwrap();
            assert_eq!((small.width(), small.height()), (THUMBNAIL_SIDE, THUMBNAIL_SIDE / 2));
            assert_eq!(thumbnail(kind, &bytes[..bytes.len().min(40)]), Err(Fault::Unreadable), "{kind:?}");
        }
        assert_eq!(kind_of(b"%PDF-1.7\n"), Ok(FileKind::Pdf));
        assert_eq!(thumbnail(FileKind::Pdf, b"%PDF-1.7\n"), Ok(None));
        assert_eq!(kind_of(b""), Err(Fault::Empty));
        for other in
            [&b"PK\x03\x04 a zip"[..], b"<!DOCTYPE html><html>", b"MZ\x90\x00 a program", b"\x7fELF\x02\x01\x01", b"GIF89a", b"hello"]
        {
            assert!(matches!(kind_of(other), Err(Fault::Unsupported(_))), "{other:?}");
        }
    }

    #[test]
    fn what_is_clear_becomes_paper() {
        let clear = DynamicImage::new_rgba8(4, 4);
        assert_eq!(on_paper(&clear).get_pixel(1, 1).0, [255, 255, 255]);
    }

    #[test]
    fn names_are_text_only() {
        assert_eq!(kept_name("  身份证\u{202e}fdp.exe\u{0}\n "), "身份证fdp.exe");
        assert_eq!(kept_name("\u{feff} "), "附件");
        assert_eq!(kept_name("㐂𠮷.jpg"), "㐂𠮷.jpg");
        let long = kept_name(&format!("{}正面.jpg", "证".repeat(500)));
        assert_eq!((long.chars().count(), long.ends_with("正面.jpg")), (NAME_CHARS_MAX, true));
        assert_eq!(outgoing_name("../../etc/passwd", FileKind::Pdf), "_.._etc_passwd.pdf");
        assert_eq!(outgoing_name("C:\\扫描\\1.JPEG", FileKind::Jpeg), "C__扫描_1.JPEG");
        assert_eq!(outgoing_name("setup.exe", FileKind::Png), "setup.exe.png");
    }
}
