//! A week of the ledger: the plan's tasks with what each site reported and the figures that are filled in. A week that
//! is over is told as it was cut; the one that goes on, as it is now. Page and file are made from the same book.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::TextId;
use domain::plan::{LedgerPlan, PlanFigure, Task, Week, figure};
use domain::rights::Operation;
use domain::time::{Millis, local, rfc3339};
use futures_util::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::cut::{Cut, CutSite, LEDGER_CUT, TaskFigures};
use super::documents::{AGGREGATE, LEDGER_TASKS, Stated};
use super::progress::{Report, Reports, reports};
use super::{sheet, week_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::figures::{PlanFigureView, in_words};

/// Title of a ledger whose plan gives it none.
const TITLE: &str = "整改提升工作台账";
/// Sealed texts opened at the same time.
const TEXTS_AT_ONCE: usize = 8;

/// A column of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields say it")]
pub struct LedgerColumnView {
    pub key: String,
    pub title: String,
}

/// What a site reported on a task.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LedgerReportView {
    /// The site.
    pub site_id: String,
    /// Its name.
    pub site_name: String,
    /// What was done; null when nothing was reported this week.
    pub text: Option<String>,
    /// Where the evidence is.
    pub evidence: Option<String>,
    /// A figure that the site states itself.
    pub stated_figure: Option<String>,
    /// When it was reported.
    pub reported_at: Option<String>,
    /// The task's figure for this site.
    pub figure: Option<PlanFigureView>,
    /// The figure in words.
    pub figure_text: Option<String>,
    /// Whether the caller may report for this site now.
    pub can_report: bool,
}

/// A task with what was reported on it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LedgerTaskView {
    /// Identity.
    pub id: String,
    /// Place in the ledger, from 1.
    pub place: usize,
    /// Clause of the plan.
    pub clause: String,
    /// What is to be done.
    pub title: String,
    /// Who leads it.
    pub lead_unit: String,
    /// Who is responsible, in words.
    pub responsible_units: String,
    /// Until when, in words.
    pub term: String,
    /// The figure that is filled in, by its key.
    pub figure_key: Option<String>,
    /// Its name.
    pub figure_name: Option<String>,
    /// Its value for the whole.
    pub figure: Option<PlanFigureView>,
    /// The value in words.
    pub figure_text: Option<String>,
    /// What stands in columns of the plan's own.
    pub values: BTreeMap<String, String>,
    /// Site by site, also those that have not reported.
    pub reports: Vec<LedgerReportView>,
    /// How many have not.
    pub missing: usize,
}

/// A week of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LedgerView {
    /// The week, `2026-W48`.
    pub week: String,
    /// Its first instant: Friday, 12:00.
    pub from: String,
    /// Its end: Friday, 12:00.
    pub to: String,
    /// `open` while it goes on: everything is as of `as_of`; `closed` when it is over.
    pub state: String,
    /// As of when.
    pub as_of: String,
    /// Epoch and position of the cut in the district's log; null while it goes on.
    pub cut_epoch: Option<i64>,
    /// See `cut_epoch`.
    pub cut_seq: Option<i64>,
    /// The week before.
    pub previous_week: String,
    /// The week after, when it has begun.
    pub next_week: Option<String>,
    /// The site whose ledger it is: its own tasks and those of the sites below it.
    pub site_id: String,
    /// Its name.
    pub site_name: String,
    /// Title.
    pub title: String,
    /// Version of the plan.
    pub plan_version: i64,
    /// Whether the caller may change the plan.
    pub can_manage: bool,
    /// Columns of the file.
    pub columns: Vec<LedgerColumnView>,
    /// Tasks in their order.
    pub tasks: Vec<LedgerTaskView>,
}

/// A report with its words.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) evidence: Option<String>,
    pub(super) figure: Option<String>,
    pub(super) at: Millis,
}

/// Everything that a ledger is made from.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) week: Week,
    pub(super) cut: Option<(i64, i64)>,
    pub(super) is_closed: bool,
    pub(super) site_id: String,
    is_root: bool,
    pub(super) plan: LedgerPlan,
    plan_version: i64,
    sites: BTreeMap<String, CutSite>,
    /// The site and those below it.
    reach: BTreeSet<String>,
    reports: BTreeMap<(String, String), Words>,
    figures: BTreeMap<String, TaskFigures>,
}

impl Book {
    pub(super) fn site_name(&self, site_id: &str) -> &str {
        self.sites.get(site_id).map_or("", |site| &site.name)
    }

    pub(super) fn title(&self) -> &str {
        if self.plan.title.is_empty() { TITLE } else { &self.plan.title }
    }

