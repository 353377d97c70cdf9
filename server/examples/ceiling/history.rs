//! Years behind a hall: copies of the tickets that the service wrote, with their stretches and events, on the days
//! before today. The service then works on them as on its own.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Transaction, params_from_iter};

use super::Fault;
use super::rows::{Cell, insert, row_of, value};

/// Tickets of one day.
const DAY: u64 = 300;
/// Tickets written in one transaction.
const AT_ONCE: u64 = 50_000;
/// Events of one ticket: issued, called, given up.
const EVENTS: [&str; 3] = ["ticket_issued", "ticket_called", "ticket_abandoned"];

/// Writes `count` tickets before today.
pub(super) fn write(file: &Path, count: u64) -> Result<(), Fault> {
    let mut connection = Connection::open(file)?;
    // Only the filling is careless with the disk.
    connection.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;")?;
    let template = Template::read(&connection)?;
    let mut head: i64 = connection.query_row("SELECT seq FROM site_log WHERE site_id = 'demo-center'", [], |row| row.get(0))?;
    let mut done = 0;
    while done < count {
        let transaction = connection.transaction()?;
        for serial in done..(done + AT_ONCE).min(count) {
            template.write(&transaction, serial, &mut head)?;
        }
        transaction.execute("UPDATE site_log SET seq = ?1 WHERE site_id = 'demo-center'", [head])?;
        transaction.commit()?;
        done += AT_ONCE;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

struct Template {
    ticket: Vec<Cell>,
    stretches: Vec<Vec<Cell>>,
    events: Vec<Vec<Cell>>,
}

impl Template {
    fn read(from: &Connection) -> Result<Self, Fault> {
        let ticket = row_of(from, "tickets", "state = ?1", "abandoned")?;
        let Some(Cell::Text(Some(id))) = ticket.get(1) else { return Err("no ticket that ended".into()) };
        let called = row_of(from, "ticket_intervals", "next = 'called' AND ticket_id = ?1", id)?;
        let ended = row_of(from, "ticket_intervals", "state = 'called' AND ticket_id = ?1", id)?;
        let events = EVENTS.iter().map(|kind| row_of(from, "events", "kind = ?1", kind)).collect::<Result<_, _>>()?;
        Ok(Self { ticket, stretches: vec![called, ended], events })
    }

    fn write(&self, to: &Transaction<'_>, serial: u64, head: &mut i64) -> Result<(), Fault> {
        let (day, of_day) = (serial / DAY + 1, serial % DAY + 1);
        let date: String = to.prepare_cached("SELECT date('now', ?1)")?.query_row([format!("-{day} days")], |row| row.get(0))?;
        let (id, mixed) = (format!("t_dc_past{serial:020}"), serial.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let ticket = [
            (1, text(&id)),
            (2, text(&date)),
            (4, text(&format!("A{of_day:03}"))),
            (6, text(&format!("{:016X}", !mixed))),
            (7, text(&format!("{:08X}", mixed >> 32))),
        ];
        put(to, "tickets", &self.ticket, BTreeMap::from(ticket))?;
        for (ordinal, stretch) in (1..).zip(&self.stretches) {
            put(to, "ticket_intervals", stretch, BTreeMap::from([(1, text(&id)), (2, Cell::Int(Some(ordinal))), (3, text(&date))]))?;
        }
        for event in &self.events {
            *head += 1;
            put(to, "events", event, BTreeMap::from([(1, Cell::Int(Some(*head)))]))?;
        }
        Ok(())
    }
}

fn text(value: &str) -> Cell {
    Cell::Text(Some(value.to_owned()))
}

/// A copy of a row with some cells of its own.
fn put(to: &Transaction<'_>, table: &str, cells: &[Cell], own: BTreeMap<usize, Cell>) -> Result<(), Fault> {
    let cells = cells.iter().enumerate().map(|(place, cell)| value(own.get(&place).unwrap_or(cell)));
    to.prepare_cached(&insert(table, cells.len(), false))?.execute(params_from_iter(cells))?;
    Ok(())
}
