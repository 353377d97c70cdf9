//! 网上申请: an application that its applicant fills in and sends before anybody at the site has seen a paper.
//! It is a case in the state `draft`; what is here says how far it has come on its way to the window.
//!
//! Architecture Invariant: nothing here knows accounts or codes; whoever applies is named by id.

use serde::{Deserialize, Serialize};

use super::facts::MaterialEntry;
use super::matter::MatterSnapshot;
use crate::ids::{CitizenId, PersonId, SituationId, TextId};
use crate::time::Millis;

/// Who fills in an application, and where what was typed lies encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineDraft {
    /// Whose it is.
    pub citizen: CitizenId,
    /// What was typed, saved in place as often as it changes.
    pub content: TextId,
}

/// What an applicant sends: a case's content without anything that only the window can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The matter as published when it was sent, for the situations chosen.
    pub matter: MatterSnapshot,
    /// The situations chosen.
    pub situations: Vec<SituationId>,
    /// The applicant.
    pub applicant: PersonId,
    /// Who acts for the applicant.
    pub agent: Option<PersonId>,
    /// The filled form.
    pub form: Option<TextId>,
    /// What the applicant says to have; nothing was handed in yet.
    pub materials: Vec<MaterialEntry>,
    /// The version of the text by which the applicant agrees that what was handed in before counts; `None` without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse_consent: Option<u32>,
}

/// What the pre-check (预审) says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreCheck {
    /// The window can take it.
    Ready,
    /// Something has to be mended first.
    Supplement {
        /// What, all of it.
        text: TextId,
    },
}

/// How far an application has come before it is received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum OnlineStep {
    /// Nobody but the applicant knows of it.
    Filling,
    /// Waits for the pre-check.
    Submitted {
        /// Since when, UTC ms.
        at: Millis,
    },
    /// The applicant has to mend something and send it again.
    Supplement {
        /// Since when, UTC ms.
        at: Millis,
        /// What.
        text: TextId,
    },
    /// The applicant can come to the window.
    Ready {
        /// Since when, UTC ms.
        at: Millis,
    },
}

impl OnlineStep {
    /// The value of the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Filling => "filling",
            Self::Submitted { .. } => "submitted",
            Self::Supplement { .. } => "supplement",
            Self::Ready { .. } => "ready",
        }
    }

    /// Whether the applicant can still write in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Filling | Self::Supplement { .. })
    }
}

/// The online side of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Online {
    /// Whose it is, and where what was typed lies.
    #[serde(flatten)]
    pub draft: OnlineDraft,
    /// How far it has come; stays as it was when the case is received.
    pub step: OnlineStep,
}
