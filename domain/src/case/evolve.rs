//! What each event changes. Total: an event is a fact, so nothing here refuses and no rule is checked.

use super::approval::{Approval, Signature, StepId};
use super::certificate::{Certificate, Collection, Custody, DocumentKind, Relation, Shipment, Upload};
use super::command::{Opening, PromisedMaterial};
use super::event::{Change, Event};
use super::facts::{
    Acceptance, CorrectionException, CorrectionNotice, Decision, Extension, HistoryEntry, MaterialEntry, SubmissionStatus, Suspension,
};
use super::online::{Application, Online, OnlineStep};
use super::state::{Case, Closure, State};
use crate::ids::{CertificateId, PersonId, StaffId, TextId};
use crate::time::Millis;

impl Case {
    /// The case that an opening event begins; `None` for any other event.
    #[must_use]
    pub fn from_opening(event: &Event) -> Option<Self> {
        let Change::CaseOpened { opening } = &event.change else { return None };
        let mut case = Self::draft(opening.as_ref(), event.at);
        case.record(event);
        Some(case)
    }

    /// The case after all its events; `None` unless they begin with the opening.
    #[must_use]
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let mut case = Self::from_opening(events.next()?)?;
        events.for_each(|event| case.evolve(event));
        Some(case)
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        self.apply(event);
        self.record(event);
    }

    fn draft(opening: &Opening, at: Millis) -> Self {
        Self {
            id: opening.id.clone(),
            site: opening.site.clone(),
            number: opening.number.clone(),
            query_code: opening.query_code.clone(),
            tracking_code: opening.tracking_code.clone(),
            ticket: opening.ticket.clone(),
            bundle: opening.bundle.clone(),
            bundle_case: opening.bundle_case.clone(),
            department: opening.matter.department.clone(),
            matter: opening.matter.clone(),
            situations: opening.situations.clone(),
            applicant: opening.applicant.clone(),
            agent: opening.agent.clone(),
            form: opening.form.clone(),
            first_contact: None,
            receipt_at: None,
            paper: opening.paper.clone(),
            state: State::Draft { since: at },
            version: 0,
            materials: opening.materials.clone(),
            attachments: Vec::new(),
            notices: Vec::new(),
            exception: None,
            acceptance: None,
            approval: Approval::default(),
            suspensions: Vec::new(),
            extension: None,
            joint_extension: None,
            decision: None,
            certificate: None,
            history: Vec::new(),
            new_term: None,
            reuse: None,
            online: opening.online.clone().map(|draft| Online { draft, step: OnlineStep::Filling }),
            courier_to: None,
            authorisation: None,
        }
    }

    fn record(&mut self, event: &Event) {
        self.version += 1;
        let state = self.state.name().to_owned();
        let text = event.change.text().cloned();
        let earlier = self.paper.as_ref().filter(|_| matches!(event.change, Change::CaseReceived)).map(|paper| paper.received_at);
        self.history.push(HistoryEntry {
            at: earlier.unwrap_or(event.at),
            entered_at: earlier.map(|_| event.at),
            by: event.by.clone(),
            kind: event.kind().to_owned(),
            state,
            text,
            acting_for: event.acting_for.clone(),
            under: event.under.clone(),
            step: event.change.step().cloned(),
            agrees: match &event.change {
                Change::StepSigned { agrees, .. } => Some(*agrees),
                _ => None,
            },
        });
    }

    fn apply(&mut self, event: &Event) {
        let (at, by) = (event.at, &event.by);
        match &event.change {
            Change::CaseOpened { .. } => {}
            Change::ApplicationSubmitted { application } => self.submitted(application, at),
            Change::ApplicationChecked { text } => self.step_on(match text.clone() {
                Some(text) => OnlineStep::Supplement { at, text },
                None => OnlineStep::Ready { at },
            }),
            Change::ApplicationBrought { ticket } => self.ticket = Some(ticket.clone()),
            Change::CourierChosen { .. }
            | Change::PickupChosen
            | Change::AgentAuthorised { .. }
            | Change::AuthorisationWithdrawn
            | Change::AuthorisationUsed => self.settle(&event.change, at),
            Change::CaseReceived => {
                let at = self.paper.as_ref().map_or(at, |paper| paper.received_at);
                self.receipt_at = Some(at);
                self.first_contact.clone_from(by);
                self.state = State::Received { since: at, acceptance_from: at };
            }
            Change::CaseUpdated { materials, form } => {
                if let Some(materials) = materials {
                    self.materials.clone_from(materials);
                }
                if form.is_some() {
                    self.form.clone_from(form);
                }
            }
            Change::CorrectionRequested { notice, items, exception } => {
                if exception.is_some() {
                    self.exception = None;
                }
                self.notices.push(CorrectionNotice {
                    id: notice.clone(),
                    at,
                    by: by.clone(),
                    items: items.clone(),
                    exception: exception.clone(),
                    supplied_at: None,
                });
                self.state = State::Correcting { since: at, notice: notice.clone(), reminded_at: None };
            }
            Change::CorrectionExceptionRecorded { reason } => {
                self.exception = Some(CorrectionException { at, by: by.clone(), reason: reason.clone() });
            }
            Change::CorrectionReminded => {
                if let State::Correcting { reminded_at, .. } = &mut self.state {
                    *reminded_at = Some(at);
                }
            }
            Change::MaterialsSupplied { materials } => self.supplied(materials, at),
            Change::ReuseConsented { .. }
            | Change::MaterialsReused { .. }
            | Change::FormPrefilled { .. }
            | Change::ReuseConsentWithdrawn { .. } => self.reused(&event.change, at, by.as_ref()),
            Change::PromiseExtended { due, reason, materials } => self.promise_extended(*due, reason, materials, at, by.as_ref()),
            Change::AttachmentAdded { attachment } => self.attachments.push((**attachment).clone()),
            Change::AttachmentRemoved { attachment, .. } => self.attachments.retain(|known| known.id != *attachment),
            Change::RefusalProposed { reason, text } => {
                if let (Some(acceptance_from), Some(by)) = (self.acceptance_from(), by) {
                    self.state = State::RefusalProposed { since: at, acceptance_from, by: by.clone(), reason: *reason, text: text.clone() };
                }
            }
            Change::RefusalOverturned { .. } => {}
            Change::ApplicantNotified { .. } => {
                if let Some(certificate) = &mut self.certificate {
                    certificate.notified_at = Some(at);
                    certificate.told_at.get_or_insert(at);
                }
            }
            Change::PickupReminded { rung, .. } => {
                if let Some(certificate) = &mut self.certificate {
                    (certificate.rung, certificate.reminded_at) = (*rung, Some(at));
                }
            }
            Change::CaseAccepted { mode, clock_from, promised_days, statutory_days, promised } => {
                self.promised(promised);
                self.acceptance = Some(Acceptance {
                    at,
                    clock_from: *clock_from,
                    mode: *mode,
                    promised_days: *promised_days,
                    statutory_days: *statutory_days,
                });
                self.state = State::Accepted { since: at, returned: None };
            }
            Change::CaseRouted { department } => self.department = department.clone(),
            Change::CaseClaimed { .. }
            | Change::CaseDelegated { .. }
            | Change::CaseReleased { .. }
            | Change::StepSigned { .. }
            | Change::StepReturned { .. } => self.stepped(event),
            Change::CaseReturned { text } => {
                self.approval = Approval::default();
                self.state = State::Accepted { since: at, returned: Some(text.clone()) };
            }
            Change::CaseSuspended { .. }
            | Change::CaseResumed
            | Change::ExtensionRequested { .. }
            | Change::ExtensionApproved { .. }
            | Change::JointExtensionRequested { .. }
            | Change::JointExtensionApproved { .. }
            | Change::CaseDecided { .. } => self.reviewed(event),
            Change::CertificateMade { .. }
            | Change::DecisionNoticeMade { .. }
            | Change::UploadConfirmed { .. }
            | Change::UploadFailed { .. }
            | Change::UploadRetried
            | Change::UploadWaived { .. }
            | Change::CertificateReceived { .. }
            | Change::CertificateHandedOver { .. }
            | Change::CertificateShipped { .. }
            | Change::CertificateDelivered
            | Change::CertificateReturned { .. } => self.certificate_moved(&event.change, at, by),
            Change::CaseIssued => self.state = State::Issued { since: at },
            Change::CaseFinished => self.close(Closure::Finished, at),
            Change::CaseRefused { reason, text, .. } => self.close(Closure::Refused { reason: *reason, text: text.clone() }, at),
            Change::CaseWithdrawn { reason } => {
                let closure = Closure::Withdrawn { after_acceptance: self.acceptance.is_some(), reason: reason.clone() };
                self.close(closure, at);
            }
            Change::CaseRevoked { reason, basis } => self.close(Closure::Revoked { reason: reason.clone(), basis: basis.clone() }, at),
            Change::CaseLapsed => self.close(Closure::Lapsed, at),
        }
    }

    fn submitted(&mut self, application: &Application, at: Millis) {
        let sent = application.clone();
        self.department = sent.matter.department.clone();
        (self.matter, self.situations, self.materials) = (sent.matter, sent.situations, sent.materials);
        (self.applicant, self.agent, self.form) = (sent.applicant, sent.agent, sent.form);
        self.agreed_online(sent.reuse_consent, at);
        self.step_on(OnlineStep::Submitted { at });
    }

    fn step_on(&mut self, step: OnlineStep) {
        if let Some(online) = &mut self.online {
            online.step = step;
        }
    }

    fn close(&mut self, closure: Closure, at: Millis) {
        self.end_suspension(at);
        self.state = State::Closed { since: at, closure };
    }

    fn end_suspension(&mut self, at: Millis) {
        if let Some(open) = self.suspensions.last_mut().filter(|suspension| suspension.to.is_none()) {
            open.to = Some(at);
        }
    }

    fn supplied(&mut self, materials: &[MaterialEntry], at: Millis) {
        for entry in materials {
            self.put_material(entry.clone());
        }
        match &mut self.state {
            State::Correcting { .. } => {
                if let Some(notice) = self.notices.last_mut() {
                    notice.supplied_at = Some(at);
                }
                self.state = State::Received { since: at, acceptance_from: at };
            }
            State::Accepted { returned, .. } => *returned = None,
            State::Draft { .. }
            | State::Received { .. }
            | State::RefusalProposed { .. }
            | State::InReview { .. }
            | State::Suspended { .. }
            | State::Decided { .. }
            | State::Issued { .. }
            | State::Closed { .. } => {}
        }
    }

    fn promised(&mut self, promised: &[PromisedMaterial]) {
        for promise in promised {
            self.put_material(MaterialEntry {
                material: promise.material.clone(),
                status: SubmissionStatus::Promised,
                originals: 0,
                copies: 0,
                due: Some(promise.due),
            });
        }
    }

    pub(super) fn put_material(&mut self, entry: MaterialEntry) {
        match self.materials.iter_mut().find(|known| known.material == entry.material) {
            Some(known) => *known = entry,
            None => self.materials.push(entry),
        }
    }

    /// Who has it in hand, and what of its steps is signed.
    fn stepped(&mut self, event: &Event) {
        let at = event.at;
        match &event.change {
            Change::CaseClaimed { reviewer, step } | Change::CaseDelegated { reviewer, step } => match step {
                None => self.state = State::InReview { since: at, reviewer: Some(reviewer.clone()) },
                Some(step) => {
                    self.approval.holders.insert(step.clone(), reviewer.clone());
                    if !matches!(self.state, State::InReview { .. }) {
                        self.state = State::InReview { since: at, reviewer: None };
                    }
                }
            },
            Change::CaseReleased { step } => {
                if let Some(step) = step {
                    self.approval.holders.remove(step);
                }
                // Where something of it was done, the department goes on with it.
                if self.approval.is_untouched() {
                    self.state = State::Accepted { since: at, returned: None };
                }
            }
            Change::StepSigned { step, agrees, opinion } => {
                if let Some(by) = &event.by {
                    let signature = Signature {
                        step: step.clone(),
                        by: by.clone(),
                        acting_for: event.acting_for.clone(),
                        at,
                        agrees: *agrees,
                        opinion: opinion.clone(),
                    };
                    self.approval.sign(signature, &self.matter.approval);
                }
            }
            Change::StepReturned { text, .. } => self.approval.step_back(text, &self.matter.approval),
            _ => {}
        }
    }

    fn reviewed(&mut self, event: &Event) {
        let (at, by) = (event.at, &event.by);
        match &event.change {
            Change::CaseSuspended { procedure, days, basis, stops_clock } => {
                self.suspensions.push(Suspension {
                    procedure: *procedure,
                    days: *days,
                    basis: basis.clone(),
                    stops_clock: *stops_clock,
                    from: at,
                    to: None,
                });
                if let State::InReview { reviewer, .. } = &self.state {
                    self.state = State::Suspended { since: at, reviewer: reviewer.clone() };
                }
            }
            Change::CaseResumed => {
                self.end_suspension(at);
                if let State::Suspended { reviewer, .. } = &self.state {
                    self.state = State::InReview { since: at, reviewer: reviewer.clone() };
                }
            }
            Change::ExtensionRequested { days, reason } => self.extension = Some(asked(*days, reason, at, by)),
            Change::JointExtensionRequested { days, reason } => self.joint_extension = Some(asked(*days, reason, at, by)),
            Change::ExtensionApproved { .. } => given(self.extension.as_mut(), at, by),
            Change::JointExtensionApproved { .. } => given(self.joint_extension.as_mut(), at, by),
            Change::CaseDecided { outcome, opinion, reason_code, instant } => {
                self.decision = Some(Decision {
                    outcome: *outcome,
                    at,
                    by: by.clone(),
                    opinion: opinion.clone(),
                    reason_code: reason_code.clone(),
                    instant: *instant,
                    acting_for: event.acting_for.clone(),
                });
                self.approval.holders.clear();
                self.state = State::Decided { since: at };
            }
            _ => {}
        }
    }

    fn certificate_moved(&mut self, change: &Change, at: Millis, by: &Option<StaffId>) {
        match change {
            Change::CertificateMade { certificate, number, valid_from, valid_to, upload_required } => {
                self.certificate = Some(Certificate {
                    kind: DocumentKind::Certificate,
                    number: Some(number.clone()),
                    valid_from: Some(*valid_from),
                    valid_to: *valid_to,
                    upload: if *upload_required { Upload::Pending } else { Upload::NotRequired },
                    ..notice(certificate, at, by)
                });
            }
            Change::DecisionNoticeMade { certificate } => self.certificate = Some(notice(certificate, at, by)),
            _ => {
                if let Some(certificate) = &mut self.certificate {
                    move_document(certificate, change, at, by);
                }
            }
        }
    }
}

