//! What a field bag (村站、上门) and the server say to each other, and what stands in its journal. A bag's journal is a chain of
//! its own beside the hall's, proved in the same way (`keeper.rs`); it waits for no lease, because it touches no hall.
//!
//! An entry's text lies readable where it is refused, so nothing in it is personal: persons, form and photos are sealed
//! contents that it names by SHA-256.

use domain::bag::BagPerson;
use domain::case::SubmissionStatus;
use domain::catalogue::Matter;
use domain::ids::{CaseId, MaterialId, MatterId, SituationId};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::keeper::{Entry, HallStaff};

/// What a bag needs to receive applications, told when it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BagHouse {
    /// The device itself.
    pub device_id: String,
    /// The site.
    pub site_id: String,
    /// Short name of the site inside ids and numbers.
    pub site_key: String,
    /// Name of the site.
    pub site_name: String,
    /// Phone of the site.
    #[serde(default)]
    pub site_phone: Option<String>,
    /// Where the phones of citizens reach the service.
    pub public_url: String,
    /// The letters of the device's own series.
    pub series: String,
    /// Number of the newest entry that the server has.
    pub taken: u64,
    /// Who may receive applications, with a PIN.
    pub staff: Vec<HallStaff>,
    /// The matters of which applications are received here, as published.
    pub matters: Vec<Matter>,
}

/// What an entry of a bag's journal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagText {
    /// The letters of the series that it was written under.
    pub series: String,
    /// The member of staff.
    pub actor_id: String,
    /// When it was done, UTC milliseconds by the hall's clock.
    pub at: Millis,
    /// What was done.
    pub act: BagAct,
}

/// What somebody did with a bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BagAct {
    /// An application was received, or begun.
    Apply(Box<Apply>),
}

/// An application as the bag received it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apply {
    /// The case that it becomes.
    pub case_id: CaseId,
    /// 办件编号, of the device's own series.
    pub number: String,
    /// 查询码.
    pub query_code: String,
    /// The code of the one timeline.
    pub tracking_code: String,
    /// The matter.
    pub matter_id: MatterId,
    /// The version that the bag knew.
    pub matter_version: u32,
    /// The situations chosen.
    pub situation_ids: Vec<SituationId>,
    /// The checklist; what is not named is missing.
    pub materials: Vec<ApplyMaterial>,
    /// SHA-256 of an [`ApplyContent`] as JSON, hexadecimal digits.
    pub content: String,
    /// Handed over as a draft: it was not received.
    pub as_draft: bool,
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyMaterial {
    /// The material.
    pub id: MaterialId,
    /// What was done with it.
    pub status: SubmissionStatus,
    /// Originals taken in.
    pub originals: u16,
    /// Copies taken in.
    pub copies: u16,
    /// SHA-256 of each photo, hexadecimal digits.
    pub photos: Vec<String>,
}

/// The personal part of an application: sealed wherever it lies.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyContent {
    /// Random, so that the hash of the whole tells nothing of it.
    pub salt: String,
    /// Who applies.
    pub applicant: BagPerson,
    /// Who acts for the applicant.
    #[serde(default)]
    pub agent: Option<BagPerson>,
    /// The filled form.
    #[serde(default)]
    pub form: Map<String, Value>,
}

impl std::fmt::Debug for ApplyContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApplyContent(…)")
    }
}

impl BagText {
    /// The contents that the server must have before it is told of the entry: SHA-256 as hexadecimal digits, the
    /// personal part first.
    #[must_use]
    pub fn contents(&self) -> Vec<&str> {
        let BagAct::Apply(apply) = &self.act;
        let photos = apply.materials.iter().flat_map(|material| &material.photos);
        std::iter::once(&apply.content).chain(photos).map(String::as_str).collect()
    }
}

/// Body of `POST /devices/current/bag/entries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BagEntryRequest {
    /// The entry.
    pub entry: Entry,
    /// Contents that the bag has not any more: they come no more.
    #[serde(default)]
    pub lost: Vec<String>,
}

/// The answer to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BagTaken {
    /// Entries up to this number are taken or kept for review: they need not be sent again.
    pub through: u64,
    /// Contents that are not here: they are sent first.
    pub missing: Vec<String>,
}
