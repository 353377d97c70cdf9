//! 网上申请 over HTTP: from the code on a phone over draft, pre-check and supplement to the receipt at a window, and
//! everything that must not work on the way.

use axum::http::{Method, StatusCode};
use domain::time::{DAY_MS, MINUTE_MS};
use serde_json::{Value, json};
use server::app::notifications::Errand;
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const PHONE: &str = "13912345520";
const ID_NUMBER: &str = "152301199003070038";

/// The messages that are owed to a site's people, as they would be sent now, by template.
async fn messages(app: &TestApp, site: &str, template: &str) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for row in app.app.stores.outbox.outbox_of(site, "notify", 500).await.expect("the outbox") {
        let payload: Value = serde_json::from_str(&row.payload).expect("a payload");
        let id = payload["notification_id"].as_str().expect("a message");
        let (notification, errand) = app.app.errand(site, id).await.expect("an errand");
        if notification.template == template
            && let Errand::Send { message, .. } = errand
        {
            texts.push((message.to, message.text));
        }
    }
    texts
}

/// The newest code on its way to a phone.
async fn code_for(app: &TestApp, phone: &str) -> String {
    let sent = messages(app, "demo-district", "sign_in_code").await;
    let text = &sent.iter().find(|(to, _)| to == phone).unwrap_or_else(|| panic!("a code for {phone}: {sent:?}")).1;
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 6, "{text}");
    digits
}

async fn ask_for_code(app: &TestApp, phone: &str) -> Answer {
    app.post(&Actor::Nobody, "/api/v1/citizens/codes", json!({ "phone": phone })).await
}

async fn enter(app: &TestApp, phone: &str, code: &str) -> Answer {
    app.post(&Actor::Nobody, "/api/v1/citizens/sessions", json!({ "phone": phone, "code": code })).await
}

/// Signs a citizen in.
pub async fn sign_in(app: &TestApp, phone: &str) -> Actor {
    let sent = ask_for_code(app, phone).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    let entered = enter(app, phone, &code_for(app, phone).await).await;
    assert_eq!(entered.status, StatusCode::CREATED, "{}", entered.body);
    let cookie = entered.cookie.expect("a cookie");
    assert!(cookie.starts_with("yichuang_citizen="), "{cookie}");
    Actor::Staff(cookie)
}

async fn matter(app: &TestApp, end: &str) -> Value {
    let rows = app.app.stores.catalogue.matters(SITE).await.expect("matters");
    let row = rows.iter().find(|row| row.id.ends_with(end)).expect("the matter exists");
    serde_json::from_str(&row.doc).expect("a matter")
}

/// The least that an application begins with.
pub async fn beginning(app: &TestApp, end: &str) -> Value {
    json!({ "site_id": SITE, "matter_id": matter(app, end).await["id"] })
}

