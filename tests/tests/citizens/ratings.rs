//! Ratings: once and one follow-up, by slip or pad, never by silence; the negative ones, and that nobody
//! sees who rated.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use super::{Hall, MINUTE_MS, SITE, is_public, text};

const OWN_WORDS: &str = "等了很久，窗口说不清要带什么";

fn pad() -> Actor {
    Actor::Device("demo-pad".to_owned())
}

fn rating(code: &Value, level: &str, reasons: &[&str]) -> Value {
    json!({ "tracking_code": code, "subject": "visit", "level": level, "reason_codes": reasons, "channel": "qr" })
}

impl Hall {
    async fn rate(&self, actor: &Actor, key: Option<&str>, body: &Value) -> Answer {
        self.app.send(actor, Method::POST, "/api/v1/evaluations", key, Some(body.clone())).await
    }

    /// A visit that is over.
    async fn visit(&self) -> Value {
        let ticket = self.ticket().await;
        self.serve_next(MINUTE_MS).await;
        ticket
    }
}

fn refusal(answer: &Answer) -> (StatusCode, &str) {
    (answer.status, text(&answer.body, "code"))
}

async fn once_and_one_follow_up(hall: &Hall) {
    let ticket = hall.ticket().await;
    let code = &ticket["tracking_code"];
    let early = hall.rate(&Actor::Nobody, None, &rating(code, "satisfied", &[])).await;
    assert_eq!(refusal(&early), (StatusCode::CONFLICT, "not_yet"));
    hall.serve_next(MINUTE_MS).await;
    hall.pass(10 * MINUTE_MS).await;
    assert_eq!(hall.tracking(code).await["evaluations"][0]["done"], false, "silence is no rating");

    let body = rating(code, "very_satisfied", &["510", "517"]);
    let first = hall.rate(&Actor::Nobody, Some("k1"), &body).await;
    assert_eq!((first.status, &first.body["round"], &first.body["can_follow_up"]), (StatusCode::CREATED, &json!(1), &json!(true)));
    is_public(&first.body);
    let again = hall.rate(&Actor::Nobody, Some("k1"), &body).await;
    assert_eq!((again.status, again.replayed, &again.body), (first.status, true, &first.body));
    let other = hall.rate(&Actor::Nobody, Some("k1"), &rating(code, "satisfied", &[])).await;
    assert_eq!(refusal(&other), (StatusCode::CONFLICT, "idempotency_mismatch"));
    let shown = hall.tracking(code).await;
    is_public(&shown);
    assert_eq!(shown["evaluations"][0], json!({ "subject": "visit", "case_id": null, "done": true, "can_follow_up": true }));
    assert_eq!(shown["timeline"].as_array().and_then(|lines| lines.last()).map(|line| text(line, "title")), Some("您评价了"));

    let follow_up = hall.rate(&Actor::Nobody, None, &rating(code, "satisfied", &[])).await;
    assert_eq!((follow_up.status, &follow_up.body["round"]), (StatusCode::CREATED, &json!(2)));
    let third = hall.rate(&Actor::Nobody, None, &rating(code, "satisfied", &[])).await;
    assert_eq!(refusal(&third), (StatusCode::CONFLICT, "rated_already"));
    let shown = hall.tracking(code).await;
    assert_eq!(shown["evaluations"][0], json!({ "subject": "visit", "case_id": null, "done": true, "can_follow_up": false }));
}

async fn many_at_once_leave_two(hall: &Hall) {
    let ticket = hall.visit().await;
    let body = rating(&ticket["tracking_code"], "satisfied", &[]);
    let answers = futures_util::future::join_all((0..8).map(|_| hall.rate(&Actor::Nobody, None, &body))).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(taken, 2, "one and a follow-up");
    assert!(
        answers.iter().all(|answer| answer.status == StatusCode::CREATED || refusal(answer) == (StatusCode::CONFLICT, "rated_already"))
    );
}

