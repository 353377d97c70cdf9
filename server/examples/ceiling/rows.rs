//! The rows of one command, copied from what the service wrote, with keys of their own for each copy.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use super::Fault;

/// One value, typed as both databases have it.
#[derive(Clone)]
pub(super) enum Cell {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Flag(bool),
}

/// What one command writes, and what it answers.
#[derive(Clone)]
pub(super) struct Kind {
    /// Table and cells.
    pub(super) rows: Vec<(&'static str, Vec<Cell>)>,
    pub(super) answer: String,
}

/// What the service writes for issuing, calling and giving up: event, and the tables that follow.
pub(super) const KINDS: [(&str, &[&str]); 3] = [
    ("ticket_issued", &["tickets", "outbox", "idempotency"]),
    ("ticket_called", &["tickets", "windows", "ticket_intervals", "idempotency"]),
    ("ticket_abandoned", &["tickets", "windows", "ticket_intervals", "idempotency"]),
];

/// The condition under which a table holds a row to copy, with `$1` for the value.
pub(super) fn to_copy(event: &str, table: &str) -> (&'static str, &'static str) {
    match table {
        "events" => (
            "kind = $1",
            match event {
                "ticket_issued" => "ticket_issued",
                "ticket_called" => "ticket_called",
                _ => "ticket_abandoned",
            },
        ),
        "tickets" | "ticket_intervals" | "site_log" | "halls" => ("site_id = $1", "demo-center"),
        "outbox" => ("kind = $1", "print"),
        "windows" => ("id LIKE $1", "w_dc_bench-1"),
        // What the kept answer of a command shows of its ticket.
        _ => (
            "body LIKE $1",
            match event {
                "ticket_issued" => "%\"waiting\"%",
                "ticket_called" => "%\"reason\"%\"called\"%",
                _ => "%\"abandoned\"%",
            },
        ),
    }
}

/// Whether the command changes a row that is there.
pub(super) fn replaces(table: &str, kind: usize) -> bool {
    table == "windows" || (table == "tickets" && kind > 0)
}

/// The answer that the service kept for a retry.
pub(super) fn answer_in(rows: &[(&'static str, Vec<Cell>)]) -> Result<String, Fault> {
    let kept = rows.iter().find(|(table, _)| *table == "idempotency");
    match kept.and_then(|(_, cells)| cells.get(5)) {
        Some(Cell::Text(Some(body))) => Ok(body.clone()),
        _ => Err("no answer to copy".into()),
    }
}

/// An own file with the service's tables, and the rows to copy.
pub(super) fn prepared(template: &Path, own: &Path) -> Result<(Connection, Vec<Kind>), Fault> {
    let from = Connection::open_with_flags(template, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", own.display()));
    }
    let connection = Connection::open(own)?;
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;")?;
    let mut schema = from.prepare(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
         ORDER BY type DESC",
    )?;
    for sql in schema.query_map([], |row| row.get::<_, String>(0))? {
        connection.execute_batch(&sql?)?;
    }
    let mut kinds = Vec::new();
    for (event, tables) in KINDS {
        let mut rows = Vec::new();
        for table in std::iter::once(&"events").chain(tables) {
            rows.push((*table, row(&from, event, table)?));
        }
        kinds.push(Kind { answer: answer_in(&rows)?, rows });
    }
    for table in ["site_log", "halls"] {
        let cells = row(&from, "", table)?;
        let sql = insert(table, cells.len(), true);
        connection.execute(&sql, rusqlite::params_from_iter(cells.iter().map(value)))?;
    }
    Ok((connection, kinds))
}

fn row(from: &Connection, event: &str, table: &str) -> Result<Vec<Cell>, Fault> {
    let (condition, value) = to_copy(event, table);
    row_of(from, table, condition, value)
}

/// One row of a table under a condition with one value.
pub(super) fn row_of(from: &Connection, table: &str, condition: &str, value: &str) -> Result<Vec<Cell>, Fault> {
    let rows = rows_of(from, table, &format!("{condition} LIMIT 1"), value)?;
    rows.into_iter().next().ok_or_else(|| format!("{table}: nothing to copy").into())
}

/// The rows of a table under a condition with one value.
pub(super) fn rows_of(from: &Connection, table: &str, condition: &str, value: &str) -> Result<Vec<Vec<Cell>>, Fault> {
    let mut statement = from.prepare(&format!("SELECT * FROM {table} WHERE {condition}"))?;
    let count = statement.column_count();
    let rows = statement.query_map([value], |row| {
        let cell = |place| {
            Ok(match row.get::<_, Value>(place)? {
                Value::Integer(value) => Cell::Int(Some(value)),
                Value::Text(value) => Cell::Text(Some(value)),
                Value::Blob(value) => Cell::Bytes(Some(value)),
                Value::Null | Value::Real(_) => Cell::Text(None),
            })
        };
        (0..count).map(cell).collect::<Result<Vec<_>, _>>()
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A cell as rusqlite takes it.
pub(super) fn value(cell: &Cell) -> Value {
    match cell.clone() {
        Cell::Int(value) => value.map_or(Value::Null, Value::Integer),
        Cell::Text(value) => value.map_or(Value::Null, Value::Text),
        Cell::Bytes(value) => value.map_or(Value::Null, Value::Blob),
        Cell::Flag(value) => Value::Integer(i64::from(value)),
    }
}

/// The statement for one row of SQLite.
pub(super) fn insert(table: &str, columns: usize, replace: bool) -> String {
    let places = (1..=columns).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    format!("{} INTO {table} VALUES ({places})", if replace { "INSERT OR REPLACE" } else { "INSERT" })
}

/// The cells with keys of their own, as long and as scattered as the service's.
pub(super) fn fresh(table: &str, cells: &[Cell], kind: usize, serial: u64) -> Vec<Cell> {
    let mut cells = cells.to_vec();
    let number = i64::try_from(serial).unwrap_or(i64::MAX);
    let mixed = serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    match table {
        "events" => cells[1] = Cell::Int(Some(number)),
        // The service changes the ticket it issued before; any that is there will do.
        "tickets" if kind > 0 => {}
        "tickets" => {
            cells[1] = Cell::Text(Some(format!("t_dc_{serial:024}")));
            cells[4] = Cell::Text(Some(format!("A{serial:06}")));
            cells[6] = Cell::Text(Some(format!("{mixed:016X}")));
            cells[7] = Cell::Text(Some(format!("{:08X}", mixed >> 32)));
        }
        "outbox" => cells[1] = Cell::Text(Some(format!("pj_dc_{serial:024}"))),
        "ticket_intervals" => cells[2] = Cell::Int(Some(number)),
        "idempotency" => {
            let hash = [mixed, mixed ^ serial, !mixed, serial].iter().flat_map(|word| word.to_be_bytes()).collect();
            cells[0] = Cell::Bytes(Some(hash));
        }
        _ => {}
    }
    cells
}
