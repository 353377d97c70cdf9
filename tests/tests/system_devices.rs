//! The hall's devices cared for from the pages, with the real display's program in a browser: a notice and an emergency on
//! the board, its picture, its page loaded again, its voice, the public lists; and a printer set with its slip beside it.

use serde_json::json;
use tests::demo_pages::DemoPages;
use tests::device_program::DeviceProgram;

const DISPLAY: &str = "演示显示屏";
const PRINTER: &str = "演示打印机";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_are_cared_for_from_afar() {
    let mut house = DemoPages::open();
    let folder = tempfile::tempdir().expect("a folder");
    let server = format!("http://{}", house.server.address);
    tokio::task::block_in_place(|| {
        let display = DeviceProgram::start("display", &server, folder.path(), &["--listen", "127.0.0.1:0"]);
        some_calls(&mut house);
        for (name, path, width, height) in [
            ("board", "/", 1920, 1080),
            ("upright", "/", 1080, 1920),
            ("lists", "/?view=lists", 1920, 1080),
            ("lists-upright", "/?view=lists", 1080, 1920),
        ] {
            let url = format!("{}{path}", display.url);
            house.step("open_screen", json!({ "name": name, "url": url, "width": width, "height": height }));
        }
        notices_and_an_emergency(&mut house);
        the_public_lists(&mut house);
        a_picture_from_afar(&mut house);
        a_printer_is_set(&mut house);
        let troubles = house.step("troubles", json!({}));
        assert_eq!(troubles, json!([]), "{troubles:#}");
    });
    house.server.stop();
}

fn some_calls(house: &mut DemoPages) {
    house.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    house.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    for _ in 0..4 {
        let body = json!({ "line_id": "l_dc_demo-line" });
        let taken = house.step("tell", json!({ "page": "clerk1", "path": "/api/v1/sites/demo-center/tickets", "body": body }));
        assert_eq!(taken["status"], 201, "{taken}");
    }
    house.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
}

fn notices_and_an_emergency(house: &mut DemoPages) {
    house.step("sign_in", json!({ "name": "supervisor", "path": "/hall" }));
    house.step("see", json!({ "page": "supervisor", "text": "大屏通知" }));
    house.step("press", json!({ "page": "supervisor", "button": "大屏通知…" }));
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "加一条" }));
    let notice = "11 月 28 日（周六）上午照常上班";
    house.step("fill_in_dialog", json!({ "page": "supervisor", "label": "第 1 条通知", "value": notice }));
    house.look("supervisor", "devices-notices");
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "保存通知" }));
    house.step("dialog_ends", json!({ "page": "supervisor" }));
    for screen in ["board", "upright"] {
        house.step("screen_says", json!({ "page": screen, "selector": ".tick", "text": notice }));
        house.step("picture", json!({ "page": screen, "file": format!("devices-{screen}") }));
    }
    house.step("press", json!({ "page": "supervisor", "button": "大屏通知…" }));
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "请马上从安全出口离开" }));
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "马上显示" }));
    for screen in ["board", "upright", "lists"] {
        house.step("screen_says", json!({ "page": screen, "selector": "[data-testid=emergency]", "text": "安全出口" }));
        house.browser.look(screen, &format!("devices-emergency-{screen}"));
    }
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "撤下" }));
    house.step("screen_says", json!({ "page": "board", "selector": ".hero", "text": "A001" }));
    house.step("press_in_dialog", json!({ "page": "supervisor", "button": "关上" }));
}

fn the_public_lists(house: &mut DemoPages) {
    for screen in ["lists", "lists-upright"] {
        house.step("screen_says", json!({ "page": screen, "selector": ".sheet", "text": "应进必进事项" }));
        house.step("screen_says", json!({ "page": screen, "selector": ".call", "text": "A001" }));
        house.browser.look(screen, &format!("devices-{screen}"));
        house.step("leave", json!({ "page": screen }));
    }
}

