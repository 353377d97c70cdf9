//! The hall for its staff: lines, windows, tickets; numbers and matters, nothing of persons.
//!
//! A ticket is shown as its own last event left it. How many are ahead of it changes with every call of
//! others and can be counted in the list, so it is not told.

use std::collections::BTreeMap;

use domain::hall::{Event, Hall, Ticket};
use domain::ids::TicketId;
use domain::time::Millis;
use serde_json::{Map, Value, json};

use super::recent::Recent;
use crate::app::hall::{line_view, ticket_view, window_view};

/// Finished tickets that stay in the list.
const DONE_SHOWN_MAX: usize = 20;
/// Figures of a ticket that depend on others.
const OF_THE_QUEUE: [&str; 2] = ["ahead", "estimated_wait_s"];

/// Names that the hall itself does not know.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Matters by id.
    pub(super) matters: BTreeMap<String, String>,
    /// Staff by id.
    pub(super) staff: BTreeMap<String, String>,
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
    pub(super) fn state(&self) -> Value {
        let hall = self.hall;
        let done = newest_done(hall);
        let shown = hall.tickets().filter(|ticket| ticket.state.is_live() || done.contains(&&ticket.id));
        let mut windows: Vec<&domain::hall::Window> = hall.windows().collect();
        windows.sort_by_key(|window| window.number);
        json!({
            "site": { "id": hall.site(), "name": self.site_name },
            "lines": self.lines(),
            "windows": windows.into_iter().map(|window| self.window(window)).collect::<Vec<_>>(),
            "tickets": shown.map(|ticket| self.ticket(ticket)).collect::<Vec<_>>(),
        })
    }

    /// Every line as it is now.
    fn lines(&self) -> Vec<Value> {
        self.hall.lines().map(|line| json!(line_view(self.hall, line, self.now))).collect()
    }

    /// The lines that are no longer as `state` has them.
    pub(super) fn changed_lines(&self, state: &Value) -> Vec<Value> {
        let known = state["lines"].as_array();
        self.lines().into_iter().filter(|line| known.is_none_or(|known| !known.contains(line))).collect()
    }

    fn ticket(&self, ticket: &Ticket) -> Value {
        let name = |id: &domain::ids::MatterId| self.names.matters.get(id.as_str()).cloned().unwrap_or_default();
        let mut value = json!(ticket_view(self.hall, ticket));
        if let Value::Object(fields) = &mut value {
            OF_THE_QUEUE.iter().for_each(|figure| drop(fields.remove(*figure)));
            fields.insert("matter_names".to_owned(), ticket.matter_ids.iter().map(name).collect());
            fields.insert("reason".to_owned(), json!(self.recent.reasons.get(&ticket.id)));
        }
        value
    }

    fn window(&self, window: &domain::hall::Window) -> Value {
        let mut value = json!(window_view(window));
        value["staff_name"] = json!(window.staff().and_then(|id| self.names.staff.get(id.as_str())));
        value
    }

    /// The event as the desk gets it: type and every object that it changed, whole; see
    /// [`protocol::desk_feed::fold_desk`].
    pub(super) fn event(&self, event: &Event, before: &Hall, state: &Value) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(event.kind()));
        if let Some(ticket) = event.ticket_id().and_then(|id| self.hall.ticket(id)) {
            body.insert("ticket".to_owned(), self.ticket(ticket));
            if !ticket.state.is_live() {
                body.insert("gone".to_owned(), self.gone(state));
            }
        }
        let mut windows: Vec<Value> =
            self.hall.windows().filter(|window| before.window(&window.id) != Some(window)).map(|window| self.window(window)).collect();
        if windows.len() == 1 {
            body.insert("window".to_owned(), windows.remove(0));
        } else if !windows.is_empty() {
            body.insert("windows".to_owned(), json!(windows));
        }
        body.insert("lines".to_owned(), json!(self.changed_lines(state)));
        Value::Object(body)
    }

    /// Tickets of the list that ended too long ago.
    fn gone(&self, state: &Value) -> Value {
        let done = newest_done(self.hall);
        let listed = state["tickets"].as_array().into_iter().flatten().filter_map(|ticket| TicketId::parse(ticket["id"].as_str()?));
        let ended = |id: &TicketId| self.hall.ticket(id).is_none_or(|ticket| !ticket.state.is_live());
        listed.filter(|id| ended(id) && !done.contains(&id)).map(|id| json!(id)).collect()
    }
}

/// The finished tickets that are shown.
fn newest_done(hall: &Hall) -> Vec<&TicketId> {
    let mut done: Vec<&Ticket> = hall.tickets().filter(|ticket| !ticket.state.is_live()).collect();
    done.sort_by_key(|ticket| std::cmp::Reverse((ticket.state.since(), &ticket.id)));
    done.truncate(DONE_SHOWN_MAX);
    done.into_iter().map(|ticket| &ticket.id).collect()
}
