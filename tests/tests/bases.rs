//! On which basis an approver decides (派驻, 授权, 委托): what the case keeps of it for good, what the plan's figure counts,
//! and bases that were stored before they had a document.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::stage::{SITE, Stage};

const APPROVER: &str = "/api/v1/staff/s_dc_approver1";
const FIRST: &str = "白政发〔2023〕31号";

fn basis(kind: &str, document: Value, from: &str, to: Value) -> Value {
    json!({ "department_id": "d_dd_baihua", "kind": kind, "document": document, "from": from, "to": to })
}

/// Changes the approver's bases; the answer's status, and field and code of what was wrong.
async fn set(stage: &Stage, bases: Value) -> (StatusCode, Vec<String>) {
    let body = json!({ "name": "孟克巴特尔", "roles": ["approver"], "department_id": "d_dd_baihua", "bases": bases });
    let answer = stage.app.send(&stage.actor("admin").await, Method::PUT, APPROVER, None, Some(body)).await;
    let told = |error: &Value| format!("{} {}", error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default());
    (answer.status, answer.body["errors"].as_array().into_iter().flatten().map(told).collect())
}

/// A case that the approver has decided.
async fn decided(stage: &Stage) -> String {
    let id = stage.accepted().await;
    stage.ok("approver1", &format!("/cases/{id}/claim"), json!({})).await;
    stage.ok("approver1", &format!("/cases/{id}/approve"), json!({ "opinion": "同意" })).await;
    id
}

/// What the case's history says of the decision.
async fn under(stage: &Stage, id: &str) -> Value {
    let case = stage.read("supervisor", &format!("/cases/{id}")).await;
    let history = case["history"].as_array().expect("history").clone();
    history.into_iter().find(|entry| entry["type"] == "case_decided").expect("the decision")["under"].clone()
}

