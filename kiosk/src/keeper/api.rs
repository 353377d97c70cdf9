//! The hall's own routes while the line is cut: the paths and shapes of the API that a reduced desk needs,
//! sign-in by hall PIN, and the page. Whoever is not signed in and no paired device gets the page and how
//! the line is, nothing else.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};
use domain::hall::{Command, Hall, Outcome, Position, Priority, Target};
use domain::ids::{LineId, MatterId, StaffId, TicketId, WindowId};
use domain::time::{HOUR_MS, local_date};
use edge::problem::{json_answer, json_body, problem};
use protocol::keeper::HallStaff;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::pins::SignedIn;
use super::{Keeper, RetryKey, Who, answer, device_socket, fresh_ticket};
use crate::Answer;

/// The cookie of a PIN session; another one than the server's, which stays good behind it.
const COOKIE: &str = "yichuang_hall";
/// The cookie of a session at the server.
const SERVER_COOKIE: &str = "yichuang_session";
/// How long an outcome is kept for people, as the server does.
const KEEP_MS: i64 = 48 * HOUR_MS;
/// Longest key of a retry.
const KEY_LEN_MAX: usize = 64;
/// The page's file.
const PAGE: &str = "keeper.html";

/// Everything that is served while the line is cut.
pub fn routes(keeper: Keeper) -> Router {
    let v1 = Router::new()
        .route("/sessions", post(sign_in))
        .route("/sessions/current", get(current).delete(sign_out))
        .route("/sites/{site}/lines", get(lines))
        .route("/sites/{site}/windows", get(windows))
        .route("/sites/{site}/tickets", get(tickets).post(issue))
        .route("/windows/{window}/{action}", post(on_window))
        .route("/tickets/{ticket}", get(one_ticket))
        .route("/tickets/{ticket}/{action}", post(on_ticket))
        .route("/devices/session", get(device_socket::open))
        .fallback(not_here)
        .with_state(keeper.clone());
    let own = Router::new().route("/keeper/state", get(state)).with_state(keeper);
    Router::new()
        .nest("/api/v1", v1)
        .merge(own)
        .merge(edge::page::page(PAGE, "/keeper"))
        .fallback(edge::page::page_of(PAGE))
        .layer(DefaultBodyLimit::max(edge::page::BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard))
}

/// A foreign page does not reach the hall through somebody's browser, and nothing is kept in caches.
async fn guard(request: axum::extract::Request, next: Next) -> Response {
    let own_origin = is_own_origin(request.headers());
    if !own_origin && request.method() != Method::GET {
        return (StatusCode::FORBIDDEN, "只能从大厅自己的页面操作").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(edge::page::CONTENT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (Some(_), None) => false,
    }
}

fn told(answer: Answer) -> Response {
    let mut response = json_answer(answer.status, &answer.body);
    if answer.replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

pub(super) fn refuse(status: u16, code: &str, detail: &str) -> Response {
    json_answer(status, &problem(status, code, detail, detail, ""))
}

pub(super) fn wrong_field(field: &str, code: &str, message: &str) -> Box<Response> {
    let mut body = problem(422, "invalid", "填得不对", message, "");
    body["errors"] = json!([{ "field": field, "code": code, "message": message }]);
    Box::new(json_answer(422, &body))
}

async fn not_here() -> Response {
    refuse(503, "site_detached", "线路断了，这里只能叫号取号，别的等恢复后再办")
}

async fn state(State(keeper): State<Keeper>) -> Response {
    json_answer(200, &json!(keeper.state()))
}

/// The value of a cookie.
pub(super) fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE)
}

/// Who is signed in, as the house knows the person now.
fn staff_of(keeper: &Keeper, headers: &HeaderMap) -> Result<HallStaff, Box<Response>> {
    // A page of the server that is still open: what it asks for is not here, and its sign-in is good again later.
    let is_of_server = token(headers).is_none() && cookie_of(headers, SERVER_COOKIE).is_some();
    let unsigned = || {
        Box::new(if is_of_server {
            refuse(503, "site_detached", "大厅的线路断了：刷新页面，用断网口令登录，接着叫号")
        } else {
            refuse(401, "unauthenticated", "请先用断网口令登录")
        })
    };
    let session = token(headers).and_then(|token| keeper.0.pins.session(token, keeper.steady_ms())).ok_or_else(unsigned)?;
    staff_named(keeper, &session.username).ok_or_else(unsigned)
}

/// The account of a name, as long as it may be used.
pub(super) fn staff_named(keeper: &Keeper, username: &str) -> Option<HallStaff> {
    let today = local_date(keeper.now_ms());
    keeper.house().staff.into_iter().find(|staff| staff.username == username && staff.works_on(today))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    pin: Option<String>,
    /// From a page of the server that is still open: a password is known to the server alone.
    password: Option<String>,
}

