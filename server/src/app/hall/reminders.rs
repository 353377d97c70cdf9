//! Messages to those who wait in a hall and left a phone number: owed in the commit of the event they
//! follow from, worded when they are sent, each once a ticket.

use domain::hall::{Event, Fact, Hall, Target, Ticket, TicketState};
use domain::ids::TicketId;
use domain::messages::template;
use domain::time::local_date;

use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::notices::Words;
use crate::app::past_alerts::REMINDERS_FAILED;
use crate::store::{AlertRow, NotificationRow, OutboxRow, Row};

/// The turn comes near.
pub(in crate::app) const NEAR: &str = "ticket_near";
/// The number was called.
pub(in crate::app) const CALLED: &str = "ticket_called";

/// What is owed for events of a hall, given the hall before them.
pub(super) fn owed(before: &Hall, events: &[Event]) -> Vec<Row> {
    let policy = &before.doc().policy.reminders;
    let of = |event: &Event| {
        let ticket = before.ticket(event.ticket_id()?).filter(|ticket| ticket.phone_left)?;
        let template = match &event.fact {
            Fact::TicketNearNoticed { .. } => NEAR,
            Fact::TicketCalled { .. } if policy.called && !ticket.was_called => CALLED,
            _ => return None,
        };
        Some(message(before, ticket, template, event.at))
    };
    events.iter().filter_map(of).flatten().flatten().collect()
}

/// The message and its errand. Their ids are the ticket's: nothing can owe one twice.
fn message(hall: &Hall, ticket: &Ticket, template: &str, now: i64) -> Option<[Row; 2]> {
    let site_id = hall.site().to_string();
    let tail = ticket.id.as_str().split_once('_')?.1.to_owned();
    let row = NotificationRow {
        site_id: site_id.clone(),
        id: format!("n_{tail}-{template}"),
        about_id: ticket.id.to_string(),
        person_id: ticket.holder.as_ref()?.to_string(),
        channel: "sms".to_owned(),
        template: template.to_owned(),
        state: "pending".to_owned(),
        attempts: 0,
        last_error: None,
        created_at: now,
        sent_at: None,
    };
    let payload = serde_json::json!({ "notification_id": row.id }).to_string();
    let errand = OutboxRow::owed(site_id, format!("o_{tail}-{template}"), "notify", payload, now);
    Some([row.into(), errand.into()])
}

/// One alert a site and day, however many messages fail.
pub(in crate::app) fn failed_alert(row: &NotificationRow, now: i64) -> AlertRow {
    AlertRow {
        site_id: row.site_id.clone(),
        id: format!("al_{}-reminders-{}", row.site_id, local_date(now)),
        kind: REMINDERS_FAILED.to_owned(),
        level: "yellow".to_owned(),
        object_id: row.site_id.clone(),
        text: "给排队的人发的短信没有发出去，请看短信平台；叫号和大屏照常".to_owned(),
        at: now,
        settled_at: None,
        audience: String::new(),
    }
}

impl App {
    /// What a message about a ticket says now; `None` when it is too late for it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn reminder_words(&self, row: &NotificationRow, id: &TicketId) -> Answer<Option<Words>> {
        let hall = self.hall(&row.site_id).await?;
        let Some(ticket) = hall.ticket(id) else { return Ok(None) };
        let site = self.directory.get().site(&row.site_id)?.name.clone();
        let (mut place, mut turn, mut at_window) = (String::new(), String::new(), String::new());
        match (row.template.as_str(), &ticket.state) {
            (NEAR, TicketState::Waiting { target, .. }) => {
                let of_target = match target {
                    Target::Window { window_id } => hall.window(window_id).map(|window| format!("{} 号窗口", window.number)),
                    Target::Line { line_id } => hall.line(line_id).map(|line| line.name.clone()),
                };
                place = of_target.unwrap_or_default();
                turn = match hall.ahead(id).unwrap_or_default() {
                    0 => "下一个就到，请在大厅等候".to_owned(),
                    ahead => format!("前面还有 {ahead} 人，请准备"),
                };
            }
            (CALLED, TicketState::Called { window_id, .. }) => {
                at_window = hall.window(window_id).ok_or(AppError::NotFound)?.number.to_string();
            }
            _ => return Ok(None),
        }
        let Some(template) = template(&row.template) else { return Ok(None) };
        let values = [
            ("site", site.as_str()),
            ("number", ticket.number.as_str()),
            ("place", place.as_str()),
            ("turn", turn.as_str()),
            ("window", at_window.as_str()),
        ];
        Ok(Some(self.worded(&row.site_id, template, &values).await?))
    }
}
