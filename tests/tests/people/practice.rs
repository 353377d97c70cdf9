//! 练习模式: everything works as in the real hall, nothing of it counts or goes out, and it is gone by one command
//! without a break in any chain.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::chain::Verifier;
use server::worker::Anchor;
use tests::app::{Actor, TestApp};

use super::{SITE, coded, done, fields, post, read};

async fn session(app: &TestApp, actor: &Actor) -> Value {
    read(app, actor, "/sessions/current").await["staff"].clone()
}

async fn practising(app: &TestApp, name: &str) -> (Actor, String) {
    let actor = app.sign_in(name).await;
    let staff = done(app, &actor, "/sessions/current/practice", json!({ "on": true })).await["staff"].clone();
    assert_eq!(staff["practice"], true);
    (actor, staff["site_id"].as_str().expect("a site").to_owned())
}

async fn chain_is_sound(app: &TestApp) {
    let mut verifier = Verifier::new(app.app.vault.chain());
    for event in app.app.stores.events.events_after(SITE, 0, 100_000).await.expect("the log is read") {
        verifier.take(&event);
    }
    assert_eq!(verifier.flaws, []);
}

/// A matter of a site that ends so.
async fn case_of(app: &TestApp, site: &str, end: &str) -> Value {
    let rows = app.app.stores.catalogue.matters(site).await.expect("matters");
    let row = rows.iter().find(|row| row.id.ends_with(end)).expect("the matter is there too");
    let mut body = crate::rights::house::case_body(app, end).await;
    let text = body.to_string().replace("_dc_", &format!("_{}_", row.id.split('_').nth(1).expect("a key")));
    body = serde_json::from_str(&text).expect("a body");
    body["site_id"] = json!(site);
    body
}

