//! `/healthz`, `/readyz`, `/metrics`.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::state::Server;

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of metrics once a process.
pub(super) fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().ok()).as_ref()
}

pub(super) fn routes() -> Router<Server> {
    recorder();
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

async fn healthz() -> &'static str {
    "ok"
}

/// Whether the request came from this machine; in-process callers have no address.
fn is_local(request: &Request) -> bool {
    request.extensions().get::<ConnectInfo<SocketAddr>>().is_none_or(|info| info.0.ip().is_loopback())
}

async fn readyz(State(server): State<Server>, request: Request) -> impl IntoResponse {
    if !is_local(&request) {
        return (StatusCode::NOT_FOUND, "");
    }
    if server.closing.is_cancelled() || server.app.stores.commit.ping().await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready");
    }
    (StatusCode::OK, "ready")
}

async fn metrics(request: Request) -> impl IntoResponse {
    if !is_local(&request) {
        return (StatusCode::NOT_FOUND, String::new());
    }
    (StatusCode::OK, recorder().map(PrometheusHandle::render).unwrap_or_default())
}
