//! The ledger 台账: reports, reminders, the cut at noon of Friday, and the file that can be made again byte for byte.

use std::io::{Cursor, Read as _};

use axum::http::{Method, StatusCode};
use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};
use server::store::LoggedEvent;
use tests::app::TestApp;

use super::{CENTER, DISTRICT, Office};

const FIRST: &str = "已把建房类事项放进六个综合窗口";
const SECOND: &str = "=六个综合窗口全部通办";
const LATER: &str = "下一周的进展";

fn progress(task: &str, text: &str) -> Value {
    json!({ "task_id": task, "text": text, "evidence": "会议纪要 2026-12 号", "figure": "92%" })
}

async fn file(office: &Office, username: &str, site: &str, week: &str) -> Vec<u8> {
    let answer = office.send(username, Method::GET, &format!("/sites/{site}/ledger.xlsx?week={week}"), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.bytes
}

/// Cells of a sheet as text, row by row.
fn cells(file: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.to_vec())).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the sheet");
    let text = |cell: &Data| cell.to_string();
    assert!(book.worksheet_formula(sheet).expect("formulas").used_cells().next().is_none(), "no cell is a formula");
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file.to_vec())).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

async fn log(office: &Office, site: &str, kind: &str) -> Vec<LoggedEvent> {
    let all = office.stage.app.app.stores.events.events_after(site, 0, 100_000).await.expect("the log");
    all.into_iter().filter(|event| event.kind == kind).collect()
}

async fn alerts(office: &Office, site: &str) -> Vec<String> {
    let alerts = office.stage.app.app.stores.cases.alerts(site).await.expect("alerts");
    alerts.into_iter().map(|alert| alert.kind).filter(|kind| kind.starts_with("ledger")).collect()
}

async fn mails(office: &Office) -> Vec<String> {
    while office.stage.outbox.run_due("notify").await > 0 {}
    office.stage.mails.mails().into_iter().map(|mail| mail.source).collect()
}

/// Reports, with everything that can be wrong about one.
async fn reports(office: &Office) {
    let path = format!("/sites/{CENTER}/ledger/progress");
    office.done("supervisor", Method::POST, &path, progress("one-window", FIRST)).await;
    let bad = json!({ "task_id": "nothing", "text": " ", "evidence": "a\u{202e}" });
    assert_eq!(office.wrong("supervisor", Method::POST, &path, bad).await, ["text", "evidence", "task_id"]);
    let elsewhere = "/sites/demo-station-1/ledger/progress";
    office.refused("supervisor", Method::POST, elsewhere, progress("one-window", FIRST), StatusCode::CONFLICT, "not_responsible").await;
    office
        .refused(
            "supervisor",
            Method::POST,
            "/sites/demo-sumu/ledger/progress",
            progress("one-window", FIRST),
            StatusCode::NOT_FOUND,
            "not_found",
        )
        .await;
    office.refused("leader1", Method::POST, &path, progress("one-window", FIRST), StatusCode::FORBIDDEN, "forbidden").await;
    let week = office.read("supervisor", &format!("/sites/{CENTER}/ledger?week=2026-W48")).await;
    assert_eq!((&week["state"], &week["cut_seq"], &week["next_week"]), (&json!("open"), &Value::Null, &Value::Null));
    let task = &week["tasks"][0];
    assert_eq!((&task["id"], &task["missing"], &task["reports"][0]["text"]), (&json!("one-window"), &json!(0), &json!(FIRST)));
    assert_eq!((&task["reports"][0]["stated_figure"], &task["reports"][0]["can_report"]), (&json!("92%"), &json!(true)));
    assert!(task["figure"]["value"].as_f64().is_some_and(|share| share > 0.0), "{}", task["figure"]);
    let all = office.read("district", &format!("/sites/{DISTRICT}/ledger")).await;
    assert_eq!((&all["week"], &all["tasks"][0]["missing"], &all["can_manage"]), (&json!("2026-W48"), &json!(2), &json!(true)));
    for event in log(office, DISTRICT, "ledger_progress_reported").await {
        assert!(!event.body.contains(FIRST) && event.body.contains("text_id"), "words lie sealed: {}", event.body);
    }
}

