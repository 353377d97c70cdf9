//! Routes of cases, the worklist and certificates.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::{CaseId, CertificateId};
use domain::rights::Operation;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Params, Signed, body_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::cases::{
    CabinetFilter, CaseActionRequest, CaseClocksView, CaseListFilter, CaseRequest, CaseSummary, CaseUpdateRequest, CaseView,
    CertificateActionRequest, CertificateView, ColleagueView, OpinionTemplateView, PaperStandingView,
};
use crate::app::error::{Answer, AppError};
use crate::app::persons::PersonData;
use crate::app::reveals::{RevealRequest, Revealed};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(open_case, list_cases))
        .routes(routes!(read_case, update_case))
        .routes(routes!(read_paper_standing))
        .routes(routes!(read_clock))
        .routes(routes!(list_colleagues))
        .routes(routes!(list_opinion_templates))
        .routes(routes!(reveal_case))
        .routes(routes!(make_certificate))
        .routes(routes!(act_on_case))
        .routes(routes!(read_worklist))
        .routes(routes!(read_cabinet))
        .routes(routes!(read_certificate))
        .routes(routes!(reveal_recipient))
        .routes(routes!(act_on_certificate))
}

fn case_id(text: &str) -> Answer<CaseId> {
    CaseId::parse(text).ok_or(AppError::NotFound)
}

fn certificate_id(text: &str) -> Answer<CertificateId> {
    CertificateId::parse(text).ok_or(AppError::NotFound)
}

/// Open a case; received at once unless `draft` is set.
#[utoipa::path(post, path = "/cases", tag = "cases", request_body = CaseRequest, responses((status = 201, body = CaseView)))]
async fn open_case(State(server): State<Server>, signed: Signed, command: Command) -> Reply<OutcomeReply> {
    let (staff, retry) = (signed.staff()?, command.retry(&signed.0)?);
    let outcome = server.app.open_case(staff, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_case(staff, outcome).await?))
}

/// Cases among the caller's sites and departments.
#[utoipa::path(get, path = "/cases", tag = "cases", params(CaseListFilter, Paging), responses((status = 200, body = Page<CaseSummary>)))]
async fn list_cases(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<CaseSummary>>> {
    let staff = signed.staff()?;
    let (filter, paging): (CaseListFilter, Paging) = (params.read()?, params.read()?);
    let (items, next_cursor) = server.app.case_list(staff, &filter, paging.after(), paging.limit()?).await?;
    Ok(Json(Page { items, next_cursor }))
}

/// When something was taken on paper.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PaperTime {
    /// RFC 3339 with offset.
    received_at: String,
}

/// How near silence is for what was taken on paper then, before it is entered.
#[utoipa::path(get, path = "/sites/{site}/paper-standing", tag = "cases", params(("site" = String, Path), PaperTime), responses((status = 200, body = PaperStandingView)))]
async fn read_paper_standing(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<PaperStandingView>> {
    let permit = signed.permit(Operation::RegisterCase, &site)?;
    let asked: PaperTime = params.read()?;
    Ok(Json(server.app.paper_standing(&permit, &asked.received_at).await?))
}

/// The templates of opinions of its matter, for whoever signs or decides.
#[utoipa::path(get, path = "/cases/{case}/opinion-templates", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = Page<OpinionTemplateView>)))]
async fn list_opinion_templates(
    State(server): State<Server>,
    signed: Signed,
    Path(case): Path<String>,
) -> Reply<Json<Page<OpinionTemplateView>>> {
    Ok(Json(Page::whole(server.app.opinion_templates(signed.staff()?, &case_id(&case)?).await?)))
}

/// One case, masked, with what the caller can do now.
#[utoipa::path(get, path = "/cases/{case}", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = CaseView)))]
async fn read_case(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<CaseView>> {
    Ok(Json(server.app.case(signed.staff()?, &case_id(&case)?).await?))
}

/// Change checklist or form before acceptance.
#[utoipa::path(patch, path = "/cases/{case}", tag = "cases", params(("case" = String, Path)), request_body = CaseUpdateRequest, responses((status = 200, body = CaseView)))]
async fn update_case(State(server): State<Server>, signed: Signed, Path(case): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, case_id(&case)?, command.retry(&signed.0)?);
    let outcome = server.app.update_case(staff, &id, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_case(staff, outcome).await?))
}

/// The clock that runs now, explained day by day.
#[utoipa::path(get, path = "/cases/{case}/clock", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = CaseClocksView)))]
async fn read_clock(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<CaseClocksView>> {
    Ok(Json(server.app.case_clocks(signed.staff()?, &case_id(&case)?).await?))
}

/// Colleagues to whom a case can be handed.
#[utoipa::path(get, path = "/cases/{case}/colleagues", tag = "cases", params(("case" = String, Path)), responses((status = 200, body = Page<ColleagueView>)))]
async fn list_colleagues(State(server): State<Server>, signed: Signed, Path(case): Path<String>) -> Reply<Json<Page<ColleagueView>>> {
    Ok(Json(Page::whole(server.app.colleagues(signed.staff()?, &case_id(&case)?).await?)))
}

/// What was asked for of a case.
#[derive(Serialize, ToSchema)]
struct RevealedCase {
    /// The applicant.
    #[serde(flatten)]
    person: PersonData,
    /// The filled form, where it was asked for and there is one.
    #[schema(value_type = Option<Object>)]
    form: Option<serde_json::Value>,
}

/// The applicant's data unmasked; the read is an event.
#[utoipa::path(post, path = "/cases/{case}/reveal", tag = "cases", params(("case" = String, Path)), request_body = RevealRequest, responses((status = 200, body = RevealedCase)))]
async fn reveal_case(State(server): State<Server>, signed: Signed, Path(case): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, case_id(&case)?, command.retry(&signed.0)?);
    // Whether the caller may is answered before what the body lacks.
    server.app.case_to_reveal(staff, &id).await?;
    let Revealed { mut outcome, data, form } = server.app.reveal_case(staff, &id, &command.body()?, retry.as_ref()).await?;
    if let Some(person) = data {
        outcome.body = serde_json::to_value(RevealedCase { person, form }).map_err(AppError::from)?;
    }
    Ok(OutcomeReply(outcome))
}

