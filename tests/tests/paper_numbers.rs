//! Paper numbers entered afterwards, over HTTP: who may, what is refused, and that figures and log agree.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::app::Clock as _;
use tests::app::{Actor, TestApp};

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const PATH: &str = "/api/v1/sites/demo-center/paper-tickets";

/// The site prints a roll with the letter P.
async fn with_paper(app: &TestApp) {
    let admin = app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = app.get(&admin, &path).await.body;
    policy["policy"]["taking"]["paper"]["prefixes"] = json!(["P"]);
    assert_eq!(app.send(&admin, Method::PUT, &path, None, Some(policy)).await.status, StatusCode::OK);
}

fn before(app: &TestApp, minutes: i64) -> String {
    domain::time::rfc3339(app.clock.now() - minutes * 60_000)
}

fn field_codes(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| Some((error["field"].as_str()?, error["code"].as_str()?))).collect()
}

async fn paper_numbers_are_entered(app: TestApp) {
    with_paper(&app).await;
    let (guide, clerk, supervisor) = (app.sign_in("guide1").await, app.sign_in("clerk1").await, app.sign_in("supervisor").await);
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
    let taken = app.post(&guide, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
    assert_eq!(taken.body["number"], "A001");

    let waits = json!({ "number": "p017", "line_id": LINE, "arrived_at": before(&app, 40) });
    for replayed in [false, true] {
        let entered = app.send(&guide, Method::POST, PATH, Some("one"), Some(waits.clone())).await;
        assert_eq!((entered.status, entered.replayed), (StatusCode::CREATED, replayed), "{}", entered.body);
        assert_eq!(
            (&entered.body["number"], &entered.body["state"], &entered.body["ahead"]),
            (&json!("P017"), &json!("waiting"), &json!(0))
        );
        assert_eq!(entered.body["issued_at"], before(&app, 40), "the true time");
        assert_eq!(entered.body["entered_at"], before(&app, 0));
    }
    let again = app.post(&supervisor, PATH, waits).await;
    assert_eq!((again.status, again.body["code"].as_str()), (StatusCode::CONFLICT, Some("paper_number_used")));
    let visit = json!({ "window_id": "w_dc_2", "started_at": before(&app, 30), "ended_at": before(&app, 18), "outcome": "accepted" });
    let over = json!({ "number": "P018", "line_id": LINE, "arrived_at": before(&app, 39), "visit": visit });
    let entered = app.post(&clerk, PATH, over.clone()).await;
    assert_eq!(
        (entered.status, entered.body["state"].as_str(), entered.body["outcome"].as_str()),
        (StatusCode::CREATED, Some("done"), Some("accepted"))
    );
    let called = app.post(&clerk, "/api/v1/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!(called.body["ticket"]["number"], "P017", "before A001, who came later");
    let printed = app.app.stores.outbox.outbox_of(SITE, "print", 50).await.expect("jobs");
    assert_eq!(printed.len(), 1, "a paper number needs no slip");

    let log = app.app.stores.events.events_after(SITE, 0, 1_000).await.expect("the log");
    let entries: Vec<Value> = log
        .iter()
        .filter(|event| event.kind == "paper_number_entered")
        .filter_map(|event| serde_json::from_str(&event.body).ok())
        .collect();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry["occurred_at"].as_i64() < entry["at"].as_i64() && entry["by"].is_string()), "{entries:?}");
    let date = domain::time::local_date(app.clock.now());
    let figures = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/figures?from={date}&to={date}")).await;
    assert_eq!(figures.status, StatusCode::OK, "{}", figures.body);
    assert_eq!((&figures.body["tickets_issued"], &figures.body["tickets_done"]), (&json!(3), &json!(1)), "{}", figures.body);
}

async fn what_is_wrong_is_told_at_once(app: TestApp) {
    let guide = app.sign_in("guide1").await;
    let body = |number: &str| json!({ "number": number, "line_id": LINE, "arrived_at": before(&app, 5) });
    let kiosk = Actor::Device("demo-kiosk".to_owned());
    assert_eq!(app.send(&kiosk, Method::POST, PATH, Some("k"), Some(body("P001"))).await.status, StatusCode::FORBIDDEN);
    let none = app.post(&guide, PATH, body("P001")).await;
    assert_eq!((none.status, none.body["code"].as_str()), (StatusCode::CONFLICT, Some("paper_series_unknown")), "off by default");
    with_paper(&app).await;
    let other = app.post(&guide, PATH, body("A001")).await;
    assert_eq!(other.body["code"], "paper_series_unknown", "the hall's own letters are none of paper");
    let visit = json!({ "window_id": "nonsense", "started_at": before(&app, 60), "ended_at": "soon", "outcome": "lost" });
    let wrong = json!({ "number": "17", "line_id": "nonsense", "arrived_at": before(&app, -5), "visit": visit });
    let answer = app.post(&guide, PATH, wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = field_codes(&answer.body).into_iter().map(|(field, _)| field.to_owned()).collect();
    assert_eq!(fields, ["number", "visit.window_id", "visit.ended_at", "visit.outcome", "line_id"], "{}", answer.body);
    let visit = json!({ "window_id": "w_dc_1", "started_at": before(&app, 60), "ended_at": before(&app, 61), "outcome": "other" });
    let order = json!({ "number": "P001", "line_id": LINE, "arrived_at": before(&app, -5), "visit": visit });
    let answer = app.post(&guide, PATH, order).await;
    let expected = [("arrived_at", "future"), ("visit.started_at", "order"), ("visit.ended_at", "order")];
    assert_eq!(field_codes(&answer.body), expected, "{}", answer.body);
    let yesterday = json!({ "number": "P001", "line_id": LINE, "arrived_at": before(&app, 24 * 60) });
    let answer = app.post(&guide, PATH, yesterday).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (StatusCode::CONFLICT, Some("paper_visit_missing")));
    let old = json!({ "number": "P001", "line_id": LINE, "arrived_at": before(&app, 9 * 24 * 60) });
    assert_eq!(app.post(&guide, PATH, old).await.body["code"], "paper_too_old");
    let elsewhere = json!({ "number": "P001", "line_id": "l_dc_unknown", "arrived_at": before(&app, 5) });
    assert_eq!(app.post(&guide, PATH, elsewhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn in_memory_paper_numbers_are_entered() {
    paper_numbers_are_entered(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_paper_numbers_are_entered() {
    paper_numbers_are_entered(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_paper_numbers_are_entered() {
    let database = tests::postgres::database();
    paper_numbers_are_entered(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn in_memory_what_is_wrong_is_told_at_once() {
    what_is_wrong_is_told_at_once(TestApp::memory().await).await;
}
