//! Appointments over HTTP: a place is kept for one, by however many callers and processes; from booking
//! over change and check-in to a number of the one queue; who does not come; a day that closes afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use domain::hall::{Class, Ticket};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const CALLERS: usize = 64;
const PLACES: usize = 5;
const HOUR_MS: i64 = 3_600_000;
/// A Wednesday, the day after the test's clock starts at 10:00.
const NINE: &str = "2026-11-25T09:00:00.000+08:00";
const TEN: &str = "2026-11-25T10:00:00.000+08:00";

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

/// Lets the sample's line be booked: every day 9:00 to 12:00, in slots of half an hour.
pub async fn make_bookable(app: &TestApp, change: impl Fn(&mut Value)) {
    let (admin, path) = (app.sign_in("admin").await, format!("/api/v1/sites/{SITE}/policy"));
    let mut wanted = app.get(&admin, &path).await.body;
    let day = json!([{ "from_minute": 540, "to_minute": 720 }]);
    let line = json!({ "line_id": LINE, "slot_min": 30, "capacity": PLACES, "week": vec![day; 7] });
    wanted["policy"]["appointments"]["lines"] = json!([line]);
    change(&mut wanted);
    let changed = app.send(&admin, Method::PUT, &path, None, Some(wanted)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
}

/// A mobile number of its own for each person.
fn phone(person: usize) -> String {
    format!("139{person:08}")
}

pub fn booking(person: usize, starts_at: &str) -> Value {
    json!({ "site_id": SITE, "line_id": LINE, "starts_at": starts_at, "holder": { "name": "王小明", "phone": phone(person) } })
}

async fn book(app: &TestApp, person: usize, starts_at: &str) -> Answer {
    app.post(&Actor::Nobody, "/api/v1/appointments", booking(person, starts_at)).await
}

async fn left(app: &TestApp, starts_at: &str) -> u64 {
    let path = format!("/api/v1/sites/{SITE}/appointment-slots?line_id={LINE}&date={}", &starts_at[..10]);
    let slots = app.get(&Actor::Nobody, &path).await;
    assert_eq!(slots.status, StatusCode::OK, "{}", slots.body);
    let same = |slot: &&Value| slot["starts_at"].as_str().is_some_and(|at| at == starts_at);
    let slot = slots.body["slots"].as_array().expect("slots").iter().find(same).cloned();
    slot.unwrap_or_else(|| panic!("{starts_at} in {}", slots.body))["left"].as_u64().expect("a count")
}

/// `CALLERS` people at once, spread over services, for the places of one slot.
async fn a_place_is_kept_for_one(services: Vec<Arc<TestApp>>) {
    make_bookable(&services[0], |_| {}).await;
    let mut callers = Vec::new();
    for person in 0..CALLERS {
        let app = services[person % services.len()].clone();
        callers.push(tokio::spawn(async move {
            // What is busy says so and has booked nothing; people try again.
            loop {
                let answer = book(&app, person, NINE).await;
                if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                    return answer;
                }
            }
        }));
    }
    let (mut codes, mut refused) = (BTreeSet::new(), 0);
    for caller in callers {
        let answer = caller.await.expect("no panic");
        match answer.status {
            StatusCode::CREATED => assert!(codes.insert(answer.body["code"].as_str().expect("a code").to_owned())),
            StatusCode::CONFLICT => {
                assert_eq!(answer.body["code"], "slot_full");
                refused += 1;
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert_eq!((codes.len(), refused), (PLACES, CALLERS - PLACES));
    let app = &services[0];
    let rows = app.app.stores.appointments.appointments_between(SITE, "2026-11-25", "2026-11-25", None).await.expect("rows");
    assert_eq!(rows.iter().filter(|row| row.state == "booked").count(), PLACES);
    assert_eq!(left(app, NINE).await, 0);
    let freed = codes.first().expect("a code");
    let path = format!("/api/v1/appointments/by-code/{freed}/cancel");
    assert_eq!(app.post(&Actor::Nobody, &path, json!({})).await.status, StatusCode::OK);
    assert_eq!(left(app, NINE).await, 1);
    assert_eq!(book(app, CALLERS, NINE).await.status, StatusCode::CREATED, "a place that was given up is free");
}

async fn from_booking_to_number(app: TestApp) {
    // One number a day for those without an appointment.
    make_bookable(&app, |wanted| {
        for line in wanted["lines"].as_array_mut().into_iter().flatten().filter(|line| line["id"] == LINE) {
            line["daily_contingent"] = json!(1);
        }
    })
    .await;
    let lines = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/appointment-lines")).await;
    assert_eq!(lines.body["items"][0]["days"][1], json!({ "date": "2026-11-25", "left": 30, "closed": null }));
    let send = |key: &'static str| app.send(&Actor::Nobody, Method::POST, "/api/v1/appointments", Some(key), Some(booking(1, NINE)));
    let (first, again) = (send("one").await, send("one").await);
    assert_eq!((first.status, &first.body, again.replayed), (StatusCode::CREATED, &again.body, true));
    let (id, code) = (first.body["id"].as_str().expect("an id"), first.body["code"].as_str().expect("a code"));
    let other = send("two").await;
    assert_eq!((other.status, &other.body["code"]), (StatusCode::CONFLICT, &json!("already_booked")));
    let own = format!("/api/v1/appointments/by-code/{code}");
    let changed = app.post(&Actor::Nobody, &format!("{own}/change"), json!({ "starts_at": TEN })).await;
    assert_eq!((changed.status, &changed.body["starts_at"]), (StatusCode::OK, &json!(TEN)));
    assert_eq!((left(&app, NINE).await, left(&app, TEN).await), (PLACES as u64, PLACES as u64 - 1));
    // By staff, for somebody who calls.
    let clerk = app.sign_in("clerk1").await;
    let found = app.post(&clerk, &format!("/api/v1/sites/{SITE}/appointments/find"), json!({ "text": phone(1) })).await;
    assert_eq!((&found.body["items"][0]["id"], &found.body["items"][0]["phone"]), (&json!(id), &json!("139****0001")));
    let back = app.post(&clerk, &format!("/api/v1/appointments/{id}/change"), json!({ "starts_at": NINE })).await;
    assert_eq!((back.status, &back.body["starts_at"]), (StatusCode::OK, &json!(NINE)));
    checks_in(&app, id, code).await;
}

async fn checks_in(app: &TestApp, id: &str, code: &str) {
    let path = format!("/api/v1/appointments/{id}/check-in");
    let kiosk = kiosk();
    let at_kiosk = |key: &'static str| app.send(&kiosk, Method::POST, &path, Some(key), Some(json!({})));
    let early = app.send(&kiosk, Method::POST, &path, Some("early"), Some(json!({}))).await;
    assert_eq!((early.status, &early.body["code"]), (StatusCode::CONFLICT, &json!("check_in_too_early")));
    assert_eq!(early.body["opens_at"], "2026-11-25T08:30:00.000+08:00");
    app.clock.advance(22 * HOUR_MS + HOUR_MS * 2 / 3);
    let clerk = app.sign_in("clerk1").await;
    let opened = app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    // The kiosk's scanner reads the address in the QR.
    let find = format!("/api/v1/sites/{SITE}/appointments/find");
    let scanned = json!({ "text": format!("http://yichuang.test/book/{code}") });
    let found = app.send(&kiosk, Method::POST, &find, Some("find"), Some(scanned)).await;
    let item = &found.body["items"][0];
    assert_eq!((&item["id"], &item["name"], &item["phone"], &item["code"]), (&json!(id), &json!("王*明"), &Value::Null, &Value::Null));
    let tickets = format!("/api/v1/sites/{SITE}/tickets");
    let ordinary = |key: &'static str| app.send(&kiosk, Method::POST, &tickets, Some(key), Some(json!({ "line_id": LINE })));
    assert_eq!(ordinary("o1").await.status, StatusCode::CREATED);
    assert_eq!(ordinary("o2").await.body["code"], "contingent_used", "but an appointment has its place");
    let number = at_kiosk("in").await;
    assert_eq!(number.status, StatusCode::CREATED, "{}", number.body);
    let (again, twice) = (at_kiosk("in").await, at_kiosk("in-again").await);
    assert_eq!((again.status, &again.body, again.replayed), (StatusCode::CREATED, &number.body, true));
    assert_eq!((twice.status, &twice.body["id"]), (StatusCode::OK, &number.body["id"]));
    let ticket_id = number.body["id"].as_str().expect("an id");
    let row = app.app.stores.halls.ticket(SITE, ticket_id).await.expect("the store").expect("the ticket");
    let ticket: Ticket = serde_json::from_str(&row.doc).expect("a ticket");
    assert_eq!(ticket.class(), Class::Appointment);
    assert_eq!(ticket.appointment.expect("the appointment").appointment_id.as_str(), id);
    let read = app.get(&Actor::Nobody, &format!("/api/v1/appointments/by-code/{code}")).await;
    assert_eq!((&read.body["state"], &read.body["ticket_id"]), (&json!("checked_in"), &json!(ticket_id)));
    let listed = app.get(&clerk, &tickets).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2), "one queue, one number");
    let events = app.app.stores.events.events_of(SITE, "appointment", id).await.expect("events");
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["appointment_booked", "appointment_changed", "appointment_changed", "appointment_checked_in"]);
    assert!(events.iter().all(|event| !event.body.contains("王") && !event.body.contains(&phone(1)) && !event.body.contains(code)));
}

