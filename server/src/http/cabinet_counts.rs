//! Routes of the evening's count of the cabinet.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed, body_of};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::cabinet_counts::{CabinetCountRequest, CabinetCountView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_cabinet_count, count_cabinet))
}

/// The last count, if there was one.
#[derive(Debug, Serialize, ToSchema)]
struct LastCountView {
    /// Null before the first.
    last: Option<CabinetCountView>,
}

/// The last count of the cabinet.
#[utoipa::path(get, path = "/sites/{site}/cabinet-counts", tag = "certificates", params(("site" = String, Path)), responses((status = 200, body = LastCountView)))]
async fn read_cabinet_count(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<LastCountView>> {
    let permit = signed.permit(Operation::ReadCabinet, &site)?;
    Ok(Json(LastCountView { last: server.app.cabinet_count(&permit).await? }))
}

/// Count the cabinet: what lies there by the books and is not named is missing, and an alert until it is found.
#[utoipa::path(post, path = "/sites/{site}/cabinet-counts", tag = "certificates", params(("site" = String, Path)), request_body = CabinetCountRequest, responses((status = 201, body = CabinetCountView)))]
async fn count_cabinet(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::KeepCabinet, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.count_cabinet(&permit, body_of(&command), retry.as_ref()).await?))
}
