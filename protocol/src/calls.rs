//! The calls that a hall's boards show, made from its events alike by the server and by the hall's keeper.
//!
//! Architecture Invariant: what is shown is a function of the newest calls and of the hall, so that a process that starts
//! anew, or never heard of an old call, still shows every number that somebody waits for at a window.

use std::collections::VecDeque;

use domain::hall::{Event, Fact, Hall, Ticket, TicketState};
use domain::ids::{TicketId, WindowId};
use domain::time::{Millis, rfc3339};

use crate::feed::{BOARD_CALLS_MAX, BoardCall};
use crate::hall::recall_count;

/// A call as remembered: which ticket, where to, when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    ticket_id: TicketId,
    number: String,
    window_id: WindowId,
    at: Millis,
}

/// The newest calls of the business day, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(VecDeque<Call>);

impl Calls {
    /// Takes an event with the number of the ticket that it names.
    pub fn take(&mut self, number: Option<&str>, event: &Event) {
        match &event.fact {
            Fact::TicketCalled { ticket_id, window_id, .. } => {
                let Some(number) = number else { return };
                self.0.retain(|call| call.ticket_id != *ticket_id);
                self.0.push_front(Call {
                    ticket_id: ticket_id.clone(),
                    number: number.to_owned(),
                    window_id: window_id.clone(),
                    at: event.at,
                });
                self.0.truncate(BOARD_CALLS_MAX);
            }
            Fact::DayOpened { .. } => self.0.clear(),
            _ => {}
        }
    }

    /// The calls as a board shows them: the newest, then older ones whose ticket is at a window still. A recall counts up
    /// there too, so that it is seen and said.
    #[must_use]
    pub fn shown(&self, hall: &Hall) -> Vec<BoardCall> {
        let newest = self.0.iter().filter_map(|call| {
            let window = hall.window(&call.window_id)?;
            let recall_count = recall_count(hall, &call.ticket_id);
            Some(BoardCall { number: call.number.clone(), window_number: window.number, called_at: rfc3339(call.at), recall_count })
        });
        newest.chain(self.older(hall).into_iter().map(|(call, _)| call)).collect()
    }

    fn older(&self, hall: &Hall) -> Vec<(BoardCall, Millis)> {
        let at_window = |ticket: &Ticket, window_number: u16| {
            let at = called_at(ticket)?;
            let recall_count = recall_count(hall, &ticket.id);
            Some((BoardCall { number: ticket.number.clone(), window_number, called_at: rfc3339(at), recall_count }, at))
        };
        let is_known = |id: &TicketId| self.0.iter().any(|call| call.ticket_id == *id);
        let mut older: Vec<(BoardCall, Millis)> = hall
            .windows()
            .filter_map(|window| Some((hall.ticket(window.serving.as_ref()?)?, window.number)))
            .filter(|(ticket, _)| !is_known(&ticket.id))
            .filter_map(|(ticket, number)| at_window(ticket, number))
            .collect();
        older.sort_by_key(|(call, at)| (std::cmp::Reverse(*at), call.window_number));
        older
    }
}

/// When a ticket that is at a window was called there; `None` for one that began without a call.
fn called_at(ticket: &Ticket) -> Option<Millis> {
    match ticket.state {
        TicketState::Called { at, .. } => Some(at),
        TicketState::Serving { called_at, started_at, .. } => (called_at < started_at).then_some(called_at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use domain::hall::{Actor, Command, Configuration, LineSetup, NewTicket, OpeningHours, Outcome, Policy, Purpose, WindowSetup};
    use domain::ids::{LineId, SiteId, StaffId};

    use super::*;

    const START_MS: Millis = 1_795_485_600_000;

    /// A hall at which a board looks.
    struct Watched {
        hall: Hall,
        calls: Calls,
        at: Millis,
    }

    impl Watched {
        fn does(&mut self, actor: &Actor, command: &Command) {
            self.at += 1_000;
            for event in self.hall.decide(actor, command, self.at).unwrap() {
                let number = event.ticket_id().and_then(|id| self.hall.ticket(id)).map(|ticket| ticket.number.clone());
                self.calls.take(number.as_deref(), &event);
                self.hall.evolve(&event);
            }
        }

        fn shown(&self) -> Vec<(String, u16, u32)> {
            self.calls.shown(&self.hall).into_iter().map(|call| (call.number, call.window_number, call.recall_count)).collect()
        }
    }

    fn window(number: u16) -> WindowId {
        WindowId::new("dc", &number.to_string())
    }

    fn clerk(number: u16) -> Actor {
        Actor::staff(StaffId::new("dc", &format!("clerk{number}")))
    }

    /// A hall with so many windows, a clerk at each and a number called to each, in order.
    fn called_to(windows: u16) -> Watched {
        let line = LineId::new("dc", "a");
        let setup = |number| WindowSetup {
            id: window(number),
            number,
            purpose: Purpose::General,
            line_ids: vec![line.clone()],
            preferred_line_ids: Vec::new(),
        };
        let configuration = Configuration {
            lines: vec![LineSetup { id: line.clone(), name: "综合受理".into(), prefix: "A".into(), daily_contingent: None }],
            windows: (1..=windows).map(setup).collect(),
            hours: OpeningHours::RoundTheClock,
            policy: Policy::default(),
        };
        let mut watched = Watched { hall: Hall::new(SiteId::parse("demo-center").unwrap()), calls: Calls::default(), at: START_MS };
        watched.does(&Actor::machine(), &Command::Configure { configuration });
        for number in 1..=windows {
            let id = TicketId::new("dc", &format!("t{number}"));
            let new = NewTicket::ordinary(id, line.clone(), format!("track{number}"), format!("{number:04}"));
            watched.does(&clerk(number), &Command::OpenWindow { window_id: window(number), line_ids: None });
            watched.does(&Actor::machine(), &Command::Issue(new));
            watched.does(&clerk(number), &Command::CallNext { window_id: window(number) });
        }
        watched
    }

    #[test]
    fn a_number_stays_on_the_board_as_long_as_it_is_called_and_its_recall_is_seen() {
        let mut watched = called_to(30);
        let shown = watched.shown();
        assert_eq!(shown.len(), 30, "more windows than the newest calls that are remembered");
        assert_eq!((shown[0].0.as_str(), shown[29].0.as_str()), ("A030", "A001"), "the newest first");
        watched.does(&clerk(1), &Command::Recall { ticket_id: TicketId::new("dc", "t1") });
        assert_eq!(watched.shown()[29], ("A001".to_owned(), 1, 1));
        let anew = Watched { calls: Calls::default(), ..watched };
        assert_eq!(anew.shown().len(), 30, "a program that starts anew shows them too");
        assert_eq!(anew.shown()[29], ("A001".to_owned(), 1, 1));
    }

    #[test]
    fn an_old_call_is_shown_until_its_visit_is_over() {
        let mut watched = called_to(30);
        let first = TicketId::new("dc", "t1");
        watched.does(&clerk(1), &Command::Start { ticket_id: first.clone() });
        assert_eq!(watched.shown().len(), 30, "the window still serves it");
        watched.does(&clerk(1), &Command::Finish { ticket_id: first, outcome: Outcome::Accepted });
        assert_eq!(watched.shown().len(), 29);
    }
}
