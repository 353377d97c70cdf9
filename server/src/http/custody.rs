//! Routes of handing result documents on: the record, its paper, and the way of one document.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ids::{CertificateId, CustodyRecordId};
use domain::rights::Operation;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, Signed, body_of};
use super::paging::Page;
use super::papers::pdf_reply;
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::custody::{CustodyRecordRequest, CustodyRecordView, CustodyStepView, CustodyView};
use crate::app::error::AppError;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(read_custody, hand_on)).routes(routes!(read_custody_paper)).routes(routes!(read_custody_chain))
}

/// The last record of documents that were handed on, and who could give.
#[utoipa::path(get, path = "/sites/{site}/custody-records", tag = "certificates", params(("site" = String, Path)), responses((status = 200, body = CustodyView)))]
async fn read_custody(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<CustodyView>> {
    let permit = signed.permit(Operation::ReadCabinet, &site)?;
    Ok(Json(server.app.custody(&permit).await?))
}

/// Record that documents were handed on to the caller, by a colleague or by somebody without an account.
#[utoipa::path(post, path = "/sites/{site}/custody-records", tag = "certificates", params(("site" = String, Path)), request_body = CustodyRecordRequest, responses((status = 201, body = CustodyRecordView)))]
async fn hand_on(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::KeepCabinet, &site)?;
    let retry = command.retry(&signed.0)?;
    Ok(OutcomeReply(server.app.hand_on(&permit, body_of(&command), retry.as_ref()).await?))
}

/// The paper of a record that both sides sign, `{record}.pdf`; it names no applicant.
#[utoipa::path(get, path = "/sites/{site}/custody-records/{custody_record}", tag = "certificates", params(("site" = String, Path), ("custody_record" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
async fn read_custody_paper(State(server): State<Server>, signed: Signed, Path((site, record)): Path<(String, String)>) -> Reply<Response> {
    let permit = signed.permit(Operation::ReadCabinet, &site)?;
    let id = record.strip_suffix(".pdf").and_then(CustodyRecordId::parse).ok_or(AppError::NotFound)?;
    Ok(pdf_reply("custody-record", server.app.custody_paper(&permit, &id).await?))
}

/// The way of one document through hands and places, in order.
#[utoipa::path(get, path = "/certificates/{certificate}/custody", tag = "certificates", params(("certificate" = String, Path)), responses((status = 200, body = Page<CustodyStepView>)))]
async fn read_custody_chain(State(server): State<Server>, signed: Signed, Path(id): Path<String>) -> Reply<Json<Page<CustodyStepView>>> {
    let id = CertificateId::parse(&id).ok_or(AppError::NotFound)?;
    Ok(Json(Page::whole(server.app.custody_chain(signed.staff()?, &id).await?)))
}
