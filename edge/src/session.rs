//! The device's session with the server: one WebSocket that is opened again and again, heartbeats
//! both ways, and the frames in order. It keeps nothing: a frame given while the line is cut is
//! dropped, and whoever needs it says it again on [`SessionEvent::Connected`].

use std::{future::pending, time::Duration};

use futures_util::{Sink, SinkExt, StreamExt};
use protocol::device::{DEVICE_PROTOCOL, DeviceConfig, FromDevice, HEARTBEAT_MS, SILENCE_MS_MAX, ToDevice};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode, header},
        protocol::WebSocketConfig,
    },
};

use crate::{connect::Connect, token::Token};

/// Events that may wait for the device program; beyond it the session stops reading.
pub const EVENTS_MAX: usize = 256;
/// Frames that may wait for the line; beyond it [`Line::send`] waits.
pub const OUTGOING_MAX: usize = 64;
/// Longest frame of the server, in bytes: a whole catalogue with its materials fits many times.
pub const FRAME_BYTES_MAX: usize = 16 << 20;
/// Time for connecting, upgrade and the first frame, in milliseconds each.
pub const OPENING_MS_MAX: u64 = 8_000;
/// First pause before connecting again, in milliseconds; it doubles.
pub const BACK_OFF_MS_MIN: u64 = 500;
/// Longest pause before connecting again, in milliseconds.
pub const BACK_OFF_MS_MAX: u64 = 15_000;
/// Pause after the server refused the token, in milliseconds.
pub const UNAUTHORISED_RETRY_MS: u64 = 30_000;

/// Position of the last feed frame applied: epoch and sequence.
pub type Position = Option<(i64, i64)>;

/// What a session needs to know beforehand.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// Host and port for the `Host` header.
    pub authority: String,
    /// Version of the device program.
    pub version: String,
    /// Seed of the jitter: any number, different for each device.
    pub seed: u64,
    /// Files that were damaged when the program started.
    pub damaged: Vec<String>,
}

/// What the device program hears.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionEvent {
    /// The line is up and the server said what the device works with.
    Connected(DeviceConfig),
    /// The line is cut; `since` is when the server was last heard.
    Disconnected {
        /// Last sign of life of the server.
        since: Instant,
    },
    /// The server does not know the token. It is kept and tried again, because a mistake of the
    /// server must not unpair a whole hall; only [`ToDevice::Revoked`] makes a device forget.
    Unauthorised,
    /// A frame, pings included.
    Frame(ToDevice),
}

/// The device program's end of the session; clones share it.
#[derive(Debug, Clone)]
pub struct Line {
    outgoing: mpsc::Sender<FromDevice>,
    online: watch::Receiver<bool>,
    token: watch::Sender<Option<Token>>,
    position: watch::Sender<Position>,
}

impl Line {
    /// Gives a frame to the line; it is dropped if the line is cut.
    pub async fn send(&self, frame: FromDevice) {
        if self.outgoing.send(frame).await.is_err() {
            tracing::debug!("a frame after the end of the session");
        }
    }

    /// Whether the line is up.
    #[must_use]
    pub fn online(&self) -> bool {
        *self.online.borrow()
    }

    /// Follows whether the line is up.
    #[must_use]
    pub fn watch_online(&self) -> watch::Receiver<bool> {
        self.online.clone()
    }

    /// Uses another token from now on; `None` ends the session until there is one.
    pub fn set_token(&self, token: Option<Token>) {
        self.token.send_replace(token);
    }

    /// Says how far the feed was applied, for the next hello.
    pub fn set_position(&self, position: Position) {
        self.position.send_replace(position);
    }
}

/// A running session.
#[derive(Debug)]
pub struct Session {
    /// What happens, in order. Dropping the receiver ends the session with a close frame.
    pub events: mpsc::Receiver<SessionEvent>,
    /// The way back.
    pub line: Line,
    /// Ends soon after `events` is dropped.
    pub task: JoinHandle<()>,
}

impl Session {
    /// Starts the session; without a token it waits for [`Line::set_token`].
    pub fn open<C: Connect>(connector: C, settings: SessionSettings, token: Option<Token>, position: Position) -> Self {
        let (events_in, events) = mpsc::channel(EVENTS_MAX);
        let (outgoing, outgoing_out) = mpsc::channel(OUTGOING_MAX);
        let (online_in, online) = watch::channel(false);
        let token = watch::Sender::new(token);
        let position = watch::Sender::new(position);
        let worker = Worker {
            connector,
            back_off: BackOff { rng: fastrand::Rng::with_seed(settings.seed), next_ms: BACK_OFF_MS_MIN },
            settings,
            events: events_in,
            outgoing: outgoing_out,
            online: online_in,
            token: token.subscribe(),
            position: position.subscribe(),
        };
        Self { events, line: Line { outgoing, online, token, position }, task: tokio::spawn(worker.run()) }
    }
}

