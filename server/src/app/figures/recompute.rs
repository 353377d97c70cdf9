//! Promise 10: every figure can be made again from the event log. Reads a site's log from its
//! beginning, makes visits and intervals anew and compares them with the rows of the store, one by one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::appointment::Figures as BookedFigures;
use domain::hall::{Figures, Interval, Visit};
use serde::Serialize;

use super::source::{LogReader, Source};
use crate::app::error::Answer;
use crate::store::Stores;

/// How often the store is read again when a server writes meanwhile.
const ROUNDS_MAX: usize = 10;
/// Differences that are listed; more are only counted.
const LISTED_MAX: usize = 100;

/// One thing that the store and the log tell differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The ticket, or the appointment.
    pub ticket_id: String,
    /// Place of the interval in the hall's history; none for the ticket or appointment itself.
    pub place: Option<i64>,
    /// What the store holds; none where it holds nothing.
    pub stored: Option<String>,
    /// What the log says; none where it says nothing.
    pub from_log: Option<String>,
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// The site.
    pub site: String,
    /// First business day.
    pub from: NaiveDate,
    /// Last business day.
    pub to: NaiveDate,
    /// Position of the log up to which was read.
    pub seq: i64,
    /// Tickets by the log.
    pub tickets: usize,
    /// Ended intervals by the log.
    pub intervals: usize,
    /// Whether the figures made from both are the same.
    pub figures_agree: bool,
    /// How many differences there are.
    pub difference_count: usize,
    /// The first of them.
    pub differences: Vec<Difference>,
}

impl Recomputed {
    /// Whether store and log tell the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.difference_count == 0 && self.figures_agree
    }
}

/// Compares the rows behind the figures of a site with its log, beside a server that goes on writing.
///
/// # Errors
/// When the store cannot be read or holds what cannot be understood.
pub async fn recompute(stores: &Stores, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<Recomputed> {
    let mut log = LogReader::new(stores, site_id)?;
    let mut rounds = 0;
    loop {
        log.read_on().await?;
        let stored = Source::stored(stores, site_id, from, to).await?;
        let head = stores.events.head(site_id).await?.map_or(0, |head| head.seq);
        rounds += 1;
        // Rows read while the log stood still are rows of this position.
        if head == log.seq || rounds == ROUNDS_MAX {
            return Ok(compared(site_id, (from, to), log.seq, &stored, &log.source(from, to)));
        }
    }
}

fn compared(site_id: &str, (from, to): (NaiveDate, NaiveDate), seq: i64, stored: &Source, from_log: &Source) -> Recomputed {
    let mut differences = differing(&told(stored), &told(from_log));
    let difference_count = differences.len();
    differences.truncate(LISTED_MAX);
    Recomputed {
        site: site_id.to_owned(),
        from,
        to,
        seq,
        tickets: from_log.visits.len(),
        intervals: from_log.intervals.len(),
        figures_agree: Figures::of(&stored.measures()) == Figures::of(&from_log.measures())
            && BookedFigures::of(&stored.appointments) == BookedFigures::of(&from_log.appointments),
        difference_count,
        differences,
    }
}

/// Every fact of a source under its key, as text that names all of it.
fn told(source: &Source) -> BTreeMap<(String, Option<i64>), String> {
    let visit = |visit: &Visit| {
        let Visit { class, date, issued_at, line_id, at_window, .. } = visit;
        format!("{} {date} issued {issued_at} line {line_id} window {}", class.as_str(), or_none(at_window.as_ref()))
    };
    let interval = |interval: &Interval| {
        let Interval { state, next, line_id, window_id, staff, start_ms, end_ms, .. } = interval;
        let (window, staff) = (or_none(window_id.as_ref()), or_none(staff.as_ref()));
        format!("{} {start_ms}–{end_ms} then {} line {line_id} window {window} staff {staff}", state.as_str(), next.as_str())
    };
    let visits = source.visits.iter().map(|one| ((one.ticket_id.to_string(), None), visit(one)));
    let intervals = source.intervals.iter().map(|(place, one)| ((one.ticket_id.to_string(), Some(*place)), interval(one)));
    let booked = source.appointments.iter().map(|one| {
        let state = serde_json::to_string(&one.state).unwrap_or_default();
        ((one.id.to_string(), None), format!("{state} line {} at {}", one.place.line_id, one.place.slot.starts_at))
    });
    visits.chain(intervals).chain(booked).collect()
}

fn or_none(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

fn differing(stored: &BTreeMap<(String, Option<i64>), String>, from_log: &BTreeMap<(String, Option<i64>), String>) -> Vec<Difference> {
    let difference = |(ticket_id, place): &(String, Option<i64>), stored: Option<&String>, from_log: Option<&String>| Difference {
        ticket_id: ticket_id.clone(),
        place: *place,
        stored: stored.cloned(),
        from_log: from_log.cloned(),
    };
    let differ = from_log.iter().filter(|(key, text)| stored.get(*key) != Some(*text));
    let mut all: Vec<Difference> = differ.map(|(key, text)| difference(key, stored.get(key), Some(text))).collect();
    let unknown = stored.iter().filter(|(key, _)| !from_log.contains_key(*key));
    all.extend(unknown.map(|(key, text)| difference(key, Some(text), None)));
    all.sort();
    all
}
