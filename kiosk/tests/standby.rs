//! Two kiosks of one hall: the second takes numbers at the keeper while the line is cut, follows the hall there, and takes
//! over by a supervisor's word when the keeper is gone too.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher};
use domain::hall::{Actor, Command, Configuration, Hall, LineSetup, NewTicket, OpeningHours, Policy, Priority, Purpose, WindowSetup};
use domain::ids::{LineId, SiteId, StaffId, WindowId};
use domain::keeper::{LEASE_MS, MARGIN_MS};
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::session::SessionEvent;
use kiosk::keeper::{Keeper, Neighbour, RetryKey, Standby, TakeOverWish, Who, api, fresh_ticket};
use protocol::device::{DeviceCommand, DeviceConfig, DeviceKind, FromDevice, KioskMatter, Question, ToDevice};
use protocol::keeper::{EntryText, FromKeeper, HallSnapshot, HallStaff, House, ToKeeper};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, advance};
use tower::ServiceExt;

/// 2026-11-24 10:00 in UTC+08:00, a Tuesday.
const START_MS: i64 = 1_795_485_600_000;
const PIN: &str = "204815";
const ALONE_MS: i64 = LEASE_MS + MARGIN_MS;

fn line() -> LineId {
    LineId::new("dc", "a")
}

fn window() -> WindowId {
    WindowId::new("dc", "1")
}

fn clerk() -> Who {
    Who::Staff { id: StaffId::new("dc", "clerk1"), supervises: false }
}

fn fresh() -> NewTicket {
    fresh_ticket("dc", &[line()], Vec::new(), Priority::Ordinary, START_MS).unwrap()
}

/// A hall with one line and one window, at which clerk 1 sits; A001 waits.
fn hall() -> Hall {
    let setup = WindowSetup { id: window(), number: 1, purpose: Purpose::General, line_ids: vec![line()], preferred_line_ids: Vec::new() };
    let lines = vec![LineSetup { id: line(), name: "综合受理".into(), prefix: "A".into(), daily_contingent: None }];
    let configuration = Configuration { lines, windows: vec![setup], hours: OpeningHours::RoundTheClock, policy: Policy::default() };
    let mut hall = Hall::new(SiteId::parse("demo-center").unwrap());
    let mut does = |actor: &Actor, command: &Command| {
        for event in hall.decide(actor, command, START_MS).unwrap() {
            hall.evolve(&event);
        }
    };
    does(&Actor::machine(), &Command::Configure { configuration });
    does(&Actor::staff(StaffId::new("dc", "clerk1")), &Command::OpenWindow { window_id: window(), line_ids: None });
    does(&Actor::machine(), &Command::Issue(fresh()));
    hall
}

fn staff(name: &str, supervises: bool) -> HallStaff {
    HallStaff {
        staff_id: format!("s_dc_{name}"),
        username: name.into(),
        name: name.into(),
        pin_hash: Argon2::default().hash_password(PIN.as_bytes()).unwrap().to_string(),
        operates: true,
        supervises,
        issues: true,
        last_day: None,
    }
}

fn config(from_keeper: bool) -> DeviceConfig {
    DeviceConfig {
        device_id: "dev_dc_second".into(),
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
        from_keeper,
    }
}

fn open(folder: &Path) -> Keeper {
    Keeper::open(folder, Seal::in_folder(folder).unwrap(), HallClock::starting_at(START_MS), Some("http://10.0.0.3:8090".into())).unwrap()
}

fn tell(keeper: &Keeper, told: ToKeeper) -> Vec<FromDevice> {
    keeper.on_event(&SessionEvent::Frame(ToDevice::Keeper(told)))
}

fn snapshot(hall: &Hall) -> ToKeeper {
    let (doc, windows, tickets) = hall.parts();
    ToKeeper::Hall(Box::new(HallSnapshot { doc, windows, tickets }))
}

fn cut(keeper: &Keeper) {
    keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
}

async fn pass(ms: i64) {
    advance(Duration::from_millis(ms.unsigned_abs())).await;
}

