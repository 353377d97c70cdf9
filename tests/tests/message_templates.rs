//! The words of messages: the house's until a site writes its own, checked, in versions, for the sites below too.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

async fn put(stage: &Stage, site: &str, body: Value) -> tests::app::Answer {
    let admin = stage.actor("admin").await;
    stage.app.send(&admin, Method::PUT, &format!("/api/v1/sites/{site}/message-templates/ready_for_pickup"), None, Some(body)).await
}

async fn ready(stage: &Stage, site: &str) -> Value {
    let all = stage.read("admin", &format!("/sites/{site}/message-templates")).await["items"].clone();
    let all = all.as_array().expect("templates").clone();
    assert_eq!(all.len(), domain::messages::TEMPLATES.len());
    all.into_iter().find(|one| one["name"] == "ready_for_pickup").expect("it")
}

async fn sms_now(stage: &Stage) -> String {
    stage.notified(&["sms"]).await;
    while stage.outbox.run_due("notify").await > 0 {}
    stage.outside.messages().pop().expect("an SMS").text
}

async fn message_templates(app: TestApp) {
    let stage = Stage::on(app).await;
    let before = ready(&stage, SITE).await;
    assert_eq!((&before["own"], &before["version"], &before["text"]), (&json!(false), &json!(0), &before["default_text"]));
    assert!(sms_now(&stage).await.contains("请带身份证件到白桦镇便民服务中心"));

    let wrong = put(&stage, "demo-district", json!({ "version": 0, "subject": "可以领了", "text": "{name}办好了\u{202e}" })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    let wrong = put(&stage, "demo-district", json!({ "version": 0, "subject": "可以领了", "text": "{name}办好了，{url}" })).await;
    let codes: Vec<&Value> = wrong.body["errors"].as_array().expect("errors").iter().map(|error| &error["code"]).collect();
    assert_eq!(codes, ["unknown_place", "missing_place", "missing_place"], "{}", wrong.body);

    // The district writes for all, one centre for itself.
    let words = json!({ "version": 0, "subject": "可以领了", "text": "区里：{number} 好了，到{place}领。{url}[ 电话 {phone}]" });
    let done = put(&stage, "demo-district", words.clone()).await;
    assert_eq!((done.status, &done.body["own"], &done.body["version"]), (StatusCode::OK, &json!(true), &json!(1)), "{}", done.body);
    assert_eq!(put(&stage, "demo-district", words).await.body["code"], "template_changed", "somebody else was faster");
    let below = ready(&stage, SITE).await;
    assert_eq!((&below["own"], &below["from_site"]), (&json!(false), &json!("demo-district")));
    assert!(sms_now(&stage).await.starts_with("区里："));
    put(&stage, SITE, json!({ "version": 0, "subject": "可以领了", "text": "镇里：{number} 好了，到{place}领。{url}" })).await;
    assert!(sms_now(&stage).await.starts_with("镇里："));

    let preview = json!({ "subject": "可以领了", "text": "{number} 好了，到{place}领。{url}" });
    let shown = stage.ok("admin", &format!("/sites/{SITE}/message-templates/ready_for_pickup/preview"), preview).await;
    assert_eq!(shown["sms_parts"], 2, "{shown}");
    assert!(shown["text"].as_str().is_some_and(|text| text.contains("DC20261124-0001") && !text.contains('{')), "{shown}");

    let reset = stage.ok("admin", &format!("/sites/{SITE}/message-templates/ready_for_pickup/reset"), json!({ "version": 1 })).await;
    assert_eq!((&reset["own"], &reset["version"], &reset["from_site"]), (&json!(false), &json!(2), &json!("demo-district")), "{reset}");
    assert!(sms_now(&stage).await.starts_with("区里："));
    let clerk = stage.actor("clerk1").await;
    let forbidden = stage.app.post(&clerk, &format!("/api/v1/sites/{SITE}/message-templates/ready_for_pickup/reset"), json!({})).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let nothing =
        stage.app.post(&stage.actor("admin").await, &format!("/api/v1/sites/{SITE}/message-templates/sign_in_code/reset"), json!({})).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND, "a sign-in code has no words of a site's own");
}

#[tokio::test]
async fn in_memory_a_site_words_its_messages() {
    message_templates(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_site_words_its_messages() {
    message_templates(TestApp::sqlite().await).await;
}
