//! Routes of the platform above: what it is told, how that compares, which matters it handles itself.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::{ReportId, TicketId};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, body_of, site_of};
use super::paging::Page;
use super::plan::carried_out;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::upstream::{
    LinkRequest, ReconcileRequest, ReportRowView, ReportingView, RowVerdict, UpstreamCaseView, UpstreamMattersRequest, UpstreamMattersView,
};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(read_reporting))
        .routes(routes!(list_rows))
        .routes(routes!(send_again))
        .routes(routes!(give_up))
        .routes(routes!(reconcile))
        .routes(routes!(read_matters, change_matters))
        .routes(routes!(list_upstream_cases, link_case))
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// `pending`, `refused` or `given_up`; both first ones unless told otherwise.
    state: Option<String>,
    /// All rows of one case.
    case_id: Option<String>,
}

/// How reporting to the platform above stands at a site, with the last reconciliation.
#[utoipa::path(get, path = "/sites/{site}/upstream", tag = "upstream", params(("site" = String, Path)), responses((status = 200, body = ReportingView)))]
async fn read_reporting(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<ReportingView>> {
    let permit = signed.permit(Operation::ReadReports, &site)?;
    Ok(Json(server.app.reporting_view(&permit).await?))
}

/// Rows that the platform has not taken yet, the oldest first; or all rows of one case in their order.
#[utoipa::path(get, path = "/sites/{site}/upstream/rows", tag = "upstream", params(("site" = String, Path), RowsQuery), responses((status = 200, body = Page<ReportRowView>)))]
async fn list_rows(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<ReportRowView>>> {
    let permit = signed.permit(Operation::ReadReports, &site)?;
    let query: RowsQuery = params.read()?;
    Ok(Json(Page::whole(server.app.report_rows(&permit, query.state.as_deref(), query.case_id.as_deref()).await?)))
}

async fn judge(
    server: &Server,
    signed: &Signed,
    (site, row): (String, String),
    command: &Command,
    verdict: RowVerdict,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::RetryReport, &site)?;
    let id = ReportId::parse(&row).ok_or(AppError::NotFound)?;
    let retry = command.retry(&signed.0)?;
    let fields = command.body::<NoFields>().map(drop);
    Ok(OutcomeReply(server.app.judge_report(&permit, &id, verdict, fields, retry.as_ref()).await?))
}

/// Send a row again that the platform refused; what waits behind it in its case goes on.
#[utoipa::path(post, path = "/sites/{site}/upstream/rows/{report}/send-again", tag = "upstream", params(("site" = String, Path), ("report" = String, Path)), responses((status = 200, body = ReportRowView)))]
async fn send_again(
    State(server): State<Server>,
    signed: Signed,
    Path(path): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, path, &command, RowVerdict::SendAgain).await
}

/// Leave a row that the platform refused; what waits behind it in its case goes on.
#[utoipa::path(post, path = "/sites/{site}/upstream/rows/{report}/give-up", tag = "upstream", params(("site" = String, Path), ("report" = String, Path)), responses((status = 200, body = ReportRowView)))]
async fn give_up(
    State(server): State<Server>,
    signed: Signed,
    Path(path): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, path, &command, RowVerdict::GiveUp).await
}

/// Ask the platform what it knows of the cases received in a range; the differences are shown with `/upstream`.
#[utoipa::path(post, path = "/sites/{site}/upstream/reconciliations", tag = "upstream", params(("site" = String, Path)), request_body = ReconcileRequest, responses((status = 202)))]
async fn reconcile(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::RetryReport, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.ask_for_reconciliation(&permit, body_of(&command), retry.as_ref()).await?))
}

/// Matters that must be entered in the platform above, by their codes.
#[utoipa::path(get, path = "/sites/{site}/upstream/matters", tag = "upstream", params(("site" = String, Path)), responses((status = 200, body = UpstreamMattersView)))]
async fn read_matters(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<UpstreamMattersView>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    Ok(Json(server.app.upstream_matters(&permit).await?))
}

/// Replace that list; only at the top of the tree.
#[utoipa::path(put, path = "/sites/{site}/upstream/matters", tag = "upstream", params(("site" = String, Path)), request_body = UpstreamMattersRequest, responses((status = 200, body = UpstreamMattersView)))]
async fn change_matters(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    carried_out::<UpstreamMattersRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.change_upstream_matters(&permit, &wanted, retry.as_ref()).await
    })
    .await
}

fn ticket_permit(server: &Server, signed: &Signed, ticket: &str, operation: Operation) -> Answer<(TicketId, Permit)> {
    let id = TicketId::parse(ticket).ok_or(AppError::NotFound)?;
    let permit = signed.permit(operation, &site_of(server, id.site_key())?)?;
    Ok((id, permit))
}

/// Cases of the platform above that are linked to a visit.
#[utoipa::path(get, path = "/tickets/{ticket}/upstream-cases", tag = "upstream", params(("ticket" = String, Path)), responses((status = 200, body = Page<UpstreamCaseView>)))]
async fn list_upstream_cases(
    State(server): State<Server>,
    signed: Signed,
    Path(ticket): Path<String>,
) -> Reply<Json<Page<UpstreamCaseView>>> {
    let (id, permit) = ticket_permit(&server, &signed, &ticket, Operation::ReadHall)?;
    Ok(Json(Page::whole(server.app.upstream_cases(&permit, &id).await?)))
}

/// Link a case of the platform above to a visit by its number there, once; state and result come back by themselves.
#[utoipa::path(post, path = "/tickets/{ticket}/upstream-cases", tag = "upstream", params(("ticket" = String, Path)), request_body = LinkRequest, responses((status = 201, body = UpstreamCaseView)))]
async fn link_case(State(server): State<Server>, signed: Signed, Path(ticket): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = ticket_permit(&server, &signed, &ticket, Operation::RegisterCase)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.link_upstream_case(&permit, &id, body_of(&command), retry.as_ref()).await?))
}
