//! What a loop is: the steps it took, each with who, when and which text. No rule lives here but when each
//! step is due.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::decide::Ground;
use super::event::Event;
use crate::calendar::MissingYear;
use crate::ids::{EvaluationId, StaffId, TextId};
use crate::time::{DAY_MS, Millis, local_date, start_of};

/// Where a loop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopState {
    /// Waits for verification.
    Opened,
    /// 核实 is done.
    Verified,
    /// 整改, or an explanation, is laid down.
    Rectified,
    /// 答复 was given; a call is owed.
    Replied,
    /// The end.
    Closed,
}

impl LoopState {
    /// Every state, in order.
    pub const ALL: [Self; 5] = [Self::Opened, Self::Verified, Self::Rectified, Self::Replied, Self::Closed];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Verified => "verified",
            Self::Rectified => "rectified",
            Self::Replied => "replied",
            Self::Closed => "closed",
        }
    }
}

/// What the verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 属实
    Valid,
    /// 不属实
    Invalid,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    /// 立行立改: done already.
    AtOnce,
    /// 限期整改
    WithinLimit {
        /// The last day.
        due: NaiveDate,
    },
    /// 解释说明
    Explain,
}

/// What a call to the rater came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Contact {
    /// The person was reached and said how he takes the answer.
    Reached {
        /// Whether he is satisfied now.
        satisfied: bool,
    },
    /// Nobody answered.
    NotReached,
}

/// How a loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Called back; the person is satisfied.
    Satisfied,
    /// Called back; the person is not.
    StillDissatisfied,
    /// Called often enough in vain.
    NotReached,
    /// The rating was anonymous, so the reply is the end.
    Anonymous,
}

impl Closing {
    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::StillDissatisfied => "still_dissatisfied",
            Self::NotReached => "not_reached",
            Self::Anonymous => "anonymous",
        }
    }
}

/// Something that somebody wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// When, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: StaffId,
    /// The words.
    pub text: TextId,
}

/// 核实
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What was found.
    pub finding: Finding,
    /// When, by whom, in which words.
    #[serde(flatten)]
    pub remark: Remark,
}

/// 整改
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectification {
    /// What is done.
    #[serde(flatten)]
    pub measure: Measure,
    /// When, by whom, in which words.
    #[serde(flatten)]
    pub remark: Remark,
    /// What was promised within a limit is done.
    pub finished: Option<Remark>,
}

/// 回访: one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What it came to.
    #[serde(flatten)]
    pub contact: Contact,
    /// When, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: StaffId,
    /// What was said, if anything is to be kept.
    pub text: Option<TextId>,
}

/// 申诉
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// When, by whom, why.
    #[serde(flatten)]
    pub remark: Remark,
    /// Whether it was upheld, once decided.
    pub upheld: Option<bool>,
    /// The decision.
    pub decision: Option<Remark>,
}

/// What is owed within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 核实
    Verify,
    /// 整改
    Rectify,
    /// 答复
    Reply,
    /// 回访
    CallBack,
    /// What was to be rectified within a limit.
    FinishRectification,
    /// The decision about an appeal.
    DecideAppeal,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] = [Self::Verify, Self::Rectify, Self::Reply, Self::CallBack, Self::FinishRectification, Self::DecideAppeal];

    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Rectify => "rectify",
            Self::Reply => "reply",
            Self::CallBack => "call_back",
            Self::FinishRectification => "finish_rectification",
            Self::DecideAppeal => "decide_appeal",
        }
    }

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Verify => "核实",
            Self::Rectify => "整改",
            Self::Reply => "答复",
            Self::CallBack => "回访",
            Self::FinishRectification => "整改完成",
            Self::DecideAppeal => "申诉复核",
        }
    }
}

/// A step that is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The step.
    pub step: Step,
    /// The first instant at which it is late, UTC ms; the year whose calendar is missing when it cannot be told.
    pub at: Result<Millis, MissingYear>,
}

impl Due {
    /// Whether it is late. What cannot be told is not.
    #[must_use]
    pub fn is_over(&self, now: Millis) -> bool {
        self.at.as_ref().is_ok_and(|at| *at <= now)
    }
}

/// The loop after one negative rating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The rating.
    pub evaluation: EvaluationId,
    /// When it was given, UTC ms.
    pub opened_at: Millis,
    /// Who was judged, if that is one person.
    pub judged: Option<StaffId>,
    /// Whether the rater can be reached by phone (实名).
    pub named: bool,
    /// Where it stands.
    pub state: LoopState,
    /// Number of events so far.
    pub version: u64,
    /// 核实
    pub verification: Option<Verification>,
    /// 整改
    pub rectification: Option<Rectification>,
    /// 答复
    pub reply: Option<Remark>,
    /// 回访, in order.
    pub calls: Vec<Call>,
    /// When and how it ended.
    pub closed: Option<(Millis, Closing)>,
    /// 申诉
    pub appeal: Option<Appeal>,
    /// Steps that were told to be late.
    pub told: BTreeSet<Step>,
}

