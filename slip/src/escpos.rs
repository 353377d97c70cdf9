//! The ESC/POS commands that slips use. Knows nothing of what a slip says.
//!
//! Architecture Invariant: text enters the byte stream only as [`Encoded`], which only [`Encoded::of`]
//! makes from [`Printable`]: bytes of characters, never a control byte. Raster data and QR data are
//! framed by their length.

use protocol::slip::{CutMode, PrinterProfile, TextMode};

use crate::{
    clean::Printable,
    picture::Picture,
    qr::{Qr, address_bytes},
};

const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;
/// Rows of one `GS v 0`: small printers buffer no more.
const BAND_ROWS: u32 = 128;
/// Lines fed where there is no cutter, so that the slip passes the tear bar.
const TEAR_LINES: u8 = 5;
/// Distance from line to line of single height, in dots: the printers' own one of 34 makes a ticket too long.
const LINE_DOTS: u8 = 30;
/// Dots of a character of single height.
const CHARACTER_DOTS: u32 = 24;
/// From the print head to the cutter, in dots: every slip is longer by it. About 15 mm on all common models.
const CUTTER_DOTS: u32 = 120;
/// Dots in a millimetre of every common receipt printer (203 dpi).
pub const DOTS_PER_MM: u32 = 8;

/// Text in the printer's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// The text in the profile's code, or `None` when the printer's own font cannot be trusted with a character:
    /// then the line is sent as a picture. Two-byte characters are GBK; of the four-byte ones only
    /// CJK extension A (U+3400–4DBF) is in the fonts of GB18030 printers, everything else needs a picture
    /// (rare names beyond the BMP, Mongolian, which must be shaped, too).
    #[must_use]
    pub fn of(text: &Printable, mode: TextMode) -> Option<Self> {
        let mut bytes = Vec::with_capacity(text.as_str().len());
        for character in text.as_str().chars() {
            bytes.extend(character_bytes(character, mode)?);
        }
        Some(Self(bytes))
    }
}

fn character_bytes(character: char, mode: TextMode) -> Option<Vec<u8>> {
    if matches!(character, ' '..='~') {
        return Some(vec![character as u8]);
    }
    let mut utf8 = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::GB18030.encode(character.encode_utf8(&mut utf8));
    let extension_a = mode == TextMode::Gb18030 && matches!(character, '\u{3400}'..='\u{4DBF}');
    let private = matches!(character, '\u{E000}'..='\u{F8FF}');
    (mode != TextMode::Raster && !unmappable && !private && (bytes.len() == 2 || extension_a && bytes.len() == 4))
        .then(|| bytes.into_owned())
}

/// Columns of the printer's font that a character takes: 汉字 and full-width signs two, ASCII one.
#[must_use]
pub fn columns(character: char) -> usize {
    if matches!(character, ' '..='~') { 1 } else { 2 }
}

/// Where lines stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Centre,
}

/// A stream of commands that grows.
#[derive(Debug, Clone)]
pub struct Commands {
    bytes: Vec<u8>,
    han_size_by_fs: bool,
    /// Height of the characters of this line, in times.
    times: u8,
    /// Paper fed so far, in dots.
    fed_dots: u32,
}

/// A slip as a printer takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscPos {
    /// From the initialisation to the cut.
    pub bytes: Vec<u8>,
    /// Paper that carries something, in millimetres.
    pub printed_mm: u32,
    /// Paper that it takes from the roll, in millimetres: with what lies between print head and cutter.
    pub used_mm: u32,
}

impl Commands {
    /// Initialises the printer: `ESC @`, density where the profile has one, `FS &` (汉字) for text.
    #[must_use]
    pub fn begin(profile: &PrinterProfile) -> Self {
        let mut commands = Self { bytes: vec![ESC, b'@'], han_size_by_fs: profile.han_size_by_fs, times: 1, fed_dots: 0 };
        if profile.density != 0 {
            let density = profile.density.clamp(-6, 6).to_le_bytes();
            commands.bytes.extend([GS, b'(', b'K', 2, 0, 49]);
            commands.bytes.extend(density);
        }
        if profile.text != TextMode::Raster {
            commands.bytes.extend([ESC, b'3', LINE_DOTS, FS, b'&']);
        }
        commands
    }

