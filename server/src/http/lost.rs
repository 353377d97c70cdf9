//! Routes of lost slips.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::TicketId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed, site_of};
use super::halls::ReasonRequest;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::error::AppError;
use crate::app::hall::{FindTicketsRequest, FoundTicketsView};
use crate::app::print_jobs::PrintJobView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(find_tickets)).routes(routes!(print_ticket_again))
}

/// Numbers that go on, by phone, document or a code of the slip: place in the queue and window, no
/// personal data. Five wrong tries a device.
#[utoipa::path(post, path = "/sites/{site}/tickets/find", tag = "tickets", params(("site" = String, Path)), request_body = FindTicketsRequest, responses((status = 200, body = FoundTicketsView)))]
async fn find_tickets(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<FoundTicketsView>> {
    let permit = signed.permit(Operation::IssueTicket, &site)?;
    Ok(Json(server.app.find_tickets(&permit, &command.body()?).await?))
}

/// Print the slip of a ticket again, marked 补打.
#[utoipa::path(post, path = "/tickets/{ticket}/reprint", tag = "tickets", params(("ticket" = String, Path)), request_body = ReasonRequest, responses((status = 201, body = PrintJobView)))]
async fn print_ticket_again(
    State(server): State<Server>,
    signed: Signed,
    Path(ticket): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let id = TicketId::parse(&ticket).ok_or(AppError::NotFound)?;
    let permit = signed.permit(Operation::IssueTicket, &site_of(&server, id.site_key())?)?;
    let (retry, request): (_, ReasonRequest) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.print_ticket_again(&permit, &id, request.reason.as_deref(), retry.as_ref()).await?))
}
