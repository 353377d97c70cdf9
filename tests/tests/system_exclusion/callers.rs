//! 64 callers on real sockets: kiosks that take numbers, several pages of each clerk that race each other
//! at one window, a supervisor who moves tickets and an administrator who changes the policy meanwhile.
//! They keep what they asked and what was answered, and judge nothing.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::http::Method;
use fastrand::Rng;
use serde_json::{Value, json};
use tests::client::{Client, Reply};

pub const SITE: &str = "demo-center";
const LINES: [&str; 2] = ["l_dc_demo-line", "l_dc_build"];
/// Windows of these lines, one for each clerk.
const WINDOWS: [&str; 6] = ["w_dc_1", "w_dc_2", "w_dc_3", "w_dc_4", "w_dc_5", "w_dc_6"];
/// Pages that each clerk has open.
const PAGES: usize = 4;
const KIOSKS: usize = 38;
pub const CALLERS: usize = KIOSKS + WINDOWS.len() * PAGES + 2;
/// One take in so many is sent twice at once under one key.
const TWINS: u32 = 8;
/// Above so many people ahead, whoever took a number leaves some time before the next comes.
const CROWD: u64 = 30;
const CROWDED_WAIT: Duration = Duration::from_millis(150);
/// Issued tickets of which the supervisor chooses.
const KNOWN_MAX: usize = 64;

/// A command and its answer.
#[derive(Debug, Clone)]
pub struct Done {
    /// The window or ticket, and what was asked of it: `tickets` for a new one.
    pub object: String,
    pub action: String,
    /// The same for twins.
    pub key: String,
    pub status: u16,
    pub answer: Value,
    /// Whether it is the first outcome given again.
    pub replayed: bool,
    /// When it was sent and answered, by the wall's clock in ms since the epoch.
    pub sent_ms: i64,
    pub answered_ms: i64,
    /// The same by a clock that never jumps, in µs since the callers began.
    pub sent_us: u128,
    pub answered_us: u128,
}

/// How long the callers go on: until they did enough, however slow the machine is.
#[derive(Debug, Clone, Copy)]
pub struct Shift {
    /// Not shorter than this.
    pub least: Duration,
    /// Nor longer.
    pub longest: Duration,
    /// Tickets issued and called.
    pub issued: usize,
    pub called: usize,
}

/// What all callers share.
struct Floor {
    begun: Instant,
    shift: Shift,
    done: Mutex<Vec<Done>>,
    issued: AtomicUsize,
    called: AtomicUsize,
    /// The newest tickets.
    known: Mutex<Vec<String>>,
    /// The ticket last called to each window.
    at: [Mutex<Option<String>>; WINDOWS.len()],
}

fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

struct Caller {
    name: String,
    floor: Arc<Floor>,
    client: Client,
    dice: Rng,
    sent: u32,
}

impl Caller {
    fn goes_on(&self) -> bool {
        let Floor { begun, shift, issued, called, .. } = &*self.floor;
        let did_enough = issued.load(Ordering::Relaxed) >= shift.issued && called.load(Ordering::Relaxed) >= shift.called;
        begun.elapsed() < if did_enough { shift.least } else { shift.longest }
    }

    fn key(&mut self) -> String {
        self.sent += 1;
        format!("{}-{}", self.name, self.sent)
    }

    async fn ask(&mut self, path: &str, body: Value) -> (u16, Value) {
        let key = self.key();
        let done = asked(&self.floor, &mut self.client, path, &key, &body).await;
        self.remembered(done)
    }

    fn remembered(&self, done: Done) -> (u16, Value) {
        let outcome = (done.status, done.answer.clone());
        self.floor.done.lock().expect("no caller panicked").push(done);
        outcome
    }

