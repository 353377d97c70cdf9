//! Who is next, and by which rule.

use super::stage::*;
use crate::hall::*;
use crate::time::MINUTE_MS;

fn expect(stage: &mut Stage, number: u16, name: &str, rule: &str) {
    assert_eq!(stage.serve(number), Some((ticket(name), rule)), "window {number}");
}

#[test]
fn nobody_waits_is_an_answer_and_no_event() {
    let mut stage = Stage::open();
    let version = stage.hall.version();
    assert_eq!(stage.call(1), None);
    stage.issue("b1", "b");
    assert_eq!(stage.call(1), None, "window 1 does not serve B");
    assert_eq!(stage.hall.version(), version + 1);
}

#[test]
fn ordinary_tickets_are_called_in_the_order_of_issue_over_all_lines_of_the_window() {
    let mut stage = Stage::open();
    for name in ["b1", "a1", "a2", "b2"] {
        stage.issue(name, &name[..1]);
        stage.pass(1);
    }
    expect(&mut stage, 1, "a1", "in_order");
    expect(&mut stage, 2, "b1", "in_order");
    expect(&mut stage, 2, "a2", "in_order");
    expect(&mut stage, 2, "b2", "in_order");
}

#[test]
fn at_most_one_call_of_three_is_green_while_others_wait() {
    let mut stage = Stage::open();
    for name in ["o1", "o2", "o3"] {
        stage.issue(name, "a");
    }
    for name in ["g1", "g2", "g3", "g4"] {
        stage.issue_green(name, "a");
    }
    let upcoming = stage.hall.upcoming_for(stage.hall.window(&window(1)).unwrap(), stage.now, 5);
    let names: Vec<_> = upcoming.iter().map(|(id, reason)| (id.as_str(), reason.code())).collect();
    let expected = [
        ("t_dc_g1", "green_first"),
        ("t_dc_o1", "ordinary_turn"),
        ("t_dc_o2", "ordinary_turn"),
        ("t_dc_g2", "green_first"),
        ("t_dc_o3", "ordinary_turn"),
    ];
    assert_eq!(names, expected, "the list at the desk");
    expect(&mut stage, 1, "g1", "green_first");
    expect(&mut stage, 2, "o1", "ordinary_turn");
    expect(&mut stage, 1, "o2", "ordinary_turn");
    expect(&mut stage, 2, "g2", "green_first");
    expect(&mut stage, 1, "o3", "ordinary_turn");
    expect(&mut stage, 1, "g3", "green_first");
    expect(&mut stage, 1, "g4", "green_first");
}

#[test]
fn the_bound_is_one_persons_line_not_one_window() {
    let mut stage = Stage::open();
    stage.issue_green("g1", "a");
    stage.issue_green("g2", "b");
    stage.issue("o1", "a");
    stage.issue("o2", "b");
    expect(&mut stage, 1, "g1", "green_first");
    expect(&mut stage, 3, "g2", "green_first");
    stage.issue_green("g3", "b");
    expect(&mut stage, 2, "o1", "ordinary_turn");
    expect(&mut stage, 2, "o2", "ordinary_turn");
}

#[test]
fn a_bound_of_one_is_no_bound() {
    let mut stage = Stage::open();
    stage.set_policy(|policy| policy.green_bound = 1);
    stage.issue("o1", "a");
    stage.issue_green("g1", "a");
    stage.issue_green("g2", "a");
    expect(&mut stage, 1, "g1", "green_first");
    expect(&mut stage, 1, "g2", "green_first");
    expect(&mut stage, 1, "o1", "in_order");
}

#[test]
fn an_ordinary_ticket_over_the_limit_goes_before_green() {
    let mut stage = Stage::open();
    stage.issue("o1", "a");
    stage.pass(30);
    stage.issue("o2", "a");
    stage.issue_green("g1", "a");
    stage.issue_green("g2", "a");
    expect(&mut stage, 1, "g1", "green_first");
    stage.now += 1;
    let events = stage.by(1, &Command::CallNext { window_id: window(1) });
    let (id, reason) = events.iter().find_map(Event::as_call).unwrap();
    assert_eq!(id, &ticket("o1"));
    assert_eq!(reason, &CallReason::OldestOverLimit { waited_ms: 30 * MINUTE_MS + 1, limit_ms: 30 * MINUTE_MS });
    assert_eq!(reason.explain(), "等得最久，已等 30 分钟，超过 30 分钟，先叫。");
}

