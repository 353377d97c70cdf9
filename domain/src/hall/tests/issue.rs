//! Giving numbers: series, refusals, hours, roster, walk-ins.

use super::stage::*;
use crate::hall::*;
use crate::time::MINUTE_MS;

#[test]
fn numbers_of_a_line_are_consecutive_and_grow_past_three_digits() {
    let mut stage = Stage::open();
    assert_eq!(stage.issue("a1", "a"), "A001");
    assert_eq!(stage.issue("b1", "b"), "B001");
    assert_eq!(stage.issue("a2", "a"), "A002");
    for serial in 3..=1001 {
        stage.issue(&format!("a{serial}"), "a");
    }
    assert_eq!((stage.get("a999").number.as_str(), stage.get("a1000").number.as_str()), ("A999", "A1000"));
}

#[test]
fn a_refused_ticket_uses_no_number() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    let used = Command::Issue(new_ticket("a1", "a"));
    assert_eq!(stage.no(&Actor::machine(), &used), "ticket_id_used");
    let elsewhere = Command::Issue(new_ticket("x", "nowhere"));
    assert_eq!(stage.no(&Actor::machine(), &elsewhere), "unknown_line");
    assert_eq!(stage.issue("a2", "a"), "A002");
}

#[test]
fn swapping_prefixes_or_replacing_a_line_never_repeats_a_number() {
    let mut stage = Stage::open();
    for name in ["a1", "a2", "a3", "b1"] {
        stage.issue(name, &name[..1]);
    }
    let mut swapped = configuration();
    swapped.lines[0].prefix = "B".to_owned();
    swapped.lines[1].prefix = "A".to_owned();
    stage.ok(&Actor::machine(), &Command::Configure { configuration: swapped });
    assert_eq!(stage.issue("a4", "a"), "B002");
    assert_eq!(stage.issue("b2", "b"), "A004");
}

#[test]
fn outside_the_hours_the_next_opening_is_named() {
    let day = vec![Span { from_minute: 510, to_minute: 720 }, Span { from_minute: 840, to_minute: 1050 }];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]];
    let closed_wednesday = SpecialDay { date: chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(), spans: vec![] };
    let hours = OpeningHours::Weekly { week, special_days: vec![closed_wednesday] };
    let thursday = at(8, 30) + 2 * 24 * 60 * MINUTE_MS;
    for (now, is_open, opens_at) in [
        (at(8, 29), false, at(8, 30)),
        (at(8, 30), true, at(14, 0)),
        (at(11, 59), true, at(14, 0)),
        (at(12, 0), false, at(14, 0)),
        (at(17, 30), false, thursday),
        (at(24 + 10, 0), false, thursday),
    ] {
        assert_eq!((hours.is_open(now), hours.opens_at(now)), (is_open, Some(opens_at)), "{now}");
    }
    let mut stage = Stage::with(Configuration { hours, ..configuration() });
    stage.sit(1);
    stage.now = at(13, 0);
    let refusal = stage.try_to(&Actor::machine(), &Command::Issue(new_ticket("a1", "a"))).unwrap_err();
    assert_eq!(refusal, Refusal::HallClosed { opens_at: Some(at(14, 0)) });
    assert_eq!(refusal.message(), "现在没开门，11月24日 14:00 开始取号");
}

#[test]
fn a_number_needs_a_window_that_serves_the_line_now_or_soon() {
    let mut stage = Stage::closed();
    let issue = |name: &str| Command::Issue(new_ticket(name, "a"));
    assert_eq!(stage.no(&Actor::machine(), &issue("x")), "no_window");
    stage.sit(3);
    assert_eq!(stage.no(&Actor::machine(), &issue("x")), "no_window", "window 3 serves B only");
    stage.sit(1);
    stage.issue("a1", "a");
    stage.by(1, &Command::PauseWindow { window_id: window(1), text: Some("10:00 回".to_owned()) });
    stage.pass(30);
    stage.issue("a2", "a");
    stage.pass(1);
    assert_eq!(stage.no(&Actor::machine(), &issue("x")), "no_window", "paused for more than half an hour");

    let shift = Shift { window_id: window(2), starts_at: stage.now + 31 * MINUTE_MS, ends_at: stage.now + 99 * MINUTE_MS };
    stage.set_policy(|policy| policy.roster = vec![shift]);
    assert_eq!(stage.no(&Actor::machine(), &issue("x")), "no_window");
    stage.pass(1);
    stage.issue("a3", "a");
    stage.pass(98);
    assert_eq!(stage.no(&Actor::machine(), &issue("x")), "no_window", "the shift is over");
}

#[test]
fn a_stopped_line_and_a_used_contingent_refuse() {
    let mut with_contingent = configuration();
    with_contingent.lines[0].daily_contingent = Some(2);
    let mut stage = Stage::with(with_contingent);
    stage.sit(2);
    stage.issue("a1", "a");
    stage.by(2, &Command::StopLine { line_id: line("a"), text: "14:00 恢复".to_owned() });
    let again = Command::Issue(new_ticket("a2", "a"));
    assert_eq!(stage.no(&Actor::machine(), &again), "line_stopped");
    stage.issue("b1", "b");
    stage.by(2, &Command::ResumeLine { line_id: line("a") });
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &Command::ResumeLine { line_id: line("a") }), "line_running");
    assert_eq!(stage.issue("a2", "a"), "A002");
    assert_eq!(stage.no(&Actor::machine(), &Command::Issue(new_ticket("a3", "a"))), "contingent_used");
}

