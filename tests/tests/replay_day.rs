//! A day over HTTP, then played again from its log: what it was, and what another setting would have done.

use serde_json::{Value, json};
use server::app::figures::{Faulty, Replayed, ReplayedFigures, replay_day};
use tests::app::TestApp;

const SITE: &str = "demo-center";
const MINUTE_MS: i64 = 60_000;
/// Everybody takes so long.
const SERVICE_MS: i64 = 6 * MINUTE_MS;

async fn ok(app: &TestApp, username: &str, path: &str, body: Value) -> Value {
    let actor = app.sign_in(username).await;
    let answer = app.post(&actor, &format!("/api/v1/{path}"), body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.body
}

/// Six ordinary people, then three of the green channel; one window serves them all.
async fn a_morning(app: &TestApp) {
    let lines = app.get(&app.sign_in("clerk1").await, &format!("/api/v1/sites/{SITE}/lines")).await;
    let ids = lines.body["items"].as_array().expect("lines").iter().filter_map(|line| line["id"].as_str());
    let line = ids.into_iter().find(|id| id.ends_with("demo-line")).expect("demo-line").to_owned();
    let windows = app.get(&app.sign_in("clerk1").await, &format!("/api/v1/sites/{SITE}/windows")).await;
    let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
    let window = windows.body["items"].as_array().expect("windows").iter().find(serves).expect("a window")["id"].clone();
    let window = window.as_str().expect("an id");
    ok(app, "clerk1", &format!("windows/{window}/open"), json!({})).await;
    for priority in ["ordinary", "ordinary", "ordinary", "ordinary", "ordinary", "ordinary", "green", "green", "green"] {
        ok(app, "guide1", &format!("sites/{SITE}/tickets"), json!({ "line_id": line, "priority": priority })).await;
        app.clock.advance(1_000);
    }
    loop {
        let called = ok(app, "clerk1", &format!("windows/{window}/call-next"), json!({})).await;
        let Some(ticket) = called["ticket"]["id"].as_str() else { return };
        ok(app, "clerk1", &format!("tickets/{ticket}/start"), json!({})).await;
        app.clock.advance(SERVICE_MS);
        ok(app, "clerk1", &format!("tickets/{ticket}/finish"), json!({ "outcome": "accepted" })).await;
    }
}

async fn replayed(app: &TestApp, patch: Value) -> Result<Replayed, Faulty> {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    replay_day(&app.app.stores, SITE, day, &patch).await.expect("the log is read")
}

async fn a_day_is_played_again_on(app: TestApp) {
    a_morning(&app).await;
    let same = replayed(&app, json!({})).await.expect("it is played");
    let everybody = &same.classes[0];
    assert_eq!((everybody.actual.issued, everybody.actual.waits, everybody.actual.done), (9, 9, 9));
    assert_eq!((&everybody.own, everybody.own.waits, everybody.own.done), (&everybody.other, 9, 9));
    // Only the clerk's nine seconds before the first call are no habit.
    let longest = |figures: &ReplayedFigures| figures.wait_longest_ms.expect("somebody waited");
    assert_eq!(longest(&everybody.actual) - longest(&everybody.own), 9_000, "the day comes out as it was");

    let other = replayed(&app, json!({ "green_bound": 1, "over_limit_ms": 36_000_000 })).await.expect("it is played");
    assert_eq!(other.changed[0], ("green_bound".to_owned(), json!(3), json!(1)));
    let class = |name| other.classes.iter().find(|row| row.class == name).unwrap_or_else(|| panic!("{name}: {other:?}"));
    let mean_min = |ms: Option<i64>| ms.expect("somebody waited") / MINUTE_MS;
    // The first ordinary one is called at once; then all of the green channel, one after the other.
    assert_eq!(mean_min(class("green").other.wait_mean_ms), 11, "6, 12 and 18 minutes less the seconds before they came");
    assert!(mean_min(class("green").own.wait_mean_ms) > 15, "{:?}", class("green"));
    assert!(class("ordinary").other.wait_mean_ms > class("ordinary").own.wait_mean_ms);

    let wrong = replayed(&app, json!({ "green_bound": 2, "appointment_bound": 2 })).await;
    assert!(matches!(&wrong, Err(Faulty::Policy(faults)) if faults[0].field == "policy.bounds"), "{wrong:?}");
}

#[tokio::test]
async fn a_day_is_played_again_in_memory() {
    a_day_is_played_again_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_day_is_played_again_on_sqlite() {
    a_day_is_played_again_on(TestApp::sqlite().await).await;
}
