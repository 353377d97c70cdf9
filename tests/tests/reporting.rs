//! What the platform above is told: every row once and in order, through an outage of a day, refusals, answers that are
//! lost, and two sides that are compared.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::demo::simulators::Misbehaviour as Licences;
use server::demo::upper::Misbehaviour;
use server::gateways::{Push, UpperCase};
use server::store::ReportedRow;
use server::worker::{ATTEMPTS_MAX, delay_ms};
use tests::app::{Actor, TestApp};

use crate::stage::{SECRETS, SITE, Stage};

const MINUTE_MS: i64 = 60_000;

async fn all_sent(stage: &Stage) {
    while stage.outbox.run_due("report").await > 0 {}
}

async fn rows_of(stage: &Stage, about: &str) -> Vec<ReportedRow> {
    stage.app.app.stores.upstream.reported_of(SITE, about).await.expect("rows")
}

/// The rows of a case as the platform has them: letter and state.
fn told(stage: &Stage, number: &str) -> Vec<String> {
    let short = |push: &Push| {
        let state = push.row["event_name"].as_str().or(push.row["result_type"].as_str()).unwrap_or_default();
        format!("{}{state}", push.table.trim_start_matches("up_pro_").trim_start_matches("up_").chars().next().unwrap_or_default())
    };
    stage.upper.rows().iter().filter(|push| push.row["project_no"] == number).map(short).collect()
}

async fn number_of(stage: &Stage, case: &str) -> String {
    stage.read("clerk1", &format!("/cases/{case}")).await["number"].as_str().expect("a number").to_owned()
}

async fn a_plain_case_is_told_in_order(stage: &Stage) -> String {
    let (case, _) = stage.made().await;
    while stage.outbox.run_due("upload").await > 0 {}
    let number = number_of(stage, &case).await;
    assert_eq!(told(stage, &number), Vec::<String>::new(), "nothing is told in the request");
    all_sent(stage).await;
    let materials = stage.read("clerk1", &format!("/cases/{case}")).await["materials"].as_array().expect("materials").len();
    let mut expected = vec!["p1".to_owned(), "a".to_owned()];
    expected.extend(std::iter::repeat_n("m".to_owned(), materials));
    expected.extend(["p3", "p8", "p11", "r11", "r11", "l"].map(str::to_owned));
    assert_eq!(told(stage, &number), expected);
    let rows = stage.upper.rows();
    let accept = &rows.iter().find(|push| push.table == "up_pro_accept" && push.row["project_no"] == number.as_str()).expect("it").row;
    assert_eq!((&accept["applyer_name"], &accept["applyer_page_code"]), (&json!(SECRETS[0]), &json!(SECRETS[1])));
    assert_eq!((&accept["accept_date"], &accept["data_source"]), (&json!("20261124T100000"), &json!("demo")));
    assert!(accept["promise_date"].as_str().is_some_and(|date| date.ends_with("T235959")), "{accept}");
    let licence = &rows.iter().find(|push| push.table == "up_lic_data").expect("it").row;
    assert!(licence["certificate_source_id"].as_str().is_some_and(domain::codes::is_licence_identifier), "{licence}");
    assert_eq!(licence["certificate_number"], "ZS-2026-001");
    assert_eq!(stage.upper.forged(), 0, "every request was signed");
    assert!(rows_of(stage, &case).await.iter().all(|row| row.state == "sent" && row.sent_at.is_some()));
    case
}

/// Rows that a person was asked about, and what is left of them in the outbox.
async fn dead(stage: &Stage) -> Vec<i64> {
    let depth = stage.app.app.stores.outbox.outbox_depth().await.expect("a depth");
    depth.into_iter().filter(|(kind, state, _)| kind == "report" && state == "dead").map(|(_, _, count)| count).collect()
}

