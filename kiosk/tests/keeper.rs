//! The keeper by what it is told and asked: taking over by the lease, the hall's routes while it decides, what a restart
//! and a full disk leave, and the way back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::hall::{Actor, Command, Configuration, Hall, LineSetup, OpeningHours, Policy, Purpose, WindowSetup};
use domain::ids::{LineId, SiteId, StaffId, WindowId};
use domain::keeper::{LEASE_MS, MARGIN_MS};
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::session::SessionEvent;
use futures_util::StreamExt;
use kiosk::keeper::{Keeper, RetryKey, Who, api, fresh_ticket};
use protocol::device::{DeviceCare, DeviceConfig, DeviceKind, FromDevice, ToDevice, VoiceCare};
use protocol::keeper::{EntryText, FromKeeper, HallDevice, HallSnapshot, HallStaff, House, KeeperTrouble, ToKeeper};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, advance, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use tower::ServiceExt;

#[path = "keeper/acts.rs"]
mod acts;
#[path = "keeper/appointments.rs"]
mod appointments;
#[path = "keeper/export.rs"]
mod export;
#[path = "keeper/lasting.rs"]
mod lasting;
#[path = "keeper/troubles.rs"]
mod troubles;

/// 2026-11-24 10:00 in UTC+08:00, a Tuesday.
const START_MS: i64 = 1_795_485_600_000;
const PIN: &str = "204815";

fn line() -> LineId {
    LineId::new("dc", "a")
}

fn window(number: u16) -> WindowId {
    WindowId::new("dc", &number.to_string())
}

fn clerk() -> StaffId {
    StaffId::new("dc", "clerk1")
}

/// A hall with one line and two windows; clerk 1 sits at window 1.
fn hall() -> Hall {
    let setup = |number| WindowSetup {
        id: window(number),
        number,
        purpose: Purpose::General,
        line_ids: vec![line()],
        preferred_line_ids: Vec::new(),
    };
    let lines = vec![LineSetup { id: line(), name: "综合受理".into(), prefix: "A".into(), daily_contingent: None }];
    let configuration =
        Configuration { lines, windows: vec![setup(1), setup(2)], hours: OpeningHours::RoundTheClock, policy: Policy::default() };
    let mut hall = Hall::new(SiteId::parse("demo-center").unwrap());
    let mut does = |actor: &Actor, command: &Command| {
        for event in hall.decide(actor, command, START_MS).unwrap() {
            hall.evolve(&event);
        }
    };
    does(&Actor::machine(), &Command::Configure { configuration });
    does(&Actor::staff(clerk()), &Command::OpenWindow { window_id: window(1), line_ids: None });
    hall
}

fn snapshot(hall: &Hall) -> ToDevice {
    let (doc, windows, tickets) = hall.parts();
    ToDevice::Keeper(ToKeeper::Hall(Box::new(HallSnapshot { doc, windows, tickets })))
}

fn staff(name: &str, operates: bool) -> HallStaff {
    HallStaff {
        staff_id: format!("s_dc_{name}"),
        username: name.into(),
        name: name.into(),
        pin_hash: Argon2::default().hash_password(PIN.as_bytes()).unwrap().to_string(),
        operates,
        supervises: false,
        issues: true,
        last_day: None,
    }
}

/// A display whose token is its id.
fn display(id: &str, zone: Option<&str>) -> HallDevice {
    HallDevice {
        id: id.into(),
        kind: DeviceKind::Display,
        token_hash: data_encoding::HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, id.as_bytes()).as_ref()),
        window_id: None,
        printer_profile: None,
        zone: zone.map(Into::into),
        care: DeviceCare { reload: 7, voice: VoiceCare { repeats: 3, volume: Vec::new() }, ..DeviceCare::default() },
    }
}

fn config() -> DeviceConfig {
    DeviceConfig {
        device_id: "dev_dc_kiosk".into(),
        kind: DeviceKind::Kiosk,
        site_id: "demo-center".into(),
        site_name: "示范大厅".into(),
        site_phone: None,
        window_id: None,
        now_ms: START_MS,
        printer_profile: None,
        public_url: None,
        missed_rule: None,
        keeper_url: None,
        standby_urls: Vec::new(),
        from_keeper: false,
    }
}

