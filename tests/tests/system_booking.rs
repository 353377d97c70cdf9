//! Appointments in a real browser on the real program: a citizen books on a phone, meets a full slot, changes,
//! gives up and comes back, and checks in at the kiosk by phone and by scan; every state of the pages is looked
//! at, at the sizes of phone, desk and kiosk.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::time::{DAY_MS, local_date};
use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const PHONE: &str = "13912345678";
const LONG_NAME: &str = "额尔德尼巴雅尔孟和巴特尔·买买提阿卜杜拉热合曼江·苏丽娅";

/// A picture on the phone and one as wide as a desk.
#[track_caller]
fn look(hall: &mut DemoPages, file: &str) {
    hall.browser.look("booker", file);
    hall.step("resize", json!({ "page": "booker", "width": 1440, "height": 900 }));
    hall.browser.look("booker", &format!("{file}-1440"));
    hall.step("resize", json!({ "page": "booker", "width": 390, "height": 844 }));
}

#[track_caller]
fn see(hall: &mut DemoPages, page: &str, text: &str) {
    hall.step("see", json!({ "page": page, "text": text }));
}

fn change_policy(hall: &mut DemoPages, change: impl Fn(&mut Value)) {
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.step("ask", json!({ "page": "admin", "path": path }))["body"].clone();
    change(&mut policy);
    hall.step("send", json!({ "page": "admin", "method": "PUT", "path": path, "body": policy }));
}

/// A day from now on, in the hall's zone; the tests book days that no calendar closes.
fn date(days: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    local_date(i64::try_from(now).expect("before the end of time") + days * DAY_MS).to_string()
}

fn slot(days: i64, time: &str) -> String {
    format!("{}T{time}:00.000+08:00", date(days))
}

/// Every day of the week alike, whatever the calendar of the day on which the test runs says.
fn every_day(policy: &mut Value) {
    let line = &mut policy["policy"]["appointments"]["lines"][0];
    assert_eq!(line["line_id"], LINE);
    let day = json!([{ "from_minute": 510, "to_minute": 720 }, { "from_minute": 840, "to_minute": 1050 }]);
    line["week"] = json!(vec![day; 7]);
    line["capacity"] = json!(2);
    policy["policy"]["appointments"]["follows_calendar"] = json!(false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_books_changes_and_gives_up_on_a_phone() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "admin" }));
        change_policy(&mut hall, every_day);
        the_way_in(&mut hall);
        books(&mut hall);
        changes(&mut hall);
        a_day_is_closed(&mut hall);
        gives_up(&mut hall);
        nothing_to_book(&mut hall);
    });
}

fn the_way_in(hall: &mut DemoPages) {
    hall.step("open_booking", json!({ "path": "/", "site": SITE }));
    look(hall, "book-home");
    hall.step("open_booking", json!({ "site": SITE }));
    see(hall, "booker", "要办什么？");
    look(hall, "book-lines");
    hall.step("choose_line", json!({ "line": LINE }));
    look(hall, "book-slots");
}

