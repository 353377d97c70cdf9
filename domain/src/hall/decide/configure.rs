//! Whether a configuration is sound, by itself and beside what goes on in the hall.

use super::{Draft, Fact, Refusal};
use crate::hall::policy::Configuration;
use crate::hall::state::WindowState;

impl Draft<'_> {
    pub(super) fn configure(&mut self, configuration: &Configuration) -> Result<(), Refusal> {
        if let Some(fault) = configuration.faults().into_iter().next() {
            return Err(Refusal::ConfigurationInvalid { field: fault.field, text: fault.text });
        }
        self.nothing_in_use_is_removed(configuration)?;
        self.letters_are_of_one_kind(configuration)?;
        self.record(Fact::HallConfigured { configuration: Box::new(configuration.clone()) });
        Ok(())
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
