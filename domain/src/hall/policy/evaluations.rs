//! What a site sets about negative ratings and complaints: the deadlines of each step in working days of
//! the legal calendar, and from when on a rating looks strange. Local rules (DOMAIN §8: 5, 7 or 15 working
//! days were seen for the whole loop). Knows no rating.

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};

/// Days that a step may take.
const DAYS: std::ops::RangeInclusive<u32> = 1..=60;
/// Calls until somebody counts as not reached.
const TRIES: std::ops::RangeInclusive<u32> = 1..=20;
/// Longest time after the end of service that still counts as at once, in seconds.
const QUICK_S_MAX: u32 = 300;
/// Ratings of one source within the time below.
const BURST: std::ops::RangeInclusive<u32> = 2..=100;
/// That time, in minutes.
const BURST_MIN: std::ops::RangeInclusive<u32> = 1..=1_440;

/// The group `evaluations` of a site's policy. Days are working days, the day they count from not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationPolicy {
    /// 核实: so many days after the rating.
    pub verify_days: u32,
    /// 整改 and 答复: so many days after the rating.
    pub reply_days: u32,
    /// 回访: so many days after the reply.
    pub call_back_days: u32,
    /// Who was called so often in vain counts as not reached.
    pub call_tries: u32,
    /// 申诉 of the person judged: within so many days after the verification.
    pub appeal_days: u32,
    /// Its decision: so many days after the appeal.
    pub appeal_decision_days: u32,
    /// A complaint is answered so many days after it came.
    pub complaint_days: u32,
    /// A rating within so many seconds after the end of service is shown as one at once.
    pub quick_s: u32,
    /// One device or address that rates so often
    pub burst_ratings: u32,
    /// within so many minutes is shown.
    pub burst_min: u32,
}

impl Default for EvaluationPolicy {
    fn default() -> Self {
        Self {
            verify_days: 2,
            reply_days: 5,
            call_back_days: 3,
            call_tries: 3,
            appeal_days: 5,
            appeal_decision_days: 5,
            complaint_days: 5,
            quick_s: 3,
            burst_ratings: 3,
            burst_min: 10,
        }
    }
}

impl EvaluationPolicy {
    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.evaluations.");
        let days = [
            (self.verify_days, "verify_days", "差评几个工作日内核实：1 到 60"),
            (self.reply_days, "reply_days", "差评几个工作日内答复：1 到 60"),
            (self.call_back_days, "call_back_days", "答复后几个工作日内回访：1 到 60"),
            (self.appeal_days, "appeal_days", "核实后几个工作日内可以申诉：1 到 60"),
            (self.appeal_decision_days, "appeal_decision_days", "申诉几个工作日内复核：1 到 60"),
            (self.complaint_days, "complaint_days", "投诉几个工作日内答复：1 到 60"),
        ];
        for (value, field, text) in days {
            faults.check(DAYS.contains(&value), field, text);
        }
        faults.check(self.verify_days <= self.reply_days, "reply_days", "答复的期限不能早于核实的期限");
        faults.check(TRIES.contains(&self.call_tries), "call_tries", "回访打几次没接算联系不上：1 到 20");
        faults.check(self.quick_s <= QUICK_S_MAX, "quick_s", "办完几秒内就评算太快：0 到 300");
        faults.check(BURST.contains(&self.burst_ratings), "burst_ratings", "同一来源连着评几次算异常：2 到 100");
        faults.check(BURST_MIN.contains(&self.burst_min), "burst_min", "连着评看多少分钟：1 到 1440");
        faults.found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        assert!(EvaluationPolicy::default().faults().is_empty());
        let wrong = EvaluationPolicy {
            verify_days: 9,
            reply_days: 5,
            call_back_days: 0,
            call_tries: 0,
            appeal_days: 61,
            appeal_decision_days: 0,
            complaint_days: 0,
            quick_s: 301,
            burst_ratings: 1,
            burst_min: 0,
        };
        let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field.replace("policy.evaluations.", "")).collect();
        assert_eq!(
            fields,
            [
                "call_back_days",
                "appeal_days",
                "appeal_decision_days",
                "complaint_days",
                "reply_days",
                "call_tries",
                "quick_s",
                "burst_ratings",
                "burst_min"
            ]
        );
    }
}
