//! Use cases about windows and lines, and the reads of a hall.

use std::collections::BTreeMap;

use domain::hall::{Command, Ticket};
use domain::ids::{LineId, TicketId, WindowId};
use protocol::device::Opening;
use protocol::hall::opening;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::{LineView, TicketView, WindowView, line_view, ticket_view, window_view};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::store::TERMINAL_TICKET_STATES;

/// Body of `POST /windows/{window}/open`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// Other lines than the configured ones.
    pub line_ids: Option<Vec<String>>,
}

impl App {
    /// Sits down at a window.
    ///
    /// # Errors
    /// Field errors; refusals of the rules are outcomes.
    pub async fn open_window(&self, permit: &Permit, window_id: WindowId, request: OpenRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let mut errors = FieldErrors::default();
        let line_ids = request.line_ids.map(|lines| {
            let parsed = lines
                .iter()
                .enumerate()
                .filter_map(|(place, line)| errors.some(LineId::parse(line), &format!("line_ids[{place}]"), "unknown", "没有这条队"));
            parsed.collect::<Vec<_>>()
        });
        errors.check()?;
        self.act_on_ticket(permit, Command::OpenWindow { window_id, line_ids }, retry).await
    }

    /// The lines of a hall, as its board tells everybody.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn lines(&self, site_id: &str) -> Answer<Vec<LineView>> {
        let site_id = self.directory.get().site(site_id)?.id.clone();
        let (hall, now) = (self.hall(&site_id).await?, self.now());
        Ok(hall.lines().map(|line| line_view(&hall, line, now)).collect())
    }

    /// When a hall is open, as its door tells everybody.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn opening_hours(&self, site_id: &str) -> Answer<Opening> {
        let site_id = self.directory.get().site(site_id)?.id.clone();
        let hall = self.hall(&site_id).await?;
        Ok(opening(&hall, self.now()))
    }

    /// The windows of a hall by number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn windows(&self, permit: &Permit) -> Answer<Vec<WindowView>> {
        let hall = self.hall(permit.site_id()).await?;
        let mut windows: Vec<WindowView> = hall.windows().map(window_view).collect();
        windows.sort_by_key(|window| window.number);
        Ok(windows)
    }

    /// Today's tickets by filter, in order of issue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tickets(&self, permit: &Permit, state: Option<&str>, line_id: Option<&str>) -> Answer<Vec<TicketView>> {
        let hall = self.hall(permit.site_id()).await?;
        let mut tickets: BTreeMap<TicketId, Ticket> = hall.tickets().map(|ticket| (ticket.id.clone(), ticket.clone())).collect();
        let may_be_ended = state.is_none_or(|state| TERMINAL_TICKET_STATES.contains(&state));
        if let Some(date) = hall.doc().business_date.filter(|_| may_be_ended) {
            // Read after the hall: one that ended in between is in both, and the newer word counts.
            for row in self.stores.halls.tickets_of_day(permit.site_id(), &date.to_string()).await? {
                if TERMINAL_TICKET_STATES.contains(&row.state.as_str()) {
                    let ticket: Ticket = serde_json::from_str(&row.doc)?;
                    tickets.insert(ticket.id.clone(), ticket);
                }
            }
        }
        let wanted = |ticket: &&Ticket| {
            state.is_none_or(|state| ticket.state.name() == state) && line_id.is_none_or(|line| ticket.line_id.as_str() == line)
        };
        Ok(tickets.values().filter(wanted).map(|ticket| ticket_view(&hall, ticket)).collect())
    }
}