async fn weeks_that_are_none(office: &Office) {
    for (week, code) in [("2026-W60", "no_such_week"), ("2027-W53", "no_such_week"), ("W48", "form"), ("2026-W4", "form")] {
        for kind in ["ledger", "ledger.xlsx"] {
            let answer = office.send("district", Method::GET, &format!("/sites/{DISTRICT}/{kind}?week={week}"), None).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{week}");
            let error = &answer.body["errors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!("week"), &json!(code)), "{week}");
            assert!(error["message"].as_str().is_some_and(|message| message.contains('周')), "in Chinese: {error}");
        }
    }
    let later = office.send("district", Method::GET, &format!("/sites/{DISTRICT}/ledger.xlsx?week=2026-W49"), None).await;
    assert_eq!((later.status, &later.body["code"]), (StatusCode::CONFLICT, &json!("week_not_begun")));
}

async fn a_draft_says_so(office: &Office) {
    let draft = file(office, "supervisor", CENTER, "2026-W48").await;
    assert!(cells(&draft, "台账")[1][0].contains("草稿"), "{:?}", cells(&draft, "台账")[1]);
    assert_eq!(draft, file(office, "supervisor", CENTER, "2026-W48").await, "nothing changed in between");
}

async fn contacts(office: &Office) {
    let path = format!("/sites/{DISTRICT}/ledger/contacts");
    let bad = json!({ "items": [{ "site_id": "nowhere", "email": "x" }, { "site_id": "demo-town" }] });
    assert_eq!(office.wrong("district", Method::PUT, &path, bad).await, ["items[0].site_id", "items[0].email", "items[1].email"]);
    let good = json!({ "items": [{ "site_id": "demo-sumu", "email": "yungetu@example.cn" }] });
    let told = office.done("district", Method::PUT, &path, good).await;
    assert_eq!((&told["version"], &told["items"][0]["name"]), (&json!(1), &json!("云格图苏木便民服务中心")));
    assert!(!told.to_string().contains("yungetu@"), "masked: {told}");
    office.done("district", Method::PUT, &path, json!({ "version": 1, "items": [{ "site_id": "demo-sumu" }] })).await;
    let stale = json!({ "version": 1, "items": [] });
    office.refused("district", Method::PUT, &path, stale, StatusCode::CONFLICT, "plan_changed").await;
    for event in log(office, DISTRICT, "ledger_contacts_set").await {
        assert!(!event.body.contains('@'), "{}", event.body);
    }
}

async fn reminders(office: &Office) {
    office.until("2026-11-26T14:59:00");
    office.stage.timers.run_due().await;
    assert!(mails(office).await.is_empty() && alerts(office, "demo-town").await.is_empty());
    office.until("2026-11-26T15:00:00");
    office.stage.timers.run_due().await;
    office.stage.timers.run_due().await;
    let sent = mails(office).await;
    assert_eq!(sent.len(), 1, "one mail to the one mailbox: {sent:?}");
    assert_eq!((alerts(office, "demo-sumu").await.len(), alerts(office, "demo-town").await), (0, vec!["ledger_due".to_owned()]));
    office.until("2026-11-27T10:00:00");
    office.stage.timers.run_due().await;
    assert_eq!((mails(office).await.len(), alerts(office, "demo-town").await.len()), (2, 1));
}

async fn the_cut(office: &Office) {
    office.until("2026-11-27T11:59:59");
    office.done("supervisor", Method::POST, &format!("/sites/{CENTER}/ledger/progress"), progress("one-window", SECOND)).await;
    office.until("2026-11-27T12:00:00");
    // Two processes come to it at once.
    let other = office.stage.app.again().await;
    let timers = server::worker::Timers::new(other.app.clone(), None);
    tokio::join!(office.stage.timers.run_due(), timers.run_due());
    office.stage.timers.run_due().await;
    assert_eq!(log(office, DISTRICT, "ledger_cut").await.len(), 1);
    assert_eq!(mails(office).await.len(), 3, "the ledger is there");
    for site in [CENTER, "demo-sumu", "demo-town"] {
        assert_eq!(alerts(office, site).await.iter().filter(|kind| *kind == "ledger_late").count(), 1, "{site}");
    }
}

async fn the_file_of_a_week_stays(office: &Office) {
    let first = file(office, "supervisor", CENTER, "2026-W48").await;
    let whole = file(office, "district", DISTRICT, "2026-W48").await;
    office.until("2026-11-27T12:00:01");
    office.done("supervisor", Method::POST, &format!("/sites/{CENTER}/ledger/progress"), progress("one-window", LATER)).await;
    let mut plan = office.read("district", &format!("/sites/{DISTRICT}/ledger/tasks")).await;
    plan["tasks"][0]["title"] = json!("改过的任务");
    let wanted = json!({ "version": plan["version"], "title": plan["title"], "columns": plan["columns"], "tasks": plan["tasks"] });
    office.done("district", Method::PUT, &format!("/sites/{DISTRICT}/ledger/tasks"), wanted.clone()).await;
    office.refused("district", Method::PUT, &format!("/sites/{DISTRICT}/ledger/tasks"), wanted, StatusCode::CONFLICT, "plan_changed").await;
    office.stage.notified(&["site"]).await;
    office.stage.pass(40 * 24 * 3_600_000);
    office.stage.timers.run_due().await;
    assert!(first == file(office, "supervisor", CENTER, "2026-W48").await, "byte for byte, also after later progress");
    assert!(whole == file(office, "district", DISTRICT, "2026-W48").await);
    let later = Office { stage: crate::stage::Stage::on(office.stage.app.again().await).await };
    assert!(first == file(&later, "district", CENTER, "2026-W48").await, "also after a restart, and for whoever may read it");
    assert!(part(&first, "docProps/core.xml").contains("2026-11-27T04:00:00Z"), "{}", part(&first, "docProps/core.xml"));
    let rows = cells(&first, "台账");
    assert_eq!(rows[2][..4], ["序号", "条款", "任务", "牵头单位"].map(str::to_owned));
    assert_eq!((rows.len(), &rows[3][0], &rows[3][2]), (3 + 7, &"1".to_owned(), &"综合受理窗口无差别受理，清单内事项通办".to_owned()));
    let text = format!("{rows:?}");
    assert!(text.contains(SECOND) && !text.contains(FIRST) && !text.contains(LATER) && !text.contains("改过的任务"), "{text}");
    assert!(rows[1][0].contains("2026年11月20日 12:00 至 2026年11月27日 12:00") && rows[1][0].contains("截取于日志第"), "{:?}", rows[1]);
    let sites = cells(&whole, "各单位进展");
    assert!(sites.iter().any(|row| row[2] == "杏川镇便民服务中心" && row[3] == "未填报"), "{sites:?}");
    let week = office.read("supervisor", &format!("/sites/{CENTER}/ledger?week=2026-W48")).await;
    assert_eq!((&week["state"], &week["tasks"][0]["reports"][0]["can_report"]), (&json!("closed"), &json!(false)));
    assert!(week["cut_seq"].as_i64().is_some_and(|seq| seq > 0));
    let next = office.read("supervisor", &format!("/sites/{CENTER}/ledger?week=2026-W49")).await;
    assert_eq!((&next["tasks"][0]["reports"][0]["text"], &next["tasks"][0]["title"]), (&json!(LATER), &json!("改过的任务")));
}

async fn tasks_are_the_districts(office: &Office) {
    let path = format!("/sites/{CENTER}/ledger/tasks");
    office.refused("district", Method::PUT, &path, json!({ "tasks": [] }), StatusCode::CONFLICT, "not_the_district").await;
    office.refused("supervisor", Method::PUT, &path, json!({ "tasks": [] }), StatusCode::FORBIDDEN, "forbidden").await;
    let task = json!({ "id": "a", "title": "", "lead_unit": "x", "responsible_site_ids": ["nowhere"], "order": 1, "figure": "made-up" });
    let wrong = office.wrong("admin", Method::PUT, &format!("/sites/{DISTRICT}/ledger/tasks"), json!({ "tasks": [task] })).await;
    assert_eq!(wrong, ["tasks[0].title", "tasks[0].responsible_site_ids[0]", "tasks[0].figure"]);
}

async fn a_week_of_the_ledger(app: TestApp) {
    let office = Office::on(app).await;
    reports(&office).await;
    weeks_that_are_none(&office).await;
    tasks_are_the_districts(&office).await;
    a_draft_says_so(&office).await;
    contacts(&office).await;
    reminders(&office).await;
    the_cut(&office).await;
    the_file_of_a_week_stays(&office).await;
}

#[tokio::test]
async fn a_week_of_the_ledger_in_memory() {
    a_week_of_the_ledger(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_week_of_the_ledger_on_sqlite() {
    a_week_of_the_ledger(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_week_of_the_ledger_on_postgres() {
    let database = tests::postgres::database();
    a_week_of_the_ledger(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn alerts_go_away_once_everything_is_reported() {
    let office = Office::on(TestApp::memory().await).await;
    office.until("2026-11-26T15:00:00");
    office.stage.timers.run_due().await;
    assert_eq!(alerts(&office, CENTER).await, ["ledger_due"]);
    let tasks = office.read("supervisor", &format!("/sites/{CENTER}/ledger")).await["tasks"].as_array().expect("tasks").clone();
    for task in &tasks {
        assert_eq!(alerts(&office, CENTER).await.len(), 1, "not before the last");
        let task = task["id"].as_str().expect("an id");
        office.done("supervisor", Method::POST, &format!("/sites/{CENTER}/ledger/progress"), progress(task, "照计划")).await;
    }
    assert!(alerts(&office, CENTER).await.is_empty());
    office.until("2026-11-27T12:00:00");
    office.stage.timers.run_due().await;
    assert!(alerts(&office, CENTER).await.is_empty(), "nothing was late");
}

#[tokio::test]
async fn a_week_before_the_plan_is_told_without_reports_and_stays_so() {
    let office = Office::on(TestApp::memory().await).await;
    let before = file(&office, "district", DISTRICT, "2026-W40").await;
    office.done("supervisor", Method::POST, &format!("/sites/{CENTER}/ledger/progress"), progress("one-window", FIRST)).await;
    assert!(before == file(&office, "district", DISTRICT, "2026-W40").await);
    assert!(cells(&before, "台账")[1][0].contains("还没有开始填报"));
    assert!(log(&office, DISTRICT, "ledger_cut").await.is_empty(), "nothing is cut that had no plan");
}
