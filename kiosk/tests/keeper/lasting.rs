//! A keeper that runs for months: what it holds does not grow with the days, slips find a printer that works, and nobody
//! holds the hall's address for nothing.

use axum::Router;
use domain::hall::{Event, NewTicket, Outcome};
use domain::ids::TicketId;
use domain::time::DAY_MS;
use edge::connect::TcpConnect;
use kiosk::keeper::lan;
use protocol::device::{DeviceCommand, DeviceKind};
use protocol::keeper::HallDevice;
use protocol::slip::{PaperState, PrinterStatus};
use rusqlite::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A hall whose service decides, and a keeper that hears of each event.
struct Served {
    hall: Hall,
    keeper: Keeper,
    at: i64,
}

impl Served {
    fn does(&mut self, actor: &Actor, command: &Command) {
        let from_version = self.hall.version();
        let events: Vec<Event> = self.hall.decide(actor, command, self.at).unwrap();
        events.iter().for_each(|event| drop(self.hall.evolve(event)));
        assert!(tell(&self.keeper, ToKeeper::Events { from_version, events }).is_empty(), "it keeps the thread");
    }

    fn visit(&mut self, number: usize) {
        let id = TicketId::new("dc", &format!("t{number}"));
        let new = NewTicket::ordinary(id.clone(), line(), format!("track{number}"), format!("{number:04}"));
        self.does(&Actor::machine(), &Command::Issue(new));
        let by = Actor::staff(clerk());
        if self.hall.window(&window(1)).is_some_and(|window| window.staff().is_none()) {
            self.does(&by, &Command::OpenWindow { window_id: window(1), line_ids: None });
        }
        self.does(&by, &Command::CallNext { window_id: window(1) });
        self.does(&by, &Command::Start { ticket_id: id.clone() });
        self.does(&by, &Command::Finish { ticket_id: id, outcome: Outcome::Accepted });
    }
}

fn rows(folder: &Path, table: &str) -> i64 {
    let db = Connection::open(folder.join("keeper.db")).unwrap();
    db.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_month_with_a_steady_line_leaves_no_more_than_a_day() {
    let folder = TempDir::new().unwrap();
    let keeper = open(folder.path());
    follow(&keeper, &hall(), 0);
    let mut served = Served { hall: hall(), keeper: keeper.clone(), at: START_MS };
    let mut held = Vec::new();
    for day in 0..30_usize {
        served.at = START_MS + i64::try_from(day).unwrap() * DAY_MS;
        for visit in 0..20 {
            served.at += 1_000;
            served.visit(day * 20 + visit);
        }
        held.push(rows(folder.path(), "followed"));
    }
    assert!(held.iter().all(|held| *held <= 120), "a day's events, not a month's: {held:?}");
    assert_eq!(keeper.hall().unwrap(), served.hall);
    drop(keeper);
    drop(served.keeper);
    let again = open(folder.path());
    assert_eq!(again.hall().unwrap(), served.hall, "the last day from its beginning, over a restart");
}

#[tokio::test(start_paused = true)]
async fn a_call_of_before_a_restart_stands_on_the_board() {
    let folder = TempDir::new().unwrap();
    let by = Who::Staff { id: clerk(), supervises: false };
    {
        let keeper = deciding(folder.path()).await;
        number(&keeper, "k1");
        keeper.command(&by, &Command::CallNext { window_id: window(1) }, None);
        // All is handed over, and the hall was told with the number called.
        keeper.on_event(&SessionEvent::Connected(config()));
        tell(&keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken: 2 });
        let known = keeper.hall().unwrap();
        keeper.on_event(&SessionEvent::Frame(snapshot(&known)));
    }
    let keeper = open(folder.path());
    let board = serde_json::to_value(keeper.board_frame()).unwrap();
    assert_eq!(board["state"]["calls"][0]["number"], "AK001", "{board}");
}

