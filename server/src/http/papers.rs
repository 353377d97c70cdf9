//! Routes of a case's papers.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ids::{BundleCaseId, CaseId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::paging::Page;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::error::AppError;
use crate::app::papers::{CaseSlipRequest, PaperKind, PaperView, VerifiedView};
use crate::app::print_jobs::PrintJobView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_papers))
        .routes(routes!(read_paper))
        .routes(routes!(list_joint_papers))
        .routes(routes!(read_joint_paper))
        .routes(routes!(print_slip))
        .routes(routes!(read_archive))
        .routes(routes!(verify_paper))
}

/// The papers that a case has now.
#[utoipa::path(get, path = "/cases/{case}/documents", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = Page<PaperView>)))]
async fn list_papers(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<Page<PaperView>>> {
    let id = CaseId::parse(&case).ok_or(AppError::NotFound)?;
    Ok(Json(Page::whole(server.app.papers(signed.staff()?, &id).await?)))
}

/// One of them as PDF: `{kind}.pdf`. It names the applicant, so that the read is an event.
#[utoipa::path(get, path = "/cases/{case}/documents/{document}", tag = "cases", params(("case" = String, Path), ("document" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn read_paper(State(server): State<Server>, signed: Signed, Path((case, document)): Path<(String, String)>) -> Reply<Response> {
    let id = CaseId::parse(&case).ok_or(AppError::NotFound)?;
    let staff = signed.staff()?;
    let kind = document.strip_suffix(".pdf").and_then(PaperKind::parse);
    let Some(kind) = kind else {
        // Whether the caller may is answered before what there is not.
        server.app.case_to_reveal(staff, &id).await?;
        return Err(AppError::NotFound.into());
    };
    let pdf = server.app.paper(staff, &id, kind).await?;
    Ok(pdf_reply(kind.code(), pdf))
}

/// The papers that a joint case has beside those of its cases: one notice of all that is to be mended.
#[utoipa::path(get, path = "/bundle-cases/{bundle_case}/documents", tag = "cases", params(("bundle_case" = String, Path)), responses((status = 200, body = Page<PaperView>)))]
async fn list_joint_papers(State(server): State<Server>, signed: Signed, Path(joint): Path<String>) -> Reply<Json<Page<PaperView>>> {
    let id = BundleCaseId::parse(&joint).ok_or(AppError::NotFound)?;
    Ok(Json(Page::whole(server.app.joint_papers(signed.staff()?, &id).await?)))
}

/// One of them as PDF: `{kind}.pdf`. It names the applicant, so that the read is an event.
#[utoipa::path(get, path = "/bundle-cases/{bundle_case}/documents/{document}", tag = "cases", params(("bundle_case" = String, Path), ("document" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn read_joint_paper(
    State(server): State<Server>,
    signed: Signed,
    Path((joint, document)): Path<(String, String)>,
) -> Reply<Response> {
    let id = BundleCaseId::parse(&joint).ok_or(AppError::NotFound)?;
    let kind = document.strip_suffix(".pdf").unwrap_or_default();
    let pdf = server.app.joint_paper(signed.staff()?, &id, kind).await?;
    Ok(pdf_reply(kind, pdf))
}

pub(super) fn pdf_reply(name: &str, pdf: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, pdf).into_response()
}

/// Print a short paper of a case on a slip printer of its hall: receipt, acceptance, or that it can be fetched. It names
/// no person.
#[utoipa::path(post, path = "/cases/{case}/slips", tag = "cases", params(("case" = String, Path)), request_body = CaseSlipRequest, responses((status = 201, body = PrintJobView)))]
async fn print_slip(State(server): State<Server>, signed: Signed, Path(case): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let id = CaseId::parse(&case).ok_or(AppError::NotFound)?;
    let (staff, retry) = (signed.staff()?, command.retry(&signed.0)?);
    Ok(OutcomeReply(server.app.print_case_slip(staff, &id, command.body::<CaseSlipRequest>(), retry.as_ref()).await?))
}

/// The whole file of a case as one PDF for the archive: cover, list of contents, every paper, who did what, and the
/// files themselves. It names people in full, so that the read is an event of each of them.
#[utoipa::path(get, path = "/cases/{case}/archive.pdf", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn read_archive(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Response> {
    let id = CaseId::parse(&case).ok_or(AppError::NotFound)?;
    Ok(pdf_reply(&format!("archive-{id}"), server.app.archive(signed.staff()?, &id).await?))
}

/// Whether the paper with this code is genuine, and what stands on it. For everybody who holds it.
#[utoipa::path(get, path = "/verify/{code}", tag = "citizens", params(("code" = String, Path)), responses((status = 200, body = VerifiedView)))]
async fn verify_paper(State(server): State<Server>, Path(code): Path<String>) -> Reply<Json<VerifiedView>> {
    Ok(Json(server.app.verify_paper(&code).await?))
}
