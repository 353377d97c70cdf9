//! Scans of a case in a real browser, on the real program: chosen and dropped at the window while the form is filled
//! in, sent when the case is registered, one refused in words; then the approver looks at them, large and turned.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tests::demo_pages::DemoPages;

const SITE: &str = "demo-center";
const MATTER: &str = "林木采伐许可";

/// A scanned form: lines of writing on paper, as a PNG of A4 at 100 dpi.
fn scan() -> Vec<u8> {
    const WIDTH: usize = 827;
    const HEIGHT: usize = 1169;
    let mut pixels = vec![250_u8; WIDTH * HEIGHT];
    let mut bar = |left: usize, top: usize, width: usize, height: usize, shade: u8| {
        for y in top..top + height {
            pixels[y * WIDTH + left..y * WIDTH + left + width].fill(shade);
        }
    };
    bar(250, 90, 327, 26, 40);
    for line in 0..22 {
        bar(90, 180 + line * 40, 647 - line * 23 % 160, 12, 90);
        bar(90, 204 + line * 40, 647, 1, 180);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    bytes
}

const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>endobj\n\
    4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
    5 0 obj<</Length 44>>stream\nBT /F1 24 Tf 100 700 Td (Contract 2026) Tj ET\nendstream endobj\n\
    trailer<</Size 6/Root 1 0 R>>\n%%EOF\n";

fn file(name: &str, kind: &str, bytes: &[u8]) -> Value {
    json!({ "name": name, "type": kind, "base64": BASE64.encode(bytes) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_go_from_the_window_to_the_approver() {
    let mut hall = DemoPages::open();
    tokio::task::block_in_place(|| {
        let number = at_the_window(&mut hall);
        at_the_department(&mut hall, &number);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

fn at_the_window(hall: &mut DemoPages) -> String {
    hall.step("sign_in_quietly", json!({ "name": "guide1" }));
    hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    let ticket = json!({ "line_id": "l_dc_demo-line" });
    hall.step("send", json!({ "page": "guide1", "path": format!("/api/v1/sites/{SITE}/tickets"), "body": ticket }));
    hall.step("call_next", json!({ "page": "clerk1", "number": "A001" }));
    hall.step("start", json!({ "page": "clerk1" }));
    let applicant = json!({ "name": "哈斯巴根", "id_number": "15012119850312001X", "phone": "13847112046" });
    hall.step("fill_case", json!({ "page": "clerk1", "query": "lmcf", "matter": MATTER, "applicant": applicant }));
    let scans = json!([file("申请表 第1页 㐂𠮷.png", "image/png", &scan()), file("采伐合同.pdf", "application/pdf", PDF.as_bytes())]);
    hall.step("add_scans", json!({ "page": "clerk1", "material": 0, "files": scans }));
    let pretending = file("林权证扫描件.pdf", "application/pdf", b"PK\x03\x04\x14\x00\x00\x00\x08\x00 a zip");
    hall.step("drop_scan", json!({ "page": "clerk1", "material": 1, "file": pretending }));
    hall.look("clerk1", "desk-scans");
    let case = hall.step("accept", json!({ "page": "clerk1" }));
    let told = hall.step("scans", json!({ "page": "clerk1", "material": 0, "count": 2 }));
    assert_eq!((&told["wrong"], told["shown"].as_array().map(Vec::len)), (&json!([]), Some(1)), "a picture, and a PDF without one: {told}");
    assert!(told["shown"][0].as_u64() <= Some(128), "the small picture: {told}");
    hall.step("see", json!({ "page": "clerk1", "text": "压缩包" }));
    hall.look("clerk1", "desk-scans-sent");
    // The refused one is a 422, which is what the page is told.
    let troubles = hall.step("troubles", json!({}));
    let all = troubles.as_array().expect("a list");
    assert!(all.iter().all(|one| one.as_str().is_some_and(|text| text.contains("422 POST"))), "{troubles}");
    case["number"].as_str().expect("a number").to_owned()
}

fn at_the_department(hall: &mut DemoPages, number: &str) {
    hall.step("sign_in", json!({ "name": "approver1", "path": "/approve" }));
    hall.step("claim", json!({ "page": "approver1", "number": number }));
    hall.look("approver1", "approve-files-sheet");
    assert_eq!(hall.step("open_files", json!({ "page": "approver1" })), json!(827), "the whole picture");
    hall.look("approver1", "approve-file");
    let turned = hall.step("turn_picture", json!({ "page": "approver1", "key": "r" }));
    assert_eq!((&turned["transform"], &turned["share"]), (&json!("rotate(90deg)"), &json!("100%")));
    hall.look("approver1", "approve-file-turned");
    let larger = hall.step("turn_picture", json!({ "page": "approver1", "key": "+" }));
    assert_eq!(larger["share"], "125%");
    let next = hall.step("next_file", json!({ "page": "approver1" }));
    assert!(next["address"].as_str().is_some_and(|address| address.starts_with("blob:")), "a PDF in the browser's viewer: {next}");
    hall.look("approver1", "approve-file-pdf");
    hall.step("close_files", json!({ "page": "approver1" }));
}
