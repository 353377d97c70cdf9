//! The four real programs in one hall: a touch at the kiosk becomes a number, the number a slip in the
//! printer's folder and a call on the board, over a cut, a restart and the end of a device.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::{Client, Reply};
use tests::picture::Picture;
use tests::program::{Start, binary};
use tests::qr;
use tests::slip_view::{Printer, SlipView, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const READY_WAIT: Duration = Duration::from_secs(30);
/// Time for anything that the hall does by itself: a device that comes back needs its back-off.
const HALL_WAIT: Duration = Duration::from_secs(40);
const LINE: &str = "l_dc_demo-line";

/// A device program. Dropping it kills it.
struct Device {
    child: Child,
    page: Option<SocketAddr>,
}

impl Device {
    fn start(program: &str, server: SocketAddr, data: &Path, more: &[&str]) -> Self {
        let log = std::fs::File::create(data.with_extension("log")).expect("a log");
        let mut command = Command::new(binary(program));
        command.args(["--server", &format!("http://{server}"), "--data"]).arg(data).args(more);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, line) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(output.lines().next().and_then(Result::ok)));
        let said = line.recv_timeout(READY_WAIT).ok().flatten().unwrap_or_default();
        let ready: Value = serde_json::from_str(&said).unwrap_or_default();
        assert_eq!(
            ready["ready"],
            true,
            "{program} said {said:?}: {}",
            std::fs::read_to_string(data.with_extension("log")).unwrap_or_default()
        );
        let page = ready["url"].as_str().map(|url| url.trim_start_matches("http://").parse().expect("an address"));
        Self { child, page }
    }

    async fn page(&self) -> Client {
        Client::connect(self.page.expect("it has a page")).await.expect("its page listens")
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again until the answer is as wanted.
async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    tests::until::found(HALL_WAIT, what, look).await
}

/// The newest view that the display's page gets.
async fn board(display: &Device) -> Value {
    let mut stream = TcpStream::connect(display.page.expect("a page")).await.expect("its page listens");
    let host = display.page.expect("a page");
    stream.write_all(format!("GET /local/board HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await.expect("asked");
    let mut heard = String::new();
    let mut chunk = [0; 4096];
    loop {
        let length = tokio::time::timeout(READY_WAIT, stream.read(&mut chunk)).await.expect("a view in time").expect("a view");
        assert!(length > 0, "the stream ended: {heard}");
        heard.push_str(&String::from_utf8_lossy(&chunk[..length]));
        let Some((_, data)) = heard.split_once("data: ") else { continue };
        // A view in several chunks is whole only with its last byte.
        let text: String = data.split("\r\n").filter(|part| !part.is_empty() && !is_chunk_size(part)).collect();
        if let Some((view, _)) = text.split_once("\n\n") {
            return serde_json::from_str(view.trim()).expect("a view");
        }
    }
}

fn is_chunk_size(part: &str) -> bool {
    part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Slips in a folder: bytes decoded, and the picture beside them.
fn slips(folder: &Path) -> Vec<(SlipView, Picture)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect()).unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "bin"));
    files.sort();
    let slip = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("the bytes");
        let picture = std::fs::read(path.with_extension("png")).expect("the picture beside it");
        (read(&bytes, Printer::WIDE).expect("no garbage"), Picture::from_png(&picture))
    };
    files.iter().map(slip).collect()
}

struct Staff {
    client: Client,
}

impl Staff {
    async fn sign_in(server: SocketAddr, username: &str) -> Self {
        let mut client = Client::connect(server).await.expect("it listens");
        let cookie = client.sign_in(username).await;
        Self { client: client.with("cookie", &cookie) }
    }

