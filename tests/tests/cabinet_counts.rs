//! The evening's count of the cabinet: all there, one missing, found again; what is no document of the cabinet.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

async fn counted(app: TestApp) {
    let stage = Stage::on(app).await;
    let path = format!("/sites/{SITE}/cabinet-counts");
    assert_eq!(stage.read("issuer", &path).await["last"], Value::Null);
    let mut ids = Vec::new();
    for slot in ["A01", "A02"] {
        let (_, certificate) = stage.made().await;
        stage.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": slot })).await;
        ids.push(certificate);
    }
    let all = stage.ok("issuer", &path, json!({ "certificate_ids": ids, "note": "多一把钥匙" })).await;
    assert_eq!((all["expected"].as_u64(), all["found"].as_u64(), &all["missing"]), (Some(2), Some(2), &json!([])));
    assert_eq!(all["note"], "多一把钥匙");
    assert_eq!(stage.alerts(SITE, SITE).await, []);

    let short = stage.ok("issuer", &path, json!({ "certificate_ids": [ids[0]] })).await;
    assert_eq!((&short["missing"][0]["certificate_id"], &short["missing"][0]["slot"]), (&json!(ids[1]), &json!("A02")));
    assert_eq!(stage.alerts(SITE, SITE).await, [("cabinet_missing".to_owned(), "red".to_owned())]);
    assert_eq!(stage.read("supervisor", &path).await["last"]["found"].as_u64(), Some(1));
    stage.ok("issuer", &path, json!({ "certificate_ids": ids })).await;
    assert_eq!(stage.alerts(SITE, SITE).await, [], "found again");

    let issuer = stage.actor("issuer").await;
    let wrong = stage.app.post(&issuer, &format!("/api/v1{path}"), json!({ "certificate_ids": [ids[0], "cert_dc_nothing"] })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("certificate_ids[1]")));
    let nothing = stage.app.post(&issuer, &format!("/api/v1{path}"), json!({})).await;
    assert_eq!(nothing.body["errors"][0]["code"], "missing", "an empty list is said, not left out");
    let clerk = stage.actor("clerk1").await;
    let refused = stage.app.post(&clerk, &format!("/api/v1{path}"), json!({ "certificate_ids": ids })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let events = stage.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    assert_eq!(events.iter().filter(|event| event.kind == "cabinet_counted").count(), 3);
    assert!(events.iter().all(|event| !event.body.contains("钥匙")), "what somebody wrote is sealed");
}

#[tokio::test]
async fn in_memory_the_cabinet_is_counted() {
    counted(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_the_cabinet_is_counted() {
    counted(TestApp::sqlite().await).await;
}
