//! Two keepers that cannot hear each other: no ticket is in two queues, and the journal of the one whose term is over is
//! taken in as a whole, beside the windows of now.

use super::stage::{Stage, at, clerk, line, new_ticket, ticket, window};
use crate::hall::*;

/// A keeper that decides on a hall of its own.
struct Keeper {
    series: &'static str,
    hall: Hall,
    kept: Vec<KeptDecision>,
}

impl Keeper {
    fn of(hall: &Hall, series: &'static str) -> Self {
        Self { series, hall: hall.clone(), kept: Vec::new() }
    }

    fn tries(&self, actor: &Actor, command: &Command, minute: i64) -> Result<Vec<Event>, Refusal> {
        self.hall.decide_as_keeper(self.series, actor, command, at(10, minute))
    }

    fn does(&mut self, actor: &Actor, command: Command, minute: i64) -> Vec<Event> {
        let events = self.tries(actor, &command, minute).unwrap();
        let (series, base_version) = (self.series.to_owned(), self.hall.version());
        events.iter().for_each(|event| drop(self.hall.evolve(event)));
        self.kept.push(KeptDecision { series, base_version, at: at(10, minute), actor: actor.clone(), command, events: events.clone() });
        events
    }

    fn issues(&mut self, name: &str, minute: i64) {
        self.does(&Actor::machine(), Command::Issue(new_ticket(name, "a")), minute);
    }

    fn calls(&mut self, number: u16, minute: i64) -> Option<String> {
        let events = self.does(&Actor::staff(clerk(number)), Command::CallNext { window_id: window(number) }, minute);
        events.iter().find_map(Event::as_call).map(|(id, _)| self.hall.ticket(id).unwrap().number.clone())
    }

    fn serves(&mut self, number: u16, name: &str, minute: i64) {
        self.does(&Actor::staff(clerk(number)), Command::Start { ticket_id: ticket(name) }, minute);
        let finish = Command::Finish { ticket_id: ticket(name), outcome: Outcome::Accepted };
        self.does(&Actor::staff(clerk(number)), finish, minute + 1);
    }
}

fn part(hall: &mut Hall) {
    for event in hall.decide(&Actor::machine(), &Command::Part { term: 1 }, at(10, 0)).unwrap() {
        hall.evolve(&event);
    }
}

fn take(hall: &mut Hall, journal: &[KeptDecision]) -> Vec<MergeRule> {
    let merged = hall.merge_beside(journal);
    merged.iter().flat_map(|merged| &merged.events).for_each(|event| drop(hall.evolve(event)));
    merged.iter().flat_map(|merged| &merged.clashes).map(|clash| clash.rule).collect()
}

#[test]
fn who_takes_over_calls_only_whom_it_gave_a_number() {
    let mut stage = Stage::open();
    stage.issue("t1", "a");
    stage.issue("t2", "a");
    stage.by(1, &Command::CallNext { window_id: window(1) });
    let mut second = Keeper::of(&stage.hall, "J");
    second.does(&Actor::supervisor(clerk(9)), Command::Part { term: 1 }, 0);
    assert_eq!(second.hall.waiting_in(&line("a")), 0, "who has a number is left to the first");
    second.serves(1, "t1", 1);
    assert_eq!(second.calls(1, 3), None);
    second.issues("j1", 4);
    assert_eq!(second.calls(1, 5).as_deref(), Some("AJ001"));
    // Nor by name, nor from aside, nor back into a queue.
    let supervisor = Actor::supervisor(clerk(9));
    let (ticket_id, window_id) = (ticket("t2"), window(2));
    for command in [
        Command::CallTicket { window_id, ticket_id: ticket_id.clone(), reason: "急".to_owned() },
        Command::Top { ticket_id: ticket_id.clone(), reason: "急".to_owned() },
        Command::Transfer {
            ticket_id: ticket_id.clone(),
            to: Target::Line { line_id: line("b") },
            position: Position::First,
            holder_keys: Vec::new(),
        },
    ] {
        second.does(&Actor::staff(clerk(2)), Command::OpenWindow { window_id: window(2), line_ids: None }, 6);
        assert_eq!(second.tries(&supervisor, &command, 7), Err(Refusal::TicketLeft), "{command:?}");
    }
    assert_eq!(second.hall.allowed_with(second.hall.ticket(&ticket_id).unwrap()), [TicketAction::Abandon]);
    // As stored and read again it is the same hall.
    let (doc, windows, tickets) = second.hall.parts();
    let doc = serde_json::from_str(&serde_json::to_string(&doc).unwrap()).unwrap();
    let again = Hall::from_parts(doc, windows, tickets);
    assert_eq!((again.waiting_in(&line("a")), &again), (0, &second.hall));
}

