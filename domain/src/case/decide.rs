//! What follows from a command: the events, or why not. Pure; order of answers: who may (403), what
//! was sent (422), what is (409).

use super::action::{Action, actions_of};
use super::actor::Actor;
use super::certificate::Custody;
use super::command::{Command, Context, Opening, PromisedMaterial};
use super::event::{Change, Event};
use super::facts::{AcceptanceMode, Attachment, CorrectionItem, DecisionOutcome};
use super::input;
use super::online::PreCheck;
use super::permit::{is_of_step, reach, when};
use super::refusal::{Refusal, RefusalClass};
use super::state::{Case, State};
use crate::ids::{NoticeId, TextId, TicketId};
use crate::rights::Operation;
use crate::time::{Millis, local_date};

impl Command {
    /// The action it is an instance of.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Update { .. } => Action::Update,
            Self::Submit { .. } => Action::Submit,
            Self::SubmitApplication { .. } => Action::SubmitApplication,
            Self::ChooseDelivery { .. } => Action::ChooseDelivery,
            Self::AuthoriseAgent { .. } => Action::AuthoriseAgent,
            Self::WithdrawAuthorisation => Action::WithdrawAuthorisation,
            Self::PreCheck { .. } => Action::PreCheck,
            Self::Accept => Action::Accept,
            Self::AcceptTolerant { .. } => Action::AcceptTolerant,
            Self::RequestCorrection { .. } => Action::RequestCorrection,
            Self::RecordCorrectionException { .. } => Action::CorrectionException,
            Self::Supply { .. } => Action::Supply,
            Self::ConsentReuse { .. } => Action::ConsentReuse,
            Self::Reuse { .. } => Action::Reuse,
            Self::WithdrawReuse { .. } => Action::WithdrawReuse,
            Self::Attach { .. } => Action::Attach,
            Self::RemoveAttachment { .. } => Action::RemoveAttachment,
            Self::RemindCorrection => Action::RemindCorrection,
            Self::Lapse => Action::Lapse,
            Self::ProposeRefusal { .. } => Action::ProposeRefusal,
            Self::ConfirmRefusal { .. } => Action::ConfirmRefusal,
            Self::OverturnRefusal { .. } => Action::OverturnRefusal,
            Self::DeemAccepted => Action::DeemAccepted,
            Self::DecideInstant { .. } => Action::DecideInstant,
            Self::Claim => Action::Claim,
            Self::Release => Action::Release,
            Self::Delegate { .. } => Action::Delegate,
            Self::Suspend { .. } => Action::Suspend,
            Self::Resume => Action::Resume,
            Self::Extend { .. } => Action::Extend,
            Self::ApproveExtension { .. } => Action::ApproveExtension,
            Self::ExtendJoint { .. } => Action::ExtendJoint,
            Self::ApproveJointExtension { .. } => Action::ApproveJointExtension,
            Self::Approve { .. } => Action::Approve,
            Self::Deny { .. } => Action::Deny,
            Self::SignStep { .. } => Action::SignStep,
            Self::ReturnStep { .. } => Action::ReturnStep,
            Self::NewTerm { .. } => Action::NewTerm,
            Self::ReturnToDesk { .. } => Action::Return,
            Self::Withdraw { .. } => Action::Withdraw,
            Self::Revoke { .. } => Action::Revoke,
            Self::MakeCertificate { .. } => Action::MakeCertificate,
            Self::MakeDecisionNotice { .. } => Action::MakeDecisionNotice,
            Self::ConfirmUpload { .. } => Action::ConfirmUpload,
            Self::FailUpload { .. } => Action::FailUpload,
            Self::RetryUpload => Action::RetryUpload,
            Self::WaiveUpload { .. } => Action::WaiveUpload,
            Self::ReceiveCertificate { .. } => Action::ReceiveCertificate,
            Self::Notify { .. } => Action::Notify,
            Self::RemindPickup { .. } => Action::RemindPickup,
            Self::HandOver { .. } => Action::HandOver,
            Self::Deliver { .. } => Action::Deliver,
            Self::Ship { .. } => Action::Ship,
            Self::ConfirmDelivery => Action::ConfirmDelivery,
            Self::ReturnCertificate { .. } => Action::ReturnCertificate,
        }
    }
}

