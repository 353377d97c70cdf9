//! Attendance is made from window sessions, and the roster shows who is planned, who covers and who really sat.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

use super::{DAY_MS, HOUR_MS, SITE, coded, done, fields, post, put, read};

const MINUTE_MS: i64 = 60_000;

async fn attendance_is_made_from_window_sessions_on(app: TestApp) {
    let clerk = app.sign_in("clerk1").await;
    done(&app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    app.clock.advance(25 * MINUTE_MS);
    done(&app, &clerk, "/windows/w_dc_1/pause", json!({ "text": "10:35 回来" })).await;
    app.clock.advance(10 * MINUTE_MS);
    done(&app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    app.clock.advance(25 * MINUTE_MS);
    // Somebody takes over: one sitting ends and another begins.
    let other = app.sign_in("clerk2").await;
    done(&app, &other, "/windows/w_dc_1/take-over", json!({ "reason": "换班" })).await;
    app.clock.advance(20 * MINUTE_MS);

    let supervisor = app.sign_in("supervisor").await;
    let month = read(&app, &supervisor, &format!("/sites/{SITE}/attendance?month=2026-11")).await;
    let of = |id: &str| month["people"].as_array().into_iter().flatten().find(|one| one["staff_id"] == id).cloned().unwrap_or_default();
    let first = of("s_dc_clerk1");
    assert_eq!((&first["days"], &first["open_s"], &first["paused_s"]), (&json!(1), &json!(50 * 60), &json!(10 * 60)));
    let day = &first["items"][0];
    assert_eq!((&day["date"], &day["still"], &day["windows"]), (&json!("2026-11-24"), &json!(false), &json!([1])));
    assert_eq!(
        (&day["first_open"], &day["last_close"]),
        (&json!("2026-11-24T10:00:00.000+08:00"), &json!("2026-11-24T11:00:00.000+08:00"))
    );
    let second = of("s_dc_clerk2");
    assert_eq!((&second["open_s"], &second["items"][0]["still"]), (&json!(20 * 60), &json!(true)), "who sits still counts up to now");
    assert!(month["definitions"].as_array().is_some_and(|all| all.len() >= 4));
    done(&app, &other, "/windows/w_dc_1/close", json!({})).await;
    let after = read(&app, &supervisor, &format!("/sites/{SITE}/attendance?month=2026-11")).await;
    assert_eq!(after["people"][1]["items"][0]["still"], false);
    assert_eq!(read(&app, &supervisor, &format!("/sites/{SITE}/attendance?month=2026-10")).await["people"], json!([]));

    // Every sitting stands in the log: what the rows say can be made again from there.
    let events = app.app.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
    let opened = events.iter().filter(|event| event.kind.starts_with("window_")).count();
    let rows = app.app.stores.people.sittings_between(SITE, 0, i64::MAX).await.expect("sittings");
    assert_eq!((opened, rows.len()), (5, 4), "four changes ended a sitting, the first found nobody");

    let file = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/attendance.csv?month=2026-11")).await;
    let text = String::from_utf8(file.bytes).expect("UTF-8");
    assert!(text.contains("2026-11-24,10:00,11:00,50,10,1"), "{text}");
    let book = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/attendance.xlsx?month=2026-11")).await;
    assert_eq!((book.status, &book.bytes[..2]), (StatusCode::OK, &b"PK"[..]));
    let wrong = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/attendance?month=2026-13")).await;
    assert_eq!(fields(&wrong), ["month"]);
}

#[tokio::test]
async fn attendance_is_made_from_window_sessions() {
    attendance_is_made_from_window_sessions_on(TestApp::memory().await).await;
    attendance_is_made_from_window_sessions_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    attendance_is_made_from_window_sessions_on(TestApp::postgres(&database.url).await).await;
}

fn seat(window: u32, clerk: u32) -> Value {
    json!({ "window_id": format!("w_dc_{window}"), "staff_id": format!("s_dc_clerk{clerk}") })
}

async fn the_roster_shows_plan_cover_and_truth_on(app: TestApp) {
    let supervisor = app.sign_in("supervisor").await;
    let today = format!("/sites/{SITE}/roster/2026-11-24");
    let planned = put(&app, &supervisor, &today, json!({ "version": 0, "seats": [seat(1, 1), seat(2, 2)] })).await;
    assert_eq!((planned.status, &planned.body["version"]), (StatusCode::OK, &json!(1)), "{}", planned.body);
    let stale = put(&app, &supervisor, &today, json!({ "version": 0, "seats": [] })).await;
    assert_eq!(coded(&stale), (409, "roster_changed"));
    let twice = put(&app, &supervisor, &today, json!({ "seats": [seat(1, 1), seat(1, 2), seat(2, 1), seat(99, 3)] })).await;
    assert_eq!(fields(&twice), ["seats[3].window_id"]);
    let twice = put(&app, &supervisor, &today, json!({ "seats": [seat(1, 1), seat(1, 2), seat(2, 1)] })).await;
    assert_eq!(fields(&twice), ["seats[1].window_id", "seats[2].staff_id"]);
    let past = put(&app, &supervisor, &format!("/sites/{SITE}/roster/2026-11-23"), json!({ "seats": [] })).await;
    assert_eq!(coded(&past), (409, "roster_past"));
    assert_eq!(
        put(&app, &supervisor, &format!("/sites/{SITE}/roster/tomorrow"), json!({ "seats": [] })).await.status,
        StatusCode::NOT_FOUND
    );

    let leave = json!({ "staff_id": "s_dc_clerk2", "kind": "leave", "from": "2026-11-24", "to": "2026-11-25", "cover_id": "s_dc_clerk3" });
    let leave = done(&app, &supervisor, &format!("/sites/{SITE}/leaves"), leave).await;
    let overlap = json!({ "staff_id": "s_dc_clerk2", "kind": "duty", "from": "2026-11-25", "to": "2026-11-30" });
    assert_eq!(coded(&post(&app, &supervisor, &format!("/sites/{SITE}/leaves"), overlap).await), (409, "leave_overlaps"));
    let away_too =
        json!({ "staff_id": "s_dc_clerk4", "kind": "leave", "from": "2026-11-25", "to": "2026-11-25", "cover_id": "s_dc_clerk2" });
    assert_eq!(coded(&post(&app, &supervisor, &format!("/sites/{SITE}/leaves"), away_too).await), (409, "cover_away"));
    let wrong = json!({ "staff_id": "s_dc_clerk4", "kind": "ill", "from": "2026-11-25", "to": "2026-11-24", "cover_id": "s_dc_clerk4" });
    assert_eq!(fields(&post(&app, &supervisor, &format!("/sites/{SITE}/leaves"), wrong).await), ["cover_id", "kind", "to"]);

    // As planned, as a cover, and elsewhere: nobody is held up, and it is shown.
    for (clerk, window) in [("clerk1", 1), ("clerk3", 2), ("clerk4", 3)] {
        done(&app, &app.sign_in(clerk).await, &format!("/windows/w_dc_{window}/open"), json!({})).await;
    }
    let days = read(&app, &supervisor, &format!("/sites/{SITE}/roster?from=2026-11-24&to=2026-11-24")).await;
    let day = &days["items"][0];
    assert_eq!((&day["seats"][1]["away"]["cover_id"], &day["seats"][0]["away"]), (&json!("s_dc_clerk3"), &Value::Null));
    let sat: Vec<(&Value, &Value)> =
        day["sat"].as_array().expect("who sat").iter().map(|one| (&one["staff_id"], &one["as_planned"])).collect();
    assert_eq!(sat, [(&json!("s_dc_clerk1"), &json!(true)), (&json!("s_dc_clerk3"), &json!(true)), (&json!("s_dc_clerk4"), &json!(false))]);
    assert!(day["sat"][0]["to"].is_null(), "it goes on");

    // Everybody sees the own seats, the cover those that are covered.
    let own = async |name: &str| read(&app, &app.sign_in(name).await, "/my-work").await;
    let cover = own("clerk3").await;
    assert_eq!((&cover["seats"][0]["window_number"], cover["seats"][0]["covers_for"].is_string()), (&json!(2), true), "{}", cover["seats"]);
    assert_eq!(own("clerk2").await["seats"], json!([]), "away");
    assert_eq!(own("clerk1").await["seats"][0]["covers_for"], Value::Null);
    assert_eq!(cover["leaves"][0]["id"], leave["id"], "whom one covers is of one's own work");

    let cancel = format!("/leaves/{}/cancel", leave["id"].as_str().expect("an id"));
    done(&app, &supervisor, &cancel, json!({})).await;
    assert_eq!(coded(&post(&app, &supervisor, &cancel, json!({})).await), (409, "leave_state"));
    assert_eq!(own("clerk2").await["seats"][0]["window_number"], 2);
    let log = read(&app, &app.sign_in("auditor").await, &format!("/events?site={SITE}&aggregate=people")).await;
    assert_eq!(log["items"][0]["type"], "leave_cancelled");
}

/// The hall knows the roster: numbers before the windows open, and who covers may take over.
async fn the_hall_goes_by_the_roster_on(app: TestApp) {
    let (supervisor, admin, guide) = (app.sign_in("supervisor").await, app.sign_in("admin").await, app.sign_in("guide1").await);
    let policy_path = format!("/sites/{SITE}/policy");
    let mut policy = read(&app, &admin, &policy_path).await;
    let day = json!([{ "from_minute": 510, "to_minute": 1050 }]);
    policy["hours"] = json!({ "kind": "weekly", "week": vec![day; 7], "special_days": [] });
    policy["policy"]["serving"]["covers"] = json!([{ "principal": "s_dc_clerk1", "covers": ["s_dc_clerk2"] }]);
    assert_eq!(put(&app, &admin, &policy_path, policy).await.status, StatusCode::OK);
    let take = async || post(&app, &guide, &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    assert_eq!(coded(&take().await), (409, "no_window"));
    let roster = |date: &str| format!("/sites/{SITE}/roster/{date}");
    assert_eq!(put(&app, &supervisor, &roster("2026-11-24"), json!({ "seats": [seat(1, 1)] })).await.status, StatusCode::OK);
    assert_eq!(take().await.status, StatusCode::CREATED, "somebody will sit there");
    assert_eq!(put(&app, &supervisor, &roster("2026-11-25"), json!({ "seats": [seat(2, 2)] })).await.status, StatusCode::OK);

    // Away with nobody in the place: the window stays empty. With somebody: it is served, and that one may take over.
    let leaves = format!("/sites/{SITE}/leaves");
    let leave = json!({ "staff_id": "s_dc_clerk1", "kind": "duty", "from": "2026-11-24", "to": "2026-11-24" });
    let away = done(&app, &supervisor, &leaves, leave.clone()).await;
    assert_eq!(coded(&take().await), (409, "no_window"));
    done(&app, &supervisor, &format!("/leaves/{}/cancel", away["id"].as_str().expect("an id")), json!({})).await;
    done(&app, &app.sign_in("clerk1").await, "/windows/w_dc_1/open", json!({})).await;
    let cover = app.sign_in("clerk3").await;
    let over = json!({ "reason": "AB角" });
    assert_eq!(coded(&post(&app, &cover, "/windows/w_dc_1/take-over", over.clone()).await), (409, "not_a_cover"));
    let mut covered = leave;
    covered["cover_id"] = json!("s_dc_clerk3");
    done(&app, &supervisor, &leaves, covered).await;
    done(&app, &cover, "/windows/w_dc_1/take-over", over).await;

    // The next morning the timer begins the day.
    app.clock.advance(DAY_MS - HOUR_MS - HOUR_MS / 4);
    let guide = app.sign_in("guide1").await;
    let take = async || post(&app, &guide, &format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    assert_eq!(coded(&take().await), (409, "no_window"));
    app.app.tell_day_plans().await.expect("the timer");
    assert_eq!(take().await.status, StatusCode::CREATED, "at a quarter to nine, before anybody sits");
    let planned = async || {
        let events = app.app.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
        events.iter().filter(|event| event.kind == "day_planned").count()
    };
    let told = planned().await;
    app.app.tell_day_plans().await.expect("the timer");
    assert_eq!(planned().await, told, "told once");
}

#[tokio::test]
async fn the_hall_goes_by_the_roster() {
    the_hall_goes_by_the_roster_on(TestApp::memory().await).await;
    the_hall_goes_by_the_roster_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    the_hall_goes_by_the_roster_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn the_roster_shows_plan_cover_and_truth() {
    the_roster_shows_plan_cover_and_truth_on(TestApp::memory().await).await;
    the_roster_shows_plan_cover_and_truth_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    the_roster_shows_plan_cover_and_truth_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_night_at_a_window_counts_on_both_days() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    app.clock.advance(13 * HOUR_MS);
    let clerk =
        if app.get(&clerk, "/api/v1/sessions/current").await.status == StatusCode::OK { clerk } else { app.sign_in("clerk1").await };
    done(&app, &clerk, "/windows/w_dc_1/open", json!({})).await;
    app.clock.advance(2 * HOUR_MS);
    done(&app, &app.sign_in("clerk1").await, "/windows/w_dc_1/close", json!({})).await;
    app.clock.advance(DAY_MS);
    let month = read(&app, &app.sign_in("supervisor").await, &format!("/sites/{SITE}/attendance?month=2026-11")).await;
    let days: Vec<(&Value, &Value)> =
        month["people"][0]["items"].as_array().expect("days").iter().map(|day| (&day["date"], &day["open_s"])).collect();
    assert_eq!(days, [(&json!("2026-11-24"), &json!(3600)), (&json!("2026-11-25"), &json!(3600))]);
}
