//! What of a keeper's journal a person looks at: a journal that is brought in as a file, entry by entry, and what each entry
//! says.

use axum::http::Method;
use domain::hall::{Actor, Command, Hall, KeptDecision, Outcome, Priority};
use domain::ids::{LineId, StaffId, WindowId};
use kiosk::keeper::{Journal, fresh_ticket};
use protocol::keeper::{Entry, EntryText};
use serde_json::{Value, json};
use server::app::hall::load_hall;
use tempfile::TempDir;
use tests::app::{Actor as Caller, TestApp};

use super::keeper_http::{DEVICE, LINE, SITE, device, entry, ready, send};

/// A hall with a keeper whose journal has some numbers in it.
struct Scene {
    app: TestApp,
    supervisor: Caller,
    journal: Journal,
    /// The hall as the keeper knows it.
    hall: Hall,
    _folder: TempDir,
}

async fn scene() -> Scene {
    let app = TestApp::memory().await;
    let (supervisor, clerk) = (app.sign_in("supervisor").await, app.sign_in("clerk1").await);
    send(&app, &clerk, Method::POST, "/windows/w_dc_1/open", json!({})).await;
    let folder = TempDir::new().expect("a folder");
    let journal = ready(&app, &folder).await;
    let (status, body) = send(&app, &supervisor, Method::PUT, &format!("/sites/{SITE}/keeper"), json!({ "device_id": DEVICE })).await;
    assert_eq!(status, 200, "{body}");
    let hall = load_hall(&app.app.stores, SITE).await.expect("a hall");
    Scene { app, supervisor, journal, hall, _folder: folder }
}

impl Scene {
    /// The keeper decides and writes it down.
    fn decides(&mut self, actor: &Actor, command: Command) -> Entry {
        let at = self.app.app.now();
        let events = self.hall.decide_as_keeper("K", actor, &command, at).expect("decided");
        let decision =
            KeptDecision { series: "K".to_owned(), base_version: self.hall.version(), at, actor: actor.clone(), command, events };
        decision.events.iter().for_each(|event| drop(self.hall.evolve(event)));
        let text = EntryText { term: 1, actor_id: DEVICE.to_owned(), retry: None, check_in: None, decision };
        let number = self.journal.append(&serde_json::to_string(&text).expect("a text"), None).expect("written");
        self.journal.entries_after(number - 1, 1).expect("read").pop().expect("the entry")
    }

    fn number(&mut self) -> Entry {
        let line = LineId::parse(LINE).expect("a line");
        let ticket = fresh_ticket("dc", &[line], Vec::new(), Priority::Ordinary, self.app.app.now()).expect("randomness");
        self.decides(&Actor::machine(), Command::Issue(ticket))
    }

    async fn revoke(&self) {
        let admin = self.app.sign_in("admin").await;
        let (status, body) = send(&self.app, &admin, Method::POST, &format!("/devices/{DEVICE}/revoke"), json!({})).await;
        assert_eq!(status, 200, "{body}");
    }

    async fn bring(&self, actor: &Caller, entries: &[Entry]) -> (u16, Value) {
        let body = json!({ "device_id": DEVICE, "entries": entries });
        send(&self.app, actor, Method::POST, &format!("/sites/{SITE}/keeper/journal"), body).await
    }

    async fn entries(&self) -> Vec<Value> {
        let listed = self.app.get(&self.supervisor, &format!("/api/v1/sites/{SITE}/keeper/entries")).await.body;
        listed["items"].as_array().expect("entries").clone()
    }

    async fn tickets(&self) -> usize {
        load_hall(&self.app.app.stores, SITE).await.expect("a hall").tickets().count()
    }
}

