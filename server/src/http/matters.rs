//! Routes of those who keep the catalogue: drafts, versions, claims.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::MatterId;
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, body_of, site_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::matters::{
    ClaimEndRequest, ClaimRequest, ClaimUpdateRequest, ClaimView, CompareView, DraftAction, DraftActionRequest, DraftBeginRequest,
    DraftRequest, DraftSummary, DraftView, NewMatterRequest, RetireRequest, VersionsView,
};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(add_matter))
        .routes(routes!(list_drafts))
        .routes(routes!(read_draft, begin_draft, save_draft))
        .routes(routes!(act_on_draft))
        .routes(routes!(retire_matter))
        .routes(routes!(list_versions))
        .routes(routes!(compare_versions))
        .routes(routes!(list_claims, claim_matter))
        .routes(routes!(change_claim))
        .routes(routes!(end_claim))
}

/// A permit at the site of a matter: by the first of these rights that the caller has.
pub(super) fn permit_of(server: &Server, signed: &Signed, matter: &str, operations: &[Operation]) -> Answer<(MatterId, Permit)> {
    let id = MatterId::parse(matter).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, by_one(signed, &site_id, operations)?))
}

/// A permit by the first of these rights that the caller has.
pub(super) fn by_one(signed: &Signed, site_id: &str, operations: &[Operation]) -> Answer<Permit> {
    let mut refusal = AppError::NotFound;
    for operation in operations {
        match signed.permit(*operation, site_id) {
            Ok(permit) => return Ok(permit),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// What opens drafts.
pub(super) const READS: &[Operation] = &[Operation::EditCatalogue, Operation::ReviewCatalogue];
/// What changes them.
pub(super) const EDITS: &[Operation] = &[Operation::EditCatalogue];

/// What a step of a draft needs.
pub(super) fn rights_of(action: DraftAction) -> &'static [Operation] {
    match action {
        DraftAction::Approve => &[Operation::ReviewCatalogue],
        DraftAction::Return => READS,
        DraftAction::Submit | DraftAction::Publish | DraftAction::Unschedule | DraftAction::Discard => EDITS,
    }
}

/// Enter a new matter as a draft; nothing is in force before it was reviewed and published.
#[utoipa::path(post, path = "/sites/{site}/matters", tag = "catalogue", params(("site" = String, Path)), request_body = NewMatterRequest, responses((status = 201, body = DraftView)))]
async fn add_matter(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::EditCatalogue, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.add_matter(&permit, body_of(&command), retry.as_ref()).await?))
}

/// Drafts of a site, those that wait for a reviewer first.
#[utoipa::path(get, path = "/sites/{site}/matter-drafts", tag = "catalogue", params(("site" = String, Path), Paging), responses((status = 200, body = Page<DraftSummary>)))]
async fn list_drafts(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<DraftSummary>>> {
    let permit = by_one(&signed, &site, READS)?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.matter_drafts(&permit).await?, |draft| draft.matter_id.clone())?))
}

/// A matter's draft with what the caller may do; what is in force, as step `none`, when there is no draft.
#[utoipa::path(get, path = "/matters/{matter}/draft", tag = "catalogue", params(("matter" = String, Path)), responses((status = 200, body = DraftView)))]
async fn read_draft(State(server): State<Server>, signed: Signed, Path(matter): Path<String>) -> Reply<Json<DraftView>> {
    let (id, permit) = permit_of(&server, &signed, &matter, READS)?;
    Ok(Json(server.app.matter_draft(&permit, &id).await?))
}

