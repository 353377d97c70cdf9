//! What happens between call and end of a visit beyond the single ticket: several things, help,
//! reminders, covers, stuck windows, and the end of the day.

use super::stage::*;
use crate::hall::*;
use crate::time::{HOUR_MS, MINUTE_MS};

fn serving() -> Stage {
    let mut stage = Stage::open();
    stage.issue("t", "a");
    stage.call(1);
    stage.pass(1);
    stage.by(1, &Command::Start { ticket_id: ticket("t") });
    stage
}

fn add(line_name: &str) -> Command {
    Command::AddItem { ticket_id: ticket("t"), line_id: line(line_name), matter_id: None }
}

fn settle(item: u32, outcome: Outcome) -> Command {
    Command::SettleItem { ticket_id: ticket("t"), settled: ItemOutcome { item, outcome } }
}

fn finish(outcome: Outcome) -> Command {
    Command::Finish { ticket_id: ticket("t"), outcome }
}

fn finish_each(outcomes: &[(u32, Outcome)]) -> Command {
    let outcomes = outcomes.iter().map(|(item, outcome)| ItemOutcome { item: *item, outcome: *outcome }).collect();
    Command::FinishEach { ticket_id: ticket("t"), outcomes }
}

#[test]
fn a_visit_with_several_things_ends_when_each_has_an_outcome_and_counts_once() {
    let mut stage = serving();
    let clerk = Actor::staff(clerk(1));
    assert_eq!(stage.no(&clerk, &add("a")), "item_there", "the line it came for");
    assert_eq!(stage.no(&clerk, &add("zz")), "unknown_line");
    stage.by(1, &add("b"));
    let matter = crate::ids::MatterId::new("dc", "m1");
    stage.by(1, &Command::AddItem { ticket_id: ticket("t"), line_id: line("b"), matter_id: Some(matter) });
    assert_eq!(stage.get("t").visit_items().len(), 3);
    assert_eq!(stage.no(&clerk, &finish(Outcome::Accepted)), "outcomes_missing");
    assert_eq!(stage.no(&clerk, &settle(3, Outcome::Accepted)), "unknown_item");
    stage.by(1, &settle(0, Outcome::Consulted));
    assert_eq!(stage.by(1, &settle(0, Outcome::Consulted)), [], "it is so already");
    stage.by(1, &settle(0, Outcome::WrongLine));
    assert_eq!(stage.no(&clerk, &finish_each(&[(1, Outcome::Accepted)])), "outcomes_missing");
    assert_eq!(stage.no(&clerk, &finish_each(&[(9, Outcome::Accepted)])), "unknown_item");
    stage.pass(9);
    let events = stage.by(1, &finish_each(&[(1, Outcome::Collected), (2, Outcome::Accepted)]));
    let Fact::TicketFinished { outcome, items, .. } = &events[0].fact else { panic!("{events:?}") };
    assert_eq!(*outcome, Outcome::Accepted, "the most that came of it");
    let outcomes: Vec<_> = items.iter().map(|item| item.outcome.unwrap()).collect();
    assert_eq!(outcomes, [Outcome::WrongLine, Outcome::Collected, Outcome::Accepted]);
    let figures = super::reports::figures_of(&stage);
    assert_eq!((figures.done, figures.calls), (1, 1), "one visit");
    assert_eq!((figures.way.sum_ms(), figures.serving.sum_ms()), (MINUTE_MS, 9 * MINUTE_MS), "the way is neither waiting nor serving");
}

#[test]
fn with_one_thing_left_its_outcome_is_enough() {
    let mut stage = serving();
    stage.by(1, &add("b"));
    stage.by(1, &settle(1, Outcome::Collected));
    stage.by(1, &finish(Outcome::Accepted));
    assert_eq!(stage.state("t"), "done");
    let mut stage = serving();
    stage.by(1, &settle(0, Outcome::Other));
    stage.by(1, &finish_each(&[]));
    assert!(matches!(stage.get("t").state, TicketState::Done { outcome: Outcome::Other, .. }));
}

