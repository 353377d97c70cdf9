//! Extractors: who calls, the body with its idempotency key, ids in paths.
//!
//! Architecture Invariant: authorisation is the extractor's answer. A route that takes no [`Signed`]
//! is public, and the list of public routes is a test.

use std::net::{IpAddr, SocketAddr};

use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::rights::Operation;
use domain::time::Millis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::problem::Problem;
use super::state::Server;
use crate::app::caller::{Caller, CitizenCaller, DeviceCaller, Permit, StaffCaller};
use crate::app::devices::Knock;
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::retry::{KEEP_DEVICE_MS, KEEP_MS, KEY_LEN_MAX, Retry};

/// The session's cookie.
pub const COOKIE: &str = "yichuang_session";
/// Largest JSON body.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The cookie of a citizen's session; another one than the staff's, so that neither is ever taken for the other.
pub const CITIZEN_COOKIE: &str = "yichuang_citizen";

/// No fields.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

/// A caller who is known.
#[derive(Debug, Clone)]
pub struct Signed(pub Caller);

/// A citizen who is signed in. Staff and devices are nobody here, as citizens are nobody to [`Signed`].
#[derive(Debug, Clone)]
pub struct SignedCitizen(pub CitizenCaller);

impl FromRequestParts<Server> for SignedCitizen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers) {
            return Ok(Self(server.app.citizen_caller(token).await?));
        }
        let Some(token) = cookie(&parts.headers, CITIZEN_COOKIE) else {
            return Err(AppError::Unauthorised { code: "not_signed_in", message: "请先用手机号登录；您填的都还在" }.into());
        };
        let caller = server.app.citizen_caller(token).await?;
        same_origin(parts, &server.app.settings.public_url)?;
        Ok(Self(caller))
    }
}

pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The token that a browser gives for a WebSocket: `yichuang, bearer.<token>`.
fn socket_bearer(headers: &HeaderMap) -> Option<&str> {
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    offered.split(',').find_map(|protocol| protocol.trim().strip_prefix("bearer."))
}

/// Refuses a request that another site's page made a browser send (API.md, Who).
fn same_origin(parts: &Parts, public_url: &str) -> Answer<()> {
    let is_socket = parts.headers.contains_key(header::UPGRADE);
    if parts.method == Method::GET && !is_socket {
        return Ok(());
    }
    let foreign = AppError::Forbidden { code: "cross_origin", message: "请从本系统的页面操作".to_owned() };
    if parts.headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(foreign);
    }
    if let Some(origin) = parts.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let of_host = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
        if !of_host && origin != public_url {
            return Err(foreign);
        }
    }
    Ok(())
}

fn must_change_password(caller: &Caller) -> bool {
    matches!(caller, Caller::Staff(staff) if staff.must_change_password)
}

impl FromRequestParts<Server> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let app = &server.app;
        if let Some(token) = bearer(&parts.headers).or_else(|| socket_bearer(&parts.headers)) {
            return Ok(Self(app.device_caller(token).await?));
        }
        let Some(token) = cookie(&parts.headers, COOKIE) else {
            return Err(AppError::Unauthorised { code: "not_signed_in", message: "请先登录" }.into());
        };
        let caller = app.session_caller(token).await?;
        same_origin(parts, &app.settings.public_url)?;
        if must_change_password(&caller) && !parts.uri.path().contains("/sessions/current") {
            let message = "这是一次性密码，先改成自己的密码".to_owned();
            return Err(AppError::Forbidden { code: "password_change_required", message }.into());
        }
        Ok(Self(caller))
    }
}

/// A device at the door of its session; one that was revoked comes in too, to hear so.
#[derive(Debug, Clone)]
pub struct AtDoor {
    /// Who knocks.
    pub knock: Knock,
    /// The address that the connection comes from; `None` where a proxy stands between, whose word it would be.
    pub peer: Option<IpAddr>,
}

impl FromRequestParts<Server> for AtDoor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        match bearer(&parts.headers) {
            Some(token) => Ok(Self { knock: server.app.knock(token).await?, peer: direct_peer(parts) }),
            None => Err(AppError::Unauthorised { code: "not_signed_in", message: "这台设备还没有配对" }.into()),
        }
    }
}

impl Signed {
    /// A permit at a site.
    ///
    /// # Errors
    /// 404 outside the caller's sites, 403 without the right.
    pub fn permit(&self, operation: Operation, site_id: &str) -> Answer<Permit> {
        self.0.permit(operation, site_id)
    }

