//! Those who keep the catalogue, in a real browser: a draft written in every part, compared, reviewed by somebody else
//! and published, filled in by a citizen; a matter claimed from above.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const MATTER: &str = "林木采伐许可";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_is_kept_from_its_pages() {
    let mut house = DemoPages::open();
    tokio::task::block_in_place(|| {
        house.step("sign_in", json!({ "name": "admin", "path": "/admin?tab=catalogue&site=demo-center" }));
        house.step("edit_matter", json!({ "page": "admin", "matter": MATTER }));
        a_draft_is_written(&mut house);
        somebody_else_reviews(&mut house);
        house.step("press", json!({ "page": "admin", "button": "列表" }));
        house.step("open_draft", json!({ "page": "admin", "matter": MATTER }));
        house.step("press", json!({ "page": "admin", "button": "发布…" }));
        house.look("admin", "catalogue-publish");
        house.step("press", json!({ "page": "admin", "button": "发布" }));
        house.step("see", json!({ "page": "admin", "text": "在用第 2 版" }));
        house.step("editor_part", json!({ "page": "admin", "part": "版本和经过" }));
        house.step("see", json!({ "page": "admin", "text": "审核通过" }));
        house.look("admin", "catalogue-history");
        a_citizen_fills_it_in(&mut house);
        a_claim(&mut house);
        let troubles = house.step("troubles", json!({}));
        let others: Vec<&Value> = troubles.as_array().expect("lines").iter().filter(|line| !is_expected(line)).collect();
        assert!(others.is_empty(), "{others:#?}");
    });
    house.server.stop();
}

/// What is refused on purpose, and a citizen who is not signed in.
fn is_expected(line: &Value) -> bool {
    let line = line.as_str().unwrap_or_default();
    line.contains(": 422 ") && line.contains("/draft") || line.contains(": 401 ") && line.contains("/citizens")
}

fn a_draft_is_written(house: &mut DemoPages) {
    house.look("admin", "catalogue-basics");
    house.step("editor_part", json!({ "page": "admin", "part": "办理" }));
    house.step("fill_label", json!({ "page": "admin", "label": "承诺几个工作日", "value": "30" }));
    house.step("press", json!({ "page": "admin", "button": "存草稿" }));
    house.step("see", json!({ "page": "admin", "text": "承诺期限不能比法定的 20 个工作日长" }));
    house.look("admin", "catalogue-wrong");
    house.step("fill_label", json!({ "page": "admin", "label": "承诺几个工作日", "value": "7" }));
    house.step("editor_part", json!({ "page": "admin", "part": "材料" }));
    house.look("admin", "catalogue-materials");
    house.step("editor_part", json!({ "page": "admin", "part": "情形" }));
    house.step("press", json!({ "page": "admin", "button": "加一问" }));
    house.step("fill_label", json!({ "page": "admin", "label": "第 1 问", "value": "树是自家的吗？" }));
    house.look("admin", "catalogue-situations");
    house.step("editor_part", json!({ "page": "admin", "part": "申请表" }));
    house.step("press", json!({ "page": "admin", "button": "加一栏" }));
    house.step("fill_label", json!({ "page": "admin", "label": "栏目 1", "value": "采伐株数" }));
    house.step("pick_label", json!({ "page": "admin", "label": "填什么", "option": "整数" }));
    house.step("fill_label", json!({ "page": "admin", "label": "最大", "value": "500" }));
    house.look("admin", "catalogue-form");
    house.step("editor_part", json!({ "page": "admin", "part": "指南" }));
    house.look("admin", "catalogue-guide");
    house.step("press", json!({ "page": "admin", "button": "存草稿" }));
    house.step("see", json!({ "page": "admin", "text": "草稿存好了" }));
    house.step("editor_part", json!({ "page": "admin", "part": "对照" }));
    let changed = house.step("compared", json!({ "page": "admin" })).to_string();
    assert!(changed.contains("承诺期限") && changed.contains("7 个工作日") && changed.contains("采伐株数"), "{changed}");
    house.look("admin", "catalogue-compare");
    let guide = house.step("ask", json!({ "page": "admin", "path": "/api/v1/matters/m_dc_demo-promised" }));
    assert_eq!(guide["body"]["promised_days"], 10, "still in force");
    house.step("press", json!({ "page": "admin", "button": "送审" }));
    house.step("see", json!({ "page": "admin", "text": "等另一个人审核" }));
}

fn somebody_else_reviews(house: &mut DemoPages) {
    house.step("sign_in", json!({ "name": "district", "path": "/admin?tab=catalogue&site=demo-center" }));
    house.step("see", json!({ "page": "district", "text": "1 份等审核" }));
    house.look("district", "catalogue-list");
    house.step("open_draft", json!({ "page": "district", "matter": MATTER }));
    house.look("district", "catalogue-review");
    house.step("press", json!({ "page": "district", "button": "审核通过" }));
    house.step("see", json!({ "page": "district", "text": "审核通过，等发布" }));
    house.step("leave", json!({ "page": "district" }));
}

fn a_citizen_fills_it_in(house: &mut DemoPages) {
    let at = |path: &str| format!("http://{}{path}", house.server.address);
    let (guide, admin) = (at("/guide/m_dc_demo-promised"), at("/admin?tab=catalogue&site=demo-center"));
    house.step("goto", json!({ "page": "admin", "url": guide }));
    house.step("see", json!({ "page": "admin", "text": "树是自家的吗？" }));
    house.step("picture", json!({ "page": "admin", "file": "catalogue-citizen-guide" }));
    house.step("goto", json!({ "page": "admin", "url": admin }));
}

fn a_claim(house: &mut DemoPages) {
    let told =
        json!({ "page": "admin", "matter": "个体工商户", "way": "委托受理", "document": "云政办〔2026〕3 号", "until": "2027-12-31" });
    house.step("claim_above", told);
    house.step("see", json!({ "page": "admin", "text": "只受理" }));
    house.look("admin", "catalogue-claims");
}
