//! Between a hall and its rows: loading it, and the rows that a decision changes.

use std::collections::BTreeMap;

use domain::hall::{Event, Fact, Hall, HallDoc, OpeningHours, Ticket, TicketState, ended_interval, ended_sitting, window_changed};
use domain::ids::{SiteId, TicketId};
use domain::time::{MINUTE_MS, local};

use super::reminders;
use crate::app::error::{Answer, AppError};
use crate::app::past_alerts::{CLOCK_BACK, SETTINGS_REFUSED, TICKET_OVERNIGHT};
use crate::store::{AlertRow, ChangeSet, HallRow, IntervalRow, LogHead, NewEvent, Row, SittingRow, Stores, TicketRow, WindowRow};

/// The hall of a site as it stands in the store; a hall without a row is a new one.
///
/// # Errors
/// When the store cannot be read or holds what is no hall.
pub async fn load_hall(stores: &Stores, site_id: &str) -> Answer<Hall> {
    Ok(load_hall_at(stores, site_id).await?.0)
}

/// The hall of a site and the position of the log at which it is like that.
///
/// # Errors
/// When the store cannot be read or holds what is no hall.
pub async fn load_hall_at(stores: &Stores, site_id: &str) -> Answer<(Hall, Option<LogHead>)> {
    let site = SiteId::parse(site_id).ok_or(AppError::NotFound)?;
    let rows = stores.halls.hall_whole(site_id).await?;
    let Some(row) = rows.hall else { return Ok((Hall::new(site), rows.head)) };
    let doc: HallDoc = serde_json::from_str(&row.doc)?;
    let windows = rows.windows.iter().map(|row| serde_json::from_str(&row.doc)).collect::<Result<Vec<_>, _>>()?;
    let tickets = rows.tickets.iter().map(|row| serde_json::from_str::<Ticket>(&row.doc)).collect::<Result<Vec<_>, _>>()?;
    Ok((Hall::from_parts(doc, windows, tickets), rows.head))
}

/// A ticket that ended, as the store has it; `None` for one that goes on or was never given.
pub(super) async fn ended_ticket(stores: &Stores, site_id: &str, id: &TicketId) -> Answer<Option<Ticket>> {
    let Some(row) = stores.halls.ticket(site_id, id.as_str()).await? else { return Ok(None) };
    let ticket: Ticket = serde_json::from_str(&row.doc)?;
    Ok(Some(ticket).filter(|ticket| !ticket.state.is_live()))
}

/// The row of a hall; written once for a group of decisions.
pub(super) fn hall_row(hall: &Hall) -> Answer<HallRow> {
    let version = i64::try_from(hall.version()).unwrap_or(i64::MAX);
    Ok(HallRow { site_id: hall.site().to_string(), version, due_at: hall.next_due(), doc: serde_json::to_string(hall.doc())? })
}

/// What events made of a hall.
pub(super) struct Evolved {
    pub(super) hall: Hall,
    /// Every ticket that an event named, as it was after its last event, those that ended with it too.
    pub(super) tickets: BTreeMap<TicketId, Ticket>,
    intervals: Vec<IntervalRow>,
    sittings: Vec<SittingRow>,
}

/// The hall after events, with the tickets they named, and the intervals and sittings they ended.
pub(super) fn evolved(before: &Hall, events: &[Event]) -> Evolved {
    let (mut hall, mut tickets, mut intervals, mut sittings) = (before.clone(), BTreeMap::new(), Vec::new(), Vec::new());
    for event in events {
        let ended = event.ticket_id().and_then(|id| hall.ticket(id)).and_then(|ticket| Some((ended_interval(ticket, event)?, ticket.date)));
        let sat = window_changed(event).and_then(|id| hall.window(id)).and_then(|window| ended_sitting(window, event));
        let left = hall.evolve(event);
        if let Some(ticket) = left.or_else(|| event.ticket_id().and_then(|id| hall.ticket(id)).cloned()) {
            tickets.insert(ticket.id.clone(), ticket);
        }
        if let Some((interval, date)) = ended {
            intervals.push(IntervalRow {
                site_id: hall.site().to_string(),
                ticket_id: interval.ticket_id.to_string(),
                // The hall's version counts events: it grows and is never used twice.
                ordinal: i64::try_from(hall.version()).unwrap_or(i64::MAX),
                business_date: date.to_string(),
                state: interval.state.as_str().to_owned(),
                next: interval.next.as_str().to_owned(),
                line_id: interval.line_id.to_string(),
                window_id: interval.window_id.map(String::from),
                staff_id: interval.staff.map(String::from),
                start_ms: interval.start_ms,
                end_ms: interval.end_ms,
            });
        }
        if let Some(sitting) = sat {
            sittings.push(SittingRow {
                site_id: hall.site().to_string(),
                window_id: sitting.window_id.to_string(),
                ordinal: i64::try_from(hall.version()).unwrap_or(i64::MAX),
                staff_id: sitting.staff.to_string(),
                state: sitting.state.as_str().to_owned(),
                start_ms: sitting.start_ms,
                end_ms: sitting.end_ms,
            });
        }
    }
    Evolved { hall, tickets, intervals, sittings }
}