#[tokio::test(start_paused = true)]
async fn slips_that_nobody_printed_are_asked_for_until_the_service_answers() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    number(&keeper, "k1");
    keeper.on_event(&SessionEvent::Connected(config()));
    let asked = |said: &[FromDevice]| -> Vec<String> {
        let key = |frame: &FromDevice| match frame {
            FromDevice::Command { key, command: DeviceCommand::ReprintTicket { .. } } => Some(key.clone()),
            _ => None,
        };
        said.iter().filter_map(key).collect()
    };
    let back = tell(&keeper, ToKeeper::Appointed { term: 1, series: "K".into(), taken: 1 });
    let first = asked(&back);
    assert_eq!(first.len(), 1, "{back:?}");
    pass(5_000).await;
    assert!(asked(&keeper.tick()).is_empty(), "not at once");
    pass(6_000).await;
    assert_eq!(asked(&keeper.tick()), first, "the first word may be lost");
    let reply = ToDevice::Reply { key: first[0].clone(), status: 201, body: json!({}), replayed: false };
    keeper.on_event(&SessionEvent::Frame(reply));
    assert!(keeper.unprinted().unwrap().is_empty(), "it was answered for");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_trouble_until_an_entry_fits_also_when_the_line_comes_back() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    let other = Connection::open(folder.path().join("keeper.db")).unwrap();
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'full'); END").unwrap();
    assert_eq!(number(&keeper, "k1").status, 503);
    pass(11_000).await;
    keeper.tick();
    assert_eq!(keeper.state().trouble, Some(KeeperTrouble::DiskFull), "a row can still be written over, an entry not added");
    keeper.on_event(&SessionEvent::Connected(config()));
    assert_eq!(keeper.state().trouble, Some(KeeperTrouble::DiskFull), "the line makes no room");
    other.execute_batch("DROP TRIGGER full").unwrap();
    pass(11_000).await;
    keeper.tick();
    assert_eq!(keeper.state().trouble, None);
    assert_eq!(rows(folder.path(), "entries WHERE number = 0"), 0, "the trial leaves nothing");
}

/// A printer's session at the keeper.
async fn printer(address: SocketAddr, token: &str, status: PrinterStatus) -> WebSocketStream<TcpStream> {
    use futures_util::SinkExt;
    use tokio_tungstenite::tungstenite::Message;
    let mut request = format!("ws://{address}/api/v1/devices/session").into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let (mut socket, _) = client_async(request, TcpStream::connect(address).await.unwrap()).await.unwrap();
    let hello = FromDevice::Hello { protocol: 1, version: "1".into(), after: None, damaged: Vec::new() };
    for frame in [hello, FromDevice::Status { printer: Some(status), error: None }] {
        socket.send(Message::text(serde_json::to_string(&frame).unwrap())).await.unwrap();
    }
    socket
}

/// The next slip that a printer gets.
async fn slip(socket: &mut WebSocketStream<TcpStream>) -> String {
    let next = async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            if let Ok(ToDevice::PrintJob { job_id, .. }) = serde_json::from_str(message.to_text().unwrap()) {
                return job_id;
            }
        }
    };
    timeout(Duration::from_secs(10), next).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_slip_goes_to_the_printer_that_has_paper() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    let of = |id: &str| HallDevice { kind: DeviceKind::Printer, ..display(id, None) };
    let devices = vec![of("empty"), of("full")];
    tell(&keeper, ToKeeper::House(Box::new(House { site_key: "dc".into(), devices, ..House::default() })));
    tokio::time::resume();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(axum::serve(listener, api::routes(keeper.clone())).into_future());
    let out = PrinterStatus { paper: PaperState::Out, ..PrinterStatus::READY };
    let _empty = printer(address, "empty", out).await;
    let mut changes = keeper.changes();
    while keeper.printer() != Some(Some(out)) {
        timeout(Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
    }
    let mut full = printer(address, "full", PrinterStatus::READY).await;
    while keeper.printer() != Some(Some(PrinterStatus::READY)) {
        timeout(Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
    }
    for key in ["k1", "k2", "k3"] {
        assert_eq!(number(&keeper, key).status, 201);
        let print = slip(&mut full).await;
        assert!(keeper.unprinted().unwrap().iter().any(|one| one.job_id == print && one.device_id.as_deref() == Some("full")));
    }
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn who_connects_to_the_halls_address_and_asks_nothing_is_let_go() {
    let folder = TempDir::new().unwrap();
    let keeper = deciding(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = TcpConnect("http://127.0.0.1:9".parse().unwrap());
    let routes: Router = api::routes(keeper.clone());
    let serving = tokio::spawn(async move { lan::serve(listener, keeper, server, routes).await });
    for begun in ["", "GET /keeper/state HTT"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "{begun:?}: the place is somebody else's");
    }
    tokio::time::resume();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /keeper/state HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    serving.abort();
}
