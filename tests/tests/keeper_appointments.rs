//! A check-in and a touch on both sides of a cut: the real core of the keeper and the real use cases, told of each other
//! over a line that is there or is not. What became of the appointment meanwhile is settled by a written rule.

use std::time::Duration;

use axum::http::Method;
use domain::hall::{Command, Priority};
use domain::ids::LineId;
use domain::keeper::{LEASE_MS, MARGIN_MS};
use domain::rights::Operation;
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::session::SessionEvent;
use kiosk::keeper::{Keeper, RetryKey, Who, fresh_ticket};
use protocol::device::{FromDevice, ToDevice};
use serde_json::{Value, json};
use server::app::caller::Caller;
use server::app::hall::{IssueRequest, load_hall};
use server::app::keeper::KeeperEnd;
use server::app::retry::{KEEP_DEVICE_MS, Retry};
use tempfile::TempDir;
use tests::app::{Actor, Answer, TestApp};
use tokio::time::Instant;

use super::appointments::{booking, make_bookable};
use super::keeper_http::{DEVICE, LINE, SITE, device, send};

const ELEVEN: &str = "2026-11-24T11:00:00.000+08:00";
const HALF_PAST: &str = "2026-11-24T11:30:00.000+08:00";
const MINUTE_MS: i64 = 60_000;

/// A hall and its keeper.
pub struct Hall {
    pub app: TestApp,
    pub supervisor: Actor,
    pub keeper: Keeper,
    clock: HallClock,
    end: Option<KeeperEnd>,
    pub folder: TempDir,
}

impl Hall {
    /// At 10:40 of a day whose line takes appointments; the keeper follows.
    pub async fn open(bookings: impl AsyncFnOnce(&TestApp)) -> Self {
        let app = TestApp::memory().await;
        make_bookable(&app, |_| {}).await;
        bookings(&app).await;
        app.clock.advance(40 * MINUTE_MS);
        let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
        let (status, body) = send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
        assert_eq!(status, 200, "{body}");
        let folder = TempDir::new().expect("a folder");
        let seal = Seal::in_folder(folder.path()).expect("a key");
        let clock = HallClock::starting_at(app.app.now());
        let keeper = Keeper::open(folder.path(), seal, clock.clone(), None).expect("a journal");
        let mut hall = Self { app, supervisor, keeper, clock, end: None, folder };
        hall.connect().await;
        let (status, body) =
            send(&hall.app, &hall.supervisor, Method::PUT, &format!("/sites/{SITE}/keeper"), json!({ "device_id": DEVICE })).await;
        assert_eq!(status, 200, "{body}");
        let frames = hall.end.as_mut().expect("a session").refresh().await.expect("the store answers");
        hall.pump(frames).await;
        assert!(hall.app.app.keepers.may_decide(SITE) && hall.keeper.passes_through());
        hall
    }

    pub async fn connect(&mut self) {
        self.end = Some(KeeperEnd::new(self.app.app.clone(), device(), None));
        let config = self.app.app.device_config(&device()).await.expect("a configuration");
        let said = self.keeper.on_event(&SessionEvent::Connected(config));
        self.hear(said).await;
    }

    /// Time passes on both sides.
    pub fn passes(&self, ms: i64) {
        self.app.clock.advance(ms);
        self.clock.set(self.clock.now_ms() + ms);
    }

    /// The keeper's program starts anew, by a machine's clock that is so much ahead.
    pub fn restarts(&mut self, ahead_ms: i64) {
        let seal = Seal::in_folder(self.folder.path()).expect("a key");
        self.clock = HallClock::starting_at(self.app.app.now() + ahead_ms);
        self.keeper = Keeper::open(self.folder.path(), seal, self.clock.clone(), None).expect("a journal");
    }

    /// The keeper gives a number.
    pub fn gives(&self, key: &str) -> String {
        let line = LineId::parse(LINE).expect("a line");
        let ticket = fresh_ticket("dc", &[line], Vec::new(), Priority::Ordinary, self.keeper.now_ms()).expect("randomness");
        let retry = RetryKey::new(DEVICE, "SESSION", "/devices/session", key, b"{}", KEEP_DEVICE_MS);
        let given = self.keeper.command(&Who::Kiosk, &Command::Issue(ticket), Some(retry));
        given.body["number"].as_str().unwrap_or_else(|| panic!("a number: {}", given.body)).to_owned()
    }