/// Make the certificate of a decided case.
#[utoipa::path(post, path = "/cases/{case}/certificate", tag = "certificates", params(("case" = String, Path)), request_body = CaseActionRequest, responses((status = 201, body = CertificateView)))]
async fn make_certificate(State(server): State<Server>, signed: Signed, Path(case): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, case_id(&case)?, command.retry(&signed.0)?);
    let outcome = server.app.act_on_case(staff, &id, "certificate", body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_certificate(staff, outcome).await?))
}

/// Submit, pre-check, accept, accept-tolerant, request-correction, correction-exceptions, supply, reuse-consent, reuse,
/// withdraw-reuse-consent, new-term, propose-refusal, confirm-refusal, overturn-refusal, decide-instant, claim, release, delegate, suspend, resume, extend,
/// approve-extension, approve, deny, return, withdraw, revoke, decision-notice or deliver.
#[utoipa::path(post, path = "/cases/{case}/{action}", tag = "cases", params(("case" = String, Path), ("action" = String, Path)), request_body = CaseActionRequest, responses((status = 200, body = CaseView)))]
async fn act_on_case(
    State(server): State<Server>,
    signed: Signed,
    Path((case, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, case_id(&case)?, command.retry(&signed.0)?);
    let outcome = server.app.act_on_case(staff, &id, &action, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_case(staff, outcome).await?))
}

/// The work of the caller's departments, the most urgent first.
#[utoipa::path(get, path = "/worklist", tag = "cases", params(Paging), responses((status = 200, body = Page<CaseSummary>)))]
async fn read_worklist(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<CaseSummary>>> {
    let work = server.app.worklist(signed.staff()?).await?;
    let paging: Paging = params.read()?;
    // Sorted by urgency: what has no date stands last.
    Ok(Json(paging.page(work, |case| format!("{}|{}", case.due_at.as_deref().unwrap_or("~"), case.id))?))
}

/// Certificates of a site.
#[utoipa::path(get, path = "/sites/{site}/cabinet", tag = "certificates", params(("site" = String, Path), CabinetFilter, Paging), responses((status = 200, body = Page<CertificateView>)))]
async fn read_cabinet(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<CertificateView>>> {
    let permit = signed.permit(Operation::ReadCabinet, &site)?;
    let (filter, paging): (CabinetFilter, Paging) = (params.read()?, params.read()?);
    let certificates = server.app.cabinet(&permit, &filter).await?;
    Ok(Json(paging.page(certificates, |certificate| certificate.id.clone())?))
}

/// One certificate.
#[utoipa::path(get, path = "/certificates/{certificate}", tag = "certificates", params(("certificate" = String, Path)), responses((status = 200, body = CertificateView)))]
async fn read_certificate(State(server): State<Server>, signed: Signed, Path(id): Path<String>) -> Reply<Json<CertificateView>> {
    Ok(Json(server.app.certificate(signed.staff()?, &certificate_id(&id)?).await?))
}

/// To whom the parcel goes, unmasked; the read is an event.
#[utoipa::path(post, path = "/certificates/{certificate}/reveal", tag = "certificates", params(("certificate" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_recipient(State(server): State<Server>, signed: Signed, Path(id): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, certificate_id(&id)?, command.retry(&signed.0)?);
    // Whether the caller may is answered before what the body lacks.
    server.app.recipient_to_reveal(staff, &id).await?;
    let Revealed { mut outcome, data, .. } = server.app.reveal_recipient(staff, &id, &command.body()?, retry.as_ref()).await?;
    if let Some(person) = data {
        outcome.body = serde_json::to_value(person).map_err(AppError::from)?;
    }
    Ok(OutcomeReply(outcome))
}

/// Receive, notify, hand-over, retry-upload, waive-upload, ship, confirm-delivery or return.
#[utoipa::path(post, path = "/certificates/{certificate}/{action}", tag = "certificates", params(("certificate" = String, Path), ("action" = String, Path)), request_body = CertificateActionRequest, responses((status = 200, body = CertificateView)))]
async fn act_on_certificate(
    State(server): State<Server>,
    signed: Signed,
    Path((id, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (staff, id, retry) = (signed.staff()?, certificate_id(&id)?, command.retry(&signed.0)?);
    let outcome = server.app.act_on_certificate(staff, &id, &action, body_of(&command), retry.as_ref()).await?;
    Ok(OutcomeReply(server.app.with_certificate(staff, outcome).await?))
}
