//! What a site sets about its cases: when a limit comes near, when an alert that nobody answers goes a level up, and how
//! 办件编号 are made. Knows no case.

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::case_clock::Thresholds;
use crate::codes::{CASE_NUMBER_CHARS_MAX, CaseNumberPattern};

/// Share of a budget, in percent.
const PERCENT: std::ops::RangeInclusive<u32> = 0..=100;
/// Working days before a limit: no limit of the law is longer.
const NOTICE_DAYS: std::ops::RangeInclusive<u32> = 0..=60;
/// Working days that an alert may stay unanswered.
const ESCALATE_DAYS: std::ops::RangeInclusive<u32> = 1..=30;
/// Calendar days of an authorisation.
const AUTHORISATION_DAYS: std::ops::RangeInclusive<u32> = 1..=365;
/// Calendar days back for which paper is entered.
const PAPER_DAYS: std::ops::RangeInclusive<u32> = 0..=31;
/// A short key of a site. A number that gets too long for a longer one is made by the default pattern.
const SITE_KEY: &str = "ABC";
/// A business item code has 33 characters.
const LONG_ITEM_CODE: &str = "111599010000000001000000000000000";

/// The group `cases` of a site's policy; the defaults of 预警 are local rules (DOMAIN §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CasePolicy {
    /// 预警 when at most this share of the promised budget is left, in percent,
    pub notice_percent: u32,
    /// or at most so many working days.
    pub notice_days: u32,
    /// 红牌 that nobody answers for so many working days goes to the level above, once.
    pub escalate_days: u32,
    /// 办件编号, as [`CaseNumberPattern`] reads it.
    pub number_pattern: String,
    /// Whether results are sent by courier, of matters that allow it (local rule).
    pub courier: bool,
    /// Calendar days for which an applicant may authorise an agent online (local rule).
    pub authorisation_days: u32,
    /// Calendar days back for which what a window took on paper can be entered (local rule).
    pub paper_days: u32,
}

impl Default for CasePolicy {
    fn default() -> Self {
        let Thresholds { notice_percent, notice_days } = Thresholds::default();
        Self {
            notice_percent,
            notice_days,
            escalate_days: 2,
            number_pattern: CaseNumberPattern::default().to_string(),
            courier: true,
            authorisation_days: 365,
            paper_days: 7,
        }
    }
}

impl CasePolicy {
    /// When a limit comes near.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        Thresholds { notice_percent: self.notice_percent, notice_days: self.notice_days }
    }

    /// How case numbers are made; the default where the setting cannot be read.
    #[must_use]
    pub fn numbers(&self) -> CaseNumberPattern {
        CaseNumberPattern::parse(&self.number_pattern).unwrap_or_default()
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.cases.");
        faults.check(PERCENT.contains(&self.notice_percent), "notice_percent", "期限剩百分之几时预警：0 到 100");
        faults.check(NOTICE_DAYS.contains(&self.notice_days), "notice_days", "期限剩几个工作日时预警：0 到 60");
        faults.check(ESCALATE_DAYS.contains(&self.escalate_days), "escalate_days", "红牌几个工作日没处理报上一级：1 到 30");
        faults.check(AUTHORISATION_DAYS.contains(&self.authorisation_days), "authorisation_days", "网上授权最长几天：1 到 365");
        faults.check(PAPER_DAYS.contains(&self.paper_days), "paper_days", "纸质受理几天以内可以补录：0 到 31");
        let pattern = CaseNumberPattern::parse(&self.number_pattern);
        let text =
            "编号里场所 {site_code}、日期 {yyyyMMdd}、流水号 {serial:04} 各写一次，可以加事项编码 {item_code}，其余只用字母、数字和 -";
        faults.check(pattern.is_ok(), "number_pattern", text);
        let longest = |pattern: CaseNumberPattern| pattern.format(SITE_KEY, LONG_ITEM_CODE, chrono::NaiveDate::default(), 1);
        let fits = pattern.is_err() || pattern.is_ok_and(|pattern| longest(pattern).is_some());
        faults.check(fits, "number_pattern", &format!("编号最长 {CASE_NUMBER_CHARS_MAX} 个字，这样写会超过"));
        faults.found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        assert!(CasePolicy::default().faults().is_empty());
        let wrong = CasePolicy {
            notice_percent: 101,
            notice_days: 61,
            escalate_days: 0,
            number_pattern: "{site_code}".to_owned(),
            authorisation_days: 366,
            paper_days: 32,
            ..CasePolicy::default()
        };
        let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field.replace("policy.cases.", "")).collect();
        assert_eq!(fields, ["notice_percent", "notice_days", "escalate_days", "authorisation_days", "paper_days", "number_pattern"]);
        let pattern = |text: &str| CasePolicy { number_pattern: text.to_owned(), ..CasePolicy::default() }.faults().len();
        assert_eq!(pattern("BH-{site_code}-{yyyyMMdd}-{serial:05}"), 0);
        assert_eq!(pattern("{item_code}{site_code}{yyyyMMdd}{serial:04}"), 0);
        assert_eq!(pattern("BH-{item_code}{site_code}{yyyyMMdd}{serial:04}"), 1, "no national table takes it");
        assert_eq!(pattern("{site_code}{yyyyMMdd}{serial:04}号"), 1);
    }
}
