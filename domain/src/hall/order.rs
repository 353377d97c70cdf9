//! Who is called next at a window, and by which rule.
//!
//! The order, first rule that finds somebody: moved to the top · at the head (returned, resumed,
//! transferred to the first place) · an ordinary ticket over the limit · the green channel, if its
//! turn has come · in order. The green channel's turn has come when, in every line in which ordinary
//! tickets wait for this window, `green_bound - 1` ordinary tickets were called since the last green
//! one by windows that serve the line. So a person in a line sees at most one green call in
//! `green_bound`; only what a person decides by name or by 置顶 stands above that.

use super::event::{Event, Fact};
use super::queue::{Key, Rank};
use super::reason::CallReason;
use super::state::{Hall, HeadCause, Place, Priority, Target, Ticket, TicketState, Window};
use super::{Position, queue};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

impl Hall {
    /// The ticket that a window would call at an instant, and why; `None` if nobody waits for it.
    #[must_use]
    pub fn next_for(&self, window: &Window, at: Millis) -> Option<(TicketId, CallReason)> {
        let ordinary = self.first_in(window, Priority::Ordinary);
        let green = self.first_in(window, Priority::Green);
        let since_green = self.ordinary_since_green(window);
        let green_bound = self.doc.policy.green_bound;
        let green_turn = since_green.is_none_or(|calls| calls.saturating_add(1) >= green_bound);

        if let Some(key) = least(ordinary, green, Rank::Topped) {
            return Some(self.chosen(key, at));
        }
        if let Some(key) = least(ordinary, green.filter(|_| green_turn), Rank::Head) {
            return Some(self.chosen(key, at));
        }
        let limit_ms = self.doc.policy.over_limit_ms;
        match (ordinary, green) {
            (Some(key), _) if at - key.from > limit_ms => {
                Some((key.id.clone(), CallReason::OldestOverLimit { waited_ms: at - key.from, limit_ms }))
            }
            (_, Some(key)) if green_turn => {
                let ordinary_waiting = self.waiting_for(window, Priority::Ordinary);
                Some((key.id.clone(), CallReason::GreenFirst { waited_ms: at - key.from, green_bound, ordinary_waiting }))
            }
            (Some(key), Some(_)) => {
                let ordinary_since_green = since_green.unwrap_or_default();
                let reason = CallReason::OrdinaryTurn { waited_ms: at - key.from, ordinary_since_green, green_bound };
                Some((key.id.clone(), reason))
            }
            (Some(key), None) => Some((key.id.clone(), CallReason::InOrder { waited_ms: at - key.from })),
            (None, _) => None,
        }
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

    /// How many wait for a window in a class.
    fn waiting_for(&self, window: &Window, priority: Priority) -> u32 {
        let count: usize = targets(window).map(|target| self.queues.count(&target, priority)).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn first_in(&self, window: &Window, priority: Priority) -> Option<&Key> {
        targets(window).filter_map(|target| self.queues.queue(&target, priority).and_then(queue::Queue::first)).min()
    }

    /// The fewest calls to ordinary tickets since the last green one, over the lines in which ordinary
    /// tickets wait for this window; `None` if none waits or none of these lines saw a green call.
    fn ordinary_since_green(&self, window: &Window) -> Option<u32> {
        let here = Target::Window { window_id: window.id.clone() };
        let sent_here = self.queues.queue(&here, Priority::Ordinary).into_iter().flatten();
        let their_lines = sent_here.filter_map(|key| self.tickets.get(&key.id)).map(|ticket| &ticket.line_id);
        let waits = |line_id: &&LineId| self.queues.count(&line_target(line_id), Priority::Ordinary) > 0;
        let lines = window.current_line_ids().iter().filter(waits).chain(their_lines);
        lines.filter_map(|line_id| self.doc.lines.get(line_id)?.ordinary_since_green).min()
    }

    fn chosen(&self, key: &Key, at: Millis) -> (TicketId, CallReason) {
        let reason = self.tickets.get(&key.id).map_or(CallReason::Resumed, |ticket| reason_of(ticket, at));
        (key.id.clone(), reason)
    }
}

/// Why a ticket stands before those in order.
fn reason_of(ticket: &Ticket, at: Millis) -> CallReason {
    match &ticket.state {
        TicketState::Waiting { topped: Some(topped), .. } => CallReason::Topped { reason: topped.reason.clone() },
        TicketState::Waiting { place: Place::Head { cause: HeadCause::Returned, from }, .. } => {
            CallReason::Returned { miss_count: ticket.miss_count, waited_ms: at - from }
        }
        TicketState::Waiting { place: Place::Head { cause: HeadCause::Transferred, .. }, .. } => {
            CallReason::TransferredHere { position: Position::First }
        }
        _ => CallReason::Resumed,
    }
}

/// The lesser of two keys that have a rank.
fn least<'a>(one: Option<&'a Key>, other: Option<&'a Key>, rank: Rank) -> Option<&'a Key> {
    one.into_iter().chain(other).filter(|key| key.rank == rank).min()
}

fn targets(window: &Window) -> impl Iterator<Item = Target> {
    window.current_line_ids().iter().map(line_target).chain(std::iter::once(Target::Window { window_id: window.id.clone() }))
}

fn line_target(line_id: &LineId) -> Target {
    Target::Line { line_id: line_id.clone() }
}
