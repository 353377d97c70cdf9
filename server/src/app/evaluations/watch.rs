//! What time alone does to loops and complaints: a step that is late is put before the supervisor, once. Each
//! row says when it is to be looked at next; only those are read. Where the rules change — settings, a year of
//! the calendar — all of them are looked at anew.

use domain::evaluation::{Command, Doer, FollowUp, FollowUpEvent, Step};
use domain::ids::EvaluationId;

use crate::app::App;
use crate::app::alerts::alert_id;
use crate::app::error::{Answer, AppError};
use crate::app::retry::Outcome;
use crate::store::{AlertRow, ChangeSet, FollowUpRow};

/// Loops read at once.
const READ_MAX: i64 = 200;

impl App {
    /// Looks at the loops that are due.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn watch_evaluations(&self) -> Answer<()> {
        let now = self.now();
        let mut seen: Option<FollowUpRow> = None;
        loop {
            let rows = self.stores.evaluations.follow_ups_watched(now, seen.as_ref(), READ_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            seen = Some(last.clone());
            for row in &rows {
                if let Err(error) = self.once(&row.site_id, None, || self.watched_follow_up(row)).await {
                    tracing::warn!(evaluation = row.id, %error, "the rating's timer did not run");
                }
            }
        }
    }

    /// Loops and complaints stand under other rules than before, those of one site or all.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn evaluation_rules_changed(&self, site_id: Option<&str>) -> Answer<()> {
        Ok(self.stores.evaluations.follow_ups_watched_anew(site_id).await?)
    }

    async fn watched_follow_up(&self, seen: &FollowUpRow) -> Answer<(ChangeSet, Outcome)> {
        let id = EvaluationId::parse(&seen.id).ok_or(AppError::NotFound)?;
        let (row, follow_up) = self.follow_up_of(&seen.site_id, &id).await?;
        let ground = self.follow_up_ground(&row.site_id).await?;
        let events = ground.of(|ground| follow_up.decide(&Command::TellOverdue, Doer::System, &ground, self.now()))?;
        let late: Vec<Step> = events
            .iter()
            .filter_map(|event| match event {
                FollowUpEvent::EvaluationStepOverdue { step, .. } => Some(*step),
                _ => None,
            })
            .collect();
        let mut set = self.follow_up_set(row.clone(), follow_up.clone(), &events, "system").await?;
        for step in late {
            set.row(self.late_alert(&row, &follow_up, step));
        }
        Ok((set, Outcome::success(200, None, serde_json::Value::Null)))
    }

    fn late_alert(&self, row: &FollowUpRow, of: &FollowUp, step: Step) -> AlertRow {
        let day = domain::time::local(of.opened_at).format("%-m月%-d日");
        let text = match step {
            Step::Verify | Step::Rectify | Step::Reply | Step::CallBack => format!("{day}的一条差评，{}过了期限", step.label()),
            Step::FinishRectification => format!("{day}的一条差评，限期整改到期了，还没写改好"),
            Step::DecideAppeal => format!("{day}的一条差评，当事人申诉，复核过了期限"),
        };
        AlertRow {
            site_id: row.site_id.clone(),
            id: alert_id(&row.id, step.name()),
            kind: "evaluation_overdue".to_owned(),
            level: "red".to_owned(),
            object_id: row.id.clone(),
            text,
            at: self.now(),
            settled_at: None,
            audience: String::new(),
        }
    }
}
