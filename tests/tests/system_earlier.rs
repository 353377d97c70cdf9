//! 用以前交过的, in a real browser: the window says only that there is something until the applicant agreed; what is
//! chosen is taken over with a filled form, can be changed and taken back, and the case is accepted with it.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const MATTER: &str = "m_dc_demo-promised";
const NAME: &str = "哈斯巴根";
const ID_NUMBER: &str = "15012119850312001X";
const PHONE: &str = "13847112046";

#[track_caller]
fn see(hall: &mut DemoPages, text: &str) {
    hall.step("see", json!({ "page": "clerk1", "text": text }));
}

#[track_caller]
fn key(hall: &mut DemoPages, key: &str) {
    hall.step("press_key", json!({ "page": "clerk1", "key": key }));
}

#[track_caller]
fn read(hall: &mut DemoPages, page: &str, path: &str) -> Value {
    hall.step("ask", json!({ "page": page, "path": format!("/api/v1{path}") }))["body"].clone()
}

#[track_caller]
fn ok(hall: &mut DemoPages, page: &str, method: &str, path: &str, body: &Value) -> Value {
    hall.step("send", json!({ "page": page, "method": method, "path": format!("/api/v1{path}"), "body": body }))
}

/// The matter with a form of its own, in force.
fn publish_form(hall: &mut DemoPages) {
    for name in ["admin", "district"] {
        hall.step("sign_in_quietly", json!({ "name": name }));
    }
    let path = format!("/matters/{MATTER}/draft");
    let mut draft = read(hall, "admin", &path);
    draft["content"]["form_schema"] = json!({
        "type": "object", "required": ["place"], "additionalProperties": false, "x-order": ["place", "home", "use"],
        "properties": {
            "place": { "type": "string", "title": "采伐地点", "maxLength": 40 },
            "home": { "type": "string", "title": "家庭住址", "maxLength": 40 },
            "use": { "type": "string", "title": "用途", "enum": ["自用", "出售"] },
        },
    });
    let body = json!({
        "revision": draft["revision"], "base_version": draft["newest_version"], "content": draft["content"], "line_id": draft["line_id"],
    });
    ok(hall, "admin", "PUT", &path, &body);
    for (name, action) in [("admin", "submit"), ("district", "approve"), ("admin", "publish")] {
        ok(hall, name, "POST", &format!("{path}/{action}"), &json!({}));
    }
}

/// What he handed in before: everything, accepted.
fn came_before(hall: &mut DemoPages) -> String {
    let matter = read(hall, "clerk1", &format!("/matters/{MATTER}"));
    let situations: Vec<Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| question["options"][0]["id"].clone()).collect();
    let asked = matter["materials"].as_array().into_iter().flatten().filter(|one| {
        let only = one["situation_ids"].as_array().cloned().unwrap_or_default();
        only.is_empty() || only.iter().any(|id| situations.contains(id))
    });
    let materials: Vec<Value> = asked.map(|one| json!({ "material_id": one["id"], "status": "collected", "originals": 1 })).collect();
    let body = json!({
        "site_id": SITE, "matter_id": MATTER, "situation_ids": situations, "materials": materials,
        "form": { "place": "北坡三组", "home": "锡林路 3 号院 2 单元", "use": "自用" },
        "applicant": { "kind": "person", "name": NAME, "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE },
    });
    let case = ok(hall, "clerk1", "POST", "/cases", &body);
    ok(hall, "clerk1", "POST", &format!("/cases/{}/accept", case["id"].as_str().expect("an id")), &json!({}));
    case["number"].as_str().expect("a number").to_owned()
}

fn calls(hall: &mut DemoPages) {
    let ticket = ok(hall, "clerk1", "POST", &format!("/sites/{SITE}/tickets"), &json!({ "line_id": "l_dc_demo-line" }));
    hall.step("call_next", json!({ "page": "clerk1", "number": ticket["number"] }));
    hall.step("start", json!({ "page": "clerk1" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_handed_in_before_is_used_by_consent() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        publish_form(&mut hall);
        hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        let number = came_before(&mut hall);
        calls(&mut hall);
        let applicant = json!({ "name": NAME, "id_number": ID_NUMBER, "phone": PHONE });
        let told = json!({ "page": "clerk1", "query": "lmcf", "matter": "林木采伐许可", "applicant": applicant, "materials": 0 });
        hall.step("fill_case", told);
        see(&mut hall, "他以前在这里交过");
        hall.look("clerk1", "desk-earlier-there");

        key(&mut hall, "Alt+u");
        see(&mut hall, "先问他同不同意");
        hall.look("clerk1", "desk-earlier-consent");
        key(&mut hall, "Control+Enter");
        see(&mut hall, "以前交过的，用哪几样");
        see(&mut hall, &number);
        hall.look("clerk1", "desk-earlier-choose");
        key(&mut hall, "Control+Enter");
        see(&mut hall, "以前填的，请核对");
        see(&mut hall, "用以前的");
        hall.look("clerk1", "desk-earlier-used");

        // Taken back, and agreed to again: now by a signature.
        hall.step("press_button", json!({ "page": "clerk1", "word": "他撤回同意" }));
        hall.step("picture", json!({ "page": "clerk1", "file": "desk-earlier-withdraw" }));
        key(&mut hall, "Control+Enter");
        see(&mut hall, "他同意了才能看是什么");
        key(&mut hall, "Alt+u");
        key(&mut hall, "Alt+2");
        see(&mut hall, "请他签字");
        hall.step("picture", json!({ "page": "clerk1", "file": "desk-earlier-signature" }));
        key(&mut hall, "Alt+1");
        key(&mut hall, "Control+Enter");
        see(&mut hall, "以前交过的，用哪几样");
        // Until the list is there the page takes no order.
        see(&mut hall, &number);
        key(&mut hall, "Control+Enter");
        see(&mut hall, "以前填的，请核对");
        hall.step("fill_in", json!({ "page": "clerk1", "fields": { "[id='form.place']": "南坡一组" } }));
        hall.step("accept", json!({ "page": "clerk1" }));
        hall.look("clerk1", "desk-earlier-accepted");

        let cases = read(&mut hall, "clerk1", "/cases?state=accepted");
        let mine = cases["items"].as_array().expect("cases").iter().find(|one| one["number"] != json!(number)).expect("his").clone();
        let case = read(&mut hall, "clerk1", &format!("/cases/{}", mine["id"].as_str().expect("an id")));
        let reused = case["materials"].as_array().expect("materials").iter().filter(|one| one["status"] == "reused").count();
        assert_eq!(case["reuse"]["materials"].as_array().map(Vec::len), Some(reused));
        assert!(reused > 0, "{case}");
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}
