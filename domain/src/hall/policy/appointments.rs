//! What a site sets about appointments: which lines can be booked, how many places each slot has, how
//! far ahead, and what becomes of somebody who comes early, late or not at all. Checked as a whole.
//! Knows no appointment.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::ids::LineId;

/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
/// Shortest and longest slot, in minutes.
const SLOT_MIN: std::ops::RangeInclusive<u16> = 5..=480;
/// Places of one slot.
const CAPACITY: std::ops::RangeInclusive<u16> = 0..=500;
/// Spans of one day, special days of one line, and bookable lines, at most.
const SPANS_MAX: usize = 12;
const SPECIAL_DAYS_MAX: usize = 400;
const LINES_MAX: usize = 64;
/// Furthest day that can be booked.
const EARLIEST_DAYS_MAX: u16 = 90;
/// Longest of every other time set here, in minutes: one week.
const MINUTES_MAX: u32 = 7 * DAY_MIN as u32;

/// A span of one day in which a line takes appointments, in minutes after local midnight, end excluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotSpan {
    /// Begin, 0 to 1439.
    pub from_minute: u16,
    /// End, 1 to 1440.
    pub to_minute: u16,
    /// Places of each slot in this span, where it differs from the line's.
    #[serde(default)]
    pub capacity: Option<u16>,
}

/// A date on which a line differs from its weekday: none of it, or other spans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpecialDay {
    /// The date.
    pub date: NaiveDate,
    /// What can be booked on it.
    pub spans: Vec<SlotSpan>,
}

/// A line that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookableLine {
    /// The line.
    pub line_id: LineId,
    /// Length of a slot in minutes. What is left at the end of a span and shorter than a slot is not booked.
    pub slot_min: u16,
    /// Places of a slot.
    pub capacity: u16,
    /// By weekday, Monday first, seven lists.
    pub week: [Vec<SlotSpan>; 7],
    /// Dates that differ from their weekday.
    #[serde(default)]
    pub special_days: Vec<LineSpecialDay>,
}

/// What becomes of an appointment whose time is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenLate {
    /// It is void; the person may take an ordinary number like everybody.
    #[default]
    Void,
    /// It still gives a number until the end of its day, in order, without the appointment's place.
    Ordinary,
}

/// Who did not come several times cannot book for a while. Off unless a site wants it; looks at this
/// site's appointments only and never at anybody's credit (DOMAIN §2: no credit lists).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoShowBlock {
    /// After so many appointments missed
    pub no_shows: u16,
    /// within so many days,
    pub within_days: u16,
    /// nothing can be booked by page for so many days; staff can still book.
    pub for_days: u16,
}

/// Messages by SMS to whoever booked. Off unless a site wants them: they cost money and need a provider.
/// When any is on, a day that closes after it was booked is told too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppointmentMessages {
    /// Whether booking and changing are confirmed.
    pub confirm: bool,
    /// The reminder goes out so long before the slot begins, in minutes; nobody is reminded without.
    pub remind_before_min: Option<u16>,
}

impl AppointmentMessages {
    /// Whether anything is sent at all.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.confirm || self.remind_before_min.is_some()
    }
}

/// The rules of appointments at a site. Local rules, all configurable; where no line is named the site
/// takes none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppointmentPolicy {
    /// The lines that can be booked.
    pub lines: Vec<BookableLine>,
    /// The furthest bookable day, in days from today.
    pub earliest_days: u16,
    /// A slot can be booked until so long before it begins, in minutes.
    pub latest_min: u16,
    /// Whether the legal calendar's days off close the book, and its make-up days open it.
    pub follows_calendar: bool,
    /// The weekday whose spans a make-up working day has, 1 for Monday to 7.
    pub make_up_weekday: u8,
    /// Check-in is open so long before the slot begins, in minutes.
    pub check_in_before_min: u16,
    /// An appointment is kept so long after its slot, in minutes (DOMAIN §2 knows a hall with 30).
    pub late_min: u16,
    /// What then becomes of it.
    pub when_late: WhenLate,
    /// Appointments of one phone in one line on one day.
    pub per_line_and_day: u16,
    /// Appointments of one phone that lie ahead, over all lines.
    pub open_max: u16,
    /// Who did not come several times waits a while.
    pub no_show_block: Option<NoShowBlock>,
    /// What is sent to whoever booked.
    pub messages: AppointmentMessages,
}

