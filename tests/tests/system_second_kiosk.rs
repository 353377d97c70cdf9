//! The real programs with two kiosks in one hall: the line is cut, the second takes its numbers at the keeper; the keeper
//! dies, and the second takes over by the supervisor's word; the line is back, and the centre has everything once.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::{Client, Reply};
use tests::device_program::DeviceProgram;
use tests::net_proxy::{Line, NetProxy};
use tests::program::Start;

/// Time for what the hall does by itself: noticing a cut, the lease and its margin, a device's back-off.
const HALL_WAIT: Duration = Duration::from_secs(90);
const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const PIN: &str = "204815";

async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    tests::until::found(HALL_WAIT, what, look).await
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

async fn ask(at: SocketAddr, cookie: &str, method: Method, path: &str, key: Option<&str>, body: Option<Value>) -> Option<Reply> {
    let mut client = Client::connect(at).await.ok()?.with("cookie", cookie);
    client.send(method, path, key, body.as_ref()).await.ok()
}

/// A number at a kiosk's page.
async fn touch(page: SocketAddr, key: &str) -> Option<String> {
    let reply = ask(page, "", Method::POST, "/local/tickets", Some(key), Some(json!({ "line_id": LINE }))).await?;
    reply.body["number"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_keeper_dies_too_the_second_kiosk_goes_on_by_the_supervisors_word() {
    let folder = TempDir::new().expect("a folder");
    let program = Start::demo(&folder.path().join("data")).run();
    let server = program.address;
    let proxy = NetProxy::start(server).await;
    let line = format!("http://{}", proxy.address());
    let flags = ["--keeper", "--hall-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"];
    let first = DeviceProgram::start("kiosk", &line, folder.path(), &flags);

    let mut at_server = Client::connect(server).await.expect("it listens");
    let (supervisor, it) = (at_server.sign_in("supervisor").await, at_server.sign_in("it").await);
    let clerk = at_server.sign_in("clerk1").await;
    let codes = format!("/api/v1/sites/{SITE}/pairing-codes");
    let code = ask(server, &it, Method::POST, &codes, None, Some(json!({ "kind": "kiosk" }))).await.expect("an answer");
    let code = code.body["code"].as_str().expect("a code").to_owned();
    let second = DeviceProgram::paired("kiosk", "second", &line, folder.path(), &code, &flags);
    let (first_page, second_page) = (address(&first.url), address(&second.url));
    for cookie in [&supervisor, &clerk] {
        let set = ask(server, cookie, Method::PUT, "/api/v1/sessions/current/hall-pin", None, Some(json!({ "pin": PIN }))).await;
        assert_eq!(set.expect("an answer").status, 204);
    }
    let care = async |page: SocketAddr| ask(page, "", Method::GET, "/local/care", None, None).await.map(|reply| reply.body);
    let own_id = async |page: SocketAddr| care(page).await?["device_id"].as_str().map(str::to_owned);
    let (first_id, second_id) =
        (until("a paired kiosk", async || own_id(first_page).await).await, until("the other", async || own_id(second_page).await).await);
    let keeper_path = format!("/api/v1/sites/{SITE}/keeper");
    let view = async || ask(server, &supervisor, Method::GET, &keeper_path, None, None).await.map(|reply| reply.body);
    until("both kiosks can keep the hall", async || (view().await?["candidates"].as_array()?.len() == 2).then_some(())).await;
    let appointed = ask(server, &supervisor, Method::PUT, &keeper_path, Some("appoint"), Some(json!({ "device_id": first_id }))).await;
    assert_eq!(appointed.expect("an answer").status, 200);
    until("a keeper that follows", async || (view().await?["state"] == "following").then_some(())).await;
    // A person says that the second may keep the hall too, and that the address is its own.
    let claimed = until("a second kiosk that says where it is", async || {
        let seen = view().await?;
        let own = seen["candidates"].as_array()?.iter().find(|candidate| candidate["device_id"] == second_id.as_str())?;
        own["claimed_address"].as_str().or(own["address"].as_str()).map(str::to_owned)
    })
    .await;
    let (candidate, admit) = (format!("{keeper_path}/candidates/{second_id}"), json!({ "allowed": true, "address": claimed }));
    assert_eq!(ask(server, &supervisor, Method::PUT, &candidate, Some("admit"), Some(admit)).await.expect("an answer").status, 200);
    ask(server, &clerk, Method::POST, "/api/v1/windows/w_dc_1/open", Some("open"), Some(json!({}))).await.expect("an answer");
    assert_eq!(touch(second_page, "t1").await.as_deref(), Some("A001"));
    let standby = async || care(second_page).await?["keeper"]["standby"]["state"].as_str().map(str::to_owned);
    until("a second kiosk that follows", async || (standby().await? == "line_up").then_some(())).await;

    // The line is cut: both machines give numbers, of one series.
    proxy.set(Line::Cut);
    until("a keeper that decides", async || (care(first_page).await?["keeper"]["is_deciding"] == true).then_some(())).await;
    let at_second = until("a number at the second kiosk", async || touch(second_page, "t2").await).await;
    assert!(at_second.starts_with("AK"), "{at_second}");
    assert_eq!(touch(second_page, "t2").await.as_deref(), Some(at_second.as_str()), "the same touch, the same number");
    let at_first = touch(first_page, "t3").await.expect("a number");
    assert!(at_first.starts_with("AK") && at_first != at_second, "{at_first}");
    assert_eq!(standby().await.as_deref(), Some("keeper_there"));

    // The keeper dies too.
    drop(first);
    until("a second kiosk that may take over", async || (standby().await? == "ready").then_some(())).await;
    assert_eq!(touch(second_page, "t4").await, None, "by itself it gives none");
    let seen = care(second_page).await.expect("an answer");
    assert!(seen["supervisors"].as_array().is_some_and(|all| all.iter().any(|one| one["username"] == "supervisor")), "{seen}");
    let word = |username: &str| json!({ "username": username, "pin": PIN, "is_off": true });
    let take_over = async |username: &str| {
        ask(second_page, "", Method::POST, "/local/care/take-over", None, Some(word(username))).await.expect("an answer")
    };
    assert_eq!(take_over("clerk1").await.status, 403);
    let taken = take_over("supervisor").await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let number = touch(second_page, "t5").await.expect("a number");
    assert!(number.ends_with("001") && !number.starts_with("AK") && number != "A001", "a series of its own: {number}");
    let seen = care(second_page).await.expect("an answer");
    let hall = address(seen["keeper"]["address"].as_str().expect("an address"));
    let signed = ask(hall, "", Method::POST, "/api/v1/sessions", None, Some(json!({ "username": "clerk1", "pin": PIN }))).await;
    let signed = signed.expect("an answer");
    let pin_cookie = signed.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("a first part").to_owned();
    let call = ask(hall, &pin_cookie, Method::POST, "/api/v1/windows/w_dc_1/call-next", Some("c1"), Some(json!({}))).await;
    let call = call.expect("an answer");
    assert_eq!(call.body["ticket"]["number"].as_str(), Some(number.as_str()), "only its own: {}", call.text);

    // The line is back, the first is not: the second is the keeper, and whoever was left waits for the first.
    proxy.set(Line::Up);
    let settled = until("the second kiosk in office", async || {
        let seen = view().await?;
        (seen["device_id"] == second_id.as_str() && seen["state"] == "following" && seen["unsent"] == 0).then_some(seen)
    })
    .await;
    assert_eq!((settled["left"].as_u64(), settled["open_entries"].as_u64()), (Some(1), Some(1)), "{settled}");
    let entries = ask(server, &supervisor, Method::GET, &format!("{keeper_path}/entries"), None, None).await.expect("an answer").body;
    assert_eq!(entries["items"][0]["rule"], "took_over", "{entries}");

    // The first is switched on again: it hands over what it gave, and everybody is the hall's again.
    let _first = DeviceProgram::start("kiosk", &line, folder.path(), &flags);
    until("what the first had", async || (view().await?["left"] == 0).then_some(())).await;
    let listed = ask(server, &supervisor, Method::GET, &format!("/api/v1/sites/{SITE}/tickets?limit=200"), None, None).await;
    let listed = listed.expect("an answer").body;
    let mut numbers: Vec<&str> =
        listed["items"].as_array().expect("tickets").iter().filter_map(|ticket| ticket["number"].as_str()).collect();
    numbers.sort_unstable();
    let mut expected = ["A001", at_first.as_str(), at_second.as_str(), number.as_str()];
    expected.sort_unstable();
    assert_eq!(numbers, expected, "each once");
}
