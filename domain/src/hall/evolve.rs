//! How an event changes a hall. Total: any event on any hall gives a hall, and nothing is decided here.

use super::balance::Balance;
use super::class::Class;
use super::event::{Event, Fact};
use super::help::{Acknowledged, Help};
use super::policy::{Configuration, LineSetup, ScheduledConfiguration, Taking};
use super::reason::CallReason;
use super::sections::{count_section, section_counts};
use super::shared::Shared;
use super::state::{Hall, HeadCause, Line, Place, Purpose, Target, Ticket, TicketState, Topped, Window, WindowState};
use super::visit::{Carried, ExpiryCause};
use crate::ids::{LineId, StaffId, TicketId, WindowId};
use crate::time::Millis;

impl Hall {
    /// Takes one event in. A ticket that ends with it leaves the hall and is handed out, so that whoever
    /// stores it has it.
    pub fn evolve(&mut self, event: &Event) -> Option<Ticket> {
        self.doc.version += 1;
        if event.at > self.doc.recorded_at {
            self.doc.recorded_at = event.at;
            self.doc.clock_behind_at = None;
        }
        match &event.fact {
            Fact::HallConfigured { configuration } => {
                self.doc.scheduled.retain(|scheduled| scheduled.from > event.at);
                self.configure(configuration);
            }
            Fact::HallConfigurationScheduled { from, configuration } => self.schedule(*from, configuration),
            Fact::HallConfigurationCancelled { from } => self.doc.scheduled.retain(|scheduled| scheduled.from != *from),
            Fact::ScheduledConfigurationRefused { .. } => self.doc.scheduled.retain(|scheduled| scheduled.from > event.at),
            Fact::DayClosed { .. } | Fact::SupervisorActed { .. } => {}
            Fact::ClosingTimePassed { date } => self.doc.closing_passed_on = Some(*date),
            Fact::DayPlanned { plan } => self.doc.day_plan = Some(plan.clone()),
            Fact::DayOpened { date } => self.open_day(*date),
            Fact::ClockSteppedBack { clock_ms } => self.doc.clock_behind_at = Some(*clock_ms),
            Fact::LineStopped { line_id, text } => self.change_line(line_id, |line| line.stopped = Some(text.clone())),
            Fact::LineResumed { line_id } => self.change_line(line_id, |line| line.stopped = None),
            Fact::WindowOpened { .. } | Fact::WindowPaused { .. } | Fact::WindowClosed { .. } | Fact::WindowTakenOver { .. } => {
                self.evolve_window(event.at, &event.fact);
            }
            Fact::HelpRequested { window_id, .. } | Fact::HelpAcknowledged { window_id, .. } | Fact::HelpResolved { window_id } => {
                self.evolve_help(window_id, event);
            }
            Fact::HallParted { term } => self.part(*term),
            Fact::HallRejoined { term } => self.rejoin(*term),
            Fact::TicketIssued { .. } => self.issue(event),
            Fact::PaperNumberEntered { .. } => self.enter(event),
            _ => return self.evolve_ticket(event),
        }
        None
    }

    fn configure(&mut self, configuration: &Configuration) {
        self.doc.letters_pass(configuration);
        let known = std::mem::take(&mut self.doc.lines);
        let taking = &configuration.policy.taking;
        self.doc.lines =
            configuration.lines.iter().map(|setup| (setup.id.clone(), line_from(setup, taking, known.get(&setup.id)))).collect();
        let known = std::mem::take(&mut self.windows);
        for setup in &configuration.windows {
            let before = known.get(&setup.id);
            let (mut state, serving, help) = before
                .map_or((WindowState::Closed, None, None), |window| (window.state.clone(), window.serving.clone(), window.help.clone()));
            if let WindowState::Open { line_ids, .. } | WindowState::Paused { line_ids, .. } = &mut state {
                line_ids.retain(|line| self.doc.lines.contains_key(line));
            }
            let (id, number, purpose, line_ids) = (setup.id.clone(), setup.number, setup.purpose, setup.line_ids.clone());
            let preferred_line_ids = setup.preferred_line_ids.clone();
            self.windows.insert_mut(id.clone(), Window { id, number, purpose, line_ids, preferred_line_ids, state, serving, help }.into());
        }
        self.doc.window_ids = Shared::new(self.windows.keys().cloned().collect());
        self.doc.hours = configuration.hours.clone().into();
        self.doc.policy = configuration.policy.clone().into();
    }

