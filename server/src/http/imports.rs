//! Routes of catalogue files: one taken in or only tried, the whole catalogue given out.

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
use crate::app::catalogue_files::{ARCHIVE_TYPE, CatalogueFormat};
use crate::app::catalogue_import::{ImportOptions, ImportView};
use crate::app::catalogue_sheet::SHEET_TYPE;

pub(super) fn routes() -> OpenApiRouter<Server> {
    let files = OpenApiRouter::new().routes(routes!(import_catalogue)).layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(export_archive)).routes(routes!(export_sheet)).merge(files)
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

/// Take a catalogue file into a site, or only try it: a simple list or a sheet of the whole catalogue (CSV in UTF-8 or GBK), or XLSX or ZIP under their own content types. A broken file is 422 with every fault at its sheet, line and column.
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
        Err(error) => command.file(SHEET_TYPE).or_else(|_| command.file(ARCHIVE_TYPE)).map_err(|_| error)?,
    };
    Ok(OutcomeReply(server.app.import_catalogue_by(&permit, file, options, retry.as_ref()).await?))
}

/// The whole catalogue of a site as CSV files in a ZIP, one for each sheet: every field of every matter of its own. Brought back unchanged it changes nothing.
#[utoipa::path(get, path = "/sites/{site}/catalogue.zip", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/zip")))]
async fn export_archive(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Response> {
    let permit = signed.permit(Operation::ImportCatalogue, &site)?;
    let file = server.app.export_catalogue(&permit, CatalogueFormat::Archive).await?;
    Ok(download(file, ARCHIVE_TYPE, &format!("catalogue-{site}.zip")))
}

/// The whole catalogue of a site as a spreadsheet: every field of every matter of its own. Brought back unchanged it changes nothing. 409 `cell_too_long` names a text that no cell holds.
#[utoipa::path(get, path = "/sites/{site}/catalogue.xlsx", tag = "catalogue", params(("site" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn export_sheet(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Response> {
    let permit = signed.permit(Operation::ImportCatalogue, &site)?;
    let file = server.app.export_catalogue(&permit, CatalogueFormat::Book).await?;
    Ok(download(file, SHEET_TYPE, &format!("catalogue-{site}.xlsx")))
}

fn download(file: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, file).into_response()
}
