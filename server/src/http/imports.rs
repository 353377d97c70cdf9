//! Routes of whole catalogue files: one taken in or only tried, one given out.

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::catalogue::import::FILE_BYTES_MAX;
use domain::rights::Operation;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::catalogue_import::{ImportOptions, ImportView};
use crate::app::catalogue_sheet::SHEET_TYPE;

pub(super) fn routes() -> OpenApiRouter<Server> {
    let files = OpenApiRouter::new().routes(routes!(import_catalogue)).layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(export_catalogue)).routes(routes!(export_sheet)).merge(files)
}

/// What is done with the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Only tell what would change and what is wrong; always 200.
    #[serde(default)]
    dry_run: bool,
    /// Leave broken rows out instead of refusing the file.
    #[serde(default)]
    skip_bad: bool,
    /// Retire matters that the file does not name.
    #[serde(default)]
    retire_missing: bool,
}

/// Take a catalogue file (CSV in UTF-8 or GBK, or XLSX under its own content type) into a site, or only try it. A broken file is 422 with every fault at its line and column.
#[utoipa::path(post, path = "/sites/{site}/catalogue-imports", tag = "catalogue", params(("site" = String, Path), ImportQuery), request_body(content = String, content_type = "text/csv"), responses((status = 200, body = ImportView)))]
async fn import_catalogue(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ImportCatalogue, &site)?;
    let retry = command.retry(&signed.0)?;
    let ImportQuery { dry_run, skip_bad, retire_missing } = params.read()?;
    let options = ImportOptions { dry_run, skip_bad, retire_missing };
    let file = match command.file("text/csv") {
        Ok(file) => file,
        Err(error) => command.file(SHEET_TYPE).map_err(|_| error)?,
    };
    Ok(OutcomeReply(server.app.import_catalogue_by(&permit, file, options, retry.as_ref()).await?))
}

/// The published matters of a site as a file that can be imported again and changes nothing then.
#[utoipa::path(get, path = "/sites/{site}/catalogue.csv", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = String, content_type = "text/csv")))]
async fn export_catalogue(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Response> {
    let permit = signed.permit(Operation::ImportCatalogue, &site)?;
    let file = server.app.export_catalogue(&permit).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"catalogue-{site}.csv\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file).into_response())
}

/// The published matters of a site as a spreadsheet that can be imported again and changes nothing then.
#[utoipa::path(get, path = "/sites/{site}/catalogue.xlsx", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn export_sheet(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Response> {
    let permit = signed.permit(Operation::ImportCatalogue, &site)?;
    let file = server.app.export_catalogue_sheet(&permit).await?;
    let headers = [
        (header::CONTENT_TYPE, SHEET_TYPE.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"catalogue-{site}.xlsx\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file).into_response())
}
