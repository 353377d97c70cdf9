//! What the keeper answers, in the words and shapes of the API: tickets, windows, lines, problems.

use std::collections::BTreeMap;

use domain::hall::{Command, Event, Hall, Line, Refusal, Target, Ticket, TicketState, Window, WindowState};
use domain::ids::TicketId;
use domain::time::Millis;
use edge::clock::rfc3339;
use edge::problem::problem;
use protocol::device::KioskLine;
use serde_json::{Value, json};

use crate::Answer;

type Ended = BTreeMap<TicketId, Ticket>;

/// A problem document of the keeper's own.
pub(super) fn own(status: u16, code: &str, title: &str, detail: &str) -> Answer {
    crate::kiosk::own(status, code, title, detail, "")
}

/// A rule said no.
pub(super) fn refused(refusal: &Refusal) -> Answer {
    let message = refusal.message();
    let mut body = problem(409, refusal.code(), &message, &message, "");
    // The figures of the refusal stand beside it, as the server tells them.
    if let (Some(body), Ok(Value::Object(facts))) = (body.as_object_mut(), serde_json::to_value(refusal)) {
        for (name, fact) in facts {
            body.entry(name).or_insert(fact);
        }
    }
    Answer { status: 409, body, replayed: false }
}

/// A ticket.
pub(super) fn ticket(hall: &Hall, ticket: &Ticket) -> Value {
    let window = ticket.state.at_window().and_then(|id| hall.window(id));
    let (called_at, started_at, recall_count) = match &ticket.state {
        TicketState::Called { at, recall_count, .. } => (Some(*at), None, *recall_count),
        TicketState::Serving { called_at, started_at, .. } => (Some(*called_at), Some(*started_at), 0),
        _ => (None, None, 0),
    };
    let (waited_since, for_window_id, topped) = match &ticket.state {
        TicketState::Waiting { since, target, topped, .. } => {
            let window_id = if let Target::Window { window_id } = target { Some(window_id) } else { None };
            (Some(*since), window_id, topped.is_some())
        }
        _ => (None, None, false),
    };
    let set_aside = match &ticket.state {
        TicketState::Parked { at, reason, remind_at, reminded_at, .. } => json!({
            "since": rfc3339(*at), "reason": reason, "remind_at": remind_at.map(rfc3339), "reminded_at": reminded_at.map(rfc3339),
        }),
        TicketState::Missed { at, reason, .. } => {
            json!({ "since": rfc3339(*at), "reason": reason, "remind_at": null, "reminded_at": null })
        }
        _ => Value::Null,
    };
    let outcome = if let TicketState::Done { outcome, .. } = &ticket.state { json!(outcome) } else { Value::Null };
    let expired_cause = if let TicketState::Expired { cause, .. } = &ticket.state { json!(cause) } else { Value::Null };
    let wait = hall.estimated_ticket_wait(&ticket.id).unwrap_or_default();
    json!({
        "id": ticket.id, "number": ticket.number, "line_id": ticket.line_id,
        "line_name": hall.line(&ticket.line_id).map(|line| line.name.as_str()).unwrap_or_default(),
        "state": ticket.state.name(), "priority": ticket.priority, "matter_ids": ticket.matter_ids,
        "ahead": hall.ahead(&ticket.id).unwrap_or(0), "estimated_wait_s": wait.normal_s,
        "estimated_wait_optimistic_s": wait.optimistic_s, "tracking_code": ticket.tracking_code, "short_code": ticket.short_code,
        "issued_at": rfc3339(ticket.issued_at), "waited_since": waited_since.map(rfc3339), "for_window_id": for_window_id,
        "window_id": window.map(|window| &window.id), "window_number": window.map(|window| window.number),
        "called_at": called_at.map(rfc3339), "started_at": started_at.map(rfc3339), "recall_count": recall_count,
        "miss_count": ticket.miss_count, "topped": topped, "walk_in": ticket.walk_in,
        "entered_at": ticket.entered_at.map(rfc3339), "outcome": outcome, "items": items(ticket), "set_aside": set_aside,
        "carried": ticket.carried.is_some(), "expired_cause": expired_cause, "actions": hall.allowed_with(ticket),
        "left": hall.is_left(&ticket.id),
    })
}

fn items(ticket: &Ticket) -> Vec<Value> {
    let item = |item: &domain::hall::VisitItem| json!({ "line_id": item.line_id, "matter_id": item.matter_id, "outcome": item.outcome });
    match &ticket.state {
        TicketState::Called { .. } | TicketState::Serving { .. } => ticket.visit_items().iter().map(item).collect(),
        _ => ticket.items.iter().map(item).collect(),
    }
}

/// A window.
pub(super) fn window(window: &Window) -> Value {
    let since = match &window.state {
        WindowState::Closed => None,
        WindowState::Open { since, .. } | WindowState::Paused { since, .. } => Some(*since),
    };
    json!({
        "id": window.id, "number": window.number, "purpose": window.purpose, "state": window.state.name(), "text": window.pause_text(),
        "line_ids": window.current_line_ids(), "staff_id": window.staff(), "since": since.map(rfc3339), "serving": window.serving,
        "help": null,
    })
}

/// A line as the kiosk offers it.
pub(super) fn kiosk_line(hall: &Hall, line: &Line, now: Millis) -> KioskLine {
    let refusal = hall.issue_refusal(&line.id, now);
    let wait = hall.estimated_wait(&line.id);
    KioskLine {
        id: line.id.to_string(),
        name: line.name.clone(),
        prefix: line.prefix.clone(),
        waiting: hall.waiting_in(&line.id),
        open: refusal.is_none(),
        estimated_wait_s: wait.normal_s,
        estimated_wait_optimistic_s: wait.optimistic_s,
        stopped_text: refusal.map(|refusal| refusal.message()),
        bookable: hall.doc().policy.appointments.line(&line.id).is_some(),
        // The keeper has nothing to seal a phone number with, and sends no messages.
        reminds: false,
    }
}

/// Status, object and body of what was decided, from the hall after it.
pub(super) fn of(hall: &Hall, ended: &Ended, command: &Command, events: &[Event], now: Millis) -> (u16, Option<String>, Value) {
    let shown = |id: &TicketId| ended.get(id).or_else(|| hall.ticket(id)).map_or(Value::Null, |found| ticket(hall, found));
    match command {
        Command::Issue(new) => (201, Some(new.ticket_id.to_string()), shown(&new.ticket_id)),
        Command::CallNext { .. } => match events.iter().find_map(Event::as_call) {
            Some((id, reason)) => {
                let reason = json!({ "code": reason.code(), "text": reason.explain(), "figures": reason });
                (200, Some(id.to_string()), json!({ "ticket": shown(id), "reason": reason }))
            }
            None => (200, None, json!({ "ticket": null })),
        },
        Command::OpenWindow { window_id, .. } | Command::PauseWindow { window_id, .. } | Command::CloseWindow { window_id } => {
            (200, Some(window_id.to_string()), hall.window(window_id).map_or(Value::Null, window))
        }
        Command::Recall { ticket_id }
        | Command::Start { ticket_id }
        | Command::Finish { ticket_id, .. }
        | Command::Miss { ticket_id, .. }
        | Command::Requeue { ticket_id }
        | Command::Park { ticket_id, .. }
        | Command::Resume { ticket_id }
        | Command::Transfer { ticket_id, .. }
        | Command::Abandon { ticket_id } => (200, Some(ticket_id.to_string()), shown(ticket_id)),
        _ => (200, None, json!({ "version": hall.version(), "at": rfc3339(now) })),
    }
}