fn books(hall: &mut DemoPages) {
    let nine = slot(1, "09:00");
    hall.step("choose_slot", json!({ "starts_at": nine }));
    hall.step("fill_holder", json!({ "holder": { "name": "", "phone": "139123", "id_number": "15012119850312001" } }));
    hall.step("send_booking", json!({}));
    see(hall, "booker", "少 5 位，手机号是 11 位");
    see(hall, "booker", "请写姓名");
    look(hall, "book-wrong");
    assert_eq!(hall.step("troubles", json!({})), json!([]), "the page said it before the server had to");
    // The last places go while this one writes.
    for person in 0..2 {
        let body = json!({ "site_id": SITE, "line_id": LINE, "starts_at": nine, "holder": { "name": "李四", "phone": format!("1370000000{person}") } });
        hall.step("send", json!({ "page": "admin", "path": "/api/v1/appointments", "body": body }));
    }
    hall.step("fill_holder", json!({ "holder": { "name": LONG_NAME, "phone": PHONE, "id_number": "" } }));
    hall.step("send_booking", json!({}));
    see(hall, "booker", "这个时段刚刚约满，请换一个");
    look(hall, "book-full");
    hall.step("troubles", json!({}));
    hall.step("choose_slot", json!({ "starts_at": slot(1, "09:30") }));
    hall.step("fill_holder", json!({ "holder": { "name": LONG_NAME, "phone": PHONE } }));
    hall.step("send_booking", json!({}));
    let booked = hall.step("booked", json!({}));
    assert_eq!(booked["url"], booked["qr"], "the QR is this page");
    see(hall, "booker", "9:30–10:00");
    look(hall, "book-done");
    // A second one of the same phone on the day is refused in words.
    hall.step("open_booking", json!({ "site": SITE }));
    see(hall, "booker", "您约了 明天 9:30–10:00");
    hall.step("choose_line", json!({ "line": LINE }));
    hall.step("choose_slot", json!({ "starts_at": slot(1, "14:00") }));
    hall.step("fill_holder", json!({ "holder": { "name": "王五", "phone": PHONE } }));
    hall.step("send_booking", json!({}));
    see(hall, "booker", "这个手机号当天已经约了这项业务，可以改约");
    look(hall, "book-refused");
    hall.step("troubles", json!({}));
    hall.step("goto", json!({ "page": "booker", "url": booked["url"] }));
}

fn changes(hall: &mut DemoPages) {
    see(hall, "booker", "约好了");
    hall.step("click", json!({ "page": "booker", "testid": "change" }));
    hall.step("choose_slot", json!({ "starts_at": slot(2, "14:30") }));
    see(hall, "booker", "改到这个时间？");
    look(hall, "book-change");
    hall.step("click", json!({ "page": "booker", "testid": "sure" }));
    see(hall, "booker", "改好了");
    see(hall, "booker", "14:30–15:00");
    hall.step("click", json!({ "page": "booker", "testid": "elder" }));
    look(hall, "book-done-elder");
    hall.step("click", json!({ "page": "booker", "testid": "elder" }));
}

fn a_day_is_closed(hall: &mut DemoPages) {
    let closed = json!([{ "date": date(2), "spans": [] }]);
    change_policy(hall, |policy| policy["policy"]["appointments"]["lines"][0]["special_days"] = closed.clone());
    hall.step("reload", json!({ "page": "booker" }));
    see(hall, "booker", "这个时间不开放了");
    see(hall, "booker", "那天办不了");
    look(hall, "book-closed");
}

fn gives_up(hall: &mut DemoPages) {
    hall.step("click", json!({ "page": "booker", "testid": "cancel" }));
    see(hall, "booker", "取消这个预约？");
    look(hall, "book-cancel");
    hall.step("press_key", json!({ "page": "booker", "key": "Escape" }));
    hall.step("click", json!({ "page": "booker", "testid": "cancel" }));
    hall.step("click", json!({ "page": "booker", "testid": "sure" }));
    see(hall, "booker", "已经取消");
    look(hall, "book-cancelled");
    assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
}

