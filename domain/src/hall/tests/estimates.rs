//! Estimated waits: by hand on a small hall, and against simulated days.

use super::stage::*;
use crate::hall::simulated_day::{Quality, Told, play, scenarios};
use crate::hall::*;
use crate::time::MINUTE_MS;

fn normal_s(stage: &Stage, line_name: &str) -> u32 {
    stage.hall.estimated_wait(&line(line_name)).normal_s
}

#[test]
fn what_a_line_learns_from_is_what_the_slip_told() {
    let mut stage = Stage::closed();
    stage.sit(1);
    stage.issue("a1", "a");
    stage.call(1);
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    // Nothing was recorded for six minutes of the assumed eight: what is reckoned is reckoned now.
    stage.pass(6);
    let events = stage.ok(&Actor::machine(), &Command::Issue(new_ticket("a2", "a")));
    let Fact::TicketIssued { told_s, .. } = &events[0].fact else { panic!("{events:?}") };
    let on_the_slip = stage.hall.estimated_ticket_wait(&ticket("a2")).unwrap().normal_s;
    assert_eq!((*told_s, stage.get("a2").told_s), (on_the_slip, Some(on_the_slip)));
    assert!(on_the_slip < 180, "five minutes into the turn it would be 180, when it began 480: {on_the_slip}");
}

#[test]
fn a_free_window_means_no_wait_and_a_busy_one_what_is_left_of_its_turn() {
    let mut stage = Stage::closed();
    stage.sit(1);
    assert_eq!(stage.hall.estimated_wait(&line("a")), Wait::default());
    stage.issue("a1", "a");
    assert_eq!(stage.hall.estimated_ticket_wait(&ticket("a1")), Some(Wait::default()), "the window is free for it");
    stage.call(1);
    assert_eq!(normal_s(&stage, "a"), 480, "just called: the assumed eight minutes");
    stage.pass(5);
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    assert_eq!(normal_s(&stage, "a"), 180);
    stage.issue("a2", "a");
    let behind = stage.hall.estimated_wait(&line("a"));
    assert_eq!(behind.normal_s, 660, "three minutes left, then eight");
    assert!(behind.optimistic_s < 480 && behind.optimistic_s > 240, "{behind:?}");
    assert_eq!(stage.hall.estimated_ticket_wait(&ticket("a1")), None, "it does not wait");
}

#[test]
fn turns_that_were_shorter_make_the_wait_shorter_and_a_forgotten_one_hardly_longer() {
    let mut stage = Stage::closed();
    stage.sit(1);
    let turn = |stage: &mut Stage, name: &str, minutes: i64| {
        stage.issue(name, "a");
        stage.call(1);
        stage.by(1, &Command::Start { ticket_id: ticket(name) });
        stage.pass(minutes);
        stage.by(1, &Command::Finish { ticket_id: ticket(name), outcome: Outcome::Accepted });
    };
    for turns in 0..12 {
        turn(&mut stage, &format!("a{turns}"), 4);
    }
    stage.issue("b0", "a");
    stage.issue("b1", "a");
    let usual = normal_s(&stage, "a");
    assert!((2 * 240..2 * 300).contains(&usual), "two turns of about four minutes: {usual}");
    for name in ["b0", "b1"] {
        stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket(name) });
    }
    turn(&mut stage, "long", 300);
    stage.issue("c0", "a");
    stage.issue("c1", "a");
    let after = normal_s(&stage, "a");
    assert!(after < usual * 2, "five hours are no matter of this line: {usual} → {after}");
}

#[test]
fn a_person_who_does_not_come_keeps_the_window_too() {
    let mut stage = Stage::closed();
    stage.sit(1);
    stage.issue("a1", "a");
    stage.call(1);
    stage.pass(2);
    stage.by(1, &Command::Miss { ticket_id: ticket("a1"), reason: None });
    assert_eq!(stage.hall.line(&line("a")).unwrap().turn_times.count(), 1);
}

#[test]
fn a_shared_window_does_what_is_older_in_its_other_line_first() {
    let mut stage = Stage::closed();
    stage.sit(2);
    stage.issue("b1", "b");
    stage.call(2);
    let alone = normal_s(&stage, "a");
    stage.issue("b2", "b");
    stage.issue("b3", "b");
    assert_eq!(normal_s(&stage, "a"), alone + 2 * 480, "window 2 serves both lines");
    stage.now += 1;
    stage.issue("a1", "a");
    stage.now += 1;
    stage.issue("b4", "b");
    let first = stage.hall.estimated_ticket_wait(&ticket("a1")).unwrap();
    assert!(first.normal_s.abs_diff(alone + 2 * 480) <= 1, "who came later in the other line does not count: {first:?}");
    stage.sit(3);
    assert!(normal_s(&stage, "a") < alone + 3 * 480, "window 3 takes its share of line B");
}

#[test]
fn before_a_shift_begins_the_wait_is_the_time_until_then() {
    let mut stage = Stage::closed();
    let shift = Shift { window_id: window(1), starts_at: stage.now + 20 * MINUTE_MS, ends_at: stage.now + 99 * MINUTE_MS };
    stage.set_policy(|policy| policy.roster = vec![shift]);
    stage.issue("a1", "a");
    assert_eq!(stage.hall.estimated_ticket_wait(&ticket("a1")).unwrap().normal_s, 20 * 60);
    assert_eq!(normal_s(&stage, "a"), 28 * 60);
}

/// Days played per hall; the first ones teach it.
const DAYS: u32 = 20;
const LEARNED_FROM: u32 = 2;

#[test]
fn over_simulated_days_the_estimate_is_neither_too_long_nor_too_short() {
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let told = play(&scenario, DAYS, 7);
        let learned: Vec<&Told> = told.iter().filter(|told| told.day >= LEARNED_FROM && !told.green).collect();
        let quality = Quality::of(learned.iter().copied(), scenario.windows.len());
        let early = Quality::of(told.iter().filter(|told| told.day == 0 && !told.green), scenario.windows.len());
        println!("{}\n  learned {quality:.2?}\n  day 0   {early:.2?}", scenario.name);
        let checks = [
            quality.count > 300,
            quality.bias_min.abs() <= (0.12 * quality.came_min).max(0.5),
            quality.error_min <= 0.45 * quality.came_min + 0.5,
            quality.error_min < quality.plain_error_min,
            (0.05..=0.3).contains(&quality.below_optimistic),
        ];
        if checks.contains(&false) {
            wrong.push((scenario.name, checks));
        }
    }
    assert!(wrong.is_empty(), "count, bias, error, better than the plain rule, optimistic: {wrong:?}");
}
