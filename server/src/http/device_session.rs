//! The session of a hall device: one WebSocket with the frames of `protocol::device`. What a frame
//! means is decided by use cases and feeds; here it is taken in, passed on and answered.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::Response;
use domain::ids::is_practice;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use protocol::device::{
    DeviceCare, DeviceConfig, DeviceKind, FromDevice, HEARTBEAT_MS, KioskLine, KioskMatter, Opening, SILENCE_MS_MAX, ToDevice,
};
use protocol::feed::View;
use protocol::slip::{PrinterStatus, Slip};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::device_commands::{answer, told};
use super::device_wire::{Cut, Wire};
use super::extract::{AtDoor, Upgrade};
use super::problem::Reply;
use super::state::Server;
use crate::app::caller::DeviceCaller;
use crate::app::devices::Knock;
use crate::app::error::{Answer, AppError};
use crate::app::keeper::{KeeperEnd, detached};
use crate::app::kiosks::kiosk_line;
use crate::app::presence::{News, Stay};
use crate::app::{App, Committed, CommittedEvent};
use crate::feed::Sent;

/// Longest frame of a device, in bytes.
const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Time for the hello, in milliseconds.
const HELLO_MS_MAX: u64 = 10_000;
/// What no news tells is looked at this often, in milliseconds: rows of other processes, opening hours.
const LOOK_MS: u64 = 2_000;
/// The device's row is read again and written as seen this often, in looks.
const LOOKS_PER_SEEN: u32 = 15;
/// Which display of a zone speaks is looked at again this often, in looks.
const LOOKS_PER_CARE: u32 = 3;
/// A print job that is not acknowledged is sent again after this long, in milliseconds.
const ACKNOWLEDGE_MS_MAX: u64 = 10_000;
/// Commands of one device that are under way at once; beyond it the session stops reading.
const COMMANDS_MAX: usize = 32;
/// Log of the site that is no concern of a kiosk's list of matters.
const BUSY_AGGREGATES: &[&str] = &["hall", "case", "person", "certificate", "device"];

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(open_session))
}

/// The session of a hall device: configuration, commands, print jobs, acknowledgements, state.
#[utoipa::path(get, path = "/devices/session", tag = "devices", responses((status = 101, description = "WebSocket with the frames of the device session")))]
async fn open_session(State(server): State<Server>, door: AtDoor, upgrade: Upgrade) -> Reply<Response> {
    let (upgrade, sockets) = (upgrade.socket()?, server.sockets.clone());
    if let Knock::Known(device) = &door.knock
        && server.app.belongs_to_keeper(device).await?
    {
        return Err(detached().into());
    }
    Ok(upgrade
        .read_buffer_size(512)
        .write_buffer_size(0)
        .max_message_size(FRAME_BYTES_MAX)
        .on_upgrade(move |socket| sockets.track_future(begin(server, door, socket))))
}

/// Hears the hello, says the configuration, and goes on until either side ends it.
async fn begin(server: Server, AtDoor { knock, peer }: AtDoor, socket: WebSocket) {
    let mut wire = Wire::new(socket);
    let hello = tokio::select! {
        () = server.closing.cancelled() => return wire.close().await,
        hello = timeout(Duration::from_millis(HELLO_MS_MAX), wire.hello()) => hello,
    };
    let Ok(Some((version, after, damaged))) = hello else { return wire.close().await };
    let device = match knock {
        Knock::Known(device) => device,
        Knock::Revoked => return wire.revoke().await,
    };
    let (app, closing) = (server.app.clone(), server.closing.clone());
    let stay = app.presence.enter(&device);
    stay.replace_older();
    logged(app.device_seen(&device, true, Some(&version)).await, "a device could not be noted as seen");
    logged(app.device_damaged(&device, &damaged).await, "what is damaged at a device could not be noted");
    let session = Session {
        news: app.presence.hear(),
        commits: app.commits(),
        config: None,
        care: None,
        feed: None,
        kiosk: Kiosk::default(),
        keeper: None,
        held: BTreeMap::new(),
        looks: 0,
        server,
        device: device.clone(),
        peer,
        wire,
        stay,
    };
    tracing::info!(device = device.id, kind = device.kind.as_str(), version, "device connected");
    session.run(after).await;
    // At the end of the service every device goes at once and comes back soon; the store may be closed.
    if !app.presence.is_present(&device.id) && !closing.is_cancelled() {
        logged(app.device_seen(&device, false, None).await, "a device could not be noted as gone");
    }
    tracing::info!(device = device.id, "device gone");
}

