//! Reads the bytes of a slip as a person reads the paper: lines of text with their sizes, QR codes, pictures
//! and cuts. Written independently of crate `slip` from the printers' command references, and must stay so.
//!
//! It is a strict printer: Chinese outside kanji mode, characters that the printer has no glyph for and codes
//! wider than the paper are errors. A line that is too long is broken as the printer would break it.

use crate::escpos::{Command, Fault, next_command};
use crate::picture::Picture;
use crate::qr;

const ASCII_DOTS: u32 = 12;
const ASCII_B_DOTS: u32 = 9;
const CHINESE_DOTS: u32 = 24;

/// What the paper is printed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printer {
    /// Which Chinese characters it has.
    pub charset: Charset,
    /// The printable width in dots: 576 on 80 mm, 384 on 58 mm.
    pub width_dots: u32,
    /// Which commands enlarge its Chinese characters.
    pub chinese_size: ChineseSize,
}

/// Which Chinese characters a printer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// All of GB18030, with sequences of four bytes.
    Gb18030,
    /// Only the two-byte part: four bytes come out as garbage.
    Gbk,
}

/// Which commands enlarge Chinese characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChineseSize {
    /// GS ! and ESC ! enlarge them with the rest, as the standard says.
    Common,
    /// Only FS ! and FS W, as on cheap printers.
    OnlyFs,
}

impl Printer {
    /// A good printer with 80 mm paper.
    pub const WIDE: Self = Self { charset: Charset::Gb18030, width_dots: 576, chinese_size: ChineseSize::Common };
    /// A cheap printer with 58 mm paper.
    pub const CHEAP: Self = Self { charset: Charset::Gbk, width_dots: 384, chinese_size: ChineseSize::OnlyFs };
}

/// What is on the paper, from the top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlipView {
    /// Everything printed, in its order.
    pub items: Vec<Item>,
    /// The print density that was asked for, −6 to 6; `None` is the printer's own.
    pub density: Option<i8>,
}

/// One thing on the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line of text.
    Line(Line),
    /// Empty paper, in dots.
    Feed(u32),
    /// A QR code that the printer draws.
    Qr(Qr),
    /// A raster picture.
    Picture {
        /// What it shows, at the size of the paper.
        picture: Picture,
        /// Where it stands.
        align: Align,
    },
    /// The paper is cut.
    Cut {
        /// Whether a bridge of paper stays.
        partial: bool,
    },
    /// The drawer is opened.
    Drawer,
}

/// Where a line or picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// A QR code that the printer draws itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// What it says.
    pub payload: String,
    /// The width of a module in dots.
    pub module_dots: u32,
    /// How much damage it survives.
    pub level: qrcode::EcLevel,
    /// Where it stands.
    pub align: Align,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Runs of the same look, from the left.
    pub spans: Vec<Span>,
    /// Where it stands.
    pub align: Align,
    /// Whether the printer broke it here because it was too long.
    pub broken: bool,
    /// Its width in dots.
    pub width_dots: u32,
}

/// A run of characters of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The characters.
    pub text: String,
    /// How they look.
    pub look: Look,
}

/// How characters look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Times as wide as usual, 1–8.
    pub width: u32,
    /// Times as high as usual, 1–8.
    pub height: u32,
    /// Bold.
    pub bold: bool,
    /// Underlined.
    pub underlined: bool,
    /// White on black.
    pub inverted: bool,
    /// The smaller font B.
    pub small: bool,
}

impl Line {
    /// The text of the line without its looks.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The height of its highest character in dots.
    #[must_use]
    pub fn height_dots(&self) -> u32 {
        self.spans.iter().map(|span| span.look.height * CHINESE_DOTS).max().unwrap_or(CHINESE_DOTS)
    }
}

impl SlipView {
    /// All lines that have text, each without the blanks at its ends.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.text_lines().map(|line| line.text().trim().to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// The first line that contains this text.
    #[must_use]
    pub fn line_with(&self, part: &str) -> Option<&Line> {
        self.text_lines().find(|line| line.text().contains(part))
    }

