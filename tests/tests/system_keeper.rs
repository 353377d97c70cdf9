//! The real programs in a hall whose line is cut for most of a morning's business, and whose server is killed then: the
//! kiosk keeps the hall, windows, display and printer go on, and afterwards the centre has everything, once, as if nothing
//! had been. And a kiosk that was revoked while the line was cut: its journal is written to a file and brought in.

mod business;
mod one_way;

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
use tests::program::{Program, Start, binary};
use tests::slip_view::{Printer, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use business::{Business, Told};

/// Time for what the hall does by itself: noticing a cut, the lease and its margin, a device's back-off.
const HALL_WAIT: Duration = Duration::from_secs(75);
const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const PIN: &str = "204815";
const WINDOWS: [u16; 3] = [1, 2, 3];
/// A kiosk with its page that keeps its hall.
const KEEPER: [&str; 5] = ["--keeper", "--listen", "127.0.0.1:0", "--hall-listen", "127.0.0.1:0"];

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

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(|sign: char| sign.is_ascii_uppercase());
    let letters = word.len() - digits.len();
    (1..=3).contains(&letters) && digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Numbers on the slips of a folder, each with how often it is there plain and marked 补打.
fn slips(folder: &Path) -> BTreeMap<String, (usize, usize)> {
    let mut numbers: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            let slip = read(&std::fs::read(&path).expect("the bytes"), Printer::WIDE).expect("no garbage");
            let text = format!("{slip:?}");
            let number = text.split(|sign: char| !sign.is_ascii_alphanumeric()).find(|word| is_number(word)).map(str::to_owned);
            let (plain, again) = numbers.entry(number.unwrap_or_else(|| text.clone())).or_default();
            if text.contains("补打") { *again += 1 } else { *plain += 1 }
        }
    }
    numbers
}

/// A hall with its programs, whose kiosk is its keeper.
struct Hall {
    folder: TempDir,
    program: Program,
    proxy: NetProxy,
    /// The server.
    server: SocketAddr,
    /// The hall's address, whoever answers there.
    at: SocketAddr,
    kiosk: Option<DeviceProgram>,
    /// The keeper's device.
    device: String,
    supervisor: String,
    /// Cookies of the clerks at the server, by window.
    cookies: BTreeMap<u16, String>,
}

/// The clerks of the windows, signed in at the server.
async fn clerks(server: SocketAddr) -> BTreeMap<u16, String> {
    let mut cookies = BTreeMap::new();
    for window in WINDOWS {
        let cookie = Client::connect(server).await.expect("it listens").sign_in(&format!("clerk{window}")).await;
        cookies.insert(window, cookie);
    }
    cookies
}

impl Hall {
    async fn open() -> Self {
        Self::kept_by(&KEEPER).await
    }

