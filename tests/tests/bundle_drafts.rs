//! Bundles as a site keeps them: drafted, reviewed by somebody else, published, changed, taken out of force; every wrong
//! field at once, and joint cases keep what they were opened under.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::matter_versions::{fields, keepers, published, put};

const SITE: &str = "demo-center";
const A: &str = "m_dc_binzang";
const B: &str = "m_dc_yanglao-zhuxiao";
const C: &str = "m_dc_yibao-xinxi";

fn text(title: &str) -> Value {
    json!({ "type": "string", "title": title, "maxLength": 30 })
}

fn form(fields: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": fields, "required": required })
}

/// Two matters whose forms ask where somebody lives under two names.
async fn with_forms(app: &TestApp) {
    let burial = form(&json!({ "home": text("住址"), "relation": text("和逝者的关系") }), &["home", "relation"]);
    published(app, A, |content| content["form_schema"] = burial).await;
    let pension = form(&json!({ "f_1": { "type": "string", "title": "家住哪里", "maxLength": 6 } }), &["f_1"]);
    published(app, B, |content| content["form_schema"] = pension).await;
}

fn content() -> Value {
    json!({
        "name": "家里老人走后一件事", "aliases": ["身后两件"], "matter_ids": [A, B], "guide": "一次办。", "promised_days": 8, "together": true,
        "shared": [{ "name": "死亡证明", "material_ids": ["mt_dc_binzang-death-proof", "mt_dc_yanglao-zhuxiao-death-proof"] }],
        "shared_fields": [{ "fields": [{ "matter_id": A, "name": "home" }, { "matter_id": B, "name": "f_1" }] }],
    })
}

async fn add(app: &TestApp, actor: &Actor, content: &Value) -> Answer {
    app.post(actor, &format!("/api/v1/sites/{SITE}/bundles"), json!({ "content": content, "line_id": "l_dc_demo-line" })).await
}

async fn draft_of(app: &TestApp, actor: &Actor, bundle: &str) -> Value {
    let read = app.get(actor, &format!("/api/v1/bundles/{bundle}/draft")).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    read.body
}

async fn write(app: &TestApp, actor: &Actor, bundle: &str, change: impl FnOnce(&mut Value)) -> Answer {
    let mut draft = draft_of(app, actor, bundle).await;
    change(&mut draft["content"]);
    let body = json!({
        "revision": draft["revision"], "base_version": draft["newest_version"], "content": draft["content"], "line_id": draft["line_id"],
    });
    put(app, actor, &format!("/api/v1/bundles/{bundle}/draft"), body).await
}

async fn act(app: &TestApp, actor: &Actor, bundle: &str, action: &str, body: Value) -> Answer {
    app.post(actor, &format!("/api/v1/bundles/{bundle}/draft/{action}"), body).await
}

async fn done(app: &TestApp, actor: &Actor, bundle: &str, action: &str, body: Value) -> Value {
    let answer = act(app, actor, bundle, action, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.body);
    answer.body
}

async fn reviewed_and_published(app: &TestApp, bundle: &str) -> Value {
    let (admin, district) = keepers(app).await;
    done(app, &admin, bundle, "submit", json!({})).await;
    done(app, &district, bundle, "approve", json!({})).await;
    done(app, &admin, bundle, "publish", json!({})).await
}

async fn listed(app: &TestApp, bundle: &str) -> Option<Value> {
    let page = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/bundles")).await.body;
    page["items"].as_array().expect("bundles").iter().find(|one| one["id"] == bundle).cloned()
}

/// A joint application, with the form as filled in.
async fn application(app: &TestApp, bundle: &str, form: Value) -> Value {
    let key = bundle.strip_prefix("b_dc_").expect("a bundle of the site");
    let mut body = crate::bundles::body(app, key).await;
    body["form"] = form;
    body
}

