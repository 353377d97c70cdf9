//! A paper stays what it was when it was handed over: what happens to the case afterwards changes no paper that somebody
//! holds, and each notice has its own code.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::Actor;

use crate::case_ways::{Hall, PLAN};
use crate::papers::{code_of, says, text_of};

/// The papers of one kind that a case has, in order, each with its text.
async fn all_of(hall: &Hall, id: &str, kind: &str) -> Vec<String> {
    let listed = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}/documents")).await.body;
    let mut texts = Vec::new();
    for paper in listed["items"].as_array().expect("papers").iter().filter(|paper| paper["kind"] == kind) {
        let read = hall.app.get(&hall.clerk, paper["url"].as_str().expect("an address")).await;
        assert_eq!(read.status, StatusCode::OK, "{paper}: {}", read.body);
        texts.push(text_of(&read.bytes));
    }
    texts
}

async fn is_genuine(hall: &Hall, text: &str) -> bool {
    hall.app.get(&Actor::Nobody, &format!("/api/v1/verify/{}", code_of(text))).await.status == StatusCode::OK
}

async fn plan(hall: &Hall) -> Value {
    let body = hall.body("demo-promised", "").await;
    let all = body["materials"].as_array().expect("materials");
    all.iter().find(|entry| entry["material_id"].to_string().contains(PLAN)).expect("the plan")["material_id"].clone()
}

#[tokio::test]
async fn each_notice_keeps_its_words_and_its_own_code() {
    let hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let path = |action: &str| format!("/cases/{id}/{action}");
    let plan = plan(&hall).await;
    let notice = |text: &str| json!({ "items": [{ "material_id": plan, "text": text, "basis": "森林法第五十七条" }] });
    hall.ok(&hall.clerk, &path("request-correction"), notice("示意图没有标出西界")).await;
    let held = all_of(&hall, &id, "correction").await.remove(0);
    let supply = json!({ "materials": [{ "material_id": plan, "status": "collected", "originals": 1 }] });
    hall.ok(&hall.clerk, &path("supply"), supply).await;
    hall.ok(&hall.clerk, &path("request-correction"), notice("示意图没有盖章")).await;
    let notices = all_of(&hall, &id, "correction").await;
    assert_eq!((notices.len(), &notices[0]), (2, &held), "the first is what it was");
    says(&notices[0], &["示意图没有标出西界"]);
    says(&notices[1], &["示意图没有盖章"]);
    assert_ne!(code_of(&notices[0]), code_of(&notices[1]));
    for one in &notices {
        assert!(is_genuine(&hall, one).await, "{one}");
    }
}

#[tokio::test]
async fn two_special_procedures_are_two_papers() {
    let hall = Hall::open().await;
    let id = hall.in_review().await;
    let path = |action: &str| format!("/cases/{id}/{action}");
    for (procedure, days) in [("appraisal", 5), ("expert_review", 3)] {
        let suspend = json!({ "procedure": procedure, "days": days, "basis": "行政许可法第四十五条" });
        hall.ok(&hall.approver, &path("suspend"), suspend).await;
        hall.ok(&hall.approver, &path("resume"), json!({})).await;
    }
    let papers = all_of(&hall, &id, "special_procedure").await;
    assert_eq!(papers.len(), 2);
    says(&papers[0], &["鉴定", "5个工作日"]);
    says(&papers[1], &["专家评审", "3个工作日"]);
    for one in &papers {
        assert!(is_genuine(&hall, one).await && !one.contains("结束日期"), "nobody knew its end: {one}");
    }
}

#[tokio::test]
async fn what_was_promised_and_received_stands_as_it_was() {
    let mut hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let plan = plan(&hall).await;
    let receipt = all_of(&hall, &id, "receipt").await.remove(0);
    let promised = json!({ "promised": [{ "material_id": plan, "due": "2026-12-01" }] });
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept-tolerant"), promised).await;
    let tolerant = all_of(&hall, &id, "tolerant_acceptance").await.remove(0);
    says(&tolerant, &["2026年12月1日", "承诺办结日2026年12月8日"]);
    hall.ok(&hall.approver, &format!("/cases/{id}/claim"), json!({})).await;
    let suspend = json!({ "procedure": "appraisal", "days": 5, "basis": "行政许可法第四十五条" });
    hall.ok(&hall.approver, &format!("/cases/{id}/suspend"), suspend).await;
    hall.days_later(3).await;
    hall.ok(&hall.approver, &format!("/cases/{id}/resume"), json!({})).await;
    let supply = json!({ "materials": [{ "material_id": plan, "status": "collected", "originals": 1 }] });
    hall.ok(&hall.clerk, &format!("/cases/{id}/supply"), supply).await;
    assert_eq!(all_of(&hall, &id, "tolerant_acceptance").await, [tolerant], "kept promise, later limit: the notice is what it was");
    assert_eq!(all_of(&hall, &id, "receipt").await, [receipt]);
    let carried = all_of(&hall, &id, "transfer").await;
    assert_eq!(carried.len(), 2, "what came later goes to the department with a sheet of its own");
    assert!(carried[1].contains("采伐") && carried[1].len() < carried[0].len(), "only what came: {}", carried[1]);
}

#[tokio::test]
async fn who_is_accepted_against_a_refusal_is_not_told_that_all_is_there() {
    let hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let refuse = json!({ "reason_code": "not_competent", "text": "国有林由林场受理" });
    hall.ok(&hall.clerk, &format!("/cases/{id}/propose-refusal"), refuse).await;
    hall.ok(&hall.approver, &format!("/cases/{id}/overturn-refusal"), json!({ "opinion": "属于本局职权" })).await;
    let acceptance = all_of(&hall, &id, "acceptance").await.remove(0);
    says(&acceptance, &["依法应当受理，现予受理", "受理时还没有交的材料"]);
    assert!(!acceptance.contains("材料齐全"), "{acceptance}");
}
