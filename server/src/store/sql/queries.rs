//! The reading ports on SQL, and the few writes that stand outside any site's log.

use async_trait::async_trait;
use domain::ids::is_practice;
use domain::time::Millis;

use super::{SqlStore, int, text, typed};
use crate::store::cells::{Cell, Column, Kind, TableRow};
use crate::store::ports::*;
use crate::store::rows::*;

/// Tickets of a business date; together with [`UNFINISHED_BEFORE`] all that a list of the day shows.
const OF_DATE: &str = "WHERE site_id = $1 AND business_date = $2";
/// Tickets that go on: all that a hall holds, by an index that has no others.
const UNFINISHED: &str = "WHERE site_id = $1 AND state IN ('waiting', 'called', 'serving', 'parked', 'missed')";
const UNFINISHED_BEFORE: &str =
    "WHERE site_id = $1 AND state IN ('waiting', 'called', 'serving', 'parked', 'missed') AND business_date <> $2";
const SITE_AND_ID: &str = "WHERE site_id = $1 AND id = $2";

fn bytes(value: &[u8]) -> Cell {
    Cell::Bytes(Some(value.to_vec()))
}

/// `$first, $first+1, …` for a list of values.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

#[async_trait]
impl EventStore for SqlStore {
    async fn hints(&self) -> Stored<Option<Box<dyn Hints>>> {
        self.listen().await
    }

    async fn events_after(&self, site_id: &str, after: i64, limit: i64) -> Stored<Vec<LoggedEvent>> {
        self.events("site_id = $1 AND seq > $2 ORDER BY seq LIMIT $3", vec![text(site_id), int(after), int(limit)]).await
    }

    async fn head(&self, site_id: &str) -> Stored<Option<LogHead>> {
        Ok(self.first::<LogRow>("WHERE site_id = $1", vec![text(site_id)]).await?.map(|row| row.0))
    }

    async fn events_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str) -> Stored<Vec<LoggedEvent>> {
        let of = "site_id = $1 AND aggregate = $2 AND aggregate_id = $3 ORDER BY seq";
        self.events(of, vec![text(site_id), text(aggregate), text(aggregate_id)]).await
    }

    async fn newest_of_kind(&self, site_id: &str, kind: &str, at: i64) -> Stored<Option<LoggedEvent>> {
        let newest = "site_id = $1 AND kind = $2 AND at <= $3 ORDER BY seq DESC LIMIT 1";
        Ok(self.events(newest, vec![text(site_id), text(kind), int(at)]).await?.pop())
    }

    async fn newest_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str, at: i64) -> Stored<Option<LoggedEvent>> {
        let newest = "site_id = $1 AND aggregate = $2 AND aggregate_id = $3 AND at <= $4 ORDER BY seq DESC LIMIT 1";
        Ok(self.events(newest, vec![text(site_id), text(aggregate), text(aggregate_id), int(at)]).await?.pop())
    }

    async fn logged_sites(&self) -> Stored<Vec<String>> {
        let sql = "SELECT site_id FROM site_log UNION SELECT DISTINCT site_id FROM events ORDER BY site_id";
        let rows = self.read(sql.to_owned(), Vec::new(), &[Kind::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(|cell| if let Cell::Text(site) = cell { site } else { None }).collect())
    }
}

struct LogRow(LogHead);

impl TableRow for LogRow {
    const TABLE: &'static str = "site_log";
    const COLUMNS: &'static [&'static str] = &["epoch", "seq", "head_hash"];
    const KINDS: &'static [Kind] = &[Kind::Int, Kind::Int, Kind::Bytes];
    const KEY: usize = 0;

    fn cells(&self) -> Vec<Cell> {
        vec![int(self.0.epoch), int(self.0.seq), bytes(&self.0.hash)]
    }

    fn from_cells(cells: Vec<Cell>) -> Result<Self, &'static str> {
        match cells.as_slice() {
            [Cell::Int(Some(epoch)), Cell::Int(Some(seq)), Cell::Bytes(Some(hash))] => {
                Ok(Self(LogHead { epoch: *epoch, seq: *seq, hash: hash.clone() }))
            }
            _ => Err("head"),
        }
    }
}

