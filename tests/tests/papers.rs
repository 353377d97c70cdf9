//! The papers of a case: at each stage exactly those that it has, with what the case says on them; who may read
//! them, that each read is recorded, and that anybody can find out whether one is genuine.

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use protocol::slip::Slip;
use serde_json::{Value, json};
use tests::app::Actor;
use tests::device_line::DeviceLine;

use crate::case_ways::{Hall, PLAN};

/// The text of a PDF without the spaces of its layout.
pub fn text_of(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils is installed");
    child.stdin.take().expect("an input").write_all(pdf).expect("it reads");
    let told = child.wait_with_output().expect("it ends");
    assert!(told.status.success());
    String::from_utf8(told.stdout).expect("UTF-8").split_whitespace().collect()
}

async fn kinds(hall: &Hall, id: &str) -> Vec<String> {
    let listed = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}/documents")).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
    let items = listed.body["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// One paper's text; what it looks like is left for eyes with `YICHUANG_PICTURES`.
async fn read(hall: &Hall, actor: &Actor, id: &str, kind: &str) -> String {
    let answer = hall.app.get(actor, &format!("/api/v1/cases/{id}/documents/{kind}.pdf")).await;
    assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.body);
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join(format!("paper-{kind}.pdf")), &answer.bytes).expect("a file");
    }
    text_of(&answer.bytes)
}

pub fn says(text: &str, wanted: &[&str]) {
    for one in wanted {
        assert!(text.contains(one), "{one}: {text}");
    }
}

/// The code that stands on a paper.
pub fn code_of(text: &str) -> String {
    let (_, rest) = text.split_once("核验码").expect("a code");
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect()
}

#[tokio::test]
async fn a_promise_case_has_its_papers_one_after_the_other() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    assert_eq!(kinds(&hall, &id).await, ["receipt"]);
    let receipt = read(&hall, &hall.clerk, &id, "receipt").await;
    says(&receipt, &["材料接收凭证", "李华", "查询码", "收到的材料", "收下", "自收到材料之日起即为受理", "收件人签字"]);
    assert!(!receipt.contains("11010519491231002X"), "the number is masked");

    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    assert_eq!(kinds(&hall, &id).await, ["receipt", "acceptance", "transfer"]);
    let acceptance = read(&hall, &hall.clerk, &id, "acceptance").await;
    says(&acceptance, &["受理通知书", "李华：", "材料齐全，符合法定形式，现予受理", "承诺期限10个工作日", "承诺办结日2026年12月8日"]);
    says(&read(&hall, &hall.clerk, &id, "transfer").await, &["物料流转单", "移交人签字", "接收人签字"]);

    hall.ok(&hall.approver, &format!("/cases/{id}/claim"), json!({})).await;
    let suspend = json!({ "procedure": "appraisal", "days": 5, "basis": "行政许可法第四十五条" });
    hall.ok(&hall.approver, &format!("/cases/{id}/suspend"), suspend).await;
    let special = read(&hall, &hall.approver, &id, "special_procedure").await;
    says(&special, &["特别程序告知书", "鉴定", "5个工作日", "不计算在办理期限内"]);
    hall.ok(&hall.approver, &format!("/cases/{id}/resume"), json!({})).await;

    hall.ok(&hall.approver, &format!("/cases/{id}/approve"), json!({ "opinion": "同意" })).await;
    says(
        &read(&hall, &hall.approver, &id, "decision").await,
        &["准予", "经审查，符合法定条件", "第四十四条", "审批权限授权（白政发〔2023〕31号）"],
    );
    hall.ok(&hall.issuer, &format!("/cases/{id}/certificate"), json!({ "number": "Z1", "valid_from": "2026-11-24" })).await;
    says(&read(&hall, &hall.issuer, &id, "delivery").await, &["送达回证", "编号Z1", "受送达人签字"]);
    let all = ["receipt", "acceptance", "transfer", "special_procedure", "decision", "delivery"];
    assert_eq!(kinds(&hall, &id).await, all);
}

