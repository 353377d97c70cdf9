//! What those who run the house do over HTTP: lines and windows one by one, a day played again before the rules
//! are changed, catalogue files, the state of the house, a printer tried.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};
use tests::catalogue_file::utf8;

const SITE: &str = "demo-center";
/// A site without devices, staff or bookings of the demo's own.
const QUIET: &str = "demo-partner";

async fn send(app: &TestApp, actor: &Actor, method: Method, path: &str, body: Option<Value>) -> Answer {
    app.send(actor, method, &format!("/api/v1{path}"), None, body).await
}

fn fields(answer: &Answer) -> Vec<&str> {
    answer.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect()
}

#[tokio::test]
async fn lines_and_windows_are_put_up_changed_and_taken_down_one_by_one() {
    let app = TestApp::memory().await;
    let (admin, clerk) = (app.sign_in("admin").await, app.sign_in("clerk1").await);
    let before = send(&app, &admin, Method::GET, &format!("/sites/{SITE}/policy"), None).await.body;
    let line = format!("/sites/{SITE}/lines/l_dc_social");
    let wanted = json!({ "name": " 社保医保 ", "prefix": "M", "daily_contingent": 80 });
    let made = send(&app, &admin, Method::PUT, &line, Some(wanted)).await;
    let told = json!({ "id": "l_dc_social", "name": "社保医保", "prefix": "M", "daily_contingent": 80 });
    assert_eq!((made.status, &made.body), (StatusCode::OK, &told));
    let window = format!("/sites/{SITE}/windows/w_dc_77");
    let wanted =
        json!({ "number": 77, "purpose": "general", "line_ids": ["l_dc_social", "l_dc_demo-line"], "preferred_line_ids": ["l_dc_social"] });
    assert_eq!(send(&app, &admin, Method::PUT, &window, Some(wanted)).await.status, StatusCode::OK);
    let lines = app.get(&clerk, &format!("/api/v1/sites/{SITE}/lines")).await.body;
    assert!(lines["items"].as_array().expect("lines").iter().any(|line| line["name"] == "社保医保"), "{lines}");

    let taken = json!({ "name": "又一条", "prefix": "M" });
    let twice = send(&app, &admin, Method::PUT, &format!("/sites/{SITE}/lines/l_dc_other"), Some(taken)).await;
    assert_eq!((twice.status, fields(&twice)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["prefix"]), "{}", twice.body);
    let odd = json!({ "number": 77, "purpose": "general", "line_ids": ["l_dc_nowhere"] });
    let odd = send(&app, &admin, Method::PUT, &format!("/sites/{SITE}/windows/w_dc_78"), Some(odd)).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", odd.body);
    assert!(!fields(&odd).is_empty() && fields(&odd).iter().all(|field| !field.starts_with("windows[")), "{:?}", fields(&odd));
    for elsewhere in ["lines/l_sumu_a", "lines/w_dc_1", "windows/w_sumu_1"] {
        let body = if elsewhere.starts_with('l') {
            json!({ "name": "队", "prefix": "Q" })
        } else {
            json!({ "number": 9, "purpose": "general", "line_ids": [] })
        };
        let answer = send(&app, &admin, Method::PUT, &format!("/sites/{SITE}/{elsewhere}"), Some(body)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{elsewhere}: {}", answer.body);
    }

    // What is in use stays.
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_77/open", json!({})).await.status, StatusCode::OK);
    app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_social" })).await;
    let seated = send(&app, &admin, Method::POST, &format!("{window}/remove"), None).await;
    assert_eq!((seated.status, &seated.body["code"]), (StatusCode::CONFLICT, &json!("window_in_use")));
    let waited_for = send(&app, &admin, Method::POST, &format!("{line}/remove"), None).await;
    assert_eq!((waited_for.status, &waited_for.body["code"]), (StatusCode::CONFLICT, &json!("line_in_use")));
    let called =
        app.post(&clerk, "/api/v1/windows/w_dc_77/call-next", json!({})).await.body["ticket"]["id"].as_str().expect("a ticket").to_owned();
    app.post(&clerk, &format!("/api/v1/tickets/{called}/start"), json!({})).await;
    app.post(&clerk, &format!("/api/v1/tickets/{called}/finish"), json!({ "outcome": "accepted" })).await;
    app.post(&clerk, "/api/v1/windows/w_dc_77/close", json!({})).await;
    assert_eq!(send(&app, &admin, Method::POST, &format!("{window}/remove"), None).await.status, StatusCode::OK);
    assert_eq!(send(&app, &admin, Method::POST, &format!("{line}/remove"), None).await.status, StatusCode::OK);
    assert_eq!(send(&app, &admin, Method::POST, &format!("{line}/remove"), None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&app, &admin, Method::GET, &format!("/sites/{SITE}/policy"), None).await.body, before, "and all else as it was");
}

#[tokio::test]
async fn a_day_is_played_again_before_the_rules_are_changed() {
    let app = TestApp::memory().await;
    let (admin, clerk) = (app.sign_in("admin").await, app.sign_in("clerk1").await);
    app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    for _ in 0..3 {
        app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
        let called = app.post(&clerk, "/api/v1/windows/w_dc_1/call-next", json!({})).await.body["ticket"]["id"]
            .as_str()
            .expect("a ticket")
            .to_owned();
        app.post(&clerk, &format!("/api/v1/tickets/{called}/start"), json!({})).await;
        app.clock.advance(300_000);
        app.post(&clerk, &format!("/api/v1/tickets/{called}/finish"), json!({ "outcome": "accepted" })).await;
    }
    let path = format!("/sites/{SITE}/policy/what-if");
    let before = send(&app, &admin, Method::GET, &format!("/sites/{SITE}/policy"), None).await.body;
    let body = json!({ "date": "2026-11-24", "policy": { "green_bound": 1 } });
    let played = send(&app, &admin, Method::POST, &path, Some(body)).await;
    assert_eq!(played.status, StatusCode::OK, "{}", played.body);
    assert_eq!(played.body["changed"][0], json!({ "field": "green_bound", "of_the_day": 3, "other": 1 }));
    assert_eq!((&played.body["classes"][0]["actual"]["done"], &played.body["classes"][0]["other"]["done"]), (&json!(3), &json!(3)));
    let none = send(&app, &admin, Method::POST, &path, Some(json!({ "date": "2025-01-01", "policy": {} }))).await;
    assert_eq!((none.status, &none.body["code"]), (StatusCode::NOT_FOUND, &json!("no_such_day")));
    let bad =
        send(&app, &admin, Method::POST, &path, Some(json!({ "date": "2026-11-24", "policy": { "green_bound": 0, "over_limit_ms": -1 } })))
            .await;
    assert_eq!((bad.status, fields(&bad)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["policy.green_bound", "policy.over_limit_ms"]));
    assert_eq!(send(&app, &admin, Method::GET, &format!("/sites/{SITE}/policy"), None).await.body, before, "nothing was changed");
}

async fn import(app: &TestApp, actor: &Actor, query: &str, file: &[u8]) -> Answer {
    let path = format!("/api/v1/sites/{QUIET}/catalogue-imports{query}");
    app.send_raw(actor, Method::POST, &path, &[("content-type", "text/csv")], file.to_vec()).await
}

fn counts(answer: &Answer) -> [u64; 4] {
    ["added", "changed", "unchanged", "retired"].map(|name| answer.body[name].as_u64().unwrap_or(u64::MAX))
}

#[tokio::test]
async fn a_catalogue_file_is_tried_taken_in_and_given_out_again() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let site_matters = || app.get(&admin, "/api/v1/sites/demo-partner/matters?limit=1");
    let before = site_matters().await.body;
    let file = utf8(40);
    let tried = import(&app, &admin, "?dry_run=true", file.as_bytes()).await;
    assert_eq!((tried.status, counts(&tried)), (StatusCode::OK, [40, 0, 0, 0]), "{}", tried.body);
    assert_eq!(
        (&tried.body["dry_run"], &tried.body["takes"], tried.body["changes"].as_array().map(Vec::len)),
        (&json!(true), &json!(true), Some(40))
    );
    assert_eq!(site_matters().await.body, before, "a trial writes nothing");

    // One bad line: told by line and column, and nothing is taken.
    let mut lines: Vec<String> = file.lines().map(str::to_owned).collect();
    lines[3] = lines[3]
        .rsplitn(3, ',')
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .enumerate()
        .map(|(at, cell)| if at == 1 { "15XX" } else { cell })
        .collect::<Vec<_>>()
        .join(",");
    let broken = lines.join("\n");
    let tried = import(&app, &admin, "?dry_run=true", broken.as_bytes()).await;
    assert_eq!((tried.status, &tried.body["takes"]), (StatusCode::OK, &json!(false)));
    let fault = &tried.body["errors"][0];
    assert_eq!(
        (&fault["line"], &fault["column"], &fault["code"]),
        (&json!(4), &json!("area_code"), &json!("bad_area_code")),
        "{}",
        tried.body
    );
    assert_eq!(counts(&tried), [39, 0, 0, 0], "what the others would do is told beside it");
    let refused = import(&app, &admin, "", broken.as_bytes()).await;
    assert_eq!((refused.status, fields(&refused)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["lines[4].area_code"]));
    assert_eq!(site_matters().await.body, before);

    let done = import(&app, &admin, "", file.as_bytes()).await;
    assert_eq!((done.status, counts(&done)), (StatusCode::OK, [40, 0, 0, 0]), "{}", done.body);
    let log = app.get(&app.sign_in("auditor").await, &format!("/api/v1/events?site={QUIET}&type=catalogue_imported")).await;
    let admin_id = app.get(&admin, "/api/v1/sessions/current").await.body["staff"]["id"].clone();
    assert_eq!((log.body["items"].as_array().map(Vec::len), &log.body["items"][0]["actor"]), (Some(1), &admin_id), "{}", log.body);

    // Given out and taken in again it changes nothing, and is the same file.
    let whole = format!("/api/v1/sites/{QUIET}/catalogue.zip");
    let export = app.get(&admin, &whole).await;
    assert_eq!(export.status, StatusCode::OK);
    let path = format!("/api/v1/sites/{QUIET}/catalogue-imports?retire_missing=true");
    let again = app.send_raw(&admin, Method::POST, &path, &[("content-type", "application/zip")], export.bytes.clone()).await;
    assert_eq!((again.status, counts(&again)[0], counts(&again)[1], counts(&again)[3]), (StatusCode::OK, 0, 0, 0), "{}", again.body);
    assert_eq!(app.get(&admin, &whole).await.bytes, export.bytes);

    let fewer = lines[..11].iter().map(|line| line.replace("15XX", "159901000000")).collect::<Vec<_>>().join("\n");
    let renamed = fewer.replacen("核发", "核发（改）", 1);
    let tried = import(&app, &admin, "?dry_run=true&retire_missing=true", renamed.as_bytes()).await;
    let retired = tried.body["changes"].as_array().expect("changes").iter().filter(|change| change["change"] == "retired").count();
    assert!(retired >= 30 && counts(&tried)[3] == retired as u64, "{:?}", counts(&tried));
    let json = app.post(&admin, &format!("/api/v1/sites/{QUIET}/catalogue-imports"), json!({})).await;
    assert_eq!((json.status, fields(&json)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["Content-Type"]));
}

