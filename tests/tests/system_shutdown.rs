//! The way out of the real program: WebSockets hear goodbye, what was accepted is answered and kept,
//! the process ends well and soon; and what an operator can ask it meanwhile.

use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::Method;
use futures_util::StreamExt as _;
use serde_json::json;
use tempfile::TempDir;
use tests::client::{Client, Lost};
use tests::program::{Start, binary};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const SITE: &str = "demo-center";
const CALLERS: usize = 8;
/// A connection that hangs holds the end up for five seconds and no longer.
const END_WAIT: Duration = Duration::from_secs(8);

/// Waits for the goodbye; true when it came as a proper close.
async fn hears_goodbye(address: std::net::SocketAddr, view: &str, token: &str) -> tokio::task::JoinHandle<bool> {
    let mut request = format!("ws://{address}/api/v1/sites/{SITE}/feed?view={view}").into_client_request().expect("an address");
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("the feed opens");
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))), "a snapshot");
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Close(_)) {
                return true;
            }
        }
        false
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_it_says_goodbye_and_keeps_what_it_answered() {
    let folder = TempDir::new().expect("a folder");
    let start = Start::demo(&folder.path().join("data"));
    let mut program = start.run();
    let address = program.address;
    let mut clerk = Client::connect(address).await.expect("it listens");
    let cookie = clerk.sign_in("clerk1").await;
    let opened = clerk.with("cookie", &cookie).post("/api/v1/windows/w_dc_1/open", &json!({})).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let sockets = [
        hears_goodbye(address, "board", "demo-display").await,
        hears_goodbye(address, "kiosk", "demo-kiosk").await,
        hears_goodbye(address, "pad", "demo-pad").await,
    ];
    // One connection that does nothing and one that never ends its request hold nobody up for long.
    let _idle = Client::connect(address).await.expect("it listens");
    let mut half = TcpStream::connect(address).await.expect("it listens");
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await.expect("half a request");
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            tokio::spawn(async move {
                let mut client = Client::connect(address).await.expect("it listens").device("demo-kiosk");
                let (path, mut answered) = (format!("/api/v1/sites/{SITE}/tickets"), Vec::new());
                loop {
                    let key = format!("k{caller}-{}", answered.len());
                    match client.send(Method::POST, &path, Some(&key), Some(&json!({ "line_id": "l_dc_demo-line" }))).await {
                        Ok(reply) if reply.status == 201 => answered.push(reply.body["id"].as_str().expect("an id").to_owned()),
                        Ok(reply) => panic!("{}", reply.text),
                        Err(Lost) => return answered,
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    program.terminate();
    for socket in sockets {
        assert!(socket.await.expect("no panic"), "a WebSocket was dropped without a goodbye");
    }
    let status = tokio::task::spawn_blocking(move || program.ended(END_WAIT)).await.expect("no panic");
    assert!(status.is_some_and(|status| status.success()), "it ended with {status:?} after {:?}", begun.elapsed());
    let mut answered = Vec::new();
    for caller in callers {
        answered.extend(caller.await.expect("no panic"));
    }
    assert!(!answered.is_empty());
    let stores = crate::crash::judge::open(&start.data, None).await;
    for ticket in answered {
        assert!(stores.halls.ticket(SITE, &ticket).await.expect("the store").is_some(), "{ticket} was answered and is not there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_on_the_same_data_is_refused_in_plain_words() {
    let folder = TempDir::new().expect("a folder");
    let start = Start::demo(&folder.path().join("data"));
    let program = start.run();
    let mut second = start.command();
    let mut second = second.stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    assert_eq!(second.wait().expect("it ends").code(), Some(3));
    let (mut said, mut shown) = (String::new(), String::new());
    second.stderr.take().expect("a pipe").read_to_string(&mut said).expect("its log");
    second.stdout.take().expect("a pipe").read_to_string(&mut shown).expect("its output");
    assert!(said.contains("正在被另一个一窗使用") && said.contains(&start.data.display().to_string()), "{said}");
    assert_eq!(shown, "", "what is not ready does not say so");
    program.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_ask_how_it_is() {
    let folder = TempDir::new().expect("a folder");
    let cluster =
        tokio::task::spawn_blocking(|| tests::postgres::Cluster::start(tests::postgres::Durability::Off)).await.expect("it starts");
    let database = cluster.create_database();
    let program = Start::demo(&folder.path().join("data")).on(&database.url).run();
    let mut client = Client::connect(program.address).await.expect("it listens");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    client.get(&format!("/api/v1/sites/{SITE}/windows")).await;
    let metrics = client.get("/metrics").await.text;
    let counted = "yichuang_http_requests_total{route=\"/api/v1/sites/{site}/windows\",status=\"401\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    tokio::task::spawn_blocking(move || drop(cluster)).await.expect("PostgreSQL goes");
    assert_eq!(client.get("/readyz").await.status, 503, "without its database it is not ready");
    assert_eq!(client.get("/healthz").await.status, 200, "and lives");
    program.stop();
}

#[test]
fn data_of_another_key_is_refused_and_left_alone() {
    let folder = TempDir::new().expect("a folder");
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    for data in [&own, &other] {
        let made = Command::new(binary("yichuang")).args(["migrate", "--data"]).arg(data).output().expect("it runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    Start::demo(&own).run().stop();
    std::fs::copy(own.join("yichuang.db"), other.join("yichuang.db")).expect("the data moves without its key");
    let refused =
        Command::new(binary("yichuang")).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&other).output().expect("it ends");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), said.contains("master.key")), (Some(1), true), "{said}");
}
