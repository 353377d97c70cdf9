//! The three clocks of a case, made from its facts. How a clock runs is `case_clock`'s business.

use chrono::NaiveDate;

use super::command::{Context, Policy};
use super::facts::DecisionOutcome;
use super::state::{Case, State};
use crate::calendar::Calendar;
use crate::case_clock::{Clock, DECISION_DAYS, Kind, Suspension, deemed_acceptance};
use crate::time::{Millis, local_date};

impl Case {
    /// The clock of the five working days, while the case waits for acceptance.
    #[must_use]
    pub fn acceptance_clock(&self) -> Option<Clock> {
        self.acceptance_from().map(|from| Clock::acceptance(local_date(from)))
    }

    /// The clock of the decision, once accepted: the promise of that day, the approved extension and
    /// the suspensions that stop the clock.
    #[must_use]
    pub fn decision_clock(&self) -> Option<Clock> {
        let acceptance = self.acceptance.as_ref()?;
        let stops = self.suspensions.iter().filter(|suspension| suspension.stops_clock);
        Some(Clock {
            kind: Kind::Decision,
            start: local_date(acceptance.clock_from),
            promised_days: promise(acceptance.promised_days, acceptance.statutory_days),
            statutory_days: acceptance.statutory_days,
            extended_days: self
                .extension
                .as_ref()
                .filter(|extension| extension.approved_at.is_some())
                .map_or(0, |extension| extension.days),
            suspensions: stops
                .map(|suspension| Suspension {
                    from: local_date(suspension.from),
                    to: suspension.to.map(local_date),
                    procedure: suspension.procedure.label().to_owned(),
                    basis: suspension.basis.clone(),
                })
                .collect(),
        })
    }

    /// The clock of the delivery, once decided (行政许可法 44). What is held until the applicant keeps a promise (容缺)
    /// cannot be delivered: its ten days count from the day on which the promise was kept (local rule).
    #[must_use]
    pub fn delivery_clock(&self) -> Option<Clock> {
        let decision = self.decision.as_ref().filter(|_| !self.is_held())?;
        let kept = || self.history.iter().rev().find(|entry| entry.kind == "materials_supplied").map(|entry| entry.at);
        let from = kept().filter(|at| decision.outcome == DecisionOutcome::ApprovedTolerant && *at > decision.at);
        Some(Clock::delivery(local_date(from.unwrap_or(decision.at))))
    }

    /// Every clock that the case has now, in the order in which they begin, each with the instant at which it ended
    /// (UTC ms); `None` for one that runs.
    #[must_use]
    pub fn clocks(&self) -> Vec<(Clock, Option<Millis>)> {
        let closed = match &self.state {
            State::Closed { since, .. } => Some(*since),
            _ => None,
        };
        let decided = self.decision.as_ref().map(|decision| decision.at);
        let collected = self.certificate.as_ref().and_then(|certificate| certificate.collection.as_ref()).map(|collection| collection.at);
        let all = [
            self.acceptance_clock().map(|clock| (clock, None)),
            self.decision_clock().map(|clock| (clock, decided.or(closed))),
            self.delivery_clock().map(|clock| (clock, collected.or(closed))),
        ];
        all.into_iter().flatten().collect()
    }

    /// The clocks that run now.
    pub fn running_clocks(&self) -> impl Iterator<Item = Clock> {
        self.clocks().into_iter().filter(|(_, ended)| ended.is_none()).map(|(clock, _)| clock)
    }

    /// The facts that `decide` needs beside a command, computed on the calendar as loaded.
    #[must_use]
    pub fn context(&self, now: Millis, calendar: &Calendar, policy: Policy) -> Context {
        let deemed_due =
            self.acceptance_from().and_then(|from| deemed_acceptance(local_date(from), &[], calendar).ok()).map(|deemed| deemed.from);
        Context { now, deemed_due, promised_due: self.promised_if_accepted(local_date(self.accepted_from(now)), calendar), policy }
    }

    fn promised_if_accepted(&self, from: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
        let clock = Clock {
            kind: Kind::Decision,
            start: from,
            promised_days: promise(self.matter.promised_days, self.matter.statutory_days),
            statutory_days: self.matter.statutory_days,
            extended_days: 0,
            suspensions: Vec::new(),
        };
        clock.due(calendar).ok()
    }
}

/// Without a promise the statutory limit is the promise, without both the general limit of Art. 42.
fn promise(promised_days: Option<u32>, statutory_days: Option<u32>) -> u32 {
    promised_days.or(statutory_days).unwrap_or(DECISION_DAYS)
}