#[tokio::test]
async fn the_same_key_with_another_order_is_another_request() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let file = utf8(3);
    let send = async |query: &str| {
        let path = format!("/api/v1/sites/{QUIET}/catalogue-imports{query}");
        let headers = [("content-type", "text/csv"), ("idempotency-key", "one")];
        app.send_raw(&admin, Method::POST, &path, &headers, file.clone().into_bytes()).await
    };
    assert_eq!(counts(&send("?dry_run=true").await), [3, 0, 0, 0]);
    let real = send("").await;
    assert_eq!((real.status, &real.body["code"]), (StatusCode::CONFLICT, &json!("idempotency_mismatch")), "a trial is not the import");
    assert!(send("?dry_run=true").await.replayed);
}

async fn the_state_of_the_house_is_told_on(app: TestApp, kind: &str) {
    let it = app.sign_in("it").await;
    let clerk = app.sign_in("clerk1").await;
    app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    let system = app.get(&it, "/api/v1/system").await;
    assert_eq!(system.status, StatusCode::OK, "{}", system.body);
    assert_eq!((&system.body["database"]["kind"], &system.body["database"]["healthy"]), (&json!(kind), &json!(true)));
    assert!(system.body["database"]["bytes"].as_i64() > Some(100_000), "{}", system.body);
    assert_eq!(
        (&system.body["version"], &system.body["started_at"]),
        (&json!(env!("CARGO_PKG_VERSION")), &json!("2026-11-24T10:00:00.000+08:00"))
    );
    assert_eq!(system.body["outbox"], json!([{ "kind": "print", "pending": 1, "dead": 0 }]));
    assert_eq!(app.get(&clerk, "/api/v1/system").await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.app.stores.house.sealed_key_ids().await.expect("read"), Vec::<String>::new());
    let body = json!({ "line_id": "l_dc_demo-line", "holder": { "name": "王小明", "phone": "13912345520" } });
    app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), body).await;
    assert_eq!(app.app.stores.house.sealed_key_ids().await.expect("read"), [app.app.vault.key_id()]);
}

