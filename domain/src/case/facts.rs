//! The facts that a case collects on its way: materials, notices, acceptance, suspensions, decision.
//! Data only; no rule.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actor::Basis;
use super::approval::StepId;
use super::matter::Procedure;
use crate::ids::{AttachmentId, MaterialId, NoticeId, StaffId, TextId};
use crate::time::Millis;

/// What was done with a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionStatus {
    /// 收取
    Collected,
    /// 核验, given back
    Verified,
    /// Not there.
    Missing,
    /// 容缺: promised for a date.
    Promised,
    /// Taken from an earlier case.
    Reused,
}

impl SubmissionStatus {
    /// Whether the material is there.
    #[must_use]
    pub fn is_present(self) -> bool {
        match self {
            Self::Collected | Self::Verified | Self::Reused => true,
            Self::Missing | Self::Promised => false,
        }
    }

    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Collected => "collected",
            Self::Verified => "verified",
            Self::Missing => "missing",
            Self::Promised => "promised",
            Self::Reused => "reused",
        }
    }
}

/// One line of the materials checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialEntry {
    /// The material.
    pub material: MaterialId,
    /// What was done with it.
    pub status: SubmissionStatus,
    /// Number of originals.
    #[serde(default)]
    pub originals: u16,
    /// Number of copies.
    #[serde(default)]
    pub copies: u16,
    /// By when it is promised.
    #[serde(default)]
    pub due: Option<NaiveDate>,
}

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A PDF document.
    Pdf,
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A WebP picture.
    Webp,
}

impl FileKind {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of a media type; `None` for one that is not taken.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        [Self::Pdf, Self::Jpeg, Self::Png, Self::Webp].into_iter().find(|kind| kind.media_type() == media_type)
    }

    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(self) -> bool {
        self != Self::Pdf
    }
}

/// A file that was added to a case (附件): the scan or photo of a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file.
    pub id: AttachmentId,
    /// The material that it shows; `None` for anything else that belongs to the case.
    pub material: Option<MaterialId>,
    /// SHA-256 of the content, in small hexadecimal digits.
    pub sha256: String,
    /// Size of the content, in bytes.
    pub size_bytes: u64,
    /// What it is.
    pub kind: FileKind,
    /// The name it came under, which may tell a person's name.
    pub name: TextId,
    /// What was written to it.
    pub note: Option<TextId>,
    /// When it was added, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: Option<StaffId>,
}

/// One line of a correction notice. Two items are the same when they name the same material or,
/// without one, the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionItem {
    /// The material, if it concerns one.
    pub material: Option<MaterialId>,
    /// What has to be mended.
    pub text: TextId,
    /// Legal basis.
    pub basis: String,
}

impl CorrectionItem {
    /// Whether this item demands nothing that the other did not.
    #[must_use]
    pub fn repeats(&self, earlier: &Self) -> bool {
        match (&self.material, &earlier.material) {
            (Some(mine), Some(theirs)) => mine == theirs,
            (None, None) => self.text == earlier.text,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// A one-time notice 一次性告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionNotice {
    /// The notice.
    pub id: NoticeId,
    /// When it was handed over or sent, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: Option<StaffId>,
    /// The list.
    pub items: Vec<CorrectionItem>,
    /// The supervisor's exception this list was made under.
    pub exception: Option<TextId>,
    /// When the applicant supplied, UTC ms.
    pub supplied_at: Option<Millis>,
}

/// A supervisor's leave to go beyond the frozen list, good for one notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionException {
    /// When, UTC ms.
    pub at: Millis,
    /// The supervisor.
    pub by: Option<StaffId>,
    /// Why.
    pub reason: TextId,
}

/// How a case was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptanceMode {
    /// 受理, complete.
    Full,
    /// 容缺受理.
    Tolerant,
    /// By the timer, after 5 working days of silence.
    Deemed,
    /// By the department, against a proposal to refuse.
    RefusalOverturned,
}

/// The acceptance, with the promise as it was made then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// When it was recorded, UTC ms.
    pub at: Millis,
    /// The day that the limits count from (the day itself not counted), UTC ms. Deemed: the receipt.
    pub clock_from: Millis,
    /// How.
    pub mode: AcceptanceMode,
    /// Promised limit, working days.
    pub promised_days: Option<u32>,
    /// Statutory limit, working days.
    pub statutory_days: Option<u32>,
}

/// One entry of the suspension ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The procedure.
    pub procedure: Procedure,
    /// Days told to the applicant, working days.
    pub days: u32,
    /// Legal basis.
    pub basis: String,
    /// Whether its time is outside the limits.
    pub stops_clock: bool,
    /// Start, UTC ms.
    pub from: Millis,
    /// End, UTC ms; `None` while it lasts.
    pub to: Option<Millis>,
}

/// The one extension of the limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Working days more.
    pub days: u32,
    /// Why.
    pub reason: TextId,
    /// Who asked, and may not approve.
    pub requested_by: Option<StaffId>,
    /// When it was asked for, UTC ms.
    pub requested_at: Millis,
    /// When the leader approved, UTC ms; only then it counts.
    pub approved_at: Option<Millis>,
    /// The leader.
    pub approved_by: Option<StaffId>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionOutcome {
    /// 办结(通过), reported as 11.
    Approved,
    /// 办结(容缺通过), reported as 12; the certificate is held.
    ApprovedTolerant,
    /// 办结(不通过), reported as 13.
    Denied,
}

impl DecisionOutcome {
    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ApprovedTolerant => "approved_tolerant",
            Self::Denied => "denied",
        }
    }

    /// The state reported to the province, 11 to 13.
    #[must_use]
    pub fn reporting_state(self) -> u8 {
        match self {
            Self::Approved => 11,
            Self::ApprovedTolerant => 12,
            Self::Denied => 13,
        }
    }
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub outcome: DecisionOutcome,
    /// When, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: Option<StaffId>,
    /// The opinion or the reasons.
    pub opinion: Option<TextId>,
    /// Code of the reason of a denial.
    pub reason_code: Option<String>,
    /// Whether it was decided at the window (即办件).
    pub instant: bool,
    /// In whose place, where a cover decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
}

/// One line of the case's own history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When, UTC ms.
    pub at: Millis,
    /// When it was entered, where that was later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<Millis>,
    /// By whom; `None` for timers and gateways.
    pub by: Option<StaffId>,
    /// The event's kind (`case_accepted`).
    pub kind: String,
    /// State after it.
    pub state: String,
    /// What a person wrote to it.
    pub text: Option<TextId>,
    /// In whose place, where a cover did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
    /// On which basis, where somebody decided in a department's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Basis>,
    /// The step of the approval it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// 同意 or 不同意, where a step was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
}
