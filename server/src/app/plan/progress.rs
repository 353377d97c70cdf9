//! What a site reports on a task of the ledger. Each report is an event in the district's log, in the week in which
//! it was written; the newest of a site stands in the ledger, the others stay in the log.

use std::collections::BTreeMap;

use domain::codes::{clean_line, clean_lines};
use domain::ids::TextId;
use domain::plan::{LedgerPlan, Week};
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::cut::CUT;
use super::documents::{AGGREGATE, LEDGER_TASKS, event};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, Expect, LoggedEvent};

const TEXT_CHARS_MAX: usize = 1_000;
const EVIDENCE_CHARS_MAX: usize = 300;
const FIGURE_CHARS_MAX: usize = 60;
/// Kind of the event.
pub(super) const REPORTED: &str = "ledger_progress_reported";

/// Body of `POST /sites/{site}/ledger/progress`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerProgressRequest {
    /// The task.
    pub task_id: String,
    /// What was done, in own words.
    pub text: String,
    /// Where the evidence is: a document's number, a file's name.
    pub evidence: Option<String>,
    /// A figure that the site states itself.
    pub figure: Option<String>,
}

/// What was reported, without the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerProgressView {
    /// The site.
    pub site_id: String,
    /// The task.
    pub task_id: String,
    /// The week it belongs to.
    pub week: String,
    /// When.
    pub at: String,
}

/// A report as it stands in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Report {
    #[serde(rename = "type")]
    kind: String,
    pub(super) week: String,
    pub(super) task: String,
    pub(super) site: String,
    pub(super) text_id: TextId,
    pub(super) evidence_id: Option<TextId>,
    pub(super) figure_id: Option<TextId>,
}

/// The newest report of each site on each task, with its time.
pub(super) type Reports = BTreeMap<(String, String), (Report, Millis)>;

/// The reports among the events of a week, which come in order.
pub(super) fn reports(events: &[LoggedEvent]) -> Answer<Reports> {
    let mut newest = Reports::new();
    for logged in events.iter().filter(|logged| logged.kind == REPORTED) {
        let report: Report = serde_json::from_str(&logged.body)?;
        newest.insert((report.task.clone(), report.site.clone()), (report, logged.at));
    }
    Ok(newest)
}

/// Tasks that a site has to report on and has not, by site.
pub(super) fn missing(plan: &LedgerPlan, reports: &Reports) -> BTreeMap<String, Vec<String>> {
    let mut late: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for task in &plan.tasks {
        for site in task.responsible_site_ids.iter().filter(|site| !reports.contains_key(&(task.id.clone(), site.to_string()))) {
            late.entry(site.to_string()).or_default().push(task.id.clone());
        }
    }
    late
}

impl LedgerProgressRequest {
    fn checked(&self) -> Result<(String, Option<String>, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let text =
            clean_lines(&self.text, TEXT_CHARS_MAX).map_err(|fault| errors.add("text", fault.code(), fault.message())).unwrap_or_default();
        let mut line = |value: &Option<String>, field: &str, chars_max: usize| {
            let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty())?;
            clean_line(value, chars_max).map_err(|fault| errors.add(field, fault.code(), fault.message())).ok()
        };
        let evidence = line(&self.evidence, "evidence", EVIDENCE_CHARS_MAX);
        let figure = line(&self.figure, "figure", FIGURE_CHARS_MAX);
        if errors.is_empty() { Ok((text, evidence, figure)) } else { Err(errors) }
    }
}

impl App {
    /// A site reports on a task, in the week that goes on.
    ///
    /// # Errors
    /// Field errors; 409 `not_responsible` as an outcome.
    pub async fn report_progress(&self, permit: &Permit, request: &LedgerProgressRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let outcome = self.once(&root, retry, || self.progress_set(permit, &root, request)).await?;
        if outcome.status == 201 && !outcome.replayed {
            self.settle_ledger_alerts(&root, permit.site_id()).await?;
        }
        Ok(outcome)
    }

    async fn progress_set(&self, permit: &Permit, root: &str, request: &LedgerProgressRequest) -> Answer<(ChangeSet, Outcome)> {
        let plan = self.newest_document::<LedgerPlan>(root, LEDGER_TASKS).await?.map(|stated| stated.content).unwrap_or_default();
        let task = plan.task(&request.task_id);
        let (text, evidence, figure) = match request.checked() {
            Ok(checked) if task.is_some() => checked,
            checked => {
                let mut errors = checked.err().unwrap_or_default();
                if task.is_none() {
                    errors.add("task_id", "unknown", "台账里没有这项任务");
                }
                errors.check()?;
                return Err(AppError::NotFound);
            }
        };
        let is_responsible = |task: &domain::plan::Task| task.responsible_site_ids.iter().any(|site| site.as_str() == permit.site_id());
        if !task.is_some_and(is_responsible) {
            return Err(AppError::refused("not_responsible", "这项任务不由这个场所填报"));
        }
        let cut = self.last_cut(root).await?;
        let (now, mut set) = (self.now(), ChangeSet::new(root));
        let week = Week::of(now);
        // Whoever decides before a week is over and commits after its cut decides again, for the next week.
        set.expect.push(Expect::Counter(CUT.to_owned(), cut));
        let mut sealed = |text: &str| -> Answer<TextId> {
            let (id, row) = self.new_text(root, "ledger", text)?;
            set.row(row);
            Ok(id)
        };
        let report = Report {
            kind: REPORTED.to_owned(),
            week: week.to_string(),
            task: request.task_id.clone(),
            site: permit.site_id().to_owned(),
            text_id: sealed(&text)?,
            evidence_id: evidence.as_deref().map(&mut sealed).transpose()?,
            figure_id: figure.as_deref().map(&mut sealed).transpose()?,
        };
        set.events.push(event(&report.week, REPORTED, permit.caller().actor(), now, &report)?);
        let view = LedgerProgressView { site_id: report.site, task_id: report.task, week: report.week, at: rfc3339(now) };
        Ok((set, Outcome::success(201, None, json!(view))))
    }

    /// A site that has reported on everything this week is reminded of nothing more.
    async fn settle_ledger_alerts(&self, root: &str, site_id: &str) -> Answer<()> {
        let week = Week::of(self.now()).to_string();
        let plan = self.newest_document::<LedgerPlan>(root, LEDGER_TASKS).await?.map(|stated| stated.content).unwrap_or_default();
        let reports = reports(&self.stores.events.events_of(root, AGGREGATE, &week).await?)?;
        if missing(&plan, &reports).contains_key(site_id) {
            return Ok(());
        }
        for alert in self.stores.cases.alerts(site_id).await?.into_iter().filter(|alert| alert.kind.starts_with("ledger_")) {
            self.settle(alert).await?;
        }
        Ok(())
    }
}
