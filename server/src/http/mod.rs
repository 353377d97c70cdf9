//! Routes, extractors and problem documents; one file per noun.
//!
//! Architecture Invariant: a route takes a request apart, asks one use case and puts the answer
//! together. No rule, no store and no SQL here.

mod alerts;
mod application_files;
mod applications;
mod appointments;
mod assistances;
mod attachments;
mod bag;
mod board_content;
mod bundle_drafts;
mod bundles;
mod cabinet_counts;
mod calendar;
mod cases;
mod catalogue;
mod citizens;
mod complaints;
mod custody;
mod device_care;
mod device_commands;
mod device_session;
mod device_wire;
mod devices;
mod earlier;
mod evaluations;
mod events;
mod extract;
mod feed;
mod figures;
mod first_contacts;
mod guide_files;
mod halls;
mod health;
mod identity;
mod imports;
mod keeper;
mod lists;
mod lost;
mod matters;
mod notifications;
mod opening;
mod own_cases;
mod pages;
mod paging;
mod paper;
mod paper_templates;
mod papers;
mod people;
mod persons;
mod phone;
mod plan;
mod policy;
mod practice;
mod problem;
mod public;
mod rooms;
mod sessions;
mod sites;
mod socket;
mod staff;
mod state;
mod system;
mod templates;
mod trace;
mod tracking;
mod tracking_feed;
mod upstream;

pub use extract::COOKIE;
pub use health::fold_metrics;
pub use pages::demo_page;
pub use public::PUBLIC_ROUTES;
pub use state::Server;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    components(schemas(protocol::feed::View, protocol::feed::BoardState, protocol::feed::BoardEvent, crate::feed::DeskState)),
    info(title = "一窗 Yichuang", description = "Queue and one-window acceptance for service centres", version = "1")
)]
struct ApiDoc;

fn api() -> OpenApiRouter<Server> {
    let v1 = OpenApiRouter::new()
        .merge(sessions::routes())
        .merge(sites::routes())
        .merge(catalogue::routes())
        .merge(calendar::routes())
        .merge(policy::routes())
        .merge(halls::routes())
        .merge(lost::routes())
        .merge(paper::routes())
        .merge(phone::routes())
        .merge(appointments::routes())
        .merge(cases::routes())
        .merge(cabinet_counts::routes())
        .merge(custody::routes())
        .merge(attachments::routes())
        .merge(assistances::routes())
        .merge(applications::routes())
        .merge(application_files::routes())
        .merge(citizens::routes())
        .merge(identity::routes())
        .merge(own_cases::routes())
        .merge(lists::routes())
        .merge(bundles::routes())
        .merge(bundle_drafts::routes())
        .merge(persons::routes())
        .merge(tracking::routes())
        .merge(tracking_feed::routes())
        .merge(evaluations::routes())
        .merge(complaints::routes())
        .merge(figures::routes())
        .merge(first_contacts::routes())
        .merge(plan::routes())
        .merge(papers::routes())
        .merge(alerts::routes())
        .merge(events::routes())
        .merge(notifications::routes())
        .merge(devices::routes())
        .merge(board_content::routes())
        .merge(staff::routes())
        .merge(people::routes())
        .merge(practice::routes())
        .merge(guide_files::routes())
        .merge(opening::routes())
        .merge(rooms::routes())
        .merge(imports::routes())
        .merge(matters::routes())
        .merge(system::routes())
        .merge(upstream::routes())
        .merge(templates::routes())
        .merge(paper_templates::routes())
        .merge(feed::routes())
        .merge(keeper::routes())
        .merge(bag::routes())
        .merge(earlier::routes());
    OpenApiRouter::with_openapi(ApiDoc::openapi()).nest("/api/v1", v1)
}

/// The OpenAPI document, the source of the pages' client.
#[must_use]
pub fn openapi() -> Document {
    api().split_for_parts().1
}

/// The whole service.
pub fn router(server: Server) -> Router {
    router_with(server, Router::new())
}

/// The whole service with routes of somebody else beside its own, behind the same layers: the benchmark's.
pub fn router_with(server: Server, more: Router<Server>) -> Router {
    let (routes, document) = api().split_for_parts();
    let document = serde_json::to_string(&document).unwrap_or_default();
    routes
        .route("/api/openapi.json", axum::routing::get(move || async move { ([("content-type", "application/json")], document) }))
        .merge(health::routes())
        .merge(pages::routes())
        .merge(more)
        .fallback(pages::not_found)
        .method_not_allowed_fallback(problem::no_method)
        .layer(middleware::from_fn_with_state(server.clone(), trace::trace))
        .layer(DefaultBodyLimit::max(extract::BODY_BYTES_MAX))
        .layer(
            tower_http::compression::CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new("video/"))),
        )
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .with_state(server)
}
