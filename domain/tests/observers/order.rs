//! Who is called, as far as no setting changes it: within a line and a class the first one who came,
//! only somebody who waits for the window, and never nobody while somebody does.

use super::chronicle::{Chronicle, Phase, Visit};
use super::{Observer, Verdict, hold};
use domain::hall::{CallReason, Event, Fact};
use domain::ids::WindowId;
use domain::time::Millis;

/// A call as it stands in the log, with the visit it is about.
pub struct Called<'a> {
    pub visit: &'a Visit,
    pub window: &'a WindowId,
    pub reason: &'a CallReason,
    pub at: Millis,
}

/// The call that an event is, if it is one of the order's: not by name, and not the call that a clerk
/// makes by bringing back the own parked ticket, which stood at the head for no moment.
pub fn by_the_order<'a>(before: &'a Chronicle, event: &'a Event) -> Option<Called<'a>> {
    let Fact::TicketCalled { ticket_id, window_id, reason, .. } = &event.fact else { return None };
    let visit = before.visits.get(ticket_id)?;
    let by_hand = reason.code() == "by_name" || (reason.code() == "resumed" && visit.from == event.at);
    (!by_hand).then_some(Called { visit, window: window_id, reason, at: event.at })
}

/// First come, first served.
pub struct FirstCome;

impl Observer for FirstCome {
    fn name(&self) -> &'static str {
        "first come, first served within a line and a class, and whoever was moved to the top before all"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Fact::TicketCalled { ticket_id, .. } = &event.fact else { return Ok(()) };
        let Some(visit) = before.visits.get(ticket_id) else { return Err(format!("{ticket_id} is called and is nowhere")) };
        let can = matches!(visit.phase, Phase::Waiting | Phase::Parked | Phase::Missed { .. });
        hold(can, || format!("{ticket_id} is called as {:?}", visit.phase))?;
        let Some(called) = by_the_order(before, event) else { return Ok(()) };
        let waiting: Vec<&Visit> = before.waiting_for(called.window, called.at).collect();
        hold(waiting.iter().any(|other| other.id == visit.id), || format!("{ticket_id} did not wait for {}", called.window))?;
        for other in waiting {
            if other.topped.is_some() && (visit.topped.is_none() || other.place() < visit.place()) {
                return Err(format!("{} was moved to the top", other.id));
            }
            let alike =
                other.is_plain() && visit.is_plain() && other.line == visit.line && other.class(called.at) == visit.class(called.at);
            if alike && other.place() < visit.place() {
                return Err(format!("{other:?} came before {visit:?}"));
            }
        }
        Ok(())
    }
}

/// Nobody waits while a window that serves him is free and told that nobody waits.
pub struct NobodyForgotten;

impl Observer for NobodyForgotten {
    fn name(&self) -> &'static str {
        "a free window is never told that nobody waits while somebody does"
    }

    fn see(&mut self, _: &Chronicle, _: &Event) -> Verdict {
        Ok(())
    }

    fn nobody(&mut self, before: &Chronicle, window: &WindowId, at: Millis) -> Verdict {
        match before.waiting_for(window, at).next() {
            Some(visit) => Err(format!("{} waits for {window}", visit.id)),
            None => Ok(()),
        }
    }
}
