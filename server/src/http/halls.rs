//! Routes of lines, windows and tickets.

use axum::Json;
use axum::extract::{Path, State};
use domain::hall::{Command as HallCommand, ItemOutcome};
use domain::ids::{LineId, TicketId, WindowId};
use domain::rights::Operation;
use protocol::device::Opening;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Command, NoFields, Params, Signed, site_of};
use super::paging::{Page, Paging};
use super::problem::{OutcomeReply, Reply};
use super::state::Server;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::hall::{IssueRequest, LineView, NextView, OpenRequest, TicketView, WindowView, reason, transfer, visit_outcome};
use crate::app::persons::PersonData;
use crate::app::reveals::{RevealRequest, Revealed};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(list_lines))
        .routes(routes!(read_opening_hours))
        .routes(routes!(list_windows))
        .routes(routes!(issue_ticket, list_tickets))
        .routes(routes!(read_ticket))
        .routes(routes!(reveal_ticket))
        .routes(routes!(act_on_ticket))
        .routes(routes!(open_window))
        .routes(routes!(pause_window))
        .routes(routes!(close_window))
        .routes(routes!(take_over_window))
        .routes(routes!(request_help))
        .routes(routes!(acknowledge_help))
        .routes(routes!(resolve_help))
        .routes(routes!(call_next))
        .routes(routes!(read_next))
        .routes(routes!(call_ticket))
        .routes(routes!(walk_in))
        .routes(routes!(stop_line))
        .routes(routes!(resume_line))
}

fn window_permit(server: &Server, signed: &Signed, window: &str, operation: Operation) -> Answer<(WindowId, Permit)> {
    let id = WindowId::parse(window).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    // A supervisor can do what a stuck window cannot.
    let permit = match signed.permit(operation, &site_id) {
        Err(AppError::Forbidden { .. }) if operation == Operation::OperateWindow => signed.permit(Operation::SuperviseHall, &site_id),
        other => other,
    };
    Ok((id, permit?))
}

fn ticket_permit(server: &Server, signed: &Signed, ticket: &str, operation: Operation) -> Answer<(TicketId, Permit)> {
    let id = TicketId::parse(ticket).ok_or(AppError::NotFound)?;
    let site_id = site_of(server, id.site_key())?;
    let permit = match signed.permit(operation, &site_id) {
        Err(AppError::Forbidden { .. }) if operation == Operation::OperateWindow => signed.permit(Operation::SuperviseHall, &site_id),
        other => other,
    };
    Ok((id, permit?))
}

