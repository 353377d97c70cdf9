//! The queues of a hall as an index over its waiting tickets, so that "who is next" and "how many are
//! ahead" need no walk over all tickets. Derived: never stored, rebuilt from the tickets.

use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};

use super::class::Class;
use super::state::{Target, Ticket, TicketState};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

/// Where a ticket lines up within its target: apart when a person moved it to the top, else by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Topped,
    Of(Class),
}

impl Lane {
    /// Every lane.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Topped).chain(Class::ALL.map(Self::Of))
    }

    fn place(self) -> usize {
        match self {
            Self::Topped => 0,
            Self::Of(class) => 1 + class as usize,
        }
    }
}

/// What orders the waiting tickets of one target and lane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// When it lined up, or was topped; an appointment lines up at the begin of its slot.
    pub(super) from: Millis,
    pub(super) serial: u32,
    pub(super) id: TicketId,
}

pub(super) type Queue = RedBlackTreeSetSync<Key>;

/// The queues of one target, by lane.
type Lanes = [Queue; 1 + Class::ALL.len()];

/// The waiting tickets by target and lane, those set aside, and the live ticket of each holder.
#[derive(Debug, Clone, Default)]
pub(super) struct Queues {
    waiting: RedBlackTreeMapSync<Target, Lanes>,
    missed: RedBlackTreeSetSync<TicketId>,
    parked: RedBlackTreeSetSync<TicketId>,
    holders: RedBlackTreeMapSync<(LineId, String), TicketId>,
}

impl Queues {
    /// Takes a ticket in; one that neither waits nor is live leaves no trace.
    pub(super) fn insert(&mut self, ticket: &Ticket) {
        if let Some((target, lane, key)) = place_of(ticket) {
            let mut lanes = self.waiting.get(target).cloned().unwrap_or_default();
            lanes[lane.place()].insert_mut(key);
            self.waiting.insert_mut(target.clone(), lanes);
        }
        match ticket.state {
            TicketState::Missed { .. } => self.missed.insert_mut(ticket.id.clone()),
            TicketState::Parked { .. } => self.parked.insert_mut(ticket.id.clone()),
            _ => {}
        }
        if ticket.state.is_live() {
            for holder in holders_of(ticket) {
                self.holders.insert_mut(holder, ticket.id.clone());
            }
        }
    }

    /// Takes a ticket out, as it was taken in.
    pub(super) fn remove(&mut self, ticket: &Ticket) {
        if let Some((target, lane, key)) = place_of(ticket)
            && let Some(lanes) = self.waiting.get(target)
        {
            let mut lanes = lanes.clone();
            lanes[lane.place()].remove_mut(&key);
            self.waiting.insert_mut(target.clone(), lanes);
        }
        match ticket.state {
            TicketState::Missed { .. } => drop(self.missed.remove_mut(&ticket.id)),
            TicketState::Parked { .. } => drop(self.parked.remove_mut(&ticket.id)),
            _ => {}
        }
        for holder in holders_of(ticket) {
            if self.holders.get(&holder) == Some(&ticket.id) {
                self.holders.remove_mut(&holder);
            }
        }
    }

    /// Those who wait for a target in a lane, first first.
    pub(super) fn queue(&self, target: &Target, lane: Lane) -> Option<&Queue> {
        self.waiting.get(target).map(|lanes| &lanes[lane.place()]).filter(|queue| !queue.is_empty())
    }

    /// How many wait for a target in a lane.
    pub(super) fn count(&self, target: &Target, lane: Lane) -> usize {
        self.queue(target, lane).map_or(0, RedBlackTreeSetSync::size)
    }

    /// How many of a target and lane are before a key.
    pub(super) fn before(&self, target: &Target, lane: Lane, key: &Key) -> usize {
        let Some(queue) = self.queue(target, lane) else { return 0 };
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

/// The lane and key of a waiting ticket; `None` for one that does not wait.
pub(super) fn stand_of(ticket: &Ticket) -> Option<(Lane, Key)> {
    let TicketState::Waiting { place, topped, .. } = &ticket.state else { return None };
    let class = ticket.class();
    let slot = ticket.appointment.as_ref().filter(|_| class == Class::Appointment).map(|it| it.slot_starts_at);
    let (lane, from) = match topped {
        Some(topped) => (Lane::Topped, topped.at),
        None => (Lane::Of(class), slot.unwrap_or(Millis::MIN).max(place.orders_from())),
    };
    Some((lane, Key { from, serial: ticket.serial, id: ticket.id.clone() }))
}

fn place_of(ticket: &Ticket) -> Option<(&Target, Lane, Key)> {
    let TicketState::Waiting { target, .. } = &ticket.state else { return None };
    let (lane, key) = stand_of(ticket)?;
    Some((target, lane, key))
}

/// Its holder in each line where that one may have no other number.
fn holders_of(ticket: &Ticket) -> impl Iterator<Item = (LineId, String)> {
    ticket.holder_key.iter().flat_map(|key| ticket.line_ids().map(|line_id| (line_id.clone(), key.clone())))
}
