//! Two keepers of one hall that cannot hear each other. Another kiosk takes over only by a person's word, and a word can
//! be wrong: the first may live and call on. So the tickets are parted. Whoever has a number at that moment is left to the
//! first keeper, and the other calls only whom it gave a number itself: no ticket is ever in two queues, whatever a person
//! confirmed and whatever arrives late. Joined again it is when the first has handed over, or by a person's word at the
//! centre. A local rule, see `docs/decisions/0004`.

use super::actions::{TicketAction, allowed_actions};
use super::state::{Hall, Ticket};
use crate::ids::TicketId;

/// What can be done with a ticket that was left: what ends its stay at a window, or gives it up.
const OF_LEFT: [TicketAction; 7] = [
    TicketAction::Start,
    TicketAction::Finish,
    TicketAction::AddItem,
    TicketAction::SettleItem,
    TicketAction::Miss,
    TicketAction::Park,
    TicketAction::Abandon,
];

impl Hall {
    /// Whether something is left to the keeper of a term; without a term to any.
    #[must_use]
    pub fn has_left(&self, term: Option<u64>) -> bool {
        self.doc.left.values().any(|left| term.is_none_or(|term| term == *left))
    }

    /// Whether a ticket may be dealt with so, as far as it is a question of whose it is.
    pub(super) fn may_be_done(&self, ticket_id: &TicketId, action: TicketAction) -> bool {
        !self.is_left(ticket_id) || OF_LEFT.contains(&action)
    }

    /// What the rules allow with a ticket of this hall now: a button exists exactly when they do.
    #[must_use]
    pub fn allowed_with(&self, ticket: &Ticket) -> Vec<TicketAction> {
        allowed_actions(&ticket.state).iter().copied().filter(|action| self.may_be_done(&ticket.id, *action)).collect()
    }

    pub(super) fn part(&mut self, term: u64) {
        let now: Vec<TicketId> = self.tickets.keys().filter(|id| !self.is_left(id)).cloned().collect();
        for id in now {
            if let Some(ticket) = self.tickets.get(&id) {
                self.queues.remove(ticket);
            }
            self.doc.left.insert(id, term);
        }
    }

    pub(super) fn rejoin(&mut self, term: Option<u64>) {
        let back: Vec<TicketId> =
            self.doc.left.iter().filter(|(_, left)| term.is_none_or(|term| term == **left)).map(|(id, _)| id.clone()).collect();
        for id in back {
            self.doc.left.remove(&id);
            if let Some(ticket) = self.tickets.get(&id) {
                self.queues.insert(ticket);
            }
        }
    }
}
