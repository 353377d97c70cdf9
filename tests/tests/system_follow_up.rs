//! From a negative rating to the call-back in a real browser, by keyboard: a citizen rates on the phone, the
//! supervisor verifies, rectifies, answers and calls, the clerk appeals, the district decides; and a complaint
//! from the phone to its answer.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const PHONE: &str = "13912345520";
const ANSWER: &str = "对不起，样本已经摆到窗口";

/// A visit served by clerk1; the code of its slip.
fn visit(hall: &mut DemoPages, with_phone: bool) -> String {
    let mut body = json!({ "line_id": "l_dc_demo-line" });
    if with_phone {
        body["holder"] = json!({ "name": "哈斯巴根", "phone": PHONE });
    }
    let ticket = hall.send("clerk1", &format!("/sites/{SITE}/tickets"), body);
    let id = ticket["id"].as_str().expect("an id").to_owned();
    hall.send("clerk1", "/windows/w_dc_1/call-next", json!({}));
    hall.send("clerk1", &format!("/tickets/{id}/start"), json!({}));
    hall.send("clerk1", &format!("/tickets/{id}/finish"), json!({ "outcome": "accepted" }));
    ticket["tracking_code"].as_str().expect("a code").to_owned()
}

fn rated(hall: &mut DemoPages, code: &str, level: &str, reasons: &[&str]) {
    let body = json!({ "tracking_code": code, "subject": "visit", "level": level, "reason_codes": reasons, "channel": "qr" });
    hall.send("clerk1", "/evaluations", body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_from_the_rating_to_the_call_by_keyboard() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        sit_down(&mut hall);
        rate(&mut hall);
        verify_and_appeal(&mut hall);
        rectify_answer_and_call(&mut hall);
        complain(&mut hall);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
        the_others(&mut hall);
    });
}

fn sit_down(hall: &mut DemoPages) {
    for name in ["clerk1", "auditor"] {
        hall.step("sign_in_quietly", json!({ "name": name }));
    }
    hall.send("clerk1", "/windows/w_dc_1/open", json!({}));
    hall.step("sign_in", json!({ "name": "supervisor", "path": "/evaluations" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".state", "text": "没有要办的差评" }));
    hall.look("supervisor", "evaluations-none");
}

fn rate(hall: &mut DemoPages) {
    for (level, reasons) in [("dissatisfied", vec!["213"]), ("very_dissatisfied", vec!["108", "114"]), ("dissatisfied", vec!["212"])] {
        let code = visit(hall, false);
        rated(hall, &code, level, &reasons);
    }
    let code = visit(hall, true);
    hall.step("open_tracking", json!({ "page": "citizen", "code": code }));
    let choice =
        json!({ "page": "citizen", "level": "very_dissatisfied", "reasons": ["108", "115"], "text": "等了很久，窗口说不清要带什么" });
    hall.step("rate_badly", choice);
    hall.step("reload", json!({ "page": "supervisor" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".rating", "text": "1 号窗口" }));
    let said = hall.step("choose_rating", json!({ "page": "supervisor", "text": "等了很久" }));
    let said = said.as_str().expect("a text");
    for part in ["非常不满意", "在办事指南之外增加新的审批条件", "留了电话，要回访", "我们的记录怎么说", "办完"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    for hidden in ["哈斯巴根", PHONE, "139****"] {
        assert!(!said.contains(hidden), "{hidden} in {said}");
    }
    hall.look("supervisor", "evaluations-board");
}

fn verify_and_appeal(hall: &mut DemoPages) {
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Control+Enter" }));
    hall.browser.look("supervisor", "evaluations-verify");
    hall.step("take_step", json!({ "page": "supervisor", "digit": 1, "text": "录像和他说的一致，当班没有说清要带什么" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".detail", "text": "核实属实" }));
    hall.step("goto_page", json!({ "page": "clerk1", "path": "/my-evaluations" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".items li", "text": "录像和他说的一致" }));
    let mine = hall.step("text", json!({ "page": "clerk1", "selector": "main" }));
    let mine = mine.as_str().expect("a text");
    assert!(!mine.contains("等了很久") && !mine.contains("哈斯巴根"), "{mine}");
    hall.look("clerk1", "my-evaluations");
    hall.step("open_dialog", json!({ "page": "clerk1", "key": "Alt+s" }));
    hall.step("take_step", json!({ "page": "clerk1", "text": "当时系统断网，我跟他解释过" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".items li", "text": "申诉待复核" }));
    hall.step("sign_in", json!({ "name": "district", "path": "/evaluations" }));
    hall.step("choose_site", json!({ "page": "district", "site": SITE }));
    hall.step("choose_rating", json!({ "page": "district", "text": "系统断网" }));
    hall.step("open_dialog", json!({ "page": "district", "key": "Control+Enter" }));
    hall.browser.look("district", "evaluations-appeal");
    hall.step("take_step", json!({ "page": "district", "digit": 2, "text": "断网只有两分钟" }));
    hall.step("see_in_time", json!({ "page": "district", "selector": ".detail", "text": "申诉不成立" }));
}

fn rectify_answer_and_call(hall: &mut DemoPages) {
    hall.step("reload", json!({ "page": "supervisor" }));
    hall.step("choose_rating", json!({ "page": "supervisor", "text": "等了很久" }));
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Control+Enter" }));
    hall.step("take_step", json!({ "page": "supervisor", "digit": 2, "text": "补上材料样本，开一次班前会" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".detail", "text": "限期整改" }));
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Control+Enter" }));
    hall.browser.look("supervisor", "evaluations-reply");
    hall.step("take_step", json!({ "page": "supervisor", "text": ANSWER }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".detail", "text": ANSWER }));
    hall.step("reload", json!({ "page": "citizen" }));
    hall.step("see_in_time", json!({ "page": "citizen", "selector": ".tl", "text": ANSWER }));
    hall.browser.look("citizen", "track-answered");
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Alt+p" }));
    hall.step("take_step", json!({ "page": "supervisor", "text": "回访" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".contact", "text": PHONE }));
    hall.look("supervisor", "evaluations-call");
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Control+Enter" }));
    hall.step("take_step", json!({ "page": "supervisor", "digit": 1, "text": "" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".detail", "text": "回访，满意" }));
    let events = hall.step("ask", json!({ "page": "auditor", "path": "/api/v1/events?limit=200" }));
    let kinds: Vec<Value> = events["body"]["items"].as_array().expect("events").iter().map(|event| event["type"].clone()).collect();
    let steps = ["opened", "verified", "appealed", "appeal_decided", "rectified", "replied", "called_back", "closed"];
    for kind in steps.map(|step| format!("evaluation_{}", if step == "opened" { "follow_up_opened" } else { step })) {
        assert!(kinds.contains(&json!(kind)), "{kind} is not in the log: {kinds:?}");
    }
    assert!(kinds.contains(&json!("person_revealed")), "who saw the phone is in the log");
}

