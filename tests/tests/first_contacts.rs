//! Somebody asks and no ticket follows: noted, brought elsewhere or owed an answer; who owes it is one person, and an answer
//! that does not come is told to who runs the hall.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Answer, TestApp};

use crate::stage::{SECRETS, SITE, Stage};

const DAY_MS: i64 = 86_400_000;

async fn note(stage: &Stage, username: &str, body: Value) -> Answer {
    let actor = stage.actor(username).await;
    stage.app.post(&actor, &format!("/api/v1/sites/{SITE}/first-contacts"), body).await
}

async fn list(stage: &Stage, username: &str) -> Value {
    stage.read(username, &format!("/sites/{SITE}/first-contacts")).await
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let text = |error: &Value, name: &str| error[name].as_str().expect("a text").to_owned();
    answer.body["errors"].as_array().expect("errors").iter().map(|error| (text(error, "field"), text(error, "code"))).collect()
}

fn wanted(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

async fn what_ends_at_once(stage: &Stage) {
    let matter = "m_dc_demo-promised";
    let answered = note(stage, "guide1", json!({ "matter_id": matter, "ending": "answered" })).await;
    assert_eq!(answered.status, StatusCode::CREATED, "{}", answered.body);
    assert!(answered.body["matter_name"].as_str().is_some_and(|name| !name.is_empty()), "{}", answered.body);
    assert_eq!(
        (&answered.body["ending"], &answered.body["actions"], &answered.body["person"]),
        (&json!("answered"), &json!([]), &Value::Null)
    );
    stage.pass(60_000);
    let referred = json!({ "about": "户口本丢了怎么补", "ending": "referred", "text": "白桦镇派出所户籍窗口" });
    let referred = note(stage, "helper1", referred).await;
    assert_eq!((&referred.body["about"], &referred.body["text"]), (&json!("户口本丢了怎么补"), &json!("白桦镇派出所户籍窗口")));
    let all = list(stage, "guide1").await;
    let endings: Vec<&Value> = all["items"].as_array().expect("items").iter().map(|one| &one["ending"]).collect();
    assert_eq!(endings, ["referred", "answered"], "the newest first");
}

async fn every_fault_at_once(stage: &Stage) {
    let nothing = note(stage, "guide1", json!({})).await;
    assert_eq!(faults(&nothing), wanted(&[("about", "missing"), ("ending", "unknown")]));
    let owed = note(stage, "guide1", json!({ "matter_id": "m_dc_nothing", "ending": "owed", "text": "先写了" })).await;
    assert_eq!(faults(&owed), wanted(&[("matter_id", "unknown"), ("text", "unknown_field"), ("person.phone", "missing")]));
    let phone = json!({ "about": "x", "ending": "owed", "person": { "name": "王小明", "phone": "12" } });
    assert_eq!(faults(&note(stage, "guide1", phone).await)[0].0, "person.phone");
    let long = json!({ "about": "问".repeat(501), "ending": "referred" });
    let found = faults(&note(stage, "guide1", long).await);
    assert_eq!((found.len(), found[0].0.as_str(), &found[1]), (2, "about", &wanted(&[("text", "missing")])[0]));
    let kept = json!({ "about": "几点下班", "ending": "answered", "person": { "name": "王小明", "phone": "13912345520" } });
    assert_eq!(faults(&note(stage, "guide1", kept).await), wanted(&[("person", "unknown_field")]), "nobody's number is kept without need");
    assert_eq!(list(stage, "guide1").await["items"].as_array().map(Vec::len), Some(2), "nothing was noted");
}

async fn one_person_owes_the_answer(stage: &Stage) -> String {
    let body = json!({ "about": "低保要不要看房本", "ending": "owed", "person": { "name": SECRETS[0], "phone": "13912345520" } });
    let (guide, path) = (stage.actor("guide1").await, format!("/api/v1/sites/{SITE}/first-contacts"));
    let send = async || stage.app.send(&guide, Method::POST, &path, Some("first-contact-1"), Some(body.clone())).await;
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status, again.replayed, &first.body["id"]), (StatusCode::CREATED, true, &again.body["id"]), "{}", first.body);
    let id = first.body["id"].as_str().expect("an id").to_owned();
    assert_eq!((&first.body["person"]["name"], &first.body["person"]["phone"]), (&json!("王*明"), &json!("139****5520")));
    assert_eq!(first.body["actions"], json!(["hand-over", "reply", "reveal"]));
    let helper = stage.actor("helper1").await;
    let act = async |actor: &tests::app::Actor, step: &str, body: Value| {
        stage.app.post(actor, &format!("/api/v1/first-contacts/{id}/{step}"), body).await
    };
    let others = act(&helper, "reply", json!({ "text": "不用" })).await;
    assert_eq!((others.status, &others.body["code"]), (StatusCode::FORBIDDEN, &json!("not_responsible")));
    let looks = act(&helper, "reveal", json!({ "fields": ["phone"], "reason": "看看" })).await;
    assert_eq!(looks.status, StatusCode::FORBIDDEN);
    assert_eq!(
        faults(&act(&guide, "hand-over", json!({ "staff_id": "s_dc_nobody", "text": "给你" })).await),
        wanted(&[("text", "unknown_field"), ("staff_id", "unknown")])
    );
    let colleagues = list(stage, "guide1").await["colleagues"].clone();
    let named = |name: &str| colleagues.as_array().expect("colleagues").iter().find(|one| one["id"] == name).is_some();
    let helper_id = stage.app.app.stores.staff.staff_by_username("helper1").await.expect("the store").expect("helper1").id;
    let auditor_id = stage.app.app.stores.staff.staff_by_username("auditor").await.expect("the store").expect("auditor").id;
    assert!(named(&helper_id) && !named(&auditor_id), "{colleagues}");
    let given = act(&guide, "hand-over", json!({ "staff_id": helper_id })).await;
    assert_eq!((given.status, &given.body["mine"], &given.body["actions"]), (StatusCode::OK, &json!(false), &json!([])), "{}", given.body);
    assert_eq!(given.body["first_name"], first.body["first_name"], "who was asked first stays");
    assert_ne!(given.body["responsible_name"], first.body["responsible_name"]);
    let same = act(&helper, "hand-over", json!({ "staff_id": helper_id })).await;
    assert_eq!(faults(&same), wanted(&[("staff_id", "same_staff")]));
    let shown = act(&helper, "reveal", json!({ "fields": ["name", "phone"], "reason": "回电话" })).await;
    assert_eq!((&shown.body["name"], &shown.body["phone"]), (&json!(SECRETS[0]), &json!("13912345520")), "{}", shown.body);
    let more = act(&helper, "reveal", json!({ "fields": ["id_number"], "reason": "看看" })).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    let events = stage.app.app.stores.events.events_of(SITE, "first_contact", &id).await.expect("events");
    let window = stage.actor("clerk1").await;
    let elsewhere = stage.app.post(&window, &format!("/api/v1/first-contacts/{id}/reply"), json!({ "text": "不用" })).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "who has no page for it has no part in it");
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds[..2], ["first_contact_noted", "first_contact_handed_over"]);
    let read = stage.app.app.stores.events.newest_of_kind(SITE, "person_revealed", i64::MAX).await.expect("the log").expect("the read");
    assert!(read.body.contains(&id), "{}", read.body);
    id
}

