//! The ceiling that `yichuang bench` is measured against: a bare HTTP handler whose one writer inserts
//! the same rows with rusqlite, all that wait in one transaction, `synchronous=FULL`. No rules, no
//! rights, no chain, no feed. The rows are copies of those that the service wrote for one ticket.
//!
//! `ceiling TEMPLATE.db OWN.db` prints one line of JSON when ready and ends with its standard input.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::mpsc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use tokio::sync::oneshot;

type Fault = Box<dyn Error + Send + Sync>;

/// Commands committed together at most, as the service does.
const GROUP_MAX: usize = 64;

/// Rows of one command: table and cells.
type Rows = Vec<(&'static str, Vec<Value>)>;

/// What one command writes, and what it answers.
#[derive(Clone)]
struct Kind {
    rows: Rows,
    answer: String,
}

struct Job {
    kind: usize,
    reply: oneshot::Sender<String>,
}

#[derive(Clone)]
struct Desk(mpsc::Sender<Job>);

/// Tables by what the service writes for issuing, calling and giving up: event, ticket, and what follows.
const KINDS: [(&str, &[&str]); 3] = [
    ("ticket_issued", &["tickets", "outbox", "idempotency"]),
    ("ticket_called", &["tickets", "windows", "ticket_intervals", "idempotency"]),
    ("ticket_abandoned", &["tickets", "windows", "ticket_intervals", "idempotency"]),
];

fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let (template, own) = (arguments.next().ok_or("TEMPLATE.db")?, arguments.next().ok_or("OWN.db")?);
    let (connection, kinds) = prepared(FilePath::new(&template), FilePath::new(&own))?;
    let (sender, jobs) = mpsc::channel();
    std::thread::spawn(move || {
        if let Err(error) = write(connection, &kinds, &jobs) {
            eprintln!("{error}");
            std::process::exit(1);
        }
    });
    tokio::runtime::Runtime::new()?.block_on(serve(Desk(sender)))
}

async fn serve(desk: Desk) -> Result<(), Fault> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", serde_json::json!({ "ready": true, "url": format!("http://{}", listener.local_addr()?) }));
    let router =
        Router::new().route("/issue", post(issue)).route("/call", post(call)).route("/clear/{ticket}", post(clear)).with_state(desk);
    let (end, wait) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = end.send(());
    });
    let ended = async {
        let _ = wait.await;
    };
    Ok(axum::serve(listener, router).with_graceful_shutdown(ended).await?)
}

async fn issue(State(desk): State<Desk>, Json(_): Json<serde_json::Value>) -> Response {
    desk.run(0).await
}

async fn call(State(desk): State<Desk>, Json(_): Json<serde_json::Value>) -> Response {
    desk.run(1).await
}

async fn clear(State(desk): State<Desk>, Path(_): Path<String>, Json(_): Json<serde_json::Value>) -> Response {
    desk.run(2).await
}