impl Case {
    /// Opens a case, as a draft or at once with its receipt (接件). Materials may be missing. A citizen opens
    /// only a draft, and only the own one.
    ///
    /// # Errors
    /// `Forbidden` without the right to register at that site, `Invalid` with the field.
    pub fn open(opening: Opening, as_draft: bool, actor: &Actor, now: Millis) -> Result<Vec<Event>, Refusal> {
        let action = Action::Submit;
        match (actor, &opening.online) {
            (Actor::Staff(staff), None) => {
                reach(staff, Operation::RegisterCase, action, &opening.site, &opening.matter.department, true, now)?;
            }
            (Actor::Citizen(citizen), Some(online)) if online.citizen == *citizen && as_draft => {}
            _ => return Err(Refusal::NotAllowed { action }),
        }
        input::check_opening(&opening, now)?;
        let id = opening.id.clone();
        let mut changes = vec![Change::CaseOpened { opening: Box::new(opening) }];
        if !as_draft {
            changes.push(Change::CaseReceived);
        }
        Ok(changes
            .into_iter()
            .map(|change| Event { case: id.clone(), at: now, by: actor.staff_id().cloned(), acting_for: None, under: None, change })
            .collect())
    }

    /// What follows from a command: its events in order; none when it was done already.
    ///
    /// # Errors
    /// The refusal; the case is unchanged.
    pub fn decide(&self, command: &Command, actor: &Actor, context: &Context) -> Result<Vec<Event>, Refusal> {
        let action = command.action();
        self.entitle(action, actor, context)?;
        let permitted = self.permit(action, actor, context);
        if let Err(refusal) = &permitted
            && refusal.class() == RefusalClass::Forbidden
        {
            return Err(refusal.clone());
        }
        input::check(self, command, context)?;
        if let Some(outcome) = self.repeated(command) {
            return outcome;
        }
        permitted?;
        let changes = match command {
            Command::Update { materials, form } => vec![Change::CaseUpdated { materials: materials.clone(), form: form.clone() }],
            Command::Submit { ticket } => self.received(ticket.as_ref()),
            Command::SubmitApplication { application } => vec![Change::ApplicationSubmitted { application: application.clone() }],
            Command::ChooseDelivery { .. } | Command::AuthoriseAgent { .. } | Command::WithdrawAuthorisation => {
                self.settled(command, context)?
            }
            Command::PreCheck { verdict } => self.checked(verdict),
            Command::RecordCorrectionException { reason } => vec![Change::CorrectionExceptionRecorded { reason: reason.clone() }],
            Command::RequestCorrection { notice, items } => vec![self.correction(notice, items)?],
            Command::Supply { materials } => vec![Change::MaterialsSupplied { materials: materials.clone() }],
            Command::ConsentReuse { .. } | Command::Reuse { .. } | Command::WithdrawReuse { .. } => self.reusing(command),
            Command::NewTerm { due, reason } => vec![self.term_given(*due, reason, context.now)],
            Command::Attach { attachment } => vec![Change::AttachmentAdded { attachment: attachment.clone() }],
            Command::RemoveAttachment { attachment, reason } => {
                // What the window scanned is not the applicant's to take away.
                let is_theirs = |file: &Attachment| actor.staff_id().is_some() || file.by.is_none();
                when(self.attachment(attachment).is_some_and(is_theirs), Refusal::UnknownAttachment)?;
                vec![Change::AttachmentRemoved { attachment: attachment.clone(), reason: reason.clone() }]
            }
            Command::RemindCorrection => vec![Change::CorrectionReminded],
            Command::Lapse => vec![Change::CaseLapsed],
            Command::ProposeRefusal { reason, text } => vec![Change::RefusalProposed { reason: *reason, text: text.clone() }],
            Command::ConfirmRefusal { opinion } => self.confirmed(opinion.as_ref()),
            Command::Accept
            | Command::AcceptTolerant { .. }
            | Command::OverturnRefusal { .. }
            | Command::DeemAccepted
            | Command::DecideInstant { .. } => self.accepting(command, context.now),
            Command::Withdraw { reason } => vec![Change::CaseWithdrawn { reason: reason.clone() }],
            Command::Revoke { reason, basis } => vec![Change::CaseRevoked { reason: reason.clone(), basis: basis.clone() }],
            Command::Claim
            | Command::Release
            | Command::Delegate { .. }
            | Command::Suspend { .. }
            | Command::Resume
            | Command::Extend { .. }
            | Command::ApproveExtension { .. }
            | Command::ExtendJoint { .. }
            | Command::ApproveJointExtension { .. }
            | Command::Approve { .. }
            | Command::Deny { .. }
            | Command::SignStep { .. }
            | Command::ReturnStep { .. }
            | Command::ReturnToDesk { .. } => vec![self.reviewing(command, actor, context)?],
            Command::MakeCertificate { .. }
            | Command::MakeDecisionNotice { .. }
            | Command::ConfirmUpload { .. }
            | Command::FailUpload { .. }
            | Command::RetryUpload
            | Command::WaiveUpload { .. }
            | Command::ReceiveCertificate { .. }
            | Command::Notify { .. }
            | Command::RemindPickup { .. }
            | Command::HandOver { .. }
            | Command::Deliver { .. }
            | Command::Ship { .. }
            | Command::ConfirmDelivery
            | Command::ReturnCertificate { .. } => self.issuing(command, context.now),
        };
        let by = actor.staff_id().cloned();
        let is_goer_on = is_of_step(action) && action != Action::Claim;
        let acting_for = self.acts_for(actor, local_date(context.now)).filter(|_| is_goer_on).cloned();
        let under = self.basis_behind(action, actor, context).cloned();
        let event = |change| Event {
            case: self.id.clone(),
            at: context.now,
            by: by.clone(),
            acting_for: acting_for.clone(),
            under: under.clone(),
            change,
        };
        Ok(changes.into_iter().map(event).collect())
    }

