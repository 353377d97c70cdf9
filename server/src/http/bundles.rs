//! Routes of joint cases: several matters applied for as one (一件事一次办).

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::BundleCaseId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed, body_of};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::cases::{BundleCaseRequest, BundleCaseView};
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(open_bundle)).routes(routes!(read_bundle_case))
}

/// Open a case for each matter of a bundle, all of them or none; each is received at once, unless they begin as drafts.
#[utoipa::path(post, path = "/bundle-cases", tag = "cases", request_body = BundleCaseRequest, responses((status = 201, body = BundleCaseView)))]
async fn open_bundle(State(server): State<Server>, signed: Signed, command: Command) -> Reply<OutcomeReply> {
    let (staff, retry) = (signed.staff()?, command.retry(&signed.0)?);
    let outcome = server.app.open_bundle(staff, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_bundle_case(staff, outcome).await?))
}

/// A joint case: its cases, their joint state and limit.
#[utoipa::path(get, path = "/bundle-cases/{bundle_case}", tag = "cases", params(("bundle_case" = String, Path)), responses((status = 200, body = BundleCaseView)))]
async fn read_bundle_case(State(server): State<Server>, signed: Signed, Path(id): Path<String>) -> Reply<Json<BundleCaseView>> {
    let id = BundleCaseId::parse(&id).ok_or(AppError::NotFound)?;
    Ok(Json(server.app.bundle_case(signed.staff()?, &id).await?))
}
