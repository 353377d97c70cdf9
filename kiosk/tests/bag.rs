//! The field bag by what it is told and asked: drafts with photos, receipts under numbers of its own, what a loss of power
//! and a restart leave, and the way of its journal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use domain::bag::{BagPerson, PHOTOS_MAX};
use domain::catalogue::{
    ApplicantKind, CaseKind, Details, ExerciseLevel, FormSchema, HandlingForm, Material, MaterialKeeping, MaterialKind, MaterialSource,
    Matter, MatterState, MatterType, Situation, SituationQuestion,
};
use domain::ids::{DepartmentId, MaterialId, MatterId, SituationId};
use edge::clock::HallClock;
use edge::seal::Seal;
use kiosk::keeper::bag::{Bag, BagErrand, BagRefusal, Draft, Filled, api};
use kiosk::keeper::export;
use protocol::bag::{ApplyContent, BagAct, BagHouse, BagTaken, BagText};
use protocol::keeper::{Entry, HallStaff};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-11-24 10:00 in UTC+08:00, a Tuesday.
const START_MS: i64 = 1_795_485_600_000;
const PIN: &str = "204815";
/// Made once: it is slow by design.
static PIN_HASH: LazyLock<String> = LazyLock::new(|| Argon2::default().hash_password(PIN.as_bytes()).unwrap().to_string());
const HELPER: &str = "s_dc_helper1";
const MATTER: &str = "m_dc_allowance";

fn situation(name: &str) -> SituationId {
    SituationId::new("dc", name)
}

fn material_id(name: &str) -> MaterialId {
    MaterialId::new("dc", name)
}

fn material(name: &str, only: &[&str]) -> Material {
    Material {
        id: material_id(name),
        name: name.into(),
        kind: MaterialKind::Proof,
        originals: 1,
        copies: 0,
        required: true,
        tolerable: false,
        keeping: MaterialKeeping::Verified,
        source: MaterialSource::Government,
        acceptance_points: Vec::new(),
        situation_ids: only.iter().map(|name| situation(name)).collect(),
        sample: String::new(),
        blank_form: String::new(),
    }
}

fn matter() -> Matter {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["people"],
        "properties": { "people": { "type": "integer", "title": "家里几口人", "minimum": 1, "maximum": 20 } },
    });
    let options = ["self", "agent"].iter().map(|name| Situation { id: situation(name), name: (*name).into() }).collect();
    Matter {
        id: MatterId::parse(MATTER).unwrap(),
        version: 3,
        state: MatterState::Published,
        code: "15A01".into(),
        name: "高龄津贴".into(),
        aliases: vec!["老年补贴".into()],
        matter_type: MatterType::Benefit,
        department_id: DepartmentId::new("dd", "civil"),
        category: "养老".into(),
        area_code: String::new(),
        exercise_level: ExerciseLevel::Town,
        power_source: None,
        legal_basis: Vec::new(),
        case_kind: CaseKind::Promised,
        applicant_kinds: vec![ApplicantKind::Person],
        handling_forms: vec![HandlingForm::Window],
        statutory_days: Some(30),
        promised_days: 10,
        special_procedures: Vec::new(),
        conditions: Vec::new(),
        materials: vec![material("card", &[]), material("letter", &["agent"])],
        situations: vec![SituationQuestion { question: "谁来办".into(), many: false, options, asked_if: Vec::new() }],
        fee: None,
        visits: 1,
        certificate: None,
        consultation_phone: String::new(),
        complaint_phone: String::new(),
        guide: String::new(),
        details: Details::default(),
        form_schema: Some(FormSchema::read(&schema).unwrap()),
        claimed: None,
        approval: Vec::new(),
        opinions: Vec::new(),
    }
}

fn staff() -> HallStaff {
    HallStaff {
        staff_id: HELPER.into(),
        username: "helper1".into(),
        name: "乌兰".into(),
        pin_hash: PIN_HASH.clone(),
        operates: false,
        supervises: false,
        issues: false,
        last_day: None,
    }
}

fn house(taken: u64) -> BagHouse {
    BagHouse {
        device_id: "dev_dc_bag".into(),
        site_id: "demo-center".into(),
        site_key: "dc".into(),
        site_name: "示范大厅".into(),
        site_phone: Some("0470-8221234".into()),
        public_url: "http://hall.test".into(),
        series: "K".into(),
        taken,
        staff: vec![staff()],
        matters: vec![matter()],
    }
}

