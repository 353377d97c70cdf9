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
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::figures::{FiguresView, PlanFigureRow, SubtreeFiguresView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(read_figures))
        .routes(routes!(export_figures))
        .routes(routes!(subtree_figures))
        .routes(routes!(figure_rows))
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

/// The figures of the plan for a site and all sites below it that the caller may read, side by side and added up.
#[utoipa::path(get, path = "/sites/{site}/subtree-figures", tag = "supervision", params(("site" = String, Path), Span), responses((status = 200, body = SubtreeFiguresView)))]
async fn subtree_figures(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<SubtreeFiguresView>> {
    let permit = signed.permit(Operation::ReadFigures, &site)?;
    let span: Span = params.read()?;
    Ok(Json(server.app.subtree_figures(&permit, span.from.as_deref(), span.to.as_deref()).await?))
}

/// Which figure.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FigureQuery {
    /// A key of `heads`.
    figure: Option<String>,
}

/// What a figure of the plan counts at a site, one by one, those that do not count first.
#[utoipa::path(get, path = "/sites/{site}/figure-rows", tag = "supervision", params(("site" = String, Path), FigureQuery, Span, Paging), responses((status = 200, body = Page<PlanFigureRow>)))]
async fn figure_rows(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<PlanFigureRow>>> {
    let permit = signed.permit(Operation::ReadFigures, &site)?;
    let (wanted, span, paging): (FigureQuery, Span, Paging) = (params.read()?, params.read()?, params.read()?);
    let rows = server.app.plan_figure_rows(&permit, wanted.figure.as_deref(), span.from.as_deref(), span.to.as_deref()).await?;
    Ok(Json(paging.after_the_last_seen(rows, |row| row.id.clone())?))
}
