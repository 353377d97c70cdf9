//! Eight ways of a case from the first word to the last, each with everything that comes of it: the papers, what stands
//! on them, and what was told to whom. Time passes where it must.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::{Method, StatusCode};
use domain::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};
use server::demo::simulators::Misbehaviour;
use server::worker::delay_ms;
use tests::app::{Actor, TestApp};

use crate::stage::{SECRETS, SITE, Stage};

fn text_of(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils is installed");
    child.stdin.take().expect("an input").write_all(pdf).expect("it reads");
    let told = child.wait_with_output().expect("it ends");
    String::from_utf8(told.stdout).expect("UTF-8").split_whitespace().collect()
}

/// The papers that a case has, by kind, each with its text.
async fn papers(stage: &Stage, username: &str, case: &str) -> BTreeMap<String, String> {
    let listed = stage.read(username, &format!("/cases/{case}/documents")).await;
    let actor = stage.actor(username).await;
    let mut found = BTreeMap::new();
    for paper in listed["items"].as_array().expect("papers") {
        let answer = stage.app.get(&actor, paper["url"].as_str().expect("an address")).await;
        assert_eq!(answer.status, StatusCode::OK, "{paper}");
        found.insert(paper["kind"].as_str().expect("a kind").to_owned(), text_of(&answer.bytes));
    }
    found
}

/// Exactly these papers, and on each these words.
async fn has_papers(stage: &Stage, username: &str, case: &str, wanted: &[(&str, &[&str])]) {
    let found = papers(stage, username, case).await;
    let mut kinds: Vec<&str> = wanted.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), kinds);
    let number = stage.read(username, &format!("/cases/{case}")).await["number"].as_str().expect("a number").to_owned();
    for (kind, words) in wanted {
        let text = &found[*kind];
        for word in words.iter().copied().chain([number.as_str(), "核验码"]) {
            assert!(text.contains(word), "{kind} says {word}: {text}");
        }
    }
}

/// The papers of a case that was granted on the straight way, with what stands on the last one.
fn granted<'a>(delivery: &'a [&'a str]) -> [(&'a str, &'a [&'a str]); 5] {
    [
        ("receipt", &["材料接收凭证"]),
        ("acceptance", &["受理通知书"]),
        ("transfer", &["物料流转单"]),
        ("decision", &["准予"]),
        ("delivery", delivery),
    ]
}

/// Template, channel and state of everything that was told about a case, sorted.
async fn notices(stage: &Stage, case: &str) -> Vec<(String, String, String)> {
    while stage.outbox.run_due("notify").await > 0 {}
    let rows = stage.app.app.stores.cases.notifications(SITE, case).await.expect("messages");
    let mut told: Vec<_> = rows.into_iter().map(|row| (row.template, row.channel, row.state)).collect();
    told.sort();
    told
}

/// The platform above was told these states of a case, in this order, and this result last.
async fn was_reported(stage: &Stage, username: &str, case: &str, states: &[&str], result: &str) {
    // A row that finds an earlier one of its case unsent waits for its turn.
    for _ in 0..12 {
        while stage.outbox.run_due("report").await > 0 {}
        stage.pass(2_000);
    }
    let number = stage.read(username, &format!("/cases/{case}")).await["number"].clone();
    let rows: Vec<_> = stage.upper.rows().into_iter().filter(|push| push.row["project_no"] == number).collect();
    let of = |table: &str, column: &str| -> Vec<String> {
        let rows = rows.iter().filter(|push| push.table == table);
        rows.map(|push| push.row[column].as_str().expect("a state").to_owned()).collect()
    };
    assert_eq!(of("up_pro_process", "event_name"), states, "the steps of {case}");
    let results = of("up_pro_result", "result_type");
    assert!(!results.is_empty() && results.iter().all(|told| told == result), "{results:?}");
    let procedures = rows.iter().filter(|push| push.table == "up_pro_special_procedure").count();
    assert_eq!(procedures, states.iter().filter(|state| **state == "10").count(), "each procedure once, at its end");
    assert_eq!(stage.upper.forged(), 0);
}

fn told(template: &str, channel: &str) -> (String, String, String) {
    (template.to_owned(), channel.to_owned(), "sent".to_owned())
}

