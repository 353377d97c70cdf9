//! Displays, printers and other kiosks of the hall at its keeper: the frames of the device session, with the board, the
//! voice, the slips and the numbers of this side. They know no difference but that the frames' epoch is another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use edge::problem::{json_answer, problem};
use protocol::device::{DeviceCare, DeviceConfig, DeviceKind, FromDevice, HEARTBEAT_MS, JobOutcome, SILENCE_MS_MAX, ToDevice};
use protocol::keeper::HallDevice;
use protocol::slip::PrinterStatus;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Keeper;
use super::journal::sha256_hex;
use super::neighbours::Neighbour;

/// A device that takes no frame for this long is let go, in milliseconds.
const SEND_MS_MAX: u64 = 10_000;
/// Shortest time between two boards, in milliseconds.
const BOARD_MS: u64 = 250;
/// Longest frame of a device, in bytes.
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Opens the session of a paired device.
pub(super) async fn open(State(keeper): State<Keeper>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|text| text.strip_prefix("Bearer "));
    let hash = bearer.map(|token| sha256_hex(token.as_bytes()));
    let device = keeper.house().devices.into_iter().find(|device| Some(&device.token_hash) == hash.as_ref());
    match device {
        // A device waits for its server where the hall is not kept here.
        Some(_) if !keeper.is_deciding() => json_answer(503, &problem(503, "not_deciding", "现在不由这里管", "请连服务器", "")),
        Some(device) => upgrade.max_message_size(FRAME_BYTES_MAX).on_upgrade(move |socket| Talk::begin(keeper, device, socket)),
        None => json_answer(503, &problem(503, "device_unknown", "不认识的设备", "这台设备不在本厅", "")),
    }
}

/// Who is connected here: how many sessions each device has.
#[derive(Debug, Default)]
pub(super) struct Presence(Mutex<BTreeMap<String, usize>>);

impl Presence {
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session of a device, until it is dropped.
struct Stay {
    keeper: Keeper,
    device_id: String,
}

impl Stay {
    fn begin(keeper: Keeper, device_id: String) -> Self {
        *keeper.0.presence.sessions().entry(device_id.clone()).or_default() += 1;
        keeper.told_anew();
        Self { keeper, device_id }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut sessions = self.keeper.0.presence.sessions();
        if let Some(count) = sessions.get_mut(&self.device_id) {
            *count -= 1;
        }
        sessions.retain(|_, count| *count > 0);
        drop(sessions);
        self.keeper.told_anew();
    }
}

impl Keeper {
    /// Every device here looks again at what it is to be told.
    fn told_anew(&self) {
        let mut inner = self.inner();
        self.changed(&mut inner);
    }

    /// What is asked of a display of the hall; `None` for what is none. Of those of a zone that are connected here one
    /// speaks, since the server sees none of them now.
    fn display_care(&self, id: &str) -> Option<DeviceCare> {
        let house = self.house();
        let displays = || house.devices.iter().filter(|device| device.kind == DeviceKind::Display);
        let device = displays().find(|device| device.id == id)?;
        let sessions = self.0.presence.sessions();
        let connected = displays().filter(|other| sessions.contains_key(&other.id)).map(HallDevice::loudspeaker);
        Some(DeviceCare { speaks: device.loudspeaker().speaks(connected), ..device.care.clone() })
    }
}

struct Talk {
    keeper: Keeper,
    device: HallDevice,
    socket: WebSocket,
    heard: Instant,
    given: BTreeSet<String>,
    care: Option<DeviceCare>,
    /// What another kiosk was told.
    neighbour: Neighbour,
    /// What is to be said to what the device said.
    answers: Vec<ToDevice>,
}

struct Gone;

impl Talk {
    async fn begin(keeper: Keeper, device: HallDevice, socket: WebSocket) {
        let _stay = Stay::begin(keeper.clone(), device.id.clone());
        let mut talk = Self {
            keeper,
            device,
            socket,
            heard: Instant::now(),
            given: BTreeSet::new(),
            care: None,
            neighbour: Neighbour::default(),
            answers: Vec::new(),
        };
        // Whoever is gone comes again by itself.
        let _ = talk.run().await;
        // Where an older session ends later than the next one began, the printer is there.
        let is_last = talk.keeper.0.presence.sessions().get(&talk.device.id) == Some(&1);
        if is_last {
            talk.note_printer(None);
        }
        let _ = timeout(Duration::from_millis(1_000), talk.socket.send(Message::Close(None))).await;
    }

