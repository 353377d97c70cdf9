//! Claims: a centre takes a matter over from the district, in one of three ways, until a day.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

use crate::matter_versions::{fields, keepers, published, put};

const SITE: &str = "demo-center";
const ABOVE: &str = "demo-district";
const DAY_MS: i64 = 24 * 3_600_000;

/// A promised matter of the district without situations.
pub async fn above(app: &TestApp) -> Value {
    let rows = app.app.stores.catalogue.matters(ABOVE).await.expect("matters");
    let docs = rows.iter().map(|row| serde_json::from_str::<Value>(&row.doc).expect("a matter"));
    docs.into_iter().find(|matter| matter["case_kind"] == "promised").expect("a promised matter of the district")
}

pub fn claim(matter: &Value, delegation: &str) -> Value {
    json!({
        "matter_id": matter["id"], "delegation": delegation, "document": "云政办〔2026〕3号", "expires_on": "2026-12-20",
        "line_id": "l_dc_demo-line", "hours": "周一、周三", "consultation_phone": "0476-8231111",
    })
}

pub async fn claimed(app: &TestApp, admin: &Actor, body: Value) -> Value {
    let made = app.post(admin, &format!("/api/v1/sites/{SITE}/claims"), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made.body
}

/// A complete case of a claimed matter.
pub fn case_of(matter: &Value, id: &str) -> Value {
    let kind = matter["applicant_kinds"][0].clone();
    let applicant = if kind == "person" {
        json!({ "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" })
    } else {
        json!({ "kind": kind, "name": "云川合作社", "id_type": "uscc", "id_number": "91350100M000100Y43", "phone": "13912345520" })
    };
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    let asked = |material: &&Value| {
        let only = material["situation_ids"].as_array().expect("a list");
        only.is_empty() || only.iter().any(|id| situations.contains(&id))
    };
    let materials: Vec<Value> = matter["materials"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(asked)
        .map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 }))
        .collect();
    json!({ "site_id": SITE, "matter_id": id, "situation_ids": situations, "materials": materials, "applicant": applicant })
}

async fn a_claim_reads_the_matter_above_through_on(app: TestApp) {
    let (admin, _) = keepers(&app).await;
    let clerk = app.sign_in("clerk1").await;
    let matter = above(&app).await;
    let made = claimed(&app, &admin, claim(&matter, "entrusted_acceptance")).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with("m_dc_"), "an id of the site: {id}");
    assert_eq!((&made["accepts"], &made["decides"], &made["state"]), (&json!(true), &json!(false), &json!("expiring")));

    let guide = app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.body;
    assert_eq!((&guide["name"], &guide["hours"], &guide["line_id"]), (&matter["name"], &json!("周一、周三"), &json!("l_dc_demo-line")));
    assert_eq!((&guide["claim"]["delegation_name"], &guide["takes_cases"]), (&json!("委托受理"), &json!(true)));
    let everything = app.app.kiosk_matters(SITE).await.expect("matters of the kiosk");
    assert!(everything.iter().any(|one| one.id == id), "it stands on the kiosk");

    // What changes above is changed here at once, and the site's own fields stay.
    let above_id = matter["id"].as_str().expect("an id");
    published(&app, above_id, |content| {
        content["name"] = json!("换了名字的事项");
        content["consultation_phone"] = json!("12345");
    })
    .await;
    let found = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/matters?query=hlmz")).await.body;
    assert_eq!(found["items"][0]["id"], json!(id), "the list follows: {found}");
    let guide = app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.body;
    assert_eq!((&guide["version"], &guide["consultation_phone"]), (&json!(2), &json!("0476-8231111")));

    let opened = app.post(&clerk, "/api/v1/cases", case_of(&matter, &id)).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    let case = app.app.stores.cases.case(SITE, opened.body["id"].as_str().expect("an id")).await.expect("the store").expect("the case");
    let doc: Value = serde_json::from_str(&case.doc).expect("a case");
    assert_eq!((&doc["matter"]["site_decides"], &doc["matter"]["version"]), (&json!(false), &json!(2)), "the site only accepts");

    // The matter above taken out of force is so here too; the case goes on.
    let retired = app.post(&admin, &format!("/api/v1/matters/{above_id}/retire"), json!({ "reason": "改由市里办" })).await;
    assert_eq!((retired.status, &retired.body["claim_count"]), (StatusCode::OK, &json!(1)), "{}", retired.body);
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::NOT_FOUND);
    let refused = app.post(&clerk, "/api/v1/cases", case_of(&matter, &id)).await;
    assert_eq!(fields(&refused), ["matter_id unknown"]);
    let read = app.get(&clerk, &format!("/api/v1/cases/{}", opened.body["id"].as_str().expect("an id"))).await;
    assert_eq!(read.status, StatusCode::OK);
}

