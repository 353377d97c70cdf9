//! The store in memory, for the simulation: tables of cells under one lock, committed as one.
//! Knows nothing of SQL; answers as the databases do.

mod appointments;
mod assistances;
mod catalogue;
mod citizens;
mod evaluations;
mod files;
mod first_contacts;
mod house;
mod keepers;
mod people;
mod persons;
mod staff;
mod upstream;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::ids::is_practice;
use domain::time::Millis;

use super::cells::{Cell, TableRow};
use super::chain::ChainKey;
use super::ports::*;
use super::rows::*;

type Table = BTreeMap<Vec<Cell>, Vec<Cell>>;

/// Table, key and row as it was, if there was one.
type Before = (&'static str, Vec<Cell>, Option<Vec<Cell>>);

/// What stood where a commit wrote, so that one that fails leaves nothing.
#[derive(Debug, Default)]
struct Undo {
    /// In the order of writing.
    rows: Vec<Before>,
    heads: Vec<(String, Option<LogHead>)>,
    events: usize,
}

#[derive(Debug, Default)]
struct Tables {
    rows: BTreeMap<&'static str, Table>,
    heads: BTreeMap<String, LogHead>,
    events: Vec<LoggedEvent>,
}

/// Everything in memory.
#[derive(Debug)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    chain: ChainKey,
}

/// Columns of a table that are unique besides its key.
const UNIQUE: &[(&str, &[&str])] = &[
    ("tickets", &["site_id", "business_date", "line_id", "number"]),
    ("tickets", &["tracking_code"]),
    ("appointments", &["code_key"]),
    ("cases", &["site_id", "number"]),
    ("citizens", &["phone_index"]),
    ("bundle_cases", &["site_id", "number"]),
    ("evaluations", &["tracking_code", "subject", "case_id", "round"]),
    ("complaints", &["number"]),
    ("upstream_cases", &["number"]),
    ("staff", &["username"]),
];

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(chain: ChainKey) -> Self {
        Self { tables: Mutex::default(), chain }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn select<T: TableRow>(&self, keep: impl Fn(&T) -> bool) -> Stored<Vec<T>> {
        self.lock().select(keep)
    }

    fn first<T: TableRow>(&self, keep: impl Fn(&T) -> bool) -> Stored<Option<T>> {
        Ok(self.select(keep)?.into_iter().next())
    }

    fn put<T: TableRow>(&self, row: &T) {
        self.lock().put(row);
    }

    /// Takes rows away and gives them.
    fn remove<T: TableRow>(&self, is_meant: impl Fn(&T) -> bool) -> Stored<Vec<T>> {
        let mut tables = self.lock();
        let rows = tables.select(is_meant)?;
        if let Some(table) = tables.rows.get_mut(T::TABLE) {
            rows.iter().for_each(|row| drop(table.remove(&row.cells()[..T::KEY].to_vec())));
        }
        Ok(rows)
    }

    /// Changes rows under one lock, so that nobody else finds them as they were; gives them changed.
    fn change<T: TableRow>(&self, keep: impl Fn(&T) -> bool, choose: impl FnOnce(&mut Vec<T>), change: impl Fn(&mut T)) -> Stored<Vec<T>> {
        let mut tables = self.lock();
        let mut rows = tables.select(keep)?;
        choose(&mut rows);
        for row in &mut rows {
            change(row);
            tables.put(row);
        }
        Ok(rows)
    }
}

/// The oldest rows of an outbox, at most so many.
fn oldest(limit: i64) -> impl FnOnce(&mut Vec<OutboxRow>) {
    move |rows| {
        rows.sort_by_key(|row| (row.created_at, row.id.clone()));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
    }
}

impl Tables {
    fn put<T: TableRow>(&mut self, row: &T) {
        let cells = row.cells();
        self.rows.entry(T::TABLE).or_default().insert(cells[..T::KEY].to_vec(), cells);
    }

