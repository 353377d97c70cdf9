//! The kiosk's core: what it knows of the hall, fed by the session's events, and taking a number.
//! Runs in simulated time; knows neither HTTP nor files.

mod cards;
pub mod care;
mod visits;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use edge::{
    clock::{HallClock, rfc3339},
    commands::{Commands, Outcome},
    pairing::revoked,
    problem::problem,
    questions::{Questions, Told},
    session::{Line, SessionEvent},
    spool::{Journaled, Spool, SpoolError},
};
use protocol::{
    device::{DeviceCommand, DeviceConfig, DeviceKind, FromDevice, KioskLine, KioskMatter, LeftPhone, Opening, Question, ToDevice},
    slip::{PaperState, PrinterStatus},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

pub use visits::{Rating, TrackBy};

use crate::keeper::{Keeper, KeeperState, Who};
use crate::matters::Matters;
use crate::reader::{CardDesk, ReaderState};

/// How long a citizen waits for an answer while the line is up, in milliseconds.
pub const ANSWER_MS_MAX: u64 = 8_000;
/// How long a citizen waits for a cut line to come back, in milliseconds.
pub const OFFLINE_ANSWER_MS_MAX: u64 = 3_000;
/// How long a number that came late stays on the screen, in milliseconds.
const LATE_SHOWN_MS: i64 = 120_000;

/// How often the keeper looks at the time, in milliseconds.
const KEEPER_TICK_MS: u64 = 250;

const CONFIG: &str = "config";
const LINES: &str = "lines";
const MATTERS: &str = "matters";

/// What a touch asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The line, or
    #[serde(default)]
    pub line_id: Option<String>,
    /// the matters.
    #[serde(default)]
    pub matter_ids: Option<Vec<String>>,
    /// `ordinary` or `green`.
    #[serde(default)]
    pub priority: Option<String>,
    /// In the name of whose card lay on the reader.
    #[serde(default)]
    pub with_card: bool,
    /// Where the person is to be told that the turn comes near.
    #[serde(default)]
    pub phone: Option<LeftPhone>,
    /// The person wants no slip.
    #[serde(default)]
    pub no_slip: bool,
}

/// What somebody without a slip can tell: one of the four.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lost {
    /// Number of an identity document.
    pub id_number: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// The code beside the slip's QR code.
    pub short_code: Option<String>,
    /// The code in it.
    pub tracking_code: Option<String>,
    /// By the card that lay on the reader.
    pub with_card: bool,
}

/// An answer to a touch, as the page gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The ticket or a problem document.
    pub body: Value,
    /// The first outcome given again.
    pub replayed: bool,
}

/// What keeps the kiosk from working, for the person in charge.
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

/// The hall as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SiteState {
    /// Site id; empty before the first connection.
    pub id: String,
    /// Name of the hall.
    pub name: String,
    /// Phone of the hall.
    pub phone: Option<String>,
}

/// The printer as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrinterState {
    /// `ready paper_low paper_out cover_open offline error unknown none`.
    pub state: &'static str,
}

/// Everything the page polls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KioskState {
    /// The hall.
    pub site: SiteState,
    /// Whether the line to the server is up.
    pub online: bool,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// Lines that a number can be taken for; while offline the last known ones.
    pub lines: Vec<KioskLine>,
    /// When the hall is open; `None` before it was told, and while the line is cut and nobody keeps the hall.
    pub opening: Option<Opening>,
    /// The printer beside the kiosk.
    pub printer: PrinterState,
    /// Tickets whose citizen was told "no answer" and that exist nevertheless, for a short time.
    pub late: Vec<Value>,
    /// Why the kiosk cannot work at all.
    pub trouble: Option<Trouble>,
    /// The hall's time, RFC 3339.
    pub now: String,
    /// Where the phones of citizens reach the service.
    pub public_url: Option<String>,
    /// What happens to a number that was called in vain.
    pub missed_rule: Option<String>,
    /// How the hall's keeper is, where this kiosk can be it.
    pub keeper: Option<KeeperState>,
    /// What this machine wrote down was damaged when the program started; the old file is kept.
    pub was_damaged: bool,
    /// Grows when the page is to be loaded again; `None` before the server said.
    pub reload: Option<u32>,
    /// The reader of identity cards, where there is one, and what lay on it.
    pub reader: Option<ReaderState>,
}

