//! A case's whole file for the archive: everything that the case has, in one PDF with a list of contents, the files
//! page by page, who did what from where; who may read it, and that each person it names has it on record.

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::Actor;

use crate::attachments::{form, png, send};
use crate::case_ways::Hall;

const SITE: &str = "demo-center";

/// What poppler says of a PDF: another program than the one that made it.
fn told(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("poppler-utils is installed");
    let mut input = child.stdin.take().expect("an input");
    let bytes = pdf.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&bytes).expect("it reads"));
    let told = child.wait_with_output().expect("it ends");
    writing.join().expect("it was read");
    assert!(told.status.success());
    String::from_utf8(told.stdout).expect("UTF-8")
}

/// Its text without the spaces of its layout.
pub fn text_of(pdf: &[u8]) -> String {
    told("pdftotext", &["-layout", "-", "-"], pdf).split_whitespace().collect()
}

fn pages_of(pdf: &[u8]) -> usize {
    let told = told("pdfinfo", &["-"], pdf);
    let line = told.lines().find(|line| line.starts_with("Pages:")).expect("a count");
    line.trim_start_matches("Pages:").trim().parse().expect("a number")
}

/// A PDF as a scanner's program writes one: a page for each word, wide or high.
fn scan(words: &[&str], wide: bool) -> Vec<u8> {
    let count = words.len();
    let kids: Vec<String> = (0..count).map(|at| format!("{} 0 R", 4 + 2 * at)).collect();
    let size = if wide { "842 595" } else { "595 842" };
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for (at, word) in words.iter().enumerate() {
        let content = format!("BT /F1 24 Tf 72 400 Td ({word}) Tj ET");
        objects
            .push(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>", 5 + 2 * at));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").bytes()));
    file.extend(format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes());
    file
}

fn says(text: &str, wanted: &[&str]) {
    for one in wanted {
        assert!(text.contains(one), "{one}: {text}");
    }
}

