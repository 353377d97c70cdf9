//! Routes of online applications: of whoever applies, and of the window that checks them.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::CaseId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, SignedCitizen, body_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::cases::{
    ApplicationFilter, ApplicationFindRequest, ApplicationRequest, ApplicationSubmitRequest, ApplicationSummary, ApplicationUpdateRequest,
    ApplicationView, ApplicationWithdrawRequest, SiteApplicationView,
};
use crate::app::error::{Answer, AppError};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(begin_application, list_applications))
        .routes(routes!(read_application, save_application))
        .routes(routes!(submit_application))
        .routes(routes!(withdraw_application))
        .routes(routes!(list_site_applications))
        .routes(routes!(find_applications))
}

fn application_id(text: &str) -> Answer<CaseId> {
    CaseId::parse(text).ok_or(AppError::NotFound)
}

/// Begin an application; nobody else sees it until it is submitted.
#[utoipa::path(post, path = "/applications", tag = "citizens", request_body = ApplicationRequest, responses((status = 201, body = ApplicationView)))]
async fn begin_application(State(server): State<Server>, citizen: SignedCitizen, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(citizen.0.id.as_str())?;
    let outcome = server.app.begin_application(&citizen.0, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_application(&citizen.0, outcome).await?))
}

/// The own applications, the newest first.
#[utoipa::path(get, path = "/applications", tag = "citizens", params(Paging), responses((status = 200, body = Page<ApplicationSummary>)))]
async fn list_applications(State(server): State<Server>, citizen: SignedCitizen, params: Params) -> Reply<Json<Page<ApplicationSummary>>> {
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.applications(&citizen.0).await?, |one| one.id.clone())?))
}

/// One of the own applications, with what was typed while it can be changed.
#[utoipa::path(get, path = "/applications/{application}", tag = "citizens", params(("application" = String, Path)), responses((status = 200, body = ApplicationView)))]
async fn read_application(State(server): State<Server>, citizen: SignedCitizen, Path(id): Path<String>) -> Reply<Json<ApplicationView>> {
    Ok(Json(server.app.application_view(&citizen.0, &application_id(&id)?).await?))
}

/// Save what was typed so far; half a number is kept as half a number.
#[utoipa::path(patch, path = "/applications/{application}", tag = "citizens", params(("application" = String, Path)), request_body = ApplicationUpdateRequest, responses((status = 200, body = ApplicationView)))]
async fn save_application(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, retry) = (application_id(&id)?, command.citizen_retry(citizen.0.id.as_str())?);
    let outcome = server.app.save_application(&citizen.0, &id, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_application(&citizen.0, outcome).await?))
}

/// Send it to the window's pre-check (预审), or send it again after it was to be mended.
#[utoipa::path(post, path = "/applications/{application}/submit", tag = "citizens", params(("application" = String, Path)), request_body = ApplicationSubmitRequest, responses((status = 200, body = ApplicationView)))]
async fn submit_application(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, retry) = (application_id(&id)?, command.citizen_retry(citizen.0.id.as_str())?);
    let outcome = server.app.submit_application(&citizen.0, &id, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_application(&citizen.0, outcome).await?))
}

/// Take it back before it is received.
#[utoipa::path(post, path = "/applications/{application}/withdraw", tag = "citizens", params(("application" = String, Path)), request_body = ApplicationWithdrawRequest, responses((status = 200, body = ApplicationView)))]
async fn withdraw_application(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, retry) = (application_id(&id)?, command.citizen_retry(citizen.0.id.as_str())?);
    let outcome = server.app.withdraw_application(&citizen.0, &id, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_application(&citizen.0, outcome).await?))
}

/// Online applications that wait for the window or for their applicant, the oldest first; masked.
#[utoipa::path(get, path = "/sites/{site}/applications", tag = "cases", params(("site" = String, Path), ApplicationFilter, Paging), responses((status = 200, body = Page<SiteApplicationView>)))]
async fn list_site_applications(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<SiteApplicationView>>> {
    let permit = signed.permit(Operation::PreCheck, &site)?;
    let (filter, paging): (ApplicationFilter, Paging) = (params.read()?, params.read()?);
    let (items, next_cursor) = server.app.site_applications(&permit, &filter, paging.after(), paging.limit()?).await?;
    Ok(Json(Page { items, next_cursor }))
}

/// Online applications by the query code on the receipt, or of whoever holds a ticket.
#[utoipa::path(post, path = "/sites/{site}/applications/find", tag = "cases", params(("site" = String, Path)), request_body = ApplicationFindRequest, responses((status = 200, body = Page<SiteApplicationView>)))]
async fn find_applications(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<Page<SiteApplicationView>>> {
    let permit = signed.permit(Operation::PreCheck, &site)?;
    Ok(Json(Page::whole(server.app.find_applications(&permit, &command.body()?).await?)))
}
