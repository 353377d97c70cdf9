//! Routes of matters and bundles, for everybody.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::{BundleId, MatterId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Params;
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::bundles::BundleView;
use crate::app::catalogue::{MatterSummary, MatterView};
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_matters))
        .routes(routes!(list_matter_words))
        .routes(routes!(read_matter))
        .routes(routes!(list_bundles))
        .routes(routes!(read_bundle))
}

/// What is looked for. Limit and cursor stand beside it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MatterQuery {
    /// Chinese, full pinyin, initials or a mixture; all matters by name without it.
    #[serde(default)]
    query: String,
}

/// Published matters of a site, best fit first.
#[utoipa::path(get, path = "/sites/{site}/matters", tag = "catalogue", params(("site" = String, Path), MatterQuery, Paging), responses((status = 200, body = Page<MatterSummary>)))]
async fn list_matters(State(server): State<Server>, Path(site): Path<String>, params: Params) -> Reply<Json<Page<MatterSummary>>> {
    let (wanted, paging): (MatterQuery, Paging) = (params.read()?, params.read()?);
    let (items, more) = server.app.matters(&site, &wanted.query, paging.after(), paging.limit()?).await?;
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(Page { items, next_cursor }))
}

/// Chinese words to touch for the pinyin or initials at the end of what was typed, from the names of the site's matters.
#[utoipa::path(get, path = "/sites/{site}/matter-words", tag = "catalogue", params(("site" = String, Path), MatterQuery), responses((status = 200, body = Page<String>)))]
async fn list_matter_words(State(server): State<Server>, Path(site): Path<String>, params: Params) -> Reply<Json<Page<String>>> {
    let MatterQuery { query } = params.read()?;
    Ok(Json(Page::whole(server.app.matter_words(&site, &query).await?)))
}

/// One published matter with materials, situations, limits and guide.
#[utoipa::path(get, path = "/matters/{matter}", tag = "catalogue", params(("matter" = String, Path)), responses((status = 200, body = MatterView)))]
async fn read_matter(State(server): State<Server>, Path(matter): Path<String>) -> Reply<Json<MatterView>> {
    let id = MatterId::parse(&matter).ok_or(AppError::NotFound)?;
    Ok(Json(server.app.matter(&id).await?))
}

/// Bundles of a site (一件事一次办).
#[utoipa::path(get, path = "/sites/{site}/bundles", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = Page<BundleView>)))]
async fn list_bundles(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<Page<BundleView>>> {
    Ok(Json(Page::whole(server.app.bundles(&site).await?)))
}

/// One bundle that is offered now: its matters, what is given once for several of them, and the joint limit.
#[utoipa::path(get, path = "/bundles/{bundle}", tag = "catalogue", params(("bundle" = String, Path)), responses((status = 200, body = BundleView)))]
async fn read_bundle(State(server): State<Server>, Path(bundle): Path<String>) -> Reply<Json<BundleView>> {
    let id = BundleId::parse(&bundle).ok_or(AppError::NotFound)?;
    Ok(Json(server.app.bundle(&id).await?))
}
