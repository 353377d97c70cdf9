//! A second kiosk that took over by a person's word comes back to the service: granted the office where the first is gone,
//! recorded beside it where it is there, and what was left to the first is nobody's until that hands over.

use axum::http::Method;
use domain::hall::{Actor as By, Command, Hall, KeptDecision, Outcome};
use domain::ids::{LineId, StaffId, TicketId, WindowId};
use edge::seal::Seal;
use kiosk::keeper::{Journal, fresh_ticket};
use protocol::device::{DeviceKind, ToDevice};
use protocol::keeper::{Entry, EntryText, FromKeeper, ToKeeper};
use serde_json::{Value, json};
use server::app::caller::DeviceCaller;
use server::app::hall::load_hall;
use server::app::keeper::KeeperEnd;
use server::store::{ChangeSet, DeviceRow, Stores};
use tempfile::TempDir;
use tests::app::{Actor, TestApp};

const SITE: &str = "demo-center";
const FIRST: &str = "dev_dc_demo-kiosk";
const SECOND: &str = "dev_dc_second-kiosk";
const LINE: &str = "l_dc_demo-line";

/// A kiosk that can keep the hall, with its journal, its own hall and its session.
struct Kiosk {
    id: &'static str,
    series: &'static str,
    term: u64,
    journal: Journal,
    hall: Hall,
    _folder: TempDir,
}

impl Kiosk {
    /// Known to the service, and not connected.
    async fn new(app: &TestApp, id: &'static str, series: &'static str, term: u64) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (journal, _) = Journal::open(folder.path(), Seal::in_folder(folder.path()).expect("a key")).expect("a journal");
        let kiosk = Self { id, series, term, journal, hall: load_hall(&app.app.stores, SITE).await.expect("a hall"), _folder: folder };
        app.app.keeper_ready(&kiosk.device(), &kiosk.ready(), None).await.expect("the store answers");
        kiosk
    }

    fn device(&self) -> DeviceCaller {
        DeviceCaller { id: self.id.to_owned(), kind: DeviceKind::Kiosk, site_id: SITE.to_owned(), window_id: None }
    }

    fn ready(&self) -> FromKeeper {
        FromKeeper::Ready { public_key: self.journal.public_key(), address: None, newest: self.journal.newest(), lost: false }
    }

    /// Decides on its own hall, and writes it down.
    fn does(&mut self, by: &By, command: Command, at: i64) {
        let events = self.hall.decide_as_keeper(self.series, by, &command, at).expect("the rules allow it");
        let base_version = self.hall.version();
        events.iter().for_each(|event| drop(self.hall.evolve(event)));
        let actor_id = by.staff.as_ref().map_or(self.id.to_owned(), ToString::to_string);
        let decision = KeptDecision { series: self.series.to_owned(), base_version, at, actor: by.clone(), command, events };
        let text = EntryText { term: self.term, actor_id, retry: None, check_in: None, decision };
        self.journal.append(&serde_json::to_string(&text).expect("a text"), None).expect("written");
    }

    fn gives(&mut self, at: i64) -> TicketId {
        let line = LineId::parse(LINE).expect("a line");
        let ticket = fresh_ticket("dc", &[line], Vec::new(), domain::hall::Priority::Ordinary, at).expect("randomness");
        let id = ticket.ticket_id.clone();
        self.does(&By::machine(), Command::Issue(ticket), at);
        id
    }

    fn serves(&mut self, ticket_id: &TicketId, at: i64) {
        let clerk = By::staff(StaffId::new("dc", "clerk1"));
        self.does(&clerk, Command::CallNext { window_id: WindowId::new("dc", "1") }, at);
        self.does(&clerk, Command::Start { ticket_id: ticket_id.clone() }, at + 1_000);
        self.does(&clerk, Command::Finish { ticket_id: ticket_id.clone(), outcome: Outcome::Accepted }, at + 2_000);
    }

    fn entries(&self) -> Vec<Entry> {
        self.journal.entries_after(0, 100).expect("read")
    }
}

async fn send(app: &TestApp, actor: &Actor, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = app.send(actor, method, &format!("/api/v1{path}"), None, Some(body)).await;
    (answer.status.as_u16(), answer.body)
}

async fn hear(end: &mut KeeperEnd, said: FromKeeper) -> Vec<ToKeeper> {
    let frames = end.hear(said).await.expect("the store answers");
    frames.into_iter().filter_map(|frame| if let ToDevice::Keeper(told) = frame { Some(told) } else { None }).collect()
}

fn through(told: &[ToKeeper]) -> Option<u64> {
    told.iter().find_map(|told| if let ToKeeper::Taken { through } = told { Some(*through) } else { None })
}

