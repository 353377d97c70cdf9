//! A screen as a test plays it: one WebSocket, the frames it got, and the state it makes of them. The
//! folds of board and desk are those of `protocol`; the others replace what an event carries.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use protocol::desk_feed::fold_desk;
use protocol::feed::{Applied, BoardFold, BoardFrame};
use serde_json::{Value, json};
use tests::app::Actor;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

pub const SITE: &str = "demo-center";
/// A frame that is on its way comes within this time.
const FRAME_WAIT: Duration = Duration::from_secs(10);

/// What a screen shows and at which position of the log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    pub state: Value,
    pub at: Option<(i64, i64)>,
}

impl Shown {
    /// Applies a frame; false when it follows something that this screen has not seen.
    pub fn apply(&mut self, view: &str, frame: &Value) -> bool {
        let position = frame["epoch"].as_i64().zip(frame["seq"].as_i64());
        match frame["kind"].as_str() {
            Some("ping") => return true,
            Some("snapshot") => self.state = frame["state"].clone(),
            Some("event" | "waiting") => {
                if self.at != frame["epoch"].as_i64().zip(frame["prev"].as_i64()) {
                    return false;
                }
                self.fold(view, frame);
            }
            other => panic!("a frame of the kind {other:?}"),
        }
        self.at = position;
        true
    }

    fn fold(&mut self, view: &str, frame: &Value) {
        match view {
            "board" => {
                let mut fold = BoardFold { state: serde_json::from_value(self.state.clone()).expect("a board"), position: self.at };
                let frame: BoardFrame = serde_json::from_value(frame.clone()).expect("a frame of the board");
                assert_eq!(fold.apply(frame), Applied::Done);
                self.state = json!(fold.state);
            }
            "desk" => fold_desk(&mut self.state, &frame["event"]),
            _ => {
                let fields = frame["event"].as_object().expect("an event");
                let Value::Object(state) = &mut self.state else { panic!("a state") };
                state.extend(fields.iter().filter(|(name, _)| *name != "type").map(|(name, value)| (name.clone(), value.clone())));
            }
        }
    }

    /// Byte for byte.
    pub fn bytes(&self) -> String {
        self.state.to_string()
    }
}

/// A screen and its line to the server.
pub struct Screen {
    pub view: &'static str,
    pub shown: Shown,
    /// Every frame but pings.
    pub frames: Vec<Value>,
    actor: Actor,
    server: SocketAddr,
    socket: Option<WebSocketStream<TcpStream>>,
}

impl Screen {
    /// A screen that is not connected yet.
    pub fn new(server: SocketAddr, view: &'static str, actor: &Actor) -> Self {
        Self { view, shown: Shown::default(), frames: Vec::new(), actor: actor.clone(), server, socket: None }
    }

    /// A screen with its snapshot.
    pub async fn open(server: SocketAddr, view: &'static str, actor: &Actor) -> Self {
        let mut screen = Self::new(server, view, actor);
        assert!(screen.connect().await);
        screen.next().await.expect("a snapshot");
        screen
    }

    /// Connects with what it has last; false when the line is cut.
    pub async fn connect(&mut self) -> bool {
        let after = self.shown.at.map(|(epoch, seq)| format!("&after={seq}&epoch={epoch}")).unwrap_or_default();
        self.connect_with(&after).await
    }

    /// Applies what comes until nothing comes for a while.
    pub async fn drain(&mut self, quiet: Duration) {
        while tokio::time::timeout(quiet, self.next()).await.is_ok_and(|frame| frame.is_some()) {}
    }

    /// Connects with a query of its own.
    pub async fn connect_with(&mut self, query: &str) -> bool {
        let address = format!("ws://{}/api/v1/sites/{SITE}/feed?view={}{query}", self.server, self.view);
        let mut request = address.into_client_request().expect("an address");
        let (name, value) = match &self.actor {
            Actor::Device(token) => ("authorization", format!("Bearer {token}")),
            Actor::Staff(cookie) => ("cookie", cookie.clone()),
            Actor::Nobody => panic!("screens are somebody's"),
        };
        request.headers_mut().insert(name, value.parse().expect("a header"));
        let Ok(stream) = TcpStream::connect(self.server).await else { return false };
        self.socket = client_async(request, stream).await.ok().map(|(socket, _)| socket);
        self.socket.is_some()
    }

    /// The next frame that is no ping, applied; `None` when the line broke.
    pub async fn next(&mut self) -> Option<Value> {
        let until = tokio::time::Instant::now() + FRAME_WAIT;
        loop {
            let socket = self.socket.as_mut()?;
            let message = tokio::time::timeout_at(until, socket.next()).await.unwrap_or_else(|_| panic!("{}: no frame came", self.view));
            let frame: Value = match message {
                Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).expect("JSON"),
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.socket = None;
                    return None;
                }
                Some(Ok(_)) => continue,
            };
            if frame["kind"] == "ping" {
                continue;
            }
            assert!(self.shown.apply(self.view, &frame), "{}: a gap before {frame}; shown at {:?}", self.view, self.shown.at);
            self.frames.push(frame.clone());
            return Some(frame);
        }
    }

    /// Reads until it shows a position, coming back as often as the line breaks.
    pub async fn catch_up(&mut self, seq: i64) {
        while self.shown.at.is_none_or(|(_, at)| at < seq) {
            if self.socket.is_none() && !self.connect().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
            self.next().await;
        }
    }

    /// Whether no frame but pings comes for a while.
    pub async fn is_quiet(&mut self, wait: Duration) -> bool {
        tokio::time::timeout(wait, self.next()).await.is_err()
    }

    /// Breaks its own line.
    pub fn drop_line(&mut self) {
        self.socket = None;
    }
}
