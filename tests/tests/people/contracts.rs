//! A vendor's contract ends access by itself, at the next use and by the timer; its end is told before.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::worker::Timers;
use tests::app::{Actor, TestApp};

use super::{DAY_MS, SITE, coded, fields, put, read};

const PERSON: &str = "s_dc_clerk3";

fn outsourced(from: &str, to: &str) -> Value {
    json!({ "source": "outsourced", "contract": { "vendor": "北方人力", "from": from, "to": to } })
}

async fn alerts(app: &TestApp, actor: &Actor) -> Vec<(String, String)> {
    let items = read(app, actor, "/alerts").await["items"].as_array().expect("alerts").clone();
    let told = |alert: &Value| Some((alert["kind"].as_str()?.to_owned(), alert["staff_id"].as_str()?.to_owned()));
    items.iter().filter_map(told).collect()
}

async fn a_contract_ends_by_itself_on(app: TestApp) {
    let timers = Timers::new(app.app.clone(), None);
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk3").await);
    let changed = put(&app, &supervisor, &format!("/staff/{PERSON}/engagement"), outsourced("2026-11-01", "2026-12-31")).await;
    assert_eq!((changed.status, &changed.body["source"]), (StatusCode::OK, &json!("outsourced")), "{}", changed.body);
    assert_eq!(changed.body["contract_until"], "2026-12-31");
    timers.run_due().await;
    assert_eq!(alerts(&app, &supervisor).await, [], "37 days are more than 30");

    app.clock.advance(7 * DAY_MS);
    timers.run_due().await;
    timers.run_due().await;
    let supervisor = app.sign_in("supervisor").await;
    assert_eq!(alerts(&app, &supervisor).await, [("contract_ending".to_owned(), PERSON.to_owned())], "once");
    let ending = read(&app, &supervisor, &format!("/sites/{SITE}/people?ends_within=30")).await;
    assert_eq!((&ending["items"][0]["id"], &ending["items"][0]["days_left"]), (&json!(PERSON), &json!(30)));
    assert_eq!(ending["items"].as_array().map(Vec::len), Some(1));

    // A renewed contract needs no alert any more.
    put(&app, &supervisor, &format!("/staff/{PERSON}/engagement"), outsourced("2026-11-01", "2027-01-31")).await;
    assert_eq!(alerts(&app, &supervisor).await, []);
    put(&app, &supervisor, &format!("/staff/{PERSON}/engagement"), outsourced("2026-11-01", "2026-12-02")).await;

    app.clock.advance(DAY_MS);
    let (clerk_last, still) = (app.sign_in("clerk3").await, "/api/v1/sessions/current");
    assert_eq!(app.get(&clerk_last, still).await.status, StatusCode::OK, "the last day is a day of access");
    assert_eq!(app.get(&clerk, still).await.status, StatusCode::UNAUTHORIZED, "an old session is over anyhow");
    app.clock.advance(DAY_MS);
    let hash = server::vault::sha256(token(&clerk_last).as_bytes());
    assert!(app.app.stores.staff.session(&hash).await.expect("the store").is_some());
    timers.run_due().await;
    assert!(app.app.stores.staff.session(&hash).await.expect("the store").is_none(), "the timer ends the session that nobody used");
    assert_eq!(app.get(&clerk_last, still).await.status, StatusCode::UNAUTHORIZED);
    let enter =
        async |password: &str| app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "clerk3", "password": password })).await;
    assert_eq!(coded(&enter("demo-clerk3").await), (401, "access_ended"), "who knows the password hears why");
    assert_eq!(coded(&enter("wrong").await), (401, "wrong_password"), "nobody else does");

    let supervisor = app.sign_in("supervisor").await;
    assert_eq!(alerts(&app, &supervisor).await, [("contract_ended".to_owned(), PERSON.to_owned())]);
    let ended = read(&app, &supervisor, &format!("/sites/{SITE}/people?state=ended&source=outsourced")).await;
    assert_eq!((&ended["items"][0]["id"], &ended["items"][0]["days_left"]), (&json!(PERSON), &json!(-1)));
    let log = read(&app, &app.sign_in("auditor").await, &format!("/events?site={SITE}&aggregate=staff&aggregate_id={PERSON}")).await;
    let newest = &log["items"][0];
    assert_eq!((&newest["type"], &newest["actor"]), (&json!("staff_contract_ended"), &json!("system")));
}

