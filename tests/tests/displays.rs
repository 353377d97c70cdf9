//! A screen that was cut off and one that never was, on the real server under load: while cut off it says
//! so, and afterwards both show the same.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use display::{Display, View};
use edge::connect::{ServerAddress, TcpConnect};
use serde_json::json;
use tempfile::TempDir;
use tests::app::{Actor, START_MS, TestApp};
use tests::device_line::DeviceLine;
use tests::net_proxy::{Line, NetProxy};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::run_devices::{self, Station};

const SITE: &str = "demo-center";
/// Time for a screen to be in step again, in milliseconds: silence, back-off and opening.
const IN_STEP_MS_MAX: u64 = 45_000;

struct Screen {
    views: watch::Receiver<Arc<View>>,
    running: JoinHandle<()>,
}

impl Screen {
    fn start(server: SocketAddr, token: &'static str, data: &TempDir) -> Self {
        let address: ServerAddress = format!("http://{server}").parse().expect("an address");
        let authority = address.authority();
        let station = Station { connector: TcpConnect(address), authority, token, now_ms: START_MS, seed: 1 };
        let (display, run): (Display, _) = run_devices::display(station, data.path());
        Self { views: display.views(), running: tokio::spawn(run) }
    }

    async fn until(&mut self, wanted: impl Fn(&View) -> bool) -> Arc<View> {
        let waiting = self.views.wait_for(|view| wanted(view));
        let seen = tokio::time::timeout(Duration::from_millis(IN_STEP_MS_MAX), waiting).await.expect("in time").expect("it runs");
        seen.clone()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// Issues, calls and serves tickets.
async fn load(app: &TestApp, clerk: &Actor, from: usize, to: usize) {
    let kiosk = Actor::Device("demo-kiosk".to_owned());
    for serial in from..to {
        let (path, body) = (format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": "l_dc_demo-line" }));
        let issued = app.send(&kiosk, Method::POST, &path, Some(&format!("k{serial}")), Some(body)).await;
        assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.body);
        if serial % 3 == 0 {
            let called = app.post(clerk, "/api/v1/windows/w_dc_1/call-next", json!({})).await;
            let ticket = called.body["ticket"]["id"].as_str().expect("a ticket").to_owned();
            for (action, body) in [("recall", json!({})), ("start", json!({})), ("finish", json!({ "outcome": "accepted" }))] {
                let done = app.post(clerk, &format!("/api/v1/tickets/{ticket}/{action}"), body).await;
                assert_eq!(done.status, StatusCode::OK, "{}", done.body);
            }
        }
    }
}

async fn paired_display(app: &TestApp) -> &'static str {
    let it = app.sign_in("it").await;
    let code = app.post(&it, &format!("/api/v1/sites/{SITE}/pairing-codes"), json!({ "kind": "display" })).await;
    let paired = app.post(&Actor::Nobody, "/api/v1/devices/pair", json!({ "code": code.body["code"] })).await;
    paired.body["token"].as_str().expect("a token").to_owned().leak()
}

async fn a_cut_screen_catches_up(cut: Line, while_cut: usize) {
    let app = TestApp::sqlite().await;
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
    let server = app.serve().await;
    let proxy = NetProxy::start(server).await;
    let (one, other) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let mut steady = Screen::start(server, "demo-display", &one);
    let mut screen = Screen::start(proxy.address(), paired_display(&app).await, &other);
    load(&app, &clerk, 0, 30).await;
    screen.until(|view| view.online && view.state.is_some()).await;
    proxy.set(cut);
    let offline = screen.until(|view| !view.online).await;
    assert!(offline.state.is_some() && offline.last_sync_at.is_some(), "it shows what it knew, and as of when");
    load(&app, &clerk, 30, 30 + while_cut).await;
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/pause", json!({ "text": "去复印" })).await.status, StatusCode::OK);
    let frozen = screen.views.borrow().clone();
    assert_eq!(frozen.state, offline.state, "cut off, it shows nothing new");
    proxy.set(Line::Up);
    load(&app, &clerk, 30 + while_cut, 30 + while_cut).await;
    let paused = |view: &View| view.online && view.state.as_ref().is_some_and(|state| state.windows[0].state == "paused");
    screen.until(paused).await;
    // Counts travel up to a quarter of a second later.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (was_cut, never_cut) = (screen.until(paused).await, steady.until(paused).await);
    let bytes = |view: &View| serde_json::to_string(&view.state).expect("a state");
    assert_eq!(bytes(&was_cut), bytes(&never_cut));
    assert_eq!(bytes(&was_cut), fresh(server).await, "and so does a screen that was just switched on");
}

/// The state of a snapshot as a new screen gets it.
async fn fresh(server: SocketAddr) -> String {
    let (mut line, _) = DeviceLine::open(server, "demo-display").await;
    let state = line
        .next_where(|frame| match frame {
            protocol::device::ToDevice::Board(protocol::feed::Frame::Snapshot { state, .. }) => Some(state),
            _ => None,
        })
        .await;
    serde_json::to_string(&Some(state)).expect("a state")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_whose_cable_was_out_gets_the_gap_and_shows_the_same() {
    a_cut_screen_catches_up(Line::Cut, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_whose_router_hung_through_a_busy_hour_gets_a_snapshot_and_shows_the_same() {
    a_cut_screen_catches_up(Line::Stalled, 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_was_switched_off_starts_with_what_it_knew() {
    let app = TestApp::memory().await;
    let clerk = app.sign_in("clerk1").await;
    assert_eq!(app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await.status, StatusCode::OK);
    let server = app.serve().await;
    let proxy = NetProxy::start(server).await;
    let data = TempDir::new().expect("a folder");
    let mut screen = Screen::start(proxy.address(), "demo-display", &data);
    load(&app, &clerk, 0, 4).await;
    screen.until(|view| view.online && view.state.as_ref().is_some_and(|state| state.calls.len() == 2)).await;
    proxy.set(Line::Cut);
    // Frames of the load may still have come in between: what counts is what stood there when the line was gone.
    let before = screen.until(|view| !view.online).await;
    drop(screen);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut again = Screen::start(proxy.address(), "demo-display", &data);
    let known = again.until(|view| view.state.is_some()).await;
    assert!(!known.online && known.state.as_ref().map(|state| &state.calls) == before.state.as_ref().map(|state| &state.calls));
    load(&app, &clerk, 4, 8).await;
    proxy.set(Line::Up);
    again.until(|view| view.online && view.state.as_ref().is_some_and(|state| state.calls.len() == 3)).await;
}