fn asked(days: u32, reason: &TextId, at: Millis, by: &Option<StaffId>) -> Extension {
    Extension { days, reason: reason.clone(), requested_by: by.clone(), requested_at: at, approved_at: None, approved_by: None }
}

fn given(extension: Option<&mut Extension>, at: Millis, by: &Option<StaffId>) {
    if let Some(extension) = extension {
        extension.approved_at = Some(at);
        extension.approved_by.clone_from(by);
    }
}

fn notice(id: &CertificateId, at: Millis, by: &Option<StaffId>) -> Certificate {
    Certificate {
        id: id.clone(),
        kind: DocumentKind::DecisionNotice,
        number: None,
        valid_from: None,
        valid_to: None,
        made_at: at,
        made_by: by.clone(),
        upload: Upload::NotRequired,
        identifier: None,
        upload_failure: None,
        waiver: None,
        custody: Custody::Made,
        slot: None,
        notified_at: None,
        told_at: None,
        rung: 0,
        reminded_at: None,
        shipment: None,
        collection: None,
    }
}

fn move_document(document: &mut Certificate, change: &Change, at: Millis, by: &Option<StaffId>) {
    match change {
        Change::UploadConfirmed { identifier } => {
            document.upload = Upload::Confirmed;
            document.upload_failure = None;
            document.identifier = Some(identifier.clone());
        }
        Change::UploadFailed { failure } => {
            document.upload = Upload::Failed;
            document.upload_failure = Some(failure.clone());
        }
        Change::UploadRetried => document.upload = Upload::Pending,
        Change::UploadWaived { reason } => {
            document.upload = Upload::Waived;
            document.waiver = Some(reason.clone());
        }
        Change::CertificateReceived { slot } => {
            document.custody = Custody::InCabinet;
            document.slot = Some(slot.clone());
            // It came back, or is new: whoever is told is told from the beginning.
            (document.notified_at, document.told_at, document.rung, document.reminded_at) = (None, None, 0, None);
        }
        Change::CertificateHandedOver { collector, relation, signature, authorisation } => {
            leave_cabinet(document, Custody::HandedOver);
            document.collection = Some(Collection {
                signature: signature.clone(),
                authorisation: authorisation.clone(),
                ..collection(at, by, Some((collector, *relation)))
            });
        }
        Change::CertificateShipped { carrier, waybill } => {
            leave_cabinet(document, Custody::Shipped);
            document.shipment = Some(Shipment { at, carrier: carrier.clone(), waybill: waybill.clone() });
        }
        Change::CertificateDelivered => {
            document.custody = Custody::Delivered;
            document.collection = Some(collection(at, by, None));
        }
        Change::CertificateReturned { .. } => leave_cabinet(document, Custody::Returned),
        _ => {}
    }
}

