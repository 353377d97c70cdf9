//! `/healthz`, `/readyz`, `/metrics`.

use std::net::SocketAddr;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::state::Server;

/// Bounds of times, in seconds.
const SECONDS: &[f64] = &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Bounds of sizes.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of metrics once a process.
pub(super) fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), SIZES))
        .ok()?;
    let handle = builder.install_recorder().ok()?;
    describe();
    Some(handle)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("yichuang_http_requests_total", "Requests by route and status");
    describe_histogram!("yichuang_http_request_seconds", "Time from request to answer, by route");
    describe_counter!("yichuang_commits_total", "Transactions, by how they ended");
    describe_counter!("yichuang_events_total", "Events written to the log");
    describe_histogram!("yichuang_commit_seconds", "Time of a transaction, waiting for the writer included");
    describe_histogram!("yichuang_hall_group_size", "Hall commands committed together");
    describe_gauge!("yichuang_feed_clients", "Live feeds open now, by view");
    describe_gauge!("yichuang_outbox_rows", "Side effects that are owed or need a person, by kind and state");
    describe_counter!("yichuang_outbox_sent_total", "Tries to carry out what is owed, by kind and how they ended");
}

/// Folds the samples taken since the last time; without it they would pile up until somebody asks.
pub fn fold_metrics() {
    if let Some(handle) = recorder() {
        handle.run_upkeep();
    }
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
