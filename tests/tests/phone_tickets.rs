//! Numbers taken with one's own phone, over HTTP: only where the site allows it, with the code of the hall,
//! few a day whatever the number of processes, by the same rules as at the kiosk.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const PHONE: &str = "13800005678";

async fn allow(app: &TestApp, reach: &str) {
    let admin = app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = app.get(&admin, &path).await.body;
    policy["policy"]["taking"]["phone"]["reach"] = json!(reach);
    assert_eq!(app.send(&admin, Method::PUT, &path, None, Some(policy)).await.status, StatusCode::OK);
}

async fn open_windows(app: &TestApp) {
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
}

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

async fn code(app: &TestApp) -> String {
    let shown = app.get(&kiosk(), &format!("/api/v1/sites/{SITE}/phone-code")).await;
    let url = shown.body["url"].as_str().unwrap_or_else(|| panic!("{}", shown.body)).to_owned();
    let (page, code) = url.split_once("?c=").expect("a code");
    assert!(page.ends_with(&format!("/q/{SITE}")), "{page}");
    code.to_owned()
}

async fn take(app: &TestApp, key: &str, code: Option<&str>, line: &str, phone: &str) -> Answer {
    let body = json!({ "site_id": SITE, "code": code, "line_id": line, "phone": phone });
    app.send(&Actor::Nobody, Method::POST, "/api/v1/phone-tickets", Some(key), Some(body)).await
}

