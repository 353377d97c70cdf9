//! Routes of hall devices: pairing, the list, where they stand, their end, and slips printed again.
//! Their session has a file of its own.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::ids::{DeviceId, PrintJobId};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, site_of};
use super::halls::ReasonRequest;
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::devices::{BindingRequest, DeviceView, PairRequest, PairedView, PairingCodeView, PairingRequest};
use crate::app::error::{Answer, AppError};
use crate::app::print_jobs::PrintJobView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(give_pairing_code))
        .routes(routes!(pair_device))
        .routes(routes!(list_devices))
        .routes(routes!(own_device))
        .routes(routes!(bind_device))
        .routes(routes!(revoke_device))
        .routes(routes!(test_print))
        .routes(routes!(list_print_jobs))
        .routes(routes!(reprint_job))
        .merge(super::device_session::routes())
        .merge(super::device_care::routes())
}

pub(super) fn device_permit(server: &Server, signed: &Signed, device: &str, operation: Operation) -> Answer<(DeviceId, Permit)> {
    let id = DeviceId::parse(device).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// Give a code by which one device can be paired: 8 digits, 10 minutes, one use.
#[utoipa::path(post, path = "/sites/{site}/pairing-codes", tag = "devices", params(("site" = String, Path)), request_body = PairingRequest, responses((status = 201, body = PairingCodeView)))]
async fn give_pairing_code(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::PairDevices, &site)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.pairing_code(&permit, &request, retry.as_ref()).await?))
}

/// Pair a device by its code.
#[utoipa::path(post, path = "/devices/pair", tag = "devices", request_body = PairRequest, responses((status = 201, body = PairedView)))]
async fn pair_device(State(server): State<Server>, command: Command) -> Reply<impl IntoResponse> {
    let paired = server.app.pair_device(&command.body()?).await?;
    Ok((StatusCode::CREATED, Json(paired)))
}

/// Devices of the sites that one may see.
#[utoipa::path(get, path = "/devices", tag = "devices", params(Paging), responses((status = 200, body = Page<DeviceView>)))]
async fn list_devices(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<DeviceView>>> {
    let sites: Vec<String> = server.app.directory.get().sites.keys().cloned().collect();
    let mut permits = Vec::new();
    let mut refusal = AppError::NotFound;
    for site in &sites {
        match signed.permit(Operation::ReadDevices, site) {
            Ok(permit) => permits.push(permit),
            Err(error @ AppError::Forbidden { .. }) => refusal = error,
            Err(_) => {}
        }
    }
    if permits.is_empty() {
        return Err(refusal.into());
    }
    let mut devices = Vec::new();
    for permit in &permits {
        devices.extend(server.app.devices(permit).await?);
    }
    devices.sort_by(|a, b| a.id.cmp(&b.id));
    let paging: Paging = params.read()?;
    Ok(Json(paging.page(devices, |device| device.id.clone())?))
}

/// The device that asks: a page with a device token finds its hall and window by this.
#[utoipa::path(get, path = "/devices/current", tag = "devices", responses((status = 200, body = DeviceView)))]
async fn own_device(State(server): State<Server>, signed: Signed) -> Reply<Json<DeviceView>> {
    Ok(Json(server.app.own_device(signed.device()?).await?))
}

/// Say where a device stands; what is left out is unset.
#[utoipa::path(put, path = "/devices/{device}/binding", tag = "devices", params(("device" = String, Path)), request_body = BindingRequest, responses((status = 200, body = DeviceView)))]
async fn bind_device(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.bind_device(&permit, &id, &request, retry.as_ref()).await?))
}

/// End a device: its token is good no more.
#[utoipa::path(post, path = "/devices/{device}/revoke", tag = "devices", params(("device" = String, Path)), request_body = NoFields, responses((status = 200, body = DeviceView)))]
async fn revoke_device(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let retry = command.retry(&signed.0)?;
    command.body::<NoFields>()?;
    Ok(OutcomeReply(server.app.revoke_device(&permit, &id, retry.as_ref()).await?))
}

/// Print a page by which somebody sees whether a printer works.
#[utoipa::path(post, path = "/devices/{device}/test-print", tag = "devices", params(("device" = String, Path)), request_body = NoFields, responses((status = 201, body = PrintJobView)))]
async fn test_print(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let retry = command.retry(&signed.0)?;
    command.body::<NoFields>()?;
    Ok(OutcomeReply(server.app.test_print(&permit, &id, retry.as_ref()).await?))
}

/// Which print jobs are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobFilter {
    /// Only this state: `waiting`, `at_printer`, `printed`, `given_up`.
    state: Option<String>,
}

/// The newest print jobs of a hall.
#[utoipa::path(get, path = "/sites/{site}/print-jobs", tag = "devices", params(("site" = String, Path), JobFilter), responses((status = 200, body = Page<PrintJobView>)))]
async fn list_print_jobs(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<PrintJobView>>> {
    let permit = signed.permit(Operation::ReadHall, &site)?;
    let filter: JobFilter = params.read()?;
    Ok(Json(Page::whole(server.app.print_jobs(&permit, filter.state.as_deref()).await?)))
}

/// Print a slip again, marked 补打.
#[utoipa::path(post, path = "/sites/{site}/print-jobs/{job}/reprint", tag = "devices", params(("site" = String, Path), ("job" = String, Path)), request_body = ReasonRequest, responses((status = 201, body = PrintJobView)))]
async fn reprint_job(
    State(server): State<Server>,
    signed: Signed,
    Path((site, job)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ReprintSlip, &site)?;
    let id = PrintJobId::parse(&job).ok_or(AppError::NotFound)?;
    let (retry, request): (_, ReasonRequest) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.reprint(&permit, &id, request.reason.as_deref(), retry.as_ref()).await?))
}