/// Begin a draft with what is in force, which stays in force.
#[utoipa::path(post, path = "/matters/{matter}/draft", tag = "catalogue", params(("matter" = String, Path)), request_body = DraftBeginRequest, responses((status = 201, body = DraftView)))]
async fn begin_draft(State(server): State<Server>, signed: Signed, Path(matter): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_of(&server, &signed, &matter, EDITS)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.begin_draft(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// Write a draft as a whole; without one it begins. 409 `draft_changed` when somebody else wrote meanwhile, `draft_outdated` when another version came into force.
#[utoipa::path(put, path = "/matters/{matter}/draft", tag = "catalogue", params(("matter" = String, Path)), request_body = DraftRequest, responses((status = 200, body = DraftView)))]
async fn save_draft(State(server): State<Server>, signed: Signed, Path(matter): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_of(&server, &signed, &matter, EDITS)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.save_draft(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// `submit` to review, `approve` or `return {text}`, `publish {from?}` now or from an instant on, `unschedule`, `discard`. Who wrote in a draft does not approve it (409 `own_draft`).
#[utoipa::path(post, path = "/matters/{matter}/draft/{action}", tag = "catalogue", params(("matter" = String, Path), ("action" = String, Path)), request_body = DraftActionRequest, responses((status = 200, body = DraftView)))]
async fn act_on_draft(
    State(server): State<Server>,
    signed: Signed,
    Path((matter, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let action = DraftAction::parse(&action).ok_or(AppError::NotFound)?;
    let (id, permit) = permit_of(&server, &signed, &matter, rights_of(action))?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.act_on_draft(&permit, &id, action, body_of(&command), retry.as_ref()).await?))
}

/// Take a matter out of force: no new cases here and where it is claimed; those under way go on.
#[utoipa::path(post, path = "/matters/{matter}/retire", tag = "catalogue", params(("matter" = String, Path)), request_body = RetireRequest, responses((status = 200, body = DraftView)))]
async fn retire_matter(State(server): State<Server>, signed: Signed, Path(matter): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = permit_of(&server, &signed, &matter, EDITS)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.retire_matter(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// Versions of a matter and what happened to it, the newest first.
#[utoipa::path(get, path = "/matters/{matter}/versions", tag = "catalogue", params(("matter" = String, Path)), responses((status = 200, body = VersionsView)))]
async fn list_versions(State(server): State<Server>, signed: Signed, Path(matter): Path<String>) -> Reply<Json<VersionsView>> {
    let (id, permit) = permit_of(&server, &signed, &matter, READS)?;
    Ok(Json(server.app.matter_versions(&permit, &id).await?))
}

/// Two versions field by field, each by its number or `draft`.
#[utoipa::path(get, path = "/matters/{matter}/versions/{version}/compare/{other}", tag = "catalogue", params(("matter" = String, Path), ("version" = String, Path), ("other" = String, Path)), responses((status = 200, body = CompareView)))]
async fn compare_versions(
    State(server): State<Server>,
    signed: Signed,
    Path((matter, version, other)): Path<(String, String, String)>,
) -> Reply<Json<CompareView>> {
    let (id, permit) = permit_of(&server, &signed, &matter, READS)?;
    Ok(Json(server.app.compare_versions(&permit, &id, (&version, &other)).await?))
}

/// Matters that a site claims from above (认领), those that need somebody first.
#[utoipa::path(get, path = "/sites/{site}/claims", tag = "catalogue", params(("site" = String, Path), Paging), responses((status = 200, body = Page<ClaimView>)))]
async fn list_claims(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<ClaimView>>> {
    let permit = signed.permit(Operation::ClaimMatter, &site)?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(server.app.claims(&permit).await?, |claim| claim.id.clone())?))
}

/// Claim a matter of a site above: in which way, by which document, until when.
#[utoipa::path(post, path = "/sites/{site}/claims", tag = "catalogue", params(("site" = String, Path)), request_body = ClaimRequest, responses((status = 201, body = ClaimView)))]
async fn claim_matter(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::ClaimMatter, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.claim_matter(&permit, body_of(&command), retry.as_ref()).await?))
}

fn claim_permit(server: &Server, signed: &Signed, claim: &str) -> Answer<(MatterId, Permit)> {
    permit_of(server, signed, claim, &[Operation::ClaimMatter])
}

/// Change a claim as a whole: renew it, or change what is the site's own.
#[utoipa::path(put, path = "/claims/{claim}", tag = "catalogue", params(("claim" = String, Path)), request_body = ClaimUpdateRequest, responses((status = 200, body = ClaimView)))]
async fn change_claim(State(server): State<Server>, signed: Signed, Path(claim): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = claim_permit(&server, &signed, &claim)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.change_claim(&permit, &id, body_of(&command), retry.as_ref()).await?))
}

/// End a claim: the matter is offered no more at the site; its cases go on.
#[utoipa::path(post, path = "/claims/{claim}/end", tag = "catalogue", params(("claim" = String, Path)), request_body = ClaimEndRequest, responses((status = 200, body = ClaimView)))]
async fn end_claim(State(server): State<Server>, signed: Signed, Path(claim): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = claim_permit(&server, &signed, &claim)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.end_claim(&permit, &id, body_of(&command), retry.as_ref()).await?))
}
