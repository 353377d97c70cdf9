//! Devices cared for from afar: the page loaded again, the picture of a display, the paper and how long it lasts, the
//! version that is behind, and how a slip looks before it is printed.

use axum::http::{Method, StatusCode};
use protocol::device::{DeviceCare, FromDevice, ToDevice};
use protocol::slip::PaperUse;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};
use tests::device_line::DeviceLine;

const SITE: &str = "demo-center";
const DISPLAY: &str = "dev_dc_demo-display";
const PRINTER: &str = "dev_dc_demo-printer";
const KIOSK: &str = "dev_dc_demo-kiosk";

async fn device(app: &TestApp, who: &Actor, id: &str) -> Value {
    let listed = app.get(who, "/api/v1/devices?limit=200").await;
    assert_eq!(listed.status, StatusCode::OK);
    listed.body["items"].as_array().and_then(|all| all.iter().find(|one| one["id"] == id)).cloned().expect("the device is listed")
}

async fn care(line: &mut DeviceLine) -> DeviceCare {
    line.next_where(|frame| match frame {
        ToDevice::Care(care) => Some(care),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_loaded_again_once_whether_the_device_is_there_or_comes_later() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let reload = format!("/api/v1/devices/{KIOSK}/reload-page");
    assert_eq!(app.send(&it, Method::POST, &reload, Some("r1"), Some(json!({}))).await.status, StatusCode::OK);
    let (mut line, _) = DeviceLine::open(server, "demo-kiosk").await;
    let first = care(&mut line).await;
    assert_eq!(first.version, env!("CARGO_PKG_VERSION"));
    let replayed = app.send(&it, Method::POST, &reload, Some("r1"), Some(json!({}))).await;
    assert_eq!(replayed.status, StatusCode::OK);
    assert_eq!(app.send(&it, Method::POST, &reload, Some("r2"), Some(json!({}))).await.status, StatusCode::OK);
    assert_eq!(care(&mut line).await.reload, first.reload + 1, "a retry asks for nothing more");
    let of_printer = app.post(&it, &format!("/api/v1/devices/{PRINTER}/reload-page"), json!({})).await;
    assert_eq!((of_printer.status, &of_printer.body["code"]), (StatusCode::CONFLICT, &json!("no_page")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_display_sends_its_picture_and_no_other_device_does() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let before = care(&mut line).await.picture;
    let none = app.get(&it, &format!("/api/v1/devices/{DISPLAY}/picture")).await;
    assert_eq!((none.status, &none.body["code"]), (StatusCode::CONFLICT, &json!("no_picture")));
    assert_eq!(app.post(&it, &format!("/api/v1/devices/{DISPLAY}/take-picture"), json!({})).await.status, StatusCode::OK);
    assert_eq!(care(&mut line).await.picture, before + 1);

    let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0][..], &[7; 2_000]].concat();
    let send = async |token: &str, kind: &str, bytes: &[u8]| {
        let sender = Actor::Device(token.to_owned());
        let headers = [("content-type", kind)];
        app.send_raw(&sender, Method::PUT, "/api/v1/devices/current/picture", &headers, bytes.to_vec()).await.status.as_u16()
    };
    assert_eq!(send("demo-display", "image/jpeg", &jpeg).await, 204);
    assert_eq!(send("demo-display", "image/jpeg", b"<svg/>").await, 422);
    assert_eq!(send("demo-display", "image/png", &jpeg).await, 422);
    assert_eq!(send("demo-kiosk", "image/jpeg", &jpeg).await, 409, "a kiosk may show what somebody types");
    assert_eq!(send("nobody", "image/jpeg", &jpeg).await, 401);

    assert!(device(&app, &it, DISPLAY).await["picture_at"].is_string());
    let picture = app.get(&it, &format!("/api/v1/devices/{DISPLAY}/picture")).await.bytes;
    assert_eq!(picture, jpeg);
    let kiosk = app.post(&it, &format!("/api/v1/devices/{KIOSK}/take-picture"), json!({})).await;
    assert_eq!((kiosk.status, &kiosk.body["code"]), (StatusCode::CONFLICT, &json!("not_a_display")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paper_of_a_printer_is_told_with_the_days_that_it_lasts() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let profile = json!({ "printer_profile": { "roll_m": 50, "layout": "saving" } });
    let binding = format!("/api/v1/devices/{PRINTER}/binding");
    assert_eq!(app.send(&it, Method::PUT, &binding, None, Some(profile)).await.status, StatusCode::OK);
    let too_long = json!({ "printer_profile": { "roll_m": 501 } });
    assert_eq!(app.send(&it, Method::PUT, &binding, None, Some(too_long)).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let (mut line, config) = DeviceLine::open(server, "demo-printer").await;
    assert_eq!(config.printer_profile.map(|profile| profile.roll_m), Some(50));
    let used = PaperUse { today_mm: 2_400, mean_day_mm: Some(10_000), since_roll_mm: Some(20_000), rolls_changed: 3 };
    line.say(&FromDevice::Paper(used)).await;
    let told = async |wanted: &str, value: Value| {
        for _ in 0..100 {
            let paper = device(&app, &it, PRINTER).await["paper"].clone();
            if paper[wanted] == value {
                return paper;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{wanted} is never {value}")
    };
    let paper = told("left_mm", json!(30_000)).await;
    assert_eq!((&paper["today_mm"], &paper["left_days"], &paper["spare_rolls"]), (&json!(2_400), &json!(3), &Value::Null));

    let counted = app.send(&it, Method::PUT, &format!("/api/v1/devices/{PRINTER}/paper"), None, Some(json!({ "spare_rolls": 2 }))).await;
    assert_eq!((counted.status, &counted.body["paper"]["left_days"]), (StatusCode::OK, &json!(13)));
    line.say(&FromDevice::Paper(PaperUse { since_roll_mm: Some(0), rolls_changed: 4, ..used })).await;
    let paper = told("spare_rolls", json!(1)).await;
    assert_eq!(paper["left_days"], 10, "the new roll and the one in the cupboard");
    let of_kiosk = app.send(&it, Method::PUT, &format!("/api/v1/devices/{KIOSK}/paper"), None, Some(json!({ "spare_rolls": 2 }))).await;
    assert_eq!(of_kiosk.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_version_is_named() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    assert_eq!(device(&app, &it, DISPLAY).await["update_to"], Value::Null, "one that was never there has no version");
    let (_line, _) = DeviceLine::open(server, "demo-display").await;
    assert_eq!(device(&app, &it, DISPLAY).await["update_to"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_a_display_could_not_say_stand_in_the_list_of_devices() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let text = "11-30 10:42 有号叫过没有出声：A012、A013";
    line.say(&FromDevice::Status { printer: None, error: Some(text.to_owned()) }).await;
    for _ in 0..100 {
        let told = device(&app, &it, DISPLAY).await;
        if told["error"] == text {
            assert_eq!(told["online"], true);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it is never told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_seen_before_it_is_printed() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let of = |query: &str| format!("/api/v1/sites/{SITE}/slip-preview?{query}");
    let mut heights = Vec::new();
    for query in
        ["sample=ticket&text=raster", "sample=ticket&text=raster&layout=saving", "sample=ticket", "sample=calibration&width_dots=384"]
    {
        let png = app.get(&it, &of(query)).await.bytes;
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a PNG");
        let (width, height) = (reader.info().width, reader.info().height);
        assert_eq!(width, if query.contains("384") { 384 } else { 576 }, "{query}");
        let mut dots = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut dots).expect("a picture");
        assert!(dots.iter().any(|byte| *byte != 0xFF), "{query}: something is on it");
        heights.push(height);
    }
    assert!(heights[0] <= 960 && heights[1] <= 720, "at most 120 and 90 mm: {heights:?}");
    for wrong in ["sample=ticket&width_dots=400", "sample=photo", "layout=saving"] {
        assert_eq!(app.get(&it, &of(wrong)).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(app.get(&clerk, &of("sample=ticket")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_displays_in_one_zone_one_speaks_and_another_takes_over() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let code = app.post(&it, &format!("/api/v1/sites/{SITE}/pairing-codes"), json!({ "kind": "display" })).await;
    let paired = app.post(&Actor::Nobody, "/api/v1/devices/pair", json!({ "code": code.body["code"] })).await;
    let token = paired.body["token"].as_str().expect("a token").to_owned();
    let second_id = paired.body["device_id"].as_str().expect("an id").to_owned();

    let (first, _) = DeviceLine::open(server, "demo-display").await;
    let (second, _) = DeviceLine::open(server, &token).await;
    // The one with the smaller id speaks, whichever came first.
    let (mut speaking, mut silent, silent_id) =
        if DISPLAY < second_id.as_str() { (first, second, second_id.as_str()) } else { (second, first, DISPLAY) };
    assert!(care(&mut speaking).await.speaks);
    while care(&mut silent).await.speaks {}

    let zone = app.send(&it, Method::PUT, &format!("/api/v1/devices/{silent_id}/binding"), None, Some(json!({ "zone": "二楼" }))).await;
    assert_eq!(zone.status, StatusCode::OK);
    assert!(care(&mut silent).await.speaks, "the only one of its zone");
    let back = app.send(&it, Method::PUT, &format!("/api/v1/devices/{silent_id}/binding"), None, Some(json!({}))).await;
    assert_eq!(back.status, StatusCode::OK);
    assert!(!care(&mut silent).await.speaks);
    drop(speaking);
    assert!(care(&mut silent).await.speaks, "a zone does not fall silent with one screen");

    let voice = json!({ "repeats": 3, "volume": [{ "from": "08:30", "percent": 60 }] });
    let set = app.send(&it, Method::PUT, &format!("/api/v1/devices/{silent_id}/voice"), None, Some(voice.clone())).await;
    assert_eq!((set.status, &set.body["voice"]), (StatusCode::OK, &voice));
    assert_eq!(care(&mut silent).await.voice.repeats, 3);
    let wrong = json!({ "repeats": 4, "volume": [{ "from": "25:00", "percent": 60 }] });
    let refused = app.send(&it, Method::PUT, &format!("/api/v1/devices/{silent_id}/voice"), None, Some(wrong)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["errors"].as_array().map(Vec::len), Some(2));
    let of_kiosk = app.send(&it, Method::PUT, &format!("/api/v1/devices/{KIOSK}/voice"), None, Some(json!({}))).await;
    assert_eq!(of_kiosk.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_display_shows_is_set_and_told_to_it_at_once() {
    let app = TestApp::sqlite().await;
    let it = app.sign_in("it").await;
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    assert_eq!(care(&mut line).await.layout, None, "its own address says it");
    let put = async |who: &Actor, id: &str, body: Value| {
        app.send(who, Method::PUT, &format!("/api/v1/devices/{id}/layout"), None, Some(body)).await
    };
    let body = json!({ "view": "hall", "second": "mn", "blocks": ["windows", "before"], "columns": 1, "size": "large" });
    let set = put(&it, DISPLAY, body).await;
    assert_eq!((set.status, &set.body["layout"]["blocks"]), (StatusCode::OK, &json!(["before", "windows"])), "{}", set.body);
    let told = care(&mut line).await.layout.expect("a layout");
    assert_eq!(json!(told), set.body["layout"]);
    assert_eq!(device(&app, &it, DISPLAY).await["layout"], set.body["layout"]);
    let strip = put(&it, DISPLAY, json!({ "view": "window" })).await;
    assert_eq!((strip.status, &strip.body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("window")));
    let unknown = put(&it, DISPLAY, json!({ "view": "window", "window": 999 })).await;
    assert_eq!((unknown.status, &unknown.body["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")));
    assert_eq!(put(&it, DISPLAY, json!({ "view": "window", "window": 1 })).await.status, StatusCode::OK);
    assert_eq!(put(&it, KIOSK, json!({})).await.body["code"], "not_a_display");
    assert_eq!(put(&it, DISPLAY, json!({ "colour": "red" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_at_a_kiosk_is_seen_from_afar_until_it_is_over() {
    let app = TestApp::sqlite().await;
    let (it, supervisor) = (app.sign_in("it").await, app.sign_in("supervisor").await);
    let server = app.serve().await;
    let (mut line, _) = DeviceLine::open(server, "demo-kiosk").await;
    for error in [Some("身份证机具没有回答".to_owned()), None] {
        line.say(&FromDevice::Status { printer: None, error: error.clone() }).await;
        let seen = async || (device(&app, &supervisor, KIOSK).await["error"].as_str().map(str::to_owned) == error).then_some(());
        tests::until::found(std::time::Duration::from_secs(10), "the kiosk's last error", seen).await;
    }
    assert_eq!(device(&app, &it, KIOSK).await["error"], Value::Null);
}
