//! Routes of a case's files: one is sent as `multipart/form-data` and read part by part, so that one that is too
//! large never lies in memory.

use std::time::Duration;

use axum::Json;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::CaseId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed, body_of, retry_of};
use super::paging::Page;
use super::problem::{OutcomeReply, Problem, Reply};
use super::state::Server;
use crate::app::cases::{AttachmentUpload, AttachmentView, CaseView, FileContent, RemoveAttachmentRequest, SentFile};
use crate::app::error::{Answer, AppError};
use crate::app::retry::KEEP_MS;

/// Bytes of a field that is no file.
const TEXT_BYTES_MAX: usize = 8 * 1024;
/// How long one upload may take; a village's line brings 20 MiB in a few minutes.
const UPLOAD_WAIT: Duration = Duration::from_secs(600);
/// How long, and how much of, what is refused is read on and thrown away: a sender that is cut off while it sends
/// does not see the answer.
const DRAIN_WAIT: Duration = Duration::from_secs(20);
const DRAIN_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// What a file may do where somebody opens it beside the pages: nothing.
pub(super) const FILE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'none'";

pub(super) fn routes() -> OpenApiRouter<Server> {
    // The limit of JSON bodies does not hold here; each upload is bounded while it is read.
    let adding = OpenApiRouter::new().routes(routes!(list_attachments, add_attachment)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new().routes(routes!(read_attachment)).routes(routes!(read_thumbnail)).routes(routes!(remove_attachment)).merge(adding)
}

/// A file with what belongs to it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a multipart body, which is read part by part")]
pub(super) struct AttachmentForm {
    /// PDF, JPEG, PNG or WebP, by its content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The material that it shows.
    material_id: Option<String>,
    /// A note, at most 500 characters.
    note: Option<String>,
}

fn case_id(text: &str) -> Answer<CaseId> {
    CaseId::parse(text).ok_or(AppError::NotFound)
}

/// The files of a case.
#[utoipa::path(get, path = "/cases/{case}/attachments", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = Page<AttachmentView>)))]
async fn list_attachments(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<Page<AttachmentView>>> {
    Ok(Json(Page::whole(server.app.attachments(signed.staff()?, &case_id(&case)?).await?)))
}

/// Add a file to a case, until it is decided.
#[utoipa::path(post, path = "/cases/{case}/attachments", tag = "cases", params(("case" = String, Path)), request_body(content = inline(AttachmentForm), content_type = "multipart/form-data"), responses((status = 201, body = AttachmentView)))]
async fn add_attachment(
    State(server): State<Server>,
    signed: Signed,
    Path(case): Path<String>,
    request: Request,
) -> Result<OutcomeReply, Problem> {
    let (staff, id) = (signed.staff()?, case_id(&case)?);
    // Whether the caller may is answered before anything is read.
    let _place = server.app.case_to_attach(staff, &id).await?;
    let (method, path, headers) = (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let bytes_max = server.app.settings.cases.attachment_bytes_max;
    let upload = received(request, &headers, bytes_max).await?;
    let retry = retry_of(&headers, &method, &path, signed.0.actor(), &upload.print(), KEEP_MS)?;
    let outcome = server.app.attach(staff, &id, upload, retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_attachment(staff, &id, outcome).await?))
}

/// How large a file may be, and what to do about one that is larger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) bytes_max: usize,
    pub(super) advice: &'static str,
}

impl Bound {
    fn too_large(self) -> (&'static str, String) {
        ("too_large", format!("文件太大，一份最大 {} MB；{}", self.bytes_max / (1024 * 1024), self.advice))
    }
}

/// The request taken apart. What is wrong with single parts stands in it; a body that is no form is an error.
pub(super) async fn received(request: Request, headers: &HeaderMap, bytes_max: usize) -> Answer<AttachmentUpload> {
    received_within(request, headers, Bound { bytes_max, advice: "请调低扫描分辨率，或分成几份传" }).await
}

/// As [`received`], within a bound of its own.
pub(super) async fn received_within(request: Request, headers: &HeaderMap, bound: Bound) -> Answer<AttachmentUpload> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|declared| declared > bound.bytes_max + 16 * TEXT_BYTES_MAX) {
        // Who asks before he sends is told at once.
        if !headers.contains_key(header::EXPECT) {
            drain(request).await;
        }
        let (code, message) = bound.too_large();
        return Err(AppError::field("file", code, &message));
    }
    let not_a_form = AppError::field("Content-Type", "not_multipart", "文件要用 multipart/form-data 传");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| not_a_form)?;
    let reading = tokio::time::timeout(UPLOAD_WAIT, read_form(&mut form, bound));
    reading.await.map_err(|_| AppError::field("file", "too_slow", "传了太久没传完，请检查网络后再传"))?
}

