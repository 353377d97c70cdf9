//! One person's whole way through the real programs, in a real browser: number at the kiosk, slip, call, window,
//! department, certificate, pickup, notice, the printed code on a phone, ratings; then what the board, the mails,
//! the log and the figures say of it. Every page is looked at by axe on the way.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::system_personal_data::found_below;
use tests::browser::Browser;
use tests::device_program::DeviceProgram;
use tests::picture::Picture;
use tests::program::{Program, Start, binary};
use tests::slip_view::{self, Printer, SlipView};
use tests::smtp_sink::SmtpSink;

const NAME: &str = "哈斯巴根";
const ID_NUMBER: &str = "15012119850312001X";
const PHONE: &str = "13847112046";
const EMAIL: &str = "hasibagen@example.cn";
const MATTER: &str = "林木采伐许可";
const CERTIFICATE: &str = "采字2026第0001号";

/// The service, its three devices, a mail server and a browser.
struct Hall {
    browser: Browser,
    server: Option<Program>,
    mails: SmtpSink,
    kiosk: DeviceProgram,
    display: DeviceProgram,
    _printer: DeviceProgram,
    url: String,
    folder: TempDir,
}

/// Pictures stay where somebody asked for them, else they go with the test.
fn pictures(folder: &Path) -> PathBuf {
    std::env::var_os("YICHUANG_PICTURES").map_or_else(|| folder.join("pictures"), PathBuf::from)
}

impl Hall {
    async fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let mails = SmtpSink::start().await;
        let mut start = Start::demo(&folder.path().join("data"));
        start.environment.push(("YICHUANG_SMTP_URL".to_owned(), format!("smtp://{}", mails.address())));
        let server = start.run();
        let url = format!("http://{}", server.address);
        let slips = folder.path().join("slips");
        let device = |name, more: &[&str]| DeviceProgram::start(name, &url, folder.path(), more);
        let kiosk = device("kiosk", &["--listen", "127.0.0.1:0"]);
        let display = device("display", &["--listen", "127.0.0.1:0"]);
        let printer = device("printer", &["--folder", &slips.to_string_lossy()]);
        let browser = Browser::open(&url, &pictures(folder.path()));
        Self { browser, server: Some(server), mails, kiosk, display, _printer: printer, url, folder }
    }

    #[track_caller]
    fn step(&mut self, step: &str, told: Value) -> Value {
        self.browser.step(step, told)
    }

    /// What somebody signed in reads of the API.
    #[track_caller]
    fn read(&mut self, page: &str, path: &str) -> Value {
        let answer = self.step("ask", json!({ "page": page, "path": path }));
        assert_eq!(answer["status"], 200, "{path}: {answer}");
        answer["body"].clone()
    }

    /// The slip of a number, as the printer's folder has it: its commands and its picture.
    fn slip(&self, number: &str) -> (SlipView, Picture) {
        let found = until(|| {
            let files = std::fs::read_dir(self.folder.path().join("slips")).ok()?;
            files.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "bin")).find_map(
                |path| {
                    let view = slip_view::read(&std::fs::read(&path).ok()?, Printer::WIDE).expect("a slip that a printer understands");
                    let picture = Picture::from_png(&std::fs::read(path.with_extension("png")).ok()?);
                    view.line_with(number).is_some().then_some((view, picture))
                },
            )
        });
        found.unwrap_or_else(|| panic!("no slip of {number} was printed"))
    }
}

