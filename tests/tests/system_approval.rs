//! Approval in steps on the pages, in a real browser: the first look signs and hands on, one of two departments
//! dissents, the leader sees it and decides; an administrator sees the steps in the catalogue and adds one.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const MATTER: &str = "m_dc_zhaijidi";

#[track_caller]
fn see(hall: &mut DemoPages, page: &str, text: &str) {
    hall.step("see", json!({ "page": page, "text": text }));
}

#[track_caller]
fn key(hall: &mut DemoPages, page: &str, key: &str) {
    hall.step("press_key", json!({ "page": page, "key": key }));
}

#[track_caller]
fn press(hall: &mut DemoPages, page: &str, selector: &str) {
    hall.step("press_in", json!({ "page": page, "selector": selector }));
}

/// An accepted case of the matter with steps.
fn accepted(hall: &mut DemoPages) -> String {
    let asked = hall.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/matters/{MATTER}") }));
    let matter = &asked["body"];
    let materials: Vec<Value> = matter["materials"]
        .as_array()
        .expect("materials")
        .iter()
        .filter(|one| one["situation_ids"].as_array().is_none_or(Vec::is_empty))
        .map(|one| json!({ "material_id": one["id"], "status": "collected", "originals": 1 }))
        .collect();
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    let body = json!({
        "site_id": "demo-center", "matter_id": MATTER, "situation_ids": situations, "materials": materials,
        "applicant": { "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" },
    });
    let opened = hall.send("clerk1", "/cases", body);
    let case = opened["id"].as_str().expect("an id").to_owned();
    hall.send("clerk1", &format!("/cases/{case}/accept"), json!({}));
    case
}

fn signed(hall: &mut DemoPages) {
    let case = accepted(hall);
    hall.step("sign_in", json!({ "name": "approver1", "path": "/approve" }));
    see(hall, "approver1", "待审批人员领取");
    hall.look("approver1", "approval-open");
    key(hall, "approver1", "Control+Enter");
    see(hall, "approver1", "同意，交下一步");
    hall.look("approver1", "approval-first");
    key(hall, "approver1", "Control+Enter");
    see(hall, "approver1", "签了同意，交到下一步");

    hall.step("sign_in", json!({ "name": "approver7", "path": "/approve" }));
    see(hall, "approver7", "会签，都签完才往下走");
    key(hall, "approver7", "Control+Enter");
    see(hall, "approver7", "同意，交下一步");
    key(hall, "approver7", "Alt+x");
    hall.step("fill_in", json!({ "page": "approver7", "fields": { "#deny-text": "西界压占一般耕地，请先办农用地转用" } }));
    hall.step("picture", json!({ "page": "approver7", "file": "approval-dissent" }));
    key(hall, "approver7", "Control+Enter");
    see(hall, "approver7", "意见随件走");

    hall.step("sign_in_quietly", json!({ "name": "approver6" }));
    hall.send("approver6", &format!("/cases/{case}/claim"), json!({}));
    hall.send("approver6", &format!("/cases/{case}/sign-step"), json!({ "agrees": true, "opinion": "没有不同意见" }));

    hall.step("sign_in", json!({ "name": "leader1", "path": "/approve" }));
    see(hall, "leader1", "待分管领导领取");
    see(hall, "leader1", "西界压占一般耕地");
    key(hall, "leader1", "Control+Enter");
    see(hall, "leader1", "通过，看下一件");
    see(hall, "leader1", "退回上一步…");
    hall.look("leader1", "approval-decision");
    key(hall, "leader1", "Control+Enter");
    see(hall, "leader1", "通过了");

    hall.step("sign_in", json!({ "name": "admin", "path": "/admin?site=demo-center&tab=catalogue" }));
    hall.step("edit_matter", json!({ "page": "admin", "matter": "农村村民宅基地使用审批" }));
    hall.step("editor_part", json!({ "page": "admin", "part": "审批步骤" }));
    see(hall, "admin", "同一环节里的几步同时办");
    hall.look("admin", "approval-editor");
    press(hall, "admin", ".list > .row .add");
    press(hall, "admin", ".list .box:nth-of-type(3) button:has-text(\"加一步同时办\")");
    key(hall, "admin", "Control+s");
    see(hall, "admin", "一件里一个人只能签一步");
    hall.look("admin", "approval-editor-wrong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_signed_step_by_step_on_the_pages() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "clerk1" }));
        signed(&mut hall);
        let troubles = hall.step("troubles", json!({}));
        // A draft with too few people is refused on purpose.
        let is_expected = |line: &&Value| line.as_str().is_some_and(|line| line.contains(": 422 ") && line.contains("/draft"));
        let others: Vec<&Value> = troubles.as_array().expect("lines").iter().filter(|line| !is_expected(line)).collect();
        assert!(others.is_empty(), "{others:#?}");
    });
}
