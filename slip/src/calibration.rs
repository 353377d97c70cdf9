//! What a printer's test sheet shows beside its words: sizes, characters that printers lack, patches of black and grey.

use crate::picture::Picture;

/// One line in each size: half-width and full-width beside each other.
pub(crate) const CALIBRATION_SIZES: &str = "国A8";
/// The first two are in GBK's later rows, the third only in GB18030, the last in no printer's font.
pub(crate) const CALIBRATION_CHARACTERS: &str = "镕喆 㵘 𠮷";
/// Height of the patches, in dots.
const PATCH_DOTS: u32 = 56;

/// Four patches over the whole width: black, half, quarter, and lines of one dot.
pub(crate) fn patches(width: u32) -> Picture {
    let mut picture = Picture::new(width);
    picture.grow(PATCH_DOTS);
    for y in 4..PATCH_DOTS - 4 {
        for x in 0..width {
            let black = match x * 4 / width {
                0 => true,
                1 => (x + y).is_multiple_of(2),
                2 => x.is_multiple_of(2) && y.is_multiple_of(2),
                _ => x.is_multiple_of(4),
            };
            // White between them.
            let gap = x * 4 % width < 4 * 6;
            picture.set(x.into(), y.into(), black && !gap);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_as_dark_as_they_say() {
        let picture = patches(576);
        let share = |from: u32| {
            let black = (4..52).flat_map(|y| (from + 8..from + 136).map(move |x| (x, y))).filter(|(x, y)| picture.is_black(*x, *y));
            black.count() * 100 / (48 * 128)
        };
        assert_eq!([share(0), share(144), share(288), share(432)], [100, 50, 25, 25]);
    }
}
