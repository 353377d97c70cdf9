//! Windows, take-over, and configurations.

use super::stage::*;
use crate::hall::*;

#[test]
fn one_person_per_window_and_one_window_per_person() {
    let mut stage = Stage::closed();
    let open = |number| Command::OpenWindow { window_id: window(number), line_ids: None };
    assert_eq!(stage.no(&Actor::machine(), &open(1)), "staff_required");
    stage.by(1, &open(1));
    assert_eq!(stage.by(1, &open(1)), [], "it is so already");
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &open(2)), "staff_elsewhere");
    assert_eq!(stage.no(&Actor::supervisor(clerk(2)), &open(1)), "window_taken");
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &open(9)), "unknown_window");
    stage.by(1, &Command::CloseWindow { window_id: window(1) });
    stage.by(2, &open(1));
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &Command::CloseWindow { window_id: window(2) }), "window_closed");
}

#[test]
fn lines_chosen_at_opening_hold_until_the_window_closes() {
    let mut stage = Stage::open();
    let open = |names: &[&str]| Command::OpenWindow { window_id: window(2), line_ids: Some(names.iter().map(|name| line(name)).collect()) };
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &open(&[])), "lines_missing");
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &open(&["zz"])), "unknown_line");
    stage.by(2, &open(&["b"]));
    stage.issue("a1", "a");
    assert_eq!(stage.call(2), None);
    stage.by(2, &Command::PauseWindow { window_id: window(2), text: None });
    stage.by(2, &Command::OpenWindow { window_id: window(2), line_ids: None });
    assert_eq!(stage.call(2), None, "back from the pause with the same lines");
    stage.by(2, &Command::CloseWindow { window_id: window(2) });
    stage.sit(2);
    assert_eq!(stage.call(2).unwrap().0, ticket("a1"));
}

#[test]
fn a_line_chosen_twice_counts_once() {
    let mut stage = Stage::open();
    stage.by(2, &Command::OpenWindow { window_id: window(2), line_ids: Some(vec![line("b"), line("a"), line("b")]) });
    assert_eq!(stage.hall.window(&window(2)).unwrap().current_line_ids(), [line("b"), line("a")]);
    stage.issue("b1", "b");
    stage.issue_green("b2", "b");
    let events = stage.by(2, &Command::CallNext { window_id: window(2) });
    let reason = events.iter().find_map(Event::as_call).map(|(_, reason)| serde_json::to_value(reason).unwrap()).unwrap();
    assert_eq!(reason["others_waiting"], 1, "{reason}");
}

#[test]
fn a_paused_window_calls_nobody_but_ends_what_it_began_and_a_busy_one_stays_open() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    stage.issue("a2", "a");
    stage.call(1);
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &Command::CallNext { window_id: window(1) }), "window_busy");
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &Command::CloseWindow { window_id: window(1) }), "window_busy");
    let pause = Command::PauseWindow { window_id: window(1), text: Some("10:55 回".to_owned()) };
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &pause), "not_your_window");
    stage.ok(&Actor::supervisor(clerk(9)), &pause);
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    stage.by(1, &Command::Finish { ticket_id: ticket("a1"), outcome: Outcome::Collected });
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &Command::CallNext { window_id: window(1) }), "window_paused");
    assert_eq!(stage.hall.window(&window(1)).unwrap().pause_text(), Some("10:55 回"));
    stage.sit(1);
    assert_eq!(stage.call(1).unwrap().0, ticket("a2"));
}

#[test]
fn the_cover_takes_the_window_with_its_ticket() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    stage.call(1);
    let take = |number| Command::TakeOver { window_id: window(number), reason: "AB角".to_owned() };
    assert_eq!(stage.no(&Actor::staff(clerk(2)), &take(1)), "staff_elsewhere");
    stage.by(4, &take(1));
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &Command::Start { ticket_id: ticket("a1") }), "not_your_window");
    stage.by(4, &Command::Start { ticket_id: ticket("a1") });
    stage.by(3, &Command::CloseWindow { window_id: window(3) });
    assert_eq!(stage.no(&Actor::staff(clerk(5)), &take(3)), "window_closed");
    stage.sit(3);
    assert_eq!(stage.by(3, &take(3)), []);
}

