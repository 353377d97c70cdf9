//! What time alone brings about, with a clock that the test moves. It begins on Tuesday 24 November
//! 2026, 10:00.

use domain::time::DAY_MS;
use serde_json::json;
use server::worker::{Anchor, Timers};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

async fn silence_accepts_after_five_working_days(stage: &Stage) {
    let id = stage.received(false).await;
    let state = async || stage.read("clerk1", &format!("/cases/{id}")).await["state"].as_str().expect("a state").to_owned();
    // 25, 26, 27, 30 November and 1 December are the five working days.
    stage.pass(7 * DAY_MS);
    stage.timers.run_due().await;
    assert_eq!(state().await, "received", "the last day is in time");
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    assert_eq!(state().await, "accepted");
    stage.timers.run_due().await;
    let deemed: Vec<_> = stage.alerts(SITE, &id).await.into_iter().filter(|(kind, _)| kind == "deemed_accepted").collect();
    assert_eq!(deemed.len(), 1, "told once");
}

async fn a_list_that_nobody_answers_is_reminded_once_and_lapses(stage: &Stage) {
    let id = stage.received(true).await;
    let items = json!({ "items": [{ "text": "补林权证", "basis": "行政许可法第三十二条" }] });
    stage.ok("clerk1", &format!("/cases/{id}/request-correction"), items).await;
    stage.pass(19 * DAY_MS);
    stage.timers.run_due().await;
    assert_eq!(stage.notifications(&id).await.len(), 0);
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    stage.timers.run_due().await;
    let reminders = stage.notifications(&id).await;
    assert_eq!(reminders.len(), 2, "one reminder by two channels: {reminders:?}");
    while stage.outbox.run_due("notify").await > 0 {}
    assert!(stage.outside.messages().pop().is_some_and(|sms| sms.text.contains("还缺材料")));
    stage.pass(10 * DAY_MS);
    stage.timers.run_due().await;
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    let closed = stage.read("clerk1", &format!("/cases/{id}")).await;
    assert_eq!((&closed["state"], &closed["closed_as"]), (&json!("closed"), &json!("lapsed")));
}

async fn a_proposal_without_an_answer_is_told(stage: &Stage) {
    let id = stage.received(false).await;
    stage.ok("clerk1", &format!("/cases/{id}/propose-refusal"), json!({ "reason_code": "not_competent", "text": "归别处" })).await;
    let told = async || stage.alerts(SITE, &id).await.iter().filter(|(kind, _)| kind == "refusal_unanswered").count();
    stage.timers.run_due().await;
    assert_eq!(told().await, 0);
    for _ in 0..4 {
        stage.pass(DAY_MS);
        stage.timers.run_due().await;
    }
    assert_eq!(told().await, 1, "once, and not again each time");
}

async fn limits_are_told_once_each(stage: &Stage) {
    let id = stage.accepted().await;
    let mut seen = Vec::new();
    for _ in 0..45 {
        stage.timers.run_due().await;
        let told: Vec<_> =
            stage.alerts(SITE, &id).await.into_iter().filter(|(kind, _)| kind == "deadline").map(|(_, level)| level).collect();
        if told.len() > seen.len() {
            seen = told;
        }
        stage.pass(DAY_MS);
    }
    seen.sort_unstable();
    // The case runs over the turn of the year: with 2027 not loaded nothing is guessed.
    assert!(seen.iter().all(|level| ["notice", "yellow", "red"].contains(&level.as_str())), "{seen:?}");
    assert!(seen.contains(&"notice".to_owned()) && seen.contains(&"yellow".to_owned()), "{seen:?}");
    let mut once = seen.clone();
    once.dedup();
    assert_eq!(seen, once);
}

async fn a_day_that_is_over_is_closed(stage: &Stage) {
    let clerk = stage.actor("clerk1").await;
    let windows = stage.app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await;
    let window = windows.body["items"].as_array().expect("items").iter().find(|one| one["purpose"] == "general").expect("one").clone();
    let opened = stage.app.post(&clerk, &format!("/api/v1/windows/{}/open", window["id"].as_str().expect("an id")), json!({})).await;
    assert!(opened.status.is_success(), "{}", opened.body);
    let ticket = stage.ok("clerk1", &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    let ended = stage.read("clerk1", &format!("/tickets/{}", ticket["id"].as_str().expect("an id"))).await;
    assert_eq!(ended["state"], "expired");
}

async fn the_missing_year_is_asked_for(stage: &Stage) {
    stage.timers.run_due().await;
    stage.timers.run_due().await;
    assert_eq!(stage.alerts("demo-district", "2027").await, [("calendar_missing".to_owned(), "yellow".to_owned())]);
}

async fn every_day_has_one_anchor(stage: &Stage) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let timers = Timers::new(stage.app.app.clone(), Some(folder.path().to_owned()));
    for _ in 0..3 {
        timers.run_due().await;
        timers.run_due().await;
        stage.pass(DAY_MS);
    }
    let mut files: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    let anchor: Anchor = serde_json::from_slice(&std::fs::read(&files[0]).expect("a file")).expect("an anchor");
    assert!(anchor.sites.iter().any(|site| site.site == SITE && site.seq > 0 && site.head.len() == 64));
}

async fn old_outcomes_are_forgotten(stage: &Stage) {
    let kiosk = tests::app::Actor::Device("demo-kiosk".to_owned());
    let clerk = stage.actor("clerk2").await;
    let path = format!("/api/v1/sites/{SITE}/tickets");
    for actor in [&kiosk, &clerk] {
        let body = Some(json!({ "line_id": "l_dc_demo-line" }));
        let _ = stage.app.send(actor, axum::http::Method::POST, &path, Some("forget-me"), body).await;
    }
    stage.pass(3 * DAY_MS);
    assert_eq!(stage.app.app.forget_outcomes().await.expect("forgotten"), 1, "people's after 48 hours, devices' after 60 days");
    stage.pass(60 * DAY_MS);
    assert_eq!(stage.app.app.forget_outcomes().await.expect("forgotten"), 1);
}

async fn time_brings(app: TestApp) {
    let stage = Stage::on(app).await;
    old_outcomes_are_forgotten(&Stage::on(TestApp::memory().await).await).await;
    the_missing_year_is_asked_for(&stage).await;
    silence_accepts_after_five_working_days(&stage).await;
    a_day_that_is_over_is_closed(&stage).await;
    a_proposal_without_an_answer_is_told(&stage).await;
    every_day_has_one_anchor(&stage).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_time_brings_what_is_due() {
    time_brings(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_time_brings_what_is_due() {
    time_brings(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_time_brings_what_is_due() {
    let database = tests::postgres::database();
    time_brings(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_correction_is_reminded_and_lapses() {
    a_list_that_nobody_answers_is_reminded_once_and_lapses(&Stage::on(TestApp::sqlite().await).await).await;
}

#[tokio::test]
async fn each_limit_is_told_once() {
    limits_are_told_once_each(&Stage::on(TestApp::memory().await).await).await;
}
