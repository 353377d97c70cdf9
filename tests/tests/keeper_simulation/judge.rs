//! What must be true in the end, said without the code under test.

use std::collections::{BTreeMap, BTreeSet};

use domain::hall::{Event, Fact, Hall, ended_interval};

use crate::simulation::judge::touches;

/// What is known of one run.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// Numbers in the order of the log, by their letters.
    pub(super) issued: BTreeMap<String, Vec<String>>,
    /// What each touch was told.
    pub(super) told: BTreeMap<String, Vec<String>>,
    /// Tickets whose end was answered, with their state in the end; `over` where both sides ended it and a person was told.
    pub(super) finished: BTreeMap<String, String>,
    /// Calls of a ticket that was at another window already.
    pub(super) called_twice: Vec<String>,
    /// Calls of a ticket that another side had called or served, whatever the log says.
    pub(super) called_by_two: Vec<String>,
    /// How often a person let a kiosk take over, and how often the other one was not off.
    pub(super) take_overs: usize,
    pub(super) wrong_take_overs: usize,
    /// Stretches of time that are shorter than nothing.
    pub(super) negative: Vec<String>,
    /// Steps at which both sides decided.
    pub(super) both: Vec<String>,
    /// Entries that were refused.
    pub(super) refused: Vec<String>,
    /// What keeps the hall from being as it was before the trouble: the keeper has handed everything over, both know the
    /// same hall, and the service decides.
    pub(super) unsettled: Option<String>,
    /// Numbers of one touch that are still alive, where it has several.
    pub(super) alive_twice: Vec<String>,
    /// Whether a supervisor ran the hall without its keeper: then some things are settled by rule.
    pub(super) was_released: bool,
    /// Decisions of the keeper that were merged.
    pub(super) kept: usize,
}

impl Record {
    /// Takes an event of the log before the hall has it.
    pub(super) fn take_in(&mut self, hall: &Hall, event: &Event) {
        match &event.fact {
            Fact::TicketIssued { number, .. } => {
                let letters = number.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned();
                self.issued.entry(letters).or_default().push(number.clone());
            }
            Fact::TicketCalled { ticket_id, .. } if hall.ticket(ticket_id).is_none_or(|ticket| ticket.state.at_window().is_some()) => {
                self.called_twice.push(ticket_id.to_string());
            }
            _ => {}
        }
        let ended = event.ticket_id().and_then(|id| hall.ticket(id)).and_then(|ticket| ended_interval(ticket, event));
        self.negative.extend(ended.filter(|ended| ended.end_ms < ended.start_ms).map(|ended| format!("{ended:?}")));
    }
}

/// Everything that is not as promised.
pub(super) fn faults(record: &Record) -> Vec<String> {
    let mut faults = Vec::new();
    let mut all: BTreeSet<&String> = BTreeSet::new();
    for (letters, numbers) in &record.issued {
        for (place, number) in numbers.iter().enumerate() {
            if *number != format!("{letters}{:03}", place + 1) {
                faults.push(format!("number {place} of {letters} is {number}"));
            }
            if !all.insert(number) {
                faults.push(format!("{number} was given twice"));
            }
        }
    }
    touches(&record.told, &all, &mut faults);
    for (ticket, state) in &record.finished {
        if state != "done" && state != "over" && !record.was_released {
            faults.push(format!("{ticket} was finished and is {state}"));
        }
    }
    // A supervisor who runs the hall without its keeper answers for what that still calls.
    let by_two: &[String] = if record.was_released { &[] } else { &record.called_by_two };
    faults.extend(by_two.iter().map(|item| format!("called by two: {item}")));
    for (what, list) in [
        ("called twice", &record.called_twice),
        ("shorter than nothing", &record.negative),
        ("both decided", &record.both),
        ("refused", &record.refused),
        ("alive twice", &record.alive_twice),
    ] {
        faults.extend(list.iter().map(|item| format!("{what}: {item}")));
    }
    faults.extend(record.unsettled.iter().map(|how| format!("not in order again: {how}")));
    faults
}

/// Breaks a promise.
type Spoil = fn(&mut Record);

#[test]
fn the_judge_finds_every_broken_promise() {
    let text = |text: &str| text.to_owned();
    let sound = Record {
        issued: BTreeMap::from([(text("A"), vec![text("A001")]), (text("AK"), vec![text("AK001"), text("AK002")])]),
        told: BTreeMap::from([(text("k1"), vec![text("AK001"), text("AK001")])]),
        finished: BTreeMap::from([(text("t1"), text("done"))]),
        ..Record::default()
    };
    assert_eq!(faults(&sound), Vec::<String>::new());
    let breaks: [(&str, Spoil); 11] = [
        ("a gap", |record| record.issued.get_mut("AK").expect("a series")[1] = "AK003".to_owned()),
        ("a number twice", |record| record.issued.get_mut("AK").expect("a series")[1] = "AK001".to_owned()),
        ("a lost number", |record| drop(record.told.insert("k2".to_owned(), vec!["A009".to_owned()]))),
        ("one number for two", |record| drop(record.told.insert("k2".to_owned(), vec!["AK001".to_owned()]))),
        ("two numbers for one", |record| record.told.get_mut("k1").expect("a touch").push("A001".to_owned())),
        ("an end undone", |record| drop(record.finished.insert("t1".to_owned(), "waiting".to_owned()))),
        ("two deciders", |record| record.both.push("at 1".to_owned())),
        ("a call twice", |record| record.called_twice.push("t1".to_owned())),
        ("a call by two", |record| record.called_by_two.push("t1".to_owned())),
        ("a refused entry", |record| record.refused.push("3".to_owned())),
        ("unmerged", |record| record.unsettled = Some("2 unsent".to_owned())),
    ];
    for (name, spoil) in breaks {
        let mut record = sound.clone();
        spoil(&mut record);
        assert!(!faults(&record).is_empty(), "{name} was not found");
    }
}
