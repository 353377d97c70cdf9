//! What a visit is about and what came of it: things are added while it is served, and it ends only
//! when each has an outcome.

use super::{Draft, Fact, Refusal, TicketAction};
use crate::hall::visit::{ItemOutcome, VISIT_ITEMS_MAX, VisitItem, outcome_of_visit};
use crate::ids::{LineId, MatterId, TicketId};

impl Draft<'_> {
    pub(super) fn add_item(&mut self, ticket_id: &TicketId, line_id: &LineId, matter_id: Option<&MatterId>) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::AddItem)?;
        self.line(line_id)?;
        let item = VisitItem { line_id: line_id.clone(), matter_id: matter_id.cloned(), outcome: None };
        let items = self.items_of(ticket_id);
        if items.iter().any(|known| known.is_same(&item)) {
            return Err(Refusal::ItemThere);
        }
        if items.len() >= VISIT_ITEMS_MAX {
            return Err(Refusal::ItemsFull { items_max: u32::try_from(VISIT_ITEMS_MAX).unwrap_or(u32::MAX) });
        }
        self.record(Fact::TicketItemAdded { ticket_id: ticket_id.clone(), window_id, item });
        Ok(())
    }

    /// The outcome of one thing; a later one replaces it as long as the visit goes on.
    pub(super) fn settle_item(&mut self, ticket_id: &TicketId, settled: ItemOutcome) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::SettleItem)?;
        let items = self.items_of(ticket_id);
        let item = items.get(settled.item as usize).ok_or(Refusal::UnknownItem { item: settled.item })?;
        if item.outcome != Some(settled.outcome) {
            self.record(Fact::TicketItemSettled { ticket_id: ticket_id.clone(), window_id, settled });
        }
        Ok(())
    }

    /// Ends the visit: with these outcomes and those recorded before, each thing must have one.
    pub(super) fn finish_each(&mut self, ticket_id: &TicketId, outcomes: &[ItemOutcome]) -> Result<(), Refusal> {
        let (window_id, _) = self.ticket_at_window(ticket_id, TicketAction::Finish)?;
        let mut items = self.items_of(ticket_id);
        for given in outcomes {
            let item = items.get_mut(given.item as usize).ok_or(Refusal::UnknownItem { item: given.item })?;
            item.outcome = Some(given.outcome);
        }
        let missing = items.iter().filter(|item| item.outcome.is_none()).count();
        match outcome_of_visit(&items) {
            Some(outcome) if missing == 0 => {
                let items = if items.len() > 1 { items } else { Vec::new() };
                self.record(Fact::TicketFinished { ticket_id: ticket_id.clone(), window_id, outcome, items });
                Ok(())
            }
            _ => Err(Refusal::OutcomesMissing { missing: u32::try_from(missing).unwrap_or(u32::MAX) }),
        }
    }

    /// The places of the things that have no outcome yet.
    pub(super) fn open_items(&self, ticket_id: &TicketId) -> Result<Vec<u32>, Refusal> {
        self.ticket_at_window(ticket_id, TicketAction::Finish)?;
        let items = self.items_of(ticket_id);
        Ok((0..).zip(&items).filter(|(_, item)| item.outcome.is_none()).map(|(place, _)| place).collect())
    }

    fn items_of(&self, ticket_id: &TicketId) -> Vec<VisitItem> {
        self.hall.ticket(ticket_id).map(super::Ticket::visit_items).unwrap_or_default()
    }
}