/// Everything that a good application has.
pub async fn whole(app: &TestApp, end: &str) -> Value {
    let matter = matter(app, end).await;
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    json!({
        "situation_ids": situations,
        "applicant": { "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE },
    })
}

fn ok(answer: Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    answer.body
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect()
}

struct Desk {
    app: TestApp,
    citizen: Actor,
    clerk: Actor,
}

impl Desk {
    async fn open(app: TestApp) -> Self {
        let (citizen, clerk) = (sign_in(&app, PHONE).await, app.sign_in("clerk1").await);
        Self { app, citizen, clerk }
    }

    async fn patch(&self, id: &str, body: Value) -> Answer {
        self.app.send(&self.citizen, Method::PATCH, &format!("/api/v1/applications/{id}"), None, Some(body)).await
    }

    async fn begin(&self, end: &str) -> String {
        let begun = ok(self.app.post(&self.citizen, "/api/v1/applications", beginning(&self.app, end).await).await);
        begun["id"].as_str().expect("an id").to_owned()
    }

    async fn act(&self, id: &str, action: &str) -> Answer {
        self.app.post(&self.citizen, &format!("/api/v1/applications/{id}/{action}"), json!({})).await
    }

    /// An application that waits for the pre-check.
    async fn sent(&self, end: &str) -> String {
        let id = self.begin(end).await;
        ok(self.patch(&id, whole(&self.app, end).await).await);
        assert_eq!(ok(self.act(&id, "submit").await)["step"], "submitted");
        id
    }

    async fn case(&self, id: &str) -> Answer {
        self.app.get(&self.clerk, &format!("/api/v1/cases/{id}")).await
    }

    async fn at_window(&self, id: &str, action: &str, body: Value) -> Answer {
        self.app.post(&self.clerk, &format!("/api/v1/cases/{id}/{action}"), body).await
    }

    async fn step(&self, id: &str) -> String {
        let own = ok(self.app.get(&self.citizen, &format!("/api/v1/applications/{id}")).await);
        own["step"].as_str().expect("a step").to_owned()
    }

    async fn timeline(&self, id: &str) -> Value {
        let own = ok(self.app.get(&self.citizen, &format!("/api/v1/applications/{id}")).await);
        let code = own["tracking_code"].as_str().expect("a code").to_owned();
        let answer = self.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{code}")).await;
        if answer.status == StatusCode::NOT_FOUND { Value::Null } else { ok(answer) }
    }
}

fn titles(timeline: &Value) -> Vec<&str> {
    timeline["timeline"].as_array().into_iter().flatten().filter_map(|entry| entry["title"].as_str()).collect()
}

async fn the_whole_way(app: TestApp) {
    let desk = Desk::open(app).await;
    let id = desk.begin("demo-promised").await;
    // Half a number is kept as half a number, and nobody else knows of it.
    let half = json!({ "applicant": { "name": "王", "id_number": "1523", "phone": "139" } });
    assert_eq!(ok(desk.patch(&id, half).await)["content"]["applicant"]["id_number"], "1523");
    assert_eq!(desk.case(&id).await.status, StatusCode::NOT_FOUND, "what is not sent is nobody else's");
    let listed = ok(desk.app.get(&desk.clerk, "/api/v1/cases?state=draft&limit=200").await);
    assert!(!listed.to_string().contains(&id), "nor in a list");
    assert!(desk.timeline(&id).await.is_null());
    // All wrong fields at once.
    let refused = desk.act(&id, "submit").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let named = fields(&refused);
    assert!(named.contains(&"applicant.id_number".to_owned()) && named.contains(&"applicant.phone".to_owned()), "{named:?}");
    ok(desk.patch(&id, whole(&desk.app, "demo-promised").await).await);
    let sent = ok(desk.act(&id, "submit").await);
    assert_eq!((&sent["step"], &sent["content"]), (&json!("submitted"), &Value::Null));
    assert_eq!(code(&desk.patch(&id, json!({ "situation_ids": [] })).await), (409, "case_state"));
    assert_eq!(code(&desk.act(&id, "submit").await), (409, "case_state"));

    let site = format!("/api/v1/sites/{SITE}/applications");
    let waiting = ok(desk.app.get(&desk.clerk, &format!("{site}?step=submitted")).await);
    assert_eq!((&waiting["items"][0]["id"], &waiting["items"][0]["applicant_name"]), (&json!(id), &json!("王*明")));
    assert_eq!(code(&desk.at_window(&id, "pre-check", json!({ "verdict": "supplement" })).await).0, 422, "what is missing must be said");
    ok(desk.at_window(&id, "pre-check", json!({ "verdict": "supplement", "text": "户口本要全本，\n照片换近期的" })).await);
    let mending = ok(desk.app.get(&desk.citizen, &format!("/api/v1/applications/{id}")).await);
    assert_eq!((&mending["step"], &mending["supplement"]), (&json!("supplement"), &json!("户口本要全本，\n照片换近期的")));
    assert_eq!(mending["content"]["applicant"]["name"], "王小明", "the form is kept");
    assert!(!desk.timeline(&id).await.to_string().contains("户口本"), "the timeline is for whoever holds the code");
    assert_eq!(messages(&desk.app, SITE, "application_supplement").await[0].0, PHONE);

    ok(desk.act(&id, "submit").await);
    ok(desk.at_window(&id, "pre-check", json!({ "verdict": "ready" })).await);
    assert_eq!(desk.step(&id).await, "ready");
    assert!(messages(&desk.app, SITE, "application_ready").await[0].1.contains("预审过了"));
    finished_at_the_window(&desk, &id).await;
}

async fn finished_at_the_window(desk: &Desk, id: &str) {
    ok(desk.app.post(&desk.clerk, "/api/v1/windows/w_dc_1/open", json!({})).await);
    let holder = json!({ "name": "王小明", "id_type": "resident_id", "id_number": ID_NUMBER });
    let tickets = format!("/api/v1/sites/{SITE}/tickets");
    let ticket = ok(desk.app.post(&desk.clerk, &tickets, json!({ "line_id": "l_dc_demo-line", "holder": holder })).await);
    let ticket = ticket["id"].as_str().expect("an id");
    let find = format!("/api/v1/sites/{SITE}/applications/find");
    let by_ticket = ok(desk.app.post(&desk.clerk, &find, json!({ "ticket_id": ticket })).await);
    assert_eq!(by_ticket["items"][0]["id"], json!(id), "whoever took the number applied online");
    let own = ok(desk.app.get(&desk.citizen, &format!("/api/v1/applications/{id}")).await);
    let by_code = ok(desk.app.post(&desk.clerk, &find, json!({ "query_code": own["query_code"] })).await);
    assert_eq!(by_code["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(code(&desk.app.post(&desk.clerk, &find, json!({})).await), (422, "invalid"));

    let waiting = desk.at_window(id, "submit", json!({ "ticket_id": ticket })).await;
    assert_eq!(fields(&waiting), ["ticket_id"], "nobody is at the window yet: {}", waiting.body);
    ok(desk.app.post(&desk.clerk, "/api/v1/windows/w_dc_1/call-next", json!({})).await);
    ok(desk.app.post(&desk.clerk, &format!("/api/v1/tickets/{ticket}/start"), json!({})).await);
    let case = ok(desk.case(id).await);
    let materials: Vec<Value> = case["materials"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|material| json!({ "material_id": material["material_id"], "status": "collected", "originals": 1 }))
        .collect();
    ok(desk.app.send(&desk.clerk, Method::PATCH, &format!("/api/v1/cases/{id}"), None, Some(json!({ "materials": materials }))).await);
    let received = ok(desk.at_window(id, "submit", json!({ "ticket_id": ticket })).await);
    assert_eq!((&received["state"], &received["ticket_id"]), (&json!("received"), &json!(ticket)));
    assert_eq!(ok(desk.at_window(id, "accept", json!({})).await)["state"], "accepted");
    assert_eq!(desk.step(id).await, "received");
    let timeline = desk.timeline(id).await;
    let told = titles(&timeline);
    for title in ["网上交了申请", "预审：还要补一补", "补好了，又交了一次", "预审过了", "您到了窗口", "已受理"]
    {
        assert!(told.contains(&title), "{title} in {told:?}");
    }
    let events = desk.app.app.stores.events.events_of(SITE, "case", id).await.expect("events");
    assert_eq!(events[0].actor, "citizen");
    let log: String = events.iter().map(|event| event.body.as_str()).collect();
    assert!(!log.contains(PHONE) && !log.contains("王小明") && !log.contains("户口本"), "{log}");
    assert_eq!(code(&desk.act(id, "withdraw").await), (409, "case_state"), "a received case is withdrawn at the desk");
}

#[tokio::test]
async fn applied_online_mended_checked_and_finished_at_the_window() {
    the_whole_way(TestApp::memory().await).await;
}

#[tokio::test]
async fn the_same_on_sqlite() {
    the_whole_way(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    let database = tests::postgres::database();
    the_whole_way(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_code_is_good_once_for_five_minutes_and_five_tries() {
    let app = TestApp::memory().await;
    let sent = ok(ask_for_code(&app, PHONE).await);
    assert_eq!((&sent["expires_in_s"], &sent["resend_in_s"]), (&json!(300), &json!(60)));
    let good = code_for(&app, PHONE).await;
    let wrong = if good == "000000" { "111111" } else { "000000" };
    assert_eq!(code(&enter(&app, "13900000000", &good).await), (401, "wrong_code"), "another phone's code");
    for _ in 0..5 {
        assert_eq!(code(&enter(&app, PHONE, wrong).await), (401, "wrong_code"));
    }
    assert_eq!(code(&enter(&app, PHONE, &good).await), (429, "too_many_tries"), "five wrong ones use it up");
    assert_eq!(code(&ask_for_code(&app, PHONE).await), (429, "too_many_tries"), "one a minute");
    app.clock.advance(MINUTE_MS);
    ok(ask_for_code(&app, PHONE).await);
    let next = code_for(&app, PHONE).await;
    assert_eq!(code(&enter(&app, PHONE, &good).await), (401, "wrong_code"), "an earlier code is no longer good");
    ok(enter(&app, PHONE, &next).await);
    assert_eq!(code(&enter(&app, PHONE, &next).await), (401, "wrong_code"), "once");
    app.clock.advance(MINUTE_MS);
    ok(ask_for_code(&app, PHONE).await);
    let late = code_for(&app, PHONE).await;
    app.clock.advance(5 * MINUTE_MS);
    assert_eq!(code(&enter(&app, PHONE, &late).await), (401, "wrong_code"), "five minutes");
    assert!(messages(&app, "demo-district", "sign_in_code").await.is_empty(), "nothing is sent that is no longer good");
    for bad in [json!({ "phone": "0470-1234567" }), json!({ "phone": "1391234" }), json!({ "phone": PHONE, "more": 1 })] {
        assert_eq!(app.post(&Actor::Nobody, "/api/v1/citizens/codes", bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_phone_gets_ten_codes_a_day_and_an_address_thirty_a_quarter_of_an_hour() {
    let app = TestApp::memory().await;
    for _ in 0..10 {
        ok(ask_for_code(&app, PHONE).await);
        app.clock.advance(MINUTE_MS);
    }
    assert_eq!(code(&ask_for_code(&app, PHONE).await).0, 429);
    app.clock.advance(DAY_MS);
    for phone in 0..30 {
        ok(ask_for_code(&app, &format!("139000000{phone:02}")).await);
    }
    assert_eq!(code(&ask_for_code(&app, "13900000099").await).0, 429);
}

#[tokio::test]
async fn a_session_ends_and_what_was_typed_stays() {
    let desk = Desk::open(TestApp::sqlite().await).await;
    let id = desk.begin("demo-promised").await;
    ok(desk.patch(&id, whole(&desk.app, "demo-promised").await).await);
    desk.app.clock.advance(31 * MINUTE_MS);
    assert_eq!(code(&desk.act(&id, "submit").await), (401, "session_over"));
    let again = sign_in(&desk.app, PHONE).await;
    let mine = ok(desk.app.get(&again, "/api/v1/applications").await);
    assert_eq!((&mine["items"][0]["id"], &mine["items"][0]["step"]), (&json!(id), &json!("filling")), "the phone is the account");
    let kept = ok(desk.app.get(&again, &format!("/api/v1/applications/{id}")).await);
    assert_eq!(kept["content"]["applicant"]["id_number"], ID_NUMBER);
    let me = "/api/v1/citizens/sessions/current";
    assert_eq!(ok(desk.app.get(&again, me).await)["citizen"]["phone"], "139****5520");
    for header in [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")] {
        let path = format!("/api/v1/applications/{id}/withdraw");
        let foreign = desk.app.send_with(&again, Method::POST, &path, &[header], Some(json!({}))).await;
        assert_eq!(code(&foreign), (403, "cross_origin"));
    }
    assert_eq!(desk.app.send(&again, Method::DELETE, me, None, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.app.get(&again, me).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_program_gets_a_token_instead_of_a_cookie() {
    let app = TestApp::memory().await;
    ok(ask_for_code(&app, PHONE).await);
    let body = json!({ "phone": PHONE, "code": code_for(&app, PHONE).await, "bearer": true });
    let entered = app.post(&Actor::Nobody, "/api/v1/citizens/sessions", body).await;
    assert_eq!(entered.cookie, None);
    let token = entered.body["token"].as_str().expect("a token").to_owned();
    let bearer = Actor::Device(token);
    ok(app.get(&bearer, "/api/v1/applications").await);
    assert_eq!(app.get(&bearer, &format!("/api/v1/sites/{SITE}/windows")).await.status, StatusCode::UNAUTHORIZED, "no device's right");
    assert_eq!(app.get(&bearer, "/api/v1/sessions/current").await.status, StatusCode::UNAUTHORIZED, "no staff's right");
}

#[tokio::test]
async fn an_application_is_begun_once_and_not_without_end() {
    let desk = Desk::open(TestApp::memory().await).await;
    let body = beginning(&desk.app, "demo-instant").await;
    let begin = async |key: &str| desk.app.send(&desk.citizen, Method::POST, "/api/v1/applications", Some(key), Some(body.clone())).await;
    let (first, again) = (begin("a").await, begin("a").await);
    assert_eq!((&first.body["id"], again.replayed), (&again.body["id"], true));
    for number in 1..20 {
        assert_eq!(begin(&format!("k{number}")).await.status, StatusCode::CREATED);
    }
    assert_eq!(code(&begin("more").await), (409, "too_many_applications"));
    let withdrawn = ok(desk.act(first.body["id"].as_str().expect("an id"), "withdraw").await);
    assert_eq!((&withdrawn["step"], &withdrawn["state"]), (&json!("withdrawn"), &json!("closed")));
    assert_eq!(begin("then").await.status, StatusCode::CREATED);
    let wrong = desk.app.post(&desk.citizen, "/api/v1/applications", json!({ "applicant": { "name": "a\u{202e}b" } })).await;
    assert_eq!(fields(&wrong), ["site_id", "applicant.name", "matter_id"], "{}", wrong.body);
}

async fn what_nobody_went_on_with_is_cleared_away(app: TestApp) {
    let desk = Desk::open(app).await;
    let (left, sent) = (desk.begin("demo-promised").await, desk.sent("demo-promised").await);
    ok(desk.patch(&left, whole(&desk.app, "demo-promised").await).await);
    desk.app.clock.advance(59 * DAY_MS);
    desk.app.app.forget_applications().await.expect("the timer runs");
    let desk = Desk { citizen: sign_in(&desk.app, PHONE).await, ..desk };
    assert_eq!(desk.step(&left).await, "filling");
    desk.app.clock.advance(2 * DAY_MS);
    for _ in 0..2 {
        desk.app.app.forget_applications().await.expect("the timer runs");
    }
    let desk = Desk { citizen: sign_in(&desk.app, PHONE).await, ..desk };
    assert_eq!((desk.step(&left).await, desk.step(&sent).await), ("withdrawn".to_owned(), "submitted".to_owned()));
    let row = desk.app.app.stores.citizens.application(SITE, &left).await.expect("the store").expect("the row");
    assert_eq!(desk.app.app.text(SITE, &row.content_id).await.expect("a text"), "{}", "what was typed is gone");
    let events = desk.app.app.stores.events.events_of(SITE, "case", &left).await.expect("events");
    let told: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.actor.as_str())).collect();
    assert_eq!(told, [("case_opened", "citizen"), ("case_withdrawn", "system")]);
}

#[tokio::test]
async fn drafts_that_were_left_are_cleared_away() {
    what_nobody_went_on_with_is_cleared_away(TestApp::memory().await).await;
    what_nobody_went_on_with_is_cleared_away(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn an_unsent_application_says_nothing_to_the_window() {
    let desk = Desk::open(TestApp::memory().await).await;
    let unsent = desk.begin("demo-promised").await;
    let own = ok(desk.app.get(&desk.citizen, &format!("/api/v1/applications/{unsent}")).await);
    let find = format!("/api/v1/sites/{SITE}/applications/find");
    let found = ok(desk.app.post(&desk.clerk, &find, json!({ "query_code": own["query_code"] })).await);
    assert_eq!(found["items"], json!([]));
    let progress = json!({ "number": own["number"], "query_code": own["query_code"] });
    assert_eq!(desk.app.post(&Actor::Nobody, "/api/v1/progress", progress).await.status, StatusCode::NOT_FOUND);
    for action in ["submit", "pre-check", "withdraw"] {
        assert_eq!(desk.at_window(&unsent, action, json!({})).await.status, StatusCode::NOT_FOUND, "{action}");
    }
    let persons = ok(desk.app.post(&desk.clerk, "/api/v1/persons/search", json!({ "phone": PHONE })).await);
    assert_eq!(persons["items"], json!([]), "a phone that only signed in is nobody at the window");
    let sent = desk.sent("demo-promised").await;
    let own = ok(desk.app.get(&desk.citizen, &format!("/api/v1/applications/{sent}")).await);
    let progress = json!({ "number": own["number"], "query_code": own["query_code"] });
    let timeline = ok(desk.app.post(&Actor::Nobody, "/api/v1/progress", progress).await);
    assert_eq!(timeline["cases"][0]["application"], "submitted");
}
