//! The hall of the simulation: its hosts, its citizens and its clerk, and what is read from it at the end.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use display::View as ScreenView;
use domain::case::Staff;
use domain::hall::{Command, Outcome};
use domain::ids::{SiteId, StaffId, TicketId, WindowId};
use domain::rights::{Operation, Role};
use edge::connect::Connect;
use kiosk::Wish;
use protocol::feed::{BoardState, Frame, View};
use server::app::caller::{Caller, Permit, StaffCaller};
use server::app::hall::OpenRequest;
use server::app::{App, Clock};
use server::feed::Feeds;
use server::http::{Server, router};
use server::store::memory::MemoryStore;
use server::store::{ChangeSet, DeviceRow, Stores};
use server::vault::sha256;
use tempfile::TempDir;
use tests::app::{START_MS, SeededEntropy, start, vault};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use turmoil::Sim;
use turmoil::net::{TcpListener, TcpStream};

use super::judge::Record;
use super::paper::{Paper, SimPrinter};
use crate::run_devices::{self, Station};

pub(super) const SERVER: &str = "server";
const KIOSKS: [(&str, &str); 2] = [("kiosk-1", "demo-kiosk"), ("kiosk-2", "sim-kiosk")];
/// The second is never cut and never dies.
const DISPLAYS: [(&str, &str); 2] = [("display-1", "demo-display"), ("display-2", "sim-display")];
pub(super) const PRINTERS: [(&str, &str); 2] = [("printer-1", "demo-printer"), ("printer-2", "sim-printer")];
/// Hosts that trouble may come to.
pub(super) const TROUBLED: [&str; 5] = ["kiosk-1", "kiosk-2", "display-1", "printer-1", "printer-2"];
const PORT: u16 = 8080;
const SITE: &str = "demo-center";
const WINDOW: &str = "w_dc_1";
const LINES: [&str; 3] = ["l_dc_demo-line", "l_dc_build", "l_dc_police"];
/// Touches of one citizen who is told that there is no answer yet.
const TOUCHES_MAX: usize = 3;

/// Simulated time as the server's clock; it stands still outside of the simulation.
#[derive(Debug, Default)]
struct SimClock(AtomicI64);

impl Clock for SimClock {
    fn now(&self) -> i64 {
        if let Some(elapsed) = turmoil::sim_elapsed() {
            self.0.store(i64::try_from(elapsed.as_millis()).expect("a short time"), Ordering::SeqCst);
        }
        START_MS + self.0.load(Ordering::SeqCst)
    }
}

/// Connects inside the simulation.
#[derive(Debug, Clone)]
struct SimConnect;

impl Connect for SimConnect {
    type Stream = TcpStream;

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect((SERVER, PORT)).await
    }
}

struct SimListener(TcpListener);

impl axum::serve::Listener for SimListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok(accepted) => return accepted,
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Everything that outlives the machines.
pub(super) struct World {
    seed: u64,
    parts: Arc<Parts>,
}

