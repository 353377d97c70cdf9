//! The clocks of a case: each is told with its derivation, watched, told to whom it concerns, taken a level up when nobody
//! answers, and settled when the case goes on; a year of the calendar moves all that run.

use axum::http::{Method, StatusCode};
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

async fn clocks(stage: &Stage, case: &str) -> Vec<Value> {
    stage.read("clerk1", &format!("/cases/{case}/clock")).await["clocks"].as_array().expect("clocks").clone()
}

/// Kinds with the last day and whether it has ended.
fn short(clocks: &[Value]) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().chars().take(10).collect::<String>();
    clocks.iter().map(|clock| (text(&clock["kind"]), text(&clock["due_at"]), clock["ended_at"].is_string())).collect()
}

fn clock(kind: &str, due: &str, has_ended: bool) -> (String, String, bool) {
    (kind.to_owned(), due.to_owned(), has_ended)
}

#[tokio::test]
async fn each_clock_is_told_while_it_runs() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.received(false).await;
    let told = clocks(&stage, &case).await;
    assert_eq!(short(&told), [clock("acceptance", "2026-12-01", false)]);
    assert_eq!((&told[0]["name"], &told[0]["article"]), (&json!("受理"), &json!("行政许可法第三十二条")));
    let why = told[0]["days"][0]["why"].as_str().expect("why the first day does not count");
    assert!(why.contains("收到申请当日不计") && why.contains("民法典第二百零一条"), "{why}");

    stage.ok("clerk1", &format!("/cases/{case}/accept"), json!({})).await;
    assert_eq!(short(&clocks(&stage, &case).await), [clock("decision", "2026-12-08", false)]);
    stage.ok("approver1", &format!("/cases/{case}/claim"), json!({})).await;
    stage.pass(DAY_MS);
    stage.ok("approver1", &format!("/cases/{case}/approve"), json!({ "opinion": "同意" })).await;
    // Ten working days from Wednesday 25 November.
    let told = clocks(&stage, &case).await;
    assert_eq!(short(&told), [clock("decision", "2026-12-08", true), clock("delivery", "2026-12-09", false)]);
    assert_eq!((&told[1]["article"], &told[1]["budget"]), (&json!("行政许可法第四十四条"), &json!(10)));
    let view = stage.read("approver1", &format!("/cases/{case}")).await;
    assert_eq!((short(view["clocks"].as_array().expect("clocks")), &view["clock"]["kind"]), (short(&told), &json!("decision")));

    let made = json!({ "number": "ZS-1", "valid_from": "2026-11-25" });
    let certificate = stage.ok("approver1", &format!("/cases/{case}/certificate"), made).await["id"].as_str().expect("an id").to_owned();
    while stage.outbox.run_due("upload").await > 0 {}
    stage.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": "A11" })).await;
    stage.ok("issuer", &format!("/certificates/{certificate}/hand-over"), crate::scenarios::collector()).await;
    assert!(short(&clocks(&stage, &case).await).iter().all(|(.., has_ended)| *has_ended));
}

/// Kind, level and recipients of what somebody is told about a case.
async fn told(stage: &Stage, username: &str, case: &str) -> Vec<(String, String)> {
    let alerts = stage.read(username, "/alerts?limit=200").await["items"].as_array().expect("alerts").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut told: Vec<_> =
        alerts.iter().filter(|one| one["case_id"] == case).map(|one| (text(&one["kind"]), text(&one["level"]))).collect();
    told.sort();
    told
}

fn deadline(level: &str) -> (String, String) {
    ("deadline".to_owned(), level.to_owned())
}

#[tokio::test]
async fn each_level_is_told_to_more_people_and_what_is_done_is_told_no_more() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.accepted().await;
    stage.ok("approver1", &format!("/cases/{case}/claim"), json!({})).await;
    let days = async |count: i64| {
        for _ in 0..count {
            stage.pass(DAY_MS);
            stage.timers.run_due().await;
        }
    };
    // Promised until 8 December: two working days are left on the 4th.
    days(10).await;
    assert_eq!(told(&stage, "approver1", &case).await, [deadline("notice")]);
    assert_eq!(told(&stage, "auditor", &case).await, [deadline("notice")], "who audits sees all");
    for other in ["supervisor", "leader1", "district"] {
        assert_eq!(told(&stage, other, &case).await, [], "{other}");
    }
    days(5).await;
    for meant in ["approver1", "supervisor", "leader1"] {
        assert!(told(&stage, meant, &case).await.contains(&deadline("yellow")), "{meant}");
    }
    assert_eq!(told(&stage, "district", &case).await, []);
    // The limit by law is 22 December.
    days(18).await;
    for meant in ["approver1", "supervisor", "leader1", "district"] {
        assert!(told(&stage, meant, &case).await.contains(&deadline("red")), "{meant}");
    }
    let escalated = ("escalated".to_owned(), "red".to_owned());
    let to_district = told(&stage, "district", &case).await;
    assert_eq!(to_district.iter().filter(|one| **one == escalated).count(), 1, "once: {to_district:?}");
    stage.ok("approver1", &format!("/cases/{case}/approve"), json!({ "opinion": "同意" })).await;
    stage.timers.run_due().await;
    stage.timers.run_due().await;
    for anybody in ["approver1", "supervisor", "leader1", "district", "auditor"] {
        assert_eq!(told(&stage, anybody, &case).await, [], "{anybody}: it is decided");
    }
}

