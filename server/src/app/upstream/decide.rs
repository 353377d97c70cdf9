//! A person's decision about a row that the platform above refused: send it again, or leave it. Both let what follows
//! in its case go on.

use domain::ids::ReportId;
use serde_json::{Value, json};

use super::owe::errand_of;
use super::view::ReportRowView;
use crate::app::App;
use crate::app::alerts::alert_of;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{AlertRow, ChangeSet, NewEvent, ReportedRow};

/// What a person decides about a refused row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowVerdict {
    /// Send it again.
    SendAgain,
    /// Leave it.
    GiveUp,
}

impl App {
    /// Sends a refused row again, or gives it up.
    ///
    /// # Errors
    /// 404; field errors and 409 `report_state` are outcomes.
    pub async fn judge_report(
        &self,
        permit: &Permit,
        id: &ReportId,
        verdict: RowVerdict,
        fields: Answer<()>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        if self.stores.upstream.reported(site_id, id.as_str()).await?.is_none() {
            return Err(AppError::NotFound);
        }
        fields?;
        let mut outcome = self.once(site_id, retry, || self.report_verdict(permit, id, verdict)).await?;
        if outcome.body.is_null() {
            let row = self.stores.upstream.reported(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
            outcome.body = serde_json::to_value(ReportRowView::of(row))?;
        }
        Ok(outcome)
    }

    async fn report_verdict(&self, permit: &Permit, id: &ReportId, verdict: RowVerdict) -> Answer<(ChangeSet, Outcome)> {
        let (site_id, now) = (permit.site_id(), self.now());
        let row = self.stores.upstream.reported(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        if row.state != "refused" {
            return Err(AppError::refused("report_state", "只有上级平台没收下的才能重发或放弃"));
        }
        let (kind, state) = match verdict {
            RowVerdict::SendAgain => ("report_sent_again", "pending"),
            RowVerdict::GiveUp => ("report_given_up", "given_up"),
        };
        let judged = ReportedRow { state: state.to_owned(), ..row };
        let mut set = self.decision_about(&judged, kind, permit.caller().actor(), None);
        if verdict == RowVerdict::SendAgain {
            set.row(errand_of(&judged, now));
        }
        for waiting in self.stores.upstream.reported_of(site_id, &judged.about_id).await? {
            if waiting.state == "pending" && waiting.position > judged.position {
                set.row(errand_of(&waiting, now));
            }
        }
        if let Some(alert) = self.stores.cases.alert(site_id, &alert_of(&judged.id)).await? {
            set.row(AlertRow { settled_at: Some(now), ..alert });
        }
        set.row(judged);
        Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
    }

    /// A change-set with the event of what became of a row.
    pub(super) fn decision_about(&self, row: &ReportedRow, kind: &str, actor: &str, code: Option<&str>) -> ChangeSet {
        let mut set = ChangeSet::new(&row.site_id);
        let body =
            json!({ "type": kind, "report": row.id, "about": row.about_id, "number": row.number, "table": row.table_name, "code": code });
        set.events.push(NewEvent {
            aggregate: "report",
            aggregate_id: row.id.clone(),
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            at: self.now(),
            body: body.to_string(),
        });
        set
    }
}
