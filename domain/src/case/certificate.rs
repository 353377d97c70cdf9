//! The result document of a case: the certificate, or the notice of the decision, and its way to
//! the applicant. Knows nothing of the licence platform or the cabinet's other slots.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{CertificateId, PersonId, StaffId, TextId};
use crate::time::Millis;

/// What is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A certificate 证照.
    Certificate,
    /// The notice of the decision, for a denial or a matter without certificate.
    DecisionNotice,
}

/// Where the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Custody {
    /// With the department that made it.
    Made,
    /// On its way between department and pickup window (物料流转).
    InTransit,
    /// In a slot of the pickup window's cabinet.
    InCabinet,
    /// Handed over at the window.
    HandedOver,
    /// With a courier.
    Shipped,
    /// Delivered by the courier.
    Delivered,
    /// Came back, or was taken out of the cabinet to the department.
    Returned,
}

impl Custody {
    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::InTransit => "in_transit",
            Self::InCabinet => "in_cabinet",
            Self::HandedOver => "handed_over",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }
}

/// State of the upload to the licence platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upload {
    /// The document does not go to the platform.
    NotRequired,
    /// Waiting for the platform's answer.
    Pending,
    /// The platform has it.
    Confirmed,
    /// The platform refused it, or gave no answer.
    Failed,
    /// A supervisor let it pass, with a reason.
    Waived,
}

impl Upload {
    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotRequired => "not_required",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Waived => "waived",
        }
    }

    /// Whether the applicant may be told and given the document.
    #[must_use]
    pub fn lets_out(self) -> bool {
        match self {
            Self::NotRequired | Self::Confirmed | Self::Waived => true,
            Self::Pending | Self::Failed => false,
        }
    }
}

/// Who the collector is to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// 本人
    #[serde(rename = "self")]
    Applicant,
    /// 代理人
    Agent,
    /// 法定代表人
    LegalRepresentative,
}

/// The handing over 送达.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// When.
    pub at: Millis,
    /// By whom at the window; `None` when a courier delivered.
    pub by: Option<StaffId>,
    /// To whom; `None` when a courier delivered to the applicant's address.
    pub collector: Option<PersonId>,
    /// Who that is to the applicant.
    pub relation: Option<Relation>,
    /// The signature for it, if one was taken.
    #[serde(default)]
    pub signature: Option<TextId>,
    /// By what an agent collected.
    #[serde(default)]
    pub authorisation: Option<TextId>,
}

/// A parcel under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// When it was given to the courier.
    pub at: Millis,
    /// The courier.
    pub carrier: String,
    /// The parcel's number.
    pub waybill: String,
}

/// The result document of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The document.
    pub id: CertificateId,
    /// Certificate or notice.
    pub kind: DocumentKind,
    /// The number printed on it, which lies encrypted; a notice has none.
    pub number: Option<TextId>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// When it was made.
    pub made_at: Millis,
    /// By whom.
    pub made_by: Option<StaffId>,
    /// State of the upload.
    pub upload: Upload,
    /// 电子证照标识, given by the platform.
    pub identifier: Option<String>,
    /// Why the last upload failed (the gateway's code).
    pub upload_failure: Option<String>,
    /// Why a supervisor let it pass.
    pub waiver: Option<TextId>,
    /// Where it is.
    pub custody: Custody,
    /// The slot of the cabinet while it lies there.
    pub slot: Option<String>,
    /// When the applicant was last told that it is ready.
    pub notified_at: Option<Millis>,
    /// When the applicant was first told of it as it lies there now: the ladder of notices counts from here.
    #[serde(default)]
    pub told_at: Option<Millis>,
    /// The rung of that ladder that was climbed last; 0 for none.
    #[serde(default)]
    pub rung: u32,
    /// When.
    #[serde(default)]
    pub reminded_at: Option<Millis>,
    /// The parcel, once it was shipped.
    pub shipment: Option<Shipment>,
    /// The handing over, once it happened.
    pub collection: Option<Collection>,
}
