//! Who may do what with a case now: rights, then the state's table, then the case's own facts. The
//! buttons of a page and the refusals of a command come from these same functions.

use super::action::{Action, actions_of};
use super::actor::{Actor, Basis, Staff};
use super::certificate::{Certificate, Custody, Upload};
use super::command::Context;
use super::delivery::is_settled_by_applicant;
use super::facts::{DecisionOutcome, Extension};
use super::matter::CaseKind;
use super::online::OnlineStep;
use super::refusal::Refusal;
use super::state::{Case, State};
use crate::ids::{DepartmentId, SiteId, StaffId};
use crate::rights::{Effect, Operation, Scope, scopes};
use crate::time::{DAY_MS, Millis, local_date};

impl Case {
    /// What this actor can do with the case now, in the order of the table. Each of them is accepted
    /// by `decide` with a right input, and no other is.
    #[must_use]
    pub fn allowed_actions(&self, actor: &Actor, context: &Context) -> Vec<Action> {
        let possible = actions_of(&self.state).iter().copied();
        possible.filter(|action| self.entitle(*action, actor, context).is_ok() && self.permit(*action, actor, context).is_ok()).collect()
    }

    /// Whether role, site, department and basis fit; nothing of the case's state.
    ///
    /// # Errors
    /// A refusal of class `Forbidden`.
    pub fn entitle(&self, action: Action, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        if let Actor::Citizen(citizen) = actor {
            let is_own = self.online.as_ref().is_some_and(|online| online.draft.citizen == *citizen);
            let is_applicants = matches!(action, Action::SubmitApplication | Action::Withdraw | Action::Attach | Action::RemoveAttachment)
                || is_settled_by_applicant(action);
            return when(is_own && is_applicants, Refusal::NotAllowed { action });
        }
        if *actor == Actor::Applicant {
            return when(is_settled_by_applicant(action), Refusal::NotAllowed { action });
        }
        // Time clears away what nobody went on with, before anybody else knew of it.
        if *actor == Actor::System && action == Action::Withdraw {
            return when(self.is_unsent(), Refusal::NotAllowed { action });
        }
        let Some(operation) = action.operation() else {
            let is_applicants = action == Action::SubmitApplication || is_settled_by_applicant(action);
            let is_systems = *actor == Actor::System && !is_applicants;
            return when(is_systems, Refusal::SystemOnly);
        };
        let Actor::Staff(staff) = actor else { return Err(Refusal::NotAllowed { action }) };
        if operation == Operation::DecideInstant && !staff.decides_instant {
            return Err(Refusal::NotAllowed { action });
        }
        if self.matter.has_steps() && is_of_step(action) {
            self.entitle_step(action, staff, context)?;
        } else {
            let is_open_to_site = operation != Operation::MakeCertificate || context.policy.issuer_makes_certificates;
            reach(staff, operation, action, &self.site, &self.department, is_open_to_site, context.now)?;
        }
        // Where a site is only entrusted with accepting, its own people take no part in the decision, whatever
        // department they act for elsewhere.
        let is_decision = operation.effect() == Effect::Decides || operation == Operation::ClaimCase;
        when(self.matter.site_decides || !is_decision || staff.site != self.site, Refusal::OnlyAccepts)
    }

