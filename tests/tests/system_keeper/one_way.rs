//! Only the keeper's way to the server is cut, and the keeper has no screen of its own: display and printer still reach the
//! server, which decides nothing, and find the keeper all the same.

use super::*;

const NO_SCREEN: [&str; 4] = ["--keeper", "--no-screen", "--hall-listen", "127.0.0.1:0"];

#[tokio::test(flavor = "multi_thread")]
async fn where_only_the_keepers_way_is_cut_the_halls_devices_go_to_it_and_come_back() {
    let hall = Hall::kept_by(&NO_SCREEN).await;
    assert_eq!(address(&hall.kiosk.as_ref().expect("a kiosk").url), hall.at, "without a screen it tells the hall's address");
    let whole = NetProxy::start(hall.server).await;
    let line = format!("http://{}", whole.address());
    let display = DeviceProgram::start("display", &line, hall.folder.path(), &["--listen", "127.0.0.1:0"]);
    let page = address(&display.url);
    let paper = hall.folder.path().join("slips");
    let _printer = DeviceProgram::start("printer", &line, hall.folder.path(), &["--folder", paper.to_str().expect("a path")]);
    let tickets = format!("/api/v1/sites/{SITE}/tickets");
    let does = async |cookie: &str, path: &str, body: Value| {
        let reply = ask(hall.at, cookie, Method::POST, path, Some(path), Some(body)).await.expect("an answer");
        assert!(matches!(reply.status, 200 | 201), "{path}: {}", reply.text);
        reply.body
    };
    does(&hall.cookies[&1], "/api/v1/windows/w_dc_1/open", json!({})).await;
    let first = does(&hall.cookies[&1], &tickets, json!({ "line_id": LINE })).await;
    does(&hall.cookies[&1], "/api/v1/windows/w_dc_1/call-next", json!({})).await;
    until("the call on the board", async || shows(page, first["number"].as_str()?).await).await;
    let id = first["id"].as_str().expect("an id");
    does(&hall.cookies[&1], &format!("/api/v1/tickets/{id}/abandon"), json!({})).await;
    hall.follows().await;

    hall.proxy.set(Line::Cut);
    hall.decides().await;
    let pins = hall.pin_cookies().await;
    let kept = ask(hall.at, &pins[&1], Method::POST, &tickets, Some("kept"), Some(json!({ "line_id": LINE }))).await.expect("an answer");
    assert_eq!((kept.status, kept.body["number"].as_str()), (201, Some("AK001")), "{}", kept.text);
    let call = ask(hall.at, &pins[&1], Method::POST, "/api/v1/windows/w_dc_1/call-next", Some("kept call"), Some(json!({}))).await;
    assert_eq!(call.expect("an answer").status, 200);
    until("the keeper's call on the board", async || shows(page, "AK001").await).await;
    until("the keeper's slip", async || slips(&paper).contains_key("AK001").then_some(())).await;

    hall.proxy.set(Line::Up);
    hall.follows().await;
    hall.passes_through().await;
    let next = ask(hall.server, &hall.cookies[&2], Method::POST, &tickets, Some("next"), Some(json!({ "line_id": LINE }))).await;
    let next = next.expect("an answer");
    assert_eq!(next.status, 201, "{}", next.text);
    until("a slip of the service", async || slips(&paper).contains_key(next.body["number"].as_str()?).then_some(())).await;
}
