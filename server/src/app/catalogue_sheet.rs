//! A catalogue's spreadsheet (XLSX) as text for the rules of the import. Knows no matter's rule. Nothing is guessed: a
//! formula, a merged cell, a day where a text belongs or a number that may have lost digits is told with its place.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, copy, sink};

use calamine::{DataRef, Dimensions, Reader as _, Xlsx, XlsxError};
use domain::catalogue::import::tables::{FileSheet, KEY};
use domain::catalogue::import::{Column, FILE_BYTES_MAX, FaultCode, ImportFault, ImportFile, ROWS_MAX, SheetRow, read_sheet};

/// Content type of such a file.
pub const SHEET_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Bytes that a file may unpack to.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Columns that are looked at; the widest sheet of a catalogue has fewer than fifty.
const COLUMNS_MAX: u32 = 64;
/// Rows that are looked at beyond those that can be taken, for the header and empty ones.
const ROWS_SPARE: u32 = 1_000;
/// Digits that a number in a spreadsheet keeps.
const DIGITS_EXACT: f64 = 1e15;

type Book = Xlsx<Cursor<Vec<u8>>>;

/// Whether a file is packed as spreadsheets are.
#[must_use]
pub fn is_sheet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the one sheet of a spreadsheet that has the columns of a simple catalogue file, and gives all that stands in it
/// as text, in broken rows too.
pub(super) fn read_single(sheets: &[FileSheet]) -> (ImportFile, String) {
    match single(sheets) {
        Ok(rows) => {
            let text = rows.iter().flat_map(|row| &row.cells).map(String::as_str).collect::<Vec<_>>().join("\n");
            (read_sheet(rows, Vec::new()), text)
        }
        Err(fault) => (read_sheet(&[], vec![fault]), String::new()),
    }
}

fn unreadable(what: &str) -> ImportFault {
    ImportFault::new(1, None, FaultCode::NotASheet, format!("{what}，请用表格软件另存为 XLSX 再导入"))
}

/// Every sheet of a spreadsheet.
///
/// # Errors
/// Why it cannot be opened: too large, locked, no spreadsheet.
pub fn sheets_of(bytes: &[u8]) -> Result<Vec<FileSheet>, ImportFault> {
    check_size(bytes)?;
    let mut book = Book::new(Cursor::new(bytes.to_vec())).map_err(|error| match error {
        XlsxError::Password => unreadable("文件加了密码"),
        _ => unreadable("打不开这个表格"),
    })?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let rows = sheet_rows(&mut book, &name).map_err(|_| unreadable("表格里有读不懂的内容"))?;
        sheets.push(FileSheet { name, rows });
    }
    Ok(sheets)
}

/// Whether a packed file is small enough to be unpacked.
pub(super) fn check_size(bytes: &[u8]) -> Result<(), ImportFault> {
    if bytes.len() > FILE_BYTES_MAX || unpacked(bytes).is_none_or(|size| size > UNPACKED_BYTES_MAX) {
        let message = format!("文件超过 {} MB，或者压缩包是坏的", FILE_BYTES_MAX / 1024 / 1024);
        return Err(ImportFault::new(1, None, FaultCode::FileTooLarge, message));
    }
    Ok(())
}

fn single(sheets: &[FileSheet]) -> Result<&[SheetRow], ImportFault> {
    let holds = |sheet: &FileSheet| {
        sheet.rows.iter().find(|row| !row.cells.is_empty()).is_some_and(|row| {
            let is_key = |text: &String| text.trim().eq_ignore_ascii_case(Column::ItemCode.name());
            row.cells.iter().any(is_key)
        })
    };
    let named = |sheets: &[&FileSheet]| sheets.iter().map(|sheet| format!("“{}”", sheet.name)).collect::<Vec<_>>().join("、");
    let catalogues: Vec<&FileSheet> = sheets.iter().filter(|sheet| holds(sheet)).collect();
    match catalogues.as_slice() {
        [] => {
            let all: Vec<&FileSheet> = sheets.iter().collect();
            let message = format!("工作表{}的第一行都没有列名“{KEY}”或 item_code；请用导出的文件改，第一行是列名", named(&all));
            Err(ImportFault::new(1, None, FaultCode::MissingColumn, message))
        }
        [only] => Ok(&only.rows),
        several => {
            let message = format!("{}里都有目录，一个文件只放一个工作表的目录", named(several));
            Err(ImportFault::new(1, None, FaultCode::SeveralSheets, message))
        }
    }
}

