//! A country of halls: everything of one hall that the service wrote, as many times as there shall be halls, each
//! under names of its own. The service then works on them as on its own.

use std::path::Path;

use rusqlite::{Connection, Transaction, params_from_iter};
use server::vault::sha256;

use super::Fault;
use super::rows::{Cell, insert, rows_of, value};

/// The hall that is copied, and how its names stand in ids.
const SITE: &str = "country-0";
const KEY: &str = "c0";
const IN_IDS: &str = "_c0_";
/// Tables that belong to a hall, with the column that names it.
const TABLES: [(&str, &str); 8] = [
    ("sites", "id"),
    ("site_log", "site_id"),
    ("events", "site_id"),
    ("halls", "site_id"),
    ("windows", "site_id"),
    ("tickets", "site_id"),
    ("ticket_intervals", "site_id"),
    ("staff", "site_id"),
];
/// Halls written in one transaction.
const AT_ONCE: usize = 1_000;

/// A table with the rows to copy.
type Copied = (&'static str, Vec<Vec<Cell>>);

/// Makes it `count` halls, the one that is there among them; whoever works there signs in with `country-HALL-NUMBER`.
pub(super) fn write(file: &Path, count: usize) -> Result<(), Fault> {
    let mut connection = Connection::open(file)?;
    // Only the filling is careless with the disk.
    connection.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;")?;
    let mut tables: Vec<Copied> = Vec::new();
    for (table, column) in TABLES {
        tables.push((table, rows_of(&connection, table, &format!("{column} = ?1"), SITE)?));
    }
    let codes = tracking_codes(&tables);
    let staff = ids(&tables, "staff");
    let session = rows_of(&connection, "sessions", "site_id = ?1", SITE)?.pop().ok_or("nobody is signed in")?;
    let mut site = 0;
    while site < count {
        let transaction = connection.transaction()?;
        for site in site..(site + AT_ONCE).min(count) {
            if site > 0 {
                hall(&transaction, &tables, &codes, site)?;
            }
            sessions(&transaction, &session, &staff, site)?;
        }
        transaction.commit()?;
        site += AT_ONCE;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

fn tracking_codes(tables: &[Copied]) -> Vec<String> {
    let tickets = tables.iter().filter(|(table, _)| *table == "tickets").flat_map(|(_, rows)| rows);
    tickets.filter_map(|cells| text(cells.get(6))).collect()
}

fn ids(tables: &[Copied], of: &str) -> Vec<String> {
    tables.iter().filter(|(table, _)| *table == of).flat_map(|(_, rows)| rows).filter_map(|cells| text(cells.get(1))).collect()
}

fn text(cell: Option<&Cell>) -> Option<String> {
    match cell {
        Some(Cell::Text(text)) => text.clone(),
        _ => None,
    }
}

/// A tracking code of its own for a ticket of a hall, as long as the service's.
fn code(site: usize, place: usize) -> String {
    let mixed = u64::try_from(site * 1_000 + place).unwrap_or(u64::MAX).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{mixed:016X}")
}

fn hall(to: &Transaction<'_>, tables: &[Copied], codes: &[String], site: usize) -> Result<(), Fault> {
    let (site_id, in_ids, key) = (format!("country-{site}"), format!("_c{site}_"), format!("c{site}"));
    let renamed = |text: &str| {
        if text == KEY {
            return key.clone();
        }
        let mut text = text.replace(SITE, &site_id).replace(IN_IDS, &in_ids);
        for (place, known) in codes.iter().enumerate() {
            if text.contains(known.as_str()) {
                text = text.replace(known.as_str(), &code(site, place));
            }
        }
        text
    };
    for (table, rows) in tables {
        for cells in rows {
            let cells = cells.iter().map(|cell| match cell {
                Cell::Text(Some(text)) => value(&Cell::Text(Some(renamed(text)))),
                cell => value(cell),
            });
            to.prepare_cached(&insert(table, cells.len(), false))?.execute(params_from_iter(cells))?;
        }
    }
    Ok(())
}

/// A session for everybody of a hall.
fn sessions(to: &Transaction<'_>, template: &[Cell], staff: &[String], site: usize) -> Result<(), Fault> {
    for (number, id) in (1..).zip(staff) {
        let mut cells = template.to_vec();
        cells[0] = Cell::Bytes(Some(sha256(format!("country-{site}-{number}").as_bytes())));
        cells[1] = Cell::Text(Some(format!("country-{site}")));
        cells[2] = Cell::Text(Some(id.replace(IN_IDS, &format!("_c{site}_"))));
        to.prepare_cached(&insert("sessions", cells.len(), false))?.execute(params_from_iter(cells.iter().map(value)))?;
    }
    Ok(())
}
