//! Pictures and films that everybody may see: told by their bytes; a picture is turned upright, scaled and packed
//! anew, so that nothing of what a camera wrote into it (place, device) goes out. Pure; knows neither matters nor stores.

use std::io::Cursor;

use domain::case::FileKind;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};

use crate::app::cases::file_content::{Fault, jpeg, kind_of, unpacked, word_for};

/// Longest side of a picture in pixels: sharp on a telephone and on a desk's screen (local rule).
const SIDE_MAX: u32 = 1600;
/// Longest side of the smaller one, for a telephone's narrow column.
const SMALL_SIDE: u32 = 640;
/// Bytes of a PNG that stays one; a photo that came as PNG becomes JPEG.
const PNG_BYTES_MAX: usize = 512 * 1024;
/// Side of a photo of a person in pixels.
const PORTRAIT_SIDE: u32 = 512;
/// Smallest side of a photo in which a person is known again.
const PORTRAIT_SIDE_MIN: u32 = 160;

/// Something to be seen, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct Sight {
    pub(in crate::app) bytes: Vec<u8>,
    pub(in crate::app) media_type: &'static str,
    /// In pixels; 0 for a film, which is not unpacked here.
    pub(in crate::app) width: u32,
    pub(in crate::app) height: u32,
    /// The smaller picture, as JPEG.
    pub(in crate::app) small: Option<Vec<u8>>,
}

/// Why a file is not taken: stable code, and words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct Wrong {
    pub(in crate::app) code: &'static str,
    pub(in crate::app) message: String,
}

impl Wrong {
    fn kind(message: String) -> Self {
        Self { code: "unsupported_type", message }
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self { code: fault.code(), message: fault.message() }
    }
}

fn media_type_of(bytes: &[u8]) -> &'static str {
    infer::get(bytes).map_or("", |found| found.mime_type())
}

/// A picture's kind, among those that are taken.
fn picture_kind(bytes: &[u8], taken: &str, kinds: &[FileKind]) -> Result<FileKind, Wrong> {
    let what = match kind_of(bytes) {
        Ok(kind) if kinds.contains(&kind) => return Ok(kind),
        Err(fault @ Fault::Empty) => return Err(fault.into()),
        Ok(FileKind::Pdf) => "是 PDF，请把那一页存成图片再传",
        _ => match media_type_of(bytes) {
            "image/gif" => "是 GIF 动图，请存成 JPG 再传",
            other => word_for(other),
        },
    };
    Err(Wrong::kind(format!("只收{taken}；这个文件{what}")))
}

/// A step's picture in a guide.
///
/// # Errors
/// What is no JPEG, PNG or WebP picture, or cannot be unpacked within bounds.
pub(in crate::app) fn picture(bytes: &[u8]) -> Result<Sight, Wrong> {
    let kind = picture_kind(bytes, " JPG、PNG、WebP 图片", &[FileKind::Jpeg, FileKind::Png, FileKind::Webp])?;
    let upright = upright(kind, bytes)?;
    let shown = within(&upright, SIDE_MAX);
    let (bytes, media_type) = packed(kind, &shown)?;
    let small = (shown.width().max(shown.height()) > SMALL_SIDE).then(|| jpeg(&within(&shown, SMALL_SIDE))).transpose()?;
    Ok(Sight { bytes, media_type, width: shown.width(), height: shown.height(), small })
}

/// A person's photo: square, cut from the middle where it is not.
///
/// # Errors
/// What is no JPEG or PNG picture, cannot be unpacked, or is too small.
pub(in crate::app) fn portrait(bytes: &[u8]) -> Result<Sight, Wrong> {
    let kind = picture_kind(bytes, " JPG 或 PNG 照片", &[FileKind::Jpeg, FileKind::Png])?;
    let upright = upright(kind, bytes)?;
    let side = upright.width().min(upright.height());
    if side < PORTRAIT_SIDE_MIN {
        return Err(Wrong { code: "too_small", message: format!("照片太小，至少 {PORTRAIT_SIDE_MIN}×{PORTRAIT_SIDE_MIN} 像素") });
    }
    let square = upright.crop_imm((upright.width() - side) / 2, (upright.height() - side) / 2, side, side);
    let shown = within(&square, PORTRAIT_SIDE);
    Ok(Sight { bytes: jpeg(&shown)?, media_type: "image/jpeg", width: shown.width(), height: shown.height(), small: None })
}