fn nothing_to_book(hall: &mut DemoPages) {
    hall.step("open_booking", json!({ "site": "demo-station-1" }));
    see(hall, "booker", "这里不用预约");
    look(hall, "book-none");
    hall.step("open_booking", json!({ "path": "/book/0000000000000000" }));
    see(hall, "booker", "没有这个预约");
    look(hall, "book-unknown");
    change_policy(hall, |policy| policy["policy"]["appointments"]["lines"][0]["capacity"] = json!(0));
    hall.step("open_booking", json!({ "site": SITE }));
    see(hall, "booker", "这几天没有空位");
    look(hall, "book-all-full");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_booked_checks_in_at_the_kiosk() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        for name in ["admin", "clerk1"] {
            hall.step("sign_in_quietly", json!({ "name": name }));
        }
        hall.step("send", json!({ "page": "clerk1", "path": "/api/v1/windows/w_dc_1/open", "body": {} }));
        // Tomorrow's can be checked in today, so that this does not depend on the time of day.
        change_policy(&mut hall, |policy| {
            every_day(policy);
            policy["policy"]["appointments"]["check_in_before_min"] = json!(3 * 1440);
        });
        hall.step("open_kiosk_here", json!({ "token": "demo-kiosk" }));
        hall.browser.look("kiosk", "kiosk-home-bookable");
        by_phone(&mut hall);
        by_scan(&mut hall);
        in_large_type(&mut hall);
        too_early(&mut hall);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_book_change_and_cancel_for_who_calls_by_keyboard() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "admin" }));
        change_policy(&mut hall, every_day);
        hall.step("sign_in", json!({ "name": "guide1", "path": "/guide-desk" }));
        let text = found(&mut hall, PHONE);
        assert!(text.contains("他还没有预约"), "{text}");
        hall.browser.look("guide1", "guide-desk-book");
        let told = hall.step("books_for_caller", json!({ "page": "guide1", "person": LONG_NAME, "later": 1 }));
        let told = told.as_str().expect("words").to_owned();
        assert!(told.contains("约好了，念给他听") && told.contains("预约码"), "{told}");
        hall.browser.look("guide1", "guide-desk-booked");
        let text = found(&mut hall, PHONE);
        assert!(text.contains("额*娅") && !text.contains(LONG_NAME), "{text}");
        // Enter on 改时间, then another time by the arrows.
        hall.step("press_keys", json!({ "page": "guide1", "keys": ["Enter"] }));
        see(&mut hall, "guide1", "改到这个时间");
        hall.browser.look("guide1", "guide-desk-change");
        hall.step("changes_for_caller", json!({ "page": "guide1" }));
        hall.step("resize", json!({ "page": "guide1", "width": 1366, "height": 768 }));
        hall.browser.look("guide1", "guide-desk-changed-1366");
        hall.step("press_button", json!({ "page": "guide1", "word": "取消…" }));
        hall.browser.look("guide1", "guide-desk-cancel");
        hall.step("press_keys", json!({ "page": "guide1", "keys": ["Control+Enter"] }));
        see(&mut hall, "guide1", "取消了");
        // Changed to the day after the first that has a place, which may be today.
        let states: Vec<Value> = [0, 1, 2].into_iter().flat_map(|days| states_on(&mut hall, &date(days))).collect();
        assert_eq!(states, ["cancelled"]);
        let text = found(&mut hall, "ZZZZ-ZZZZ");
        assert!(text.contains("没找到"), "{text}");
        assert_eq!(hall.step("troubles", json!({})), json!([]));
    });
}

/// The states of the appointments of a date.
fn states_on(hall: &mut DemoPages, date: &str) -> Vec<Value> {
    let path = format!("/api/v1/sites/{SITE}/appointments?date={date}");
    let items = hall.step("ask", json!({ "page": "guide1", "path": path }))["body"]["items"].clone();
    items.as_array().expect("items").iter().map(|one| one["state"].clone()).collect()
}

fn found(hall: &mut DemoPages, text: &str) -> String {
    hall.step("caller_is_found", json!({ "page": "guide1", "text": text })).as_str().expect("words").to_owned()
}

fn came(hall: &mut DemoPages, page: &str, phone: &str) -> String {
    let keys: Vec<String> = phone.chars().map(String::from).collect();
    hall.step("kiosk_came", json!({ "page": page, "keys": keys })).as_str().expect("words").to_owned()
}