    /// All lines with their looks.
    pub fn text_lines(&self) -> impl Iterator<Item = &Line> {
        self.items.iter().filter_map(|item| if let Item::Line(line) = item { Some(line) } else { None })
    }

    /// All raster pictures.
    #[must_use]
    pub fn pictures(&self) -> Vec<&Picture> {
        self.items.iter().filter_map(|item| if let Item::Picture { picture, .. } = item { Some(picture) } else { None }).collect()
    }

    /// What all QR codes say, those that the printer draws and those inside pictures, from the top.
    #[must_use]
    pub fn qr_payloads(&self) -> Vec<String> {
        let of = |item: &Item| match item {
            Item::Qr(code) => vec![code.payload.clone()],
            Item::Picture { picture, .. } => qr::read(picture),
            Item::Line(_) | Item::Feed(_) | Item::Cut { .. } | Item::Drawer => Vec::new(),
        };
        self.items.iter().flat_map(of).collect()
    }

    /// How often the paper was cut.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.items.iter().filter(|item| matches!(item, Item::Cut { .. })).count()
    }

    /// The pieces of paper: each ends with its cut; a last one without a cut still hangs in the printer.
    #[must_use]
    pub fn pieces(&self) -> Vec<Self> {
        self.items
            .split_inclusive(|item| matches!(item, Item::Cut { .. }))
            .map(|items| Self { items: items.to_vec(), density: self.density })
            .collect()
    }
}

/// Why the bytes are no slip, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewError {
    /// The place in bytes from the beginning.
    pub offset: usize,
    /// What is wrong there.
    pub what: String,
}

impl std::fmt::Display for ViewError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for ViewError {}

/// Reads what this printer would print from these bytes.
///
/// # Errors
/// [`ViewError`] for whatever the printer would print as garbage or not at all.
pub fn read(bytes: &[u8], printer: Printer) -> Result<SlipView, ViewError> {
    let mut pen = Pen::new(printer);
    let mut offset = 0;
    while offset < bytes.len() {
        let (command, length) = next_command(&bytes[offset..]).map_err(|fault| ViewError {
            offset,
            what: match fault {
                Fault::Incomplete => "the slip ends inside a command".to_owned(),
                Fault::Unknown(what) => format!("unknown command {what}"),
            },
        })?;
        pen.take(&command).map_err(|what| ViewError { offset, what })?;
        offset += length;
    }
    pen.end_line();
    Ok(pen.view)
}

#[derive(Debug, Clone, Default)]
struct Code {
    module_dots: u32,
    level: Option<qrcode::EcLevel>,
    stored: Vec<u8>,
}

/// The printer's state while it reads.
struct Pen {
    printer: Printer,
    view: SlipView,
    line: Line,
    align: Align,
    ascii: Look,
    chinese: Look,
    kanji: bool,
    line_spacing_dots: u32,
    width_dots: u32,
    code: Code,
}

const PLAIN: Look = Look { width: 1, height: 1, bold: false, underlined: false, inverted: false, small: false };
const LINE_SPACING_DOTS: u32 = 30;
const QR_KIND: u8 = 49;

impl Pen {
    fn new(printer: Printer) -> Self {
        Self {
            printer,
            view: SlipView::default(),
            line: Line::default(),
            align: Align::Left,
            ascii: PLAIN,
            chinese: PLAIN,
            kanji: false,
            line_spacing_dots: LINE_SPACING_DOTS,
            width_dots: printer.width_dots,
            code: Code { module_dots: 3, ..Code::default() },
        }
    }

