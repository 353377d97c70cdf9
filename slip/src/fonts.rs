//! Fonts and text blocks, by cosmic-text. Knows nothing of slips.
//!
//! Architecture Invariant: fonts are handed in; nothing is searched for on the machine, so that a slip
//! looks the same on the printer and in the server's preview.

use std::path::{Path, PathBuf};

use cosmic_text::{Align, Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, Wrap, fontdb};

use crate::{SlipError, picture::Picture};

/// Where Debian's package `fonts-noto-cjk` puts the two weights that slips use.
pub const DEBIAN_NOTO_CJK: [&str; 2] =
    ["/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"];

/// Fonts to draw with.
pub struct Fonts {
    system: FontSystem,
    glyphs: SwashCache,
    family: String,
}

impl Fonts {
    /// Fonts from the bytes of font files (TTF, OTF, TTC), regular and bold.
    #[must_use]
    pub fn from_bytes(files: Vec<Vec<u8>>) -> Self {
        let mut database = fontdb::Database::new();
        for file in files {
            database.load_font_data(file);
        }
        Self::from_database(database)
    }

    /// Fonts from files that exist among `paths`; they are mapped, not copied into memory.
    ///
    /// # Errors
    /// [`SlipError::NoFont`] when none of them can be read.
    pub fn from_files<P: AsRef<Path>>(paths: &[P]) -> Result<Self, SlipError> {
        let mut database = fontdb::Database::new();
        let mut read = 0;
        for path in paths {
            read += usize::from(database.load_font_file(path).is_ok());
        }
        if read == 0 {
            return Err(SlipError::NoFont { tried: paths.iter().map(|path| PathBuf::from(path.as_ref())).collect() });
        }
        Ok(Self::from_database(database))
    }

    fn from_database(database: fontdb::Database) -> Self {
        let names = || database.faces().flat_map(|face| face.families.iter().map(|(name, _)| name.as_str()));
        let simplified = |name: &&str| name.ends_with(" SC") || name.ends_with(" CN") || name.contains("Sans GB");
        let family = names().find(simplified).or_else(|| names().next()).unwrap_or("Noto Sans CJK SC").to_owned();
        Self { system: FontSystem::new_with_locale_and_db("zh-CN".to_owned(), database), glyphs: SwashCache::new(), family }
    }

    /// Sets `spans` (text and whether it is bold) as one paragraph, `width` dots wide at most.
    pub(crate) fn block(&mut self, spans: &[(&str, bool)], style: Style, width: u32) -> Block {
        let mut buffer = Buffer::new(&mut self.system, Metrics::new(style.size, style.line_height));
        buffer.set_wrap(Wrap::WordOrGlyph);
        buffer.set_size(Some(width as f32), None);
        let plain = Attrs::new().family(Family::Name(&self.family));
        let glued: Vec<(String, bool)> = spans.iter().map(|(text, bold)| (glue_digits(text), *bold)).collect();
        let rich = glued.iter().map(|(text, bold)| {
            let weight = if *bold { Weight::BOLD } else { Weight::NORMAL };
            (text.as_str(), plain.clone().weight(weight))
        });
        buffer.set_rich_text(rich, &plain, Shaping::Advanced, Some(style.align.into()));
        buffer.shape_until_scroll(&mut self.system, false);
        let lines = buffer.layout_runs().count() as f32;
        let text_width = buffer.layout_runs().map(|run| run.line_w).fold(0.0, f32::max);
        Block { buffer, set_width: width, width: text_width.ceil() as u32, height: (lines * style.line_height).ceil() as u32 }
    }

    /// The same, with lines of about equal length: no single 汉字 on the last one.
    pub(crate) fn balanced_block(&mut self, spans: &[(&str, bool)], style: Style, width: u32) -> Block {
        let widest = self.block(spans, style, width);
        if widest.height <= style.line_height.ceil() as u32 {
            return widest;
        }
        let (mut too_narrow, mut enough) = (0, width);
        while enough - too_narrow > BALANCE_DOTS {
            let middle = u32::midpoint(too_narrow, enough);
            if self.block(spans, style, middle).height > widest.height { too_narrow = middle } else { enough = middle }
        }
        self.block(spans, style, enough)
    }

