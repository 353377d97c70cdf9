//! The lease of a hall: who decides about it, the central service or the keeper in the hall. Pure: the
//! times are monotonic milliseconds of whoever asks, each side has its own and they are never compared.
//!
//! The service sends beats and the keeper answers them. Whoever answers a beat promises to decide nothing
//! for [`LEASE_MS`] + [`MARGIN_MS`] from that moment; the service decides for [`LEASE_MS`] from the moment
//! *it sent* the newest beat that was answered. A beat is answered after it was sent, so the service stops
//! at least [`MARGIN_MS`] before the keeper begins, however late, twice or out of order words arrive; the
//! margin is for clocks that run at different speeds and for a commit under way. A side that starts anew
//! knows nothing of what it promised, so the service begins without a lease, and the keeper waits its whole
//! time, unless it was deciding when it ended: then the service has no lease, because it got no answer.

use std::collections::VecDeque;

use crate::time::Millis;

/// How long the service decides after it sent a beat that was answered.
pub const LEASE_MS: Millis = 10_000;
/// How much longer the keeper waits.
pub const MARGIN_MS: Millis = 5_000;
/// Pause between two beats.
pub const BEAT_MS: Millis = 2_000;
/// Beats whose answer may still come; an answer to an older one counts for nothing.
const BEATS_MAX: usize = 16;

/// The service's end of the lease of one site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceLease {
    term: u64,
    newest: u64,
    /// Beats on their way, with the time each was sent.
    sent: VecDeque<(u64, Millis)>,
    until: Option<Millis>,
}

impl ServiceLease {
    /// No lease yet, in a term of a keeper.
    #[must_use]
    pub fn new(term: u64) -> Self {
        Self { term, ..Self::default() }
    }

    /// The term that this lease is about.
    #[must_use]
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Sends a beat: its number.
    pub fn beat(&mut self, now: Millis) -> u64 {
        self.newest += 1;
        self.sent.push_back((self.newest, now));
        if self.sent.len() > BEATS_MAX {
            self.sent.pop_front();
        }
        self.newest
    }

    /// An answer arrived. One of another term, or to a beat that nobody sent, counts for nothing.
    pub fn answered(&mut self, term: u64, beat: u64) {
        if term != self.term {
            return;
        }
        let Some((_, sent_at)) = self.sent.iter().find(|(number, _)| *number == beat).copied() else { return };
        self.until = Some(self.until.unwrap_or(Millis::MIN).max(sent_at + LEASE_MS));
        self.sent.retain(|(number, _)| *number > beat);
    }

    /// Beats that are under way are of a line that was cut: their answers count for nothing any more.
    pub fn cut(&mut self) {
        self.sent.clear();
    }

    /// Whether the service decides now.
    #[must_use]
    pub fn may_decide(&self, now: Millis) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether the keeper may be deciding by now: every promise that it can have made is over. `since` is when this service
    /// first looked for it.
    #[must_use]
    pub fn is_lapsed(&self, since: Millis, now: Millis) -> bool {
        now >= self.until.unwrap_or(Millis::MIN).max(since + LEASE_MS) + MARGIN_MS
    }
}

/// Who decides, as the keeper knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stance {
    /// The service may be deciding, from the last answer on for a while.
    Following {
        /// The last answer, or the start of the program.
        promised_at: Millis,
    },
    /// The keeper decides; it answers no beat.
    Deciding,
}

/// The keeper's end of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeeperLease(Stance);

impl KeeperLease {
    /// A keeper that starts and was not deciding when it ended.
    #[must_use]
    pub fn following(now: Millis) -> Self {
        Self(Stance::Following { promised_at: now })
    }

    /// A keeper that starts and was deciding when it ended.
    #[must_use]
    pub fn deciding() -> Self {
        Self(Stance::Deciding)
    }

    /// Whether the keeper decides.
    #[must_use]
    pub fn is_deciding(&self) -> bool {
        self.0 == Stance::Deciding
    }

    /// A beat came: whether it is answered. The promise holds from now on, before the answer leaves.
    #[must_use]
    pub fn answers(&mut self, now: Millis) -> bool {
        match &mut self.0 {
            Stance::Following { promised_at } => {
                *promised_at = now.max(*promised_at);
                true
            }
            Stance::Deciding => false,
        }
    }

    /// Whether every promise is over, so that the keeper may begin to decide.
    #[must_use]
    pub fn is_free(&self, now: Millis) -> bool {
        match self.0 {
            Stance::Following { promised_at } => now >= promised_at + LEASE_MS + MARGIN_MS,
            Stance::Deciding => true,
        }
    }

    /// Begins to decide, if every promise is over; whether it decides now.
    pub fn take_over(&mut self, now: Millis) -> bool {
        if self.is_free(now) {
            self.0 = Stance::Deciding;
        }
        self.is_deciding()
    }

    /// Stops deciding.
    pub fn hand_back(&mut self, now: Millis) {
        self.0 = Stance::Following { promised_at: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_counts_from_the_sending_and_the_keeper_from_the_answer() {
        let (mut service, mut keeper) = (ServiceLease::new(1), KeeperLease::following(0));
        assert!(!service.may_decide(0), "nobody answered yet");
        let beat = service.beat(1_000);
        assert!(keeper.answers(4_000), "the beat came late");
        service.answered(1, beat);
        assert!(service.may_decide(10_999) && !service.may_decide(11_000));
        assert!(!keeper.take_over(18_999) && keeper.take_over(19_000));
        assert!(!keeper.answers(20_000), "who decides promises nothing");
    }

    #[test]
    fn answers_of_another_term_or_line_or_an_old_one_count_for_nothing() {
        let mut service = ServiceLease::new(2);
        let first = service.beat(0);
        service.answered(1, first);
        assert!(!service.may_decide(1), "another term");
        let second = service.beat(2_000);
        service.answered(2, second);
        service.answered(2, first);
        service.answered(2, second);
        assert!(service.may_decide(11_999) && !service.may_decide(12_000), "an older answer shortens nothing");
        let third = service.beat(11_000);
        service.cut();
        service.answered(2, third);
        assert!(!service.may_decide(12_000), "of a line that was cut");
    }

    #[test]
    fn a_lease_has_lapsed_only_when_the_keeper_may_be_deciding() {
        let mut service = ServiceLease::new(1);
        assert!(!service.is_lapsed(1_000, 15_999) && service.is_lapsed(1_000, 16_000), "a service that starts waits for the keeper");
        let beat = service.beat(20_000);
        service.answered(1, beat);
        assert!(!service.is_lapsed(1_000, 34_999), "it decides, or nobody does");
        assert!(service.is_lapsed(1_000, 35_000));
    }

    #[test]
    fn whoever_starts_anew_waits_unless_it_was_deciding() {
        let mut keeper = KeeperLease::following(50_000);
        assert!(!keeper.take_over(60_000));
        assert!(KeeperLease::deciding().take_over(0));
        assert!(keeper.take_over(65_000));
        keeper.hand_back(70_000);
        assert!(keeper.answers(70_001) && !keeper.is_deciding());
    }
}
