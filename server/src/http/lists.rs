//! Routes of the public lists (公示), for everybody.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Params;
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::lists::{ListPageView, ListView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list_lists)).routes(routes!(read_list))
}

/// What is looked for. Limit and cursor stand beside it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Chinese, full pinyin, initials or a mixture; everything without it.
    #[serde(default)]
    query: String,
}

/// The lists of a site, with the number of their entries.
#[utoipa::path(get, path = "/sites/{site}/lists", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = Page<ListView>)))]
async fn list_lists(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<Page<ListView>>> {
    Ok(Json(Page::whole(server.app.public_lists(&site).await?)))
}

/// One list: `all`, `one-window`, `instant`, `assisted`, `promises`, `rules` or `fees`.
#[utoipa::path(get, path = "/sites/{site}/lists/{list}", tag = "catalogue", params(("site" = String, Path), ("list" = String, Path), ListQuery, Paging), responses((status = 200, body = ListPageView)))]
async fn read_list(State(server): State<Server>, Path((site, list)): Path<(String, String)>, params: Params) -> Reply<Json<ListPageView>> {
    let (wanted, paging): (ListQuery, Paging) = (params.read()?, params.read()?);
    Ok(Json(server.app.public_list(&site, &list, &wanted.query, paging.after(), paging.limit()?).await?))
}
