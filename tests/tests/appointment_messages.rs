//! What whoever booked is told: confirmation, reminder, a closed day, each once, however often the timer looks
//! and however the provider behaves; what nobody waits for any more is not sent.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::demo::simulators::Misbehaviour;
use tests::app::{Actor, TestApp};

use crate::appointments::{booking, make_bookable};
use crate::stage::{SITE, Stage};

const HOUR_MS: i64 = 3_600_000;
/// A Friday; the clock starts on Tuesday at 10:00.
const FRIDAY: &str = "2026-11-27T09:00:00.000+08:00";
const LATER: &str = "2026-11-27T10:30:00.000+08:00";

async fn on(app: TestApp) -> Stage {
    let stage = Stage::on(app).await;
    make_bookable(&stage.app, with_messages).await;
    stage
}

fn with_messages(policy: &mut Value) {
    policy["policy"]["appointments"]["messages"] = json!({ "confirm": true, "remind_before_min": 1440 });
}

async fn book(stage: &Stage, person: usize, starts_at: &str) -> Value {
    let booked = stage.app.post(&Actor::Nobody, "/api/v1/appointments", booking(person, starts_at)).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.body);
    booked.body
}

/// What went out since the last look.
async fn sent(stage: &Stage, seen: &mut usize) -> Vec<String> {
    while stage.outbox.run_due("notify").await > 0 {}
    let all: Vec<String> = stage.outside.messages().into_iter().map(|message| message.text).collect();
    all[std::mem::replace(seen, all.len())..].to_vec()
}

async fn states(stage: &Stage, id: &str) -> Vec<(String, String)> {
    let answer = stage.read("clerk1", &format!("/notifications?appointment_id={id}")).await;
    let word = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    answer["items"].as_array().expect("items").iter().map(|one| (word(one, "template"), word(one, "state"))).collect()
}

async fn each_message_goes_out_once(app: TestApp) {
    let (stage, mut seen) = (on(app).await, 0);
    let booked = book(&stage, 1, FRIDAY).await;
    let (id, url) = (booked["id"].as_str().expect("an id"), booked["url"].as_str().expect("an address"));
    let told = sent(&stage, &mut seen).await;
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["约好了：11月27日 9:00–9:30", "8:30 起", url] {
        assert!(told[0].contains(part), "{part} is not in {told:?}");
    }
    for hidden in ["王小明", "13900000001", "综合受理"] {
        assert!(!told[0].contains(hidden), "{hidden} is in {told:?}");
    }
    // Thursday, a minute before nine, then nine.
    stage.pass(46 * HOUR_MS + 59 * 60_000);
    stage.app.app.watch_appointments().await.expect("watched");
    assert_eq!(sent(&stage, &mut seen).await, [""; 0]);
    stage.pass(60_000);
    for _ in 0..3 {
        stage.app.app.watch_appointments().await.expect("watched");
    }
    let told = sent(&stage, &mut seen).await;
    assert!(told.len() == 1 && told[0].contains("您约了 11月27日 9:00–9:30") && told[0].contains("来不了请取消"), "{told:?}");
    let code = booked["code"].as_str().expect("a code");
    let path = format!("/api/v1/appointments/by-code/{code}/change");
    let changed = stage.app.post(&Actor::Nobody, &path, json!({ "starts_at": LATER })).await;
    assert_eq!((changed.status, &changed.body["code"]), (StatusCode::OK, &json!(code)), "{}", changed.body);
    let told = sent(&stage, &mut seen).await;
    assert!(told.len() == 1 && told[0].contains("改到 11月27日 10:30–11:00"), "{told:?}");
    // The day is closed by the settings: the person is told, and staff.
    make_bookable(&stage.app, |policy| {
        with_messages(policy);
        policy["policy"]["appointments"]["lines"][0]["special_days"] = json!([{ "date": "2026-11-27", "spans": [] }]);
    })
    .await;
    for _ in 0..2 {
        stage.app.app.watch_appointments().await.expect("watched");
    }
    let told = sent(&stage, &mut seen).await;
    assert!(told.len() == 1 && told[0].contains("您约的 11月27日 10:30–11:00 办不了"), "{told:?}");
    assert_eq!(stage.alerts(SITE, id).await, [("appointment_day_closed".to_owned(), "yellow".to_owned())]);
    assert!(states(&stage, id).await.iter().all(|(_, state)| state == "sent"));
    stage.pass(24 * HOUR_MS);
    stage.app.app.watch_appointments().await.expect("watched");
    assert_eq!(sent(&stage, &mut seen).await, [""; 0], "nobody is reminded of a closed day");
    no_code_is_stored(&stage, &booked).await;
    // Staff see it until somebody has done something about it.
    stage.app.app.settle_past_alerts().await.expect("looked at");
    assert_eq!(stage.alerts(SITE, id).await.len(), 1);
    let given_up = stage.app.post(&Actor::Nobody, &format!("/api/v1/appointments/by-code/{code}/cancel"), json!({})).await;
    assert_eq!(given_up.status, StatusCode::OK, "{}", given_up.body);
    stage.app.app.settle_past_alerts().await.expect("looked at");
    assert_eq!(stage.alerts(SITE, id).await, []);
}

