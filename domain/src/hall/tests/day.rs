//! The end of a business day, and clocks that step.

use super::stage::*;
use crate::hall::*;
use crate::time::MINUTE_MS;

/// Six tickets, one in each state that can see the end of a day: a1 waiting, a2 parked, a3 missed,
/// a4 called, a5 serving, a6 done.
fn evening() -> Stage {
    let mut stage = Stage::open();
    for serial in [6, 2, 3, 4, 5, 1] {
        stage.issue(&format!("a{serial}"), "a");
    }
    stage.serve(1);
    stage.call(1);
    stage.by(1, &Command::Park { ticket_id: ticket("a2"), reason: None });
    stage.call(1);
    stage.by(1, &Command::Miss { ticket_id: ticket("a3"), reason: None });
    stage.call(1);
    stage.call(2);
    stage.by(2, &Command::Start { ticket_id: ticket("a5") });
    stage
}

#[test]
fn the_first_command_of_a_new_date_closes_the_old_day() {
    let mut stage = evening();
    stage.now = at(24, 0);
    let events = stage.by(3, &Command::CallNext { window_id: window(3) });
    assert_eq!(kinds(&events), ["day_closed", "ticket_expired", "ticket_expired", "ticket_expired", "day_opened"]);
    for event in events.iter().filter(|event| event.kind() == "ticket_expired") {
        assert_eq!((event.at, &event.by), (at(24, 0) - 1, &None), "the day ended then, whenever it was noticed");
    }
    let kept: Vec<_> = stage.hall.tickets().map(|ticket| (ticket.number.as_str(), ticket.state.name())).collect();
    assert_eq!(kept, [("A004", "called"), ("A005", "serving")]);
    assert_eq!(stage.issue("n1", "a"), "A001");
    stage.by(2, &Command::Finish { ticket_id: ticket("a5"), outcome: Outcome::Accepted });
    assert_eq!(stage.state("a5"), "done");
    assert_eq!(stage.get("a5").date, chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
    assert!(stage.hall.ticket(&ticket("a5")).is_none(), "a hall keeps only what goes on");
}

#[test]
fn a_command_that_is_refused_on_a_new_date_leaves_the_closing_to_the_next() {
    let mut stage = evening();
    stage.now = at(24, 0);
    let before = stage.hall.clone();
    assert_eq!(stage.no(&Actor::machine(), &Command::Issue(new_ticket("x", "zz"))), "unknown_line");
    assert!(stage.hall == before);
    assert_eq!(kinds(&stage.ok(&Actor::machine(), &Command::Tick))[0], "day_closed");
    assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), []);
}

#[test]
fn windows_left_open_close_with_the_day_unless_the_hall_never_closes() {
    let day = vec![Span { from_minute: 0, to_minute: 1440 }];
    let hours = OpeningHours::Weekly { week: std::array::from_fn(|_| day.clone()), special_days: vec![] };
    for (hours, open_after) in [(OpeningHours::RoundTheClock, vec![1, 2, 3]), (hours, vec![1, 2])] {
        let mut stage = evening();
        stage.ok(&Actor::machine(), &Command::Configure { configuration: Configuration { hours, ..configuration() } });
        stage.now = at(24, 0);
        stage.ok(&Actor::machine(), &Command::Tick);
        let open: Vec<_> = stage.hall.windows().filter(|window| window.is_open()).map(|window| window.number).collect();
        assert_eq!(open, open_after, "a window with a ticket stays");
    }
}

#[test]
fn contingents_and_balances_start_anew() {
    let mut with_contingent = configuration();
    with_contingent.lines[0].daily_contingent = Some(1);
    let mut stage = Stage::with(with_contingent);
    stage.sit(1);
    stage.issue_green("g", "a");
    stage.call(1);
    stage.now = at(24 + 9, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    let fresh = stage.hall.line(&line("a")).unwrap();
    assert_eq!((fresh.issued_today, fresh.calls_today, &fresh.balance), (0, 0, &Balance::default()));
    assert_eq!(stage.issue("n", "a"), "A001");
}

#[test]
fn a_clock_that_steps_back_moves_neither_time_nor_date() {
    let mut stage = Stage::open();
    stage.now = at(24, 5);
    stage.issue("a1", "a");
    stage.now = at(24, 5) - MINUTE_MS;
    stage.issue("a2", "a");
    assert_eq!(stage.get("a2").issued_at, at(24, 5), "within a minute nothing is said");
    stage.now = at(23, 0);
    let events = stage.ok(&Actor::machine(), &Command::Issue(new_ticket("a3", "a")));
    assert_eq!(kinds(&events), ["clock_stepped_back", "ticket_issued"]);
    assert_eq!((stage.get("a3").number.as_str(), stage.get("a3").issued_at), ("A003", at(24, 5)));
    assert_eq!(kinds(&stage.ok(&Actor::machine(), &Command::Issue(new_ticket("a4", "a")))), ["ticket_issued"], "said once");
    stage.now = at(24, 6);
    stage.issue("a5", "a");
    stage.now = at(24, 0);
    assert_eq!(kinds(&stage.ok(&Actor::machine(), &Command::Tick)), ["clock_stepped_back"], "caught up, and back again");
}
