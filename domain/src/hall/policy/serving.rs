//! What a site can set about serving: the reasons offered, the reminder of a parked ticket, who covers
//! whom, and how the day ends. All of it is a local rule with a default. Knows no ticket.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::ids::StaffId;
use crate::time::{MINUTE_MS, Millis};

/// Reasons of one list: a digit key for each.
const REASONS_MAX: usize = 9;
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 20;
/// Entries of the list of covers.
const COVERS_MAX: usize = 400;

/// A reason to park with its own reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkReason {
    /// For people.
    pub text: String,
    /// The desk is reminded after this time, in milliseconds; `None` for the policy's own.
    #[serde(default)]
    pub remind_after_ms: Option<Millis>,
}

/// Who may take the place of a person at a window (AB角).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// The A role.
    pub principal: StaffId,
    /// The B roles.
    pub covers: Vec<StaffId>,
}

/// What becomes of those who still wait when the day ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryOver {
    /// Their numbers end; the tracking page tells them so.
    #[default]
    Off,
    /// They stand first among the ordinary of the next opening, once, under their old number with a mark.
    NextOpening,
}

/// The serving policy of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServingPolicy {
    /// Offered when nobody came; another one can be written.
    pub miss_reasons: Vec<String>,
    /// Offered when a ticket is set aside; another one can be written.
    pub park_reasons: Vec<ParkReason>,
    /// Offered when a window calls for the supervisor; another one can be written.
    pub help_reasons: Vec<String>,
    /// The desk is reminded of a parked ticket after this time, once, in milliseconds; 0 for never.
    pub park_reminder_ms: Millis,
    /// Who may take over from whom. Empty: everybody with the right to windows; a supervisor always may.
    pub covers: Vec<Cover>,
    /// The day's work ends this long after the last closing time of the date, in milliseconds.
    pub day_end_after_ms: Millis,
    /// What becomes of those who still wait then.
    pub carry_over: CarryOver,
}

impl Default for ServingPolicy {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let park = |text: &str, minutes: Millis| ParkReason { text: text.to_owned(), remind_after_ms: Some(minutes * MINUTE_MS) };
        Self {
            miss_reasons: words(&["叫了没人来", "人走开了", "说不办了"]),
            park_reasons: vec![park("去复印、填表", 5), park("等人送材料", 30), park("等后台核实", 15)],
            help_reasons: words(&["群众着急，来人劝劝", "政策拿不准", "系统或设备坏了", "要人替一会儿"]),
            park_reminder_ms: 10 * MINUTE_MS,
            covers: Vec::new(),
            day_end_after_ms: 60 * MINUTE_MS,
            carry_over: CarryOver::Off,
        }
    }
}

impl ServingPolicy {
    /// When the desk is to be reminded of a ticket that is set aside at an instant for a reason.
    #[must_use]
    pub fn remind_at(&self, reason: Option<&str>, at: Millis) -> Option<Millis> {
        let own = self.park_reasons.iter().find(|known| Some(known.text.as_str()) == reason).and_then(|known| known.remind_after_ms);
        let after_ms = own.unwrap_or(self.park_reminder_ms);
        (after_ms > 0).then_some(at + after_ms)
    }

    /// Whether a reason is one of those offered, so no text that somebody wrote.
    #[must_use]
    pub fn offers(&self, reason: &str) -> bool {
        let parks = self.park_reasons.iter().map(|known| &known.text);
        self.miss_reasons.iter().chain(&self.help_reasons).chain(parks).any(|known| known == reason)
    }

    /// Whether somebody may take over from the person at a window.
    #[must_use]
    pub fn may_cover(&self, principal: &StaffId, cover: &StaffId) -> bool {
        self.covers.is_empty() || self.covers.iter().any(|entry| entry.principal == *principal && entry.covers.contains(cover))
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.serving.");
        let parks: Vec<&str> = self.park_reasons.iter().map(|reason| reason.text.as_str()).collect();
        let lists = [("miss_reasons", texts(&self.miss_reasons)), ("park_reasons", parks), ("help_reasons", texts(&self.help_reasons))];
        for (field, list) in lists {
            faults.check(list.len() <= REASONS_MAX, field, "原因最多 9 个，一个数字键一个");
            let is_text = |text: &&str| (1..=REASON_CHARS_MAX).contains(&text.trim().chars().count());
            faults.check(list.iter().all(is_text), field, "每个原因写 1 到 20 个字");
            faults.check(list.iter().collect::<BTreeSet<_>>().len() == list.len(), field, "同一个原因写了两次");
        }
        for (place, reason) in self.park_reasons.iter().enumerate() {
            let field = format!("park_reasons[{place}].remind_after_ms");
            faults.check(reason.remind_after_ms.is_none_or(|time| time >= 0), &field, "时间不能是负数");
        }
        faults.check(self.park_reminder_ms >= 0, "park_reminder_ms", "时间不能是负数");
        faults.check(self.day_end_after_ms >= 0, "day_end_after_ms", "时间不能是负数");
        faults.check(self.covers.len() <= COVERS_MAX, "covers", "AB角太多了");
        let of_oneself = self.covers.iter().any(|entry| entry.covers.contains(&entry.principal));
        faults.check(!of_oneself, "covers", "自己不能顶自己");
        faults.found()
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}