struct Worker<C> {
    connector: C,
    settings: SessionSettings,
    back_off: BackOff,
    events: mpsc::Sender<SessionEvent>,
    outgoing: mpsc::Receiver<FromDevice>,
    online: watch::Sender<bool>,
    token: watch::Receiver<Option<Token>>,
    position: watch::Receiver<Position>,
}

/// Why one connection ended.
#[derive(Debug)]
enum End {
    /// Never opened.
    Unreachable,
    /// 401 or 403 on the upgrade.
    Unauthorised,
    /// Was up and is cut; `lasted` long.
    Cut { heard: Instant, lasted: Duration },
    /// The token changed.
    Token { heard: Option<Instant> },
    /// The device program is gone.
    Program,
}

struct BackOff {
    rng: fastrand::Rng,
    next_ms: u64,
}

impl BackOff {
    /// The next pause: between half and the whole of a span that doubles up to its limit.
    fn pause(&mut self, ms_max: u64) -> Duration {
        let span_ms = self.next_ms.min(ms_max);
        self.next_ms = (span_ms * 2).min(ms_max);
        Duration::from_millis(self.rng.u64(span_ms / 2..=span_ms))
    }
}

impl<C: Connect> Worker<C> {
    async fn run(mut self) {
        loop {
            let Some(token) = self.token.borrow_and_update().clone() else {
                if self.rest(None).await {
                    continue;
                } else {
                    return;
                };
            };
            let end = self.connection(&token).await;
            self.online.send_replace(false);
            tracing::info!(?end, "session ended");
            let (pause, told) = match end {
                End::Program => return,
                End::Unreachable => {
                    self.connector.failed();
                    (self.back_off.pause(self.connector.pause_ms_max()), None)
                }
                End::Unauthorised => (Duration::from_millis(UNAUTHORISED_RETRY_MS), Some(SessionEvent::Unauthorised)),
                End::Cut { heard, lasted } => {
                    if lasted > Duration::from_millis(SILENCE_MS_MAX) {
                        self.back_off.next_ms = BACK_OFF_MS_MIN;
                    }
                    (self.back_off.pause(self.connector.pause_ms_max()), Some(SessionEvent::Disconnected { since: heard }))
                }
                End::Token { heard } => (Duration::ZERO, heard.map(|since| SessionEvent::Disconnected { since })),
            };
            if let Some(event) = told
                && self.events.send(event).await.is_err()
            {
                return;
            }
            if !self.rest(Some(pause)).await {
                return;
            }
        }
    }

    /// Waits for the pause, or without one for another token, dropping what the program says;
    /// `false` when the program is gone.
    async fn rest(&mut self, pause: Option<Duration>) -> bool {
        let until = pause.map(|pause| Instant::now() + pause);
        loop {
            tokio::select! {
                biased;
                () = self.events.closed() => return false,
                changed = self.token.changed() => {
                    self.back_off.next_ms = BACK_OFF_MS_MIN;
                    return changed.is_ok();
                }
                frame = self.outgoing.recv() => if frame.is_none() { return false },
                () = async { match until { Some(at) => sleep_until(at).await, None => pending().await } } => return true,
            }
        }
    }

    /// One connection from its opening to its end.
    async fn connection(&mut self, token: &Token) -> End {
        let opened = {
            let opening = Self::opened(&self.connector, &self.settings, token, *self.position.borrow());
            tokio::pin!(opening);
            loop {
                tokio::select! {
                    biased;
                    () = self.events.closed() => return End::Program,
                    changed = self.token.changed() => return if changed.is_ok() { End::Token { heard: None } } else { End::Program },
                    frame = self.outgoing.recv() => if frame.is_none() { return End::Program },
                    opened = &mut opening => break opened,
                }
            }
        };
        let (socket, first) = match opened {
            Ok(opened) => opened,
            Err(end) => return end,
        };
        while self.outgoing.try_recv().is_ok() {}
        let since = Instant::now();
        let event = match first {
            ToDevice::Config(config) => {
                self.connector.learn(&config);
                self.online.send_replace(true);
                SessionEvent::Connected(config)
            }
            other => SessionEvent::Frame(other),
        };
        if self.events.send(event).await.is_err() {
            return End::Program;
        }
        self.converse(socket, since).await
    }

