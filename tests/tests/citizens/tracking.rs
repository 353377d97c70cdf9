//! One timeline from ticket to evaluation; short codes and query codes with few tries.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use super::{Hall, MINUTE_MS, SITE, is_public, text, titles};

fn strings(pairs: &[(&str, bool)]) -> Vec<(String, bool)> {
    pairs.iter().map(|(title, done)| ((*title).to_owned(), *done)).collect()
}

async fn a_ticket_is_followed(hall: &Hall) {
    let first = hall.ticket().await;
    hall.app.clock.advance(MINUTE_MS);
    let second = hall.ticket().await;
    let (code, number) = (&second["tracking_code"], text(&second, "number"));
    let waiting = hall.tracking(code).await;
    is_public(&waiting);
    assert_eq!((&waiting["ticket"]["number"], &waiting["ticket"]["ahead"]), (&json!(number), &json!(1)));
    assert_eq!((&waiting["ticket"]["state"], &waiting["ticket"]["window_number"]), (&json!("waiting"), &Value::Null));
    assert!(waiting["ticket"]["estimated_wait_s"].as_u64().is_some_and(|wait| wait > 0));
    assert_eq!(titles(&waiting), strings(&[(&format!("取号 {number}"), true), ("等叫号", false), ("到窗口办理", false)]));
    assert_eq!((&waiting["site"]["id"], &waiting["evaluations"]), (&json!(SITE), &json!([])));
    assert_eq!(waiting["next_step"]["detail"], "前面还有 1 人");

    hall.pass(70 * MINUTE_MS).await;
    assert_eq!(hall.serve_next(5 * MINUTE_MS).await, text(&first, "id"));
    assert_eq!(hall.tracking(code).await["next_step"]["detail"], "马上到您");
    let id = hall.call().await;
    let called = hall.tracking(code).await;
    let window = called["ticket"]["window_number"].as_u64().expect("a window");
    assert_eq!((&called["ticket"]["state"], &called["ticket"]["ahead"]), (&json!("called"), &Value::Null));
    assert_eq!(called["timeline"][1]["title"], format!("叫号，请到 {window} 号窗口"));
    assert_eq!(called["timeline"][1]["detail"], "等了 75 分钟");
    hall.act(&id, "start", json!({})).await;
    assert!(titles(&hall.tracking(code).await).contains(&(format!("正在 {window} 号窗口办理"), false)));
    hall.act(&id, "finish", json!({ "outcome": "consulted" })).await;
    let done = hall.tracking(code).await;
    assert_eq!(done["evaluations"], json!([{ "subject": "visit", "case_id": null, "done": false, "can_follow_up": false }]));
    assert_eq!((&done["ticket"]["window_number"], &done["next_step"]), (&json!(window), &Value::Null));
    let last = titles(&done).pop().expect("a last line");
    assert_eq!(last, ("窗口办完".to_owned(), true));
    is_public(&done);
    // A code read aloud, in small letters, with gaps.
    let typed: String = text(&second, "tracking_code").to_lowercase().chars().flat_map(|c| [c, '-']).collect();
    assert_eq!(hall.tracking(&json!(typed)).await["tracking_code"], *code);
    hall.not_read(&Actor::Nobody, "/tracking/0000000000000000", StatusCode::NOT_FOUND).await;
    hall.not_read(&Actor::Nobody, "/tracking/x", StatusCode::NOT_FOUND).await;
}

async fn a_missed_and_a_parked_ticket_know_it(hall: &Hall) {
    let ticket = hall.ticket().await;
    let id = hall.call().await;
    hall.act(&id, "miss", json!({})).await;
    let missed = hall.tracking(&ticket["tracking_code"]).await;
    assert_eq!((&missed["ticket"]["state"], &missed["next_step"]["title"]), (&json!("missed"), &json!("过号了")));
    hall.act(&id, "requeue", json!({})).await;
    assert_eq!(hall.call().await, id);
    hall.act(&id, "start", json!({})).await;
    hall.act(&id, "park", json!({})).await;
    let parked = hall.tracking(&ticket["tracking_code"]).await;
    assert_eq!(parked["next_step"]["title"], "先等一下");
    assert!(titles(&parked).contains(&("过号后重新排队".to_owned(), true)));
    hall.act(&id, "resume", json!({})).await;
    hall.act(&id, "abandon", json!({})).await;
    let ended = hall.tracking(&ticket["tracking_code"]).await;
    assert_eq!((&ended["next_step"]["title"], &ended["evaluations"]), (&json!("还要办，请重新取号"), &json!([])));
}

