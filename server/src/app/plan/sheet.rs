//! A week of the ledger as a spreadsheet: one row a task, then one row a task and site, then what the figures mean.
//! Every cell is text or a number, never a formula. The same book gives the same bytes: the file's time is the end of
//! the week, and nothing else in it depends on when it is made.

use chrono::{Datelike, Timelike};
use domain::plan::{Column, PlanFigure, Task};
use domain::time::local;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::ledger::Book;
use crate::app::figures::in_words;

const FONT: &str = "宋体";
/// Rows above the table: title and period.
const HEAD_ROW: u32 = 2;

struct Looks {
    title: Format,
    line: Format,
    head: Format,
    cell: Format,
    middle: Format,
}

impl Looks {
    fn new() -> Self {
        let base = || Format::new().set_font_name(FONT).set_font_size(10);
        let boxed = || base().set_border(FormatBorder::Thin).set_text_wrap();
        Self {
            title: base().set_font_size(16).set_bold().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
            line: base().set_align(FormatAlign::VerticalCenter),
            head: boxed().set_bold().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter).set_background_color("EFF6F6"),
            cell: boxed().set_align(FormatAlign::Left).set_align(FormatAlign::Top),
            middle: boxed().set_align(FormatAlign::Center).set_align(FormatAlign::Top),
        }
    }
}

/// The file of a week.
///
/// # Errors
/// When the library refuses a cell.
pub(super) fn file(book: &Book) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(book)?);
    tasks(workbook.add_worksheet(), book, &looks)?;
    reports(workbook.add_worksheet(), book, &looks)?;
    meanings(workbook.add_worksheet(), book, &looks)?;
    workbook.save_to_buffer()
}

/// Made at the end of the week; a draft at its begin. The file tells its time in UTC.
fn properties(book: &Book) -> Result<DocProperties, XlsxError> {
    let at = local(if book.is_closed { book.week.end() } else { book.week.start() }).to_utc();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let byte = |number: u32| u8::try_from(number).unwrap_or_default();
    let (month, day, hour, minute) = (byte(at.month()), byte(at.day()), u16::try_from(at.hour()).unwrap_or_default(), byte(at.minute()));
    let created = ExcelDateTime::from_ymd(year, month, day)?.and_hms(hour, minute, 0.0)?;
    let properties = DocProperties::new().set_title(format!("{} {}", book.title(), book.week)).set_author(book.site_name(&book.site_id));
    Ok(properties.set_creation_datetime(&created))
}

fn begin(sheet: &mut Worksheet, name: &str, book: &Book, looks: &Looks, columns: &[(String, f64)]) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let last = u16::try_from(columns.len().saturating_sub(1)).unwrap_or_default();
    let state = match book.cut {
        Some((_, seq)) => format!("截取于日志第 {seq} 条"),
        None if book.is_closed => "这一周还没有开始填报".to_owned(),
        None => "草稿：本周还没有截止，内容还会变".to_owned(),
    };
    let title = format!("{}（{}）", book.title(), book.week);
    let line = format!("{}　{}　{state}", book.site_name(&book.site_id), book.period());
    if last > 0 {
        sheet.merge_range(0, 0, 0, last, &title, &looks.title)?.merge_range(1, 0, 1, last, &line, &looks.line)?;
    } else {
        sheet.write_string_with_format(0, 0, &title, &looks.title)?.write_string_with_format(1, 0, &line, &looks.line)?;
    }
    sheet.set_row_height(0, 30)?.set_row_height(1, 20)?.set_row_height(HEAD_ROW, 26)?;
    for (place, (title, width)) in (0..).zip(columns) {
        sheet.write_string_with_format(HEAD_ROW, place, title, &looks.head)?.set_column_width(place, *width)?;
    }
    sheet.set_freeze_panes(HEAD_ROW + 1, 0)?.set_repeat_rows(0, HEAD_ROW)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer("&C第 &P 页，共 &N 页");
    Ok(())
}

fn width_of(column: &Column) -> f64 {
    let usual = match column.key.as_str() {
        "order" => 6,
        "clause" | "term" | "lead_unit" => 14,
        "title" => 34,
        "progress" => 52,
        "evidence" => 28,
        _ => 20,
    };
    f64::from(column.width.unwrap_or(usual))
}

