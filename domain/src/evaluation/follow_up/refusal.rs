//! Why a loop says no: a closed list with stable codes and plain words.

use super::state::LoopState;
use crate::time::{Millis, local};

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
#[expect(missing_docs, reason = "the fields are the figures of the sentence in message()")]
pub enum Refusal {
    /// The rating is about whoever asks.
    JudgedHimself,
    /// Whoever asks found what the appeal is against.
    VerifiedHimself,
    /// The rating is not about whoever asks; for him there is none.
    NotTheJudged,
    /// The step does not follow on where the loop stands.
    WrongState { state: LoopState },
    /// What was found to be wrong needs no rectification.
    ExplainOnly,
    /// The last day of a rectification lies behind, or too far ahead.
    DueOutOfRange { days_max: u32 },
    /// Nothing was promised, or it is done.
    NothingToFinish,
    /// It does not count against the person.
    NothingToAppeal,
    /// There was an appeal.
    AppealedAlready,
    /// The time for it is over.
    AppealTooLate { until: Millis },
    /// No appeal waits for a decision.
    NoAppeal,
    /// Only the clock does this.
    OnlySystem,
}

/// What a refusal is in the order of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// 404
    NotFound,
    /// 403
    Forbidden,
    /// 422 on this field.
    Invalid(&'static str),
    /// 409
    Conflict,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::JudgedHimself => "judged_himself",
            Self::VerifiedHimself => "verified_himself",
            Self::NotTheJudged => "not_found",
            Self::WrongState { .. } => "evaluation_state",
            Self::ExplainOnly => "explain_only",
            Self::DueOutOfRange { .. } => "due_out_of_range",
            Self::NothingToFinish => "nothing_to_finish",
            Self::NothingToAppeal => "nothing_to_appeal",
            Self::AppealedAlready => "appealed_already",
            Self::AppealTooLate { .. } => "appeal_too_late",
            Self::NoAppeal => "no_appeal",
            Self::OnlySystem => "only_system",
        }
    }

    /// What it is in the order of answers.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::NotTheJudged => Class::NotFound,
            Self::JudgedHimself | Self::VerifiedHimself | Self::OnlySystem => Class::Forbidden,
            Self::ExplainOnly => Class::Invalid("kind"),
            Self::DueOutOfRange { .. } => Class::Invalid("due"),
            Self::WrongState { .. }
            | Self::NothingToFinish
            | Self::NothingToAppeal
            | Self::AppealedAlready
            | Self::AppealTooLate { .. }
            | Self::NoAppeal => Class::Conflict,
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::JudgedHimself => "这条评价评的是您本人，请别的主管或区政务局处理".to_owned(),
            Self::VerifiedHimself => "这条评价是您核实的，申诉请别的主管或区政务局复核".to_owned(),
            Self::NotTheJudged => "没有找到".to_owned(),
            Self::WrongState { state } => format!("{}，这一步现在不能做", standing(*state)),
            Self::ExplainOnly => "核实不属实，只用说明情况".to_owned(),
            Self::DueOutOfRange { days_max } => format!("整改的最后一天从今天起，最多 {days_max} 天"),
            Self::NothingToFinish => "没有限期整改的事，或者已经改完".to_owned(),
            Self::NothingToAppeal => "这条评价没有记到您名下，不用申诉".to_owned(),
            Self::AppealedAlready => "已经申诉过".to_owned(),
            Self::AppealTooLate { until } => format!("申诉到 {} 为止，已经过了", local(*until - 1).format("%-m月%-d日")),
            Self::NoAppeal => "没有等着复核的申诉".to_owned(),
            Self::OnlySystem => "这一步由系统来做".to_owned(),
        }
    }
}

fn standing(state: LoopState) -> &'static str {
    match state {
        LoopState::Opened => "还没有核实",
        LoopState::Verified => "已经核实，还没有整改",
        LoopState::Rectified => "已经整改，还没有答复",
        LoopState::Replied => "已经答复，还没有回访",
        LoopState::Closed => "已经了结",
    }
}
