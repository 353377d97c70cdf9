//! The sheets of a file to lines, cell by cell; what cannot be read is told with its place. Knows no matter that is
//! there already.

use std::collections::BTreeSet;

use super::super::cells::records;
use super::super::encoding::is_undecodable;
use super::super::fault::{FaultCode, ImportFault};
use super::super::{Encoding, FAULTS_MAX, NOT_A_DAY, ROWS_MAX, SheetRow, decode, unguarded};
use super::cells::shown;
use super::{Column, KEY, Kind, SEEN, Sheet};

/// A sheet of a workbook, or a CSV file of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSheet {
    /// Its name; of a file without folder and ending.
    pub name: String,
    /// Its rows, empty ones may be left out.
    pub rows: Vec<SheetRow>,
}

/// The sheet in a CSV file. Rows are counted as spreadsheets show them, whatever line breaks stand in cells.
#[must_use]
pub fn csv_sheet(file_name: &str, bytes: &[u8]) -> FileSheet {
    let (encoding, text) = decode(bytes);
    // A text that is whole may hold characters that elsewhere stand for broken bytes.
    let is_whole = encoding != Encoding::Gb18030 && std::str::from_utf8(bytes).is_ok();
    let mut width = None;
    let mut rows = Vec::new();
    for (at, record) in records(&text).enumerate().filter(|(_, record)| !record.is_empty()) {
        let mut faults = Vec::new();
        let width = *width.get_or_insert(record.cells.len());
        if record.unclosed_quote {
            faults.push((record.cells.len(), FaultCode::UnclosedQuote, "引号没有成对".to_owned()));
        } else if record.cells.len() != width {
            let message = format!("这一行有 {} 列，应是 {width} 列", record.cells.len());
            faults.push((usize::MAX, FaultCode::WrongColumnCount, message));
        }
        let broken = |text: &str| !is_whole && text.contains(is_undecodable);
        for (place, _) in record.cells.iter().enumerate().filter(|(_, cell)| broken(&cell.text)) {
            faults.push((place, FaultCode::BadEncoding, "有无法识别的字符，请把文件另存为 UTF-8 或 GBK 后再导入".to_owned()));
        }
        let cells = record.cells.iter().map(|cell| unguarded(&cell.text).replace("\r\n", "\n")).collect();
        rows.push(SheetRow { line: at + 1, cells, faults, dates: Vec::new() });
    }
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let name = name.strip_suffix(".csv").or_else(|| name.strip_suffix(".CSV")).unwrap_or(name);
    FileSheet { name: name.to_owned(), rows }
}

/// Whether the sheets are those of a whole catalogue, told by a header with 实施编码.
#[must_use]
pub fn is_whole(sheets: &[FileSheet]) -> bool {
    sheets.iter().any(|sheet| sheet.header().is_some_and(|row| holds(row, KEY)))
}

fn holds(row: &SheetRow, name: &str) -> bool {
    row.cells.iter().any(|cell| cell.trim() == name)
}

impl FileSheet {
    fn header(&self) -> Option<&SheetRow> {
        self.rows.iter().find(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()))
    }

    /// Which sheet it is: by its name, else by a column that only that one has. Other sheets are nobody's concern.
    pub(super) fn sheet(&self) -> Option<Sheet> {
        let is_known = |sheet: &Sheet| self.header().is_some_and(|row| holds(row, KEY) && holds(row, sheet.mark()));
        Sheet::named(self.name.trim()).or_else(|| Sheet::ALL.into_iter().find(is_known))
    }
}

/// A line that was read.
pub(super) struct Line<T> {
    /// 实施编码 of its matter.
    pub(super) code: String,
    /// Its row in the sheet.
    pub(super) row: usize,
    pub(super) value: T,
}

/// What is wrong in a file, and what of it cannot be taken therefore.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) faults: Vec<ImportFault>,
    /// Codes of matters that cannot be taken as a whole.
    pub(super) broken: BTreeSet<String>,
    /// Nothing can be taken: it is not even known which matters are broken.
    pub(super) is_broken: bool,
    pub(super) row_count: usize,
}

impl Notes {
    pub(super) fn tell(&mut self, (sheet, row, column): (Sheet, usize, Option<&str>), code: FaultCode, message: String) {
        self.faults.push(ImportFault { sheet: Some(sheet.name().to_owned()), ..ImportFault::new(row, column, code, message) });
    }

    /// All faults in order of sheets and rows, those beyond the limit summed up in one.
    pub(super) fn sorted(&mut self) -> Vec<ImportFault> {
        let place = |fault: &ImportFault| (fault.sheet.as_deref().and_then(Sheet::named), fault.line);
        self.faults.sort_by_key(place);
        let mut faults = std::mem::take(&mut self.faults);
        if let Some(more) = faults.len().checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
            faults.truncate(FAULTS_MAX);
            let last = faults.last().map_or((1, None), |fault| (fault.line, fault.sheet.clone()));
            let told = ImportFault::new(last.0, None, FaultCode::MoreFaults, format!("还有 {more} 处错误没有列出"));
            faults.push(ImportFault { sheet: last.1, ..told });
        }
        faults
    }
}

/// The places of a sheet's columns in its header.
struct Header {
    key: usize,
    columns: Vec<usize>,
}

