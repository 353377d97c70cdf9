//! One transaction a request through sqlx, one statement a row: SQLite and PostgreSQL.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _};

use super::Fault;
use super::rows::{Cell, KINDS, Kind, answer_in, fresh, insert, prepared, replaces, to_copy};

/// Connections to PostgreSQL, as many as the service has.
const CONNECTIONS: u32 = 12;

macro_rules! write {
    ($transaction:expr, $sql:expr, $cells:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for cell in $cells {
            query = match cell {
                Cell::Int(value) => query.bind(value),
                Cell::Text(value) => query.bind(value),
                Cell::Bytes(value) => query.bind(value),
                Cell::Flag(value) => query.bind(value),
            };
        }
        query.execute(&mut *$transaction).await?;
    }};
}

pub(super) struct Sqlite {
    pool: SqlitePool,
    kinds: Vec<Kind>,
    serial: AtomicU64,
}

impl Sqlite {
    pub(super) async fn start(template: &Path, own: &Path) -> Result<Self, Fault> {
        let (connection, kinds) = prepared(template, own)?;
        drop(connection);
        let options = SqliteConnectOptions::new()
            .filename(own)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-65536");
        // One writer: with more they only wait for each other's lock.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Ok(Self { pool, kinds, serial: AtomicU64::new(0) })
    }

    pub(super) async fn run(&self, kind: usize) -> Result<String, Fault> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for (table, cells) in &self.kinds[kind].rows {
            let cells = fresh(table, cells, kind, serial);
            write!(transaction, insert(table, cells.len(), replaces(table, kind)), cells);
        }
        sqlx::query("UPDATE halls SET version = version + 1, doc = doc").execute(&mut *transaction).await?;
        sqlx::query("UPDATE site_log SET seq = seq + 1").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(self.kinds[kind].answer.clone())
    }
}

pub(super) struct Postgres {
    pool: PgPool,
    /// Taking numbers only.
    kind: Kind,
    serial: AtomicU64,
}

impl Postgres {
    /// Beside the service's tables, in a schema of its own with the same tables, keys and indexes.
    pub(super) async fn start(url: &str) -> Result<Self, Fault> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?;
        sqlx::raw_sql("DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare").execute(&pool).await?;
        let (event, tables) = KINDS[0];
        let mut rows = Vec::new();
        for table in std::iter::once(&"events").chain(tables) {
            sqlx::raw_sql(AssertSqlSafe(format!("CREATE TABLE bare.{table} (LIKE public.{table} INCLUDING ALL)"))).execute(&pool).await?;
            let (condition, value) = to_copy(event, table);
            let sql = format!("SELECT * FROM public.{table} WHERE {condition} LIMIT 1");
            let row = sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_one(&pool).await?;
            rows.push((*table, cells(&row)?));
        }
        Ok(Self { pool, kind: Kind { answer: answer_in(&rows)?, rows }, serial: AtomicU64::new(0) })
    }

    pub(super) async fn run(&self, kind: usize) -> Result<String, Fault> {
        if kind > 0 {
            return Err("only issuing is measured on PostgreSQL".into());
        }
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let mut transaction = self.pool.begin().await?;
        for (table, cells) in &self.kind.rows {
            let cells = fresh(table, cells, kind, serial);
            let places = (1..=cells.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
            write!(transaction, format!("INSERT INTO bare.{table} VALUES ({places})"), cells);
        }
        transaction.commit().await?;
        Ok(self.kind.answer.clone())
    }
}

fn cells(row: &PgRow) -> Result<Vec<Cell>, Fault> {
    let cell = |place: usize| {
        Ok(match row.columns()[place].type_info().name() {
            "INT8" => Cell::Int(row.try_get(place)?),
            "BYTEA" => Cell::Bytes(row.try_get(place)?),
            "BOOL" => Cell::Flag(row.try_get(place)?),
            _ => Cell::Text(row.try_get(place)?),
        })
    };
    (0..row.len()).map(cell).collect()
}
