//! Routes of the people of a site: source and contract, attendance, leaves, roster, appraisal, trainings, lists.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use domain::ids::{LeaveId, StaffId, TrainingId};
use domain::rights::Operation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, body_of, site_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::people::{
    AppraisalView, AttendanceView, EngagementRequest, LeaveRequest, LeaveView, MyWorkView, PeopleRulesRequest, PeopleRulesView,
    PersonSheetView, PersonView, PersonWish, RosterDayView, RosterRequest, StaffImportView, TrainingRequest, TrainingView,
};
use crate::app::retry::{Outcome, Retry};
use crate::app::staff::AccountView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_people))
        .routes(routes!(read_person))
        .routes(routes!(change_engagement))
        .routes(routes!(read_rules, change_rules))
        .routes(routes!(read_attendance))
        .routes(routes!(attendance_csv))
        .routes(routes!(attendance_xlsx))
        .routes(routes!(list_leaves, add_leave))
        .routes(routes!(cancel_leave))
        .routes(routes!(read_roster))
        .routes(routes!(plan_roster))
        .routes(routes!(list_appraisals))
        .routes(routes!(read_my_work))
        .routes(routes!(list_trainings, add_training))
        .routes(routes!(change_training))
        .routes(routes!(import_staff))
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MonthQuery {
    /// `2026-11`; this month unless told otherwise.
    month: Option<String>,
}

/// Which days, both included, `yyyy-MM-dd`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// The first.
    from: Option<String>,
    /// The last.
    to: Option<String>,
}

/// A command whose body is taken apart after the caller's right is known, and whose field errors are kept.
async fn carried_out<T, F>(server: &Server, signed: &Signed, permit: &Permit, command: &Command, run: F) -> Reply<OutcomeReply>
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

fn file(kind: &str, name: &str, content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, content).into_response()
}

/// The people of a site, those in use first.
#[utoipa::path(get, path = "/sites/{site}/people", tag = "people", params(("site" = String, Path), PersonWish, Paging), responses((status = 200, body = Page<PersonView>)))]
async fn list_people(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<PersonView>>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    let (wish, paging): (PersonWish, Paging) = (params.read()?, params.read()?);
    Ok(Json(paging.after_the_last_seen(server.app.people(&permit, &wish).await?, |person| person.id.clone())?))
}

