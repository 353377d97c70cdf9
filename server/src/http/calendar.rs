//! Routes of the legal calendar.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, body_of};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::calendar::{CalendarRequest, CalendarView};
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_calendar)).routes(routes!(load_calendar))
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct YearQuery {
    /// The year.
    year: Option<i32>,
}

/// Every day of a loaded year, for everybody; 404 `calendar_not_loaded` for another.
#[utoipa::path(get, path = "/calendar", tag = "calendar", params(YearQuery), responses((status = 200, body = CalendarView)))]
async fn read_calendar(State(server): State<Server>, params: Params) -> Reply<Json<CalendarView>> {
    let wanted: YearQuery = params.read()?;
    let year = wanted.year.ok_or_else(|| AppError::field("year", "missing", "写上年份"))?;
    Ok(Json(server.app.calendar(year)?))
}

/// Load or replace a year, whole.
#[utoipa::path(put, path = "/calendar/{year}", tag = "calendar", params(("year" = i32, Path)), request_body = CalendarRequest, responses((status = 200, body = CalendarView)))]
async fn load_calendar(State(server): State<Server>, signed: Signed, Path(year): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::LoadCalendar, signed.0.home())?;
    let retry = command.retry(&signed.0)?;
    let year = year.parse().map_err(|_| AppError::NotFound)?;
    Ok(OutcomeReply(server.app.load_calendar(&permit, year, body_of(&command), retry.as_ref()).await?))
}
