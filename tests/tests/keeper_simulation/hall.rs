//! One hall with its lines: the service, two kiosks that can keep it, the people, and trouble by a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::hall::{Command, Event, MergeRule, Refusal};
use domain::ids::{StaffId, TicketId};
use domain::rights::{Operation, Role};
use kiosk::keeper::{Keeper, Standby};
use server::app::hall::IssueRequest;
use server::app::keeper::{AdmitRequest, AppointRequest, ReleaseRequest};
use server::app::retry::Outcome as Told;
use server::app::{App, Clock};
use server::store::memory::MemoryStore;
use server::store::{KeeperEntryRow, Stores};
use tests::app::{START_MS, SeededEntropy, start, vault};
use tokio::time::Instant;

use super::beside::Lan;
use super::judge::Record;
use super::machine::Machine;
use super::people::{Person, Wanted, What, device, staff_permit};
use super::truth::{By, Truth};
use crate::second_kiosk::pair_second;

pub(super) const SITE: &str = "demo-center";
pub(super) const SITE_KEY: &str = "dc";
/// The keeper that is appointed, and the other kiosk of the hall.
pub(super) const DEVICES: [&str; 2] = ["dev_dc_demo-kiosk", "dev_dc_second-kiosk"];
pub(super) const LINE: &str = "l_dc_demo-line";
/// One step of the simulation.
const STEP_MS: i64 = 200;
/// How long there is trouble.
const TROUBLE_MS: i64 = 150_000;
/// How long the hall may take to be in order again.
const CALM_MS_MAX: i64 = 240_000;
/// And how long it must stay so.
const STAY_MS: i64 = 10_000;
/// Windows of the hall.
const WINDOWS: u16 = 3;

/// Simulated time as the server's clock.
#[derive(Debug)]
struct SimClock(Instant);

impl Clock for SimClock {
    fn now(&self) -> i64 {
        START_MS + i64::try_from(self.0.elapsed().as_millis()).expect("a short time")
    }
}