    /// In the order of their times; a new one for the same instant replaces the old.
    fn schedule(&mut self, from: Millis, configuration: &Configuration) {
        let scheduled = &mut self.doc.scheduled;
        scheduled.retain(|other| other.from != from);
        let place = scheduled.partition_point(|other| other.from < from);
        scheduled.insert(place, ScheduledConfiguration { from, configuration: Shared::new(configuration.clone()) });
    }

    fn open_day(&mut self, date: chrono::NaiveDate) {
        self.doc.business_date = Some(date);
        self.doc.serials.clear();
        self.doc.paper_used.forget_before(date);
        self.doc.past_letters.forget_before(date);
        for line in self.doc.lines.values_mut() {
            line.issued_today = 0;
            line.calls_today = 0;
            line.balance = Balance::default();
            line.sections.iter_mut().for_each(|count| count.issued = 0);
        }
    }

    fn evolve_window(&mut self, at: Millis, fact: &Fact) {
        let (Fact::WindowOpened { window_id, .. }
        | Fact::WindowPaused { window_id, .. }
        | Fact::WindowClosed { window_id }
        | Fact::WindowTakenOver { window_id, .. }) = fact
        else {
            return;
        };
        let Some(window) = self.windows.get_mut(window_id) else { return };
        match fact {
            Fact::WindowOpened { staff, line_ids, .. } => {
                window.state = WindowState::Open { staff: staff.clone(), since: at, line_ids: line_ids.clone() };
            }
            Fact::WindowPaused { text, .. } => {
                if let Some(staff) = window.staff().cloned() {
                    let line_ids = window.current_line_ids().to_vec();
                    window.state = WindowState::Paused { staff, since: at, line_ids, text: text.clone() };
                }
            }
            Fact::WindowTakenOver { staff, .. } => {
                let line_ids = window.current_line_ids().to_vec();
                window.state = WindowState::Open { staff: staff.clone(), since: at, line_ids };
                if let Some(ticket_id) = window.serving.clone() {
                    self.hand_over(&ticket_id, staff);
                }
            }
            _ => window.state = WindowState::Closed,
        }
    }

    fn evolve_help(&mut self, window_id: &WindowId, event: &Event) {
        let Some(window) = self.windows.get_mut(window_id) else { return };
        match &event.fact {
            Fact::HelpRequested { staff, reason, .. } => {
                window.help = Some(Help { since: event.at, staff: staff.clone(), reason: reason.clone(), acknowledged: None });
            }
            Fact::HelpAcknowledged { staff, .. } => {
                if let Some(help) = &mut window.help {
                    help.acknowledged = Some(Acknowledged { at: event.at, staff: staff.clone() });
                }
            }
            _ => window.help = None,
        }
    }

    /// The ticket at a window passes to the person who took the window over.
    fn hand_over(&mut self, ticket_id: &TicketId, to: &StaffId) {
        self.change_ticket(ticket_id, |ticket| match &mut ticket.state {
            TicketState::Called { staff, .. } => *staff = to.clone(),
            TicketState::Serving { staff, .. } => {
                *staff = to.clone();
                ticket.first_contact = Some(to.clone());
            }
            _ => {}
        });
    }

