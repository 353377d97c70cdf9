//! The keeper over HTTP and by its frames: appointed and released by people, one writer at a time, a journal that
//! is taken entry by entry or kept for review.

use axum::http::Method;
use domain::hall::{Command, KeptDecision};
use domain::ids::LineId;
use edge::seal::Seal;
use kiosk::keeper::{Journal, fresh_ticket};
use protocol::device::{DeviceKind, ToDevice};
use protocol::keeper::{Entry, EntryText, FromKeeper, ToKeeper};
use serde_json::{Value, json};
use server::app::caller::DeviceCaller;
use server::app::hall::load_hall;
use server::app::keeper::KeeperEnd;
use tempfile::TempDir;
use tests::app::{Actor, TestApp};

pub const SITE: &str = "demo-center";
pub const DEVICE: &str = "dev_dc_demo-kiosk";
pub const LINE: &str = "l_dc_demo-line";

pub fn device() -> DeviceCaller {
    DeviceCaller { id: DEVICE.to_owned(), kind: DeviceKind::Kiosk, site_id: SITE.to_owned(), window_id: None }
}

pub async fn send(app: &TestApp, actor: &Actor, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = app.send(actor, method, &format!("/api/v1{path}"), None, Some(body)).await;
    (answer.status.as_u16(), answer.body)
}

/// A kiosk that said that it can keep its hall, with its journal.
pub async fn ready(app: &TestApp, folder: &TempDir) -> Journal {
    let (journal, _) = Journal::open(folder.path(), Seal::in_folder(folder.path()).expect("a key")).expect("a journal");
    let address = Some("http://192.168.1.10:8090".to_owned());
    let said = FromKeeper::Ready { public_key: journal.public_key(), address, newest: 0, lost: false };
    app.app.keeper_ready(&device(), &said, None).await.expect("the store answers");
    journal
}

#[tokio::test]
async fn a_keeper_is_appointed_and_released_by_people_and_only_one_side_decides() {
    let app = TestApp::memory().await;
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
    let keeper = format!("/sites/{SITE}/keeper");
    let wish = json!({ "device_id": DEVICE, "address": "http://192.168.1.10:8090" });
    let (status, body) = send(&app, &supervisor, Method::PUT, &keeper, wish.clone()).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("not_a_keeper")), "{body}");
    let folder = TempDir::new().expect("a folder");
    let _journal = ready(&app, &folder).await;
    let (status, body) = send(&app, &supervisor, Method::PUT, &keeper, wish).await;
    assert_eq!((status, body["series"].as_str(), body["address"].as_str()), (200, Some("K"), Some("http://192.168.1.10:8090")), "{body}");

    // No beat was answered: nobody knows whether the keeper decides.
    let (status, body) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    assert_eq!((status, body["code"].as_str()), (503, Some("site_detached")), "{body}");
    let (term, beat) = app.app.keepers.beat(SITE, DEVICE).expect("it is in office");
    app.app.keepers.beaten(SITE, DEVICE, term, beat);
    let (status, body) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(app.get(&supervisor, &format!("/api/v1{keeper}")).await.body["state"], "following");
    // Other halls never notice.
    assert!(app.app.keepers.may_decide("demo-sumu"));

    let (status, body) = send(&app, &supervisor, Method::POST, &format!("{keeper}/release"), json!({})).await;
    assert_eq!((status, body["errors"][0]["field"].as_str()), (422, Some("reason")), "{body}");
    let why = json!({ "reason": "取号机坏了，拿去修" });
    let (status, body) = send(&app, &supervisor, Method::POST, &format!("{keeper}/release"), why).await;
    assert_eq!((status, body["state"].as_str()), (200, Some("none")), "{body}");
    app.app.keepers.cut(SITE, DEVICE);
    let (status, body) = send(&app, &clerk, Method::POST, &format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
    assert_eq!((status, body["number"].as_str()), (201, Some("A001")), "{body}");
}