    fn select<T: TableRow>(&self, keep: impl Fn(&T) -> bool) -> Stored<Vec<T>> {
        let Some(table) = self.rows.get(T::TABLE) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (key, cells) in table {
            let row = T::from_cells(cells.clone()).map_err(|column| StoreError::Inconsistent {
                table: T::TABLE,
                column: column.to_owned(),
                row: format!("{key:?}"),
            })?;
            if keep(&row) {
                found.push(row);
            }
        }
        Ok(found)
    }

    fn version(&self, table: &'static str, key: &[&str], column: &str) -> i64 {
        let key: Vec<Cell> = key.iter().map(|part| Cell::Text(Some((*part).to_owned()))).collect();
        let place = Row::TABLES.iter().find(|entry| entry.0 == table).and_then(|entry| entry.1.iter().position(|name| *name == column));
        match self.rows.get(table).and_then(|rows| rows.get(&key)).zip(place).map(|(cells, place)| &cells[place]) {
            Some(Cell::Int(Some(value))) => *value,
            _ => 0,
        }
    }

    fn check(&self, set: &ChangeSet) -> Stored<()> {
        for expect in &set.expect {
            let (is, should, what) = match expect {
                Expect::Hall(version) => (self.version("halls", &[&set.site_id], "version"), *version, "hall"),
                Expect::Case(id, version) => (self.version("cases", &[&set.site_id, id], "version"), *version, "case"),
                Expect::Counter(name, value) => (self.version("counters", &[&set.site_id, name], "value"), *value, "counter"),
                Expect::FollowUp(id, version) => (self.version("follow_ups", &[&set.site_id, id], "version"), *version, "follow-up"),
                Expect::Complaint(id, version) => (self.version("complaints", &[&set.site_id, id], "version"), *version, "complaint"),
                Expect::UpstreamCase(id, version) => (self.version("upstream_cases", &[&set.site_id, id], "version"), *version, "upstream"),
                Expect::Alert(id, at) => (self.version("alerts", &[&set.site_id, id], "at"), *at, "alert"),
            };
            if is != should {
                return Err(StoreError::Conflict(what.to_owned()));
            }
        }
        Ok(())
    }

    fn write(&mut self, row: &Row, undo: &mut Undo) -> Stored<()> {
        let (table, columns, _, key_len) = Row::TABLES[row.table_index()];
        let cells = row.cells();
        let key = cells[..key_len].to_vec();
        let rows = self.rows.entry(table).or_default();
        if INSERT_ONLY.contains(&table) && rows.contains_key(&key) {
            return Err(StoreError::Duplicate(table.to_owned()));
        }
        for (_, unique) in UNIQUE.iter().filter(|entry| entry.0 == table) {
            let places: Vec<usize> = unique.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
            let same = |other: &Vec<Cell>| places.iter().all(|place| other[*place] == cells[*place]);
            if rows.iter().any(|(other_key, other)| *other_key != key && same(other)) {
                return Err(StoreError::Duplicate(table.to_owned()));
            }
        }
        let before = rows.insert(key.clone(), cells);
        undo.rows.push((table, key, before));
        Ok(())
    }

    fn take_back(&mut self, undo: Undo) {
        for (table, key, before) in undo.rows.into_iter().rev() {
            let rows = self.rows.entry(table).or_default();
            match before {
                Some(cells) => drop(rows.insert(key, cells)),
                None => drop(rows.remove(&key)),
            }
        }
        for (site_id, before) in undo.heads.into_iter().rev() {
            match before {
                Some(head) => drop(self.heads.insert(site_id, head)),
                None => drop(self.heads.remove(&site_id)),
            }
        }
        self.events.truncate(undo.events);
    }

    fn apply(&mut self, chain: &ChainKey, set: &ChangeSet, undo: &mut Undo) -> Stored<Receipt> {
        self.check(set)?;
        let mut head = self.heads.get(&set.site_id).cloned().unwrap_or(LogHead { epoch: 1, seq: 0, hash: Vec::new() });
        let before = head.seq;
        for event in &set.events {
            let logged = place(&mut head, chain, &set.site_id, event);
            self.events.push(logged);
        }
        for row in &set.rows {
            self.write(row, undo)?;
        }
        undo.heads.push((set.site_id.clone(), self.heads.insert(set.site_id.clone(), head.clone())));
        let first_seq = if set.events.is_empty() { before } else { before + 1 };
        Ok(Receipt { epoch: head.epoch, first_seq, last_seq: head.seq })
    }
}

