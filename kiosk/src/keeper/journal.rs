//! What a keeper writes down: the hall as it was told, its own decisions as a signed chain, slips that are
//! to be printed. One SQLite file with `synchronous=FULL`: nothing is answered before it lies here, sealed. The key
//! of the chain lies in a file of its own, so that a damaged journal does not cost the device its name.

use std::path::Path;

use data_encoding::HEXLOWER;
use edge::damage::{SealedColumn, open_or_anew, sound};
use edge::seal::{Seal, kept_or_made};
use edge::spool::{SpoolError, migrate, open_database};
use protocol::keeper::{Entry, FIRST_HASH};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::prints::{Print, slip_place};

/// File of the journal inside the data folder.
pub const JOURNAL_FILE: &str = "keeper.db";
/// File of its key.
const KEY_FILE: &str = "keeper.key";

/// The schema, one step for each `user_version`.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE entries (
        number INTEGER PRIMARY KEY,
        previous TEXT NOT NULL,
        text TEXT NOT NULL,
        hash TEXT NOT NULL,
        signature TEXT NOT NULL,
        taken INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE known (
        key TEXT PRIMARY KEY,
        json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE followed (
        version INTEGER PRIMARY KEY,
        json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE prints (
        job_id TEXT PRIMARY KEY,
        ticket_id TEXT NOT NULL,
        slip TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'printed')),
        device_id TEXT
    ) STRICT;
",
    // What a device that this machine was before did not hand over: a person may bring it in.
    "
    CREATE TABLE left_behind (
        device_id TEXT NOT NULL,
        number INTEGER NOT NULL,
        previous TEXT NOT NULL,
        text TEXT NOT NULL,
        hash TEXT NOT NULL,
        signature TEXT NOT NULL,
        PRIMARY KEY (device_id, number)
    ) STRICT;
",
    // Whether the printer that a slip is for said that it has it.
    "
    ALTER TABLE prints ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
",
    // What the server does not have yet is counted several times a second.
    "
    CREATE INDEX entries_unsent ON entries (number) WHERE taken = 0;
",
];
/// Bytes that are written to see whether the disk takes any: more than a page of the database.
const TRIAL_BYTES: usize = 16 << 10;
/// What is sealed beside the entries, which are looked at one by one when the journal is opened.
const SEALED: &[SealedColumn] = &[
    SealedColumn { table: "known", place: "'known.' || key", column: "json" },
    SealedColumn { table: "followed", place: "'followed.' || version", column: "json" },
    SealedColumn { table: "prints", place: "'prints.slip.' || job_id", column: "slip" },
];

/// The journal.
#[derive(Debug)]
pub struct Journal {
    pub(super) db: Connection,
    pub(super) seal: Seal,
    key: Ed25519KeyPair,
    newest: (u64, String),
}

/// SHA-256 as hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

/// Opens the key, making it the first time.
pub(super) fn key_of(folder: &Path) -> Result<Ed25519KeyPair, SpoolError> {
    let refused = |_| std::io::Error::other("the key of the journal cannot be used");
    let bytes = kept_or_made(&folder.join(KEY_FILE), || {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| std::io::Error::other("no randomness"))?;
        Ok(made.as_ref().to_vec())
    })?;
    Ok(Ed25519KeyPair::from_pkcs8(&bytes).map_err(refused)?)
}

impl Journal {
    /// Opens the journal of a data folder. One that is damaged is put aside and a new one begun: whether
    /// that was so is told beside it.
    ///
    /// # Errors
    /// The folder cannot be used, or the journal was sealed with another key.
    pub fn open(folder: &Path, seal: Seal) -> Result<(Self, bool), SpoolError> {
        Self::open_with_key_of(folder, folder, seal)
    }

