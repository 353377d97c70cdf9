//! Random sites: lines, windows and every knob of the policy. Knows no history.

use domain::hall::{
    CarryOver, Configuration, Cover, LineSetup, OpeningHours, Policy, Purpose, Reminders, ServingPolicy, Span, WindowSetup,
};
use domain::ids::{LineId, MatterId, StaffId, WindowId};
use domain::time::MINUTE_MS;
use fastrand::Rng;

/// Windows and lines of the largest site.
const WINDOWS_MAX: usize = 40;
const LINES_MAX: usize = 8;

pub fn line(number: usize) -> LineId {
    LineId::new("dc", &number.to_string())
}

pub fn window(number: usize) -> WindowId {
    WindowId::new("dc", &number.to_string())
}

/// A matter that some sites do quickly.
pub fn quick_matter() -> MatterId {
    MatterId::new("dc", "quick")
}

pub fn clerk(number: usize) -> StaffId {
    StaffId::new("dc", &format!("clerk{number}"))
}

/// A site drawn anew.
pub fn configuration(dice: &mut Rng) -> Configuration {
    let lines = dice.usize(1..=LINES_MAX);
    // As many small halls as large ones.
    let windows = if dice.bool() { dice.usize(1..=6) } else { dice.usize(1..=WINDOWS_MAX) };
    Configuration {
        lines: (0..lines).map(|number| line_setup(dice, number)).collect(),
        windows: (0..windows).map(|number| window_setup(dice, number, lines)).collect(),
        hours: hours(dice),
        policy: policy(dice),
    }
}

/// The same site with other rules, contingents, hours and lines of windows.
pub fn changed(dice: &mut Rng, before: &Configuration) -> Configuration {
    let lines = before.lines.len();
    Configuration {
        lines: (0..lines).map(|number| line_setup(dice, number)).collect(),
        windows: (0..before.windows.len()).map(|number| window_setup(dice, number, lines)).collect(),
        hours: if dice.bool() { hours(dice) } else { before.hours.clone() },
        policy: policy(dice),
    }
}

fn line_setup(dice: &mut Rng, number: usize) -> LineSetup {
    let letter = char::from(b'A' + number as u8);
    LineSetup {
        id: line(number),
        name: format!("{letter} 综合受理"),
        prefix: if number % 3 == 2 { format!("{letter}{letter}") } else { letter.to_string() },
        daily_contingent: dice.u8(..).is_multiple_of(4).then(|| dice.u32(5..120)),
    }
}

fn window_setup(dice: &mut Rng, number: usize, lines: usize) -> WindowSetup {
    let mut line_ids: Vec<LineId> = (0..lines).filter(|_| dice.bool()).map(line).collect();
    if line_ids.is_empty() {
        line_ids.push(line(dice.usize(..lines)));
    }
    let purpose = [Purpose::General, Purpose::Issue, Purpose::Assist, Purpose::Bundle, Purpose::Green][dice.usize(..5)];
    let preferred_line_ids = if dice.bool() { Vec::new() } else { line_ids.iter().filter(|_| dice.bool()).cloned().collect() };
    WindowSetup { id: window(number), number: number as u16 + 1, purpose, line_ids, preferred_line_ids }
}

fn hours(dice: &mut Rng) -> OpeningHours {
    if dice.bool() {
        return OpeningHours::RoundTheClock;
    }
    let spans = vec![Span { from_minute: 8 * 60 + 30, to_minute: 12 * 60 }, Span { from_minute: 13 * 60, to_minute: 17 * 60 }];
    OpeningHours::Weekly { week: std::array::from_fn(|_| spans.clone()), special_days: Vec::new() }
}

fn policy(dice: &mut Rng) -> Policy {
    let serving = ServingPolicy {
        park_reminder_ms: dice.i64(0..20) * MINUTE_MS,
        day_end_after_ms: dice.i64(0..120) * MINUTE_MS,
        covers: if dice.bool() { vec![Cover { principal: clerk(1), covers: vec![clerk(2)] }] } else { Vec::new() },
        carry_over: if dice.bool() { CarryOver::NextOpening } else { CarryOver::Off },
        ..ServingPolicy::default()
    };
    // No bound, or one that leaves calls to the others.
    let bound = |dice: &mut Rng| if dice.bool() { 1 } else { dice.u32(6..=9) };
    Policy {
        serving: Box::new(serving),
        green_bound: dice.u32(3..=6),
        appointment_bound: bound(dice),
        returned_bound: bound(dice),
        transferred_bound: bound(dice),
        quick_bound: dice.u32(8..=20),
        reminders: Reminders { people_ahead: if dice.bool() { 0 } else { dice.u32(1..6) }, called: dice.bool() },
        quick_matter_ids: if dice.bool() { vec![quick_matter()] } else { Vec::new() },
        over_limit_ms: dice.i64(0..60) * MINUTE_MS,
        return_after_calls: dice.u32(0..6),
        return_after_ms: dice.i64(0..20) * MINUTE_MS,
        returns_max: dice.u32(0..4),
        recall_max: dice.u32(0..6),
        recall_cooldown_ms: if dice.bool() { 0 } else { dice.i64(0..60_000) },
        roster_lead_ms: dice.i64(0..60) * MINUTE_MS,
        taking: Box::new(super::taking::settings(dice)),
        ..Policy::default()
    }
}
