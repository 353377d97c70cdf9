//! What a case brings to the pages beside its straight way, in a real browser: a helper takes somebody on and plans a
//! visit; an approver sees a joint case and sends a special procedure on its way; the pickup window counts its cabinet.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";

#[track_caller]
fn press(hall: &mut DemoPages, page: &str, selector: &str) {
    hall.step("press_in", json!({ "page": page, "selector": selector }));
}

#[track_caller]
fn fill(hall: &mut DemoPages, page: &str, fields: Value) {
    hall.step("fill_in", json!({ "page": page, "fields": fields }));
}

#[track_caller]
fn see(hall: &mut DemoPages, page: &str, text: &str) {
    hall.step("see", json!({ "page": page, "text": text }));
}

#[track_caller]
fn read(hall: &mut DemoPages, page: &str, path: &str) -> Value {
    hall.step("ask", json!({ "page": page, "path": format!("/api/v1{path}") }))["body"].clone()
}

fn on_pages(walk: fn(&mut DemoPages)) {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "clerk1" }));
        walk(&mut hall);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helper_takes_people_on_and_plans_visits() {
    on_pages(helped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approver_sends_a_joint_case_on_its_way() {
    on_pages(approved);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pickup_window_counts_its_cabinet() {
    on_pages(counted);
}

fn helped(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "helper1", "path": "/helper" }));
    see(hall, "helper1", "手上没有在帮的人");
    hall.look("helper1", "helper-empty");
    for (name, phone, address) in
        [("王小明", "13912345520", "乌兰嘎查三组 12 号"), ("额尔敦其木格·阿拉坦", "13912345521", "乌兰嘎查一组 3 号，过桥第二家")]
    {
        press(hall, "helper1", "[data-testid=new-person]");
        fill(hall, "helper1", json!({ "#new-name": name, "#new-phone": phone, "#new-address": address }));
        hall.step("picture", json!({ "page": "helper1", "file": "helper-new" }));
        press(hall, "helper1", "[data-testid=new-done]");
        see(hall, "helper1", "还没记本人同意");
        press(hall, "helper1", "[data-step=plan-visit]");
        fill(hall, "helper1", json!({ "#assist-village": "乌兰嘎查", "#assist-purpose": "上门拍照、填表、签字" }));
        hall.step("picture", json!({ "page": "helper1", "file": "helper-visit" }));
        press(hall, "helper1", "[data-testid=assist-done]");
        see(hall, "helper1", "上门拍照、填表、签字");
    }
    press(hall, "helper1", "[data-step=consent]");
    press(hall, "helper1", "[data-testid=assist-done]");
    see(hall, "helper1", "书面委托 ·");
    hall.look("helper1", "helper-people");
    hall.step("press_key", json!({ "page": "helper1", "key": "Alt+2" }));
    see(hall, "helper1", "打印路线单");
    hall.look("helper1", "helper-route");
    hall.step("press_key", json!({ "page": "helper1", "key": "Alt+3" }));
    see(hall, "helper1", "我帮办的件");
    hall.look("helper1", "helper-cases");
    let ticket = json!({ "line_id": "l_dc_demo-line", "holder": { "name": "王小明", "phone": "13912345520" } });
    hall.send("clerk1", "/windows/w_dc_1/open", json!({}));
    hall.send("helper1", &format!("/sites/{SITE}/tickets"), ticket);
    hall.step("reload", json!({ "page": "helper1" }));
    hall.step("press_key", json!({ "page": "helper1", "key": "Alt+4" }));
    see(hall, "helper1", "王*明");
    hall.look("helper1", "helper-tickets");
}