    /// The same, signed with the key of another data folder: a second chain of the same device.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn open_with_key_of(device: &Path, folder: &Path, seal: Seal) -> Result<(Self, bool), SpoolError> {
        let key = key_of(device)?;
        let (db, damaged) = open_or_anew(&folder.join(JOURNAL_FILE), |file| Self::opened(file, &seal))?;
        let was_damaged = damaged.is_some();
        let mut journal = Self { db, seal, key, newest: (0, FIRST_HASH.to_owned()) };
        journal.newest = journal.known("newest")?.unwrap_or((0, FIRST_HASH.to_owned()));
        Ok((journal, was_damaged))
    }

    fn opened(file: &Path, seal: &Seal) -> Result<Connection, SpoolError> {
        let db = open_database(file)?;
        migrate(&db, MIGRATIONS)?;
        seal.fits(&db)?;
        sound(&db, seal, SEALED)?;
        // An entry that is not what was signed is as bad as one that cannot be read.
        let mut statement = db.prepare("SELECT number, previous, text, hash FROM entries")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
        })?;
        for row in rows {
            let (number, previous, kept, hash) = row?;
            let text = seal.unseal(&entry_place(number), kept)?;
            if sha256_hex(&Entry::hashed(number.unsigned_abs(), &previous, &text)) != hash {
                return Err(SpoolError::Damaged("an entry was altered".to_owned()));
            }
        }
        drop(statement);
        Ok(db)
    }

    /// The key by which the server proves entries, hexadecimal digits.
    #[must_use]
    pub fn public_key(&self) -> String {
        HEXLOWER.encode(self.key.public_key().as_ref())
    }

    /// Number of the newest entry.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest.0
    }

    /// Goes on behind what the server has, where this journal was lost.
    ///
    /// # Errors
    /// The database refused.
    pub fn go_on_behind(&mut self, taken: u64) -> Result<(), SpoolError> {
        if taken > self.newest.0 {
            let newest = (taken, FIRST_HASH.to_owned());
            self.keep("newest", &newest)?;
            self.newest = newest;
        }
        Ok(())
    }

    /// This machine is another device from now on: what the one before did not hand over is put aside under its name, and
    /// a new chain begins.
    ///
    /// # Errors
    /// The database refused.
    pub fn leave_behind(&mut self, device_id: &str) -> Result<(), SpoolError> {
        let turn = self.db.transaction()?;
        turn.execute(
            "INSERT OR IGNORE INTO left_behind (device_id, number, previous, text, hash, signature)
             SELECT ?1, number, previous, text, hash, signature FROM entries WHERE taken = 0",
            [device_id],
        )?;
        turn.execute_batch("DELETE FROM entries; DELETE FROM followed; DELETE FROM prints; DELETE FROM known;")?;
        turn.commit()?;
        self.newest = (0, FIRST_HASH.to_owned());
        Ok(())
    }

    /// Writes an entry and what is to be printed with it, or nothing.
    ///
    /// # Errors
    /// The database refused: the disk is full, for one.
    pub fn append(&mut self, text: &str, print: Option<&Print>) -> Result<u64, SpoolError> {
        let (number, previous) = (self.newest.0 + 1, self.newest.1.clone());
        let hashed = Entry::hashed(number, &previous, text);
        let hash = digest(&SHA256, &hashed);
        let signature = HEXLOWER.encode(self.key.sign(hash.as_ref()).as_ref());
        let hash = HEXLOWER.encode(hash.as_ref());
        let newest = (number, hash.clone());
        let turn = self.db.transaction()?;
        turn.execute(
            "INSERT INTO entries (number, previous, text, hash, signature) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![number.cast_signed(), previous, self.seal.seal(&entry_place(number.cast_signed()), text)?, hash, signature],
        )?;
        turn.execute(KEEP, params!["newest", sealed(&self.seal, "known.newest", &newest)?])?;
        if let Some(print) = print {
            turn.execute(
                "INSERT INTO prints (job_id, ticket_id, slip, state) VALUES (?1, ?2, ?3, 'waiting')",
                params![print.job_id, print.ticket_id, sealed(&self.seal, &slip_place(&print.job_id), &print.slip)?],
            )?;
        }
        turn.commit()?;
        self.newest = newest;
        Ok(number)
    }

    /// Entries behind a number, in order, at most `limit`; those that were taken too.
    ///
    /// # Errors
    /// The database refused.
    pub fn entries_after(&self, number: u64, limit: u32) -> Result<Vec<Entry>, SpoolError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT number, previous, text, hash, signature FROM entries WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let rows = statement.query_map(params![number.cast_signed(), limit], |row| {
            Ok(Entry {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                previous: row.get(1)?,
                text: row.get(2)?,
                hash: row.get(3)?,
                signature: row.get(4)?,
            })
        })?;
        let unsealed = |entry: rusqlite::Result<Entry>| {
            let entry = entry?;
            Ok(Entry { text: self.seal.unseal(&entry_place(entry.number.cast_signed()), entry.text)?, ..entry })
        };
        rows.map(unsealed).collect()
    }

    /// How many entries the server has not taken.
    ///
    /// # Errors
    /// The database refused.
    pub fn unsent(&self) -> Result<u64, SpoolError> {
        let count: i64 = self.db.query_row("SELECT COUNT(*) FROM entries WHERE taken = 0", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The server has everything up to a number. It stays here until the hall was told anew.
    ///
    /// # Errors
    /// The database refused.
    pub fn taken(&self, through: u64) -> Result<(), SpoolError> {
        self.db.execute("UPDATE entries SET taken = 1 WHERE number <= ?1 AND taken = 0", [through.cast_signed()])?;
        Ok(())
    }

    /// Forgets the entries that the server has.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget_taken(&self) -> Result<(), SpoolError> {
        self.db.execute("DELETE FROM entries WHERE taken = 1", [])?;
        Ok(())
    }

    /// Takes over the hall as it was told, in the place of all that led to the one before.
    ///
    /// # Errors
    /// The database refused.
    pub fn begin_hall(&mut self, hall: &impl Serialize) -> Result<(), SpoolError> {
        let turn = self.db.transaction()?;
        turn.execute(KEEP, params!["hall", sealed(&self.seal, "known.hall", hall)?])?;
        turn.execute("DELETE FROM followed", [])?;
        turn.execute("DELETE FROM entries WHERE taken = 1", [])?;
        turn.execute("DELETE FROM prints WHERE state = 'printed'", [])?;
        turn.commit()?;
        Ok(())
    }

    /// Tries whether the disk takes an entry: one before the first, that is taken away again. To write a row over would
    /// need no room.
    ///
    /// # Errors
    /// It does not.
    pub fn try_the_disk(&self) -> Result<(), SpoolError> {
        let text = " ".repeat(TRIAL_BYTES);
        // Whole in itself and nobody's to send, so that one which a dying machine leaves does no harm.
        self.db.execute(
            "INSERT OR REPLACE INTO entries (number, previous, text, hash, signature, taken) VALUES (0, '', ?1, ?2, '', 1)",
            params![self.seal.seal(&entry_place(0), &text)?, sha256_hex(&Entry::hashed(0, "", &text))],
        )?;
        self.db.execute("DELETE FROM entries WHERE number = 0", [])?;
        Ok(())
    }

    /// Writes what was heard of the hall since.
    ///
    /// # Errors
    /// The database refused.
    pub fn follow(&self, from_version: u64, events: &impl Serialize) -> Result<(), SpoolError> {
        let json = sealed(&self.seal, &format!("followed.{from_version}"), events)?;
        self.db.execute(
            "INSERT INTO followed (version, json) VALUES (?1, ?2) ON CONFLICT (version) DO UPDATE SET json = excluded.json",
            params![from_version.cast_signed(), json],
        )?;
        Ok(())
    }

    /// What was heard since the hall was told, in order.
    ///
    /// # Errors
    /// The database refused, or a row is unreadable.
    pub fn followed<T: DeserializeOwned>(&self) -> Result<Vec<T>, SpoolError> {
        let mut statement = self.db.prepare_cached("SELECT version, json FROM followed ORDER BY version")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<(i64, String)>, _>>()?;
        let unsealed = |(version, kept)| Ok(serde_json::from_str(&self.seal.unseal(&format!("followed.{version}"), kept)?)?);
        rows.into_iter().map(unsealed).collect()
    }

    /// Keeps a value under a name.
    ///
    /// # Errors
    /// The database refused.
    pub fn keep<T: Serialize>(&self, key: &str, value: &T) -> Result<(), SpoolError> {
        self.db.execute(KEEP, params![key, sealed(&self.seal, &format!("known.{key}"), value)?])?;
        Ok(())
    }

    /// What was kept under a name; what this version does not understand is as good as nothing.
    ///
    /// # Errors
    /// The database refused.
    pub fn known<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SpoolError> {
        let kept: Option<String> = self.db.query_row("SELECT json FROM known WHERE key = ?1", [key], |row| row.get(0)).optional()?;
        let Some(kept) = kept else { return Ok(None) };
        Ok(serde_json::from_str(&self.seal.unseal(&format!("known.{key}"), kept)?).ok())
    }
}

