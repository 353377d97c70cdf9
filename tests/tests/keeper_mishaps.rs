//! A keeper whose clock was wrong or whose journal was damaged: what it gave stays valid, by the right time and once, up to
//! the merge.

use axum::http::Method;
use domain::hall::Ticket;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use edge::seal::Seal;
use kiosk::keeper::export;
use protocol::keeper::KeeperTrouble;
use rusqlite::Connection;
use serde_json::json;
use server::app::hall::load_hall;

use crate::keeper_appointments::Hall;
use crate::keeper_http::{LINE, SITE, send};

async fn ticket(hall: &Hall, number: &str) -> Ticket {
    let central = load_hall(&hall.app.app.stores, SITE).await.expect("a hall");
    central.tickets().find(|ticket| ticket.number == number).unwrap_or_else(|| panic!("{number} is known")).clone()
}

async fn numbers(hall: &Hall) -> Vec<String> {
    let mut numbers = hall.numbers().await;
    numbers.sort_unstable();
    numbers
}

/// A keeper that decides, that starts anew with such a clock three hours later and gives a number; the line is back.
async fn restarted(ahead_ms: Millis) -> Hall {
    let mut hall = Hall::open(async |_| {}).await;
    let clerk = hall.app.sign_in("clerk1").await;
    let (status, body) = send(&hall.app, &clerk, Method::POST, &format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
    assert_eq!((status, body["number"].as_str()), (201, Some("A001")), "{body}");
    hall.connect().await;
    hall.cut();
    hall.takes_over().await;
    hall.passes(3 * HOUR_MS);
    hall.restarts(ahead_ms);
    hall.keeper.tick();
    assert!(hall.keeper.is_deciding(), "the service has no lease while this one decided");
    assert_eq!(hall.gives("k1"), "AK001");
    hall.passes(10 * MINUTE_MS);
    hall.back().await;
    hall
}

fn is_near(at: Millis, expected: Millis) -> bool {
    at.abs_diff(expected) < MINUTE_MS.unsigned_abs()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_fell_years_back_is_set_right_in_what_was_decided_by_it() {
    let hall = restarted(-3_650 * DAY_MS).await;
    assert_eq!(numbers(&hall).await, ["A001", "AK001"]);
    let issued = ticket(&hall, "AK001").await.issued_at;
    assert!(is_near(issued, hall.app.app.now() - 10 * MINUTE_MS), "{issued}");
    let rules = hall.rules().await;
    assert_eq!((rules.len(), rules[0].0.as_str()), (1, "clock"), "{rules:?}");
    assert!(rules[0].1.contains("慢了 3 小时"), "as far as it was behind the hall: {rules:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fast_clock_is_set_right_and_a_day_that_it_began_too_early_was_none() {
    for ahead_ms in [4 * HOUR_MS, DAY_MS] {
        let hall = restarted(ahead_ms).await;
        assert_eq!(numbers(&hall).await, ["A001", "AK001"], "{ahead_ms}: who waited waits");
        let kept = ticket(&hall, "AK001").await;
        assert!(is_near(kept.issued_at, hall.app.app.now() - 10 * MINUTE_MS), "{ahead_ms}: {}", kept.issued_at);
        let central = load_hall(&hall.app.app.stores, SITE).await.expect("a hall");
        let today = domain::time::local_date(hall.app.app.now());
        assert_eq!(central.doc().business_date, Some(today), "{ahead_ms}");
        let rules = hall.rules().await;
        assert_eq!((rules.len(), rules[0].0.as_str()), (1, "clock"), "{ahead_ms}: {rules:?}");
        assert!(rules[0].1.contains("快了"), "{rules:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_by_a_clock_that_cannot_be_is_told_in_the_hall() {
    let mut hall = Hall::open(async |_| {}).await;
    hall.cut();
    hall.takes_over().await;
    hall.restarts(-HOUR_MS);
    assert_eq!(hall.keeper.state().trouble, Some(KeeperTrouble::ClockWrong));
    hall.restarts(0);
    assert_eq!(hall.keeper.state().trouble, None);
}

#[tokio::test(start_paused = true)]
async fn numbers_of_a_damaged_journal_are_not_given_again_and_are_brought_in_by_a_file() {
    let mut hall = Hall::open(async |_| {}).await;
    hall.cut();
    hall.takes_over().await;
    assert_eq!((hall.gives("k1"), hall.gives("k2")), ("AK001".to_owned(), "AK002".to_owned()));
    let kept = Connection::open(hall.folder.path().join("keeper.db")).expect("the journal");
    kept.execute("UPDATE known SET json = substr(json, 1, 60) WHERE key = 'hall'", []).expect("damaged");
    drop(kept);
    hall.restarts(0);
    assert_eq!((hall.keeper.state().trouble, hall.keeper.is_deciding()), (Some(KeeperTrouble::JournalDamaged), false));

    hall.connect().await;
    assert_eq!(hall.keeper.state().series, "J", "fresh letters");
    hall.cut();
    hall.takes_over().await;
    assert_eq!(hall.gives("k3"), "AJ001", "nobody gets a number that somebody has");
    hall.back().await;
    assert_eq!(numbers(&hall).await, ["AJ001"]);

    let file = export::read(hall.folder.path(), &Seal::in_folder(hall.folder.path()).expect("a key")).expect("an export");
    let [journal] = &file.journals[..] else { panic!("what was not handed over: {file:?}") };
    let path = format!("/sites/{SITE}/keeper/journal");
    let body = json!({ "device_id": journal.device_id, "entries": journal.entries });
    let (status, told) = send(&hall.app, &hall.supervisor, Method::POST, &path, body.clone()).await;
    assert_eq!((status, told["refused"].as_u64(), told["missing_from"].is_null()), (200, Some(0), true), "{told}");
    assert_eq!(numbers(&hall).await, ["AJ001", "AK001", "AK002"]);
    let (_, again) = send(&hall.app, &hall.supervisor, Method::POST, &path, body).await;
    assert_eq!((again["known"].as_u64(), numbers(&hall).await.len()), (Some(2), 3), "{again}");
    hall.connect().await;
    assert_eq!(hall.keeper.state().series, "J", "it was lost once");
}