fn open(folder: &Path) -> Bag {
    Bag::open(folder, Seal::in_folder(folder).unwrap(), HallClock::starting_at(START_MS)).unwrap()
}

fn pack(bag: &Bag, taken: u64) {
    assert_eq!(bag.next_errand(), Some(BagErrand::House), "what it needs comes first");
    assert!(bag.answered(&BagErrand::House, Some((200, &serde_json::to_vec(&house(taken)).unwrap()))));
}

fn packed(folder: &Path) -> Bag {
    let bag = open(folder);
    pack(&bag, 0);
    bag
}

fn jpeg(shade: u8) -> Vec<u8> {
    [&[0xFF, 0xD8, 0xFF][..], &[shade; 600]].concat()
}

fn filled() -> Filled {
    let applicant = BagPerson {
        kind: "person".into(),
        name: "李华".into(),
        id_type: "resident_id".into(),
        id_number: "11010519491231002X".into(),
        phone: "13800138000".into(),
        address: "东村 12 号".into(),
    };
    let filled = json!({
        "situation_ids": [situation("self")], "materials": [{ "id": material_id("card"), "status": "verified", "originals": 1 }],
        "applicant": applicant, "agent": null, "form": { "people": 3 },
    });
    serde_json::from_value(filled).unwrap()
}

/// A draft that can be received, with photos.
fn draft(bag: &Bag, photos: u8) -> Draft {
    let begun = bag.begin(HELPER, MATTER).unwrap();
    for shade in 0..photos {
        bag.add_photo(HELPER, begun.id.as_str(), material_id("card").as_str(), &jpeg(shade)).unwrap();
    }
    bag.fill(HELPER, begun.id.as_str(), filled()).unwrap()
}

fn faults(refusal: BagRefusal) -> Vec<(String, &'static str)> {
    let BagRefusal::Wrong(faults) = refusal else { panic!("{refusal:?}") };
    faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
}

fn answer<T: serde::Serialize>(bag: &Bag, errand: &BagErrand, status: u16, body: &T) -> bool {
    bag.answered(errand, Some((status, &serde_json::to_vec(body).unwrap())))
}

/// Hands the next entry over to a server that takes everything: the entry, and the contents that came before it.
fn hand_over(bag: &Bag) -> (Entry, Vec<Vec<u8>>) {
    let mut contents = Vec::new();
    loop {
        let errand = bag.next_errand().unwrap();
        match &errand {
            BagErrand::House => assert!(answer(bag, &errand, 200, &house(0))),
            BagErrand::Content { bytes, .. } => {
                contents.push(bytes.clone());
                assert!(answer(bag, &errand, 204, &Value::Null));
            }
            BagErrand::Entry(request) => {
                let entry = request.entry.clone();
                assert!(answer(bag, &errand, 200, &BagTaken { through: entry.number, missing: Vec::new() }));
                return (entry, contents);
            }
        }
    }
}

fn blobs(folder: &Path) -> usize {
    fs::read_dir(folder.join("bag/blobs")).unwrap().count()
}

/// Every file of a folder holds nothing of a text.
fn nowhere_readable(folder: &Path, text: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere_readable(&path, text);
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text} in {}", path.display());
        }
    }
}