#[tokio::test]
async fn a_pin_is_six_digits_that_nobody_tries_first_and_reaches_the_keeper_as_a_hash() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    for (pin, code) in [("12345", "form"), ("12345a", "form"), ("111111", "simple"), ("123456", "simple")] {
        let (status, body) = send(&app, &clerk, Method::PUT, "/sessions/current/hall-pin", json!({ "pin": pin })).await;
        assert_eq!((status, body["errors"][0]["code"].as_str()), (422, Some(code)), "{pin}: {body}");
    }
    let (status, body) = send(&app, &clerk, Method::PUT, "/sessions/current/hall-pin", json!({ "pin": "204815" })).await;
    assert_eq!(status, 204, "{body}");
    let house = app.app.keeper_house(&device()).await.expect("a house");
    let supervisor = app.sign_in("supervisor").await;
    let without = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/keeper/without-pin")).await.body;
    let without: Vec<&str> = without["items"].as_array().expect("people").iter().filter_map(|one| one["staff_id"].as_str()).collect();
    assert!(without.contains(&"s_dc_clerk2") && without.contains(&"s_dc_supervisor"), "{without:?}");
    assert!(!without.contains(&"s_dc_clerk1") && !without.contains(&"s_dc_it"), "{without:?}");
    let known = house.staff.iter().find(|staff| staff.username == "clerk1").expect("the clerk");
    assert!(known.operates && known.issues && !known.supervises);
    assert!(known.pin_hash.starts_with("$argon2id$") && !known.pin_hash.contains("204815"));
    assert!(house.devices.iter().all(|device| matches!(device.kind, DeviceKind::Display | DeviceKind::Printer)));
}

#[tokio::test]
async fn whose_last_day_is_over_is_no_account_of_the_keeper_either() {
    let app = TestApp::memory().await;
    let (admin, clerk) = (app.sign_in("admin").await, app.sign_in("clerk1").await);
    let (status, body) = send(&app, &clerk, Method::PUT, "/sessions/current/hall-pin", json!({ "pin": "204815" })).await;
    assert_eq!(status, 204, "{body}");
    let wanted = json!({ "name": "李", "roles": ["clerk"], "access_until": "2026-11-24" });
    let (status, body) = send(&app, &admin, Method::PUT, "/staff/s_dc_clerk1", wanted).await;
    assert_eq!(status, 200, "{body}");
    let house = app.app.keeper_house(&device()).await.expect("a house");
    let known = house.staff.iter().find(|staff| staff.username == "clerk1").expect("the clerk");
    let day = |text: &str| text.parse().expect("a day");
    // The keeper ends it without hearing of it.
    assert!(known.works_on(day("2026-11-24")) && !known.works_on(day("2026-11-25")));
    app.clock.advance(domain::time::DAY_MS);
    let house = app.app.keeper_house(&device()).await.expect("a house");
    assert!(house.staff.iter().all(|staff| staff.username != "clerk1"));
}

/// An entry that gives a number, as the keeper decides it on the hall as it is.
pub async fn entry(app: &TestApp, journal: &mut Journal, at: i64) -> Entry {
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    let line = LineId::parse(LINE).expect("a line");
    let ticket = fresh_ticket("dc", &[line], Vec::new(), domain::hall::Priority::Ordinary, at).expect("randomness");
    let (actor, command) = (domain::hall::Actor::machine(), Command::Issue(ticket));
    let events = hall.decide_as_keeper("K", &actor, &command, at).expect("a number");
    let decision = KeptDecision { series: "K".to_owned(), base_version: hall.version(), at, actor, command, events };
    let text = EntryText { term: 1, actor_id: DEVICE.to_owned(), retry: None, check_in: None, decision };
    let number = journal.append(&serde_json::to_string(&text).expect("a text"), None).expect("written");
    journal.entries_after(number - 1, 1).expect("read").pop().expect("the entry")
}