fn tasks(sheet: &mut Worksheet, book: &Book, looks: &Looks) -> Result<(), XlsxError> {
    let columns: Vec<(String, f64)> = book.plan.columns.iter().map(|column| (column.title.clone(), width_of(column))).collect();
    begin(sheet, "台账", book, looks, &columns)?;
    for (place, task) in (1..).zip(book.tasks()) {
        for (column, at) in book.plan.columns.iter().zip(0..) {
            let row = HEAD_ROW + place;
            if column.key == "order" {
                sheet.write_number_with_format(row, at, place, &looks.middle)?;
            } else {
                sheet.write_string_with_format(row, at, cell(book, task, &column.key), &looks.cell)?;
            }
        }
    }
    Ok(())
}

/// What stands in a column of the house or of the plan.
fn cell(book: &Book, task: &Task, key: &str) -> String {
    let several = book.sites_of(task).nth(1).is_some();
    let said = |what: &dyn Fn(&super::ledger::Words) -> Option<String>| {
        let lines = book.sites_of(task).filter_map(|site| {
            let words = what(book.report(task, site)?)?;
            Some(if several { format!("{}：{words}", book.site_name(site)) } else { words })
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    match key {
        "clause" => task.clause.clone(),
        "title" => task.title.clone(),
        "lead_unit" => task.lead_unit.clone(),
        "responsible_units" => book.responsible(task),
        "term" => task.term.clone(),
        "figure" => {
            let computed = book.figure_of(task).map(|(figure, view)| named(figure, &in_words(figure, view)));
            let stated = said(&|words| words.figure.clone());
            computed.into_iter().chain((!stated.is_empty()).then_some(stated)).collect::<Vec<_>>().join("\n")
        }
        "progress" => said(&|words| Some(words.text.clone())),
        "evidence" => said(&|words| words.evidence.clone()),
        "missing" => {
            let missing = book.sites_of(task).filter(|site| book.report(task, site).is_none());
            missing.map(|site| book.site_name(site)).collect::<Vec<_>>().join("、")
        }
        own => task.values.get(own).cloned().unwrap_or_default(),
    }
}

fn named(figure: &PlanFigure, words: &str) -> String {
    format!("{} {words}", figure.name)
}

fn reports(sheet: &mut Worksheet, book: &Book, looks: &Looks) -> Result<(), XlsxError> {
    let columns =
        [("序号", 6.0), ("任务", 34.0), ("单位", 26.0), ("本周进展", 56.0), ("佐证材料", 28.0), ("指标", 24.0), ("填报时间", 18.0)];
    begin(sheet, "各单位进展", book, looks, &columns.map(|(title, width)| (title.to_owned(), width)))?;
    let mut row = HEAD_ROW;
    for (place, task) in (1..).zip(book.tasks()) {
        for site in book.sites_of(task) {
            row += 1;
            let words = book.report(task, site);
            let computed = book.figure_at(task, site).map(|(figure, view)| named(figure, &in_words(figure, view)));
            let figures: Vec<String> = computed.into_iter().chain(words.and_then(|words| words.figure.clone())).collect();
            let at = words.map(|words| local(words.at).format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
            sheet.write_number_with_format(row, 0, place, &looks.middle)?;
            let texts = [
                task.title.clone(),
                book.site_name(site).to_owned(),
                words.map_or_else(|| "未填报".to_owned(), |words| words.text.clone()),
                words.and_then(|words| words.evidence.clone()).unwrap_or_default(),
                figures.join("\n"),
                at,
            ];
            for (text, at) in texts.iter().zip(1..) {
                sheet.write_string_with_format(row, at, text, &looks.cell)?;
            }
        }
    }
    if row > HEAD_ROW {
        sheet.autofilter(HEAD_ROW, 0, row, 6)?;
    }
    Ok(())
}

/// What the figures that the plan names mean.
fn meanings(sheet: &mut Worksheet, book: &Book, looks: &Looks) -> Result<(), XlsxError> {
    begin(sheet, "指标算法", book, looks, &[("指标".to_owned(), 20.0), ("算法".to_owned(), 110.0)])?;
    let named = |figure: &&PlanFigure| book.plan.tasks.iter().any(|task| task.figure.as_deref() == Some(figure.key));
    for (row, figure) in (HEAD_ROW + 1..).zip(domain::plan::FIGURES.iter().filter(named)) {
        sheet.write_string_with_format(row, 0, figure.name, &looks.cell)?;
        sheet.write_string_with_format(row, 1, figure.text(), &looks.cell)?;
    }
    Ok(())
}
