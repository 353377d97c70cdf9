//! Errands that no further try will mend: what they are about is gone, or cannot be read. None is dropped in silence and
//! none is tried without end: a message or an upload becomes one that failed, with the decisions that a failed one has;
//! of anything else whoever runs the house is told.

use serde_json::{Value, json};

use super::App;
use super::alerts::alert_of;
use super::error::{Answer, AppError};
use super::notifications::dead;
use crate::gateways::Fault;
use crate::store::{AlertRow, ChangeSet, NewEvent, OutboxRow};

/// Kind of the alert about an errand that cannot be carried out.
pub(in crate::app) const STUCK: &str = "errand_stuck";

impl App {
    /// The last try of an errand could not be made.
    ///
    /// # Errors
    /// When the store fails: then it comes again.
    pub async fn errand_dead(&self, owed: &OutboxRow, code: &str) -> Answer<()> {
        let judged = match owed.kind.as_str() {
            "notify" => self.message_dead(owed, code).await,
            "upload" => self.upload_dead(owed, code).await,
            _ => Err(AppError::NotFound),
        };
        match judged {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(outbox = owed.id, kind = owed.kind, %error, "an errand cannot be carried out");
                self.errand_stuck(owed, code).await
            }
        }
    }

    async fn message_dead(&self, owed: &OutboxRow, code: &str) -> Answer<()> {
        let id = named(owed, "notification_id")?;
        let row = self.stores.cases.notification(&owed.site_id, &id).await?.ok_or(AppError::NotFound)?;
        if row.state != "pending" {
            return self.errand_done(owed).await;
        }
        self.notification_failed(owed, row, &Fault::lasting(code)).await
    }

    async fn upload_dead(&self, owed: &OutboxRow, code: &str) -> Answer<()> {
        let case_id = named(owed, "case_id")?;
        self.case_of_site(&owed.site_id, &case_id).await?;
        self.upload_ended(&owed.site_id, &case_id, Err(Fault::lasting(code))).await?;
        self.errand_done(owed).await
    }

    async fn errand_stuck(&self, owed: &OutboxRow, code: &str) -> Answer<()> {
        let now = self.now();
        let mut set = ChangeSet::new(&owed.site_id);
        set.events.push(NewEvent {
            aggregate: "errand",
            aggregate_id: owed.id.clone(),
            kind: "errand_given_up".to_owned(),
            actor: "system".to_owned(),
            at: now,
            body: json!({ "type": "errand_given_up", "errand": owed.id, "kind": owed.kind, "code": code }).to_string(),
        });
        set.row(dead(owed, code));
        set.row(AlertRow {
            site_id: owed.site_id.clone(),
            id: alert_of(&owed.id),
            kind: STUCK.to_owned(),
            level: "yellow".to_owned(),
            object_id: owed.id.clone(),
            text: format!("{}做不下去：数据读不出来，请信息员按编号 {} 查日志", what(&owed.kind), owed.id),
            at: now,
            settled_at: None,
            audience: String::new(),
        });
        Ok(self.commit(set).await.map(drop)?)
    }
}

fn named(owed: &OutboxRow, field: &str) -> Answer<String> {
    let payload: Value = serde_json::from_str(&owed.payload)?;
    payload[field].as_str().map(str::to_owned).ok_or(AppError::NotFound)
}

fn what(kind: &str) -> &'static str {
    match kind {
        "notify" => "一条通知",
        "upload" => "一次证照上传",
        "reconcile" => "一次对账",
        "pull" => "一次上级办件查询",
        _ => "一件后台任务",
    }
}