    /// Whether state and facts allow it to this actor, who is entitled.
    ///
    /// # Errors
    /// `WrongState`, or the refusal that names the fact.
    pub fn permit(&self, action: Action, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        if !actions_of(&self.state).contains(&action) {
            return Err(Refusal::WrongState { action, state: self.state.name() });
        }
        match action {
            Action::RequestCorrection | Action::ProposeRefusal | Action::Revoke => Ok(()),
            Action::Claim => self.claimable(actor, context),
            // What was not sent is nobody else's, and what was received is withdrawn by a signed request at the desk.
            Action::Update | Action::Submit => when(!self.is_unsent(), self.wrong(action)),
            Action::Withdraw => {
                let fits = match actor {
                    Actor::Citizen(_) | Actor::Applicant => self.online_step().is_some(),
                    Actor::System => self.is_unsent(),
                    Actor::Staff(_) => !self.is_unsent(),
                };
                when(fits, self.wrong(action))
            }
            Action::ChooseDelivery | Action::AuthoriseAgent | Action::WithdrawAuthorisation => self.settleable(action, context),
            Action::SubmitApplication => when(self.online_step().is_some_and(OnlineStep::is_open), self.wrong(action)),
            Action::PreCheck => when(matches!(self.online_step(), Some(OnlineStep::Submitted { .. })), self.wrong(action)),
            Action::Accept => self.complete(),
            Action::AcceptTolerant => self.tolerable(),
            Action::CorrectionException => when(!self.notices.is_empty() && self.exception.is_none(), Refusal::ExceptionNotOpen),
            Action::Supply => self.supplyable(action),
            Action::ConsentReuse | Action::Reuse | Action::WithdrawReuse => self.reusable(action),
            Action::NewTerm => self.new_term_open(actor, context),
            // Who applies adds and takes away while the form is open; what was sent lies as it was sent.
            Action::Attach | Action::RemoveAttachment if matches!(actor, Actor::Citizen(_)) => {
                when(self.online_step().is_some_and(OnlineStep::is_open), self.wrong(action))?;
                let has_own = self.attachments.iter().any(|attachment| attachment.by.is_none());
                when(action == Action::Attach || has_own, Refusal::UnknownAttachment)
            }
            // What was decided is decided on what lay there; only the promised materials still come.
            Action::Attach if matches!(self.state, State::Decided { .. }) => self.supplyable(action),
            // What was not sent is its applicant's alone.
            Action::Attach | Action::RemoveAttachment if self.is_unsent() => Err(self.wrong(action)),
            Action::Attach => Ok(()),
            Action::RemoveAttachment => when(!self.attachments.is_empty(), Refusal::UnknownAttachment),
            Action::RemindCorrection | Action::Lapse => self.correction_due(action, context),
            Action::ConfirmRefusal | Action::OverturnRefusal => self.not_own_proposal(actor.staff_id()),
            Action::DeemAccepted => {
                let is_due = context.deemed_due.is_some_and(|due| due <= local_date(context.now));
                when(self.matter.deems_acceptance && is_due, Refusal::NotDue)
            }
            Action::DecideInstant => {
                when(self.matter.case_kind == CaseKind::Instant, Refusal::NotInstant)?;
                if self.acceptance.is_some() { Ok(()) } else { self.complete() }
            }
            Action::Release | Action::Delegate | Action::Suspend | Action::Resume | Action::Return => self.own_review(actor, context),
            Action::Approve | Action::Deny => {
                when(self.is_at_decision(), Refusal::StepsOpen)?;
                self.signable(actor, context)
            }
            Action::SignStep => {
                when(self.matter.has_steps(), Refusal::NoSteps)?;
                when(!self.is_at_decision(), Refusal::DecisionDue)?;
                self.signable(actor, context)
            }
            Action::ReturnStep => {
                when(self.matter.has_steps(), Refusal::NoSteps)?;
                when(self.approval.stage > 0, Refusal::FirstStage)?;
                self.own_review(actor, context)
            }
            Action::Extend => {
                self.own_review(actor, context)?;
                when(self.extension.is_none(), Refusal::ExtendedAlready)
            }
            Action::ApproveExtension => open_extension(self.extension.as_ref(), actor.staff_id()),
            Action::ExtendJoint => {
                self.own_review(actor, context)?;
                when(self.bundle_case.is_some(), Refusal::NotJoint)?;
                when(self.joint_extension.is_none(), Refusal::ExtendedAlready)
            }
            Action::ApproveJointExtension => open_extension(self.joint_extension.as_ref(), actor.staff_id()),
            Action::MakeCertificate | Action::MakeDecisionNotice | Action::Deliver => self.document_due(action),
            Action::ConfirmUpload | Action::FailUpload | Action::RetryUpload | Action::WaiveUpload => self.upload_in(action),
            Action::ReceiveCertificate
            | Action::Notify
            | Action::RemindPickup
            | Action::HandOver
            | Action::Ship
            | Action::ConfirmDelivery
            | Action::ReturnCertificate => self.document_at(action),
        }
    }