/// Neither the codes nor anything of the person lie in rows or events.
async fn no_code_is_stored(stage: &Stage, booked: &Value) {
    let stores = &stage.app.app.stores;
    let id = booked["id"].as_str().expect("an id");
    let row = stores.appointments.appointment(SITE, id).await.expect("the store").expect("the row");
    let events = stores.events.events_after(SITE, 0, 10_000).await.expect("the log");
    let outbox = stores.outbox.outbox_of(SITE, "notify", 1_000).await.expect("the outbox");
    let text = format!("{row:?} {events:?} {outbox:?}");
    for hidden in [&booked["code"], &booked["short_code"], &json!("王小明"), &json!("13900000001")] {
        let hidden = hidden.as_str().expect("a text");
        assert!(!text.contains(hidden), "{hidden}");
    }
}

async fn what_nobody_waits_for_is_not_sent(app: TestApp) {
    let (stage, mut seen) = (on(app).await, 0);
    let booked = book(&stage, 1, FRIDAY).await;
    let code = booked["code"].as_str().expect("a code");
    let given_up = stage.app.post(&Actor::Nobody, &format!("/api/v1/appointments/by-code/{code}/cancel"), json!({})).await;
    assert_eq!(given_up.status, StatusCode::OK);
    assert_eq!(sent(&stage, &mut seen).await, [""; 0], "given up before the message went out");
    let id = booked["id"].as_str().expect("an id");
    assert_eq!(states(&stage, id).await, [("appointment_booked".to_owned(), "given_up".to_owned())]);
    stage.pass(47 * HOUR_MS);
    stage.app.app.watch_appointments().await.expect("watched");
    assert_eq!(sent(&stage, &mut seen).await, [""; 0], "nobody is reminded of what was given up");
}

async fn what_the_provider_refuses_is_put_before_a_person(app: TestApp) {
    let (stage, mut seen) = (on(app).await, 0);
    let tries = usize::try_from(server::worker::ATTEMPTS_MAX).expect("a count");
    stage.outside.misbehave(&vec![Misbehaviour::Unavailable; tries]);
    let booked = book(&stage, 1, FRIDAY).await;
    let id = booked["id"].as_str().expect("an id");
    for attempt in 1..=server::worker::ATTEMPTS_MAX {
        stage.outbox.run_due("notify").await;
        stage.pass(server::worker::delay_ms(attempt));
    }
    assert_eq!(states(&stage, id).await, [("appointment_booked".to_owned(), "failed".to_owned())]);
    let alerts = stage.app.app.stores.cases.alerts(SITE).await.expect("alerts");
    let own = alerts.iter().find(|alert| alert.object_id == id).expect("an alert");
    assert_eq!(own.text, "11月27日 9:00 的预约：短信没有发出去，请重发，或者打电话告诉本人");
    let message = stage.read("supervisor", &format!("/notifications?appointment_id={id}")).await["items"][0].clone();
    assert_eq!((&message["case_id"], &message["to"]), (&Value::Null, &json!("139****0001")));
    stage.ok("supervisor", &format!("/notifications/{}/retry", message["id"].as_str().expect("an id")), json!({})).await;
    assert_eq!(sent(&stage, &mut seen).await.len(), 1);
    assert_eq!(stage.alerts(SITE, id).await, []);
}

async fn a_site_that_wants_none_sends_none(app: TestApp) {
    let (stage, mut seen) = (Stage::on(app).await, 0);
    make_bookable(&stage.app, |policy| policy["policy"]["appointments"]["messages"] = json!({})).await;
    book(&stage, 1, FRIDAY).await;
    stage.pass(70 * HOUR_MS);
    stage.app.app.watch_appointments().await.expect("watched");
    assert_eq!(sent(&stage, &mut seen).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_messages_go_out_once() {
    each_message_goes_out_once(TestApp::memory().await).await;
    what_nobody_waits_for_is_not_sent(TestApp::memory().await).await;
    what_the_provider_refuses_is_put_before_a_person(TestApp::memory().await).await;
    a_site_that_wants_none_sends_none(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_messages_go_out_once() {
    each_message_goes_out_once(TestApp::sqlite().await).await;
    what_nobody_waits_for_is_not_sent(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_messages_go_out_once() {
    let database = tests::postgres::database();
    each_message_goes_out_once(TestApp::postgres(&database.url).await).await;
}
