//! The texts of papers: the house's until a site writes its own, in versions that count for what is issued later; a wrong
//! one is refused with everything that is wrong with it; a sample shows one that is not stored.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::case_ways::{Hall, PLAN};
use crate::papers::{says, text_of};

const SITE: &str = "demo-center";

async fn put(app: &TestApp, site: &str, name: &str, body: Value) -> Answer {
    let admin = app.sign_in("admin").await;
    app.send(&admin, Method::PUT, &format!("/api/v1/sites/{site}/paper-templates/{name}"), None, Some(body)).await
}

async fn ok(app: &TestApp, site: &str, name: &str, body: Value) -> Value {
    let answer = put(app, site, name, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

async fn template(app: &TestApp, site: &str, name: &str) -> Value {
    let admin = app.sign_in("admin").await;
    let listed = app.get(&admin, &format!("/api/v1/sites/{site}/paper-templates")).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
    let all = listed.body["items"].as_array().expect("templates").clone();
    all.into_iter().find(|one| one["name"] == name).expect("it")
}

fn codes(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("errors: {}", answer.body));
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

/// A refused case and the text of its notice.
async fn refused(hall: &Hall) -> (String, String) {
    let id = hall.received(PLAN).await;
    let refuse = json!({ "reason_code": "not_competent", "text": "国有林由林场受理" });
    hall.ok(&hall.clerk, &format!("/cases/{id}/propose-refusal"), refuse).await;
    hall.ok(&hall.approver, &format!("/cases/{id}/confirm-refusal"), json!({ "opinion": "确属林场" })).await;
    let text = read(hall, &id, "refusal").await;
    (id, text)
}

async fn read(hall: &Hall, id: &str, kind: &str) -> String {
    let answer = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}/documents/{kind}.pdf")).await;
    assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.body);
    text_of(&answer.bytes)
}

#[tokio::test]
async fn a_paper_says_what_was_in_force_when_it_was_issued() {
    let mut hall = Hall::open().await;
    let (first, of_the_house) = refused(&hall).await;
    says(&of_the_house, &["六十日内依法申请行政复议", "六个月内依法向人民法院提起行政诉讼"]);
    hall.app.clock.advance(1_000);

    let remedies = "不服的，{review_term}内向{department}的本级人民政府申请行政复议，或者{suit_term}内提起行政诉讼。";
    let own =
        json!({ "version": 0, "texts": { "issuer": "白桦区{department}", "remedies": remedies, "contact": "咨询电话：0470-6661234" } });
    let written = ok(&hall.app, SITE, "refusal", own.clone()).await;
    assert_eq!((&written["version"], &written["own"], &written["versions"][0]["state"]), (&json!(1), &json!(true), &json!("in_force")));
    assert_eq!(put(&hall.app, SITE, "refusal", own).await.body["code"], "template_changed", "somebody else was faster");
    let (_, now) = refused(&hall).await;
    says(&now, &["白桦区", "六十日内向", "的本级人民政府申请行政复议，或者六个月内提起行政诉讼", "咨询电话：0470-6661234", "决定不予受理"]);
    assert_eq!(read(&hall, &first, "refusal").await, of_the_house, "what somebody holds is what it was");

    // One that is planned counts from its first day on; taken back, the words above count again.
    let planned = json!({ "version": 1, "from": "2026-11-26", "texts": { "note": "十一月二十六日起的说明" } });
    let listed = ok(&hall.app, SITE, "refusal", planned).await;
    let states: Vec<&Value> = listed["versions"].as_array().expect("versions").iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["planned", "in_force"]);
    assert!(listed["versions"][1]["by_name"].as_str().is_some_and(|name| !name.is_empty()), "{listed}");
    assert!(refused(&hall).await.1.contains("0470-6661234"));
    hall.days_later(2).await;
    let (third, later) = refused(&hall).await;
    assert!(later.contains("十一月二十六日起的说明") && !later.contains("0470-6661234"), "a version is whole: {later}");
    hall.app.clock.advance(1_000);
    let admin = hall.app.sign_in("admin").await;
    let reset = hall.ok(&admin, &format!("/sites/{SITE}/paper-templates/refusal/reset"), json!({ "version": 2 })).await;
    assert_eq!((&reset["version"], &reset["own"]), (&json!(3), &json!(false)));
    assert!(!refused(&hall).await.1.contains("十一月二十六日起的说明"));
    assert_eq!(read(&hall, &third, "refusal").await, later);
    let events = hall.app.app.stores.events.events_of(SITE, "paper_template", "refusal").await.expect("events");
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["paper_texts_set"; 3]);
    assert!(events[0].body.contains("决定不予受理"), "a version is whole, also what the house wrote: {}", events[0].body);
}

async fn from_above(app: TestApp) {
    let app = &app;
    let before = template(app, SITE, "receipt").await;
    assert_eq!(
        (&before["own"], &before["version"], &before["texts"][1]["text"]),
        (&json!(false), &json!(0), &before["texts"][1]["default_text"])
    );
    let note = "五个工作日内一次告知。本区统一样式。";
    ok(app, "demo-district", "receipt", json!({ "texts": { "note": note } })).await;
    let below = template(app, SITE, "receipt").await;
    assert_eq!((&below["own"], &below["from_site"], &below["texts"][1]["text"]), (&json!(false), &json!("demo-district"), &json!(note)));
    ok(app, SITE, "receipt", json!({ "texts": { "note": "本镇：五个工作日内一次告知。" } })).await;
    assert_eq!(template(app, SITE, "receipt").await["texts"][1]["text"], "本镇：五个工作日内一次告知。");
    assert_eq!(template(app, "demo-sumu", "receipt").await["texts"][1]["text"], note);
}