struct Parts {
    stores: Stores,
    clock: Arc<SimClock>,
    entropy: Arc<SeededEntropy>,
    data: TempDir,
    /// Whether citizens come and the clerk works.
    is_open: AtomicBool,
    touches: AtomicU64,
    starts: AtomicU64,
    told: Mutex<BTreeMap<String, Vec<String>>>,
    paper: Paper,
    dry: [Arc<AtomicBool>; 2],
    is_whimsical: Arc<AtomicBool>,
    screens: Mutex<BTreeMap<String, watch::Receiver<Arc<ScreenView>>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl World {
    /// The sample centre without accounts, with a second device of each kind.
    pub(super) fn new(seed: u64) -> Self {
        let parts = Parts {
            stores: Stores::of(Arc::new(MemoryStore::new(vault().chain()))),
            clock: Arc::default(),
            entropy: Arc::default(),
            data: TempDir::new().expect("a folder"),
            is_open: AtomicBool::new(true),
            touches: AtomicU64::new(0),
            starts: AtomicU64::new(seed << 16),
            told: Mutex::default(),
            paper: Paper::default(),
            dry: Default::default(),
            is_whimsical: Arc::new(AtomicBool::new(true)),
            screens: Mutex::default(),
        };
        runtime().block_on(async {
            let app = parts.app().await;
            let mut district = server::demo::district().expect("the sample is sound");
            district.staff.clear();
            app.seed(&district).await.expect("the sample is written");
            let mut set = ChangeSet::new(SITE);
            for kind in ["kiosk", "display", "printer"] {
                set.row(second(kind));
            }
            app.commit(set).await.expect("the second devices are written");
        });
        Self { seed, parts: Arc::new(parts) }
    }

    /// Starts every machine.
    pub(super) fn open(&self, sim: &mut Sim<'_>) {
        let parts = self.parts.clone();
        sim.host(SERVER, move || serve(parts.clone()));
        for (name, token) in KIOSKS {
            let parts = self.parts.clone();
            sim.host(name, move || touch_screens(parts.clone(), name, token));
        }
        for (name, token) in DISPLAYS {
            let parts = self.parts.clone();
            sim.host(name, move || show(parts.clone(), name, token));
        }
        for (index, (name, token)) in PRINTERS.into_iter().enumerate() {
            let parts = self.parts.clone();
            sim.host(name, move || print(parts.clone(), index, name, token));
        }
    }

    pub(super) fn set_dry(&self, printer: usize, is_dry: bool) {
        self.parts.dry[printer].store(is_dry, Ordering::SeqCst);
    }

    /// No citizen comes any more, and printers work as they should.
    pub(super) fn close(&self) {
        self.parts.is_open.store(false, Ordering::SeqCst);
        self.parts.is_whimsical.store(false, Ordering::SeqCst);
    }

    /// Whether nothing is owed and every screen says that it is up to date.
    pub(super) fn is_settled(&self) -> bool {
        let screens = locked(&self.parts.screens);
        screens.len() == DISPLAYS.len() && screens.values().all(|view| view.borrow().online) && self.parts.is_printed()
    }

    /// What the judge must know.
    pub(super) fn record(&self) -> Record {
        let parts = &self.parts;
        println!("seed {}: at {} ms", self.seed, parts.clock.0.load(Ordering::SeqCst));
        runtime().block_on(async {
            let events = parts.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
            let mut issued: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for event in events.iter().filter(|event| event.kind == "ticket_issued") {
                let id = ticket_id(&event.body).unwrap_or_else(|| panic!("no ticket in {}", event.body));
                let ticket = parts.stores.halls.ticket(SITE, &id).await.expect("a ticket").expect("a ticket");
                issued.entry(ticket.number[..1].to_owned()).or_default().push(ticket.number);
            }
            let (done_keys, owed) = (parts.done_keys().await, parts.owed().await);
            let fresh = fresh_board(parts.app().await).await;
            let shown = |view: &ScreenView| serde_json::to_string(view.state.as_ref().expect("a state")).expect("a state");
            let screens = locked(&parts.screens);
            Record {
                issued,
                told: locked(&parts.told).clone(),
                done_keys,
                paper: locked(&parts.paper).clone(),
                screens: screens.iter().map(|(name, view)| (name.clone(), (view.borrow().online, shown(&view.borrow())))).collect(),
                fresh,
                owed,
            }
        })
    }
}

fn ticket_id(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    find(&body, "ticket_id").or_else(|| find(&body, "id"))
}

/// The first text under a name, wherever it lies.
fn find(value: &serde_json::Value, name: &str) -> Option<String> {
    match value {
        serde_json::Value::Object(fields) => match fields.get(name) {
            Some(serde_json::Value::String(found)) => Some(found.clone()),
            _ => fields.values().find_map(|inner| find(inner, name)),
        },
        _ => None,
    }
}

async fn fresh_board(app: App) -> String {
    let feeds = Feeds::start(Arc::new(app), CancellationToken::new());
    let sent = feeds.snapshot(SITE, View::Board).await.expect("a board");
    match serde_json::from_str::<Frame<BoardState>>(&sent.json).expect("a frame") {
        Frame::Snapshot { state, .. } => serde_json::to_string(&state).expect("a state"),
        other => panic!("no snapshot but {other:?}"),
    }
}

fn second(kind: &str) -> DeviceRow {
    DeviceRow {
        site_id: SITE.to_owned(),
        id: format!("dev_dc_sim-{kind}"),
        kind: kind.to_owned(),
        name: kind.to_owned(),
        token_hash: sha256(format!("sim-{kind}").as_bytes()),
        window_id: None,
        zone: None,
        profile: None,
        revoked_at: None,
        seen_at: None,
        status: "{}".to_owned(),
        settings: None,
    }
}

impl Parts {
    async fn app(&self) -> App {
        start(self.stores.clone(), self.clock.clone(), self.entropy.clone()).await
    }

