//! How somebody whose document lies ready is told again until it is fetched (阶梯通知), and the hours in which nobody's
//! phone rings. Local rules ◇ with defaults. Knows no case and sends nothing.

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::calendar::Calendar;
use crate::time::{MINUTE_MS, Millis, local};

/// Working days until a rung: what lies longer is looked for in the list of what nobody fetches.
const DAYS_MAX: u32 = 60;
const HOURS: u32 = 24;

/// The group `notices` of a site's policy. Days are working days after the first notice, 0 for never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticePolicy {
    /// Told once more on the own page and by SMS.
    pub again_days: u32,
    /// Then somebody of the house calls.
    pub phone_days: u32,
    /// Then the document is offered by courier.
    pub courier_days: u32,
    /// From this hour of the day no message leaves that rings a phone,
    pub quiet_from_hour: u32,
    /// until this one; the same hour for no quiet time.
    pub quiet_to_hour: u32,
}

impl Default for NoticePolicy {
    fn default() -> Self {
        Self { again_days: 3, phone_days: 7, courier_days: 15, quiet_from_hour: 21, quiet_to_hour: 8 }
    }
}

/// A step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// Which one, from 1.
    pub number: u32,
    /// By which channels somebody is told.
    pub channels: &'static [&'static str],
}

impl NoticePolicy {
    /// The rungs that exist, lowest first, each with its working days after the first notice.
    fn rungs(&self) -> impl Iterator<Item = (u32, Rung)> {
        let rungs = [
            (self.again_days, Rung { number: 1, channels: &["site", "sms"] }),
            (self.phone_days, Rung { number: 2, channels: &["phone"] }),
            (self.courier_days, Rung { number: 3, channels: &["courier"] }),
        ];
        rungs.into_iter().filter(|(days, _)| *days > 0)
    }

    /// The highest rung whose day has come and that was not climbed yet; of rungs that were slept through (the service was
    /// away, the ladder is new) nobody is told one by one. `None` too while the calendar does not reach so far.
    #[must_use]
    pub fn rung_due(&self, told_on: NaiveDate, climbed: u32, today: NaiveDate, calendar: &Calendar) -> Option<Rung> {
        let has_come = |days: u32| calendar.working_day_after(told_on, days).is_ok_and(|day| day <= today);
        self.rungs().filter(|(days, rung)| rung.number > climbed && has_come(*days)).map(|(_, rung)| rung).last()
    }

    /// How long a message that rings a phone has to wait at this instant, in milliseconds; 0 outside of the quiet hours.
    #[must_use]
    pub fn quiet_for_ms(&self, now: Millis) -> Millis {
        let (from, to) = (self.quiet_from_hour, self.quiet_to_hour);
        let hour = local(now).hour();
        let is_quiet = if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to };
        if !is_quiet {
            return 0;
        }
        let minutes = Millis::from((to + HOURS - hour) % HOURS * 60);
        let gone = now.rem_euclid(60 * MINUTE_MS);
        minutes * MINUTE_MS - gone
    }

    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.notices.");
        let days = [("again_days", self.again_days), ("phone_days", self.phone_days), ("courier_days", self.courier_days)];
        let mut before = 0;
        for (field, days) in days {
            faults.check(days <= DAYS_MAX, field, "通知以后几个工作日：0 到 60，0 是不做这一步");
            faults.check(days == 0 || days > before, field, "后一步要晚于前一步");
            before = before.max(days);
        }
        for (field, hour) in [("quiet_from_hour", self.quiet_from_hour), ("quiet_to_hour", self.quiet_to_hour)] {
            faults.check(hour < HOURS, field, "钟点写 0 到 23；两个一样是不设静默时段");
        }
        faults.found()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::time::start_of;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Told on Friday 18 September 2026: Sunday 20 is worked and is the first day, 22 the third, 29 the seventh (25 to 27 are
    /// off); after the week from 1 to 7 October and the worked Saturday 10 the fifteenth is 15 October.
    fn due(policy: &NoticePolicy, climbed: u32, today: &str) -> Option<u32> {
        policy.rung_due(day("2026-09-18"), climbed, day(today), &Calendar::state_council()).map(|rung| rung.number)
    }

    #[test]
    fn each_rung_has_its_working_day() {
        let policy = NoticePolicy::default();
        let days = ["2026-09-18", "2026-09-21", "2026-09-22", "2026-09-28", "2026-09-29", "2026-10-14", "2026-10-15", "2026-12-31"];
        assert_eq!(days.map(|today| due(&policy, 0, today)), [None, None, Some(1), Some(1), Some(2), Some(2), Some(3), Some(3)]);
        assert_eq!([1, 2, 3].map(|climbed| due(&policy, climbed, "2026-09-29")), [Some(2), None, None]);
        assert_eq!(due(&policy, 2, "2026-12-31"), Some(3));
    }

    #[test]
    fn a_rung_that_does_not_exist_is_passed_over_and_no_year_is_guessed() {
        let no_call = NoticePolicy { phone_days: 0, ..NoticePolicy::default() };
        assert_eq!(due(&no_call, 1, "2026-09-30"), None);
        assert_eq!(due(&no_call, 1, "2026-10-15"), Some(3));
        let none = NoticePolicy { again_days: 0, phone_days: 0, courier_days: 0, ..NoticePolicy::default() };
        assert_eq!(due(&none, 0, "2026-12-31"), None);
        let late = NoticePolicy::default().rung_due(day("2026-12-30"), 0, day("2027-01-29"), &Calendar::state_council());
        assert_eq!(late, None, "2027 is not known");
    }

    #[test]
    fn no_phone_rings_between_nine_in_the_evening_and_eight_in_the_morning() {
        let at = |hour: i64, minute: i64| start_of(day("2026-11-25")) + (hour * 60 + minute) * MINUTE_MS;
        let waits = |policy: &NoticePolicy, hour, minute| policy.quiet_for_ms(at(hour, minute)) / MINUTE_MS;
        let night = NoticePolicy::default();
        let asked = [(20, 59), (21, 0), (23, 30), (0, 0), (7, 59), (8, 0), (12, 0)];
        assert_eq!(asked.map(|(hour, minute)| waits(&night, hour, minute)), [0, 660, 510, 480, 1, 0, 0]);
        let noon = NoticePolicy { quiet_from_hour: 12, quiet_to_hour: 14, ..NoticePolicy::default() };
        assert_eq!([(11, 59), (12, 0), (13, 45), (14, 0)].map(|(hour, minute)| waits(&noon, hour, minute)), [0, 120, 15, 0]);
        let never = NoticePolicy { quiet_from_hour: 8, quiet_to_hour: 8, ..NoticePolicy::default() };
        assert_eq!([(0, 0), (8, 0), (22, 0)].map(|(hour, minute)| waits(&never, hour, minute)), [0, 0, 0]);
    }

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        assert!(NoticePolicy::default().faults().is_empty());
        let wrong = NoticePolicy { again_days: 61, phone_days: 5, courier_days: 5, quiet_from_hour: 24, quiet_to_hour: 25 };
        let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field.replace("policy.notices.", "")).collect();
        assert_eq!(fields, ["again_days", "phone_days", "courier_days", "quiet_from_hour", "quiet_to_hour"]);
        let skipped = NoticePolicy { again_days: 3, phone_days: 0, courier_days: 3, ..NoticePolicy::default() };
        assert_eq!(skipped.faults().len(), 1, "the third step on the day of the first");
    }
}
