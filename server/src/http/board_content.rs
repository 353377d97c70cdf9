//! Routes of what a hall writes on its boards: notices, and the message of an emergency.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::plan::carried_out;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::board_content::{BoardRequest, BoardView, EmergencyRequest};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_board, write_board)).routes(routes!(announce_emergency))
}

/// What a hall writes on its boards beside its calls.
#[utoipa::path(get, path = "/sites/{site}/board", tag = "devices", params(("site" = String, Path)), responses((status = 200, body = BoardView)))]
async fn read_board(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<BoardView>> {
    let permit = signed.permit(Operation::ReadHall, &site)?;
    Ok(Json(server.app.board_content(permit.site_id()).await?))
}

/// Write the notices of a hall anew; its boards show them at once.
#[utoipa::path(put, path = "/sites/{site}/board", tag = "devices", params(("site" = String, Path)), request_body = BoardRequest, responses((status = 200, body = BoardView)))]
async fn write_board(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::WriteBoard, &site)?;
    carried_out::<BoardRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.write_notices(&permit, &wanted, retry.as_ref()).await
    })
    .await
}

/// Show the message of an emergency on every board of a hall at once, or end it.
#[utoipa::path(put, path = "/sites/{site}/emergency", tag = "devices", params(("site" = String, Path)), request_body = EmergencyRequest, responses((status = 200, body = BoardView)))]
async fn announce_emergency(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::WriteBoard, &site)?;
    carried_out::<EmergencyRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.announce_emergency(&permit, &wanted, retry.as_ref()).await
    })
    .await
}