#[tokio::test]
async fn in_memory_a_claim_reads_the_matter_above_through() {
    a_claim_reads_the_matter_above_through_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_claim_reads_the_matter_above_through() {
    a_claim_reads_the_matter_above_through_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_claim_reads_the_matter_above_through() {
    let database = tests::postgres::database();
    a_claim_reads_the_matter_above_through_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_site_that_only_helps_takes_no_case() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let clerk = app.sign_in("clerk1").await;
    let matter = above(&app).await;
    let made = claimed(&app, &admin, claim(&matter, "assisted")).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let refused = app.post(&clerk, "/api/v1/cases", case_of(&matter, &id)).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::CONFLICT, &json!("assisted_only")), "{}", refused.body);
    app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    let kind = matter["applicant_kinds"][0].clone();
    let wanted = json!({ "matter_ids": [id], "applicant_kind": kind });
    let ticket = app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), wanted).await;
    assert_eq!(ticket.status, StatusCode::CREATED, "a number to be helped: {}", ticket.body);

    let mut renewed = claim(&matter, "authorised");
    renewed.as_object_mut().expect("fields").remove("matter_id");
    renewed["version"] = json!(9);
    let path = format!("/api/v1/claims/{id}");
    assert_eq!(put(&app, &admin, &path, renewed.clone()).await.body["code"], "claim_changed");
    renewed["version"] = made["version"].clone();
    let changed = put(&app, &admin, &path, renewed).await;
    assert_eq!((changed.status, &changed.body["decides"]), (StatusCode::OK, &json!(true)), "{}", changed.body);
    assert_eq!(app.post(&clerk, "/api/v1/cases", case_of(&matter, &id)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_claim_that_runs_out_is_told_before_and_leaves_kiosk_and_lists() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let clerk = app.sign_in("clerk1").await;
    let matter = above(&app).await;
    let made = claimed(&app, &admin, claim(&matter, "authorised")).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let told = async |kind: &str| {
        let alerts = app.get(&admin, "/api/v1/alerts").await.body;
        alerts["items"].as_array().expect("alerts").iter().filter(|alert| alert["kind"] == kind).count()
    };
    for _ in 0..2 {
        app.app.watch_catalogue().await.expect("the timer");
    }
    assert_eq!((told("claim_expiring").await, told("claim_expired").await), (1, 0));
    app.clock.advance(30 * DAY_MS);
    let admin = app.sign_in("admin").await;
    let clerk_later = app.sign_in("clerk1").await;
    drop(clerk);
    for _ in 0..2 {
        app.app.watch_catalogue().await.expect("the timer");
    }
    let alerts = app.get(&admin, "/api/v1/alerts").await.body;
    assert!(alerts["items"].as_array().expect("alerts").iter().any(|alert| alert["kind"] == "claim_expired" && alert["level"] == "red"));
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::NOT_FOUND);
    assert!(app.app.kiosk_matters(SITE).await.expect("matters").iter().all(|one| one.id != id));
    let name = matter["name"].as_str().expect("a name");
    let listed = app.get(&clerk_later, &format!("/api/v1/sites/{SITE}/matters?limit=200")).await.body;
    assert!(listed["items"].as_array().expect("items").iter().all(|one| one["id"] != json!(id)), "{name}");
    let ticket = app.post(&clerk_later, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "matter_ids": [id] })).await;
    assert_eq!(fields(&ticket), ["matter_ids[0] claim_expired"]);
    assert_eq!(fields(&app.post(&clerk_later, "/api/v1/cases", case_of(&matter, &id)).await), ["matter_id unknown"]);
    let claims = app.get(&admin, &format!("/api/v1/sites/{SITE}/claims")).await.body;
    assert_eq!((&claims["items"][0]["state"], &claims["items"][0]["days_left"]), (&json!("expired"), &json!(0)));

    let mut renewed = claim(&matter, "authorised");
    renewed.as_object_mut().expect("fields").remove("matter_id");
    (renewed["version"], renewed["expires_on"]) = (made["version"].clone(), json!("2027-12-31"));
    let answer = put(&app, &admin, &format!("/api/v1/claims/{id}"), renewed).await;
    assert_eq!((answer.status, &answer.body["state"]), (StatusCode::OK, &json!("active")), "{}", answer.body);
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::OK, "it is back under the same address");
    let alerts = app.get(&admin, "/api/v1/alerts").await.body;
    assert!(alerts["items"].as_array().expect("alerts").iter().all(|alert| alert["object_id"] != json!(id)), "settled with it");
}

#[tokio::test]
async fn what_cannot_be_claimed_is_told() {
    let app = TestApp::memory().await;
    let (admin, _) = keepers(&app).await;
    let matter = above(&app).await;
    let path = format!("/api/v1/sites/{SITE}/claims");
    let wrong =
        json!({ "matter_id": "m_dsm_dibao", "delegation": "owned", "document": " ", "expires_on": "2020-01-01", "line_id": "l_dc_x" });
    let expected = ["matter_id unknown", "delegation unknown", "document empty", "expires_on past", "line_id unknown"];
    assert_eq!(fields(&app.post(&admin, &path, wrong).await), expected, "only from above");
    let made = claimed(&app, &admin, claim(&matter, "authorised")).await;
    assert_eq!(fields(&app.post(&admin, &path, claim(&matter, "authorised")).await), ["matter_id already_claimed"]);
    let id = made["id"].as_str().expect("an id");
    let ended = app.post(&admin, &format!("/api/v1/claims/{id}/end"), json!({ "reason": "不再委托" })).await;
    assert_eq!((ended.status, &ended.body["state"]), (StatusCode::OK, &json!("ended")), "{}", ended.body);
    let again = app.post(&admin, &format!("/api/v1/claims/{id}/end"), json!({ "reason": "不再委托" })).await;
    assert_eq!(again.body["code"], "claim_ended");
    assert_eq!(app.get(&Actor::Nobody, &format!("/api/v1/matters/{id}")).await.status, StatusCode::NOT_FOUND);
    let back = claimed(&app, &admin, claim(&matter, "authorised")).await;
    assert_eq!(back["id"], json!(id), "the same address as before");
}
