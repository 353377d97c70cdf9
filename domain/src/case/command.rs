//! What can be asked of a case. Ids, codes and numbers are given, texts are named by id.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actor::Staff;
use super::certificate::Relation;
use super::delivery::AgentScope;
use super::facts::{Attachment, CorrectionItem, MaterialEntry};
use super::matter::{MatterSnapshot, Procedure};
use super::online::{Application, OnlineDraft, PreCheck};
use super::paper::PaperReceipt;
use super::reuse::{ConsentWay, Prefill, ReusedMaterial};
use super::state::RefusalReason;
use crate::ids::{
    AttachmentId, BundleCaseId, BundleId, CaseId, CertificateId, MaterialId, NoticeId, PersonId, SiteId, SituationId, TextId, TicketId,
};
use crate::time::Millis;

/// Everything a case is opened with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The case.
    pub id: CaseId,
    /// The receiving site.
    pub site: SiteId,
    /// 办件编号.
    pub number: String,
    /// 查询码.
    pub query_code: String,
    /// The code of the one timeline: the ticket's, or a fresh one for a walk-in.
    pub tracking_code: String,
    /// The ticket, if there is one.
    pub ticket: Option<TicketId>,
    /// The bundle, if it is part of one.
    pub bundle: Option<BundleId>,
    /// The joint case, if it is part of one.
    #[serde(default)]
    pub bundle_case: Option<BundleCaseId>,
    /// The matter as published now.
    pub matter: MatterSnapshot,
    /// The situations chosen.
    pub situations: Vec<SituationId>,
    /// The applicant.
    pub applicant: PersonId,
    /// Who acts for the applicant.
    pub agent: Option<PersonId>,
    /// The filled form.
    pub form: Option<TextId>,
    /// The checklist.
    pub materials: Vec<MaterialEntry>,
    /// Who fills it in, for an application that is begun online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineDraft>,
    /// What was taken on paper before, where it is entered afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperReceipt>,
}

/// A material that the applicant promises, with its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromisedMaterial {
    /// The material.
    pub material: MaterialId,
    /// By when.
    pub due: NaiveDate,
}

