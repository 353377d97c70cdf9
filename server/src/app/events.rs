//! The event log as auditors read it.

use domain::hall::Event as HallEvent;
use domain::time::{Millis, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::appointments::instant;
use super::caller::Permit;
use super::error::{Answer, AppError};
use super::hall::reason_view;
use crate::store::LoggedEvent;

/// Events read at once by a search.
const EVENTS_READ: i64 = 2_000;
/// How often a search reads before it answers with what it has.
const READS_MAX: usize = 10;

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
    /// Of a call: why this number, as the desk showed it.
    pub sentence: Option<String>,
    /// The event.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// The chain's hash, hexadecimal.
    pub hash: String,
}

/// Which events are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// `hall`, `case`, …
    pub aggregate: Option<String>,
    /// Id of the aggregate.
    pub aggregate_id: Option<String>,
    /// What happened.
    pub kind: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// Recorded at or after.
    pub from: Option<Millis>,
    /// Recorded before.
    pub to: Option<Millis>,
}

impl EventSearch {
    /// Instants as a request writes them; an empty text is none.
    ///
    /// # Errors
    /// A field error for what is no instant.
    pub fn between(self, from: Option<&str>, to: Option<&str>) -> Answer<Self> {
        let at = |field: &str, text: Option<&str>| match text.filter(|text| !text.is_empty()) {
            Some(text) => {
                instant(text).map(Some).ok_or_else(|| AppError::field(field, "time", "时间写成 2026-11-24T09:00:00+08:00 的样子"))
            }
            None => Ok(None),
        };
        Ok(Self { from: at("from", from)?, to: at("to", to)?, ..self })
    }

    fn fits(&self, event: &LoggedEvent) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        is(&self.aggregate, &event.aggregate)
            && is(&self.aggregate_id, &event.aggregate_id)
            && is(&self.kind, &event.kind)
            && is(&self.actor, &event.actor)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

fn event_view(event: LoggedEvent, sentence: Option<String>) -> Answer<EventView> {
    Ok(EventView {
        sentence,
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
}

impl App {
    /// Events of a site before a position that fit, the newest first, at most `limit`; and the position to go
    /// on before. A search reads a bounded piece of the log, so it may find few and still not be at its end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn search_events(
        &self,
        permit: &Permit,
        search: &EventSearch,
        before: Option<i64>,
        limit: usize,
    ) -> Answer<(Vec<EventView>, Option<i64>)> {
        let head = self.stores.events.head(permit.site_id()).await?.map_or(0, |head| head.seq);
        let mut before = before.unwrap_or(i64::MAX).min(head + 1);
        let mut found = Vec::new();
        for _ in 0..READS_MAX {
            if before <= 1 {
                return Ok((found, None));
            }
            let after = (before - 1 - EVENTS_READ).max(0);
            let read = self.stores.events.events_after(permit.site_id(), after, before - 1 - after).await?;
            let reaches_back = search.from.is_some_and(|from| read.first().is_some_and(|first| first.at < from));
            for event in read.into_iter().rev() {
                before = event.seq;
                if search.fits(&event) {
                    found.push(self.event_told(permit.site_id(), event).await?);
                    if found.len() == limit {
                        return Ok((found, (before > 1).then_some(before)));
                    }
                }
            }
            // What lies further back is older than what is asked for; clocks that were set back a little may lie.
            if reaches_back {
                return Ok((found, None));
            }
            before = before.min(after + 1);
        }
        Ok((found, (before > 1).then_some(before)))
    }

    /// Events of a site after a position, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn events(&self, permit: &Permit, after: i64, limit: usize) -> Answer<Vec<EventView>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut events = Vec::new();
        for event in self.stores.events.events_after(permit.site_id(), after, limit).await? {
            events.push(self.event_told(permit.site_id(), event).await?);
        }
        Ok(events)
    }

    /// An event with, of a call, why this number: in the words that the desk showed, those that a person wrote included.
    async fn event_told(&self, site_id: &str, event: LoggedEvent) -> Answer<EventView> {
        let called: Option<HallEvent> = (event.kind == "ticket_called").then(|| serde_json::from_str(&event.body).ok()).flatten();
        let sentence = match called.as_ref().and_then(HallEvent::as_call) {
            Some((_, reason)) => Some(self.told(site_id, reason_view(reason)).await?.text),
            None => None,
        };
        event_view(event, sentence)
    }
}
