//! What can be done with a case: one exhaustive table per state, and the right each action needs.

use serde::{Deserialize, Serialize};

use super::state::State;
use crate::rights::Operation;

macro_rules! actions {
    ($( $(#[$doc:meta])* $name:ident = $text:literal => $operation:ident; )*) => {
        /// An action of the API on a case or its certificate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action { $( $(#[$doc])* #[serde(rename = $text)] $name, )* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the API's list of allowed actions.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$name => $text, )* }
            }

            /// The right it needs; `None` for timers, gateways and the applicant, who have none.
            #[must_use]
            pub fn operation(self) -> Option<Operation> {
                match self { $( Self::$name => actions!(@operation $operation), )* }
            }
        }
    };
    (@operation System) => { None };
    (@operation Applicant) => { None };
    (@operation $operation:ident) => { Some(Operation::$operation) };
}

actions! {
    /// Change checklist or form.
    Update = "update" => RegisterCase;
    /// 接件 of a draft.
    Submit = "submit" => RegisterCase;
    /// The applicant sends an online application.
    SubmitApplication = "submit_application" => Applicant;
    /// Whether the result is fetched or sent.
    ChooseDelivery = "choose_delivery" => Applicant;
    /// Let somebody act in the applicant's place.
    AuthoriseAgent = "authorise_agent" => Applicant;
    /// Take that back.
    WithdrawAuthorisation = "withdraw_authorisation" => Applicant;
    /// 预审 of an online application.
    PreCheck = "pre_check" => PreCheck;
    /// 受理.
    Accept = "accept" => AcceptCase;
    /// 容缺受理.
    AcceptTolerant = "accept_tolerant" => AcceptCase;
    /// 一次性告知.
    RequestCorrection = "request_correction" => RequestCorrection;
    /// Leave to go beyond the list.
    CorrectionException = "correction_exception" => CorrectionException;
    /// Take down that what was handed in before may count.
    ConsentReuse = "consent_reuse" => AcceptCase;
    /// Let it count.
    Reuse = "reuse" => AcceptCase;
    /// Take down that it may not any more.
    WithdrawReuse = "withdraw_reuse" => AcceptCase;
    /// Materials handed in.
    Supply = "supply" => RegisterCase;
    /// Add a file.
    Attach = "attach" => RegisterCase;
    /// Take a file away.
    RemoveAttachment = "remove_attachment" => RegisterCase;
    /// The one reminder.
    RemindCorrection = "remind_correction" => System;
    /// Close what was not corrected.
    Lapse = "lapse" => System;
    /// Propose not to accept.
    ProposeRefusal = "propose_refusal" => ProposeRefusal;
    /// Confirm that.
    ConfirmRefusal = "confirm_refusal" => ConfirmRefusal;
    /// Overturn that.
    OverturnRefusal = "overturn_refusal" => ConfirmRefusal;
    /// Accept by silence.
    DeemAccepted = "deem_accepted" => System;
    /// Decide 即办件 at the window.
    DecideInstant = "decide_instant" => DecideInstant;
    /// Take from the group.
    Claim = "claim" => ClaimCase;
    /// Give back.
    Release = "release" => ClaimCase;
    /// Hand to a colleague.
    Delegate = "delegate" => ClaimCase;
    /// Begin a special procedure.
    Suspend = "suspend" => DecideCase;
    /// End it.
    Resume = "resume" => DecideCase;
    /// Ask for more days.
    Extend = "extend" => DecideCase;
    /// Give them.
    ApproveExtension = "approve_extension" => ApproveExtension;
    /// Ask for more days for all cases of a bundle together.
    ExtendJoint = "extend_joint" => DecideCase;
    /// Give them.
    ApproveJointExtension = "approve_joint_extension" => ApproveExtension;
    /// 准予.
    Approve = "approve" => DecideCase;
    /// 不予.
    Deny = "deny" => DecideCase;
    /// Give the opinion of a step before the decision.
    SignStep = "sign_step" => SignStep;
    /// Back to the stage before.
    ReturnStep = "return_step" => SignStep;
    /// A new term for what was promised and missed.
    NewTerm = "new_term" => DecideCase;
    /// Back to the desk.
    Return = "return" => DecideCase;
    /// The applicant's request.
    Withdraw = "withdraw" => WithdrawCase;
    /// Take the decision back.
    Revoke = "revoke" => RevokeCase;
    /// 制证.
    MakeCertificate = "certificate" => MakeCertificate;
    /// Notice of a decision without certificate.
    MakeDecisionNotice = "decision_notice" => MakeCertificate;
    /// The platform has it.
    ConfirmUpload = "confirm_upload" => System;
    /// The platform does not.
    FailUpload = "fail_upload" => System;
    /// Try again.
    RetryUpload = "retry_upload" => RetryUpload;
    /// Let it pass.
    WaiveUpload = "waive_upload" => WaiveUpload;
    /// Into the cabinet.
    ReceiveCertificate = "receive" => KeepCabinet;
    /// Tell the applicant.
    Notify = "notify" => KeepCabinet;
    /// Tell again who has not come.
    RemindPickup = "remind_pickup" => System;
    /// 送达.
    HandOver = "hand_over" => HandOver;
    /// Notice made and handed over in one step.
    Deliver = "deliver" => DeliverNotice;
    /// By courier.
    Ship = "ship" => HandOver;
    /// The courier delivered.
    ConfirmDelivery = "confirm_delivery" => HandOver;
    /// Out of the cabinet, or back from the courier.
    ReturnCertificate = "return_certificate" => KeepCabinet;
}