#[test]
fn a_configuration_that_contradicts_itself_or_the_hall_is_refused() {
    type Break = fn(&mut Configuration);
    let broken: [(&str, Break); 13] = [
        ("configuration_invalid", |c| c.lines[1].prefix = "A".to_owned()),
        ("configuration_invalid", |c| c.lines[1].prefix = "b".to_owned()),
        ("configuration_invalid", |c| c.lines[1].prefix = "ABC".to_owned()),
        ("configuration_invalid", |c| c.lines[1].name = " ".to_owned()),
        ("configuration_invalid", |c| c.windows[1].number = 1),
        ("configuration_invalid", |c| c.windows[1].number = 0),
        ("configuration_invalid", |c| c.windows[0].line_ids.push(line("zz"))),
        ("configuration_invalid", |c| c.windows[0].line_ids.push(line("a"))),
        ("configuration_invalid", |c| c.policy.green_bound = 0),
        ("configuration_invalid", |c| c.policy.over_limit_ms = -1),
        ("configuration_invalid", |c| c.policy.roster.push(Shift { window_id: window(9), starts_at: 0, ends_at: 1 })),
        ("window_in_use", |c| drop(c.windows.remove(0))),
        ("line_in_use", |c| {
            c.lines.remove(1);
            for window in &mut c.windows {
                window.line_ids.retain(|id| *id != line("b"));
            }
        }),
    ];
    for (code, break_it) in broken {
        let mut stage = Stage::open();
        stage.issue("b1", "b");
        let mut configuration = configuration();
        break_it(&mut configuration);
        assert_eq!(stage.no(&Actor::machine(), &Command::Configure { configuration }), code);
    }
}

#[test]
fn one_line_or_window_is_changed_and_all_else_stays() {
    let mut stage = Stage::open();
    let before = stage.hall.configuration();
    let rearrange = |change| Command::Rearrange { change };
    let setup = LineSetup { id: line("new"), name: "社保医保".to_owned(), prefix: "M".to_owned(), daily_contingent: None };
    stage.ok(&Actor::machine(), &rearrange(Rearrangement::Line { line: setup.clone() }));
    let with_line = Configuration { lines: [before.lines.clone(), vec![setup.clone()]].concat(), ..before.clone() };
    assert_eq!(stage.hall.configuration(), with_line);
    let mut wider = before.windows[0].clone();
    wider.line_ids.push(line("new"));
    stage.ok(&Actor::machine(), &rearrange(Rearrangement::Window { window: wider.clone() }));
    assert_eq!(stage.hall.configuration().windows[0], wider);

    let twice = LineSetup { id: line("other"), ..setup };
    assert_eq!(stage.no(&Actor::machine(), &rearrange(Rearrangement::Line { line: twice })), "configuration_invalid");
    assert_eq!(stage.no(&Actor::machine(), &rearrange(Rearrangement::NoWindow { window_id: window(1) })), "window_in_use");
    assert_eq!(stage.no(&Actor::machine(), &rearrange(Rearrangement::NoWindow { window_id: window(77) })), "unknown_window");
    assert_eq!(stage.no(&Actor::machine(), &rearrange(Rearrangement::NoLine { line_id: line("zz") })), "unknown_line");
    stage.issue("b1", "b");
    assert_eq!(stage.no(&Actor::machine(), &rearrange(Rearrangement::NoLine { line_id: line("b") })), "line_in_use");
    stage.ok(&Actor::machine(), &rearrange(Rearrangement::NoLine { line_id: line("new") }));
    assert_eq!(stage.hall.configuration(), before);
}

#[test]
fn a_new_configuration_keeps_what_goes_on() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    stage.call(1);
    let mut changed = configuration();
    changed.lines[0].name = "综合".to_owned();
    changed.lines.remove(1);
    changed.windows.retain(|window| window.number != 9);
    for setup in &mut changed.windows {
        setup.line_ids = vec![line("a")];
    }
    stage.ok(&Actor::machine(), &Command::Configure { configuration: changed });
    assert_eq!(stage.hall.window(&window(1)).unwrap().serving, Some(ticket("a1")));
    assert_eq!(stage.hall.window(&window(2)).unwrap().current_line_ids(), [line("a")]);
    assert_eq!(stage.hall.window(&window(3)).unwrap().current_line_ids(), [], "until it is opened anew");
    assert_eq!(stage.issue("a2", "a"), "A002");
}
