//! The device's own page on loopback: the embedded files, the Host check and the content policy.
//! What the page shows is the device program's business.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::{
    connect::Connect,
    pairing::pair_and_keep,
    problem::{json_answer, json_body, problem},
    session::Line,
    spool::Spool,
};

/// Longest body of a request of the page, in bytes.
pub const BODY_BYTES_MAX: usize = 16 << 10;
/// How long answers under way may take after the stop, in milliseconds.
const STOPPING_MS_MAX: u64 = 2_000;
/// The content policy of every page of a device.
pub const CONTENT_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>页面还没有生成</title>\
<body><h1>页面还没有生成</h1><p>本程序编译时没有找到页面文件。请在源码目录运行：</p>\
<pre>cd web &amp;&amp; npm ci &amp;&amp; npm run build</pre><p>然后重新编译本程序。取号、显示等功能不受影响，只是没有页面。</p></body></html>";

/// The built pages of `web/`.
#[derive(rust_embed::Embed)]
#[folder = "$YICHUANG_PAGES"]
#[allow_missing = true]
struct Pages;

/// Whether a page was embedded (in debug builds: lies in `web/dist`).
#[must_use]
pub fn is_built(page: &str) -> bool {
    Pages::get(page).is_some()
}

/// Serves one page at `/` and at `path`, and the files it loads; everything else is 404.
pub fn page(file: &'static str, path: &str) -> Router {
    let whole = move || async move { page_answer(file) };
    Router::new().route("/", get(whole)).route(path, get(whole)).route("/assets/{*name}", get(asset))
}

/// One page at whatever address is asked, for a fallback.
pub fn page_of(file: &'static str) -> axum::routing::MethodRouter {
    get(move || async move { page_answer(file) })
}

fn page_answer(file: &str) -> Response {
    match Pages::get(file) {
        Some(page) => ([(header::CACHE_CONTROL, "no-cache")], Html(Body::from(page.data))).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

async fn asset(Path(name): Path<String>) -> Response {
    // A debug build reads the folder itself, where `..` would lead out of it.
    let is_plain = name.split('/').all(|part| part != "..");
    let Some(file) = Pages::get(&format!("assets/{name}")).filter(|_| is_plain) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"))];
    (headers, Body::from(file.data)).into_response()
}

/// What pairing from the page needs.
pub struct PairingDesk<C> {
    /// Connects to the server.
    pub connector: C,
    /// Host and port of the server.
    pub authority: String,
    /// Where the token is kept.
    pub spool: Spool,
    /// The session that uses it.
    pub line: Line,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairingCode {
    code: String,
}

/// `POST /local/pair {code}` → 204, or a problem document that says why not.
pub fn pairing_route<C: Connect>(desk: PairingDesk<C>) -> Router {
    Router::new().route("/local/pair", post(pair::<C>)).with_state(Arc::new(desk))
}

async fn pair<C: Connect>(State(desk): State<Arc<PairingDesk<C>>>, headers: HeaderMap, body: Bytes) -> Response {
    let PairingCode { code } = match json_body(&headers, &body) {
        Ok(code) => code,
        Err(refusal) => return *refusal,
    };
    match pair_and_keep(&desk.connector, &desk.authority, &code, &desk.spool, &desk.line).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => json_answer(409, &problem(409, "pairing", "没有配对上", &error.to_string(), "")),
    }
}

/// Puts the guards of a local page around its routes: only requests that name this machine as their
/// host pass (so that no foreign site reaches the device through the browser), nothing may be framed.
pub fn guarded(routes: Router, port: u16) -> Router {
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    routes.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(middleware::from_fn_with_state(hosts, guard))
}

async fn guard(State(hosts): State<[String; 2]>, request: Request, next: Next) -> Response {
    let mut response = if is_own(&hosts, request.method(), request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "只能从本机打开").into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_own(hosts: &[String], method: &Method, headers: &HeaderMap) -> bool {
    let one = |name| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Some(None),
            (Some(value), None) => value.to_str().ok().map(Some),
            (Some(_), Some(_)) => None,
        }
    };
    let Some(Some(host)) = one(header::HOST) else { return false };
    if !hosts.iter().any(|own| own == host) {
        return false;
    }
    let own_origin = match one(header::ORIGIN) {
        Some(None) => true,
        Some(Some(origin)) => origin.strip_prefix("http://") == Some(host),
        None => false,
    };
    let own_site = matches!(headers.get("sec-fetch-site").map(HeaderValue::as_bytes), None | Some(b"same-origin" | b"none"));
    own_origin && (own_site || method == Method::GET && headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate"))
}

/// Binds the loopback address; port 0 picks a free one.
///
/// # Errors
/// The address is taken or not this machine's.
pub async fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(listen).await
}

/// Serves until `stopped`, then gives answers under way a moment; streams that never end are cut.
///
/// # Errors
/// The listener failed.
pub async fn serve<F>(listener: TcpListener, routes: Router, stopped: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let port = listener.local_addr()?.port();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let mut graceful = stopping.clone();
    let serving = axum::serve(listener, guarded(routes, port)).with_graceful_shutdown(async move {
        stopped.await;
        stop.send_replace(true);
    });
    let limit = async move {
        if graceful.wait_for(|stopping| *stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(STOPPING_MS_MAX)).await;
    };
    tokio::select! {
        ended = serving.into_future() => ended,
        () = limit => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test whose request cannot be made has failed")]
    use tower::ServiceExt;

    use super::*;

    async fn status(method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
        let routes = page("kiosk.html", "/kiosk").route("/local/tickets", axum::routing::post(async || "done"));
        let mut request = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = guarded(routes, 8091).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        (response.status(), response.headers().clone())
    }

    #[tokio::test]
    async fn only_this_machine_as_host_and_origin_is_let_in() {
        let post = |headers| async move { status(Method::POST, "/local/tickets", headers).await.0 };
        assert_eq!(post(&[("host", "127.0.0.1:8091")]).await, StatusCode::OK);
        assert_eq!(post(&[("host", "localhost:8091"), ("origin", "http://localhost:8091")]).await, StatusCode::OK);
        assert_eq!(post(&[]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "127.0.0.1:8092")]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "evil.example:8091")]).await, StatusCode::FORBIDDEN, "a name that was pointed at this machine");
        assert_eq!(post(&[("host", "127.0.0.1:8091"), ("host", "evil.example")]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "127.0.0.1:8091"), ("origin", "http://evil.example")]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "127.0.0.1:8091"), ("origin", "null")]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "127.0.0.1:8091"), ("sec-fetch-site", "cross-site")]).await, StatusCode::FORBIDDEN);
        assert_eq!(post(&[("host", "127.0.0.1:8091"), ("sec-fetch-site", "same-origin")]).await, StatusCode::OK);
    }

    #[tokio::test]
    async fn the_page_is_at_two_addresses_and_nothing_else_is_served() {
        let own = [("host", "127.0.0.1:8091")];
        let built = if is_built("kiosk.html") { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        for path in ["/", "/kiosk"] {
            let (status, headers) = status(Method::GET, path, &own).await;
            assert_eq!(status, built);
            assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
            assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"));
        }
        for path in ["/desk", "/index.html", "/kiosk.html", "/assets/../kiosk.html", "/assets/%2e%2e/kiosk.html", "/api/v1/sites"] {
            assert_eq!(status(Method::GET, path, &own).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