async fn added(hall: &Hall, id: &str, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Value {
    let answer = send(&hall.app, &hall.clerk, id, None, form(Some((name, bytes)), fields)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{name}: {}", answer.body);
    answer.body
}

async fn archive(hall: &Hall, actor: &Actor, id: &str, picture: &str) -> Vec<u8> {
    let answer = hall.app.get(actor, &format!("/api/v1/cases/{id}/archive.pdf")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join(format!("archive-{picture}.pdf")), &answer.bytes).expect("a file");
    }
    answer.bytes
}

async fn recorded(hall: &Hall) -> Vec<Value> {
    let events = hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let reads = events.iter().filter(|event| event.kind == "person_revealed");
    reads.map(|event| serde_json::from_str(&event.body).expect("a body")).collect()
}

/// A case from the window to its owner's hands, with files of every kind.
async fn finished(hall: &Hall) -> String {
    let body = hall.body("demo-promised", "").await;
    let id = hall.ok(&hall.clerk, "/cases", body).await["id"].as_str().expect("an id").to_owned();
    let case = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    let material = case["materials"][0]["material_id"].as_str().expect("a material").to_owned();
    added(hall, &id, "身份证正面.png", &png(400, 250, 150), &[("material_id", &material)]).await;
    added(hall, &id, "合同.pdf", &scan(&["FIRST-PAGE", "SECOND-PAGE"], false), &[]).await;
    added(hall, &id, "示意图.pdf", &scan(&["WIDE-PAGE"], true), &[]).await;
    // It calls itself a PDF and holds no page: it is listed, and keeps nothing else out.
    added(hall, &id, "坏的.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n", &[]).await;
    for (actor, action, body) in [
        (&hall.clerk, "accept", json!({})),
        (&hall.approver, "claim", json!({})),
        (&hall.approver, "approve", json!({ "opinion": "符合条件，同意" })),
    ] {
        hall.ok(actor, &format!("/cases/{id}/{action}"), body).await;
    }
    let made = hall.ok(&hall.issuer, &format!("/cases/{id}/certificate"), json!({ "number": "Z1", "valid_from": "2026-11-24" })).await;
    let certificate = made["id"].as_str().expect("an id").to_owned();
    hall.ok(&hall.supervisor, &format!("/certificates/{certificate}/waive-upload"), json!({ "reason": "停机" })).await;
    let collector = json!({ "name": "李小华", "id_type": "resident_id", "id_number": "152301199003070038", "relation": "agent", "authorisation": "委托书（2026年11月24日）" });
    let signature = data_encoding::BASE64.encode(&png(120, 40, 60));
    let body = json!({ "collector": collector, "signature": signature });
    hall.ok(&hall.issuer, &format!("/certificates/{certificate}/hand-over"), body).await;
    id
}

#[tokio::test]
async fn the_whole_file_of_a_case_is_one_pdf() {
    let hall = Hall::open().await;
    let id = finished(&hall).await;
    let pdf = archive(&hall, &hall.clerk, &id, "finished").await;
    let text = text_of(&pdf);
    // The cover and the list of contents.
    says(&text, &["办件档案", "卷内文件目录", "序号题名责任者日期页号备注", "办理结果准予"]);
    // What was registered, persons in full.
    says(&text, &["办件登记表", "李华", "11010519491231002X", "13800138000", "领取人李小华", "材料清单"]);
    // Every paper.
    says(&text, &["材料接收凭证", "受理通知书", "物料流转单", "准予", "送达回证", "核验码"]);
    // Who did what, from where, and where it stands in the log.
    says(&text, &["办理过程", "符合条件，同意", "停机", "日志留痕", "领取人签名"]);
    let approver = hall.app.app.stores.staff.staff_by_username("approver1").await.expect("the store").expect("approver1").name;
    let names: String = approver.split_whitespace().collect();
    says(&text, &[names.as_str()]);
    // The files, page by page, and the one that is none.
    says(&text, &["附件清单", "身份证正面.png", "FIRST-PAGE", "SECOND-PAGE", "WIDE-PAGE", "第1/2页", "第2/2页"]);
    says(&text, &["没有并入本档案", "打不开、加了密或内容有损坏"]);
    let case = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    for file in case["attachments"].as_array().expect("files") {
        let hash = file["sha256"].as_str().expect("a hash");
        assert!(text.contains(hash), "{hash} stands in the list");
    }
    // Cover, contents, register, five papers, history, list, picture, two and one page, and the page for the bad one.
    let pages = pages_of(&pdf);
    assert!((15..=18).contains(&pages), "{pages} pages");
    assert!(text.contains(&format!("共{pages}页")), "the pages are counted through");
}

#[tokio::test]
async fn whoever_is_named_in_it_has_the_read_on_record() {
    let hall = Hall::open().await;
    let id = finished(&hall).await;
    assert!(recorded(&hall).await.is_empty());
    archive(&hall, &hall.supervisor, &id, "recorded").await;
    let reads = recorded(&hall).await;
    let told: Vec<_> = reads.iter().map(|read| (&read["paper"], &read["object"])).collect();
    assert_eq!(told, [(&json!("archive"), &json!(id)), (&json!("archive"), &json!(id))], "the applicant and who fetched it");
    assert_ne!(reads[0]["person"], reads[1]["person"]);
}

#[tokio::test]
async fn the_file_is_for_who_may_see_the_name() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let path = format!("/api/v1/cases/{id}/archive.pdf");
    for (name, status) in [("auditor", StatusCode::FORBIDDEN), ("approver2", StatusCode::FORBIDDEN), ("it", StatusCode::FORBIDDEN)] {
        let actor = hall.app.sign_in(name).await;
        assert_eq!(hall.app.get(&actor, &path).await.status, status, "{name}");
    }
    assert_eq!(hall.app.get(&Actor::Nobody, &path).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hall.app.get(&hall.clerk, "/api/v1/cases/c_dc_none/archive.pdf").await.status, StatusCode::NOT_FOUND);
    assert!(recorded(&hall).await.is_empty(), "who was refused read nothing");
    // A leader decides about it in the end, so a leader reads it, on the record like everybody.
    let leader = hall.app.sign_in("leader1").await;
    assert_eq!(hall.app.get(&leader, &path).await.status, StatusCode::OK);
    assert_eq!(recorded(&hall).await.len(), 1);
    let text = text_of(&archive(&hall, &hall.clerk, &id, "open").await);
    says(&text, &["还没有办结", "材料接收凭证", "办理过程"]);
    assert!(!text.contains("附件清单"), "nothing is listed where nothing lies");
}