/// What can be asked of an existing case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Change checklist or form before acceptance.
    Update {
        /// The whole checklist, if it changes.
        materials: Option<Vec<MaterialEntry>>,
        /// The form, if it changes.
        form: Option<TextId>,
    },
    /// 接件 of a draft.
    Submit {
        /// The ticket of the visit at which an online application is received.
        ticket: Option<TicketId>,
    },
    /// The applicant sends an online application, or sends it again.
    SubmitApplication {
        /// All of it.
        application: Box<Application>,
    },
    /// How the applicant wants the result, as often as the wish changes.
    ChooseDelivery {
        /// Who gets the parcel, with phone and address; `None`: it is fetched at the window.
        recipient: Option<PersonId>,
    },
    /// The applicant lets somebody act in this case.
    AuthoriseAgent {
        /// Who, with name, number of the document and phone.
        agent: PersonId,
        /// What for.
        scope: AgentScope,
        /// The last day.
        until: NaiveDate,
    },
    /// The applicant takes that back.
    WithdrawAuthorisation,
    /// 预审 of an online application.
    PreCheck {
        /// What it says.
        verdict: PreCheck,
    },
    /// 受理.
    Accept,
    /// 容缺受理.
    AcceptTolerant {
        /// What is promised.
        promised: Vec<PromisedMaterial>,
    },
    /// 一次性告知.
    RequestCorrection {
        /// Id of the notice to make.
        notice: NoticeId,
        /// The complete list.
        items: Vec<CorrectionItem>,
    },
    /// Leave to go beyond the frozen list once.
    RecordCorrectionException {
        /// Why.
        reason: TextId,
    },
    /// Materials handed in after a notice, a promise or a return.
    Supply {
        /// The lines of the checklist that change.
        materials: Vec<MaterialEntry>,
    },
    /// The applicant agrees that what was handed in before counts for this case.
    ConsentReuse {
        /// How.
        way: ConsentWay,
        /// Which version of the text was agreed to.
        text_version: u32,
        /// The signature, if one was taken.
        signature: Option<TextId>,
    },
    /// What was handed in with earlier cases counts for this one.
    Reuse {
        /// Which materials.
        materials: Vec<ReusedMaterial>,
        /// Their files: the same contents under new ids.
        attachments: Vec<Attachment>,
        /// Fields of the form filled in from an earlier one.
        form: Option<Prefill>,
    },
    /// The applicant takes that consent back.
    WithdrawReuse {
        /// The form without the fields that were filled in so, where there were any.
        form: Option<TextId>,
    },
    /// A file is added, whose content is kept already.
    Attach {
        /// The file.
        attachment: Box<Attachment>,
    },
    /// A file is taken away, as one of somebody else.
    RemoveAttachment {
        /// The file.
        attachment: AttachmentId,
        /// Why.
        reason: TextId,
    },
    /// The timer's one reminder to correct.
    RemindCorrection,
    /// The timer closes what was not corrected.
    Lapse,
    /// The clerk proposes not to accept.
    ProposeRefusal {
        /// Why.
        reason: RefusalReason,
        /// The words.
        text: TextId,
    },
    /// The department confirms.
    ConfirmRefusal {
        /// Its opinion.
        opinion: Option<TextId>,
    },
    /// The department overturns.
    OverturnRefusal {
        /// Its opinion.
        opinion: TextId,
    },
    /// The timer accepts by silence.
    DeemAccepted,
    /// 即办件 decided at the window; always an approval.
    DecideInstant {
        /// Opinion.
        opinion: Option<TextId>,
    },
    /// Take it from the candidate group.
    Claim,
    /// Give it back to the group.
    Release,
    /// Hand it to a colleague.
    Delegate {
        /// The colleague, who must be able to decide it.
        to: Box<Staff>,
    },
    /// Begin a special procedure.
    Suspend {
        /// Which.
        procedure: Procedure,
        /// Working days told to the applicant.
        days: u32,
        /// Legal basis.
        basis: String,
    },
    /// End it.
    Resume,
    /// Ask for more days.
    Extend {
        /// Working days.
        days: u32,
        /// Why.
        reason: TextId,
    },
    /// The leader's leave.
    ApproveExtension {
        /// Opinion.
        opinion: Option<TextId>,
    },
    /// Ask for more days for all cases of the bundle together (行政许可法 42: at most 15).
    ExtendJoint {
        /// Working days.
        days: u32,
        /// Why; the applicant is told.
        reason: TextId,
    },
    /// The leave for that.
    ApproveJointExtension {
        /// Opinion.
        opinion: Option<TextId>,
    },
    /// 准予.
    Approve {
        /// Opinion.
        opinion: Option<TextId>,
    },
    /// 不予.
    Deny {
        /// Code of the reason.
        reason_code: String,
        /// The reasons.
        opinion: TextId,
    },
    /// A step before the decision: an opinion.
    SignStep {
        /// 同意 or 不同意.
        agrees: bool,
        /// The opinion; a dissent says why.
        opinion: Option<TextId>,
    },
    /// Back to the stage before (退回上一步).
    ReturnStep {
        /// Why.
        text: TextId,
    },
    /// A new term for what the applicant promised and did not hand in, once.
    NewTerm {
        /// The new last day.
        due: NaiveDate,
        /// Why; the applicant is told.
        reason: TextId,
    },
    /// Back to the desk to mend something.
    ReturnToDesk {
        /// What.
        text: TextId,
    },
    /// The applicant's signed request.
    Withdraw {
        /// Why.
        reason: TextId,
    },
    /// The authority takes its decision back.
    Revoke {
        /// Why.
        reason: TextId,
        /// Legal basis.
        basis: String,
    },
    /// 制证.
    MakeCertificate {
        /// Id to give it.
        certificate: CertificateId,
        /// Number printed on it; it may hold an ID number, so it is named by id.
        number: TextId,
        /// First day of validity.
        valid_from: NaiveDate,
        /// Last day of validity.
        valid_to: Option<NaiveDate>,
    },
    /// The notice of a decision without certificate, to be handed out the same way.
    MakeDecisionNotice {
        /// Id to give it.
        certificate: CertificateId,
    },
    /// The platform has it.
    ConfirmUpload {
        /// 电子证照标识.
        identifier: String,
    },
    /// The platform does not.
    FailUpload {
        /// The gateway's code.
        failure: String,
    },
    /// Try again.
    RetryUpload,
    /// Let it pass without.
    WaiveUpload {
        /// Why.
        reason: TextId,
    },
    /// Into the cabinet; the same slot again changes nothing.
    ReceiveCertificate {
        /// The slot, 1–20 characters.
        slot: String,
    },
    /// Tell the applicant that it is ready.
    Notify {
        /// Channels of the API's list, at least one.
        channels: Vec<String>,
    },
    /// Tell again who has not come.
    RemindPickup {
        /// Which rung of the ladder, from 1; each once.
        rung: u32,
        /// Channels of the API's list; none where another case of the bundle speaks for this one, too.
        channels: Vec<String>,
    },
    /// 送达 at the window.
    HandOver {
        /// To whom.
        collector: PersonId,
        /// Who that is to the applicant.
        relation: Relation,
        /// The signature for it, if one was taken.
        signature: Option<TextId>,
        /// By what an agent collects: a power of attorney, kinship and its proof.
        authorisation: Option<TextId>,
    },
    /// The notice of a decision without certificate, made and handed over in one step.
    Deliver {
        /// Id to give the notice.
        certificate: CertificateId,
        /// To whom.
        collector: PersonId,
        /// Who that is to the applicant.
        relation: Relation,
        /// By what an agent collects.
        authorisation: Option<TextId>,
    },
    /// By courier.
    Ship {
        /// The courier.
        carrier: String,
        /// The parcel's number.
        waybill: String,
    },
    /// The courier delivered.
    ConfirmDelivery,
    /// Out of the cabinet, or back from the courier.
    ReturnCertificate {
        /// Why.
        reason: TextId,
    },
}

