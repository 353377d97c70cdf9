//! Whether a configuration is sound, by itself and beside what goes on in the hall.

use std::collections::BTreeSet;

use super::{Draft, Fact, Refusal};
use crate::hall::policy::{Configuration, LineSetup, OpeningHours, Policy, Span, WindowSetup};
use crate::hall::policy::{PAPER_DAYS_MAX, SectionLimit, Taking};
use crate::hall::state::WindowState;
use crate::time::DAY_MS;

/// Lines and windows a hall can have.
const LINES_MAX: usize = 64;
const WINDOWS_MAX: usize = 200;
/// Shifts kept in a hall: those of the next days, not the whole year.
const ROSTER_MAX: usize = 400;
const SPECIAL_DAYS_MAX: usize = 400;
/// Limited sections of the day, over all lines.
const SECTIONS_MAX: usize = 400;

impl Draft<'_> {
    pub(super) fn configure(&mut self, configuration: &Configuration) -> Result<(), Refusal> {
        lines_are_sound(&configuration.lines)?;
        windows_are_sound(configuration)?;
        hours_are_sound(&configuration.hours)?;
        policy_is_sound(&configuration.policy, &configuration.windows)?;
        let lines: Vec<_> = configuration.lines.iter().map(|line| &line.id).collect();
        if let Some(fault) = configuration.policy.appointments.faults(&lines).into_iter().next() {
            return Err(Refusal::ConfigurationInvalid { field: fault.field, text: fault.text });
        }
        if let Some(fault) = configuration.policy.goals.faults().into_iter().next() {
            return Err(Refusal::ConfigurationInvalid { field: format!("goals.{}", fault.field), text: fault.text });
        }
        taking_is_sound(&configuration.policy.taking, &configuration.lines)?;
        self.nothing_in_use_is_removed(configuration)?;
        self.letters_are_of_one_kind(configuration)?;
        self.record(Fact::HallConfigured { configuration: configuration.clone() });
        Ok(())
    }

    fn nothing_in_use_is_removed(&self, configuration: &Configuration) -> Result<(), Refusal> {
        for window in self.hall.windows().filter(|window| window.state != WindowState::Closed) {
            if !configuration.windows.iter().any(|setup| setup.id == window.id) {
                return Err(Refusal::WindowInUse { window_number: window.number });
            }
        }
        for line in self.hall.lines() {
            let is_kept = configuration.lines.iter().any(|setup| setup.id == line.id);
            if !is_kept && self.hall.tickets().any(|ticket| ticket.line_id == line.id && ticket.state.is_live()) {
                return Err(Refusal::LineInUse { name: line.name.clone() });
            }
        }
        Ok(())
    }
}

impl Draft<'_> {
    /// No number stands on a slip and on a paper of one day, whatever is set in between.
    fn letters_are_of_one_kind(&self, configuration: &Configuration) -> Result<(), Refusal> {
        let Some(prefix) = self.hall.doc.letters_of_both(configuration) else { return Ok(()) };
        let text = format!("字头 {prefix} 的号已经发出去了，队和纸号要各用各的字头，换一个");
        Err(Refusal::ConfigurationInvalid { field: "taking.paper.prefixes".to_owned(), text })
    }
}

