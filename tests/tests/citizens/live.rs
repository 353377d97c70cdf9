//! The timeline of one phone over a real socket: pushed when it changed, and only then.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::app::TestApp;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Hall, MINUTE_MS, is_public, text};

const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(address: SocketAddr, code: &str) -> Socket {
    let mut request = format!("ws://{address}/api/v1/tracking/{code}/feed").into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "yichuang".parse().expect("a header"));
    connect_async(request).await.expect("the phone is taken").0
}

/// The next timeline; pings are answered on the way.
async fn next(socket: &mut Socket) -> Value {
    let frame = async {
        loop {
            match socket.next().await.expect("a frame").expect("a sound frame") {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if frame["kind"] == "snapshot" {
                        return frame;
                    }
                }
                Message::Ping(payload) => socket.send(Message::Pong(payload)).await.expect("a pong"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, frame).await.expect("the timeline comes in time")
}

async fn a_phone_sees_every_change(app: TestApp) {
    let hall = Hall::on(app).await;
    let address = hall.app.serve().await;
    let (first, second) = (hall.ticket().await, hall.ticket().await);
    let mut phone = open(address, text(&second, "tracking_code")).await;
    let shown = next(&mut phone).await;
    assert_eq!((&shown["state"]["ticket"]["ahead"], shown["epoch"].as_i64()), (&json!(1), Some(1)));
    assert_eq!(shown["state"], hall.tracking(&second["tracking_code"]).await);
    is_public(&shown);

    assert_eq!(hall.call().await, text(&first, "id"));
    let nearer = next(&mut phone).await;
    assert_eq!(nearer["state"]["ticket"]["ahead"], 0);
    assert!(nearer["seq"].as_i64() > shown["seq"].as_i64());
    let id = text(&first, "id").to_owned();
    hall.act(&id, "start", json!({})).await;
    hall.app.clock.advance(MINUTE_MS);
    hall.act(&id, "finish", json!({ "outcome": "accepted" })).await;
    assert_eq!(hall.call().await, text(&second, "id"));
    let called = loop {
        let frame = next(&mut phone).await;
        if frame["state"]["ticket"]["state"] == "called" {
            break frame;
        }
    };
    assert_eq!(called["state"], hall.tracking(&second["tracking_code"]).await);

    // Somebody else's business changes nothing here, so nothing is sent.
    hall.case("demo-instant", None).await;
    let quiet = tokio::time::timeout(Duration::from_millis(1_500), next(&mut phone)).await;
    assert!(quiet.is_err(), "{quiet:?}");
    phone.close(None).await.expect("closed");
}

#[tokio::test]
async fn an_unknown_code_opens_no_socket() {
    let hall = Hall::on(TestApp::memory().await).await;
    let address = hall.app.serve().await;
    let refused = connect_async(format!("ws://{address}/api/v1/tracking/0000000000000000/feed")).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("404")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_sees_every_change_in_memory() {
    a_phone_sees_every_change(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_sees_every_change_on_sqlite() {
    a_phone_sees_every_change(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_sees_every_change_on_postgres() {
    let database = tests::postgres::database();
    a_phone_sees_every_change(TestApp::postgres(&database.url).await).await;
}
