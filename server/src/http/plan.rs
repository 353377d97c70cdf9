//! Routes of the improvement plan: ledger, tiers, the list of what belongs into the hall.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::rights::Operation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed};
use super::paging::Page;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::Answer;
use crate::app::plan::{
    ChecklistRequest, EntryListRequest, LedgerContactsRequest, LedgerProgressRequest, LedgerProgressView, LedgerTasksRequest, LedgerView,
    TierConfirmation, TierRequest, TierSummary, TierView,
};
use crate::app::retry::{Outcome, Retry};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(read_ledger))
        .routes(routes!(ledger_file))
        .routes(routes!(read_tasks, change_tasks))
        .routes(routes!(read_contacts, change_contacts))
        .routes(routes!(report))
        .routes(routes!(read_tier, assess))
        .routes(routes!(confirm))
        .routes(routes!(list_tiers))
        .routes(routes!(read_checklist, change_checklist))
        .routes(routes!(read_entry_list, change_entry_list))
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Which week.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WeekQuery {
    /// `2026-W48`, from Friday 12:00 to Friday 12:00; the one that goes on now unless told otherwise.
    week: Option<String>,
}

/// A command whose body is taken apart after the caller's right is known, and whose field errors are kept.
pub(super) async fn carried_out<T, F>(server: &Server, signed: &Signed, permit: &Permit, command: &Command, run: F) -> Reply<OutcomeReply>
where
    T: DeserializeOwned,
    F: AsyncFnOnce(T, Option<Retry>) -> Answer<Outcome>,
{
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<T>() {
        Ok(wanted) => run(wanted, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// A week of the ledger of a site and those below it: as it was cut, or, while it goes on, as of now.
#[utoipa::path(get, path = "/sites/{site}/ledger", tag = "supervision", params(("site" = String, Path), WeekQuery), responses((status = 200, body = LedgerView)))]
async fn read_ledger(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Json<LedgerView>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    let wanted: WeekQuery = params.read()?;
    Ok(Json(server.app.ledger(&permit, wanted.week.as_deref()).await?))
}

/// A week of the ledger as a spreadsheet. Of a week that is over it is the same bytes for ever; of one that goes on it is marked as a draft.
#[utoipa::path(get, path = "/sites/{site}/ledger.xlsx", tag = "supervision", params(("site" = String, Path), WeekQuery), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn ledger_file(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::Export, &site)?;
    let wanted: WeekQuery = params.read()?;
    let (name, file) = server.app.ledger_file(&permit, wanted.week.as_deref()).await?;
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file).into_response())
}

/// The ledger's tasks and columns, with the figures and sites that they can name.
#[utoipa::path(get, path = "/sites/{site}/ledger/tasks", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = Object)))]
async fn read_tasks(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Value>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    Ok(Json(server.app.ledger_tasks(&permit).await?))
}

/// Replace the ledger's tasks and columns, whole, at the district's site.
#[utoipa::path(put, path = "/sites/{site}/ledger/tasks", tag = "supervision", params(("site" = String, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn change_tasks(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePlan, &site)?;
    let run =
        async |wanted: LedgerTasksRequest, retry: Option<Retry>| server.app.change_ledger_tasks(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// The mailboxes that the ledger is sent to and reminded at, masked.
#[utoipa::path(get, path = "/sites/{site}/ledger/contacts", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = Object)))]
async fn read_contacts(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Value>> {
    let permit = signed.permit(Operation::ManagePlan, &site)?;
    Ok(Json(server.app.ledger_contacts(&permit).await?))
}

/// Replace the mailboxes; a site named without an address keeps the one it has.
#[utoipa::path(put, path = "/sites/{site}/ledger/contacts", tag = "supervision", params(("site" = String, Path)), request_body = LedgerContactsRequest, responses((status = 200, body = Object)))]
async fn change_contacts(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePlan, &site)?;
    let run = async |wanted: LedgerContactsRequest, retry: Option<Retry>| {
        server.app.change_ledger_contacts(&permit, &wanted, retry.as_ref()).await
    };
    carried_out(&server, &signed, &permit, &command, run).await
}

/// Report on a task for the week that goes on; the newest report of a site stands in the ledger.
#[utoipa::path(post, path = "/sites/{site}/ledger/progress", tag = "supervision", params(("site" = String, Path)), request_body = LedgerProgressRequest, responses((status = 201, body = LedgerProgressView)))]
async fn report(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ReportProgress, &site)?;
    let run =
        async |wanted: LedgerProgressRequest, retry: Option<Retry>| server.app.report_progress(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// The tier of a centre or station with every point of the checklist; 409 `no_tier` for other sites.
#[utoipa::path(get, path = "/sites/{site}/tier", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = TierView)))]
async fn read_tier(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<TierView>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    Ok(Json(server.app.tier(&permit).await?))
}

/// Assess the tier against the whole checklist; it counts once somebody else at the district confirms it.
#[utoipa::path(put, path = "/sites/{site}/tier", tag = "supervision", params(("site" = String, Path)), request_body = TierRequest, responses((status = 200, body = TierView)))]
async fn assess(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ReportProgress, &site)?;
    let run = async |wanted: TierRequest, retry: Option<Retry>| server.app.assess_tier(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// Confirm an assessment, as it is or, with a note, lower.
#[utoipa::path(post, path = "/sites/{site}/tier/confirm", tag = "supervision", params(("site" = String, Path)), request_body = TierConfirmation, responses((status = 200, body = TierView)))]
async fn confirm(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ConfirmTier, &site)?;
    let run = async |wanted: TierConfirmation, retry: Option<Retry>| server.app.confirm_tier(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// The tiers of a site and those below it.
#[utoipa::path(get, path = "/sites/{site}/tiers", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = Page<TierSummary>)))]
async fn list_tiers(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<TierSummary>>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    Ok(Json(Page::whole(server.app.tiers(&permit).await?)))
}

/// The checklist of the tiers.
#[utoipa::path(get, path = "/sites/{site}/tier-checklist", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = Object)))]
async fn read_checklist(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Value>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    Ok(Json(server.app.tier_checklist(&permit).await?))
}

/// Replace the checklist, whole, at the district's site.
#[utoipa::path(put, path = "/sites/{site}/tier-checklist", tag = "supervision", params(("site" = String, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn change_checklist(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePlan, &site)?;
    let run =
        async |wanted: ChecklistRequest, retry: Option<Retry>| server.app.change_tier_checklist(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// The list 应进必进 of a site, with its exemptions.
#[utoipa::path(get, path = "/sites/{site}/entry-list", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = Object)))]
async fn read_entry_list(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Value>> {
    let permit = signed.permit(Operation::ReadPlan, &site)?;
    Ok(Json(server.app.entry_list(&permit).await?))
}

/// Replace the list of a site, whole.
#[utoipa::path(put, path = "/sites/{site}/entry-list", tag = "supervision", params(("site" = String, Path)), request_body = Object, responses((status = 200, body = Object)))]
async fn change_entry_list(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePlan, &site)?;
    let run = async |wanted: EntryListRequest, retry: Option<Retry>| server.app.change_entry_list(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}
