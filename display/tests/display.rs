//! The display against a fake feed in simulated time: after a cut it shows, byte for byte, what a
//! display shows that was never cut; a gap is asked for; the last state survives a restart.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

#[path = "../../edge/tests/fake/mod.rs"]
mod fake;

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{body::Body, http::Request};
use display::{
    Display, Trouble, UNSAID_MS, View, page,
    voice::{Voice, VoiceSettings},
};
use edge::{
    clock::HallClock,
    session::{Session, SessionSettings},
    spool::{Pairing, Spool},
    token::Token,
};
use fake::{Fake, SERVER, SimConnect};
use protocol::{
    device::{DeviceKind, FromDevice, ToDevice},
    feed::{BoardCall, BoardEvent, BoardFrame, BoardLine, BoardSite, BoardState, Frame, LineCount},
};
use tokio::time::sleep;
use tower::ServiceExt;

const CUT: &str = "cut";
const WHOLE: &str = "whole";

/// The fake's feed: a log of frames from which any gap can be said again.
#[derive(Clone, Default)]
struct Feed(Arc<Mutex<Vec<BoardFrame>>>);

impl Feed {
    fn first() -> BoardFrame {
        let line = BoardLine { line_id: "l_dc_a".into(), name: "综合受理".into(), prefix: "A".into(), count: 0, next: Vec::new() };
        let site = BoardSite { id: "demo-center".into(), name: "示范镇便民服务中心".into() };
        Frame::Snapshot { epoch: 1, seq: 10, state: BoardState { site, waiting: vec![line], ..BoardState::default() } }
    }

    /// The next change: calls and counts in turn.
    fn step(&self) -> BoardFrame {
        let mut log = self.0.lock().unwrap();
        let prev = 10 + 3 * i64::try_from(log.len()).unwrap();
        let seq = prev + 3;
        let frame = if log.len() % 3 == 2 {
            let called_at = "2026-11-24T10:00:00.000+08:00".to_owned();
            let call = BoardCall { number: format!("A{seq:03}"), window_number: 2, called_at: called_at.clone(), recall_count: 0 };
            let event = BoardEvent {
                kind: "ticket_called".into(),
                site: None,
                calls: Some(vec![call]),
                waiting: None,
                windows: None,
                notices: None,
                emergency: None,
            };
            Frame::Event { epoch: 1, seq, prev, at: called_at, event }
        } else {
            let count = u32::try_from(seq).unwrap();
            Frame::Waiting { epoch: 1, seq, prev, waiting: vec![LineCount { line_id: "l_dc_a".into(), count, next: Vec::new() }] }
        };
        log.push(frame.clone());
        frame
    }

    fn after(&self, after: Option<(i64, i64)>) -> Vec<ToDevice> {
        let log = self.0.lock().unwrap();
        let seen = after.map_or(-1, |(_, seq)| seq);
        let mut frames = if after.is_none() { vec![Self::first()] } else { Vec::new() };
        frames.extend(log.iter().filter(|frame| frame.position().unwrap().1 > seen).cloned());
        frames.into_iter().map(ToDevice::Board).collect()
    }
}

fn server(feed: &Feed) -> Fake {
    let feed = feed.clone();
    let fake = Fake::new(
        "t",
        Box::new(move |frame| match frame {
            FromDevice::Hello { after, .. } | FromDevice::Resync { after } => feed.after(*after),
            _ => Vec::new(),
        }),
    );
    fake.hall.lock().unwrap().kind = DeviceKind::Display;
    fake
}

fn start(folder: &Path) -> Display {
    start_at(folder, HallClock::starting_at(0))
}

fn start_at(folder: &Path, clock: HallClock) -> Display {
    let spool = Spool::open(folder).unwrap();
    spool.pair(&Pairing { device_id: None, token: Token::new("t") }).unwrap();
    let settings = SessionSettings { authority: "server:8080".into(), version: "test".into(), seed: 7, damaged: Vec::new() };
    let position = Display::kept_position(&spool).unwrap();
    let Session { events, line, .. } = Session::open(SimConnect, settings, Some(Token::new("t")), position);
    let display = Display::new(spool, line, clock).unwrap();
    tokio::spawn(display.clone().run(events));
    display
}