#[test]
fn several_matters_on_the_slip_are_several_things() {
    let mut stage = Stage::open();
    let matter_ids = ["m1", "m2"].map(|name| crate::ids::MatterId::new("dc", name)).to_vec();
    stage.ok(&Actor::machine(), &Command::Issue(NewTicket { matter_ids, ..new_ticket("t", "a") }));
    stage.call(1);
    stage.by(1, &Command::Start { ticket_id: ticket("t") });
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &finish(Outcome::Accepted)), "outcomes_missing");
    stage.by(1, &finish_each(&[(0, Outcome::Accepted), (1, Outcome::Consulted)]));
}

#[test]
fn what_was_settled_travels_with_a_transfer_and_the_number_of_things_is_bounded() {
    let mut stage = serving();
    stage.by(1, &settle(0, Outcome::Accepted));
    stage.by(1, &add("b"));
    stage.by(
        1,
        &Command::Transfer {
            ticket_id: ticket("t"),
            to: Target::Line { line_id: line("b") },
            position: Position::First,
            holder_keys: Vec::new(),
        },
    );
    stage.call(3);
    stage.by(3, &Command::Start { ticket_id: ticket("t") });
    for serial in 2..VISIT_ITEMS_MAX {
        let matter_id = Some(crate::ids::MatterId::new("dc", &serial.to_string()));
        stage.by(3, &Command::AddItem { ticket_id: ticket("t"), line_id: line("b"), matter_id });
    }
    let more = Command::AddItem { ticket_id: ticket("t"), line_id: line("a"), matter_id: Some(crate::ids::MatterId::new("dc", "x")) };
    assert_eq!(stage.no(&Actor::staff(clerk(3)), &more), "items_full");
    let rest: Vec<_> = (1..VISIT_ITEMS_MAX as u32).map(|item| (item, Outcome::Collected)).collect();
    stage.by(3, &finish_each(&rest));
    assert!(matches!(stage.get("t").state, TicketState::Done { outcome: Outcome::Accepted, .. }));
}

#[test]
fn a_window_calls_for_the_supervisor_once_until_that_is_settled() {
    let mut stage = Stage::open();
    let (ask, coming, done) = (
        Command::RequestHelp { window_id: window(1), reason: Some("政策拿不准".to_owned()) },
        Command::AcknowledgeHelp { window_id: window(1) },
        Command::ResolveHelp { window_id: window(1) },
    );
    let chief = Actor::supervisor(clerk(9));
    assert_eq!(stage.no(&chief, &coming), "no_help_open");
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &done), "no_help_open");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &ask), "not_your_window");
    assert_eq!(stage.no(&Actor::machine(), &ask), "staff_required");
    stage.by(1, &ask);
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &ask), "help_open");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &coming), "supervisor_required");
    stage.pass(2);
    stage.ok(&chief, &coming);
    assert_eq!(stage.ok(&chief, &coming), [], "it is so already");
    assert_eq!(stage.no(&Actor::supervisor(clerk(8)), &coming), "help_acknowledged");
    let help = stage.hall.window(&window(1)).unwrap().help.clone().unwrap();
    assert_eq!((help.since, help.staff.clone()), (at(9, 0), clerk(1)));
    assert_eq!(help.acknowledged, Some(Acknowledged { at: at(9, 2), staff: clerk(9) }));
    assert_eq!(kinds(&stage.by(1, &done)), ["help_resolved"]);
    stage.by(1, &ask);
    assert_eq!(kinds(&stage.ok(&chief, &done)), ["help_resolved"], "by the supervisor too");
    stage.by(1, &ask);
    let closed = stage.by(1, &Command::CloseWindow { window_id: window(1) });
    assert_eq!(kinds(&closed), ["help_resolved", "window_closed"]);
}

