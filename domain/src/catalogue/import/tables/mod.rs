//! A whole catalogue as tables (事项目录整本): every field of every matter in a few sheets that a clerk edits in a
//! spreadsheet and brings back. One sheet holds the matters, one line each; what a matter has several of (materials,
//! answers, steps …) stands on a sheet of its own, each line with the matter's 实施编码 and its place in the order.
//!
//! [`tables`] writes, [`read()`] takes back exactly that as the same matters. Read is checked as a whole, every fault with
//! sheet, row and column. A sheet that is there says everything about its part of the matters that the file names; a
//! sheet that is not there leaves its part as it is. Knows no file format beyond the text of one sheet, and no store.

mod assemble;
mod built;
mod cells;
mod fields;
mod matters;
mod parts;
mod places;
mod read;
mod write;

pub use assemble::{Known, Reading, Wanted, read};
pub use read::{FileSheet, csv_sheet, is_whole};
pub use write::{Table, csv_text, tables};

/// The column by which every line finds its matter.
pub const KEY: &str = "实施编码";
/// The matter's name beside its code on the sheets of parts: for the reader's eye, not read back.
const SEEN: &str = "事项名称（只看）";

/// A sheet of the file, in the order they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sheet {
    /// The matters.
    Matters,
    /// Their materials.
    Materials,
    /// Their questions with the answers that select materials, one line an answer.
    Situations,
    /// Their special procedures.
    Procedures,
    /// The fields of their forms.
    Form,
    /// Their steps of approval.
    Approval,
    /// Their templates of opinions.
    Opinions,
    /// The steps of their illustrated guides.
    Pictures,
}

impl Sheet {
    /// Every sheet.
    pub const ALL: [Self; 8] =
        [Self::Matters, Self::Materials, Self::Situations, Self::Procedures, Self::Form, Self::Approval, Self::Opinions, Self::Pictures];

    /// The name of the sheet, and of its file where each sheet is one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Matters => "事项",
            Self::Materials => "材料",
            Self::Situations => "情形",
            Self::Procedures => "特别程序",
            Self::Form => "申请表",
            Self::Approval => "审批步骤",
            Self::Opinions => "意见模板",
            Self::Pictures => "图例版",
        }
    }

    /// The sheet of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sheet| sheet.name() == name)
    }

    /// The header, with what each column holds.
    #[must_use]
    pub fn columns(self) -> Vec<(&'static str, Kind)> {
        fn of<T>(columns: &[Column<T>]) -> Vec<(&'static str, Kind)> {
            columns.iter().map(|column| (column.name, column.kind)).collect()
        }
        let mut header = vec![(KEY, Kind::Text)];
        if self != Self::Matters {
            header.push((SEEN, Kind::Text));
        }
        header.extend(match self {
            Self::Matters => of(matters::COLUMNS),
            Self::Materials => of(parts::MATERIALS),
            Self::Situations => of(parts::ANSWERS),
            Self::Procedures => of(parts::PROCEDURES),
            Self::Form => of(fields::COLUMNS),
            Self::Approval => of(parts::STEPS),
            Self::Opinions => of(parts::OPINIONS),
            Self::Pictures => of(parts::PICTURES),
        });
        header
    }

    /// A column that no other sheet has: by it a sheet is known that somebody gave another name.
    fn mark(self) -> &'static str {
        match self {
            Self::Matters => "承诺期限（工作日）",
            Self::Materials => "材料名称",
            Self::Situations => "答案",
            Self::Procedures => "程序",
            Self::Form => "栏目代号",
            Self::Approval => "步骤编号",
            Self::Opinions => "意见内容",
            Self::Pictures => "图片描述",
        }
    }
}

/// What stands in the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A short text, a code or a phone: never a number.
    Text,
    /// A long text, or several entries with one on each line.
    Long,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A column of lines of one sort.
struct Column<T> {
    /// In the header.
    name: &'static str,
    /// The field as the checks of a matter name it, within its line.
    field: &'static str,
    kind: Kind,
    write: fn(&T) -> String,
    /// Takes the cell's text; says what to do when it cannot.
    read: fn(&mut T, &str) -> Result<(), String>,
}

#[cfg(test)]
mod tests;
