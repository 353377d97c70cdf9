//! Paper numbers entered afterwards: their place, their times, and each once.

use super::stage::*;
use crate::hall::*;
use crate::time::{DAY_MS, MINUTE_MS, Millis};

fn paper_hall() -> Stage {
    let mut stage = Stage::closed();
    stage.set_policy(|policy| policy.taking.paper.prefixes = vec!["P".to_owned()]);
    for number in 1..=3 {
        stage.sit(number);
    }
    stage
}

fn entry(name: &str, number: &str, arrived_at: Millis, visit: Option<PaperVisit>) -> Command {
    let (prefix, serial) = PaperNumber::parse(number).unwrap();
    Command::EnterPaper { ticket: new_ticket(name, "a"), paper: PaperNumber { prefix, serial, arrived_at, visit } }
}

fn over(started_at: Millis, ended_at: Millis) -> Option<PaperVisit> {
    Some(PaperVisit { window_id: window(1), started_at, ended_at, outcome: Outcome::Accepted })
}

#[test]
fn a_paper_number_waits_by_its_true_time_and_uses_no_number_of_the_hall() {
    let mut stage = paper_hall();
    stage.now = at(9, 30);
    assert_eq!(stage.issue("a1", "a"), "A001");
    stage.by(1, &entry("p", "P017", at(8, 50), None));
    assert_eq!(stage.issue("a2", "a"), "A002", "the hall's own series goes on");
    let ticket = stage.get("p").clone();
    assert_eq!((ticket.number.as_str(), ticket.issued_at, ticket.entered_at), ("P017", at(8, 50), Some(at(9, 30))));
    assert_eq!(stage.hall.ahead(&ticket.id), Some(0));
    assert_eq!(stage.call(1).unwrap().0, super::stage::ticket("p"), "he came before the one who took a number");
    let entered = stage.log.iter().find(|event| event.kind() == "paper_number_entered").unwrap();
    let told = serde_json::to_value(entered).unwrap();
    assert_eq!((told["at"].as_i64(), told["occurred_at"].as_i64()), (Some(at(9, 30)), Some(at(8, 50))), "recorded, and happened");
    let waited = intervals_of(stage.hall.site(), &stage.log);
    assert_eq!((waited[0].start_ms, waited[0].end_ms), (at(8, 50), at(9, 30)), "the wait began when he came");
}

#[test]
fn each_paper_number_is_entered_once_for_its_day() {
    let mut stage = paper_hall();
    stage.now = at(10, 0);
    stage.by(1, &entry("p1", "P001", at(9, 0), None));
    stage.by(1, &Command::Abandon { ticket_id: ticket("p1") });
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &entry("p2", "p1", at(9, 5), None)), "paper_number_used");
    stage.by(1, &entry("p3", "P002", at(9, 5), over(at(9, 10), at(9, 20))));
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &entry("p4", "P002", at(9, 30), None)), "paper_number_used");
    stage.by(1, &entry("p5", "P001", at(9, 0) - DAY_MS, over(at(9, 10) - DAY_MS, at(9, 20) - DAY_MS)));
    stage.now = at(10, 0) + DAY_MS;
    assert_eq!(stage.no(&Actor::staff(clerk(1)), &entry("p6", "P002", at(9, 5), over(at(9, 6), at(9, 7)))), "paper_number_used");
    stage.by(1, &entry("p7", "P002", at(9, 5) + DAY_MS, None));
}

#[test]
fn what_is_over_stands_in_the_record_with_the_times_of_that_day() {
    let mut stage = paper_hall();
    stage.now = at(9, 0) + DAY_MS;
    let before = stage.log.len();
    stage.by(2, &entry("p", "P003", at(9, 5), over(at(9, 20), at(9, 32))));
    assert_eq!(stage.hall.tickets().count(), 0, "it never waits");
    assert_eq!((stage.get("p").date, stage.get("p").state.name()), (crate::time::local_date(at(9, 5)), "done"));
    let windows: Vec<_> = stage.hall.windows().map(|window| (window.serving.clone(), window.is_open())).collect();
    assert_eq!(windows, [(None, true), (None, true), (None, true)], "no window of today has a part in it");
    let kinds: Vec<_> = stage.log[before..].iter().map(Event::kind).filter(|kind| kind.starts_with("paper")).collect();
    assert_eq!(kinds, ["paper_number_entered", "paper_visit_begun", "paper_visit_ended"]);
    let intervals = intervals_of(stage.hall.site(), &stage.log);
    let spans: Vec<_> = intervals.iter().map(|one| (one.state, one.next, one.start_ms, one.end_ms)).collect();
    assert_eq!(
        spans,
        [(StateName::Waiting, StateName::Serving, at(9, 5), at(9, 20)), (StateName::Serving, StateName::Done, at(9, 20), at(9, 32))]
    );
    assert_eq!((intervals[1].window_id.clone(), intervals[1].staff.clone()), (Some(window(1)), None), "who sat there is not known");
    let mut replay = Replay::new(stage.hall.site().clone());
    stage.log.iter().for_each(|event| replay.take(event));
    let found = measures(replay.visits(), &intervals);
    assert!(found.iter().any(|one| one.what == What::Waited { ms: 15 * MINUTE_MS }), "{found:?}");
    assert!(found.iter().any(|one| one.what == What::Served { ms: 12 * MINUTE_MS, here_ms: 12 * MINUTE_MS }), "{found:?}");
    assert!(found.iter().all(|one| !matches!(one.what, What::Called | What::Came { .. })), "nobody knows when he was called");
}