async fn state(stage: &Stage, case: &str) -> (String, Value, Value) {
    let seen = stage.read("clerk1", &format!("/cases/{case}")).await;
    (seen["state"].as_str().expect("a state").to_owned(), seen["closed_as"].clone(), seen["decision"].clone())
}

async fn act(stage: &Stage, username: &str, case: &str, action: &str, body: Value) -> Value {
    stage.ok(username, &format!("/cases/{case}/{action}"), body).await
}

pub fn collector() -> Value {
    json!({ "collector": { "name": SECRETS[0], "id_type": "resident_id", "id_number": SECRETS[1], "relation": "self" } })
}

/// From the decision to the owner's hands: made, uploaded, kept, announced, handed over.
async fn handed_out(stage: &Stage, case: &str, slot: &str) {
    let made = json!({ "number": format!("ZS-{slot}"), "valid_from": "2026-11-24" });
    let certificate = act(stage, "approver1", case, "certificate", made).await["id"].as_str().expect("an id").to_owned();
    while stage.outbox.run_due("upload").await > 0 {}
    let path = |action: &str| format!("/certificates/{certificate}/{action}");
    stage.ok("issuer", &path("receive"), json!({ "slot": slot })).await;
    stage.ok("issuer", &path("notify"), json!({ "channels": ["sms"] })).await;
    while stage.outbox.run_due("notify").await > 0 {}
    stage.ok("issuer", &path("hand-over"), collector()).await;
}

/// The required materials that are not there, handed in.
pub async fn supplied(stage: &Stage, case: &str) -> Value {
    let seen = stage.read("clerk1", &format!("/cases/{case}")).await;
    let lacking =
        seen["materials"].as_array().expect("materials").iter().filter(|one| one["required"] == true && one["status"] != "collected");
    let all: Vec<Value> = lacking.map(|one| json!({ "material_id": one["material_id"], "status": "collected", "originals": 1 })).collect();
    assert!(!all.is_empty());
    json!({ "materials": all })
}