    fn issue(&mut self, event: &Event) {
        let Fact::TicketIssued {
            ticket_id,
            number,
            serial,
            date,
            line_id,
            also_line_ids,
            matter_ids,
            priority,
            quick,
            holder,
            holder_key,
            appointment,
            phone_left,
            tracking_code,
            short_code,
            walk_in,
            told_s,
        } = &event.fact
        else {
            return;
        };
        let doc = &mut *self.doc;
        if let Some(line) = doc.lines.get_mut(line_id) {
            line.issued_today += 1;
            // Every series counts for itself: the line's, and those of its keepers.
            doc.serials.insert(number.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned(), *serial);
            if !walk_in && appointment.is_none() {
                count_section(&mut line.sections, event.at);
            }
        }
        let ticket = Ticket {
            id: ticket_id.clone(),
            number: number.clone(),
            serial: *serial,
            date: *date,
            line_id: line_id.clone(),
            matter_line_ids: if also_line_ids.is_empty() { Vec::new() } else { [std::slice::from_ref(line_id), also_line_ids].concat() },
            matter_ids: matter_ids.clone(),
            priority: *priority,
            quick: *quick,
            holder: holder.clone(),
            holder_key: holder_key.clone(),
            appointment: appointment.clone(),
            phone_left: *phone_left,
            near_noticed: false,
            was_called: false,
            tracking_code: tracking_code.clone(),
            short_code: short_code.clone(),
            issued_at: event.at,
            walk_in: *walk_in,
            entered_at: None,
            first_contact: event.by.clone(),
            miss_count: 0,
            told_s: None,
            items: Vec::new(),
            carried: None,
            state: waiting(event.at, Target::Line { line_id: line_id.clone() }, Place::InOrder { from: event.at }),
        };
        self.queues.insert(&ticket);
        self.tickets.insert_mut(ticket.id.clone(), ticket);
        if !walk_in {
            self.note_told(ticket_id, *told_s);
        }
        // Whoever comes when few wait has read it on the slip.
        if *phone_left && self.ahead(ticket_id).is_some_and(|ahead| ahead <= self.doc.policy.reminders.people_ahead) {
            self.change_ticket(ticket_id, |ticket| ticket.near_noticed = true);
        }
    }

    /// Keeps with a new ticket what its holder was told, as it was before the stretch of its line.
    pub(super) fn note_told(&mut self, ticket_id: &TicketId, told_s: u32) {
        if let Some(ticket) = self.tickets.get_mut(ticket_id) {
            ticket.told_s = Some(self.doc.lines.get(&ticket.line_id).map_or(told_s, |line| line.calibration.reckoned(told_s)));
        }
    }

    /// A paper number: no serial of the hall, and the place of its true time.
    fn enter(&mut self, event: &Event) {
        let Fact::PaperNumberEntered {
            ticket_id,
            number,
            serial,
            date,
            line_id,
            priority,
            holder,
            holder_key,
            tracking_code,
            short_code,
            occurred_at,
        } = &event.fact
        else {
            return;
        };
        self.doc.paper_taken(*date, number, *serial);
        let ticket = Ticket {
            id: ticket_id.clone(),
            number: number.clone(),
            serial: *serial,
            date: *date,
            line_id: line_id.clone(),
            matter_line_ids: Vec::new(),
            matter_ids: Vec::new(),
            priority: *priority,
            quick: false,
            holder: holder.clone(),
            holder_key: holder_key.clone(),
            appointment: None,
            phone_left: false,
            near_noticed: false,
            was_called: false,
            tracking_code: tracking_code.clone(),
            short_code: short_code.clone(),
            issued_at: *occurred_at,
            walk_in: false,
            entered_at: Some(event.at),
            first_contact: event.by.clone(),
            miss_count: 0,
            told_s: None,
            items: Vec::new(),
            carried: None,
            state: waiting(*occurred_at, Target::Line { line_id: line_id.clone() }, Place::InOrder { from: *occurred_at }),
        };
        self.queues.insert(&ticket);
        self.tickets.insert_mut(ticket.id.clone(), ticket);
    }

