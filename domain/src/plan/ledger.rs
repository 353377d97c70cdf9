//! The ledger's tasks and columns as data (台账): what the plan says of each task, who reports on it, and which
//! columns the file has. Knows no progress and no week.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fault::{Faults, PlanFault, is_key};
use super::figure::figure;
use crate::ids::SiteId;

/// Most tasks of a plan.
const TASKS_MAX: usize = 200;
/// Most columns of the file.
const COLUMNS_MAX: usize = 30;
/// Most sites that report on one task.
const SITES_MAX: usize = 500;
const SHORT_CHARS_MAX: usize = 60;
const TITLE_CHARS_MAX: usize = 300;
const WIDTHS: std::ops::RangeInclusive<u16> = 4..=120;
/// What begins the key of a column that the plan itself fills.
const OWN_PREFIX: &str = "x-";

/// Columns that the house knows how to fill, with their titles.
pub const BUILT_IN_COLUMNS: &[(&str, &str)] = &[
    ("order", "序号"),
    ("clause", "条款"),
    ("title", "任务"),
    ("lead_unit", "牵头单位"),
    ("responsible_units", "责任单位"),
    ("term", "完成时限"),
    ("figure", "指标"),
    ("progress", "本周进展"),
    ("evidence", "佐证材料"),
    ("missing", "未填报"),
];

/// A task of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Identity, 1 to 32 of `a-z0-9-`.
    pub id: String,
    /// Clause of the plan.
    #[serde(default)]
    pub clause: String,
    /// What is to be done.
    pub title: String,
    /// Who leads it.
    pub lead_unit: String,
    /// The sites that report on it.
    pub responsible_site_ids: Vec<SiteId>,
    /// Other units that take part, in words.
    #[serde(default)]
    pub other_units: String,
    /// Until when, in words.
    #[serde(default)]
    pub term: String,
    /// Place in the ledger.
    pub order: u32,
    /// The figure that is filled in, by its key.
    #[serde(default)]
    pub figure: Option<String>,
    /// What stands in columns of the plan's own, by the column's key.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// One of [`BUILT_IN_COLUMNS`], or `x-…` for one that the tasks' `values` fill.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its width in characters.
    #[serde(default)]
    pub width: Option<u16>,
}

/// The ledger's plan: tasks and columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerPlan {
    /// Title of the ledger.
    #[serde(default)]
    pub title: String,
    /// Columns from left to right; the built-in ones when there are none.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Tasks.
    pub tasks: Vec<Task>,
}

impl LedgerPlan {
    /// The plan with its texts cleaned, its tasks in order and its columns filled in.
    ///
    /// # Errors
    /// Everything that is wrong; `is_site` tells whether a site may report.
    pub fn checked(mut self, is_site: impl Fn(&SiteId) -> bool) -> Result<Self, Vec<PlanFault>> {
        let mut faults = Faults::default();
        faults.line(&mut self.title, SHORT_CHARS_MAX, false, "title");
        if self.columns.is_empty() {
            self.columns = BUILT_IN_COLUMNS.iter().map(|(key, title)| built_in(key, title)).collect();
        }
        check_columns(&mut self.columns, &mut faults);
        faults.check(self.tasks.len() <= TASKS_MAX, "tasks", "too_many", &format!("任务最多 {TASKS_MAX} 项"));
        let columns: BTreeSet<&str> = self.columns.iter().map(|column| column.key.as_str()).collect();
        let mut ids = BTreeSet::new();
        for (place, task) in self.tasks.iter_mut().enumerate() {
            let at = format!("tasks[{place}]");
            faults.check(is_key(&task.id), &format!("{at}.id"), "form", "编号用小写字母、数字和短横，最多 32 个");
            faults.check(ids.insert(task.id.clone()), &format!("{at}.id"), "twice", "两项任务用了同一个编号");
            check_task(task, &at, &is_site, &columns, &mut faults);
        }
        faults.found()?;
        self.tasks.sort_by(|one, other| (one.order, &one.id).cmp(&(other.order, &other.id)));
        Ok(self)
    }

    /// A task.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }
}

fn built_in(key: &str, title: &str) -> Column {
    Column { key: key.to_owned(), title: title.to_owned(), width: None }
}