async fn practice_is_like_the_hall_and_counts_for_nothing_on(app: TestApp) {
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
    let practise = async |actor: &Actor| post(&app, actor, "/sessions/current/practice", json!({ "on": true })).await;
    assert_eq!(coded(&practise(&clerk).await), (409, "no_practice"));
    let begun = done(&app, &supervisor, &format!("/sites/{SITE}/practice"), json!({})).await;
    let hall = begun["practice_id"].as_str().expect("an id").to_owned();
    assert!(hall.starts_with("practice-"), "{hall}");
    assert_eq!(coded(&post(&app, &supervisor, &format!("/sites/{SITE}/practice"), json!({})).await), (409, "practice_open"));

    // Nobody sees it by accident, and who practises sees nothing else.
    assert_eq!(app.get(&clerk, &format!("/api/v1/sites/{hall}/windows")).await.status, StatusCode::NOT_FOUND);
    let sites = read(&app, &Actor::Nobody, "/sites").await.to_string();
    assert!(!sites.contains("练习"), "on no list of sites");
    let (trainee, site) = practising(&app, "clerk1").await;
    assert_eq!(site, hall);
    assert_eq!(app.get(&trainee, &format!("/api/v1/sites/{SITE}/windows")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(session(&app, &clerk).await["practice"], false, "another browser of the same person works on");

    // The whole way: number, call, case, decision, certificate.
    let windows = read(&app, &trainee, &format!("/sites/{hall}/windows")).await;
    let window = windows["items"][0]["id"].as_str().expect("a window").to_owned();
    done(&app, &trainee, &format!("/windows/{window}/open"), json!({})).await;
    let line = windows["items"][0]["line_ids"][0].clone();
    let ticket = done(&app, &trainee, &format!("/sites/{hall}/tickets"), json!({ "line_id": line })).await;
    let called = done(&app, &trainee, &format!("/windows/{window}/call-next"), json!({})).await;
    assert_eq!(called["ticket"]["id"], ticket["id"]);
    let case = done(&app, &trainee, "/cases", case_of(&app, &hall, "demo-promised").await).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    assert!(case["number"].as_str().is_some_and(|number| number.starts_with("LX")), "{}", case["number"]);
    for action in ["submit", "accept"] {
        done(&app, &trainee, &format!("/cases/{id}/{action}"), json!({})).await;
    }
    let approver = app.sign_in("approver1").await;
    assert!(!read(&app, &approver, "/worklist").await.to_string().contains(&id), "not in the real work");
    let (approver, _) = practising(&app, "approver1").await;
    assert!(read(&app, &approver, "/worklist").await.to_string().contains(&id));
    done(&app, &approver, &format!("/cases/{id}/claim"), json!({})).await;
    done(&app, &approver, &format!("/cases/{id}/approve"), json!({ "opinion": "练一练" })).await;

    // What reaches beyond the hall is not practised.
    let (trainer, _) = practising(&app, "supervisor").await;
    let (wipe, own) = (format!("/sites/{hall}/practice/wipe"), format!("/sites/{hall}/people-rules"));
    assert_eq!(coded(&post(&app, &trainer, &wipe, json!({})).await), (403, "not_in_practice"));
    assert_eq!(coded(&app.send(&trainer, Method::PUT, &format!("/api/v1{own}"), None, Some(json!({}))).await), (403, "not_in_practice"));

    // The slip bears the mark, and comes out of the real hall's printer after the real ones.
    let rows = app.app.stores.outbox.outbox_of(&hall, "print", 10).await.expect("slips");
    let slip: Value = serde_json::from_str(&rows[0].payload).expect("a slip");
    assert_eq!(slip["practice"], true);

    // No figure, no list, no anchor knows of it.
    let figures = read(&app, &supervisor, &format!("/sites/{SITE}/figures?from=2026-11-24&to=2026-11-24")).await;
    assert_eq!((&figures["tickets_issued"], &figures["cases_received"]), (&json!(0), &json!(0)));
    let district = read(&app, &app.sign_in("district").await, "/sites/demo-district/subtree-figures?from=2026-11-24&to=2026-11-24").await;
    assert!(!district.to_string().contains("practice-"));
    let anchor = Anchor::now(&app.app.stores, app.app.clock.as_ref()).await.expect("an anchor");
    assert!(anchor.sites.iter().all(|site| !site.site.starts_with("practice-")));
    let told = read(&app, &supervisor, &format!("/sites/{SITE}/practice")).await;
    assert_eq!((&told["tickets"], &told["cases"]), (&json!(1), &json!(1)));

    wiped(&app, &hall, &trainee).await;
}

async fn wiped(app: &TestApp, hall: &str, trainee: &Actor) {
    let supervisor = app.sign_in("supervisor").await;
    let path = format!("/sites/{SITE}/practice/wipe");
    let wiped = done(app, &supervisor, &path, json!({})).await;
    assert!(wiped["rows"].as_u64().is_some_and(|rows| rows > 20), "{wiped}");
    assert_eq!(coded(&post(app, &supervisor, &path, json!({})).await), (409, "no_practice"));
    assert_eq!(app.app.stores.events.events_after(hall, 0, 10).await.expect("the log"), [], "its log is gone with it");
    assert_eq!(app.app.stores.catalogue.matters(hall).await.expect("matters"), []);
    assert!(app.app.stores.events.logged_sites().await.expect("sites").iter().all(|site| site != hall));
    chain_is_sound(app).await;
    let log = read(app, &app.sign_in("auditor").await, &format!("/events?site={SITE}&aggregate=site")).await;
    let kinds: Vec<&str> = log["items"].as_array().into_iter().flatten().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds[..2], ["practice_wiped", "practice_begun"], "that it was, stands in the real log");
    let over = app.get(trainee, "/api/v1/sessions/current").await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED, "nobody slides from there into the real hall");

    // Another one is another: nothing remembers the first.
    let again = done(app, &supervisor, &format!("/sites/{SITE}/practice"), json!({})).await;
    assert_ne!(again["practice_id"], json!(hall));
    let (clerk, site) = practising(app, "clerk1").await;
    assert_eq!(read(app, &clerk, &format!("/sites/{site}/tickets")).await["items"], json!([]));
    let back = done(app, &clerk, "/sessions/current/practice", json!({ "on": false })).await;
    assert_eq!((&back["staff"]["site_id"], &back["staff"]["practice"]), (&json!(SITE), &json!(false)));
    assert_eq!(app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn practice_is_like_the_hall_and_counts_for_nothing() {
    practice_is_like_the_hall_and_counts_for_nothing_on(TestApp::memory().await).await;
    practice_is_like_the_hall_and_counts_for_nothing_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    practice_is_like_the_hall_and_counts_for_nothing_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn only_a_practice_hall_can_be_forgotten() {
    let app = TestApp::memory().await;
    assert_eq!(app.app.stores.sites.forget_practice(SITE).await.expect("the store"), 0);
    assert!(!app.app.stores.catalogue.matters(SITE).await.expect("matters").is_empty());
    let supervisor = app.sign_in("supervisor").await;
    let wrong = app.send(&supervisor, Method::POST, "/api/v1/sessions/current/practice", None, Some(json!({ "on": "yes" }))).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&post(&app, &supervisor, &format!("/sites/{SITE}/practice"), json!({ "now": 1 })).await), ["now"]);
}
