//! Routes of figures.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Params, Signed};
use super::problem::Reply;
use super::state::Server;
use crate::app::figures::FiguresView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_figures)).routes(routes!(export_figures))
}

/// Which business days, both included, `yyyy-MM-dd`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// The first.
    from: Option<String>,
    /// The last.
    to: Option<String>,
}

/// Figures of a site; the formula of each stands in its description.
#[utoipa::path(get, path = "/sites/{site}/figures", tag = "supervision", params(("site" = String, Path), Span), responses((status = 200, body = FiguresView)))]
async fn read_figures(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Json<FiguresView>> {
    let permit = signed.permit(Operation::ReadFigures, &site)?;
    let span: Span = params.read()?;
    Ok(Json(server.app.figures(&permit, span.from.as_deref(), span.to.as_deref()).await?))
}

/// The same figures as a table for a spreadsheet, with what each means below.
#[utoipa::path(get, path = "/sites/{site}/figures.csv", tag = "supervision", params(("site" = String, Path), Span), responses((status = 200, body = String, content_type = "text/csv")))]
async fn export_figures(State(server): State<Server>, signed: Signed, Path(site): Path<String>, params: Params) -> Reply<Response> {
    let permit = signed.permit(Operation::Export, &site)?;
    let span: Span = params.read()?;
    let (name, table) = server.app.figures_csv(&permit, span.from.as_deref(), span.to.as_deref()).await?;
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, table).into_response())
}