impl Desk {
    async fn run(&self, kind: usize) -> Response {
        let (reply, answer) = oneshot::channel();
        if self.0.send(Job { kind, reply }).is_err() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        match answer.await {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// The own database with the service's tables, and the rows to copy.
fn prepared(template: &FilePath, own: &FilePath) -> Result<(Connection, Vec<Kind>), Fault> {
    let from = Connection::open_with_flags(template, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", own.display()));
    }
    let connection = Connection::open(own)?;
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;")?;
    let mut schema = from.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY type DESC")?;
    for sql in schema.query_map([], |row| row.get::<_, String>(0))? {
        connection.execute_batch(&sql?)?;
    }
    let kinds = KINDS.iter().map(|(event, tables)| kind(&from, event, tables)).collect::<Result<Vec<_>, _>>()?;
    for (table, site) in [("site_log", "demo-center"), ("halls", "demo-center")] {
        let row = row(&from, table, "site_id = ?1", site)?;
        insert(&connection, table, &row, true)?;
    }
    Ok((connection, kinds))
}

fn row(from: &Connection, table: &str, condition: &str, value: &str) -> Result<Vec<Value>, Fault> {
    let mut statement = from.prepare(&format!("SELECT * FROM {table} WHERE {condition} LIMIT 1"))?;
    let count = statement.column_count();
    let row = statement.query_row([value], |row| (0..count).map(|place| row.get::<_, Value>(place)).collect::<Result<Vec<_>, _>>());
    Ok(row.map_err(|error| format!("{table}: {error}"))?)
}

fn kind(from: &Connection, event: &str, tables: &[&'static str]) -> Result<Kind, Fault> {
    let events = row(from, "events", "kind = ?1", event)?;
    let mut rows: Rows = vec![("events", events)];
    for table in tables {
        let found = match *table {
            "tickets" => row(from, table, "site_id = ?1", "demo-center"),
            "outbox" => row(from, table, "kind = ?1", "print"),
            "windows" => row(from, table, "id LIKE ?1", "w_dc_bench-1"),
            "ticket_intervals" => row(from, table, "site_id = ?1", "demo-center"),
            _ => row(from, table, "body LIKE ?1", state_in(event)),
        }?;
        rows.push((table, found));
    }
    let answer = rows.iter().find(|(table, _)| *table == "idempotency").and_then(|(_, cells)| match cells.get(5) {
        Some(Value::Text(body)) => Some(body.clone()),
        _ => None,
    });
    Ok(Kind { rows, answer: answer.ok_or("no answer to copy")? })
}

/// What the kept answer of a command shows of its ticket.
fn state_in(event: &str) -> &'static str {
    match event {
        "ticket_issued" => "%\"waiting\"%",
        "ticket_called" => "%\"reason\"%\"called\"%",
        _ => "%\"abandoned\"%",
    }
}

fn insert(connection: &Connection, table: &str, cells: &[Value], replace: bool) -> Result<(), Fault> {
    let places = (1..=cells.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    let verb = if replace { "INSERT OR REPLACE" } else { "INSERT" };
    connection.prepare_cached(&format!("{verb} INTO {table} VALUES ({places})"))?.execute(params_from_iter(cells.iter()))?;
    Ok(())
}

fn write(mut connection: Connection, kinds: &[Kind], jobs: &mpsc::Receiver<Job>) -> Result<(), Fault> {
    let mut serial = 0_u64;
    while let Ok(first) = jobs.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(GROUP_MAX - 1)).collect();
        let transaction = connection.transaction()?;
        for job in &group {
            serial += 1;
            for (table, cells) in &kinds[job.kind].rows {
                insert(
                    &transaction,
                    table,
                    &fresh(table, cells, job.kind, serial),
                    *table == "windows" || (*table == "tickets" && job.kind > 0),
                )?;
            }
        }
        transaction.prepare_cached("UPDATE halls SET version = version + 1, doc = doc")?.execute([])?;
        transaction.prepare_cached("UPDATE site_log SET seq = seq + ?1")?.execute([i64::try_from(group.len()).unwrap_or(i64::MAX)])?;
        transaction.commit()?;
        for job in group {
            // A caller that went away needs no answer.
            let _ = job.reply.send(kinds[job.kind].answer.clone());
        }
    }
    Ok(())
}

/// The cells with keys of their own, as long and as scattered as the service's.
fn fresh(table: &str, cells: &[Value], kind: usize, serial: u64) -> Vec<Value> {
    let mut cells = cells.to_vec();
    let number = i64::try_from(serial).unwrap_or(i64::MAX);
    let mixed = serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    match table {
        "events" => cells[1] = Value::Integer(number),
        // The service changes the ticket it issued before; any that is there will do.
        "tickets" if kind > 0 => {}
        "tickets" => {
            cells[1] = Value::Text(format!("t_dc_{serial:024}"));
            cells[4] = Value::Text(format!("A{serial:06}"));
            cells[6] = Value::Text(format!("{mixed:016X}"));
            cells[7] = Value::Text(format!("{:08X}", mixed >> 32));
        }
        "outbox" => cells[1] = Value::Text(format!("pj_dc_{serial:024}")),
        "ticket_intervals" => cells[2] = Value::Integer(number),
        "idempotency" => {
            cells[0] = Value::Blob([mixed, mixed ^ serial, !mixed, serial].iter().flat_map(|word| word.to_be_bytes()).collect())
        }
        _ => {}
    }
    cells
}
