//! The kiosk's core and its routes: what the page sees while the line is up, cut, and after a restart.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

#[path = "../../edge/tests/fake/mod.rs"]
mod fake;

use std::{path::Path, sync::Arc, sync::Mutex, time::Duration};

use axum::{body::Body, http::Request};
use edge::{
    clock::HallClock,
    session::{Session, SessionSettings},
    spool::{Pairing, Spool},
    token::Token,
};
use fake::{Fake, SERVER, SERVER_NOW_MS, SimConnect};
use kiosk::{
    Kiosk, Lost, Trouble, Wish, page,
    reader::{Card, CardReader, Heard},
    voice::{Voice, VoiceSettings},
};
use protocol::{
    device::{DeviceCommand, DeviceConfig, FromDevice, KioskLine, KioskMatter, LeftPhone, Opening, OpeningSpan, Question, ToDevice},
    slip::PrinterStatus,
};
use serde_json::{Value, json};
use tokio::time::sleep;
use tower::ServiceExt;

const DEVICE: &str = "kiosk";

fn line(waiting: u32) -> KioskLine {
    KioskLine {
        id: "l_dc_demo-line".into(),
        name: "综合受理".into(),
        prefix: "A".into(),
        waiting,
        open: true,
        estimated_wait_s: 60 * waiting,
        estimated_wait_optimistic_s: 40 * waiting,
        stopped_text: None,
        bookable: false,
        reminds: false,
    }
}

fn opening(is_open: bool) -> Opening {
    let today = vec![OpeningSpan { from: "08:30".into(), to: "12:00".into() }];
    Opening { is_open, opens_at: Some("2026-11-25T08:30:00+08:00".into()), today }
}

fn matter() -> KioskMatter {
    let search = vec!["低保".to_owned()];
    KioskMatter { id: "m_dc_1".into(), name: "最低生活保障申请".into(), line_id: None, search, materials: Vec::new() }
}

fn wish() -> Wish {
    Wish { line_id: Some("l_dc_demo-line".into()), matter_ids: None, priority: None, with_card: false, phone: None, no_slip: false }
}

fn server(given: &Arc<Mutex<Vec<String>>>) -> Fake {
    let given = Arc::clone(given);
    Fake::new(
        "t",
        Box::new(move |frame| match frame {
            FromDevice::Hello { .. } => vec![
                ToDevice::Lines { lines: vec![line(3)], opening: Some(opening(true)) },
                ToDevice::Matters { matters: vec![matter()] },
                ToDevice::Printer { status: Some(PrinterStatus::READY) },
            ],
            FromDevice::Command { key, command: DeviceCommand::ReprintTicket { ticket_id } } => {
                vec![ToDevice::Reply { key: key.clone(), status: 201, body: json!({ "printed": ticket_id }), replayed: false }]
            }
            FromDevice::Ask { id, question: Question::FindTickets { phone: Some(phone), .. } } if phone == "13800005678" => {
                vec![ToDevice::Told { id: *id, status: 200, body: json!({ "items": [{ "number": "A001" }] }) }]
            }
            FromDevice::Ask { id, question: Question::FindTickets { short_code: Some(_), .. } } => {
                vec![ToDevice::Told { id: *id, status: 404, body: json!({ "code": "not_found" }) }]
            }
            FromDevice::Ask { id, question: Question::Track { short_code: Some(code), .. } } if code == "K7M294QX" => {
                vec![ToDevice::Told { id: *id, status: 200, body: json!({ "tracking_code": "K7M294QXA3BD5FGH" }) }]
            }
            FromDevice::Command { key, command: DeviceCommand::Rate { level, .. } } => {
                vec![ToDevice::Reply { key: key.clone(), status: 201, body: json!({ "round": 1, "of": level }), replayed: false }]
            }
            FromDevice::Command { key, .. } => {
                let mut given = given.lock().unwrap();
                let replayed = given.contains(key);
                if !replayed {
                    given.push(key.clone());
                }
                let number = format!("A{:03}", given.iter().position(|one| one == key).unwrap() + 1);
                vec![ToDevice::Reply { key: key.clone(), status: 201, body: json!({ "number": number }), replayed }]
            }
            _ => Vec::new(),
        }),
    )
}

