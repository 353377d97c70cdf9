//! What is owed about a case is told as it is when it is told: nothing of a decision that was taken back, nothing that is
//! over, by the matter as the case was opened with; and what cannot be carried out is put before a person.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::{ChangeSet, OutboxRow, PersonRow};
use server::worker::{ATTEMPTS_MAX, delay_ms};
use tests::app::TestApp;

use crate::matter_claims::{above, case_of, claim, claimed};
use crate::matter_versions::published;
use crate::scenarios::collector;
use crate::stage::{SITE, Stage};
use crate::upstream_cases::served_ticket;

/// Types of licences that the platform takes.
const TYPE: &str = "11100000000013338W032";
const NEWER_TYPE: &str = "11100000000013338W011";

async fn run_out(stage: &Stage, kind: &str) {
    while stage.outbox.run_due(kind).await > 0 {}
}

async fn revoked(stage: &Stage, case: &str) {
    let revoke = json!({ "reason": "查明材料是假的", "basis": "行政许可法第六十九条" });
    stage.ok("approver1", &format!("/cases/{case}/revoke"), revoke).await;
}

#[tokio::test]
async fn nothing_of_a_decision_that_was_taken_back_leaves_the_house() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (case, certificate) = stage.made().await;
    revoked(&stage, &case).await;
    run_out(&stage, "upload").await;
    assert_eq!(stage.outside.licences(), [], "its licence is valid nowhere");
    assert_eq!(stage.certificate(&certificate).await["upload"], "pending");
    let told = stage.notified(&["sms", "phone"]).await;
    revoked(&stage, &told).await;
    run_out(&stage, "notify").await;
    assert_eq!(stage.outside.messages().len(), 0, "nobody comes for it");
    let all = stage.notifications(&told).await;
    assert!(all.iter().all(|one| one["state"] == "given_up"), "{all:?}");
    assert_eq!(stage.alerts(SITE, &told).await, [], "and nobody is asked to call");
}

#[tokio::test]
async fn what_is_over_is_told_to_nobody() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.notified(&["sms"]).await;
    let row = stage.app.app.case_of_site(SITE, &case).await.expect("a case");
    let certificate = row.certificate.expect("a certificate").id;
    stage.ok("issuer", &format!("/certificates/{certificate}/hand-over"), collector()).await;
    run_out(&stage, "notify").await;
    assert_eq!(stage.notifications(&case).await[0]["state"], "given_up", "it was fetched before");

    let case = stage.received(true).await;
    let items = json!({ "items": [{ "text": "补林权证", "basis": "行政许可法第三十二条" }] });
    stage.ok("clerk1", &format!("/cases/{case}/request-correction"), items).await;
    stage.pass(20 * 24 * 3_600_000);
    stage.timers.run_due().await;
    let body = crate::scenarios::supplied(&stage, &case).await;
    stage.ok("clerk1", &format!("/cases/{case}/supply"), body).await;
    run_out(&stage, "notify").await;
    let by = |all: &[Value], channel: &str| all.iter().find(|one| one["channel"] == channel).expect("it")["state"].clone();
    let all = stage.notifications(&case).await;
    assert_eq!((by(&all, "sms"), by(&all, "site")), (json!("given_up"), json!("sent")), "on the timeline it stands as it was");
    assert_eq!(stage.outside.messages().len(), 0);
}

