//! Routes of numbers taken with one's own phone.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command, Params, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::hall::{PhoneCodeView, PhoneOfferView, PhoneTicketRequest, TicketView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_phone_offer)).routes(routes!(read_phone_code)).routes(routes!(take_by_phone))
}

/// What a phone brings along.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfferQuery {
    /// The code it scanned.
    code: Option<String>,
}

/// Whether a number can be taken here with a phone.
#[utoipa::path(get, path = "/sites/{site}/phone-tickets", tag = "citizens", params(("site" = String, Path), OfferQuery), responses((status = 200, body = PhoneOfferView)))]
async fn read_phone_offer(State(server): State<Server>, Path(site): Path<String>, params: Params) -> Reply<Json<PhoneOfferView>> {
    let query: OfferQuery = params.read()?;
    Ok(Json(server.app.phone_offer(&site, query.code.as_deref()).await?))
}

/// The address that the hall shows as a QR code; for its devices and staff.
#[utoipa::path(get, path = "/sites/{site}/phone-code", tag = "tickets", params(("site" = String, Path)), responses((status = 200, body = PhoneCodeView)))]
async fn read_phone_code(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<PhoneCodeView>> {
    let permit = signed.permit(Operation::IssueTicket, &site)?;
    Ok(Json(server.app.phone_code(&permit).await?))
}

/// Take a number with a phone; the answer's tracking code opens its page. Thirty an address in a quarter of
/// an hour, few a day for a phone number.
#[utoipa::path(post, path = "/phone-tickets", tag = "citizens", request_body = PhoneTicketRequest, responses((status = 201, body = TicketView)))]
async fn take_by_phone(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(&anybody.key())?;
    Ok(OutcomeReply(server.app.take_by_phone(&command.body()?, &anybody.key(), retry).await?))
}