/// The kiosk; clones share it.
#[derive(Clone)]
pub struct Kiosk(Arc<Inner>);

struct Inner {
    spool: Spool,
    line: Line,
    clock: HallClock,
    commands: Commands,
    questions: Questions,
    keeper: Option<Keeper>,
    view: Mutex<View>,
}

struct View {
    config: Option<DeviceConfig>,
    lines: Vec<KioskLine>,
    /// As told last; it is not kept, since it is true for the moment alone.
    opening: Option<Opening>,
    matters: Matters,
    printer: Option<PrinterStatus>,
    printer_told: bool,
    online: bool,
    /// Connected to the hall's keeper, because the server does not answer.
    is_beside: bool,
    since_ms: i64,
    /// When the server last said something (UTC milliseconds).
    heard_ms: Option<i64>,
    trouble: Option<Trouble>,
    /// Grows when the page is to be loaded again.
    reload: Option<u32>,
    desk: Option<CardDesk>,
    /// Ticket, and when it came (UTC milliseconds).
    late: Vec<(Value, i64)>,
}

impl Kiosk {
    /// A kiosk that knows what its spool kept.
    ///
    /// # Errors
    /// The spool refused.
    pub fn new(spool: Spool, line: Line, clock: HallClock) -> Result<Self, SpoolError> {
        Self::keeping(spool, line, clock, None)
    }

    /// A kiosk that may be its hall's keeper: while that decides, numbers are its own.
    ///
    /// # Errors
    /// The spool refused.
    pub fn keeping(spool: Spool, line: Line, clock: HallClock, keeper: Option<Keeper>) -> Result<Self, SpoolError> {
        let now_ms = clock.now_ms();
        let commands = Commands::new(spool.clone(), line.clone(), clock.clone())?;
        let mut late = commands.late(now_ms - LATE_SHOWN_MS)?;
        late.retain(is_number);
        let questions = Questions::new(line.clone());
        let matters: Vec<KioskMatter> = spool.known(MATTERS)?.map(|(matters, _)| matters).unwrap_or_default();
        if let Some(keeper) = &keeper {
            keeper.know_matters(&matters);
        }
        let view = View {
            config: spool.known(CONFIG)?.map(|(config, _)| config),
            lines: spool.known(LINES)?.map(|(lines, _)| lines).unwrap_or_default(),
            opening: None,
            matters: Matters::new(matters),
            printer: None,
            printer_told: false,
            online: false,
            is_beside: false,
            since_ms: now_ms,
            heard_ms: None,
            trouble: spool.pairing()?.is_none().then_some(Trouble::Unpaired),
            reload: None,
            desk: None,
            late: late.into_iter().filter_map(|row| Some((row.reply?.body, now_ms))).collect(),
        };
        Ok(Self(Arc::new(Inner { spool, line, clock, commands, questions, keeper, view: Mutex::new(view) })))
    }