    fn wrong(&self, action: Action) -> Refusal {
        Refusal::WrongState { action, state: self.state.name() }
    }

    fn complete(&self) -> Result<(), Refusal> {
        let materials = self.missing_materials();
        if materials.is_empty() { Ok(()) } else { Err(Refusal::MaterialsMissing { materials }) }
    }

    fn tolerable(&self) -> Result<(), Refusal> {
        when(self.matter.allows_tolerance, Refusal::ToleranceNotAllowed)?;
        let missing = self.missing_materials();
        let all_tolerable = missing.iter().all(|id| self.matter.requirement(id).is_some_and(|requirement| requirement.tolerable));
        when(!missing.is_empty() && all_tolerable, Refusal::NothingToPromise)
    }

    fn supplyable(&self, action: Action) -> Result<(), Refusal> {
        let is_open = match &self.state {
            State::Correcting { .. } => true,
            State::Accepted { returned, .. } => returned.is_some() || !self.open_promises().is_empty(),
            State::InReview { .. } | State::Suspended { .. } => !self.open_promises().is_empty(),
            State::Decided { .. } => self.is_held(),
            State::Draft { .. } | State::Received { .. } | State::RefusalProposed { .. } | State::Issued { .. } | State::Closed { .. } => {
                false
            }
        };
        when(is_open, Refusal::WrongState { action, state: self.state.name() })
    }

    fn correction_due(&self, action: Action, context: &Context) -> Result<(), Refusal> {
        let State::Correcting { since, reminded_at, .. } = &self.state else {
            return Err(Refusal::WrongState { action, state: self.state.name() });
        };
        let after = |from: Millis, days: u32| from.saturating_add(Millis::from(days) * DAY_MS);
        let (lapse, reminder) = (context.policy.correction_lapse_days, context.policy.correction_reminder_days);
        let due = match (action, reminded_at) {
            // A reminder that came late still leaves the time that was meant to lie behind it.
            (Action::Lapse, Some(reminded_at)) => Some(after(*since, lapse).max(after(*reminded_at, lapse.saturating_sub(reminder)))),
            (Action::RemindCorrection, None) => Some(after(*since, reminder)),
            _ => None,
        };
        when(due.is_some_and(|due| context.now >= due), Refusal::NotDue)
    }

    fn not_own_proposal(&self, staff: Option<&StaffId>) -> Result<(), Refusal> {
        match &self.state {
            State::RefusalProposed { by, .. } if Some(by) == staff => Err(Refusal::OwnProposal),
            _ => Ok(()),
        }
    }

    /// Whether the actor claimed what the case stands at, or covers who did.
    pub(super) fn own_review(&self, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        let staff = match actor {
            Actor::Staff(staff) if self.matter.has_steps() => staff,
            _ => {
                let other = self.state.reviewer().filter(|reviewer| !actor.stands_for(reviewer));
                return other.map_or(Ok(()), |reviewer| Err(Refusal::NotReviewer { reviewer: reviewer.clone() }));
            }
        };
        let today = local_date(context.now);
        if self.held_step(staff, today).is_some() {
            return Ok(());
        }
        if self.approval.holders.values().any(|holder| *holder == staff.id) {
            return Err(Refusal::AuthorisationExpired);
        }
        if self.claimable_step(staff, today).is_some() {
            return Err(Refusal::StepUnclaimed);
        }
        let theirs = self.open_steps().find(|step| self.signs(step, staff, today) == Some(true));
        match theirs.and_then(|step| self.approval.holders.get(&step.id)) {
            Some(holder) => Err(Refusal::NotReviewer { reviewer: holder.clone() }),
            None => Err(Refusal::StepNotYours),
        }
    }

    /// Whether the actor may put a name under the step, or the decision, that was claimed: nobody signs twice.
    fn signable(&self, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        self.own_review(actor, context)?;
        when(actor.staff_id().is_none_or(|staff| !self.has_signed(staff)), Refusal::SignedAlready)
    }

