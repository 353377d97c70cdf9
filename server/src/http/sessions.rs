//! Routes of sessions.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, COOKIE, Command, Signed};
use super::problem::Reply;
use super::state::Server;
use crate::app::sessions::{ABSOLUTE_MS_MAX, SignIn, StaffView};
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

/// Whether the browser that asks keeps a cookie marked `Secure`: it does over https. Inside a hall it may have come by the
/// keeper's `http://` address, which the keeper passes through; there such a cookie would be dropped and nobody could
/// sign in. A proxy in front says by which scheme it was asked, or passes the public name on.
fn is_secure(public_url: &str, headers: &HeaderMap) -> bool {
    let Some(authority) = public_url.strip_prefix("https://") else { return false };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_public = text("host").is_none_or(|host| host.eq_ignore_ascii_case(authority.trim_end_matches('/')));
    is_public || text("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

fn set_cookie(server: &Server, headers: &HeaderMap, token: &str, max_age_s: i64) -> String {
    let secure = if is_secure(&server.app.settings.public_url, headers) { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// Sign in.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = SignIn, responses((status = 201, body = SessionView)))]
async fn create_session(State(server): State<Server>, anybody: Anybody, headers: HeaderMap, command: Command) -> Reply<impl IntoResponse> {
    let (token, staff) = server.app.sign_in(command.body()?, &anybody.key()).await?;
    let cookie = set_cookie(&server, &headers, &token, ABSOLUTE_MS_MAX / 1000);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(SessionView { staff })))
}

/// Who is signed in.
#[utoipa::path(get, path = "/sessions/current", tag = "sessions", responses((status = 200, body = SessionView)))]
async fn read_session(State(server): State<Server>, signed: Signed) -> Reply<Json<SessionView>> {
    Ok(Json(SessionView { staff: server.app.caller_view(signed.staff()?) }))
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
async fn delete_session(State(server): State<Server>, headers: HeaderMap, signed: Signed) -> Reply<impl IntoResponse> {
    server.app.sign_out(signed.staff()?).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&server, &headers, "", 0))]))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_cookie_is_secure_unless_the_browser_came_by_the_keepers_address() {
        let asked = |public_url: &str, of: &[(&'static str, &'static str)]| {
            let headers = of.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
            is_secure(public_url, &headers)
        };
        assert!(asked("https://fw.example.cn", &[("host", "fw.example.cn")]));
        assert!(asked("https://fw.example.cn/", &[("host", "FW.example.cn")]));
        assert!(asked("https://fw.example.cn", &[("host", "127.0.0.1:8080"), ("x-forwarded-proto", "https")]));
        assert!(!asked("https://fw.example.cn", &[("host", "192.168.1.10:8090")]), "a browser in the hall");
        assert!(!asked("https://fw.example.cn", &[("host", "192.168.1.10:8090"), ("x-forwarded-proto", "http")]));
        assert!(!asked("http://fw.example.cn", &[("host", "fw.example.cn")]));
    }
}
