//! Routes of a hall's settings.

use axum::Json;
use axum::extract::{Path, State};
use domain::hall::Configuration;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_policy, change_policy))
}

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AtQuery {
    /// An instant; not answered yet, only the settings in force are.
    at: Option<String>,
}

/// Lines, windows, hours and calling policy of a hall as they are now. Earlier ones stand in the log.
#[utoipa::path(get, path = "/sites/{site}/policy", tag = "sites", params(("site" = String, Path), AtQuery), responses((status = 200, body = Object)))]
async fn read_policy(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Json<Configuration>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    let wanted: AtQuery = params.read()?;
    if wanted.at.is_some() {
        return Err(AppError::field("at", "unsupported", "现在只能看正在用的设置，以前的在日志里").into());
    }
    Ok(Json(server.app.policy(&permit).await?))
}

/// Replace lines, windows, hours and calling policy, whole; what is in use cannot be removed.
#[utoipa::path(put, path = "/sites/{site}/policy", tag = "sites", params(("site" = String, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn change_policy(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<Configuration>() {
        Ok(wanted) => server.app.change_policy(&permit, wanted, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}
