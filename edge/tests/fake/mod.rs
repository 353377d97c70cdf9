//! A server to test devices against under turmoil: it upgrades, asks for the token, says the
//! configuration, sends heartbeats and leaves the rest to a script.

#![expect(clippy::unwrap_used, reason = "a fake that cannot speak must stop the test")]

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use edge::connect::Connect;
use futures_util::{SinkExt, StreamExt};
use protocol::device::{DeviceConfig, DeviceKind, FromDevice, HEARTBEAT_MS, ToDevice};
use tokio::sync::broadcast;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
        http::StatusCode,
    },
};
use turmoil::net::{TcpListener, TcpStream};

/// Name of the fake's host in the simulation.
pub(crate) const SERVER: &str = "server";
/// Its port.
pub(crate) const PORT: u16 = 8080;
/// Server time at every hello, UTC milliseconds.
pub(crate) const SERVER_NOW_MS: i64 = 1_795_000_000_000;

/// What the fake says to a frame.
pub(crate) type Script = Box<dyn FnMut(&FromDevice) -> Vec<ToDevice> + Send>;

/// The fake's memory; it outlives connections.
pub(crate) struct Hall {
    /// The only token let in.
    pub(crate) token: String,
    /// Every frame heard, pongs left out.
    pub(crate) heard: Vec<FromDevice>,
    /// Signs of life heard.
    pub(crate) pongs: usize,
    /// Connections that said hello.
    pub(crate) hellos: usize,
    /// Whether the fake sends its heartbeats.
    pub(crate) pings: bool,
    /// The kind that the configuration names.
    pub(crate) kind: DeviceKind,
    /// Answers to frames.
    pub(crate) script: Script,
}

/// The fake as a test holds it.
#[derive(Clone)]
pub(crate) struct Fake {
    /// Its memory.
    pub(crate) hall: Arc<Mutex<Hall>>,
    /// Frames for every connection that is up.
    pub(crate) say: broadcast::Sender<ToDevice>,
}

impl Fake {
    /// A fake that lets `token` in.
    pub(crate) fn new(token: &str, script: Script) -> Self {
        let hall = Hall { token: token.to_owned(), heard: Vec::new(), pongs: 0, hellos: 0, pings: true, kind: DeviceKind::Kiosk, script };
        Self { hall: Arc::new(Mutex::new(hall)), say: broadcast::channel(256).0 }
    }

    /// Serves until the host is stopped.
    pub(crate) async fn serve(self) -> turmoil::Result {
        let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let fake = self.clone();
            tokio::spawn(async move { fake.connection(stream).await });
        }
    }

    #[expect(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
    async fn connection(self, stream: TcpStream) -> Option<()> {
        let expected = format!("Bearer {}", self.hall.lock().unwrap().token);
        let check = |request: &Request, response: Response| {
            let given = request.headers().get("authorization").and_then(|value| value.to_str().ok());
            if request.uri().path() == "/api/v1/devices/session" && given == Some(expected.as_str()) {
                return Ok(response);
            }
            let mut refusal = tokio_tungstenite::tungstenite::http::Response::new(None);
            *refusal.status_mut() = StatusCode::UNAUTHORIZED;
            Err(refusal)
        };
        let mut socket = accept_hdr_async(stream, check).await.ok()?;
        let mut said = self.say.subscribe();
        let mut beat = tokio::time::interval(Duration::from_millis(HEARTBEAT_MS));
        loop {
            let answers = tokio::select! {
                message = socket.next() => match message?.ok()? {
                    Message::Text(text) => self.hear(&serde_json::from_str(text.as_str()).unwrap()),
                    Message::Close(_) => return None,
                    _ => Vec::new(),
                },
                frame = said.recv() => vec![frame.ok()?],
                _ = beat.tick() => {
                    if self.hall.lock().unwrap().pings { vec![ToDevice::Ping] } else { Vec::new() }
                }
            };
            for answer in answers {
                socket.send(Message::Text(serde_json::to_string(&answer).unwrap().into())).await.ok()?;
            }
        }
    }

    fn hear(&self, frame: &FromDevice) -> Vec<ToDevice> {
        let mut hall = self.hall.lock().unwrap();
        if *frame == FromDevice::Pong {
            hall.pongs += 1;
            return Vec::new();
        }
        hall.heard.push(frame.clone());
        let mut answers = Vec::new();
        if matches!(frame, FromDevice::Hello { .. }) {
            hall.hellos += 1;
            answers.push(ToDevice::Config(DeviceConfig { kind: hall.kind, ..config() }));
        }
        answers.extend((hall.script)(frame));
        answers
    }
}

/// The configuration that the fake gives.
pub(crate) fn config() -> DeviceConfig {
    DeviceConfig {
        device_id: "d_dc_1".into(),
        kind: DeviceKind::Kiosk,
        site_id: "demo-center".into(),
        site_name: "示范镇便民服务中心".into(),
        site_phone: Some("0000-1234567".into()),
        window_id: None,
        now_ms: SERVER_NOW_MS,
        printer_profile: None,
        public_url: None,
        missed_rule: None,
        keeper_url: None,
        standby_urls: Vec::new(),
        from_keeper: false,
    }
}

/// Connects inside the simulation.
pub(crate) struct SimConnect;

impl Connect for SimConnect {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect((SERVER, PORT)).await
    }
}
