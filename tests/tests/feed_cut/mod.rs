//! Promise 3: a screen that was cut off shows, once it is back, byte for byte what a screen shows that
//! was never cut off; and what keeps the feed bearable for the server.

mod screen;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use domain::hall::{Event, Fact};
use domain::ids::LineId;
use screen::{SITE, Screen, Shown};
use serde_json::{Value, json};
use server::store::{DeviceRow, NewEvent};
use tests::app::{Actor, START_MS, TestApp};
use tests::net_proxy::{Line, NetProxy};
use tokio::task::JoinHandle;

const VIEWS: [&str; 5] = ["board", "desk", "window", "kiosk", "pad"];
const LINE: &str = "l_dc_demo-line";
/// The window at which pad and strip stand.
const WINDOW: &str = "w_dc_1";
/// The longest time that work may take.
const WORK_WAIT: Duration = Duration::from_secs(60);
/// Counts wait at most this long for their frame; a little more for a busy machine.
const SETTLED: Duration = Duration::from_millis(700);

fn kiosk() -> Actor {
    Actor::Device("demo-kiosk".to_owned())
}

/// A hall at work: a device for the window, open windows, a clerk at each.
struct Hall {
    app: Arc<TestApp>,
    address: SocketAddr,
    clerks: Vec<(Actor, String)>,
    actors: BTreeMap<&'static str, Actor>,
}

impl Hall {
    async fn on(app: TestApp) -> Self {
        bind(&app, "pad").await;
        let address = app.serve().await;
        let mut clerks = Vec::new();
        for number in 1..=3 {
            let (clerk, window) = (app.sign_in(&format!("clerk{number}")).await, format!("w_dc_{number}"));
            let opened = app.post(&clerk, &format!("/api/v1/windows/{window}/open"), json!({})).await;
            assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
            clerks.push((clerk, window));
        }
        let device = |token: &str| Actor::Device(token.to_owned());
        let actors = BTreeMap::from([
            ("board", device("demo-display")),
            ("desk", clerks[0].0.clone()),
            ("window", device("demo-pad")),
            ("kiosk", kiosk()),
            ("pad", device("demo-pad")),
        ]);
        Self { app: Arc::new(app), address, clerks, actors }
    }

    async fn screen(&self, view: &'static str) -> Screen {
        Screen::open(self.address, view, &self.actors[view]).await
    }

    /// Everything that moves a hall, until told to stop.
    fn work(&self, stop: &Arc<AtomicBool>) -> Vec<JoinHandle<u32>> {
        let mut hands = Vec::new();
        for (clerk, window) in &self.clerks {
            let (app, clerk, window, stop) = (self.app.clone(), clerk.clone(), window.clone(), stop.clone());
            hands.push(tokio::spawn(async move { serve(&app, &clerk, &window, &stop).await }));
        }
        let (app, stop) = (self.app.clone(), stop.clone());
        hands.push(tokio::spawn(async move {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                issue(&app, &format!("n{count}")).await;
                count += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            count
        }));
        hands
    }

