//! Routes of persons.

use axum::Json;
use axum::extract::State;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::problem::Reply;
use super::state::Server;
use crate::app::person_search::{PersonSearchRequest, PersonsView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(search_persons))
}

/// Persons of the own site by the whole ID number or phone, masked.
#[utoipa::path(post, path = "/persons/search", tag = "persons", request_body = PersonSearchRequest, responses((status = 200, body = PersonsView)))]
async fn search_persons(State(server): State<Server>, signed: Signed, command: Command) -> Reply<Json<PersonsView>> {
    let permit = signed.permit(Operation::SearchPersons, signed.0.home())?;
    Ok(Json(server.app.search_persons(&permit, &command.body()?).await?))
}
