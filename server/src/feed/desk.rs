//! The hall for its staff: lines, windows, tickets; numbers and matters, nothing of persons.
//!
//! A ticket is shown as its own last event left it. How many are ahead of it changes with every call of
//! others and can be counted in the list, so `ahead` and the estimates are 0 here.

use std::collections::BTreeMap;

use domain::hall::{Event, Hall, Ticket};
use domain::ids::TicketId;
use domain::time::Millis;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::recent::Recent;
use crate::app::hall::{LineView, ReasonView, ServingView, TicketView, WindowView, line_view, serving_view, ticket_view, window_view};

/// Names that the hall itself does not know.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Matters by id.
    pub(super) matters: BTreeMap<String, String>,
    /// Staff by id.
    pub(super) staff: BTreeMap<String, String>,
    /// Photos of staff by id: the names of their contents.
    pub(super) photos: BTreeMap<String, String>,
    /// What people wrote as a reason, by the id that events name.
    pub(super) texts: BTreeMap<String, String>,
}

impl Names {
    /// Puts the words that a person wrote in the place of their id.
    fn tell(&self, reason: &mut Option<String>) {
        if let Some(written) = reason.as_ref().and_then(|id| self.texts.get(id)) {
            *reason = Some(written.clone());
        }
    }

    /// The same in the reason of a call.
    fn told(&self, mut reason: ReasonView) -> ReasonView {
        let id = reason.figures["reason"].as_str().unwrap_or_default().to_owned();
        if let Some(written) = self.texts.get(&id) {
            reason.text = reason.text.replace(&id, written);
            reason.figures["reason"] = json!(written);
        }
        reason
    }
}

/// A ticket at the desk: as everywhere, with the names of its matters and the rule that called it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeskTicket {
    #[serde(flatten)]
    view: TicketView,
    matter_names: Vec<String>,
    reason: Option<ReasonView>,
}

/// A window at the desk: as everywhere, with the name of the person who sits there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeskWindow {
    #[serde(flatten)]
    view: WindowView,
    staff_name: Option<String>,
    /// Name of the person who is coming to help.
    help_by_name: Option<String>,
}

/// State of the view `desk`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct DeskState {
    #[schema(value_type = protocol::feed::BoardSite)]
    site: Value,
    lines: Vec<LineView>,
    windows: Vec<DeskWindow>,
    tickets: Vec<DeskTicket>,
    serving: ServingView,
}

/// Makes desk views of one hall.
pub(super) struct DeskProjection<'a> {
    pub(super) site_name: &'a str,
    pub(super) hall: &'a Hall,
    pub(super) names: &'a Names,
    pub(super) recent: &'a Recent,
    pub(super) now: Millis,
}

impl DeskProjection<'_> {
    /// The whole state.
    pub(super) fn state(&self) -> DeskState {
        let hall = self.hall;
        let mut shown: Vec<&Ticket> = hall.tickets().chain(&self.recent.ended).collect();
        shown.sort_by_key(|ticket| &ticket.id);
        let mut windows: Vec<DeskWindow> = hall.windows().map(|window| self.window(window)).collect();
        windows.sort_by_key(|window| window.view.number);
        DeskState {
            site: json!({ "id": hall.site(), "name": self.site_name }),
            lines: hall.lines().map(|line| line_view(hall, line, self.now)).collect(),
            windows,
            tickets: shown.into_iter().map(|ticket| self.ticket(ticket)).collect(),
            serving: serving_view(&hall.doc().policy),
        }
    }

    /// The lines that are no longer as `state` has them.
    pub(super) fn changed_lines(&self, state: &Value) -> Vec<Value> {
        let known = state["lines"].as_array();
        let lines = self.hall.lines().map(|line| json!(line_view(self.hall, line, self.now)));
        lines.filter(|line| known.is_none_or(|known| !known.contains(line))).collect()
    }

    fn ticket(&self, ticket: &Ticket) -> DeskTicket {
        let name = |id: &domain::ids::MatterId| self.names.matters.get(id.as_str()).cloned().unwrap_or_default();
        let mut view = TicketView { ahead: 0, estimated_wait_s: 0, estimated_wait_optimistic_s: 0, ..ticket_view(self.hall, ticket) };
        if let Some(set_aside) = &mut view.set_aside {
            self.names.tell(&mut set_aside.reason);
        }
        DeskTicket {
            view,
            matter_names: ticket.matter_ids.iter().map(name).collect(),
            reason: self.recent.reasons.get(&ticket.id).cloned().map(|reason| self.names.told(reason)),
        }
    }

    fn window(&self, window: &domain::hall::Window) -> DeskWindow {
        let mut view = window_view(window);
        if let Some(help) = &mut view.help {
            self.names.tell(&mut help.reason);
        }
        let coming = view.help.as_ref().and_then(|help| help.acknowledged_by.as_ref());
        let help_by_name = coming.and_then(|id| self.names.staff.get(id).cloned());
        let staff_name = view.staff_id.as_ref().and_then(|id| self.names.staff.get(id).cloned());
        DeskWindow { view, staff_name, help_by_name }
    }

    /// The event as the desk gets it: type and every object that it changed, whole; see
    /// [`protocol::desk_feed::fold_desk`].
    pub(super) fn event(&self, event: &Event, ticket: Option<&Ticket>, before: &Hall, state: &Value) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(event.kind()));
        if let Some(ticket) = ticket {
            body.insert("ticket".to_owned(), json!(self.ticket(ticket)));
            if !ticket.state.is_live() {
                body.insert("gone".to_owned(), self.gone(state));
            }
        }
        let windows: Vec<DeskWindow> =
            self.hall.windows().filter(|window| before.window(&window.id) != Some(window)).map(|window| self.window(window)).collect();
        match windows.as_slice() {
            [] => {}
            [window] => {
                body.insert("window".to_owned(), json!(window));
            }
            _ => {
                body.insert("windows".to_owned(), json!(windows));
            }
        }
        body.insert("lines".to_owned(), json!(self.changed_lines(state)));
        Value::Object(body)
    }

    /// Tickets of the list that ended too long ago.
    fn gone(&self, state: &Value) -> Value {
        let listed = state["tickets"].as_array().into_iter().flatten().filter_map(|ticket| TicketId::parse(ticket["id"].as_str()?));
        let is_shown = |id: &TicketId| self.hall.ticket(id).is_some() || self.recent.ended.iter().any(|ticket| ticket.id == *id);
        listed.filter(|id| !is_shown(id)).map(|id| json!(id)).collect()
    }
}
