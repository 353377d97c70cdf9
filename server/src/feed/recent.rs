//! What the views remember of a business day beyond the hall itself: the newest calls, why a ticket was
//! called, and whose visit may be rated at which window.
//!
//! Architecture Invariant: made by one fold over the day's events, while they happen as well as after a
//! restart, so that a screen shows the same whichever process it asks and since whenever that runs.

use std::collections::BTreeMap;

use domain::hall::{Event, Fact, Hall};
use domain::ids::{TicketId, WindowId};
use serde_json::json;

use super::board::Calls;
use crate::app::error::Answer;
use crate::app::hall::ReasonView;
use crate::store::Stores;

/// Events of the log read at once, newest first.
const EVENTS_READ: i64 = 2_000;
/// How far back a day's opening is looked for: far more than a hall's busiest day.
const READS_MAX: usize = 20;

/// See the file's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    pub(super) calls: Calls,
    pub(super) reasons: BTreeMap<TicketId, ReasonView>,
    pub(super) rated: BTreeMap<WindowId, TicketId>,
}

impl Recent {
    /// As the log of a site tells it up to a position, with the hall as it is there.
    pub(super) async fn load(stores: &Stores, site_id: &str, hall: &Hall, seq: i64) -> Answer<Self> {
        let (mut until, mut parts) = (seq, Vec::new());
        while until > 0 && parts.len() < READS_MAX {
            let after = (until - EVENTS_READ).max(0);
            let logged = stores.events.events_after(site_id, after, until - after).await?;
            let of_hall = logged.iter().filter(|event| event.aggregate == "hall");
            let mut events = of_hall.map(|event| serde_json::from_str::<Event>(&event.body)).collect::<Result<Vec<_>, _>>()?;
            let opened = events.iter().rposition(|event| matches!(event.fact, Fact::DayOpened { .. }));
            parts.push(events.split_off(opened.unwrap_or(0)));
            if opened.is_some() {
                break;
            }
            until = after;
        }
        let mut recent = Self::default();
        parts.iter().rev().flatten().for_each(|event| recent.take(hall, event));
        Ok(recent)
    }

    /// Takes an event that the hall has evolved already.
    pub(super) fn take(&mut self, hall: &Hall, event: &Event) {
        self.calls.take(hall, event);
        match &event.fact {
            Fact::DayOpened { .. } => (self.reasons, self.rated) = Default::default(),
            Fact::TicketCalled { ticket_id, window_id, reason, .. } => {
                let view = ReasonView { code: reason.code().to_owned(), text: reason.explain(), figures: json!(reason) };
                self.reasons.insert(ticket_id.clone(), view);
                self.rated.remove(window_id);
            }
            Fact::TicketFinished { ticket_id, window_id, .. } => {
                self.reasons.remove(ticket_id);
                self.rated.insert(window_id.clone(), ticket_id.clone());
            }
            Fact::WindowClosed { window_id } | Fact::WindowTakenOver { window_id, .. } => {
                self.rated.remove(window_id);
            }
            // At the window the reason is shown as long as the visit goes on there.
            Fact::TicketRecalled { .. } | Fact::TicketStarted { .. } | Fact::TicketItemAdded { .. } | Fact::TicketItemSettled { .. } => {}
            _ => {
                if let Some(ticket_id) = event.ticket_id() {
                    self.reasons.remove(ticket_id);
                }
            }
        }
    }
}
