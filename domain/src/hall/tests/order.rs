//! Classes, their bounds, what windows prefer, and settings that contradict themselves.

use super::stage::*;
use crate::hall::*;
use crate::ids::AppointmentId;
use crate::time::{MINUTE_MS, Millis};

fn expect(stage: &mut Stage, number: u16, name: &str, rule: &str) {
    assert_eq!(stage.serve(number), Some((ticket(name), rule)), "window {number}");
}

fn issue_with_slot(stage: &mut Stage, name: &str, line_name: &str, slot_starts_at: Millis) {
    let appointment =
        TicketAppointment { appointment_id: AppointmentId::new("dc", name), slot_starts_at, slot_ends_at: slot_starts_at + 30 * MINUTE_MS };
    stage.ok(&Actor::machine(), &Command::Issue(NewTicket { appointment: Some(appointment), ..new_ticket(name, line_name) }));
}

fn issue_quick(stage: &mut Stage, name: &str, matters: &[&str]) {
    let matter_ids = matters.iter().map(|name| matter(name)).collect();
    stage.ok(&Actor::machine(), &Command::Issue(NewTicket { matter_ids, ..new_ticket(name, "a") }));
}

fn windows(stage: &mut Stage, change: impl FnOnce(&mut [WindowSetup])) {
    let mut configuration = configuration();
    change(&mut configuration.windows);
    stage.ok(&Actor::machine(), &Command::Configure { configuration });
}

#[test]
fn an_appointment_goes_first_once_its_slot_has_begun_and_within_its_bound() {
    let mut stage = Stage::open();
    stage.issue("o1", "a");
    issue_with_slot(&mut stage, "soon", "a", at(9, 20));
    stage.pass(1);
    issue_with_slot(&mut stage, "now", "a", at(9, 0));
    for name in ["o2", "o3", "o4"] {
        stage.issue(name, "a");
    }
    expect(&mut stage, 1, "now", "appointment_first");
    expect(&mut stage, 1, "o1", "in_order");
    stage.pass(20);
    let upcoming = stage.hall.upcoming_for(stage.hall.window(&window(1)).unwrap(), stage.now, 2);
    assert_eq!(upcoming[0].0, ticket("o2"), "one call to others since the last appointment, two are needed: {upcoming:?}");
    expect(&mut stage, 1, "o2", "ordinary_turn");
    expect(&mut stage, 1, "soon", "appointment_first");
}

#[test]
fn before_its_slot_an_appointment_stands_by_its_time_like_everybody() {
    let mut stage = Stage::open();
    issue_with_slot(&mut stage, "early", "a", at(10, 0));
    stage.pass(1);
    stage.issue("o1", "a");
    expect(&mut stage, 1, "early", "in_order");
    issue_with_slot(&mut stage, "early2", "a", at(10, 0));
    stage.pass(1);
    issue_with_slot(&mut stage, "earlier_slot", "a", at(9, 1));
    assert_eq!(stage.hall.ticket(&ticket("early2")).unwrap().class_at(stage.now), Class::Ordinary);
    expect(&mut stage, 1, "earlier_slot", "appointment_first");
    expect(&mut stage, 1, "o1", "in_order");
}

#[test]
fn two_appointments_go_by_slot_not_by_who_came_early() {
    let mut stage = Stage::open();
    issue_with_slot(&mut stage, "late_slot", "a", at(9, 20));
    stage.pass(1);
    issue_with_slot(&mut stage, "early_slot", "a", at(9, 10));
    stage.pass(19);
    expect(&mut stage, 1, "early_slot", "appointment_first");
    expect(&mut stage, 1, "late_slot", "appointment_first");
}

#[test]
fn quick_matters_go_first_once_in_six_and_only_if_nothing_else_was_named() {
    let mut stage = Stage::open();
    stage.set_policy(|policy| policy.quick_matter_ids = vec![matter("stamp"), matter("copy")]);
    for name in ["o1", "o2", "o3", "o4", "o5", "o6"] {
        stage.issue(name, "a");
    }
    issue_quick(&mut stage, "q1", &["stamp"]);
    issue_quick(&mut stage, "q2", &["copy"]);
    issue_quick(&mut stage, "both", &["stamp", "copy"]);
    issue_quick(&mut stage, "slow", &["stamp", "house"]);
    assert_eq!(["q1", "both", "slow"].map(|name| stage.get(name).class()), [Class::Quick, Class::Quick, Class::Ordinary]);
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("both") });
    expect(&mut stage, 1, "q1", "quick_first");
    for name in ["o1", "o2", "o3", "o4", "o5"] {
        expect(&mut stage, 1, name, "ordinary_turn");
    }
    expect(&mut stage, 1, "q2", "quick_first");
    expect(&mut stage, 1, "o6", "in_order");
}

