//! SQLite in one file: one connection that writes, several that read, statements run where they are called.
//!
//! sqlx would carry every statement to a thread of its own and back, and look each parameter's place up
//! anew. Here a statement is a call: short ones run on the caller's thread, long reads and everything that
//! syncs on a thread for blocking work.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::store::cells::{Cell, Kind};
use crate::store::ports::{StoreError, Stored};

/// Connections for reads of unknown length.
const READERS: usize = 3;
/// Connections for rows found by their key, so that these never wait for a report.
const KEY_READERS: usize = 2;
/// How long a request waits for a connection.
const ACQUIRE_MAX: Duration = Duration::from_secs(10);
/// Prepared statements kept a connection.
const STATEMENTS_MAX: usize = 256;
/// The log file is folded into the database beside the writer after so many of its turns, so that no commit waits
/// for it.
const TURNS_A_FOLD: usize = 64;
/// Pages of the log file at which the writer folds what is left by itself, or the file would grow for ever.
const LOG_PAGES_MAX: u32 = 8_000;
/// Pages in memory, in KiB: of the writer, of a reader.
const CACHE_KIB: (u32, u32) = (65_536, 8_192);

/// A connection while somebody has it; empty after the file was closed.
pub(super) type Lease = OwnedMutexGuard<Option<Connection>>;
type Slot = Arc<Mutex<Option<Connection>>>;

/// The connections to one file.
#[derive(Debug, Clone)]
pub(super) struct File {
    writer: Slot,
    readers: Arc<[Slot]>,
    key_readers: Arc<[Slot]>,
    /// Spreads who has to wait.
    next: Arc<AtomicUsize>,
    /// Folds the log file; none where nothing is written.
    folder: Option<Slot>,
    /// Turns that the writer has had.
    turns: Arc<AtomicUsize>,
}

impl File {
    /// Opens a file that is there and has its tables; with `writes` in WAL mode and `synchronous=FULL`.
    pub(super) fn open(file: &Path, writes: bool) -> Stored<Self> {
        let slot = |connection| Arc::new(Mutex::new(Some(connection)));
        let readers = |count: usize| (0..count).map(|_| reader(file).map(slot)).collect::<Stored<Arc<[Slot]>>>();
        let folder = if writes { Some(slot(writer(file, 0)?)) } else { None };
        let writer = if writes { writer(file, LOG_PAGES_MAX)? } else { reader(file)? };
        let (readers, key_readers) = (readers(READERS)?, readers(KEY_READERS)?);
        Ok(Self { writer: slot(writer), readers, key_readers, next: Arc::default(), folder, turns: Arc::default() })
    }

    /// The connection that writes; whoever waits for it has a turn in order.
    pub(super) async fn writer(&self) -> Stored<Lease> {
        let lease = waited(self.writer.clone()).await?;
        if self.turns.fetch_add(1, Ordering::Relaxed) % TURNS_A_FOLD == TURNS_A_FOLD - 1 {
            self.fold();
        }
        Ok(lease)
    }

    /// Copies what was committed from the log file into the database, unless that is being done.
    fn fold(&self) {
        let Some(lease) = self.folder.as_ref().and_then(|slot| slot.clone().try_lock_owned().ok()) else { return };
        tokio::task::spawn_blocking(move || {
            let folded = of(&lease).and_then(|folder| folder.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(failed));
            if let Err(error) = folded {
                tracing::warn!(%error, "the log file was not folded into the database");
            }
        });
    }

    /// A connection for a read of any length.
    pub(super) async fn reader(&self) -> Stored<Lease> {
        self.free(&self.readers).await
    }

    /// A connection for rows by their key.
    pub(super) async fn key_reader(&self) -> Stored<Lease> {
        self.free(&self.key_readers).await
    }

    async fn free(&self, slots: &[Slot]) -> Stored<Lease> {
        if let Some(lease) = slots.iter().find_map(|slot| slot.clone().try_lock_owned().ok()) {
            return Ok(lease);
        }
        waited(slots[self.next.fetch_add(1, Ordering::Relaxed) % slots.len()].clone()).await
    }

    /// Closes every connection, the writer last: it folds the log file into the database.
    pub(super) async fn close(&self) {
        for slot in self.readers.iter().chain(&*self.key_readers).chain(&self.folder).chain([&self.writer]) {
            let connection = slot.lock().await.take();
            drop(connection);
        }
    }
}

async fn waited(slot: Slot) -> Stored<Lease> {
    tokio::time::timeout(ACQUIRE_MAX, slot.lock_owned()).await.map_err(|_| StoreError::Busy)
}

