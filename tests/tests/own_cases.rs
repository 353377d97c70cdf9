//! What an applicant settles from home over HTTP: the parcel and to whom, the agent and for how long; and that neither the
//! code of a timeline nor another phone settles anything.

use axum::http::StatusCode;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::applications::sign_in;
use crate::stage::{SECRETS, SITE, Stage};

/// The applicant's phone in every case of the stage.
const PHONE: &str = "13912345520";
const OTHER: &str = "13912345521";
const ADDRESS: &str = "内蒙古通辽市科尔沁区建国路 8 号 3 单元 501";
/// The agent: name, number of the card, phone.
const AGENT: [&str; 3] = ["李红梅", "150105198507120025", "13987654321"];

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect()
}

fn courier() -> Value {
    json!({ "way": "courier", "recipient": { "name": SECRETS[0], "phone": PHONE, "address": ADDRESS } })
}

fn authorisation(until: &str) -> Value {
    let agent = json!({ "name": AGENT[0], "id_number": AGENT[1], "phone": AGENT[2] });
    json!({ "agent": agent, "submits": true, "collects": true, "until": until })
}

async fn tracking_code(stage: &Stage, case: &str) -> String {
    stage.read("clerk1", &format!("/cases/{case}")).await["tracking_code"].as_str().expect("a code").to_owned()
}

async fn act(stage: &Stage, citizen: &Actor, case: &str, action: &str, body: Value) -> Answer {
    stage.app.post(citizen, &format!("/api/v1/citizens/cases/{case}/{action}"), body).await
}

async fn titles(stage: &Stage, case: &str) -> Vec<String> {
    let told = stage.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{}", tracking_code(stage, case).await)).await.body;
    assert!(!told.to_string().contains(ADDRESS) && !told.to_string().contains(AGENT[0]), "{told}");
    told["timeline"].as_array().into_iter().flatten().filter_map(|entry| entry["title"].as_str().map(str::to_owned)).collect()
}

/// Whoever proves the phone that stands in the case chooses the parcel; who only holds the code does not.
async fn a_parcel_is_asked_for(stage: &Stage, case: &str) {
    let (me, other) = (sign_in(&stage.app, PHONE).await, sign_in(&stage.app, OTHER).await);
    let listed = format!("/api/v1/citizens/cases?tracking_code={}", tracking_code(stage, case).await);
    assert_eq!(code(&stage.app.get(&Actor::Nobody, &listed).await), (401, "not_signed_in"));
    assert_eq!(stage.app.get(&other, &listed).await.body["items"], json!([]), "the code alone opens nothing");
    assert_eq!(act(stage, &other, case, "delivery", courier()).await.status, StatusCode::NOT_FOUND);
    let own = stage.app.get(&me, &listed).await.body["items"][0].clone();
    assert_eq!((&own["id"], &own["delivery"], &own["courier_offered"]), (&json!(case), &json!("window"), &json!(true)), "{own}");
    assert_eq!(own["actions"], json!(["delivery", "authorise"]));

    let empty = act(stage, &me, case, "delivery", json!({ "way": "courier", "recipient": { "phone": "12" } })).await;
    assert_eq!(fields(&empty), ["recipient.name", "recipient.address", "recipient.phone"], "all at once: {}", empty.body);
    assert_eq!(fields(&act(stage, &me, case, "delivery", json!({})).await), ["way"]);
    let both = json!({ "way": "window", "recipient": { "name": "王" } });
    assert_eq!(fields(&act(stage, &me, case, "delivery", both).await), ["recipient"]);
    let chosen = act(stage, &me, case, "delivery", courier()).await;
    assert_eq!((chosen.status, &chosen.body["delivery"]), (StatusCode::OK, &json!("courier")), "{}", chosen.body);
    assert_eq!(chosen.body["recipient"]["phone"], "139****5520", "masked even here");
    assert!(!chosen.body.to_string().contains("501"), "{}", chosen.body);
    let back = act(stage, &me, case, "delivery", json!({ "way": "window" })).await;
    assert_eq!((&back.body["delivery"], &back.body["recipient"]), (&json!("window"), &Value::Null));
    assert_eq!(act(stage, &me, case, "delivery", courier()).await.status, StatusCode::OK, "as often as the wish changes");
}

