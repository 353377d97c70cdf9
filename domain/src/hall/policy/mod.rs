//! What a site can set: opening hours, the calling policy, the roster, and the configuration of lines
//! and windows. Each group of settings is a struct of its own in a file of its own. Knows no ticket.

mod appointments;
mod cases;
mod evaluations;
mod faults;
mod goals;
mod hours;
mod notices;
mod reminders;
mod serving;
mod taking;
mod upstream;

use serde::{Deserialize, Serialize};

pub use self::appointments::{AppointmentMessages, AppointmentPolicy, BookableLine, LineSpecialDay, NoShowBlock, SlotSpan, WhenLate};
pub use self::cases::CasePolicy;
pub use self::evaluations::EvaluationPolicy;
pub use self::faults::PolicyFault;
pub use self::goals::Goals;
pub use self::hours::{OpeningHours, Span, SpecialDay};
pub use self::notices::{NoticePolicy, Rung};
pub use self::reminders::Reminders;
pub use self::serving::{CarryOver, Cover, ParkReason, ServingPolicy};
pub use self::taking::{PAPER_DAYS_MAX, PaperNumbers, PhoneReach, PhoneTickets, SectionLimit, Taking};
pub use self::upstream::{Reporting, UpstreamPolicy};
use super::class::Class;
use super::shared::Shared;
use super::state::{Hall, Line, Purpose, Window};
use crate::ids::{LineId, MatterId, WindowId};
use crate::time::{MINUTE_MS, Millis};

/// A window that will be staffed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The window.
    pub window_id: WindowId,
    /// Begin.
    pub starts_at: Millis,
    /// End.
    pub ends_at: Millis,
}

/// The calling policy of a site (DOMAIN.md §2); every value is a default that a site can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// At most one of this many calls goes to the green channel while others wait; 1 for no bound. So for
    /// the other classes below.
    pub green_bound: u32,
    /// To an appointment whose slot has begun.
    pub appointment_bound: u32,
    /// To a ticket with quick matters only.
    pub quick_bound: u32,
    /// To a ticket that is back after being missed or parked.
    pub returned_bound: u32,
    /// To a ticket that was sent here to the first place.
    pub transferred_bound: u32,
    /// The quick matters (简事); none: the class does not exist.
    pub quick_matter_ids: Vec<MatterId>,
    /// Whoever waits longer goes before the classes that stand before, in milliseconds.
    pub over_limit_ms: Millis,
    /// A missed ticket returns after this many calls of its line.
    pub return_after_calls: u32,
    /// A missed ticket returns after this time even without calls, in milliseconds.
    pub return_after_ms: Millis,
    /// A ticket returns by itself at most this often.
    pub returns_max: u32,
    /// A ticket is called again at most this often.
    pub recall_max: u32,
    /// Shortest time between two calls of one ticket, in milliseconds; 0 for none.
    pub recall_cooldown_ms: Millis,
    /// A window that is rostered, or paused, within this time counts as serving for a new ticket, in milliseconds.
    pub roster_lead_ms: Millis,
    /// Who sits where and when.
    pub roster: Vec<Shift>,
    /// What the kiosk says when no window serves a line.
    pub guide_text: String,
    /// The service time assumed for a line without history, in milliseconds.
    pub assumed_service_ms: Millis,
    /// What can be booked ahead, and what happens to it.
    pub appointments: Box<AppointmentPolicy>,
    /// Taking numbers.
    pub taking: Box<Taking>,
    /// What a site can set about serving.
    pub serving: Box<ServingPolicy>,
    /// What the site wants to reach; pages show figures beside it.
    pub goals: Goals,
    /// Messages to those who wait.
    pub reminders: Reminders,
    /// Negative ratings and complaints.
    pub evaluations: Box<EvaluationPolicy>,
    /// The platform above.
    pub upstream: Box<UpstreamPolicy>,
    /// Cases.
    pub cases: Box<CasePolicy>,
    /// Telling people that their document lies ready.
    pub notices: Box<NoticePolicy>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            green_bound: 3,
            appointment_bound: 3,
            quick_bound: 6,
            returned_bound: 3,
            transferred_bound: 3,
            quick_matter_ids: Vec::new(),
            over_limit_ms: 30 * MINUTE_MS,
            return_after_calls: 3,
            return_after_ms: 10 * MINUTE_MS,
            returns_max: 2,
            recall_max: 5,
            recall_cooldown_ms: 0,
            roster_lead_ms: 30 * MINUTE_MS,
            roster: Vec::new(),
            guide_text: "这项业务现在没有窗口办理，请到导办台，工作人员会帮您".to_owned(),
            assumed_service_ms: 8 * MINUTE_MS,
            appointments: Box::default(),
            taking: Box::default(),
            serving: Box::default(),
            goals: Goals::default(),
            reminders: Reminders::default(),
            evaluations: Box::default(),
            upstream: Box::default(),
            cases: Box::default(),
            notices: Box::default(),
        }
    }
}

