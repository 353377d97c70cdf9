//! The tables of a whole catalogue as a spreadsheet (XLSX) that a clerk edits: a sheet for each table, lists to choose
//! from, and a sheet that explains them. Numbers are numbers, days are days, all else is text.

use chrono::{Datelike, NaiveDate};
use domain::catalogue::import::tables::{Kind, Table};
use rust_xlsxwriter::{DataValidation, DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Characters that a cell takes, counted as spreadsheets count them (UTF-16).
const CELL_CHARS_MAX: usize = 32_767;
/// Rows below the last one in which the lists of words are offered, too.
const ROWS_TO_COME: u32 = 500;

/// A text that no cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    /// Name of the sheet.
    pub sheet: &'static str,
    /// 实施编码 of the line's matter.
    pub code: String,
    /// Name of the column.
    pub column: &'static str,
    /// Characters of the text.
    pub chars: usize,
}

impl TooLong {
    /// What to do, in Chinese.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { sheet, code, column, chars } = self;
        format!("“{sheet}”里 {code} 的“{column}”有 {chars} 个字，XLSX 一格最多 {CELL_CHARS_MAX} 个；请先改短，或者导出 CSV")
    }
}

/// The first text of the tables that no cell holds.
#[must_use]
pub fn too_long(tables: &[Table]) -> Option<TooLong> {
    for table in tables {
        let columns = table.sheet.columns();
        for row in &table.rows {
            for (text, (column, _)) in row.iter().zip(&columns) {
                let chars = text.encode_utf16().count();
                if chars > CELL_CHARS_MAX {
                    return Some(TooLong { sheet: table.sheet.name(), code: row.first().cloned().unwrap_or_default(), column, chars });
                }
            }
        }
    }
    None
}

/// Writes the tables. The same ones give the same bytes.
///
/// # Errors
/// When the library refuses a cell, such as one of [`too_long`].
pub fn write(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // Files name a time; that of their making says nothing about the catalogue.
    workbook.set_properties(&DocProperties::new().set_title("事项目录").set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let formats = Formats::new();
    for table in tables {
        write_table(workbook.add_worksheet(), table, &formats)?;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("说明")?;
    sheet.set_column_width(0, 110)?;
    for (line, text) in (0_u32..).zip(EXPLAINED) {
        sheet.write_string(line, 0, *text)?;
    }
    workbook.save_to_buffer()
}

/// What the last sheet tells whoever edits the file.
const EXPLAINED: &[&str] = &[
    "改完存成 XLSX，在“事项”页点“导入…”：先试一遍，看清楚改什么再导。原样导回去什么都不变。",
    "“事项”一行一个事项；别的页一行是它的一份材料、一个答案、一步……靠“实施编码”对上。编码改了就是另一个事项。",
    "“序号”“第几问”“第几环节”决定先后，从小到大。加一份材料：加一行，填编码和序号，材料编号空着，由系统编。",
    "材料按情形要的，写“问1答2”：“情形”里第 1 问的第 2 个答案；几个用、隔开；都要的空着。",
    "“每行一条”的格子里按 Alt+Enter 换行。是否填“是”“否”，日期填 2026-01-31。有下拉的照下拉里的字填。",
    "删掉一页：那一部分不动。页在、某个事项一行都没有：它就没有这一部分。删掉“事项”里的行：那个事项不动，除非导入时勾了停用。",
    "不要合并单元格、不要公式、不要加列。图片、视频文件是系统里文件的编号，照旧或者清空，不能换成文件名。",
];

struct Formats {
    head: Format,
    text: Format,
    number: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            head: Format::new().set_bold().set_num_format("@"),
            text: Format::new().set_num_format("@"),
            number: Format::new().set_num_format("0"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    fn of(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Text | Kind::Long | Kind::Choice(_) => &self.text,
            Kind::Number => &self.number,
            Kind::Date => &self.day,
        }
    }
}

fn write_table(sheet: &mut Worksheet, table: &Table, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(table.sheet.name())?;
    sheet.set_freeze_panes(1, 2)?;
    let columns = table.sheet.columns();
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    for (place, (name, kind)) in (0_u16..).zip(&columns) {
        // The whole column, so that a code in a new line stays a text.
        sheet.set_column_format(place, formats.of(*kind))?;
        sheet.set_column_width(place, width(name, *kind))?;
        sheet.write_string_with_format(0, place, *name, &formats.head)?;
        if let Kind::Choice(words) = kind {
            let list = DataValidation::new().allow_list_strings(words)?.set_error_message("请从下拉里选一个")?;
            sheet.add_data_validation(1, place, rows.saturating_add(ROWS_TO_COME), place, &list)?;
        }
    }
    for (line, row) in (1_u32..).zip(&table.rows) {
        for (place, (text, (_, kind))) in (0_u16..).zip(row.iter().zip(&columns)) {
            write_cell(sheet, (line, place), text, *kind, formats)?;
        }
    }
    let last = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, rows.max(1), last)?;
    Ok(())
}

/// The width of a column: its name at least, in which a Chinese character takes two places.
fn width(name: &str, kind: Kind) -> f64 {
    let name = name.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.1 }).sum::<f64>() + 4.0;
    name.max(match kind {
        Kind::Text => 22.0,
        Kind::Long => 40.0,
        Kind::Number => 8.0,
        Kind::Date => 12.0,
        Kind::Choice(_) => 14.0,
    })
}

