//! Routes of the texts of papers, and of the seals that stand on them.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::papers::SEAL_BYTES_MAX;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Signed};
use super::paging::Page;
use super::papers::pdf_reply;
use super::plan::carried_out;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::papers::{PaperPreviewRequest, PaperResetRequest, PaperTemplateView, PaperTextsRequest, SealRequest, SealView};

/// A seal's picture as Base64, and what stands around it.
const SEAL_BODY_BYTES_MAX: usize = SEAL_BYTES_MAX / 3 * 4 + 64 * 1024;

pub(super) fn routes() -> OpenApiRouter<Server> {
    let adding = OpenApiRouter::new().routes(routes!(list_seals, add_seal)).layer(DefaultBodyLimit::max(SEAL_BODY_BYTES_MAX));
    OpenApiRouter::new()
        .merge(adding)
        .routes(routes!(list_paper_templates))
        .routes(routes!(change_paper_texts))
        .routes(routes!(reset_paper_texts))
        .routes(routes!(preview_paper))
        .routes(routes!(remove_seal))
        .routes(routes!(read_seal))
}

/// Papers whose texts can be worded, each as it is in force at a site, with its places and its versions.
#[utoipa::path(get, path = "/sites/{site}/paper-templates", tag = "cases", params(("site" = String, Path)), responses((status = 200, body = Page<PaperTemplateView>)))]
async fn list_paper_templates(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
) -> Reply<Json<Page<PaperTemplateView>>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    Ok(Json(Page::whole(server.app.paper_templates(&permit).await?)))
}

/// Write a version of a site's own texts of a paper, in force from a day on; those of sites below that have none of their
/// own change too. Papers that were issued before stay as they are.
#[utoipa::path(put, path = "/sites/{site}/paper-templates/{template}", tag = "cases", params(("site" = String, Path), ("template" = String, Path)), request_body = PaperTextsRequest, responses((status = 200, body = PaperTemplateView)))]
async fn change_paper_texts(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    carried_out::<PaperTextsRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.change_paper_texts(&permit, &name, &wanted, retry.as_ref()).await
    })
    .await
}

/// Take a site's own texts of a paper back, from a day on.
#[utoipa::path(post, path = "/sites/{site}/paper-templates/{template}/reset", tag = "cases", params(("site" = String, Path), ("template" = String, Path)), request_body = PaperResetRequest, responses((status = 200, body = PaperTemplateView)))]
async fn reset_paper_texts(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    carried_out::<PaperResetRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.reset_paper_texts(&permit, &name, &wanted, retry.as_ref()).await
    })
    .await
}

/// A sample of a paper as PDF, marked 样张, with texts that are not stored. For whoever keeps the seals it bears the seal.
#[utoipa::path(post, path = "/sites/{site}/paper-templates/{template}/preview", tag = "cases", params(("site" = String, Path), ("template" = String, Path)), request_body = PaperPreviewRequest, responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn preview_paper(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<Response> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    let with_seal = signed.permit(Operation::KeepSeals, &site).is_ok();
    let wanted: PaperPreviewRequest = command.body()?;
    Ok(pdf_reply("sample", server.app.preview_paper(&permit, &name, &wanted, with_seal).await?))
}

/// The seals of a site: the centre's own and those of departments, the ones that were taken away among them.
#[utoipa::path(get, path = "/sites/{site}/paper-seals", tag = "cases", params(("site" = String, Path)), responses((status = 200, body = Page<SealView>)))]
async fn list_seals(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<SealView>>> {
    let permit = signed.permit(Operation::KeepSeals, &site)?;
    Ok(Json(Page::whole(server.app.seals(&permit).await?)))
}

/// Hand in a seal: a PNG with a clear ground of at most 1 MB and at least 300 pixels a side, 30 to 50 mm on paper, in
/// force from a day on. It is sealed like personal data.
#[utoipa::path(post, path = "/sites/{site}/paper-seals", tag = "cases", params(("site" = String, Path)), request_body = SealRequest, responses((status = 201, body = SealView)))]
async fn add_seal(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::KeepSeals, &site)?;
    carried_out::<SealRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.add_seal(&permit, wanted, retry.as_ref()).await
    })
    .await
}

/// Take a seal away from now on; papers of its time keep it.
#[utoipa::path(post, path = "/sites/{site}/paper-seals/{seal}/remove", tag = "cases", params(("site" = String, Path), ("seal" = String, Path)), request_body = NoFields, responses((status = 200, body = SealView)))]
async fn remove_seal(
    State(server): State<Server>,
    signed: Signed,
    Path((site, seal)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::KeepSeals, &site)?;
    carried_out::<NoFields, _>(&server, &signed, &permit, &command, async |_, retry| {
        server.app.remove_seal(&permit, &seal, retry.as_ref()).await
    })
    .await
}

/// The picture of a seal, for administrators.
#[utoipa::path(get, path = "/sites/{site}/paper-seals/{seal}/picture", tag = "cases", params(("site" = String, Path), ("seal" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/png")))]
async fn read_seal(State(server): State<Server>, signed: Signed, Path((site, seal)): Path<(String, String)>) -> Reply<Response> {
    let permit = signed.permit(Operation::KeepSeals, &site)?;
    let picture = server.app.seal_picture(&permit, &seal).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, picture).into_response())
}
