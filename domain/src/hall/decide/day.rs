//! The business day: the first command or timer of a new local date closes the old one. The date
//! never goes back, because every instant is at least the newest one recorded.

use super::{Draft, Fact};
use crate::hall::state::{TicketState, Window, WindowState};
use crate::hall::{OpeningHours, Target, Ticket};
use crate::ids::TicketId;
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

/// A clock further behind the newest event than this is an event of its own.
const CLOCK_STEP_MS: Millis = MINUTE_MS;

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
            let last_ms = start_of(old) + DAY_MS - 1;
            for ticket_id in self.unfinished() {
                self.record_by_rule(last_ms, Fact::TicketExpired { ticket_id });
            }
            self.close_left_windows();
        }
        self.record_by_rule(self.at, Fact::DayOpened { date });
    }

    /// Waiting, parked and missed tickets; called and serving ones keep their state.
    fn unfinished(&self) -> Vec<TicketId> {
        let ends = |ticket: &&Ticket| {
            matches!(ticket.state, TicketState::Waiting { .. } | TicketState::Parked { .. } | TicketState::Missed { .. })
        };
        self.hall.tickets().filter(ends).map(|ticket| ticket.id.clone()).collect()
    }

    /// A window left open overnight would promise service in the morning. Round the clock nobody goes home.
    fn close_left_windows(&mut self) {
        if *self.hall.doc.hours == OpeningHours::RoundTheClock {
            return;
        }
        let left = |window: &&Window| window.state != WindowState::Closed && window.serving.is_none();
        let ids: Vec<_> = self.hall.windows().filter(left).map(|window| window.id.clone()).collect();
        for window_id in ids {
            self.record_by_rule(self.at, Fact::WindowClosed { window_id });
        }
    }

    /// Missed tickets whose calls or minutes are over wait again, at the head.
    pub(super) fn return_missed(&mut self) {
        let policy = &self.hall.doc.policy;
        let mut due: Vec<_> = self
            .hall
            .queues
            .missed()
            .filter_map(|id| self.hall.ticket(id))
            .filter_map(|ticket| {
                let TicketState::Missed { at, line_calls, returns: true, .. } = ticket.state else { return None };
                let calls = self.hall.line(&ticket.line_id)?.calls_today.saturating_sub(line_calls);
                let is_due = calls >= policy.return_after_calls || self.at - at >= policy.return_after_ms;
                is_due.then(|| (at, ticket.serial, ticket.id.clone()))
            })
            .collect();
        due.sort();
        for (_, _, ticket_id) in due {
            self.record_by_rule(self.at, Fact::TicketRequeued { ticket_id, automatic: true });
        }
    }

    /// Tickets sent to one window wait for their line again, at the same place, before it closes.
    pub(super) fn release_sent_to(&mut self, window: &Window) {
        let here = Target::Window { window_id: window.id.clone() };
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
            self.record_by_rule(self.at, Fact::TicketTransferred { ticket_id, to: Target::Line { line_id }, place });
        }
    }
}
