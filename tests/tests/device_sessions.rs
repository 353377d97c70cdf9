//! Hall devices against the server over a real connection: pairing, the session's frames, revoking, and
//! slips that lie in one printer at a time.

use std::cell::Cell;

use axum::http::{Method, StatusCode};
use domain::catalogue::{Query, SearchKeys};
use futures_util::StreamExt as _;
use protocol::device::{DeviceCommand, DeviceKind, FromDevice, JobOutcome, KioskMatter, LeftPhone, Question, ToDevice};
use protocol::slip::{PaperState, PrinterStatus, Slip};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};
use tests::device_line::DeviceLine;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const OUT: PrinterStatus = PrinterStatus { online: false, paper: PaperState::Out, cover_open: false, error: false };

async fn code(app: &TestApp, it: &Actor, kind: &str) -> String {
    let given = app.post(it, &format!("/api/v1/sites/{SITE}/pairing-codes"), json!({ "kind": kind })).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.body);
    given.body["code"].as_str().expect("a code").to_owned()
}

async fn pair(app: &TestApp, code: &str) -> Answer {
    app.post(&Actor::Nobody, "/api/v1/devices/pair", json!({ "code": code })).await
}

/// Pairs a device of a kind; its id and token.
async fn paired(app: &TestApp, it: &Actor, kind: &str) -> (String, String) {
    let code = code(app, it, kind).await;
    let answer = pair(app, &code).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let text = |field: &str| answer.body[field].as_str().expect("a text").to_owned();
    (text("device_id"), text("token"))
}

async fn open_window(app: &TestApp) {
    let clerk = app.sign_in("clerk1").await;
    let opened = app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
}

async fn issue(app: &TestApp, key: &str) -> Answer {
    let kiosk = Actor::Device("demo-kiosk".to_owned());
    let issued =
        app.send(&kiosk, Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(key), Some(json!({ "line_id": LINE }))).await;
    assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.body);
    issued
}

fn number(slip: &Slip) -> String {
    match slip {
        Slip::Ticket(ticket) => ticket.number.clone(),
        Slip::Document(document) => document.title.clone(),
    }
}

async fn logged(app: &TestApp, kind: &str) -> usize {
    let events = app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("the log");
    events.iter().filter(|event| event.kind == kind).count()
}