fn open(folder: &Path) -> Keeper {
    Keeper::open(folder, Seal::in_folder(folder).unwrap(), HallClock::starting_at(START_MS), None).unwrap()
}

fn tell(keeper: &Keeper, told: ToKeeper) -> Vec<FromDevice> {
    keeper.on_event(&SessionEvent::Frame(ToDevice::Keeper(told)))
}

/// Connected and told everything, as by a server; the answers are dropped.
fn follow(keeper: &Keeper, hall: &Hall, taken: u64) {
    keeper.on_event(&SessionEvent::Connected(config()));
    tell(keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken });
    let house = House {
        site_key: "dc".into(),
        site_name: "示范大厅".into(),
        public_url: "http://hall.test".into(),
        staff: vec![staff("clerk1", true), staff("guide1", false)],
        devices: vec![display("d1", None), display("d2", None), display("d3", Some("二楼"))],
        ..House::default()
    };
    tell(keeper, ToKeeper::House(Box::new(house)));
    keeper.on_event(&SessionEvent::Frame(snapshot(hall)));
}

fn cut(keeper: &Keeper) {
    keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
}

async fn pass(ms: i64) {
    advance(Duration::from_millis(ms.unsigned_abs())).await;
}

/// A keeper that decides.
async fn deciding(folder: &Path) -> Keeper {
    let keeper = open(folder);
    follow(&keeper, &hall(), 0);
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    assert!(keeper.is_deciding());
    keeper
}

fn number(keeper: &Keeper, key: &str) -> kiosk::Answer {
    let ticket = fresh_ticket("dc", &[line()], Vec::new(), domain::hall::Priority::Ordinary, keeper.now_ms()).unwrap();
    let retry = RetryKey::new("dev_dc_kiosk", "SESSION", "/devices/session", key, b"{}", 1_000);
    keeper.command(&Who::Kiosk, &Command::Issue(ticket), Some(retry))
}

#[tokio::test(start_paused = true)]
async fn it_decides_only_when_every_promise_is_over() {
    let folder = TempDir::new().unwrap();
    let keeper = open(folder.path());
    follow(&keeper, &hall(), 0);
    assert!(keeper.passes_through());
    pass(9_000).await;
    let answered = tell(&keeper, ToKeeper::Beat { term: 1, beat: 7 });
    assert_eq!(answered, [FromDevice::Keeper(FromKeeper::Beaten { term: 1, beat: 7 })]);
    assert!(tell(&keeper, ToKeeper::Beat { term: 2, beat: 8 }).is_empty(), "a beat of another term");
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS - 1).await;
    keeper.tick();
    assert!(!keeper.is_deciding() && !keeper.passes_through());
    assert_eq!(number(&keeper, "k1").status, 503);
    pass(1).await;
    keeper.tick();
    assert!(keeper.is_deciding());
    let first = number(&keeper, "k1");
    assert_eq!((first.status, first.body["number"].as_str()), (201, Some("AK001")));
    let again = number(&keeper, "k1");
    assert_eq!((again.replayed, again.body["number"].as_str()), (true, Some("AK001")));
    assert_eq!(keeper.unprinted().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_it_was_and_the_way_back_hands_everything_over() {
    let folder = TempDir::new().unwrap();
    {
        let keeper = deciding(folder.path()).await;
        number(&keeper, "k1");
        number(&keeper, "k2");
    }
    let keeper = open(folder.path());
    assert!(keeper.is_deciding(), "the service has no lease while this one decided");
    let again = number(&keeper, "k2");
    assert_eq!((again.replayed, again.body["number"].as_str()), (true, Some("AK002")));
    let call = keeper.command(&Who::Staff { id: clerk(), supervises: false }, &Command::CallNext { window_id: window(1) }, None);
    assert_eq!(call.body["ticket"]["number"], "AK001", "{}", call.body);

    keeper.on_event(&SessionEvent::Connected(config()));
    let sent = tell(&keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken: 0 });
    let entries: Vec<_> = sent
        .iter()
        .filter_map(|frame| match frame {
            FromDevice::Keeper(FromKeeper::Entry(entry)) => Some((**entry).clone()),
            _ => None,
        })
        .collect();
    assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(tell(&keeper, ToKeeper::Beat { term: 1, beat: 1 }).is_empty(), "who decides answers no beat");
    // The service decides the same from the same hall.
    let mut central = hall();
    for entry in &entries {
        let text: EntryText = serde_json::from_str(&entry.text).unwrap();
        let merged = central.merge(&text.decision, true);
        assert!(merged.is_exact, "{:?}", merged.clashes);
        merged.events.iter().for_each(|event| drop(central.evolve(event)));
    }
    let back = tell(&keeper, ToKeeper::Taken { through: 3 });
    assert!(!keeper.is_deciding() && keeper.passes_through());
    assert!(back.contains(&FromDevice::Keeper(FromKeeper::Resync)));
    assert!(tell(&keeper, ToKeeper::Beat { term: 1, beat: 2 }).is_empty(), "not before the hall was told anew");
    keeper.on_event(&SessionEvent::Frame(snapshot(&central)));
    assert_eq!(tell(&keeper, ToKeeper::Beat { term: 1, beat: 3 }).len(), 1);
    assert_eq!(keeper.hall().unwrap(), central);
}