/// A claimed matter whose cases are decided at the site and end in a licence.
async fn claimed_licence(stage: &Stage) -> (Value, String) {
    let own = stage.app.app.stores.catalogue.matter(SITE, "m_dc_demo-promised").await.expect("the store").expect("the matter");
    let own: Value = serde_json::from_str(&own.doc).expect("a matter");
    let id = above(&stage.app).await["id"].as_str().expect("an id").to_owned();
    published(&stage.app, &id, |content| {
        content["department_id"] = own["department_id"].clone();
        content["certificate"] = json!({ "name": "动物防疫条件合格证", "valid_years": 3, "licence_type": TYPE });
    })
    .await;
    let matter = above(&stage.app).await;
    let admin = stage.actor("admin").await;
    let made = claimed(&stage.app, &admin, claim(&matter, "authorised")).await;
    (matter, made["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn a_claimed_matter_is_uploaded_told_and_linked_like_an_own_one() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (matter, claimed_id) = claimed_licence(&stage).await;
    let case = stage.ok("clerk1", "/cases", case_of(&matter, &claimed_id)).await["id"].as_str().expect("an id").to_owned();
    stage.ok("clerk1", &format!("/cases/{case}/accept"), json!({})).await;
    stage.ok("approver1", &format!("/cases/{case}/claim"), json!({})).await;
    stage.ok("approver1", &format!("/cases/{case}/approve"), json!({})).await;
    let make = json!({ "number": "DW-1", "valid_from": "2026-11-24" });
    stage.ok("approver1", &format!("/cases/{case}/certificate"), make).await;
    // The catalogue goes on; the case stands as it was opened.
    let above_id = matter["id"].as_str().expect("an id");
    published(&stage.app, above_id, |content| content["certificate"]["licence_type"] = json!(NEWER_TYPE)).await;
    run_out(&stage, "upload").await;
    let licences = stage.outside.licences();
    assert_eq!((licences.len(), licences[0].licence_type.as_str()), (1, TYPE));
    run_out(&stage, "report").await;
    let row = stage.upper.rows().into_iter().find(|push| push.table == "up_lic_data").expect("the licence is told above").row;
    assert_eq!(row["certificate_type_code"], TYPE, "{row}");

    let list = json!({ "version": 0, "items": [{ "code": matter["code"], "link": "https://zwfw.example.cn/enter" }] });
    let admin = stage.actor("admin").await;
    let put = stage.app.send(&admin, Method::PUT, "/api/v1/sites/demo-district/upstream/matters", None, Some(list)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let ticket = served_ticket(&stage).await;
    let path = format!("/tickets/{}/upstream-cases", ticket["id"].as_str().expect("an id"));
    let linked = stage.ok("clerk1", &path, json!({ "number": "SJ2026-0009", "matter_id": claimed_id })).await;
    assert_eq!(linked["matter_name"], matter["name"], "{linked}");
}

async fn written(stage: &Stage, row: PersonRow) {
    let mut set = ChangeSet::new(SITE);
    set.row(row);
    stage.app.app.commit(set).await.expect("written");
}

/// The applicant's sealed data can be opened no more; as it was before.
async fn unreadable_applicant(stage: &Stage, case: &str) -> PersonRow {
    let stores = &stage.app.app.stores;
    let person = stage.app.app.case_of_site(SITE, case).await.expect("a case").applicant.to_string();
    let row = stores.persons.person(SITE, &person).await.expect("the store").expect("a person");
    written(stage, PersonRow { sealed: vec![0; row.sealed.len()], ..row.clone() }).await;
    row
}

async fn seven_tries(stage: &Stage, kind: &str) {
    for attempt in 1..=ATTEMPTS_MAX {
        assert_eq!(stage.outbox.run_due(kind).await, 1, "try {attempt}");
        stage.pass(delay_ms(attempt));
    }
    assert_eq!(stage.outbox.run_due(kind).await, 0, "and no more");
}

#[tokio::test]
async fn what_cannot_be_read_is_put_before_a_person_after_seven_tries() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (case, certificate) = stage.made().await;
    let readable = unreadable_applicant(&stage, &case).await;
    seven_tries(&stage, "upload").await;
    let stored = stage.app.app.case_of_site(SITE, &case).await.expect("a case").certificate.expect("a certificate");
    assert_eq!((stored.upload.name(), stored.upload_failure.as_deref()), ("failed", Some("unreadable")));
    assert_eq!(stage.alerts(SITE, &case).await, [("upload_failed".to_owned(), "yellow".to_owned())]);
    written(&stage, readable).await;
    let waive = json!({ "reason": "数据坏了，人工报送" });
    stage.ok("supervisor", &format!("/certificates/{certificate}/waive-upload"), waive).await;
    stage.timers.run_due().await;
    assert_eq!(stage.alerts(SITE, &case).await, [], "decided, so it is told no more");

    let case = stage.notified(&["sms"]).await;
    unreadable_applicant(&stage, &case).await;
    seven_tries(&stage, "notify").await;
    let rows = stage.app.app.stores.cases.notifications(SITE, &case).await.expect("messages");
    assert_eq!((rows[0].state.as_str(), rows[0].last_error.as_deref()), ("failed", Some("unreadable")));
    assert_eq!(stage.alerts(SITE, &case).await, [("notification_failed".to_owned(), "yellow".to_owned())]);
}

#[tokio::test]
async fn an_errand_about_nothing_is_told_and_not_forgotten() {
    let stage = Stage::on(TestApp::memory().await).await;
    let payload = json!({ "case_id": "c_dc_gone", "certificate_id": "cert_dc_gone" }).to_string();
    let mut set = ChangeSet::new(SITE);
    set.row(OutboxRow::owed(SITE, "o_dc_gone".to_owned(), "upload", payload, stage.app.app.now()));
    stage.app.app.commit(set).await.expect("owed");
    seven_tries(&stage, "upload").await;
    assert_eq!(stage.alerts(SITE, "o_dc_gone").await, [("errand_stuck".to_owned(), "yellow".to_owned())]);
    let row = stage.app.app.stores.outbox.outbox(SITE, "o_dc_gone").await.expect("the store").expect("the row");
    assert_eq!((row.state.as_str(), row.last_error.as_deref()), ("dead", Some("unreadable")));
    stage.timers.run_due().await;
    assert_eq!(stage.alerts(SITE, "o_dc_gone").await.len(), 1, "it stays until somebody mended it");
}
