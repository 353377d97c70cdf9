//! How long a ticket of a line keeps a window: from its call until the window is free again, whatever
//! came of it. What an estimate needs is when windows get free, so the way of the person counts, and so
//! does a call to which nobody came.
//!
//! Few numbers instead of a list: a mean of the newest turns, how far they scatter, and a mean of each
//! hour of the day, which knows that before noon the long matters come.

use serde::{Deserialize, Serialize};

use crate::time::{HOUR_MS, Millis, local_date, start_of};

/// The newest turns weigh as the mean of about this many.
const RECENT: u32 = 40;
/// Turns of one hour of the day weigh as the mean of about this many, over several days.
const OF_HOUR: u32 = 60;
/// The assumed time weighs as much as this many turns of the hour.
const ASSUMED_WEIGHT: Millis = 4;
/// What is usual at this hour weighs as much as this many newest turns.
const HOUR_WEIGHT: Millis = 8;
/// A turn is taken as at most this many times the usual one: somebody forgot to press 办完.
const OUTLIER: Millis = 5;

/// How long the tickets of a line keep a window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTimes {
    /// Turns taken in, counted up to [`RECENT`].
    count: u32,
    /// Mean of the newest, in milliseconds.
    mean_ms: Millis,
    /// Mean distance from the mean, in milliseconds.
    scatter_ms: Millis,
    /// Means by hour of the day, for hours that had turns.
    by_hour: Vec<HourMean>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct HourMean {
    hour: u8,
    count: u32,
    mean_ms: Millis,
}

/// What a turn will be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Its expected length in milliseconds.
    pub(super) mean_ms: Millis,
    /// How far turns scatter around it, as a standard deviation in milliseconds.
    pub(super) deviation_ms: Millis,
}

impl TurnTimes {
    /// How many of the newest turns the means stand on.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Takes in a turn that ended at an instant.
    pub(super) fn take(&mut self, at: Millis, turn_ms: Millis, assumed_ms: Millis) {
        let usual_ms = self.expected(at, assumed_ms).mean_ms;
        let turn_ms = turn_ms.clamp(0, usual_ms.saturating_mul(OUTLIER).max(1));
        let hour = hour_of(at);
        let place = self.by_hour.partition_point(|mean| mean.hour < hour);
        if self.by_hour.get(place).is_none_or(|mean| mean.hour != hour) {
            self.by_hour.insert(place, HourMean { hour, count: 0, mean_ms: 0 });
        }
        let of_hour = &mut self.by_hour[place];
        of_hour.count = (of_hour.count + 1).min(OF_HOUR);
        of_hour.mean_ms += (turn_ms - of_hour.mean_ms) / Millis::from(of_hour.count);
        self.count = (self.count + 1).min(RECENT);
        let distance_ms = (turn_ms - self.mean_ms).abs();
        self.mean_ms += (turn_ms - self.mean_ms) / Millis::from(self.count);
        if self.count > 1 {
            self.scatter_ms += (distance_ms - self.scatter_ms) / Millis::from(self.count - 1);
        }
    }

    /// What a turn that begins about now will be: the newest ones, drawn towards what is usual at this
    /// hour, and that towards the assumed time, the more the fewer there were.
    pub(super) fn expected(&self, at: Millis, assumed_ms: Millis) -> Turn {
        let hour = hour_of(at);
        let of_hour = self.by_hour.iter().find(|mean| mean.hour == hour);
        let (hour_count, hour_ms) = of_hour.map_or((0, 0), |mean| (Millis::from(mean.count), mean.mean_ms));
        let usual_ms = (hour_count * hour_ms + ASSUMED_WEIGHT * assumed_ms) / (hour_count + ASSUMED_WEIGHT);
        let count = Millis::from(self.count);
        let mean_ms = (count * self.mean_ms + HOUR_WEIGHT * usual_ms) / (count + HOUR_WEIGHT);
        // A mean distance of 1 is a standard deviation of about 1.25; without any, half the time is usual.
        let own = self.scatter_ms * 5 / 4;
        let deviation_ms = (count * own + HOUR_WEIGHT * mean_ms * 6 / 10) / (count + HOUR_WEIGHT);
        Turn { mean_ms, deviation_ms }
    }
}

/// What people of a line waited beside what was reckoned: who comes between (the green channel, returned
/// tickets), breaks between two tickets, everything that no formula knows. Estimates of the line are
/// stretched by it.
///
/// Means of the newest waits, and their ratio. It compares with what was reckoned before the stretch:
/// those who are called now were told theirs long ago, under another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// What was reckoned, on average, in seconds.
    reckoned_s: u32,
    /// What came, on average, in seconds.
    came_s: u32,
}

/// A wait weighs one part in so many.
const CALIBRATION_WEIGHT: i64 = 200;
/// A new line stands on this, in seconds.
const FIRST_S: u32 = 600;
/// No wait counts for more than this, in seconds.
const WAIT_S_MAX: i64 = 86_400;
const PERMILLE_MIN: i64 = 700;
const PERMILLE_MAX: i64 = 1600;

impl Default for Calibration {
    fn default() -> Self {
        Self { reckoned_s: FIRST_S, came_s: FIRST_S }
    }
}

impl Calibration {
    /// Takes in what was reckoned for somebody and what came, in seconds.
    pub(super) fn take(&mut self, reckoned_s: u32, came_s: i64) {
        let drawn = |mean: u32, newest: i64| {
            let mean = i64::from(mean);
            u32::try_from(mean + (newest.clamp(0, WAIT_S_MAX) - mean) / CALIBRATION_WEIGHT).unwrap_or(FIRST_S)
        };
        self.reckoned_s = drawn(self.reckoned_s, reckoned_s.into());
        self.came_s = drawn(self.came_s, came_s);
    }

    /// A wait stretched by it, in milliseconds.
    pub(super) fn stretch(&self, wait_ms: Millis) -> Millis {
        wait_ms.saturating_mul(self.permille()) / 1000
    }

    /// What a wait that was told had been before the stretch, in seconds.
    pub(super) fn reckoned(&self, told_s: u32) -> u32 {
        u32::try_from(i64::from(told_s) * 1000 / self.permille()).unwrap_or(u32::MAX)
    }

    /// The stretch in thousandths.
    fn permille(&self) -> i64 {
        let (came_s, reckoned_s) = (i64::from(self.came_s.max(1)), i64::from(self.reckoned_s.max(1)));
        (came_s * 1000 / reckoned_s).clamp(PERMILLE_MIN, PERMILLE_MAX)
    }
}

fn hour_of(at: Millis) -> u8 {
    u8::try_from((at - start_of(local_date(at))) / HOUR_MS).unwrap_or(0)
}