#[test]
fn help_in_every_state_of_a_window() {
    let chief = Actor::supervisor(clerk(9));
    let (ask, coming, done) = (
        Command::RequestHelp { window_id: window(1), reason: None },
        Command::AcknowledgeHelp { window_id: window(1) },
        Command::ResolveHelp { window_id: window(1) },
    );
    let states: [(&str, [Option<&str>; 3]); 5] = [
        ("closed", [Some("window_closed"), Some("no_help_open"), Some("window_closed")]),
        ("open", [None, Some("no_help_open"), Some("no_help_open")]),
        ("paused", [None, Some("no_help_open"), Some("no_help_open")]),
        ("asked", [Some("help_open"), None, None]),
        ("coming", [Some("help_open"), None, None]),
    ];
    for (state, expected) in states {
        for (command, code) in [&ask, &coming, &done].into_iter().zip(expected) {
            let mut stage = Stage::open();
            match state {
                "closed" => drop(stage.by(1, &Command::CloseWindow { window_id: window(1) })),
                "paused" => drop(stage.by(1, &Command::PauseWindow { window_id: window(1), text: None })),
                "asked" | "coming" => drop(stage.by(1, &ask)),
                _ => {}
            }
            if state == "coming" {
                stage.ok(&chief, &coming);
            }
            let before = stage.hall.clone();
            let answer = stage.try_to(&chief, command).err().map(|refusal| refusal.code());
            assert_eq!(answer, code, "{command:?} when {state}");
            assert!(code.is_none() || stage.hall == before);
        }
    }
    for command in [&ask, &coming, &done] {
        let mut stage = Stage::open();
        stage.by(1, &Command::CloseWindow { window_id: window(1) });
        let mut elsewhere = command.clone();
        if let Command::RequestHelp { window_id, .. } | Command::AcknowledgeHelp { window_id } | Command::ResolveHelp { window_id } =
            &mut elsewhere
        {
            *window_id = window(99);
        }
        assert_eq!(stage.no(&chief, &elsewhere), "unknown_window");
    }
}

#[test]
fn only_a_served_visit_ends_with_outcomes() {
    for state in ["waiting", "called", "parked", "missed", "done"] {
        let mut stage = Stage::open();
        stage.issue("t", "a");
        let ticket_id = ticket("t");
        if state != "waiting" {
            stage.call(1);
        }
        match state {
            "parked" => drop(stage.by(1, &Command::Park { ticket_id, reason: None })),
            "missed" => drop(stage.by(1, &Command::Miss { ticket_id, reason: None })),
            "done" => {
                stage.by(1, &Command::Start { ticket_id });
                stage.by(1, &finish(Outcome::Other));
            }
            _ => {}
        }
        assert_eq!(stage.no(&Actor::supervisor(clerk(9)), &finish_each(&[(0, Outcome::Other)])), "ticket_state", "{state}");
    }
}

#[test]
fn the_desk_is_reminded_of_a_parked_ticket_once_by_the_reason_or_the_policy() {
    for (reason, minutes) in [(None, 10), (Some("等后台核实"), 15), (Some("别的"), 10)] {
        let mut stage = serving();
        stage.by(1, &Command::Park { ticket_id: ticket("t"), reason: reason.map(str::to_owned) });
        stage.pass(minutes);
        stage.now -= 1;
        assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), [], "{reason:?}");
        stage.now += 1;
        let events = stage.ok(&Actor::machine(), &Command::Tick);
        assert_eq!(events[0].fact, Fact::TicketParkReminded { ticket_id: ticket("t"), window_id: window(1) });
        stage.pass(minutes);
        assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), [], "once");
        stage.by(1, &Command::Resume { ticket_id: ticket("t") });
        stage.by(1, &Command::Park { ticket_id: ticket("t"), reason: None });
        stage.pass(60);
        assert_eq!(kinds(&stage.ok(&Actor::machine(), &Command::Tick)), ["ticket_park_reminded"], "parked anew");
    }
    let mut stage = serving();
    stage.set_policy(|policy| policy.serving.park_reminder_ms = 0);
    stage.by(1, &Command::Park { ticket_id: ticket("t"), reason: None });
    stage.pass(600);
    assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), [], "never");
}

#[test]
fn who_may_cover_whom_is_configuration_and_a_supervisor_may_always() {
    let take = Command::TakeOver { window_id: window(1), reason: "去开会".to_owned() };
    let mut stage = Stage::open();
    stage.set_policy(|policy| policy.serving.covers = vec![Cover { principal: clerk(1), covers: vec![clerk(4)] }]);
    assert_eq!(stage.no(&Actor::staff(clerk(5)), &take), "not_a_cover");
    let events = stage.by(4, &take);
    let expected = Fact::WindowTakenOver { window_id: window(1), from: clerk(1), staff: clerk(4), reason: "去开会".to_owned() };
    assert_eq!(events[0].fact, expected, "both are named");
    assert_eq!(stage.no(&Actor::staff(clerk(5)), &take), "not_a_cover", "nobody covers the cover");
    stage.ok(&Actor::supervisor(clerk(9)), &take);
    let mut stage = Stage::open();
    stage.by(5, &take);
}

