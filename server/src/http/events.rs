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
use crate::app::error::AppError;
use crate::app::events::EventView;

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

/// Events of a site's log, oldest first.
#[utoipa::path(get, path = "/events", tag = "supervision", params(SiteQuery, LogQuery, Paging), responses((status = 200, body = Page<EventView>)))]
async fn list_events(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<EventView>>> {
    // The site alone decides about the right; the rest is looked at after it.
    let site: SiteQuery = params.read()?;
    let site = site.site.unwrap_or_else(|| signed.0.home().to_owned());
    let permit = signed.permit(Operation::ReadEvents, &site)?;
    let (wanted, paging): (LogQuery, Paging) = (params.read()?, params.read()?);
    let cursor = paging.after().map(str::parse).transpose();
    let cursor = cursor.map_err(|_| AppError::field("cursor", "malformed", "翻页的位置不对"))?;
    let limit = paging.limit()?;
    let mut items = server.app.events(&permit, cursor.or(wanted.after).unwrap_or(0), limit + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|last| last.seq.to_string());
    Ok(Json(Page { items, next_cursor }))
}
