//! Taking a matter out of force: no new cases, everywhere at once; those under way go on.

use domain::catalogue::{Matter, MatterState};
use domain::codes::clean_lines;
use domain::ids::MatterId;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{event, matter_rows, move_catalogue};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::retry::{Outcome, Retry};
use crate::store::ChangeSet;

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// Body of `POST /matters/{matter}/retire`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetireRequest {
    /// Why.
    pub reason: String,
}

impl App {
    /// Takes a matter of a site's own out of force.
    ///
    /// # Errors
    /// 404; field errors and 409 `matter_state` are outcomes.
    pub async fn retire_matter(
        &self,
        permit: &Permit,
        id: &MatterId,
        body: Result<RetireRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.matter_standing(site_id, id).await?;
        let mut outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let reason = clean_lines(&body.reason, REASON_CHARS_MAX)
                    .map_err(|fault| AppError::field("reason", fault.code(), &fault.message()))?;
                let row = self.stores.catalogue.matter(site_id, id.as_str()).await?;
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let row = row.filter(|row| row.state == "published");
                let row = row.ok_or_else(|| AppError::refused("matter_state", "这个事项已经停办，或者还没有发布"))?;
                let before: Matter = serde_json::from_str(&row.doc)?;
                let matter = Matter { version: before.version + 1, state: MatterState::Retired, ..before };
                let now = self.now();
                let (text_id, text) = self.new_text(site_id, "matter_retired", &reason)?;
                let mut set = ChangeSet::new(site_id);
                let (version, newest) = matter_rows(site_id, &matter, row.line_id, now)?;
                set.row(version);
                set.row(newest);
                set.row(text);
                move_catalogue(&mut set, changes);
                let told = json!({ "matter": id, "code": matter.code, "version": matter.version, "text_id": text_id });
                set.events.push(event(id.as_str(), "matter_retired", permit.caller().actor(), now, told));
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = serde_json::to_value(self.matter_draft(permit, id).await?)?;
        }
        Ok(outcome)
    }
}