    /// Waits until the log has grown by so many events, however busy this machine is.
    async fn grows_by(&self, events: i64) {
        let (from, begun) = (self.head().await, Instant::now());
        while self.head().await < from + events {
            assert!(begun.elapsed() < WORK_WAIT, "the hall stands still");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The position up to which every screen will come.
    async fn head(&self) -> i64 {
        self.app.app.stores.events.head(SITE).await.expect("the log").expect("a head").seq
    }
}

/// Puts the pad, whose token also plays the window's strip, at a window.
async fn bind(app: &TestApp, kind: &str) {
    let devices = app.app.stores.devices.devices(SITE).await.expect("devices");
    let pad = devices.into_iter().find(|device| device.kind == kind).expect("the demo's pad");
    let mut set = server::store::ChangeSet::new(SITE);
    set.row(DeviceRow { window_id: Some(WINDOW.to_owned()), ..pad });
    app.app.stores.commit.commit(&[set]).await.expect("bound");
}

async fn issue(app: &TestApp, key: &str) -> Value {
    let path = format!("/api/v1/sites/{SITE}/tickets");
    let answer = app.send(&kiosk(), Method::POST, &path, Some(key), Some(json!({ "line_id": LINE }))).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

/// Calls, recalls, misses, parks, adds, puts back, finishes, pauses and asks for help, as clerks do; how often.
async fn serve(app: &TestApp, clerk: &Actor, window: &str, stop: &AtomicBool) -> u32 {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let called = app.post(clerk, &format!("/api/v1/windows/{window}/call-next"), json!({})).await;
        let Some(ticket) = called.body["ticket"]["id"].as_str().map(str::to_owned) else {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        };
        count += 1;
        let steps: &[(&str, Value)] = match count % 5 {
            0 => &[("recall", json!({})), ("miss", json!({}))],
            1 => &[("start", json!({})), ("park", json!({ "reason": "写下的原因" })), ("resume", json!({}))],
            2 => &[
                ("start", json!({})),
                ("add-item", json!({ "matter_id": "m_dc_demo-instant" })),
                ("settle-item", json!({ "item": 0, "outcome": "consulted" })),
                ("finish", json!({ "outcome": "accepted" })),
            ],
            3 => &[("start", json!({})), ("put-back", json!({ "reason": "写下的原因" }))],
            _ => &[("recall", json!({})), ("start", json!({})), ("finish", json!({ "outcome": "accepted" }))],
        };
        for (step, body) in steps {
            let done = app.post(clerk, &format!("/api/v1/tickets/{ticket}/{step}"), body.clone()).await;
            assert_eq!(done.status, StatusCode::OK, "{step}: {}", done.body);
        }
        if count % 7 == 0 {
            for (step, body) in [
                ("pause", json!({ "text": "暂离片刻" })),
                ("help", json!({ "reason": "写下的原因" })),
                ("open", json!({})),
                ("resolve-help", json!({})),
            ] {
                let done = app.post(clerk, &format!("/api/v1/windows/{window}/{step}"), body).await;
                assert_eq!(done.status, StatusCode::OK, "{step}: {}", done.body);
            }
        }
    }
    count
}

/// Cuts and stalls the line under load; then both screens and a fresh one show the same.
async fn shows_the_same_after_cuts(hall: Hall) {
    let proxy = NetProxy::start(hall.address).await;
    let mut pairs = Vec::new();
    for view in VIEWS {
        let steady = hall.screen(view).await;
        let cut = Screen::open(proxy.address(), view, &hall.actors[view]).await;
        pairs.push((steady, cut));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let hands = hall.work(&stop);
    let reads: Vec<JoinHandle<(Screen, Screen)>> = pairs
        .into_iter()
        .map(|(mut steady, mut cut)| {
            let stop = stop.clone();
            tokio::spawn(async move {
                let follow = async |screen: &mut Screen| {
                    while !stop.load(Ordering::Relaxed) {
                        let next = screen.shown.at.map_or(0, |(_, seq)| seq) + 1;
                        let _ = tokio::time::timeout(Duration::from_millis(50), screen.catch_up(next)).await;
                    }
                };
                tokio::join!(follow(&mut steady), follow(&mut cut));
                (steady, cut)
            })
        })
        .collect();
    let lines = [(Line::Cut, 30), (Line::Up, 20), (Line::Cut, 90), (Line::Up, 10), (Line::Stalled, 20), (Line::Cut, 5), (Line::Up, 20)];
    for (line, events) in lines {
        proxy.set(line);
        hall.grows_by(events).await;
    }
    stop.store(true, Ordering::Relaxed);
    for hand in hands {
        hand.await.expect("no panic");
    }
    tokio::time::sleep(SETTLED).await;
    let mut last = Vec::new();
    for read in reads {
        let (mut steady, mut cut) = read.await.expect("no panic");
        let mut fresh = Screen::open(hall.address, steady.view, &hall.actors[steady.view]).await;
        let seq = fresh.shown.at.expect("a snapshot has a position").1;
        steady.catch_up(seq).await;
        cut.catch_up(seq).await;
        assert!(steady.frames.len() > 5, "{}: {} frames", steady.view, steady.frames.len());
        assert!(steady.frames.iter().skip(1).all(|frame| frame["kind"] != "snapshot"), "{}: it was never cut", steady.view);
        assert_eq!(steady.shown.bytes(), fresh.shown.bytes(), "{}: frames and a new snapshot", steady.view);
        assert_eq!(cut.shown.bytes(), steady.shown.bytes(), "{}: cut off and never cut off", steady.view);
        assert!(fresh.is_quiet(Duration::from_millis(50)).await);
        last.push(steady);
    }
    every_position_is_the_same_for_all(&last);
}

/// The board and the kiosk carry no `ticket_issued`, counts come at most four times a second.
fn every_position_is_the_same_for_all(screens: &[Screen]) {
    for screen in screens {
        let kinds = |wanted: &str| screen.frames.iter().filter(|frame| frame["event"]["type"] == wanted).count();
        match screen.view {
            "board" | "kiosk" | "window" | "pad" => assert_eq!(kinds("ticket_issued"), 0, "{}", screen.view),
            _ => assert!(kinds("ticket_issued") > 0, "{}", screen.view),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_a_screen_that_was_cut_off_shows_the_same() {
    shows_the_same_after_cuts(Hall::on(TestApp::memory().await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_screen_that_was_cut_off_shows_the_same() {
    shows_the_same_after_cuts(Hall::on(TestApp::sqlite().await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_screen_that_was_cut_off_shows_the_same() {
    let database = tests::postgres::database();
    shows_the_same_after_cuts(Hall::on(TestApp::postgres(&database.url).await).await).await;
}

/// A second server process on the same database makes the same views, from its own cursor.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_screen_of_another_server_shows_the_same() {
    let database = tests::postgres::database();
    let hall = Hall::on(TestApp::postgres(&database.url).await).await;
    let other = TestApp::postgres(&database.url).await;
    let address = other.serve().await;
    let mut there = Vec::new();
    for view in VIEWS {
        there.push(Screen::open(address, view, &hall.actors[view]).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let hands = hall.work(&stop);
    hall.grows_by(120).await;
    stop.store(true, Ordering::Relaxed);
    for hand in hands {
        hand.await.expect("no panic");
    }
    tokio::time::sleep(SETTLED).await;
    for mut screen in there {
        // The two count at moments of their own, so their last frames may stand at other positions.
        screen.drain(Duration::from_millis(2_500)).await;
        let here = hall.screen(screen.view).await;
        assert_eq!(screen.shown.bytes(), here.shown.bytes(), "{}", screen.view);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_its_gap_or_a_snapshot() {
    let hall = Hall::on(TestApp::memory().await).await;
    for view in ["board", "desk"] {
        let mut screen = hall.screen(view).await;
        let (epoch, before) = screen.shown.at.expect("a position");
        screen.drop_line();
        for key in ["a", "b", "c"] {
            issue(&hall.app, &format!("{view}{key}")).await;
        }
        let (clerk, window) = &hall.clerks[1];
        let called = hall.app.post(clerk, &format!("/api/v1/windows/{window}/call-next"), json!({})).await;
        assert!(called.body["ticket"].is_object(), "{}", called.body);
        let head = hall.head().await;
        // A view without any frame yet cannot tell who has its state and who has an older one at the same place.
        tokio::time::sleep(SETTLED).await;
        screen.catch_up(head).await;
        assert!(screen.frames.iter().skip(1).all(|frame| frame["kind"] != "snapshot"), "{view}: the gap, not everything");
        let ticket = called.body["ticket"]["id"].as_str().expect("an id").to_owned();
        hall.app.post(clerk, &format!("/api/v1/tickets/{ticket}/start"), json!({})).await;
        hall.app.post(clerk, &format!("/api/v1/tickets/{ticket}/finish"), json!({ "outcome": "other" })).await;
        let wrong = [
            ("another epoch", format!("&epoch={}&after={before}", epoch + 1)),
            ("ahead of the log", format!("&epoch={epoch}&after={}", head + 1_000)),
            ("before all that is kept", format!("&epoch={epoch}&after=0")),
            ("no epoch", format!("&after={before}")),
        ];
        for (what, query) in wrong {
            let mut screen = Screen::new(hall.address, view, &hall.actors[view]);
            assert!(screen.connect_with(&query).await);
            let first = screen.next().await.expect("a frame");
            assert_eq!(first["kind"], "snapshot", "{view}, {what}: {first}");
        }
        let mut up_to_date = hall.screen(view).await;
        up_to_date.drop_line();
        tokio::time::sleep(SETTLED).await;
        let newest = hall.screen(view).await;
        assert!(up_to_date.connect().await);
        up_to_date.catch_up(newest.shown.at.expect("a position").1).await;
        assert!(up_to_date.is_quiet(Duration::from_millis(100)).await, "{view}: who has all gets nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_come_at_most_four_times_a_second() {
    let hall = Hall::on(TestApp::memory().await).await;
    let mut board = hall.screen("board").await;
    let app = hall.app.clone();
    let begun = Instant::now();
    let issuing = tokio::spawn(async move {
        let mut count = 0_usize;
        while count < 60 || begun.elapsed() < Duration::from_secs(2) {
            issue(&app, &format!("w{count}")).await;
            count += 1;
        }
        count
    });
    let mut waiting = 0;
    while !issuing.is_finished() {
        if let Ok(Some(frame)) = tokio::time::timeout(Duration::from_millis(300), board.next()).await {
            waiting += usize::from(frame["kind"] == "waiting");
        }
    }
    let (issued, quarters) = (issuing.await.expect("no panic"), begun.elapsed().as_millis() / 250);
    assert!(waiting >= 2 && waiting as u128 <= quarters + 2, "{waiting} frames of counts in {quarters} quarters of a second");
    assert!(issued > waiting, "{waiting} frames of counts for {issued} tickets");
    let (clerk, window) = &hall.clerks[0];
    hall.app.post(clerk, &format!("/api/v1/windows/{window}/call-next"), json!({})).await;
    loop {
        let frame = board.next().await.expect("a frame");
        if frame["event"]["type"] == "ticket_called" {
            break;
        }
    }
}

/// More frames at once than may wait for a client: it gets the state as it is instead of them, and the
/// server never holds more than that.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_gets_a_snapshot() {
    const BURST: i64 = 1_000;
    let hall = Hall::on(TestApp::memory().await).await;
    let mut slow = hall.screen("desk").await;
    let mut set = server::store::ChangeSet::new(SITE);
    for number in 0..BURST {
        let fact = if number % 2 == 0 {
            Fact::LineStopped { line_id: LineId::parse(LINE).expect("a line"), text: format!("系统维护 {number}") }
        } else {
            Fact::LineResumed { line_id: LineId::parse(LINE).expect("a line") }
        };
        let event = Event { at: START_MS, by: None, fact };
        set.events.push(NewEvent {
            aggregate: "hall",
            aggregate_id: SITE.to_owned(),
            kind: event.kind().to_owned(),
            actor: "system".to_owned(),
            at: event.at,
            body: serde_json::to_string(&event).expect("an event"),
        });
    }
    let receipt = hall.app.app.commit(set).await.expect("committed");
    assert_eq!(receipt.last_seq - receipt.first_seq, BURST - 1);
    slow.catch_up(receipt.last_seq).await;
    let fresh = hall.screen("desk").await;
    assert_eq!(slow.shown.bytes(), fresh.shown.bytes());
    let (frames, snapshots) = (slow.frames.len(), slow.frames.iter().skip(1).filter(|frame| frame["kind"] == "snapshot").count());
    assert!(snapshots >= 1 && frames < 300, "{frames} frames, {snapshots} snapshots for {BURST} events");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_that_it_lives_and_so_must_the_client() {
    use futures_util::StreamExt as _;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    let hall = Hall::on(TestApp::memory().await).await;
    let mut request = format!("ws://{}/api/v1/sites/{SITE}/feed?view=board", hall.address).into_client_request().expect("an address");
    request.headers_mut().insert("authorization", "Bearer demo-display".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("the feed opens");
    let (mut words, mut pings) = (0, 0);
    let begun = Instant::now();
    let mut second_word = None;
    while begun.elapsed() < Duration::from_secs(12) && (words < 2 || pings < 1) {
        match tokio::time::timeout(Duration::from_secs(7), socket.next()).await {
            Ok(Some(Ok(Message::Ping(_)))) => pings += 1,
            Ok(Some(Ok(Message::Text(text)))) => {
                words += usize::from(text.as_str() == r#"{"kind":"ping"}"#);
                second_word = second_word.or((words == 2).then(|| begun.elapsed()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(second_word.is_some_and(|after| after < Duration::from_secs(7)), "a word for pages every five seconds: {second_word:?}");
    assert!(pings >= 1, "and a ping for the protocol to whom nothing was heard of");
}

/// What a restarted server tells is what it told before: views are made from the log alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_screen_shows_the_same_after_a_restart_of_the_server() {
    let hall = Hall::on(TestApp::memory().await).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut before: Vec<Screen> = Vec::new();
    for view in VIEWS {
        before.push(hall.screen(view).await);
    }
    let hands = hall.work(&stop);
    hall.grows_by(90).await;
    stop.store(true, Ordering::Relaxed);
    for hand in hands {
        hand.await.expect("no panic");
    }
    // Somebody is being served and somebody may rate.
    let (clerk, window) = &hall.clerks[1];
    for key in ["x", "y"] {
        issue(&hall.app, key).await;
    }
    hall.app.post(clerk, &format!("/api/v1/windows/{window}/call-next"), json!({})).await;
    tokio::time::sleep(SETTLED).await;
    let again = hall.app.again().await;
    let address = again.serve().await;
    for mut screen in before {
        let fresh = Screen::open(address, screen.view, &hall.actors[screen.view]).await;
        let Shown { at, .. } = fresh.shown;
        screen.catch_up(hall.screen(screen.view).await.shown.at.expect("a position").1).await;
        assert!(at.expect("a position").1 >= screen.shown.at.expect("a position").1);
        assert_eq!(fresh.shown.bytes(), screen.shown.bytes(), "{}", screen.view);
    }
}
