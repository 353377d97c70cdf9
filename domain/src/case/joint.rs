//! Several cases as one (一件事一次办): what their joint state and joint limit are, and when what comes of them can be
//! fetched in one go. Each case goes its own way; nothing here decides one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Custody;
use super::facts::{DecisionOutcome, Extension};
use super::state::{Case, State};
use crate::calendar::{Calendar, MissingYear};
use crate::case_clock::{Clock, Kind};
use crate::time::local_date;

/// Working days within which departments decide together (行政许可法 42, 26).
pub const JOINT_DAYS: u32 = 45;
/// Working days by which that may be extended once (行政许可法 42).
pub const JOINT_EXTENSION_DAYS_MAX: u32 = 15;

/// How far several cases are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointState {
    /// None is accepted yet.
    Received,
    /// Some wait for what the applicant has to mend.
    Correcting,
    /// Some are not decided yet.
    InProgress,
    /// All are decided; some documents are on their way.
    Decided,
    /// Everything that is to be fetched lies there.
    Ready,
    /// All are over.
    Closed,
}

impl JointState {
    /// The word of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Correcting => "correcting",
            Self::InProgress => "in_progress",
            Self::Decided => "decided",
            Self::Ready => "ready",
            Self::Closed => "closed",
        }
    }
}

fn is_closed(case: &Case) -> bool {
    matches!(case.state, State::Closed { .. })
}

fn is_decided(case: &Case) -> bool {
    matches!(case.state, State::Decided { .. } | State::Issued { .. } | State::Closed { .. })
}

/// Whether nothing of a case keeps the others waiting: it is over, its certificate lies in the cabinet and may go out,
/// or what it came to is told at the window without a certificate.
#[must_use]
pub fn is_ready(case: &Case) -> bool {
    match &case.state {
        State::Closed { .. } | State::Issued { .. } => true,
        State::Decided { .. } => {
            let is_denied = case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied);
            match &case.certificate {
                Some(document) => document.upload.lets_out() && document.custody == Custody::InCabinet,
                None => is_denied || !case.matter.makes_certificate,
            }
        }
        _ => false,
    }
}

/// The joint state of cases.
#[must_use]
pub fn joint_state(cases: &[Case]) -> JointState {
    let some = |holds: fn(&Case) -> bool| cases.iter().any(holds);
    let all = |holds: fn(&Case) -> bool| cases.iter().all(holds);
    if all(is_closed) {
        JointState::Closed
    } else if all(is_ready) {
        JointState::Ready
    } else if all(is_decided) {
        JointState::Decided
    } else if some(|case| matches!(case.state, State::Correcting { .. })) {
        JointState::Correcting
    } else if all(|case| case.acceptance.is_none()) {
        JointState::Received
    } else {
        JointState::InProgress
    }
}

/// The one extension of the joint limit: it was asked for with one of the cases, and holds for all.
#[must_use]
pub fn joint_extension(cases: &[Case]) -> Option<&Extension> {
    cases.iter().find_map(|case| case.joint_extension.as_ref())
}

/// Working days that were given to all of them.
fn extended_days(cases: &[Case]) -> u32 {
    joint_extension(cases).filter(|extension| extension.approved_at.is_some()).map_or(0, |extension| extension.days)
}

/// Those that go on or were accepted; what ended before counts for no limit.
fn going(cases: &[Case]) -> Vec<&Case> {
    cases.iter().filter(|case| case.acceptance.is_some() || !is_closed(case)).collect()
}

/// The day on which the last of them was accepted; `None` until all are.
fn last_acceptance(going: &[&Case]) -> Option<NaiveDate> {
    let accepted: Option<Vec<NaiveDate>> =
        going.iter().map(|case| case.acceptance.as_ref().map(|acceptance| local_date(acceptance.clock_from))).collect();
    accepted?.into_iter().max()
}

/// The clock of the configured joint limit; `None` without one, and until all that go on are accepted. Each case's own
/// clock stands beside it.
#[must_use]
pub fn joint_clock(cases: &[Case], promised_days: Option<u32>) -> Option<Clock> {
    Some(Clock {
        kind: Kind::Decision,
        start: last_acceptance(&going(cases))?,
        promised_days: promised_days?.min(JOINT_DAYS),
        statutory_days: Some(JOINT_DAYS),
        extended_days: extended_days(cases),
        suspensions: Vec::new(),
    })
}

/// The last day on which all shall be decided: the configured limit from the last acceptance, else the latest limit of
/// any of the cases, with the days given to all; `None` until all that go on are accepted.
///
/// # Errors
/// The year that is not loaded.
pub fn joint_due(cases: &[Case], promised_days: Option<u32>, calendar: &Calendar) -> Result<Option<NaiveDate>, MissingYear> {
    let going = going(cases);
    let Some(last) = last_acceptance(&going) else { return Ok(None) };
    if let Some(days) = promised_days {
        return calendar.working_day_after(last, days.min(JOINT_DAYS) + extended_days(cases)).map(Some);
    }
    let mut latest = None;
    for clock in going.iter().filter_map(|case| case.decision_clock()) {
        let due = calendar
            .working_day_after(clock.start, clock.promised_days.saturating_add(clock.extended_days).saturating_add(extended_days(cases)))?;
        latest = latest.max(Some(due));
    }
    Ok(latest)
}