/// Gives an event its place at the end of a log and moves the head.
pub(super) fn place(head: &mut LogHead, chain: &ChainKey, site_id: &str, event: &NewEvent) -> LoggedEvent {
    let mut logged = LoggedEvent {
        site_id: site_id.to_owned(),
        epoch: head.epoch,
        seq: head.seq + 1,
        aggregate: event.aggregate.to_owned(),
        aggregate_id: event.aggregate_id.clone(),
        kind: event.kind.clone(),
        actor: event.actor.clone(),
        at: event.at,
        body: event.body.clone(),
        hash: Vec::new(),
    };
    logged.hash = chain.hash(&head.hash, &logged);
    head.seq = logged.seq;
    head.hash.clone_from(&logged.hash);
    logged
}

#[async_trait]
impl CommitStore for MemoryStore {
    async fn commit(&self, group: &[ChangeSet]) -> Stored<Vec<Receipt>> {
        let mut tables = self.lock();
        let mut undo = Undo { events: tables.events.len(), ..Undo::default() };
        let mut receipts = Vec::with_capacity(group.len());
        for set in group {
            match tables.apply(&self.chain, set, &mut undo) {
                Ok(receipt) => receipts.push(receipt),
                Err(error) => {
                    tables.take_back(undo);
                    return Err(error);
                }
            }
        }
        Ok(receipts)
    }

    fn spans_sites(&self) -> bool {
        true
    }

    async fn ping(&self) -> Stored<()> {
        Ok(())
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn hints(&self) -> Stored<Option<Box<dyn Hints>>> {
        Ok(None)
    }

    async fn events_after(&self, site_id: &str, after: i64, limit: i64) -> Stored<Vec<LoggedEvent>> {
        let wanted = |event: &&LoggedEvent| event.site_id == site_id && event.seq > after;
        Ok(self.lock().events.iter().filter(wanted).take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }

    async fn head(&self, site_id: &str) -> Stored<Option<LogHead>> {
        Ok(self.lock().heads.get(site_id).cloned())
    }

    async fn events_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str) -> Stored<Vec<LoggedEvent>> {
        let wanted = |event: &&LoggedEvent| event.site_id == site_id && event.aggregate == aggregate && event.aggregate_id == aggregate_id;
        Ok(self.lock().events.iter().filter(wanted).cloned().collect())
    }

    async fn newest_of_kind(&self, site_id: &str, kind: &str, at: i64) -> Stored<Option<LoggedEvent>> {
        let wanted = |event: &&LoggedEvent| event.site_id == site_id && event.kind == kind && event.at <= at;
        Ok(self.lock().events.iter().filter(wanted).max_by_key(|event| event.seq).cloned())
    }

    async fn newest_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str, at: i64) -> Stored<Option<LoggedEvent>> {
        let is_of = |event: &&LoggedEvent| event.site_id == site_id && event.aggregate == aggregate && event.aggregate_id == aggregate_id;
        Ok(self.lock().events.iter().filter(is_of).filter(|event| event.at <= at).max_by_key(|event| event.seq).cloned())
    }

    async fn logged_sites(&self) -> Stored<Vec<String>> {
        Ok(self.lock().heads.keys().cloned().collect())
    }
}

#[async_trait]
impl HallStore for MemoryStore {
    async fn hall_version(&self, site_id: &str) -> Stored<i64> {
        Ok(self.lock().version("halls", &[site_id], "version"))
    }

    async fn hall_whole(&self, site_id: &str) -> Stored<HallRows> {
        let tables = self.lock();
        let hall = tables.select(|row: &HallRow| row.site_id == site_id)?.pop();
        let mut windows = tables.select(|row: &WindowRow| row.site_id == site_id)?;
        windows.sort_by_key(|row| row.number);
        let tickets = tables.select(|row: &TicketRow| row.site_id == site_id && !TERMINAL_TICKET_STATES.contains(&row.state.as_str()))?;
        Ok(HallRows { head: tables.heads.get(site_id).cloned(), hall, windows, tickets })
    }

