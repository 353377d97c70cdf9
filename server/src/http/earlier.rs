//! Routes of what somebody handed in before: that there is something, and under consent what it is.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::CaseId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::problem::Reply;
use super::state::Server;
use crate::app::cases::{EarlierAskRequest, EarlierCountView, EarlierView};
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(count_earlier)).routes(routes!(read_earlier))
}

/// Whether somebody handed in before, at this site, what a matter asks for; never what it is.
#[utoipa::path(post, path = "/sites/{site}/earlier-materials", tag = "cases", params(("site" = String, Path)), request_body = EarlierAskRequest, responses((status = 200, body = EarlierCountView)))]
async fn count_earlier(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<EarlierCountView>> {
    let permit = signed.permit(Operation::AcceptCase, &site)?;
    Ok(Json(server.app.earlier_count(&permit, &command.body()?).await?))
}

/// What of earlier cases could be used for a case; without the applicant's consent only that there is something.
#[utoipa::path(get, path = "/cases/{case}/earlier-materials", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = EarlierView)))]
async fn read_earlier(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<EarlierView>> {
    let id = CaseId::parse(&case).ok_or(AppError::NotFound)?;
    Ok(Json(server.app.earlier_materials(signed.staff()?, &id).await?))
}
