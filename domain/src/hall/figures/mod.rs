//! The figures of a hall over a span of time, computed from state intervals and from the issue of
//! tickets, so that each can be made again from the event log. What each means, in words for people,
//! stands in [`DEFINITIONS`].

mod definitions;
mod measure;

use std::collections::BTreeMap;

pub use definitions::{DEFINITIONS, Definition};
pub use measure::{Measure, Visit, VisitClass, What, measures};

use crate::time::Millis;

/// Lengths of time in milliseconds, from the shortest to the longest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lengths(Vec<Millis>);

impl Lengths {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All together, in milliseconds.
    #[must_use]
    pub fn sum_ms(&self) -> Millis {
        self.0.iter().sum()
    }

    /// Their mean in milliseconds, rounded down; `None` without values.
    #[must_use]
    pub fn mean_ms(&self) -> Option<Millis> {
        let count = Millis::try_from(self.0.len()).ok().filter(|count| *count > 0)?;
        Some(self.sum_ms() / count)
    }

    /// The longest in milliseconds.
    #[must_use]
    pub fn longest_ms(&self) -> Option<Millis> {
        self.0.last().copied()
    }

    /// The length in milliseconds that `percent` of them do not exceed (nearest rank): of n in order the
    /// one at place ⌈n·percent/100⌉, so always one that occurred; `None` without values. 50 is the
    /// median: of an even number the lower one of the middle.
    #[must_use]
    pub fn percentile_ms(&self, percent: usize) -> Option<Millis> {
        let place = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(place - 1).copied()
    }
}

impl FromIterator<Millis> for Lengths {
    fn from_iter<T: IntoIterator<Item = Millis>>(values: T) -> Self {
        let mut values: Vec<Millis> = values.into_iter().collect();
        values.sort_unstable();
        Self(values)
    }
}

/// The figures of a set of measures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Tickets given, walk-ins included.
    pub issued: u32,
    /// Visits ended with an outcome.
    pub done: u32,
    /// Visits given up.
    pub abandoned: u32,
    /// Visits closed at the end of the day while they waited for their turn.
    pub unserved: u32,
    /// Visits closed at the end of the day that had been missed or parked and not come back.
    pub not_back: u32,
    /// Calls, by the rules or by name, without repeated calls.
    pub calls: u32,
    /// Calls to which nobody came.
    pub misses: u32,
    /// From issue, or from the transfer away from a window, until the call.
    pub waiting: Lengths,
    /// From the call until the person came.
    pub way: Lengths,
    /// Time in service of a visit that ended with an outcome, without the time it was parked.
    pub serving: Lengths,
}

impl Figures {
    /// The figures of measures in any order.
    #[must_use]
    pub fn of<'a>(measures: impl IntoIterator<Item = &'a Measure>) -> Self {
        let mut figures = Self::default();
        let (mut waiting, mut way, mut serving) = (Vec::new(), Vec::new(), Vec::new());
        for measure in measures {
            match measure.what {
                What::Issued => figures.issued += 1,
                What::Called => figures.calls += 1,
                What::Missed => figures.misses += 1,
                What::Done => figures.done += 1,
                What::Abandoned => figures.abandoned += 1,
                What::Unserved => figures.unserved += 1,
                What::NotBack => figures.not_back += 1,
                What::Waited { ms } => waiting.push(ms),
                What::Came { ms } => way.push(ms),
                What::Served { ms, .. } => serving.push(ms),
            }
        }
        figures.waiting = waiting.into_iter().collect();
        figures.way = way.into_iter().collect();
        figures.serving = serving.into_iter().collect();
        figures
    }

    /// Visits that ended.
    #[must_use]
    pub fn ended(&self) -> u32 {
        self.done + self.lost()
    }

    /// Visits that ended without service.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.abandoned + self.unserved + self.not_back
    }
}

/// The figures of each group; what has no key belongs to none.
pub fn figures_by<'a, K: Ord>(
    measures: impl IntoIterator<Item = &'a Measure>,
    key: impl Fn(&'a Measure) -> Option<K>,
) -> BTreeMap<K, Figures> {
    let mut groups: BTreeMap<K, Vec<&Measure>> = BTreeMap::new();
    for measure in measures {
        if let Some(key) = key(measure) {
            groups.entry(key).or_default().push(measure);
        }
    }
    groups.into_iter().map(|(key, group)| (key, Figures::of(group))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let ten: Lengths = (1..=10).rev().collect();
        assert_eq!((ten.percentile_ms(50), ten.percentile_ms(90), ten.percentile_ms(100)), (Some(5), Some(9), Some(10)));
        let one: Lengths = [7].into_iter().collect();
        assert_eq!((one.percentile_ms(50), one.percentile_ms(90), one.percentile_ms(0)), (Some(7), Some(7), Some(7)));
        assert_eq!(Lengths::default().percentile_ms(50), None);
    }

    #[test]
    fn a_wait_carried_to_the_next_day_begins_again_at_the_opening() {
        use crate::ids::{LineId, TicketId, WindowId};
        use crate::time::HOUR_MS;
        let visit = Visit {
            ticket_id: TicketId::new("dc", "a1"),
            class: VisitClass::Ordinary,
            date: chrono::NaiveDate::default(),
            issued_at: 8 * HOUR_MS,
            line_id: LineId::new("dc", "a"),
            at_window: Some(WindowId::new("dc", "1")),
        };
        let wait = |from: Millis, to: Millis, next| crate::hall::Interval {
            ticket_id: visit.ticket_id.clone(),
            state: crate::hall::StateName::Waiting,
            next,
            line_id: visit.line_id.clone(),
            window_id: None,
            staff: None,
            start_ms: from * HOUR_MS,
            end_ms: to * HOUR_MS,
        };
        let intervals = [wait(8, 16, crate::hall::StateName::Waiting), wait(24, 25, crate::hall::StateName::Called)];
        let figures = Figures::of(&measures([&visit], &intervals));
        assert_eq!(figures.waiting, [HOUR_MS].into_iter().collect());
    }

    #[test]
    fn a_mean_is_rounded_down_and_nothing_has_none() {
        let two: Lengths = [1, 2].into_iter().collect();
        assert_eq!((two.count(), two.sum_ms(), two.mean_ms(), two.longest_ms()), (2, 3, Some(1), Some(2)));
        assert_eq!((Lengths::default().mean_ms(), Lengths::default().longest_ms()), (None, None));
    }
}