    fn claimable(&self, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        let staff = match actor {
            Actor::Staff(staff) if self.matter.has_steps() => staff,
            _ => return when(matches!(self.state, State::Accepted { .. }), self.wrong(Action::Claim)),
        };
        when(!self.has_signed(&staff.id), Refusal::SignedAlready)?;
        when(self.approval.holders.values().all(|holder| *holder != staff.id), Refusal::StepTaken)?;
        let today = local_date(context.now);
        if self.claimable_step(staff, today).is_some() {
            return Ok(());
        }
        let mut steps = self.stage().into_iter().flat_map(|stage| &stage.steps);
        let is_theirs = steps.any(|step| self.signs(step, staff, today) == Some(true));
        Err(if is_theirs { Refusal::StepTaken } else { Refusal::StepNotYours })
    }

    /// Whether one of the matter's steps is for this person, by role and basis; to decide, the last one must be.
    fn entitle_step(&self, action: Action, staff: &Staff, context: &Context) -> Result<(), Refusal> {
        let (stages, today) = (&self.matter.approval, local_date(context.now));
        let first = if matches!(action, Action::Approve | Action::Deny) { stages.len().saturating_sub(1) } else { 0 };
        let mut refusal = Refusal::NotAllowed { action };
        for step in stages[first..].iter().flat_map(|stage| &stage.steps) {
            match self.signs(step, staff, today) {
                Some(true) => return Ok(()),
                Some(false) => refusal = Refusal::AuthorisationExpired,
                None => {}
            }
        }
        Err(refusal)
    }

    /// The basis on which an actor does what decides about the case: for the step that is held, else for the case's own
    /// department. `None` where no department's authority is lent: at the window, for a leader's leave, by a timer.
    pub(super) fn basis_behind<'a>(&self, action: Action, actor: &'a Actor, context: &Context) -> Option<&'a Basis> {
        let Actor::Staff(staff) = actor else { return None };
        let operation = action.operation().filter(|operation| operation.effect() == Effect::Decides)?;
        let today = local_date(context.now);
        let step = if is_of_step(action) { self.held_step(staff, today).and_then(|(id, _)| self.step(id)) } else { None };
        // Whoever holds a step acts for its department, a leader too, who decides nothing else.
        let is_lent = step.is_some() || scopes(&staff.roles, staff.outsourced, operation).contains(&Scope::OwnDepartment);
        is_lent.then_some(())?;
        let department = step.and_then(|step| step.department_id.as_ref()).unwrap_or(&self.department);
        staff.basis_for(department, today)
    }

    /// Whether a colleague can go on in the actor's place with what the actor has claimed, or covers.
    #[must_use]
    pub fn can_take_over(&self, actor: &Actor, to: &Staff, context: &Context) -> bool {
        let (other, today) = (Actor::Staff(to.clone()), local_date(context.now));
        if !self.matter.has_steps() {
            let is_new = actor.staff_id() != Some(&to.id) && self.state.reviewer() != Some(&to.id);
            return is_new && self.entitle(Action::Approve, &other, context).is_ok();
        }
        let Actor::Staff(staff) = actor else { return false };
        let held = self.held_step(staff, today).and_then(|(step, _)| self.step(step));
        let is_new = !self.has_signed(&to.id) && self.approval.holders.values().all(|holder| *holder != to.id);
        let may = held.is_some_and(|step| self.signs(step, to, today) == Some(true));
        is_new && may && self.entitle(Action::SignStep, &other, context).is_ok()
    }

    /// Whether the certificate is held because the applicant's promise is open.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let is_tolerant = self.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::ApprovedTolerant);
        is_tolerant && !self.open_promises().is_empty()
    }

    fn document_due(&self, action: Action) -> Result<(), Refusal> {
        when(self.certificate.is_none(), Refusal::CertificateExists)?;
        let is_approved = self.decision.as_ref().is_some_and(|decision| decision.outcome != DecisionOutcome::Denied);
        let needs_certificate = is_approved && self.matter.makes_certificate;
        if action == Action::MakeCertificate {
            when(needs_certificate, Refusal::NoCertificate)?;
        } else {
            when(!needs_certificate, Refusal::CertificateRequired)?;
        }
        when(!self.is_held(), Refusal::PromiseOpen)
    }

    fn document(&self) -> Result<&Certificate, Refusal> {
        self.certificate.as_ref().ok_or(Refusal::NoCertificate)
    }

    fn upload_in(&self, action: Action) -> Result<(), Refusal> {
        let upload = self.document()?.upload;
        let fits = match upload {
            Upload::Pending => matches!(action, Action::ConfirmUpload | Action::FailUpload | Action::WaiveUpload),
            Upload::Failed => matches!(action, Action::ConfirmUpload | Action::RetryUpload | Action::WaiveUpload),
            Upload::Waived => action == Action::ConfirmUpload,
            Upload::NotRequired | Upload::Confirmed => false,
        };
        when(fits, Refusal::WrongUpload { upload: upload.name() })
    }

    fn document_at(&self, action: Action) -> Result<(), Refusal> {
        let document = self.document()?;
        if matches!(action, Action::Notify | Action::RemindPickup | Action::HandOver | Action::Ship) {
            when(document.upload.lets_out(), Refusal::UploadPending)?;
        }
        if action == Action::RemindPickup {
            // Whoever wants it sent is not asked to come.
            when(document.told_at.is_some() && self.courier_to.is_none(), Refusal::NotDue)?;
        }
        let fits = match document.custody {
            Custody::Made => matches!(action, Action::ReceiveCertificate | Action::HandOver | Action::Ship),
            Custody::InTransit | Custody::Returned => action == Action::ReceiveCertificate,
            Custody::InCabinet => {
                matches!(action, Action::Notify | Action::RemindPickup | Action::HandOver | Action::Ship | Action::ReturnCertificate)
            }
            Custody::Shipped => matches!(action, Action::ConfirmDelivery | Action::ReturnCertificate),
            Custody::HandedOver | Custody::Delivered => false,
        };
        when(fits, Refusal::WrongCustody { custody: document.custody.name() })
    }
}

