//! What is told of a hall: tickets, windows and lines as the API shows them. No personal data.

use std::collections::BTreeMap;

use domain::hall::{CallReason, Command, Event, Hall, Line, Target, Ticket, TicketState, Window, WindowState};
use domain::ids::{LineId, TicketId, WindowId};
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::serving::{HelpView, SetAsideView, VisitItemView, help_view, set_aside_view};
use crate::app::retry::Outcome;
use crate::app::words;

/// The rule that chose a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonView {
    /// Stable code.
    pub code: String,
    /// One sentence for the clerk.
    pub text: String,
    /// The figures behind it.
    pub figures: serde_json::Value,
}

/// Whom a window would call now, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextView {
    /// The ticket; null when nobody waits for the window.
    pub ticket_id: Option<String>,
    /// Why this one.
    pub reason: Option<ReasonView>,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct TicketView {
    pub id: String,
    pub number: String,
    pub line_id: String,
    pub line_name: String,
    #[schema(value_type = words::TicketState)]
    pub state: String,
    #[schema(value_type = words::TicketPriority)]
    pub priority: String,
    pub matter_ids: Vec<String>,
    pub ahead: u32,
    pub estimated_wait_s: u32,
    /// When it goes well: about one in five waits less.
    pub estimated_wait_optimistic_s: u32,
    pub tracking_code: String,
    pub short_code: String,
    pub issued_at: String,
    pub waited_since: Option<String>,
    /// The only window that calls it, after a transfer to a window.
    #[serde(default)]
    pub for_window_id: Option<String>,
    pub window_id: Option<String>,
    pub window_number: Option<u16>,
    pub called_at: Option<String>,
    pub started_at: Option<String>,
    pub recall_count: u32,
    pub miss_count: u32,
    pub topped: bool,
    pub walk_in: bool,
    /// When a paper number was entered afterwards; `issued_at` is when the person came.
    pub entered_at: Option<String>,
    #[schema(value_type = Option<words::VisitOutcome>)]
    pub outcome: Option<String>,
    /// The things of the visit, from its call on.
    pub items: Vec<VisitItemView>,
    /// Why it is parked or missed.
    pub set_aside: Option<SetAsideView>,
    /// Whether it waits since an earlier day, under a marked number.
    pub carried: bool,
    /// Why it ended with the day: `unserved_at_close`, `not_back`.
    #[schema(value_type = Option<words::ExpiryCause>)]
    pub expired_cause: Option<String>,
    pub actions: Vec<String>,
}

/// A window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct WindowView {
    pub id: String,
    pub number: u16,
    #[schema(value_type = words::WindowPurpose)]
    pub purpose: String,
    #[schema(value_type = words::WindowState)]
    pub state: String,
    pub text: Option<String>,
    pub line_ids: Vec<String>,
    pub staff_id: Option<String>,
    /// Since when it is open or paused.
    pub since: Option<String>,
    pub serving: Option<String>,
    /// An open call for the supervisor.
    pub help: Option<HelpView>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct LineView {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub waiting: u32,
    pub open: bool,
    pub stopped_text: Option<String>,
    pub estimated_wait_s: u32,
    /// When it goes well: about one in five waits less.
    pub estimated_wait_optimistic_s: u32,
    /// Whether it takes appointments.
    pub bookable: bool,
    /// Whether whoever leaves a phone number is told that the turn comes.
    pub reminds: bool,
}

