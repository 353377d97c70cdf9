//! Pictures and films of guides: sent for a draft, read by everybody once a matter in force names them, and by nobody
//! otherwise; kept as long as a draft or a version names them; and everything that is neither picture nor film.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use server::store::{ChangeSet, MatterRow};
use tests::app::{Actor, Answer, TestApp};

use crate::attachments::{form, form_type, png, scanned};
use crate::matter_claims::{above, claim, claimed};
use crate::matter_versions::{fields, keepers, published, put};
use crate::rights::house::case_body;

const MATTER: &str = "m_dc_demo-promised";
const SITE: &str = "demo-center";
const MIB: usize = 1024 * 1024;
const DAY_MS: i64 = 24 * 3_600_000;

/// Sends a file for a guide; `what` is `guide-pictures` or `guide-films`.
async fn sent(app: &TestApp, actor: &Actor, matter: &str, what: &str, name: &str, bytes: &[u8]) -> Answer {
    let kind = form_type();
    let path = format!("/api/v1/matters/{matter}/{what}");
    app.send_raw(actor, Method::POST, &path, &[("content-type", &kind)], form(Some((name, bytes)), &[])).await
}

async fn picture_of(app: &TestApp, actor: &Actor, matter: &str, shade: u8) -> Value {
    let answer = sent(app, actor, matter, "guide-pictures", "第一步.png", &png(80, 60, shade)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

/// A picture that the guide of a matter in force shows; its name.
pub async fn pictured(app: &TestApp, admin: &Actor, matter: &str) -> String {
    let file = picture_of(app, admin, matter, 120).await["file"].clone();
    published(app, matter, |content| content["details"]["pictures"] = json!([step(&file, "身份证正面")])).await;
    file.as_str().expect("a name").to_owned()
}

/// An MP4 of about so many bytes: the boxes that a browser looks for, nothing to be seen.
fn mp4(bytes: usize) -> Vec<u8> {
    let boxed = |name: &[u8], inner: Vec<u8>| {
        let size = u32::try_from(inner.len() + 8).expect("a small box");
        [&size.to_be_bytes()[..], name, &inner].concat()
    };
    // Not one byte over and over, so that parts differ.
    let inner: Vec<u8> = (0..bytes).map(|at| (at * 7 / 13 % 251) as u8).collect();
    [boxed(b"ftyp", b"isom\0\0\x02\0isomiso2".to_vec()), boxed(b"moov", vec![0; 64]), boxed(b"mdat", inner)].concat()
}

fn step(file: &Value, alt: &str) -> Value {
    json!({ "icon": "idcard", "title": "带上身份证", "text": "", "file": file, "alt": alt })
}

async fn draft(app: &TestApp, actor: &Actor, change: impl FnOnce(&mut Value)) -> Answer {
    let path = format!("/api/v1/matters/{MATTER}/draft");
    let mut draft = app.get(actor, &path).await.body;
    change(&mut draft["content"]);
    let body = json!({
        "revision": draft["revision"], "base_version": draft["newest_version"], "content": draft["content"], "line_id": draft["line_id"],
    });
    put(app, actor, &path, body).await
}

async fn read(app: &TestApp, actor: &Actor, matter: &str, file: &Value) -> Answer {
    app.get(actor, &format!("/api/v1/matters/{matter}/guide-files/{}", file.as_str().expect("a name"))).await
}

async fn drafted(app: &TestApp, actor: &Actor, file: &Value) -> StatusCode {
    app.get(actor, &format!("/api/v1/matters/{MATTER}/draft/guide-files/{}", file.as_str().expect("a name"))).await.status
}

async fn a_picture_is_public_only_while_the_matter_in_force_names_it_on(app: TestApp) {
    let (admin, district) = keepers(&app).await;
    let clerk = app.sign_in("clerk1").await;
    let one = picture_of(&app, &admin, MATTER, 40).await;
    assert_eq!((&one["content_type"], &one["width"], &one["height"]), (&json!("image/png"), &json!(80), &json!(60)));
    let again = picture_of(&app, &admin, MATTER, 40).await;
    assert_eq!(again["file"], one["file"], "one content, one name");
    let file = &one["file"];
    assert_eq!((drafted(&app, &admin, file).await, drafted(&app, &district, file).await), (StatusCode::OK, StatusCode::OK));
    assert_eq!(drafted(&app, &clerk, file).await, StatusCode::FORBIDDEN);
    assert_eq!(drafted(&app, &Actor::Nobody, file).await, StatusCode::UNAUTHORIZED);

    let silent = draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(file, "")])).await;
    assert_eq!(fields(&silent), ["content.details.pictures[0].alt missing"], "who does not see it hears what is on it");
    let saved = draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(file, "身份证正面")])).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    for actor in [&Actor::Nobody, &admin, &clerk] {
        assert_eq!(read(&app, actor, MATTER, file).await.status, StatusCode::NOT_FOUND, "a draft is nobody's to see");
    }
    // Days later the draft still has it.
    app.clock.advance(2 * DAY_MS);
    app.app.forget_files().await.expect("the timer");
    published(&app, MATTER, |_| {}).await;

    let shown = read(&app, &Actor::Nobody, MATTER, file).await;
    assert_eq!((shown.status, shown.bytes.starts_with(b"\x89PNG")), (StatusCode::OK, true));
    let heads = ["content-type", "cache-control", "x-content-type-options", "accept-ranges"].map(|name| shown.header(name));
    assert_eq!(heads, ["image/png", "public, max-age=31536000, immutable", "nosniff", "bytes"]);
    assert!(shown.header("content-security-policy").contains("default-src 'none'"));
    let guide = app.get(&Actor::Nobody, &format!("/api/v1/matters/{MATTER}")).await.body;
    let url = guide["pictures"][0]["picture_url"].as_str().expect("an address");
    assert!(url.ends_with(file.as_str().expect("a name")) && guide["pictures"][0]["alt"] == "身份证正面", "{guide}");
    assert_eq!(app.get(&Actor::Nobody, guide["pictures"][0]["small_url"].as_str().expect("an address")).await.status, StatusCode::OK);
    for wrong in ["0".repeat(64), "x".to_owned(), "..%2f..%2fetc".to_owned()] {
        assert_eq!(read(&app, &Actor::Nobody, MATTER, &json!(wrong)).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }

    // What a draft had that was done away with is forgotten; what a version had stays for it, though nobody sees it.
    let (admin, _) = keepers(&app).await;
    let other = picture_of(&app, &admin, MATTER, 90).await["file"].clone();
    draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(&other, "户口本")])).await;
    app.post(&admin, &format!("/api/v1/matters/{MATTER}/draft/discard"), json!({})).await;
    published(&app, MATTER, |content| content["details"]["pictures"] = json!([])).await;
    app.clock.advance(2 * DAY_MS);
    app.app.forget_files().await.expect("the timer");
    let (admin, _) = keepers(&app).await;
    assert_eq!(read(&app, &Actor::Nobody, MATTER, file).await.status, StatusCode::NOT_FOUND, "the newest version names it no more");
    assert_eq!(drafted(&app, &admin, file).await, StatusCode::OK, "the version before does");
    assert_eq!(drafted(&app, &admin, &other).await, StatusCode::NOT_FOUND);
    let gone = draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(&other, "户口本")])).await;
    assert_eq!(fields(&gone), ["content.details.pictures[0].file missing_file"]);
}