fn writer(file: &Path, log_pages_max: u32) -> Stored<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    let pragmas = format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{}; PRAGMA wal_autocheckpoint = {log_pages_max};",
        CACHE_KIB.0
    );
    prepared(connection, &pragmas)
}

fn reader(file: &Path) -> Stored<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    prepared(connection, &format!("PRAGMA cache_size = -{};", CACHE_KIB.1))
}

fn prepared(connection: Connection, pragmas: &str) -> Stored<Connection> {
    connection.busy_timeout(ACQUIRE_MAX).map_err(failed)?;
    connection.execute_batch(pragmas).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Runs what may take long, or syncs, on a thread for that.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Stored<T> + Send + 'static) -> Stored<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Database(error.to_string()))?
}

/// Turns SQLite's error into ours.
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(inner, message) => match (inner.extended_code, inner.code) {
            (rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY, _) => {
                StoreError::Duplicate(message.clone().unwrap_or_default())
            }
            (_, ErrorCode::DatabaseBusy) => StoreError::Busy,
            _ => StoreError::Database(error.to_string()),
        },
        _ => StoreError::Database(error.to_string()),
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(Some(value)) => ValueRef::Blob(value),
            Self::Flag(value) => return Ok(ToSqlOutput::Owned(Value::Integer(i64::from(*value)))),
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

fn of(lease: &Lease) -> Stored<&Connection> {
    lease.as_ref().ok_or_else(|| StoreError::Database("the database is closed".to_owned()))
}

/// The text of a statement as SQLite takes it: `$1` would be a name there, `?1` is a place.
fn placed(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Runs a statement that gives no rows, once for each list of parameters.
pub(super) fn execute<'a>(lease: &Lease, sql: &str, lists: impl Iterator<Item = &'a [Cell]>) -> Stored<u64> {
    let mut statement = of(lease)?.prepare_cached(&placed(sql)).map_err(failed)?;
    let mut changed = 0;
    for params in lists {
        changed += statement.execute(params_from_iter(params)).map_err(failed)?;
    }
    Ok(changed as u64)
}

/// Runs a statement and gives its rows, at most so many.
pub(super) fn fetch(lease: &Lease, sql: &str, params: &[Cell], kinds: &[Kind], limit: usize) -> Stored<Vec<Vec<Cell>>> {
    let mut statement = of(lease)?.prepare_cached(&placed(sql)).map_err(failed)?;
    let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let mut cells = Vec::with_capacity(kinds.len());
        for (place, kind) in kinds.iter().enumerate() {
            let value = row.get_ref(place).map_err(failed)?;
            cells.push(cell(*kind, value).ok_or_else(|| StoreError::Inconsistent {
                table: "query",
                column: row.as_ref().column_name(place).unwrap_or_default().to_owned(),
                row: all.len().to_string(),
            })?);
        }
        all.push(cells);
        // A statement that changes rows gives none before it changed all.
        if all.len() == limit {
            break;
        }
    }
    Ok(all)
}

fn cell(kind: Kind, value: ValueRef<'_>) -> Option<Cell> {
    Some(match (kind, value) {
        (Kind::Int, ValueRef::Integer(value)) => Cell::Int(Some(value)),
        (Kind::Int, ValueRef::Null) => Cell::Int(None),
        (Kind::Text, ValueRef::Text(value)) => Cell::Text(Some(std::str::from_utf8(value).ok()?.to_owned())),
        (Kind::Text, ValueRef::Null) => Cell::Text(None),
        (Kind::Bytes, ValueRef::Blob(value)) => Cell::Bytes(Some(value.to_vec())),
        (Kind::Bytes, ValueRef::Null) => Cell::Bytes(None),
        (Kind::Flag, ValueRef::Integer(value)) => Cell::Flag(value != 0),
        _ => return None,
    })
}

/// An open transaction; dropped, it is rolled back.
pub(super) struct Transaction {
    lease: Lease,
    open: bool,
}

impl Transaction {
    /// Begins by a statement such as `BEGIN IMMEDIATE`, which takes the write lock at once.
    pub(super) fn begin(lease: Lease, how: &str) -> Stored<Self> {
        of(&lease)?.execute_batch(how).map_err(failed)?;
        Ok(Self { lease, open: true })
    }

    /// The connection it runs on.
    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Commits; the sync is over when this returns.
    pub(super) fn commit(mut self) -> Stored<()> {
        of(&self.lease)?.execute_batch("COMMIT").map_err(failed)?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open
            && let Ok(connection) = of(&self.lease)
            && !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction was not rolled back");
        }
    }
}
