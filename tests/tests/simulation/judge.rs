//! What must be true after the trouble, said without the code under test: numbers given once and in
//! order, screens that show the same, slips that all came and came twice only marked.

use std::collections::{BTreeMap, BTreeSet};

/// What is known of one run.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// Numbers by the prefix of their line, in the order of the log.
    pub(super) issued: BTreeMap<String, Vec<String>>,
    /// Keys of citizens with every number that they were told.
    pub(super) told: BTreeMap<String, Vec<String>>,
    /// Keys whose command the store knows as done.
    pub(super) done_keys: usize,
    /// Slips on paper: number, and whether marked 补打.
    pub(super) paper: Vec<(String, bool)>,
    /// Screens by name: whether they say they are up to date, and what they show.
    pub(super) screens: BTreeMap<String, (bool, String)>,
    /// What a screen that was just switched on shows.
    pub(super) fresh: String,
    /// Print jobs that are not on paper according to the server.
    pub(super) owed: Vec<String>,
}

/// Everything that is not as promised.
pub(super) fn faults(record: &Record) -> Vec<String> {
    let mut faults = Vec::new();
    numbers(record, &mut faults);
    screens(record, &mut faults);
    slips(record, &mut faults);
    faults
}

/// Promise 1.
fn numbers(record: &Record, faults: &mut Vec<String>) {
    for (prefix, numbers) in &record.issued {
        for (place, number) in numbers.iter().enumerate() {
            let expected = format!("{prefix}{:03}", place + 1);
            if *number != expected {
                faults.push(format!("number {place} of line {prefix} is {number}, not {expected}"));
            }
        }
    }
    let all: BTreeSet<&String> = record.issued.values().flatten().collect();
    touches(&record.told, &all, faults);
    if record.done_keys != all.len() {
        faults.push(format!("{} touches were done and {} numbers exist", record.done_keys, all.len()));
    }
}

/// What each touch was told: one number, that exists and is nobody else's.
pub(crate) fn touches(told: &BTreeMap<String, Vec<String>>, all: &BTreeSet<&String>, faults: &mut Vec<String>) {
    let mut owners: BTreeMap<&String, &String> = BTreeMap::new();
    for (key, numbers) in told {
        let distinct: BTreeSet<&String> = numbers.iter().collect();
        if distinct.len() > 1 {
            faults.push(format!("one touch {key} was told {distinct:?}"));
        }
        for number in distinct {
            if !all.contains(number) {
                faults.push(format!("{key} was told {number}, which does not exist"));
            }
            if let Some(other) = owners.insert(number, key) {
                faults.push(format!("{number} was told to {other} and {key}"));
            }
        }
    }
}

/// Promise 3.
fn screens(record: &Record, faults: &mut Vec<String>) {
    for (name, (online, shown)) in &record.screens {
        if !online {
            faults.push(format!("{name} does not know that it is up to date"));
        }
        if *shown != record.fresh {
            faults.push(format!("{name} shows\n  {shown}\nand a new screen\n  {}", record.fresh));
        }
    }
}

/// Promise 4.
fn slips(record: &Record, faults: &mut Vec<String>) {
    for number in record.issued.values().flatten() {
        let copies: Vec<bool> = record.paper.iter().filter(|(printed, _)| printed == number).map(|(_, marked)| *marked).collect();
        if copies.is_empty() {
            faults.push(format!("{number} was never printed"));
        }
        if copies.iter().filter(|marked| !**marked).count() > 1 {
            faults.push(format!("{number} was printed twice without a mark"));
        }
    }
    for (number, _) in &record.paper {
        if !record.issued.values().flatten().any(|issued| issued == number) {
            faults.push(format!("{number} is on paper and does not exist"));
        }
    }
    for job in &record.owed {
        faults.push(format!("{job} is still owed"));
    }
}

/// Breaks a promise.
type Spoil = fn(&mut Record);

fn sound() -> Record {
    let text = |text: &str| text.to_owned();
    Record {
        issued: BTreeMap::from([(text("A"), vec![text("A001"), text("A002")])]),
        told: BTreeMap::from([(text("k1"), vec![text("A001"), text("A001")])]),
        done_keys: 2,
        paper: vec![(text("A001"), false), (text("A002"), false), (text("A002"), true)],
        screens: BTreeMap::from([(text("hall"), (true, text("A002")))]),
        fresh: text("A002"),
        owed: Vec::new(),
    }
}

#[test]
fn the_judge_finds_every_broken_promise() {
    assert_eq!(faults(&sound()), Vec::<String>::new());
    let breaks: [(&str, Spoil); 11] = [
        ("a gap", |record| record.issued.get_mut("A").expect("a line")[1] = "A003".to_owned()),
        ("a number twice", |record| record.issued.get_mut("A").expect("a line")[1] = "A001".to_owned()),
        ("two numbers for one touch", |record| record.told.get_mut("k1").expect("a touch")[1] = "A002".to_owned()),
        ("one number for two", |record| drop(record.told.insert("k2".to_owned(), vec!["A001".to_owned()]))),
        ("a number that does not exist", |record| drop(record.told.insert("k2".to_owned(), vec!["A009".to_owned()]))),
        ("a touch without effect", |record| record.done_keys = 3),
        ("another screen", |record| drop(record.screens.insert("strip".to_owned(), (true, "A001".to_owned())))),
        ("a screen that is behind", |record| record.screens.get_mut("hall").expect("a screen").0 = false),
        ("a lost slip", |record| drop(record.paper.remove(0))),
        ("a slip twice without a mark", |record| record.paper[2].1 = false),
        ("a job that is owed", |record| record.owed.push("pj_dc_1".to_owned())),
    ];
    for (name, spoil) in breaks {
        let mut record = sound();
        spoil(&mut record);
        assert!(!faults(&record).is_empty(), "{name} was not found");
    }
}
