//! The business of a morning as a list of steps: done once at a hall that loses its line and its server, and once at one
//! that does not, and compared by what lies at the centre in the end. Numbers differ (`AK003`), so a ticket is the how many
//! it was that was issued.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::Method;
use serde_json::{Value, json};

use super::{LINE, SITE, ask};

/// The clocks of the server and of the hall may differ by so much, in milliseconds.
const CLOCK_MS_MAX: i64 = 1_000;

/// Something that a clerk does; windows by number.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Open(u16),
    Number,
    Call(u16),
    Recall(u16),
    Start(u16),
    Finish(u16, &'static str),
    Miss(u16),
    Park(u16),
    /// To another window.
    Transfer(u16, u16),
    /// The number that was missed last.
    Requeue,
    /// The number that was parked last.
    Resume,
    /// The number that was issued last.
    Abandon,
}

use Step::{Abandon, Call, Finish, Miss, Number, Open, Park, Recall, Requeue, Resume, Start, Transfer};

fn visit(window: u16, outcome: &'static str) -> [Step; 3] {
    [Call(window), Start(window), Finish(window, outcome)]
}

/// With the line up: three windows open, two people are served and one of them stays.
pub fn before() -> Vec<Step> {
    let mut steps = vec![Open(1), Open(2), Open(3)];
    steps.extend([Number; 7]);
    steps.extend(visit(1, "accepted"));
    steps.extend([Call(2), Start(2), Call(3)]);
    steps
}

/// With the line cut: everything that a clerk can do there.
pub fn cut() -> Vec<Step> {
    let mut steps = vec![Start(3), Finish(2, "accepted"), Finish(3, "consulted")];
    for round in 0..6 {
        steps.extend([Number; 4]);
        steps.extend(visit(1, "accepted"));
        match round {
            0 => steps.extend([Call(2), Recall(2), Miss(2), Requeue]),
            1 => steps.extend([Call(2), Start(2), Transfer(2, 3)]),
            2 => steps.extend([Call(2), Start(2), Park(2), Call(2), Resume, Start(2), Finish(2, "other")]),
            3 => steps.extend([Number, Abandon]),
            4 => steps.extend([Call(2), Park(2), Call(2), Start(2), Resume, Transfer(2, 1)]),
            _ => steps.extend(visit(2, "collected")),
        }
        steps.extend(visit(3, "wrong_line"));
    }
    steps.extend([Call(2), Start(2)]);
    steps
}

/// Between the two troubles, with the line up again: what was begun without it is ended with it.
pub fn between() -> Vec<Step> {
    let mut steps = vec![Finish(2, "accepted"), Number, Number];
    steps.extend(visit(2, "consulted"));
    steps.extend([Call(1)]);
    steps
}

/// With the server dead.
pub fn killed() -> Vec<Step> {
    let mut steps = vec![Start(1), Finish(1, "accepted")];
    for _ in 0..3 {
        steps.extend([Number; 3]);
        steps.extend(visit(2, "accepted"));
        steps.extend([Call(1), Miss(1), Requeue]);
        steps.extend(visit(3, "collected"));
    }
    steps.extend([Call(1), Start(1)]);
    steps
}

/// With everything back.
pub fn after() -> Vec<Step> {
    let mut steps = vec![Finish(1, "accepted"), Number, Number];
    for _ in 0..3 {
        steps.extend(visit(1, "accepted"));
        steps.extend(visit(2, "consulted"));
        steps.extend(visit(3, "accepted"));
    }
    steps
}

/// When a clerk was told that something is so: between sending and answer, in UTC milliseconds.
type Mark = (i64, i64);

/// The business under way.
pub struct Business {
    /// Where the hall is reached.
    pub at: SocketAddr,
    /// The cookie of the clerk of each window.
    pub cookies: BTreeMap<u16, String>,
    /// Ids of the tickets in the order of issue.
    pub tickets: Vec<String>,
    /// Their numbers.
    pub numbers: Vec<String>,
    /// Which ticket was called at which window, in order.
    pub calls: Vec<(usize, u16)>,
    marks: Vec<Vec<Mark>>,
    at_window: BTreeMap<u16, usize>,
    missed: Vec<usize>,
    parked: Vec<usize>,
    keys: u32,
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("a time")
}

impl Business {
    pub fn new(at: SocketAddr, cookies: BTreeMap<u16, String>) -> Self {
        Self {
            at,
            cookies,
            tickets: Vec::new(),
            numbers: Vec::new(),
            calls: Vec::new(),
            marks: Vec::new(),
            at_window: BTreeMap::new(),
            missed: Vec::new(),
            parked: Vec::new(),
            keys: 0,
        }
    }

    pub async fn all(&mut self, steps: Vec<Step>) {
        for step in steps {
            self.does(step).await;
        }
    }

    async fn post(&mut self, window: u16, path: &str, body: Value) -> (Value, Mark) {
        self.keys += 1;
        let (key, path) = (format!("business-{}-{}", self.at.port(), self.keys), format!("/api/v1{path}"));
        let sent = now_ms();
        let reply = ask(self.at, &self.cookies[&window], Method::POST, &path, Some(&key), Some(body)).await.expect("an answer");
        assert!((200..300).contains(&reply.status), "{path}: {} {}", reply.status, reply.text);
        (reply.body, (sent, now_ms()))
    }

    /// Something with a ticket that changes its state.
    async fn with(&mut self, window: u16, ticket: usize, action: &str, body: Value) {
        let path = format!("/tickets/{}/{action}", self.tickets[ticket]);
        let (_, mark) = self.post(window, &path, body).await;
        self.marks[ticket].push(mark);
    }