impl Default for AppointmentPolicy {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            earliest_days: 7,
            latest_min: 60,
            follows_calendar: true,
            make_up_weekday: 1,
            check_in_before_min: 30,
            late_min: 15,
            when_late: WhenLate::Void,
            per_line_and_day: 1,
            open_max: 3,
            no_show_block: None,
            messages: AppointmentMessages::default(),
        }
    }
}

impl AppointmentPolicy {
    /// A line's settings; `None` where it cannot be booked.
    #[must_use]
    pub fn line(&self, line_id: &LineId) -> Option<&BookableLine> {
        self.lines.iter().find(|line| line.line_id == *line_id)
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self, hall_lines: &[&LineId]) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.appointments.");
        faults.check(self.lines.len() <= LINES_MAX, "lines", "可预约的队太多了");
        let mut seen = BTreeSet::new();
        for (place, line) in self.lines.iter().enumerate() {
            let at = format!("lines[{place}]");
            faults.check(hall_lines.contains(&&line.line_id), &format!("{at}.line_id"), "这条队不在这个厅");
            faults.check(seen.insert(&line.line_id), &format!("{at}.line_id"), "同一条队写了两次");
            line.check(&at, &mut faults);
        }
        let minutes = |faults: &mut Faults, value: u32, field: &str| faults.check(value <= MINUTES_MAX, field, "时间最长一周");
        faults.check(self.earliest_days <= EARLIEST_DAYS_MAX, "earliest_days", "最多提前 90 天预约");
        minutes(&mut faults, self.latest_min.into(), "latest_min");
        minutes(&mut faults, self.check_in_before_min.into(), "check_in_before_min");
        minutes(&mut faults, self.late_min.into(), "late_min");
        let before = self.messages.remind_before_min.map_or(1, u32::from);
        faults.check((1..=MINUTES_MAX).contains(&before), "messages.remind_before_min", "提前 1 分钟到一周提醒");
        faults.check((1..=7).contains(&self.make_up_weekday), "make_up_weekday", "星期写 1 到 7");
        faults.check(self.per_line_and_day >= 1, "per_line_and_day", "每人每天至少能约一次");
        faults.check(self.open_max >= 1, "open_max", "每人至少能约一次");
        if let Some(block) = &self.no_show_block {
            let is_sound = block.no_shows >= 2 && (1..=366).contains(&block.within_days) && (1..=90).contains(&block.for_days);
            faults.check(is_sound, "no_show_block", "爽约至少 2 次才限制，统计 1 到 366 天，限制 1 到 90 天");
        }
        faults.found()
    }
}

impl BookableLine {
    fn check(&self, at: &str, faults: &mut Faults) {
        faults.check(SLOT_MIN.contains(&self.slot_min), &format!("{at}.slot_min"), "一个时段 5 到 480 分钟");
        faults.check(CAPACITY.contains(&self.capacity), &format!("{at}.capacity"), "一个时段最多 500 人");
        for (day, spans) in self.week.iter().enumerate() {
            self.check_spans(spans, &format!("{at}.week[{day}]"), faults);
        }
        faults.check(self.special_days.len() <= SPECIAL_DAYS_MAX, &format!("{at}.special_days"), "特别日子太多了");
        let mut dates = BTreeSet::new();
        for (place, day) in self.special_days.iter().enumerate() {
            let at = format!("{at}.special_days[{place}]");
            faults.check(dates.insert(day.date), &format!("{at}.date"), "同一天写了两次");
            self.check_spans(&day.spans, &at, faults);
        }
    }

