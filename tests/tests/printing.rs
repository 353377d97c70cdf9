//! From a number to paper: the real server and the real printer agent against a printer that runs out of
//! paper, is slow, loses the line in the middle of a slip, is switched off.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use edge::connect::{ServerAddress, TcpConnect};
use printer::escpos_driver::{Answers, EscPosDriver};
use printer::ports::PrinterAddress;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::app::{Actor, START_MS, TestApp};
use tests::fake_printer::{FakePrinter, Paper, Piece};
use tests::net_proxy::{Line, NetProxy};
use tests::slip_view::{Printer, SlipView, read};
use tokio::task::JoinHandle;

use crate::run_devices::{self, Station};

const SITE: &str = "demo-center";
/// Time for everything that a printer does in these tests, in milliseconds.
const PAPER_MS_MAX: u64 = 40_000;
/// Bytes of the questions that come before a slip.
const QUESTION_BYTES: usize = 9;

/// A hall with a server, an agent and a printer.
struct Hall {
    app: TestApp,
    line: NetProxy,
    paper: FakePrinter,
    data: TempDir,
    agent: JoinHandle<()>,
}

impl Hall {
    async fn new() -> Self {
        let app = TestApp::sqlite().await;
        let clerk = app.sign_in("clerk1").await;
        assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
        let line = NetProxy::start(app.serve().await).await;
        let (paper, data) = (FakePrinter::start().await, TempDir::new().expect("a folder"));
        let agent = tokio::spawn(agent(line.address(), paper.address(), &data));
        Self { app, line, paper, data, agent }
    }

    /// Ends the agent as by a power cut and starts it again.
    async fn restart_agent(&mut self) {
        self.agent.abort();
        let _ = (&mut self.agent).await;
        self.agent = tokio::spawn(agent(self.line.address(), self.paper.address(), &self.data));
    }

