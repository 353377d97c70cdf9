//! Routes of complaints: filed and looked up by everybody, answered by who runs the hall.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::ComplaintId;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command, NoFields, Params, Signed, site_of};
use super::halls::revealed_reply;
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::complaints::{
    ComplaintFiledView, ComplaintFilter, ComplaintProgressView, ComplaintRequest, ComplaintView, FindComplaintRequest,
};
use crate::app::error::{Answer, AppError};
use crate::app::evaluations::TextRequest;
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(file_complaint, list_complaints))
        .routes(routes!(find_complaint))
        .routes(routes!(read_complaint))
        .routes(routes!(answer_complaint))
        .routes(routes!(close_complaint))
        .routes(routes!(reveal_complainant))
}

/// File a complaint, without an account; number and query code open its answer.
#[utoipa::path(post, path = "/complaints", tag = "citizens", request_body = ComplaintRequest, responses((status = 201, body = ComplaintFiledView)))]
async fn file_complaint(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(&anybody.key())?;
    Ok(OutcomeReply(server.app.file_complaint(&command.body()?, &anybody.key(), retry.as_ref()).await?))
}

/// Where a complaint stands, by number and query code; five wrong tries a number.
#[utoipa::path(post, path = "/complaints/find", tag = "citizens", request_body = FindComplaintRequest, responses((status = 200, body = ComplaintProgressView)))]
async fn find_complaint(State(server): State<Server>, command: Command) -> Reply<Json<ComplaintProgressView>> {
    Ok(Json(server.app.find_complaint(&command.body()?).await?))
}

/// Which complaints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ComplaintQuery {
    /// Only of this site.
    site: Option<String>,
    /// `filed`, `answered` or `closed`.
    state: Option<String>,
}

/// Complaints of the caller's sites, the newest first.
#[utoipa::path(get, path = "/complaints", tag = "supervision", params(ComplaintQuery, Paging), responses((status = 200, body = Page<ComplaintView>)))]
async fn list_complaints(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<ComplaintView>>> {
    let caller = signed.staff()?;
    let ComplaintQuery { site, state } = params.read()?;
    let rows = server.app.complaints(caller, &ComplaintFilter { site_id: site, state }).await?;
    let paging: Paging = params.read()?;
    let Page { items, next_cursor } = paging.after_the_last_seen(rows, |row| row.id.clone())?;
    Ok(Json(Page { items: server.app.complaint_views(caller, items).await?, next_cursor }))
}

fn permit_for(server: &Server, signed: &Signed, complaint: &str, operation: Operation) -> Answer<(ComplaintId, Permit)> {
    let id = ComplaintId::parse(complaint).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// Answers it with these words, or closes it with none.
async fn settle(
    server: &Server,
    signed: &Signed,
    complaint: &str,
    command: &Command,
    words: Answer<Option<String>>,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(server, signed, complaint, Operation::HandleComplaint)?;
    server.app.complaint_exists(&permit, &id).await?;
    let retry = command.retry(&signed.0)?;
    let outcome = match words {
        Ok(words) => server.app.settle_complaint(&permit, &id, words.as_deref(), retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// One complaint.
#[utoipa::path(get, path = "/complaints/{complaint}", tag = "supervision", params(("complaint" = String, Path)), responses((status = 200, body = ComplaintView)))]
async fn read_complaint(State(server): State<Server>, signed: Signed, Path(complaint): Path<String>) -> Reply<Json<ComplaintView>> {
    let (id, permit) = permit_for(&server, &signed, &complaint, Operation::ReadComplaints)?;
    Ok(Json(server.app.complaint(&permit, &id).await?))
}

/// Answer it, or add to the answer; told by message where a phone is known.
#[utoipa::path(post, path = "/complaints/{complaint}/answer", tag = "supervision", params(("complaint" = String, Path)), request_body = TextRequest, responses((status = 200, body = ComplaintView)))]
async fn answer_complaint(
    State(server): State<Server>,
    signed: Signed,
    Path(complaint): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let words = command.body::<TextRequest>().and_then(|body| body.text()).map(Some);
    settle(&server, &signed, &complaint, &command, words).await
}

/// Close what was answered.
#[utoipa::path(post, path = "/complaints/{complaint}/close", tag = "supervision", params(("complaint" = String, Path)), request_body = NoFields, responses((status = 200, body = ComplaintView)))]
async fn close_complaint(
    State(server): State<Server>,
    signed: Signed,
    Path(complaint): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let words = command.body::<NoFields>().map(|_| None);
    settle(&server, &signed, &complaint, &command, words).await
}

/// Name and phone of who complained; the read is an event, and closed to the person complained about.
#[utoipa::path(post, path = "/complaints/{complaint}/reveal", tag = "supervision", params(("complaint" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_complainant(
    State(server): State<Server>,
    signed: Signed,
    Path(complaint): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &complaint, Operation::RevealComplainant)?;
    let retry = command.retry(&signed.0)?;
    let revealed = server.app.reveal_complainant(&permit, &id, &command.body()?, retry.as_ref()).await?;
    Ok(revealed_reply(revealed)?)
}