#[tokio::test]
async fn a_journal_of_a_revoked_device_is_proved_refused_and_kept_entry_by_entry() {
    let mut scene = scene().await;
    let first = scene.number();
    let taken = scene.app.app.take_keeper_entry(&device(), &first).await.expect("the store answers");
    assert_eq!((taken, scene.tickets().await), (1, 1), "what came by the line before is taken");
    let (second, third, fourth) = (scene.number(), scene.number(), scene.number());
    let future = entry(&scene.app, &mut scene.journal, scene.app.app.now() + 3_600_000).await;
    let old = entry(&scene.app, &mut scene.journal, scene.app.app.now() - 8 * 86_400_000).await;
    scene.revoke().await;

    let altered = Entry { text: third.text.replace("AK003", "AK009"), ..third.clone() };
    let foreign = Entry { hash: "0".repeat(64), ..first.clone() };
    let brought = [second.clone(), altered, fourth.clone(), future, old, foreign];
    let (status, told) = scene.bring(&scene.supervisor, &brought).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!((told["refused"].as_u64(), told["merged"].as_u64(), told["known"].as_u64()), (Some(6), Some(0), Some(0)), "{told}");
    assert_eq!(scene.tickets().await, 1, "nothing of it was taken in");
    let entries = scene.entries().await;
    let mut rules: Vec<(i64, &str)> =
        entries.iter().map(|entry| (entry["number"].as_i64().unwrap_or(0), entry["rule"].as_str().unwrap_or(""))).collect();
    rules.sort_unstable();
    assert_eq!(rules, [(1, "replayed"), (2, "revoked"), (3, "altered"), (4, "revoked"), (5, "future"), (6, "too_old")]);
    let of = |number: i64| entries.iter().find(|entry| entry["number"] == number).expect("the entry");
    assert!(of(2)["text"].as_str().is_some_and(|text| !text.contains("接不上")), "{}", of(2));
    assert_eq!((of(2)["is_proven"].as_bool(), of(3)["is_proven"].as_bool()), (Some(true), Some(false)));
    let alerts = scene.app.get(&scene.supervisor, "/api/v1/alerts").await.body;
    let of_entries = alerts["items"].as_array().expect("alerts").iter().filter(|alert| alert["kind"] == "keeper_entry").count();
    assert_eq!(of_entries, 6, "{alerts}");

    // Once more nothing happens; the genuine text of what was altered is told too.
    let (_, again) = scene.bring(&scene.supervisor, &[second, third, fourth]).await;
    assert_eq!((again["known"].as_u64(), again["refused"].as_u64()), (Some(2), Some(1)), "{again}");
    assert_eq!(scene.entries().await.len(), 7);
}

#[tokio::test]
async fn a_chain_that_is_broken_is_said_of_a_revoked_device() {
    let mut scene = scene().await;
    let (_, second) = (scene.number(), scene.number());
    scene.revoke().await;
    // The first is missing in the file.
    let (_, told) = scene.bring(&scene.supervisor, &[second]).await;
    assert_eq!((told["refused"].as_u64(), told["missing_from"].as_u64()), (Some(1), None), "{told}");
    let entries = scene.entries().await;
    assert_eq!(entries[0]["rule"], "revoked");
    assert!(entries[0]["text"].as_str().is_some_and(|text| text.contains("接不上")), "{}", entries[0]);
}

#[tokio::test]
async fn an_entry_of_a_file_that_nothing_proves_takes_nobodys_place() {
    let mut scene = scene().await;
    let first = scene.number();
    let altered = Entry { text: first.text.replace("AK001", "AK009"), ..first.clone() };
    let (_, told) = scene.bring(&scene.supervisor, std::slice::from_ref(&altered)).await;
    assert_eq!((told["refused"].as_u64(), scene.tickets().await), (Some(1), 0), "{told}");
    let taken = scene.app.app.take_keeper_entry(&device(), &first).await.expect("the store answers");
    assert_eq!((taken, scene.tickets().await), (1, 1), "the genuine one comes by the line");
    let (_, again) = scene.bring(&scene.supervisor, &[altered]).await;
    assert_eq!(again["known"].as_u64(), Some(1), "{again}");
}

#[tokio::test]
async fn a_device_that_only_lost_its_line_is_brought_in_like_by_the_line() {
    let mut scene = scene().await;
    let (first, second, third) = (scene.number(), scene.number(), scene.number());
    let (_, told) = scene.bring(&scene.supervisor, &[first.clone(), third.clone()]).await;
    assert_eq!((told["missing_from"].as_u64(), scene.tickets().await), (Some(2), 1), "what is behind a gap waits: {told}");
    let it = scene.app.sign_in("it").await;
    let (status, told) = scene.bring(&it, &[first, second, third]).await;
    assert_eq!((status, told["known"].as_u64(), told["missing_from"].is_null()), (200, Some(1), true), "{told}");
    assert_eq!(scene.tickets().await, 3);
    let numbers = load_hall(&scene.app.app.stores, SITE).await.expect("a hall");
    assert!(numbers.tickets().any(|ticket| ticket.number.starts_with("AK00")));
}

