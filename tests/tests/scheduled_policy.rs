//! Settings with effective dates over HTTP: scheduled, read as of an instant, in force by the timer, taken
//! back, and an alert when something stands against them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::worker::Timers;
use tests::app::{Answer, TestApp};

const SITE: &str = "demo-center";
const HOUR_MS: i64 = 3_600_000;

struct Office {
    app: TestApp,
    timers: Timers,
}

impl Office {
    async fn on(app: TestApp) -> Self {
        let timers = Timers::new(app.app.clone(), None);
        Self { app, timers }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.app.get(&self.app.sign_in("admin").await, &format!("/api/v1/sites/{SITE}/policy{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    async fn put(&self, key: &str, body: Value) -> Answer {
        let admin = self.app.sign_in("admin").await;
        self.app.send(&admin, Method::PUT, &format!("/api/v1/sites/{SITE}/policy"), Some(key), Some(body)).await
    }

    async fn cancel(&self, from: &str) -> Answer {
        let path = format!("/api/v1/sites/{SITE}/policy/scheduled/cancel");
        self.app.post(&self.app.sign_in("admin").await, &path, json!({ "effective_from": from })).await
    }

    async fn bound(&self, query: &str) -> Value {
        self.get(query).await["policy"]["green_bound"].clone()
    }
}

/// The settings with another bound, from a local time of the test's day on.
fn dated(now: &Value, green_bound: u32, time: &str) -> Value {
    let mut wanted = now.clone();
    wanted["policy"]["green_bound"] = json!(green_bound);
    wanted["effective_from"] = json!(format!("2026-11-24T{time}:00+08:00"));
    wanted
}

async fn settings_have_effective_dates(app: TestApp) {
    let office = Office::on(app).await;
    let now = office.get("").await;
    let noon = dated(&now, 5, "12:00");
    let put = office.put("noon", noon.clone()).await;
    assert_eq!(
        (put.status, &put.body["effective_from"], &put.body["policy"]["green_bound"]),
        (StatusCode::OK, &json!("2026-11-24T12:00:00.000+08:00"), &json!(5))
    );
    assert_eq!(office.put("noon", noon).await.body, put.body, "asked twice, done once");
    assert_eq!(office.put("two", dated(&now, 6, "14:00")).await.status, StatusCode::OK);
    let waiting = office.get("/scheduled").await;
    let times: Vec<&str> = waiting["items"].as_array().expect("items").iter().filter_map(|one| one["effective_from"].as_str()).collect();
    assert_eq!(times, ["2026-11-24T12:00:00.000+08:00", "2026-11-24T14:00:00.000+08:00"]);
    assert_eq!(office.bound("").await, 3);
    assert_eq!(office.bound("?at=2026-11-24T11:59:59%2B08:00").await, 3);
    assert_eq!(office.bound("?at=2026-11-24T12:00:00%2B08:00").await, 5);
    assert_eq!(office.bound("?at=2026-11-25T12:00:00%2B08:00").await, 6);

    office.app.clock.advance(3 * HOUR_MS);
    office.timers.run_due().await;
    assert_eq!(office.bound("").await, 5, "it is past twelve");
    assert_eq!(office.bound("?at=2026-11-24T10:30:00%2B08:00").await, 3, "what was in force then stands in the log");
    let left = office.cancel("2026-11-24T14:00:00+08:00").await;
    assert_eq!((left.status, &left.body["items"]), (StatusCode::OK, &json!([])));
    let again = office.cancel("2026-11-24T14:00:00+08:00").await;
    assert_eq!((again.status, &again.body["code"]), (StatusCode::CONFLICT, &json!("not_scheduled")));
}

async fn what_is_wrong_is_told_by_field(app: TestApp) {
    let office = Office::on(app).await;
    let now = office.get("").await;
    for (key, wanted, field) in [
        ("past", dated(&now, 5, "08:00"), "effective_from"),
        ("text", json!({ "effective_from": "明天", "lines": [], "windows": [], "hours": now["hours"], "policy": {} }), "effective_from"),
        ("bound", dated(&now, 0, "12:00"), "policy.green_bound"),
    ] {
        let refused = office.put(key, wanted).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{}",
            refused.body
        );
    }
    let admin = office.app.sign_in("admin").await;
    for at in ["2020-01-01T00:00:00%2B08:00", "x"] {
        let refused = office.app.get(&admin, &format!("/api/v1/sites/{SITE}/policy?at={at}")).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("at")));
    }
}

async fn what_stands_against_it_is_an_alert(app: TestApp) {
    let office = Office::on(app).await;
    let clerk = office.app.sign_in("clerk1").await;
    let window = office.get("").await["windows"][0]["id"].as_str().expect("a window").to_owned();
    let opened = office.app.post(&clerk, &format!("/api/v1/windows/{window}/open"), json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    let mut fewer = dated(&office.get("").await, 3, "12:00");
    fewer["windows"].as_array_mut().expect("windows").remove(0);
    fewer["policy"]["roster"] = json!([]);
    let put = office.put("fewer", fewer).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    office.app.clock.advance(3 * HOUR_MS);
    office.timers.run_due().await;
    office.timers.run_due().await;
    let supervisor = office.app.sign_in("supervisor").await;
    let alerts = office.app.get(&supervisor, "/api/v1/alerts").await.body;
    let told: Vec<&Value> =
        alerts["items"].as_array().expect("alerts").iter().filter(|alert| alert["kind"] == "scheduled_policy_refused").collect();
    assert_eq!(told.len(), 1, "{alerts}");
    assert!(told[0]["text"].as_str().is_some_and(|text| text.contains("11月24日 12:00") && text.contains("还开着")), "{alerts}");
    assert_eq!(office.get("/scheduled").await["items"], json!([]));
    // Somebody looked after it: the alert goes by itself.
    let mut anew = office.get("").await;
    anew["policy"]["green_bound"] = json!(7);
    assert_eq!(office.put("anew", anew).await.status, StatusCode::OK);
    office.timers.run_due().await;
    let left = office.app.app.stores.cases.alerts(SITE).await.expect("the alerts");
    assert!(left.iter().all(|alert| alert.kind != "scheduled_policy_refused"), "{left:?}");
}

#[tokio::test]
async fn settings_have_effective_dates_in_memory() {
    settings_have_effective_dates(TestApp::memory().await).await;
}

#[tokio::test]
async fn settings_have_effective_dates_on_sqlite() {
    settings_have_effective_dates(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn settings_have_effective_dates_on_postgres() {
    let database = tests::postgres::database();
    settings_have_effective_dates(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn wrong_dates_are_told_by_field() {
    what_is_wrong_is_told_by_field(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_window_in_use_stands_against_it_and_is_an_alert() {
    what_stands_against_it_is_an_alert(TestApp::sqlite().await).await;
}
