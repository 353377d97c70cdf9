//! A matter's draft beside what is in force: reviewed by somebody else, published now or at its time, compared, taken
//! out of force; cases keep what they were opened under.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::app::catalogue_import::ImportOptions;
use tests::app::{Actor, Answer, TestApp};

use crate::rights::house::case_body;

const MATTER: &str = "m_dc_demo-promised";
const SITE: &str = "demo-center";
const DAY_MS: i64 = 24 * 3_600_000;

pub async fn put(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Answer {
    app.send(actor, Method::PUT, path, None, Some(body)).await
}

/// Whoever writes, and whoever reviews.
pub async fn keepers(app: &TestApp) -> (Actor, Actor) {
    (app.sign_in("admin").await, app.sign_in("district").await)
}

pub fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    errors.map(|error| format!("{} {}", error["field"].as_str().unwrap_or("?"), error["code"].as_str().unwrap_or("?"))).collect()
}

async fn draft_of(app: &TestApp, actor: &Actor, matter: &str) -> Value {
    let read = app.get(actor, &format!("/api/v1/matters/{matter}/draft")).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    read.body
}

/// Writes a matter anew as a draft.
async fn write(app: &TestApp, actor: &Actor, matter: &str, change: impl FnOnce(&mut Value)) -> Answer {
    let mut draft = draft_of(app, actor, matter).await;
    change(&mut draft["content"]);
    let body = json!({
        "revision": draft["revision"], "base_version": draft["newest_version"], "content": draft["content"], "line_id": draft["line_id"],
    });
    put(app, actor, &format!("/api/v1/matters/{matter}/draft"), body).await
}

async fn act(app: &TestApp, actor: &Actor, matter: &str, action: &str, body: Value) -> Answer {
    app.post(actor, &format!("/api/v1/matters/{matter}/draft/{action}"), body).await
}

async fn done(app: &TestApp, actor: &Actor, matter: &str, action: &str, body: Value) -> Value {
    let answer = act(app, actor, matter, action, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.body);
    answer.body
}

/// Writes, reviews and publishes a matter at once.
pub async fn published(app: &TestApp, matter: &str, change: impl FnOnce(&mut Value)) -> Value {
    let (admin, district) = keepers(app).await;
    let written = write(app, &admin, matter, change).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.body);
    done(app, &admin, matter, "submit", json!({})).await;
    done(app, &district, matter, "approve", json!({})).await;
    done(app, &admin, matter, "publish", json!({})).await
}

async fn guide(app: &TestApp) -> Value {
    app.get(&Actor::Nobody, &format!("/api/v1/matters/{MATTER}")).await.body
}

async fn promised_days_of_case(app: &TestApp, case: &str) -> i64 {
    let row = app.app.stores.cases.case(SITE, case).await.expect("the store").expect("the case");
    let doc: Value = serde_json::from_str(&row.doc).expect("a case");
    doc["matter"]["promised_days"].as_i64().expect("a limit")
}

