//! A catalogue file from its bytes to checked rows, and from rows to a plan of what would change.
//! Tells everything that is wrong at once, with line, column and what to do. Knows no file, no
//! store and no site; what is done with a plan is the caller's.

mod cells;
mod encoding;
mod fault;
mod plan;
pub mod tables;
mod write;

use std::collections::BTreeMap;

use super::{ITEM_CODE_CHARS_MAX, MATTER_NAME_CHARS_MAX, MatterType};
use crate::codes::clean_line;
use cells::{Cell, Record, records};
pub use encoding::{Encoding, decode};
pub use fault::{FaultCode, ImportFault};
pub use plan::{Plan, plan};

/// Largest file taken, in bytes.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Most rows taken.
pub const ROWS_MAX: usize = 100_000;
/// Most faults told; the rest is summed up in one.
pub const FAULTS_MAX: usize = 1_000;
/// What is told of a day where a text belongs.
const NOT_A_DAY: &str = "表格软件把它当成了日期；请把该列设为文本，重新填";
/// Longest name of a department, in characters.
pub const DEPARTMENT_CHARS_MAX: usize = 100;

/// The columns of a catalogue file, in the order they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The department's name.
    Department,
    /// The catalogue's grouping.
    Category,
    /// The matter's name.
    Name,
    /// 实施编码.
    ItemCode,
    /// Matter type of the national list, `1` or `01`.
    TaskType,
    /// Administrative area.
    AreaCode,
    /// The department's local code.
    DepartmentCode,
}

impl Column {
    /// All columns; each must be in the header, in any order.
    pub const ALL: [Self; 7] =
        [Self::Department, Self::Category, Self::Name, Self::ItemCode, Self::TaskType, Self::AreaCode, Self::DepartmentCode];

