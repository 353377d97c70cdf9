//! What is allowed in a loop: one table of action × where it stands × who asks, and the events that follow.

use chrono::NaiveDate;

use super::event::Event;
use super::refusal::Refusal;
use super::state::{Call, Closing, Contact, Finding, FollowUp, LoopState, Measure, Remark, Step};
use crate::calendar::Calendar;
use crate::hall::EvaluationPolicy;
use crate::ids::{StaffId, TextId};
use crate::time::{Millis, local_date};

/// Longest limit of a rectification, in days.
const LIMIT_DAYS_MAX: u32 = 180;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// 核实
    Verify,
    /// 整改
    Rectify,
    /// What was promised within a limit is done.
    FinishRectification,
    /// 答复
    Reply,
    /// 回访
    CallBack,
    /// 申诉
    Appeal,
    /// The decision about it.
    DecideAppeal,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] =
        [Self::Verify, Self::Rectify, Self::FinishRectification, Self::Reply, Self::CallBack, Self::Appeal, Self::DecideAppeal];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Rectify => "rectify",
            Self::FinishRectification => "finish-rectification",
            Self::Reply => "reply",
            Self::CallBack => "call-back",
            Self::Appeal => "appeal",
            Self::DecideAppeal => "decide-appeal",
        }
    }
}

/// What somebody wants; texts are sealed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 核实
    Verify {
        /// What was found.
        finding: Finding,
        /// In which words.
        text: TextId,
    },
    /// 整改
    Rectify {
        /// What is done.
        measure: Measure,
        /// In which words.
        text: TextId,
    },
    /// What was promised within a limit is done.
    FinishRectification {
        /// In which words.
        text: TextId,
    },
    /// 答复
    Reply {
        /// The words for the rater.
        text: TextId,
    },
    /// 回访: one call.
    CallBack {
        /// What it came to.
        contact: Contact,
        /// What was said.
        text: Option<TextId>,
    },
    /// 申诉
    Appeal {
        /// Why.
        text: TextId,
    },
    /// The decision about it.
    DecideAppeal {
        /// Whether the person judged is right.
        upheld: bool,
        /// Why.
        text: TextId,
    },
    /// Tells every step that is late and was not told.
    TellOverdue,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer<'a> {
    /// A member of staff whose right was looked at.
    Staff(&'a StaffId),
    /// The clock.
    System,
}

/// What a decision stands on.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The site's settings.
    pub policy: &'a EvaluationPolicy,
    /// The legal calendar.
    pub calendar: &'a Calendar,
}

impl FollowUp {
    /// Opens a loop.
    #[must_use]
    pub fn open(evaluation: crate::ids::EvaluationId, judged: Option<StaffId>, named: bool, at: Millis) -> Event {
        Event::EvaluationFollowUpOpened { evaluation, judged, named, at }
    }

    /// Whether somebody may take a step now. Persons before states: whom it is not for learns no state.
    ///
    /// # Errors
    /// Why not.
    pub fn permits(&self, action: Action, by: &StaffId, ground: &Ground<'_>, now: Millis) -> Result<(), Refusal> {
        let is_judged = self.judged.as_ref() == Some(by);
        let is_verifier = self.verification.as_ref().is_some_and(|verification| verification.remark.by == *by);
        match action {
            Action::Appeal if !is_judged => return Err(Refusal::NotTheJudged),
            Action::Appeal => {}
            _ if is_judged => return Err(Refusal::JudgedHimself),
            Action::DecideAppeal if is_verifier => return Err(Refusal::VerifiedHimself),
            _ => {}
        }
        let finding = self.verification.as_ref().map(|verification| verification.finding);
        let follows = match (action, self.state) {
            (Action::Verify, LoopState::Opened)
            | (Action::Rectify, LoopState::Verified)
            | (Action::Reply, LoopState::Rectified)
            | (Action::CallBack, LoopState::Replied) => true,
            // What is not so needs no rectification: the reply says why.
            (Action::Reply, LoopState::Verified) => finding == Some(Finding::Invalid),
            (Action::Verify, LoopState::Verified | LoopState::Rectified | LoopState::Replied | LoopState::Closed)
            | (Action::Rectify, LoopState::Opened | LoopState::Rectified | LoopState::Replied | LoopState::Closed)
            | (Action::Reply, LoopState::Opened | LoopState::Replied | LoopState::Closed)
            | (Action::CallBack, LoopState::Opened | LoopState::Verified | LoopState::Rectified | LoopState::Closed) => false,
            (Action::FinishRectification, _) if self.rectification_is_open() => true,
            (Action::FinishRectification, _) => return Err(Refusal::NothingToFinish),
            (Action::Appeal, LoopState::Opened) => false,
            (Action::Appeal, LoopState::Verified | LoopState::Rectified | LoopState::Replied | LoopState::Closed) => {
                return self.may_be_appealed(ground, now);
            }
            (Action::DecideAppeal, _) if self.appeal_is_open() => true,
            (Action::DecideAppeal, _) => return Err(Refusal::NoAppeal),
        };
        if follows { Ok(()) } else { Err(Refusal::WrongState { state: self.state }) }
    }

