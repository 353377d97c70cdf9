//! Routes for whoever holds a slip or a receipt.

use axum::Json;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command};
use super::problem::Reply;
use super::state::Server;
use crate::app::tracking::{FindRequest, FoundView, ProgressRequest, TrackingView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(find_tracking)).routes(routes!(read_tracking)).routes(routes!(read_progress))
}

/// The tracking code behind the short code of a slip of today; five wrong tries a device or address.
#[utoipa::path(post, path = "/tracking/find", tag = "citizens", request_body = FindRequest, responses((status = 200, body = FoundView)))]
async fn find_tracking(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<Json<FoundView>> {
    Ok(Json(server.app.find_tracking(&command.body()?, &anybody.key()).await?))
}

/// One timeline from ticket to evaluation.
#[utoipa::path(get, path = "/tracking/{code}", tag = "citizens", params(("code" = String, Path)), responses((status = 200, body = TrackingView)))]
async fn read_tracking(State(server): State<Server>, Path(code): Path<String>) -> Reply<Json<TrackingView>> {
    Ok(Json(server.app.tracking(&code).await?))
}

/// The timeline of a case by its number and query code; five wrong tries a number.
#[utoipa::path(post, path = "/progress", tag = "citizens", request_body = ProgressRequest, responses((status = 200, body = TrackingView)))]
async fn read_progress(State(server): State<Server>, command: Command) -> Reply<Json<TrackingView>> {
    Ok(Json(server.app.progress(&command.body()?).await?))
}
