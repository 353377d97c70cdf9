//! How many are ahead and how long a wait will be about, from the queues, the windows open now and
//! the newest service times of the line. An estimate for people; no rule depends on it.

use super::queue::key_of;
use super::state::{Hall, Line, Priority, Target, TicketState};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

impl Hall {
    /// How many tickets of the same queue will be called before a waiting one, by the order as it
    /// stands; `None` if the ticket does not wait.
    #[must_use]
    pub fn ahead(&self, ticket_id: &TicketId) -> Option<u32> {
        let ticket = self.tickets.get(ticket_id)?;
        let TicketState::Waiting { target, topped, .. } = &ticket.state else { return None };
        let key = key_of(ticket)?;
        let before = self.queues.before(target, ticket.priority, &key);
        let other = match ticket.priority {
            Priority::Ordinary => self.queues.count(target, Priority::Green),
            Priority::Green => self.queues.count(target, Priority::Ordinary),
        };
        if topped.is_some() {
            return Some(to_count(before));
        }
        let gap = self.doc.policy.green_bound.saturating_sub(1) as usize;
        let since_green = self.doc.lines.get(&ticket.line_id).and_then(|line| line.ordinary_since_green);
        let until_turn = since_green.map_or(0, |calls| gap.saturating_sub(calls as usize));
        let overtaking = match ticket.priority {
            Priority::Ordinary if gap == 0 => other,
            Priority::Ordinary if before < until_turn => 0,
            Priority::Ordinary => other.min(1 + (before - until_turn) / gap),
            Priority::Green => other.min(until_turn + before * gap),
        };
        Some(to_count(before + overtaking))
    }

    /// How many wait in a line, both classes.
    #[must_use]
    pub fn waiting_in(&self, line_id: &LineId) -> u32 {
        let target = Target::Line { line_id: line_id.clone() };
        to_count(self.queues.count(&target, Priority::Ordinary) + self.queues.count(&target, Priority::Green))
    }

    /// The wait of somebody who would take an ordinary number now, in seconds.
    #[must_use]
    pub fn estimated_wait_s(&self, line_id: &LineId) -> u32 {
        self.wait_behind_s(line_id, self.waiting_in(line_id))
    }

    /// The rest of the wait of a waiting ticket, in seconds; `None` if it does not wait.
    #[must_use]
    pub fn estimated_ticket_wait_s(&self, ticket_id: &TicketId) -> Option<u32> {
        let ahead = self.ahead(ticket_id)?;
        Some(self.wait_behind_s(&self.tickets.get(ticket_id)?.line_id, ahead))
    }

    fn wait_behind_s(&self, line_id: &LineId, ahead: u32) -> u32 {
        let serving = || self.windows().filter(|window| window.is_open() && window.current_line_ids().contains(line_id));
        let open = Millis::try_from(serving().count().max(1)).unwrap_or(1);
        let free = Millis::try_from(serving().filter(|window| window.serving.is_none()).count()).unwrap_or(0);
        let turns = (Millis::from(ahead) + 1 - free).max(0);
        let mean_ms = self.doc.lines.get(line_id).map_or(0, |line| self.mean_service_ms(line));
        u32::try_from(turns * mean_ms / open / 1000).unwrap_or(u32::MAX)
    }

    /// The mean of the newest service times of a line, or the assumed one, in milliseconds.
    fn mean_service_ms(&self, line: &Line) -> Millis {
        match Millis::try_from(line.service_times_ms.len()) {
            Ok(count) if count > 0 => line.service_times_ms.iter().sum::<Millis>() / count,
            _ => self.doc.policy.assumed_service_ms,
        }
    }
}

fn to_count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
