//! A SQLite database as one file: a copy of one moment, what a copy holds, and the new life that a restored
//! one begins. Plain calls; the program makes them where it may block.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::sqlite::failed;
use crate::store::ports::{StoreError, Stored};

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFacts {
    /// Sites with a log.
    pub sites: u64,
    /// Events of all of them.
    pub events: u64,
    /// Files of cases.
    pub attachments: u64,
    /// Keys under which personal data was sealed.
    pub key_ids: Vec<String>,
}

fn read_only(file: &Path) -> Stored<Connection> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)
}

/// Writes one moment of a database into a new file, beside whoever writes to it.
///
/// # Errors
/// When the database cannot be read or `to` is there already.
pub fn copy_to(from: &Path, to: &Path) -> Stored<()> {
    let to = to.to_str().ok_or_else(|| StoreError::Database("the path is no text".to_owned()))?;
    read_only(from)?.execute("VACUUM INTO ?1", [to]).map(drop).map_err(failed)
}

/// Reads a copy through: whether every page is whole, and what it holds.
///
/// # Errors
/// When it is no database of this program, or damaged.
pub fn copy_facts(file: &Path) -> Stored<CopyFacts> {
    let copy = read_only(file)?;
    let sound: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if sound != "ok" {
        return Err(StoreError::Database(sound));
    }
    let count = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|count| count.unsigned_abs()).map_err(failed);
    let mut keys = copy
        .prepare("SELECT key_id FROM persons UNION SELECT key_id FROM submissions UNION SELECT key_id FROM file_parts ORDER BY 1")
        .map_err(failed)?;
    let key_ids = keys.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(failed)?;
    let attachments = count("SELECT COUNT(*) FROM attachments WHERE removed_at IS NULL")?;
    Ok(CopyFacts { attachments, sites: count("SELECT COUNT(*) FROM site_log")?, events: count("SELECT COUNT(*) FROM events")?, key_ids })
}

/// Begins a new epoch of every log, so that no screen goes on from an event that this database never saw, and
/// ends every session.
///
/// # Errors
/// When the file cannot be written.
pub fn begin_epoch(file: &Path) -> Stored<()> {
    let database =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    // A copy of an earlier program may not know this table yet.
    let has_citizens: i64 = database
        .query_row("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'citizen_sessions'", [], |row| row.get(0))
        .map_err(failed)?;
    if has_citizens > 0 {
        database.execute_batch("DELETE FROM citizen_sessions").map_err(failed)?;
    }
    database
        .execute_batch("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; UPDATE site_log SET epoch = epoch + 1; DELETE FROM sessions; COMMIT;")
        .map_err(failed)
}