fn staff_view(staff: &HallStaff, site_id: &str) -> Value {
    json!({ "staff": {
        "id": staff.staff_id, "name": staff.name, "username": staff.username, "site_id": site_id,
        "operates": staff.operates, "supervises": staff.supervises, "issues": staff.issues,
    } })
}

fn cookie(token: &str, max_age_s: i64) -> [(header::HeaderName, String); 1] {
    [(header::SET_COOKIE, format!("{COOKIE}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_s}"))]
}

async fn sign_in(State(keeper): State<Keeper>, headers: HeaderMap, body: Bytes) -> Response {
    let SignIn { username, pin, password } = match json_body(&headers, &body) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    if password.is_some() {
        return refuse(503, "site_detached", "大厅的线路断了：刷新页面，用断网口令登录，接着叫号");
    }
    let pin = pin.unwrap_or_default();
    let username = username.trim().to_owned();
    if username.is_empty() || username.len() > 100 || pin.len() != 6 || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return *wrong_field("pin", "form", "写登录名和 6 位断网口令");
    }
    let staff = staff_named(&keeper, &username);
    match keeper.0.pins.sign_in(staff.as_ref(), &username, pin, keeper.steady_ms()).await {
        SignedIn::Yes(token) => {
            let view = staff.map(|staff| staff_view(&staff, &keeper.state().site_id)).unwrap_or_default();
            (cookie(&token, 12 * 3600), json_answer(201, &view)).into_response()
        }
        SignedIn::No => refuse(401, "wrong_pin", "登录名或断网口令不对；没设过口令的，请主管代办"),
        SignedIn::Locked(wait_ms) => refuse(429, "too_many", &format!("错得太多，{} 秒后再试", wait_ms.div_euclid(1000) + 1)),
        SignedIn::Failed => refuse(503, "unavailable", "现在不能登录，请再试一次"),
    }
}

async fn current(State(keeper): State<Keeper>, headers: HeaderMap) -> Response {
    match staff_of(&keeper, &headers) {
        Ok(staff) => json_answer(200, &staff_view(&staff, &keeper.state().site_id)),
        Err(_) => refuse(401, "unauthenticated", "请先用断网口令登录"),
    }
}

async fn sign_out(State(keeper): State<Keeper>, headers: HeaderMap) -> Response {
    if let Some(token) = token(&headers) {
        keeper.0.pins.sign_out(token);
    }
    (cookie("", 0), StatusCode::NO_CONTENT).into_response()
}

/// The hall of a site, if it is this one.
fn hall_of(keeper: &Keeper, site: &str) -> Result<Hall, Box<Response>> {
    let hall = keeper.hall().ok_or_else(|| Box::new(refuse(503, "site_detached", "这里还没有大厅的数据")))?;
    if hall.site().as_str() == site { Ok(hall) } else { Err(Box::new(refuse(404, "not_found", "没有这个大厅"))) }
}

fn page_of(items: Vec<Value>) -> Response {
    json_answer(200, &json!({ "items": items, "next": null }))
}

async fn lines(State(keeper): State<Keeper>, Path(site): Path<String>) -> Response {
    match hall_of(&keeper, &site) {
        Ok(hall) => page_of(hall.lines().map(|line| json!(answer::kiosk_line(&hall, line, keeper.now_ms()))).collect()),
        Err(refusal) => *refusal,
    }
}

async fn windows(State(keeper): State<Keeper>, Path(site): Path<String>, headers: HeaderMap) -> Response {
    let listed = staff_of(&keeper, &headers).and_then(|_| hall_of(&keeper, &site)).map(|hall| {
        let mut windows: Vec<_> = hall.windows().collect();
        windows.sort_by_key(|window| window.number);
        page_of(windows.into_iter().map(answer::window).collect())
    });
    listed.unwrap_or_else(|refusal| *refusal)
}

#[derive(Deserialize)]
struct Filter {
    state: Option<String>,
    line_id: Option<String>,
}

async fn tickets(State(keeper): State<Keeper>, Path(site): Path<String>, Query(filter): Query<Filter>, headers: HeaderMap) -> Response {
    let listed = staff_of(&keeper, &headers).and_then(|_| hall_of(&keeper, &site)).map(|hall| {
        let wanted = |ticket: &&domain::hall::Ticket| {
            filter.state.as_deref().is_none_or(|state| ticket.state.name() == state)
                && filter.line_id.as_deref().is_none_or(|line| ticket.line_id.as_str() == line)
        };
        page_of(hall.tickets().filter(wanted).map(|ticket| answer::ticket(&hall, ticket)).collect())
    });
    listed.unwrap_or_else(|refusal| *refusal)
}