#[tokio::test(start_paused = true)]
async fn a_hall_that_was_given_to_the_service_is_not_kept_any_more() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    number(&keeper, "k1");
    keeper.on_event(&SessionEvent::Connected(config()));
    let sent = tell(&keeper, ToKeeper::NotAppointed { taken: 0 });
    assert!(!keeper.is_deciding());
    let closed = FromDevice::Keeper(FromKeeper::Closed { newest: 1 });
    assert!(sent[0] == closed && matches!(sent[1], FromDevice::Keeper(FromKeeper::Entry(_))), "what it decided is handed over: {sent:?}");
    cut(&keeper);
    pass(10 * (LEASE_MS + MARGIN_MS)).await;
    keeper.tick();
    assert!(!keeper.is_deciding());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_takes_nothing_gives_no_number_and_says_so() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    number(&keeper, "k1");
    let other = rusqlite::Connection::open(folder.path().join("keeper.db")).unwrap();
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'full'); END").unwrap();
    let refused = number(&keeper, "k2");
    assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("disk_full")));
    assert_eq!(keeper.state().trouble, Some(KeeperTrouble::DiskFull));
    assert_eq!(keeper.hall().unwrap().tickets().count(), 1, "what was issued stays, nothing half is there");
    other.execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(number(&keeper, "k2").body["number"], "AK002");
    assert_eq!(keeper.state().trouble, None);
}

struct Told {
    status: StatusCode,
    body: Value,
    cookie: Option<String>,
}