    fn take(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Text(bytes) => return self.text(bytes),
            Command::LineFeed => self.line_feed(),
            Command::CarriageReturn
            | Command::Cancel
            | Command::CodePage(_)
            | Command::RealTimeStatus(_)
            | Command::Status(_)
            | Command::ProcessId(_)
            | Command::AutomaticStatus(_) => {}
            Command::Tab => return self.text(b"    "),
            Command::Initialize => {
                self.end_line();
                let view = std::mem::take(&mut self.view);
                *self = Self { view, ..Self::new(self.printer) };
            }
            Command::Align(side) => self.align = [Align::Left, Align::Centre, Align::Right][usize::from(*side).min(2)],
            Command::FeedLines(lines) => {
                self.end_line();
                self.feed(u32::from(*lines) * self.line_spacing_dots);
            }
            Command::FeedDots(dots) => {
                self.end_line();
                self.feed(u32::from(*dots));
            }
            Command::LineSpacing(dots) => self.line_spacing_dots = dots.map_or(LINE_SPACING_DOTS, u32::from),
            Command::Position(dots) => return self.position(u32::from(*dots)),
            Command::LeftMargin(dots) => self.width_dots = self.printer.width_dots.saturating_sub(u32::from(*dots)),
            Command::PrintWidth(dots) => self.width_dots = u32::from(*dots).min(self.printer.width_dots),
            Command::Drawer(..) => self.view.items.push(Item::Drawer),
            Command::Cut { partial, feed } => {
                self.end_line();
                self.feed(u32::from(*feed));
                self.view.items.push(Item::Cut { partial: *partial });
            }
            Command::Raster { doubled, width_bytes, height, bits } => return self.raster(*doubled, *width_bytes, *height, bits),
            Command::Code2d { kind, function, data } => return self.code(*kind, *function, data),
            Command::UpsideDown(true) => return Err("slips are not printed upside down".to_owned()),
            Command::UpsideDown(false) => {}
            Command::Density(density) => self.view.density = Some(*density).filter(|density| *density != 0),
            other => self.look(other),
        }
        Ok(())
    }

    fn look(&mut self, command: &Command) {
        let both = |pen: &mut Self, change: &dyn Fn(&mut Look)| {
            change(&mut pen.ascii);
            change(&mut pen.chinese);
        };
        let common = self.printer.chinese_size == ChineseSize::Common;
        match *command {
            Command::Bold(on) => both(self, &|look| look.bold = on),
            Command::Inverted(on) => both(self, &|look| look.inverted = on),
            Command::Underline(dots) => self.ascii.underlined = dots > 0,
            Command::KanjiUnderline(dots) => self.chinese.underlined = dots > 0,
            Command::Font(font) => self.ascii.small = font == 1,
            Command::Size(size) => self.resize(u32::from(size >> 4) + 1, u32::from(size & 0x0F) + 1, common),
            Command::PrintMode(mode) => {
                self.ascii.small = mode & 0x01 != 0;
                self.ascii.bold = mode & 0x08 != 0;
                self.ascii.underlined = mode & 0x80 != 0;
                self.resize(1 + u32::from(mode & 0x20 != 0), 1 + u32::from(mode & 0x10 != 0), common);
            }
            Command::KanjiMode(mode) => {
                self.chinese.width = 1 + u32::from(mode & 0x04 != 0);
                self.chinese.height = 1 + u32::from(mode & 0x08 != 0);
                self.chinese.underlined = mode & 0x80 != 0;
            }
            Command::KanjiQuadruple(on) => (self.chinese.width, self.chinese.height) = if on { (2, 2) } else { (1, 1) },
            Command::Kanji(on) => self.kanji = on,
            _ => {}
        }
    }

    fn resize(&mut self, width: u32, height: u32, chinese_too: bool) {
        (self.ascii.width, self.ascii.height) = (width, height);
        if chinese_too {
            (self.chinese.width, self.chinese.height) = (width, height);
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if *first < 0x80 {
                self.put(char::from(*first), self.ascii, if self.ascii.small { ASCII_B_DOTS } else { ASCII_DOTS });
                rest = &rest[1..];
            } else {
                let (character, length) = self.chinese(rest)?;
                self.put(character, self.chinese, CHINESE_DOTS);
                rest = &rest[length..];
            }
        }
        Ok(())
    }

    fn chinese(&self, bytes: &[u8]) -> Result<(char, usize), String> {
        if !self.kanji {
            return Err(format!("byte {:02X} outside kanji mode (FS &)", bytes[0]));
        }
        let four = bytes.get(1).is_some_and(u8::is_ascii_digit);
        if four && self.printer.charset == Charset::Gbk {
            return Err("a character of four bytes on a printer that has GBK only".to_owned());
        }
        let length = if four { 4 } else { 2 };
        let sequence = bytes.get(..length).ok_or("the text ends inside a character")?;
        let decoded = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(sequence);
        let character =
            decoded.as_ref().and_then(|text| text.chars().next()).ok_or_else(|| format!("{sequence:02X?} is no GB18030 character"))?;
        if ('\u{E000}'..='\u{F8FF}').contains(&character) {
            return Err(format!("{sequence:02X?} is a private character: the printer has no glyph for it"));
        }
        Ok((character, length))
    }

    fn put(&mut self, character: char, look: Look, dots: u32) {
        let dots = dots * look.width;
        if self.line.width_dots + dots > self.width_dots && !self.line.spans.is_empty() {
            self.line.broken = true;
            self.end_line();
        }
        self.line.width_dots += dots;
        match self.line.spans.last_mut() {
            Some(span) if span.look == look => span.text.push(character),
            _ => self.line.spans.push(Span { text: character.to_string(), look }),
        }
    }

    fn position(&mut self, dots: u32) -> Result<(), String> {
        if dots < self.line.width_dots {
            return Err(format!("position {dots} lies inside the text already printed to {}", self.line.width_dots));
        }
        let blanks = (dots - self.line.width_dots) / ASCII_DOTS;
        for _ in 0..blanks {
            self.put(' ', PLAIN, ASCII_DOTS);
        }
        self.line.width_dots = dots;
        Ok(())
    }

    fn line_feed(&mut self) {
        if self.line.spans.is_empty() {
            self.feed(self.line_spacing_dots);
        } else {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if !self.line.spans.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.view.items.push(Item::Line(Line { align: self.align, ..line }));
        }
    }

    fn feed(&mut self, dots: u32) {
        if dots > 0 {
            self.view.items.push(Item::Feed(dots));
        }
    }

    fn raster(&mut self, doubled: (bool, bool), width_bytes: u16, height: u16, bits: &[u8]) -> Result<(), String> {
        self.end_line();
        let picture =
            Picture::from_bits(width_bytes.into(), height.into(), bits).scaled(1 + u32::from(doubled.0), 1 + u32::from(doubled.1));
        if picture.width > self.width_dots {
            return Err(format!("a picture of {} dots on {} dots of paper", picture.width, self.width_dots));
        }
        self.view.items.push(Item::Picture { picture, align: self.align });
        Ok(())
    }

    fn code(&mut self, kind: u8, function: u8, data: &[u8]) -> Result<(), String> {
        if kind != QR_KIND {
            return Err(format!("a two-dimensional code of kind {kind}, not QR"));
        }
        match (function, data) {
            (65, [49 | 50, 0]) | (82, [48]) => {}
            (67, [dots @ 1..=16]) => self.code.module_dots = u32::from(*dots),
            (69, [level @ 48..=51]) => {
                use qrcode::EcLevel::{H, L, M, Q};
                self.code.level = Some([L, M, Q, H][usize::from(level - 48)]);
            }
            (80, [48, payload @ ..]) if !payload.is_empty() => self.code.stored = payload.to_vec(),
            (81, [48]) => return self.print_code(),
            _ => return Err(format!("QR function {function} with {data:02X?}")),
        }
        Ok(())
    }

    fn print_code(&mut self) -> Result<(), String> {
        self.end_line();
        let payload = String::from_utf8(self.code.stored.clone()).map_err(|_| "the QR code's text is not UTF-8")?;
        if payload.is_empty() {
            return Err("a QR code is printed before its text was stored".to_owned());
        }
        let level = self.code.level.unwrap_or(qrcode::EcLevel::L);
        if qrcode::QrCode::with_error_correction_level(payload.as_bytes(), level).is_err() {
            return Err(format!("a text of {} bytes, longer than any QR code", payload.len()));
        }
        let drawn = qr::draw(payload.as_bytes(), level, self.code.module_dots);
        if drawn.width > self.width_dots {
            return Err(format!("a QR code of {} dots with its quiet zone on {} dots of paper", drawn.width, self.width_dots));
        }
        self.view.items.push(Item::Qr(Qr { payload, module_dots: self.code.module_dots, level, align: self.align }));
        Ok(())
    }
}

#[cfg(test)]
#[path = "slip_view_tests.rs"]
mod tests;
