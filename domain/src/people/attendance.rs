//! Attendance from window sessions: nobody clocks in twice. What each figure means stands in [`DEFINITIONS`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::hall::{Sitting, SittingState};
use crate::ids::{StaffId, WindowId};
use crate::time::{DAY_MS, Millis, local_date, start_of};

/// What the figures of attendance mean: key, name, definition.
pub const DEFINITIONS: &[(&str, &str, &str)] = &[
    ("first_open", "最早开窗", "这一天第一次坐到窗口（开窗、接手别人的窗口）的时刻"),
    ("last_close", "最晚关窗", "这一天最后一次离开窗口（关窗、被人接手、下班自动关窗）的时刻；还坐着的算到现在"),
    ("open", "在窗时长", "窗口开着、人坐着的时间之和，不含暂停；同一个人同一时刻只能坐一个窗口，所以不会重复算"),
    ("paused", "暂停时长", "窗口挂着暂停的时间之和"),
    ("days", "出勤天数", "坐过窗口的天数；从别的岗位（审批、导办）上班的，这里看不出来，不算缺勤"),
];

/// One person's day at windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendedDay {
    /// Begin of the first sitting, UTC milliseconds.
    pub first_open_ms: Millis,
    /// End of the last one.
    pub last_close_ms: Millis,
    /// At windows and not paused, in milliseconds.
    pub open_ms: Millis,
    /// Paused, in milliseconds.
    pub paused_ms: Millis,
    /// The windows.
    pub windows: BTreeSet<WindowId>,
}

/// Attendance by person and local date. A sitting over midnight counts on each of its days.
#[must_use]
pub fn attendance(sittings: &[Sitting]) -> BTreeMap<StaffId, BTreeMap<NaiveDate, AttendedDay>> {
    let mut found: BTreeMap<StaffId, BTreeMap<NaiveDate, AttendedDay>> = BTreeMap::new();
    for sitting in sittings {
        let days = found.entry(sitting.staff.clone()).or_default();
        for (date, start_ms, end_ms) in by_day(sitting.start_ms, sitting.end_ms) {
            let day = days.entry(date).or_insert_with(|| AttendedDay {
                first_open_ms: start_ms,
                last_close_ms: end_ms,
                open_ms: 0,
                paused_ms: 0,
                windows: BTreeSet::new(),
            });
            day.first_open_ms = day.first_open_ms.min(start_ms);
            day.last_close_ms = day.last_close_ms.max(end_ms);
            match sitting.state {
                SittingState::Open => day.open_ms += end_ms - start_ms,
                SittingState::Paused => day.paused_ms += end_ms - start_ms,
            }
            day.windows.insert(sitting.window_id.clone());
        }
    }
    found
}

/// A stretch of time cut at local midnights; one of no length stays on its day.
fn by_day(start_ms: Millis, end_ms: Millis) -> Vec<(NaiveDate, Millis, Millis)> {
    let (mut parts, mut from) = (Vec::new(), start_ms);
    loop {
        let date = local_date(from);
        let midnight = start_of(date) + DAY_MS;
        if end_ms <= midnight {
            parts.push((date, from, end_ms.max(from)));
            return parts;
        }
        parts.push((date, from, midnight));
        from = midnight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR_MS;

    fn sitting(window: &str, state: SittingState, start_ms: Millis, end_ms: Millis) -> Sitting {
        Sitting { window_id: WindowId::new("dc", window), staff: StaffId::new("dc", "a"), state, start_ms, end_ms }
    }

    #[test]
    fn a_day_is_first_open_last_close_and_the_sums_between() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default();
        let at = |hours: i64| start_of(date) + hours * HOUR_MS;
        let found = attendance(&[
            sitting("1", SittingState::Open, at(9), at(11)),
            sitting("1", SittingState::Paused, at(11), at(12)),
            sitting("2", SittingState::Open, at(14), at(17)),
        ]);
        let day = &found[&StaffId::new("dc", "a")][&date];
        assert_eq!((day.first_open_ms, day.last_close_ms, day.open_ms, day.paused_ms), (at(9), at(17), 5 * HOUR_MS, HOUR_MS));
        assert_eq!(day.windows.len(), 2);
    }

    #[test]
    fn a_night_counts_on_both_days_and_the_sum_is_the_length() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap_or_default();
        let (start, end) = (start_of(date) + 22 * HOUR_MS, start_of(date) + 49 * HOUR_MS);
        let found = attendance(&[sitting("1", SittingState::Open, start, end)]);
        let days = &found[&StaffId::new("dc", "a")];
        assert_eq!(days.values().map(|day| day.open_ms).collect::<Vec<_>>(), [2 * HOUR_MS, 24 * HOUR_MS, HOUR_MS]);
        assert_eq!(by_day(start, start).len(), 1, "a sitting of no length is one day");
        let midnight = start_of(date) + DAY_MS;
        assert_eq!(by_day(start, midnight).len(), 1, "an end at midnight is no next day");
    }
}
