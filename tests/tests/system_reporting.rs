//! The platform above with the real program: a case and a negative rating reach it, both sides agree, the command line
//! says so too; and the pages of it in a real browser.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use server::demo::upper::{SECRET, UpperSimulator};
use server::gateways::UpperCase;
use tempfile::TempDir;
use tests::client::Client;
use tests::demo_pages::DemoPages;
use tests::program::{Start, binary};
use tokio_util::sync::CancellationToken;

const SITE: &str = "demo-center";
/// The worker looks every second.
const PATIENCE: Duration = Duration::from_secs(30);

async fn signed_in(address: std::net::SocketAddr, name: &str) -> Client {
    let mut client = Client::connect(address).await.expect("it listens");
    let cookie = client.sign_in(name).await;
    client.with("cookie", &cookie)
}

async fn done(client: &mut Client, path: &str, body: Value) -> Value {
    let reply = client.post(&format!("/api/v1{path}"), &body).await;
    assert!(reply.status < 300, "{path}: {}", reply.text);
    reply.body
}

/// A case with everything handed in.
async fn case_of(clerk: &mut Client) -> Value {
    let matter = clerk.get("/api/v1/matters/m_dc_demo-promised").await.body;
    let asked = matter["materials"].as_array().expect("materials").iter().filter(|one| one["situation_ids"] == json!([]));
    let materials: Vec<Value> = asked.map(|one| json!({ "material_id": one["id"], "status": "collected", "originals": 1 })).collect();
    let applicant =
        json!({ "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13912345520" });
    let body = json!({ "site_id": SITE, "matter_id": matter["id"], "situation_ids": [], "applicant": applicant, "materials": materials });
    done(clerk, "/cases", body).await
}

/// Looks until something holds.
async fn until(client: &mut Client, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    tests::until::until(PATIENCE, async || {
        let body = client.get(&format!("/api/v1{path}")).await.body;
        if holds(&body) { Ok(body) } else { Err(format!("{path} is still {body}")) }
    })
    .await
}

