//! The field bag over HTTP, with the bag's own core and journal: received without a line, taken in days later as of that
//! day; what is altered, replayed, too late or of a revoked device is refused entry by entry and kept for review.

use axum::http::{Method, StatusCode};
use domain::bag::BagPerson;
use domain::time::{DAY_MS, HOUR_MS};
use edge::clock::HallClock;
use edge::seal::Seal;
use kiosk::keeper::bag::{Bag, BagErrand, Filled, Sent};
use protocol::bag::{BagEntryRequest, BagTaken};
use protocol::keeper::{Entry, FromKeeper, HallStaff};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::app::{Actor, START_MS, TestApp};

use super::keeper_http::{DEVICE, SITE, device, ready, send};
use crate::attachments::{form, form_type, png};
use crate::matter_versions::published;

const MATTER: &str = "m_dc_demo-promised";
const PIN: &str = "204815";
const NAME: &str = "巴特尔";
const ID_NUMBER: &str = "11010519491231002X";
const PHONE: &str = "13800138000";

/// A laptop with a bag that was packed.
struct Scene {
    app: TestApp,
    bag: Bag,
    helper: HallStaff,
    clerk: Actor,
    _folder: TempDir,
}

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

async fn scene_on(app: TestApp) -> Scene {
    let (clerk, helper) = (app.sign_in("clerk1").await, app.sign_in("helper1").await);
    let (status, body) = send(&app, &helper, Method::PUT, "/sessions/current/hall-pin", json!({ "pin": PIN })).await;
    assert_eq!(status, 204, "{body}");
    let folder = TempDir::new().expect("a folder");
    drop(ready(&app, &folder).await);
    let bag = Bag::open(folder.path(), Seal::in_folder(folder.path()).expect("a key"), HallClock::starting_at(START_MS)).expect("a bag");
    // Nobody's name before a person admitted it.
    let (method, path, kind, body) = BagErrand::House.request();
    let method: Method = method.parse().expect("a method");
    let refused = app.send_raw(&kiosk(), method, &format!("/api/v1{path}"), &[("content-type", kind)], body).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (StatusCode::FORBIDDEN, Some("not_admitted")), "{}", refused.body);
    let (it, candidate) = (app.sign_in("it").await, format!("/sites/{SITE}/keeper/candidates/{DEVICE}"));
    let (status, body) = send(&app, &it, Method::PUT, &candidate, json!({ "allowed": true })).await;
    assert_eq!(status, 200, "{body}");
    carry(&app, &bag).await;
    let house = bag.house().expect("packed");
    let helper = house.staff.into_iter().find(|staff| staff.username == "helper1").expect("the helper");
    Scene { app, bag, helper, clerk, _folder: folder }
}

async fn scene() -> Scene {
    scene_on(TestApp::memory().await).await
}

/// Asks the server what the bag asks next; `None` while there is nothing.
async fn step(app: &TestApp, bag: &Bag) -> Option<(BagErrand, StatusCode, Vec<u8>)> {
    let errand = bag.next_errand()?;
    let (method, path, kind, body) = errand.request();
    let method: Method = method.parse().expect("a method");
    let answer = app.send_raw(&kiosk(), method, &format!("/api/v1{path}"), &[("content-type", kind)], body).await;
    bag.answered(&errand, Some((answer.status.as_u16(), &answer.bytes)));
    Some((errand, answer.status, answer.bytes))
}

/// Carries everything that there is.
async fn carry(app: &TestApp, bag: &Bag) {
    while let Some((errand, status, bytes)) = step(app, bag).await {
        assert!(status.is_success(), "{:?}: {status} {}", errand.request().1, String::from_utf8_lossy(&bytes));
    }
}

/// Carries everything but the entry, which is given back.
async fn carry_contents(app: &TestApp, bag: &Bag) -> BagEntryRequest {
    loop {
        if let Some(BagErrand::Entry(request)) = bag.next_errand() {
            return *request;
        }
        let (errand, status, _) = step(app, bag).await.expect("something is to be carried");
        assert!(status.is_success(), "{errand:?}");
    }
}

