//! Calling: the next one by the rules, one by name, and again.

use super::{Draft, Fact, Refusal, TicketAction};
use crate::hall::reason::CallReason;
use crate::hall::state::TicketState;
use crate::ids::{StaffId, TicketId, WindowId};

impl Draft<'_> {
    /// The person at a window that is open and free, if the actor may act there.
    pub(super) fn free_window(&self, window_id: &WindowId) -> Result<StaffId, Refusal> {
        let window = self.window(window_id)?;
        let staff = self.holder_of(window)?;
        if !window.is_open() {
            return Err(Refusal::WindowPaused);
        }
        match &window.serving {
            Some(ticket_id) => Err(Refusal::WindowBusy { ticket_id: ticket_id.clone() }),
            None => Ok(staff),
        }
    }

    pub(super) fn call_next(&mut self, window_id: &WindowId) -> Result<(), Refusal> {
        let staff = self.free_window(window_id)?;
        self.return_missed();
        if let Some((ticket_id, reason)) = self.hall.next_for(self.window(window_id)?, self.at) {
            self.call(ticket_id, window_id, staff, reason);
        }
        Ok(())
    }

    pub(super) fn call_ticket(&mut self, window_id: &WindowId, ticket_id: &TicketId, reason: &str) -> Result<(), Refusal> {
        let staff = self.free_window(window_id)?;
        self.ticket_for(ticket_id, TicketAction::Call)?;
        self.call(ticket_id.clone(), window_id, staff, CallReason::ByName { reason: reason.to_owned() });
        Ok(())
    }

    /// Calls a ticket; the call may be the one after which a missed ticket returns.
    pub(super) fn call(&mut self, ticket_id: TicketId, window_id: &WindowId, staff: StaffId, reason: CallReason) {
        self.record(Fact::TicketCalled { ticket_id, window_id: window_id.clone(), staff, reason });
        self.return_missed();
    }

    pub(super) fn recall(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::Recall)?;
        let policy = &self.hall.doc.policy;
        let Some(TicketState::Called { recall_count, last_call_at, .. }) = self.hall.ticket(ticket_id).map(|ticket| &ticket.state) else {
            return Ok(());
        };
        if *recall_count >= policy.recall_max {
            return Err(Refusal::RecallLimit { recall_max: policy.recall_max });
        }
        let wait_ms = last_call_at + policy.recall_cooldown_ms - self.at;
        if wait_ms > 0 {
            return Err(Refusal::RecallTooSoon { wait_ms });
        }
        let recall_count = recall_count + 1;
        self.record(Fact::TicketRecalled { ticket_id: ticket_id.clone(), window_id, recall_count });
        Ok(())
    }
}
