//! A hall device as a test plays it: frames said and heard one by one over a real connection. Written
//! against the frames alone, without the devices' own session.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::device::{DEVICE_PROTOCOL, DeviceConfig, FromDevice, ToDevice};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// A frame that is to come must come within this time, in milliseconds.
const FRAME_MS_MAX: u64 = 10_000;

/// One connection of a device.
pub struct DeviceLine {
    socket: WebSocketStream<TcpStream>,
}

impl DeviceLine {
    /// Connects with a token and upgrades.
    ///
    /// # Errors
    /// The status with which the server refuses.
    pub async fn knock(server: SocketAddr, token: &str) -> Result<Self, u16> {
        let stream = TcpStream::connect(server).await.expect("the server listens");
        let mut request = format!("ws://{server}/api/v1/devices/session").into_client_request().expect("a request");
        let bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no upgrade: {error}"),
        }
    }

    /// Connects, says hello and hears the configuration.
    pub async fn open(server: SocketAddr, token: &str) -> (Self, DeviceConfig) {
        let mut line = Self::knock(server, token).await.expect("the token is good");
        line.hello(None).await;
        match line.next().await {
            Some(ToDevice::Config(config)) => (line, config),
            other => panic!("no configuration but {other:?}"),
        }
    }

    /// Says hello.
    pub async fn hello(&mut self, after: Option<(i64, i64)>) {
        self.say(&FromDevice::Hello { protocol: DEVICE_PROTOCOL, version: "test".to_owned(), after, damaged: Vec::new() }).await;
    }

    /// Says a frame.
    pub async fn say(&mut self, frame: &FromDevice) {
        let text = serde_json::to_string(frame).expect("a frame");
        self.socket.send(Message::text(text)).await.expect("the line is up");
    }

    /// The next frame that is no ping; `None` when the server has ended the line.
    pub async fn next(&mut self) -> Option<ToDevice> {
        let until = tokio::time::Instant::now() + Duration::from_millis(FRAME_MS_MAX);
        loop {
            // Pings alone are no frame in time.
            match timeout_at(until, self.socket.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()).expect("a frame of the protocol") {
                    ToDevice::Ping => self.say(&FromDevice::Pong).await,
                    frame => return Some(frame),
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The first coming frame that `wanted` takes; others are passed over.
    pub async fn next_where<T>(&mut self, wanted: impl Fn(ToDevice) -> Option<T>) -> T {
        loop {
            let frame = self.next().await.expect("the line is up");
            if let Some(found) = wanted(frame) {
                return found;
            }
        }
    }

    /// The next print job.
    pub async fn job(&mut self) -> (String, protocol::slip::Slip) {
        self.next_where(|frame| match frame {
            ToDevice::PrintJob { job_id, slip } => Some((job_id, slip)),
            _ => None,
        })
        .await
    }

    /// Says that a job lies in the spool and is on paper.
    pub async fn printed(&mut self, job_id: &str) {
        self.say(&FromDevice::JobReceived { job_id: job_id.to_owned() }).await;
        let outcome = protocol::device::JobOutcome::Printed { attempts_unknown: 0 };
        self.say(&FromDevice::JobReport { job_id: job_id.to_owned(), outcome }).await;
    }

    /// Whether no slip comes for a while.
    pub async fn is_quiet(&mut self, wait_ms: u64) -> bool {
        timeout(Duration::from_millis(wait_ms), self.job()).await.is_err()
    }
}
