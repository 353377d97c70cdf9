//! Somebody's document lies ready and nobody comes: told again on the page and by SMS, called, offered by courier, each once
//! and each with its receipt; and no phone rings at night.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What this site sets about notices; the defaults, but for the hours of the demo.
async fn set_notices(stage: &Stage, notices: Value) -> (StatusCode, Value) {
    let (district, path) = (stage.actor("district").await, format!("/api/v1/sites/{SITE}/policy"));
    let mut policy = stage.app.get(&district, &path).await.body;
    policy["policy"]["notices"] = notices;
    let put = stage.app.send(&district, Method::PUT, &path, None, Some(policy)).await;
    (put.status, put.body)
}

/// What was told about a case: template, channel and how it stands, oldest first.
async fn told(stage: &Stage, case: &str) -> Vec<(String, String, String)> {
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let all = stage.notifications(case).await;
    let mut rows: Vec<_> =
        all.iter().map(|one| (text(one, "created_at"), text(one, "template"), text(one, "channel"), text(one, "state"))).collect();
    rows.sort();
    rows.into_iter().map(|(_, template, channel, state)| (template, channel, state)).collect()
}

fn rows(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    all.iter().map(|(template, channel, state)| ((*template).to_owned(), (*channel).to_owned(), (*state).to_owned())).collect()
}

/// Lets days pass, and the timer and the worker do what is due then: twice, as two processes would.
async fn days(stage: &Stage, count: i64) {
    stage.pass(count * DAY_MS);
    let (one, other) = tokio::join!(stage.app.app.watch_cases(), stage.app.app.watch_cases());
    one.and(other).expect("the timer");
    while stage.outbox.run_due("notify").await > 0 {}
}

async fn task(stage: &Stage, case: &str, channel: &str) -> Value {
    let all = stage.notifications(case).await;
    let open = all.into_iter().find(|one| one["channel"] == channel && one["state"] == "failed");
    open.unwrap_or_else(|| panic!("no open task by {channel}"))
}

async fn climbed_to_the_end(stage: &Stage) {
    // Told on Tuesday, 24 November 2026.
    let case = stage.notified(&["sms"]).await;
    while stage.outbox.run_due("notify").await > 0 {}
    let first = ("ready_for_pickup", "sms", "sent");
    days(stage, 2).await;
    assert_eq!(told(stage, &case).await, rows(&[first]), "Thursday: the second working day");
    days(stage, 1).await;
    let again = [("pickup_reminder", "site", "sent"), ("pickup_reminder", "sms", "sent")];
    assert_eq!(told(stage, &case).await, rows(&[first, again[0], again[1]]), "Friday: the third");
    let sms = stage.outside.messages().pop().expect("an SMS");
    assert!(sms.text.contains("早就办好了") && sms.text.contains("http://yichuang.test/t/"), "{}", sms.text);
    days(stage, 5).await;
    assert_eq!(told(stage, &case).await.len(), 3, "Wednesday: the sixth, and no rung twice");

    days(stage, 1).await;
    assert_eq!(stage.alerts(SITE, &case).await, [("notification_failed".to_owned(), "yellow".to_owned())], "a call is for a person");
    let call = task(stage, &case, "phone").await;
    let path = |verdict: &str| format!("/notifications/{}/{verdict}", call["id"].as_str().expect("an id"));
    assert_eq!((&call["template"], &call["last_error"]), (&json!("pickup_reminder"), &json!("by_person")));
    let tries = call["attempts"].as_i64().expect("a count");
    let missed = stage.ok("issuer", &path("unreached"), json!({})).await;
    assert_eq!((&missed["state"], &missed["last_error"], &missed["attempts"]), (&json!("failed"), &json!("unreached"), &json!(tries + 1)));
    assert_eq!(stage.alerts(SITE, &case).await.len(), 1, "still to be called");
    assert_eq!(call["to"], "139****5520");
    let shown = stage.ok("issuer", &path("reveal"), json!({ "fields": ["name", "phone"], "reason": "打电话" })).await;
    assert_eq!((&shown["name"], &shown["phone"]), (&json!(crate::stage::SECRETS[0]), &json!("13912345520")));
    let clerk = stage.actor("clerk1").await;
    let forbidden = stage.app.post(&clerk, &format!("/api/v1{}", path("told")), json!({})).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    // Two say how it went at once: the second is told that it is over, or comes first and leaves it open.
    let issuer = stage.actor("issuer").await;
    let (told_path, unreached_path) = (format!("/api/v1{}", path("told")), format!("/api/v1{}", path("unreached")));
    let (told_at_once, missed_at_once) =
        tokio::join!(stage.app.post(&issuer, &told_path, json!({})), stage.app.post(&issuer, &unreached_path, json!({})));
    assert_eq!(told_at_once.status, StatusCode::OK, "{}", told_at_once.body);
    assert!(matches!(missed_at_once.status, StatusCode::OK | StatusCode::CONFLICT), "{}", missed_at_once.body);
    let reached = stage.notifications(&case).await.into_iter().find(|one| one["channel"] == "phone").expect("it");
    assert_eq!((&reached["state"], &reached["last_error"]), (&json!("sent"), &Value::Null));
    assert!(reached["sent_at"].is_string(), "{reached}");
    assert_eq!(stage.alerts(SITE, &case).await, []);
    let twice = stage.app.post(&issuer, &format!("/api/v1{}", path("unreached")), json!({})).await;
    assert_eq!((twice.status, &twice.body["code"]), (StatusCode::CONFLICT, &json!("notification_state")));

    days(stage, 11).await;
    assert_eq!(told(stage, &case).await.len(), 4, "the fourteenth working day");
    days(stage, 1).await;
    assert_eq!(task(stage, &case, "courier").await["last_error"], "by_person");
    let certificate = stage.read("issuer", &format!("/cases/{case}")).await["certificate"].clone();
    assert_eq!((&certificate["rung"], &certificate["reminded_at"]), (&json!(3), &json!("2026-12-15T10:00:00.000+08:00")), "{certificate}");
    days(stage, 60).await;
    assert_eq!(told(stage, &case).await.len(), 5, "the ladder ends; the list of what nobody fetches goes on");

    // It is fetched: nobody is asked to send it any more.
    let collector =
        json!({ "name": crate::stage::SECRETS[0], "id_type": "resident_id", "id_number": crate::stage::SECRETS[1], "relation": "self" });
    let id = certificate["id"].as_str().expect("an id");
    stage.ok("issuer", &format!("/certificates/{id}/hand-over"), json!({ "collector": collector })).await;
    stage.app.app.settle_past_alerts().await.expect("the timer");
    assert_eq!(stage.alerts(SITE, &case).await, []);
    let courier = stage.notifications(&case).await.into_iter().find(|one| one["channel"] == "courier").expect("it");
    assert_eq!(courier["state"], "given_up", "nobody is to send what was fetched");
}