async fn a_code_pairs_one_device_once(app: TestApp) {
    let it = app.sign_in("it").await;
    let good = code(&app, &it, "printer").await;
    assert!(good.len() == 8 && good.bytes().all(|byte| byte.is_ascii_digit()), "{good}");
    let wrong = if good == "00000000" { "00000001" } else { "00000000" };
    let answer = pair(&app, wrong).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (StatusCode::CONFLICT, Some("pairing_code")));
    let paired = pair(&app, &good).await;
    assert_eq!(paired.status, StatusCode::CREATED);
    let again = pair(&app, &good).await;
    assert_eq!((again.status, &again.body["detail"]), (answer.status, &answer.body["detail"]), "used and wrong look the same");
    let late = code(&app, &it, "display").await;
    app.clock.advance(10 * 60_000 + 1);
    assert_eq!(pair(&app, &late).await.status, StatusCode::CONFLICT, "too old");
    let form = pair(&app, "1234").await;
    assert_eq!((form.status, form.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("code")));

    let it = app.sign_in("it").await;
    let listed = app.get(&it, "/api/v1/devices").await;
    let items = listed.body["items"].as_array().expect("devices").clone();
    let own = items.iter().find(|item| item["id"] == paired.body["device_id"]).expect("the new device");
    assert_eq!((own["kind"].as_str(), own["name"].as_str(), own["online"].as_bool()), (Some("printer"), Some("打印机 2"), Some(false)));
    assert!(!listed.body.to_string().contains(paired.body["token"].as_str().expect("a token")), "a token is told once");
    assert_eq!(logged(&app, "device_paired").await, 1);

    for _ in 0..70 {
        pair(&app, wrong).await;
    }
    let throttled = pair(&app, &code(&app, &it, "display").await).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS, "guessing stops everybody");
    app.clock.advance(10 * 60_000);
    let it = app.sign_in("it").await;
    assert_eq!(pair(&app, &code(&app, &it, "display").await).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn in_memory_a_code_pairs_one_device_once() {
    a_code_pairs_one_device_once(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_code_pairs_one_device_once() {
    a_code_pairs_one_device_once(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_code_pairs_one_device_once() {
    let database = tests::postgres::database();
    a_code_pairs_one_device_once(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn only_those_in_charge_pair_bind_and_revoke() {
    let app = TestApp::memory().await;
    let (clerk, it) = (app.sign_in("clerk1").await, app.sign_in("it").await);
    let codes = format!("/api/v1/sites/{SITE}/pairing-codes");
    let body = json!({ "kind": "kiosk" });
    assert_eq!(app.post(&Actor::Nobody, &codes, body.clone()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.post(&clerk, &codes, body.clone()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post(&it, "/api/v1/sites/demo-sumu/pairing-codes", body).await.status, StatusCode::NOT_FOUND);
    let unknown = app.post(&it, &codes, json!({ "kind": "pad", "window_id": "w_dc_99" })).await;
    assert_eq!((unknown.status, unknown.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("window_id")));
    let device = "/api/v1/devices/dev_dc_demo-display";
    for (actor, status) in [(&Actor::Nobody, StatusCode::UNAUTHORIZED), (&clerk, StatusCode::FORBIDDEN)] {
        assert_eq!(app.send(actor, Method::PUT, &format!("{device}/binding"), None, Some(json!({}))).await.status, status);
        assert_eq!(app.post(actor, &format!("{device}/revoke"), json!({})).await.status, status);
        assert_eq!(app.get(actor, "/api/v1/devices").await.status, status);
    }
    assert_eq!(app.post(&it, "/api/v1/devices/dev_dc_none/revoke", json!({})).await.status, StatusCode::NOT_FOUND);
    let reprint = format!("/api/v1/sites/{SITE}/print-jobs/pj_dc_none/reprint");
    assert_eq!(app.post(&Actor::Nobody, &reprint, json!({ "reason": "x" })).await.status, StatusCode::UNAUTHORIZED);
    let approver = app.sign_in("approver1").await;
    assert_eq!(app.post(&approver, &reprint, json!({ "reason": "x" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.post(&clerk, &reprint, json!({ "reason": "没拿到" })).await.status, StatusCode::NOT_FOUND);
}

/// Whether what was typed finds one of the matters, as a kiosk looks.
fn finds(matters: &[KioskMatter], typed: &str, name: &str) -> bool {
    let query = Query::parse(typed).expect("a query");
    let keys = |matter: &KioskMatter| SearchKeys::of(std::iter::once(matter.name.as_str()).chain(matter.search.iter().map(String::as_str)));
    matters.iter().any(|matter| matter.name == name && keys(matter).rank(&query).is_some())
}

#[tokio::test]
async fn a_kiosk_hears_of_its_hall_and_takes_numbers() {
    let app = TestApp::memory().await;
    let server = app.serve().await;
    assert_eq!(DeviceLine::knock(server, "nobody").await.err(), Some(401));
    let (mut kiosk, config) = DeviceLine::open(server, "demo-kiosk").await;
    assert_eq!((config.kind, config.site_id.as_str(), config.now_ms), (DeviceKind::Kiosk, SITE, tests::app::START_MS));
    let own = |lines: &[protocol::device::KioskLine]| lines.iter().find(|line| line.id == LINE).expect("the line").clone();
    let waiting = Cell::new(0);
    let lines = |frame| match frame {
        ToDevice::Lines { lines, .. } => {
            waiting.set(own(&lines).waiting);
            Some(lines)
        }
        _ => None,
    };
    let first = kiosk.next_where(lines).await;
    assert!(!own(&first).open && own(&first).stopped_text.is_some());
    let matters = kiosk.next_where(|frame| if let ToDevice::Matters { matters } = frame { Some(matters) } else { None }).await;
    assert!(matters.len() >= 40 && matters.iter().all(|matter| !matter.name.is_empty()));
    for typed in ["宅", "宅基", "zhaijidi", "zjd"] {
        assert!(finds(&matters, typed, "农村村民宅基地使用审批"), "{typed}");
    }
    let state = |frame| if let ToDevice::Printer { status } = frame { Some(status) } else { None };
    assert_eq!(kiosk.next_where(state).await, Some(PrinterStatus::UNREACHABLE), "no printer is connected yet");
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    printer.say(&FromDevice::Status { printer: Some(PrinterStatus::READY), error: None }).await;
    while kiosk.next_where(state).await != Some(PrinterStatus::READY) {}

    let command = |line: &str| DeviceCommand::IssueTicket {
        line_id: Some(line.to_owned()),
        matter_ids: None,
        priority: None,
        holder: None,
        phone: None,
        no_slip: false,
    };
    let reply = |frame| match frame {
        ToDevice::Reply { key, status, body, replayed } => Some((key, status, body, replayed)),
        other => {
            lines(other);
            None
        }
    };
    kiosk.say(&FromDevice::Command { key: "early".to_owned(), command: command(LINE) }).await;
    let (_, status, body, _) = kiosk.next_where(reply).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("no_window")));
    open_window(&app).await;
    while !own(&kiosk.next_where(lines).await).open {}
    for (key, line, expected) in [("k1", LINE, (201, false)), ("k1", LINE, (201, true)), ("k2", LINE, (201, false))] {
        kiosk.say(&FromDevice::Command { key: key.to_owned(), command: command(line) }).await;
        let (answered, status, body, replayed) = kiosk.next_where(reply).await;
        assert_eq!((answered.as_str(), status, replayed), (key, expected.0, expected.1), "{body}");
        let number = if key == "k1" { "A001" } else { "A002" };
        assert_eq!(body["number"], number);
    }
    kiosk.say(&FromDevice::Command { key: "k1".to_owned(), command: command("l_dc_build") }).await;
    let (_, status, body, _) = kiosk.next_where(reply).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("idempotency_mismatch")));
    let by_matter = DeviceCommand::IssueTicket {
        line_id: None,
        matter_ids: Some(vec!["m_dc_demo-instant".to_owned()]),
        priority: None,
        holder: None,
        phone: None,
        no_slip: false,
    };
    kiosk.say(&FromDevice::Command { key: "m1".to_owned(), command: by_matter }).await;
    let (_, status, body, _) = kiosk.next_where(reply).await;
    assert_eq!((status, body["matter_ids"][0].as_str()), (201, Some("m_dc_demo-instant")), "{body}");
    // A phone that somebody left is asked for where messages are sent, and told of in no answer.
    assert!(!own(&first).reminds, "this hall sends none");
    let with_phone = |phone: &str| DeviceCommand::IssueTicket {
        line_id: Some(LINE.to_owned()),
        matter_ids: None,
        priority: None,
        holder: None,
        phone: Some(LeftPhone(phone.to_owned())),
        no_slip: false,
    };
    assert!(!format!("{:?}", with_phone("13800005678")).contains("138"), "no log gets it");
    kiosk.say(&FromDevice::Command { key: "p0".to_owned(), command: with_phone("12345") }).await;
    let (_, status, body, _) = kiosk.next_where(reply).await;
    assert_eq!((status, body["errors"][0]["field"].as_str()), (422, Some("holder.phone")), "{body}");
    kiosk.say(&FromDevice::Command { key: "p1".to_owned(), command: with_phone("13800005678") }).await;
    let (_, status, body, _) = kiosk.next_where(reply).await;
    assert_eq!(status, 201, "{body}");
    assert!(!body.to_string().contains("13800005678"), "{body}");
    let row = app.app.stores.halls.ticket(SITE, body["id"].as_str().expect("an id")).await.expect("the store").expect("the ticket");
    let ticket: domain::hall::Ticket = serde_json::from_str(&row.doc).expect("a ticket");
    assert!(ticket.phone_left && ticket.holder.is_some());
    for (key, line, status) in [("", LINE, 422), ("k3", "nonsense", 422), ("k4", "l_dc_unknown", 404)] {
        kiosk.say(&FromDevice::Command { key: key.to_owned(), command: command(line) }).await;
        assert_eq!(kiosk.next_where(reply).await.1, status, "{key} {line}");
    }
    let (mut display, _) = DeviceLine::open(server, "demo-display").await;
    display.say(&FromDevice::Command { key: "d1".to_owned(), command: command(LINE) }).await;
    assert_eq!(display.next_where(reply).await.1, 403, "a display takes no number");
    // The four who took a number may have been told of before the last answers: those frames are counted too.
    while waiting.get() != 4 {
        kiosk.next_where(lines).await;
    }
}

#[tokio::test]
async fn a_kiosk_finds_a_lost_slip_and_has_it_printed_again() {
    let app = TestApp::memory().await;
    let server = app.serve().await;
    let (mut kiosk, _) = DeviceLine::open(server, "demo-kiosk").await;
    open_window(&app).await;
    let guide = app.sign_in("guide1").await;
    let holder = json!({ "line_id": LINE, "holder": { "phone": "13800005678" } });
    let ticket = app.post(&guide, &format!("/api/v1/sites/{SITE}/tickets"), holder).await;
    assert_eq!(ticket.status, StatusCode::CREATED, "{}", ticket.body);
    let told = |frame| if let ToDevice::Told { id, status, body } = frame { Some((id, status, body)) } else { None };
    let by_phone =
        |phone: &str| Question::FindTickets { id_number: None, phone: Some(phone.to_owned()), short_code: None, tracking_code: None };
    kiosk.say(&FromDevice::Ask { id: 1, question: by_phone("13800005678") }).await;
    let (id, status, body) = kiosk.next_where(told).await;
    assert_eq!((id, status, body["items"][0]["number"].as_str()), (1, 200, Some("A001")), "{body}");
    assert!(!body.to_string().contains("13800005678"));
    let command = DeviceCommand::ReprintTicket { ticket_id: body["items"][0]["id"].as_str().expect("an id").to_owned() };
    let reply = |frame| if let ToDevice::Reply { status, replayed, .. } = frame { Some((status, replayed)) } else { None };
    for replayed in [false, true] {
        kiosk.say(&FromDevice::Command { key: "again".to_owned(), command: command.clone() }).await;
        assert_eq!(kiosk.next_where(reply).await, (201, replayed));
    }
    for (id, status) in (2..).zip([404, 404, 404, 404, 404, 429]) {
        kiosk.say(&FromDevice::Ask { id, question: by_phone("13900001111") }).await;
        let (answered, code, _) = kiosk.next_where(told).await;
        assert_eq!((answered, code), (id, status));
    }
    let (mut display, _) = DeviceLine::open(server, "demo-display").await;
    display.say(&FromDevice::Ask { id: 1, question: by_phone("13800005678") }).await;
    assert_eq!(display.next_where(told).await.1, 403, "a display finds nothing");
}

#[tokio::test]
async fn a_kiosk_checks_in_who_booked() {
    let app = TestApp::memory().await;
    let server = app.serve().await;
    let (mut kiosk, _) = DeviceLine::open(server, "demo-kiosk").await;
    open_window(&app).await;
    super::appointments::make_bookable(&app, |wanted| wanted["policy"]["appointments"]["check_in_before_min"] = json!(3 * 1440)).await;
    let told = |frame| if let ToDevice::Told { status, body, .. } = frame { Some((status, body)) } else { None };
    let ask = |phone: &str| Question::FindAppointments { text: phone.to_owned() };
    let booking = super::appointments::booking(1, "2026-11-25T09:00:00+08:00");
    let phone = booking["holder"]["phone"].as_str().expect("a phone").to_owned();
    let booked = app.post(&Actor::Nobody, "/api/v1/appointments", booking).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.body);
    kiosk.say(&FromDevice::Ask { id: 1, question: ask(&phone) }).await;
    let (status, body) = kiosk.next_where(told).await;
    assert_eq!((status, &body["items"][0]["id"]), (200, &booked.body["id"]), "{body}");
    let code = booked.body["code"].as_str().expect("a code");
    assert!(!body.to_string().contains(&phone) && !body.to_string().contains(code), "{body}");
    let appointment_id = booked.body["id"].as_str().expect("an id").to_owned();
    let reply = |frame| if let ToDevice::Reply { status, body, .. } = frame { Some((status, body)) } else { None };
    // Cut off before the answer, or asked anew by the person: the same number.
    for (key, status) in [("c1", 201), ("c1", 201), ("c2", 200)] {
        let command = DeviceCommand::CheckIn { appointment_id: appointment_id.clone(), no_slip: true };
        kiosk.say(&FromDevice::Command { key: key.to_owned(), command }).await;
        let (got, body) = kiosk.next_where(reply).await;
        assert_eq!((got, body["number"].as_str()), (status, Some("A001")), "{key}: {body}");
    }
    let printed = app.app.stores.outbox.outbox_of(SITE, "print", 50).await.expect("jobs");
    assert!(printed.is_empty(), "the person wants none");
    kiosk
        .say(&FromDevice::Command {
            key: "c3".to_owned(),
            command: DeviceCommand::CheckIn { appointment_id: "x".to_owned(), no_slip: false },
        })
        .await;
    assert_eq!(kiosk.next_where(reply).await.0, 404);
    let (mut display, _) = DeviceLine::open(server, "demo-display").await;
    display.say(&FromDevice::Ask { id: 1, question: ask(&phone) }).await;
    assert_eq!(display.next_where(told).await.0, 403, "a display finds nothing");
}

#[tokio::test]
async fn a_newer_protocol_or_silence_at_the_door_is_let_go() {
    let app = TestApp::memory().await;
    let server = app.serve().await;
    let mut newer = DeviceLine::knock(server, "demo-display").await.expect("the token is good");
    newer.say(&FromDevice::Hello { protocol: 99, version: "9".to_owned(), after: None, damaged: Vec::new() }).await;
    assert_eq!(newer.next().await, None);
    let mut rude = DeviceLine::knock(server, "demo-display").await.expect("the token is good");
    rude.say(&FromDevice::Pong).await;
    assert_eq!(rude.next().await, None, "hello comes first");
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    app.stop();
    while line.next().await.is_some() {}
}

#[tokio::test]
async fn a_bound_device_hears_where_it_stands_and_a_revoked_one_that_it_is_none() {
    let app = TestApp::memory().await;
    let (server, it) = (app.serve().await, app.sign_in("it").await);
    let (id, token) = paired(&app, &it, "display").await;
    let (mut line, config) = DeviceLine::open(server, &token).await;
    assert_eq!((config.device_id.as_str(), config.window_id), (id.as_str(), None));
    let binding = json!({ "window_id": "w_dc_1", "zone": "东厅" });
    let bound = app.send(&it, Method::PUT, &format!("/api/v1/devices/{id}/binding"), None, Some(binding)).await;
    assert_eq!((bound.status, bound.body["zone"].as_str(), bound.body["online"].as_bool()), (StatusCode::OK, Some("东厅"), Some(true)));
    let window = line.next_where(|frame| if let ToDevice::Config(config) = frame { Some(config.window_id) } else { None }).await;
    assert_eq!(window.as_deref(), Some("w_dc_1"));

    let revoked = app.post(&it, &format!("/api/v1/devices/{id}/revoke"), json!({})).await;
    assert!(revoked.status == StatusCode::OK && revoked.body["revoked_at"].is_string());
    line.next_where(|frame| (frame == ToDevice::Revoked).then_some(())).await;
    assert_eq!(line.next().await, None);
    let feed = format!("/api/v1/sites/{SITE}/windows");
    assert_eq!(app.get(&Actor::Device(token.clone()), &feed).await.status, StatusCode::UNAUTHORIZED);
    let mut later = DeviceLine::knock(server, &token).await.expect("one that was away is let in to hear it");
    later.hello(None).await;
    assert_eq!((later.next().await, later.next().await), (Some(ToDevice::Revoked), None));
    let again = app.send(&it, Method::PUT, &format!("/api/v1/devices/{id}/binding"), None, Some(json!({}))).await;
    assert_eq!((again.status, again.body["code"].as_str()), (StatusCode::CONFLICT, Some("device_revoked")));
    for (kind, count) in [("device_bound", 1), ("device_revoked", 1)] {
        assert_eq!(logged(&app, kind).await, count, "{kind}");
    }
}

#[tokio::test]
async fn a_pad_that_reads_the_feed_is_present_and_ends_with_its_token() {
    let app = TestApp::memory().await;
    let (server, it) = (app.serve().await, app.sign_in("it").await);
    let mut request = format!("ws://{server}/api/v1/sites/{SITE}/feed?view=pad").into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "yichuang, bearer.demo-pad".parse().expect("a header"));
    let (mut pad, _) = tokio_tungstenite::connect_async(request).await.expect("the pad's feed");
    assert!(matches!(pad.next().await, Some(Ok(Message::Text(_)))), "a snapshot");
    let online = || async {
        let listed = app.get(&it, "/api/v1/devices").await;
        let items = listed.body["items"].as_array().expect("devices").clone();
        items.iter().find(|item| item["id"] == "dev_dc_demo-pad").expect("the pad")["online"] == true
    };
    assert!(online().await);
    assert_eq!(app.post(&it, "/api/v1/devices/dev_dc_demo-pad/revoke", json!({})).await.status, StatusCode::OK);
    let ended = async { while let Some(Ok(_)) = pad.next().await {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ended).await.expect("the feed of a revoked device ends");
    assert!(!online().await);
}

async fn a_slip_is_sent_until_it_is_on_paper(app: TestApp) {
    open_window(&app).await;
    let server = app.serve().await;
    let first = issue(&app, "one").await;
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    let (job, slip) = printer.job().await;
    assert_eq!((number(&slip), slip.reprint()), (first.body["number"].as_str().expect("a number").to_owned(), false));
    drop(printer);
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    assert_eq!(printer.job().await, (job.clone(), slip.clone()), "not acknowledged: again, the same");
    printer.say(&FromDevice::JobReceived { job_id: job.clone() }).await;
    drop(printer);
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    assert_eq!(printer.job().await.0, job, "its end is not known: again");
    let waiting = JobOutcome::Waiting { why: "paper_out".to_owned() };
    printer.say(&FromDevice::JobReport { job_id: job.clone(), outcome: waiting }).await;
    let it = app.sign_in("it").await;
    let jobs = format!("/api/v1/sites/{SITE}/print-jobs");
    let shown = loop {
        let listed = app.get(&it, &jobs).await;
        if listed.body["items"][0]["why"] == "paper_out" {
            break listed.body["items"][0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((shown["state"].as_str(), shown["title"].as_str()), (Some("at_printer"), Some("A001")));
    printer.printed(&job).await;
    issue(&app, "two").await;
    let (next, slip) = printer.job().await;
    assert_eq!(number(&slip), "A002");
    printer.printed(&next).await;
    drop(printer);
    // The report travels beside this request.
    while app.get(&it, &format!("{jobs}?state=printed")).await.body["items"].as_array().map(Vec::len) != Some(2) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    assert!(printer.is_quiet(500).await, "what is on paper is not sent again");

    let reprint = format!("{jobs}/{job}/reprint");
    let clerk = app.sign_in("clerk1").await;
    let missing = app.post(&clerk, &reprint, json!({})).await;
    assert_eq!((missing.status, missing.body["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("reason")));
    for replayed in [false, true] {
        let body = json!({ "reason": "张三的号票掉了" });
        let again = app.send(&clerk, Method::POST, &reprint, Some("r1"), Some(body)).await;
        assert_eq!((again.status, again.body["reprint"].as_bool(), again.replayed), (StatusCode::CREATED, Some(true), replayed));
    }
    let (again, slip) = printer.job().await;
    assert_eq!((number(&slip), slip.reprint()), ("A001".to_owned(), true));
    assert!(again != job && printer.is_quiet(300).await, "once for one key");
    let events = app.app.stores.events.events_after(SITE, 0, 1_000).await.expect("the log");
    let event = events.iter().find(|event| event.kind == "slip_reprinted").expect("it is in the log");
    assert!(event.body.contains(&job) && !event.body.contains("张三"), "{}", event.body);
}

#[tokio::test]
async fn in_memory_a_slip_is_sent_until_it_is_on_paper() {
    a_slip_is_sent_until_it_is_on_paper(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_slip_is_sent_until_it_is_on_paper() {
    a_slip_is_sent_until_it_is_on_paper(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_slip_is_sent_until_it_is_on_paper() {
    let database = tests::postgres::database();
    a_slip_is_sent_until_it_is_on_paper(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn two_printers_never_hold_the_same_slip() {
    const SLIPS: usize = 40;
    let app = TestApp::sqlite().await;
    open_window(&app).await;
    let (server, it) = (app.serve().await, app.sign_in("it").await);
    let (_, token) = paired(&app, &it, "printer").await;
    let (one, _) = DeviceLine::open(server, "demo-printer").await;
    let (other, _) = DeviceLine::open(server, &token).await;
    let (told, mut heard) = tokio::sync::mpsc::channel(SLIPS);
    for mut printer in [one, other] {
        let told = told.clone();
        tokio::spawn(async move {
            loop {
                let (job, slip) = printer.job().await;
                printer.printed(&job).await;
                told.send((job, number(&slip))).await.expect("the test listens");
            }
        });
    }
    for serial in 0..SLIPS {
        issue(&app, &format!("k{serial}")).await;
    }
    let mut jobs = Vec::new();
    for _ in 0..SLIPS {
        jobs.push(heard.recv().await.expect("a slip"));
    }
    let distinct: std::collections::BTreeSet<String> = jobs.iter().map(|(_, number)| number.clone()).collect();
    assert_eq!(distinct.len(), SLIPS, "{jobs:?}");
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(500), heard.recv()).await;
    assert!(quiet.is_err(), "nothing comes twice: {quiet:?}");
}

#[tokio::test]
async fn a_printer_without_paper_alarms_and_leaves_its_work_to_another() {
    let app = TestApp::memory().await;
    open_window(&app).await;
    let (server, it) = (app.serve().await, app.sign_in("it").await);
    let (second, token) = paired(&app, &it, "printer").await;
    let (mut one, _) = DeviceLine::open(server, "demo-printer").await;
    one.say(&FromDevice::Status { printer: Some(OUT), error: None }).await;
    let alerts = || async { app.app.stores.cases.alerts(SITE).await.expect("alerts") };
    while alerts().await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(alerts().await[0].kind, "printer_paper_out");
    issue(&app, "one").await;
    let (stuck, _) = one.job().await;
    issue(&app, "two").await;
    assert!(one.is_quiet(400).await, "one slip waits with it, no more");
    let (mut other, _) = DeviceLine::open(server, &token).await;
    let (job, slip) = other.job().await;
    assert_eq!((number(&slip), slip.reprint()), ("A002".to_owned(), false));
    other.printed(&job).await;
    one.say(&FromDevice::Status { printer: Some(PrinterStatus::READY), error: None }).await;
    while !alerts().await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!((logged(&app, "printer_stopped").await, logged(&app, "printer_ready").await), (1, 1));

    // The first is taken out of service: what it did not report is printed by the other, marked.
    let revoked = app.post(&it, "/api/v1/devices/dev_dc_demo-printer/revoke", json!({})).await;
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.body);
    let (again, slip) = other.job().await;
    assert_eq!((again, number(&slip), slip.reprint()), (stuck, "A001".to_owned(), true));
    assert!(!second.is_empty());
}

#[tokio::test]
async fn a_slip_of_yesterday_is_given_up() {
    let app = TestApp::memory().await;
    open_window(&app).await;
    issue(&app, "one").await;
    app.clock.advance(24 * 3_600_000);
    open_window(&app).await;
    issue(&app, "two").await;
    let server = app.serve().await;
    let (mut printer, _) = DeviceLine::open(server, "demo-printer").await;
    let (job, slip) = printer.job().await;
    let Slip::Ticket(ticket) = slip else { panic!("a ticket") };
    assert_eq!(ticket.issued_at_ms, tests::app::START_MS + 24 * 3_600_000);
    printer.printed(&job).await;
    let it = app.sign_in("it").await;
    let given_up = app.get(&it, &format!("/api/v1/sites/{SITE}/print-jobs?state=given_up")).await;
    assert_eq!(given_up.body["items"][0]["why"], Value::from("out_of_date"));
}
