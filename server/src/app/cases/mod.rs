//! Use cases about cases and their certificates: register, act, read.
//!
//! A command is decided by `domain::case` and becomes one change-set: events, the case's row, the
//! certificate's row, and what is owed outside (uploads, messages) as outbox rows.

mod act;
mod answer;
mod application;
mod approval;
mod attachments;
mod bundles;
mod clocks;
mod commands;
pub mod effects;
mod kept;
mod open;
mod own;
mod paper;
mod phrases;
mod reads;
mod requests;
mod reuse;
mod rows;

pub(in crate::app) use answer::{CasePolicies, Names};
pub use answer::{CaseSummary, CaseView, CertificateView};
pub use application::{
    ApplicationFilter, ApplicationFindRequest, ApplicationRequest, ApplicationSubmitRequest, ApplicationSummary, ApplicationUpdateRequest,
    ApplicationView, ApplicationWithdrawRequest, SiteApplicationView,
};
pub use approval::OpinionTemplateView;
pub use attachments::{AttachmentUpload, AttachmentView, FileContent, FileDesk, RemoveAttachmentRequest, RemoveOwnRequest, SentFile};
pub(in crate::app) use attachments::{KeptPhoto, PART_BYTES, content as file_content, place_of};
pub(in crate::app) use bundles::Joint;
pub use bundles::{BundleCaseRequest, BundleCaseView};
pub use clocks::{CaseClocksView, ClockView};
pub(in crate::app) use kept::KeptApplication;
pub use own::{
    AgentCaseView, AgentInput, AuthorisationView, AuthoriseRequest, DeliveryRequest, OwnCaseFilter, OwnCaseView, RecipientInput, Settling,
    WithdrawAuthorisationRequest,
};
pub use paper::PaperStandingView;
pub(in crate::app) use phrases::phrase;
pub use reads::{CabinetFilter, CaseListFilter, ColleagueView};
pub use requests::{CaseActionRequest, CaseRequest, CaseUpdateRequest, CertificateActionRequest, segment_of};
pub use reuse::{CaseReuseView, EarlierAskRequest, EarlierCountView, EarlierView};
pub(in crate::app) use rows::case_of;
