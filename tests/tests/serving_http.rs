//! Serving over HTTP: several things in a visit, help, reminders that survive a restart, a stuck window
//! and its supervisor, and the words of people that no event holds.

use axum::http::StatusCode;
use domain::time::{local_date, start_of};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const MINUTE_MS: i64 = 60_000;
/// Another line of the window.
const OTHER_LINE: &str = "l_dc_build";
/// What the log must not hold.
const WRITTEN: &str = "王小明去取户口本";

struct Hall {
    app: TestApp,
    clerk: Actor,
    chief: Actor,
    line: String,
    window: String,
}

impl Hall {
    async fn on(app: TestApp) -> Self {
        let (clerk, chief) = (app.sign_in("clerk1").await, app.sign_in("supervisor").await);
        let lines = app.get(&clerk, &format!("/api/v1/sites/{SITE}/lines")).await;
        let ids = lines.body["items"].as_array().expect("lines").iter().filter_map(|line| line["id"].as_str());
        let line = ids.into_iter().find(|id| id.ends_with("demo-line")).expect("demo-line").to_owned();
        let windows = app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await;
        let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
        let window = windows.body["items"].as_array().expect("windows").iter().find(serves).expect("a window")["id"].as_str();
        let window = window.expect("an id").to_owned();
        let hall = Self { app, clerk, chief, line, window };
        hall.ok(&hall.clerk, &format!("windows/{}/open", hall.window), json!({})).await;
        hall
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.post(actor, &format!("/api/v1/{path}"), body).await
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.post(actor, path, body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn refused(&self, actor: &Actor, path: &str, body: Value) -> (u16, String) {
        let answer = self.post(actor, path, body).await;
        (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn issue(&self, body: Value) -> String {
        let guide = self.app.sign_in("guide1").await;
        let ticket = self.ok(&guide, &format!("sites/{SITE}/tickets"), body).await;
        ticket["id"].as_str().expect("an id").to_owned()
    }

    /// A ticket that is called and served at the window.
    async fn serving(&self) -> String {
        let ticket = self.issue(json!({ "line_id": self.line })).await;
        self.ok(&self.clerk, &format!("windows/{}/call-next", self.window), json!({})).await;
        self.ok(&self.clerk, &format!("tickets/{ticket}/start"), json!({})).await;
        ticket
    }

    async fn log(&self) -> Vec<(String, String)> {
        let events = self.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("the log");
        events.into_iter().map(|event| (event.kind, event.body)).collect()
    }
}

async fn several_things_in_one_visit(app: TestApp) {
    let hall = Hall::on(app).await;
    let ticket = hall.serving().await;
    let at = |action: &str| format!("tickets/{ticket}/{action}");
    let clerk = &hall.clerk;
    let matter = "m_dc_demo-instant";
    for (body, field) in [
        (json!({}), "matter_id"),
        (json!({ "matter_id": matter, "line_id": hall.line }), "matter_id"),
        (json!({ "matter_id": "m_dc_nothing" }), "matter_id"),
        (json!({ "line_id": "x" }), "line_id"),
    ] {
        let answer = hall.post(clerk, &at("add-item"), body).await;
        assert_eq!((answer.status.as_u16(), answer.body["errors"][0]["field"].as_str()), (422, Some(field)));
    }
    let two = hall.ok(clerk, &at("add-item"), json!({ "matter_id": matter })).await;
    assert_eq!(two["items"].as_array().map(Vec::len), Some(2), "{two}");
    assert_eq!(two["items"][1]["matter_id"], matter);
    assert_eq!(hall.refused(clerk, &at("add-item"), json!({ "matter_id": matter })).await, (409, "item_there".to_owned()));
    assert_eq!(hall.refused(clerk, &at("finish"), json!({ "outcome": "accepted" })).await, (409, "outcomes_missing".to_owned()));
    let wrong = hall.post(clerk, &at("finish"), json!({ "outcomes": [{ "item": 0, "outcome": "refused" }] })).await;
    assert_eq!((wrong.status.as_u16(), wrong.body["errors"][0]["field"].as_str()), (422, Some("outcomes[0].outcome")));
    let twice = json!({ "outcomes": [{ "item": 0, "outcome": "other" }, { "item": 0, "outcome": "accepted" }] });
    let both = json!({ "outcome": "other", "outcomes": [] });
    for (body, field) in [(twice, "outcomes[1].item"), (both, "outcome")] {
        let answer = hall.post(clerk, &at("finish"), body).await;
        assert_eq!((answer.status.as_u16(), answer.body["errors"][0]["field"].as_str()), (422, Some(field)));
    }
    assert_eq!(hall.refused(clerk, &at("settle-item"), json!({ "item": 7, "outcome": "other" })).await, (409, "unknown_item".to_owned()));
    hall.ok(clerk, &at("settle-item"), json!({ "item": 0, "outcome": "consulted" })).await;
    let done = hall.ok(clerk, &at("finish"), json!({ "outcomes": [{ "item": 1, "outcome": "accepted" }] })).await;
    assert_eq!((done["state"].as_str(), done["outcome"].as_str()), (Some("done"), Some("accepted")));
    let outcomes: Vec<_> = done["items"].as_array().expect("items").iter().filter_map(|item| item["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["consulted", "accepted"]);
    let figures = hall.app.get(&hall.chief, &format!("/api/v1/sites/{SITE}/figures?from=2026-11-24&to=2026-11-24")).await;
    assert_eq!(figures.status, StatusCode::OK, "{}", figures.body);
    assert_eq!(figures.body["tickets_done"], 1, "one visit: {}", figures.body);
}

async fn help_is_asked_for_answered_and_settled(app: TestApp) {
    let hall = Hall::on(app).await;
    let (clerk, chief) = (&hall.clerk, &hall.chief);
    let at = |action: &str| format!("windows/{}/{action}", hall.window);
    assert_eq!(hall.refused(chief, &at("acknowledge-help"), json!({})).await, (409, "no_help_open".to_owned()));
    let asked = hall.ok(clerk, &at("help"), json!({ "reason": "政策拿不准" })).await;
    assert_eq!((asked["help"]["reason"].as_str(), &asked["help"]["acknowledged_at"]), (Some("政策拿不准"), &Value::Null));
    assert_eq!(hall.refused(clerk, &at("help"), json!({})).await, (409, "help_open".to_owned()));
    assert_eq!(hall.post(clerk, &at("acknowledge-help"), json!({})).await.status, StatusCode::FORBIDDEN);
    let coming = hall.ok(chief, &at("acknowledge-help"), json!({})).await;
    assert!(coming["help"]["acknowledged_by"].is_string(), "{coming}");
    assert_eq!(hall.ok(chief, &at("resolve-help"), json!({})).await["help"], Value::Null);
    assert_eq!(hall.refused(clerk, &at("resolve-help"), json!({})).await, (409, "no_help_open".to_owned()));
    assert_eq!(hall.ok(clerk, &at("help"), json!({ "reason": WRITTEN })).await["help"]["reason"], WRITTEN);
    let log = hall.log().await;
    for kind in ["help_requested", "help_acknowledged", "help_resolved"] {
        assert!(log.iter().any(|(known, _)| known == kind), "{kind} is not in the log");
    }
    assert!(log.iter().any(|(_, body)| body.contains("政策拿不准")), "what is offered may stand in the log");
    assert!(log.iter().all(|(_, body)| !body.contains(WRITTEN)), "what somebody wrote may not");
}

async fn a_reminder_survives_a_restart_and_comes_once(app: TestApp) {
    let hall = Hall::on(app).await;
    let ticket = hall.serving().await;
    let parked = hall.ok(&hall.clerk, &format!("tickets/{ticket}/park"), json!({ "reason": WRITTEN })).await;
    assert_eq!(parked["set_aside"]["reason"], WRITTEN, "told to staff in words");
    assert!(parked["set_aside"]["remind_at"].is_string() && parked["set_aside"]["reminded_at"].is_null(), "{parked}");
    let again = hall.app.again().await;
    again.clock.advance(10 * MINUTE_MS - 1);
    let due = async || again.app.stores.halls.halls_due(again.app.now()).await.expect("sites");
    assert_eq!(due().await, Vec::<String>::new(), "no timer reads this hall yet");
    again.app.tick_halls().await.expect("the timer runs");
    let read = || async {
        let clerk = again.sign_in("clerk1").await;
        again.get(&clerk, &format!("/api/v1/tickets/{ticket}")).await.body["set_aside"]["reminded_at"].clone()
    };
    assert_eq!(read().await, Value::Null, "not yet");
    again.clock.advance(1);
    assert_eq!(due().await, [SITE]);
    for _ in 0..3 {
        again.app.tick_halls().await.expect("the timer runs");
        again.clock.advance(MINUTE_MS);
    }
    assert!(read().await.is_string());
    let reminders = hall.log().await.iter().filter(|(kind, _)| kind == "ticket_park_reminded").count();
    assert_eq!(reminders, 1, "once");
}

async fn a_supervisor_frees_a_stuck_window(app: TestApp) {
    let hall = Hall::on(app).await;
    let chief = &hall.chief;
    for action in ["recall", "start", "settle-item"] {
        let ticket = hall.serving().await;
        let refused = hall.post(chief, &format!("tickets/{ticket}/{action}"), json!({ "item": 0, "outcome": "other" })).await;
        assert_eq!(refused.body["errors"][0]["field"], "reason", "{action}: {}", refused.body);
        hall.ok(&hall.clerk, &format!("tickets/{ticket}/finish"), json!({ "outcome": "other" })).await;
    }
    for (action, body, state) in
        [("finish", json!({ "outcome": "other" }), "done"), ("park", json!({}), "parked"), ("put-back", json!({}), "waiting")]
    {
        let ticket = hall.serving().await;
        let path = format!("tickets/{ticket}/{action}");
        let without = hall.post(chief, &path, body.clone()).await;
        assert_eq!((without.status.as_u16(), without.body["errors"][0]["field"].as_str()), (422, Some("reason")), "{action}");
        let mut body = body;
        body["reason"] = json!("窗口电脑坏了");
        assert_eq!(hall.ok(chief, &path, body).await["state"], state);
    }
    let close = format!("windows/{}/close", hall.window);
    assert_eq!(hall.post(chief, &close, json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hall.ok(chief, &close, json!({ "reason": "窗口电脑坏了" })).await["state"], "closed");
    let log = hall.log().await;
    assert_eq!(log.iter().filter(|(kind, _)| kind == "supervisor_acted").count(), 4);
    assert!(log.iter().all(|(_, body)| !body.contains("窗口电脑坏了")), "sealed");
    let other = hall.app.sign_in("clerk2").await;
    hall.ok(&other, &format!("windows/{}/open", hall.window), json!({})).await;
    let called = hall.ok(&other, &format!("windows/{}/call-next", hall.window), json!({})).await;
    assert_eq!(called["ticket"]["number"], "A006", "the ticket that was put back");
}

/// Everything that belongs to the person at a window, done by the supervisor from afar: without a reason none of it,
/// with one all of it, each with its record.
async fn a_supervisor_does_what_the_window_cannot(app: TestApp) {
    let hall = Hall::on(app).await;
    let because = |mut body: Value| {
        body["reason"] = json!("窗口电脑坏了");
        body
    };
    let called = async || {
        let ticket = hall.issue(json!({ "line_id": hall.line })).await;
        hall.ok(&hall.clerk, &format!("windows/{}/call-next", hall.window), json!({})).await;
        ticket
    };
    let first = called().await;
    let ways = [
        ("recall", json!({}), "called"),
        ("start", json!({}), "serving"),
        ("add-item", json!({ "line_id": OTHER_LINE }), "serving"),
        ("settle-item", json!({ "item": 0, "outcome": "accepted" }), "serving"),
        ("finish", json!({ "outcomes": [{ "item": 1, "outcome": "other" }] }), "done"),
    ];
    for (action, body, state) in ways {
        let path = format!("tickets/{first}/{action}");
        let without = hall.post(&hall.chief, &path, body.clone()).await;
        assert_eq!((without.status.as_u16(), without.body["errors"][0]["field"].as_str()), (422, Some("reason")), "{action}");
        assert_eq!(hall.ok(&hall.chief, &path, because(body)).await["state"], state, "{action}");
    }
    for (action, state) in [("miss", "missed"), ("abandon", "abandoned")] {
        let ticket = called().await;
        let path = format!("tickets/{ticket}/{action}");
        assert_eq!(hall.refused(&hall.chief, &path, json!({})).await.0, 422, "{action}");
        assert_eq!(hall.ok(&hall.chief, &path, because(json!({}))).await["state"], state);
    }
    let sent_on = called().await;
    let path = format!("tickets/{sent_on}/transfer");
    let to = json!({ "line_id": OTHER_LINE, "position": "last" });
    assert_eq!(hall.refused(&hall.chief, &path, to.clone()).await.0, 422);
    assert_eq!(hall.ok(&hall.chief, &path, because(to)).await["state"], "waiting");
    let pause = format!("windows/{}/pause", hall.window);
    assert_eq!(hall.refused(&hall.chief, &pause, json!({ "text": "马上回来" })).await.0, 422);
    assert_eq!(hall.ok(&hall.chief, &pause, because(json!({ "text": "马上回来" }))).await["state"], "paused");
    let log = hall.log().await;
    assert!(log.iter().all(|(_, body)| !body.contains("窗口电脑坏了")), "sealed");
    let acted = log.iter().filter(|(kind, _)| kind == "supervisor_acted").count();
    assert_eq!(acted, 9, "each is on record: {:?}", log.iter().map(|(kind, _)| kind).collect::<Vec<_>>());
}

/// Nobody sits there yet: a number is to be had only where the site says that somebody will soon.
async fn a_number_needs_a_window_that_is_open_or_will_be(app: TestApp) {
    let hall = Hall::on(app).await;
    hall.ok(&hall.clerk, &format!("windows/{}/close", hall.window), json!({})).await;
    let guide = hall.app.sign_in("guide1").await;
    let path = format!("sites/{SITE}/tickets");
    let refused = hall.post(&guide, &path, json!({ "line_id": hall.line })).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (StatusCode::CONFLICT, Some("no_window")), "{}", refused.body);
    assert!(refused.body["detail"].as_str().is_some_and(|text| text.contains("导办台")), "people are told where to go: {}", refused.body);
    let (admin, policy_path) = (hall.app.sign_in("admin").await, format!("/api/v1/sites/{SITE}/policy"));
    for (minutes, status) in [(31, StatusCode::CONFLICT), (29, StatusCode::CREATED)] {
        let mut policy = hall.app.get(&admin, &policy_path).await.body;
        let starts_at = hall.app.app.now() + minutes * MINUTE_MS;
        policy["policy"]["roster"] = json!([{ "window_id": hall.window, "starts_at": starts_at, "ends_at": starts_at + 60 * MINUTE_MS }]);
        let put = hall.app.send(&admin, axum::http::Method::PUT, &policy_path, None, Some(policy)).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        assert_eq!(hall.post(&guide, &path, json!({ "line_id": hall.line })).await.status, status, "in {minutes} minutes");
    }
}

async fn who_may_cover_is_the_sites_setting(app: TestApp) {
    let hall = Hall::on(app).await;
    let admin = hall.app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.app.get(&admin, &path).await.body;
    policy["policy"]["serving"]["covers"] = json!([{ "principal": "s_dc_clerk1", "covers": ["s_dc_clerk2"] }]);
    let put = hall.app.send(&admin, axum::http::Method::PUT, &path, Some("covers"), Some(policy)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let take = format!("windows/{}/take-over", hall.window);
    let (cover, other) = (hall.app.sign_in("clerk2").await, hall.app.sign_in("clerk3").await);
    assert_eq!(hall.refused(&other, &take, json!({ "reason": "AB角" })).await, (409, "not_a_cover".to_owned()));
    hall.ok(&cover, &take, json!({ "reason": "AB角" })).await;
    let log = hall.log().await;
    let (_, body) = log.iter().find(|(kind, _)| kind == "window_taken_over").expect("recorded");
    let event: Value = serde_json::from_str(body).expect("an event");
    assert!(event["from"].as_str() != event["staff"].as_str() && event["from"].is_string(), "both are named: {event}");
}

async fn a_clerk_reads_why_in_words(app: TestApp) {
    let hall = Hall::on(app).await;
    let ticket = hall.issue(json!({ "line_id": hall.line })).await;
    hall.ok(&hall.chief, &format!("tickets/{ticket}/top"), json!({ "reason": WRITTEN })).await;
    let next = hall.app.get(&hall.clerk, &format!("/api/v1/windows/{}/next", hall.window)).await.body;
    assert!(next["reason"]["text"].as_str().is_some_and(|text| text.contains(WRITTEN)), "{next}");
    let called = hall.ok(&hall.clerk, &format!("windows/{}/call-next", hall.window), json!({})).await;
    assert!(called["reason"]["text"].as_str().is_some_and(|text| text.contains(WRITTEN)), "{called}");
    assert!(hall.log().await.iter().all(|(_, body)| !body.contains(WRITTEN)));
}

/// The log names what a person wrote by its id; who reads the log reads the words that the desk showed.
async fn the_log_tells_why_in_the_words_of_the_desk(app: TestApp) {
    let hall = Hall::on(app).await;
    let ticket = hall.issue(json!({ "line_id": hall.line })).await;
    let called = json!({ "ticket_id": ticket, "reason": WRITTEN });
    let call = hall.ok(&hall.clerk, &format!("windows/{}/call", hall.window), called).await;
    let sentence = format!("点名叫的：{WRITTEN}。");
    assert_eq!(call["reason"]["text"], sentence.as_str());
    let auditor = hall.app.sign_in("auditor").await;
    for search in ["&type=ticket_called", "&after=0&limit=200"] {
        let read = hall.app.get(&auditor, &format!("/api/v1/events?site={SITE}{search}")).await;
        let events = read.body["items"].as_array().expect("events").clone();
        let call = events.iter().find(|event| event["type"] == "ticket_called").expect("the call");
        assert_eq!(call["sentence"], sentence.as_str(), "{call}");
        assert!(!call["body"].to_string().contains(WRITTEN), "the event itself holds no words");
    }
}

/// Open until 17:30 every day, from midnight on.
async fn set_hours(hall: &Hall, carry_over: &str) {
    let admin = hall.app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.app.get(&admin, &path).await.body;
    let day = json!([{ "from_minute": 0, "to_minute": 1050 }]);
    policy["hours"] = json!({ "kind": "weekly", "week": vec![day; 7], "special_days": [] });
    policy["policy"]["serving"]["carry_over"] = json!(carry_over);
    let put = hall.app.send(&admin, axum::http::Method::PUT, &path, Some("hours"), Some(policy)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
}

async fn the_day_ends_by_the_timer(app: TestApp, carry_over: &str) {
    let hall = Hall::on(app).await;
    set_hours(&hall, carry_over).await;
    let parked = hall.serving().await;
    hall.ok(&hall.clerk, &format!("tickets/{parked}/park"), json!({})).await;
    let waits = hall.issue(json!({ "line_id": hall.line })).await;
    let today = start_of(local_date(hall.app.app.now()));
    hall.app.clock.advance(today + (18 * 60 + 30) * MINUTE_MS - hall.app.app.now());
    hall.app.app.tick_halls().await.expect("the timer runs");
    let clerk = hall.app.sign_in("clerk1").await;
    let read = async |id: &str| hall.app.get(&clerk, &format!("/api/v1/tickets/{id}")).await.body;
    let left = read(&parked).await;
    assert_eq!((left["state"].as_str(), left["expired_cause"].as_str()), (Some("expired"), Some("not_back")), "{left}");
    let windows = hall.app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await.body;
    assert!(windows["items"].as_array().expect("windows").iter().all(|window| window["state"] == "closed"), "{windows}");
    let unserved = read(&waits).await;
    let tracking =
        hall.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{}", unserved["tracking_code"].as_str().expect("a code"))).await.body;
    if carry_over == "off" {
        assert_eq!(unserved["expired_cause"], "unserved_at_close");
        assert!(tracking.to_string().contains("没轮到您"), "{tracking}");
        return;
    }
    assert_eq!((unserved["number"].as_str(), &unserved["carried"]), (Some("续A002"), &json!(true)), "{unserved}");
    assert!(tracking.to_string().contains("号留到"), "{tracking}");
    let next = hall.app.again().await;
    next.clock.advance(15 * 60 * MINUTE_MS);
    let clerk = next.sign_in("clerk1").await;
    let open = next.post(&clerk, &format!("/api/v1/windows/{}/open", hall.window), json!({})).await;
    assert_eq!(open.status, StatusCode::OK, "{}", open.body);
    let guide = next.sign_in("guide1").await;
    let new = next.post(&guide, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": hall.line })).await;
    assert_eq!(new.body["number"], "A001", "the new day's own series");
    let find = json!({ "site_id": SITE, "short_code": unserved["short_code"] });
    let found = next.post(&Actor::Nobody, "/api/v1/tracking/find", find).await;
    assert_eq!(found.status, StatusCode::OK, "the code on the old slip still finds it: {}", found.body);
    let code = found.body["tracking_code"].as_str().expect("a code");
    let text = next.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await.body.to_string();
    assert!(text.contains("听叫号") && !text.contains("今天没轮到"), "it is that day: {text}");
    let called = next.post(&clerk, &format!("/api/v1/windows/{}/call-next", hall.window), json!({})).await;
    assert_eq!(called.body["ticket"]["number"], "续A002", "{}", called.body);
    let rows = next.app.stores.halls.intervals_of(SITE, &waits).await.expect("intervals");
    let waited: Vec<_> = rows.iter().map(|row| (row.state.as_str(), row.next.as_str(), row.start_ms - today, row.end_ms - today)).collect();
    let day_ms = 24 * 60 * MINUTE_MS;
    assert_eq!(waited[0].3, (18 * 60 + 30) * MINUTE_MS);
    assert_eq!(
        waited[1],
        ("waiting", "called", day_ms, day_ms + (9 * 60 + 30) * MINUTE_MS),
        "the hours in which the hall is closed are no wait"
    );
}

#[tokio::test]
async fn on_sqlite_several_things_in_one_visit_each_get_an_outcome() {
    several_things_in_one_visit(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_several_things_in_one_visit_each_get_an_outcome() {
    let database = tests::postgres::database();
    several_things_in_one_visit(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_help_is_asked_for_answered_and_settled() {
    help_is_asked_for_answered_and_settled(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_help_is_asked_for_answered_and_settled() {
    let database = tests::postgres::database();
    help_is_asked_for_answered_and_settled(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_a_reminder_survives_a_restart_and_comes_once() {
    a_reminder_survives_a_restart_and_comes_once(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_reminder_survives_a_restart_and_comes_once() {
    let database = tests::postgres::database();
    a_reminder_survives_a_restart_and_comes_once(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_sqlite_a_supervisor_frees_a_stuck_window() {
    a_supervisor_frees_a_stuck_window(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_a_number_needs_a_window_that_is_open_or_will_be() {
    a_number_needs_a_window_that_is_open_or_will_be(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_a_supervisor_does_what_the_window_cannot() {
    a_supervisor_does_what_the_window_cannot(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_who_may_cover_is_the_sites_setting() {
    who_may_cover_is_the_sites_setting(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_the_log_tells_why_in_the_words_of_the_desk() {
    the_log_tells_why_in_the_words_of_the_desk(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_a_clerk_reads_why_in_words() {
    a_clerk_reads_why_in_words(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_sqlite_the_day_ends_by_the_timer_and_tells_those_who_waited() {
    the_day_ends_by_the_timer(TestApp::sqlite().await, "off").await;
}

#[tokio::test]
async fn on_sqlite_the_day_ends_by_the_timer_and_carries_who_waited_over() {
    the_day_ends_by_the_timer(TestApp::sqlite().await, "next_opening").await;
}

#[tokio::test]
async fn on_postgres_the_day_ends_by_the_timer_and_carries_who_waited_over() {
    let database = tests::postgres::database();
    the_day_ends_by_the_timer(TestApp::postgres(&database.url).await, "next_opening").await;
}
