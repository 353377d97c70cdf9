//! What a hall answers to a command: events or a refusal, and nothing else happens.

mod calls;
mod configure;
mod day;
mod help;
mod issue;
mod reminders;
mod tickets;
mod visit;
mod windows;

use super::actions::{TicketAction, allowed_actions};
use super::command::{Actor, Command};
use super::event::{Event, Fact};
use super::refusal::Refusal;
use super::state::{Hall, Line, Ticket, Window};
use crate::ids::{LineId, StaffId, TicketId, WindowId};
use crate::time::Millis;

impl Hall {
    /// Decides about a command at an instant. A new local date first closes the old business day.
    /// `Ok` with no call in it (`Event::as_call`) is the answer to [`Command::CallNext`] when nobody
    /// waits; `Ok` without any event means that what was asked for is so already.
    ///
    /// # Errors
    /// A [`Refusal`], closed and with a stable code; the hall is unchanged then.
    pub fn decide(&self, actor: &Actor, command: &Command, now: Millis) -> Result<Vec<Event>, Refusal> {
        self.decide_in(None, actor, command, now)
    }

    /// The same as [`Hall::decide`] where the hall's keeper decides while the line is cut: numbers come
    /// from the keeper's own series (`AK001`), so they never meet those that the central service gives.
    ///
    /// # Errors
    /// As [`Hall::decide`].
    pub fn decide_as_keeper(&self, series: &str, actor: &Actor, command: &Command, now: Millis) -> Result<Vec<Event>, Refusal> {
        self.decide_in(Some(series), actor, command, now)
    }

    fn decide_in(&self, series: Option<&str>, actor: &Actor, command: &Command, now: Millis) -> Result<Vec<Event>, Refusal> {
        let at = now.max(self.doc.recorded_at);
        let mut draft = Draft { hall: self.clone(), events: Vec::new(), ended: Vec::new(), actor, at, series };
        draft.notice_clock(now);
        draft.begin_day();
        draft.configure_as_scheduled();
        let holder = draft.stepped_over(command);
        draft.run(command)?;
        draft.notice_near();
        draft.record_stepping_over(holder);
        Ok(draft.events)
    }
}

/// A copy of the hall that takes each event in as it is decided, so that later rules of one command
/// see what earlier ones did.
pub(super) struct Draft<'a> {
    pub(super) hall: Hall,
    events: Vec<Event>,
    /// Tickets that ended on the way, such as those of a day that this command closes.
    ended: Vec<Ticket>,
    actor: &'a Actor,
    pub(super) at: Millis,
    /// The keeper's letters behind those of a line; `None` where the central service decides.
    series: Option<&'a str>,
}