    /// `ESC a`.
    pub fn align(&mut self, align: Align) {
        self.bytes.extend([ESC, b'a', u8::from(align == Align::Centre)]);
    }

    /// `GS !` with 1 to 8 times the width and height; for printers that enlarge only ASCII by it also `FS !`,
    /// which knows no more than double.
    pub fn size(&mut self, times: u8) {
        let step = times.clamp(1, 8) - 1;
        self.times = step + 1;
        self.bytes.extend([GS, b'!', step << 4 | step]);
        if self.han_size_by_fs {
            self.bytes.extend([FS, b'!', if step > 0 { 0x0C } else { 0 }]);
        }
    }

    /// `ESC E`.
    pub fn bold(&mut self, on: bool) {
        self.bytes.extend([ESC, b'E', u8::from(on)]);
    }

    /// `GS B`: white on black.
    pub fn reverse(&mut self, on: bool) {
        self.bytes.extend([GS, b'B', u8::from(on)]);
    }

    /// Characters of the current line.
    pub fn text(&mut self, text: &Encoded) {
        self.bytes.extend(&text.0);
    }

    /// Prints the line and feeds one.
    pub fn end_line(&mut self) {
        self.bytes.push(b'\n');
        self.fed_dots += (CHARACTER_DOTS * u32::from(self.times)).max(LINE_DOTS.into());
    }

    /// Feeds `lines` lines (`ESC d`).
    pub fn feed(&mut self, lines: u8) {
        self.bytes.extend([ESC, b'd', lines]);
        self.fed_dots += u32::from(lines) * u32::from(LINE_DOTS);
    }

    /// A picture as `GS v 0`, in bands, without the CAN that some programs put before it.
    pub fn raster(&mut self, picture: &Picture) {
        let row_bytes = u16::try_from(picture.width().div_ceil(8)).unwrap_or(u16::MAX);
        let height = picture.height();
        self.fed_dots += height;
        let mut from = 0;
        while from < height {
            let to = height.min(from + BAND_ROWS);
            self.bytes.extend([GS, b'v', b'0', 0]);
            self.bytes.extend(row_bytes.to_le_bytes());
            self.bytes.extend(u16::try_from(to - from).unwrap_or(0).to_le_bytes());
            let mut rows = picture.packed_rows(from, to);
            hide_real_time_commands(&mut rows);
            self.bytes.extend(rows);
            from = to;
        }
    }

    /// A QR code drawn by the printer (`GS ( k`): model 2, error correction M. Nothing for an address that
    /// cannot be coded.
    pub fn qr(&mut self, url: &str, module_dots: u8) {
        let Some(data) = address_bytes(url) else { return };
        let Ok(length) = u16::try_from(data.len() + 3) else { return };
        self.fed_dots += Qr::of(url).map_or(0, |qr| qr.side * u32::from(module_dots));
        self.bytes.extend([GS, b'(', b'k', 4, 0, 49, 65, 50, 0]);
        self.bytes.extend([GS, b'(', b'k', 3, 0, 49, 67, module_dots]);
        self.bytes.extend([GS, b'(', b'k', 3, 0, 49, 69, 49]);
        self.bytes.extend([GS, b'(', b'k']);
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend([49, 80, 48]);
        self.bytes.extend(data);
        self.bytes.extend([GS, b'(', b'k', 3, 0, 49, 81, 48]);
    }

    /// Paper fed so far, in dots.
    #[must_use]
    pub fn fed_dots(&self) -> u32 {
        self.fed_dots
    }

