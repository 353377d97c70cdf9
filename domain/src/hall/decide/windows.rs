//! Windows and lines: who sits where, and which lines issue numbers. One person per window, one
//! window per person.

use super::{Draft, Fact, Refusal};
use crate::hall::state::WindowState;
use crate::ids::{LineId, StaffId, WindowId};

impl Draft<'_> {
    pub(super) fn open_window(&mut self, window_id: &WindowId, chosen: Option<&[LineId]>) -> Result<(), Refusal> {
        let staff = self.staff()?.clone();
        let window = self.window(window_id)?;
        if let Some(holder) = window.staff().filter(|holder| **holder != staff) {
            return Err(Refusal::WindowTaken { staff: holder.clone() });
        }
        self.sits_nowhere_else(&staff, window_id)?;
        let line_ids = match (chosen, &window.state) {
            (Some(chosen), _) => each_once(chosen),
            (None, WindowState::Closed) => window.line_ids.clone(),
            (None, _) => window.current_line_ids().to_vec(),
        };
        if chosen.is_some_and(<[LineId]>::is_empty) {
            return Err(Refusal::LinesMissing);
        }
        for line_id in &line_ids {
            self.line(line_id)?;
        }
        let is_so_already = matches!(&window.state, WindowState::Open { line_ids: current, .. } if *current == line_ids);
        if !is_so_already {
            self.record(Fact::WindowOpened { window_id: window_id.clone(), staff, line_ids });
        }
        Ok(())
    }

    pub(super) fn pause_window(&mut self, window_id: &WindowId, text: Option<String>) -> Result<(), Refusal> {
        let window = self.window(window_id)?;
        self.holder_of(window)?;
        let is_so_already = matches!(&window.state, WindowState::Paused { text: current, .. } if *current == text);
        if !is_so_already {
            self.record(Fact::WindowPaused { window_id: window_id.clone(), text });
        }
        Ok(())
    }

    pub(super) fn close_window(&mut self, window_id: &WindowId) -> Result<(), Refusal> {
        let window = self.window(window_id)?.clone();
        self.holder_of(&window)?;
        if let Some(ticket_id) = window.serving.clone() {
            return Err(Refusal::WindowBusy { ticket_id });
        }
        self.release_sent_to(&window.id);
        if window.help.is_some() {
            self.record(Fact::HelpResolved { window_id: window_id.clone() });
        }
        self.record(Fact::WindowClosed { window_id: window_id.clone() });
        Ok(())
    }

    pub(super) fn take_over(&mut self, window_id: &WindowId, reason: &str) -> Result<(), Refusal> {
        let staff = self.staff()?.clone();
        let from = self.window(window_id)?.staff().ok_or(Refusal::WindowClosed)?.clone();
        if from == staff {
            return Ok(());
        }
        self.sits_nowhere_else(&staff, window_id)?;
        let may = self.hall.doc.policy.serving.may_cover(&from, &staff) || self.hall.stands_in(&from, &staff, self.at);
        if !self.actor.as_supervisor && !may {
            return Err(Refusal::NotACover);
        }
        self.record(Fact::WindowTakenOver { window_id: window_id.clone(), from, staff, reason: reason.to_owned() });
        Ok(())
    }

    pub(super) fn stop_line(&mut self, line_id: &LineId, text: &str) -> Result<(), Refusal> {
        self.staff()?;
        if self.line(line_id)?.stopped.as_deref() != Some(text) {
            self.record(Fact::LineStopped { line_id: line_id.clone(), text: text.to_owned() });
        }
        Ok(())
    }

    pub(super) fn resume_line(&mut self, line_id: &LineId) -> Result<(), Refusal> {
        self.staff()?;
        if self.line(line_id)?.stopped.is_none() {
            return Err(Refusal::LineRunning);
        }
        self.record(Fact::LineResumed { line_id: line_id.clone() });
        Ok(())
    }

    fn sits_nowhere_else(&self, staff: &StaffId, window_id: &WindowId) -> Result<(), Refusal> {
        match self.hall.window_of(staff) {
            Some(other) if other.id != *window_id => {
                Err(Refusal::StaffElsewhere { window_id: other.id.clone(), window_number: other.number })
            }
            _ => Ok(()),
        }
    }
}

/// A line that was named twice is served once, or its tickets would count twice.
fn each_once(line_ids: &[LineId]) -> Vec<LineId> {
    let mut once: Vec<LineId> = Vec::with_capacity(line_ids.len());
    for line_id in line_ids {
        if !once.contains(line_id) {
            once.push(line_id.clone());
        }
    }
    once
}
