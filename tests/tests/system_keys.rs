//! The master keys through the real program: a copy for the safe and the way back, a new key for what is new
//! while old data still opens and is found, and no start without a key that the data names.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::Client;
use tests::program::{Program, Start, binary};

const SITE: &str = "demo-center";
const PASSPHRASE: &str = "草原上的石头一共有十二块";

/// Runs `yichuang keys …`; its exit code and all that it said.
fn keys(data: &Path, arguments: &[&str], passphrase: &str) -> (i32, String) {
    let mut command = Command::new(binary("yichuang"));
    command.arg("keys").args(arguments).arg("--data").arg(data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    writeln!(child.stdin.take().expect("its input"), "{passphrase}").ok();
    let output = child.wait_with_output().expect("it ends");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().expect("a code"), said)
}

fn ids(said: &str) -> Vec<String> {
    let line: Value = said
        .lines()
        .find_map(|line| serde_json::from_str::<Value>(line).ok().filter(|line| line["key_ids"].is_array()))
        .unwrap_or_else(|| panic!("{said}"));
    line["key_ids"].as_array().expect("ids").iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

async fn signed_in(program: &Program, name: &str) -> Client {
    let mut client = Client::connect(program.address).await.expect("it listens");
    let cookie = client.sign_in(name).await;
    client.with("cookie", &cookie)
}

/// A ticket for somebody with a phone: the id.
async fn take(program: &Program, name: &str, phone: &str) -> String {
    let mut clerk = signed_in(program, "clerk1").await;
    let wish = json!({ "line_id": "l_dc_demo-line", "holder": { "name": name, "phone": phone } });
    let reply = clerk.post(&format!("/api/v1/sites/{SITE}/tickets"), &wish).await;
    reply.body["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

/// The holder's name, opened.
async fn name_of(program: &Program, ticket: &str) -> String {
    let mut clerk = signed_in(program, "clerk1").await;
    let reply = clerk.post(&format!("/api/v1/tickets/{ticket}/reveal"), &json!({ "fields": ["name"], "reason": "核对" })).await;
    reply.body["name"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

async fn found(program: &Program, phone: &str) -> usize {
    let mut guide = signed_in(program, "guide1").await;
    let reply = guide.post(&format!("/api/v1/sites/{SITE}/tickets/find"), &json!({ "phone": phone })).await;
    reply.body["items"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_seals_and_the_old_one_opens_and_the_copy_brings_both_back() {
    let folder = TempDir::new().expect("a folder");
    let (data, copy, second) = (folder.path().join("data"), folder.path().join("keys.json"), folder.path().join("keys-2.json"));
    let path = |file: &Path| file.to_str().expect("a path").to_owned();
    assert_eq!(keys(&data, &["export", &path(&copy)], PASSPHRASE).0, 2, "nothing to export");
    let program = Start::demo(&data).run();
    let mut clerk = signed_in(&program, "clerk1").await;
    assert_eq!(clerk.post("/api/v1/windows/w_dc_1/open", &json!({})).await.status, 200);
    let old = take(&program, "王小明", "13800138001").await;
    for busy in [&["export", "/tmp/never"][..], &["rotate"], &["import", "/tmp/never"]] {
        assert_eq!(keys(&data, busy, PASSPHRASE).0, 3, "{busy:?} while somebody uses the data");
    }
    program.stop();

    let (code, said) = keys(&data, &["export", &path(&copy)], "太短");
    assert!(code == 2 && said.contains("12") && !copy.exists(), "{said}");
    let (code, said) = keys(&data, &["export", &path(&copy)], PASSPHRASE);
    assert_eq!(code, 0, "{said}");
    let first = ids(&said);
    assert_eq!(keys(&data, &["export", &path(&copy)], PASSPHRASE).0, 2, "a copy is not written over");
    let master = std::fs::read(data.join("master.key")).expect("the key");
    assert_eq!(master.len(), 32);
    assert!(!std::fs::read(&copy).expect("the copy").windows(32).any(|part| part == master), "no key lies open in the copy");

    let (code, said) = keys(&data, &["rotate"], "");
    assert_eq!(code, 0, "{said}");
    let both = ids(&said);
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    let program = Start::demo(&data).run();
    let new = take(&program, "李强", "13800138002").await;
    assert_eq!((name_of(&program, &old).await, name_of(&program, &new).await), ("王小明".to_owned(), "李强".to_owned()));
    assert_eq!((found(&program, "13800138001").await, found(&program, "13800138002").await), (1, 1), "who came before is found as before");
    let mut it = signed_in(&program, "it").await;
    let told = it.get("/api/v1/system").await.body;
    let told: Vec<(&str, bool)> =
        told["keys"].as_array().expect("keys").iter().map(|key| (key["id"].as_str().unwrap_or_default(), key["seals"] == true)).collect();
    assert_eq!(told, [(both[0].as_str(), false), (both[1].as_str(), true)]);
    program.stop();
    let verified = Command::new(binary("yichuang")).args(["verify-log", "--data"]).arg(&data).output().expect("the program");
    assert!(verified.status.success(), "the log holds under its first key: {}", String::from_utf8_lossy(&verified.stdout));

    // The copy made before the change lacks the new key: the data says so, and nothing starts.
    assert_eq!(keys(&data, &["export", &path(&second)], PASSPHRASE).0, 0);
    assert_eq!(keys(&data, &["import", &path(&copy)], PASSPHRASE).0, 2, "not over the keys that are there");
    assert_eq!(keys(&data, &["import", &path(&copy), "--replace"], "另外一个很长很长的口令").0, 2, "not by another passphrase");
    let (code, said) = keys(&data, &["import", &path(&copy), "--replace"], PASSPHRASE);
    assert_eq!((code, ids(&said)), (0, first.clone()), "{said}");
    let start = Start::demo(&data);
    let refused = start.command().output().expect("the program");
    let log = std::fs::read_to_string(&start.log).expect("its log");
    assert_eq!(refused.status.code(), Some(1), "{log}");
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains(&both[1]) && last.contains("keys import"), "it names the key and says what to do: {last}");
    assert_eq!(keys(&data, &["rotate"], "").0, 1, "nor is a ring without it gone on from");

    assert_eq!(keys(&data, &["import", &path(&second), "--replace"], PASSPHRASE).0, 0);
    let program = Start::demo(&data).run();
    assert_eq!((name_of(&program, &old).await, name_of(&program, &new).await), ("王小明".to_owned(), "李强".to_owned()));
    program.stop();
}
