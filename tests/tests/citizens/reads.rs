//! Places, matters, bundles, the calendar and the policy.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::app::App;
use server::app::catalogue_import::ImportOptions;
use tests::app::{Actor, TestApp};
use tests::catalogue_file::{ROWS_LIKE_A_DISTRICT, utf8};

use super::{Hall, ID_NUMBER, NAME, PHONE, SITE, text};

/// Far more than a search takes, even on a busy machine in a debug build.
const SEARCH_MAX: Duration = Duration::from_millis(400);

async fn names(hall: &Hall, query: &str) -> Vec<String> {
    let found = hall.read(&Actor::Nobody, &format!("/sites/{SITE}/matters?limit=200&query={}", encoded(query))).await;
    found["items"].as_array().expect("items").iter().map(|item| text(item, "name").to_owned()).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn everybody_reads_places_and_matters(hall: &Hall) {
    let sites = hall.read(&Actor::Nobody, "/sites?limit=200").await;
    let center = sites["items"].as_array().expect("items").iter().find(|site| site["id"] == SITE).expect("the centre").clone();
    assert_eq!((&center["kind"], &center["parent_id"]), (&json!("center"), &json!("demo-district")));
    assert_eq!(hall.read(&Actor::Nobody, &format!("/sites/{SITE}")).await, center);
    hall.not_read(&Actor::Nobody, "/sites/demo-nowhere", StatusCode::NOT_FOUND).await;
    let lines = hall.read(&Actor::Nobody, &format!("/sites/{SITE}/lines")).await;
    assert!(lines["items"].as_array().expect("items").iter().any(|line| line["id"] == json!(hall.line) && line["open"] == true));

    let matter = hall.read(&Actor::Nobody, "/matters/m_dc_demo-promised").await;
    assert_eq!((&matter["promised_days"], &matter["statutory_days"], &matter["case_kind"]), (&json!(10), &json!(20), &json!("promised")));
    assert_eq!((&matter["site_id"], &matter["tolerant"], &matter["result_name"]), (&json!(SITE), &json!(true), &json!("林木采伐许可证")));
    assert!(!text(&matter, "department_name").is_empty() && text(&matter, "guide").contains("锯"));
    let plan = matter["materials"].as_array().expect("materials").iter().find(|material| material["name"] == "采伐地块四至示意图");
    let plan = plan.expect("the plan");
    assert_eq!((&plan["required"], &plan["tolerable"], &plan["keeping"]), (&json!(true), &json!(true), &json!("collected")));
    hall.not_read(&Actor::Nobody, "/matters/m_dc_none", StatusCode::NOT_FOUND).await;
    hall.not_read(&Actor::Nobody, "/matters/m_zz_none", StatusCode::NOT_FOUND).await;

    let bundles = hall.read(&Actor::Nobody, &format!("/sites/{SITE}/bundles")).await;
    let bundle = &bundles["items"][0];
    assert!(bundle["matters"].as_array().is_some_and(|matters| matters.len() > 1 && !text(&matters[0], "name").is_empty()));
}

async fn matters_are_found_as_people_type(hall: &Hall) {
    for typed in ["林木采伐", "采伐", "林", "砍树", "linmucaifa", "lmcf", "LinMu", "林mu"] {
        assert!(names(hall, typed).await.iter().any(|name| name.starts_with("林木采伐许可")), "{typed}");
    }
    assert!(names(hall, "没有这件事").await.is_empty());
    assert!(names(hall, "！？").await.is_empty(), "signs alone fit nothing");
    let all = names(hall, "").await;
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = hall.read(&Actor::Nobody, &format!("/sites/{SITE}/matters?limit=7{cursor}")).await;
        paged.extend(page["items"].as_array().expect("items").iter().map(|item| text(item, "name").to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(all.len() >= 40 && paged == all, "pages make the whole");
    for wrong in ["limit=0", "limit=201", "limit=x"] {
        hall.not_read(&Actor::Nobody, &format!("/sites/{SITE}/matters?{wrong}"), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
}

async fn a_district_of_matters_is_searched_at_once(hall: &Hall) {
    let before = names(hall, "采伐").await;
    let bytes = utf8(ROWS_LIKE_A_DISTRICT).into_bytes();
    let report = hall.app.app.import_catalogue(SITE, &bytes, ImportOptions::default()).await.expect("an import");
    assert_eq!(report.added, 1_135);
    assert!(names(hall, "采伐").await.len() > before.len(), "an import is found at once");
    for typed in ["林", "登记", "d", "shenpi", "sp", ""] {
        let began = Instant::now();
        names(hall, typed).await;
        assert!(began.elapsed() < SEARCH_MAX, "{typed}: {:?}", began.elapsed());
    }
}

async fn the_calendar_is_whole_or_not_there(hall: &Hall) {
    let year = hall.read(&Actor::Nobody, "/calendar?year=2026").await;
    let days = year["days"].as_array().expect("days");
    assert_eq!((days.len(), &days[0]["date"], &days[364]["date"]), (365, &json!("2026-01-01"), &json!("2026-12-31")));
    assert_eq!((&days[0]["working"], &days[3]["working"], text(&days[3], "why")), (&json!(false), &json!(true), "元旦调休上班"));
    let missing = hall.app.get(&Actor::Nobody, "/api/v1/calendar?year=2027").await;
    assert_eq!((missing.status, text(&missing.body, "code")), (StatusCode::NOT_FOUND, "calendar_not_loaded"));
    hall.not_read(&Actor::Nobody, "/calendar", StatusCode::UNPROCESSABLE_ENTITY).await;

    // A case whose last day lies behind the end of the calendar.
    hall.app.clock.advance(31 * 24 * 3_600_000);
    let clerk = hall.app.sign_in("clerk2").await;
    let case = {
        let matter = hall.read(&Actor::Nobody, "/matters/m_dc_demo-promised").await;
        let materials: Vec<Value> = matter["materials"]
            .as_array()
            .expect("materials")
            .iter()
            .map(|one| json!({ "material_id": one["id"], "status": "collected", "originals": 1 }))
            .collect();
        let applicant = json!({ "kind": "person", "name": NAME, "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE });
        let body = json!({ "site_id": SITE, "matter_id": matter["id"], "applicant": applicant, "materials": materials });
        hall.ok(&clerk, "/cases", body).await
    };
    hall.ok(&clerk, &format!("/cases/{}/accept", text(&case, "id")), json!({})).await;
    let waiting = hall.tracking(&case["tracking_code"]).await;
    assert_eq!((&waiting["cases"][0]["due_at"], &waiting["cases"][0]["missing_year"]), (&Value::Null, &json!(2027)));
    assert_eq!(waiting["next_step"]["detail"], "等待 2027 年节假日安排");

    let admin = hall.app.sign_in("admin").await;
    hall.app.app.watch_calendar().await.expect("the calendar is watched");
    let alerts = hall.read(&admin, "/alerts").await;
    assert!(alerts["items"].as_array().expect("items").iter().any(|alert| alert["kind"] == "calendar_missing"), "{alerts}");
    let wrong = json!({ "source": "", "off": { "2027-01-01": "元旦", "2026-01-01": "元旦", "2027-02-30": "x" }, "make_up": { "2027-01-01": "元旦", "2027-01-04": "元旦" } });
    let refused = hall.put(&admin, "/calendar/2027", wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&str> = refused.body["errors"].as_array().expect("errors").iter().map(|error| text(error, "field")).collect();
    for field in ["source", "off.2026-01-01", "off.2027-02-30", "make_up.2027-01-01", "make_up.2027-01-04"] {
        assert!(fields.contains(&field), "{field} among {fields:?}");
    }
    hall.not_read(&Actor::Nobody, "/calendar?year=2027", StatusCode::NOT_FOUND).await;
    let sound = json!({ "source": "国务院办公厅关于2027年部分节假日安排的通知", "off": { "2027-01-01": "元旦" }, "make_up": {} });
    for (actor, status) in [
        (&Actor::Nobody, StatusCode::UNAUTHORIZED),
        (&clerk, StatusCode::FORBIDDEN),
        (&Actor::Device("demo-kiosk".to_owned()), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(hall.put(actor, "/calendar/2027", sound.clone()).await.status, status);
    }
    let loaded = hall.put(&admin, "/calendar/2027", sound).await;
    assert_eq!((loaded.status, loaded.body["days"].as_array().map(Vec::len)), (StatusCode::OK, Some(365)));
    assert_eq!(hall.read(&Actor::Nobody, "/calendar?year=2027").await, loaded.body);
    let projected = hall.tracking(&case["tracking_code"]).await;
    assert!(text(&projected["cases"][0], "due_at").starts_with("2027-01-"), "{projected}");

    let alerts = hall.read(&admin, "/alerts").await;
    assert!(!alerts.to_string().contains("calendar_missing"), "nobody is asked for a year that is there: {alerts}");

    let log = hall.app.app.stores.events.events_after("demo-district", 0, 1_000).await.expect("a log");
    assert!(log.iter().any(|event| event.kind == "calendar_loaded" && event.body.contains("2027-01-01")));
    let moved = log.iter().find(|event| event.kind == "deadlines_projected").expect("the move is logged");
    assert!(moved.body.contains(text(&case, "id")));
}

async fn the_policy_is_read_and_replaced(hall: &Hall) {
    let path = format!("/sites/{SITE}/policy");
    let (district, admin) = (hall.app.sign_in("district").await, hall.app.sign_in("admin").await);
    let policy = hall.read(&hall.supervisor, &path).await;
    assert!(policy["lines"].as_array().expect("lines").iter().any(|line| line["id"] == json!(hall.line)));
    hall.not_read(&Actor::Nobody, &path, StatusCode::UNAUTHORIZED).await;
    hall.not_read(&hall.supervisor, "/sites/demo-sumu/policy", StatusCode::NOT_FOUND).await;
    assert_eq!(hall.put(&hall.supervisor, &path, policy.clone()).await.status, StatusCode::FORBIDDEN);
    hall.not_read(&hall.supervisor, &format!("{path}?at=2026-11-01T00:00:00%2B08:00"), StatusCode::UNPROCESSABLE_ENTITY).await;
    let mut wanted = policy.clone();
    wanted["policy"]["recall_max"] = json!(3);
    let changed = hall.put(&district, &path, wanted.clone()).await;
    assert_eq!((changed.status, &changed.body["policy"]["recall_max"]), (StatusCode::OK, &json!(3)));
    assert_eq!(hall.read(&admin, &path).await, changed.body);
    let lines = hall.read(&Actor::Nobody, &format!("/sites/{SITE}/lines")).await;
    assert_eq!(lines["items"].as_array().map(Vec::len), policy["lines"].as_array().map(Vec::len));

    let mut wrong = wanted.clone();
    wrong["lines"][0]["id"] = json!("l_ds_other");
    wrong["lines"][1]["name"] = json!("一条\u{202e}队");
    let refused = hall.put(&admin, &path, wrong).await;
    let fields: Vec<&str> = refused.body["errors"].as_array().expect("errors").iter().map(|error| text(error, "field")).collect();
    // The windows serve the line that is gone.
    let (own, others) = fields.split_at(2);
    assert_eq!((refused.status.as_u16(), own), (422, ["lines[0].id", "lines[1].name"].as_slice()));
    assert!(!others.is_empty() && others.iter().all(|field| field.ends_with(".line_ids")), "{others:?}");
    let mut aims = wanted.clone();
    aims["policy"]["goals"] = json!({ "average_wait_ms": 0, "service_ms": 900_000, "satisfaction_percent": 101 });
    let refused = hall.put(&admin, &path, aims.clone()).await;
    let fields: Vec<&str> = refused.body["errors"].as_array().expect("errors").iter().map(|error| text(error, "field")).collect();
    assert_eq!((refused.status.as_u16(), fields), (422, vec!["policy.goals.average_wait_ms", "policy.goals.satisfaction_percent"]));
    let mut twice = wanted.clone();
    twice["windows"][1]["number"] = twice["windows"][0]["number"].clone();
    let refused = hall.put(&admin, &path, twice).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("windows[1].number")));
    let mut unknown = wanted.clone();
    unknown["policy"]["colour"] = json!("red");
    assert_eq!(hall.put(&admin, &path, unknown).await.body["errors"][0]["code"], "unknown_field");
    let mut emptied = wanted;
    emptied["windows"] = json!([]);
    emptied["policy"]["roster"] = json!([]);
    let refused = hall.put(&admin, &path, emptied).await;
    assert_eq!((refused.status, text(&refused.body, "code")), (StatusCode::CONFLICT, "window_in_use"));
}

async fn persons_are_found_masked(hall: &Hall) {
    hall.case("demo-promised", None).await;
    hall.case("demo-promised", None).await;
    for body in [json!({ "id_number": "１５２３０１ 19900307 0038" }), json!({ "phone": PHONE })] {
        let found = hall.ok(&hall.clerk, "/persons/search", body).await;
        let items = found["items"].as_array().expect("items");
        assert!(!items.is_empty() && items.iter().all(|item| item["name"] == "王*明"), "{found}");
        for secret in [NAME, ID_NUMBER, PHONE] {
            assert!(!found.to_string().contains(secret));
        }
    }
    let nobody = hall.ok(&hall.clerk, "/persons/search", json!({ "phone": "13912345521" })).await;
    assert_eq!(nobody["items"], json!([]));
    for (actor, body, status) in [
        (&hall.clerk, json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (&hall.clerk, json!({ "phone": "1" }), StatusCode::UNPROCESSABLE_ENTITY),
        (&hall.clerk, json!({ "phone": PHONE, "id_number": ID_NUMBER }), StatusCode::UNPROCESSABLE_ENTITY),
        (&hall.supervisor, json!({ "phone": PHONE }), StatusCode::FORBIDDEN),
        (&Actor::Nobody, json!({ "phone": PHONE }), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(hall.app.post(actor, "/api/v1/persons/search", body.clone()).await.status, status, "{body}");
    }
}

async fn all(app: TestApp) {
    let hall = Hall::on(app).await;
    everybody_reads_places_and_matters(&hall).await;
    matters_are_found_as_people_type(&hall).await;
    persons_are_found_masked(&hall).await;
    the_policy_is_read_and_replaced(&hall).await;
    a_district_of_matters_is_searched_at_once(&hall).await;
    the_calendar_is_whole_or_not_there(&hall).await;
}

#[tokio::test]
async fn reads_in_memory() {
    all(TestApp::memory().await).await;
}

#[tokio::test]
async fn reads_on_sqlite() {
    all(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn reads_on_postgres() {
    let database = tests::postgres::database();
    all(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn on_postgres_a_year_loaded_by_one_process_reaches_another() {
    let database = tests::postgres::database();
    let app = TestApp::postgres(&database.url).await;
    let vault = server::vault::Vault::new(&[7; 32]).expect("a vault");
    let store = server::store::sql::SqlStore::postgres(&database.url, vault.chain()).await.expect("PostgreSQL answers");
    let (stores, settings) = (server::store::Stores::of(Arc::new(store)), (*app.app.settings).clone());
    let other = App::start(stores, app.clock.clone(), app.app.entropy.clone(), vault, settings).await.expect("another process");
    let year = json!({ "source": "通知", "off": { "2027-01-01": "元旦" }, "make_up": {} });
    let admin = app.sign_in("admin").await;
    let loaded = app.send(&admin, Method::PUT, "/api/v1/calendar/2027", Some("k"), Some(year)).await;
    assert_eq!(loaded.status, StatusCode::OK, "{}", loaded.body);
    assert!(other.calendar(2027).is_err());
    other.refresh_directory().await.expect("the directory is read");
    assert_eq!(other.calendar(2027).expect("the year").days.len(), 365);
}

#[tokio::test]
async fn only_the_public_routes_answer_nobody() {
    let app = TestApp::memory().await;
    let document = serde_json::to_value(server::http::openapi()).expect("a document");
    let mut open = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys().filter(|key| *key != "parameters" && *key != "summary") {
            let filled = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
            let method = method.to_uppercase();
            let sent = app.send(&Actor::Nobody, method.parse().expect("a method"), &filled, None, Some(json!({}))).await;
            if sent.status != StatusCode::UNAUTHORIZED {
                open.push((method, path.trim_start_matches("/api/v1").to_owned()));
            }
        }
    }
    let mut listed: Vec<(String, String)> =
        server::http::PUBLIC_ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    open.sort();
    listed.sort();
    assert_eq!(open, listed);
}
