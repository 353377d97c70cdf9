//! Routes of opening a site by copying one, of its checklist, and of its face.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::error::Answer;
use crate::app::opening::{CopiedSiteView, CopySiteRequest, OpeningView, ProfileRequest};
use crate::app::sites::SiteView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(copy_site))
        .routes(routes!(read_opening))
        .routes(routes!(change_profile))
        .routes(routes!(read_logo, change_logo))
        .routes(routes!(remove_logo))
}

/// Open a site by copying this one: lines, windows, rules, matters, bundles; no people, numbers or cases.
#[utoipa::path(post, path = "/sites/{site}/copy", tag = "sites", params(("site" = String, Path)), request_body = CopySiteRequest, responses((status = 201, body = CopiedSiteView)))]
async fn copy_site(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::OpenSite, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<CopySiteRequest>() {
        Ok(wanted) => server.app.copy_of_site(&permit, &wanted, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// What the site needs before its first day, looked for now.
#[utoipa::path(get, path = "/sites/{site}/opening", tag = "sites", params(("site" = String, Path)), responses((status = 200, body = OpeningView)))]
async fn read_opening(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<OpeningView>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    Ok(Json(server.app.opening(&permit).await?))
}

/// Change name, place, phone and accent colour, whole. A colour with less contrast than 4.5 : 1 is 422.
#[utoipa::path(put, path = "/sites/{site}/profile", tag = "sites", params(("site" = String, Path)), request_body = ProfileRequest, responses((status = 200, body = SiteView)))]
async fn change_profile(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<ProfileRequest>() {
        Ok(wanted) => server.app.change_profile(&permit, &wanted, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// The site's logo, for everybody.
#[utoipa::path(get, path = "/sites/{site}/logo", tag = "sites", params(("site" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/png")))]
async fn read_logo(State(server): State<Server>, Path(site): Path<String>) -> Reply<Response> {
    let logo = server.app.logo(&site)?;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=300"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, logo).into_response())
}

async fn logo(server: &Server, signed: &Signed, site: &str, command: &Command, png: Answer<Option<&[u8]>>) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, site)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match png {
        Ok(png) => server.app.change_logo(&permit, png, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Give the site a logo: a PNG picture of at most 64 KB.
#[utoipa::path(put, path = "/sites/{site}/logo", tag = "sites", params(("site" = String, Path)), request_body(content = Vec<u8>, content_type = "image/png"), responses((status = 200, body = SiteView)))]
async fn change_logo(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    logo(&server, &signed, &site, &command, command.file("image/png").map(Some)).await
}

/// Take the logo away.
#[utoipa::path(post, path = "/sites/{site}/logo/remove", tag = "sites", params(("site" = String, Path)), request_body = NoFields, responses((status = 200, body = SiteView)))]
async fn remove_logo(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    logo(&server, &signed, &site, &command, command.body::<NoFields>().map(|_| None)).await
}
