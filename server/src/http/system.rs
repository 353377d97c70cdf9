//! Routes of those who run the house: how it is, what waits for a person, a page to try a printer.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Signed;
use super::paging::Page;
use super::problem::Reply;
use super::state::Server;
use crate::app::system::{DeadLetterView, SystemView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_system)).routes(routes!(list_dead_letters))
}

/// Version, disk, database, backups, keys by their ids, and what is owed.
#[utoipa::path(get, path = "/system", tag = "system", responses((status = 200, body = SystemView)))]
async fn read_system(State(server): State<Server>, signed: Signed) -> Reply<Json<SystemView>> {
    let permit = signed.permit(Operation::ReadSystem, signed.0.home())?;
    Ok(Json(server.app.system(&permit).await?))
}

/// Messages and uploads of a site that did not go out, for a person to try again or give up.
#[utoipa::path(get, path = "/sites/{site}/dead-letters", tag = "system", params(("site" = String, Path)), responses((status = 200, body = Page<DeadLetterView>)))]
async fn list_dead_letters(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<DeadLetterView>>> {
    let permit = signed.permit(Operation::RetryNotification, &site)?;
    Ok(Json(Page::whole(server.app.dead_letters(&permit).await?)))
}