/// The way of the contract for who takes numbers by one route: the appointment alone, of this site.
async fn a_number_by_the_route_of_tickets(app: TestApp) {
    make_bookable(&app, |_| {}).await;
    let booked = book(&app, 3, NINE).await;
    let id = booked.body["id"].as_str().expect("an id").to_owned();
    app.clock.advance(23 * HOUR_MS);
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
    let (path, kiosk) = (format!("/api/v1/sites/{SITE}/tickets"), kiosk());
    let take = |key: &'static str, body: Value| app.send(&kiosk, Method::POST, &path, Some(key), Some(body));
    for (key, body, code) in [
        ("k1", json!({ "appointment_id": "ap_dc_nobody" }), "unknown"),
        ("k2", json!({ "appointment_id": "x" }), "unknown"),
        ("k3", json!({ "appointment_id": id, "line_id": LINE }), "one_of"),
        ("k4", json!({ "appointment_id": id, "priority": "green" }), "one_of"),
    ] {
        let wrong = take(key, body).await;
        let error = &wrong.body["errors"][0];
        assert_eq!(
            (wrong.status.as_u16(), &error["field"], &error["code"]),
            (422, &json!("appointment_id"), &json!(code)),
            "{}",
            wrong.body
        );
    }
    let elsewhere = app.sign_in("clerk-sumu").await;
    let theirs = app.post(&elsewhere, "/api/v1/sites/demo-sumu/tickets", json!({ "appointment_id": id })).await;
    assert_eq!((theirs.status, &theirs.body["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")), "another site's");
    let number = take("k5", json!({ "appointment_id": id })).await;
    assert_eq!((number.status, &number.body["line_id"]), (StatusCode::CREATED, &json!(LINE)), "{}", number.body);
    let again = take("k5", json!({ "appointment_id": id })).await;
    assert_eq!((again.status, &again.body, again.replayed), (StatusCode::CREATED, &number.body, true));
    let read = app.get(&clerk, &format!("/api/v1/appointments/{id}")).await;
    assert_eq!((&read.body["state"], &read.body["ticket_id"]), (&json!("checked_in"), &number.body["id"]));
}

