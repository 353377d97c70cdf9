//! One transaction for a group of change-sets: the sites' logs first and in id order, then the
//! versions, then events and rows table by table: on PostgreSQL with one statement each, on SQLite, where
//! a statement is a call, with one for each row.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use futures_util::FutureExt as _;

use super::connect::{Db, HINT_CHANNEL};
use super::queries::{EventRow, places};
use super::sqlite::{self, Transaction};
use super::{SqlStore, Tx, int, text};
use crate::store::cells::{Cell, Kind};
use crate::store::chain::ChainKey;
use crate::store::memory::place;
use crate::store::ports::*;
use crate::store::rows::{INSERT_ONLY, IdempotencyRow, Row};

/// Parameters of one statement; SQLite takes 32,766 and PostgreSQL 65,535.
const PARAMS_MAX: usize = 30_000;

const EVENT_COLUMNS: &[&str] = &["site_id", "seq", "epoch", "aggregate", "aggregate_id", "kind", "actor", "at", "body", "hash"];

/// `INSERT` of several rows; with a key, a row that is there already is replaced.
pub(super) fn upsert(table: &str, columns: &[&str], key: usize, rows: usize, insert_only: bool) -> String {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            let separator = if column == 0 { "" } else { ", " };
            sql.push_str(&format!("{separator}${}", row * columns.len() + column + 1));
        }
        sql.push(')');
    }
    if !insert_only {
        let set: Vec<String> = columns[key..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
        sql.push_str(&format!(" ON CONFLICT ({}) DO UPDATE SET {}", columns[..key].join(", "), set.join(", ")));
    }
    sql
}

async fn write(tx: &mut Tx, table: &str, columns: &[&str], key: usize, rows: Vec<Vec<Cell>>, insert_only: bool) -> Stored<()> {
    if let Tx::Sqlite(tx) = tx {
        if !rows.is_empty() {
            sqlite::execute(tx.lease(), &upsert(table, columns, key, 1, insert_only), rows.iter().map(Vec::as_slice))?;
        }
        return Ok(());
    }
    let size = (PARAMS_MAX / columns.len()).max(1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Cell>> = rows.by_ref().take(size).collect();
        let sql = upsert(table, columns, key, chunk.len(), insert_only);
        tx.execute(sql, chunk.into_iter().flatten().collect()).await?;
    }
    Ok(())
}

/// Locks the log of a site and reads its head; a site without a log gets one.
async fn lock_log(tx: &mut Tx, site_id: &str) -> Stored<LogHead> {
    const LOCK: &str = "INSERT INTO site_log (site_id, epoch, seq, head_hash) VALUES ($1, 1, 0, $2) \
                        ON CONFLICT (site_id) DO UPDATE SET seq = site_log.seq RETURNING epoch, seq, head_hash";
    let rows = tx.fetch(LOCK.to_owned(), vec![text(site_id), Cell::Bytes(Some(Vec::new()))], &[Kind::Int, Kind::Int, Kind::Bytes]).await?;
    match rows.into_iter().next().as_deref() {
        Some([Cell::Int(Some(epoch)), Cell::Int(Some(seq)), Cell::Bytes(Some(hash))]) => {
            Ok(LogHead { epoch: *epoch, seq: *seq, hash: hash.clone() })
        }
        _ => Err(StoreError::Inconsistent { table: "site_log", column: "head".to_owned(), row: site_id.to_owned() }),
    }
}

/// The versions that a group moves: read once, then counted on within the group.
#[derive(Default)]
struct Versions(BTreeMap<(String, String), i64>);

impl Versions {
    async fn check(&mut self, tx: &mut Tx, set: &Planned) -> Stored<()> {
        for expect in &set.expect {
            let (Expect::Hall(should)
            | Expect::Case(_, should)
            | Expect::Counter(_, should)
            | Expect::FollowUp(_, should)
            | Expect::Complaint(_, should)
            | Expect::UpstreamCase(_, should)
            | Expect::Alert(_, should)) = expect;
            if self.now(tx, &set.site_id, expect).await? != *should {
                return Err(StoreError::Conflict(format!("{expect:?} of {}", set.site_id)));
            }
        }
        for (id, version) in &set.versions {
            if let Some(known) = self.0.get_mut(&(set.site_id.clone(), id.clone())) {
                *known = *version;
            }
        }
        Ok(())
    }

