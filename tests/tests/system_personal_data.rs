//! Promise 8: personal data lies only in sealed rows. Names, numbers, phones and texts go into the real
//! program by every door; then every file, the dump of the database and the log are searched for them in
//! every form in which they could lie there. None is found; masked in every answer but a `reveal`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use axum::http::Method;
use encoding_rs::GB18030;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::{Client, Reply};
use tests::program::Start;

const SITE: &str = "demo-center";

/// What was entered. Names of three rare characters and numbers of nobody, so that a hit is no accident.
const NAMES: [&str; 4] = ["鬻犇骉", "麤鑫淼", "彧垚翀", "龘靐齉"];
const NUMBERS: [&str; 3] = ["152301199003070038", "11010519491231002X", "152301198812060046"];
const PHONES: [&str; 3] = ["13987650001", "13987650002", "13987650003"];
const TEXTS: [&str; 5] = ["瀚海阑干巷七号", "huanglian@example.cn", "祖母卧病须人照看", "当面冷语令人心寒", "核对身份以便联系"];

/// The code that opens the appointment: its holder has it, and no file. One test is one process.
static CODE: OnceLock<&'static str> = OnceLock::new();

fn secrets() -> Vec<&'static str> {
    // Longer parts of a number would be masked ones: the whole is what must not lie there.
    NAMES.into_iter().chain(NUMBERS).chain(PHONES).chain(TEXTS).collect()
}

/// A text as bytes, in every form that a file may hold.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf8 = text.as_bytes().to_vec();
    let gbk = GB18030.encode(text).0.into_owned();
    let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let escaped: String =
        text.chars().map(|letter| if letter.is_ascii() { letter.to_string() } else { format!("\\u{:04x}", letter as u32) }).collect();
    let mut forms = vec![("UTF-8", utf8.clone()), ("GBK", gbk.clone()), ("JSON", escaped.into_bytes())];
    forms.extend([("UTF-16LE", utf16(u16::to_le_bytes)), ("UTF-16BE", utf16(u16::to_be_bytes))]);
    for (name, bytes) in [("hex of UTF-8", utf8.clone()), ("hex of GBK", gbk.clone())] {
        forms.push((name, data_encoding::HEXLOWER.encode(&bytes).into_bytes()));
        forms.push((name, data_encoding::HEXUPPER.encode(&bytes).into_bytes()));
    }
    for bytes in [utf8, gbk] {
        // Where the text begins inside of a longer one shifts its base64: three ways, cut to what is sure.
        for shift in 0..3 {
            let mut padded = vec![0; shift];
            padded.extend(&bytes);
            let encoded = data_encoding::BASE64.encode(&padded);
            let sure = &encoded[(shift * 8).div_ceil(6)..(padded.len() * 8) / 6];
            forms.push(("base64", sure.as_bytes().to_vec()));
            forms.push(("base64url", sure.replace('+', "-").replace('/', "_").into_bytes()));
        }
    }
    forms
}

/// What of the secrets lies in these bytes; one pass for all of them.
fn found(secrets: &[&'static str], place: &str, bytes: &[u8]) -> Vec<String> {
    let needles: Vec<(&str, &str, Vec<u8>)> =
        secrets.iter().copied().flat_map(|secret| forms(secret).into_iter().map(move |(form, needle)| (secret, form, needle))).collect();
    let mut by_start: BTreeMap<[u8; 2], Vec<usize>> = BTreeMap::new();
    let mut starts = vec![false; 1 << 16];
    for (index, (_, _, needle)) in needles.iter().enumerate() {
        let start = [needle[0], needle[1]];
        by_start.entry(start).or_default().push(index);
        starts[usize::from(u16::from_be_bytes(start))] = true;
    }
    let mut hits = BTreeSet::new();
    for at in 0..bytes.len().saturating_sub(1) {
        let start = [bytes[at], bytes[at + 1]];
        if starts[usize::from(u16::from_be_bytes(start))] {
            let here = by_start[&start].iter().map(|index| &needles[*index]).filter(|(_, _, needle)| bytes[at..].starts_with(needle));
            hits.extend(here.map(|(secret, form, _)| format!("{secret} as {form} in {place}")));
        }
    }
    hits.into_iter().collect()
}

/// What of the secrets lies in any file below a folder.
pub(crate) fn found_below(secrets: &[&'static str], folder: &Path) -> Vec<String> {
    let mut hits = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            hits.extend(found_below(secrets, &path));
        } else {
            hits.extend(found(secrets, &path.display().to_string(), &std::fs::read(&path).expect("a file")));
        }
    }
    hits
}

