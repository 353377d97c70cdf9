//! A whole catalogue that goes out and comes back is the same, in both formats: a property over random catalogues, and
//! the demo district over HTTP with what it tells of a change, refuses and keeps.

mod random;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use calamine::{Reader as _, Xlsx, open_workbook_from_rs};
use domain::catalogue::import::tables::{Known, Reading, Sheet, Table, csv_text, read, tables};
use domain::catalogue::{Department, Matter};
use proptest::prelude::*;
use serde_json::{Value, json};
use server::app::catalogue_files::{ARCHIVE_TYPE, CatalogueFormat, sheets_in, written};
use server::app::catalogue_sheet::SHEET_TYPE;
use tests::app::{Actor, Answer, TestApp};

use random::Draw;

const FORMATS: [CatalogueFormat; 2] = [CatalogueFormat::Book, CatalogueFormat::Archive];
const IMPORTS: &str = "/api/v1/sites/demo-center/catalogue-imports";

fn brought(file: &[u8], matters: &[Matter], departments: &[Department]) -> Reading {
    let sheets = sheets_in(file).expect("a whole catalogue");
    let mut count = 0;
    read(&sheets, Known { matters, departments, site_key: "dc", root_key: "dd" }, &mut || {
        count += 1;
        format!("fresh{count}")
    })
}

/// What there is after a file was taken in.
fn after(reading: &Reading, matters: &[Matter]) -> Vec<Matter> {
    let mut matters = matters.to_vec();
    for wanted in &reading.changed {
        match wanted.before {
            Some(at) => matters[at] = wanted.matter.clone(),
            None => matters.push(wanted.matter.clone()),
        }
    }
    matters
}

fn sorted(mut matters: Vec<Matter>) -> Vec<Matter> {
    matters.sort_by(|one, other| one.code.cmp(&other.code));
    matters
}