#[test]
fn a_window_calls_the_lines_it_prefers_first_as_long_as_nobody_waits_too_long() {
    let mut stage = Stage::open();
    windows(&mut stage, |windows| windows[1].preferred_line_ids = vec![line("b")]);
    for name in ["a1", "b1", "b2", "a2"] {
        stage.issue(name, &name[..1]);
        stage.pass(1);
    }
    let events = stage.by(2, &Command::CallNext { window_id: window(2) });
    let (id, reason) = events.iter().find_map(Event::as_call).unwrap();
    let expected = CallReason::PreferredLine { waited_ms: 3 * MINUTE_MS, oldest_waited_ms: 4 * MINUTE_MS };
    assert_eq!((id, reason), (&ticket("b1"), &expected));
    assert_eq!(reason.explain(), "这个窗口先办的队，已等 3 分钟；别的队最早的已等 4 分钟。");
    stage.by(2, &Command::Start { ticket_id: ticket("b1") });
    stage.by(2, &Command::Finish { ticket_id: ticket("b1"), outcome: Outcome::Accepted });
    stage.now = at(9, 30) + 1;
    expect(&mut stage, 2, "a1", "oldest_over_limit");
    expect(&mut stage, 2, "b2", "in_order");
    expect(&mut stage, 2, "a2", "in_order");
}

#[test]
fn a_green_window_calls_the_green_channel_and_takes_nobodys_turn() {
    let mut stage = Stage::open();
    windows(&mut stage, |windows| windows[1].purpose = Purpose::Green);
    for name in ["o1", "o2"] {
        stage.issue(name, "a");
    }
    for name in ["g1", "g2", "g3", "g4"] {
        stage.issue_green(name, "a");
    }
    expect(&mut stage, 2, "g1", "green_window");
    expect(&mut stage, 2, "g2", "green_window");
    expect(&mut stage, 1, "g3", "green_first");
    expect(&mut stage, 1, "o1", "ordinary_turn");
    expect(&mut stage, 2, "g4", "green_window");
    expect(&mut stage, 2, "o2", "in_order");
}

#[test]
fn whoever_is_sent_or_comes_back_is_bounded_where_the_site_says_so() {
    let mut stage = Stage::open();
    stage.set_policy(|policy| {
        (policy.transferred_bound, policy.returned_bound, policy.return_after_ms) = (4, 4, 0);
        (policy.green_bound, policy.appointment_bound) = (1, 1);
    });
    for name in ["b1", "b2", "a1", "a2", "a3", "a4"] {
        stage.issue(name, &name[..1]);
    }
    let send = |name: &str| Command::Transfer {
        ticket_id: ticket(name),
        to: Target::Line { line_id: line("a") },
        position: Position::First,
        holder_keys: Vec::new(),
    };
    stage.by(3, &send("b1"));
    stage.by(3, &send("b2"));
    expect(&mut stage, 1, "b1", "transferred_here");
    let called = stage.call(1).unwrap();
    assert_eq!(called, (ticket("a1"), "ordinary_turn"));
    stage.by(1, &Command::Miss { ticket_id: ticket("a1"), reason: None });
    expect(&mut stage, 1, "a1", "returned");
    expect(&mut stage, 1, "a2", "ordinary_turn");
    expect(&mut stage, 1, "b2", "transferred_here");
}

#[test]
fn whoever_was_carried_over_waits_from_the_opening_on_unless_called_by_name() {
    let mut stage = Stage::open();
    let mut configured = configuration();
    let day = vec![Span { from_minute: 9 * 60, to_minute: 17 * 60 }];
    configured.hours = OpeningHours::Weekly { week: std::array::from_fn(|_| day.clone()), special_days: Vec::new() };
    configured.policy.serving.carry_over = CarryOver::NextOpening;
    stage.ok(&Actor::machine(), &Command::Configure { configuration: configured });
    stage.issue("a1", "a");
    stage.issue("a2", "a");
    stage.pass(23 * 60);
    stage.sit(1);
    assert_eq!(stage.get("a1").number, "续A001");
    assert_eq!(stage.call(1), None, "it is eight, the hall opens at nine");
    stage.by(1, &Command::CallTicket { window_id: window(1), ticket_id: ticket("a2"), reason: "他先到了".to_owned() });
    stage.by(1, &Command::Start { ticket_id: ticket("a2") });
    stage.by(1, &Command::Finish { ticket_id: ticket("a2"), outcome: Outcome::Other });
    stage.pass(60);
    expect(&mut stage, 1, "a1", "in_order");
}

