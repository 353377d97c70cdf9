//! Text that may reach a printer. Knows nothing of printers: only which characters are text.
//!
//! Architecture Invariant: every text of a slip passes [`Printable::new`]; the command writer takes
//! nothing else, so a name can never become a command or turn the reading direction.

/// Text without control, direction and invisible characters, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// Keeps what is text: white space becomes single spaces; other controls (C0, C1, DEL), bidi marks,
    /// zero-width spaces, line and paragraph separators, interlinear marks and tags are dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut kept = String::with_capacity(text.len());
        for character in text.chars() {
            if character.is_whitespace() {
                if !kept.is_empty() && !kept.ends_with(' ') {
                    kept.push(' ');
                }
            } else if !dropped(character) {
                kept.push(character);
            }
        }
        kept.truncate(kept.trim_end().len());
        Self(kept)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A part of it, already printable. Spaces at its ends stay, for lines that are set by columns.
    pub(crate) fn part(text: &str) -> Self {
        Self(text.chars().filter(|c| *c == ' ' || !(c.is_whitespace() || dropped(*c))).collect())
    }
}

fn dropped(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_directions_go_and_names_stay() {
        assert_eq!(Printable::new("\u{1b}@王\u{202e}明\0\u{10}\u{4}\u{1}").as_str(), "@王明");
        assert_eq!(Printable::new("  白桦镇\r\n便民\t\u{2028}中心 ").as_str(), "白桦镇 便民 中心");
        assert_eq!(Printable::new("㐂𠮷ᠮᠣᠩᠭᠣᠯ").as_str(), "㐂𠮷ᠮᠣᠩᠭᠣᠯ");
        assert!(Printable::new("\u{feff}\u{9b}\u{7f}").is_empty());
    }
}
