//! The window desk and the supervisor's page in a real browser, on the real program with its real timers:
//! two things in one visit, help that is asked for and answered, the reminder of a parked number, a
//! supervisor who frees a stuck window, the day's figures, and a hall page that is cut off.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const MATTER: &str = "林木采伐许可";
/// Without situations to choose.
const SECOND: &str = "个体工商户注销登记";
/// A reminder that the next run of the timers brings.
const REMIND_MS: i64 = 1_000;

fn events(hall: &mut DemoPages) -> Vec<Value> {
    let answer = hall.step("ask", json!({ "page": "auditor", "path": "/api/v1/events?limit=200" }));
    answer["body"]["items"].as_array().expect("events").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_and_its_supervisor_by_keyboard() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        sit_down(&mut hall);
        two_things_in_one_visit(&mut hall);
        two_applications_in_one_visit(&mut hall);
        help(&mut hall);
        reminder(&mut hall);
        stuck(&mut hall);
        cover(&mut hall);
        figures(&mut hall);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
        cut_off(&mut hall);
    });
}

fn sit_down(hall: &mut DemoPages) {
    for name in ["admin", "guide1", "auditor"] {
        hall.step("sign_in_quietly", json!({ "name": name }));
    }
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.step("ask", json!({ "page": "admin", "path": path }))["body"].clone();
    policy["policy"]["serving"]["park_reasons"][0]["remind_after_ms"] = json!(REMIND_MS);
    hall.step("send", json!({ "page": "admin", "method": "PUT", "path": path, "body": policy }));
    hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    hall.step("sign_in", json!({ "name": "supervisor", "path": "/hall" }));
    for priority in ["ordinary", "ordinary", "green", "ordinary", "ordinary"] {
        let body = json!({ "line_id": "l_dc_demo-line", "priority": priority });
        hall.step("send", json!({ "page": "guide1", "path": format!("/api/v1/sites/{SITE}/tickets"), "body": body }));
    }
}

fn two_things_in_one_visit(hall: &mut DemoPages) {
    hall.look("clerk1", "desk-idle");
    hall.step("call_next", json!({ "page": "clerk1", "number": "A003" }));
    hall.step("start", json!({ "page": "clerk1" }));
    hall.step("add_matter", json!({ "page": "clerk1", "query": "lmcf", "matter": MATTER }));
    hall.look("clerk1", "desk-two-things");
    hall.step("finish_each", json!({ "page": "clerk1", "digits": [3, 1] }));
    hall.step("called", json!({ "page": "clerk1", "number": "A001" }));
    let events = events(hall);
    let finished = events.iter().find(|event| event["type"] == "ticket_finished").expect("it ended");
    let items = finished["body"]["items"].as_array().or_else(|| finished["items"].as_array()).expect("its things").clone();
    let outcomes: Vec<_> = items.iter().filter_map(|item| item["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["consulted", "accepted"], "{finished}");
}

/// The application of the second thing opens with the same person, and both outcomes are recorded on the way: F2 asks nothing.
fn two_applications_in_one_visit(hall: &mut DemoPages) {
    hall.step("start", json!({ "page": "clerk1" }));
    let applicant = json!({ "name": "哈斯巴根", "id_number": "15012119850312001X", "phone": "13847112046" });
    hall.step("fill_case", json!({ "page": "clerk1", "query": "lmcf", "matter": MATTER, "applicant": applicant }));
    hall.step("accept", json!({ "page": "clerk1" }));
    hall.step("add_matter", json!({ "page": "clerk1", "query": SECOND, "matter": SECOND }));
    let count = hall.step("take_materials", json!({ "page": "clerk1", "name": "哈斯巴根" }));
    assert!(count.as_u64() > Some(0), "the form of the second thing is open");
    hall.look("clerk1", "desk-second-form");
    hall.step("accept", json!({ "page": "clerk1" }));
    hall.look("clerk1", "desk-second-done");
    hall.step("finish_and_call", json!({ "page": "clerk1" }));
    hall.step("called", json!({ "page": "clerk1", "number": "A002" }));
    let events = events(hall);
    let finished = events.iter().rev().find(|event| event["type"] == "ticket_finished").expect("it ended");
    let outcomes: Vec<_> = finished["body"]["items"].as_array().expect("things").iter().map(|item| item["outcome"].clone()).collect();
    assert_eq!(outcomes, ["accepted", "accepted"], "{finished}");
    assert_eq!(events.iter().filter(|event| event["type"] == "case_accepted").count(), 2);
}

fn help(hall: &mut DemoPages) {
    hall.step("open_dialog", json!({ "page": "clerk1", "key": "?" }));
    hall.browser.look("clerk1", "desk-keys");
    hall.step("answer_dialog", json!({ "page": "clerk1", "digit": "Escape" }));
    hall.step("open_dialog", json!({ "page": "clerk1", "key": "Alt+z" }));
    hall.browser.look("clerk1", "desk-help");
    hall.step("answer_dialog", json!({ "page": "clerk1", "digit": 2 }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".asked", "text": "叫了主管" }));
    let task = hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".todo li", "text": "1 号窗口叫主管" }));
    assert!(task.as_str().is_some_and(|task| task.contains("政策拿不准")), "{task}");
    hall.look("supervisor", "hall-help");
    hall.step("push", json!({ "page": "supervisor", "text": "我过去" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".asked", "text": "正过来" }));
    hall.look("clerk1", "desk-help-coming");
    hall.step("push", json!({ "page": "supervisor", "text": "好了" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": "header button", "text": "叫主管" }));
}

fn reminder(hall: &mut DemoPages) {
    hall.step("start", json!({ "page": "clerk1" }));
    hall.step("open_dialog", json!({ "page": "clerk1", "key": "F9" }));
    hall.browser.look("clerk1", "desk-park");
    hall.step("answer_dialog", json!({ "page": "clerk1", "digit": 1 }));
    let said = hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".due li", "text": "A002" }));
    assert!(said.as_str().is_some_and(|said| said.contains("去复印")), "{said}");
    hall.look("clerk1", "desk-reminder");
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".todo li", "text": "A002 挂起" }));
    hall.step("push", json!({ "page": "clerk1", "text": "叫回", "within": ".due" }));
    hall.step("called", json!({ "page": "clerk1", "number": "A002" }));
}

