//! The bundles of a site as everybody may read them.

use domain::ids::{BundleId, MatterId};
use serde::Serialize;
use utoipa::ToSchema;

use super::content::{field_view, shared_view};
use super::{SharedFieldView, SharedMaterialView};
use crate::app::App;
use crate::app::error::{Answer, AppError};

/// A matter of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleMatterView {
    /// The matter.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Several matters as one (一件事一次办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleView {
    /// The bundle.
    pub id: String,
    /// Where it is offered.
    pub site_id: String,
    /// The version in force.
    pub version: u32,
    /// Name.
    pub name: String,
    /// What people call it.
    pub aliases: Vec<String>,
    /// Its matters in the order they are shown; those no longer taken are left out.
    pub matters: Vec<BundleMatterView>,
    /// The queue it is taken in.
    pub line_id: Option<String>,
    /// 白话版, Markdown without HTML.
    pub guide: String,
    /// Working days within which all of it is decided; null where each matter has its own limit.
    pub promised_days: Option<u32>,
    /// Whether what comes of it is announced and fetched in one go.
    pub together: bool,
    /// Materials that several of its matters ask for and that are handed in once.
    pub shared: Vec<SharedMaterialView>,
    /// Fields of several forms that are filled in once, under the name of the first; fields of one name are anyway.
    pub shared_fields: Vec<SharedFieldView>,
}

impl App {
    /// Bundles of a site.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn bundles(&self, site_id: &str) -> Answer<Vec<BundleView>> {
        let site_id = self.directory.get().site(site_id)?.id.clone();
        let matters = self.listed_matters(&site_id, "").await?;
        let view = |id: &MatterId| {
            let found = matters.iter().find(|matter| matter.summary.id == id.as_str())?;
            Some(BundleMatterView { id: id.to_string(), name: found.summary.name.clone() })
        };
        let bundles = self.bundles_in_force(&site_id).await?.into_iter().map(|(bundle, line_id)| BundleView {
            id: bundle.id.to_string(),
            site_id: site_id.clone(),
            version: bundle.version,
            matters: bundle.matter_ids.iter().filter_map(view).collect(),
            line_id: line_id.map(String::from),
            promised_days: bundle.promised_days,
            together: bundle.together,
            shared: bundle.shared.iter().map(shared_view).collect(),
            shared_fields: bundle.shared_fields.iter().map(field_view).collect(),
            name: bundle.name,
            aliases: bundle.aliases,
            guide: bundle.guide,
        });
        Ok(bundles.collect())
    }

    /// One bundle that is offered now.
    ///
    /// # Errors
    /// 404 when there is none or it is no longer taken.
    pub async fn bundle(&self, id: &BundleId) -> Answer<BundleView> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let found = self.bundles(&site_id).await?.into_iter().find(|bundle| bundle.id == id.as_str());
        found.ok_or(AppError::NotFound)
    }
}