    /// The tasks that the site or one below it reports on.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.plan.tasks.iter().filter(|task| self.is_root || self.sites_of(task).next().is_some())
    }

    /// The sites in reach that report on a task.
    pub(super) fn sites_of<'a>(&'a self, task: &'a Task) -> impl Iterator<Item = &'a str> {
        task.responsible_site_ids.iter().map(|site| site.as_str()).filter(|site| self.reach.contains(*site))
    }

    pub(super) fn report(&self, task: &Task, site: &str) -> Option<&Words> {
        self.reports.get(&(task.id.clone(), site.to_owned()))
    }

    /// Who is responsible, in words.
    pub(super) fn responsible(&self, task: &Task) -> String {
        let sites = task.responsible_site_ids.iter().map(|site| self.site_name(site.as_str()));
        sites.chain([task.other_units.as_str()]).filter(|name| !name.is_empty()).collect::<Vec<_>>().join("、")
    }

    /// The task's figure: for the district its whole, for a site its own.
    pub(super) fn figure_of(&self, task: &Task) -> Option<(&'static PlanFigure, &PlanFigureView)> {
        let figures = self.figures.get(&task.id)?;
        let view = if self.is_root { &figures.whole } else { figures.sites.get(&self.site_id)? };
        Some((figure(task.figure.as_deref()?)?, view))
    }

    pub(super) fn figure_at(&self, task: &Task, site: &str) -> Option<(&'static PlanFigure, &PlanFigureView)> {
        Some((figure(task.figure.as_deref()?)?, self.figures.get(&task.id)?.sites.get(site)?))
    }

    /// `11月20日 12:00 至 11月27日 12:00`.
    pub(super) fn period(&self) -> String {
        let day = |at: Millis| local(at).format("%Y年%-m月%-d日 %H:%M").to_string();
        format!("{} 至 {}", day(self.week.start()), day(self.week.end()))
    }
}

impl App {
    /// A week of the ledger of a site: of its own tasks and of those of the sites below it.
    ///
    /// # Errors
    /// 422 for what names no week, 409 `week_not_begun`.
    pub async fn ledger(&self, permit: &Permit, week: Option<&str>) -> Answer<LedgerView> {
        let now = self.now();
        let book = self.ledger_book(permit.site_id(), week_of(week, now)?).await?;
        let is_now = Week::of(now) == book.week;
        let may = |operation: Operation, site: &str| permit.caller().permit(operation, site).is_ok();
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let report = |task: &Task, site: &str| {
            let words = book.report(task, site);
            let figure = book.figure_at(task, site);
            LedgerReportView {
                site_id: site.to_owned(),
                site_name: book.site_name(site).to_owned(),
                text: words.map(|words| words.text.clone()),
                evidence: words.and_then(|words| words.evidence.clone()),
                stated_figure: words.and_then(|words| words.figure.clone()),
                reported_at: words.map(|words| rfc3339(words.at)),
                figure: figure.map(|(_, view)| view.clone()),
                figure_text: figure.map(|(figure, view)| in_words(figure, view)),
                can_report: is_now && may(Operation::ReportProgress, site),
            }
        };
        let task = |(place, task): (usize, &Task)| {
            let reports: Vec<LedgerReportView> = book.sites_of(task).map(|site| report(task, site)).collect();
            let figure = book.figure_of(task);
            LedgerTaskView {
                id: task.id.clone(),
                place: place + 1,
                clause: task.clause.clone(),
                title: task.title.clone(),
                lead_unit: task.lead_unit.clone(),
                responsible_units: book.responsible(task),
                term: task.term.clone(),
                figure_key: task.figure.clone(),
                figure_name: task.figure.as_deref().and_then(domain::plan::figure).map(|figure| figure.name.to_owned()),
                figure: figure.map(|(_, view)| view.clone()),
                figure_text: figure.map(|(figure, view)| in_words(figure, view)),
                values: task.values.clone(),
                missing: reports.iter().filter(|report| report.text.is_none()).count(),
                reports,
            }
        };
        let next = book.week.next();
        Ok(LedgerView {
            week: book.week.to_string(),
            from: rfc3339(book.week.start()),
            to: rfc3339(book.week.end()),
            state: if book.is_closed { "closed" } else { "open" }.to_owned(),
            as_of: rfc3339(if book.is_closed { book.week.end() } else { now }),
            cut_epoch: book.cut.map(|(epoch, _)| epoch),
            cut_seq: book.cut.map(|(_, seq)| seq),
            previous_week: book.week.previous().to_string(),
            next_week: (next.start() <= now).then(|| next.to_string()),
            site_id: book.site_id.clone(),
            site_name: book.site_name(&book.site_id).to_owned(),
            title: book.title().to_owned(),
            plan_version: book.plan_version,
            can_manage: may(Operation::ManagePlan, &root),
            columns: book
                .plan
                .columns
                .iter()
                .map(|column| LedgerColumnView { key: column.key.clone(), title: column.title.clone() })
                .collect(),
            tasks: book.tasks().enumerate().map(task).collect(),
        })
    }

