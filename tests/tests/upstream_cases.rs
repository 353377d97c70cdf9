//! Cases that are entered in the platform above: linked once by their number, then told by themselves.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::demo::upper::Misbehaviour;
use server::gateways::UpperCase;
use tests::app::{Actor, TestApp};

use crate::stage::{SITE, Stage};

const MINUTE_MS: i64 = 60_000;
const NUMBER: &str = "SJ2026-0001";

pub async fn served_ticket(stage: &Stage) -> Value {
    let windows = stage.read("clerk1", &format!("/sites/{SITE}/windows")).await["items"].clone();
    let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!("l_dc_demo-line")));
    let window = windows.as_array().expect("windows").iter().find(serves).expect("a window")["id"].as_str().expect("an id").to_owned();
    if windows.as_array().expect("windows").iter().all(|one| one["state"] == "closed") {
        stage.ok("clerk1", &format!("/windows/{window}/open"), json!({})).await;
    }
    let ticket = stage.ok("clerk1", &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    stage.ok("clerk1", &format!("/windows/{window}/call-next"), json!({})).await;
    stage.ok("clerk1", &format!("/tickets/{}/start", ticket["id"].as_str().expect("an id")), json!({})).await;
    ticket
}

async fn the_district_says_what_is_entered_above(stage: &Stage) -> String {
    let matter = "m_dc_demo-promised";
    let view = stage.read("clerk1", &format!("/matters/{matter}")).await;
    assert_eq!((&view["handled_in"], &view["upstream_link"]), (&json!("local"), &Value::Null));
    let put = |actor: &'static str, site: &'static str, body: Value| async move {
        let who = stage.actor(actor).await;
        stage.app.send(&who, Method::PUT, &format!("/api/v1/sites/{site}/upstream/matters"), None, Some(body)).await
    };
    let wrong = put("admin", "demo-district", json!({ "items": [{ "code": view["code"], "link": "javascript:alert(1)" }] })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("items[0].link")));
    let list = json!({ "version": 0, "items": [{ "code": view["code"], "link": "https://zwfw.example.cn/enter?item={code}" }] });
    let elsewhere = put("admin", SITE, list.clone()).await;
    assert_eq!((elsewhere.status, &elsewhere.body["code"]), (StatusCode::CONFLICT, &json!("not_the_district")));
    let done = put("admin", "demo-district", list.clone()).await;
    assert_eq!((done.status, &done.body["version"]), (StatusCode::OK, &json!(1)), "{}", done.body);
    let late = put("admin", "demo-district", list).await;
    assert_eq!((late.status, &late.body["code"]), (StatusCode::CONFLICT, &json!("list_changed")));
    let told = stage.read("clerk1", &format!("/matters/{matter}")).await;
    let link = format!("https://zwfw.example.cn/enter?item={}", view["code"].as_str().expect("a code"));
    assert_eq!((&told["handled_in"], &told["upstream_link"]), (&json!("upstream"), &json!(link)));
    matter.to_owned()
}

async fn a_number_is_linked_once(stage: &Stage, matter: &str) -> Value {
    let ticket = served_ticket(stage).await;
    let id = ticket["id"].as_str().expect("an id");
    let path = format!("/api/v1/tickets/{id}/upstream-cases");
    let clerk = stage.actor("clerk1").await;
    let post = |body: Value| stage.app.post(&clerk, &path, body);
    let wrong = post(json!({ "number": "号", "matter_id": "m_dc_nothing" })).await;
    let fields: Vec<&Value> = wrong.body["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!((wrong.status, fields), (StatusCode::UNPROCESSABLE_ENTITY, vec![&json!("number"), &json!("matter_id")]));
    let here = post(json!({ "number": NUMBER, "matter_id": "m_dc_demo-instant" })).await;
    assert_eq!(here.body["errors"][0]["code"], "handled_here", "{}", here.body);
    let linked = post(json!({ "number": format!(" {NUMBER}\n"), "matter_id": matter })).await;
    assert_eq!(
        (linked.status, &linked.body["number"], &linked.body["found"]),
        (StatusCode::CREATED, &json!(NUMBER), &Value::Null),
        "{}",
        linked.body
    );
    for body in [json!({ "number": NUMBER, "matter_id": matter }), json!({ "number": NUMBER })] {
        let twice = post(body).await;
        assert_eq!((twice.status, &twice.body["code"]), (StatusCode::CONFLICT, &json!("already_linked")));
    }
    let approver = stage.actor("approver1").await;
    assert_eq!(stage.app.post(&approver, &path, json!({ "number": "SJ2026-0002" })).await.status, StatusCode::FORBIDDEN);
    ticket
}

async fn state_and_result_come_back(stage: &Stage, ticket: &Value) {
    let id = ticket["id"].as_str().expect("an id");
    let now = || async { stage.read("clerk1", &format!("/tickets/{id}/upstream-cases")).await["items"][0].clone() };
    // The platform does not know the number yet, then does not answer, then tells.
    let other = "QT2026-0001";
    stage.pass(1_000);
    stage.ok("clerk1", &format!("/tickets/{id}/upstream-cases"), json!({ "number": other })).await;
    stage.upper.misbehave(&[Misbehaviour::Unavailable, Misbehaviour::Unavailable]);
    assert_eq!(stage.outbox.run_due("pull").await, 2);
    assert_eq!(now().await["reported_state"], Value::Null, "not answered");
    assert_eq!(stage.outbox.run_due("pull").await, 0, "not at once again");
    stage.pass(10 * MINUTE_MS);
    assert_eq!(stage.outbox.run_due("pull").await, 2);
    let all = stage.read("clerk1", &format!("/tickets/{id}/upstream-cases")).await["items"].clone();
    assert_eq!((&all[0]["reported_state"], &all[0]["found"], &all[0]["ended"]), (&json!(1), &json!(true), &json!(false)), "{all}");
    assert_eq!((&all[1]["number"], &all[1]["found"]), (&json!(other), &json!(false)), "{all}");
    stage.upper.know(UpperCase { number: NUMBER.to_owned(), state: Some(11), result: Some(11), result_text: Some("已办结".to_owned()) });
    stage.pass(10 * MINUTE_MS);
    stage.outbox.run_due("pull").await;
    let done = now().await;
    assert_eq!(
        (&done["reported_state_label"], &done["result"], &done["ended"]),
        (&json!("办结（通过）"), &json!(11), &json!(true)),
        "{done}"
    );
    stage.pass(10 * MINUTE_MS);
    assert_eq!(stage.outbox.run_due("pull").await, 1, "only the one that goes on is asked about");
    let code = ticket["tracking_code"].as_str().expect("a code");
    let timeline = stage.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await.body["timeline"].clone();
    let titles: Vec<&str> = timeline.as_array().expect("lines").iter().filter_map(|line| line["title"].as_str()).collect();
    for title in ["在上级平台办理", "上级平台：已接件", "上级平台：办结（通过）"] {
        assert!(titles.contains(&title), "{title} in {titles:?}");
    }
}

async fn upstream_cases(app: TestApp) {
    let stage = Stage::on(app).await;
    let matter = the_district_says_what_is_entered_above(&stage).await;
    let ticket = a_number_is_linked_once(&stage, &matter).await;
    state_and_result_come_back(&stage, &ticket).await;
}

#[tokio::test]
async fn in_memory_cases_above_are_linked() {
    upstream_cases(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_cases_above_are_linked() {
    upstream_cases(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_cases_above_are_linked() {
    let database = tests::postgres::database();
    upstream_cases(TestApp::postgres(&database.url).await).await;
}
