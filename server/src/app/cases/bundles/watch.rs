//! The joint limit as time sees it: 预警, 黄牌, 红牌 of several cases as one, as of each case's own limit.

use domain::case::{Case, joint_clock};
use domain::case_clock::{Level, Thresholds};
use domain::rights::Role;
use domain::time::local_date;

use crate::app::App;
use crate::app::case_alerts::{JOINT, audience};
use crate::app::error::Answer;
use crate::app::timers::NewAlert;

impl App {
    /// Raises what is to be told about the configured limit of the bundle that a case is part of, once a level; it is told
    /// with the first case that is not decided.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn watch_joint_limit(&self, case: &Case, thresholds: Thresholds) -> Answer<()> {
        let Some(id) = case.bundle_case.as_ref().filter(|_| is_open(case)) else { return Ok(()) };
        let site_id = case.site.as_str();
        let (row, doc, cases) = self.cases_of_bundle(site_id, id).await?;
        let Some(clock) = joint_clock(&cases, doc.promised_days) else { return Ok(()) };
        let open: Vec<&Case> = cases.iter().filter(|case| is_open(case)).collect();
        if open.first().is_none_or(|first| first.id != case.id) {
            return Ok(());
        }
        let reading = clock.read(local_date(self.now()), &self.directory.get().calendar, thresholds);
        let words = match reading.level {
            Level::None => return Ok(()),
            Level::Notice => "快到联办期限了",
            Level::Yellow => "过了联办期限",
            Level::Red => "过了法定的联办期限",
        };
        let waiting: Vec<&str> = open.iter().map(|case| case.matter.name.as_str()).collect();
        let due = reading.due.map(|due| format!("（{due}）")).unwrap_or_default();
        let text = format!("{}：{}，“{}”{words}{due}，还没办完：{}", row.number, reading.level.label(), doc.name, waiting.join("、"));
        let tail = id.as_str().split_once('_').map_or(id.as_str(), |(_, rest)| rest);
        let level = reading.level.name();
        let alert = NewAlert { id: format!("al_{tail}-joint-{level}"), kind: JOINT, level, object_id: case.id.as_str(), text };
        self.raise_once_for(site_id, alert, audience(&[Role::Approver], reading.level)).await
    }

    /// Whether an alert about the limit of the bundle that a case is part of has nothing left to tell.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn is_joint_limit_over(&self, case: &Case) -> Answer<bool> {
        let Some(id) = &case.bundle_case else { return Ok(true) };
        let (_, _, cases) = self.cases_of_bundle(case.site.as_str(), id).await?;
        Ok(!cases.iter().any(is_open))
    }
}

fn is_open(case: &Case) -> bool {
    case.closed_as().is_none() && case.decision.is_none()
}