async fn every_wrong_field_is_told(hall: &Hall) {
    let ticket = hall.visit().await;
    let code = &ticket["tracking_code"];
    let mut body = rating(code, "satisfied", &["510", "999"]);
    body["text"] = json!("x".repeat(501));
    body["channel"] = json!("pad");
    let wrong = hall.rate(&Actor::Nobody, None, &body).await;
    let told: Vec<(&str, &str)> =
        wrong.body["errors"].as_array().expect("errors").iter().map(|error| (text(error, "field"), text(error, "code"))).collect();
    for expected in
        [("channel", "unknown"), ("reason_codes[0]", "reason_of_other_level"), ("reason_codes[1]", "unknown_reason"), ("text", "too_long")]
    {
        assert!(told.contains(&expected), "{expected:?} among {told:?}");
    }
    let twice = hall.rate(&Actor::Nobody, None, &rating(code, "satisfied", &["406", "406"])).await;
    assert_eq!(twice.body["errors"][0]["code"], "too_many_reasons");
    for change in [json!({ "level": null }), json!({ "level": "fine" }), json!({ "subject": "clerk" }), json!({ "subject": "case" })] {
        let mut body = rating(code, "satisfied", &[]);
        body.as_object_mut().expect("a body").extend(change.as_object().expect("a change").clone());
        assert_eq!(hall.rate(&Actor::Nobody, None, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
    }
    let mut body = rating(code, "satisfied", &[]);
    body.as_object_mut().expect("a body").remove("level");
    let silent = hall.rate(&Actor::Nobody, None, &body).await;
    assert_eq!((silent.status, &silent.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("level")));
    let unknown = hall.rate(&Actor::Nobody, None, &rating(&json!("0000000000000000"), "satisfied", &[])).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(hall.tracking(code).await["evaluations"][0]["done"], false);
}

async fn a_pad_rates_what_its_window_served(hall: &Hall) {
    let ticket = hall.visit().await;
    let mut body = rating(&ticket["tracking_code"], "satisfied", &["413"]);
    body["channel"] = json!("pad");
    assert_eq!(hall.rate(&pad(), None, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "a device gives a key");
    let given = hall.rate(&pad(), Some("p1"), &body).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
    assert!(hall.rate(&pad(), Some("p1"), &body).await.replayed);
    for device in ["demo-display", "demo-printer"] {
        let answer = hall.rate(&Actor::Device(device.to_owned()), Some("d1"), &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{device}");
    }
    let stranger = hall.rate(&Actor::Device("stolen".to_owned()), Some("s1"), &body).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);

    // Served at another window than the pad's.
    let clerk = hall.app.sign_in("clerk2").await;
    let windows = hall.read(&clerk, &format!("/sites/{SITE}/windows")).await;
    let other = windows["items"].as_array().and_then(|all| {
        all.iter().find(|one| one["state"] == "closed" && one["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(hall.line))))
    });
    let other = text(other.expect("another window"), "id").to_owned();
    hall.ok(&clerk, &format!("/windows/{other}/open"), json!({})).await;
    let ticket = hall.ticket().await;
    hall.ok(&clerk, &format!("/windows/{other}/call-next"), json!({})).await;
    let id = text(&ticket, "id");
    hall.ok(&clerk, &format!("/tickets/{id}/start"), json!({})).await;
    hall.ok(&clerk, &format!("/tickets/{id}/finish"), json!({ "outcome": "accepted" })).await;
    hall.ok(&clerk, &format!("/windows/{other}/close"), json!({})).await;
    body["tracking_code"] = ticket["tracking_code"].clone();
    assert_eq!(refusal(&hall.rate(&pad(), Some("p2"), &body).await), (StatusCode::FORBIDDEN, "forbidden"));
}

async fn a_case_is_rated_once_it_has_a_result(hall: &Hall) {
    let case = hall.case("demo-instant", None).await;
    let id = text(&case, "id");
    let body = json!({ "tracking_code": case["tracking_code"], "subject": "case", "case_id": id, "level": "basically_satisfied", "reason_codes": ["309"], "channel": "web" });
    assert_eq!(refusal(&hall.rate(&Actor::Nobody, None, &body).await), (StatusCode::CONFLICT, "not_yet"));
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    hall.ok(&hall.clerk, &format!("/cases/{id}/approve"), json!({ "opinion": "" })).await;
    let given = hall.rate(&Actor::Nobody, None, &body).await;
    assert_eq!((given.status, &given.body["case_id"]), (StatusCode::CREATED, &json!(id)));
    let mut visit = body.clone();
    visit["subject"] = json!("visit");
    visit.as_object_mut().expect("a body").remove("case_id");
    assert_eq!(hall.rate(&Actor::Nobody, None, &visit).await.body["errors"][0]["code"], "no_visit");
    let mut foreign = body;
    foreign["case_id"] = json!("c_dc_other");
    assert_eq!(hall.rate(&Actor::Nobody, None, &foreign).await.body["errors"][0]["field"], "case_id");
}

async fn a_negative_rating_is_followed_up_and_names_nobody(hall: &Hall) {
    let ticket = hall.visit().await;
    let mut body = rating(&ticket["tracking_code"], "very_dissatisfied", &["108", "115"]);
    body["text"] = json!(OWN_WORDS);
    assert_eq!(hall.rate(&Actor::Nobody, None, &body).await.status, StatusCode::CREATED);
    let list = hall.read(&hall.supervisor, "/evaluations/negative?limit=1").await;
    let negative = &list["items"][0];
    assert_eq!(
        (&negative["level"], &negative["text"], &negative["state"]),
        (&json!("very_dissatisfied"), &json!(OWN_WORDS), &json!("opened"))
    );
    assert_eq!(negative["reasons"][0], json!({ "code": "108", "text": "在办事指南之外增加新的审批条件", "checkable": true }));
    assert!(negative["window_number"].is_u64() && negative["staff_name"].is_string());
    let told = list.to_string();
    for secret in [text(&ticket, "id"), text(&ticket, "tracking_code"), text(&ticket, "short_code"), text(&ticket, "number"), super::NAME] {
        assert!(!told.contains(secret), "{secret} says who rated");
    }
    let alerts = hall.read(&hall.supervisor, "/alerts").await;
    let alert = alerts["items"].as_array().and_then(|all| all.iter().find(|one| one["kind"] == "negative_evaluation")).expect("an alert");
    assert_eq!((&alert["object_id"], &alert["level"]), (&negative["id"], &json!("yellow")));
    let unseen = hall.read(&hall.approver, "/alerts").await;
    assert!(!unseen.to_string().contains("negative_evaluation"), "the judged may be among approvers");
    for (actor, status) in [
        (&hall.clerk, StatusCode::FORBIDDEN),
        (&hall.approver, StatusCode::FORBIDDEN),
        (&Actor::Nobody, StatusCode::UNAUTHORIZED),
        (&pad(), StatusCode::FORBIDDEN),
    ] {
        hall.not_read(actor, "/evaluations/negative", status).await;
    }
    for (actor, status) in
        [(&hall.clerk, StatusCode::FORBIDDEN), (&Actor::Nobody, StatusCode::UNAUTHORIZED), (&pad(), StatusCode::FORBIDDEN)]
    {
        hall.not_read(actor, "/alerts", status).await;
    }
    let district = hall.app.sign_in("district").await;
    assert!(hall.read(&district, "/evaluations/negative").await["items"].as_array().is_some_and(|all| !all.is_empty()));
    // Somebody of another branch of the tree sees nothing of it; the log holds ids only.
    let log = hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("the log");
    let recorded: Vec<_> = log.iter().filter(|event| event.kind == "evaluation_recorded").collect();
    assert!(recorded.iter().any(|event| event.actor == "citizen") && recorded.iter().any(|event| event.actor.starts_with("dev_dc_")));
    assert!(recorded.iter().all(|event| !event.body.contains(OWN_WORDS) && !event.body.contains(text(&ticket, "tracking_code"))));
}

async fn auditors_read_the_log(hall: &Hall) {
    let auditor = hall.app.sign_in("auditor").await;
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = hall.read(&auditor, &format!("/events?site={SITE}&after={after}&limit=50")).await;
        seen.extend(page["items"].as_array().expect("items").clone());
        match page["next_cursor"].as_str() {
            Some(next) => after = next.parse().expect("a position"),
            None => break,
        }
    }
    let head = hall.app.app.stores.events.head(SITE).await.expect("a head").expect("a log");
    let positions: Vec<i64> = seen.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(positions, (1..=head.seq).collect::<Vec<_>>());
    assert_eq!(seen.last().map(|event| text(event, "hash").len()), Some(64));
    assert!(seen.iter().any(|event| event["type"] == "ticket_finished" && event["body"]["ticket_id"].is_string()));
    for (actor, path, status) in [
        (&Actor::Nobody, format!("/events?site={SITE}"), StatusCode::UNAUTHORIZED),
        (&hall.supervisor, format!("/events?site={SITE}"), StatusCode::FORBIDDEN),
        (&auditor, "/events?site=demo-station-9".to_owned(), StatusCode::NOT_FOUND),
        (&auditor, "/events?site=demo-district".to_owned(), StatusCode::NOT_FOUND),
        (&auditor, format!("/events?site={SITE}&after=x"), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        hall.not_read(actor, &path, status).await;
    }
}

async fn all(app: TestApp) {
    let hall = Hall::on(app).await;
    once_and_one_follow_up(&hall).await;
    many_at_once_leave_two(&hall).await;
    every_wrong_field_is_told(&hall).await;
    a_pad_rates_what_its_window_served(&hall).await;
    a_case_is_rated_once_it_has_a_result(&hall).await;
    a_negative_rating_is_followed_up_and_names_nobody(&hall).await;
    auditors_read_the_log(&hall).await;
}

#[tokio::test]
async fn ratings_in_memory() {
    all(TestApp::memory().await).await;
}

#[tokio::test]
async fn ratings_on_sqlite() {
    all(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn ratings_on_postgres() {
    let database = tests::postgres::database();
    all(TestApp::postgres(&database.url).await).await;
}
