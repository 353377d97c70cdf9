//! Photos and scans that a citizen adds to an online application: from the phone to whoever checks it before, again
//! after a supplement, and everything that must not work on the way.

use axum::http::{Method, StatusCode};
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::applications::{beginning, sign_in, whole};
use crate::attachments::{form, form_type, png};

const SITE: &str = "demo-center";
const PHONE: &str = "13912345520";
const MIB: usize = 1024 * 1024;

async fn send(app: &TestApp, actor: &Actor, id: &str, key: Option<&str>, body: Vec<u8>) -> Answer {
    let kind = form_type();
    let mut headers = vec![("content-type", kind.as_str())];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    app.send_raw(actor, Method::POST, &format!("/api/v1/applications/{id}/attachments"), &headers, body).await
}

/// A small photo that lies in an application.
pub async fn sent(app: &TestApp, citizen: &Actor, id: &str) -> String {
    let answer = send(app, citizen, id, None, form(Some(("照片.png", &png(40, 30, 120))), &[])).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().expect("an id").to_owned()
}

fn ok(answer: Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    answer.body
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

/// The codes of what was wrong, field by field.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

async fn begun(app: &TestApp, citizen: &Actor) -> String {
    let begun = ok(app.post(citizen, "/api/v1/applications", beginning(app, "demo-promised").await).await);
    let id = begun["id"].as_str().expect("an id").to_owned();
    let filled = whole(app, "demo-promised").await;
    ok(app.send(citizen, Method::PATCH, &format!("/api/v1/applications/{id}"), None, Some(filled)).await);
    id
}

async fn act(app: &TestApp, citizen: &Actor, id: &str, action: &str) -> Answer {
    app.post(citizen, &format!("/api/v1/applications/{id}/{action}"), json!({})).await
}

async fn own(app: &TestApp, citizen: &Actor, id: &str) -> Value {
    ok(app.get(citizen, &format!("/api/v1/applications/{id}")).await)
}

async fn material(app: &TestApp, end: &str) -> String {
    let rows = app.app.stores.catalogue.matters(SITE).await.expect("matters");
    let row = rows.iter().find(|row| row.id.ends_with("demo-promised")).expect("the matter");
    let matter: Value = serde_json::from_str(&row.doc).expect("a matter");
    let ids = matter["materials"].as_array().expect("materials").iter().filter_map(|one| one["id"].as_str());
    ids.into_iter().find(|id| id.ends_with(end)).expect("the material").to_owned()
}

async fn from_the_phone_to_the_pre_check(app: TestApp) {
    let (citizen, clerk) = (sign_in(&app, PHONE).await, app.sign_in("clerk1").await);
    let id = begun(&app, &citizen).await;
    let (photo, plan) = (png(400, 300, 90), material(&app, "felling-plan").await);
    let fields = [("material_id", plan.as_str()), ("note", "第一页")];
    let added = ok(send(&app, &citizen, &id, Some("one"), form(Some(("㐂家林地.png", &photo)), &fields)).await);
    let told = (&added["material_id"], &added["content_type"], &added["name"], &added["note"], &added["by"]);
    assert_eq!(told, (&json!(plan), &json!("image/png"), &json!("㐂家林地.png"), &json!("第一页"), &Value::Null));
    let again = send(&app, &citizen, &id, Some("one"), form(Some(("㐂家林地.png", &photo)), &fields)).await;
    assert_eq!((again.replayed, &again.body), (true, &added), "a line that was cut adds nothing twice");
    assert_eq!(own(&app, &citizen, &id).await["attachments"], json!([added]));

    // Whoever sent it sees it; nobody at the site knows of it yet.
    let url = |of: &Value, name: &str| of[name].as_str().expect("an address").to_owned();
    let read = app.get(&citizen, &url(&added, "url")).await;
    assert_eq!((read.status, read.bytes == photo), (StatusCode::OK, true));
    assert_eq!(app.get(&citizen, &url(&added, "thumbnail_url")).await.status, StatusCode::OK);
    assert_eq!(app.get(&clerk, &format!("/api/v1/cases/{id}/attachments")).await.status, StatusCode::NOT_FOUND);

    ok(act(&app, &citizen, &id, "submit").await);
    let late = send(&app, &citizen, &id, None, form(Some(("b.png", &png(9, 9, 1))), &[])).await;
    assert_eq!(code(&late), (409, "case_state"), "what was sent lies as it was sent");
    let remove = format!("attachments/{}/remove", added["id"].as_str().expect("an id"));
    assert_eq!(code(&act(&app, &citizen, &id, &remove).await), (409, "case_state"));

    // At the pre-check: with its material, and each look at the whole is recorded.
    let listed = ok(app.get(&clerk, &format!("/api/v1/sites/{SITE}/applications?step=submitted")).await);
    assert_eq!((&listed["items"][0]["id"], listed["items"][0]["attachment_count"].as_u64()), (&json!(id), Some(1)));
    let case = ok(app.get(&clerk, &format!("/api/v1/cases/{id}")).await);
    assert_eq!((&case["attachments"][0]["material_id"], &case["attachments"][0]["name"]), (&json!(plan), &json!("㐂家林地.png")));
    let looked = app.get(&clerk, case["attachments"][0]["url"].as_str().expect("an address")).await;
    assert_eq!((looked.status, looked.bytes == photo), (StatusCode::OK, true));
    let events = app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let adding: Vec<_> = events.iter().filter(|event| event.kind == "attachment_added").collect();
    assert_eq!((adding.len(), adding[0].actor.as_str()), (1, "citizen"));
    assert_eq!(events.iter().filter(|event| event.kind == "person_revealed").count(), 1, "the clerk's look, not the citizen's");
    assert!(events.iter().all(|event| !event.body.contains("㐂家")), "names are sealed");

    // A supplement adds files and takes a bad one away; the window's own scan stays.
    let scan = crate::attachments::scanned(&app, &clerk, &id).await;
    let wanted = json!({ "verdict": "supplement", "text": "照片不清楚，重拍一张" });
    ok(app.post(&clerk, &format!("/api/v1/cases/{id}/pre-check"), wanted).await);
    let sharp = ok(send(&app, &citizen, &id, None, form(Some(("重拍.png", &png(500, 300, 30))), &[("material_id", &plan)])).await);
    let left = ok(act(&app, &citizen, &id, &remove).await);
    assert_eq!(left["attachments"], json!([sharp]), "the window's scan is the window's");
    assert_eq!(act(&app, &citizen, &id, &format!("attachments/{scan}/remove")).await.status, StatusCode::NOT_FOUND);
    ok(act(&app, &citizen, &id, "submit").await);
    ok(app.post(&clerk, &format!("/api/v1/cases/{id}/pre-check"), json!({ "verdict": "ready" })).await);
    let case = ok(app.get(&clerk, &format!("/api/v1/cases/{id}")).await);
    let names: Vec<&str> = case["attachments"].as_array().expect("files").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["扫描.png", "重拍.png"]);
}