#[tokio::test]
async fn in_memory_a_picture_is_public_only_while_the_matter_in_force_names_it() {
    a_picture_is_public_only_while_the_matter_in_force_names_it_on(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_a_picture_is_public_only_while_the_matter_in_force_names_it() {
    a_picture_is_public_only_while_the_matter_in_force_names_it_on(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_a_picture_is_public_only_while_the_matter_in_force_names_it() {
    let database = tests::postgres::database();
    a_picture_is_public_only_while_the_matter_in_force_names_it_on(TestApp::postgres(&database.url).await).await;
}

#[tokio::test]
async fn no_scan_of_anybodys_paper_is_let_out_by_naming_it() {
    let app = TestApp::memory().await;
    let (admin, clerk) = (app.sign_in("admin").await, app.sign_in("clerk1").await);
    let case =
        app.post(&clerk, "/api/v1/cases", case_body(&app, "demo-promised").await).await.body["id"].as_str().expect("a case").to_owned();
    let scan = scanned(&app, &clerk, &case).await;
    let files = app.get(&clerk, &format!("/api/v1/cases/{case}/attachments")).await.body;
    assert_eq!(files["items"][0]["id"], json!(scan));
    let hash = files["items"][0]["sha256"].clone();
    let refused = draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(&hash, "别人的身份证")])).await;
    assert_eq!(fields(&refused), ["content.details.pictures[0].file missing_file"]);
    assert_eq!(drafted(&app, &admin, &hash).await, StatusCode::NOT_FOUND);
    // A catalogue that came another way names it, too: the store lets nothing out that was not sent for this.
    let row = app.app.stores.catalogue.matter(SITE, MATTER).await.expect("the store").expect("the matter");
    let mut doc: Value = serde_json::from_str(&row.doc).expect("a matter");
    doc["details"]["pictures"] = json!([step(&hash, "别人的身份证")]);
    let mut set = ChangeSet::new(SITE);
    set.row(MatterRow { doc: doc.to_string(), ..row });
    app.app.commit(set).await.expect("written");
    assert_eq!(read(&app, &Actor::Nobody, MATTER, &hash).await.status, StatusCode::NOT_FOUND);
}

async fn range(app: &TestApp, path: &str, range: &str) -> Answer {
    app.send_raw(&Actor::Nobody, Method::GET, path, &[("range", range), ("accept-encoding", "gzip")], Vec::new()).await
}

#[tokio::test]
async fn a_film_is_read_in_ranges_across_its_parts() {
    let app = TestApp::sqlite().await;
    let admin = app.sign_in("admin").await;
    let film = mp4(5 * MIB / 2);
    let answer = sent(&app, &admin, MATTER, "guide-films", "怎么办.mp4", &film).await;
    assert_eq!((answer.status, &answer.body["content_type"]), (StatusCode::CREATED, &json!("video/mp4")), "{}", answer.body);
    let file = answer.body["file"].clone();
    let silent = draft(&app, &admin, |content| content["details"]["video"] = json!({ "title": "怎么办", "file": file })).await;
    assert_eq!(fields(&silent), ["content.details.video.transcript missing"]);
    let as_picture = draft(&app, &admin, |content| content["details"]["pictures"] = json!([step(&file, "片")])).await;
    assert_eq!(fields(&as_picture), ["content.details.pictures[0].file missing_file"], "a film is no picture");
    published(&app, MATTER, |content| content["details"]["video"] = json!({ "title": "怎么办", "file": file, "transcript": "先取号" }))
        .await;
    let guide = app.get(&Actor::Nobody, &format!("/api/v1/matters/{MATTER}")).await.body;
    assert_eq!(guide["video"]["is_here"], json!(true));
    let path = guide["video"]["url"].as_str().expect("an address");
    let whole = app.send_raw(&Actor::Nobody, Method::GET, path, &[("accept-encoding", "gzip")], Vec::new()).await;
    assert_eq!((whole.status, whole.header("content-type"), whole.header("content-encoding")), (StatusCode::OK, "video/mp4", ""));
    assert!(whole.bytes == film, "the film as it was sent");
    for (asked, from, end) in [
        ("bytes=0-1", 0, 2),
        ("bytes=1048570-1048589", MIB - 6, MIB + 14),
        ("bytes=2097152-", 2 * MIB, film.len()),
        ("bytes=-5", film.len() - 5, film.len()),
    ] {
        let part = range(&app, path, asked).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{asked}");
        assert!(part.bytes == film[from..end], "{asked}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{}", end - 1, film.len()));
        assert_eq!(part.header("content-length"), (end - from).to_string());
    }
    let outside = range(&app, path, &format!("bytes={}-", film.len())).await;
    assert_eq!(
        (outside.status, outside.header("content-range").to_owned()),
        (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{}", film.len()))
    );
}

#[tokio::test]
async fn what_is_neither_picture_nor_film_is_told_clearly() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let broken = mp4(4000);
    let cases: [(&str, &str, &[u8], &str, &str); 9] = [
        ("guide-pictures", "身份证.jpg", b"%PDF-1.7\n1 0 obj", "unsupported_type", "PDF"),
        ("guide-pictures", "动.gif", gif, "unsupported_type", "GIF"),
        ("guide-pictures", "空.png", b"", "empty", "空"),
        ("guide-pictures", "半张.png", &png(80, 60, 3)[..60], "unreadable", "打不开"),
        ("guide-pictures", "片.jpg", &mp4(100), "unsupported_type", "视频"),
        ("guide-films", "空.mp4", b"", "empty", "空"),
        ("guide-films", "动.mp4", gif, "unsupported_type", "GIF"),
        ("guide-films", "图.mp4", &png(8, 8, 3), "unsupported_type", "图例版"),
        ("guide-films", "半段.mp4", &broken[..3000], "unreadable", "完整"),
    ];
    for (what, name, bytes, code, says) in cases {
        let answer = sent(&app, &admin, MATTER, what, name, bytes).await;
        assert_eq!((answer.status, fields(&answer)), (StatusCode::UNPROCESSABLE_ENTITY, vec![format!("file {code}")]), "{name}");
        assert!(answer.body["errors"][0]["message"].as_str().is_some_and(|text| text.contains(says)), "{name}: {}", answer.body);
    }
    for (what, size, says) in [("guide-pictures", 21 * MIB, "20 MB"), ("guide-films", 51 * MIB, "50 MB")] {
        let large = sent(&app, &admin, MATTER, what, "大.bin", &vec![7; size]).await;
        assert_eq!(fields(&large), ["file too_large"], "{what}");
        assert!(large.body["errors"][0]["message"].as_str().is_some_and(|text| text.contains(says)), "{}", large.body);
    }
    let kind = form_type();
    let path = format!("/api/v1/matters/{MATTER}/guide-pictures");
    // One that says beforehand how much it is.
    let declared = [("content-type", kind.as_str()), ("content-length", "209715200")];
    let huge = app.send_raw(&admin, Method::POST, &path, &declared, form(Some(("a.png", &png(8, 8, 3))), &[])).await;
    assert_eq!(fields(&huge), ["file too_large"]);
    let more = form(Some(("a.png", &png(8, 8, 3))), &[("note", "x")]);
    assert_eq!(fields(&app.send_raw(&admin, Method::POST, &path, &[("content-type", &kind)], more).await), ["note unknown_field"]);
    let nobody = sent(&app, &Actor::Nobody, MATTER, "guide-pictures", "a.png", &png(8, 8, 3)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let elsewhere = sent(&app, &admin, "m_dc_no-such", "guide-pictures", "a.png", &png(8, 8, 3)).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_claimed_matter_shows_those_of_the_matter_above_and_a_copied_site_has_its_own() {
    let app = TestApp::memory().await;
    let admin = app.sign_in("admin").await;
    let matter = above(&app).await;
    let id = claimed(&app, &admin, claim(&matter, "authorised")).await["id"].as_str().expect("an id").to_owned();
    let above_id = matter["id"].as_str().expect("an id");
    let file = json!(pictured(&app, &admin, above_id).await);
    assert_eq!(read(&app, &Actor::Nobody, &id, &file).await.status, StatusCode::OK, "read through");
    assert_eq!(read(&app, &Actor::Nobody, MATTER, &file).await.status, StatusCode::NOT_FOUND, "another matter does not name it");

    let own = json!(pictured(&app, &admin, MATTER).await);
    let wanted = json!({ "id": "hua-lin", "name": "桦林镇便民服务中心", "address": "桦林镇中街 1 号", "phone": "0470-1234567" });
    let made = app.post(&admin, &format!("/api/v1/sites/{SITE}/copy"), wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let copied = read(&app, &Actor::Nobody, "m_hl_demo-promised", &own).await;
    assert_eq!((copied.status, copied.bytes == read(&app, &Actor::Nobody, MATTER, &own).await.bytes), (StatusCode::OK, true));
    // The first site's goes; the copy's stays.
    published(&app, MATTER, |content| content["details"]["pictures"] = json!([])).await;
    assert_eq!(read(&app, &Actor::Nobody, MATTER, &own).await.status, StatusCode::NOT_FOUND);
    assert_eq!(read(&app, &Actor::Nobody, "m_hl_demo-promised", &own).await.status, StatusCode::OK);
}