fn upright(kind: FileKind, bytes: &[u8]) -> Result<DynamicImage, Wrong> {
    let (mut picture, orientation) = unpacked(kind, bytes)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Never larger than it came.
fn within(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side { picture.clone() } else { picture.resize(side, side, FilterType::Triangle) }
}

fn packed(kind: FileKind, picture: &DynamicImage) -> Result<(Vec<u8>, &'static str), Wrong> {
    if kind == FileKind::Png {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).map_err(|_| Fault::Unreadable)?;
        if png.get_ref().len() <= PNG_BYTES_MAX {
            return Ok((png.into_inner(), "image/png"));
        }
    }
    Ok((jpeg(picture)?, "image/jpeg"))
}

/// A film: MP4 or WebM, as it came.
///
/// # Errors
/// Anything else, and what broke off.
pub(in crate::app) fn film(bytes: Vec<u8>) -> Result<Sight, Wrong> {
    let what = match media_type_of(&bytes) {
        _ if bytes.is_empty() => return Err(Wrong { code: "empty", message: "文件是空的，请重新选".to_owned() }),
        "video/mp4" | "video/x-m4v" if is_whole_mp4(&bytes) => return Ok(sound(bytes, "video/mp4")),
        "video/webm" if bytes.windows(4).take(64).any(|at| at == b"webm") => return Ok(sound(bytes, "video/webm")),
        "video/mp4" | "video/x-m4v" => {
            return Err(Wrong { code: "unreadable", message: "视频没有存完整，请重新导出再传".to_owned() });
        }
        "video/quicktime" => "是苹果的 MOV 视频，请导出成 MP4（H.264）再传",
        other if other.starts_with("video/") => "是别的格式的视频，请导出成 MP4（H.264）再传",
        "image/gif" => "是 GIF 动图，请导出成 MP4 再传",
        other if other.starts_with("image/") => "是图片，请放在图例版",
        "application/pdf" => "是 PDF",
        other => word_for(other),
    };
    Err(Wrong::kind(format!("只收 MP4、WebM 视频；这个文件{what}")))
}

fn sound(bytes: Vec<u8>, media_type: &'static str) -> Sight {
    Sight { bytes, media_type, width: 0, height: 0, small: None }
}

