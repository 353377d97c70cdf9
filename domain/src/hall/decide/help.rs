//! The help button, and the record of a supervisor who acts at a window of somebody else.

use super::{Command, Draft, Fact, Refusal};
use crate::ids::{StaffId, WindowId};

impl Draft<'_> {
    /// Whoever holds the window calls, once until the call is settled.
    pub(super) fn request_help(&mut self, window_id: &WindowId, reason: Option<String>) -> Result<(), Refusal> {
        let window = self.window(window_id)?;
        self.holder_of(window)?;
        if window.help.is_some() {
            return Err(Refusal::HelpOpen);
        }
        let staff = self.staff()?.clone();
        self.record(Fact::HelpRequested { window_id: window_id.clone(), staff, reason });
        Ok(())
    }

    pub(super) fn acknowledge_help(&mut self, window_id: &WindowId) -> Result<(), Refusal> {
        let staff = self.staff()?.clone();
        if !self.actor.as_supervisor {
            return Err(Refusal::SupervisorRequired);
        }
        let help = self.window(window_id)?.help.as_ref().ok_or(Refusal::NoHelpOpen)?;
        match &help.acknowledged {
            Some(coming) if coming.staff == staff => Ok(()),
            Some(coming) => Err(Refusal::HelpAcknowledged { staff: coming.staff.clone() }),
            None => {
                self.record(Fact::HelpAcknowledged { window_id: window_id.clone(), staff });
                Ok(())
            }
        }
    }

    /// By the window or by a supervisor.
    pub(super) fn resolve_help(&mut self, window_id: &WindowId) -> Result<(), Refusal> {
        let window = self.window(window_id)?;
        self.holder_of(window)?;
        if window.help.is_none() {
            return Err(Refusal::NoHelpOpen);
        }
        self.record(Fact::HelpResolved { window_id: window_id.clone() });
        Ok(())
    }

    /// The window and its person, if a command takes out of that person's hands what a supervisor does
    /// only when the window cannot. What has an event of its own for that (take-over, call by name) is
    /// not among them.
    pub(super) fn stepped_over(&self, command: &Command) -> Option<(WindowId, StaffId)> {
        let window = match command {
            Command::PauseWindow { window_id, .. } | Command::CloseWindow { window_id } => self.hall.window(window_id),
            Command::Recall { ticket_id }
            | Command::Start { ticket_id }
            | Command::AddItem { ticket_id, .. }
            | Command::SettleItem { ticket_id, .. }
            | Command::Finish { ticket_id, .. }
            | Command::FinishEach { ticket_id, .. }
            | Command::Miss { ticket_id, .. }
            | Command::Park { ticket_id, .. }
            | Command::PutBack { ticket_id, .. }
            | Command::Transfer { ticket_id, .. }
            | Command::Abandon { ticket_id } => {
                self.hall.ticket(ticket_id).and_then(|ticket| ticket.state.at_window()).and_then(|id| self.hall.window(id))
            }
            _ => None,
        }?;
        let holder = window.staff().filter(|holder| self.actor.staff.as_ref().is_some_and(|actor| actor != *holder))?;
        Some((window.id.clone(), holder.clone()))
    }

    /// Records that, with the reason, beside what was done.
    pub(super) fn record_stepping_over(&mut self, window: Option<(WindowId, StaffId)>) {
        let Some((window_id, holder)) = window.filter(|_| !self.events.is_empty()) else { return };
        let reason = self.actor.reason.clone();
        self.record(Fact::SupervisorActed { window_id, holder, reason });
    }
}