async fn a_bundle_lives_on(app: TestApp) {
    with_forms(&app).await;
    let (admin, district) = keepers(&app).await;
    let made = add(&app, &admin, &content()).await;
    assert_eq!(
        (made.status, &made.body["step"], &made.body["newest_version"]),
        (StatusCode::CREATED, &json!("editing"), &json!(0)),
        "{}",
        made.body
    );
    assert_eq!(made.body["actions"], json!(["save", "submit", "discard"]));
    let id = made.body["bundle_id"].as_str().expect("an id").to_owned();
    assert_eq!(listed(&app, &id).await, None, "nothing is offered before it is published");

    // Two who write at once: the later one is told.
    let old = json!({ "revision": 0, "base_version": 0, "content": content(), "line_id": null });
    let late = put(&app, &admin, &format!("/api/v1/bundles/{id}/draft"), old).await;
    assert_eq!((late.status, &late.body["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
    assert_eq!(write(&app, &admin, &id, |content| content["promised_days"] = json!(9)).await.status, StatusCode::OK);

    done(&app, &admin, &id, "submit", json!({})).await;
    let own = act(&app, &admin, &id, "approve", json!({})).await;
    assert_eq!((own.status, &own.body["code"]), (StatusCode::CONFLICT, &json!("own_draft")), "four eyes");
    assert_eq!(fields(&act(&app, &district, &id, "return", json!({})).await), ["text missing"]);
    let back = done(&app, &district, &id, "return", json!({ "text": "期限再短一天" })).await;
    assert_eq!((&back["step"], &back["returned_text"]), (&json!("editing"), &json!("期限再短一天")));
    write(&app, &admin, &id, |content| content["promised_days"] = json!(8)).await;
    let later = json!({ "from": "2027-01-01T00:00:00+08:00" });
    done(&app, &admin, &id, "submit", json!({})).await;
    done(&app, &district, &id, "approve", json!({})).await;
    assert_eq!(fields(&act(&app, &admin, &id, "publish", later).await), ["from unknown_field"]);
    assert_eq!(act(&app, &admin, &id, "unschedule", json!({})).await.status, StatusCode::NOT_FOUND);
    let first = done(&app, &admin, &id, "publish", json!({})).await;
    assert_eq!((&first["step"], &first["state"], &first["newest_version"]), (&json!("none"), &json!("published"), &json!(1)));
    let offered = listed(&app, &id).await.expect("offered");
    assert_eq!((&offered["version"], &offered["promised_days"], &offered["matters"][1]["id"]), (&json!(1), &json!(8), &json!(B)));
    assert_eq!(offered["shared_fields"], content()["shared_fields"]);

    // A joint case, then another version: what runs keeps its own.
    let clerk = app.sign_in("clerk1").await;
    let wrong = app.post(&clerk, "/api/v1/bundle-cases", application(&app, &id, json!({ "home": "锡林郭勒大街 3 号" })).await).await;
    assert_eq!(fields(&wrong), ["form.relation missing", "form.home too_long"], "told at the field that was filled in");
    let body = application(&app, &id, json!({ "home": "锡林路", "relation": "儿子" })).await;
    let joint = app.post(&clerk, "/api/v1/bundle-cases", body).await;
    assert_eq!(joint.status, StatusCode::CREATED, "{}", joint.body);
    for case in joint.body["cases"].as_array().expect("cases") {
        let case = app.app.case_of_site(SITE, case["case_id"].as_str().expect("an id")).await.expect("a case");
        let form = app.app.text(SITE, case.form.as_ref().expect("a form").as_str()).await.expect("its text");
        let form: Value = serde_json::from_str(&form).expect("JSON");
        assert_eq!(form, json!({ "home": "锡林路", "f_1": "锡林路", "relation": "儿子" }), "filled in once, there for each");
    }
    let written =
        write(&app, &admin, &id, |content| (content["matter_ids"], content["name"]) = (json!([A, B, C]), json!("家里老人走后的事"))).await;
    assert_eq!(
        (&written.body["step"], &written.body["in_force"]["name"]),
        (&json!("editing"), &json!("家里老人走后一件事")),
        "{}",
        written.body
    );
    assert_eq!(listed(&app, &id).await.expect("offered")["version"], 1, "in force while its successor is a draft");
    let second = reviewed_and_published(&app, &id).await;
    assert_eq!(second["newest_version"], 2);
    assert_eq!(listed(&app, &id).await.expect("offered")["matters"].as_array().map(Vec::len), Some(3));
    let path = format!("/api/v1/bundle-cases/{}", joint.body["id"].as_str().expect("an id"));
    let running = app.get(&clerk, &path).await.body;
    assert_eq!((&running["bundle_name"], running["cases"].as_array().map(Vec::len)), (&json!("家里老人走后一件事"), Some(2)));

    // Out of force: no new joint case, what runs goes on, the log says why.
    let silent = app.post(&admin, &format!("/api/v1/bundles/{id}/retire"), json!({ "reason": " " })).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = application(&app, &id, json!({ "home": "锡林路", "relation": "儿子" })).await;
    let retired = app.post(&admin, &format!("/api/v1/bundles/{id}/retire"), json!({ "reason": "并到公民身后一件事" })).await;
    assert_eq!((retired.status, &retired.body["state"]), (StatusCode::OK, &json!("retired")), "{}", retired.body);
    let again = app.post(&admin, &format!("/api/v1/bundles/{id}/retire"), json!({ "reason": "再来一次" })).await;
    assert_eq!((again.status, &again.body["code"]), (StatusCode::CONFLICT, &json!("bundle_state")));
    assert_eq!(listed(&app, &id).await, None);
    assert_eq!(fields(&app.post(&clerk, "/api/v1/bundle-cases", body).await), ["bundle_id unknown"]);
    assert_eq!(app.get(&clerk, &path).await.body["state"], "received");
    let told = draft_of(&app, &district, &id).await;
    let history: Vec<(&str, Option<u64>)> = told["history"]
        .as_array()
        .expect("history")
        .iter()
        .map(|one| (one["kind"].as_str().expect("a kind"), one["version"].as_u64()))
        .collect();
    assert_eq!(history[..2], [("bundle_retired", Some(3)), ("bundle_published", Some(2))]);
    assert_eq!((history.last(), &told["history"][0]["text"]), (Some(&("bundle_draft_begun", None)), &json!("并到公民身后一件事")));
    let names = |page: &Value| {
        page["items"].as_array().expect("bundles").iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let kept = app.get(&district, &format!("/api/v1/sites/{SITE}/bundle-drafts")).await.body;
    assert_eq!(names(&kept).last().map(String::as_str), Some("家里老人走后的事"), "those out of force come last: {kept}");
}

#[tokio::test]
async fn in_memory_a_bundle_lives() {
    a_bundle_lives_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_bundle_lives() {
    a_bundle_lives_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_bundle_lives() {
    let database = tests::postgres::database();
    a_bundle_lives_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn every_wrong_field_of_a_bundle_is_told_at_once() {
    let app = TestApp::memory().await;
    with_forms(&app).await;
    let (admin, _) = keepers(&app).await;
    let wrong = json!({
        "name": "", "aliases": [], "guide": "", "together": false, "matter_ids": [A, A, "m_dc_nothing"], "promised_days": 46,
        "shared": [{ "name": " ", "material_ids": ["mt_dc_binzang-death-proof", "mt_dc_nothing"] }],
        "shared_fields": [{ "fields": [{ "matter_id": A, "name": "nothing" }] }],
    });
    let body = json!({ "content": wrong, "line_id": "l_dc_nothing" });
    let answer = app.post(&admin, &format!("/api/v1/sites/{SITE}/bundles"), body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    let told = fields(&answer);
    let wanted = [
        "line_id unknown",
        "content.matter_ids[1] twice",
        "content.matter_ids[2] matter_gone",
        "content.promised_days too_long",
        "content.shared[0].material_ids[1] unknown",
        "content.shared_fields[0].fields count",
        "content.shared_fields[0].fields[0] unknown",
    ];
    for field in wanted {
        assert!(told.iter().any(|known| known == field), "{field}: {told:?}");
    }
    for field in ["content.name", "content.shared[0].name"] {
        assert!(told.iter().any(|known| known.starts_with(&format!("{field} "))), "{field}: {told:?}");
    }
    let mut malformed = content();
    (malformed["matter_ids"], malformed["shared"][0]["material_ids"]) = (json!(["x", B]), json!(["?", "mt_dc_binzang-death-proof"]));
    assert_eq!(
        fields(&add(&app, &admin, &malformed).await),
        ["content.matter_ids[0] unknown", "content.shared[0].material_ids[0] unknown"]
    );
    let mut taken = content();
    taken["name"] = json!("公民身后一件事");
    assert_eq!(fields(&add(&app, &admin, &taken).await), ["content.name duplicate"]);
    let mut odd = content();
    odd["version"] = json!(7);
    assert_eq!(add(&app, &admin, &odd).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_no_longer_holds_is_not_published_and_seen_in_the_list() {
    let app = TestApp::memory().await;
    with_forms(&app).await;
    let (admin, district) = keepers(&app).await;
    let id = add(&app, &admin, &content()).await.body["bundle_id"].as_str().expect("an id").to_owned();
    done(&app, &admin, &id, "submit", json!({})).await;
    done(&app, &district, &id, "approve", json!({})).await;
    let gone = app.post(&admin, &format!("/api/v1/matters/{B}/retire"), json!({ "reason": "并到别的事项" })).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.body);
    let refused = act(&app, &admin, &id, "publish", json!({})).await;
    assert_eq!((refused.status, fields(&refused)[0].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "content.matter_ids[1] matter_gone"));
    let kept = app.get(&admin, &format!("/api/v1/sites/{SITE}/bundle-drafts")).await.body;
    let of = |id: &str| kept["items"].as_array().expect("bundles").iter().find(|one| one["bundle_id"] == id).expect("it").clone();
    assert_eq!(of(&id)["step"], "approved");
    let old = of("b_dc_shenhou");
    assert!(old["problems"].as_array().is_some_and(|problems| problems.iter().any(|one| one["field"] == "content.matter_ids[1]")), "{old}");

    // A new bundle whose draft is done away with is no more.
    done(&app, &admin, &id, "discard", json!({})).await;
    assert_eq!(app.get(&admin, &format!("/api/v1/bundles/{id}/draft")).await.status, StatusCode::NOT_FOUND);
    for unknown in ["b_dc_nothing", "b_zz_x", "m_dc_binzang"] {
        assert_eq!(app.get(&admin, &format!("/api/v1/bundles/{unknown}/draft")).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn a_retry_begins_one_draft() {
    let app = TestApp::memory().await;
    with_forms(&app).await;
    let (admin, _) = keepers(&app).await;
    let body = json!({ "content": content(), "line_id": null });
    let path = format!("/api/v1/sites/{SITE}/bundles");
    let send = async || app.send(&admin, Method::POST, &path, Some("once"), Some(body.clone())).await;
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status, second.replayed), (StatusCode::CREATED, StatusCode::CREATED, true));
    assert_eq!(first.body["bundle_id"], second.body["bundle_id"]);
}