async fn after_an_outage_of_a_day_all_arrive_once_and_in_order(stage: &Stage) {
    let dead_before = dead(stage).await;
    let (before, arrived) = (stage.upper.rows().len(), stage.upper.arrivals());
    stage.upper.set_away(true);
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(stage.made().await);
    }
    let tries = usize::try_from(ATTEMPTS_MAX).expect("a count");
    stage.outside.misbehave(&vec![Licences::Unavailable; 3 * tries]);
    for _ in 0..(24 * 4) {
        assert_eq!(stage.outbox.run_due("report").await, 0, "the line is away");
        stage.pass(15 * MINUTE_MS);
        stage.outbox.run_due("upload").await;
    }
    assert_eq!(stage.alerts(SITE, SITE).await, [("upstream_unreachable".to_owned(), "yellow".to_owned())], "told once");
    assert_eq!(dead(stage).await, dead_before, "an outage kills no row");
    stage.upper.set_away(false);
    all_sent(stage).await;
    for (case, _) in &cases {
        let number = number_of(stage, case).await;
        let states: Vec<String> = told(stage, &number).into_iter().filter(|one| one.starts_with('p')).collect();
        assert_eq!(states, ["p1", "p3", "p8", "p11"], "{number}");
        assert!(rows_of(stage, case).await.iter().all(|row| row.state == "sent"));
    }
    let (rows, arrivals) = (stage.upper.rows().len() - before, stage.upper.arrivals() - arrived);
    assert_eq!(rows, arrivals, "each came once");
    assert_eq!(stage.alerts(SITE, SITE).await, [], "settled by the first answer");
    // The certificate whose upload failed for a day: its licence is told once it has its identifier.
    let (case, certificate) = &cases[0];
    assert_eq!(stage.certificate(certificate).await["upload"], "failed");
    stage.ok("issuer", &format!("/certificates/{certificate}/retry-upload"), json!({})).await;
    while stage.outbox.run_due("upload").await > 0 {}
    assert_eq!(stage.certificate(certificate).await["upload"], "confirmed");
    all_sent(stage).await;
    let number = number_of(stage, case).await;
    assert_eq!(told(stage, &number).last().map(String::as_str), Some("l"), "{:?}", told(stage, &number));
}

async fn an_answer_that_is_lost_tells_nothing_twice(stage: &Stage) {
    let case = stage.received(false).await;
    let number = number_of(stage, &case).await;
    stage.upper.misbehave(&[Misbehaviour::LosesAnswer, Misbehaviour::Slow { delay_ms: 1_500 }]);
    for _ in 0..3 {
        stage.outbox.run_due("report").await;
        stage.pass(MINUTE_MS);
    }
    all_sent(stage).await;
    assert_eq!(told(stage, &number), ["p1"], "came several times, taken once");
    let row = rows_of(stage, &case).await.remove(0);
    assert_eq!((row.state.as_str(), row.attempts), ("sent", 1), "what the line did counts as no try");
}

