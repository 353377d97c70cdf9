//! One hall with its line: the two machines, the line, the people, and trouble by a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::hall::Event;
use domain::ids::{StaffId, TicketId};
use domain::rights::{Operation, Role};
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::session::SessionEvent;
use kiosk::keeper::Keeper;
use protocol::device::{FromDevice, ToDevice};
use server::app::hall::IssueRequest;
use server::app::keeper::{AppointRequest, KeeperEnd, ReleaseRequest};
use server::app::retry::Outcome as Told;
use server::app::{App, Clock, Committed};
use server::store::Stores;
use server::store::memory::MemoryStore;
use tempfile::TempDir;
use tests::app::{START_MS, SeededEntropy, start, vault};
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::judge::Record;
use super::line::Way;
use super::people::{Person, Wanted, What, device, staff_permit};

pub(super) const SITE: &str = "demo-center";
pub(super) const SITE_KEY: &str = "dc";
pub(super) const DEVICE: &str = "dev_dc_demo-kiosk";
pub(super) const LINE: &str = "l_dc_demo-line";
/// One step of the simulation.
const STEP_MS: i64 = 200;
/// How long there is trouble.
const TROUBLE_MS: i64 = 150_000;
/// How long the hall may take to be in order again.
const CALM_MS_MAX: i64 = 240_000;
/// And how long it must stay so.
const STAY_MS: i64 = 10_000;
/// How long a side may take to notice that a line is cut.
const NOTICE_MS_MAX: i64 = 15_000;

/// Simulated time as the server's clock.
#[derive(Debug)]
struct SimClock(Instant);

impl Clock for SimClock {
    fn now(&self) -> i64 {
        START_MS + i64::try_from(self.0.elapsed().as_millis()).expect("a short time")
    }
}

/// A request to the server on its way there or back.
struct Request {
    due_ms: i64,
    person: usize,
    wanted: Wanted,
    /// The answer, on its way back.
    told: Option<Told>,
}

/// See the file's head.
pub(super) struct Hall {
    rng: fastrand::Rng,
    stores: Stores,
    clock: Arc<SimClock>,
    entropy: Arc<SeededEntropy>,
    folder: TempDir,
    app: Option<Arc<App>>,
    keeper: Option<Keeper>,
    is_cut: bool,
    end: Option<KeeperEnd>,
    commits: Option<broadcast::Receiver<Arc<Committed>>>,
    keeper_connected: bool,
    to_keeper: Way<ToDevice>,
    to_server: Way<FromDevice>,
    requests: Vec<Request>,
    people: Vec<Person>,
    /// What is due, as milliseconds of the run.
    server_notices_ms: Option<i64>,
    keeper_notices_ms: Option<i64>,
    connects_ms: i64,
    looks_ms: i64,
    server_back_ms: Option<i64>,
    keeper_back_ms: Option<i64>,
    line_back_ms: Option<i64>,
    next_trouble_ms: i64,
    may_release: bool,
    record: Record,
}

impl Hall {
    pub(super) async fn open(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let stores = Stores::of(Arc::new(MemoryStore::new(vault().chain())));
        let (clock, entropy) = (Arc::new(SimClock(Instant::now())), Arc::new(SeededEntropy::default()));
        let app = start(stores.clone(), clock.clone(), entropy.clone()).await;
        let mut district = server::demo::district().expect("the sample is sound");
        district.staff.clear();
        app.seed(&district).await.expect("the sample is written");
        let folder = TempDir::new().expect("a folder");
        let may_release = rng.u32(0..5) == 0;
        let mut hall = Self {
            rng,
            stores,
            clock,
            entropy,
            folder,
            app: Some(Arc::new(app)),
            keeper: None,
            is_cut: false,
            end: None,
            commits: None,
            keeper_connected: false,
            to_keeper: Way::default(),
            to_server: Way::default(),
            requests: Vec::new(),
            people: (0..4).map(Person::new).collect(),
            server_notices_ms: None,
            keeper_notices_ms: None,
            connects_ms: 0,
            looks_ms: 0,
            server_back_ms: None,
            keeper_back_ms: None,
            line_back_ms: None,
            next_trouble_ms: 12_000,
            may_release,
            record: Record::default(),
        };
        hall.keeper = Some(hall.open_keeper());
        hall.ready().await;
        hall
    }

