//! Routes of staff accounts.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::StaffId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, body_of, site_of};
use super::halls::ReasonRequest;
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::staff::{AccountView, DepartmentView, FreshPasswordView, NewStaffRequest, StaffRequest};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_staff, add_staff))
        .routes(routes!(list_departments))
        .routes(routes!(change_staff))
        .routes(routes!(end_access))
        .routes(routes!(restore_access))
        .routes(routes!(reset_password))
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