fn reconcile(data: &std::path::Path, environment: &[(String, String)], day: &str) -> (i32, Vec<Value>) {
    let output = Command::new(binary("yichuang"))
        .args(["reconcile", "--site", SITE, "--from", day, "--to", day, "--data"])
        .arg(data)
        .envs(environment.iter().cloned())
        .output()
        .expect("the command runs");
    let lines = String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    (output.status.code().unwrap_or(-1), lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_and_a_negative_rating_reach_the_platform_above() {
    let closing = CancellationToken::new();
    let upper = UpperSimulator::start(closing.clone()).await.expect("the platform above");
    let folder = TempDir::new().expect("a folder");
    let environment = vec![("YICHUANG_UPSTREAM_URL".to_owned(), upper.url()), ("YICHUANG_UPSTREAM_SECRET".to_owned(), SECRET.to_owned())];
    let start = Start { environment: environment.clone(), ..Start::demo(&folder.path().join("data")) };
    let program = start.run();
    let (mut clerk, mut approver, mut it) =
        (signed_in(program.address, "clerk1").await, signed_in(program.address, "approver1").await, signed_in(program.address, "it").await);
    let case = case_of(&mut clerk).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    for (who, action, body) in [(0, "accept", json!({})), (1, "claim", json!({})), (1, "approve", json!({ "opinion": "同意" }))] {
        done(if who == 0 { &mut clerk } else { &mut approver }, &format!("/cases/{id}/{action}"), body).await;
    }
    let rating = json!({ "tracking_code": case["tracking_code"], "subject": "case", "case_id": id, "level": "very_dissatisfied", "reason_codes": ["115"], "channel": "web" });
    done(&mut Client::connect(program.address).await.expect("it listens"), "/evaluations", rating).await;
    until(&mut it, &format!("/sites/{SITE}/upstream"), |view| view["pending"] == 0).await;
    let rows = upper.rows();
    let states: Vec<&str> = rows.iter().filter_map(|push| push.row["event_name"].as_str()).collect();
    assert_eq!((states.as_slice(), upper.forged()), (["1", "3", "8", "11"].as_slice(), 0));
    let told = &rows.iter().find(|push| push.table == "evaluation").expect("the rating").row;
    assert_eq!((&told["satisfaction"], &told["projectNo"]), (&json!("5"), &case["number"]), "{told}");

    let day = case["history"][0]["at"].as_str().expect("an instant")[..10].to_owned();
    let (code, lines) = reconcile(&start.data, &environment, &day);
    assert_eq!((code, &lines.last().expect("a sum")["differences"]), (0, &json!(0)), "{lines:?}");
    upper.know(UpperCase { number: "ZZ-1".to_owned(), state: Some(3), result: None, result_text: None });
    let (code, lines) = reconcile(&start.data, &environment, &day);
    assert_eq!((code, lines.len(), &lines[0]["kind"]), (1, 2, &json!("missing_here")), "{lines:?}");
    assert_eq!(reconcile(&start.data, &[], &day).0, 2, "without an address nothing is asked");

    done(&mut it, &format!("/sites/{SITE}/upstream/reconciliations"), json!({ "from": day, "to": day })).await;
    let view = until(&mut it, &format!("/sites/{SITE}/upstream"), |view| view["reconciliation"].is_object()).await;
    assert_eq!(view["reconciliation"]["difference_count"], 1, "{view}");
    program.stop();
    closing.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_the_platform_above_and_of_messages() {
    let mut house = DemoPages::open();
    tokio::task::block_in_place(|| {
        matters_above(&mut house);
        a_clerk_links_a_number(&mut house);
        words_of_a_message(&mut house);
        house.step("sign_in", json!({ "name": "it", "path": "/it" }));
        house.step("see", json!({ "page": "it", "text": "上报上级平台" }));
        house.look("it", "upstream-it");
        house.step("compare_sides", json!({ "page": "it" }));
        house.look("it", "upstream-reconciled");
        let troubles = house.step("troubles", json!({}));
        // What is refused on purpose: words that say not what they must.
        let others: Vec<_> =
            troubles.as_array().expect("lines").iter().filter(|line| !line.as_str().is_some_and(|line| line.contains(": 422 "))).collect();
        assert!(others.is_empty(), "{others:#?}");
    });
    house.server.stop();
}

fn matters_above(house: &mut DemoPages) {
    house.step("sign_in", json!({ "name": "admin", "path": "/admin?tab=upstream&site=demo-district" }));
    house.step("see", json!({ "page": "admin", "text": "都在本系统办理" }));
    house.look("admin", "admin-upstream-empty");
    let matter = house.step("ask", json!({ "page": "admin", "path": "/api/v1/matters/m_dc_demo-promised" }));
    let code = matter["body"]["code"].as_str().expect("a code").to_owned();
    house.step("name_upstream_matter", json!({ "page": "admin", "code": code, "link": "https://zwfw.example.cn/enter?item={code}" }));
    house.look("admin", "admin-upstream");
}

fn a_clerk_links_a_number(house: &mut DemoPages) {
    house.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    house.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    let body = json!({ "line_id": "l_dc_demo-line" });
    let taken = house.step("tell", json!({ "page": "clerk1", "path": "/api/v1/sites/demo-center/tickets", "body": body }));
    assert_eq!(taken["status"], 201, "{taken}");
    house.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
    let matter = house.step("ask", json!({ "page": "clerk1", "path": "/api/v1/matters/m_dc_demo-promised" }));
    let name = matter["body"]["name"].as_str().expect("a name").to_owned();
    house.step("link_number", json!({ "page": "clerk1", "matter": name, "number": "SJ2026-0001" }));
    house.look("clerk1", "desk-upstream");
}

fn words_of_a_message(house: &mut DemoPages) {
    house.step("admin_tab", json!({ "page": "admin", "tab": "消息", "site": "白桦镇便民服务中心" }));
    house.step("see", json!({ "page": "admin", "text": "办好了，可以来领" }));
    let fault = house.text("write_message", json!({ "page": "admin", "text": "您的 {number} 好了" }));
    assert!(fault.contains("少了"), "{fault}");
    house.look("admin", "admin-messages-wrong");
    let shown = house.text("write_message", json!({ "page": "admin", "text": "您的 {number} 好了，到{place}领。{url}" }));
    assert!(shown.contains("您的 DC20261124-0001 好了"), "{shown}");
    house.look("admin", "admin-messages");
    house.step("save_message", json!({ "page": "admin" }));
}
