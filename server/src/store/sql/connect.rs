//! Opening a database: connections, pragmas and migrations.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::sqlite::{File, Transaction};
use super::{Tx, failed};
use crate::store::chain::ChainKey;
use crate::store::ports::{Hints, StoreError, Stored};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Connections to PostgreSQL of one process.
const POSTGRES_CONNECTIONS_MAX: u32 = 12;
/// How long a request waits for a connection, in seconds.
const ACQUIRE_S_MAX: u64 = 10;
/// Prepared statements kept a connection; group sizes make many.
const STATEMENTS_MAX: usize = 512;
/// Channel on which a commit on PostgreSQL hints at new events.
pub(super) const HINT_CHANNEL: &str = "yichuang_events";

/// Connections to one of the two databases.
#[derive(Debug, Clone)]
pub(super) enum Db {
    /// One file: one connection writes, several read; waiting for the writer is the queue of writers.
    Sqlite(File),
    /// A server.
    Postgres(PgPool),
}

/// The store on SQLite or PostgreSQL.
#[derive(Debug, Clone)]
pub struct SqlStore {
    pub(super) db: Db,
    pub(super) chain: ChainKey,
}

impl SqlStore {
    /// Opens or makes a SQLite file in WAL mode with `synchronous=FULL` and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or a migration fails.
    pub async fn sqlite(file: &Path, chain: ChainKey) -> Stored<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(ACQUIRE_S_MAX));
        let mut connection = options.connect().await.map_err(failed)?;
        SQLITE.run(&mut connection).await.map_err(migration)?;
        connection.close().await.map_err(failed)?;
        Ok(Self { db: Db::Sqlite(File::open(file, true)?), chain })
    }

    /// Opens a SQLite file that is there, only to read it: also beside a running server. Its tables
    /// are taken as they are.
    ///
    /// # Errors
    /// When there is no such file.
    pub async fn sqlite_to_read(file: &Path, chain: ChainKey) -> Stored<Self> {
        Ok(Self { db: Db::Sqlite(File::open(file, false)?), chain })
    }

    /// Connects to PostgreSQL only to read; its tables are taken as they are.
    ///
    /// # Errors
    /// When the address is wrong or the server is away.
    pub async fn postgres_to_read(url: &str, chain: ChainKey) -> Stored<Self> {
        let options = PgConnectOptions::from_str(url).map_err(failed)?.options([("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.map_err(failed)?;
        Ok(Self { db: Db::Postgres(pool), chain })
    }

    /// Connects to PostgreSQL and brings its tables up to date.
    ///
    /// # Errors
    /// When the address is wrong, the server is away or a migration fails.
    pub async fn postgres(url: &str, chain: ChainKey) -> Stored<Self> {
        let options = PgConnectOptions::from_str(url).map_err(failed)?.statement_cache_capacity(STATEMENTS_MAX);
        // What is answered is on disk, whatever the server's own default is. A process that stands still
        // inside a transaction loses it, and with it the log that others wait for.
        let options = options.options([("synchronous_commit", "on"), ("idle_in_transaction_session_timeout", "30s")]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(Duration::from_secs(ACQUIRE_S_MAX))
            .connect_with(options)
            .await
            .map_err(failed)?;
        POSTGRES.run(&pool).await.map_err(migration)?;
        Ok(Self { db: Db::Postgres(pool), chain })
    }

    /// A write transaction; on SQLite it takes the write lock at once.
    pub(super) async fn begin(&self) -> Stored<Tx> {
        match &self.db {
            Db::Sqlite(file) => Transaction::begin(file.writer().await?, "BEGIN IMMEDIATE").map(Tx::Sqlite),
            Db::Postgres(pool) => pool.begin().await.map(Tx::Postgres).map_err(failed),
        }
    }

    /// A transaction that only reads and sees one moment from its first read to its last.
    pub(super) async fn snapshot(&self) -> Stored<Tx> {
        match &self.db {
            Db::Sqlite(file) => Transaction::begin(file.reader().await?, "BEGIN").map(Tx::Sqlite),
            Db::Postgres(pool) => {
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(Tx::Postgres).map_err(failed)
            }
        }
    }

    pub(super) async fn listen(&self) -> Stored<Option<Box<dyn Hints>>> {
        let Db::Postgres(pool) = &self.db else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await.map_err(failed)?;
        listener.listen(HINT_CHANNEL).await.map_err(failed)?;
        Ok(Some(Box::new(Listener(listener))))
    }

    /// Closes every connection; on SQLite the log file is folded into the database.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(file) => file.close().await,
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// Hints by NOTIFY; a connection that was lost is made again at the next call.
struct Listener(PgListener);

#[async_trait]
impl Hints for Listener {
    async fn next(&mut self) -> Stored<String> {
        Ok(self.0.recv().await.map_err(failed)?.payload().to_owned())
    }
}

fn migration(error: sqlx::migrate::MigrateError) -> StoreError {
    StoreError::Database(format!("migration: {error}"))
}
