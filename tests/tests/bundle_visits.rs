//! A visit about a bundle beyond opening it: one notice of everything that lacks, what was handed in before, one of its
//! cases that should not be taken, and the alert of the joint limit.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::matter_versions::{fields, published};
use crate::papers::text_of;

const SITE: &str = "demo-center";
const DAY_MS: i64 = 24 * 3_600_000;

async fn get(app: &TestApp, actor: &Actor, path: &str) -> Answer {
    app.get(actor, &format!("/api/v1{path}")).await
}

async fn ok(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Value {
    let answer = app.post(actor, &format!("/api/v1{path}"), body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.body
}

fn id_of(joint: &Value) -> String {
    joint["id"].as_str().expect("an id").to_owned()
}

fn cases_of(joint: &Value) -> Vec<String> {
    joint["cases"].as_array().expect("cases").iter().map(|one| one["case_id"].as_str().expect("an id").to_owned()).collect()
}

/// What a case calls a material.
async fn material(app: &TestApp, clerk: &Actor, case: &str, name: &str) -> String {
    let case = get(app, clerk, &format!("/cases/{case}")).await.body;
    let known = case["materials"].as_array().expect("materials").iter().find(|one| one["name"] == name);
    known.unwrap_or_else(|| panic!("{name}: {case}"))["material_id"].as_str().expect("an id").to_owned()
}

async fn joint_papers(app: &TestApp, actor: &Actor, joint: &str) -> Answer {
    get(app, actor, &format!("/bundle-cases/{joint}/documents")).await
}

#[tokio::test]
async fn what_all_cases_lack_stands_on_one_notice() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let joint = ok(&app, &clerk, "/bundle-cases", crate::bundles::body(&app, "shenhou").await).await;
    let (id, cases) = (id_of(&joint), cases_of(&joint));
    let proof = "死亡证明或火化证明";
    let (burial, pension) = (material(&app, &clerk, &cases[0], proof).await, material(&app, &clerk, &cases[1], proof).await);
    assert_eq!(joint_papers(&app, &clerk, &id).await.body["items"], json!([]));
    let none = get(&app, &clerk, &format!("/bundle-cases/{id}/documents/correction.pdf")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "no notice was given");

    let point = |material: &str, text: &str| json!({ "material_id": material, "text": text, "basis": "殡葬管理条例" });
    let first = json!({ "items": [point(&burial, "死亡证明没有盖章")] });
    ok(&app, &clerk, &format!("/cases/{}/request-correction", cases[0]), first).await;
    let second = json!({ "items": [point(&pension, "死亡证明没有盖章"), { "text": "申请书没有签字", "basis": "办事指南" }] });
    ok(&app, &clerk, &format!("/cases/{}/request-correction", cases[1]), second).await;

    let listed = joint_papers(&app, &clerk, &id).await.body;
    assert_eq!((&listed["items"][0]["kind"], &listed["items"][0]["title"]), (&json!("correction"), &json!("一件事一次告知单")), "{listed}");
    let url = listed["items"][0]["url"].as_str().expect("an address").to_owned();
    let before = app.app.stores.events.head(SITE).await.expect("the store").expect("a log").seq;
    let pdf = app.get(&clerk, &url).await;
    assert_eq!(pdf.status, StatusCode::OK, "{}", pdf.body);
    let after = app.app.stores.events.head(SITE).await.expect("the store").expect("a log").seq;
    assert_eq!(after - before, 1, "the read is recorded");
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join("paper-joint-correction.pdf"), &pdf.bytes).expect("a file");
    }
    let text = text_of(&pdf.bytes);
    let number = joint["number"].as_str().expect("a number");
    for wanted in
        ["一件事一次告知单", number, "公民身后一件事", "申请书没有签字", "殡葬管理条例", "不用补，接着办", "30日内", "一式两份", "核验码"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert_eq!(text.matches("死亡证明没有盖章").count(), 1, "what is shared is asked for once: {text}");
    for case in joint["cases"].as_array().expect("cases") {
        assert!(text.contains(case["number"].as_str().expect("a number")), "{case}: {text}");
    }
    assert!(!text.contains("11010519491231002X"), "no number of a person");

    // Anybody who holds it can ask.
    let (_, rest) = text.split_once("核验码").expect("a code");
    let code: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let genuine = get(&app, &Actor::Nobody, &format!("/verify/{code}")).await;
    assert_eq!(
        (genuine.status, &genuine.body["title"], &genuine.body["number"]),
        (StatusCode::OK, &json!("一件事一次告知单"), &joint["number"]),
        "{}",
        genuine.body
    );
    assert_eq!((&genuine.body["matter_name"], &genuine.body["applicant_name"]), (&json!("公民身后一件事"), &json!("李*")));
    let wrong = format!("{}A", &code[..code.len() - 1]);
    let other = if wrong == code { format!("{}B", &code[..code.len() - 1]) } else { wrong };
    assert_eq!(get(&app, &Actor::Nobody, &format!("/verify/{other}")).await.status, StatusCode::NOT_FOUND);
    // What was handed in stands on no later sheet; the sheet that somebody holds stays genuine.
    let case = get(&app, &clerk, &format!("/cases/{}", cases[0])).await.body;
    let brought: Vec<Value> = case["materials"]
        .as_array()
        .expect("materials")
        .iter()
        .map(|one| json!({ "material_id": one["material_id"], "status": "collected", "originals": 1 }))
        .collect();
    ok(&app, &clerk, &format!("/cases/{}/supply", cases[0]), json!({ "materials": brought })).await;
    app.clock.advance(60_000);
    let third = json!({ "items": [{ "text": "户口簿缺一页", "basis": "办事指南" }] });
    ok(&app, &clerk, &format!("/cases/{}/request-correction", cases[2]), third).await;
    let later = text_of(&app.get(&clerk, &url).await.bytes);
    assert!(later.contains("户口簿缺一页") && later.contains("死亡证明没有盖章"), "what the second still lacks: {later}");
    assert_eq!(get(&app, &Actor::Nobody, &format!("/verify/{code}")).await.status, StatusCode::OK, "the first sheet");
    let own = get(&app, &clerk, &format!("/cases/{}/documents", cases[0])).await.body;
    assert!(own["items"].as_array().is_some_and(|items| items.iter().any(|one| one["kind"] == "correction")), "its own stays: {own}");

    for (name, status) in [("approver3", 200), ("approver5", 403), ("guide1", 403)] {
        let actor = app.sign_in(name).await;
        assert_eq!(joint_papers(&app, &actor, &id).await.status.as_u16(), status, "{name}");
    }
    assert_eq!(get(&app, &clerk, &format!("/bundle-cases/{id}/documents/receipt.pdf")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_of_several_is_proposed_for_refusal_and_the_others_go_on() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let joint = ok(&app, &clerk, "/bundle-cases", crate::bundles::body(&app, "shenhou").await).await;
    let (id, cases) = (id_of(&joint), cases_of(&joint));
    let refuse = json!({ "reason_code": "not_competent", "text": "参保地在别的旗" });
    ok(&app, &clerk, &format!("/cases/{}/propose-refusal", cases[1]), refuse).await;
    for case in [&cases[0], &cases[2]] {
        ok(&app, &clerk, &format!("/cases/{case}/accept"), json!({})).await;
    }
    let read = get(&app, &clerk, &format!("/bundle-cases/{id}")).await.body;
    let states: Vec<&str> = read["cases"].as_array().expect("cases").iter().map(|one| one["state"].as_str().expect("a state")).collect();
    assert_eq!((states, &read["due_at"]), (vec!["accepted", "refusal_proposed", "accepted"], &Value::Null), "one is not settled");
    let labour = app.sign_in("approver2").await;
    ok(&app, &labour, &format!("/cases/{}/confirm-refusal", cases[1]), json!({ "opinion": "确实不归这里" })).await;
    let read = get(&app, &clerk, &format!("/bundle-cases/{id}")).await.body;
    assert_eq!(
        (&read["state"], &read["due_at"]),
        (&json!("in_progress"), &json!("2026-12-08T23:59:59.999+08:00")),
        "the others have their limit: {read}"
    );
}

fn schema(field: &str) -> Value {
    json!({
        "type": "object", "required": [field], "additionalProperties": false,
        "properties": { field: { "type": "string", "title": "家庭住址", "maxLength": 40 } },
    })
}

/// Joint cases of one person, the first of them accepted with everything handed in.
async fn handed_in_before(app: &TestApp, clerk: &Actor) -> Vec<String> {
    published(app, "m_dc_binzang", |content| content["form_schema"] = schema("home")).await;
    published(app, "m_dc_yanglao-zhuxiao", |content| content["form_schema"] = schema("f_1")).await;
    let mut body = crate::bundles::body(app, "shenhou").await;
    body["form"] = json!({ "home": "锡林路 3 号", "f_1": "锡林路 3 号" });
    let before = cases_of(&ok(app, clerk, "/bundle-cases", body).await);
    for case in &before {
        ok(app, clerk, &format!("/cases/{case}/accept"), json!({})).await;
    }
    before
}

async fn what_was_handed_in_before_serves_a_bundle_on(app: TestApp) {
    let clerk = app.sign_in("clerk1").await;
    let before = handed_in_before(&app, &clerk).await;
    let person = json!({ "kind": "person", "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X" });
    let ask = |bundle: &str| json!({ "bundle_id": bundle, "applicant": person });
    let path = format!("/sites/{SITE}/earlier-materials");
    let counted = ok(&app, &clerk, &path, ask("b_dc_shenhou")).await;
    let whole = crate::bundles::body(&app, "shenhou").await;
    let lines = whole["materials"].as_array().expect("materials").len();
    assert_eq!((&counted["count"], &counted["has_form"]), (&json!(lines), &json!(true)), "each shared material once");
    let unknown = app.post(&clerk, &format!("/api/v1{path}"), ask("b_dc_nothing")).await;
    assert_eq!(fields(&unknown), ["bundle_id unknown"]);

    // Begun as drafts: nothing is received, nothing of before is told.
    let mut body = whole.clone();
    (body["draft"], body["materials"]) = (json!(true), json!([]));
    body.as_object_mut().expect("a body").remove("form");
    let joint = ok(&app, &clerk, "/bundle-cases", body).await;
    let cases = cases_of(&joint);
    for case in &cases {
        let seen = get(&app, &clerk, &format!("/cases/{case}/earlier-materials")).await.body;
        assert_eq!((&seen["items"], seen["count"].as_u64() > Some(0)), (&json!([]), true), "{seen}");
        let case_state = get(&app, &clerk, &format!("/cases/{case}")).await.body;
        assert_eq!(case_state["state"], "draft");
        ok(&app, &clerk, &format!("/cases/{case}/reuse-consent"), json!({ "way": "oral", "text_version": 1 })).await;
        let seen = get(&app, &clerk, &format!("/cases/{case}/earlier-materials")).await.body;
        let earlier: Vec<Value> = seen["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| json!({ "material_id": one["material_id"], "case_id": one["case_id"] }))
            .collect();
        let required = case_state["materials"].as_array().expect("materials").iter().filter(|one| one["required"] == true).count();
        assert!(earlier.len() >= required, "all that it needs is there: {seen}");
        let has_form = !seen["form"].is_null();
        ok(&app, &clerk, &format!("/cases/{case}/reuse"), json!({ "earlier": earlier, "form": has_form })).await;
        ok(&app, &clerk, &format!("/cases/{case}/submit"), json!({})).await;
        let accepted = ok(&app, &clerk, &format!("/cases/{case}/accept"), json!({})).await;
        let sources: Vec<&Value> = accepted["reuse"]["materials"].as_array().expect("reused").iter().map(|one| &one["case_id"]).collect();
        assert!(!sources.is_empty() && sources.iter().all(|id| before.contains(&id.as_str().expect("an id").to_owned())), "{sources:?}");
    }
    let read = get(&app, &clerk, &format!("/bundle-cases/{}", id_of(&joint))).await.body;
    assert_eq!(read["due_at"], "2026-12-08T23:59:59.999+08:00", "one joint case like any other: {read}");
}

#[tokio::test]
async fn in_memory_what_was_handed_in_before_serves_a_bundle() {
    what_was_handed_in_before_serves_a_bundle_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_what_was_handed_in_before_serves_a_bundle() {
    what_was_handed_in_before_serves_a_bundle_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn the_joint_limit_is_told_once_a_level() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let joint = ok(&app, &clerk, "/bundle-cases", crate::bundles::body(&app, "shenhou").await).await;
    let cases = cases_of(&joint);
    let told = async || {
        app.app.watch_cases().await.expect("the timer");
        app.app.watch_cases().await.expect("the timer, a second time");
        let alerts = app.app.stores.cases.open_alerts(&["joint_deadline"]).await.expect("alerts");
        let mut levels: Vec<(String, String, String)> = alerts.into_iter().map(|one| (one.level, one.object_id, one.text)).collect();
        levels.sort();
        levels
    };
    for case in &cases {
        ok(&app, &clerk, &format!("/cases/{case}/accept"), json!({})).await;
    }
    assert_eq!(told().await, []);
    // Ten working days from the 24th of November end on the 8th of December.
    app.clock.advance(9 * DAY_MS);
    assert_eq!(told().await, [], "Thursday the 3rd: three of ten are left");
    app.clock.advance(DAY_MS);
    let near = told().await;
    assert_eq!(near.iter().map(|one| (one.0.as_str(), one.1.as_str())).collect::<Vec<_>>(), [("notice", cases[0].as_str())], "{near:?}");
    assert!(near[0].2.contains(joint["number"].as_str().expect("a number")) && near[0].2.contains("公民身后一件事"), "{near:?}");
    app.clock.advance(5 * DAY_MS);
    assert_eq!(told().await.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["notice", "yellow"]);
}

#[tokio::test]
async fn a_draft_of_a_bundle_is_begun_once() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let mut body = crate::bundles::body(&app, "shenhou").await;
    body["draft"] = json!(true);
    let send = async || app.send(&clerk, Method::POST, "/api/v1/bundle-cases", Some("once"), Some(body.clone())).await;
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.replayed), (StatusCode::CREATED, true));
    assert_eq!(first.body["cases"], second.body["cases"]);
}
