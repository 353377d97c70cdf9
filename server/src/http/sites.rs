//! Routes of sites.

use axum::Json;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Params;
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::sites::SiteView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list_sites)).routes(routes!(read_site))
}

/// All sites, for everybody.
#[utoipa::path(get, path = "/sites", tag = "sites", params(Paging), responses((status = 200, body = Page<SiteView>)))]
async fn list_sites(State(server): State<Server>, params: Params) -> Reply<Json<Page<SiteView>>> {
    let paging: Paging = params.read()?;
    Ok(Json(paging.page(server.app.sites(), |site| site.id.clone())?))
}

/// One site, for everybody.
#[utoipa::path(get, path = "/sites/{site}", tag = "sites", params(("site" = String, Path)), responses((status = 200, body = SiteView)))]
async fn read_site(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<SiteView>> {
    Ok(Json(server.app.site(&site)?))
}