/// What there is of a matter beside its identity and version.
fn content(matter: &Matter, of: &Matter) -> Matter {
    Matter { id: of.id.clone(), version: of.version, ..matter.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_goes_out_comes_back_the_same(seed in any::<u64>()) {
        let mut draw = Draw::by(seed);
        let departments = draw.departments();
        let codes = ["0001", "=2", "00150702000000000X", "'4", "-05"];
        let catalogue: Vec<Matter> = codes.iter().map(|code| draw.matter(&code.replace(['=', '\''], "x"), code, &departments)).collect();
        for matter in &catalogue {
            prop_assert_eq!(matter.clone().checked(), vec![], "what was drawn stands the checks");
        }
        // What there was before: the same matters otherwise, and one that only was.
        let mut before: Vec<Matter> =
            catalogue.iter().take(3).map(|matter| Matter { id: matter.id.clone(), ..draw.matter("x", &matter.code, &departments) }).collect();
        before.push(draw.matter("gone", "9999", &departments));
        let whole = tables(&catalogue, &departments);
        for format in FORMATS {
            let file = written(&whole, format).expect("a file");
            prop_assert_eq!(&written(&whole, format).expect("a file"), &file, "the same bytes");

            let same = brought(&file, &catalogue, &departments);
            prop_assert_eq!((&same.faults, same.changed.len(), same.unchanged.len(), same.missing.len()), (&vec![], 0, codes.len(), 0));

            let onto = brought(&file, &before, &departments);
            prop_assert_eq!((&onto.faults, &onto.missing), (&vec![], &vec![3]));
            let now = sorted(after(&onto, &before).into_iter().filter(|matter| matter.code != "9999").collect());
            for (now, wanted) in now.iter().zip(sorted(catalogue.clone())) {
                prop_assert_eq!(&content(now, &wanted), &wanted);
            }
            let again = tables(&now, &departments);
            prop_assert_eq!(&again, &whole);
            prop_assert_eq!(&written(&again, format).expect("a file"), &file, "and goes out again as it came");

            let fresh = brought(&file, &[], &departments);
            prop_assert_eq!((&fresh.faults, fresh.changed.len()), (&vec![], codes.len()));
            for (wanted, new) in catalogue.iter().map(|one| (one, fresh.changed.iter().find(|new| new.matter.code == one.code))) {
                prop_assert_eq!(&content(&new.expect("the matter").matter, wanted), wanted);
            }
        }
    }
}

async fn import(app: &TestApp, admin: &Actor, query: &str, kind: &str, file: Vec<u8>) -> Answer {
    app.send_raw(admin, Method::POST, &format!("{IMPORTS}{query}"), &[("content-type", kind)], file).await
}

async fn export(app: &TestApp, admin: &Actor, ending: &str) -> Vec<u8> {
    let answer = app.get(admin, &format!("/api/v1/sites/demo-center/catalogue.{ending}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{ending}");
    answer.bytes
}

async fn stored(app: &TestApp) -> BTreeMap<String, Matter> {
    let rows = app.app.stores.catalogue.matters("demo-center").await.expect("matters");
    rows.iter().map(|row| (row.code.clone(), serde_json::from_str(&row.doc).expect("a matter"))).collect()
}

fn counts(answer: &Answer) -> [u64; 4] {
    ["added", "changed", "unchanged", "retired"].map(|name| answer.body[name].as_u64().unwrap_or(u64::MAX))
}

async fn the_demo_district_comes_back_the_same_on(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let matters = stored(&app).await;
    let count = matters.len() as u64;
    assert!(count > 40, "{count}");
    let events = app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("the log").len();
    for (ending, kind) in [("xlsx", SHEET_TYPE), ("zip", ARCHIVE_TYPE)] {
        let file = export(&app, &admin, ending).await;
        for query in ["?dry_run=true&retire_missing=true", "?retire_missing=true"] {
            let back = import(&app, &admin, query, kind, file.clone()).await;
            assert_eq!((back.status, counts(&back)), (StatusCode::OK, [0, 0, count, 0]), "{ending}: {}", back.body);
            assert_eq!((&back.body["errors"], &back.body["changes"]), (&json!([]), &json!([])), "{ending}");
        }
        assert_eq!(export(&app, &admin, ending).await, file, "{ending}: the same bytes");
    }
    assert_eq!(stored(&app).await, matters);
    let now = app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("the log").len();
    assert_eq!(now, events, "what changes nothing writes nothing");
}

#[tokio::test]
async fn in_memory_the_demo_district_comes_back_the_same() {
    the_demo_district_comes_back_the_same_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_the_demo_district_comes_back_the_same() {
    the_demo_district_comes_back_the_same_on(TestApp::sqlite().await).await;
}

/// The tables of the demo centre, to be changed as a clerk would.
async fn demo_tables(app: &TestApp) -> Vec<Table> {
    let matters: Vec<Matter> = stored(app).await.into_values().collect();
    let listing = app.app.directory.get();
    let departments: Vec<Department> = listing
        .departments
        .values()
        .filter_map(|row| {
            let id = domain::ids::DepartmentId::parse(&row.id)?;
            Some(Department { id, code: row.code.clone(), name: row.name.clone() })
        })
        .collect();
    tables(&matters, &departments)
}

/// Writes into a cell of a matter's first line on a sheet.
fn set(tables: &mut [Table], sheet: Sheet, code: &str, column: &str, text: &str) {
    let place = sheet.columns().iter().position(|(name, _)| *name == column).expect("a column");
    let table = tables.iter_mut().find(|table| table.sheet == sheet).expect("a sheet");
    table.rows.iter_mut().find(|row| row[0] == code).expect("a line")[place] = text.to_owned();
}

#[tokio::test]
async fn what_a_clerk_changes_is_told_field_by_field_and_becomes_the_next_version() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let before = stored(&app).await;
    let promised = before.values().find(|matter| matter.promised_days > 1 && !matter.materials.is_empty()).expect("a promised matter");
    let other = before.values().find(|one| one.code != promised.code && one.state == promised.state).expect("another matter").clone();
    let mut whole = demo_tables(&app).await;
    set(&mut whole, Sheet::Matters, &promised.code, "承诺期限（工作日）", "1");
    set(&mut whole, Sheet::Materials, &promised.code, "材料名称", "改了名的材料");
    set(&mut whole, Sheet::Matters, &other.code, "状态", "停办");
    let file = written(&whole, CatalogueFormat::Book).expect("a file");
    let tried = import(&app, &admin, "?dry_run=true", SHEET_TYPE, file.clone()).await;
    assert_eq!((tried.status, counts(&tried)), (StatusCode::OK, [0, 1, before.len() as u64 - 2, 1]), "{}", tried.body);
    let change = |kind: &str| tried.body["changes"].as_array().expect("changes").iter().find(|one| one["change"] == kind).cloned();
    let told = change("changed").expect("a changed matter");
    let fields: Vec<(&str, &str, &str)> = told["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .map(|field| ["column", "before", "after"].map(|name| field[name].as_str().unwrap_or_default()).into())
        .collect();
    let was = format!("{} 个工作日", promised.promised_days);
    let material = "材料“改了名的材料”·名称";
    assert_eq!(fields[..2], [("承诺期限", was.as_str(), "1 个工作日"), (material, promised.materials[0].name.as_str(), "改了名的材料")]);
    assert_eq!(
        change("retired").expect("a retired matter")["fields"][0],
        json!({ "column": "state", "before": "published", "after": "retired" })
    );
    assert_eq!(stored(&app).await, before, "a trial writes nothing");

    let done = import(&app, &admin, "", SHEET_TYPE, file).await;
    assert_eq!((done.status, counts(&done)), (StatusCode::OK, counts(&tried)), "{}", done.body);
    let now = stored(&app).await;
    let wanted = {
        let mut wanted = Matter { version: promised.version + 1, promised_days: 1, ..promised.clone() };
        wanted.materials[0].name = "改了名的材料".to_owned();
        wanted
    };
    assert_eq!(now[&promised.code], wanted);
    assert_eq!((now[&other.code].state, now[&other.code].version), (domain::catalogue::MatterState::Retired, other.version + 1));
    let log = app.app.stores.events.events_after("demo-center", 0, 10_000).await.expect("the log");
    let count = |kind: &str| log.iter().filter(|event| event.kind == kind).count();
    assert_eq!((count("matter_changed"), count("matter_retired"), count("catalogue_imported")), (1, 1, 1));
}

#[tokio::test]
async fn everything_wrong_is_told_with_its_sheet_and_nothing_is_taken_unless_somebody_says_so() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let before = stored(&app).await;
    let codes: Vec<&String> = before.iter().filter(|(_, matter)| !matter.materials.is_empty()).map(|(code, _)| code).collect();
    let (one, other) = (codes[0], codes[1]);
    let mut whole = demo_tables(&app).await;
    set(&mut whole, Sheet::Matters, one, "到现场次数", "若干");
    set(&mut whole, Sheet::Materials, one, "材料名称", "");
    set(&mut whole, Sheet::Matters, other, "分类", "换个分类");
    let row = |sheet: Sheet, code: &str| {
        let table = whole.iter().find(|table| table.sheet == sheet).expect("a sheet");
        table.rows.iter().position(|row| row[0] == code).expect("a line") + 2
    };
    let line = row(Sheet::Matters, one);
    let file = written(&whole, CatalogueFormat::Archive).expect("a file");
    let tried = import(&app, &admin, "?dry_run=true", ARCHIVE_TYPE, file.clone()).await;
    assert_eq!((tried.status, &tried.body["takes"]), (StatusCode::OK, &json!(false)));
    let faults = tried.body["errors"].as_array().expect("errors");
    let told = |fault: &Value| ["sheet", "column", "code"].map(|name| fault[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(faults.iter().map(told).collect::<Vec<_>>(), [["事项", "到现场次数", "bad_value"]]);
    assert_eq!(faults[0]["line"], json!(line));
    assert_eq!(counts(&tried)[1], 1, "what the others would do is told beside it");
    let refused = import(&app, &admin, "", ARCHIVE_TYPE, file.clone()).await;
    let field = format!("事项[{line}].到现场次数");
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)));
    assert_eq!(stored(&app).await, before);
    let done = import(&app, &admin, "?skip_bad=true&retire_missing=true", ARCHIVE_TYPE, file).await;
    assert_eq!((done.status, counts(&done)), (StatusCode::OK, [0, 1, before.len() as u64 - 2, 0]), "{}", done.body);
    let now = stored(&app).await;
    assert_eq!((now[one] == before[one], now[other].category.as_str()), (true, "换个分类"), "what is left out is not retired either");

    // A single sheet as CSV, in which a line names no matter: not even skipping takes it.
    let mut materials = whole.remove(1);
    materials.rows[0][0] = "没有这个编码".to_owned();
    let lost = import(&app, &admin, "?skip_bad=true", "text/csv", csv_text(&materials).into_bytes()).await;
    assert_eq!((lost.status, &lost.body["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_code")), "{}", lost.body);
}

#[tokio::test]
async fn the_spreadsheet_is_one_that_clerks_can_read() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let file = export(&app, &admin, "xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(file)).expect("a workbook");
    assert_eq!(book.sheet_names(), ["事项", "材料", "情形", "特别程序", "申请表", "审批步骤", "意见模板", "图例版", "说明"]);
    let matters = book.worksheet_range("事项").expect("the sheet");
    let place =
        |name: &str| matters.rows().next().and_then(|row| row.iter().position(|cell| *cell == name)).unwrap_or_else(|| panic!("{name}"));
    let (days, courier, code) = (place("承诺期限（工作日）"), place("可以邮寄"), place("实施编码"));
    for row in matters.rows().skip(1) {
        assert!(matches!(row[days], calamine::Data::Float(_)), "a number is one: {:?}", row[days]);
        assert!(matches!(&row[courier], calamine::Data::String(text) if text == "是" || text == "否"));
        assert!(matches!(row[code], calamine::Data::String(_)), "a code is a text");
    }
}
