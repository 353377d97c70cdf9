//! The people page in a real browser: a supervisor writes a contract, plans the week, writes down a leave and looks at
//! appraisals; a clerk sees the own work; an administrator takes a list in; everybody practises and it is wiped.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_hall_on_their_page() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        work_a_little(&mut hall);
        look_after_people(&mut hall);
        see_the_own_work(&mut hall);
        take_a_list_in(&mut hall);
        practise_and_wipe(&mut hall);
        open_a_centre(&mut hall);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

fn see(hall: &mut DemoPages, page: &str, selector: &str, text: &str) {
    hall.step("see_in_time", json!({ "page": page, "selector": selector, "text": text }));
}

fn work_a_little(hall: &mut DemoPages) {
    hall.step("sign_in_quietly", json!({ "name": "clerk1" }));
    hall.send("clerk1", "/windows/w_dc_1/open", json!({}));
    for _ in 0..6 {
        hall.send("clerk1", &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" }));
        let called = hall.send("clerk1", "/windows/w_dc_1/call-next", json!({}));
        let id = called["ticket"]["id"].as_str().expect("a ticket").to_owned();
        hall.send("clerk1", &format!("/tickets/{id}/start"), json!({}));
        hall.send("clerk1", &format!("/tickets/{id}/finish"), json!({ "outcome": "consulted" }));
    }
}

fn look_after_people(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "supervisor", "path": "/people" }));
    see(hall, "supervisor", "[aria-label=名册] table", "萨仁");
    hall.step("person_contract", json!({ "page": "supervisor", "person": "张晨宇", "vendor": "北方人力", "days": 20 }));
    see(hall, "supervisor", "[aria-label=名册] table", "还有 20 天");
    hall.look("supervisor", "people-list");
    hall.step("people_tab", json!({ "page": "supervisor", "tab": "排班" }));
    hall.step("plan_seat", json!({ "page": "supervisor", "window": 1, "person": "乌云其其格" }));
    hall.step("plan_seat", json!({ "page": "supervisor", "window": 2, "person": "李越" }));
    hall.step("write_leave", json!({ "page": "supervisor", "person": "李越", "cover": "包晓兰" }));
    see(hall, "supervisor", "[aria-label=排班]", "请假到");
    see(hall, "supervisor", "[aria-label=排班]", "萨仁");
    hall.look("supervisor", "people-roster");
    hall.step("people_tab", json!({ "page": "supervisor", "tab": "考勤" }));
    see(hall, "supervisor", "[aria-label=考勤] table", "萨仁");
    hall.look("supervisor", "people-attendance");
    hall.step("people_tab", json!({ "page": "supervisor", "tab": "考核" }));
    see(hall, "supervisor", "[aria-label=考核]", "接待量");
    hall.step("appraisal_of", json!({ "page": "supervisor", "person": "萨仁" }));
    see(hall, "supervisor", "main", "办完 6 件");
    hall.look("supervisor", "people-appraisal");
    hall.step("people_tab", json!({ "page": "supervisor", "tab": "培训" }));
    let training = json!({ "title": "一窗通办新规", "date": hall.text("today", json!({})), "minutes": 90, "attendees": [{ "staff_id": "s_dc_clerk1", "passed": true }] });
    hall.send("supervisor", &format!("/sites/{SITE}/trainings"), training);
    hall.step("reload", json!({ "page": "supervisor" }));
    see(hall, "supervisor", "[aria-label=培训] table", "一窗通办新规");
    hall.browser.look("supervisor", "people-training");
}

fn see_the_own_work(hall: &mut DemoPages) {
    hall.step("goto_page", json!({ "page": "clerk1", "path": "/people" }));
    see(hall, "clerk1", "main", "我的考核");
    see(hall, "clerk1", "main", "办完 6 件");
    see(hall, "clerk1", "main", "一窗通办新规");
    hall.look("clerk1", "people-mine");
    hall.step("sign_in_quietly", json!({ "name": "clerk5" }));
    hall.step("goto_page", json!({ "page": "clerk5", "path": "/desk" }));
    see(hall, "clerk5", "main", "今天排您顶李越");
    hall.browser.look("clerk5", "desk-planned");
}

fn take_a_list_in(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "admin", "path": format!("/admin?tab=staff&site={SITE}") }));
    let list = "姓名,登录名,岗位\n乌日娜,wurina,窗口、帮办\n苏雅拉,suyala,导办\n";
    let told = hall.text("import_people", json!({ "page": "admin", "text": list, "file": "people-import" }));
    assert!(told.contains("wurina") && told.contains("一次性密码"), "{told}");
    hall.browser.look("admin", "people-slips");
    hall.step("close_slips", json!({ "page": "admin" }));
    see(hall, "admin", "[aria-label=人员]", "乌日娜");
}

fn practise_and_wipe(hall: &mut DemoPages) {
    hall.step("people_tab", json!({ "page": "supervisor", "tab": "练习" }));
    hall.browser.look("supervisor", "practice-off");
    hall.step("begin_practice", json!({ "page": "supervisor" }));
    see(hall, "supervisor", "main", "练习开着");
    hall.look("supervisor", "practice-on");
    hall.step("reload", json!({ "page": "clerk5" }));
    hall.step("go_practising", json!({ "page": "clerk5" }));
    see(hall, "clerk5", ".band", "这里办的都不作数");
    see(hall, "clerk5", "main", "今天坐哪个窗口");
    hall.look("clerk5", "practice-desk");
    hall.step("wipe_practice", json!({ "page": "supervisor" }));
    see(hall, "supervisor", "main", "没有开练习");
}

fn open_a_centre(hall: &mut DemoPages) {
    hall.step("goto_page", json!({ "page": "admin", "path": format!("/admin?tab=opening&site={SITE}") }));
    see(hall, "admin", "[aria-label=开业清单]", "事项");
    hall.step("copy_site", json!({ "page": "admin", "called": "桦林镇便民服务中心", "id": "hua-lin", "file": "opening-copy" }));
    see(hall, "admin", "[aria-label=开业清单]", "还没有窗口人员");
    hall.look("admin", "opening-checklist");
    let site: Value = hall.step("get", json!({ "page": "admin", "path": "/api/v1/sites/hua-lin" }));
    assert_eq!(site["name"], "桦林镇便民服务中心");
}
