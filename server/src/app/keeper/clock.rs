//! By which clock a keeper decided. One that restarted with a wrong clock says by a signed entry how far it was off
//! (`protocol::keeper_clock`); the entries before it are then judged and recorded by the time they were really made.

use domain::time::{MINUTE_MS, Millis};
use protocol::keeper::Entry;
use protocol::keeper_clock::ClockText;

use super::aside::Verdict;
use super::journal::is_signed;
use crate::store::KeeperRow;

/// By how much entries of a journal are too early.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections(Vec<Correction>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Correction {
    from: u64,
    /// The entry that says so.
    said_in: u64,
    slow_ms: Millis,
}

impl Corrections {
    /// What the proved ones among some entries say.
    #[must_use]
    pub fn among(row: &KeeperRow, entries: &[Entry]) -> Self {
        let mut all = Self::default();
        entries.iter().for_each(|entry| all.take(row, entry));
        all
    }

    /// Takes an entry that says how far the clock was off, if it is proved.
    pub fn take(&mut self, row: &KeeperRow, entry: &Entry) {
        let Some(ClockText { from, slow_ms, .. }) = clock_text(row, entry) else { return };
        self.0.push(Correction { from, said_in: entry.number, slow_ms });
    }

    /// By how much an entry is too early; an entry is decided by one clock.
    pub(super) fn of(&self, number: u64) -> Millis {
        let about = self.0.iter().filter(|one| (one.from..one.said_in).contains(&number)).min_by_key(|one| one.said_in);
        about.map_or(0, |one| one.slow_ms)
    }
}

/// What an entry says of the clock, if the device signed it for its own series.
pub(super) fn clock_text(row: &KeeperRow, entry: &Entry) -> Option<ClockText> {
    ClockText::read(&entry.text).filter(|clock| clock.series == row.series && is_signed(row, entry))
}

/// A correction is taken by a written rule, and told.
pub(super) fn clock_verdict(clock: &ClockText, entry: &Entry) -> Verdict {
    let minutes = clock.slow_ms.abs() / MINUTE_MS;
    let long = if minutes >= 60 { format!("{} 小时 {} 分", minutes / 60, minutes % 60) } else { format!("{minutes} 分") };
    let what = if clock.slow_ms > 0 { "慢" } else { "快" };
    let last = entry.number.saturating_sub(1);
    let words = format!("守门机重启后时钟{what}了 {long}，第 {} 到 {last} 条按中心的时间改记", clock.from);
    Verdict { name: "settled", code: "clock", words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_corrected_by_the_first_word_after_it() {
        let one = |from, said_in, slow_ms| Correction { from, said_in, slow_ms };
        let corrections = Corrections(vec![one(3, 6, 1_000), one(7, 9, -500)]);
        let of: Vec<Millis> = (1..=10).map(|number| corrections.of(number)).collect();
        assert_eq!(of, [0, 0, 1_000, 1_000, 1_000, 0, -500, -500, 0, 0]);
    }
}
