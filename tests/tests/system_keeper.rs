//! The real programs in a hall whose line is cut for most of a morning's business: the kiosk keeps the hall,
//! window, display and printer go on, and afterwards the centre has everything, once, as if there had been no cut.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::{Client, Reply};
use tests::device_program::DeviceProgram;
use tests::net_proxy::{Line, NetProxy};
use tests::program::Start;
use tests::slip_view::{Printer, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Time for what the hall does by itself: noticing a cut, the lease and its margin, a device's back-off.
const HALL_WAIT: Duration = Duration::from_secs(75);
const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const WINDOW: &str = "w_dc_1";
const PIN: &str = "204815";
/// What comes of the visits, in order.
const OUTCOMES: [&str; 6] = ["accepted", "consulted", "collected", "wrong_line", "other", "accepted"];

async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    tests::until::found(HALL_WAIT, what, look).await
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

/// One request on a connection of its own: the hall's address ends connections when it changes sides.
async fn ask(at: SocketAddr, cookie: &str, method: Method, path: &str, key: Option<&str>, body: Option<Value>) -> Option<Reply> {
    let mut client = Client::connect(at).await.ok()?.with("cookie", cookie);
    client.send(method, path, key, body.as_ref()).await.ok()
}

/// A clerk at the hall's address, whoever answers there.
struct Clerk {
    at: SocketAddr,
    cookie: String,
    keys: u32,
}

impl Clerk {
    async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.keys += 1;
        let key = format!("clerk-{}-{}", self.at.port(), self.keys);
        let path = format!("/api/v1{path}");
        ask(self.at, &self.cookie, Method::POST, &path, Some(&key), Some(body)).await.expect("an answer")
    }

    async fn done(&mut self, path: &str, body: Value) -> Value {
        let reply = self.post(path, body).await;
        assert!((200..300).contains(&reply.status), "{path}: {} {}", reply.status, reply.text);
        reply.body
    }

    async fn number(&mut self) -> String {
        let ticket = self.done(&format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
        ticket["number"].as_str().expect("a number").to_owned()
    }

    /// Calls the next, serves, ends with an outcome; the number.
    async fn serve(&mut self, outcome: &str) -> String {
        let called = self.done(&format!("/windows/{WINDOW}/call-next"), json!({})).await;
        let ticket = &called["ticket"];
        let (id, number) = (ticket["id"].as_str().expect("a ticket"), ticket["number"].as_str().expect("a number"));
        self.done(&format!("/tickets/{id}/start"), json!({})).await;
        self.done(&format!("/tickets/{id}/finish"), json!({ "outcome": outcome })).await;
        number.to_owned()
    }
}

/// Number of the ticket with what came of it, and its line's place in the queue, from the centre.
async fn visits(at: SocketAddr, cookie: &str) -> Vec<(String, String, String)> {
    let listed = ask(at, cookie, Method::GET, &format!("/api/v1/sites/{SITE}/tickets?limit=200"), None, None).await.expect("an answer");
    let mut visits: Vec<(String, String, String)> = listed.body["items"]
        .as_array()
        .expect("tickets")
        .iter()
        .map(|ticket| {
            let text = |name: &str| ticket[name].as_str().unwrap_or_default().to_owned();
            (text("issued_at"), text("state"), text("outcome"))
        })
        .collect();
    visits.sort();
    visits
}

/// The board as the display's page gets it.
async fn board(display: SocketAddr) -> Option<Value> {
    let mut stream = TcpStream::connect(display).await.ok()?;
    stream.write_all(format!("GET /local/board HTTP/1.1\r\nhost: {display}\r\n\r\n").as_bytes()).await.ok()?;
    let mut heard = String::new();
    let mut chunk = [0; 4096];
    loop {
        let length =
            tokio::time::timeout(Duration::from_secs(10), stream.read(&mut chunk)).await.ok()?.ok().filter(|length| *length > 0)?;
        heard.push_str(&String::from_utf8_lossy(&chunk[..length]));
        let Some((_, data)) = heard.split_once("data: ") else { continue };
        let is_size = |part: &str| part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let text: String = data.split("\r\n").filter(|part| !part.is_empty() && !is_size(part)).collect();
        if let Some((view, _)) = text.split_once("\n\n") {
            return serde_json::from_str(view.trim()).ok();
        }
    }
}

async fn shows(display: SocketAddr, number: &str) -> Option<()> {
    let view = board(display).await?;
    let calls = view["state"]["calls"].as_array()?.iter().any(|call| call["number"] == number);
    (calls && view["online"] == true).then_some(())
}

/// Numbers on the slips of a folder, each with how often it is there without 补打.
fn slips(folder: &Path) -> BTreeMap<String, usize> {
    let mut numbers = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            let slip = read(&std::fs::read(&path).expect("the bytes"), Printer::WIDE).expect("no garbage");
            let text = format!("{slip:?}");
            let number = text.split(|sign: char| !sign.is_ascii_alphanumeric()).find(|word| is_number(word)).map(str::to_owned);
            if !text.contains("补打") {
                *numbers.entry(number.unwrap_or(text)).or_insert(0) += 1;
            }
        }
    }
    numbers
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(|sign: char| sign.is_ascii_uppercase());
    let letters = word.len() - digits.len();
    (1..=3).contains(&letters) && digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// The same business at a centre whose line is never cut: states and outcomes in order of issue.
