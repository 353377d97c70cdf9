//! A draft of a matter or bundle beside what is in force: written, reviewed by somebody else, published at once or at
//! an instant to come. What is in force stays so meanwhile. Knows no clock, no right and no store.

use serde::{Deserialize, Serialize};

use super::{Bundle, Matter, MatterState};
use crate::ids::{StaffId, TextId};
use crate::time::Millis;

/// Farthest that a publication may lie ahead, in milliseconds: a year.
pub const AHEAD_MS_MAX: Millis = 366 * crate::time::DAY_MS;

/// What of this is local (◇).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftRules {
    /// Whether a draft is approved by somebody who wrote nothing of it.
    pub four_eyes: bool,
}

impl Default for DraftRules {
    fn default() -> Self {
        Self { four_eyes: true }
    }
}

/// Where a draft stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum DraftStep {
    /// Being written.
    Editing {
        /// What the reviewer wrote when it came back.
        returned: Option<TextId>,
    },
    /// Waits for a reviewer.
    InReview {
        /// Who handed it in.
        by: StaffId,
        /// When.
        at: Millis,
    },
    /// May be published.
    Approved {
        /// Who approved it.
        by: StaffId,
        /// When.
        at: Millis,
    },
    /// Will be published by itself.
    Scheduled {
        /// Who approved it.
        approved_by: StaffId,
        /// Who decided when.
        by: StaffId,
        /// When it comes into force.
        from: Millis,
    },
}

impl DraftStep {
    /// The word in the API and in the store.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Editing { .. } => "editing",
            Self::InReview { .. } => "in_review",
            Self::Approved { .. } => "approved",
            Self::Scheduled { .. } => "scheduled",
        }
    }
}

/// What has drafts.
pub trait Drafted: Clone {
    /// The same, in force in a version.
    #[must_use]
    fn in_force(&self, version: u32) -> Self;
}

impl Drafted for Matter {
    fn in_force(&self, version: u32) -> Self {
        Self { version, state: MatterState::Published, ..self.clone() }
    }
}

impl Drafted for Bundle {
    fn in_force(&self, version: u32) -> Self {
        Self { version, state: MatterState::Published, ..self.clone() }
    }
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft<T = Matter> {
    /// The matter, or bundle, as it shall be.
    #[serde(rename = "matter")]
    pub content: T,
    /// The version in force that it was written from; 0 for what never was.
    pub base: u32,
    /// Everybody who wrote in it.
    pub writers: Vec<StaffId>,
    /// Where it stands.
    #[serde(flatten)]
    pub step: DraftStep,
}

/// What somebody does with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftCommand<T = Matter> {
    /// Write it anew.
    Save {
        /// As it shall be.
        content: Box<T>,
        /// The version in force that the writer saw.
        base: u32,
    },
    /// Hand it in.
    Submit,
    /// Find it right.
    Approve,
    /// Give it back, or take it back.
    Return {
        /// What was written.
        text: Option<TextId>,
    },
    /// Let it be in force, now or from an instant on.
    Publish {
        /// From when; `None`: now.
        from: Option<Millis>,
    },
    /// Publish it not at the time set.
    Unschedule,
    /// Do away with it.
    Discard,
}

/// What becomes of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftOutcome<T = Matter> {
    /// It goes on.
    Draft(Box<Draft<T>>),
    /// It is in force, in this version.
    Published(Box<T>),
    /// It is no more.
    Gone,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftRefusal {
    /// Not in this step.
    #[error("step")]
    Step,
    /// The reviewer wrote in it.
    #[error("own draft")]
    OwnDraft,
    /// Another version came into force since it was written.
    #[error("outdated")]
    Outdated,
    /// The instant lies behind, or too far ahead.
    #[error("from")]
    From,
}

impl DraftRefusal {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Step => "draft_state",
            Self::OwnDraft => "own_draft",
            Self::Outdated => "draft_outdated",
            Self::From => "time",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Step => "草稿现在的状态不能这样做，请先看看最新的样子",
            Self::OwnDraft => "这份草稿您改过，要由另一个人审核",
            Self::Outdated => "写草稿以后，在用的版本又变了。请对照新版本改好再交",
            Self::From => "生效时间要在以后，最远一年",
        }
    }
}

impl<T: Drafted> Draft<T> {
    /// A draft that somebody begins.
    #[must_use]
    pub fn begin(content: T, base: u32, writer: StaffId) -> Self {
        Self { content, base, writers: vec![writer], step: DraftStep::Editing { returned: None } }
    }

