//! The route of paper numbers that are entered afterwards.

use axum::extract::{Path, State};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::hall::{PaperTicketRequest, TicketView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(enter_paper_number))
}

/// Enter a pre-printed paper number that was given when everything was down. It waits by its true time,
/// or stands in the record with what came of it; each number once a day.
#[utoipa::path(post, path = "/sites/{site}/paper-tickets", tag = "tickets", params(("site" = String, Path)), request_body = PaperTicketRequest, responses((status = 201, body = TicketView)))]
async fn enter_paper_number(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::EnterPaperNumber, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<PaperTicketRequest>() {
        Ok(request) => server.app.enter_paper(&permit, &request, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}
