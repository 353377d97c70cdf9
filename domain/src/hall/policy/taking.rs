//! What a site can set about taking numbers: when the last one is given, how many a line gives in a
//! section of the day, whether phones take them, and which pre-printed paper numbers exist. Every value
//! is a local rule, configurable (DOMAIN.md §2); the defaults change nothing for a site that sets none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::LineSetup;
use super::faults::{Faults, PolicyFault, is_prefix};
use super::hours::OpeningHours;
use crate::ids::LineId;
use crate::time::{DAY_MS, Millis};

/// Limited sections of the day, over all lines.
const SECTIONS_MAX: usize = 400;

/// How many days back a paper number may be entered at most.
pub const PAPER_DAYS_MAX: u32 = 31;

/// The group `taking` of a site's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Taking {
    /// The last number of a day is given this long before the hall closes, in milliseconds.
    pub last_number_before_close_ms: Millis,
    /// The last number before a break of the day (lunch) is given this long before it, in milliseconds.
    pub last_number_before_break_ms: Millis,
    /// How many numbers a line gives in a section of the day.
    pub sections: Vec<SectionLimit>,
    /// Numbers taken with one's own phone.
    pub phone: PhoneTickets,
    /// Numbers pre-printed on paper, for when everything is down.
    pub paper: PaperNumbers,
}

/// At most so many numbers of a line in a section of the day, so that not everybody comes at nine.
/// Numbers of appointments, walk-ins and paper numbers do not count: they have a place already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionLimit {
    /// The line.
    pub line_id: LineId,
    /// Begin in minutes after local midnight, 0 to 1439.
    pub from_minute: u16,
    /// End, excluded, 1 to 1440.
    pub to_minute: u16,
    /// At most so many numbers.
    pub at_most: u32,
}

/// Who may take a number with a phone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneReach {
    /// Nobody.
    #[default]
    Off,
    /// Whoever scanned the code shown in the hall a moment ago.
    Hall,
    /// Everybody, from home too.
    Anywhere,
}

/// Numbers taken with one's own phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhoneTickets {
    /// Who may.
    pub reach: PhoneReach,
    /// How long a code shown in the hall is good, in minutes; a new one is shown twice as often.
    pub code_minutes: u32,
    /// Numbers a phone number may take on one day.
    pub per_phone_and_day: u32,
}

impl Default for PhoneTickets {
    fn default() -> Self {
        Self { reach: PhoneReach::Off, code_minutes: 10, per_phone_and_day: 2 }
    }
}

/// Pre-printed paper numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaperNumbers {
    /// The letters of the printed series, none of them a line's; empty: the site has no paper numbers.
    pub prefixes: Vec<String>,
    /// How many days later a paper number may still be entered.
    pub days_back: u32,
}

impl Default for PaperNumbers {
    fn default() -> Self {
        Self { prefixes: Vec::new(), days_back: 7 }
    }
}

impl Taking {
    /// The end of the opening that contains `at`, once the last number before it has been given.
    #[must_use]
    pub fn over_since(&self, hours: &OpeningHours, at: Millis) -> Option<Millis> {
        let (closes_at, is_last) = hours.opening_ends(at)?;
        let lead_ms = if is_last { self.last_number_before_close_ms } else { self.last_number_before_break_ms };
        (at >= closes_at - lead_ms && lead_ms > 0).then_some(closes_at)
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self, lines: &[LineSetup]) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.taking.");
        let lead = |lead: Millis| (0..DAY_MS).contains(&lead);
        let text = "提前停号的时间要在 0 到 24 小时之间";
        faults.check(lead(self.last_number_before_close_ms), "last_number_before_close_ms", text);
        faults.check(lead(self.last_number_before_break_ms), "last_number_before_break_ms", text);
        self.check_sections(lines, &mut faults);
        faults.check((1..=24 * 60).contains(&self.phone.code_minutes), "phone.code_minutes", "手机取号的码有效 1 分钟到 1 天");
        faults.check(self.phone.per_phone_and_day >= 1, "phone.per_phone_and_day", "每个手机每天至少能取 1 个号");
        faults.check(self.paper.days_back <= PAPER_DAYS_MAX, "paper.days_back", "纸号最多补录 31 天内的");
        let mut prefixes = BTreeSet::new();
        for (place, prefix) in self.paper.prefixes.iter().enumerate() {
            let field = format!("paper.prefixes[{place}]");
            faults.check(is_prefix(prefix) && prefixes.insert(prefix), &field, "纸号的字头要一到两个大写字母，不能重复");
            faults.check(lines.iter().all(|line| line.prefix != *prefix), &field, "纸号的字头和一条队的一样");
        }
        faults.found()
    }

    /// Sections of one line do not overlap.
    fn check_sections(&self, lines: &[LineSetup], faults: &mut Faults) {
        faults.check(self.sections.len() <= SECTIONS_MAX, "sections", "时段太多了");
        for (place, section) in self.sections.iter().enumerate() {
            let field = format!("sections[{place}]");
            let is_span = section.from_minute < section.to_minute && section.to_minute <= 24 * 60;
            faults.check(is_span, &field, "时段的开始要早于结束，都在一天之内");
            faults.check(lines.iter().any(|line| line.id == section.line_id), &format!("{field}.line_id"), "限号的队不在这个厅");
            let apart = |other: &SectionLimit| {
                other.line_id != section.line_id || other.to_minute <= section.from_minute || section.to_minute <= other.from_minute
            };
            faults.check(self.sections.iter().take(place).all(apart), &field, "同一条队的时段重叠了");
        }
    }
}