/// The rows of the figure: whether each counts, and why.
async fn rows(stage: &Stage) -> Vec<(Value, String)> {
    let path = format!("/sites/{SITE}/figure-rows?figure=under_basis&from=2026-11-24&to=2026-11-24&limit=50");
    let page = stage.read("district", &path).await;
    let mut rows: Vec<(Value, String)> = page["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["counts"].clone(), row["note"].as_str().unwrap_or_default().to_owned()))
        .collect();
    rows.sort_by(|one, other| one.1.cmp(&other.1));
    rows
}

async fn a_decision_says_under_which_basis_for_good(app: TestApp) {
    let stage = Stage::on(app).await;
    let first = decided(&stage).await;
    let told = under(&stage, &first).await;
    assert_eq!((&told["kind"], &told["document"], &told["to"]), (&json!("authorised"), &json!(FIRST), &Value::Null));
    assert_eq!((&told["department_id"], &told["department_name"]), (&json!("d_dd_baihua"), &json!("白桦镇人民政府")));

    // Another document, and in another way: what was decided before stays what it was.
    let renewed = basis("seconded", json!("白政发〔2026〕9号"), "2026-11-24", json!("2026-12-31"));
    assert_eq!(set(&stage, json!([renewed])).await, (StatusCode::OK, vec![]));
    let own = stage.read("approver1", "/sessions/current").await["staff"]["bases"][0].clone();
    assert_eq!((&own["kind"], &own["document"], &own["to"]), (&json!("seconded"), &json!("白政发〔2026〕9号"), &json!("2026-12-31")));
    let second = decided(&stage).await;
    assert_eq!(under(&stage, &second).await["document"], "白政发〔2026〕9号");
    assert_eq!(under(&stage, &first).await, told);

    // Without any basis nothing is claimed, and the figure still says what stood behind each decision.
    let third = stage.accepted().await;
    assert_eq!(set(&stage, json!([])).await, (StatusCode::OK, vec![]));
    let claim = stage.app.post(&stage.actor("approver1").await, &format!("/api/v1/cases/{third}/claim"), json!({})).await;
    assert!(matches!(claim.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{}", claim.body);
    assert_eq!((under(&stage, &first).await, &under(&stage, &second).await["kind"]), (told, &json!("seconded")));
    let wanted = [(json!(true), "授权（白政发〔2023〕31号）".to_owned()), (json!(true), "派驻（白政发〔2026〕9号）".to_owned())];
    assert_eq!(rows(&stage).await, wanted);

    let events = stage.app.app.stores.events.events_of(SITE, "case", &first).await.expect("the log");
    let bodies: Vec<Value> = events.iter().map(|event| serde_json::from_str(&event.body).expect("an event")).collect();
    let with: Vec<&Value> = bodies.iter().filter(|body| !body["under"].is_null()).collect();
    assert_eq!(with.len(), 1, "only what decides: {with:?}");
    assert_eq!((&with[0]["type"], &with[0]["under"]["document"]), (&json!("case_decided"), &json!(FIRST)));
}

#[tokio::test]
async fn a_decision_says_under_which_basis_for_good_in_memory() {
    a_decision_says_under_which_basis_for_good(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_decision_says_under_which_basis_for_good_on_sqlite() {
    a_decision_says_under_which_basis_for_good(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_decision_says_under_which_basis_for_good_on_postgres() {
    let database = tests::postgres::database();
    a_decision_says_under_which_basis_for_good(TestApp::postgres(&database.url).await).await;
}

/// Makes the approver's only basis one that was stored before kinds and documents.
async fn as_before(stage: &Stage) {
    let stores = &stage.app.app.stores;
    let mut row = stores.staff.staff_by_username("approver1").await.expect("staff").expect("approver1");
    let mut doc: Value = serde_json::from_str(&row.doc).expect("a document");
    doc["bases"] = json!([{ "department": "d_dd_baihua", "from": "2024-01-01", "to": null }]);
    row.doc = doc.to_string();
    let mut set = server::store::ChangeSet::new(row.site_id.clone());
    set.row(row);
    stage.app.app.commit(set).await.expect("the old row");
}

#[tokio::test]
async fn a_basis_from_before_documents_stays_until_it_is_changed() {
    let stage = Stage::on(TestApp::memory().await).await;
    as_before(&stage).await;
    let own = stage.read("approver1", "/sessions/current").await["staff"]["bases"][0].clone();
    assert_eq!((&own["kind"], &own["document"]), (&json!("authorised"), &Value::Null));
    let id = decided(&stage).await;
    assert_eq!(under(&stage, &id).await["document"], Value::Null, "it is valid, and says that nobody entered one");
    assert_eq!(rows(&stage).await, [(json!(false), "依据没有登记文件".to_owned())]);

    // Whatever else of the account changes, it may stay as it is; a change of it asks for the document.
    assert_eq!(set(&stage, json!([basis("authorised", Value::Null, "2024-01-01", Value::Null)])).await, (StatusCode::OK, vec![]));
    assert_eq!(set(&stage, json!([basis("authorised", json!(" "), "2024-01-01", Value::Null)])).await, (StatusCode::OK, vec![]));
    let refused = |fault: &str| (StatusCode::UNPROCESSABLE_ENTITY, vec![format!("bases[0].{fault}")]);
    let changes = [
        basis("authorised", Value::Null, "2024-01-01", json!("2027-01-01")),
        basis("seconded", Value::Null, "2024-01-01", Value::Null),
        basis("authorised", json!(""), "2024-01-02", Value::Null),
    ];
    for change in changes {
        assert_eq!(set(&stage, json!([change])).await, refused("document missing"), "{change}");
    }
    let long = "号".repeat(101);
    assert_eq!(set(&stage, json!([basis("authorised", json!(long), "2024-01-01", Value::Null)])).await, refused("document too_long"));
    assert_eq!(set(&stage, json!([basis("lent", json!("x"), "2024-01-01", Value::Null)])).await, refused("kind unknown"));
    let named = basis("authorised", json!(format!(" {FIRST} ")), "2024-01-01", Value::Null);
    assert_eq!(set(&stage, json!([named])).await, (StatusCode::OK, vec![]));
    assert_eq!(stage.read("approver1", "/sessions/current").await["staff"]["bases"][0]["document"], FIRST);
    // Entered late, it counts for what is decided from then on.
    decided(&stage).await;
    assert_eq!(rows(&stage).await, [(json!(false), "依据没有登记文件".to_owned()), (json!(true), format!("授权（{FIRST}）"))]);
}
