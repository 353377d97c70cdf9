//! 网上申请 and 公示 in a real browser on the real program: a citizen applies on a phone without an account, types a
//! wrong code, loses the session and nothing else, mends what the window asks for, and is finished at the window with
//! the form already filled. Every page is looked at on a phone, in 大字版 and as wide as a desk.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tests::demo_pages::DemoPages;

const MATTER: &str = "/apply/m_dc_canjizheng";
const PHONE: &str = "13912345520";
const TEXT: &str = "户口本要带全本，照片换近期的";

#[track_caller]
fn click(hall: &mut DemoPages, page: &str, testid: &str) {
    hall.step("click", json!({ "page": page, "testid": testid }));
}

/// A picture on the phone, one in 大字版 and one as wide as a desk.
#[track_caller]
fn look(hall: &mut DemoPages, file: &str) {
    hall.browser.look("applicant", file);
    click(hall, "applicant", "elder");
    hall.browser.look("applicant", &format!("{file}-elder"));
    click(hall, "applicant", "elder");
    hall.step("resize", json!({ "page": "applicant", "width": 1440, "height": 900 }));
    hall.browser.look("applicant", &format!("{file}-1440"));
    hall.step("resize", json!({ "page": "applicant", "width": 390, "height": 844 }));
}

#[track_caller]
fn see(hall: &mut DemoPages, text: &str) {
    hall.step("see", json!({ "page": "applicant", "text": text }));
}