pub(super) fn entry_place(number: i64) -> String {
    format!("entries.text.{number}")
}

pub(super) fn sealed(seal: &Seal, place: &str, value: &impl Serialize) -> Result<String, SpoolError> {
    seal.seal(place, &serde_json::to_string(value)?)
}

const KEEP: &str = "INSERT INTO known (key, json) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json = excluded.json";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its journal has failed")]
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    fn open(folder: &Path) -> (Journal, bool) {
        Journal::open(folder, Seal::in_folder(folder).unwrap()).unwrap()
    }

    #[test]
    fn entries_are_numbered_chained_and_signed_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let key = {
            let (mut journal, was_damaged) = open(folder.path());
            assert!(!was_damaged);
            assert_eq!(journal.append("one", None).unwrap(), 1);
            journal.public_key()
        };
        let (mut journal, _) = open(folder.path());
        assert_eq!(journal.public_key(), key);
        assert_eq!(journal.append("two", None).unwrap(), 2);
        let entries = journal.entries_after(0, 10).unwrap();
        assert_eq!(entries[0].previous, FIRST_HASH);
        assert_eq!(entries[1].previous, entries[0].hash);
        for entry in &entries {
            let hash = digest(&SHA256, &Entry::hashed(entry.number, &entry.previous, &entry.text));
            assert_eq!(HEXLOWER.encode(hash.as_ref()), entry.hash);
            let key = UnparsedPublicKey::new(&ED25519, HEXLOWER.decode(key.as_bytes()).unwrap());
            key.verify(hash.as_ref(), &HEXLOWER.decode(entry.signature.as_bytes()).unwrap()).unwrap();
        }
        journal.taken(1).unwrap();
        assert_eq!(journal.unsent().unwrap(), 1);
        journal.begin_hall(&"hall").unwrap();
        assert_eq!(journal.entries_after(0, 10).unwrap().len(), 1, "what was taken goes with the new hall");
    }

    #[test]
    fn a_damaged_journal_is_put_aside_and_the_key_stays() {
        let folder = tempfile::tempdir().unwrap();
        let key = {
            let (mut journal, _) = open(folder.path());
            journal.append("one", None).unwrap();
            journal.db.execute("UPDATE entries SET text = 'another'", []).unwrap();
            assert!(journal.entries_after(0, 9).is_ok_and(|entries| entries[0].text == "another"));
            journal.public_key()
        };
        let (mut journal, was_damaged) = open(folder.path());
        assert!(was_damaged);
        assert_eq!((journal.public_key(), journal.newest()), (key, 0));
        journal.go_on_behind(7).unwrap();
        assert_eq!(journal.append("eight", None).unwrap(), 8);
        assert!(folder.path().join("keeper.db.damaged-1").exists());
    }

    #[test]
    fn another_key_puts_nothing_aside() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).0.append("one", None).unwrap();
        let other = Seal::open(&folder.path().join("other.key")).unwrap();
        assert!(matches!(Journal::open(folder.path(), other), Err(SpoolError::WrongKey(_))));
        let (journal, was_damaged) = open(folder.path());
        assert!(!was_damaged);
        assert_eq!(journal.entries_after(0, 9).unwrap()[0].text, "one");
    }
}
