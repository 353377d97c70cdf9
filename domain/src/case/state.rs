//! The case and the states it can be in, each with that state's facts. No rule lives here; see
//! `decide` for what is allowed and `evolve` for what an event changes.

use serde::{Deserialize, Serialize};

use super::actor::Basis;
use super::approval::Approval;
use super::certificate::{Certificate, Custody};
use super::delivery::AgentAuthorisation;
use super::facts::{
    Acceptance, Attachment, CorrectionException, CorrectionItem, CorrectionNotice, Decision, Extension, HistoryEntry, MaterialEntry,
    SubmissionStatus, Suspension,
};
use super::matter::MatterSnapshot;
use super::online::{Online, OnlineStep};
use super::paper::PaperReceipt;
use super::promise::NewTerm;
use super::reuse::Reuse;
use crate::ids::{
    AttachmentId, BundleCaseId, BundleId, CaseId, DepartmentId, MaterialId, NoticeId, PersonId, SiteId, SituationId, StaffId, TextId,
    TicketId,
};
use crate::time::Millis;

/// The reasons for which a case is not accepted (DOMAIN §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// 依法不需要取得许可: reported as 4 不受理.
    NotRequired,
    /// 不属于本机关职权范围: reported as 5 不予受理.
    NotCompetent,
    /// 申请人依法不得提出申请: reported as 5.
    ForbiddenApplicant,
    /// 隐瞒有关情况或提供虚假材料: reported as 5.
    FalseMaterial,
}

impl RefusalReason {
    /// The code of the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotRequired => "not_required",
            Self::NotCompetent => "not_competent",
            Self::ForbiddenApplicant => "forbidden_applicant",
            Self::FalseMaterial => "false_material",
        }
    }

    /// The state reported to the province, 4 or 5.
    #[must_use]
    pub fn reporting_state(self) -> u8 {
        match self {
            Self::NotRequired => 4,
            Self::NotCompetent | Self::ForbiddenApplicant | Self::FalseMaterial => 5,
        }
    }
}

/// How a case came to be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "closed_as", rename_all = "snake_case")]
pub enum Closure {
    /// The result was handed over or delivered.
    Finished,
    /// 不受理 or 不予受理, confirmed by the department.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// The words of the notice.
        text: TextId,
    },
    /// The applicant withdrew.
    Withdrawn {
        /// After acceptance (14 撤回) or before it (2 已撤件).
        after_acceptance: bool,
        /// The signed request.
        reason: TextId,
    },
    /// The authority revoked its decision.
    Revoked {
        /// Why.
        reason: TextId,
        /// Legal basis.
        basis: String,
    },
    /// Not corrected in time.
    Lapsed,
}

impl Closure {
    /// The value of the API's list `closed_as`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Revoked { .. } => "revoked",
            Self::Lapsed => "lapsed",
        }
    }
}

/// The state of a case with that state's facts. `since` is the start of the state, UTC ms;
/// `acceptance_from` is the receipt or the last supply, from which the 5 working days count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Being filled in; no receipt was given.
    Draft {
        /// Start of the state.
        since: Millis,
    },
    /// 已接件.
    Received {
        /// Start of the state.
        since: Millis,
        /// From when the time for acceptance counts.
        acceptance_from: Millis,
    },
    /// 补正.
    Correcting {
        /// Start of the state: when the notice was handed over or sent.
        since: Millis,
        /// The notice in force.
        notice: NoticeId,
        /// When the one reminder went out.
        reminded_at: Option<Millis>,
    },
    /// A clerk proposed not to accept; the department has not answered.
    RefusalProposed {
        /// Start of the state.
        since: Millis,
        /// From when the time for acceptance counts; the proposal does not stop it.
        acceptance_from: Millis,
        /// The proposer, who never confirms.
        by: StaffId,
        /// Why.
        reason: RefusalReason,
        /// The words.
        text: TextId,
    },
    /// 已受理, with the department's candidate group.
    Accepted {
        /// Start of the state.
        since: Millis,
        /// What the desk has to mend, when the department returned it.
        returned: Option<TextId>,
    },
    /// 部门办理.
    InReview {
        /// Start of the state.
        since: Millis,
        /// Who claimed it; `None` where the matter has steps, each of which is claimed by itself.
        reviewer: Option<StaffId>,
    },
    /// 特别程序.
    Suspended {
        /// Start of the state.
        since: Millis,
        /// Who gets it back; `None` where the matter has steps.
        reviewer: Option<StaffId>,
    },
    /// 办结.
    Decided {
        /// Start of the state.
        since: Millis,
    },
    /// The result is on its way to the applicant.
    Issued {
        /// Start of the state.
        since: Millis,
    },
    /// The end.
    Closed {
        /// Start of the state.
        since: Millis,
        /// How.
        #[serde(flatten)]
        closure: Closure,
    },
}