    /// The name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Category => "category",
            Self::Name => "name",
            Self::ItemCode => "item_code",
            Self::TaskType => "task_type",
            Self::AreaCode => "area_code",
            Self::DepartmentCode => "department_code",
        }
    }

    fn chars_max(self) -> usize {
        match self {
            Self::Department => DEPARTMENT_CHARS_MAX,
            Self::Category | Self::Name => MATTER_NAME_CHARS_MAX,
            Self::ItemCode | Self::TaskType | Self::AreaCode | Self::DepartmentCode => ITEM_CODE_CHARS_MAX,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

/// A sound row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The file's line on which the row begins, from 1.
    pub line: usize,
    /// The department's name.
    pub department: String,
    /// The catalogue's grouping.
    pub category: String,
    /// The matter's name.
    pub name: String,
    /// 实施编码.
    pub item_code: String,
    /// Matter type.
    pub matter_type: MatterType,
    /// Administrative area, 6 to 12 digits.
    pub area_code: String,
    /// The department's local code; one department may come with several.
    pub department_code: String,
}

/// A row of a spreadsheet as it was read: its cells as text, and what in it is no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Its number in the sheet, from 1.
    pub line: usize,
    /// Its cells, empty ones at the end left out.
    pub cells: Vec<String>,
    /// Cells that cannot be taken: place from 0, what kind, what to do.
    pub faults: Vec<(usize, FaultCode, String)>,
    /// Places of cells that hold a day; it stands among the cells as 2026-01-31.
    pub dates: Vec<usize>,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFile {
    /// The encoding it was read in.
    pub encoding: Encoding,
    /// Rows of the file after the header, broken ones included, empty ones not.
    pub row_count: usize,
    /// The sound rows, in order of the file.
    pub rows: Vec<ImportRow>,
    /// All that is wrong, in order of lines.
    pub faults: Vec<ImportFault>,
    /// Whether the header itself is broken, so that no row can be taken.
    pub header_is_broken: bool,
}

/// Reads a catalogue file.
#[must_use]
pub fn read(bytes: &[u8]) -> ImportFile {
    if bytes.len() > FILE_BYTES_MAX {
        let fault = ImportFault::new(1, None, FaultCode::FileTooLarge, format!("文件超过 {} MB", FILE_BYTES_MAX / 1024 / 1024));
        return ImportFile { encoding: Encoding::Utf8, row_count: 0, rows: Vec::new(), faults: vec![fault], header_is_broken: true };
    }
    let (encoding, text) = encoding::decode(bytes);
    let mut reader = Reader::default();
    let mut header_seen = false;
    for record in records(&text).filter(|record| !record.is_empty()) {
        if header_seen {
            reader.row(&record);
        } else {
            reader.header(&record);
            header_seen = true;
        }
    }
    if !header_seen {
        reader.tell(1, None, FaultCode::MissingColumn, "文件是空的，第一行应是列名".to_owned());
        reader.header_is_broken = true;
    }
    reader.finish(encoding)
}

/// Reads the rows of a spreadsheet like those of a file; `faults` are those of the whole sheet.
#[must_use]
pub fn read_sheet(rows: &[SheetRow], faults: Vec<ImportFault>) -> ImportFile {
    let is_broken = !faults.is_empty();
    let mut reader = Reader { faults, header_is_broken: is_broken, ..Reader::default() };
    let mut header_seen = false;
    for row in rows {
        let cells = row.cells.iter().map(|text| Cell { line: row.line, text: text.clone() }).collect();
        let mut record = Record { line: row.line, cells, unclosed_quote: false };
        if record.is_empty() && row.faults.is_empty() {
            continue;
        }
        if header_seen {
            let length = reader.places.len().max(record.cells.len());
            record.cells.resize(length, Cell { line: row.line, text: String::new() });
        } else {
            reader.header(&record);
        }
        let told = row.faults.iter().map(|(place, code, message)| (*place, *code, message.clone()));
        let dates = row.dates.iter().map(|place| (*place, FaultCode::NotText, NOT_A_DAY.to_owned()));
        for (place, code, message) in told.chain(dates) {
            let column = reader.place_name(place);
            reader.tell(row.line, column, code, message);
        }
        let is_sound = row.faults.is_empty() && row.dates.is_empty();
        if !header_seen {
            reader.header_is_broken |= !is_sound;
            header_seen = true;
        } else if is_sound {
            reader.row(&record);
        } else {
            reader.row_count += 1;
        }
    }
    if !header_seen && !is_broken {
        reader.tell(1, None, FaultCode::MissingColumn, "表格是空的，第一行应是列名".to_owned());
        reader.header_is_broken = true;
    }
    reader.finish(Encoding::Utf8)
}

#[derive(Default)]
struct Reader {
    /// The column at each place of the header; `None` where it is unknown.
    places: Vec<Option<Column>>,
    header_is_broken: bool,
    row_count: usize,
    rows: Vec<ImportRow>,
    faults: Vec<ImportFault>,
    /// The line on which each item code was first seen.
    codes: BTreeMap<String, usize>,
}

impl Reader {
    fn tell(&mut self, line: usize, column: Option<&str>, code: FaultCode, message: String) {
        self.faults.push(ImportFault::new(line, column, code, message));
    }

    fn header(&mut self, record: &Record) {
        if record.unclosed_quote {
            self.tell(record.line, None, FaultCode::UnclosedQuote, "列名行有引号没有成对".to_owned());
            self.header_is_broken = true;
            return;
        }
        for cell in &record.cells {
            let name = cell.text.trim().to_ascii_lowercase();
            let column = Column::named(&name);
            match column {
                Some(known) if self.places.contains(&Some(known)) => {
                    self.tell(cell.line, Some(&name), FaultCode::DuplicateColumn, format!("列 {name} 出现了两次"));
                    self.header_is_broken = true;
                }
                Some(_) => {}
                None => {
                    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                    self.tell(cell.line, Some(&shown), FaultCode::UnknownColumn, format!("不认识的列名“{shown}”，请删去或改正"));
                }
            }
            self.places.push(column);
        }
        for column in Column::ALL {
            if !self.places.contains(&Some(column)) {
                self.tell(record.line, Some(column.name()), FaultCode::MissingColumn, format!("缺少列 {}", column.name()));
                self.header_is_broken = true;
            }
        }
    }

    fn row(&mut self, record: &Record) {
        self.row_count += 1;
        if self.row_count > ROWS_MAX {
            if self.row_count == ROWS_MAX + 1 {
                self.tell(record.line, None, FaultCode::TooManyRows, format!("最多 {ROWS_MAX} 行，请分成几个文件"));
            }
            return;
        }
        if record.unclosed_quote {
            self.tell(record.line, self.place_name(record.cells.len()), FaultCode::UnclosedQuote, "引号没有成对".to_owned());
            return;
        }
        if record.cells.len() != self.places.len() {
            let message = format!("这一行有 {} 列，应是 {} 列", record.cells.len(), self.places.len());
            self.tell(record.line, None, FaultCode::WrongColumnCount, message);
            return;
        }
        let faults_before = self.faults.len();
        let value = |reader: &mut Self, column| reader.value(record, column);
        let department = value(self, Column::Department);
        let category = value(self, Column::Category);
        let name = value(self, Column::Name);
        let item_code = self.item_code(record);
        let matter_type = self.matter_type(record);
        let area_code = self.area_code(record);
        let department_code = self.value(record, Column::DepartmentCode);
        if let (Some(matter_type), true) = (matter_type, self.faults.len() == faults_before && !self.header_is_broken) {
            self.rows.push(ImportRow { line: record.line, department, category, name, item_code, matter_type, area_code, department_code });
        }
    }

    /// The name of the column in which a record broke off.
    fn place_name(&self, place: usize) -> Option<&'static str> {
        self.places.get(place).copied().flatten().map(Column::name)
    }

    fn cell<'a>(&self, record: &'a Record, column: Column) -> Option<&'a Cell> {
        let place = self.places.iter().position(|at| *at == Some(column))?;
        record.cells.get(place)
    }

    /// The text of a column, checked; empty when it was told to be wrong or the column is not there.
    fn value(&mut self, record: &Record, column: Column) -> String {
        let Some(cell) = self.cell(record, column) else { return String::new() };
        let text = unguarded(cell.text.trim());
        let name = Some(column.name());
        if text.contains(encoding::is_undecodable) {
            self.tell(cell.line, name, FaultCode::BadEncoding, "有无法识别的字符，请把文件另存为 UTF-8 或 GBK 后再导入".to_owned());
            return String::new();
        }
        match clean_line(text, column.chars_max()) {
            Ok(text) => text,
            Err(text_fault) => {
                let (code, message) = fault::of_text(column, text_fault, text.chars().count());
                self.tell(cell.line, name, code, message);
                String::new()
            }
        }
    }

    fn item_code(&mut self, record: &Record) -> String {
        let code = self.value(record, Column::ItemCode);
        if code.is_empty() {
            return code;
        }
        if let Some(first) = self.codes.get(&code).copied() {
            let line = self.cell(record, Column::ItemCode).map_or(record.line, |cell| cell.line);
            self.tell(line, Some(Column::ItemCode.name()), FaultCode::DuplicateCode, format!("编码 {code} 与第 {first} 行重复"));
        } else {
            self.codes.insert(code.clone(), record.line);
        }
        code
    }

    fn matter_type(&mut self, record: &Record) -> Option<MatterType> {
        let code = self.value(record, Column::TaskType);
        if code.is_empty() {
            return None;
        }
        let known = MatterType::from_code(&code);
        if known.is_none() {
            let line = self.cell(record, Column::TaskType).map_or(record.line, |cell| cell.line);
            let message = format!("事项类型“{code}”不在国标代码里（01–10、20）");
            self.tell(line, Some(Column::TaskType.name()), FaultCode::UnknownType, message);
        }
        known
    }

    fn area_code(&mut self, record: &Record) -> String {
        let code = self.value(record, Column::AreaCode);
        let sound = (6..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if !code.is_empty() && !sound {
            let line = self.cell(record, Column::AreaCode).map_or(record.line, |cell| cell.line);
            let message = format!("区划代码“{code}”应是 6 至 12 位数字；若被表格软件改成了科学计数，请把该列设为文本");
            self.tell(line, Some(Column::AreaCode.name()), FaultCode::BadAreaCode, message);
        }
        code
    }

    fn finish(mut self, encoding: Encoding) -> ImportFile {
        self.faults.sort_by_key(|fault| fault.line);
        if let Some(more) = self.faults.len().checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
            self.faults.truncate(FAULTS_MAX);
            let line = self.faults.last().map_or(1, |fault| fault.line);
            self.tell(line, None, FaultCode::MoreFaults, format!("还有 {more} 处错误没有列出"));
        }
        ImportFile { encoding, row_count: self.row_count, rows: self.rows, faults: self.faults, header_is_broken: self.header_is_broken }
    }
}

/// A cell that a spreadsheet export guarded with an apostrophe, without it.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])).unwrap_or(text)
}

#[cfg(test)]
mod tests;
