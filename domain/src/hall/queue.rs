//! The queues of a hall as an index over its waiting tickets, so that "who is next" and "how many are
//! ahead" need no walk over all tickets. Derived: never stored, rebuilt from the tickets.

use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::state::{Place, Priority, Target, Ticket, TicketState};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

/// Whether a waiting ticket was topped, is at the head, or in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Topped,
    Head,
    InOrder,
}

/// What orders the waiting tickets of one target and class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) rank: Rank,
    pub(super) from: Millis,
    pub(super) serial: u32,
    pub(super) id: TicketId,
}

pub(super) type Queue = RedBlackTreeSetSync<Key>;

/// The waiting tickets by target and class, those set aside, and the live ticket of each holder.
#[derive(Debug, Clone, Default)]
pub(super) struct Queues {
    waiting: RedBlackTreeMapSync<(Target, Priority), Queue>,
    missed: RedBlackTreeSetSync<TicketId>,
    parked: RedBlackTreeSetSync<TicketId>,
    holders: RedBlackTreeMapSync<(LineId, String), TicketId>,
}

impl Queues {
    /// Takes a ticket in; one that neither waits nor is live leaves no trace.
    pub(super) fn insert(&mut self, ticket: &Ticket) {
        if let Some((slot, key)) = slot_of(ticket) {
            let queue = self.waiting.get(&slot).cloned().unwrap_or_default().insert(key);
            self.waiting.insert_mut(slot, queue);
        }
        match ticket.state {
            TicketState::Missed { .. } => self.missed.insert_mut(ticket.id.clone()),
            TicketState::Parked { .. } => self.parked.insert_mut(ticket.id.clone()),
            _ => {}
        }
        if let (true, Some(holder)) = (ticket.state.is_live(), holder_of(ticket)) {
            self.holders.insert_mut(holder, ticket.id.clone());
        }
    }

    /// Takes a ticket out, as it was taken in.
    pub(super) fn remove(&mut self, ticket: &Ticket) {
        if let Some((slot, key)) = slot_of(ticket)
            && let Some(queue) = self.waiting.get(&slot)
        {
            let queue = queue.remove(&key);
            self.waiting.insert_mut(slot, queue);
        }
        match ticket.state {
            TicketState::Missed { .. } => drop(self.missed.remove_mut(&ticket.id)),
            TicketState::Parked { .. } => drop(self.parked.remove_mut(&ticket.id)),
            _ => {}
        }
        if let Some(holder) = holder_of(ticket)
            && self.holders.get(&holder) == Some(&ticket.id)
        {
            self.holders.remove_mut(&holder);
        }
    }

    /// Those who wait for a target in a class, first first.
    pub(super) fn queue(&self, target: &Target, priority: Priority) -> Option<&Queue> {
        self.waiting.get(&(target.clone(), priority)).filter(|queue| !queue.is_empty())
    }

    /// How many wait for a target in a class.
    pub(super) fn count(&self, target: &Target, priority: Priority) -> usize {
        self.queue(target, priority).map_or(0, RedBlackTreeSetSync::size)
    }

    /// How many of a target and class are before a ticket.
    pub(super) fn before(&self, target: &Target, priority: Priority, key: &Key) -> usize {
        let Some(queue) = self.queue(target, priority) else { return 0 };
        match queue.last() {
            Some(last) if last < key => queue.size(),
            Some(last) if last == key => queue.size() - 1,
            _ => queue.range(..key.clone()).count(),
        }
    }

    /// The missed tickets by id.
    pub(super) fn missed(&self) -> impl Iterator<Item = &TicketId> {
        self.missed.iter()
    }

    /// The parked tickets by id.
    pub(super) fn parked(&self) -> impl Iterator<Item = &TicketId> {
        self.parked.iter()
    }

    /// The live ticket of a holder in a line.
    pub(super) fn held(&self, line_id: &LineId, holder_key: &str) -> Option<&TicketId> {
        self.holders.get(&(line_id.clone(), holder_key.to_owned()))
    }
}

/// The key of a waiting ticket; `None` for one that does not wait.
pub(super) fn key_of(ticket: &Ticket) -> Option<Key> {
    let TicketState::Waiting { place, topped, .. } = &ticket.state else { return None };
    let (rank, from) = match (topped, place) {
        (Some(topped), _) => (Rank::Topped, topped.at),
        (None, Place::Head { from, .. }) => (Rank::Head, *from),
        (None, Place::InOrder { from }) => (Rank::InOrder, *from),
    };
    Some(Key { rank, from, serial: ticket.serial, id: ticket.id.clone() })
}

fn slot_of(ticket: &Ticket) -> Option<((Target, Priority), Key)> {
    let TicketState::Waiting { target, .. } = &ticket.state else { return None };
    Some(((target.clone(), ticket.priority), key_of(ticket)?))
}

fn holder_of(ticket: &Ticket) -> Option<(LineId, String)> {
    ticket.holder_key.as_ref().map(|key| (ticket.line_id.clone(), key.clone()))
}
