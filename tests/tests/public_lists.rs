//! 公示: the public lists say what catalogue, hall and staff say, page by page, and find what is typed.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Actor, TestApp};

const LISTS: &str = "/api/v1/sites/demo-center/lists";

async fn read(app: &TestApp, path: &str) -> Value {
    let answer = app.get(&Actor::Nobody, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

fn items(list: &Value) -> Vec<&Value> {
    list["items"].as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

#[tokio::test]
async fn every_list_is_there_and_its_count_is_true() {
    let app = TestApp::memory().await;
    let lists = read(&app, LISTS).await;
    let names: Vec<&str> = items(&lists).iter().filter_map(|list| list["name"].as_str()).collect();
    assert_eq!(names, ["all", "one-window", "instant", "assisted", "promises", "rules", "fees"]);
    for list in items(&lists) {
        let (name, mut seen, mut cursor) = (list["name"].as_str().expect("a name"), Vec::new(), String::new());
        loop {
            let page = read(&app, &format!("{LISTS}/{name}?limit=7{cursor}")).await;
            assert_eq!((&page["title"], &page["count"]), (&list["title"], &list["count"]));
            seen.extend(items(&page).iter().filter_map(|entry| entry["id"].as_str().map(str::to_owned)));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(
            (seen.len(), distinct.len()),
            (usize::try_from(list["count"].as_u64().expect("a count")).expect("small"), seen.len()),
            "{name}"
        );
    }
    assert_eq!(app.get(&Actor::Nobody, &format!("{LISTS}/nothing")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&Actor::Nobody, "/api/v1/sites/nowhere/lists/all").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&Actor::Nobody, &format!("{LISTS}/all?limit=0")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn lists_say_what_the_catalogue_says() {
    let app = TestApp::memory().await;
    let all = read(&app, &format!("{LISTS}/all?limit=200")).await;
    let matters = read(&app, "/api/v1/sites/demo-center/matters?limit=200").await;
    assert_eq!(items(&all).len(), items(&matters).len(), "every matter of the site");
    let instant = read(&app, &format!("{LISTS}/instant?limit=200")).await;
    assert!(items(&instant).iter().all(|entry| entry["case_kind"] == "instant"));
    let expected = items(&matters).iter().filter(|matter| matter["case_kind"] == "instant").count();
    assert_eq!(items(&instant).len(), expected);
    let promises = read(&app, &format!("{LISTS}/promises?limit=200")).await;
    for entry in items(&promises) {
        let promised = entry["promised_days"].as_u64().expect("a promise");
        assert!(entry["statutory_days"].as_u64().is_none_or(|statutory| promised <= statutory), "{entry}");
    }
    let one_window = read(&app, &format!("{LISTS}/one-window?limit=200")).await;
    assert!(items(&one_window).iter().any(|entry| entry["id"].as_str().is_some_and(|id| id.ends_with("demo-promised"))));
    let fees = read(&app, &format!("{LISTS}/fees?limit=200")).await;
    assert!(items(&fees).iter().all(|entry| entry["fee_standard"].is_string() && entry["fee_basis"].is_string()));
}

#[tokio::test]
async fn lists_find_by_initials_and_helpers_have_a_place_and_no_name() {
    let app = TestApp::memory().await;
    let found = read(&app, &format!("{LISTS}/rules?query=sw")).await;
    assert_eq!((items(&found)[0]["name"].as_str(), found["count"].as_u64()), (Some("首问负责制"), Some(1)));
    let nothing = read(&app, &format!("{LISTS}/all?query=zzzzqq")).await;
    assert_eq!((&nothing["count"], &nothing["items"]), (&json!(0), &json!([])));
    let assisted = read(&app, &format!("{LISTS}/assisted?limit=200")).await;
    let center = items(&assisted)[0];
    assert_eq!((&center["id"], center["helpers"].as_u64() > Some(0), center["phone"].is_string()), (&json!("demo-center"), true, true));
    assert!(center["areas"].as_array().is_some_and(|areas| !areas.is_empty()), "the stations below: {center}");
    let names: Vec<String> = app.app.stores.staff.all_staff().await.expect("staff").into_iter().map(|row| row.name).collect();
    let told = assisted.to_string();
    assert!(names.iter().all(|name| !told.contains(name.as_str())), "no member of staff is named");
}