/// Slots that became longer or shorter hold those who booked before.
async fn places_over_a_change_of_slots(app: TestApp) {
    make_bookable(&app, |_| {}).await;
    for person in 0..3 {
        assert_eq!(book(&app, person, NINE).await.status, StatusCode::CREATED);
    }
    make_bookable(&app, |wanted| wanted["policy"]["appointments"]["lines"][0]["slot_min"] = json!(15)).await;
    let quarter = "2026-11-25T09:15:00.000+08:00";
    assert_eq!(left(&app, quarter).await, 2, "three come between nine and half past");
    for (person, status) in [(3, StatusCode::CREATED), (4, StatusCode::CREATED), (5, StatusCode::CONFLICT)] {
        assert_eq!(book(&app, person, quarter).await.status, status);
    }
    make_bookable(&app, |wanted| wanted["policy"]["appointments"]["lines"][0]["slot_min"] = json!(60)).await;
    assert_eq!(left(&app, NINE).await, 0);
}

/// One number for all: who answers it for the district, or at the guide desk of a hall above, books everywhere below.
async fn one_number_for_all(app: TestApp) {
    make_bookable(&app, |_| {}).await;
    let (district, guide) = (app.sign_in("district").await, app.sign_in("guide1").await);
    let path = format!("/api/v1/sites/{SITE}/appointments");
    let mut wanted = booking(4, NINE);
    wanted.as_object_mut().expect("a body").remove("site_id");
    let booked = app.post(&district, &path, wanted).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{}", booked.body);
    let id = booked.body["id"].as_str().expect("an id");
    let found = app.post(&district, &format!("{path}/find"), json!({ "text": phone(4) })).await;
    assert_eq!((found.status, &found.body["items"][0]["id"]), (StatusCode::OK, &json!(id)), "{}", found.body);
    let changed = app.post(&district, &format!("/api/v1/appointments/{id}/change"), json!({ "starts_at": TEN })).await;
    assert_eq!((changed.status, &changed.body["starts_at"]), (StatusCode::OK, &json!(TEN)));
    let reveal = json!({ "fields": ["name", "phone"], "reason": "那天关门，打电话改约" });
    let told = app.post(&district, &format!("/api/v1/appointments/{id}/reveal"), reveal).await;
    assert_eq!((told.status, &told.body["phone"]), (StatusCode::OK, &json!(phone(4))), "{}", told.body);
    // The number itself is given where the person comes.
    let check_in = app.post(&district, &format!("/api/v1/appointments/{id}/check-in"), json!({})).await;
    assert_eq!(check_in.status, StatusCode::FORBIDDEN);
    let cancelled = app.post(&district, &format!("/api/v1/appointments/{id}/cancel"), json!({})).await;
    assert_eq!((cancelled.status, &cancelled.body["state"]), (StatusCode::OK, &json!("cancelled")));
    // A guide of the centre at a station below; not at a hall beside, nor above.
    for (site, status) in
        [("demo-station-1", StatusCode::OK), ("demo-sumu", StatusCode::NOT_FOUND), ("demo-district", StatusCode::NOT_FOUND)]
    {
        let list = app.get(&guide, &format!("/api/v1/sites/{site}/appointments")).await;
        assert_eq!(list.status, status, "{site}: {}", list.body);
        let find = app.post(&guide, &format!("/api/v1/sites/{site}/appointments/find"), json!({ "text": phone(4) })).await;
        assert_eq!(find.status, status, "{site}: {}", find.body);
    }
    let elsewhere = app.get(&app.sign_in("clerk-sumu").await, &path).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "whoever works at a window has the own hall");
}