    /// Width in dots of `text` on one line.
    pub(crate) fn width(&mut self, text: &str, bold: bool, size: f32) -> u32 {
        self.block(&[(text, bold)], Style::left(size), LINE_DOTS_MAX).width
    }
}

/// Wider than any line, in dots.
const LINE_DOTS_MAX: u32 = 100_000;
/// How exactly lines are balanced, in dots.
const BALANCE_DOTS: u32 = 8;
/// Coverage of a dot, of 255, from which it is black.
const BLACK_FROM: u8 = 112;

/// How a paragraph is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) line_height: f32,
    pub(crate) align: Side,
}

impl Style {
    pub(crate) fn left(size: f32) -> Self {
        Self { size, line_height: (size * 1.35).round(), align: Side::Left }
    }

    pub(crate) fn centred(size: f32) -> Self {
        Self { align: Side::Centre, ..Self::left(size) }
    }

    pub(crate) fn line_height(self, line_height: f32) -> Self {
        Self { line_height, ..self }
    }
}

/// Where the lines of a paragraph stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Left,
    Centre,
}

impl From<Side> for Align {
    fn from(side: Side) -> Self {
        match side {
            Side::Left => Self::Left,
            Side::Centre => Self::Center,
        }
    }
}

/// A paragraph that is set, not yet drawn.
pub(crate) struct Block {
    buffer: Buffer,
    /// Width that it was set for.
    pub(crate) set_width: u32,
    /// Width of its longest line.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Block {
    /// Draws it with its upper left corner at (`x`, `y`), in black or, on a dark ground, in white.
    pub(crate) fn draw(mut self, fonts: &mut Fonts, picture: &mut Picture, x: u32, y: u32, black: bool) {
        picture.grow(y + self.height);
        let (left, top) = (i64::from(x), i64::from(y));
        self.buffer.draw(&mut fonts.system, &mut fonts.glyphs, Color::rgb(0, 0, 0), |dx, dy, width, height, color| {
            if color.a() < BLACK_FROM {
                return;
            }
            for row in 0..i64::from(height) {
                for column in 0..i64::from(width) {
                    picture.set(left + i64::from(dx) + column, top + i64::from(dy) + row, black);
                }
            }
        });
    }
}

/// Digits stay on the line of the words beside them, two 汉字 before and one after: `最多 2 次` is never broken.
fn glue_digits(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let space = |at: usize| characters.get(at) == Some(&' ');
    let mut glued = String::with_capacity(text.len() + 8);
    for (at, character) in characters.iter().enumerate() {
        let after_digit = at > 0 && digit(at - 1);
        match character {
            ' ' if after_digit != digit(at + 1) => glued.push('\u{a0}'),
            other => glued.push(*other),
        }
        if is_han(*character) && characters.get(at + 1).is_some_and(|next| is_han(*next)) && space(at + 2) && digit(at + 3) {
            glued.push(WORD_JOINER);
        }
    }
    glued
}

/// Forbids a line break; never drawn.
const WORD_JOINER: char = '\u{2060}';

fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simplified_variant_is_chosen() {
        assert_eq!(crate::picture::tests::noto().family, "Noto Sans CJK SC");
        assert!(Fonts::from_files(&["/nowhere.ttc"]).is_err());
    }

    #[test]
    fn digits_hold_on_to_their_words() {
        assert_eq!(glue_digits("最多 2 次 再 来"), "最\u{2060}多\u{a0}2\u{a0}次 再 来");
        assert_eq!(glue_digits("11月24日 10:26"), "11月24日\u{a0}10:26");
    }
}
