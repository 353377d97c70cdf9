//! A database of a device that the disk damaged does not end the program: it is put aside under another name and kept,
//! and a new one is begun with what can still be read of it. Knows no table; its owner names them.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, params};

use crate::seal::Seal;
use crate::spool::{SpoolError, migrate, open_database};

/// Most names that damaged files of one database bear.
const ASIDE_MAX: u32 = 1_000;

/// A column whose texts are sealed.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// SQL expression of the place that a text is sealed for.
    pub place: &'static str,
    /// The column.
    pub column: &'static str,
}

/// Whether an error tells of a damaged file, and not of a full disk, a missing right or another key.
#[must_use]
pub fn is_damage(error: &SpoolError) -> bool {
    match error {
        // `Unknown` is SQLite's general error: a table is missing, or the schema cannot be read.
        SpoolError::Database(rusqlite::Error::SqliteFailure(failure, _)) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        }
        SpoolError::Database(_) | SpoolError::Content(_) | SpoolError::Sealed | SpoolError::Damaged(_) => true,
        SpoolError::Folder(_) | SpoolError::WrongKey(_) | SpoolError::Newer { .. } => false,
    }
}

/// Whether SQLite finds a database sound and every sealed text in it opens.
///
/// # Errors
/// It does not; see [`is_damage`].
pub fn sound(db: &Connection, seal: &Seal, columns: &[SealedColumn]) -> Result<(), SpoolError> {
    let told: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if told != "ok" {
        return Err(SpoolError::Damaged(told));
    }
    for column in columns {
        if !unopened(db, seal, *column)?.is_empty() {
            return Err(SpoolError::Sealed);
        }
    }
    Ok(())
}

/// Rows whose text does not open.
fn unopened(db: &Connection, seal: &Seal, SealedColumn { table, place, column }: SealedColumn) -> Result<Vec<i64>, SpoolError> {
    let mut statement = db.prepare(&format!("SELECT rowid, {place}, {column} FROM {table} WHERE {column} IS NOT NULL"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (rowid, place, kept): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if seal.unseal(&place, kept).is_err() {
            found.push(rowid);
        }
    }
    Ok(found)
}

/// Opens a database; one that is damaged is put aside first. Where that is kept stands beside it.
///
/// # Errors
/// What is no damage: a full disk, another key, a newer version.
pub fn open_or_anew(
    file: &Path,
    open: impl Fn(&Path) -> Result<Connection, SpoolError>,
) -> Result<(Connection, Option<PathBuf>), SpoolError> {
    let error = match open(file) {
        Ok(db) => return Ok((db, None)),
        Err(error) if is_damage(&error) => error,
        Err(error) => return Err(error),
    };
    let kept = put_aside(file)?;
    tracing::error!(%error, kept = %kept.display(), "a database of this device is damaged; it is put aside and a new one begun");
    Ok((open(file)?, Some(kept)))
}

fn with_tail(file: &Path, tail: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(tail);
    PathBuf::from(name)
}

/// Renames a database with what belongs to it, so that it can still be read under its new name.
fn put_aside(file: &Path) -> Result<PathBuf, SpoolError> {
    let mut names = (1..=ASIDE_MAX).map(|number| with_tail(file, &format!(".damaged-{number}")));
    let kept = names.find(|name| !name.exists()).ok_or_else(|| std::io::Error::other("too many damaged files lie here"))?;
    fs::rename(file, &kept)?;
    for tail in ["-wal", "-shm"] {
        let part = with_tail(file, tail);
        if part.exists() {
            fs::rename(part, with_tail(&kept, tail))?;
        }
    }
    Ok(kept)
}

/// Opens the database of a device, making it where it is missing. One that is damaged is put aside and kept; the new one
/// begins with what can still be read of it. Whether that was so is told beside it.
///
/// # Errors
/// The file cannot be used, a newer program wrote it, or it was sealed with another key.
pub fn open_kept(
    file: &Path,
    seal: &Seal,
    migrations: &[&str],
    tables: &[&str],
    columns: &[SealedColumn],
) -> Result<(Connection, bool), SpoolError> {
    let (connection, damaged) = open_or_anew(file, |file| {
        let connection = open_database(file)?;
        migrate(&connection, migrations)?;
        seal.fits(&connection)?;
        sound(&connection, seal, columns)?;
        Ok(connection)
    })?;
    if let Some(kept) = &damaged {
        salvage(&connection, kept, seal, tables, columns);
    }
    Ok((connection, damaged.is_some()))
}

/// Takes over what can still be read of a database that was put aside, table by table; texts that do not open stay there.
fn salvage(db: &Connection, kept: &Path, seal: &Seal, tables: &[&str], columns: &[SealedColumn]) {
    let taken = || -> Result<(), SpoolError> {
        db.execute("ATTACH ?1 AS kept", params![kept.to_string_lossy()])?;
        for table in tables {
            let rows = db.execute(&format!("INSERT OR IGNORE INTO main.{table} SELECT * FROM kept.{table}"), []);
            tracing::warn!(table, ?rows, "rows taken over from a damaged database");
        }
        db.execute("DETACH kept", [])?;
        for column in columns {
            for rowid in unopened(db, seal, *column)? {
                db.execute(&format!("DELETE FROM {} WHERE rowid = ?1", column.table), [rowid])?;
            }
        }
        Ok(())
    };
    if let Err(error) = taken() {
        tracing::error!(%error, "nothing more could be taken over from a damaged database");
    }
}