async fn who_does_not_come(app: TestApp) {
    make_bookable(&app, |_| {}).await;
    let (first, second) = (book(&app, 1, NINE).await, book(&app, 2, "2026-11-26T09:00:00+08:00").await);
    let state = |answer: &Answer| format!("/api/v1/appointments/by-code/{}", answer.body["code"].as_str().expect("a code"));
    // 09:44 the next day: within the quarter of an hour after the slot.
    app.clock.advance(23 * HOUR_MS + 44 * 60_000);
    app.app.watch_appointments().await.expect("watched");
    assert_eq!(app.get(&Actor::Nobody, &state(&first)).await.body["state"], "booked");
    app.clock.advance(60_000);
    for _ in 0..2 {
        app.app.watch_appointments().await.expect("watched");
    }
    assert_eq!(app.get(&Actor::Nobody, &state(&first)).await.body["state"], "no_show");
    let id = first.body["id"].as_str().expect("an id");
    let events = app.app.stores.events.events_of(SITE, "appointment", id).await.expect("events");
    assert_eq!(events.iter().filter(|event| event.kind == "appointment_missed").count(), 1);
    let path = format!("/api/v1/appointments/{id}/check-in");
    let void = app.send(&kiosk(), Method::POST, &path, Some("late"), Some(json!({}))).await;
    assert_eq!((void.status, &void.body["code"]), (StatusCode::CONFLICT, &json!("appointment_state")));
    // The other one's day is closed after it was booked.
    make_bookable(&app, |wanted| {
        wanted["policy"]["appointments"]["lines"][0]["special_days"] = json!([{ "date": "2026-11-26", "spans": [] }]);
    })
    .await;
    for _ in 0..2 {
        app.app.watch_appointments().await.expect("watched");
    }
    let read = app.get(&Actor::Nobody, &state(&second)).await.body;
    assert_eq!((&read["state"], &read["closed"]["code"]), (&json!("booked"), &json!("closed")), "not silently dropped: {read}");
    let alerts = app.get(&app.sign_in("supervisor").await, "/api/v1/alerts").await;
    let told = alerts.body["items"].as_array().expect("alerts").iter().filter(|alert| alert["kind"] == "appointment_day_closed").count();
    assert_eq!(told, 1, "{}", alerts.body);
}