#[tokio::test]
async fn an_application_is_received_with_a_number_of_its_own_and_carried_after_its_contents() {
    let folder = TempDir::new().unwrap();
    let bag = packed(folder.path());
    let begun = draft(&bag, 2);
    assert_eq!(bag.next_errand(), None, "nothing leaves the machine before it is received");
    let sent = bag.receive(&staff(), begun.id.as_str(), false).unwrap();
    assert_eq!((sent.number.as_str(), sent.applicant.as_str(), sent.query_code.len()), ("DC20261124K0001", "李*", 8));
    assert_eq!((sent.materials.len(), sent.materials[0].photos, sent.is_taken), (1, 2, false));
    assert_eq!(bag.receive(&staff(), begun.id.as_str(), false).unwrap(), sent, "said again it is the same receipt");
    assert_eq!((bag.drafts(HELPER).len(), bag.state().unsent), (0, 1));
    nowhere_readable(folder.path(), "李华");
    nowhere_readable(folder.path(), "11010519491231002X");

    let (entry, contents) = hand_over(&bag);
    let text: BagText = serde_json::from_str(&entry.text).unwrap();
    let BagAct::Apply(apply) = &text.act;
    assert_eq!((text.actor_id.as_str(), apply.number.as_str(), apply.matter_version), (HELPER, "DC20261124K0001", 3));
    assert!((0..60_000).contains(&(text.at - START_MS)), "the clock runs on while it is received");
    assert!(!entry.text.contains("李华") && !entry.text.contains("13800138000"), "nothing of the entry is personal");
    let content: ApplyContent = serde_json::from_slice(&contents[0]).unwrap();
    assert_eq!((content.applicant.name.as_str(), content.form["people"].as_i64()), ("李华", Some(3)));
    assert_eq!(contents[1..], [jpeg(0), jpeg(1)]);
    assert_eq!((bag.next_errand(), bag.state().unsent, blobs(folder.path())), (None, 0, 0), "what the server has is forgotten here");
    assert!(bag.sent(HELPER)[0].is_taken);
    // The next one goes on in the chain.
    let begun = draft(&bag, 0);
    assert_eq!(bag.receive(&staff(), begun.id.as_str(), false).unwrap().number, "DC20261124K0002");
    let (next, _) = hand_over(&bag);
    assert_eq!((next.number, &next.previous), (2, &entry.hash));
}

