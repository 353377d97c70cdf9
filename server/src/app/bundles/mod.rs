//! Bundles (一件事一次办) as they live: what a site offers as one, and the draft beside it. Everything about one bundle
//! stands in its row; every version that came into force stands whole in the log. Joint cases are elsewhere
//! (`cases/bundles`): they keep what they were opened under.

mod content;
mod drafts;
mod listed;
mod shapes;

pub use listed::{BundleMatterView, BundleView};
pub use shapes::{
    BundleContent, BundleDraftRequest, BundleDraftView, BundleSummary, MemberFieldView, NewBundleRequest, SharedFieldView,
    SharedMaterialView,
};

use domain::catalogue::{Bundle, Draft, MatterState};
use domain::ids::LineId;
use domain::time::Millis;
use serde::{Deserialize, Serialize};

use super::App;
use super::error::{Answer, AppError};
use crate::store::BundleRow;

/// The aggregate of everything about a bundle, in the log.
const AGGREGATE: &str = "bundle";

/// A bundle's row: what is in force, or was, and the draft beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptBundle {
    /// The newest version; `None` for what never was in force.
    pub(super) bundle: Option<Bundle>,
    /// Where it queues.
    pub(super) line_id: Option<LineId>,
    /// What it shall be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<KeptDraft>,
    /// How often the draft was written.
    #[serde(default)]
    revision: i64,
    /// When it was last touched; 0 for what came with the first data.
    #[serde(default)]
    changed_at: Millis,
}

/// A draft, and where the bundle shall queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptDraft {
    draft: Draft<Bundle>,
    line_id: Option<LineId>,
}

impl KeptBundle {
    pub(super) fn of(row: &BundleRow) -> Answer<Self> {
        Ok(serde_json::from_str(&row.doc)?)
    }

    /// The bundle as it is offered now.
    pub(super) fn in_force(self) -> Option<(Bundle, Option<LineId>)> {
        let line_id = self.line_id;
        self.bundle.filter(|bundle| bundle.state == MatterState::Published).map(|bundle| (bundle, line_id))
    }

    /// The row of a bundle that comes with its first version.
    pub(super) fn first_row(site_id: &str, bundle: &Bundle, line_id: Option<LineId>) -> Answer<BundleRow> {
        let kept = Self { bundle: Some(bundle.clone()), line_id, ..Self::default() };
        kept.row(site_id, bundle.id.as_str(), &bundle.name)
    }

    fn row(&self, site_id: &str, id: &str, name: &str) -> Answer<BundleRow> {
        Ok(BundleRow { site_id: site_id.to_owned(), id: id.to_owned(), name: name.to_owned(), doc: serde_json::to_string(self)? })
    }

    fn newest_version(&self) -> u32 {
        self.bundle.as_ref().map_or(0, |bundle| bundle.version)
    }
}

impl App {
    /// The bundles that a site offers now, with where each queues.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn bundles_in_force(&self, site_id: &str) -> Answer<Vec<(Bundle, Option<LineId>)>> {
        let rows = self.stores.catalogue.bundles(site_id).await?;
        let kept = rows.iter().map(KeptBundle::of).collect::<Answer<Vec<_>>>()?;
        Ok(kept.into_iter().filter_map(KeptBundle::in_force).collect())
    }

    async fn kept_bundle(&self, site_id: &str, id: &str) -> Answer<KeptBundle> {
        let rows = self.stores.catalogue.bundles(site_id).await?;
        KeptBundle::of(rows.iter().find(|row| row.id == id).ok_or(AppError::NotFound)?)
    }
}
