//! One suite for every store in one run: commits, versions, the log's chain; and the two databases'
//! migrations side by side.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use server::store::chain::{ChainKey, Flaw, Verifier};
use server::store::memory::MemoryStore;
use server::store::sql::SqlStore;
use server::store::{
    AlertRow, ChangeSet, CommitStore as _, CounterRow, Expect, HallRow, LoggedEvent, NewEvent, OutboxRow, StoreError, Stores,
};
use tempfile::TempDir;

const SITE: &str = "demo-center";

fn chain() -> ChainKey {
    ChainKey::new(&[9; 32])
}

fn event(kind: &str) -> NewEvent {
    NewEvent {
        aggregate: "site",
        aggregate_id: SITE.to_owned(),
        kind: kind.to_owned(),
        actor: "system".to_owned(),
        at: 1,
        body: format!("{{\"type\":\"{kind}\"}}"),
    }
}

fn counted(from: i64, kind: &str) -> ChangeSet {
    let mut set = ChangeSet::new(SITE);
    set.expect.push(Expect::Counter("serial".to_owned(), from));
    set.events.push(event(kind));
    set.row(CounterRow { site_id: SITE.to_owned(), name: "serial".to_owned(), value: from + 1 });
    set
}

fn owed(id: &str, not_before: i64) -> OutboxRow {
    OutboxRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        kind: "print".to_owned(),
        target: Some(SITE.to_owned()),
        state: "ready".to_owned(),
        attempts: 0,
        not_before,
        lease_until: 0,
        payload: "{}".to_owned(),
        last_error: None,
        created_at: not_before,
        done_at: None,
    }
}

async fn flaws(stores: &Stores) -> Vec<Flaw> {
    let mut verifier = Verifier::new(chain());
    for event in stores.events.events_after(SITE, 0, 1_000).await.expect("the log is read") {
        verifier.take(&event);
    }
    verifier.flaws
}