/// A site's settings for cases (◇ defaults of DOMAIN).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Calendar days after a correction notice until the case lapses.
    pub correction_lapse_days: u32,
    /// Calendar days after a correction notice until the one reminder.
    pub correction_reminder_days: u32,
    /// Largest extension, working days.
    pub extension_days_max: u32,
    /// Whether the pickup window makes certificates too.
    pub issuer_makes_certificates: bool,
    /// Calendar days for which a material that was handed in counts for later cases too.
    pub reuse_days_max: u32,
    /// Whether the site sends results by courier, of matters that allow it.
    pub sends_by_courier: bool,
    /// Calendar days for which an applicant may authorise an agent.
    pub authorisation_days_max: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            correction_lapse_days: 30,
            correction_reminder_days: 20,
            extension_days_max: 10,
            issuer_makes_certificates: true,
            reuse_days_max: 365,
            sends_by_courier: true,
            authorisation_days_max: 365,
        }
    }
}

/// The time and the facts that other rules computed, beside the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Now, UTC ms.
    pub now: Millis,
    /// The first local date on which silence has accepted: the day after the 5th working day.
    /// `None` while the calendar does not reach so far, and then nothing is deemed.
    pub deemed_due: Option<NaiveDate>,
    /// The promised date if the case were accepted now; `None` while the calendar does not reach so
    /// far, and then no promise of the applicant is too late.
    pub promised_due: Option<NaiveDate>,
    /// The site's settings.
    pub policy: Policy,
}
