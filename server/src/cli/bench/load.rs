//! The load: callers with a connection each, one request after the other, and the figures of what they
//! saw. The same for the service and for the ceiling.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::machine::used;
use super::running::Running;

/// Not counted at the beginning, in milliseconds.
const WARM_UP_MS: u64 = 500;
/// How often a caller fills an empty queue before giving up.
const EMPTY_MAX: usize = 100;
/// More than any service calls in a second: so many wait before calling is measured.
const CALLS_PER_S_MAX: f64 = 3_000.0;
/// How many take numbers at once to fill the queue.
const FILLERS: usize = 32;
const ISSUE_BODY: &str = r#"{"line_id":"l_dc_demo-line"}"#;

/// What went wrong while measuring.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadFault {
    /// The line.
    #[error("连接：{0}")]
    Line(String),
    /// An answer that was none of those expected.
    #[error("回答 {status}：{body}")]
    Answer { status: u16, body: String },
    /// Nothing left to call.
    #[error("没有号可叫")]
    Empty,
}

fn line(error: impl std::fmt::Display) -> LoadFault {
    LoadFault::Line(error.to_string())
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A number is taken.
    Issue,
    /// The next is called; then given up, which is not timed but takes its part of the machine.
    Call,
}

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) callers: usize,
    pub(super) seconds: f64,
    /// How often every target has its turn.
    pub(super) rounds: usize,
    pub(super) work: Work,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figures {
    /// Requests of the kind that is timed, a second.
    pub(super) rate: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    /// How many were timed.
    pub(super) count: usize,
    /// Processor time of the program under test for one that was timed, in microseconds; what is not timed
    /// but belongs to it is in it.
    pub(super) cpu_us: Option<f64>,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>6.0}/秒 p50 {:.2} p99 {:.2} ms", self.rate, self.p50_ms, self.p99_ms)?;
        self.cpu_us.map_or(Ok(()), |cpu_us| write!(f, " {cpu_us:.0} µs"))
    }
}

type Headers = Vec<(String, String)>;

/// Where requests go.
#[derive(Debug, Clone)]
pub(super) struct Target {
    authority: String,
    pid: u32,
    issue: String,
    issue_headers: Headers,
    /// Path to call by, with the headers of who sits there; one a caller.
    pub(super) windows: Vec<(String, Headers)>,
    /// Path to clear a window by, with `{ticket}` in it.
    pub(super) clear: String,
    /// How many are known to wait; none where every call finds somebody.
    queue: Option<Arc<AtomicUsize>>,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) cookie: Option<String>,
    pub(super) body: Bytes,
}

/// One connection.
pub(super) struct Client {
    sender: SendRequest<Full<Bytes>>,
    authority: String,
    serial: u64,
}

impl Client {
    /// Sets its keys apart from those of other callers and of other phases.
    pub(super) fn begin_at(&mut self, caller: usize) {
        self.serial = u64::try_from(caller).unwrap_or(0) << 40 | unique();
    }

    pub(super) async fn post(&mut self, path: &str, headers: &[(String, String)], body: String) -> Result<Answer, LoadFault> {
        self.serial += 1;
        let mut request = Request::post(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", format!("bench-{}", self.serial));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(line)?;
        self.sender.ready().await.map_err(line)?;
        let answer = self.sender.send_request(request).await.map_err(line)?;
        let status = answer.status().as_u16();
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let body = answer.into_body().collect().await.map_err(line)?.to_bytes();
        Ok(Answer { status, cookie, body })
    }

    /// A request that must be answered with success.
    pub(super) async fn good(&mut self, path: &str, headers: &[(String, String)], body: String) -> Result<Bytes, LoadFault> {
        let answer = self.post(path, headers, body).await?;
        if answer.status < 300 {
            return Ok(answer.body);
        }
        Err(LoadFault::Answer { status: answer.status, body: String::from_utf8_lossy(&answer.body).into_owned() })
    }
}

impl Target {
    /// Where a program answers and which path takes numbers.
    pub(super) fn new(program: &Running, issue: String, issue_headers: Headers) -> Self {
        let authority = program.url.trim_start_matches("http://").to_owned();
        let clear = "/api/v1/tickets/{ticket}/abandon".to_owned();
        Self { authority, pid: program.pid, issue, issue_headers, windows: Vec::new(), clear, queue: Some(Arc::default()) }
    }

    /// One where every call finds somebody: its queue is never filled.
    pub(super) fn without_queue(mut self) -> Self {
        self.queue = None;
        self
    }

    /// The same where the program was started again.
    pub(super) fn at(mut self, program: &Running) -> Self {
        (self.authority, self.pid) = (program.url.trim_start_matches("http://").to_owned(), program.pid);
        self
    }

    pub(super) async fn client(&self) -> Result<Client, LoadFault> {
        let stream = TcpStream::connect(&self.authority).await.map_err(line)?;
        stream.set_nodelay(true).map_err(line)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(line)?;
        tokio::spawn(connection);
        Ok(Client { sender, authority: self.authority.clone(), serial: 0 })
    }

