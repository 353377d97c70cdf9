//! Taking numbers in a real browser: several matters on one number with what does not go together, a lost
//! slip found at the kiosk by phone and by scan and at the guide desk, and printed again; numbers on paper,
//! and with one's own phone by the code that the kiosk shows.

use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const PHONE: &str = "13800005678";

#[track_caller]
fn touch(hall: &mut DemoPages, id: &str) {
    hall.step("touch", json!({ "page": "kiosk", "id": id }));
}

fn jobs(hall: &mut DemoPages) -> Vec<Value> {
    let path = format!("/api/v1/sites/{SITE}/print-jobs");
    hall.step("ask", json!({ "page": "it", "path": path }))["body"]["items"].as_array().expect("jobs").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_taken_for_several_matters_and_found_again() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        hall.step("sign_in_quietly", json!({ "name": "it" }));
        no_window_for_both(&mut hall);
        hall.step("open_kiosk_here", json!({ "token": "demo-kiosk" }));
        hall.browser.look("kiosk", "kiosk-no-window");
        hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        hall.step("sign_in", json!({ "name": "clerk2", "path": "/desk" }));
        hall.step("open_window", json!({ "page": "clerk2", "window": 2 }));
        let code = several_matters(&mut hall);
        the_guide_desk(&mut hall);
        lost_at_the_kiosk(&mut hall, &code);
        lost_at_the_desks(&mut hall);
        numbers_on_paper(&mut hall);
        with_a_phone(&mut hall);
        no_number_and_why(&mut hall);
        let troubles = hall.step("troubles", json!({}));
        // What is refused on purpose: two matters that do not go together, nothing found, a paper number twice, no number any more.
        let is_expected = |line: &&Value| {
            let line = line.as_str().unwrap_or_default();
            line.contains(": 409 POST") && (line.ends_with("/paper-tickets") || line.ends_with("/tickets"))
                || line.contains("/phone-tickets") && line.contains(" POST ")
                || line.contains(": 422 POST") && line.ends_with("/tickets")
                || line.contains(": 404 POST") && line.ends_with("/tickets/find")
        };
        let others: Vec<_> = troubles.as_array().expect("lines").iter().filter(|line| !is_expected(line)).collect();
        assert!(others.is_empty(), "{others:?}");
    });
}

/// 户籍 only at window 1, 建房 only at the next two: no window takes both.
fn no_window_for_both(hall: &mut DemoPages) {
    hall.step("sign_in_quietly", json!({ "name": "admin" }));
    set(hall, |policy| {
        policy["policy"]["taking"]["phone"]["reach"] = json!("hall");
        policy["policy"]["taking"]["paper"]["prefixes"] = json!(["P"]);
        policy["windows"][0]["line_ids"] = json!(["l_dc_demo-line", "l_dc_police"]);
    });
}

/// Changes the settings of the hall.
fn set(hall: &mut DemoPages, change: impl FnOnce(&mut Value)) {
    let path = format!("/api/v1/sites/{SITE}/policy");
    let mut policy = hall.step("ask", json!({ "page": "admin", "path": path }))["body"].clone();
    change(&mut policy);
    hall.step("send", json!({ "page": "admin", "method": "PUT", "path": path, "body": policy }));
}