#[tokio::test]
async fn a_plain_promise_case_with_a_correction() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.received(true).await;
    let items = json!({ "items": [{ "text": "采伐示意图没有标出西界", "basis": "森林法第五十七条" }] });
    act(&stage, "clerk1", &case, "request-correction", items).await;
    let body = supplied(&stage, &case).await;
    assert_eq!(act(&stage, "clerk1", &case, "supply", body).await["state"], "received");
    act(&stage, "clerk1", &case, "accept", json!({})).await;
    act(&stage, "approver1", &case, "claim", json!({})).await;
    act(&stage, "approver1", &case, "approve", json!({ "opinion": "同意" })).await;
    handed_out(&stage, &case, "A01").await;
    assert_eq!(state(&stage, &case).await, ("closed".to_owned(), json!("finished"), json!("approved")));
    has_papers(
        &stage,
        "clerk1",
        &case,
        &[
            ("receipt", &["材料接收凭证", SECRETS[0]]),
            ("correction", &["一次性告知书", "采伐示意图没有标出西界", "森林法第五十七条"]),
            ("acceptance", &["受理通知书", "承诺办结日"]),
            ("transfer", &["物料流转单"]),
            ("decision", &["准予"]),
            ("delivery", &["送达回证", "ZS-A01", "送达时间"]),
        ],
    )
    .await;
    assert_eq!(notices(&stage, &case).await, [told("ready_for_pickup", "sms")]);
    was_reported(&stage, "clerk1", &case, &["1", "6", "7", "3", "8", "11"], "11").await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn a_tolerant_case_whose_promise_is_not_kept() {
    let stage = Stage::on(TestApp::memory().await).await;
    let hall = stage.received(false).await;
    let plan = stage.read("clerk1", &format!("/cases/{hall}")).await["materials"]
        .as_array()
        .expect("materials")
        .iter()
        .find_map(|one| one["material_id"].as_str().filter(|id| id.ends_with("felling-plan")).map(str::to_owned))
        .expect("the plan");
    let lacking = json!({ "materials": stage.read("clerk1", &format!("/cases/{hall}")).await["materials"].as_array().expect("materials").iter()
        .filter(|one| one["material_id"] != json!(plan) && one["status"] == "collected")
        .map(|one| json!({ "material_id": one["material_id"], "status": "collected", "originals": 1 })).collect::<Vec<_>>() });
    let clerk = stage.actor("clerk1").await;
    let path = format!("/api/v1/cases/{hall}");
    assert!(stage.app.send(&clerk, Method::PATCH, &path, None, Some(lacking)).await.status.is_success());
    let promised = json!({ "promised": [{ "material_id": plan, "due": "2026-12-01" }] });
    act(&stage, "clerk1", &hall, "accept-tolerant", promised).await;
    act(&stage, "approver1", &hall, "claim", json!({})).await;
    let missed = async || stage.alerts(SITE, &hall).await.iter().filter(|(kind, _)| kind == "promise_missed").count();
    stage.pass(7 * DAY_MS);
    stage.timers.run_due().await;
    assert_eq!(missed().await, 0, "the last day is in time");
    stage.pass(DAY_MS);
    stage.timers.run_due().await;
    stage.timers.run_due().await;
    assert_eq!(missed().await, 1, "told once");
    let late = async || stage.alerts(SITE, &hall).await.iter().filter(|(kind, _)| kind == "promise_unanswered").count();
    assert_eq!(late().await, 0, "the department has three working days");
    let term = json!({ "due": "2026-12-04", "reason": "他在外地，下周寄来" });
    act(&stage, "approver1", &hall, "new-term", term.clone()).await;
    let path = format!("/api/v1/cases/{hall}/new-term");
    let approver = stage.actor("approver1").await;
    let again = stage.app.post(&approver, &path, term).await;
    assert_eq!((again.status.as_u16(), &again.body["code"]), (409, &json!("new_term_given")), "{}", again.body);
    assert_eq!(notices(&stage, &hall).await, [told("promise_extended", "site"), told("promise_extended", "sms")]);
    stage.pass(2 * DAY_MS);
    stage.timers.run_due().await;
    assert_eq!(missed().await, 0, "the new term has answered it, and its last day is in time");
    stage.pass(6 * DAY_MS);
    stage.timers.run_due().await;
    assert_eq!((missed().await, late().await), (1, 1), "missed again, and unanswered");
    let deny = json!({ "opinion": "承诺的示意图到期没有补齐", "reason_code": "conditions_not_met" });
    act(&stage, "approver1", &hall, "deny", deny).await;
    act(&stage, "clerk1", &hall, "deliver", collector()).await;
    assert_eq!(state(&stage, &hall).await, ("closed".to_owned(), json!("finished"), json!("denied")));
    has_papers(
        &stage,
        "clerk1",
        &hall,
        &[
            ("receipt", &["材料接收凭证"]),
            ("tolerant_acceptance", &["容缺受理通知书", "2026年12月1日", "申请人签字（承诺）"]),
            ("transfer", &["物料流转单"]),
            ("decision", &["不予", "承诺的示意图到期没有补齐", "行政复议"]),
            ("delivery", &["送达回证", "办理结果通知书"]),
        ],
    )
    .await;
    assert_eq!(notices(&stage, &hall).await.len(), 2, "a denial is told at the window");
    was_reported(&stage, "clerk1", &hall, &["1", "3", "8", "13"], "13").await;
}

#[tokio::test]
async fn a_list_that_nobody_answers_ends_the_case() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.received(true).await;
    let items = json!({ "items": [{ "text": "补林权证", "basis": "行政许可法第三十二条" }] });
    act(&stage, "clerk1", &case, "request-correction", items).await;
    for _ in 0..32 {
        stage.pass(DAY_MS);
        stage.timers.run_due().await;
        while stage.outbox.run_due("notify").await > 0 {}
    }
    assert_eq!(state(&stage, &case).await, ("closed".to_owned(), json!("lapsed"), Value::Null));
    has_papers(&stage, "clerk1", &case, &[("receipt", &["收件"]), ("correction", &["补林权证", "30日内", "终止办理"])]).await;
    assert_eq!(notices(&stage, &case).await, [told("correction_reminder", "site"), told("correction_reminder", "sms")]);
    was_reported(&stage, "clerk1", &case, &["1", "6", "2"], "2").await;
}

