//! The kiosk's program with a reader of identity cards on a serial line, in a real browser: a number in one's name, no
//! second one, the lost slip found by the card, and a card that is not wanted.

use serde_json::json;
use tests::card_reader::{CardReader, PrintedCard};
use tests::demo_pages::DemoPages;
use tests::device_program::DeviceProgram;

const LINE: &str = "综合受理";

fn card(valid_to: &'static str) -> PrintedCard {
    PrintedCard { name: "欧阳修文", number: "11010519491231002X", valid_to }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_laid_on_the_reader() {
    let mut house = DemoPages::open();
    let folder = tempfile::tempdir().expect("a folder");
    let server = format!("http://{}", house.server.address);
    let reader = CardReader::connect();
    let port = reader.path.to_str().expect("a path").to_owned();
    tokio::task::block_in_place(|| {
        house.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
        house.step("open_window", json!({ "page": "clerk1", "window": 1 }));
        let kiosk = DeviceProgram::start("kiosk", &server, folder.path(), &["--listen", "127.0.0.1:0", "--card-reader", &port]);
        for (name, width, height) in [("kiosk", 1080, 1920), ("wide", 1920, 1080)] {
            house.step("open_screen", json!({ "name": name, "url": kiosk.url, "width": width, "height": height }));
        }
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".k-main", "text": LINE }));
        reader.lay(card("长期"));
        for page in ["kiosk", "wide"] {
            house.step("screen_says", json!({ "page": page, "selector": "[data-testid=card]", "text": "欧" }));
            house.browser.look(page, &format!("card-{page}"));
        }
        house.step("press_line", json!({ "page": "kiosk", "line": "l_dc_demo-line" }));
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".k-main", "text": "A001" }));
        reader.take_away();
        house.step("touch", json!({ "page": "kiosk", "id": "done" }));

        // Whoever waits already takes no second number; who has no slip any more finds it.
        std::thread::sleep(std::time::Duration::from_secs(1));
        reader.lay(card("长期"));
        house.step("screen_says", json!({ "page": "kiosk", "selector": "[data-testid=card]", "text": "欧" }));
        house.step("press_line", json!({ "page": "kiosk", "line": "l_dc_demo-line" }));
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".k-main", "text": "您已经有号了" }));
        house.step("start_page", json!({ "page": "kiosk" }));
        reader.take_away();
        house.step("touch", json!({ "page": "kiosk", "id": "find" }));
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".k-main", "text": "A001" }));
        std::thread::sleep(std::time::Duration::from_secs(1));
        reader.lay(card("20200101"));
        house.step("screen_says", json!({ "page": "kiosk", "selector": "[data-testid=card]", "text": "过期" }));
        house.browser.look("kiosk", "card-found");
        house.step("touch", json!({ "page": "kiosk", "id": "forget-card" }));
        house.step("screen_lacks", json!({ "page": "kiosk", "selector": "[data-testid=card]" }));
        house.step("start_page", json!({ "page": "kiosk" }));
        house.step("touch", json!({ "page": "kiosk", "id": "find" }));
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".k-main", "text": "身份证放在" }));
        house.step("picture", json!({ "page": "kiosk", "file": "card-find" }));
        house.step("start_page", json!({ "page": "kiosk" }));
        for page in ["kiosk", "wide"] {
            house.step("hold", json!({ "page": page, "id": "clock", "ms": 5_300 }));
            house.step("screen_says", json!({ "page": page, "selector": ".care-rows .ok", "text": "通" }));
            house.step("screen_says", json!({ "page": page, "selector": ".care-rows .ok", "text": "还空" }));
            house.step("screen_says", json!({ "page": page, "selector": ".care-rows .bad", "text": "没有连上" }));
            house.browser.look(page, &format!("care-{page}"));
        }
        house.step("touch", json!({ "page": "kiosk", "id": "test-print" }));
        house.step("screen_says", json!({ "page": "kiosk", "selector": ".care-print", "text": "已经交给打印机" }));
        // The one refusal was shown to who waits already.
        let troubles = house.step("troubles", json!({}));
        let refused = troubles.as_array().expect("troubles");
        assert!(refused.len() == 1 && refused[0].as_str().is_some_and(|one| one.contains("409 POST")), "{troubles:#}");
    });
    house.server.stop();
}
