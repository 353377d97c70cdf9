//! The case (办件): one application for one matter, from receipt to issue (DOMAIN §5).
//!
//! Architecture Invariant: nothing here holds personal data. Persons and texts written by people
//! are named by id; their content lies encrypted elsewhere.

pub mod action;
pub mod actor;
pub mod certificate;
pub mod command;
mod decide;
pub mod event;
mod evolve;
mod input;
pub mod matter;
mod permit;
pub mod refusal;
pub mod state;

pub use action::Action;
pub use actor::{Actor, Basis, Staff};
pub use certificate::{Certificate, Collection, Custody, DocumentKind, Relation, Shipment, Upload};
pub use command::{Command, Context, Opening, Policy, PromisedMaterial};
pub use event::{Change, Event};
pub use matter::{CaseKind, MaterialRequirement, MatterSnapshot, Procedure};
pub use refusal::{Refusal, RefusalClass};
pub use state::{
    Acceptance, AcceptanceMode, Case, Closure, CorrectionException, CorrectionItem, CorrectionNotice, Decision, DecisionOutcome, Extension,
    HistoryEntry, MaterialEntry, RefusalReason, State, SubmissionStatus, Suspension,
};