/// Whether the boxes of an MP4 (ISO/IEC 14496-12) fill it to its end, the one that describes it (`moov`) among them.
fn is_whole_mp4(bytes: &[u8]) -> bool {
    let (mut at, mut has_moov) = (0_usize, false);
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        has_moov |= &head[4..] == b"moov";
        let length = match size {
            // To the end of the file.
            0 => return has_moov,
            1 => match bytes.get(at + 8..at + 16).and_then(|long| long.try_into().ok()).map(u64::from_be_bytes) {
                Some(long) => usize::try_from(long).unwrap_or(usize::MAX),
                None => return false,
            },
            _ => usize::try_from(size).unwrap_or(usize::MAX),
        };
        match at.checked_add(length) {
            Some(next) if length >= 8 => at = next,
            _ => return false,
        }
    }
    has_moov && at == bytes.len()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use image::{Rgb, RgbImage};

    use super::*;

    fn packed_as(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        // Noise: nothing packs it well, as with a photo.
        let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519).to_be_bytes();
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([noise(x, y)[0], noise(y, x)[1], noise(x, x)[2]]));
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_scaled_and_packed_anew() {
        let large = picture(&packed_as(ImageFormat::Jpeg, 2000, 1000)).unwrap();
        assert_eq!((large.media_type, large.width, large.height), ("image/jpeg", SIDE_MAX, SIDE_MAX / 2));
        let small = image::load_from_memory(&large.small.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (SMALL_SIDE, SMALL_SIDE / 2));
        let plain = picture(&packed_as(ImageFormat::Png, 60, 40)).unwrap();
        assert_eq!((plain.media_type, plain.width, plain.small), ("image/png", 60, None));
        // A photo that came as PNG.
        assert_eq!(picture(&packed_as(ImageFormat::Png, 900, 900)).unwrap().media_type, "image/jpeg");
        assert_eq!(picture(&packed_as(ImageFormat::WebP, 60, 40)).unwrap().media_type, "image/jpeg");
    }

    #[test]
    fn what_a_camera_wrote_does_not_go_out() {
        let mut photo = packed_as(ImageFormat::Jpeg, 64, 64);
        // An EXIF block behind the first marker, as cameras write it.
        let exif = [&[0xff, 0xe1, 0x00, 0x16][..], b"Exif\0\0GPS 44.1 113.9"].concat();
        photo.splice(2..2, exif);
        let shown = picture(&photo).unwrap();
        assert!(!shown.bytes.windows(3).any(|at| at == b"GPS"));
    }

    #[test]
    fn a_portrait_is_square() {
        let shown = portrait(&packed_as(ImageFormat::Jpeg, 1200, 700)).unwrap();
        assert_eq!((shown.width, shown.height), (PORTRAIT_SIDE, PORTRAIT_SIDE));
        assert_eq!(portrait(&packed_as(ImageFormat::Png, 200, 300)).unwrap().width, 200);
        assert_eq!(portrait(&packed_as(ImageFormat::Png, 159, 300)).unwrap_err().code, "too_small");
        assert_eq!(portrait(&packed_as(ImageFormat::WebP, 200, 200)).unwrap_err().code, "unsupported_type");
    }

    #[test]
    fn what_is_no_picture_is_told_by_its_bytes() {
        for (bytes, code, says) in [
            (&b""[..], "empty", "空"),
            (b"%PDF-1.7\n", "unsupported_type", "PDF"),
            (b"GIF89a\x01\x00", "unsupported_type", "GIF"),
            (b"PK\x03\x04 a zip", "unsupported_type", "压缩包"),
            (b"\xff\xd8\xff\xe0 broken", "unreadable", "打不开"),
        ] {
            let wrong = picture(bytes).unwrap_err();
            assert_eq!(wrong.code, code, "{bytes:?}");
            assert!(wrong.message.contains(says), "{}", wrong.message);
        }
    }

    fn mp4(boxes: &[(&[u8; 4], usize)]) -> Vec<u8> {
        let boxed = |(name, size): &(&[u8; 4], usize)| {
            let mut all = u32::try_from(size + 8).unwrap().to_be_bytes().to_vec();
            all.extend_from_slice(*name);
            all.resize(size + 8, 0);
            all
        };
        let mut all = [&[0, 0, 0, 16][..], b"ftypisom", &[0; 4]].concat();
        all.extend(boxes.iter().flat_map(boxed));
        all
    }

    #[test]
    fn a_film_is_whole_and_of_a_kind_that_browsers_play() {
        let whole = mp4(&[(b"moov", 40), (b"mdat", 900)]);
        assert_eq!(film(whole.clone()).unwrap().media_type, "video/mp4");
        assert_eq!(film(whole[..whole.len() - 1].to_vec()).unwrap_err().code, "unreadable");
        assert_eq!(film(mp4(&[(b"mdat", 900)])).unwrap_err().code, "unreadable");
        let webm = [&b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"[..], &[0; 40]].concat();
        assert_eq!(film(webm).unwrap().media_type, "video/webm");
        assert_eq!(film(Vec::new()).unwrap_err().code, "empty");
        for (bytes, says) in [(&b"GIF89a\x01\x00"[..], "GIF"), (b"%PDF-1.7\n", "PDF"), (b"\0\0\0\x14ftypqt  \0\0\0\0", "MOV")] {
            let wrong = film(bytes.to_vec()).unwrap_err();
            assert!(wrong.code == "unsupported_type" && wrong.message.contains(says), "{}", wrong.message);
        }
    }
}
