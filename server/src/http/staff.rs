//! Routes of staff accounts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::{StaffId, WindowId};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, body_of, site_of};
use super::guide_files::sent;
use super::halls::ReasonRequest;
use super::matters::by_one;
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::public_files::PublicFile;
use crate::app::staff::{AccountView, DepartmentView, FreshPasswordView, NewStaffRequest, StaffRequest};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_staff, add_staff))
        .routes(routes!(list_departments))
        .routes(routes!(change_staff))
        .routes(routes!(end_access))
        .routes(routes!(restore_access))
        .routes(routes!(reset_password))
        .routes(routes!(read_photo, change_photo))
        .routes(routes!(remove_photo))
        .routes(routes!(read_window_photo))
}

fn staff_permit(server: &Server, signed: &Signed, staff: &str) -> Answer<(StaffId, Permit)> {
    let id = StaffId::parse(staff).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(Operation::ManageStaff, &site_id)?))
}

/// Accounts of a site, those in use first.
#[utoipa::path(get, path = "/sites/{site}/staff", tag = "staff", params(("site" = String, Path), Paging), responses((status = 200, body = Page<AccountView>)))]
async fn list_staff(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<AccountView>>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.accounts(&permit).await?, |account| account.id.clone())?))
}

/// Make an account; its password for one sign-in is told this once.
#[utoipa::path(post, path = "/sites/{site}/staff", tag = "staff", params(("site" = String, Path)), request_body = NewStaffRequest, responses((status = 201, body = FreshPasswordView)))]
async fn add_staff(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManageStaff, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.add_staff(&permit, body_of(&command), retry.as_ref()).await?))
}

/// Departments whose matters are taken at a site.
#[utoipa::path(get, path = "/sites/{site}/departments", tag = "staff", params(("site" = String, Path)), responses((status = 200, body = Page<DepartmentView>)))]
async fn list_departments(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<DepartmentView>>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    Ok(Json(Page::whole(server.app.departments(&permit)?)))
}

