//! Files of a case, on every store: added, looked at, taken away; who may, what is recorded, what lies in the store,
//! and everything that is no scan of anybody's paper.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::FilePartRow;
use tests::app::{Actor, Answer, TestApp};

use crate::case_ways::{Hall, PLAN};

const SITE: &str = "demo-center";
const BORDER: &str = "----border-of-a-test";
const MIB: usize = 1024 * 1024;
const DAY_MS: i64 = 86_400_000;

/// A picture of so many pixels, as PNG.
pub fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&vec![shade; (width * height) as usize]).expect("pixels");
    writer.finish().expect("an end");
    bytes
}

/// The smallest thing that is a PDF, of about so many bytes.
fn pdf(bytes: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%".to_vec();
    // Not one byte over and over, so that parts differ.
    file.extend((0..bytes).map(|at| b'a' + (at * 7 / 13 % 26) as u8));
    file.extend(b"\n%%EOF\n");
    file
}

/// A form as a browser sends it.
pub fn form(file: Option<(&str, &[u8])>, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    if let Some((name, bytes)) = file {
        let head =
            format!("--{BORDER}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n");
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BORDER}--\r\n").bytes());
    body
}

/// The content type of such a form.
pub fn form_type() -> String {
    format!("multipart/form-data; boundary={BORDER}")
}

/// Sends a form to a case.
pub async fn send(app: &TestApp, actor: &Actor, case: &str, key: Option<&str>, body: Vec<u8>) -> Answer {
    let kind = form_type();
    let mut headers = vec![("content-type", kind.as_str())];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    app.send_raw(actor, Method::POST, &format!("/api/v1/cases/{case}/attachments"), &headers, body).await
}

/// A small scan that lies in a case.
pub async fn scanned(app: &TestApp, actor: &Actor, case: &str) -> String {
    let answer = send(app, actor, case, None, form(Some(("扫描.png", &png(40, 30, 200))), &[])).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body["id"].as_str().expect("an id").to_owned()
}

async fn on(app: TestApp) -> Hall {
    let (clerk, approver) = (app.sign_in("clerk1").await, app.sign_in("approver1").await);
    let (issuer, supervisor) = (app.sign_in("issuer").await, app.sign_in("supervisor").await);
    Hall { app, clerk, approver, issuer, supervisor }
}