impl State {
    /// The value of the API's list of case states.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::Received { .. } => "received",
            Self::Correcting { .. } => "correcting",
            Self::RefusalProposed { .. } => "refusal_proposed",
            Self::Accepted { .. } => "accepted",
            Self::InReview { .. } => "in_review",
            Self::Suspended { .. } => "suspended",
            Self::Decided { .. } => "decided",
            Self::Issued { .. } => "issued",
            Self::Closed { .. } => "closed",
        }
    }

    /// Who claimed the case as a whole, while somebody has.
    #[must_use]
    pub fn reviewer(&self) -> Option<&StaffId> {
        match self {
            Self::InReview { reviewer, .. } | Self::Suspended { reviewer, .. } => reviewer.as_ref(),
            _ => None,
        }
    }

    /// Start of the state, UTC ms.
    #[must_use]
    pub fn since(&self) -> Millis {
        match self {
            Self::Draft { since }
            | Self::Received { since, .. }
            | Self::Correcting { since, .. }
            | Self::RefusalProposed { since, .. }
            | Self::Accepted { since, .. }
            | Self::InReview { since, .. }
            | Self::Suspended { since, .. }
            | Self::Decided { since }
            | Self::Issued { since }
            | Self::Closed { since, .. } => *since,
        }
    }
}

/// One application for one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The case.
    pub id: CaseId,
    /// The receiving site, whose log it belongs to for ever.
    pub site: SiteId,
    /// 办件编号, by the site's pattern, at most 50 characters.
    pub number: String,
    /// 查询码, 8 characters.
    pub query_code: String,
    /// The code of the one timeline, shared with the ticket.
    pub tracking_code: String,
    /// The ticket it was received from.
    pub ticket: Option<TicketId>,
    /// The bundle it is part of.
    pub bundle: Option<BundleId>,
    /// The joint case it is part of.
    #[serde(default)]
    pub bundle_case: Option<BundleCaseId>,
    /// The matter as it was.
    pub matter: MatterSnapshot,
    /// The situations chosen.
    pub situations: Vec<SituationId>,
    /// The applicant.
    pub applicant: PersonId,
    /// Who acts for the applicant.
    pub agent: Option<PersonId>,
    /// The filled form.
    pub form: Option<TextId>,
    /// The department it is routed to.
    pub department: DepartmentId,
    /// Who received it (首问负责).
    pub first_contact: Option<StaffId>,
    /// When the receipt was given, UTC ms; `None` for a draft.
    pub receipt_at: Option<Millis>,
    /// What it was taken with on paper, where it was entered afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperReceipt>,
    /// The state.
    pub state: State,
    /// Number of events so far.
    pub version: u64,
    /// The checklist.
    pub materials: Vec<MaterialEntry>,
    /// The files, in the order in which they came.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Correction notices, in order.
    pub notices: Vec<CorrectionNotice>,
    /// A supervisor's leave that no notice has used yet.
    pub exception: Option<CorrectionException>,
    /// The acceptance.
    pub acceptance: Option<Acceptance>,
    /// How far it has come through its matter's steps.
    #[serde(default, skip_serializing_if = "Approval::is_untouched")]
    pub approval: Approval,
    /// The suspension ledger.
    pub suspensions: Vec<Suspension>,
    /// The one extension.
    pub extension: Option<Extension>,
    /// The one extension of the joint limit, where it was asked for with this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint_extension: Option<Extension>,
    /// The decision.
    pub decision: Option<Decision>,
    /// The result document.
    pub certificate: Option<Certificate>,
    /// Everything that happened.
    pub history: Vec<HistoryEntry>,
    /// The one new term for what was promised at acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_term: Option<NewTerm>,
    /// What it has of earlier cases, and by what consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse: Option<Reuse>,
    /// How it came, when its applicant sent it online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Online>,
    /// Who gets the parcel, where the applicant wants the result by courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier_to: Option<PersonId>,
    /// The newest authorisation of an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation: Option<AgentAuthorisation>,
}

