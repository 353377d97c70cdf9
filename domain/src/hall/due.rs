//! When time alone will change a hall, so that a timer asks only the halls for which it has come.

use super::state::{Hall, Ticket, TicketState};
use crate::time::{DAY_MS, Millis, local_date, start_of};

impl Hall {
    /// The first instant at which the timer ([`Command::Tick`](super::Command::Tick)) has something to decide,
    /// as the hall is now; one that is past has come. A hall always has one: the end of its business day.
    #[must_use]
    pub fn next_due(&self) -> Millis {
        let Some(date) = self.doc.business_date else { return self.doc.recorded_at };
        let day_over = start_of(date) + DAY_MS;
        let closing = self.doc.hours.closes_at(date).filter(|_| self.doc.closing_passed_on != Some(date));
        let work_over = closing.map(|closes_at| closes_at + self.doc.policy.serving.day_end_after_ms);
        let aside = self.queues.missed().chain(self.queues.parked()).filter_map(|id| self.ticket(id));
        let scheduled = self.doc.scheduled.first().map(|scheduled| scheduled.from);
        aside.filter_map(|ticket| self.ticket_due(ticket)).chain(work_over).chain(scheduled).fold(day_over, Millis::min)
    }

    /// When a ticket that was set aside comes back, or its desk is to be reminded.
    fn ticket_due(&self, ticket: &Ticket) -> Option<Millis> {
        match ticket.state {
            TicketState::Missed { returns: true, .. } => self.returns_at(ticket),
            TicketState::Parked { remind_at, reminded_at: None, .. } => remind_at,
            _ => None,
        }
    }

    /// When a missed ticket comes back by itself; at once when enough others of its line were called since.
    pub(super) fn returns_at(&self, ticket: &Ticket) -> Option<Millis> {
        let TicketState::Missed { at, line_calls, returns: true, .. } = ticket.state else { return None };
        // The day's calls begin at none again: one carried over and missed the evening before counts all of them.
        let missed_today = self.doc.business_date.is_none_or(|today| local_date(at) >= today);
        let calls_before = if missed_today { line_calls } else { 0 };
        let (policy, calls) = (&self.doc.policy, self.line(&ticket.line_id)?.calls_today.saturating_sub(calls_before));
        Some(if calls >= policy.return_after_calls { self.doc.recorded_at } else { at + policy.return_after_ms })
    }
}
