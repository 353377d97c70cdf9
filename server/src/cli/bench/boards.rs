//! Section `boards`: from a call to the frame on the last of many boards, and how many frames a second reach ten
//! thousand of them, beside a bare axum broadcast of the same frame.

use std::ffi::OsStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use hyper::header::{self, HeaderValue};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::commands::prepared;
use super::house::SITE;
use super::load::{Client, Target, Work};
use super::machine::{Watch, resident_kib};
use super::report::{Goal, Line, short};
use super::running::Running;
use super::{Bench, others};
use crate::cli::{Failed, failed};

/// Boards, and the milliseconds that half and nearly all calls may take to the last of them.
const LATENCY: [(usize, f64, f64); 2] = [(100, 2.5, 5.0), (1_000, 12.0, 25.0)];
/// The same for nearly all while numbers are taken flat out, of the first.
const LATENCY_BUSY_MS: f64 = 10.0;
/// How much slower than a bare broadcast nearly all may be where the machine has other work.
const LATENCY_OF_BARE: f64 = 1.5;
/// The share of other work from which the bare broadcast is the measure.
const QUIET_MAX: f64 = 0.1;
/// Boards at once.
const MANY: usize = 10_000;
/// Share of the bare broadcast's deliveries that must be reached.
const DELIVERIES_OF_BARE: f64 = 0.95;
/// Resident memory of the service for one board, in KiB.
const BOARD_KIB_MAX: f64 = 6.0;
/// Calls that are timed.
const CALLS: usize = 200;
/// Calls that go out to ten thousand boards.
const FANNED_OUT: usize = 20;
/// Nothing has come for so long: all have what was sent.
const QUIET_MS: u64 = 50;
/// Callers that take numbers meanwhile.
const BUSY_CALLERS: usize = 64;
/// A frame that has not come by then is lost, in milliseconds.
const FRAME_MS_MAX: u64 = 10_000;
/// What tells a call from other frames.
const CALLED: &str = "\"ticket_called\"";
const DISPLAY: &str = "Bearer demo-display";

/// Boards that are connected, and what they saw.
pub(super) struct Boards {
    tasks: JoinSet<()>,
    called: mpsc::UnboundedReceiver<Instant>,
    delivered: Arc<AtomicUsize>,
    count: usize,
}

impl Boards {
    /// Connects displays of the hall under load.
    async fn connect(program: &Running, path: &str, count: usize) -> Result<Self, Failed> {
        let display = ("authorization".to_owned(), DISPLAY.to_owned());
        Self::connect_each(program, count, |_| (path.to_owned(), display.clone())).await
    }

    /// Connects them one after the other, so that none waits for another's handshake; each by its path and the
    /// header that says who it is.
    pub(super) async fn connect_each(
        program: &Running,
        count: usize,
        each: impl Fn(usize) -> (String, (String, String)),
    ) -> Result<Self, Failed> {
        let authority = program.url.trim_start_matches("http://").to_owned();
        let (seen, called) = mpsc::unbounded_channel();
        let delivered = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let (path, (name, who)) = each(number);
            let mut request = format!("ws://{authority}{path}").into_client_request().map_err(failed)?;
            let name = header::HeaderName::try_from(name).map_err(failed)?;
            request.headers_mut().insert(name, HeaderValue::try_from(who).map_err(failed)?);
            let stream = TcpStream::connect(&authority).await.map_err(failed)?;
            let small = WebSocketConfig::default().read_buffer_size(2_048).write_buffer_size(0);
            let (mut socket, _) = client_async_with_config(request, stream, Some(small)).await.map_err(failed)?;
            let (seen, delivered) = (seen.clone(), delivered.clone());
            tasks.spawn(async move {
                while let Some(Ok(message)) = socket.next().await {
                    if let Message::Text(text) = message {
                        delivered.fetch_add(1, Ordering::Relaxed);
                        if text.contains(CALLED) {
                            // Where nobody waits for it, it is only counted.
                            let _ = seen.send(Instant::now());
                        }
                    }
                }
            });
        }
        Ok(Self { tasks, called, delivered, count })
    }

    /// When the last of them has seen a call.
    async fn last(&mut self) -> Result<Instant, Failed> {
        let mut last = Instant::now();
        for _ in 0..self.count {
            let seen = tokio::time::timeout(Duration::from_millis(FRAME_MS_MAX), self.called.recv()).await;
            last = seen.ok().flatten().ok_or_else(|| failed("一块屏没有收到叫号"))?;
        }
        Ok(last)
    }

    /// Waits until nothing more comes.
    async fn quiet(&self) {
        let mut before = None;
        while before != Some(self.delivered()) {
            before = Some(self.delivered());
            tokio::time::sleep(Duration::from_millis(QUIET_MS)).await;
        }
    }

    /// Frames that came to all of them together.
    pub(super) fn delivered(&self) -> usize {
        self.delivered.load(Ordering::Relaxed)
    }

    pub(super) async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}

