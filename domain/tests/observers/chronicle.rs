//! The history of a hall told again from its events, as plainly as possible: who waits for whom since
//! when, who sits where, which calls each line saw today. Judges nothing.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::hall::{Class, Configuration, Event, Fact, HeadCause, OpeningHours, Place, Policy, Priority, Purpose, Target, WindowSetup};
use domain::ids::{LineId, StaffId, TicketId, WindowId};
use domain::time::{MINUTE_MS, Millis, local_date, start_of};

/// Where a visit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    Waiting,
    Called { window: WindowId, calls: u32, last: Millis },
    Serving(WindowId),
    Parked,
    Missed { returns: bool, at: Millis, line_calls: u32 },
}

/// A visit that goes on.
#[derive(Debug, Clone)]
pub struct Visit {
    pub id: TicketId,
    pub serial: u32,
    pub line: LineId,
    /// The lines of all its matters, where there are several.
    pub matter_lines: Vec<LineId>,
    pub number: String,
    pub green: bool,
    /// Begin of the slot of its appointment.
    pub slot: Option<Millis>,
    /// Nothing but quick matters were named.
    pub quick: bool,
    pub holder: Option<String>,
    /// Its issue, or the opening it was carried over to.
    pub lifetime: Millis,
    /// The business day it was carried over to.
    pub carried: Option<NaiveDate>,
    pub phase: Phase,
    /// The one window that may call it; `None` for every window of its line.
    pub sent_to: Option<WindowId>,
    /// Why it stands before those in order.
    pub head: Option<HeadCause>,
    /// What orders it among its like.
    pub from: Millis,
    /// When and why a person moved it to the top.
    pub topped: Option<(Millis, String)>,
    pub misses: u32,
    pub returned: u32,
}

impl Visit {
    /// Topped before head before in order, then by time, then by number.
    pub fn place(&self) -> (u8, Millis, u32, &TicketId) {
        match (&self.topped, self.head) {
            (Some((at, _)), _) => (0, *at, self.serial, &self.id),
            (None, Some(_)) => (1, self.from, self.serial, &self.id),
            (None, None) => (2, self.from, self.serial, &self.id),
        }
    }

    /// Stands in order, by nothing but its time.
    pub fn is_plain(&self) -> bool {
        self.topped.is_none() && self.head.is_none() && self.slot.is_none()
    }

    /// Its line, and others.
    fn and_lines(&self, others: &[LineId]) -> Vec<LineId> {
        [std::slice::from_ref(&self.line), others].concat()
    }

    /// Whether its holder is in a line: it stands there, or one of its matters belongs there.
    pub fn is_in(&self, line: &LineId) -> bool {
        self.line == *line || self.matter_lines.contains(line)
    }

    /// Its class at an instant: what brought it to the head while it stands there, else what it is.
    pub fn class(&self, at: Millis) -> Class {
        match (self.head.filter(|_| self.phase == Phase::Waiting), self.slot) {
            (Some(HeadCause::Transferred), _) => Class::Transferred,
            (Some(_), _) => Class::Returned,
            _ if self.green => Class::Green,
            (None, Some(slot)) if slot <= at => Class::Appointment,
            (None, Some(_)) => Class::Ordinary,
            _ if self.quick => Class::Quick,
            _ => Class::Ordinary,
        }
    }

    pub fn window(&self) -> Option<&WindowId> {
        match &self.phase {
            Phase::Called { window, .. } | Phase::Serving(window) => Some(window),
            _ => None,
        }
    }
}

/// Somebody at a window.
#[derive(Debug, Clone)]
pub struct Seat {
    pub staff: StaffId,
    pub paused: bool,
    pub lines: Vec<LineId>,
}

/// A call of the day.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its line; `None` once that was removed.
    pub line: Option<LineId>,
    /// The lines of the window that called.
    pub lines: Vec<LineId>,
    pub class: Class,
    pub at_green_window: bool,
}

impl Call {
    /// Whether those who wait in a line saw it: it was of their line, or at a window that serves it.
    pub fn seen_in(&self, line: &LineId) -> bool {
        self.line.as_ref() == Some(line) || self.lines.contains(line)
    }
}

/// See the file's head.
#[derive(Debug, Default)]
pub struct Chronicle {
    pub configuration: Configuration,
    pub visits: BTreeMap<TicketId, Visit>,
    pub seats: BTreeMap<WindowId, Seat>,
    pub calls: Vec<Call>,
    pub date: Option<NaiveDate>,
    pub newest: Millis,
    /// Configurations that wait for their time.
    pub scheduled: BTreeMap<Millis, Configuration>,
}

impl Chronicle {
    pub fn policy(&self) -> &Policy {
        &self.configuration.policy
    }

    pub fn setup(&self, window: &WindowId) -> Option<&WindowSetup> {
        self.configuration.windows.iter().find(|setup| setup.id == *window)
    }