    async fn does(&mut self, step: Step) {
        let nothing = || json!({});
        match step {
            Open(window) => drop(self.post(window, &format!("/windows/w_dc_{window}/open"), nothing()).await),
            Number => {
                let (ticket, mark) = self.post(1, &format!("/sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
                let text = |name: &str| ticket[name].as_str().expect("a ticket").to_owned();
                self.tickets.push(text("id"));
                self.numbers.push(text("number"));
                self.marks.push(vec![mark]);
            }
            Call(window) => {
                let (called, mark) = self.post(window, &format!("/windows/w_dc_{window}/call-next"), nothing()).await;
                let id = called["ticket"]["id"].as_str().unwrap_or_else(|| panic!("nobody to call at {window}: {called}"));
                let ticket = self.tickets.iter().position(|known| known == id).expect("a ticket of this business");
                self.marks[ticket].push(mark);
                self.calls.push((ticket, window));
                self.at_window.insert(window, ticket);
            }
            // A recall begins and ends nothing.
            Recall(window) => {
                let path = format!("/tickets/{}/recall", self.tickets[self.at_window[&window]]);
                self.post(window, &path, nothing()).await;
            }
            Start(window) => self.with(window, self.at_window[&window], "start", nothing()).await,
            Finish(window, outcome) => self.with(window, self.at_window[&window], "finish", json!({ "outcome": outcome })).await,
            Miss(window) => {
                self.missed.push(self.at_window[&window]);
                self.with(window, self.at_window[&window], "miss", nothing()).await;
            }
            Park(window) => {
                self.parked.push(self.at_window[&window]);
                self.with(window, self.at_window[&window], "park", nothing()).await;
            }
            Transfer(window, to) => {
                let body = json!({ "window_id": format!("w_dc_{to}") });
                self.with(window, self.at_window[&window], "transfer", body).await;
            }
            Requeue => {
                let ticket = self.missed.pop().expect("a missed number");
                self.with(1, ticket, "requeue", nothing()).await;
            }
            Resume => {
                let ticket = self.parked.pop().expect("a parked number");
                self.with(2, ticket, "resume", nothing()).await;
            }
            Abandon => self.with(1, self.tickets.len() - 1, "abandon", nothing()).await,
        }
    }

    /// What the centre knows of the business: must be as it was in the hall, to the second.
    pub async fn told(&self, server: SocketAddr, cookie: &str, data: &Path) -> Vec<Told> {
        let path = format!("/api/v1/sites/{SITE}/tickets?limit=200");
        let listed = ask(server, cookie, Method::GET, &path, None, None).await.expect("an answer").body;
        let mut lengths = intervals(data);
        let told = |(place, id): (usize, &String)| {
            let ticket = listed["items"].as_array().expect("tickets").iter().find(|ticket| ticket["id"] == id.as_str());
            let ticket = ticket.unwrap_or_else(|| panic!("{} is lost: {listed}", self.numbers[place]));
            let lengths = lengths.remove(id).unwrap_or_default();
            self.as_in_the_hall(place, &lengths);
            Told {
                state: ticket["state"].as_str().unwrap_or_default().to_owned(),
                outcome: ticket["outcome"].as_str().unwrap_or_default().to_owned(),
                ways: lengths.into_iter().map(|one| (one.state, one.next, one.window)).collect(),
            }
        };
        self.tickets.iter().enumerate().map(told).collect()
    }

    /// Every wait, way and service of a ticket began and ended when the hall did it.
    fn as_in_the_hall(&self, place: usize, lengths: &[Length]) {
        let (number, marks) = (&self.numbers[place], &self.marks[place]);
        assert_eq!(lengths.len() + 1, marks.len(), "{number}: {lengths:?} {marks:?}");
        for (length, ends) in lengths.iter().zip(marks.windows(2)) {
            for (at, (sent, answered)) in [(length.start_ms, ends[0]), (length.end_ms, ends[1])] {
                let was = sent - CLOCK_MS_MAX..=answered + CLOCK_MS_MAX;
                assert!(was.contains(&at), "{number} {length:?}: {at} was {was:?}");
            }
        }
    }
}

/// What became of a ticket.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    state: String,
    outcome: String,
    /// Each stretch of its life: state, what came next, window.
    ways: Vec<(String, String, Option<String>)>,
}

/// A stretch of a ticket's life as stored.
#[derive(Debug)]
struct Length {
    state: String,
    next: String,
    window: Option<String>,
    start_ms: i64,
    end_ms: i64,
}

fn intervals(data: &Path) -> BTreeMap<String, Vec<Length>> {
    let db =
        rusqlite::Connection::open_with_flags(data.join("yichuang.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store");
    let sql =
        "SELECT ticket_id, state, next, window_id, start_ms, end_ms FROM ticket_intervals WHERE site_id = ?1 ORDER BY ticket_id, ordinal";
    let mut statement = db.prepare(sql).expect("the intervals");
    let mut rows = statement.query([SITE]).expect("the intervals");
    let mut found: BTreeMap<String, Vec<Length>> = BTreeMap::new();
    while let Some(row) = rows.next().expect("a row") {
        let length = Length {
            state: row.get(1).expect("a state"),
            next: row.get(2).expect("a state"),
            window: row.get(3).expect("a window"),
            start_ms: row.get(4).expect("a time"),
            end_ms: row.get(5).expect("a time"),
        };
        found.entry(row.get(0).expect("an id")).or_default().push(length);
    }
    found
}

/// The version of the hall at the centre.
pub fn hall_version(data: &Path) -> Option<i64> {
    let db = rusqlite::Connection::open_with_flags(data.join("yichuang.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    db.query_row("SELECT version FROM halls WHERE site_id = ?1", [SITE], |row| row.get(0)).ok()
}
