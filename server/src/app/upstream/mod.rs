//! The platform of the level above: what it is told of cases and ratings, how that is compared, and the cases that it
//! handles itself. What is owed follows from `domain::reporting`; a row names the case and the number of its events, and
//! what stands in it is made when it is sent, so that nothing of a person lies in row or outbox.

mod decide;
mod errand;
mod inbound;
mod matters;
mod owe;
mod reconcile;
mod view;

pub use decide::RowVerdict;
pub use errand::ReportErrand;
pub use inbound::{LinkRequest, UpstreamCaseView};
pub use matters::{UpstreamMatter, UpstreamMattersRequest, UpstreamMattersView};
pub use reconcile::{Asked, ReconcileRequest, Reconciled, ReconciledDifference, ours};
pub use view::{ReportRowView, ReportingView};

use domain::hall::{HallDoc, Reporting, UpstreamPolicy};
use domain::ids::is_practice;
use serde_json::Value;

use super::App;
use super::directory::Listing;
use super::error::Answer;
use crate::store::Stores;

/// Kind of the alert about a row that the platform refused.
pub(super) const REFUSED: &str = "report_refused";
/// Kind of the alert about a platform that does not answer.
pub(super) const UNREACHABLE: &str = "upstream_unreachable";

/// How a site reports: its own settings, else those of the nearest site above that has some; `None` when it does not.
///
/// # Errors
/// When the store cannot be read.
pub async fn reporting_of(stores: &Stores, listing: &Listing, site_id: &str) -> Answer<Option<UpstreamPolicy>> {
    // What is practised is no case.
    if is_practice(site_id) {
        return Ok(None);
    }
    let own = listing.site(site_id)?;
    let mut at = own;
    // A site that is its own ancestor by mistake must not make this endless.
    for _ in 0..listing.sites.len() {
        let policy = match stores.halls.hall(&at.id).await? {
            Some(row) => *serde_json::from_str::<HallDoc>(&row.doc)?.policy.upstream.clone(),
            None => UpstreamPolicy::default(),
        };
        match policy.reporting {
            Reporting::On => return Ok(Some(UpstreamPolicy { area_code: area_of(&policy, &own.doc), ..policy })),
            Reporting::Off => return Ok(None),
            Reporting::Inherit => {}
        }
        match at.parent_id.as_deref().and_then(|parent| listing.sites.get(parent)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Ok(None)
}

/// The area that is reported: the one set, else the site's own.
fn area_of(policy: &UpstreamPolicy, site_doc: &str) -> String {
    if !policy.area_code.is_empty() {
        return policy.area_code.clone();
    }
    let doc: Value = serde_json::from_str(site_doc).unwrap_or_default();
    doc["area_code"].as_str().unwrap_or_default().to_owned()
}

impl App {
    /// How a site reports; `None` when it does not.
    pub(super) async fn reporting(&self, site_id: &str) -> Answer<Option<UpstreamPolicy>> {
        reporting_of(&self.stores, &self.directory.get(), site_id).await
    }
}

/// The id of the one alert about a platform that does not answer, at a site.
fn unreachable_id(site_key: &str) -> String {
    format!("al_{site_key}_upstream-unreachable")
}
