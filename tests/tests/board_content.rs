//! What a hall writes on its boards: notices until their day is over, and the message of an emergency, on a display that
//! was there and on one that comes later.

use axum::http::{Method, StatusCode};
use protocol::device::ToDevice;
use protocol::feed::{BoardFold, BoardState};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};
use tests::device_line::DeviceLine;

const SITE: &str = "demo-center";
const DAY_MS: i64 = 24 * 3_600_000;

async fn put(app: &TestApp, who: &Actor, what: &str, body: Value) -> Answer {
    app.send(who, Method::PUT, &format!("/api/v1/sites/{SITE}/{what}"), None, Some(body)).await
}

/// Follows the board until its state is as wanted.
async fn until(line: &mut DeviceLine, fold: &mut BoardFold, wanted: impl Fn(&BoardState) -> bool) {
    while !fold.state.as_ref().is_some_and(&wanted) {
        let frame = line
            .next_where(|frame| match frame {
                ToDevice::Board(frame) => Some(frame),
                _ => None,
            })
            .await;
        fold.apply(frame);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_on_every_board_at_once_and_go_when_their_day_is_over() {
    let app = TestApp::sqlite().await;
    let supervisor = app.sign_in("supervisor").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let mut fold = BoardFold::default();
    until(&mut line, &mut fold, |board| board.notices.is_empty()).await;

    let today =
        chrono::DateTime::from_timestamp_millis(tests::app::START_MS + 8 * 3_600_000).expect("a date").format("%Y-%m-%d").to_string();
    let body = json!({ "version": 0, "notices": [{ "text": "今天下午三点停电一小时", "until": today }, { "text": "周六上午照常上班" }] });
    let written = put(&app, &supervisor, "board", body.clone()).await;
    assert_eq!((written.status, &written.body["version"]), (StatusCode::OK, &json!(1)), "{}", written.body);
    until(&mut line, &mut fold, |board| board.notices == ["今天下午三点停电一小时", "周六上午照常上班"]).await;
    let late = put(&app, &supervisor, "board", body).await;
    assert_eq!((late.status, &late.body["code"]), (StatusCode::CONFLICT, &json!("board_changed")), "seen before somebody else wrote");

    app.clock.advance(DAY_MS);
    until(&mut line, &mut fold, |board| board.notices == ["周六上午照常上班"]).await;
    // A screen that comes now gets the same.
    let (mut later, _) = DeviceLine::open(server, "demo-display").await;
    let mut second = BoardFold::default();
    until(&mut later, &mut second, |board| board.notices.len() == 1).await;
    assert_eq!(second.state, fold.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_on_the_board_until_it_is_ended_also_over_a_restart() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let mut fold = BoardFold::default();
    assert_eq!(put(&app, &it, "emergency", json!({ "text": "请马上从安全出口离开" })).await.status, StatusCode::OK);
    until(&mut line, &mut fold, |board| board.emergency.as_deref() == Some("请马上从安全出口离开")).await;

    let again = app.again().await;
    let (mut after, _) = DeviceLine::open(again.serve().await, "demo-display").await;
    let mut restarted = BoardFold::default();
    until(&mut after, &mut restarted, |board| board.emergency.is_some()).await;

    let it = again.sign_in("it").await;
    let ended = put(&again, &it, "emergency", json!({ "text": null })).await;
    assert_eq!((ended.status, &ended.body["emergency"]), (StatusCode::OK, &Value::Null));
    until(&mut after, &mut restarted, |board| board.emergency.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_from_the_door_is_refused_with_every_field() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    let notices = json!([{ "text": "" }, { "text": "好" }, { "text": "长".repeat(81) }, { "text": "\u{202e}反" }]);
    let refused = put(&app, &supervisor, "board", json!({ "notices": notices })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&str> = refused.body["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, ["notices.0.text", "notices.2.text", "notices.3.text"]);
    for wrong in [json!({ "text": "长".repeat(61) }), json!({ "text": " " }), json!({ "message": "好" })] {
        assert_eq!(put(&app, &supervisor, "emergency", wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(put(&app, &clerk, "emergency", json!({ "text": "好" })).await.status, StatusCode::FORBIDDEN);
    let read = app.get(&clerk, &format!("/api/v1/sites/{SITE}/board")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &json!({ "version": 0, "notices": [], "emergency": null })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_numbers_of_a_line_are_on_the_board_and_a_later_screen_has_the_same() {
    let app = TestApp::sqlite().await;
    let clerk = app.sign_in("clerk1").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let mut fold = BoardFold::default();
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
    let next = |board: &BoardState| board.waiting.iter().find(|one| one.line_id == "l_dc_demo-line").map(|one| one.next.clone());
    let issue = async |priority: &str| {
        let body = json!({ "line_id": "l_dc_demo-line", "priority": priority });
        let issued = app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), body).await;
        assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.body);
    };
    for priority in ["ordinary", "ordinary", "ordinary", "green"] {
        issue(priority).await;
    }
    until(&mut line, &mut fold, |board| next(board).is_some_and(|next| next.len() == 3 && next[0] == "A004")).await;
    let called = app.post(&clerk, "/api/v1/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!(called.body["ticket"]["number"], "A004", "who stood first on the board");
    until(&mut line, &mut fold, |board| next(board).is_some_and(|next| next == ["A001", "A002", "A003"])).await;
    let (mut later, _) = DeviceLine::open(server, "demo-display").await;
    let mut second = BoardFold::default();
    until(&mut later, &mut second, |board| next(board).is_some_and(|next| next.len() == 3)).await;
    assert_eq!(second.state, fold.state);
}