#[tokio::test]
async fn a_notice_a_tolerance_a_refusal_and_a_denial_say_what_follows() {
    let hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let items = json!({ "items": [{ "text": "采伐示意图没有标出西界", "basis": "森林法第五十七条" }] });
    hall.ok(&hall.clerk, &format!("/cases/{id}/request-correction"), items).await;
    let notice = read(&hall, &hall.clerk, &id, "correction").await;
    says(&notice, &["一次性告知书", "1.采伐示意图没有标出西界（依据：森林法第五十七条）", "30日内", "此后不再增加", "一式两份"]);

    let id = hall.received(PLAN).await;
    let body = hall.body("demo-promised", "").await;
    let plan = body["materials"].as_array().expect("materials").iter().find(|entry| entry["material_id"].to_string().contains(PLAN));
    let promised = json!({ "promised": [{ "material_id": plan.expect("the plan")["material_id"], "due": "2026-12-01" }] });
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept-tolerant"), promised).await;
    let tolerant = read(&hall, &hall.clerk, &id, "tolerant_acceptance").await;
    says(&tolerant, &["容缺受理通知书", "2026年12月1日", "不发放结果证照", "申请人签字（承诺）"]);

    let id = hall.received("").await;
    let refuse = json!({ "reason_code": "not_competent", "text": "国有林由林场受理" });
    hall.ok(&hall.clerk, &format!("/cases/{id}/propose-refusal"), refuse).await;
    assert_eq!(kinds(&hall, &id).await, ["receipt"], "a proposal is no refusal");
    hall.ok(&hall.approver, &format!("/cases/{id}/confirm-refusal"), json!({ "opinion": "确属林场" })).await;
    let refusal = read(&hall, &hall.approver, &id, "refusal").await;
    says(&refusal, &["不予受理通知书", "依法不属于本机关职权范围", "六十日内依法申请行政复议", "六个月内依法向人民法院提起行政诉讼"]);

    let id = hall.in_review().await;
    hall.ok(&hall.approver, &format!("/cases/{id}/deny"), json!({ "opinion": "林权有争议", "reason_code": "conditions_not_met" })).await;
    let denial = read(&hall, &hall.approver, &id, "decision").await;
    says(&denial, &["不予", "不符合法定条件", "理由：林权有争议", "行政复议"]);
}

