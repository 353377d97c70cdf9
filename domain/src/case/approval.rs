//! Approval in several steps (多级审批): the stages that a matter asks for, and how far a case has come through them.
//!
//! Stages follow each other; the steps of one stage are done side by side (会签) and it is over when each of them is
//! signed. A step before the last gives an opinion, 同意 or 不同意, and decides nothing: a dissent goes along to whoever
//! decides, who sees it. The last stage is one step, whose person grants or denies. Nobody signs twice in one round
//! (审查与决定由不同的人), so every step is seen by other eyes. A case that goes back to the desk begins a new round, for
//! what was judged has changed; one that goes back a stage keeps what stands before it.
//!
//! Knows no person's name and no department's; who may sign by right and basis is `permit`'s.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Staff};
use super::matter::MatterSnapshot;
use super::state::Case;
use crate::ids::{DepartmentId, StaffId, TextId};
use crate::rights::{Operation, Role, Scope, allowed};
use crate::time::Millis;

/// Stages of one matter.
pub const STAGES_MAX: usize = 6;
/// Steps side by side in one stage.
pub const STEPS_MAX: usize = 8;
/// Characters of a step's name.
pub const STEP_NAME_CHARS_MAX: usize = 20;
/// Characters of a step's id.
const STEP_ID_CHARS_MAX: usize = 40;

/// What a step is called in the log: 1 to 40 of `a-z0-9-_`, distinct within its matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// An id as it was written, sound or not; see [`Self::is_sound`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether it has the form of an id.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        (1..=STEP_ID_CHARS_MAX).contains(&self.0.len()) && self.0.bytes().all(fits)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for StepId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who signs a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// 审批人员 of the department.
    Approver,
    /// 分管领导 of the department.
    Leader,
}

impl Signer {
    /// The role that is needed; with it goes a basis of the step's department.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Approver => Role::Approver,
            Self::Leader => Role::Leader,
        }
    }

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Approver => "审批人员",
            Self::Leader => "分管领导",
        }
    }
}

/// A step: one person's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalStep {
    /// Its name in the log.
    pub id: StepId,
    /// What people call it: 初审, 审核, 批准.
    pub name: String,
    /// Whose authority it needs; `None`: the matter's department.
    #[serde(default)]
    pub department_id: Option<DepartmentId>,
    /// Who signs.
    pub signer: Signer,
}

/// A stage: steps that are done side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalStage {
    /// Its steps; more than one is a countersignature (会签).
    pub steps: Vec<ApprovalStep>,
}

/// What is wrong in the stages of a matter; places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalFault {
    /// An instant matter is decided at the window in one go.
    Instant,
    /// More stages than [`STAGES_MAX`].
    TooManyStages,
    /// A stage (by its place) has no step, so that it would never be over.
    EmptyStage(usize),
    /// A stage has more steps than [`STEPS_MAX`].
    TooManySteps(usize),
    /// The last stage is not one step, so that nobody or several would decide.
    NoDecidingStep,
    /// A step (stage, step) whose id has not the form.
    StepId(usize, usize),
    /// A step whose id stands on an earlier one too.
    Twice(usize, usize),
}

/// What is wrong in the stages; empty when a case can go through them to its decision.
#[must_use]
pub fn approval_faults(stages: &[ApprovalStage], is_instant: bool) -> Vec<ApprovalFault> {
    let mut faults = Vec::new();
    if stages.is_empty() {
        return faults;
    }
    if is_instant {
        faults.push(ApprovalFault::Instant);
    }
    if stages.len() > STAGES_MAX {
        faults.push(ApprovalFault::TooManyStages);
    }
    let mut seen = BTreeSet::new();
    for (place, stage) in stages.iter().enumerate() {
        match stage.steps.len() {
            0 => faults.push(ApprovalFault::EmptyStage(place)),
            count if count > STEPS_MAX => faults.push(ApprovalFault::TooManySteps(place)),
            _ => {}
        }
        for (at, step) in stage.steps.iter().enumerate() {
            if !step.id.is_sound() {
                faults.push(ApprovalFault::StepId(place, at));
            } else if !seen.insert(&step.id) {
                faults.push(ApprovalFault::Twice(place, at));
            }
        }
    }
    if stages.last().is_some_and(|stage| stage.steps.len() > 1) {
        faults.push(ApprovalFault::NoDecidingStep);
    }
    faults
}