pub(super) struct EventRow(pub(super) LoggedEvent);

impl TableRow for EventRow {
    const TABLE: &'static str = "events";
    const COLUMNS: &'static [&'static str] =
        &["site_id", "seq", "epoch", "aggregate", "aggregate_id", "kind", "actor", "at", "body", "hash"];
    const KINDS: &'static [Kind] =
        &[Kind::Text, Kind::Int, Kind::Int, Kind::Text, Kind::Text, Kind::Text, Kind::Text, Kind::Int, Kind::Text, Kind::Bytes];
    const KEY: usize = 2;

    fn cells(&self) -> Vec<Cell> {
        Vec::new()
    }

    fn from_cells(cells: Vec<Cell>) -> Result<Self, &'static str> {
        use crate::store::cells::Column;
        let mut cells = cells.into_iter();
        let mut next = || cells.next();
        let event = LoggedEvent {
            site_id: next().and_then(String::from_cell).ok_or("site_id")?,
            seq: next().and_then(i64::from_cell).ok_or("seq")?,
            epoch: next().and_then(i64::from_cell).ok_or("epoch")?,
            aggregate: next().and_then(String::from_cell).ok_or("aggregate")?,
            aggregate_id: next().and_then(String::from_cell).ok_or("aggregate_id")?,
            kind: next().and_then(String::from_cell).ok_or("kind")?,
            actor: next().and_then(String::from_cell).ok_or("actor")?,
            at: next().and_then(i64::from_cell).ok_or("at")?,
            body: next().and_then(String::from_cell).ok_or("body")?,
            hash: next().and_then(Vec::from_cell).ok_or("hash")?,
        };
        Ok(Self(event))
    }
}

