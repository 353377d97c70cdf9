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

fn signed(hall: &mut DemoPages) {
    let case = hall.accepted_case(MATTER);
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