/// Whether a person may sign a step of a matter of `department` on a day: the role, the right, and a basis in force.
/// `Some(false)`: only a basis that is not in force stands against it; `None`: it is another's.
#[must_use]
pub fn may_sign(step: &ApprovalStep, department: &DepartmentId, staff: &Staff, today: NaiveDate) -> Option<bool> {
    let role = step.signer.role();
    if !staff.roles.contains(&role) || allowed(role, Operation::SignStep) != Some(Scope::OwnDepartment) {
        return None;
    }
    let wanted = step.department_id.as_ref().unwrap_or(department);
    let mut bases = staff.bases.iter().filter(|basis| basis.department == *wanted).peekable();
    bases.peek()?;
    Some(bases.any(|basis| basis.covers(today)))
}

/// Steps that these people could not sign, each by another: a step nobody may sign (dead), and one for which every
/// person is needed elsewhere, since nobody signs twice. `staff` are those who may act for the site on that day.
/// Places are stage and step, from 0.
#[must_use]
pub fn unsigned_steps(stages: &[ApprovalStage], department: &DepartmentId, staff: &[Staff], today: NaiveDate) -> Vec<UnsignedStep> {
    let steps: Vec<(usize, usize, &ApprovalStep)> = stages
        .iter()
        .enumerate()
        .flat_map(|(place, stage)| stage.steps.iter().enumerate().map(move |(at, step)| (place, at, step)))
        .collect();
    let signers: Vec<Vec<usize>> = steps
        .iter()
        .map(|(.., step)| (0..staff.len()).filter(|at| may_sign(step, department, &staff[*at], today) == Some(true)).collect())
        .collect();
    // One person for each step: augmenting paths.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut unsigned = Vec::new();
    for (index, (stage, step, _)) in steps.iter().enumerate() {
        if !find_signer(index, &signers, &mut taken, &mut BTreeSet::new()) {
            unsigned.push(UnsignedStep { stage: *stage, step: *step, is_dead: signers[index].is_empty() });
        }
    }
    unsigned
}

fn find_signer(step: usize, signers: &[Vec<usize>], taken: &mut BTreeMap<usize, usize>, tried: &mut BTreeSet<usize>) -> bool {
    for person in &signers[step] {
        if !tried.insert(*person) {
            continue;
        }
        let is_free = match taken.get(person).copied() {
            None => true,
            Some(other) => find_signer(other, signers, taken, tried),
        };
        if is_free {
            taken.insert(*person, step);
            return true;
        }
    }
    false
}

/// A step that nobody is left to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsignedStep {
    /// Its stage's place.
    pub stage: usize,
    /// Its place in the stage.
    pub step: usize,
    /// Whether nobody at all may sign it; otherwise there are too few people for the steps together.
    pub is_dead: bool,
}

/// A signature that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The step.
    pub step: StepId,
    /// Who signed.
    pub by: StaffId,
    /// In whose place, where a cover signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
    /// When, UTC ms.
    pub at: Millis,
    /// 同意 or 不同意.
    pub agrees: bool,
    /// The opinion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<TextId>,
}

/// How far a case has come through its matter's stages in this round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The place of the stage it stands at, from 0.
    pub stage: usize,
    /// Who claimed which step of that stage.
    pub holders: BTreeMap<StepId, StaffId>,
    /// Signatures that stand, in order.
    pub signatures: Vec<Signature>,
    /// Why it came back to this stage from a later one, until the stage is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<TextId>,
}

