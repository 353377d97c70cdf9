//! Clocks over HTTP, on every store: a time server puts the clock back by an hour, a clock runs a day
//! ahead for a moment, midnight comes during a call. No number twice or skipped, no time before an earlier
//! one, and what people do goes on.

use axum::http::{Method, StatusCode};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, local_date, start_of};
use serde_json::{Value, json};
use server::store::chain::Verifier;
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const WINDOW: &str = "w_dc_1";
const ALL_DAY_MIN: u16 = 24 * 60;

struct Hall {
    app: TestApp,
    clerk: Actor,
    keys: std::cell::Cell<u32>,
}

impl Hall {
    async fn on(app: TestApp) -> Self {
        let clerk = app.sign_in("clerk1").await;
        let hall = Self { app, clerk, keys: std::cell::Cell::new(0) };
        hall.window("open").await;
        hall
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.keys.set(self.keys.get() + 1);
        let key = format!("clocks-{}", self.keys.get());
        self.app.send(actor, Method::POST, &format!("/api/v1/{path}"), Some(&key), Some(body)).await
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.post(actor, path, body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn window(&self, action: &str) -> Value {
        self.ok(&self.clerk, &format!("windows/{WINDOW}/{action}"), json!({})).await
    }

    async fn ticket(&self, id: &str, action: &str, body: Value) -> Value {
        self.ok(&self.clerk, &format!("tickets/{id}/{action}"), body).await
    }

    async fn read(&self, id: &str) -> Value {
        self.app.get(&self.clerk, &format!("/api/v1/tickets/{id}")).await.body
    }

    /// A number at the kiosk: its id and what stands on the slip.
    async fn issue(&self) -> (String, String) {
        let kiosk = Actor::Device("demo-kiosk".to_owned());
        let issued = self.ok(&kiosk, &format!("sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
        let text = |name: &str| issued[name].as_str().expect("a text").to_owned();
        (text("id"), text("number"))
    }

    async fn called(&self) -> String {
        let called = self.window("call-next").await;
        let waited = called["reason"]["figures"]["waited_ms"].as_i64();
        assert!(waited.is_some_and(|waited| waited >= 0), "a wait is never negative: {called}");
        called["ticket"]["number"].as_str().expect("a number").to_owned()
    }

    /// A session ends after a while without use, by the clock that was moved.
    async fn sign_in_again(&mut self) {
        self.clerk = self.app.sign_in("clerk1").await;
    }

    fn now(&self) -> i64 {
        self.app.app.now()
    }

    fn set_clock(&self, at: i64) {
        self.app.clock.advance(at - self.now());
    }

    /// The kinds of what those in charge are told now, once time has been looked at.
    async fn told(&self) -> Vec<String> {
        self.app.app.settle_past_alerts().await.expect("the timer");
        self.app.app.stores.cases.alerts(SITE).await.expect("the alerts").into_iter().map(|alert| alert.kind).collect()
    }

    /// The log goes forward in time and is chained, no interval is negative, and the figures agree with it.
    async fn judge(&self, kind: &str, times: usize) {
        let stores = &self.app.app.stores;
        let (mut verifier, mut newest, mut found) = (Verifier::new(self.app.app.vault.chain()), 0, 0);
        for event in stores.events.events_after(SITE, 0, 10_000).await.expect("the log") {
            verifier.take(&event);
            if event.aggregate != "hall" {
                continue;
            }
            found += usize::from(event.kind == kind);
            // What ends with a day ends at the day's last instant, whenever that was noticed.
            if event.kind != "ticket_expired" {
                assert!(event.at >= newest, "{} at {} after {newest}", event.kind, event.at);
            }
            newest = newest.max(event.at);
        }
        assert_eq!((verifier.flaws.len(), found), (0, times), "{kind}");
        let (from, to) = (local_date(0), local_date(newest));
        let recomputed = server::app::figures::recompute(stores, SITE, from, to).await.expect("the figures");
        assert!(recomputed.agrees(), "{}", json!(recomputed));
    }
}

async fn a_clock_put_back_by_an_hour(app: TestApp) {
    let mut hall = Hall::on(app).await;
    let begun = hall.now();
    let (first, number) = hall.issue().await;
    assert_eq!((number.as_str(), hall.called().await.as_str()), ("A001", "A001"));
    hall.app.clock.advance(-HOUR_MS);
    assert_eq!(hall.issue().await.1, "A002");
    assert_eq!(hall.told().await, ["clock_stepped_back"]);
    assert_eq!(hall.ticket(&first, "start", json!({})).await["state"], "serving");
    hall.app.clock.advance(MINUTE_MS);
    assert_eq!(hall.ticket(&first, "finish", json!({ "outcome": "accepted" })).await["state"], "done");
    assert_eq!(hall.called().await, "A002");
    assert_eq!(hall.issue().await.1, "A003");
    // The clock catches up and goes on.
    hall.set_clock(begun + MINUTE_MS);
    hall.sign_in_again().await;
    assert_eq!(hall.issue().await.1, "A004");
    assert!(hall.told().await.is_empty(), "the clock caught up");
    hall.judge("clock_stepped_back", 1).await;
}

async fn a_clock_a_day_ahead_for_a_moment(app: TestApp) {
    let mut hall = Hall::on(app).await;
    let begun = hall.now();
    assert_eq!(hall.issue().await.1, "A001");
    hall.app.clock.advance(DAY_MS);
    assert_eq!(hall.issue().await.1, "A001", "the wrong clock begins a day");
    hall.set_clock(begun);
    hall.sign_in_again().await;
    // The day that was begun by mistake stays: going back would give its numbers twice.
    assert_eq!(hall.issue().await.1, "A002");
    assert_eq!(hall.told().await, ["clock_stepped_back"]);
    assert_eq!(hall.called().await, "A001");
    hall.set_clock(begun + DAY_MS + MINUTE_MS);
    hall.sign_in_again().await;
    assert_eq!(hall.issue().await.1, "A003");
    hall.judge("day_opened", 2).await;
}

/// A hall a minute after the midnight that came while A001 was called and A002 waited, and the two tickets.
async fn past_midnight(app: TestApp, kind: &str) -> (Hall, Vec<String>) {
    let mut hall = Hall::on(app).await;
    let admin = hall.app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.app.get(&admin, &path).await.body;
    let day = json!([{ "from_minute": 0, "to_minute": ALL_DAY_MIN }]);
    let hours = if kind == "weekly" { json!({ "kind": kind, "week": vec![day; 7], "special_days": [] }) } else { json!({ "kind": kind }) };
    policy["hours"] = hours;
    let put = hall.app.send(&admin, Method::PUT, &path, None, Some(policy)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);

    let midnight = start_of(local_date(hall.now())) + DAY_MS;
    hall.set_clock(midnight - 2 * MINUTE_MS);
    hall.sign_in_again().await;
    let mut ids = Vec::new();
    for number in ["A001", "A002"] {
        let (id, issued) = hall.issue().await;
        assert_eq!(issued, number);
        ids.push(id);
    }
    assert_eq!(hall.called().await, "A001");
    hall.set_clock(midnight + MINUTE_MS);
    hall.app.app.tick_halls().await.expect("the timer");
    (hall, ids)
}

async fn midnight_during_a_call(app: TestApp, kind: &str) {
    let (hall, ids) = past_midnight(app, kind).await;
    let left: &[&str] = if kind == "weekly" { &["ticket_overnight"] } else { &[] };
    assert_eq!(hall.told().await, left);
    // Who was called is served; who waited is told so, and nothing can be done with that number any more.
    assert_eq!(hall.ticket(&ids[0], "start", json!({})).await["state"], "serving");
    assert_eq!(hall.ticket(&ids[0], "finish", json!({ "outcome": "accepted" })).await["state"], "done");
    assert!(hall.told().await.is_empty(), "nobody is left from yesterday");
    let over = hall.read(&ids[1]).await;
    assert_eq!((over["state"].as_str(), over["expired_cause"].as_str()), (Some("expired"), Some("unserved_at_close")), "{over}");
    let refused = hall.post(&hall.clerk, &format!("tickets/{}/top", ids[1]), json!({ "reason": "急" })).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (StatusCode::CONFLICT, Some("ticket_state")), "{}", refused.body);
    assert_eq!(hall.issue().await.1, "A001", "the new day's first number");
    let called = hall.app.get(&hall.clerk, &format!("/api/v1/sites/{SITE}/windows")).await.body;
    let ours = called["items"].as_array().expect("windows").iter().find(|window| window["id"] == WINDOW).cloned();
    assert_eq!(ours.expect("our window")["state"], "open", "somebody was served there at midnight");
    assert_eq!(hall.called().await, "A001");
    hall.judge("day_closed", 1).await;
}

async fn midnight_and_put_back(app: TestApp) {
    let (hall, ids) = past_midnight(app, "weekly").await;
    assert_eq!(hall.told().await, ["ticket_overnight"]);
    assert_eq!(hall.ticket(&ids[0], "put-back", json!({ "reason": "叫错了" })).await["state"], "waiting");
    assert!(hall.told().await.is_empty(), "nobody is at a window since yesterday");
    assert_eq!(hall.called().await, "A001");
}

/// One live ticket per person also where the first was given under a date that is not yet.
async fn a_number_of_a_wrong_tomorrow(app: TestApp) {
    let mut hall = Hall::on(app).await;
    let begun = hall.now();
    let holder = json!({ "name": "王桂芳", "id_type": "resident_id", "id_number": "11010519491231002X" });
    let wish = json!({ "line_id": LINE, "holder": holder });
    hall.set_clock(begun + DAY_MS);
    hall.sign_in_again().await;
    let path = format!("sites/{SITE}/tickets");
    let first = hall.ok(&hall.clerk, &path, wish.clone()).await;
    hall.set_clock(begun);
    hall.sign_in_again().await;
    let again = hall.post(&hall.clerk, &path, wish.clone()).await;
    assert_eq!((again.status, again.body["code"].as_str()), (StatusCode::CONFLICT, Some("already_waiting")), "{}", again.body);
    // Nor is a number of another line sent there.
    let elsewhere = hall.ok(&hall.clerk, &path, json!({ "line_id": "l_dc_build", "holder": wish["holder"] })).await;
    let other = elsewhere["id"].as_str().expect("an id");
    let sent = hall.post(&hall.clerk, &format!("tickets/{other}/transfer"), json!({ "line_id": LINE })).await;
    assert_eq!((sent.status, sent.body["code"].as_str()), (StatusCode::CONFLICT, Some("already_waiting")), "{}", sent.body);
    assert_eq!(hall.ticket(other, "transfer", json!({ "line_id": "l_dc_police" })).await["line_id"], "l_dc_police");
    hall.ticket(first["id"].as_str().expect("an id"), "abandon", json!({ "reason": "重复" })).await;
    hall.ok(&hall.clerk, &path, wish).await;
}

#[tokio::test]
async fn on_sqlite_a_number_of_a_wrong_tomorrow_is_the_only_one() {
    a_number_of_a_wrong_tomorrow(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_number_of_a_wrong_tomorrow_is_the_only_one() {
    let database = tests::postgres::database();
    a_number_of_a_wrong_tomorrow(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_who_is_put_back_after_midnight_is_no_alert() {
    midnight_and_put_back(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_who_is_put_back_after_midnight_is_no_alert() {
    let database = tests::postgres::database();
    midnight_and_put_back(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_a_clock_put_back_by_an_hour_changes_no_order() {
    a_clock_put_back_by_an_hour(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_clock_put_back_by_an_hour_changes_no_order() {
    let database = tests::postgres::database();
    a_clock_put_back_by_an_hour(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_a_clock_a_day_ahead_gives_no_number_twice() {
    a_clock_a_day_ahead_for_a_moment(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_clock_a_day_ahead_gives_no_number_twice() {
    let database = tests::postgres::database();
    a_clock_a_day_ahead_for_a_moment(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_midnight_comes_during_a_call() {
    midnight_during_a_call(TestApp::sqlite().await, "weekly").await;
}

#[tokio::test]
async fn on_postgres_midnight_comes_during_a_call() {
    let database = tests::postgres::database();
    midnight_during_a_call(TestApp::postgres(&database.url).await, "weekly").await;
}

#[tokio::test]
async fn on_sqlite_midnight_comes_during_a_call_round_the_clock() {
    midnight_during_a_call(TestApp::sqlite().await, "round_the_clock").await;
}

#[tokio::test]
async fn on_postgres_midnight_comes_during_a_call_round_the_clock() {
    let database = tests::postgres::database();
    midnight_during_a_call(TestApp::postgres(&database.url).await, "round_the_clock").await;
}