async fn one_ticket(State(keeper): State<Keeper>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = staff_of(&keeper, &headers) {
        return *refusal;
    }
    let inner = keeper.inner();
    let found = TicketId::parse(&ticket)
        .zip(inner.hall.as_ref())
        .and_then(|(id, hall)| hall.ticket(&id).or_else(|| inner.ended.get(&id)).map(|ticket| answer::ticket(hall, ticket)));
    found.map_or_else(|| refuse(404, "not_found", "没有这个号"), |ticket| json_answer(200, &ticket))
}

/// A body; an empty one is `{}`.
fn fields<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Box<Response>> {
    if body.is_empty() {
        return serde_json::from_str("{}").map_err(|_| wrong_field("", "missing", "少了要填的内容"));
    }
    json_body(headers, body)
}

/// The key of a retry in the server's scope, so that saying it again there gives the same.
fn retry_of(headers: &HeaderMap, uri: &Uri, caller: &str, body: &[u8]) -> Result<Option<RetryKey>, Box<Response>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    match key.to_str().ok().filter(|key| (1..=KEY_LEN_MAX).contains(&key.len())) {
        Some(key) => Ok(Some(RetryKey::new(caller, "POST", uri.path(), key, body, KEEP_MS))),
        None => Err(wrong_field("Idempotency-Key", "length", "请求编号 1 到 64 个字符")),
    }
}

fn who(staff: &HallStaff) -> Result<Who, Box<Response>> {
    let id = StaffId::parse(&staff.staff_id).ok_or_else(|| Box::new(refuse(403, "forbidden", "这个账号在这里不能用")))?;
    Ok(Who::Staff { id, supervises: staff.supervises })
}