fn start(folder: &Path, token: Option<&str>) -> Kiosk {
    let spool = Spool::open(folder).unwrap();
    if let Some(token) = token {
        spool.pair(&Pairing { device_id: None, token: Token::new(token) }).unwrap();
    }
    let settings = SessionSettings { authority: "server:8080".into(), version: "test".into(), seed: 7, damaged: Vec::new() };
    let Session { events, line, .. } = Session::open(SimConnect, settings, token.map(Token::new), None);
    let kiosk = Kiosk::new(spool, line, HallClock::starting_at(0)).unwrap();
    tokio::spawn(kiosk.clone().run(events));
    kiosk
}

fn simulate<T: Future<Output = ()> + 'static>(test: impl FnOnce(Fake, Arc<Mutex<Vec<String>>>) -> T) {
    let given = Arc::default();
    let fake = server(&given);
    let mut sim =
        turmoil::Builder::new().rng_seed(1).tick_duration(Duration::from_millis(10)).simulation_duration(Duration::from_secs(600)).build();
    let serving = fake.clone();
    sim.host(SERVER, move || serving.clone().serve());
    let test = test(fake, given);
    sim.client(DEVICE, async move {
        test.await;
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn the_page_sees_the_hall_and_while_cut_what_was_last_known() {
    simulate(|fake, given| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        assert!(!kiosk.state().online);
        sleep(Duration::from_secs(1)).await;
        let state = kiosk.state();
        assert!(state.online && state.trouble.is_none());
        assert_eq!((state.site.name.as_str(), state.printer.state), ("示范镇便民服务中心", "ready"));
        assert_eq!((state.lines, state.opening), (vec![line(3)], Some(opening(true))));
        assert!(state.now.starts_with("2026-11-1"), "the server's clock: {}", state.now);
        assert_eq!(kiosk.take_number("k1", wish()).await.body["number"], "A001");

        fake.say.send(ToDevice::Printer { status: Some(PrinterStatus::UNREACHABLE) }).unwrap();
        fake.say.send(ToDevice::Lines { lines: vec![line(4)], opening: Some(opening(false)) }).unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!((kiosk.state().printer.state, kiosk.state().lines[0].waiting), ("offline", 4));
        assert_eq!(kiosk.state().opening, Some(opening(false)));

        turmoil::partition(DEVICE, SERVER);
        sleep(Duration::from_secs(20)).await;
        let cut = kiosk.state();
        assert!(!cut.online && cut.since < cut.now);
        assert_eq!((cut.lines.len(), cut.opening), (1, None), "a cut kiosk does not say that the hall is closed");
        assert_eq!(kiosk.matters("db").len(), 1);
        let refused = kiosk.take_number("k2", wish()).await;
        assert_eq!(
            (refused.status, refused.body["code"].as_str(), refused.body["detail"].as_str()),
            (503, Some("offline"), Some("连接中断，没有取号"))
        );

        turmoil::repair(DEVICE, SERVER);
        sleep(Duration::from_secs(30)).await;
        assert!(kiosk.state().online);
        assert_eq!(*given.lock().unwrap(), ["k1"], "what was refused is not done later");
    });
}

#[test]
fn a_number_whose_answer_was_lost_appears_when_the_line_is_back() {
    simulate(|_, given| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        sleep(Duration::from_secs(1)).await;
        turmoil::partition_oneway(SERVER, DEVICE);
        let unknown = kiosk.take_number("k1", wish()).await;
        assert_eq!((unknown.status, unknown.body["code"].as_str()), (503, Some("no_answer")));
        assert!(kiosk.state().late.is_empty());
        sleep(Duration::from_secs(15)).await;
        turmoil::repair_oneway(SERVER, DEVICE);
        sleep(Duration::from_secs(30)).await;
        assert_eq!(kiosk.state().late, vec![json!({ "number": "A001" })]);
        let again = kiosk.take_number("k1", wish()).await;
        assert_eq!((again.status, again.body["number"].as_str()), (201, Some("A001")));
        assert_eq!(given.lock().unwrap().len(), 1);
        sleep(Duration::from_secs(120)).await;
        assert!(kiosk.state().late.is_empty(), "not for ever");
    });
}

