//! Who is called next at a window, and by which rule.
//!
//! The order, first rule that finds somebody:
//!
//! 1. moved to the top by a person;
//! 2. at the head: sent here to the first place, then back after being missed or parked;
//! 3. at a window of the green channel: the green channel;
//! 4. over the limit: of the first of each class, the one who waits longest, if longer than the limit;
//! 5. the green channel, then appointments whose slot has begun, then quick matters;
//! 6. the lines that the window prefers;
//! 7. whoever came first.
//!
//! A class of rules 2, 4 and 5 is called only if its **turn** has come: in every line in which somebody
//! of a later class waits for this window, `bound - 1` calls went to others since the last one to the
//! class. So a person in a line sees at most one call in `bound` go to each class that stands before.
//! Rule 1, rule 3 and a call by name stand above that. An appointment before its slot is ordinary; a
//! ticket carried over waits only from the opening on.

use super::class::Class;
use super::command::Position;
use super::event::{Event, Fact};
use super::queue::{Key, Lane, Queue};
use super::reason::CallReason;
use super::state::{Hall, HeadCause, Place, Purpose, Target, Ticket, TicketState, Window};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

impl Hall {
    /// The ticket that a window would call at an instant, and why; `None` if nobody waits for it.
    #[must_use]
    pub fn next_for(&self, window: &Window, at: Millis) -> Option<(TicketId, CallReason)> {
        let targets = window.current_line_ids().iter().map(line_target);
        let targets = targets.chain(std::iter::once(Target::Window { window_id: window.id.clone() })).collect();
        let choice = Choice { hall: self, window, targets, at };
        choice.make().map(|(ticket, reason)| (ticket.id.clone(), reason))
    }

    /// Whom a window would call one after the other, at most `count`, if nothing else happened: the
    /// list at the desk.
    #[must_use]
    pub fn upcoming_for(&self, window: &Window, at: Millis, count: usize) -> Vec<(TicketId, CallReason)> {
        let Some(staff) = window.staff() else { return Vec::new() };
        let mut ahead = self.clone();
        let mut upcoming = Vec::new();
        while let Some((ticket_id, reason)) = ahead.next_for(window, at).filter(|_| upcoming.len() < count) {
            let (window_id, staff) = (window.id.clone(), staff.clone());
            let fact = Fact::TicketCalled { ticket_id: ticket_id.clone(), window_id, staff, reason: reason.clone() };
            ahead.evolve(&Event { at, by: None, fact });
            upcoming.push((ticket_id, reason));
        }
        upcoming
    }
}

impl Hall {
    /// Whom of a line an open window that serves it would call one after the other, at most `count`, if it served nothing
    /// else and nothing else happened, as the hall stood at its newest event: what a board tells beforehand. Nobody where
    /// no window is open for the line. A window of several lines may call somebody of another one in between.
    #[must_use]
    pub fn next_in(&self, line_id: &LineId, count: usize) -> Vec<TicketId> {
        let serves = |window: &&Window| window.is_open() && window.current_line_ids().contains(line_id);
        let Some((window, staff)) = self.windows().find(serves).and_then(|window| Some((window, window.staff()?))) else {
            return Vec::new();
        };
        let at = self.doc.recorded_at;
        let mut ahead = self.clone();
        let mut next = Vec::new();
        while next.len() < count {
            let choice = Choice { hall: &ahead, window, targets: vec![line_target(line_id)], at };
            let Some((ticket_id, reason)) = choice.make().map(|(ticket, reason)| (ticket.id.clone(), reason)) else { break };
            next.push(ticket_id.clone());
            if next.len() < count {
                let (window_id, staff) = (window.id.clone(), staff.clone());
                ahead.evolve(&Event { at, by: None, fact: Fact::TicketCalled { ticket_id, window_id, staff, reason } });
            }
        }
        next
    }
}

/// The question who is next: of a hall, at a window, at an instant.
struct Choice<'a> {
    hall: &'a Hall,
    window: &'a Window,
    /// The queues from which the window calls: those of its lines and its own.
    targets: Vec<Target>,
    at: Millis,
}

type Chosen<'a> = Option<(&'a Ticket, CallReason)>;