    /// What the keeper says reaches the server, and what that says the keeper, until nobody has more to say.
    async fn hear(&mut self, mut said: Vec<FromDevice>) {
        while !said.is_empty() {
            let mut told = Vec::new();
            for frame in std::mem::take(&mut said) {
                let FromDevice::Keeper(frame) = frame else { continue };
                told.extend(self.end.as_mut().expect("a session").hear(frame).await.expect("the store answers"));
            }
            said = told.into_iter().flat_map(|frame| self.keeper.on_event(&SessionEvent::Frame(frame))).collect();
        }
    }

    async fn pump(&mut self, frames: Vec<ToDevice>) {
        let said = frames.into_iter().flat_map(|frame| self.keeper.on_event(&SessionEvent::Frame(frame))).collect();
        self.hear(said).await;
    }

    /// Nothing reaches the other side any more; the service has its lease for some seconds.
    pub fn cut(&mut self) {
        self.end = None;
        self.keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
    }

    pub async fn takes_over(&self) {
        tokio::time::advance(Duration::from_millis((LEASE_MS + MARGIN_MS).unsigned_abs())).await;
        self.keeper.tick();
        assert!(self.keeper.is_deciding() && !self.app.app.keepers.may_decide(SITE));
    }

    /// The line is back and everything is handed over.
    pub async fn back(&mut self) {
        self.connect().await;
        for _ in 0..20 {
            if !self.keeper.is_deciding() && self.keeper.state().unsent == 0 {
                break;
            }
            let said = self.keeper.tick();
            self.hear(said).await;
        }
        assert_eq!((self.keeper.is_deciding(), self.keeper.state().unsent), (false, 0));
    }

    fn check_in(&self, id: &str, key: &str) -> String {
        let body = serde_json::to_vec(&protocol::device::DeviceCommand::CheckIn { appointment_id: id.to_owned(), no_slip: false })
            .expect("a body");
        let retry = RetryKey::new(DEVICE, "SESSION", "/devices/session", key, &body, KEEP_DEVICE_MS);
        let given = self.keeper.check_in(&Who::Kiosk, id, false, Some(retry));
        assert_eq!(given.status, 201, "{}", given.body);
        given.body["number"].as_str().expect("a number").to_owned()
    }

    /// The same appointment at the centre's address, by a touch of its own.
    async fn checks_in_at_centre(&self, id: &str) -> Answer {
        let kiosk = Actor::Device("demo-kiosk".to_owned());
        self.app.send(&kiosk, Method::POST, &format!("/api/v1/appointments/{id}/check-in"), Some("centre"), Some(json!({}))).await
    }

    /// What the supervisor has to look at: rule and words.
    pub async fn rules(&self) -> Vec<(String, String)> {
        // A session ends after a while, by the clock that was moved.
        let supervisor = self.app.sign_in("supervisor").await;
        let listed = self.app.get(&supervisor, &format!("/api/v1/sites/{SITE}/keeper/entries")).await.body;
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        listed["items"].as_array().expect("entries").iter().map(|entry| (text(entry, "rule"), text(entry, "text"))).collect()
    }

    /// State of an appointment, and the number of the ticket that it became.
    async fn appointment(&self, id: &str) -> (String, Option<String>) {
        let row = self.app.app.stores.appointments.appointment(SITE, id).await.expect("the store answers").expect("the appointment");
        let number = match &row.ticket_id {
            Some(ticket) => self.app.app.stores.halls.ticket(SITE, ticket).await.expect("the store answers").map(|ticket| ticket.number),
            None => None,
        };
        (row.state, number)
    }

    pub async fn numbers(&self) -> Vec<String> {
        let hall = load_hall(&self.app.app.stores, SITE).await.expect("a hall");
        hall.tickets().filter(|ticket| ticket.state.name() == "waiting").map(|ticket| ticket.number.clone()).collect()
    }
}