#[tokio::test]
async fn delivery_and_acceptance_are_watched_too() {
    let stage = Stage::on(TestApp::memory().await).await;
    let received = stage.received(false).await;
    let (made, _) = stage.made().await;
    let kinds = async |case: &str| stage.alerts(SITE, case).await;
    // Five working days end on 1 December: one is left on 30 November.
    for _ in 0..6 {
        stage.pass(DAY_MS);
        stage.timers.run_due().await;
    }
    assert_eq!(kinds(&received).await, [deadline("notice")]);
    stage.ok("clerk1", &format!("/cases/{received}/accept"), json!({})).await;
    stage.timers.run_due().await;
    assert_eq!(kinds(&received).await, [], "accepted in time");
    // Ten working days end on 8 December.
    for _ in 0..10 {
        stage.pass(DAY_MS);
        stage.timers.run_due().await;
    }
    let late = kinds(&made).await;
    assert!(late.contains(&deadline("notice")) && late.contains(&deadline("red")), "it lies in the house: {late:?}");
}

#[tokio::test]
async fn a_site_says_when_a_limit_comes_near_and_how_its_cases_are_numbered() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (district, path) = (stage.actor("district").await, format!("/api/v1/sites/{SITE}/policy"));
    let mut policy = stage.app.get(&district, &path).await.body;
    policy["policy"]["cases"] =
        json!({ "notice_percent": 101, "notice_days": 3, "escalate_days": 2, "number_pattern": "{site_code}{serial:04}" });
    let put = async |body: &Value| stage.app.send(&stage.actor("district").await, Method::PUT, &path, None, Some(body.clone())).await;
    let wrong = put(&policy).await;
    let fields: Vec<&Value> = wrong.body["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, [&json!("policy.cases.notice_percent"), &json!("policy.cases.number_pattern")], "{}", wrong.body);
    policy["policy"]["cases"]["notice_percent"] = json!(0);
    policy["policy"]["cases"]["number_pattern"] = json!("BH-{site_code}-{yyyyMMdd}-{serial:05}");
    let set = put(&policy).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    let case = stage.accepted().await;
    let view = stage.read("clerk1", &format!("/cases/{case}")).await;
    assert_eq!(view["number"], "BH-DC-20261124-00001");
    for _ in 0..9 {
        stage.pass(DAY_MS);
    }
    let near = stage.read("clerk1", &format!("/cases/{case}")).await;
    assert_eq!((&near["clock"]["spent"], &near["clock"]["level"]), (&json!(7), &json!("notice")), "three days are left");
}

#[tokio::test]
async fn a_year_moves_every_clock_that_runs_in_the_commit_that_loads_it() {
    let stage = Stage::on(TestApp::memory().await).await;
    // 23 December: ten working days reach into 2027.
    stage.pass(29 * DAY_MS);
    let (decided, _) = stage.made().await;
    let accepted = stage.accepted().await;
    let off = json!({ "2027-01-01": "元旦" });
    let year = json!({ "source": "国办发明电〔2026〕7号", "off": off, "make_up": {} });
    let admin = stage.actor("admin").await;
    let loaded = stage.app.send(&admin, Method::PUT, "/api/v1/calendar/2027", None, Some(year)).await;
    assert_eq!(loaded.status, StatusCode::OK, "{}", loaded.body);
    let log = stage.app.app.stores.events.events_after("demo-district", 0, 10_000).await.expect("the log");
    let place = log.iter().position(|event| event.kind == "calendar_loaded").expect("it was loaded");
    let body: Value = serde_json::from_str(&log[place + 1].body).expect("a body");
    assert_eq!((log[place + 1].kind.as_str(), &body["site"]), ("deadlines_projected", &json!(SITE)), "one commit with the year");
    let moved = body["cases"].as_array().expect("cases");
    let of = |case: &str| moved.iter().find(|one| one["case"] == case).map(|one| (one["clock"].clone(), one["from"].clone()));
    assert_eq!(of(&decided), Some((json!("delivery"), Value::Null)), "{body}");
    assert_eq!(of(&accepted), Some((json!("decision"), Value::Null)), "{body}");
}