    /// Feeds to the cutter and cuts, or to the tear bar.
    #[must_use]
    pub fn finish(mut self, profile: &PrinterProfile) -> EscPos {
        let printed_dots = self.fed_dots;
        match profile.cut {
            CutMode::Full => self.bytes.extend([GS, b'V', 65, 0]),
            CutMode::Partial => self.bytes.extend([GS, b'V', 66, 0]),
            CutMode::None => self.feed(TEAR_LINES),
        }
        let used_dots = if profile.cut == CutMode::None { self.fed_dots } else { self.fed_dots + CUTTER_DOTS };
        EscPos { bytes: self.bytes, printed_mm: printed_dots.div_ceil(DOTS_PER_MM), used_mm: used_dots.div_ceil(DOTS_PER_MM) }
    }
}

/// Printers obey real-time commands (`DLE EOT`, `DLE ENQ`, `DLE DC4`) even within raster data: where dots
/// happen to spell one, the DLE gets one more dot.
fn hide_real_time_commands(rows: &mut [u8]) {
    for at in 1..rows.len() {
        if let [dle @ 0x10, 0x04 | 0x05 | 0x14] = &mut rows[at - 1..=at] {
            *dle = 0x18;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_the_printer_may_lack_are_not_sent_as_text() {
        let encoded = |text: &str, mode| Encoded::of(&Printable::new(text), mode).map(|encoded| encoded.0);
        assert_eq!(encoded("A号", TextMode::Gbk), Some(vec![b'A', 0xBA, 0xC5]));
        assert_eq!(encoded("㐂", TextMode::Gb18030).map(|bytes| bytes.len()), Some(4));
        assert_eq!(encoded("㐂", TextMode::Gbk), None);
        assert_eq!(encoded("𠮷", TextMode::Gb18030), None);
        assert_eq!(encoded("ᠮᠣᠩ", TextMode::Gb18030), None);
    }

    #[test]
    fn a_picture_goes_out_in_bands_that_add_up() {
        let mut picture = Picture::new(16);
        picture.grow(BAND_ROWS + 2);
        let mut commands = Commands { bytes: Vec::new(), han_size_by_fs: false, times: 1, fed_dots: 0 };
        commands.raster(&picture);
        assert_eq!(commands.bytes[..8], [0x1D, b'v', b'0', 0, 2, 0, 128, 0]);
        assert_eq!(commands.bytes.len(), 2 * 8 + 2 * (BAND_ROWS as usize + 2));
        assert_eq!(commands.finish(&PrinterProfile::default()).printed_mm, (BAND_ROWS + 2).div_ceil(DOTS_PER_MM));
    }

    #[test]
    fn dots_never_spell_a_real_time_command() {
        let mut rows = vec![0x10, 0x10, 0x14, 0x10, 0x00, 0x10, 0x04];
        hide_real_time_commands(&mut rows);
        assert_eq!(rows, [0x10, 0x18, 0x14, 0x10, 0x00, 0x18, 0x04]);
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_command(text in "\\PC{0,8}(\\x1b|\\x1d|\\x1c|\\x10|\\x00|\\n|\u{202e}|\u{9b})?[\\s\\S]{0,12}") {
            for mode in [TextMode::Gb18030, TextMode::Gbk] {
                if let Some(encoded) = Encoded::of(&Printable::new(&text), mode) {
                    prop_assert!(encoded.0.iter().all(|byte| *byte >= 0x20 && *byte != 0x7F));
                    let (back, _, wrong) = encoding_rs::GB18030.decode(&encoded.0);
                    prop_assert!(!wrong);
                    let printable = Printable::new(&text);
                    prop_assert_eq!(back.as_ref(), printable.as_str());
                }
            }
        }
    }

    #[test]
    fn size_reaches_han_on_printers_that_need_it() {
        let profile = PrinterProfile { han_size_by_fs: true, density: -2, ..PrinterProfile::default() };
        let mut commands = Commands::begin(&profile);
        commands.size(2);
        let bytes = commands.finish(&profile).bytes;
        assert_eq!(
            bytes,
            [ESC, b'@', GS, b'(', b'K', 2, 0, 49, 0xFE, ESC, b'3', 30, FS, b'&', GS, b'!', 0x11, FS, b'!', 0x0C, GS, b'V', 66, 0]
        );
        assert!(Encoded::of(&Printable::new("王"), TextMode::Gbk).unwrap().0.iter().all(|byte| *byte > 0x7F));
    }
}
