//! The ways beside the straight one, over HTTP: tolerance, suspension, extension, delegation, return,
//! withdrawal, revocation, drafts, couriers, waivers, silence, and a basis that ended.

use axum::http::{Method, StatusCode};
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

const SITE: &str = "demo-center";
/// The material of `demo-promised` that may be promised.
pub const PLAN: &str = "felling-plan";

pub struct Hall {
    pub app: TestApp,
    pub clerk: Actor,
    pub approver: Actor,
    pub issuer: Actor,
    pub supervisor: Actor,
}

impl Hall {
    pub async fn open() -> Self {
        let app = TestApp::memory().await;
        let (clerk, approver) = (app.sign_in("clerk1").await, app.sign_in("approver1").await);
        let (issuer, supervisor) = (app.sign_in("issuer").await, app.sign_in("supervisor").await);
        Self { app, clerk, approver, issuer, supervisor }
    }

    /// Signs everybody in again: days have passed.
    pub async fn days_later(&mut self, days: i64) {
        self.app.clock.advance(days * DAY_MS);
        self.clerk = self.app.sign_in("clerk1").await;
        self.approver = self.app.sign_in("approver1").await;
        self.supervisor = self.app.sign_in("supervisor").await;
    }

    pub async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.app.post(actor, &format!("/api/v1{path}"), body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    pub async fn refused(&self, actor: &Actor, path: &str, body: Value, status: StatusCode, code: &str) {
        let answer = self.app.post(actor, &format!("/api/v1{path}"), body).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{path}: {}", answer.body);
    }

    pub async fn body(&self, matter: &str, without: &str) -> Value {
        let row = self.app.app.stores.catalogue.matter(SITE, &format!("m_dc_{matter}")).await.expect("matters").expect("the matter");
        let matter: Value = serde_json::from_str(&row.doc).expect("a matter");
        let handed_in = |id: &str| without.is_empty() || !id.ends_with(without);
        let materials: Vec<Value> = matter["materials"]
            .as_array()
            .expect("materials")
            .iter()
            .filter(|material| material["situation_ids"] == json!([]))
            .filter_map(|material| material["id"].as_str())
            .filter(|id| handed_in(id))
            .map(|id| json!({ "material_id": id, "status": "collected" }))
            .collect();
        let situations: Vec<&Value> =
            matter["situations"].as_array().expect("questions").iter().map(|question| &question["options"][0]["id"]).collect();
        json!({ "site_id": SITE, "matter_id": matter["id"], "situation_ids": situations, "materials": materials,
            "applicant": { "kind": "person", "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X", "phone": "13800138000" } })
    }

    pub async fn received(&self, without: &str) -> String {
        let case = self.ok(&self.clerk, "/cases", self.body("demo-promised", without).await).await;
        case["id"].as_str().expect("an id").to_owned()
    }

    pub async fn in_review(&self) -> String {
        let id = self.received("").await;
        self.ok(&self.clerk, &format!("/cases/{id}/accept"), json!({})).await;
        self.ok(&self.approver, &format!("/cases/{id}/claim"), json!({})).await;
        id
    }

    /// The id of a certificate that was made for a decided case.
    pub async fn made(&self) -> (String, String) {
        let id = self.in_review().await;
        self.ok(&self.approver, &format!("/cases/{id}/approve"), json!({})).await;
        let made = self.ok(&self.issuer, &format!("/cases/{id}/certificate"), json!({ "number": "Z1", "valid_from": "2026-11-24" })).await;
        (id, made["id"].as_str().expect("an id").to_owned())
    }
}

#[tokio::test]
async fn a_promise_holds_the_certificate_until_it_is_kept() {
    let hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let plan = hall.body("demo-promised", "").await["materials"].as_array().expect("materials").iter().find_map(|entry| {
        let id = entry["material_id"].as_str().expect("an id");
        id.ends_with(PLAN).then(|| id.to_owned())
    });
    let plan = plan.expect("the plan");
    let accept = format!("/cases/{id}/accept-tolerant");
    let promise = |due: &str| json!({ "promised": [{ "material_id": plan, "due": due }] });
    hall.refused(&hall.clerk, &accept, promise("2027-12-01"), StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    let case = hall.ok(&hall.clerk, &accept, promise("2026-12-01")).await;
    assert_eq!(case["state"], "accepted");
    hall.ok(&hall.approver, &format!("/cases/{id}/claim"), json!({})).await;
    let case = hall.ok(&hall.approver, &format!("/cases/{id}/approve"), json!({ "opinion": "同意" })).await;
    assert_eq!((&case["decision"], &case["held"], case["reporting_state"].as_u64()), (&json!("approved_tolerant"), &json!(true), Some(12)));
    let make = format!("/cases/{id}/certificate");
    let number = json!({ "number": "Z1", "valid_from": "2026-11-24" });
    hall.refused(&hall.issuer, &make, number.clone(), StatusCode::CONFLICT, "promise_open").await;
    let kept = json!({ "materials": [{ "material_id": plan, "status": "collected" }] });
    hall.ok(&hall.clerk, &format!("/cases/{id}/supply"), kept).await;
    hall.ok(&hall.issuer, &make, number).await;
}

#[tokio::test]
async fn a_review_can_be_suspended_extended_handed_on_and_sent_back() {
    let hall = Hall::open().await;
    let id = hall.in_review().await;
    let path = |action: &str| format!("/cases/{id}/{action}");
    let leader = hall.app.sign_in("leader1").await;
    let case =
        hall.ok(&hall.approver, &path("suspend"), json!({ "procedure": "appraisal", "days": 5, "basis": "行政许可法第四十五条" })).await;
    assert_eq!((&case["state"], &case["clock"]["stopped"], &case["clock"]["due_at"]), (&json!("suspended"), &json!(true), &Value::Null));
    hall.refused(&hall.approver, &path("approve"), json!({}), StatusCode::CONFLICT, "case_state").await;
    hall.ok(&hall.approver, &path("resume"), json!({})).await;
    hall.refused(&hall.approver, &path("extend"), json!({ "days": 11, "reason": "专家不在" }), StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        .await;
    hall.ok(&hall.approver, &path("extend"), json!({ "days": 5, "reason": "专家不在" })).await;
    hall.refused(&hall.approver, &path("approve-extension"), json!({}), StatusCode::FORBIDDEN, "forbidden").await;
    let case = hall.ok(&leader, &path("approve-extension"), json!({ "opinion": "同意" })).await;
    assert_eq!(case["clock"]["budget"], 15);
    hall.refused(&hall.approver, &path("delegate"), json!({ "staff_id": "s_dc_clerk2" }), StatusCode::CONFLICT, "delegate_not_eligible")
        .await;
    let back = hall.ok(&hall.approver, &path("return"), json!({ "to": "desk", "text": "示意图要标西界" })).await;
    assert_eq!(back["state"], "accepted");
    let shown = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    assert!(shown["history"].as_array().expect("history").iter().any(|entry| entry["note"] == "示意图要标西界"));
    hall.ok(&hall.approver, &path("claim"), json!({})).await;
    let released = hall.ok(&hall.approver, &path("release"), json!({})).await;
    assert_eq!(released["reviewer_name"], Value::Null);
}

#[tokio::test]
async fn a_case_can_be_withdrawn_overturned_or_revoked() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    hall.refused(&hall.clerk, &format!("/cases/{id}/withdraw"), json!({}), StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    let case = hall.ok(&hall.clerk, &format!("/cases/{id}/withdraw"), json!({ "reason": "不办了" })).await;
    assert_eq!((&case["closed_as"], case["reporting_state"].as_u64()), (&json!("withdrawn"), Some(2)));

    let id = hall.received("").await;
    hall.ok(&hall.clerk, &format!("/cases/{id}/propose-refusal"), json!({ "reason_code": "not_required", "text": "零星树木不用办证" }))
        .await;
    let case = hall.ok(&hall.approver, &format!("/cases/{id}/overturn-refusal"), json!({ "opinion": "在承包地里，要办" })).await;
    assert_eq!((&case["state"], case["reporting_state"].as_u64()), (&json!("accepted"), Some(3)));

    let (id, _) = hall.made().await;
    let revoke = json!({ "reason": "查明材料是假的", "basis": "行政许可法第六十九条" });
    hall.refused(&hall.clerk, &format!("/cases/{id}/revoke"), revoke.clone(), StatusCode::FORBIDDEN, "forbidden").await;
    let case = hall.ok(&hall.approver, &format!("/cases/{id}/revoke"), revoke).await;
    assert_eq!((&case["closed_as"], case["reporting_state"].as_u64()), (&json!("revoked"), Some(15)));
}

#[tokio::test]
async fn a_draft_becomes_a_case_by_its_receipt() {
    let hall = Hall::open().await;
    let mut body = hall.body("demo-promised", PLAN).await;
    body["draft"] = json!(true);
    let case = hall.ok(&hall.clerk, "/cases", body).await;
    assert_eq!((&case["state"], &case["reporting_state"]), (&json!("draft"), &Value::Null));
    let id = case["id"].as_str().expect("an id");
    hall.refused(&hall.clerk, &format!("/cases/{id}/accept"), json!({}), StatusCode::CONFLICT, "case_state").await;
    let all = json!({ "materials": hall.body("demo-promised", "").await["materials"], "form": { "trees": 12 } });
    let changed = hall.app.send(&hall.clerk, Method::PATCH, &format!("/api/v1/cases/{id}"), None, Some(all)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let case = hall.ok(&hall.clerk, &format!("/cases/{id}/submit"), json!({})).await;
    assert_eq!(case["state"], "received");
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
}

#[tokio::test]
async fn a_certificate_can_wait_for_no_platform_and_go_by_courier() {
    let hall = Hall::open().await;
    let (id, certificate) = hall.made().await;
    let path = |action: &str| format!("/certificates/{certificate}/{action}");
    let parcel = json!({ "carrier": "邮政", "waybill": "EX1" });
    hall.refused(&hall.issuer, &path("ship"), parcel.clone(), StatusCode::CONFLICT, "upload_pending").await;
    hall.refused(&hall.issuer, &path("waive-upload"), json!({ "reason": "平台停机" }), StatusCode::FORBIDDEN, "forbidden").await;
    let waived = hall.ok(&hall.supervisor, &path("waive-upload"), json!({ "reason": "平台停机" })).await;
    assert_eq!(waived["upload"], "waived");
    let shipped = hall.ok(&hall.issuer, &path("ship"), parcel).await;
    assert_eq!(shipped["custody"], "shipped");
    hall.ok(&hall.issuer, &path("return"), json!({ "reason": "地址不对，退回来了" })).await;
    hall.ok(&hall.issuer, &path("receive"), json!({ "slot": "A07" })).await;
    hall.ok(&hall.issuer, &path("ship"), json!({ "carrier": "邮政", "waybill": "EX2" })).await;
    let delivered = hall.ok(&hall.issuer, &path("confirm-delivery"), json!({})).await;
    assert_eq!(delivered["custody"], "delivered");
    let case = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    assert_eq!(case["closed_as"], "finished");
}

#[tokio::test]
async fn silence_accepts_even_when_the_timer_has_slept() {
    let mut hall = Hall::open().await;
    let id = hall.received("").await;
    // From Tuesday 24 November over two weekends: the fifth working day is long past.
    hall.days_later(13).await;
    let notice = json!({ "items": [{ "text": "再补一份", "basis": "行政许可法第三十二条" }] });
    hall.refused(&hall.clerk, &format!("/cases/{id}/request-correction"), notice, StatusCode::CONFLICT, "case_state").await;
    hall.ok(&hall.approver, &format!("/cases/{id}/claim"), json!({})).await;
    let case = hall.app.get(&hall.approver, &format!("/api/v1/cases/{id}")).await.body;
    assert_eq!(case["state"], "in_review");
    assert_eq!(case["clock"]["days"][0]["date"], "2026-11-24", "the clock runs from the day of the receipt");
    let alerts = hall.app.app.stores.cases.alerts(SITE).await.expect("alerts");
    assert!(alerts.iter().any(|alert| alert.kind == "deemed_accepted" && alert.object_id == id));
}

#[tokio::test]
async fn a_basis_that_ended_opens_nothing() {
    let hall = Hall::open().await;
    let id = hall.in_review().await;
    let mut row = hall.app.app.stores.staff.staff_by_username("approver1").await.expect("staff").expect("approver1");
    let mut doc: Value = serde_json::from_str(&row.doc).expect("a document");
    doc["bases"][0]["to"] = json!("2026-11-23");
    row.doc = doc.to_string();
    let mut set = server::store::ChangeSet::new(row.site_id.clone());
    set.row(row);
    hall.app.app.commit(set).await.expect("the basis ends");
    let reveal = json!({ "fields": ["phone"], "reason": "看看" });
    for (path, body) in [("approve", json!({})), ("reveal", reveal)] {
        hall.refused(&hall.approver, &format!("/cases/{id}/{path}"), body, StatusCode::FORBIDDEN, "authorisation_expired").await;
    }
    let read = hall.app.get(&hall.approver, &format!("/api/v1/cases/{id}")).await;
    assert_eq!((read.status, read.body["code"].as_str()), (StatusCode::FORBIDDEN, Some("authorisation_expired")));
    let work = hall.app.get(&hall.approver, "/api/v1/worklist").await;
    assert_eq!(work.body["items"], json!([]));
}

#[tokio::test]
async fn the_same_key_at_once_opens_one_case() {
    let hall = std::sync::Arc::new(Hall::open().await);
    let body = hall.body("demo-promised", "").await;
    let mut callers = Vec::new();
    for _ in 0..12 {
        let (hall, body) = (hall.clone(), body.clone());
        callers
            .push(tokio::spawn(async move { hall.app.send(&hall.clerk, Method::POST, "/api/v1/cases", Some("once"), Some(body)).await }));
    }
    let mut ids = std::collections::BTreeSet::new();
    for caller in callers {
        let answer = caller.await.expect("a caller ends");
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        ids.insert(answer.body["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn many_wrong_passwords_at_once_are_many() {
    let hall = std::sync::Arc::new(Hall::open().await);
    let mut callers = Vec::new();
    for _ in 0..20 {
        let hall = hall.clone();
        callers.push(tokio::spawn(async move {
            hall.app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "clerk5", "password": "wrong" })).await.status
        }));
    }
    let mut unauthorised = 0;
    for caller in callers {
        unauthorised += usize::from(caller.await.expect("a caller ends") == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(unauthorised, 5, "the others were locked out");
    let unknown = json!({ "username": "nobody-here", "password": "wrong" });
    for _ in 0..5 {
        assert_eq!(hall.app.post(&Actor::Nobody, "/api/v1/sessions", unknown.clone()).await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = hall.app.post(&Actor::Nobody, "/api/v1/sessions", unknown).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "a name that does not exist is no different");
}

#[tokio::test]
async fn a_reveal_sent_again_is_recorded_once() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let body = json!({ "fields": ["phone"], "reason": "打电话通知" });
    let path = format!("/api/v1/cases/{id}/reveal");
    for replayed in [false, true] {
        let answer = hall.app.send(&hall.clerk, Method::POST, &path, Some("r1"), Some(body.clone())).await;
        assert_eq!((answer.status, answer.replayed, &answer.body["phone"]), (StatusCode::OK, replayed, &json!("13800138000")));
    }
    let other = json!({ "fields": ["name"], "reason": "打电话通知" });
    let answer = hall.app.send(&hall.clerk, Method::POST, &path, Some("r1"), Some(other)).await;
    assert_eq!(answer.body["code"], "idempotency_mismatch");
    let events = hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    assert_eq!(events.iter().filter(|event| event.kind == "person_revealed").count(), 1);
}
