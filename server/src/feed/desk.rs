//! The hall for its staff: lines, windows, tickets; numbers and matters, nothing of persons.

use std::collections::{BTreeMap, BTreeSet};

use domain::hall::{Event, Fact, Hall, Ticket};
use domain::ids::{LineId, TicketId};
use domain::time::Millis;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::app::hall::{LineView, ReasonView, TicketView, WindowView, line_view, ticket_view, window_view};

/// Finished tickets that stay in the list.
const DONE_SHOWN_MAX: usize = 20;

/// Names that the hall itself does not know.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Matters by id.
    pub(super) matters: BTreeMap<String, String>,
    /// Staff by id.
    pub(super) staff: BTreeMap<String, String>,
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
}

/// State of the view `desk`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct DeskState {
    #[schema(value_type = protocol::feed::BoardSite)]
    site: Value,
    lines: Vec<LineView>,
    windows: Vec<DeskWindow>,
    tickets: Vec<DeskTicket>,
}

/// Makes desk views of one hall.
pub(super) struct DeskProjection<'a> {
    pub(super) site_name: &'a str,
    pub(super) hall: &'a Hall,
    pub(super) names: &'a Names,
    pub(super) reasons: &'a BTreeMap<TicketId, ReasonView>,
    pub(super) now: Millis,
}

impl DeskProjection<'_> {
    pub(super) fn state(&self) -> DeskState {
        let hall = self.hall;
        let mut done: Vec<&Ticket> = hall.tickets().filter(|ticket| !ticket.state.is_live()).collect();
        done.sort_by_key(|ticket| std::cmp::Reverse((ticket.state.since(), ticket.id.clone())));
        done.truncate(DONE_SHOWN_MAX);
        let mut shown: Vec<&Ticket> = hall.tickets().filter(|ticket| ticket.state.is_live()).chain(done).collect();
        shown.sort_by(|a, b| a.id.cmp(&b.id));
        let mut windows: Vec<DeskWindow> = hall.windows().map(|window| self.window(window)).collect();
        windows.sort_by_key(|window| window.view.number);
        DeskState {
            site: json!({ "id": hall.site(), "name": self.site_name }),
            lines: hall.lines().map(|line| line_view(hall, line, self.now)).collect(),
            windows,
            tickets: shown.into_iter().map(|ticket| self.ticket(ticket)).collect(),
        }
    }

    fn ticket(&self, ticket: &Ticket) -> DeskTicket {
        let name = |id: &domain::ids::MatterId| self.names.matters.get(id.as_str()).cloned().unwrap_or_default();
        DeskTicket {
            view: ticket_view(self.hall, ticket),
            matter_names: ticket.matter_ids.iter().map(name).collect(),
            reason: self.reasons.get(&ticket.id).cloned(),
        }
    }

    fn window(&self, window: &domain::hall::Window) -> DeskWindow {
        let view = window_view(window);
        let staff_name = view.staff_id.as_ref().and_then(|id| self.names.staff.get(id).cloned());
        DeskWindow { view, staff_name }
    }

    /// The event as the desk gets it: type and every object that it changed, whole.
    pub(super) fn event(&self, event: &Event, before: &Hall) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(event.kind()));
        if let Some(ticket) = event.ticket_id().and_then(|id| self.hall.ticket(id)) {
            body.insert("ticket".to_owned(), json!(self.ticket(ticket)));
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
        let lines: Vec<LineView> = match self.lines_touched(event, before) {
            Some(ids) => self.hall.lines().filter(|line| ids.contains(&line.id)).map(|line| line_view(self.hall, line, self.now)).collect(),
            None => self.hall.lines().map(|line| line_view(self.hall, line, self.now)).collect(),
        };
        body.insert("lines".to_owned(), json!(lines));
        Value::Object(body)
    }

    /// The lines whose figures an event can change; `None` for all.
    fn lines_touched(&self, event: &Event, before: &Hall) -> Option<BTreeSet<LineId>> {
        match &event.fact {
            Fact::HallConfigured { .. }
            | Fact::DayClosed { .. }
            | Fact::DayOpened { .. }
            | Fact::ClockSteppedBack { .. }
            | Fact::WindowOpened { .. }
            | Fact::WindowPaused { .. }
            | Fact::WindowClosed { .. }
            | Fact::WindowTakenOver { .. } => None,
            Fact::LineStopped { line_id, .. } | Fact::LineResumed { line_id } => Some(BTreeSet::from([line_id.clone()])),
            _ => {
                let id = event.ticket_id()?;
                let tickets = [before.ticket(id), self.hall.ticket(id)];
                Some(tickets.into_iter().flatten().map(|ticket| ticket.line_id.clone()).collect())
            }
        }
    }
}
