//! A backup beside a running server, and the way back: whole, under its own key, or not at all. What was there
//! before is never written over.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::Client;
use tests::program::{Program, Start, binary};

const SITE: &str = "demo-center";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn run(name: &str, data: &Path, arguments: &[&Path]) -> (i32, String) {
    let output = Command::new(binary("yichuang")).arg(name).arg("--data").arg(data).args(arguments).output().expect("the program");
    (output.status.code().expect("a code"), said(&output))
}

async fn signed_in(program: &Program, name: &str) -> Client {
    let mut client = Client::connect(program.address).await.expect("it listens");
    let cookie = client.sign_in(name).await;
    client.with("cookie", &cookie)
}

async fn take(program: &Program, name: &str) -> String {
    let mut kiosk = Client::connect(program.address).await.expect("it listens").device("demo-kiosk");
    let wish = json!({ "line_id": "l_dc_demo-line", "holder": { "name": name, "phone": "13800138000" } });
    let key: String = name.chars().map(|letter| format!("k{:x}", letter as u32)).collect();
    let reply = kiosk.send(axum::http::Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(&key), Some(&wish)).await;
    let body = reply.expect("an answer").body;
    body["number"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

async fn numbers(program: &Program) -> Vec<String> {
    let mut clerk = signed_in(program, "clerk1").await;
    let listed = clerk.get(&format!("/api/v1/sites/{SITE}/tickets")).await.body;
    let mut numbers: Vec<String> = listed["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{listed}"))
        .iter()
        .filter_map(|one| one["number"].as_str().map(str::to_owned))
        .collect();
    numbers.sort();
    numbers
}

fn in_folder(folder: &TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_is_restored_whole_under_its_key_or_not_at_all() {
    let folder = TempDir::new().expect("a folder");
    let (data, file, other) = (in_folder(&folder, "data"), in_folder(&folder, "backup.db"), in_folder(&folder, "other"));
    let program = Start::demo(&data).run();
    let mut clerk = signed_in(&program, "clerk1").await;
    assert_eq!(clerk.post("/api/v1/windows/w_dc_1/open", &json!({})).await.status, 200);
    for name in ["甲", "乙", "丙"] {
        take(&program, name).await;
    }
    let scan = attach(&program, &crate::attachments::png(300, 200, 77)).await;
    let (code, told) = run("backup", &data, &[&file]);
    assert_eq!(code, 0, "{told}");
    let told: Value = serde_json::from_str(told.lines().next().expect("a line")).expect("JSON");
    assert!(told["events"].as_u64() > Some(3) && told["attachments"] == 1 && told["key_ids"].as_array().map(Vec::len) == Some(1), "{told}");
    assert!(!std::fs::read(&file).expect("the backup").windows(32).any(|part| part == key_of(&data).as_slice()), "no key in it");

    assert_eq!(take(&program, "丁").await, "A004", "the server goes on");
    let before = std::fs::read(&file).expect("the backup");
    assert_eq!(run("backup", &data, &[&file]).0, 2, "a backup is not written over");
    assert_eq!(before, std::fs::read(&file).expect("the backup"));
    assert_eq!(run("restore", &data, &[&file, Path::new("--replace")]).0, 3, "not under a running server");
    program.stop();

    assert_eq!(run("restore", &data, &[&file]).0, 2, "not over what is there");
    let (code, told) = run("restore", &other, &[&file]);
    assert_eq!(code, 2, "no key");
    assert!(told.contains("master.key"), "{told}");
    std::fs::write(other.join("master.key"), [7; 32]).expect("another key");
    let (code, told) = run("restore", &other, &[&file]);
    assert!(code == 2 && told.contains("打不开"), "{code} {told}");
    assert!(!other.join("yichuang.db").exists(), "nothing was made");
    let damaged = in_folder(&folder, "damaged.db");
    std::fs::write(&damaged, &before[..before.len() / 2]).expect("half a backup");
    std::fs::copy(data.join("master.key"), other.join("master.key")).expect("the key");
    for bad in [&damaged, &data.join("master.key"), &in_folder(&folder, "nothing.db")] {
        assert_eq!(run("restore", &other, &[bad]).0, 2, "{}", bad.display());
    }
    assert_eq!(run("restore", &other, &[&file]).0, 0);
    let (code, told) = run("verify-log", &other, &[]);
    assert_eq!(code, 0, "{told}");
    let restored = Start::demo(&other).run();
    assert_eq!(numbers(&restored).await, ["A001", "A002", "A003"]);
    let mut approver = signed_in(&restored, "approver1").await;
    let read = approver.get(&scan).await;
    assert_eq!((read.status, read.headers["content-type"].to_str().ok()), (200, Some("image/png")), "the files of cases are in it");
    restored.stop();

    assert_eq!(run("restore", &data, &[&file, Path::new("--replace")]).0, 0);
    let kept = std::fs::read_dir(&data).expect("the folder").filter_map(Result::ok);
    assert!(kept.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("yichuang.db.before-")), "what was there is kept");
    let again = Start::demo(&data).run();
    assert_eq!(numbers(&again).await, ["A001", "A002", "A003"]);
    assert_eq!(epoch(&again).await, 2, "screens do not go on from events that this house never saw");
    again.stop();
}

/// A case with a file; where the file is read.
async fn attach(program: &Program, content: &[u8]) -> String {
    use http_body_util::{BodyExt as _, Full};
    let mut clerk = Client::connect(program.address).await.expect("it listens");
    let cookie = clerk.sign_in("clerk1").await;
    let mut clerk = clerk.with("cookie", &cookie);
    let matter = clerk.get("/api/v1/matters/m_dc_demo-promised").await.body;
    let materials: Vec<Value> = matter["materials"]
        .as_array()
        .unwrap_or_else(|| panic!("{matter}"))
        .iter()
        .filter(|material| material["situation_ids"].as_array().is_none_or(Vec::is_empty))
        .map(|material| json!({ "material_id": material["id"], "status": "collected" }))
        .collect();
    let situations: Vec<&Value> =
        matter["situations"].as_array().into_iter().flatten().map(|question| &question["options"][0]["id"]).collect();
    let case = json!({ "site_id": SITE, "matter_id": matter["id"], "situation_ids": situations, "materials": materials,
        "applicant": { "kind": "person", "name": "李华", "id_type": "resident_id", "id_number": "11010519491231002X", "phone": "13800138000" } });
    let case = clerk.post("/api/v1/cases", &case).await;
    assert_eq!(case.status, 201, "{}", case.text);
    let path = format!("/api/v1/cases/{}/attachments", case.body["id"].as_str().expect("an id"));
    let stream = tokio::net::TcpStream::connect(program.address).await.expect("it listens");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    let request = hyper::Request::post(&path)
        .header("host", program.address.to_string())
        .header("cookie", cookie)
        .header("content-type", crate::attachments::form_type())
        .body(Full::new(axum::body::Bytes::from(crate::attachments::form(Some(("扫描.png", content)), &[]))))
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice::<Value>(&body).expect("JSON")["url"].as_str().expect("an address").to_owned()
}

fn key_of(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("master.key")).expect("the key")
}

/// The epoch that the log of the hall is in, as its newest event says.
async fn epoch(program: &Program) -> u64 {
    take(program, "戊").await;
    let mut auditor = signed_in(program, "auditor").await;
    let listed = auditor.get(&format!("/api/v1/events?site={SITE}&after=0&limit=200")).await.body;
    let events = listed["items"].as_array().unwrap_or_else(|| panic!("{listed}"));
    events.iter().filter_map(|event| event["epoch"].as_u64()).max().unwrap_or_else(|| panic!("{listed}"))
}

#[test]
fn a_database_server_has_its_own_tools() {
    let folder = TempDir::new().expect("a folder");
    let address = [Path::new("--database"), Path::new("postgres://nobody@127.0.0.1:1/none")];
    let (code, told) = run("backup", folder.path(), &[&in_folder(&folder, "b.db"), address[0], address[1]]);
    assert!(code == 2 && told.contains("pg_dump"), "{code} {told}");
}
