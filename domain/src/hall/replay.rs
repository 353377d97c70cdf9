//! A site's history made again from its events and from nothing else: every visit and every ended
//! interval. What the store holds is compared with it.

use std::collections::BTreeMap;

use super::event::Event;
use super::figures::Visit;
use super::interval::{Interval, ended_interval};
use super::state::Hall;
use crate::ids::{SiteId, TicketId};

/// Takes the events of a site in order.
#[derive(Debug, Clone)]
pub struct Replay {
    hall: Hall,
    visits: BTreeMap<TicketId, Visit>,
    intervals: Vec<(u64, Interval)>,
}

impl Replay {
    /// Before the first event.
    #[must_use]
    pub fn new(site: SiteId) -> Self {
        Self::on(Hall::new(site))
    }

    /// In the middle of a history: a hall with the visits that go on in it.
    #[must_use]
    pub fn on(hall: Hall) -> Self {
        let visits = hall.tickets().map(|ticket| (ticket.id.clone(), Visit::from(ticket))).collect();
        Self { hall, visits, intervals: Vec::new() }
    }

    /// Takes the next event in.
    pub fn take(&mut self, event: &Event) {
        let id = event.ticket_id();
        let ended = id.and_then(|id| self.hall.ticket(id)).and_then(|ticket| ended_interval(ticket, event));
        let left = self.hall.evolve(event);
        if let (Some(id), Some(ticket)) = (id, left.as_ref().or_else(|| id.and_then(|id| self.hall.ticket(id)))) {
            self.visits.insert(id.clone(), Visit::from(ticket));
        }
        self.intervals.extend(ended.map(|interval| (self.hall.version(), interval)));
    }

    /// The hall after the last event.
    #[must_use]
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Every visit by its ticket, as the last event left it.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.visits.values()
    }

    /// Every ended interval in order, with the hall's version at its end: it is never used twice.
    pub fn intervals(&self) -> impl Iterator<Item = (u64, &Interval)> {
        self.intervals.iter().map(|(version, interval)| (*version, interval))
    }

    /// The visit of a ticket.
    #[must_use]
    pub fn visit(&self, id: &TicketId) -> Option<&Visit> {
        self.visits.get(id)
    }
}

/// Every ended interval of a site's history.
#[must_use]
pub fn intervals_of<'a>(site: &SiteId, events: impl IntoIterator<Item = &'a Event>) -> Vec<Interval> {
    let mut replay = Replay::new(site.clone());
    events.into_iter().for_each(|event| replay.take(event));
    replay.intervals.into_iter().map(|(_, interval)| interval).collect()
}
