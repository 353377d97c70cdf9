//! Routes of single lines and windows of a hall as they are set up, and of a day played again under other rules.

use axum::Json;
use axum::extract::{Path, State};
use domain::hall::Rearrangement;
use domain::ids::{LineId, WindowId};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Signed};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::figures::{WhatIfRequest, WhatIfView};
use crate::app::rooms::{LineRequest, LineSetupView, WindowRequest, WindowSetupView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(put_line))
        .routes(routes!(remove_line))
        .routes(routes!(put_window))
        .routes(routes!(remove_window))
        .routes(routes!(play_day_again))
}

/// A permit to change the settings, with the id if it is one of this site.
fn room_permit<I>(server: &Server, signed: &Signed, site: &str, id: Option<I>, key: impl Fn(&I) -> &str) -> Answer<(Permit, I)> {
    let permit = signed.permit(Operation::ChangePolicy, site)?;
    let listing = server.app.directory.get();
    let own = &listing.site(site)?.key;
    Ok((permit, id.filter(|id| key(id) == own.as_str()).ok_or(AppError::NotFound)?))
}

async fn rearrange(
    server: &Server,
    signed: &Signed,
    command: &Command,
    permit: &Permit,
    change: Answer<Rearrangement>,
) -> Reply<OutcomeReply> {
    let retry = command.retry(&signed.0)?;
    let outcome = match change {
        Ok(change) => server.app.rearrange(permit, change, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Put up or change one line; the settings are checked as a whole.
#[utoipa::path(put, path = "/sites/{site}/lines/{line}", tag = "sites", params(("site" = String, Path), ("line" = String, Path)), request_body = LineRequest, responses((status = 200, body = LineSetupView)))]
async fn put_line(
    State(server): State<Server>,
    signed: Signed,
    Path((site, line)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (permit, id) = room_permit(&server, &signed, &site, LineId::parse(&line), LineId::site_key)?;
    let change = command.body::<LineRequest>().map(|wanted| wanted.under(id));
    rearrange(&server, &signed, &command, &permit, change).await
}

/// Take a line down; refused while somebody waits in it or settings name it.
#[utoipa::path(post, path = "/sites/{site}/lines/{line}/remove", tag = "sites", params(("site" = String, Path), ("line" = String, Path)), request_body = NoFields, responses((status = 200, body = NoFields)))]
async fn remove_line(
    State(server): State<Server>,
    signed: Signed,
    Path((site, line)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (permit, line_id) = room_permit(&server, &signed, &site, LineId::parse(&line), LineId::site_key)?;
    let change = command.body::<NoFields>().map(|_| Rearrangement::NoLine { line_id });
    rearrange(&server, &signed, &command, &permit, change).await
}

/// Put up or change one window; the settings are checked as a whole.
#[utoipa::path(put, path = "/sites/{site}/windows/{window}", tag = "sites", params(("site" = String, Path), ("window" = String, Path)), request_body = WindowRequest, responses((status = 200, body = WindowSetupView)))]
async fn put_window(
    State(server): State<Server>,
    signed: Signed,
    Path((site, window)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (permit, id) = room_permit(&server, &signed, &site, WindowId::parse(&window), WindowId::site_key)?;
    let change = command.body::<WindowRequest>().map(|wanted| wanted.under(id));
    rearrange(&server, &signed, &command, &permit, change).await
}

/// Take a window down; refused while somebody works at it.
#[utoipa::path(post, path = "/sites/{site}/windows/{window}/remove", tag = "sites", params(("site" = String, Path), ("window" = String, Path)), request_body = NoFields, responses((status = 200, body = NoFields)))]
async fn remove_window(
    State(server): State<Server>,
    signed: Signed,
    Path((site, window)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (permit, window_id) = room_permit(&server, &signed, &site, WindowId::parse(&window), WindowId::site_key)?;
    let change = command.body::<NoFields>().map(|_| Rearrangement::NoWindow { window_id });
    rearrange(&server, &signed, &command, &permit, change).await
}

/// Play a day that was again under other rules, and tell the waits side by side. Changes nothing.
#[utoipa::path(post, path = "/sites/{site}/policy/what-if", tag = "sites", params(("site" = String, Path)), request_body = WhatIfRequest, responses((status = 200, body = WhatIfView)))]
async fn play_day_again(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    command: Command,
) -> Reply<Json<WhatIfView>> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    Ok(Json(server.app.play_day_again(&permit, command.body()?).await?))
}