/// The word of a serde enum without fields, e.g. `ordinary`.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A ticket as the API shows it.
#[must_use]
pub fn ticket_view(hall: &Hall, ticket: &Ticket) -> TicketView {
    let window = ticket.state.at_window().and_then(|id| hall.window(id));
    let (called_at, started_at, recall_count) = match &ticket.state {
        TicketState::Called { at, recall_count, .. } => (Some(*at), None, *recall_count),
        TicketState::Serving { called_at, started_at, .. } => (Some(*called_at), Some(*started_at), 0),
        _ => (None, None, 0),
    };
    let (waited_since, for_window_id, topped) = match &ticket.state {
        TicketState::Waiting { since, target, topped, .. } => {
            let for_window_id = match target {
                Target::Window { window_id } => Some(window_id.to_string()),
                Target::Line { .. } => None,
            };
            (Some(rfc3339(*since)), for_window_id, topped.is_some())
        }
        _ => (None, None, false),
    };
    let wait = hall.estimated_ticket_wait(&ticket.id).unwrap_or_default();
    TicketView {
        id: ticket.id.to_string(),
        number: ticket.number.clone(),
        line_id: ticket.line_id.to_string(),
        line_name: hall.line(&ticket.line_id).map(|line| line.name.clone()).unwrap_or_default(),
        state: ticket.state.name().to_owned(),
        priority: word(ticket.priority),
        matter_ids: ticket.matter_ids.iter().map(ToString::to_string).collect(),
        ahead: hall.ahead(&ticket.id).unwrap_or(0),
        estimated_wait_s: wait.normal_s,
        estimated_wait_optimistic_s: wait.optimistic_s,
        tracking_code: ticket.tracking_code.clone(),
        short_code: ticket.short_code.clone(),
        issued_at: rfc3339(ticket.issued_at),
        waited_since,
        for_window_id,
        window_id: window.map(|window| window.id.to_string()),
        window_number: window.map(|window| window.number),
        called_at: called_at.map(rfc3339),
        started_at: started_at.map(rfc3339),
        recall_count,
        miss_count: ticket.miss_count,
        topped,
        walk_in: ticket.walk_in,
        entered_at: ticket.entered_at.map(rfc3339),
        outcome: match &ticket.state {
            TicketState::Done { outcome, .. } => Some(word(outcome)),
            _ => None,
        },
        items: items_of(ticket),
        set_aside: set_aside_view(&ticket.state),
        carried: ticket.carried.is_some(),
        expired_cause: match &ticket.state {
            TicketState::Expired { cause, .. } => Some(word(cause)),
            _ => None,
        },
        actions: hall.allowed_with(ticket).iter().map(word).collect(),
    }
}

/// The things of a visit that has begun; before that they are the matters of the slip.
fn items_of(ticket: &Ticket) -> Vec<VisitItemView> {
    let item = |item: domain::hall::VisitItem| VisitItemView {
        line_id: item.line_id.to_string(),
        matter_id: item.matter_id.map(String::from),
        outcome: item.outcome.map(word),
    };
    match &ticket.state {
        TicketState::Called { .. } | TicketState::Serving { .. } => ticket.visit_items().into_iter().map(item).collect(),
        _ => ticket.items.iter().cloned().map(item).collect(),
    }
}

/// A window as the API shows it.
#[must_use]
pub fn window_view(window: &Window) -> WindowView {
    WindowView {
        id: window.id.to_string(),
        number: window.number,
        purpose: word(window.purpose),
        state: window.state.name().to_owned(),
        text: window.pause_text().map(str::to_owned),
        line_ids: window.current_line_ids().iter().map(ToString::to_string).collect(),
        staff_id: window.staff().map(ToString::to_string),
        since: match &window.state {
            WindowState::Closed => None,
            WindowState::Open { since, .. } | WindowState::Paused { since, .. } => Some(rfc3339(*since)),
        },
        help: window.help.as_ref().map(help_view),
        serving: window.serving.as_ref().map(ToString::to_string),
    }
}

/// A line as the API shows it; open when a number could be had now.
#[must_use]
pub fn line_view(hall: &Hall, line: &Line, now: Millis) -> LineView {
    let (refusal, wait) = (hall.issue_refusal(&line.id, now), hall.estimated_wait(&line.id));
    LineView {
        id: line.id.to_string(),
        name: line.name.clone(),
        prefix: line.prefix.clone(),
        waiting: hall.waiting_in(&line.id),
        open: refusal.is_none(),
        stopped_text: refusal.map(|refusal| refusal.message()),
        estimated_wait_s: wait.normal_s,
        estimated_wait_optimistic_s: wait.optimistic_s,
        bookable: hall.doc().policy.appointments.line(&line.id).is_some(),
        reminds: hall.doc().policy.reminders.are_on(),
    }
}

