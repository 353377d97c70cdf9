//! Who is told that the turn comes near: decided by the rules after whatever happened, once a ticket.

use super::{Draft, Fact};
use crate::hall::queue::Lane;
use crate::hall::state::{Target, Ticket};
use crate::ids::{LineId, TicketId};

impl Draft<'_> {
    /// Notices tickets that have few people before them, among the first of each queue.
    pub(super) fn notice_near(&mut self) {
        let people_ahead = self.hall.doc.policy.reminders.people_ahead;
        if people_ahead == 0 || self.events.is_empty() {
            return;
        }
        let targets = self.hall.doc.lines.keys().map(|line_id| Target::Line { line_id: LineId::clone(line_id) });
        let windows = self.hall.windows.keys().map(|window_id| Target::Window { window_id: window_id.clone() });
        let near: Vec<(TicketId, u32)> = targets.chain(windows).flat_map(|target| self.near_in(&target, people_ahead)).collect();
        for (ticket_id, ahead) in near {
            self.record_by_rule(self.at, Fact::TicketNearNoticed { ticket_id, ahead });
        }
    }

    fn near_in(&self, target: &Target, people_ahead: u32) -> Vec<(TicketId, u32)> {
        let first = |lane| self.hall.queues.queue(target, lane).into_iter().flatten().take(people_ahead as usize + 1);
        let tickets = Lane::all().flat_map(first).filter_map(|key| self.hall.ticket(&key.id));
        let waits = tickets.filter(|ticket: &&Ticket| ticket.phone_left && !ticket.near_noticed && !ticket.was_called);
        waits
            .filter_map(|ticket| Some((ticket.id.clone(), self.hall.ahead(&ticket.id)?)))
            .filter(|(_, ahead)| *ahead <= people_ahead)
            .collect()
    }
}