    /// The member of staff.
    ///
    /// # Errors
    /// 403 for a device.
    pub fn staff(&self) -> Answer<&StaffCaller> {
        match &self.0 {
            Caller::Staff(caller) => Ok(caller),
            Caller::Device(_) => Err(AppError::Forbidden { code: "forbidden", message: "要工作人员登录".to_owned() }),
        }
    }

    /// The device, for what only devices ask.
    ///
    /// # Errors
    /// For a person.
    pub fn device(&self) -> Answer<&DeviceCaller> {
        match &self.0 {
            Caller::Device(device) => Ok(device),
            Caller::Staff(_) => Err(AppError::Forbidden { code: "forbidden", message: "只有设备这样问".to_owned() }),
        }
    }
}

/// A caller of a route for everybody: a device that says who it is, or an address. Cookies do not count.
#[derive(Debug, Clone)]
pub struct Anybody {
    /// The device, if one calls.
    pub device: Option<DeviceCaller>,
    address: String,
}

impl Anybody {
    /// The device or address, for counting wrong tries.
    pub fn key(&self) -> String {
        self.device.as_ref().map_or_else(|| format!("address {}", self.address), |device| format!("device {}", device.id))
    }
}

/// The address at the other end of the connection, where no proxy says that it took it from somebody else.
fn direct_peer(parts: &Parts) -> Option<IpAddr> {
    let is_passed_on = ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| parts.headers.contains_key(*name));
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    peer.filter(|_| !is_passed_on)
}

/// The address that a request came from. A proxy on the same machine adds the one it took it from.
fn address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let forwarded =
        parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    let seen = if peer.is_none_or(|peer| peer.is_loopback()) { forwarded.or(peer) } else { peer };
    seen.map_or_else(String::new, |seen| seen.to_string())
}

impl FromRequestParts<Server> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let device = match bearer(&parts.headers) {
            Some(token) => match server.app.device_caller(token).await? {
                Caller::Device(device) => Some(device),
                Caller::Staff(_) => None,
            },
            None => None,
        };
        Ok(Self { device, address: address(parts) })
    }
}

/// The wish to open a WebSocket; a plain request is refused only after it is clear that the caller may.
#[derive(Debug)]
pub struct Upgrade(Answer<WebSocketUpgrade>);

impl FromRequestParts<Server> for Upgrade {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Self::Rejection> {
        if let Err(foreign) = same_origin(parts, &server.app.settings.public_url) {
            return Ok(Self(Err(foreign)));
        }
        let plain = |_| AppError::field("Upgrade", "not_websocket", "这个地址要用 WebSocket 打开");
        Ok(Self(WebSocketUpgrade::from_request_parts(parts, server).await.map_err(plain)))
    }
}

impl Upgrade {
    /// The WebSocket.
    ///
    /// # Errors
    /// A field error for a plain request, 403 for the page of another site.
    pub fn socket(self) -> Answer<WebSocketUpgrade> {
        self.0
    }
}

/// The parameters of a query, taken apart only when asked for: whether the caller may is answered first.
#[derive(Debug)]
pub struct Params(String);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl Params {
    /// The parameters as a request type; those it does not know are left alone.
    ///
    /// # Errors
    /// A parameter that is missing or not of its form.
    pub fn read<T: DeserializeOwned>(&self) -> Answer<T> {
        let uri = axum::http::Uri::try_from(format!("/?{}", self.0)).map_err(|_| AppError::field("", "malformed", "网址读不懂"))?;
        let parsed = axum::extract::Query::<T>::try_from_uri(&uri);
        parsed.map(|query| query.0).map_err(|error| query_error(&error.body_text()))
    }
}

/// A parser's message as a field error: the parameter's name where the parser tells one.
fn query_error(text: &str) -> AppError {
    let text = text.trim_start_matches("Failed to deserialize query string: ");
    if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return AppError::field(name, "missing", &format!("少了“{name}”这一项"));
    }
    let name = text.split_once(": ").map_or("", |(name, _)| name);
    AppError::field(name, "malformed", &format!("“{name}”这一项不对"))
}

/// A command's body with the key of a retry. The body may be missing where no field is needed.
#[derive(Debug)]
pub struct Command {
    headers: HeaderMap,
    method: Method,
    path: String,
    query: String,
    bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Command {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await.map_err(|_| AppError::field("", "too_large", "内容太大"))?;
        Ok(Self { headers, method, path, query, bytes })
    }
}