    fn open_keeper(&self) -> Keeper {
        let seal = Seal::in_folder(self.folder.path()).expect("a key");
        Keeper::open(self.folder.path(), seal, HallClock::starting_at(self.clock.now()), None).expect("a journal")
    }

    fn now_ms(&self) -> i64 {
        self.clock.now() - START_MS
    }

    /// The keeper is known to the service and in office.
    async fn ready(&mut self) {
        for _ in 0..20 {
            self.step().await;
        }
        self.appoint().await;
        for _ in 0..30 {
            self.step().await;
        }
        assert!(self.app.as_ref().is_some_and(|app| app.keepers.may_decide(SITE)), "the keeper answers and the service decides");
    }

    async fn appoint(&mut self) {
        let supervisor = staff_permit(StaffId::new(SITE_KEY, "boss"), Role::Supervisor, Operation::SuperviseHall);
        let Some(app) = self.app.clone() else { return };
        let outcome = app.appoint_keeper(&supervisor, &AppointRequest { device_id: DEVICE.to_owned() }, None).await.expect("appointed");
        assert_eq!(outcome.status, 200, "{}", outcome.body);
        self.refresh().await;
    }

    /// The news of another office, as the session hears them.
    async fn refresh(&mut self) {
        if let Some(end) = &mut self.end {
            let frames = end.refresh().await.expect("the store answers");
            self.say_to_keeper(frames);
        }
    }

    fn say_to_keeper(&mut self, frames: Vec<ToDevice>) {
        let now_ms = self.now_ms();
        for frame in frames {
            self.to_keeper.say(frame, now_ms, &mut self.rng);
        }
    }

    fn say_to_server(&mut self, frames: Vec<FromDevice>) {
        let now_ms = self.now_ms();
        for frame in frames {
            // As through the socket: what cannot be written and read again is no frame.
            let text = serde_json::to_string(&frame).expect("a frame");
            let frame = serde_json::from_str(&text).expect("a frame");
            self.to_server.say(frame, now_ms, &mut self.rng);
        }
    }

    /// Trouble, for its time.
    pub(super) async fn trouble(&mut self) {
        while self.now_ms() < TROUBLE_MS {
            if self.now_ms() >= self.next_trouble_ms {
                self.begin_trouble().await;
            }
            self.step().await;
        }
    }

    async fn begin_trouble(&mut self) {
        let now_ms = self.now_ms();
        self.next_trouble_ms = now_ms + self.rng.i64(4_000..30_000);
        match self.rng.u32(0..10) {
            0..=5 => {
                self.is_cut = true;
                self.line_back_ms = Some(now_ms + self.rng.i64(500..70_000));
                self.server_notices_ms = Some(now_ms + self.rng.i64(0..NOTICE_MS_MAX));
                self.keeper_notices_ms = Some(now_ms + self.rng.i64(0..NOTICE_MS_MAX));
                self.to_keeper.cut();
                self.to_server.cut();
            }
            6..=7 => {
                (self.end, self.commits, self.app) = (None, None, None);
                self.server_back_ms = Some(now_ms + self.rng.i64(500..40_000));
                self.keeper_notices_ms = Some(now_ms + self.rng.i64(0..2_000));
                self.to_keeper.cut();
                self.to_server.cut();
                self.requests.retain(|request| request.told.is_some());
            }
            8 => {
                self.keeper = None;
                self.keeper_connected = false;
                self.keeper_back_ms = Some(now_ms + self.rng.i64(500..20_000));
                self.server_notices_ms = Some(now_ms + self.rng.i64(0..2_000));
                self.to_keeper.cut();
                self.to_server.cut();
            }
            _ if self.may_release && self.is_cut => self.release().await,
            _ => {}
        }
    }

    /// The supervisor runs the hall without its keeper, and appoints it again when the line is back.
    async fn release(&mut self) {
        let Some(app) = self.app.clone() else { return };
        let supervisor = staff_permit(StaffId::new(SITE_KEY, "boss"), Role::Supervisor, Operation::SuperviseHall);
        let request = ReleaseRequest { reason: Some("取号机坏了".to_owned()) };
        let outcome = app.release_keeper(&supervisor, &request, None).await.expect("released");
        if outcome.status == 200 {
            self.record.was_released = true;
            self.refresh().await;
        }
    }

