//! The hall over HTTP, on every store in one run: numbers, retries, calls, rights, the log.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::chain::Verifier;
use std::collections::BTreeSet;
use tests::app::{Actor, TestApp};

const SITE: &str = "demo-center";
const CALLERS: usize = 16;
const TICKETS_EACH: usize = 8;

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

async fn line(app: &TestApp) -> String {
    let lines = app.get(&kiosk(), &format!("/api/v1/sites/{SITE}/lines")).await;
    let items = lines.body["items"].as_array().expect("lines").clone();
    let id = items.iter().filter_map(|line| line["id"].as_str()).find(|id| id.ends_with("demo-line"));
    id.expect("demo-line exists").to_owned()
}

/// Opens the first general window that serves the line.
async fn open(app: &TestApp, clerk: &Actor, line: &str) -> String {
    let windows = app.get(clerk, &format!("/api/v1/sites/{SITE}/windows")).await;
    let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
    let items = windows.body["items"].as_array().expect("windows").clone();
    let window = items.iter().filter(|window| window["state"] == "closed").find(serves).expect("a closed window of the line");
    let id = window["id"].as_str().expect("an id").to_owned();
    let opened = app.post(clerk, &format!("/api/v1/windows/{id}/open"), json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    id
}

async fn issue(app: &TestApp, line: &str, key: &str) -> tests::app::Answer {
    app.send(&kiosk(), Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(key), Some(json!({ "line_id": line }))).await
}

async fn numbers_are_consecutive_and_given_once(app: TestApp) {
    let (clerk, line) = (app.sign_in("clerk1").await, line(&app).await);
    open(&app, &clerk, &line).await;
    let app = std::sync::Arc::new(app);
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let (app, line) = (app.clone(), line.clone());
        callers.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for ticket in 0..TICKETS_EACH {
                let key = format!("k{caller}-{ticket}");
                let first = issue(&app, &line, &key).await;
                assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
                let again = issue(&app, &line, &key).await;
                assert_eq!((again.status, &again.body, again.replayed), (first.status, &first.body, true));
                numbers.push(first.body["number"].as_str().expect("a number").to_owned());
            }
            numbers
        }));
    }
    let mut numbers = BTreeSet::new();
    for caller in callers {
        for number in caller.await.expect("no panic") {
            assert!(numbers.insert(number.clone()), "{number} was given twice");
        }
    }
    let expected: BTreeSet<String> = (1..=CALLERS * TICKETS_EACH).map(|serial| format!("A{serial:03}")).collect();
    assert_eq!(numbers, expected);
    log_is_sound(&app).await;
}

async fn log_is_sound(app: &TestApp) {
    let stores = &app.app.stores;
    let mut verifier = Verifier::new(app.app.vault.chain());
    for event in stores.events.events_after(SITE, 0, 100_000).await.expect("the log is read") {
        verifier.take(&event);
    }
    assert_eq!(verifier.flaws, []);
    let head = stores.events.head(SITE).await.expect("a head").expect("a log");
    assert_eq!(verifier.position(), (head.seq, head.hash.as_slice()));
}