async fn no_year_is_guessed(stage: &Stage) {
    let case = stage.notified(&["site"]).await;
    days(stage, 60).await;
    assert_eq!(
        told(stage, &case).await.iter().filter(|one| one.0 == "pickup_reminder").count(),
        0,
        "2027 is not known, and nothing is guessed"
    );
}

async fn phones_are_silent_at_night(stage: &Stage) {
    let (status, body) = set_notices(stage, json!({ "again_days": 5, "phone_days": 5, "quiet_from_hour": 24 })).await;
    let fields: Vec<&Value> = body["errors"].as_array().expect("errors").iter().map(|one| &one["field"]).collect();
    assert_eq!(
        (status, fields),
        (StatusCode::UNPROCESSABLE_ENTITY, vec![&json!("policy.notices.phone_days"), &json!("policy.notices.quiet_from_hour")])
    );
    assert_eq!(set_notices(stage, json!({})).await.0, StatusCode::OK, "the defaults: from nine to eight");
    let now = domain::time::local(stage.app.app.now());
    let until = |hour: i64| (hour * HOUR_MS - i64::from(chrono::Timelike::num_seconds_from_midnight(&now)) * 1_000).rem_euclid(DAY_MS);
    stage.pass(until(22));
    let case = stage.notified(&["sms", "email", "site"]).await;
    while stage.outbox.run_due("notify").await > 0 {}
    let by_night = [("email", "sent"), ("site", "sent"), ("sms", "pending")].map(|(channel, state)| ("ready_for_pickup", channel, state));
    assert_eq!(told(stage, &case).await, rows(&by_night));
    stage.pass(10 * HOUR_MS - 60_000);
    assert_eq!(stage.outbox.run_due("notify").await, 0, "a minute before eight");
    stage.pass(60_000);
    assert_eq!(stage.outbox.run_due("notify").await, 1);
    let sms = stage.notifications(&case).await.into_iter().find(|one| one["channel"] == "sms").expect("it");
    assert_eq!((&sms["state"], &sms["attempts"]), (&json!("sent"), &json!(1)), "the night was no try: {sms}");
}

async fn ladder(app: TestApp) {
    let stage = Stage::on(app).await;
    climbed_to_the_end(&stage).await;
    phones_are_silent_at_night(&stage).await;
    no_year_is_guessed(&stage).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_who_does_not_come_is_told_again() {
    ladder(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_who_does_not_come_is_told_again() {
    ladder(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_who_does_not_come_is_told_again() {
    let database = tests::postgres::database();
    ladder(TestApp::postgres(&database.url).await).await;
}