/// The code in the newest message that the demo's provider took.
fn code(hall: &DemoPages, than: &str) -> String {
    for _ in 0..100 {
        if let Some(code) = newest_code(&hall.data().join("messages")).filter(|code| code != than) {
            return code;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no code came");
}

fn newest_code(folder: &Path) -> Option<String> {
    let mut texts: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "json"))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, std::fs::read_to_string(entry.path()).ok()?)))
        .filter(|(_, text)| text.contains("验证码"))
        .collect();
    texts.sort();
    let (_, text) = texts.pop()?;
    let text = text.split("验证码 ").nth(1)?.to_owned();
    Some(text.chars().take_while(char::is_ascii_digit).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applied_on_a_phone_and_finished_at_the_window() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        fills_in(&mut hall);
        let code = signs_in(&mut hall);
        let query_code = sends(&mut hall);
        the_window_asks_for_more(&mut hall);
        mends_with_a_session_that_ended(&mut hall, &code);
        the_window_is_content(&mut hall);
        finished_at_the_window(&mut hall, &query_code);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

fn fills_in(hall: &mut DemoPages) {
    hall.step("open_apply", json!({ "path": MATTER }));
    see(hall, "是哪种情况？");
    click(hall, "applicant", "next");
    see(hall, "还没有选");
    look(hall, "apply-situations");
    hall.step("choose_situations", json!({}));
    click(hall, "applicant", "next");
    see(hall, "给谁办？");
    let wrong = json!({ "name": "王小明", "id_number": "15230119900307003", "phone": "139123" });
    hall.step("fill_applicant", json!({ "person": wrong }));
    click(hall, "applicant", "next");
    see(hall, "还有 2 处要改");
    assert_eq!(hall.step("focus_is", json!({})), "errors", "the summary is read first");
    look(hall, "apply-wrong");
    hall.step("fill_applicant", json!({ "person": { "id_number": "152301199003070038", "phone": PHONE } }));
    hall.step("wait_saved", json!({ "text": "存在这台手机上" }));
    // A page that is opened again has what was typed, at the step where it was.
    hall.step("reload", json!({ "page": "applicant" }));
    see(hall, "给谁办？");
    assert_eq!(hall.step("applicant_is", json!({}))["id_number"], "152301199003070038");
    look(hall, "apply-who");
    click(hall, "applicant", "next");
    see(hall, "材料有没有？");
    hall.step("have_all", json!({}));
    look(hall, "apply-materials");
    click(hall, "applicant", "next");
    see(hall, "核对一下，交上去");
    look(hall, "apply-check");
}

/// Gives the code that was good, so that the next one is known to be another.
fn signs_in(hall: &mut DemoPages) -> String {
    click(hall, "applicant", "send");
    see(hall, "用手机号登录");
    click(hall, "applicant", "send-code");
    see(hall, "验证码发到");
    let code = code(hall, "");
    let wrong = if code == "000000" { "111111" } else { "000000" };
    hall.step("type_code", json!({ "code": wrong }));
    see(hall, "验证码不对");
    look(hall, "apply-wrong-code");
    let troubles = hall.step("troubles", json!({})).to_string();
    assert!(troubles.contains("401") && !troubles.contains("500"), "the wrong code and nothing else: {troubles}");
    hall.step("type_code", json!({ "code": code }));
    code
}

fn sends(hall: &mut DemoPages) -> String {
    let receipt = hall.step("receipt", json!({ "at": "submitted" }));
    look(hall, "apply-receipt");
    assert!(receipt["qr"].as_str().is_some_and(|url| url.contains("/t/")), "{receipt}");
    receipt["code"].as_str().expect("a code").to_owned()
}

fn the_window_asks_for_more(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    hall.step("open_online", json!({ "page": "clerk1", "at": "submitted" }));
    hall.browser.look("clerk1", "online-list");
    let told = hall.step("pick_online", json!({ "page": "clerk1" }));
    let told = told.as_str().unwrap_or_default();
    assert!(told.contains("王*明") && !told.contains(PHONE), "masked: {told}");
    hall.browser.look("clerk1", "online-one");
    hall.step("say_supplement", json!({ "page": "clerk1", "text": TEXT }));
    hall.step("open_apply", json!({ "path": "/apply" }));
    see(hall, "要补一补");
    look(hall, "apply-mine");
}

fn mends_with_a_session_that_ended(hall: &mut DemoPages, first: &str) {
    hall.step("open_apply", json!({ "path": format!("{MATTER}?step=3") }));
    see(hall, "材料有没有？");
    let photo = data_encoding::BASE64.encode(&crate::attachments::png(800, 500, 180));
    let said = hall.step("shoot", json!({ "file": "户口本.png", "base64": photo }));
    assert!(said.as_str().is_some_and(|said| said.contains("删去") && said.contains("再拍一张")), "{said}");
    look(hall, "apply-photos");
    hall.step("open_apply", json!({ "path": MATTER }));
    see(hall, TEXT);
    look(hall, "apply-supplement");
    click(hall, "applicant", "next");
    see(hall, "给谁办？");
    hall.step("session_ends", json!({}));
    hall.step("fill_applicant", json!({ "person": { "name": "王小明", "phone": "13912345521" } }));
    hall.step("wait_saved", json!({ "text": "没存到网上，填的都在这台手机上" }));
    click(hall, "applicant", "next");
    see(hall, "材料有没有？");
    click(hall, "applicant", "next");
    see(hall, "登录过期了，再登一次");
    look(hall, "apply-expired");
    let troubles = hall.step("troubles", json!({})).to_string();
    assert!(!troubles.contains("500"), "{troubles}");
    // A code a minute: the page counts down where the first was less ago.
    hall.step("retry_code", json!({}));
    let code = code(hall, first);
    hall.step("type_code", json!({ "code": code }));
    hall.step("receipt", json!({ "at": "submitted" }));
    hall.step("troubles", json!({}));
}

fn the_window_is_content(hall: &mut DemoPages) {
    hall.step("reload", json!({ "page": "clerk1" }));
    hall.step("open_online", json!({ "page": "clerk1", "at": "submitted" }));
    let told = hall.step("pick_online", json!({ "page": "clerk1" }));
    assert!(told.as_str().is_some_and(|told| told.contains("139****5521")), "what was mended came: {told}");
    assert!(told.as_str().is_some_and(|told| told.contains("他传的照片") && told.contains("照片 1 份")), "with the photo: {told}");
    hall.browser.look("clerk1", "online-photos");
    click(hall, "clerk1", "ready");
    hall.step("press_key", json!({ "page": "clerk1", "key": "Escape" }));
    hall.step("open_apply", json!({ "path": MATTER }));
    hall.step("receipt", json!({ "at": "ready" }));
    look(hall, "apply-ready");
}

fn finished_at_the_window(hall: &mut DemoPages, query_code: &str) {
    hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    hall.step("walk_in_and_start", json!({ "page": "clerk1" }));
    hall.step("open_online", json!({ "page": "clerk1", "at": "ready" }));
    hall.step("find_online", json!({ "page": "clerk1", "code": query_code }));
    hall.browser.look("clerk1", "online-ready");
    click(hall, "clerk1", "take-online");
    hall.step("take_in_and_accept", json!({ "page": "clerk1" }));
    hall.step("open_apply", json!({ "path": "/apply" }));
    see(hall, "窗口收下了");
    hall.step("open_apply", json!({ "path": "/progress" }));
    look(hall, "progress");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_lists_are_read_found_and_printed() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("open_apply", json!({ "path": "/" }));
        look(&mut hall, "home");
        hall.step("open_apply", json!({ "path": "/lists" }));
        see(&mut hall, "应进必进事项");
        look(&mut hall, "lists");
        for name in ["all", "promises", "assisted", "rules", "fees"] {
            hall.step("open_apply", json!({ "path": format!("/lists/{name}") }));
            hall.step("list_is_there", json!({}));
            look(&mut hall, &format!("list-{name}"));
        }
        hall.step("open_apply", json!({ "path": "/lists/rules" }));
        let found = hall.step("find_in_list", json!({ "query": "rqsl" }));
        assert_eq!(found, json!(["容缺受理制"]), "by its initials");
        hall.step("reload", json!({ "page": "applicant" }));
        assert_eq!(hall.step("find_in_list", json!({}))[0], "容缺受理制", "what was looked for stands in the address");
        hall.step("print_picture", json!({ "page": "applicant", "file": "list-print" }));
        assert_eq!(hall.step("troubles", json!({})), json!([]));
    });
}