/// Connected to the server and told everything as one that is not in office, or as the keeper.
fn follow(keeper: &Keeper, hall: &Hall, is_keeper: bool) {
    keeper.on_event(&SessionEvent::Connected(config(false)));
    if is_keeper {
        tell(keeper, ToKeeper::Appointed { term: 3, series: "K".into(), taken: 0 });
    } else {
        tell(keeper, ToKeeper::NotAppointed { taken: 0 });
        tell(keeper, ToKeeper::Standby { term: 3, series: "J".into() });
    }
    let staff = vec![staff("clerk1", false), staff("boss", true)];
    let house = House { site_key: "dc".into(), public_url: "http://hall.test".into(), staff, ..House::default() };
    tell(keeper, ToKeeper::House(Box::new(house)));
    tell(keeper, snapshot(hall));
}

/// A second kiosk that heard nobody for long enough.
async fn alone(folder: &Path) -> Keeper {
    let second = open(folder);
    follow(&second, &hall(), false);
    cut(&second);
    pass(ALONE_MS).await;
    second.tick();
    second
}

fn word(username: &str, pin: &str, is_off: bool) -> TakeOverWish {
    TakeOverWish { username: username.into(), pin: pin.into(), is_off }
}

fn number(keeper: &Keeper, key: &str) -> String {
    let retry = RetryKey::new("dev_dc_second", "SESSION", "/devices/session", key, b"{}", 1_000);
    let answer = keeper.command(&Who::Kiosk, &Command::Issue(fresh()), Some(retry));
    answer.body["number"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_second_kiosk_decides_nothing_until_a_supervisor_says_so() {
    let folder = TempDir::new().unwrap();
    let second = open(folder.path());
    assert_eq!(second.state().standby, Standby::None, "it knows no hall");
    follow(&second, &hall(), false);
    assert_eq!(second.state().standby, Standby::LineUp);
    assert_eq!(second.take_over_by_pin(word("boss", PIN, true)).await.status, 409);
    cut(&second);
    pass(ALONE_MS - 1).await;
    second.tick();
    assert!(!second.is_deciding() && matches!(second.state().standby, Standby::Waits { wait_s: 1 }));
    pass(1).await;
    second.tick();
    assert!(!second.is_deciding(), "by itself never");
    assert_eq!(number(&second, "k0"), "");
    assert_eq!(second.state().standby, Standby::Ready);
    assert_eq!(second.supervisors().iter().map(|one| one.username.as_str()).collect::<Vec<_>>(), ["boss"]);

    let refused = second.take_over_by_pin(word(" ", "12", false)).await;
    let fields: Vec<&str> = refused.body["errors"].as_array().unwrap().iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!((refused.status, fields), (422, vec!["username", "pin", "is_off"]));
    assert_eq!(second.take_over_by_pin(word("boss", "000001", true)).await.status, 401);
    assert_eq!(second.take_over_by_pin(word("clerk1", PIN, true)).await.status, 403);
    assert!(!second.is_deciding());
    let taken = second.take_over_by_pin(word("boss", PIN, true)).await;
    assert_eq!((taken.status, taken.body["series"].as_str()), (200, Some("J")));
    assert!(second.is_deciding());
    assert_eq!(second.state().standby, Standby::TookOver { both: false });
    assert_eq!(second.take_over_by_pin(word("boss", PIN, true)).await.status, 409, "once");
}

#[tokio::test(start_paused = true)]
async fn who_took_over_calls_only_its_own_numbers_also_after_a_restart_and_hands_over_as_a_whole() {
    let folder = TempDir::new().unwrap();
    {
        let second = alone(folder.path()).await;
        assert_eq!(second.take_over_by_word(&StaffId::new("dc", "boss")).status, 200);
    }
    let second = open(folder.path());
    assert!(second.is_deciding(), "the word holds over a restart");
    let call = || second.command(&clerk(), &Command::CallNext { window_id: window() }, None);
    assert!(call().body["ticket"].is_null(), "A001 is left to the first");
    assert_eq!(number(&second, "k1"), "AJ001");
    assert_eq!(call().body["ticket"]["number"], "AJ001");

    // The keeper before is heard again: both call, each its own, and the screen says so.
    second.on_event(&SessionEvent::Connected(config(true)));
    assert_eq!(second.state().standby, Standby::TookOver { both: true });
    let told = second.tick();
    assert!(matches!(told[..], [FromDevice::Keeper(FromKeeper::State { is_deciding: true, .. })]), "{told:?}");
    let mut neighbour = Neighbour::default();
    assert!(neighbour.take(&second, "dev_dc_kiosk", told[0].clone()).is_none() && neighbour.is_over(), "nobody is whose guest");
    tell(&second, snapshot(&hall()));
    assert_eq!(number(&second, "k2"), "AJ002", "what the other one tells changes nothing here");
    cut(&second);

    let said = second.on_event(&SessionEvent::Connected(config(false)));
    assert_eq!(said[0], FromDevice::Keeper(FromKeeper::TookOver { after_term: 3 }));
    assert!(matches!(said[1], FromDevice::Keeper(FromKeeper::Ready { newest: 4, .. })), "{said:?}");
    // Granted: the keeper in office hands over entry by entry, as ever.
    let granted = tell(&second, ToKeeper::Appointed { term: 4, series: "J".into(), taken: 0 });
    let terms: Vec<u64> = granted
        .iter()
        .filter_map(|frame| match frame {
            FromDevice::Keeper(FromKeeper::Entry(entry)) => serde_json::from_str::<EntryText>(&entry.text).ok().map(|text| text.term),
            _ => None,
        })
        .collect();
    assert_eq!((terms, second.is_deciding()), (vec![4; 4], true));
    // Not granted after all: it stops, and says up to where its journal goes.
    let not = tell(&second, ToKeeper::NotAppointed { taken: 0 });
    assert_eq!(not[0], FromDevice::Keeper(FromKeeper::Closed { newest: 4 }));
    assert!(!second.is_deciding());
}

#[tokio::test(start_paused = true)]
async fn whoever_holds_an_old_number_gets_a_new_one_once() {
    let folder = TempDir::new().unwrap();
    let second = alone(folder.path()).await;
    second.take_over_by_word(&StaffId::new("dc", "boss"));
    let ask = async |method: &str, path: &str, key: &str, cookie: &str, body: serde_json::Value| {
        let request = axum::http::Request::builder().method(method).uri(path).header("host", "hall.test").header("cookie", cookie);
        let request = request.header("content-type", "application/json").header("idempotency-key", key);
        let response = api::routes(second.clone()).oneshot(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.unwrap();
        let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default(), cookie)
    };
    let (_, _, cookie) = ask("POST", "/api/v1/sessions", "s", "", json!({ "username": "clerk1", "pin": PIN })).await;
    let cookie = cookie.unwrap();
    let (_, listed, _) = ask("GET", "/api/v1/sites/demo-center/tickets", "l", &cookie, json!({})).await;
    let old = &listed["items"][0];
    assert_eq!((old["number"].as_str(), old["left"].as_bool()), (Some("A001"), Some(true)));
    assert_eq!(old["actions"], json!(["abandon"]));
    let path = format!("/api/v1/tickets/{}/exchange", old["id"].as_str().unwrap());
    let (status, given, _) = ask("POST", &path, "k1", &cookie, json!({})).await;
    assert_eq!((status, given["number"].as_str()), (201, Some("AJ001")), "{given}");
    let (status, again, _) = ask("POST", &path, "k1", &cookie, json!({})).await;
    assert_eq!((status, again["number"].as_str()), (201, Some("AJ001")), "the same touch");
    let (status, refused, _) = ask("POST", &path, "k2", &cookie, json!({})).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("not_left")), "{refused}");
    let (_, listed, _) = ask("GET", "/api/v1/sites/demo-center/tickets", "l", &cookie, json!({})).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "the old one is given up");
}

