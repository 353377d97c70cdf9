//! What text from people may hold. Refuses instead of repairing, except for white space at the ends.

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing but white space.
    #[error("empty")]
    Empty,
    /// More characters than the limit, which is named.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control, direction or invisible character.
    #[error("forbidden character U+{:04X}", *.0 as u32)]
    Forbidden(char),
}

impl TextFault {
    /// Stable code for problem documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too_long",
            Self::Forbidden(_) => "forbidden_character",
        }
    }

    /// What to do about it, in Chinese.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::Empty => "请填写".to_owned(),
            Self::TooLong(limit) => format!("太长了，最多 {limit} 个字"),
            Self::Forbidden(found) => format!("含有看不见的控制字符（U+{:04X}），请删去后重填", u32::from(found)),
        }
    }
}

/// A single line, trimmed, of 1 to `chars_max` characters.
///
/// # Errors
/// [`TextFault`]; tabs and line breaks inside the line are control characters.
pub fn clean_line(text: &str, chars_max: usize) -> Result<String, TextFault> {
    clean(text.trim(), chars_max, is_forbidden)
}

/// Text of several lines, trimmed, with `\n` as the only line break, of 1 to `chars_max` characters.
///
/// # Errors
/// [`TextFault`].
pub fn clean_lines(text: &str, chars_max: usize) -> Result<String, TextFault> {
    let text = text.replace("\r\n", "\n");
    clean(text.trim(), chars_max, |c| c != '\n' && is_forbidden(c))
}

fn clean(text: &str, chars_max: usize, forbidden: impl Fn(char) -> bool) -> Result<String, TextFault> {
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    if text.chars().count() > chars_max {
        return Err(TextFault::TooLong(chars_max));
    }
    match text.chars().find(|c| forbidden(*c)) {
        Some(found) => Err(TextFault::Forbidden(found)),
        None => Ok(text.to_owned()),
    }
}

/// Joiners and Mongolian variation selectors stay: scripts of the region need them.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x061C | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
        || (u32::from(c) & 0xFFFE) == 0xFFFE
}

/// Full-width digits, letters and signs (as an input method leaves them) as their ASCII forms.
#[must_use]
pub fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            0x3000 => ' ',
            wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_hostile_characters_refused() {
        assert_eq!(clean_line("  王小明\u{3000}", 30), Ok("王小明".into()));
        assert_eq!(clean_line("阿依古丽·买买提", 30), Ok("阿依古丽·买买提".into()));
        assert_eq!(clean_line("ᠮᠣᠩᠭᠤᠯ\u{180B}\u{202F}ᠤᠨ", 30), Ok("ᠮᠣᠩᠭᠤᠯ\u{180B}\u{202F}ᠤᠨ".into()));
        for hostile in [
            '\0',
            '\u{1b}',
            '\n',
            '\t',
            '\u{7f}',
            '\u{9b}',
            '\u{202E}',
            '\u{2066}',
            '\u{200F}',
            '\u{FEFF}',
            '\u{2028}',
            '\u{E0041}',
            '\u{1FFFF}',
        ] {
            assert_eq!(clean_line(&format!("王{hostile}明"), 30), Err(TextFault::Forbidden(hostile)), "U+{:04X}", u32::from(hostile));
        }
        assert_eq!(clean_line(" \t ", 30), Err(TextFault::Empty));
    }

    #[test]
    fn lengths_count_characters_not_bytes() {
        assert_eq!(clean_line(&"字".repeat(200), 200), Ok("字".repeat(200)));
        assert_eq!(clean_line(&"字".repeat(201), 200), Err(TextFault::TooLong(200)));
    }

    #[test]
    fn several_lines_have_one_kind_of_break() {
        assert_eq!(clean_lines("一\r\n二\n三\n", 30), Ok("一\n二\n三".into()));
        assert_eq!(clean_lines("一\r二", 30), Err(TextFault::Forbidden('\r')));
    }

    #[test]
    fn full_width_forms_become_ascii() {
        assert_eq!(narrow("１５２Ｘ（王）\u{3000}号"), "152X(王) 号");
    }
}
