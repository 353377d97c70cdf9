//! Routes of ratings.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Anybody, Command, Params, Signed};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Caller;
use crate::app::evaluations::{EvaluationRequest, EvaluationView, NegativeEvaluationView, Rater};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(rate)).routes(routes!(list_negative_evaluations))
}

/// Rate a visit or a case: once, and one follow-up. By a device token, or by the tracking code alone.
#[utoipa::path(post, path = "/evaluations", tag = "citizens", request_body = EvaluationRequest, responses((status = 201, body = EvaluationView)))]
async fn rate(State(server): State<Server>, anybody: Anybody, command: Command) -> Reply<OutcomeReply> {
    match anybody.device {
        Some(device) => {
            let (site_id, rater) = (device.site_id.clone(), Rater::Device(device.clone()));
            let retry = command.retry(&Caller::Device(device))?;
            let outcome = match command.body::<EvaluationRequest>() {
                Ok(request) => server.app.evaluate(&rater, &request, retry.as_ref()).await,
                Err(error) => Err(error),
            };
            Ok(OutcomeReply(server.app.keep_invalid(&site_id, retry, outcome).await?))
        }
        None => {
            let request: EvaluationRequest = command.body()?;
            let retry = command.citizen_retry(&request.tracking_code)?;
            Ok(OutcomeReply(server.app.evaluate(&Rater::Citizen, &request, retry.as_ref()).await?))
        }
    }
}

/// Negative ratings of the caller's sites, the newest first; never who rated.
#[utoipa::path(get, path = "/evaluations/negative", tag = "supervision", params(Paging), responses((status = 200, body = Page<NegativeEvaluationView>)))]
async fn list_negative_evaluations(
    State(server): State<Server>,
    signed: Signed,
    params: Params,
) -> Reply<Json<Page<NegativeEvaluationView>>> {
    let all = server.app.negative_evaluations(signed.staff()?).await?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(all, |evaluation| evaluation.id.clone())?))
}
