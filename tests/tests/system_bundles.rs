//! 一件事一次办 at the window, in a real browser on the real program: found by what people call it, one form, one list
//! of materials, one key for all, and three departments have their cases.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const BUNDLE: &str = "公民身后一件事";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_departments_by_one_form() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "guide1" }));
        hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        let ticket = json!({ "line_id": "l_dc_demo-line" });
        hall.step("send", json!({ "page": "guide1", "path": format!("/api/v1/sites/{SITE}/tickets"), "body": ticket }));
        hall.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
        hall.step("start", json!({ "page": "clerk1" }));
        let applicant = json!({ "name": "其其格", "id_number": "15012119850312001X", "phone": "13847112046" });
        let told = json!({ "page": "clerk1", "query": "身后", "matter": BUNDLE, "applicant": applicant });
        let materials = hall.step("fill_case", told);
        hall.look("clerk1", "desk-bundle");
        let accepted = hall.step("accept", json!({ "page": "clerk1" }));
        hall.look("clerk1", "desk-bundle-accepted");
        assert!(accepted["number"].as_str().is_some_and(|number| !number.is_empty()), "{accepted}");
        let listed = hall.step("ask", json!({ "page": "clerk1", "path": "/api/v1/cases?state=accepted" }));
        let cases: Vec<&Value> = listed["body"]["items"].as_array().expect("cases").iter().collect();
        assert_eq!(cases.len(), 3, "each department has its own: {listed}");
        let first = cases[0]["id"].as_str().expect("an id");
        let case = hall.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/cases/{first}") }));
        let joint = case["body"]["bundle_case_id"].as_str().expect("a joint case").to_owned();
        let joint = hall.step("ask", json!({ "page": "clerk1", "path": format!("/api/v1/bundle-cases/{joint}") }));
        assert_eq!((&joint["body"]["number"], &joint["body"]["state"]), (&accepted["number"], &json!("in_progress")), "{joint}");
        // What is shared was asked for once.
        let asked: usize = cases
            .iter()
            .map(|one| {
                let path = format!("/api/v1/cases/{}", one["id"].as_str().expect("an id"));
                hall.step("ask", json!({ "page": "clerk1", "path": path }))["body"]["materials"].as_array().map_or(0, Vec::len)
            })
            .sum();
        assert!(materials.as_u64() < Some(asked as u64), "{materials} lines for {asked} materials");
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on the page");
    });
}