#[test]
fn a_kiosk_that_restarts_without_its_server_knows_the_hall_and_a_revoked_one_forgets_it() {
    simulate(|fake, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        sleep(Duration::from_secs(1)).await;
        turmoil::partition(DEVICE, SERVER);
        let restarted = start(folder.path(), Some("t"));
        sleep(Duration::from_secs(1)).await;
        let state = restarted.state();
        assert!(!state.online);
        assert_eq!((state.site.id.as_str(), state.lines.len(), restarted.matters("dibao").len()), ("demo-center", 1, 1));
        turmoil::repair(DEVICE, SERVER);
        sleep(Duration::from_secs(40)).await;
        assert!(restarted.state().online && kiosk.state().online);

        fake.say.send(ToDevice::Revoked).unwrap();
        sleep(Duration::from_secs(5)).await;
        let state = restarted.state();
        assert_eq!((state.online, state.trouble, state.lines.len()), (false, Some(Trouble::Unpaired), 0));
        let spool = Spool::open(folder.path()).unwrap();
        assert_eq!(spool.pairing().unwrap(), None);
        assert!(spool.known::<Value>("lines").unwrap().is_none() && spool.commands().unwrap().is_empty());
    });
}

#[test]
fn the_routes_translate_and_refuse_what_is_not_a_wish() {
    simulate(|_, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let routes = page::routes(start(folder.path(), Some("t")), Voice::new(VoiceSettings::default()));
        sleep(Duration::from_secs(1)).await;
        let call = |method: &'static str, path: &'static str, key: &'static str, kind: &'static str, body: &'static str| {
            let routes = routes.clone();
            async move {
                let mut request = Request::builder().method(method).uri(path).header("content-type", kind);
                if !key.is_empty() {
                    request = request.header("idempotency-key", key);
                }
                let response = routes.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
                let replayed = response.headers().contains_key("idempotency-replayed");
                let status = response.status().as_u16();
                let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
                (status, serde_json::from_slice::<Value>(&bytes).unwrap_or_default(), replayed)
            }
        };
        let json = "application/json";
        let wish = r#"{"line_id":"l_dc_demo-line"}"#;
        let (status, ticket, replayed) = call("POST", "/local/tickets", "k1", json, wish).await;
        assert_eq!((status, ticket["number"].as_str(), replayed), (201, Some("A001"), false));
        let (status, ticket, replayed) = call("POST", "/local/tickets", "k1", json, wish).await;
        assert_eq!((status, ticket["number"].as_str(), replayed), (201, Some("A001"), true));
        assert_eq!(call("POST", "/local/tickets", "k1", json, r#"{"line_id":"other"}"#).await.0, 409);
        assert_eq!(call("POST", "/local/tickets", "", json, wish).await.0, 422);
        assert_eq!(call("POST", "/local/tickets", "k3", json, r#"{"line_id":"x","holder":{}}"#).await.0, 422);
        assert_eq!(call("POST", "/local/tickets", "k3", "text/plain", wish).await.0, 415);
        let (_, found, _) = call("GET", "/local/matters?query=%E4%BD%8E%E4%BF%9D", "", json, "").await;
        assert_eq!(found["items"][0]["id"], "m_dc_1");
        let (_, state, _) = call("GET", "/local/state", "", json, "").await;
        assert_eq!((state["online"].as_bool(), state["site"]["phone"].as_str()), (Some(true), Some("0000-1234567")));
    });
}

#[test]
fn a_lost_slip_is_asked_for_and_what_was_typed_lies_nowhere() {
    simulate(|_, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        let by_phone = |phone: &str| Lost { phone: Some(phone.to_owned()), ..Lost::default() };
        let cut = kiosk.find(by_phone("13800005678")).await;
        assert_eq!((cut.status, cut.body["code"].as_str()), (503, Some("offline")), "not connected yet");
        sleep(Duration::from_secs(1)).await;
        let found = kiosk.find(by_phone("13800005678")).await;
        assert_eq!((found.status, found.body["items"][0]["number"].as_str()), (200, Some("A001")));
        let unknown = kiosk.find(Lost { short_code: Some("GGJ2G4WV".into()), ..Lost::default() }).await;
        assert_eq!(unknown.status, 404);
        let silent = kiosk.find(by_phone("13900001111")).await;
        assert_eq!((silent.status, silent.body["code"].as_str()), (503, Some("no_answer")), "the fake says nothing");
        let printed = kiosk.reprint("r1", "t_dc_1".to_owned()).await;
        assert_eq!((printed.status, printed.body["printed"].as_str()), (201, Some("t_dc_1")));

        let routes = page::routes(kiosk, Voice::new(VoiceSettings::default()));
        let ask = |path: &str, body: &str| {
            let request = Request::post(path).header("content-type", "application/json").header("idempotency-key", "r2");
            routes.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap())
        };
        assert_eq!(ask("/local/tickets/find", r#"{"phone":"13800005678"}"#).await.unwrap().status(), 200);
        assert_eq!(ask("/local/tickets/find", r#"{"name":"张三"}"#).await.unwrap().status(), 422);
        assert_eq!(ask("/local/tickets/reprint", r#"{"ticket_id":"t_dc_1"}"#).await.unwrap().status(), 201);
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
            assert!(!bytes.windows(11).any(|part| part == b"13800005678"), "the spool holds no phone number");
        }
    });
}

/// A reader that tells what the test says.
struct Told(tokio::sync::mpsc::Receiver<Heard>);

impl CardReader for Told {
    async fn next(&mut self) -> Heard {
        match self.0.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }
}

#[test]
fn a_card_is_used_for_one_number_and_forgotten() {
    simulate(|fake, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        assert_eq!(kiosk.state().reader, None, "no reader, nothing about it");
        let (lay, told) = tokio::sync::mpsc::channel(4);
        tokio::spawn(kiosk.clone().read_cards(Told(told)));
        sleep(Duration::from_secs(1)).await;
        let named = || Wish { with_card: true, ..wish() };
        let gone = kiosk.take_number("k0", named()).await;
        assert_eq!((gone.status, gone.body["code"].as_str()), (409, Some("card_gone")), "nobody's card");
        let card =
            || Card {
                name: "欧阳修".into(), number: "11010519491231002X".into(), valid_to: chrono::NaiveDate::from_ymd_opt(2020, 1, 1)
            };
        lay.send(Heard::Ready).await.unwrap();
        lay.send(Heard::Card(card())).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        let state = kiosk.state().reader.unwrap();
        let seen = state.card.unwrap();
        assert!(state.is_ready && seen.has_expired);
        assert!(!seen.name.contains("阳修") && !seen.number.contains("19491231"), "{seen:?}");

        assert_eq!(kiosk.take_number("k1", named()).await.status, 201);
        let heard = fake.hall.lock().unwrap().heard.clone();
        let holders: Vec<_> = heard
            .into_iter()
            .filter_map(|frame| match frame {
                FromDevice::Command { command: DeviceCommand::IssueTicket { holder, .. }, .. } => holder,
                _ => None,
            })
            .map(|holder| (holder.name, holder.id_number))
            .collect();
        assert_eq!(holders, vec![("欧阳修".to_owned(), "11010519491231002X".to_owned())]);
        assert_eq!(kiosk.state().reader.unwrap().card, None, "one number, then nobody's");
        let reminded = Wish { phone: Some(LeftPhone("13800005678".into())), ..wish() };
        assert_eq!(kiosk.take_number("k2", reminded.clone()).await.status, 201);
        let left = fake.hall.lock().unwrap().heard.iter().rev().find_map(|frame| match frame {
            FromDevice::Command { command: DeviceCommand::IssueTicket { phone, .. }, .. } => Some(phone.clone()),
            _ => None,
        });
        assert_eq!(left.flatten(), reminded.phone, "a phone that was left goes with the number");

        lay.send(Heard::Card(card())).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        kiosk.forget_card();
        assert_eq!(kiosk.find(Lost { with_card: true, ..Lost::default() }).await.body["code"], "card_gone");
        lay.send(Heard::Card(card())).await.unwrap();
        sleep(Duration::from_secs(91)).await;
        assert_eq!(kiosk.state().reader.unwrap().card, None, "whoever went away");
        lay.send(Heard::Unreadable).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert!(kiosk.state().reader.unwrap().is_unreadable);
        lay.send(Heard::Absent).await.unwrap();
        sleep(Duration::from_secs(10)).await;
        let state = kiosk.state().reader.unwrap();
        assert!(!state.is_ready && !state.is_unreadable);
    });
}

#[test]
fn a_visit_is_followed_and_rated_and_while_cut_neither() {
    simulate(|fake, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let routes = page::routes(start(folder.path(), Some("t")), Voice::new(VoiceSettings::default()));
        sleep(Duration::from_secs(1)).await;
        let call = async |path: &str, key: &str, body: Value| {
            let request = Request::post(path).header("content-type", "application/json").header("idempotency-key", key);
            let response = routes.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            (status, serde_json::from_slice::<Value>(&bytes).unwrap_or_default())
        };
        let (status, found) = call("/local/tracking", "", json!({ "short_code": "K7M294QX" })).await;
        assert_eq!((status, found["tracking_code"].as_str()), (200, Some("K7M294QXA3BD5FGH")));
        assert_eq!(call("/local/tracking", "", json!({ "name": "x" })).await.0, 422);
        let rating = json!({ "tracking_code": "K7M294QXA3BD5FGH", "subject": "visit", "level": "satisfied", "reason_codes": ["406"] });
        let (status, given) = call("/local/evaluations", "e1", rating.clone()).await;
        assert_eq!((status, given["of"].as_str()), (201, Some("satisfied")));
        assert_eq!(call("/local/evaluations", "", rating.clone()).await.0, 422, "without a key a retry would be a second one");
        assert_eq!(
            call("/local/evaluations", "e2", json!({ "tracking_code": "x", "subject": "visit", "level": "satisfied", "text": "y" }))
                .await
                .0,
            422
        );
        turmoil::partition(DEVICE, SERVER);
        sleep(Duration::from_secs(20)).await;
        for (path, body) in [("/local/tracking", json!({ "short_code": "K7M294QX" })), ("/local/evaluations", rating)] {
            let (status, refused) = call(path, "e3", body).await;
            assert_eq!((status, refused["code"].as_str()), (503, Some("offline")), "{path}");
        }
        turmoil::repair(DEVICE, SERVER);
        sleep(Duration::from_secs(30)).await;
        let rates = fake
            .hall
            .lock()
            .unwrap()
            .heard
            .iter()
            .filter(|frame| matches!(frame, FromDevice::Command { command: DeviceCommand::Rate { .. }, .. }))
            .count();
        assert_eq!(rates, 1, "what was refused while cut is not rated later");
    });
}

/// A month of a hall in minutes: every day the lines change, people take numbers and look for lost ones. What the kiosk
/// keeps stays the size of a day.
#[test]
fn a_month_leaves_nothing_behind() {
    simulate(|fake, _| async move {
        let folder = tempfile::tempdir().unwrap();
        let kiosk = start(folder.path(), Some("t"));
        sleep(Duration::from_secs(1)).await;
        let config: DeviceConfig = Spool::open(folder.path()).unwrap().known("config").unwrap().unwrap().0;
        let mut kept = Vec::new();
        for day in 0..30_u32 {
            for change in 0..200 {
                fake.say.send(ToDevice::Lines { lines: vec![line(change % 40)], opening: Some(opening(true)) }).unwrap();
                fake.say.send(ToDevice::Printer { status: Some(PrinterStatus::READY) }).unwrap();
                fake.say.send(ToDevice::Matters { matters: vec![matter()] }).unwrap();
                sleep(Duration::from_millis(20)).await;
            }
            for person in 0..20 {
                assert_eq!(kiosk.take_number(&format!("n{day}-{person}"), wish()).await.status, 201);
                kiosk.find(Lost { phone: Some("13800005678".into()), ..Lost::default() }).await;
            }
            fake.hall.lock().unwrap().heard.clear();
            // The server's time is the kiosk's: a day later.
            let config = DeviceConfig { now_ms: SERVER_NOW_MS + i64::from(day + 1) * 24 * 3_600_000, ..config.clone() };
            fake.say.send(ToDevice::Config(config)).unwrap();
            sleep(Duration::from_secs(1)).await;
            let state = kiosk.state();
            assert!(state.late.is_empty() && state.lines.len() == 1);
            kept.push(Spool::open(folder.path()).unwrap().commands().unwrap().len());
        }
        assert!(kept.iter().all(|rows| (1..=40).contains(rows)), "numbers of days gone lie in the spool: {kept:?}");
    });
}
