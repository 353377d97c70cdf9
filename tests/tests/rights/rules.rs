//! The rules that hold for all routes alike: foreign pages, bodies, keys of retries, lock-out, queries.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::house::SITE;

const LINE: &str = "l_dc_demo-line";

fn tickets() -> String {
    format!("/api/v1/sites/{SITE}/tickets")
}

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}

fn first_error(answer: &Answer) -> (&str, &str) {
    let error = &answer.body["errors"][0];
    (error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
}

/// The house's own page and others, as browsers tell them.
const OWN: [(&str, &str); 4] =
    [("origin", "http://yichuang.test"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("x-nothing", "1")];
const FOREIGN: [(&str, &str); 6] = [
    ("origin", "http://evil.example"),
    ("origin", "http://yichuang.test.evil.example"),
    ("origin", "http://yichuang.test:8081"),
    ("origin", "null"),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
];

#[tokio::test]
async fn a_foreign_page_changes_nothing_with_a_cookie() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let open = "/api/v1/windows/w_dc_1/open";
    for header in FOREIGN {
        let answer = app.send_with(&clerk, Method::POST, open, &[header], Some(json!({}))).await;
        assert_eq!(code(&answer), (403, "cross_origin"), "{header:?}");
        let read = app.send_with(&clerk, Method::GET, &format!("/api/v1/sites/{SITE}/windows"), &[header], None).await;
        assert_eq!(read.status, StatusCode::OK, "a GET changes nothing: {header:?}");
        let signed_out = app.send_with(&clerk, Method::DELETE, "/api/v1/sessions/current", &[header], None).await;
        assert_eq!(code(&signed_out), (403, "cross_origin"), "{header:?}");
    }
    let token = app.send_with(&kiosk(), Method::POST, &tickets(), &[FOREIGN[0], ("idempotency-key", "f")], Some(json!({}))).await;
    assert_eq!(token.status, StatusCode::UNPROCESSABLE_ENTITY, "a token is no cookie: no page of others has it");
    for header in OWN {
        let answer = app.send_with(&clerk, Method::POST, open, &[header], Some(json!({}))).await;
        assert_ne!(code(&answer), (403, "cross_origin"), "{header:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_opens_no_websocket() {
    let app = TestApp::memory().await;
    let Actor::Staff(cookie) = app.sign_in("clerk1").await else { panic!("a session") };
    let address = app.serve().await;
    let credentials = [
        ("cookie", cookie.as_str()),
        ("sec-websocket-protocol", "yichuang, bearer.demo-display"),
        ("authorization", "Bearer demo-display"),
    ];
    app.post(&Actor::Staff(cookie.clone()), "/api/v1/windows/w_dc_1/open", json!({})).await;
    let ticket = app.send(&kiosk(), Method::POST, &tickets(), Some("t"), Some(json!({ "line_id": LINE }))).await;
    let code = ticket.body["tracking_code"].as_str().expect("a code").to_owned();
    let feed = format!("/api/v1/sites/{SITE}/feed?view=board");
    for path in [feed, "/api/v1/devices/session".to_owned(), format!("/api/v1/tracking/{code}/feed")] {
        for credential in credentials {
            if path.ends_with("session") && credential.0 != "authorization" {
                continue;
            }
            for (header, is_own) in FOREIGN.map(|header| (header, false)).into_iter().chain(OWN.map(|header| (header, true))) {
                let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
                request.headers_mut().insert(header::HOST, "yichuang.test".parse().expect("a host"));
                for (name, value) in [credential, header] {
                    request.headers_mut().insert(name, value.parse().expect("a header"));
                }
                let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
                match tokio_tungstenite::client_async(request, stream).await {
                    Ok(_) => assert!(is_own, "{path} {credential:?} {header:?}"),
                    Err(Error::Http(answer)) => {
                        assert_eq!((answer.status().as_u16(), is_own), (403, false), "{path} {credential:?} {header:?}");
                    }
                    Err(error) => panic!("{path} {credential:?} {header:?}: {error}"),
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_an_address_opens_nothing() {
    let app = TestApp::memory().await;
    for query in ["token=demo-display", "access_token=demo-display", "bearer=demo-display"] {
        let answer = app.get(&Actor::Nobody, &format!("/api/v1/sites/{SITE}/tickets?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{query}");
    }
}

#[tokio::test]
async fn a_body_is_json_of_known_fields_and_of_bearable_size() {
    let app = TestApp::memory().await;
    let supervisor = app.sign_in("supervisor").await;
    let stop = format!("/api/v1/lines/{LINE}/stop");
    let unknown = app.post(&supervisor, &stop, json!({ "text": "系统维护", "colour": "red" })).await;
    assert_eq!((unknown.status.as_u16(), first_error(&unknown)), (422, ("colour", "unknown_field")));
    let large = app.post(&supervisor, &stop, json!({ "text": "长".repeat(200_000) })).await;
    assert_eq!((large.status.as_u16(), first_error(&large)), (422, ("", "too_large")));
    for (kind, body) in [("text/plain", "{}"), ("application/x-www-form-urlencoded", "text=x"), ("multipart/form-data", "x")] {
        let answer = app.send_raw(&supervisor, Method::POST, &stop, &[("content-type", kind)], body.as_bytes().to_vec()).await;
        assert_eq!((answer.status.as_u16(), first_error(&answer)), (422, ("Content-Type", "not_json")), "{kind}");
    }
    for body in ["{", "[]", "1", "{\"text\": 5}", "{\"text\":\"\u{0}\"}", "\u{feff}{}"] {
        let answer =
            app.send_raw(&supervisor, Method::POST, &stop, &[("content-type", "application/json")], body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body:?}: {}", answer.body);
    }
    let broken = app.send_raw(&supervisor, Method::POST, &stop, &[("content-type", "application/json")], vec![b'"', 0xff, b'"']).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let window = app.get(&supervisor, &format!("/api/v1/sites/{SITE}/lines")).await;
    let line = window.body["items"].as_array().expect("lines").iter().find(|line| line["id"] == LINE).expect("the line").clone();
    assert_ne!(line["stopped_text"], "系统维护", "nothing of all this stopped the line");
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_after_the_rights_and_as_a_problem() {
    let app = TestApp::memory().await;
    let (clerk, guide) = (app.sign_in("clerk1").await, app.sign_in("guide1").await);
    for query in ["limit=many", "limit=0", "limit=201", "limit=-1"] {
        let answer = app.get(&clerk, &format!("{}?{query}", tickets())).await;
        assert_eq!((answer.status.as_u16(), first_error(&answer).0), (422, "limit"), "{query}: {}", answer.body);
        let nobody = app.get(&Actor::Nobody, &format!("{}?{query}", tickets())).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{query}");
        let elsewhere = app.get(&clerk, &format!("/api/v1/sites/demo-sumu/tickets?{query}")).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "{query}");
        let cabinet = app.get(&guide, &format!("/api/v1/sites/{SITE}/cabinet?{query}")).await;
        assert_eq!(cabinet.status, StatusCode::FORBIDDEN, "{query}");
    }
    let view = app.get(&clerk, &format!("/api/v1/sites/{SITE}/feed?view=everything")).await;
    assert_eq!((view.status.as_u16(), first_error(&view).0), (422, "view"), "{}", view.body);
    let missing = app.get(&clerk, &format!("/api/v1/sites/{SITE}/feed")).await;
    assert_eq!((missing.status.as_u16(), first_error(&missing)), (422, ("view", "missing")), "{}", missing.body);
}

#[tokio::test]
async fn an_unknown_address_or_method_is_a_problem_document_too() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    let unknown = app.get(&clerk, "/api/v1/no-such-thing").await;
    assert_eq!(code(&unknown), (404, "not_found"));
    let method = app.send(&clerk, Method::DELETE, &tickets(), None, None).await;
    assert_eq!(code(&method), (405, "method_not_allowed"), "{}", method.body);
}

#[tokio::test]
async fn a_key_gives_the_first_outcome_and_belongs_to_its_caller_path_and_body() {
    let app = TestApp::memory().await;
    let (clerk, other) = (app.sign_in("clerk1").await, app.sign_in("clerk2").await);
    let send = async |actor: &Actor, path: &str, key: &str, body: Value| app.send(actor, Method::POST, path, Some(key), Some(body)).await;
    let first = send(&clerk, "/api/v1/windows/w_dc_1/open", "k", json!({})).await;
    assert_eq!((first.status, first.replayed), (StatusCode::OK, false), "{}", first.body);
    let again = send(&clerk, "/api/v1/windows/w_dc_1/open", "k", json!({})).await;
    assert_eq!((again.status, &again.body, again.replayed), (first.status, &first.body, true));
    let mismatch = send(&clerk, "/api/v1/windows/w_dc_1/open", "k", json!({ "line_ids": [LINE] })).await;
    assert_eq!(code(&mismatch), (409, "idempotency_mismatch"));
    let path = send(&clerk, "/api/v1/windows/w_dc_1/pause", "k", json!({})).await;
    assert_eq!((path.status, path.replayed), (StatusCode::OK, false), "another path is another request");
    let caller = send(&other, "/api/v1/windows/w_dc_1/open", "k", json!({})).await;
    assert_eq!((caller.status, caller.replayed), (StatusCode::CONFLICT, false), "another caller is another request");
    let refused = send(&other, "/api/v1/windows/w_dc_1/open", "k", json!({})).await;
    assert_eq!((refused.status, refused.replayed), (StatusCode::CONFLICT, true), "409 is an outcome");
    let forbidden = send(&clerk, &format!("/api/v1/lines/{LINE}/stop"), "k", json!({ "text": "x" })).await;
    assert_eq!((forbidden.status, forbidden.replayed), (StatusCode::FORBIDDEN, false));
    let forbidden = send(&clerk, &format!("/api/v1/lines/{LINE}/stop"), "k", json!({ "text": "x" })).await;
    assert_eq!((forbidden.status, forbidden.replayed), (StatusCode::FORBIDDEN, false), "403 is no outcome: rights can be given");
    let invalid = send(&clerk, &tickets(), "i", json!({ "line": LINE })).await;
    assert_eq!((invalid.status, invalid.replayed), (StatusCode::UNPROCESSABLE_ENTITY, false));
    let invalid = send(&clerk, &tickets(), "i", json!({ "line": LINE })).await;
    assert_eq!((invalid.status, invalid.replayed), (StatusCode::UNPROCESSABLE_ENTITY, true), "422 is an outcome");
    let corrected = send(&clerk, &tickets(), "i", json!({ "line_id": LINE })).await;
    assert_eq!(code(&corrected), (409, "idempotency_mismatch"));
    for (key, good) in [("x".repeat(64), true), ("x".repeat(65), false), (String::new(), false)] {
        let answer = send(&kiosk(), &tickets(), &key, json!({ "line_id": LINE })).await;
        let wanted = if good { StatusCode::CREATED } else { StatusCode::UNPROCESSABLE_ENTITY };
        assert_eq!(answer.status, wanted, "a key of {} characters: {}", key.len(), answer.body);
    }
    let keyless = app.post(&kiosk(), &tickets(), json!({ "line_id": LINE })).await;
    assert_eq!((keyless.status.as_u16(), first_error(&keyless)), (422, ("Idempotency-Key", "missing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_while_the_first_runs_waits_for_it() {
    let app = std::sync::Arc::new(TestApp::sqlite().await);
    let clerk = app.sign_in("clerk1").await;
    app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    let same: Vec<_> = (0..12)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { app.send(&kiosk(), Method::POST, &tickets(), Some("same"), Some(json!({ "line_id": LINE }))).await })
        })
        .collect();
    let mut answers = Vec::new();
    for one in same {
        answers.push(one.await.expect("no panic"));
    }
    assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED && answer.body == answers[0].body), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
}

#[tokio::test]
async fn an_account_is_locked_after_repeated_failures_and_longer_each_time() {
    let app = TestApp::memory().await;
    let sign_in = async |username: &str, password: &str| {
        app.post(&Actor::Nobody, "/api/v1/sessions", json!({ "username": username, "password": password })).await
    };
    for _ in 0..5 {
        assert_eq!(code(&sign_in("clerk3", "wrong").await), (401, "wrong_password"));
    }
    let locked = sign_in("clerk3", "demo-clerk3").await;
    assert_eq!(code(&locked), (429, "too_many_tries"));
    assert!(locked.body["retry_at"].is_string());
    assert_eq!(sign_in("clerk4", "demo-clerk4").await.status, StatusCode::CREATED, "others are not locked");
    app.clock.advance(61_000);
    assert_eq!(code(&sign_in("clerk3", "wrong").await), (401, "wrong_password"));
    app.clock.advance(61_000);
    assert_eq!(code(&sign_in("clerk3", "demo-clerk3").await), (429, "too_many_tries"), "the second lock-out is longer");
    app.clock.advance(61_000);
    assert_eq!(sign_in("clerk3", "demo-clerk3").await.status, StatusCode::CREATED);
    assert_eq!(code(&sign_in("nobody-of-that-name", "x").await), (401, "wrong_password"), "the same answer as for a wrong password");
}

#[tokio::test]
async fn a_session_ends_by_idleness_by_age_and_by_signing_out() {
    let app = TestApp::memory().await;
    let current = "/api/v1/sessions/current";
    let idle = app.sign_in("clerk1").await;
    app.clock.advance(29 * 60_000);
    assert_eq!(app.get(&idle, current).await.status, StatusCode::OK);
    app.clock.advance(31 * 60_000);
    assert_eq!(code(&app.get(&idle, current).await), (401, "session_over"));
    let busy = app.sign_in("clerk1").await;
    for _ in 0..26 {
        app.clock.advance(28 * 60_000);
        let is_young = app.get(&busy, current).await.status == StatusCode::OK;
        if !is_young {
            break;
        }
    }
    assert_eq!(app.get(&busy, current).await.status, StatusCode::UNAUTHORIZED, "after 12 hours it is over, used or not");
    let out = app.sign_in("clerk1").await;
    assert_eq!(app.send(&out, Method::DELETE, current, None, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&out, current).await.status, StatusCode::UNAUTHORIZED);
}