impl Command {
    /// The key of a retry, if one was given; devices must give one.
    ///
    /// # Errors
    /// A key that is too long, or missing from a device.
    pub fn retry(&self, caller: &Caller) -> Answer<Option<Retry>> {
        let is_device = matches!(caller, Caller::Device(_));
        if is_device && !self.headers.contains_key("idempotency-key") {
            return Err(AppError::field("Idempotency-Key", "missing", "设备的请求要带编号"));
        }
        self.retry_of(caller.actor(), if is_device { KEEP_DEVICE_MS } else { KEEP_MS })
    }

    /// The key of a retry in the scope of a citizen who holds this code.
    ///
    /// # Errors
    /// A key that is too long.
    pub fn citizen_retry(&self, code: &str) -> Answer<Option<Retry>> {
        self.retry_of(&format!("citizen {code}"), KEEP_MS)
    }

    fn retry_of(&self, actor: &str, keep_ms: Millis) -> Answer<Option<Retry>> {
        // What stands in the query is asked for too: the same file with another order is another request.
        let asked = if self.query.is_empty() { self.bytes.clone() } else { [self.query.as_bytes(), b"\n", &self.bytes].concat().into() };
        retry_of(&self.headers, &self.method, &self.path, actor, &asked, keep_ms)
    }

    /// The body as a file of a kind.
    ///
    /// # Errors
    /// Another content type, nothing at all.
    pub fn file(&self, kind: &str) -> Answer<&[u8]> {
        let given = self.headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok()).unwrap_or_default();
        let is = |wanted: &str| given.split(';').next().map(str::trim) == Some(wanted);
        if !is(kind) {
            // Fields sent instead are told by name, as everywhere.
            if is("application/json") {
                self.body::<NoFields>()?;
            }
            return Err(AppError::field("Content-Type", "wrong_type", &format!("内容要用 {kind}")));
        }
        if self.bytes.is_empty() { Err(AppError::field("", "empty", "文件是空的")) } else { Ok(&self.bytes) }
    }

    /// The body as a request type; an empty body is `{}`.
    ///
    /// # Errors
    /// Another content type, unknown or wrong fields.
    pub fn body<T: DeserializeOwned>(&self) -> Answer<T> {
        let bytes: &[u8] = if self.bytes.is_empty() { b"{}" } else { &self.bytes };
        if !self.bytes.is_empty() {
            let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if kind.split(';').next().map(str::trim) != Some("application/json") {
                return Err(AppError::field("Content-Type", "not_json", "内容要用 application/json"));
            }
        }
        // The parser would take a list for the fields in their order.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(AppError::field("", "malformed", "内容要是一个 JSON 对象"));
        }
        serde_json::from_slice(bytes).map_err(|error| json_error(&error))
    }
}

/// The key of a retry in the scope of a caller, if one was given; `body` is what makes two requests the same.
///
/// # Errors
/// A key that is too long.
pub fn retry_of(headers: &HeaderMap, method: &Method, path: &str, actor: &str, body: &[u8], keep_ms: Millis) -> Answer<Option<Retry>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=KEY_LEN_MAX).contains(&key.len()));
    let key = key.ok_or_else(|| AppError::field("Idempotency-Key", "length", "请求编号 1 到 64 个字符"))?;
    Ok(Some(Retry::new(actor, method.as_str(), path, key, body, keep_ms)))
}

/// The body, or what is wrong with it; that is told only after the caller's right to the thing is known.
pub fn body_of<T: DeserializeOwned>(command: &Command) -> Result<T, Vec<FieldError>> {
    command.body().map_err(|error| match error {
        AppError::Invalid(errors) => errors,
        other => vec![FieldError { field: String::new(), code: other.code().to_owned(), message: other.message() }],
    })
}

/// A parser's message as a field error: the field's name where the parser tells one.
fn json_error(error: &serde_json::Error) -> AppError {
    let text = error.to_string();
    let name = text.split('`').nth(1).unwrap_or_default().to_owned();
    let (code, message) = if text.starts_with("unknown field") {
        ("unknown_field", format!("不认识“{name}”这一项"))
    } else if text.starts_with("missing field") {
        ("missing", format!("少了“{name}”这一项"))
    } else {
        ("malformed", format!("第 {} 行第 {} 列读不懂", error.line(), error.column()))
    };
    let field = if code == "malformed" { String::new() } else { name };
    AppError::Invalid(vec![FieldError { field, code: code.to_owned(), message }])
}

/// The site that an id of a path belongs to; anything else is not found.
///
/// # Errors
/// 404 for an id of another form or site.
pub fn site_of(server: &Server, key: &str) -> Answer<String> {
    Ok(server.app.directory.get().site_of_key(key)?.id.clone())
}
