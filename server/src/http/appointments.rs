//! Routes of appointments: slots for everybody, an appointment for whoever holds its code, and for staff
//! and kiosks by its id.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::AppointmentId;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command, NoFields, Params, Signed, site_of};
use super::halls::revealed_reply;
use super::paging::Page;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::appointments::{AppointmentView, BookRequest, BookableLineView, ChangeRequest, FindAppointmentsRequest, SlotsView};
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::hall::{HolderInput, TicketView};
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_bookable_lines))
        .routes(routes!(list_slots))
        .routes(routes!(book))
        .routes(routes!(read_by_code))
        .routes(routes!(change_by_code))
        .routes(routes!(cancel_by_code))
        .routes(routes!(book_for, list_appointments))
        .routes(routes!(find_appointments))
        .routes(routes!(read_appointment))
        .routes(routes!(change_appointment))
        .routes(routes!(cancel_appointment))
        .routes(routes!(check_in))
        .routes(routes!(reveal_booker))
}

fn permit_for(server: &Server, signed: &Signed, appointment: &str, operation: Operation) -> Answer<(AppointmentId, Permit)> {
    let id = AppointmentId::parse(appointment).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// Lines that take appointments, with their days.
#[utoipa::path(get, path = "/sites/{site}/appointment-lines", tag = "appointments", params(("site" = String, Path)), responses((status = 200, body = Page<BookableLineView>)))]
async fn list_bookable_lines(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<Page<BookableLineView>>> {
    Ok(Json(Page::whole(server.app.bookable_lines(&site).await?)))
}

/// Which slots are told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SlotsQuery {
    /// The line.
    line_id: String,
    /// The date.
    date: String,
}

/// Slots of a line on a date with what is free.
#[utoipa::path(get, path = "/sites/{site}/appointment-slots", tag = "appointments", params(("site" = String, Path), SlotsQuery), responses((status = 200, body = SlotsView)))]
async fn list_slots(State(server): State<Server>, Path(site): Path<String>, params: Params) -> Reply<Json<SlotsView>> {
    let wanted: SlotsQuery = params.read()?;
    Ok(Json(server.app.appointment_slots(&site, &wanted.line_id, &wanted.date).await?))
}

/// Body of `POST /appointments`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookByPage {
    /// The site.
    site_id: String,
    /// The line.
    line_id: String,
    /// Begin of the slot, as the slots tell it.
    starts_at: String,
    /// Who will come: name and phone, an ID number if told.
    holder: HolderInput,
    /// What for, as far as told.
    #[serde(default)]
    matter_ids: Vec<String>,
}

/// Book by page, without an account; the answer's code opens the appointment.
#[utoipa::path(post, path = "/appointments", tag = "appointments", request_body = BookByPage, responses((status = 201, body = AppointmentView)))]
async fn book(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(&anybody.key())?;
    let BookByPage { site_id, line_id, starts_at, holder, matter_ids } = command.body()?;
    let request = BookRequest { line_id, starts_at, holder, matter_ids };
    Ok(OutcomeReply(server.app.book_by_page(&site_id, &request, &anybody.key(), retry).await?))
}

/// An appointment by its code.
#[utoipa::path(get, path = "/appointments/by-code/{code}", tag = "appointments", params(("code" = String, Path)), responses((status = 200, body = AppointmentView)))]
async fn read_by_code(State(server): State<Server>, Path(code): Path<String>) -> Reply<Json<AppointmentView>> {
    Ok(Json(server.app.appointment_by_code(&code).await?))
}

/// Another slot, by the code.
#[utoipa::path(post, path = "/appointments/by-code/{code}/change", tag = "appointments", params(("code" = String, Path)), request_body = ChangeRequest, responses((status = 200, body = AppointmentView)))]
async fn change_by_code(State(server): State<Server>, Path(code): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(&code)?;
    Ok(OutcomeReply(server.app.change_by_code(&code, &command.body()?, retry).await?))
}

/// Give it up, by the code.
#[utoipa::path(post, path = "/appointments/by-code/{code}/cancel", tag = "appointments", params(("code" = String, Path)), request_body = NoFields, responses((status = 200, body = AppointmentView)))]
async fn cancel_by_code(State(server): State<Server>, Path(code): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let retry = command.citizen_retry(&code)?;
    let NoFields {} = command.body()?;
    Ok(OutcomeReply(server.app.cancel_by_code(&code, retry).await?))
}