/// What sends a call: the service's own, or the bare broadcast.
enum Caller<'a> {
    Ours(&'a Target),
    Bare(&'a Target, &'a str),
}

impl Caller<'_> {
    async fn client(&self) -> Result<Client, Failed> {
        let (Self::Ours(target) | Self::Bare(target, _)) = self;
        let mut client = target.client().await.map_err(failed)?;
        client.begin_at(BUSY_CALLERS);
        Ok(client)
    }

    /// Takes a number, sends a call, and after `seen` clears the window again; when the call was sent, and what was seen.
    async fn call<T>(&self, client: &mut Client, seen: impl AsyncFnOnce() -> Result<T, Failed>) -> Result<(Instant, T), Failed> {
        match self {
            Self::Ours(target) => {
                target.once(client, Work::Issue, 0).await.map_err(failed)?;
                let (path, headers) = target.windows.first().ok_or_else(|| failed("没有窗口"))?;
                let began = Instant::now();
                let answer = client.post(path, headers, "{}".to_owned()).await.map_err(failed)?;
                let called: Value = serde_json::from_slice(&answer.body).map_err(failed)?;
                let ticket = called["ticket"]["id"].as_str().ok_or_else(|| failed(format!("没有叫到号：{called}")))?;
                let seen = seen().await?;
                client.post(&target.clear.replace("{ticket}", ticket), headers, "{}".to_owned()).await.map_err(failed)?;
                Ok((began, seen))
            }
            Self::Bare(_, frame) => {
                let began = Instant::now();
                client.post("/send", &[], (*frame).to_owned()).await.map_err(failed)?;
                Ok((began, seen().await?))
            }
        }
    }
}

/// Half and nearly all of the times from a call to the last board, in milliseconds.
async fn latency(caller: &Caller<'_>, boards: &mut Boards) -> Result<(f64, f64), Failed> {
    let mut client = caller.client().await?;
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let (began, last) = caller.call(&mut client, async || boards.last().await).await?;
        took.push(last.saturating_duration_since(began).as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get(((took.len() as f64) * share) as usize).copied().unwrap_or_default();
    Ok((at(0.5), at(0.99)))
}

/// Frames a second that reach boards while a call goes out to all of them: the next is made when the last board has
/// the one before and all is quiet, so that both programs are asked for the same.
async fn deliveries(caller: &Caller<'_>, boards: &mut Boards) -> Result<f64, Failed> {
    let mut client = caller.client().await?;
    let mut took = 0.0;
    for _ in 0..FANNED_OUT {
        boards.quiet().await;
        let (began, last) = caller.call(&mut client, async || boards.last().await).await?;
        took += last.saturating_duration_since(began).as_secs_f64();
    }
    Ok((FANNED_OUT * boards.count) as f64 / took)
}

fn feed_path() -> String {
    format!("/api/v1/sites/{SITE}/feed?view=board")
}

pub(super) async fn lines(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let house = bench.house("boards", None).await?;
    let ours = prepared(&house).await?;
    let bare = bench.rival(&[OsStr::new("broadcast")]).await?;
    let bare_target = bare.as_ref().map(|bare| Target::new(bare, "/send".to_owned(), Vec::new()));
    let pids: Vec<u32> = std::iter::once(house.pid).chain(bare.as_ref().map(|bare| bare.pid)).collect();
    let frame = frame_of(&house, &ours).await?;
    let mut lines = Vec::new();
    for (count, half, nearly_all) in LATENCY {
        let watch = Watch::begin(&pids);
        let mut boards = Boards::connect(&house, &feed_path(), count).await?;
        let seen = latency(&Caller::Ours(&ours), &mut boards).await?;
        let busy = if count == LATENCY[0].0 { Some(under_load(&ours, &mut boards).await?) } else { None };
        boards.end().await;
        let beside = match (&bare, &bare_target) {
            (Some(bare), Some(target)) => {
                let mut boards = Boards::connect(bare, "/boards", count).await?;
                let seen = latency(&Caller::Bare(target, &frame), &mut boards).await?;
                boards.end().await;
                Some(seen)
            }
            _ => None,
        };
        lines.extend(judged(&format!("叫号到 {count} 块屏的最后一块"), seen, Some(half), nearly_all, beside, watch.others()));
        if let Some(seen) = busy {
            lines.extend(judged(&format!("  同时有 {BUSY_CALLERS} 个人不停取号"), seen, None, LATENCY_BUSY_MS, None, None));
        }
        lines.push(others(&watch));
    }
    lines.extend(many(&house, &ours, bare.as_ref().zip(bare_target.as_ref()), &frame).await?);
    if let Some(bare) = bare {
        bare.end().await;
    }
    house.end().await;
    Ok(lines)
}

fn judged(
    what: &str,
    (p50, p99): (f64, f64),
    half: Option<f64>,
    nearly_all: f64,
    bare: Option<(f64, f64)>,
    others: Option<f64>,
) -> Vec<Line> {
    let shown = bare.map_or_else(String::new, |(p50, p99)| format!("；裸广播 {}、{} ms", short(p50), short(p99)));
    let detail = json!({ "p50_ms": p50, "p99_ms": p99, "bare_p50_ms": bare.map(|bare| bare.0), "bare_p99_ms": bare.map(|bare| bare.1) });
    let is_quiet = others.is_none_or(|share| share < QUIET_MAX);
    let goal = bare.filter(|_| !is_quiet).map_or(nearly_all, |(_, bare)| bare * LATENCY_OF_BARE);
    let shown = format!("p50 {}、p99 {} ms{shown}", short(p50), short(p99));
    let mut lines = Vec::new();
    lines.extend(half.map(|half| Line::judged(format!("{what}，p50"), &shown, p50, Goal::AtMost(half), detail.clone())));
    lines.push(Line::judged(format!("{what}，p99"), shown, p99, Goal::AtMost(goal), detail));
    lines
}

/// The same while numbers are taken flat out.
async fn under_load(ours: &Target, boards: &mut Boards) -> Result<(f64, f64), Failed> {
    let ends = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..BUSY_CALLERS {
        let (target, ends) = (ours.clone(), ends.clone());
        callers.spawn(async move {
            let mut client = target.client().await?;
            client.begin_at(caller);
            while !ends.load(Ordering::Relaxed) {
                target.once(&mut client, Work::Issue, caller).await?;
            }
            Ok::<_, super::load::LoadFault>(())
        });
    }
    let seen = latency(&Caller::Ours(ours), boards).await;
    ends.store(true, Ordering::Relaxed);
    while let Some(done) = callers.join_next().await {
        done.map_err(failed)?.map_err(failed)?;
    }
    seen
}

/// A call's frame as a board gets it, for the bare broadcast to send.
async fn frame_of(house: &Running, ours: &Target) -> Result<String, Failed> {
    let authority = house.url.trim_start_matches("http://").to_owned();
    let mut request = format!("ws://{authority}{}", feed_path()).into_client_request().map_err(failed)?;
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static(DISPLAY));
    let stream = TcpStream::connect(&authority).await.map_err(failed)?;
    let (mut socket, _) = client_async_with_config(request, stream, None).await.map_err(failed)?;
    let caller = Caller::Ours(ours);
    let mut client = caller.client().await?;
    caller
        .call(&mut client, async || {
            while let Some(message) = socket.next().await {
                if let Message::Text(text) = message.map_err(failed)?
                    && text.contains(CALLED)
                {
                    return Ok(text.to_string());
                }
            }
            Err(failed("没有收到叫号的帧"))
        })
        .await
        .map(|(_, frame)| frame)
}

