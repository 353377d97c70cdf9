//! Intervals, figures, people ahead and estimates.

use super::stage::*;
use crate::hall::*;
use crate::time::MINUTE_MS;

/// Everything that the stage's log measures.
fn measured(stage: &Stage) -> Vec<Measure> {
    let mut replay = Replay::new(stage.hall.site().clone());
    stage.log.iter().for_each(|event| replay.take(event));
    let intervals: Vec<Interval> = replay.intervals().map(|(_, interval)| interval.clone()).collect();
    measures(replay.visits(), &intervals)
}

pub(super) fn figures_of(stage: &Stage) -> Figures {
    Figures::of(&measured(stage))
}

#[test]
fn a_wait_of_seventy_minutes_counts_as_seventy() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    stage.pass(70);
    stage.call(1);
    stage.pass(2);
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    stage.pass(5);
    stage.by(1, &Command::Park { ticket_id: ticket("a1"), reason: None });
    stage.pass(20);
    stage.by(1, &Command::Resume { ticket_id: ticket("a1") });
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    stage.pass(6);
    stage.by(1, &Command::Finish { ticket_id: ticket("a1"), outcome: Outcome::Accepted });
    let intervals = intervals_of(stage.hall.site(), &stage.log);
    let lengths: Vec<_> = intervals.iter().map(|row| (row.state.as_str(), row.length_ms() / MINUTE_MS, row.next.as_str())).collect();
    let expected = [
        ("waiting", 70, "called"),
        ("called", 2, "serving"),
        ("serving", 5, "parked"),
        ("parked", 20, "waiting"),
        ("waiting", 0, "called"),
        ("called", 0, "serving"),
        ("serving", 6, "done"),
    ];
    assert_eq!(lengths, expected);
    let figures = figures_of(&stage);
    assert_eq!((figures.waiting.mean_ms(), figures.waiting.count()), (Some(70 * MINUTE_MS), 1), "coming back is no second wait");
    assert_eq!(figures.way.mean_ms(), Some(MINUTE_MS));
    assert_eq!(figures.serving.mean_ms(), Some(11 * MINUTE_MS));
    assert_eq!((figures.done, figures.calls, figures.lost(), figures.ended()), (1, 2, 0, 1));
}

#[test]
fn figures_count_what_ended_and_a_transfer_adds_to_the_wait() {
    let mut stage = Stage::open();
    for name in ["a1", "a2", "a3"] {
        stage.issue(name, "a");
    }
    stage.pass(10);
    let to_b = Command::Transfer {
        ticket_id: ticket("a1"),
        to: Target::Line { line_id: line("b") },
        position: Position::Last,
        holder_keys: Vec::new(),
    };
    stage.by(1, &to_b);
    stage.pass(20);
    stage.serve(3);
    stage.call(1);
    stage.by(1, &Command::Miss { ticket_id: ticket("a2"), reason: None });
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("a3") });
    stage.by(1, &Command::WalkIn { window_id: window(1), ticket: new_ticket("a4", "a") });
    stage.by(1, &Command::Finish { ticket_id: ticket("a4"), outcome: Outcome::Consulted });
    stage.now = at(24, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    let figures = figures_of(&stage);
    assert_eq!((figures.done, figures.abandoned, figures.unserved + figures.not_back, figures.misses, figures.calls), (2, 1, 1, 1, 2));
    let waits: Lengths = [30 * MINUTE_MS, 30 * MINUTE_MS].into_iter().collect();
    assert_eq!(figures.waiting, waits, "a walk-in did not wait");
    assert_eq!((figures.lost(), figures.ended(), figures.issued), (2, 4, 4));
    let all = measured(&stage);
    let by_line = figures_by(&all, |measure| Some(measure.line_id.clone()));
    assert_eq!((by_line[&line("b")].done, by_line[&line("b")].issued, by_line[&line("a")].issued), (1, 0, 4));
    assert_eq!(by_line[&line("b")].waiting.longest_ms(), Some(30 * MINUTE_MS), "the whole wait belongs to the line that called");
    let by_class = figures_by(&all, |measure| Some(measure.class));
    assert_eq!((by_class[&VisitClass::WalkIn].done, by_class[&VisitClass::WalkIn].waiting.count()), (1, 0));
}

#[test]
fn whoever_leaves_after_a_call_is_counted_at_the_window_that_called() {
    let mut stage = Stage::open();
    for name in ["given_up", "missed", "parked", "waits", "left"] {
        stage.issue(name, "a");
    }
    stage.call(1);
    stage.by(1, &Command::Abandon { ticket_id: ticket("given_up") });
    stage.call(2);
    stage.by(2, &Command::Miss { ticket_id: ticket("missed"), reason: None });
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("missed") });
    stage.call(1);
    stage.by(1, &Command::Park { ticket_id: ticket("parked"), reason: None });
    stage.ok(&Actor::machine(), &Command::Abandon { ticket_id: ticket("left") });
    stage.now = at(24, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    let apart: Vec<Measure> = measured(&stage).iter().map(Measure::at_window).collect();
    let by_window = figures_by(&apart, |measure| measure.window_id.clone());
    let lost = |number| (by_window[&window(number)].abandoned, by_window[&window(number)].not_back);
    assert_eq!((lost(1), lost(2)), ((1, 1), (1, 0)));
    assert_eq!(by_window.values().map(Figures::lost).sum::<u32>(), 3, "who gave up while waiting and who was not reached were at none");
    assert_eq!(figures_of(&stage).lost(), 5);
}

