//! Missed tickets: back after N calls of their line or M minutes, at most K times by themselves, and
//! not a call later.

use super::chronicle::{Chronicle, Phase, Visit};
use super::{Observer, Verdict, hold};
use domain::hall::{Event, Fact};
use domain::ids::WindowId;
use domain::time::Millis;

/// See the file's head.
pub struct Returns;

fn is_due(before: &Chronicle, visit: &Visit, at: Millis) -> bool {
    let Phase::Missed { returns: true, at: missed, line_calls } = visit.phase else { return false };
    let policy = before.policy();
    let calls = before.calls_of(&visit.line).saturating_sub(line_calls);
    calls >= policy.return_after_calls || at - missed >= policy.return_after_ms
}

fn overdue(before: &Chronicle, at: Millis) -> Verdict {
    match before.visits.values().find(|visit| is_due(before, visit, at)) {
        Some(visit) => Err(format!("{} should be back", visit.id)),
        None => Ok(()),
    }
}

impl Observer for Returns {
    fn name(&self) -> &'static str {
        "a missed ticket returns in time and not more often than allowed"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::TicketMissed { ticket_id, returns, .. } => {
                let Some(visit) = before.visits.get(ticket_id) else { return Err(format!("{ticket_id} is nowhere")) };
                let should = visit.misses < before.policy().returns_max;
                hold(*returns == should, || format!("{ticket_id} was missed {} times before", visit.misses))
            }
            Fact::TicketRequeued { ticket_id, automatic: true, .. } => {
                let Some(visit) = before.visits.get(ticket_id) else { return Err(format!("{ticket_id} is nowhere")) };
                hold(is_due(before, visit, event.at), || format!("{ticket_id} is not due: {visit:?}"))
            }
            // A call by the order looks for those who are due first; one by name or by hand need not.
            Fact::TicketCalled { .. } if super::order::by_the_order(before, event).is_some() => overdue(before, event.at),
            _ => Ok(()),
        }
    }

    fn nobody(&mut self, before: &Chronicle, _: &WindowId, at: Millis) -> Verdict {
        overdue(before, at)
    }
}
