//! Routes of signing in with an identity platform: a browser goes there and comes back.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::citizens::set_cookie;
use super::extract::{Params, cookie};
use super::problem::Reply;
use super::state::Server;
use crate::app::citizens::CITIZEN_ABSOLUTE_MS_MAX;
use crate::app::identity::{AWAY_MS_MAX, IdentityView, Next, SentBack};

/// What a browser keeps while its person is at the platform.
const UNDERWAY_COOKIE: &str = "yichuang_identity";
const UNDERWAY_PATH: &str = "/api/v1/citizens/identity";

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_identity_platform)).routes(routes!(begin_identity)).routes(routes!(end_identity))
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BeginParams {
    /// A page of the portal.
    to: Option<String>,
}

/// What the platform says.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BackParams {
    /// The code.
    code: Option<String>,
    /// The state that it was sent with.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

fn kept(server: &Server, value: &str, max_age_s: i64) -> String {
    let secure = if server.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{UNDERWAY_COOKIE}={value}; Path={UNDERWAY_PATH}; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

fn sent_on(next: &Next, cookies: Vec<String>) -> Response {
    let headers = cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).chain([
        (header::LOCATION, next.to.clone()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ]);
    (StatusCode::SEE_OTHER, axum::response::AppendHeaders(headers.collect::<Vec<_>>())).into_response()
}

/// Whether citizens can sign in with an identity platform, and what its button says.
#[utoipa::path(get, path = "/citizens/identity", tag = "citizens", responses((status = 200, body = IdentityView)))]
async fn read_identity_platform(State(server): State<Server>) -> Reply<Json<IdentityView>> {
    Ok(Json(server.app.identity_view()))
}

/// Send a browser to the identity platform; 404 where there is none.
#[utoipa::path(get, path = "/citizens/identity/begin", tag = "citizens", params(BeginParams), responses((status = 303)))]
async fn begin_identity(State(server): State<Server>, params: Params) -> Reply<Response> {
    let asked: BeginParams = params.read()?;
    let (next, underway) = server.app.begin_sign_in(asked.to.as_deref()).await?;
    let cookie = underway.map(|value| kept(&server, &value, AWAY_MS_MAX / 1000));
    Ok(sent_on(&next, cookie.into_iter().collect()))
}

/// Take a browser back from the identity platform, signed in or with the word why not.
#[utoipa::path(get, path = "/citizens/identity/back", tag = "citizens", params(BackParams), responses((status = 303)))]
async fn end_identity(State(server): State<Server>, headers: HeaderMap, params: Params) -> Reply<Response> {
    let BackParams { code, state, error } = params.read()?;
    let next = server.app.end_sign_in(cookie(&headers, UNDERWAY_COOKIE), &SentBack { code, state, error }).await?;
    // Once: what was kept is of no more use, however it ended.
    let mut cookies = vec![kept(&server, "", 0)];
    cookies.extend(next.token.as_ref().map(|token| set_cookie(&server, token, CITIZEN_ABSOLUTE_MS_MAX / 1000)));
    Ok(sent_on(&next, cookies))
}