    /// What a command makes of the draft. `in_force` is the newest version there is (0 for none).
    ///
    /// # Errors
    /// [`DraftRefusal`].
    pub fn decide(
        &self,
        command: DraftCommand<T>,
        actor: &StaffId,
        in_force: u32,
        now: Millis,
        rules: DraftRules,
    ) -> Result<DraftOutcome<T>, DraftRefusal> {
        match command {
            DraftCommand::Save { content, base } => self.saved(*content, base, actor, in_force),
            DraftCommand::Submit => match &self.step {
                DraftStep::Editing { .. } if self.base == in_force => Ok(self.at(DraftStep::InReview { by: actor.clone(), at: now })),
                DraftStep::Editing { .. } => Err(DraftRefusal::Outdated),
                _ => Err(DraftRefusal::Step),
            },
            DraftCommand::Approve => {
                let DraftStep::InReview { by, .. } = &self.step else { return Err(DraftRefusal::Step) };
                if rules.four_eyes && (self.writers.contains(actor) || by == actor) {
                    return Err(DraftRefusal::OwnDraft);
                }
                Ok(self.at(DraftStep::Approved { by: actor.clone(), at: now }))
            }
            DraftCommand::Return { text } => match &self.step {
                DraftStep::InReview { .. } | DraftStep::Approved { .. } => Ok(self.at(DraftStep::Editing { returned: text })),
                _ => Err(DraftRefusal::Step),
            },
            DraftCommand::Publish { from } => {
                let DraftStep::Approved { by, .. } = &self.step else { return Err(DraftRefusal::Step) };
                match from {
                    None => self.published(in_force),
                    Some(from) if from > now && from - now <= AHEAD_MS_MAX => {
                        let step = DraftStep::Scheduled { approved_by: by.clone(), by: actor.clone(), from };
                        Ok(self.at(step))
                    }
                    Some(_) => Err(DraftRefusal::From),
                }
            }
            DraftCommand::Unschedule => match &self.step {
                DraftStep::Scheduled { approved_by, .. } => Ok(self.at(DraftStep::Approved { by: approved_by.clone(), at: now })),
                _ => Err(DraftRefusal::Step),
            },
            DraftCommand::Discard => match &self.step {
                DraftStep::Scheduled { .. } => Err(DraftRefusal::Step),
                _ => Ok(DraftOutcome::Gone),
            },
        }
    }

    /// What time makes of the draft; `None` while it has nothing to say.
    ///
    /// # Errors
    /// [`DraftRefusal::Outdated`] when another version came into force meanwhile.
    pub fn due(&self, in_force: u32, now: Millis) -> Option<Result<DraftOutcome<T>, DraftRefusal>> {
        match &self.step {
            DraftStep::Scheduled { from, .. } if *from <= now => Some(self.published(in_force)),
            _ => None,
        }
    }

    /// When time will publish it.
    #[must_use]
    pub fn due_at(&self) -> Option<Millis> {
        match &self.step {
            DraftStep::Scheduled { from, .. } => Some(*from),
            _ => None,
        }
    }

    fn saved(&self, content: T, base: u32, actor: &StaffId, in_force: u32) -> Result<DraftOutcome<T>, DraftRefusal> {
        // What is being reviewed or waits for its time is not changed under somebody's hands.
        if matches!(self.step, DraftStep::InReview { .. } | DraftStep::Scheduled { .. }) {
            return Err(DraftRefusal::Step);
        }
        if base != in_force {
            return Err(DraftRefusal::Outdated);
        }
        let mut next = Self { content, base, step: DraftStep::Editing { returned: self.returned() }, ..self.clone() };
        if !next.writers.contains(actor) {
            next.writers.push(actor.clone());
        }
        Ok(DraftOutcome::Draft(Box::new(next)))
    }

    fn returned(&self) -> Option<TextId> {
        match &self.step {
            DraftStep::Editing { returned } => returned.clone(),
            _ => None,
        }
    }

    fn published(&self, in_force: u32) -> Result<DraftOutcome<T>, DraftRefusal> {
        if self.base != in_force {
            return Err(DraftRefusal::Outdated);
        }
        Ok(DraftOutcome::Published(Box::new(self.content.in_force(in_force + 1))))
    }

    fn at(&self, step: DraftStep) -> DraftOutcome<T> {
        DraftOutcome::Draft(Box::new(Self { step, ..self.clone() }))
    }
}
