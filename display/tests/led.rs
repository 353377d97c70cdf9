//! LED strips with a strip at the other end of the line that checks every frame, refuses one, answers late, is switched
//! off and on again.
#![expect(clippy::unwrap_used, reason = "test")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use display::{
    View,
    led::{FramedLed, LedAddress, LedBoard, LedStrip, follow, frame, strip_text},
};
use edge::connect::Connect;
use protocol::{
    device::VoiceCare,
    feed::{BoardCall, BoardState, BoardWindow},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::watch,
};

/// What a strip is told to do wrong, and what it showed.
#[derive(Debug, Default)]
struct Habits {
    switched_off: bool,
    refuses: u32,
    silent: u32,
    shown: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Strip(Arc<Mutex<Habits>>);

impl Connect for Strip {
    type Stream = DuplexStream;

    async fn connect(&self) -> io::Result<DuplexStream> {
        if self.0.lock().unwrap().switched_off {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = duplex(64);
        tokio::spawn(serve(theirs, self.clone()));
        Ok(ours)
    }
}

/// Reads frames as the description says, written apart from the one who makes them.
async fn serve(mut line: DuplexStream, strip: Strip) -> Option<()> {
    loop {
        while line.read_u8().await.ok()? != 0x02 {}
        let mut head = [0; 6];
        line.read_exact(&mut head).await.ok()?;
        let length = usize::from_str_radix(std::str::from_utf8(&head[4..]).unwrap(), 16).unwrap();
        let mut rest = vec![0; length + 3];
        line.read_exact(&mut rest).await.ok()?;
        let (text, tail) = rest.split_at(length);
        let check = head.iter().chain(text).chain([&0x03]).fold(0, |check, byte| check ^ byte);
        assert_eq!((head[3], tail[0]), (b'T', 0x03));
        assert_eq!(tail[1..], *format!("{check:02X}").as_bytes());
        let answer = {
            let mut habits = strip.0.lock().unwrap();
            if habits.switched_off {
                return None;
            }
            if habits.silent > 0 {
                habits.silent -= 1;
                continue;
            }
            if habits.refuses > 0 {
                habits.refuses -= 1;
                0x15
            } else {
                let (text, _, wrong) = encoding_rs::GB18030.decode(text);
                assert!(!wrong);
                habits.shown.push(text.into_owned());
                0x06
            }
        };
        // Noise before the answer, and the answer of another strip.
        let said = [&[0xFF, 0x06][..], b"099", &[answer], &head[..3]].concat();
        line.write_all(&said).await.ok()?;
    }
}

fn view(online: bool, calls: &[(&str, u16)], state: &str) -> View {
    let call = |(number, window_number): &(&str, u16)| BoardCall {
        number: (*number).to_owned(),
        window_number: *window_number,
        called_at: "2026-11-24T09:00:00+08:00".to_owned(),
        recall_count: 0,
    };
    let window = BoardWindow { number: 3, state: state.to_owned(), text: None };
    let board = BoardState { calls: calls.iter().map(call).collect(), windows: vec![window], ..BoardState::default() };
    View {
        online,
        last_sync_at: None,
        state: Some(board),
        trouble: None,
        reload: 0,
        picture_wanted: 0,
        speaks: true,
        voice: VoiceCare::default(),
        layout: None,
        now: "2026-11-24T09:00:00+08:00".to_owned(),
    }
}

#[test]
fn a_frame_is_as_described_and_no_text_breaks_it() {
    assert_eq!(frame(3, "A1"), b"\x02003T02A1\x0316");
    let long = frame(12, &"长".repeat(40));
    assert_eq!(long.len(), 1 + 6 + 32 + 1 + 2);
    let hostile = frame(3, "A\u{2}\u{3}\u{1b}1");
    assert_eq!(hostile, frame(3, "A1"));
}

#[test]
fn a_strip_says_what_its_window_does() {
    assert_eq!(strip_text(&view(true, &[("A017", 3), ("A016", 2)], "open"), 3), "A017 请到3号窗口");
    assert_eq!(strip_text(&view(true, &[("A016", 2)], "open"), 3), "3号窗口 听叫号");
    assert_eq!(strip_text(&view(true, &[("A017", 3)], "paused"), 3), "暂停 稍后回来");
    assert_eq!(strip_text(&view(true, &[], "closed"), 3), "未开");
    assert_eq!(strip_text(&view(false, &[("A017", 3)], "open"), 3), "请听窗口喊号", "an old number is none");
    assert_eq!(strip_text(&view(true, &[], "open"), 4), "", "no such window");
}

#[test]
fn strips_are_named_by_window_and_place() {
    let tcp = LedStrip { window: 3, address: LedAddress::Tcp("10.0.0.5:5005".to_owned()) };
    assert_eq!("3=tcp:10.0.0.5:5005".parse(), Ok(tcp));
    let serial = LedStrip { window: 12, address: LedAddress::Serial("/dev/ttyS0".into()) };
    assert_eq!("12=serial:/dev/ttyS0".parse(), Ok(serial));
    for wrong in ["", "3", "0=tcp:a:1", "3=tcp:a", "3=udp:a:1", "1000=tcp:a:1", "3=serial:"] {
        assert!(wrong.parse::<LedStrip>().is_err(), "{wrong}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_or_unanswered_frame_is_sent_again() {
    let strip = Strip::default();
    let mut board = FramedLed::new(strip.clone(), 3);
    strip.0.lock().unwrap().refuses = 1;
    board.show("A001").await.unwrap();
    strip.0.lock().unwrap().silent = 1;
    board.show("A002").await.unwrap();
    strip.0.lock().unwrap().refuses = 3;
    assert!(board.show("A003").await.is_err());
    assert_eq!(strip.0.lock().unwrap().shown, ["A001", "A002"]);
}

#[tokio::test(start_paused = true)]
async fn a_strip_that_was_off_shows_the_newest_when_it_is_back() {
    let strip = Strip::default();
    let (told, views) = watch::channel(Arc::new(view(true, &[("A001", 3)], "open")));
    let following = tokio::spawn(follow(FramedLed::new(strip.clone(), 3), 3, views));
    let last = || strip.0.lock().unwrap().shown.last().cloned();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(last().as_deref(), Some("A001 请到3号窗口"));
    strip.0.lock().unwrap().switched_off = true;
    told.send_replace(Arc::new(view(true, &[("A002", 3)], "open")));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(last().as_deref(), Some("A001 请到3号窗口"));
    told.send_replace(Arc::new(view(true, &[("A003", 3)], "open")));
    strip.0.lock().unwrap().switched_off = false;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(last().as_deref(), Some("A003 请到3号窗口"));
    // It may have been off and on without anybody noticing.
    let before = strip.0.lock().unwrap().shown.len();
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert_eq!(strip.0.lock().unwrap().shown.len(), before + 2);
    drop(told);
    following.await.unwrap();
}