fn shown(display: &Display) -> Arc<View> {
    Arc::clone(&display.views().borrow())
}

fn bytes(display: &Display) -> String {
    serde_json::to_string(&shown(display).state).unwrap()
}

fn simulation(fake: &Fake) -> turmoil::Sim<'static> {
    let mut sim =
        turmoil::Builder::new().rng_seed(3).tick_duration(Duration::from_millis(10)).simulation_duration(Duration::from_secs(600)).build();
    let serving = fake.clone();
    sim.host(SERVER, move || serving.clone().serve());
    sim
}

#[test]
fn after_a_cut_under_load_the_board_is_byte_for_byte_that_of_a_board_never_cut() {
    let feed = Feed::default();
    let fake = server(&feed);
    let mut sim = simulation(&fake);
    let boards: Arc<Mutex<Vec<String>>> = Arc::default();
    let (feeding, saying) = (feed.clone(), fake.say.clone());
    sim.client("load", async move {
        sleep(Duration::from_secs(2)).await;
        for _ in 0..300 {
            let frame = feeding.step();
            let _nobody_listens_while_cut = saying.send(ToDevice::Board(frame));
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    });
    for name in [CUT, WHOLE] {
        let boards = Arc::clone(&boards);
        sim.client(name, async move {
            let folder = tempfile::tempdir().unwrap();
            let display = start(folder.path());
            sleep(Duration::from_secs(10)).await;
            assert!(shown(&display).online);
            if name == CUT {
                turmoil::partition(CUT, SERVER);
                sleep(Duration::from_secs(25)).await;
                let cut = shown(&display);
                assert!(!cut.online, "while cut off it says so");
                assert!(cut.state.is_some() && cut.last_sync_at.as_ref().unwrap() < &cut.now);
                turmoil::repair(CUT, SERVER);
                sleep(Duration::from_secs(20)).await;
                assert!(shown(&display).online);
                sleep(Duration::from_secs(35)).await;
            } else {
                sleep(Duration::from_secs(80)).await;
                assert!(shown(&display).online);
            }
            boards.lock().unwrap().push(bytes(&display));
            Ok(())
        });
    }
    sim.run().unwrap();
    let boards = boards.lock().unwrap();
    assert_eq!(boards.len(), 2);
    assert_eq!(boards[0], boards[1]);
    assert!(boards[0].contains("\"count\":907") && boards[0].contains("A910"), "the last frames arrived: {}", boards[0]);
    let hellos = fake.hall.lock().unwrap().heard.iter().filter(|frame| matches!(frame, FromDevice::Hello { after: Some(_), .. })).count();
    assert_eq!(hellos, 1, "the cut display asked for the gap, not for everything");
}

#[test]
fn a_gap_is_asked_for_once_and_until_it_is_closed_the_board_is_not_called_current() {
    let feed = Feed::default();
    let fake = server(&feed);
    let mut sim = simulation(&fake);
    let hall = fake.clone();
    sim.client(CUT, async move {
        let folder = tempfile::tempdir().unwrap();
        let display = start(folder.path());
        sleep(Duration::from_secs(1)).await;
        let before = bytes(&display);
        let _lost = feed.step();
        for _ in 0..3 {
            hall.say.send(ToDevice::Board(feed.step())).unwrap();
        }
        sleep(Duration::from_secs(1)).await;
        assert_ne!(bytes(&display), before);
        let asked: Vec<_> =
            hall.hall.lock().unwrap().heard.iter().filter(|frame| matches!(frame, FromDevice::Resync { .. })).cloned().collect();
        assert_eq!(asked, [FromDevice::Resync { after: Some((1, 10)) }]);
        assert!(shown(&display).online);

        hall.hall.lock().unwrap().script = Box::new(|_| Vec::new());
        let synced = shown(&display).last_sync_at.clone();
        let _lost = feed.step();
        hall.say.send(ToDevice::Board(feed.step())).unwrap();
        sleep(Duration::from_secs(12)).await;
        assert!(!shown(&display).online, "a server that does not close the gap");
        assert!(shown(&display).last_sync_at <= synced.map(|at| at + "~"));
        hall.say.send(ToDevice::Board(Feed::first())).unwrap();
        sleep(Duration::from_secs(1)).await;
        assert!(shown(&display).online);
        assert_eq!(bytes(&display), before);
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn calls_that_were_not_said_are_told_now_and_after_a_cut() {
    let fake = server(&Feed::default());
    let mut sim = simulation(&fake);
    let hall = fake.clone();
    sim.client(CUT, async move {
        let folder = tempfile::tempdir().unwrap();
        let clock = HallClock::starting_at(0);
        let display = start_at(folder.path(), clock.clone());
        let routes = page::routes(display, Voice::new(VoiceSettings::default()));
        let tell = |body: &'static str| {
            let request = Request::post("/local/unsaid").header("content-type", "application/json").body(Body::from(body)).unwrap();
            let answer = routes.clone().oneshot(request);
            async move { answer.await.unwrap().status().as_u16() }
        };
        let told = || {
            let heard = hall.hall.lock().unwrap().heard.clone();
            let status = |frame| if let FromDevice::Status { error, .. } = frame { Some(error.unwrap_or_default()) } else { None };
            heard.into_iter().filter_map(status).collect::<Vec<String>>()
        };
        sleep(Duration::from_secs(1)).await;
        assert_eq!(told(), [""], "at the beginning there is none");
        assert_eq!(tell(r#"{"numbers":["A012","A013"],"more":true}"#).await, 204);
        assert_eq!(tell(r#"{"numbers":["A012345678901"],"more":false}"#).await, 422);
        assert_eq!(tell(r#"{"numbers":["A012"]}"#).await, 422);
        sleep(Duration::from_secs(1)).await;
        let first = told();
        assert!(matches!(&first[..], [_, text] if text.ends_with("有号叫过没有出声：A012、A013，还有别的")), "{first:?}");
        turmoil::partition(CUT, SERVER);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(tell(r#"{"numbers":[],"more":true}"#).await, 204);
        turmoil::repair(CUT, SERVER);
        sleep(Duration::from_secs(30)).await;
        let all = told();
        assert!(all.len() >= 3 && all.last().unwrap().ends_with("不知道是哪几个"), "{all:?}");
        clock.set(clock.now_ms() + UNSAID_MS + 1);
        sleep(Duration::from_secs(6)).await;
        assert_eq!(told().last().unwrap(), "", "a day later it is nobody's concern");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn the_last_board_is_there_after_a_restart_marked_as_of_then_and_gone_after_a_revocation() {
    let feed = Feed::default();
    let fake = server(&feed);
    let mut sim = simulation(&fake);
    let hall = fake.clone();
    sim.client(CUT, async move {
        let folder = tempfile::tempdir().unwrap();
        let display = start(folder.path());
        sleep(Duration::from_secs(1)).await;
        hall.say.send(ToDevice::Board(feed.step())).unwrap();
        sleep(Duration::from_secs(8)).await;
        let before = bytes(&display);
        turmoil::partition(CUT, SERVER);
        let restarted = start(folder.path());
        sleep(Duration::from_secs(1)).await;
        assert_eq!(bytes(&restarted), before);
        assert!(!shown(&restarted).online && shown(&restarted).last_sync_at.is_some());
        turmoil::repair(CUT, SERVER);
        sleep(Duration::from_secs(40)).await;
        assert!(shown(&restarted).online);

        hall.say.send(ToDevice::Revoked).unwrap();
        sleep(Duration::from_secs(7)).await;
        let gone = shown(&restarted);
        assert_eq!((gone.online, gone.state.as_ref(), gone.trouble), (false, None, Some(Trouble::Unpaired)));
        let spool = Spool::open(folder.path()).unwrap();
        assert_eq!((spool.pairing().unwrap(), Display::kept_position(&spool).unwrap()), (None, None));
        Ok(())
    });
    sim.run().unwrap();
}