/// Tickets as a decision left them, those that ended with it too.
type Tickets = BTreeMap<TicketId, Ticket>;

fn ticket(hall: &Hall, named: &Tickets, id: &TicketId) -> serde_json::Value {
    let ticket = named.get(id).or_else(|| hall.ticket(id));
    ticket.map_or(serde_json::Value::Null, |ticket| json!(ticket_view(hall, ticket)))
}

fn window(hall: &Hall, id: &WindowId) -> Outcome {
    Outcome::success(200, Some(id.to_string()), hall.window(id).map_or(serde_json::Value::Null, |window| json!(window_view(window))))
}

fn line(hall: &Hall, id: &LineId, now: Millis) -> Outcome {
    Outcome::success(200, Some(id.to_string()), hall.line(id).map_or(serde_json::Value::Null, |line| json!(line_view(hall, line, now))))
}

fn called(hall: &Hall, named: &Tickets, events: &[Event]) -> Outcome {
    let Some((id, reason)) = events.iter().find_map(Event::as_call) else {
        return Outcome::success(200, None, json!({ "ticket": null }));
    };
    Outcome::success(200, Some(id.to_string()), json!({ "ticket": ticket(hall, named, id), "reason": reason_view(reason) }))
}

/// A rule in words.
pub(in crate::app) fn reason_view(reason: &CallReason) -> ReasonView {
    ReasonView { code: reason.code().to_owned(), text: reason.explain(), figures: json!(reason) }
}

/// Whom a window would call at an instant.
#[must_use]
pub fn next_view(hall: &Hall, window: &Window, at: Millis) -> NextView {
    let (ticket_id, reason) = hall.next_for(window, at).map(|(id, reason)| (id.to_string(), reason_view(&reason))).unzip();
    NextView { ticket_id, reason }
}

/// What a command came to, from the hall after it.
pub(super) fn outcome_of(hall: &Hall, named: &Tickets, command: &Command, events: &[Event], now: Millis) -> Outcome {
    match command {
        Command::Issue(new) | Command::EnterPaper { ticket: new, .. } => {
            Outcome::success(201, Some(new.ticket_id.to_string()), ticket(hall, named, &new.ticket_id))
        }
        Command::WalkIn { ticket: new, .. } => {
            Outcome::success(201, Some(new.ticket_id.to_string()), json!({ "ticket": ticket(hall, named, &new.ticket_id) }))
        }
        Command::CallNext { .. } | Command::CallTicket { .. } => called(hall, named, events),
        Command::OpenWindow { window_id, .. }
        | Command::PauseWindow { window_id, .. }
        | Command::CloseWindow { window_id }
        | Command::TakeOver { window_id, .. }
        | Command::RequestHelp { window_id, .. }
        | Command::AcknowledgeHelp { window_id }
        | Command::ResolveHelp { window_id } => window(hall, window_id),
        Command::StopLine { line_id, .. } | Command::ResumeLine { line_id } => line(hall, line_id, now),
        Command::Recall { ticket_id }
        | Command::Start { ticket_id }
        | Command::Finish { ticket_id, .. }
        | Command::AddItem { ticket_id, .. }
        | Command::SettleItem { ticket_id, .. }
        | Command::FinishEach { ticket_id, .. }
        | Command::Miss { ticket_id, .. }
        | Command::PutBack { ticket_id, .. }
        | Command::Requeue { ticket_id }
        | Command::Park { ticket_id, .. }
        | Command::Resume { ticket_id }
        | Command::Transfer { ticket_id, .. }
        | Command::Top { ticket_id, .. }
        | Command::Untop { ticket_id }
        | Command::Abandon { ticket_id } => Outcome::success(200, Some(ticket_id.to_string()), ticket(hall, named, ticket_id)),
        Command::Configure { .. }
        | Command::ScheduleConfiguration { .. }
        | Command::CancelConfiguration { .. }
        | Command::Rearrange { .. }
        | Command::PlanDay { .. }
        | Command::Part { .. }
        | Command::Rejoin { .. }
        | Command::Tick => Outcome::success(200, None, json!({ "version": hall.version() })),
    }
}
