//! Giving a number. Serials are consecutive per prefix and business day: they are counted in the hall
//! and rise only with the event that gives the number.

use super::{Draft, Fact, Refusal};
use crate::hall::command::{Actor, Command, NewTicket};
use crate::hall::state::{Hall, Line, Window, WindowState};
use crate::ids::{LineId, TicketId, WindowId};
use crate::time::{Millis, local_date};

impl Hall {
    /// Why no number could be had in a line now, by asking the rule itself with a ticket of nobody.
    #[must_use]
    pub fn issue_refusal(&self, line_id: &LineId, now: Millis) -> Option<Refusal> {
        let probe = NewTicket::ordinary(TicketId::new("probe", "probe"), line_id.clone(), String::new(), String::new());
        self.decide(&Actor::machine(), &Command::Issue(probe), now).err()
    }
}

impl Draft<'_> {
    pub(super) fn issue(&mut self, ticket: &NewTicket) -> Result<(), Refusal> {
        let line = self.line(&ticket.line_id)?;
        if !self.hall.doc.hours.is_open(self.at) {
            return Err(Refusal::HallClosed { opens_at: self.hall.doc.hours.opens_at(self.at) });
        }
        // An appointment has its place already.
        let has_place = ticket.appointment.is_some();
        if let Some(closes_at) = self.hall.doc.policy.taking.over_since(&self.hall.doc.hours, self.at).filter(|_| !has_place) {
            return Err(Refusal::NumbersOver { closes_at, opens_at: self.hall.doc.hours.opens_at(self.at) });
        }
        self.may_be_issued(ticket, line)?;
        if let Some((section, at_most)) = self.hall.full_section(line, self.at).filter(|_| !has_place) {
            let (from_minute, to_minute) = (section.from_minute, section.to_minute);
            return Err(Refusal::SectionFull { from_minute, to_minute, at_most, next_at: self.hall.next_with_room(line, self.at) });
        }
        if !self.hall.windows().any(|window| self.will_serve(window, ticket)) {
            return Err(Refusal::NoWindow { guide_text: self.hall.doc.policy.guide_text.clone() });
        }
        self.record_issue(ticket, false)
    }

    /// Somebody without a number is served at once: the number exists for the record, nobody calls it.
    /// Neither the opening hours nor the roster matter, since somebody sits there.
    pub(super) fn walk_in(&mut self, window_id: &WindowId, ticket: &NewTicket) -> Result<(), Refusal> {
        let staff = self.free_window(window_id)?;
        self.may_be_issued(ticket, self.line(&ticket.line_id)?)?;
        self.record_issue(ticket, true)?;
        self.record(Fact::TicketStarted { ticket_id: ticket.ticket_id.clone(), window_id: window_id.clone(), staff });
        Ok(())
    }

    fn may_be_issued(&self, ticket: &NewTicket, line: &Line) -> Result<(), Refusal> {
        if self.hall.ticket(&ticket.ticket_id).is_some() {
            return Err(Refusal::TicketIdUsed);
        }
        for of_matter in ticket.line_ids() {
            if let Some(text) = &self.line(of_matter)?.stopped {
                return Err(Refusal::LineStopped { text: text.clone() });
            }
        }
        if let Some(daily_contingent) =
            line.daily_contingent.filter(|contingent| ticket.appointment.is_none() && line.issued_today >= *contingent)
        {
            return Err(Refusal::ContingentUsed { daily_contingent });
        }
        self.holds_none(ticket)
    }

    /// One live ticket per person and line, also where it has several matters or was carried over from days before.
    pub(in crate::hall) fn holds_none(&self, ticket: &NewTicket) -> Result<(), Refusal> {
        let held = |line_id: &LineId| ticket.holder_keys().find_map(|key| self.hall.queues.held(line_id, key));
        match ticket.line_ids().find_map(held) {
            Some(live) => Err(Refusal::AlreadyWaiting { ticket_id: live.clone() }),
            None => Ok(()),
        }
    }

    /// Whether a window serves every line of a ticket's matters now, or will within the lead: a short
    /// pause counts, and a shift.
    fn will_serve(&self, window: &Window, ticket: &NewTicket) -> bool {
        let serves = |lines: &[LineId]| ticket.line_ids().all(|line| lines.contains(line));
        let lead_ms = self.hall.doc.policy.roster_lead_ms;
        let is_staffed = match &window.state {
            WindowState::Open { .. } => true,
            WindowState::Paused { since, .. } => self.at - since <= lead_ms,
            WindowState::Closed => false,
        };
        if is_staffed {
            return serves(window.current_line_ids());
        }
        let mut shifts = self.hall.shifts_of(&window.id);
        serves(&window.line_ids) && shifts.any(|(starts_at, ends_at)| starts_at <= self.at + lead_ms && ends_at > self.at)
    }

    fn record_issue(&mut self, ticket: &NewTicket, walk_in: bool) -> Result<(), Refusal> {
        let line = self.line(&ticket.line_id)?;
        let letters = self.letters_of(line);
        let serial = self.hall.doc.serials.get(&letters).copied().unwrap_or(0) + 1;
        let number = format!("{letters}{serial:03}");
        self.record(Fact::TicketIssued {
            ticket_id: ticket.ticket_id.clone(),
            number,
            serial,
            date: local_date(self.at),
            line_id: ticket.line_id.clone(),
            also_line_ids: ticket.also_line_ids.clone(),
            matter_ids: ticket.matter_ids.clone(),
            priority: ticket.priority,
            quick: self.hall.doc.policy.is_quick(&ticket.matter_ids),
            holder: ticket.holder.clone(),
            holder_key: ticket.holder_key.clone(),
            appointment: ticket.appointment.clone(),
            phone_left: ticket.phone_left,
            tracking_code: ticket.tracking_code.clone(),
            short_code: ticket.short_code.clone(),
            walk_in,
            told_s: 0,
        });
        if !walk_in {
            self.tell_wait(&ticket.ticket_id);
        }
        Ok(())
    }

    /// The wait that stands on the slip is reckoned in the hall with the new ticket, at its time: what the log keeps and
    /// the line learns from is that figure.
    fn tell_wait(&mut self, ticket_id: &TicketId) {
        let wait_s = self.hall.estimated_ticket_wait(ticket_id).map_or(0, |wait| wait.normal_s);
        self.hall.note_told(ticket_id, wait_s);
        if let Some(Fact::TicketIssued { told_s, .. }) = self.events.last_mut().map(|event| &mut event.fact) {
            *told_s = wait_s;
        }
    }

    /// The letters of a new number: those of the line, behind them the keeper's where it decides. Where
    /// that would be the letters of another line or of a paper series, the keeper's stand there once more.
    fn letters_of(&self, line: &Line) -> String {
        let mut letters = line.prefix.clone();
        let Some(series) = self.series.filter(|series| !series.is_empty()) else { return letters };
        loop {
            letters.push_str(series);
            let is_line = self.hall.doc.lines.values().any(|other| other.prefix == letters);
            if !is_line && !self.hall.doc.policy.taking.paper.prefixes.contains(&letters) {
                return letters;
            }
        }
    }
}