    /// Everything is well again: the line, the machines; people go home.
    pub(super) async fn calm(&mut self) {
        let now_ms = self.now_ms();
        (self.line_back_ms, self.server_back_ms) = (Some(now_ms), self.server_back_ms.map(|_| now_ms));
        self.keeper_back_ms = self.keeper_back_ms.map(|_| now_ms);
        for person in &mut self.people {
            person.next_ms = i64::MAX;
        }
        let mut in_order_ms: Option<i64> = None;
        while self.now_ms() < now_ms + CALM_MS_MAX {
            self.step().await;
            in_order_ms = if self.is_in_order().await { in_order_ms.or(Some(self.now_ms())) } else { None };
            if in_order_ms.is_some_and(|since| self.now_ms() >= since + STAY_MS) {
                return;
            }
            let in_office = self.stores.keepers.keepers_in_office().await.expect("the store answers");
            if in_office.is_empty() && self.app.is_some() && self.end.is_some() {
                self.appoint().await;
            }
        }
    }

    /// Whether the service decides and the keeper has nothing left and knows the hall as it is.
    async fn is_in_order(&self) -> bool {
        let (Some(app), Some(keeper)) = (&self.app, &self.keeper) else { return false };
        let state = keeper.state();
        if state.unsent > 0 || state.is_deciding || !app.keepers.may_decide(SITE) || !self.requests.is_empty() {
            return false;
        }
        let version = self.stores.halls.hall_version(SITE).await.expect("the store answers");
        keeper.hall().is_some_and(|hall| i64::try_from(hall.version()).is_ok_and(|own| own == version))
    }

    async fn step(&mut self) {
        tokio::time::advance(Duration::from_millis(STEP_MS.unsigned_abs())).await;
        let now_ms = self.now_ms();
        self.come_back(now_ms).await;
        self.notice(now_ms);
        self.connect(now_ms).await;
        self.talk(now_ms).await;
        self.answer_requests(now_ms).await;
        self.work(now_ms).await;
        if let Some(keeper) = &self.keeper {
            let said = keeper.tick();
            if self.keeper_connected {
                self.say_to_server(said);
            }
        }
        let service = self.app.as_ref().is_some_and(|app| app.keepers.may_decide(SITE));
        if service && !self.record.was_released && self.keeper.as_ref().is_some_and(Keeper::is_deciding) {
            self.record.both.push(format!("at {now_ms} ms"));
        }
    }

    async fn come_back(&mut self, now_ms: i64) {
        let is_due = |at: Option<i64>| at.is_some_and(|at| at <= now_ms);
        if is_due(self.line_back_ms) {
            (self.line_back_ms, self.is_cut) = (None, false);
            self.connects_ms = now_ms + self.rng.i64(0..3_000);
        }
        if is_due(self.server_back_ms) {
            self.server_back_ms = None;
            self.app = Some(Arc::new(start(self.stores.clone(), self.clock.clone(), self.entropy.clone()).await));
            self.connects_ms = now_ms + self.rng.i64(0..3_000);
        }
        if is_due(self.keeper_back_ms) {
            self.keeper_back_ms = None;
            self.keeper = Some(self.open_keeper());
            self.connects_ms = now_ms + self.rng.i64(0..3_000);
        }
    }

    fn notice(&mut self, now_ms: i64) {
        let is_due = |at: Option<i64>| at.is_some_and(|at| at <= now_ms);
        if is_due(self.server_notices_ms) {
            self.server_notices_ms = None;
            (self.end, self.commits) = (None, None);
        }
        if is_due(self.keeper_notices_ms) {
            self.keeper_notices_ms = None;
            self.disconnect_keeper();
        }
    }

    fn disconnect_keeper(&mut self) {
        if std::mem::take(&mut self.keeper_connected)
            && let Some(keeper) = &self.keeper
        {
            keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
        }
    }