    pub fn is_for_green(&self, window: &WindowId) -> bool {
        self.setup(window).is_some_and(|setup| setup.purpose == Purpose::Green)
    }

    /// Those who wait and may be called at a window; who was carried over waits from the opening on.
    pub fn waiting_for(&self, window: &WindowId, at: Millis) -> impl Iterator<Item = &Visit> {
        let lines = self.seats.get(window).map(|seat| seat.lines.clone()).unwrap_or_default();
        let window = window.clone();
        self.visits.values().filter(move |visit| {
            let is_for_us = visit.sent_to.as_ref().map_or(lines.contains(&visit.line), |sent_to| *sent_to == window);
            visit.phase == Phase::Waiting && is_for_us && (visit.from <= at || visit.topped.is_some())
        })
    }

    /// A ticket that waits behind one of its line and class at a window, both in order.
    pub fn behind(&self, ticket: &TicketId, window: &WindowId, at: Millis) -> Option<TicketId> {
        let first = self.visits.get(ticket).filter(|visit| visit.is_plain())?;
        let like = |visit: &&Visit| visit.is_plain() && visit.line == first.line && visit.class(at) == first.class(at);
        let mut waiting = self.waiting_for(window, at).filter(like);
        waiting.find(|visit| visit.place() > first.place()).map(|visit| visit.id.clone())
    }

    /// How many tickets of a line were called today.
    pub fn calls_of(&self, line: &LineId) -> u32 {
        self.calls.iter().filter(|call| call.line.as_ref() == Some(line)).count() as u32
    }

    /// The newest calls that a line saw today, newest first.
    pub fn seen_in<'a>(&'a self, line: &'a LineId) -> impl Iterator<Item = &'a Call> {
        self.calls.iter().rev().filter(|call| call.seen_in(line))
    }

    /// Takes an event in.
    pub fn take(&mut self, event: &Event) {
        self.newest = self.newest.max(event.at);
        match &event.fact {
            Fact::HallConfigured { configuration } => {
                self.scheduled.retain(|from, _| *from > event.at);
                self.configured(configuration);
            }
            Fact::HallConfigurationScheduled { from, configuration } => {
                self.scheduled.insert(*from, Configuration::clone(configuration));
            }
            Fact::HallConfigurationCancelled { from } => drop(self.scheduled.remove(from)),
            Fact::ScheduledConfigurationRefused { .. } => self.scheduled.retain(|from, _| *from > event.at),
            Fact::DayOpened { date } => {
                self.date = Some(*date);
                self.calls.clear();
            }
            Fact::WindowOpened { window_id, staff, line_ids } => {
                self.seats.insert(window_id.clone(), Seat { staff: staff.clone(), paused: false, lines: line_ids.clone() });
            }
            Fact::WindowPaused { window_id, .. } => {
                if let Some(seat) = self.seats.get_mut(window_id) {
                    seat.paused = true;
                }
            }
            Fact::WindowClosed { window_id } => drop(self.seats.remove(window_id)),
            Fact::WindowTakenOver { window_id, staff, .. } => {
                if let Some(seat) = self.seats.get_mut(window_id) {
                    (seat.staff, seat.paused) = (staff.clone(), false);
                }
            }
            Fact::TicketIssued {
                ticket_id, number, serial, line_id, also_line_ids, matter_ids, priority, holder_key, appointment, ..
            } => {
                let green = *priority == Priority::Green;
                let visit = Visit::waiting(ticket_id, *serial, line_id, number, green, holder_key.clone(), event.at);
                let slot = appointment.as_ref().map(|appointment| appointment.slot_starts_at);
                let slow = matter_ids.iter().filter(|id| !self.policy().quick_matter_ids.contains(id)).count();
                let quick = slow == 0 && !matter_ids.is_empty();
                let matter_lines = if also_line_ids.is_empty() { Vec::new() } else { visit.and_lines(also_line_ids) };
                self.visits.insert(ticket_id.clone(), Visit { slot, quick, matter_lines, ..visit });
            }
            Fact::PaperNumberEntered { .. } => self.paper_entered(event),
            _ => self.visit_goes_on(event),
        }
    }

    /// Waits since the person came, for as long as nothing else is told.
    fn paper_entered(&mut self, event: &Event) {
        let Fact::PaperNumberEntered { ticket_id, number, serial, line_id, priority, holder_key, occurred_at, .. } = &event.fact else {
            return;
        };
        let green = *priority == Priority::Green;
        let visit = Visit::waiting(ticket_id, *serial, line_id, number, green, holder_key.clone(), *occurred_at);
        self.visits.insert(ticket_id.clone(), visit);
    }

