//! A slip as a picture of black and white dots, one pixel per dot of the print head. Knows no printer commands.

mod document;
mod paper;
mod ticket;

use protocol::slip::{PrinterProfile, Slip};

use crate::{Fonts, SlipError, short_enough};

/// Black and white dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    dots: Vec<bool>,
}

impl Picture {
    pub(crate) fn new(width: u32) -> Self {
        Self { width, dots: Vec::new() }
    }

    /// Dots in a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.dots.len() / self.width.max(1) as usize).unwrap_or(u32::MAX)
    }

    /// Whether the dot is black; outside the picture it is white.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        x < self.width && self.dots.get(y as usize * self.width as usize + x as usize).copied().unwrap_or(false)
    }

    /// Makes the picture at least `height` rows high.
    pub(crate) fn grow(&mut self, height: u32) {
        let wanted = self.width as usize * height as usize;
        if self.dots.len() < wanted {
            self.dots.resize(wanted, false);
        }
    }

    /// Sets a dot; one outside is dropped.
    pub(crate) fn set(&mut self, x: i64, y: i64, black: bool) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width as usize
            && let Some(dot) = self.dots.get_mut(y * self.width as usize + x)
        {
            *dot = black;
        }
    }

    /// Makes the picture exactly `height` rows high.
    pub(crate) fn cut_to(&mut self, height: u32) {
        self.dots.resize(self.width as usize * height as usize, false);
    }

    /// Puts another picture of the same width below.
    pub(crate) fn append(&mut self, below: &Self) {
        self.dots.extend_from_slice(&below.dots);
    }

    /// The rows `from..to` as bytes, eight dots each, the leftmost in the highest bit, black = 1.
    #[must_use]
    pub fn packed_rows(&self, from: u32, to: u32) -> Vec<u8> {
        let bytes_per_row = self.width.div_ceil(8);
        let mut bytes = Vec::with_capacity((bytes_per_row * to.saturating_sub(from)) as usize);
        for y in from..to {
            for byte in 0..bytes_per_row {
                bytes.push((0..8).fold(0, |packed, bit| packed << 1 | u8::from(self.is_black(byte * 8 + bit, y))));
            }
        }
        bytes
    }

    /// The picture as PNG of one bit per pixel.
    ///
    /// # Errors
    /// [`SlipError::Png`] when the picture is empty.
    pub fn png(&self) -> Result<Vec<u8>, SlipError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height());
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header()?;
        let white_is_one: Vec<u8> = self.packed_rows(0, self.height()).into_iter().map(|byte| !byte).collect();
        writer.write_image_data(&white_is_one)?;
        writer.finish()?;
        Ok(file)
    }
}

/// The slip as it looks on paper.
pub(crate) fn draw(slip: &Slip, profile: &PrinterProfile, fonts: &mut Fonts) -> Picture {
    match slip {
        Slip::Ticket(ticket) => {
            short_enough(slip, profile, |density| ticket::draw(ticket, profile.width_dots, density, fonts), Picture::height)
        }
        Slip::Document(document) => {
            short_enough(slip, profile, |density| document::draw(document, profile.width_dots, density, fonts), Picture::height)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    pub(crate) fn noto() -> Fonts {
        Fonts::from_files(&crate::fonts::DEBIAN_NOTO_CJK).unwrap()
    }

    #[test]
    fn dots_are_packed_from_the_left() {
        let mut picture = Picture::new(10);
        picture.grow(2);
        picture.set(0, 0, true);
        picture.set(9, 1, true);
        picture.set(-1, 0, true);
        picture.set(10, 1, true);
        assert_eq!(picture.packed_rows(0, 2), [0x80, 0x00, 0x00, 0x40]);
    }
}