fn token(actor: &Actor) -> String {
    let Actor::Staff(cookie) = actor else { panic!("a member of staff") };
    cookie.split_once('=').expect("a cookie").1.to_owned()
}

#[tokio::test]
async fn a_contract_ends_by_itself() {
    a_contract_ends_by_itself_on(TestApp::memory().await).await;
    a_contract_ends_by_itself_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    a_contract_ends_by_itself_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_session_ends_at_its_next_use_without_the_timer() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    put(&app, &supervisor, &format!("/staff/{PERSON}/engagement"), outsourced("2026-11-01", "2026-11-24")).await;
    app.clock.advance(13 * super::HOUR_MS + 50 * 60_000);
    let clerk = app.sign_in("clerk3").await;
    let windows = format!("/api/v1/sites/{SITE}/windows");
    assert_eq!(app.get(&clerk, &windows).await.status, StatusCode::OK, "ten minutes before midnight");
    app.clock.advance(11 * 60_000);
    assert_eq!(app.get(&clerk, &windows).await.status, StatusCode::UNAUTHORIZED, "a minute after it");
}

#[tokio::test]
async fn each_source_has_what_belongs_to_it() {
    let app = TestApp::memory().await;
    let (supervisor, admin) = (app.sign_in("supervisor").await, app.sign_in("admin").await);
    let path = format!("/staff/{PERSON}/engagement");
    let wrong = put(&app, &supervisor, &path, json!({ "source": "seconded", "seconded_from_id": "d_dd_none" })).await;
    assert_eq!(fields(&wrong), ["seconded_from_id"]);
    let wrong = put(&app, &supervisor, &path, json!({ "source": "moon" })).await;
    assert_eq!(fields(&wrong), ["source"]);
    let mut backwards = outsourced("2026-12-01", "2026-11-01");
    backwards["contract"]["vendor"] = json!(" ");
    assert_eq!(fields(&put(&app, &supervisor, &path, backwards).await), ["contract.vendor", "contract.to"]);
    assert_eq!(fields(&put(&app, &supervisor, &path, json!({ "source": "centre", "grade": 3 })).await), ["grade"]);
    let department = read(&app, &admin, &format!("/sites/{SITE}/departments")).await["items"][0]["id"].clone();
    let sent = put(&app, &supervisor, &path, json!({ "source": "seconded", "seconded_from_id": department })).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    let sheet = read(&app, &supervisor, &format!("/staff/{PERSON}")).await;
    assert_eq!((&sheet["source"], &sheet["seconded_from_id"]), (&json!("seconded"), &department));
    assert!(sheet["seconded_from_name"].as_str().is_some_and(|name| !name.is_empty()));

    // What an administrator changes of the account leaves it as it is.
    let account = json!({ "name": "换了名字", "roles": ["clerk"] });
    assert_eq!(put(&app, &admin, &format!("/staff/{PERSON}"), account).await.body["source"], "seconded");
}

#[tokio::test]
async fn a_supervisor_stays_below_who_is_above_the_hall() {
    let app = TestApp::memory().await;
    let (supervisor, admin) = (app.sign_in("supervisor").await, app.sign_in("admin").await);
    let own = put(&app, &supervisor, "/staff/s_dc_supervisor/engagement", json!({ "source": "village" })).await;
    assert_eq!(coded(&own), (403, "forbidden"));
    let reset = async |actor: &Actor, of: &str| super::post(&app, actor, &format!("/staff/{of}/reset-password"), json!({})).await;
    assert_eq!(coded(&reset(&supervisor, "s_dc_approver1").await), (403, "forbidden"), "or the supervisor could decide cases");
    assert_eq!(coded(&reset(&supervisor, "s_dc_it").await), (403, "forbidden"));
    let clerk = reset(&supervisor, "s_dc_clerk1").await;
    let password = clerk.body["one_time_password"].as_str().expect("a password").to_owned();
    let signed = app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": "clerk1", "password": password })).await;
    assert_eq!(signed.body["staff"]["must_change_password"], true);
    assert_eq!(reset(&admin, "s_dc_approver1").await.status, StatusCode::OK);
}
