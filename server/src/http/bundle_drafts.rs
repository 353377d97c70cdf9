//! Routes of those who keep the bundles of a site (一件事一次办): drafts, publishing, taking out of force.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::BundleId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, body_of, site_of};
use super::matters::{EDITS, READS, by_one, rights_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::bundles::{BundleDraftRequest, BundleDraftView, BundleSummary, NewBundleRequest};
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::matters::{DraftAction, DraftActionRequest, RetireRequest};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(add_bundle))
        .routes(routes!(list_kept_bundles))
        .routes(routes!(read_bundle_draft, save_bundle_draft))
        .routes(routes!(act_on_bundle))
        .routes(routes!(retire_bundle))
}

fn permit_of(server: &Server, signed: &Signed, bundle: &str, operations: &[Operation]) -> Answer<(BundleId, Permit)> {
    let id = BundleId::parse(bundle).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, by_one(signed, &site_id, operations)?))
}

/// Enter a new bundle as a draft; it is offered once it was reviewed and published.
#[utoipa::path(post, path = "/sites/{site}/bundles", tag = "catalogue", params(("site" = String, Path)), request_body = NewBundleRequest, responses((status = 201, body = BundleDraftView)))]
async fn add_bundle(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::EditCatalogue, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.add_bundle(&permit, body_of(&command), retry.as_ref()).await?))
}

/// Every bundle of a site, drafts and those out of force among them, with what is wrong now; those that need somebody first.
#[utoipa::path(get, path = "/sites/{site}/bundle-drafts", tag = "catalogue", params(("site" = String, Path), Paging), responses((status = 200, body = Page<BundleSummary>)))]
async fn list_kept_bundles(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<BundleSummary>>> {
    let permit = by_one(&signed, &site, READS)?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.kept_bundles(&permit).await?, |bundle| bundle.bundle_id.clone())?))
}

/// A bundle's draft with what the caller may do; what is in force, as step `none`, when there is no draft.
#[utoipa::path(get, path = "/bundles/{bundle}/draft", tag = "catalogue", params(("bundle" = String, Path)), responses((status = 200, body = BundleDraftView)))]
async fn read_bundle_draft(State(server): State<Server>, signed: Signed, Path(bundle): Path<String>) -> Reply<Json<BundleDraftView>> {
    let (id, permit) = permit_of(&server, &signed, &bundle, READS)?;
    Ok(Json(server.app.bundle_draft(&permit, &id).await?))
}

/// Write a bundle's draft as a whole; without one it begins. 409 `draft_changed` when somebody else wrote meanwhile, `draft_outdated` when another version came into force.
#[utoipa::path(put, path = "/bundles/{bundle}/draft", tag = "catalogue", params(("bundle" = String, Path)), request_body = BundleDraftRequest, responses((status = 200, body = BundleDraftView)))]
async fn save_bundle_draft(
    State(server): State<Server>,
    signed: Signed,
    Path(bundle): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_of(&server, &signed, &bundle, EDITS)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.save_bundle_draft(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// `submit` to review, `approve` or `return {text}`, `publish` at once, `discard`. Who wrote in a draft does not approve it (409 `own_draft`); one whose matters are no longer taken is refused with its fields.
#[utoipa::path(post, path = "/bundles/{bundle}/draft/{action}", tag = "catalogue", params(("bundle" = String, Path), ("action" = String, Path)), request_body = DraftActionRequest, responses((status = 200, body = BundleDraftView)))]
async fn act_on_bundle(
    State(server): State<Server>,
    signed: Signed,
    Path((bundle, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let action = DraftAction::parse(&action).ok_or(AppError::NotFound)?;
    let (id, permit) = permit_of(&server, &signed, &bundle, rights_of(action))?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.act_on_bundle(&permit, &id, action, body_of(&command), retry.as_ref()).await?))
}

/// Take a bundle out of force: no new joint cases; those under way go on.
#[utoipa::path(post, path = "/bundles/{bundle}/retire", tag = "catalogue", params(("bundle" = String, Path)), request_body = RetireRequest, responses((status = 200, body = BundleDraftView)))]
async fn retire_bundle(State(server): State<Server>, signed: Signed, Path(bundle): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_of(&server, &signed, &bundle, EDITS)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.retire_bundle(&permit, &id, body_of(&command), retry.as_ref()).await?))
}
