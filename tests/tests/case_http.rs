//! The case over HTTP, on every store in one run: acceptance, approval, certificate, pickup, refusal,
//! correction, rights, retries.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const ID_NUMBER: &str = "152301199003070038";
const PHONE: &str = "13912345520";
const NAME: &str = "王小明";

/// Somebody at work on the service under test.
struct Walk {
    app: TestApp,
    clerk: Actor,
    approver: Actor,
    issuer: Actor,
    supervisor: Actor,
}

impl Walk {
    async fn on(app: TestApp) -> Self {
        let (clerk, approver) = (app.sign_in("clerk1").await, app.sign_in("approver1").await);
        let (issuer, supervisor) = (app.sign_in("issuer").await, app.sign_in("supervisor").await);
        Self { app, clerk, approver, issuer, supervisor }
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.app.post(actor, &format!("/api/v1{path}"), body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn refused(&self, actor: &Actor, path: &str, body: Value, status: StatusCode, code: &str) -> Value {
        let answer = self.app.post(actor, &format!("/api/v1{path}"), body).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{path}: {}", answer.body);
        answer.body
    }

    async fn read(&self, actor: &Actor, path: &str) -> Value {
        let answer = self.app.get(actor, &format!("/api/v1{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    async fn matter(&self, end: &str) -> Value {
        let rows = self.app.app.stores.catalogue.matters(SITE).await.expect("matters");
        let row = rows.iter().find(|row| row.id.ends_with(end)).expect("the matter exists");
        serde_json::from_str(&row.doc).expect("a matter")
    }

    /// The body of a case with the materials that `keep` takes.
    async fn body(&self, end: &str, keep: impl Fn(&Value) -> bool) -> Value {
        let matter = self.matter(end).await;
        let asked = matter["materials"].as_array().expect("materials").iter().filter(|material| material["situation_ids"] == json!([]));
        let materials: Vec<Value> = asked
            .filter(|material| keep(material))
            .map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 }))
            .collect();
        let situations: Vec<&Value> =
            matter["situations"].as_array().expect("questions").iter().map(|question| &question["options"][0]["id"]).collect();
        json!({
            "site_id": SITE, "matter_id": matter["id"], "situation_ids": situations,
            "applicant": { "kind": "person", "name": NAME, "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE, "email": "wang@example.cn" },
            "materials": materials,
        })
    }

    async fn open(&self, end: &str) -> String {
        let case = self.ok(&self.clerk, "/cases", self.body(end, |_| true).await).await;
        assert_eq!(case["state"], "received");
        case["id"].as_str().expect("an id").to_owned()
    }

    async fn decided(&self) -> String {
        let id = self.open("demo-promised").await;
        self.ok(&self.clerk, &format!("/cases/{id}/submit"), json!({})).await;
        self.ok(&self.clerk, &format!("/cases/{id}/accept"), json!({})).await;
        self.ok(&self.approver, &format!("/cases/{id}/claim"), json!({})).await;
        let case = self.ok(&self.approver, &format!("/cases/{id}/approve"), json!({ "opinion": "材料齐全，同意" })).await;
        assert_eq!((&case["state"], &case["decision"]), (&json!("decided"), &json!("approved")));
        id
    }
}

async fn from_receipt_to_pickup(walk: &Walk) {
    let id = walk.decided().await;
    let case = walk.read(&walk.clerk, &format!("/cases/{id}")).await;
    assert_eq!((case["reporting_state"].as_u64(), &case["applicant"]["name"]), (Some(11), &json!("王*明")));
    assert_eq!(case["clock"]["budget"], 10);
    let text = case.to_string();
    for secret in [NAME, ID_NUMBER, PHONE, "wang@example.cn"] {
        assert!(!text.contains(secret), "{secret} is masked");
    }
    let made = json!({ "number": "ZS-2026-001", "valid_from": "2026-11-24", "valid_to": "2027-11-23" });
    let certificate = walk.ok(&walk.approver, &format!("/cases/{id}/certificate"), made).await;
    assert_eq!((&certificate["custody"], &certificate["upload"]), (&json!("made"), &json!("pending")));
    let certificate_id = certificate["id"].as_str().expect("an id").to_owned();
    let path = |action: &str| format!("/certificates/{certificate_id}/{action}");

    let kept = walk.ok(&walk.issuer, &path("receive"), json!({ "slot": "A01" })).await;
    assert_eq!((&kept["custody"], &kept["slot"]), (&json!("in_cabinet"), &json!("A01")));
    walk.ok(&walk.issuer, &path("receive"), json!({ "slot": "A01" })).await;
    walk.refused(&walk.issuer, &path("receive"), json!({ "slot": "B02" }), StatusCode::CONFLICT, "other_slot").await;
    walk.refused(&walk.issuer, &path("notify"), json!({ "channels": ["sms"] }), StatusCode::CONFLICT, "upload_pending").await;
    let collector = json!({ "collector": { "name": NAME, "id_type": "resident_id", "id_number": ID_NUMBER, "relation": "self" } });
    walk.refused(&walk.issuer, &path("hand-over"), collector.clone(), StatusCode::CONFLICT, "upload_pending").await;

    let identifier = "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F".to_owned();
    let uploaded = domain::case::Command::ConfirmUpload { identifier: identifier.clone() };
    walk.app.app.decide_case_as_system(SITE, &id, uploaded).await.expect("the platform's answer is taken");
    let told = walk.ok(&walk.issuer, &path("notify"), json!({ "channels": ["sms", "email"] })).await;
    assert!(told["notified_at"].is_string());
    let owed = walk.app.app.stores.cases.notifications(SITE, &id).await.expect("messages");
    assert_eq!(owed.iter().map(|row| row.channel.as_str()).collect::<Vec<_>>().len(), 2);
    let outbox = walk.app.app.stores.outbox.outbox_of(SITE, "notify", 10).await.expect("outbox");
    assert_eq!(outbox.len(), 2);

    walk.ok(&walk.issuer, &path("hand-over"), collector).await;
    let closed = walk.read(&walk.clerk, &format!("/cases/{id}")).await;
    assert_eq!((&closed["state"], &closed["closed_as"]), (&json!("closed"), &json!("finished")));
    assert_eq!(closed["certificate"]["identifier"], json!(identifier));
    let cabinet = walk.read(&walk.issuer, &format!("/sites/{SITE}/cabinet?custody=handed_over")).await;
    assert!(cabinet["items"].as_array().expect("items").iter().any(|item| item["id"] == certificate["id"]));
    events_hold_no_person(walk).await;
}

async fn events_hold_no_person(walk: &Walk) {
    let events = walk.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    assert!(events.iter().any(|event| event.kind == "case_finished"));
    let text: String = events.iter().map(|event| event.body.as_str()).collect();
    for secret in [NAME, ID_NUMBER, PHONE, "wang@example.cn", "材料齐全"] {
        assert!(!text.contains(secret), "{secret} stands in the log");
    }
}

async fn all_field_errors_at_once(walk: &Walk) {
    let body = json!({ "site_id": SITE, "matter_id": "m_dc_none", "ticket_id": "t_dc_none",
        "applicant": { "kind": "person", "name": "", "id_type": "resident_id", "id_number": "152301199003070030", "phone": "12" },
        "materials": [{ "material_id": "mt_dc_none", "status": "eaten" }] });
    let answer = walk.refused(&walk.clerk, "/cases", body, StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    let fields: Vec<&str> = answer["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    for field in ["ticket_id", "matter_id", "applicant.name", "applicant.id_number", "applicant.phone", "materials[0].status"] {
        assert!(fields.contains(&field), "{field} among {fields:?}");
    }
    let unknown = json!({ "opinion": "x" });
    let id = walk.open("demo-promised").await;
    let answer = walk.refused(&walk.clerk, &format!("/cases/{id}/accept"), unknown, StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    assert_eq!(answer["errors"][0]["code"], "unknown_field");
}

async fn nobody_says_no_alone(walk: &Walk) {
    let id = walk.open("demo-promised").await;
    let proposal = json!({ "reason_code": "not_competent", "text": "这块林地归河湾街道" });
    walk.refused(
        &walk.clerk,
        &format!("/cases/{id}/deny"),
        json!({ "opinion": "不行", "reason_code": "x" }),
        StatusCode::FORBIDDEN,
        "forbidden",
    )
    .await;
    let case = walk.ok(&walk.clerk, &format!("/cases/{id}/propose-refusal"), proposal).await;
    assert_eq!(case["refusal"]["reason_code"], "not_competent");
    let confirm = format!("/cases/{id}/confirm-refusal");
    walk.refused(&walk.clerk, &confirm, json!({}), StatusCode::FORBIDDEN, "forbidden").await;
    let worklist = walk.read(&walk.approver, "/worklist").await;
    assert!(worklist["items"].as_array().expect("items").iter().any(|item| item["id"] == json!(id)));
    let closed = walk.ok(&walk.approver, &confirm, json!({ "opinion": "属实" })).await;
    assert_eq!((&closed["closed_as"], closed["reporting_state"].as_u64()), (&json!("refused"), Some(5)));
}

async fn the_first_list_is_frozen(walk: &Walk) {
    let body = walk.body("demo-promised", |material| material["required"] != json!(true)).await;
    let id = walk.ok(&walk.clerk, "/cases", body).await["id"].as_str().expect("an id").to_owned();
    let missing = walk.refused(&walk.clerk, &format!("/cases/{id}/accept"), json!({}), StatusCode::CONFLICT, "materials_missing").await;
    assert!(missing["materials"].as_array().is_some_and(|materials| !materials.is_empty()));
    let item = |text: &str| json!({ "items": [{ "text": text, "basis": "行政许可法第三十二条" }] });
    let notice = format!("/cases/{id}/request-correction");
    let case = walk.ok(&walk.clerk, &notice, item("补林权证")).await;
    assert_eq!((&case["state"], &case["notices"][0]["items"][0]["text"]), (&json!("correcting"), &json!("补林权证")));
    let all = walk.body("demo-promised", |_| true).await["materials"].clone();
    walk.ok(&walk.clerk, &format!("/cases/{id}/supply"), json!({ "materials": all })).await;
    walk.refused(&walk.clerk, &notice, item("再补一张照片"), StatusCode::CONFLICT, "correction_frozen").await;
    walk.ok(&walk.supervisor, &format!("/cases/{id}/correction-exceptions"), json!({ "reason": "地块有争议" })).await;
    walk.ok(&walk.clerk, &notice, item("再补一张照片")).await;
    walk.ok(&walk.clerk, &format!("/cases/{id}/supply"), json!({ "materials": all })).await;
    // What the first list said already may be said again.
    walk.ok(&walk.clerk, &notice, item("补林权证")).await;
}

async fn an_instant_matter_is_decided_at_the_window(walk: &Walk) {
    let id = walk.open("demo-instant").await;
    walk.ok(&walk.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    let case = walk.ok(&walk.clerk, &format!("/cases/{id}/approve"), json!({ "opinion": "" })).await;
    assert_eq!((&case["state"], &case["decision"]), (&json!("decided"), &json!("approved")));
}

async fn retries_happen_once_and_show_the_case(walk: &Walk) {
    let body = walk.body("demo-promised", |_| true).await;
    let send = |key: &'static str, body: Value| async move {
        walk.app.send(&walk.clerk, Method::POST, "/api/v1/cases", Some(key), Some(body)).await
    };
    let (first, again): (Answer, Answer) = (send("k1", body.clone()).await, send("k1", body.clone()).await);
    assert_eq!((first.status, first.replayed, again.status, again.replayed), (StatusCode::CREATED, false, StatusCode::CREATED, true));
    assert_eq!(first.body["id"], again.body["id"]);
    let mut other = body.clone();
    other["applicant"]["name"] = json!("李四");
    assert_eq!(send("k1", other).await.body["code"], "idempotency_mismatch");
    let stored = walk.app.app.stores.cases.cases_by_tracking(first.body["tracking_code"].as_str().expect("a code")).await.expect("cases");
    assert_eq!(stored.len(), 1);
}

async fn numbers_are_consecutive_under_load(walk: Walk) {
    let body = walk.body("demo-promised", |_| true).await;
    let walk = std::sync::Arc::new(walk);
    let mut callers = Vec::new();
    for _ in 0..8 {
        let (walk, body) = (walk.clone(), body.clone());
        callers
            .push(tokio::spawn(async move { walk.ok(&walk.clerk, "/cases", body).await["number"].as_str().expect("a number").to_owned() }));
    }
    let mut serials = Vec::new();
    for caller in callers {
        let number = caller.await.expect("a caller ends");
        serials.push(number[number.len() - 4..].parse::<u32>().expect("a serial"));
    }
    serials.sort_unstable();
    let first = serials[0];
    assert_eq!(serials, (first..first + 8).collect::<Vec<_>>());
}

async fn the_worklist_is_the_departments(walk: &Walk) {
    let id = walk.open("demo-promised").await;
    walk.ok(&walk.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    let other = walk.app.sign_in("approver2").await;
    let listed = |list: Value| list["items"].as_array().expect("items").iter().any(|item| item["id"] == json!(id));
    assert!(listed(walk.read(&walk.approver, "/worklist").await));
    assert!(!listed(walk.read(&other, "/worklist").await), "another department's work");
    walk.refused(&other, &format!("/cases/{id}/claim"), json!({}), StatusCode::FORBIDDEN, "forbidden").await;
    assert_eq!(walk.app.get(&other, &format!("/api/v1/cases/{id}")).await.status, StatusCode::FORBIDDEN);
    let listed_by_state = walk.read(&walk.clerk, "/cases?state=accepted&limit=1").await;
    assert_eq!(listed_by_state["items"].as_array().expect("items").len(), 1);
    let clocks = walk.read(&walk.clerk, &format!("/cases/{id}/clock")).await;
    let clock = &clocks["clocks"][0];
    assert_eq!((&clock["kind"], &clock["article"]), (&json!("decision"), &json!("行政许可法第四十二条")));
    assert_eq!((clock["budget"].as_u64(), clock["days"].as_array().is_some_and(|days| days.len() >= 11)), (Some(10), true));
}

async fn a_reveal_is_recorded(walk: &Walk) {
    let id = walk.open("demo-promised").await;
    let path = format!("/cases/{id}/reveal");
    let shown = walk.ok(&walk.clerk, &path, json!({ "fields": ["phone"], "reason": "打电话通知" })).await;
    assert_eq!((&shown["phone"], &shown["name"]), (&json!(PHONE), &Value::Null));
    walk.refused(&walk.clerk, &path, json!({ "fields": ["phone"], "reason": "" }), StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    let events = walk.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    assert!(events.iter().any(|event| event.kind == "person_revealed" && event.body.contains(&id)));
}

async fn what_was_taken_on_paper_counts_from_its_true_receipt(walk: &Walk) {
    let paper = json!({ "received_at": "2026-11-19T15:20:00+08:00", "form_number": "纸-0031", "reason": "停电，系统用不了" });
    let with = async |change: fn(&mut Value)| {
        let mut body = walk.body("demo-promised", |_| true).await;
        body["paper"] = paper.clone();
        change(&mut body);
        body
    };
    let wrong = with(|body| {
        body["paper"] = json!({ "received_at": "2026-11-25T09:00:00+08:00", "form_number": "0".repeat(41), "reason": " " });
        body["draft"] = json!(true);
    });
    let refused = walk.refused(&walk.clerk, "/cases", wrong.await, StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
    let fields: Vec<&str> = refused["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, ["draft", "paper.received_at", "paper.form_number", "paper.reason"], "{refused}");
    for (received_at, code) in [("2026-11-16T23:59:00+08:00", "too_old"), ("2026-11-19", "form")] {
        let mut body = with(|_| ()).await;
        body["paper"]["received_at"] = json!(received_at);
        let refused = walk.refused(&walk.clerk, "/cases", body, StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
        assert_eq!(
            (refused["errors"][0]["field"].as_str(), refused["errors"][0]["code"].as_str()),
            (Some("paper.received_at"), Some(code))
        );
    }
    let standing = async |at: &str| walk.read(&walk.clerk, &format!("/sites/{SITE}/paper-standing?received_at={at}%2B08:00")).await;
    for (at, expected) in [("2026-11-24T09:00:00", "in_time"), ("2026-11-18T09:00:00", "pressing"), ("2026-11-17T00:00:00", "pressing")] {
        assert_eq!(standing(at).await["standing"], expected, "{at}");
    }
    assert_eq!(standing("2026-11-17T00:00:00").await["last_day"], "2026-11-24");

    let case = walk.ok(&walk.clerk, "/cases", with(|_| ()).await).await;
    let kept = &case["paper"];
    assert_eq!((&kept["received_at"], &kept["form_number"]), (&json!("2026-11-19T15:20:00.000+08:00"), &json!("纸-0031")), "{case}");
    assert_eq!(&kept["entered_at"], &json!("2026-11-24T10:00:00.000+08:00"));
    assert!(kept["entered_by_name"].is_string());
    let history = case["history"].as_array().expect("a history");
    assert_eq!((&history[0]["note"], &history[0]["entered_at"]), (&json!("停电，系统用不了"), &Value::Null));
    assert_eq!((&history[1]["at"], &history[1]["entered_at"]), (&kept["received_at"], &kept["entered_at"]));
    let due = |case: &Value| case["clock"]["due_at"].as_str().expect("a limit")[..10].to_owned();
    assert_eq!(due(&case), "2026-11-26", "five working days from the receipt");
    let id = case["id"].as_str().expect("an id");
    let log = walk.app.app.stores.events.events_of(SITE, "case", id).await.expect("the log");
    assert!(log.iter().all(|event| !event.body.contains("停电") && !event.body.contains("0031")), "words of people are sealed");
    let late = walk.read(&walk.supervisor, "/cases?entered_late=true").await;
    let late = late["items"].as_array().expect("cases");
    assert_eq!(late.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&case["id"]]);
    assert_eq!(late[0]["entered_late"], true);
    let plain = walk.open("demo-promised").await;
    assert_eq!(walk.read(&walk.clerk, &format!("/cases/{plain}")).await["paper"], Value::Null);
    let accepted = walk.ok(&walk.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    assert_eq!(due(&accepted), "2026-12-03", "ten working days from the receipt");
}

/// A site that lets older forms be entered: silence has accepted this one before anybody did (行政许可法 32).
async fn silence_was_before_the_entry(walk: &Walk) {
    let (district, path) = (walk.app.sign_in("district").await, format!("/api/v1/sites/{SITE}/policy"));
    let mut policy = walk.app.get(&district, &path).await.body;
    policy["policy"]["cases"]["paper_days"] = json!(31);
    let set = walk.app.send(&district, Method::PUT, &path, None, Some(policy)).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    let mut body = walk.body("demo-promised", |_| true).await;
    body["paper"] = json!({ "received_at": "2026-11-10T09:00:00+08:00", "form_number": "纸-0007", "reason": "断网一周" });
    let case = walk.ok(&walk.clerk, "/cases", body).await;
    assert_eq!(case["state"], "accepted", "{case}");
    let id = case["id"].as_str().expect("an id");
    let log = walk.app.app.stores.events.events_of(SITE, "case", id).await.expect("the log");
    let kinds: Vec<&str> = log.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds[..3], ["case_opened", "case_received", "case_accepted"], "in one commit");
    let alerts = walk.read(&walk.supervisor, "/alerts?limit=200").await;
    let told = alerts["items"].as_array().expect("alerts").iter().any(|alert| alert.to_string().contains(id));
    assert!(told, "who runs the hall is told: {alerts}");
}

async fn walk_all(app: TestApp) {
    let walk = Walk::on(app).await;
    from_receipt_to_pickup(&walk).await;
    all_field_errors_at_once(&walk).await;
    nobody_says_no_alone(&walk).await;
    the_first_list_is_frozen(&walk).await;
    an_instant_matter_is_decided_at_the_window(&walk).await;
    retries_happen_once_and_show_the_case(&walk).await;
    the_worklist_is_the_departments(&walk).await;
    a_reveal_is_recorded(&walk).await;
    what_was_taken_on_paper_counts_from_its_true_receipt(&walk).await;
    silence_was_before_the_entry(&walk).await;
    numbers_are_consecutive_under_load(walk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_in_memory() {
    walk_all(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_on_sqlite() {
    walk_all(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_on_postgres() {
    let database = tests::postgres::database();
    walk_all(TestApp::postgres(&database.url).await).await;
}