/// A request to the server on its way there or back, by the address of a machine.
struct Request {
    due_ms: i64,
    person: usize,
    machine: usize,
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
    app: Option<Arc<App>>,
    machines: [Machine; 2],
    lan: Lan,
    requests: Vec<Request>,
    people: Vec<Person>,
    server_back_ms: Option<i64>,
    next_trouble_ms: i64,
    may_release: bool,
    /// Whether somebody lets a kiosk take over that may.
    confirms: bool,
    record: Record,
    truth: Truth,
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
        pair_second(&stores).await;
        let (may_release, confirms) = (rng.u32(0..6) == 0, rng.u32(0..5) > 0);
        let mut people: Vec<Person> = [0, 1].map(Person::at_kiosk).into();
        people.extend((1..=WINDOWS).map(Person::at_window));
        let mut hall = Self {
            rng,
            stores,
            clock,
            entropy,
            app: Some(Arc::new(app)),
            machines: [0, 1].map(|place| Machine::new(device(place))),
            lan: Lan::default(),
            requests: Vec::new(),
            people,
            server_back_ms: None,
            next_trouble_ms: 12_000,
            may_release,
            confirms,
            record: Record::default(),
            truth: Truth::default(),
        };
        hall.ready().await;
        hall
    }

    fn now_ms(&self) -> i64 {
        self.clock.now() - START_MS
    }

    /// Both kiosks are known to the service, and the first is in office.
    async fn ready(&mut self) {
        for _ in 0..20 {
            self.step().await;
        }
        self.appoint(0).await;
        for _ in 0..30 {
            self.step().await;
        }
        assert!(self.app.as_ref().is_some_and(|app| app.keepers.may_decide(SITE)), "the keeper answers and the service decides");
        assert!(self.machines[1].keeper.as_ref().is_some_and(|keeper| keeper.hall().is_some()), "the other follows");
    }

    async fn appoint(&mut self, place: usize) {
        let supervisor = staff_permit(StaffId::new(SITE_KEY, "boss"), Role::Supervisor, Operation::SuperviseHall);
        let Some(app) = self.app.clone() else { return };
        let request = AppointRequest { device_id: DEVICES[place].to_owned(), address: None };
        let outcome = app.appoint_keeper(&supervisor, &request, None).await.expect("appointed");
        assert_eq!(outcome.status, 200, "{}", outcome.body);
        for device in DEVICES {
            let admit = AdmitRequest { allowed: true, address: None };
            let outcome = app.admit_keeper(&supervisor, device, &admit, None).await.expect("admitted");
            assert_eq!(outcome.status, 200, "{}", outcome.body);
        }
        self.refresh().await;
    }

    /// The news of another office, as the sessions hear them.
    async fn refresh(&mut self) {
        let now_ms = self.now_ms();
        for machine in &mut self.machines {
            machine.refresh(now_ms, &mut self.rng).await;
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
        match self.rng.u32(0..16) {
            0..=4 => self.cut(&[0]),
            // The hall's own line, which both use.
            5..=7 => self.cut(&[0, 1]),
            8 => self.cut(&[1]),
            9..=10 => {
                self.app = None;
                self.server_back_ms = Some(now_ms + self.rng.i64(500..40_000));
                for machine in &mut self.machines {
                    machine.lose_server(now_ms, &mut self.rng);
                }
                self.requests.retain(|request| request.told.is_some());
            }
            11 => self.die(0, 20_000),
            12 => self.die(1, 20_000),
            // The line, and the keeper with it: what the second kiosk is for.
            13 => {
                self.cut(&[0, 1]);
                self.die(0, 60_000);
            }
            14 => {
                self.cut(&[0, 1]);
                self.lan.cut(now_ms, self.rng.i64(5_000..60_000));
            }
            _ if self.may_release && self.machines[0].is_cut => self.release().await,
            _ => self.lan.cut(now_ms, self.rng.i64(2_000..40_000)),
        }
    }

    fn cut(&mut self, places: &[usize]) {
        let (now_ms, for_ms) = (self.now_ms(), self.rng.i64(500..70_000));
        for place in places {
            // Two machines on one line do not see it come back in the same moment.
            let for_ms = for_ms + self.rng.i64(0..8_000);
            self.machines[*place].cut(now_ms, for_ms, &mut self.rng);
        }
    }

    fn die(&mut self, place: usize, ms_max: i64) {
        let (now_ms, for_ms) = (self.now_ms(), self.rng.i64(500..ms_max));
        self.machines[place].die(now_ms, for_ms, &mut self.rng);
    }

    /// The supervisor runs the hall without its keeper, and appoints it again when the line is back.
    async fn release(&mut self) {
        let Some(app) = self.app.clone() else { return };
        let supervisor = staff_permit(StaffId::new(SITE_KEY, "boss"), Role::Supervisor, Operation::SuperviseHall);
        let request = ReleaseRequest { reason: Some("取号机坏了".to_owned()) };
        let outcome = app.release_keeper(&supervisor, &request, None).await.expect("an answer");
        if outcome.status == 200 {
            self.record.was_released = true;
            self.refresh().await;
        }
    }

    /// Somebody at a kiosk that hears nobody says that the other one is off. Often that is not so.
    fn confirm(&mut self) {
        for place in [0, 1] {
            let Some(keeper) = self.machines[place].keeper.clone() else { continue };
            if !self.confirms || keeper.state().standby != Standby::Ready || self.rng.u32(0..60) > 0 {
                continue;
            }
            let answer = keeper.take_over_by_word(&StaffId::new(SITE_KEY, "boss"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.record.take_overs += 1;
            self.record.wrong_take_overs += usize::from(self.machines[1 - place].keeper.is_some());
            let halls: Vec<_> = self.machines.iter().filter_map(|machine| machine.keeper.as_ref()?.hall()).collect();
            self.truth.took_over(place, halls.iter());
        }
    }

    /// Everything is well again: the lines, the machines; people go home.
    pub(super) async fn calm(&mut self) {
        let now_ms = self.now_ms();
        self.server_back_ms = self.server_back_ms.map(|_| now_ms);
        for machine in &mut self.machines {
            machine.line_back_ms = Some(now_ms);
            machine.back_ms = machine.back_ms.map(|_| now_ms);
        }
        self.lan.cut(now_ms, 0);
        self.confirms = false;
        for person in &mut self.people {
            person.next_ms = i64::MAX;
        }
        let mut in_order_ms: Option<i64> = None;
        while self.now_ms() < now_ms + CALM_MS_MAX {
            self.step().await;
            in_order_ms = if self.out_of_order().await.is_none() { in_order_ms.or(Some(self.now_ms())) } else { None };
            if in_order_ms.is_some_and(|since| self.now_ms() >= since + STAY_MS) {
                return;
            }
            let in_office = self.stores.keepers.keepers_in_office().await.expect("the store answers");
            if in_office.is_empty() && self.app.is_some() && self.machines[0].end.is_some() {
                self.appoint(0).await;
            }
        }
    }

    /// What keeps the hall from being as it was before the trouble: the service decides, nobody has anything left to hand
    /// over, nothing is parted, and all three know the same hall.
    async fn out_of_order(&self) -> Option<String> {
        let Some(app) = &self.app else { return Some("no service".to_owned()) };
        if !app.keepers.may_decide(SITE) || !self.requests.is_empty() {
            return Some("the service does not decide".to_owned());
        }
        let hall = app.hall(SITE).await.expect("the store answers");
        if hall.has_left(None) {
            return Some(format!("left: {:?}", hall.doc().left));
        }
        for machine in &self.machines {
            let Some(keeper) = &machine.keeper else { return Some("a kiosk is off".to_owned()) };
            let (state, own) = (keeper.state(), keeper.hall());
            if state.unsent > 0 || state.is_deciding || own.as_ref() != Some(&hall) {
                return Some(format!("{}: {:?} of {}, {state:?}", machine.device.id, own.map(|own| own.version()), hall.version()));
            }
        }
        None
    }

    async fn step(&mut self) {
        tokio::time::advance(Duration::from_millis(STEP_MS.unsigned_abs())).await;
        let now_ms = self.now_ms();
        if self.server_back_ms.is_some_and(|at| at <= now_ms) {
            self.server_back_ms = None;
            self.app = Some(Arc::new(start(self.stores.clone(), self.clock.clone(), self.entropy.clone()).await));
            for machine in &mut self.machines {
                machine.connects_ms = now_ms + self.rng.i64(0..3_000);
            }
        }
        let mut may_change_office = false;
        for (place, machine) in self.machines.iter_mut().enumerate() {
            machine.come_back(now_ms, &mut self.rng);
            machine.notice(now_ms);
            if let Some(app) = &self.app {
                machine.connect(app, self.lan.host_of(place).is_some(), now_ms, &mut self.rng).await;
            }
            may_change_office |= machine.talk(now_ms, &mut self.rng).await;
        }
        if may_change_office {
            self.refresh().await;
        }
        self.lan.step(&mut self.machines, now_ms);
        self.answer_requests(now_ms).await;
        self.confirm();
        self.work(now_ms).await;
        for machine in &mut self.machines {
            machine.tick(now_ms, &mut self.rng);
        }
        self.one_decides(now_ms).await;
    }

    /// Of the service and the keeper in office only one decides.
    async fn one_decides(&mut self, now_ms: i64) {
        if self.record.was_released || self.app.as_ref().is_none_or(|app| !app.keepers.may_decide(SITE)) {
            return;
        }
        let in_office = self.stores.keepers.keepers_in_office().await.expect("the store answers");
        for machine in &self.machines {
            let decides = machine.keeper.as_ref().is_some_and(Keeper::is_deciding);
            if decides && in_office.iter().any(|row| row.site_id == SITE && row.device_id == machine.device.id) {
                self.record.both.push(format!("{} at {now_ms} ms", machine.device.id));
            }
        }
    }

    /// Requests that reach the server, and answers that come back; a cut loses both.
    async fn answer_requests(&mut self, now_ms: i64) {
        let (due, later): (Vec<Request>, Vec<Request>) =
            std::mem::take(&mut self.requests).into_iter().partition(|request| request.due_ms <= now_ms);
        self.requests = later;
        for request in due {
            if self.machines[request.machine].is_cut {
                continue;
            }
            match request.told {
                Some(told) => self.hear(request.person, &request.wanted, told.status, &told.body, false),
                None => {
                    let Some(told) = self.ask_server(request.person, &request.wanted).await else { continue };
                    self.decided(By::Service, &request.wanted, told.status, told.replayed, &told.body);
                    let due_ms = now_ms + self.rng.i64(1..300);
                    self.requests.push(Request { due_ms, told: Some(told), ..request });
                }
            }
        }
    }

    async fn ask_server(&self, person: usize, wanted: &Wanted) -> Option<Told> {
        let (app, person) = (self.app.as_ref()?, &self.people[person]);
        let (permit, retry) = (person.permit(), Some(person.retry(wanted)));
        if let What::Act(command) = &wanted.what
            && gives_up_left(&app.hall(SITE).await.ok()?, command)
        {
            return Some(Told::refusal(&Refusal::TicketLeft.into()));
        }
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
            self.turn_to_who_serves(place);
            let machine = self.people[place].machine;
            let Some(keeper) = self.machines[machine].keeper.clone() else { continue };
            let passes = keeper.passes_through();
            let seen = match (passes, &self.app) {
                (true, Some(app)) if !self.machines[machine].is_cut => app.hall(SITE).await.ok(),
                _ => keeper.hall(),
            };
            let Some(wanted) = self.people[place].want(seen.as_ref(), &mut self.rng) else { continue };
            if passes {
                let due_ms = now_ms + self.rng.i64(1..300);
                self.requests.push(Request { due_ms, person: place, machine, wanted, told: None });
            } else if matches!(wanted.what, What::Number) && !keeper.is_deciding() && self.lan.host_of(machine).is_some() {
                let Some((status, body)) = self.lan.number(&self.machines, &wanted.key) else { continue };
                // Now and then the answer is lost on the way to the other kiosk.
                if self.rng.u32(0..10) > 0 {
                    self.hear(place, &wanted, status, &body, false);
                }
            } else {
                let person = &self.people[place];
                let command = person.command(&wanted, keeper.now_ms());
                if keeper.hall().is_some_and(|hall| gives_up_left(&hall, &command)) {
                    self.people[place].wanted = None;
                    continue;
                }
                // What is done with a ticket that was left says nothing about who may call it.
                let of_another = ticket_of(&command).is_some_and(|id| keeper.hall().is_some_and(|hall| hall.is_left(id)));
                let answer = keeper.command(&person.who(), &command, Some(person.retry_key(&wanted)));
                let by = By::Kiosk { place: machine, is_parted: matches!(keeper.state().standby, Standby::TookOver { .. }) };
                if !of_another {
                    self.decided(by, &wanted, answer.status, answer.replayed, &answer.body);
                }
                self.hear(place, &wanted, answer.status, &answer.body, of_another);
            }
        }
    }

    /// A clerk whose machine serves nothing opens the other one's address, where the network reaches it.
    fn turn_to_who_serves(&mut self, place: usize) {
        let person = &mut self.people[place];
        let other = 1 - person.machine;
        if person.window > 0 && !self.lan.is_cut && !self.machines[person.machine].serves() && self.machines[other].serves() {
            person.machine = other;
        }
        // Behind a cut network some are on the one side, some on the other, with a keeper each.
        if person.window > 0 && self.machines[other].serves() && self.rng.u32(0..12) == 0 {
            person.machine = other;
        }
    }

    fn decided(&mut self, by: By, wanted: &Wanted, status: u16, is_replayed: bool, body: &serde_json::Value) {
        if let (What::Act(command), 200, false) = (&wanted.what, status, is_replayed) {
            let now_ms = self.now_ms();
            self.truth.decided(by, command, body, now_ms);
        }
    }

    /// Somebody was told something: what is not final is asked again with the same key.
    fn hear(&mut self, place: usize, wanted: &Wanted, status: u16, body: &serde_json::Value, of_another: bool) {
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
                if let Command::Finish { ticket_id, .. } = command.as_ref()
                    && !of_another
                {
                    self.record.finished.insert(ticket_id.to_string(), String::new());
                }
            }
            _ => {}
        }
    }

    /// What the judge must know.
    pub(super) async fn record(mut self) -> Record {
        let mut record = std::mem::take(&mut self.record);
        record.called_by_two = std::mem::take(&mut self.truth.twice);
        let app = self.app.clone().expect("the service is back");
        let events = self.stores.events.events_after(SITE, 0, 100_000).await.expect("the log");
        let mut hall = domain::hall::Hall::new(domain::ids::SiteId::parse(SITE).expect("a site"));
        for logged in events.iter().filter(|event| event.aggregate == "hall") {
            let event: Event = serde_json::from_str(&logged.body).expect("an event");
            record.take_in(&hall, &event);
            hall.evolve(&event);
        }
        let entries = self.stores.keepers.keeper_entries_open(SITE, 1_000).await.expect("the store answers");
        for (ticket, state) in &mut record.finished {
            let row = self.stores.halls.ticket(SITE, ticket).await.expect("the store answers");
            *state = row.map_or_else(|| "lost".to_owned(), |row| row.state);
            let is_told = |row: &KeeperEntryRow| row.text.contains(MergeRule::TicketOver.text()) && row.body.contains(ticket.as_str());
            if self.truth.was_given_up_unheard(ticket) && entries.iter().any(is_told) {
                // Both sides ended it: by the written rule the first end counts, and a person is told.
                *state = "over".to_owned();
            } else if state != "done" {
                let logged = events.iter().filter(|event| event.body.contains(ticket.as_str())).map(|event| {
                    let at = event.at - START_MS;
                    format!("{at} ms {}", event.kind)
                });
                let story: Vec<String> = self.truth.story(ticket).iter().cloned().chain(["in the log:".to_owned()]).chain(logged).collect();
                *state = format!("{state}\n  {}", story.join("\n  "));
            }
        }
        self.alive_twice(&hall, &mut record);
        for machine in &self.machines {
            let taken = app.keeper_taken(&machine.device).await.expect("the store answers");
            record.kept += usize::try_from(taken).expect("a number");
        }
        for row in &entries {
            if row.verdict == "refused" || (row.rule.as_deref() == Some("chain")) {
                record.refused.push(format!("{} {:?} {}", row.number, row.rule, row.text));
            }
        }
        record.unsettled = self.out_of_order().await;
        if app.hall(SITE).await.expect("the store answers") != hall {
            record.unsettled.get_or_insert("the log gives another hall than the store".to_owned());
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

/// The ticket that a command of a window is about.
fn ticket_of(command: &Command) -> Option<&TicketId> {
    match command {
        Command::Start { ticket_id }
        | Command::Finish { ticket_id, .. }
        | Command::Miss { ticket_id, .. }
        | Command::Park { ticket_id, .. } => Some(ticket_id),
        _ => None,
    }
}

/// Whether somebody is to go home who was left to another keeper since it was thought so: he may stand at a window there.
fn gives_up_left(hall: &domain::hall::Hall, command: &Command) -> bool {
    matches!(command, Command::Abandon { ticket_id } if hall.is_left(ticket_id))
}
