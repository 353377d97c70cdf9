//! 用以前交过的, on every store: nothing of an earlier case is shown or taken before its applicant agreed, what is taken
//! over is the same content, and a consent that is taken back takes everything back.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::case_ways::Hall;
use crate::matter_versions::{fields, published};
use crate::rights::house::case_body;

const SITE: &str = "demo-center";
const MATTER: &str = "m_dc_demo-promised";

async fn on(app: TestApp) -> Hall {
    let (clerk, approver) = (app.sign_in("clerk1").await, app.sign_in("approver1").await);
    let (issuer, supervisor) = (app.sign_in("issuer").await, app.sign_in("supervisor").await);
    Hall { app, clerk, approver, issuer, supervisor }
}

/// A form of which the window fills in a part.
fn schema() -> Value {
    json!({
        "type": "object", "required": ["place"], "additionalProperties": false,
        "properties": {
            "place": { "type": "string", "title": "采伐地点", "maxLength": 40 },
            "home": { "type": "string", "title": "家庭住址", "maxLength": 40 },
            "use": { "type": "string", "title": "用途", "enum": ["自用", "出售"] },
        },
    })
}

/// A case of 王小明 with a scan of its first material, accepted; its id and that material.
async fn accepted_before(hall: &Hall) -> (String, String) {
    let mut body = case_body(&hall.app, "demo-promised").await;
    body["form"] = json!({ "place": "北坡", "home": "锡林路 3 号", "use": "自用" });
    let case = hall.ok(&hall.clerk, "/cases", body).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    let material = case["materials"][0]["material_id"].as_str().expect("a material").to_owned();
    let scan = crate::attachments::form(Some(("林权证.png", &crate::attachments::png(40, 30, 9))), &[("material_id", &material)]);
    let sent = crate::attachments::send(&hall.app, &hall.clerk, &id, None, scan).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    (id, material)
}

/// A draft of the same person for the same matter, with nothing handed in.
async fn draft(hall: &Hall) -> String {
    let mut body = case_body(&hall.app, "demo-promised").await;
    (body["draft"], body["materials"], body["form"]) = (json!(true), json!([]), json!({ "place": "南坡" }));
    let case = hall.ok(&hall.clerk, "/cases", body).await;
    case["id"].as_str().expect("an id").to_owned()
}

async fn earlier(hall: &Hall, case: &str) -> Value {
    let read = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{case}/earlier-materials")).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    read.body
}

async fn asked(hall: &Hall, name: &str, number: &str) -> Value {
    let applicant = json!({ "kind": "person", "name": name, "id_type": "resident_id", "id_number": number });
    let body = json!({ "matter_id": MATTER, "applicant": applicant });
    hall.ok(&hall.clerk, &format!("/sites/{SITE}/earlier-materials"), body).await
}

fn oral() -> Value {
    json!({ "way": "oral", "text_version": 1 })
}

fn status_of<'a>(case: &'a Value, material: &str) -> &'a Value {
    let of = |one: &&Value| one["material_id"] == material;
    &case["materials"].as_array().expect("materials").iter().find(of).expect("the material")["status"]
}