fn leave_cabinet(document: &mut Certificate, custody: Custody) {
    document.custody = custody;
    document.slot = None;
}

fn collection(at: Millis, by: &Option<StaffId>, collector: Option<(&PersonId, Relation)>) -> Collection {
    let (collector, relation) = collector.map(|(person, relation)| (person.clone(), relation)).unzip();
    Collection { at, by: by.clone(), collector, relation, signature: None, authorisation: None }
}

impl Change {
    /// The step of the approval that it belongs to, if to one.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::CaseClaimed { step, .. } | Self::CaseReleased { step } | Self::CaseDelegated { step, .. } => step.as_ref(),
            Self::StepSigned { step, .. } | Self::StepReturned { step, .. } => Some(step),
            _ => None,
        }
    }

    /// What a person wrote to it, if anything.
    #[must_use]
    pub fn text(&self) -> Option<&TextId> {
        match self {
            Self::CorrectionExceptionRecorded { reason }
            | Self::ExtensionRequested { reason, .. }
            | Self::JointExtensionRequested { reason, .. }
            | Self::PromiseExtended { reason, .. }
            | Self::UploadWaived { reason }
            | Self::CertificateReturned { reason }
            | Self::CaseWithdrawn { reason }
            | Self::AttachmentRemoved { reason, .. }
            | Self::CaseRevoked { reason, .. } => Some(reason),
            Self::RefusalProposed { text, .. } | Self::CaseReturned { text } | Self::StepReturned { text, .. } => Some(text),
            Self::RefusalOverturned { opinion } => Some(opinion),
            Self::ApplicationChecked { text } => text.as_ref(),
            Self::CaseOpened { opening } => opening.paper.as_ref().map(|paper| &paper.reason),
            Self::CaseRefused { opinion, .. }
            | Self::ExtensionApproved { opinion }
            | Self::JointExtensionApproved { opinion }
            | Self::StepSigned { opinion, .. }
            | Self::CaseDecided { opinion, .. } => opinion.as_ref(),
            Self::ApplicationSubmitted { .. }
            | Self::ApplicationBrought { .. }
            | Self::CourierChosen { .. }
            | Self::PickupChosen
            | Self::AgentAuthorised { .. }
            | Self::AuthorisationWithdrawn
            | Self::AuthorisationUsed
            | Self::CaseReceived
            | Self::CaseUpdated { .. }
            | Self::CorrectionRequested { .. }
            | Self::CorrectionReminded
            | Self::MaterialsSupplied { .. }
            | Self::ReuseConsented { .. }
            | Self::MaterialsReused { .. }
            | Self::FormPrefilled { .. }
            | Self::ReuseConsentWithdrawn { .. }
            | Self::AttachmentAdded { .. }
            | Self::CaseAccepted { .. }
            | Self::CaseRouted { .. }
            | Self::CaseClaimed { .. }
            | Self::CaseReleased { .. }
            | Self::CaseDelegated { .. }
            | Self::CaseSuspended { .. }
            | Self::CaseResumed
            | Self::CertificateMade { .. }
            | Self::DecisionNoticeMade { .. }
            | Self::UploadConfirmed { .. }
            | Self::UploadFailed { .. }
            | Self::UploadRetried
            | Self::CertificateReceived { .. }
            | Self::ApplicantNotified { .. }
            | Self::PickupReminded { .. }
            | Self::CertificateHandedOver { .. }
            | Self::CertificateShipped { .. }
            | Self::CertificateDelivered
            | Self::CaseIssued
            | Self::CaseFinished
            | Self::CaseLapsed => None,
        }
    }
}