#[test]
fn topped_tickets_go_first_in_the_order_they_were_topped_until_that_is_undone() {
    let mut stage = Stage::open();
    for name in ["a1", "a2", "a3", "a4"] {
        stage.issue(name, "a");
    }
    stage.issue_green("g1", "a");
    for name in ["a4", "a3", "a2"] {
        stage.pass(1);
        stage.by(1, &Command::Top { ticket_id: ticket(name), reason: "要赶班车".to_owned() });
    }
    let top = Command::Top { ticket_id: ticket("a4"), reason: "x".to_owned() };
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &top), "already_topped");
    stage.by(1, &Command::Untop { ticket_id: ticket("a3") });
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &Command::Untop { ticket_id: ticket("a3") }), "not_topped");
    expect(&mut stage, 1, "a4", "topped");
    expect(&mut stage, 2, "a2", "topped");
    expect(&mut stage, 1, "g1", "green_first");
    expect(&mut stage, 1, "a1", "in_order");
}

fn call_and_miss(stage: &mut Stage, number: u16) -> (crate::ids::TicketId, &'static str) {
    let called = stage.call(number).unwrap();
    stage.by(number, &Command::Miss { ticket_id: called.0.clone(), reason: None });
    called
}

#[test]
fn a_missed_ticket_returns_after_three_calls_of_its_line_at_most_twice() {
    let mut stage = Stage::open();
    for serial in 1..=9 {
        stage.issue(&format!("a{serial}"), "a");
    }
    stage.issue("b1", "b");
    assert_eq!(call_and_miss(&mut stage, 1), (ticket("a1"), "in_order"));
    expect(&mut stage, 1, "a2", "in_order");
    expect(&mut stage, 3, "b1", "in_order");
    expect(&mut stage, 1, "a3", "in_order");
    assert_eq!(stage.state("a1"), "missed");
    let events = stage.by(2, &Command::CallNext { window_id: window(2) });
    assert_eq!(kinds(&events), ["ticket_called", "ticket_requeued"]);
    assert_eq!(stage.state("a1"), "waiting");
    assert_eq!(call_and_miss(&mut stage, 1), (ticket("a1"), "returned"));
    for name in ["a5", "a6", "a7"] {
        expect(&mut stage, 1, name, "in_order");
    }
    assert_eq!(call_and_miss(&mut stage, 1), (ticket("a1"), "returned"));
    expect(&mut stage, 1, "a8", "in_order");
    expect(&mut stage, 1, "a9", "in_order");
    stage.pass(60);
    stage.ok(&Actor::machine(), &Command::Tick);
    assert_eq!((stage.state("a1"), stage.get("a1").miss_count), ("missed", 3));
    stage.by(1, &Command::Requeue { ticket_id: ticket("a1") });
    expect(&mut stage, 1, "a1", "oldest_over_limit");
}

#[test]
fn a_missed_ticket_returns_after_ten_minutes_by_the_timer_or_the_next_call() {
    for by_timer in [true, false] {
        let mut stage = Stage::open();
        stage.issue("a1", "a");
        stage.issue("a2", "a");
        call_and_miss(&mut stage, 1);
        stage.pass(10);
        stage.now -= 1;
        assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), []);
        stage.now += 1;
        if by_timer {
            assert_eq!(kinds(&stage.ok(&Actor::machine(), &Command::Tick)), ["ticket_requeued"]);
        }
        expect(&mut stage, 1, "a1", "returned");
    }
}

#[test]
fn a_transferred_ticket_lines_up_first_last_or_by_its_lifetime() {
    for (position, order) in
        [(Position::First, ["a1", "b1", "b2"]), (Position::Last, ["b1", "b2", "a1"]), (Position::Lifetime, ["b1", "a1", "b2"])]
    {
        let mut stage = Stage::open();
        for name in ["b1", "a1", "b2"] {
            stage.issue(name, &name[..1]);
            stage.pass(1);
        }
        stage.call(1);
        stage.by(1, &Command::Start { ticket_id: ticket("a1") });
        let to_b =
            Command::Transfer { ticket_id: ticket("a1"), to: Target::Line { line_id: line("b") }, position, holder_keys: Vec::new() };
        stage.by(1, &to_b);
        assert_eq!((stage.state("a1"), stage.get("a1").number.as_str(), &stage.get("a1").line_id), ("waiting", "A001", &line("b")));
        assert_eq!(stage.no(&Actor::staff(clerk(1)), &to_b), "transfer_to_same");
        let called: Vec<_> = (0..3).map(|_| stage.serve(3).unwrap().0).collect();
        assert_eq!(called, order.map(ticket), "{position:?}");
    }
}

