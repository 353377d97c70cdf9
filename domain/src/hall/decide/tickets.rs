//! What happens to one ticket between its call and its end.

use super::{Draft, Fact, Refusal, TicketAction};
use crate::hall::command::Position;
use crate::hall::reason::CallReason;
use crate::hall::state::{HeadCause, Outcome, Place, Target, Ticket, TicketState, WindowState};
use crate::hall::visit::ItemOutcome;
use crate::ids::{LineId, TicketId};

impl Draft<'_> {
    pub(super) fn start(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        let (window_id, staff) = self.ticket_at_window(ticket_id, TicketAction::Start)?;
        self.record(Fact::TicketStarted { ticket_id: ticket_id.clone(), window_id, staff });
        Ok(())
    }

    pub(super) fn finish(&mut self, ticket_id: &TicketId, outcome: Outcome) -> Result<(), Refusal> {
        let open = self.open_items(ticket_id)?;
        match open.as_slice() {
            [item] => self.finish_each(ticket_id, &[ItemOutcome { item: *item, outcome }]),
            [] => self.finish_each(ticket_id, &[]),
            several => Err(Refusal::OutcomesMissing { missing: u32::try_from(several.len()).unwrap_or(u32::MAX) }),
        }
    }

    pub(super) fn miss(&mut self, ticket_id: &TicketId, reason: Option<String>) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::Miss)?;
        let misses = self.hall.ticket(ticket_id).map_or(0, |ticket| ticket.miss_count);
        let returns = misses < self.hall.doc.policy.returns_max;
        self.record(Fact::TicketMissed { ticket_id: ticket_id.clone(), window_id, reason, returns });
        Ok(())
    }

    pub(super) fn requeue(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        self.ticket_for(ticket_id, TicketAction::Requeue)?;
        self.record(Fact::TicketRequeued { ticket_id: ticket_id.clone(), automatic: false });
        Ok(())
    }

    /// From the window back to where it would stand had it never been called.
    pub(super) fn put_back(&mut self, ticket_id: &TicketId, reason: &str) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::PutBack)?;
        self.record(Fact::TicketPutBack { ticket_id: ticket_id.clone(), window_id, reason: reason.to_owned() });
        Ok(())
    }

    pub(super) fn park(&mut self, ticket_id: &TicketId, reason: Option<String>) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::Park)?;
        let remind_at = self.hall.doc.policy.serving.remind_at(reason.as_deref(), self.at);
        self.record(Fact::TicketParked { ticket_id: ticket_id.clone(), window_id, reason, remind_at });
        Ok(())
    }

    pub(super) fn resume(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        self.ticket_for(ticket_id, TicketAction::Resume)?;
        let staff = self.staff()?.clone();
        self.record(Fact::TicketResumed { ticket_id: ticket_id.clone() });
        let free = self.hall.window_of(&staff).filter(|window| window.is_open() && window.serving.is_none());
        if let Some(window_id) = free.map(|window| window.id.clone()) {
            self.call(ticket_id.clone(), &window_id, staff, CallReason::Resumed);
        }
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        ticket_id: &TicketId,
        to: &Target,
        position: Position,
        holder_keys: &[String],
    ) -> Result<(), Refusal> {
        let ticket = self.ticket_for(ticket_id, TicketAction::Transfer)?;
        match to {
            Target::Line { line_id } => self.line_takes(line_id, ticket, holder_keys)?,
            Target::Window { window_id } if self.window(window_id)?.state == WindowState::Closed => {
                return Err(Refusal::WindowClosed);
            }
            Target::Window { .. } => {}
        }
        let is_there = match (&ticket.state, to) {
            (TicketState::Waiting { target, .. }, to) => target == to,
            (state, Target::Window { window_id }) => state.at_window() == Some(window_id),
            (_, Target::Line { .. }) => false,
        };
        if is_there {
            return Err(Refusal::TransferToSame);
        }
        let place = match position {
            Position::First => Place::Head { cause: HeadCause::Transferred, from: self.at },
            Position::Last => Place::InOrder { from: self.at },
            Position::Lifetime => Place::InOrder { from: ticket.lifetime_from() },
        };
        self.record(Fact::TicketTransferred { ticket_id: ticket_id.clone(), to: to.clone(), place, reason: self.actor.reason.clone() });
        Ok(())
    }

    /// Whether a line takes a ticket from elsewhere: it runs, and the holder has no other ticket there, of whatever day.
    fn line_takes(&self, line_id: &LineId, ticket: &Ticket, holder_keys: &[String]) -> Result<(), Refusal> {
        let line = self.line(line_id)?;
        if let Some(text) = &line.stopped {
            return Err(Refusal::LineStopped { text: text.clone() });
        }
        let mut keys = ticket.holder_key.iter().chain(holder_keys);
        match keys.find_map(|key| self.hall.queues.held(line_id, key).filter(|other| **other != ticket.id)) {
            Some(other) => Err(Refusal::AlreadyWaiting { ticket_id: other.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn top(&mut self, ticket_id: &TicketId, reason: &str) -> Result<(), Refusal> {
        if is_topped(self.ticket_for(ticket_id, TicketAction::Top)?) {
            return Err(Refusal::AlreadyTopped);
        }
        self.record(Fact::TicketTopped { ticket_id: ticket_id.clone(), reason: reason.to_owned() });
        Ok(())
    }

    pub(super) fn untop(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        if !is_topped(self.ticket_for(ticket_id, TicketAction::Untop)?) {
            return Err(Refusal::NotTopped);
        }
        self.record(Fact::TicketUntopped { ticket_id: ticket_id.clone() });
        Ok(())
    }

    pub(super) fn abandon(&mut self, ticket_id: &TicketId) -> Result<(), Refusal> {
        self.ticket_for(ticket_id, TicketAction::Abandon)?;
        self.record(Fact::TicketAbandoned { ticket_id: ticket_id.clone(), reason: self.actor.reason.clone() });
        Ok(())
    }
}

fn is_topped(ticket: &Ticket) -> bool {
    matches!(&ticket.state, TicketState::Waiting { topped: Some(_), .. })
}