impl FollowUp {
    /// A loop from its events; `None` unless the first one opens it.
    #[must_use]
    pub fn replay(events: &[Event]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let Event::EvaluationFollowUpOpened { evaluation, judged, named, at } = first else { return None };
        let mut opened = Self {
            evaluation: evaluation.clone(),
            opened_at: *at,
            judged: judged.clone(),
            named: *named,
            state: LoopState::Opened,
            version: 1,
            verification: None,
            rectification: None,
            reply: None,
            calls: Vec::new(),
            closed: None,
            appeal: None,
            told: BTreeSet::new(),
        };
        rest.iter().for_each(|event| opened.evolve(event));
        Some(opened)
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        self.version += 1;
        match event {
            Event::EvaluationFollowUpOpened { .. } => {}
            Event::EvaluationVerified { finding, remark, .. } => {
                self.verification = Some(Verification { finding: *finding, remark: remark.clone() });
                self.state = LoopState::Verified;
            }
            Event::EvaluationRectified { measure, remark, .. } => {
                self.rectification = Some(Rectification { measure: *measure, remark: remark.clone(), finished: None });
                self.state = LoopState::Rectified;
            }
            Event::EvaluationRectificationFinished { remark, .. } => {
                if let Some(rectification) = &mut self.rectification {
                    rectification.finished = Some(remark.clone());
                }
            }
            Event::EvaluationReplied { remark, .. } => {
                self.reply = Some(remark.clone());
                self.state = LoopState::Replied;
            }
            Event::EvaluationCalledBack { call, .. } => self.calls.push(call.clone()),
            Event::EvaluationClosed { closing, at, .. } => {
                self.closed = Some((*at, *closing));
                self.state = LoopState::Closed;
            }
            Event::EvaluationAppealed { remark, .. } => {
                self.appeal = Some(Appeal { remark: remark.clone(), upheld: None, decision: None });
            }
            Event::EvaluationAppealDecided { upheld, remark, .. } => {
                if let Some(appeal) = &mut self.appeal {
                    appeal.upheld = Some(*upheld);
                    appeal.decision = Some(remark.clone());
                }
            }
            Event::EvaluationStepOverdue { step, .. } => {
                self.told.insert(*step);
            }
        }
    }

    /// Whether an appeal waits for its decision.
    #[must_use]
    pub fn appeal_is_open(&self) -> bool {
        self.appeal.as_ref().is_some_and(|appeal| appeal.upheld.is_none())
    }

    /// Whether what was promised within a limit is still to be done.
    #[must_use]
    pub fn rectification_is_open(&self) -> bool {
        let is_open = |done: &Rectification| matches!(done.measure, Measure::WithinLimit { .. }) && done.finished.is_none();
        self.rectification.as_ref().is_some_and(is_open)
    }

    /// Whether the rating counts against the person judged: not when there is none, when it was found to be
    /// wrong, or when an appeal was upheld. The site's figures do not ask this.
    #[must_use]
    pub fn counts_against_judged(&self) -> bool {
        let is_invalid = self.verification.as_ref().is_some_and(|verification| verification.finding == Finding::Invalid);
        let is_upheld = self.appeal.as_ref().is_some_and(|appeal| appeal.upheld == Some(true));
        self.judged.is_some() && !is_invalid && !is_upheld
    }

    /// Whether nothing is owed any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == LoopState::Closed && !self.rectification_is_open() && !self.appeal_is_open()
    }

    /// The steps that are owed, the next of the loop first.
    #[must_use]
    pub fn dues(&self, ground: &Ground<'_>) -> Vec<Due> {
        let policy = ground.policy;
        let after = |at: Millis, days: u32| ground.calendar.working_day_after(local_date(at), days).map(end_of);
        let replied_at = self.reply.as_ref().map_or(self.opened_at, |reply| reply.at);
        let is_invalid = self.verification.as_ref().is_some_and(|verification| verification.finding == Finding::Invalid);
        let next = match self.state {
            LoopState::Opened => Some((Step::Verify, after(self.opened_at, policy.verify_days))),
            LoopState::Verified if is_invalid => Some((Step::Reply, after(self.opened_at, policy.reply_days))),
            LoopState::Verified => Some((Step::Rectify, after(self.opened_at, policy.reply_days))),
            LoopState::Rectified => Some((Step::Reply, after(self.opened_at, policy.reply_days))),
            LoopState::Replied => Some((Step::CallBack, after(replied_at, policy.call_back_days))),
            LoopState::Closed => None,
        };
        let mut dues: Vec<Due> = next.map(|(step, at)| Due { step, at }).into_iter().collect();
        if let Some(Rectification { measure: Measure::WithinLimit { due }, finished: None, .. }) = &self.rectification {
            dues.push(Due { step: Step::FinishRectification, at: Ok(end_of(*due)) });
        }
        if let Some(appeal) = self.appeal.as_ref().filter(|appeal| appeal.upheld.is_none()) {
            dues.push(Due { step: Step::DecideAppeal, at: after(appeal.remark.at, policy.appeal_decision_days) });
        }
        dues
    }

    /// When time alone will next have something to tell; `None` when never. Where a year of the calendar is
    /// missing that is in a day, since somebody may load it.
    #[must_use]
    pub fn watch_at(&self, ground: &Ground<'_>, now: Millis) -> Option<Millis> {
        let untold = self.dues(ground).into_iter().filter(|due| !self.told.contains(&due.step));
        untold.map(|due| due.at.unwrap_or(now + DAY_MS)).min()
    }

    /// Until when the person judged may appeal, the instant excluded; `None` before the verification, or while
    /// the calendar cannot tell.
    #[must_use]
    pub fn appeal_until(&self, ground: &Ground<'_>) -> Option<Millis> {
        let verified = self.verification.as_ref()?;
        ground.calendar.working_day_after(local_date(verified.remark.at), ground.policy.appeal_days).map(end_of).ok()
    }
}

/// The first instant after a date.
fn end_of(date: NaiveDate) -> Millis {
    start_of(date) + DAY_MS
}
