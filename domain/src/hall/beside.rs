//! Taking in the journal of a keeper whose term is over, as a whole: another side decided about the hall meanwhile, and
//! the windows are that side's. So the visits of this keeper are recorded beside them: what happened to its tickets
//! counts, no window of now is touched, and whoever stood at one of its windows when it stopped is set aside for the
//! window to call back. As a whole, because a number that is known here with half its story would be called again.

use std::collections::BTreeMap;

use super::event::{Event, Fact};
use super::merge::{Clash, Fit, KeptDecision, MergeRule, Merged, UNHEARD};
use super::state::{Hall, Ticket, TicketState};
use crate::ids::{TicketId, WindowId};
use crate::time::Millis;

/// A visit that goes on at a window of the keeper.
struct Visit {
    window_id: WindowId,
    started_at: Option<Millis>,
}

type Visits = BTreeMap<TicketId, Visit>;

/// What becomes of one event: what is taken in, and the rule by which it was settled.
#[derive(Default)]
struct Taken {
    events: Vec<Event>,
    rule: Option<MergeRule>,
}

impl Taken {
    fn event(event: Event) -> Self {
        Self { events: vec![event], rule: None }
    }

    fn settled(self, rule: MergeRule) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

impl Visit {
    fn at(window_id: &WindowId) -> Self {
        Self { window_id: window_id.clone(), started_at: None }
    }
}

impl Hall {
    /// What becomes of a whole journal on this hall, decision by decision.
    #[must_use]
    pub fn merge_beside(&self, journal: &[KeptDecision]) -> Vec<Merged> {
        let (mut hall, mut visits) = (self.clone(), Visits::new());
        let mut all = Vec::with_capacity(journal.len());
        for kept in journal {
            let exact = visits.is_empty().then(|| hall.exact(kept)).flatten();
            let merged = exact.unwrap_or_else(|| hall.beside(kept, &mut visits));
            merged.events.iter().for_each(|event| drop(hall.evolve(event)));
            all.push(merged);
        }
        if let (Some(last), Some(kept)) = (all.last_mut(), journal.last()) {
            for (ticket_id, visit) in visits {
                let reason = Some(MergeRule::VisitOpen.text().to_owned());
                let fact = Fact::TicketParked { ticket_id, window_id: visit.window_id, reason, remind_at: None };
                let event = hall.not_before_its_state(&Event { at: kept.at, by: None, fact });
                hall.evolve(&event);
                last.clashes.push(Clash::of(&event, MergeRule::VisitOpen));
                last.events.push(event);
            }
        }
        all
    }

    fn beside(&self, kept: &KeptDecision, visits: &mut Visits) -> Merged {
        let (mut hall, mut merged) = (self.clone(), Merged::default());
        for event in &kept.events {
            let Taken { events, rule } = hall.take_beside(event, visits);
            merged.clashes.extend(rule.map(|rule| Clash::of(event, rule)));
            for event in events {
                let event = hall.not_before_its_state(&event);
                hall.evolve(&event);
                merged.events.push(event);
            }
        }
        merged
    }

    fn take_beside(&self, event: &Event, visits: &mut Visits) -> Taken {
        match &event.fact {
            Fact::WindowOpened { .. }
            | Fact::WindowPaused { .. }
            | Fact::WindowClosed { .. }
            | Fact::WindowTakenOver { .. }
            | Fact::HelpRequested { .. }
            | Fact::HelpAcknowledged { .. }
            | Fact::HelpResolved { .. } => Taken::default(),
            Fact::TicketCalled { ticket_id, window_id, .. } => match self.ticket(ticket_id) {
                None => Taken::default().settled(MergeRule::TicketOver),
                Some(ticket) if ticket.state.at_window() == Some(window_id) => Taken::default(),
                Some(ticket) if ticket.state.at_window().is_some() => {
                    let Some(put_back) = self.put_back_unheard(ticket, event) else {
                        return Taken::default().settled(MergeRule::TicketElsewhere);
                    };
                    visits.insert(ticket_id.clone(), Visit::at(window_id));
                    Taken::event(put_back).settled(MergeRule::HallCounts)
                }
                Some(_) => {
                    visits.insert(ticket_id.clone(), Visit::at(window_id));
                    Taken::default()
                }
            },
            _ => match event.ticket_id().cloned() {
                Some(ticket_id) if visits.contains_key(&ticket_id) => self.of_visit(event, &ticket_id, visits),
                // At a window there, and beside here: its call came with an earlier journal, or there was none.
                Some(ticket_id) if self.is_aside(&ticket_id) => match window_of(event) {
                    Some(window_id) => {
                        visits.insert(ticket_id.clone(), Visit::at(window_id));
                        self.of_visit(event, &ticket_id, visits)
                    }
                    None => self.fitting(event),
                },
                _ => self.fitting(event),
            },
        }
    }