async fn wrong_fields_are_told_at_once(app: TestApp) {
    make_bookable(&app, |_| {}).await;
    let body = json!({ "site_id": SITE, "line_id": "x", "starts_at": "soon", "holder": { "phone": "123" } });
    let wrong = app.post(&Actor::Nobody, "/api/v1/appointments", body).await;
    let fields: BTreeSet<&str> =
        wrong.body["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, BTreeSet::from(["line_id", "starts_at", "holder.name", "holder.phone"]));
    let admin = app.sign_in("admin").await;
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = app.get(&admin, &path).await.body;
    policy["policy"]["appointments"]["lines"][0]["slot_min"] = json!(1);
    policy["policy"]["appointments"]["make_up_weekday"] = json!(9);
    let refused = app.send(&admin, Method::PUT, &path, None, Some(policy)).await;
    assert_eq!((refused.status, refused.body["errors"].as_array().map(Vec::len)), (StatusCode::UNPROCESSABLE_ENTITY, Some(2)));
    for (starts_at, code) in [
        ("2026-11-25T09:10:00+08:00", "unknown_slot"),
        ("2026-12-20T09:00:00+08:00", "too_far_ahead"),
        ("2026-11-24T10:30:00+08:00", "too_late_to_book"),
    ] {
        let answer = book(&app, 7, starts_at).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::CONFLICT, &json!(code)), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_place_is_kept_for_one() {
    a_place_is_kept_for_one(vec![Arc::new(TestApp::sqlite().await)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_place_is_kept_for_one_by_two_processes() {
    let database = tests::postgres::database();
    let one = TestApp::postgres(&database.url).await;
    let other = TestApp::postgres(&database.url).await;
    // Both draw from one sequence; far apart they never draw the same id.
    (0..1_000_000).for_each(|_| other.app.entropy.fill(&mut [0; 8]));
    a_place_is_kept_for_one(vec![Arc::new(one), Arc::new(other)]).await;
}

#[tokio::test]
async fn on_sqlite_an_appointment_gives_a_number_by_the_route_of_tickets() {
    a_number_by_the_route_of_tickets(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn in_memory_who_answers_the_one_number_books_everywhere_below() {
    one_number_for_all(TestApp::memory().await).await;
}

#[tokio::test]
async fn in_memory_places_count_over_a_change_of_slots() {
    places_over_a_change_of_slots(TestApp::memory().await).await;
}

#[tokio::test]
async fn in_memory_from_booking_to_number() {
    from_booking_to_number(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_from_booking_to_number() {
    from_booking_to_number(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_from_booking_to_number() {
    let database = tests::postgres::database();
    from_booking_to_number(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn in_memory_who_does_not_come_is_marked_and_a_closed_day_is_told() {
    who_does_not_come(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_who_does_not_come_is_marked_and_a_closed_day_is_told() {
    who_does_not_come(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn in_memory_wrong_fields_are_told_at_once() {
    wrong_fields_are_told_at_once(TestApp::memory().await).await;
}
