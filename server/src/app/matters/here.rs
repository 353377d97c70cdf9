//! The matters of a site: its own, and those that it claims from above, read through at the moment somebody asks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::catalogue::{Claim, Matter, MatterState, NotOffered};
use domain::time::{Millis, local_date};

use super::dates::on_day;
use super::newest_row;
use crate::app::App;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::Answer;
use crate::store::{MatterClaimRow, MatterRow, MatterVersionRow};

/// What a catalogue kept in memory depends on: the changes of the site's and of every catalogue above it, and the day,
/// for a claim may run out with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct CatalogueStamp {
    changes: Vec<i64>,
    day: NaiveDate,
}

impl App {
    /// Every matter of a site, its own and claimed ones alike, by id. `state` is `published` for what is offered now,
    /// `not_yet` and `over` outside its own dates, `expired` for a claim past its last day, else `retired`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn catalogue_rows(&self, site_id: &str) -> Answer<Vec<MatterRow>> {
        let today = local_date(self.now());
        let own = self.stores.catalogue.matters(site_id).await?.into_iter();
        let mut rows = own.map(|row| on_day(row, today)).collect::<Answer<Vec<_>>>()?;
        let claims = self.stores.catalogue.claims(site_id).await?;
        if claims.is_empty() {
            return Ok(rows);
        }
        let mut above: BTreeMap<&str, BTreeMap<String, MatterRow>> = BTreeMap::new();
        for claim in &claims {
            if !above.contains_key(claim.of_site_id.as_str()) {
                let known = self.stores.catalogue.matters(&claim.of_site_id).await?;
                above.insert(&claim.of_site_id, known.into_iter().map(|row| (row.id.clone(), row)).collect());
            }
        }
        for claim in &claims {
            if let Some(row) = above.get(claim.of_site_id.as_str()).and_then(|known| known.get(&claim.of_id)) {
                rows.push(on_day(claimed_row(claim, row, today)?, today)?);
            }
        }
        rows.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(rows)
    }

    /// One matter of a site, as in [`Self::catalogue_rows`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn catalogue_row(&self, site_id: &str, id: &str) -> Answer<Option<MatterRow>> {
        let today = local_date(self.now());
        if let Some(row) = self.stores.catalogue.matter(site_id, id).await? {
            return on_day(row, today).map(Some);
        }
        let Some(claim) = self.stores.catalogue.claim(site_id, id).await? else { return Ok(None) };
        let above = self.stores.catalogue.matter(&claim.of_site_id, &claim.of_id).await?;
        above.map(|row| on_day(claimed_row(&claim, &row, today)?, today)).transpose()
    }

    /// A matter of a site as it was in a version; of a claimed one, the version of the matter above.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn catalogue_version(&self, site_id: &str, id: &str, version: u32) -> Answer<Option<Matter>> {
        let row = self.version_row(site_id, id, i64::from(version)).await?;
        Ok(row.map(|row| serde_json::from_str(&row.doc)).transpose()?)
    }

    /// The newest version of a matter of a site that was written before an instant; of a claimed one, that of the matter
    /// above.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn catalogue_at(&self, site_id: &str, current: &MatterRow, at: Millis) -> Answer<Option<Matter>> {
        for version in (1..=current.version).rev() {
            let row = self.version_row(site_id, &current.id, version).await?;
            if let Some(row) = row.filter(|row| row.at <= at) {
                return Ok(Some(serde_json::from_str(&row.doc)?));
            }
        }
        Ok(None)
    }

    async fn version_row(&self, site_id: &str, id: &str, version: i64) -> Answer<Option<MatterVersionRow>> {
        let row = self.stores.catalogue.matter_version(site_id, id, version).await?;
        if row.is_some() {
            return Ok(row);
        }
        let Some(claim) = self.stores.catalogue.claim(site_id, id).await? else { return Ok(None) };
        Ok(self.stores.catalogue.matter_version(&claim.of_site_id, &claim.of_id, version).await?)
    }

    /// What a site's catalogue stands at.
    pub(in crate::app) async fn catalogue_stamp(&self, site_id: &str) -> Answer<CatalogueStamp> {
        let listing = self.directory.get();
        let mut changes = vec![self.stores.sites.counter(site_id, IMPORTS).await?];
        for above in listing.above(site_id) {
            changes.push(self.stores.sites.counter(above.as_str(), IMPORTS).await?);
        }
        Ok(CatalogueStamp { changes, day: local_date(self.now()) })
    }
}

fn claimed_row(row: &MatterClaimRow, above: &MatterRow, today: NaiveDate) -> Answer<MatterRow> {
    let claim: Claim = serde_json::from_str(&row.doc)?;
    let above: Matter = serde_json::from_str(&above.doc)?;
    let standing = claim.not_offered(&above, today);
    let mut matter = claim.offered(&above);
    matter.state = if standing.is_none() { MatterState::Published } else { MatterState::Retired };
    let doc = serde_json::to_string(&matter)?;
    let mut offered = newest_row(&row.site_id, &matter, claim.local.line_id.map(String::from), doc);
    if standing == Some(NotOffered::Expired) {
        "expired".clone_into(&mut offered.state);
    }
    Ok(offered)
}