    async fn hall(&self, site_id: &str) -> Stored<Option<HallRow>> {
        self.first(|row: &HallRow| row.site_id == site_id)
    }

    async fn halls_due(&self, now: Millis) -> Stored<Vec<String>> {
        let mut rows = self.select(|row: &HallRow| row.due_at <= now)?;
        rows.sort_by_key(|row| row.due_at);
        Ok(rows.into_iter().map(|row| row.site_id).collect())
    }

    async fn windows(&self, site_id: &str) -> Stored<Vec<WindowRow>> {
        let mut rows = self.select(|row: &WindowRow| row.site_id == site_id)?;
        rows.sort_by_key(|row| row.number);
        Ok(rows)
    }

    async fn tickets_of_day(&self, site_id: &str, business_date: &str) -> Stored<Vec<TicketRow>> {
        self.select(|row: &TicketRow| {
            row.site_id == site_id && (row.business_date == business_date || !TERMINAL_TICKET_STATES.contains(&row.state.as_str()))
        })
    }

    async fn ticket(&self, site_id: &str, id: &str) -> Stored<Option<TicketRow>> {
        self.first(|row: &TicketRow| row.site_id == site_id && row.id == id)
    }

    async fn ticket_by_tracking(&self, code: &str) -> Stored<Option<TicketRow>> {
        self.first(|row: &TicketRow| row.tracking_code == code)
    }

    async fn ticket_by_short(&self, site_id: &str, business_date: &str, code: &str) -> Stored<Option<TicketRow>> {
        self.first(|row: &TicketRow| row.site_id == site_id && row.business_date == business_date && row.short_code == code)
    }

    async fn intervals_of(&self, site_id: &str, ticket_id: &str) -> Stored<Vec<IntervalRow>> {
        self.select(|row: &IntervalRow| row.site_id == site_id && row.ticket_id == ticket_id)
    }

    async fn intervals_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<IntervalRow>> {
        self.select(|row: &IntervalRow| row.site_id == site_id && row.business_date.as_str() >= from && row.business_date.as_str() <= to)
    }

    async fn tickets_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TicketRow>> {
        self.select(|row: &TicketRow| row.site_id == site_id && row.business_date.as_str() >= from && row.business_date.as_str() <= to)
    }
}

#[async_trait]
impl IdempotencyStore for MemoryStore {
    async fn outcomes(&self, key_hashes: &[Vec<u8>]) -> Stored<Vec<IdempotencyRow>> {
        self.select(|row: &IdempotencyRow| key_hashes.contains(&row.key_hash))
    }

    async fn forget_before(&self, now: Millis) -> Stored<u64> {
        let old: BTreeSet<Vec<u8>> =
            self.select(|row: &IdempotencyRow| row.keep_until < now)?.into_iter().map(|row| row.key_hash).collect();
        if let Some(table) = self.lock().rows.get_mut("idempotency") {
            table.retain(|key, _| !matches!(&key[0], Cell::Bytes(Some(hash)) if old.contains(hash)));
        }
        Ok(old.len() as u64)
    }
}

#[async_trait]
impl OutboxStore for MemoryStore {
    async fn claim(&self, kinds: &[&str], target: Option<&str>, now: Millis, lease_until: Millis, limit: i64) -> Stored<Vec<OutboxRow>> {
        let due = |row: &OutboxRow| {
            kinds.contains(&row.kind.as_str())
                && row.target.as_deref() == target
                && row.state == "ready"
                && row.not_before <= now
                && row.lease_until <= now
        };
        self.change(due, oldest(limit), |row| {
            row.lease_until = lease_until;
            row.attempts += 1;
        })
    }

