//! Frames of the live feed and the state of the hall board with its fold.
//!
//! Architecture Invariant: the fold here is the only one in Rust; tests, display and server use it,
//! so that a screen that was cut off and one that never was end in the same state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a client sees of a hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The public hall board: numbers only.
    Board,
    /// The strip above one window.
    Window,
    /// Staff of the hall: the whole queue.
    Desk,
    /// The kiosk: lines and their waits.
    Kiosk,
    /// The evaluation pad of one window.
    Pad,
}

/// One frame from the server. `prev` is the `seq` of this view's preceding frame: a client whose
/// last `seq` differs asks again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Frame<S = serde_json::Value, E = serde_json::Value> {
    /// The whole state at `seq`.
    Snapshot {
        /// Changes on restore.
        epoch: i64,
        /// Position in the site's log.
        seq: i64,
        /// State of the view.
        state: S,
    },
    /// One change.
    Event {
        /// Changes on restore.
        epoch: i64,
        /// Position in the site's log.
        seq: i64,
        /// `seq` of this view's preceding frame.
        prev: i64,
        /// RFC 3339 instant of the change.
        at: String,
        /// What changed.
        event: E,
    },
    /// New waiting counts, at most four times a second.
    Waiting {
        /// Changes on restore.
        epoch: i64,
        /// Position in the site's log.
        seq: i64,
        /// `seq` of this view's preceding frame.
        prev: i64,
        /// The lines whose count changed.
        waiting: Vec<LineCount>,
    },
    /// The server lives.
    Ping,
}

impl<S, E> Frame<S, E> {
    /// Epoch and sequence after this frame; `None` for a ping.
    #[must_use]
    pub fn position(&self) -> Option<(i64, i64)> {
        match self {
            Self::Snapshot { epoch, seq, .. } | Self::Event { epoch, seq, .. } | Self::Waiting { epoch, seq, .. } => Some((*epoch, *seq)),
            Self::Ping => None,
        }
    }
}

/// How many wait in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineCount {
    /// The line.
    pub line_id: String,
    /// Tickets waiting now.
    pub count: u32,
    /// The numbers that come next in it, as [`BoardLine::next`].
    #[serde(default)]
    pub next: Vec<String>,
}

/// State of the hall board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardState {
    /// The hall.
    pub site: BoardSite,
    /// Newest call first, at most [`BOARD_CALLS_MAX`]; behind them older ones whose ticket is at a window still.
    pub calls: Vec<BoardCall>,
    /// Every line of the hall, by id.
    pub waiting: Vec<BoardLine>,
    /// Every window of the hall, by number.
    pub windows: Vec<BoardWindow>,
    /// Notices in force.
    pub notices: Vec<String>,
    /// Message of an emergency: it takes the whole screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<String>,
}

/// The hall on its board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardSite {
    /// Site id.
    pub id: String,
    /// Name of the hall.
    pub name: String,
}

/// One call on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardCall {
    /// Number as printed on the slip.
    pub number: String,
    /// Where to go.
    pub window_number: u16,
    /// RFC 3339 instant of the first call.
    pub called_at: String,
    /// How often it was called again.
    pub recall_count: u32,
}

/// One line on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardLine {
    /// The line.
    pub line_id: String,
    /// Name of the line.
    pub name: String,
    /// Letter of its numbers.
    pub prefix: String,
    /// Tickets waiting now.
    pub count: u32,
    /// The numbers that come next in it if nothing else happens, the first first, at most [`BOARD_NEXT_MAX`].
    #[serde(default)]
    pub next: Vec<String>,
}

/// One window on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardWindow {
    /// Number above the window.
    pub number: u16,
    /// `closed`, `open` or `paused`.
    pub state: String,
    /// Why it is paused, for people.
    pub text: Option<String>,
}

/// A change of the board: a list that is present replaces the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardEvent {
    /// Type of the hall event behind it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The hall was renamed or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<BoardSite>,
    /// New list of calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<BoardCall>>,
    /// New list of lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Vec<BoardLine>>,
    /// New list of windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<BoardWindow>>,
    /// New list of notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notices: Option<Vec<String>>,
    /// Message of an emergency; empty when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<String>,
}

/// Newest calls that a board remembers: more than a hall's windows call between two looks of a screen. Older ones whose
/// ticket is at a window still are shown besides.
pub const BOARD_CALLS_MAX: usize = 24;

/// Numbers of a line that its board names before they are called.
pub const BOARD_NEXT_MAX: usize = 3;

/// A frame of the board.
pub type BoardFrame = Frame<BoardState, BoardEvent>;

/// What became of a frame that a client tried to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The state is now that of the frame.
    Done,
    /// The frame follows something this client has not seen: ask again with the last position.
    Gap,
}

/// A board as a client holds it: the state and the position it is valid for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardFold {
    /// State at the position; `None` before the first snapshot.
    pub state: Option<BoardState>,
    /// Epoch and sequence of the last frame applied.
    pub position: Option<(i64, i64)>,
}

impl BoardFold {
    /// Applies one frame; on [`Applied::Gap`] nothing changes.
    pub fn apply(&mut self, frame: BoardFrame) -> Applied {
        let position = frame.position();
        match frame {
            Frame::Ping => return Applied::Done,
            Frame::Snapshot { state, .. } => self.state = Some(state),
            Frame::Event { epoch, prev, event, .. } => match (&mut self.state, self.position) {
                (Some(state), Some(at)) if at == (epoch, prev) => state.apply(event),
                _ => return Applied::Gap,
            },
            Frame::Waiting { epoch, prev, waiting, .. } => match (&mut self.state, self.position) {
                (Some(state), Some(at)) if at == (epoch, prev) => state.count(&waiting),
                _ => return Applied::Gap,
            },
        }
        self.position = position;
        Applied::Done
    }
}

impl BoardState {
    /// Replaces the lists that the event carries.
    pub fn apply(&mut self, event: BoardEvent) {
        if let Some(site) = event.site {
            self.site = site;
        }
        if let Some(calls) = event.calls {
            self.calls = calls;
        }
        if let Some(waiting) = event.waiting {
            self.waiting = waiting;
        }
        if let Some(windows) = event.windows {
            self.windows = windows;
        }
        if let Some(notices) = event.notices {
            self.notices = notices;
        }
        if let Some(emergency) = event.emergency {
            self.emergency = Some(emergency).filter(|text| !text.is_empty());
        }
    }

    /// Sets the counts and next numbers of the lines named; unknown lines are ignored.
    pub fn count(&mut self, counts: &[LineCount]) {
        for LineCount { line_id, count, next } in counts {
            if let Some(line) = self.waiting.iter_mut().find(|line| line.line_id == *line_id) {
                line.count = *count;
                line.next.clone_from(next);
            }
        }
    }
}
