//! The display's core: folds board frames, asks again after a gap, keeps the last state over a
//! restart, and says since when it is stale. Runs in simulated time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use edge::{
    clock::{HallClock, rfc3339},
    pairing::revoked,
    session::{Line, Position, SessionEvent},
    spool::{Spool, SpoolError},
};
use protocol::{
    device::{DeviceCare, DeviceConfig, DeviceKind, FromDevice, ToDevice, VoiceCare},
    feed::{Applied, BoardFold, BoardFrame, BoardState},
    layout::DisplayLayout,
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

/// The last state goes to the spool at most this often, in milliseconds: the disk is for restarts, not for every call.
pub const KEEP_MS: u64 = 5_000;
/// A gap is asked for again after this long without an answer, in milliseconds.
pub const RESYNC_MS: u64 = 5_000;
/// Calls that were not said are told to the person in charge this long, in milliseconds: a working day.
pub const UNSAID_MS: i64 = 12 * 3_600_000;

const BOARD: &str = "board";

/// What keeps the display from working, for the person in charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It has no token: it waits for a pairing code.
    Unpaired,
    /// The server does not know its token.
    TokenRefused,
    /// Its token belongs to a device of another kind.
    WrongKind,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// Whether the state is that of the server now.
    pub online: bool,
    /// Until when the state was that of the server, RFC 3339; `None` before the first frame.
    pub last_sync_at: Option<String>,
    /// The board; `None` before the first snapshot.
    pub state: Option<BoardState>,
    /// Why the display cannot work at all.
    pub trouble: Option<Trouble>,
    /// Grows when the page is to be loaded again.
    pub reload: u32,
    /// Number of the picture that is wanted of the page; 0 for none.
    pub picture_wanted: u32,
    /// Whether this display speaks: of those in one loudspeaker zone only one does.
    pub speaks: bool,
    /// How it speaks.
    pub voice: VoiceCare,
    /// What it shows; `None` where nobody chose.
    pub layout: Option<DisplayLayout>,
    /// The hall's time, RFC 3339.
    pub now: String,
}

/// The last state as the spool keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Epoch and sequence of the last frame applied.
    pub position: (i64, i64),
    /// State at the position.
    pub state: BoardState,
    /// Until when it was that of the server, UTC milliseconds.
    pub synced_ms: i64,
}

impl Kept {
    /// What the spool kept, if anything.
    ///
    /// # Errors
    /// The spool refused.
    pub fn read(spool: &Spool) -> Result<Option<Self>, SpoolError> {
        Ok(spool.known(BOARD)?.map(|(kept, _)| kept))
    }
}

/// The display; clones share it.
#[derive(Clone)]
pub struct Display(Arc<Inner>);

struct Inner {
    spool: Spool,
    line: Line,
    clock: HallClock,
    board: Mutex<Board>,
    views: watch::Sender<Arc<View>>,
}

#[derive(Default)]
struct Board {
    fold: BoardFold,
    connected: bool,
    /// Heard a frame or a ping on this connection, and no gap is open.
    in_step: bool,
    synced_ms: Option<i64>,
    gap_asked_at: Option<Instant>,
    trouble: Option<Trouble>,
    /// What is asked of this display; `None` before the server said.
    care: Option<DeviceCare>,
    /// The picture that was asked for before this program started: nobody waits for it any more.
    picture_before: u32,
    /// Changed since it was last kept.
    unkept: bool,
    /// Calls that were shown and not said: since when, UTC milliseconds, and the text for the person in charge.
    unsaid: Option<(i64, String)>,
}

impl Display {
    /// A display that shows what its spool kept, as of then.
    ///
    /// # Errors
    /// The spool refused.
    pub fn new(spool: Spool, line: Line, clock: HallClock) -> Result<Self, SpoolError> {
        let mut board = Board { trouble: spool.pairing()?.is_none().then_some(Trouble::Unpaired), ..Board::default() };
        if let Some(Kept { position, state, synced_ms }) = Kept::read(&spool)? {
            board.fold = BoardFold { state: Some(state), position: Some(position) };
            board.synced_ms = Some(synced_ms);
        }
        line.set_position(board.fold.position);
        let views = watch::Sender::new(Arc::new(view(&board, clock.now_ms())));
        Ok(Self(Arc::new(Inner { spool, line, clock, board: Mutex::new(board), views })))
    }

    /// The hall's time, RFC 3339.
    #[must_use]
    pub fn now(&self) -> String {
        rfc3339(self.0.clock.now_ms())
    }

    /// The position to open the session with.
    ///
    /// # Errors
    /// The spool refused.
    pub fn kept_position(spool: &Spool) -> Result<Position, SpoolError> {
        Ok(Kept::read(spool)?.map(|kept| kept.position))
    }