#[test]
fn a_service_at_two_windows_counts_whole_for_the_hall_and_apart_for_the_window() {
    let mut stage = Stage::open();
    stage.issue("a1", "a");
    stage.pass(59);
    stage.call(1);
    stage.pass(2);
    stage.by(1, &Command::Start { ticket_id: ticket("a1") });
    stage.pass(20);
    let to = Target::Window { window_id: window(3) };
    stage.by(1, &Command::Transfer { ticket_id: ticket("a1"), to, position: Position::First, holder_keys: Vec::new() });
    stage.pass(4);
    stage.call(3);
    stage.pass(1);
    stage.by(3, &Command::Start { ticket_id: ticket("a1") });
    stage.pass(5);
    stage.by(3, &Command::Finish { ticket_id: ticket("a1"), outcome: Outcome::Accepted });
    let all = measured(&stage);
    let whole = Figures::of(&all);
    assert_eq!((whole.serving.sum_ms(), whole.serving.count()), (25 * MINUTE_MS, 1));
    assert_eq!(whole.waiting, [59 * MINUTE_MS, 4 * MINUTE_MS].into_iter().collect(), "sent on, the person waits once more");
    let apart: Vec<Measure> = all.iter().map(Measure::at_window).collect();
    let by_window = figures_by(&apart, |measure| measure.window_id.clone());
    assert_eq!((by_window[&window(1)].serving.count(), by_window[&window(3)].serving.sum_ms()), (0, 5 * MINUTE_MS));
    assert_eq!((by_window[&window(1)].waiting.sum_ms(), by_window[&window(1)].way.sum_ms()), (59 * MINUTE_MS, 2 * MINUTE_MS));
    let by_hour = figures_by(&all, |measure| Some(measure.hour()));
    assert_eq!((by_hour[&9].waiting.count(), by_hour[&9].calls, by_hour[&9].serving.count()), (1, 1, 1), "the first call was at 9:59");
    assert_eq!((by_hour[&10].waiting.count(), by_hour[&10].calls, by_hour[&9].done), (1, 1, 1));
}

#[test]
fn every_interval_begins_where_the_one_before_ended() {
    let mut stage = Stage::open();
    for name in ["a1", "a2", "a3", "a4", "a5"] {
        stage.issue(name, "a");
        stage.pass(1);
    }
    stage.call(1);
    stage.by(1, &Command::Miss { ticket_id: ticket("a1"), reason: None });
    for _ in 0..4 {
        stage.pass(1);
        stage.serve(1);
    }
    let intervals = intervals_of(stage.hall.site(), &stage.log);
    assert_eq!(stage.ended.len(), 4, "those who left too");
    for ticket in stage.hall.tickets().chain(stage.ended.values()) {
        let rows: Vec<_> = intervals.iter().filter(|row| row.ticket_id == ticket.id).collect();
        let mut end = (ticket.issued_at, StateName::Waiting);
        for row in rows {
            assert_eq!((row.start_ms, row.state), end, "{}", ticket.number);
            end = (row.end_ms, row.next);
        }
        assert_eq!(end, (ticket.state.since(), StateName::from(&ticket.state)), "{}", ticket.number);
    }
    assert_eq!(StateName::parse("missed"), Some(StateName::Missed));
    assert_eq!(StateName::parse("lost"), None);
}

#[test]
fn people_ahead_are_those_whom_the_rules_would_call_before() {
    let mut stage = Stage::open();
    for (name, green) in [("o1", false), ("o2", false), ("g1", true), ("o3", false), ("g2", true), ("o4", false), ("o5", false)] {
        if green {
            stage.issue_green(name, "a")
        } else {
            drop(stage.issue(name, "a"))
        }
        stage.now += 1;
    }
    loop {
        let expected: Vec<_> = ["o1", "o2", "o3", "o4", "o5", "g1", "g2"]
            .into_iter()
            .filter_map(|name| Some((ticket(name), stage.hall.ahead(&ticket(name))?)))
            .collect();
        let Some((called, _)) = stage.serve(1) else { break };
        for (id, ahead) in expected {
            if id == called {
                assert_eq!(ahead, 0);
            } else {
                assert_eq!(stage.hall.ahead(&id), Some(ahead - 1), "{id} after {called}");
            }
        }
    }
    assert_eq!(stage.hall.ahead(&ticket("o1")), None);
}