    /// A new session, once the keeper has noticed the end of the old one; the server ends the older by itself.
    async fn connect(&mut self, now_ms: i64) {
        let (Some(app), Some(keeper)) = (self.app.clone(), self.keeper.clone()) else { return };
        if self.is_cut || self.keeper_connected || now_ms < self.connects_ms {
            return;
        }
        (self.server_notices_ms, self.keeper_notices_ms) = (None, None);
        self.to_keeper.cut();
        self.to_server.cut();
        self.end = None;
        self.end = Some(KeeperEnd::new(app.clone(), device()));
        self.commits = Some(app.commits());
        self.keeper_connected = true;
        let config = app.device_config(&device()).await.expect("a configuration");
        self.say_to_server(keeper.on_event(&SessionEvent::Connected(config)));
    }

    async fn talk(&mut self, now_ms: i64) {
        if self.is_cut {
            return;
        }
        while let Some(frame) = self.to_server.heard(now_ms) {
            let Some(end) = &mut self.end else { break };
            if let FromDevice::Keeper(said) = frame {
                let frames = end.hear(said).await.expect("the store answers");
                self.say_to_keeper(frames);
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
                self.say_to_keeper(frames);
            }
        }
        if now_ms >= self.looks_ms {
            self.looks_ms = now_ms + 2_000;
            if let Some(end) = &mut self.end {
                let frames = end.look().await.expect("the store answers");
                self.say_to_keeper(frames);
            }
        }
        while let Some(frame) = self.to_keeper.heard(now_ms) {
            let (true, Some(keeper)) = (self.keeper_connected, self.keeper.clone()) else { break };
            let text = serde_json::to_string(&frame).expect("a frame");
            let frame = serde_json::from_str(&text).expect("a frame");
            self.say_to_server(keeper.on_event(&SessionEvent::Frame(frame)));
        }
    }

    /// Requests that reach the server, and answers that come back; a cut loses both.
    async fn answer_requests(&mut self, now_ms: i64) {
        let (due, later): (Vec<Request>, Vec<Request>) =
            std::mem::take(&mut self.requests).into_iter().partition(|request| request.due_ms <= now_ms);
        self.requests = later;
        for request in due {
            if self.is_cut {
                continue;
            }
            match request.told {
                Some(told) => self.hear(request.person, &request.wanted, told.status, &told.body),
                None => {
                    let Some(told) = self.ask_server(request.person, &request.wanted).await else { continue };
                    let due_ms = now_ms + self.rng.i64(1..300);
                    self.requests.push(Request { due_ms, told: Some(told), ..request });
                }
            }
        }
    }

    async fn ask_server(&self, person: usize, wanted: &Wanted) -> Option<Told> {
        let (app, person) = (self.app.as_ref()?, &self.people[person]);
        let (permit, retry) = (person.permit(), Some(person.retry(wanted)));
        let told = match &wanted.what {
            What::Number => {
                let request = IssueRequest { line_id: Some(LINE.to_owned()), ..IssueRequest::default() };
                app.issue_ticket(&permit, request, retry).await
            }
            What::Act(command) => app.act_on_ticket(&permit, (**command).clone(), retry).await,
        };
        Some(told.unwrap_or_else(|error| Told::refusal(&error)))
    }

    async fn work(&mut self, now_ms: i64) {
        for place in 0..self.people.len() {
            if now_ms < self.people[place].next_ms {
                continue;
            }
            self.people[place].next_ms = now_ms + self.rng.i64(600..4_000);
            let Some(keeper) = self.keeper.clone() else { continue };
            let passes = keeper.passes_through();
            let seen = match (passes, &self.app) {
                (true, Some(app)) if !self.is_cut => app.hall(SITE).await.ok(),
                _ => keeper.hall(),
            };
            let Some(wanted) = self.people[place].want(seen.as_ref(), &mut self.rng) else { continue };
            if passes {
                let due_ms = now_ms + self.rng.i64(1..300);
                self.requests.push(Request { due_ms, person: place, wanted, told: None });
            } else {
                let person = &self.people[place];
                let command = person.command(&wanted, keeper.now_ms());
                let answer = keeper.command(&person.who(), &command, Some(person.retry_key(&wanted)));
                self.hear(place, &wanted, answer.status, &answer.body);
            }
        }
    }

