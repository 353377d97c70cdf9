//! The business day: the first command or timer of a new local date closes the old one. The date
//! never goes back, because every instant is at least the newest one recorded.

use super::{Draft, Fact};
use crate::hall::policy::CarryOver;
use crate::hall::state::{TicketState, Window, WindowState};
use crate::hall::visit::ExpiryCause;
use crate::hall::{OpeningHours, Target, Ticket};
use crate::ids::WindowId;
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

/// A clock further behind the newest event than this is an event of its own.
const CLOCK_STEP_MS: Millis = MINUTE_MS;
/// Stands before the number of a ticket that was carried over, so that it is no number of the new day.
const CARRIED_MARK: &str = "续";

impl Draft<'_> {
    /// Records a clock that stepped back, once until it has caught up.
    pub(super) fn notice_clock(&mut self, now: Millis) {
        let is_behind = self.hall.doc.recorded_at - now > CLOCK_STEP_MS;
        if is_behind && self.hall.doc.clock_behind_at.is_none_or(|seen| now < seen) {
            self.record_by_rule(self.at, Fact::ClockSteppedBack { clock_ms: now });
        }
    }

    /// Closes a day that is over and opens the day of this instant.
    pub(super) fn begin_day(&mut self) {
        let date = local_date(self.at);
        let open = self.hall.doc.business_date;
        if open == Some(date) {
            return;
        }
        if let Some(old) = open {
            self.record_by_rule(self.at, Fact::DayClosed { date: old });
            let opening = self.opening_on_or_after(date);
            self.end_waits(old, start_of(old) + DAY_MS - 1, opening);
            self.close_left_windows();
        }
        self.record_by_rule(self.at, Fact::DayOpened { date });
    }

    /// The timer's end of the day: some time after the last closing of the date, once. Who is called or
    /// served stays; somebody may still sit down and call on after it.
    pub(super) fn pass_closing_time(&mut self) {
        let Some(date) = self.hall.doc.business_date.filter(|date| self.hall.doc.closing_passed_on != Some(*date)) else { return };
        let Some(closed_at) = self.hall.doc.hours.closes_at(date) else { return };
        if self.at < closed_at + self.hall.doc.policy.serving.day_end_after_ms {
            return;
        }
        self.record_by_rule(self.at, Fact::ClosingTimePassed { date });
        let opening = self.hall.doc.hours.opens_at(self.at);
        self.end_waits(date, self.at, opening);
        self.close_left_windows();
    }

    /// The first opening on a date or after it; the date's own begin round the clock.
    fn opening_on_or_after(&self, date: chrono::NaiveDate) -> Option<Millis> {
        match &*self.hall.doc.hours {
            OpeningHours::RoundTheClock => Some(start_of(date)),
            hours => hours.opens_at(start_of(date) - 1),
        }
    }

    /// Ends at an instant what waits, is parked or missed when a day ends; called and serving tickets
    /// keep their state. Who waits is carried over to the next opening, once, where the policy says so.
    fn end_waits(&mut self, date: chrono::NaiveDate, at: Millis, opening: Option<Millis>) {
        let carries = self.hall.doc.policy.serving.carry_over == CarryOver::NextOpening;
        let ends = |ticket: &&Ticket| {
            let is_idle = matches!(ticket.state, TicketState::Waiting { .. } | TicketState::Parked { .. } | TicketState::Missed { .. });
            is_idle && ticket.carried.is_none_or(|carried| carried.date <= date)
        };
        let ended: Vec<Ticket> = self.hall.tickets().filter(ends).cloned().collect();
        for ticket in ended {
            let ticket_id = ticket.id.clone();
            let cause = match ticket.state {
                TicketState::Waiting { .. } => ExpiryCause::UnservedAtClose,
                _ => ExpiryCause::NotBack,
            };
            let carried = opening.filter(|_| carries && cause == ExpiryCause::UnservedAtClose && ticket.carried.is_none());
            self.record_by_rule(
                at,
                match carried {
                    Some(from) => {
                        let number = format!("{CARRIED_MARK}{}", ticket.number);
                        Fact::TicketCarried { ticket_id, number, date: local_date(from), from }
                    }
                    None => Fact::TicketExpired { ticket_id, cause: Some(cause) },
                },
            );
        }
    }

    /// A window left open overnight would promise service in the morning. Round the clock nobody goes home.
    fn close_left_windows(&mut self) {
        if *self.hall.doc.hours == OpeningHours::RoundTheClock {
            return;
        }
        let left = |window: &&Window| window.state != WindowState::Closed && window.serving.is_none();
        let ids: Vec<_> = self.hall.windows().filter(left).map(|window| (window.id.clone(), window.help.is_some())).collect();
        for (window_id, calls_for_help) in ids {
            if calls_for_help {
                self.record_by_rule(self.at, Fact::HelpResolved { window_id: window_id.clone() });
            }
            self.record_by_rule(self.at, Fact::WindowClosed { window_id: window_id.clone() });
            self.release_sent_to(&window_id);
        }
    }

    /// Reminds desks of parked tickets whose time has come, once each time they are parked.
    pub(super) fn remind_of_parked(&mut self) {
        let due = |ticket: &Ticket| match &ticket.state {
            TicketState::Parked { window_id, remind_at: Some(remind_at), reminded_at: None, .. } if *remind_at <= self.at => {
                Some((*remind_at, ticket.id.clone(), window_id.clone()))
            }
            _ => None,
        };
        let parked = self.hall.queues.parked().filter_map(|id| self.hall.ticket(id));
        let mut due: Vec<_> = parked.filter_map(due).collect();
        due.sort();
        for (_, ticket_id, window_id) in due {
            self.record_by_rule(self.at, Fact::TicketParkReminded { ticket_id, window_id });
        }
    }

    /// Missed tickets whose calls or minutes are over wait again, at the head.
    pub(super) fn return_missed(&mut self) {
        let due = |ticket: &Ticket| {
            let is_due = self.hall.returns_at(ticket).is_some_and(|returns_at| returns_at <= self.at);
            is_due.then(|| (ticket.state.since(), ticket.serial, ticket.id.clone()))
        };
        let missed = self.hall.queues.missed().filter_map(|id| self.hall.ticket(id));
        let mut due: Vec<_> = missed.filter_map(due).collect();
        due.sort();
        for (_, _, ticket_id) in due {
            self.record_by_rule(self.at, Fact::TicketRequeued { ticket_id, automatic: true });
        }
    }

    /// Tickets sent to one window wait for their line again, at the same place, before it closes.
    pub(super) fn release_sent_to(&mut self, window_id: &WindowId) {
        let here = Target::Window { window_id: window_id.clone() };
        let stranded: Vec<_> = self
            .hall
            .tickets()
            .filter_map(|ticket| match &ticket.state {
                TicketState::Waiting { target, place, .. } if *target == here => {
                    Some((ticket.id.clone(), ticket.line_id.clone(), place.clone()))
                }
                _ => None,
            })
            .collect();
        for (ticket_id, line_id, place) in stranded {
            self.record_by_rule(self.at, Fact::TicketTransferred { ticket_id, to: Target::Line { line_id }, place, reason: None });
        }
    }
}
