//! Accounts over HTTP: a first password for one sign-in, roles and departments, the end of access, and what
//! nobody may do to himself.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const DAY_MS: i64 = 24 * 3_600_000;

async fn put(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Answer {
    app.send(actor, Method::PUT, path, None, Some(body)).await
}

async fn enter(app: &TestApp, username: &str, password: &str) -> Answer {
    app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": username, "password": password })).await
}

fn clerk(username: &str) -> Value {
    json!({ "username": username, "name": "乌日娜", "roles": ["clerk"] })
}

fn fields(answer: &Answer) -> Vec<&str> {
    answer.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect()
}

/// A new account under its one-time password: its id, the password and a session.
async fn hired(app: &TestApp, admin: &Actor, username: &str) -> (String, String, Actor) {
    let made = app.post(admin, &format!("/api/v1/sites/{SITE}/staff"), clerk(username)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let password = made.body["one_time_password"].as_str().expect("a password").to_owned();
    let signed = enter(app, username, &password).await;
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.body);
    assert_eq!(signed.body["staff"]["must_change_password"], true);
    (made.body["id"].as_str().expect("an id").to_owned(), password, Actor::Staff(signed.cookie.expect("a cookie")))
}

async fn a_person_is_hired_and_leaves_on(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let (id, password, session) = hired(&app, &admin, "wurina").await;
    assert!(password.len() == 14 && password.split('-').all(|group| group.len() == 4), "{password}");

    let windows = format!("/api/v1/sites/{SITE}/windows");
    let refused = app.get(&session, &windows).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::FORBIDDEN, &json!("password_change_required")));
    let change = "/api/v1/sessions/current/password";
    let wrong = put(&app, &session, change, json!({ "current_password": "something", "new_password": "草原上的早晨真早啊是" })).await;
    assert_eq!((wrong.status, fields(&wrong)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["current_password"]));
    let short = put(&app, &session, change, json!({ "current_password": password, "new_password": "wurina" })).await;
    assert_eq!(fields(&short), ["new_password", "new_password"], "too short, and the login name in it");
    let other = enter(&app, "wurina", &password).await.cookie.expect("another session");
    let done = put(&app, &session, change, json!({ "current_password": password, "new_password": "草原上的早晨真早啊是" })).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    assert_eq!(app.get(&session, &windows).await.status, StatusCode::OK, "the session goes on");
    assert_eq!(app.get(&Actor::Staff(other), &windows).await.status, StatusCode::UNAUTHORIZED, "every other one ended");
    assert_eq!(enter(&app, "wurina", &password).await.status, StatusCode::UNAUTHORIZED, "it was for one sign-in");

    // What a clerk may, and an approver from to.
    let department = app.get(&admin, &format!("/api/v1/sites/{SITE}/departments")).await.body["items"][0]["id"].clone();
    let basis = json!({ "department_id": department, "kind": "seconded", "document": "云民函〔2026〕1号", "from": "2026-11-01", "to": "2026-12-31" });
    let wanted = json!({ "name": "乌日娜", "roles": ["clerk", "approver"], "bases": [basis], "decides_instant": true });
    let changed = put(&app, &admin, &format!("/api/v1/staff/{id}"), wanted).await;
    assert_eq!((changed.status, &changed.body["roles"]), (StatusCode::OK, &json!(["clerk", "approver"])));
    assert_eq!(changed.body["bases"][0]["to"], "2026-12-31");
    assert_eq!(app.get(&session, "/api/v1/sessions/current").await.body["staff"]["roles"], json!(["clerk", "approver"]), "at once");

    let ended = app.post(&admin, &format!("/api/v1/staff/{id}/end-access"), json!({ "reason": "调走了" })).await;
    assert_eq!((ended.status, &ended.body["active"]), (StatusCode::OK, &json!(false)));
    assert_eq!(app.get(&session, &windows).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&app, "wurina", "草原上的早晨真早啊是").await.status, StatusCode::UNAUTHORIZED);
    let again = app.post(&admin, &format!("/api/v1/staff/{id}/end-access"), json!({ "reason": "调走了" })).await;
    assert_eq!((again.status, &again.body["code"]), (StatusCode::CONFLICT, &json!("staff_state")));
    let back = app.post(&admin, &format!("/api/v1/staff/{id}/restore-access"), json!({ "reason": "又调回来" })).await;
    assert_eq!(back.body["active"], true);
    assert_eq!(enter(&app, "wurina", "草原上的早晨真早啊是").await.status, StatusCode::CREATED);

    let log = app.get(&app.sign_in("auditor").await, &format!("/api/v1/events?site={SITE}&aggregate=staff&aggregate_id={id}")).await;
    let kinds: Vec<&str> = log.body["items"].as_array().expect("events").iter().filter_map(|event| event["type"].as_str()).collect();
    let told = ["staff_access_restored", "staff_access_ended", "staff_changed", "staff_password_changed", "staff_added"];
    assert_eq!(kinds, told, "the newest first");
    let text = log.body.to_string();
    assert!(!text.contains("乌日娜") && !text.contains("调走") && !text.contains("wurina"), "no names and no texts in the log");
}

