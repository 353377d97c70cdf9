//! Citizens' pages in their languages, in a real browser: the kiosk in Mongolian and English takes a number to the end
//! and speaks Chinese again for whoever comes next; the portal in English and Mongolian follows a ticket. Nothing is cut
//! off, and the pages are as accessible as in Chinese.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const LINE: &str = "l_dc_demo-line";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn citizens_choose_their_language() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        hall.step("open_kiosk_here", json!({ "token": "demo-kiosk" }));
        hall.step("open_kiosk_here", json!({ "name": "wide", "token": "demo-kiosk", "width": 1920, "height": 1080 }));
        let english = on_the_kiosk(&mut hall, "en", "What do you need?", "your number");
        on_the_kiosk(&mut hall, "mn", "ᠪᠦᠲᠦᠭᠡᠬᠦ", "ᠲᠠᠨ ᠤ");
        chinese_again_by_itself(&mut hall);
        refused_in_english(&mut hall);
        on_the_phone(&mut hall, &english);
        let troubles = hall.step("troubles", json!({}));
        // What is refused on purpose: nothing was found.
        let is_expected = |line: &&Value| line.as_str().is_some_and(|line| line.contains(": 404 POST") && line.ends_with("/tickets/find"));
        let others: Vec<_> = troubles.as_array().expect("lines").iter().filter(|line| !is_expected(line)).collect();
        assert!(others.is_empty(), "{others:?}");
    });
}

#[track_caller]
fn is_well_made(hall: &mut DemoPages, page: &str, picture: &str) {
    hall.browser.look(page, picture);
    let cut = hall.step("cut_off", json!({ "page": page }));
    assert_eq!(cut, json!([]), "{picture}");
}

/// Every screen on the way to a number, in both positions of the screen; the code of the number.
fn on_the_kiosk(hall: &mut DemoPages, language: &str, question: &str, yours: &str) -> String {
    for page in ["kiosk", "wide"] {
        hall.step("choose_language", json!({ "page": page, "language": language }));
        hall.step("see", json!({ "page": page, "text": question }));
        is_well_made(hall, page, &format!("{page}-{language}-home"));
        for screen in ["green", "search", "find", "help"] {
            hall.step("touch", json!({ "page": page, "id": screen }));
            is_well_made(hall, page, &format!("{page}-{language}-{screen}"));
            hall.step("start_page", json!({ "page": page }));
        }
        hall.step("touch", json!({ "page": page, "id": "elder" }));
        is_well_made(hall, page, &format!("{page}-{language}-elder"));
        hall.step("touch", json!({ "page": page, "id": "elder" }));
    }
    hall.step("press_line", json!({ "page": "kiosk", "line": LINE }));
    hall.step("see", json!({ "page": "kiosk", "text": yours }));
    is_well_made(hall, "kiosk", &format!("kiosk-{language}-number"));
    let taken = hall.step("kiosk_number", json!({ "page": "kiosk" }));
    hall.step("touch", json!({ "page": "kiosk", "id": "done" }));
    hall.step("see", json!({ "page": "kiosk", "text": "您要办什么" }));
    assert_eq!(hall.text("page_language", json!({ "page": "kiosk" })), "zh-CN");
    taken["tracking_code"].as_str().expect("a code").to_owned()
}

/// Nobody touches the screen: a warning in the language of who stood there, then Chinese.
fn chinese_again_by_itself(hall: &mut DemoPages) {
    hall.step("choose_language", json!({ "page": "kiosk", "language": "en" }));
    hall.step("let_time_pass", json!({ "page": "kiosk", "seconds": 50 }));
    hall.step("see", json!({ "page": "kiosk", "text": "Are you still there?" }));
    is_well_made(hall, "kiosk", "kiosk-en-idle");
    hall.step("let_time_pass", json!({ "page": "kiosk", "seconds": 20 }));
    hall.step("see", json!({ "page": "kiosk", "text": "您要办什么" }));
    assert_eq!(hall.text("page_language", json!({ "page": "kiosk" })), "zh-CN");
}

/// What the server refuses is said in the language of the page, by its code.
fn refused_in_english(hall: &mut DemoPages) {
    hall.step("choose_language", json!({ "page": "kiosk", "language": "en" }));
    hall.step("touch", json!({ "page": "kiosk", "id": "find" }));
    let nobody: Vec<String> = "13900001111".chars().map(String::from).collect();
    let text = hall.text("kiosk_find", json!({ "page": "kiosk", "way": "phone", "keys": nobody }));
    assert!(text.contains("Your number was not found"), "{text}");
    is_well_made(hall, "kiosk", "kiosk-en-not-found");
    hall.step("start_page", json!({ "page": "kiosk" }));
}

/// The page of the number on a phone: the choice stays, what the server says is translated.
fn on_the_phone(hall: &mut DemoPages, code: &str) {
    hall.step("open_track_page", json!({ "name": "phone", "code": code }));
    for (language, lang, yours) in [("en", "en", "your number"), ("mn", "mn-Mong", "ᠲᠠᠨ ᠤ")] {
        hall.step("choose_on_phone", json!({ "page": "phone", "language": language }));
        hall.step("see", json!({ "page": "phone", "text": yours }));
        assert_eq!(hall.text("page_language", json!({ "page": "phone" })), lang);
        hall.step("reload", json!({ "page": "phone" }));
        hall.step("see", json!({ "page": "phone", "text": yours }));
        assert_eq!(hall.text("page_language", json!({ "page": "phone" })), lang, "it is kept");
        hall.browser.look("phone", &format!("phone-{language}-track"));
    }
    hall.step("choose_on_phone", json!({ "page": "phone", "language": "en" }));
    for said in ["Took number", "Wait to be called"] {
        hall.step("see", json!({ "page": "phone", "text": said }));
    }
    hall.step("go_home_on_phone", json!({ "page": "phone" }));
    hall.step("see", json!({ "page": "phone", "text": "Hello, what are you looking for?" }));
    hall.browser.look("phone", "phone-en-home");
}