async fn without_a_cut() -> Vec<(String, String)> {
    let folder = TempDir::new().expect("a folder");
    let program = Start::demo(&folder.path().join("data")).run();
    let cookie = Client::connect(program.address).await.expect("it listens").sign_in("clerk1").await;
    let mut clerk = Clerk { at: program.address, cookie, keys: 0 };
    clerk.done(&format!("/windows/{WINDOW}/open"), json!({})).await;
    for _ in 0..OUTCOMES.len() + 1 {
        clerk.number().await;
    }
    for outcome in OUTCOMES {
        clerk.serve(outcome).await;
    }
    visits(clerk.at, &clerk.cookie).await.into_iter().map(|(_, state, outcome)| (state, outcome)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_morning_with_the_line_cut_ends_like_one_without() {
    let folder = TempDir::new().expect("a folder");
    let program = Start::demo(&folder.path().join("data")).run();
    let server = program.address;
    let proxy = NetProxy::start(server).await;
    let line = format!("http://{}", proxy.address());
    let hall_flags = ["--keeper", "--no-screen", "--hall-listen", "127.0.0.1:0"];
    let kiosk = DeviceProgram::start("kiosk", &line, folder.path(), &hall_flags);
    let hall = address(&kiosk.url);
    let display = DeviceProgram::start("display", &line, folder.path(), &["--listen", "127.0.0.1:0"]);
    let display_page = address(&display.url);
    let paper = folder.path().join("slips");
    let _printer = DeviceProgram::start("printer", &line, folder.path(), &["--folder", paper.to_str().expect("a path")]);

    let mut at_server = Client::connect(server).await.expect("it listens");
    let (supervisor, cookie) = (at_server.sign_in("supervisor").await, at_server.sign_in("clerk1").await);
    let pin = ask(server, &cookie, Method::PUT, "/api/v1/sessions/current/hall-pin", None, Some(json!({ "pin": PIN }))).await;
    assert_eq!(pin.expect("an answer").status, 204);
    let keeper_path = format!("/api/v1/sites/{SITE}/keeper");
    let candidate = until("the kiosk that can keep its hall", async || {
        let view = ask(server, &supervisor, Method::GET, &keeper_path, None, None).await?.body;
        view["candidates"][0]["device_id"].as_str().map(str::to_owned)
    })
    .await;
    let appointed = ask(server, &supervisor, Method::PUT, &keeper_path, Some("appoint"), Some(json!({ "device_id": candidate }))).await;
    assert_eq!(appointed.expect("an answer").status, 200);
    let state = async || ask(server, &supervisor, Method::GET, &keeper_path, None, None).await.map(|reply| reply.body);
    until("a keeper that follows", async || (state().await?["state"] == "following").then_some(())).await;

    // The line is up: the hall's address is the service's.
    let mut clerk = Clerk { at: hall, cookie: cookie.clone(), keys: 0 };
    clerk.done(&format!("/windows/{WINDOW}/open"), json!({})).await;
    assert_eq!(clerk.number().await, "A001");
    assert_eq!(clerk.number().await, "A002");
    assert_eq!(clerk.serve(OUTCOMES[0]).await, "A001");
    until("the call on the board", async || shows(display_page, "A001").await).await;

    // What the keeper did not hear before the cut it could not go on with, and nobody sees from here what it heard.
    tokio::time::sleep(Duration::from_secs(3)).await;
    proxy.set(Line::Cut);
    until("a keeper that decides", async || {
        let told = ask(hall, "", Method::GET, "/keeper/state", None, None).await?.body;
        (told["is_deciding"] == true).then_some(())
    })
    .await;
    let refused = ask(server, &cookie, Method::POST, &format!("/api/v1/windows/{WINDOW}/call-next"), Some("x"), Some(json!({}))).await;
    let refused = refused.expect("an answer");
    assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("site_detached")), "{}", refused.text);

    // The business goes on with the hall PIN.
    let sign_in = json!({ "username": "clerk1", "pin": PIN });
    let signed = ask(hall, "", Method::POST, "/api/v1/sessions", None, Some(sign_in)).await.expect("an answer");
    assert_eq!(signed.status, 201, "{}", signed.text);
    let pin_cookie = signed.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("a first part").to_owned();
    let mut cut_clerk = Clerk { at: hall, cookie: pin_cookie, keys: 100 };
    let nobody = ask(hall, "", Method::GET, &format!("/api/v1/sites/{SITE}/tickets"), None, None).await.expect("an answer");
    assert_eq!(nobody.status, 401);
    for serial in 1..=OUTCOMES.len() - 1 {
        assert_eq!(cut_clerk.number().await, format!("AK{serial:03}"));
    }
    assert_eq!(cut_clerk.serve(OUTCOMES[1]).await, "A002", "who waited before the cut is first");
    assert_eq!(cut_clerk.serve(OUTCOMES[2]).await, "AK001");
    until("the call on the board without the centre", async || shows(display_page, "AK001").await).await;
    until("the slips without the centre", async || (slips(&paper).get("AK005") == Some(&1)).then_some(())).await;
    let kept_key = "kept-across-the-cut";
    let call_path = format!("/api/v1/windows/{WINDOW}/call-next");
    let called = ask(hall, &cut_clerk.cookie, Method::POST, &call_path, Some(kept_key), Some(json!({}))).await.expect("an answer");
    assert_eq!(called.body["ticket"]["number"], "AK002", "{}", called.text);
    let ticket = called.body["ticket"]["id"].as_str().expect("a ticket").to_owned();
    cut_clerk.done(&format!("/tickets/{ticket}/start"), json!({})).await;
    cut_clerk.done(&format!("/tickets/{ticket}/finish"), json!({ "outcome": OUTCOMES[3] })).await;

    proxy.set(Line::Up);
    until("a keeper that follows again", async || {
        let view = state().await?;
        (view["state"] == "following" && view["unsent"] == 0).then_some(())
    })
    .await;
    // Said again to the centre, a request of the cut gives what was answered in the hall.
    let again = until("the hall's address at the centre", async || {
        ask(hall, &cookie, Method::POST, &call_path, Some(kept_key), Some(json!({}))).await.filter(|reply| reply.status == 200)
    })
    .await;
    assert_eq!((again.replayed(), again.body["ticket"]["number"].as_str()), (true, Some("AK002")), "{}", again.text);
    assert_eq!(clerk.serve(OUTCOMES[4]).await, "AK003");
    assert_eq!(clerk.serve(OUTCOMES[5]).await, "AK004");
    until("the call on the board", async || shows(display_page, "AK004").await).await;

    let view = state().await.expect("an answer");
    assert_eq!(view["open_entries"], 0, "{view}");
    let with_a_cut: Vec<(String, String)> = visits(server, &cookie).await.into_iter().map(|(_, state, outcome)| (state, outcome)).collect();
    assert_eq!(with_a_cut, without_a_cut().await, "the same business ends the same");
    let twice: Vec<_> = slips(&paper).into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