    /// Somebody was told something: what is not final is asked again with the same key.
    fn hear(&mut self, place: usize, wanted: &Wanted, status: u16, body: &serde_json::Value) {
        if status >= 500 {
            return;
        }
        if self.people[place].wanted.as_ref().is_some_and(|own| own.key == wanted.key) {
            self.people[place].wanted = None;
        }
        match (&wanted.what, status) {
            (What::Number, 201) => {
                let number = body["number"].as_str().expect("a number").to_owned();
                self.record.told.entry(wanted.key.clone()).or_default().push(number);
            }
            (What::Act(command), 200) => {
                if let domain::hall::Command::Finish { ticket_id, .. } = command.as_ref() {
                    self.record.finished.insert(ticket_id.to_string(), String::new());
                }
            }
            _ => {}
        }
    }

    /// What the judge must know.
    pub(super) async fn record(mut self) -> Record {
        let mut record = std::mem::take(&mut self.record);
        let app = self.app.clone().expect("the service is back");
        let events = self.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
        let mut hall = domain::hall::Hall::new(domain::ids::SiteId::parse(SITE).expect("a site"));
        for logged in events.iter().filter(|event| event.aggregate == "hall") {
            let event: Event = serde_json::from_str(&logged.body).expect("an event");
            match &event.fact {
                domain::hall::Fact::TicketIssued { number, .. } => {
                    let letters = number.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned();
                    record.issued.entry(letters).or_default().push(number.clone());
                }
                domain::hall::Fact::TicketCalled { ticket_id, .. }
                    if hall.ticket(ticket_id).is_none_or(|ticket| ticket.state.at_window().is_some()) =>
                {
                    record.called_twice.push(ticket_id.to_string());
                }
                _ => {}
            }
            if let Some(interval) =
                event.ticket_id().and_then(|id| hall.ticket(id)).and_then(|ticket| domain::hall::ended_interval(ticket, &event))
                && interval.end_ms < interval.start_ms
            {
                record.negative.push(format!("{interval:?}"));
            }
            hall.evolve(&event);
        }
        for (ticket, state) in &mut record.finished {
            let row = self.stores.halls.ticket(SITE, ticket).await.expect("the store answers");
            *state = row.map_or_else(|| "lost".to_owned(), |row| row.state);
        }
        self.alive_twice(&hall, &mut record);
        let taken = app.keeper_taken(&device()).await.expect("the store answers");
        record.kept = usize::try_from(taken).expect("a number");
        for row in self.stores.keepers.keeper_entries_open(SITE, 1_000).await.expect("the store answers") {
            if row.verdict == "refused" || (row.rule.as_deref() == Some("chain")) {
                record.refused.push(format!("{} {:?} {}", row.number, row.rule, row.text));
            }
        }
        let keeper = self.keeper.clone().expect("the keeper is back");
        let state = keeper.state();
        let is_same = keeper.hall().is_some_and(|own| own == hall);
        let service = app.keepers.may_decide(SITE);
        if state.unsent > 0 || state.is_deciding || !is_same || !service {
            let version = |hall: &domain::hall::Hall| hall.version();
            let versions = (keeper.hall().as_ref().map(version), hall.version());
            record.unsettled = Some(format!("same hall {is_same} {versions:?}, service {service}, taken {taken}, {state:?}"));
        }
        record
    }

    /// Numbers of one touch of which more than one goes on.
    fn alive_twice(&self, hall: &domain::hall::Hall, record: &mut Record) {
        let told: BTreeSet<&String> = record.told.values().flatten().collect();
        let mut by_key: BTreeMap<String, Vec<TicketId>> = BTreeMap::new();
        for ticket in hall.tickets().filter(|ticket| ticket.state.name() == "waiting" && !told.contains(&ticket.number)) {
            // Nobody was told this number. It may be one of a touch that was never answered; one of a touch that was told
            // another number must not go on.
            by_key.entry(ticket.number.clone()).or_default().push(ticket.id.clone());
        }
        let unanswered = self.people.iter().filter(|person| person.window == 0 && person.wanted.is_some()).count();
        if by_key.len() > unanswered {
            record.alive_twice.push(format!("{:?} and {unanswered} unanswered", by_key.keys()));
        }
    }
}
