//! Routes of alerts.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Params, Signed};
use super::paging::{Page, Paging};
use super::problem::Reply;
use super::state::Server;
use crate::app::alerts::AlertView;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(list_alerts))
}

/// Alerts of the caller's sites that are not settled, the newest first.
#[utoipa::path(get, path = "/alerts", tag = "supervision", params(Paging), responses((status = 200, body = Page<AlertView>)))]
async fn list_alerts(State(server): State<Server>, signed: Signed, params: Params) -> Reply<Json<Page<AlertView>>> {
    let alerts = server.app.alerts(signed.staff()?).await?;
    let paging: Paging = params.read()?;
    Ok(Json(paging.after_the_last_seen(alerts, |alert| alert.id.clone())?))
}
