//! Trainings, and lists of people taken in from a file with a password for one sign-in each.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use super::{SITE, done, fields, post, put, read};

async fn import(app: &TestApp, actor: &Actor, query: &str, key: &str, file: &str) -> Answer {
    let headers = [("content-type", "text/csv"), ("idempotency-key", key)];
    app.send_raw(actor, Method::POST, &format!("/api/v1/sites/{SITE}/staff-imports{query}"), &headers, file.as_bytes().to_vec()).await
}

const LIST: &str =
    "姓名,登录名,岗位,来源,公司,合同从,合同到\n乌日娜,wurina,窗口、帮办,,,,\n苏雅拉,suyala,导办,外包,北方人力,2026-11-01,2027-10-31\n";

#[tokio::test]
async fn a_list_becomes_accounts_with_passwords_told_once() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let tried = import(&app, &admin, "?dry_run=true", "a", LIST).await;
    assert_eq!((tried.status, &tried.body["takes"]), (StatusCode::OK, &json!(true)), "{}", tried.body);
    assert_eq!(
        (&tried.body["accounts"][0]["roles"], &tried.body["accounts"][0]["one_time_password"]),
        (&json!(["clerk", "helper"]), &Value::Null)
    );
    let made = import(&app, &admin, "", "b", LIST).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let password = made.body["accounts"][1]["one_time_password"].as_str().expect("a password").to_owned();
    let again = import(&app, &admin, "", "b", LIST).await;
    assert_eq!((again.status, again.replayed), (StatusCode::CREATED, true));
    let signed = app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "suyala", "password": password })).await;
    assert_eq!((signed.status, &signed.body["staff"]["must_change_password"]), (StatusCode::CREATED, &json!(true)));
    let people = read(&app, &admin, &format!("/sites/{SITE}/people?source=outsourced")).await;
    assert_eq!((&people["items"][0]["name"], &people["items"][0]["contract"]["vendor"]), (&json!("苏雅拉"), &json!("北方人力")));
    let twice = import(&app, &admin, "", "c", LIST).await;
    assert_eq!(fields(&twice), ["line[2].登录名", "line[3].登录名"], "all or none");
}

#[tokio::test]
async fn every_fault_of_a_list_is_told_at_its_line_and_column() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let bad = "姓名,登录名,岗位,来源,公司,合同从,合同到,工号\n甲,jia,国王,外包,,,,1\n,yi 2,窗口,火星,,,,2\n丙,jia,导办,外包,北方人力,2026-13-01,2026-12-31,3\n";
    let tried = import(&app, &admin, "?dry_run=true", "a", bad).await;
    let at =
        |fault: &Value| format!("{} {} {}", fault["line"], fault["column"].as_str().unwrap_or("-"), fault["code"].as_str().unwrap_or("-"));
    let faults: Vec<String> = tried.body["faults"].as_array().expect("faults").iter().map(at).collect();
    let wanted = [
        "1 工号 unknown_column",
        "2 岗位 unknown",
        "2 公司 missing",
        "3 登录名 form",
        "3 来源 unknown",
        "3 姓名 empty",
        "4 登录名 twice",
        "4 合同从 date",
    ];
    assert_eq!(faults, wanted);
    assert_eq!(import(&app, &admin, "", "b", bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let none = import(&app, &admin, "?dry_run=true", "c", "姓名,登录名\n").await;
    assert_eq!(none.body["faults"][0]["code"], "missing_column");
    let known = read(&app, &admin, &format!("/sites/{SITE}/staff")).await;
    assert!(!known.to_string().contains("jia\""), "nothing was made");
}

#[tokio::test]
async fn a_training_is_recorded_corrected_and_seen_by_who_took_part() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    let path = format!("/sites/{SITE}/trainings");
    let record = |passed: Value| {
        json!({ "title": " 一窗通办新规 ", "date": "2026-11-20", "minutes": 90,
            "attendees": [{ "staff_id": "s_dc_clerk1", "passed": passed }, { "staff_id": "s_dc_clerk2" }] })
    };
    let made = done(&app, &supervisor, &path, record(json!(false))).await;
    assert_eq!((&made["title"], made["attendees"].as_array().map(Vec::len)), (&json!("一窗通办新规"), Some(2)));
    let id = made["id"].as_str().expect("an id");
    let corrected = put(&app, &supervisor, &format!("/trainings/{id}"), record(json!(true))).await;
    assert_eq!((corrected.status, &corrected.body["attendees"][0]["passed"]), (StatusCode::OK, &json!(true)));
    let own = read(&app, &app.sign_in("clerk1").await, "/my-work").await;
    assert_eq!(
        (&own["trainings"][0]["id"], own["trainings"][0]["attendees"].as_array().map(Vec::len)),
        (&json!(id), Some(1)),
        "oneself alone"
    );
    assert_eq!(read(&app, &supervisor, "/staff/s_dc_clerk2").await["trainings"][0]["attendees"][0]["passed"], Value::Null);
    let wrong = json!({ "title": "", "date": "2027-01-01", "minutes": 0, "attendees": [{ "staff_id": "s_dc_nobody" }, { "staff_id": "s_dc_clerk1" }, { "staff_id": "s_dc_clerk1" }] });
    let wanted = ["title", "date", "minutes", "attendees[0].staff_id", "attendees[2].staff_id"];
    assert_eq!(fields(&post(&app, &supervisor, &path, wrong).await), wanted);
    assert_eq!(put(&app, &supervisor, "/trainings/tr_dc_none", json!({})).await.status, StatusCode::NOT_FOUND, "before its fields");
}
