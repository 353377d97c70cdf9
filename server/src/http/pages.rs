//! The built pages, embedded in the binary. A build without pages answers with one that says how to
//! make them.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use rust_embed::RustEmbed;

use super::problem::Problem;
use super::state::Server;
use crate::app::error::AppError;

#[derive(RustEmbed)]
#[folder = "$YICHUANG_PAGES"]
#[allow_missing = true]
struct Pages;

const STAFF: &str = "desk.html";
const PORTAL: &str = "portal.html";
const CONTENT_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
/// Staff look at files of cases, which the page reads and shows itself: pictures, and PDFs in the browser's own viewer.
const STAFF_CONTENT_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-src 'self' blob:; object-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>一窗</title><h1>页面还没有构建</h1>\
    <p>在项目目录运行 <code>make demo</code>，或在 web 目录运行 <code>npm ci &amp;&amp; npm run build</code>，再重新编译。接口照常可用。</p></html>";

/// Paths and the page that serves them.
const PATHS: &[(&str, &str)] = &[
    ("/", PORTAL),
    ("/guide/{matter}", PORTAL),
    ("/guide/bundle/{bundle}", PORTAL),
    ("/apply", PORTAL),
    ("/apply/{matter}", PORTAL),
    ("/lists", PORTAL),
    ("/lists/{list}", PORTAL),
    ("/progress", PORTAL),
    ("/book", PORTAL),
    ("/book/{code}", PORTAL),
    ("/t/{code}", PORTAL),
    ("/q/{site}", PORTAL),
    ("/complain", PORTAL),
    ("/complain/find", PORTAL),
    ("/verify", PORTAL),
    ("/verify/{code}", PORTAL),
    ("/sign-in", STAFF),
    ("/desk", STAFF),
    ("/approve", STAFF),
    ("/pickup", STAFF),
    ("/hall", STAFF),
    ("/figures", STAFF),
    ("/evaluations", STAFF),
    ("/my-evaluations", STAFF),
    ("/district", STAFF),
    ("/guide-desk", STAFF),
    ("/it", STAFF),
    ("/admin", STAFF),
    ("/helper", STAFF),
    ("/password", STAFF),
    ("/people", STAFF),
    ("/kiosk", "kiosk.html"),
    ("/display", "display.html"),
    ("/pad", "pad.html"),
];

pub(super) fn routes() -> Router<Server> {
    let pages = PATHS.iter().fold(Router::new(), |router, (path, file)| router.route(path, get(move || async move { page(file) })));
    pages.route("/assets/{*path}", get(asset))
}

/// The page of components and demo accounts, for a demo alone.
pub fn demo_page() -> Router<Server> {
    Router::new().route("/demo", get(|| async { page(STAFF) }))
}

fn page(file: &str) -> Response<Body> {
    let (status, body) = match Pages::get(file) {
        Some(found) => (StatusCode::OK, found.data.into_owned()),
        None => (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT.as_bytes().to_vec()),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    harden(response, if file == STAFF { STAFF_CONTENT_POLICY } else { CONTENT_POLICY })
}

async fn asset(request: Request) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/');
    let Some(found) = Pages::get(path) else { return not_found().await.into_response() };
    let mime = found.metadata.mimetype().to_owned();
    let mut response = found.data.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(mime) = HeaderValue::from_str(&mime) {
        headers.insert(header::CONTENT_TYPE, mime);
    }
    // Built assets carry a hash of their content in their name.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    harden(response, CONTENT_POLICY)
}

fn harden(mut response: Response<Body>, policy: &'static str) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

pub(super) async fn not_found() -> Problem {
    Problem(AppError::NotFound)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    /// What a policy may name: the host itself, nothing, and what a page made itself.
    const OWN: [&str; 5] = ["'self'", "'none'", "'unsafe-inline'", "data:", "blob:"];

    /// A path with its parts without names.
    fn shape(path: &str) -> String {
        let part = |part: &str| if part.starts_with([':', '{']) { "*".to_owned() } else { part.to_owned() };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_page_that_the_programs_know_is_served() {
        const PROGRAMS: [&str; 2] = [include_str!("../../../web/src/portal/main.ts"), include_str!("../../../web/src/desk/router.ts")];
        let served: Vec<String> = PATHS.iter().map(|(path, _)| shape(path)).collect();
        let mut known = 0;
        for line in PROGRAMS.iter().flat_map(|program| program.lines()) {
            let Some((path, _)) = line.split_once("path: '").and_then(|(_, rest)| rest.split_once('\'')) else { continue };
            // Whatever else there is, and the page of a demo alone.
            if path.contains('*') || path == "/demo" {
                continue;
            }
            known += 1;
            assert!(served.contains(&shape(path)), "{path} is opened by a link and not when it is read again");
        }
        assert!(known > 20, "{known} paths were read");
    }

    #[test]
    fn no_page_may_load_anything_from_another_host() {
        for (path, file) in PATHS {
            let headers = page(file).headers().clone();
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'self';"), "{path}: {policy}");
            for directive in policy.split("; ") {
                let (name, sources) = directive.split_once(' ').unwrap();
                assert!(sources.split(' ').all(|source| OWN.contains(&source)), "{path}: {directive}");
                // Scripts and connections fall to default-src; styles alone may stand in the page.
                assert!(!matches!(name, "script-src" | "connect-src" | "font-src"), "{path}: {directive}");
                assert!(name == "style-src" || !sources.contains("unsafe"), "{path}: {directive}");
            }
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        }
    }
}
