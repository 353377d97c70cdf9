//! What people type wrong at the case: a number of somebody who is not born yet, a file that is far too large, a year
//! with a slip in it; and what looks wrong and is right: names with characters that are rare.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer};

use crate::attachments::form_type;
use crate::case_ways::Hall;

/// Born on 25 November 2026; the test's day is the 24th.
const OF_TOMORROW: &str = "152301202611250037";

fn told(answer: &Answer) -> (u16, &str, &str) {
    let first = &answer.body["errors"][0];
    assert!(first["message"].as_str().is_none_or(|text| !text.is_ascii()), "in Chinese: {}", answer.body);
    (answer.status.as_u16(), first["field"].as_str().unwrap_or_default(), first["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn nobody_who_is_not_born_applies_takes_a_number_or_books() {
    let hall = Hall::open().await;
    let mut body = hall.body("demo-promised", "").await;
    body["applicant"]["id_number"] = json!(OF_TOMORROW);
    assert_eq!(told(&hall.app.post(&hall.clerk, "/api/v1/cases", body).await), (422, "applicant.id_number", "birth_date"));
    let kiosk = Actor::Device("demo-kiosk".to_owned());
    let holder = json!({ "name": "王小明", "id_type": "resident_id", "id_number": OF_TOMORROW });
    for actor in [&kiosk, &hall.clerk] {
        let number = json!({ "line_id": "l_dc_demo-line", "holder": holder });
        let refused = hall.app.send(actor, Method::POST, "/api/v1/sites/demo-center/tickets", Some("unborn"), Some(number)).await;
        assert_eq!(told(&refused), (422, "holder.id_number", "birth_date"), "{}", refused.body);
    }
}

#[tokio::test]
async fn a_file_of_two_hundred_mebibytes_is_refused_by_what_its_sender_declares() {
    let hall = Hall::open().await;
    let case = hall.received("").await;
    let path = format!("/api/v1/cases/{case}/attachments");
    let (kind, length) = (form_type(), (200 * 1024 * 1024).to_string());
    // Nothing of it is there to be read: the answer comes from the header alone.
    for more in [&[("expect", "100-continue")][..], &[]] {
        let headers = [&[("content-type", kind.as_str()), ("content-length", length.as_str())][..], more].concat();
        let refused = hall.app.send_raw(&hall.clerk, Method::POST, &path, &headers, Vec::new()).await;
        assert_eq!(told(&refused), (422, "file", "too_large"), "{}", refused.body);
    }
    let files = hall.app.get(&hall.clerk, &path).await;
    assert_eq!(files.body["items"], json!([]), "nothing of it was kept");
}

#[tokio::test]
async fn rare_characters_of_names_stay_as_they_are() {
    let hall = Hall::open().await;
    for name in ["㐂田", "𠮷野", "阿依古丽·买买提", "𪚥𠔻"] {
        let mut body = hall.body("demo-promised", "").await;
        body["applicant"]["name"] = json!(name);
        let case = hall.ok(&hall.clerk, "/cases", body).await;
        let reveal = json!({ "fields": ["name"], "reason": "核对姓名" });
        let path = format!("/cases/{}/reveal", case["id"].as_str().expect("an id"));
        assert_eq!(hall.ok(&hall.clerk, &path, reveal).await["name"], json!(name));
        let masked = case["applicant"]["name"].as_str().expect("a masked name");
        assert!(masked.contains('*') && masked.chars().next() == name.chars().next(), "{masked}");
    }
}

#[tokio::test]
async fn a_certificate_begins_near_its_decision() {
    let hall = Hall::open().await;
    let id = hall.in_review().await;
    hall.ok(&hall.approver, &format!("/cases/{id}/approve"), json!({})).await;
    let make = |from: &str| json!({ "number": "Z1", "valid_from": from });
    let path = format!("/api/v1/cases/{id}/certificate");
    for wrong in ["2062-11-24", "2016-11-24", "1970-01-01"] {
        let refused = hall.app.post(&hall.issuer, &path, make(wrong)).await;
        assert_eq!(told(&refused), (422, "valid_from", "out_of_range"), "{wrong}: {}", refused.body);
    }
    for malformed in [json!("2026-13-01"), json!("明天"), Value::Null] {
        let refused = hall.app.post(&hall.issuer, &path, json!({ "number": "Z1", "valid_from": malformed })).await;
        assert_eq!(told(&refused), (422, "valid_from", "date"), "{malformed}: {}", refused.body);
    }
    let made = hall.app.post(&hall.issuer, &path, make("2027-01-01")).await;
    assert_eq!(made.status, StatusCode::CREATED, "from the new year on: {}", made.body);
}