impl Draft<'_> {
    fn run(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Configure { configuration } => self.configure(configuration),
            Command::ScheduleConfiguration { from, configuration } => self.schedule(*from, configuration),
            Command::CancelConfiguration { from } => self.cancel_scheduled(*from),
            Command::Rearrange { change } => self.rearrange(change),
            Command::PlanDay { plan } => {
                self.plan_day(plan);
                Ok(())
            }
            Command::Tick => {
                self.return_missed();
                self.remind_of_parked();
                self.pass_closing_time();
                Ok(())
            }
            Command::Issue(ticket) => self.issue(ticket),
            Command::EnterPaper { ticket, paper } => self.enter_paper(ticket, paper),
            Command::OpenWindow { window_id, line_ids } => self.open_window(window_id, line_ids.as_deref()),
            Command::PauseWindow { window_id, text } => self.pause_window(window_id, text.clone()),
            Command::CloseWindow { window_id } => self.close_window(window_id),
            Command::TakeOver { window_id, reason } => self.take_over(window_id, reason),
            Command::RequestHelp { window_id, reason } => self.request_help(window_id, reason.clone()),
            Command::AcknowledgeHelp { window_id } => self.acknowledge_help(window_id),
            Command::ResolveHelp { window_id } => self.resolve_help(window_id),
            Command::CallNext { window_id } => self.call_next(window_id),
            Command::CallTicket { window_id, ticket_id, reason } => self.call_ticket(window_id, ticket_id, reason),
            Command::WalkIn { window_id, ticket } => self.walk_in(window_id, ticket),
            Command::Recall { ticket_id } => self.recall(ticket_id),
            Command::Start { ticket_id } => self.start(ticket_id),
            Command::Finish { ticket_id, outcome } => self.finish(ticket_id, *outcome),
            Command::AddItem { ticket_id, line_id, matter_id } => self.add_item(ticket_id, line_id, matter_id.as_ref()),
            Command::SettleItem { ticket_id, settled } => self.settle_item(ticket_id, *settled),
            Command::FinishEach { ticket_id, outcomes } => self.finish_each(ticket_id, outcomes),
            Command::Miss { ticket_id, reason } => self.miss(ticket_id, reason.clone()),
            Command::Requeue { ticket_id } => self.requeue(ticket_id),
            Command::PutBack { ticket_id, reason } => self.put_back(ticket_id, reason),
            Command::Park { ticket_id, reason } => self.park(ticket_id, reason.clone()),
            Command::Resume { ticket_id } => self.resume(ticket_id),
            Command::Transfer { ticket_id, to, position, holder_keys } => self.transfer(ticket_id, to, *position, holder_keys),
            Command::Top { ticket_id, reason } => self.top(ticket_id, reason),
            Command::Untop { ticket_id } => self.untop(ticket_id),
            Command::Abandon { ticket_id } => self.abandon(ticket_id),
            Command::StopLine { line_id, text } => self.stop_line(line_id, text),
            Command::ResumeLine { line_id } => self.resume_line(line_id),
            Command::Part { term } => {
                self.record(Fact::HallParted { term: *term });
                Ok(())
            }
            Command::Rejoin { term } => {
                if self.hall.has_left(*term) {
                    self.record(Fact::HallRejoined { term: *term });
                }
                Ok(())
            }
        }
    }

    /// Takes in what the actor did.
    pub(super) fn record(&mut self, fact: Fact) {
        self.take_in(Event { at: self.at, by: self.actor.staff.clone(), fact });
    }

    /// Takes in what the rules did by themselves, at an instant of its own.
    fn record_by_rule(&mut self, at: Millis, fact: Fact) {
        self.take_in(Event { at, by: None, fact });
    }

    fn take_in(&mut self, event: Event) {
        self.ended.extend(self.hall.evolve(&event));
        self.events.push(event);
    }

    pub(super) fn line(&self, line_id: &LineId) -> Result<&Line, Refusal> {
        self.hall.line(line_id).ok_or_else(|| Refusal::UnknownLine { line_id: line_id.clone() })
    }

    pub(super) fn window(&self, window_id: &WindowId) -> Result<&Window, Refusal> {
        self.hall.window(window_id).ok_or_else(|| Refusal::UnknownWindow { window_id: window_id.clone() })
    }

    pub(super) fn staff(&self) -> Result<&StaffId, Refusal> {
        self.actor.staff.as_ref().ok_or(Refusal::StaffRequired)
    }

    /// The person at a window, if the actor may act there.
    fn holder_of(&self, window: &Window) -> Result<StaffId, Refusal> {
        let actor = self.staff()?;
        let holder = window.staff().ok_or(Refusal::WindowClosed)?;
        if holder != actor && !self.actor.as_supervisor {
            return Err(Refusal::NotYourWindow);
        }
        Ok(holder.clone())
    }

    /// A ticket on which the actor may do something now. Whoever is at a window is the business of
    /// the person who holds it.
    fn ticket_for(&self, ticket_id: &TicketId, action: TicketAction) -> Result<&Ticket, Refusal> {
        let ended = || self.ended.iter().find(|ticket| ticket.id == *ticket_id);
        let ticket = self.hall.ticket(ticket_id).or_else(ended);
        let ticket = ticket.ok_or_else(|| Refusal::UnknownTicket { ticket_id: ticket_id.clone() })?;
        match ticket.state.at_window() {
            Some(window_id) => {
                self.holder_of(self.window(window_id)?)?;
            }
            None if action == TicketAction::Abandon => {}
            None => {
                self.staff()?;
            }
        }
        if !allowed_actions(&ticket.state).contains(&action) {
            return Err(Refusal::TicketState { state: ticket.state.name().to_owned(), action });
        }
        if !self.hall.may_be_done(ticket_id, action) {
            return Err(Refusal::TicketLeft);
        }
        Ok(ticket)
    }

    /// A ticket at a window with that window and the person there.
    fn ticket_at_window(&self, ticket_id: &TicketId, action: TicketAction) -> Result<(WindowId, StaffId), Refusal> {
        let ticket = self.ticket_for(ticket_id, action)?;
        let state = || Refusal::TicketState { state: ticket.state.name().to_owned(), action };
        let window = self.window(ticket.state.at_window().ok_or_else(state)?)?;
        Ok((window.id.clone(), self.holder_of(window)?))
    }
}