#[tokio::test]
async fn a_journal_of_a_term_that_is_over_is_brought_in_as_a_whole_or_not_at_all() {
    let mut scene = scene().await;
    let (first, second, third) = (scene.number(), scene.number(), scene.number());
    let why = json!({ "reason": "线路修不好" });
    let (status, body) = send(&scene.app, &scene.supervisor, Method::POST, &format!("/sites/{SITE}/keeper/release"), why).await;
    assert_eq!(status, 200, "{body}");
    let (_, told) = scene.bring(&scene.supervisor, &[first.clone(), third.clone()]).await;
    assert_eq!((told["missing_from"].as_u64(), scene.tickets().await), (Some(2), 0), "a part of it is not taken: {told}");
    let whole = [first, second, third];
    let (_, told) = scene.bring(&scene.supervisor, &whole).await;
    assert_eq!((told["merged"].as_u64(), told["missing_from"].as_u64(), scene.tickets().await), (Some(3), None, 3), "{told}");
    let (_, told) = scene.bring(&scene.supervisor, &whole).await;
    assert_eq!((told["known"].as_u64(), scene.tickets().await), (Some(3), 3), "{told}");
}

#[tokio::test]
async fn a_journal_is_brought_in_by_the_right_people_and_in_the_right_form() {
    let mut scene = scene().await;
    let first = scene.number();
    let clerk = scene.app.sign_in("clerk1").await;
    assert_eq!(scene.bring(&clerk, std::slice::from_ref(&first)).await.0, 403);
    let path = format!("/sites/{SITE}/keeper/journal");
    let (status, body) =
        send(&scene.app, &scene.supervisor, Method::POST, &path, json!({ "device_id": "dev_dc_none", "entries": [] })).await;
    let mut fields: Vec<&str> = body["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).collect();
    fields.sort_unstable();
    assert_eq!((status, fields), (422, vec!["device_id", "entries"]), "{body}");
    let display = json!({ "device_id": "dev_dc_demo-display", "entries": [first] });
    let (status, body) = send(&scene.app, &scene.supervisor, Method::POST, &path, display).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("not_a_keeper")), "{body}");
}

#[tokio::test]
async fn an_entry_that_is_looked_at_says_what_was_asked_where_and_for_which_number() {
    let mut scene = scene().await;
    scene.number();
    let ticket_id = scene.hall.tickets().next().expect("a ticket").id.clone();
    let clerk = Actor::staff(StaffId::new("dc", "clerk1"));
    for command in [
        Command::CallNext { window_id: WindowId::new("dc", "1") },
        Command::Start { ticket_id: ticket_id.clone() },
        Command::Finish { ticket_id, outcome: Outcome::Consulted },
    ] {
        scene.decides(&clerk, command);
    }
    let all = scene.journal.entries_after(0, 10).expect("read");
    scene.revoke().await;
    scene.bring(&scene.supervisor, &all).await;
    let said: Vec<(String, Value, Value)> = scene
        .entries()
        .await
        .iter()
        .map(|entry| (entry["what"].as_str().unwrap_or("").to_owned(), entry["ticket_number"].clone(), entry["window_number"].clone()))
        .collect();
    let line = scene.hall.line(&LineId::parse(LINE).expect("a line")).expect("the line").name.clone();
    assert_eq!(said[0], (format!("取号（{line}）"), json!("AK001"), Value::Null));
    assert_eq!((said[1].0.as_str(), &said[1].2), ("叫下一个", &json!(1)));
    assert_eq!((said[2].0.as_str(), &said[2].2), ("开始办", &json!(1)));
    assert_eq!((said[3].0.as_str(), &said[3].2), ("办完（咨询）", &json!(1)));
    let told = scene.app.get(&scene.supervisor, &format!("/api/v1/sites/{SITE}/keeper/entries")).await;
    let text = String::from_utf8(told.bytes).expect("text");
    assert!(!text.contains("tracking_code") && !text.contains("track"), "codes that open a visit are told nobody");
}

#[tokio::test]
async fn a_device_that_was_damaged_is_told_until_it_starts_with_sound_files() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    let alerts = async || {
        let told = app.get(&supervisor, "/api/v1/alerts").await.body;
        let own = |alert: &&Value| alert["kind"] == "device_damaged" && alert["object_id"] == DEVICE;
        told["items"].as_array().expect("alerts").iter().filter(own).count()
    };
    let told = async |damaged: &[String]| app.app.device_damaged(&device(), damaged).await.expect("the store answers");
    let spool = ["spool.db".to_owned()];
    told(&spool).await;
    told(&spool).await;
    assert_eq!(alerts().await, 1, "once, however often it connects");
    let it = app.sign_in("it").await;
    let listed = app.get(&it, "/api/v1/devices").await.body;
    let row = listed["items"].as_array().expect("devices").iter().find(|row| row["id"] == DEVICE).expect("the kiosk").clone();
    assert!(row["error"].as_str().is_some_and(|error| error.contains("spool.db")), "{row}");
    told(&[]).await;
    assert_eq!(alerts().await, 0, "it started with sound files");
}
