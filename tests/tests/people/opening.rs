//! A centre opened by copying one, with its checklist and a face of its own.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

use super::{SITE, coded, done, fields, post, put, read};

/// A small PNG picture.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 4);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a head");
    writer.write_image_data(&[90; 48]).expect("a picture");
    writer.finish().expect("an end");
    bytes
}

fn open_points(opening: &Value) -> Vec<String> {
    let items = opening["items"].as_array().expect("points");
    items.iter().filter(|item| item["done"] == false).filter_map(|item| item["key"].as_str().map(str::to_owned)).collect()
}

async fn a_centre_is_opened_by_copying_on(app: TestApp) {
    let admin = app.sign_in("admin").await;
    let wanted = json!({ "id": "hua-lin", "name": "桦林镇便民服务中心", "address": "桦林镇中街 1 号", "phone": "0470-1234567" });
    let path = format!("/sites/{SITE}/copy");
    let made = app.send(&admin, Method::POST, &format!("/api/v1{path}"), Some("one"), Some(wanted.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let again = app.send(&admin, Method::POST, &format!("/api/v1{path}"), Some("one"), Some(wanted)).await;
    assert_eq!((again.status, again.replayed, &again.body), (StatusCode::CREATED, true, &made.body));
    assert_eq!((&made.body["kind"], &made.body["parent_id"]), (&json!("center"), &json!("demo-district")));

    // The same hall under ids of its own, with nobody and nothing in it.
    let (old, new) = (read(&app, &admin, &format!("/sites/{SITE}/policy")).await, read(&app, &admin, "/sites/hua-lin/policy").await);
    assert_eq!(old["lines"].as_array().map(Vec::len), new["lines"].as_array().map(Vec::len));
    assert_eq!(new["lines"][0]["id"].as_str().map(|id| id.starts_with("l_hl_")), Some(true), "{}", new["lines"][0]);
    assert!(!new.to_string().contains("_dc_"), "no id of the old hall is left");
    let matters = read(&app, &admin, "/sites/hua-lin/matters?query=&limit=200").await;
    assert!(matters["items"].as_array().is_some_and(|all| !all.is_empty()));
    let staff = read(&app, &admin, "/sites/hua-lin/staff").await;
    assert_eq!(staff["items"], json!([]));
    assert!(read(&app, &Actor::Nobody, "/sites").await.to_string().contains("hua-lin"));

    // What is missing is looked for; each step makes one point more true.
    let opening = async || read(&app, &admin, "/sites/hua-lin/opening").await;
    assert_eq!(open_points(&opening().await), ["staff", "supervisor", "devices", "test_print"]);
    done(&app, &admin, "/sites/hua-lin/staff", json!({ "username": "hl1", "name": "甲", "roles": ["clerk", "supervisor"] })).await;
    assert_eq!(open_points(&opening().await), ["devices", "test_print"]);
    for kind in ["kiosk", "display", "printer"] {
        let code = done(&app, &admin, "/sites/hua-lin/pairing-codes", json!({ "kind": kind })).await["code"].clone();
        let paired = app.send(&Actor::Nobody, Method::POST, "/api/v1/devices/pair", Some(kind), Some(json!({ "code": code }))).await;
        assert!(paired.status.is_success(), "{}", paired.body);
    }
    assert_eq!(open_points(&opening().await), ["test_print"]);

    // A ticket can be taken there at once.
    let hired = post(&app, &admin, "/sites/hua-lin/staff", json!({ "username": "hl2", "name": "乙", "roles": ["clerk"] })).await;
    assert_eq!(hired.status, StatusCode::CREATED);
    let log = app.app.stores.events.events_after("hua-lin", 0, 10).await.expect("its own log");
    assert_eq!(log[0].kind, "site_opened");
}

#[tokio::test]
async fn a_centre_is_opened_by_copying() {
    a_centre_is_opened_by_copying_on(TestApp::memory().await).await;
    a_centre_is_opened_by_copying_on(TestApp::sqlite().await).await;
    let database = tests::postgres::database();
    a_centre_is_opened_by_copying_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn a_partner_point_has_a_reduced_list() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let rows = app.app.stores.catalogue.matters(SITE).await.expect("matters");
    let one = rows.iter().find(|row| row.id.ends_with("demo-instant")).expect("the matter");
    let wanted = json!({ "id": "bank-1", "name": "农商行合作点", "kind": "partner_point", "matter_ids": [one.id] });
    let made = done(&app, &admin, &format!("/sites/{SITE}/copy"), wanted).await;
    assert_eq!((&made["matters"], &made["lines"], &made["kind"]), (&json!(1), &json!(1), &json!("partner_point")));
    let policy = read(&app, &admin, "/sites/bank-1/policy").await;
    let windows = policy["windows"].as_array().expect("windows");
    assert!(!windows.is_empty() && windows.iter().all(|window| window["line_ids"].as_array().map(Vec::len) == Some(1)));
}

#[tokio::test]
async fn a_copy_tells_every_fault_at_once() {
    let app = TestApp::memory().await;
    let (admin, path) = (app.sign_in("admin").await, format!("/sites/{SITE}/copy"));
    let name = app.app.directory.get().site(SITE).expect("the site").name.clone();
    let wrong = json!({
        "id": "Hua Lin", "name": name, "key": "TOO-LONG-KEY", "kind": "palace", "parent_id": "nowhere", "matter_ids": ["m_dc_none"],
    });
    let answer = post(&app, &admin, &path, wrong).await;
    assert_eq!(fields(&answer), ["id", "key", "name", "kind", "parent_id", "matter_ids[0]"]);
    let practice = post(&app, &admin, &path, json!({ "id": "practice-mine", "name": "x" })).await;
    assert_eq!(fields(&practice), ["id"], "no real site looks like a practice hall");
    let taken = post(&app, &admin, &path, json!({ "id": SITE, "name": "另一个", "key": "dc" })).await;
    assert_eq!(fields(&taken), ["id", "key"]);
    let supervisor = app.sign_in("supervisor").await;
    assert_eq!(coded(&post(&app, &supervisor, &path, json!({})).await), (403, "forbidden"));
}

#[tokio::test]
async fn a_site_has_its_own_face_within_the_contrast_rule() {
    let app = TestApp::memory().await;
    let (admin, path) = (app.sign_in("admin").await, format!("/sites/{SITE}/profile"));
    let light = json!({ "name": "白桦镇中心", "accent": "#f0b323" });
    let refused = put(&app, &admin, &path, light).await;
    assert_eq!((fields(&refused), &refused.body["errors"][0]["code"]), (vec!["accent".to_owned()], &json!("contrast")));
    assert_eq!(fields(&put(&app, &admin, &path, json!({ "name": "", "accent": "teal" })).await), ["name", "accent"]);
    let set =
        put(&app, &admin, &path, json!({ "name": "白桦镇中心", "address": "东街 2 号", "phone": "12345", "accent": "#7A1F1F" })).await;
    assert_eq!((set.status, &set.body["accent"], &set.body["name"]), (StatusCode::OK, &json!("#7a1f1f"), &json!("白桦镇中心")));
    let everybody = read(&app, &Actor::Nobody, &format!("/sites/{SITE}")).await;
    assert_eq!((&everybody["accent"], &everybody["logo_url"]), (&json!("#7a1f1f"), &Value::Null));

    let logo = format!("/api/v1/sites/{SITE}/logo");
    assert_eq!(app.get(&Actor::Nobody, &logo).await.status, StatusCode::NOT_FOUND);
    let png = picture();
    let send = async |bytes: &[u8]| app.send_raw(&admin, Method::PUT, &logo, &[("content-type", "image/png")], bytes.to_vec()).await;
    assert_eq!(send(b"<svg onload=alert(1)>").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&png).await.status, StatusCode::OK);
    let shown = app.get(&Actor::Nobody, &logo).await;
    assert_eq!((shown.status, shown.bytes), (StatusCode::OK, png));
    // The name changes and the logo stays; each is its own.
    put(&app, &admin, &path, json!({ "name": "白桦镇便民服务中心" })).await;
    let after = read(&app, &Actor::Nobody, &format!("/sites/{SITE}")).await;
    assert_eq!((&after["accent"], after["logo_url"].is_string()), (&Value::Null, true));
    done(&app, &admin, &format!("/sites/{SITE}/logo/remove"), json!({})).await;
    assert_eq!(app.get(&Actor::Nobody, &logo).await.status, StatusCode::NOT_FOUND);
}