#[tokio::test]
async fn anybody_can_find_out_whether_a_paper_is_genuine() {
    let hall = Hall::open().await;
    let id = hall.in_review().await;
    let code = code_of(&read(&hall, &hall.clerk, &id, "acceptance").await);
    let verify = async |code: &str| hall.app.get(&Actor::Nobody, &format!("/api/v1/verify/{code}")).await;
    let told = verify(&code).await;
    assert_eq!(told.status, StatusCode::OK, "{code}: {}", told.body);
    assert_eq!((&told.body["title"], &told.body["revoked"]), (&json!("受理通知书"), &json!(false)));
    assert!(told.body["applicant_name"].as_str().is_some_and(|name| name.contains('*')), "masked: {}", told.body);
    let receipt = code_of(&read(&hall, &hall.clerk, &id, "receipt").await);
    assert_ne!(code, receipt, "each paper has its own");
    assert_eq!(verify(&code.to_lowercase().replacen("dc", "DC", 1)).await.status, StatusCode::OK, "typed in small letters");
    let number = code.rsplit_once('-').expect("a number").0.to_owned();
    for wrong in ["nothing", "X-ABCDEFGH", &format!("{number}-AAAAAAAA"), &format!("{number}-{}", "我".repeat(3))] {
        assert_eq!(verify(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    for _ in 0..4 {
        verify(&format!("{number}-BBBBBBBB")).await;
    }
    assert_eq!(verify(&code).await.status, StatusCode::TOO_MANY_REQUESTS, "wrong ones are counted for a number");
}

#[tokio::test]
async fn a_paper_is_for_who_may_see_the_name_and_each_read_is_recorded() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let path = format!("/api/v1/cases/{id}/documents/receipt.pdf");
    let auditor = hall.app.sign_in("auditor").await;
    assert_eq!(hall.app.get(&auditor, &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(hall.app.get(&Actor::Nobody, &path).await.status, StatusCode::UNAUTHORIZED);
    for unknown in ["decision.pdf", "receipt", "receipt.docx", "nothing.pdf"] {
        let answer = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}/documents/{unknown}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
    }
    let recorded = async || {
        let events = hall.app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("events");
        events.iter().filter(|event| event.kind == "person_revealed").map(|event| event.body.clone()).collect::<Vec<_>>()
    };
    assert!(recorded().await.is_empty());
    read(&hall, &hall.clerk, &id, "receipt").await;
    let told: Vec<Value> = recorded().await.iter().map(|body| serde_json::from_str(body).expect("a body")).collect();
    assert_eq!((told.len(), &told[0]["paper"], &told[0]["object"]), (1, &json!("receipt-2"), &json!(id)));
}

#[tokio::test]
async fn short_papers_come_out_of_the_hall_s_printer_without_a_name() {
    let hall = Hall::open().await;
    let id = hall.received(PLAN).await;
    let path = format!("/api/v1/cases/{id}/slips");
    let print = async |actor: &Actor, kind: &str| hall.app.post(actor, &path, json!({ "kind": kind })).await;
    let without = hall.app.post(&hall.clerk, &path, json!({ "kind": "receipt" })).await;
    assert_eq!(without.status, StatusCode::CREATED, "the demo hall has a printer, were it switched off: {}", without.body);
    for (actor, status) in [(&Actor::Nobody, StatusCode::UNAUTHORIZED), (&hall.approver, StatusCode::FORBIDDEN)] {
        assert_eq!(print(actor, "receipt").await.status, status);
    }
    let early = print(&hall.clerk, "acceptance").await;
    assert_eq!((early.status, &early.body["code"]), (StatusCode::CONFLICT, &json!("no_such_paper")));
    assert_eq!(print(&hall.clerk, "decision").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let (made, _) = hall.made().await;
    let told = |kind: &str| json!({ "kind": kind });
    for (actor, kind) in [(&hall.clerk, "acceptance"), (&hall.issuer, "pickup")] {
        let owed = hall.app.post(actor, &format!("/api/v1/cases/{made}/slips"), told(kind)).await;
        assert_eq!((owed.status, &owed.body["state"]), (StatusCode::CREATED, &json!("waiting")), "{}", owed.body);
    }
    let jobs = hall.app.app.stores.outbox.outbox_of("demo-center", "print", 50).await.expect("jobs");
    let slips: Vec<_> = jobs
        .iter()
        .filter_map(|job| match serde_json::from_str(&job.payload) {
            Ok(Slip::Document(document)) => Some(document),
            _ => None,
        })
        .collect();
    let titled = |title: &str| slips.iter().find(|slip| slip.title == title).unwrap_or_else(|| panic!("{title}: {slips:?}"));
    let receipt = titled("材料接收凭证");
    assert_eq!(receipt.items_title, Some(format!("收到这 {} 件材料", receipt.items.len())));
    assert!(!receipt.items.is_empty() && receipt.rows.iter().any(|row| row.label == "查询码" && row.value.len() == 8));
    assert!(receipt.qr.as_ref().is_some_and(|code| code.url.contains("/t/")));
    assert!(titled("受理回执").rows.iter().any(|row| row.label == "最晚办好" && row.value.starts_with("2026年12月")));
    assert_eq!(titled("取证通知").items.len(), 2);
    for job in &jobs {
        for person in ["李华", "11010519491231002X", "13800138000"] {
            assert!(!job.payload.contains(person), "a slip lies in the outbox: {}", job.payload);
        }
    }
    let log = hall.app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("the log");
    assert_eq!(log.iter().filter(|event| event.kind == "case_slip_printed").count(), 3);

    // It reaches the printer like every slip.
    let (mut printer, _) = DeviceLine::open(hall.app.serve().await, "demo-printer").await;
    let first = printer
        .next_where(|frame| match frame {
            protocol::device::ToDevice::PrintJob { slip: Slip::Document(slip), .. } => Some(slip.title),
            _ => None,
        })
        .await;
    assert!(["材料接收凭证", "取证通知"].contains(&first.as_str()), "{first}");
}