async fn a_refused_row_holds_up_its_case_and_no_other(stage: &Stage) {
    let case = stage.received(false).await;
    let number = number_of(stage, &case).await;
    stage.upper.misbehave(&[Misbehaviour::Refuses("project_no_bad")]);
    all_sent(stage).await;
    stage.ok("clerk1", &format!("/cases/{case}/accept"), json!({})).await;
    let other = stage.received(false).await;
    all_sent(stage).await;
    assert_eq!(told(stage, &number), Vec::<String>::new(), "what follows waits");
    assert_eq!(told(stage, &number_of(stage, &other).await), ["p1"], "another case goes on");
    assert_eq!(stage.alerts(SITE, &case).await, [("report_refused".to_owned(), "yellow".to_owned())]);

    let view = stage.read("it", &format!("/sites/{SITE}/upstream")).await;
    assert_eq!((&view["reports"], &view["refused"]), (&json!(true), &json!(1)), "{view}");
    let rows = stage.read("it", &format!("/sites/{SITE}/upstream/rows?state=refused")).await["items"].clone();
    assert_eq!((&rows[0]["number"], &rows[0]["last_error"]), (&json!(number), &json!("project_no_bad")), "{rows}");
    let letters = stage.read("it", &format!("/sites/{SITE}/dead-letters")).await["items"].clone();
    let letter = letters.as_array().expect("letters").iter().find(|one| one["kind"] == "report").expect("a dead letter").clone();
    assert_eq!(letter["error"], "project_no_bad");

    let again = format!("/sites/{SITE}/upstream/rows/{}/send-again", rows[0]["id"].as_str().expect("an id"));
    let clerk = stage.actor("clerk1").await;
    assert_eq!(stage.app.post(&clerk, &format!("/api/v1{again}"), json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stage.ok("it", &again, json!({})).await["state"], "pending");
    all_sent(stage).await;
    let sent = told(stage, &number);
    assert_eq!((sent.first().map(String::as_str), sent.last().map(String::as_str)), (Some("p1"), Some("p3")), "{sent:?}");
    let it = stage.actor("it").await;
    let late = stage.app.post(&it, &format!("/api/v1{again}"), json!({})).await;
    assert_eq!((late.status, &late.body["code"]), (StatusCode::CONFLICT, &json!("report_state")));
    assert_eq!(stage.alerts(SITE, &case).await, []);
}

async fn a_row_that_breaks_the_platform_ends_with_a_person_who_gives_it_up(stage: &Stage) {
    let case = stage.received(false).await;
    for attempt in 1..=ATTEMPTS_MAX {
        stage.upper.misbehave(&[Misbehaviour::Broken]);
        assert_eq!(stage.outbox.run_due("report").await, 1, "try {attempt}");
        stage.pass(delay_ms(attempt));
    }
    let row = rows_of(stage, &case).await.remove(0);
    assert_eq!((row.state.as_str(), row.last_error.as_deref()), ("refused", Some("http_500")));
    stage.ok("supervisor", &format!("/sites/{SITE}/upstream/rows/{}/give-up", row.id), json!({})).await;
    stage.ok("clerk1", &format!("/cases/{case}/accept"), json!({})).await;
    all_sent(stage).await;
    let states: Vec<String> = rows_of(stage, &case).await.into_iter().map(|row| row.state).collect();
    assert_eq!(states[0], "given_up");
    assert!(states[1..].iter().all(|state| state == "sent"), "{states:?}");
}

async fn a_rating_is_told_under_its_case(stage: &Stage, case: &str) {
    let tracking = stage.read("clerk1", &format!("/cases/{case}")).await["tracking_code"].clone();
    let number = number_of(stage, case).await;
    let rating = json!({ "tracking_code": tracking, "subject": "case", "case_id": case, "level": "dissatisfied", "reason_codes": ["207"], "text": "等了很久", "channel": "web" });
    let rated = stage.app.post(&Actor::Nobody, "/api/v1/evaluations", rating).await;
    assert_eq!(rated.status, StatusCode::CREATED, "{}", rated.body);
    all_sent(stage).await;
    let row = stage.upper.rows().into_iter().rfind(|push| push.table == "evaluation").expect("the rating").row;
    assert_eq!((&row["projectNo"], &row["satisfaction"], &row["assessNumber"]), (&json!(number), &json!("4"), &json!("1")), "{row}");
    assert_eq!((&row["evalDetail"], &row["writingEvaluation"], &row["proStatus"]), (&json!("207"), &json!("等了很久"), &json!("3")));

    // A province that counts the other way round.
    let district = stage.actor("admin").await;
    let policy = stage.read("admin", "/sites/demo-district/policy").await;
    let mut wanted = policy.clone();
    wanted["policy"]["upstream"]["satisfaction"] = json!("five_is_best");
    let put = stage.app.send(&district, axum::http::Method::PUT, "/api/v1/sites/demo-district/policy", None, Some(wanted)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let follow_up = json!({ "tracking_code": tracking, "subject": "case", "case_id": case, "level": "very_satisfied", "reason_codes": [], "channel": "web" });
    assert_eq!(stage.app.post(&Actor::Nobody, "/api/v1/evaluations", follow_up).await.status, StatusCode::CREATED);
    all_sent(stage).await;
    let row = stage.upper.rows().into_iter().rfind(|push| push.table == "evaluation").expect("the rating").row;
    assert_eq!((&row["satisfaction"], &row["assessNumber"]), (&json!("5"), &json!("2")), "{row}");
}

async fn reconciled(stage: &Stage) -> Value {
    let range = json!({ "from": "2026-11-24", "to": "2026-11-30" });
    stage.ok("it", &format!("/sites/{SITE}/upstream/reconciliations"), range).await;
    while stage.outbox.run_due("reconcile").await > 0 {}
    stage.read("it", &format!("/sites/{SITE}/upstream")).await["reconciliation"].clone()
}

async fn both_sides_are_compared(stage: &Stage, case: &str) {
    let number = number_of(stage, case).await;
    let first = reconciled(stage).await;
    assert_eq!(first["fault"], Value::Null, "{first}");
    let kinds = |found: &Value| -> Vec<(String, String)> {
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        found["differences"].as_array().expect("differences").iter().map(|one| (text(one, "number"), text(one, "kind"))).collect()
    };
    let given_up = kinds(&first).len();
    stage.upper.know(UpperCase { number: number.clone(), state: Some(8), result: Some(13), result_text: None });
    stage.upper.know(UpperCase { number: "ZZ-99".to_owned(), state: Some(1), result: None, result_text: None });
    stage.upper.set_away(true);
    let fresh = number_of(stage, &stage.received(false).await).await;
    stage.outbox.run_due("report").await;
    stage.upper.set_away(false);
    let found = reconciled(stage).await;
    let all = kinds(&found);
    for expected in
        [(&number, "state_differs"), (&number, "result_differs"), (&"ZZ-99".to_owned(), "missing_here"), (&fresh, "missing_there")]
    {
        assert!(all.contains(&(expected.0.clone(), expected.1.to_owned())), "{expected:?} in {all:?}");
    }
    assert_eq!(all.len(), given_up + 4, "{all:?}");
    let waits = found["differences"]
        .as_array()
        .expect("differences")
        .iter()
        .find(|one| one["kind"] == "missing_there" && one["number"] == fresh.as_str());
    assert_eq!(waits.expect("it")["waiting"], 1, "that it waits is said beside it");
    let it = stage.actor("it").await;
    let path = format!("/api/v1/sites/{SITE}/upstream/reconciliations");
    let wrong = stage.app.post(&it, &path, json!({ "from": "2026-13-01", "to": "2026-11-01" })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("from")));
}

async fn a_site_that_does_not_report_owes_nothing(stage: &Stage) {
    let admin = stage.actor("admin").await;
    let path = "/api/v1/sites/demo-district/policy";
    let mut wanted = stage.read("admin", "/sites/demo-district/policy").await;
    wanted["policy"]["upstream"]["reporting"] = json!("off");
    wanted["policy"]["upstream"]["area_code"] = json!("15");
    let put = |wanted: Value| stage.app.send(&admin, axum::http::Method::PUT, path, None, Some(wanted));
    let refused = put(wanted.clone()).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("policy.upstream.area_code"))
    );
    wanted["policy"]["upstream"]["area_code"] = json!("");
    assert_eq!(put(wanted).await.status, StatusCode::OK);
    let (case, _) = stage.made().await;
    assert_eq!(rows_of(stage, &case).await, []);
    assert_eq!(stage.read("it", &format!("/sites/{SITE}/upstream")).await["reports"], false);
}

async fn reporting(app: TestApp) {
    let stage = Stage::on(app).await;
    let case = a_plain_case_is_told_in_order(&stage).await;
    an_answer_that_is_lost_tells_nothing_twice(&stage).await;
    a_refused_row_holds_up_its_case_and_no_other(&stage).await;
    a_row_that_breaks_the_platform_ends_with_a_person_who_gives_it_up(&stage).await;
    a_rating_is_told_under_its_case(&stage, &case).await;
    both_sides_are_compared(&stage, &case).await;
    after_an_outage_of_a_day_all_arrive_once_and_in_order(&stage).await;
    a_site_that_does_not_report_owes_nothing(&stage).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_the_platform_above_is_told() {
    reporting(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_the_platform_above_is_told() {
    reporting(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_the_platform_above_is_told() {
    let database = tests::postgres::database();
    reporting(TestApp::postgres(&database.url).await).await;
}