fn complain(hall: &mut DemoPages) {
    hall.step("open_complaint", json!({ "page": "villager", "site": SITE }));
    let wrong = hall.step("send_complaint", json!({ "page": "villager", "phone": "123" }));
    let wrong = wrong.as_str().expect("a text");
    for part in ["选一下是哪方面的事", "写一下是什么事"] {
        assert!(wrong.contains(part), "{part} is not in {wrong}");
    }
    hall.browser.look("villager", "complain-wrong");
    let told = json!({ "page": "villager", "kind": "attitude", "text": "上午在 3 号窗口，问了两句就冲我嚷", "phone": PHONE });
    hall.step("send_complaint", told);
    let filed = hall.step("complaint_filed", json!({ "page": "villager" }));
    hall.browser.look("villager", "complain-filed");
    hall.step("reload", json!({ "page": "supervisor" }));
    // A key counts once the page is there.
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": "button[aria-pressed]", "text": "投诉" }));
    hall.step("press_key", json!({ "page": "supervisor", "key": "2" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": "[data-complaint]", "text": "问了两句就冲我嚷" }));
    hall.look("supervisor", "complaints");
    hall.step("open_dialog", json!({ "page": "supervisor", "key": "Control+Enter" }));
    hall.step("take_step", json!({ "page": "supervisor", "text": "向您道歉，已经批评了当班人员" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".detail", "text": "向您道歉" }));
    hall.step("press_key", json!({ "page": "supervisor", "key": "Alt+j" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": "[data-complaint]", "text": "办结" }));
    let answer = hall.step("find_complaint", json!({ "page": "villager", "number": filed["number"], "code": filed["code"] }));
    assert!(answer.as_str().is_some_and(|answer| answer.contains("向您道歉")), "{answer}");
    hall.browser.look("villager", "complain-answer");
}

/// The other tabs, and whoever may not see any of it.
fn the_others(hall: &mut DemoPages) {
    hall.step("press_key", json!({ "page": "supervisor", "key": "3" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".rates", "text": "办完马上评" }));
    hall.look("supervisor", "evaluations-rates");
    hall.step("press_key", json!({ "page": "supervisor", "key": "4" }));
    hall.look("supervisor", "evaluations-closed");
    hall.step("sign_in", json!({ "name": "clerk2", "path": "/evaluations" }));
    hall.step("see_in_time", json!({ "page": "clerk2", "selector": ".state", "text": "不归您的岗位看" }));
    hall.browser.look("clerk2", "evaluations-no-right");
}