    async fn take_numbers(mut self, mut twin: Client) {
        let path = format!("/api/v1/sites/{SITE}/tickets");
        while self.goes_on() {
            let priority = if self.dice.u8(..6) == 0 { "green" } else { "ordinary" };
            let body = json!({ "line_id": LINES[self.dice.usize(..LINES.len())], "priority": priority });
            let key = self.key();
            let (status, answer) = if self.dice.u32(..TWINS) == 0 {
                let floor = self.floor.clone();
                let first = asked(&floor, &mut self.client, &path, &key, &body);
                let (first, second) = tokio::join!(first, asked(&floor, &mut twin, &path, &key, &body));
                self.remembered(second);
                self.remembered(first)
            } else {
                let done = asked(&self.floor, &mut self.client, &path, &key, &body).await;
                self.remembered(done)
            };
            if status == 201 {
                self.floor.issued.fetch_add(1, Ordering::Relaxed);
                let mut known = self.floor.known.lock().expect("no caller panicked");
                if known.len() == KNOWN_MAX {
                    known.remove(0);
                }
                known.push(answer["id"].as_str().expect("an id").to_owned());
            }
            if answer["ahead"].as_u64().is_some_and(|ahead| ahead > CROWD) {
                tokio::time::sleep(CROWDED_WAIT).await;
            }
        }
    }

    /// One page of a clerk: does something with the window or with the ticket that was last called there.
    async fn serve(mut self, window: usize) {
        let at_window = |what: &str| format!("/api/v1/windows/{}/{what}", WINDOWS[window]);
        while self.goes_on() {
            let chance = self.dice.u8(..100);
            let ticket = self.floor.at[window].lock().expect("no caller panicked").clone();
            let Some(ticket) = ticket.filter(|_| chance >= 40) else {
                let (status, answer) = self.ask(&at_window("call-next"), json!({})).await;
                let (200, Some(called)) = (status, answer["ticket"]["id"].as_str()) else { continue };
                self.floor.called.fetch_add(1, Ordering::Relaxed);
                *self.floor.at[window].lock().expect("no caller panicked") = Some(called.to_owned());
                if self.dice.u8(..4) > 0 {
                    self.serve_to_the_end(called).await;
                }
                continue;
            };
            let (action, body) = match chance {
                40..=62 => ("start", json!({})),
                63..=84 => ("finish", json!({ "outcome": "accepted" })),
                85..=88 => ("miss", json!({})),
                89..=90 => ("recall", json!({})),
                91..=92 => ("park", json!({ "reason": "去复印材料" })),
                93..=94 => ("put-back", json!({ "reason": "叫错了" })),
                95..=96 => ("transfer", json!({ "line_id": LINES[self.dice.usize(..LINES.len())], "position": "lifetime" })),
                97 => ("transfer", json!({ "window_id": WINDOWS[self.dice.usize(..WINDOWS.len())], "position": "first" })),
                _ => {
                    self.ask(&at_window("pause"), json!({ "text": "马上回来" })).await;
                    self.ask(&at_window("open"), json!({})).await;
                    continue;
                }
            };
            self.ask(&format!("/api/v1/tickets/{ticket}/{action}"), body).await;
        }
    }

    /// The way of most tickets, while the other pages do what they like to the same one.
    async fn serve_to_the_end(&mut self, ticket: &str) {
        self.ask(&format!("/api/v1/tickets/{ticket}/start"), json!({})).await;
        self.ask(&format!("/api/v1/tickets/{ticket}/finish"), json!({ "outcome": "accepted" })).await;
    }