    fn may_be_appealed(&self, ground: &Ground<'_>, now: Millis) -> Result<(), Refusal> {
        if self.appeal.is_some() {
            return Err(Refusal::AppealedAlready);
        }
        if !self.counts_against_judged() {
            return Err(Refusal::NothingToAppeal);
        }
        match self.appeal_until(ground) {
            Some(until) if until <= now => Err(Refusal::AppealTooLate { until }),
            // A calendar that is not loaded takes nobody's right away.
            Some(_) | None => Ok(()),
        }
    }

    /// What somebody may do now, as far as the loop is concerned; rights are another's matter.
    #[must_use]
    pub fn allowed(&self, by: &StaffId, ground: &Ground<'_>, now: Millis) -> Vec<Action> {
        Action::ALL.into_iter().filter(|action| self.permits(*action, by, ground, now).is_ok()).collect()
    }

    /// Decides a command: the events it leads to.
    ///
    /// # Errors
    /// Why nothing changes.
    pub fn decide(&self, command: &Command, by: Doer<'_>, ground: &Ground<'_>, now: Millis) -> Result<Vec<Event>, Refusal> {
        let evaluation = || self.evaluation.clone();
        let staff = match (command.action(), by) {
            (None, Doer::System) => return Ok(self.overdue(ground, now)),
            (Some(action), Doer::Staff(staff)) => {
                self.permits(action, staff, ground, now)?;
                staff
            }
            (None, Doer::Staff(_)) | (Some(_), Doer::System) => return Err(Refusal::OnlySystem),
        };
        let remark = |text: &TextId| Remark { at: now, by: staff.clone(), text: text.clone() };
        let close = |closing| Event::EvaluationClosed { evaluation: evaluation(), closing, at: now };
        Ok(match command {
            Command::Verify { finding, text } => {
                vec![Event::EvaluationVerified { evaluation: evaluation(), finding: *finding, remark: remark(text) }]
            }
            Command::Rectify { measure, text } => {
                self.fits(*measure, local_date(now))?;
                vec![Event::EvaluationRectified { evaluation: evaluation(), measure: *measure, remark: remark(text) }]
            }
            Command::FinishRectification { text } => {
                vec![Event::EvaluationRectificationFinished { evaluation: evaluation(), remark: remark(text) }]
            }
            Command::Reply { text } => {
                let mut events = vec![Event::EvaluationReplied { evaluation: evaluation(), remark: remark(text) }];
                events.extend((!self.named).then(|| close(Closing::Anonymous)));
                events
            }
            Command::CallBack { contact, text } => {
                let call = Call { contact: *contact, at: now, by: staff.clone(), text: text.clone() };
                let mut events = vec![Event::EvaluationCalledBack { evaluation: evaluation(), call }];
                events.extend(self.closing(*contact, ground).map(close));
                events
            }
            Command::Appeal { text } => vec![Event::EvaluationAppealed { evaluation: evaluation(), remark: remark(text) }],
            Command::DecideAppeal { upheld, text } => {
                vec![Event::EvaluationAppealDecided { evaluation: evaluation(), upheld: *upheld, remark: remark(text) }]
            }
            Command::TellOverdue => self.overdue(ground, now),
        })
    }

    fn fits(&self, measure: Measure, today: NaiveDate) -> Result<(), Refusal> {
        let is_invalid = self.verification.as_ref().is_some_and(|verification| verification.finding == Finding::Invalid);
        match measure {
            Measure::AtOnce | Measure::WithinLimit { .. } if is_invalid => Err(Refusal::ExplainOnly),
            Measure::WithinLimit { due } if !(0..=i64::from(LIMIT_DAYS_MAX)).contains(&(due - today).num_days()) => {
                Err(Refusal::DueOutOfRange { days_max: LIMIT_DAYS_MAX })
            }
            Measure::AtOnce | Measure::WithinLimit { .. } | Measure::Explain => Ok(()),
        }
    }

    /// Whether this call is the last one.
    fn closing(&self, contact: Contact, ground: &Ground<'_>) -> Option<Closing> {
        match contact {
            Contact::Reached { satisfied: true } => Some(Closing::Satisfied),
            Contact::Reached { satisfied: false } => Some(Closing::StillDissatisfied),
            Contact::NotReached => {
                let tries = self.calls.len() + 1;
                (tries >= ground.policy.call_tries as usize).then_some(Closing::NotReached)
            }
        }
    }

    fn overdue(&self, ground: &Ground<'_>, now: Millis) -> Vec<Event> {
        let late: Vec<Step> = self.dues(ground).into_iter().filter(|due| due.is_over(now)).map(|due| due.step).collect();
        let untold = late.into_iter().filter(|step| !self.told.contains(step));
        untold.map(|step| Event::EvaluationStepOverdue { evaluation: self.evaluation.clone(), step, at: now }).collect()
    }
}

impl Command {
    /// The action it is; `None` for what only the clock does.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Verify { .. } => Some(Action::Verify),
            Self::Rectify { .. } => Some(Action::Rectify),
            Self::FinishRectification { .. } => Some(Action::FinishRectification),
            Self::Reply { .. } => Some(Action::Reply),
            Self::CallBack { .. } => Some(Action::CallBack),
            Self::Appeal { .. } => Some(Action::Appeal),
            Self::DecideAppeal { .. } => Some(Action::DecideAppeal),
            Self::TellOverdue => None,
        }
    }
}