#[test]
fn a_supervisor_frees_a_stuck_window_and_the_log_says_so() {
    let chief = || Actor::supervisor(clerk(9)).because(Some("电脑坏了".to_owned()));
    let ticket_id = || ticket("t");
    let commands = [
        (finish(Outcome::Accepted), "ticket_finished"),
        (Command::Park { ticket_id: ticket_id(), reason: None }, "ticket_parked"),
        (
            Command::Transfer {
                ticket_id: ticket_id(),
                to: Target::Line { line_id: line("b") },
                position: Position::Last,
                holder_keys: Vec::new(),
            },
            "ticket_transferred",
        ),
        (Command::PutBack { ticket_id: ticket_id(), reason: "电脑坏了".to_owned() }, "ticket_put_back"),
        (Command::PauseWindow { window_id: window(1), text: None }, "window_paused"),
    ];
    for (command, kind) in commands {
        let mut stage = serving();
        let events = stage.ok(&chief(), &command);
        assert_eq!(kinds(&events), [kind, "supervisor_acted"]);
        let reason = Some("电脑坏了".to_owned());
        assert_eq!(events[1].fact, Fact::SupervisorActed { window_id: window(1), holder: clerk(1), reason });
        assert_eq!(events[1].by, Some(clerk(9)));
    }
    let mut stage = Stage::open();
    for name in ["t", "a2"] {
        stage.issue(name, "a");
        stage.pass(1);
    }
    stage.call(1);
    assert_eq!(kinds(&stage.ok(&chief(), &Command::Miss { ticket_id: ticket_id(), reason: None })), ["ticket_missed", "supervisor_acted"]);
    stage.by(1, &Command::CallTicket { window_id: window(1), ticket_id: ticket_id(), reason: "来了".to_owned() });
    stage.ok(&chief(), &Command::PutBack { ticket_id: ticket_id(), reason: "电脑坏了".to_owned() });
    assert_eq!(kinds(&stage.ok(&chief(), &Command::CloseWindow { window_id: window(1) })), ["window_closed", "supervisor_acted"]);
    assert_eq!(stage.serve(2), Some((ticket("t"), "in_order")), "at its place, before who came later");
    let mut called = Stage::open();
    called.issue("t", "a");
    called.call(1);
    for (command, kind) in
        [(Command::Recall { ticket_id: ticket_id() }, "ticket_recalled"), (Command::Start { ticket_id: ticket_id() }, "ticket_started")]
    {
        called.pass(60);
        assert_eq!(kinds(&called.ok(&chief(), &command)), [kind, "supervisor_acted"], "he calls and begins for the window too");
    }
    let mut own = serving();
    assert_eq!(kinds(&own.by(1, &finish(Outcome::Other))), ["ticket_finished"], "at one's own window nobody steps over anybody");
}

#[test]
fn why_somebody_gave_up_or_was_sent_on_stands_in_the_log() {
    let mut stage = Stage::open();
    stage.issue("t", "a");
    let clerk = Actor::staff(clerk(1)).because(Some("走错了厅".to_owned()));
    let to = Target::Line { line_id: line("b") };
    let sent = stage.ok(&clerk, &Command::Transfer { ticket_id: ticket("t"), to, position: Position::Last, holder_keys: Vec::new() });
    assert!(matches!(&sent[0].fact, Fact::TicketTransferred { reason: Some(reason), .. } if reason == "走错了厅"));
    let gone = stage.ok(&clerk, &Command::Abandon { ticket_id: ticket("t") });
    assert_eq!(gone[0].fact, Fact::TicketAbandoned { ticket_id: ticket("t"), reason: Some("走错了厅".to_owned()) });
}