    async fn assign(&self, kind: &str, from: &str, to: &str, now: Millis, limit: i64) -> Stored<Vec<OutboxRow>> {
        let due =
            |row: &OutboxRow| row.state == "ready" && row.kind == kind && row.target.as_deref() == Some(from) && row.not_before <= now;
        self.change(due, oldest(limit), |row| {
            row.target = Some(to.to_owned());
            row.attempts += 1;
        })
    }

    async fn owed(&self, kind: &str, target: &str, limit: i64) -> Stored<Vec<OutboxRow>> {
        let mut rows = self.select(|row: &OutboxRow| row.state == "ready" && row.kind == kind && row.target.as_deref() == Some(target))?;
        rows.sort_by_key(|row| (row.created_at, row.id.clone()));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn outbox(&self, site_id: &str, id: &str) -> Stored<Option<OutboxRow>> {
        self.first(|row: &OutboxRow| row.site_id == site_id && row.id == id)
    }

    async fn settle(&self, row: &OutboxRow) -> Stored<()> {
        let open = |stored: &OutboxRow| stored.site_id == row.site_id && stored.id == row.id && stored.state != "done";
        self.change(open, |_| (), |stored| stored.clone_from(row)).map(drop)
    }

    async fn outbox_of(&self, site_id: &str, kind: &str, limit: i64) -> Stored<Vec<OutboxRow>> {
        let mut rows = self.select(|row: &OutboxRow| row.site_id == site_id && row.kind == kind)?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id.clone())));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn outbox_depth(&self) -> Stored<Vec<(String, String, i64)>> {
        let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in self.select(|row: &OutboxRow| row.state != "done")? {
            *counts.entry((row.kind, row.state)).or_default() += 1;
        }
        Ok(counts.into_iter().map(|((kind, state), count)| (kind, state, count)).collect())
    }
}

#[async_trait]
impl SiteStore for MemoryStore {
    async fn sites(&self) -> Stored<Vec<SiteRow>> {
        self.select(|_: &SiteRow| true)
    }

    async fn departments(&self) -> Stored<Vec<DepartmentRow>> {
        self.select(|_: &DepartmentRow| true)
    }

    async fn calendar_years(&self) -> Stored<Vec<CalendarRow>> {
        self.select(|_: &CalendarRow| true)
    }

    async fn counter(&self, site_id: &str, name: &str) -> Stored<i64> {
        Ok(self.lock().version("counters", &[site_id, name], "value"))
    }

    async fn forget_practice(&self, practice_id: &str) -> Stored<u64> {
        if !is_practice(practice_id) {
            return Ok(0);
        }
        let mut tables = self.lock();
        let own = Cell::Text(Some(practice_id.to_owned()));
        let mut count = u64::from(tables.heads.remove(practice_id).is_some());
        for (table, columns, ..) in Row::TABLES {
            let place = columns.iter().position(|column| *column == if *table == "sites" { "id" } else { "site_id" });
            let (Some(place), Some(rows)) = (place, tables.rows.get_mut(table)) else { continue };
            let before = rows.len();
            rows.retain(|_, cells| cells.get(place) != Some(&own));
            count += (before - rows.len()) as u64;
        }
        let before = tables.events.len();
        tables.events.retain(|event| event.site_id != practice_id);
        Ok(count + (before - tables.events.len()) as u64)
    }
}

#[async_trait]
impl DeviceStore for MemoryStore {
    async fn device_by_token(&self, token_hash: &[u8]) -> Stored<Option<DeviceRow>> {
        self.first(|row: &DeviceRow| row.token_hash == token_hash)
    }

    async fn device(&self, site_id: &str, id: &str) -> Stored<Option<DeviceRow>> {
        self.first(|row: &DeviceRow| row.site_id == site_id && row.id == id)
    }

    async fn devices(&self, site_id: &str) -> Stored<Vec<DeviceRow>> {
        self.select(|row: &DeviceRow| row.site_id == site_id)
    }

    async fn seen(&self, site_id: &str, id: &str, at: Millis, status: &str) -> Stored<()> {
        let seen = |row: &mut DeviceRow| (row.seen_at, row.status) = (Some(at), status.to_owned());
        self.change(|row: &DeviceRow| row.site_id == site_id && row.id == id, |_| (), seen).map(drop)
    }