#[tokio::test]
async fn a_refusal_that_is_overturned() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.received(false).await;
    act(&stage, "clerk1", &case, "propose-refusal", json!({ "reason_code": "not_competent", "text": "应当归林场" })).await;
    has_papers(&stage, "clerk1", &case, &[("receipt", &["材料接收凭证"])]).await;
    let overturned = act(&stage, "approver1", &case, "overturn-refusal", json!({ "opinion": "属于本局职权" })).await;
    assert_eq!(overturned["state"], "accepted");
    act(&stage, "approver1", &case, "claim", json!({})).await;
    act(&stage, "approver1", &case, "approve", json!({ "opinion": "同意" })).await;
    handed_out(&stage, &case, "A02").await;
    assert_eq!(state(&stage, &case).await, ("closed".to_owned(), json!("finished"), json!("approved")));
    has_papers(
        &stage,
        "clerk1",
        &case,
        &[
            ("receipt", &["材料接收凭证"]),
            ("acceptance", &["现予受理"]),
            ("transfer", &["物料流转单"]),
            ("decision", &["准予"]),
            ("delivery", &["ZS-A02"]),
        ],
    )
    .await;
    assert_eq!(notices(&stage, &case).await, [told("ready_for_pickup", "sms")]);
    was_reported(&stage, "clerk1", &case, &["1", "3", "8", "11"], "11").await;
    let history = stage.read("clerk1", &format!("/cases/{case}")).await["history"].to_string();
    assert!(history.contains("应当归林场") || history.contains("属于本局职权"), "{history}");
}

#[tokio::test]
async fn a_bundle_of_three_departments_with_a_special_procedure_and_more_time() {
    let stage = Stage::on(TestApp::memory().await).await;
    let body = crate::bundles::body(&stage.app, "shenhou").await;
    let joint = stage.ok("clerk1", "/bundle-cases", body).await;
    let id = joint["id"].as_str().expect("an id").to_owned();
    let of = |end: &str| {
        let cases = joint["cases"].as_array().expect("cases");
        let case = cases.iter().find(|one| one["matter_id"].as_str().is_some_and(|id| id.ends_with(end))).expect("the case");
        case["case_id"].as_str().expect("an id").to_owned()
    };
    let (burial, pension, insurance) = (of("binzang"), of("zhuxiao"), of("xinxi"));
    let see = async || stage.read("clerk1", &format!("/bundle-cases/{id}")).await;
    for (case, approver) in [(&burial, "approver3"), (&pension, "approver2")] {
        act(&stage, "clerk1", case, "accept", json!({})).await;
        act(&stage, approver, case, "claim", json!({})).await;
    }
    act(&stage, "clerk1", &insurance, "accept", json!({})).await;
    act(&stage, "clerk1", &insurance, "decide-instant", json!({})).await;
    let before = see().await;

    // One department needs an appraisal, and asks for more days for all of them.
    let suspend = json!({ "procedure": "appraisal", "days": 5, "basis": "行政许可法第四十五条" });
    act(&stage, "approver2", &pension, "suspend", suspend).await;
    stage.pass(2 * DAY_MS);
    act(&stage, "approver2", &pension, "resume", json!({})).await;
    let leader = stage.actor("leader1").await;
    let approve = format!("/api/v1/cases/{pension}/approve-joint-extension");
    let none = stage.app.post(&leader, &approve, json!({})).await;
    assert_eq!((none.status.as_u16(), none.body["code"].as_str()), (409, Some("no_extension")));
    let civil = stage.actor("approver2").await;
    let too_long = stage.app.post(&civil, &format!("/api/v1/cases/{pension}/extend-joint"), json!({ "days": 16, "reason": "核查" })).await;
    assert_eq!(too_long.status, StatusCode::UNPROCESSABLE_ENTITY);
    act(&stage, "approver2", &pension, "extend-joint", json!({ "days": 5, "reason": "参保记录要到外区核查" })).await;
    let other = stage.actor("approver3").await;
    let twice = stage.app.post(&other, &format!("/api/v1/cases/{burial}/extend-joint"), json!({ "days": 3, "reason": "x" })).await;
    assert_eq!((twice.status.as_u16(), twice.body["code"].as_str()), (409, Some("extended_already")), "once for all of them");
    let asked = see().await;
    assert_eq!((&asked["due_at"], &asked["extension"]["approved_at"]), (&before["due_at"], &Value::Null), "asking gives nothing");
    assert_eq!(notices(&stage, &pension).await, []);
    act(&stage, "leader1", &pension, "approve-joint-extension", json!({ "opinion": "同意" })).await;
    assert_eq!(notices(&stage, &pension).await, [told("joint_term_extended", "site"), told("joint_term_extended", "sms")]);
    let given = see().await;
    assert_eq!(before["due_at"], "2026-12-08T23:59:59.999+08:00");
    assert_eq!(given["due_at"], "2026-12-15T23:59:59.999+08:00", "five working days more: {given}");
    assert_eq!(given["extension"]["reason"], "参保记录要到外区核查");

    act(&stage, "approver3", &burial, "approve", json!({ "opinion": "同意减免" })).await;
    act(&stage, "approver2", &pension, "approve", json!({ "opinion": "同意" })).await;
    assert_eq!(see().await["state"], "ready");
    let extension: (&str, &[&str]) = ("extension", &["延长办理期限告知书", "共同期限延长5个工作日", "参保记录要到外区核查", "第四十二条"]);
    let special: (&str, &[&str]) = ("special_procedure", &["特别程序告知书", "鉴定"]);
    let plain: [(&str, &[&str]); 4] =
        [("receipt", &["李华"]), ("acceptance", &["受理通知书"]), ("transfer", &["物料流转单"]), ("decision", &["准予"])];
    has_papers(&stage, "clerk1", &burial, &plain).await;
    has_papers(&stage, "clerk1", &pension, &[plain.as_slice(), &[extension, special]].concat()).await;
    has_papers(&stage, "clerk1", &insurance, &plain).await;
    assert_eq!(notices(&stage, &pension).await, [told("joint_term_extended", "site"), told("joint_term_extended", "sms")]);
    assert_eq!(notices(&stage, &burial).await, []);
    was_reported(&stage, "clerk1", &burial, &["1", "3", "8", "11"], "11").await;
    was_reported(&stage, "clerk1", &pension, &["1", "3", "8", "9", "10", "11"], "11").await;
    was_reported(&stage, "clerk1", &insurance, &["1", "3", "11"], "11").await;
    let sms = stage.outside.messages().pop().expect("an SMS").text;
    assert!(sms.contains("延长了 5 个工作日") && !sms.contains("参保"), "{sms}");
}