/// Lines of a hall, for everybody.
#[utoipa::path(get, path = "/sites/{site}/lines", tag = "halls", params(("site" = String, Path)), responses((status = 200, body = Page<LineView>)))]
async fn list_lines(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<Page<LineView>>> {
    Ok(Json(Page::whole(server.app.lines(&site).await?)))
}

/// When a hall is open today, and when it opens next.
#[utoipa::path(get, path = "/sites/{site}/opening-hours", tag = "halls", params(("site" = String, Path)), responses((status = 200, body = Opening)))]
async fn read_opening_hours(State(server): State<Server>, Path(site): Path<String>) -> Reply<Json<Opening>> {
    Ok(Json(server.app.opening_hours(&site).await?))
}

/// Windows of a hall.
#[utoipa::path(get, path = "/sites/{site}/windows", tag = "halls", params(("site" = String, Path)), responses((status = 200, body = Page<WindowView>)))]
async fn list_windows(State(server): State<Server>, signed: Signed, Path(site): Path<String>) -> Reply<Json<Page<WindowView>>> {
    let permit = signed.permit(Operation::ReadSites, &site)?;
    Ok(Json(Page::whole(server.app.windows(&permit).await?)))
}

/// Take a number.
#[utoipa::path(post, path = "/sites/{site}/tickets", tag = "tickets", params(("site" = String, Path)), request_body = IssueRequest, responses((status = 201, body = TicketView)))]
async fn issue_ticket(State(server): State<Server>, signed: Signed, Path(site): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let permit = signed.permit(Operation::IssueTicket, &site)?;
    let retry = command.retry(&signed.0)?;
    let request = command.body();
    let outcome = match request {
        Ok(request) => server.app.issue_ticket(&permit, request, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Which tickets are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TicketFilter {
    /// Only this state.
    state: Option<String>,
    /// Only this line.
    line_id: Option<String>,
}

/// Today's tickets.
#[utoipa::path(get, path = "/sites/{site}/tickets", tag = "tickets", params(("site" = String, Path), TicketFilter, Paging), responses((status = 200, body = Page<TicketView>)))]
async fn list_tickets(
    State(server): State<Server>,
    signed: Signed,
    Path(site): Path<String>,
    params: Params,
) -> Reply<Json<Page<TicketView>>> {
    let permit = signed.permit(Operation::ReadHall, &site)?;
    let (filter, paging): (TicketFilter, Paging) = (params.read()?, params.read()?);
    let tickets = server.app.tickets(&permit, filter.state.as_deref(), filter.line_id.as_deref()).await?;
    Ok(Json(paging.page(tickets, |ticket| ticket.id.clone())?))
}

/// One ticket.
#[utoipa::path(get, path = "/tickets/{ticket}", tag = "tickets", params(("ticket" = String, Path)), responses((status = 200, body = TicketView)))]
async fn read_ticket(State(server): State<Server>, signed: Signed, Path(ticket): Path<String>) -> Reply<Json<TicketView>> {
    let (id, permit) = ticket_permit(&server, &signed, &ticket, Operation::ReadHall)?;
    Ok(Json(server.app.ticket(&permit, &id).await?))
}

/// The holder's data unmasked; the read is an event.
#[utoipa::path(post, path = "/tickets/{ticket}/reveal", tag = "tickets", params(("ticket" = String, Path)), request_body = RevealRequest, responses((status = 200, body = PersonData)))]
async fn reveal_ticket(State(server): State<Server>, signed: Signed, Path(ticket): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = ticket_permit(&server, &signed, &ticket, Operation::RevealTicket)?;
    let retry = command.retry(&signed.0)?;
    let revealed = server.app.reveal_ticket(&permit, &id, &command.body()?, retry.as_ref()).await?;
    Ok(revealed_reply(revealed)?)
}

/// A reveal as a response: the data where it was shown, else the refusal.
pub(super) fn revealed_reply(revealed: Revealed) -> Answer<OutcomeReply> {
    let Revealed { mut outcome, data, .. } = revealed;
    if let Some(data) = data {
        outcome.body = serde_json::to_value(data)?;
    }
    Ok(OutcomeReply(outcome))
}

/// What came of one thing of a visit.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemOutcomeInput {
    /// Its place among the items, from 0.
    pub item: u32,
    /// What came of it.
    #[schema(value_type = crate::app::words::VisitOutcome)]
    pub outcome: String,
}

/// Body of an action on a ticket; which fields count depends on the action.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketActionRequest {
    /// For finish and settle-item.
    #[schema(value_type = Option<crate::app::words::VisitOutcome>)]
    pub outcome: Option<String>,
    /// For finish, when several things of the visit have no outcome yet.
    pub outcomes: Option<Vec<ItemOutcomeInput>>,
    /// For settle-item: its place among the items, from 0.
    pub item: Option<u32>,
    /// For add-item.
    pub matter_id: Option<String>,
    /// For miss, park, top, put-back, transfer, abandon; from a supervisor for whatever is done in the place of the person at a window.
    pub reason: Option<String>,
    /// For transfer and add-item.
    pub line_id: Option<String>,
    /// For transfer.
    pub window_id: Option<String>,
    /// For transfer: `first`, `last`, `lifetime`.
    pub position: Option<String>,
}

/// Recall, start, add-item, settle-item, finish, miss, put-back, park, resume, transfer, top, untop, abandon or requeue a ticket.
#[utoipa::path(post, path = "/tickets/{ticket}/{action}", tag = "tickets", params(("ticket" = String, Path), ("action" = String, Path)), request_body = TicketActionRequest, responses((status = 200, body = TicketView)))]
async fn act_on_ticket(
    State(server): State<Server>,
    signed: Signed,
    Path((ticket, action)): Path<(String, String)>,
    command: Command,
) -> Reply<OutcomeReply> {
    let operation = match action.as_str() {
        "recall" | "start" | "add-item" | "settle-item" | "finish" | "miss" | "put-back" | "park" => Operation::OperateWindow,
        "resume" | "transfer" | "top" | "untop" | "abandon" | "requeue" => Operation::ManageTickets,
        _ => return Err(AppError::NotFound.into()),
    };
    let (ticket_id, permit) = ticket_permit(&server, &signed, &ticket, operation)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<TicketActionRequest>() {
        Ok(body) if action == "add-item" => match because(&permit, &action, body.reason.as_deref()) {
            Ok(because) => {
                let what = (body.matter_id.as_deref(), body.line_id.as_deref());
                server.app.add_item(&permit, ticket_id, what, because, retry.clone()).await
            }
            Err(error) => Err(error),
        },
        Ok(body) => match ticket_command(&action, ticket_id, &body)
            .and_then(|wish| Ok((wish, because(&permit, &action, body.reason.as_deref())?)))
        {
            Ok((wish, because)) => server.app.act_because(&permit, wish, because, retry.clone()).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Why a supervisor does what belongs to the person at a window, sends a ticket on or gives it up: required of who may
/// not sit at a window himself. Everybody else may say why for the last two.
fn because(permit: &Permit, action: &str, text: Option<&str>) -> Answer<Option<String>> {
    const OUT_OF_HANDS: &[&str] = &["recall", "start", "add-item", "settle-item", "finish", "miss", "put-back", "park", "pause", "close"];
    let caller = permit.caller();
    let of_anybody = matches!(action, "transfer" | "abandon");
    if caller.permit(Operation::SuperviseHall, permit.site_id()).is_err() {
        return if of_anybody { reason("reason", text, false) } else { Ok(None) };
    }
    let is_no_clerk = caller.permit(Operation::OperateWindow, permit.site_id()).is_err();
    reason("reason", text, is_no_clerk && (of_anybody || OUT_OF_HANDS.contains(&action)))
}

fn outcome(field: &str, text: Option<&str>) -> Answer<domain::hall::Outcome> {
    text.and_then(visit_outcome).ok_or_else(|| AppError::field(field, "unknown", "选一下这次办成了什么"))
}

fn ticket_command(action: &str, ticket_id: TicketId, request: &TicketActionRequest) -> Answer<HallCommand> {
    Ok(match action {
        "recall" => HallCommand::Recall { ticket_id },
        "start" => HallCommand::Start { ticket_id },
        "finish" => match &request.outcomes {
            None => HallCommand::Finish { ticket_id, outcome: outcome("outcome", request.outcome.as_deref())? },
            Some(_) if request.outcome.is_some() => return Err(AppError::field("outcome", "one_of", "结果写一处：一件的，或者每件的")),
            Some(given) => {
                let mut seen = std::collections::BTreeSet::new();
                if let Some(place) = given.iter().position(|given| !seen.insert(given.item)) {
                    return Err(AppError::field(&format!("outcomes[{place}].item"), "duplicate", "同一件写了两次"));
                }
                let each = |(place, given): (usize, &ItemOutcomeInput)| {
                    Ok(ItemOutcome { item: given.item, outcome: outcome(&format!("outcomes[{place}].outcome"), Some(&given.outcome))? })
                };
                HallCommand::FinishEach { ticket_id, outcomes: given.iter().enumerate().map(each).collect::<Answer<_>>()? }
            }
        },
        "settle-item" => {
            let item = request.item.ok_or_else(|| AppError::field("item", "missing", "说一下是哪一件"))?;
            HallCommand::SettleItem { ticket_id, settled: ItemOutcome { item, outcome: outcome("outcome", request.outcome.as_deref())? } }
        }
        "put-back" => HallCommand::PutBack { ticket_id, reason: reason("reason", request.reason.as_deref(), true)?.unwrap_or_default() },
        "miss" => HallCommand::Miss { ticket_id, reason: reason("reason", request.reason.as_deref(), false)? },
        "park" => HallCommand::Park { ticket_id, reason: reason("reason", request.reason.as_deref(), false)? },
        "resume" => HallCommand::Resume { ticket_id },
        "transfer" => {
            let (to, position) = transfer(request.line_id.as_deref(), request.window_id.as_deref(), request.position.as_deref())?;
            HallCommand::Transfer { ticket_id, to, position, holder_keys: Vec::new() }
        }
        "top" => HallCommand::Top { ticket_id, reason: reason("reason", request.reason.as_deref(), true)?.unwrap_or_default() },
        "untop" => HallCommand::Untop { ticket_id },
        "abandon" => HallCommand::Abandon { ticket_id },
        "requeue" => HallCommand::Requeue { ticket_id },
        _ => return Err(AppError::NotFound),
    })
}

/// Sit down at a window.
#[utoipa::path(post, path = "/windows/{window}/open", tag = "windows", params(("window" = String, Path)), request_body = OpenRequest, responses((status = 200, body = WindowView)))]
async fn open_window(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = window_permit(&server, &signed, &window, Operation::OperateWindow)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body() {
        Ok(request) => server.app.open_window(&permit, id, request, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// A text for people.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownTextRequest {
    /// Why, for people.
    pub text: Option<String>,
    /// Why a supervisor does it in the place of the person at the window.
    pub reason: Option<String>,
}

/// Why a supervisor does it in the place of the person at the window.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BecauseRequest {
    /// Why.
    pub reason: Option<String>,
}

/// A reason that is required.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// Why.
    pub reason: Option<String>,
}

async fn on_window<B: serde::de::DeserializeOwned>(
    server: &Server,
    signed: &Signed,
    window: &str,
    operation: Operation,
    command: &Command,
    wish: impl FnOnce(WindowId, B) -> Answer<HallCommand>,
) -> Reply<OutcomeReply> {
    on_window_because(server, signed, window, operation, command, |id, body, _| Ok((wish(id, body)?, None))).await
}

async fn on_window_because<B: serde::de::DeserializeOwned>(
    server: &Server,
    signed: &Signed,
    window: &str,
    operation: Operation,
    command: &Command,
    wish: impl FnOnce(WindowId, B, &Permit) -> Answer<(HallCommand, Option<String>)>,
) -> Reply<OutcomeReply> {
    let (id, permit) = window_permit(server, signed, window, operation)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body().and_then(|body| wish(id, body, &permit)) {
        Ok((wish, because)) => server.app.act_because(&permit, wish, because, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Leave a window for a while.
#[utoipa::path(post, path = "/windows/{window}/pause", tag = "windows", params(("window" = String, Path)), request_body = ShownTextRequest, responses((status = 200, body = WindowView)))]
async fn pause_window(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window_because(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, body: ShownTextRequest, permit| {
        let text = reason("text", body.text.as_deref(), false)?;
        Ok((HallCommand::PauseWindow { window_id, text }, because(permit, "pause", body.reason.as_deref())?))
    })
    .await
}

/// Leave a window.
#[utoipa::path(post, path = "/windows/{window}/close", tag = "windows", params(("window" = String, Path)), request_body = BecauseRequest, responses((status = 200, body = WindowView)))]
async fn close_window(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window_because(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, body: BecauseRequest, permit| {
        Ok((HallCommand::CloseWindow { window_id }, because(permit, "close", body.reason.as_deref())?))
    })
    .await
}

/// Call for the supervisor; once until that is settled.
#[utoipa::path(post, path = "/windows/{window}/help", tag = "windows", params(("window" = String, Path)), request_body = BecauseRequest, responses((status = 200, body = WindowView)))]
async fn request_help(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, body: BecauseRequest| {
        Ok(HallCommand::RequestHelp { window_id, reason: reason("reason", body.reason.as_deref(), false)? })
    })
    .await
}

/// A supervisor is coming.
#[utoipa::path(post, path = "/windows/{window}/acknowledge-help", tag = "windows", params(("window" = String, Path)), request_body = NoFields, responses((status = 200, body = WindowView)))]
async fn acknowledge_help(
    State(server): State<Server>,
    signed: Signed,
    Path(window): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::SuperviseHall, &command, |window_id, _: NoFields| {
        Ok(HallCommand::AcknowledgeHelp { window_id })
    })
    .await
}

/// Help is no longer needed.
#[utoipa::path(post, path = "/windows/{window}/resolve-help", tag = "windows", params(("window" = String, Path)), request_body = NoFields, responses((status = 200, body = WindowView)))]
async fn resolve_help(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, _: NoFields| {
        Ok(HallCommand::ResolveHelp { window_id })
    })
    .await
}

/// Take the place of the person at a window (AB角).
#[utoipa::path(post, path = "/windows/{window}/take-over", tag = "windows", params(("window" = String, Path)), request_body = ReasonRequest, responses((status = 200, body = WindowView)))]
async fn take_over_window(
    State(server): State<Server>,
    signed: Signed,
    Path(window): Path<String>,
    command: Command,
) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, body: ReasonRequest| {
        Ok(HallCommand::TakeOver { window_id, reason: reason("reason", body.reason.as_deref(), true)?.unwrap_or_default() })
    })
    .await
}

/// Call the next ticket; `ticket` is null when nobody waits.
#[utoipa::path(post, path = "/windows/{window}/call-next", tag = "windows", params(("window" = String, Path)), request_body = NoFields, responses((status = 200, body = CalledView)))]
async fn call_next(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, _: NoFields| {
        Ok(HallCommand::CallNext { window_id })
    })
    .await
}

/// Whom this window would call now, and why; nothing changes.
#[utoipa::path(get, path = "/windows/{window}/next", tag = "windows", params(("window" = String, Path)), responses((status = 200, body = NextView)))]
async fn read_next(State(server): State<Server>, signed: Signed, Path(window): Path<String>) -> Reply<Json<NextView>> {
    let (id, permit) = window_permit(&server, &signed, &window, Operation::ReadHall)?;
    Ok(Json(server.app.next_call(&permit, &id).await?))
}

/// A call and the rule that chose it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalledView {
    /// The ticket; null when nobody waits.
    pub ticket: Option<TicketView>,
    /// Why this one.
    pub reason: Option<crate::app::hall::ReasonView>,
}

/// A ticket by name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallRequest {
    /// The ticket.
    pub ticket_id: String,
    /// Why out of order.
    pub reason: Option<String>,
}