async fn what_was_handed_in_before_counts_by_consent(app: TestApp) {
    let mut hall = on(app).await;
    published(&hall.app, MATTER, |content| content["form_schema"] = schema()).await;
    let (first, material) = accepted_before(&hall).await;
    hall.days_later(30).await;
    let known = asked(&hall, "王小明", "152301199003070038").await;
    assert!(known["count"].as_u64().is_some_and(|count| count > 0) && known["has_form"] == true, "{known}");
    assert_eq!(known.as_object().map(|fields| fields.len()), Some(4), "that there is something, and nothing of what: {known}");
    assert_eq!(asked(&hall, "王小民", "152301199003070038").await["count"], 0, "a slip in the name shows nothing");

    // Before the consent: that there is something.
    let id = draft(&hall).await;
    let before = earlier(&hall, &id).await;
    assert_eq!((&before["consent"], &before["items"], &before["form"]), (&Value::Null, &json!([]), &Value::Null));
    assert!(!before.to_string().contains(&first), "nothing of the earlier case");
    let take = json!({ "earlier": [{ "material_id": material, "case_id": first }], "form": true });
    hall.refused(&hall.clerk, &format!("/cases/{id}/reuse"), take.clone(), StatusCode::CONFLICT, "consent_missing").await;

    let agreed = hall.ok(&hall.clerk, &format!("/cases/{id}/reuse-consent"), oral()).await;
    assert_eq!((&agreed["reuse"]["consent"]["way"], &agreed["reuse"]["materials"]), (&json!("oral"), &json!([])));
    assert!(agreed["reuse"]["consent"]["by"].as_str().is_some_and(|name| !name.is_empty()));
    hall.refused(&hall.clerk, &format!("/cases/{id}/reuse-consent"), oral(), StatusCode::CONFLICT, "consent_given").await;
    let open = earlier(&hall, &id).await;
    let item = open["items"].as_array().expect("items").iter().find(|one| one["material_id"] == material.as_str()).expect("it").clone();
    assert_eq!((&item["case_id"], &item["files"], &item["valid"]), (&json!(first), &json!(1), &json!(true)), "{item}");
    assert_eq!((&item["handed_in_on"], &item["valid_until"]), (&json!("2026-11-24"), &json!("2027-11-24")));
    let names: Vec<&str> = open["form"]["fields"].as_array().expect("fields").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["home", "use"], "what was typed stays: {open}");

    let taken = hall.ok(&hall.clerk, &format!("/cases/{id}/reuse"), take).await;
    assert_eq!((status_of(&taken, &material), &taken["reuse"]["fields"]), (&json!("reused"), &json!(["home", "use"])), "{taken}");
    assert_eq!(taken["reuse"]["materials"][0]["case_id"], json!(first));
    // The same content under an id of this case.
    let file = &taken["attachments"][0];
    let content = hall.app.get(&hall.clerk, file["url"].as_str().expect("an address")).await;
    assert_eq!(content.status, StatusCode::OK);
    let before = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{first}")).await.body["attachments"][0].clone();
    assert_eq!((&file["sha256"], &file["name"]), (&before["sha256"], &before["name"]));
    assert_ne!(file["id"], before["id"]);
    let reveal = json!({ "fields": ["form"], "reason": "核对" });
    let form = hall.ok(&hall.clerk, &format!("/cases/{id}/reveal"), reveal).await["form"].clone();
    assert_eq!(form, json!({ "place": "南坡", "home": "锡林路 3 号", "use": "自用" }));
    nothing_plain_in_the_log(&hall, &id).await;

    // Taken back: as if it had not been.
    let back = hall.ok(&hall.clerk, &format!("/cases/{id}/withdraw-reuse-consent"), json!({})).await;
    assert_eq!((status_of(&back, &material), &back["attachments"]), (&json!("missing"), &json!([])), "{back}");
    assert!(back["reuse"]["consent"]["withdrawn_at"].is_string());
    let reveal = json!({ "fields": ["form"], "reason": "核对" });
    let form = hall.ok(&hall.clerk, &format!("/cases/{id}/reveal"), reveal).await["form"].clone();
    assert_eq!(form, json!({ "place": "南坡" }));
    assert_eq!(earlier(&hall, &id).await["items"], json!([]));
    // And the content still lies there, for the earlier case names it.
    hall.app.clock.advance(2 * domain::time::DAY_MS);
    hall.app.app.forget_files().await.expect("the store");
    let clerk = hall.app.sign_in("clerk1").await;
    let content = hall.app.get(&clerk, before["url"].as_str().expect("an address")).await;
    assert_eq!(content.status, StatusCode::OK);
}

/// Events name persons, texts and cases by id, and nothing of what was written.
async fn nothing_plain_in_the_log(hall: &Hall, case: &str) {
    let logged = hall.app.app.stores.events.events_of(SITE, "case", case).await.expect("the log");
    let kinds: Vec<&str> = logged.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["case_opened", "reuse_consented", "materials_reused", "form_prefilled"]);
    for event in &logged {
        for secret in ["王小明", "152301199003070038", "锡林路", "林权证.png"] {
            assert!(!event.body.contains(secret), "{}", event.body);
        }
    }
}