/// Ten thousand boards: memory for each, and deliveries beside the bare broadcast.
async fn many(house: &Running, ours: &Target, bare: Option<(&Running, &Target)>, frame: &str) -> Result<Vec<Line>, Failed> {
    let before = resident_kib(house.pid);
    let mut boards = Boards::connect(house, &feed_path(), MANY).await?;
    let after = resident_kib(house.pid);
    let seen = deliveries(&Caller::Ours(ours), &mut boards).await?;
    boards.end().await;
    let mut lines = Vec::new();
    if let (Some(before), Some(after)) = (before, after) {
        let each = (after - before) / MANY as f64;
        let shown = format!("{} → {} MB", short(before / 1024.0), short(after / 1024.0));
        let detail = json!({ "before_kib": before, "after_kib": after, "boards": MANY });
        lines.push(Line::judged(format!("{MANY} 块屏，每块占内存（KiB）"), shown, each, Goal::AtMost(BOARD_KIB_MAX), detail));
    }
    let Some((bare, target)) = bare else {
        lines.push(Line::told(format!("{MANY} 块屏，每秒送到"), format!("{seen:.0}"), json!({ "deliveries": seen })));
        return Ok(lines);
    };
    let before = resident_kib(bare.pid);
    let mut boards = Boards::connect(bare, "/boards", MANY).await?;
    if let (Some(before), Some(after)) = (before, resident_kib(bare.pid)) {
        let each = (after - before) / MANY as f64;
        lines.push(Line::told("  裸广播每块占内存（KiB）".to_owned(), short(each), json!({ "bare_kib": each })));
    }
    let rival = deliveries(&Caller::Bare(target, frame), &mut boards).await?;
    boards.end().await;
    let (shown, detail) = (format!("{seen:.0}/秒；裸广播 {rival:.0}/秒"), json!({ "deliveries": seen, "bare": rival }));
    lines.push(Line::judged(format!("{MANY} 块屏，每秒送到"), shown, seen / rival.max(1.0), Goal::AtLeast(DELIVERIES_OF_BARE), detail));
    Ok(lines)
}