async fn take(app: &TestApp, entry: &Entry) -> BagTaken {
    let request = BagEntryRequest { entry: entry.clone(), lost: Vec::new() };
    app.app.take_bag_entry(&device(), &request).await.expect("the store answers")
}

impl Scene {
    /// A photo as a telephone takes it: the small picture of another one is a JPEG.
    async fn jpeg(&self, shade: u8) -> Vec<u8> {
        let case = self.app.post(&self.clerk, "/api/v1/cases", crate::rights::house::case_body(&self.app, "demo-promised").await).await;
        let path = format!("/api/v1/cases/{}/attachments", case.body["id"].as_str().expect("a case"));
        let kind = form_type();
        let body = form(Some(("a.png", &png(40, 30, shade))), &[]);
        let added = self.app.send_raw(&self.clerk, Method::POST, &path, &[("content-type", kind.as_str())], body).await;
        let small = self.app.get(&self.clerk, added.body["thumbnail_url"].as_str().expect("a picture")).await;
        assert!(small.bytes.starts_with(&[0xFF, 0xD8, 0xFF]));
        small.bytes
    }

    /// Somebody is visited: an application of the promised matter, with photos.
    fn receive(&self, photos: &[Vec<u8>], change: impl FnOnce(&mut Filled)) -> Sent {
        let by = self.helper.staff_id.as_str();
        let begun = self.bag.begin(by, MATTER).expect("a draft");
        let matter = self.bag.matter(MATTER).expect("the matter");
        let first = &matter.materials[0].id;
        for photo in photos {
            self.bag.add_photo(by, begun.id.as_str(), first.as_str(), photo).expect("a photo");
        }
        let materials: Vec<Value> =
            matter.materials.iter().map(|material| json!({ "id": material.id, "status": "collected", "originals": 1 })).collect();
        let applicant = BagPerson {
            kind: "person".into(),
            name: NAME.into(),
            id_type: "resident_id".into(),
            id_number: ID_NUMBER.into(),
            phone: PHONE.into(),
            address: String::new(),
        };
        let mut filled: Filled = serde_json::from_value(json!({ "materials": materials, "applicant": applicant })).expect("a form");
        change(&mut filled);
        self.bag.fill(by, begun.id.as_str(), filled).expect("filled in");
        self.bag.receive(&self.helper, begun.id.as_str(), false).expect("received")
    }