fn stuck(hall: &mut DemoPages) {
    hall.step("start", json!({ "page": "clerk1" }));
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": "tr", "text": "办理中" }));
    hall.step("open_stuck", json!({ "page": "supervisor", "number": "A002", "reason": "窗口电脑坏了" }));
    hall.look("supervisor", "hall-stuck");
    hall.step("push", json!({ "page": "supervisor", "text": "退回排队", "within": "dialog" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": ".idle", "text": "叫下一位" }));
    hall.look("supervisor", "hall-after");
    let kinds: Vec<Value> = events(hall).iter().map(|event| event["type"].clone()).collect();
    for kind in ["help_requested", "help_acknowledged", "help_resolved", "ticket_park_reminded", "ticket_put_back", "supervisor_acted"] {
        assert!(kinds.contains(&json!(kind)), "{kind} is not in the log: {kinds:?}");
    }
}

/// Somebody without a number is served at a window of several lines, and the cover takes the window over with him.
fn cover(hall: &mut DemoPages) {
    hall.step("open_dialog", json!({ "page": "clerk1", "key": "Alt+w" }));
    hall.browser.look("clerk1", "desk-walk-in");
    hall.step("answer_dialog", json!({ "page": "clerk1", "digit": 1 }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": "aside.q", "text": "办理中" }));
    hall.step("sign_in", json!({ "name": "clerk2", "path": "/desk" }));
    hall.step("take_over", json!({ "page": "clerk2", "window": 1, "reason": "A角去开会" }));
    hall.step("see_in_time", json!({ "page": "clerk2", "selector": "aside.q", "text": "办理中" }));
    hall.step("see_in_time", json!({ "page": "clerk1", "selector": "main", "text": "今天坐哪个窗口" }));
    let events = events(hall);
    let taken = events.iter().find(|event| event["type"] == "window_taken_over").expect("recorded");
    assert_eq!((taken["body"]["from"].as_str(), taken["body"]["staff"].as_str()), (Some("s_dc_clerk1"), Some("s_dc_clerk2")), "{taken}");
}

/// Whoever may read figures has a page of them: what stands there is what the service answers, and as a file the same.
fn figures(hall: &mut DemoPages) {
    hall.step("goto_page", json!({ "page": "auditor", "path": "/figures" }));
    hall.step("choose_days", json!({ "page": "auditor", "key": "3" }));
    let shown = hall.step("figures_shown", json!({ "page": "auditor" }));
    let (from, to) = (shown["from"].as_str().expect("a day"), shown["to"].as_str().expect("a day"));
    let path = format!("/api/v1/sites/{SITE}/figures?from={from}&to={to}");
    let told = hall.step("ask", json!({ "page": "auditor", "path": path }))["body"].clone();
    let number = |value: &Value| value.as_u64().map(|value| value.to_string()).unwrap_or_default();
    assert_eq!(shown["lines"].as_array().map(Vec::len), told["lines"].as_array().map(Vec::len), "{shown}");
    assert_eq!(
        (shown["issued"].as_str(), shown["done"].as_str()),
        (Some(&*number(&told["tickets_issued"])), Some(&*number(&told["tickets_done"])))
    );
    assert!(told["tickets_done"].as_u64() >= Some(2), "somebody was served: {told}");
    hall.look("auditor", "figures");
    let definition = hall.step("explain_figure", json!({ "page": "auditor", "figure": "流失率" }));
    assert!(definition.as_str().is_some_and(|text| text.contains("弃号")), "{definition}");
    hall.step("group_by", json!({ "page": "auditor", "key": "ArrowRight" }));
    hall.look("auditor", "figures-windows");
    let file = hall.step("export_figures", json!({ "page": "auditor" }));
    assert!(file["name"].as_str().is_some_and(|name| name.contains(from) && name.ends_with(".csv")), "{file}");
    assert!(file["text"].as_str().is_some_and(|text| text.contains("等候中位数（秒）")), "{file}");
    // A clerk may not; the page says so and who may.
    hall.step("goto_page", json!({ "page": "clerk2", "path": "/figures" }));
    hall.step("see", json!({ "page": "clerk2", "text": "统计不归您的岗位看" }));
    let troubles = hall.step("troubles", json!({}));
    let troubles: Vec<&str> = troubles.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(troubles.is_empty(), "who may not is told without asking the service: {troubles:?}");
}

/// What is old is no figure: cut off, the hall's page shows none.
fn cut_off(hall: &mut DemoPages) {
    let before = hall.step("hall_figures", json!({ "page": "supervisor" }));
    assert!(before.as_array().is_some_and(|all| all.len() == 6 && all.iter().any(|one| one.as_str() != Some("—"))), "{before}");
    hall.server.kill();
    hall.step("see_in_time", json!({ "page": "supervisor", "selector": ".strip", "text": "连接中断" }));
    assert_eq!(hall.step("hall_figures", json!({ "page": "supervisor" })), json!(["—", "—", "—", "—", "—", "—"]));
    hall.look("supervisor", "hall-cut-off");
}
