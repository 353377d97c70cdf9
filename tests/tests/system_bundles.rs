//! 一件事一次办 at the window, in a real browser on the real program: found by what people call it, one form, one list
//! of materials, one key for all, and three departments have their cases.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::browser::Browser;
use tests::program::Start;

const SITE: &str = "demo-center";
const BUNDLE: &str = "公民身后一件事";

/// A picture at both sizes of a desk.
#[track_caller]
fn look(browser: &mut Browser, file: &str) {
    browser.look("clerk1", file);
    browser.step("resize", json!({ "page": "clerk1", "width": 1366, "height": 768 }));
    browser.look("clerk1", &format!("{file}-1366"));
    browser.step("resize", json!({ "page": "clerk1", "width": 1440, "height": 900 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_departments_by_one_form() {
    let folder = TempDir::new().expect("a folder");
    let server = Start::demo(&folder.path().join("data")).run();
    let pictures = std::env::var_os("YICHUANG_PICTURES").map_or_else(|| folder.path().join("pictures"), PathBuf::from);
    let mut browser = Browser::open(&format!("http://{}", server.address), &pictures);
    tokio::task::block_in_place(|| {
        browser.step("sign_in_quietly", json!({ "name": "guide1" }));
        browser.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        browser.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        let ticket = json!({ "line_id": "l_dc_demo-line" });
        browser.step("send", json!({ "page": "guide1", "path": format!("/api/v1/sites/{SITE}/tickets"), "body": ticket }));
        browser.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
        browser.step("start", json!({ "page": "clerk1" }));
        let applicant = json!({ "name": "其其格", "id_number": "15012119850312001X", "phone": "13847112046" });
        let told = json!({ "page": "clerk1", "query": "身后", "matter": BUNDLE, "applicant": applicant });
        let materials = browser.step("fill_case", told);
        look(&mut browser, "desk-bundle");
        let accepted = browser.step("accept", json!({ "page": "clerk1" }));
        look(&mut browser, "desk-bundle-accepted");
        assert!(accepted["number"].as_str().is_some_and(|number| !number.is_empty()), "{accepted}");
        let listed = browser.step("ask", json!({ "page": "clerk1", "path": "/api/v1/cases?state=accepted" }));
        let cases: Vec<&Value> = listed["body"]["items"].as_array().expect("cases").iter().collect();
        assert_eq!(cases.len(), 3, "each department has its own: {listed}");
        let first = cases[0]["id"].as_str().expect("an id");
        let case = browser.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/cases/{first}") }));
        let joint = case["body"]["bundle_case_id"].as_str().expect("a joint case").to_owned();
        let joint = browser.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/bundle-cases/{joint}") }));
        assert_eq!((&joint["body"]["number"], &joint["body"]["state"]), (&accepted["number"], &json!("in_progress")), "{joint}");
        // What is shared was asked for once.
        let asked: usize = cases
            .iter()
            .map(|one| {
                let path = format!("/api/v1/cases/{}", one["id"].as_str().expect("an id"));
                browser.step("ask", json!({ "page": "clerk1", "path": path }))["body"]["materials"].as_array().map_or(0, Vec::len)
            })
            .sum();
        assert!(materials.as_u64() < Some(asked as u64), "{materials} lines for {asked} materials");
        assert_eq!(browser.step("troubles", json!({})), json!([]), "nothing went wrong on the page");
    });
}
