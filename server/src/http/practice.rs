//! Routes of the practice hall of a site, and of going there and back.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Signed};
use super::problem::{OutcomeReply, Reply};
use super::sessions::SessionView;
use super::state::Server;
use crate::app::error::AppError;
use crate::app::practice::{PracticeView, PractiseRequest};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_practice, begin_practice)).routes(routes!(wipe_practice)).routes(routes!(practise))
}

/// Whether one can practise at a site, and what was made there.
#[utoipa::path(get, path = "/sites/{site}/practice", tag = "sites", params(("site" = String, Path)), responses((status = 200, body = PracticeView)))]
async fn read_practice(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<PracticeView>> {
    let permit = signed.permit(Operation::ReadSites, &site)?;
    Ok(Json(server.app.practice(&permit).await?))
}

/// Begin to practise: the hall is copied as it is set up now. Nothing done there counts anywhere.
#[utoipa::path(post, path = "/sites/{site}/practice", tag = "sites", params(("site" = String, Path)), request_body = NoFields, responses((status = 201, body = Object)))]
async fn begin_practice(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePractice, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<NoFields>() {
        Ok(_) => server.app.begin_practice(&permit, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// End practising and wipe everything that was made there.
#[utoipa::path(post, path = "/sites/{site}/practice/wipe", tag = "sites", params(("site" = String, Path)), request_body = NoFields, responses((status = 200, body = Object)))]
async fn wipe_practice(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePractice, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<NoFields>() {
        Ok(_) => server.app.wipe_practice(&permit, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Let this browser practise, or work again.
#[utoipa::path(post, path = "/sessions/current/practice", tag = "sessions", request_body = PractiseRequest, responses((status = 200, body = SessionView)))]
async fn practise(State(server): State<Server>, signed: Signed, command: Command) -> Reply<Json<SessionView>> {
    let caller = signed.staff()?;
    let request: PractiseRequest = command.body()?;
    if caller.must_change_password {
        let message = "这是一次性密码，先改成自己的密码".to_owned();
        return Err(AppError::Forbidden { code: "password_change_required", message }.into());
    }
    Ok(Json(SessionView { staff: server.app.practise(caller, request).await? }))
}