#[test]
fn everything_that_is_wrong_with_a_configuration_is_told_at_once() {
    let mut wrong = configuration();
    wrong.lines[1].prefix = "A".to_owned();
    wrong.lines[0].name = " ".to_owned();
    wrong.windows[0].preferred_line_ids = vec![line("b")];
    wrong.windows[2].number = 1;
    wrong.policy.quick_bound = 0;
    wrong.policy.over_limit_ms = -1;
    wrong.policy.quick_matter_ids = vec![matter("m"), matter("m")];
    wrong.policy.serving.miss_reasons = vec![String::new()];
    wrong.policy.taking.last_number_before_close_ms = -1;
    wrong.policy.goals.satisfaction_percent = 101;
    wrong.policy.appointments.open_max = 0;
    wrong.policy.roster.push(Shift { window_id: window(9), starts_at: 0, ends_at: 1 });
    let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field).collect();
    let expected = [
        "lines[0].name",
        "lines[1].prefix",
        "windows[0].preferred_line_ids",
        "windows[2].number",
        "policy.roster[0].window_id",
        "policy.quick_bound",
        "policy.over_limit_ms",
        "policy.quick_matter_ids",
        "policy.taking.last_number_before_close_ms",
        "policy.serving.miss_reasons",
        "policy.appointments.open_max",
        "policy.goals.satisfaction_percent",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn bounds_that_leave_no_call_to_the_ordinary_are_refused() {
    let faults = |green, appointment, returned| {
        let mut configured = configuration();
        let policy = &mut configured.policy;
        policy.quick_matter_ids = vec![matter("stamp")];
        (policy.green_bound, policy.appointment_bound, policy.returned_bound) = (green, appointment, returned);
        configured.faults().into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    let usual = Policy::default();
    assert_eq!(faults(usual.green_bound, usual.appointment_bound, usual.returned_bound), [""; 0], "the defaults, and quick matters");
    assert_eq!(faults(3, 2, 3), ["policy.bounds"], "green, appointments and quick matters would be all");
    assert_eq!(faults(2, 4, 3), [""; 0], "eleven of twelve");
    assert_eq!(faults(3, 3, 1), [""; 0], "one is no bound");
    assert_eq!(faults(3, 3, 2), [""; 0], "half for those who return and a third for those who are sent");
    let mut all = configuration();
    (all.policy.returned_bound, all.policy.transferred_bound) = (2, 2);
    assert_eq!(all.faults().len(), 1, "nobody over the limit would be called");
}

#[test]
fn by_default_whoever_waits_too_long_is_passed_by_two_at_the_head_at_most_of_three() {
    let mut stage = Stage::open();
    stage.issue("old", "a");
    for serial in 1..=4 {
        stage.issue(&format!("b{serial}"), "b");
    }
    stage.pass(31);
    for serial in 1..=4 {
        let to_a = Target::Line { line_id: line("a") };
        let ticket_id = ticket(&format!("b{serial}"));
        stage.by(3, &Command::Transfer { ticket_id, to: to_a, position: Position::First, holder_keys: Vec::new() });
    }
    expect(&mut stage, 1, "b1", "transferred_here");
    expect(&mut stage, 1, "old", "oldest_over_limit");
    expect(&mut stage, 1, "b2", "transferred_here");
}

#[test]
fn the_next_of_a_line_are_those_whom_its_window_would_call() {
    let next = |stage: &Stage, name: &str| stage.hall.next_in(&line(name), 3);
    let called = |stage: &Stage, number: u16| {
        let window = stage.hall.window(&window(number)).unwrap();
        stage.hall.upcoming_for(window, stage.now, 3).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let mut stage = Stage::open();
    assert!(next(&stage, "a").is_empty());
    // Ordinary, green, appointments and quick ones in every order, called one after the other.
    for turn in 0..40_u32 {
        let name = format!("n{turn}");
        match turn * 7 % 5 {
            0 => {
                stage.issue_green(&name, "a");
            }
            1 => {
                let now = stage.now;
                issue_with_slot(&mut stage, &name, "a", now);
            }
            _ => {
                stage.issue(&name, "a");
            }
        }
        assert_eq!(next(&stage, "a"), called(&stage, 1), "turn {turn}");
        if turn % 3 == 2 {
            assert!(stage.serve(1).is_some());
        }
        stage.pass(1);
    }
    stage.issue("b1", "b");
    assert_eq!(next(&stage, "b"), [ticket("b1")], "a line knows its own only");
    let mut seen = next(&stage, "a");
    seen.dedup();
    assert_eq!(seen.len(), 3, "nobody twice");
    for number in [1, 2] {
        stage.by(number, &Command::PauseWindow { window_id: window(number), text: None });
    }
    assert!(next(&stage, "a").is_empty(), "nobody is next where no window is open");
}