/// The last day by law for deciding together: 45 working days from the last acceptance, and the days by which that was
/// extended (行政许可法 42).
///
/// # Errors
/// The year that is not loaded.
pub fn joint_statutory_due(cases: &[Case], calendar: &Calendar) -> Result<Option<NaiveDate>, MissingYear> {
    joint_due(cases, Some(JOINT_DAYS), calendar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::tests::{Walk, approve, approver, clerk, deny, holder_of, matter};
    use crate::case::{Command, MatterSnapshot};
    use crate::ids::{BundleCaseId, TextId};
    use crate::rights::Role;

    fn without_certificate() -> MatterSnapshot {
        MatterSnapshot { makes_certificate: false, ..matter() }
    }

    #[test]
    fn the_slowest_holds_the_joint_state() {
        let (received, accepted, review) = (Walk::received().case, Walk::accepted().case, Walk::in_review().case);
        let plain = Walk::open(without_certificate(), &["m1", "m2"], false).then(&clerk("clerk1"), &Command::Accept);
        let plain = plain.then(&approver("approver1"), &Command::Claim).then(&approver("approver1"), &approve()).case;
        let denied = Walk::in_review().then(&approver("approver1"), &deny()).case;
        let (approved, made, kept) = (Walk::approved().case, Walk::made().case, Walk::in_cabinet().case);
        let state = |cases: &[&Case]| joint_state(&cases.iter().map(|case| (*case).clone()).collect::<Vec<_>>()).name();
        assert_eq!(state(&[&received, &received]), "received");
        assert_eq!(state(&[&received, &accepted]), "in_progress");
        assert_eq!(state(&[&review, &kept]), "in_progress");
        assert_eq!(state(&[&approved, &kept]), "decided", "its certificate is not made");
        assert_eq!(state(&[&made, &kept]), "decided", "its certificate is not there");
        assert_eq!(state(&[&plain, &denied, &kept]), "ready", "a denial and a decision without certificate are told at the window");
    }

    #[test]
    fn the_joint_limit_is_the_configured_one_or_the_latest() {
        let calendar = Calendar::state_council();
        let accepted = || Walk::accepted().case;
        let slow = Walk::open(MatterSnapshot { promised_days: Some(15), ..matter() }, &["m1", "m2"], false);
        let slow = slow.then(&clerk("clerk1"), &Command::Accept).case;
        let due = |cases: &[Case], days| joint_due(cases, days, &calendar).ok().flatten().map(|due| due.to_string());
        assert_eq!(due(&[accepted(), Walk::received().case], None), None, "not all are accepted");
        assert_eq!(due(&[accepted(), slow.clone()], None).as_deref(), Some("2026-12-15"));
        assert_eq!(due(&[accepted(), slow.clone()], Some(3)).as_deref(), Some("2026-11-27"));
        let clock = |cases: &[Case], days| joint_clock(cases, days).and_then(|clock| clock.due(&calendar).ok()).map(|due| due.to_string());
        assert_eq!(clock(&[accepted(), slow.clone()], Some(3)).as_deref(), Some("2026-11-27"), "the clock ends on that day");
        assert_eq!(clock(&[accepted(), slow.clone()], None), None, "each has its own limit");
        assert_eq!(clock(&[accepted(), Walk::received().case], Some(3)), None, "not all are accepted");
        // More days for all of them: asked for with one, given by somebody else, once.
        let mut walk = Walk::in_review();
        walk.case.bundle_case = Some(BundleCaseId::new("dc", "1"));
        let chief = approver("approver1");
        let ask = |days| Command::ExtendJoint { days, reason: TextId::new("dc", "why") };
        assert_eq!(Walk::in_review().refused(&chief, &ask(5)), "not_joint");
        assert_eq!(walk.refused(&chief, &ask(16)), "out_of_range");
        assert_eq!(walk.refused(&approver("approver2"), &ask(5)), "not_reviewer");
        let mut walk = walk.then(&chief, &ask(5));
        assert_eq!(due(&[walk.case.clone(), slow.clone()], Some(3)).as_deref(), Some("2026-11-27"), "asking gives nothing");
        assert_eq!(walk.refused(&chief, &ask(5)), "extended_already");
        let give = Command::ApproveJointExtension { opinion: None };
        assert_eq!(walk.refused(&chief, &give), "forbidden");
        assert_eq!(walk.take(&holder_of(Role::Leader), &give), ["joint_extension_approved"]);
        assert_eq!(walk.refused(&holder_of(Role::Leader), &give), "no_extension");
        let both = [walk.case.clone(), slow.clone()];
        assert_eq!(due(&both, Some(3)).as_deref(), Some("2026-12-04"));
        assert_eq!(due(&both, None).as_deref(), Some("2026-12-22"));
        assert_eq!(walk.case.decision_clock().map(|clock| clock.extended_days), Some(0), "its own limit stays");
        assert_eq!(joint_statutory_due(&[accepted(), slow], &calendar).map_err(|missing| missing.0), Err(2027));
    }
}