fn check_columns(columns: &mut [Column], faults: &mut Faults) {
    faults.check(columns.len() <= COLUMNS_MAX, "columns", "too_many", &format!("最多 {COLUMNS_MAX} 列"));
    let mut keys = BTreeSet::new();
    for (place, column) in columns.iter_mut().enumerate() {
        let at = format!("columns[{place}]");
        let is_built_in = BUILT_IN_COLUMNS.iter().any(|(key, _)| *key == column.key);
        let is_own = column.key.starts_with(OWN_PREFIX) && is_key(&column.key);
        faults.check(is_built_in || is_own, &format!("{at}.key"), "unknown", "没有这一列；自己加的列写成 x-… 的样子");
        faults.check(keys.insert(column.key.clone()), &format!("{at}.key"), "twice", "同一列写了两次");
        faults.check(column.width.is_none_or(|width| WIDTHS.contains(&width)), &format!("{at}.width"), "range", "列宽 4 到 120");
        faults.line(&mut column.title, SHORT_CHARS_MAX, true, &format!("{at}.title"));
    }
}

fn check_task(task: &mut Task, at: &str, is_site: &impl Fn(&SiteId) -> bool, columns: &BTreeSet<&str>, faults: &mut Faults) {
    faults.line(&mut task.clause, SHORT_CHARS_MAX, false, &format!("{at}.clause"));
    faults.line(&mut task.title, TITLE_CHARS_MAX, true, &format!("{at}.title"));
    faults.line(&mut task.lead_unit, SHORT_CHARS_MAX, true, &format!("{at}.lead_unit"));
    faults.line(&mut task.other_units, TITLE_CHARS_MAX, false, &format!("{at}.other_units"));
    faults.line(&mut task.term, SHORT_CHARS_MAX, false, &format!("{at}.term"));
    let sites = &task.responsible_site_ids;
    let field = format!("{at}.responsible_site_ids");
    faults.check(!sites.is_empty(), &field, "missing", "至少要有一个责任单位");
    faults.check(sites.len() <= SITES_MAX, &field, "too_many", &format!("责任单位最多 {SITES_MAX} 个"));
    faults.check(sites.iter().collect::<BTreeSet<_>>().len() == sites.len(), &field, "twice", "同一个单位写了两次");
    for (place, site) in sites.iter().enumerate() {
        faults.check(is_site(site), &format!("{field}[{place}]"), "unknown", "本区没有这个场所");
    }
    let is_figure = task.figure.as_deref().is_none_or(|key| figure(key).is_some());
    faults.check(is_figure, &format!("{at}.figure"), "unknown", "没有这个指标");
    for (key, value) in &mut task.values {
        let field = format!("{at}.values.{key}");
        faults.check(key.starts_with(OWN_PREFIX) && columns.contains(key.as_str()), &field, "unknown", "没有这一列");
        faults.lines(value, TITLE_CHARS_MAX, false, &field);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn task(id: &str, order: u32) -> Task {
        Task {
            id: id.to_owned(),
            clause: String::new(),
            title: "综合受理窗口通办".to_owned(),
            lead_unit: "区政务服务局".to_owned(),
            responsible_site_ids: vec![SiteId::parse("demo-center").unwrap()],
            other_units: String::new(),
            term: "2026年12月底前".to_owned(),
            order,
            figure: Some("one_window".to_owned()),
            values: BTreeMap::new(),
        }
    }

    #[test]
    fn tasks_come_in_their_order_with_the_columns_of_the_house() {
        let plan = LedgerPlan { tasks: vec![task("b", 2), task("a", 1)], ..LedgerPlan::default() };
        let plan = plan.checked(|_| true).unwrap();
        assert_eq!(plan.tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(plan.columns.len(), BUILT_IN_COLUMNS.len());
        assert!(plan.task("b").is_some() && plan.task("c").is_none());
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut bad = task("A b", 1);
        bad.title = " ".to_owned();
        bad.lead_unit = "x\u{202e}".to_owned();
        bad.responsible_site_ids.push(SiteId::parse("elsewhere").unwrap());
        bad.figure = Some("made_up".to_owned());
        bad.values.insert("x-none".to_owned(), "1".to_owned());
        let columns = vec![
            built_in("order", "序号"),
            built_in("order", ""),
            Column { key: "y".to_owned(), title: "别的".to_owned(), width: Some(0) },
        ];
        let plan = LedgerPlan { title: String::new(), columns, tasks: vec![bad, task("t", 1), task("t", 2)] };
        let faults = plan.checked(|site| site.as_str() == "demo-center").unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        for field in [
            "columns[1].key",
            "columns[1].title",
            "columns[2].key",
            "columns[2].width",
            "tasks[0].id",
            "tasks[0].title",
            "tasks[0].lead_unit",
            "tasks[0].responsible_site_ids[1]",
            "tasks[0].figure",
            "tasks[0].values.x-none",
            "tasks[2].id",
        ] {
            assert!(fields.contains(&field), "{field} is not among {fields:?}");
        }
    }
}
