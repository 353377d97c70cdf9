//! What is wrong with a configuration by itself: everything at once, each with its path. What
//! contradicts the hall as it is, `decide/configure.rs` says.

use std::collections::BTreeSet;

use super::{Configuration, LineSetup, OpeningHours, Policy, Span, WindowSetup};
use crate::hall::class::Class;
use crate::ids::LineId;

/// Lines and windows a hall can have.
const LINES_MAX: usize = 64;
const WINDOWS_MAX: usize = 200;
/// Shifts kept in a hall: those of the next days, not the whole year.
const ROSTER_MAX: usize = 400;
const SPECIAL_DAYS_MAX: usize = 400;
const QUICK_MATTERS_MAX: usize = 1_000;
/// A bound beyond this never lets the class come before the limit of waiting does.
const BOUND_MAX: u32 = 100;
/// Of so many calls the bounds give each class its share in whole numbers, nearly.
const WHOLE: u32 = 2_520;

/// What is wrong with a configuration, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// Path within the configuration.
    pub field: String,
    /// For people.
    pub text: String,
}

/// Collects what is wrong with one part of a configuration.
pub(super) struct Faults {
    part: &'static str,
    found: Vec<PolicyFault>,
}

impl Faults {
    /// Of the part at a path, which ends with a dot; empty for the whole.
    pub(super) fn under(part: &'static str) -> Self {
        Self { part, found: Vec::new() }
    }

    pub(super) fn check(&mut self, holds: bool, field: &str, text: &str) {
        if !holds {
            self.found.push(PolicyFault { field: format!("{}{field}", self.part), text: text.to_owned() });
        }
    }

    pub(super) fn found(self) -> Vec<PolicyFault> {
        self.found
    }
}

impl Configuration {
    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut own = Faults::under("");
        self.check_lines(&mut own);
        self.check_windows(&mut own);
        check_hours(&self.hours, &mut own);
        check_roster(&self.policy, &self.windows, &mut own);
        let mut rules = Faults::under("policy.");
        check_order(&self.policy, &mut rules);
        let lines: Vec<_> = self.lines.iter().map(|line| &line.id).collect();
        let policy = &self.policy;
        let parts = [
            own.found(),
            rules.found(),
            policy.taking.faults(&self.lines),
            policy.serving.faults(),
            policy.appointments.faults(&lines),
            policy.goals.faults(),
            policy.reminders.faults(),
            policy.evaluations.faults(),
            policy.upstream.faults(),
            policy.cases.faults(),
            policy.notices.faults(),
        ];
        parts.into_iter().flatten().collect()
    }

    fn check_lines(&self, faults: &mut Faults) {
        faults.check(self.lines.len() <= LINES_MAX, "lines", "队太多了");
        let (mut ids, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
        for (place, LineSetup { id, name, prefix, .. }) in self.lines.iter().enumerate() {
            faults.check(ids.insert(id), &format!("lines[{place}].id"), "同一条队写了两次");
            faults.check(is_prefix(prefix), &format!("lines[{place}].prefix"), "字头要一到两个大写字母");
            faults.check(prefixes.insert(prefix), &format!("lines[{place}].prefix"), "两条队用了同一个字头");
            faults.check(!name.trim().is_empty(), &format!("lines[{place}].name"), "队要有名称");
        }
    }

    fn check_windows(&self, faults: &mut Faults) {
        faults.check(self.windows.len() <= WINDOWS_MAX, "windows", "窗口太多了");
        let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for (place, window) in self.windows.iter().enumerate() {
            let at = format!("windows[{place}]");
            faults.check(ids.insert(&window.id), &format!("{at}.id"), "同一个窗口写了两次");
            faults.check(window.number > 0, &format!("{at}.number"), "窗口的号码从 1 起");
            faults.check(numbers.insert(window.number), &format!("{at}.number"), "两个窗口用了同一个号码");
            for (field, line_ids) in [("line_ids", &window.line_ids), ("preferred_line_ids", &window.preferred_line_ids)] {
                let once = line_ids.iter().collect::<BTreeSet<_>>().len() == line_ids.len();
                faults.check(once, &format!("{at}.{field}"), "窗口的同一条队写了两次");
            }
            let here = |id: &LineId| self.lines.iter().any(|line| line.id == *id);
            faults.check(window.line_ids.iter().all(here), &format!("{at}.line_ids"), "窗口办的队不在这个厅");
            let served = window.preferred_line_ids.iter().all(|id| window.line_ids.contains(id));
            faults.check(served, &format!("{at}.preferred_line_ids"), "先办的队要是这个窗口办的队");
        }
    }
}

