//! Routes of field bags: what they are packed with, contents on their way, and the entries that name them.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use domain::bag::PHOTO_BYTES_MAX;
use protocol::bag::{BagEntryRequest, BagHouse, BagTaken};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::problem::Reply;
use super::state::Server;

pub(super) fn routes() -> OpenApiRouter<Server> {
    let contents = OpenApiRouter::new().routes(routes!(send_content)).layer(DefaultBodyLimit::max(PHOTO_BYTES_MAX + 1));
    OpenApiRouter::new().merge(contents).routes(routes!(read_bag)).routes(routes!(send_bag_entry))
}

/// What the asking field bag is packed with: matters, colleagues, the letters of its series.
#[utoipa::path(get, path = "/devices/current/bag", tag = "devices", responses((status = 200, body = Object)))]
async fn read_bag(State(server): State<Server>, signed: Signed) -> Reply<Json<BagHouse>> {
    Ok(Json(server.app.bag_house(signed.device()?).await?))
}

/// A content of the asking field bag, named by its SHA-256; it comes before the entry that names it.
#[utoipa::path(put, path = "/devices/current/bag/contents/{sha}", tag = "devices", params(("sha" = String, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 204)))]
async fn send_content(State(server): State<Server>, signed: Signed, Path(sha): Path<String>, command: Command) -> Reply<StatusCode> {
    let device = signed.device()?;
    server.app.keep_bag_content(device, &sha, command.file("application/octet-stream")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An entry of the asking field bag's journal: taken in, or refused and kept for review. Said again nothing happens twice.
#[utoipa::path(post, path = "/devices/current/bag/entries", tag = "devices", request_body = BagEntryRequest, responses((status = 200, body = BagTaken)))]
async fn send_bag_entry(State(server): State<Server>, signed: Signed, command: Command) -> Reply<Json<BagTaken>> {
    let device = signed.device()?;
    let request: BagEntryRequest = command.body()?;
    Ok(Json(server.app.take_bag_entry(device, &request).await?))
}
