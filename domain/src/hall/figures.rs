//! The figures of a hall over a span of time, computed from state intervals and from nothing else, so
//! that each can be made again from the event log. The formula stands at each field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::interval::{Interval, StateName};
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

/// A mean with what it is the mean of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mean {
    /// How many values.
    pub count: u32,
    /// Their sum in milliseconds.
    pub sum_ms: Millis,
    /// The greatest of them in milliseconds.
    pub longest_ms: Millis,
}

impl Mean {
    fn add(&mut self, value_ms: Millis) {
        self.count += 1;
        self.sum_ms += value_ms;
        self.longest_ms = self.longest_ms.max(value_ms);
    }

    /// The mean in milliseconds, rounded down; `None` without values.
    #[must_use]
    pub fn mean_ms(&self) -> Option<Millis> {
        (self.count > 0).then(|| self.sum_ms / Millis::from(self.count))
    }
}

/// The figures of a set of intervals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Visits ended with an outcome.
    pub done: u32,
    /// Visits given up.
    pub abandoned: u32,
    /// Visits closed at the end of the day.
    pub expired: u32,
    /// Calls, by the rules or by name, without repeated calls.
    pub calls: u32,
    /// Calls to which nobody came.
    pub misses: u32,
    /// From issue or transfer until the call. Waits before and after a transfer while waiting add up;
    /// what a ticket waits after it was missed or parked is not a wait for service.
    pub waiting: Mean,
    /// From the call until the person came.
    pub way: Mean,
    /// Time in service of a visit that ended with an outcome, without the time it was parked.
    pub serving: Mean,
}

/// The values behind the means, each list from the shortest to the longest, for percentiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// See [`Figures::waiting`].
    pub waiting_ms: Vec<Millis>,
    /// See [`Figures::way`].
    pub way_ms: Vec<Millis>,
    /// See [`Figures::serving`].
    pub serving_ms: Vec<Millis>,
}

impl Times {
    fn sorted(mut self) -> Self {
        for values in [&mut self.waiting_ms, &mut self.way_ms, &mut self.serving_ms] {
            values.sort_unstable();
        }
        self
    }
}

/// The value that `percent` of the values do not exceed (nearest rank): of n sorted values the one at
/// place ⌈n·percent/100⌉; `None` without values.
#[must_use]
pub fn percentile(sorted: &[Millis], percent: usize) -> Option<Millis> {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied()
}

impl Figures {
    /// The figures of intervals in any order. Whoever wants those of one line, window or half-hour
    /// gives only its intervals.
    #[must_use]
    pub fn of<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> Self {
        Self::with_times(intervals).0
    }

    /// The figures with the values that their means are of.
    #[must_use]
    pub fn with_times<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> (Self, Times) {
        let mut by_ticket: BTreeMap<&TicketId, Vec<&Interval>> = BTreeMap::new();
        for interval in intervals {
            by_ticket.entry(&interval.ticket_id).or_default().push(interval);
        }
        let (mut figures, mut times) = (Self::default(), Times::default());
        for visit in by_ticket.values_mut() {
            visit.sort_by_key(|interval| (interval.start_ms, interval.end_ms));
            figures.add_visit(visit, &mut times);
        }
        (figures, times.sorted())
    }

    /// Abandoned and expired visits among all ended ones, in thousandths; `None` if none ended.
    #[must_use]
    pub fn abandonment_permille(&self) -> Option<u32> {
        let ended = self.done + self.abandoned + self.expired;
        (ended > 0).then(|| (self.abandoned + self.expired) * 1000 / ended)
    }

    fn add_visit(&mut self, visit: &[&Interval], times: &mut Times) {
        let (mut waited_ms, mut served_ms) = (0, 0);
        let mut is_comeback = false;
        for interval in visit {
            match (interval.state, interval.next) {
                (StateName::Waiting, StateName::Waiting) => waited_ms += interval.length_ms(),
                (StateName::Waiting, StateName::Called) if !is_comeback => {
                    self.waiting.add(waited_ms + interval.length_ms());
                    times.waiting_ms.push(waited_ms + interval.length_ms());
                }
                (StateName::Called, StateName::Serving) => {
                    self.way.add(interval.length_ms());
                    times.way_ms.push(interval.length_ms());
                }
                (StateName::Serving, _) => served_ms += interval.length_ms(),
                _ => {}
            }
            if interval.state != StateName::Waiting {
                waited_ms = 0;
                is_comeback = matches!(interval.state, StateName::Missed | StateName::Parked);
            }
            match interval.next {
                StateName::Called => self.calls += 1,
                StateName::Missed => self.misses += 1,
                StateName::Done => {
                    self.done += 1;
                    self.serving.add(served_ms);
                    times.serving_ms.push(served_ms);
                }
                StateName::Abandoned => self.abandoned += 1,
                StateName::Expired => self.expired += 1,
                StateName::Waiting | StateName::Serving | StateName::Parked => {}
            }
        }
    }
}

/// The figures of each line.
#[must_use]
pub fn figures_by_line<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> BTreeMap<LineId, Figures> {
    let mut by_line: BTreeMap<LineId, Vec<&Interval>> = BTreeMap::new();
    for interval in intervals {
        by_line.entry(interval.line_id.clone()).or_default().push(interval);
    }
    by_line.into_iter().map(|(line_id, intervals)| (line_id, Figures::of(intervals))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let ten: Vec<Millis> = (1..=10).collect();
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90), percentile(&ten, 100)), (Some(5), Some(9), Some(10)));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 90), percentile(&[], 50)), (Some(7), Some(7), None));
    }
}
