//! What the views remember of a business day beyond the hall itself: the newest calls, the tickets that
//! ended last, why a ticket was called, and whose visit may be rated at which window.
//!
//! Architecture Invariant: made by one fold over the day's events, while they happen as well as after a
//! restart, so that a screen shows the same whichever process it asks and since whenever that runs.

use std::collections::{BTreeMap, BTreeSet};

use domain::hall::{Event, Fact, Hall, Ticket};
use domain::ids::{TicketId, WindowId};
use protocol::calls::Calls;
use protocol::feed::BOARD_CALLS_MAX;
use serde_json::json;

use crate::app::error::Answer;
use crate::app::hall::ReasonView;
use crate::store::Stores;

/// Events of the log read at once, newest first.
const EVENTS_READ: i64 = 2_000;
/// The same where only the newest calls are wanted.
const EVENTS_READ_FOR_CALLS: i64 = 200;
/// How often, until a day's opening is found: far more than a hall's busiest day.
const READS_MAX: usize = 20;
/// Tickets that ended and are still shown.
const ENDED_SHOWN_MAX: usize = 20;

/// A visit that may be rated.
#[derive(Debug, Clone)]
pub(super) struct Rated {
    pub(super) tracking_code: String,
    pub(super) number: String,
}

/// See the file's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    pub(super) calls: Calls,
    /// Whether everything is kept and not only the calls, which are all that a board needs.
    pub(super) is_whole: bool,
    /// The tickets of the day that ended last, the newest first.
    pub(super) ended: Vec<Ticket>,
    pub(super) reasons: BTreeMap<TicketId, ReasonView>,
    pub(super) rated: BTreeMap<WindowId, Rated>,
}

impl Recent {
    /// As the log of a site tells it up to a position, with the hall as it is there; whole, or only what a
    /// board needs, which stands at the end of the log.
    pub(super) async fn load(stores: &Stores, site_id: &str, hall: &Hall, seq: i64, is_whole: bool) -> Answer<Self> {
        let (mut until, mut parts, mut called) = (seq, Vec::new(), BTreeSet::new());
        let events_read = if is_whole { EVENTS_READ } else { EVENTS_READ_FOR_CALLS };
        while until > 0 && parts.len() < READS_MAX {
            let after = (until - events_read).max(0);
            let logged = stores.events.events_after(site_id, after, until - after).await?;
            let of_hall = logged.iter().filter(|event| event.aggregate == "hall");
            let mut events = of_hall.map(|event| serde_json::from_str::<Event>(&event.body)).collect::<Result<Vec<_>, _>>()?;
            let opened = events.iter().rposition(|event| matches!(event.fact, Fact::DayOpened { .. }));
            let of_day = events.split_off(opened.unwrap_or(0));
            called.extend(of_day.iter().filter_map(Event::as_call).map(|(id, _)| id.clone()));
            parts.push(of_day);
            if opened.is_some() || (!is_whole && called.len() >= BOARD_CALLS_MAX) {
                break;
            }
            until = after;
        }
        let events: Vec<Event> = parts.into_iter().rev().flatten().collect();
        let mut ended = BTreeMap::new();
        for id in remembered(&events, is_whole).into_iter().filter(|id| hall.ticket(id).is_none()) {
            if let Some(row) = stores.halls.ticket(site_id, id.as_str()).await? {
                ended.insert(id, serde_json::from_str::<Ticket>(&row.doc)?);
            }
        }
        let mut recent = Self { is_whole, ..Self::default() };
        for event in &events {
            let named = event.ticket_id().and_then(|id| hall.ticket(id).or_else(|| ended.get(id)));
            recent.take(named, event);
        }
        Ok(recent)
    }

    /// Takes an event with the ticket that it names, as the event left it or later.
    pub(super) fn take(&mut self, ticket: Option<&Ticket>, event: &Event) {
        self.calls.take(ticket.map(|ticket| ticket.number.as_str()), event);
        if !self.is_whole {
            return;
        }
        if let (Some(ticket), true) = (ticket, ends(event)) {
            let newest = |ticket: &Ticket| std::cmp::Reverse((ticket.state.since(), ticket.id.clone()));
            let place = self.ended.partition_point(|other| newest(other) < newest(ticket));
            self.ended.insert(place, ticket.clone());
            self.ended.truncate(ENDED_SHOWN_MAX);
        }
        match &event.fact {
            Fact::DayOpened { .. } => (self.reasons, self.rated, self.ended) = Default::default(),
            Fact::TicketCalled { ticket_id, window_id, reason, .. } => {
                let view = ReasonView { code: reason.code().to_owned(), text: reason.explain(), figures: json!(reason) };
                self.reasons.insert(ticket_id.clone(), view);
                self.rated.remove(window_id);
            }
            Fact::TicketFinished { ticket_id, window_id, .. } => {
                self.reasons.remove(ticket_id);
                self.rated.remove(window_id);
                let rated = ticket.map(|ticket| Rated { tracking_code: ticket.tracking_code.clone(), number: ticket.number.clone() });
                self.rated.extend(rated.map(|rated| (window_id.clone(), rated)));
            }
            Fact::WindowClosed { window_id } | Fact::WindowTakenOver { window_id, .. } => {
                self.rated.remove(window_id);
            }
            // At the window the reason is shown as long as the visit goes on there.
            Fact::TicketRecalled { .. } | Fact::TicketStarted { .. } | Fact::TicketItemAdded { .. } | Fact::TicketItemSettled { .. } => {}
            _ => {
                if let Some(ticket_id) = event.ticket_id() {
                    self.reasons.remove(ticket_id);
                }
            }
        }
    }
}

/// Whether an event ends a ticket.
fn ends(event: &Event) -> bool {
    matches!(event.fact, Fact::TicketFinished { .. } | Fact::TicketAbandoned { .. } | Fact::TicketExpired { .. })
}

/// The tickets that will be remembered once all events are taken: those called or ended last, and the
/// last one of each window; only the former where the rest is not kept.
fn remembered(events: &[Event], is_whole: bool) -> Vec<TicketId> {
    let (mut called, mut ended, mut by_window) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut oldest_at = i64::MAX;
    for event in events.iter().rev() {
        let Some(id) = event.ticket_id() else { continue };
        if matches!(event.fact, Fact::TicketCalled { .. }) && called.len() < BOARD_CALLS_MAX && !called.contains(id) {
            called.push(id.clone());
        }
        if !is_whole {
            continue;
        }
        // Of those that ended in one millisecond the ids decide.
        if ends(event) && (ended.len() < ENDED_SHOWN_MAX || event.at == oldest_at) {
            oldest_at = event.at;
            ended.push(id.clone());
        }
        if let Fact::TicketFinished { window_id, .. } = &event.fact {
            by_window.entry(window_id.clone()).or_insert_with(|| id.clone());
        }
    }
    let mut ids: Vec<TicketId> = called.into_iter().chain(ended).chain(by_window.into_values()).collect();
    ids.sort();
    ids.dedup();
    ids
}