async fn offer(app: &TestApp, code: &str) -> Value {
    app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/phone-tickets?code={code}")).await.body
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

async fn a_phone_takes_a_number_in_the_hall(app: TestApp) {
    open_windows(&app).await;
    assert_eq!(offer(&app, "").await["reach"], "off");
    assert_eq!(refused(&take(&app, "k0", None, LINE, PHONE).await), (409, "phone_tickets_off"), "off by default");
    let shown = app.get(&kiosk(), &format!("/api/v1/sites/{SITE}/phone-code")).await;
    assert_eq!((shown.status, &shown.body["url"]), (StatusCode::OK, &Value::Null));

    allow(&app, "hall").await;
    let code = code(&app).await;
    assert_eq!(
        (&offer(&app, &code).await["code_is_good"], &offer(&app, "AAAAAAAAAA").await["code_is_good"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(refused(&take(&app, "k1", None, LINE, PHONE).await), (409, "phone_code_old"));
    assert_eq!(refused(&take(&app, "k2", Some("AAAAAAAAAA"), LINE, PHONE).await), (409, "phone_code_old"));
    for replayed in [false, true] {
        let taken = take(&app, "k3", Some(&code), LINE, PHONE).await;
        assert_eq!(
            (taken.status, &taken.body["number"], taken.replayed),
            (StatusCode::CREATED, &json!("A001"), replayed),
            "{}",
            taken.body
        );
    }
    let again = take(&app, "k4", Some(&code), LINE, "+86 138 0000 5678").await;
    assert_eq!(refused(&again), (409, "already_waiting"), "one live number of a phone in a line");
    let other = take(&app, "k5", Some(&code.to_lowercase()), "l_dc_build", PHONE).await;
    assert_eq!((other.status, &other.body["number"]), (StatusCode::CREATED, &json!("B001")));
    let third = take(&app, "k6", Some(&code), "l_dc_police", PHONE).await;
    assert_eq!(refused(&third), (409, "phone_numbers_used"), "two a day");

    let path = format!("/api/v1/tracking/{}", other.body["tracking_code"].as_str().expect("a code"));
    let page = app.get(&Actor::Nobody, &path).await;
    assert_eq!(page.body["ticket"]["number"], "B001", "the result is the page of the number: {}", page.body);
    let guide = app.sign_in("guide1").await;
    let found = app.post(&guide, &format!("/api/v1/sites/{SITE}/tickets/find"), json!({ "phone": PHONE })).await;
    assert_eq!(found.body["items"].as_array().map(Vec::len), Some(2), "found again by the phone");
    assert!(app.app.stores.outbox.outbox_of(SITE, "print", 9).await.expect("jobs").is_empty(), "no slip");
    let log = app.app.stores.events.events_after(SITE, 0, 1_000).await.expect("the log");
    let issued: Vec<_> = log.iter().filter(|event| event.kind == "ticket_issued").collect();
    assert!(issued.iter().all(|event| event.actor == "phone"), "the log says who");
    assert!(log.iter().all(|event| !event.body.contains(PHONE)));

    app.clock.advance(4 * 60_000);
    assert_eq!(offer(&app, &code).await["code_is_good"], true, "the next is shown, this one still good");
    app.clock.advance(6 * 60_000);
    assert_eq!(offer(&app, &code).await["code_is_good"], false);
    assert_eq!(refused(&take(&app, "k7", Some(&code), LINE, "13900001111").await), (409, "phone_code_old"), "a picture of it at home");
}

async fn what_a_phone_cannot(app: TestApp) {
    allow(&app, "anywhere").await;
    assert_eq!(offer(&app, "").await["code_is_good"], true, "none is needed");
    let closed = take(&app, "k1", None, LINE, PHONE).await;
    assert_eq!(refused(&closed), (409, "no_window"), "the same rules as at the kiosk");
    assert!(closed.body["guide_text"].is_string());
    open_windows(&app).await;
    let body = json!({ "site_id": SITE, "matter_ids": ["m_dc_demo-instant", "m_dc_demo-instant", "m_dc_nothing"], "phone": "1380000" });
    let wrong = app.send(&Actor::Nobody, Method::POST, "/api/v1/phone-tickets", Some("k2"), Some(body)).await;
    let fields: Vec<_> = wrong.body["errors"].as_array().expect("fields").iter().map(|error| error["field"].clone()).collect();
    assert_eq!(
        (wrong.status, fields),
        (StatusCode::UNPROCESSABLE_ENTITY, vec![json!("matter_ids[1]"), json!("matter_ids[2]"), json!("phone")])
    );
    let elsewhere = json!({ "site_id": "nowhere", "line_id": LINE, "phone": PHONE });
    let elsewhere = app.send(&Actor::Nobody, Method::POST, "/api/v1/phone-tickets", Some("k3"), Some(elsewhere)).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    for tail in 0..30 {
        let taken = take(&app, &format!("n{tail}"), None, LINE, &format!("139000011{tail:02}")).await;
        assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    }
    assert_eq!(take(&app, "last", None, LINE, "13800001111").await.status, StatusCode::TOO_MANY_REQUESTS, "thirty an address");
    allow(&app, "hall").await;
    app.clock.advance(15 * 60_000);
    for _ in 0..5 {
        assert_eq!(refused(&take(&app, "w", Some("AAAAAAAAAA"), LINE, PHONE).await).0, 409);
    }
    assert_eq!(take(&app, "w", Some("AAAAAAAAAA"), LINE, PHONE).await.status, StatusCode::TOO_MANY_REQUESTS, "codes are not guessed");
}

#[tokio::test]
async fn in_memory_a_phone_takes_a_number_in_the_hall() {
    a_phone_takes_a_number_in_the_hall(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_phone_takes_a_number_in_the_hall() {
    a_phone_takes_a_number_in_the_hall(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_phone_takes_a_number_in_the_hall() {
    let database = tests::postgres::database();
    a_phone_takes_a_number_in_the_hall(TestApp::postgres(&database.url).await).await;
}

/// Six lines' worth of wishes of one phone, by turns at two processes: two numbers, the rest is told why.
async fn two_processes_count_a_phone_together(apps: Vec<Arc<TestApp>>) {
    allow(&apps[0], "anywhere").await;
    open_windows(&apps[0]).await;
    let lines = [LINE, "l_dc_build", "l_dc_police"];
    let wishes = (0..12).map(|at| {
        let app = apps[at % apps.len()].clone();
        tokio::spawn(async move { take(&app, &format!("n{at}"), None, lines[at % lines.len()], PHONE).await })
    });
    let (mut given, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for wish in wishes.collect::<Vec<_>>() {
        let answer = wish.await.expect("an answer");
        match answer.status {
            StatusCode::CREATED => assert!(given.insert(answer.body["number"].to_string()), "{}", answer.body),
            StatusCode::CONFLICT => drop(codes.insert(answer.body["code"].as_str().unwrap_or_default().to_owned())),
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert_eq!(given.len(), 2, "{given:?}");
    assert!(codes.iter().all(|code| code == "phone_numbers_used" || code == "already_waiting"), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_many_at_once_count_a_phone_together() {
    two_processes_count_a_phone_together(vec![Arc::new(TestApp::sqlite().await)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_two_processes_count_a_phone_together() {
    let database = tests::postgres::database();
    let one = TestApp::postgres(&database.url).await;
    let other = TestApp::postgres(&database.url).await;
    // Both draw from one sequence; far apart they never draw the same id.
    (0..1_000_000).for_each(|_| other.app.entropy.fill(&mut [0; 8]));
    two_processes_count_a_phone_together(vec![Arc::new(one), Arc::new(other)]).await;
}

#[tokio::test]
async fn in_memory_what_a_phone_cannot() {
    what_a_phone_cannot(TestApp::memory().await).await;
}