    /// Takes a number; how long it took.
    async fn issue(&self, client: &mut Client) -> Result<Duration, LoadFault> {
        let began = Instant::now();
        client.good(&self.issue, &self.issue_headers, ISSUE_BODY.to_owned()).await?;
        if let Some(queue) = &self.queue {
            queue.fetch_add(1, Ordering::Relaxed);
        }
        Ok(began.elapsed())
    }

    /// Lets so many wait, so that what is measured afterwards is calling alone.
    async fn fill(&self, count: usize) -> Result<(), LoadFault> {
        let Some(queue) = &self.queue else { return Ok(()) };
        let mut fillers = JoinSet::new();
        for filler in 0..FILLERS {
            let (target, queue) = (self.clone(), Arc::clone(queue));
            fillers.spawn(async move {
                let mut client = target.client().await?;
                client.begin_at(filler);
                while queue.load(Ordering::Relaxed) < count {
                    target.issue(&mut client).await?;
                }
                Ok::<_, LoadFault>(())
            });
        }
        while let Some(done) = fillers.join_next().await {
            done.map_err(line)??;
        }
        Ok(())
    }

    /// One piece of work of a caller; how long the timed request took.
    pub(super) async fn once(&self, client: &mut Client, work: Work, caller: usize) -> Result<Duration, LoadFault> {
        if work == Work::Issue {
            return self.issue(client).await;
        }
        let (path, headers) = &self.windows[caller];
        for _ in 0..EMPTY_MAX {
            let began = Instant::now();
            let body = client.good(path, headers, "{}".to_owned()).await?;
            let took = began.elapsed();
            let called: Value = serde_json::from_slice(&body).map_err(line)?;
            if let Some(ticket) = called["ticket"]["id"].as_str() {
                if let Some(queue) = &self.queue {
                    let _ = queue.try_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| waiting.checked_sub(1));
                }
                client.good(&self.clear.replace("{ticket}", ticket), headers, "{}".to_owned()).await?;
                return Ok(took);
            }
            // The queue ran dry; another caller may take what is put in.
            self.issue(client).await?;
        }
        Err(LoadFault::Empty)
    }
}

/// Lets callers work at each target in turn, several rounds, so that what else the machine does hits all
/// alike; the figures of each are those of its median round by rate.
///
/// # Errors
/// When a target does not answer as it should.
pub(super) async fn in_turn<const N: usize>(targets: [&Target; N], load: Load) -> Result<[Figures; N], LoadFault> {
    let mut rounds: [Vec<Figures>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..load.rounds.max(1) {
        for (target, figures) in targets.iter().zip(&mut rounds) {
            figures.push(measure(target, load).await?);
        }
    }
    Ok(rounds.map(|mut figures| {
        figures.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        figures.swap_remove(figures.len() / 2)
    }))
}

async fn measure(target: &Target, load: Load) -> Result<Figures, LoadFault> {
    if load.work == Work::Call {
        let seconds = load.seconds + Duration::from_millis(WARM_UP_MS).as_secs_f64();
        target.fill((CALLS_PER_S_MAX * seconds) as usize).await?;
    }
    let counted_from = Instant::now() + Duration::from_millis(WARM_UP_MS);
    let ends = counted_from + Duration::from_secs_f64(load.seconds);
    let mut callers = JoinSet::new();
    for caller in 0..load.callers {
        let target = target.clone();
        callers.spawn(async move {
            let mut client = target.client().await?;
            client.begin_at(caller);
            let mut took = Vec::new();
            while Instant::now() < ends {
                let one = target.once(&mut client, load.work, caller).await?;
                if Instant::now() >= counted_from {
                    took.push(one);
                }
            }
            Ok::<_, LoadFault>(took)
        });
    }
    tokio::time::sleep_until(counted_from.into()).await;
    let used_before = used(target.pid);
    let mut all = Vec::new();
    while let Some(done) = callers.join_next().await {
        all.extend(done.map_err(line)??);
    }
    let seconds = counted_from.elapsed().as_secs_f64();
    let used = used(target.pid).zip(used_before).map(|(after, before)| after.saturating_sub(before));
    all.sort_unstable();
    let at = |share: f64| all.get(((all.len() as f64) * share) as usize).or(all.last()).map_or(0.0, |took| took.as_secs_f64() * 1e3);
    let cpu_us = used.map(|used| used.as_secs_f64() * 1e6 / all.len().max(1) as f64);
    Ok(Figures { rate: all.len() as f64 / seconds, p50_ms: at(0.5), p99_ms: at(0.99), count: all.len(), cpu_us })
}

/// Sets the keys of one phase apart from those of another.
fn unique() -> u64 {
    static PHASE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    PHASE.fetch_add(1, std::sync::atomic::Ordering::Relaxed) << 24
}