/// Change name, roles, departments decided for and the last day of access, whole.
#[utoipa::path(put, path = "/staff/{staff}", tag = "staff", params(("staff" = String, Path)), request_body = StaffRequest, responses((status = 200, body = AccountView)))]
async fn change_staff(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = staff_permit(&server, &signed, &staff)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.change_staff(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

async fn set_access(server: &Server, signed: &Signed, staff: &str, command: &Command, active: bool) -> Reply<OutcomeReply> {
    let (id, permit) = staff_permit(server, signed, staff)?;
    let retry = command.retry(&signed.0)?;
    let why = command.body::<ReasonRequest>().map(|request| request.reason);
    Ok(OutcomeReply(server.app.set_access(&permit, &id, active, why, retry.as_ref()).await?))
}

/// End somebody's access at once.
#[utoipa::path(post, path = "/staff/{staff}/end-access", tag = "staff", params(("staff" = String, Path)), request_body = ReasonRequest, responses((status = 200, body = AccountView)))]
async fn end_access(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    set_access(&server, &signed, &staff, &command, false).await
}

/// Give somebody access back.
#[utoipa::path(post, path = "/staff/{staff}/restore-access", tag = "staff", params(("staff" = String, Path)), request_body = ReasonRequest, responses((status = 200, body = AccountView)))]
async fn restore_access(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    set_access(&server, &signed, &staff, &command, true).await
}

/// Give out a new password for one sign-in, told this once; every session of the account ends.
#[utoipa::path(post, path = "/staff/{staff}/reset-password", tag = "staff", params(("staff" = String, Path)), request_body = NoFields, responses((status = 200, body = FreshPasswordView)))]
async fn reset_password(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let id = StaffId::parse(&staff).ok_or(AppError::NotFound)?;
    let site_id = site_of(&server, id.site_key())?;
    let permit = signed.permit(Operation::ManageStaff, &site_id).or_else(|_| signed.permit(Operation::ResetPassword, &site_id))?;
    let retry = command.retry(&signed.0)?;
    let fields = command.body::<NoFields>().map(drop);
    Ok(OutcomeReply(server.app.reset_password(&permit, &id, fields, retry.as_ref()).await?))
}

/// A permit about somebody's photo: the person's own, or by one of these rights.
fn photo_permit(server: &Server, signed: &Signed, staff: &str, operations: &[Operation]) -> Answer<(StaffId, Permit)> {
    let id = StaffId::parse(staff).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    let is_own = matches!(&signed.0, Caller::Staff(caller) if caller.staff.id == id);
    let permit = if is_own { signed.permit(Operation::ReadSites, &site_id)? } else { by_one(signed, &site_id, operations)? };
    Ok((id, permit))
}

/// A photo, for the browser of who asked alone; 204 without one.
fn shown(server: &Server, photo: Option<PublicFile>) -> Response {
    let keep = HeaderValue::from_static("private, max-age=3600");
    photo.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |photo| sent(server, photo, keep, None))
}

/// Somebody's photo; 204 without one. Everybody reads the own.
#[utoipa::path(get, path = "/staff/{staff}/photo", tag = "staff", params(("staff" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = 204)))]
async fn read_photo(State(server): State<Server>, signed: Signed, Path(staff): Path<String>) -> Reply<Response> {
    let (id, permit) = photo_permit(&server, &signed, &staff, &[Operation::ReadStaff])?;
    Ok(shown(&server, server.app.photo(permit.site_id(), id.as_str()).await?))
}

/// The photo of who sits at a window now, for the pad there; 204 without one.
#[utoipa::path(get, path = "/windows/{window}/photo", tag = "staff", params(("window" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = 204)))]
async fn read_window_photo(State(server): State<Server>, signed: Signed, Path(window): Path<String>) -> Reply<Response> {
    let id = WindowId::parse(&window).ok_or(AppError::NotFound)?;
    let site_id = site_of(&server, id.site_key())?;
    let permit = signed.permit(Operation::ReadSites, &site_id)?;
    Ok(shown(&server, server.app.photo_at_window(permit.site_id(), &id).await?))
}

/// Who may give somebody a photo, beside the person.
const PHOTO_GIVERS: &[Operation] = &[Operation::ManageStaff, Operation::ResetPassword];

/// Give a person a photo: JPEG or PNG of at most 256 KB, cut square and scaled to at most 512 pixels. It is shown on the pad of the window where the person sits.
#[utoipa::path(put, path = "/staff/{staff}/photo", tag = "staff", params(("staff" = String, Path)), request_body(content = Vec<u8>, content_type = "image/jpeg"), responses((status = 200, body = AccountView)))]
async fn change_photo(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = photo_permit(&server, &signed, &staff, PHOTO_GIVERS)?;
    let retry = command.retry(&signed.0)?;
    let other_type = |error: &AppError| matches!(error, AppError::Invalid(errors) if errors.iter().any(|error| error.code == "wrong_type"));
    let bytes = command.file("image/png").or_else(|error| match command.file("image/jpeg") {
        Err(other) if other_type(&other) => Err(error),
        told => told,
    });
    let photo = bytes.map(|bytes| Some(bytes.to_vec())).map_err(|error| match error {
        AppError::Invalid(errors) => errors,
        other => vec![FieldError { field: String::new(), code: other.code().to_owned(), message: other.message() }],
    });
    Ok(OutcomeReply(server.app.change_photo(&permit, &id, photo, retry.as_ref()).await?))
}

/// Take somebody's photo away.
#[utoipa::path(post, path = "/staff/{staff}/photo/remove", tag = "staff", params(("staff" = String, Path)), request_body = NoFields, responses((status = 200, body = AccountView)))]
async fn remove_photo(State(server): State<Server>, signed: Signed, Path(staff): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = photo_permit(&server, &signed, &staff, PHOTO_GIVERS)?;
    let retry = command.retry(&signed.0)?;
    let photo = body_of::<NoFields>(&command).map(|_| None);
    Ok(OutcomeReply(server.app.change_photo(&permit, &id, photo, retry.as_ref()).await?))
}
