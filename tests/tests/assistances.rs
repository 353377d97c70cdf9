//! 帮办代办 over HTTP, on every store: taken on, agreed to, visited, linked with the case, told how far it is, handed
//! over; the way of a day on the page and on paper; whose it is, and what is recorded.

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use server::store::{ChangeSet, StaffRow};
use tests::app::{Actor, Answer, TestApp};

use crate::rights::house::case_body;

const SITE: &str = "demo-center";
const TODAY: &str = "2026-11-24";

fn ok(answer: Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    answer.body
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

fn fields(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer.body["errors"].as_array().into_iter().flatten().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

/// Another helper at the same site.
async fn second_helper(app: &TestApp) -> (String, Actor) {
    let row = app.app.stores.staff.staff_by_username("helper1").await.expect("the store").expect("helper1");
    let second = StaffRow { id: "s_dc_helper2".to_owned(), username: "helper2".to_owned(), name: "陈帮".to_owned(), ..row };
    let mut set = ChangeSet::new(SITE);
    set.row(second);
    app.app.stores.commit.commit(&[set]).await.expect("written");
    let body = json!({ "username": "helper2", "password": "demo-helper1" });
    let entered = app.post(&Actor::Nobody, "/api/v1/sessions", body).await;
    assert_eq!(entered.status, StatusCode::CREATED, "{}", entered.body);
    ("s_dc_helper2".to_owned(), Actor::Staff(entered.cookie.expect("a cookie")))
}

struct House {
    app: TestApp,
    helper: Actor,
}

impl House {
    async fn on(app: TestApp) -> Self {
        let helper = app.sign_in("helper1").await;
        Self { app, helper }
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.post(actor, &format!("/api/v1{path}"), body).await
    }

    async fn take_on(&self, name: &str, phone: &str, address: &str) -> String {
        let person = json!({ "kind": "person", "name": name, "phone": phone, "address": address });
        let opened = ok(self.post(&self.helper, &format!("/sites/{SITE}/assistances"), json!({ "person": person })).await);
        opened["id"].as_str().expect("an id").to_owned()
    }

    async fn step(&self, id: &str, step: &str, body: Value) -> Answer {
        self.post(&self.helper, &format!("/assistances/{id}/{step}"), body).await
    }

    async fn visit(&self, id: &str, day: &str, village: &str) -> Value {
        ok(self.step(id, "plan-visit", json!({ "day": day, "village": village, "purpose": "上门拍照、签字" })).await)
    }
}

async fn from_the_first_word_to_the_result(app: TestApp) {
    let house = House::on(app).await;
    let (app, helper) = (&house.app, &house.helper);
    let id = house.take_on("王小明", "13912345520", "乌兰嘎查 3 组 12 号").await;
    let case = ok(house.post(helper, "/cases", case_body(app, "demo-promised").await).await)["id"].as_str().expect("an id").to_owned();
    assert_eq!(code(&house.step(&id, "link-case", json!({ "case_id": case })).await), (409, "consent_missing"));
    let agreed = ok(house.step(&id, "consent", json!({ "form": "written", "note": "委托办采伐证" })).await);
    assert_eq!((&agreed["consent"]["form_text"], &agreed["consent"]["note"]), (&json!("书面委托"), &json!("委托办采伐证")));

    house.visit(&id, TODAY, "乌兰嘎查").await;
    let planned = house.visit(&id, "2026-11-27", "乌兰嘎查").await;
    assert_eq!(planned["visits"].as_array().map(Vec::len), Some(2));
    assert_eq!(code(&house.step(&id, "close", json!({ "result": "办完" })).await), (409, "visits_open"));
    let done = ok(house.step(&id, "finish-visit", json!({ "visit": 1, "result": "照片拍了，字签了" })).await);
    assert_eq!((&done["visits"][0]["state"], &done["visits"][0]["text"]), (&json!("done"), &json!("照片拍了，字签了")));
    ok(house.step(&id, "cancel-visit", json!({ "visit": 2, "reason": "不用再去" })).await);

    // The case names its helper, and its steps are news until they were told.
    let linked = ok(house.step(&id, "link-case", json!({ "case_id": case })).await);
    assert_eq!((&linked["case"]["case_id"], &linked["has_news"]), (&json!(case), &json!(true)));
    let seen = ok(app.get(&app.sign_in("clerk1").await, &format!("/api/v1/cases/{case}")).await);
    assert_eq!((&seen["helper"]["consent_text"], seen["helper"]["name"].is_string()), (&json!("书面委托"), true));
    assert_eq!(ok(house.step(&id, "report", json!({})).await)["has_news"], json!(false));
    let clerk = app.sign_in("clerk1").await;
    ok(house.post(&clerk, &format!("/cases/{case}/accept"), json!({})).await);
    let listed = ok(app.get(helper, &format!("/api/v1/sites/{SITE}/assistances?open=true")).await);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["has_news"]), (&json!(id), &json!(true)));
    ok(house.step(&id, "report", json!({})).await);
    let closed = ok(house.step(&id, "close", json!({ "result": "证送到家了" })).await);
    assert_eq!((closed["closed_at"].is_string(), &closed["actions"]), (true, &json!([])));
    assert_eq!(code(&house.step(&id, "consent", json!({ "form": "spoken" })).await), (409, "assistance_state"));

    let events = app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let own: Vec<_> = events.iter().filter(|event| event.aggregate == "assistance").collect();
    let kinds = [
        "assistance_opened",
        "assistance_consented",
        "visit_planned",
        "visit_planned",
        "visit_done",
        "visit_cancelled",
        "assistance_linked",
        "assistance_reported",
        "assistance_reported",
        "assistance_closed",
    ];
    assert_eq!(own.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), kinds);
    for word in ["王小明", "乌兰", "拍照", "13912345520"] {
        assert!(events.iter().all(|event| !event.body.contains(word)), "{word} stands in no event");
    }
}

