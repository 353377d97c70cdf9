//! What the keeper has not handed over, as a file that a person carries to the server: where a device was revoked or its
//! line never comes back. Files that were put aside because they were damaged are read too, as far as that goes. Nothing
//! here changes the journal.

use std::fs;
use std::path::{Path, PathBuf};

use edge::seal::Seal;
use edge::spool::SpoolError;
use protocol::keeper::{DeviceJournal, Entry, JOURNAL_FORMAT, JournalFile};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params};

use super::journal::{JOURNAL_FILE, entry_place};
use super::{OFFICE, Office, bag};

/// What was not handed over.
const UNSENT: &str = "SELECT number, previous, text, hash, signature FROM entries WHERE taken = 0 ORDER BY number";
/// What a device that the machine was before did not hand over.
const LEFT: &str = "SELECT number, previous, text, hash, signature FROM left_behind WHERE device_id = ?1 ORDER BY number";
/// The data folder holds no journal.
const NONE: &str = "这个目录里没有守门机的存档（keeper.db）";

/// Reads what was not handed over.
///
/// # Errors
/// There is no journal, or it cannot be read at all.
pub fn read(folder: &Path, seal: &Seal) -> Result<JournalFile, SpoolError> {
    let file = folder.join(JOURNAL_FILE);
    if !file.exists() {
        return Err(std::io::Error::other(NONE).into());
    }
    let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    seal.fits(&db)?;
    let office = office_of(&db, seal).unwrap_or_default();
    let mut journals = vec![DeviceJournal { device_id: office.device_id.clone(), bag: false, entries: entries(&db, seal, UNSENT, [])? }];
    journals.extend(left_behind(&db, seal, false)?);
    journals.extend(of_bag(&bag::folder_in(folder), seal)?);
    for damaged in put_aside(folder)? {
        journals.extend(of_damaged(&damaged, seal, &office.device_id).unwrap_or_else(|error| {
            tracing::warn!(file = %damaged.display(), %error, "nothing can be read of a damaged journal");
            None
        }));
    }
    journals.retain(|journal| !journal.entries.is_empty());
    Ok(JournalFile { format: JOURNAL_FORMAT.to_owned(), site_id: office.site_id, journals })
}

/// Writes it; how many entries that are.
///
/// # Errors
/// As [`read`], or the file cannot be written.
pub fn write(folder: &Path, seal: &Seal, to: &Path) -> Result<usize, SpoolError> {
    let journal = read(folder, seal)?;
    let count = journal.journals.iter().map(|journal| journal.entries.len()).sum();
    fs::write(to, serde_json::to_vec(&journal)?)?;
    Ok(count)
}

fn office_of(db: &Connection, seal: &Seal) -> Option<Office> {
    known(db, seal, OFFICE)
}

/// The entries that a query gives; one whose text does not open has an empty one.
fn entries(db: &Connection, seal: &Seal, sql: &str, device: impl Params) -> Result<Vec<Entry>, SpoolError> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query(device)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        found.push(Entry {
            number: number.unsigned_abs(),
            previous: row.get(1)?,
            text: seal.unseal(&entry_place(number), row.get(2)?).unwrap_or_default(),
            hash: row.get(3)?,
            signature: row.get(4)?,
        });
    }
    Ok(found)
}

/// What the machine's field bag has not handed over; its contents stay sealed on the machine.
fn of_bag(folder: &Path, seal: &Seal) -> Result<Vec<DeviceJournal>, SpoolError> {
    let file = folder.join(JOURNAL_FILE);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    seal.fits(&db)?;
    let device_id = known(&db, seal, bag::DEVICE).unwrap_or_default();
    let mut journals = vec![DeviceJournal { device_id, bag: true, entries: entries(&db, seal, UNSENT, [])? }];
    journals.extend(left_behind(&db, seal, true)?);
    Ok(journals)
}

fn known<T: serde::de::DeserializeOwned>(db: &Connection, seal: &Seal, key: &str) -> Option<T> {
    let kept: Option<String> = db.query_row("SELECT json FROM known WHERE key = ?1", [key], |row| row.get(0)).optional().ok()?;
    serde_json::from_str(&seal.unseal(&format!("known.{key}"), kept?).ok()?).ok()
}

fn left_behind(db: &Connection, seal: &Seal, bag: bool) -> Result<Vec<DeviceJournal>, SpoolError> {
    let known: Option<i64> = db.query_row("SELECT 1 FROM sqlite_master WHERE name = 'left_behind'", [], |row| row.get(0)).optional()?;
    if known.is_none() {
        // Written before there was such a table.
        return Ok(Vec::new());
    }
    let mut statement = db.prepare("SELECT DISTINCT device_id FROM left_behind ORDER BY device_id")?;
    let devices: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let journal = |device_id: String| Ok(DeviceJournal { bag, entries: entries(db, seal, LEFT, [&device_id])?, device_id });
    devices.into_iter().map(journal).collect()
}

/// Journals that were damaged, oldest first.
fn put_aside(folder: &Path) -> Result<Vec<PathBuf>, SpoolError> {
    let mark = format!("{JOURNAL_FILE}.damaged-");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(&mark).and_then(|number| number.parse::<u32>().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn of_damaged(file: &Path, seal: &Seal, device_id: &str) -> Result<Option<DeviceJournal>, SpoolError> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let device_id = office_of(&db, seal).map_or_else(|| device_id.to_owned(), |office| office.device_id);
    let entries = entries(&db, seal, UNSENT, [])?;
    Ok((!entries.is_empty()).then_some(DeviceJournal { device_id, bag: false, entries }))
}
