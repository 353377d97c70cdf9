//! What a device keeps over a restart: its token, the last known configuration and the commands
//! whose end it does not know. One SQLite file, `synchronous=FULL`; the texts in it are sealed.
//!
//! The calls block for one small write, also on an async task: a device serves one person at a time.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::device::DeviceCommand;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::damage::{SealedColumn, open_kept};
use crate::seal::Seal;
use crate::token::Token;

/// File of the spool inside the data folder.
pub const SPOOL_FILE: &str = "spool.db";
/// How long another connection to the same file may hold it, in milliseconds.
const BUSY_MS_MAX: u64 = 5_000;

/// The schema, one step for each `user_version`.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE pairing (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        device_id TEXT,
        token TEXT NOT NULL
    ) STRICT;
    CREATE TABLE known (
        key TEXT PRIMARY KEY,
        json TEXT NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE commands (
        key TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('unsent', 'sent', 'left', 'answered', 'late')),
        status INTEGER,
        reply TEXT,
        at_ms INTEGER NOT NULL
    ) STRICT;
"];

/// Tables that are worth taking over from a damaged spool.
const TABLES: &[&str] = &["pairing", "known", "commands"];
/// What is sealed in them.
const SEALED: &[SealedColumn] = &[
    SealedColumn { table: "pairing", place: "'pairing.token'", column: "token" },
    SealedColumn { table: "known", place: "'known.' || key", column: "json" },
    SealedColumn { table: "commands", place: "'commands.body.' || key", column: "body" },
    SealedColumn { table: "commands", place: "'commands.reply.' || key", column: "reply" },
];

/// The spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The database refused.
    #[error("设备存档读写失败：{0}")]
    Database(#[from] rusqlite::Error),
    /// The folder cannot be made.
    #[error("设备数据目录不能用：{0}")]
    Folder(#[from] std::io::Error),
    /// A row is not what this program wrote.
    #[error("设备存档内容读不懂：{0}")]
    Content(#[from] serde_json::Error),
    /// The file is not what SQLite or this program wrote.
    #[error("设备存档坏了：{0}")]
    Damaged(String),
    /// A value was altered, or moved from another place.
    #[error("设备存档里有一处被改动过，解不开")]
    Sealed,
    /// The data were sealed with another key, or the file holds none.
    #[error("设备存档的钥匙不对：{0}。用原来的钥匙文件，或清空设备数据目录重新配对")]
    WrongKey(PathBuf),
    /// Written by a newer program.
    #[error("设备存档的版本是 {found}，本程序只到 {known}")]
    Newer {
        /// Version of the file.
        found: usize,
        /// Newest version of this program.
        known: usize,
    },
}

/// Who the device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Its id, known after pairing by code.
    pub device_id: Option<String>,
    /// Its token.
    pub token: Token,
}

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandState {
    /// Never given to the line: certainly without effect.
    Unsent,
    /// Given to the line, its citizen waits.
    Sent,
    /// Given to the line, its citizen was told that the end is not known.
    Left,
    /// Answered.
    Answered,
    /// Answered after its citizen was told that the end is not known.
    Late,
}

impl CommandState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Sent => "sent",
            Self::Left => "left",
            Self::Answered => "answered",
            Self::Late => "late",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Unsent, Self::Sent, Self::Left, Self::Answered, Self::Late].into_iter().find(|state| state.as_str() == text)
    }
}

/// A reply as the server gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The object or a problem document.
    pub body: serde_json::Value,
    /// The first outcome given again.
    pub replayed: bool,
}

/// A command in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Journaled {
    /// Idempotency key.
    pub key: String,
    /// What is wanted.
    pub command: DeviceCommand,
    /// How far it is.
    pub state: CommandState,
    /// The answer, if there is one.
    pub reply: Option<Reply>,
    /// When it was written, UTC milliseconds.
    pub at_ms: i64,
}

/// The spool; clones share one connection.
#[derive(Debug, Clone)]
pub struct Spool {
    db: Arc<Mutex<Connection>>,
    seal: Seal,
    was_damaged: bool,
}

