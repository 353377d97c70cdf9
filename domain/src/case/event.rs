//! What happened to a case. Events name persons and texts by id and never hold their content.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actor::Basis;
use super::approval::StepId;
use super::certificate::Relation;
use super::command::{Opening, PromisedMaterial};
use super::delivery::AgentScope;
use super::facts::{AcceptanceMode, Attachment, CorrectionItem, DecisionOutcome, MaterialEntry};
use super::matter::Procedure;
use super::online::Application;
use super::reuse::{ConsentWay, Prefill, ReusedMaterial};
use super::state::RefusalReason;
use crate::ids::{AttachmentId, CaseId, CertificateId, DepartmentId, MaterialId, NoticeId, PersonId, StaffId, TextId, TicketId};
use crate::time::Millis;

/// One event of a case: `{"case":"c_…","at":…,"by":"s_…","type":"case_accepted",…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The case.
    pub case: CaseId,
    /// When, UTC ms.
    pub at: Millis,
    /// By whom of the staff; `None` for timers, gateways and applicants.
    pub by: Option<StaffId>,
    /// In whose place, where a cover (B角) went on with what somebody who is away had claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
    /// On which basis, where somebody decided in a department's name; as it was then, whatever becomes of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Basis>,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

impl Event {
    /// The kind as in the JSON field `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.change.kind()
    }
}

