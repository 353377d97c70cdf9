//! Figures as a table for a spreadsheet, with their definitions below. Texts that a spreadsheet would
//! take for a formula get a leading `'`; an import takes it away again.

use super::view::{FiguresView, GroupFiguresView, LengthsView, WindowFiguresView};
use super::{App, Permit};
use crate::app::error::{Answer, AppError};

/// The head of the table: who, how many, how long.
const HEAD: [&str; 26] = [
    "分组",
    "名称",
    "取号",
    "办完",
    "弃号",
    "没轮到",
    "没回来",
    "流失率",
    "叫号",
    "过号",
    "过号率",
    "等候次数",
    "等候平均（秒）",
    "等候中位数（秒）",
    "等候九成（秒）",
    "等候最长（秒）",
    "路上次数",
    "路上平均（秒）",
    "路上中位数（秒）",
    "路上九成（秒）",
    "路上最长（秒）",
    "办理次数",
    "办理平均（秒）",
    "办理中位数（秒）",
    "办理九成（秒）",
    "办理最长（秒）",
];
/// So that spreadsheets read UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

impl App {
    /// The figures of a site as CSV, with a name for the file.
    ///
    /// # Errors
    /// Field errors of the span.
    pub async fn figures_csv(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<(String, String)> {
        let figures = self.figures(permit, from, to).await?;
        let site_name = self.directory.get().site(permit.site_id())?.name.clone();
        let name = format!("figures-{}-{}-{}.csv", figures.site_id, figures.from, figures.to);
        Ok((name, table(&site_name, &figures)?))
    }
}

fn table(site_name: &str, figures: &FiguresView) -> Answer<String> {
    let broken = |error: csv::Error| AppError::Internal(error.to_string());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    let mut write = |cells: &[String]| writer.write_record(cells.iter().map(|cell| safe_cell(cell))).map_err(broken);
    write(&[site_name.to_owned(), format!("{} 到 {}", figures.from, figures.to)])?;
    write(&HEAD.map(str::to_owned))?;
    write(&group_row("合计", "", &whole(figures)))?;
    for one in &figures.lines {
        write(&group_row("按队", one.name.as_deref().unwrap_or(&one.line_id), &one.figures))?;
    }
    for one in &figures.windows {
        write(&window_row(one))?;
    }
    for one in &figures.hours {
        write(&group_row("按钟点", &format!("{} 点", one.hour), &one.figures))?;
    }
    for one in &figures.classes {
        write(&group_row("按类别", class_name(&one.class), &one.figures))?;
    }
    for one in &figures.days {
        write(&group_row("按天", &one.date, &one.figures))?;
    }
    let booked = figures.appointments;
    let cells = ["预约", "约了", "还没到", "来了", "取消", "没来", "爽约率"].map(str::to_owned);
    write(&cells)?;
    let counts = [booked.booked, booked.open, booked.checked_in, booked.cancelled, booked.no_show].map(|count| count.to_string());
    write(&[vec![String::new()], counts.to_vec(), vec![percent(booked.no_show_share)]].concat())?;
    write(&["算法".to_owned()])?;
    for one in &figures.definitions {
        write(&[one.name.to_owned(), one.text.to_owned()])?;
    }
    let bytes = writer.into_inner().map_err(|error| AppError::Internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| AppError::Internal(error.to_string()))
}

/// What a class is called.
pub(super) fn class_name(class: &str) -> &str {
    match class {
        "green" => "绿色通道",
        "appointment" => "预约",
        "quick" => "简事",
        "ordinary" => "普通",
        "walk_in" => "直接到窗口",
        other => other,
    }
}

/// A cell that no spreadsheet takes for a formula.
pub(in crate::app) fn safe_cell(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn whole(figures: &FiguresView) -> GroupFiguresView {
    GroupFiguresView {
        tickets_issued: u32::try_from(figures.tickets_issued).unwrap_or(u32::MAX),
        tickets_done: figures.tickets_done,
        tickets_abandoned: figures.tickets_abandoned,
        tickets_expired: figures.tickets_expired,
        tickets_unserved: figures.tickets_unserved,
        tickets_not_back: figures.tickets_not_back,
        abandonment_share: figures.abandonment_share,
        calls: figures.calls,
        misses: figures.misses,
        waiting: figures.waiting,
        way: figures.way,
        serving: figures.serving,
    }
}

fn group_row(group: &str, name: &str, figures: &GroupFiguresView) -> Vec<String> {
    let miss_share = super::share(figures.misses as usize, figures.calls as usize);
    let mut row = vec![group.to_owned(), name.to_owned()];
    let visits =
        [figures.tickets_issued, figures.tickets_done, figures.tickets_abandoned, figures.tickets_unserved, figures.tickets_not_back];
    row.extend(visits.map(|n| n.to_string()));
    row.push(percent(figures.abandonment_share));
    row.extend([figures.calls, figures.misses].map(|n| n.to_string()));
    row.push(percent(miss_share));
    row.extend([figures.waiting, figures.way, figures.serving].iter().flat_map(length_cells));
    row
}

fn window_row(window: &WindowFiguresView) -> Vec<String> {
    let name = window.number.map_or_else(|| window.window_id.clone(), |number| format!("{number} 号窗口"));
    let mut row = vec!["按窗口".to_owned(), name, String::new()];
    row.extend([window.tickets_done, window.tickets_abandoned].map(|n| n.to_string()));
    row.extend([String::new(), window.tickets_not_back.to_string(), percent(window.abandonment_share)]);
    row.extend([window.calls, window.misses].map(|n| n.to_string()));
    row.push(percent(window.miss_share));
    row.extend([window.waiting, window.way, window.serving].iter().flat_map(length_cells));
    row
}

fn length_cells(lengths: &LengthsView) -> [String; 5] {
    let cell = |seconds: Option<i64>| seconds.map_or_else(String::new, |seconds| seconds.to_string());
    [lengths.count.to_string(), cell(lengths.average_s), cell(lengths.p50_s), cell(lengths.p90_s), cell(lengths.max_s)]
}

/// A share as per cent with one digit; nothing where there was nothing to divide by.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{:.1}%", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_row_is_as_long_as_the_head() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            assert_eq!(safe_cell(evil), format!("'{evil}"));
        }
        assert_eq!(
            (safe_cell("综合受理"), percent(None), percent(Some(0.125))),
            ("综合受理".to_owned(), String::new(), "12.5%".to_owned())
        );
        let figures = super::super::view::group(&domain::hall::Figures::default());
        assert_eq!(group_row("按队", "A", &figures).len(), HEAD.len());
        let window = WindowFiguresView {
            window_id: "w".to_owned(),
            number: None,
            tickets_done: 0,
            tickets_abandoned: 0,
            tickets_not_back: 0,
            abandonment_share: None,
            calls: 0,
            misses: 0,
            miss_share: None,
            waiting: LengthsView::default(),
            way: LengthsView::default(),
            serving: LengthsView::default(),
        };
        assert_eq!(window_row(&window).len(), HEAD.len());
    }
}