fn several_matters(hall: &mut DemoPages) -> String {
    hall.browser.look("kiosk", "kiosk-home");
    touch(hall, "search");
    hall.step("kiosk_matter", json!({ "page": "kiosk", "keys": ["Z", "J", "D"], "matter": "宅基地" }));
    hall.browser.look("kiosk", "kiosk-matter");
    touch(hall, "pick");
    hall.browser.look("kiosk", "kiosk-picked-one");
    touch(hall, "pick-more");
    hall.browser.look("kiosk", "kiosk-search-basket");
    hall.step("kiosk_matter", json!({ "page": "kiosk", "keys": ["X", "S", "E"], "matter": "新生儿落户" }));
    hall.browser.look("kiosk", "kiosk-matter-more");
    touch(hall, "pick");
    touch(hall, "take-picked");
    hall.step("see", json!({ "page": "kiosk", "text": "没有一个窗口能一起办" }));
    hall.browser.look("kiosk", "kiosk-picked-wrong");
    let rows = hall.step("kiosk_picked", json!({ "page": "kiosk" }));
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    hall.step("drop_wrong", json!({ "page": "kiosk" }));
    touch(hall, "pick-more");
    hall.step("kiosk_matter", json!({ "page": "kiosk", "keys": ["S", "Y", "D", "J"], "matter": "生育登记" }));
    touch(hall, "pick");
    hall.browser.look("kiosk", "kiosk-picked-two");
    touch(hall, "take-picked");
    let taken = hall.step("kiosk_number", json!({ "page": "kiosk" }));
    hall.browser.look("kiosk", "kiosk-number-two-matters");
    let path = format!("/api/v1/sites/{SITE}/tickets?state=waiting");
    let waiting = hall.step("ask", json!({ "page": "clerk1", "path": path }))["body"]["items"].clone();
    assert_eq!(waiting[0]["number"], taken["number"]);
    assert_eq!(waiting[0]["matter_ids"].as_array().map(Vec::len), Some(2), "one number for both");
    touch(hall, "done");
    taken["tracking_code"].as_str().expect("a code").to_owned()
}

fn the_guide_desk(hall: &mut DemoPages) {
    hall.step("sign_in", json!({ "name": "guide1", "path": "/guide-desk" }));
    hall.browser.look("guide1", "guide-desk");
    let queries = json!([["zjd", "宅基地"], ["xse", "新生儿落户"]]);
    hall.step("guide_takes", json!({ "page": "guide1", "queries": queries, "phone": PHONE }));
    hall.step("see", json!({ "page": "guide1", "text": "没有一个窗口能一起办" }));
    hall.browser.look("guide1", "guide-desk-wrong");
    hall.step("drop_wrong", json!({ "page": "guide1" }));
    hall.step("press_keys", json!({ "page": "guide1", "keys": ["Control+Enter"] }));
    let taken = hall.text("guide_took", json!({ "page": "guide1" }));
    assert!(taken.contains("前面") || taken.contains("马上到"), "{taken}");
    hall.browser.look("guide1", "guide-desk-taken");
}

fn lost_at_the_kiosk(hall: &mut DemoPages, code: &str) {
    touch(hall, "find");
    hall.browser.look("kiosk", "kiosk-find");
    hall.step("type_on_kiosk", json!({ "page": "kiosk", "way": "id_number", "keys": ["1", "5", "2"] }));
    hall.browser.look("kiosk", "kiosk-find-document");
    hall.step("type_on_kiosk", json!({ "page": "kiosk", "way": "short_code", "keys": ["G", "G", "J"] }));
    hall.browser.look("kiosk", "kiosk-find-code");
    let nobody: Vec<String> = "13900001111".chars().map(String::from).collect();
    let text = hall.text("kiosk_find", json!({ "page": "kiosk", "way": "phone", "keys": nobody }));
    assert!(text.contains("没找到您的号"), "{text}");
    hall.browser.look("kiosk", "kiosk-not-found");
    hall.step("press_button", json!({ "page": "kiosk", "word": "再试一次" }));
    let mine: Vec<String> = PHONE.chars().map(String::from).collect();
    let text = hall.text("kiosk_find", json!({ "page": "kiosk", "way": "phone", "keys": mine }));
    assert!(text.contains("您的号在这里") && !text.contains(PHONE), "{text}");
    hall.browser.look("kiosk", "kiosk-found");
    let before = jobs(hall).len();
    touch(hall, "reprint");
    hall.step("see", json!({ "page": "kiosk", "text": "正在补打" }));
    hall.browser.look("kiosk", "kiosk-reprinted");
    assert_eq!(jobs(hall).len(), before + 1);
    touch(hall, "found-home");
    touch(hall, "find");
    let address = format!("http://{}/t/{code}", hall.server.address);
    let text = hall.text("kiosk_scan", json!({ "page": "kiosk", "address": address }));
    assert!(text.contains("您的号在这里"), "{text}");
    hall.step("press_button", json!({ "page": "kiosk", "word": "好，知道了" }));
    hall.step("open_kiosk_here", json!({ "name": "wide", "token": "demo-kiosk", "width": 1920, "height": 1080 }));
    hall.step("touch", json!({ "page": "wide", "id": "find" }));
    hall.browser.look("wide", "kiosk-wide-find");
}

