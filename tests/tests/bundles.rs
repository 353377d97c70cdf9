//! 一件事一次办, on every store: all cases or none, each shared material once, one joint limit, one announcement; one
//! department that says no keeps nobody waiting.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";

/// A complete application for a bundle: of each shared material one line.
pub async fn body(app: &TestApp, key: &str) -> Value {
    let clerk = app.sign_in("clerk1").await;
    let listed = app.get(&clerk, &format!("/api/v1/sites/{SITE}/bundles")).await.body;
    let bundle = listed["items"].as_array().expect("bundles").iter().find(|one| one["id"] == format!("b_dc_{key}")).expect("it").clone();
    let shared: Vec<Vec<String>> = bundle["shared"]
        .as_array()
        .expect("shared materials")
        .iter()
        .map(|one| serde_json::from_value(one["material_ids"].clone()).expect("ids"))
        .collect();
    let (mut materials, mut situations, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for matter in bundle["matters"].as_array().expect("matters") {
        let matter = app.get(&clerk, &format!("/api/v1/matters/{}", matter["id"].as_str().expect("an id"))).await.body;
        let first = |question: &Value| question["options"][0]["id"].clone();
        let chosen: Vec<Value> = matter["situations"].as_array().into_iter().flatten().map(first).collect();
        for material in matter["materials"].as_array().into_iter().flatten() {
            let id = material["id"].as_str().expect("an id").to_owned();
            let only = material["situation_ids"].as_array().cloned().unwrap_or_default();
            let group = shared.iter().position(|ids| ids.contains(&id));
            let is_again = group.is_some_and(|group| seen.contains(&group));
            if (only.is_empty() || only.iter().any(|id| chosen.contains(id))) && !is_again {
                seen.extend(group);
                materials.push(json!({ "material_id": id, "status": "collected", "originals": 1 }));
            }
        }
        situations.extend(chosen);
    }
    json!({
        "site_id": SITE, "bundle_id": bundle["id"], "situation_ids": situations, "materials": materials, "form": { "relation": "子女" },
        "applicant": { "kind": "person", "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X", "phone": "13800138000" },
    })
}

struct Hall {
    app: TestApp,
    clerk: Actor,
    issuer: Actor,
}

impl Hall {
    async fn on(app: TestApp) -> Self {
        let (clerk, issuer) = (app.sign_in("clerk1").await, app.sign_in("issuer").await);
        Self { app, clerk, issuer }
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.post(actor, &format!("/api/v1{path}"), body).await
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.post(actor, path, body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn joint(&self, id: &str) -> Value {
        self.app.get(&self.clerk, &format!("/api/v1/bundle-cases/{id}")).await.body
    }

    /// The case of one matter of a joint case.
    fn case_of(joint: &Value, end: &str) -> String {
        let of = |one: &&Value| one["matter_id"].as_str().is_some_and(|id| id.ends_with(end));
        let case = joint["cases"].as_array().expect("cases").iter().find(of).expect("the case");
        case["case_id"].as_str().expect("an id").to_owned()
    }

    /// Accepted at the desk, taken by a department.
    async fn reviewed(&self, case: &str, approver: &Actor) {
        self.ok(&self.clerk, &format!("/cases/{case}/accept"), json!({})).await;
        self.ok(approver, &format!("/cases/{case}/claim"), json!({})).await;
    }
}

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn three_departments_and_one_says_no(app: TestApp) {
    let hall = Hall::on(app).await;
    let body = body(&hall.app, "shenhou").await;
    let before = hall.app.app.stores.events.head(SITE).await.expect("the store").expect("a log").seq;
    let joint = hall.ok(&hall.clerk, "/bundle-cases", body.clone()).await;
    let id = joint["id"].as_str().expect("an id").to_owned();
    assert_eq!((&joint["state"], &joint["due_at"], joint["cases"].as_array().map(Vec::len)), (&json!("received"), &Value::Null, Some(3)));
    assert_eq!(joint["applicant"]["name"], "李*");
    let numbers: Vec<&str> = joint["cases"].as_array().expect("cases").iter().filter_map(|one| one["number"].as_str()).collect();
    assert!(joint["number"].as_str().is_some_and(|number| !number.is_empty() && !numbers.contains(&number)), "{joint}");
    let after = hall.app.app.stores.events.head(SITE).await.expect("the store").expect("a log").seq;
    assert_eq!(after - before, 6, "three openings and three receipts");

    // What is shared is taken in once, and counts for each.
    let (burial, pension, insurance) = (Hall::case_of(&joint, "binzang"), Hall::case_of(&joint, "zhuxiao"), Hall::case_of(&joint, "xinxi"));
    let mut taken = Vec::new();
    for case in [&burial, &pension, &insurance] {
        let case = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{case}")).await.body;
        assert_eq!((&case["bundle_case_id"], &case["tracking_code"]), (&json!(id), &joint["tracking_code"]));
        for material in case["materials"].as_array().expect("materials").iter().filter(|one| one["required"] == true) {
            taken.push((material["name"].as_str().expect("a name").to_owned(), material["status"].clone()));
        }
    }
    let of = |name: &str| taken.iter().filter(|(known, _)| known == name).map(|(_, status)| status.clone()).collect::<Vec<_>>();
    assert_eq!(of("居民身份证"), [json!("collected"), json!("reused")]);
    assert_eq!(of("死亡证明或火化证明"), [json!("collected"), json!("reused")]);

    let civil = hall.app.sign_in("approver3").await;
    let labour = hall.app.sign_in("approver2").await;
    hall.reviewed(&burial, &civil).await;
    hall.reviewed(&pension, &labour).await;
    let under_way = hall.joint(&id).await;
    assert_eq!((&under_way["state"], &under_way["due_at"]), (&json!("in_progress"), &Value::Null), "one is not accepted");
    hall.ok(&hall.clerk, &format!("/cases/{insurance}/accept"), json!({})).await;
    let under_way = hall.joint(&id).await;
    assert_eq!(under_way["due_at"], "2026-12-08T23:59:59.999+08:00", "ten working days for all: {under_way}");
    hall.ok(&hall.clerk, &format!("/cases/{insurance}/decide-instant"), json!({})).await;
    hall.ok(&civil, &format!("/cases/{burial}/approve"), json!({ "opinion": "同意减免" })).await;
    assert_eq!(hall.joint(&id).await["state"], "in_progress");
    hall.ok(&labour, &format!("/cases/{pension}/deny"), json!({ "opinion": "参保记录不在本区", "reason_code": "conditions_not_met" }))
        .await;
    let decided = hall.joint(&id).await;
    let of_pension = decided["cases"].as_array().expect("cases").iter().find(|one| one["case_id"] == json!(pension)).expect("it");
    assert_eq!((&decided["state"], &of_pension["decision"]), (&json!("ready"), &json!("denied")), "{decided}");

    // Each department sees the whole, others do not.
    for (name, status) in [("approver2", 200), ("approver3", 200), ("approver5", 403), ("guide1", 403)] {
        let actor = hall.app.sign_in(name).await;
        assert_eq!(hall.app.get(&actor, &format!("/api/v1/bundle-cases/{id}")).await.status.as_u16(), status, "{name}");
    }
    for unknown in ["bc_dc_nothing", "bc_zz_1", "c_dc_1"] {
        assert_eq!(hall.app.get(&hall.clerk, &format!("/api/v1/bundle-cases/{unknown}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn in_memory_three_departments_and_one_says_no() {
    three_departments_and_one_says_no(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_three_departments_and_one_says_no() {
    three_departments_and_one_says_no(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_three_departments_and_one_says_no() {
    let database = tests::postgres::database();
    three_departments_and_one_says_no(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn every_wrong_field_of_all_matters_is_told_at_once_and_nothing_is_opened() {
    let hall = Hall::on(TestApp::memory().await).await;
    let sound = body(&hall.app, "shenhou").await;
    let before = hall.app.app.stores.events.head(SITE).await.expect("the store");
    let mut wrong = sound.clone();
    wrong["applicant"] = json!({ "kind": "enterprise", "name": "", "id_type": "uscc", "id_number": "1", "phone": "12" });
    wrong["situation_ids"] = json!(["si_dc_nothing", "x"]);
    wrong["materials"] =
        json!([{ "material_id": "mt_dc_nothing", "status": "collected" }, { "material_id": "mt_dc_binzang-form", "status": "??" }]);
    wrong["ticket_id"] = json!("t_dc_nothing");
    let answer = hall.post(&hall.clerk, "/bundle-cases", wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = fields(&answer);
    let wanted = [
        "ticket_id",
        "situation_ids[0]",
        "situation_ids[1]",
        "applicant.kind",
        "applicant.name",
        "applicant.id_number",
        "applicant.phone",
        "materials[0].material_id",
        "materials[1].status",
    ];
    for field in wanted {
        assert!(told.iter().any(|known| known == field), "{field}: {}", answer.body);
    }
    let kinds = answer.body["errors"].as_array().expect("errors").iter().filter(|error| error["field"] == "applicant.kind").count();
    assert_eq!(kinds, 3, "each matter says so: {}", answer.body);
    for (change, field) in [(json!(null), "bundle_id"), (json!("b_dc_nothing"), "bundle_id"), (json!("m_dc_demo-promised"), "bundle_id")] {
        let mut body = sound.clone();
        body["bundle_id"] = change;
        assert!(fields(&hall.post(&hall.clerk, "/bundle-cases", body).await).contains(&field.to_owned()));
    }
    let mut twice = sound.clone();
    let again = twice["materials"][0].clone();
    twice["materials"].as_array_mut().expect("materials").push(again);
    let answer = hall.post(&hall.clerk, "/bundle-cases", twice).await;
    assert_eq!(
        (answer.status, &answer.body["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("duplicate")),
        "{}",
        answer.body
    );
    assert_eq!(hall.app.app.stores.events.head(SITE).await.expect("the store"), before, "nothing was opened");
}

#[tokio::test]
async fn a_retry_opens_the_cases_once() {
    let hall = Hall::on(TestApp::memory().await).await;
    let body = body(&hall.app, "newborn").await;
    let send =
        async |body: &Value| hall.app.send(&hall.clerk, Method::POST, "/api/v1/bundle-cases", Some("once"), Some(body.clone())).await;
    let (first, second) = (send(&body).await, send(&body).await);
    assert_eq!((first.status, second.status, second.replayed), (StatusCode::CREATED, StatusCode::CREATED, true));
    assert_eq!(first.body["cases"], second.body["cases"]);
    let mut other = body.clone();
    other["form"] = json!({});
    assert_eq!(send(&other).await.status, StatusCode::CONFLICT);
    let ids: Vec<String> = (0..4).map(|place| first.body["cases"][place]["number"].as_str().expect("a number").to_owned()).collect();
    let next = hall.ok(&hall.clerk, "/cases", crate::rights::house::case_body(&hall.app, "demo-promised").await).await;
    assert!(!ids.contains(&next["number"].as_str().expect("a number").to_owned()), "numbers go on after those of the bundle");
}

/// Two certificates of one bundle: the first that lies there waits for the other, then both are announced by one message.
#[tokio::test]
async fn what_comes_of_it_is_announced_in_one_go() {
    for app in [TestApp::memory().await, TestApp::sqlite().await] {
        let hall = Hall::on(app).await;
        let site = hall.app.app.directory.get().site(SITE).expect("the site").clone();
        // A bundle of two matters that make certificates, as a site may describe it.
        let mut set = server::store::ChangeSet::new(SITE);
        let bundle = json!({ "bundle": { "id": "b_dc_two", "name": "两证一件事", "aliases": [], "guide": "",
            "matter_ids": ["m_dc_demo-promised", "m_dc_shebaoka"] }, "line_id": null });
        let row = server::store::BundleRow {
            site_id: site.id.clone(),
            id: "b_dc_two".to_owned(),
            name: "两证一件事".to_owned(),
            doc: bundle.to_string(),
        };
        set.row(row);
        hall.app.app.stores.commit.commit(&[set]).await.expect("written");
        let joint = hall.ok(&hall.clerk, "/bundle-cases", body(&hall.app, "two").await).await;
        let id = joint["id"].as_str().expect("an id").to_owned();
        assert_eq!(joint["together"], true, "unless the bundle says otherwise");
        let (permit, card) = (Hall::case_of(&joint, "demo-promised"), Hall::case_of(&joint, "shebaoka"));
        let mut certificates = Vec::new();
        for (case, name) in [(&permit, "approver1"), (&card, "approver2")] {
            let approver = hall.app.sign_in(name).await;
            hall.reviewed(case, &approver).await;
            hall.ok(&approver, &format!("/cases/{case}/approve"), json!({ "opinion": "同意" })).await;
            let made = json!({ "number": format!("证{name}"), "valid_from": "2026-11-24" });
            let made = hall.ok(&approver, &format!("/cases/{case}/certificate"), made).await;
            certificates.push(made["id"].as_str().expect("an id").to_owned());
            if made["upload"] == "pending" {
                let confirmed = domain::case::Command::ConfirmUpload { identifier: "1.2.156.1".to_owned() };
                hall.app.app.decide_case_as_system(SITE, case, confirmed).await.expect("confirmed");
            }
        }
        let receive = async |certificate: &str, slot: &str| {
            hall.ok(&hall.issuer, &format!("/certificates/{certificate}/receive"), json!({ "slot": slot })).await
        };
        receive(&certificates[0], "A01").await;
        let notify = format!("/certificates/{}/notify", certificates[0]);
        let early = hall.post(&hall.issuer, &notify, json!({ "channels": ["sms"] })).await;
        assert_eq!((early.status, &early.body["code"]), (StatusCode::CONFLICT, &json!("bundle_not_ready")), "{}", early.body);
        let waits_for = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{card}")).await.body["number"].clone();
        assert_eq!(early.body["waiting"], json!([waits_for]));
        assert_eq!(hall.joint(&id).await["state"], "decided");
        receive(&certificates[1], "A02").await;
        assert_eq!(hall.joint(&id).await["state"], "ready");
        hall.ok(&hall.issuer, &notify, json!({ "channels": ["sms"] })).await;
        let mut messages = 0;
        for (case, certificate) in [(&permit, &certificates[0]), (&card, &certificates[1])] {
            let seen = hall.app.get(&hall.issuer, &format!("/api/v1/certificates/{certificate}")).await.body;
            assert!(seen["notified_at"].is_string(), "{seen}");
            messages += hall.app.app.stores.cases.notifications(SITE, case).await.expect("messages").len();
        }
        assert_eq!(messages, 1, "one message for both");
        let case = hall.app.app.case_of_site(SITE, &permit).await.expect("a case");
        let words = hall.app.app.words(server::app::cases::effects::READY, &case).await.expect("words");
        let number = joint["number"].as_str().expect("a number");
        assert!(words.text.contains(number) && words.text.contains("几件都办好了"), "{}", words.text);
        // Nobody comes: on the third working day both are told of again, by one message on each way.
        hall.app.clock.advance(3 * 86_400_000);
        for _ in 0..2 {
            hall.app.app.watch_cases().await.expect("the timer");
        }
        let mut again = Vec::new();
        for case in [&permit, &card] {
            let told = hall.app.app.stores.cases.notifications(SITE, case).await.expect("messages");
            again.extend(told.into_iter().filter(|one| one.template == "pickup_reminder").map(|one| (case.clone(), one.channel)));
        }
        assert_eq!(again, ["site", "sms"].map(|channel| (permit.clone(), channel.to_owned())), "the first speaks for both");
        // Its owner comes for one of them alone, and knows of the other.
        let handed =
            json!({ "collector": { "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X", "relation": "self" } });
        let issuer = hall.app.sign_in("issuer").await;
        hall.ok(&issuer, &format!("/certificates/{}/hand-over", certificates[0]), handed).await;
        hall.app.app.watch_cases().await.expect("the timer");
        let told = hall.app.app.stores.cases.notifications(SITE, &card).await.expect("messages");
        assert_eq!(
            told.iter().filter(|one| one.template == "pickup_reminder").count(),
            0,
            "what was said of both was said of it: {told:?}"
        );
        let left = hall.app.app.case_of_site(SITE, &card).await.expect("a case");
        let words = hall.app.app.words(server::app::cases::effects::PICKUP_REMINDER, &left).await.expect("words");
        assert!(words.text.contains(&left.number) && !words.text.contains("几件都"), "{}", words.text);
        // The next rung is its own: a call.
        hall.app.clock.advance(6 * 86_400_000);
        hall.app.app.watch_cases().await.expect("the timer");
        let told = hall.app.app.stores.cases.notifications(SITE, &card).await.expect("messages");
        assert_eq!(told.iter().map(|one| one.channel.as_str()).collect::<Vec<_>>(), ["phone"], "{told:?}");
    }
}
