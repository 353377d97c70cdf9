//! Routes of sessions.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, COOKIE, Command, Signed};
use super::problem::Reply;
use super::state::Server;
use crate::app::sessions::{ABSOLUTE_MS_MAX, SignIn, StaffView, caller_view};
use crate::app::staff::PasswordRequest;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// The person.
    pub staff: StaffView,
}

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(create_session))
        .routes(routes!(read_session))
        .routes(routes!(delete_session))
        .routes(routes!(change_password))
}

fn set_cookie(server: &Server, token: &str, max_age_s: i64) -> String {
    let secure = if server.app.settings.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// Sign in.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = SignIn, responses((status = 201, body = SessionView)))]
async fn create_session(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<impl IntoResponse> {
    let (token, staff) = server.app.sign_in(command.body()?, &anybody.key()).await?;
    let cookie = set_cookie(&server, &token, ABSOLUTE_MS_MAX / 1000);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(SessionView { staff })))
}

/// Who is signed in.
#[utoipa::path(get, path = "/sessions/current", tag = "sessions", responses((status = 200, body = SessionView)))]
async fn read_session(signed: Signed) -> Reply<Json<SessionView>> {
    Ok(Json(SessionView { staff: caller_view(signed.staff()?) }))
}

/// Change the own password; every other session of the account ends.
#[utoipa::path(put, path = "/sessions/current/password", tag = "sessions", request_body = PasswordRequest, responses((status = 204)))]
async fn change_password(State(server): State<Server>, signed: Signed, command: Command) -> Reply<StatusCode> {
    let caller = signed.staff()?;
    server.app.change_password(caller, command.body()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out.
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions", responses((status = 204)))]
async fn delete_session(State(server): State<Server>, signed: Signed) -> Reply<impl IntoResponse> {
    server.app.sign_out(signed.staff()?).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&server, "", 0))]))
}