    /// Takes a number; it exists whatever the printer does.
    async fn number(&self, key: &str) -> String {
        // The test's clock stands: jobs of one millisecond have no order among each other.
        self.app.clock.advance(1);
        let kiosk = Actor::Device("demo-kiosk".to_owned());
        let body = json!({ "line_id": "l_dc_demo-line" });
        let issued = self.app.send(&kiosk, Method::POST, &format!("/api/v1/sites/{SITE}/tickets"), Some(key), Some(body)).await;
        assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.body);
        let number = issued.body["number"].as_str().expect("a number").to_owned();
        self.exists(&number).await;
        number
    }

    async fn exists(&self, number: &str) {
        let clerk = self.app.sign_in("clerk1").await;
        let tickets = self.app.get(&clerk, &format!("/api/v1/sites/{SITE}/tickets?state=waiting")).await;
        let numbers: Vec<&Value> = tickets.body["items"].as_array().expect("tickets").iter().map(|ticket| &ticket["number"]).collect();
        assert!(numbers.contains(&&json!(number)), "{number} is not among {numbers:?}");
    }

    /// Waits until the newest job is told so.
    async fn job(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let it = self.app.sign_in("it").await;
        let look = async {
            loop {
                let listed = self.app.get(&it, &format!("/api/v1/sites/{SITE}/print-jobs")).await;
                if wanted(&listed.body["items"][0]) {
                    return listed.body["items"][0].clone();
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_millis(PAPER_MS_MAX), look).await.expect("the job is told so in time")
    }

    async fn pieces(&self, count: usize) -> Vec<SlipView> {
        let pieces = self.paper.wait_for_pieces(count, PAPER_MS_MAX).await.expect("paper in time");
        assert_eq!(pieces.len(), count);
        self.job(|job| job["state"] == "printed").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(self.paper.pieces().len(), count, "nothing more comes out");
        assert_eq!(self.paper.hanging(), Piece::default(), "nothing hangs in the printer");
        pieces.iter().map(|piece| read(&piece.bytes, Printer::WIDE).expect("no garbage")).collect()
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.agent.abort();
    }
}

fn agent(server: SocketAddr, paper: SocketAddr, data: &TempDir) -> impl Future<Output = ()> + use<> {
    let address: ServerAddress = format!("http://{server}").parse().expect("an address");
    let authority = address.authority();
    let station = Station { connector: TcpConnect(address), authority, token: "demo-printer", now_ms: START_MS, seed: 1 };
    let printer = PrinterAddress { host: paper.ip().to_string(), port: paper.port() };
    run_devices::printer(station, data.path(), EscPosDriver::new(printer, Answers::default()))
}

fn is_whole(slip: &SlipView, number: &str) -> bool {
    slip.line_with(number).is_some() && slip.qr_payloads().len() == 1 && slip.line_with("当天有效").is_some()
}

fn is_marked(slip: &SlipView) -> bool {
    slip.line_with("补打").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_paper_the_number_exists_and_its_slip_comes_with_the_new_roll() {
    let hall = Hall::new().await;
    hall.paper.set_paper(Paper::Out);
    let number = hall.number("one").await;
    let waiting = hall.job(|job| job["why"] == "paper_out").await;
    assert_eq!(waiting["state"], "at_printer");
    let beside = hall.app.app.printer_beside(SITE).await.expect("a state").expect("a printer");
    assert_eq!(beside.paper, protocol::slip::PaperState::Out, "the kiosk says so");
    assert_eq!(hall.app.app.stores.cases.alerts(SITE).await.expect("alerts")[0].kind, "printer_paper_out");
    hall.exists(&number).await;
    hall.paper.set_paper(Paper::Present);
    let slips = hall.pieces(1).await;
    assert!(is_whole(&slips[0], &number) && !is_marked(&slips[0]), "{:?}", slips[0].lines());
    assert_eq!(hall.app.app.stores.cases.alerts(SITE).await.expect("alerts"), [], "the alert is settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_that_ends_in_the_middle_ends_in_one_slip() {
    let hall = Hall::new().await;
    hall.paper.set_speed(Some(200));
    let number = hall.number("one").await;
    while hall.paper.hanging().bytes.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hall.paper.set_paper(Paper::Out);
    tokio::time::sleep(Duration::from_secs(6)).await;
    hall.exists(&number).await;
    assert_eq!(hall.paper.pieces(), [], "nothing was cut off");
    hall.paper.set_speed(None);
    hall.paper.set_paper(Paper::Present);
    let slips = hall.pieces(1).await;
    assert!(is_whole(&slips[0], &number) && !is_marked(&slips[0]), "{:?}", slips[0].lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_printer_prints_each_slip_once_in_order() {
    let hall = Hall::new().await;
    hall.paper.set_speed(Some(400));
    let numbers = [hall.number("one").await, hall.number("two").await, hall.number("three").await];
    let slips = hall.pieces(3).await;
    for (slip, number) in slips.iter().zip(&numbers) {
        assert!(is_whole(slip, number) && !is_marked(slip), "{number}: {:?}", slip.lines());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_cut_in_the_middle_of_a_slip_gives_it_again_marked() {
    let hall = Hall::new().await;
    hall.paper.cut_line_after(QUESTION_BYTES + 300);
    let number = hall.number("one").await;
    let slips = hall.pieces(2).await;
    assert!(!is_whole(&slips[0], &number), "a piece of the first attempt");
    assert!(is_whole(&slips[1], &number) && is_marked(&slips[1]), "{:?}", slips[1].lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_switched_off_in_the_middle_gives_the_slip_again_marked() {
    let hall = Hall::new().await;
    hall.paper.set_speed(Some(200));
    let number = hall.number("one").await;
    while hall.paper.hanging().bytes.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hall.paper.switch_off();
    hall.job(|job| job["why"] == "offline").await;
    hall.exists(&number).await;
    hall.paper.set_speed(None);
    hall.paper.switch_on();
    hall.job(|job| job["state"] == "printed").await;
    let pieces = hall.paper.pieces();
    assert!(pieces.iter().all(|piece| piece.cut) && hall.paper.hanging() == Piece::default());
    let slips: Vec<SlipView> = pieces.iter().filter_map(|piece| read(&piece.bytes, Printer::WIDE).ok()).collect();
    let whole: Vec<&SlipView> = slips.iter().filter(|slip| is_whole(slip, &number)).collect();
    assert!(whole.len() == 1 && is_marked(whole[0]), "{slips:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_to_the_server_prints_nothing_twice() {
    let mut hall = Hall::new().await;
    hall.paper.set_speed(Some(400));
    let number = hall.number("one").await;
    while hall.paper.hanging().bytes.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hall.line.set(Line::Cut);
    let pieces = hall.paper.wait_for_pieces(1, PAPER_MS_MAX).await.expect("paper in time");
    assert_eq!(pieces.len(), 1);
    let meanwhile = hall.number("two").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(hall.paper.pieces().len(), 1, "the next waits for the line");
    hall.line.set(Line::Up);
    let slips = hall.pieces(2).await;
    for (slip, number) in slips.iter().zip([&number, &meanwhile]) {
        assert!(is_whole(slip, number) && !is_marked(slip), "{number}: {:?}", slip.lines());
    }
    hall.restart_agent().await;
    hall.pieces(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_in_the_middle_of_a_slip_marks_the_next() {
    let mut hall = Hall::new().await;
    hall.paper.set_speed(Some(400));
    let number = hall.number("one").await;
    while hall.paper.hanging().bytes.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hall.restart_agent().await;
    hall.job(|job| job["state"] == "printed").await;
    let slips: Vec<SlipView> = hall.paper.pieces().iter().filter_map(|piece| read(&piece.bytes, Printer::WIDE).ok()).collect();
    let whole: Vec<&SlipView> = slips.iter().filter(|slip| is_whole(slip, &number)).collect();
    assert!(whole.iter().any(|slip| is_marked(slip)), "{slips:?}");
    assert!(whole.iter().filter(|slip| !is_marked(slip)).count() <= 1, "{slips:?}");
}