#[tokio::test]
async fn the_state_of_the_house_is_told_to_those_who_run_it_on_sqlite() {
    the_state_of_the_house_is_told_on(TestApp::sqlite().await, "sqlite").await;
}

#[tokio::test]
async fn the_state_of_the_house_is_told_to_those_who_run_it_on_postgres() {
    let database = tests::postgres::database();
    the_state_of_the_house_is_told_on(TestApp::postgres(&database.url).await, "postgresql").await;
}

#[tokio::test]
async fn a_printer_is_tried_with_a_page_of_its_own() {
    let app = TestApp::memory().await;
    let it = app.sign_in("it").await;
    let job = app.post(&it, "/api/v1/devices/dev_dc_demo-printer/test-print", json!({})).await;
    assert_eq!(
        (job.status, &job.body["state"], &job.body["title"]),
        (StatusCode::CREATED, &json!("at_printer"), &json!("打印机测试")),
        "{}",
        job.body
    );
    assert_eq!(job.body["device_id"], "dev_dc_demo-printer");
    let other = app.post(&it, "/api/v1/devices/dev_dc_demo-kiosk/test-print", json!({})).await;
    assert_eq!((other.status, &other.body["code"]), (StatusCode::CONFLICT, &json!("not_a_printer")));
}

#[tokio::test]
async fn the_log_is_searched_from_its_end() {
    let app = TestApp::memory().await;
    let (auditor, clerk) = (app.sign_in("auditor").await, app.sign_in("clerk1").await);
    app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    for _ in 0..5 {
        app.clock.advance(60_000);
        app.post(&clerk, &format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
    }
    let numbers = |answer: &Answer| -> Vec<i64> {
        answer.body["items"].as_array().expect("events").iter().filter_map(|event| event["seq"].as_i64()).collect()
    };
    let first = app.get(&auditor, &format!("/api/v1/events?site={SITE}&type=ticket_issued&limit=3")).await;
    let seen = numbers(&first);
    assert!(seen.len() == 3 && seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    let cursor = first.body["next_cursor"].as_str().expect("more");
    let second = app.get(&auditor, &format!("/api/v1/events?site={SITE}&type=ticket_issued&limit=3&cursor={cursor}")).await;
    assert_eq!((numbers(&second).len(), &second.body["next_cursor"]), (2, &Value::Null), "{}", second.body);
    let since = app
        .get(
            &auditor,
            &format!("/api/v1/events?site={SITE}&type=ticket_issued&from=2026-11-24T10:03:00%2B08:00&to=2026-11-24T10:05:00%2B08:00"),
        )
        .await;
    assert_eq!(numbers(&since).len(), 2, "{}", since.body);
    let by = app.get(&auditor, &format!("/api/v1/events?site={SITE}&actor=s_dc_clerk1&aggregate=hall")).await;
    assert_eq!(numbers(&by).len(), 6, "{}", by.body);
    let old = app.get(&auditor, &format!("/api/v1/events?site={SITE}&after=0&limit=2")).await;
    assert_eq!(numbers(&old), [1, 2], "without a filter the log is read from its beginning");
    for wrong in ["from=yesterday", "order=sideways"] {
        let answer = app.get(&auditor, &format!("/api/v1/events?site={SITE}&{wrong}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn a_helper_finds_what_he_opened_for_others() {
    let app = TestApp::memory().await;
    let (helper, clerk) = (app.sign_in("helper1").await, app.sign_in("clerk1").await);
    let body = crate::rights::house::case_body(&app, "demo-promised").await;
    let own = app.post(&helper, "/api/v1/cases", body.clone()).await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.body);
    assert_eq!(app.post(&clerk, "/api/v1/cases", body).await.status, StatusCode::CREATED);
    let ids =
        |answer: &Answer| -> Vec<Value> { answer.body["items"].as_array().expect("cases").iter().map(|case| case["id"].clone()).collect() };
    assert_eq!(ids(&app.get(&helper, "/api/v1/cases?mine=true&open=true").await), [own.body["id"].clone()]);
    assert_eq!(ids(&app.get(&helper, "/api/v1/cases").await).len(), 2);
}
