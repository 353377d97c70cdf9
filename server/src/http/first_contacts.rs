//! Routes of 首问 without a ticket.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::FirstContactId;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assistances::day_or_today;
use super::extract::{Command, Params, Signed, body_of, site_of};
use super::halls::revealed_reply;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::first_contacts::{FirstContactActionRequest, FirstContactRequest, FirstContactView, FirstContactsView};
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_first_contacts, note_first_contact))
        .routes(routes!(act_on_first_contact))
        .routes(routes!(reveal_first_contact))
}

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DayQuery {
    /// `yyyy-MM-dd`; today without it.
    day: Option<String>,
}

fn permit_for(server: &Server, signed: &Signed, text: &str, operation: Operation) -> Answer<(FirstContactId, Permit)> {
    let id = FirstContactId::parse(text).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// Those of a day and all that are still owed an answer, masked; and the colleagues who can be given one.
#[utoipa::path(get, path = "/sites/{site}/first-contacts", tag = "tickets", params(("site" = String, Path), DayQuery), responses((status = 200, body = FirstContactsView)))]
async fn list_first_contacts(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<FirstContactsView>> {
    let permit = signed.permit(Operation::ReadFirstContacts, &site)?;
    let query: DayQuery = params.read()?;
    let day = day_or_today(&server, query.day.as_deref())?;
    Ok(Json(server.app.first_contacts(&permit, day).await?))
}

/// Note that somebody asked and how it ended; no ticket follows.
#[utoipa::path(post, path = "/sites/{site}/first-contacts", tag = "tickets", params(("site" = String, Path)), request_body = FirstContactRequest, responses((status = 201, body = FirstContactView)))]
async fn note_first_contact(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::NoteFirstContact, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = server.app.note_first_contact(&permit, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_first_contact(&permit, outcome).await?))
}

/// `hand-over` to a colleague, or `reply`: the person was answered.
#[utoipa::path(post, path = "/first-contacts/{first_contact}/{action}", tag = "tickets", params(("first_contact" = String, Path), ("action" = String, Path)), request_body = FirstContactActionRequest, responses((status = 200, body = FirstContactView)))]
async fn act_on_first_contact(
    State(server): State<Server>,
    signed: Signed,
    Path((id, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &id, Operation::NoteFirstContact)?;
    let retry = command.retry(&signed.0)?;
    let outcome = server.app.act_on_first_contact(&permit, &id, &action, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_first_contact(&permit, outcome).await?))
}

/// Name and phone of who is owed an answer, unmasked; the read is an event.
#[utoipa::path(post, path = "/first-contacts/{first_contact}/reveal", tag = "tickets", params(("first_contact" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_first_contact(
    State(server): State<Server>,
    signed: Signed,
    Path(id): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &id, Operation::RevealFirstContact)?;
    let retry = command.retry(&signed.0)?;
    Ok(revealed_reply(server.app.reveal_first_contact(&permit, &id, command.body(), retry.as_ref()).await?)?)
}