#[test]
fn a_ticket_sent_to_a_window_is_called_there_only_until_the_window_closes() {
    let mut stage = Stage::open();
    stage.issue("b1", "b");
    stage.call(3);
    let to_1 = |number| Command::Transfer {
        ticket_id: ticket("b1"),
        to: Target::Window { window_id: window(number) },
        position: Position::First,
        holder_keys: Vec::new(),
    };
    assert_eq!(stage.no(&Actor::staff(clerk(3)), &to_1(3)), "transfer_to_same");
    assert_eq!(stage.no(&Actor::staff(clerk(3)), &to_1(9)), "unknown_window");
    stage.by(3, &to_1(1));
    assert_eq!(stage.call(3), None);
    stage.pass(1);
    let events = stage.by(1, &Command::CloseWindow { window_id: window(1) });
    assert_eq!(kinds(&events), ["ticket_transferred", "window_closed"]);
    assert_eq!(stage.no(&Actor::staff(clerk(3)), &to_1(1)), "window_closed");
    stage.sit(1);
    assert_eq!(stage.call(1), None);
    stage.by(3, &to_1(1));
    assert_eq!(stage.call(1), Some((ticket("b1"), "transferred_here")));
}

#[test]
fn a_ticket_called_by_name_keeps_the_reason_of_the_clerk() {
    let mut stage = Stage::open();
    for name in ["a1", "a2", "b1"] {
        stage.issue(name, &name[..1]);
    }
    let by_name =
        |number, name: &str| Command::CallTicket {
            window_id: window(number), ticket_id: ticket(name), reason: "补材料回来了".to_owned()
        };
    let events = stage.by(1, &by_name(1, "b1"));
    assert_eq!(events[0].as_call().unwrap().1.explain(), "点名叫的：补材料回来了。");
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &by_name(1, "a2")), "window_busy");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &by_name(2, "b1")), "not_your_window");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &by_name(2, "zz")), "unknown_ticket");
    stage.by(1, &Command::Park { ticket_id: ticket("b1"), reason: None });
    stage.by(2, &by_name(2, "b1"));
    stage.by(2, &Command::Miss { ticket_id: ticket("b1"), reason: None });
    stage.by(2, &by_name(2, "b1"));
    assert_eq!(stage.state("b1"), "called");
}

#[test]
fn every_rule_has_a_sentence_and_a_code_that_its_json_carries() {
    let reasons = [
        CallReason::InOrder { waited_ms: 1 },
        CallReason::PreferredLine { waited_ms: 1, oldest_waited_ms: 2 },
        CallReason::OrdinaryTurn { waited_ms: 1, class: Class::Green, calls_since: 1, bound: 3 },
        CallReason::OldestOverLimit { waited_ms: 1, limit_ms: 1 },
        CallReason::GreenWindow { waited_ms: 1 },
        CallReason::GreenFirst { waited_ms: 1, bound: 3, others_waiting: 0 },
        CallReason::GreenFirst { waited_ms: 1, bound: 3, others_waiting: 2 },
        CallReason::AppointmentFirst { waited_ms: 1, bound: 1, others_waiting: 2 },
        CallReason::QuickFirst { waited_ms: 1, bound: 6, others_waiting: 2 },
        CallReason::Topped { reason: "要赶班车".to_owned() },
        CallReason::Returned { miss_count: 1, waited_ms: 1 },
        CallReason::Resumed,
        CallReason::TransferredHere { position: Position::First },
        CallReason::ByName { reason: "补材料".to_owned() },
    ];
    for reason in reasons {
        assert!(reason.explain().ends_with('。'), "{reason:?}");
        assert_eq!(serde_json::to_value(&reason).unwrap()["code"], reason.code());
    }
}