    /// A line that is removed takes its past with it: if it comes back, it begins anew.
    fn configured(&mut self, configuration: &Configuration) {
        let is_kept = |line: &LineId| configuration.lines.iter().any(|setup| setup.id == *line);
        for seat in self.seats.values_mut() {
            seat.lines.retain(is_kept);
        }
        for call in &mut self.calls {
            call.lines.retain(is_kept);
            call.line = call.line.take().filter(is_kept);
        }
        self.configuration = configuration.clone();
    }

    fn visit_goes_on(&mut self, event: &Event) {
        let Some(id) = event.ticket_id() else { return };
        if let Fact::TicketFinished { .. } | Fact::PaperVisitEnded { .. } | Fact::TicketAbandoned { .. } | Fact::TicketExpired { .. } =
            event.fact
        {
            self.visits.remove(id);
            return;
        }
        if let Fact::TicketCalled { window_id, .. } = &event.fact
            && let Some(visit) = self.visits.get(id)
        {
            let lines = self.seats.get(window_id).map(|seat| seat.lines.clone()).unwrap_or_default();
            let (class, at_green_window) = (visit.class(event.at), self.is_for_green(window_id));
            self.calls.push(Call { line: Some(visit.line.clone()), lines, class, at_green_window });
        }
        let is_missed = matches!(event.fact, Fact::TicketMissed { .. });
        let line_calls = self.visits.get(id).filter(|_| is_missed).map_or(0, |visit| self.calls_of(&visit.line));
        if let Some(visit) = self.visits.get_mut(id) {
            visit.follow(event, line_calls);
        }
    }
}

impl Visit {
    /// Somebody without an appointment who came at an instant.
    fn waiting(id: &TicketId, serial: u32, line: &LineId, number: &str, green: bool, holder: Option<String>, came: Millis) -> Self {
        Self {
            id: id.clone(),
            serial,
            line: line.clone(),
            matter_lines: Vec::new(),
            number: number.to_owned(),
            green,
            slot: None,
            quick: false,
            holder,
            lifetime: came,
            carried: None,
            phase: Phase::Waiting,
            sent_to: None,
            head: None,
            from: came,
            topped: None,
            misses: 0,
            returned: 0,
        }
    }

    fn follow(&mut self, event: &Event, line_calls: u32) {
        match &event.fact {
            Fact::TicketCalled { window_id, .. } => {
                self.phase = Phase::Called { window: window_id.clone(), calls: 0, last: event.at };
            }
            Fact::TicketRecalled { .. } => {
                if let Phase::Called { calls, last, .. } = &mut self.phase {
                    (*calls, *last) = (*calls + 1, event.at);
                }
            }
            Fact::TicketStarted { window_id, .. } => self.phase = Phase::Serving(window_id.clone()),
            Fact::TicketMissed { returns, .. } => {
                self.misses += 1;
                self.phase = Phase::Missed { returns: *returns, at: event.at, line_calls };
            }
            Fact::TicketParked { .. } => self.phase = Phase::Parked,
            Fact::TicketRequeued { automatic: true, .. } => {
                self.returned += 1;
                self.wait(Some(HeadCause::Returned), event.at);
            }
            Fact::TicketRequeued { .. } | Fact::TicketPutBack { .. } => self.wait(None, self.lifetime),
            Fact::TicketCarried { number, date, from, .. } => {
                self.number.clone_from(number);
                (self.carried, self.lifetime) = (Some(*date), *from);
                self.wait(None, *from);
            }
            Fact::TicketResumed { .. } => self.wait(Some(HeadCause::Resumed), event.at),
            Fact::TicketTransferred { to, place, .. } => {
                match place {
                    Place::Head { cause, from } => self.wait(Some(*cause), *from),
                    Place::InOrder { from } => self.wait(None, *from),
                }
                match to {
                    Target::Line { line_id } => self.line = line_id.clone(),
                    Target::Window { window_id } => self.sent_to = Some(window_id.clone()),
                }
            }
            Fact::TicketTopped { reason, .. } => self.topped = Some((event.at, reason.clone())),
            Fact::TicketUntopped { .. } => self.topped = None,
            _ => {}
        }
    }

    fn wait(&mut self, head: Option<HeadCause>, from: Millis) {
        (self.phase, self.head, self.from, self.topped, self.sent_to) = (Phase::Waiting, head, from, None, None);
    }
}

/// Whether a hall is open at an instant, read off its hours.
pub fn is_open(hours: &OpeningHours, at: Millis) -> bool {
    let OpeningHours::Weekly { week, special_days } = hours else { return true };
    let date = local_date(at);
    let special = special_days.iter().find(|day| day.date == date).map(|day| &day.spans);
    let spans = special.unwrap_or(&week[date.weekday().num_days_from_monday() as usize]);
    let begin = start_of(date);
    spans.iter().any(|span| {
        let (from, to) = (begin + i64::from(span.from_minute) * MINUTE_MS, begin + i64::from(span.to_minute) * MINUTE_MS);
        from <= at && at < to
    })
}