async fn ask(keeper: &Keeper, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Told {
    let mut request = Request::builder().method(method).uri(path).header("host", "hall.test").header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let response = api::routes(keeper.clone()).oneshot(request.body(body).unwrap()).await.unwrap();
    let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Told { status, body: serde_json::from_slice(&bytes).unwrap_or_default(), cookie }
}

async fn signed_in(keeper: &Keeper, username: &str) -> String {
    let told = ask(keeper, "POST", "/api/v1/sessions", &[], json!({ "username": username, "pin": PIN })).await;
    assert_eq!(told.status, 201, "{}", told.body);
    told.cookie.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_clerk_works_by_pin_and_nobody_else_does() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    let tickets = "/api/v1/sites/demo-center/tickets";
    assert_eq!(ask(&keeper, "GET", tickets, &[], Value::Null).await.status, 401);
    let of_server = [("cookie", "yichuang_session=abc")];
    let told = ask(&keeper, "GET", tickets, &of_server, Value::Null).await;
    assert_eq!((told.status.as_u16(), told.body["code"].as_str()), (503, Some("site_detached")), "a page of the server");
    let wrong = ask(&keeper, "POST", "/api/v1/sessions", &[], json!({ "username": "clerk1", "pin": "000000" })).await;
    assert_eq!((wrong.status.as_u16(), wrong.body["code"].as_str()), (401, Some("wrong_pin")));
    let cookie = signed_in(&keeper, "clerk1").await;
    let signed = [("cookie", cookie.as_str())];
    let given = ask(&keeper, "POST", tickets, &signed, json!({ "line_id": "l_dc_a" })).await;
    assert_eq!((given.status.as_u16(), given.body["number"].as_str()), (201, Some("AK001")), "{}", given.body);
    let unknown = ask(&keeper, "POST", tickets, &signed, json!({ "line_id": "l_dc_a", "holder": {} })).await;
    assert_eq!(unknown.status, 422, "a field that is not known here");
    assert_eq!(ask(&keeper, "POST", tickets, &signed, json!({ "line_id": "l_dc_none" })).await.status, 422);
    assert_eq!(ask(&keeper, "GET", "/api/v1/sites/demo-sumu/tickets", &signed, Value::Null).await.status, 404);
    let foreign = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    assert_eq!(ask(&keeper, "POST", tickets, &foreign, json!({ "line_id": "l_dc_a" })).await.status, 403);

    let call = ask(&keeper, "POST", "/api/v1/windows/w_dc_1/call-next", &signed, json!({})).await;
    assert_eq!(call.body["ticket"]["number"], "AK001", "{}", call.body);
    let ticket = format!("/api/v1/tickets/{}", call.body["ticket"]["id"].as_str().unwrap());
    let free = ask(&keeper, "POST", &format!("{ticket}/miss"), &signed, json!({ "reason": "张三没来" })).await;
    assert_eq!((free.status.as_u16(), free.body["errors"][0]["code"].as_str()), (422, Some("not_offered")), "{}", free.body);
    assert_eq!(ask(&keeper, "POST", &format!("{ticket}/start"), &signed, json!({})).await.body["state"], "serving");
    let done = ask(&keeper, "POST", &format!("{ticket}/finish"), &signed, json!({ "outcome": "accepted" })).await;
    assert_eq!((done.status.as_u16(), done.body["state"].as_str()), (200, Some("done")), "{}", done.body);
    let twice = ask(&keeper, "POST", &format!("{ticket}/finish"), &signed, json!({ "outcome": "accepted" })).await;
    assert_eq!((twice.status.as_u16(), twice.body["code"].as_str()), (409, Some("ticket_state")), "{}", twice.body);

    let guide = signed_in(&keeper, "guide1").await;
    let guide = [("cookie", guide.as_str())];
    assert_eq!(ask(&keeper, "POST", "/api/v1/windows/w_dc_2/open", &guide, json!({})).await.status, 403);
    assert_eq!(ask(&keeper, "POST", tickets, &guide, json!({ "line_id": "l_dc_a" })).await.body["number"], "AK002");
    assert_eq!(ask(&keeper, "GET", "/api/v1/cases", &signed, Value::Null).await.status, 503);
    assert_eq!(ask(&keeper, "GET", "/keeper/state", &[], Value::Null).await.body["is_deciding"], true);
}

type Screen = WebSocketStream<TcpStream>;

async fn screen(keeper: SocketAddr, token: &str) -> Screen {
    let mut request = format!("ws://{keeper}/api/v1/devices/session").into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    client_async(request, TcpStream::connect(keeper).await.unwrap()).await.unwrap().0
}

/// What a display is told next of what is asked of it.
async fn care(screen: &mut Screen) -> DeviceCare {
    let told = async {
        loop {
            let message = screen.next().await.unwrap().unwrap();
            if let Ok(ToDevice::Care(care)) = serde_json::from_str(message.to_text().unwrap()) {
                return care;
            }
        }
    };
    timeout(Duration::from_secs(10), told).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_the_displays_of_a_zone_at_the_keeper_one_speaks_and_another_takes_over() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    tokio::time::resume();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, api::routes(keeper)).await });

    let mut second = screen(address, "d2").await;
    let alone = care(&mut second).await;
    assert_eq!((alone.speaks, alone.reload, alone.voice.repeats), (true, 7, 3), "a restarted one knows what it knew from the server");
    let mut first = screen(address, "d1").await;
    assert!(care(&mut first).await.speaks && !care(&mut second).await.speaks, "never two at once");
    let mut upstairs = screen(address, "d3").await;
    assert!(care(&mut upstairs).await.speaks, "another zone");
    drop(first);
    assert!(care(&mut second).await.speaks, "a zone does not fall silent with one screen");
    serving.abort();
}
