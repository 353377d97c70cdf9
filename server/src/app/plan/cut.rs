//! The cut of a week: one event of the system at the end of the week, which names the plan's version, the sites, the
//! figures as they were, and who had not reported. Reports of the week lie before it in the log, and none can come after
//! it, so the week's file can be made again byte for byte. Whoever looks first cuts; who comes second finds it cut.

use std::collections::{BTreeMap, BTreeSet};

use domain::plan::{LedgerPlan, Week};
use domain::time::Millis;
use serde::{Deserialize, Serialize};

use super::documents::{AGGREGATE, LEDGER_TASKS, counter_of, event};
use super::progress::{missing, reports};
use crate::app::App;
use crate::app::error::Answer;
use crate::app::figures::{PlanFigureView, SiteTally};
use crate::app::retry::Outcome;
use crate::store::{ChangeSet, CounterRow, Expect};

/// The counter of the last cut: the end of its week in UTC milliseconds.
pub(super) const CUT: &str = "ledger-cut";
/// Kind of the event.
pub(super) const LEDGER_CUT: &str = "ledger_cut";
/// Weeks that are cut at one go, after a long time without a server.
const WEEKS_AT_ONCE: usize = 60;

/// A site as it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CutSite {
    pub(super) name: String,
    pub(super) parent: Option<String>,
}

/// The figure of a task, for the district and site by site.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct TaskFigures {
    pub(super) whole: PlanFigureView,
    pub(super) sites: BTreeMap<String, PlanFigureView>,
}

/// The cut as it stands in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cut {
    #[serde(rename = "type")]
    kind: String,
    pub(super) week: String,
    pub(super) plan_version: i64,
    pub(super) sites: BTreeMap<String, CutSite>,
    pub(super) figures: BTreeMap<String, TaskFigures>,
    pub(super) late: BTreeMap<String, Vec<String>>,
}

impl App {
    /// The end of the last week that was cut; 0 before the first.
    pub(super) async fn last_cut(&self, root: &str) -> Answer<Millis> {
        Ok(self.stores.sites.counter(root, CUT).await?)
    }

    /// Cuts every week of a district that is over and has a plan.
    pub(super) async fn cut_weeks(&self, root: &str) -> Answer<()> {
        for _ in 0..WEEKS_AT_ONCE {
            let last = self.last_cut(root).await?;
            let begin = if last > 0 { Some(last) } else { self.plan_began(root).await? };
            let Some(week) = begin.map(Week::of).filter(|week| week.end() <= self.now()) else { return Ok(()) };
            self.once(root, None, || self.cut_set(root, week)).await?;
        }
        Ok(())
    }

    /// When the district's first plan was set.
    async fn plan_began(&self, root: &str) -> Answer<Option<Millis>> {
        if self.stores.sites.counter(root, &counter_of(LEDGER_TASKS)).await? == 0 {
            return Ok(None);
        }
        Ok(self.stores.events.events_of(root, AGGREGATE, LEDGER_TASKS).await?.first().map(|first| first.at))
    }

    async fn cut_set(&self, root: &str, week: Week) -> Answer<(ChangeSet, Outcome)> {
        let last = self.last_cut(root).await?;
        let done = Outcome::success(200, None, serde_json::Value::Null);
        if last >= week.end() {
            return Ok((ChangeSet::new(root), done));
        }
        let stated = self.document::<LedgerPlan>(root, LEDGER_TASKS, week.end() - 1).await?;
        let (plan_version, plan) = stated.map_or_else(Default::default, |stated| (stated.version, stated.content));
        let reports = reports(&self.stores.events.events_of(root, AGGREGATE, &week.to_string()).await?)?;
        let listing = self.directory.get();
        let cut_site =
            |site: &crate::store::SiteRow| (site.id.clone(), CutSite { name: site.name.clone(), parent: site.parent_id.clone() });
        let sites = listing.subtree(root).iter().filter_map(|id| listing.sites.get(id.as_str())).map(cut_site).collect();
        let cut = Cut {
            kind: LEDGER_CUT.to_owned(),
            week: week.to_string(),
            plan_version,
            sites,
            figures: self.task_figures(root, &plan, week, week.end()).await?,
            late: missing(&plan, &reports),
        };
        let mut set = ChangeSet::new(root);
        set.expect.push(Expect::Counter(CUT.to_owned(), last));
        set.events.push(event(&cut.week, LEDGER_CUT, "system", self.now(), &cut)?);
        set.row(CounterRow { site_id: root.to_owned(), name: CUT.to_owned(), value: week.end() });
        Ok((set, done))
    }

    /// The figures that the plan's tasks name, from the begin of a week until an instant.
    pub(super) async fn task_figures(
        &self,
        root: &str,
        plan: &LedgerPlan,
        week: Week,
        until: Millis,
    ) -> Answer<BTreeMap<String, TaskFigures>> {
        let wanted: BTreeSet<&str> = plan.tasks.iter().filter_map(|task| task.figure.as_deref()).collect();
        if wanted.is_empty() || until <= week.start() {
            return Ok(BTreeMap::new());
        }
        let listing = self.directory.get();
        let rows: Vec<_> = listing.subtree(root).iter().filter_map(|id| listing.sites.get(id.as_str()).cloned()).collect();
        let tallies = self.tallies(&rows, &(week.start()..until), wanted.contains("never_here")).await?;
        let whole = self.added_up(root, &tallies).await?.views(None);
        let of_site = |one: &SiteTally| (one.site.id.clone(), one.tally.views(Some(&one.goals)));
        let by_site: Vec<_> = tallies.iter().map(of_site).collect();
        let mut figures = BTreeMap::new();
        for task in &plan.tasks {
            let Some(key) = task.figure.as_deref() else { continue };
            let sites = by_site.iter().filter_map(|(site, views)| Some((site.clone(), views.get(key)?.clone()))).collect();
            figures.insert(task.id.clone(), TaskFigures { whole: whole.get(key).cloned().unwrap_or_default(), sites });
        }
        Ok(figures)
    }
}
