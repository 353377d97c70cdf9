//! A window as the hall knows it: its number, what it serves, and who sits there. Decides nothing.

use serde::{Deserialize, Serialize};

use super::help::Help;
use crate::ids::{LineId, StaffId, TicketId, WindowId};
use crate::time::Millis;

/// What a window is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 综合受理窗口.
    General,
    /// 出证窗口.
    Issue,
    /// 帮办代办窗口.
    Assist,
    /// “一件事”窗口.
    Bundle,
    /// 绿色通道.
    Green,
}

/// Whether somebody sits at a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum WindowState {
    /// Nobody.
    Closed,
    /// Somebody who calls tickets.
    Open {
        /// Who.
        staff: StaffId,
        /// Since when.
        since: Millis,
        /// The lines chosen at opening.
        line_ids: Vec<LineId>,
    },
    /// Somebody who is away for a while.
    Paused {
        /// Who.
        staff: StaffId,
        /// Since when.
        since: Millis,
        /// The lines chosen at opening.
        line_ids: Vec<LineId>,
        /// Why, for people.
        text: Option<String>,
    },
}

impl WindowState {
    /// `closed`, `open` or `paused`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::Paused { .. } => "paused",
        }
    }
}

/// A numbered desk (窗口). One person per window, one window per person, one ticket at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// The number above it.
    pub number: u16,
    /// What it is for.
    pub purpose: Purpose,
    /// The lines it serves unless others are chosen at opening.
    pub line_ids: Vec<LineId>,
    /// Of these the ones whose people it calls first.
    #[serde(default)]
    pub preferred_line_ids: Vec<LineId>,
    /// Whether somebody sits there.
    pub state: WindowState,
    /// The ticket that is called or served there.
    pub serving: Option<TicketId>,
    /// An open call for the supervisor.
    #[serde(default)]
    pub help: Option<Help>,
}

impl Window {
    /// Who holds the window.
    #[must_use]
    pub fn staff(&self) -> Option<&StaffId> {
        match &self.state {
            WindowState::Closed => None,
            WindowState::Open { staff, .. } | WindowState::Paused { staff, .. } => Some(staff),
        }
    }

    /// The lines it serves now, or would serve when opened.
    #[must_use]
    pub fn current_line_ids(&self) -> &[LineId] {
        match &self.state {
            WindowState::Closed => &self.line_ids,
            WindowState::Open { line_ids, .. } | WindowState::Paused { line_ids, .. } => line_ids,
        }
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, WindowState::Open { .. })
    }

    /// The text of a pause, for people.
    #[must_use]
    pub fn pause_text(&self) -> Option<&str> {
        match &self.state {
            WindowState::Paused { text, .. } => text.as_deref(),
            WindowState::Closed | WindowState::Open { .. } => None,
        }
    }
}
