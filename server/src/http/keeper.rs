//! Routes of a hall's keeper: who it is, the hall run without it, and what of its journal needs a person.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Signed};
use super::paging::Page;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::keeper::{
    AdmitRequest, AppointRequest, BroughtView, HallPinRequest, JournalRequest, KeeperEntryView, KeeperView, ReleaseRequest, WithoutPinView,
};

/// Largest journal, in bytes: one of a term that is over is taken in as a whole or not at all.
const JOURNAL_BYTES_MAX: usize = 64 << 20;

pub(super) fn routes() -> OpenApiRouter<Server> {
    let brought = OpenApiRouter::new().routes(routes!(bring_in_journal)).layer(DefaultBodyLimit::max(JOURNAL_BYTES_MAX));
    OpenApiRouter::new()
        .merge(brought)
        .routes(routes!(read_keeper, appoint_keeper))
        .routes(routes!(admit_keeper))
        .routes(routes!(release_keeper))
        .routes(routes!(list_keeper_entries))
        .routes(routes!(settle_keeper_entry))
        .routes(routes!(list_without_pin))
        .routes(routes!(set_hall_pin))
}

/// Whoever sets up devices, and the supervisor of the hall.
fn office_permit(signed: &Signed, site: &str) -> Answer<Permit> {
    match signed.permit(Operation::SuperviseHall, site) {
        Err(AppError::Forbidden { .. }) => signed.permit(Operation::PairDevices, site),
        other => other,
    }
}

/// The keeper of a hall: whether the line is up, what it has not handed over, which kiosks could be it.
#[utoipa::path(get, path = "/sites/{site}/keeper", tag = "devices", params(("site" = String, Path)), responses((status = 200, body = KeeperView)))]
async fn read_keeper(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<KeeperView>> {
    let permit = signed.permit(Operation::ReadHall, &site)?;
    Ok(Json(server.app.keeper(&permit).await?))
}

/// Make a kiosk the keeper of its hall; another one is none from then on.
#[utoipa::path(put, path = "/sites/{site}/keeper", tag = "devices", params(("site" = String, Path)), request_body = AppointRequest, responses((status = 200, body = KeeperView)))]
async fn appoint_keeper(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = office_permit(&signed, &site)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.appoint_keeper(&permit, &request, retry.as_ref()).await?))
}

/// Say whether a kiosk may keep its hall, and confirm the address that it claims. Before that it is told nothing of the
/// hall's accounts and devices, and no device goes to its address.
#[utoipa::path(put, path = "/sites/{site}/keeper/candidates/{device}", tag = "devices", params(("site" = String, Path), ("device" = String, Path)), request_body = AdmitRequest, responses((status = 200, body = KeeperView)))]
async fn admit_keeper(
    State(server): State<Server>,
    signed: Signed,
    Path((site, device)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = office_permit(&signed, &site)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.admit_keeper(&permit, &device, &request, retry.as_ref()).await?))
}

/// Run the hall without its keeper: the service decides again at once. What the keeper still decides is settled by
/// written rules when it comes back.
#[utoipa::path(post, path = "/sites/{site}/keeper/release", tag = "devices", params(("site" = String, Path)), request_body = ReleaseRequest, responses((status = 200, body = KeeperView)))]
async fn release_keeper(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::SuperviseHall, &site)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.release_keeper(&permit, &request, retry.as_ref()).await?))
}

/// Entries of keepers' journals that were settled by a rule or refused, and that nobody looked at yet.
#[utoipa::path(get, path = "/sites/{site}/keeper/entries", tag = "devices", params(("site" = String, Path)), responses((status = 200, body = Page<KeeperEntryView>)))]
async fn list_keeper_entries(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<KeeperEntryView>>> {
    let permit = signed.permit(Operation::SuperviseHall, &site)?;
    Ok(Json(Page::whole(server.app.keeper_entries(&permit).await?)))
}

/// Take in a keeper's journal that a person brings as a file (`yichuang-kiosk export-journal`). Each entry is proved
/// and judged as if it came by the line; those of a revoked device are refused one by one and kept for review.
#[utoipa::path(post, path = "/sites/{site}/keeper/journal", tag = "devices", params(("site" = String, Path)), request_body = JournalRequest, responses((status = 200, body = BroughtView)))]
async fn bring_in_journal(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<BroughtView>> {
    let permit = office_permit(&signed, &site)?;
    let request: JournalRequest = command.body()?;
    Ok(Json(server.app.bring_in_journal(&permit, &request).await?))
}

/// Somebody looked at an entry.
#[utoipa::path(post, path = "/sites/{site}/keeper/entries/{entry}/settle", tag = "devices", params(("site" = String, Path), ("entry" = String, Path)), request_body = NoFields, responses((status = 200, body = KeeperEntryView)))]
async fn settle_keeper_entry(
    State(server): State<Server>,
    signed: Signed,
    Path((site, entry)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::SuperviseHall, &site)?;
    let retry = command.retry(&signed.0)?;
    command.body::<NoFields>()?;
    Ok(OutcomeReply(server.app.settle_keeper_entry(&permit, &entry, retry.as_ref()).await?))
}

/// Who works in a hall and has no PIN for the time without its line.
#[utoipa::path(get, path = "/sites/{site}/keeper/without-pin", tag = "devices", params(("site" = String, Path)), responses((status = 200, body = Page<WithoutPinView>)))]
async fn list_without_pin(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<WithoutPinView>>> {
    let permit = signed.permit(Operation::SuperviseHall, &site)?;
    Ok(Json(Page::whole(server.app.staff_without_pin(&permit).await?)))
}

/// Set the own PIN for a hall without its line.
#[utoipa::path(put, path = "/sessions/current/hall-pin", tag = "sessions", request_body = HallPinRequest, responses((status = 204)))]
async fn set_hall_pin(State(server): State<Server>, signed: Signed, command: Command) -> Reply<StatusCode> {
    let caller = signed.staff()?;
    server.app.set_hall_pin(caller, command.body()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