    async fn case(&self, sent: &Sent) -> Value {
        let actor = self.app.sign_in("clerk1").await;
        let answer = self.app.get(&actor, &format!("/api/v1/cases/{}", sent.case_id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    async fn is_here(&self, sent: &Sent) -> bool {
        self.app.app.stores.cases.case(SITE, &sent.case_id).await.expect("the store").is_some()
    }

    async fn reviews(&self) -> Vec<Value> {
        let supervisor = self.app.sign_in("supervisor").await;
        let listed = self.app.get(&supervisor, &format!("/api/v1/sites/{SITE}/keeper/entries")).await.body;
        listed["items"].as_array().expect("entries").clone()
    }

    /// Verdict and rule of each entry that somebody must look at.
    async fn rules(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut rules: Vec<_> = self.reviews().await.iter().map(|entry| (text(&entry["verdict"]), text(&entry["rule"]))).collect();
        // Those of one moment are listed in any order.
        rules.sort();
        rules
    }
}

fn refused(rule: &str) -> (String, String) {
    ("refused".to_owned(), rule.to_owned())
}

fn settled(rule: &str) -> (String, String) {
    ("settled".to_owned(), rule.to_owned())
}

/// Nothing of the applicant stands readable in log, journal or outbox.
async fn nothing_personal(app: &TestApp) {
    let events = app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let entries = app.app.stores.keepers.keeper_entries_open(SITE, 1_000).await.expect("entries");
    let mut texts: Vec<String> = events.into_iter().map(|event| event.body).collect();
    texts.extend(entries.into_iter().flat_map(|entry| [entry.body, entry.text]));
    for kind in ["print", "notification", "report", "upload"] {
        texts.extend(app.app.stores.outbox.outbox_of(SITE, kind, 1_000).await.expect("rows").into_iter().map(|row| row.payload));
    }
    for told in [NAME, ID_NUMBER, PHONE] {
        assert!(texts.iter().all(|text| !text.contains(told)), "{told}");
    }
}

async fn of_the_day_of_the_visit(app: TestApp) {
    let scene = scene_on(app).await;
    let photos = [scene.jpeg(10).await, scene.jpeg(90).await];
    let sent = scene.receive(&photos, |_| {});
    // The laptop comes back two days later.
    scene.app.clock.advance(2 * DAY_MS);
    carry(&scene.app, &scene.bag).await;
    let case = scene.case(&sent).await;
    let told = (&case["number"], &case["state"], case["history"][0]["at"].as_str().map(|at| at[..10].to_owned()));
    assert_eq!(told, (&json!(sent.number), &json!("received"), Some("2026-11-24".to_owned())), "{case}");
    assert_eq!(sent.number, "DC20261124K0001");
    let attachments = case["attachments"].as_array().expect("files");
    assert_eq!((attachments.len(), attachments[0]["content_type"].as_str()), (2, Some("image/jpeg")));
    let clerk = scene.app.sign_in("clerk1").await;
    let file = scene.app.get(&clerk, attachments[0]["url"].as_str().expect("an address")).await;
    assert!(file.status == StatusCode::OK && photos.contains(&file.bytes));
    assert_eq!(scene.rules().await, [], "it is as if it had been received here");
    nothing_personal(&scene.app).await;
    // The limits count from that day.
    let here = scene.app.app.case_of_site(SITE, &sent.case_id).await.expect("the case");
    assert!((0..HOUR_MS).contains(&(here.receipt_at.expect("received") - START_MS)));
    assert_eq!(here.history.first().and_then(|entry| entry.by.clone()).map(String::from), Some(scene.helper.staff_id.clone()));
    // Whoever applied asks with the number and the code of the receipt.
    let asked = scene.app.get(&Actor::Nobody, &format!("/api/v1/tracking/{}", sent.tracking_code)).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
}

#[tokio::test]
async fn what_was_received_without_a_line_becomes_a_case_of_that_day() {
    of_the_day_of_the_visit(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_what_was_received_without_a_line_becomes_a_case_of_that_day() {
    of_the_day_of_the_visit(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn an_entry_is_taken_once_whatever_is_lost_on_the_way() {
    let scene = scene().await;
    let photo = scene.jpeg(10).await;
    let sent = scene.receive(&[photo], |_| {});
    let Some(BagErrand::Content { .. }) = scene.bag.next_errand() else { panic!("contents come first") };
    let request = carry_contents(&scene.app, &scene.bag).await;
    assert_eq!(take(&scene.app, &request.entry).await, BagTaken { through: 1, missing: Vec::new() });
    assert_eq!(take(&scene.app, &request.entry).await.through, 1, "the answer was lost, and it comes again");
    carry(&scene.app, &scene.bag).await;
    assert_eq!((scene.bag.state().unsent, scene.rules().await), (0, Vec::new()));
    assert!(scene.is_here(&sent).await);
    // A bag whose contents were forgotten here is asked for them.
    let other = scene.receive(&[scene.jpeg(200).await], |_| {});
    let request = carry_contents(&scene.app, &scene.bag).await;
    scene.app.clock.advance(DAY_MS + HOUR_MS);
    scene.app.app.forget_files().await.expect("the store");
    let told = take(&scene.app, &request.entry).await;
    assert_eq!((told.through, told.missing.len()), (1, 2), "nothing names them yet");
    carry(&scene.app, &scene.bag).await;
    assert!(scene.is_here(&other).await);
}

#[tokio::test]
async fn what_is_altered_replayed_too_late_or_of_a_revoked_device_is_refused_alone() {
    let scene = scene().await;
    let first = scene.receive(&[], |_| {});
    let request = carry_contents(&scene.app, &scene.bag).await;
    let altered = Entry { text: request.entry.text.replace("K0001", "K0009"), ..request.entry.clone() };
    assert_eq!(take(&scene.app, &altered).await.through, 1, "what is altered is kept and need not come again");
    assert_eq!(scene.rules().await, [refused("altered")]);
    assert!(!scene.is_here(&first).await);
    // The true one came too late then, under the same number.
    assert_eq!(take(&scene.app, &request.entry).await.through, 1);
    assert_eq!(scene.rules().await, [refused("altered"), refused("replayed")]);

    let scene = self::scene().await;
    let late = scene.receive(&[], |_| {});
    scene.app.clock.advance(8 * DAY_MS);
    carry(&scene.app, &scene.bag).await;
    assert_eq!(scene.rules().await, [refused("too_old")]);
    // Those behind it are taken: each stands for itself.
    assert!(!scene.is_here(&late).await);

    let scene = self::scene().await;
    let of_revoked = scene.receive(&[], |_| {});
    let request = carry_contents(&scene.app, &scene.bag).await;
    let admin = scene.app.sign_in("admin").await;
    let (status, body) = send(&scene.app, &admin, Method::POST, &format!("/devices/{DEVICE}/revoke"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    let (_, status, _) = step(&scene.app, &scene.bag).await.expect("the entry");
    assert_eq!(status, StatusCode::UNAUTHORIZED, "nothing comes of it by the line");
    let brought = json!({ "device_id": DEVICE, "bag": true, "entries": [request.entry] });
    let (status, body) = send(&scene.app, &admin, Method::POST, &format!("/sites/{SITE}/keeper/journal"), brought.clone()).await;
    assert_eq!((status, body["refused"].as_u64()), (200, Some(1)), "{body}");
    let (_, body) = send(&scene.app, &admin, Method::POST, &format!("/sites/{SITE}/keeper/journal"), brought).await;
    assert_eq!(body["known"], 1, "{body}");
    assert_eq!(scene.rules().await, [refused("revoked")]);
    let [review] = &scene.reviews().await[..] else { panic!("one") };
    assert_eq!((review["what"].as_str(), review["is_proven"].as_bool()), (Some("服务包接件 DC20261124K0001，照片 0 张"), Some(true)));
    assert!(!scene.is_here(&of_revoked).await);
    nothing_personal(&scene.app).await;
}

#[tokio::test]
async fn a_receipt_stands_though_the_keepers_journal_beside_the_bag_was_lost_since() {
    let scene = scene().await;
    let sent = scene.receive(&[], |_| {});
    let [own] = &scene.app.app.stores.keepers.keepers(SITE).await.expect("the store")[..] else { panic!("one device") };
    let ready = FromKeeper::Ready { public_key: own.public_key.clone(), address: None, newest: 0, lost: true };
    scene.app.app.keeper_ready(&device(), &ready, None).await.expect("the store answers");
    carry(&scene.app, &scene.bag).await;
    assert_eq!((sent.number.as_str(), scene.rules().await), ("DC20261124K0001", Vec::new()));
    assert!(scene.is_here(&sent).await);
}

#[tokio::test]
async fn a_refused_entry_keeps_its_contents_until_somebody_looked() {
    let scene = scene().await;
    let sent = scene.receive(&[], |_| {});
    let request = carry_contents(&scene.app, &scene.bag).await;
    let text: protocol::bag::BagText = serde_json::from_str(&request.entry.text).expect("a text");
    let content = data_encoding::HEXLOWER.decode(text.contents()[0].as_bytes()).expect("a hash");
    // Nobody who may register: the helper is none any more.
    let admin = scene.app.sign_in("admin").await;
    let (status, body) =
        send(&scene.app, &admin, Method::PUT, &format!("/staff/{}", scene.helper.staff_id), json!({ "name": "斯琴", "roles": ["guide"] }))
            .await;
    assert_eq!(status, 200, "{body}");
    carry(&scene.app, &scene.bag).await;
    assert_eq!(scene.rules().await, [refused("not_entitled")]);
    assert!(!scene.is_here(&sent).await);
    let kept = async || scene.app.app.stores.files.file_part(SITE, &content, 0).await.expect("the store").is_some();
    scene.app.clock.advance(3 * DAY_MS);
    scene.app.app.forget_files().await.expect("the store");
    assert!(kept().await, "held for the review");
    let supervisor = scene.app.sign_in("supervisor").await;
    let id = scene.reviews().await[0]["id"].as_str().expect("an id").to_owned();
    let (status, body) = send(&scene.app, &supervisor, Method::POST, &format!("/sites/{SITE}/keeper/entries/{id}/settle"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    scene.app.app.forget_files().await.expect("the store");
    assert!(!kept().await, "nobody needs it any more");
}

#[tokio::test]
async fn what_changed_meanwhile_is_settled_by_written_rules_and_told() {
    // The matter got a form and more days after the visit: the version of that day counts.
    let scene = scene().await;
    let sent = scene.receive(&[], |_| {});
    scene.app.clock.advance(HOUR_MS);
    published(&scene.app, MATTER, |content| content["promised_days"] = json!(7)).await;
    carry(&scene.app, &scene.bag).await;
    assert_eq!(scene.rules().await, [settled("matter_changed")]);
    let case = scene.app.app.case_of_site(SITE, &sent.case_id).await.expect("the case");
    assert_eq!((case.matter.version, case.matter.promised_days, case.state.name()), (1, Some(10), "received"));

    // It is not offered any more: a draft, and a person decides.
    let scene = self::scene().await;
    let sent = scene.receive(&[], |_| {});
    scene.app.clock.advance(HOUR_MS);
    let admin = scene.app.sign_in("admin").await;
    let (status, body) =
        send(&scene.app, &admin, Method::POST, &format!("/matters/{MATTER}/retire"), json!({ "reason": "划给县里" })).await;
    assert_eq!(status, 200, "{body}");
    carry(&scene.app, &scene.bag).await;
    assert_eq!(scene.rules().await, [settled("matter_over")]);
    assert_eq!(scene.case(&sent).await["state"], "draft");

    // Four working days later it is pressing; a photo that is none costs the photo alone.
    let scene = self::scene().await;
    let sent = scene.receive(&[[&[0xFF, 0xD8, 0xFF][..], &[7; 90]].concat(), scene.jpeg(50).await], |_| {});
    scene.app.clock.advance(6 * DAY_MS);
    carry(&scene.app, &scene.bag).await;
    assert_eq!(scene.rules().await, [settled("photos_lost")]);
    let review = &scene.reviews().await[0];
    assert!(review["text"].as_str().is_some_and(|text| text.contains("五个工作日不答复")), "{review}");
    assert_eq!(scene.case(&sent).await["attachments"].as_array().map(Vec::len), Some(1));
    let supervisor = scene.app.sign_in("supervisor").await;
    let alerts = scene.app.get(&supervisor, "/api/v1/alerts").await.body;
    let is_red = |alert: &Value| alert["kind"] == "keeper_entry" && alert["level"] == "red";
    assert!(alerts["items"].as_array().is_some_and(|items| items.iter().any(is_red)), "{alerts}");
}

#[tokio::test]
async fn only_a_bag_that_said_by_which_key_it_is_proved_is_heard() {
    let app = TestApp::memory().await;
    let asked = app.get(&kiosk(), "/api/v1/devices/current/bag").await;
    assert_eq!((asked.status, asked.body["errors"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("not_a_keeper")));
    let scene = scene_on(app).await;
    let put = async |sha: &str, bytes: Vec<u8>| {
        let path = format!("/api/v1/devices/current/bag/contents/{sha}");
        scene.app.send_raw(&kiosk(), Method::PUT, &path, &[("content-type", "application/octet-stream")], bytes).await
    };
    let other = put(&"0".repeat(64), b"bytes".to_vec()).await;
    assert_eq!((other.status, other.body["errors"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("other_content")));
    let large = put(&"0".repeat(64), vec![7; (10 << 20) + 9]).await;
    assert_eq!((large.status, large.body["errors"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("too_large")));
    let display = Actor::Device("demo-display".to_owned());
    assert!(!scene.app.get(&display, "/api/v1/devices/current/bag").await.status.is_success());
    let house = scene.app.get(&kiosk(), "/api/v1/devices/current/bag").await.body;
    assert!(house["staff"].as_array().is_some_and(|staff| staff.len() == 1), "who registers and has a PIN: {}", house["staff"]);
    assert!(house["matters"].as_array().is_some_and(|matters| matters.len() > 10));
}