    /// Spans of one day stand in order, do not overlap, and hold at least one slot each.
    fn check_spans(&self, spans: &[SlotSpan], at: &str, faults: &mut Faults) {
        faults.check(spans.len() <= SPANS_MAX, at, "一天的时段太多了");
        let mut free_from = 0;
        for (place, span) in spans.iter().enumerate() {
            let at = format!("{at}[{place}]");
            faults.check(span.from_minute < span.to_minute && span.to_minute <= DAY_MIN, &at, "开始要早于结束，都在一天之内");
            faults.check(span.from_minute >= free_from, &at, "时段要按先后写，不能重叠");
            let length = span.to_minute.saturating_sub(span.from_minute);
            faults.check(length >= self.slot_min || span.from_minute >= span.to_minute, &at, "这一段比一个时段还短");
            faults.check(span.capacity.is_none_or(|places| CAPACITY.contains(&places)), &at, "一个时段最多 500 人");
            free_from = free_from.max(span.to_minute);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_minute: u16, to_minute: u16) -> SlotSpan {
        SlotSpan { from_minute, to_minute, capacity: None }
    }

    fn line() -> BookableLine {
        let day = || vec![span(510, 720), span(840, 1050)];
        let week = [day(), day(), day(), day(), day(), Vec::new(), Vec::new()];
        BookableLine { line_id: LineId::new("dc", "a"), slot_min: 30, capacity: 4, week, special_days: Vec::new() }
    }

    #[test]
    fn a_sound_policy_has_no_faults_and_loads_from_nothing() {
        let line_id = LineId::new("dc", "a");
        let policy = AppointmentPolicy { lines: vec![line()], ..AppointmentPolicy::default() };
        assert_eq!(policy.faults(&[&line_id]), []);
        let empty: Result<AppointmentPolicy, _> = serde_json::from_str("{}");
        assert_eq!(empty.ok(), Some(AppointmentPolicy::default()), "a hall stored before there were appointments");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut bad = line();
        bad.slot_min = 1;
        bad.week[0] = vec![span(600, 500), span(540, 550)];
        bad.special_days =
            vec![LineSpecialDay { date: NaiveDate::MIN, spans: vec![] }, LineSpecialDay { date: NaiveDate::MIN, spans: vec![] }];
        let policy = AppointmentPolicy {
            lines: vec![bad, line()],
            earliest_days: 400,
            make_up_weekday: 0,
            per_line_and_day: 0,
            open_max: 0,
            messages: AppointmentMessages { confirm: true, remind_before_min: Some(0) },
            no_show_block: Some(NoShowBlock { no_shows: 1, within_days: 30, for_days: 30 }),
            ..AppointmentPolicy::default()
        };
        let faults = policy.faults(&[]);
        let fields: BTreeSet<&str> = faults.iter().map(|fault| fault.field.trim_start_matches("policy.appointments.")).collect();
        for field in [
            "lines[0].line_id",
            "lines[0].slot_min",
            "lines[0].week[0][0]",
            "lines[0].special_days[1].date",
            "lines[1].line_id",
            "earliest_days",
            "make_up_weekday",
            "per_line_and_day",
            "open_max",
            "no_show_block",
            "messages.remind_before_min",
        ] {
            assert!(fields.contains(field), "{field} is missing: {fields:?}");
        }
    }

    #[test]
    fn spans_that_overlap_or_hold_no_slot_are_told() {
        let mut bad = line();
        bad.week[1] = vec![span(540, 660), span(650, 700)];
        bad.week[2] = vec![span(540, 560)];
        let policy = AppointmentPolicy { lines: vec![bad], ..AppointmentPolicy::default() };
        let faults = policy.faults(&[&LineId::new("dc", "a")]);
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
