//! A grey picture: what slips, screenshots and the QR reader exchange. Knows PNG and nothing of what it shows.

/// A grey picture, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// One byte a pixel, 0 is black.
    pub grey: Vec<u8>,
}

const WHITE: u8 = 255;

impl Picture {
    /// A white picture of this size in pixels.
    #[must_use]
    pub fn white(width: u32, height: u32) -> Self {
        Self { width, height, grey: vec![WHITE; width as usize * height as usize] }
    }

    /// A picture from rows of bits padded to whole bytes, 1 is black, as printers take them.
    ///
    /// # Panics
    /// When `bits` is shorter than the rows.
    #[must_use]
    pub fn from_bits(width_bytes: u32, height: u32, bits: &[u8]) -> Self {
        let mut picture = Self::white(width_bytes * 8, height);
        for (index, pixel) in picture.grey.iter_mut().enumerate() {
            if bits[index / 8] & (0x80 >> (index % 8)) != 0 {
                *pixel = 0;
            }
        }
        picture
    }

    /// The pixel at a place; white outside the picture.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> u8 {
        if x < self.width && y < self.height { self.grey[(y * self.width + x) as usize] } else { WHITE }
    }

    /// Darkens one pixel to at most this grey; nothing happens outside the picture.
    pub fn darken(&mut self, x: u32, y: u32, grey: u8) {
        if x < self.width && y < self.height {
            let pixel = &mut self.grey[(y * self.width + x) as usize];
            *pixel = grey.min(*pixel);
        }
    }

    /// Draws another picture over this one, its upper left corner at the given place; white stays transparent.
    pub fn draw(&mut self, other: &Self, left: u32, top: u32) {
        for y in 0..other.height {
            for x in 0..other.width {
                self.darken(left + x, top + y, other.at(x, y));
            }
        }
    }

    /// The same picture with every pixel repeated this many times in each direction.
    #[must_use]
    pub fn scaled(&self, across: u32, down: u32) -> Self {
        let mut picture = Self::white(self.width * across, self.height * down);
        for y in 0..picture.height {
            for x in 0..picture.width {
                picture.darken(x, y, self.at(x / across, y / down));
            }
        }
        picture
    }

    /// How much of the picture is dark, from 0 to 1.
    #[must_use]
    pub fn blackness(&self) -> f64 {
        let dark = self.grey.iter().filter(|pixel| **pixel < 128).count();
        dark as f64 / self.grey.len().max(1) as f64
    }

    /// The picture as a PNG file.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a PNG header in memory");
        writer.write_image_data(&self.grey).expect("as many pixels as the header says");
        writer.finish().expect("the end of the PNG");
        file
    }

    /// Reads a PNG file of any colour type; transparent pixels are seen on white.
    ///
    /// # Panics
    /// When the bytes are no PNG.
    #[must_use]
    pub fn from_png(file: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a PNG file");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a picture that fits into memory")];
        let frame = reader.next_frame(&mut bytes).expect("the pixels of the PNG");
        let channels = frame.color_type.samples();
        let grey = bytes[..frame.buffer_size()].chunks_exact(channels).map(grey_of).collect();
        Self { width: frame.width, height: frame.height, grey }
    }
}

fn grey_of(pixel: &[u8]) -> u8 {
    let (colour, alpha) = match pixel {
        [grey] => (u32::from(*grey), 255),
        [grey, alpha] => (u32::from(*grey), u32::from(*alpha)),
        [red, green, blue] => (luminance(*red, *green, *blue), 255),
        [red, green, blue, alpha, ..] => (luminance(*red, *green, *blue), u32::from(*alpha)),
        [] => (255, 255),
    };
    let seen = (colour * alpha + 255 * (255 - alpha)) / 255;
    u8::try_from(seen).unwrap_or(WHITE)
}

fn luminance(red: u8, green: u8, blue: u8) -> u32 {
    (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_survives_the_way_through_a_png_file() {
        let picture = Picture::from_bits(2, 2, &[0b1000_0001, 0xFF, 0x00, 0x01]);
        assert_eq!((picture.width, picture.height, picture.at(0, 0), picture.at(1, 0), picture.at(15, 1)), (16, 2, 0, 255, 0));
        assert_eq!(Picture::from_png(&picture.to_png()), picture);
        assert_eq!(picture.scaled(2, 3).at(1, 2), 0);
        assert!((picture.blackness() - 11.0 / 32.0).abs() < 1e-9);
    }
}