/// An appointment of a person at eleven: id, code and short code.
async fn booked(app: &TestApp, person: usize) -> (String, String, String) {
    let answer = app.post(&Actor::Nobody, "/api/v1/appointments", booking(person, ELEVEN)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let text = |name: &str| answer.body[name].as_str().expect("booked").to_owned();
    (text("id"), text("code"), text("short_code"))
}

#[tokio::test(start_paused = true)]
async fn who_checks_in_without_the_line_has_used_the_appointment_at_the_centre() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (id, code, short) = one.expect("booked");
    hall.cut();
    hall.takes_over().await;
    for typed in [&code, &short, &format!("http://yichuang.test/book/{code}")] {
        let found = hall.keeper.find_bookings(typed);
        assert_eq!(found.body["items"][0]["id"], id.as_str(), "{typed}: {}", found.body);
    }
    assert_eq!(hall.check_in(&id, "k1"), "AK001");
    hall.back().await;
    assert_eq!(hall.appointment(&id).await, ("checked_in".to_owned(), Some("AK001".to_owned())));
    assert!(hall.rules().await.is_empty(), "nothing to look at");
    // Said again to the centre, the touch gives the same number.
    let again = hall.checks_in_at_centre(&id).await;
    assert_eq!((again.status.as_u16(), again.body["number"].as_str()), (200, Some("AK001")), "{}", again.body);
    let ticket = load_hall(&hall.app.app.stores, SITE).await.expect("a hall").tickets().next().expect("the ticket").clone();
    assert!(ticket.appointment.is_some() && ticket.holder.is_some(), "it is an appointment's number: {ticket:?}");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_was_cancelled_meanwhile_stays_cancelled_and_the_number_is_good() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (id, code, _) = one.expect("booked");
    hall.cut();
    hall.takes_over().await;
    let cancelled = hall.app.post(&Actor::Nobody, &format!("/api/v1/appointments/by-code/{code}/cancel"), json!({})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    hall.check_in(&id, "k1");
    hall.back().await;
    assert_eq!(hall.appointment(&id).await, ("cancelled".to_owned(), None));
    assert_eq!(hall.numbers().await, ["AK001"], "what was issued stays valid");
    let rules = hall.rules().await;
    assert_eq!((rules.len(), rules[0].0.as_str()), (1, "appointment_cancelled"), "{rules:?}");
    assert!(rules[0].1.contains("取消"), "{rules:?}");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_was_used_at_the_centre_keeps_its_first_number() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (id, ..) = one.expect("booked");
    // The service has its lease for some seconds, and nobody in the hall hears what it does.
    hall.cut();
    let there = hall.checks_in_at_centre(&id).await;
    assert_eq!((there.status.as_u16(), there.body["number"].as_str()), (201, Some("A001")), "{}", there.body);
    hall.takes_over().await;
    hall.check_in(&id, "k1");
    hall.back().await;
    assert_eq!(hall.appointment(&id).await, ("checked_in".to_owned(), Some("A001".to_owned())));
    let mut numbers = hall.numbers().await;
    numbers.sort_unstable();
    assert_eq!(numbers, ["A001", "AK001"], "both are valid");
    assert_eq!(hall.rules().await[0].0, "appointment_used");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_counted_as_missed_is_used_because_the_person_came() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (id, ..) = one.expect("booked");
    hall.cut();
    hall.takes_over().await;
    hall.check_in(&id, "k1");
    hall.passes(90 * MINUTE_MS);
    hall.app.app.watch_appointments().await.expect("the timer");
    assert_eq!(hall.appointment(&id).await.0, "no_show");
    hall.back().await;
    assert_eq!(hall.appointment(&id).await, ("checked_in".to_owned(), Some("AK001".to_owned())));
    assert_eq!(hall.rules().await[0].0, "appointment_missed");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_was_moved_meanwhile_is_used_because_the_person_came() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (id, code, _) = one.expect("booked");
    hall.cut();
    let path = format!("/api/v1/appointments/by-code/{code}/change");
    let tomorrow = HALF_PAST.replace("-24T", "-25T");
    let changed = hall.app.post(&Actor::Nobody, &path, json!({ "starts_at": tomorrow })).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    hall.takes_over().await;
    hall.check_in(&id, "k1");
    hall.back().await;
    assert_eq!(hall.appointment(&id).await, ("checked_in".to_owned(), Some("AK001".to_owned())));
    assert_eq!(hall.rules().await[0].0, "appointment_changed");
}

#[tokio::test(start_paused = true)]
async fn what_the_keeper_is_told_of_appointments_names_nobody_and_is_told_anew_when_it_changes() {
    let mut one = None;
    let mut hall = Hall::open(async |app| one = Some(booked(app, 1).await)).await;
    let (_, code, short) = one.expect("booked");
    let end = hall.end.as_mut().expect("a session");
    assert!(end.refresh().await.expect("the store answers").is_empty(), "nothing changed");
    let tomorrow = HALF_PAST.replace("-24T", "-25T");
    let other = hall.app.post(&Actor::Nobody, "/api/v1/appointments", booking(2, &tomorrow)).await;
    assert_eq!(other.status, 201, "{}", other.body);
    let told = serde_json::to_string(&hall.end.as_mut().expect("a session").refresh().await.expect("the store answers")).expect("JSON");
    assert!(told.contains("bookings"), "{told}");
    for personal in ["王小明", "13900000001", "13900000002", &code, &short] {
        assert!(!told.contains(personal), "{personal} in {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_touch_that_gave_a_number_on_both_sides_keeps_the_one_on_paper() {
    let mut hall = Hall::open(async |_| {}).await;
    hall.cut();
    let body = br#"{"line":"demo"}"#;
    let permit = Caller::Device(device()).permit(Operation::IssueTicket, SITE).expect("a kiosk may");
    let request = IssueRequest { line_id: Some(LINE.to_owned()), ..IssueRequest::default() };
    let retry = Retry::new(DEVICE, "SESSION", "/devices/session", "touch", body, KEEP_DEVICE_MS);
    let unheard = hall.app.app.issue_ticket(&permit, request, Some(retry)).await.expect("a number");
    assert_eq!(unheard.body["number"], "A001");
    hall.takes_over().await;
    let line = LineId::parse(LINE).expect("a line");
    let ticket = fresh_ticket("dc", &[line], Vec::new(), Priority::Ordinary, hall.keeper.now_ms()).expect("randomness");
    let retry = RetryKey::new(DEVICE, "SESSION", "/devices/session", "touch", body, KEEP_DEVICE_MS);
    let heard = hall.keeper.command(&Who::Kiosk, &Command::Issue(ticket), Some(retry));
    assert_eq!(heard.body["number"], "AK001", "{}", heard.body);
    hall.back().await;
    assert_eq!(hall.numbers().await, ["AK001"], "the other was given up");
    let rules = hall.rules().await;
    assert_eq!((rules.len(), rules[0].0.as_str()), (1, "same_touch"), "{rules:?}");
}

#[tokio::test(start_paused = true)]
async fn check_ins_of_a_term_that_is_over_use_their_appointments_too() {
    let (mut one, mut two) = (None, None);
    let mut hall = Hall::open(async |app| (one, two) = (Some(booked(app, 1).await), Some(booked(app, 2).await))).await;
    let ((first, ..), (second, ..)) = one.zip(two).expect("booked");
    hall.cut();
    hall.takes_over().await;
    hall.check_in(&first, "k1");
    hall.check_in(&second, "k2");
    let why = json!({ "reason": "线路修不好" });
    let (status, body) = send(&hall.app, &hall.supervisor, Method::POST, &format!("/sites/{SITE}/keeper/release"), why).await;
    assert_eq!(status, 200, "{body}");
    hall.back().await;
    assert_eq!(hall.appointment(&first).await, ("checked_in".to_owned(), Some("AK001".to_owned())));
    assert_eq!(hall.appointment(&second).await, ("checked_in".to_owned(), Some("AK002".to_owned())));
    assert!(hall.rules().await.is_empty(), "nothing to look at");
}
