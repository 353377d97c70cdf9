//! Bundles as those who keep the catalogue send and read them. Decides nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::error::FieldError;
use crate::app::matters::MatterHistoryView;

/// A material that several matters of a bundle ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedMaterialView {
    /// Its name.
    pub name: String,
    /// What each matter calls it.
    pub material_ids: Vec<String>,
}

/// A field of a matter's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberFieldView {
    /// The matter.
    pub matter_id: String,
    /// The field's name in its form.
    pub name: String,
}

/// Fields of several matters' forms that are filled in once, in the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedFieldView {
    /// Where it stands in each matter's form.
    pub fields: Vec<MemberFieldView>,
}

/// What people write of a bundle, as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleContent {
    /// Name, at most 40 characters.
    pub name: String,
    /// What people call it.
    pub aliases: Vec<String>,
    /// Its matters in the order they are shown: at least two that the site takes now.
    pub matter_ids: Vec<String>,
    /// 白话版, Markdown without HTML.
    pub guide: String,
    /// Working days within which all of it is decided; null: the latest limit of any of its matters.
    pub promised_days: Option<u32>,
    /// Whether what comes of it is announced and fetched in one go.
    pub together: bool,
    /// Materials that are handed in once.
    pub shared: Vec<SharedMaterialView>,
    /// Fields of different names that are filled in once.
    pub shared_fields: Vec<SharedFieldView>,
}

/// Body of `POST /sites/{site}/bundles`: a new bundle, as a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBundleRequest {
    /// What it is.
    pub content: BundleContent,
    /// Where it queues; null: no numbers are given for it.
    pub line_id: Option<String>,
}

/// Body of `PUT /bundles/{bundle}/draft`: the draft as a whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleDraftRequest {
    /// The draft's revision that was read; 0 when there was none.
    pub revision: i64,
    /// The version in force that was read; 0 for a bundle that never was.
    pub base_version: u32,
    /// What it is.
    pub content: BundleContent,
    /// Where it queues; null: no numbers are given for it.
    pub line_id: Option<String>,
}

/// A bundle in the list of those who keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleSummary {
    /// The bundle.
    pub bundle_id: String,
    /// Its name: in force, else in the draft.
    pub name: String,
    /// `none`, `editing`, `in_review`, `approved`: of its draft.
    pub step: String,
    /// `published` or `retired`; null for a bundle that never was in force.
    pub state: Option<String>,
    /// The newest version; 0 for a bundle that never was in force.
    pub version: u32,
    /// How many matters it has.
    pub matter_count: usize,
    /// What is wrong now with what is in force, such as a matter that is no longer taken.
    pub problems: Vec<FieldError>,
    /// When it was last touched; null for what came with the first data.
    pub changed_at: Option<String>,
}

/// A bundle's draft beside what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleDraftView {
    /// The bundle.
    pub bundle_id: String,
    /// Its site.
    pub site_id: String,
    /// `none`, `editing`, `in_review`, `approved`.
    pub step: String,
    /// How often the draft was written; goes along with the next writing.
    pub revision: i64,
    /// The version in force that the draft was written from.
    pub base_version: u32,
    /// The newest version there is; 0 for a bundle that never was in force.
    pub newest_version: u32,
    /// `published` or `retired`; null for a bundle that never was in force.
    pub state: Option<String>,
    /// Whether another version came into force since the draft was written.
    pub outdated: bool,
    /// Where it queues.
    pub line_id: Option<String>,
    /// The draft; what is in force when there is none.
    pub content: BundleContent,
    /// The newest version, beside a draft; null without one or the other.
    pub in_force: Option<BundleContent>,
    /// What is wrong now with what is shown, such as a matter that is no longer taken.
    pub problems: Vec<FieldError>,
    /// Who wrote in the draft, by name.
    pub writers: Vec<String>,
    /// What the reviewer wrote when it came back.
    pub returned_text: Option<String>,
    /// Who handed it in.
    pub submitted_by: Option<String>,
    /// What the caller may do now: `save`, `submit`, `approve`, `return`, `publish`, `discard`, `retire`.
    pub actions: Vec<String>,
    /// What happened to it, the newest first.
    pub history: Vec<MatterHistoryView>,
}