/// One or two letters A–Z.
pub(super) fn is_prefix(prefix: &str) -> bool {
    (1..=2).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn check_hours(hours: &OpeningHours, faults: &mut Faults) {
    let OpeningHours::Weekly { week, special_days } = hours else { return };
    faults.check(special_days.len() <= SPECIAL_DAYS_MAX, "hours.special_days", "特别日子太多了");
    let is_span = |span: &Span| span.from_minute < span.to_minute && span.to_minute <= 24 * 60;
    let text = "开门时间要早于关门时间，都在一天之内";
    for (place, spans) in week.iter().enumerate() {
        faults.check(spans.iter().all(is_span), &format!("hours.week[{place}]"), text);
    }
    for (place, day) in special_days.iter().enumerate() {
        faults.check(day.spans.iter().all(is_span), &format!("hours.special_days[{place}].spans"), text);
    }
}

fn check_roster(policy: &Policy, windows: &[WindowSetup], faults: &mut Faults) {
    faults.check(policy.roster.len() <= ROSTER_MAX, "policy.roster", "排班太多了，只放最近几天的");
    for (place, shift) in policy.roster.iter().enumerate() {
        let is_here = windows.iter().any(|window| window.id == shift.window_id);
        faults.check(is_here, &format!("policy.roster[{place}].window_id"), "排班的窗口不在这个厅");
        faults.check(shift.starts_at < shift.ends_at, &format!("policy.roster[{place}]"), "排班的开始要早于结束");
    }
}

/// Bounds that leave a call to whoever stands last, and times that are none before zero. Those at the head leave calls to
/// whoever waits too long, and the classes that stand before by nature leave some of these to the ordinary.
fn check_order(policy: &Policy, faults: &mut Faults) {
    for (class, field) in Class::ALL.into_iter().filter_map(|class| Some((class, policy_field(class)?))) {
        faults.check((1..=BOUND_MAX).contains(&policy.bound(class)), field, "每几个号最多叫 1 个：写 1 到 100，1 是不限");
    }
    let share = |class: &Class| {
        let exists = *class != Class::Quick || !policy.quick_matter_ids.is_empty();
        Some(policy.bound(*class)).filter(|bound| exists && *bound >= 2).map_or(0, |bound| WHOLE.div_ceil(bound))
    };
    let leave_calls = |classes: &[Class]| classes.iter().map(share).sum::<u32>() < WHOLE;
    let leaves = leave_calls(&[Class::Transferred, Class::Returned]) && leave_calls(&Class::PREFERRED);
    faults.check(leaves, "bounds", "各类加起来把号叫完了，普通号轮不到：把几个上限调大一些");
    let times = [
        ("over_limit_ms", policy.over_limit_ms),
        ("return_after_ms", policy.return_after_ms),
        ("recall_cooldown_ms", policy.recall_cooldown_ms),
        ("roster_lead_ms", policy.roster_lead_ms),
        ("assumed_service_ms", policy.assumed_service_ms),
    ];
    for (field, time) in times {
        faults.check(time >= 0, field, "时间不能是负数");
    }
    faults.check(policy.quick_matter_ids.len() <= QUICK_MATTERS_MAX, "quick_matter_ids", "简事太多了");
    let once = policy.quick_matter_ids.iter().collect::<BTreeSet<_>>().len() == policy.quick_matter_ids.len();
    faults.check(once, "quick_matter_ids", "同一个简事写了两次");
}

/// The setting that bounds a class.
fn policy_field(class: Class) -> Option<&'static str> {
    match class {
        Class::Transferred => Some("transferred_bound"),
        Class::Returned => Some("returned_bound"),
        Class::Green => Some("green_bound"),
        Class::Appointment => Some("appointment_bound"),
        Class::Quick => Some("quick_bound"),
        Class::Ordinary => None,
    }
}
