//! From a negative rating to the call-back: opened with the rating, each step once, late steps told once, the
//! reply at the rater's, the appeal, and that the judged learns nothing of who rated. The same on every store.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::stage::{SITE, Stage};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const NAME: &str = "王小明";
const PHONE: &str = "13912345520";
const OWN_WORDS: &str = "等了很久，窗口说不清要带什么";

/// A visit served by clerk1; the code of its slip.
async fn visit(stage: &Stage, holder: Option<Value>) -> String {
    // Days may have passed: the last one ends before anybody comes.
    stage.app.app.tick_halls().await.expect("ticked");
    let windows = stage.read("clerk1", &format!("/sites/{SITE}/windows")).await;
    let window = windows["items"].as_array().expect("windows").iter().find(|one| one["id"] == "w_dc_1").expect("the window").clone();
    if window["state"] == "closed" {
        stage.ok("clerk1", "/windows/w_dc_1/open", json!({})).await;
    }
    let mut body = json!({ "line_id": "l_dc_demo-line" });
    if let Some(holder) = holder {
        body["holder"] = holder;
    }
    let ticket = stage.ok("clerk1", &format!("/sites/{SITE}/tickets"), body).await;
    let called = stage.ok("clerk1", "/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!(called["ticket"]["id"], ticket["id"]);
    let id = ticket["id"].as_str().expect("an id");
    stage.ok("clerk1", &format!("/tickets/{id}/start"), json!({})).await;
    stage.pass(60_000);
    stage.ok("clerk1", &format!("/tickets/{id}/finish"), json!({ "outcome": "accepted" })).await;
    ticket["tracking_code"].as_str().expect("a code").to_owned()
}

/// Rates a visit; the rating's id.
async fn rated(stage: &Stage, code: &str, level: &str, reasons: &[&str]) -> String {
    let body =
        json!({ "tracking_code": code, "subject": "visit", "level": level, "reason_codes": reasons, "text": OWN_WORDS, "channel": "qr" });
    let answer = stage.app.post(&Actor::Nobody, "/api/v1/evaluations", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().expect("an id").to_owned()
}

async fn tried(stage: &Stage, username: &str, id: &str, step: &str, body: Value) -> Answer {
    stage.app.post(&stage.actor(username).await, &format!("/api/v1/evaluations/{id}/{step}"), body).await
}

async fn step(stage: &Stage, username: &str, id: &str, name: &str, body: Value) -> Value {
    let answer = tried(stage, username, id, name, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
    answer.body
}

async fn refused(stage: &Stage, username: &str, id: &str, name: &str, body: Value, status: u16, code: &str) {
    let answer = tried(stage, username, id, name, body).await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (status, Some(code)), "{name}: {}", answer.body);
}

fn holder() -> Option<Value> {
    Some(json!({ "name": NAME, "phone": PHONE }))
}

async fn watch(stage: &Stage) {
    for _ in 0..3 {
        stage.app.app.watch_evaluations().await.expect("watched");
        stage.app.app.watch_complaints().await.expect("watched");
    }
}

/// What went out.
async fn sent(stage: &Stage) -> Vec<String> {
    while stage.outbox.run_due("notify").await > 0 {}
    stage.outside.messages().into_iter().map(|message| message.text).collect()
}

async fn a_named_rating_is_followed_up_until_the_call(app: TestApp) {
    let stage = Stage::on(app).await;
    let code = visit(&stage, holder()).await;
    let id = rated(&stage, &code, "very_dissatisfied", &["108", "115"]).await;
    let list = stage.read("supervisor", &format!("/evaluations/negative?site={SITE}&state=opened")).await;
    let one = &list["items"][0];
    assert_eq!((&one["id"], &one["state"], &one["step"], &one["named"]), (&json!(id), &json!("opened"), &json!("verify"), &json!(true)));
    assert_eq!((&one["due_at"], &one["overdue"]), (&json!("2026-11-26T23:59:59.999+08:00"), &json!(false)), "two working days");
    assert_eq!(one["actions"], json!(["verify", "reveal"]));
    assert_eq!(stage.alerts(SITE, &id).await, [("negative_evaluation".to_owned(), "yellow".to_owned())]);

    // The same key gives the first outcome; a wrong body is told whole.
    let supervisor = stage.actor("supervisor").await;
    let path = format!("/api/v1/evaluations/{id}/verify");
    let wrong = tried(&stage, "supervisor", &id, "verify", json!({ "finding": "maybe", "text": " " })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.body["errors"].as_array().map(Vec::len), Some(2), "{}", wrong.body);
    let body = json!({ "finding": "valid", "text": "录像和当事人说的一致" });
    let first = stage.app.send(&supervisor, Method::POST, &path, Some("v1"), Some(body.clone())).await;
    assert_eq!((first.status, &first.body["state"]), (StatusCode::OK, &json!("verified")), "{}", first.body);
    let again = stage.app.send(&supervisor, Method::POST, &path, Some("v1"), Some(body.clone())).await;
    assert_eq!((again.status, again.replayed), (StatusCode::OK, true));
    refused(&stage, "supervisor", &id, "verify", body, 409, "evaluation_state").await;
    assert_eq!(stage.alerts(SITE, &id).await, [], "verified: nothing more to be told");
    assert_eq!(first.body["verification"]["text"], "录像和当事人说的一致");
    assert!(first.body["verification"]["by_name"].is_string());

    refused(&stage, "supervisor", &id, "reply", json!({ "text": "已改" }), 409, "evaluation_state").await;
    let limit = json!({ "kind": "within_limit", "due": "2026-12-04", "text": "补上材料样本" });
    let rectified = step(&stage, "supervisor", &id, "rectify", limit).await;
    assert_eq!((&rectified["rectification"]["kind"], &rectified["rectification"]["due"]), (&json!("within_limit"), &json!("2026-12-04")));
    let personal = tried(&stage, "supervisor", &id, "reply", json!({ "text": "请打 13800000000" })).await;
    assert_eq!(personal.body["errors"][0]["code"], "personal_data");
    let replied = step(&stage, "supervisor", &id, "reply", json!({ "text": "对不起，样本已经摆到窗口" })).await;
    assert_eq!((&replied["state"], &replied["reply_message"]), (&json!("replied"), &json!("pending")));

    // The rater: on the page of the slip, and by a message that says nothing about the rating.
    let shown = stage.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await.body;
    let line = shown["timeline"].as_array().expect("lines").iter().find(|line| line["title"] == "您反映的事有答复了").expect("the reply");
    assert_eq!(line["detail"], "对不起，样本已经摆到窗口");
    let told = sent(&stage).await;
    assert!(told.len() == 1 && told[0].contains(&format!("/t/{code}")), "{told:?}");
    for hidden in [NAME, "差评", "不满意", "样本"] {
        assert!(!told[0].contains(hidden), "{hidden} in {told:?}");
    }

    // The phone is shown to be called, with a reason, and that is an event.
    let revealed = step(&stage, "supervisor", &id, "reveal", json!({ "fields": ["name", "phone"], "reason": "回访" })).await;
    assert_eq!((&revealed["name"], &revealed["phone"]), (&json!(NAME), &json!(PHONE)));
    let more = tried(&stage, "supervisor", &id, "reveal", json!({ "fields": ["id_number"], "reason": "回访" })).await;
    assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
    let call = step(&stage, "supervisor", &id, "call-back", json!({ "reached": false })).await;
    assert_eq!((&call["state"], call["calls"].as_array().map(Vec::len)), (&json!("replied"), Some(1)), "once more");
    let call = step(&stage, "supervisor", &id, "call-back", json!({ "reached": true, "satisfied": true, "text": "说现在好了" })).await;
    assert_eq!((&call["state"], &call["closed_as"]), (&json!("closed"), &json!("satisfied")));
    assert_eq!(call["actions"], json!(["finish-rectification"]), "what was promised is still to be done");
    stage.pass(11 * DAY_MS);
    watch(&stage).await;
    assert_eq!(stage.alerts(SITE, &id).await, [("evaluation_overdue".to_owned(), "red".to_owned())]);
    step(&stage, "supervisor", &id, "finish-rectification", json!({ "text": "都摆好了" })).await;
    assert_eq!(stage.alerts(SITE, &id).await, []);
    assert_eq!(stage.read("supervisor", "/evaluations/negative?state=open").await["items"], json!([]));
    stage.nothing_leaked().await;
    let log = stage.app.app.stores.events.events_of(SITE, "evaluation", &id).await.expect("the log");
    let kinds: Vec<&str> = log.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds[..3], ["evaluation_recorded", "evaluation_follow_up_opened", "evaluation_verified"]);
    for event in log {
        for hidden in [OWN_WORDS, "录像", "样本", code.as_str(), "p_dc_"] {
            assert!(!event.body.contains(hidden), "{hidden} in {}", event.body);
        }
    }
}

async fn late_steps_are_told_once_and_settled(stage: &Stage) {
    let code = visit(stage, None).await;
    let id = rated(stage, &code, "dissatisfied", &[]).await;
    watch(stage).await;
    assert_eq!(stage.alerts(SITE, &id).await.len(), 1, "nothing is late");
    // Through Thursday; now it is Friday.
    stage.pass(3 * DAY_MS);
    watch(stage).await;
    let late = ("evaluation_overdue".to_owned(), "red".to_owned());
    assert_eq!(stage.alerts(SITE, &id).await.iter().filter(|alert| **alert == late).count(), 1);
    let events = stage.app.app.stores.events.events_of(SITE, "evaluation", &id).await.expect("the log");
    assert_eq!(events.iter().filter(|event| event.kind == "evaluation_step_overdue").count(), 1, "however often it is looked");
    let one = stage.read("supervisor", &format!("/evaluations/{id}")).await;
    assert_eq!((&one["overdue"], &one["named"]), (&json!(true), &json!(false)));
    step(stage, "supervisor", &id, "verify", json!({ "finding": "invalid", "text": "没有这回事" })).await;
    assert_eq!(stage.alerts(SITE, &id).await, []);
    let measure = json!({ "kind": "at_once", "text": "改了" });
    let unfit = tried(stage, "supervisor", &id, "rectify", measure).await;
    assert_eq!(unfit.body["errors"][0]["code"], "explain_only", "{}", unfit.body);
    let replied = step(stage, "supervisor", &id, "reply", json!({ "text": "我们看了录像，当时排队的人多" })).await;
    assert_eq!((&replied["state"], &replied["closed_as"]), (&json!("closed"), &json!("anonymous")), "nobody to be called");
    assert_eq!(replied["counts_against_staff"], false);
    refused(stage, "supervisor", &id, "call-back", json!({ "reached": false }), 409, "evaluation_state").await;
    refused(stage, "supervisor", &id, "reveal", json!({ "fields": ["phone"], "reason": "x" }), 404, "not_found").await;
}

async fn the_judged_appeals_and_learns_nothing(stage: &Stage) {
    let code = visit(stage, holder()).await;
    let id = rated(stage, &code, "very_dissatisfied", &["115"]).await;
    let mine = stage.read("clerk1", "/evaluations/mine").await;
    assert!(!mine.to_string().contains(&id), "not before it is verified: the clerk would know who it was");
    let early = tried(stage, "clerk1", &id, "appeal", json!({ "reason": "不是我" })).await;
    assert_eq!((early.status, &early.body["code"]), (StatusCode::CONFLICT, &json!("evaluation_state")));
    step(stage, "supervisor", &id, "verify", json!({ "finding": "valid", "text": "说话冲" })).await;
    let mine = stage.read("clerk1", "/evaluations/mine").await;
    let own = mine["items"].as_array().expect("items").iter().find(|one| one["id"] == json!(id)).expect("verified");
    assert_eq!((&own["counts_against_me"], &own["actions"]), (&json!(true), &json!(["appeal"])));
    for hidden in [OWN_WORDS, NAME, PHONE, "139****5520", code.as_str(), "t_dc_", "supervisor"] {
        assert!(!mine.to_string().contains(hidden), "{hidden} says who rated");
    }
    assert_eq!(own["date"].as_str().map(str::len), Some(10), "a day and no time");
    for actor in ["clerk1", "guide1", "approver1", "issuer"] {
        let answer = stage.app.get(&stage.actor(actor).await, &format!("/api/v1/evaluations/{id}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{actor}");
    }
    let audited = stage.read("auditor", &format!("/evaluations/{id}")).await;
    assert_eq!(
        (&audited["staff_name"], &audited["verification"]["by_name"], &audited["actions"]),
        (&json!(null), &json!(null), &json!([]))
    );
    let other = tried(stage, "clerk2", &id, "appeal", json!({ "reason": "帮他说" })).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "about somebody else");
    let appealed = step(stage, "clerk1", &id, "appeal", json!({ "reason": "当时系统断网，我解释过" })).await;
    assert_eq!(appealed["appeal"]["reason"], "当时系统断网，我解释过");
    refused(stage, "clerk1", &id, "appeal", json!({ "reason": "再说一次" }), 409, "appealed_already").await;
    let waits = stage.read("supervisor", "/evaluations/negative?state=appealed").await;
    assert_eq!(waits["items"][0]["id"], json!(id));
    assert!(!waits["items"][0]["actions"].to_string().contains("decide-appeal"), "who verified does not decide");
    let decision = json!({ "upheld": true, "reason": "断网有记录" });
    refused(stage, "supervisor", &id, "decide-appeal", decision.clone(), 403, "verified_himself").await;
    let decided = step(stage, "district", &id, "decide-appeal", decision.clone()).await;
    assert_eq!((&decided["appeal"]["upheld"], &decided["counts_against_staff"]), (&json!(true), &json!(false)));
    refused(stage, "district", &id, "decide-appeal", decision, 409, "no_appeal").await;
    refused(stage, "district", &id, "rectify", json!({ "kind": "explain", "text": "x" }), 403, "forbidden").await;
    let rates = stage.read("supervisor", &format!("/evaluations/clerks?site={SITE}")).await;
    let clerk = rates["items"].as_array().expect("rates").iter().find(|one| one["staff_id"] == "s_dc_clerk1").expect("clerk1").clone();
    assert!(clerk["negative"].as_u64() > clerk["counted"].as_u64(), "{clerk}: it stays, and does not count against him");
    let today = domain::time::local_date(stage.app.app.now());
    let figures = stage.read("supervisor", &format!("/sites/{SITE}/figures?from={today}&to={today}")).await;
    assert!(figures["evaluations"].as_u64() > figures["evaluations_content"].as_u64(), "the site's figures keep it");
}

async fn signals_and_evidence_stand_beside_it(stage: &Stage) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        let code = visit(stage, None).await;
        ids.push(rated(stage, &code, "dissatisfied", &["209", "212", "213"]).await);
    }
    let one = stage.read("supervisor", &format!("/evaluations/{}", ids[2])).await;
    let signals = &one["signals"];
    assert_eq!((&signals["after_s"], &signals["quick"], &signals["burst"]), (&json!(0), &json!(true), &json!(true)), "{signals}");
    assert!(signals["same_source"].as_u64() >= Some(3) && signals["window_min"] == 10, "{signals}");
    assert!(signals["clerk_ratings"].as_u64() >= Some(3) && signals["clerk_negative"].as_u64() >= Some(3), "{signals}");
    let codes: Vec<_> =
        one["evidence"].as_array().expect("evidence").iter().map(|one| (one["code"].clone(), one["verdict"].clone())).collect();
    assert_eq!(codes, [(json!("209"), json!("open")), (json!("212"), json!("open"))], "no case, no phone: the log cannot tell");
    let row = stage.app.app.stores.evaluations.evaluation(SITE, &ids[2]).await.expect("the store").expect("the row");
    assert_eq!(row.source_key.as_ref().map(String::len), Some(64), "a keyed hash and no address");
}

