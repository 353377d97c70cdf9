//! A paper as data: what stands on it, in order. Which paper says what is decided by whoever fills it.

use serde::Serialize;

/// A paper of one or more A4 pages. Every text is shown as it is: nothing in it is markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paper {
    /// Whose paper it is, above the title and in the footer.
    pub issuer: String,
    /// What it is called.
    pub title: String,
    /// Its number, below the title.
    pub number: String,
    /// To whom it speaks; none for a list that both sides sign.
    pub addressee: Option<String>,
    /// What it says.
    pub parts: Vec<Part>,
    /// Who seals it; none for a paper that only people sign.
    pub sealed_by: Option<String>,
    /// The seal over that name and the day; none where it is set by hand, or not at all.
    #[serde(skip)]
    pub seal: Option<SealMark>,
    /// The day on it, as people write it.
    pub date: String,
    /// Lines to be signed by hand, e.g. `收件人签字`.
    pub signatures: Vec<String>,
    /// How anybody finds out that it is genuine.
    pub verify: Option<Verify>,
    /// A word across every page, e.g. for papers that are worth nothing.
    pub mark: Option<String>,
}

/// A seal on a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealMark {
    /// Its picture, a PNG whose ground is clear.
    pub png: Vec<u8>,
    /// Across it, in millimetres.
    pub size_mm: u8,
}

/// How a paper is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verify {
    /// The address that the code leads to.
    pub url: String,
    /// The code itself, to be typed.
    pub code: String,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// A paragraph.
    Text {
        /// Its words.
        text: String,
    },
    /// Names with their values, in a table of two columns.
    Facts {
        /// Name and value.
        rows: Vec<(String, String)>,
    },
    /// A table with a head.
    Table {
        /// What it lists, above it.
        heading: String,
        /// The head of each column.
        head: Vec<String>,
        /// The share of the width that each column takes.
        widths: Vec<u8>,
        /// The cells of each row.
        rows: Vec<Vec<String>>,
    },
    /// Numbered points.
    Points {
        /// What they are, above them.
        heading: String,
        /// The points.
        items: Vec<String>,
    },
}
