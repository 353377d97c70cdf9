//! The checklist of the tiers, a document of the district, and the list 应进必进, a document of each site.

use domain::plan::{Checklist, ChecklistItem, EntryItem, EntryList};
use domain::time::Millis;
use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::{ENTRY_LIST, Stated, TIER_CHECKLIST, seen};
use super::told;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::Answer;
use crate::app::retry::{Outcome, Retry};

/// Body of `PUT /sites/{site}/tier-checklist`: it replaces the checklist.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistRequest {
    version: Option<i64>,
    items: Vec<ChecklistItem>,
}

/// Body of `PUT /sites/{site}/entry-list`: it replaces the list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryListRequest {
    version: Option<i64>,
    items: Vec<EntryItem>,
}

impl App {
    /// The checklist of a district.
    pub(super) async fn checklist(&self, root: &str) -> Answer<(i64, Checklist)> {
        let stated = self.newest_document::<Checklist>(root, TIER_CHECKLIST).await?;
        Ok(stated.map_or_else(Default::default, |Stated { version, content, .. }| (version, content)))
    }

    /// Whether tiers can be told at all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn has_checklist(&self, root: &str) -> Answer<bool> {
        Ok(!self.checklist(root).await?.1.items.is_empty())
    }

    /// The checklist as it is told.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tier_checklist(&self, permit: &Permit) -> Answer<Value> {
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let (version, checklist) = self.checklist(&root).await?;
        Ok(json!({ "site_id": root, "version": version, "items": checklist.items }))
    }

    /// Replaces the checklist.
    ///
    /// # Errors
    /// Field errors; 409 as an outcome.
    pub async fn change_tier_checklist(&self, permit: &Permit, wanted: &ChecklistRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let root = permit.site_id();
        let mut outcome = self
            .once(root, retry, || async {
                let checklist = Checklist { items: wanted.items.clone() }.checked().map_err(told)?;
                self.at_the_top(permit)?;
                let before = self.checklist(root).await?.0;
                seen(wanted.version, before)?;
                let set = self.document_set(permit, TIER_CHECKLIST, before, &checklist)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = self.tier_checklist(permit).await?;
        }
        Ok(outcome)
    }

    /// The list of a site at an instant; `None` when none was ever entered.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn entry_list_at(&self, site_id: &str, at: Millis) -> Answer<Option<EntryList>> {
        Ok(self.document::<EntryList>(site_id, ENTRY_LIST, at).await?.map(|stated| stated.content))
    }

    /// The list of a site as it is told.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entry_list(&self, permit: &Permit) -> Answer<Value> {
        let stated = self.newest_document::<EntryList>(permit.site_id(), ENTRY_LIST).await?;
        let (version, list) = stated.map_or_else(Default::default, |Stated { version, content, .. }| (version, content));
        Ok(json!({ "site_id": permit.site_id(), "version": version, "items": list.items }))
    }

    /// Replaces the list of a site.
    ///
    /// # Errors
    /// Field errors; 409 as an outcome.
    pub async fn change_entry_list(&self, permit: &Permit, wanted: &EntryListRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let mut outcome = self
            .once(permit.site_id(), retry, || async {
                let list = EntryList { items: wanted.items.clone() }.checked().map_err(told)?;
                let before = self.newest_document::<Value>(permit.site_id(), ENTRY_LIST).await?.map_or(0, |stated| stated.version);
                seen(wanted.version, before)?;
                let set = self.document_set(permit, ENTRY_LIST, before, &list)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = self.entry_list(permit).await?;
        }
        Ok(outcome)
    }
}