#[tokio::test]
async fn every_wrong_field_is_told_while_the_person_is_there_and_a_draft_may_have_gaps() {
    let folder = TempDir::new().unwrap();
    let bag = packed(folder.path());
    let begun = bag.begin(HELPER, MATTER).unwrap();
    let id = begun.id.as_str();
    let mut wrong = filled();
    wrong.situation_ids.clear();
    wrong.applicant.id_number = "110105194912310021".into();
    wrong.applicant.kind = "enterprise".into();
    wrong.form = serde_json::Map::new();
    bag.fill(HELPER, id, wrong).unwrap();
    let expected = [
        ("situation_ids", "unanswered"),
        ("applicant.kind", "not_for_kind"),
        ("applicant.id_number", "check_digit"),
        ("form.people", "missing"),
    ];
    assert_eq!(faults(bag.receive(&staff(), id, false).unwrap_err()), expected.map(|(field, code)| (field.to_owned(), code)));
    let gaps = Filled { form: serde_json::Map::new(), ..filled() };
    bag.fill(HELPER, id, gaps).unwrap();
    assert_eq!(faults(bag.receive(&staff(), id, false).unwrap_err()), [("form.people".to_owned(), "missing")]);
    assert!(bag.receive(&staff(), id, true).unwrap().as_draft);

    assert_eq!(faults(bag.begin(HELPER, "m_dc_none").unwrap_err()), [("matter_id".to_owned(), "unknown")]);
    let other = bag.begin(HELPER, MATTER).unwrap();
    let photo = |material: &str, bytes: &[u8]| bag.add_photo(HELPER, other.id.as_str(), material, bytes);
    assert_eq!(faults(photo("mt_dc_none", &jpeg(1)).unwrap_err()), [("material_id".to_owned(), "unknown_material")]);
    assert_eq!(faults(photo("mt_dc_card", b"<html>").unwrap_err()), [("photo".to_owned(), "not_jpeg")]);
    for shade in 0..u8::try_from(PHOTOS_MAX).unwrap() {
        photo("mt_dc_card", &jpeg(shade)).unwrap();
    }
    assert_eq!(faults(photo("mt_dc_card", &jpeg(200)).unwrap_err()), [("photo".to_owned(), "too_many")]);
    assert_eq!(bag.draft("s_dc_other", other.id.as_str()), Err(BagRefusal::Unknown), "a draft is of whoever began it");
    bag.discard(HELPER, other.id.as_str()).unwrap();
    assert_eq!(blobs(folder.path()), 1, "only what the entry names is left");
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was_and_a_loss_of_power_gives_no_number_twice() {
    let folder = TempDir::new().unwrap();
    let begun = {
        let bag = packed(folder.path());
        draft(&bag, 3)
    };
    let bag = open(folder.path());
    assert_eq!(bag.drafts(HELPER), std::slice::from_ref(&begun), "drafts and their photos are on the disk");
    assert_eq!(bag.photo(HELPER, begun.id.as_str(), &begun.photos[1].sha).unwrap(), jpeg(1));
    // The power goes after the number was drawn and the content lies there, before the entry does.
    let journal = rusqlite::Connection::open(folder.path().join("bag/keeper.db")).unwrap();
    journal.execute_batch("CREATE TRIGGER dark BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'dark'); END").unwrap();
    assert_eq!(bag.receive(&staff(), begun.id.as_str(), false).unwrap_err(), BagRefusal::Disk);
    journal.execute_batch("DROP TRIGGER dark").unwrap();
    drop(bag);
    let bag = open(folder.path());
    assert_eq!((blobs(folder.path()), bag.drafts(HELPER).len(), bag.state().unsent), (3, 1, 0), "an orphan is swept, the draft stays");
    let sent = bag.receive(&staff(), begun.id.as_str(), false).unwrap();
    assert_eq!(sent.number, "DC20261124K0002", "the number that was drawn is given to nobody");
    // The power goes after the entry, before what lies beside it: the draft is there again, and is no draft.
    drop(bag);
    let kept = fs::read(folder.path().join("bag/serials.json")).unwrap();
    journal.execute("DELETE FROM known WHERE key = 'sent'", []).unwrap();
    fs::remove_file(folder.path().join("bag/serials.json")).unwrap();
    let bag = open(folder.path());
    let again = bag.receive(&staff(), begun.id.as_str(), false).unwrap();
    assert_eq!((again.number, again.query_code, bag.drafts(HELPER).len()), (sent.number, sent.query_code, 0));
    let next = draft(&bag, 0);
    assert_eq!(bag.receive(&staff(), next.id.as_str(), false).unwrap().number, "DC20261124K0003");
    assert_ne!(fs::read(folder.path().join("bag/serials.json")).unwrap(), kept);
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_sent_again_and_what_is_gone_is_said_to_be() {
    let folder = TempDir::new().unwrap();
    let bag = packed(folder.path());
    let begun = draft(&bag, 2);
    bag.receive(&staff(), begun.id.as_str(), false).unwrap();
    let first = bag.next_errand().unwrap();
    assert!(!bag.answered(&first, None), "nobody answered");
    assert_eq!((bag.next_errand(), bag.state().online), (Some(first.clone()), false));
    assert!(answer(&bag, &first, 204, &Value::Null));
    // A photo is damaged on the disk: the application goes without it.
    let damaged = folder.path().join("bag/blobs").join(&begun.photos[0].sha);
    fs::write(&damaged, b"damaged").unwrap();
    let second = bag.next_errand().unwrap();
    assert!(matches!(&second, BagErrand::Content { sha, .. } if *sha == begun.photos[1].sha), "{second:?}");
    assert!(answer(&bag, &second, 204, &Value::Null));
    let Some(BagErrand::Entry(request)) = bag.next_errand() else { panic!("the entry is next") };
    assert_eq!(request.lost, [begun.photos[0].sha.clone()]);
    let entry = BagErrand::Entry(request.clone());
    // The server forgot one meanwhile.
    assert!(answer(&bag, &entry, 200, &BagTaken { through: 0, missing: vec![begun.photos[1].sha.clone()] }));
    assert_eq!(bag.next_errand(), Some(second.clone()));
    // One that it never takes is given up.
    assert!(answer(&bag, &second, 422, &Value::Null));
    let Some(BagErrand::Entry(request)) = bag.next_errand() else { panic!("the entry is next") };
    assert_eq!(request.lost.len(), 2);
    // The answer is lost: the same entry again, after a restart too.
    assert!(!bag.answered(&BagErrand::Entry(request.clone()), None));
    drop(bag);
    let bag = open(folder.path());
    let (again, _) = hand_over(&bag);
    assert_eq!(again, request.entry);
    assert_eq!(bag.state().unsent, 0);
}

#[tokio::test]
async fn a_machine_that_is_paired_anew_leaves_its_journal_for_a_file_and_keeps_its_drafts() {
    let folder = TempDir::new().unwrap();
    let bag = packed(folder.path());
    let begun = draft(&bag, 1);
    bag.receive(&staff(), begun.id.as_str(), false).unwrap();
    let open_one = draft(&bag, 2);
    drop(bag);
    let bag = open(folder.path());
    let anew = BagHouse { device_id: "dev_dc_new".into(), series: "J".into(), ..house(0) };
    assert!(answer(&bag, &BagErrand::House, 200, &anew));
    assert_eq!((bag.state().unsent, bag.drafts(HELPER).len(), bag.sent(HELPER).len()), (0, 1, 0));
    let sent = bag.receive(&staff(), open_one.id.as_str(), false).unwrap();
    assert_eq!(sent.number, "DC20261124J0002", "a series of its own");
    drop(bag);
    drop(
        kiosk::keeper::Keeper::open(folder.path(), Seal::in_folder(folder.path()).unwrap(), HallClock::starting_at(START_MS), None)
            .unwrap(),
    );
    let file = export::read(folder.path(), &Seal::in_folder(folder.path()).unwrap()).unwrap();
    let listed: Vec<_> = file.journals.iter().map(|journal| (journal.device_id.as_str(), journal.bag, journal.entries.len())).collect();
    assert_eq!(listed, [("dev_dc_new", true, 1), ("dev_dc_bag", true, 1)]);
    assert_eq!(fs::read_dir(folder.path().join("bag/blobs-of-dev_dc_bag")).unwrap().count(), 2, "sealed contents are put aside");
}

async fn ask(bag: &Bag, method: &str, path: &str, cookie: &str, body: Value) -> (u16, Value, Option<String>) {
    let request = Request::builder().method(method).uri(format!("/api/v1/bag{path}")).header("content-type", "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = request.header("cookie", cookie).body(body).unwrap();
    let response = api::routes(bag.clone()).oneshot(request).await.unwrap();
    let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default(), cookie)
}

#[tokio::test]
async fn the_page_works_by_pin_and_for_nobody_else() {
    let folder = TempDir::new().unwrap();
    let bag = open(folder.path());
    let wish = json!({ "username": "helper1", "pin": PIN });
    let (status, body, _) = ask(&bag, "POST", "/sessions", "", wish.clone()).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("not_packed")), "{body}");
    pack(&bag, 0);
    for path in ["/matters", "/cases", "/matters/m_dc_allowance", "/sessions/current"] {
        assert_eq!(ask(&bag, "GET", path, "", Value::Null).await.0, 401, "{path}");
    }
    assert_eq!(ask(&bag, "GET", "/state", "", Value::Null).await.1["is_packed"], true);
    assert_eq!(ask(&bag, "POST", "/sessions", "", json!({ "username": "helper1", "pin": "000000" })).await.0, 401);
    let (status, _, cookie) = ask(&bag, "POST", "/sessions", "", wish).await;
    let cookie = cookie.unwrap();
    assert_eq!(status, 201);
    let (_, found, _) = ask(&bag, "GET", "/matters?query=%E8%80%81%E5%B9%B4", &cookie, Value::Null).await;
    assert_eq!(
        (found["items"].as_array().map(Vec::len), found["items"][0]["name"].as_str()),
        (Some(1), Some("高龄津贴")),
        "by another name"
    );
    let (_, shown, _) = ask(&bag, "GET", "/matters/m_dc_allowance", &cookie, Value::Null).await;
    assert_eq!(shown["form_schema"]["properties"]["people"]["type"], "integer", "{shown}");
    let (status, begun, _) = ask(&bag, "POST", "/cases", &cookie, json!({ "matter_id": MATTER })).await;
    assert_eq!(status, 201, "{begun}");
    let case = format!("/cases/{}", begun["id"].as_str().unwrap());
    assert_eq!(ask(&bag, "PUT", &case, &cookie, json!({ "else": 1 })).await.0, 422, "a field that is not known");
    let (status, body, _) = ask(&bag, "POST", &format!("{case}/receive"), &cookie, json!({})).await;
    assert!(status == 422 && body["errors"].as_array().is_some_and(|errors| errors.len() >= 5), "every one at once: {body}");
    assert_eq!(ask(&bag, "PUT", &case, &cookie, json!(filled())).await.0, 200);
    let (status, sent, _) = ask(&bag, "POST", &format!("{case}/receive"), &cookie, json!({})).await;
    assert_eq!(
        (status, sent["number"].as_str(), sent["at"].as_str().map(|at| &at[..16])),
        (201, Some("DC20261124K0001"), Some("2026-11-24T10:00"))
    );
    let (_, listed, _) = ask(&bag, "GET", "/cases", &cookie, Value::Null).await;
    assert_eq!((listed["drafts"].as_array().map(Vec::len), listed["sent"].as_array().map(Vec::len)), (Some(0), Some(1)));
    assert_eq!(ask(&bag, "DELETE", "/sessions/current", &cookie, Value::Null).await.0, 204);
    assert_eq!(ask(&bag, "GET", "/cases", &cookie, Value::Null).await.0, 401);
}
