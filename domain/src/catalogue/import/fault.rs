//! What can be wrong in a catalogue file, with stable codes and words for the person who mends it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Column;
use crate::codes::TextFault;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// Bytes that belong to no known encoding.
    BadEncoding,
    /// The file is larger than [`super::FILE_BYTES_MAX`].
    FileTooLarge,
    /// More rows than [`super::ROWS_MAX`].
    TooManyRows,
    /// A column that the file needs is not in the header.
    MissingColumn,
    /// A column that is not known.
    UnknownColumn,
    /// A column is in the header twice.
    DuplicateColumn,
    /// A quoted cell is never closed, or goes on after its closing quote.
    UnclosedQuote,
    /// More or fewer cells than the header.
    WrongColumnCount,
    /// The matter has no name.
    MissingName,
    /// Another cell is empty.
    MissingValue,
    /// The name is longer than allowed.
    NameTooLong,
    /// Another cell is longer than allowed.
    ValueTooLong,
    /// A control or direction character.
    ForbiddenCharacter,
    /// The item code stands on an earlier line too.
    DuplicateCode,
    /// The matter type is not in the national list.
    UnknownType,
    /// The area code is no number of 6 to 12 digits.
    BadAreaCode,
    /// There are more faults than are told.
    MoreFaults,
    /// A file that calls itself a spreadsheet and cannot be opened.
    NotASheet,
    /// Several sheets hold a catalogue.
    SeveralSheets,
    /// A cell holds a formula.
    Formula,
    /// A cell is merged with others.
    MergedCells,
    /// A cell holds no text: a date, a number that lost digits, an error.
    NotText,
    /// A cell says something else than its column takes.
    BadValue,
    /// No matter has the code of the line.
    UnknownCode,
    /// What the checks of a matter say, under their own code.
    Field(&'static str),
}

impl FaultCode {
    /// The stable code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadEncoding => "bad_encoding",
            Self::FileTooLarge => "file_too_large",
            Self::TooManyRows => "too_many_rows",
            Self::MissingColumn => "missing_column",
            Self::UnknownColumn => "unknown_column",
            Self::DuplicateColumn => "duplicate_column",
            Self::UnclosedQuote => "unclosed_quote",
            Self::WrongColumnCount => "wrong_column_count",
            Self::MissingName => "missing_name",
            Self::MissingValue => "missing_value",
            Self::NameTooLong => "name_too_long",
            Self::ValueTooLong => "value_too_long",
            Self::ForbiddenCharacter => "forbidden_character",
            Self::DuplicateCode => "duplicate_code",
            Self::UnknownType => "unknown_type",
            Self::BadAreaCode => "bad_area_code",
            Self::MoreFaults => "more_faults",
            Self::NotASheet => "not_a_sheet",
            Self::SeveralSheets => "several_sheets",
            Self::Formula => "formula",
            Self::MergedCells => "merged_cells",
            Self::NotText => "not_text",
            Self::BadValue => "bad_value",
            Self::UnknownCode => "unknown_code",
            Self::Field(code) => code,
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FaultCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault, in the form the import prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportFault {
    /// Name of the sheet, in a file of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Line of the file, from 1; inside a row with line breaks, that of the cell.
    pub line: usize,
    /// Name of the column; `None` when it is the whole row.
    pub column: Option<String>,
    /// What kind.
    pub code: FaultCode,
    /// What to do, in Chinese.
    pub message: String,
}

impl ImportFault {
    /// A fault at a line, and a column where it is one cell's.
    #[must_use]
    pub fn new(line: usize, column: Option<&str>, code: FaultCode, message: String) -> Self {
        Self { sheet: None, line, column: column.map(str::to_owned), code, message }
    }
}

/// The fault of a cell whose text was not clean.
pub(super) fn of_text(column: Column, fault: TextFault, chars: usize) -> (FaultCode, String) {
    match (fault, column) {
        (TextFault::Empty, Column::Name) => (FaultCode::MissingName, "事项名称没填".to_owned()),
        (TextFault::Empty, _) => (FaultCode::MissingValue, format!("{} 没填", column.name())),
        (TextFault::TooLong(limit), Column::Name) => (FaultCode::NameTooLong, format!("事项名称有 {chars} 个字，最多 {limit} 个")),
        (TextFault::TooLong(limit), _) => (FaultCode::ValueTooLong, format!("{} 有 {chars} 个字，最多 {limit} 个", column.name())),
        (TextFault::Forbidden(_), _) => (FaultCode::ForbiddenCharacter, fault.message()),
    }
}