/// Open 8:30 to 17:30 on weekdays; at window 1 A001 is served, A002 waits, A003 is parked, A004 was missed.
fn afternoon(carry_over: CarryOver) -> Stage {
    let day = vec![Span { from_minute: 510, to_minute: 1050 }];
    let week = std::array::from_fn(|weekday| if weekday < 5 { day.clone() } else { Vec::new() });
    let mut configuration = configuration();
    configuration.hours = OpeningHours::Weekly { week, special_days: Vec::new() };
    configuration.policy.serving.carry_over = carry_over;
    configuration.policy.return_after_ms = 24 * HOUR_MS;
    let mut stage = Stage::with(configuration);
    stage.now = at(17, 0);
    for number in 1..=3 {
        stage.sit(number);
    }
    for name in ["parked", "missed", "served", "waits"] {
        stage.issue(name, "a");
    }
    stage.call(1);
    stage.by(1, &Command::Park { ticket_id: ticket("parked"), reason: None });
    stage.call(1);
    stage.by(1, &Command::Miss { ticket_id: ticket("missed"), reason: None });
    stage.call(1);
    stage.by(1, &Command::Start { ticket_id: ticket("served") });
    stage
}

fn cause(stage: &Stage, name: &str) -> Option<ExpiryCause> {
    match stage.get(name).state {
        TicketState::Expired { cause, .. } => Some(cause),
        _ => None,
    }
}

#[test]
fn an_hour_after_closing_the_timer_ends_the_day_with_a_cause_for_each() {
    let mut stage = afternoon(CarryOver::Off);
    stage.by(2, &Command::RequestHelp { window_id: window(2), reason: None });
    stage.now = at(18, 30) - 1;
    let before = stage.ok(&Actor::machine(), &Command::Tick);
    assert!(!kinds(&before).contains(&"closing_time_passed"), "{before:?}");
    stage.now = at(18, 30);
    let events = stage.ok(&Actor::machine(), &Command::Tick);
    assert_eq!(kinds(&events)[0], "closing_time_passed");
    assert_eq!(events.iter().filter(|event| event.kind() == "ticket_expired").count(), 3);
    assert_eq!(cause(&stage, "waits"), Some(ExpiryCause::UnservedAtClose));
    assert_eq!((cause(&stage, "parked"), cause(&stage, "missed")), (Some(ExpiryCause::NotBack), Some(ExpiryCause::NotBack)));
    assert_eq!(stage.state("served"), "serving", "who sits at a window is served");
    let open: Vec<_> = stage.hall.windows().filter(|window| window.state != WindowState::Closed).map(|window| window.number).collect();
    assert_eq!(open, [1], "windows left open are closed");
    assert!(stage.hall.windows().all(|window| window.help.is_none()));
    assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), [], "once a day");
    let figures = super::reports::figures_of(&stage);
    assert_eq!((figures.unserved, figures.not_back, figures.abandoned), (1, 2, 0), "not mixed with those who gave up");
    stage.sit(2);
    assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), [], "somebody may work late");
    stage.now = at(24, 1);
    let kinds_at_midnight = kinds(&stage.ok(&Actor::machine(), &Command::Tick));
    assert_eq!(kinds_at_midnight, ["day_closed", "window_closed", "day_opened"]);
}

#[test]
fn without_a_timer_the_first_command_of_a_new_day_does_the_same() {
    let mut stage = afternoon(CarryOver::Off);
    stage.now = at(24 + 9, 0);
    stage.issue("new", "a");
    assert!(stage.hall.ticket(&ticket("waits")).is_none(), "no longer kept");
    let causes: Vec<_> = stage
        .log
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::TicketExpired { ticket_id, cause } => Some((ticket_id.clone(), cause.unwrap())),
            _ => None,
        })
        .collect();
    assert!(causes.contains(&(ticket("waits"), ExpiryCause::UnservedAtClose)) && causes.len() == 3, "{causes:?}");
}

