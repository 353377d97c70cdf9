//! The slip of a ticket as an outbox row: the number exists first, printing is owed.

use domain::hall::{Hall, Policy, Priority, Ticket, Window};
use domain::ids::{PrintJobId, TicketId, is_practice};
use domain::time::Millis;
use protocol::slip::{Slip, TicketSlip};

use super::desk::Parts;
use crate::app::directory::Listing;
use crate::app::error::{Answer, AppError};
use crate::app::fresh::id_tail;
use crate::store::{OutboxRow, Row};

/// The outbox row for a ticket that was just issued.
pub(super) fn print_row(parts: &Parts, hall: &Hall, id: &TicketId, now: Millis) -> Answer<Option<Row>> {
    let Some(ticket) = hall.ticket(id) else { return Ok(None) };
    let listing = parts.directory.get();
    let slip = ticket_slip(hall, ticket, &listing, &parts.settings.public_url)?;
    let site_id = hall.site().to_string();
    let key = listing.site(&site_id)?.key.clone();
    let id = PrintJobId::new(&key, &id_tail(parts.entropy.as_ref(), now)).to_string();
    let target = Some(site_id.clone());
    Ok(Some(Row::Outbox(OutboxRow { target, ..OutboxRow::owed(site_id, id, "print", serde_json::to_string(&slip)?, now) })))
}

/// What happens to a number that was called in vain: the same words on slip and kiosk.
#[must_use]
pub fn missed_rule(policy: &Policy) -> String {
    format!("过号后隔 {} 个号再叫您，最多 {} 次；再没到，这个号就作废。", policy.return_after_calls, policy.returns_max)
}

/// The slip of a ticket.
///
/// # Errors
/// When the site is not in the directory.
pub fn ticket_slip(hall: &Hall, ticket: &Ticket, listing: &Listing, public_url: &str) -> Answer<Slip> {
    let site = listing.site(hall.site().as_str())?;
    let line = hall.line(&ticket.line_id).ok_or(AppError::NotFound)?;
    let serves = |window: &&Window| window.is_open() && window.current_line_ids().contains(&line.id);
    let policy = &hall.doc().policy;
    let wait = hall.estimated_ticket_wait(&ticket.id).unwrap_or_default();
    Ok(Slip::Ticket(TicketSlip {
        hall_name: site.name.clone(),
        line_name: line.name.clone(),
        green: ticket.priority == Priority::Green,
        number: ticket.number.clone(),
        ahead: hall.ahead(&ticket.id).unwrap_or(0),
        estimated_wait_s: wait.normal_s,
        estimated_wait_optimistic_s: Some(wait.optimistic_s),
        windows: hall.windows().filter(serves).map(|window| window.number).collect(),
        area_text: None,
        tracking_url: format!("{public_url}/t/{}", ticket.tracking_code),
        short_code: ticket.short_code.clone(),
        missed_rule: missed_rule(policy),
        issued_at_ms: ticket.issued_at,
        valid_text: "当天有效".to_owned(),
        phone: Some(site.phone.clone()).filter(|phone| !phone.is_empty()),
        reprint: false,
        practice: is_practice(&site.id),
    }))
}
