//! The ledger's tasks and columns, read and replaced as a whole by the district.

use domain::ids::SiteId;
use domain::plan::{Column, LedgerPlan, Task};
use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::{LEDGER_TASKS, Stated, seen};
use super::told;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::Answer;
use crate::app::figures::heads;
use crate::app::retry::{Outcome, Retry};
use crate::store::Expect;

/// Body of `PUT /sites/{site}/ledger/tasks`: it replaces the plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerTasksRequest {
    /// The version that is changed; 409 `plan_changed` when it is not the newest.
    version: Option<i64>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    columns: Vec<Column>,
    tasks: Vec<Task>,
}

impl App {
    /// The plan as it stands, with the figures and sites that a task can name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn ledger_tasks(&self, permit: &Permit) -> Answer<Value> {
        let listing = self.directory.get();
        let root = listing.root_of(permit.site_id())?.id.clone();
        let stated = self.newest_document::<LedgerPlan>(&root, LEDGER_TASKS).await?;
        let (version, plan) = stated.map_or_else(Default::default, |Stated { version, content, .. }| (version, content));
        let tree = listing.subtree(&root);
        let sites = listing.sites.values().filter(|site| tree.iter().any(|id| id.as_str() == site.id));
        let sites = sites.map(|site| json!({ "id": site.id, "name": site.name }));
        Ok(json!({
            "site_id": root, "version": version, "title": plan.title, "columns": plan.columns, "tasks": plan.tasks,
            "figures": heads(), "sites": sites.collect::<Vec<_>>(),
        }))
    }

    /// Replaces the plan.
    ///
    /// # Errors
    /// Field errors; 409 away from the district's site and for a version that is not the newest, as outcomes.
    pub async fn change_ledger_tasks(&self, permit: &Permit, wanted: &LedgerTasksRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let root = permit.site_id();
        let sites = self.directory.get().subtree(root);
        let is_site = |id: &SiteId| sites.contains(id);
        let mut outcome = self
            .once(root, retry, || async {
                let LedgerTasksRequest { version, title, columns, tasks } = wanted.clone();
                let plan = LedgerPlan { title, columns, tasks }.checked(is_site).map_err(told)?;
                self.at_the_top(permit)?;
                let before = self.newest_document::<Value>(root, LEDGER_TASKS).await?.map_or(0, |stated| stated.version);
                seen(version, before)?;
                let cut = self.last_cut(root).await?;
                let mut set = self.document_set(permit, LEDGER_TASKS, before, &plan)?;
                // What is said before a week is over is not written after it was cut.
                set.expect.push(Expect::Counter(super::cut::CUT.to_owned(), cut));
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = self.ledger_tasks(permit).await?;
        }
        Ok(outcome)
    }
}