async fn added(hall: &Hall, case: &str, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Value {
    let answer = send(&hall.app, &hall.clerk, case, None, form(Some((name, bytes)), fields)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{name}: {}", answer.body);
    answer.body
}

async fn get(hall: &Hall, actor: &Actor, path: &str) -> Answer {
    hall.app.get(actor, path).await
}

async fn part(hall: &Hall, sha256: &str, part: i64) -> Option<FilePartRow> {
    let hash = data_encoding::HEXLOWER.decode(sha256.as_bytes()).expect("a hash");
    hall.app.app.stores.files.file_part(SITE, &hash, part).await.expect("the store")
}

/// The codes of what was wrong, field by field.
fn codes(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    assert!(errors.iter().all(|error| error["message"].as_str().is_some_and(|text| !text.is_ascii())), "in Chinese: {}", answer.body);
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

async fn from_the_scanner_to_the_approver(app: TestApp) {
    let hall = on(app).await;
    let id = hall.received("").await;
    let case = get(&hall, &hall.clerk, &format!("/api/v1/cases/{id}")).await.body;
    assert!(case["actions"].as_array().is_some_and(|actions| actions.contains(&json!("attach"))), "{}", case["actions"]);
    let material = case["materials"][0]["material_id"].as_str().expect("a material").to_owned();
    let (picture, paper) = (png(400, 300, 90), pdf(5 * MIB / 2));
    let scan = added(&hall, &id, "㐂𠮷.png", &picture, &[("material_id", &material), ("note", "正面")]).await;
    let told = (&scan["material_id"], &scan["content_type"], &scan["name"], &scan["note"], scan["size_bytes"].as_u64());
    let size = Some(picture.len() as u64);
    assert_eq!(told, (&json!(material), &json!("image/png"), &json!("㐂𠮷.png"), &json!("正面"), size));
    let file = added(&hall, &id, "李家坡.pdf", &paper, &[]).await;
    assert_eq!((&file["content_type"], &file["thumbnail_url"]), (&json!("application/pdf"), &Value::Null));

    // Sealed, in parts, and not to be found in the store.
    let sha256 = file["sha256"].as_str().expect("a hash");
    let whole: Vec<Vec<u8>> = [part(&hall, sha256, 0).await, part(&hall, sha256, 1).await, part(&hall, sha256, 2).await]
        .into_iter()
        .map(|part| part.expect("a part").sealed)
        .collect();
    assert!(part(&hall, sha256, 3).await.is_none());
    assert!(whole.iter().all(|sealed| !sealed.windows(24).any(|window| paper.windows(24).next() == Some(window))));

    hall.ok(&hall.clerk, &format!("/cases/{id}/accept"), json!({})).await;
    let seen = get(&hall, &hall.approver, &format!("/api/v1/cases/{id}")).await.body;
    assert_eq!(seen["attachments"].as_array().map(Vec::len), Some(2));
    assert_eq!(seen["attachments"][0], scan);
    let url = |of: &Value, name: &str| of[name].as_str().expect("an address").to_owned();
    let read = get(&hall, &hall.approver, &url(&file, "url")).await;
    assert_eq!((read.status, read.bytes == paper), (StatusCode::OK, true));
    let small = get(&hall, &hall.approver, &url(&scan, "thumbnail_url")).await;
    assert_eq!((small.status, &small.bytes[..3]), (StatusCode::OK, &[0xff, 0xd8, 0xff][..]), "a JPEG");
    assert_eq!(get(&hall, &hall.approver, &format!("{}/thumbnail", url(&file, "url"))).await.status, StatusCode::NOT_FOUND);

    let events = hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("events");
    let of = |kind: &str| events.iter().filter(|event| event.kind == kind).map(|event| event.body.clone()).collect::<Vec<_>>();
    let (adding, reading) = (of("attachment_added"), of("person_revealed"));
    assert!(adding.len() == 2 && adding[0].contains(&material) && adding[1].contains(sha256), "{adding:?}");
    assert!(events.iter().all(|event| !event.body.contains("㐂𠮷") && !event.body.contains("李家坡")), "names are sealed");
    assert!(reading.len() == 1 && reading[0].contains(url(&file, "id").as_str()), "each content read is recorded: {reading:?}");
}

#[tokio::test]
async fn in_memory_from_the_scanner_to_the_approver() {
    from_the_scanner_to_the_approver(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_from_the_scanner_to_the_approver() {
    from_the_scanner_to_the_approver(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_from_the_scanner_to_the_approver() {
    let database = tests::postgres::database();
    from_the_scanner_to_the_approver(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn what_is_no_scan_is_refused_with_every_reason_and_nothing_is_kept() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let before = hall.app.app.stores.events.head(SITE).await.expect("the store");
    // The header of a picture of 60,000 by 60,000 pixels: 200 bytes that would become gigabytes.
    let mut bomb = png(1, 1, 0);
    bomb.splice(16..24, [60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    let crc = crc32(&bomb[12..29]);
    bomb.splice(29..33, crc.to_be_bytes());
    let cases: [(&str, &[u8], &str); 9] = [
        ("合同.pdf", b"PK\x03\x04\x14\x00\x00\x00\x08\x00 a zip", "unsupported_type"),
        ("a.pdf", b"<!DOCTYPE html><html><script>alert(1)</script>", "unsupported_type"),
        ("a.jpg", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "unsupported_type"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00", "unsupported_type"),
        ("a.png", b"just a text", "unsupported_type"),
        ("empty.png", b"", "empty"),
        ("broken.png", &png(40, 40, 3)[..40], "unreadable"),
        ("bomb.png", &bomb, "too_many_pixels"),
        ("large.pdf", &pdf(20 * MIB), "too_large"),
    ];
    for (name, bytes, code) in cases {
        let answer = send(&hall.app, &hall.clerk, &id, None, form(Some((name, bytes)), &[])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.body);
        assert_eq!(codes(&answer), [("file".to_owned(), code.to_owned())], "{name}");
    }
    let all_wrong = form(Some(("a.exe", b"MZ")), &[("material_id", "mt_dc_nothing"), ("note", "\u{1b}[2J"), ("no_such_field", "1")]);
    let answer = send(&hall.app, &hall.clerk, &id, None, all_wrong).await;
    let mut fields: Vec<String> = codes(&answer).into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["file", "material_id", "no_such_field", "note"], "{}", answer.body);
    let answer = send(&hall.app, &hall.clerk, &id, None, form(None, &[("note", "x")])).await;
    assert_eq!(codes(&answer), [("file".to_owned(), "missing".to_owned())]);
    let torn = form(Some(("a.png", &png(40, 40, 3))), &[]);
    let answer = send(&hall.app, &hall.clerk, &id, None, torn[..torn.len() - 60].to_vec()).await;
    assert_eq!(codes(&answer), [("file".to_owned(), "malformed".to_owned())]);
    let end = format!("--{BORDER}--\r\n").len();
    let mut two = form(Some(("a.png", &png(4, 4, 3))), &[]);
    two.truncate(two.len() - end);
    two.extend(form(Some(("b.png", &png(4, 4, 3))), &[]));
    assert_eq!(codes(&send(&hall.app, &hall.clerk, &id, None, two).await), [("file".to_owned(), "duplicate".to_owned())]);
    let answer = hall.app.post(&hall.clerk, &format!("/api/v1/cases/{id}/attachments"), json!({ "file": "x" })).await;
    assert_eq!(codes(&answer), [("Content-Type".to_owned(), "not_multipart".to_owned())]);
    assert_eq!(hall.app.app.stores.events.head(SITE).await.expect("the store"), before, "nothing happened");
    let hash = server::vault::sha256(&bomb);
    assert!(hall.app.app.stores.files.file_part(SITE, &hash, 0).await.expect("the store").is_none());
}

/// The checksum of a PNG's chunk.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[tokio::test]
async fn names_are_text_and_nothing_else() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let long = format!("{}.png", "长".repeat(300));
    for (sent, kept) in [
        ("../../etc/passwd", "../../etc/passwd"),
        ("C:\\a\\b.png", "C:\\a\\b.png"),
        (long.as_str(), ""),
        ("", "附件"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
    ] {
        let view = added(&hall, &id, sent, &png(4, 4, 9), &[]).await;
        let name = view["name"].as_str().expect("a name");
        assert!(kept.is_empty() || name == kept, "{sent}: {name}");
        assert!(name.chars().count() <= 200, "{name}");
        let read = get(&hall, &hall.clerk, view["url"].as_str().expect("an address")).await;
        assert_eq!(read.status, StatusCode::OK, "{sent}");
    }
}

#[tokio::test]
async fn one_content_lies_once_and_goes_when_no_case_names_it() {
    for app in [TestApp::memory().await, TestApp::sqlite().await] {
        let mut hall = on(app).await;
        let (one, other) = (hall.received("").await, hall.received("").await);
        let bytes = png(80, 60, 17);
        let first = added(&hall, &one, "一.png", &bytes, &[]).await;
        let sha256 = first["sha256"].as_str().expect("a hash").to_owned();
        let sealed = part(&hall, &sha256, 0).await.expect("a part").sealed;
        let again = added(&hall, &one, "再.png", &bytes, &[]).await;
        let elsewhere = added(&hall, &other, "二.png", &bytes, &[]).await;
        assert_ne!(first["id"], again["id"]);
        assert_eq!(part(&hall, &sha256, 0).await.expect("a part").sealed, sealed, "not written again");

        let gone = |case: &str, view: &Value| format!("/cases/{case}/attachments/{}/remove", view["id"].as_str().expect("an id"));
        let case = hall.ok(&hall.clerk, &gone(&one, &first), json!({ "reason": "扫错了人" })).await;
        assert_eq!(case["attachments"].as_array().map(Vec::len), Some(1));
        assert_eq!(case["history"].as_array().and_then(|all| all.last()).map(|last| &last["note"]), Some(&json!("扫错了人")));
        hall.refused(&hall.clerk, &gone(&one, &first), json!({ "reason": "x" }), StatusCode::NOT_FOUND, "not_found").await;
        hall.refused(&hall.clerk, &gone(&one, &again), json!({}), StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
        hall.ok(&hall.clerk, &gone(&one, &again), json!({ "reason": "扫错了人" })).await;
        hall.days_later(2).await;
        hall.app.app.forget_files().await.expect("the timer");
        assert!(part(&hall, &sha256, 0).await.is_some(), "another case names it");
        hall.ok(&hall.clerk, &gone(&other, &elsewhere), json!({ "reason": "扫错了人" })).await;
        hall.app.app.forget_files().await.expect("the timer");
        assert!(part(&hall, &sha256, 0).await.is_none() && part(&hall, &sha256, -1).await.is_none(), "nobody names it any more");

        // What was added anew meanwhile stays.
        let anew = added(&hall, &one, "新.png", &bytes, &[]).await;
        hall.app.app.forget_files().await.expect("the timer");
        assert_eq!(get(&hall, &hall.clerk, anew["url"].as_str().expect("an address")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_content_that_was_written_and_never_named_is_forgotten_after_a_day() {
    let hall = Hall::open().await;
    let files = &hall.app.app.stores.files;
    let hash = vec![7; 32];
    let file = server::store::FileRow { site_id: SITE.to_owned(), sha256: hash.clone(), parts: 1, wanted_at: hall.app.app.now() };
    assert_eq!(files.want_file(&file).await.expect("the store"), 0);
    let row = FilePartRow { site_id: SITE.to_owned(), sha256: hash.clone(), part: 0, key_id: "k".to_owned(), sealed: vec![1] };
    files.put_file_part(&row).await.expect("the store");
    hall.app.app.forget_files().await.expect("the timer");
    assert!(files.file_part(SITE, &hash, 0).await.expect("the store").is_some(), "somebody may be about to name it");
    hall.app.clock.advance(DAY_MS + 1);
    hall.app.app.forget_files().await.expect("the timer");
    assert!(files.file_part(SITE, &hash, 0).await.expect("the store").is_none());
}

#[tokio::test]
async fn a_retry_adds_one_file_and_another_file_under_its_key_is_refused() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let first = send(&hall.app, &hall.clerk, &id, Some("scan-1"), form(Some(("a.png", &png(9, 9, 1))), &[])).await;
    assert_eq!((first.status, first.replayed), (StatusCode::CREATED, false));
    let second = send(&hall.app, &hall.clerk, &id, Some("scan-1"), form(Some(("a.png", &png(9, 9, 1))), &[])).await;
    assert_eq!((second.status, second.replayed, &second.body), (StatusCode::CREATED, true, &first.body));
    let other = send(&hall.app, &hall.clerk, &id, Some("scan-1"), form(Some(("a.png", &png(9, 9, 2))), &[])).await;
    assert_eq!((other.status, &other.body["code"]), (StatusCode::CONFLICT, &json!("idempotency_mismatch")));
    let listed = get(&hall, &hall.clerk, &format!("/api/v1/cases/{id}/attachments")).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn others_find_nothing_and_who_only_watches_sees_no_content() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let view = added(&hall, &id, "李华身份证.png", &png(9, 9, 1), &[]).await;
    let url = view["url"].as_str().expect("an address").to_owned();
    let small = view["thumbnail_url"].as_str().expect("an address").to_owned();
    for (name, status) in [("auditor", StatusCode::FORBIDDEN), ("approver2", StatusCode::FORBIDDEN), ("leader1", StatusCode::OK)] {
        let actor = hall.app.sign_in(name).await;
        for path in [&url, &small] {
            assert_eq!(get(&hall, &actor, path).await.status, status, "{name} {path}");
        }
    }
    let auditor = hall.app.sign_in("auditor").await;
    let listed = get(&hall, &auditor, &format!("/api/v1/cases/{id}/attachments")).await;
    assert_eq!((listed.status, &listed.body["items"][0]["name"]), (StatusCode::OK, &Value::Null), "a name may tell a name");
    for path in [&url, &small] {
        assert_eq!(get(&hall, &Actor::Nobody, path).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(get(&hall, &Actor::Device("demo-kiosk".to_owned()), path).await.status, StatusCode::FORBIDDEN);
    }
    // The approver decides and adds nothing; a case of another site and one that is over take nothing.
    let file = || form(Some(("a.png", &png(9, 9, 1))), &[]);
    assert_eq!(send(&hall.app, &hall.approver, &id, None, file()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&hall.app, &hall.clerk, "c_sumu_1", None, file()).await.status, StatusCode::NOT_FOUND);
    hall.ok(&hall.clerk, &format!("/cases/{id}/withdraw"), json!({ "reason": "不办了" })).await;
    let closed = send(&hall.app, &hall.clerk, &id, None, file()).await;
    assert_eq!((closed.status, &closed.body["code"]), (StatusCode::CONFLICT, &json!("case_state")));
    let remove = format!("/cases/{id}/attachments/{}/remove", view["id"].as_str().expect("an id"));
    hall.refused(&hall.clerk, &remove, json!({ "reason": "x" }), StatusCode::CONFLICT, "case_state").await;
    let other = hall.received(PLAN).await;
    let crossed = url.replace(&id, &other);
    assert_eq!(get(&hall, &hall.clerk, &crossed).await.status, StatusCode::NOT_FOUND, "a file of another case");
}

#[tokio::test]
async fn a_part_that_was_changed_is_not_shown() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let view = added(&hall, &id, "a.png", &png(9, 9, 1), &[]).await;
    let mut row = part(&hall, view["sha256"].as_str().expect("a hash"), 0).await.expect("a part");
    row.sealed[80] ^= 1;
    hall.app.app.stores.files.put_file_part(&row).await.expect("the store");
    let read = get(&hall, &hall.clerk, view["url"].as_str().expect("an address")).await;
    assert_eq!(read.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn what_goes_out_cannot_act_and_stays_in_no_cache() {
    let hall = Hall::open().await;
    let id = hall.received("").await;
    let view = added(&hall, &id, "身份证.png", &png(9, 9, 1), &[]).await;
    let address = hall.app.serve().await;
    let Actor::Staff(cookie) = &hall.clerk else { panic!("a cookie") };
    let mut client = tests::client::Client::connect(address).await.expect("it listens").with("cookie", cookie);
    let reply = client.get(view["url"].as_str().expect("an address")).await;
    let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(header("content-disposition"), "inline; filename=\"attachment.png\"; filename*=UTF-8''%E8%BA%AB%E4%BB%BD%E8%AF%81.png");
}
