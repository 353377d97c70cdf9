//! One kiosk that can keep the hall: the program with its journal on a disk, its session with the server, and the line
//! between the two, which is cut and says things late.

use std::sync::Arc;

use edge::clock::HallClock;
use edge::seal::Seal;
use edge::session::SessionEvent;
use kiosk::keeper::Keeper;
use protocol::device::{FromDevice, ToDevice};
use server::app::caller::DeviceCaller;
use server::app::keeper::KeeperEnd;
use server::app::{App, Committed};
use tempfile::TempDir;
use tests::app::START_MS;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::line::Way;

/// How long a side may take to notice that a line is cut.
const NOTICE_MS_MAX: i64 = 15_000;
/// Pause between two looks of the server's side.
const LOOK_MS: i64 = 2_000;

/// See the file's head.
pub(super) struct Machine {
    pub(super) device: DeviceCaller,
    folder: TempDir,
    pub(super) keeper: Option<Keeper>,
    pub(super) is_cut: bool,
    pub(super) end: Option<KeeperEnd>,
    commits: Option<broadcast::Receiver<Arc<Committed>>>,
    pub(super) is_connected: bool,
    to_keeper: Way<ToDevice>,
    to_server: Way<FromDevice>,
    /// What is due, as milliseconds of the run.
    pub(super) server_notices_ms: Option<i64>,
    pub(super) keeper_notices_ms: Option<i64>,
    pub(super) connects_ms: i64,
    looks_ms: i64,
    pub(super) back_ms: Option<i64>,
    pub(super) line_back_ms: Option<i64>,
}

fn is_due(at: Option<i64>, now_ms: i64) -> bool {
    at.is_some_and(|at| at <= now_ms)
}

/// Where the journal of a kiosk lies: nothing is said of disks here, so in memory where there is such a place.
fn folder() -> std::io::Result<TempDir> {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new())
}

impl Machine {
    pub(super) fn new(device: DeviceCaller) -> Self {
        let mut machine = Self {
            device,
            folder: folder().expect("a folder"),
            keeper: None,
            is_cut: false,
            end: None,
            commits: None,
            is_connected: false,
            to_keeper: Way::default(),
            to_server: Way::default(),
            server_notices_ms: None,
            keeper_notices_ms: None,
            connects_ms: 0,
            looks_ms: 0,
            back_ms: None,
            line_back_ms: None,
        };
        machine.open(0);
        machine
    }

    fn open(&mut self, now_ms: i64) {
        let seal = Seal::in_folder(self.folder.path()).expect("a key");
        self.keeper = Some(Keeper::open(self.folder.path(), seal, HallClock::starting_at(START_MS + now_ms), None).expect("a journal"));
    }

    /// The line to the server is cut for a while, and each side notices in its own time.
    pub(super) fn cut(&mut self, now_ms: i64, for_ms: i64, rng: &mut fastrand::Rng) {
        self.is_cut = true;
        self.line_back_ms = Some(now_ms + for_ms);
        self.server_notices_ms = Some(now_ms + rng.i64(0..NOTICE_MS_MAX));
        self.keeper_notices_ms = Some(now_ms + rng.i64(0..NOTICE_MS_MAX));
        self.lose_words();
    }

    /// The server died.
    pub(super) fn lose_server(&mut self, now_ms: i64, rng: &mut fastrand::Rng) {
        (self.end, self.commits) = (None, None);
        self.keeper_notices_ms = Some(now_ms + rng.i64(0..2_000));
        self.lose_words();
    }

    /// The machine dies.
    pub(super) fn die(&mut self, now_ms: i64, for_ms: i64, rng: &mut fastrand::Rng) {
        (self.keeper, self.is_connected) = (None, false);
        self.back_ms = Some(now_ms + for_ms);
        self.server_notices_ms = Some(now_ms + rng.i64(0..2_000));
        self.lose_words();
    }

    fn lose_words(&mut self) {
        self.to_keeper.cut();
        self.to_server.cut();
    }

    pub(super) fn come_back(&mut self, now_ms: i64, rng: &mut fastrand::Rng) {
        if is_due(self.line_back_ms, now_ms) {
            (self.line_back_ms, self.is_cut) = (None, false);
            self.connects_ms = now_ms + rng.i64(0..3_000);
        }
        if is_due(self.back_ms, now_ms) {
            self.back_ms = None;
            self.open(now_ms);
            self.connects_ms = now_ms + rng.i64(0..3_000);
        }
    }

