//! Routes of the pictures and films of guides: sent for a draft, read by everybody once a matter in force names them.
//! A content never changes under its name, so it may be kept for good where it was read; a film is read in ranges.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::MatterId;
use futures_util::stream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::attachments::{Bound, FILE_POLICY, received_within};
use super::extract::{Signed, retry_of};
use super::matters::{EDITS, READS, permit_of};
use super::problem::{OutcomeReply, Problem, Reply};
use super::state::Server;
use crate::app::error::{Answer, AppError};
use crate::app::matters::{GuideFileUse, GuideFileView};
use crate::app::public_files::PublicFile;
use crate::app::retry::KEEP_MS;

/// Everybody may keep it, for a year, and need not ask again: another content has another name.
const FOR_ALL: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What only a draft names is for the writer's browser alone.
const FOR_WRITERS: HeaderValue = HeaderValue::from_static("private, max-age=3600");

pub(super) fn routes() -> OpenApiRouter<Server> {
    // The limit of JSON bodies does not hold here; each upload is bounded while it is read.
    let sending =
        OpenApiRouter::new().routes(routes!(add_guide_picture)).routes(routes!(add_guide_film)).layer(DefaultBodyLimit::disable());
    let reading = OpenApiRouter::new().routes(routes!(read_guide_file)).routes(routes!(read_small_guide_file));
    let drafted = OpenApiRouter::new().routes(routes!(read_drafted_file)).routes(routes!(read_small_drafted_file));
    sending.merge(reading).merge(drafted)
}

/// A file for a guide.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a multipart body, which is read part by part")]
struct GuideFileForm {
    /// A picture (JPEG, PNG, WebP) or a film (MP4, WebM), by its content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

fn matter_id(text: &str) -> Answer<MatterId> {
    MatterId::parse(text).ok_or(AppError::NotFound)
}

async fn taken(server: &Server, signed: &Signed, matter: &str, what: GuideFileUse, request: Request) -> Result<OutcomeReply, Problem> {
    let (id, permit) = permit_of(server, signed, matter, EDITS)?;
    // Whether the caller may is answered before anything is read.
    let _place = server.app.guide_to_write(&permit, &id, what).await?;
    let (method, path, headers) = (request.method().clone(), request.uri().path().to_owned(), request.headers().clone());
    let bound = match what {
        GuideFileUse::Picture => Bound { bytes_max: server.app.settings.cases.attachment_bytes_max, advice: "请把图片缩小再传" },
        GuideFileUse::Film => {
            Bound { bytes_max: server.app.settings.film_bytes_max, advice: "请剪短些，或导出成小一点的（720p 就够）" }
        }
    };
    let upload = received_within(request, &headers, bound).await?;
    let retry = retry_of(&headers, &method, &path, signed.0.actor(), &upload.print(), KEEP_MS)?;
    Ok(OutcomeReply(server.app.add_guide_file(&permit, &id, what, upload, retry.as_ref()).await?))
}

/// Send a picture for a step of a guide; it is scaled to at most 1600 pixels and loses what the camera wrote into it. A draft that is saved with its name keeps it, else it is forgotten after a day.
#[utoipa::path(post, path = "/matters/{matter}/guide-pictures", tag = "catalogue", params(("matter" = String, Path)), request_body(content = inline(GuideFileForm), content_type = "multipart/form-data"), responses((status = 201, body = GuideFileView)))]
async fn add_guide_picture(
    State(server): State<Server>,
    signed: Signed,
    Path(matter): Path<String>,
    request: Request,
) -> Result<OutcomeReply, Problem> {
    taken(&server, &signed, &matter, GuideFileUse::Picture, request).await
}

/// Send the film of a guide. A draft that is saved with its name keeps it, else it is forgotten after a day.
#[utoipa::path(post, path = "/matters/{matter}/guide-films", tag = "catalogue", params(("matter" = String, Path)), request_body(content = inline(GuideFileForm), content_type = "multipart/form-data"), responses((status = 201, body = GuideFileView)))]
async fn add_guide_film(
    State(server): State<Server>,
    signed: Signed,
    Path(matter): Path<String>,
    request: Request,
) -> Result<OutcomeReply, Problem> {
    taken(&server, &signed, &matter, GuideFileUse::Film, request).await
}

/// A picture or film that the guide of a matter in force shows, for everybody; one range may be asked for.
#[utoipa::path(get, path = "/matters/{matter}/guide-files/{file}", tag = "catalogue", params(("matter" = String, Path), ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read_guide_file(
    State(server): State<Server>,
    Path((matter, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply<Response> {
    let found = server.app.guide_file(&matter_id(&matter)?, &file).await?;
    Ok(sent(&server, found, FOR_ALL, headers.get(header::RANGE)))
}

/// A smaller picture of it, at most 640 pixels wide and high.
#[utoipa::path(get, path = "/matters/{matter}/guide-files/{file}/small", tag = "catalogue", params(("matter" = String, Path), ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn read_small_guide_file(State(server): State<Server>, Path((matter, file)): Path<(String, String)>) -> Reply<Response> {
    let found = server.app.guide_file(&matter_id(&matter)?, &file).await?;
    Ok(small(&server, found, FOR_ALL).await?)
}

/// A picture or film that was sent for a matter's draft, for those who write or review it.
#[utoipa::path(get, path = "/matters/{matter}/draft/guide-files/{file}", tag = "catalogue", params(("matter" = String, Path), ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn read_drafted_file(
    State(server): State<Server>,
    signed: Signed,
    Path((matter, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Reply<Response> {
    let (id, permit) = permit_of(&server, &signed, &matter, READS)?;
    let found = server.app.drafted_guide_file(&permit, &id, &file).await?;
    Ok(sent(&server, found, FOR_WRITERS, headers.get(header::RANGE)))
}

/// A smaller picture of it.
#[utoipa::path(get, path = "/matters/{matter}/draft/guide-files/{file}/small", tag = "catalogue", params(("matter" = String, Path), ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn read_small_drafted_file(
    State(server): State<Server>,
    signed: Signed,
    Path((matter, file)): Path<(String, String)>,
) -> Reply<Response> {
    let (id, permit) = permit_of(&server, &signed, &matter, READS)?;
    let found = server.app.drafted_guide_file(&permit, &id, &file).await?;
    Ok(small(&server, found, FOR_WRITERS).await?)
}

async fn small(server: &Server, file: PublicFile, keep: HeaderValue) -> Answer<Response> {
    match server.app.public_small(&file).await? {
        Some(bytes) => Ok(with_headers((StatusCode::OK, bytes).into_response(), "image/jpeg", keep)),
        None if file.media_type.starts_with("image/") => Ok(sent(server, file, keep, None)),
        None => Err(AppError::NotFound),
    }
}

/// A file or the part of it that was asked for, opened part by part while it is sent.
pub(super) fn sent(server: &Server, file: PublicFile, keep: HeaderValue, range: Option<&HeaderValue>) -> Response {
    let size = file.size_bytes;
    let (status, from, end) = match range.and_then(|range| range.to_str().ok()).map_or(Asked::Whole, |range| asked(range, size)) {
        Asked::Whole => (StatusCode::OK, 0, size),
        Asked::Part { from, end } => (StatusCode::PARTIAL_CONTENT, from, end),
        Asked::Outside => {
            let told = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, told).into_response();
        }
    };
    let media_type = file.media_type.clone();
    let app = server.app.clone();
    let parts = stream::try_unfold((app, file, from), move |(app, file, at)| async move {
        if at >= end {
            return Ok(None);
        }
        let mut bytes = app.public_bytes(&file, at).await.map_err(|error| std::io::Error::other(error.to_string()))?;
        bytes.truncate(usize::try_from(end - at).unwrap_or(usize::MAX));
        let next = at + bytes.len() as u64;
        Ok::<_, std::io::Error>(Some((bytes, (app, file, next))))
    });
    let mut response = with_headers((status, Body::from_stream(parts)).into_response(), &media_type, keep);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - from));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(told) = HeaderValue::from_str(&format!("bytes {from}-{}/{size}", end - 1))
    {
        headers.insert(header::CONTENT_RANGE, told);
    }
    response
}

