//! Why a command on a case is refused. Codes are stable and part of the API; messages are for
//! people and hold no personal data.

use thiserror::Error;

use super::action::Action;
use crate::ids::{MaterialId, StaffId};

/// What kind of answer the border gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// 403: this person may not.
    Forbidden,
    /// 422: the input is wrong.
    Invalid,
    /// 409: not in this state.
    Conflict,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message())]
pub enum Refusal {
    /// The roles, the site or the department do not fit.
    NotAllowed {
        /// What was asked.
        action: Action,
    },
    /// The site was only entrusted with accepting (委托受理); the authority above decides.
    OnlyAccepts,
    /// The approver's basis (派驻 or 授权) is not in force today.
    AuthorisationExpired,
    /// Who proposed the refusal does not decide about it.
    OwnProposal,
    /// Who asked for the extension does not approve it.
    OwnExtension,
    /// Only who claimed the case goes on with it.
    NotReviewer {
        /// Who claimed it.
        reviewer: StaffId,
    },
    /// Who signed a step of this round signs no other.
    SignedAlready,
    /// Only timers and gateways do this.
    SystemOnly,
    /// A field is wrong.
    Invalid {
        /// Field of the request.
        field: &'static str,
        /// Stable code.
        code: &'static str,
        /// For people.
        message: &'static str,
    },
    /// The state does not allow it.
    WrongState {
        /// What was asked.
        action: Action,
        /// The state it is in.
        state: &'static str,
    },
    /// Required materials are not there.
    MaterialsMissing {
        /// Which.
        materials: Vec<MaterialId>,
    },
    /// The matter does not allow 容缺.
    ToleranceNotAllowed,
    /// There is nothing to promise: the materials are complete, or a missing one may not be promised.
    NothingToPromise,
    /// The list is frozen by the first notice and no exception stands.
    CorrectionFrozen,
    /// An exception makes sense only after a first notice, and one at a time.
    ExceptionNotOpen,
    /// The case is not a 即办件.
    NotInstant,
    /// Not due yet.
    NotDue,
    /// Extended already.
    ExtendedAlready,
    /// No extension was asked for.
    NoExtension,
    /// The case is part of no bundle.
    NotJoint,
    /// The matter has no steps: one person decides.
    NoSteps,
    /// Steps before the decision are not signed.
    StepsOpen,
    /// The step that it stands at is the one that decides.
    DecisionDue,
    /// Nothing stands before the first stage.
    FirstStage,
    /// Nobody claimed the step yet.
    StepUnclaimed,
    /// Somebody claimed or signed the step.
    StepTaken,
    /// The stage that it stands at is another's.
    StepNotYours,
    /// Colleague cannot decide this case.
    DelegateNotEligible,
    /// The decision has no certificate.
    NoCertificate,
    /// It has one, and that has to be made.
    CertificateRequired,
    /// Made already.
    CertificateExists,
    /// The applicant's promise is open, the certificate is held.
    PromiseOpen,
    /// The upload is not confirmed, not required or waived.
    UploadPending,
    /// The upload is in another state.
    WrongUpload {
        /// The state it is in.
        upload: &'static str,
    },
    /// The document is somewhere else.
    WrongCustody {
        /// Where it is.
        custody: &'static str,
    },
    /// The case has no such file.
    UnknownAttachment,
    /// The applicant agreed to it already.
    ConsentGiven,
    /// The applicant did not agree to it, or took that back.
    ConsentMissing,
    /// The applicant's promise is not missed.
    PromiseNotMissed,
    /// A new term was given already.
    NewTermGiven,
    /// The matter's result is not sent by courier, or the site sends none.
    CourierNotOffered,
    /// Somebody is authorised already.
    AuthorisationOpen,
    /// Nobody is authorised, or not any more.
    NoAuthorisation,
    /// In another slot already.
    OtherSlot {
        /// Which.
        slot: String,
    },
}