    /// Putting a document into the slot where it lies, or handing in a case that has its receipt, is
    /// no error and changes nothing.
    fn repeated(&self, command: &Command) -> Option<Result<Vec<Event>, Refusal>> {
        if matches!((command, &self.state), (Command::Submit { .. }, State::Received { .. })) {
            return Some(Ok(Vec::new()));
        }
        let (Command::ReceiveCertificate { slot }, Some(document)) = (command, &self.certificate) else { return None };
        if !actions_of(&self.state).contains(&Action::ReceiveCertificate) {
            return None;
        }
        let occupied = document.slot.as_ref().filter(|_| document.custody == Custody::InCabinet)?;
        Some(if occupied == slot { Ok(Vec::new()) } else { Err(Refusal::OtherSlot { slot: occupied.clone() }) })
    }

    fn received(&self, ticket: Option<&TicketId>) -> Vec<Change> {
        let brought = ticket.filter(|_| self.online.is_some()).map(|ticket| Change::ApplicationBrought { ticket: ticket.clone() });
        brought.into_iter().chain([Change::CaseReceived]).collect()
    }

    /// Where nothing has to be handed in, nobody has to come: a good application is received at once ◇.
    fn checked(&self, verdict: &PreCheck) -> Vec<Change> {
        match verdict {
            PreCheck::Supplement { text } => vec![Change::ApplicationChecked { text: Some(text.clone()) }],
            PreCheck::Ready if self.missing_materials().is_empty() => {
                vec![Change::ApplicationChecked { text: None }, Change::CaseReceived]
            }
            PreCheck::Ready => vec![Change::ApplicationChecked { text: None }],
        }
    }

