//! What a kiosk's session tells beside numbers: how far a visit is, a rating once, when the hall is open, words to touch.

use axum::http::StatusCode;
use protocol::device::{DeviceCommand, FromDevice, Question, ToDevice};
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};
use tests::device_line::DeviceLine;

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";

async fn ok(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Value {
    let answer = app.post(actor, &format!("/api/v1{path}"), body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.body
}

/// A visit that is over: its ticket.
async fn visit(app: &TestApp) -> Value {
    let (clerk, guide) = (app.sign_in("clerk1").await, app.sign_in("guide1").await);
    ok(app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    let ticket = ok(app, &guide, &format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
    ok(app, &clerk, "/windows/w_dc_1/call-next", json!({})).await;
    let id = ticket["id"].as_str().expect("an id");
    ok(app, &clerk, &format!("/tickets/{id}/start"), json!({})).await;
    ok(app, &clerk, &format!("/tickets/{id}/finish"), json!({ "outcome": "accepted" })).await;
    ticket
}

fn track(tracking_code: Option<&Value>, short_code: Option<&Value>, case: Option<(&Value, &Value)>) -> Question {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Question::Track {
        tracking_code: tracking_code.map(text),
        short_code: short_code.map(text),
        number: case.map(|(number, _)| text(number)),
        query_code: case.map(|(_, code)| text(code)),
    }
}

async fn told(kiosk: &mut DeviceLine, id: u64, question: Question) -> (u16, Value) {
    kiosk.say(&FromDevice::Ask { id, question }).await;
    kiosk
        .next_where(|frame| match frame {
            ToDevice::Told { id: answered, status, body } if answered == id => Some((status, body)),
            _ => None,
        })
        .await
}

async fn rated(device: &mut DeviceLine, key: &str, code: &Value, level: &str, reasons: &[&str]) -> (u16, Value, bool) {
    let command = DeviceCommand::Rate {
        tracking_code: code.as_str().expect("a code").to_owned(),
        subject: "visit".to_owned(),
        case_id: None,
        level: level.to_owned(),
        reason_codes: reasons.iter().map(|code| (*code).to_owned()).collect(),
    };
    device.say(&FromDevice::Command { key: key.to_owned(), command }).await;
    device
        .next_where(|frame| if let ToDevice::Reply { status, body, replayed, .. } = frame { Some((status, body, replayed)) } else { None })
        .await
}

#[tokio::test]
async fn a_visit_is_followed_and_rated_once_at_the_kiosk() {
    let app = TestApp::memory().await;
    let server = app.serve().await;
    let (mut kiosk, _) = DeviceLine::open(server, "demo-kiosk").await;
    let ticket = visit(&app).await;
    let (code, short) = (&ticket["tracking_code"], &ticket["short_code"]);
    let (status, by_code) = told(&mut kiosk, 1, track(Some(code), None, None)).await;
    let (_, by_short) = told(&mut kiosk, 2, track(None, Some(short), None)).await;
    assert_eq!((status, &by_code), (200, &by_short));
    assert_eq!(by_code["evaluations"], json!([{ "subject": "visit", "case_id": null, "done": false, "can_follow_up": false }]));
    assert!(by_code["timeline"].as_array().is_some_and(|entries| entries.len() >= 3), "{by_code}");

    let (status, refused, _) = rated(&mut kiosk, "k1", code, "satisfied", &["510"]).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("reason_of_other_level")));
    for (replayed, key) in [(false, "k2"), (true, "k2")] {
        let (status, body, again) = rated(&mut kiosk, key, code, "satisfied", &["406", "413"]).await;
        assert_eq!((status, &body["round"], again), (201, &json!(1), replayed), "{body}");
        assert!(body.get("level").is_none(), "the level is not told again");
    }
    let rows = app.app.stores.evaluations.evaluations_by_tracking(code.as_str().expect("a code")).await.expect("rows");
    assert_eq!(rows.iter().map(|row| (row.channel.as_str(), row.level)).collect::<Vec<_>>(), [("kiosk", 4)]);
    let (_, after) = told(&mut kiosk, 3, track(Some(code), None, None)).await;
    assert_eq!(after["evaluations"][0], json!({ "subject": "visit", "case_id": null, "done": true, "can_follow_up": true }));

    let (mut display, _) = DeviceLine::open(server, "demo-display").await;
    assert_eq!(rated(&mut display, "d1", code, "satisfied", &[]).await.0, 403, "a display rates nothing");
    assert_eq!(told(&mut display, 4, track(Some(code), None, None)).await.0, 403);
}

#[tokio::test]
async fn a_case_is_followed_by_number_and_query_code_with_few_wrong_tries() {
    let hall = crate::case_ways::Hall::open().await;
    let server = hall.app.serve().await;
    let (mut kiosk, _) = DeviceLine::open(server, "demo-kiosk").await;
    let id = hall.received("").await;
    let case = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    let (number, code) = (&case["number"], &case["query_code"]);
    let (status, found) = told(&mut kiosk, 1, track(None, None, Some((number, code)))).await;
    assert_eq!((status, &found["cases"][0]["number"]), (200, number), "{found}");
    assert!(!found.to_string().contains("李华") && !found.to_string().contains("13800138000"), "no person: {found}");
    let (status, empty) = told(&mut kiosk, 2, track(None, None, None)).await;
    assert_eq!((status, empty["errors"].as_array().map(Vec::len)), (422, Some(2)), "both fields at once: {empty}");
    for (id, status) in (3..).zip([404, 404, 404, 404, 404, 429]) {
        assert_eq!(told(&mut kiosk, id, track(None, None, Some((number, &json!("22222222"))))).await.0, status);
    }
    for (id, status) in (10..).zip([404, 404, 404, 404, 404, 429]) {
        assert_eq!(told(&mut kiosk, id, track(None, Some(&json!("GGJ2G4WV")), None)).await.0, status, "short codes, by machine");
    }
}

#[tokio::test]
async fn a_kiosk_and_everybody_hear_when_the_hall_is_open() {
    let app = TestApp::memory().await;
    let (mut kiosk, _) = DeviceLine::open(app.serve().await, "demo-kiosk").await;
    let told = kiosk.next_where(|frame| if let ToDevice::Lines { opening, .. } = frame { opening } else { None }).await;
    let read = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/opening-hours")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &json!(told)));
    assert_eq!(app.get(&Actor::Nobody, "/api/v1/sites/nowhere/opening-hours").await.status, StatusCode::NOT_FOUND);
    // The demo is open by its weekly hours: after them it says when it opens again.
    app.clock.advance(14 * 3_600_000);
    let night = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/opening-hours")).await.body;
    assert_eq!((&night["is_open"], night["opens_at"].is_string()), (&json!(told.today.is_empty()), !told.today.is_empty()), "{night}");
}

#[tokio::test]
async fn pinyin_becomes_words_of_the_catalogue() {
    let app = TestApp::memory().await;
    let words = async |typed: &str| {
        let found = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/matter-words?query={typed}")).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.body);
        found.body["items"].as_array().expect("words").iter().filter_map(|word| word.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(words("yl").await.contains(&"医疗".to_owned()) || words("yl").await.contains(&"养老".to_owned()), "{:?}", words("yl").await);
    assert!(words("").await.is_empty() && words("%20").await.is_empty());
    assert!(words("y").await.len() <= 8);
}