async fn one_code_leads_from_the_ticket_to_the_certificate(hall: &Hall) {
    let ticket = hall.ticket().await;
    let (code, id) = (&ticket["tracking_code"], hall.call().await);
    hall.act(&id, "start", json!({})).await;
    let case = hall.case("demo-promised", Some(&id)).await;
    let case_id = text(&case, "id").to_owned();
    let at = |action: &str| format!("/cases/{case_id}/{action}");
    assert_eq!(case["tracking_code"], *code);
    hall.ok(&hall.clerk, &at("accept"), json!({})).await;
    hall.act(&id, "finish", json!({ "outcome": "accepted" })).await;
    let accepted = hall.tracking(code).await;
    is_public(&accepted);
    let shown = &accepted["cases"][0];
    assert_eq!((&shown["state"], &shown["reporting_state"], &shown["budget_days"]), (&json!("accepted"), &json!(3), &json!(10)));
    assert_eq!((&shown["working_days_left"], &shown["number"]), (&json!(10), &case["number"]));
    assert!(text(shown, "due_at").starts_with("2026-12-08T23:59:59"));
    assert_eq!((&accepted["next_step"]["title"], &accepted["next_step"]["detail"]), (&json!("部门正在审核"), &json!("最晚 12月8日 办好")));
    assert_eq!(accepted["evaluations"].as_array().map(Vec::len), Some(1), "a case without result is not rated");
    hall.app.clock.advance(MINUTE_MS);
    hall.ok(&hall.approver, &at("claim"), json!({})).await;
    hall.ok(&hall.approver, &at("approve"), json!({ "opinion": "同意，材料齐全" })).await;
    let decided = hall.tracking(code).await;
    assert_eq!((&decided["cases"][0]["decision"], &decided["cases"][0]["due_at"]), (&json!("approved"), &Value::Null));
    assert_eq!(decided["next_step"]["title"], "正在做证照");
    assert_eq!(decided["evaluations"][1]["case_id"], json!(case_id));
    let made = json!({ "number": "ZS-2026-001", "valid_from": "2026-11-24", "valid_to": "2027-11-23" });
    let certificate = text(&hall.ok(&hall.approver, &at("certificate"), made).await, "id").to_owned();
    hall.ok(&hall.issuer, &format!("/certificates/{certificate}/receive"), json!({ "slot": "A01" })).await;
    let identifier = "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F".to_owned();
    let uploaded = domain::case::Command::ConfirmUpload { identifier };
    hall.app.app.decide_case_as_system(SITE, &case_id, uploaded).await.expect("the platform's answer is taken");
    hall.ok(&hall.issuer, &format!("/certificates/{certificate}/notify"), json!({ "channels": ["sms", "email"] })).await;
    let ready = hall.tracking(code).await;
    assert_eq!(ready["next_step"]["title"], "证照好了，带身份证来领");
    assert!(!titles(&ready).contains(&("通知您来领".to_owned(), true)), "nothing was sent yet");
    sent(hall, &case_id).await;
    hall.app.clock.advance(MINUTE_MS);
    let told = hall.tracking(code).await;
    let message =
        told["timeline"].as_array().expect("lines").iter().find(|line| line["title"] == "通知您来领").expect("the message").clone();
    assert_eq!(message["detail"], "短信、邮件");
    let collector =
        json!({ "collector": { "name": super::NAME, "id_type": "resident_id", "id_number": super::ID_NUMBER, "relation": "self" } });
    hall.ok(&hall.issuer, &format!("/certificates/{certificate}/hand-over"), collector).await;
    let closed = hall.tracking(code).await;
    is_public(&closed);
    let lines = titles(&closed);
    let expected = strings(&[("已受理", true), ("部门开始审核", true), ("出结果：准予", true), ("证照做好了", true), ("您领走了", true)]);
    let mut rest = lines.iter();
    for line in &expected {
        assert!(rest.any(|shown| shown == line), "{line:?} in its place among {lines:?}");
    }
    assert!(lines.iter().all(|(_, done)| *done) && !lines.iter().any(|(title, _)| title.is_empty()));
    assert_eq!((&closed["cases"][0]["closed_as"], &closed["next_step"]), (&json!("finished"), &Value::Null));
}