async fn the_window_sends_it(stage: &Stage, case: &str, certificate: &str) {
    let path = |action: &str| format!("/certificates/{certificate}/{action}");
    stage.ok("issuer", &path("receive"), json!({ "slot": "A1" })).await;
    let cabinet = stage.read("issuer", &format!("/sites/{SITE}/cabinet")).await;
    let listed = cabinet["items"].as_array().expect("a list").iter().find(|one| one["id"] == certificate).expect("it").clone();
    assert_eq!(listed["courier_to"]["name"], "王*明", "the wish stands in the list");
    assert!(!cabinet.to_string().contains(ADDRESS));
    let (clerk, issuer) = (stage.actor("clerk1").await, stage.actor("issuer").await);
    let ask = json!({ "fields": ["name", "phone", "address"], "reason": "打包寄出" });
    let reveal = format!("/api/v1{}", path("reveal"));
    assert_eq!(stage.app.post(&clerk, &reveal, ask.clone()).await.status, StatusCode::FORBIDDEN, "only who makes the parcel");
    let nothing = stage.app.post(&issuer, &reveal, json!({ "fields": [], "reason": "" })).await;
    assert_eq!(fields(&nothing), ["fields", "reason"]);
    let shown = stage.ok("issuer", &path("reveal"), ask).await;
    assert_eq!((&shown["name"], &shown["phone"], &shown["address"]), (&json!(SECRETS[0]), &json!(PHONE), &json!(ADDRESS)));
    let read = stage.app.app.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
    let read = read.iter().filter(|event| event.kind == "person_revealed").any(|event| event.body.contains(certificate));
    assert!(read, "the read is on record");
    stage.ok("issuer", &path("ship"), json!({ "carrier": "中国邮政 EMS", "waybill": "EA123456789CN" })).await;
    let me = sign_in_again(stage, PHONE).await;
    assert_eq!(code(&act(stage, &me, case, "delivery", json!({ "way": "window" })).await), (409, "certificate_state"), "it has left");
    let told = titles(stage, case).await;
    for title in ["您选了邮寄", "您改成到窗口领", "寄出了"] {
        assert!(told.iter().any(|one| one == title), "{title} in {told:?}");
    }
    let events = stage.app.app.stores.events.events_of(SITE, "case", case).await.expect("events");
    assert!(events.iter().any(|event| event.kind == "courier_chosen" && event.actor == "citizen"));
    let log: String = events.iter().map(|event| event.body.as_str()).collect();
    assert!(!log.contains("501") && !log.contains(PHONE), "{log}");
    stage.nothing_leaked().await;
}

/// A fresh code: one a minute.
async fn sign_in_again(stage: &Stage, phone: &str) -> Actor {
    stage.pass(60_000);
    sign_in(&stage.app, phone).await
}

async fn sent_by_courier(stage: &Stage) {
    let (case, certificate) = stage.made().await;
    while stage.outbox.run_due("upload").await > 0 {}
    a_parcel_is_asked_for(stage, &case).await;
    the_window_sends_it(stage, &case, &certificate).await;
}

async fn collected_by_an_agent(stage: &Stage) {
    let (case, certificate) = stage.made().await;
    while stage.outbox.run_due("upload").await > 0 {}
    stage.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": "A2" })).await;
    let me = sign_in_again(stage, PHONE).await;
    let wrong = json!({ "agent": { "name": "", "id_number": "150105198507120026", "phone": "0475-8210000" }, "until": "2026-13-01" });
    let refused = act(stage, &me, &case, "authorise", wrong).await;
    let mut named = fields(&refused);
    named.sort();
    assert_eq!(named, ["agent.id_number", "agent.name", "agent.phone", "until"], "{}", refused.body);
    let myself =
        json!({ "agent": { "name": SECRETS[0], "id_number": SECRETS[1], "phone": AGENT[2] }, "collects": true, "until": "2026-12-31" });
    assert_eq!(fields(&act(stage, &me, &case, "authorise", myself).await), ["agent.id_number"]);
    assert_eq!(fields(&act(stage, &me, &case, "authorise", authorisation("2026-11-23")).await), ["until"], "yesterday");
    assert_eq!(fields(&act(stage, &me, &case, "authorise", authorisation("2027-11-25")).await), ["until"], "more than a year");
    let other = sign_in_again(stage, OTHER).await;
    assert_eq!(act(stage, &other, &case, "authorise", authorisation("2026-12-31")).await.status, StatusCode::NOT_FOUND);

    let given = act(stage, &me, &case, "authorise", authorisation("2026-12-31")).await;
    assert_eq!(given.body["authorisation"]["state"], "open", "{}", given.body);
    assert_eq!((&given.body["authorisation"]["agent"]["name"], given.body.to_string().contains(AGENT[1])), (&json!("李*梅"), false));
    assert_eq!(code(&act(stage, &me, &case, "authorise", authorisation("2026-12-31")).await), (409, "authorisation_open"));
    let seen = agents_cases(stage, AGENT[2]).await;
    assert_eq!((&seen[0]["matter_name"].is_string(), &seen[0]["applicant_name"]), (&true, &json!("王*明")), "{seen}");
    let text = seen.to_string();
    let tracked = tracking_code(stage, &case).await;
    assert!(!text.contains(&tracked) && !text.contains("query_code") && !text.contains(&case), "how far it is, and no more: {text}");
    assert_eq!(agents_cases(stage, OTHER).await, json!([]));

    let back = act(stage, &me, &case, "withdraw-authorisation", json!({})).await;
    assert_eq!(back.body["authorisation"]["state"], "withdrawn", "{}", back.body);
    assert_eq!(agents_cases(stage, AGENT[2]).await, json!([]));
    let issuer = stage.actor("issuer").await;
    let hand_over = format!("/api/v1/certificates/{certificate}/hand-over");
    let collector =
        |name: &str| json!({ "collector": { "name": name, "id_type": "resident_id", "id_number": AGENT[1], "relation": "agent" } });
    let no_basis = stage.app.post(&issuer, &hand_over, collector(AGENT[0])).await;
    assert_eq!(fields(&no_basis), ["collector.authorisation"], "what was taken back is no basis: {}", no_basis.body);
    act(stage, &me, &case, "authorise", authorisation("2026-12-31")).await;
    let shown = stage.certificate(&certificate).await;
    assert_eq!((&shown["authorisation"]["state"], &shown["authorisation"]["collects"]), (&json!("open"), &json!(true)));
    assert_eq!(fields(&stage.app.post(&issuer, &hand_over, collector("李红")).await), ["collector.name"]);
    let handed = stage.app.post(&issuer, &hand_over, collector(AGENT[0])).await;
    assert_eq!((handed.status, &handed.body["authorisation"]["state"]), (StatusCode::OK, &json!("used")), "{}", handed.body);
    assert!(titles(stage, &case).await.iter().any(|title| title == "代办人凭授权领取"));
    assert_eq!(code(&act(stage, &me, &case, "withdraw-authorisation", json!({})).await), (409, "case_state"));
    assert_eq!(agents_cases(stage, AGENT[2]).await, json!([]), "it was used");
    stage.nothing_leaked().await;
}