    /// Print jobs that are not on paper according to the server.
    async fn owed(&self) -> Vec<String> {
        let jobs = self.stores.outbox.outbox_of(SITE, "print", 10_000).await.expect("the outbox");
        jobs.into_iter()
            .filter(|job| job.state != "done")
            .map(|job| format!("{} ({}, at {:?}, {:?})", job.id, job.state, job.target, job.last_error))
            .collect()
    }

    /// Whether nothing is owed.
    fn is_printed(&self) -> bool {
        runtime().block_on(self.owed()).is_empty()
    }

    /// A number that differs from start to start, the same in every run of a seed.
    fn next_seed(&self) -> u64 {
        self.starts.fetch_add(1, Ordering::SeqCst)
    }

    fn station(&self, token: &'static str) -> Station<SimConnect> {
        let authority = format!("{SERVER}:{PORT}");
        Station { connector: SimConnect, authority, token, now_ms: self.clock.now(), seed: self.next_seed() }
    }

    /// Touches that gave a number, by the outcomes that the store keeps under their keys.
    async fn done_keys(&self) -> usize {
        let asked = self.touches.load(Ordering::SeqCst);
        let mut done = 0;
        for (_, token) in KIOSKS {
            let keys: Vec<Vec<u8>> = (0..asked).map(|touch| key_of(&device_id(token), touch)).collect();
            let kept = self.stores.idempotency.outcomes(&keys).await.expect("outcomes");
            done += kept.iter().filter(|row| row.status == 201).count();
        }
        done
    }
}

fn device_id(token: &str) -> String {
    format!("dev_dc_{token}")
}

fn touch_key(touch: u64) -> String {
    format!("touch-{touch}")
}

/// The key under which the outcome of a touch is kept.
fn key_of(device: &str, touch: u64) -> Vec<u8> {
    server::app::retry::Retry::new(device, "SESSION", "/devices/session", &touch_key(touch), &[], 0).key_hash
}

async fn serve(parts: Arc<Parts>) -> turmoil::Result {
    let app = Arc::new(parts.app().await);
    let closing = CancellationToken::new();
    let feeds = Feeds::start(app.clone(), closing.clone());
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT)).await?;
    tokio::spawn(work_at_the_window(app.clone(), parts));
    axum::serve(SimListener(listener), router(Server { app, feeds, closing, sockets: TaskTracker::new() })).await?;
    Ok(())
}

fn clerk() -> Permit {
    let site = SiteId::parse(SITE).expect("a site");
    let staff = Staff {
        id: StaffId::new("dc", "sim"),
        roles: vec![Role::Clerk],
        subtree: vec![site.clone()],
        site,
        department: None,
        decides_instant: false,
        outsourced: false,
        bases: Vec::new(),
        covers: Vec::new(),
    };
    let caller = StaffCaller { staff, name: String::new(), username: "sim".to_owned(), session: Vec::new(), must_change_password: false };
    Caller::Staff(Box::new(caller)).permit(Operation::OperateWindow, SITE).expect("a clerk may")
}

