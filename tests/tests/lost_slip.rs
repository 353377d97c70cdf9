//! A lost slip found again, and printed once more: by phone, document and code; what is told and what
//! is not; few wrong tries a device.

use axum::http::{Method, StatusCode};
use protocol::slip::Slip;
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const PHONE: &str = "13800005678";
const ID_NUMBER: &str = "11010519491231002X";

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

async fn find(app: &TestApp, actor: &Actor, body: Value) -> Answer {
    let found = app.send(actor, Method::POST, &format!("/api/v1/sites/{SITE}/tickets/find"), None, Some(body)).await;
    let text = found.body.to_string();
    assert!(!text.contains(PHONE) && !text.contains(ID_NUMBER) && !text.contains("张三"), "{text}");
    assert!(found.body["items"][0].get("tracking_code").is_none(), "a phone number opens no timeline: {text}");
    found
}

fn numbers(found: &Answer) -> Vec<&str> {
    found.body["items"].as_array().map(|items| items.iter().filter_map(|item| item["number"].as_str()).collect()).unwrap_or_default()
}

async fn a_lost_slip_is_found_and_printed(app: TestApp) {
    let (clerk, guide) = (app.sign_in("clerk1").await, app.sign_in("guide1").await);
    let windows = app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await;
    let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!("l_dc_demo-line")));
    let window = windows.body["items"].as_array().expect("windows").iter().find(serves).expect("a window of the line")["id"].clone();
    let window = window.as_str().expect("an id");
    assert_eq!(app.post(&clerk, &format!("/api/v1/windows/{window}/open"), json!({})).await.status, StatusCode::OK);
    let issue = async |key: &str, holder: Value| {
        let body = json!({ "line_id": "l_dc_demo-line", "holder": holder });
        app.send(&kiosk(), Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(key), Some(body)).await.body
    };
    issue("other", json!({ "phone": "13900001111" })).await;
    let holder = json!({ "name": "张三", "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE });
    let mine = issue("mine", holder).await;
    let ways = [
        json!({ "phone": PHONE }),
        json!({ "id_number": ID_NUMBER.to_lowercase() }),
        json!({ "short_code": mine["short_code"] }),
        json!({ "tracking_code": mine["tracking_code"] }),
    ];
    for actor in [&kiosk(), &guide, &clerk] {
        for way in &ways {
            let found = find(&app, actor, way.clone()).await;
            assert_eq!((found.status, numbers(&found)), (StatusCode::OK, vec!["A002"]), "{way}: {}", found.body);
            assert_eq!((&found.body["items"][0]["state"], &found.body["items"][0]["ahead"]), (&json!("waiting"), &json!(1)));
        }
    }

    let again = format!("/api/v1/tickets/{}/reprint", mine["id"].as_str().expect("an id"));
    let silent = app.post(&guide, &again, json!({})).await;
    assert_eq!((silent.status, silent.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("reason")));
    for replayed in [false, true] {
        let printed = app.send(&kiosk(), Method::POST, &again, Some("again"), Some(json!({}))).await;
        assert_eq!((printed.status, &printed.body["title"], printed.replayed), (StatusCode::CREATED, &json!("A002"), replayed));
    }
    let said = app.post(&guide, &again, json!({ "reason": "张三的号票掉了" })).await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.body);
    let jobs = app.app.stores.outbox.outbox_of(SITE, "print", 50).await.expect("jobs");
    let slips: Vec<Slip> = jobs.iter().filter_map(|job| serde_json::from_str(&job.payload).ok()).collect();
    let is_mine = |slip: &&Slip| matches!(slip, Slip::Ticket(ticket) if ticket.number == "A002");
    assert_eq!(slips.iter().filter(is_mine).filter(|slip| slip.reprint()).count(), 2, "one a key, marked");
    assert_eq!(slips.iter().filter(is_mine).count(), 3, "and the first one, not marked");
    let log = app.app.stores.events.events_after(SITE, 0, 1_000).await.expect("the log");
    let copies: Vec<_> = log.iter().filter(|event| event.kind == "slip_reprinted").collect();
    assert_eq!(copies.len(), 2);
    assert!(copies.iter().all(|copy| copy.body.contains(mine["id"].as_str().expect("an id")) && !copy.body.contains("张三")));
    for _ in 0..3 {
        assert_eq!(app.post(&guide, &again, json!({ "reason": "又掉了" })).await.status, StatusCode::CREATED);
    }
    assert_eq!(app.post(&guide, &again, json!({ "reason": "又掉了" })).await.status, StatusCode::TOO_MANY_REQUESTS);

    let call = format!("/api/v1/windows/{window}/call-next");
    app.post(&clerk, &call, json!({})).await;
    let other = find(&app, &kiosk(), json!({ "phone": "139 0000 1111" })).await;
    assert_eq!(other.body["items"][0]["state"], "called", "{}", other.body);
    assert!(other.body["items"][0]["window_number"].is_number() && other.body["items"][0]["ahead"].is_null());
    let gone = format!("/api/v1/tickets/{}", mine["id"].as_str().expect("an id"));
    assert_eq!(app.post(&guide, &format!("{gone}/abandon"), json!({})).await.status, StatusCode::OK);
    assert_eq!(find(&app, &guide, json!({ "phone": PHONE })).await.status, StatusCode::NOT_FOUND, "it goes on no more");
    let late = app.post(&guide, &again, json!({ "reason": "掉了" })).await;
    assert_eq!((late.status, late.body["code"].as_str()), (StatusCode::CONFLICT, Some("slip_out_of_date")));
}

