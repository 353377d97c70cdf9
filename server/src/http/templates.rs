//! Routes of the words of messages: listed, tried, written, taken back.

use axum::Json;
use axum::extract::{Path, State};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed};
use super::paging::Page;
use super::plan::carried_out;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::templates::{TemplatePreview, TemplateRequest, TemplateResetRequest, TemplateView};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list_templates)).routes(routes!(change_template)).routes(routes!(preview)).routes(routes!(reset))
}

/// Messages that can be worded, each as it is in force at a site, with its places.
#[utoipa::path(get, path = "/sites/{site}/message-templates", tag = "notifications", params(("site" = String, Path)), responses((status = 200, body = Page<TemplateView>)))]
async fn list_templates(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<TemplateView>>> {
    let permit = signed.permit(Operation::ReadPolicy, &site)?;
    Ok(Json(Page::whole(server.app.message_templates(&permit).await?)))
}

/// Write a site's own words; those of sites below that have none of their own change too.
#[utoipa::path(put, path = "/sites/{site}/message-templates/{template}", tag = "notifications", params(("site" = String, Path), ("template" = String, Path)), request_body = TemplateRequest, responses((status = 200, body = TemplateView)))]
async fn change_template(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    carried_out::<TemplateRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.change_template(&permit, &name, &wanted, retry.as_ref()).await
    })
    .await
}

/// Words with examples in their places, and how many SMS they are counted as; nothing is written.
#[utoipa::path(post, path = "/sites/{site}/message-templates/{template}/preview", tag = "notifications", params(("site" = String, Path), ("template" = String, Path)), request_body = TemplateRequest, responses((status = 200, body = TemplatePreview)))]
async fn preview(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<Json<TemplatePreview>> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    Ok(Json(server.app.preview_template(&permit, &name, &command.body()?)?))
}

/// Take a site's own words back.
#[utoipa::path(post, path = "/sites/{site}/message-templates/{template}/reset", tag = "notifications", params(("site" = String, Path), ("template" = String, Path)), request_body = TemplateResetRequest, responses((status = 200, body = TemplateView)))]
async fn reset(
    State(server): State<Server>,
    signed: Signed,
    Path((site, name)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ChangePolicy, &site)?;
    carried_out::<TemplateResetRequest, _>(&server, &signed, &permit, &command, async |wanted, retry| {
        server.app.reset_template(&permit, &name, &wanted, retry.as_ref()).await
    })
    .await
}
