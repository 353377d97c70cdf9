//! The jobs of a printer over restarts and power cuts: one SQLite file, `synchronous=FULL`.
//!
//! A job is taken once whatever the server sends twice; its slip is dropped when it is on paper, its id stays
//! for [`REMEMBER_MS`]. The calls block for one small write, also on an async task.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use edge::damage::{SealedColumn, open_kept};
use edge::seal::Seal;
use edge::spool::SpoolError;
use protocol::slip::{PaperUse, Slip};
use rusqlite::{Connection, OptionalExtension, params};

/// File of the jobs inside the data folder.
pub const JOBS_FILE: &str = "jobs.db";
/// How long the id of a printed job is known, in milliseconds: as long as the server remembers a device's keys (60 days).
pub const REMEMBER_MS: i64 = 60 * 24 * 3_600_000;

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE jobs (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        job_id TEXT NOT NULL UNIQUE,
        slip TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'printed')),
        attempts_unknown INTEGER NOT NULL DEFAULT 0,
        fragment INTEGER NOT NULL DEFAULT 0,
        received_ms INTEGER NOT NULL,
        printed_ms INTEGER,
        reported_ms INTEGER
    ) STRICT;
    CREATE INDEX jobs_open ON jobs (position) WHERE state <> 'printed';
",
    "
    CREATE TABLE paper_days (day INTEGER PRIMARY KEY, used_mm INTEGER NOT NULL) STRICT;
    CREATE TABLE paper_rolls (changed_ms INTEGER PRIMARY KEY, used_mm INTEGER NOT NULL DEFAULT 0) STRICT;
",
];
/// Tables that are worth taking over from damaged jobs: what is on paper must not be printed again.
const TABLES: &[&str] = &["jobs", "paper_days", "paper_rolls"];
/// What is sealed in them.
const SEALED: &[SealedColumn] = &[SealedColumn { table: "jobs", place: "'jobs.slip.' || job_id", column: "slip" }];
/// Days whose paper gives the mean.
const MEAN_DAYS: u32 = 7;
/// Length of a day, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;
/// Legal time is UTC+08:00 all year.
const LEGAL_TIME_MS: i64 = 8 * 3_600_000;

/// A job that is not on paper yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenJob {
    /// The server's id.
    pub job_id: String,
    /// What to print.
    pub slip: Slip,
    /// An attempt was begun and its end was not written down: the program stopped meanwhile.
    pub sending: bool,
    /// Attempts whose end is not known.
    pub attempts_unknown: u32,
    /// The last of them stopped in the middle.
    pub fragment: bool,
}

/// A job on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedJob {
    /// The server's id.
    pub job_id: String,
    /// Attempts before the last whose end is not known.
    pub attempts_unknown: u32,
}

/// The jobs; clones share one connection.
#[derive(Debug, Clone)]
pub struct JobSpool {
    db: Arc<Mutex<Connection>>,
    seal: Seal,
    was_damaged: bool,
}