    /// The file of a week, with its name. Of a week that is over it is the same for ever; of one that goes on it is
    /// a draft and says so.
    ///
    /// # Errors
    /// 422 for what names no week, 409 `week_not_begun`.
    pub async fn ledger_file(&self, permit: &Permit, week: Option<&str>) -> Answer<(String, Vec<u8>)> {
        let book = self.ledger_book(permit.site_id(), week_of(week, self.now())?).await?;
        let draft = if book.is_closed { "" } else { "-draft" };
        let name = format!("ledger-{}-{}{draft}.xlsx", book.site_id, book.week);
        let file = tokio::task::spawn_blocking(move || sheet::file(&book)).await;
        let file = file.map_err(|error| AppError::Internal(error.to_string()))?;
        Ok((name, file.map_err(|error| AppError::Internal(error.to_string()))?))
    }

    pub(super) async fn ledger_book(&self, site_id: &str, week: Week) -> Answer<Book> {
        let now = self.now();
        if week.start() > now {
            return Err(AppError::refused("week_not_begun", format!("{week} 还没有开始")));
        }
        let root = self.directory.get().root_of(site_id)?.id.clone();
        let is_closed = week.end() <= now;
        if is_closed {
            self.cut_weeks(&root).await?;
        }
        let events = self.stores.events.events_of(&root, AGGREGATE, &week.to_string()).await?;
        let logged = events.iter().find(|logged| logged.kind == LEDGER_CUT);
        let cut: Option<Cut> = logged.map(|logged| serde_json::from_str(&logged.body)).transpose()?;
        let (plan_version, plan) = self.plan_of(&root, week, is_closed).await?;
        let sites = cut.as_ref().map_or_else(|| self.sites_now(), |cut| cut.sites.clone());
        let figures = match &cut {
            Some(cut) => cut.figures.clone(),
            None if is_closed => BTreeMap::new(),
            None => self.task_figures(&root, &plan, week, now).await?,
        };
        Ok(Book {
            week,
            cut: logged.map(|logged| (logged.epoch, logged.seq)),
            is_closed,
            site_id: site_id.to_owned(),
            is_root: site_id == root,
            plan,
            plan_version,
            reach: below(site_id, &sites),
            sites,
            reports: self.words_of(&root, reports(&events)?).await?,
            figures,
        })
    }

    /// The plan as it was when the week ended or as it is now. A week before the first plan is told by the first,
    /// which stays the first.
    async fn plan_of(&self, root: &str, week: Week, is_closed: bool) -> Answer<(i64, LedgerPlan)> {
        let at = if is_closed { week.end() - 1 } else { Millis::MAX };
        let stated = match self.document::<LedgerPlan>(root, LEDGER_TASKS, at).await? {
            Some(stated) => Some(stated),
            None => {
                let all = self.stores.events.events_of(root, AGGREGATE, LEDGER_TASKS).await?;
                all.first().map(|first| serde_json::from_str(&first.body)).transpose()?
            }
        };
        Ok(stated.map_or_else(Default::default, |Stated { version, content, .. }| (version, content)))
    }

    fn sites_now(&self) -> BTreeMap<String, CutSite> {
        let listing = self.directory.get();
        let site = |site: &crate::store::SiteRow| (site.id.clone(), CutSite { name: site.name.clone(), parent: site.parent_id.clone() });
        listing.sites.values().map(site).collect()
    }

    async fn words_of(&self, root: &str, reports: Reports) -> Answer<BTreeMap<(String, String), Words>> {
        let (mut words, reports): (_, Vec<_>) = (BTreeMap::new(), reports.into_iter().collect());
        for some in reports.chunks(TEXTS_AT_ONCE) {
            let mut opened = Vec::with_capacity(some.len());
            for (key, (report, at)) in some {
                opened.push(self.report_words(root, key.clone(), report, *at));
            }
            words.extend(try_join_all(opened).await?);
        }
        Ok(words)
    }

    async fn report_words(&self, root: &str, key: (String, String), report: &Report, at: Millis) -> Answer<((String, String), Words)> {
        let text = self.text(root, report.text_id.as_str()).await?;
        let evidence = self.text_if_any(root, report.evidence_id.as_ref()).await?;
        let figure = self.text_if_any(root, report.figure_id.as_ref()).await?;
        Ok((key, Words { text, evidence, figure, at }))
    }

    async fn text_if_any(&self, root: &str, id: Option<&TextId>) -> Answer<Option<String>> {
        match id {
            Some(id) => Ok(Some(self.text(root, id.as_str()).await?)),
            None => Ok(None),
        }
    }
}

/// A site and everything below it.
fn below(site_id: &str, sites: &BTreeMap<String, CutSite>) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![site_id.to_owned()]);
    while let Some(id) = open.pop() {
        open.extend(
            sites
                .iter()
                .filter(|(_, site)| site.parent.as_deref() == Some(&id))
                .map(|(below, _)| below.clone())
                .filter(|below| !found.contains(below)),
        );
        found.insert(id);
    }
    found
}
