//! Documents that are handed on (证照交接): from the department to the pickup window, from shift to shift; the paper of it,
//! and the way of one document through hands and places.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::papers::{says, text_of};
use crate::stage::{SITE, Stage};

const RECORDS: &str = "/sites/demo-center/custody-records";

async fn faults(stage: &Stage, body: Value) -> Vec<String> {
    let answer = stage.app.post(&stage.actor("issuer").await, &format!("/api/v1{RECORDS}"), body.clone()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.body);
    let told = |error: &Value| format!("{} {}", error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default());
    answer.body["errors"].as_array().into_iter().flatten().map(told).collect()
}

/// The way of a document: phrase, from, to.
async fn way(stage: &Stage, certificate: &str) -> Vec<(String, Value, Value)> {
    let page = stage.read("issuer", &format!("/certificates/{certificate}/custody")).await;
    let step = |step: &Value| (step["text"].as_str().unwrap_or_default().to_owned(), step["from"].clone(), step["to"].clone());
    page["items"].as_array().expect("steps").iter().map(step).collect()
}

async fn handed_on(app: TestApp) {
    let stage = Stage::on(app).await;
    assert_eq!(stage.read("issuer", RECORDS).await["last"], Value::Null);
    let (case, first) = stage.made().await;
    let (_, second) = stage.made().await;
    while stage.outbox.run_due("upload").await > 0 {}

    // The department's messenger, who has no account, brings both.
    stage.app.clock.advance(60_000);
    let brought = json!({ "occasion": "from_department", "certificate_ids": [first, second], "giver_name": "送件员小宝", "note": "两本" });
    let record = stage.ok("issuer", RECORDS, brought).await;
    assert_eq!((&record["giver_name"], &record["taker_name"], &record["note"]), (&json!("送件员小宝"), &json!("韩雪英"), &json!("两本")));
    assert_eq!(record["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(record["items"][0]["department_name"], "白桦镇人民政府");
    assert_eq!(stage.read("supervisor", RECORDS).await["last"], record);

    let issuer = stage.actor("issuer").await;
    let paper = stage.app.get(&issuer, record["url"].as_str().expect("a paper")).await;
    assert_eq!(paper.status, StatusCode::OK, "{}", paper.body);
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join("paper-custody.pdf"), &paper.bytes).expect("a file");
    }
    let text = text_of(&paper.bytes);
    says(
        &text,
        &["证照交接单", "部门送来", "移交人送件员小宝", "接收人韩雪英（已登录确认）", "件数2件", "备注两本", "移交人签字", "接收人签字"],
    );
    says(&text, &[record["items"][0]["case_number"].as_str().expect("a number")]);
    assert!(!text.contains("王小明"), "the applicant stands on no paper that a messenger signs");

    // Into the cabinet, through a change of shifts, out to its owner.
    for (certificate, slot) in [(&first, "A01"), (&second, "A02")] {
        stage.app.clock.advance(60_000);
        stage.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": slot })).await;
    }
    stage.app.clock.advance(60_000);
    let shift = json!({ "occasion": "shift", "certificate_ids": [first, second], "giver_id": "s_dc_clerk1" });
    let shift = stage.ok("issuer", RECORDS, shift).await;
    assert_eq!((&shift["items"][1]["slot"], &shift["occasion"]), (&json!("A02"), &json!("shift")));
    stage.app.clock.advance(60_000);
    stage.ok("issuer", &format!("/certificates/{first}/notify"), json!({ "channels": ["site"] })).await;
    let collector = json!({ "relation": "self", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038" });
    stage.ok("issuer", &format!("/certificates/{first}/hand-over"), json!({ "collector": collector })).await;
    let clerk_name = shift["giver_name"].clone();
    let told = way(&stage, &first).await;
    let wanted = [
        ("制证".to_owned(), Value::Null, Value::Null),
        ("交接（部门送来）".to_owned(), json!("送件员小宝"), json!("韩雪英")),
        ("证照入柜".to_owned(), Value::Null, json!("柜 A01")),
        ("交接（交接班）".to_owned(), clerk_name, json!("韩雪英")),
        ("领取".to_owned(), json!("柜 A01"), json!("申请人")),
    ];
    assert_eq!(told, wanted);
    assert_eq!(way(&stage, &second).await.len(), 4, "each has its own");

    // What is wrong is told all at once, and nothing is written.
    let wrong = json!({ "occasion": "shift", "certificate_ids": [first, second, second, "cert_dc_none"], "giver_id": "s_dc_issuer" });
    let wanted = ["certificate_ids[3] unknown", "certificate_ids[0] custody", "certificate_ids[2] twice", "giver_id same"];
    assert_eq!(faults(&stage, wrong).await, wanted);
    let in_cabinet = json!({ "occasion": "from_department", "certificate_ids": [second], "giver_name": "小宝", "giver_id": "s_dc_clerk1" });
    assert_eq!(faults(&stage, in_cabinet).await, ["giver_name both", "certificate_ids[0] custody"]);
    assert_eq!(faults(&stage, json!({})).await, ["occasion unknown", "giver_id missing", "certificate_ids missing"]);
    let nobody = json!({ "occasion": "shift", "certificate_ids": [], "giver_id": "s_dc_nobody", "note": "长".repeat(501) });
    assert_eq!(faults(&stage, nobody).await, ["giver_id unknown", "note too_long", "certificate_ids missing"]);
    assert_eq!(stage.read("issuer", RECORDS).await["last"]["id"], shift["id"]);
    for path in [format!("{RECORDS}/cr_dc_none.pdf"), format!("{RECORDS}/{}", shift["id"].as_str().expect("an id"))] {
        assert_eq!(stage.app.get(&issuer, &format!("/api/v1{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let clerk = stage.actor("clerk1").await;
    let body = json!({ "occasion": "shift", "certificate_ids": [second], "giver_id": "s_dc_issuer" });
    assert_eq!(stage.app.post(&clerk, &format!("/api/v1{RECORDS}"), body).await.status, StatusCode::FORBIDDEN);

    let events = stage.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((count("custody_handed_on"), count("certificate_handed_on")), (2, 4));
    assert!(events.iter().all(|event| !event.body.contains("小宝") && !event.body.contains("两本")), "names and words are sealed");
    let own = stage.app.app.stores.events.events_of(SITE, "case", &case).await.expect("events");
    assert!(own.iter().all(|event| event.kind != "certificate_handed_on"), "a case's own log holds what its rules decided");
}

#[tokio::test]
async fn in_memory_documents_are_handed_on() {
    handed_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_documents_are_handed_on() {
    handed_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_documents_are_handed_on() {
    let database = tests::postgres::database();
    handed_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_retry_writes_no_second_record_and_what_moved_meanwhile_is_looked_at_again() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (_, certificate) = stage.made().await;
    while stage.outbox.run_due("upload").await > 0 {}
    let issuer = stage.actor("issuer").await;
    let body = json!({ "occasion": "from_department", "certificate_ids": [certificate], "giver_id": "s_dc_approver1" });
    let path = format!("/api/v1{RECORDS}");
    let send = async || stage.app.send(&issuer, axum::http::Method::POST, &path, Some("once"), Some(body.clone())).await;
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status, again.status, again.replayed), (StatusCode::CREATED, StatusCode::CREATED, true));
    assert_eq!(first.body, again.body);
    assert_eq!(way(&stage, &certificate).await.len(), 2);
    // At once: it is in the cabinet, or it is handed on before; never handed on as something that was there.
    let receive = format!("/api/v1/certificates/{certificate}/receive");
    let other = json!({ "occasion": "shift", "certificate_ids": [certificate], "giver_id": "s_dc_approver1" });
    let (received, handed) =
        tokio::join!(stage.app.post(&issuer, &receive, json!({ "slot": "A01" })), stage.app.post(&issuer, &path, other));
    assert_eq!(received.status, StatusCode::OK, "{}", received.body);
    let steps = way(&stage, &certificate).await;
    match handed.status {
        StatusCode::CREATED => assert_eq!(steps.len(), 4, "{steps:?}"),
        status => assert_eq!((status, steps.len()), (StatusCode::UNPROCESSABLE_ENTITY, 3), "{}", handed.body),
    }
}