    /// Connects, upgrades, says hello and hears the first frame: the configuration or a revocation.
    async fn opened(
        connector: &C,
        settings: &SessionSettings,
        token: &Token,
        after: Position,
    ) -> Result<(WebSocketStream<C::Stream>, ToDevice), End> {
        let limit = Duration::from_millis(OPENING_MS_MAX);
        let stream = match timeout(limit, connector.connect()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::info!(%error, "server not reachable");
                return Err(End::Unreachable);
            }
            Err(_) => return Err(End::Unreachable),
        };
        let Some(request) = upgrade_request(&settings.authority, token) else {
            tracing::error!("the token or the server's address cannot stand in a header");
            return Err(End::Unauthorised);
        };
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX));
        let mut socket = match timeout(limit, client_async_with_config(request, stream, Some(config))).await {
            Ok(Ok((socket, _))) => socket,
            Ok(Err(tungstenite::Error::Http(answer))) => {
                tracing::warn!(status = answer.status().as_u16(), "the server refused the session");
                let known = !matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
                return Err(if known { End::Unreachable } else { End::Unauthorised });
            }
            Ok(Err(_)) | Err(_) => return Err(End::Unreachable),
        };
        let hello =
            FromDevice::Hello { protocol: DEVICE_PROTOCOL, version: settings.version.clone(), after, damaged: settings.damaged.clone() };
        let first = timeout(limit, async {
            say(&mut socket, &hello).await.ok()?;
            loop {
                match heard(socket.next().await)? {
                    Some(ToDevice::Ping) | None => {}
                    Some(first) => return Some(first),
                }
            }
        });
        match first.await {
            Ok(Some(first @ (ToDevice::Config(_) | ToDevice::Revoked))) => Ok((socket, first)),
            Ok(Some(_)) => {
                tracing::warn!("the server's first frame is no configuration");
                Err(End::Unreachable)
            }
            Ok(None) | Err(_) => Err(End::Unreachable),
        }
    }

    /// Carries frames both ways until the line is cut.
    async fn converse(&mut self, socket: WebSocketStream<C::Stream>, since: Instant) -> End {
        let silence = Duration::from_millis(SILENCE_MS_MAX);
        let (mut sink, mut stream) = socket.split();
        let mut last_heard = since;
        let mut last_said = since;
        let cut = |heard: Instant| End::Cut { heard, lasted: since.elapsed() };
        loop {
            let incoming = async {
                let permit = self.events.reserve().await.ok()?;
                Some((permit, stream.next().await))
            };
            let saying = tokio::select! {
                biased;
                () = self.events.closed() => break,
                changed = self.token.changed() => {
                    if changed.is_err() { break }
                    close(&mut sink).await;
                    return End::Token { heard: Some(last_heard) };
                }
                () = sleep_until(last_said + Duration::from_millis(HEARTBEAT_MS)) => FromDevice::Pong,
                frame = self.outgoing.recv() => match frame { Some(frame) => frame, None => break },
                received = incoming => {
                    let Some((permit, message)) = received else { break };
                    let Some(frame) = heard(message) else { return cut(last_heard) };
                    last_heard = Instant::now();
                    let Some(frame) = frame else { continue };
                    let ping = frame == ToDevice::Ping;
                    if let ToDevice::Config(config) = &frame {
                        self.connector.learn(config);
                    }
                    permit.send(SessionEvent::Frame(frame));
                    if !ping { continue }
                    FromDevice::Pong
                }
                () = sleep_until(last_heard + silence) => return cut(last_heard),
            };
            match timeout(silence, say(&mut sink, &saying)).await {
                Ok(Ok(())) => last_said = Instant::now(),
                Ok(Err(_)) | Err(_) => return cut(last_heard),
            }
        }
        close(&mut sink).await;
        End::Program
    }
}

fn upgrade_request(authority: &str, token: &Token) -> Option<tungstenite::handshake::client::Request> {
    let mut request = format!("ws://{authority}/api/v1/devices/session").into_client_request().ok()?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.reveal())).ok()?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    Some(request)
}

async fn say<S: Sink<Message> + Unpin>(sink: &mut S, frame: &FromDevice) -> Result<(), SayError> {
    let text = serde_json::to_string(frame).map_err(|_| SayError)?;
    sink.send(Message::Text(text.into())).await.map_err(|_| SayError)
}

/// The frame did not leave; the connection is of no use any more.
struct SayError;

async fn close<S: Sink<Message> + Unpin>(sink: &mut S) {
    let closing = timeout(Duration::from_secs(1), async {
        let said = sink.send(Message::Close(None)).await.is_ok();
        said && sink.close().await.is_ok()
    });
    if !matches!(closing.await, Ok(true)) {
        tracing::debug!("the line was already gone when it was closed");
    }
}

/// One message of the server: `None` at the end of the line, `Some(None)` for a sign of life
/// without a frame or a frame of a newer version.
fn heard(message: Option<Result<Message, tungstenite::Error>>) -> Option<Option<ToDevice>> {
    match message? {
        Ok(Message::Text(text)) => Some(match serde_json::from_str(text.as_str()) {
            Ok(frame) => Some(frame),
            Err(error) => {
                tracing::warn!(line = error.line(), column = error.column(), category = ?error.classify(), "frame not understood");
                None
            }
        }),
        Ok(Message::Ping(_) | Message::Pong(_)) => Some(None),
        Ok(Message::Close(_)) | Err(_) => None,
        Ok(Message::Binary(_) | Message::Frame(_)) => {
            tracing::warn!("the server said something that is no text");
            Some(None)
        }
    }
}
