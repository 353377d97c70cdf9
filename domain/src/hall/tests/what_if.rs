//! A day played again: nearly as it was under its own policy, and differently under another.

use std::collections::BTreeMap;

use crate::hall::simulated_day::{events_of, scenarios};
use crate::hall::*;
use crate::ids::SiteId;
use crate::time::{MINUTE_MS, Millis};

/// The hall before its last day, and the events of that day.
fn last_day(scenario: usize) -> (Hall, Vec<Event>) {
    let events = events_of(&scenarios()[scenario], 3, 11);
    let begin = events.iter().rposition(|event| matches!(event.fact, Fact::DayOpened { .. })).unwrap();
    let mut hall = Hall::new(SiteId::parse("simulated").unwrap());
    events[..begin].iter().for_each(|event| drop(hall.evolve(event)));
    (hall, events[begin..].to_vec())
}

fn waits(day: &PlayedDay, class: VisitClass) -> Lengths {
    let groups = figures_by(&measures(&day.visits, &day.intervals), |measure| (measure.class == class).then_some(()));
    groups.get(&()).map(|figures| figures.waiting.clone()).unwrap_or_default()
}

fn mean_min(day: &PlayedDay, class: VisitClass) -> f64 {
    waits(day, class).mean_ms().unwrap() as f64 / MINUTE_MS as f64
}

#[test]
fn under_its_own_policy_a_day_comes_out_nearly_as_it_was() {
    for (place, scenario) in scenarios().iter().enumerate() {
        let (before, events) = last_day(place);
        let played = what_if(&before, &events, &before.configuration().policy);
        assert_eq!(played.own, played.other, "the same policy is the same day");
        assert_eq!(played.own.visits.len(), played.actual.visits.len(), "{}: the same people", scenario.name);
        assert_eq!(played.own.refused, 0);
        for class in [VisitClass::Ordinary, VisitClass::Green] {
            let (was, is) = (mean_min(&played.actual, class), mean_min(&played.own, class));
            println!("{} {class:?}: {was:.2} → {is:.2}", scenario.name);
            assert!((was - is).abs() <= 0.1 * was + 0.2, "{} {class:?}: {was:.2} min, played {is:.2}", scenario.name);
        }
    }
}

#[test]
fn another_policy_moves_waits_from_one_class_to_the_other() {
    let (before, events) = last_day(3);
    let mut policy = before.configuration().policy;
    (policy.green_bound, policy.over_limit_ms) = (1, Millis::from(600) * MINUTE_MS);
    let played = what_if(&before, &events, &policy);
    let change = |class| mean_min(&played.other, class) - mean_min(&played.own, class);
    assert!(change(VisitClass::Green) < -5.0, "the green channel goes first always: {}", change(VisitClass::Green));
    assert!(change(VisitClass::Ordinary) > 0.5, "and the others wait for it: {}", change(VisitClass::Ordinary));
}

#[test]
fn numbers_that_another_policy_does_not_give_are_counted() {
    let (before, events) = last_day(1);
    let mut policy = before.configuration().policy;
    let line_id = before.lines().next().unwrap().id.clone();
    policy.taking.sections = vec![SectionLimit { line_id, from_minute: 0, to_minute: 1440, at_most: 20 }];
    let played = what_if(&before, &events, &policy);
    assert!(played.other.refused > 20, "{}", played.other.refused);
    assert_eq!(played.other.visits.len() + played.other.refused as usize, played.own.visits.len());
}

/// Everything a person can do in a day: a second hall lives through it, and is played again.
#[test]
fn what_happened_to_each_ticket_happens_again() {
    use super::stage::*;
    let mut stage = Stage::open();
    let before = stage.hall.clone();
    let from = stage.log.len();
    stage.pass(1);
    for name in ["a1", "a2", "a3", "b1", "b2"] {
        stage.issue(name, &name[..1]);
        stage.pass(1);
    }
    stage.issue_green("g1", "a");
    stage.by(1, &Command::WalkIn { window_id: window(1), ticket: new_ticket("w1", "a") });
    stage.pass(3);
    stage.by(1, &Command::Finish { ticket_id: ticket("w1"), outcome: Outcome::Consulted });
    stage.call(1);
    stage.pass(1);
    stage.by(1, &Command::Start { ticket_id: ticket("g1") });
    stage.pass(2);
    stage.by(1, &Command::Park { ticket_id: ticket("g1"), reason: Some("去复印、填表".to_owned()) });
    stage.call(1);
    stage.pass(2);
    stage.by(1, &Command::Miss { ticket_id: ticket("a1"), reason: None });
    stage.call(3);
    stage.by(3, &Command::Start { ticket_id: ticket("b1") });
    stage.pass(4);
    let to = Target::Line { line_id: line("a") };
    stage.by(3, &Command::Transfer { ticket_id: ticket("b1"), to, position: Position::First, holder_keys: Vec::new() });
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("b2") });
    stage.by(1, &Command::Resume { ticket_id: ticket("g1") });
    stage.by(1, &Command::Start { ticket_id: ticket("g1") });
    stage.pass(5);
    stage.by(1, &Command::Finish { ticket_id: ticket("g1"), outcome: Outcome::Accepted });
    while let Some((id, _)) = stage.call(1) {
        stage.by(1, &Command::Start { ticket_id: id.clone() });
        stage.pass(2);
        stage.by(1, &Command::Finish { ticket_id: id, outcome: Outcome::Accepted });
    }
    stage.by(2, &Command::CloseWindow { window_id: window(2) });
    let played = what_if(&before, &stage.log[from..], &before.configuration().policy);
    let ends = |day: &PlayedDay| -> BTreeMap<_, _> {
        let over = |interval: &&Interval| matches!(interval.next, StateName::Done | StateName::Abandoned | StateName::Expired);
        day.intervals.iter().filter(over).map(|interval| (interval.ticket_id.clone(), interval.next)).collect()
    };
    let expected = BTreeMap::from_iter(
        ["a1", "a2", "a3", "b1", "b2", "g1", "w1"]
            .map(|name| (ticket(name), if name == "b2" { StateName::Abandoned } else { StateName::Done })),
    );
    assert_eq!(ends(&played.actual), expected);
    assert_eq!(ends(&played.own), expected);
    let parked = |day: &PlayedDay| day.intervals.iter().filter(|interval| interval.state == StateName::Parked).count();
    assert_eq!((parked(&played.own), parked(&played.actual)), (1, 1));
}