impl JobSpool {
    /// Opens the jobs of a data folder with the key that lies in it, making what is missing.
    ///
    /// # Errors
    /// As [`Self::open_sealed`].
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        Self::open_sealed(folder, Seal::in_folder(folder)?)
    }

    /// Opens the jobs of an existing data folder. Jobs that are damaged are put aside and kept; the server sends again
    /// what can not be read any more.
    ///
    /// # Errors
    /// The file cannot be used, a newer program wrote it, or it was sealed with another key.
    pub fn open_sealed(folder: &Path, seal: Seal) -> Result<Self, SpoolError> {
        let (connection, was_damaged) = open_kept(&folder.join(JOBS_FILE), &seal, MIGRATIONS, TABLES, SEALED)?;
        Ok(Self { db: Arc::new(Mutex::new(connection)), seal, was_damaged })
    }

    /// Whether the jobs were damaged when this program opened them.
    #[must_use]
    pub fn was_damaged(&self) -> bool {
        self.was_damaged
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job unless it was taken before; says whether it is new. On return it survives a power cut.
    ///
    /// # Errors
    /// The database refused.
    pub fn take(&self, job_id: &str, slip: &Slip, now_ms: i64) -> Result<bool, SpoolError> {
        let slip = self.seal.seal(&format!("jobs.slip.{job_id}"), &serde_json::to_string(slip)?)?;
        let added = self.db().execute(
            "INSERT INTO jobs (job_id, slip, state, received_ms) VALUES (?1, ?2, 'queued', ?3) ON CONFLICT (job_id) DO NOTHING",
            params![job_id, slip, now_ms],
        )?;
        Ok(added > 0)
    }

    /// The oldest job that is not on paper. One whose slip this version does not understand is passed over; the
    /// next version may print it.
    ///
    /// # Errors
    /// The database refused.
    pub fn next(&self) -> Result<Option<OpenJob>, SpoolError> {
        let db = self.db();
        let mut statement = db.prepare_cached(
            "SELECT job_id, slip, state, attempts_unknown, fragment FROM jobs WHERE state <> 'printed' ORDER BY position",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (job_id, slip): (String, String) = (row.get("job_id")?, row.get("slip")?);
            let readable = self.seal.unseal(&format!("jobs.slip.{job_id}"), slip).and_then(|slip| Ok(serde_json::from_str(&slip)?));
            let Ok(slip) = readable else {
                tracing::error!(job_id, "the slip of a job cannot be read");
                continue;
            };
            let state: String = row.get("state")?;
            return Ok(Some(OpenJob {
                job_id,
                slip,
                sending: state == "sending",
                attempts_unknown: row.get("attempts_unknown")?,
                fragment: row.get("fragment")?,
            }));
        }
        Ok(None)
    }

    /// How many jobs are not on paper.
    ///
    /// # Errors
    /// The database refused.
    pub fn open_jobs(&self) -> Result<u32, SpoolError> {
        Ok(self.db().query_row("SELECT count(*) FROM jobs WHERE state <> 'printed'", [], |row| row.get(0))?)
    }

    /// Notes that bytes of a job are about to leave: from here on its end may become unknown.
    ///
    /// # Errors
    /// The database refused.
    pub fn begin(&self, job_id: &str) -> Result<(), SpoolError> {
        self.db().execute("UPDATE jobs SET state = 'sending' WHERE job_id = ?1 AND state <> 'printed'", [job_id])?;
        Ok(())
    }

    /// Notes that nothing of a job left.
    ///
    /// # Errors
    /// The database refused.
    pub fn give_back(&self, job_id: &str) -> Result<(), SpoolError> {
        self.db().execute("UPDATE jobs SET state = 'queued' WHERE job_id = ?1 AND state = 'sending'", [job_id])?;
        Ok(())
    }

    /// Notes that the end of an attempt is not known.
    ///
    /// # Errors
    /// The database refused.
    pub fn end_unknown(&self, job_id: &str, fragment: bool) -> Result<(), SpoolError> {
        self.db().execute(
            "UPDATE jobs SET state = 'queued', attempts_unknown = attempts_unknown + 1, fragment = ?2
             WHERE job_id = ?1 AND state = 'sending'",
            params![job_id, fragment],
        )?;
        Ok(())
    }

    /// Notes that a job is on paper and drops its slip.
    ///
    /// # Errors
    /// The database refused.
    pub fn end_printed(&self, job_id: &str, now_ms: i64) -> Result<(), SpoolError> {
        self.db().execute(
            "UPDATE jobs SET state = 'printed', slip = '', printed_ms = ?2 WHERE job_id = ?1 AND state <> 'printed'",
            params![job_id, now_ms],
        )?;
        Ok(())
    }

    /// Notes that so much paper came out.
    ///
    /// # Errors
    /// The database refused.
    pub fn paper_used(&self, used_mm: u32, now_ms: i64) -> Result<(), SpoolError> {
        let db = self.db();
        db.execute(
            "INSERT INTO paper_days (day, used_mm) VALUES (?1, ?2) ON CONFLICT (day) DO UPDATE SET used_mm = used_mm + excluded.used_mm",
            params![day_of(now_ms), used_mm],
        )?;
        db.execute(
            "UPDATE paper_rolls SET used_mm = used_mm + ?1 WHERE changed_ms = (SELECT max(changed_ms) FROM paper_rolls)",
            [used_mm],
        )?;
        Ok(())
    }

    /// Notes that a new roll was put in.
    ///
    /// # Errors
    /// The database refused.
    pub fn roll_changed(&self, now_ms: i64) -> Result<(), SpoolError> {
        self.db().execute("INSERT INTO paper_rolls (changed_ms) VALUES (?1) ON CONFLICT (changed_ms) DO NOTHING", [now_ms])?;
        Ok(())
    }

    /// How much paper was used.
    ///
    /// # Errors
    /// The database refused.
    pub fn paper_use(&self, now_ms: i64) -> Result<PaperUse, SpoolError> {
        let db = self.db();
        let today = day_of(now_ms);
        let of_today: Option<u32> = db.query_row("SELECT used_mm FROM paper_days WHERE day = ?1", [today], |row| row.get(0)).optional()?;
        let mean_day_mm: Option<f64> = db.query_row(
            "SELECT avg(used_mm) FROM (SELECT used_mm FROM paper_days WHERE day < ?1 AND used_mm > 0 ORDER BY day DESC LIMIT ?2)",
            params![today, MEAN_DAYS],
            |row| row.get(0),
        )?;
        let since_roll: Option<u32> =
            db.query_row("SELECT used_mm FROM paper_rolls ORDER BY changed_ms DESC LIMIT 1", [], |row| row.get(0)).optional()?;
        let rolls_changed = db.query_row("SELECT count(*) FROM paper_rolls", [], |row| row.get(0))?;
        Ok(PaperUse {
            today_mm: of_today.unwrap_or(0),
            mean_day_mm: mean_day_mm.map(|mean| mean.round() as u32),
            since_roll_mm: since_roll,
            rolls_changed,
        })
    }

    /// Jobs on paper of which the server was not told, or was told at or after `since_ms` (UTC milliseconds),
    /// when the line may have been cut already.
    ///
    /// # Errors
    /// The database refused.
    pub fn to_report(&self, since_ms: i64) -> Result<Vec<PrintedJob>, SpoolError> {
        let db = self.db();
        let mut statement = db.prepare_cached(
            "SELECT job_id, attempts_unknown FROM jobs
             WHERE state = 'printed' AND (reported_ms IS NULL OR reported_ms >= ?1) ORDER BY position",
        )?;
        let rows = statement
            .query_map([since_ms], |row| Ok(PrintedJob { job_id: row.get("job_id")?, attempts_unknown: row.get("attempts_unknown")? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that the server was told.
    ///
    /// # Errors
    /// The database refused.
    pub fn reported(&self, job_id: &str, now_ms: i64) -> Result<(), SpoolError> {
        self.db().execute("UPDATE jobs SET reported_ms = ?2 WHERE job_id = ?1 AND state = 'printed'", params![job_id, now_ms])?;
        Ok(())
    }

    /// Notes that the server does not know the end of a job, if it is on paper.
    ///
    /// # Errors
    /// The database refused.
    pub fn report_again(&self, job_id: &str) -> Result<(), SpoolError> {
        self.db().execute("UPDATE jobs SET reported_ms = NULL WHERE job_id = ?1 AND state = 'printed'", [job_id])?;
        Ok(())
    }

    /// When the server was last told of a job, UTC milliseconds.
    ///
    /// # Errors
    /// The database refused.
    pub fn last_reported_ms(&self) -> Result<Option<i64>, SpoolError> {
        Ok(self.db().query_row("SELECT max(reported_ms) FROM jobs", [], |row| row.get(0)).optional()?.flatten())
    }

    /// Forgets jobs that were printed and told longer than [`REMEMBER_MS`] ago.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget_old(&self, now_ms: i64) -> Result<(), SpoolError> {
        self.db()
            .execute("DELETE FROM jobs WHERE state = 'printed' AND reported_ms IS NOT NULL AND printed_ms < ?1", [now_ms - REMEMBER_MS])?;
        Ok(())
    }
}

/// Number of the day in legal time.
fn day_of(now_ms: i64) -> i64 {
    (now_ms + LEGAL_TIME_MS).div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "test")]
    use super::*;

    /// 2026-11-24 10:26 in Beijing.
    const NOW_MS: i64 = 1_795_487_160_000;

    #[test]
    fn paper_is_counted_by_day_and_by_roll_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let spool = JobSpool::open(folder.path()).unwrap();
        assert_eq!(spool.paper_use(NOW_MS).unwrap(), PaperUse::default());
        for (days_ago, used_mm) in [(9, 9_000), (3, 1_000), (1, 2_001)] {
            spool.paper_used(used_mm, NOW_MS - days_ago * DAY_MS).unwrap();
        }
        spool.roll_changed(NOW_MS).unwrap();
        spool.paper_used(119, NOW_MS).unwrap();
        spool.paper_used(120, NOW_MS + 1_000).unwrap();
        drop(spool);
        let spool = JobSpool::open(folder.path()).unwrap();
        let paper = PaperUse { today_mm: 239, mean_day_mm: Some(4_000), since_roll_mm: Some(239), rolls_changed: 1 };
        assert_eq!(spool.paper_use(NOW_MS).unwrap(), paper);
        // Midnight is Beijing's: 16:00 UTC.
        let midnight_ms = 1_795_536_000_000;
        assert_eq!(spool.paper_use(midnight_ms - 1).unwrap().today_mm, 239);
        assert_eq!(spool.paper_use(midnight_ms).unwrap().today_mm, 0);
    }

    #[test]
    fn damaged_jobs_are_put_aside_and_what_is_on_paper_is_not_printed_again() {
        let folder = tempfile::tempdir().unwrap();
        let receipt =
            serde_json::json!({ "type": "document", "kind": "material_receipt", "hall_name": "大厅", "title": "凭证", "issued_at_ms": 0 });
        let slip: Slip = serde_json::from_value(receipt).unwrap();
        {
            let spool = JobSpool::open(folder.path()).unwrap();
            for job in ["j1", "j2", "j3"] {
                spool.take(job, &slip, NOW_MS).unwrap();
            }
            spool.db().execute("UPDATE jobs SET state = 'printed', slip = '' WHERE job_id = 'j1'", []).unwrap();
            spool.db().execute("UPDATE jobs SET slip = substr(slip, 1, 40) WHERE job_id = 'j2'", []).unwrap();
        }
        let spool = JobSpool::open(folder.path()).unwrap();
        assert!(spool.was_damaged());
        assert!(folder.path().join("jobs.db.damaged-1").exists());
        assert!(!spool.take("j1", &slip, NOW_MS).unwrap(), "it is on paper");
        assert_eq!(spool.next().unwrap().unwrap().job_id, "j3");
        assert!(spool.take("j2", &slip, NOW_MS).unwrap(), "the server sends it again");
        drop(spool);
        std::fs::write(folder.path().join(JOBS_FILE), b"what a broken disk gives back").unwrap();
        let spool = JobSpool::open(folder.path()).unwrap();
        assert!(spool.was_damaged() && spool.next().unwrap().is_none());
    }
}
