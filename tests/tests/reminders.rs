//! People who left a phone number are told once that their turn comes near and once that they were called,
//! however the provider behaves, whoever restarts, and in however many processes.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::demo::simulators::Misbehaviour;
use tests::app::{Actor, TestApp};

use crate::stage::{SITE, Stage};

/// People with a phone number each, so many of a line; one window serves it.
struct Queue {
    stage: Stage,
    line: String,
    window: String,
    clerk: Actor,
}

impl Queue {
    async fn on(app: TestApp) -> Self {
        let stage = Stage::on(app).await;
        let admin = stage.app.sign_in("admin").await;
        let path = format!("/api/v1/sites/{SITE}/policy");
        let mut policy = stage.app.get(&admin, &path).await.body;
        policy["policy"]["reminders"] = json!({ "people_ahead": 2, "called": true });
        let put = stage.app.send(&admin, Method::PUT, &path, Some("reminders"), Some(policy.clone())).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        let line =
            policy["lines"].as_array().expect("lines").iter().filter_map(|line| line["id"].as_str()).find(|id| id.ends_with("demo-line"));
        let line = line.expect("demo-line").to_owned();
        let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
        let window =
            policy["windows"].as_array().expect("windows").iter().find(serves).expect("a window")["id"].as_str().expect("an id").to_owned();
        let clerk = stage.app.sign_in("clerk1").await;
        let queue = Self { stage, line, window, clerk };
        queue.ok(&format!("/windows/{}/open", queue.window), json!({})).await;
        queue
    }

    async fn ok(&self, path: &str, body: Value) -> Value {
        let answer = self.stage.app.post(&self.clerk, &format!("/api/v1{path}"), body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// A number; with a phone if it ends in something.
    async fn comes(&self, phone: Option<&str>) -> String {
        let guide = self.stage.app.sign_in("guide1").await;
        let holder = phone.map(|phone| json!({ "phone": phone }));
        let body = json!({ "line_id": self.line, "holder": holder });
        let answer = self.stage.app.post(&guide, &format!("/api/v1/sites/{SITE}/tickets"), body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        self.stage.app.clock.advance(1_000);
        answer.body["id"].as_str().expect("an id").to_owned()
    }

    async fn call(&self) -> String {
        let called = self.ok(&format!("/windows/{}/call-next", self.window), json!({})).await;
        called["ticket"]["id"].as_str().expect("somebody waits").to_owned()
    }

    async fn serve(&self) {
        let ticket = self.call().await;
        self.ok(&format!("/tickets/{ticket}/start"), json!({})).await;
        self.ok(&format!("/tickets/{ticket}/finish"), json!({ "outcome": "accepted" })).await;
    }

    /// What went out so far: phone and text.
    async fn sent(&self) -> Vec<(String, String)> {
        while self.stage.outbox.run_due("notify").await > 0 {}
        self.stage.outside.messages().into_iter().map(|message| (message.to, message.text)).collect()
    }
}

async fn told_once_each(app: TestApp) {
    let queue = Queue::on(app).await;
    for _ in 0..3 {
        queue.comes(None).await;
    }
    queue.comes(Some("13900000001")).await;
    assert_eq!(queue.sent().await, []);
    queue.serve().await;
    let told = queue.sent().await;
    assert!(told.len() == 1 && told[0].0 == "13900000001" && told[0].1.contains("前面还有 2 人，请准备"), "{told:?}");
    queue.serve().await;
    queue.serve().await;
    assert_eq!(queue.sent().await.len(), 1, "near is told once");
    let ticket = queue.call().await;
    let told = queue.sent().await;
    assert!(told.len() == 2 && told[1].1.contains("号请到") && told[1].1.contains("号窗口"), "{told:?}");
    queue.ok(&format!("/tickets/{ticket}/recall"), json!({})).await;
    queue.ok(&format!("/tickets/{ticket}/miss"), json!({ "reason": "叫了没人来" })).await;
    queue.ok(&format!("/tickets/{ticket}/requeue"), json!({})).await;
    assert_eq!(queue.call().await, ticket);
    assert_eq!(queue.sent().await.len(), 2, "called is told once, however often it is called");
    let log = format!("{:?}", queue.stage.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("the log"));
    assert!(log.contains("ticket_near_noticed") && !log.contains("13900000001"));
}

async fn a_restart_sends_what_is_owed(app: TestApp) {
    let queue = Queue::on(app).await;
    for _ in 0..3 {
        queue.comes(None).await;
    }
    queue.comes(Some("13900000002")).await;
    queue.serve().await;
    let again = Stage::on(queue.stage.app.again().await).await;
    let runs = futures_util::future::join(again.outbox.run_due("notify"), queue.stage.outbox.run_due("notify")).await;
    assert_eq!(runs.0 + runs.1, 1, "one of two processes sends it");
    let told = again.outside.messages().len() + queue.stage.outside.messages().len();
    assert_eq!(told, 1);
}

async fn what_comes_too_late_is_not_sent(app: TestApp) {
    let queue = Queue::on(app).await;
    for _ in 0..3 {
        queue.comes(None).await;
    }
    queue.comes(Some("13900000003")).await;
    for _ in 0..4 {
        queue.serve().await;
    }
    assert_eq!(queue.sent().await, [], "the visit is over before the provider was asked");
}

async fn a_provider_that_is_away_is_one_alert(app: TestApp) {
    let queue = Queue::on(app).await;
    for _ in 0..3 {
        queue.comes(None).await;
    }
    for phone in ["13900000004", "13900000005"] {
        queue.comes(Some(phone)).await;
    }
    queue.stage.outside.misbehave(&[Misbehaviour::Unavailable; 32]);
    queue.serve().await;
    queue.serve().await;
    for attempt in 1..=server::worker::ATTEMPTS_MAX {
        while queue.stage.outbox.run_due("notify").await > 0 {}
        queue.stage.pass(server::worker::delay_ms(attempt));
    }
    let alerts = queue.stage.app.app.stores.cases.alerts(SITE).await.expect("alerts");
    let own: Vec<_> = alerts.iter().filter(|alert| alert.kind == "reminders_failed").collect();
    assert!(own.len() == 1 && own[0].text.contains("短信没有发出去"), "{alerts:?}");
    // It is about one day; tomorrow tells for itself.
    queue.stage.pass(24 * 3_600_000);
    queue.stage.app.app.settle_past_alerts().await.expect("looked at");
    let alerts = queue.stage.app.app.stores.cases.alerts(SITE).await.expect("alerts");
    assert!(alerts.iter().all(|alert| alert.kind != "reminders_failed"), "{alerts:?}");
}

#[tokio::test]
async fn on_sqlite_each_is_told_once() {
    told_once_each(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_each_is_told_once() {
    let database = tests::postgres::database();
    told_once_each(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_a_restart_sends_what_is_owed() {
    a_restart_sends_what_is_owed(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_restart_sends_what_is_owed() {
    let database = tests::postgres::database();
    a_restart_sends_what_is_owed(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn what_comes_too_late_stays_unsent() {
    what_comes_too_late_is_not_sent(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_once() {
    a_provider_that_is_away_is_one_alert(TestApp::memory().await).await;
}
