//! Routes of ratings and of the loop after a negative one.

use axum::Json;
use axum::extract::{Path, State};
use domain::ids::EvaluationId;
use domain::rights::Operation;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command, NoFields, Params, Signed, site_of};
use super::halls::revealed_reply;
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError};
use crate::app::evaluations::{
    AppealRequest, CallBackRequest, ClerkRatesView, DecideAppealRequest, EvaluationRequest, EvaluationView, NegativeEvaluationView,
    NegativeFilter, OpenedLoopsView, OwnEvaluationView, OwnEvaluationsView, Rater, RectifyRequest, TextRequest, VerifyRequest, Wanted,
};
use crate::app::persons::PersonData;
use crate::app::reveals::RevealRequest;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(rate))
        .routes(routes!(list_negative_evaluations))
        .routes(routes!(list_clerk_rates))
        .routes(routes!(read_own_evaluations))
        .routes(routes!(read_evaluation))
        .routes(routes!(verify_evaluation))
        .routes(routes!(rectify_evaluation))
        .routes(routes!(finish_rectification))
        .routes(routes!(reply_to_evaluation))
        .routes(routes!(call_back))
        .routes(routes!(appeal_evaluation))
        .routes(routes!(decide_appeal))
        .routes(routes!(reveal_rater))
        .routes(routes!(count_loops_left, open_loops_left))
}

/// Rate a visit or a case: once, and one follow-up. By a device token, or by the tracking code alone. A negative
/// rating opens its loop of verification, rectification, reply and call.
#[utoipa::path(post, path = "/evaluations", tag = "citizens", request_body = EvaluationRequest, responses((status = 201, body = EvaluationView)))]
async fn rate(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<OutcomeReply> {
    let source = anybody.key();
    match anybody.device {
        Some(device) => {
            let (site_id, rater) = (device.site_id.clone(), Rater::Device(device.clone()));
            let retry = command.retry(&Caller::Device(device))?;
            let outcome = match command.body::<EvaluationRequest>() {
                Ok(request) => server.app.evaluate(&rater, &request, &source, retry.as_ref()).await,
                Err(error) => Err(error),
            };
            Ok(OutcomeReply(server.app.keep_invalid(&site_id, retry, outcome).await?))
        }
        None => {
            let request: EvaluationRequest = command.body()?;
            let retry = command.citizen_retry(&request.tracking_code)?;
            Ok(OutcomeReply(server.app.evaluate(&Rater::Citizen, &request, &source, retry.as_ref()).await?))
        }
    }
}

/// Which negative ratings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NegativeQuery {
    /// Only of this site.
    site: Option<String>,
    /// `opened`, `verified`, `rectified`, `replied`, `closed`; `open` for all where something is owed, `appealed`
    /// for those whose appeal waits.
    state: Option<String>,
}

/// Negative ratings of the caller's sites, the newest first, with what is due when, what the records say to the
/// reasons, and what the caller may do; never who rated.
#[utoipa::path(get, path = "/evaluations/negative", tag = "supervision", params(NegativeQuery, Paging), responses((status = 200, body = Page<NegativeEvaluationView>)))]
async fn list_negative_evaluations(
    State(server): State<Server>,
    signed: Signed,
    params: Params,
) -> Reply<Json<Page<NegativeEvaluationView>>> {
    let caller = signed.staff()?;
    let NegativeQuery { site, state } = params.read()?;
    let found = server.app.negative_evaluations(caller, &NegativeFilter { site_id: site, state }).await?;
    let paging: Paging = params.read()?;
    let Page { items, next_cursor } = paging.after_the_last_seen(found, |one| one.id())?;
    Ok(Json(Page { items: server.app.negative_views(caller, items).await?, next_cursor }))
}

/// Which site.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// The site.
    site: String,
}

