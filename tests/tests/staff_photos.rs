//! Photos of staff: given by the person or by who runs the hall, shown on the pad where the person sits, gone with the
//! access; and what the pad shows while nobody is asked.

use axum::http::{Method, StatusCode};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::attachments::png;
use crate::matter_versions::fields;

const SITE: &str = "demo-center";
const CLERK: &str = "s_dc_clerk1";
const PHOTO: &str = "/api/v1/staff/s_dc_clerk1/photo";

async fn give(app: &TestApp, actor: &Actor, kind: &str, bytes: Vec<u8>) -> Answer {
    app.send_raw(actor, Method::PUT, PHOTO, &[("content-type", kind)], bytes).await
}

async fn read(app: &TestApp, actor: &Actor) -> StatusCode {
    app.get(actor, PHOTO).await.status
}

async fn a_photo_comes_and_goes_on(app: TestApp) {
    let (admin, clerk) = (app.sign_in("admin").await, app.sign_in("clerk1").await);
    let (other, supervisor) = (app.sign_in("clerk2").await, app.sign_in("supervisor").await);
    assert_eq!(read(&app, &clerk).await, StatusCode::NO_CONTENT);
    let own = give(&app, &clerk, "image/png", png(900, 600, 80)).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.body);
    let url = own.body["photo_url"].as_str().expect("an address").to_owned();
    let shown = app.get(&supervisor, &url).await;
    assert_eq!(
        (shown.status, shown.header("content-type"), shown.header("cache-control")),
        (StatusCode::OK, "image/jpeg", "private, max-age=3600")
    );
    assert!(shown.bytes.starts_with(&[0xFF, 0xD8]), "packed anew");
    let stranger = give(&app, &other, "image/png", png(200, 200, 1)).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "a colleague gives nobody a face");
    assert_eq!(read(&app, &Actor::Nobody).await, StatusCode::UNAUTHORIZED);

    for (kind, bytes, wrong) in [
        ("image/jpeg", b"%PDF-1.7\n1 0 obj".to_vec(), "file unsupported_type"),
        ("image/png", b"GIF89a\x01\0\x01\0".to_vec(), "file unsupported_type"),
        ("image/png", png(100, 300, 1), "file too_small"),
        ("image/png", Vec::new(), " empty"),
        ("application/pdf", png(200, 200, 1), "Content-Type wrong_type"),
    ] {
        let answer = give(&app, &supervisor, kind, bytes).await;
        assert_eq!((answer.status, fields(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, vec![wrong.to_owned()]), "{wrong}");
    }
    let large = give(&app, &supervisor, "image/png", vec![7; 300 * 1024]).await;
    assert!(large.status.is_client_error(), "{} {}", large.status, large.body);
    assert_eq!(app.get(&supervisor, &url).await.bytes, shown.bytes, "what was refused changed nothing");

    let another = give(&app, &supervisor, "image/png", png(400, 400, 200)).await.body["photo_url"].clone();
    assert_ne!(another, json!(url));
    // A change of the account keeps it; the end of access takes it.
    let account = json!({ "name": "王芳", "roles": ["clerk"], "outsourced": true });
    let changed = app.send(&admin, Method::PUT, "/api/v1/staff/s_dc_clerk1", None, Some(account)).await;
    assert_eq!((changed.status, &changed.body["photo_url"]), (StatusCode::OK, &another), "{}", changed.body);
    app.post(&admin, "/api/v1/staff/s_dc_clerk1/end-access", json!({ "reason": "离职" })).await;
    assert_eq!(read(&app, &supervisor).await, StatusCode::NO_CONTENT);
    app.post(&admin, "/api/v1/staff/s_dc_clerk1/restore-access", json!({ "reason": "回来了" })).await;
    assert_eq!(read(&app, &supervisor).await, StatusCode::NO_CONTENT, "it does not come back");
    let hash = app.app.stores.files.public_files(SITE, CLERK).await.expect("the store");
    assert!(hash.iter().all(|row| !row.named), "nothing keeps the contents");
    app.clock.advance(2 * 24 * 3_600_000);
    app.app.forget_files().await.expect("the timer");
    assert!(app.app.stores.files.public_files(SITE, CLERK).await.expect("the store").is_empty());
}

#[tokio::test]
async fn in_memory_a_photo_comes_and_goes() {
    a_photo_comes_and_goes_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_photo_comes_and_goes() {
    a_photo_comes_and_goes_on(TestApp::sqlite().await).await;
}

type Line = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// The next frame that says one of these things.
async fn told(pad: &mut Line, has: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let Some(Ok(Message::Text(text))) = pad.next().await else { continue };
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            let body = if frame["kind"] == "snapshot" { frame["state"].clone() } else { frame["event"].clone() };
            if has(&body) {
                return body;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("the pad is told")
}

#[tokio::test]
async fn a_pad_is_told_who_sits_there_and_what_the_hall_says() {
    let app = TestApp::memory().await;
    let (server, clerk, supervisor) = (app.serve().await, app.sign_in("clerk1").await, app.sign_in("supervisor").await);
    let notices = json!({ "version": 0, "notices": [{ "text": "今天下午停电" }] });
    let written = app.send(&supervisor, Method::PUT, &format!("/api/v1/sites/{SITE}/board"), None, Some(notices)).await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.body);
    let mut request = format!("ws://{server}/api/v1/sites/{SITE}/feed?view=pad").into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "yichuang, bearer.demo-pad".parse().expect("a header"));
    let (mut pad, _) = tokio_tungstenite::connect_async(request).await.expect("the pad's feed");
    let first = told(&mut pad, |_| true).await;
    let window = first["window"]["id"].as_str().expect("the pad stands at a window").to_owned();
    assert_eq!((&first["notices"], &first["opening"]["is_open"]), (&json!(["今天下午停电"]), &json!(true)), "{first}");
    assert_eq!(first["staff_photo"], Value::Null);

    let photo = format!("/api/v1/windows/{window}/photo");
    let device = Actor::Device("demo-pad".to_owned());
    assert_eq!(app.get(&device, &photo).await.status, StatusCode::NO_CONTENT, "nobody sits there");
    let opened = app.post(&clerk, &format!("/api/v1/windows/{window}/open"), json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    assert_eq!(app.get(&device, &photo).await.status, StatusCode::NO_CONTENT, "no photo yet");
    assert_eq!(give(&app, &clerk, "image/png", png(300, 300, 90)).await.status, StatusCode::OK);
    let pictured = told(&mut pad, |body| body["staff_photo"].is_string()).await;
    assert!(pictured["staff_photo"].as_str().is_some_and(|url| url.starts_with(&photo)), "{pictured}");
    let shown = app.get(&device, pictured["staff_photo"].as_str().expect("an address")).await;
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/jpeg"));
    assert_eq!(app.get(&Actor::Nobody, &photo).await.status, StatusCode::UNAUTHORIZED);

    let anew = json!({ "version": 1, "notices": [] });
    app.send(&supervisor, Method::PUT, &format!("/api/v1/sites/{SITE}/board"), None, Some(anew)).await;
    told(&mut pad, |body| body["notices"] == json!([])).await;
    app.post(&clerk, &format!("{PHOTO}/remove"), json!({})).await;
    told(&mut pad, |body| body.get("staff_photo") == Some(&Value::Null)).await;
}