#[test]
fn the_search_finds_what_lies_there() {
    for secret in secrets() {
        for (form, needle) in forms(secret) {
            let mut bytes = b"before ".to_vec();
            bytes.extend(&needle);
            bytes.extend(b" after");
            assert!(found(&secrets(), "here", &bytes).iter().any(|hit| hit.starts_with(secret)), "{secret} as {form}");
        }
        for shift in 0..3 {
            let text = format!("{}{secret}。", &"xyz"[..shift]);
            let encoded = data_encoding::BASE64.encode(text.as_bytes());
            assert!(!found(&secrets(), "here", encoded.as_bytes()).is_empty(), "{secret} inside of base64, shifted by {shift}");
        }
    }
}

/// Somebody at work, and every answer that was not asked to reveal.
struct Desk {
    client: Client,
    answers: String,
}

impl Desk {
    async fn of(address: std::net::SocketAddr, username: &str) -> Self {
        let mut client = Client::connect(address).await.expect("it listens");
        let cookie = client.sign_in(username).await;
        Self { client: client.with("cookie", &cookie), answers: String::new() }
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let key = format!("p-{}", self.answers.len());
        let reply = self.client.send(method, &format!("/api/v1{path}"), Some(&key), body.as_ref()).await.expect("an answer");
        if !path.ends_with("/reveal") {
            self.answers.push_str(&reply.text);
        }
        reply
    }

    async fn done(&mut self, path: &str, body: Value) -> Value {
        let reply = self.ask(Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&reply.status), "{path}: {} {}", reply.status, reply.text);
        reply.body
    }

    async fn read(&mut self, path: &str) -> Value {
        let reply = self.ask(Method::GET, path, None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.body
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

/// A complete case of a matter, by somebody with an agent.
async fn case_body(clerk: &mut Desk, ticket: &str) -> Value {
    let matters = clerk.read(&format!("/sites/{SITE}/matters?limit=200")).await;
    let of_name = |matter: &&Value| matter["id"].as_str().is_some_and(|id| id.ends_with("demo-promised"));
    let matter = matters["items"].as_array().and_then(|all| all.iter().find(of_name)).map(id).expect("demo-promised");
    let matter = clerk.read(&format!("/matters/{matter}")).await;
    let materials: Vec<Value> = matter["materials"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 }))
        .collect();
    json!({
        "site_id": SITE, "matter_id": matter["id"], "materials": materials, "ticket_id": ticket,
        "applicant": {
            "kind": "person", "name": NAMES[1], "id_type": "resident_id", "id_number": NUMBERS[1], "phone": PHONES[1],
            "address": TEXTS[0], "email": TEXTS[1],
        },
        "agent": { "name": NAMES[2], "id_type": "resident_id", "id_number": NUMBERS[2], "phone": PHONES[2] },
    })
}

/// The first free time of the first line, by page.
async fn book(clerk: &mut Desk) {
    let lines = clerk.read(&format!("/sites/{SITE}/appointment-lines")).await;
    let line = &lines["items"][0];
    let free = |day: &&Value| day["left"].as_u64() > Some(0);
    let day = line["days"].as_array().expect("days").iter().find(free).expect("a free day");
    let (line, date) = (line["line_id"].as_str().expect("a line"), day["date"].as_str().expect("a date"));
    let slots = clerk.read(&format!("/sites/{SITE}/appointment-slots?line_id={line}&date={date}")).await;
    let slot = slots["slots"].as_array().expect("slots").iter().find(|slot| slot["bookable"] == true).expect("a free slot").clone();
    let holder = json!({ "name": NAMES[3], "phone": PHONES[0], "id_type": "resident_id", "id_number": NUMBERS[2] });
    let body = json!({ "site_id": SITE, "line_id": line, "starts_at": slot["starts_at"], "holder": holder });
    let booked = clerk.done("/appointments", body.clone()).await;
    assert_eq!(clerk.ask(Method::POST, "/appointments", Some(body)).await.body["code"], "already_booked");
    let found = clerk.done(&format!("/sites/{SITE}/appointments/find"), json!({ "text": PHONES[0] })).await;
    assert_eq!(found["items"][0]["id"], booked["id"]);
    let code = booked["code"].as_str().expect("a code");
    CODE.set(code.to_owned().leak()).expect("booked once");
}