async fn a_late_case_confirms_itself(stage: &Stage) {
    let case = stage.accepted().await;
    stage.pass(20 * DAY_MS);
    stage.ok("approver1", &format!("/cases/{case}/claim"), json!({})).await;
    stage.ok("approver1", &format!("/cases/{case}/approve"), json!({ "opinion": "同意" })).await;
    let row = stage.app.app.stores.cases.case(SITE, &case).await.expect("the store").expect("the case");
    let body = json!({ "tracking_code": row.tracking_code, "subject": "case", "case_id": case, "level": "dissatisfied", "reason_codes": ["209", "208", "210", "207"], "channel": "web" });
    let given = stage.app.post(&Actor::Nobody, "/api/v1/evaluations", body).await;
    let id = given.body["id"].as_str().expect("an id").to_owned();
    let one = stage.read("supervisor", &format!("/evaluations/{id}")).await;
    let verdicts: Vec<_> = one["evidence"].as_array().expect("evidence").iter().map(|one| one["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("confirmed"), json!("refuted"), json!("refuted"), json!("open")], "{}", one["evidence"]);
    assert_eq!((&one["named"], &one["staff_name"], &one["counts_against_staff"]), (&json!(true), &json!(null), &json!(false)));
    assert!(!one.to_string().contains(&row.number) && !one.to_string().contains(&case), "who rated");
    for wrong in ["site=nowhere", "site=demo-sumu"] {
        let answer = stage.app.get(&stage.actor("supervisor").await, &format!("/api/v1/evaluations/negative?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let answer = stage.app.get(&stage.actor("supervisor").await, "/api/v1/evaluations/negative?state=x").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn complaints_are_answered(stage: &Stage) {
    let code = visit(stage, holder()).await;
    let post = async |path: &str, body: Value| stage.app.post(&Actor::Nobody, &format!("/api/v1{path}"), body).await;
    let wrong = json!({ "site_id": SITE, "kind": "bad", "text": "", "tracking_code": "0000000000000000", "phone": "12" });
    let wrong = post("/complaints", wrong).await;
    let fields: Vec<_> = wrong.body["errors"].as_array().expect("errors").iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, [json!("kind"), json!("text"), json!("tracking_code"), json!("phone")], "{}", wrong.body);
    assert_eq!(post("/complaints", json!({ "site_id": "nowhere", "kind": "fee", "text": "收了钱" })).await.status, StatusCode::NOT_FOUND);
    let body = json!({ "site_id": SITE, "kind": "attitude", "text": "窗口冲我嚷", "tracking_code": code, "name": NAME, "phone": PHONE });
    let filed = stage.app.send(&Actor::Nobody, Method::POST, "/api/v1/complaints", Some("c1"), Some(body.clone())).await;
    assert_eq!(filed.status, StatusCode::CREATED, "{}", filed.body);
    let again = stage.app.send(&Actor::Nobody, Method::POST, "/api/v1/complaints", Some("c1"), Some(body)).await;
    assert_eq!((again.replayed, &again.body), (true, &filed.body), "number and code again");
    let (id, number, query) = (&filed.body["id"], &filed.body["number"], &filed.body["query_code"]);
    let find = async |code: &Value| post("/complaints/find", json!({ "number": number, "query_code": code })).await;
    let found = find(query).await;
    assert_eq!((found.status, &found.body["state"]), (StatusCode::OK, &json!("filed")), "{}", found.body);
    let list = stage.read("supervisor", &format!("/complaints?site={SITE}&state=filed")).await;
    let one = &list["items"][0];
    assert_eq!((&one["id"], &one["name"], &one["phone"]), (id, &json!("王*明"), &json!("139****5520")));
    assert_eq!((&one["text"], one["staff_name"].is_string()), (&json!("窗口冲我嚷"), true));
    assert_eq!(one["actions"], json!(["answer", "reveal"]));
    let id = id.as_str().expect("an id");
    assert_eq!(stage.alerts(SITE, id).await, [("complaint".to_owned(), "yellow".to_owned())]);
    let act = async |who: &str, step: &str, body: Value| {
        stage.app.post(&stage.actor(who).await, &format!("/api/v1/complaints/{id}/{step}"), body).await
    };
    assert_eq!(act("clerk1", "answer", json!({ "text": "没有" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(act("supervisor", "close", json!({})).await.body["code"], "complaint_state");
    stage.pass(12 * DAY_MS);
    watch(stage).await;
    let late = ("complaint_overdue".to_owned(), "red".to_owned());
    assert_eq!(stage.alerts(SITE, id).await.iter().filter(|alert| **alert == late).count(), 1);
    let before = sent(stage).await.len();
    let answered = act("supervisor", "answer", json!({ "text": "向您道歉，已经批评了" })).await;
    assert_eq!((answered.status, &answered.body["actions"]), (StatusCode::OK, &json!(["answer", "close", "reveal"])), "{}", answered.body);
    assert_eq!(stage.alerts(SITE, id).await, []);
    let told = sent(stage).await;
    assert!(told.len() == before + 1 && told[before].contains(number.as_str().expect("a number")), "{told:?}");
    let found = find(query).await.body;
    assert_eq!((&found["answers"][0]["text"], found["answers"][0].get("by_name")), (&json!("向您道歉，已经批评了"), None));
    let revealed = act("supervisor", "reveal", json!({ "fields": ["phone"], "reason": "打电话道歉" })).await;
    assert_eq!((&revealed.body["phone"], &revealed.body["name"]), (&json!(PHONE), &json!(null)));
    assert_eq!(act("supervisor", "close", json!({})).await.body["state"], "closed");
    for wrong in 0..5 {
        assert_eq!(find(&json!(format!("AAAAAAA{wrong}"))).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(find(query).await.status, StatusCode::TOO_MANY_REQUESTS, "five wrong codes lock a number");
    let row = stage.app.app.stores.evaluations.complaint(SITE, id).await.expect("the store").expect("the row");
    assert!(!format!("{row:?}").contains(query.as_str().expect("a code")), "the code is stored nowhere");
    stage.nothing_leaked().await;
    let mut limited = StatusCode::CREATED;
    for _ in 0..12 {
        limited = post("/complaints", json!({ "site_id": SITE, "kind": "place", "text": "灯坏了" })).await.status;
    }
    assert_eq!(limited, StatusCode::TOO_MANY_REQUESTS, "one address does not fill the list");
}

async fn the_site_sets_the_deadlines(stage: &Stage) {
    let district = stage.actor("district").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = stage.app.get(&district, &path).await.body;
    policy["policy"]["evaluations"]["verify_days"] = json!(1);
    policy["policy"]["evaluations"]["reply_days"] = json!(0);
    let wrong = stage.app.send(&district, Method::PUT, &path, None, Some(policy.clone())).await;
    assert_eq!(wrong.body["errors"][0]["field"], "policy.evaluations.reply_days", "{}", wrong.body);
    let code = visit(stage, None).await;
    let id = rated(stage, &code, "dissatisfied", &[]).await;
    policy["policy"]["evaluations"]["reply_days"] = json!(7);
    let set = stage.app.send(&district, Method::PUT, &path, None, Some(policy)).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    let one = stage.read("supervisor", &format!("/evaluations/{id}")).await;
    assert_eq!(one["due_at"], "2026-11-25T23:59:59.999+08:00", "the new term counts for what is open");
    stage.pass(2 * DAY_MS);
    watch(stage).await;
    assert!(stage.alerts(SITE, &id).await.contains(&("evaluation_overdue".to_owned(), "red".to_owned())), "and is watched anew");
}

async fn many_at_once_verify_once(stage: &Stage) {
    let code = visit(stage, None).await;
    let id = rated(stage, &code, "dissatisfied", &[]).await;
    let supervisor = stage.actor("supervisor").await;
    let path = format!("/api/v1/evaluations/{id}/verify");
    let tries = (0..8).map(|_| stage.app.post(&supervisor, &path, json!({ "finding": "valid", "text": "属实" })));
    let answers = futures_util::future::join_all(tries).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(taken, 1, "a state is left once");
}

async fn all(app: TestApp) {
    let stage = Stage::on(app).await;
    the_site_sets_the_deadlines(&stage).await;
}

async fn rest(app: TestApp) {
    let stage = Stage::on(app).await;
    many_at_once_verify_once(&stage).await;
    the_judged_appeals_and_learns_nothing(&stage).await;
    signals_and_evidence_stand_beside_it(&stage).await;
    complaints_are_answered(&stage).await;
    late_steps(&stage).await;
    a_late_case_confirms_itself(&stage).await;
}

/// On a fresh clock: the days of the week matter.
async fn late_steps(stage: &Stage) {
    // Twelve days after a Tuesday is a Sunday; two more and it is a Tuesday again.
    stage.pass(2 * DAY_MS);
    late_steps_are_told_once_and_settled(stage).await;
}

#[tokio::test]
async fn a_loop_in_memory() {
    a_named_rating_is_followed_up_until_the_call(TestApp::memory().await).await;
    all(TestApp::memory().await).await;
    rest(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_loop_on_sqlite() {
    a_named_rating_is_followed_up_until_the_call(TestApp::sqlite().await).await;
    all(TestApp::sqlite().await).await;
    rest(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_loop_on_postgres() {
    let database = tests::postgres::database();
    a_named_rating_is_followed_up_until_the_call(TestApp::postgres(&database.url).await).await;
    let database = tests::postgres::database();
    all(TestApp::postgres(&database.url).await).await;
    let database = tests::postgres::database();
    rest(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn ratings_from_before_loops_were_kept_get_theirs() {
    let stage = Stage::on(TestApp::sqlite().await).await;
    let code = visit(&stage, holder()).await;
    let row = |id: &str, level: i64| server::store::EvaluationRow {
        site_id: SITE.to_owned(),
        id: format!("ev_dc_{id}"),
        tracking_code: code.clone(),
        subject: "visit".to_owned(),
        case_id: String::new(),
        round: 3 - level,
        level,
        reason_codes: "[]".to_owned(),
        text_id: None,
        channel: "qr".to_owned(),
        staff_id: Some("s_dc_clerk1".to_owned()),
        window_id: None,
        at: stage.app.app.now() - 30 * DAY_MS,
        after_ms: None,
        source_key: None,
    };
    let mut set = server::store::ChangeSet::new(SITE);
    set.row(row("old-bad", 1));
    set.row(server::store::EvaluationRow { round: 9, ..row("old-good", 5) });
    stage.app.app.stores.commit.commit(&[set]).await.expect("written");
    let path = format!("/sites/{SITE}/evaluations-without-loop");
    let counted = |body: &Value| (body["opened"].as_u64(), body["left"].as_u64());
    assert_eq!(counted(&stage.read("auditor", &path).await), (Some(0), Some(1)), "a good one needs none");
    assert_eq!(counted(&stage.ok("supervisor", &path, json!({})).await), (Some(1), Some(0)));
    let list = stage.read("supervisor", &format!("/evaluations/negative?site={SITE}&state=opened")).await;
    let one = &list["items"][0];
    assert_eq!((&one["id"], &one["named"], &one["overdue"]), (&json!("ev_dc_old-bad"), &json!(true), &json!(true)), "{one}");
    assert_eq!(counted(&stage.ok("supervisor", &path, json!({})).await), (Some(0), Some(0)), "once each");
    let verify = json!({ "finding": "valid", "text": "查了当天的录像" });
    assert_eq!(step(&stage, "supervisor", "ev_dc_old-bad", "verify", verify).await["state"], "verified");
}