    pub(super) fn notice(&mut self, now_ms: i64) {
        if is_due(self.server_notices_ms, now_ms) {
            self.server_notices_ms = None;
            (self.end, self.commits) = (None, None);
        }
        if is_due(self.keeper_notices_ms, now_ms) {
            self.keeper_notices_ms = None;
            if std::mem::take(&mut self.is_connected)
                && let Some(keeper) = &self.keeper
            {
                keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
            }
        }
    }

    /// A new session, once the keeper has noticed the end of the old one; the server ends the older by itself. A guest of the
    /// other kiosk has its session there.
    pub(super) async fn connect(&mut self, app: &Arc<App>, is_guest: bool, now_ms: i64, rng: &mut fastrand::Rng) {
        let Some(keeper) = self.keeper.clone() else { return };
        if is_guest || self.is_cut || self.is_connected || now_ms < self.connects_ms {
            return;
        }
        (self.server_notices_ms, self.keeper_notices_ms) = (None, None);
        self.lose_words();
        self.end = None;
        self.end = Some(KeeperEnd::new(app.clone(), self.device.clone(), None));
        self.commits = Some(app.commits());
        self.is_connected = true;
        let config = app.device_config(&self.device).await.expect("a configuration");
        self.say_to_server(keeper.on_event(&SessionEvent::Connected(config)), now_ms, rng);
    }

    /// What is under way arrives; whether the offices may have changed by it.
    pub(super) async fn talk(&mut self, now_ms: i64, rng: &mut fastrand::Rng) -> bool {
        let mut may_change_office = false;
        if self.is_cut {
            return may_change_office;
        }
        while let Some(frame) = self.to_server.heard(now_ms) {
            let Some(end) = &mut self.end else { break };
            if let FromDevice::Keeper(said) = frame {
                may_change_office |= matches!(said, protocol::keeper::FromKeeper::TookOver { .. });
                let frames = end.hear(said).await.expect("the store answers");
                self.say_to_keeper(frames, now_ms, rng);
            }
        }
        let mut missed = Vec::new();
        if let Some(commits) = &mut self.commits {
            while let Ok(committed) = commits.try_recv() {
                missed.push(committed);
            }
        }
        for committed in missed {
            if let Some(end) = &mut self.end {
                let frames = end.committed(Some(committed.as_ref())).await.expect("the store answers");
                self.say_to_keeper(frames, now_ms, rng);
            }
        }
        if now_ms >= self.looks_ms {
            self.looks_ms = now_ms + LOOK_MS;
            if let Some(end) = &mut self.end {
                let frames = end.look().await.expect("the store answers");
                self.say_to_keeper(frames, now_ms, rng);
            }
        }
        while let Some(frame) = self.to_keeper.heard(now_ms) {
            let (true, Some(keeper)) = (self.is_connected, self.keeper.clone()) else { break };
            let text = serde_json::to_string(&frame).expect("a frame");
            let frame = serde_json::from_str(&text).expect("a frame");
            self.say_to_server(keeper.on_event(&SessionEvent::Frame(frame)), now_ms, rng);
        }
        may_change_office
    }

    /// The news of another office, as the session hears them.
    pub(super) async fn refresh(&mut self, now_ms: i64, rng: &mut fastrand::Rng) {
        if let Some(end) = &mut self.end {
            let frames = end.refresh().await.expect("the store answers");
            self.say_to_keeper(frames, now_ms, rng);
        }
    }

    pub(super) fn tick(&mut self, now_ms: i64, rng: &mut fastrand::Rng) {
        let Some(keeper) = &self.keeper else { return };
        let said = keeper.tick();
        if self.is_connected {
            self.say_to_server(said, now_ms, rng);
        }
    }

    fn say_to_keeper(&mut self, frames: Vec<ToDevice>, now_ms: i64, rng: &mut fastrand::Rng) {
        for frame in frames {
            self.to_keeper.say(frame, now_ms, rng);
        }
    }

    fn say_to_server(&mut self, frames: Vec<FromDevice>, now_ms: i64, rng: &mut fastrand::Rng) {
        for frame in frames {
            // As through the socket: what cannot be written and read again is no frame.
            let text = serde_json::to_string(&frame).expect("a frame");
            let frame = serde_json::from_str(&text).expect("a frame");
            self.to_server.say(frame, now_ms, rng);
        }
    }

    /// Whether the hall's requests at this machine's address are answered, by whoever decides.
    pub(super) fn serves(&self) -> bool {
        self.keeper.as_ref().is_some_and(|keeper| keeper.passes_through() || keeper.is_deciding())
    }
}
