//! The appraisal in words, with the person's own numbers: everybody can reckon the own sheet again by hand.

use super::appraisal::{DecidedSum, DutySum, Facts, Item, LineServing, RatingSum, Score, is_within};
use super::rules::PeopleRules;
use crate::time::Millis;

/// Tenths as people write them.
fn tenths(points: u32) -> String {
    format!("{}.{}", points / 10, points % 10)
}

/// Minutes with one digit, rounded half up.
fn minutes(ms: Millis) -> String {
    let tenth_minutes = (ms.max(0) + 3_000) / 6_000;
    format!("{}.{}", tenth_minutes / 10, tenth_minutes % 10)
}

/// What an item is called.
fn name(item: Item) -> &'static str {
    match item {
        Item::Visits => "接待量",
        Item::Serving => "办理时长",
        Item::Ratings => "群众评价",
        Item::OnTime => "按时办结",
        Item::Attendance => "出勤",
    }
}

pub(super) fn definition(item: Item) -> &'static str {
    match item {
        Item::Visits => "在本人窗口办完、写了结果的来访，除以坐过窗口的天数，再和设定的每天件数比；超过的按满分",
        Item::Serving => "本人每条队的平均办理时长，落在全厅同一条队平均的设定范围里的队，其件数占本人件数的比例；太快太慢都不算",
        Item::Ratings => "整月的评价里，没有算在本人身上的差评的比例；不够设定的条数不计，谁都看不到单独一条",
        Item::OnTime => "由本人办结的办件里，没过承诺期限的比例；即办件也算",
        Item::Attendance => "排了班又不在请假、公出、培训的日子里，坐过窗口的比例",
    }
}

pub(super) fn visits(facts: &Facts, rules: &PeopleRules, points: u32) -> String {
    format!(
        "办完 {} 件 ÷（坐窗口 {} 天 × 每天 {} 件）= {} 分，最多 100 分",
        facts.visits,
        facts.days_attended,
        rules.visits_a_day,
        tenths(points)
    )
}

pub(super) fn serving(lines: &[&LineServing], rules: &PeopleRules, points: u32) -> String {
    let told = lines.iter().map(|line| {
        let word = if is_within(line, rules) { "在范围里" } else { "不在范围里" };
        format!(
            "{} {} 件，平均 {} 分钟，全厅平均 {} 分钟，{word}",
            line.name,
            line.visits,
            minutes(line.mean_ms),
            minutes(line.all_mean_ms)
        )
    });
    format!(
        "范围是全厅平均的 {}% 到 {}%。{}。在范围里的队的件数占 {} 分",
        rules.band_low_percent,
        rules.band_high_percent,
        told.collect::<Vec<_>>().join("；"),
        tenths(points)
    )
}

pub(super) fn ratings(sum: RatingSum, points: u32) -> String {
    format!("{} 条评价里 {} 条差评算在本人身上（核实不属实、申诉成立的不算）：{} 分", sum.given, sum.counted, tenths(points))
}

pub(super) fn on_time(sum: DecidedSum, points: u32) -> String {
    format!("本人办结 {} 件，按时 {} 件：{} 分", sum.decided, sum.on_time, tenths(points))
}

pub(super) fn duty(sum: DutySum, points: u32) -> String {
    format!("排班 {} 天（请假、公出、培训的不算），坐过窗口 {} 天：{} 分", sum.days, sum.attended, tenths(points))
}

pub(super) fn total(scores: &[Score], weight: u64, total: Option<u32>) -> String {
    let Some(total) = total else { return "没有一项够数，这个月不打分".to_owned() };
    let counted = |score: &&Score| score.points.is_some() && score.weight > 0;
    let parts: Vec<String> = scores
        .iter()
        .filter(counted)
        .map(|score| format!("{} {} × {}%", name(score.item), tenths(score.points.unwrap_or_default()), score.weight))
        .collect();
    let rest = if weight == 100 { String::new() } else { format!("，再除以计入的权重 {weight}%") };
    format!("{}{rest} = {} 分", parts.join(" + "), tenths(total))
}
