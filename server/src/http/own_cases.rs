//! Routes by which an applicant settles things about the own case, and an agent sees how far it is.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::CaseId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, SignedCitizen, body_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::cases::{
    AgentCaseView, AuthoriseRequest, DeliveryRequest, OwnCaseFilter, OwnCaseView, Settling, WithdrawAuthorisationRequest,
};
use crate::app::error::{Answer, AppError};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_own_cases))
        .routes(routes!(read_own_case))
        .routes(routes!(choose_delivery))
        .routes(routes!(authorise_agent))
        .routes(routes!(withdraw_authorisation))
        .routes(routes!(list_agent_cases))
}

fn case_id(text: &str) -> Answer<CaseId> {
    CaseId::parse(text).ok_or(AppError::NotFound)
}

async fn settle(server: &Server, citizen: &SignedCitizen, id: &str, wish: Settling, command: &Command) -> Reply<OutcomeReply> {
    let (id, retry) = (case_id(id)?, command.citizen_retry(citizen.0.id.as_str())?);
    let outcome = server.app.settle_case(&citizen.0, &id, wish, retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_own_case(&citizen.0, outcome).await?))
}

/// Of the cases behind a timeline's code those of the signed-in citizen: begun by the account, or with the phone of the
/// account as the applicant's.
#[utoipa::path(get, path = "/citizens/cases", tag = "citizens", params(OwnCaseFilter), responses((status = 200, body = Page<OwnCaseView>)))]
async fn list_own_cases(State(server): State<Server>, citizen: SignedCitizen, params: Params) -> Reply<Json<Page<OwnCaseView>>> {
    let filter: OwnCaseFilter = params.read()?;
    Ok(Json(Page::whole(server.app.own_cases(&citizen.0, &filter).await?)))
}

/// One of the own cases, with what can be settled now.
#[utoipa::path(get, path = "/citizens/cases/{own_case}", tag = "citizens", params(("own_case" = String, Path)), responses((status = 200, body = OwnCaseView)))]
async fn read_own_case(State(server): State<Server>, citizen: SignedCitizen, Path(id): Path<String>) -> Reply<Json<OwnCaseView>> {
    Ok(Json(server.app.own_case_view(&citizen.0, &case_id(&id)?).await?))
}

/// Choose whether the result is fetched or sent, until it has left.
#[utoipa::path(post, path = "/citizens/cases/{own_case}/delivery", tag = "citizens", params(("own_case" = String, Path)), request_body = DeliveryRequest, responses((status = 200, body = OwnCaseView)))]
async fn choose_delivery(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    settle(&server, &citizen, &id, Settling::Delivery(body_of(&command)), &command).await
}

/// Let somebody hand in materials or collect the result in the applicant's place.
#[utoipa::path(post, path = "/citizens/cases/{own_case}/authorise", tag = "citizens", params(("own_case" = String, Path)), request_body = AuthoriseRequest, responses((status = 200, body = OwnCaseView)))]
async fn authorise_agent(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    settle(&server, &citizen, &id, Settling::Authorise(body_of(&command)), &command).await
}

/// Take an authorisation back before it is used.
#[utoipa::path(post, path = "/citizens/cases/{own_case}/withdraw-authorisation", tag = "citizens", params(("own_case" = String, Path)), request_body = WithdrawAuthorisationRequest, responses((status = 200, body = OwnCaseView)))]
async fn withdraw_authorisation(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    settle(&server, &citizen, &id, Settling::Withdraw(body_of(&command)), &command).await
}

/// Cases in which the signed-in citizen may act for somebody today; how far each is, and no more.
#[utoipa::path(get, path = "/citizens/agent-cases", tag = "citizens", params(Paging), responses((status = 200, body = Page<AgentCaseView>)))]
async fn list_agent_cases(State(server): State<Server>, citizen: SignedCitizen, params: Params) -> Reply<Json<Page<AgentCaseView>>> {
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.agent_cases(&citizen.0).await?, |one| one.number.clone())?))
}