impl SqlStore {
    async fn events(&self, condition: &str, params: Vec<Cell>) -> Stored<Vec<LoggedEvent>> {
        let rows: Vec<EventRow> = self.select(&format!("WHERE {condition}"), params).await?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

#[async_trait]
impl HallStore for SqlStore {
    async fn hall_version(&self, site_id: &str) -> Stored<i64> {
        let sql = "SELECT version FROM halls WHERE site_id = $1".to_owned();
        let rows = self.look_up(sql, vec![text(site_id)], &[Kind::Int], 1).await?;
        match rows.first().map(Vec::as_slice) {
            Some([Cell::Int(Some(version))]) => Ok(*version),
            _ => Ok(0),
        }
    }

    async fn hall_whole(&self, site_id: &str) -> Stored<HallRows> {
        let mut tx = self.snapshot().await?;
        let head = tx.rows::<LogRow>("WHERE site_id = $1", vec![text(site_id)]).await?.pop();
        let hall = tx.rows::<HallRow>("WHERE site_id = $1", vec![text(site_id)]).await?.pop();
        let windows = tx.rows("WHERE site_id = $1 ORDER BY number", vec![text(site_id)]).await?;
        let tickets = tx.rows(UNFINISHED, vec![text(site_id)]).await?;
        tx.commit().await?;
        Ok(HallRows { head: head.map(|row| row.0), hall, windows, tickets })
    }

    async fn hall(&self, site_id: &str) -> Stored<Option<HallRow>> {
        self.first("WHERE site_id = $1", vec![text(site_id)]).await
    }

    async fn halls_due(&self, now: Millis) -> Stored<Vec<String>> {
        let sql = "SELECT site_id FROM halls WHERE due_at <= $1 ORDER BY due_at, site_id".to_owned();
        let rows = self.read(sql, vec![int(now)], &[Kind::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(String::from_cell).collect())
    }

    async fn windows(&self, site_id: &str) -> Stored<Vec<WindowRow>> {
        self.select("WHERE site_id = $1 ORDER BY number", vec![text(site_id)]).await
    }

    async fn tickets_of_day(&self, site_id: &str, business_date: &str) -> Stored<Vec<TicketRow>> {
        let mut rows: Vec<TicketRow> = self.select(OF_DATE, vec![text(site_id), text(business_date)]).await?;
        rows.extend(self.select::<TicketRow>(UNFINISHED_BEFORE, vec![text(site_id), text(business_date)]).await?);
        Ok(rows)
    }

    async fn ticket(&self, site_id: &str, id: &str) -> Stored<Option<TicketRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn ticket_by_tracking(&self, code: &str) -> Stored<Option<TicketRow>> {
        self.first("WHERE tracking_code = $1", vec![text(code)]).await
    }

    async fn ticket_by_short(&self, site_id: &str, business_date: &str, code: &str) -> Stored<Option<TicketRow>> {
        let rest = "WHERE site_id = $1 AND business_date = $2 AND short_code = $3";
        self.first(rest, vec![text(site_id), text(business_date), text(code)]).await
    }

    async fn intervals_of(&self, site_id: &str, ticket_id: &str) -> Stored<Vec<IntervalRow>> {
        self.select("WHERE site_id = $1 AND ticket_id = $2 ORDER BY ordinal", vec![text(site_id), text(ticket_id)]).await
    }

    async fn intervals_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<IntervalRow>> {
        let rest = "WHERE site_id = $1 AND business_date >= $2 AND business_date <= $3 ORDER BY ticket_id, ordinal";
        self.select(rest, vec![text(site_id), text(from), text(to)]).await
    }

    async fn tickets_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TicketRow>> {
        let rest = "WHERE site_id = $1 AND business_date >= $2 AND business_date <= $3 ORDER BY id";
        self.select(rest, vec![text(site_id), text(from), text(to)]).await
    }
}

#[async_trait]
impl IdempotencyStore for SqlStore {
    async fn outcomes(&self, key_hashes: &[Vec<u8>]) -> Stored<Vec<IdempotencyRow>> {
        if key_hashes.is_empty() {
            return Ok(Vec::new());
        }
        let rest = format!("WHERE key_hash IN ({})", places(1, key_hashes.len()));
        self.keyed(&rest, key_hashes.iter().map(|hash| bytes(hash)).collect(), key_hashes.len()).await
    }

    async fn forget_before(&self, now: Millis) -> Stored<u64> {
        self.run("DELETE FROM idempotency WHERE keep_until < $1".to_owned(), vec![int(now)]).await
    }
}

#[async_trait]
impl OutboxStore for SqlStore {
    async fn claim(&self, kinds: &[&str], target: Option<&str>, now: Millis, lease_until: Millis, limit: i64) -> Stored<Vec<OutboxRow>> {
        // The outer conditions are checked again on the locked row, so no row is claimed by two.
        let sql = format!(
            "UPDATE outbox SET lease_until = $2, attempts = attempts + 1 \
             WHERE state = 'ready' AND lease_until <= $1 AND (site_id, id) IN \
             (SELECT site_id, id FROM outbox WHERE state = 'ready' AND not_before <= $1 AND lease_until <= $1 \
              AND COALESCE(target, '') = $3 AND kind IN ({}) ORDER BY created_at, id LIMIT $4) RETURNING {}",
            places(5, kinds.len()),
            OutboxRow::COLUMNS.join(", ")
        );
        let mut params = vec![int(now), int(lease_until), text(target.unwrap_or_default()), int(limit)];
        params.extend(kinds.iter().map(|kind| text(kind)));
        let mut tx = self.begin().await?;
        let rows = tx.fetch(sql, params, OutboxRow::KINDS).await?;
        tx.commit().await?;
        let mut rows = rows.into_iter().map(typed).collect::<Stored<Vec<OutboxRow>>>()?;
        rows.sort_by_key(|row| (row.created_at, row.id.clone()));
        Ok(rows)
    }

    async fn assign(&self, kind: &str, from: &str, to: &str, now: Millis, limit: i64) -> Stored<Vec<OutboxRow>> {
        // As in `claim`: the outer conditions are checked again on the locked row.
        let sql = format!(
            "UPDATE outbox SET target = $2, attempts = attempts + 1 WHERE state = 'ready' AND target = $1 AND (site_id, id) IN \
             (SELECT site_id, id FROM outbox WHERE state = 'ready' AND target = $1 AND kind = $3 AND not_before <= $4 \
              ORDER BY created_at, id LIMIT $5) RETURNING {}",
            OutboxRow::COLUMNS.join(", ")
        );
        let mut tx = self.begin().await?;
        let rows = tx.fetch(sql, vec![text(from), text(to), text(kind), int(now), int(limit)], OutboxRow::KINDS).await?;
        tx.commit().await?;
        let mut rows = rows.into_iter().map(typed).collect::<Stored<Vec<OutboxRow>>>()?;
        rows.sort_by_key(|row| (row.created_at, row.id.clone()));
        Ok(rows)
    }

    async fn owed(&self, kind: &str, target: &str, limit: i64) -> Stored<Vec<OutboxRow>> {
        let rest = "WHERE state = 'ready' AND kind = $1 AND target = $2 ORDER BY created_at, id LIMIT $3";
        self.select(rest, vec![text(kind), text(target), int(limit)]).await
    }

    async fn outbox(&self, site_id: &str, id: &str) -> Stored<Option<OutboxRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn settle(&self, row: &OutboxRow) -> Stored<()> {
        let sql = "UPDATE outbox SET state = $3, attempts = $4, not_before = $5, lease_until = $6, payload = $7, last_error = $8, done_at = $9 \
                   WHERE site_id = $1 AND id = $2 AND state <> 'done'";
        let params = vec![
            text(&row.site_id),
            text(&row.id),
            text(&row.state),
            int(row.attempts),
            int(row.not_before),
            int(row.lease_until),
            text(&row.payload),
            Cell::Text(row.last_error.clone()),
            Cell::Int(row.done_at),
        ];
        self.run(sql.to_owned(), params).await.map(drop)
    }

    async fn outbox_of(&self, site_id: &str, kind: &str, limit: i64) -> Stored<Vec<OutboxRow>> {
        let rest = "WHERE site_id = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT $3";
        self.select(rest, vec![text(site_id), text(kind), int(limit)]).await
    }

    async fn outbox_depth(&self) -> Stored<Vec<(String, String, i64)>> {
        let sql = "SELECT kind, state, COUNT(*) FROM outbox WHERE state <> 'done' GROUP BY kind, state ORDER BY kind, state";
        let rows = self.read(sql.to_owned(), Vec::new(), &[Kind::Text, Kind::Text, Kind::Int]).await?;
        let depth = |cells: Vec<Cell>| match cells.as_slice() {
            [Cell::Text(Some(kind)), Cell::Text(Some(state)), Cell::Int(Some(count))] => Some((kind.clone(), state.clone(), *count)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(depth).collect())
    }
}

#[async_trait]
impl SiteStore for SqlStore {
    async fn sites(&self) -> Stored<Vec<SiteRow>> {
        self.select("ORDER BY id", Vec::new()).await
    }

    async fn departments(&self) -> Stored<Vec<DepartmentRow>> {
        self.select("ORDER BY site_id, id", Vec::new()).await
    }

    async fn calendar_years(&self) -> Stored<Vec<CalendarRow>> {
        self.select("ORDER BY year", Vec::new()).await
    }

    async fn counter(&self, site_id: &str, name: &str) -> Stored<i64> {
        let row: Option<CounterRow> = self.first("WHERE site_id = $1 AND name = $2", vec![text(site_id), text(name)]).await?;
        Ok(row.map_or(0, |row| row.value))
    }

    async fn forget_practice(&self, practice_id: &str) -> Stored<u64> {
        if !is_practice(practice_id) {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        // The log first, as whoever writes a log locks it first; then the site, so that nothing new begins.
        let of_site = Row::TABLES.iter().filter(|(_, columns, ..)| columns.contains(&"site_id")).map(|(table, ..)| (*table, "site_id"));
        let all = [("site_log", "site_id"), ("sites", "id"), ("events", "site_id")].into_iter().chain(of_site);
        let mut count = 0;
        for (table, column) in all {
            count += tx.execute(format!("DELETE FROM {table} WHERE {column} = $1"), vec![text(practice_id)]).await?;
        }
        tx.commit().await?;
        Ok(count)
    }
}

#[async_trait]
impl DeviceStore for SqlStore {
    async fn device_by_token(&self, token_hash: &[u8]) -> Stored<Option<DeviceRow>> {
        self.first("WHERE token_hash = $1", vec![bytes(token_hash)]).await
    }

    async fn device(&self, site_id: &str, id: &str) -> Stored<Option<DeviceRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn devices(&self, site_id: &str) -> Stored<Vec<DeviceRow>> {
        self.select("WHERE site_id = $1 ORDER BY id", vec![text(site_id)]).await
    }

    async fn seen(&self, site_id: &str, id: &str, at: Millis, status: &str) -> Stored<()> {
        let sql = "UPDATE devices SET seen_at = $3, status = $4 WHERE site_id = $1 AND id = $2";
        self.run(sql.to_owned(), vec![text(site_id), text(id), int(at), text(status)]).await.map(drop)
    }

    async fn device_picture(&self, site_id: &str, device_id: &str) -> Stored<Option<DevicePictureRow>> {
        self.first("WHERE site_id = $1 AND device_id = $2", vec![text(site_id), text(device_id)]).await
    }

    async fn use_pairing(&self, code_hash: &[u8], now: Millis) -> Stored<Option<PairingRow>> {
        let sql = "UPDATE pairing_codes SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2";
        let used = self.run(sql.to_owned(), vec![bytes(code_hash), int(now)]).await?;
        if used == 0 { Ok(None) } else { self.first("WHERE code_hash = $1", vec![bytes(code_hash)]).await }
    }
}

#[async_trait]
impl StaffStore for SqlStore {
    async fn staff_by_username(&self, username: &str) -> Stored<Option<StaffRow>> {
        self.first("WHERE username = $1", vec![text(username)]).await
    }

    async fn staff(&self, site_id: &str, id: &str) -> Stored<Option<StaffRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn all_staff(&self) -> Stored<Vec<StaffRow>> {
        self.select("ORDER BY site_id, id", Vec::new()).await
    }

    async fn set_failures(&self, site_id: &str, id: &str, failures: i64, locked_until: Millis) -> Stored<()> {
        let sql = "UPDATE staff SET failures = $3, locked_until = $4 WHERE site_id = $1 AND id = $2";
        self.run(sql.to_owned(), vec![text(site_id), text(id), int(failures), int(locked_until)]).await.map(drop)
    }

    async fn add_session(&self, session: &SessionRow) -> Stored<()> {
        self.put(session).await
    }

    async fn session(&self, token_hash: &[u8]) -> Stored<Option<SessionRow>> {
        self.first("WHERE token_hash = $1", vec![bytes(token_hash)]).await
    }

    async fn touch_session(&self, token_hash: &[u8], at: Millis) -> Stored<()> {
        self.run("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1".to_owned(), vec![bytes(token_hash), int(at)]).await.map(drop)
    }

    async fn set_practice(&self, token_hash: &[u8], practice_id: Option<&str>) -> Stored<()> {
        let params = vec![bytes(token_hash), Cell::Text(practice_id.map(str::to_owned))];
        self.run("UPDATE sessions SET practice_id = $2 WHERE token_hash = $1".to_owned(), params).await.map(drop)
    }

    async fn end_session(&self, token_hash: &[u8]) -> Stored<()> {
        self.run("DELETE FROM sessions WHERE token_hash = $1".to_owned(), vec![bytes(token_hash)]).await.map(drop)
    }

    async fn end_sessions_of(&self, site_id: &str, staff_id: &str, but: Option<&[u8]>) -> Stored<()> {
        let sql = "DELETE FROM sessions WHERE site_id = $1 AND staff_id = $2 AND token_hash <> $3";
        self.run(sql.to_owned(), vec![text(site_id), text(staff_id), bytes(but.unwrap_or_default())]).await.map(drop)
    }
}

#[async_trait]
impl CaseStore for SqlStore {
    async fn case(&self, site_id: &str, id: &str) -> Stored<Option<CaseRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn cases(&self, filter: &CaseFilter) -> Stored<Vec<CaseRow>> {
        if filter.site_ids.is_empty() || filter.departments.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let (mut rest, mut params) = (String::new(), Vec::new());
        let departments = filter.departments.as_deref().unwrap_or_default();
        for (column, values) in [("site_id", filter.site_ids.as_slice()), ("state", &filter.states)] {
            if !values.is_empty() {
                rest.push_str(if rest.is_empty() { "WHERE " } else { " AND " });
                rest.push_str(&format!("{column} IN ({})", places(params.len() + 1, values.len())));
                params.extend(values.iter().map(|value| text(value)));
            }
        }
        if !departments.is_empty() {
            let mut either = format!("department_id IN ({})", places(params.len() + 1, departments.len()));
            params.extend(departments.iter().map(|id| text(id)));
            for id in departments {
                params.push(text(&format!("%,{},%", id.replace('_', "\\_"))));
                either.push_str(&format!(" OR step_departments LIKE ${} ESCAPE '\\'", params.len()));
            }
            rest.push_str(&format!(" AND ({either})"));
        }
        if filter.open {
            rest.push_str(" AND closed_at IS NULL");
        }
        if filter.entered_late {
            rest.push_str(" AND entered_late");
        }
        if let Some(after) = &filter.after {
            params.push(text(after));
            rest.push_str(&format!(" AND id > ${}", params.len()));
        }
        params.push(int(filter.limit));
        rest.push_str(&format!(" ORDER BY id LIMIT ${}", params.len()));
        self.select(&rest, params).await
    }

    async fn cases_by_tracking(&self, code: &str) -> Stored<Vec<CaseRow>> {
        self.select("WHERE tracking_code = $1 ORDER BY id", vec![text(code)]).await
    }

    async fn cases_by_applicants(&self, site_id: &str, person_ids: &[String]) -> Stored<Vec<CaseRow>> {
        if person_ids.is_empty() {
            return Ok(Vec::new());
        }
        let rest = format!("WHERE site_id = $1 AND applicant_id IN ({}) ORDER BY id", places(2, person_ids.len()));
        let params = std::iter::once(site_id).chain(person_ids.iter().map(String::as_str)).map(text).collect();
        self.select(&rest, params).await
    }

    async fn cases_open_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<CaseRow>> {
        let rest = "WHERE site_id = $1 AND received_at < $3 AND (closed_at IS NULL OR closed_at >= $2) ORDER BY id";
        self.select(rest, vec![text(site_id), int(from), int(to)]).await
    }

    async fn case_by_number(&self, number: &str) -> Stored<Option<CaseRow>> {
        self.first("WHERE number = $1", vec![text(number)]).await
    }

    async fn bundle_case(&self, site_id: &str, id: &str) -> Stored<Option<BundleCaseRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn certificate(&self, site_id: &str, id: &str) -> Stored<Option<CertificateRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn certificates(&self, site_id: &str) -> Stored<Vec<CertificateRow>> {
        self.select("WHERE site_id = $1 ORDER BY id", vec![text(site_id)]).await
    }

    async fn notifications(&self, site_id: &str, about_id: &str) -> Stored<Vec<NotificationRow>> {
        self.select("WHERE site_id = $1 AND about_id = $2 ORDER BY id", vec![text(site_id), text(about_id)]).await
    }

    async fn notification(&self, site_id: &str, id: &str) -> Stored<Option<NotificationRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn alerts(&self, site_id: &str) -> Stored<Vec<AlertRow>> {
        self.select("WHERE site_id = $1 AND settled_at IS NULL ORDER BY id", vec![text(site_id)]).await
    }

    async fn open_alerts(&self, kinds: &[&str]) -> Stored<Vec<AlertRow>> {
        let rest = format!("WHERE settled_at IS NULL AND kind IN ({}) ORDER BY site_id, id", places(1, kinds.len()));
        self.select(&rest, kinds.iter().map(|kind| text(kind)).collect()).await
    }

    async fn alert(&self, site_id: &str, id: &str) -> Stored<Option<AlertRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }
}

#[async_trait]
impl PersonStore for SqlStore {
    async fn person(&self, site_id: &str, id: &str) -> Stored<Option<PersonRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn persons_by_index(&self, site_id: &str, index: &[u8]) -> Stored<Vec<PersonRow>> {
        let rest = "WHERE site_id = $1 AND (id_number_index = $2 OR phone_index = $2) ORDER BY created_at DESC";
        self.select(rest, vec![text(site_id), bytes(index)]).await
    }

    async fn submission(&self, site_id: &str, id: &str) -> Stored<Option<SubmissionRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }
}