    /// The same with a kiosk that is started so.
    async fn kept_by(flags: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let program = Start::demo(&folder.path().join("data")).run();
        let server = program.address;
        let proxy = NetProxy::start(server).await;
        let line = format!("http://{}", proxy.address());
        let kiosk = Some(DeviceProgram::start("kiosk", &line, folder.path(), flags));
        let cookies = clerks(server).await;
        for cookie in cookies.values() {
            let body = Some(json!({ "pin": PIN }));
            let pin = ask(server, cookie, Method::PUT, "/api/v1/sessions/current/hall-pin", None, body).await;
            assert_eq!(pin.expect("an answer").status, 204);
        }
        let supervisor = Client::connect(server).await.expect("it listens").sign_in("supervisor").await;
        let keeper = format!("/api/v1/sites/{SITE}/keeper");
        let candidate = until("the kiosk that can keep its hall", async || {
            let view = ask(server, &supervisor, Method::GET, &keeper, None, None).await?.body;
            view["candidates"][0]["address"].is_string().then(|| view["candidates"][0].clone())
        })
        .await;
        let device = candidate["device_id"].as_str().expect("an id").to_owned();
        let at = address(candidate["address"].as_str().expect("an address"));
        let appointed = ask(server, &supervisor, Method::PUT, &keeper, Some("appoint"), Some(json!({ "device_id": device }))).await;
        assert_eq!(appointed.expect("an answer").status, 200);
        let hall = Self { folder, program, proxy, server, at, kiosk, device, supervisor, cookies };
        hall.follows().await;
        hall
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The keeper as the supervisor sees it.
    async fn keeper(&self) -> Option<Value> {
        let path = format!("/api/v1/sites/{SITE}/keeper");
        ask(self.server, &self.supervisor, Method::GET, &path, None, None).await.map(|reply| reply.body)
    }

    /// Waits until the service decides and the keeper has handed everything over.
    async fn follows(&self) {
        until("a keeper that follows", async || {
            let view = self.keeper().await?;
            (view["state"] == "following" && view["unsent"] == 0).then_some(())
        })
        .await;
    }

    /// Waits until the keeper knows all that the centre decided: it could not go on with anything else.
    async fn in_step(&self) {
        let page = address(&self.kiosk.as_ref().expect("a kiosk").url);
        until("a keeper that knows the hall as it is", async || {
            let known = ask(page, "", Method::GET, "/local/state", None, None).await?.body["keeper"]["version"].as_i64();
            (known.is_some() && known == business::hall_version(&self.data())).then_some(())
        })
        .await;
    }

    /// Waits until the keeper decides.
    async fn decides(&self) {
        until("a keeper that decides", async || {
            let told = ask(self.at, "", Method::GET, "/keeper/state", None, None).await?.body;
            (told["is_deciding"] == true).then_some(())
        })
        .await;
    }

    /// The clerks of the windows, signed in at the keeper by PIN.
    async fn pin_cookies(&self) -> BTreeMap<u16, String> {
        let mut cookies = BTreeMap::new();
        for window in WINDOWS {
            let sign_in = json!({ "username": format!("clerk{window}"), "pin": PIN });
            let signed = ask(self.at, "", Method::POST, "/api/v1/sessions", None, Some(sign_in)).await.expect("an answer");
            assert_eq!(signed.status, 201, "{}", signed.text);
            let cookie = signed.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("a first part");
            cookies.insert(window, cookie.to_owned());
        }
        cookies
    }

    /// Waits until the hall's address is the centre's again.
    async fn passes_through(&self) {
        until("the hall's address at the centre", async || {
            let path = format!("/api/v1/sites/{SITE}/keeper");
            ask(self.at, &self.supervisor, Method::GET, &path, None, None).await.filter(|reply| reply.status == 200)
        })
        .await;
    }
}

/// The same business at a centre whose line is never cut: what became of each ticket, and the calls in order.
async fn without_a_cut() -> (Vec<Told>, Vec<(usize, u16)>) {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let program = Start::demo(&data).run();
    let mut business = Business::new(program.address, clerks(program.address).await);
    for steps in [business::before(), business::cut(), business::between(), business::killed(), business::after()] {
        business.all(steps).await;
    }
    let told = business.told(program.address, &business.cookies[&1], &data).await;
    (told, business.calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_morning_with_the_line_cut_and_the_server_killed_ends_like_one_without() {
    let mut hall = Hall::open().await;
    let line = format!("http://{}", hall.proxy.address());
    let display = DeviceProgram::start("display", &line, hall.folder.path(), &["--listen", "127.0.0.1:0"]);
    let display_page = address(&display.url);
    let paper = hall.folder.path().join("slips");
    let _printer = DeviceProgram::start("printer", &line, hall.folder.path(), &["--folder", paper.to_str().expect("a path")]);

    // The line is up: the hall's address is the service's.
    let mut business = Business::new(hall.at, hall.cookies.clone());
    business.all(business::before()).await;
    assert_eq!((business.numbers[0].as_str(), business.numbers.len()), ("A001", 7));
    until("the call on the board", async || shows(display_page, "A001").await).await;

    hall.in_step().await;
    hall.proxy.set(Line::Cut);
    hall.decides().await;
    let call = "/api/v1/windows/w_dc_1/call-next";
    let refused = ask(hall.server, &hall.cookies[&1], Method::POST, call, Some("x"), Some(json!({}))).await.expect("an answer");
    assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("site_detached")), "{}", refused.text);
    let nobody = ask(hall.at, "", Method::GET, &format!("/api/v1/sites/{SITE}/tickets"), None, None).await.expect("an answer");
    assert_eq!(nobody.status, 401);
    // The business goes on with the hall PIN.
    let pins = hall.pin_cookies().await;
    business.cookies.clone_from(&pins);
    business.all(business::cut()).await;
    assert_eq!(business.numbers[7], "AK001");
    let last = business.numbers.last().expect("a number").clone();
    until("the slips without the centre", async || slips(&paper).contains_key(&last).then_some(())).await;
    let called = business.numbers[business.calls.last().expect("a call").0].clone();
    until("the call on the board without the centre", async || shows(display_page, &called).await).await;

    hall.proxy.set(Line::Up);
    hall.follows().await;
    hall.passes_through().await;
    business.cookies.clone_from(&hall.cookies);
    business.all(business::between()).await;

    // The server dies in the middle of it.
    hall.in_step().await;
    hall.program.kill();
    hall.decides().await;
    business.cookies.clone_from(&pins);
    business.all(business::killed()).await;
    let kept_key = "kept-across-the-cut";
    let kept = ask(hall.at, &pins[&3], Method::POST, "/api/v1/windows/w_dc_3/pause", Some(kept_key), Some(json!({}))).await;
    let kept = kept.expect("an answer");
    assert_eq!((kept.status, kept.body["state"].as_str()), (200, Some("paused")), "{}", kept.text);

    hall.program = Start::demo(&hall.data()).run();
    hall.server = hall.program.address;
    hall.proxy.aim(hall.server);
    hall.follows().await;
    hall.passes_through().await;
    // Said again to the centre, a request of the cut gives what was answered in the hall.
    let again = ask(hall.at, &hall.cookies[&3], Method::POST, "/api/v1/windows/w_dc_3/pause", Some(kept_key), Some(json!({}))).await;
    let again = again.expect("an answer");
    assert_eq!((again.replayed(), again.body["state"].as_str()), (true, Some("paused")), "{}", again.text);
    let open = ask(hall.at, &hall.cookies[&3], Method::POST, "/api/v1/windows/w_dc_3/open", Some("open-again"), Some(json!({}))).await;
    assert_eq!(open.expect("an answer").status, 200);
    business.cookies.clone_from(&hall.cookies);
    business.all(business::after()).await;

    let view = hall.keeper().await.expect("an answer");
    assert_eq!(view["open_entries"], 0, "{view}");
    assert!(business.numbers.len() >= 40, "{:?}", business.numbers);
    let told = business.told(hall.server, &hall.cookies[&1], &hall.data()).await;
    let (plain, calls) = without_a_cut().await;
    assert_eq!(business.calls, calls, "the same people are called to the same windows in the same order");
    assert_eq!(told, plain, "the same business ends the same");
    until("a slip of every number", async || business.numbers.iter().all(|number| slips(&paper).contains_key(number)).then_some(())).await;
    let twice: Vec<_> = slips(&paper).into_iter().filter(|(_, (plain, _))| *plain > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_kiosk_that_was_revoked_without_its_line_comes_in_by_a_file() {
    let mut hall = Hall::open().await;
    let mut business = Business::new(hall.at, hall.cookies.clone());
    business.all(business::before()).await;
    hall.in_step().await;
    hall.proxy.set(Line::Cut);
    hall.decides().await;
    business.cookies = hall.pin_cookies().await;
    business.all(business::cut()).await;
    // Somebody revokes it meanwhile: it hears so when the line is back, and decides nothing any more.
    let revoke = format!("/api/v1/devices/{}/revoke", hall.device);
    let admin = Client::connect(hall.server).await.expect("it listens").sign_in("admin").await;
    let revoked = ask(hall.server, &admin, Method::POST, &revoke, Some("revoke"), Some(json!({}))).await.expect("an answer");
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    hall.proxy.set(Line::Up);
    let page = address(&hall.kiosk.as_ref().expect("a kiosk").url);
    until("a kiosk that knows its end", async || {
        let state = ask(page, "", Method::GET, "/local/state", None, None).await?.body;
        (state["keeper"]["is_deciding"] == false && state["trouble"] == "unpaired").then_some(state)
    })
    .await;
    drop(hall.kiosk.take());

    let file = hall.folder.path().join("journal.json");
    let exported = std::process::Command::new(binary("yichuang-kiosk"))
        .args(["export-journal", "--data"])
        .arg(hall.folder.path().join("kiosk"))
        .arg("--to")
        .arg(&file)
        .output()
        .expect("it runs");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let written: Value = serde_json::from_slice(&std::fs::read(&file).expect("the file")).expect("JSON");
    let journal = &written["journals"][0];
    let count = journal["entries"].as_array().expect("entries").len();
    assert_eq!((journal["device_id"].as_str(), written["journals"].as_array().map(Vec::len)), (Some(hall.device.as_str()), Some(1)));
    assert!(count > 40, "{count}");

    let bring = format!("/api/v1/sites/{SITE}/keeper/journal");
    let brought = ask(hall.server, &hall.supervisor, Method::POST, &bring, None, Some(journal.clone())).await.expect("an answer");
    assert_eq!((brought.status, brought.body["refused"].as_u64()), (200, Some(count as u64)), "{}", brought.text);
    let again = ask(hall.server, &hall.supervisor, Method::POST, &bring, None, Some(journal.clone())).await.expect("an answer");
    assert_eq!((again.body["known"].as_u64(), again.body["refused"].as_u64()), (Some(count as u64), Some(0)), "{}", again.text);
    let entries = format!("/api/v1/sites/{SITE}/keeper/entries");
    let listed = ask(hall.server, &hall.supervisor, Method::GET, &entries, None, None).await.expect("an answer").body;
    let items = listed["items"].as_array().expect("entries");
    assert!(items.len() == count && items.iter().all(|item| item["rule"] == "revoked" && item["is_proven"] == true), "{listed}");
    assert!(items.iter().any(|item| item["ticket_number"] == "AK001" && item["what"].is_string()), "{listed}");
    let numbers = ask(hall.server, &hall.supervisor, Method::GET, &format!("/api/v1/sites/{SITE}/tickets?limit=200"), None, None).await;
    let numbers = numbers.expect("an answer").body;
    assert!(numbers["items"].as_array().expect("tickets").iter().all(|ticket| ticket["number"] != "AK001"), "nothing was taken in");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_whose_files_are_damaged_start_anew_say_so_and_lose_no_number() {
    let mut hall = Hall::open().await;
    let line = format!("http://{}", hall.proxy.address());
    let paper = hall.folder.path().join("slips");
    let print = ["--folder", paper.to_str().expect("a path")];
    let mut business = Business::new(hall.at, hall.cookies.clone());
    business.all(business::before()).await;
    hall.in_step().await;
    hall.proxy.set(Line::Cut);
    hall.decides().await;
    business.cookies = hall.pin_cookies().await;
    business.all(business::cut()).await;
    drop(hall.kiosk.take());
    drop(DeviceProgram::start("printer", &line, hall.folder.path(), &print));
    let garbage = b"what a broken disk gives back, and no database at all";
    for file in ["kiosk/spool.db", "printer/jobs.db"] {
        std::fs::write(hall.folder.path().join(file), garbage).expect("written");
        // What was not folded in yet lies beside it, and would make it whole again.
        let log = hall.folder.path().join(format!("{file}-wal"));
        if log.exists() {
            std::fs::remove_file(log).expect("removed");
        }
    }

    let kiosk = DeviceProgram::start("kiosk", &line, hall.folder.path(), &KEEPER);
    let _printer = DeviceProgram::start("printer", &line, hall.folder.path(), &print);
    let page = address(&kiosk.url);
    hall.kiosk = Some(kiosk);
    let state = ask(page, "", Method::GET, "/local/state", None, None).await.expect("an answer").body;
    assert_eq!((state["was_damaged"].as_bool(), state["keeper"]["is_deciding"].as_bool()), (Some(true), Some(true)), "{state}");
    for file in ["kiosk/spool.db.damaged-1", "printer/jobs.db.damaged-1"] {
        assert!(hall.folder.path().join(file).exists(), "{file} is kept");
    }
    hall.proxy.set(Line::Up);
    hall.follows().await;
    let told = until("what the supervisor is told", async || {
        let alerts = ask(hall.server, &hall.supervisor, Method::GET, "/api/v1/alerts", None, None).await?.body;
        let damaged = alerts["items"].as_array()?.iter().filter(|alert| alert["kind"] == "device_damaged").count();
        (damaged == 2).then_some(alerts)
    })
    .await;
    assert!(told.to_string().contains("jobs.db"), "{told}");
    let listed = ask(hall.server, &hall.supervisor, Method::GET, &format!("/api/v1/sites/{SITE}/tickets?limit=200"), None, None).await;
    let listed = listed.expect("an answer").body;
    for number in &business.numbers {
        assert!(listed["items"].as_array().expect("tickets").iter().any(|ticket| ticket["number"] == number.as_str()), "{number} is lost");
    }
}
