//! Exclusion: a ticket is at one window, a window has one ticket, a window has one person, a person
//! has one window, and what happens to a ticket happens at the window that has it.

use std::collections::BTreeMap;

use super::chronicle::Chronicle;
use super::{Observer, Verdict, hold};
use domain::hall::{Event, Fact};
use domain::ids::{StaffId, TicketId, WindowId};

/// Which ticket is at which window, told from calls, starts and ends alone.
#[derive(Default)]
pub struct OnePlace {
    at: BTreeMap<WindowId, (TicketId, bool)>,
}

impl OnePlace {
    fn window_of(&self, ticket: &TicketId) -> Option<&WindowId> {
        self.at.iter().find(|(_, (there, _))| there == ticket).map(|(window, _)| window)
    }

    fn takes(&mut self, window: &WindowId, ticket: &TicketId, serving: bool) -> Verdict {
        if let Some((other, _)) = self.at.get(window) {
            return Err(format!("{ticket} comes to {window}, where {other} is"));
        }
        if let Some(other) = self.window_of(ticket) {
            return Err(format!("{ticket} comes to {window} and is at {other}"));
        }
        self.at.insert(window.clone(), (ticket.clone(), serving));
        Ok(())
    }

    fn is_there(&self, window: &WindowId, ticket: &TicketId, serving: bool) -> Verdict {
        let found = self.at.get(window);
        hold(found == Some(&(ticket.clone(), serving)), || format!("{ticket} at {window}, where {found:?} is"))
    }

    fn leaves(&mut self, window: &WindowId, ticket: &TicketId, phases: &[bool]) -> Verdict {
        match self.at.remove(window) {
            Some((there, serving)) if there == *ticket && phases.contains(&serving) => Ok(()),
            found => Err(format!("{ticket} leaves {window}, where {found:?} is")),
        }
    }
}

impl Observer for OnePlace {
    fn name(&self) -> &'static str {
        "a ticket is at one window, a window has one ticket"
    }

    fn see(&mut self, _: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::TicketCalled { ticket_id, window_id, .. } => self.takes(window_id, ticket_id, false),
            Fact::TicketStarted { ticket_id, window_id, .. } => match self.at.get(window_id) {
                Some((there, false)) if there == ticket_id => {
                    self.at.insert(window_id.clone(), (ticket_id.clone(), true));
                    Ok(())
                }
                // A walk-in is served without a call.
                _ => self.takes(window_id, ticket_id, true),
            },
            Fact::TicketFinished { ticket_id, window_id, .. } => self.leaves(window_id, ticket_id, &[true]),
            Fact::TicketMissed { ticket_id, window_id, .. } => self.leaves(window_id, ticket_id, &[false]),
            Fact::TicketParked { ticket_id, window_id, .. } | Fact::TicketPutBack { ticket_id, window_id, .. } => {
                self.leaves(window_id, ticket_id, &[false, true])
            }
            Fact::TicketRecalled { ticket_id, window_id, .. } => self.is_there(window_id, ticket_id, false),
            Fact::TicketItemAdded { ticket_id, window_id, .. } | Fact::TicketItemSettled { ticket_id, window_id, .. } => {
                self.is_there(window_id, ticket_id, true)
            }
            Fact::TicketTransferred { ticket_id, .. } | Fact::TicketAbandoned { ticket_id, .. } => {
                if let Some(window) = self.window_of(ticket_id).cloned() {
                    self.at.remove(&window);
                }
                Ok(())
            }
            Fact::TicketRequeued { ticket_id, .. }
            | Fact::TicketResumed { ticket_id }
            | Fact::TicketExpired { ticket_id, .. }
            | Fact::TicketCarried { ticket_id, .. } => hold(self.window_of(ticket_id).is_none(), || format!("{ticket_id} is at a window")),
            Fact::WindowClosed { window_id } => hold(!self.at.contains_key(window_id), || format!("{window_id} closes over its ticket")),
            _ => Ok(()),
        }
    }
}

/// Who sits where.
#[derive(Default)]
pub struct OneSeat {
    sits: BTreeMap<WindowId, (StaffId, bool)>,
}

impl OneSeat {
    fn sits_down(&mut self, window: &WindowId, staff: &StaffId) -> Verdict {
        if let Some((other, _)) = self.sits.iter().find(|(other, (who, _))| who == staff && *other != window) {
            return Err(format!("{staff} sits at {window} and at {other}"));
        }
        self.sits.insert(window.clone(), (staff.clone(), true));
        Ok(())
    }

    fn acts(&self, window: &WindowId, staff: &StaffId) -> Verdict {
        let sits = self.sits.get(window).map(|(who, _)| who);
        hold(sits == Some(staff), || format!("{staff} acts at {window}, where {sits:?} sits"))
    }
}

impl Observer for OneSeat {
    fn name(&self) -> &'static str {
        "one person per window, one window per person, and only an open window calls"
    }

    fn see(&mut self, _: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::WindowOpened { window_id, staff, .. } => {
                let before = self.sits.get(window_id).map(|(who, _)| who.clone());
                hold(before.is_none() || before.as_ref() == Some(staff), || format!("{staff} sits down on {before:?}"))?;
                self.sits_down(window_id, staff)
            }
            Fact::WindowTakenOver { window_id, from, staff, .. } => {
                self.acts(window_id, from)?;
                self.sits_down(window_id, staff)
            }
            Fact::WindowPaused { window_id, .. } => match self.sits.get_mut(window_id) {
                Some(seat) => {
                    seat.1 = false;
                    Ok(())
                }
                None => Err(format!("{window_id} pauses with nobody there")),
            },
            Fact::WindowClosed { window_id } => hold(self.sits.remove(window_id).is_some(), || format!("{window_id} is closed twice")),
            Fact::TicketCalled { window_id, staff, .. } => {
                self.acts(window_id, staff)?;
                let is_open = self.sits.get(window_id).is_some_and(|(_, open)| *open);
                hold(is_open, || format!("{window_id} calls and is not open"))
            }
            Fact::TicketStarted { window_id, staff, .. } => self.acts(window_id, staff),
            _ => Ok(()),
        }
    }
}