/// A complete application for a bundle: of each shared material one line.
fn bundle_body(hall: &mut DemoPages, page: &str, id: &str) -> Value {
    let bundles = read(hall, page, &format!("/sites/{SITE}/bundles"));
    let bundle = bundles["items"].as_array().expect("bundles").iter().find(|one| one["id"] == id).expect("it").clone();
    let shared: Vec<Vec<String>> = bundle["shared"]
        .as_array()
        .expect("shared")
        .iter()
        .map(|one| serde_json::from_value(one["material_ids"].clone()).expect("ids"))
        .collect();
    let (mut materials, mut situations, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for matter in bundle["matters"].as_array().expect("matters") {
        let matter = read(hall, page, &format!("/matters/{}", matter["id"].as_str().expect("an id")));
        let chosen: Vec<Value> =
            matter["situations"].as_array().into_iter().flatten().map(|question| question["options"][0]["id"].clone()).collect();
        for material in matter["materials"].as_array().into_iter().flatten() {
            let id = material["id"].as_str().expect("an id").to_owned();
            let only = material["situation_ids"].as_array().cloned().unwrap_or_default();
            let group = shared.iter().position(|ids| ids.contains(&id));
            let is_again = group.is_some_and(|group| seen.contains(&group));
            if (only.is_empty() || only.iter().any(|id| chosen.contains(id))) && !is_again {
                seen.extend(group);
                materials.push(json!({ "material_id": id, "status": "collected", "originals": 1 }));
            }
        }
        situations.extend(chosen);
    }
    json!({
        "site_id": SITE, "bundle_id": id, "situation_ids": situations, "materials": materials, "form": { "relation": "子女" },
        "applicant": { "kind": "person", "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X", "phone": "13800138000" },
    })
}

fn approved(hall: &mut DemoPages) {
    let body = bundle_body(hall, "clerk1", "b_dc_shenhou");
    let joint = hall.send("clerk1", "/bundle-cases", body);
    let cases: Vec<String> =
        joint["cases"].as_array().expect("cases").iter().filter_map(|one| one["case_id"].as_str().map(str::to_owned)).collect();
    for case in &cases {
        hall.send("clerk1", &format!("/cases/{case}/accept"), json!({}));
    }
    hall.step("sign_in", json!({ "name": "approver2", "path": "/approve" }));
    // What is claimed together is what the list shows.
    hall.step("see_in_time", json!({ "page": "approver2", "selector": "li[id^=case-]", "text": "" }));
    hall.step("press_key", json!({ "page": "approver2", "key": "Shift+L" }));
    see(hall, "approver2", "领到");
    hall.step("reload", json!({ "page": "approver2" }));
    see(hall, "approver2", "一起领，还在等");
    hall.look("approver2", "approve-joint");
    press(hall, "approver2", "[data-step=extend-joint]");
    fill(hall, "approver2", json!({ "#step-reason": "参保记录要到外区核查" }));
    hall.step("picture", json!({ "page": "approver2", "file": "approve-extend-joint" }));
    press(hall, "approver2", "[data-testid=other-step]");
    see(hall, "approver2", "等分管领导批准");
    press(hall, "approver2", "[data-step=suspend]");
    fill(hall, "approver2", json!({ "#step-procedure": "appraisal" }));
    hall.step("picture", json!({ "page": "approver2", "file": "approve-suspend" }));
    press(hall, "approver2", "[data-testid=other-step]");
    see(hall, "approver2", "特别程序办完了");
    hall.look("approver2", "approve-suspended");
    press(hall, "approver2", "[data-step=resume]");
    press(hall, "approver2", "[data-testid=other-step]");
    hall.step("press_key", json!({ "page": "approver2", "key": "Escape" }));
    hall.step("sign_in", json!({ "name": "leader1", "path": "/approve" }));
    hall.look("leader1", "approve-leader");
}

/// A case of the demo's promised matter whose certificate lies in a slot.
fn kept(hall: &mut DemoPages, slot: &str) {
    let case = hall.accepted_case("m_dc_demo-promised");
    hall.send("approver1", &format!("/cases/{case}/claim"), json!({}));
    hall.send("approver1", &format!("/cases/{case}/approve"), json!({ "opinion": "同意" }));
    let made =
        hall.send("issuer", &format!("/cases/{case}/certificate"), json!({ "number": format!("ZS-{slot}"), "valid_from": "2026-11-24" }));
    let certificate = made["id"].as_str().expect("an id").to_owned();
    hall.send("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": slot }));
}

fn counted(hall: &mut DemoPages) {
    hall.step("sign_in_quietly", json!({ "name": "approver1" }));
    hall.step("sign_in", json!({ "name": "issuer", "path": "/pickup" }));
    for slot in ["A01", "B02", "C03"] {
        kept(hall, slot);
    }
    hall.step("reload", json!({ "page": "issuer" }));
    see(hall, "issuer", "日终盘点");
    hall.step("press_key", json!({ "page": "issuer", "key": "Alt+2" }));
    see(hall, "issuer", "一周以内 3 件");
    hall.look("issuer", "pickup-waiting");
    press(hall, "issuer", ".list .linkish");
    press(hall, "issuer", ".papers-in summary");
    see(hall, "issuer", "整卷（归档）");
    hall.look("issuer", "pickup-papers");
    hall.step("press_key", json!({ "page": "issuer", "key": "Alt+k" }));
    see(hall, "issuer", "还没盘过");
    hall.step("press_key", json!({ "page": "issuer", "key": "Space" }));
    hall.step("press_key", json!({ "page": "issuer", "key": "ArrowDown" }));
    hall.step("press_key", json!({ "page": "issuer", "key": "Space" }));
    see(hall, "issuer", "还有 1 件没打勾");
    hall.step("picture", json!({ "page": "issuer", "file": "pickup-count" }));
    hall.step("press_key", json!({ "page": "issuer", "key": "Control+Enter" }));
    see(hall, "issuer", "已报主管");
    let last = read(hall, "issuer", &format!("/sites/{SITE}/cabinet-counts"));
    assert_eq!((&last["last"]["found"], last["last"]["missing"].as_array().map(Vec::len)), (&json!(2), Some(1)), "{last}");
    hall.step("press_key", json!({ "page": "issuer", "key": "Alt+3" }));
    see(hall, "issuer", "没有在路上的");
    hall.look("issuer", "pickup-courier");
}