fn person_permit(server: &Server, signed: &Signed, staff: &str, operation: Operation) -> Answer<(StaffId, Permit)> {
    let id = StaffId::parse(staff).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// One person's sheet: source, contract, a month at windows, leaves, trainings.
#[utoipa::path(get, path = "/staff/{staff}", tag = "people", params(("staff" = String, Path), MonthQuery), responses((status = 200, body = PersonSheetView)))]
async fn read_person(
    State(server): State<Server>,
    signed: Signed,
    Path(staff): Path<String>,
    params: Params,
) -> Reply<Json<PersonSheetView>> {
    let (id, permit) = person_permit(&server, &signed, &staff, Operation::ReadStaff)?;
    let wanted: MonthQuery = params.read()?;
    Ok(Json(server.app.person_sheet(&permit, &id, wanted.month.as_deref()).await?))
}

/// Say where a person comes from and until when, whole. A contract that is over ends access and every session.
#[utoipa::path(put, path = "/staff/{staff}/engagement", tag = "people", params(("staff" = String, Path)), request_body = EngagementRequest, responses((status = 200, body = AccountView)))]
async fn change_engagement(
    State(server): State<Server>,
    signed: Signed,
    Path(staff): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = person_permit(&server, &signed, &staff, Operation::ManagePeople)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.change_engagement(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// What the site set about its people: weights of the appraisal, when a contract's end is told.
#[utoipa::path(get, path = "/sites/{site}/people-rules", tag = "people", params(("site" = String, Path)), responses((status = 200, body = PeopleRulesView)))]
async fn read_rules(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<PeopleRulesView>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    Ok(Json(server.app.people_rules(&permit).await?))
}

/// Replace them, whole.
#[utoipa::path(put, path = "/sites/{site}/people-rules", tag = "people", params(("site" = String, Path)), request_body = PeopleRulesRequest, responses((status = 200, body = PeopleRulesView)))]
async fn change_rules(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePeople, &site)?;
    let run =
        async |wanted: PeopleRulesRequest, retry: Option<Retry>| server.app.change_people_rules(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// Attendance of a month from window sessions, with what each figure means.
#[utoipa::path(get, path = "/sites/{site}/attendance", tag = "people", params(("site" = String, Path), MonthQuery), responses((status = 200, body = AttendanceView)))]
async fn read_attendance(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<AttendanceView>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    let wanted: MonthQuery = params.read()?;
    Ok(Json(server.app.attendance(&permit, wanted.month.as_deref()).await?))
}

/// The same as a table, a row for each person and day.
#[utoipa::path(get, path = "/sites/{site}/attendance.csv", tag = "people", params(("site" = String, Path), MonthQuery), responses((status = 200, body = String, content_type = "text/csv")))]
async fn attendance_csv(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::Export, &site)?;
    let wanted: MonthQuery = params.read()?;
    let (name, table) = server.app.attendance_csv(&permit, wanted.month.as_deref()).await?;
    Ok(file("text/csv; charset=utf-8", &name, table))
}

/// The same as a spreadsheet: sums, each day, and what the figures mean.
#[utoipa::path(get, path = "/sites/{site}/attendance.xlsx", tag = "people", params(("site" = String, Path), MonthQuery), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn attendance_xlsx(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::Export, &site)?;
    let wanted: MonthQuery = params.read()?;
    let (name, book) = server.app.attendance_xlsx(&permit, wanted.month.as_deref()).await?;
    Ok(file(XLSX, &name, book))
}

/// Who is away on some days, and who covers; from today on unless told otherwise.
#[utoipa::path(get, path = "/sites/{site}/leaves", tag = "people", params(("site" = String, Path), DaysQuery), responses((status = 200, body = Page<LeaveView>)))]
async fn list_leaves(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<LeaveView>>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    let days: DaysQuery = params.read()?;
    Ok(Json(Page::whole(server.app.leaves(&permit, days.from.as_deref(), days.to.as_deref()).await?)))
}

/// Write down that somebody is away.
#[utoipa::path(post, path = "/sites/{site}/leaves", tag = "people", params(("site" = String, Path)), request_body = LeaveRequest, responses((status = 201, body = LeaveView)))]
async fn add_leave(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePeople, &site)?;
    let run = async |wanted: LeaveRequest, retry: Option<Retry>| server.app.add_leave(&permit, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// Take a leave back.
#[utoipa::path(post, path = "/leaves/{leave}/cancel", tag = "people", params(("leave" = String, Path)), request_body = NoFields, responses((status = 200, body = LeaveView)))]
async fn cancel_leave(State(server): State<Server>, signed: Signed, Path(leave): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let id = LeaveId::parse(&leave).ok_or(AppError::NotFound)?;
    let permit = signed.permit(Operation::ManagePeople, &site_of(&server, id.site_key())?)?;
    let retry = command.retry(&signed.0)?;
    let fields = command.body::<NoFields>().map(drop);
    Ok(OutcomeReply(server.app.cancel_leave(&permit, &id, fields, retry.as_ref()).await?))
}

/// Who is planned at which window, who covers, and who really sat there; seven days from today unless told otherwise.
#[utoipa::path(get, path = "/sites/{site}/roster", tag = "people", params(("site" = String, Path), DaysQuery), responses((status = 200, body = Page<RosterDayView>)))]
async fn read_roster(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<RosterDayView>>> {
    let permit = signed.permit(Operation::ReadHall, &site)?;
    let days: DaysQuery = params.read()?;
    Ok(Json(Page::whole(server.app.roster(&permit, days.from.as_deref(), days.to.as_deref()).await?)))
}

/// Plan a day, whole. It forbids nothing: who opens another window may, and is shown.
#[utoipa::path(put, path = "/sites/{site}/roster/{date}", tag = "people", params(("site" = String, Path), ("date" = String, Path)), request_body = RosterRequest, responses((status = 200, body = RosterDayView)))]
async fn plan_roster(
    State(server): State<Server>,
    signed: Signed,
    Path((site, date)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePeople, &site)?;
    let date = NaiveDate::parse_from_str(&date, "%Y-%m-%d").map_err(|_| AppError::NotFound)?;
    let run = async |wanted: RosterRequest, retry: Option<Retry>| server.app.plan_roster(&permit, date, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// The appraisal sheets of everybody of a site in a month, each item explained.
#[utoipa::path(get, path = "/sites/{site}/appraisals", tag = "people", params(("site" = String, Path), MonthQuery), responses((status = 200, body = Page<AppraisalView>)))]
async fn list_appraisals(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<AppraisalView>>> {
    let permit = signed.permit(Operation::ReadAppraisals, &site)?;
    let wanted: MonthQuery = params.read()?;
    Ok(Json(Page::whole(server.app.appraisals(&permit, wanted.month.as_deref()).await?)))
}

/// The caller's own work: the month at windows, where one is planned, leaves, trainings, the own appraisal.
#[utoipa::path(get, path = "/my-work", tag = "people", params(MonthQuery), responses((status = 200, body = MyWorkView)))]
async fn read_my_work(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<MyWorkView>> {
    let caller = signed.staff()?;
    let wanted: MonthQuery = params.read()?;
    Ok(Json(server.app.my_work(caller, wanted.month.as_deref()).await?))
}

/// Trainings, the newest first; of the last twelve months unless told otherwise.
#[utoipa::path(get, path = "/sites/{site}/trainings", tag = "people", params(("site" = String, Path), DaysQuery), responses((status = 200, body = Page<TrainingView>)))]
async fn list_trainings(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<TrainingView>>> {
    let permit = signed.permit(Operation::ReadStaff, &site)?;
    let days: DaysQuery = params.read()?;
    Ok(Json(Page::whole(server.app.trainings(&permit, days.from.as_deref(), days.to.as_deref()).await?)))
}

/// Write down a training that was held.
#[utoipa::path(post, path = "/sites/{site}/trainings", tag = "people", params(("site" = String, Path)), request_body = TrainingRequest, responses((status = 201, body = TrainingView)))]
async fn add_training(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManagePeople, &site)?;
    let run =
        async |wanted: TrainingRequest, retry: Option<Retry>| server.app.record_training(&permit, None, &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// Correct the record of a training, whole.
#[utoipa::path(put, path = "/trainings/{training}", tag = "people", params(("training" = String, Path)), request_body = TrainingRequest, responses((status = 200, body = TrainingView)))]
async fn change_training(
    State(server): State<Server>,
    signed: Signed,
    Path(training): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let id = TrainingId::parse(&training).ok_or(AppError::NotFound)?;
    let permit = signed.permit(Operation::ManagePeople, &site_of(&server, id.site_key())?)?;
    server.app.training_known(&permit, &id).await?;
    let run =
        async |wanted: TrainingRequest, retry: Option<Retry>| server.app.record_training(&permit, Some(&id), &wanted, retry.as_ref()).await;
    carried_out(&server, &signed, &permit, &command, run).await
}

/// What is done with the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Only tell what would be made and what is wrong; always 200.
    #[serde(default)]
    dry_run: bool,
}

/// Make accounts from a list (CSV in UTF-8 or GBK: 姓名, 登录名, 岗位 and what else is known), all or none. Passwords for one sign-in are told this once.
#[utoipa::path(post, path = "/sites/{site}/staff-imports", tag = "people", params(("site" = String, Path), ImportQuery), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = StaffImportView), (status = 201, body = StaffImportView)))]
async fn import_staff(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ManageStaff, &site)?;
    let retry = command.retry(&signed.0)?;
    let wanted: ImportQuery = params.read()?;
    let list = command.file("text/csv")?;
    Ok(OutcomeReply(server.app.import_staff(&permit, list, wanted.dry_run, retry.as_ref()).await?))
}