fn with_headers(mut response: Response, media_type: &str, keep: HeaderValue) -> Response {
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    headers.insert(header::CACHE_CONTROL, keep);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    response
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// All of it: nothing that is understood, or several ranges, which need not be answered (RFC 9110, 14.2).
    Whole,
    /// From a byte to before another one.
    Part { from: u64, end: u64 },
    /// What lies behind the end.
    Outside,
}

fn asked(range: &str, size: u64) -> Asked {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").filter(|set| !set.contains(',')).and_then(|set| set.split_once('-'))
    else {
        return Asked::Whole;
    };
    match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(from), _) if from >= size => Asked::Outside,
        (Ok(from), "") => Asked::Part { from, end: size },
        (Ok(from), last) => match last.parse::<u64>() {
            Ok(last) if last >= from => Asked::Part { from, end: last.saturating_add(1).min(size) },
            _ => Asked::Whole,
        },
        // The last so many bytes.
        (Err(_), last) if first.trim().is_empty() => match last.parse::<u64>() {
            Ok(0) => Asked::Outside,
            Ok(count) if size > 0 => Asked::Part { from: size.saturating_sub(count), end: size },
            _ => Asked::Whole,
        },
        (Err(_), _) => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        for (range, wanted) in [
            ("bytes=0-0", Asked::Part { from: 0, end: 1 }),
            ("bytes=2-", Asked::Part { from: 2, end: 10 }),
            ("bytes=2-99", Asked::Part { from: 2, end: 10 }),
            ("bytes=-3", Asked::Part { from: 7, end: 10 }),
            ("bytes=-30", Asked::Part { from: 0, end: 10 }),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=99999999999999999999-", Asked::Whole),
        ] {
            assert_eq!(asked(range, 10), wanted, "{range}");
        }
    }
}