/// Looks until there is something, 20 seconds at most.
fn until<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        let seen = look();
        if seen.is_some() || begun.elapsed() > Duration::from_secs(20) {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_goes_through_the_whole_house() {
    let mut hall = Hall::open().await;
    tokio::task::block_in_place(|| {
        staff_sit_down(&mut hall);
        let number = take_a_number(&mut hall);
        let address = read_the_slip(&hall, &number);
        let case = hall_to_window(&mut hall, &number, &address);
        certificate(&mut hall, &case);
        the_notice(&hall, &case, &address);
        hand_over_and_rate(&mut hall, &address);
        what_is_kept(&mut hall, &number, &case);
        the_screens_say_when_the_line_is_cut(&mut hall);
        assert_eq!(hall.step("troubles", json!({})), json!([]), "nothing went wrong on any page");
    });
}

fn staff_sit_down(hall: &mut Hall) {
    hall.step("look_at_sign_in", json!({}));
    hall.browser.look("sign-in", "sign-in");
    hall.step("leave", json!({ "page": "sign-in" }));
    hall.step("sign_in", json!({ "name": "clerk1", "path": "/desk" }));
    hall.browser.look("clerk1", "desk-choose");
    hall.step("open_window", json!({ "page": "clerk1", "window": 1 }));
    hall.step("sign_in", json!({ "name": "clerk2", "path": "/desk" }));
    hall.step("open_window", json!({ "page": "clerk2", "window": 2 }));
    hall.browser.look("clerk2", "desk-free");
}

/// At the kiosk; what is to be brought can be looked up before.
fn take_a_number(hall: &mut Hall) -> Value {
    let (kiosk, display, url) = (hall.kiosk.url.clone(), hall.display.url.clone(), hall.url.clone());
    hall.step("open_board", json!({ "url": display }));
    hall.step("open_board", json!({ "name": "strip", "size": "strip", "url": format!("{display}/?view=window&window=1") }));
    hall.step("open_pad", json!({ "url": format!("{url}/pad"), "token": "demo-pad" }));
    hall.step("open_kiosk", json!({ "url": kiosk }));
    hall.browser.look("kiosk", "kiosk");
    let found = hall.step("kiosk_search", json!({ "keys": ["L", "M", "C", "F"] }));
    assert!(text(&found[0]).contains(MATTER), "{found}");
    hall.browser.look("kiosk", "kiosk-search");
    hall.step("goto", json!({ "page": "kiosk", "url": kiosk }));
    let taken = hall.step("take_number", json!({ "line": "demo-line", "done": false }));
    hall.browser.look("kiosk", "kiosk-number");
    hall.step("kiosk_done", json!({}));
    for _ in 0..3 {
        hall.step("take_number", json!({ "line": "demo-line" }));
    }
    assert_eq!(taken["number"], "A001", "the first number of the day");
    taken
}

/// The slip is read back by a decoder that the printer's encoder does not know, and its code from its picture.
fn read_the_slip(hall: &Hall, taken: &Value) -> String {
    let number = text(&taken["number"]);
    let (view, picture) = hall.slip(&number);
    assert!(view.line_with("综合受理").is_some() && view.line_with("白桦镇").is_some(), "{:?}", view.lines());
    for private in [NAME, ID_NUMBER, PHONE] {
        assert!(!view.lines().concat().contains(private), "a slip never tells who holds it");
    }
    let address = format!("{}/t/{}", hall.url, text(&taken["tracking_code"]));
    assert_eq!(view.qr_payloads(), std::slice::from_ref(&address), "the code of the commands");
    assert_eq!(tests::qr::read(&picture), std::slice::from_ref(&address), "the code of the picture");
    assert_eq!(view.cuts(), 1);
    address
}

fn hall_to_window(hall: &mut Hall, taken: &Value, address: &str) -> Value {
    let number = &taken["number"];
    hall.step("open_phone", json!({ "url": address }));
    let hero = text(&hall.step("hero", json!({})));
    assert!(hero.contains("A001") && hero.contains("马上到您"), "{hero}");
    hall.browser.look("phone", "phone-waiting");

    hall.browser.look("clerk1", "desk-idle");
    hall.step("call_next", json!({ "page": "clerk1", "number": number }));
    hall.step("board_calls", json!({ "number": number, "window": 1 }));
    hall.step("timeline_says", json!({ "text": "正在叫您" }));
    hall.browser.look("phone", "phone-called");
    hall.browser.look("clerk1", "desk-called");
    hall.step("recall", json!({ "page": "clerk1" }));
    hall.step("call_next", json!({ "page": "clerk2", "number": "A002" }));
    hall.step("board_calls", json!({ "number": "A002", "window": 2 }));
    hall.step("board_listed", json!({ "number": number, "window": 1 }));
    hall.browser.look("board", "board");
    hall.browser.look("strip", "strip");
    hall.step("miss", json!({ "page": "clerk2" }));

    hall.step("start", json!({ "page": "clerk1" }));
    let applicant = json!({ "name": NAME, "id_number": ID_NUMBER, "phone": PHONE, "email": EMAIL });
    hall.step("fill_case", json!({ "page": "clerk1", "query": "lmcf", "matter": MATTER, "applicant": applicant }));
    hall.browser.look("clerk1", "desk");
    hall.step("resize", json!({ "page": "clerk1", "width": 1366, "height": 768 }));
    hall.browser.look("clerk1", "desk-1366");
    hall.step("resize", json!({ "page": "clerk1", "width": 1440, "height": 900 }));
    let case = hall.step("accept", json!({ "page": "clerk1" }));
    hall.browser.look("clerk1", "desk-accepted");
    hall.step("finish_and_call", json!({ "page": "clerk1" }));
    hall.step("pad_asks", json!({}));
    hall.browser.look("pad", "pad");
    hall.step("rate_on_pad", json!({ "level": "very_satisfied" }));
    give_notice_to_another(hall);
    case
}

/// The next person lacks something: the one complete list, and he comes back with it.
fn give_notice_to_another(hall: &mut Hall) {
    hall.step("start", json!({ "page": "clerk1" }));
    let applicant = json!({ "name": "乌兰图雅", "id_number": "150102199001010027", "phone": "13904710000" });
    hall.step("fill_case", json!({ "page": "clerk1", "query": "lmcf", "matter": MATTER, "applicant": applicant, "materials": 1 }));
    let noticed = hall.step("give_notice", json!({ "page": "clerk1" }));
    hall.browser.look("clerk1", "desk-notice-given");
    hall.step("finish_as", json!({ "page": "clerk1", "digit": 3 }));
    hall.step("called", json!({ "page": "clerk1", "number": "A004" }));
    hall.step("start", json!({ "page": "clerk1" }));
    hall.step("go_on_with_earlier", json!({ "page": "clerk1", "number": noticed["number"] }));
}

fn certificate(hall: &mut Hall, case: &Value) {
    let number = &case["number"];
    hall.step("sign_in", json!({ "name": "approver1", "path": "/approve" }));
    hall.step("approve", json!({ "page": "approver1", "number": number }));
    hall.browser.look("approver1", "approve-next");
    hall.step("sign_in", json!({ "name": "issuer", "path": "/pickup" }));
    hall.browser.look("issuer", "pickup-start");
    hall.step("make_certificate", json!({ "page": "issuer", "number": number, "certificate": CERTIFICATE }));
    hall.step("receive", json!({ "page": "issuer", "slot": "A01" }));
    hall.step("upload_confirmed", json!({ "page": "issuer" }));
    hall.step("notify", json!({ "page": "issuer", "channels": ["短信", "邮件"] }));
}

/// By SMTP to a server, and both ways into the demo's folder, where no address stands in full.
fn the_notice(hall: &Hall, case: &Value, address: &str) {
    let mail = until(|| hall.mails.mails().into_iter().find(|mail| mail.to.iter().any(|to| to == EMAIL))).expect("a mail to the applicant");
    let told = mail.text();
    assert!(told.contains(&text(&case["number"])) && told.contains(address), "{told}");
    assert!(!told.contains(ID_NUMBER) && !told.contains(PHONE), "{told}");
    let in_sink = || -> Vec<String> {
        let files = std::fs::read_dir(hall.folder.path().join("data/messages")).expect("the sink of the demo");
        files.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok()).collect()
    };
    let has_both =
        |kept: &Vec<String>| ["sms", "email"].iter().all(|channel| kept.iter().any(|message| message.contains(&format!("\"{channel}\""))));
    let kept = until(|| Some(in_sink()).filter(has_both)).expect("both ways in the sink");
    assert!(kept.iter().all(|message| !message.contains(PHONE) && !message.contains(EMAIL)), "addresses are masked in the sink");
}