/// Whether a member of staff reaches a case of this site and department. `is_open_to_site` is false
/// where a site has closed the operation to its own staff.
pub(super) fn reach(
    staff: &Staff,
    operation: Operation,
    action: Action,
    site: &SiteId,
    department: &DepartmentId,
    is_open_to_site: bool,
    now: Millis,
) -> Result<(), Refusal> {
    let mut refusal = Refusal::NotAllowed { action };
    for scope in scopes(&staff.roles, staff.outsourced, operation) {
        match scope {
            Scope::Everywhere => return Ok(()),
            Scope::Subtree if staff.subtree.contains(site) => return Ok(()),
            Scope::OwnSite if staff.site == *site && is_open_to_site => return Ok(()),
            Scope::OwnDepartment => {
                let mut bases = staff.bases.iter().filter(|basis| basis.department == *department).peekable();
                if bases.peek().is_some() {
                    if bases.any(|basis| basis.covers(local_date(now))) {
                        return Ok(());
                    }
                    refusal = Refusal::AuthorisationExpired;
                }
            }
            Scope::Subtree | Scope::OwnSite => {}
        }
    }
    Err(refusal)
}

/// What is done by whoever stands at the case's step, where its matter has steps.
pub(super) fn is_of_step(action: Action) -> bool {
    matches!(
        action,
        Action::Claim
            | Action::Release
            | Action::Delegate
            | Action::Suspend
            | Action::Resume
            | Action::Extend
            | Action::ExtendJoint
            | Action::SignStep
            | Action::ReturnStep
            | Action::Approve
            | Action::Deny
            | Action::NewTerm
            | Action::Return
    )
}

/// Whether an extension waits for a leave that this person may give: not who asked for it.
fn open_extension(extension: Option<&Extension>, staff: Option<&StaffId>) -> Result<(), Refusal> {
    let open = extension.filter(|extension| extension.approved_at.is_none()).ok_or(Refusal::NoExtension)?;
    when(open.requested_by.as_ref() != staff, Refusal::OwnExtension)
}

/// The refusal unless the condition holds.
pub(super) fn when(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal) }
}
