//! The first and the last day of a matter: outside of them nobody is offered it, and nothing begins; what is open goes on.

use axum::http::StatusCode;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

use crate::matter_versions::{fields, published};
use crate::rights::house::case_body;

const SITE: &str = "demo-center";
const MATTER: &str = "m_dc_demo-promised";

/// Gives the matter these days; today is 2026-11-24.
async fn dated(app: &TestApp, first: Value, last: Value) {
    published(app, MATTER, |content| {
        content["details"]["effective_on"] = first;
        content["details"]["expires_on"] = last;
    })
    .await;
}

async fn is_found(app: &TestApp) -> bool {
    let found = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/matters?limit=200")).await.body;
    let listed = found["items"].as_array().expect("matters").iter().any(|one| one["id"] == MATTER);
    let read = app.get(&Actor::Nobody, &format!("/api/v1/matters/{MATTER}")).await.status;
    let at_kiosk = app.app.kiosk_matters(SITE).await.expect("the store").iter().any(|one| one.id == MATTER);
    assert_eq!((read == StatusCode::OK, at_kiosk), (listed, listed), "one answer everywhere");
    listed
}

async fn begins(app: &TestApp) -> Vec<Vec<String>> {
    let clerk = app.sign_in("clerk1").await;
    let case = app.post(&clerk, "/api/v1/cases", case_body(app, "demo-promised").await).await;
    let mut draft = case_body(app, "demo-promised").await;
    draft["draft"] = json!(true);
    let draft = app.post(&clerk, "/api/v1/cases", draft).await;
    let ticket = app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "matter_ids": [MATTER] })).await;
    let citizen = crate::applications::sign_in(app, "13911110009").await;
    let online = app.post(&citizen, "/api/v1/applications", crate::applications::beginning(app, "demo-promised").await).await;
    [case, draft, ticket, online].iter().map(fields).collect()
}

#[tokio::test]
async fn before_its_first_day_nothing_begins() {
    let app = TestApp::memory().await;
    dated(&app, json!("2026-11-26"), Value::Null).await;
    assert!(!is_found(&app).await);
    let code = |field: &str| vec![format!("{field} matter_not_yet")];
    assert_eq!(begins(&app).await, [code("matter_id"), code("matter_id"), code("matter_ids[0]"), code("matter_id")]);
    app.clock.advance(2 * DAY_MS);
    assert!(is_found(&app).await, "the first day belongs to it");
}

#[tokio::test]
async fn after_its_last_day_what_is_open_goes_on() {
    let app = TestApp::memory().await;
    dated(&app, Value::Null, json!("2026-11-25")).await;
    assert!(is_found(&app).await);
    let clerk = app.sign_in("clerk1").await;
    let open = app.post(&clerk, "/api/v1/cases", case_body(&app, "demo-promised").await).await;
    assert_eq!(open.status, StatusCode::CREATED, "{}", open.body);
    app.clock.advance(DAY_MS);
    assert!(is_found(&app).await, "the last day belongs to it");
    app.clock.advance(DAY_MS);
    assert!(!is_found(&app).await);
    let code = |field: &str| vec![format!("{field} matter_over")];
    assert_eq!(begins(&app).await, [code("matter_id"), code("matter_id"), code("matter_ids[0]"), code("matter_id")]);
    let clerk = app.sign_in("clerk1").await;
    let id = open.body["id"].as_str().expect("an id");
    let accepted = app.post(&clerk, &format!("/api/v1/cases/{id}/accept"), json!({})).await;
    assert_eq!((accepted.status, &accepted.body["state"]), (StatusCode::OK, &json!("accepted")), "{}", accepted.body);
    // Who keeps the catalogue still finds it, and gives it other days.
    dated(&app, Value::Null, json!("2027-11-25")).await;
    assert!(is_found(&app).await);
}

#[tokio::test]
async fn the_end_is_told_before_and_once() {
    for app in [TestApp::memory().await, TestApp::sqlite().await] {
        dated(&app, Value::Null, json!("2027-01-10")).await;
        let told = async || -> usize {
            let alerts = app.app.stores.cases.alerts(SITE).await.expect("the store");
            alerts.iter().filter(|alert| alert.kind == "matter_expiring").count()
        };
        let ended = async || -> usize {
            let logged = app.app.stores.events.events_of(SITE, "matter", MATTER).await.expect("the log");
            logged.iter().filter(|event| event.kind == "matter_ended").count()
        };
        app.app.watch_catalogue().await.expect("it looks");
        assert_eq!(told().await, 0, "more than thirty days are left");
        app.clock.advance(17 * DAY_MS);
        app.app.watch_catalogue().await.expect("it looks");
        // Another process of the same house looks too.
        app.again().await.app.watch_catalogue().await.expect("it looks");
        app.app.watch_catalogue().await.expect("it looks");
        assert_eq!((told().await, ended().await), (1, 0));
        app.clock.advance(31 * DAY_MS);
        app.app.watch_catalogue().await.expect("it looks");
        app.again().await.app.watch_catalogue().await.expect("it looks");
        assert_eq!((told().await, ended().await), (1, 1), "kiosks hear of it once");
    }
}