fn hand_over_and_rate(hall: &mut Hall, address: &str) {
    hall.step("goto", json!({ "page": "phone", "url": address }));
    hall.step("timeline_says", json!({ "text": "来领" }));
    hall.browser.look("phone", "phone-ready");
    hall.step("hand_over", json!({ "page": "issuer", "collector": { "name": NAME, "id_number": ID_NUMBER } }));
    hall.browser.look("issuer", "pickup-done");
    hall.step("goto", json!({ "page": "phone", "url": address }));
    let timeline = text(&hall.step("timeline_says", json!({ "text": "办好了" })));
    for private in [NAME, ID_NUMBER, PHONE, EMAIL] {
        assert!(!timeline.contains(private), "the timeline tells nothing of a person: {timeline}");
    }
    hall.step("rate_on_phone", json!({ "subject": "case", "level": "satisfied", "reason": "411" }));
    hall.browser.look("phone", "phone-rated");
    let after = text(&hall.step("text", json!({ "page": "phone", "selector": "main" })));
    assert!(after.contains("评价过了") && !after.contains("非常满意"), "a level is never shown again: {after}");
}

/// The log, the figures and the supervisor's page.
fn what_is_kept(hall: &mut Hall, taken: &Value, case: &Value) {
    hall.step("sign_in", json!({ "name": "supervisor", "path": "/hall" }));
    hall.step("see", json!({ "page": "supervisor", "text": "满意率" }));
    hall.browser.look("supervisor", "hall");
    hall.step("resize", json!({ "page": "supervisor", "width": 1366, "height": 768 }));
    hall.browser.look("supervisor", "hall-1366");
    hall.step("open_portal", json!({}));
    hall.browser.look("portal", "portal");

    hall.step("sign_in_quietly", json!({ "name": "auditor" }));
    let events = hall.read("auditor", "/api/v1/events?limit=200");
    let kinds: Vec<String> = events["items"].as_array().into_iter().flatten().map(|event| text(&event["type"])).collect();
    let walk = [
        "window_opened",
        "ticket_issued",
        "ticket_called",
        "ticket_recalled",
        "ticket_started",
        "case_received",
        "case_accepted",
        "ticket_finished",
        "case_claimed",
        "case_decided",
        "certificate_made",
        "upload_confirmed",
        "certificate_received",
        "certificate_handed_over",
    ];
    let mut at = 0;
    for kind in walk {
        let missing = || panic!("{kind} is not in the log: {kinds:?}");
        if matches!(kind, "upload_confirmed" | "certificate_received") {
            // Which of the two comes first depends on the licence platform.
            assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
            continue;
        }
        at += kinds[at..].iter().position(|known| known == kind).unwrap_or_else(missing);
    }
    let log = events.to_string();
    for private in [NAME, ID_NUMBER, PHONE, EMAIL, "乌兰图雅"] {
        assert!(!log.contains(private), "personal data in the log");
    }
    for device in ["kiosk", "display", "printer"] {
        let found = found_below(&[NAME, ID_NUMBER, PHONE, EMAIL, "乌兰图雅"], &hall.folder.path().join(device));
        assert!(found.is_empty(), "personal data in a device's spool: {found:?}");
    }

    let today = events["items"][0]["at"].as_str().map(|at| at[..10].to_owned()).unwrap_or_default();
    let figures = hall.read("supervisor", &format!("/api/v1/sites/demo-center/figures?from={today}&to={today}"));
    assert_eq!(figures["tickets_issued"], 4, "{figures}");
    assert_eq!(figures["tickets_done"], 2, "{figures}");
    assert_eq!(figures["misses"], 1, "{figures}");
    assert_eq!(figures["evaluations"], 2, "{figures}");
    assert_eq!(figures["satisfaction"].as_f64(), Some(1.0), "{figures}");
    assert_eq!(figures["cases_accepted"], 2, "{figures}");
    assert_eq!(figures["cases_decided"], 1, "{figures}");
    assert_eq!(figures["cases_decided_on_time"], 1, "{figures}");

    let tracking = hall.read("supervisor", &format!("/api/v1/tracking/{}", text(&taken["tracking_code"])));
    assert_eq!(tracking["cases"][0]["number"], case["number"]);
    assert_eq!(tracking["cases"][0]["closed_as"], "finished", "{tracking}");

    let verified = Command::new(binary("yichuang")).args(["verify-log", "--data"]).arg(hall.folder.path().join("data")).output();
    let verified = verified.expect("the program runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

fn the_screens_say_when_the_line_is_cut(hall: &mut Hall) {
    drop(hall.server.take());
    let said = text(&hall.step("board_is_cut", json!({})));
    assert!(said.contains("连接中断，信息截至"), "{said}");
    hall.browser.look("board", "board-offline");
    hall.step("kiosk_is_cut", json!({}));
    hall.browser.look("kiosk", "kiosk-offline");
    // What a cut line says on the pages' consoles is no trouble.
    hall.step("troubles", json!({}));
}