#[tokio::test]
async fn in_memory_from_the_phone_to_the_pre_check() {
    from_the_phone_to_the_pre_check(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_from_the_phone_to_the_pre_check() {
    from_the_phone_to_the_pre_check(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_from_the_phone_to_the_pre_check() {
    let database = tests::postgres::database();
    from_the_phone_to_the_pre_check(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn what_is_no_photo_is_refused_with_every_reason_and_nothing_happens() {
    let app = TestApp::memory().await;
    let citizen = sign_in(&app, PHONE).await;
    let id = begun(&app, &citizen).await;
    let before = app.app.stores.events.head(SITE).await.expect("the store");
    let large = [b"%PDF-1.7\n".as_slice(), &vec![b'x'; 20 * MIB]].concat();
    let cases: [(&str, &[u8], &str); 5] = [
        ("合同.pdf", b"PK\x03\x04\x14\x00\x00\x00\x08\x00 a zip", "unsupported_type"),
        ("a.jpg", b"<!DOCTYPE html><html><script>alert(1)</script>", "unsupported_type"),
        ("empty.png", b"", "empty"),
        ("broken.png", &png(40, 40, 3)[..40], "unreadable"),
        ("large.pdf", &large, "too_large"),
    ];
    for (name, bytes, code) in cases {
        let answer = send(&app, &citizen, &id, None, form(Some((name, bytes)), &[])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.body);
        assert_eq!(faults(&answer), [("file".to_owned(), code.to_owned())], "{name}");
    }
    let all_wrong = form(Some(("a.exe", b"MZ")), &[("material_id", "mt_dc_nothing"), ("note", "\u{1b}[2J"), ("no_such_field", "1")]);
    let mut fields: Vec<String> = faults(&send(&app, &citizen, &id, None, all_wrong).await).into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["file", "material_id", "no_such_field", "note"]);
    assert_eq!(app.app.stores.events.head(SITE).await.expect("the store"), before, "nothing happened");
}

#[tokio::test]
async fn another_citizen_and_the_staff_find_nothing() {
    let app = TestApp::memory().await;
    let (citizen, other) = (sign_in(&app, PHONE).await, sign_in(&app, "13911110009").await);
    let id = begun(&app, &citizen).await;
    let file = sent(&app, &citizen, &id).await;
    let path = format!("/api/v1/applications/{id}/attachments");
    let clerk = app.sign_in("clerk1").await;
    for (actor, status) in [(&other, StatusCode::NOT_FOUND), (&clerk, StatusCode::UNAUTHORIZED), (&Actor::Nobody, StatusCode::UNAUTHORIZED)]
    {
        for read in [path.clone(), format!("{path}/{file}"), format!("{path}/{file}/thumbnail")] {
            assert_eq!(app.get(actor, &read).await.status, status, "{read}");
        }
        let photo = form(Some(("a.png", &png(9, 9, 1))), &[]);
        assert_eq!(send(&app, actor, &id, None, photo).await.status, status);
        assert_eq!(app.post(actor, &format!("{path}/{file}/remove"), json!({})).await.status, status);
    }
    let second = begun(&app, &citizen).await;
    let crossed = format!("/api/v1/applications/{second}/attachments/{file}");
    assert_eq!(app.get(&citizen, &crossed).await.status, StatusCode::NOT_FOUND, "a file of another application");
}

#[tokio::test]
async fn what_was_never_sent_is_forgotten_with_its_files() {
    let app = TestApp::memory().await;
    let citizen = sign_in(&app, PHONE).await;
    let id = begun(&app, &citizen).await;
    let photo = png(80, 60, 17);
    let added = ok(send(&app, &citizen, &id, None, form(Some(("a.png", &photo)), &[])).await);
    let hash = data_encoding::HEXLOWER.decode(added["sha256"].as_str().expect("a hash").as_bytes()).expect("a hash");
    let kept = async || app.app.stores.files.file_part(SITE, &hash, 0).await.expect("the store").is_some();
    app.clock.advance(59 * DAY_MS);
    app.app.forget_applications().await.expect("the timer");
    app.app.forget_files().await.expect("the timer");
    assert!(kept().await, "somebody may go on with it");
    app.clock.advance(2 * DAY_MS);
    app.app.forget_applications().await.expect("the timer");
    app.app.forget_files().await.expect("the timer");
    assert!(!kept().await, "nobody names it any more");
}