async fn beat(app: &TestApp, device: &str) {
    let (term, beat) = app.app.keepers.beat(SITE, device).expect("it is in office");
    app.app.keepers.beaten(SITE, device, term, beat);
}

async fn view(app: &TestApp, supervisor: &Actor) -> Value {
    app.get(supervisor, &format!("/api/v1/sites/{SITE}/keeper")).await.body
}

/// A001 waits, clerk 1 sits at window 1, the first kiosk keeps the hall; who knows its hall is told, in this order.
async fn stage(app: &TestApp) -> (Actor, Actor, Kiosk, Kiosk) {
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
    send(app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    let (status, body) = send(app, &clerk, Method::POST, &format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
    assert_eq!((status, body["number"].as_str()), (201, Some("A001")), "{body}");
    pair_second(&app.app.stores).await;
    let (first, second) = (Kiosk::new(app, FIRST, "K", 1).await, Kiosk::new(app, SECOND, "J", 2).await);
    let (status, body) = send(app, &supervisor, Method::PUT, &format!("/sites/{SITE}/keeper"), json!({ "device_id": FIRST })).await;
    assert_eq!((status, body["series"].as_str()), (200, Some("K")), "{body}");
    let candidate = format!("/sites/{SITE}/keeper/candidates/{SECOND}");
    let (status, body) = send(app, &supervisor, Method::PUT, &candidate, json!({ "allowed": true })).await;
    assert_eq!(status, 200, "{body}");
    (supervisor, clerk, first, second)
}

/// The sample has one kiosk; this is a second one, paired.
pub async fn pair_second(stores: &Stores) {
    let mut set = ChangeSet::new(SITE);
    set.row(DeviceRow {
        site_id: SITE.to_owned(),
        id: SECOND.to_owned(),
        kind: DeviceKind::Kiosk.as_str().to_owned(),
        name: "第二台取号机".to_owned(),
        token_hash: b"second".to_vec(),
        window_id: None,
        zone: None,
        profile: None,
        revoked_at: None,
        seen_at: None,
        status: "{}".to_owned(),
        settings: None,
    });
    stores.commit.commit(&[set]).await.expect("the store takes it");
}

fn boss() -> By {
    By::supervisor(StaffId::new("dc", "supervisor"))
}

#[tokio::test]
async fn where_the_first_is_gone_the_second_is_granted_and_what_was_left_waits_for_the_first() {
    let app = TestApp::memory().await;
    let (supervisor, clerk, mut first, mut second) = stage(&app).await;
    let now = app.app.now();
    // Both call in the hall, without knowing of each other.
    let a001 = first.hall.tickets().next().expect("A001").id.clone();
    first.serves(&a001, now);
    let ak001 = first.gives(now + 5_000);
    second.does(&boss(), Command::Part { term: 1 }, now);
    let aj001 = second.gives(now + 1_000);
    second.serves(&aj001, now + 2_000);
    let aj002 = second.gives(now + 6_000);

    let mut end = KeeperEnd::new(app.app.clone(), second.device(), None);
    assert!(hear(&mut end, FromKeeper::TookOver { after_term: 1 }).await.is_empty());
    let told = hear(&mut end, second.ready()).await;
    assert!(matches!(&told[0], ToKeeper::Appointed { term: 2, series, taken: 0 } if series == "J"), "{:?}", told[0]);
    for entry in second.entries() {
        let number = entry.number;
        assert_eq!(through(&hear(&mut end, FromKeeper::Entry(Box::new(entry))).await), Some(number), "in office, entry by entry");
    }
    beat(&app, SECOND).await;
    let seen = view(&app, &supervisor).await;
    assert_eq!(
        (seen["device_id"].as_str(), seen["left"].as_u64(), seen["state"].as_str()),
        (Some(SECOND), Some(1), Some("following")),
        "{seen}"
    );
    let listed = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/keeper/entries")).await.body;
    let rules: Vec<&str> = listed["items"].as_array().expect("entries").iter().filter_map(|item| item["rule"].as_str()).collect();
    assert_eq!(rules, ["took_over"], "{listed}");

    // The first may have called A001: here nobody does, by whatever way.
    let (status, called) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!((status, called["ticket"]["id"].as_str()), (200, Some(aj002.as_str())), "{called}");
    let (status, refused) = send(&app, &clerk, Method::POST, &format!("/tickets/{a001}/transfer"), json!({ "window_id": "w_dc_2" })).await;
    assert_eq!(status, 409, "{refused}");
    let ticket = app.get(&clerk, &format!("/api/v1/tickets/{a001}")).await.body;
    assert_eq!(ticket["actions"], json!(["abandon"]), "{ticket}");

    // The first comes back: nothing of its journal is taken before all of it is here, whatever the order.
    let mut back = KeeperEnd::new(app.app.clone(), first.device(), None);
    let told = hear(&mut back, first.ready()).await;
    assert!(matches!(told[0], ToKeeper::NotAppointed { taken: 0 }) && matches!(told[1], ToKeeper::Standby { term: 2, .. }), "{told:?}");
    let mut entries = first.entries();
    let newest = entries.len() as u64;
    let last = entries.remove(0);
    for entry in entries {
        assert_eq!(through(&hear(&mut back, FromKeeper::Entry(Box::new(entry))).await), Some(0));
    }
    assert_eq!(through(&hear(&mut back, FromKeeper::Closed { newest }).await), Some(0));
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    assert!(hall.ticket(&ak001).is_none() && hall.is_left(&a001));
    assert_eq!(through(&hear(&mut back, FromKeeper::Entry(Box::new(last))).await), Some(newest));
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    assert!(hall.ticket(&a001).is_none(), "served there, not called again here");
    assert_eq!(hall.ticket(&ak001).expect("AK001").number, "AK001");
    assert_eq!(hall.window(&WindowId::new("dc", "1")).expect("a window").serving, Some(aj002), "no window of now is touched");
    let seen = view(&app, &supervisor).await;
    assert_eq!((seen["left"].as_u64(), seen["open_entries"].as_u64()), (Some(0), Some(1)), "{seen}");
    let row = app.app.stores.halls.ticket(SITE, a001.as_str()).await.expect("the store answers").expect("A001");
    assert_eq!(row.state, "done");
}

#[tokio::test]
async fn where_the_first_is_there_it_stays_and_the_take_over_is_recorded_beside_it() {
    let app = TestApp::memory().await;
    let (supervisor, clerk, first, mut second) = stage(&app).await;
    let mut stays = KeeperEnd::new(app.app.clone(), first.device(), None);
    hear(&mut stays, first.ready()).await;
    beat(&app, FIRST).await;
    let now = app.app.now();
    second.does(&boss(), Command::Part { term: 1 }, now);
    let aj001 = second.gives(now + 1_000);
    second.serves(&aj001, now + 2_000);
    let aj002 = second.gives(now + 6_000);
    let mut end = KeeperEnd::new(app.app.clone(), second.device(), None);
    hear(&mut end, FromKeeper::TookOver { after_term: 1 }).await;
    let told = hear(&mut end, second.ready()).await;
    assert!(matches!(told[0], ToKeeper::NotAppointed { taken: 0 }), "{:?}", told[0]);
    let newest = second.journal.newest();
    hear(&mut end, FromKeeper::Closed { newest }).await;
    let mut taken = None;
    for entry in second.entries() {
        taken = through(&hear(&mut end, FromKeeper::Entry(Box::new(entry))).await);
    }
    assert_eq!(taken, Some(newest));
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    assert!(!hall.has_left(None) && hall.ticket(&aj002).is_some() && hall.ticket(&aj001).is_none());
    let (status, called) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!((status, called["ticket"]["number"].as_str()), (200, Some("A001")), "{called}");
    let seen = view(&app, &supervisor).await;
    assert_eq!((seen["device_id"].as_str(), seen["open_entries"].as_u64()), (Some(FIRST), Some(1)), "{seen}");
    // Said again after a cut, nothing happens twice.
    let mut again = KeeperEnd::new(app.app.clone(), second.device(), None);
    let told = hear(&mut again, second.ready()).await;
    assert!(matches!(told[0], ToKeeper::NotAppointed { taken } if taken == newest), "{:?}", told[0]);
}

#[tokio::test]
async fn a_supervisor_who_says_that_the_first_will_not_come_back_gives_everybody_back() {
    let app = TestApp::memory().await;
    let (supervisor, clerk, _first, mut second) = stage(&app).await;
    second.does(&boss(), Command::Part { term: 1 }, app.app.now());
    let mut end = KeeperEnd::new(app.app.clone(), second.device(), None);
    hear(&mut end, FromKeeper::TookOver { after_term: 1 }).await;
    hear(&mut end, second.ready()).await;
    for entry in second.entries() {
        hear(&mut end, FromKeeper::Entry(Box::new(entry))).await;
    }
    assert_eq!(view(&app, &supervisor).await["left"], 1);
    let why = json!({ "reason": "原来那台烧坏了" });
    let (status, body) = send(&app, &supervisor, Method::POST, &format!("/sites/{SITE}/keeper/release"), why).await;
    assert_eq!((status, body["left"].as_u64()), (200, Some(0)), "{body}");
    let (status, called) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!((status, called["ticket"]["number"].as_str()), (200, Some("A001")), "{called}");
}
