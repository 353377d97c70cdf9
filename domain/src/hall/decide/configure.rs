//! Whether a configuration is sound, by itself and beside what goes on in the hall.

use super::{Draft, Fact, Refusal};
use crate::hall::policy::Configuration;
use crate::hall::rearrange::Rearrangement;
use crate::hall::state::WindowState;
use crate::time::{DAY_MS, Millis};

/// Configurations that wait for their time.
const SCHEDULED_MAX: usize = 12;
/// How far ahead.
const SCHEDULED_DAYS_MAX: Millis = 400;

impl Draft<'_> {
    pub(super) fn configure(&mut self, configuration: &Configuration) -> Result<(), Refusal> {
        if let Some(fault) = configuration.faults().into_iter().next() {
            return Err(Refusal::ConfigurationInvalid { field: fault.field, text: fault.text });
        }
        self.fits(configuration)?;
        self.record(Fact::HallConfigured { configuration: Box::new(configuration.clone()) });
        Ok(())
    }

    /// One line or window; the configuration is checked as a whole.
    pub(super) fn rearrange(&mut self, change: &Rearrangement) -> Result<(), Refusal> {
        let configuration = self.hall.configuration().rearranged(change)?;
        self.configure(&configuration)
    }

    /// For an instant to come. What is in use then is not known yet.
    pub(super) fn schedule(&mut self, from: Millis, configuration: &Configuration) -> Result<(), Refusal> {
        if let Some(fault) = configuration.faults().into_iter().next() {
            return Err(Refusal::ConfigurationInvalid { field: fault.field, text: fault.text });
        }
        if !(self.at + 1..=self.at + SCHEDULED_DAYS_MAX * DAY_MS).contains(&from) {
            return Err(Refusal::ScheduleInvalid { text: format!("生效时间要在以后，{SCHEDULED_DAYS_MAX} 天之内") });
        }
        let others = self.hall.doc.scheduled.iter().filter(|other| other.from != from).count();
        if others >= SCHEDULED_MAX {
            return Err(Refusal::ScheduleInvalid { text: format!("已经排了 {SCHEDULED_MAX} 套设置，先取消一套") });
        }
        self.record(Fact::HallConfigurationScheduled { from, configuration: Box::new(configuration.clone()) });
        Ok(())
    }

    pub(super) fn cancel_scheduled(&mut self, from: Millis) -> Result<(), Refusal> {
        if !self.hall.doc.scheduled.iter().any(|scheduled| scheduled.from == from) {
            return Err(Refusal::NotScheduled);
        }
        self.record(Fact::HallConfigurationCancelled { from });
        Ok(())
    }

    /// Before anything else is decided: what was scheduled for an instant that has come is in force, or it
    /// is told what stood against it. Of several the newest counts, since each replaces all.
    pub(super) fn configure_as_scheduled(&mut self) {
        let Some(due) = self.hall.doc.scheduled.iter().rfind(|scheduled| scheduled.from <= self.at).cloned() else { return };
        let fact = match self.fits(&due.configuration) {
            Ok(()) => Fact::HallConfigured { configuration: Box::new(Configuration::clone(&due.configuration)) },
            Err(refusal) => {
                Fact::ScheduledConfigurationRefused { from: due.from, code: refusal.code().to_owned(), text: refusal.message() }
            }
        };
        self.record_by_rule(self.at, fact);
    }

    /// Whether a configuration that is sound by itself contradicts what goes on.
    fn fits(&self, configuration: &Configuration) -> Result<(), Refusal> {
        self.nothing_in_use_is_removed(configuration)?;
        self.letters_are_of_one_kind(configuration)
    }

    fn nothing_in_use_is_removed(&self, configuration: &Configuration) -> Result<(), Refusal> {
        for window in self.hall.windows().filter(|window| window.state != WindowState::Closed) {
            if !configuration.windows.iter().any(|setup| setup.id == window.id) {
                return Err(Refusal::WindowInUse { window_number: window.number });
            }
        }
        for line in self.hall.lines() {
            let is_kept = configuration.lines.iter().any(|setup| setup.id == line.id);
            if !is_kept && self.hall.tickets().any(|ticket| ticket.line_id == line.id && ticket.state.is_live()) {
                return Err(Refusal::LineInUse { name: line.name.clone() });
            }
        }
        Ok(())
    }

    /// No number stands on a slip and on a paper of one day, whatever is set in between.
    fn letters_are_of_one_kind(&self, configuration: &Configuration) -> Result<(), Refusal> {
        let Some(prefix) = self.hall.doc.letters_of_both(configuration) else { return Ok(()) };
        let text = format!("字头 {prefix} 的号已经发出去了，队和纸号要各用各的字头，换一个");
        Err(Refusal::ConfigurationInvalid { field: "policy.taking.paper.prefixes".to_owned(), text })
    }
}
