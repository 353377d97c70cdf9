//! That the turn comes near is told once a ticket, to somebody who left a phone, waits, and was not called.

use std::collections::BTreeSet;

use super::chronicle::{Chronicle, Phase};
use super::{Observer, Verdict, hold};
use domain::hall::{Event, Fact};
use domain::ids::TicketId;

/// See the file's head.
#[derive(Default)]
pub struct Near {
    with_phone: BTreeSet<TicketId>,
    over: BTreeSet<TicketId>,
}

impl Observer for Near {
    fn name(&self) -> &'static str {
        "that a turn comes near is told once, and to whom it helps"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::TicketIssued { ticket_id, phone_left, .. } => {
                // Nonsense gives an id again once its ticket is gone.
                self.over.remove(ticket_id);
                self.with_phone.remove(ticket_id);
                if *phone_left {
                    self.with_phone.insert(ticket_id.clone());
                }
            }
            Fact::TicketCalled { ticket_id, .. } => drop(self.over.insert(ticket_id.clone())),
            Fact::TicketNearNoticed { ticket_id, ahead } => {
                hold(self.with_phone.contains(ticket_id), || format!("{ticket_id} left no phone"))?;
                hold(self.over.insert(ticket_id.clone()), || format!("{ticket_id} was told or called before"))?;
                let waits = before.visits.get(ticket_id).is_some_and(|visit| visit.phase == Phase::Waiting);
                hold(waits, || format!("{ticket_id} does not wait"))?;
                let most = before.policy().reminders.people_ahead;
                hold(*ahead <= most && event.by.is_none(), || format!("{ahead} of {most} are before {ticket_id}"))?;
            }
            _ => {}
        }
        Ok(())
    }
}