impl Case {
    /// The state reported to provincial platforms, 1–15 (DOMAIN §5); `None` for a draft.
    #[must_use]
    pub fn reporting_state(&self) -> Option<u8> {
        let decided = || self.decision.as_ref().map(|decision| decision.outcome.reporting_state());
        let supplied = self.notices.iter().any(|notice| notice.supplied_at.is_some());
        match &self.state {
            State::Draft { .. } => None,
            State::Received { .. } | State::RefusalProposed { .. } => Some(if supplied { 7 } else { 1 }),
            State::Correcting { .. } => Some(6),
            State::Accepted { .. } => Some(3),
            State::InReview { .. } => Some(if self.goes_on_after_suspension() { 10 } else { 8 }),
            State::Suspended { .. } => Some(9),
            State::Decided { .. } | State::Issued { .. } => decided(),
            State::Closed { closure, .. } => match closure {
                Closure::Finished => decided(),
                Closure::Refused { reason, .. } => Some(reason.reporting_state()),
                Closure::Withdrawn { after_acceptance: true, .. } => Some(14),
                Closure::Withdrawn { after_acceptance: false, .. } | Closure::Lapsed => Some(2),
                Closure::Revoked { .. } => Some(15),
            },
        }
    }

    /// Whether the review that goes on now is one that a special procedure had interrupted: 特别程序(结束) is told once,
    /// by the step that ended it.
    fn goes_on_after_suspension(&self) -> bool {
        let began = self.history.iter().rev().take_while(|entry| entry.state == "in_review").last();
        began.is_some_and(|entry| entry.kind == "case_resumed")
    }

    /// The basis on which somebody signed or decided at an instant, as it was then.
    #[must_use]
    pub fn basis_of(&self, by: &StaffId, at: Millis) -> Option<&Basis> {
        self.history.iter().rev().find(|entry| entry.at == at && entry.by.as_ref() == Some(by))?.under.as_ref()
    }

    /// Whether nothing has come of it yet: neither decided nor closed.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.decision.is_none() && self.closed_as().is_none()
    }

    /// The certificate that waits for its owner.
    #[must_use]
    pub fn waiting_certificate(&self) -> Option<&Certificate> {
        let waits = |custody| matches!(custody, Custody::Made | Custody::InTransit | Custody::InCabinet);
        self.certificate.as_ref().filter(|certificate| waits(certificate.custody) && self.closed_as().is_none())
    }

    /// Whether the authority took its decision back.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        matches!(self.state, State::Closed { closure: Closure::Revoked { .. }, .. })
    }

    /// The value of the API's list `closed_as`, once closed.
    #[must_use]
    pub fn closed_as(&self) -> Option<&'static str> {
        match &self.state {
            State::Closed { closure, .. } => Some(closure.name()),
            _ => None,
        }
    }

    /// How far an application has come, while it is one.
    #[must_use]
    pub fn online_step(&self) -> Option<&OnlineStep> {
        let online = self.online.as_ref()?;
        matches!(self.state, State::Draft { .. }).then_some(&online.step)
    }

    /// Whether only its applicant knows of it.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        let never_sent = || self.online.as_ref().is_some_and(|online| online.step == OnlineStep::Filling);
        self.receipt_at.is_none() && never_sent()
    }

    /// From when the 5 working days for acceptance count, while they do. UTC ms.
    #[must_use]
    pub fn acceptance_from(&self) -> Option<Millis> {
        match self.state {
            State::Received { acceptance_from, .. } | State::RefusalProposed { acceptance_from, .. } => Some(acceptance_from),
            _ => None,
        }
    }

    /// Required materials that are not there.
    #[must_use]
    pub fn missing_materials(&self) -> Vec<MaterialId> {
        let required = self.matter.materials.iter().filter(|requirement| requirement.required);
        required.filter(|requirement| !self.has_material(&requirement.id)).map(|requirement| requirement.id.clone()).collect()
    }

    /// Whether a material was handed in.
    #[must_use]
    pub fn has_material(&self, material: &MaterialId) -> bool {
        self.materials.iter().any(|entry| entry.material == *material && entry.status.is_present())
    }

    /// Materials promised at acceptance that have not been handed in.
    #[must_use]
    pub fn open_promises(&self) -> Vec<&MaterialEntry> {
        self.materials.iter().filter(|entry| entry.status == SubmissionStatus::Promised && entry.due.is_some()).collect()
    }

    /// One of its files.
    #[must_use]
    pub fn attachment(&self, id: &AttachmentId) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.id == *id)
    }

    /// Every item that a notice may repeat without a supervisor; `None` before the first notice.
    #[must_use]
    pub fn frozen_items(&self) -> Option<Vec<&CorrectionItem>> {
        (!self.notices.is_empty()).then(|| self.notices.iter().flat_map(|notice| &notice.items).collect())
    }
}
