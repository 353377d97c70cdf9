//! One view of one hall: its state at the last frame, the newest frames, and everybody who listens.
//!
//! The state of a view is defined by its frames: a snapshot is the state at the last frame, so that a
//! client which takes it and one which applied every frame hold the same.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::broadcast;

/// Frames kept for clients that were away for a moment.
const FRAMES_KEPT: usize = 512;
/// Frames that a client may lag behind before it gets a snapshot instead.
const FRAMES_BEHIND_MAX: usize = 128;

/// A serialised frame; the bytes are shared by all clients.
#[derive(Debug, Clone)]
pub struct Sent {
    /// `seq` of the view's preceding frame.
    pub prev: i64,
    /// Position of this frame.
    pub seq: i64,
    /// The frame as JSON.
    pub json: Arc<str>,
}

/// A view.
#[derive(Debug)]
pub struct ViewChannel<S> {
    /// State at `seq`.
    pub state: S,
    epoch: i64,
    seq: i64,
    /// Whether the state changed at `seq` itself, by time and not by an event.
    restated: bool,
    kept: VecDeque<Sent>,
    sender: broadcast::Sender<Sent>,
}

impl<S: Serialize> ViewChannel<S> {
    /// A view at a position of the log.
    pub fn new(epoch: i64, seq: i64, state: S) -> Self {
        Self { state, epoch, seq, restated: false, kept: VecDeque::new(), sender: broadcast::channel(FRAMES_BEHIND_MAX).0 }
    }

    /// Position of the last frame.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Moves the view to `seq` and tells everybody; `frame` gets `(epoch, seq, prev)`.
    pub fn push<F: Serialize>(&mut self, seq: i64, frame: impl FnOnce(i64, i64, i64) -> F) {
        let prev = self.seq;
        let Ok(json) = serde_json::to_string(&frame(self.epoch, seq, prev)) else { return };
        let sent = Sent { prev, seq, json: json.into() };
        self.seq = seq;
        self.restated = seq == prev;
        if self.kept.len() == FRAMES_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(sent.clone());
        // Nobody listening is no error.
        let _ = self.sender.send(sent);
    }

    /// The state as a snapshot frame.
    #[must_use]
    pub fn snapshot(&self) -> Sent {
        #[derive(Serialize)]
        struct Snapshot<'a, S> {
            kind: &'static str,
            epoch: i64,
            seq: i64,
            state: &'a S,
        }
        let frame = Snapshot { kind: "snapshot", epoch: self.epoch, seq: self.seq, state: &self.state };
        Sent { prev: self.seq, seq: self.seq, json: serde_json::to_string(&frame).unwrap_or_default().into() }
    }

    /// What a client needs to be up to date, and the frames from then on. `after` is the epoch and
    /// `seq` of the last frame it applied.
    pub fn subscribe(&self, after: Option<(i64, i64)>) -> (Vec<Sent>, broadcast::Receiver<Sent>) {
        (self.missed(after), self.sender.subscribe())
    }

    fn missed(&self, after: Option<(i64, i64)>) -> Vec<Sent> {
        match after {
            Some((epoch, seq)) if epoch == self.epoch && seq == self.seq && !self.restated => Vec::new(),
            // It may have been cut off before or after the change: only the state tells both.
            Some((epoch, seq)) if epoch == self.epoch && seq == self.seq => vec![self.snapshot()],
            Some((epoch, seq)) if epoch == self.epoch => match self.kept.iter().position(|sent| sent.prev == seq) {
                Some(place) => self.kept.iter().skip(place).cloned().collect(),
                None => vec![self.snapshot()],
            },
            _ => vec![self.snapshot()],
        }
    }
}