/// How the ratings of everybody's visits stand in the last 30 days, with the signs of ratings that are not what they seem.
#[utoipa::path(get, path = "/evaluations/clerks", tag = "supervision", params(SiteQuery), responses((status = 200, body = Page<ClerkRatesView>)))]
async fn list_clerk_rates(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<ClerkRatesView>>> {
    let staff = signed.staff()?;
    server.app.may_anywhere(staff, Operation::ReadClerkRates)?;
    let SiteQuery { site } = params.read()?;
    let permit = signed.permit(Operation::ReadClerkRates, &site)?;
    Ok(Json(Page::whole(server.app.clerk_rates(&permit).await?)))
}

/// The caller's own ratings: sums up to yesterday, and negative ones once they were verified; never who rated.
#[utoipa::path(get, path = "/evaluations/mine", tag = "supervision", responses((status = 200, body = OwnEvaluationsView)))]
async fn read_own_evaluations(State(server): State<Server>, signed: Signed) -> Reply<Json<OwnEvaluationsView>> {
    Ok(Json(server.app.own_evaluations(signed.staff()?).await?))
}

fn permit_for(server: &Server, signed: &Signed, evaluation: &str, operation: Operation) -> Answer<(EvaluationId, Permit)> {
    let id = EvaluationId::parse(evaluation).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    Ok((id, signed.permit(operation, &site_id)?))
}

/// One negative rating.
#[utoipa::path(get, path = "/evaluations/{evaluation}", tag = "supervision", params(("evaluation" = String, Path)), responses((status = 200, body = NegativeEvaluationView)))]
async fn read_evaluation(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
) -> Reply<Json<NegativeEvaluationView>> {
    let (id, permit) = permit_for(&server, &signed, &evaluation, Operation::ReadEvaluations)?;
    Ok(Json(server.app.negative_evaluation(&permit, &id).await?))
}

/// A step of the loop: who asks, about which rating, and how its body becomes the step.
async fn step<T: DeserializeOwned>(
    server: &Server,
    signed: &Signed,
    (evaluation, operation): (&str, Operation),
    command: &Command,
    wanted: impl FnOnce(&T) -> Answer<Wanted>,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(server, signed, evaluation, operation)?;
    server.app.follow_up_exists(&permit, &id).await?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<T>().and_then(|body| wanted(&body)) {
        Ok(wanted) => server.app.follow_up_step(&permit, &id, &wanted, retry.as_ref()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// 核实: whether it is so.
#[utoipa::path(post, path = "/evaluations/{evaluation}/verify", tag = "supervision", params(("evaluation" = String, Path)), request_body = VerifyRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn verify_evaluation(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::HandleEvaluation), &command, VerifyRequest::wanted).await
}

/// 整改: what is done about it.
#[utoipa::path(post, path = "/evaluations/{evaluation}/rectify", tag = "supervision", params(("evaluation" = String, Path)), request_body = RectifyRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn rectify_evaluation(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::HandleEvaluation), &command, RectifyRequest::wanted).await
}

/// What was promised within a limit is done.
#[utoipa::path(post, path = "/evaluations/{evaluation}/finish-rectification", tag = "supervision", params(("evaluation" = String, Path)), request_body = TextRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn finish_rectification(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::HandleEvaluation), &command, TextRequest::finished).await
}

/// 答复: shown on the rater's page, and told by message where a phone is known.
#[utoipa::path(post, path = "/evaluations/{evaluation}/reply", tag = "supervision", params(("evaluation" = String, Path)), request_body = TextRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn reply_to_evaluation(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::HandleEvaluation), &command, TextRequest::reply).await
}

/// 回访: one call. Reached, or often enough in vain, is the end.
#[utoipa::path(post, path = "/evaluations/{evaluation}/call-back", tag = "supervision", params(("evaluation" = String, Path)), request_body = CallBackRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn call_back(State(server): State<Server>, signed: Signed, Path(evaluation): Path<String>, command: Command) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::HandleEvaluation), &command, CallBackRequest::wanted).await
}

/// 申诉 of the person judged.
#[utoipa::path(post, path = "/evaluations/{evaluation}/appeal", tag = "supervision", params(("evaluation" = String, Path)), request_body = AppealRequest, responses((status = 200, body = OwnEvaluationView)))]
async fn appeal_evaluation(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::AppealEvaluation), &command, AppealRequest::wanted).await
}

/// The decision about an appeal, never by who verified.
#[utoipa::path(post, path = "/evaluations/{evaluation}/decide-appeal", tag = "supervision", params(("evaluation" = String, Path)), request_body = DecideAppealRequest, responses((status = 200, body = NegativeEvaluationView)))]
async fn decide_appeal(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    step(&server, &signed, (&evaluation, Operation::DecideAppeal), &command, DecideAppealRequest::wanted).await
}

/// Name and phone of a rater who is to be called; the read is an event, and closed to the person judged.
#[utoipa::path(post, path = "/evaluations/{evaluation}/reveal", tag = "supervision", params(("evaluation" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_rater(
    State(server): State<Server>,
    signed: Signed,
    Path(evaluation): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    let (id, permit) = permit_for(&server, &signed, &evaluation, Operation::RevealRater)?;
    let retry = command.retry(&signed.0)?;
    let revealed = server.app.reveal_rater(&permit, &id, &command.body()?, retry.as_ref()).await?;
    Ok(revealed_reply(revealed)?)
}

/// How many negative ratings of a site have no loop; they came before loops were kept.
#[utoipa::path(get, path = "/sites/{site}/evaluations-without-loop", tag = "supervision", params(("site" = String, Path)), responses((status = 200, body = OpenedLoopsView)))]
async fn count_loops_left(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<OpenedLoopsView>> {
    let permit = signed.permit(Operation::ReadEvaluations, &site)?;
    Ok(Json(server.app.loops_left(&permit).await?))
}

/// Open the loop of every negative rating that has none; deadlines count from the rating.
#[utoipa::path(post, path = "/sites/{site}/evaluations-without-loop", tag = "supervision", params(("site" = String, Path)), request_body = NoFields, responses((status = 200, body = OpenedLoopsView)))]
async fn open_loops_left(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::HandleEvaluation, &site)?;
    let retry = command.retry(&signed.0)?;
    let fields = command.body::<NoFields>().map(drop);
    Ok(OutcomeReply(server.app.open_loops_left(&permit, fields, retry.as_ref()).await?))
}