    async fn device_picture(&self, site_id: &str, device_id: &str) -> Stored<Option<DevicePictureRow>> {
        self.first(|row: &DevicePictureRow| row.site_id == site_id && row.device_id == device_id)
    }

    async fn use_pairing(&self, code_hash: &[u8], now: Millis) -> Stored<Option<PairingRow>> {
        let good = |row: &PairingRow| row.code_hash == code_hash && row.used_at.is_none() && row.expires_at > now;
        Ok(self.change(good, |_| (), |row| row.used_at = Some(now))?.pop())
    }
}

#[async_trait]
impl CaseStore for MemoryStore {
    async fn case(&self, site_id: &str, id: &str) -> Stored<Option<CaseRow>> {
        self.first(|row: &CaseRow| row.site_id == site_id && row.id == id)
    }

    async fn cases(&self, filter: &CaseFilter) -> Stored<Vec<CaseRow>> {
        let mut rows = self.select(|row: &CaseRow| {
            filter.site_ids.contains(&row.site_id)
                && (filter.states.is_empty() || filter.states.contains(&row.state))
                && filter.departments.as_ref().is_none_or(|ids| ids.iter().any(|id| row.is_of(id)))
                && (!filter.open || row.closed_at.is_none())
                && (!filter.entered_late || row.entered_late)
                && filter.after.as_ref().is_none_or(|after| row.id > *after)
        })?;
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.truncate(usize::try_from(filter.limit).unwrap_or(0));
        Ok(rows)
    }

    async fn cases_by_tracking(&self, code: &str) -> Stored<Vec<CaseRow>> {
        self.select(|row: &CaseRow| row.tracking_code == code)
    }

    async fn cases_by_applicants(&self, site_id: &str, person_ids: &[String]) -> Stored<Vec<CaseRow>> {
        let mut rows = self.select(|row: &CaseRow| row.site_id == site_id && person_ids.contains(&row.applicant_id))?;
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(rows)
    }

    async fn cases_open_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<CaseRow>> {
        self.select(|row: &CaseRow| {
            row.site_id == site_id && row.received_at < to && row.closed_at.is_none_or(|closed_at| closed_at >= from)
        })
    }

    async fn case_by_number(&self, number: &str) -> Stored<Option<CaseRow>> {
        self.first(|row: &CaseRow| row.number == number)
    }

    async fn bundle_case(&self, site_id: &str, id: &str) -> Stored<Option<BundleCaseRow>> {
        self.first(|row: &BundleCaseRow| row.site_id == site_id && row.id == id)
    }

    async fn certificate(&self, site_id: &str, id: &str) -> Stored<Option<CertificateRow>> {
        self.first(|row: &CertificateRow| row.site_id == site_id && row.id == id)
    }

    async fn certificates(&self, site_id: &str) -> Stored<Vec<CertificateRow>> {
        self.select(|row: &CertificateRow| row.site_id == site_id)
    }

    async fn notifications(&self, site_id: &str, about_id: &str) -> Stored<Vec<NotificationRow>> {
        self.select(|row: &NotificationRow| row.site_id == site_id && row.about_id == about_id)
    }

    async fn notification(&self, site_id: &str, id: &str) -> Stored<Option<NotificationRow>> {
        self.first(|row: &NotificationRow| row.site_id == site_id && row.id == id)
    }

    async fn alerts(&self, site_id: &str) -> Stored<Vec<AlertRow>> {
        self.select(|row: &AlertRow| row.site_id == site_id && row.settled_at.is_none())
    }

    async fn open_alerts(&self, kinds: &[&str]) -> Stored<Vec<AlertRow>> {
        self.select(|row: &AlertRow| kinds.contains(&row.kind.as_str()) && row.settled_at.is_none())
    }

    async fn alert(&self, site_id: &str, id: &str) -> Stored<Option<AlertRow>> {
        self.first(|row: &AlertRow| row.site_id == site_id && row.id == id)
    }
}
