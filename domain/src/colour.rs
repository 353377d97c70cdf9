//! The accent colour of a site, within the contrast rule: text on it and it as text stay readable (WCAG 2.1 AA,
//! 4.5 : 1). Knows no page.

use serde::{Deserialize, Serialize};

/// Least contrast of text, as a ratio to one.
pub const CONTRAST_MIN: f64 = 4.5;
/// The grounds that an accent stands on, and whose white stands on it: white, and the warm paper of the pages.
const GROUNDS: [Colour; 2] = [Colour { red: 0xFF, green: 0xFF, blue: 0xFF }, Colour { red: 0xF8, green: 0xF6, blue: 0xF2 }];

/// A colour of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    /// Takes `#0B5560`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// As it is written, `#0b5560`.
    #[must_use]
    pub fn text(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Relative luminance, 0 to 1 (WCAG 2.1).
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// The contrast of two colours, 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The least contrast that it has as an accent.
    #[must_use]
    pub fn as_accent(self) -> f64 {
        GROUNDS.into_iter().map(|ground| self.contrast(ground)).fold(f64::INFINITY, f64::min)
    }

    /// The same, darker by a share in per cent, for hover and press.
    #[must_use]
    pub fn darker(self, percent: u8) -> Self {
        let part = |part: u8| u8::try_from(u16::from(part) * (100 - u16::from(percent.min(100))) / 100).unwrap_or(part);
        Self { red: part(self.red), green: part(self.green), blue: part(self.blue) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap_or(Colour { red: 1, green: 2, blue: 3 })
    }

    #[test]
    fn contrast_is_that_of_the_rule() {
        assert!((colour("#000000").contrast(colour("#ffffff")) - 21.0).abs() < 1e-9);
        assert!((colour("#767676").contrast(colour("#ffffff")) - 4.54).abs() < 0.01, "the known lightest grey");
        assert!((colour("#0B5560").contrast(colour("#FFFFFF")) - 8.5).abs() < 0.1, "the house's own primary");
        assert!(colour("#0B5560").as_accent() > CONTRAST_MIN && colour("#F0B323").as_accent() < CONTRAST_MIN);
        assert!(colour("#767676").as_accent() < CONTRAST_MIN, "enough on white and not on paper");
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(Colour::parse("#0b5560").map(Colour::text).as_deref(), Some("#0b5560"));
        for wrong in ["", "0b5560", "#0b556", "#0b55600", "#0b556g", "#０b5560", "red"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
        assert_eq!(colour("#646464").darker(50).text(), "#323232");
    }
}
