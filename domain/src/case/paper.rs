//! Applications that a window took on paper while everything was down, entered afterwards (补录纸质受理). The limits count
//! from the true receipt, and the day of entering stays beside it. Which days may be entered is a local rule, configurable
//! (`cases.paper_days`); that silence accepts after five working days is 行政许可法 32. Knows no clock and no store.

use serde::{Deserialize, Serialize};

use super::state::Case;
use crate::bag::PRESSING_DAYS;
use crate::calendar::{Calendar, MissingYear};
use crate::case_clock::{DeemedAcceptance, deemed_acceptance};
use crate::ids::TextId;
use crate::time::{Millis, local_date};

/// Characters of the number on a paper form.
pub const FORM_NUMBER_CHARS_MAX: usize = 40;

/// What was written on paper, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperReceipt {
    /// When the window took it, UTC ms.
    pub received_at: Millis,
    /// The number on the form.
    pub form_number: TextId,
    /// Why it was taken on paper.
    pub reason: TextId,
}

/// Why a time of receipt is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperFault {
    /// Later than now.
    Future,
    /// On an earlier day than may be entered.
    TooOld,
}

/// What is wrong with a time of receipt, as a person at `now` enters it; `days_max` is in calendar days.
#[must_use]
pub fn paper_fault(received_at: Millis, now: Millis, days_max: u32) -> Option<PaperFault> {
    let days = local_date(now).signed_duration_since(local_date(received_at)).num_days();
    if received_at > now {
        Some(PaperFault::Future)
    } else if days > i64::from(days_max) {
        Some(PaperFault::TooOld)
    } else {
        None
    }
}

/// How near it is that silence accepts an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperStanding {
    /// There is time to look at it.
    InTime,
    /// Four working days or more are gone, as with what comes in from a field bag.
    Pressing,
    /// Accepted by silence already.
    Lapsed,
}

/// How an application stands at `now` that was received then, and the days of it.
///
/// # Errors
/// [`MissingYear`] when the five days reach into a year that is not loaded.
pub fn paper_standing(received_at: Millis, now: Millis, calendar: &Calendar) -> Result<(PaperStanding, DeemedAcceptance), MissingYear> {
    let (received, today) = (local_date(received_at), local_date(now));
    let deemed = deemed_acceptance(received, &[], calendar)?;
    let standing = if deemed.from <= today {
        PaperStanding::Lapsed
    } else if calendar.working_day_after(received, PRESSING_DAYS)? <= today {
        PaperStanding::Pressing
    } else {
        PaperStanding::InTime
    };
    Ok((standing, deemed))
}