macro_rules! changes {
    ($( $(#[$doc:meta])* $name:ident = $kind:literal $( { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )? ;)*) => {
        /// What an event changes.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        pub enum Change {
            $( $(#[$doc])* #[serde(rename = $kind)] $name $( { $( $(#[$fdoc])* $field: $type ),* } )?, )*
        }

        impl Change {
            /// Every kind, in the order of a case's life.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The kind as in the JSON field `type`.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name { .. } => $kind, )* }
            }
        }
    };
}

changes! {
    /// Data was taken down; no receipt yet.
    CaseOpened = "case_opened" {
        /// Everything it was opened with.
        opening: Box<Opening>,
    };
    /// The applicant sent an online application, or sent it again.
    ApplicationSubmitted = "application_submitted" {
        /// All of it.
        application: Box<Application>,
    };
    /// 预审: `text` says what has to be mended; without it the applicant can come.
    ApplicationChecked = "application_checked" {
        /// What has to be mended.
        text: Option<TextId>,
    };
    /// The applicant of an online application is at a window; `case_received` follows.
    ApplicationBrought = "application_brought" {
        /// The ticket of the visit.
        ticket: TicketId,
    };
    /// The applicant wants the result by courier.
    CourierChosen = "courier_chosen" {
        /// Who gets the parcel.
        recipient: PersonId,
    };
    /// The applicant fetches it after all.
    PickupChosen = "pickup_chosen";
    /// The applicant lets somebody act in this case.
    AgentAuthorised = "agent_authorised" {
        /// Who.
        agent: PersonId,
        /// What for.
        scope: AgentScope,
        /// The last day.
        until: NaiveDate,
    };
    /// The applicant took that back.
    AuthorisationWithdrawn = "authorisation_withdrawn";
    /// The agent collected the result by it.
    AuthorisationUsed = "authorisation_used";
    /// 接件.
    CaseReceived = "case_received";
    /// Checklist or form changed.
    CaseUpdated = "case_updated" {
        /// The whole checklist, if it changed.
        materials: Option<Vec<MaterialEntry>>,
        /// The form, if it changed.
        form: Option<TextId>,
    };
    /// 一次性告知.
    CorrectionRequested = "correction_requested" {
        /// The notice.
        notice: NoticeId,
        /// The list.
        items: Vec<CorrectionItem>,
        /// The exception it used up.
        exception: Option<TextId>,
    };
    /// A supervisor's leave to go beyond the list.
    CorrectionExceptionRecorded = "correction_exception_recorded" {
        /// Why.
        reason: TextId,
    };
    /// The one reminder.
    CorrectionReminded = "correction_reminded";
    /// Materials handed in.
    MaterialsSupplied = "materials_supplied" {
        /// The lines that changed.
        materials: Vec<MaterialEntry>,
    };
    /// The applicant agreed that what was handed in before counts for this case.
    ReuseConsented = "reuse_consented" {
        /// How.
        way: ConsentWay,
        /// Which version of the text was agreed to.
        text_version: u32,
        /// The signature, if one was taken.
        signature: Option<TextId>,
    };
    /// Materials of earlier cases count for this one.
    MaterialsReused = "materials_reused" {
        /// Which.
        materials: Vec<ReusedMaterial>,
        /// Their files: the same contents under new ids.
        attachments: Vec<Attachment>,
    };
    /// Fields of the form were filled in from an earlier case.
    FormPrefilled = "form_prefilled" {
        /// Which, and from where.
        prefill: Prefill,
    };
    /// The applicant took that consent back.
    ReuseConsentWithdrawn = "reuse_consent_withdrawn" {
        /// The form without what was filled in so.
        form: Option<TextId>,
    };
    /// A file was added; its name is a sealed text.
    AttachmentAdded = "attachment_added" {
        /// The file.
        attachment: Box<Attachment>,
    };
    /// A file was taken away.
    AttachmentRemoved = "attachment_removed" {
        /// The file.
        attachment: AttachmentId,
        /// Why.
        reason: TextId,
    };
    /// A clerk proposed not to accept.
    RefusalProposed = "refusal_proposed" {
        /// Why.
        reason: RefusalReason,
        /// The words.
        text: TextId,
    };
    /// The department overturned that; `case_accepted` follows.
    RefusalOverturned = "refusal_overturned" {
        /// Its opinion.
        opinion: TextId,
    };
    /// 受理, in every mode.
    CaseAccepted = "case_accepted" {
        /// How.
        mode: AcceptanceMode,
        /// The instant whose day the limits count from.
        clock_from: Millis,
        /// Promised limit, working days.
        promised_days: Option<u32>,
        /// Statutory limit, working days.
        statutory_days: Option<u32>,
        /// What the applicant promised to hand in later.
        promised: Vec<PromisedMaterial>,
    };
    /// Put before the department's candidate group.
    CaseRouted = "case_routed" {
        /// The department.
        department: DepartmentId,
    };
    /// Taken from the group.
    CaseClaimed = "case_claimed" {
        /// By whom.
        reviewer: StaffId,
        /// Which step, where the matter has steps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
    };
    /// Given back to the group.
    CaseReleased = "case_released" {
        /// Which step, where the matter has steps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
    };
    /// Handed to a colleague.
    CaseDelegated = "case_delegated" {
        /// To whom.
        reviewer: StaffId,
        /// Which step, where the matter has steps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
    };
    /// A step before the decision is done.
    StepSigned = "step_signed" {
        /// Which.
        step: StepId,
        /// 同意 or 不同意.
        agrees: bool,
        /// The opinion.
        opinion: Option<TextId>,
    };
    /// Back to the stage before.
    StepReturned = "step_returned" {
        /// Whose person sent it back.
        step: StepId,
        /// Why.
        text: TextId,
    };
    /// Special procedure begins.
    CaseSuspended = "case_suspended" {
        /// Which.
        procedure: Procedure,
        /// Working days told to the applicant.
        days: u32,
        /// Legal basis.
        basis: String,
        /// Whether its time is outside the limits.
        stops_clock: bool,
    };
    /// Special procedure ends.
    CaseResumed = "case_resumed";
    /// More days asked for.
    ExtensionRequested = "extension_requested" {
        /// Working days.
        days: u32,
        /// Why.
        reason: TextId,
    };
    /// More days given.
    ExtensionApproved = "extension_approved" {
        /// Opinion.
        opinion: Option<TextId>,
    };
    /// More days asked for, for all cases of the bundle together.
    JointExtensionRequested = "joint_extension_requested" {
        /// Working days.
        days: u32,
        /// Why.
        reason: TextId,
    };
    /// More days given to all of them.
    JointExtensionApproved = "joint_extension_approved" {
        /// Opinion.
        opinion: Option<TextId>,
    };
    /// A new term for what was promised and missed.
    PromiseExtended = "promise_extended" {
        /// The new last day.
        due: NaiveDate,
        /// Why.
        reason: TextId,
        /// What was missed.
        materials: Vec<MaterialId>,
    };
    /// Back to the desk.
    CaseReturned = "case_returned" {
        /// What has to be mended.
        text: TextId,
    };
    /// 办结.
    CaseDecided = "case_decided" {
        /// What.
        outcome: DecisionOutcome,
        /// Opinion or reasons.
        opinion: Option<TextId>,
        /// Code of the reason of a denial.
        reason_code: Option<String>,
        /// Whether it was decided at the window.
        instant: bool,
    };
    /// A certificate was made.
    CertificateMade = "certificate_made" {
        /// The certificate.
        certificate: CertificateId,
        /// Its number.
        number: TextId,
        /// First day of validity.
        valid_from: NaiveDate,
        /// Last day of validity.
        valid_to: Option<NaiveDate>,
        /// Whether it has to be uploaded first.
        upload_required: bool,
    };
    /// A notice of the decision was made, to be handed out like a certificate.
    DecisionNoticeMade = "decision_notice_made" {
        /// The document.
        certificate: CertificateId,
    };
    /// The platform has it.
    UploadConfirmed = "upload_confirmed" {
        /// 电子证照标识.
        identifier: String,
    };
    /// The platform does not.
    UploadFailed = "upload_failed" {
        /// The gateway's code.
        failure: String,
    };
    /// It is tried again.
    UploadRetried = "upload_retried";
    /// A supervisor let it pass.
    UploadWaived = "upload_waived" {
        /// Why.
        reason: TextId,
    };
    /// Into the cabinet.
    CertificateReceived = "certificate_received" {
        /// The slot.
        slot: String,
    };
    /// The applicant is told.
    ApplicantNotified = "applicant_notified" {
        /// By which channels.
        channels: Vec<String>,
    };
    /// The applicant has not come, and is told again (阶梯通知).
    PickupReminded = "pickup_reminded" {
        /// Which rung of the ladder, from 1.
        rung: u32,
        /// By which channels.
        channels: Vec<String>,
    };
    /// 送达 at the window.
    CertificateHandedOver = "certificate_handed_over" {
        /// To whom.
        collector: PersonId,
        /// Who that is to the applicant.
        relation: Relation,
        /// The signature for it, if one was taken.
        #[serde(default)]
        signature: Option<TextId>,
        /// By what an agent collected.
        #[serde(default)]
        authorisation: Option<TextId>,
    };
    /// With a courier.
    CertificateShipped = "certificate_shipped" {
        /// The courier.
        carrier: String,
        /// The parcel's number.
        waybill: String,
    };
    /// The courier delivered.
    CertificateDelivered = "certificate_delivered";
    /// Out of the cabinet, or back from the courier.
    CertificateReturned = "certificate_returned" {
        /// Why.
        reason: TextId,
    };
    /// The result left the house.
    CaseIssued = "case_issued";
    /// The result reached the applicant.
    CaseFinished = "case_finished";
    /// 不受理 / 不予受理.
    CaseRefused = "case_refused" {
        /// Why.
        reason: RefusalReason,
        /// The words of the proposal.
        text: TextId,
        /// The department's opinion.
        opinion: Option<TextId>,
    };
    /// The applicant withdrew.
    CaseWithdrawn = "case_withdrawn" {
        /// Why.
        reason: TextId,
    };
    /// The authority revoked its decision.
    CaseRevoked = "case_revoked" {
        /// Why.
        reason: TextId,
        /// Legal basis.
        basis: String,
    };
    /// Not corrected in time.
    CaseLapsed = "case_lapsed";
}
