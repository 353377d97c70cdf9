//! The case (办件): one application for one matter, from receipt to issue (DOMAIN §5).
//!
//! Architecture Invariant: nothing here holds personal data. Persons and texts written by people
//! are named by id; their content lies encrypted elsewhere.

pub mod action;
pub mod actor;
pub mod approval;
pub mod certificate;
mod clocks;
pub mod command;
mod decide;
pub mod delivery;
pub mod event;
mod evolve;
pub mod facts;
mod input;
pub mod joint;
pub mod matter;
pub mod online;
mod paper;
mod permit;
pub mod promise;
pub mod refusal;
pub mod reuse;
pub mod state;
#[cfg(test)]
mod tests;

pub use action::{Action, actions_of};
pub use actor::{Actor, BASIS_DOCUMENT_CHARS_MAX, Basis, BasisKind, Staff};
pub use approval::{
    Approval, ApprovalFault, ApprovalStage, ApprovalStep, Signature, Signer, StepId, UnsignedStep, approval_faults, unsigned_steps,
};
pub use certificate::{Certificate, Collection, Custody, DocumentKind, Relation, Shipment, Upload};
pub use command::{Command, Context, Opening, Policy, PromisedMaterial};
pub use delivery::{AgentAuthorisation, AgentScope, AuthorisationEnd};
pub use event::{Change, Event};
pub use facts::{
    Acceptance, AcceptanceMode, Attachment, CorrectionException, CorrectionItem, CorrectionNotice, Decision, DecisionOutcome, Extension,
    FileKind, HistoryEntry, MaterialEntry, SubmissionStatus, Suspension,
};
pub use joint::{
    JOINT_DAYS, JOINT_EXTENSION_DAYS_MAX, JointState, is_ready, joint_clock, joint_due, joint_extension, joint_state, joint_statutory_due,
};
pub use matter::{CaseKind, MaterialRequirement, MatterSnapshot, Procedure};
pub use online::{Application, Online, OnlineDraft, OnlineStep, PreCheck};
pub use paper::{FORM_NUMBER_CHARS_MAX, PaperFault, PaperReceipt, PaperStanding, paper_fault, paper_standing};
pub use promise::NewTerm;
pub use refusal::{Refusal, RefusalClass};
pub use reuse::{ConsentWay, Prefill, Reuse, ReuseConsent, ReusedMaterial};
pub use state::{Case, Closure, RefusalReason, State};