/// Reads the lines of a sheet into `blank` ones; `None` when its header is broken.
pub(super) fn lines<T>(
    sheet: Sheet,
    file: &FileSheet,
    columns: &[Column<T>],
    blank: impl Fn() -> T,
    notes: &mut Notes,
) -> Option<Vec<Line<T>>> {
    let Some(head) = file.header() else {
        notes.tell((sheet, 1, None), FaultCode::MissingColumn, "这一页是空的，第一行应是列名".to_owned());
        notes.is_broken = true;
        return None;
    };
    let Some(header) = header(sheet, head, columns, notes) else {
        notes.is_broken = true;
        return None;
    };
    let mut lines = Vec::new();
    let is_empty = |row: &SheetRow| row.faults.is_empty() && row.cells.iter().all(|cell| cell.trim().is_empty());
    let rows = file.rows.iter().filter(|row| row.line > head.line && !is_empty(row));
    for (count, row) in rows.enumerate() {
        if count == ROWS_MAX {
            notes.tell((sheet, row.line, None), FaultCode::TooManyRows, format!("最多 {ROWS_MAX} 行，请分成几个文件"));
            notes.is_broken = true;
            break;
        }
        notes.row_count += 1;
        lines.extend(line(sheet, row, &header, columns, &blank, notes));
    }
    Some(lines)
}

fn header<T>(sheet: Sheet, row: &SheetRow, columns: &[Column<T>], notes: &mut Notes) -> Option<Header> {
    let before = notes.faults.len();
    for (place, code, message) in &row.faults {
        let told = row.cells.get(*place).map(|text| shown(text.trim()));
        notes.tell((sheet, row.line, told.as_deref()), *code, message.clone());
    }
    let mut places = |name: &str| {
        let found: Vec<usize> = row.cells.iter().enumerate().filter(|(_, cell)| cell.trim() == name).map(|(place, _)| place).collect();
        match found.as_slice() {
            [] => notes.tell((sheet, row.line, Some(name)), FaultCode::MissingColumn, format!("缺少列“{name}”")),
            [_] => {}
            _ => notes.tell((sheet, row.line, Some(name)), FaultCode::DuplicateColumn, format!("列“{name}”出现了两次")),
        }
        found.first().copied().unwrap_or(0)
    };
    let read = Header { key: places(KEY), columns: columns.iter().map(|column| places(column.name)).collect() };
    let is_broken = notes.faults.len() > before;
    let is_known = |name: &str| name.is_empty() || name == KEY || name == SEEN || columns.iter().any(|column| column.name == name);
    for name in row.cells.iter().map(|cell| cell.trim()).filter(|name| !is_known(name)) {
        let name = shown(name);
        notes.tell((sheet, row.line, Some(&name)), FaultCode::UnknownColumn, format!("不认识的列名“{name}”，请删去或改正"));
    }
    (!is_broken).then_some(read)
}

fn line<T>(
    sheet: Sheet,
    row: &SheetRow,
    header: &Header,
    columns: &[Column<T>],
    blank: &impl Fn() -> T,
    notes: &mut Notes,
) -> Option<Line<T>> {
    let before = notes.faults.len();
    let text = |place: usize| row.cells.get(place).map_or("", String::as_str);
    let code = text(header.key).trim().to_owned();
    let named = |place: usize| {
        let column = header.columns.iter().position(|at| *at == place).and_then(|at| columns.get(at));
        if place == header.key { Some(KEY) } else { column.map(|column| column.name) }
    };
    for (place, fault, message) in &row.faults {
        notes.tell((sheet, row.line, named(*place)), *fault, message.clone());
    }
    let is_date = |place: usize| row.dates.contains(&place);
    if row.faults.iter().all(|(place, ..)| *place != header.key)
        && let Some((fault, message)) = key_fault(&code, is_date(header.key))
    {
        notes.tell((sheet, row.line, Some(KEY)), fault, message);
    }
    let key_is_lost = code.is_empty() || notes.faults[before..].iter().any(|fault| fault.column.as_deref() == Some(KEY));
    let mut value = blank();
    for (column, place) in columns.iter().zip(&header.columns) {
        if row.faults.iter().any(|(at, ..)| at == place) {
            continue;
        }
        if is_date(*place) && column.kind != Kind::Date {
            notes.tell((sheet, row.line, Some(column.name)), FaultCode::NotText, NOT_A_DAY.to_owned());
        } else if let Err(message) = (column.read)(&mut value, text(*place)) {
            notes.tell((sheet, row.line, Some(column.name)), FaultCode::BadValue, message);
        }
    }
    // A line whose matter is not known may be missing from any of them.
    notes.is_broken |= key_is_lost;
    if notes.faults.len() == before {
        return Some(Line { code, row: row.line, value });
    }
    notes.broken.insert(code);
    None
}

fn key_fault(code: &str, is_date: bool) -> Option<(FaultCode, String)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if code.is_empty() {
        Some((FaultCode::MissingValue, "没填实施编码，不知道是哪个事项的".to_owned()))
    } else if is_date {
        Some((FaultCode::NotText, NOT_A_DAY.to_owned()))
    } else if code.split_once("E+").is_some_and(|(head, tail)| is_number(head) && is_number(tail)) {
        Some((FaultCode::NotText, format!("“{}”被表格软件改成了科学计数，丢了尾数；请把该列设为文本，重新填", shown(code))))
    } else {
        None
    }
}