/// The change-set of one decision: its events, the tickets they name and the windows that differ.
pub(super) fn decision_set(before: &Hall, evolved: Evolved, events: &[Event], actor: &str) -> Answer<ChangeSet> {
    let after = &evolved.hall;
    let mut set = ChangeSet::new(after.site().as_str());
    let site_id = after.site().to_string();
    for event in events {
        set.events.push(NewEvent {
            aggregate: "hall",
            aggregate_id: site_id.clone(),
            kind: event.kind().to_owned(),
            actor: actor.to_owned(),
            at: event.at,
            body: serde_json::to_string(event)?,
        });
    }
    for ticket in evolved.tickets.values() {
        set.row(ticket_row(&site_id, ticket)?);
    }
    for window in after.windows_since(before).filter(|window| before.window(&window.id) != Some(window)) {
        set.row(WindowRow {
            site_id: site_id.clone(),
            id: window.id.to_string(),
            number: i64::from(window.number),
            doc: serde_json::to_string(window)?,
        });
    }
    set.rows.extend(evolved.intervals.into_iter().map(Row::from));
    set.rows.extend(evolved.sittings.into_iter().map(Row::from));
    set.rows.extend(reminders::owed(before, events));
    set.rows.extend(events.iter().flat_map(|event| alerts(after, event)).map(Row::from));
    Ok(set)
}

/// What nobody asked for and somebody must know; `past_alerts` says when it is over.
fn alerts(hall: &Hall, event: &Event) -> Vec<AlertRow> {
    let site_id = hall.site().to_string();
    let alert = |tail: String, kind: &str, level: &str, object_id: String, text: String| AlertRow {
        id: format!("al_{site_id}-{tail}"),
        site_id: site_id.clone(),
        kind: kind.to_owned(),
        level: level.to_owned(),
        object_id,
        text,
        at: event.at,
        settled_at: None,
        audience: String::new(),
    };
    match &event.fact {
        Fact::ScheduledConfigurationRefused { from, text, .. } => {
            let at = local(*from).format("%-m月%-d日 %H:%M");
            let text = format!("排在 {at} 生效的设置没有生效：{text}。现在还是原来的设置");
            vec![alert(format!("policy-{from}"), SETTINGS_REFUSED, "red", site_id.clone(), text)]
        }
        Fact::ClockSteppedBack { clock_ms } => {
            let minutes = (hall.doc().recorded_at - clock_ms) / MINUTE_MS;
            let text = format!("服务器的时钟往回拨了 {minutes} 分钟。号码照常，等候时间先按原来的时间记；请看时间同步（NTP）");
            vec![alert("clock".to_owned(), CLOCK_BACK, "red", site_id.clone(), text)]
        }
        // Round the clock somebody is served at midnight too.
        Fact::DayClosed { date } if *hall.doc().hours != OpeningHours::RoundTheClock => {
            let left = hall.tickets().filter(|ticket| ticket.state.at_window().is_some());
            let told = |ticket: &Ticket| {
                let what = if matches!(ticket.state, TicketState::Called { .. }) { "叫了，没有开始" } else { "还在办" };
                let text = format!("{} 号从 {} 起{what}，没有办结：请办结或放回队里", ticket.number, date.format("%-m月%-d日"));
                alert(format!("overnight-{}", ticket.id), TICKET_OVERNIGHT, "yellow", ticket.id.to_string(), text)
            };
            left.map(told).collect()
        }
        _ => Vec::new(),
    }
}

fn ticket_row(site_id: &str, ticket: &Ticket) -> Answer<TicketRow> {
    Ok(TicketRow {
        site_id: site_id.to_owned(),
        id: ticket.id.to_string(),
        business_date: ticket.date.to_string(),
        line_id: ticket.line_id.to_string(),
        number: ticket.number.clone(),
        state: ticket.state.name().to_owned(),
        tracking_code: ticket.tracking_code.clone(),
        short_code: ticket.short_code.clone(),
        issued_at: ticket.issued_at,
        doc: serde_json::to_string(ticket)?,
    })
}