fn lines_are_sound(lines: &[LineSetup]) -> Result<(), Refusal> {
    check(lines.len() <= LINES_MAX, "lines", "队太多了")?;
    let (mut ids, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
    for line in lines {
        check(ids.insert(&line.id), "lines", "同一条队写了两次")?;
        let is_prefix = (1..=2).contains(&line.prefix.len()) && line.prefix.bytes().all(|byte| byte.is_ascii_uppercase());
        check(is_prefix, "prefix", "字头要一到两个大写字母")?;
        check(prefixes.insert(&line.prefix), "prefix", "两条队用了同一个字头")?;
        check(!line.name.trim().is_empty(), "name", "队要有名称")?;
    }
    Ok(())
}

fn windows_are_sound(configuration: &Configuration) -> Result<(), Refusal> {
    check(configuration.windows.len() <= WINDOWS_MAX, "windows", "窗口太多了")?;
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for window in &configuration.windows {
        check(ids.insert(&window.id), "windows", "同一个窗口写了两次")?;
        check(window.number > 0 && numbers.insert(window.number), "number", "两个窗口用了同一个号码，或者号码是 0")?;
        let mut served = BTreeSet::new();
        for line_id in &window.line_ids {
            check(served.insert(line_id), "line_ids", "窗口的同一条队写了两次")?;
            check(configuration.lines.iter().any(|line| line.id == *line_id), "line_ids", "窗口办的队不在这个厅")?;
        }
    }
    Ok(())
}

fn hours_are_sound(hours: &OpeningHours) -> Result<(), Refusal> {
    let OpeningHours::Weekly { week, special_days } = hours else { return Ok(()) };
    check(special_days.len() <= SPECIAL_DAYS_MAX, "special_days", "特别日子太多了")?;
    let is_span = |span: &Span| span.from_minute < span.to_minute && span.to_minute <= 24 * 60;
    let mut spans = week.iter().flatten().chain(special_days.iter().flat_map(|day| &day.spans));
    check(spans.all(is_span), "hours", "开门时间要早于关门时间，都在一天之内")
}

fn policy_is_sound(policy: &Policy, windows: &[WindowSetup]) -> Result<(), Refusal> {
    check(policy.green_bound >= 1, "green_bound", "绿色通道的上限至少是 1")?;
    let times = [policy.over_limit_ms, policy.return_after_ms, policy.recall_cooldown_ms, policy.roster_lead_ms, policy.assumed_service_ms];
    check(times.iter().all(|time| *time >= 0), "policy", "时间不能是负数")?;
    if let Some((field, text)) = policy.serving.fault() {
        return check(false, field, text);
    }
    check(policy.roster.len() <= ROSTER_MAX, "roster", "排班太多了，只放最近几天的")?;
    for shift in &policy.roster {
        let is_shift = shift.starts_at < shift.ends_at && windows.iter().any(|window| window.id == shift.window_id);
        check(is_shift, "roster", "排班的窗口不在这个厅，或者时间前后反了")?;
    }
    Ok(())
}

/// Sections of one line that do not overlap, leads that are no negative times, paper series of their own.
fn taking_is_sound(taking: &Taking, lines: &[LineSetup]) -> Result<(), Refusal> {
    let leads = [taking.last_number_before_close_ms, taking.last_number_before_break_ms];
    check(leads.iter().all(|lead| (0..DAY_MS).contains(lead)), "taking", "提前停号的时间要在 0 到 24 小时之间")?;
    check(taking.sections.len() <= SECTIONS_MAX, "taking.sections", "时段太多了")?;
    for (place, section) in taking.sections.iter().enumerate() {
        let is_span = section.from_minute < section.to_minute && section.to_minute <= 24 * 60;
        check(is_span, "taking.sections", "时段的开始要早于结束，都在一天之内")?;
        check(lines.iter().any(|line| line.id == section.line_id), "taking.sections", "限号的队不在这个厅")?;
        let apart = |other: &SectionLimit| {
            other.line_id != section.line_id || other.to_minute <= section.from_minute || section.to_minute <= other.from_minute
        };
        check(taking.sections[..place].iter().all(apart), "taking.sections", "同一条队的时段重叠了")?;
    }
    check((1..=24 * 60).contains(&taking.phone.code_minutes), "taking.phone.code_minutes", "手机取号的码有效 1 分钟到 1 天")?;
    check(taking.phone.per_phone_and_day >= 1, "taking.phone.per_phone_and_day", "每个手机每天至少能取 1 个号")?;
    check(taking.paper.days_back <= PAPER_DAYS_MAX, "taking.paper.days_back", "纸号最多补录 31 天内的")?;
    let mut prefixes = BTreeSet::new();
    for prefix in &taking.paper.prefixes {
        let is_prefix = (1..=2).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_uppercase());
        check(is_prefix && prefixes.insert(prefix), "taking.paper.prefixes", "纸号的字头要一到两个大写字母，不能重复")?;
        check(lines.iter().all(|line| line.prefix != *prefix), "taking.paper.prefixes", "纸号的字头和一条队的一样")?;
    }
    Ok(())
}

fn check(holds: bool, field: &str, text: &str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::ConfigurationInvalid { field: field.to_owned(), text: text.to_owned() }) }
}
