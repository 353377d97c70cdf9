//! The documents of the plan, each a row of versions in a site's log.

use domain::time::Millis;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::stated;
pub(super) use crate::app::stated::Stated;
use crate::demo::SamplePlan;
use crate::store::{ChangeSet, NewEvent};

/// The aggregate of everything that belongs to the plan.
pub(super) const AGGREGATE: &str = "plan";
pub(super) const LEDGER_TASKS: &str = "ledger-tasks";
pub(super) const LEDGER_CONTACTS: &str = "ledger-contacts";
pub(super) const TIER_CHECKLIST: &str = "tier-checklist";
pub(super) const ENTRY_LIST: &str = "entry-list";
/// Who writes the sample, in the log.
const SYSTEM: &str = "system";

pub(super) fn counter_of(document: &str) -> String {
    stated::counter_of(AGGREGATE, document)
}

/// An event of the plan.
pub(super) fn event(id: &str, kind: &str, actor: &str, at: Millis, body: &impl Serialize) -> Answer<NewEvent> {
    Ok(NewEvent {
        aggregate: AGGREGATE,
        aggregate_id: id.to_owned(),
        kind: kind.to_owned(),
        actor: actor.to_owned(),
        at,
        body: serde_json::to_string(body)?,
    })
}

impl App {
    /// The newest version at an instant.
    pub(super) async fn document<T: DeserializeOwned>(&self, site_id: &str, document: &str, at: Millis) -> Answer<Option<Stated<T>>> {
        self.stated(site_id, AGGREGATE, document, at).await
    }

    /// The newest version of all.
    pub(super) async fn newest_document<T: DeserializeOwned>(&self, site_id: &str, document: &str) -> Answer<Option<Stated<T>>> {
        self.document(site_id, document, Millis::MAX).await
    }

    /// The change-set of a new version that follows on `before`.
    pub(super) fn document_set(&self, permit: &Permit, document: &str, before: i64, content: &impl Serialize) -> Answer<ChangeSet> {
        self.version_set(permit.site_id(), permit.caller().actor(), document, before, content)
    }

    fn version_set(&self, site_id: &str, actor: &str, document: &str, before: i64, content: &impl Serialize) -> Answer<ChangeSet> {
        self.stated_set(site_id, actor, (AGGREGATE, document), before, content)
    }

    /// Writes the sample plan.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn seed_plan(&self, root: &str, plan: &SamplePlan) -> Answer<()> {
        let mut sets = vec![
            self.version_set(root, SYSTEM, LEDGER_TASKS, 0, &plan.ledger)?,
            self.version_set(root, SYSTEM, TIER_CHECKLIST, 0, &plan.checklist)?,
        ];
        for (site, list) in &plan.entry_lists {
            sets.push(self.version_set(site.as_str(), SYSTEM, ENTRY_LIST, 0, list)?);
        }
        for set in sets {
            self.commit(set).await?;
        }
        Ok(())
    }

    /// The district's documents are its site's.
    pub(super) fn at_the_top(&self, permit: &Permit) -> Answer<()> {
        let listing = self.directory.get();
        let root = listing.root_of(permit.site_id())?;
        if root.id == permit.site_id() {
            return Ok(());
        }
        Err(AppError::refused("not_the_district", format!("这一份由{}统一管，请到那里改", root.name)))
    }
}

/// Whoever names the version that he changes must have seen the newest.
pub(super) fn seen(named: Option<i64>, newest: i64) -> Answer<()> {
    stated::seen("plan_changed", named, newest)
}