async fn a_draft_lives_beside_what_is_in_force_on(app: TestApp) {
    let (admin, district) = keepers(&app).await;
    let clerk = app.sign_in("clerk1").await;
    let none = draft_of(&app, &admin, MATTER).await;
    assert_eq!((&none["step"], &none["revision"], &none["newest_version"]), (&json!("none"), &json!(0), &json!(1)));

    let written = write(&app, &admin, MATTER, |content| {
        content["promised_days"] = json!(7);
        content["details"]["hours"] = json!("周一至周五");
    })
    .await;
    assert_eq!((written.status, &written.body["step"]), (StatusCode::OK, &json!("editing")), "{}", written.body);
    assert_eq!(written.body["actions"], json!(["save", "submit", "discard", "retire"]));
    assert_eq!((&guide(&app).await["promised_days"], &guide(&app).await["version"]), (&json!(10), &json!(1)), "still in force");

    done(&app, &admin, MATTER, "submit", json!({})).await;
    let own = act(&app, &admin, MATTER, "approve", json!({})).await;
    assert_eq!((own.status, &own.body["code"]), (StatusCode::CONFLICT, &json!("own_draft")), "four eyes");
    let silent = act(&app, &district, MATTER, "return", json!({})).await;
    assert_eq!(fields(&silent), ["text missing"], "a reviewer says what is to be changed");
    let back = done(&app, &district, MATTER, "return", json!({ "text": "时间写到几点" })).await;
    assert_eq!((&back["step"], &back["returned_text"]), (&json!("editing"), &json!("时间写到几点")));
    write(&app, &admin, MATTER, |content| content["details"]["hours"] = json!("周一至周五 8:30–17:30")).await;
    done(&app, &admin, MATTER, "submit", json!({})).await;
    done(&app, &district, MATTER, "approve", json!({})).await;

    let before = app.post(&clerk, "/api/v1/cases", case_body(&app, "demo-promised").await).await;
    let before = before.body["id"].as_str().expect("a case").to_owned();
    let past = act(&app, &admin, MATTER, "publish", json!({ "from": "2020-01-01T00:00:00+08:00" })).await;
    assert_eq!(fields(&past), ["from time"]);
    let scheduled = done(&app, &admin, MATTER, "publish", json!({ "from": "2026-11-26T08:00:00+08:00" })).await;
    assert_eq!((&scheduled["step"], &scheduled["actions"]), (&json!("scheduled"), &json!(["unschedule", "retire"])));
    app.app.watch_catalogue().await.expect("the timer");
    assert_eq!(guide(&app).await["promised_days"], 10, "not yet");
    app.clock.advance(3 * DAY_MS);
    app.app.watch_catalogue().await.expect("the timer");
    app.app.watch_catalogue().await.expect("the timer, a second time");
    let ((admin, district), clerk) = (keepers(&app).await, app.sign_in("clerk1").await);
    let now = guide(&app).await;
    assert_eq!((&now["promised_days"], &now["version"], &now["hours"]), (&json!(7), &json!(2), &json!("周一至周五 8:30–17:30")));

    let after = app.post(&clerk, "/api/v1/cases", case_body(&app, "demo-promised").await).await;
    let after = after.body["id"].as_str().expect("a case").to_owned();
    assert_eq!((promised_days_of_case(&app, &before).await, promised_days_of_case(&app, &after).await), (10, 7), "each keeps its own");

    let versions = app.get(&district, &format!("/api/v1/matters/{MATTER}/versions")).await.body;
    let told: Vec<&str> = versions["history"].as_array().expect("history").iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(
        told,
        [
            "matter_published",
            "matter_draft_scheduled",
            "matter_draft_approved",
            "matter_draft_submitted",
            "matter_draft_saved",
            "matter_draft_returned",
            "matter_draft_submitted",
            "matter_draft_begun"
        ]
    );
    assert_eq!((&versions["items"][0]["version"], &versions["items"][0]["by"]), (&json!(2), &json!("系统")));
    assert_eq!(versions["history"][5]["text"], "时间写到几点");
    let compared = app.get(&admin, &format!("/api/v1/matters/{MATTER}/versions/1/compare/2")).await.body;
    let changed: Vec<&str> = compared["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter(|field| field["changed"] == true)
        .filter_map(|field| field["label"].as_str())
        .collect();
    assert_eq!((changed, &compared["changed"]), (vec!["承诺期限", "办理时间"], &json!(2)));
    let beyond = app.get(&admin, &format!("/api/v1/matters/{MATTER}/versions/1/compare/9")).await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn in_memory_a_draft_lives_beside_what_is_in_force() {
    a_draft_lives_beside_what_is_in_force_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_draft_lives_beside_what_is_in_force() {
    a_draft_lives_beside_what_is_in_force_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_draft_lives_beside_what_is_in_force() {
    let database = tests::postgres::database();
    a_draft_lives_beside_what_is_in_force_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn nobody_overwrites_what_he_has_not_seen() {
    let app = TestApp::memory().await;
    let (admin, district) = keepers(&app).await;
    let draft = draft_of(&app, &admin, MATTER).await;
    let body = json!({ "revision": 0, "base_version": 1, "content": draft["content"], "line_id": draft["line_id"] });
    let path = format!("/api/v1/matters/{MATTER}/draft");
    assert_eq!(put(&app, &admin, &path, body.clone()).await.status, StatusCode::OK);
    let late = put(&app, &district, &path, body).await;
    assert_eq!((late.status, &late.body["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
    let twice = app.post(&admin, &path, json!({})).await;
    assert_eq!(twice.body["code"], "draft_exists");

    // A file brings a new version while the draft lies there.
    let row = app.app.stores.catalogue.matter(SITE, MATTER).await.expect("the store").expect("the matter");
    let departments = app.app.directory.get().departments.clone();
    let department = &departments[&row.department_id];
    let file = format!(
        "department,category,name,item_code,task_type,area_code,department_code\n{},农牧林草,采伐许可,{},1,159901000000,{}\n",
        department.name, row.code, department.code
    );
    let report = app.app.import_catalogue(SITE, file.as_bytes(), ImportOptions::default()).await.expect("an import");
    assert_eq!((report.changed, report.errors.len()), (1, 0));
    let outdated = act(&app, &admin, MATTER, "submit", json!({})).await;
    assert_eq!(outdated.body["code"], "draft_outdated");
    assert_eq!(draft_of(&app, &admin, MATTER).await["outdated"], true);
    let seen = write(&app, &admin, MATTER, |_| {}).await;
    assert_eq!((seen.status, &seen.body["base_version"]), (StatusCode::OK, &json!(2)), "who has seen the new one goes on");
    // The same when it was to come by itself.
    done(&app, &admin, MATTER, "submit", json!({})).await;
    done(&app, &district, MATTER, "approve", json!({})).await;
    done(&app, &admin, MATTER, "publish", json!({ "from": "2026-11-26T08:00:00+08:00" })).await;
    let again = file.replace("采伐许可", "林木采伐");
    app.app.import_catalogue(SITE, again.as_bytes(), ImportOptions::default()).await.expect("an import");
    app.clock.advance(3 * DAY_MS);
    app.app.watch_catalogue().await.expect("the timer");
    let (admin, _) = keepers(&app).await;
    assert_eq!((&guide(&app).await["name"], &draft_of(&app, &admin, MATTER).await["step"]), (&json!("林木采伐"), &json!("editing")));
    let alerts = app.app.stores.cases.alerts(SITE).await.expect("alerts");
    assert_eq!(alerts.iter().filter(|alert| alert.kind == "publication_failed").count(), 1);
}

#[tokio::test]
async fn a_new_matter_is_offered_once_it_is_published_and_not_after_it_was_retired() {
    let app = TestApp::memory().await;
    let (admin, district) = keepers(&app).await;
    let wrong = app.post(&admin, &format!("/api/v1/sites/{SITE}/matters"), json!({ "content": { "nmae": 1 } })).await;
    assert_eq!((wrong.status, fields(&wrong)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["content.nmae unknown_field".to_owned()]));
    let department = draft_of(&app, &admin, MATTER).await["content"]["department_id"].clone();
    let content = json!({
        "name": "㐂𠮷·牧草补贴", "code": "NEW-1", "matter_type": "benefit", "department_id": department, "exercise_level": "town",
        "case_kind": "promised", "promised_days": 0, "applicant_kinds": [],
    });
    let faulty = app.post(&admin, &format!("/api/v1/sites/{SITE}/matters"), json!({ "content": content, "line_id": "l_dc_none" })).await;
    assert_eq!(fields(&faulty), ["line_id unknown", "content.promised_days missing", "content.applicant_kinds missing"]);
    let mut sound = content;
    sound["promised_days"] = json!(5);
    sound["applicant_kinds"] = json!(["person"]);
    sound["materials"] = json!([{
        "id": "mt_dc_new-1", "name": "身份证", "kind": "licence", "originals": 1, "copies": 0, "required": true, "tolerable": false,
        "keeping": "verified", "source": "government", "acceptance_points": [], "situation_ids": [],
    }]);
    let body = json!({ "content": sound, "line_id": "l_dc_demo-line" });
    let made = app.post(&admin, &format!("/api/v1/sites/{SITE}/matters"), body.clone()).await;
    assert_eq!((made.status, &made.body["newest_version"]), (StatusCode::CREATED, &json!(0)), "{}", made.body);
    let id = made.body["matter_id"].as_str().expect("an id").to_owned();
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::NOT_FOUND, "a draft is nobody's guide");
    let listed = app.get(&district, &format!("/api/v1/sites/{SITE}/matter-drafts")).await.body;
    assert_eq!((&listed["items"][0]["matter_id"], &listed["items"][0]["is_new"]), (&json!(id), &json!(true)));
    done(&app, &admin, &id, "submit", json!({})).await;
    done(&app, &district, &id, "approve", json!({})).await;
    done(&app, &admin, &id, "publish", json!({})).await;
    let found = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/matters?query=mcbt")).await.body;
    assert_eq!((&found["items"][0]["id"], &found["items"][0]["name"]), (&json!(id), &json!("㐂𠮷·牧草补贴")));
    let taken = app.post(&admin, &format!("/api/v1/sites/{SITE}/matters"), body).await;
    assert_eq!(fields(&taken), ["content.code duplicate"]);

    let silent = app.post(&admin, &format!("/api/v1/matters/{id}/retire"), json!({ "reason": " " })).await;
    assert_eq!(fields(&silent), ["reason empty"]);
    let retired = app.post(&admin, &format!("/api/v1/matters/{id}/retire"), json!({ "reason": "并到别的事项里" })).await;
    assert_eq!((retired.status, &retired.body["state"]), (StatusCode::OK, &json!("retired")), "{}", retired.body);
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::NOT_FOUND);
    let again = app.post(&admin, &format!("/api/v1/matters/{id}/retire"), json!({ "reason": "再停一次" })).await;
    assert_eq!(again.body["code"], "matter_state");
    published(&app, &id, |_| {}).await;
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.body["version"], 3, "it came back");
}

#[tokio::test]
async fn every_wrong_field_of_a_draft_is_told_at_once_with_its_path() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let answer = write(&app, &admin, MATTER, |content| {
        content["name"] = json!("");
        content["promised_days"] = json!(30);
        content["department_id"] = json!("d_dd_nobody");
        content["materials"][0]["id"] = json!("mt_other_x");
        content["details"]["video"] = json!({ "title": "看", "url": "ftp://x" });
    })
    .await;
    let expected = [
        "content.name empty",
        "content.promised_days too_long",
        "content.details.video.url form",
        "content.materials[0].id form",
        "content.department_id unknown",
    ];
    assert_eq!((answer.status, fields(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, expected.map(str::to_owned).to_vec()));
    let form = write(&app, &admin, MATTER, |content| {
        content["form_schema"] = json!({ "type": "object", "properties": { "a": { "type": "string", "title": "甲", "pattern": "x" } } });
    })
    .await;
    assert_eq!(fields(&form), ["content.form_schema.properties.a.pattern unsupported"]);
}
