//! Routes of messages to applicants.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::{AppointmentId, CaseId, NotificationId};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, site_of};
use super::halls::revealed_reply;
use super::paging::Page;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::error::AppError;
use crate::app::notifications::{NotificationView, Verdict};
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(retry_notification))
        .routes(routes!(give_up_notification))
        .routes(routes!(told_notification))
        .routes(routes!(unreached_notification))
        .routes(routes!(reveal_notified))
}

/// Which messages.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NotificationQuery {
    /// The case they are about,
    case_id: Option<String>,
    /// or the appointment.
    appointment_id: Option<String>,
}

/// Messages about a case or an appointment: one of both is named.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(NotificationQuery), responses((status = 200, body = Page<NotificationView>)))]
async fn list_notifications(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<NotificationView>>> {
    let staff = signed.staff()?;
    let query: NotificationQuery = params.read()?;
    if let (None, Some(appointment)) = (&query.case_id, &query.appointment_id) {
        let id = AppointmentId::parse(appointment).ok_or(AppError::NotFound)?;
        let permit = signed.permit(Operation::ManageAppointments, &site_of(&server, id.site_key())?)?;
        return Ok(Json(Page::whole(server.app.notifications_of_appointment(&permit, &id).await?)));
    }
    let case_id = query.case_id.ok_or_else(|| AppError::field("case_id", "missing", "写上哪个办件"))?;
    let case_id = CaseId::parse(&case_id).ok_or(AppError::NotFound)?;
    Ok(Json(Page::whole(server.app.notifications(staff, &case_id).await?)))
}

async fn judge(server: &Server, signed: &Signed, id: &str, command: &Command, verdict: Verdict) -> Reply<OutcomeReply> {
    let (staff, retry) = (signed.staff()?, command.retry(&signed.0)?);
    let id = NotificationId::parse(id).ok_or(AppError::NotFound)?;
    let fields = command.body::<NoFields>().map(drop);
    Ok(OutcomeReply(server.app.judge_notification(staff, &id, verdict, fields, retry.as_ref()).await?))
}

/// Try a message again that did not go out.
#[utoipa::path(post, path = "/notifications/{notification}/retry", tag = "notifications", params(("notification" = String, Path)), responses((status = 200, body = NotificationView)))]
async fn retry_notification(
    State(server): State<Server>,
    signed: Signed,
    Path(notification): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, &notification, &command, Verdict::Retry).await
}

/// Give a message up: the applicant was told in another way.
#[utoipa::path(post, path = "/notifications/{notification}/give-up", tag = "notifications", params(("notification" = String, Path)), responses((status = 200, body = NotificationView)))]
async fn give_up_notification(
    State(server): State<Server>,
    signed: Signed,
    Path(notification): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, &notification, &command, Verdict::GiveUp).await
}

/// Somebody of the house told the applicant, by phone or face to face: the message has arrived.
#[utoipa::path(post, path = "/notifications/{notification}/told", tag = "notifications", params(("notification" = String, Path)), responses((status = 200, body = NotificationView)))]
async fn told_notification(
    State(server): State<Server>,
    signed: Signed,
    Path(notification): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, &notification, &command, Verdict::Told).await
}

/// Somebody tried to tell the applicant and reached nobody: counts as a try, and stays to be done.
#[utoipa::path(post, path = "/notifications/{notification}/unreached", tag = "notifications", params(("notification" = String, Path)), responses((status = 200, body = NotificationView)))]
async fn unreached_notification(
    State(server): State<Server>,
    signed: Signed,
    Path(notification): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    judge(&server, &signed, &notification, &command, Verdict::Unreached).await
}

/// Name and phone of whom a message about a case is for, unmasked, for who has to call; the read is an event.
#[utoipa::path(post, path = "/notifications/{notification}/reveal", tag = "notifications", params(("notification" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_notified(
    State(server): State<Server>,
    signed: Signed,
    Path(notification): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (staff, retry) = (signed.staff()?, command.retry(&signed.0)?);
    let id = NotificationId::parse(&notification).ok_or(AppError::NotFound)?;
    Ok(revealed_reply(server.app.reveal_notified(staff, &id, command.body(), retry.as_ref()).await?)?)
}