    async fn post(&mut self, path: &str, body: Value, status: u16) -> Value {
        let reply = self.client.post(&format!("/api/v1{path}"), &body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
        reply.body
    }

    async fn get(&mut self, path: &str) -> Value {
        self.client.get(&format!("/api/v1{path}")).await.body
    }
}

async fn touch(kiosk: &mut Client, key: &str) -> Reply {
    kiosk.send(Method::POST, "/local/tickets", Some(key), Some(&json!({ "line_id": LINE }))).await.expect("an answer")
}

async fn finds(kiosk: &mut Client, typed: &str) -> Vec<String> {
    let escaped: String = typed.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let found = kiosk.get(&format!("/local/matters?query={escaped}")).await;
    found.body["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_becomes_a_number_a_slip_and_a_call() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let program = Start::demo(&at("data")).run();
    let server = program.address;
    let page = ["--listen", "127.0.0.1:0", "--token"];
    let kiosk_program = Device::start("yichuang-kiosk", server, &at("kiosk"), &[page[0], page[1], page[2], "demo-kiosk"]);
    let display = Device::start("yichuang-display", server, &at("display"), &[page[0], page[1], page[2], "demo-display"]);
    let paper = at("slips");
    let folder_flag = paper.to_str().expect("a path").to_owned();
    let printer = Device::start("yichuang-printer", server, &at("printer"), &["--token", "demo-printer", "--folder", &folder_flag]);

    let (mut clerk, mut it) = (Staff::sign_in(server, "clerk1").await, Staff::sign_in(server, "it").await);
    clerk.post("/windows/w_dc_1/open", json!({}), 200).await;
    let mut kiosk = kiosk_program.page().await;
    until("an open line and a ready printer at the kiosk", async || {
        let state = kiosk.get("/local/state").await.body;
        let line = state["lines"].as_array()?.iter().find(|line| line["id"] == LINE)?.clone();
        (line["open"] == true && state["printer"]["state"] == "ready").then_some(())
    })
    .await;
    for typed in ["宅", "宅基", "zhaijidi", "zjd", "zjdi"] {
        assert!(finds(&mut kiosk, typed).await.contains(&"农村村民宅基地使用审批".to_owned()), "{typed}");
    }
    let first = touch(&mut kiosk, "one").await;
    assert_eq!((first.status, first.body["number"].as_str()), (201, Some("A001")), "{}", first.text);
    let again = touch(&mut kiosk, "one").await;
    assert_eq!((again.status, again.body["number"].as_str(), again.replayed()), (201, Some("A001"), true));

    until("the slip", async || (slips(&paper).len() == 1).then_some(())).await;
    let (slip, picture) = slips(&paper).remove(0);
    assert!(slip.line_with("A001").is_some() && slip.line_with("补打").is_none(), "{:?}", slip.lines());
    let address = format!("http://{server}/t/{}", first.body["tracking_code"].as_str().expect("a code"));
    assert_eq!(slip.qr_payloads(), std::slice::from_ref(&address));
    assert_eq!(qr::read(&picture), [address], "the picture shows the same code");

    clerk.post("/windows/w_dc_1/call-next", json!({}), 200).await;
    until("the call on the board", async || (board(&display).await["state"]["calls"][0]["number"] == "A001").then_some(())).await;

    // The printer is off: the number exists, the kiosk says so, the slip comes when it is on again.
    drop(printer);
    until("the kiosk says that the printer is away", async || {
        (kiosk.get("/local/state").await.body["printer"]["state"] == "offline").then_some(())
    })
    .await;
    assert_eq!(touch(&mut kiosk, "two").await.body["number"], "A002");
    let printer = Device::start("yichuang-printer", server, &at("printer"), &["--token", "demo-printer", "--folder", &folder_flag]);
    until("the second slip", async || (slips(&paper).len() == 2).then_some(())).await;
    let jobs = it.get("/sites/demo-center/print-jobs").await;
    let job = jobs["items"][0]["id"].as_str().expect("a job").to_owned();
    clerk.post(&format!("/sites/demo-center/print-jobs/{job}/reprint"), json!({ "reason": "打花了" }), 201).await;
    until("the reprint", async || (slips(&paper).len() == 3).then_some(())).await;
    let marked = slips(&paper).iter().filter(|(slip, _)| slip.line_with("补打").is_some() && slip.line_with("A002").is_some()).count();
    assert_eq!(marked, 1);

    // A second display is paired by its code on its own page, and ended again.
    let code = it.post("/sites/demo-center/pairing-codes", json!({ "kind": "display" }), 201).await;
    let second = Device::start("yichuang-display", server, &at("second"), &[page[0], page[1]]);
    assert_eq!(board(&second).await["trouble"], "unpaired");
    let paired =
        second.page().await.send(Method::POST, "/local/pair", None, Some(&json!({ "code": code["code"] }))).await.expect("an answer");
    assert_eq!(paired.status, 204, "{}", paired.text);
    until("the second board", async || (board(&second).await["state"]["calls"][0]["number"] == "A001").then_some(())).await;
    let devices = it.get("/devices").await;
    let own = devices["items"].as_array().expect("devices").iter().find(|device| device["name"] == "显示屏 2").expect("the second").clone();
    assert_eq!(own["online"], true);
    it.post(&format!("/devices/{}/revoke", own["id"].as_str().expect("an id")), json!({}), 200).await;
    until("the end of the second", async || (board(&second).await["trouble"] == "unpaired").then_some(())).await;

    // The server goes: devices say so and keep what they know.
    program.stop();
    until("the cut on the board", async || (board(&display).await["online"] == false).then_some(())).await;
    let cut = board(&display).await;
    assert!(cut["state"]["calls"][0]["number"] == "A001" && cut["last_sync_at"].is_string());
    let refused = touch(&mut kiosk, "three").await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("offline")));
    assert!(!finds(&mut kiosk, "zjd").await.is_empty(), "guides work without the server");
    drop(printer);
}