impl Approval {
    /// Whether nothing was done in it.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        *self == Self::default()
    }

    /// The signature of a step that stands.
    #[must_use]
    pub fn signature(&self, step: &StepId) -> Option<&Signature> {
        self.signatures.iter().find(|signature| signature.step == *step)
    }

    pub(super) fn sign(&mut self, signature: Signature, stages: &[ApprovalStage]) {
        self.holders.remove(&signature.step);
        self.signatures.push(signature);
        let is_over = stages.get(self.stage).is_some_and(|stage| stage.steps.iter().all(|step| self.signature(&step.id).is_some()));
        if is_over {
            self.stage += 1;
            self.holders.clear();
            self.returned = None;
        }
    }

    /// Back to the stage before: what was signed there and here stands no more.
    pub(super) fn step_back(&mut self, text: &TextId, stages: &[ApprovalStage]) {
        let before = self.stage.saturating_sub(1);
        let void = |step: &StepId| stages[before.min(stages.len())..].iter().flat_map(|stage| &stage.steps).any(|one| one.id == *step);
        self.signatures.retain(|signature| !void(&signature.step));
        self.holders.clear();
        self.stage = before;
        self.returned = Some(text.clone());
    }
}

impl MatterSnapshot {
    /// Whether its cases go through steps; without any, one person of the department decides.
    #[must_use]
    pub fn has_steps(&self) -> bool {
        !self.approval.is_empty()
    }
}

impl Case {
    /// The stage the case stands at; `None` where its matter has no steps.
    #[must_use]
    pub fn stage(&self) -> Option<&ApprovalStage> {
        self.matter.approval.get(self.approval.stage)
    }

    /// Whether the step that decides is the one it stands at, or the matter has no steps.
    #[must_use]
    pub fn is_at_decision(&self) -> bool {
        self.approval.stage + 1 >= self.matter.approval.len()
    }

    /// The steps of the stage it stands at that are not signed.
    pub fn open_steps(&self) -> impl Iterator<Item = &ApprovalStep> {
        self.stage().into_iter().flat_map(|stage| &stage.steps).filter(|step| self.approval.signature(&step.id).is_none())
    }

    /// A step of its matter.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&ApprovalStep> {
        self.matter.approval.iter().flat_map(|stage| &stage.steps).find(|step| step.id == *id)
    }

    /// Whether somebody may sign a step by role and basis; see [`may_sign`].
    #[must_use]
    pub fn signs(&self, step: &ApprovalStep, staff: &Staff, today: NaiveDate) -> Option<bool> {
        may_sign(step, &self.department, staff, today)
    }

    /// Whether somebody takes part in its steps on a day: may sign one of them, whatever stage it stands at.
    #[must_use]
    pub fn takes_part(&self, staff: &Staff, today: NaiveDate) -> bool {
        let mut steps = self.matter.approval.iter().flat_map(|stage| &stage.steps);
        steps.any(|step| self.signs(step, staff, today) == Some(true))
    }

    /// The step of this stage that somebody holds, or whose holder that person covers, and may sign by the own basis;
    /// the own one first. With it its holder.
    #[must_use]
    pub fn held_step(&self, staff: &Staff, today: NaiveDate) -> Option<(&StepId, &StaffId)> {
        let signs = |step: &StepId| self.step(step).is_some_and(|step| self.signs(step, staff, today) == Some(true));
        let held = |wanted: &dyn Fn(&StaffId) -> bool| self.approval.holders.iter().find(|(step, holder)| wanted(holder) && signs(step));
        held(&|holder| *holder == staff.id).or_else(|| held(&|holder| staff.covers.contains(holder)))
    }

    /// Whether a signature of that person stands in this round.
    #[must_use]
    pub fn has_signed(&self, staff: &StaffId) -> bool {
        self.approval.signatures.iter().any(|signature| signature.by == *staff)
    }

    /// The open step of this stage that the person would get by claiming: the first that nobody holds.
    #[must_use]
    pub fn claimable_step(&self, staff: &Staff, today: NaiveDate) -> Option<&ApprovalStep> {
        self.open_steps().find(|step| !self.approval.holders.contains_key(&step.id) && self.signs(step, staff, today) == Some(true))
    }

    /// In whose place an actor goes on with a claimed case or step; `None` where it is the actor's own.
    #[must_use]
    pub fn acts_for(&self, actor: &Actor, today: NaiveDate) -> Option<&StaffId> {
        let Actor::Staff(staff) = actor else { return None };
        let holder = self.held_step(staff, today).map(|(_, holder)| holder).or_else(|| self.state.reviewer())?;
        (*holder != staff.id && staff.covers.contains(holder)).then_some(holder)
    }
}
