//! The attendance of a month as a table: CSV for other programs, XLSX for people. Texts that a spreadsheet would take
//! for a formula get a leading `'` in CSV; in XLSX every text is a typed text.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::attendance::{AttendanceDayView, AttendanceView, AttendedPersonView};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::figures::safe_cell;

/// So that spreadsheets read UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const SUM_HEAD: [&str; 4] = ["姓名", "出勤天数", "在窗时长（分钟）", "暂停时长（分钟）"];
const DAY_HEAD: [&str; 7] = ["姓名", "日期", "最早开窗", "最晚关窗", "在窗时长（分钟）", "暂停时长（分钟）", "窗口"];
const FONT: &str = "宋体";

impl App {
    /// The attendance of a month as CSV, with a name for the file.
    ///
    /// # Errors
    /// A month that is none.
    pub async fn attendance_csv(&self, permit: &Permit, of: Option<&str>) -> Answer<(String, String)> {
        let view = self.attendance(permit, of).await?;
        Ok((format!("attendance-{}-{}.csv", view.site_id, view.month), csv(&view)?))
    }

    /// The same as a spreadsheet.
    ///
    /// # Errors
    /// A month that is none.
    pub async fn attendance_xlsx(&self, permit: &Permit, of: Option<&str>) -> Answer<(String, Vec<u8>)> {
        let view = self.attendance(permit, of).await?;
        let site_name = self.directory.get().site(permit.site_id())?.name.clone();
        let file = xlsx(&site_name, &view).map_err(|error| AppError::Internal(error.to_string()))?;
        Ok((format!("attendance-{}-{}.xlsx", view.site_id, view.month), file))
    }
}

/// The time of day of an instant of the API, `09:02`.
fn clock_of(rfc3339: &str) -> String {
    rfc3339.get(11..16).unwrap_or_default().to_owned()
}

fn minutes(seconds: i64) -> i64 {
    (seconds + 30) / 60
}

/// The time of a day, `09:02`; what goes on says so.
fn times(day: &AttendanceDayView) -> (String, String) {
    let last = if day.still { "还在".to_owned() } else { clock_of(&day.last_close) };
    (clock_of(&day.first_open), last)
}

fn windows(day: &AttendanceDayView) -> String {
    day.windows.iter().map(u16::to_string).collect::<Vec<_>>().join("、")
}

fn rows(view: &AttendanceView) -> impl Iterator<Item = (&AttendedPersonView, &AttendanceDayView)> {
    view.people.iter().flat_map(|person| person.items.iter().map(move |day| (person, day)))
}

fn csv(view: &AttendanceView) -> Answer<String> {
    let broken = |error: csv::Error| AppError::Internal(error.to_string());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    writer.write_record(DAY_HEAD).map_err(broken)?;
    for (person, day) in rows(view) {
        let (first, last) = times(day);
        let cells = [
            safe_cell(&person.staff_name),
            day.date.clone(),
            first,
            last,
            minutes(day.open_s).to_string(),
            minutes(day.paused_s).to_string(),
            windows(day),
        ];
        writer.write_record(cells).map_err(broken)?;
    }
    writer.write_record(["说明"]).map_err(broken)?;
    for one in &view.definitions {
        writer.write_record([&one.name, &one.text]).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|error| AppError::Internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| AppError::Internal(error.to_string()))
}

struct Looks {
    head: Format,
    cell: Format,
}

fn xlsx(site_name: &str, view: &AttendanceView) -> Result<Vec<u8>, XlsxError> {
    let base = || Format::new().set_font_name(FONT).set_font_size(10).set_border(FormatBorder::Thin);
    let looks = Looks { head: base().set_bold().set_align(FormatAlign::Center).set_background_color("EFF6F6"), cell: base() };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("合计")?;
    begin(sheet, &format!("{site_name} {} 考勤", view.month), &SUM_HEAD, &looks)?;
    for (row, person) in (2..).zip(&view.people) {
        sheet.write_string_with_format(row, 0, &person.staff_name, &looks.cell)?;
        for (column, number) in
            (1..).zip([i64::try_from(person.days).unwrap_or_default(), minutes(person.open_s), minutes(person.paused_s)])
        {
            sheet.write_number_with_format(row, column, number as f64, &looks.cell)?;
        }
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("每天")?;
    begin(sheet, &format!("{site_name} {} 每天", view.month), &DAY_HEAD, &looks)?;
    for (row, (person, day)) in (2..).zip(rows(view)) {
        let (first, last) = times(day);
        for (column, text) in (0..).zip([&person.staff_name, &day.date, &first, &last]) {
            sheet.write_string_with_format(row, column, text, &looks.cell)?;
        }
        for (column, number) in (4..).zip([minutes(day.open_s), minutes(day.paused_s)]) {
            sheet.write_number_with_format(row, column, number as f64, &looks.cell)?;
        }
        sheet.write_string_with_format(row, 6, windows(day), &looks.cell)?;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("说明")?;
    for (row, one) in (0..).zip(&view.definitions) {
        sheet.write_string_with_format(row, 0, &one.name, &looks.cell)?.write_string_with_format(row, 1, &one.text, &looks.cell)?;
    }
    sheet.set_column_width(0, 14)?.set_column_width(1, 90)?;
    workbook.save_to_buffer()
}

fn begin(sheet: &mut Worksheet, title: &str, head: &[&str], looks: &Looks) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, title, &Format::new().set_font_name(FONT).set_font_size(14).set_bold())?;
    for (column, word) in (0..).zip(head) {
        sheet.write_string_with_format(1, column, *word, &looks.head)?.set_column_width(column, 16)?;
    }
    sheet.set_freeze_panes(2, 0)?;
    Ok(())
}