/// Call a ticket by name.
#[utoipa::path(post, path = "/windows/{window}/call", tag = "windows", params(("window" = String, Path)), request_body = CallRequest, responses((status = 200, body = CalledView)))]
async fn call_ticket(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_window(&server, &signed, &window, Operation::OperateWindow, &command, |window_id, body: CallRequest| {
        let ticket_id = TicketId::parse(&body.ticket_id).ok_or_else(|| AppError::field("ticket_id", "unknown", "没有这个号"))?;
        Ok(HallCommand::CallTicket { window_id, ticket_id, reason: reason("reason", body.reason.as_deref(), true)?.unwrap_or_default() })
    })
    .await
}

/// Somebody without a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkInRequest {
    /// The line the visit belongs to.
    pub line_id: String,
}

/// Serve somebody without a ticket at once.
#[utoipa::path(post, path = "/windows/{window}/walk-in", tag = "windows", params(("window" = String, Path)), request_body = WalkInRequest, responses((status = 201, body = CalledView)))]
async fn walk_in(State(server): State<Server>, signed: Signed, Path(window): Path<String>, command: Command) -> Reply<OutcomeReply> {
    let (id, permit) = window_permit(&server, &signed, &window, Operation::OperateWindow)?;
    let retry = command.retry(&signed.0)?;
    let outcome = match command.body::<WalkInRequest>() {
        Ok(request) => server.app.walk_in(&permit, id, &request.line_id, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

async fn on_line(server: &Server, signed: &Signed, line: &str, command: &Command, stop: bool) -> Reply<OutcomeReply> {
    let line_id = LineId::parse(line).ok_or(AppError::NotFound)?;
    let permit = signed.permit(Operation::SuperviseHall, &site_of(server, line_id.site_key())?)?;
    let retry = command.retry(&signed.0)?;
    let wish = if stop {
        command
            .body::<ShownTextRequest>()
            .and_then(|body| reason("text", body.text.as_deref(), true))
            .map(|text| HallCommand::StopLine { line_id, text: text.unwrap_or_default() })
    } else {
        command.body::<NoFields>().map(|_| HallCommand::ResumeLine { line_id })
    };
    let outcome = match wish {
        Ok(wish) => server.app.act_on_ticket(&permit, wish, retry.clone()).await,
        Err(error) => Err(error),
    };
    Ok(OutcomeReply(server.app.keep_invalid(permit.site_id(), retry, outcome).await?))
}

/// Give no more numbers in a line.
#[utoipa::path(post, path = "/lines/{line}/stop", tag = "halls", params(("line" = String, Path)), request_body = ShownTextRequest, responses((status = 200, body = LineView)))]
async fn stop_line(State(server): State<Server>, signed: Signed, Path(line): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_line(&server, &signed, &line, &command, true).await
}

/// Give numbers again.
#[utoipa::path(post, path = "/lines/{line}/resume", tag = "halls", params(("line" = String, Path)), request_body = NoFields, responses((status = 200, body = LineView)))]
async fn resume_line(State(server): State<Server>, signed: Signed, Path(line): Path<String>, command: Command) -> Reply<OutcomeReply> {
    on_line(&server, &signed, &line, &command, false).await
}
