//! The joint limit as time sees it: 预警, 黄牌, 红牌 of several cases as one, as of each case's own limit.

use domain::case::{Case, joint_clock};
use domain::case_clock::{Level, Reading, Thresholds};
use domain::ids::BundleCaseId;
use domain::rights::Role;
use domain::time::local_date;

use super::BundleDoc;
use crate::app::App;
use crate::app::alerts::alert_id;
use crate::app::case_alerts::{JOINT, audience, limit_tail, up_to};
use crate::app::cases::CasePolicies;
use crate::app::error::Answer;
use crate::app::timers::NewAlert;
use crate::store::AlertRow;

/// The end of the id of an alert about a joint limit.
fn tail(level: Level, reading: &Reading) -> String {
    format!("joint-{}", limit_tail(level, reading))
}

impl App {
    /// Raises what is to be told about the configured limit of several cases as one, once a level; it is told with the
    /// first case of which nothing has come yet.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn watch_joint_limit(&self, site_id: &str, id: &BundleCaseId, policies: &mut CasePolicies) -> Answer<()> {
        let thresholds = policies.of(self, site_id).await?.thresholds();
        let (row, doc, cases) = self.cases_of_bundle(site_id, id).await?;
        let Some(reading) = self.joint_reading(&doc, &cases, thresholds) else { return Ok(()) };
        let open: Vec<&Case> = cases.iter().filter(|case| case.is_undecided()).collect();
        let words = match reading.level {
            Level::None => return Ok(()),
            Level::Notice => "快到联办期限了",
            Level::Yellow => "过了联办期限",
            Level::Red => "过了法定的联办期限",
        };
        let Some(first) = open.first() else { return Ok(()) };
        let waiting: Vec<&str> = open.iter().map(|case| case.matter.name.as_str()).collect();
        let due = reading.due.map(|due| format!("（{due}）")).unwrap_or_default();
        let text = format!("{}：{}，“{}”{words}{due}，还没办完：{}", row.number, reading.level.label(), doc.name, waiting.join("、"));
        let alert_id = alert_id(id.as_str(), &tail(reading.level, &reading));
        let alert = NewAlert { id: alert_id, kind: JOINT, level: reading.level.name(), object_id: first.id.as_str(), text };
        self.raise_once_for(site_id, alert, audience(&[Role::Approver], reading.level)).await
    }

    /// Whether an alert about the limit of the cases that a case is part of has nothing left to tell.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn is_joint_limit_over(&self, alert: &AlertRow, case: &Case, thresholds: Thresholds) -> Answer<bool> {
        let Some(id) = &case.bundle_case else { return Ok(true) };
        let (_, doc, cases) = self.cases_of_bundle(case.site.as_str(), id).await?;
        let Some(reading) = self.joint_reading(&doc, &cases, thresholds) else { return Ok(true) };
        let stands = up_to(reading.level).any(|level| alert_id(id.as_str(), &tail(level, &reading)) == alert.id);
        Ok(!stands || !cases.iter().any(Case::is_undecided))
    }

    fn joint_reading(&self, doc: &BundleDoc, cases: &[Case], thresholds: Thresholds) -> Option<Reading> {
        let clock = joint_clock(cases, doc.promised_days)?;
        Some(clock.read(local_date(self.now()), &self.directory.get().calendar, thresholds))
    }
}
