//! States that a person must see: a wrong clock, a damaged journal, a disk that is full and then is not; and the printer as
//! the keeper hears of it.

use domain::time::{DAY_MS, HOUR_MS, Millis};
use futures_util::{SinkExt, StreamExt};
use protocol::device::DEVICE_PROTOCOL;
use protocol::keeper::HallDevice;
use protocol::slip::{PaperState, PrinterStatus};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::*;

fn told_trouble(keeper: &Keeper) -> Option<Option<KeeperTrouble>> {
    keeper.tick().into_iter().find_map(|frame| match frame {
        FromDevice::Keeper(FromKeeper::State { trouble, .. }) => Some(trouble),
        _ => None,
    })
}

fn beside(folder: &Path, machine_ms: fn() -> Millis) -> Keeper {
    Keeper::open_beside(folder, Seal::in_folder(folder).unwrap(), HallClock::starting_at(START_MS), None, machine_ms).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_clock_is_wrong_says_so_and_works_by_the_halls_time() {
    let folder = TempDir::new().unwrap();
    let keeper = beside(folder.path(), || START_MS + 3 * 60_000);
    follow(&keeper, &hall(), 0);
    assert_eq!(keeper.state().trouble, Some(KeeperTrouble::ClockWrong));
    assert_eq!(told_trouble(&keeper), Some(Some(KeeperTrouble::ClockWrong)), "the supervisor sees it");
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    let given = number(&keeper, "k1");
    assert_eq!((given.status, given.body["number"].as_str()), (201, Some("AK001")), "what is issued is valid");
    assert!(given.body["issued_at"].as_str().unwrap().starts_with("2026-11-24T10:00"), "{}", given.body);
    keeper.on_event(&SessionEvent::Connected(DeviceConfig { now_ms: START_MS + 3 * 60_000, ..config() }));
    assert_eq!(keeper.state().trouble, None, "the clock was set right");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_right_is_no_trouble() {
    let folder = TempDir::new().unwrap();
    let keeper = beside(folder.path(), || START_MS + 119_000);
    follow(&keeper, &hall(), 0);
    assert_eq!((keeper.state().trouble, told_trouble(&keeper)), (None, Some(None)));
}

/// A keeper that started anew while the line was cut, by a machine's clock that is so much off.
async fn restarted(off_ms: Millis) -> (TempDir, Keeper) {
    let folder = TempDir::new().unwrap();
    {
        let keeper = beside(folder.path(), || START_MS);
        follow(&keeper, &hall(), 0);
    }
    let clock = HallClock::starting_at(START_MS + off_ms);
    let seal = Seal::in_folder(folder.path()).unwrap();
    let keeper = Keeper::open_beside(folder.path(), seal, clock, None, || START_MS).unwrap();
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    assert!(keeper.is_deciding());
    (folder, keeper)
}

#[tokio::test(start_paused = true)]
async fn a_restart_without_the_line_notices_a_clock_that_cannot_be() {
    for (off_ms, trouble) in [(-HOUR_MS, true), (2 * DAY_MS, true), (HOUR_MS, false)] {
        let (_folder, keeper) = restarted(off_ms).await;
        assert_eq!(keeper.state().trouble, trouble.then_some(KeeperTrouble::ClockWrong), "{off_ms}");
        assert_eq!(number(&keeper, "k1").status, 201, "the hall goes on");
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_journal_is_told_until_the_program_starts_with_a_sound_one() {
    let folder = TempDir::new().unwrap();
    {
        let keeper = beside(folder.path(), || START_MS);
        follow(&keeper, &hall(), 0);
    }
    std::fs::write(folder.path().join("keeper.db"), b"what a broken disk gives back, and no database").unwrap();
    {
        let keeper = beside(folder.path(), || START_MS);
        assert_eq!(keeper.state().trouble, Some(KeeperTrouble::JournalDamaged));
        follow(&keeper, &hall(), 4);
        assert_eq!(told_trouble(&keeper), Some(Some(KeeperTrouble::JournalDamaged)), "also when the hall was told anew");
        cut(&keeper);
        pass(LEASE_MS + MARGIN_MS).await;
        keeper.tick();
        assert_eq!(number(&keeper, "k1").body["number"], "AK001");
        assert_eq!(keeper.state().unsent, 1, "it goes on behind what the server has");
    }
    assert!(folder.path().join("keeper.db.damaged-1").exists(), "the old one is kept");
    let keeper = beside(folder.path(), || START_MS);
    assert_eq!(keeper.state().trouble, None);
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_trouble_until_there_is_room_even_when_nobody_asks_for_a_number() {
    let folder = TempDir::new().unwrap();
    let keeper = beside(folder.path(), || START_MS);
    follow(&keeper, &hall(), 0);
    let other = rusqlite::Connection::open(folder.path().join("keeper.db")).unwrap();
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON known BEGIN SELECT RAISE(ABORT, 'full'); END").unwrap();
    tell(&keeper, ToKeeper::House(Box::default()));
    assert_eq!(keeper.state().trouble, Some(KeeperTrouble::DiskFull));
    pass(10_000).await;
    assert_eq!(told_trouble(&keeper), Some(Some(KeeperTrouble::DiskFull)));
    other.execute_batch("DROP TRIGGER full").unwrap();
    pass(10_000).await;
    assert_eq!(told_trouble(&keeper), Some(None));
}

#[tokio::test(start_paused = true)]
async fn a_printer_without_paper_is_known_before_a_number_is_offered() {
    let folder = TempDir::new().unwrap();
    let keeper = open(folder.path());
    follow(&keeper, &hall(), 0);
    let token_hash = kiosk::keeper::sha256_hex(b"printer-token");
    let printer = HallDevice { kind: DeviceKind::Printer, token_hash, ..crate::display("dev_dc_printer", None) };
    let house = House { site_key: "dc".into(), devices: vec![printer], ..House::default() };
    tell(&keeper, ToKeeper::House(Box::new(house)));
    cut(&keeper);
    pass(LEASE_MS + MARGIN_MS).await;
    keeper.tick();
    assert_eq!(keeper.printer(), None, "no printer came yet");

    tokio::time::resume();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, api::routes(keeper.clone())).into_future());
    let mut request = format!("ws://{address}/api/v1/devices/session").into_client_request().unwrap();
    request.headers_mut().insert("authorization", "Bearer printer-token".parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let out = PrinterStatus { paper: PaperState::Out, ..PrinterStatus::READY };
    let hello = FromDevice::Hello { protocol: DEVICE_PROTOCOL, version: "1".into(), after: None, damaged: Vec::new() };
    for frame in [hello, FromDevice::Status { printer: Some(out), error: None }] {
        socket.send(Message::text(serde_json::to_string(&frame).unwrap())).await.unwrap();
    }
    let mut changes = keeper.changes();
    while keeper.printer() != Some(Some(out)) {
        tokio::time::timeout(Duration::from_secs(20), changes.changed()).await.unwrap().unwrap();
    }
    let first = socket.next().await.unwrap().unwrap();
    assert!(first.to_text().unwrap().contains("config"), "{first}");
    drop(socket);
    while keeper.printer() != Some(Some(PrinterStatus::UNREACHABLE)) {
        tokio::time::timeout(Duration::from_secs(20), changes.changed()).await.unwrap().unwrap();
    }
}
