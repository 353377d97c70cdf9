//! Routes of the event log.

use axum::Json;
use axum::extract::State;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Params, Signed};
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::error::{Answer, AppError};
use crate::app::events::{EventSearch, EventView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// Whose log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// The site; the home site without it.
    site: Option<String>,
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// `seq` of the last event seen; 0 from the beginning. `cursor` says the same.
    after: Option<i64>,
}

/// What is looked for. With `order=newest`, or any of these, the newest come first.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// `newest`: from the end of the log backwards.
    order: Option<String>,
    /// `hall`, `case`, `staff`, …
    aggregate: Option<String>,
    /// Id of the thing.
    aggregate_id: Option<String>,
    /// What happened, e.g. `ticket_called`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Id of the person or device, `system` or `citizen`.
    actor: Option<String>,
    /// Recorded at or after, RFC 3339.
    from: Option<String>,
    /// Recorded before, RFC 3339.
    to: Option<String>,
}

impl SearchQuery {
    /// What is looked for; `None` when the log is read from its beginning.
    fn search(self) -> Answer<Option<EventSearch>> {
        if self.order.as_deref().is_some_and(|order| order != "newest" && order != "oldest") {
            return Err(AppError::field("order", "unknown", "顺序写 newest 或 oldest"));
        }
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let search = EventSearch {
            aggregate: some(self.aggregate),
            aggregate_id: some(self.aggregate_id),
            kind: some(self.kind),
            actor: some(self.actor),
            ..EventSearch::default()
        };
        let search = search.between(self.from.as_deref(), self.to.as_deref())?;
        let is_newest = self.order.as_deref() == Some("newest");
        Ok((is_newest || search != EventSearch::default()).then_some(search))
    }
}

/// Events of a site's log, oldest first; with `order=newest` or a filter the newest first, page by page back.
#[utoipa::path(get, path = "/events", tag = "supervision", params(SiteQuery, LogQuery, SearchQuery, Paging), responses((status = 200, body = Page<EventView>)))]
async fn list_events(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<EventView>>> {
    // The site alone decides about the right; the rest is looked at after it.
    let site: SiteQuery = params.read()?;
    let site = site.site.unwrap_or_else(|| signed.0.home().to_owned());
    let permit = signed.permit(Operation::ReadEvents, &site)?;
    let (wanted, paging): (LogQuery, Paging) = (params.read()?, params.read()?);
    let cursor = paging.after().map(str::parse).transpose();
    let cursor = cursor.map_err(|_| AppError::field("cursor", "malformed", "翻页的位置不对"))?;
    let limit = paging.limit()?;
    let wanted_events: SearchQuery = params.read()?;
    if let Some(search) = wanted_events.search()? {
        let (items, before) = server.app.search_events(&permit, &search, cursor, limit).await?;
        return Ok(Json(Page { items, next_cursor: before.map(|before| before.to_string()) }));
    }
    let mut items = server.app.events(&permit, cursor.or(wanted.after).unwrap_or(0), limit + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok(Json(Page { items, next_cursor }))
}
