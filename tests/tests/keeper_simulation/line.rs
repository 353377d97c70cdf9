//! The line between the server and the keeper: words arrive late, those that may come twice come twice or
//! overtake others, and a cut loses what is under way. Each side notices a cut in its own time.

use protocol::device::{FromDevice, ToDevice};
use protocol::keeper::{FromKeeper, ToKeeper};

/// A word on its way.
struct Word<T> {
    due_ms: i64,
    /// The order of saying, for words that are due together.
    place: u64,
    word: T,
}

/// One direction of one connection.
pub(super) struct Way<T> {
    words: Vec<Word<T>>,
    said: u64,
    /// A word that keeps its order is due no earlier than the one before.
    last_ms: i64,
}

impl<T> Default for Way<T> {
    fn default() -> Self {
        Self { words: Vec::new(), said: 0, last_ms: 0 }
    }
}

/// Whether a word may come twice and out of order without any stream breaking its promise.
pub(super) trait Loose {
    fn is_loose(&self) -> bool;
}

impl Loose for FromDevice {
    fn is_loose(&self) -> bool {
        matches!(self, Self::Keeper(FromKeeper::Beaten { .. } | FromKeeper::Entry(_)))
    }
}

impl Loose for ToDevice {
    fn is_loose(&self) -> bool {
        matches!(self, Self::Keeper(ToKeeper::Beat { .. }))
    }
}

impl<T: Loose + Clone> Way<T> {
    pub(super) fn say(&mut self, word: T, now_ms: i64, rng: &mut fastrand::Rng) {
        let usual_ms = now_ms + rng.i64(1..120);
        let times = if word.is_loose() && rng.u32(0..12) == 0 { 2 } else { 1 };
        for _ in 0..times {
            // Most words keep their order; a loose one overtakes or is overtaken now and then.
            let due_ms = if word.is_loose() && rng.u32(0..8) == 0 {
                now_ms + rng.i64(1..4_000)
            } else {
                self.last_ms = usual_ms.max(self.last_ms);
                self.last_ms
            };
            self.said += 1;
            self.words.push(Word { due_ms, place: self.said, word: word.clone() });
        }
    }

    /// The next word that is due.
    pub(super) fn heard(&mut self, now_ms: i64) -> Option<T> {
        let due = self.words.iter().enumerate().filter(|(_, word)| word.due_ms <= now_ms);
        let (place, _) = due.min_by_key(|(_, word)| (word.due_ms, word.place))?;
        Some(self.words.remove(place).word)
    }

    pub(super) fn cut(&mut self) {
        *self = Self::default();
    }
}