    async fn say(&mut self, frame: &ToDevice) -> Result<(), Gone> {
        let text = serde_json::to_string(frame).map_err(|_| Gone)?;
        match timeout(Duration::from_millis(SEND_MS_MAX), self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn run(&mut self) -> Result<(), Gone> {
        let mut changes = self.keeper.changes();
        self.configure().await?;
        self.tell_care().await?;
        self.show().await?;
        let mut beat = interval(Duration::from_millis(HEARTBEAT_MS));
        let mut look = interval(Duration::from_millis(BOARD_MS));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = self.socket.recv() => {
                    let Some(Ok(message)) = message else { return Err(Gone) };
                    self.heard = Instant::now();
                    self.take(message)?;
                    for answer in std::mem::take(&mut self.answers) {
                        self.say(&answer).await?;
                    }
                    if self.neighbour.is_over() {
                        return Ok(());
                    }
                }
                _ = beat.tick() => {
                    if self.heard.elapsed() > Duration::from_millis(SILENCE_MS_MAX) {
                        return Err(Gone);
                    }
                    self.say(&ToDevice::Ping).await?;
                }
                _ = look.tick() => {
                    if !self.keeper.is_deciding() {
                        return Ok(());
                    }
                    if changes.has_changed().map_err(|_| Gone)? {
                        changes.mark_unchanged();
                        self.tell_care().await?;
                        self.show().await?;
                    }
                }
            }
        }
    }

    async fn configure(&mut self) -> Result<(), Gone> {
        let (house, state) = (self.keeper.house(), self.keeper.state());
        let config = DeviceConfig {
            device_id: self.device.id.clone(),
            kind: self.device.kind,
            site_id: state.site_id,
            site_name: house.site_name,
            site_phone: house.site_phone,
            window_id: self.device.window_id.clone(),
            now_ms: self.keeper.now_ms(),
            printer_profile: self.device.printer_profile,
            public_url: Some(house.public_url),
            missed_rule: None,
            keeper_url: self.keeper.0.address.clone(),
            standby_urls: Vec::new(),
            from_keeper: true,
        };
        self.say(&ToDevice::Config(config)).await
    }

    /// Tells a display what is asked of it, unless it was told so last.
    async fn tell_care(&mut self) -> Result<(), Gone> {
        let Some(care) = self.keeper.display_care(&self.device.id).filter(|care| self.care.as_ref() != Some(care)) else { return Ok(()) };
        self.care = Some(care.clone());
        self.say(&ToDevice::Care(care)).await
    }

    /// The board to a display, what is to be printed to a printer.
    async fn show(&mut self) -> Result<(), Gone> {
        match self.device.kind {
            DeviceKind::Display => {
                let frame = ToDevice::Board(self.keeper.board_frame());
                self.say(&frame).await
            }
            DeviceKind::Printer => {
                for print in self.keeper.prints_for(&self.device.id) {
                    if self.given.insert(print.job_id.clone()) {
                        self.say(&ToDevice::PrintJob { job_id: print.job_id, slip: print.slip }).await?;
                    }
                }
                Ok(())
            }
            DeviceKind::Kiosk => {
                for frame in self.neighbour.show(&self.keeper) {
                    self.say(&frame).await?;
                }
                Ok(())
            }
            DeviceKind::Pad => Ok(()),
        }
    }

    fn note_printer(&self, told: Option<PrinterStatus>) {
        if self.device.kind == DeviceKind::Printer {
            self.keeper.note_printer(&self.device.id, told);
        }
    }

    /// What a printer says of a slip.
    fn note_slip(&self, job_id: &str, is_printed: bool) {
        let mut inner = self.keeper.inner();
        let noted = if is_printed { inner.journal.printed(job_id) } else { inner.journal.received(job_id) };
        if let Err(error) = noted {
            tracing::error!(%error, "what became of a slip could not be noted");
        }
        // There may be room for the next one.
        self.keeper.changed(&mut inner);
    }

    fn take(&mut self, message: Message) -> Result<(), Gone> {
        let Message::Text(text) = message else {
            return if matches!(message, Message::Close(_)) { Err(Gone) } else { Ok(()) };
        };
        match serde_json::from_str(text.as_str()) {
            Ok(said) if self.device.kind == DeviceKind::Kiosk => {
                self.answers.extend(self.neighbour.take(&self.keeper, &self.device.id, said));
            }
            Ok(FromDevice::JobReport { job_id, outcome: JobOutcome::Printed { .. } }) => self.note_slip(&job_id, true),
            Ok(FromDevice::JobReceived { job_id }) => self.note_slip(&job_id, false),
            Ok(FromDevice::Status { printer, .. }) => self.note_printer(printer),
            // A display that lost the thread gets the whole with the next look.
            Ok(FromDevice::Resync { .. }) => self.keeper.told_anew(),
            Ok(_) => {}
            Err(error) => tracing::warn!(line = error.line(), column = error.column(), "frame not understood"),
        }
        Ok(())
    }
}