/// The code in the message that the demo's provider took.
async fn sign_in_code(messages: &Path) -> String {
    for _ in 0..100 {
        let texts =
            std::fs::read_dir(messages).into_iter().flatten().flatten().filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
        if let Some(code) = texts.filter_map(|text| text.split("验证码 ").nth(1).map(str::to_owned)).next() {
            return code.chars().take_while(char::is_ascii_digit).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no code came");
}

/// A citizen applies online, half typed first, and is told what to mend.
async fn apply(address: std::net::SocketAddr, messages: &Path, clerk: &mut Desk) {
    let mut client = Client::connect(address).await.expect("it listens");
    assert_eq!(client.post("/api/v1/citizens/codes", &json!({ "phone": PHONES[0] })).await.status, 201);
    let body = json!({ "phone": PHONES[0], "code": sign_in_code(messages).await, "bearer": true });
    let entered = client.post("/api/v1/citizens/sessions", &body).await;
    assert_eq!((entered.status, entered.text.contains(PHONES[0])), (201, false), "{}", entered.text);
    let mut client = client.with("authorization", &format!("Bearer {}", entered.body["token"].as_str().expect("a token")));
    let begun = client.post("/api/v1/applications", &json!({ "site_id": SITE, "matter_id": "m_dc_demo-promised" })).await;
    let matter = clerk.read("/matters/m_dc_demo-promised").await;
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    let (path, case) = (format!("/api/v1/applications/{}", id(&begun.body)), id(&begun.body));
    let applicant = json!({ "name": NAMES[0], "id_number": NUMBERS[0], "phone": PHONES[1], "address": TEXTS[0] });
    let content = json!({ "situation_ids": situations, "applicant": applicant, "form": { "why": TEXTS[2] } });
    let saved = client.send(Method::PATCH, &path, Some("save"), Some(&content)).await.expect("an answer");
    assert_eq!(saved.body["content"]["applicant"]["name"], NAMES[0], "whoever typed it reads it again: {}", saved.text);
    let sent = client.send(Method::POST, &format!("{path}/submit"), Some("send"), Some(&json!({}))).await.expect("an answer");
    assert_eq!(sent.status, 200, "{}", sent.text);
    clerk.read(&format!("/sites/{SITE}/applications")).await;
    clerk.done(&format!("/cases/{case}/pre-check"), json!({ "verdict": "supplement", "text": TEXTS[2] })).await;
    clerk.read(&format!("/cases/{case}")).await;
}

/// From the ticket to the rating, with a person's data wherever it can be given; all answers.
async fn walk(address: std::net::SocketAddr, messages: &Path) -> Vec<(&'static str, String)> {
    let mut clerk = Desk::of(address, "clerk1").await;
    let mut approver = Desk::of(address, "approver1").await;
    let (mut issuer, mut supervisor) = (Desk::of(address, "issuer").await, Desk::of(address, "supervisor").await);
    clerk.done("/windows/w_dc_1/open", json!({})).await;
    let holder = json!({ "name": NAMES[0], "id_type": "resident_id", "id_number": NUMBERS[0], "phone": PHONES[0] });
    let ticket = clerk.done(&format!("/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line", "holder": holder.clone() })).await;
    let again =
        clerk.ask(Method::POST, &format!("/sites/{SITE}/tickets"), Some(json!({ "line_id": "l_dc_demo-line", "holder": holder }))).await;
    assert_eq!(again.body["code"], "already_waiting", "{}", again.text);
    let wrong = json!({ "line_id": "l_dc_demo-line", "holder": { "name": NAMES[3], "id_number": format!("{}9", NUMBERS[0]) } });
    assert_eq!(clerk.ask(Method::POST, &format!("/sites/{SITE}/tickets"), Some(wrong)).await.status, 422);
    book(&mut clerk).await;
    apply(address, messages, &mut clerk).await;
    let (tracking, ticket) = (ticket["tracking_code"].as_str().expect("a code").to_owned(), id(&ticket));
    let called = clerk.done("/windows/w_dc_1/call-next", json!({})).await;
    assert_eq!(called["ticket"]["id"], json!(ticket));
    clerk.done(&format!("/tickets/{ticket}/start"), json!({})).await;
    let reveal = json!({ "fields": ["name", "id_number", "phone"], "reason": TEXTS[4] });
    let shown = clerk.done(&format!("/tickets/{ticket}/reveal"), reveal.clone()).await;
    assert_eq!((&shown["name"], &shown["phone"]), (&json!(NAMES[0]), &json!(PHONES[0])), "who has the right sees it");
    let body = case_body(&mut clerk, &ticket).await;
    let case = id(&clerk.done("/cases", body).await);
    for path in ["submit", "accept"] {
        clerk.done(&format!("/cases/{case}/{path}"), json!({})).await;
    }
    let shown = clerk.done(&format!("/cases/{case}/reveal"), reveal).await;
    assert_eq!(shown["id_number"], json!(NUMBERS[1]));
    for (path, key, value) in [("/persons/search", "id_number", NUMBERS[1]), ("/persons/search", "phone", PHONES[1])] {
        let people = clerk.done(path, json!({ key: value })).await;
        assert!(!people["items"].as_array().expect("people").is_empty(), "{people}");
    }
    clerk.done(&format!("/tickets/{ticket}/finish"), json!({ "outcome": "accepted" })).await;
    approver.done(&format!("/cases/{case}/claim"), json!({})).await;
    approver.done(&format!("/cases/{case}/approve"), json!({ "opinion": TEXTS[2] })).await;
    let certificate =
        id(&issuer.done(&format!("/cases/{case}/certificate"), json!({ "number": "证2026001", "valid_from": "2026-11-24" })).await);
    issuer.done(&format!("/certificates/{certificate}/receive"), json!({ "slot": "A01" })).await;
    // The platform of the demo may have confirmed it already.
    supervisor.ask(Method::POST, &format!("/certificates/{certificate}/waive-upload"), Some(json!({ "reason": "平台停机" }))).await;
    issuer.done(&format!("/certificates/{certificate}/notify"), json!({ "channels": ["sms", "email"] })).await;
    let collector = json!({ "name": NAMES[3], "id_type": "resident_id", "id_number": NUMBERS[2], "relation": "agent", "authorisation": "女儿，户口簿" });
    issuer.done(&format!("/certificates/{certificate}/hand-over"), json!({ "collector": collector })).await;
    let rating = json!({ "tracking_code": tracking, "subject": "visit", "level": "dissatisfied", "reason_codes": ["214"], "text": TEXTS[3], "channel": "qr" });
    let rated = clerk.ask(Method::POST, "/evaluations", Some(rating)).await;
    assert!((200..300).contains(&rated.status), "{}", rated.text);
    for path in [format!("/cases/{case}"), "/cases".to_owned(), format!("/tickets/{ticket}"), format!("/tracking/{tracking}")] {
        clerk.read(&path).await;
    }
    issuer.read(&format!("/certificates/{certificate}")).await;
    issuer.read(&format!("/notifications?case_id={case}")).await;
    let mut auditor = Desk::of(address, "auditor").await;
    let events = auditor.read(&format!("/events?site={SITE}&limit=200")).await;
    let reveals = events["items"].as_array().expect("events").iter().filter(|event| event.to_string().contains("person_revealed")).count();
    assert_eq!(reveals, 2, "every unmasked read is an event");
    // What waits for gateways and printers is carried out meanwhile.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    vec![
        ("clerk", clerk.answers),
        ("approver", approver.answers),
        ("issuer", issuer.answers),
        ("supervisor", supervisor.answers),
        ("auditor", auditor.answers),
    ]
}