/// Marks the messages of a case as sent, as the worker does.
async fn sent(hall: &Hall, case_id: &str) {
    let mut set = server::store::ChangeSet::new(SITE);
    for mut row in hall.app.app.stores.cases.notifications(SITE, case_id).await.expect("messages") {
        row.state = "sent".to_owned();
        row.sent_at = Some(hall.app.app.now());
        set.row(row);
    }
    hall.app.app.commit(set).await.expect("stored");
}

async fn a_correction_says_what_is_owed_and_a_refusal_where_to_go(hall: &Hall) {
    let case = hall.case_with("demo-promised", None, |material| material["name"] != "采伐地块四至示意图").await;
    let at = |action: &str| format!("/cases/{}/{action}", text(&case, "id"));
    let matter = hall.read(&Actor::Nobody, "/matters/m_dc_demo-promised").await;
    let plan = matter["materials"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "采伐地块四至示意图")).expect("the plan");
    let items = json!({ "items": [{ "material_id": plan["id"], "text": "王小明自己画的图要标四界", "basis": "行政许可法第三十二条" }] });
    hall.ok(&hall.clerk, &at("request-correction"), items).await;
    let correcting = hall.tracking(&case["tracking_code"]).await;
    is_public(&correcting);
    assert_eq!((&correcting["ticket"], &correcting["next_step"]["title"]), (&Value::Null, &json!("还要补：采伐地块四至示意图")));
    assert_eq!(correcting["cases"][0]["materials_missing"], json!(["采伐地块四至示意图"]));
    assert_eq!(correcting["cases"][0]["due_at"], Value::Null, "the promise does not run before acceptance");

    let other = hall.case("demo-promised", None).await;
    let at = |action: &str| format!("/cases/{}/{action}", text(&other, "id"));
    hall.ok(&hall.clerk, &at("propose-refusal"), json!({ "reason_code": "not_competent", "text": "归河湾街道" })).await;
    let proposed = hall.tracking(&other["tracking_code"]).await;
    assert!(!proposed.to_string().contains("河湾") && titles(&proposed).contains(&("部门审定能不能受理".to_owned(), false)));
    hall.ok(&hall.approver, &at("confirm-refusal"), json!({ "opinion": "属实" })).await;
    let refused = hall.tracking(&other["tracking_code"]).await;
    assert_eq!((&refused["cases"][0]["closed_as"], &refused["evaluations"][0]["subject"]), (&json!("refused"), &json!("case")));
    assert_eq!(refused["next_step"]["title"], "不服可以申请复议或起诉");
}

async fn find(hall: &Hall, actor: &Actor, address: &str, code: &str) -> Answer {
    let body = json!({ "site_id": SITE, "short_code": code });
    hall.app.send_with(actor, Method::POST, "/api/v1/tracking/find", &[("x-forwarded-for", address)], Some(body)).await
}

