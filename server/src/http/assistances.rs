//! Routes of 帮办代办: somebody's affair in the hands of a helper, and the helper's way of a day.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::NaiveDate;
use domain::ids::AssistanceId;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, body_of, site_of};
use super::halls::revealed_reply;
use super::paging::{Page, Paging};
use super::papers::pdf_reply;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::assistances::{AssistanceActionRequest, AssistanceFilter, AssistanceRequest, AssistanceView, HelperView, RouteView};
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::hall::TakenTicketView;
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_assistances, open_assistance))
        .routes(routes!(read_assistance))
        .routes(routes!(reveal_assisted))
        .routes(routes!(act_on_assistance))
        .routes(routes!(list_helpers))
        .routes(routes!(list_taken_tickets))
        .routes(routes!(read_route))
        .routes(routes!(print_route))
}

/// Whose way, and on which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RouteQuery {
    /// `yyyy-MM-dd`; today without it.
    day: Option<String>,
    /// Another helper's, for who runs the hall.
    helper_id: Option<String>,
}

impl RouteQuery {
    fn day(&self, server: &Server) -> Answer<NaiveDate> {
        day_or_today(server, self.day.as_deref())
    }
}

/// The day of a query, `yyyy-MM-dd`; today without one.
pub(super) fn day_or_today(server: &Server, day: Option<&str>) -> Answer<NaiveDate> {
    let Some(day) = day.filter(|day| !day.is_empty()) else { return Ok(domain::time::local_date(server.app.now())) };
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| AppError::field("day", "date", "日期写成 2026-01-31 的样子"))
}

fn permit_for(server: &Server, signed: &Signed, text: &str, operation: Operation) -> Answer<(AssistanceId, Permit)> {
    let id = AssistanceId::parse(text).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// The people whose affairs the caller has taken on; for who runs the hall those of everybody. Masked.
#[utoipa::path(get, path = "/sites/{site}/assistances", tag = "cases", params(("site" = String, Path), AssistanceFilter, Paging), responses((status = 200, body = Page<AssistanceView>)))]
async fn list_assistances(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<AssistanceView>>> {
    let permit = signed.permit(Operation::AssistPeople, &site)?;
    let (filter, paging): (AssistanceFilter, Paging) = (params.read()?, params.read()?);
    let found = server.app.assistances(&permit, &filter).await?;
    Ok(Json(paging.after_the_last_seen(found, |one| one.id.clone())?))
}

/// Take somebody's affair on.
#[utoipa::path(post, path = "/sites/{site}/assistances", tag = "cases", params(("site" = String, Path)), request_body = AssistanceRequest, responses((status = 201, body = AssistanceView)))]
async fn open_assistance(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::AssistPeople, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = server.app.open_assistance(&permit, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_assistance(&permit, outcome).await?))
}

/// One of them, masked, with what the caller can do now.
#[utoipa::path(get, path = "/assistances/{assistance}", tag = "cases", params(("assistance" = String, Path)), responses((status = 200, body = AssistanceView)))]
async fn read_assistance(State(server): State<Server>, signed: Signed, Path(id): Path<String>) -> Reply<Json<AssistanceView>> {
    let (id, permit) = permit_for(&server, &signed, &id, Operation::AssistPeople)?;
    Ok(Json(server.app.assistance(&permit, &id).await?))
}

/// Consent, plan-visit, finish-visit, cancel-visit, hand-over, link-case, report or close.
#[utoipa::path(post, path = "/assistances/{assistance}/{action}", tag = "cases", params(("assistance" = String, Path), ("action" = String, Path)), request_body = AssistanceActionRequest, responses((status = 200, body = AssistanceView)))]
async fn act_on_assistance(
    State(server): State<Server>,
    signed: Signed,
    Path((id, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &id, Operation::AssistPeople)?;
    let retry = command.retry(&signed.0)?;
    let outcome = server.app.act_on_assistance(&permit, &id, &action, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_assistance(&permit, outcome).await?))
}

/// The person's data unmasked; the read is an event.
#[utoipa::path(post, path = "/assistances/{assistance}/reveal", tag = "cases", params(("assistance" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_assisted(State(server): State<Server>, signed: Signed, Path(id): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &id, Operation::RevealAssisted)?;
    let retry = command.retry(&signed.0)?;
    server.app.assistance(&permit, &id).await?;
    Ok(revealed_reply(server.app.reveal_assisted(&permit, &id, &command.body()?, retry.as_ref()).await?)?)
}

/// The helpers of a site, to whom something can be given.
#[utoipa::path(get, path = "/sites/{site}/helpers", tag = "cases", params(("site" = String, Path)), responses((status = 200, body = Page<HelperView>)))]
async fn list_helpers(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<HelperView>>> {
    let permit = signed.permit(Operation::AssistPeople, &site)?;
    Ok(Json(Page::whole(server.app.helpers(&permit).await?)))
}

/// Numbers that the caller took for others and that were not served yet, the oldest first.
#[utoipa::path(get, path = "/sites/{site}/taken-tickets", tag = "tickets", params(("site" = String, Path)), responses((status = 200, body = Page<TakenTicketView>)))]
async fn list_taken_tickets(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<TakenTicketView>>> {
    let permit = signed.permit(Operation::AssistPeople, &site)?;
    Ok(Json(Page::whole(server.app.tickets_taken(&permit).await?)))
}

/// The visits of a day, by village and house; masked.
#[utoipa::path(get, path = "/sites/{site}/visit-route", tag = "cases", params(("site" = String, Path), RouteQuery), responses((status = 200, body = RouteView)))]
async fn read_route(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Json<RouteView>> {
    let permit = signed.permit(Operation::AssistPeople, &site)?;
    let query: RouteQuery = params.read()?;
    Ok(Json(server.app.route(&permit, query.day(&server)?, query.helper_id.as_deref()).await?))
}

/// The same on paper, in full; each person on it has the read on record.
#[utoipa::path(get, path = "/sites/{site}/visit-route.pdf", tag = "cases", params(("site" = String, Path), RouteQuery), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn print_route(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::RevealAssisted, &site)?;
    let query: RouteQuery = params.read()?;
    let pdf = server.app.route_paper(&permit, query.day(&server)?, query.helper_id.as_deref()).await?;
    Ok(pdf_reply("visit-route", pdf))
}