#[tokio::test]
async fn a_journal_that_is_altered_replayed_or_out_of_its_time_is_refused_entry_by_entry() {
    let app = TestApp::memory().await;
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
    send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    let folder = TempDir::new().expect("a folder");
    let mut journal = ready(&app, &folder).await;
    let keeper = format!("/sites/{SITE}/keeper");
    send(&app, &supervisor, Method::PUT, &keeper, json!({ "device_id": DEVICE })).await;
    let office = app.app.keeper_office(&device()).await.expect("an office");
    assert!(matches!(&office, ToKeeper::Appointed { term: 1, taken: 0, series } if series == "K"), "{office:?}");

    let good = entry(&app, &mut journal, app.app.now()).await;
    let take = async |entry: &Entry| app.app.take_keeper_entry(&device(), entry).await.expect("the store answers");
    assert_eq!(take(&good).await, 1);
    assert_eq!(take(&good).await, 1, "said again after a cut, nothing happens twice");
    let another = Entry { text: good.text.replace("AK001", "AK009"), hash: "0".repeat(64), ..good.clone() };
    assert_eq!(take(&another).await, 1, "another text under a number that was taken");

    let second = entry(&app, &mut journal, app.app.now()).await;
    let altered = Entry { text: second.text.replace("AK002", "AK007"), ..second.clone() };
    assert_eq!(take(&altered).await, 2, "what is altered is kept and need not come again");
    let future = entry(&app, &mut journal, app.app.now() + 3_600_000).await;
    assert_eq!(take(&future).await, 3);
    let old = entry(&app, &mut journal, app.app.now() - 8 * 86_400_000).await;
    assert_eq!(take(&old).await, 4);
    let ahead = Entry { number: 9, ..entry(&app, &mut journal, app.app.now()).await };
    assert_eq!(take(&ahead).await, 4, "what lies between comes first");
    let fine = journal.entries_after(4, 1).expect("read").pop().expect("the entry");
    assert_eq!(take(&fine).await, 5);

    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    let numbers: Vec<&str> = hall.tickets().map(|ticket| ticket.number.as_str()).collect();
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    assert!(numbers.contains(&"AK001") && numbers.contains(&"AK002"), "{numbers:?}");

    let listed = app.get(&supervisor, &format!("/api/v1{keeper}/entries")).await.body;
    let items = listed["items"].as_array().expect("entries");
    let mut rules: Vec<&str> = items.iter().filter(|item| item["verdict"] == "refused").filter_map(|item| item["rule"].as_str()).collect();
    rules.sort_unstable();
    assert_eq!(rules, ["altered", "future", "replayed", "too_old"], "{listed}");
    let alerts = app.get(&supervisor, "/api/v1/alerts").await.body;
    assert!(alerts["items"].as_array().is_some_and(|items| items.iter().any(|alert| alert["kind"] == "keeper_entry")), "{alerts}");
    for item in items {
        let path = format!("{keeper}/entries/{}/settle", item["id"].as_str().expect("an id"));
        let (status, body) = send(&app, &supervisor, Method::POST, &path, json!({})).await;
        assert_eq!(status, 200, "{body}");
    }
    let listed = app.get(&supervisor, &format!("/api/v1{keeper}/entries")).await.body;
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn another_key_under_the_same_device_is_refused() {
    let app = TestApp::memory().await;
    let (first, second) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    ready(&app, &first).await;
    let mut other = ready(&app, &second).await;
    let supervisor = app.sign_in("supervisor").await;
    send(&app, &supervisor, Method::PUT, &format!("/sites/{SITE}/keeper"), json!({ "device_id": DEVICE })).await;
    let clerk = app.sign_in("clerk1").await;
    let (term, beat) = app.app.keepers.beat(SITE, DEVICE).expect("it is in office");
    app.app.keepers.beaten(SITE, DEVICE, term, beat);
    send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    let forged = entry(&app, &mut other, app.app.now()).await;
    assert_eq!(app.app.take_keeper_entry(&device(), &forged).await.expect("the store answers"), 1);
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    assert_eq!(hall.tickets().count(), 0, "nothing of it was taken");
}

#[tokio::test]
async fn a_kiosk_is_told_nothing_of_the_hall_and_is_nowhere_sent_to_before_a_person_says_so() {
    let app = TestApp::memory().await;
    let (supervisor, it, clerk) = (app.sign_in("supervisor").await, app.sign_in("it").await, app.sign_in("clerk1").await);
    send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    send(&app, &clerk, Method::PUT, "/sessions/current/hall-pin", json!({ "pin": "204815" })).await;
    let folder = TempDir::new().expect("a folder");
    let (mut journal, _) = Journal::open(folder.path(), Seal::in_folder(folder.path()).expect("a key")).expect("a journal");
    let trap = "http://10.0.0.66:8090";
    let said = FromKeeper::Ready { public_key: journal.public_key(), address: Some(trap.to_owned()), newest: 0, lost: false };
    let mut end = KeeperEnd::new(app.app.clone(), device(), "192.168.1.10".parse().ok());
    let told = end.hear(said).await.expect("the store answers");
    assert!(matches!(&told[..], [ToDevice::Keeper(ToKeeper::NotAppointed { .. })]), "no names, PINs, tokens, codes: {told:?}");
    assert!(end.hear(FromKeeper::Resync).await.expect("the store answers").is_empty());
    assert!(end.committed(None).await.expect("the store answers").is_empty());
    let forged = entry(&app, &mut journal, app.app.now()).await;
    app.app.take_keeper_entry(&device(), &forged).await.expect("the store answers");
    assert_eq!(load_hall(&app.app.stores, SITE).await.expect("a hall").tickets().count(), 0, "nor is its journal taken");

    let display = DeviceCaller { id: "dev_dc_demo-display".to_owned(), kind: DeviceKind::Display, ..device() };
    let ways = async || {
        let config = app.app.device_config(&display).await.expect("a configuration");
        (config.keeper_url, config.standby_urls)
    };
    let candidate = format!("/sites/{SITE}/keeper/candidates/{DEVICE}");
    let admit = json!({ "allowed": true, "address": "http://10.0.0.67:8090" });
    assert_eq!(send(&app, &clerk, Method::PUT, &candidate, admit.clone()).await.0, 403);
    let (status, body) = send(&app, &it, Method::PUT, &candidate, admit).await;
    assert_eq!((status, body["candidates"][0]["claimed_address"].as_str()), (200, Some(trap)), "{body}");
    assert_eq!(ways().await, (None, Vec::new()), "somebody saw another address than the one that is claimed now");
    let (_, body) = send(&app, &it, Method::PUT, &candidate, json!({ "allowed": true, "address": trap })).await;
    assert_eq!((body["candidates"][0]["address"].as_str(), body["candidates"][0]["allowed"].as_bool()), (Some(trap), Some(true)), "{body}");
    assert_eq!(ways().await, (None, vec![trap.to_owned()]));
    let told = end.refresh().await.expect("the store answers");
    assert!(told.iter().any(|frame| matches!(frame, ToDevice::Keeper(ToKeeper::House(_)))), "{told:?}");
    assert!(told.iter().any(|frame| matches!(frame, ToDevice::Keeper(ToKeeper::Hall(_)))), "{told:?}");

    let (status, body) = send(&app, &it, Method::PUT, &candidate, json!({ "allowed": false })).await;
    assert_eq!((status, ways().await), (200, (None, Vec::new())), "{body}");
    send(&app, &supervisor, Method::PUT, &format!("/sites/{SITE}/keeper"), json!({ "device_id": DEVICE })).await;
    let (status, body) = send(&app, &it, Method::PUT, &candidate, json!({ "allowed": false })).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("in_office")), "{body}");
    assert_eq!(ways().await, (Some(trap.to_owned()), Vec::new()));
}