impl Policy {
    /// At most one of this many calls goes to a class while somebody of a later one waits.
    #[must_use]
    pub fn bound(&self, class: Class) -> u32 {
        match class {
            Class::Transferred => self.transferred_bound,
            Class::Returned => self.returned_bound,
            Class::Green => self.green_bound,
            Class::Appointment => self.appointment_bound,
            Class::Quick => self.quick_bound,
            Class::Ordinary => 1,
        }
    }

    /// What happens to a number that was called in vain: the same words on slip and kiosk.
    #[must_use]
    pub fn missed_rule(&self) -> String {
        if self.returns_max == 0 {
            return "过号后不再叫您；人到了，请找导办台。".to_owned();
        }
        let minutes = self.return_after_ms.div_euclid(MINUTE_MS) + i64::from(self.return_after_ms % MINUTE_MS > 0);
        let after = match (self.return_after_calls, minutes) {
            (0, _) | (_, 0) => "马上".to_owned(),
            (calls, minutes) => format!("隔 {calls} 个号或 {minutes} 分钟"),
        };
        format!("过号后{after}再叫您，最多 {} 次；再没到就作废。", self.returns_max)
    }

    /// Whether somebody who names these matters is done quickly.
    #[must_use]
    pub fn is_quick(&self, matter_ids: &[MatterId]) -> bool {
        !matter_ids.is_empty() && matter_ids.iter().all(|id| self.quick_matter_ids.contains(id))
    }
}

/// A line as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSetup {
    /// Its id.
    pub id: LineId,
    /// Its name for people.
    pub name: String,
    /// One or two letters A–Z, its own within the hall.
    pub prefix: String,
    /// At most so many tickets a day; `None` for no limit.
    pub daily_contingent: Option<u32>,
}

/// A window as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSetup {
    /// Its id.
    pub id: WindowId,
    /// The number above it, its own within the hall.
    pub number: u16,
    /// What it is for.
    pub purpose: Purpose,
    /// The lines it serves.
    pub line_ids: Vec<LineId>,
    /// Of these the ones whose people it calls first, as long as nobody waits too long.
    #[serde(default)]
    pub preferred_line_ids: Vec<LineId>,
}

impl Hall {
    /// The configuration in force.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        let line = |line: &Line| LineSetup {
            id: line.id.clone(),
            name: line.name.clone(),
            prefix: line.prefix.clone(),
            daily_contingent: line.daily_contingent,
        };
        let window = |window: &Window| WindowSetup {
            id: window.id.clone(),
            number: window.number,
            purpose: window.purpose,
            line_ids: window.line_ids.clone(),
            preferred_line_ids: window.preferred_line_ids.clone(),
        };
        Configuration {
            lines: self.lines().map(line).collect(),
            windows: self.windows().map(window).collect(),
            hours: OpeningHours::clone(&self.doc.hours),
            policy: Policy::clone(&self.doc.policy),
        }
    }
}

/// The whole configuration of a hall; it replaces the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Every line.
    pub lines: Vec<LineSetup>,
    /// Every window.
    pub windows: Vec<WindowSetup>,
    /// When the hall is open.
    pub hours: OpeningHours,
    /// The calling policy.
    pub policy: Policy,
}

/// A configuration that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledConfiguration {
    /// From when it is in force.
    pub from: Millis,
    /// The configuration.
    pub configuration: Shared<Configuration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slip_tells_calls_minutes_and_how_often() {
        let rule = |return_after_calls, return_after_ms, returns_max| {
            Policy { return_after_calls, return_after_ms, returns_max, ..Policy::default() }.missed_rule()
        };
        assert_eq!(Policy::default().missed_rule(), "过号后隔 3 个号或 10 分钟再叫您，最多 2 次；再没到就作废。");
        assert_eq!(rule(5, 90_000, 1), "过号后隔 5 个号或 2 分钟再叫您，最多 1 次；再没到就作废。");
        assert_eq!(rule(0, 600_000, 1), rule(3, 0, 1));
        assert_eq!(rule(0, 600_000, 1), "过号后马上再叫您，最多 1 次；再没到就作废。");
        assert_eq!(rule(3, 600_000, 0), "过号后不再叫您；人到了，请找导办台。");
    }
}