fn a_picture_from_afar(house: &mut DemoPages) {
    house.step("leave", json!({ "page": "upright" }));
    house.step("sign_in", json!({ "name": "it", "path": "/it" }));
    house.step("see", json!({ "page": "it", "text": DISPLAY }));
    house.look("it", "devices-it");
    house.step("open_at_device", json!({ "page": "it", "device": DISPLAY, "button": "看画面" }));
    let picture = house.step("dialog_picture", json!({ "page": "it" }));
    assert_eq!(picture, json!({ "width": 960, "height": 540 }), "the board in the size of a picture");
    house.look("it", "devices-picture");
    house.step("mark_page", json!({ "page": "board" }));
    house.step("press_in_dialog", json!({ "page": "it", "button": "重开页面" }));
    house.step("page_is_new", json!({ "page": "board" }));
    house.step("screen_says", json!({ "page": "board", "selector": ".hero", "text": "A001" }));
    house.step("press_in_dialog", json!({ "page": "it", "button": "关上" }));
    house.step("dialog_ends", json!({ "page": "it" }));
    house.step("open_at_device", json!({ "page": "it", "device": DISPLAY, "button": "声音" }));
    house.step("fill_in_dialog", json!({ "page": "it", "label": "每个号说几遍", "value": "1" }));
    house.step("press_in_dialog", json!({ "page": "it", "button": "加一段" }));
    house.look("it", "devices-voice");
    house.step("press_in_dialog", json!({ "page": "it", "button": "保存" }));
    house.step("dialog_ends", json!({ "page": "it" }));
    let devices = house.step("ask", json!({ "page": "it", "path": "/api/v1/devices" }))["body"]["items"].clone();
    let display = devices.as_array().and_then(|all| all.iter().find(|one| one["name"] == DISPLAY)).expect("the display").clone();
    assert_eq!(display["voice"], json!({ "repeats": 1, "volume": [{ "from": "08:30", "percent": 80 }] }));
}

fn a_printer_is_set(house: &mut DemoPages) {
    house.step("open_at_device", json!({ "page": "it", "device": PRINTER, "button": "纸和版式" }));
    let large = house.step("slip_is_drawn", json!({ "page": "it" }));
    house.look("it", "devices-printer");
    house.step("fill_in_dialog", json!({ "page": "it", "label": "号票版式", "value": "saving" }));
    let small = house.step("slip_is_drawn", json!({ "page": "it", "not": large["height"] }));
    let height = |slip: &serde_json::Value| slip["height"].as_u64().unwrap_or_default();
    assert!(height(&small) * 100 < height(&large) * 80, "{small} of {large}");
    house.look("it", "devices-printer-saving");
    house.step("press_in_dialog", json!({ "page": "it", "button": "测试页" }));
    house.step("slip_is_drawn", json!({ "page": "it", "not": small["height"] }));
    house.look("it", "devices-printer-calibration");
    house.step("fill_in_dialog", json!({ "page": "it", "label": "一卷纸多长", "value": "50" }));
    house.step("fill_in_dialog", json!({ "page": "it", "label": "柜里还有几卷", "value": "6" }));
    house.step("press_in_dialog", json!({ "page": "it", "button": "保存" }));
    house.step("dialog_ends", json!({ "page": "it" }));
    let devices = house.step("ask", json!({ "page": "it", "path": "/api/v1/devices" }))["body"]["items"].clone();
    let printer = devices.as_array().and_then(|all| all.iter().find(|one| one["name"] == PRINTER)).expect("the printer").clone();
    assert_eq!((&printer["printer_profile"]["layout"], &printer["printer_profile"]["roll_m"]), (&json!("saving"), &json!(50)));
    // Moving it leaves what it can do alone.
    house.step("move_device", json!({ "page": "it", "device": PRINTER, "window": 2 }));
    house.text("device_row", json!({ "page": "it", "device": PRINTER, "word": "2 号窗口" }));
    let devices = house.step("ask", json!({ "page": "it", "path": "/api/v1/devices" }))["body"]["items"].clone();
    let printer = devices.as_array().and_then(|all| all.iter().find(|one| one["name"] == PRINTER)).expect("the printer").clone();
    assert_eq!(printer["printer_profile"]["layout"], "saving");
}
