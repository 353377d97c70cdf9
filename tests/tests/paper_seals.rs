//! Seals on papers: handed in by an administrator, on the papers of their days alone, as a picture in the PDF; what is no
//! seal is refused with everything that is wrong with it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::attachments::png;
use crate::case_ways::Hall;
use crate::papers::text_of;

const SITE: &str = "demo-center";

/// A red ring with a star's worth of red in its middle, clear around it: what a seal looks like to a computer.
pub fn ring(side: u32) -> Vec<u8> {
    let (mut bytes, middle) = (Vec::new(), f64::from(side) / 2.0);
    let pixel = |at: u32| {
        let (x, y) = (f64::from(at % side) - middle, f64::from(at / side) - middle);
        let way = x.hypot(y) / middle;
        if way < 0.2 || (0.88..0.98).contains(&way) { [200, 16, 16, 210] } else { [0, 0, 0, 0] }
    };
    let pixels: Vec<u8> = (0..side * side).flat_map(pixel).collect();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    bytes
}

fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

/// A seal of the centre, handed in.
pub async fn added(app: &TestApp, admin: &Actor) -> String {
    let answer = app.post(admin, &format!("/api/v1/sites/{SITE}/paper-seals"), json!({ "picture": base64(&ring(320)) })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().expect("an id").to_owned()
}

/// How many pictures lie in a PDF, by another program than the one that made it.
pub fn pictures_in(pdf: &[u8]) -> usize {
    let mut child = Command::new("pdfimages")
        .args(["-list", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils is installed");
    child.stdin.take().expect("an input").write_all(pdf).expect("it reads");
    let told = child.wait_with_output().expect("it ends");
    assert!(told.status.success());
    String::from_utf8(told.stdout).expect("UTF-8").lines().filter(|line| line.split_whitespace().nth(2) == Some("image")).count()
}

async fn paper(hall: &Hall, actor: &Actor, id: &str, kind: &str) -> Vec<u8> {
    let answer = hall.app.get(actor, &format!("/api/v1/cases/{id}/documents/{kind}.pdf")).await;
    assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.body);
    answer.bytes
}

async fn hand_in(hall: &Hall, site: &str, body: Value) -> Answer {
    let admin = hall.app.sign_in("admin").await;
    hall.app.post(&admin, &format!("/api/v1/sites/{site}/paper-seals"), body).await
}

fn codes(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("errors: {}", answer.body));
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[tokio::test]
async fn a_paper_bears_the_seal_of_its_own_day_for_ever() {
    let mut hall = Hall::open().await;
    let before = hall.received("").await;
    hall.app.clock.advance(1_000);
    let added = hand_in(&hall, SITE, json!({ "picture": base64(&ring(400)), "size_mm": 40, "to": "2026-11-30" })).await;
    assert_eq!((added.status, &added.body["state"]), (StatusCode::CREATED, &json!("in_force")), "{}", added.body);
    let seal = added.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(added.body["papers"], json!(["receipt", "correction", "joint_correction", "acceptance", "tolerant_acceptance"]));
    let during = hall.in_review().await;
    let sealed = paper(&hall, &hall.clerk, &during, "acceptance").await;
    assert_eq!(pictures_in(&sealed), 1);
    let text = text_of(&sealed);
    assert!(text.contains("2026年11月24日") && !text.contains("（盖章）"), "nobody seals it by hand: {text}");
    let by_hand = paper(&hall, &hall.clerk, &before, "receipt").await;
    assert!(pictures_in(&by_hand) == 0 && text_of(&by_hand).contains("（盖章）"), "it was issued before there was a seal");
    assert_eq!(pictures_in(&paper(&hall, &hall.clerk, &during, "transfer").await), 0, "people sign it");

    // The department's stands on its papers, also where it was handed in above.
    let department = hall.app.app.stores.cases.case(SITE, &during).await.expect("the store").expect("the case").department_id;
    let of_department = hand_in(&hall, "demo-district", json!({ "department_id": department, "picture": base64(&ring(300)) })).await;
    assert_eq!(of_department.status, StatusCode::CREATED, "{}", of_department.body);
    hall.ok(&hall.approver, &format!("/cases/{during}/approve"), json!({ "opinion": "同意" })).await;
    assert_eq!(pictures_in(&paper(&hall, &hall.approver, &during, "decision").await), 1);

    // Taken away, over: what was issued keeps it, what is issued later has none.
    hall.app.clock.advance(1_000);
    let admin = hall.app.sign_in("admin").await;
    let remove = format!("/sites/{SITE}/paper-seals/{seal}/remove");
    assert_eq!(hall.ok(&admin, &remove, json!({})).await["state"], "removed");
    hall.refused(&admin, &remove, json!({}), StatusCode::CONFLICT, "seal_removed").await;
    hall.app.clock.advance(1_000);
    let after = hall.received("").await;
    assert_eq!(pictures_in(&paper(&hall, &hall.clerk, &after, "receipt").await), 0);
    assert_eq!(pictures_in(&paper(&hall, &hall.clerk, &during, "receipt").await), 1);
    let again = hand_in(&hall, SITE, json!({ "picture": base64(&ring(400)), "from": "2026-11-26", "to": "2026-11-26" })).await;
    assert_eq!(again.body["state"], "planned", "{}", again.body);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let id = hall.received("").await;
        seen.push(pictures_in(&paper(&hall, &hall.clerk, &id, "receipt").await));
        hall.days_later(1).await;
    }
    assert_eq!(seen, [0, 0, 1, 0], "from the first to the last day");
}

#[tokio::test]
async fn what_is_no_seal_is_refused_with_everything_that_is_wrong() {
    let hall = Hall::open().await;
    let wrong = json!({ "picture": base64(&png(200, 300, 9)), "from": "2026-11-23", "to": "2026-11-01", "size_mm": 60,
        "department_id": "d_dc_nobody", "papers": ["receipt"] });
    let wanted = [
        ("department_id", "unknown"),
        ("papers[0]", "unknown"),
        ("from", "past"),
        ("to", "before_from"),
        ("size_mm", "out_of_range"),
        ("picture", "too_small"),
        ("picture", "not_square"),
        ("picture", "not_transparent"),
    ];
    let refused = hand_in(&hall, SITE, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(codes(&refused), wanted.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let large = vec![0; 1024 * 1024 + 1];
    for (picture, code) in [
        (String::new(), "missing"),
        ("不是".to_owned(), "unreadable"),
        (base64(b"GIF89a"), "unsupported_type"),
        (base64(&ring(300)[..80]), "unreadable"),
        (base64(&png(3_001, 300, 9)), "too_many_pixels"),
        (base64(&large), "too_large"),
    ] {
        let refused = hand_in(&hall, SITE, json!({ "picture": picture })).await;
        assert_eq!(codes(&refused), [("picture".to_owned(), code.to_owned())], "{code}");
    }
    assert_eq!(hand_in(&hall, SITE, json!({ "picture": base64(&ring(300)) })).await.status, StatusCode::CREATED);
    let second = hand_in(&hall, SITE, json!({ "picture": base64(&ring(300)), "papers": ["receipt"] })).await;
    assert_eq!(codes(&second), [("papers".to_owned(), "overlaps".to_owned())], "one paper, one seal");
}

#[tokio::test]
async fn a_seal_is_seen_by_administrators_alone_and_each_step_is_an_event() {
    let hall = Hall::open().await;
    let admin = hall.app.sign_in("admin").await;
    let seal = added(&hall.app, &admin).await;
    let picture = format!("/api/v1/sites/{SITE}/paper-seals/{seal}/picture");
    let shown = hall.app.get(&admin, &picture).await;
    assert_eq!((shown.status, shown.header("content-type"), shown.bytes == ring(320)), (StatusCode::OK, "image/png", true));
    for name in ["supervisor", "district", "it", "clerk1", "auditor"] {
        let other = hall.app.sign_in(name).await;
        assert_eq!(hall.app.get(&other, &picture).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    // A sample bears it for whoever keeps it, and for nobody else.
    let preview = async |name: &str| {
        let actor = hall.app.sign_in(name).await;
        let path = format!("/api/v1/sites/{SITE}/paper-templates/receipt/preview");
        let answer = hall.app.send(&actor, Method::POST, &path, None, Some(json!({}))).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        pictures_in(&answer.bytes)
    };
    assert_eq!((preview("admin").await, preview("district").await), (1, 0));
    let events = hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let told: Vec<(&str, &str)> =
        events.iter().filter(|event| event.aggregate == "paper_seal").map(|event| (event.kind.as_str(), event.actor.as_str())).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == "seal_added" && told[0].1.contains("admin"), "{told:?}");
    let start = base64(&ring(320))[..200].to_owned();
    let kept = hall.app.app.stores.persons.submission(SITE, &seal).await.expect("the store").expect("the picture");
    assert!(events.iter().all(|event| !event.body.contains(&start)), "the log holds no picture");
    assert!(!String::from_utf8_lossy(&kept.sealed).contains(&start), "it is sealed");
}