async fn an_answer_that_does_not_come_is_told(stage: &Stage, id: &str) {
    // Tuesday, 24 November 2026: Wednesday is the working day within which it is answered.
    for _ in 0..2 {
        stage.pass(DAY_MS / 2);
        stage.timers.run_due().await;
    }
    assert_eq!(stage.alerts(SITE, id).await, [], "Wednesday");
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    stage.timers.run_due().await;
    assert_eq!(stage.alerts(SITE, id).await, [("first_contact_unanswered".to_owned(), "yellow".to_owned())], "Thursday, once");
    let alerts = stage.read("supervisor", "/alerts").await;
    let told = alerts["items"].as_array().expect("items").iter().find(|one| one["kind"] == "first_contact_unanswered").expect("it");
    assert!(told["text"].as_str().is_some_and(|text| text.contains("还没有答复") && !text.contains("低保")), "{told}");
    assert_eq!(list(stage, "guide1").await["items"].as_array().map(Vec::len), Some(1), "what is owed stands there on every day");
    let missing = stage.app.post(&stage.actor("supervisor").await, &format!("/api/v1/first-contacts/{id}/reply"), json!({})).await;
    assert_eq!(faults(&missing), wanted(&[("text", "missing")]));
    let replied = stage.ok("supervisor", &format!("/first-contacts/{id}/reply"), json!({ "text": "不用房本，带身份证和收入证明" })).await;
    assert_eq!((&replied["ending"], &replied["text"]), (&json!("replied"), &json!("不用房本，带身份证和收入证明")));
    assert_eq!(stage.alerts(SITE, id).await, []);
    assert_eq!(list(stage, "guide1").await["items"][0]["ending"], "replied", "on the day of the answer it is seen, too");
    let late = json!({ "fields": ["phone"], "reason": "再看看" });
    let late = stage.app.post(&stage.actor("helper1").await, &format!("/api/v1/first-contacts/{id}/reveal"), late).await;
    assert_eq!(
        (late.status, &late.body["code"]),
        (StatusCode::CONFLICT, &json!("first_contact_ended")),
        "nobody needs the number any more"
    );
    let twice =
        stage.app.post(&stage.actor("helper1").await, &format!("/api/v1/first-contacts/{id}/reply"), json!({ "text": "又答一次" })).await;
    assert_eq!((twice.status, &twice.body["code"]), (StatusCode::CONFLICT, &json!("first_contact_ended")));
}

async fn first_contacts(app: TestApp) {
    let stage = Stage::on(app).await;
    what_ends_at_once(&stage).await;
    every_fault_at_once(&stage).await;
    let id = one_person_owes_the_answer(&stage).await;
    an_answer_that_does_not_come_is_told(&stage, &id).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_a_first_contact_is_answered_for() {
    first_contacts(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_first_contact_is_answered_for() {
    first_contacts(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_first_contact_is_answered_for() {
    let database = tests::postgres::database();
    first_contacts(TestApp::postgres(&database.url).await).await;
}