/// Runs a command of a member of staff.
fn run(
    keeper: &Keeper,
    staff: &HallStaff,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
    command: &Command,
) -> Result<Response, Box<Response>> {
    let retry = retry_of(headers, uri, &staff.staff_id, body)?;
    Ok(told(keeper.command(&who(staff)?, command, retry)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueBody {
    line_id: Option<String>,
    matter_ids: Option<Vec<String>>,
    priority: Option<String>,
    #[serde(default)]
    no_slip: bool,
}

async fn issue(State(keeper): State<Keeper>, Path(site): Path<String>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let issued = || {
        let (staff, hall) = (staff_of(&keeper, &headers)?, hall_of(&keeper, &site)?);
        if !staff.issues {
            return Err(Box::new(refuse(403, "forbidden", "没有取号的权限")));
        }
        let wanted: IssueBody = fields(&headers, &body)?;
        let priority = priority_of(wanted.priority.as_deref()).ok_or_else(|| wrong_field("priority", "unknown", "只能是普通或绿色通道"))?;
        let unknown = || wrong_field("line_id", "unknown", "没有这条队；断网时请直接选一条队");
        let line_id = wanted.line_id.as_deref().and_then(LineId::parse).filter(|id| hall.line(id).is_some()).ok_or_else(unknown)?;
        let matter_ids: Vec<MatterId> = wanted.matter_ids.iter().flatten().filter_map(|id| MatterId::parse(id)).collect();
        let site_key = keeper.house().site_key;
        let ticket = fresh_ticket(&site_key, &[line_id], matter_ids, priority, keeper.now_ms());
        let ticket = ticket.ok_or_else(|| Box::new(refuse(503, "unavailable", "现在不能取号，请再试一次")))?;
        let retry = retry_of(&headers, &uri, &staff.staff_id, &body)?;
        Ok(told(keeper.issue(&who(&staff)?, ticket, wanted.no_slip, retry)))
    };
    issued().unwrap_or_else(|refusal| *refusal)
}

/// The class of a number by its word; ordinary without one.
#[must_use]
pub fn priority_of(word: Option<&str>) -> Option<Priority> {
    match word {
        None | Some("ordinary") => Some(Priority::Ordinary),
        Some("green") => Some(Priority::Green),
        Some(_) => None,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowBody {
    line_ids: Option<Vec<String>>,
    text: Option<String>,
    reason: Option<String>,
}

async fn on_window(
    State(keeper): State<Keeper>,
    Path((window, action)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let done = || {
        let staff = staff_of(&keeper, &headers)?;
        let absent = || Box::new(refuse(404, "not_found", "没有这个窗口"));
        let hall = keeper.hall().ok_or_else(absent)?;
        let window_id = WindowId::parse(&window).filter(|id| hall.window(id).is_some()).ok_or_else(absent)?;
        if !staff.operates && !staff.supervises {
            return Err(Box::new(refuse(403, "forbidden", "没有窗口的权限")));
        }
        let wanted: WindowBody = fields(&headers, &body)?;
        let command = match action.as_str() {
            "open" => {
                let lines = wanted.line_ids.map(|lines| lines.iter().map(|id| LineId::parse(id)).collect::<Option<Vec<_>>>());
                let line_ids = match lines {
                    Some(None) => return Err(wrong_field("line_ids", "unknown", "没有这条队")),
                    Some(lines) => lines,
                    None => None,
                };
                Command::OpenWindow { window_id, line_ids }
            }
            "pause" => Command::PauseWindow { window_id, text: public_text(wanted.text.or(wanted.reason))? },
            "close" => Command::CloseWindow { window_id },
            "call-next" => Command::CallNext { window_id },
            _ => return Ok(refuse(503, "site_detached", "断网时不能做这件事，等恢复后再办")),
        };
        run(&keeper, &staff, &headers, &uri, &body, &command)
    };
    done().unwrap_or_else(|refusal| *refusal)
}

/// A text that stands on the board.
fn public_text(text: Option<String>) -> Result<Option<String>, Box<Response>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    domain::codes::clean_line(text.trim(), 40).map(Some).map_err(|fault| wrong_field("text", fault.code(), &fault.message()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketBody {
    outcome: Option<Outcome>,
    reason: Option<String>,
    line_id: Option<String>,
    window_id: Option<String>,
    position: Option<Position>,
}

async fn on_ticket(
    State(keeper): State<Keeper>,
    Path((ticket, action)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let done = || {
        let staff = staff_of(&keeper, &headers)?;
        let absent = || Box::new(refuse(404, "not_found", "没有这个号"));
        let ticket_id = TicketId::parse(&ticket).ok_or_else(absent)?;
        let hall = keeper.hall().ok_or_else(absent)?;
        if !staff.operates && !staff.supervises && !staff.issues {
            return Err(Box::new(refuse(403, "forbidden", "没有这个权限")));
        }
        if action == "exchange" {
            if !staff.issues {
                return Err(Box::new(refuse(403, "forbidden", "没有取号的权限")));
            }
            fields::<TicketBody>(&headers, &body)?;
            let retry = retry_of(&headers, &uri, &staff.staff_id, &body)?;
            return Ok(told(keeper.exchange(&who(&staff)?, &ticket_id, retry)));
        }
        let wanted: TicketBody = fields(&headers, &body)?;
        let reason = offered(&hall, wanted.reason)?;
        let command = match action.as_str() {
            "recall" => Command::Recall { ticket_id },
            "start" => Command::Start { ticket_id },
            "finish" => {
                let outcome = wanted.outcome.ok_or_else(|| wrong_field("outcome", "unknown", "选一下这次办成了什么"))?;
                Command::Finish { ticket_id, outcome }
            }
            "miss" => Command::Miss { ticket_id, reason },
            "park" => Command::Park { ticket_id, reason },
            "resume" => Command::Resume { ticket_id },
            "requeue" => Command::Requeue { ticket_id },
            "abandon" => Command::Abandon { ticket_id },
            "transfer" => {
                let to = target(&hall, wanted.line_id.as_deref(), wanted.window_id.as_deref())?;
                Command::Transfer { ticket_id, to, position: wanted.position.unwrap_or_default(), holder_keys: Vec::new() }
            }
            _ => return Ok(refuse(503, "site_detached", "断网时不能做这件事，等恢复后再办")),
        };
        run(&keeper, &staff, &headers, &uri, &body, &command)
    };
    done().unwrap_or_else(|refusal| *refusal)
}

fn target(hall: &Hall, line: Option<&str>, window: Option<&str>) -> Result<Target, Box<Response>> {
    match (line, window) {
        (Some(line), None) => LineId::parse(line).filter(|id| hall.line(id).is_some()).map(|line_id| Target::Line { line_id }),
        (None, Some(window)) => {
            WindowId::parse(window).filter(|id| hall.window(id).is_some()).map(|window_id| Target::Window { window_id })
        }
        _ => None,
    }
    .ok_or_else(|| wrong_field("line_id", "one_of", "转到队列或窗口，选一样"))
}

/// A reason that the site offers: what somebody writes himself is sealed on the server, and here is nothing to
/// seal with.
fn offered(hall: &Hall, reason: Option<String>) -> Result<Option<String>, Box<Response>> {
    match reason.filter(|reason| !reason.trim().is_empty()) {
        None => Ok(None),
        Some(reason) if hall.doc().policy.serving.offers(&reason) => Ok(Some(reason)),
        Some(_) => Err(wrong_field("reason", "not_offered", "断网时只能选列出的原因")),
    }
}
