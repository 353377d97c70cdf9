//! The slip of a ticket as an outbox row: the number exists first, printing is owed.

use domain::hall::{Hall, Ticket};
use domain::ids::{PrintJobId, TicketId, is_practice};
use domain::time::Millis;
use protocol::hall::SlipHouse;
use protocol::slip::Slip;

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

/// The slip of a ticket.
///
/// # Errors
/// When the site is not in the directory.
pub fn ticket_slip(hall: &Hall, ticket: &Ticket, listing: &Listing, public_url: &str) -> Answer<Slip> {
    let site = listing.site(hall.site().as_str())?;
    let house = SlipHouse {
        name: &site.name,
        phone: Some(site.phone.as_str()).filter(|phone| !phone.is_empty()),
        public_url,
        is_practice: is_practice(&site.id),
    };
    protocol::hall::ticket_slip(hall, ticket, &house).map(Slip::Ticket).ok_or(AppError::NotFound)
}
