//! The applicant's form of a matter: checked by the server where a case is opened, changed, received and applied for.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::TestApp;

use crate::matter_versions::{fields, published};
use crate::rights::house::case_body;

const MATTER: &str = "m_dc_demo-promised";

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "trees": { "type": "integer", "title": "株数", "minimum": 1, "maximum": 500 },
            "place": { "type": "string", "title": "采伐地点", "maxLength": 40 },
            "use": { "type": "string", "title": "用途", "enum": ["自用", "出售"] },
        },
        "required": ["trees", "place"],
        "additionalProperties": false,
        "x-order": ["place", "trees", "use"],
    })
}

#[tokio::test]
async fn a_window_takes_no_case_whose_form_does_not_fit() {
    let app = TestApp::memory().await;
    published(&app, MATTER, |content| content["form_schema"] = schema()).await;
    let shown = app.get(&tests::app::Actor::Nobody, &format!("/api/v1/matters/{MATTER}")).await.body;
    assert_eq!(shown["form_schema"]["x-order"], json!(["place", "trees", "use"]));
    let clerk = app.sign_in("clerk1").await;
    let mut body = case_body(&app, "demo-promised").await;
    assert_eq!(fields(&app.post(&clerk, "/api/v1/cases", body.clone()).await), ["form.place missing", "form.trees missing"]);
    body["form"] = json!({ "trees": 0, "place": "北坡", "use": "烧火", "more": 1 });
    let wrong = app.post(&clerk, "/api/v1/cases", body.clone()).await;
    assert_eq!(fields(&wrong), ["form.more unknown_field", "form.trees too_small", "form.use unknown"]);
    body["form"] = json!({ "trees": 12, "place": "北坡", "use": "自用" });
    let taken = app.post(&clerk, "/api/v1/cases", body.clone()).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);

    // A draft may have gaps, and is received only without them.
    (body["form"], body["draft"]) = (json!({ "trees": 12 }), json!(true));
    let draft = app.post(&clerk, "/api/v1/cases", body).await;
    assert_eq!(draft.status, StatusCode::CREATED, "{}", draft.body);
    let id = draft.body["id"].as_str().expect("an id");
    let early = app.post(&clerk, &format!("/api/v1/cases/{id}/submit"), json!({})).await;
    assert_eq!(fields(&early), ["form.place missing"]);
    let path = format!("/api/v1/cases/{id}");
    let wrong = app.send(&clerk, Method::PATCH, &path, None, Some(json!({ "form": { "trees": "很多" } }))).await;
    assert_eq!(fields(&wrong), ["form.trees type"]);
    let filled = app.send(&clerk, Method::PATCH, &path, None, Some(json!({ "form": { "trees": 12, "place": "南坡" } }))).await;
    assert_eq!(filled.status, StatusCode::OK, "{}", filled.body);
    let received = app.post(&clerk, &format!("/api/v1/cases/{id}/submit"), json!({})).await;
    assert_eq!((received.status, &received.body["state"]), (StatusCode::OK, &json!("received")), "{}", received.body);
}

#[tokio::test]
async fn an_application_is_sent_only_with_a_whole_form() {
    let app = TestApp::memory().await;
    published(&app, MATTER, |content| content["form_schema"] = schema()).await;
    let citizen = crate::applications::sign_in(&app, "13911110009").await;
    let mut body = crate::applications::beginning(&app, "demo-promised").await;
    body["form"] = json!({ "trees": 3 });
    body["applicant"] =
        json!({ "kind": "person", "name": "王小明", "id_type": "resident_id", "id_number": "152301199003070038", "phone": "13911110009" });
    let begun = app.post(&citizen, "/api/v1/applications", body).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
    let path = format!("/api/v1/applications/{}", begun.body["id"].as_str().expect("an id"));
    let early = app.post(&citizen, &format!("{path}/submit"), json!({})).await;
    assert_eq!(fields(&early), ["form.place missing"]);
    let saved = app.send(&citizen, Method::PATCH, &path, None, Some(json!({ "form": { "trees": 3, "place": "房后" } }))).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    let sent = app.post(&citizen, &format!("{path}/submit"), json!({})).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
}
