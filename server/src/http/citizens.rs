//! Routes of citizens' sign-in.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, CITIZEN_COOKIE, Command, SignedCitizen};
use super::problem::Reply;
use super::state::Server;
use crate::app::citizens::{CITIZEN_ABSOLUTE_MS_MAX, CitizenSignIn, CitizenView, CodeRequest, CodeSentView};

/// Which citizen is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitizenSessionView {
    /// The citizen.
    pub citizen: CitizenView,
    /// The token, for who asked for one instead of a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(send_code))
        .routes(routes!(create_citizen_session))
        .routes(routes!(read_citizen_session, delete_citizen_session))
}

pub(super) fn set_cookie(server: &Server, token: &str, max_age_s: i64) -> String {
    let secure = if server.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{CITIZEN_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// Send a sign-in code to a phone; one a minute and ten a day for a phone.
#[utoipa::path(post, path = "/citizens/codes", tag = "citizens", request_body = CodeRequest, responses((status = 201, body = CodeSentView)))]
async fn send_code(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(server.app.send_sign_in_code(&command.body()?, &anybody.key()).await?)))
}

/// Sign a citizen in with the code; five wrong tries a code.
#[utoipa::path(post, path = "/citizens/sessions", tag = "citizens", request_body = CitizenSignIn, responses((status = 201, body = CitizenSessionView)))]
async fn create_citizen_session(State(server): State<Server>, command: Command) -> Reply<Response> {
    let request: CitizenSignIn = command.body()?;
    let (token, citizen) = server.app.sign_in_citizen(&request).await?;
    if request.bearer == Some(true) {
        return Ok((StatusCode::CREATED, Json(CitizenSessionView { citizen, token: Some(token) })).into_response());
    }
    let cookie = set_cookie(&server, &token, CITIZEN_ABSOLUTE_MS_MAX / 1000);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(CitizenSessionView { citizen, token: None })).into_response())
}

/// Which citizen is signed in.
#[utoipa::path(get, path = "/citizens/sessions/current", tag = "citizens", responses((status = 200, body = CitizenSessionView)))]
async fn read_citizen_session(State(server): State<Server>, citizen: SignedCitizen) -> Reply<Json<CitizenSessionView>> {
    Ok(Json(CitizenSessionView { citizen: server.app.citizen_view(&citizen.0).await?, token: None }))
}

/// Sign a citizen out.
#[utoipa::path(delete, path = "/citizens/sessions/current", tag = "citizens", responses((status = 204)))]
async fn delete_citizen_session(State(server): State<Server>, citizen: SignedCitizen) -> Reply<impl IntoResponse> {
    server.app.sign_out_citizen(&citizen.0).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&server, "", 0))]))
}