    fn correction(&self, notice: &NoticeId, items: &[CorrectionItem]) -> Result<Change, Refusal> {
        let goes_beyond = self.frozen_items().is_some_and(|frozen| {
            let repeats = |item: &CorrectionItem| frozen.iter().any(|earlier| item.repeats(earlier));
            !items.iter().all(repeats)
        });
        let exception: Option<TextId> = match (&self.exception, goes_beyond) {
            (Some(exception), true) => Some(exception.reason.clone()),
            (None, true) => return Err(Refusal::CorrectionFrozen),
            (_, false) => None,
        };
        Ok(Change::CorrectionRequested { notice: notice.clone(), items: items.to_vec(), exception })
    }

    fn confirmed(&self, opinion: Option<&TextId>) -> Vec<Change> {
        match &self.state {
            State::RefusalProposed { reason, text, .. } => {
                vec![Change::CaseRefused { reason: *reason, text: text.clone(), opinion: opinion.cloned() }]
            }
            _ => Vec::new(),
        }
    }

    fn accepting(&self, command: &Command, now: Millis) -> Vec<Change> {
        let accepted = |mode, clock_from, promised: &[PromisedMaterial]| Change::CaseAccepted {
            mode,
            clock_from,
            promised_days: self.matter.promised_days,
            statutory_days: self.matter.statutory_days,
            promised: promised.to_vec(),
        };
        let routed = Change::CaseRouted { department: self.matter.department.clone() };
        let from = self.accepted_from(now);
        match command {
            Command::AcceptTolerant { promised } => vec![accepted(AcceptanceMode::Tolerant, from, promised), routed],
            Command::OverturnRefusal { opinion } => {
                vec![Change::RefusalOverturned { opinion: opinion.clone() }, accepted(AcceptanceMode::RefusalOverturned, now, &[]), routed]
            }
            Command::DeemAccepted => {
                vec![accepted(AcceptanceMode::Deemed, self.acceptance_from().unwrap_or(now), &[]), routed]
            }
            Command::DecideInstant { opinion } => {
                let decided = Change::CaseDecided { outcome: self.approval(), opinion: opinion.clone(), reason_code: None, instant: true };
                if self.acceptance.is_some() { vec![decided] } else { vec![accepted(AcceptanceMode::Full, from, &[]), decided] }
            }
            _ => vec![accepted(AcceptanceMode::Full, from, &[]), routed],
        }
    }

    fn approval(&self) -> DecisionOutcome {
        if self.open_promises().is_empty() { DecisionOutcome::Approved } else { DecisionOutcome::ApprovedTolerant }
    }

    fn reviewing(&self, command: &Command, actor: &Actor, context: &Context) -> Result<Change, Refusal> {
        let decided = |outcome, opinion, reason_code| Change::CaseDecided { outcome, opinion, reason_code, instant: false };
        let Actor::Staff(staff) = actor else { return Err(Refusal::NotAllowed { action: command.action() }) };
        let today = local_date(context.now);
        let held = || self.held_step(staff, today).map(|(step, _)| step.clone());
        Ok(match command {
            Command::Release => Change::CaseReleased { step: held() },
            Command::Delegate { to } => {
                when(self.can_take_over(actor, to, context), Refusal::DelegateNotEligible)?;
                Change::CaseDelegated { reviewer: to.id.clone(), step: held() }
            }
            Command::SignStep { agrees, opinion } => {
                Change::StepSigned { step: held().ok_or(Refusal::StepUnclaimed)?, agrees: *agrees, opinion: opinion.clone() }
            }
            Command::ReturnStep { text } => Change::StepReturned { step: held().ok_or(Refusal::StepUnclaimed)?, text: text.clone() },
            Command::Suspend { procedure, days, basis } => Change::CaseSuspended {
                procedure: *procedure,
                days: *days,
                basis: basis.clone(),
                stops_clock: self.matter.stops_clock(*procedure),
            },
            Command::Resume => Change::CaseResumed,
            Command::Extend { days, reason } => Change::ExtensionRequested { days: *days, reason: reason.clone() },
            Command::ApproveExtension { opinion } => Change::ExtensionApproved { opinion: opinion.clone() },
            Command::ExtendJoint { days, reason } => Change::JointExtensionRequested { days: *days, reason: reason.clone() },
            Command::ApproveJointExtension { opinion } => Change::JointExtensionApproved { opinion: opinion.clone() },
            Command::Approve { opinion } => decided(self.approval(), opinion.clone(), None),
            Command::Deny { reason_code, opinion } => decided(DecisionOutcome::Denied, Some(opinion.clone()), Some(reason_code.clone())),
            Command::ReturnToDesk { text } => Change::CaseReturned { text: text.clone() },
            _ => {
                let step = self.claimable_step(staff, today).map(|step| step.id.clone());
                Change::CaseClaimed { reviewer: staff.id.clone(), step }
            }
        })
    }

