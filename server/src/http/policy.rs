//! Routes of a hall's settings.

use axum::Json;
use axum::extract::{Path, State};
use domain::hall::Configuration;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::policy::PolicyRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_policy, change_policy)).routes(routes!(scheduled)).routes(routes!(cancel_scheduled))
}

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AtQuery {
    /// An instant: what was in force then, or will be by what is scheduled.
    at: Option<String>,
}

/// Which.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelPolicyRequest {
    /// From when it would have been in force.
    pub effective_from: String,
}

/// Lines, windows, hours and calling policy of a hall.
#[utoipa::path(get, path = "/sites/{site}/policy", tag = "sites", params(("site" = String, Path), AtQuery), responses((status = 200, body = Object)))]
async fn read_policy(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Json<Configuration>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    let wanted: AtQuery = params.read()?;
    Ok(Json(server.app.policy(&permit, wanted.at.as_deref()).await?))
}

/// Replace lines, windows, hours and calling policy, whole, now or from `effective_from` on; what is in use cannot be removed.
#[utoipa::path(put, path = "/sites/{site}/policy", tag = "sites", params(("site" = String, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn change_policy(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<PolicyRequest>() {
        Ok(wanted) => server.app.change_policy(&permit, wanted, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// The settings that wait for their time, the next first.
#[utoipa::path(get, path = "/sites/{site}/policy/scheduled", tag = "sites", params(("site" = String, Path)), responses((status = 200, body = Object)))]
async fn scheduled(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<serde_json::Value>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    Ok(Json(serde_json::json!({ "items": server.app.scheduled_policies(&permit).await? })))
}

/// Take back settings that wait for their time; answers those that still do.
#[utoipa::path(post, path = "/sites/{site}/policy/scheduled/cancel", tag = "sites", params(("site" = String, Path)), request_body = CancelPolicyRequest, responses((status = 200, body = Object)))]
async fn cancel_scheduled(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<CancelPolicyRequest>() {
        Ok(wanted) => server.app.cancel_scheduled_policy(&permit, &wanted.effective_from, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}
