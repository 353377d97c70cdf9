//! What is told of a hall alike by the server and, while the line is cut, by the hall's keeper: the slip of a ticket, the
//! lines and windows of the board, when it is open. One place, so that nobody sees who told it.

use domain::hall::{Hall, Priority, Ticket, TicketState, Window};
use domain::ids::{LineId, TicketId};
use domain::time::{Millis, local_date, rfc3339};

use crate::device::{Opening, OpeningSpan};
use crate::feed::{BOARD_NEXT_MAX, BoardLine, BoardWindow};
use crate::slip::TicketSlip;

/// What a slip says of the house itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipHouse<'a> {
    /// Name of the hall.
    pub name: &'a str,
    /// Its phone, if it has one.
    pub phone: Option<&'a str>,
    /// Where the phones of citizens reach the service.
    pub public_url: &'a str,
    /// Whether the hall is one for practice.
    pub is_practice: bool,
}

/// The slip of a ticket as the hall stands; `None` when its line is not the hall's.
#[must_use]
pub fn ticket_slip(hall: &Hall, ticket: &Ticket, house: &SlipHouse<'_>) -> Option<TicketSlip> {
    let line = hall.line(&ticket.line_id)?;
    let serves = |window: &&Window| window.is_open() && window.current_line_ids().contains(&line.id);
    let wait = hall.estimated_ticket_wait(&ticket.id).unwrap_or_default();
    Some(TicketSlip {
        hall_name: house.name.to_owned(),
        line_name: line.name.clone(),
        green: ticket.priority == Priority::Green,
        number: ticket.number.clone(),
        ahead: hall.ahead(&ticket.id).unwrap_or(0),
        estimated_wait_s: wait.normal_s,
        estimated_wait_optimistic_s: Some(wait.optimistic_s),
        windows: hall.windows().filter(serves).map(|window| window.number).collect(),
        area_text: None,
        tracking_url: format!("{}/t/{}", house.public_url, ticket.tracking_code),
        short_code: ticket.short_code.clone(),
        missed_rule: hall.doc().policy.missed_rule(),
        issued_at_ms: ticket.issued_at,
        valid_text: "当天有效".to_owned(),
        phone: house.phone.map(str::to_owned),
        reprint: false,
        practice: house.is_practice,
    })
}

/// The numbers of a line that come next, for its board.
#[must_use]
pub fn next_numbers(hall: &Hall, line_id: &LineId) -> Vec<String> {
    hall.next_in(line_id, BOARD_NEXT_MAX).iter().filter_map(|id| Some(hall.ticket(id)?.number.clone())).collect()
}

/// Every line of the board, with the numbers that come next in each.
#[must_use]
pub fn board_lines(hall: &Hall, next: impl Fn(&LineId) -> Vec<String>) -> Vec<BoardLine> {
    let line = |line: &domain::hall::Line| BoardLine {
        line_id: line.id.to_string(),
        name: line.name.clone(),
        prefix: line.prefix.clone(),
        count: hall.waiting_in(&line.id),
        next: next(&line.id),
    };
    hall.lines().map(line).collect()
}

/// Every window of the board, by number.
#[must_use]
pub fn board_windows(hall: &Hall) -> Vec<BoardWindow> {
    let window = |window: &Window| BoardWindow {
        number: window.number,
        state: window.state.name().to_owned(),
        text: window.pause_text().map(str::to_owned),
    };
    let mut windows: Vec<BoardWindow> = hall.windows().map(window).collect();
    windows.sort_by_key(|window| window.number);
    windows
}

/// When the hall is open, seen from an instant.
#[must_use]
pub fn opening(hall: &Hall, now: Millis) -> Opening {
    let hours = &hall.doc().hours;
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let spans = hours.spans_on(local_date(now)).unwrap_or_default();
    let is_open = hours.is_open(now);
    Opening {
        is_open,
        opens_at: hours.opens_at(now).map(rfc3339),
        today: spans.iter().map(|span| OpeningSpan { from: clock(span.from_minute), to: clock(span.to_minute) }).collect(),
    }
}

/// How often a ticket that is called was called again.
#[must_use]
pub fn recall_count(hall: &Hall, ticket_id: &TicketId) -> u32 {
    match hall.ticket(ticket_id).map(|ticket| &ticket.state) {
        Some(TicketState::Called { recall_count, .. }) => *recall_count,
        _ => 0,
    }
}