#[test]
fn a_paper_number_that_cannot_be_is_refused() {
    let mut stage = paper_hall();
    stage.now = at(10, 0);
    let staff = Actor::staff(clerk(1));
    let refused = [
        (Actor::machine(), entry("p", "P001", at(9, 0), None), "staff_required"),
        (staff.clone(), entry("p", "Q001", at(9, 0), None), "paper_series_unknown"),
        (staff.clone(), entry("p", "A001", at(9, 0), None), "paper_series_unknown"),
        (staff.clone(), entry("p", "P001", at(10, 1), None), "paper_times_invalid"),
        (staff.clone(), entry("p", "P001", at(9, 0), over(at(8, 59), at(9, 10))), "paper_times_invalid"),
        (staff.clone(), entry("p", "P001", at(9, 0), over(at(9, 10), at(9, 5))), "paper_times_invalid"),
        (staff.clone(), entry("p", "P001", at(9, 0), over(at(9, 10), at(10, 5))), "paper_times_invalid"),
        (staff.clone(), entry("p", "P001", at(9, 0) - 8 * DAY_MS, over(at(9, 0) - 8 * DAY_MS, at(9, 5) - 8 * DAY_MS)), "paper_too_old"),
        (staff.clone(), entry("p", "P001", at(9, 0) - DAY_MS, None), "paper_visit_missing"),
    ];
    for (actor, command, code) in refused {
        assert_eq!(stage.no(&actor, &command), code, "{command:?}");
    }
    let elsewhere = PaperVisit { window_id: window(9), started_at: at(9, 1), ended_at: at(9, 2), outcome: Outcome::Other };
    assert_eq!(stage.no(&staff, &entry("p", "P001", at(9, 0), Some(elsewhere))), "unknown_window");
    let Command::EnterPaper { ticket, paper } = entry("p", "P001", at(9, 0), None) else { unreachable!() };
    let of = |key: &str, ticket: &NewTicket| NewTicket { holder_key: Some(key.to_owned()), ..ticket.clone() };
    stage.ok(&Actor::machine(), &Command::Issue(of("k", &new_ticket("a1", "a"))));
    let same = Command::EnterPaper { ticket: of("k", &ticket), paper: paper.clone() };
    assert_eq!(stage.no(&staff, &same), "already_waiting", "one live ticket per person and line");
    let elsewhere = Command::EnterPaper { ticket: NewTicket { line_id: line("zz"), ..ticket }, paper };
    assert_eq!(stage.no(&staff, &elsewhere), "unknown_line");
    for text in ["017", "PPP1", "P", "P0", "P12345", "p 1", "纸1"] {
        assert_eq!(PaperNumber::parse(text), None, "{text}");
    }
    assert_eq!(PaperNumber::parse(" p017 "), Some(("P".to_owned(), 17)));
}

#[test]
fn after_the_last_closing_nobody_waits_on_paper() {
    let mut stage = Stage::closed();
    let day = vec![Span { from_minute: 540, to_minute: 1020 }];
    let hours = OpeningHours::Weekly { week: std::array::from_fn(|_| day.clone()), special_days: vec![] };
    let mut configuration = Configuration { hours, ..configuration() };
    configuration.policy.taking.paper.prefixes = vec!["P".to_owned()];
    stage.ok(&Actor::machine(), &Command::Configure { configuration });
    stage.now = at(20, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    let staff = Actor::staff(clerk(1));
    assert_eq!(stage.no(&staff, &entry("p", "P001", at(16, 0), None)), "paper_visit_missing");
    stage.ok(&staff, &entry("p", "P001", at(16, 0), over(at(16, 10), at(16, 20))));
}

#[test]
fn letters_are_of_a_line_or_of_paper_and_change_hands_only_when_their_numbers_are_forgotten() {
    let configured = |line_letters: &str, paper_letters: &[&str]| {
        let mut configuration = configuration();
        configuration.lines[0].prefix = line_letters.to_owned();
        configuration.policy.taking.paper.prefixes = paper_letters.iter().map(|letters| (*letters).to_owned()).collect();
        Command::Configure { configuration }
    };
    let mut stage = paper_hall();
    assert_eq!(stage.issue("a1", "a"), "A001");
    stage.by(1, &entry("p1", "P001", at(9, 0), None));
    let admin = Actor::machine();
    assert_eq!(stage.no(&admin, &configured("P", &[])), "configuration_invalid", "P001 waits on paper");
    assert_eq!(stage.no(&admin, &configured("C", &["A"])), "configuration_invalid", "A001 waits on a slip");
    stage.ok(&admin, &configured("C", &["P"]));
    assert_eq!(stage.no(&admin, &configured("C", &["A"])), "configuration_invalid", "and still does");
    stage.ok(&admin, &configured("A", &["P"]));
    assert_eq!(stage.issue("a2", "a"), "A002", "the line's letters come back to it, and its series goes on");
    stage.ok(&admin, &configured("C", &[]));
    // Papers of that day can be entered for a month.
    stage.pass(30 * 24 * 60);
    assert_eq!(stage.no(&admin, &configured("C", &["A"])), "configuration_invalid");
    stage.ok(&admin, &configured("P", &[]));
    stage.sit(1);
    assert_eq!(stage.issue("p2", "a"), "P001", "no paper of this day has it");
    stage.pass(2 * 24 * 60);
    stage.ok(&admin, &configured("P", &["A"]));
}