    /// Follows the session until it ends. A spool that refuses is logged: the kiosk goes on with
    /// what it knows, and takes no number that it could not write down first.
    pub async fn run(self, mut events: mpsc::Receiver<SessionEvent>) {
        let mut tick = interval(Duration::from_millis(KEEPER_TICK_MS));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                _ = tick.tick(), if self.0.keeper.is_some() => {
                    let said = self.0.keeper.as_ref().map(Keeper::tick).unwrap_or_default();
                    self.say(said).await;
                    continue;
                }
            };
            let Some(event) = event else { return };
            if let Err(error) = self.hear(event).await {
                tracing::error!(%error, "the spool refused");
            }
        }
    }

    async fn say(&self, frames: Vec<FromDevice>) {
        for frame in frames {
            self.0.line.send(frame).await;
        }
    }

    async fn hear(&self, event: SessionEvent) -> Result<(), SpoolError> {
        let inner = &self.0;
        // The keeper first: it sees how far the clock was off by which it decided.
        if let Some(keeper) = &inner.keeper {
            self.say(keeper.on_event(&event)).await;
        }
        if let SessionEvent::Connected(config) = &event {
            inner.clock.set(config.now_ms);
        }
        inner.questions.on_event(&event);
        if !matches!(event, SessionEvent::Disconnected { .. } | SessionEvent::Unauthorised) {
            inner.view().heard_ms = Some(inner.clock.now_ms());
        }
        let late = inner.commands.on_event(&event).await?.filter(is_number);
        if let Some(Journaled { reply: Some(reply), .. }) = late {
            tracing::warn!("a number came after its citizen was told that there was no answer");
            inner.view().late.push((reply.body, inner.clock.now_ms()));
        }
        match event {
            SessionEvent::Connected(config) => self.connected(config),
            SessionEvent::Disconnected { since } => {
                let mut view = inner.view();
                view.online = false;
                view.since_ms = inner.clock.at_ms(since);
                Ok(())
            }
            SessionEvent::Unauthorised => {
                inner.view().trouble = Some(Trouble::TokenRefused);
                Ok(())
            }
            SessionEvent::Frame(frame) => self.frame(frame),
        }
    }

    fn connected(&self, config: DeviceConfig) -> Result<(), SpoolError> {
        let inner = &self.0;
        {
            let mut view = inner.view();
            (view.online, view.is_beside) = (true, config.from_keeper);
            view.since_ms = inner.clock.now_ms();
            view.trouble = (config.kind != DeviceKind::Kiosk).then_some(Trouble::WrongKind);
            // A keeper tells only what a hall needs while the line is cut.
            if config.from_keeper && view.config.is_some() {
                return Ok(());
            }
            view.config = Some(config.clone());
        }
        inner.spool.keep(CONFIG, &config, inner.clock.now_ms())
    }

    fn frame(&self, frame: ToDevice) -> Result<(), SpoolError> {
        let inner = &self.0;
        let now_ms = inner.clock.now_ms();
        match frame {
            ToDevice::Config(config) => {
                inner.clock.set(config.now_ms);
                inner.view().config = Some(config.clone());
                inner.spool.keep(CONFIG, &config, now_ms)
            }
            ToDevice::Lines { lines, opening } => {
                let changed = {
                    let mut view = inner.view();
                    let changed = without_counts(&view.lines) != without_counts(&lines);
                    view.lines.clone_from(&lines);
                    view.opening = opening;
                    changed
                };
                // The counts are worth nothing after a cut, and writing them would wear the disk.
                if changed { inner.spool.keep(LINES, &lines, now_ms) } else { Ok(()) }
            }
            ToDevice::Matters { matters } => {
                inner.spool.keep(MATTERS, &matters, now_ms)?;
                if let Some(keeper) = &inner.keeper {
                    keeper.know_matters(&matters);
                }
                inner.view().matters = Matters::new(matters);
                Ok(())
            }
            ToDevice::Printer { status } => {
                let mut view = inner.view();
                view.printer = status;
                view.printer_told = true;
                Ok(())
            }
            ToDevice::Revoked => {
                {
                    let mut view = inner.view();
                    (view.config, view.lines, view.matters, view.late) = (None, Vec::new(), Matters::default(), Vec::new());
                    view.trouble = Some(Trouble::Unpaired);
                }
                revoked(&inner.spool, &inner.line)
            }
            ToDevice::Care(care) => {
                inner.view().reload = Some(care.reload);
                Ok(())
            }
            ToDevice::Reply { .. }
            | ToDevice::Told { .. }
            | ToDevice::PrintJob { .. }
            | ToDevice::Board(_)
            | ToDevice::Keeper(_)
            | ToDevice::Ping => Ok(()),
        }
    }

    /// Everything the page shows.
    #[must_use]
    pub fn state(&self) -> KioskState {
        let now_ms = self.0.clock.now_ms();
        let keeper = self.0.keeper.as_ref().map(Keeper::state);
        let is_kept = keeper.as_ref().is_some_and(|keeper| keeper.is_deciding);
        let deciding = self.0.keeper.as_ref().filter(|_| is_kept);
        let (kept_lines, kept_opening) = (deciding.map(Keeper::lines), deciding.and_then(Keeper::opening));
        let mut view = self.0.view();
        let printer = self.printer(&view);
        view.late.retain(|(_, came_ms)| now_ms - came_ms < LATE_SHOWN_MS);
        let site = view.config.as_ref().map(|config| SiteState {
            id: config.site_id.clone(),
            name: config.site_name.clone(),
            phone: config.site_phone.clone(),
        });
        KioskState {
            site: site.unwrap_or_default(),
            online: view.online,
            since: rfc3339(view.since_ms),
            lines: kept_lines.unwrap_or_else(|| view.lines.clone()),
            opening: kept_opening.or_else(|| view.opening.clone().filter(|_| view.online)),
            printer: PrinterState { state: printer.map_or("unknown", |printer| printer_word(printer.as_ref())) },
            late: view.late.iter().map(|(ticket, _)| ticket.clone()).collect(),
            trouble: view.trouble,
            now: rfc3339(now_ms),
            reload: view.reload,
            public_url: view.config.as_ref().and_then(|config| config.public_url.clone()),
            missed_rule: view.config.as_ref().and_then(|config| config.missed_rule.clone()),
            reader: view.desk.as_mut().map(|desk| desk.state(now_ms)),
            was_damaged: self.0.spool.was_damaged(),
            keeper,
        }
    }

    /// The printer beside the kiosk, as whoever decides about the hall knows it; `None` before it was told.
    fn printer(&self, view: &View) -> Option<Option<PrinterStatus>> {
        match self.0.keeper.as_ref().filter(|keeper| keeper.is_deciding()) {
            Some(keeper) => keeper.printer(),
            None => view.printer_told.then_some(view.printer),
        }
    }

    /// Matters that fit what was typed, best first.
    #[must_use]
    pub fn matters(&self, query: &str) -> Vec<KioskMatter> {
        self.0.view().matters.find(query).into_iter().cloned().collect()
    }

    /// Chinese words to touch for the pinyin at the end of what was typed.
    #[must_use]
    pub fn words(&self, query: &str) -> Vec<String> {
        self.0.view().matters.words(query)
    }

    /// Takes a number for one touch; the same key never gives two.
    pub async fn take_number(&self, key: &str, wish: Wish) -> Answer {
        if let Some(keeper) = self.0.keeper.as_ref().filter(|keeper| keeper.is_deciding()) {
            return keeper.issue_for(&Who::Kiosk, &self.device_id(), key, wish);
        }
        let holder = match self.holder(wish.with_card) {
            Ok(holder) => holder,
            Err(gone) => return *gone,
        };
        let Wish { line_id, matter_ids, priority, phone, no_slip, .. } = wish;
        let command = DeviceCommand::IssueTicket { line_id, matter_ids, priority, holder, phone, no_slip };
        let answer = self.command(key, command).await;
        // The card is somebody's no longer than it takes: the next person must not find it.
        if wish.with_card && (200..300).contains(&answer.status) {
            self.forget_card();
        }
        answer
    }

    fn device_id(&self) -> String {
        self.0.view().config.as_ref().map(|config| config.device_id.clone()).unwrap_or_default()
    }

    /// Takes the number of an appointment; the same key, and the same appointment, never give two.
    pub async fn check_in(&self, key: &str, appointment_id: String, no_slip: bool) -> Answer {
        if let Some(keeper) = self.0.keeper.as_ref().filter(|keeper| keeper.is_deciding()) {
            return keeper.check_in_for(&Who::Kiosk, &self.device_id(), key, appointment_id, no_slip);
        }
        self.command(key, DeviceCommand::CheckIn { appointment_id, no_slip }).await
    }

    /// Prints the slip of a number again; the same key never prints two.
    pub async fn reprint(&self, key: &str, ticket_id: String) -> Answer {
        self.command(key, DeviceCommand::ReprintTicket { ticket_id }).await
    }

    async fn command(&self, key: &str, command: DeviceCommand) -> Answer {
        let wait_ms = if self.0.line.online() { ANSWER_MS_MAX } else { OFFLINE_ANSWER_MS_MAX };
        match self.0.commands.issue(key, command, Duration::from_millis(wait_ms)).await {
            Ok(Outcome::Answered(reply)) => Answer { status: reply.status, body: reply.body, replayed: reply.replayed },
            Ok(Outcome::NotSent) => own(503, "offline", "连接中断", "连接中断，没有取号", key),
            Ok(Outcome::Unknown) => own(503, "no_answer", "还没等到回答", "还没等到回答，再点一次不会多取号", key),
            Ok(Outcome::OtherBody) => {
                own(409, "idempotency_mismatch", "同一个键，内容不同", "这个 Idempotency-Key 已经用于另一次取号", key)
            }
            Ok(Outcome::BadKey) => own(422, "idempotency_key", "缺少取号标识", "Idempotency-Key 应为 1 到 64 个可见 ASCII 字符", ""),
            Ok(Outcome::Busy) => own(503, "busy", "正在取号", "前面的取号还没有答复，请过一会儿再点", key),
            Err(error) => {
                tracing::error!(%error, "a command could not be written down");
                own(503, "spool", "设备存档写不进去", "设备存档写不进去，请叫工作人员", key)
            }
        }
    }

    /// Finds numbers of somebody who lost the slip.
    pub async fn find(&self, lost: Lost) -> Answer {
        let Lost { id_number, phone, short_code, tracking_code, with_card } = lost;
        let id_number = match self.holder(with_card) {
            Ok(holder) => holder.map(|holder| holder.id_number).or(id_number),
            Err(gone) => return *gone,
        };
        self.ask(Question::FindTickets { id_number, phone, short_code, tracking_code }).await
    }

    /// Finds the appointments of somebody who came, by code, QR, phone or ID number.
    pub async fn find_appointments(&self, text: String) -> Answer {
        if let Some(keeper) = self.0.keeper.as_ref().filter(|keeper| keeper.is_deciding()) {
            return keeper.find_bookings(&text);
        }
        self.ask(Question::FindAppointments { text }).await
    }

    /// The address that phones open to take a number.
    pub async fn phone_code(&self) -> Answer {
        self.ask(Question::PhoneCode).await
    }

    async fn ask(&self, question: Question) -> Answer {
        match self.0.questions.ask(question, Duration::from_millis(ANSWER_MS_MAX)).await {
            Told::Answered(reply) => Answer { status: reply.status, body: reply.body, replayed: false },
            Told::Offline => own(503, "offline", "连接中断", "现在查不了，请到导办台问", ""),
            Told::NoAnswer => own(503, "no_answer", "还没等到回答", "还没等到回答，请再查一次", ""),
            Told::Busy => own(503, "busy", "正在查", "请过一会儿再查", ""),
        }
    }
}