impl Spool {
    /// Opens the spool of a data folder with the key that lies in it, making what is missing.
    ///
    /// # Errors
    /// As [`Self::open_sealed`].
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        Self::open_sealed(folder, Seal::in_folder(folder)?)
    }

    /// Opens the spool of an existing data folder, making it where it is missing. One that is damaged is put aside and
    /// kept; the new one begins with what can still be read of it.
    ///
    /// # Errors
    /// The file cannot be used, a newer program wrote it, or it was sealed with another key.
    pub fn open_sealed(folder: &Path, seal: Seal) -> Result<Self, SpoolError> {
        let (connection, was_damaged) = open_kept(&folder.join(SPOOL_FILE), &seal, MIGRATIONS, TABLES, SEALED)?;
        Ok(Self { db: Arc::new(Mutex::new(connection)), seal, was_damaged })
    }

    /// Whether the spool was damaged when this program opened it.
    #[must_use]
    pub fn was_damaged(&self) -> bool {
        self.was_damaged
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who the device is; `None` before pairing and after a revocation.
    ///
    /// # Errors
    /// The database refused.
    pub fn pairing(&self) -> Result<Option<Pairing>, SpoolError> {
        let row: Option<(Option<String>, String)> =
            self.db().query_row("SELECT device_id, token FROM pairing", [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((device_id, token)) = row else { return Ok(None) };
        Ok(Some(Pairing { device_id, token: Token::new(self.seal.unseal("pairing.token", token)?) }))
    }

    /// Keeps who the device is.
    ///
    /// # Errors
    /// The database refused.
    pub fn pair(&self, pairing: &Pairing) -> Result<(), SpoolError> {
        self.db().execute(
            "INSERT INTO pairing (only, device_id, token) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET device_id = excluded.device_id, token = excluded.token",
            params![pairing.device_id, self.seal.seal("pairing.token", pairing.token.reveal())?],
        )?;
        Ok(())
    }

    /// Forgets the token and everything learnt under it; the journal of commands goes too, because
    /// its keys belong to the token.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget(&self) -> Result<(), SpoolError> {
        self.db().execute_batch("BEGIN IMMEDIATE; DELETE FROM pairing; DELETE FROM known; DELETE FROM commands; COMMIT")?;
        Ok(())
    }

    /// Keeps what was last known under a key.
    ///
    /// # Errors
    /// The database refused.
    pub fn keep<T: Serialize>(&self, key: &str, value: &T, at_ms: i64) -> Result<(), SpoolError> {
        let json = self.seal.seal(&format!("known.{key}"), &serde_json::to_string(value)?)?;
        self.db().execute(
            "INSERT INTO known (key, json, at_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET json = excluded.json, at_ms = excluded.at_ms",
            params![key, json, at_ms],
        )?;
        Ok(())
    }

    /// What was last known under a key, and when (UTC milliseconds). A value that this version
    /// does not understand is as good as none: the server sends it again.
    ///
    /// # Errors
    /// The database refused.
    pub fn known<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(T, i64)>, SpoolError> {
        let row: Option<(String, i64)> =
            self.db().query_row("SELECT json, at_ms FROM known WHERE key = ?1", [key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((kept, at_ms)) = row else { return Ok(None) };
        let json = self.seal.unseal(&format!("known.{key}"), kept)?;
        Ok(serde_json::from_str(&json).ok().map(|value| (value, at_ms)))
    }

    /// Writes a command as [`CommandState::Unsent`] unless its key is there already; gives the row
    /// as it stands.
    ///
    /// # Errors
    /// The database refused.
    pub fn begin_command(&self, key: &str, command: &DeviceCommand, at_ms: i64) -> Result<Journaled, SpoolError> {
        let body = self.seal.seal(&format!("commands.body.{key}"), &serde_json::to_string(command)?)?;
        let db = self.db();
        db.execute(
            "INSERT INTO commands (key, body, state, at_ms) VALUES (?1, ?2, 'unsent', ?3) ON CONFLICT (key) DO NOTHING",
            params![key, body, at_ms],
        )?;
        let row = db.query_row("SELECT key, body, state, status, reply, at_ms FROM commands WHERE key = ?1", [key], RawCommand::of)?;
        row.journaled(&self.seal)
    }

    /// Notes how far a command is; nothing happens when the key is unknown.
    ///
    /// # Errors
    /// The database refused.
    pub fn mark_command(&self, key: &str, state: CommandState) -> Result<(), SpoolError> {
        self.db().execute("UPDATE commands SET state = ?2 WHERE key = ?1", params![key, state.as_str()])?;
        Ok(())
    }

    /// Keeps the answer to a command.
    ///
    /// # Errors
    /// The database refused.
    pub fn answer_command(&self, key: &str, reply: &Reply, state: CommandState) -> Result<(), SpoolError> {
        let body = self.seal.seal(&format!("commands.reply.{key}"), &serde_json::to_string(&reply.body)?)?;
        self.db().execute(
            "UPDATE commands SET state = ?2, status = ?3, reply = ?4 WHERE key = ?1",
            params![key, state.as_str(), reply.status, body],
        )?;
        Ok(())
    }

    /// Drops a command that has no effect.
    ///
    /// # Errors
    /// The database refused.
    pub fn drop_command(&self, key: &str) -> Result<(), SpoolError> {
        self.db().execute("DELETE FROM commands WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Drops every command written before `before_ms` (UTC milliseconds).
    ///
    /// # Errors
    /// The database refused.
    pub fn drop_commands_before(&self, before_ms: i64) -> Result<(), SpoolError> {
        self.db().execute("DELETE FROM commands WHERE at_ms < ?1", [before_ms])?;
        Ok(())
    }

    /// One command.
    ///
    /// # Errors
    /// The database refused.
    pub fn command(&self, key: &str) -> Result<Option<Journaled>, SpoolError> {
        let row = self
            .db()
            .query_row("SELECT key, body, state, status, reply, at_ms FROM commands WHERE key = ?1", [key], RawCommand::of)
            .optional()?;
        row.map(|row| row.journaled(&self.seal)).transpose()
    }

    /// Every command in the journal, oldest first.
    ///
    /// # Errors
    /// The database refused.
    pub fn commands(&self) -> Result<Vec<Journaled>, SpoolError> {
        let db = self.db();
        let mut statement = db.prepare_cached("SELECT key, body, state, status, reply, at_ms FROM commands ORDER BY at_ms, key")?;
        let rows = statement.query_map([], RawCommand::of)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|row| row.journaled(&self.seal)).collect()
    }
}

struct RawCommand {
    key: String,
    body: String,
    state: String,
    status: Option<u16>,
    reply: Option<String>,
    at_ms: i64,
}

impl RawCommand {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            body: row.get("body")?,
            state: row.get("state")?,
            status: row.get("status")?,
            reply: row.get("reply")?,
            at_ms: row.get("at_ms")?,
        })
    }

    fn journaled(self, seal: &Seal) -> Result<Journaled, SpoolError> {
        let reply = match (self.status, self.reply) {
            (Some(status), Some(kept)) => {
                let body = seal.unseal(&format!("commands.reply.{}", self.key), kept)?;
                Some(Reply { status, body: serde_json::from_str(&body)?, replayed: true })
            }
            _ => None,
        };
        let command = seal.unseal(&format!("commands.body.{}", self.key), self.body)?;
        Ok(Journaled {
            command: serde_json::from_str(&command)?,
            state: CommandState::of(&self.state).unwrap_or(CommandState::Left),
            key: self.key,
            reply,
            at_ms: self.at_ms,
        })
    }
}

/// Opens a database of a device so that what was committed survives a power cut.
///
/// # Errors
/// The database refused.
pub fn open_database(file: &Path) -> Result<Connection, SpoolError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS_MAX))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Brings a database to the newest of its migrations, each in its own transaction.
///
/// # Errors
/// The database refused, or a newer program wrote it.
pub fn migrate(connection: &Connection, migrations: &[&str]) -> Result<(), SpoolError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = usize::try_from(version).unwrap_or(usize::MAX);
    if found > migrations.len() {
        return Err(SpoolError::Newer { found, known: migrations.len() });
    }
    for (before, migration) in migrations.iter().enumerate().skip(found) {
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {migration}; PRAGMA user_version = {}; COMMIT", before + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its spool has failed")]
    use serde_json::json;

    use super::*;

    fn issue(line: &str) -> DeviceCommand {
        DeviceCommand::IssueTicket {
            line_id: Some(line.to_owned()),
            matter_ids: None,
            priority: None,
            holder: None,
            phone: None,
            no_slip: false,
        }
    }

    #[test]
    fn what_was_kept_is_there_after_a_restart_and_gone_after_forgetting() {
        let folder = tempfile::tempdir().unwrap();
        let pairing = Pairing { device_id: Some("d_dc_1".into()), token: Token::new("secret") };
        {
            let spool = Spool::open(folder.path()).unwrap();
            assert_eq!(spool.pairing().unwrap(), None);
            spool.pair(&pairing).unwrap();
            spool.keep("lines", &json!(["a"]), 5).unwrap();
            spool.keep("lines", &json!(["b"]), 6).unwrap();
        }
        let spool = Spool::open(folder.path()).unwrap();
        assert_eq!(spool.pairing().unwrap(), Some(pairing));
        assert_eq!(spool.known::<Vec<String>>("lines").unwrap(), Some((vec!["b".to_owned()], 6)));
        assert_eq!(spool.known::<u64>("lines").unwrap(), None, "another shape is as good as none");
        let level: i64 = spool.db().pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!(level, 2, "FULL");
        spool.forget().unwrap();
        assert_eq!(spool.pairing().unwrap(), None);
        assert_eq!(spool.known::<Vec<String>>("lines").unwrap(), None);
    }

    #[test]
    fn a_key_is_written_once_and_keeps_its_first_command() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        let first = spool.begin_command("k", &issue("l1"), 1).unwrap();
        assert_eq!((first.state, first.reply), (CommandState::Unsent, None));
        let reply = Reply { status: 201, body: json!({"number": "A001"}), replayed: false };
        spool.answer_command("k", &reply, CommandState::Answered).unwrap();
        let again = spool.begin_command("k", &issue("l2"), 2).unwrap();
        assert_eq!(again.command, issue("l1"));
        assert_eq!(again.reply, Some(Reply { replayed: true, ..reply }));
        assert_eq!(spool.commands().unwrap().len(), 1);
        spool.drop_commands_before(2).unwrap();
        assert!(spool.commands().unwrap().is_empty());
    }

    #[test]
    fn nothing_of_it_stands_on_the_disk_in_plain_letters() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.pair(&Pairing { device_id: None, token: Token::new("secret-token") }).unwrap();
        spool.keep("lines", &json!(["综合窗口"]), 5).unwrap();
        spool.begin_command("k", &issue("l_dc_plain"), 1).unwrap();
        let reply = Reply { status: 201, body: json!({"number": "A001-plain"}), replayed: false };
        spool.answer_command("k", &reply, CommandState::Answered).unwrap();
        drop(spool);
        let written: Vec<u8> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SPOOL_FILE)))
            .flat_map(|path| std::fs::read(path).unwrap())
            .collect();
        assert!(written.len() > 4_096);
        for word in ["secret-token", "综合窗口", "l_dc_plain", "A001-plain"] {
            assert!(!written.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(SPOOL_FILE);
        open_database(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Spool::open(folder.path()), Err(SpoolError::Newer { found: 99, .. })));
    }

    #[test]
    fn a_damaged_spool_is_put_aside_and_what_can_be_read_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let pairing = Pairing { device_id: Some("d_dc_1".into()), token: Token::new("secret") };
        {
            let spool = Spool::open(folder.path()).unwrap();
            assert!(!spool.was_damaged());
            spool.pair(&pairing).unwrap();
            spool.begin_command("k1", &issue("l1"), 1).unwrap();
            spool.begin_command("k2", &issue("l2"), 2).unwrap();
            spool.db().execute("UPDATE commands SET body = substr(body, 1, 40) WHERE key = 'k1'", []).unwrap();
        }
        {
            let spool = Spool::open(folder.path()).unwrap();
            assert!(spool.was_damaged());
            assert_eq!(spool.pairing().unwrap(), Some(pairing), "the device stays who it was");
            assert_eq!(spool.commands().unwrap().iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["k2"]);
            assert!(folder.path().join("spool.db.damaged-1").exists());
        }
        assert!(!Spool::open(folder.path()).unwrap().was_damaged(), "told once");
        std::fs::write(folder.path().join(SPOOL_FILE), b"what a broken disk gives back, and no database at all").unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        assert!(spool.was_damaged());
        assert_eq!(spool.pairing().unwrap(), None, "nothing of it can be read: the device is paired anew");
        assert!(folder.path().join("spool.db.damaged-2").exists());
    }
}
