//! 一件事一次办 in a real browser on the real program. At the window: found by what people call it, one form, one list
//! of materials, one key for all, and three departments have their cases. In the catalogue: put together, reviewed by
//! somebody else, published, and read by citizens.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const BUNDLE: &str = "公民身后一件事";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_departments_by_one_form() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "guide1" }));
        hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        let ticket = json!({ "line_id": "l_dc_demo-line" });
        hall.step("send", json!({ "page": "guide1", "path": format!("/api/v1/sites/{SITE}/tickets"), "body": ticket }));
        hall.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
        hall.step("start", json!({ "page": "clerk1" }));
        let applicant = json!({ "name": "其其格", "id_number": "15012119850312001X", "phone": "13847112046" });
        let told = json!({ "page": "clerk1", "query": "身后", "matter": BUNDLE, "applicant": applicant });
        let materials = hall.step("fill_case", told);
        hall.look("clerk1", "desk-bundle");
        let accepted = hall.step("accept", json!({ "page": "clerk1" }));
        hall.look("clerk1", "desk-bundle-accepted");
        assert!(accepted["number"].as_str().is_some_and(|number| !number.is_empty()), "{accepted}");
        let listed = hall.step("ask", json!({ "page": "clerk1", "path": "/api/v1/cases?state=accepted" }));
        let cases: Vec<&Value> = listed["body"]["items"].as_array().expect("cases").iter().collect();
        assert_eq!(cases.len(), 3, "each department has its own: {listed}");
        let first = cases[0]["id"].as_str().expect("an id");
        let case = hall.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/cases/{first}") }));
        let joint = case["body"]["bundle_case_id"].as_str().expect("a joint case").to_owned();
        let joint = hall.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/bundle-cases/{joint}") }));
        assert_eq!((&joint["body"]["number"], &joint["body"]["state"]), (&accepted["number"], &json!("in_progress")), "{joint}");
        // What is shared was asked for once.
        let asked: usize = cases
            .iter()
            .map(|one| {
                let path = format!("/api/v1/cases/{}", one["id"].as_str().expect("an id"));
                hall.step("ask", json!({ "page": "clerk1", "path": path }))["body"]["materials"].as_array().map_or(0, Vec::len)
            })
            .sum();
        assert!(materials.as_u64() < Some(asked as u64), "{materials} lines for {asked} materials");
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on the page");
    });
}

const NEW: &str = "老人走后两件事";

/// A bundle is put together, with what is wrong told at its place.
fn a_bundle_is_written(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "admin", "path": "/admin?tab=catalogue&site=demo-center" }));
    hall.step("open_bundle", json!({ "page": "admin" }));
    hall.look("admin", "bundles-list");
    hall.step("press", json!({ "page": "admin", "button": "新的一件事…" }));
    hall.step("fill_label", json!({ "page": "admin", "label": "名称", "value": NEW }));
    hall.step("fill_label", json!({ "page": "admin", "label": "联办几个工作日", "value": "46" }));
    hall.step("press", json!({ "page": "admin", "button": "存草稿" }));
    hall.step("see", json!({ "page": "admin", "text": "最多 45 个工作日" }));
    hall.look("admin", "bundle-wrong");
    hall.step("fill_label", json!({ "page": "admin", "label": "联办几个工作日", "value": "8" }));
    hall.step("editor_part", json!({ "page": "admin", "part": "哪几件" }));
    hall.step("see", json!({ "page": "admin", "text": "至少选两件事项" }));
    let matters = ["惠民殡葬基本服务费用减免", "城乡居民基本养老保险注销登记和丧葬补助金申领"];
    hall.step("add_members", json!({ "page": "admin", "matters": matters }));
    hall.look("admin", "bundle-members");
    hall.step("editor_part", json!({ "page": "admin", "part": "共用材料" }));
    hall.step("press", json!({ "page": "admin", "button": "都合起来" }));
    hall.look("admin", "bundle-materials");
    hall.step("editor_part", json!({ "page": "admin", "part": "预览" }));
    let told = hall.step("part_says", json!({ "page": "admin" })).to_string();
    assert!(told.contains("死亡证明或火化证明") && told.contains("几件都要") && told.contains("8 个工作日办好"), "{told}");
    hall.look("admin", "bundle-preview");
    hall.step("press_keys", json!({ "page": "admin", "keys": ["Control+s"] }));
    hall.step("see", json!({ "page": "admin", "text": "草稿存好了" }));
    hall.step("press", json!({ "page": "admin", "button": "送审" }));
    hall.step("see", json!({ "page": "admin", "text": "等另一个人审核" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_is_kept_from_its_page() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        a_bundle_is_written(&mut hall);
        hall.step("sign_in", json!({ "name": "district", "path": "/admin?tab=catalogue&site=demo-center" }));
        hall.step("open_bundle", json!({ "page": "district", "bundle": NEW }));
        hall.look("district", "bundle-review");
        hall.step("press", json!({ "page": "district", "button": "审核通过" }));
        hall.step("see", json!({ "page": "district", "text": "审核通过，等发布" }));
        hall.step("press", json!({ "page": "admin", "button": "列表" }));
        hall.step("open_bundle", json!({ "page": "admin", "bundle": NEW }));
        hall.step("press", json!({ "page": "admin", "button": "发布…" }));
        hall.step("press", json!({ "page": "admin", "button": "发布" }));
        hall.step("see", json!({ "page": "admin", "text": "在用第 1 版" }));
        let listed = hall.step("ask", json!({ "page": "admin", "path": format!("/api/v1/sites/{SITE}/bundles") }));
        let bundle = listed["body"]["items"].as_array().expect("bundles").iter().find(|one| one["name"] == NEW).expect("it").clone();
        assert_eq!((&bundle["promised_days"], bundle["shared"].as_array().is_some_and(|shared| !shared.is_empty())), (&json!(8), true));
        let guide = format!("http://{}/guide/bundle/{}", hall.server.address, bundle["id"].as_str().expect("an id"));
        hall.step("goto", json!({ "page": "admin", "url": guide }));
        hall.step("see", json!({ "page": "admin", "text": "死亡证明或火化证明" }));
        hall.step("see", json!({ "page": "admin", "text": "几件都办好了一起通知" }));
        hall.look("admin", "bundle-guide");
        let troubles = hall.step("troubles", json!({}));
        let is_refused = |line: &&Value| line.as_str().is_some_and(|line| line.contains(": 422 ") && line.contains("/bundles"));
        let others: Vec<&Value> = troubles.as_array().expect("lines").iter().filter(|line| !is_refused(line)).collect();
        assert!(others.is_empty(), "{others:#?}");
    });
    hall.server.stop();
}
