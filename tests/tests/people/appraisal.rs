//! The appraisal sheet: made from figures, weighed by the site, explained, and never a way to who rated.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

use super::{DAY_MS, HOUR_MS, SITE, coded, done, fields, put, read};

const MINUTE_MS: i64 = 60_000;

/// Visits of one window, each served for some minutes; their codes.
async fn serve(app: &TestApp, clerk: &Actor, count: usize, minutes: i64) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..count {
        let ticket = done(app, clerk, &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
        let called = done(app, clerk, "/windows/w_dc_1/call-next", json!({})).await;
        let id = called["ticket"]["id"].as_str().expect("a ticket").to_owned();
        done(app, clerk, &format!("/tickets/{id}/start"), json!({})).await;
        app.clock.advance(minutes * MINUTE_MS);
        done(app, clerk, &format!("/tickets/{id}/finish"), json!({ "outcome": "consulted" })).await;
        codes.push(ticket["tracking_code"].as_str().expect("a code").to_owned());
    }
    codes
}

async fn rate(app: &TestApp, codes: &[String], level: &str) {
    for code in codes {
        let body = json!({ "tracking_code": code, "subject": "visit", "level": level, "reason_codes": [], "channel": "web" });
        done(app, &Actor::Nobody, "/evaluations", body).await;
    }
}

async fn sheet(app: &TestApp, month: &str) -> Value {
    let all = read(app, &app.sign_in("supervisor").await, &format!("/sites/{SITE}/appraisals?month={month}")).await;
    all["items"].as_array().expect("sheets").iter().find(|one| one["staff_id"] == "s_dc_clerk1").expect("clerk1").clone()
}

fn points(sheet: &Value, item: &str) -> Value {
    sheet["scores"].as_array().into_iter().flatten().find(|score| score["item"] == item).expect("the item")["points"].clone()
}

#[tokio::test]
async fn a_sheet_is_reckoned_from_figures_and_explained() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    let seats = json!({ "seats": [{ "window_id": "w_dc_1", "staff_id": "s_dc_clerk1" }] });
    for date in ["2026-11-24", "2026-11-25"] {
        assert_eq!(put(&app, &supervisor, &format!("/sites/{SITE}/roster/{date}"), seats.clone()).await.status, StatusCode::OK);
    }
    let clerk = app.sign_in("clerk1").await;
    done(&app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    let codes = serve(&app, &clerk, 10, 5).await;
    done(&app, &clerk, "/windows/w_dc_1/close", json!({})).await;
    rate(&app, &codes[..9], "satisfied").await;

    let now = sheet(&app, "2026-11").await;
    assert_eq!(points(&now, "visits"), json!(50.0), "ten visits on one day, twenty give full points");
    assert_eq!(points(&now, "serving"), json!(100.0), "everybody's mean is the own one");
    assert_eq!((points(&now, "ratings"), &now["is_over"]), (Value::Null, &json!(false)), "never while the month goes on");
    assert_eq!(points(&now, "attendance"), json!(100.0), "the day after tomorrow is not owed yet");
    assert_eq!(points(&now, "on_time"), Value::Null);
    // 25×50 + 15×100 + 15×100 over the 55 that count.
    assert_eq!((&now["counted_weight"], &now["total"]), (&json!(55), &json!(77.3)));
    assert!(now["how"].as_str().is_some_and(|how| how.contains("77.3") && how.contains("55%")), "{}", now["how"]);

    app.clock.advance(10 * DAY_MS);
    let few = sheet(&app, "2026-11").await;
    assert_eq!((points(&few, "ratings"), &few["is_over"]), (Value::Null, &json!(true)), "nine are too few");
    let how = few["scores"][2]["how"].as_str().expect("words");
    assert!(how.contains("数量太少") && !how.contains('9'), "not even how many there are: {how}");
    assert_eq!(points(&few, "attendance"), json!(50.0), "the second planned day nobody came");
    rate(&app, &codes[9..], "very_dissatisfied").await;
    // Given in December, so it belongs to December's sum.
    assert_eq!(points(&sheet(&app, "2026-11").await, "ratings"), Value::Null);
}

#[tokio::test]
async fn enough_ratings_of_a_month_that_is_over_count() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    done(&app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    let codes = serve(&app, &clerk, 10, 2).await;
    rate(&app, &codes[..8], "satisfied").await;
    rate(&app, &codes[8..], "dissatisfied").await;
    app.clock.advance(8 * DAY_MS);
    let of = sheet(&app, "2026-11").await;
    let counted = points(&of, "ratings").as_f64().expect("points");
    assert!((80.0..=100.0).contains(&counted), "negative ones count only while they count against the person: {counted}");

    let mine = read(&app, &app.sign_in("clerk1").await, "/my-work?month=2026-11").await;
    assert_eq!(mine["appraisal"], of, "the person sees the same sheet");
    let others = app.get(&app.sign_in("clerk2").await, &format!("/api/v1/sites/{SITE}/appraisals?month=2026-11")).await;
    assert_eq!(others.status, StatusCode::FORBIDDEN, "and nobody else's");
    assert_eq!(read(&app, &app.sign_in("it").await, "/my-work").await["appraisal"], Value::Null, "no work of the hall");
}

#[tokio::test]
async fn a_site_sets_its_weights_and_never_below_five_ratings() {
    let app = TestApp::memory().await;
    let (supervisor, path) = (app.sign_in("supervisor").await, format!("/sites/{SITE}/people-rules"));
    let mut rules = read(&app, &supervisor, &path).await;
    assert_eq!(rules["version"], 0);
    rules["weights"]["visits"] = json!(26);
    rules["ratings_min"] = json!(4);
    assert_eq!(fields(&put(&app, &supervisor, &path, rules.clone()).await), ["weights", "ratings_min"]);
    rules["weights"]["serving"] = json!(14);
    rules["ratings_min"] = json!(5);
    let set = put(&app, &supervisor, &path, rules.clone()).await;
    assert_eq!((set.status, &set.body["version"]), (StatusCode::OK, &json!(1)), "{}", set.body);
    assert_eq!(coded(&put(&app, &supervisor, &path, rules).await), (409, "rules_changed"), "decided on an old version");
    app.clock.advance(HOUR_MS);
    let weight = &sheet(&app, "2026-11").await["scores"][0]["weight"];
    assert_eq!(*weight, json!(26));
}
