//! The district's page in a real browser, on the real program: a day at the centre, the figures of all sites with
//! their rows, a week of the ledger that a supervisor reports on, and a tier that is assessed and confirmed.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const CENTER: &str = "白桦镇便民服务中心";
const STATION: &str = "东河嘎查便民服务站";
const TASK: &str = "综合受理窗口无差别受理，清单内事项通办";

/// Three people are served at the centre, one of them rates.
fn a_day(office: &mut DemoPages) {
    for name in ["guide1", "clerk1"] {
        office.step("sign_in_quietly", json!({ "name": name }));
    }
    office.send("clerk1", "/windows/w_dc_1/open", json!({}));
    for _ in 0..3 {
        office.send("guide1", "/sites/demo-center/tickets", json!({ "line_id": "l_dc_demo-line" }));
        let called = office.send("clerk1", "/windows/w_dc_1/call-next", json!({}));
        let id = called["body"]["ticket"]["id"].as_str().or_else(|| called["ticket"]["id"].as_str()).expect("somebody waits").to_owned();
        office.send("clerk1", &format!("/tickets/{id}/start"), json!({}));
        office.send("clerk1", &format!("/tickets/{id}/finish"), json!({ "outcome": "consulted" }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_district_office_and_a_supervisor() {
    let mut office = DemoPages::open();
    tokio::task::block_in_place(|| {
        a_day(&mut office);
        assert_eq!(office.step("landing", json!({ "name": "district" })), "/district");
        figures(&mut office);
        ledger(&mut office);
        tiers(&mut office);
        assert_eq!(office.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

fn figures(office: &mut DemoPages) {
    let shown = office.step("sites_shown", json!({ "page": "district", "site": CENTER }));
    assert_eq!(shown["names"].as_array().map(Vec::len), Some(11), "{shown}");
    assert_eq!((&shown["cells"]["满意率"], &shown["cells"]["明进暗不进"]), (&json!("—"), &json!("0")), "{shown}");
    office.look("district", "district-figures");
    let text = office.step("explain_plan", json!({ "page": "district", "figure": "一窗通办" }));
    assert!(text.as_str().is_some_and(|text| text.starts_with("每一个综合受理窗口")), "{text}");
    office.step("sort_sites", json!({ "page": "district", "figure": "一窗通办" }));
    office.look("district", "district-sorted");
    let rows = office.step("rows_behind", json!({ "page": "district", "site": CENTER, "figure": "平均等候", "file": "district-rows" }));
    assert_eq!(rows.as_array().map(Vec::len), Some(3), "{rows}");
    assert!(rows[0].as_str().is_some_and(|row| row.starts_with('A')), "the numbers: {rows}");
    let rows =
        office.step("rows_behind", json!({ "page": "district", "site": CENTER, "figure": "应进必进", "file": "district-rows-entry" }));
    assert!(rows[0].as_str().is_some_and(|row| row.contains("农村道路交叉道口设置许可")), "what does not count comes first: {rows}");
}

fn ledger(office: &mut DemoPages) {
    office.step("district_tab", json!({ "page": "district", "tab": "台账", "ready": "任务和各单位" }));
    office.step("edit_task", json!({ "page": "district", "title": "政务服务便民热线接诉即办", "file": "district-task" }));
    // The task without its lead, as it was tried first.
    let refused = office.step("troubles", json!({}));
    let refused: Vec<&str> = refused.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(matches!(refused[..], [one] if one.starts_with("district: 422 PUT")), "{refused:?}");
    office.step("sign_in", json!({ "name": "supervisor", "path": "/district" }));
    let report = json!({ "page": "supervisor", "task": TASK, "site": CENTER, "text": "六个综合窗口都能受理清单内事项，建房、户籍两类还在培训。", "evidence": "会议纪要 12 号" });
    office.step("report_progress", report);
    office.look("supervisor", "district-ledger-supervisor");
    office.step("reload", json!({ "page": "district" }));
    office.step("see", json!({ "page": "district", "text": "六个综合窗口都能受理清单内事项" }));
    office.look("district", "district-ledger");
    let file = office.step("download_ledger", json!({ "page": "district" }));
    assert_eq!(file["starts"], "PK");
    assert!(file["name"].as_str().is_some_and(|name| name.contains("-W") && name.ends_with("-草稿.xlsx")), "{file}");
    let weeks = office.step("previous_week", json!({ "page": "district" }));
    assert_ne!(weeks["before"], weeks["after"]);
    office.look("district", "district-ledger-before");
    let file = office.step("download_ledger", json!({ "page": "district" }));
    assert!(file["name"].as_str().is_some_and(|name| !name.contains("草稿")), "{file}");
}

fn tiers(office: &mut DemoPages) {
    office.step("district_tab", json!({ "page": "supervisor", "tab": "等级", "ready": "各场所的等级" }));
    office.step("assess", json!({ "page": "supervisor", "site": STATION }));
    office.step("district_tab", json!({ "page": "district", "tab": "等级", "ready": "各场所的等级" }));
    office.look("district", "district-tiers");
    office.step("confirm_tier", json!({ "page": "district", "site": STATION, "tier": "基础型", "note": "无障碍通道没有扶手" }));
    office.step("see", json!({ "page": "district", "text": "1/6" }));
    office.look("district", "district-tier-confirmed");
}
