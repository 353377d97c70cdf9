//! The store on SQLite and PostgreSQL: one SQL text per query, in the types that both share.
//!
//! Architecture Invariant: only this folder names sqlx and rusqlite. The two databases meet in `Tx`;
//! everything above it sees cells.

mod appointments;
mod assistances;
mod catalogue;
mod citizens;
mod commit;
mod connect;
mod copy;
mod evaluations;
mod files;
mod first_contacts;
mod house;
mod keepers;
mod people;
mod queries;
mod sqlite;
mod upstream;

use connect::Db;
pub use connect::SqlStore;
pub use copy::{CopyFacts, begin_epoch, copy_facts, copy_to};

use sqlx::{AssertSqlSafe, Column as _, Postgres, Row as _};

use super::cells::{Cell, Kind, TableRow};
use super::ports::{StoreError, Stored};

/// A transaction of either database.
enum Tx {
    Sqlite(sqlite::Transaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

macro_rules! bound {
    ($sql:expr, $params:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for cell in $params {
            query = match cell {
                Cell::Int(value) => query.bind(value),
                Cell::Text(value) => query.bind(value),
                Cell::Bytes(value) => query.bind(value),
                Cell::Flag(value) => query.bind(value),
            };
        }
        query
    }};
}

macro_rules! decoded {
    ($rows:expr, $kinds:expr) => {{
        let mut all = Vec::with_capacity($rows.len());
        for row in &$rows {
            let mut cells = Vec::with_capacity($kinds.len());
            for (place, kind) in $kinds.iter().enumerate() {
                let cell = match kind {
                    Kind::Int => row.try_get(place).map(Cell::Int),
                    Kind::Text => row.try_get(place).map(Cell::Text),
                    Kind::Bytes => row.try_get(place).map(Cell::Bytes),
                    Kind::Flag => row.try_get(place).map(Cell::Flag),
                };
                cells.push(cell.map_err(|_| StoreError::Inconsistent {
                    table: "query",
                    column: row.columns().get(place).map(|column| column.name().to_owned()).unwrap_or_default(),
                    row: format!("{}", all.len()),
                })?);
            }
            all.push(cells);
        }
        all
    }};
}

/// Turns a database's error into ours.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(inner) if inner.is_unique_violation() => {
            StoreError::Duplicate(inner.constraint().unwrap_or_else(|| inner.message()).to_owned())
        }
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        _ => StoreError::Database(error.to_string()),
    }
}

impl Tx {
    pub(super) async fn execute(&mut self, sql: String, params: Vec<Cell>) -> Stored<u64> {
        match self {
            Self::Sqlite(tx) => sqlite::execute(tx.lease(), &sql, std::iter::once(params.as_slice())),
            Self::Postgres(tx) => bound!(sql, params).execute(&mut **tx).await.map(|done| done.rows_affected()).map_err(failed),
        }
    }

    pub(super) async fn fetch(&mut self, sql: String, params: Vec<Cell>, kinds: &[Kind]) -> Stored<Vec<Vec<Cell>>> {
        match self {
            Self::Sqlite(tx) => sqlite::fetch(tx.lease(), &sql, &params, kinds, usize::MAX),
            Self::Postgres(tx) => {
                let rows = bound!(sql, params).fetch_all(&mut **tx).await.map_err(failed)?;
                Ok(decoded!(rows, kinds))
            }
        }
    }

    /// Rows of a table by a condition, as this transaction sees them.
    pub(super) async fn rows<T: TableRow>(&mut self, rest: &str, params: Vec<Cell>) -> Stored<Vec<T>> {
        let sql = format!("SELECT {} FROM {} {rest}", T::COLUMNS.join(", "), T::TABLE);
        self.fetch(sql, params, T::KINDS).await?.into_iter().map(typed).collect()
    }

    pub(super) async fn commit(self) -> Stored<()> {
        match self {
            Self::Sqlite(tx) => sqlite::blocking(move || tx.commit()).await,
            Self::Postgres(tx) => tx.commit().await.map_err(failed),
        }
    }
}

impl SqlStore {
    /// What a reading statement gives.
    pub(super) async fn read(&self, sql: String, params: Vec<Cell>, kinds: &[Kind]) -> Stored<Vec<Vec<Cell>>> {
        match &self.db {
            Db::Sqlite(file) => {
                let (lease, kinds) = (file.reader().await?, kinds.to_vec());
                sqlite::blocking(move || sqlite::fetch(&lease, &sql, &params, &kinds, usize::MAX)).await
            }
            Db::Postgres(pool) => {
                let rows = bound!(sql, params).fetch_all(pool).await.map_err(failed)?;
                Ok(decoded!(rows, kinds))
            }
        }
    }

    /// What a statement gives that finds a few rows by their key: on SQLite a few microseconds, less than
    /// the way to another thread.
    pub(super) async fn look_up(&self, sql: String, params: Vec<Cell>, kinds: &[Kind], limit: usize) -> Stored<Vec<Vec<Cell>>> {
        match &self.db {
            Db::Sqlite(file) => sqlite::fetch(&file.key_reader().await?, &sql, &params, kinds, limit),
            Db::Postgres(_) => self.read(sql, params, kinds).await,
        }
    }

    /// Rows of a table by a condition, which may go on with ORDER BY and LIMIT.
    pub(super) async fn select<T: TableRow>(&self, rest: &str, params: Vec<Cell>) -> Stored<Vec<T>> {
        let sql = format!("SELECT {} FROM {} {rest}", T::COLUMNS.join(", "), T::TABLE);
        let rows = self.read(sql, params, T::KINDS).await?;
        rows.into_iter().map(typed).collect()
    }

    /// Rows of a table by keys.
    pub(super) async fn keyed<T: TableRow>(&self, rest: &str, params: Vec<Cell>, limit: usize) -> Stored<Vec<T>> {
        let sql = format!("SELECT {} FROM {} {rest}", T::COLUMNS.join(", "), T::TABLE);
        let rows = self.look_up(sql, params, T::KINDS, limit).await?;
        rows.into_iter().map(typed).collect()
    }

    /// The first row by a condition that an index finds.
    pub(super) async fn first<T: TableRow>(&self, rest: &str, params: Vec<Cell>) -> Stored<Option<T>> {
        Ok(self.keyed(rest, params, 1).await?.into_iter().next())
    }

    /// One statement in a transaction of its own.
    pub(super) async fn run(&self, sql: String, params: Vec<Cell>) -> Stored<u64> {
        let mut tx = self.begin().await?;
        let done = tx.execute(sql, params).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// A row is written, replacing the one with its key.
    pub(super) async fn put<T: TableRow>(&self, row: &T) -> Stored<()> {
        let sql = commit::upsert(T::TABLE, T::COLUMNS, T::KEY, 1, false);
        self.run(sql, row.cells()).await.map(drop)
    }
}

/// Cells as a typed row.
pub(super) fn typed<T: TableRow>(cells: Vec<Cell>) -> Stored<T> {
    let key = format!("{:?}", &cells[..T::KEY.min(cells.len())]);
    T::from_cells(cells).map_err(|column| StoreError::Inconsistent { table: T::TABLE, column: column.to_owned(), row: key })
}

/// A text parameter.
pub(super) fn text(value: &str) -> Cell {
    Cell::Text(Some(value.to_owned()))
}

/// A number parameter.
pub(super) fn int(value: i64) -> Cell {
    Cell::Int(Some(value))
}