    /// The newest view, and every later one.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.0.views.subscribe()
    }

    /// Follows the session until it ends, and keeps the last state.
    pub async fn run(self, mut events: mpsc::Receiver<SessionEvent>) {
        let every = Duration::from_millis(KEEP_MS);
        let mut keep_at = Instant::now() + every;
        loop {
            let heard = tokio::select! {
                biased;
                () = sleep_until(keep_at) => {
                    keep_at = Instant::now() + every;
                    self.keep();
                    self.take_back().await;
                    continue;
                }
                event = events.recv() => event,
            };
            let Some(event) = heard else { break };
            let cut = matches!(event, SessionEvent::Disconnected { .. });
            self.hear(event).await;
            if cut {
                self.keep();
            }
        }
        self.0.board().unkept = true;
        self.keep();
    }

    /// Tells the server which calls were shown and could not be said, and whether there were more, now and after every
    /// cut.
    pub async fn tell_unsaid(&self, numbers: &[String], more: bool) {
        let now_ms = self.0.clock.now_ms();
        let at = rfc3339(now_ms);
        let at = at.get(5..16).unwrap_or_default().replace('T', " ");
        let named = if numbers.is_empty() { "不知道是哪几个".to_owned() } else { numbers.join("、") };
        let others = if more && !numbers.is_empty() { "，还有别的" } else { "" };
        let text = format!("{at} 有号叫过没有出声：{named}{others}");
        tracing::warn!(text, "calls were not said");
        self.0.board().unsaid = Some((now_ms, text));
        self.report().await;
    }

    async fn report(&self) {
        let error = self.0.board().unsaid.as_ref().map(|(_, text)| text.clone());
        self.0.line.send(FromDevice::Status { printer: None, error }).await;
    }

    /// Tells no more of calls that were not said long ago.
    async fn take_back(&self) {
        let now_ms = self.0.clock.now_ms();
        let is_over = self.0.board().unsaid.take_if(|(at, _)| now_ms - *at > UNSAID_MS).is_some();
        if is_over {
            self.report().await;
        }
    }

    async fn hear(&self, event: SessionEvent) {
        match event {
            SessionEvent::Connected(config) => {
                self.connected(&config);
                self.report().await;
            }
            SessionEvent::Disconnected { .. } => {
                self.change(|board| {
                    board.connected = false;
                    board.in_step = false;
                    board.gap_asked_at = None;
                    board.unkept = true;
                });
            }
            SessionEvent::Unauthorised => self.change(|board| board.trouble = Some(Trouble::TokenRefused)),
            SessionEvent::Frame(ToDevice::Board(frame)) => self.frame(frame).await,
            SessionEvent::Frame(ToDevice::Ping) => self.in_step(),
            SessionEvent::Frame(ToDevice::Config(config)) => self.connected(&config),
            SessionEvent::Frame(ToDevice::Care(care)) => self.change(|board| {
                if board.care.is_none() {
                    board.picture_before = care.picture;
                }
                board.care = Some(care);
            }),
            SessionEvent::Frame(ToDevice::Revoked) => self.forget(),
            SessionEvent::Frame(_) => {}
        }
    }

    fn connected(&self, config: &DeviceConfig) {
        self.0.clock.set(config.now_ms);
        self.change(|board| {
            board.connected = true;
            board.trouble = (config.kind != DeviceKind::Display).then_some(Trouble::WrongKind);
            if board.fold.state.as_ref().is_some_and(|state| state.site.id != config.site_id) {
                // Paired with another hall: what follows are that hall's frames.
                board.fold = BoardFold::default();
                board.synced_ms = None;
            }
        });
    }

    /// The server lives; without an open gap the state is its state.
    fn in_step(&self) {
        let now_ms = self.0.clock.now_ms();
        self.change(|board| {
            if board.gap_asked_at.is_none() {
                board.in_step = true;
                board.synced_ms = Some(now_ms);
            }
        });
    }

    async fn frame(&self, frame: BoardFrame) {
        let ask = {
            let mut board = self.0.board();
            match board.fold.apply(frame) {
                Applied::Done => {
                    board.gap_asked_at = None;
                    board.unkept = true;
                    self.0.line.set_position(board.fold.position);
                    None
                }
                Applied::Gap => {
                    let patience = Duration::from_millis(RESYNC_MS);
                    let asked = board.gap_asked_at.is_some_and(|at| at.elapsed() < patience);
                    if !asked {
                        board.gap_asked_at = Some(Instant::now());
                    }
                    board.in_step = false;
                    (!asked).then_some(board.fold.position)
                }
            }
        };
        if let Some(after) = ask {
            tracing::info!(?after, "gap in the feed");
            self.0.line.send(FromDevice::Resync { after }).await;
        }
        self.in_step();
    }

    fn forget(&self) {
        self.change(|board| {
            *board = Board { connected: board.connected, trouble: Some(Trouble::Unpaired), ..Board::default() };
        });
        self.0.line.set_position(None);
        if let Err(error) = revoked(&self.0.spool, &self.0.line) {
            tracing::error!(%error, "the spool refused");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Board)) {
        let mut board = self.0.board();
        change(&mut board);
        self.0.views.send_replace(Arc::new(view(&board, self.0.clock.now_ms())));
    }

    /// Keeps the last state if it changed. A spool that refuses costs the state after a restart, not the board.
    fn keep(&self) {
        let mut board = self.0.board();
        if !board.unkept {
            return;
        }
        let (Some(position), Some(state), Some(synced_ms)) = (board.fold.position, board.fold.state.clone(), board.synced_ms) else {
            return;
        };
        match self.0.spool.keep(BOARD, &Kept { position, state, synced_ms }, self.0.clock.now_ms()) {
            Ok(()) => board.unkept = false,
            Err(error) => tracing::error!(%error, "the last board could not be kept"),
        }
    }
}

impl Inner {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn view(board: &Board, now_ms: i64) -> View {
    // Before the server said anything it speaks as it would alone.
    let care = board.care.clone().unwrap_or_else(|| DeviceCare { picture: board.picture_before, ..DeviceCare::default() });
    let DeviceCare { reload, picture, speaks, voice, layout, .. } = care;
    View {
        reload,
        speaks,
        voice,
        layout,
        picture_wanted: if picture == board.picture_before { 0 } else { picture },
        online: board.connected && board.in_step,
        last_sync_at: board.synced_ms.map(rfc3339),
        state: board.fold.state.clone(),
        trouble: board.trouble,
        now: rfc3339(now_ms),
    }
}