#[test]
fn a_carried_ticket_is_first_next_opening_under_a_marked_number_and_only_once() {
    for by_timer in [true, false] {
        let mut stage = afternoon(CarryOver::NextOpening);
        if by_timer {
            stage.now = at(19, 0);
            stage.ok(&Actor::machine(), &Command::Tick);
            assert_eq!(stage.get("waits").number, "续A004");
        }
        stage.now = at(24 + 8, 40);
        stage.sit(2);
        assert_eq!(stage.issue("new", "a"), "A001", "the new day counts for itself");
        for number in ["A002", "A003"] {
            assert_eq!(stage.issue(number, "a"), number);
        }
        assert_eq!(stage.issue("b4", "a"), "A004");
        assert_eq!((stage.get("waits").number.as_str(), stage.get("b4").number.as_str()), ("续A004", "A004"), "no number twice");
        stage.pass(5);
        let (id, reason) = stage.hall.next_for(stage.hall.window(&window(2)).unwrap(), stage.now).unwrap();
        assert_eq!((id, reason), (ticket("waits"), CallReason::InOrder { waited_ms: 15 * MINUTE_MS }), "the night is no wait");
        let rows = intervals_of(stage.hall.site(), &stage.log);
        let evening = rows.iter().find(|row| row.ticket_id == ticket("waits")).unwrap();
        let ended_at = if by_timer { at(19, 0) } else { at(24, 0) - 1 };
        assert_eq!((evening.next, evening.end_ms), (StateName::Waiting, ended_at));
        stage.now = at(48, 1);
        stage.ok(&Actor::machine(), &Command::Tick);
        assert!(
            stage.log.iter().any(|event| {
                event.fact == Fact::TicketExpired { ticket_id: ticket("waits"), cause: Some(ExpiryCause::UnservedAtClose) }
            })
        );
    }
}

#[test]
fn carried_over_a_weekend_it_waits_from_monday() {
    let mut stage = afternoon(CarryOver::NextOpening);
    let friday = 3 * 24;
    stage.now = at(friday + 17, 0);
    stage.sit(2);
    stage.issue("late", "a");
    stage.now = at(friday + 19, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    for day in 1..3 {
        stage.now = at(friday + 24 * day, 5);
        stage.ok(&Actor::machine(), &Command::Tick);
        assert_eq!(stage.state("late"), "waiting");
    }
    assert_eq!(stage.get("late").state.since(), at(friday + 72 + 8, 30), "Monday's opening");
}

#[test]
fn reasons_and_times_of_the_policy_are_checked() {
    type Break = fn(&mut ServingPolicy);
    let broken: [Break; 6] = [
        |serving| serving.miss_reasons = vec!["x".to_owned(); 2],
        |serving| serving.help_reasons = (0..10).map(|number| number.to_string()).collect(),
        |serving| serving.park_reasons = vec![ParkReason { text: " ".to_owned(), remind_after_ms: None }],
        |serving| serving.park_reasons[0].remind_after_ms = Some(-1),
        |serving| serving.day_end_after_ms = -1,
        |serving| serving.covers = vec![Cover { principal: clerk(1), covers: vec![clerk(1)] }],
    ];
    for break_it in broken {
        let mut stage = Stage::open();
        let mut configuration = configuration();
        break_it(&mut configuration.policy.serving);
        assert_eq!(stage.no(&Actor::machine(), &Command::Configure { configuration }), "configuration_invalid");
    }
}

#[test]
fn documents_of_the_last_version_still_load() {
    let parked = r#"{"name":"parked","window_id":"w_dc_1","at":5,"reason":null}"#;
    let state: TicketState = serde_json::from_str(parked).unwrap();
    assert!(matches!(state, TicketState::Parked { remind_at: None, reminded_at: None, .. }));
    let expired: TicketState = serde_json::from_str(r#"{"name":"expired","at":5}"#).unwrap();
    assert_eq!(expired, TicketState::Expired { at: 5, cause: ExpiryCause::UnservedAtClose });
    for event in [
        r#"{"at":1,"type":"ticket_expired","ticket_id":"t_dc_a"}"#,
        r#"{"at":1,"type":"ticket_finished","ticket_id":"t_dc_a","window_id":"w_dc_1","outcome":"accepted"}"#,
        r#"{"at":1,"type":"ticket_parked","ticket_id":"t_dc_a","window_id":"w_dc_1","reason":null}"#,
    ] {
        serde_json::from_str::<Event>(event).unwrap();
    }
    let policy: Policy = serde_json::from_str(r#"{"green_bound":3}"#).unwrap();
    assert_eq!(*policy.serving, ServingPolicy::default());
}