    fn issuing(&self, command: &Command, now: Millis) -> Vec<Change> {
        let leaves = |change: Change, also_finished: bool| {
            let mut changes = vec![change];
            if !matches!(self.state, State::Issued { .. }) {
                changes.push(Change::CaseIssued);
            }
            if also_finished {
                changes.push(Change::CaseFinished);
            }
            changes
        };
        match command {
            Command::MakeCertificate { certificate, number, valid_from, valid_to } => vec![Change::CertificateMade {
                certificate: certificate.clone(),
                number: number.clone(),
                valid_from: *valid_from,
                valid_to: *valid_to,
                upload_required: self.matter.uploads_certificate,
            }],
            Command::MakeDecisionNotice { certificate } => vec![Change::DecisionNoticeMade { certificate: certificate.clone() }],
            Command::ConfirmUpload { identifier } => vec![Change::UploadConfirmed { identifier: identifier.clone() }],
            Command::FailUpload { failure } => vec![Change::UploadFailed { failure: failure.clone() }],
            Command::RetryUpload => vec![Change::UploadRetried],
            Command::WaiveUpload { reason } => vec![Change::UploadWaived { reason: reason.clone() }],
            Command::ReceiveCertificate { slot } => vec![Change::CertificateReceived { slot: slot.clone() }],
            Command::Notify { channels } => vec![Change::ApplicantNotified { channels: channels.clone() }],
            // Two timers may have found it due.
            Command::RemindPickup { rung, .. } if self.certificate.as_ref().is_some_and(|document| document.rung >= *rung) => Vec::new(),
            Command::RemindPickup { rung, channels } => vec![Change::PickupReminded { rung: *rung, channels: channels.clone() }],
            Command::HandOver { collector, relation, signature, authorisation } => {
                let handed_over = Change::CertificateHandedOver {
                    collector: collector.clone(),
                    relation: *relation,
                    signature: signature.clone(),
                    authorisation: authorisation.clone(),
                };
                self.used_authorisation(collector, *relation, now).into_iter().chain(leaves(handed_over, true)).collect()
            }
            Command::Deliver { certificate, collector, relation, authorisation } => {
                let made = Change::DecisionNoticeMade { certificate: certificate.clone() };
                let handed_over = Change::CertificateHandedOver {
                    collector: collector.clone(),
                    relation: *relation,
                    signature: None,
                    authorisation: authorisation.clone(),
                };
                let used = self.used_authorisation(collector, *relation, now);
                std::iter::once(made).chain(used).chain(leaves(handed_over, true)).collect()
            }
            Command::Ship { carrier, waybill } => {
                leaves(Change::CertificateShipped { carrier: carrier.clone(), waybill: waybill.clone() }, false)
            }
            Command::ConfirmDelivery => vec![Change::CertificateDelivered, Change::CaseFinished],
            Command::ReturnCertificate { reason } => vec![Change::CertificateReturned { reason: reason.clone() }],
            _ => Vec::new(),
        }
    }
}