async fn short_codes_have_five_tries(hall: &Hall) {
    let ticket = hall.ticket().await;
    let code = text(&ticket, "short_code").to_owned();
    let found = find(hall, &Actor::Nobody, "10.0.0.1", &format!("{}-{}", &code[..4], &code[4..])).await;
    assert_eq!((found.status, &found.body), (StatusCode::OK, &json!({ "tracking_code": ticket["tracking_code"] })));
    let malformed = find(hall, &Actor::Nobody, "10.0.0.2", "123").await;
    assert_eq!((malformed.status, &malformed.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("short_code")));
    for _ in 0..5 {
        assert_eq!(find(hall, &Actor::Nobody, "10.0.0.2", "00000000").await.status, StatusCode::NOT_FOUND);
    }
    let locked = find(hall, &Actor::Nobody, "10.0.0.2", &code).await;
    assert_eq!((locked.status, text(&locked.body, "code")), (StatusCode::TOO_MANY_REQUESTS, "too_many_tries"));
    assert!(locked.body["retry_at"].is_string());
    assert_eq!(find(hall, &Actor::Nobody, "10.0.0.3", &code).await.status, StatusCode::OK, "another address");
    let kiosk = Actor::Device("demo-kiosk".to_owned());
    assert_eq!(find(hall, &kiosk, "10.0.0.2", &code).await.status, StatusCode::OK, "a device counts for itself");
    hall.app.clock.advance(15 * MINUTE_MS);
    assert_eq!(find(hall, &Actor::Nobody, "10.0.0.2", &code).await.status, StatusCode::OK);
    let elsewhere = json!({ "site_id": "demo-sumu", "short_code": code });
    let answer = hall.app.post(&Actor::Nobody, "/api/v1/tracking/find", elsewhere).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "a short code is good with its hall");
    hall.app.clock.advance(24 * 60 * MINUTE_MS);
    assert_eq!(find(hall, &Actor::Nobody, "10.0.0.4", &code).await.status, StatusCode::NOT_FOUND, "and on its day");
    assert_eq!(hall.app.post(&Actor::Device("no".to_owned()), "/api/v1/tracking/find", json!({})).await.status, StatusCode::UNAUTHORIZED);
}

async fn query_codes_have_five_tries(hall: &Hall) {
    let clerk = hall.app.sign_in("clerk1").await;
    let list = hall.read(&clerk, "/cases?limit=1").await;
    let case = hall.read(&clerk, &format!("/cases/{}", text(&list["items"][0], "id"))).await;
    let body = |number: &Value, code: &Value| json!({ "number": number, "query_code": code });
    let progress = |body: Value| async move { hall.app.post(&Actor::Nobody, "/api/v1/progress", body).await };
    let known = progress(body(&case["number"], &case["query_code"])).await;
    assert_eq!((known.status, &known.body["tracking_code"]), (StatusCode::OK, &case["tracking_code"]));
    is_public(&known.body);
    let without_id = |mut answer: Answer| {
        answer.body["trace_id"] = Value::Null;
        (answer.status, answer.body)
    };
    let unknown = progress(body(&json!("NOBODY-1"), &json!("00000000"))).await;
    let wrong = progress(body(&case["number"], &json!("00000000"))).await;
    assert_eq!(without_id(unknown), without_id(wrong), "the same answer");
    for _ in 0..4 {
        assert_eq!(progress(body(&case["number"], &json!("00000000"))).await.status, StatusCode::NOT_FOUND);
    }
    for _ in 0..4 {
        assert_eq!(progress(body(&json!("NOBODY-1"), &json!("00000000"))).await.status, StatusCode::NOT_FOUND);
    }
    for number in [&case["number"], &json!("NOBODY-1")] {
        assert_eq!(progress(body(number, &case["query_code"])).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    hall.app.clock.advance(15 * MINUTE_MS);
    assert_eq!(progress(body(&case["number"], &case["query_code"])).await.status, StatusCode::OK);
    let answer = progress(json!({ "number": "", "query_code": "1" })).await;
    assert_eq!((answer.status, answer.body["errors"].as_array().map(Vec::len)), (StatusCode::UNPROCESSABLE_ENTITY, Some(2)));
}

async fn all(app: TestApp) {
    let hall = Hall::on(app).await;
    a_ticket_is_followed(&hall).await;
    a_missed_and_a_parked_ticket_know_it(&hall).await;
    one_code_leads_from_the_ticket_to_the_certificate(&hall).await;
    a_correction_says_what_is_owed_and_a_refusal_where_to_go(&hall).await;
    short_codes_have_five_tries(&hall).await;
    query_codes_have_five_tries(&hall).await;
}

#[tokio::test]
async fn tracking_in_memory() {
    all(TestApp::memory().await).await;
}

#[tokio::test]
async fn tracking_on_sqlite() {
    all(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn tracking_on_postgres() {
    let database = tests::postgres::database();
    all(TestApp::postgres(&database.url).await).await;
}