/// Books for somebody; the address of the QR.
fn booked(hall: &mut DemoPages, name: &str, phone: &str, starts_at: &str) -> String {
    let body = json!({ "site_id": SITE, "line_id": LINE, "starts_at": starts_at, "holder": { "name": name, "phone": phone } });
    let answer = hall.step("send", json!({ "page": "admin", "path": "/api/v1/appointments", "body": body }));
    answer["url"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn touch(hall: &mut DemoPages, page: &str, id: &str) {
    hall.step("touch", json!({ "page": page, "id": id }));
}

fn by_phone(hall: &mut DemoPages) {
    booked(hall, LONG_NAME, PHONE, &slot(1, "09:00"));
    touch(hall, "kiosk", "came");
    hall.browser.look("kiosk", "kiosk-came");
    assert!(came(hall, "kiosk", "13900001111").contains("今天没有您的预约"));
    hall.browser.look("kiosk", "kiosk-came-none");
    hall.step("press_button", json!({ "page": "kiosk", "word": "返回" }));
    let found = came(hall, "kiosk", PHONE);
    assert!(found.contains("9:00–9:30") && !found.contains(LONG_NAME) && !found.contains(PHONE), "{found}");
    hall.browser.look("kiosk", "kiosk-booked");
    touch(hall, "kiosk", "check-in");
    let number = hall.step("kiosk_number", json!({ "page": "kiosk" }));
    hall.browser.look("kiosk", "kiosk-checked-in");
    touch(hall, "kiosk", "done");
    let path = format!("/api/v1/sites/{SITE}/tickets?state=waiting");
    let waiting = hall.step("ask", json!({ "page": "clerk1", "path": path }))["body"]["items"].clone();
    assert_eq!(waiting[0]["number"], number["number"], "one queue: {waiting}");
    // Again: the same number.
    touch(hall, "kiosk", "came");
    assert!(came(hall, "kiosk", PHONE).contains("签到过了"));
    touch(hall, "kiosk", "check-in");
    assert_eq!(hall.step("kiosk_number", json!({ "page": "kiosk" })), number);
    touch(hall, "kiosk", "done");
}

fn by_scan(hall: &mut DemoPages) {
    let address = booked(hall, "李小红", "13912340002", &slot(1, "09:30"));
    hall.step("open_kiosk_here", json!({ "name": "wide", "token": "demo-kiosk", "width": 1920, "height": 1080 }));
    hall.browser.look("wide", "kiosk-wide-home-bookable");
    hall.step("scan", json!({ "page": "wide", "text": address }));
    assert_eq!(hall.step("kiosk_number", json!({ "page": "wide" }))["number"], "A002");
    touch(hall, "wide", "done");
    touch(hall, "wide", "came");
    came(hall, "wide", PHONE);
    hall.browser.look("wide", "kiosk-wide-booked");
    // The scanner works on this screen too.
    hall.step("scan", json!({ "page": "wide", "text": address }));
    assert_eq!(hall.step("kiosk_number", json!({ "page": "wide" }))["number"], "A002");
    touch(hall, "wide", "done");
    touch(hall, "wide", "elder");
    hall.browser.look("wide", "kiosk-wide-elder-bookable");
}

fn in_large_type(hall: &mut DemoPages) {
    booked(hall, "赵国强", "13912340003", &slot(1, "10:00"));
    touch(hall, "kiosk", "elder");
    hall.browser.look("kiosk", "kiosk-elder-bookable");
    touch(hall, "kiosk", "came");
    hall.browser.look("kiosk", "kiosk-elder-came");
    came(hall, "kiosk", "13912340003");
    hall.browser.look("kiosk", "kiosk-elder-booked");
    touch(hall, "kiosk", "booked-home");
}

/// The rules change while somebody stands there: the refusal is said in words.
fn too_early(hall: &mut DemoPages) {
    touch(hall, "kiosk", "came");
    came(hall, "kiosk", "13912340003");
    change_policy(hall, |policy| policy["policy"]["appointments"]["check_in_before_min"] = json!(0));
    touch(hall, "kiosk", "check-in");
    see(hall, "kiosk", "还没到签到的时间");
    hall.browser.look("kiosk", "kiosk-too-early");
    let troubles = hall.step("troubles", json!({}));
    let others: Vec<_> = troubles
        .as_array()
        .expect("lines")
        .iter()
        .filter(|line| !line.as_str().is_some_and(|line| line.contains(": 409 POST") && line.ends_with("/check-in")))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