fn logged<T>(result: Result<T, AppError>, what: &str) -> Option<T> {
    result.inspect_err(|error| tracing::error!(%error, "{what}")).ok()
}

/// What a kiosk was told last.
#[derive(Default)]
struct Kiosk {
    lines: Option<(Vec<KioskLine>, Opening)>,
    matters: Option<Vec<KioskMatter>>,
    printer: Option<Option<PrinterStatus>>,
}

/// One session.
struct Session {
    server: Server,
    device: DeviceCaller,
    /// The address that it comes from; `None` behind a proxy.
    peer: Option<IpAddr>,
    wire: Wire,
    news: broadcast::Receiver<News>,
    commits: broadcast::Receiver<Arc<Committed>>,
    config: Option<DeviceConfig>,
    care: Option<DeviceCare>,
    feed: Option<broadcast::Receiver<Sent>>,
    kiosk: Kiosk,
    keeper: Option<KeeperEnd>,
    /// Print jobs that the printer has not ended: when each was sent, unless it is acknowledged.
    held: BTreeMap<String, Option<Instant>>,
    looks: u32,
    stay: Stay,
}

/// What a session waits for.
enum Happening {
    Closing,
    Frame(Option<Option<FromDevice>>),
    News(Result<News, RecvError>),
    Committed(Result<Arc<Committed>, RecvError>),
    Feed(Result<Sent, RecvError>),
    Answer(ToDevice),
    Beat,
    Look,
}

type Answers = FuturesUnordered<Pin<Box<dyn Future<Output = ToDevice> + Send>>>;

/// The next frame of a feed that is followed.
async fn next(feed: &mut Option<broadcast::Receiver<Sent>>) -> Result<Sent, RecvError> {
    match feed {
        Some(feed) => feed.recv().await,
        None => std::future::pending().await,
    }
}