#[tokio::test]
async fn an_instant_case_is_over_before_its_applicant_leaves() {
    let stage = Stage::on(TestApp::memory().await).await;
    let body = crate::rights::house::case_body(&stage.app, "demo-instant").await;
    let case = stage.ok("clerk1", "/cases", body).await["id"].as_str().expect("an id").to_owned();
    let decided = act(&stage, "clerk1", &case, "decide-instant", json!({ "opinion": "当场核对无误" })).await;
    assert_eq!(decided["decision"], "approved");
    let makes_certificate = decided["makes_certificate"] == json!(true);
    if !makes_certificate {
        act(&stage, "clerk1", &case, "deliver", collector()).await;
        assert_eq!(state(&stage, &case).await, ("closed".to_owned(), json!("finished"), json!("approved")));
    }
    // A certificate is made and handed over later.
    let all = granted(&["送达回证"]);
    let wanted = if makes_certificate { &all[..4] } else { &all[..] };
    has_papers(&stage, "clerk1", &case, wanted).await;
    was_reported(&stage, "clerk1", &case, &["1", "3", "11"], "11").await;
    assert_eq!(notices(&stage, &case).await, [], "whoever stands there is told by mouth");
}

#[tokio::test]
async fn an_online_application_is_finished_at_the_window() {
    let stage = Stage::on(TestApp::memory().await).await;
    let citizen = crate::applications::sign_in(&stage.app, "13912345520").await;
    let begun = stage.app.post(&citizen, "/api/v1/applications", crate::applications::beginning(&stage.app, "demo-promised").await).await;
    let id = begun.body["id"].as_str().expect("an id").to_owned();
    let filled = crate::applications::whole(&stage.app, "demo-promised").await;
    let path = format!("/api/v1/applications/{id}");
    assert!(stage.app.send(&citizen, Method::PATCH, &path, None, Some(filled)).await.status.is_success());
    let photo = crate::application_files::sent(&stage.app, &citizen, &id).await;
    assert!(stage.app.post(&citizen, &format!("{path}/submit"), json!({})).await.status.is_success());
    act(&stage, "clerk1", &id, "pre-check", json!({ "verdict": "supplement", "text": "照片不清楚" })).await;
    while stage.outbox.run_due("notify").await > 0 {}
    let removed = stage.app.post(&citizen, &format!("{path}/attachments/{photo}/remove"), json!({})).await;
    assert!(removed.status.is_success(), "{}", removed.body);
    crate::application_files::sent(&stage.app, &citizen, &id).await;
    assert!(stage.app.post(&citizen, &format!("{path}/submit"), json!({})).await.status.is_success());
    act(&stage, "clerk1", &id, "pre-check", json!({ "verdict": "ready" })).await;
    stage.pass(HOUR_MS);
    act(&stage, "clerk1", &id, "submit", json!({})).await;
    let seen = stage.read("clerk1", &format!("/cases/{id}")).await;
    let all: Vec<Value> = seen["materials"]
        .as_array()
        .expect("materials")
        .iter()
        .map(|one| json!({ "material_id": one["material_id"], "status": "collected", "originals": 1 }))
        .collect();
    let clerk = stage.actor("clerk1").await;
    let checked = stage.app.send(&clerk, Method::PATCH, &format!("/api/v1/cases/{id}"), None, Some(json!({ "materials": all }))).await;
    assert!(checked.status.is_success(), "{}", checked.body);
    act(&stage, "clerk1", &id, "accept", json!({})).await;
    act(&stage, "approver1", &id, "claim", json!({})).await;
    act(&stage, "approver1", &id, "approve", json!({ "opinion": "同意" })).await;
    handed_out(&stage, &id, "A03").await;
    assert_eq!(state(&stage, &id).await, ("closed".to_owned(), json!("finished"), json!("approved")));
    has_papers(
        &stage,
        "clerk1",
        &id,
        &[
            ("receipt", &["材料接收凭证", SECRETS[0]]),
            ("acceptance", &["受理通知书"]),
            ("transfer", &["物料流转单"]),
            ("decision", &["准予"]),
            ("delivery", &["ZS-A03"]),
        ],
    )
    .await;
    let wanted = [told("application_ready", "sms"), told("application_supplement", "sms"), told("ready_for_pickup", "sms")];
    assert_eq!(notices(&stage, &id).await, wanted);
    was_reported(&stage, "clerk1", &id, &["1", "3", "8", "11"], "11").await;
    let archive = stage.app.get(&stage.actor("clerk1").await, &format!("/api/v1/cases/{id}/archive.pdf")).await;
    assert_eq!(archive.status, StatusCode::OK, "{}", archive.body);
    let text = text_of(&archive.bytes);
    for word in ["网上提交", "网上，本人登录", "照片.png", "领取人"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn a_certificate_whose_upload_fails_for_a_day() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (case, certificate) = stage.made().await;
    stage.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": "A04" })).await;
    let notify = format!("/api/v1/certificates/{certificate}/notify");
    stage.outside.misbehave(&[Misbehaviour::Unavailable; 7]);
    let mut passed = 0;
    for attempt in 1..=7 {
        assert_eq!(stage.outbox.run_due("upload").await, 1, "try {attempt}");
        let early = stage.app.post(&stage.actor("issuer").await, &notify, json!({ "channels": ["sms"] })).await;
        assert_eq!((early.status.as_u16(), early.body["code"].as_str()), (409, Some("upload_pending")), "nobody comes for nothing");
        stage.pass(delay_ms(attempt));
        passed += delay_ms(attempt);
    }
    stage.pass((DAY_MS - passed).max(0));
    assert_eq!(stage.certificate(&certificate).await["upload"], "failed", "the last try is a person's to decide about");
    let alerts = stage.alerts(SITE, &case).await;
    assert!(alerts.iter().any(|(kind, _)| kind == "upload_failed"), "{alerts:?}");
    // A day later it is up again.
    stage.ok("issuer", &format!("/certificates/{certificate}/retry-upload"), json!({})).await;
    while stage.outbox.run_due("upload").await > 0 {}
    assert_eq!(stage.certificate(&certificate).await["upload"], "confirmed");
    stage.ok("issuer", &format!("/certificates/{certificate}/notify"), json!({ "channels": ["sms"] })).await;
    while stage.outbox.run_due("notify").await > 0 {}
    stage.ok("issuer", &format!("/certificates/{certificate}/hand-over"), collector()).await;
    assert_eq!(state(&stage, &case).await, ("closed".to_owned(), json!("finished"), json!("approved")));
    has_papers(&stage, "clerk1", &case, &granted(&["送达回证", "ZS-2026-001"])).await;
    assert_eq!(notices(&stage, &case).await, [told("ready_for_pickup", "sms")], "told once, when it was true");
    was_reported(&stage, "clerk1", &case, &["1", "3", "8", "11"], "11").await;
}

#[tokio::test]
async fn a_negative_rating_is_followed_up_to_the_call_and_its_message_is_sent_again() {
    let stage = Stage::on(TestApp::memory().await).await;
    let case = stage.received(false).await;
    act(&stage, "clerk1", &case, "accept", json!({})).await;
    act(&stage, "approver1", &case, "claim", json!({})).await;
    act(&stage, "approver1", &case, "approve", json!({ "opinion": "同意" })).await;
    handed_out(&stage, &case, "A05").await;
    has_papers(&stage, "clerk1", &case, &granted(&["送达回证", "ZS-A05"])).await;
    was_reported(&stage, "clerk1", &case, &["1", "3", "8", "11"], "11").await;
    let code = stage.app.app.case_of_site(SITE, &case).await.expect("a case").tracking_code;
    let rating = json!({ "tracking_code": code, "subject": "case", "case_id": case, "level": "dissatisfied", "reason_codes": ["209"],
        "text": "办得太慢", "channel": "web" });
    let rated = stage.app.post(&Actor::Nobody, "/api/v1/evaluations", rating).await;
    assert_eq!(rated.status, StatusCode::CREATED, "{}", rated.body);
    let id = rated.body["id"].as_str().expect("an id").to_owned();
    let step = async |name: &str, body: Value| stage.ok("supervisor", &format!("/evaluations/{id}/{name}"), body).await;
    let verified = step("verify", json!({ "finding": "invalid", "text": "承诺十天，当天办结" })).await;
    assert_eq!(verified["evidence"][0]["verdict"], "refuted", "{}", verified["evidence"]);
    step("rectify", json!({ "kind": "explain", "text": "向您解释期限怎么算" })).await;
    // The message about the reply does not go out, and is sent again from where the reply stands.
    stage.outside.misbehave(&[Misbehaviour::Refuses]);
    let replied = step("reply", json!({ "text": "受理当天就办结了，没有超过承诺" })).await;
    assert_eq!((&replied["reply_message"], &replied["failed_message_id"]), (&json!("pending"), &Value::Null));
    while stage.outbox.run_due("notify").await > 0 {}
    let failed = stage.read("supervisor", &format!("/evaluations/{id}")).await;
    assert_eq!(failed["reply_message"], "failed", "{failed}");
    let message = failed["failed_message_id"].as_str().expect("a message that can be sent again").to_owned();
    let seen = stage.read("auditor", &format!("/evaluations/{id}")).await;
    assert_eq!(seen["failed_message_id"], Value::Null, "only for who may send it again");
    stage.ok("supervisor", &format!("/notifications/{message}/retry"), json!({})).await;
    while stage.outbox.run_due("notify").await > 0 {}
    let sent = stage.read("supervisor", &format!("/evaluations/{id}")).await;
    assert_eq!((&sent["reply_message"], &sent["failed_message_id"]), (&json!("sent"), &Value::Null));
    let closed = step("call-back", json!({ "reached": true, "satisfied": true, "text": "听明白了" })).await;
    assert_eq!((&closed["state"], &closed["closed_as"]), (&json!("closed"), &json!("satisfied")));
    let timeline = stage.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await.body.to_string();
    assert!(timeline.contains("受理当天就办结了"), "{timeline}");
}
