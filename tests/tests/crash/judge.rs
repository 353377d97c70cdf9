//! The judge: compares what was answered with what is stored, and what is stored with the event log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use domain::hall::{Event, Fact, Hall, Ticket};
use domain::ids::SiteId;
use server::app::hall::load_hall;
use server::store::Stores;
use server::store::sql::SqlStore;
use server::vault::Vault;
use tests::program::binary;

use super::load::{Done, SITE};

/// The store of a server that has ended.
pub async fn open(data: &Path, database: Option<&str>) -> Stores {
    let key: [u8; 32] = std::fs::read(data.join("master.key")).expect("the key").try_into().expect("32 bytes");
    let chain = Vault::new(&key).expect("a key").chain();
    let store = match database {
        Some(url) => SqlStore::postgres(url, chain).await,
        None => SqlStore::sqlite(&data.join("yichuang.db"), chain).await,
    };
    Stores::of(std::sync::Arc::new(store.expect("the store opens")))
}

/// Fails unless promises 1 and 2 of DESIGN hold.
pub async fn judge(data: &Path, database: Option<&str>, done: &[Done]) {
    let stores = open(data, database).await;
    let tickets: Vec<Ticket> = stores
        .halls
        .tickets_between(SITE, "0000-01-01", "9999-12-31")
        .await
        .expect("tickets")
        .iter()
        .map(|row| serde_json::from_str(&row.doc).expect("a ticket"))
        .collect();
    let events = hall_events(&stores).await;
    numbers_are_consecutive(&tickets);
    answered_numbers_are_there(&tickets, done);
    answered_calls_are_there(&events, done);
    let hall = replay(&events);
    assert!(hall == load_hall(&stores, SITE).await.expect("the hall"), "the rows are what the events make");
    drop(stores);
    the_log_is_sound(data, database);
    println!("{} tickets, {} events of the hall", tickets.len(), events.len());
}

fn numbers_are_consecutive(tickets: &[Ticket]) {
    let mut series: BTreeMap<(String, String), BTreeSet<u32>> = BTreeMap::new();
    for ticket in tickets {
        let prefix = ticket.number.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        let serials = series.entry((ticket.date.to_string(), prefix)).or_default();
        assert!(serials.insert(ticket.serial), "{} of {} was given twice", ticket.number, ticket.date);
    }
    for (series, serials) in series {
        assert!(serials.iter().copied().eq(1..=serials.len() as u32), "{series:?} has a gap: {serials:?}");
    }
}

fn answered_numbers_are_there(tickets: &[Ticket], done: &[Done]) {
    let stored: BTreeMap<&str, &str> = tickets.iter().map(|ticket| (ticket.id.as_str(), ticket.number.as_str())).collect();
    let mut answered = BTreeSet::new();
    for done in done.iter().filter(|done| done.path.ends_with("/tickets")) {
        let (id, number) = (done.answered["id"].as_str().expect("an id"), done.answered["number"].as_str().expect("a number"));
        assert_eq!(stored.get(id), Some(&number), "{} was answered and is lost", done.key);
        assert!(answered.insert(id), "{id} was answered under two keys");
    }
    assert_eq!(answered.len(), stored.len(), "every ticket belongs to one key: nothing happened twice");
}

fn answered_calls_are_there(events: &[Event], done: &[Done]) {
    let mut called: BTreeMap<&str, &str> = BTreeMap::new();
    for event in events {
        if let Fact::TicketCalled { ticket_id, window_id, .. } = &event.fact {
            assert_eq!(called.insert(ticket_id.as_str(), window_id.as_str()), None, "{ticket_id} was called twice");
        }
    }
    let mut answered = 0;
    for done in done.iter().filter(|done| done.path.ends_with("/call-next")) {
        let Some(ticket) = done.answered["ticket"]["id"].as_str() else { continue };
        let window = done.path.split('/').nth(4).expect("/api/v1/windows/{window}/call-next");
        assert_eq!(called.get(ticket), Some(&window), "{} was answered and is lost", done.key);
        answered += 1;
    }
    assert_eq!(answered, called.len(), "every call belongs to one key: nothing happened twice");
    let kinds = |wanted: &str| events.iter().filter(|event| event.kind() == wanted).count();
    let commands = |wanted: &str| done.iter().filter(|done| done.path.ends_with(wanted) && done.status == 200).count();
    assert_eq!(kinds("ticket_started"), commands("/start"));
    assert_eq!(kinds("ticket_finished"), commands("/finish"));
    assert_eq!(kinds("window_opened"), commands("/open"));
}

/// The events of the hall, from the log.
pub async fn hall_events(stores: &Stores) -> Vec<Event> {
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let logged = stores.events.events_after(SITE, after, 5_000).await.expect("the log");
        let Some(last) = logged.last() else { return events };
        after = last.seq;
        let hall = logged.iter().filter(|event| event.aggregate == "hall");
        events.extend(hall.map(|event| serde_json::from_str::<Event>(&event.body).expect("an event")));
    }
}

/// The hall that the events make; at no moment is a ticket at two windows.
pub fn replay(events: &[Event]) -> Hall {
    let mut hall = Hall::new(SiteId::parse(SITE).expect("a site"));
    for event in events {
        hall.evolve(event);
        let mut busy = BTreeSet::new();
        for window in hall.windows() {
            let Some(ticket) = &window.serving else { continue };
            assert!(busy.insert(ticket.clone()), "{ticket} is at two windows after {event:?}");
            assert_eq!(hall.ticket(ticket).and_then(|ticket| ticket.state.at_window()), Some(&window.id), "after {event:?}");
        }
    }
    hall
}

/// Has the program verify the log.
pub fn the_log_is_sound(data: &Path, database: Option<&str>) {
    let mut command = Command::new(binary("yichuang"));
    command.arg("verify-log").arg("--data").arg(data);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let output = command.output().expect("verify-log runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "verify-log: {said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(SITE), "{said}");
}