    /// The supervisor: moves people about.
    async fn supervise(mut self) {
        while self.goes_on() {
            let ticket = {
                let known = self.floor.known.lock().expect("no caller panicked");
                known.get(self.dice.usize(..known.len().max(1))).cloned()
            };
            let (action, body) = match self.dice.u8(..6) {
                0 => ("top", json!({ "reason": "赶火车" })),
                1 => ("untop", json!({})),
                2 => ("abandon", json!({ "reason": "试一试" })),
                3 => ("requeue", json!({})),
                _ => ("transfer", json!({ "line_id": LINES[self.dice.usize(..LINES.len())], "position": "last", "reason": "试一试" })),
            };
            if let Some(ticket) = ticket {
                self.ask(&format!("/api/v1/tickets/{ticket}/{action}"), body).await;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// The administrator: changes the calling policy while the hall runs.
    async fn change_policy(mut self, mut settings: Value) {
        while self.goes_on() {
            settings["policy"]["green_bound"] = self.dice.u8(1..5).into();
            settings["policy"]["over_limit_ms"] = (1_000 * self.dice.u32(0..5)).into();
            let key = self.key();
            let reply = self.client.send(Method::PUT, &format!("/api/v1/sites/{SITE}/policy"), Some(&key), Some(&settings)).await;
            let reply = reply.expect("an answer");
            assert_eq!(reply.status, 200, "{}", reply.text);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn asked(floor: &Floor, client: &mut Client, path: &str, key: &str, body: &Value) -> Done {
    let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
    let (sent_ms, sent_us) = (wall_ms(), floor.begun.elapsed().as_micros());
    let reply: Reply = client.send(Method::POST, path, Some(key), Some(body)).await.expect("an answer");
    Done {
        object: parts[1].to_owned(),
        action: parts[2].to_owned(),
        key: key.to_owned(),
        status: reply.status,
        replayed: reply.replayed(),
        answer: reply.body,
        sent_ms,
        answered_ms: wall_ms(),
        sent_us,
        answered_us: floor.begun.elapsed().as_micros(),
    }
}

/// Lets all callers work for a shift, spread over the servers; everything that was asked and answered.
pub async fn work(servers: &[SocketAddr], seed: u64, shift: Shift) -> Vec<Done> {
    let connect = async |at: usize| Client::connect(servers[at % servers.len()]).await.expect("a server");
    let mut sessions = Vec::new();
    for number in 1..=WINDOWS.len() {
        sessions.push(connect(0).await.sign_in(&format!("clerk{number}")).await);
    }
    let (supervisor, admin) = (connect(0).await.sign_in("supervisor").await, connect(0).await.sign_in("admin").await);
    let settings = connect(0).await.with("cookie", &admin).get(&format!("/api/v1/sites/{SITE}/policy")).await.body;
    for (window, session) in WINDOWS.iter().zip(&sessions) {
        let opened = connect(0).await.with("cookie", session).post(&format!("/api/v1/windows/{window}/open"), &json!({})).await;
        assert_eq!(opened.status, 200, "{}", opened.text);
    }
    let begun = Instant::now();
    let (done, issued, called, known, at) = Default::default();
    let floor = Arc::new(Floor { begun, shift, done, issued, called, known, at });
    let mut place = 0;
    let mut caller = |name: String, client: Client| {
        place += 1;
        Caller { name, floor: floor.clone(), client, dice: Rng::with_seed(seed.wrapping_add(place)), sent: 0 }
    };
    let mut at_work = Vec::new();
    for number in 0..KIOSKS {
        let (own, twin) = (connect(number).await.device("demo-kiosk"), connect(number + 1).await.device("demo-kiosk"));
        at_work.push(tokio::spawn(caller(format!("kiosk{number}"), own).take_numbers(twin)));
    }
    for (window, session) in sessions.iter().enumerate() {
        for page in 0..PAGES {
            let client = connect(page).await.with("cookie", session);
            at_work.push(tokio::spawn(caller(format!("clerk{window}-{page}"), client).serve(window)));
        }
    }
    let client = connect(1).await.with("cookie", &supervisor);
    at_work.push(tokio::spawn(caller("supervisor".to_owned(), client).supervise()));
    let client = connect(0).await.with("cookie", &admin);
    at_work.push(tokio::spawn(caller("admin".to_owned(), client).change_policy(settings)));
    assert_eq!(at_work.len(), CALLERS);
    for caller in at_work {
        if let Err(failure) = caller.await {
            std::panic::resume_unwind(failure.into_panic());
        }
    }
    std::mem::take(&mut *floor.done.lock().expect("no caller panicked"))
}
