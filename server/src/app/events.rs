//! The event log as auditors read it.

use domain::time::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::Answer;

/// One event of a site's log. Persons and texts stand in it by id only.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventView {
    /// Position in the site's log, from 1 without gaps.
    pub seq: i64,
    /// Epoch of the log; changes when a backup was restored.
    pub epoch: i64,
    /// Recorded at.
    pub at: String,
    /// `hall`, `case`, `person`, …
    pub aggregate: String,
    /// Id of the aggregate.
    pub aggregate_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id of the member of staff or device, `system` or `citizen`.
    pub actor: String,
    /// The event.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// The chain's hash, hexadecimal.
    pub hash: String,
}

impl App {
    /// Events of a site after a position, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn events(&self, permit: &Permit, after: i64, limit: usize) -> Answer<Vec<EventView>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let events = self.stores.events.events_after(permit.site_id(), after, limit).await?;
        let view = |event: crate::store::LoggedEvent| {
            Ok(EventView {
                seq: event.seq,
                epoch: event.epoch,
                at: rfc3339(event.at),
                aggregate: event.aggregate,
                aggregate_id: event.aggregate_id,
                kind: event.kind,
                actor: event.actor,
                body: serde_json::from_str(&event.body)?,
                hash: data_encoding::HEXLOWER.encode(&event.hash),
            })
        };
        events.into_iter().map(view).collect()
    }
}
