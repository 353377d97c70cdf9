//! Routes by which devices are cared for from afar: load the page again, see what a display shows, paper in the
//! cupboard, what a display shows, and how a slip looks before it is printed.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::rights::Operation;
use protocol::device::VoiceCare;
use protocol::layout::DisplayLayout;
use protocol::slip::{CutMode, PaperWidth, PrinterProfile, QrMode, SlipLayout, TextMode};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::devices::device_permit;
use super::extract::{Command, NoFields, Params, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::device_care::{CareRequest, PaperStockRequest};
use crate::app::devices::DeviceView;
use crate::app::error::AppError;
use crate::app::slip_previews::SlipSample;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(reload_page))
        .routes(routes!(ask_picture))
        .routes(routes!(send_picture))
        .routes(routes!(read_picture))
        .routes(routes!(count_paper))
        .routes(routes!(preview_slip))
        .routes(routes!(set_voice))
        .routes(routes!(set_layout))
}

async fn care(server: Server, signed: Signed, device: String, command: Command, wish: CareRequest) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let retry = command.retry(&signed.0)?;
    command.body::<NoFields>()?;
    Ok(OutcomeReply(server.app.care_for(&permit, &id, wish, retry.as_ref()).await?))
}

/// Let a device load its page again.
#[utoipa::path(post, path = "/devices/{device}/reload-page", tag = "devices", params(("device" = String, Path)), request_body = NoFields, responses((status = 200, body = DeviceView)))]
async fn reload_page(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    care(server, signed, device, command, CareRequest::Reload).await
}

/// Ask a display for a picture of what it shows.
#[utoipa::path(post, path = "/devices/{device}/take-picture", tag = "devices", params(("device" = String, Path)), request_body = NoFields, responses((status = 200, body = DeviceView)))]
async fn ask_picture(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    care(server, signed, device, command, CareRequest::Picture).await
}

/// The picture of what the asking display shows, in place of the one before.
#[utoipa::path(put, path = "/devices/current/picture", tag = "devices", request_body(content = Vec<u8>, content_type = "image/jpeg"), responses((status = 204)))]
async fn send_picture(State(server): State<Server>, signed: Signed, command: Command) -> Reply<StatusCode> {
    let device = signed.device()?;
    server.app.keep_picture(device, command.file("image/jpeg")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest picture of what a display shows.
#[utoipa::path(get, path = "/devices/{device}/picture", tag = "devices", params(("device" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn read_picture(State(server): State<Server>, signed: Signed, Path(device): Path<String>) -> Reply<Response> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::ReadDevices)?;
    let picture = server.app.device_picture(&permit, &id).await?;
    Ok((image("image/jpeg"), picture).into_response())
}

/// Say how many rolls of paper lie in the cupboard of a printer.
#[utoipa::path(put, path = "/devices/{device}/paper", tag = "devices", params(("device" = String, Path)), request_body = PaperStockRequest, responses((status = 200, body = DeviceView)))]
async fn count_paper(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.count_paper(&permit, &id, &request, retry.as_ref()).await?))
}

/// Say how a display speaks: how often, and how loud at which time of day.
#[utoipa::path(put, path = "/devices/{device}/voice", tag = "devices", params(("device" = String, Path)), request_body = VoiceCare, responses((status = 200, body = DeviceView)))]
async fn set_voice(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.set_voice(&permit, &id, &request, retry.as_ref()).await?))
}

/// Say what a display shows: which page, which blocks, which second language, how large.
#[utoipa::path(put, path = "/devices/{device}/layout", tag = "devices", params(("device" = String, Path)), request_body = DisplayLayout, responses((status = 200, body = DeviceView)))]
async fn set_layout(State(server): State<Server>, signed: Signed, Path(device): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = device_permit(&server, &signed, &device, Operation::PairDevices)?;
    let (retry, request) = (command.retry(&signed.0)?, command.body()?);
    Ok(OutcomeReply(server.app.set_layout(&permit, &id, &request, retry.as_ref()).await?))
}

/// Which slip on which printer; what is left out is the default of a printer's profile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PreviewParams {
    /// Which slip.
    #[param(inline)]
    sample: SlipSample,
    /// 576 or 384.
    #[param(value_type = Option<u16>)]
    width_dots: Option<u16>,
    /// How text reaches the paper.
    text: Option<TextMode>,
    /// How the code reaches the paper.
    qr: Option<QrMode>,
    /// What happens at the end.
    cut: Option<CutMode>,
    /// How a ticket is laid out.
    layout: Option<SlipLayout>,
}

/// A sample of a slip as a printer would print it, one pixel per dot; `Slip-Length-Mm` is the paper that it takes.
#[utoipa::path(get, path = "/sites/{site}/slip-preview", tag = "devices", params(("site" = String, Path), PreviewParams), responses((status = 200, body = Vec<u8>, content_type = "image/png")))]
async fn preview_slip(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::ReadDevices, &site)?;
    let PreviewParams { sample, width_dots, text, qr, cut, layout } = params.read()?;
    let width_dots = width_dots.map(PaperWidth::try_from).transpose();
    let width_dots = width_dots.map_err(|_| AppError::field("width_dots", "range", "纸宽是 576 或 384 点"))?;
    let usual = PrinterProfile::default();
    let profile = PrinterProfile {
        width_dots: width_dots.unwrap_or(usual.width_dots),
        text: text.unwrap_or(usual.text),
        qr: qr.unwrap_or(usual.qr),
        cut: cut.unwrap_or(usual.cut),
        layout: layout.unwrap_or(usual.layout),
        ..usual
    };
    let preview = server.app.slip_preview(&permit, sample, profile).await?;
    let length = [("slip-length-mm", preview.used_mm.to_string())];
    Ok((length, image("image/png"), preview.png).into_response())
}

fn image(kind: &'static str) -> [(header::HeaderName, &'static str); 3] {
    [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")]
}