impl Session {
    async fn run(mut self, after: Option<(i64, i64)>) {
        let mut answers = Answers::new();
        if self.greet(after).await.is_err() {
            return;
        }
        let mut beat = interval(Duration::from_millis(HEARTBEAT_MS));
        let mut look = interval(Duration::from_millis(LOOK_MS));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let happening = tokio::select! {
                () = self.server.closing.cancelled() => Happening::Closing,
                frame = self.wire.hear(), if answers.len() < COMMANDS_MAX => Happening::Frame(frame),
                news = self.news.recv() => Happening::News(news),
                committed = self.commits.recv() => Happening::Committed(committed),
                sent = next(&mut self.feed) => Happening::Feed(sent),
                Some(answer) = answers.next(), if !answers.is_empty() => Happening::Answer(answer),
                _ = beat.tick() => Happening::Beat,
                _ = look.tick() => Happening::Look,
            };
            let done = match happening {
                Happening::Closing | Happening::Frame(None) => break,
                Happening::Frame(Some(None)) => Ok(()),
                Happening::Frame(Some(Some(frame))) => self.take(frame, &mut answers).await,
                Happening::News(news) => self.take_news(news).await,
                Happening::Committed(committed) => self.take_committed(committed).await,
                Happening::Feed(sent) => self.take_feed(sent).await,
                Happening::Answer(answer) => self.wire.say(&answer).await,
                Happening::Beat => self.beat().await,
                Happening::Look => self.look().await,
            };
            if done.is_err() {
                break;
            }
        }
        self.wire.close().await;
    }

    fn app(&self) -> &Arc<App> {
        &self.server.app
    }

    /// Configuration first, then what the kind of device works with.
    async fn greet(&mut self, after: Option<(i64, i64)>) -> Result<(), Cut> {
        self.configure().await?;
        self.tell_care().await?;
        match self.device.kind {
            DeviceKind::Display => self.follow_board(after).await,
            DeviceKind::Kiosk => {
                let subscribed = self.server.feeds.subscribe(&self.device.site_id, View::Kiosk, None).await;
                self.feed = Some(logged(subscribed, "a kiosk gets no lines").ok_or(Cut)?.1);
                self.tell_lines().await?;
                self.tell_matters().await?;
                self.tell_printer().await
            }
            DeviceKind::Printer => {
                for job in logged(self.app().jobs_held(&self.device).await, "a printer's jobs cannot be read").ok_or(Cut)? {
                    self.send_job(job.id, job.slip).await?;
                }
                self.give_jobs().await
            }
            DeviceKind::Pad => Ok(()),
        }
    }

    /// Tells the configuration unless it is what was told last.
    async fn configure(&mut self) -> Result<(), Cut> {
        let config = logged(self.app().device_config(&self.device).await, "a device has no configuration").ok_or(Cut)?;
        let same = self.config.as_ref().is_some_and(|told| DeviceConfig { now_ms: told.now_ms, ..config.clone() } == *told);
        if same {
            return Ok(());
        }
        self.device.window_id.clone_from(&config.window_id);
        self.config = Some(config.clone());
        self.wire.say(&ToDevice::Config(config)).await
    }

    /// Tells what is asked of the device, unless it was told so last.
    async fn tell_care(&mut self) -> Result<(), Cut> {
        let Some(care) = logged(self.app().device_care(&self.device).await, "what is asked of a device cannot be read") else {
            return Ok(());
        };
        if self.care.as_ref() == Some(&care) {
            return Ok(());
        }
        self.care = Some(care.clone());
        self.wire.say(&ToDevice::Care(care)).await
    }

    async fn take(&mut self, frame: FromDevice, answers: &mut Answers) -> Result<(), Cut> {
        match frame {
            FromDevice::Pong | FromDevice::Hello { .. } => Ok(()),
            FromDevice::Keeper(said) if self.device.kind == DeviceKind::Kiosk => {
                let app = self.server.app.clone();
                let end = self.keeper.get_or_insert_with(|| KeeperEnd::new(app, self.device.clone(), self.peer));
                let frames = end.hear(said).await;
                self.say_all(frames).await
            }
            FromDevice::Keeper(_) => Ok(()),
            FromDevice::Command { key, command } => {
                answers.push(Box::pin(answer(self.app().clone(), self.device.clone(), key, command)));
                Ok(())
            }
            FromDevice::Ask { id, question } => {
                answers.push(Box::pin(told(self.app().clone(), self.device.clone(), id, question)));
                Ok(())
            }
            FromDevice::Resync { after } if self.device.kind == DeviceKind::Display => self.follow_board(after).await,
            FromDevice::Resync { .. } => Ok(()),
            FromDevice::JobReceived { job_id } => {
                if let Some(sent) = self.held.get_mut(&job_id) {
                    *sent = None;
                }
                Ok(())
            }
            FromDevice::JobReport { job_id, outcome } => {
                if self.device.kind == DeviceKind::Printer {
                    let noted = self.app().job_reported(&self.device, &job_id, &outcome).await;
                    let ended = matches!(outcome, protocol::device::JobOutcome::Printed { .. });
                    if logged(noted, "the end of a slip could not be noted").is_some() && ended {
                        self.held.remove(&job_id);
                        return self.give_jobs().await;
                    }
                }
                Ok(())
            }
            FromDevice::Paper(used) => {
                if self.device.kind == DeviceKind::Printer {
                    logged(self.app().paper_told(&self.device, used).await, "the paper of a printer could not be noted");
                }
                Ok(())
            }
            FromDevice::Status { printer, error } => match self.device.kind {
                DeviceKind::Printer => {
                    let told = self.app().printer_told(&self.device, printer, error).await;
                    logged(told, "the state of a printer could not be noted");
                    self.give_jobs().await
                }
                DeviceKind::Display | DeviceKind::Kiosk => {
                    logged(self.app().error_told(&self.device, error).await, "what a device told could not be noted");
                    Ok(())
                }
                DeviceKind::Pad => Ok(()),
            },
        }
    }

    async fn take_news(&mut self, news: Result<News, RecvError>) -> Result<(), Cut> {
        match news {
            Ok(News::Device { device_id }) if device_id == self.device.id => self.read_row().await,
            Ok(News::Session { device_id, number }) if device_id == self.device.id && number > self.stay.number() => Err(Cut),
            Ok(News::Printers { site_id }) if site_id == self.device.site_id => match self.device.kind {
                DeviceKind::Kiosk => self.tell_printer().await,
                // One printer's stop is another's work.
                DeviceKind::Printer => self.give_jobs().await,
                DeviceKind::Display | DeviceKind::Pad => Ok(()),
            },
            Ok(_) => Ok(()),
            Err(RecvError::Lagged(_)) => {
                self.read_row().await?;
                self.look().await
            }
            Err(RecvError::Closed) => Err(Cut),
        }
    }

    /// Reads where the device stands: it may be revoked or bound elsewhere.
    async fn read_row(&mut self) -> Result<(), Cut> {
        match self.app().device_now(&self.device).await {
            Ok(Knock::Revoked) | Err(AppError::NotFound) => {
                logged(self.app().jobs_released(&self.device).await, "the slips of a revoked printer could not be given back");
                let _ = self.wire.say(&ToDevice::Revoked).await;
                Err(Cut)
            }
            Ok(Knock::Known(_)) => {
                if let Some(end) = &mut self.keeper {
                    let frames = end.refresh().await;
                    self.say_all(frames).await?;
                }
                self.configure().await?;
                self.tell_care().await
            }
            Err(error) => {
                tracing::error!(%error, "a device cannot be read");
                Ok(())
            }
        }
    }

    /// Whether a site is the practice hall of this device's.
    fn practises_here(&self, site_id: &str) -> bool {
        is_practice(site_id) && self.app().directory.get().practice_of(&self.device.site_id).is_some_and(|site| site.id == site_id)
    }

    async fn take_committed(&mut self, committed: Result<Arc<Committed>, RecvError>) -> Result<(), Cut> {
        let (own, catalogue) = match &committed {
            Ok(committed) => {
                let own = committed.site_id == self.device.site_id || self.practises_here(&committed.site_id);
                let is_rare = |event: &CommittedEvent| !BUSY_AGGREGATES.contains(&event.aggregate.as_str());
                // A matter of a site above may be one that is claimed here.
                let is_matter = |event: &CommittedEvent| event.aggregate == "matter";
                (own, committed.events.iter().any(|event| if own { is_rare(event) } else { is_matter(event) }))
            }
            Err(RecvError::Lagged(_)) => (true, true),
            Err(RecvError::Closed) => return Err(Cut),
        };
        if let Some(end) = &mut self.keeper {
            let frames = end.committed(committed.as_deref().ok()).await;
            self.say_all(frames).await?;
        }
        match self.device.kind {
            DeviceKind::Printer if own => self.give_jobs().await,
            DeviceKind::Kiosk if catalogue => self.tell_matters().await,
            _ => Ok(()),
        }
    }

    async fn take_feed(&mut self, sent: Result<Sent, RecvError>) -> Result<(), Cut> {
        match (self.device.kind, sent) {
            (_, Err(RecvError::Closed)) => Err(Cut),
            (DeviceKind::Display, Ok(sent)) => self.wire.say_text(board_frame(&sent)).await,
            // Too slow for the frames: the state as it is now instead.
            (DeviceKind::Display, Err(RecvError::Lagged(_))) => self.follow_board(None).await,
            (DeviceKind::Kiosk, _) => self.tell_lines().await,
            (DeviceKind::Printer | DeviceKind::Pad, _) => Ok(()),
        }
    }

    async fn follow_board(&mut self, after: Option<(i64, i64)>) -> Result<(), Cut> {
        let subscribed = self.server.feeds.subscribe(&self.device.site_id, View::Board, after).await;
        let (first, feed) = logged(subscribed, "a display gets no board").ok_or(Cut)?;
        self.feed = Some(feed);
        for sent in first {
            self.wire.say_text(board_frame(&sent)).await?;
        }
        Ok(())
    }

    async fn beat(&mut self) -> Result<(), Cut> {
        if self.wire.silent_for() > Duration::from_millis(SILENCE_MS_MAX) {
            return Err(Cut);
        }
        self.wire.say(&ToDevice::Ping).await
    }

    async fn look(&mut self) -> Result<(), Cut> {
        self.looks += 1;
        if logged(self.app().belongs_to_keeper(&self.device).await, "the keeper of a hall cannot be read").unwrap_or(false) {
            return Err(Cut);
        }
        // Another display of the zone may have come or gone.
        if self.device.kind == DeviceKind::Display && self.looks.is_multiple_of(LOOKS_PER_CARE) {
            self.tell_care().await?;
        }
        if self.looks.is_multiple_of(LOOKS_PER_SEEN) {
            logged(self.app().device_seen(&self.device, true, None).await, "a device could not be noted as seen");
            self.read_row().await?;
            // Another process may have changed the catalogue; its commits are not heard here.
            if self.device.kind == DeviceKind::Kiosk && !self.app().stores.commit.spans_sites() {
                self.tell_matters().await?;
            }
        }
        if let Some(end) = &mut self.keeper {
            let frames = end.look().await;
            self.say_all(frames).await?;
        }
        match self.device.kind {
            DeviceKind::Kiosk => {
                self.tell_lines().await?;
                self.tell_printer().await
            }
            DeviceKind::Printer => {
                self.reconcile().await?;
                self.give_jobs().await
            }
            DeviceKind::Display | DeviceKind::Pad => Ok(()),
        }
    }

    async fn say_all(&mut self, frames: Answer<Vec<ToDevice>>) -> Result<(), Cut> {
        for frame in logged(frames, "a keeper could not be told").unwrap_or_default() {
            self.wire.say(&frame).await?;
        }
        Ok(())
    }

    async fn tell_lines(&mut self) -> Result<(), Cut> {
        let views = self.server.feeds.lines(&self.device.site_id).await;
        let Some((views, opening)) = logged(views, "the lines of a hall cannot be read") else { return Ok(()) };
        let told = (views.into_iter().map(kiosk_line).collect(), opening);
        if self.kiosk.lines.as_ref() == Some(&told) {
            return Ok(());
        }
        let (lines, opening) = self.kiosk.lines.insert(told).clone();
        self.wire.say(&ToDevice::Lines { lines, opening: Some(opening) }).await
    }

    async fn tell_matters(&mut self) -> Result<(), Cut> {
        let Some(matters) = logged(self.app().kiosk_matters(&self.device.site_id).await, "the matters of a hall cannot be read") else {
            return Ok(());
        };
        if self.kiosk.matters.as_ref() == Some(&matters) {
            return Ok(());
        }
        self.kiosk.matters = Some(matters.clone());
        self.wire.say(&ToDevice::Matters { matters }).await
    }

    async fn tell_printer(&mut self) -> Result<(), Cut> {
        let Some(status) = logged(self.app().printer_beside(&self.device.site_id).await, "the printers of a hall cannot be read") else {
            return Ok(());
        };
        if self.kiosk.printer == Some(status) {
            return Ok(());
        }
        self.kiosk.printer = Some(status);
        self.wire.say(&ToDevice::Printer { status }).await
    }

    /// Gives the printer what it may have more.
    async fn give_jobs(&mut self) -> Result<(), Cut> {
        // One look answers all commits that came meanwhile.
        while let Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) = self.commits.try_recv() {}
        let taken = self.app().jobs_taken(&self.device, self.held.len()).await;
        for job in logged(taken, "print jobs cannot be given").unwrap_or_default() {
            self.send_job(job.id, job.slip).await?;
        }
        Ok(())
    }

    async fn send_job(&mut self, job_id: String, slip: Slip) -> Result<(), Cut> {
        self.held.insert(job_id.clone(), Some(Instant::now()));
        self.wire.say(&ToDevice::PrintJob { job_id, slip }).await
    }

    /// Brings what this session knows in line with the store: an older session of the printer, which its
    /// cut line kept a while, may have taken jobs that never arrived, or the end of others.
    async fn reconcile(&mut self) -> Result<(), Cut> {
        let Some(jobs) = logged(self.app().jobs_held(&self.device).await, "a printer's jobs cannot be read") else { return Ok(()) };
        self.held.retain(|job_id, _| jobs.iter().any(|job| job.id == *job_id));
        let patience = Duration::from_millis(ACKNOWLEDGE_MS_MAX);
        for job in jobs {
            let is_on_its_way = self.held.get(&job.id).is_some_and(|since| since.is_none_or(|since| since.elapsed() <= patience));
            if !is_on_its_way {
                self.send_job(job.id, job.slip).await?;
            }
        }
        Ok(())
    }
}

/// A frame of the board as the device gets it; the bytes of the feed are not made again.
fn board_frame(sent: &Sent) -> String {
    format!(r#"{{"kind":"board","body":{}}}"#, sent.json)
}