impl Refusal {
    /// The stable code of the problem document.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "forbidden",
            Self::OnlyAccepts => "entrusted_acceptance_only",
            Self::AuthorisationExpired => "authorisation_expired",
            Self::OwnProposal => "own_proposal",
            Self::OwnExtension => "own_extension",
            Self::NotReviewer { .. } => "not_reviewer",
            Self::SignedAlready => "signed_already",
            Self::SystemOnly => "system_only",
            Self::Invalid { code, .. } => code,
            Self::WrongState { .. } => "case_state",
            Self::MaterialsMissing { .. } => "materials_missing",
            Self::ToleranceNotAllowed => "tolerance_not_allowed",
            Self::NothingToPromise => "nothing_to_promise",
            Self::CorrectionFrozen => "correction_frozen",
            Self::ExceptionNotOpen => "exception_not_open",
            Self::NotInstant => "not_instant",
            Self::NotDue => "not_due",
            Self::ExtendedAlready => "extended_already",
            Self::NoExtension => "no_extension",
            Self::NotJoint => "not_joint",
            Self::NoSteps => "no_steps",
            Self::StepsOpen => "steps_open",
            Self::DecisionDue => "decision_due",
            Self::FirstStage => "first_stage",
            Self::StepUnclaimed => "step_unclaimed",
            Self::StepTaken => "step_taken",
            Self::StepNotYours => "step_not_yours",
            Self::DelegateNotEligible => "delegate_not_eligible",
            Self::NoCertificate => "no_certificate",
            Self::CertificateRequired => "certificate_required",
            Self::CertificateExists => "certificate_exists",
            Self::PromiseOpen => "promise_open",
            Self::UploadPending => "upload_pending",
            Self::WrongUpload { .. } => "upload_state",
            Self::WrongCustody { .. } => "certificate_state",
            Self::UnknownAttachment => "unknown_attachment",
            Self::ConsentGiven => "consent_given",
            Self::ConsentMissing => "consent_missing",
            Self::PromiseNotMissed => "promise_not_missed",
            Self::NewTermGiven => "new_term_given",
            Self::CourierNotOffered => "courier_not_offered",
            Self::AuthorisationOpen => "authorisation_open",
            Self::NoAuthorisation => "no_authorisation",
            Self::OtherSlot { .. } => "other_slot",
        }
    }

    /// What kind of answer the border gives.
    #[must_use]
    pub fn class(&self) -> RefusalClass {
        match self {
            Self::NotAllowed { .. }
            | Self::OnlyAccepts
            | Self::AuthorisationExpired
            | Self::OwnProposal
            | Self::OwnExtension
            | Self::NotReviewer { .. }
            | Self::SignedAlready
            | Self::SystemOnly => RefusalClass::Forbidden,
            Self::Invalid { .. } => RefusalClass::Invalid,
            Self::WrongState { .. }
            | Self::MaterialsMissing { .. }
            | Self::ToleranceNotAllowed
            | Self::NothingToPromise
            | Self::CorrectionFrozen
            | Self::ExceptionNotOpen
            | Self::NotInstant
            | Self::NotDue
            | Self::ExtendedAlready
            | Self::NoExtension
            | Self::NotJoint
            | Self::NoSteps
            | Self::StepsOpen
            | Self::DecisionDue
            | Self::FirstStage
            | Self::StepUnclaimed
            | Self::StepTaken
            | Self::StepNotYours
            | Self::DelegateNotEligible
            | Self::NoCertificate
            | Self::CertificateRequired
            | Self::CertificateExists
            | Self::PromiseOpen
            | Self::UploadPending
            | Self::WrongUpload { .. }
            | Self::WrongCustody { .. }
            | Self::UnknownAttachment
            | Self::ConsentGiven
            | Self::ConsentMissing
            | Self::PromiseNotMissed
            | Self::NewTermGiven
            | Self::CourierNotOffered
            | Self::AuthorisationOpen
            | Self::NoAuthorisation
            | Self::OtherSlot { .. } => RefusalClass::Conflict,
        }
    }

    /// The field of the request, for a wrong input.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }

    /// For people, in Chinese; says what is and, where it helps, what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NotAllowed { .. } => "您没有办理此操作的权限。".to_owned(),
            Self::OnlyAccepts => "这个事项只委托这里受理，由上级部门决定。".to_owned(),
            Self::AuthorisationExpired => "您的派驻、授权或委托依据不在有效期内，不能办理此操作。".to_owned(),
            Self::OwnProposal => "不予受理建议由您本人提出，须由部门其他审批人员确认。".to_owned(),
            Self::OwnExtension => "延期由您本人申请，须由分管领导批准。".to_owned(),
            Self::NotReviewer { .. } => "此件已由其他审批人员签收，请先由其退回或转交。".to_owned(),
            Self::SignedAlready => "这一轮审批您已经签过一步，其余各步须由其他人签。".to_owned(),
            Self::SystemOnly => "此操作由系统自动完成。".to_owned(),
            Self::Invalid { message, .. } => (*message).to_owned(),
            Self::WrongState { state, .. } => format!("此件现为“{}”，不能办理此操作。", state_label(state)),
            Self::MaterialsMissing { materials } => format!("还缺 {} 份必要材料，请一次性告知补正或办理容缺受理。", materials.len()),
            Self::ToleranceNotAllowed => "该事项不适用容缺受理。".to_owned(),
            Self::NothingToPromise => "没有可以容缺的材料。".to_owned(),
            Self::CorrectionFrozen => "补正清单已一次性告知，新增内容须由大厅主管说明理由后准许。".to_owned(),
            Self::ExceptionNotOpen => "尚未发出补正告知，或已有未使用的准许，无需再次准许。".to_owned(),
            Self::NotInstant => "该事项不是即办件，须由部门审批。".to_owned(),
            Self::NotDue => "期限未到。".to_owned(),
            Self::ExtendedAlready => "此件已申请过延期，延期以一次为限。".to_owned(),
            Self::NoExtension => "没有待批准的延期申请。".to_owned(),
            Self::NotJoint => "此件不是“一件事”里的办件，没有共同的期限。".to_owned(),
            Self::NoSteps => "这个事项不分审批步骤，请直接作出决定。".to_owned(),
            Self::StepsOpen => "前面的审批步骤还没有签完，暂不能作出决定。".to_owned(),
            Self::DecisionDue => "已到最后一步，请作出准予或不予的决定。".to_owned(),
            Self::FirstStage => "这是第一步，前面没有步骤；要补正的请退回窗口。".to_owned(),
            Self::StepUnclaimed => "这一步还没有人领，请先领取。".to_owned(),
            Self::StepTaken => "这一步已有人领取或签过。".to_owned(),
            Self::StepNotYours => "此件现在的审批步骤不由您办。".to_owned(),
            Self::DelegateNotEligible => "对方没有审批此件的权限。".to_owned(),
            Self::NoCertificate => "此件没有需要制作的证照。".to_owned(),
            Self::CertificateRequired => "此件须先制作证照，再行送达。".to_owned(),
            Self::CertificateExists => "证照或文书已制作。".to_owned(),
            Self::PromiseOpen => "容缺材料尚未补齐，证照暂不制作。".to_owned(),
            Self::UploadPending => "电子证照尚未上传成功，暂不能通知或发放。".to_owned(),
            Self::WrongUpload { .. } => "电子证照的上传状态不允许此操作。".to_owned(),
            Self::WrongCustody { .. } => "证照当前所在环节不允许此操作。".to_owned(),
            Self::UnknownAttachment => "此件没有这份附件。".to_owned(),
            Self::ConsentGiven => "申请人已经同意用以前交过的材料。".to_owned(),
            Self::ConsentMissing => "申请人没有同意，或者撤回了同意，不能用以前交过的材料。".to_owned(),
            Self::PromiseNotMissed => "容缺承诺还没有到期，不用给新期限。".to_owned(),
            Self::NewTermGiven => "容缺的新期限已经给过一次，以一次为限。".to_owned(),
            Self::CourierNotOffered => "这件事的结果不能邮寄，请到窗口领取。".to_owned(),
            Self::AuthorisationOpen => "已经授权过一位代办人，要换人请先撤回。".to_owned(),
            Self::NoAuthorisation => "没有可以撤回的授权：没有授权过，或者已经用过、过期了。".to_owned(),
            Self::OtherSlot { slot } => format!("证照已存放在 {slot} 号格口。"),
        }
    }
}

fn state_label(state: &str) -> &'static str {
    match state {
        "draft" => "草稿",
        "received" => "已接件",
        "correcting" => "待补正",
        "refusal_proposed" => "拟不予受理",
        "accepted" => "已受理",
        "in_review" => "审批中",
        "suspended" => "特别程序中",
        "decided" => "已办结",
        "issued" => "送达中",
        _ => "已结束",
    }
}
