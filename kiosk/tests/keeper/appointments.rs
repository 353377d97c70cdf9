//! Check-in while the line is cut: by the code alone, once, by the same windows of time as at the centre; and what of it
//! the entry says.

use domain::appointment::{Appointment, Event as AppointmentEvent, Origin, Place, Slot};
use domain::hall::BookableLine;
use domain::ids::{AppointmentId, PersonId};
use domain::time::MINUTE_MS;
use protocol::keeper::KeptBooking;

use super::*;

const CODE: &str = "K7M294QXA3BD5FGH";
const SHORT: &str = "K7M294QX";

fn place(begins_in_min: i64) -> Place {
    let starts_at = START_MS + begins_in_min * MINUTE_MS;
    Place { line_id: line(), slot: Slot { starts_at, ends_at: starts_at + 30 * MINUTE_MS } }
}

fn booking(name: &str, begins_in_min: i64, codes: (&str, &str)) -> KeptBooking {
    let appointment = Appointment::replay(&[AppointmentEvent::AppointmentBooked {
        appointment_id: AppointmentId::new("dc", name),
        site_id: SiteId::parse("demo-center").unwrap(),
        person_id: PersonId::new("dc", name),
        place: place(begins_in_min),
        matter_ids: Vec::new(),
        origin: Origin::Citizen,
        at: START_MS - 86_400_000,
    }])
    .unwrap();
    let hashed = |code: &str| kiosk::keeper::sha256_hex(&KeptBooking::hashed(&appointment.id, code));
    KeptBooking { holder_key: Some(format!("key-{name}")), code_hash: hashed(codes.0), short_hash: hashed(codes.1), appointment }
}

/// The hall with a line that takes appointments.
fn bookable() -> Hall {
    let hall = hall();
    let (mut doc, windows, tickets) = hall.parts();
    doc.policy.appointments.lines =
        vec![BookableLine { line_id: line(), slot_min: 30, capacity: 2, week: Default::default(), special_days: Vec::new() }];
    Hall::from_parts(doc, windows, tickets)
}

async fn with_bookings(folder: &Path, bookings: Vec<KeptBooking>) -> Keeper {
    let keeper = open(folder);
    follow(&keeper, &hall(), 0);
    tell(&keeper, ToKeeper::Bookings(bookings));
    keeper.on_event(&SessionEvent::Frame(snapshot(&bookable())));
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    assert!(keeper.is_deciding());
    keeper
}

fn retry(key: &str) -> Option<RetryKey> {
    Some(RetryKey::new("dev_dc_kiosk", "SESSION", "/devices/session", key, b"{}", 1_000))
}

#[tokio::test(start_paused = true)]
async fn an_appointment_is_found_by_its_code_alone() {
    let folder = TempDir::new().unwrap();
    let keeper =
        with_bookings(folder.path(), vec![booking("one", 10, (CODE, SHORT)), booking("two", 20, ("0".repeat(16).as_str(), "00000000"))])
            .await;
    assert!(keeper.lines()[0].bookable, "the kiosk offers check-in");
    for typed in [SHORT, "k7m2 94qx", CODE, &format!("https://hall.test/book/{CODE}")] {
        let found = keeper.find_bookings(typed);
        let items = found.body["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 1, "{typed}: {}", found.body);
        assert_eq!((items[0]["state"].as_str(), items[0]["name"].as_str()), (Some("booked"), None), "nothing of the person");
        assert!(items[0]["starts_at"].as_str().unwrap().starts_with("2026-11-24T10:10"), "{}", items[0]);
    }
    assert_eq!(keeper.find_bookings("ZZZZZZZZ").body["items"], json!([]));
    for personal in ["13800005678", "150102199003074514", "", "王小明"] {
        let refused = keeper.find_bookings(personal);
        assert_eq!((refused.status, refused.body["code"].as_str()), (503, Some("by_code_only")), "{personal}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_checks_in_has_one_number_and_the_entry_names_the_appointment() {
    let folder = TempDir::new().unwrap();
    let one = booking("one", 10, (CODE, SHORT));
    let id = one.appointment.id.clone();
    let number = {
        let keeper = with_bookings(folder.path(), vec![one]).await;
        let given = keeper.check_in(&Who::Kiosk, id.as_str(), false, retry("k1"));
        assert_eq!((given.status, given.body["number"].as_str()), (201, Some("AK001")), "{}", given.body);
        let again = keeper.check_in(&Who::Kiosk, id.as_str(), false, retry("k1"));
        assert_eq!((again.replayed, &again.body["number"]), (true, &given.body["number"]), "the same touch");
        assert_eq!(keeper.unprinted().unwrap().len(), 1);
        given.body["number"].clone()
    };
    let keeper = open(folder.path());
    let other = keeper.check_in(&Who::Kiosk, id.as_str(), false, retry("k2"));
    assert_eq!((other.status, &other.body["number"]), (200, &number), "another touch, also after a restart");
    assert_eq!(keeper.find_bookings(SHORT).body["items"][0]["state"], "checked_in");
    let unknown = keeper.check_in(&Who::Kiosk, "ap_dc_none", false, retry("k3"));
    assert_eq!(unknown.status, 404, "{}", unknown.body);

    keeper.on_event(&SessionEvent::Connected(config()));
    let sent = tell(&keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken: 0 });
    let [FromDevice::Keeper(FromKeeper::Entry(entry))] = &sent[..] else { panic!("one entry: {sent:?}") };
    let text: EntryText = serde_json::from_str(&entry.text).unwrap();
    let check_in = text.check_in.unwrap();
    assert_eq!((check_in.appointment_id, check_in.place, check_in.late), (id, place(10), false));
    let Command::Issue(new) = text.decision.command else { panic!("a number") };
    assert!(new.appointment.is_some() && new.holder_key.as_deref() == Some("key-one"));
}

#[tokio::test(start_paused = true)]
async fn the_windows_of_time_are_those_of_the_centre() {
    let folder = TempDir::new().unwrap();
    let bookings = vec![booking("early", 60, (CODE, SHORT)), booking("over", -60, ("1".repeat(16).as_str(), "11111111"))];
    let (early, over) = (bookings[0].appointment.id.clone(), bookings[1].appointment.id.clone());
    let keeper = with_bookings(folder.path(), bookings).await;
    let refused = keeper.check_in(&Who::Kiosk, early.as_str(), false, retry("k1"));
    assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("check_in_too_early")), "{}", refused.body);
    assert!(refused.body["opens_at"].as_str().unwrap().starts_with("2026-11-24T10:30"), "{}", refused.body);
    let refused = keeper.check_in(&Who::Kiosk, over.as_str(), false, retry("k2"));
    assert_eq!((refused.status, refused.body["code"].as_str()), (409, Some("appointment_void")), "{}", refused.body);
    assert_eq!(keeper.state().unsent, 0, "refusals are not written down");
    pass(31 * MINUTE_MS).await;
    assert_eq!(keeper.check_in(&Who::Kiosk, early.as_str(), true, retry("k3")).status, 201);
    assert!(keeper.unprinted().unwrap().is_empty(), "who wants no slip gets none");
}