async fn who_wants_no_slip_gets_none_and_one_later(app: TestApp) {
    let clerk = app.sign_in("clerk1").await;
    let windows = app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await;
    let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!("l_dc_demo-line")));
    let window = windows.body["items"].as_array().expect("windows").iter().find(serves).expect("a window of the line")["id"].clone();
    let open = format!("/api/v1/windows/{}/open", window.as_str().expect("an id"));
    assert_eq!(app.post(&clerk, &open, json!({})).await.status, StatusCode::OK);
    let take = async |key: &str, body: Value| {
        let taken = app.send(&kiosk(), Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(key), Some(body)).await;
        assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
        taken
    };
    let slips = async || {
        let jobs = app.app.stores.outbox.outbox_of(SITE, "print", 50).await.expect("jobs");
        let slip = |payload: &str| match serde_json::from_str(payload).expect("a slip") {
            Slip::Ticket(ticket) => (ticket.number, ticket.reprint),
            other => panic!("a ticket's slip: {other:?}"),
        };
        jobs.iter().map(|job| slip(&job.payload)).collect::<Vec<_>>()
    };
    take("paper", json!({ "line_id": "l_dc_demo-line" })).await;
    let wish = json!({ "line_id": "l_dc_demo-line", "no_slip": true });
    let taken = take("none", wish.clone()).await;
    let again = take("none", wish).await;
    assert_eq!((&taken.body["number"], again.replayed), (&json!("A002"), true));
    assert_eq!(taken.body["tracking_code"].as_str().map(str::len), Some(16), "a phone can follow it");
    assert_eq!(slips().await, [("A001".to_owned(), false)]);
    let wrong = json!({ "line_id": "l_dc_demo-line", "no_slip": "yes" });
    let refused = app.send(&kiosk(), Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some("w"), Some(wrong)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);

    let found = find(&app, &kiosk(), json!({ "short_code": taken.body["short_code"] })).await;
    assert_eq!(numbers(&found), ["A002"], "{}", found.body);
    let print = format!("/api/v1/tickets/{}/reprint", taken.body["id"].as_str().expect("an id"));
    assert_eq!(app.send(&kiosk(), Method::POST, &print, Some("after all"), Some(json!({}))).await.status, StatusCode::CREATED);
    let mut printed = slips().await;
    printed.sort();
    assert_eq!(printed, [("A001".to_owned(), false), ("A002".to_owned(), true)]);
}

async fn a_machine_has_few_wrong_tries(app: TestApp) {
    let (guide, body) = (app.sign_in("guide1").await, || json!({ "phone": PHONE }));
    assert_eq!(find(&app, &Actor::Nobody, body()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(find(&app, &Actor::Device("demo-display".to_owned()), body()).await.status, StatusCode::FORBIDDEN);
    let two = find(&app, &kiosk(), json!({ "phone": PHONE, "short_code": "GGJ2G4WV" })).await;
    assert_eq!((two.status, two.body["errors"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("one_of")));
    let short = find(&app, &kiosk(), json!({ "phone": "1380000" })).await;
    assert_eq!((short.status, short.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("phone")));
    for _ in 0..5 {
        assert_eq!(find(&app, &kiosk(), body()).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(find(&app, &kiosk(), body()).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(find(&app, &guide, body()).await.status, StatusCode::NOT_FOUND, "another caller is another matter");
    app.clock.advance(15 * 60_000);
    assert_eq!(find(&app, &kiosk(), body()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn in_memory_a_lost_slip_is_found_and_printed() {
    a_lost_slip_is_found_and_printed(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_lost_slip_is_found_and_printed() {
    a_lost_slip_is_found_and_printed(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_lost_slip_is_found_and_printed() {
    let database = tests::postgres::database();
    a_lost_slip_is_found_and_printed(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn in_memory_a_machine_has_few_wrong_tries() {
    a_machine_has_few_wrong_tries(TestApp::memory().await).await;
}

#[tokio::test]
async fn in_memory_who_wants_no_slip_gets_none_and_one_later() {
    who_wants_no_slip_gets_none_and_one_later(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_who_wants_no_slip_gets_none_and_one_later() {
    who_wants_no_slip_gets_none_and_one_later(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_who_wants_no_slip_gets_none_and_one_later() {
    let database = tests::postgres::database();
    who_wants_no_slip_gets_none_and_one_later(TestApp::postgres(&database.url).await).await;
}