    fn fitting(&self, event: &Event) -> Taken {
        match self.fits(event) {
            Fit::Takes => Taken::event(event.clone()),
            Fit::IsSo => Taken::default(),
            Fit::TakesAndTells(rule) => Taken::event(event.clone()).settled(rule),
            Fit::Clashes(rule) => Taken::default().settled(rule),
        }
    }

    /// What undoes a call that the service made in the last seconds before the cut and the hall did not hear: as for a
    /// keeper in office, the hall's later call counts. Since the hall was parted nobody else calls this ticket.
    fn put_back_unheard(&self, ticket: &Ticket, called: &Event) -> Option<Event> {
        let at = ticket.state.at_window().filter(|_| self.is_left(&ticket.id) && ticket.state.since() <= called.at)?;
        let fact = Fact::TicketPutBack { ticket_id: ticket.id.clone(), window_id: at.clone(), reason: UNHEARD.to_owned() };
        Some(Event { at: called.at, by: None, fact })
    }

    fn is_aside(&self, ticket_id: &TicketId) -> bool {
        self.ticket(ticket_id).is_some_and(|ticket| ticket.state.at_window().is_none())
    }

    /// What happens to a ticket during a visit at a window of the keeper; here it stays where it was all the while.
    fn of_visit(&self, event: &Event, ticket_id: &TicketId, visits: &mut Visits) -> Taken {
        match &event.fact {
            Fact::TicketStarted { .. } => {
                if let Some(visit) = visits.get_mut(ticket_id) {
                    visit.started_at = Some(event.at);
                }
                Taken::default()
            }
            Fact::TicketRecalled { .. } | Fact::TicketItemAdded { .. } | Fact::TicketItemSettled { .. } => Taken::default(),
            Fact::TicketPutBack { .. } => {
                visits.remove(ticket_id);
                Taken::default()
            }
            Fact::TicketFinished { window_id, outcome, .. } if self.waits(ticket_id) => {
                let started_at = visits.remove(ticket_id).and_then(|visit| visit.started_at).unwrap_or(event.at);
                let (ticket_id, window_id) = (ticket_id.clone(), window_id.clone());
                let begun = Fact::PaperVisitBegun { ticket_id: ticket_id.clone(), window_id: window_id.clone(), occurred_at: started_at };
                let ended = Fact::PaperVisitEnded { ticket_id, window_id, outcome: *outcome, occurred_at: event.at };
                Taken { events: vec![Event { fact: begun, ..event.clone() }, Event { fact: ended, ..event.clone() }], rule: None }
            }
            // Missed, parked, transferred, given up, or the end of the day: the visit is over, the rest is as it was.
            _ => {
                visits.remove(ticket_id);
                Taken::event(event.clone())
            }
        }
    }

    fn waits(&self, ticket_id: &TicketId) -> bool {
        self.ticket(ticket_id).is_some_and(|ticket| matches!(ticket.state, TicketState::Waiting { .. }))
    }
}

/// The window of an event that only somebody at a window has.
fn window_of(event: &Event) -> Option<&WindowId> {
    match &event.fact {
        Fact::TicketStarted { window_id, .. }
        | Fact::TicketRecalled { window_id, .. }
        | Fact::TicketFinished { window_id, .. }
        | Fact::TicketItemAdded { window_id, .. }
        | Fact::TicketItemSettled { window_id, .. }
        | Fact::TicketMissed { window_id, .. }
        | Fact::TicketParked { window_id, .. }
        | Fact::TicketPutBack { window_id, .. } => Some(window_id),
        _ => None,
    }
}