async fn read_form(form: &mut Multipart, bound: Bound) -> Answer<AttachmentUpload> {
    let mut upload = AttachmentUpload::default();
    let mut has_file = false;
    while let Some(field) = form.next_field().await.map_err(|error| torn(&error))? {
        match field.name().unwrap_or_default() {
            "file" if !has_file => {
                has_file = true;
                upload.file = file(field, bound, &mut upload).await?;
            }
            "material_id" if upload.material_id.is_none() => upload.material_id = text(field, "material_id", &mut upload).await?,
            "note" if upload.note.is_none() => upload.note = text(field, "note", &mut upload).await?,
            name => {
                let (name, is_known) = (name.chars().take(40).collect::<String>(), ["file", "material_id", "note"].contains(&name));
                if is_known {
                    upload.errors.add(&name, "duplicate", "这一项只能有一个，文件请一份一份传");
                } else {
                    upload.errors.add(&name, "unknown_field", format!("不认识“{name}”这一项"));
                }
                read_up_to(field, 0).await?;
            }
        }
    }
    if !has_file {
        upload.errors.add("file", "missing", "选一个文件");
    }
    Ok(upload)
}

fn torn(_: &MultipartError) -> AppError {
    AppError::field("file", "malformed", "文件没有传完整，请再传一次")
}

async fn file(field: Field<'_>, bound: Bound, upload: &mut AttachmentUpload) -> Answer<Option<SentFile>> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let bytes = read_up_to(field, bound.bytes_max).await?;
    if bytes.is_none() {
        let (code, message) = bound.too_large();
        upload.errors.add("file", code, message);
    }
    Ok(bytes.map(|bytes| SentFile { name, bytes }))
}

async fn text(field: Field<'_>, name: &str, upload: &mut AttachmentUpload) -> Answer<Option<String>> {
    let text = read_up_to(field, TEXT_BYTES_MAX).await?.and_then(|bytes| String::from_utf8(bytes).ok());
    if text.is_none() {
        upload.errors.add(name, "malformed", "这一项太长或读不懂");
    }
    Ok(text)
}

/// The bytes of a field, `None` when there are more than that; what is too much is read and thrown away.
async fn read_up_to(mut field: Field<'_>, bytes_max: usize) -> Answer<Option<Vec<u8>>> {
    let (mut bytes, mut count) = (Vec::new(), 0_usize);
    while let Some(chunk) = field.chunk().await.map_err(|error| torn(&error))? {
        count += chunk.len();
        if count > bytes_max {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
        if count > DRAIN_BYTES_MAX {
            break;
        }
    }
    Ok((count <= bytes_max).then_some(bytes))
}

/// Reads what still comes and throws it away.
async fn drain(request: Request) {
    use futures_util::StreamExt as _;
    let mut body = request.into_body().into_data_stream();
    let reading = async {
        let mut count = 0;
        while let Some(Ok(chunk)) = body.next().await {
            count += chunk.len();
            if count > DRAIN_BYTES_MAX {
                break;
            }
        }
    };
    // Who sends too slowly is cut off.
    let _ = tokio::time::timeout(DRAIN_WAIT, reading).await;
}

pub(super) fn file_response(media_type: &'static str, disposition: &str, bytes: Vec<u8>) -> Response {
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(disposition) = HeaderValue::from_str(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    response
}

/// A name for `Content-Disposition`: in plain letters for old readers, in full as RFC 8187 says.
pub(super) fn disposition(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
    let plain: String = ending.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("inline; filename=\"attachment.{plain}\"; filename*=UTF-8''{full}")
}

/// A file's content. It may show the applicant, so that the read is an event.
#[utoipa::path(get, path = "/cases/{case}/attachments/{attachment}", tag = "cases", params(("case" = String, Path), ("attachment" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read_attachment(
    State(server): State<Server>,
    signed: Signed,
    Path((case, attachment)): Path<(String, String)>,
) -> Reply<Response> {
    let FileContent { media_type, name, bytes } = server.app.attachment(signed.staff()?, &case_id(&case)?, &attachment).await?;
    Ok(file_response(media_type, &disposition(&name), bytes))
}

/// A small picture of a file; a PDF has none.
#[utoipa::path(get, path = "/cases/{case}/attachments/{attachment}/thumbnail", tag = "cases", params(("case" = String, Path), ("attachment" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn read_thumbnail(State(server): State<Server>, signed: Signed, Path((case, attachment)): Path<(String, String)>) -> Reply<Response> {
    let bytes = server.app.thumbnail(signed.staff()?, &case_id(&case)?, &attachment).await?;
    Ok(file_response("image/jpeg", "inline; filename=\"thumbnail.jpg\"", bytes))
}

/// Take a file away from a case that is not accepted yet, with a reason; its content is forgotten within a day.
#[utoipa::path(post, path = "/cases/{case}/attachments/{attachment}/remove", tag = "cases", params(("case" = String, Path), ("attachment" = String, Path)), request_body = RemoveAttachmentRequest, responses((status = 200, body = CaseView)))]
async fn remove_attachment(
    State(server): State<Server>,
    signed: Signed,
    Path((case, attachment)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, case_id(&case)?, command.retry(&signed.0)?);
    let outcome = server.app.remove_attachment(staff, &id, &attachment, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_case(staff, outcome).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_header_is_plain() {
        assert_eq!(disposition("㐂.jpg"), "inline; filename=\"attachment.jpg\"; filename*=UTF-8''%E3%90%82.jpg");
        assert!(!disposition("a\"\r\nSet-Cookie: x=1.pdf").contains(['\r', '\n']));
    }
}