#[tokio::test]
async fn in_memory_a_site_words_its_papers() {
    from_above(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_site_words_its_papers() {
    from_above(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_wrong_template_is_refused_with_everything_that_is_wrong() {
    let app = TestApp::memory().await;
    let texts =
        json!({ "issuer": "{site}", "opening": "{matter}不予受理\u{1f4de}", "remedies": "可以找我们反映", "note": "{", "title": "通知" });
    let wrong = put(&app, SITE, "refusal", json!({ "from": "2026-11-23", "texts": texts })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let wanted = [
        ("texts.issuer", "missing_place"),
        ("texts.note", "unbalanced"),
        ("texts.opening", "missing_place"),
        ("texts.remedies", "missing_place"),
        ("texts.remedies", "missing_place"),
        ("texts.remedies", "missing_phrase"),
        ("texts.remedies", "missing_phrase"),
        ("texts.title", "unknown_text"),
        ("texts.opening", "no_glyph"),
        ("from", "past"),
    ];
    assert_eq!(codes(&wrong), wanted.map(|(field, code)| (field.to_owned(), code.to_owned())));
    for (texts, code) in [
        (json!({ "note": "长".repeat(301) }), "too_long"),
        (json!({ "note": "看不见\u{202e}" }), "forbidden_character"),
        (json!({ "note": "{applicant}" }), "unknown_place"),
        (json!({ "opening": "" }), "empty"),
        (json!({ "note": "ᠮᠣᠩᠭᠣᠯ" }), "no_glyph"),
    ] {
        let refused = put(&app, SITE, "refusal", json!({ "texts": texts })).await;
        assert_eq!(codes(&refused).into_iter().map(|(_, code)| code).collect::<Vec<_>>(), [code], "{texts}");
    }
    assert_eq!(put(&app, SITE, "certificate", json!({ "texts": {} })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(template(&app, SITE, "refusal").await["version"], 0, "nothing was stored");
    let clerk = app.sign_in("clerk1").await;
    let path = format!("/api/v1/sites/{SITE}/paper-templates/refusal");
    assert_eq!(app.send(&clerk, Method::PUT, &path, None, Some(json!({ "texts": {} }))).await.status, StatusCode::FORBIDDEN);
}

async fn sample(app: &TestApp, admin: &Actor, name: &str, body: Value) -> Answer {
    app.post(admin, &format!("/api/v1/sites/{SITE}/paper-templates/{name}/preview"), body).await
}

/// What each looks like is left for eyes with `YICHUANG_PICTURES`, under a seal where it bears one.
#[tokio::test]
async fn each_paper_has_a_sample_that_says_so() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    crate::paper_seals::added(&app, &admin).await;
    let department = app.app.directory.get().departments.keys().next().expect("a department").clone();
    let picture = data_encoding::BASE64.encode(&crate::paper_seals::ring(500));
    let of_department = json!({ "department_id": department, "picture": picture });
    let added = app.post(&admin, &format!("/api/v1/sites/{SITE}/paper-seals"), of_department).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
    for template in domain::papers::TEMPLATES {
        let told = self::template(&app, SITE, template.name).await;
        let samples: Vec<Value> = told["samples"].as_array().expect("samples").iter().map(|sample| sample["name"].clone()).collect();
        for name in if samples.is_empty() { vec![Value::Null] } else { samples } {
            let shown = sample(&app, &admin, template.name, json!({ "sample": name, "department_id": department })).await;
            assert_eq!(shown.status, StatusCode::OK, "{}: {}", template.name, shown.body);
            if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
                std::fs::create_dir_all(&folder).expect("a folder");
                let file = format!("sample-{}-{}.pdf", template.name, name.as_str().unwrap_or("only"));
                std::fs::write(std::path::Path::new(&folder).join(file), &shown.bytes).expect("a file");
            }
            let text = text_of(&shown.bytes);
            let title = if template.name == "decision" { "行政许可决定书" } else { template.title };
            assert!(text.contains(title) && text.contains('样') && text.contains('张'), "{}: {text}", template.name);
            assert_eq!(crate::paper_seals::pictures_in(&shown.bytes), usize::from(template.is_sealed), "{}", template.name);
        }
    }
    let texts = json!({ "consequence": "逾期没有补正的，终止办理。试一试。" });
    let tried = sample(&app, &admin, "correction", json!({ "texts": texts })).await;
    says(&text_of(&tried.bytes), &["逾期没有补正的，终止办理。试一试。", "采伐示意图没有标出西界"]);
    assert_eq!(template(&app, SITE, "correction").await["version"], 0, "a trial is not stored");
    let wrong = sample(&app, &admin, "correction", json!({ "texts": { "consequence": "没有后果" } })).await;
    assert_eq!(codes(&wrong), [("texts.consequence".to_owned(), "missing_phrase".to_owned())]);
    let wrong = sample(&app, &admin, "receipt", json!({ "sample": "opening" })).await;
    assert_eq!(codes(&wrong), [("sample".to_owned(), "unknown".to_owned())]);
}
