//! Callers that put a server under load and never forget what it answered: what was answered must be
//! answered again word for word after every crash, what was not is asked again with the same key.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const SITE: &str = "demo-center";
pub const LINE: &str = "l_dc_demo-line";
/// Callers that take numbers.
const KIOSKS: usize = 6;
/// Clerks that open a window, call, start and finish.
const CLERKS: usize = 3;
/// Between two tries to reach a server that is away.
const AWAY: Duration = Duration::from_millis(10);

/// A command that was answered.
#[derive(Debug, Clone)]
pub struct Done {
    pub path: String,
    pub key: String,
    pub asked: Value,
    pub status: u16,
    pub answered: Value,
}

/// What all callers share.
#[derive(Debug, Default)]
pub struct Ledger {
    pub done: Mutex<Vec<Done>>,
    pub stopping: AtomicBool,
    /// Requests that got no answer.
    pub lost: AtomicU64,
    /// Answers that were the first outcome given again.
    pub replayed: AtomicU64,
    /// Times that the server said it could not take a command now.
    pub refused: AtomicU64,
}

/// Where a caller finds its server; `None` while it is away.
pub type Server = watch::Receiver<Option<SocketAddr>>;

struct Caller {
    name: String,
    credential: (&'static str, String),
    server: Server,
    client: Option<Client>,
    ledger: Arc<Ledger>,
    last: Option<Done>,
    sent: u64,
}

impl Caller {
    fn goes_on(&self) -> bool {
        !self.ledger.stopping.load(Ordering::Relaxed)
    }

    /// Connects, and has the last answer given again: it survived, or this fails the test.
    async fn connect(&mut self) {
        while self.client.is_none() {
            let address = *self.server.borrow();
            let connected = match address {
                Some(address) => Client::connect(address).await.ok(),
                None => None,
            };
            let Some(client) = connected else {
                tokio::time::sleep(AWAY).await;
                continue;
            };
            self.client = Some(client.with(self.credential.0, &self.credential.1));
            if let Some(last) = self.last.clone()
                && let Some(again) = self.attempt(&last.path, &last.key, &last.asked).await
            {
                let what = format!("{} {} was answered {} {} before the crash", last.path, last.key, last.status, last.answered);
                assert_eq!((again.status, &again.body), (last.status, &last.answered), "{what}");
                assert!(again.replayed(), "{what} and done again after it");
            }
        }
    }

    async fn attempt(&mut self, path: &str, key: &str, body: &Value) -> Option<Reply> {
        let client = self.client.as_mut()?;
        match client.send(Method::POST, path, Some(key), Some(body)).await {
            Ok(reply) => Some(reply),
            Err(_) => {
                self.ledger.lost.fetch_add(1, Ordering::Relaxed);
                self.client = None;
                None
            }
        }
    }

    /// One command with one key, asked until it is answered.
    async fn ask(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.sent += 1;
        let key = format!("{}-{}", self.name, self.sent);
        loop {
            self.connect().await;
            let Some(reply) = self.attempt(path, &key, &body).await else { continue };
            if reply.status == 503 {
                self.ledger.refused.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(AWAY).await;
                continue;
            }
            if reply.replayed() {
                self.ledger.replayed.fetch_add(1, Ordering::Relaxed);
            }
            let done = Done { path: path.to_owned(), key, asked: body, status: reply.status, answered: reply.body };
            self.last = Some(done.clone());
            let outcome = (done.status, done.answered.clone());
            self.ledger.done.lock().expect("no caller panicked").push(done);
            return outcome;
        }
    }

    async fn take_numbers(mut self) {
        while self.goes_on() {
            let (status, body) = self.ask(&format!("/api/v1/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
            assert_eq!(status, 201, "{body}");
        }
    }

    async fn serve(mut self, window: String) {
        let at_window = |what: &str| format!("/api/v1/windows/{window}/{what}");
        let (status, body) = self.ask(&at_window("open"), json!({})).await;
        assert_eq!(status, 200, "{body}");
        while self.goes_on() {
            let (status, body) = self.ask(&at_window("call-next"), json!({})).await;
            if status == 409 {
                // Midnight closed the window.
                assert_eq!(body["code"], "window_not_open", "{body}");
                self.ask(&at_window("open"), json!({})).await;
                continue;
            }
            assert_eq!(status, 200, "{body}");
            let Some(ticket) = body["ticket"]["id"].as_str().map(str::to_owned) else { continue };
            for (action, body) in [("start", json!({})), ("finish", json!({ "outcome": "accepted" }))] {
                let (status, body) = self.ask(&format!("/api/v1/tickets/{ticket}/{action}"), body).await;
                assert_eq!(status, 200, "{action} {ticket}: {body}");
            }
        }
    }
}

/// Callers at work; they end when the ledger says so.
#[derive(Debug)]
pub struct Load {
    pub ledger: Arc<Ledger>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts all callers; caller n finds its server at `servers[n % len]`. The first server must be up:
    /// sign-in happens once.
    pub async fn start(servers: &[Server]) -> Self {
        let ledger = Arc::new(Ledger::default());
        let address = servers[0].borrow().expect("the first server is up");
        let mut callers = Vec::new();
        let caller = |name: String, credential, at: usize| Caller {
            name,
            credential,
            server: servers[at % servers.len()].clone(),
            client: None,
            ledger: ledger.clone(),
            last: None,
            sent: 0,
        };
        for number in 0..CLERKS {
            let mut client = Client::connect(address).await.expect("the server is there");
            let cookie = client.sign_in(&format!("clerk{}", number + 1)).await;
            let windows = client.with("cookie", &cookie).get(&format!("/api/v1/sites/{SITE}/windows")).await.body;
            let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(LINE)));
            let window =
                windows["items"].as_array().and_then(|all| all.iter().filter(serves).nth(number)).expect("a window for each clerk");
            let window = window["id"].as_str().expect("an id").to_owned();
            callers.push(tokio::spawn(caller(format!("clerk{number}"), ("cookie", cookie), number).serve(window)));
        }
        // Numbers can be had once a window is open.
        while ledger.done.lock().expect("no caller panicked").is_empty() {
            tokio::time::sleep(AWAY).await;
        }
        for number in 0..KIOSKS {
            let credential = ("authorization", "Bearer demo-kiosk".to_owned());
            callers.push(tokio::spawn(caller(format!("kiosk{number}"), credential, number).take_numbers()));
        }
        Self { ledger, callers }
    }

    /// Whether a caller found something wrong.
    pub fn has_failed(&self) -> bool {
        self.callers.iter().any(JoinHandle::is_finished)
    }

    /// Lets every caller end with its last command answered; what was answered in all.
    pub async fn stop(self) -> Vec<Done> {
        self.ledger.stopping.store(true, Ordering::Relaxed);
        for caller in self.callers {
            if let Err(failure) = caller.await {
                std::panic::resume_unwind(failure.into_panic());
            }
        }
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let done = std::mem::take(&mut *self.ledger.done.lock().expect("no caller panicked"));
        println!(
            "{} commands answered; {} requests without an answer, {} first outcomes given again, {} times busy",
            done.len(),
            count(&self.ledger.lost),
            count(&self.ledger.replayed),
            count(&self.ledger.refused)
        );
        done
    }
}