#[tokio::test]
async fn in_memory_from_the_first_word_to_the_result() {
    from_the_first_word_to_the_result(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_from_the_first_word_to_the_result() {
    from_the_first_word_to_the_result(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_from_the_first_word_to_the_result() {
    let database = tests::postgres::database();
    from_the_first_word_to_the_result(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn every_wrong_field_is_told_and_a_case_of_somebody_else_is_not_linked() {
    let house = House::on(TestApp::memory().await).await;
    let open = format!("/sites/{SITE}/assistances");
    let refused = house.post(&house.helper, &open, json!({ "person": { "kind": "person", "phone": " " } })).await;
    assert_eq!(fields(&refused), [("person.name".to_owned(), "missing".to_owned()), ("person.phone".to_owned(), "one_of".to_owned())]);
    let id = house.take_on("李四", "13800138001", "").await;
    let named = |answer: &Answer| fields(answer).into_iter().map(|(field, _)| field).collect::<Vec<_>>();
    assert_eq!(named(&house.step(&id, "plan-visit", json!({ "day": "明天" })).await), ["day", "village", "purpose"]);
    assert_eq!(named(&house.step(&id, "consent", json!({ "form": "relative" })).await), ["note"], "who signed for him");
    assert_eq!(named(&house.step(&id, "finish-visit", json!({})).await), ["visit", "result"]);
    assert_eq!(named(&house.step(&id, "close", json!({ "result": "x", "day": TODAY })).await), ["day"], "each step takes its own");
    let past = json!({ "day": "2026-11-23", "village": "乌兰嘎查", "purpose": "x" });
    assert_eq!(fields(&house.step(&id, "plan-visit", past).await), [("day".to_owned(), "day".to_owned())]);
    ok(house.step(&id, "consent", json!({ "form": "spoken" })).await);
    let case = ok(house.post(&house.helper, "/cases", case_body(&house.app, "demo-promised").await).await)["id"].clone();
    let other = house.step(&id, "link-case", json!({ "case_id": case })).await;
    assert_eq!(fields(&other), [("case_id".to_owned(), "other_person".to_owned())]);
    assert_eq!(house.step(&id, "nothing", json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_helper_answers_for_it_and_hands_it_over() {
    let house = House::on(TestApp::memory().await).await;
    let (second_id, second) = second_helper(&house.app).await;
    let id = house.take_on("李四", "13800138001", "").await;
    let path = format!("/api/v1/assistances/{id}");
    assert_eq!(house.app.get(&second, &path).await.status, StatusCode::NOT_FOUND, "another helper's is nobody else's");
    let list = format!("/api/v1/sites/{SITE}/assistances");
    assert_eq!(ok(house.app.get(&second, &list).await)["items"], json!([]));
    let supervisor = house.app.sign_in("supervisor").await;
    let seen = ok(house.app.get(&supervisor, &path).await);
    assert_eq!((&seen["mine"], &seen["actions"]), (&json!(false), &json!(["hand-over"])));
    let visit = json!({ "day": TODAY, "village": "乌兰嘎查", "purpose": "x" });
    let meddling = house.post(&supervisor, &format!("/assistances/{id}/plan-visit"), visit.clone()).await;
    assert_eq!(code(&meddling), (403, "not_helper"));
    let helpers = ok(house.app.get(&house.helper, &format!("/api/v1/sites/{SITE}/helpers")).await);
    let open: Vec<_> = helpers["items"].as_array().into_iter().flatten().map(|one| (&one["id"], one["open_count"].as_u64())).collect();
    assert!(open.contains(&(&json!(second_id), Some(0))), "{helpers}");

    let to_clerk = house.step(&id, "hand-over", json!({ "staff_id": "s_dc_clerk1", "reason": "休假" })).await;
    assert_eq!(fields(&to_clerk), [("staff_id".to_owned(), "unknown".to_owned())], "only helpers help");
    let given = ok(house.step(&id, "hand-over", json!({ "staff_id": second_id, "reason": "休假" })).await);
    assert_eq!((&given["helper_id"], &given["mine"]), (&json!(second_id), &json!(false)));
    assert_eq!(house.app.get(&house.helper, &path).await.status, StatusCode::NOT_FOUND);
    ok(house.post(&second, &format!("/assistances/{id}/plan-visit"), visit).await);
    let back = json!({ "staff_id": "s_dc_helper1", "reason": "他回来了" });
    ok(house.post(&supervisor, &format!("/assistances/{id}/hand-over"), back).await);
    assert_eq!(ok(house.app.get(&house.helper, &path).await)["mine"], json!(true));
}

#[tokio::test]
async fn two_steps_at_once_are_two_steps() {
    let house = House::on(TestApp::sqlite().await).await;
    let id = house.take_on("李四", "13800138001", "").await;
    let visit = json!({ "day": TODAY, "village": "乌兰嘎查", "purpose": "x" });
    let (one, other) = tokio::join!(house.step(&id, "plan-visit", visit.clone()), house.step(&id, "plan-visit", visit));
    assert!(one.status.is_success() && other.status.is_success(), "{} {}", one.body, other.body);
    let seen = ok(house.app.get(&house.helper, &format!("/api/v1/assistances/{id}")).await);
    let numbers: Vec<_> = seen["visits"].as_array().into_iter().flatten().map(|visit| visit["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
}

/// The text of a PDF without the spaces of its layout.
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

#[tokio::test]
async fn the_way_of_a_day_goes_by_village_and_house_and_each_name_on_paper_is_recorded() {
    let house = House::on(TestApp::memory().await).await;
    let app = &house.app;
    let far = house.take_on("包大爷", "13800138003", "乙村 9 号").await;
    let near = house.take_on("王奶奶", "13800138001", "甲村 12 号").await;
    let next_door = house.take_on("李大娘", "13800138002", "甲村 11 号").await;
    let tomorrow = house.take_on("明天的", "13800138004", "甲村 1 号").await;
    for (id, village) in [(&far, "乙村"), (&near, "甲村"), (&next_door, "甲村")] {
        house.visit(id, TODAY, village).await;
    }
    house.visit(&tomorrow, "2026-11-25", "甲村").await;
    let route = format!("/api/v1/sites/{SITE}/visit-route");
    let way = ok(app.get(&house.helper, &route).await);
    let stops: Vec<_> = way["stops"].as_array().expect("stops").iter().map(|stop| stop["assistance_id"].clone()).collect();
    let mut wanted = [json!(near), json!(next_door)];
    // By village, then by the house.
    wanted.reverse();
    let villages: Vec<_> = way["stops"].as_array().expect("stops").iter().filter_map(|stop| stop["village"].as_str()).collect();
    assert!(villages.is_sorted(), "{villages:?}");
    assert!(stops.windows(2).any(|pair| pair == wanted), "next door comes before: {stops:?}");
    assert!(way.to_string().contains("王**") || way.to_string().contains("王*"), "masked: {way}");
    assert!(!way.to_string().contains("13800138001"));
    let recorded = async || {
        let events = app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
        events.iter().filter(|event| event.kind == "person_revealed").count()
    };
    assert_eq!(recorded().await, 0);
    let paper = app.get(&house.helper, &format!("{route}.pdf?day={TODAY}")).await;
    assert_eq!(paper.status, StatusCode::OK, "{}", paper.body);
    if let Some(folder) = std::env::var_os("YICHUANG_PICTURES") {
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(std::path::Path::new(&folder).join("paper-visit-route.pdf"), &paper.bytes).expect("a file");
    }
    let text = text_of(&paper.bytes);
    for word in ["上门帮办路线单", "王奶奶", "13800138001", "甲村12号", "包大爷", "3户"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains("明天的"));
    assert_eq!(recorded().await, 3);
    // Another's way is nobody else's but of who runs the hall.
    let (_, second) = second_helper(app).await;
    let other = format!("{route}?helper_id=s_dc_helper1");
    assert_eq!(app.get(&second, &other).await.status, StatusCode::NOT_FOUND);
    let supervisor = app.sign_in("supervisor").await;
    assert_eq!(ok(app.get(&supervisor, &other).await)["stops"].as_array().map(Vec::len), Some(3));
    app.clock.advance(DAY_MS);
    let helper = app.sign_in("helper1").await;
    let way = ok(app.get(&helper, &route).await);
    assert_eq!((&way["day"], way["stops"].as_array().map(Vec::len)), (&json!("2026-11-25"), Some(1)), "today is another day");
}
