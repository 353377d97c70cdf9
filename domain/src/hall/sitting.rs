//! The stretches of time a person sits at a window, open or paused: what attendance is made from. Start and end
//! are facts of the log, so that no report has to reconstruct them. Knows no day and no roster.

use serde::{Deserialize, Serialize};

use super::event::{Event, Fact};
use super::window::{Window, WindowState};
use crate::ids::{StaffId, WindowId};
use crate::time::Millis;

/// How somebody sits at a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SittingState {
    /// Calls tickets.
    Open,
    /// Away for a while.
    Paused,
}

impl SittingState {
    /// The name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Paused].into_iter().find(|state| state.as_str() == text)
    }
}

/// One person at one window in one state, from start to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// The window.
    pub window_id: WindowId,
    /// Who sat there.
    pub staff: StaffId,
    /// How.
    pub state: SittingState,
    /// Begin, UTC milliseconds.
    pub start_ms: Millis,
    /// End, never before the begin.
    pub end_ms: Millis,
}

/// The sitting that an event ends, given its window as it was before; `None` if nobody sat there or nothing ends.
#[must_use]
pub fn ended_sitting(before: &Window, event: &Event) -> Option<Sitting> {
    let window_id = match &event.fact {
        Fact::WindowOpened { window_id, .. }
        | Fact::WindowPaused { window_id, .. }
        | Fact::WindowClosed { window_id }
        | Fact::WindowTakenOver { window_id, .. } => window_id,
        _ => return None,
    };
    if *window_id != before.id {
        return None;
    }
    sitting_until(before, event.at)
}

/// The sitting that goes on at a window, as if it ended at an instant; `None` if nobody sits there.
#[must_use]
pub fn sitting_until(window: &Window, at: Millis) -> Option<Sitting> {
    let (staff, state, since) = match &window.state {
        WindowState::Closed => return None,
        WindowState::Open { staff, since, .. } => (staff, SittingState::Open, *since),
        WindowState::Paused { staff, since, .. } => (staff, SittingState::Paused, *since),
    };
    Some(Sitting { window_id: window.id.clone(), staff: staff.clone(), state, start_ms: since, end_ms: at.max(since) })
}

/// The window whose state an event changes.
#[must_use]
pub fn window_changed(event: &Event) -> Option<&WindowId> {
    match &event.fact {
        Fact::WindowOpened { window_id, .. }
        | Fact::WindowPaused { window_id, .. }
        | Fact::WindowClosed { window_id }
        | Fact::WindowTakenOver { window_id, .. } => Some(window_id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::Purpose;
    use super::*;

    fn window(state: WindowState) -> Window {
        let id = WindowId::new("dc", "1");
        Window {
            id,
            number: 1,
            purpose: Purpose::General,
            line_ids: Vec::new(),
            preferred_line_ids: Vec::new(),
            state,
            serving: None,
            help: None,
        }
    }

    fn event(at: Millis, fact: Fact) -> Event {
        Event { at, by: None, fact }
    }

    #[test]
    fn each_change_of_a_window_ends_what_was_before_and_nothing_else_does() {
        let (window_id, staff) = (WindowId::new("dc", "1"), StaffId::new("dc", "a"));
        let open = window(WindowState::Open { staff: staff.clone(), since: 10, line_ids: Vec::new() });
        let paused = window(WindowState::Paused { staff: staff.clone(), since: 30, line_ids: Vec::new(), text: None });
        let pause = event(30, Fact::WindowPaused { window_id: window_id.clone(), text: None });
        let ended = ended_sitting(&open, &pause);
        assert_eq!(
            ended,
            Some(Sitting { window_id: window_id.clone(), staff: staff.clone(), state: SittingState::Open, start_ms: 10, end_ms: 30 })
        );
        let close = event(50, Fact::WindowClosed { window_id: window_id.clone() });
        assert_eq!(ended_sitting(&paused, &close).map(|of| (of.state, of.start_ms, of.end_ms)), Some((SittingState::Paused, 30, 50)));
        assert_eq!(ended_sitting(&window(WindowState::Closed), &close), None);
        let other = event(50, Fact::WindowClosed { window_id: WindowId::new("dc", "2") });
        assert_eq!(ended_sitting(&open, &other), None);
        let help = event(50, Fact::HelpResolved { window_id });
        assert_eq!(ended_sitting(&open, &help), None);
        assert_eq!(sitting_until(&open, 5).map(|of| of.end_ms), Some(10), "never before the begin");
    }
}