fn write_cell(sheet: &mut Worksheet, (line, place): (u32, u16), text: &str, kind: Kind, formats: &Formats) -> Result<(), XlsxError> {
    if text.is_empty() {
        return Ok(());
    }
    let format = formats.of(kind);
    let number = Some(text).filter(|_| kind == Kind::Number).and_then(|text| text.parse::<i32>().ok());
    let day = Some(text).filter(|_| kind == Kind::Date).and_then(day_of).transpose()?;
    if let Some(number) = number {
        sheet.write_number_with_format(line, place, f64::from(number), format)?;
    } else if let Some(day) = day {
        sheet.write_datetime_with_format(line, place, day, format)?;
    } else if text.starts_with("<r>") && text.ends_with("</r>") {
        // The library takes such a text for parts that are formatted already; in two parts it is written as it is, but for
        // what looks like an escaped character (ECMA-376, ST_Xstring), which it leaves to us.
        let (plain, escaped) = (Format::default(), text.replace("_x", "_x005F_x"));
        sheet.write_rich_string_with_format(line, place, &[(&plain, &escaped[..1]), (&plain, &escaped[1..])], format)?;
    } else {
        sheet.write_string_with_format(line, place, text, format)?;
    }
    Ok(())
}

/// A day as spreadsheets count it. They believe in a 29 February 1900, so that days before that year's end, and after the
/// year 9999, stay text.
fn day_of(text: &str) -> Option<Result<ExcelDateTime, XlsxError>> {
    let day: NaiveDate = text.parse().ok()?;
    let year = u16::try_from(day.year()).ok().filter(|year| (1901..=9999).contains(year))?;
    Some(ExcelDateTime::from_ymd(year, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use domain::catalogue::import::tables::Sheet;

    use super::super::catalogue_sheet::{is_sheet, sheets_of};
    use super::*;

    #[test]
    fn what_is_written_is_read_cell_by_cell() {
        let columns = Sheet::Form.columns();
        let texts = [
            "007",
            "=1+1",
            "'=1",
            "<r><t>x</t></r>",
            "<r>a & b</r>",
            "_x0041_",
            " 前后 ",
            "一\n二\n",
            "㐂𠮷·\u{E000}",
            "\"<&>'",
            "-5",
            "1e5",
        ];
        let rows: Vec<Vec<String>> = texts.iter().map(|text| vec![(*text).to_owned(); columns.len()]).collect();
        let table = Table { sheet: Sheet::Form, rows: rows.clone() };
        let file = write(std::slice::from_ref(&table)).unwrap();
        assert!(is_sheet(&file) && file == write(&[table]).unwrap(), "the same bytes");
        let sheets = sheets_of(&file).unwrap();
        assert_eq!(sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["申请表", "说明"]);
        assert!(sheets[0].rows.iter().all(|row| row.faults.is_empty() && row.dates.is_empty()));
        assert_eq!(sheets[0].rows.len(), rows.len() + 1);
        for (row, back) in rows.iter().zip(sheets[0].rows.iter().skip(1)) {
            for ((text, back), (_, kind)) in row.iter().zip(&back.cells).zip(&columns) {
                // A number is told as spreadsheets tell it.
                let told = if *kind == Kind::Number && text == "007" { "7" } else { text };
                assert_eq!(back, told);
            }
        }
    }

    #[test]
    fn days_are_days_and_what_no_cell_holds_is_told() {
        let columns = Sheet::Matters.columns();
        let place = columns.iter().position(|(name, _)| *name == "生效日期").unwrap();
        let row = |day: &str, guide: &str| {
            let mut row = vec!["A1".to_owned(); columns.len()];
            row[place] = day.to_owned();
            row[place + 2] = guide.to_owned();
            row
        };
        let table = Table { sheet: Sheet::Matters, rows: vec![row("2026-01-31", "短"), row("1900-02-28", "短")] };
        assert_eq!(too_long(std::slice::from_ref(&table)), None);
        let sheet = sheets_of(&write(&[table]).unwrap()).unwrap().remove(0);
        assert_eq!((sheet.rows[1].cells[place].as_str(), sheet.rows[1].dates.as_slice()), ("2026-01-31", [place].as_slice()));
        assert_eq!((sheet.rows[2].cells[place].as_str(), sheet.rows[2].dates.len()), ("1900-02-28", 0));
        // Rare characters count twice, as they do in spreadsheets.
        let long = Table { sheet: Sheet::Matters, rows: vec![row("", &"𠮷".repeat(16_384))] };
        let told = too_long(std::slice::from_ref(&long)).unwrap();
        assert_eq!((told.sheet, told.code.as_str(), told.column, told.chars), ("事项", "A1", "白话版指南", 32_768));
        assert!(write(&[long]).is_err());
    }
}