    /// The version of what an expectation is about, as it is in the transaction.
    async fn now(&mut self, tx: &mut Tx, site_id: &str, expect: &Expect) -> Stored<i64> {
        let (sql, id) = match expect {
            Expect::Hall(_) => ("SELECT version FROM halls WHERE site_id = $1 AND $2 = ''", ""),
            Expect::Case(id, _) => ("SELECT version FROM cases WHERE site_id = $1 AND id = $2", id.as_str()),
            Expect::Counter(name, _) => ("SELECT value FROM counters WHERE site_id = $1 AND name = $2", name.as_str()),
            Expect::FollowUp(id, _) => ("SELECT version FROM follow_ups WHERE site_id = $1 AND id = $2", id.as_str()),
            Expect::Complaint(id, _) => ("SELECT version FROM complaints WHERE site_id = $1 AND id = $2", id.as_str()),
            Expect::UpstreamCase(id, _) => ("SELECT version FROM upstream_cases WHERE site_id = $1 AND id = $2", id.as_str()),
            Expect::Alert(id, _) => ("SELECT at FROM alerts WHERE site_id = $1 AND id = $2", id.as_str()),
        };
        let key = (site_id.to_owned(), id.to_owned());
        if let Some(version) = self.0.get(&key) {
            return Ok(*version);
        }
        let rows = tx.fetch(sql.to_owned(), vec![text(site_id), text(id)], &[Kind::Int]).await?;
        let version = match rows.first().map(Vec::as_slice) {
            Some([Cell::Int(Some(version))]) => *version,
            _ => 0,
        };
        self.0.insert(key, version);
        Ok(version)
    }
}

/// A change-set without its rows.
struct Planned {
    site_id: String,
    expect: Vec<Expect>,
    events: Vec<NewEvent>,
    /// Versions after it, by id.
    versions: Vec<(String, i64)>,
}

/// A group as it will be written: nothing of it is borrowed, so that another thread can write it.
struct Plan {
    sets: Vec<Planned>,
    /// Rows by table, in the order of [`Row::TABLES`].
    tables: Vec<Vec<Vec<Cell>>>,
}

impl Plan {
    fn of(group: &[ChangeSet]) -> Stored<Self> {
        let version = |row: &Row| match row {
            Row::Hall(row) => Some((String::new(), row.version)),
            Row::Case(row) => Some((row.id.clone(), row.version)),
            Row::Counter(row) => Some((row.name.clone(), row.value)),
            Row::FollowUp(row) => Some((row.id.clone(), row.version)),
            Row::Complaint(row) => Some((row.id.clone(), row.version)),
            Row::UpstreamCase(row) => Some((row.id.clone(), row.version)),
            _ => None,
        };
        let planned = |set: &ChangeSet| Planned {
            site_id: set.site_id.clone(),
            expect: set.expect.clone(),
            events: set.events.clone(),
            versions: set.rows.iter().filter_map(version).collect(),
        };
        Ok(Self { sets: group.iter().map(planned).collect(), tables: by_table(group)? })
    }

    /// Locks the logs, in the order of their ids, and writes.
    async fn write_whole(self, tx: &mut Tx, chain: &ChainKey) -> Stored<Vec<Receipt>> {
        let mut heads = BTreeMap::new();
        let sites: BTreeSet<String> = self.sets.iter().map(|set| set.site_id.clone()).collect();
        for site_id in sites {
            let head = lock_log(tx, &site_id).await?;
            heads.insert(site_id, head);
        }
        self.write_in(tx, chain, heads, Versions::default()).await
    }

    /// Writes into logs that are locked.
    async fn write_in(
        self,
        tx: &mut Tx,
        chain: &ChainKey,
        mut heads: BTreeMap<String, LogHead>,
        mut versions: Versions,
    ) -> Stored<Vec<Receipt>> {
        let (mut receipts, mut events) = (Vec::with_capacity(self.sets.len()), Vec::new());
        for set in &self.sets {
            versions.check(tx, set).await?;
            let foreign = || StoreError::Database(format!("the log of {} is not locked", set.site_id));
            let head = heads.get_mut(&set.site_id).ok_or_else(foreign)?;
            let before = head.seq;
            events.extend(set.events.iter().map(|event| event_cells(place(head, chain, &set.site_id, event))));
            let first_seq = if set.events.is_empty() { before } else { before + 1 };
            receipts.push(Receipt { epoch: head.epoch, first_seq, last_seq: head.seq });
        }
        let wrote_events = !events.is_empty();
        write(tx, "events", EVENT_COLUMNS, 2, events, true).await?;
        for ((table, columns, _, key), rows) in Row::TABLES.iter().zip(self.tables) {
            write(tx, table, columns, *key, rows, INSERT_ONLY.contains(table)).await?;
        }
        if wrote_events {
            for (site_id, head) in heads {
                const MOVE: &str = "UPDATE site_log SET seq = $2, head_hash = $3 WHERE site_id = $1";
                tx.execute(MOVE.to_owned(), vec![text(&site_id), int(head.seq), Cell::Bytes(Some(head.hash))]).await?;
                if matches!(tx, Tx::Postgres(_)) {
                    tx.execute(format!("SELECT pg_notify('{HINT_CHANNEL}', $1)"), vec![text(&site_id)]).await?;
                }
            }
        }
        Ok(receipts)
    }
}

/// The last row of each key, by table.
fn by_table(group: &[ChangeSet]) -> Stored<Vec<Vec<Vec<Cell>>>> {
    let mut tables: Vec<BTreeMap<Vec<Cell>, Vec<Cell>>> = vec![BTreeMap::new(); Row::TABLES.len()];
    for row in group.iter().flat_map(|set| &set.rows) {
        let index = row.table_index();
        let (table, _, _, key) = Row::TABLES[index];
        let cells = row.cells();
        let replaced = tables[index].insert(cells[..key].to_vec(), cells);
        if replaced.is_some() && INSERT_ONLY.contains(&table) {
            return Err(StoreError::Duplicate(table.to_owned()));
        }
    }
    Ok(tables.into_iter().map(|table| table.into_values().collect()).collect())
}