/// An answer that the kiosk gives itself.
pub(crate) fn own(status: u16, code: &str, title: &str, detail: &str, trace: &str) -> Answer {
    Answer { status, body: problem(status, code, title, detail, trace), replayed: false }
}

/// Whether a command asked for a number; the outcome of anything else is of no interest later.
fn is_number(row: &Journaled) -> bool {
    matches!(row.command, DeviceCommand::IssueTicket { .. } | DeviceCommand::CheckIn { .. })
}

impl Inner {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_counts(lines: &[KioskLine]) -> Vec<KioskLine> {
    lines.iter().map(|line| KioskLine { waiting: 0, estimated_wait_s: 0, estimated_wait_optimistic_s: 0, ..line.clone() }).collect()
}

fn printer_word(status: Option<&PrinterStatus>) -> &'static str {
    match status {
        None => "none",
        Some(PrinterStatus { online: false, .. }) => "offline",
        Some(PrinterStatus { cover_open: true, .. }) => "cover_open",
        Some(PrinterStatus { paper: PaperState::Out, .. }) => "paper_out",
        Some(PrinterStatus { error: true, .. }) => "error",
        Some(PrinterStatus { paper: PaperState::NearEnd, .. }) => "paper_low",
        Some(PrinterStatus { paper: PaperState::Ok | PaperState::Unknown, .. }) => "ready",
    }
}
