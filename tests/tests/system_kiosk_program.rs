//! The kiosk as a program: how soon its page can be touched after the machine was switched on, and that it stays as small
//! as it was, however often its page asks.

use std::time::{Duration, Instant};

use axum::http::Method;
use tests::client::Client;
use tests::device_program::DeviceProgram;

/// A kiosk is there so soon, in milliseconds: also from a build that is not optimised, on a machine that does other things.
const START_MS_MAX: u128 = 2_000;
/// What a page asks in about a day.
const ASKED: usize = 20_000;
/// What the program may be larger afterwards, in KiB: buffers find their size in the first requests.
const GROWN_KIB_MAX: u64 = 4_096;
/// Nobody listens there: a kiosk whose line is cut starts as soon.
const NOWHERE: &str = "http://127.0.0.1:9";

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the program runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_starts_soon_and_stays_small() {
    let folder = tempfile::tempdir().expect("a folder");
    // The first start makes its folder and key; what counts is every later one, each morning.
    drop(tokio::task::block_in_place(|| DeviceProgram::start("kiosk", NOWHERE, folder.path(), &["--listen", "127.0.0.1:0"])));
    let began = Instant::now();
    let kiosk = tokio::task::block_in_place(|| DeviceProgram::start("kiosk", NOWHERE, folder.path(), &["--listen", "127.0.0.1:0"]));
    let address = kiosk.url.trim_start_matches("http://").trim_end_matches('/').parse().expect("an address");
    let mut page = Client::connect(address).await.expect("it listens");
    for path in ["/", "/local/state"] {
        let answer = page.send(Method::GET, path, None, None).await.expect("an answer");
        assert!(answer.status == 200 || path == "/", "{path}: {}", answer.status);
    }
    let started_ms = began.elapsed().as_millis();
    println!("a kiosk answers {started_ms} ms after its start");
    assert!(started_ms < START_MS_MAX, "{started_ms} ms");

    let ask = async |page: &mut Client, times: usize| {
        for at in 0..times {
            let path = ["/local/state", "/local/matters?query=db", "/local/matters/words?query=yb", "/local/care"][at % 4];
            let answer = page.send(Method::GET, path, None, None).await.expect("an answer");
            assert_eq!(answer.status, 200, "{path}");
        }
    };
    ask(&mut page, ASKED / 10).await;
    let before = resident_kib(kiosk.pid());
    ask(&mut page, ASKED).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let after = resident_kib(kiosk.pid());
    println!("a kiosk takes {before} KiB, after {ASKED} questions {after} KiB");
    assert!(after <= before + GROWN_KIB_MAX, "{before} KiB grew to {after} KiB");
}