async fn agents_cases(stage: &Stage, phone: &str) -> Value {
    let agent = sign_in_again(stage, phone).await;
    stage.app.get(&agent, "/api/v1/citizens/agent-cases").await.body["items"].clone()
}

#[tokio::test]
async fn a_result_is_sent_to_whom_the_applicant_says() {
    sent_by_courier(&Stage::on(TestApp::memory().await).await).await;
}

#[tokio::test]
async fn a_result_is_sent_to_whom_the_applicant_says_on_sqlite() {
    sent_by_courier(&Stage::on(TestApp::sqlite().await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_settled_from_home_is_settled_on_postgresql() {
    let database = tests::postgres::database();
    let stage = Stage::on(TestApp::postgres(&database.url).await).await;
    sent_by_courier(&stage).await;
    collected_by_an_agent(&stage).await;
}

#[tokio::test]
async fn an_agent_collects_by_the_applicants_word() {
    collected_by_an_agent(&Stage::on(TestApp::memory().await).await).await;
}

#[tokio::test]
async fn an_agent_collects_by_the_applicants_word_on_sqlite() {
    collected_by_an_agent(&Stage::on(TestApp::sqlite().await).await).await;
}

#[tokio::test]
async fn an_authorisation_runs_out() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (case, _) = stage.made().await;
    let me = sign_in(&stage.app, PHONE).await;
    assert_eq!(act(&stage, &me, &case, "authorise", authorisation("2026-11-24")).await.status, StatusCode::OK, "for today");
    stage.pass(DAY_MS);
    assert_eq!(agents_cases(&stage, AGENT[2]).await, json!([]));
    let me = sign_in_again(&stage, PHONE).await;
    let own = stage.app.get(&me, &format!("/api/v1/citizens/cases/{case}")).await.body;
    assert_eq!((&own["authorisation"]["state"], &own["actions"]), (&json!("expired"), &json!(["delivery", "authorise"])));
}

#[tokio::test]
async fn a_site_that_sends_nothing_offers_no_courier() {
    let stage = Stage::on(TestApp::memory().await).await;
    let (case, _) = stage.made().await;
    let (district, path) = (stage.actor("district").await, format!("/api/v1/sites/{SITE}/policy"));
    let mut policy = stage.app.get(&district, &path).await.body;
    policy["policy"]["cases"]["courier"] = json!(false);
    let put = stage.app.send(&district, axum::http::Method::PUT, &path, None, Some(policy)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let me = sign_in(&stage.app, PHONE).await;
    let own = stage.app.get(&me, &format!("/api/v1/citizens/cases/{case}")).await.body;
    assert_eq!((&own["courier_offered"], &own["actions"]), (&json!(false), &json!(["authorise"])));
    assert_eq!(code(&act(&stage, &me, &case, "delivery", courier()).await), (409, "courier_not_offered"));
}