#[test]
fn one_live_ticket_per_person_also_with_several_matters_and_from_days_before() {
    let mut stage = Stage::open();
    let held = |name: &str, key: &str| NewTicket { holder_key: Some(key.to_owned()), ..new_ticket(name, "a") };
    stage.ok(&Actor::machine(), &Command::Issue(held("a1", "k1 of yesterday")));
    let today = NewTicket { other_keys: vec!["k1 of yesterday".to_owned()], ..held("a2", "k1 of today") };
    let refusal = stage.try_to(&Actor::machine(), &Command::Issue(today)).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyWaiting { ticket_id: ticket("a1") });
    let elsewhere = NewTicket { line_id: line("b"), also_line_ids: vec![line("a")], ..held("b1", "k1 of yesterday") };
    let refusal = stage.try_to(&Actor::machine(), &Command::Issue(elsewhere)).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyWaiting { ticket_id: ticket("a1") });
    stage.by(2, &Command::StopLine { line_id: line("a"), text: "14:00 恢复".to_owned() });
    let both = NewTicket { line_id: line("b"), also_line_ids: vec![line("a")], ..new_ticket("b1", "b") };
    assert_eq!(stage.no(&Actor::machine(), &Command::Issue(both)), "line_stopped");
}

#[test]
fn whoever_has_several_matters_on_one_number_is_in_the_lines_of_all_of_them() {
    let mut stage = Stage::open();
    let held = |name: &str, line_name: &str| NewTicket { holder_key: Some("k1".to_owned()), ..new_ticket(name, line_name) };
    let both = NewTicket { also_line_ids: vec![line("b")], ..held("a1", "a") };
    stage.ok(&Actor::machine(), &Command::Issue(both));
    assert_eq!(stage.get("a1").line_ids().collect::<Vec<_>>(), [&line("a"), &line("b")]);
    let second = Command::Issue(held("b1", "b"));
    let refusal = stage.try_to(&Actor::machine(), &second).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyWaiting { ticket_id: ticket("a1") });
    // Sent on to the other line, it is about both still; read again from what is stored, too.
    let to_b = Target::Line { line_id: line("b") };
    stage.by(1, &Command::Transfer { ticket_id: ticket("a1"), to: to_b, position: Position::Last, holder_keys: Vec::new() });
    let (doc, windows, tickets) = stage.hall.parts();
    stage.hall = Hall::from_parts(doc, windows, tickets);
    for line_name in ["a", "b"] {
        assert_eq!(stage.no(&Actor::machine(), &Command::Issue(held("x1", line_name))), "already_waiting");
    }
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("a1") });
    stage.ok(&Actor::machine(), &second);
    stage.ok(&Actor::machine(), &Command::Issue(held("a2", "a")));
}

#[test]
fn a_transfer_to_where_the_same_person_has_a_number_of_another_day_is_refused() {
    let mut stage = Stage::open();
    let held = |name: &str, line_name: &str, key: &str| {
        Command::Issue(NewTicket { holder_key: Some(key.to_owned()), ..new_ticket(name, line_name) })
    };
    stage.ok(&Actor::machine(), &held("a1", "a", "k1 of yesterday"));
    stage.ok(&Actor::machine(), &held("b1", "b", "k1 of today"));
    let to_a = |holder_keys: &[&str]| Command::Transfer {
        ticket_id: ticket("b1"),
        to: Target::Line { line_id: line("a") },
        position: Position::Last,
        holder_keys: holder_keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    let refusal = stage.try_to(&Actor::staff(clerk(2)), &to_a(&["k1 of yesterday", "k1 of today"])).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyWaiting { ticket_id: ticket("a1") });
    stage.by(2, &to_a(&["k2 of yesterday"]));
}

#[test]
fn one_live_ticket_per_holder_and_line() {
    let mut stage = Stage::open();
    let held = |name: &str, line_name: &str, key: &str| {
        Command::Issue(NewTicket { holder_key: Some(key.to_owned()), ..new_ticket(name, line_name) })
    };
    stage.ok(&Actor::machine(), &held("a1", "a", "k1"));
    let refusal = stage.try_to(&Actor::machine(), &held("a2", "a", "k1")).unwrap_err();
    assert_eq!(refusal, Refusal::AlreadyWaiting { ticket_id: ticket("a1") });
    stage.ok(&Actor::machine(), &held("a2", "a", "k2"));
    stage.ok(&Actor::machine(), &held("b1", "b", "k1"));
    let to_a = Command::Transfer {
        ticket_id: ticket("b1"),
        to: Target::Line { line_id: line("a") },
        position: Position::Last,
        holder_keys: Vec::new(),
    };
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &to_a), "already_waiting");
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("a1") });
    stage.by(1, &to_a);
    assert_eq!(stage.no(&Actor::machine(), &held("a3", "a", "k1")), "already_waiting");
    stage.ok(&Actor::machine(), &held("b2", "b", "k1"));
}

#[test]
fn a_walk_in_is_served_at_once_under_the_next_number() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    let walk_in = |name: &str| Command::WalkIn { window_id: window(1), ticket: new_ticket(name, "a") };
    let events = stage.by(1, &walk_in("a2"));
    assert_eq!(kinds(&events), ["ticket_issued", "ticket_started"], "nobody is called, so nobody is spoken to");
    let served = stage.get("a2");
    assert_eq!((served.number.as_str(), served.walk_in, served.first_contact.as_ref()), ("A002", true, Some(&clerk(1))));
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &walk_in("a3")), "window_busy");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &walk_in("a3")), "not_your_window");
    stage.by(1, &Command::Finish { ticket_id: ticket("a2"), outcome: Outcome::Consulted });
    assert_eq!(stage.issue("a3", "a"), "A003");
}