impl<'a> Choice<'a> {
    fn make(&self) -> Chosen<'a> {
        self.topped()
            .or_else(|| self.at_the_head())
            .or_else(|| self.green_at_a_green_window())
            .or_else(|| self.over_the_limit())
            .or_else(|| self.preferred_class())
            .or_else(|| self.preferred_line())
            .or_else(|| self.first_who_came())
    }

    fn topped(&self) -> Chosen<'a> {
        let ticket = self.first_in(Lane::Topped)?;
        let TicketState::Waiting { topped: Some(topped), .. } = &ticket.state else { return None };
        Some((ticket, CallReason::Topped { reason: topped.reason.clone() }))
    }

    fn at_the_head(&self) -> Chosen<'a> {
        let heads = [Class::Transferred, Class::Returned].into_iter().filter_map(|class| self.whose_turn_it_is(class));
        heads.map(|ticket| (ticket, self.reason_at_the_head(ticket))).next()
    }

    fn green_at_a_green_window(&self) -> Chosen<'a> {
        let ticket = self.first_of(Class::Green).filter(|_| self.window.purpose == Purpose::Green)?;
        Some((ticket, CallReason::GreenWindow { waited_ms: self.waited_ms(ticket) }))
    }

    fn over_the_limit(&self) -> Chosen<'a> {
        let limit_ms = self.hall.doc.policy.over_limit_ms;
        let classes = Class::PREFERRED.into_iter().chain([Class::Ordinary]);
        let over = classes.filter_map(|class| self.whose_turn_it_is(class)).filter(|ticket| self.waited_ms(ticket) > limit_ms);
        let ticket = over.min_by_key(|ticket| came(ticket))?;
        Some((ticket, CallReason::OldestOverLimit { waited_ms: self.waited_ms(ticket), limit_ms }))
    }

    fn preferred_class(&self) -> Chosen<'a> {
        let (class, ticket) = Class::PREFERRED.into_iter().find_map(|class| Some((class, self.whose_turn_it_is(class)?)))?;
        let (waited_ms, bound) = (self.waited_ms(ticket), self.hall.doc.policy.bound(class));
        let others_waiting = class.later().map(|later| self.waiting(later)).sum();
        let reason = match class {
            Class::Green => CallReason::GreenFirst { waited_ms, bound, others_waiting },
            Class::Appointment => CallReason::AppointmentFirst { waited_ms, bound, others_waiting },
            _ => CallReason::QuickFirst { waited_ms, bound, others_waiting },
        };
        Some((ticket, reason))
    }

    fn preferred_line(&self) -> Chosen<'a> {
        let preferred = &self.window.preferred_line_ids;
        if preferred.is_empty() {
            return None;
        }
        // Whoever was sent here from a line of other windows has nobody else.
        let is_meant = |line_id: &LineId| preferred.contains(line_id) || !self.window.current_line_ids().contains(line_id);
        let ticket = self.ordinary_in(is_meant)?;
        let oldest = self.first_of(Class::Ordinary).filter(|oldest| oldest.id != ticket.id)?;
        let (waited_ms, oldest_waited_ms) = (self.waited_ms(ticket), self.waited_ms(oldest));
        Some((ticket, CallReason::PreferredLine { waited_ms, oldest_waited_ms }))
    }

    fn first_who_came(&self) -> Chosen<'a> {
        let ticket = self.first_of(Class::Ordinary)?;
        let waited_ms = self.waited_ms(ticket);
        let passed = Class::ALL.into_iter().find(|class| *class < Class::Ordinary && self.first_of(*class).is_some());
        let reason = match passed {
            Some(class) => {
                let (calls_since, bound) = (self.calls_since(class).unwrap_or_default(), self.hall.doc.policy.bound(class));
                CallReason::OrdinaryTurn { waited_ms, class, calls_since, bound }
            }
            None => CallReason::InOrder { waited_ms },
        };
        Some((ticket, reason))
    }

    fn reason_at_the_head(&self, ticket: &Ticket) -> CallReason {
        match &ticket.state {
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Returned, from }, .. } => {
                CallReason::Returned { miss_count: ticket.miss_count, waited_ms: self.at - from }
            }
            TicketState::Waiting { place: Place::Head { cause: HeadCause::Transferred, .. }, .. } => {
                CallReason::TransferredHere { position: Position::First }
            }
            _ => CallReason::Resumed,
        }
    }

    fn waited_ms(&self, ticket: &Ticket) -> Millis {
        self.at - came(ticket).0
    }

    /// The first of a class, if its turn has come.
    fn whose_turn_it_is(&self, class: Class) -> Option<&'a Ticket> {
        let bound = self.hall.doc.policy.bound(class);
        self.first_of(class).filter(|_| bound <= 1 || self.calls_since(class).is_none_or(|calls| calls.saturating_add(1) >= bound))
    }

    /// The fewest calls to others since the last one to a class, over the lines in which somebody of a
    /// later class waits for this window; `None` if there is no such line or the class was called in none.
    fn calls_since(&self, class: Class) -> Option<u32> {
        let lines = self.targets.iter().flat_map(|target| self.lines_of_later(target, class));
        lines.filter_map(|line_id| self.hall.doc.lines.get(line_id)?.balance.since(class)).min()
    }

    /// The lines of those of later classes in a queue.
    fn lines_of_later<'b>(&'b self, target: &'b Target, class: Class) -> Vec<&'b LineId> {
        let waits = |later| self.count_in(target, later) > 0;
        match target {
            Target::Line { line_id } => class.later().any(waits).then_some(line_id).into_iter().collect(),
            Target::Window { .. } => {
                let tickets = class.later().flat_map(|later| self.tickets_in(target, later));
                tickets.map(|ticket| &ticket.line_id).collect()
            }
        }
    }

    /// How many of a class wait for this window.
    fn waiting(&self, class: Class) -> u32 {
        let count: usize = self.targets.iter().map(|target| self.count_in(target, class)).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn count_in(&self, target: &Target, class: Class) -> usize {
        let queue = self.hall.queues.queue(target, Lane::Of(class));
        let arrived = queue.map_or(0, |queue| arrived(queue, self.at));
        arrived + if class == Class::Ordinary { self.early(target).count() } else { 0 }
    }

    fn tickets_in(&self, target: &Target, class: Class) -> impl Iterator<Item = &'a Ticket> {
        let queue = self.hall.queues.queue(target, Lane::Of(class)).into_iter().flatten();
        let arrived = queue.take_while(|key| key.from <= self.at).filter_map(|key| self.hall.tickets.get(&key.id));
        arrived.chain(self.early(target).filter(move |_| class == Class::Ordinary))
    }

    /// The first of a class that waits for this window.
    fn first_of(&self, class: Class) -> Option<&'a Ticket> {
        if class == Class::Ordinary { self.ordinary_in(|_| true) } else { self.first_in(Lane::Of(class)) }
    }

    fn first_in(&self, lane: Lane) -> Option<&'a Ticket> {
        let firsts = self.targets.iter().filter_map(|target| self.first_key(target, lane));
        self.hall.tickets.get(&firsts.min()?.id)
    }

    /// The first of those of some lines who are ordinary now.
    fn ordinary_in(&self, is_meant: impl Fn(&LineId) -> bool) -> Option<&'a Ticket> {
        let firsts = self.targets.iter().filter_map(|target| match target {
            Target::Line { line_id } => self.first_ordinary(target).filter(|_| is_meant(line_id)),
            Target::Window { .. } => {
                let sent_here = self.tickets_in(target, Class::Ordinary).filter(|ticket| is_meant(&ticket.line_id));
                sent_here.min_by_key(|ticket| came(ticket))
            }
        });
        firsts.min_by_key(|ticket| came(ticket))
    }

    fn first_ordinary(&self, target: &Target) -> Option<&'a Ticket> {
        let first = self.first_key(target, Lane::Of(Class::Ordinary)).and_then(|key| self.hall.tickets.get(&key.id));
        first.into_iter().chain(self.early(target)).min_by_key(|ticket| came(ticket))
    }

    fn first_key(&self, target: &Target, lane: Lane) -> Option<&'a Key> {
        self.hall.queues.queue(target, lane)?.first().filter(|key| key.from <= self.at)
    }

    /// Those who wait for the begin of their slot.
    fn early(&self, target: &Target) -> impl Iterator<Item = &'a Ticket> {
        let queue = self.hall.queues.queue(target, Lane::Of(Class::Appointment));
        let early = queue.into_iter().flat_map(|queue| queue.iter().rev()).take_while(|key| key.from > self.at);
        early.filter_map(|key| self.hall.tickets.get(&key.id)).filter(|ticket| came(ticket).0 <= self.at)
    }
}

/// What orders tickets by nothing but their time.
fn came(ticket: &Ticket) -> (Millis, u32, &TicketId) {
    let from = match &ticket.state {
        TicketState::Waiting { place, .. } => place.orders_from(),
        _ => ticket.issued_at,
    };
    (from, ticket.serial, &ticket.id)
}

/// How many of a queue have lined up by an instant.
fn arrived(queue: &Queue, at: Millis) -> usize {
    match queue.last() {
        Some(last) if last.from <= at => queue.size(),
        _ => queue.iter().take_while(|key| key.from <= at).count(),
    }
}

fn line_target(line_id: &LineId) -> Target {
    Target::Line { line_id: line_id.clone() }
}