#[test]
fn what_was_left_comes_back_to_its_place_when_it_is_joined() {
    let mut stage = Stage::open();
    stage.issue("t1", "a");
    part(&mut stage.hall);
    stage.issue("t2", "a");
    assert!(stage.hall.has_left(Some(1)) && !stage.hall.has_left(Some(2)));
    stage.ok(&Actor::machine(), &Command::Rejoin { term: Some(2) });
    assert!(stage.hall.is_left(&ticket("t1")), "another keeper's term joins nothing");
    stage.ok(&Actor::machine(), &Command::Rejoin { term: Some(1) });
    assert!(!stage.hall.has_left(None));
    let events = stage.by(1, &Command::CallNext { window_id: window(1) });
    assert_eq!(events.iter().find_map(Event::as_call).map(|(id, _)| id), Some(&ticket("t1")), "who came first is first");
}

#[test]
fn a_journal_whose_term_is_over_is_recorded_beside_the_windows() {
    let mut stage = Stage::open();
    stage.issue("t1", "a");
    stage.issue("t2", "a");
    let mut first = Keeper::of(&stage.hall, "K");
    first.issues("k1", 1);
    assert_eq!(first.calls(1, 2).as_deref(), Some("A001"));
    first.serves(1, "t1", 4);
    assert_eq!(first.calls(1, 6).as_deref(), Some("A002"));
    first.does(&Actor::staff(clerk(1)), Command::Miss { ticket_id: ticket("t2"), reason: None }, 7);
    assert_eq!(first.calls(1, 8).as_deref(), Some("AK001"));
    // Meanwhile another keeper's hall became the hall: its number stands at window 1.
    part(&mut stage.hall);
    stage.issue("j1", "a");
    stage.by(1, &Command::CallNext { window_id: window(1) });
    assert_eq!(stage.hall.window(&window(1)).unwrap().serving, Some(ticket("j1")));
    let mut hall = stage.hall.clone();
    assert_eq!(take(&mut hall, &first.kept), [MergeRule::VisitOpen], "only who stood there at the end needs a person");
    assert_eq!(hall.window(&window(1)).unwrap().serving, Some(ticket("j1")), "no window of now is touched");
    assert!(hall.ticket(&ticket("t1")).is_none(), "it was served there, and is not called again");
    assert_eq!(hall.ticket(&ticket("t2")).unwrap().state.name(), "missed");
    let kept = hall.ticket(&ticket("k1")).unwrap();
    assert_eq!((kept.number.as_str(), kept.state.name()), ("AK001", "parked"));
    // The visit has its true times, at its true window.
    let merged = stage.hall.merge_beside(&first.kept);
    let events: Vec<Event> = merged.into_iter().flat_map(|merged| merged.events).collect();
    let mut replayed = stage.hall.clone();
    let mut served = None;
    for event in &events {
        let before = event.ticket_id().and_then(|id| replayed.ticket(id)).cloned();
        let ended = before.and_then(|before| ended_interval(&before, event)).filter(|ended| ended.ticket_id == ticket("t1"));
        served = ended.or(served);
        replayed.evolve(event);
    }
    let served = served.unwrap();
    assert_eq!((served.state, served.start_ms, served.end_ms), (StateName::Serving, at(10, 4), at(10, 5)));
    assert_eq!(served.window_id, Some(window(1)));
    assert_eq!(take(&mut hall, &first.kept)[..3], [MergeRule::TicketOver; 3], "a second time what is over stays over");
}

#[test]
fn what_the_service_called_in_its_last_seconds_counts_as_the_hall_says_also_when_the_term_is_over() {
    let mut stage = Stage::open();
    stage.issue("t1", "a");
    stage.by(2, &Command::OpenWindow { window_id: window(2), line_ids: None });
    let mut first = Keeper::of(&stage.hall, "K");
    // Nobody in the hall heard of this call.
    stage.by(2, &Command::CallNext { window_id: window(2) });
    assert_eq!(first.calls(1, 3).as_deref(), Some("A001"));
    first.serves(1, "t1", 4);
    part(&mut stage.hall);
    let mut hall = stage.hall.clone();
    assert_eq!(take(&mut hall, &first.kept), [MergeRule::HallCounts]);
    assert!(hall.ticket(&ticket("t1")).is_none(), "it was served in the hall");
    assert_eq!(hall.window(&window(2)).unwrap().serving, None);
    // Who is nobody's special charge was called by somebody who knew: that counts.
    let mut joined = stage.hall.clone();
    for event in joined.decide(&Actor::machine(), &Command::Rejoin { term: None }, at(10, 0)).unwrap() {
        joined.evolve(&event);
    }
    assert_eq!(take(&mut joined, &first.kept)[0], MergeRule::TicketElsewhere);
}

#[test]
fn a_take_over_that_the_service_did_not_grant_parts_nothing() {
    let mut stage = Stage::open();
    stage.issue("t1", "a");
    let mut second = Keeper::of(&stage.hall, "J");
    second.does(&Actor::supervisor(clerk(9)), Command::Part { term: 1 }, 0);
    second.issues("j1", 1);
    second.calls(1, 2);
    let mut hall = stage.hall.clone();
    assert_eq!(take(&mut hall, &second.kept), [MergeRule::VisitOpen]);
    assert!(!hall.has_left(None));
    assert_eq!(hall.waiting_in(&line("a")), 1);
    let merged = stage.hall.merge(&second.kept[0], true);
    assert!(merged.events.is_empty() && merged.clashes.is_empty(), "also entry by entry");
}