fn judge(folder: &Path, answers: &[(&str, String)]) {
    let mut hits = found_below(&secrets(), folder);
    // The message that its holder got is not ours any more; the demo keeps it where an SMS provider would.
    let is_ours = |hit: &String| !hit.contains("/messages/");
    hits.extend(found_below(&[CODE.get().expect("somebody booked")], folder).into_iter().filter(is_ours));
    for (who, text) in answers {
        // Texts that are written for colleagues are theirs to read; persons are masked for all.
        let persons = |hit: &String| NAMES.into_iter().chain(NUMBERS).chain(PHONES).any(|secret| hit.starts_with(secret));
        hits.extend(found(&secrets(), &format!("answers to the {who}"), text.as_bytes()).into_iter().filter(persons));
    }
    assert!(hits.is_empty(), "{hits:#?}");
}

/// A start whose log holds everything that the program can say.
fn talkative(folder: &Path) -> Start {
    let mut start = Start::demo(&folder.join("data"));
    start.environment.push(("YICHUANG_LOG".to_owned(), "debug,sqlx=debug,hyper=debug".to_owned()));
    start
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_lies_in_the_files_of_sqlite_or_in_the_log() {
    let folder = TempDir::new().expect("a folder");
    let start = talkative(folder.path());
    let mut program = start.run();
    let answers = walk(program.address, &start.data.join("messages")).await;
    // Killed, so that the write-ahead log is searched as well as the database.
    program.kill();
    assert!(start.data.join("yichuang.db-wal").exists());
    judge(folder.path(), &answers);
    start.run().stop();
    judge(folder.path(), &answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_person_lies_in_postgres_or_in_the_log() {
    let folder = TempDir::new().expect("a folder");
    let cluster =
        tokio::task::spawn_blocking(|| tests::postgres::Cluster::start(tests::postgres::Durability::Off)).await.expect("it starts");
    let database = cluster.create_database();
    let start = talkative(folder.path()).on(&database.url);
    let program = start.run();
    let answers = walk(program.address, &start.data.join("messages")).await;
    program.stop();
    let dump = Command::new("pg_dump").arg("--dbname").arg(&database.url).output().expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    assert!(dump.stdout.len() > 100_000);
    std::fs::write(folder.path().join("dump.sql"), &dump.stdout).expect("the dump is written");
    judge(folder.path(), &answers);
}