    fn evolve_ticket(&mut self, event: &Event) -> Option<Ticket> {
        let ticket_id = event.ticket_id()?;
        let before = self.tickets.get(ticket_id)?;
        let line_id = before.line_id.clone();
        let began = before.state.at_window_since();
        if let Fact::TicketCalled { window_id, reason, .. } = &event.fact {
            let (class, told_s, came_s) = (before.class_at(event.at), before.told_s, (event.at - before.issued_at) / 1000);
            // The wait of a class that stands before and a call by name say nothing about that of the others.
            let is_usual = class == Class::Ordinary && !matches!(reason, CallReason::ByName { .. } | CallReason::Topped { .. });
            if let Some(told_s) = told_s.filter(|_| is_usual) {
                self.change_line(&line_id, |line| line.calibration.take(told_s, came_s));
            }
            self.count_call(window_id, &line_id, class);
        }
        let line_calls = self.doc.lines.get(&line_id).map_or(0, |line| line.calls_today);
        let ended = self.change_ticket(ticket_id, |ticket| ticket.follow(event, line_calls));
        let is_away = self.tickets.get(ticket_id).is_none_or(|ticket| ticket.state.at_window().is_none());
        if let Some(began) = began.filter(|_| is_away) {
            let assumed_ms = self.doc.policy.assumed_service_ms;
            self.change_line(&line_id, |line| line.turn_times.take(event.at, event.at - began, assumed_ms));
        }
        ended
    }

    /// Counts a call for its line, and for the balance of classes in all lines of the window.
    fn count_call(&mut self, window_id: &WindowId, line_id: &LineId, class: Class) {
        self.change_line(line_id, |line| line.calls_today += 1);
        let window = self.windows.get(window_id);
        let at_green_window = window.is_some_and(|window| window.purpose == Purpose::Green);
        let mut touched = window.map(|window| window.current_line_ids().to_vec()).unwrap_or_default();
        if !touched.contains(line_id) {
            touched.push(line_id.clone());
        }
        for id in &touched {
            self.change_line(id, |line| line.balance.count(class, at_green_window));
        }
    }

    fn change_line(&mut self, id: &LineId, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.doc.lines.get_mut(id) {
            change(line);
        }
    }

    /// Changes a ticket and with it the queues and the window it is at; one that ended is handed out.
    fn change_ticket(&mut self, id: &TicketId, change: impl FnOnce(&mut Ticket)) -> Option<Ticket> {
        let before = self.tickets.get(id)?;
        let mut after = before.clone();
        change(&mut after);
        self.queues.remove(before);
        if !self.is_left(id) {
            self.queues.insert(&after);
        }
        let left = before.state.at_window().filter(|window| after.state.at_window() != Some(*window)).cloned();
        if let Some(window) = left.and_then(|window| self.windows.get_mut(&window)) {
            window.serving = None;
        }
        if let Some(window) = after.state.at_window().and_then(|window| self.windows.get_mut(window)) {
            window.serving = Some(id.clone());
        }
        if after.state.is_live() {
            self.tickets.insert_mut(id.clone(), after);
            return None;
        }
        self.tickets.remove_mut(id);
        if self.is_left(id) {
            self.doc.left.remove(id);
        }
        Some(after)
    }
}