async fn keeps_the_contract(stores: Stores) {
    let receipts = stores.commit.commit(&[counted(0, "one"), counted(1, "two")]).await.expect("a group commits");
    assert_eq!(receipts.iter().map(|receipt| (receipt.first_seq, receipt.last_seq)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    let stale = stores.commit.commit(&[counted(2, "three"), counted(0, "stale")]).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    assert_eq!(stores.sites.counter(SITE, "serial").await.expect("a counter"), 2, "a group commits whole or not at all");
    assert_eq!(stores.events.head(SITE).await.expect("a head").map(|head| head.seq), Some(2));
    assert_eq!(flaws(&stores).await, []);

    let mut set = ChangeSet::new(SITE);
    set.row(owed("pj_dc_1", 10));
    set.row(owed("pj_dc_2", 20));
    stores.commit.commit(&[set]).await.expect("outbox rows are written");
    let claim = |now: i64| stores.outbox.claim(&["print"], Some(SITE), now, now + 100, 10);
    let first = claim(15).await.expect("a claim");
    assert_eq!(first.iter().map(|row| (row.id.as_str(), row.attempts)).collect::<Vec<_>>(), [("pj_dc_1", 1)]);
    assert_eq!(claim(15).await.expect("a claim"), [], "what is leased is not claimed again");
    let mut done = first[0].clone();
    done.state = "done".to_owned();
    stores.outbox.settle(&done).await.expect("settled");
    done.state = "ready".to_owned();
    stores.outbox.settle(&done).await.expect("settled");
    let later = claim(500).await.expect("a claim");
    assert_eq!(later.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["pj_dc_2"], "what is done stays done");
    gives_a_row_to_one_receiver(&stores).await;
    raises_an_alert_once(&stores).await;
}

/// Two workers find at the same time that nobody was told yet.
async fn raises_an_alert_once(stores: &Stores) {
    let raised = |expected: i64, text: &str| {
        let mut set = ChangeSet::new(SITE);
        set.expect.push(Expect::Alert("al_dc_1".to_owned(), expected));
        set.events.push(event("alert_raised"));
        set.row(AlertRow {
            site_id: SITE.to_owned(),
            id: "al_dc_1".to_owned(),
            kind: "deadline".to_owned(),
            level: "red".to_owned(),
            object_id: "c_dc_1".to_owned(),
            text: text.to_owned(),
            at: 7,
            settled_at: None,
            audience: "approver,leader".to_owned(),
        });
        set
    };
    stores.commit.commit(&[raised(0, "first")]).await.expect("nobody was told");
    let second = stores.commit.commit(&[raised(0, "second")]).await;
    assert!(matches!(second, Err(StoreError::Conflict(_))), "{second:?}");
    let alerts = stores.cases.alerts(SITE).await.expect("alerts");
    assert_eq!(alerts.iter().map(|one| (one.text.as_str(), one.audience.as_str())).collect::<Vec<_>>(), [("first", "approver,leader")]);
    stores.commit.commit(&[raised(7, "known")]).await.expect("who knows it may write it");
}

async fn gives_a_row_to_one_receiver(stores: &Stores) {
    let mut set = ChangeSet::new(SITE);
    for (id, not_before) in [("pj_dc_3", 1), ("pj_dc_4", 2), ("pj_dc_5", 900)] {
        set.row(OutboxRow { target: Some("hall".to_owned()), ..owed(id, not_before) });
    }
    stores.commit.commit(&[set]).await.expect("outbox rows are written");
    let ids = |rows: Vec<OutboxRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let one = stores.outbox.assign("print", "hall", "one", 10, 1).await.expect("assigned");
    assert_eq!(ids(one), ["pj_dc_3"]);
    let other = stores.outbox.assign("print", "hall", "other", 10, 9).await.expect("assigned");
    assert_eq!(ids(other), ["pj_dc_4"], "what one has the other does not get, and what is not due nobody");
    assert_eq!(ids(stores.outbox.owed("print", "one", 9).await.expect("owed")), ["pj_dc_3"]);
    assert_eq!(ids(stores.outbox.owed("print", "hall", 9).await.expect("owed")), ["pj_dc_5"]);
    assert_eq!(stores.outbox.owed("notify", "one", 9).await.expect("owed"), []);
    let mut row = stores.outbox.outbox(SITE, "pj_dc_3").await.expect("a row").expect("a row");
    assert_eq!((row.target.as_deref(), row.attempts), (Some("one"), 1));
    row.state = "done".to_owned();
    stores.outbox.settle(&row).await.expect("settled");
    assert_eq!(stores.outbox.owed("print", "one", 9).await.expect("owed"), []);
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    keeps_the_contract(Stores::of(Arc::new(MemoryStore::new(chain())))).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = TempDir::new().expect("a folder");
    let store = SqlStore::sqlite(&folder.path().join("a.db"), chain()).await.expect("SQLite opens");
    keeps_the_contract(Stores::of(Arc::new(store))).await;
}

#[tokio::test]
async fn postgres_keeps_the_contract() {
    let database = tests::postgres::database();
    keeps_the_contract(Stores::of(Arc::new(SqlStore::postgres(&database.url, chain()).await.expect("PostgreSQL answers")))).await;
}

fn hall_at(version: i64, kind: &str) -> ChangeSet {
    let mut set = ChangeSet::new(SITE);
    set.expect.push(Expect::Hall(version));
    set.events.push(NewEvent { aggregate: "hall", ..event(kind) });
    set.row(HallRow { site_id: SITE.to_owned(), version: version + 1, due_at: 0, doc: "{}".to_owned() });
    set
}

/// Two processes: who has the turn reads what the other committed, nobody writes meanwhile, and a turn
/// that is dropped leaves nothing and keeps nobody waiting.
#[tokio::test]
async fn on_postgres_a_turn_keeps_others_from_the_log_and_sees_what_they_did() {
    let database = tests::postgres::database();
    let (here, there) = (SqlStore::postgres(&database.url, chain()).await, SqlStore::postgres(&database.url, chain()).await);
    let (here, there) = (Arc::new(here.expect("PostgreSQL answers")), Arc::new(there.expect("PostgreSQL answers")));
    there.commit(&[hall_at(0, "one"), counted(0, "not of the hall"), hall_at(1, "two")]).await.expect("committed");

    let mut turn = here.turn(SITE).await.expect("a turn").expect("several processes can write");
    assert_eq!(turn.hall_version().await.expect("a version"), 2);
    let kinds = |events: Vec<LoggedEvent>| events.into_iter().map(|event| event.kind).collect::<Vec<_>>();
    assert_eq!(kinds(turn.newest_hall_events(1).await.expect("events")), ["two"]);
    assert_eq!(kinds(turn.newest_hall_events(9).await.expect("events")), ["one", "two"], "the hall's, oldest first");
    assert_eq!(turn.outcomes(&[vec![1; 32]]).await.expect("outcomes"), []);

    let waiting = tokio::spawn({
        let there = there.clone();
        async move { there.commit(&[hall_at(3, "four")]).await }
    });
    let elsewhere = ChangeSet { site_id: "demo-sumu".to_owned(), ..hall_at(0, "elsewhere") };
    there.commit(std::slice::from_ref(&elsewhere)).await.expect("another site waits for nobody");
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!waiting.is_finished(), "who has no turn waits");
    let receipts = turn.commit(&[hall_at(2, "three")]).await.expect("nothing conflicts in a turn");
    assert_eq!(receipts[0].last_seq, 4);
    waiting.await.expect("no panic").expect("after the turn it goes on, on what the turn made");

    let dropped = here.turn(SITE).await.expect("a turn");
    drop(dropped);
    there.commit(&[hall_at(4, "five")]).await.expect("nobody holds the log");
    let mut turn = here.turn(SITE).await.expect("a turn").expect("a turn");
    assert_eq!(turn.hall_version().await.expect("a version"), 5);
    assert!(turn.commit(&[elsewhere]).await.is_err(), "a turn writes no other site's log");
    assert_eq!(flaws(&Stores::of(here)).await, []);
}

#[tokio::test]
async fn where_one_process_writes_nobody_needs_a_turn() {
    let folder = TempDir::new().expect("a folder");
    let store = SqlStore::sqlite(&folder.path().join("a.db"), chain()).await.expect("SQLite opens");
    assert!(store.turn(SITE).await.expect("an answer").is_none());
    assert!(MemoryStore::new(chain()).turn(SITE).await.expect("an answer").is_none());
}

/// A log of five events in a file, then changed by a statement behind the store's back.
async fn flaws_after(statement: &str) -> Vec<Flaw> {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("a.db");
    let store = SqlStore::sqlite(&file, chain()).await.expect("SQLite opens");
    let sets: Vec<ChangeSet> = (0..5).map(|serial| counted(serial, &format!("event-{serial}"))).collect();
    let stores = Stores::of(Arc::new(store.clone()));
    stores.commit.commit(&sets).await.expect("committed");
    store.close().await;
    Connection::open(&file).and_then(|connection| connection.execute_batch(statement)).expect("the statement runs");
    let store = SqlStore::sqlite(&file, chain()).await.expect("SQLite opens");
    flaws(&Stores::of(Arc::new(store))).await
}

#[tokio::test]
async fn a_changed_missing_or_reordered_row_is_named() {
    assert_eq!(flaws_after("SELECT 1").await, []);
    assert_eq!(flaws_after("UPDATE events SET actor = 's_dc_other' WHERE seq = 3").await, [Flaw::Changed { seq: 3 }]);
    assert_eq!(flaws_after("DELETE FROM events WHERE seq = 2").await, [Flaw::Missing { from: 2, to: 2 }]);
    let swapped =
        "UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 99;";
    let named = flaws_after(swapped).await;
    assert!(named.contains(&Flaw::Changed { seq: 2 }) && named.contains(&Flaw::Changed { seq: 3 }), "{named:?}");
}

/// Table → column → type, as a migration file declares them.
fn tables(sql: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    let mut rest = sql;
    while let Some(start) = rest.find("CREATE TABLE ") {
        rest = &rest[start + "CREATE TABLE ".len()..];
        let (head, tail) = rest.split_once(';').expect("a statement ends");
        let (name, columns) = head.split_once('(').expect("a table has columns");
        let columns =
            columns.lines().map(|line| line.trim().trim_end_matches(',').replace("BYTEA", "BLOB")).filter(|line| !line.is_empty());
        tables.insert(name.trim().to_owned(), columns.collect());
        rest = tail;
    }
    tables
}

#[test]
fn both_databases_have_the_same_migrations_and_tables() {
    let folder = crate::sources::workspace_root().join("migrations");
    let files = |of: &str| -> BTreeMap<String, String> {
        let entries = std::fs::read_dir(folder.join(of)).expect("a folder of migrations");
        entries
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, std::fs::read_to_string(path).expect("a migration"))
            })
            .collect()
    };
    let (sqlite, postgres) = (files("sqlite"), files("postgres"));
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, sql) in &sqlite {
        assert_eq!(tables(sql), tables(&postgres[name]), "{name}");
    }
}
