//! What is wrong with a document of the plan: everything at once, each with its path. Knows no document.

use crate::codes::{TextFault, clean_line, clean_lines};

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFault {
    /// Path within the document.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<PlanFault>);

impl Faults {
    pub(super) fn check(&mut self, holds: bool, field: &str, code: &'static str, text: &str) {
        if !holds {
            self.0.push(PlanFault { field: field.to_owned(), code, text: text.to_owned() });
        }
    }

    /// One line, cleaned in place; it may be empty unless it is wanted.
    pub(super) fn line(&mut self, text: &mut String, chars_max: usize, wanted: bool, field: &str) {
        self.taken(text, wanted, field, |text| clean_line(text, chars_max));
    }

    /// Several lines, cleaned in place.
    pub(super) fn lines(&mut self, text: &mut String, chars_max: usize, wanted: bool, field: &str) {
        self.taken(text, wanted, field, |text| clean_lines(text, chars_max));
    }

    fn taken(&mut self, text: &mut String, wanted: bool, field: &str, clean: impl Fn(&str) -> Result<String, TextFault>) {
        match clean(text) {
            Ok(cleaned) => *text = cleaned,
            Err(TextFault::Empty) if !wanted => text.clear(),
            Err(fault) => self.0.push(PlanFault { field: field.to_owned(), code: fault.code(), text: fault.message() }),
        }
    }

    /// Nothing, or everything that was wrong.
    pub(super) fn found(self) -> Result<(), Vec<PlanFault>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// Whether text can name a thing of the plan: 1 to 32 of `a-z0-9-`.
pub(super) fn is_key(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
