//! Who is told that the turn comes near: once a ticket, decided after whatever happened.

use super::stage::*;
use crate::hall::*;

fn stage(people_ahead: u32) -> Stage {
    let mut stage = Stage::open();
    stage.set_policy(|policy| policy.reminders = Reminders { people_ahead, called: true });
    stage
}

fn issue_with_phone(stage: &mut Stage, name: &str) {
    stage.ok(&Actor::machine(), &Command::Issue(NewTicket { phone_left: true, ..new_ticket(name, "a") }));
}

fn noticed(events: &[Event]) -> Vec<(String, u32)> {
    let near = events.iter().filter_map(|event| match &event.fact {
        Fact::TicketNearNoticed { ticket_id, ahead } => Some((ticket_id.to_string(), *ahead)),
        _ => None,
    });
    near.collect()
}

fn call(stage: &mut Stage) -> Vec<(String, u32)> {
    let events = stage.by(1, &Command::CallNext { window_id: window(1) });
    let called = events.iter().find_map(Event::as_call).unwrap().0.clone();
    let mut all = noticed(&events);
    all.extend(noticed(&stage.by(1, &Command::Start { ticket_id: called.clone() })));
    all.extend(noticed(&stage.by(1, &Command::Finish { ticket_id: called, outcome: Outcome::Accepted })));
    all
}

#[test]
fn whoever_left_a_phone_is_noticed_once_when_few_are_ahead() {
    let mut stage = stage(2);
    for name in ["a1", "a2", "a3"] {
        stage.issue(name, "a");
    }
    issue_with_phone(&mut stage, "p1");
    stage.issue("a4", "a");
    issue_with_phone(&mut stage, "p2");
    assert_eq!(call(&mut stage), [("t_dc_p1".to_owned(), 2)]);
    assert_eq!(call(&mut stage), [], "once");
    assert_eq!(call(&mut stage), [("t_dc_p2".to_owned(), 2)]);
    let notices = stage.log.iter().filter(|event| matches!(event.fact, Fact::TicketNearNoticed { .. })).count();
    assert_eq!(
        (notices, stage.log.iter().find(|event| matches!(event.fact, Fact::TicketNearNoticed { .. })).unwrap().by.clone()),
        (2, None)
    );
}

#[test]
fn whoever_comes_when_few_wait_has_it_on_the_slip() {
    let mut stage = stage(2);
    stage.issue("a1", "a");
    issue_with_phone(&mut stage, "p1");
    assert_eq!(call(&mut stage), []);
}

#[test]
fn a_jump_over_the_number_counts_too() {
    let mut stage = stage(1);
    for name in ["a1", "a2", "a3", "a4"] {
        stage.issue(name, "a");
    }
    issue_with_phone(&mut stage, "p1");
    let events = stage.by(1, &Command::Top { ticket_id: ticket("p1"), reason: "要赶班车".to_owned() });
    assert_eq!(noticed(&events), [("t_dc_p1".to_owned(), 0)]);
    stage.by(1, &Command::Untop { ticket_id: ticket("p1") });
    for _ in 0..3 {
        assert_eq!(call(&mut stage), []);
    }
}

#[test]
fn those_who_give_up_bring_others_near() {
    let mut stage = stage(1);
    for name in ["a1", "a2", "a3"] {
        stage.issue(name, "a");
    }
    issue_with_phone(&mut stage, "p1");
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("a1") });
    let events = stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("a2") });
    assert_eq!(noticed(&events), [("t_dc_p1".to_owned(), 1)]);
}

#[test]
fn off_is_off_and_too_many_is_refused() {
    let mut stage = stage(0);
    for name in ["a1", "a2", "a3"] {
        stage.issue(name, "a");
    }
    issue_with_phone(&mut stage, "p1");
    for _ in 0..3 {
        assert_eq!(call(&mut stage), []);
    }
    let mut wrong = configuration();
    wrong.policy.reminders.people_ahead = 51;
    assert_eq!(wrong.faults()[0].field, "policy.reminders.people_ahead");
}
