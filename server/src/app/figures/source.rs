//! What figures are made from: the visits and intervals of a span of business days, from the store, or
//! made again from the event log. One type for both, so that they can be compared.

use chrono::NaiveDate;
use domain::appointment::{Appointment, Event as Booked, Figures as BookedFigures};
use domain::hall::{Event, Interval, Measure, Replay, StateName, Ticket, Visit, measures};
use domain::ids::{LineId, SiteId, StaffId, TicketId, WindowId};
use domain::time::local_date;

use crate::app::error::{Answer, AppError};
use crate::store::{AppointmentRow, IntervalRow, Stores, TicketRow};

/// Events read at once.
const EVENTS_READ_MAX: i64 = 5_000;

/// Visits and intervals of a span of business days.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Every visit, by its ticket.
    pub visits: Vec<Visit>,
    /// Every ended interval with its place in the hall's history, by ticket and place.
    pub intervals: Vec<(i64, Interval)>,
    /// Every appointment whose slot lies in it, by its id.
    pub appointments: Vec<Appointment>,
}

impl Source {
    /// From rows of the store.
    pub(super) fn of_rows<'a>(tickets: impl IntoIterator<Item = &'a Ticket>, rows: &[IntervalRow]) -> Answer<Self> {
        let visits = tickets.into_iter().map(Visit::from).collect();
        let mut source = Self { visits, intervals: Vec::with_capacity(rows.len()), appointments: Vec::new() };
        for row in rows {
            source.intervals.push((row.ordinal, interval(row)?));
        }
        Ok(source.sorted())
    }

    /// From the store.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn stored(stores: &Stores, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<Self> {
        let (from, to) = (from.to_string(), to.to_string());
        let tickets = tickets_of(&stores.halls.tickets_between(site_id, &from, &to).await?)?;
        let source = Self::of_rows(&tickets, &stores.halls.intervals_between(site_id, &from, &to).await?)?;
        let appointments = appointments_of(&stores.appointments.appointments_between(site_id, &from, &to, None).await?)?;
        Ok(Self { appointments, ..source }.sorted())
    }

    /// What they measure.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let intervals: Vec<Interval> = self.intervals.iter().map(|(_, interval)| interval.clone()).collect();
        measures(&self.visits, &intervals)
    }

    fn sorted(mut self) -> Self {
        self.appointments.sort_by(|one, other| one.id.cmp(&other.id));
        self.visits.sort_by(|one, other| one.ticket_id.cmp(&other.ticket_id));
        self.intervals.sort_by(|(one_place, one), (place, other)| (&one.ticket_id, one_place).cmp(&(&other.ticket_id, place)));
        self
    }
}

/// A reader of one site's log from its beginning, that can go on where it stopped.
#[derive(Debug)]
pub(super) struct LogReader<'a> {
    stores: &'a Stores,
    site_id: &'a str,
    replay: Replay,
    booked: Vec<Booked>,
    /// The last position that was read.
    pub(super) seq: i64,
}

impl<'a> LogReader<'a> {
    pub(super) fn new(stores: &'a Stores, site_id: &'a str) -> Answer<Self> {
        let site = SiteId::parse(site_id).ok_or(AppError::NotFound)?;
        Ok(Self { stores, site_id, replay: Replay::new(site), booked: Vec::new(), seq: 0 })
    }

    /// Reads what the log has by now.
    pub(super) async fn read_on(&mut self) -> Answer<()> {
        loop {
            let events = self.stores.events.events_after(self.site_id, self.seq, EVENTS_READ_MAX).await?;
            let Some(last) = events.last() else { return Ok(()) };
            self.seq = last.seq;
            for event in &events {
                match event.aggregate.as_str() {
                    "hall" => self.replay.take(&serde_json::from_str::<Event>(&event.body)?),
                    "appointment" => self.booked.push(serde_json::from_str(&event.body)?),
                    _ => {}
                }
            }
        }
    }

    /// What the events read so far say about a span of business days.
    pub(super) fn source(&self, from: NaiveDate, to: NaiveDate) -> Source {
        let within = |visit: &&Visit| (from..=to).contains(&visit.date);
        let intervals =
            self.replay.intervals().filter(|(_, interval)| self.replay.visit(&interval.ticket_id).is_some_and(|visit| within(&visit)));
        Source {
            visits: self.replay.visits().filter(within).cloned().collect(),
            intervals: intervals.map(|(place, interval)| (i64::try_from(place).unwrap_or(i64::MAX), interval.clone())).collect(),
            appointments: BookedFigures::appointments_of(&self.booked)
                .into_iter()
                .filter(|booked| (from..=to).contains(&local_date(booked.place.slot.starts_at)))
                .collect(),
        }
        .sorted()
    }
}

pub(super) fn appointments_of(rows: &[AppointmentRow]) -> Answer<Vec<Appointment>> {
    Ok(rows.iter().map(|row| serde_json::from_str(&row.doc)).collect::<Result<_, _>>()?)
}

pub(super) fn tickets_of(rows: &[TicketRow]) -> Answer<Vec<Ticket>> {
    Ok(rows.iter().map(|row| serde_json::from_str::<Ticket>(&row.doc)).collect::<Result<_, _>>()?)
}

fn interval(row: &IntervalRow) -> Answer<Interval> {
    let bad = |column: &str| AppError::Internal(format!("ticket_intervals.{column} at {} {}", row.ticket_id, row.ordinal));
    Ok(Interval {
        ticket_id: TicketId::parse(&row.ticket_id).ok_or_else(|| bad("ticket_id"))?,
        state: StateName::parse(&row.state).ok_or_else(|| bad("state"))?,
        next: StateName::parse(&row.next).ok_or_else(|| bad("next"))?,
        line_id: LineId::parse(&row.line_id).ok_or_else(|| bad("line_id"))?,
        window_id: row.window_id.as_deref().and_then(WindowId::parse),
        staff: row.staff_id.as_deref().and_then(StaffId::parse),
        start_ms: row.start_ms,
        end_ms: row.end_ms,
    })
}
