//! An imported catalogue in the running house: matters are found, a number can be taken for them.

use axum::http::StatusCode;
use serde_json::json;
use server::app::catalogue_import::ImportOptions;
use tests::app::TestApp;
use tests::catalogue_file::{ROWS_LIKE_A_DISTRICT, utf8};

/// A text as it stands in an address.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn imported_matters_can_be_queued_for(app: TestApp) {
    let before = app.app.stores.catalogue.matters("demo-center").await.expect("matters").len();
    let bytes = utf8(ROWS_LIKE_A_DISTRICT).into_bytes();
    let report = app.app.import_catalogue("demo-center", &bytes, ImportOptions::default()).await.expect("an import");
    assert_eq!((report.added, report.errors.len(), report.refused), (1_135, 0, false));
    let rows = app.app.stores.catalogue.matters("demo-center").await.expect("matters");
    assert_eq!(rows.len(), before + 1_135);
    let ours = |code: &str| code.contains("159901000000");
    let general = rows.iter().filter(|row| ours(&row.code)).all(|row| row.line_id.as_deref() == Some("l_dc_demo-line"));
    assert!(general, "new departments queue at the general line");
    let clerk = app.sign_in("clerk1").await;
    let kiosk = tests::app::Actor::Device("demo-kiosk".to_owned());
    for typed in ["林", "采伐", "linmucaifa", "lmcf"] {
        for actor in [&clerk, &kiosk] {
            let found = app.get(actor, &format!("/api/v1/sites/demo-center/matters?query={}&limit=200", percent(typed))).await;
            let items = found.body["items"].as_array().unwrap_or_else(|| panic!("{typed}: {}", found.body));
            assert!(items.iter().any(|item| item["code"].as_str().is_some_and(|code| code.contains("159901000000"))), "{typed}");
            assert!(items.iter().any(|item| item["name"].as_str().is_some_and(|name| name.contains("林木采伐"))), "{typed}");
        }
    }
    let departments = app.app.directory.get().departments.values().filter(|row| row.name.starts_with("区第")).count();
    assert_eq!(departments, 34, "missing departments are created");

    let windows = app.get(&clerk, "/api/v1/sites/demo-center/windows").await;
    let window =
        windows.body["items"].as_array().and_then(|all| all.iter().find(|window| window["purpose"] == "general")).expect("a window");
    let opened = app.post(&clerk, &format!("/api/v1/windows/{}/open", window["id"].as_str().expect("an id")), json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    let imported = rows.iter().find(|row| ours(&row.code)).expect("an imported matter");
    let taken = app.post(&clerk, "/api/v1/sites/demo-center/tickets", json!({ "matter_ids": [imported.id] })).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);

    let again = app.app.import_catalogue("demo-center", &bytes, ImportOptions::default()).await.expect("an import");
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 1_135));
    let events = app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("the log");
    let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((count("matter_added"), count("catalogue_imported"), count("department_added")), (1_135, 1, 34));
}

#[tokio::test]
async fn in_memory_imported_matters_can_be_queued_for() {
    imported_matters_can_be_queued_for(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_imported_matters_can_be_queued_for() {
    imported_matters_can_be_queued_for(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_file_that_is_no_spreadsheet_is_told() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let sheet_type = server::app::catalogue_sheet::SHEET_TYPE;
    let import = "/api/v1/sites/demo-center/catalogue-imports";
    let broken = app.send_raw(&admin, axum::http::Method::POST, import, &[("content-type", sheet_type)], b"PK\x03\x04x".to_vec()).await;
    assert_eq!((broken.status, &broken.body["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file_too_large")));
}