#[tokio::test]
async fn a_person_is_hired_and_leaves() {
    a_person_is_hired_and_leaves_on(TestApp::memory().await).await;
    a_person_is_hired_and_leaves_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    a_person_is_hired_and_leaves_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_password_is_told_once_and_waits_a_week() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/staff");
    let first = app.send(&admin, Method::POST, &path, Some("one"), Some(clerk("suyala"))).await;
    let again = app.send(&admin, Method::POST, &path, Some("one"), Some(clerk("suyala"))).await;
    assert_eq!((first.status, again.status, again.replayed), (StatusCode::CREATED, StatusCode::CREATED, true));
    assert_eq!((&again.body["id"], &again.body["one_time_password"]), (&first.body["id"], &Value::Null), "it is written nowhere");
    let password = first.body["one_time_password"].as_str().expect("a password");

    let id = first.body["id"].as_str().expect("an id");
    let reset = app.post(&admin, &format!("/api/v1/staff/{id}/reset-password"), json!({})).await;
    let fresh = reset.body["one_time_password"].as_str().expect("another password");
    assert_ne!(fresh, password);
    assert_eq!(enter(&app, "suyala", password).await.status, StatusCode::UNAUTHORIZED, "the one before is good no more");
    app.clock.advance(8 * DAY_MS);
    assert_eq!(enter(&app, "suyala", fresh).await.status, StatusCode::UNAUTHORIZED, "and a week is enough");
}

#[tokio::test]
async fn wrong_accounts_are_told_field_by_field() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/staff");
    let basis = json!({ "department_id": "d_dd_none", "from": "2026-12-31", "to": "2026-12-01" });
    let bad = json!({ "username": "乌 日", "name": " ", "roles": ["auditor", "clerk", "king", "clerk"], "department_id": "d_dd_none", "bases": [basis] });
    let answer = app.post(&admin, &path, bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let of_basis = ["bases[0].department_id", "bases[0].kind", "bases[0].to", "bases[0].document"];
    let wanted = [["username", "name", "roles[2]", "roles[3]", "roles", "department_id"].as_slice(), &of_basis].concat();
    assert_eq!(fields(&answer), wanted);
    let taken = app.post(&admin, &path, clerk("clerk1")).await;
    assert_eq!((fields(&taken), &taken.body["errors"][0]["code"]), (vec!["username"], &json!("taken")));
}

#[tokio::test]
async fn an_administrator_does_not_lock_himself_out() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let own = app.get(&admin, "/api/v1/sessions/current").await.body["staff"]["id"].as_str().expect("an id").to_owned();
    let fewer = put(&app, &admin, &format!("/api/v1/staff/{own}"), json!({ "name": "管理", "roles": ["district"] })).await;
    assert_eq!((fewer.status, &fewer.body["code"]), (StatusCode::CONFLICT, &json!("own_access")));
    let ended = app.post(&admin, &format!("/api/v1/staff/{own}/end-access"), json!({ "reason": "试试" })).await;
    assert_eq!((ended.status, &ended.body["code"]), (StatusCode::CONFLICT, &json!("own_access")));
    assert_eq!(app.get(&admin, "/api/v1/sessions/current").await.status, StatusCode::OK);
}

#[tokio::test]
async fn access_of_a_contract_ends_by_itself() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let (id, password, session) = hired(&app, &admin, "vendor").await;
    let change = json!({ "current_password": password, "new_password": "一个外包人员的密码哦" });
    assert_eq!(put(&app, &session, "/api/v1/sessions/current/password", change).await.status, StatusCode::NO_CONTENT);
    let wanted = json!({ "name": "外包", "roles": ["guide"], "outsourced": true, "access_until": "2026-11-24" });
    assert_eq!(put(&app, &admin, &format!("/api/v1/staff/{id}"), wanted).await.status, StatusCode::OK);
    assert_eq!(app.get(&session, "/api/v1/sessions/current").await.status, StatusCode::OK, "today is the last day");
    app.clock.advance(14 * 3_600_000);
    let fresh = enter(&app, "vendor", "一个外包人员的密码哦").await;
    assert_eq!(fresh.status, StatusCode::UNAUTHORIZED, "the day after it is over");
    assert_eq!(app.get(&session, "/api/v1/sessions/current").await.status, StatusCode::UNAUTHORIZED);
}
