//! 办件编号: a pattern per site, filled from the site's code, the matter, the date and a serial that
//! the store counts. Knows not how the serial is counted.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Longest case number the national tables take.
pub const CASE_NUMBER_CHARS_MAX: usize = 50;

/// Why text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// A brace without its partner, or an unknown name between braces.
    #[error("unknown or unclosed placeholder")]
    Placeholder,
    /// The serial starts anew each day, so site, date and serial must each be there once.
    #[error("site_code, yyyyMMdd and serial must each occur exactly once")]
    NotUnique,
    /// A character other than letters, digits and `-` outside braces.
    #[error("character not allowed")]
    Character,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    SiteCode,
    ItemCode,
    Date,
    Serial { digits: usize },
}

/// A pattern such as `{site_code}{yyyyMMdd}{serial:04}`; `{item_code}` may occur too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNumberPattern {
    parts: Vec<Part>,
}

impl CaseNumberPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternFault`] when numbers made by it could not be told apart or were never meant.
    pub fn parse(text: &str) -> Result<Self, PatternFault> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('{') {
                let (name, after) = inner.split_once('}').ok_or(PatternFault::Placeholder)?;
                parts.push(placeholder(name)?);
                rest = after;
            } else {
                let end = rest.find('{').unwrap_or(rest.len());
                let (plain, after) = rest.split_at(end);
                if !plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                    return Err(PatternFault::Character);
                }
                parts.push(Part::Text(plain.to_owned()));
                rest = after;
            }
        }
        let once = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count() == 1;
        let unique =
            once(|part| *part == Part::SiteCode) && once(|part| *part == Part::Date) && once(|part| matches!(part, Part::Serial { .. }));
        if unique { Ok(Self { parts }) } else { Err(PatternFault::NotUnique) }
    }

    /// The pattern of a keeper's own series: its letters before the serial, so that no number of it is ever one that the
    /// service counts.
    #[must_use]
    pub fn of_series(&self, letters: &str) -> Self {
        let letters = Part::Text(letters.to_owned());
        let with_letters = |part: &Part| match part {
            Part::Serial { .. } => vec![letters.clone(), part.clone()],
            _ => vec![part.clone()],
        };
        Self { parts: self.parts.iter().flat_map(with_letters).collect() }
    }

    /// A number; `None` when it would be longer than [`CASE_NUMBER_CHARS_MAX`].
    #[must_use]
    pub fn format(&self, site_code: &str, item_code: &str, date: NaiveDate, serial: u32) -> Option<String> {
        let number: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::SiteCode => site_code.to_owned(),
                Part::ItemCode => item_code.to_owned(),
                Part::Date => format!("{:04}{:02}{:02}", date.year(), date.month(), date.day()),
                Part::Serial { digits } => format!("{serial:0digits$}"),
            })
            .collect();
        (number.chars().count() <= CASE_NUMBER_CHARS_MAX).then_some(number)
    }
}

fn placeholder(name: &str) -> Result<Part, PatternFault> {
    match name {
        "site_code" => Ok(Part::SiteCode),
        "item_code" => Ok(Part::ItemCode),
        "yyyyMMdd" => Ok(Part::Date),
        _ => {
            let digits = name.strip_prefix("serial:0").and_then(|digits| digits.parse().ok());
            digits.filter(|digits| (3..=9).contains(digits)).map(|digits| Part::Serial { digits }).ok_or(PatternFault::Placeholder)
        }
    }
}

impl Default for CaseNumberPattern {
    fn default() -> Self {
        Self { parts: vec![Part::SiteCode, Part::Date, Part::Serial { digits: 4 }] }
    }
}

impl fmt::Display for CaseNumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::SiteCode => f.write_str("{site_code}"),
            Part::ItemCode => f.write_str("{item_code}"),
            Part::Date => f.write_str("{yyyyMMdd}"),
            Part::Serial { digits } => write!(f, "{{serial:0{digits}}}"),
        })
    }
}

impl TryFrom<String> for CaseNumberPattern {
    type Error = PatternFault;
    fn try_from(text: String) -> Result<Self, PatternFault> {
        Self::parse(&text)
    }
}

impl From<CaseNumberPattern> for String {
    fn from(pattern: CaseNumberPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn numbers_follow_the_pattern_of_their_site() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let usual = CaseNumberPattern::parse("{site_code}{yyyyMMdd}{serial:04}").unwrap();
        assert_eq!(usual, CaseNumberPattern::default());
        assert_eq!(usual.format("DC", "x", date, 7).as_deref(), Some("DC202611240007"));
        assert_eq!(usual.format("DC", "x", date, 10_000).as_deref(), Some("DC2026112410000"), "the serial grows, it is never cut");
        assert_eq!(usual.format(&"D".repeat(39), "x", date, 1), None);
        let local = CaseNumberPattern::parse("A-{item_code}-{site_code}-{yyyyMMdd}{serial:06}").unwrap();
        assert_eq!(local.format("DC", "15A01", date, 7).as_deref(), Some("A-15A01-DC-20261124000007"));
        assert_eq!(serde_json::from_str::<CaseNumberPattern>(&serde_json::to_string(&local).unwrap()).unwrap(), local);
        assert_eq!(usual.of_series("K").format("DC", "x", date, 7).as_deref(), Some("DC20261124K0007"), "a keeper's own series");
    }

    #[test]
    fn patterns_that_cannot_keep_numbers_apart_are_refused() {
        for (pattern, fault) in [
            ("", PatternFault::NotUnique),
            ("{site_code}{serial:04}", PatternFault::NotUnique),
            ("{yyyyMMdd}{serial:04}", PatternFault::NotUnique),
            ("{site_code}{yyyyMMdd}{serial:04}{serial:04}", PatternFault::NotUnique),
            ("{site_code}{yyyyMMdd}{serial:4}", PatternFault::Placeholder),
            ("{site_code}{yyyyMMdd}{serial:04", PatternFault::Placeholder),
            ("{site_code}{yyyyMMdd}{serial:099}", PatternFault::Placeholder),
            ("{site_code} {yyyyMMdd}{serial:04}", PatternFault::Character),
            ("}{site_code}{yyyyMMdd}{serial:04}", PatternFault::Character),
        ] {
            assert_eq!(CaseNumberPattern::parse(pattern), Err(fault), "{pattern}");
        }
    }
}