/// Book for somebody who calls.
#[utoipa::path(post, path = "/sites/{site}/appointments", tag = "appointments", params(("site" = String, Path)), request_body = BookRequest, responses((status = 201, body = AppointmentView)))]
async fn book_for(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManageAppointments, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body() {
        Ok(request) => server.app.book_for(&permit, &request, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Which appointments are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DayQuery {
    /// The date; today if none is given.
    date: Option<String>,
    /// Only this line.
    line_id: Option<String>,
}

/// The appointments of a day, masked.
#[utoipa::path(get, path = "/sites/{site}/appointments", tag = "appointments", params(("site" = String, Path), DayQuery), responses((status = 200, body = Page<AppointmentView>)))]
async fn list_appointments(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<AppointmentView>>> {
    let permit = signed.permit(Operation::ManageAppointments, &site)?;
    let wanted: DayQuery = params.read()?;
    let views = server.app.appointments_of_day(&permit, wanted.date.as_deref(), wanted.line_id.as_deref()).await?;
    Ok(Json(Page::whole(views)))
}

/// Appointments by code, QR, phone or ID number; a kiosk finds those of today.
#[utoipa::path(post, path = "/sites/{site}/appointments/find", tag = "appointments", params(("site" = String, Path)), request_body = FindAppointmentsRequest, responses((status = 200, body = Page<AppointmentView>)))]
async fn find_appointments(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<Page<AppointmentView>>> {
    let permit = signed.permit(Operation::IssueTicket, &site).or_else(|_| signed.permit(Operation::ManageAppointments, &site))?;
    Ok(Json(Page::whole(server.app.find_appointments(&permit, &command.body()?).await?)))
}

/// One appointment, masked.
#[utoipa::path(get, path = "/appointments/{appointment}", tag = "appointments", params(("appointment" = String, Path)), responses((status = 200, body = AppointmentView)))]
async fn read_appointment(State(server): State<Server>, signed: Signed, Path(appointment): Path<String>) -> Reply<Json<AppointmentView>> {
    let (id, permit) = permit_for(&server, &signed, &appointment, Operation::ManageAppointments)?;
    Ok(Json(server.app.appointment(&permit, &id).await?))
}

/// Another slot, for somebody who calls.
#[utoipa::path(post, path = "/appointments/{appointment}/change", tag = "appointments", params(("appointment" = String, Path)), request_body = ChangeRequest, responses((status = 200, body = AppointmentView)))]
async fn change_appointment(
    State(server): State<Server>,
    signed: Signed,
    Path(appointment): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &appointment, Operation::ManageAppointments)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body() {
        Ok(request) => server.app.change_for(&permit, &id, &request, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Give it up, for somebody who calls.
#[utoipa::path(post, path = "/appointments/{appointment}/cancel", tag = "appointments", params(("appointment" = String, Path)), request_body = NoFields, responses((status = 200, body = AppointmentView)))]
async fn cancel_appointment(
    State(server): State<Server>,
    signed: Signed,
    Path(appointment): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &appointment, Operation::ManageAppointments)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<NoFields>() {
        Ok(NoFields {}) => server.app.cancel_for(&permit, &id, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Body of `POST /appointments/{appointment}/check-in`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInRequest {
    /// The person wants no slip: a screen or phone shows the number.
    #[serde(default)]
    no_slip: bool,
}

/// The person is there: a number of the queue. Twice gives the same number.
#[utoipa::path(post, path = "/appointments/{appointment}/check-in", tag = "appointments", params(("appointment" = String, Path)), request_body = CheckInRequest, responses((status = 201, body = TicketView)))]
async fn check_in(State(server): State<Server>, signed: Signed, Path(appointment): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &appointment, Operation::IssueTicket)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<CheckInRequest>() {
        Ok(CheckInRequest { no_slip }) => server.app.check_in(&permit, &id, no_slip, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Name and phone of who booked, for staff who must call; the read is an event.
#[utoipa::path(post, path = "/appointments/{appointment}/reveal", tag = "appointments", params(("appointment" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_booker(
    State(server): State<Server>,
    signed: Signed,
    Path(appointment): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &appointment, Operation::RevealAppointment)?;
    let retry = command.retry(&signed.0)?;
    let revealed = server.app.reveal_booker(&permit, &id, &command.body()?, retry.as_ref()).await?;
    Ok(revealed_reply(revealed)?)
}