/// The actions a state knows, whoever asks. Facts of the case and rights narrow them further.
#[must_use]
pub fn actions_of(state: &State) -> &'static [Action] {
    use Action::{
        Accept, AcceptTolerant, Approve, ApproveExtension, ApproveJointExtension, Attach, AuthoriseAgent, ChooseDelivery, Claim,
        ConfirmDelivery, ConfirmRefusal, ConfirmUpload, ConsentReuse, CorrectionException, DecideInstant, DeemAccepted, Delegate, Deliver,
        Deny, Extend, ExtendJoint, FailUpload, HandOver, Lapse, MakeCertificate, MakeDecisionNotice, NewTerm, Notify, OverturnRefusal,
        PreCheck, ProposeRefusal, ReceiveCertificate, Release, RemindCorrection, RemindPickup, RemoveAttachment, RequestCorrection, Resume,
        RetryUpload, Return, ReturnCertificate, ReturnStep, Reuse, Revoke, Ship, SignStep, Submit, SubmitApplication, Supply, Suspend,
        Update, WaiveUpload, Withdraw, WithdrawAuthorisation, WithdrawReuse,
    };
    match state {
        State::Draft { .. } => &[
            Update,
            Submit,
            SubmitApplication,
            PreCheck,
            Withdraw,
            Attach,
            RemoveAttachment,
            ConsentReuse,
            Reuse,
            WithdrawReuse,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Received { .. } => &[
            Update,
            Accept,
            AcceptTolerant,
            RequestCorrection,
            CorrectionException,
            ProposeRefusal,
            DecideInstant,
            DeemAccepted,
            Withdraw,
            Attach,
            RemoveAttachment,
            ConsentReuse,
            Reuse,
            WithdrawReuse,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Correcting { .. } => &[
            Supply,
            CorrectionException,
            RemindCorrection,
            Lapse,
            Withdraw,
            Attach,
            WithdrawReuse,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::RefusalProposed { .. } => {
            &[ConfirmRefusal, OverturnRefusal, DeemAccepted, Withdraw, WithdrawReuse, ChooseDelivery, AuthoriseAgent, WithdrawAuthorisation]
        }
        State::Accepted { .. } => {
            &[Claim, Supply, DecideInstant, Withdraw, Attach, WithdrawReuse, ChooseDelivery, AuthoriseAgent, WithdrawAuthorisation]
        }
        State::InReview { .. } => &[
            Approve,
            Deny,
            Return,
            Suspend,
            Extend,
            ApproveExtension,
            ExtendJoint,
            ApproveJointExtension,
            Claim,
            SignStep,
            ReturnStep,
            Release,
            Delegate,
            NewTerm,
            Supply,
            Withdraw,
            Attach,
            WithdrawReuse,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Suspended { .. } => &[
            Resume,
            ApproveJointExtension,
            NewTerm,
            Supply,
            Withdraw,
            Attach,
            WithdrawReuse,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Decided { .. } => &[
            ApproveJointExtension,
            NewTerm,
            Supply,
            Attach,
            WithdrawReuse,
            MakeCertificate,
            MakeDecisionNotice,
            ConfirmUpload,
            FailUpload,
            RetryUpload,
            WaiveUpload,
            ReceiveCertificate,
            Notify,
            RemindPickup,
            HandOver,
            Deliver,
            Ship,
            ReturnCertificate,
            Revoke,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Issued { .. } => &[
            ConfirmUpload,
            ConfirmDelivery,
            ReturnCertificate,
            ReceiveCertificate,
            Notify,
            RemindPickup,
            HandOver,
            Ship,
            ChooseDelivery,
            AuthoriseAgent,
            WithdrawAuthorisation,
        ],
        State::Closed { .. } => &[ConfirmUpload, ReturnCertificate],
    }
}