/// What a packed file unpacks to, counted, not believed; `None` when it cannot be unpacked.
fn unpacked(bytes: &[u8]) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut size = 0_u64;
    for place in 0..archive.len() {
        let entry = archive.by_index(place).ok()?;
        size += copy(&mut entry.take(UNPACKED_BYTES_MAX + 1 - size), &mut sink()).ok()?;
        if size > UNPACKED_BYTES_MAX {
            break;
        }
    }
    Some(size)
}

/// What a cell says.
enum Said {
    Text(String),
    /// A day, as 2026-01-31.
    Day(String),
}

/// What a cell says, or what is wrong with it.
type Read = Result<Said, (FaultCode, String)>;

/// The rows of a sheet cell by cell, so that a lone cell far away costs nothing.
fn sheet_rows(book: &mut Book, name: &str) -> Result<Vec<SheetRow>, XlsxError> {
    let mut rows: BTreeMap<u32, BTreeMap<u32, Read>> = BTreeMap::new();
    let rows_max = u32::try_from(ROWS_MAX).unwrap_or(u32::MAX).saturating_add(ROWS_SPARE);
    let is_near = |(row, column): (u32, u32)| row < rows_max && column < COLUMNS_MAX;
    let merged: Vec<Dimensions> = match book.merge_cells_by_sheet_name(name) {
        Ok(merged) => merged,
        // A chart on a sheet of its own has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    while let Some(cell) = cells.next_cell()? {
        let at = cell.get_position();
        if is_near(at)
            && let Some(text) = text_of(cell.get_value())
        {
            rows.entry(at.0).or_default().insert(at.1, text);
        }
    }
    drop(cells);
    let mut formulas = book.worksheet_cells_reader(name)?;
    while let Some(cell) = formulas.next_formula()? {
        let at = cell.get_position();
        if is_near(at) && !cell.get_value().is_empty() {
            let told = (FaultCode::Formula, format!("{} 是公式，请粘贴成值再导入", reference(at)));
            rows.entry(at.0).or_default().insert(at.1, Err(told));
        }
    }
    for region in merged.into_iter().filter(|region| region.start != region.end && is_near(region.start)) {
        let told = format!("{}:{} 是合并单元格，请取消合并，每格都填上", reference(region.start), reference(region.end));
        // Every row of the region lacks what stands in its first cell.
        for row in region.start.0..=region.end.0.min(rows_max) {
            rows.entry(row).or_default().insert(region.start.1, Err((FaultCode::MergedCells, told.clone())));
        }
    }
    Ok(rows.into_iter().map(|(row, cells)| sheet_row(row, cells)).collect())
}

fn sheet_row(row: u32, cells: BTreeMap<u32, Read>) -> SheetRow {
    let place = |column: u32| usize::try_from(column).unwrap_or(usize::MAX);
    let mut read = SheetRow { line: place(row) + 1, ..SheetRow::default() };
    for (column, cell) in cells {
        let text = match cell {
            Ok(Said::Text(text)) => text,
            Ok(Said::Day(text)) => {
                read.dates.push(place(column));
                text
            }
            Err((code, message)) => {
                read.faults.push((place(column), code, message));
                String::new()
            }
        };
        read.cells.resize(place(column) + 1, String::new());
        read.cells[place(column)] = text;
    }
    read
}

/// A cell as text, or what is wrong with it; `None` for an empty one.
fn text_of(value: &DataRef<'_>) -> Option<Read> {
    let wrong = |message: &str| Some(Err((FaultCode::NotText, message.to_owned())));
    let said = |text: String| Some(Ok(Said::Text(text)));
    match value {
        DataRef::Empty => None,
        DataRef::String(text) => said(text.clone()),
        DataRef::SharedString(text) => said((*text).to_owned()),
        DataRef::Int(number) => said(number.to_string()),
        DataRef::Float(number) if number.abs() >= DIGITS_EXACT => wrong("这个数超过 15 位，表格软件已经丢了尾数；请把该列设为文本，重新填"),
        DataRef::Float(number) => said(number.to_string()),
        DataRef::Bool(_) => wrong("这一格是 TRUE 或 FALSE，请填文字"),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            Some(Ok(Said::Day(format!("{year:04}-{month:02}-{day:02}"))))
        }
        DataRef::DateTimeIso(text) => Some(Ok(Said::Day(text.chars().take_while(|c| *c != 'T').collect()))),
        DataRef::DateTime(_) | DataRef::DurationIso(_) => wrong("表格软件把它当成了时间；请把该列设为文本，重新填"),
        DataRef::Error(_) => wrong("这一格是出错的公式结果，请填上值"),
    }
}

