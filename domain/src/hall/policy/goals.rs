//! What a site wants to reach. Pages show figures beside them; no rule of the queue follows from them.

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::time::{MINUTE_MS, Millis};

/// No goal is longer than this.
const LONGEST_MS: Millis = 24 * 60 * MINUTE_MS;

/// The goals of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goals {
    /// The mean wait of a day, in milliseconds.
    pub average_wait_ms: Millis,
    /// A visit that is served longer shall be looked after, in milliseconds.
    pub service_ms: Millis,
    /// Share of the ratings that are basically satisfied or better, in per cent.
    pub satisfaction_percent: u8,
}

impl Default for Goals {
    fn default() -> Self {
        Self { average_wait_ms: 20 * MINUTE_MS, service_ms: 30 * MINUTE_MS, satisfaction_percent: 95 }
    }
}

impl Goals {
    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.goals.");
        let span = |ms: Millis| (MINUTE_MS..=LONGEST_MS).contains(&ms);
        faults.check(span(self.average_wait_ms), "average_wait_ms", "平均等待的目标 1 分钟到 24 小时");
        faults.check(span(self.service_ms), "service_ms", "一件办多久算太久，1 分钟到 24 小时");
        faults.check(self.satisfaction_percent <= 100, "satisfaction_percent", "满意率的目标 0 到 100");
        faults.found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_goal_is_named_at_once() {
        assert!(Goals::default().faults().is_empty());
        let wrong = Goals { average_wait_ms: 0, service_ms: LONGEST_MS + 1, satisfaction_percent: 101 };
        let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["average_wait_ms", "service_ms", "satisfaction_percent"].map(|field| format!("policy.goals.{field}")));
    }
}