/// Opens the window and serves whoever comes.
async fn work_at_the_window(app: Arc<App>, parts: Arc<Parts>) {
    let (permit, window) = (clerk(), WindowId::parse(WINDOW).expect("a window"));
    let mut rng = fastrand::Rng::with_seed(parts.next_seed());
    while parts.is_open.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(rng.u64(300..2_500))).await;
        let windows = app.windows(&permit).await.expect("the windows");
        let own = windows.into_iter().find(|own| own.id == WINDOW).expect("the window");
        let serving = own.serving.as_deref().and_then(TicketId::parse);
        let done = match (own.state.as_str(), serving) {
            ("open", None) => match rng.u32(0..8) {
                0 => app.act_on_ticket(&permit, Command::PauseWindow { window_id: window.clone(), text: None }, None).await,
                _ => app.act_on_ticket(&permit, Command::CallNext { window_id: window.clone() }, None).await,
            },
            ("open", Some(ticket_id)) => {
                let ticket = app.ticket(&permit, &ticket_id).await.expect("the ticket");
                let command = match (ticket.state.as_str(), rng.u32(0..4)) {
                    ("called", 0) => Command::Recall { ticket_id },
                    ("called", 1) => Command::Miss { ticket_id, reason: None },
                    ("called", _) => Command::Start { ticket_id },
                    _ => Command::Finish { ticket_id, outcome: Outcome::Consulted },
                };
                app.act_on_ticket(&permit, command, None).await
            }
            _ => app.open_window(&permit, window.clone(), OpenRequest::default(), None).await,
        };
        done.expect("the memory store takes everything");
    }
}

/// Citizens at a kiosk, one after the other.
async fn touch_screens(parts: Arc<Parts>, name: &'static str, token: &'static str) -> turmoil::Result {
    let (kiosk, run) = run_devices::kiosk(parts.station(token), &parts.data.path().join(name));
    tokio::spawn(run);
    let mut rng = fastrand::Rng::with_seed(parts.next_seed());
    loop {
        sleep(Duration::from_millis(rng.u64(200..3_000))).await;
        if !parts.is_open.load(Ordering::SeqCst) {
            continue;
        }
        let key = touch_key(parts.touches.fetch_add(1, Ordering::SeqCst));
        let line = LINES[rng.usize(..LINES.len())];
        for _ in 0..TOUCHES_MAX {
            let wish =
                Wish { line_id: Some(line.to_owned()), matter_ids: None, priority: None, with_card: false, phone: None, no_slip: false };
            let answer = kiosk.take_number(&key, wish).await;
            if let Some(number) = answer.body["number"].as_str().filter(|_| answer.status == 201) {
                locked(&parts.told).entry(key.clone()).or_default().push(number.to_owned());
            }
            // Some touch again though they have their number.
            if answer.body["code"] != "no_answer" && rng.u32(0..10) > 0 {
                break;
            }
        }
    }
}

async fn show(parts: Arc<Parts>, name: &'static str, token: &'static str) -> turmoil::Result {
    let (display, run) = run_devices::display(parts.station(token), &parts.data.path().join(name));
    locked(&parts.screens).insert(name.to_owned(), display.views());
    run.await;
    Ok(())
}

async fn print(parts: Arc<Parts>, index: usize, name: &'static str, token: &'static str) -> turmoil::Result {
    let driver = SimPrinter {
        paper: parts.paper.clone(),
        is_dry: parts.dry[index].clone(),
        is_whimsical: parts.is_whimsical.clone(),
        rng: fastrand::Rng::with_seed(parts.next_seed()),
    };
    run_devices::printer(parts.station(token), &parts.data.path().join(name), driver).await;
    Ok(())
}
