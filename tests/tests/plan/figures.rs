//! The plan's figures of a district: each is what its rows say, sites add up by their parts, and what a hall's own
//! report says is the same here.

use axum::http::Method;
use serde_json::{Value, json};
use tests::app::TestApp;

use super::{CENTER, DISTRICT, Office};

const SPAN: &str = "from=2026-11-24&to=2026-11-24";
const SHARES: [&str; 7] = ["satisfaction", "rated", "on_time", "first_time", "one_window", "must_enter", "under_basis"];

fn site<'a>(figures: &'a Value, id: &str) -> &'a Value {
    let sites = figures["sites"].as_array().expect("sites");
    &sites.iter().find(|one| one["site_id"] == id).expect("the site")["figures"]
}

async fn rows(office: &Office, site: &str, figure: &str) -> Vec<Value> {
    let page = office.read("district", &format!("/sites/{site}/figure-rows?figure={figure}&{SPAN}&limit=200")).await;
    assert_eq!(page["next_cursor"], Value::Null, "{figure}");
    page["items"].as_array().expect("items").clone()
}

/// Two visits, one rated badly; a case decided and lying in the cabinet, one that had to come back.
async fn a_day(office: &Office) {
    let stage = &office.stage;
    stage.ok("clerk1", "/windows/w_dc_1/open", json!({})).await;
    for level in [Some("very_dissatisfied"), None] {
        let ticket = stage.ok("clerk1", &format!("/sites/{CENTER}/tickets"), json!({ "line_id": "l_dc_demo-line" })).await;
        stage.pass(90_000);
        let called = stage.ok("clerk1", "/windows/w_dc_1/call-next", json!({})).await;
        let id = called["ticket"]["id"].as_str().expect("somebody waits");
        stage.ok("clerk1", &format!("/tickets/{id}/start"), json!({})).await;
        stage.pass(60_000);
        stage.ok("clerk1", &format!("/tickets/{id}/finish"), json!({ "outcome": "consulted" })).await;
        if let Some(level) = level {
            let rating = json!({ "tracking_code": ticket["tracking_code"], "subject": "visit", "level": level, "channel": "qr" });
            let answer = stage.app.post(&tests::app::Actor::Nobody, "/api/v1/evaluations", rating).await;
            assert!(answer.status.is_success(), "{}", answer.body);
        }
    }
    stage.notified(&["site"]).await;
    let id = stage.received(true).await;
    let items = json!({ "items": [{ "text": "补林权证", "basis": "行政许可法第三十二条" }] });
    stage.ok("clerk1", &format!("/cases/{id}/request-correction"), items).await;
}