impl Case {
    /// From when the decision's limit counts, where somebody accepts it at `now`: what was taken on paper counts from its
    /// receipt (local rule), unless something had to be handed in later.
    pub(super) fn accepted_from(&self, now: Millis) -> Millis {
        match &self.paper {
            Some(paper) if self.notices.is_empty() && self.acceptance.is_none() => paper.received_at,
            _ => now,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its case has failed")]
    use super::*;
    use crate::case::tests::{TEN, clerk, collected, day, matter, opening, text};
    use crate::case::{Actor, Change, Command, Event, Opening, Policy};
    use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, start_of};

    const MONTH_DAYS: u32 = 31;

    #[test]
    fn a_time_of_receipt_is_of_the_days_that_may_be_entered() {
        let now = start_of(day("2026-11-24")) + 10 * HOUR_MS;
        let cases = [
            (now, 7, None),
            (now + 1, 7, Some(PaperFault::Future)),
            (now + DAY_MS, 7, Some(PaperFault::Future)),
            (start_of(day("2026-11-17")), 7, None),
            (start_of(day("2026-11-17")) - 1, 7, Some(PaperFault::TooOld)),
            (now - 10 * MINUTE_MS, 0, None),
            (start_of(day("2026-11-24")) - 1, 0, Some(PaperFault::TooOld)),
            (start_of(day("2026-10-24")), MONTH_DAYS, None),
            (i64::MIN / 2, MONTH_DAYS, Some(PaperFault::TooOld)),
        ];
        for (received_at, days_max, expected) in cases {
            assert_eq!(paper_fault(received_at, now, days_max), expected, "{received_at} of {days_max} days");
        }
    }

    #[test]
    fn it_says_how_near_silence_is() {
        let calendar = Calendar::state_council();
        // 2026-11-17 is a Tuesday; weekends do not count.
        let received = start_of(day("2026-11-17")) + 9 * HOUR_MS;
        let standing = |today: &str| paper_standing(received, start_of(day(today)), &calendar).unwrap();
        for (today, expected) in [
            ("2026-11-18", PaperStanding::InTime),
            ("2026-11-22", PaperStanding::InTime),
            ("2026-11-23", PaperStanding::Pressing),
            ("2026-11-24", PaperStanding::Pressing),
            ("2026-11-25", PaperStanding::Lapsed),
        ] {
            assert_eq!(standing(today).0, expected, "{today}");
        }
        let days = standing("2026-11-18").1;
        assert_eq!((days.last_day, days.from), (day("2026-11-24"), day("2026-11-25")));
        let unknown = start_of(day("2026-12-30"));
        assert_eq!(paper_standing(unknown, unknown, &calendar).map(|_| ()), Err(MissingYear(2027)));
    }

    fn on_paper(received_at: Millis) -> Opening {
        let paper = PaperReceipt { received_at, form_number: text("form"), reason: text("why") };
        Opening { paper: Some(paper), ..opening(matter(), collected(&["m1", "m2"])) }
    }

    fn entered(received_at: Millis) -> Vec<Event> {
        Case::open(on_paper(received_at), false, &clerk("clerk1"), TEN).unwrap()
    }

    #[test]
    fn the_limits_count_from_the_true_receipt_and_the_history_keeps_both_times() {
        let received_at = TEN - 3 * DAY_MS;
        let events = entered(received_at);
        assert!(events.iter().all(|event| event.at == TEN && event.by == clerk("clerk1").staff_id().cloned()), "who entered it, and when");
        let case = Case::replay(&events).unwrap();
        assert_eq!((case.receipt_at, case.state.since()), (Some(received_at), received_at));
        assert_eq!(case.acceptance_clock().unwrap().start, local_date(received_at));
        let received = case.history.iter().find(|entry| entry.kind == "case_received").unwrap();
        assert_eq!((received.at, received.entered_at), (received_at, Some(TEN)));
        assert_eq!(case.history[0].text, Some(text("why")));
        let calendar = Calendar::state_council();
        let context = case.context(TEN, &calendar, Policy::default());
        let accepted = case.decide(&Command::Accept, &clerk("clerk1"), &context).unwrap();
        let from = accepted.iter().find_map(|event| match &event.change {
            Change::CaseAccepted { clock_from, .. } => Some(*clock_from),
            _ => None,
        });
        assert_eq!(from, Some(received_at));
    }

    #[test]
    fn what_lapsed_before_it_was_entered_is_accepted_by_silence_at_once() {
        let calendar = Calendar::state_council();
        let case = Case::replay(&entered(TEN - 10 * DAY_MS)).unwrap();
        let silence = |case: &Case| case.decide(&Command::DeemAccepted, &Actor::System, &case.context(TEN, &calendar, Policy::default()));
        assert!(silence(&case).is_ok());
        assert!(silence(&Case::replay(&entered(TEN - 3 * DAY_MS)).unwrap()).is_err());
    }

    #[test]
    fn nothing_was_received_later_than_now() {
        let refusal = Case::open(on_paper(TEN + 1), false, &clerk("clerk1"), TEN).unwrap_err();
        assert_eq!((refusal.field(), refusal.code()), (Some("paper.received_at"), "future"));
        assert!(Case::open(on_paper(TEN), false, &clerk("clerk1"), TEN).is_ok());
    }
}