/// A cell as spreadsheets name it: `C12`.
fn reference((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &(row + 1).to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use rust_xlsxwriter::{Format, Workbook};

    use super::*;

    /// What an import reads of a simple file.
    fn read(bytes: &[u8]) -> (ImportFile, String) {
        match sheets_of(bytes) {
            Ok(sheets) => read_single(&sheets),
            Err(fault) => (read_sheet(&[], vec![fault]), String::new()),
        }
    }

    fn told(file: &ImportFile) -> Vec<String> {
        file.faults.iter().map(|fault| format!("{} {} {}", fault.line, fault.column.as_deref().unwrap_or("-"), fault.code)).collect()
    }

    /// A file with the header and what the test writes below it.
    fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (place, column) in (0_u16..).zip(Column::ALL) {
            sheet.write_string(0, place, column.name()).unwrap();
        }
        fill(sheet);
        workbook.save_to_buffer().unwrap()
    }

    fn write_row(sheet: &mut rust_xlsxwriter::Worksheet, line: u32, code: &str) {
        for (place, text) in (0_u16..).zip(["区民政局", "社会救助", "低保", code, "5", "511602000000", "083"]) {
            sheet.write_string(line, place, text).unwrap();
        }
    }

    #[test]
    fn formulas_merged_cells_and_numbers_are_told_at_their_place_and_sound_rows_stay() {
        let file = book(|sheet| {
            write_row(sheet, 1, "A1");
            write_row(sheet, 2, "A2");
            sheet.write_formula(2, 2, "=\"低\"&\"保\"").unwrap();
            write_row(sheet, 3, "A3");
            write_row(sheet, 4, "A4");
            sheet.merge_range(3, 0, 4, 0, "区民政局", &Format::new()).unwrap();
            write_row(sheet, 5, "A5");
            sheet.write_number(5, 3, 1_234_567_890_123_456_789.0).unwrap();
            sheet.write_boolean(5, 2, true).unwrap();
            write_row(sheet, 6, "A6");
            sheet.write_number(6, 4, 5.0).unwrap();
            write_row(sheet, 7, "A1");
        });
        let (read, text) = read(&file);
        assert_eq!(
            told(&read),
            [
                "3 name formula",
                "4 department merged_cells",
                "5 department merged_cells",
                "6 name not_text",
                "6 item_code not_text",
                "8 item_code duplicate_code"
            ]
        );
        assert_eq!((read.row_count, read.rows.iter().map(|row| row.item_code.as_str()).collect::<Vec<_>>()), (7, vec!["A1", "A6"]));
        assert!(read.faults[1].message.contains("A4:A5") && text.contains("A3"));
    }

    #[test]
    fn other_files_and_other_sheets_are_refused_with_what_to_do() {
        assert_eq!(told(&read(b"PK\x03\x04 and nothing").0), ["1 - file_too_large"]);
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "目录见下一页").unwrap();
        let no_header = read(&workbook.save_to_buffer().unwrap()).0;
        assert_eq!((told(&no_header), no_header.header_is_broken), (vec!["1 - missing_column".to_owned()], true));
        assert!(no_header.faults[0].message.contains("“说明”"));
        let mut two = Workbook::new();
        for name in ["一", "二"] {
            two.add_worksheet().set_name(name).unwrap().write_string(0, 0, "item_code").unwrap();
        }
        assert_eq!(told(&read(&two.save_to_buffer().unwrap()).0), ["1 - several_sheets"]);
        // A sheet with notes beside the one that holds the catalogue is no harm, nor is a lone cell far away.
        let mut beside = Workbook::new();
        beside.add_worksheet().set_name("说明").unwrap().write_string(1_000_000, 16_000, "远").unwrap();
        let sheet = beside.add_worksheet();
        for (place, column) in (0_u16..).zip(Column::ALL) {
            sheet.write_string(0, place, column.name()).unwrap();
        }
        write_row(sheet, 1, "A1");
        assert_eq!(read(&beside.save_to_buffer().unwrap()).0.rows.len(), 1);
    }
}
