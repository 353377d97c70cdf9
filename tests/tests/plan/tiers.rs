//! Tiers of centres and stations: assessed by their supervisor with evidence, confirmed by somebody else.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::TestApp;

use super::{CENTER, DISTRICT, Office};

const STATION: &str = "demo-station-1";

async fn answers(office: &Office, site: &str, met: &[&str]) -> Value {
    let tier = office.read("district", &format!("/sites/{site}/tier")).await;
    let item = |item: &Value| {
        let is_met = met.contains(&item["id"].as_str().expect("an id"));
        json!({ "id": item["id"], "met": is_met, "evidence": if is_met { json!("照片 3 张") } else { Value::Null } })
    };
    json!({ "items": tier["items"].as_array().expect("items").iter().map(item).collect::<Vec<_>>() })
}

async fn assessed_and_confirmed(app: TestApp) {
    let office = Office::on(app).await;
    let (own, confirm) = (format!("/sites/{STATION}/tier"), format!("/sites/{STATION}/tier/confirm"));
    let before = office.read("supervisor", &own).await;
    assert_eq!((&before["state"], &before["points"], &before["actions"]), (&json!("none"), &json!(7), &json!(["assess"])));
    let without = json!({ "items": [{ "id": "place", "met": true }, { "id": "window", "met": true }] });
    assert_eq!(office.wrong("supervisor", Method::PUT, &own, without).await, ["items[0].evidence", "items[1].id", "items"]);
    office.refused("district", Method::POST, &confirm, json!({ "tier": "basic" }), StatusCode::CONFLICT, "tier_state").await;

    let wanted = answers(&office, STATION, &["place", "staff", "guides", "assist", "barrier-free", "rating"]).await;
    let told = office.done("supervisor", Method::PUT, &own, wanted).await;
    assert_eq!((&told["state"], &told["assessed"], &told["confirmed"]), (&json!("assessed"), &json!("standard"), &Value::Null));
    assert_eq!((&told["points_met"], &told["items"][0]["evidence"]), (&json!(6), &json!("照片 3 张")));
    office.refused("supervisor", Method::POST, &confirm, json!({ "tier": "standard" }), StatusCode::FORBIDDEN, "forbidden").await;
    assert_eq!(office.wrong("district", Method::POST, &confirm, json!({ "tier": "model" })).await, ["tier"]);
    assert_eq!(office.wrong("district", Method::POST, &confirm, json!({ "tier": "basic" })).await, ["note"]);
    let lower = json!({ "tier": "basic", "note": "无障碍通道没有扶手" });
    let told = office.done("district", Method::POST, &confirm, lower).await;
    assert_eq!((&told["state"], &told["confirmed"], &told["note"]), (&json!("confirmed"), &json!("basic"), &json!("无障碍通道没有扶手")));
    office.refused("district", Method::POST, &confirm, json!({ "tier": "basic" }), StatusCode::CONFLICT, "tier_state").await;

    // Who assesses does not confirm, whatever else he may do.
    let center = answers(&office, "demo-town", &["place", "staff", "guides"]).await;
    let told = office.done("district", Method::PUT, "/sites/demo-town/tier", center).await;
    assert_eq!((&told["assessed"], &told["actions"]), (&json!("basic"), &json!(["assess"])));
    office
        .refused(
            "district",
            Method::POST,
            "/sites/demo-town/tier/confirm",
            json!({ "tier": "basic" }),
            StatusCode::CONFLICT,
            "own_assessment",
        )
        .await;
    let none = office.send("district", Method::GET, &format!("/sites/{DISTRICT}/tier"), None).await;
    assert_eq!((none.status, &none.body["code"]), (StatusCode::CONFLICT, &json!("no_tier")));

    let span = "?from=2026-11-24&to=2026-11-24";
    let figures = office.read("district", &format!("/sites/{DISTRICT}/subtree-figures{span}")).await;
    let share = |key: &str| (figures["whole"][key]["part"].clone(), figures["whole"][key]["whole"].clone());
    assert_eq!(share("tier_basic"), (json!(1), json!(6)), "stations only");
    assert_eq!(share("tier_standard"), (json!(0), json!(9)), "centres and stations");
    let listed = office.read("supervisor", &format!("/sites/{CENTER}/tiers")).await;
    let sites: Vec<_> = listed["items"].as_array().expect("items").iter().filter_map(|one| one["site_id"].as_str()).collect();
    assert_eq!(sites, [CENTER, STATION, "demo-station-2", "demo-station-3"], "the own centre and its stations, no other");
    for event in office.stage.app.app.stores.events.events_after(STATION, 0, 1_000).await.expect("the log") {
        assert!(!event.body.contains("照片") && !event.body.contains("扶手"), "words lie sealed: {}", event.body);
    }
}

#[tokio::test]
async fn a_tier_is_assessed_and_confirmed_in_memory() {
    assessed_and_confirmed(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_tier_is_assessed_and_confirmed_on_sqlite() {
    assessed_and_confirmed(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn a_tier_is_assessed_and_confirmed_on_postgres() {
    let database = tests::postgres::database();
    assessed_and_confirmed(TestApp::postgres(&database.url).await).await;
}