#[tokio::test(start_paused = true)]
async fn while_the_keeper_works_the_second_kiosk_takes_its_numbers_there_and_follows() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (first, second) = (open(one.path()), open(two.path()));
    follow(&first, &hall(), true);
    follow(&second, &hall(), false);
    cut(&first);
    cut(&second);
    pass(ALONE_MS).await;
    first.tick();
    assert!(first.is_deciding());

    let mut neighbour = Neighbour::default();
    let mut says = |said: FromDevice| neighbour.take(&first, "dev_dc_second", said);
    let matter =
        KioskMatter {
            id: "m_dc_1".into(), name: "低保".into(), line_id: Some("l_dc_a".into()), search: Vec::new(), materials: Vec::new()
        };
    first.know_matters(&[matter]);
    for said in second.on_event(&SessionEvent::Connected(config(true))) {
        let frame = says(said).unwrap();
        second.on_event(&SessionEvent::Frame(frame));
    }
    assert_eq!(second.state().standby, Standby::KeeperThere);
    assert_eq!(second.take_over_by_word(&StaffId::new("dc", "boss")).status, 409);
    let command = DeviceCommand::IssueTicket {
        line_id: None,
        matter_ids: Some(vec!["m_dc_1".into()]),
        priority: None,
        holder: None,
        phone: None,
        no_slip: false,
    };
    let ask = FromDevice::Command { key: "k1".into(), command };
    for replayed_now in [false, true] {
        let Some(ToDevice::Reply { status, body, replayed, .. }) = says(ask.clone()) else { panic!("a reply") };
        assert_eq!((status, body["number"].as_str(), replayed), (201, Some("AK001"), replayed_now), "{body}");
    }
    let other =
        FromDevice::Command { key: "k2".into(), command: DeviceCommand::CheckIn { appointment_id: "ap_dc_1".into(), no_slip: false } };
    assert!(matches!(says(other), Some(ToDevice::Reply { status: 404, .. })), "the keeper is asked, and knows no such appointment");
    let ask = FromDevice::Ask { id: 1, question: Question::FindAppointments { text: "K7M294QX".into() } };
    assert!(matches!(says(ask), Some(ToDevice::Told { status: 200, .. })));
    let other = FromDevice::Command { key: "k3".into(), command: DeviceCommand::ReprintTicket { ticket_id: "t_dc_1".into() } };
    assert!(matches!(says(other), Some(ToDevice::Reply { status: 503, .. })));
    let entries = first.state().unsent;
    assert_eq!(entries, 1, "one touch, one decision");
    let frames = neighbour.show(&first);
    assert!(matches!(frames[0], ToDevice::Lines { .. }));
    for frame in frames {
        second.on_event(&SessionEvent::Frame(frame));
    }
    assert_eq!(second.hall(), first.hall(), "it follows");
    assert!(neighbour.show(&first).is_empty(), "nothing is told twice");
    assert!(!second.state().online && !second.passes_through(), "the keeper is not the server");

    // The keeper dies: by a person's word the second goes on, with a series of its own.
    cut(&second);
    pass(ALONE_MS).await;
    assert_eq!(second.take_over_by_word(&StaffId::new("dc", "boss")).status, 200);
    assert_eq!(number(&second, "k3"), "AJ001");
}

#[tokio::test(start_paused = true)]
async fn what_another_keeper_tells_gives_no_number_twice() {
    let folder = TempDir::new().unwrap();
    let second = alone(folder.path()).await;
    second.take_over_by_word(&StaffId::new("dc", "boss"));
    assert_eq!(number(&second, "k1"), "AJ001");
    // The server took everything and the line broke again; the other keeper never heard of AJ001.
    second.on_event(&SessionEvent::Connected(config(false)));
    tell(&second, ToKeeper::NotAppointed { taken: 2 });
    cut(&second);
    second.on_event(&SessionEvent::Connected(config(true)));
    tell(&second, snapshot(&hall()));
    cut(&second);
    pass(ALONE_MS).await;
    assert_eq!(second.take_over_by_word(&StaffId::new("dc", "boss")).status, 200);
    assert_eq!(number(&second, "k2"), "AJ002");
}
