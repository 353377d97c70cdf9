//! What happened in a loop: past tense, and nothing personal.

use serde::{Deserialize, Serialize};

use super::state::{Call, Closing, Finding, Measure, Remark, Step};
use crate::ids::{EvaluationId, StaffId};
use crate::time::Millis;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the state they lead to")]
pub enum Event {
    /// A negative rating was given.
    EvaluationFollowUpOpened { evaluation: EvaluationId, judged: Option<StaffId>, named: bool, at: Millis },
    /// 核实
    EvaluationVerified { evaluation: EvaluationId, finding: Finding, remark: Remark },
    /// 整改
    EvaluationRectified { evaluation: EvaluationId, measure: Measure, remark: Remark },
    /// What was promised within a limit is done.
    EvaluationRectificationFinished { evaluation: EvaluationId, remark: Remark },
    /// 答复
    EvaluationReplied { evaluation: EvaluationId, remark: Remark },
    /// 回访: one call.
    EvaluationCalledBack { evaluation: EvaluationId, call: Call },
    /// The end.
    EvaluationClosed { evaluation: EvaluationId, closing: Closing, at: Millis },
    /// 申诉
    EvaluationAppealed { evaluation: EvaluationId, remark: Remark },
    /// Its decision.
    EvaluationAppealDecided { evaluation: EvaluationId, upheld: bool, remark: Remark },
    /// A step is late, told once.
    EvaluationStepOverdue { evaluation: EvaluationId, step: Step, at: Millis },
}

impl Event {
    /// The type's name in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EvaluationFollowUpOpened { .. } => "evaluation_follow_up_opened",
            Self::EvaluationVerified { .. } => "evaluation_verified",
            Self::EvaluationRectified { .. } => "evaluation_rectified",
            Self::EvaluationRectificationFinished { .. } => "evaluation_rectification_finished",
            Self::EvaluationReplied { .. } => "evaluation_replied",
            Self::EvaluationCalledBack { .. } => "evaluation_called_back",
            Self::EvaluationClosed { .. } => "evaluation_closed",
            Self::EvaluationAppealed { .. } => "evaluation_appealed",
            Self::EvaluationAppealDecided { .. } => "evaluation_appeal_decided",
            Self::EvaluationStepOverdue { .. } => "evaluation_step_overdue",
        }
    }

    /// When, UTC ms.
    #[must_use]
    pub fn at(&self) -> Millis {
        match self {
            Self::EvaluationFollowUpOpened { at, .. } | Self::EvaluationClosed { at, .. } | Self::EvaluationStepOverdue { at, .. } => *at,
            Self::EvaluationCalledBack { call, .. } => call.at,
            Self::EvaluationVerified { remark, .. }
            | Self::EvaluationRectified { remark, .. }
            | Self::EvaluationRectificationFinished { remark, .. }
            | Self::EvaluationReplied { remark, .. }
            | Self::EvaluationAppealed { remark, .. }
            | Self::EvaluationAppealDecided { remark, .. } => remark.at,
        }
    }

    /// The step that this event settles, so that what was told about its being late is settled too.
    #[must_use]
    pub fn settles(&self) -> Option<Step> {
        match self {
            Self::EvaluationVerified { .. } => Some(Step::Verify),
            Self::EvaluationRectified { .. } => Some(Step::Rectify),
            Self::EvaluationRectificationFinished { .. } => Some(Step::FinishRectification),
            Self::EvaluationReplied { .. } => Some(Step::Reply),
            Self::EvaluationClosed { .. } => Some(Step::CallBack),
            Self::EvaluationAppealDecided { .. } => Some(Step::DecideAppeal),
            Self::EvaluationFollowUpOpened { .. }
            | Self::EvaluationCalledBack { .. }
            | Self::EvaluationAppealed { .. }
            | Self::EvaluationStepOverdue { .. } => None,
        }
    }
}
