//! Matters as a catalogue file: what this writes, [`super::read`] takes back as the same rows. UTF-8 with the
//! mark by which spreadsheets know it, lines end with `\r\n`.

use super::super::{Department, Matter};
use super::{Column, ImportRow};

/// The mark that spreadsheets know UTF-8 by.
const MARK: &str = "\u{feff}";

/// Writes rows as a file, in the order given.
#[must_use]
pub fn write(rows: &[ImportRow]) -> String {
    let mut text = MARK.to_owned();
    let header: Vec<&str> = Column::ALL.into_iter().map(Column::name).collect();
    text.push_str(&header.join(","));
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<String> = Column::ALL.into_iter().map(|column| cell(row.text(column))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

impl ImportRow {
    /// What a catalogue file says of a matter; the line is that of no file.
    #[must_use]
    pub fn of(matter: &Matter, department: &Department) -> Self {
        Self {
            line: 0,
            department: department.name.clone(),
            category: matter.category.clone(),
            name: matter.name.clone(),
            item_code: matter.code.clone(),
            matter_type: matter.matter_type,
            area_code: matter.area_code.clone(),
            department_code: department.code.clone(),
        }
    }

    /// What stands in a column.
    #[must_use]
    pub fn text(&self, column: Column) -> &str {
        match column {
            Column::Department => &self.department,
            Column::Category => &self.category,
            Column::Name => &self.name,
            Column::ItemCode => &self.item_code,
            Column::TaskType => self.matter_type.code(),
            Column::AreaCode => &self.area_code,
            Column::DepartmentCode => &self.department_code,
        }
    }
}

/// A cell, quoted where it must be, and guarded where a spreadsheet would take it for a formula.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, read};
    use super::*;
    use crate::catalogue::MatterType;

    #[test]
    fn what_is_written_is_read_back() {
        let row = |code: &str, name: &str| ImportRow {
            line: 0,
            department: "云川区民政局".to_owned(),
            category: "社会救助".to_owned(),
            name: name.to_owned(),
            item_code: code.to_owned(),
            matter_type: MatterType::Permission,
            area_code: "159901000000".to_owned(),
            department_code: "YL-1102".to_owned(),
        };
        let rows = [row("A1", "临时救助"), row("A2", "除\"特殊\"外，核发,换发"), row("=A3", "-补发"), row("A4", "@查询")];
        let text = write(&rows);
        let file = read(text.as_bytes());
        assert_eq!((file.encoding, file.faults.as_slice()), (Encoding::Utf8Mark, [].as_slice()));
        let read_back: Vec<ImportRow> = file.rows.into_iter().map(|row| ImportRow { line: 0, ..row }).collect();
        assert_eq!(read_back, rows);
        assert_eq!(write(&read_back), text, "and written again it is the same file");
        assert!(!text.contains(",=") && !text.contains(",-"), "no formula");
    }
}