fn lost_at_the_desks(hall: &mut DemoPages) {
    let text = hall.text("staff_finds", json!({ "page": "guide1", "text": PHONE }));
    assert!(text.contains("补打小票"), "{text}");
    hall.browser.look("guide1", "guide-desk-found");
    let before = jobs(hall).len();
    hall.step("press_button", json!({ "page": "guide1", "word": "补打小票…" }));
    hall.step("see", json!({ "page": "guide1", "text": "谁补的、为什么" }));
    hall.step("press_keys", json!({ "page": "guide1", "keys": ["1"] }));
    hall.step("see", json!({ "page": "guide1", "text": "正在补打" }));
    assert_eq!(jobs(hall).len(), before + 1);
    let text = hall.text("staff_finds", json!({ "page": "clerk1", "text": PHONE }));
    assert!(text.contains("补打小票"), "{text}");
    hall.browser.look("clerk1", "desk-find");
    let text = hall.text("staff_finds", json!({ "page": "guide1", "text": "13900001111" }));
    assert!(text.contains("没找到"), "{text}");
}

/// Within three minutes after midnight this would enter numbers of yesterday.
fn numbers_on_paper(hall: &mut DemoPages) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let now = i64::try_from(now).expect("before the year 292 million");
    let clock = |minutes: i64| domain::time::local(now - minutes * 60_000).format("%H:%M").to_string();
    let line = "建房与土地";
    hall.step("enter_paper", json!({ "page": "guide1", "number": "p017", "line": line, "came": clock(3) }));
    let row = hall.text("paper_entered", json!({ "page": "guide1", "number": "P017" }));
    assert!(row.contains("下一个"), "he came before everybody: {row}");
    hall.browser.look("guide1", "guide-desk-paper");
    hall.step("enter_paper", json!({ "page": "guide1", "number": "P017", "line": line, "came": clock(2) }));
    hall.step("see", json!({ "page": "guide1", "text": "已经补录过了" }));
    let visit = json!({ "window": 2, "started": clock(2), "ended": clock(1) });
    hall.step("enter_paper", json!({ "page": "guide1", "number": "P018", "line": line, "came": clock(2), "visit": visit }));
    let row = hall.text("paper_entered", json!({ "page": "guide1", "number": "P018" }));
    assert!(row.contains("已办完"), "{row}");
    hall.browser.look("guide1", "guide-desk-paper-over");
    hall.step("resize", json!({ "page": "guide1", "width": 1366, "height": 768 }));
    hall.browser.look("guide1", "guide-desk-paper-1366");
}

