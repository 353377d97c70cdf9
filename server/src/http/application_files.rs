//! Routes of the files that a citizen adds to the own online application; read part by part like those of the desk.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::Response;
use domain::ids::CaseId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::attachments::{AttachmentForm, disposition, file_response, received};
use super::extract::{Command, SignedCitizen, body_of, retry_of};
use super::paging::Page;
use super::problem::{OutcomeReply, Problem, Reply};
use super::state::Server;
use crate::app::cases::{ApplicationView, AttachmentView, FileContent, RemoveOwnRequest};
use crate::app::error::{Answer, AppError};
use crate::app::retry::KEEP_MS;

pub(super) fn routes() -> OpenApiRouter<Server> {
    // The limit of JSON bodies does not hold here; each upload is bounded while it is read.
    let adding = OpenApiRouter::new().routes(routes!(list_own_attachments, add_own_attachment)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .routes(routes!(read_own_attachment))
        .routes(routes!(read_own_thumbnail))
        .routes(routes!(remove_own_attachment))
        .merge(adding)
}

fn application_id(text: &str) -> Answer<CaseId> {
    CaseId::parse(text).ok_or(AppError::NotFound)
}

/// The photos and scans of one of the own applications.
#[utoipa::path(get, path = "/applications/{application}/attachments", tag = "citizens", params(("application" = String, Path)), responses((status = 200, body = Page<AttachmentView>)))]
async fn list_own_attachments(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
) -> Reply<Json<Page<AttachmentView>>> {
    Ok(Json(Page::whole(server.app.own_attachments(&citizen.0, &application_id(&id)?).await?)))
}

/// Add a photo or scan to one of the own applications, until it is sent, and again when something has to be mended.
#[utoipa::path(post, path = "/applications/{application}/attachments", tag = "citizens", params(("application" = String, Path)), request_body(content = inline(AttachmentForm), content_type = "multipart/form-data"), responses((status = 201, body = AttachmentView)))]
async fn add_own_attachment(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path(id): Path<String>,
    request: Request,
) -> Result<OutcomeReply, Problem> {
    let id = application_id(&id)?;
    // Whose it is, is answered before anything is read.
    let _place = server.app.application_to_attach(&citizen.0, &id).await?;
    let (method, path, headers) = (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let bytes_max = server.app.settings.cases.attachment_bytes_max;
    let upload = received(request, &headers, bytes_max).await?;
    let actor = format!("citizen {}", citizen.0.id);
    let retry = retry_of(&headers, &method, &path, &actor, &upload.print(), KEEP_MS)?;
    let outcome = server.app.attach_online(&citizen.0, &id, upload, retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_own_attachment(&citizen.0, &id, outcome).await?))
}

/// The content of an own photo or scan.
#[utoipa::path(get, path = "/applications/{application}/attachments/{attachment}", tag = "citizens", params(("application" = String, Path), ("attachment" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read_own_attachment(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path((id, attachment)): Path<(String, String)>,
) -> Reply<Response> {
    let FileContent { media_type, name, bytes } = server.app.own_attachment(&citizen.0, &application_id(&id)?, &attachment).await?;
    Ok(file_response(media_type, &disposition(&name), bytes))
}

/// A small picture of an own photo or scan; a PDF has none.
#[utoipa::path(get, path = "/applications/{application}/attachments/{attachment}/thumbnail", tag = "citizens", params(("application" = String, Path), ("attachment" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn read_own_thumbnail(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path((id, attachment)): Path<(String, String)>,
) -> Reply<Response> {
    let bytes = server.app.own_thumbnail(&citizen.0, &application_id(&id)?, &attachment).await?;
    Ok(file_response("image/jpeg", "inline; filename=\"thumbnail.jpg\"", bytes))
}

/// Take an own photo or scan away while the form is open; its content is forgotten within a day.
#[utoipa::path(post, path = "/applications/{application}/attachments/{attachment}/remove", tag = "citizens", params(("application" = String, Path), ("attachment" = String, Path)), request_body = RemoveOwnRequest, responses((status = 200, body = ApplicationView)))]
async fn remove_own_attachment(
    State(server): State<Server>,
    citizen: SignedCitizen,
    Path((id, attachment)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, retry) = (application_id(&id)?, command.citizen_retry(citizen.0.id.as_str())?);
    let outcome = server.app.detach_online(&citizen.0, &id, &attachment, body_of::<RemoveOwnRequest>(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_application(&citizen.0, outcome).await?))
}
