//! One view of one hall: its state at the last frame, the newest frames, and everybody who listens.
//!
//! The state of a view is defined by its frames: a snapshot is the state at the last frame, so that a
//! client which takes it and one which applied every frame hold the same.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::time::Millis;
use serde::Serialize;
use tokio::sync::broadcast;

/// Bytes of frames kept for clients that were away for a moment. Whoever missed more gets the state, which is
/// smaller; and a process may hold the views of many thousands of halls.
const KEPT_BYTES_MAX: usize = 32 * 1024;
/// Frames that a client may lag behind before it gets a snapshot instead.
const FRAMES_BEHIND_MAX: usize = 64;
/// A view goes on this long after its last client left: one whose line was cut finds the frames it missed.
const LINGER_MS: Millis = 60_000;

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

/// A view that is made for its first client and given up some time after its last: what nobody looks at costs
/// nothing.
#[derive(Debug)]
pub struct Watched<S>(Option<ViewChannel<S>>);

impl<S> Default for Watched<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: Serialize> Watched<S> {
    /// The view, if there is one.
    pub fn get(&mut self) -> Option<&mut ViewChannel<S>> {
        self.0.as_mut()
    }

    /// The view, made if there is none.
    pub fn get_or_make(&mut self, make: impl FnOnce() -> ViewChannel<S>) -> &mut ViewChannel<S> {
        self.0.get_or_insert_with(make)
    }

    /// Gives the view up if nobody has been there for long; whether there is none now.
    pub fn give_up(&mut self, now: Millis) -> bool {
        if self.0.as_mut().is_some_and(|view| view.is_deserted(now)) {
            self.0 = None;
        }
        self.0.is_none()
    }
}

/// A view.
#[derive(Debug)]
pub struct ViewChannel<S> {
    /// State at `seq`.
    pub state: S,
    epoch: i64,
    seq: i64,
    /// Whether the state may have changed at `seq` itself, by time and not by an event; unknown at the start.
    restated: bool,
    kept: VecDeque<Sent>,
    kept_bytes: usize,
    /// Since when nobody has been there.
    deserted_at: Option<Millis>,
    sender: broadcast::Sender<Sent>,
}

impl<S: Serialize> ViewChannel<S> {
    /// A view at a position of the log.
    pub fn new(epoch: i64, seq: i64, state: S) -> Self {
        let sender = broadcast::channel(FRAMES_BEHIND_MAX).0;
        Self { state, epoch, seq, restated: true, kept: VecDeque::new(), kept_bytes: 0, deserted_at: None, sender }
    }

    /// Whether nobody has been there for so long that nobody is expected back.
    fn is_deserted(&mut self, now: Millis) -> bool {
        if self.sender.receiver_count() > 0 {
            self.deserted_at = None;
            return false;
        }
        let since = *self.deserted_at.get_or_insert(now);
        now - since >= LINGER_MS
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
        self.kept_bytes += sent.json.len();
        self.kept.push_back(sent.clone());
        while self.kept_bytes > KEPT_BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.kept_bytes -= oldest.json.len();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_stays_while_somebody_is_there_and_a_while_longer() {
        let mut watched = Watched::default();
        assert!(watched.give_up(0), "none was made");
        let (first, client) = watched.get_or_make(|| ViewChannel::new(1, 7, "a")).subscribe(None);
        assert_eq!(first.len(), 1);
        assert!(!watched.give_up(LINGER_MS * 5));
        drop(client);
        assert!(!watched.give_up(LINGER_MS * 6), "the line may have been cut");
        let (_, again) = watched.get_or_make(|| unreachable!("it is there")).subscribe(None);
        assert!(!watched.give_up(LINGER_MS * 8), "somebody came back");
        drop(again);
        assert!(!watched.give_up(LINGER_MS * 9));
        assert!(watched.give_up(LINGER_MS * 10));
        assert!(watched.get().is_none());
    }

    #[test]
    fn frames_are_kept_up_to_their_bytes_and_then_the_state_is_given() {
        let mut view = ViewChannel::new(1, 0, "state");
        let frame = "x".repeat(1_000);
        for seq in 1..=100 {
            view.push(seq, |_, _, _| &frame);
        }
        assert!(view.kept_bytes <= KEPT_BYTES_MAX && view.kept_bytes > KEPT_BYTES_MAX - 2_000);
        assert_eq!(view.kept_bytes, view.kept.iter().map(|sent| sent.json.len()).sum::<usize>());
        assert_eq!(view.missed(Some((1, 98))).len(), 2, "frames");
        let missed = view.missed(Some((1, 5)));
        assert!(missed.len() == 1 && missed[0].json.contains("snapshot"), "the state");
    }
}