async fn a_visit_goes_its_way(app: TestApp) {
    let (clerk, other, line) = (app.sign_in("clerk1").await, app.sign_in("clerk2").await, line(&app).await);
    let no_window = issue(&app, &line, "early").await;
    assert_eq!((no_window.status, no_window.body["code"].as_str()), (StatusCode::CONFLICT, Some("no_window")));
    assert!(no_window.body["guide_text"].is_string());
    let window = open(&app, &clerk, &line).await;
    let ticket = issue(&app, &line, "one").await.body["id"].as_str().expect("an id").to_owned();
    let mismatch = app
        .send(
            &kiosk(),
            Method::POST,
            &format!("/api/v1/sites/{SITE}/tickets"),
            Some("one"),
            Some(json!({ "line_id": line, "priority": "green" })),
        )
        .await;
    assert_eq!((mismatch.status, mismatch.body["code"].as_str()), (StatusCode::CONFLICT, Some("idempotency_mismatch")));
    let call = format!("/api/v1/windows/{window}/call-next");
    let taken = app.post(&other, &call, json!({})).await;
    assert_eq!((taken.status, taken.body["code"].as_str()), (StatusCode::CONFLICT, Some("not_your_window")));
    let called = app.post(&clerk, &call, json!({})).await;
    assert_eq!((called.status, &called.body["ticket"]["id"]), (StatusCode::OK, &json!(ticket)));
    assert_eq!(called.body["reason"]["code"], "in_order");
    let busy = app.post(&clerk, &call, json!({})).await;
    assert_eq!((busy.status, busy.body["code"].as_str()), (StatusCode::CONFLICT, Some("window_busy")));
    app.clock.advance(30_000);
    let started = app.post(&clerk, &format!("/api/v1/tickets/{ticket}/start"), json!({})).await;
    assert_eq!(started.body["state"], "serving");
    let outcome = app.post(&clerk, &format!("/api/v1/tickets/{ticket}/finish"), json!({})).await;
    assert_eq!((outcome.status, outcome.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("outcome")));
    app.clock.advance(300_000);
    let done = app.post(&clerk, &format!("/api/v1/tickets/{ticket}/finish"), json!({ "outcome": "accepted" })).await;
    assert_eq!((done.status, &done.body["state"]), (StatusCode::OK, &json!("done")));
    let empty = app.post(&clerk, &call, json!({})).await;
    assert_eq!((empty.status, &empty.body["ticket"]), (StatusCode::OK, &Value::Null));
    let intervals = app.app.stores.halls.intervals_of(SITE, &ticket).await.expect("intervals");
    let lengths: Vec<(String, i64)> = intervals.into_iter().map(|row| (row.state, row.end_ms - row.start_ms)).collect();
    assert_eq!(lengths, [("waiting".to_owned(), 0), ("called".to_owned(), 30_000), ("serving".to_owned(), 300_000)]);
    log_is_sound(&app).await;
}

async fn who_may_what(app: TestApp) {
    let path = format!("/api/v1/sites/{SITE}/tickets");
    let body = || json!({ "line_id": "l_dc_demo-line" });
    assert_eq!(app.post(&Actor::Nobody, &path, body()).await.status, StatusCode::UNAUTHORIZED);
    let display = Actor::Device("demo-display".to_owned());
    let wrong = app.send(&display, Method::POST, &path, Some("k"), Some(body())).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let elsewhere = app.send(&kiosk(), Method::POST, "/api/v1/sites/demo-town/tickets", Some("k"), Some(body())).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    assert_eq!(app.post(&kiosk(), &path, body()).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a device must give a key");
    let unknown = app.send(&kiosk(), Method::POST, &path, Some("u"), Some(json!({ "line": "x" }))).await;
    assert_eq!((unknown.status, unknown.body["errors"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("unknown_field")));
    for _ in 0..5 {
        let body = json!({ "username": "clerk3", "password": "wrong" });
        assert_eq!(app.post(&Actor::Nobody, "/api/v1/sessions", body).await.status, StatusCode::UNAUTHORIZED);
    }
    let locked = app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "clerk3", "password": "demo-clerk3" })).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    app.clock.advance(61_000);
    app.sign_in("clerk3").await;
}

/// A slow line sends a request twice at the same time: both are told what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_wrong_fields_sent_twice_at_once_are_told_twice() {
    let app = std::sync::Arc::new(TestApp::sqlite().await);
    for round in 0..20 {
        let tries = (0..8).map(|_| {
            let app = app.clone();
            tokio::spawn(async move { issue(&app, "no-line", &format!("twice-{round}")).await })
        });
        for answer in tries.collect::<Vec<_>>() {
            let answer = answer.await.expect("no panic");
            let error = &answer.body["errors"][0];
            assert_eq!((answer.status, &error["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("line_id")), "{}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_numbers_are_consecutive_and_given_once() {
    numbers_are_consecutive_and_given_once(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_numbers_are_consecutive_and_given_once() {
    let database = tests::postgres::database();
    numbers_are_consecutive_and_given_once(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn in_memory_a_visit_goes_its_way() {
    a_visit_goes_its_way(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_visit_goes_its_way() {
    a_visit_goes_its_way(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_visit_goes_its_way() {
    let database = tests::postgres::database();
    a_visit_goes_its_way(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_everybody_does_what_is_allowed_and_no_more() {
    who_may_what(TestApp::sqlite().await).await;
}