impl SqlStore {
    /// Dropping the transaction on an error rolls it back.
    async fn commit_whole(&self, group: &[ChangeSet]) -> Stored<Vec<Receipt>> {
        let plan = Plan::of(group)?;
        match &self.db {
            Db::Sqlite(file) => {
                let (lease, chain) = (file.writer().await?, self.chain.clone());
                sqlite::blocking(move || {
                    let mut tx = Tx::Sqlite(Transaction::begin(lease, "BEGIN IMMEDIATE")?);
                    // On SQLite nothing of it waits.
                    let written = plan.write_whole(&mut tx, &chain).now_or_never();
                    let receipts = written.ok_or_else(|| StoreError::Database("a statement waited".to_owned()))??;
                    if let Tx::Sqlite(tx) = tx {
                        tx.commit()?;
                    }
                    Ok(receipts)
                })
                .await
            }
            Db::Postgres(_) => {
                let mut tx = self.begin().await?;
                let receipts = plan.write_whole(&mut tx, &self.chain).await?;
                tx.commit().await?;
                Ok(receipts)
            }
        }
    }
}

fn event_cells(event: LoggedEvent) -> Vec<Cell> {
    vec![
        Cell::Text(Some(event.site_id)),
        int(event.seq),
        int(event.epoch),
        Cell::Text(Some(event.aggregate)),
        Cell::Text(Some(event.aggregate_id)),
        Cell::Text(Some(event.kind)),
        Cell::Text(Some(event.actor)),
        int(event.at),
        Cell::Text(Some(event.body)),
        Cell::Bytes(Some(event.hash)),
    ]
}

#[async_trait]
impl CommitStore for SqlStore {
    async fn commit(&self, group: &[ChangeSet]) -> Stored<Vec<Receipt>> {
        measured(group, self.commit_whole(group)).await
    }

    fn spans_sites(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    async fn turn(&self, site_id: &str) -> Stored<Option<Box<dyn Turn>>> {
        if self.spans_sites() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let head = lock_log(&mut tx, site_id).await?;
        Ok(Some(Box::new(SqlTurn { store: self.clone(), tx, site_id: site_id.to_owned(), head, versions: Versions::default() })))
    }

    async fn ping(&self) -> Stored<()> {
        self.run("UPDATE site_log SET seq = seq WHERE site_id = $1".to_owned(), vec![text("")]).await.map(drop)
    }
}

/// The open transaction that holds the lock of a site's log; dropped, it is rolled back.
struct SqlTurn {
    store: SqlStore,
    tx: Tx,
    site_id: String,
    head: LogHead,
    versions: Versions,
}

#[async_trait]
impl Turn for SqlTurn {
    async fn hall_version(&mut self) -> Stored<i64> {
        self.versions.now(&mut self.tx, &self.site_id, &Expect::Hall(0)).await
    }

    async fn newest_hall_events(&mut self, count: i64) -> Stored<Vec<LoggedEvent>> {
        let rest = "WHERE site_id = $1 AND aggregate = 'hall' ORDER BY seq DESC LIMIT $2";
        let rows: Vec<EventRow> = self.tx.rows(rest, vec![text(&self.site_id), int(count)]).await?;
        Ok(rows.into_iter().rev().map(|row| row.0).collect())
    }

    async fn outcomes(&mut self, key_hashes: &[Vec<u8>]) -> Stored<Vec<IdempotencyRow>> {
        let hashes = key_hashes.iter().map(|hash| Cell::Bytes(Some(hash.clone()))).collect();
        self.tx.rows(&format!("WHERE key_hash IN ({})", places(1, key_hashes.len())), hashes).await
    }

    async fn commit(self: Box<Self>, group: &[ChangeSet]) -> Stored<Vec<Receipt>> {
        let Self { store, mut tx, site_id, head, versions } = *self;
        measured(group, async {
            let heads = BTreeMap::from([(site_id, head)]);
            let receipts = Plan::of(group)?.write_in(&mut tx, &store.chain, heads, versions).await?;
            tx.commit().await?;
            Ok(receipts)
        })
        .await
    }
}

/// Counts and times a commit.
async fn measured(group: &[ChangeSet], commit: impl Future<Output = Stored<Vec<Receipt>>> + Send) -> Stored<Vec<Receipt>> {
    let began = std::time::Instant::now();
    let done = commit.await;
    let how = match &done {
        Ok(_) => "done",
        Err(StoreError::Conflict(_)) => "conflict",
        Err(_) => "failed",
    };
    metrics::counter!("yichuang_commits_total", "how" => how).increment(1);
    metrics::histogram!("yichuang_commit_seconds").record(began.elapsed().as_secs_f64());
    if done.is_ok() {
        metrics::counter!("yichuang_events_total").increment(group.iter().map(|set| set.events.len() as u64).sum());
    }
    done
}