impl Ticket {
    fn follow(&mut self, event: &Event, line_calls: u32) {
        let at = event.at;
        match &event.fact {
            Fact::TicketNearNoticed { .. } => self.near_noticed = true,
            Fact::TicketCalled { window_id, staff, .. } => {
                self.told_s = None;
                self.was_called = true;
                self.state =
                    TicketState::Called { window_id: window_id.clone(), staff: staff.clone(), at, recall_count: 0, last_call_at: at };
            }
            Fact::TicketRecalled { recall_count: count, .. } => {
                if let TicketState::Called { recall_count, last_call_at, .. } = &mut self.state {
                    *recall_count = *count;
                    *last_call_at = at;
                }
            }
            Fact::TicketStarted { window_id, staff, .. } => {
                let called_at = if let TicketState::Called { at, .. } = self.state { at } else { at };
                self.first_contact = Some(staff.clone());
                self.state = TicketState::Serving { window_id: window_id.clone(), staff: staff.clone(), called_at, started_at: at };
            }
            Fact::PaperVisitBegun { occurred_at, .. } => {
                if let TicketState::Waiting { since, .. } = &mut self.state {
                    *since = *occurred_at;
                }
            }
            Fact::PaperVisitEnded { outcome, occurred_at, .. } => self.state = TicketState::Done { outcome: *outcome, at: *occurred_at },
            Fact::TicketFinished { outcome, items, .. } => {
                self.items.clone_from(items);
                self.state = TicketState::Done { outcome: *outcome, at };
            }
            Fact::TicketItemAdded { item, .. } => {
                self.items = self.visit_items();
                self.items.push(item.clone());
            }
            Fact::TicketItemSettled { settled, .. } => {
                self.items = self.visit_items();
                if let Some(item) = self.items.get_mut(settled.item as usize) {
                    item.outcome = Some(settled.outcome);
                }
            }
            Fact::TicketMissed { window_id, reason, returns, .. } => {
                self.miss_count += 1;
                self.state =
                    TicketState::Missed { window_id: window_id.clone(), at, reason: reason.clone(), line_calls, returns: *returns };
            }
            Fact::TicketParked { window_id, reason, remind_at, .. } => {
                let (window_id, reason) = (window_id.clone(), reason.clone());
                self.state = TicketState::Parked { window_id, at, reason, remind_at: *remind_at, reminded_at: None };
            }
            Fact::TicketParkReminded { .. } => {
                if let TicketState::Parked { reminded_at, .. } = &mut self.state {
                    *reminded_at = Some(at);
                }
            }
            Fact::TicketPutBack { .. } => self.wait_in_line(at, Place::InOrder { from: self.lifetime_from() }),
            Fact::TicketRequeued { automatic: true, .. } => self.wait_in_line(at, Place::Head { cause: HeadCause::Returned, from: at }),
            Fact::TicketRequeued { automatic: false, .. } => self.wait_in_line(at, Place::InOrder { from: self.lifetime_from() }),
            Fact::TicketResumed { .. } => self.wait_in_line(at, Place::Head { cause: HeadCause::Resumed, from: at }),
            Fact::TicketTransferred { to, place, .. } => {
                // What was told was about another queue.
                self.told_s = None;
                if let Target::Line { line_id } = to {
                    self.line_id = line_id.clone();
                }
                self.state = waiting(at, to.clone(), place.clone());
            }
            Fact::TicketTopped { reason, .. } => {
                if let TicketState::Waiting { topped, .. } = &mut self.state {
                    *topped = Some(Topped { at, by: event.by.clone(), reason: reason.clone() });
                }
            }
            Fact::TicketUntopped { .. } => {
                if let TicketState::Waiting { topped, .. } = &mut self.state {
                    *topped = None;
                }
            }
            Fact::TicketAbandoned { .. } => self.state = TicketState::Abandoned { at },
            Fact::TicketExpired { cause, .. } => {
                let by_state = match self.state {
                    TicketState::Parked { .. } | TicketState::Missed { .. } => ExpiryCause::NotBack,
                    _ => ExpiryCause::UnservedAtClose,
                };
                self.state = TicketState::Expired { at, cause: cause.unwrap_or(by_state) };
            }
            Fact::TicketCarried { number, date, from, .. } => {
                // And about another day.
                self.told_s = None;
                self.number.clone_from(number);
                self.carried = Some(Carried { date: *date, from: *from });
                self.wait_in_line(*from, Place::InOrder { from: *from });
            }
            _ => {}
        }
    }

    fn wait_in_line(&mut self, at: Millis, place: Place) {
        self.state = waiting(at, Target::Line { line_id: self.line_id.clone() }, place);
    }
}

fn waiting(since: Millis, target: Target, place: Place) -> TicketState {
    TicketState::Waiting { since, target, place, topped: None }
}

fn line_from(setup: &LineSetup, taking: &Taking, before: Option<&Line>) -> Line {
    Line {
        id: setup.id.clone(),
        name: setup.name.clone(),
        prefix: setup.prefix.clone(),
        daily_contingent: setup.daily_contingent,
        stopped: before.and_then(|line| line.stopped.clone()),
        issued_today: before.map_or(0, |line| line.issued_today),
        calls_today: before.map_or(0, |line| line.calls_today),
        balance: before.map(|line| line.balance.clone()).unwrap_or_default(),
        turn_times: before.map(|line| line.turn_times.clone()).unwrap_or_default(),
        calibration: before.map(|line| line.calibration.clone()).unwrap_or_default(),
        sections: section_counts(taking, &setup.id, before.map(|line| line.sections.as_slice()).unwrap_or_default()),
    }
}