/// The code on the kiosk's picture, read as a phone reads it, opens the page.
fn with_a_phone(hall: &mut DemoPages) {
    let address = hall.text("kiosk_phone_code", json!({ "page": "kiosk" }));
    hall.browser.look("kiosk", "kiosk-phone-code");
    let picture = std::fs::read(hall.pictures.join("kiosk-phone-code.png")).expect("the picture");
    assert_eq!(tests::qr::read(&tests::picture::Picture::from_png(&picture)), std::slice::from_ref(&address));
    let page = address.split_once("/q/").map(|(_, rest)| format!("http://{}/q/{rest}", hall.server.address)).expect("an address");
    hall.step("open_take_page", json!({ "name": "phone", "url": page }));
    hall.browser.look("phone", "phone-take");
    let both = json!([["zjd", "宅基地"], ["xse", "新生儿落户"]]);
    hall.step("phone_takes", json!({ "page": "phone", "matters": both, "phone": "13700002222" }));
    hall.step("see", json!({ "page": "phone", "text": "没有一个窗口能一起办" }));
    hall.browser.look("phone", "phone-take-wrong");
    hall.step("drop_wrong", json!({ "page": "phone" }));
    hall.step("phone_takes", json!({ "page": "phone", "matters": [["sydj", "生育登记"]], "phone": "13700002222" }));
    let mine = hall.text("phone_has", json!({ "page": "phone" }));
    assert!(mine.contains("前面还有") || mine.contains("马上到您"), "{mine}");
    hall.browser.look("phone", "phone-taken");
    hall.step("press_keys", json!({ "page": "guide1", "keys": ["Alt+m"] }));
    hall.step("see", json!({ "page": "guide1", "text": "扫一扫，取号" }));
    hall.browser.look("guide1", "guide-desk-phone-code");
    hall.step("open_take_page", json!({ "name": "home", "url": format!("http://{}/q/{SITE}?c=AAAAAAAAAA", hall.server.address) }));
    hall.step("see", json!({ "page": "home", "text": "请再扫一次大厅里的码" }));
    hall.browser.look("home", "phone-old-code");
}

/// Every reason why there is no number, in words at the kiosk.
fn no_number_and_why(hall: &mut DemoPages) {
    hall.step("press_button", json!({ "page": "kiosk", "word": "返回" }));
    hall.step("sign_in_quietly", json!({ "name": "supervisor" }));
    let stop = json!({ "text": "户籍系统升级，14:00 恢复" });
    hall.step("send", json!({ "page": "supervisor", "path": "/api/v1/lines/l_dc_police/stop", "body": stop }));
    set(hall, |policy| {
        policy["lines"][1]["daily_contingent"] = json!(2);
        policy["policy"]["taking"]["sections"] =
            json!([{ "line_id": "l_dc_demo-line", "from_minute": 0, "to_minute": 1440, "at_most": 0 }]);
    });
    for words in ["00:00 到 24:00 不发号", "今天的 2 个号已经取完", "户籍系统升级，14:00 恢复", "没有窗口办理", "现在都不取号"]
    {
        hall.step("see", json!({ "page": "kiosk", "text": words }));
    }
    hall.browser.look("kiosk", "kiosk-reasons");
    try_anyway(hall, "今天的号取完了", "kiosk-contingent-used");
    set(hall, |policy| {
        let never: Vec<Value> = (0..7).map(|_| json!([{ "from_minute": 0, "to_minute": 1 }])).collect();
        policy["hours"] = json!({ "kind": "weekly", "week": never, "special_days": [] });
    });
    // Closed, it offers no number; what was taken can be asked for all the same.
    hall.step("see", json!({ "page": "kiosk", "text": "大厅现在不取号" }));
    hall.step("screen_lacks", json!({ "page": "kiosk", "selector": "[data-testid=search]" }));
    hall.browser.look("kiosk", "kiosk-closed");
}

/// Whoever stands before the materials when the last number goes.
fn try_anyway(hall: &mut DemoPages, words: &str, picture: &str) {
    touch(hall, "search");
    hall.step("kiosk_matter", json!({ "page": "kiosk", "keys": ["Z", "J", "D"], "matter": "宅基地" }));
    touch(hall, "take");
    hall.step("see", json!({ "page": "kiosk", "text": words }));
    hall.browser.look("kiosk", picture);
    hall.step("press_button", json!({ "page": "kiosk", "word": "回首页" }));
}
