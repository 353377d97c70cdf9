//! One line or window of a configuration put up, changed or taken down, all else as it is. Knows no
//! ticket: whether that fits what goes on is decided like any other configuration.

use serde::{Deserialize, Serialize};

use super::policy::{Configuration, LineSetup, WindowSetup};
use super::refusal::Refusal;
use crate::ids::{LineId, WindowId};

/// One line or window of the configuration as it shall be. Decided on the hall as it is, so that two who
/// change different things never undo each other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Rearrangement {
    /// A line, new or changed.
    Line {
        /// As it shall be.
        line: LineSetup,
    },
    /// A window, new or changed.
    Window {
        /// As it shall be.
        window: WindowSetup,
    },
    /// A line is taken down.
    NoLine {
        /// Which.
        line_id: LineId,
    },
    /// A window is taken down.
    NoWindow {
        /// Which.
        window_id: WindowId,
    },
}

impl Configuration {
    /// The configuration with one line or window put up, changed or taken down.
    ///
    /// # Errors
    /// What is to be taken down is not there.
    pub fn rearranged(mut self, change: &Rearrangement) -> Result<Self, Refusal> {
        match change {
            Rearrangement::Line { line } => match self.lines.iter_mut().find(|known| known.id == line.id) {
                Some(known) => known.clone_from(line),
                None => self.lines.push(line.clone()),
            },
            Rearrangement::Window { window } => match self.windows.iter_mut().find(|known| known.id == window.id) {
                Some(known) => known.clone_from(window),
                None => self.windows.push(window.clone()),
            },
            Rearrangement::NoLine { line_id } => {
                let before = self.lines.len();
                self.lines.retain(|known| known.id != *line_id);
                if self.lines.len() == before {
                    return Err(Refusal::UnknownLine { line_id: line_id.clone() });
                }
                // A window no longer calls what is no longer there; whatever else names the line is a fault to be told.
                for window in &mut self.windows {
                    window.line_ids.retain(|id| id != line_id);
                    window.preferred_line_ids.retain(|id| id != line_id);
                }
            }
            Rearrangement::NoWindow { window_id } => {
                let before = self.windows.len();
                self.windows.retain(|known| known.id != *window_id);
                if self.windows.len() == before {
                    return Err(Refusal::UnknownWindow { window_id: window_id.clone() });
                }
                self.policy.roster.retain(|shift| shift.window_id != *window_id);
            }
        }
        Ok(self)
    }
}