#[tokio::test]
async fn in_memory_what_was_handed_in_before_counts_by_consent() {
    what_was_handed_in_before_counts_by_consent(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_what_was_handed_in_before_counts_by_consent() {
    what_was_handed_in_before_counts_by_consent(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_what_was_handed_in_before_counts_by_consent() {
    let database = tests::postgres::database();
    what_was_handed_in_before_counts_by_consent(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn every_wrong_word_of_a_consent_is_told() {
    let hall = Hall::open().await;
    let (first, material) = accepted_before_plain(&hall).await;
    let id = plain_draft(&hall).await;
    let path = format!("/api/v1/cases/{id}/reuse-consent");
    let says = async |body: Value| fields(&hall.app.post(&hall.clerk, &path, body).await);
    assert_eq!(says(json!({})).await, ["way unknown", "text_version outdated"]);
    assert_eq!(says(json!({ "way": "online", "text_version": 1 })).await, ["way unknown"], "online it is ticked by the applicant");
    assert_eq!(says(json!({ "way": "signature", "text_version": 1 })).await, ["signature missing"]);
    assert_eq!(says(json!({ "way": "oral", "text_version": 1, "signature": "aGVsbG8=" })).await, ["signature not_taken"]);
    assert_eq!(says(json!({ "way": "oral", "text_version": 1, "reason": "x" })).await, ["reason unknown_field"]);
    let signed = json!({ "way": "signature", "text_version": 1, "signature": "aGVsbG8=" });
    hall.ok(&hall.clerk, &format!("/cases/{id}/reuse-consent"), signed).await;
    let path = format!("/api/v1/cases/{id}/reuse");
    let says = async |body: Value| fields(&hall.app.post(&hall.clerk, &path, body).await);
    assert_eq!(says(json!({})).await, ["earlier required"]);
    let unknown = json!({ "earlier": [{ "material_id": material, "case_id": id }, { "material_id": "x", "case_id": first }] });
    assert_eq!(says(unknown).await, ["earlier[0] unknown", "earlier[1] unknown"]);
    let form = json!({ "earlier": [{ "material_id": material, "case_id": first }], "form": true });
    assert_eq!(says(form).await, ["form nothing_to_fill"]);
}

async fn accepted_before_plain(hall: &Hall) -> (String, String) {
    let case = hall.ok(&hall.clerk, "/cases", hall.body("demo-promised", "").await).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    let material = case["materials"][0]["material_id"].as_str().expect("a material").to_owned();
    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    (id, material)
}

async fn plain_draft(hall: &Hall) -> String {
    let mut body = hall.body("demo-promised", "").await;
    (body["draft"], body["materials"]) = (json!(true), json!([]));
    let case = hall.ok(&hall.clerk, "/cases", body).await;
    case["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn what_is_too_old_or_was_taken_back_does_not_count() {
    let mut hall = Hall::open().await;
    let (first, material) = accepted_before_plain(&hall).await;
    let id = plain_draft(&hall).await;
    hall.ok(&hall.clerk, &format!("/cases/{id}/reuse-consent"), oral()).await;
    hall.days_later(366).await;
    let old = earlier(&hall, &id).await;
    assert_eq!((&old["count"], &old["items"][0]["valid"]), (&json!(0), &json!(false)), "{old}");
    let take = json!({ "earlier": [{ "material_id": material, "case_id": first }] });
    let refused = hall.app.post(&hall.clerk, &format!("/api/v1/cases/{id}/reuse"), take).await;
    assert_eq!((refused.status, fields(&refused)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["earlier too_old".to_owned()]));
    hall.ok(&hall.clerk, &format!("/cases/{first}/withdraw"), json!({ "reason": "不办了" })).await;
    assert_eq!(earlier(&hall, &id).await["items"], json!([]), "he has his papers again");
}

#[tokio::test]
async fn what_is_reused_is_named_on_the_papers_and_the_case_is_accepted_with_it() {
    let hall = Hall::open().await;
    let (first, material) = accepted_before_plain(&hall).await;
    let id = plain_draft(&hall).await;
    hall.ok(&hall.clerk, &format!("/cases/{id}/reuse-consent"), oral()).await;
    let all = earlier(&hall, &id).await["items"].clone();
    let wanted: Vec<Value> =
        all.as_array().expect("items").iter().map(|one| json!({ "material_id": one["material_id"], "case_id": one["case_id"] })).collect();
    assert!(wanted.iter().all(|one| one["case_id"] == json!(first)) && wanted.iter().any(|one| one["material_id"] == json!(material)));
    hall.ok(&hall.clerk, &format!("/cases/{id}/reuse"), json!({ "earlier": wanted })).await;
    hall.ok(&hall.clerk, &format!("/cases/{id}/submit"), json!({})).await;
    let accepted = hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    assert_eq!((&accepted["state"], status_of(&accepted, &material)), (&json!("accepted"), &json!("reused")));
    let number = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{first}")).await.body["number"].clone();
    for kind in ["receipt", "acceptance", "transfer"] {
        let text = paper(&hall, &id, kind).await;
        let said = text.contains("经申请人同意，用以前交过的材料") && text.contains(number.as_str().expect("a number"));
        assert!(said, "{kind}: {text}");
    }
    // After acceptance the case stands as it was accepted; that he took it back is on record.
    let after = hall.ok(&hall.clerk, &format!("/cases/{id}/withdraw-reuse-consent"), json!({})).await;
    assert_eq!((&after["state"], status_of(&after, &material)), (&json!("accepted"), &json!("reused")));
    assert_eq!(earlier(&hall, &id).await["items"], json!([]), "and nothing more is shown");
}

async fn paper(hall: &Hall, case: &str, kind: &str) -> String {
    let read = hall.app.get(&hall.clerk, &format!("/api/v1/cases/{case}/documents/{kind}.pdf")).await;
    assert_eq!(read.status, StatusCode::OK, "{kind}: {}", read.body);
    crate::papers::text_of(&read.bytes)
}

#[tokio::test]
async fn a_tick_in_the_online_application_is_the_consent() {
    let hall = Hall::open().await;
    accepted_before_plain(&hall).await;
    let citizen = crate::applications::sign_in(&hall.app, "13911110009").await;
    let mut body = crate::applications::beginning(&hall.app, "demo-promised").await;
    body["situation_ids"] = crate::applications::whole(&hall.app, "demo-promised").await["situation_ids"].clone();
    body["applicant"] = hall.body("demo-promised", "").await["applicant"].clone();
    let begun = hall.ok(&citizen, "/applications", body).await;
    let id = begun["id"].as_str().expect("an id").to_owned();
    let old = hall.app.post(&citizen, &format!("/api/v1/applications/{id}/submit"), json!({ "reuse_consent": 7 })).await;
    assert_eq!(fields(&old), ["reuse_consent outdated"]);
    hall.ok(&citizen, &format!("/applications/{id}/submit"), json!({ "reuse_consent": 1 })).await;
    let view = earlier(&hall, &id).await;
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/src/shared/words/zh/apply.ts")).expect("the page");
    assert!(page.contains(view["consent_text"].as_str().expect("a text")), "the page shows what is agreed to");
    assert_eq!((&view["consent"]["way"], &view["consent"]["by"]), (&json!("online"), &Value::Null), "{view}");
    assert!(view["items"].as_array().is_some_and(|items| !items.is_empty()));
}

#[tokio::test]
async fn another_person_another_site_and_who_does_not_accept_see_nothing() {
    let hall = Hall::open().await;
    accepted_before_plain(&hall).await;
    assert_eq!(asked(&hall, "王小明", "152301199003070038").await["count"], 0, "somebody else's papers");
    assert!(asked(&hall, "李华", "11010519491231002X").await["count"].as_u64().is_some_and(|count| count > 0));
    let id = plain_draft(&hall).await;
    let status = async |actor: &Actor, path: &str| -> Answer { hall.app.send(actor, Method::GET, path, None, None).await };
    let path = format!("/api/v1/cases/{id}/earlier-materials");
    for name in ["approver1", "supervisor", "issuer"] {
        let actor = hall.app.sign_in(name).await;
        assert_eq!(status(&actor, &path).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(status(&Actor::Nobody, &path).await.status, StatusCode::UNAUTHORIZED);
}
