//! The joint limit as time sees it: 预警, 黄牌, 红牌 of several cases as one, as of each case's own limit.

use domain::case::{Case, joint_clock};
use domain::case_clock::{Level, Thresholds};
use domain::time::local_date;

use crate::app::App;
use crate::app::error::Answer;

impl App {
    /// Raises what is to be told about the configured limit of the bundle that a case is part of, once a level; it is told
    /// with the first case that is not decided.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn watch_joint_limit(&self, case: &Case) -> Answer<()> {
        let is_open = |case: &Case| case.closed_as().is_none() && case.decision.is_none();
        let Some(id) = case.bundle_case.as_ref().filter(|_| is_open(case)) else { return Ok(()) };
        let site_id = case.site.as_str();
        let (row, doc, cases) = self.cases_of_bundle(site_id, id).await?;
        let Some(clock) = joint_clock(&cases, doc.promised_days) else { return Ok(()) };
        let open: Vec<&Case> = cases.iter().filter(|case| is_open(case)).collect();
        if open.first().is_none_or(|first| first.id != case.id) {
            return Ok(());
        }
        let reading = clock.read(local_date(self.now()), &self.directory.get().calendar, Thresholds::default());
        let (level, words) = match reading.level {
            Level::None => return Ok(()),
            Level::Notice => ("notice", "快到联办期限了"),
            Level::Yellow => ("yellow", "过了联办期限"),
            Level::Red => ("red", "过了法定的联办期限"),
        };
        let waiting: Vec<&str> = open.iter().map(|case| case.matter.name.as_str()).collect();
        let due = reading.due.map(|due| format!("（{due}）")).unwrap_or_default();
        let text = format!("{}：{}，“{}”{words}{due}，还没办完：{}", row.number, reading.level.label(), doc.name, waiting.join("、"));
        let tail = id.as_str().split_once('_').map_or(id.as_str(), |(_, rest)| rest);
        self.raise_once(site_id, format!("al_{tail}-joint-{level}"), "joint_deadline", level, case.id.as_str(), text).await
    }
}