async fn figures_are_what_their_rows_say(app: TestApp) {
    let office = Office::on(app).await;
    a_day(&office).await;
    let figures = office.read("district", &format!("/sites/{DISTRICT}/subtree-figures?{SPAN}")).await;
    assert_eq!(figures["sites"].as_array().map(Vec::len), Some(11), "every site of the district");
    let center = site(&figures, CENTER);
    for key in SHARES {
        let (figure, rows) = (&center[key], rows(&office, CENTER, key).await);
        let counting = rows.iter().filter(|row| row["counts"] == true).count();
        assert_eq!((&figure["part"], &figure["whole"]), (&json!(counting), &json!(rows.len())), "{key}");
        assert!((figure["value"].as_f64().expect("a value") - counting as f64 / rows.len() as f64).abs() < 1e-12, "{key}");
    }
    assert_eq!((&center["satisfaction"]["value"], &center["rated"]["value"]), (&json!(0.0), &json!(0.5)));
    assert_eq!(
        (&center["waiting"]["value"], &center["waiting"]["whole"], &center["serving"]["value"]),
        (&json!(90.0), &json!(2), &json!(60.0))
    );
    assert_eq!(rows(&office, CENTER, "waiting").await.iter().map(|row| row["seconds"].as_i64()).collect::<Vec<_>>(), [Some(90), Some(90)]);
    assert_eq!(
        (&center["on_time"]["whole"], &center["first_time"]["value"], &center["under_basis"]["value"]),
        (&json!(1), &json!(1.0), &json!(1.0))
    );
    assert_eq!((&center["must_enter"]["part"], &center["must_enter"]["whole"]), (&json!(5), &json!(6)), "one of seven is exempt");
    assert_eq!(center["uncollected"]["ages"], json!([1, 0, 0, 0]));
    assert_eq!(rows(&office, CENTER, "uncollected").await.len(), 1);

    // Accepted at the centre alone: listed at the other two and never there.
    let wanted = "林木采伐许可（自留地、房前屋后零星林木除外）";
    for (place, count) in [(CENTER, 0), ("demo-sumu", 1), ("demo-town", 1)] {
        assert_eq!(site(&figures, place)["never_here"]["value"], json!(f64::from(count)), "{place}");
        assert!(rows(&office, place, "never_here").await.iter().all(|row| row["name"] == wanted), "{place}");
    }

    let own = office.read("supervisor", &format!("/sites/{CENTER}/figures?{SPAN}")).await;
    for (key, of_hall) in [("satisfaction", "satisfaction"), ("rated", "visits_rated_share"), ("on_time", "on_time_share")] {
        assert_eq!(center[key]["value"], own[of_hall], "{key}");
    }
    assert_eq!(
        (center["waiting"]["value"].as_f64(), center["issued"]["value"].as_f64()),
        (own["average_wait_s"].as_f64(), own["tickets_issued"].as_f64())
    );

    let part = |key: &str, what: &str| {
        figures["sites"].as_array().expect("sites").iter().filter_map(|one| one["figures"][key][what].as_u64()).sum::<u64>()
    };
    for key in SHARES {
        assert_eq!(
            (figures["whole"][key]["part"].as_u64(), figures["whole"][key]["whole"].as_u64()),
            (Some(part(key, "part")), Some(part(key, "whole"))),
            "{key}"
        );
    }
    let quiet = site(&figures, "demo-town");
    for key in ["waiting", "satisfaction", "on_time", "must_enter", "tier_basic"] {
        assert!(quiet[key]["value"].is_null() && quiet[key]["reason"].is_string(), "{key}: {}", quiet[key]);
    }
    for head in figures["heads"].as_array().expect("heads") {
        assert!(head["text"].as_str().is_some_and(|text| text.chars().count() > 5), "{head}");
    }
}

#[tokio::test]
async fn figures_are_what_their_rows_say_in_memory() {
    figures_are_what_their_rows_say(TestApp::memory().await).await;
}

#[tokio::test]
async fn figures_are_what_their_rows_say_on_sqlite() {
    figures_are_what_their_rows_say(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn figures_are_what_their_rows_say_on_postgres() {
    let database = tests::postgres::database();
    figures_are_what_their_rows_say(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_supervisor_sees_the_own_site_and_a_wrong_question_is_told() {
    let office = Office::on(TestApp::memory().await).await;
    let own = office.read("supervisor", &format!("/sites/{CENTER}/subtree-figures?{SPAN}")).await;
    let sites: Vec<_> = own["sites"].as_array().expect("sites").iter().filter_map(|one| one["site_id"].as_str()).collect();
    assert_eq!(sites, [CENTER]);
    let answer = office.send("district", Method::GET, &format!("/sites/{CENTER}/figure-rows?figure=made_up&{SPAN}"), None).await;
    assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["field"]), (422, &json!("figure")));
}

#[test]
fn the_manual_says_what_the_plans_figures_mean() {
    let manual = std::fs::read_to_string(crate::sources::workspace_root().join("docs/use/figures.md")).expect("the manual");
    for one in domain::plan::FIGURES {
        assert!(manual.contains(&format!("| {} | {} |", one.name, one.text())), "{}", one.key);
    }
}
